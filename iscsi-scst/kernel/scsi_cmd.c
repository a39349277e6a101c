// SPDX-License-Identifier: GPL-2.0
/*
 * SCSI commands: PDU to struct scst_cmd, write data by immediate data, unsolicited Data-Out and R2T, read data and status.
 *
 * A command whose data are still to come is on conn->waiting. It leaves when nothing more can arrive for it: all data are
 * there, or it was stopped (refused by the core, failed, aborted) and every burst already asked for has ended or timed out.
 */
#include "iscst_conn.h"

#define CDB_IN_BHS	16

/* ---- slots */

struct iscst_cmd *iscst_cmd_find(struct iscst_conn *conn, u32 itt)
{
	struct iscst_cmd *cmd;

	hash_for_each_possible(conn->itt_hash, cmd, itt_link, itt)
		if (cmd->itt == itt)
			return cmd;
	return NULL;
}

static struct iscst_cmd *cmd_get_slot(struct iscst_conn *conn, bool immediate)
{
	struct iscst_cmd *cmd;

	if (immediate && conn->nr_immediate >= ISCST_IMMEDIATE_MAX)
		return NULL;
	cmd = list_first_entry_or_null(&conn->free_cmds, struct iscst_cmd, t.link);
	if (!cmd)
		return NULL;
	list_del_init(&cmd->t.link);
	conn->nr_used++;
	conn->nr_immediate += immediate;
	cmd->immediate = immediate;
	return cmd;
}

/* The response is being composed: its tag may come again, its place in the window is free. */
static void cmd_leave(struct iscst_cmd *cmd)
{
	struct iscst_conn *conn = cmd->t.conn;

	if (cmd->hashed) {
		hash_del(&cmd->itt_link);
		cmd->hashed = false;
	}
	if (cmd->windowed) {
		conn->nr_windowed--;
		cmd->windowed = false;
	}
}

void iscst_cmd_free(struct iscst_cmd *cmd)
{
	struct iscst_conn *conn = cmd->t.conn;

	cmd_leave(cmd);
	list_del_init(&cmd->r2t_link);
	scst_cmd_finish(&cmd->cmd);
	conn->nr_immediate -= cmd->immediate;
	conn->nr_used--;
	list_move(&cmd->t.link, &conn->free_cmds);
}

void iscst_cmd_unsent(struct iscst_cmd *cmd)
{
	scst_cmd_untold(&cmd->cmd);
	iscst_cmd_free(cmd);
}

void iscst_cmd_drop(struct iscst_cmd *cmd)
{
	iscst_rx_forget(cmd->t.conn, &cmd->t);
	scst_cmd_abandon(&cmd->cmd);
	iscst_cmd_unsent(cmd);
}

void iscst_cmd_returned(struct iscst_cmd *cmd)
{
	if (cmd->cmd.no_response || !iscst_conn_live(cmd->t.conn)) {
		iscst_cmd_unsent(cmd);
		return;
	}
	/* Whatever the handler says, no more than the initiator expects and than there is. */
	cmd->in_len = 0;
	if (cmd->cmd.expect_dir == SCSI_DIR_FROM)
		cmd->in_len = min3(cmd->cmd.resp_len, cmd->cmd.edtl, cmd->cmd.buf.len);
	cmd->in_off = 0;
	cmd->datasn = 0;
	cmd->cur = (struct iscst_cursor){ 0, 0 };
	iscst_tx_queue(cmd->t.conn, &cmd->t);
}

void iscst_cmd_execute(struct iscst_cmd *cmd)
{
	scst_cmd_execute(&cmd->cmd);
}

/* ---- write data: when is what complete */

static void cmd_ready(struct iscst_cmd *cmd)
{
	struct iscst_conn *conn = cmd->t.conn;

	/* What still comes for it are strays: nothing is open any more. */
	iscst_rx_forget(conn, &cmd->t);
	cmd->nr_r2t = 0;
	cmd->unsol_open = false;
	list_del_init(&cmd->r2t_link);
	list_move_tail(&cmd->t.link, &conn->ready);
}

static u32 r2t_limit(const struct iscst_conn *conn)
{
	return min_t(u32, conn->sess->params.max_outstanding_r2t, ISCST_R2T_MAX);
}

/* No more R2Ts; what was asked for may still come and is swallowed. */
static void cmd_stop(struct iscst_cmd *cmd)
{
	if (cmd->stopped)
		return;
	cmd->stopped = true;
	cmd->since = jiffies;
	list_del_init(&cmd->r2t_link);
	iscst_rx_swallow(cmd->t.conn, &cmd->t);
}

/* Something has arrived or ended: asks for more, or passes the command on. */
static void cmd_progress(struct iscst_cmd *cmd)
{
	struct iscst_conn *conn = cmd->t.conn;

	/* The word of it may still be on its way to iscst_cmds_kick(). */
	if (scst_cmd_aborted(&cmd->cmd))
		cmd_stop(cmd);
	if (!cmd->stopped)
		cmd->since = jiffies;
	if (cmd->unsol_open)
		return;
	if (!cmd->stopped && cmd->r2t_off < cmd->want) {
		if (cmd->nr_r2t < r2t_limit(conn) && list_empty(&cmd->r2t_link))
			list_add_tail(&cmd->r2t_link, &conn->tx.r2ts);
		return;
	}
	if (!cmd->nr_r2t)
		cmd_ready(cmd);
}

static void cmd_fail(struct iscst_cmd *cmd, scsi_sense_code code)
{
	if (cmd->cmd.status == SCSI_GOOD)
		scst_cmd_fail(&cmd->cmd, code);
	cmd_stop(cmd);
}

void iscst_cmds_kick(struct iscst_conn *conn)
{
	struct iscst_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, &conn->waiting, t.link) {
		if (!scst_cmd_aborted(&cmd->cmd))
			continue;
		cmd_stop(cmd);
		if (!cmd->nr_r2t && !cmd->unsol_open)
			cmd_ready(cmd);
	}
}

const char *iscst_cmds_timer(struct iscst_conn *conn, unsigned long limit)
{
	struct iscst_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, &conn->waiting, t.link) {
		if (cmd->stopped && time_after_eq(jiffies, cmd->since + ISCST_ABORT_WAIT))
			cmd_ready(cmd);
		else if (!cmd->stopped && (cmd->nr_r2t || cmd->unsol_open) && time_after_eq(jiffies, cmd->since + limit))
			return "write data do not come";
	}
	return NULL;
}

/* ---- SCSI Command */

/* Pages for the data; without them the command ends with BUSY and the data pass by. */
static bool cmd_alloc(struct iscst_cmd *cmd)
{
	if (!scst_cmd_alloc_data(&cmd->cmd, cmd->want))
		return true;
	cmd_stop(cmd);
	cmd->want = 0;
	return false;
}

void iscst_cmd_alloc(struct iscst_cmd *cmd)
{
	/* While its PDU is still being received, the end of that goes on. */
	if (!cmd_alloc(cmd) && cmd->t.conn->rx.task != &cmd->t)
		cmd_progress(cmd);
}

/* CDB, LUN, lengths; false: the additional header segments make no sense. */
static bool cmd_fill(struct iscst_cmd *cmd, const struct iscst_rx *rx)
{
	struct iscst_conn *conn = cmd->t.conn;
	struct scst_cmd *scmd = &cmd->cmd;
	struct iscsi_ahs ahs;

	if (iscsi_ahs_parse(rx->ahs, iscsi_ahs_len(rx->bhs), &ahs))
		return false;
	memcpy(cmd->cdb, rx->bhs + ISCSI_OFF_CDB, CDB_IN_BHS);
	if (ahs.cdb_more)
		memcpy(cmd->cdb + CDB_IN_BHS, ahs.cdb_more, ahs.cdb_more_len);
	scmd->sess = &conn->sess->sess;
	scmd->cdb = cmd->cdb;
	scmd->cdb_len = CDB_IN_BHS + ahs.cdb_more_len;
	scmd->tag = cmd->itt;
	scmd->edtl = get_unaligned_be32(rx->bhs + ISCSI_OFF_EDTL);
	memcpy(scmd->lun, rx->bhs + ISCSI_OFF_LUN, sizeof(scmd->lun));
	scmd->attr = iscsi_cmd_attr(rx->bhs);
	scmd->expect_dir = iscsi_cmd_dir(rx->bhs);
	return true;
}

/* What a bidirectional command wants to read; the segments have been looked at before. */
static u32 bidi_read_len(const struct iscst_rx *rx)
{
	struct iscsi_ahs ahs;

	return iscsi_ahs_parse(rx->ahs, iscsi_ahs_len(rx->bhs), &ahs) ? 0 : ahs.bidi_len;
}

/* Takes the command in and decides what becomes of the data that come with it. */
static void cmd_begin(struct iscst_cmd *cmd, struct iscst_rx *rx)
{
	struct iscst_conn *conn = cmd->t.conn;
	struct scst_cmd *scmd = &cmd->cmd;
	bool bidi = scmd->expect_dir == SCSI_DIR_BIDI;
	bool write = bidi || scmd->expect_dir == SCSI_DIR_TO;

	if (bidi) {
		scmd->expect_dir = SCSI_DIR_TO;
		cmd->bidi_len = bidi_read_len(rx);
	}
	scst_cmd_init(scmd);
	if (bidi)
		cmd_fail(cmd, ISCST_SENSE_BIDI);
	else if (rx->len && !write)
		cmd_fail(cmd, ISCST_SENSE_UNEXPECTED_DATA);
	else if (rx->len > scmd->edtl)
		cmd_fail(cmd, ISCST_SENSE_TOO_MUCH_DATA);

	cmd->unsol_open = !(rx->bhs[ISCSI_OFF_FLAGS] & ISCSI_FLAG_FINAL);
	cmd->unsol.len = min(conn->sess->params.first_burst, scmd->edtl);
	cmd->unsol.got = rx->len;
	cmd->r2t_off = rx->len;
	if (scmd->status != SCSI_GOOD)
		cmd->stopped = true;
	else if (write && scmd->info.dir == SCSI_DIR_TO)
		cmd->want = scmd->data_len;
	if (!cmd->want)
		return;
	if (cmd->want <= ISCST_ALLOC_INLINE)
		cmd_alloc(cmd);
	else
		rx->defer = cmd;
}

static void cmd_reset(struct iscst_cmd *cmd)
{
	cmd->windowed = false;
	cmd->stopped = false;
	cmd->unsol_open = false;
	cmd->nr_r2t = 0;
	cmd->bidi_len = 0;
	cmd->want = 0;
	cmd->got = 0;
	cmd->r2tsn = 0;
	cmd->since = jiffies;
	memset(&cmd->unsol, 0, sizeof(cmd->unsol));
	cmd->cur = (struct iscst_cursor){ 0, 0 };
}

void iscst_rx_scsi_cmd(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;
	bool immediate = rx->bhs[0] & ISCSI_IMMEDIATE;
	u32 itt = get_unaligned_be32(rx->bhs + ISCSI_OFF_ITT);
	struct iscst_cmd *cmd;
	const char *why;

	why = iscsi_cmd_check(rx->bhs, &conn->sess->params);
	if (why) {
		iscst_reject_close(conn, rx->bhs, ISCSI_REJECT_PROTOCOL, why);
		return;
	}
	if (itt == ISCSI_RESERVED_TAG) {
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_INVALID_FIELD);
		return;
	}
	if (iscst_cmd_find(conn, itt)) {
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_TASK_IN_PROGRESS);
		return;
	}
	cmd = cmd_get_slot(conn, immediate);
	if (!cmd) {
		iscst_reject(conn, rx->bhs,
			     immediate ? ISCSI_REJECT_TOO_MANY_IMMEDIATE : ISCSI_REJECT_NO_RESOURCES);
		return;
	}
	cmd_reset(cmd);
	cmd->itt = itt;
	cmd->cmdsn = get_unaligned_be32(rx->bhs + ISCSI_OFF_CMDSN);
	if (!cmd_fill(cmd, rx)) {
		conn->nr_immediate -= immediate;
		conn->nr_used--;
		list_add(&cmd->t.link, &conn->free_cmds);
		iscst_reject_close(conn, rx->bhs, ISCSI_REJECT_PROTOCOL, "malformed additional header segment");
		return;
	}
	cmd->windowed = !immediate;
	conn->nr_windowed += cmd->windowed;
	hash_add(conn->itt_hash, &cmd->itt_link, itt);
	cmd->hashed = true;
	list_add_tail(&cmd->t.link, &conn->waiting);
	cmd_begin(cmd, rx);
	iscst_rx_into_pages(conn, &cmd->t, &cmd->cmd.buf, 0, cmd->stopped ? 0 : cmd->want, &cmd->cur);
}

static void cmd_digest_error(struct iscst_conn *conn, struct iscst_cmd *cmd)
{
	iscst_reject(conn, conn->rx.bhs, ISCSI_REJECT_DATA_DIGEST);
	cmd_fail(cmd, ISCST_SENSE_CRC_ERROR);
}

void iscst_rx_scsi_cmd_end(struct iscst_conn *conn, struct iscst_cmd *cmd, bool digest_ok)
{
	if (!digest_ok)
		cmd_digest_error(conn, cmd);
	if (!cmd->stopped)
		cmd->got = min(conn->rx.len, cmd->want);
	cmd_progress(cmd);
}

/* ---- Data-Out */

static struct iscst_r2t *r2t_find(struct iscst_cmd *cmd, u32 ttt)
{
	unsigned int i;

	for (i = 0; i < cmd->nr_r2t; i++)
		if (cmd->r2t[i].ttt == ttt)
			return &cmd->r2t[i];
	return NULL;
}

static void r2t_end(struct iscst_cmd *cmd, struct iscst_r2t *r2t)
{
	*r2t = cmd->r2t[--cmd->nr_r2t];
}

/* What a Data-Out PDU that breaks a rule does to its command. */
static void dataout_bad(struct iscst_conn *conn, struct iscst_cmd *cmd, enum iscsi_dataout_verdict verdict)
{
	if (verdict == ISCSI_DATAOUT_BEYOND) {
		iscst_reject(conn, conn->rx.bhs, ISCSI_REJECT_INVALID_FIELD);
		cmd_fail(cmd, ISCST_SENSE_TOO_MUCH_DATA);
	} else {
		cmd_fail(cmd, SCSI_SENSE_ABORTED);
	}
}

/* The burst a Data-Out PDU belongs to; NULL after the command has been failed for it. */
static struct iscsi_burst *dataout_burst(struct iscst_conn *conn, struct iscst_cmd *cmd, u32 ttt)
{
	struct iscst_r2t *r2t;

	if (ttt == ISCSI_RESERVED_TAG) {
		if (cmd->unsol_open)
			return &cmd->unsol;
		cmd_fail(cmd, ISCST_SENSE_UNEXPECTED_DATA);
		return NULL;
	}
	r2t = r2t_find(cmd, ttt);
	if (r2t)
		return &r2t->burst;
	iscst_reject(conn, conn->rx.bhs, ISCSI_REJECT_INVALID_FIELD);
	cmd_fail(cmd, SCSI_SENSE_ABORTED);
	return NULL;
}

static bool cmd_waits(const struct iscst_cmd *cmd)
{
	return cmd->unsol_open || cmd->nr_r2t || !list_empty(&cmd->r2t_link);
}

void iscst_rx_data_out(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;
	struct iscst_cmd *cmd = iscst_cmd_find(conn, get_unaligned_be32(rx->bhs + ISCSI_OFF_ITT));
	u32 ttt = get_unaligned_be32(rx->bhs + ISCSI_OFF_TTT);
	u32 off = get_unaligned_be32(rx->bhs + ISCSI_OFF_DATA_OFFSET);
	enum iscsi_dataout_verdict verdict;
	struct iscsi_burst *burst;

	/* Strays of a command that has ended pass by. The LUN is not looked at: some initiators leave it wrong. */
	if (!cmd || !cmd_waits(cmd))
		return;
	rx->task = &cmd->t;
	rx->ttt = ttt;
	burst = dataout_burst(conn, cmd, ttt);
	rx->burst_end = burst && (rx->bhs[ISCSI_OFF_FLAGS] & ISCSI_FLAG_FINAL);
	if (!burst || cmd->stopped)
		return;
	verdict = iscsi_dataout_check(burst, rx->bhs, ttt != ISCSI_RESERVED_TAG);
	if (verdict != ISCSI_DATAOUT_OK) {
		dataout_bad(conn, cmd, verdict);
		return;
	}
	if (ttt == ISCSI_RESERVED_TAG)
		cmd->r2t_off = burst->got;
	iscst_rx_into_pages(conn, &cmd->t, &cmd->cmd.buf, off, off < cmd->want ? cmd->want - off : 0, &cmd->cur);
}

void iscst_rx_data_out_end(struct iscst_conn *conn, struct iscst_cmd *cmd, bool digest_ok)
{
	struct iscst_rx *rx = &conn->rx;
	struct iscst_r2t *r2t;

	if (!digest_ok && !cmd->stopped)
		cmd_digest_error(conn, cmd);
	if (!cmd->stopped)
		cmd->got += min(rx->len, cmd->want - min(cmd->got, cmd->want));
	if (rx->burst_end) {
		r2t = r2t_find(cmd, rx->ttt);
		if (r2t)
			r2t_end(cmd, r2t);
		else
			cmd->unsol_open = false;
	}
	cmd_progress(cmd);
}

bool iscst_compose_r2t(struct iscst_conn *conn, struct iscst_cmd *cmd)
{
	u32 limit = r2t_limit(conn);
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_R2T, ISCSI_FLAG_FINAL };
	struct iscst_r2t *r2t;

	if (cmd->nr_r2t >= limit || cmd->r2t_off >= cmd->want || scst_cmd_aborted(&cmd->cmd)) {
		list_del_init(&cmd->r2t_link);
		return true;
	}
	if (!iscst_tx_room(conn, ISCST_PDU_OVERHEAD, ISCST_PDU_OVERHEAD))
		return false;
	r2t = &cmd->r2t[cmd->nr_r2t++];
	if (++conn->next_ttt == ISCSI_RESERVED_TAG)
		conn->next_ttt = 0;
	r2t->ttt = conn->next_ttt;
	r2t->burst = (struct iscsi_burst){
		.off = cmd->r2t_off,
		.len = min(conn->max_burst, cmd->want - cmd->r2t_off),
	};
	memcpy(bhs + ISCSI_OFF_LUN, cmd->cmd.lun, sizeof(cmd->cmd.lun));
	put_unaligned_be32(cmd->itt, bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(r2t->ttt, bhs + ISCSI_OFF_TTT);
	put_unaligned_be32(cmd->r2tsn++, bhs + ISCSI_OFF_DATASN);
	put_unaligned_be32(r2t->burst.off, bhs + ISCSI_OFF_DATA_OFFSET);
	put_unaligned_be32(r2t->burst.len, bhs + ISCSI_OFF_R2T_LEN);
	cmd->r2t_off += r2t->burst.len;
	cmd->since = jiffies;
	iscst_tx_begin(conn, bhs, 0, ISCST_STATSN_NEXT);
	if (cmd->r2t_off >= cmd->want || cmd->nr_r2t >= limit)
		list_del_init(&cmd->r2t_link);
	return true;
}

/* ---- read data and status */

static struct iscsi_residual cmd_residual(const struct iscst_cmd *cmd)
{
	const struct scst_cmd *scmd = &cmd->cmd;

	return iscsi_residual(scmd->edtl, scmd->want_len, scmd->expect_dir == SCSI_DIR_TO ? cmd->got : cmd->in_len);
}

/* How much goes into the next Data-In and whether it is copied; 0: no room in the batch. */
static u32 datain_len(struct iscst_conn *conn, struct iscst_cmd *cmd, bool *copy)
{
	u32 left = cmd->in_len - cmd->in_off;
	u32 len = min3(left, conn->max_xmit, conn->max_burst - cmd->in_off % conn->max_burst);
	u32 room, ref = 0;

	*copy = cmd->in_len <= ISCST_COPY_MAX || conn->data_digest;
	if (!*copy) {
		if (!iscst_tx_ref_room(conn) || !iscst_tx_room(conn, ISCST_PDU_OVERHEAD, ISCST_PDU_OVERHEAD))
			return 0;
		ref = iscst_tx_ref_len(conn, &cmd->cmd.buf, &cmd->cur, cmd->in_off, len);
		*copy = !ref;
	}
	if (*copy) {
		len = min_t(u32, len, ISCST_COPY_PDU);
		room = iscst_tx_room(conn, ISCST_PDU_OVERHEAD + min(len, ISCSI_DSL_MIN), ISCST_PDU_OVERHEAD + len);
		if (!room)
			return 0;
		ref = room - ISCST_PDU_OVERHEAD;
	}
	len = min(len, ref);
	/* Only the last PDU needs padding. */
	return len < left && len > 4 ? len & ~3U : len;
}

static bool compose_data_in(struct iscst_conn *conn, struct iscst_cmd *cmd)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_DATA_IN };
	struct iscsi_residual r;
	bool copy, last, status;
	u32 len;

	len = datain_len(conn, cmd, &copy);
	if (!len)
		return false;
	last = cmd->in_off + len == cmd->in_len;
	status = last && cmd->cmd.status == SCSI_GOOD;
	if (last || (cmd->in_off + len) % conn->max_burst == 0)
		bhs[ISCSI_OFF_FLAGS] = ISCSI_FLAG_FINAL;
	put_unaligned_be32(cmd->itt, bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(ISCSI_RESERVED_TAG, bhs + ISCSI_OFF_TTT);
	put_unaligned_be32(cmd->datasn++, bhs + ISCSI_OFF_DATASN);
	put_unaligned_be32(cmd->in_off, bhs + ISCSI_OFF_DATA_OFFSET);
	if (status) {
		/* Phase collapse: no SCSI Response follows. */
		r = cmd_residual(cmd);
		bhs[ISCSI_OFF_FLAGS] |= ISCSI_DATAIN_STATUS | r.flags;
		put_unaligned_be32(r.count, bhs + ISCSI_OFF_RESIDUAL);
		cmd_leave(cmd);
	}
	iscst_tx_begin(conn, bhs, len, status ? ISCST_STATSN_TAKE : ISCST_STATSN_NONE);
	if (status)
		iscst_loss_note(conn, &cmd->cmd);
	iscst_tx_pages(conn, &cmd->cmd.buf, &cmd->cur, cmd->in_off, len, copy);
	iscst_tx_end(conn, len);
	cmd->in_off += len;
	if (status)
		iscst_tx_composed(conn, &cmd->t);
	return true;
}

/* What a command that has failed brings along: sense data, whose length is returned; if bidirectional, that nothing was read. */
static u32 compose_failure(const struct iscst_cmd *cmd, u8 *bhs, u8 *sense)
{
	u32 len;

	if (cmd->bidi_len) {
		bhs[ISCSI_OFF_FLAGS] |= ISCSI_RSP_BIDI_UNDERFLOW;
		put_unaligned_be32(cmd->bidi_len, bhs + ISCSI_OFF_BIDI_RESID);
	}
	if (cmd->cmd.status != SCSI_CHECK_CONDITION)
		return 0;
	len = scst_cmd_sense(&cmd->cmd, sense + 2, SCSI_SENSE_MAX);
	put_unaligned_be16(len, sense);
	return 2 + len;
}

static bool compose_response(struct iscst_conn *conn, struct iscst_cmd *cmd)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_SCSI_RSP, ISCSI_FLAG_FINAL };
	struct iscsi_residual r = cmd_residual(cmd);
	u8 sense[2 + SCSI_SENSE_MAX];
	u32 len = 0;

	if (!iscst_tx_room(conn, ISCST_PDU_OVERHEAD + sizeof(sense), ISCST_PDU_OVERHEAD + sizeof(sense)))
		return false;
	if (cmd->cmd.status != SCSI_GOOD)
		len = compose_failure(cmd, bhs, sense);
	bhs[ISCSI_OFF_FLAGS] |= r.flags;
	bhs[ISCSI_OFF_STATUS] = cmd->cmd.status;
	put_unaligned_be32(cmd->itt, bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(cmd->datasn + cmd->r2tsn, bhs + ISCSI_OFF_DATASN);
	put_unaligned_be32(r.count, bhs + ISCSI_OFF_RESIDUAL);
	cmd_leave(cmd);
	iscst_tx_begin(conn, bhs, len, ISCST_STATSN_TAKE);
	iscst_loss_note(conn, &cmd->cmd);
	iscst_tx_copy(conn, sense, len);
	iscst_tx_end(conn, len);
	iscst_tx_composed(conn, &cmd->t);
	return true;
}

bool iscst_compose_cmd(struct iscst_conn *conn, struct iscst_cmd *cmd)
{
	if (cmd->in_off < cmd->in_len)
		return compose_data_in(conn, cmd);
	return compose_response(conn, cmd);
}
