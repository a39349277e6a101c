// SPDX-License-Identifier: GPL-2.0
/*
 * Full-feature phase: a stream of request headers (each with its additional header segments) through every check that the
 * kernel makes before it believes a number, and what must hold afterwards.
 *
 * links: iscsi-scst/pure/pdu.c iscsi-scst/pure/seq.c
 */
#include <stdint.h>
#include <stdlib.h>

#include "pdu.h"
#include "seq.h"

#define QUEUED	32

struct state {
	struct iscsi_window w;
	struct iscsi_burst burst[2];	/* unsolicited, solicited */
	u32 active;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void command(const u8 *bhs, const u8 *ahs_bytes, u32 ahs_len, const struct iscsi_params *p)
{
	struct iscsi_ahs ahs;
	struct iscsi_residual r;
	u32 edtl = get_unaligned_be32(bhs + ISCSI_OFF_EDTL);

	must(iscsi_cmd_attr(bhs) <= SCSI_ATTR_ACA);
	must(iscsi_cmd_dir(bhs) <= SCSI_DIR_BIDI);
	if (!iscsi_cmd_check(bhs, p))
		must(iscsi_data_len(bhs) <= p->first_burst);
	if (!iscsi_ahs_parse(ahs_bytes, ahs_len, &ahs) && ahs.cdb_more) {
		must(16 + ahs.cdb_more_len <= SCSI_CDB_MAX);
		must(ahs.cdb_more >= ahs_bytes && ahs.cdb_more + ahs.cdb_more_len <= ahs_bytes + ahs_len);
	}
	r = iscsi_residual(edtl, get_unaligned_be32(bhs + 40), get_unaligned_be32(bhs + 44));
	must(r.flags || !r.count);
}

/* What was accepted lies inside the burst, however the numbers wrap. */
static void data_out(struct state *s, const u8 *bhs)
{
	bool solicited = get_unaligned_be32(bhs + ISCSI_OFF_TTT) != ISCSI_RESERVED_TAG;
	struct iscsi_burst *b = &s->burst[solicited];
	u32 before = b->got;

	if (iscsi_dataout_check(b, bhs, solicited) == ISCSI_DATAOUT_OK) {
		must(b->got <= b->len && b->got - before == iscsi_data_len(bhs));
		must(get_unaligned_be32(bhs + ISCSI_OFF_DATA_OFFSET) == b->off + before);
	} else {
		must(b->got == before);
	}
}

static void numbers(struct state *s, const u8 *bhs)
{
	u32 cmdsn = get_unaligned_be32(bhs + ISCSI_OFF_CMDSN), exp = s->w.exp, max = s->w.max;

	if (iscsi_opcode(bhs) == ISCSI_OP_TMF)
		iscsi_window_lose(&s->w, get_unaligned_be32(bhs + ISCSI_OFF_REFCMDSN), cmdsn);
	else if (iscsi_window_take(&s->w, cmdsn) == ISCSI_WINDOW_TAKE)
		s->active = (s->active + 1) % (QUEUED + 1);
	must(!iscsi_sn_lt(s->w.exp, exp));
	iscsi_window_max(&s->w, QUEUED, s->active);
	must(!iscsi_sn_lt(s->w.max, max));
	must(s->w.max - s->w.exp + 1 <= ISCSI_WINDOW_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct iscsi_params p = {
		.max_recv_dsl = 65536, .max_xmit_dsl = 65536, .max_burst = 262144, .first_burst = 32768,
		.max_outstanding_r2t = 4, .immediate_data = 1,
	};
	struct state s = { .burst = { { .len = 32768 }, { .off = 32768, .len = 65536 } } };
	u32 ahs_len;

	if (size < 5)
		return 0;
	p.initial_r2t = data[0] & 1;
	p.immediate_data = !(data[0] & 2);
	iscsi_window_init(&s.w, get_unaligned_be32(data + 1));
	iscsi_window_max(&s.w, QUEUED, 0);
	for (data += 5, size -= 5; size >= ISCSI_BHS_LEN; data += ahs_len, size -= ahs_len) {
		const u8 *bhs = data;

		data += ISCSI_BHS_LEN;
		size -= ISCSI_BHS_LEN;
		ahs_len = min_t(u32, iscsi_ahs_len(bhs), size);
		if (iscsi_pdu_check(bhs, p.max_recv_dsl))
			return 0;
		if (iscsi_pdu_has_cmdsn(bhs))
			numbers(&s, bhs);
		if (iscsi_opcode(bhs) == ISCSI_OP_SCSI_CMD)
			command(bhs, bhs + ISCSI_BHS_LEN, ahs_len, &p);
		else if (iscsi_opcode(bhs) == ISCSI_OP_DATA_OUT)
			data_out(&s, bhs);
	}
	return 0;
}
