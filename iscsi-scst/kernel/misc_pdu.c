// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are no SCSI task: NOP-Out and our pings, Text, Logout, the Reject of everything else, and Asynchronous Messages.
 */
#include "iscst_conn.h"
#include "text.h"

#define TEXT_ANSWER_MAX	8192

/* The one Text exchange of a session. */
struct iscst_text {
	struct iscsi_text_xchg xchg;
	char answer[TEXT_ANSWER_MAX];
	u8 rx[ISCSI_TEXT_REQUEST_MAX];
};

/* ---- slots */

static struct iscst_misc *misc_get_slot(struct iscst_conn *conn, u8 opcode)
{
	struct iscst_misc *misc = list_first_entry_or_null(&conn->free_miscs, struct iscst_misc, t.link);

	if (!misc)
		return NULL;
	list_del_init(&misc->t.link);
	conn->nr_used++;
	conn->nr_miscs++;
	memset(misc->bhs, 0, sizeof(misc->bhs));
	misc->bhs[0] = opcode;
	misc->bhs[ISCSI_OFF_FLAGS] = ISCSI_FLAG_FINAL;
	misc->data = NULL;
	misc->data_len = 0;
	misc->statsn = ISCST_STATSN_TAKE;
	misc->after = ISCST_AFTER_NOTHING;
	return misc;
}

void iscst_misc_free(struct iscst_misc *misc)
{
	struct iscst_conn *conn = misc->t.conn;

	conn->echo_bytes -= misc->buf.len;
	scst_buf_release(&misc->buf);
	conn->nr_used--;
	conn->nr_miscs--;
	list_move(&misc->t.link, &conn->free_miscs);
	if (conn->rx_paused)
		set_bit(ISCST_EV_RX, &conn->events);
}

static bool tells_luns(const struct iscst_misc *misc)
{
	return misc->bhs[0] == ISCSI_OP_ASYNC && misc->bhs[ISCSI_OFF_ASYNC_EVENT] == ISCSI_ASYNC_SCSI;
}

void iscst_misc_unsent(struct iscst_misc *misc)
{
	if (tells_luns(misc))
		set_bit(ISCST_EV_UNHEARD, &misc->t.conn->events);
	iscst_misc_free(misc);
}

void iscst_misc_sent(struct iscst_misc *misc)
{
	struct iscst_conn *conn = misc->t.conn;

	switch (misc->after) {
	case ISCST_AFTER_PING:
		conn->ping_queued = false;
		conn->ping_out = !conn->discard; /* behind a logout nobody hears the answer */
		conn->ping_sent = jiffies;
		break;
	case ISCST_AFTER_CLOSE:
		/* The answer reaches the initiator because it closes first, or after a while. */
		conn->half_closed = true;
		conn->half_closed_at = jiffies;
		kernel_sock_shutdown(conn->sock, SHUT_WR);
		break;
	}
	iscst_misc_free(misc);
}

bool iscst_compose_misc(struct iscst_conn *conn, struct iscst_misc *misc)
{
	bool copy = misc->data_len <= ISCST_COPY_MAX;
	u32 room = ISCST_PDU_OVERHEAD + (copy ? misc->data_len : 0);
	struct iscst_cursor cur = { 0, 0 };

	if ((!copy && !iscst_tx_ref_room(conn)) || !iscst_tx_room(conn, room, room))
		return false;
	iscst_tx_begin(conn, misc->bhs, misc->data_len, misc->statsn);
	if (tells_luns(misc))
		iscst_told(conn);
	if (misc->data)
		iscst_tx_copy(conn, misc->data, misc->data_len);
	else
		iscst_tx_pages(conn, &misc->buf, &cur, 0, misc->data_len, copy);
	iscst_tx_end(conn, misc->data_len);
	iscst_tx_composed(conn, &misc->t);
	if (misc->after == ISCST_AFTER_CLOSE)
		conn->tx.ended = true;
	return true;
}

/* ---- Reject */

static struct iscst_misc *reject(struct iscst_conn *conn, const u8 *bhs, u8 reason)
{
	struct iscst_misc *misc = misc_get_slot(conn, ISCSI_OP_REJECT);

	if (WARN_ON_ONCE(!misc))
		return NULL;
	misc->bhs[ISCSI_OFF_RESPONSE] = reason;
	put_unaligned_be32(ISCSI_RESERVED_TAG, misc->bhs + ISCSI_OFF_ITT);
	memcpy(misc->copy, bhs, sizeof(misc->copy));
	misc->data = misc->copy;
	misc->data_len = sizeof(misc->copy);
	iscst_tx_queue(conn, &misc->t);
	pr_debug_ratelimited("%s: rejected PDU %#x, reason %#x\n", conn->sess->name, bhs[0], reason);
	return misc;
}

void iscst_reject(struct iscst_conn *conn, const u8 *bhs, u8 reason)
{
	reject(conn, bhs, reason);
}

void iscst_reject_close(struct iscst_conn *conn, const u8 *bhs, u8 reason, const char *why)
{
	struct iscst_misc *misc = reject(conn, bhs, reason);

	pr_debug_ratelimited("%s: %s\n", conn->sess->name, why);
	if (misc)
		misc->after = ISCST_AFTER_CLOSE;
	conn->discard = true;
}

/* ---- NOP */

/*
 * Pages for the data of a ping; false: memory is short, or used up by pings whose answers the initiator does not take. No limit of
 * the core's counts them, and a slot for each would be 32 MiB of every session.
 */
static bool nop_alloc(struct iscst_misc *misc, u32 len)
{
	struct iscst_conn *conn = misc->t.conn;
	u32 done, n;

	if (len > ISCST_ECHO_MAX - conn->echo_bytes)
		return false;
	for (done = 0; done < len; done += n) {
		struct page *page = scst_alloc_pages(0);

		n = min_t(u32, len - done, PAGE_SIZE);
		if (!page)
			return false;
		if (scst_buf_add(&misc->buf, page, n, 0)) {
			put_page(page);
			return false;
		}
		conn->echo_bytes += n;
	}
	return true;
}

void iscst_rx_nop(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;
	struct iscst_misc *misc;

	if (get_unaligned_be32(rx->bhs + ISCSI_OFF_ITT) == ISCSI_RESERVED_TAG) {
		/* Answer to our ping, or a one-way message. */
		if (get_unaligned_be32(rx->bhs + ISCSI_OFF_TTT) == conn->ping_ttt)
			conn->ping_out = false;
		return;
	}
	misc = misc_get_slot(conn, ISCSI_OP_NOP_IN);
	if (WARN_ON_ONCE(!misc))
		return;
	memcpy(misc->bhs + ISCSI_OFF_LUN, rx->bhs + ISCSI_OFF_LUN, 8);
	memcpy(misc->bhs + ISCSI_OFF_ITT, rx->bhs + ISCSI_OFF_ITT, 4);
	put_unaligned_be32(ISCSI_RESERVED_TAG, misc->bhs + ISCSI_OFF_TTT);
	misc->data_len = min(rx->len, conn->max_xmit);
	if (!nop_alloc(misc, misc->data_len)) {
		/* Not a shorter echo: the initiator would take it for damaged data. */
		iscst_misc_free(misc);
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_NO_RESOURCES);
		return;
	}
	iscst_rx_into_pages(conn, &misc->t, &misc->buf, 0, misc->data_len, NULL);
}

void iscst_rx_nop_end(struct iscst_conn *conn, struct iscst_misc *misc, bool digest_ok)
{
	if (digest_ok)
		list_add_tail(&misc->t.link, &conn->tx.prio);
	else
		iscst_misc_free(misc);
}

static struct iscst_misc *nop_in(struct iscst_conn *conn, u32 ttt)
{
	struct iscst_misc *misc = misc_get_slot(conn, ISCSI_OP_NOP_IN);

	if (!misc)
		return NULL;
	put_unaligned_be32(ISCSI_RESERVED_TAG, misc->bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(ttt, misc->bhs + ISCSI_OFF_TTT);
	misc->statsn = ISCST_STATSN_NEXT;
	list_add_tail(&misc->t.link, &conn->tx.prio);
	return misc;
}

void iscst_send_ping(struct iscst_conn *conn)
{
	struct iscst_misc *misc;

	if (++conn->next_ttt == ISCSI_RESERVED_TAG)
		conn->next_ttt = 0;
	misc = nop_in(conn, conn->next_ttt);
	if (!misc)
		return;
	misc->after = ISCST_AFTER_PING;
	conn->ping_ttt = conn->next_ttt;
	conn->ping_queued = true;
}

void iscst_send_window(struct iscst_conn *conn)
{
	nop_in(conn, ISCSI_RESERVED_TAG);
}

/* ---- Asynchronous Message */

/* NULL: the slots left are for answers. */
static struct iscst_misc *async_message(struct iscst_conn *conn, enum iscsi_async_event event)
{
	struct iscst_misc *misc;

	if (conn->discard || !iscst_misc_room(conn))
		return NULL;
	misc = misc_get_slot(conn, ISCSI_OP_ASYNC);
	if (!misc)
		return NULL;
	put_unaligned_be32(ISCSI_RESERVED_TAG, misc->bhs + ISCSI_OFF_ITT);
	misc->bhs[ISCSI_OFF_ASYNC_EVENT] = event;
	list_add_tail(&misc->t.link, &conn->tx.prio);
	return misc;
}

/* Without a slot it stays a unit attention. */
void iscst_send_luns_changed(struct iscst_conn *conn)
{
	struct iscst_misc *misc = async_message(conn, ISCSI_ASYNC_SCSI);
	unsigned int len;

	if (!misc)
		return;
	len = scst_sess_take_luns_changed(&conn->sess->sess, misc->copy + 2, sizeof(misc->copy) - 2);
	if (!len) {
		iscst_misc_free(misc);
		return;
	}
	put_unaligned_be16(len, misc->copy);
	misc->data = misc->copy;
	misc->data_len = 2 + len;
}

/* Time2Wait and Time2Retain are 0, as in a Logout Response: it may come back at once, to a new session. */
void iscst_send_drop(struct iscst_conn *conn)
{
	async_message(conn, ISCSI_ASYNC_DROP_SESSION);
}

/* ---- Logout */

void iscst_rx_logout(struct iscst_conn *conn)
{
	const u8 *bhs = conn->rx.bhs;
	u8 reason = bhs[ISCSI_OFF_FLAGS] & ISCSI_REASON_MASK;
	u8 response = ISCSI_LOGOUT_RSP_OK;
	struct iscst_misc *misc;

	if (reason > ISCSI_LOGOUT_RECOVERY) {
		iscst_reject(conn, bhs, ISCSI_REJECT_INVALID_FIELD);
		return;
	}
	if (reason == ISCSI_LOGOUT_RECOVERY)
		response = ISCSI_LOGOUT_RSP_NO_RECOVERY;
	else if (reason == ISCSI_LOGOUT_CONNECTION && get_unaligned_be16(bhs + ISCSI_OFF_CID) != conn->cid)
		response = ISCSI_LOGOUT_RSP_NO_CID;

	misc = misc_get_slot(conn, ISCSI_OP_LOGOUT_RSP);
	if (WARN_ON_ONCE(!misc))
		return;
	misc->bhs[ISCSI_OFF_RESPONSE] = response;
	memcpy(misc->bhs + ISCSI_OFF_ITT, bhs + ISCSI_OFF_ITT, 4);
	if (response != ISCSI_LOGOUT_RSP_OK) {
		iscst_tx_queue(conn, &misc->t);
		return;
	}
	misc->after = ISCST_AFTER_CLOSE;
	conn->discard = true;
	/* Behind the commands that came before it: what of them can be executed at once is. */
	list_add_tail(&misc->t.link, &conn->ready);
}

static void logout_respond(struct iscst_conn *conn, u8 response)
{
	struct iscst_misc *misc = conn->logout;

	conn->logout = NULL;
	misc->bhs[ISCSI_OFF_RESPONSE] = response;
	iscst_tx_queue(conn, &misc->t);
	iscst_tx(conn);
}

/* RFC 7143 11.14: pending commands are terminated, and only then is the logout answered. */
void iscst_logout_begin(struct iscst_misc *misc)
{
	struct iscst_conn *conn = misc->t.conn;
	struct iscst_task *t, *next;

	conn->logging_out = true;
	conn->logout = misc;
	conn->logout_at = jiffies;
	/* What answers it is thrown away. */
	conn->ping_out = false;
	scst_sess_abort(&conn->sess->sess);
	list_for_each_entry_safe(t, next, &conn->waiting, link)
		iscst_cmd_drop(to_iscst_cmd(t));
	mod_timer(&conn->timer, jiffies + HZ);
}

/*
 * Its own slot is the only one in use when all responses are with TCP and the core has no command any more; nor may a copy be
 * left, for the initiator may come again at once by another port, and write. Should the core not come to an end, what RESERVE has
 * reserved stays so until it does: commands may still be executing.
 */
void iscst_logout_check(struct iscst_conn *conn)
{
	if (likely(!conn->logout))
		return;
	if (conn->nr_used == 1 && !scst_sess_copies(&conn->sess->sess)) {
		/* While it waits for older sessions of its port they may still be writing: see bequeath() and end_hold(). */
		if (!READ_ONCE(conn->sess->held))
			scst_sess_logged_out(&conn->sess->sess);
		logout_respond(conn, ISCSI_LOGOUT_RSP_OK);
	} else if (time_after_eq(jiffies, conn->logout_at + ISCST_LOGOUT_WAIT)) {
		logout_respond(conn, ISCSI_LOGOUT_RSP_FAILED);
	}
}

/* ---- Text */

void iscst_text_free(struct iscst_conn *conn)
{
	kvfree(conn->text);
}

void iscst_rx_text(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;

	if (!conn->text) {
		conn->text = scst_alloc_mem(sizeof(*conn->text));
		if (conn->text)
			iscsi_text_init(&conn->text->xchg);
	}
	if (!conn->text || rx->len > sizeof(conn->text->rx)) {
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_NO_RESOURCES);
		return;
	}
	iscst_rx_into_mem(conn, conn->text->rx, rx->len);
}

static void answer_this_target(struct iscst_conn *conn, struct iscsi_text_buf *b)
{
	char address[80];

	snprintf(address, sizeof(address), "%pISpc,%u", &conn->local, ISCSI_PORTAL_GROUP);
	iscsi_text_add(b, "TargetName", conn->tgt->tgt.name);
	iscsi_text_add(b, "TargetAddress", address);
}

static void answer_sendtargets(struct iscst_conn *conn, struct iscsi_text_buf *b, const char *value)
{
	switch (iscsi_sendtargets_kind(value)) {
	case ISCSI_SENDTARGETS_CONNECTED:
		answer_this_target(conn, b);
		break;
	case ISCSI_SENDTARGETS_NAMED:
		if (!strcasecmp(value, conn->tgt->tgt.name))
			answer_this_target(conn, b);
		break;
	default:
		/* "All" belongs to discovery sessions (RFC 7143 appendix C). */
		iscsi_text_add(b, "SendTargets", "Reject");
		break;
	}
}

/* A declaration wants no answer; what we send from now on is no longer than it says. */
static void take_max_recv(struct iscst_conn *conn, struct iscsi_text_buf *b, const char *key, const char *value)
{
	u32 len;

	if (iscsi_number_parse(value, false, &len) || len < ISCSI_DSL_MIN || len > ISCSI_DSL_MAX)
		iscsi_text_add(b, key, "Reject");
	else
		conn->max_xmit = min(len, iscst_attr(conn, ISCSI_KEY_MAX_XMIT_DSL));
}

static void answer_text(struct iscst_conn *conn, struct iscsi_text_buf *b)
{
	const struct iscsi_text_xchg *x = &conn->text->xchg;
	char key[ISCSI_TEXT_KEY_MAX + 1];
	const char *value;
	u32 pos = 0;

	while ((value = iscsi_text_next(x->in, x->in_len, &pos, key))) {
		if (!strcmp(key, "SendTargets"))
			answer_sendtargets(conn, b, value);
		else if (!strcmp(key, "MaxRecvDataSegmentLength"))
			take_max_recv(conn, b, key, value);
		else if (strcmp(key, "InitiatorAlias"))
			iscsi_text_add(b, key, "NotUnderstood");
	}
}

static void text_respond(struct iscst_conn *conn)
{
	const struct iscsi_text_xchg *x = &conn->text->xchg;
	struct iscst_misc *misc = misc_get_slot(conn, ISCSI_OP_TEXT_RSP);

	if (WARN_ON_ONCE(!misc))
		return;
	memcpy(misc->bhs, x->bhs, sizeof(misc->bhs));
	misc->data = x->out;
	misc->data_len = x->out_len;
	iscst_tx_queue(conn, &misc->t);
}

void iscst_rx_text_end(struct iscst_conn *conn, bool digest_ok)
{
	u32 max = min_t(u32, conn->max_xmit, TEXT_ANSWER_MAX);
	struct iscst_text *text = conn->text;
	enum iscsi_text_effect effect;
	struct iscsi_text_buf b = { .data = text->answer, .size = sizeof(text->answer) };

	if (!digest_ok)
		return;
	effect = iscsi_text_feed(&text->xchg, conn->rx.bhs, text->rx, conn->rx.len, max);
	if (effect == ISCSI_TEXT_ANSWER) {
		answer_text(conn, &b);
		effect = iscsi_text_answer(&text->xchg, text->answer, b.len, max);
	}
	if (effect == ISCSI_TEXT_REJECT)
		iscst_reject(conn, conn->rx.bhs, text->xchg.reason);
	else
		text_respond(conn);
}
