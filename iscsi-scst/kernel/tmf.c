// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions (RFC 7143 11.5, 11.6): which of them the core is asked for, and how the others are answered.
 */
#include "iscst_conn.h"

#define NOT_ANSWERED	(-1)

static struct iscst_tmf *tmf_get_slot(struct iscst_conn *conn)
{
	struct iscst_tmf *tmf = list_first_entry_or_null(&conn->free_tmfs, struct iscst_tmf, t.link);

	if (!tmf)
		return NULL;
	list_del_init(&tmf->t.link);
	conn->nr_used++;
	tmf->response = NOT_ANSWERED;
	tmf->cold_reset = false;
	return tmf;
}

void iscst_tmf_free(struct iscst_tmf *tmf)
{
	struct iscst_conn *conn = tmf->t.conn;

	conn->nr_used--;
	list_move(&tmf->t.link, &conn->free_tmfs);
}

/* Core's name of a function, or -1. */
static int core_function(u8 fn)
{
	switch (fn) {
	case ISCSI_TMF_ABORT_TASK:
		return SCST_TMF_ABORT_TASK;
	case ISCSI_TMF_ABORT_TASK_SET:
		return SCST_TMF_ABORT_TASK_SET;
	case ISCSI_TMF_CLEAR_ACA:
		return SCST_TMF_CLEAR_ACA;
	case ISCSI_TMF_CLEAR_TASK_SET:
		return SCST_TMF_CLEAR_TASK_SET;
	case ISCSI_TMF_LUN_RESET:
		return SCST_TMF_LUN_RESET;
	case ISCSI_TMF_TARGET_WARM_RESET:
	case ISCSI_TMF_TARGET_COLD_RESET:
		return SCST_TMF_TARGET_RESET;
	case ISCSI_TMF_QUERY_TASK:
		return SCST_TMF_QUERY_TASK;
	case ISCSI_TMF_QUERY_TASK_SET:
		return SCST_TMF_QUERY_TASK_SET;
	case ISCSI_TMF_NEXUS_RESET:
		return SCST_TMF_NEXUS_RESET;
	case ISCSI_TMF_QUERY_ASYNC_EVENT:
		return SCST_TMF_QUERY_ASYNC_EVENT;
	}
	return -1;
}

/* RFC 7144 4.1: these need its protocol level. */
static bool needs_level_2(u8 fn)
{
	return fn >= ISCSI_TMF_QUERY_TASK;
}

/*
 * ABORT TASK (RFC 7143 11.5.1): search first, then ask whether the command can still be on its way. Never 255 for a well-formed
 * request: initiators drop the connection after a few of those.
 */
static int abort_check(struct iscst_conn *conn, const u8 *bhs)
{
	const struct iscst_cmd *cmd = iscst_cmd_find(conn, get_unaligned_be32(bhs + ISCSI_OFF_RTT));
	u32 ref_cmdsn = get_unaligned_be32(bhs + ISCSI_OFF_REFCMDSN);

	if (!cmd) {
		if (iscsi_window_lose(&conn->window, ref_cmdsn, get_unaligned_be32(bhs + ISCSI_OFF_CMDSN)))
			return ISCSI_TMF_RSP_COMPLETE;
		return ISCSI_TMF_RSP_NO_TASK;
	}
	if (memcmp(cmd->cmd.lun, bhs + ISCSI_OFF_LUN, sizeof(cmd->cmd.lun)))
		return ISCSI_TMF_RSP_REJECTED;
	/* The tag is in use again: the one that is meant has ended. */
	if (!cmd->immediate && cmd->cmdsn != ref_cmdsn)
		return ISCSI_TMF_RSP_NO_TASK;
	return NOT_ANSWERED;
}

void iscst_rx_tmf(struct iscst_conn *conn)
{
	const u8 *bhs = conn->rx.bhs;
	u8 fn = bhs[ISCSI_OFF_FLAGS] & ISCSI_REASON_MASK;
	int core_fn = core_function(fn);
	struct iscst_tmf *tmf;

	if (scst_sess_drops_tmf(&conn->sess->sess))
		return;
	tmf = tmf_get_slot(conn);
	if (!tmf) {
		iscst_reject(conn, bhs, ISCSI_REJECT_TOO_MANY_IMMEDIATE);
		return;
	}
	tmf->itt = get_unaligned_be32(bhs + ISCSI_OFF_ITT);
	tmf->cold_reset = fn == ISCSI_TMF_TARGET_COLD_RESET;
	if (fn == ISCSI_TMF_TASK_REASSIGN)
		tmf->response = ISCSI_TMF_RSP_NO_REASSIGN;
	else if (core_fn < 0 || (needs_level_2(fn) && conn->sess->params.protocol_level < 2))
		tmf->response = ISCSI_TMF_RSP_UNSUPPORTED;
	else if (fn == ISCSI_TMF_ABORT_TASK)
		tmf->response = abort_check(conn, bhs);

	tmf->tmf.sess = &conn->sess->sess;
	tmf->tmf.fn = core_fn < 0 ? 0 : core_fn;
	tmf->tmf.tag = get_unaligned_be32(bhs + ISCSI_OFF_RTT);
	memcpy(tmf->tmf.lun, bhs + ISCSI_OFF_LUN, sizeof(tmf->tmf.lun));
	/*
	 * Behind the commands that came before it in this turn, and before those that come after it: it must not find them, so they
	 * are not looked at before it is submitted (RFC 7143 11.5.1).
	 */
	list_add_tail(&tmf->t.link, &conn->ready);
	conn->rx.budget = 0;
}

void iscst_tmf_submit(struct iscst_tmf *tmf)
{
	if (tmf->response == NOT_ANSWERED)
		scst_tmf_submit(&tmf->tmf);
	else
		iscst_tx_queue(tmf->t.conn, &tmf->t);
}

void iscst_tmf_done(struct scst_tmf *tmf)
{
	iscst_conn_done(&container_of(tmf, struct iscst_tmf, tmf)->t);
}

/* Back from the core, after the responses of the commands it covered. */
void iscst_tmf_returned(struct iscst_tmf *tmf)
{
	static const u8 response[] = {
		[SCST_TMF_COMPLETE]	= ISCSI_TMF_RSP_COMPLETE,
		[SCST_TMF_SUCCEEDED]	= ISCSI_TMF_RSP_SUCCEEDED,
		[SCST_TMF_NO_TASK]	= ISCSI_TMF_RSP_NO_TASK,
		[SCST_TMF_NO_LUN]	= ISCSI_TMF_RSP_NO_LUN,
		[SCST_TMF_UNSUPPORTED]	= ISCSI_TMF_RSP_UNSUPPORTED,
		[SCST_TMF_REJECTED]	= ISCSI_TMF_RSP_REJECTED,
	};

	/* Who logs out or has gone is told nothing: the core did not wait for what the function covers (scst_sess_abort()). */
	if (tmf->t.conn->logging_out || !iscst_conn_live(tmf->t.conn)) {
		iscst_tmf_free(tmf);
		return;
	}
	tmf->response = tmf->tmf.result < ARRAY_SIZE(response) ? response[tmf->tmf.result] : ISCSI_TMF_RSP_REJECTED;
	iscst_tx_queue(tmf->t.conn, &tmf->t);
}

bool iscst_compose_tmf(struct iscst_conn *conn, struct iscst_tmf *tmf)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_TMF_RSP, ISCSI_FLAG_FINAL, tmf->response };

	if (!iscst_tx_room(conn, ISCST_PDU_OVERHEAD, ISCST_PDU_OVERHEAD))
		return false;
	put_unaligned_be32(tmf->itt, bhs + ISCSI_OFF_ITT);
	if (tmf->response == ISCSI_TMF_RSP_SUCCEEDED)
		put_unaligned_be24(tmf->tmf.info, bhs + ISCSI_OFF_TMF_INFO);
	iscst_tx_begin(conn, bhs, 0, ISCST_STATSN_TAKE);
	iscst_tx_composed(conn, &tmf->t);
	return true;
}

void iscst_tmf_sent(struct iscst_tmf *tmf)
{
	struct iscst_tgt *tgt = tmf->t.conn->tgt;
	bool cold_reset = tmf->cold_reset && tmf->response == ISCSI_TMF_RSP_COMPLETE;

	iscst_tmf_free(tmf);
	if (cold_reset)
		iscst_tgt_close_sessions(tgt, "target cold reset");
}
