// SPDX-License-Identifier: GPL-2.0
/*
 * Builds log pages (SPC-4 7.3) and checks LOG SELECT.
 */
#include "logpage.h"
#include "../../pure/outbuf.h"
#include "../../pure/sense.h"

#define SP		0x01
#define PCR		0x02
#define PAGE_CODE	0x3f
#define PAGE_SPF	0x40
#define ALL_SUBPAGES	0xff
#define LIST_PARAMETER	0x03	/* FORMAT AND LINKING: binary list */

/**
 * struct log_page - a page of parameters
 * @code: page code
 * @fill: writes its parameters with a code of at least @from
 */
struct log_page {
	u8 code;
	void (*fill)(const struct scsi_log_data *d, u16 from, struct scsi_outbuf *o);
};

static void put_parameter(struct scsi_outbuf *o, u16 code, u8 len)
{
	scsi_out_be16(o, code);
	scsi_out_u8(o, LIST_PARAMETER);
	scsi_out_u8(o, len);
}

/* A virtual disk has no sensor: FFh says that no temperature can be told. */
static void fill_temperature(const struct scsi_log_data *d, u16 from, struct scsi_outbuf *o)
{
	if (from)
		return;
	put_parameter(o, 0, 2);
	scsi_out_be16(o, 0x00ff);
}

static void fill_statistics(const struct scsi_log_data *d, u16 from, struct scsi_outbuf *o)
{
	if (from > 1)
		return;
	put_parameter(o, 1, 64);
	scsi_out_be64(o, d->read_cmds);
	scsi_out_be64(o, d->write_cmds);
	scsi_out_be64(o, d->write_blocks);	/* received */
	scsi_out_be64(o, d->read_blocks);	/* transmitted */
	scsi_out_zero(o, 32);			/* no processing intervals are kept */
}

static const struct log_page log_pages[] = {
	{ SCSI_LOG_TEMPERATURE, fill_temperature },
	{ SCSI_LOG_STATISTICS, fill_statistics },
};

static void fill_supported(bool subpages, struct scsi_outbuf *o)
{
	unsigned int i;

	scsi_out_u8(o, SCSI_LOG_SUPPORTED);
	if (subpages) {
		scsi_out_u8(o, 0);
		scsi_out_u8(o, SCSI_LOG_SUPPORTED);
		scsi_out_u8(o, ALL_SUBPAGES);
	}
	for (i = 0; i < ARRAY_SIZE(log_pages); i++) {
		scsi_out_u8(o, log_pages[i].code);
		if (subpages)
			scsi_out_u8(o, 0);
	}
}

static const struct log_page *find_page(u8 code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(log_pages); i++)
		if (log_pages[i].code == code)
			return &log_pages[i];
	return NULL;
}

static int refuse(struct scsi_sense *sense, u16 byte, u8 bit)
{
	scsi_sense_cdb_field(sense, byte, bit);
	return -EINVAL;
}

int scsi_log_sense(const struct scsi_log_data *d, const u8 *cdb, u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 code = cdb[2] & PAGE_CODE, subpage = cdb[3];
	u16 from = get_unaligned_be16(cdb + 5);
	const struct log_page *pg = find_page(code);

	if (cdb[1] & SP)	/* nothing can be saved */
		return refuse(sense, 1, 0);
	if (!pg && code != SCSI_LOG_SUPPORTED)
		return refuse(sense, 2, 5);
	if (subpage && (pg || subpage != ALL_SUBPAGES))
		return refuse(sense, 3, 7);
	scsi_out_u8(&o, code | (subpage ? PAGE_SPF : 0));
	scsi_out_u8(&o, subpage);
	scsi_out_be16(&o, 0);
	if (pg)
		pg->fill(d, from, &o);
	else if (!from)
		fill_supported(subpage, &o);
	if (o.len == 4)	/* no parameter is left */
		return refuse(sense, 5, 7);
	scsi_out_patch_be16(&o, 2, o.len - 4);
	return o.len;
}

int scsi_log_select(const u8 *cdb, struct scsi_sense *sense)
{
	if (cdb[1] & SP)
		return refuse(sense, 1, 0);
	if (get_unaligned_be16(cdb + 7))
		return refuse(sense, 7, 7);
	if (!(cdb[1] & PCR))
		return 0;
	/* All counters are reset together; a page is named only to no purpose (SPC-4 table 183). */
	if (cdb[2] & PAGE_CODE && !find_page(cdb[2] & PAGE_CODE))
		return refuse(sense, 2, 5);
	if (cdb[3])
		return refuse(sense, 3, 7);
	return 1;
}
