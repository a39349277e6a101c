// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of PERSISTENT RESERVE IN (SPC-4 6.15).
 */
#include "outbuf.h"
#include "pr.h"

/* REPORT CAPABILITIES */
#define CRH			0x10
#define SIP_C			0x08
#define ATP_C			0x04
#define PTPL_C			0x01
#define TMV			0x80
#define ALLOW_COMMANDS		0x40	/* 100b */
#define PTPL_A			0x01
#define TYPES			0xea01	/* all but the obsolete ones */

/* READ FULL STATUS */
#define R_HOLDER		0x01

unsigned int scsi_pr_read_keys(const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u32 i;

	scsi_out_be32(&o, t->generation);
	scsi_out_be32(&o, t->nr * 8);
	for (i = 0; i < t->nr; i++)
		scsi_out_be64(&o, t->regs[i].key);
	return o.len;
}

/* With an all registrants type there is no holder to name. */
static u64 holder_key(const struct scsi_pr_table *t)
{
	u32 i;

	if (!scsi_pr_all_registrants(t->type))
		for (i = 0; i < t->nr; i++)
			if (t->regs[i].holder)
				return t->regs[i].key;
	return 0;
}

unsigned int scsi_pr_read_reservation(const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	scsi_out_be32(&o, t->generation);
	scsi_out_be32(&o, t->type ? 16 : 0);
	if (!t->type)
		return o.len;
	scsi_out_be64(&o, holder_key(t));
	scsi_out_zero(&o, 5);
	scsi_out_u8(&o, t->type);
	scsi_out_zero(&o, 2);
	return o.len;
}

unsigned int scsi_pr_report_capabilities(const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	scsi_out_be16(&o, 8);
	scsi_out_u8(&o, CRH | SIP_C | ATP_C | PTPL_C);
	scsi_out_u8(&o, TMV | ALLOW_COMMANDS | (t->aptpl ? PTPL_A : 0));
	scsi_out_be16(&o, TYPES);
	scsi_out_be16(&o, 0);
	return o.len;
}

static void put_status(struct scsi_outbuf *o, const struct scsi_pr_table *t, const struct scsi_pr_reg *reg)
{
	bool holds = scsi_pr_holds(t, reg);

	scsi_out_be64(o, reg->key);
	scsi_out_be32(o, 0);
	scsi_out_u8(o, holds ? R_HOLDER : 0);
	scsi_out_u8(o, holds ? t->type : 0);
	scsi_out_be32(o, 0);
	scsi_out_be16(o, reg->id.port);
	scsi_out_be32(o, reg->id.tid_len);
	scsi_out_bytes(o, reg->id.tid, reg->id.tid_len);
}

unsigned int scsi_pr_read_full_status(const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u32 i;

	scsi_out_be32(&o, t->generation);
	scsi_out_be32(&o, 0);
	for (i = 0; i < t->nr; i++)
		put_status(&o, t, &t->regs[i]);
	scsi_out_patch_be32(&o, 4, o.len - 8);
	return o.len;
}
