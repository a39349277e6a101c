// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence numbers of the full-feature phase: CmdSN window, Data-Out bursts, residuals.
 */
#include "seq.h"

static u64 lost_bit(u32 cmdsn)
{
	return 1ULL << (cmdsn % 64);
}

static u64 *lost_word(struct iscsi_window *w, u32 cmdsn)
{
	return &w->lost[cmdsn % ISCSI_WINDOW_MAX / 64];
}

void iscsi_window_init(struct iscsi_window *w, u32 cmdsn)
{
	memset(w, 0, sizeof(*w));
	w->exp = cmdsn;
	w->max = cmdsn - 1;
}

/* ExpCmdSN moves past the one just received and past those that will never come. */
static void advance(struct iscsi_window *w)
{
	w->exp++;
	while (*lost_word(w, w->exp) & lost_bit(w->exp)) {
		*lost_word(w, w->exp) &= ~lost_bit(w->exp);
		w->exp++;
	}
}

enum iscsi_window_verdict iscsi_window_take(struct iscsi_window *w, u32 cmdsn)
{
	if (iscsi_sn_lt(cmdsn, w->exp) || iscsi_sn_lt(w->max, cmdsn))
		return ISCSI_WINDOW_DROP;
	if (cmdsn == w->exp) {
		advance(w);
		return ISCSI_WINDOW_TAKE;
	}
	return *lost_word(w, cmdsn) & lost_bit(cmdsn) ? ISCSI_WINDOW_DROP : ISCSI_WINDOW_GAP;
}

u32 iscsi_window_max(struct iscsi_window *w, u32 queued, u32 active)
{
	u32 room = queued > active ? queued - active : 0;
	u32 max = w->exp + room - 1;

	if (iscsi_sn_lt(w->max, max))
		w->max = max;
	return w->max;
}

bool iscsi_window_lose(struct iscsi_window *w, u32 ref_cmdsn, u32 tmf_cmdsn)
{
	if (iscsi_sn_lt(ref_cmdsn, w->exp) || iscsi_sn_lt(w->max, ref_cmdsn) || !iscsi_sn_lt(ref_cmdsn, tmf_cmdsn))
		return false;
	if (ref_cmdsn == w->exp)
		advance(w);
	else
		*lost_word(w, ref_cmdsn) |= lost_bit(ref_cmdsn);
	return true;
}

enum iscsi_dataout_verdict iscsi_dataout_check(struct iscsi_burst *b, const u8 *bhs, bool solicited)
{
	u32 len = iscsi_data_len(bhs);
	u32 offset = get_unaligned_be32(bhs + ISCSI_OFF_DATA_OFFSET);
	bool final = bhs[ISCSI_OFF_FLAGS] & ISCSI_FLAG_FINAL;

	/* Differences only: offset + len may wrap. */
	if (offset < b->off || offset - b->off > b->len || len > b->len - (offset - b->off))
		return ISCSI_DATAOUT_BEYOND;
	if (get_unaligned_be32(bhs + ISCSI_OFF_DATASN) != b->datasn)
		return ISCSI_DATAOUT_BAD_SN;
	if (offset - b->off != b->got)
		return ISCSI_DATAOUT_BAD_OFFSET;
	if (solicited && final && len < b->len - b->got)
		return ISCSI_DATAOUT_SHORT;
	if (solicited && !final && len == b->len - b->got)
		return ISCSI_DATAOUT_NO_FINAL;
	b->got += len;
	b->datasn++;
	return ISCSI_DATAOUT_OK;
}

struct iscsi_residual iscsi_residual(u32 edtl, u32 want, u32 moved)
{
	struct iscsi_residual r = { 0, 0 };

	if (want > edtl) {
		r.flags = ISCSI_RSP_OVERFLOW;
		r.count = want - edtl;
	} else if (moved < edtl) {
		r.flags = ISCSI_RSP_UNDERFLOW;
		r.count = edtl - moved;
	}
	return r;
}

u16 iscsi_tsih_choose(u16 last, bool (*used)(const void *arg, u16 tsih), const void *arg)
{
	unsigned int tries;

	for (tries = 0; tries < 0xffff; tries++) {
		if (!++last)
			last = 1;
		if (!used(arg, last))
			return last;
	}
	return 0;
}
