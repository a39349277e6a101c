// SPDX-License-Identifier: GPL-2.0
/*
 * Sending: slots become PDUs, PDUs become bvecs, a batch of bvecs goes to TCP under one socket lock.
 *
 * Headers, digests and small data are written one after another into a ring of pages; larger data go as references to their
 * own pages. A page of the ring is written again only when its bytes are with TCP and TCP has dropped its references: nothing
 * that may still be (re)transmitted is ever overwritten.
 */
#include <linux/crc32c.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "iscst_conn.h"

#define CRC_SEED	0xffffffffU
#define TX_BVEC_SLACK	32	/* entries that copying one PDU can take */
#define TX_BATCHES	8	/* per turn */

/* ---- ring */

static struct page *ring_alloc(u32 *size)
{
	struct page *page;

	page = scst_alloc_pages(ISCST_RING_ORDER);
	*size = PAGE_SIZE << ISCST_RING_ORDER;
	if (page)
		return page;
	*size = PAGE_SIZE;
	return scst_alloc_pages(0);
}

/* Makes the page ready to be written from its start. */
static bool ring_prepare(struct iscst_tx *tx, struct iscst_ring_page *rp)
{
	struct page *page;
	u32 size;

	if (rp->page && rp->last > tx->done)
		return false;
	if (rp->page && page_ref_count(rp->page) == 1)
		return true;
	page = ring_alloc(&size);
	if (!page)
		return false;
	if (rp->page)
		put_page(rp->page);
	rp->page = page;
	rp->size = size;
	return true;
}

u32 iscst_tx_room(struct iscst_conn *conn, u32 min, u32 want)
{
	struct iscst_tx *tx = &conn->tx;
	u32 room = tx->ring[tx->cur].size - tx->off;
	unsigned int i;

	if (tx->nr + TX_BVEC_SLACK > ISCST_TX_BVECS || tx->queued - tx->done > ISCST_TX_BATCH)
		return 0;
	for (i = 1; i < ISCST_RING_PAGES && (i <= tx->ready || room < want); i++) {
		struct iscst_ring_page *rp = &tx->ring[(tx->cur + i) % ISCST_RING_PAGES];

		if (i > tx->ready) {
			if (!ring_prepare(tx, rp))
				break;
			tx->ready = i;
		}
		room += rp->size;
	}
	return room >= min ? min(room, want) : 0;
}

static void tx_add_bvec(struct iscst_tx *tx, struct page *page, u32 len, u32 offset)
{
	struct bio_vec *last = tx->nr > tx->pos ? &tx->bv[tx->nr - 1] : NULL;

	tx->queued += len;
	if (last && last->bv_page == page && last->bv_offset + last->bv_len == offset) {
		last->bv_len += len;
		return;
	}
	bvec_set_page(&tx->bv[tx->nr++], page, len, offset);
}

/* Appends to the ring; the caller has asked for the room. @crc sums the copy: the source may be file data that change. */
static void ring_write(struct iscst_tx *tx, const void *data, u32 len, u32 *crc)
{
	while (len) {
		struct iscst_ring_page *rp = &tx->ring[tx->cur];
		u32 n = min(len, rp->size - tx->off);
		void *to = page_address(rp->page) + tx->off;

		if (!n) {
			if (WARN_ON_ONCE(!tx->ready))
				return;
			tx->cur = (tx->cur + 1) % ISCST_RING_PAGES;
			tx->ready--;
			tx->off = 0;
			continue;
		}
		memcpy(to, data, n);
		if (crc)
			*crc = crc32c(*crc, to, n);
		tx_add_bvec(tx, rp->page, n, tx->off);
		rp->last = tx->queued;
		tx->off += n;
		data += n;
		len -= n;
	}
}

int iscst_tx_init(struct iscst_conn *conn)
{
	struct iscst_tx *tx = &conn->tx;

	INIT_LIST_HEAD(&tx->prio);
	INIT_LIST_HEAD(&tx->r2ts);
	INIT_LIST_HEAD(&tx->queue);
	INIT_LIST_HEAD(&tx->sent);
	tx->bv = kvcalloc(ISCST_TX_BVECS, sizeof(*tx->bv), GFP_KERNEL);
	if (!tx->bv || !ring_prepare(tx, &tx->ring[0]))
		return -ENOMEM;
	return 0;
}

void iscst_tx_free(struct iscst_conn *conn)
{
	unsigned int i;

	for (i = 0; i < ISCST_RING_PAGES; i++)
		if (conn->tx.ring[i].page)
			put_page(conn->tx.ring[i].page);
	kvfree(conn->tx.bv);
}

/* ---- composing */

int iscst_tx_login(struct iscst_conn *conn, const u8 *response, unsigned int len)
{
	if (!iscst_tx_room(conn, len, len))
		return -ENOMEM;
	ring_write(&conn->tx, response, len, NULL);
	conn->tx.since = jiffies;
	return 0;
}

static u32 max_cmdsn(struct iscst_conn *conn)
{
	u32 queued = min(iscst_attr(conn, ISCSI_KEY_QUEUED_COMMANDS), conn->queue_limit);

	return iscsi_window_max(&conn->window, queued, conn->nr_windowed);
}

void iscst_tx_begin(struct iscst_conn *conn, u8 *bhs, u32 data_len, enum iscst_statsn statsn)
{
	__le32 digest;

	put_unaligned_be24(data_len, bhs + ISCSI_OFF_DATA_LEN);
	if (statsn != ISCST_STATSN_NONE)
		put_unaligned_be32(conn->statsn, bhs + ISCSI_OFF_STATSN);
	if (statsn == ISCST_STATSN_TAKE)
		conn->statsn++;
	put_unaligned_be32(conn->window.exp, bhs + ISCSI_OFF_EXPCMDSN);
	put_unaligned_be32(max_cmdsn(conn), bhs + ISCSI_OFF_MAXCMDSN);
	ring_write(&conn->tx, bhs, ISCSI_BHS_LEN, NULL);
	if (conn->header_digest) {
		digest = cpu_to_le32(~crc32c(CRC_SEED, bhs, ISCSI_BHS_LEN));
		ring_write(&conn->tx, &digest, sizeof(digest), NULL);
	}
	conn->tx.crc = CRC_SEED;
}

void iscst_tx_copy(struct iscst_conn *conn, const void *data, u32 len)
{
	ring_write(&conn->tx, data, len, conn->data_digest ? &conn->tx.crc : NULL);
}

u32 iscst_tx_ref_len(struct iscst_conn *conn, const struct scst_buf *buf, struct iscst_cursor *cur, u32 off, u32 len)
{
	unsigned int i, pages = 0;
	u32 got = 0;

	if (!iscst_cursor_seek(buf, cur, off))
		return 0;
	for (i = cur->bv; i < buf->nr && got < len && pages < ISCST_TX_REF_BVECS; i++, pages++) {
		if (!sendpage_ok(buf->bv[i].bv_page))
			break;
		got += buf->bv[i].bv_len - (i == cur->bv ? off - cur->base : 0);
	}
	return min(got, len);
}

void iscst_tx_pages(struct iscst_conn *conn, const struct scst_buf *buf, struct iscst_cursor *cur, u32 off, u32 len,
		    bool copy)
{
	while (len && !WARN_ON_ONCE(!iscst_cursor_seek(buf, cur, off))) {
		struct bio_vec *bv = &buf->bv[cur->bv];
		u32 in_bv = off - cur->base;
		u32 n = min(len, bv->bv_len - in_bv);

		if (copy) {
			iscst_tx_copy(conn, bvec_virt(bv) + in_bv, n);
		} else {
			tx_add_bvec(&conn->tx, bv->bv_page, n, bv->bv_offset + in_bv);
			if (conn->data_digest)
				conn->tx.crc = crc32c(conn->tx.crc, bvec_virt(bv) + in_bv, n);
		}
		off += n;
		len -= n;
	}
}

void iscst_tx_end(struct iscst_conn *conn, u32 data_len)
{
	static const u8 zeros[3];
	__le32 digest;

	if (!data_len)
		return;
	iscst_tx_copy(conn, zeros, iscsi_padded(data_len) - data_len);
	if (conn->data_digest) {
		digest = cpu_to_le32(~conn->tx.crc);
		ring_write(&conn->tx, &digest, sizeof(digest), NULL);
	}
}

void iscst_told(struct iscst_conn *conn)
{
	conn->told_statsn = conn->statsn - 1;
	set_bit(ISCST_EV_UNHEARD, &conn->events);
}

void iscst_told_acked(struct iscst_conn *conn, u32 exp_statsn)
{
	if (iscsi_sn_lt(conn->told_statsn, exp_statsn))
		clear_bit(ISCST_EV_UNHEARD, &conn->events);
}

void iscst_loss_note(struct iscst_conn *conn, const struct scst_cmd *cmd)
{
	struct iscst_loss l = { .statsn = conn->statsn - 1 };

	if (likely(!cmd->ua_pending))
		return;
	if (!scst_cmd_tells_loss(cmd, &l.loss)) {
		iscst_told(conn);
		return;
	}
	if (conn->nr_losses == ISCST_LOSSES) {
		scst_loss_untold(&conn->losses[0].loss);
		memmove(conn->losses, conn->losses + 1, --conn->nr_losses * sizeof(l));
	}
	conn->losses[conn->nr_losses++] = l;
}

void iscst_losses_acked(struct iscst_conn *conn, u32 exp_statsn)
{
	unsigned int i, left = 0;

	for (i = 0; i < conn->nr_losses; i++)
		if (iscsi_sn_lt(conn->losses[i].statsn, exp_statsn))
			scst_loss_told(&conn->losses[i].loss);
		else
			conn->losses[left++] = conn->losses[i];
	conn->nr_losses = left;
}

void iscst_losses_untold(struct iscst_conn *conn)
{
	unsigned int i;

	for (i = 0; i < conn->nr_losses; i++)
		scst_loss_untold(&conn->losses[i].loss);
	conn->nr_losses = 0;
}

void iscst_tx_composed(struct iscst_conn *conn, struct iscst_task *t)
{
	t->tx_end = conn->tx.queued;
	list_move_tail(&t->link, &conn->tx.sent);
}

/* One PDU of the slot at the head of a list; false: no room now. */
static bool compose_task(struct iscst_conn *conn, struct iscst_task *t)
{
	switch (t->kind) {
	case ISCST_CMD:
		return iscst_compose_cmd(conn, to_iscst_cmd(t));
	case ISCST_TMF:
		return iscst_compose_tmf(conn, to_iscst_tmf(t));
	default:
		return iscst_compose_misc(conn, to_iscst_misc(t));
	}
}

static bool compose_one(struct iscst_conn *conn)
{
	struct iscst_tx *tx = &conn->tx;

	if (tx->ended)
		return false;
	if (!list_empty(&tx->prio))
		return compose_task(conn, list_first_entry(&tx->prio, struct iscst_task, link));
	if (!list_empty(&tx->r2ts))
		return iscst_compose_r2t(conn, list_first_entry(&tx->r2ts, struct iscst_cmd, r2t_link));
	if (!list_empty(&tx->queue))
		return compose_task(conn, list_first_entry(&tx->queue, struct iscst_task, link));
	return false;
}

static bool tx_waiting(const struct iscst_tx *tx)
{
	return !tx->ended && (!list_empty(&tx->prio) || !list_empty(&tx->r2ts) || !list_empty(&tx->queue));
}

bool iscst_tx_idle(const struct iscst_conn *conn)
{
	return conn->tx.queued == conn->tx.done && !tx_waiting(&conn->tx);
}

/* ---- sending */

static void task_sent(struct iscst_conn *conn, struct iscst_task *t)
{
	switch (t->kind) {
	case ISCST_CMD:
		iscst_cmd_free(to_iscst_cmd(t));
		break;
	case ISCST_TMF:
		iscst_tmf_sent(to_iscst_tmf(t));
		break;
	default:
		iscst_misc_sent(to_iscst_misc(t));
		break;
	}
}

/* TCP has taken @len bytes. */
static void tx_advance(struct iscst_conn *conn, u32 len)
{
	struct iscst_tx *tx = &conn->tx;
	struct iscst_task *t, *next;

	tx->done += len;
	tx->since = jiffies;
	while (len) {
		struct bio_vec *bv = &tx->bv[tx->pos];
		u32 n = min(len, bv->bv_len);

		bv->bv_offset += n;
		bv->bv_len -= n;
		len -= n;
		if (!bv->bv_len)
			tx->pos++;
	}
	if (tx->pos == tx->nr)
		tx->pos = tx->nr = 0;
	list_for_each_entry_safe(t, next, &tx->sent, link) {
		if (t->tx_end > tx->done)
			break;
		task_sent(conn, t);
	}
}

/* False: the socket is full or broken. */
static bool tx_send(struct iscst_conn *conn)
{
	struct iscst_tx *tx = &conn->tx;
	struct sock *sk = conn->sock->sk;
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	u64 total = tx->queued - tx->done;
	int ret;

	/* Without MSG_MORE the last piece leaves at once: nobody else would push it. */
	if (tx_waiting(tx))
		flags |= MSG_MORE;
	lock_sock(sk);
	ret = scst_tcp_send_pages_locked(sk, &tx->bv[tx->pos], tx->nr - tx->pos, total, flags);
	release_sock(sk);
	if (ret > 0)
		tx_advance(conn, ret);
	if (ret == total)
		return true;
	if (ret >= 0 || ret == -EAGAIN) {
		tx->blocked = true;
		return false;
	}
	tx->failed = true;
	iscst_conn_close(conn, "cannot send");
	return false;
}

bool iscst_tx(struct iscst_conn *conn)
{
	struct iscst_tx *tx = &conn->tx;
	int i;

	if (tx->failed || conn->half_closed || iscst_tx_idle(conn))
		return false;
	/* Until sk_write_space(): it comes, because the send that failed has set SOCK_NOSPACE. */
	if (tx->blocked && !sk_stream_is_writeable(conn->sock->sk))
		return false;
	tx->blocked = false;
	for (i = 0; i < TX_BATCHES; i++) {
		if (!tx->nr)
			tx->since = jiffies;
		while (compose_one(conn))
			;
		if (!tx->nr)
			break;
		if (!tx_send(conn) || conn->half_closed)
			return false;
	}
	if (tx->nr || !tx_waiting(tx))
		return tx->nr;
	if (i == TX_BATCHES)
		return true;
	/* Not even a page for headers: soon again. */
	mod_timer(&conn->timer, jiffies + max(HZ / 50, 1));
	return false;
}
