// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving: the bytes of the socket become PDUs; data go straight into the pages of their command.
 *
 * tcp_read_sock() calls rx_actor() under the socket lock. The actor parses and copies, nothing else; what is complete waits on
 * conn->ready and is handed to the core after release_sock(), because a sleep under the lock would stall ACKs.
 */
#include <linux/crc32c.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "iscst_conn.h"

#define CRC_SEED	0xffffffffU
#define PEEK_LEN	8	/* of a header: up to DataSegmentLength */

static void rx_enter(struct iscst_rx *rx, enum iscst_rx_state state, u32 left)
{
	rx->state = state;
	rx->left = left;
	rx->pos = 0;
}

void iscst_rx_init(struct iscst_conn *conn)
{
	rx_enter(&conn->rx, ISCST_RX_BHS, ISCSI_BHS_LEN);
}

void iscst_rx_swallow(struct iscst_conn *conn, struct iscst_task *t)
{
	if (conn->rx.task == t) {
		conn->rx.buf = NULL;
		conn->rx.sink = 0;
	}
}

void iscst_rx_forget(struct iscst_conn *conn, struct iscst_task *t)
{
	iscst_rx_swallow(conn, t);
	if (conn->rx.task == t)
		conn->rx.task = NULL;
}

void iscst_rx_into_pages(struct iscst_conn *conn, struct iscst_task *t, struct scst_buf *buf, u32 off, u32 len,
			 struct iscst_cursor *cur)
{
	struct iscst_rx *rx = &conn->rx;

	rx->task = t;
	rx->buf = buf;
	rx->buf_off = off;
	rx->sink = min(len, rx->len);
	rx->cur = cur ? cur : &rx->own_cur;
	if (!cur)
		rx->own_cur = (struct iscst_cursor){ 0, 0 };
}

void iscst_rx_into_mem(struct iscst_conn *conn, u8 *mem, u32 len)
{
	conn->rx.mem = mem;
	conn->rx.sink = min(len, conn->rx.len);
}

bool iscst_cursor_seek(const struct scst_buf *buf, struct iscst_cursor *cur, u32 off)
{
	if (off < cur->base) {
		cur->bv = 0;
		cur->base = 0;
	}
	while (cur->bv < buf->nr && off - cur->base >= buf->bv[cur->bv].bv_len) {
		cur->base += buf->bv[cur->bv].bv_len;
		cur->bv++;
	}
	return cur->bv < buf->nr;
}

/* The stretch of memory where the next byte of the data segment goes; NULL: nowhere, it is swallowed. */
static u8 *rx_place(struct iscst_rx *rx, u32 *len)
{
	struct bio_vec *bv;
	u32 in_bv;

	if (rx->pos >= rx->sink)
		return NULL;
	*len = min(*len, rx->sink - rx->pos);
	if (rx->mem)
		return rx->mem + rx->pos;
	if (!rx->buf || !iscst_cursor_seek(rx->buf, rx->cur, rx->buf_off))
		return NULL;
	bv = &rx->buf->bv[rx->cur->bv];
	in_bv = rx->buf_off - rx->cur->base;
	*len = min(*len, bv->bv_len - in_bv);
	return bvec_virt(bv) + in_bv;
}

/* Up to @len bytes of the data segment: each piece is summed right after the copy, while it is in the cache. */
static u32 rx_data(struct iscst_conn *conn, struct sk_buff *skb, unsigned int offset, u32 len)
{
	struct iscst_rx *rx = &conn->rx;
	bool sum = conn->data_digest;
	u8 scratch[64];
	u8 *to;

	to = rx_place(rx, &len);
	if (!to) {
		/* What is past the buffer still counts for the digest of what is in it. */
		if (!sum || !(rx->task || rx->mem))
			return len;
		len = min_t(u32, len, sizeof(scratch));
		to = scratch;
	} else if (!rx->mem) {
		rx->buf_off += len;
	}
	if (skb_copy_bits(skb, offset, to, len))
		return 0;
	if (sum)
		rx->crc = crc32c(rx->crc, to, len);
	return len;
}

/* Takes bytes of the current state; 0: the skb cannot be read. */
static u32 rx_take(struct iscst_conn *conn, struct sk_buff *skb, unsigned int offset, u32 len)
{
	struct iscst_rx *rx = &conn->rx;
	u8 pad[3];
	u8 *to;

	len = min(len, rx->left);
	switch (rx->state) {
	case ISCST_RX_DATA:
		return rx_data(conn, skb, offset, len);
	case ISCST_RX_BHS:
		to = rx->bhs + rx->pos;
		break;
	case ISCST_RX_AHS:
		to = rx->ahs + rx->pos;
		break;
	case ISCST_RX_PAD:
		to = pad;
		break;
	default:
		to = rx->digest + rx->pos;
		break;
	}
	if (skb_copy_bits(skb, offset, to, len))
		return 0;
	if (rx->state == ISCST_RX_PAD && conn->data_digest)
		rx->crc = crc32c(rx->crc, pad, len);
	return len;
}

static bool header_digest_ok(const struct iscst_rx *rx)
{
	u32 crc = crc32c(CRC_SEED, rx->bhs, ISCSI_BHS_LEN);

	crc = crc32c(crc, rx->ahs, iscsi_ahs_len(rx->bhs));
	return get_unaligned_le32(rx->digest) == ~crc;
}

/* CmdSN of a request that is not immediate; false: it is not to be executed. */
static bool rx_in_order(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;

	if ((rx->bhs[0] & ISCSI_IMMEDIATE) || !iscsi_pdu_has_cmdsn(rx->bhs))
		return true;
	switch (iscsi_window_take(&conn->window, get_unaligned_be32(rx->bhs + ISCSI_OFF_CMDSN))) {
	case ISCSI_WINDOW_TAKE:
		return true;
	case ISCSI_WINDOW_GAP:
		/* One connection delivers in order: what is missing was never sent, and nothing after it may run. */
		rx->why = "a command number is missing";
		return false;
	default:
		return false;
	}
}

/* A whole header is there: decides where the data segment goes. */
static void rx_header(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;

	rx->len = iscsi_data_len(rx->bhs);
	rx->crc = CRC_SEED;
	rx->task = NULL;
	rx->buf = NULL;
	rx->mem = NULL;
	rx->sink = 0;
	rx->burst_end = false;
	if (unlikely(conn->nr_losses))
		iscst_losses_acked(conn, get_unaligned_be32(rx->bhs + ISCSI_OFF_EXPSTATSN));
	if (unlikely(test_bit(ISCST_EV_UNHEARD, &conn->events)))
		iscst_told_acked(conn, get_unaligned_be32(rx->bhs + ISCSI_OFF_EXPSTATSN));
	if (!rx_in_order(conn))
		return;

	switch (iscsi_opcode(rx->bhs)) {
	case ISCSI_OP_SCSI_CMD:
		iscst_rx_scsi_cmd(conn);
		break;
	case ISCSI_OP_DATA_OUT:
		iscst_rx_data_out(conn);
		break;
	case ISCSI_OP_NOP_OUT:
		iscst_rx_nop(conn);
		break;
	case ISCSI_OP_TMF:
		iscst_rx_tmf(conn);
		break;
	case ISCSI_OP_TEXT:
		iscst_rx_text(conn);
		break;
	case ISCSI_OP_LOGOUT:
		iscst_rx_logout(conn);
		break;
	case ISCSI_OP_SNACK:
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_SNACK);
		break;
	case ISCSI_OP_LOGIN:
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_PROTOCOL);
		break;
	default:
		iscst_reject(conn, rx->bhs, ISCSI_REJECT_UNSUPPORTED);
		break;
	}
}

/* The last byte of a PDU is there. */
static void rx_end(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;
	struct iscst_task *t = rx->task;
	bool ok = true;

	if (conn->data_digest && rx->len)
		ok = get_unaligned_le32(rx->digest) == ~rx->crc;
	rx->task = NULL;
	rx->budget--;

	switch (iscsi_opcode(rx->bhs)) {
	case ISCSI_OP_SCSI_CMD:
		if (t)
			iscst_rx_scsi_cmd_end(conn, to_iscst_cmd(t), ok);
		break;
	case ISCSI_OP_DATA_OUT:
		if (t)
			iscst_rx_data_out_end(conn, to_iscst_cmd(t), ok);
		break;
	case ISCSI_OP_NOP_OUT:
		if (t)
			iscst_rx_nop_end(conn, to_iscst_misc(t), ok);
		break;
	case ISCSI_OP_TEXT:
		if (rx->mem)
			iscst_rx_text_end(conn, ok);
		break;
	}
	rx->buf = NULL;
	rx->mem = NULL;
	rx->sink = 0;
}

/* The current state has all its bytes: goes to the next one that wants some. */
static void rx_next(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;

	switch (rx->state) {
	case ISCST_RX_BHS:
		rx->why = iscsi_pdu_check(rx->bhs, conn->max_recv);
		if (rx->why)
			return;
		if (iscsi_ahs_len(rx->bhs)) {
			rx_enter(rx, ISCST_RX_AHS, iscsi_ahs_len(rx->bhs));
			return;
		}
		fallthrough;
	case ISCST_RX_AHS:
		if (conn->header_digest) {
			rx_enter(rx, ISCST_RX_HDIGEST, ISCSI_DIGEST_LEN);
			return;
		}
		fallthrough;
	case ISCST_RX_HDIGEST:
		if (conn->header_digest && !header_digest_ok(rx)) {
			rx->why = "header digest error";
			return;
		}
		rx_header(conn);
		if (rx->why)
			return;
		if (rx->len) {
			rx_enter(rx, ISCST_RX_DATA, rx->len);
			return;
		}
		break;
	case ISCST_RX_DATA:
		if (rx->len % 4) {
			rx_enter(rx, ISCST_RX_PAD, 4 - rx->len % 4);
			return;
		}
		fallthrough;
	case ISCST_RX_PAD:
		if (conn->data_digest) {
			rx_enter(rx, ISCST_RX_DDIGEST, ISCSI_DIGEST_LEN);
			return;
		}
		break;
	}
	rx_end(conn);
	rx_enter(rx, ISCST_RX_BHS, ISCSI_BHS_LEN);
}

static bool rx_stop(const struct iscst_conn *conn)
{
	const struct iscst_rx *rx = &conn->rx;

	if (rx->why || rx->defer)
		return true;
	return rx->state == ISCST_RX_BHS && !rx->pos && (rx->budget <= 0 || !iscst_misc_room(conn));
}

static int rx_actor(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset, size_t len)
{
	struct iscst_conn *conn = desc->arg.data;
	struct iscst_rx *rx = &conn->rx;
	size_t used = 0;
	u32 n;

	while (used < len && !rx_stop(conn)) {
		if (conn->discard)
			return len;
		n = rx_take(conn, skb, offset + used, len - used);
		if (!n) {
			rx->why = "unreadable packet";
			break;
		}
		used += n;
		rx->pos += n;
		rx->left -= n;
		if (!rx->left)
			rx_next(conn);
	}
	return used;
}

/* Bytes until the PDU is complete, as far as its header is known. */
static u32 rx_missing(const struct iscst_conn *conn)
{
	const struct iscst_rx *rx = &conn->rx;
	u32 tail = conn->data_digest ? ISCSI_DIGEST_LEN : 0;

	switch (rx->state) {
	case ISCST_RX_DATA:
		return rx->left + iscsi_padded(rx->len) - rx->len + tail;
	case ISCST_RX_PAD:
		return rx->left + tail;
	default:
		return rx->left;
	}
}

/* Length of the PDU at the head of the receive queue; one header when that is not known. */
static u32 rx_peek(struct iscst_conn *conn, struct sock *sk)
{
	u32 need = ISCSI_BHS_LEN + (conn->header_digest ? ISCSI_DIGEST_LEN : 0);
	struct sk_buff *skb;
	u8 head[PEEK_LEN];
	u32 offset;

	skb = tcp_recv_skb(sk, READ_ONCE(tcp_sk(sk)->copied_seq), &offset);
	if (!skb || offset + PEEK_LEN > skb->len || skb_copy_bits(skb, offset, head, PEEK_LEN))
		return need;
	/* Never wait for what is going to be refused. */
	if (iscsi_pdu_check(head, conn->max_recv))
		return need;
	need += iscsi_ahs_len(head);
	if (iscsi_data_len(head))
		need += iscsi_padded(iscsi_data_len(head)) + (conn->data_digest ? ISCSI_DIGEST_LEN : 0);
	return need;
}

bool iscst_rx_incomplete(struct iscst_conn *conn, struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 avail = tp->rcv_nxt - READ_ONCE(tp->copied_seq);
	u32 need;

	if (sk->sk_shutdown || sk->sk_err || sock_flag(sk, SOCK_DONE))
		return false;
	if (conn->rx.state == ISCST_RX_BHS && !conn->rx.pos)
		need = rx_peek(conn, sk);
	else
		need = rx_missing(conn);
	need = min_t(u32, need, ISCST_LOWAT_MAX);
	/* Called although the mark is not reached: the window or the memory is at its end, waiting would be for ever. */
	if (avail >= need || sk->sk_rcvlowat >= need)
		return false;
	WRITE_ONCE(sk->sk_rcvlowat, need);
	/* Nor will it be called again when the window or the memory is at its end already. */
	return !tcp_epollin_ready(sk, need);
}

/* One pass under the socket lock; false: the connection has ended. */
static bool rx_pass(struct iscst_conn *conn)
{
	struct sock *sk = conn->sock->sk;
	read_descriptor_t desc = { .arg.data = conn, .count = 1 };
	bool ended = false;
	int ret;

	lock_sock(sk);
	ret = tcp_read_sock(sk, &desc, rx_actor);
	if (!rx_stop(conn)) {
		WRITE_ONCE(sk->sk_rcvlowat, min_t(u32, rx_missing(conn), ISCST_LOWAT_MAX));
		ended = sk->sk_err || (sk->sk_shutdown & RCV_SHUTDOWN) || sk->sk_state == TCP_CLOSE || ret < 0;
	}
	release_sock(sk);
	if (ret > 0)
		conn->last_rx = jiffies;
	return !ended;
}

bool iscst_rx(struct iscst_conn *conn)
{
	struct iscst_rx *rx = &conn->rx;
	struct iscst_cmd *cmd;
	bool open;

	rx->budget = ISCST_RX_BUDGET;
	do {
		open = rx_pass(conn);
		cmd = rx->defer;
		rx->defer = NULL;
		if (cmd)
			iscst_cmd_alloc(cmd);
	} while (cmd && !rx->why && open);

	if (rx->why || !open) {
		conn->discard = true;
		iscst_conn_close(conn, rx->why ? rx->why : "closed by the initiator");
		return false;
	}
	/* A pause for want of slots ends when one is freed: iscst_misc_free(). */
	conn->rx_paused = !iscst_misc_room(conn);
	return rx_stop(conn) && !conn->rx_paused;
}
