// SPDX-License-Identifier: GPL-2.0
/*
 * The full feature phase of a discovery session: Text, NOP-Out, Logout.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hosts.h"
#include "login.h"
#include "pduio.h"
#include "serve.h"
#include "tree.h"

#define WINDOW 8	/* commands the initiator may send ahead; each is answered before the next is read */

struct state {
	const struct discovery_session *s;
	const char *why;
	struct iscsi_text_xchg text;
	struct iscsi_text_buf answer;
	u32 max_xmit;
	u32 statsn;
	u32 expcmdsn;
	u8 request[ISCSI_BHS_LEN];
	u8 data[ISCSI_TEXT_REQUEST_MAX + 4];
	u32 len;
};

static int reply(struct state *st, u8 *bhs, const void *data, u32 len)
{
	put_unaligned_be32(st->statsn++, bhs + ISCSI_OFF_STATSN);
	put_unaligned_be32(st->expcmdsn, bhs + ISCSI_OFF_EXPCMDSN);
	put_unaligned_be32(st->expcmdsn + WINDOW - 1, bhs + ISCSI_OFF_MAXCMDSN);
	put_unaligned_be24(len, bhs + ISCSI_OFF_DATA_LEN);
	return pdu_write_padded(st->s->fd, bhs, data, len);
}

/* A Reject carries the header it rejects. */
static int reject(struct state *st, u8 reason)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_REJECT, ISCSI_FLAG_FINAL, reason };

	put_unaligned_be32(ISCSI_RESERVED_TAG, bhs + ISCSI_OFF_ITT);
	return reply(st, bhs, st->request, sizeof(st->request));
}

/* The initiator comes again, to a process that sees what is there now. */
static const char *out_of_sight(const struct state *st)
{
	if (!hosts_within_reach(HOSTS_DEFAULT_DIR))
		return "ended, " HOSTS_DENY " or " HOSTS_ALLOW " has been replaced";
	return tree_driver_there(st->s->where.drv) ? NULL : "ended, iscsi-scst.ko has been unloaded";
}

static int text_request(struct state *st)
{
	enum iscsi_text_effect effect;

	effect = iscsi_text_feed(&st->text, st->request, st->data, st->len, st->max_xmit);
	if (effect == ISCSI_TEXT_ANSWER) {
		st->why = out_of_sight(st);
		if (st->why)
			return -1;
		if (discovery_answer(&st->s->where, st->text.in, st->text.in_len, &st->max_xmit,
				     &st->answer))
			return reject(st, ISCSI_REJECT_NO_RESOURCES);
		effect = iscsi_text_answer(&st->text, st->answer.data, st->answer.len, st->max_xmit);
	}
	if (effect == ISCSI_TEXT_REJECT)
		return reject(st, st->text.reason);
	return reply(st, st->text.bhs, st->text.out, st->text.out_len);
}

static int nop_out(struct state *st)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_NOP_IN, ISCSI_FLAG_FINAL };

	if (get_unaligned_be32(st->request + ISCSI_OFF_ITT) == ISCSI_RESERVED_TAG)
		return 0;
	memcpy(bhs + ISCSI_OFF_LUN, st->request + ISCSI_OFF_LUN, 8);
	memcpy(bhs + ISCSI_OFF_ITT, st->request + ISCSI_OFF_ITT, 4);
	put_unaligned_be32(ISCSI_RESERVED_TAG, bhs + ISCSI_OFF_TTT);
	return reply(st, bhs, st->data, min(st->len, st->max_xmit));
}

static int logout(struct state *st)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_LOGOUT_RSP, ISCSI_FLAG_FINAL, ISCSI_LOGOUT_RSP_OK };

	memcpy(bhs + ISCSI_OFF_ITT, st->request + ISCSI_OFF_ITT, 4);
	reply(st, bhs, NULL, 0);
	return -1;
}

static int dispatch(struct state *st)
{
	if (!(st->request[0] & ISCSI_IMMEDIATE))
		st->expcmdsn = get_unaligned_be32(st->request + ISCSI_OFF_CMDSN) + 1;
	switch (iscsi_opcode(st->request)) {
	case ISCSI_OP_TEXT:
		return text_request(st);
	case ISCSI_OP_NOP_OUT:
		return nop_out(st);
	case ISCSI_OP_LOGOUT:
		return logout(st);
	default:
		return reject(st, ISCSI_REJECT_UNSUPPORTED);
	}
}

/* Digests are never negotiated in discovery, so a PDU is its header, its data and padding. */
static int read_request(struct state *st)
{
	if (pdu_read(st->s->fd, st->request, sizeof(st->request)))
		return -1;
	st->len = iscsi_data_len(st->request);
	if (iscsi_ahs_len(st->request) || st->len > ISCSI_TEXT_REQUEST_MAX) {
		reject(st, ISCSI_REJECT_PROTOCOL);
		return -1;
	}
	return pdu_read(st->s->fd, st->data, iscsi_padded(st->len));
}

const char *discovery_session_run(const struct discovery_session *s)
{
	static struct state st;

	st.s = s;
	st.max_xmit = s->login->params.max_xmit_dsl;
	st.statsn = s->login->statsn + 1;
	st.expcmdsn = s->login->cmdsn;
	iscsi_text_init(&st.text);
	do {
		alarm(DISCOVERY_IDLE_SECONDS);
	} while (!read_request(&st) && !dispatch(&st));
	free(st.answer.data);
	pdu_close(s->fd);
	return st.why;
}
