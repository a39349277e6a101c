/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the data rooms (conn.c rx.c tx.c scsi_cmd.c tmf.c misc_pdu.c) share: the connection and its slots.
 *
 * Everything below belongs to io_work alone unless a field says otherwise. A request lives in a slot, a struct iscst_task
 * inside a command, a task management function or a small PDU. The slot is on one list at a time:
 *
 *	free -> (waiting: data are still to come) -> ready -> [core] -> tx or prio -> sent -> free
 *
 * A logout is on no list between ready and tx: conn->logout.
 */
#ifndef ISCST_CONN_H
#define ISCST_CONN_H

#include <linux/bvec.h>
#include <linux/hashtable.h>
#include <linux/sched/mm.h>

#include "iscst.h"
#include "pdu.h"
#include "seq.h"

#define ISCST_IMMEDIATE_MAX	8	/* immediate SCSI commands at one time; more: Reject 0x06 */
#define ISCST_SPARE_SLOTS	2	/* a response may be half sent when its window is already used */
#define ISCST_MISC_SLOTS	32	/* small PDUs under way; beyond them receiving pauses */
#define ISCST_ECHO_MAX		ISCSI_SEGMENT_MAX	/* data of all pings under way: any single one has room */
#define ISCST_R2T_MAX		4	/* outstanding per command, if the initiator allows it */
#define ISCST_ITT_HASH_BITS	7

#define ISCST_RX_BUDGET		32	/* PDUs per turn */
#define ISCST_TURN_NS		(2 * NSEC_PER_MSEC)
#define ISCST_LOWAT_MAX		65536
#define ISCST_ALLOC_INLINE	32768	/* larger buffers are not allocated under the socket lock */

#define ISCST_RING_PAGES	8
#define ISCST_RING_ORDER	3
#define ISCST_TX_BVECS		512
#define ISCST_TX_REF_BVECS	256	/* of them for the data of one PDU */
#define ISCST_COPY_MAX		8192	/* READ data up to this size are copied into the ring */
#define ISCST_COPY_PDU		65536	/* largest data segment when data are copied */
#define ISCST_TX_BATCH		(1U << 20)

#define ISCST_ABORT_WAIT	(10 * HZ)	/* for data already asked for by R2T (spec 3.7) */
#define ISCST_CLOSE_WAIT	(10 * HZ)	/* for the initiator's FIN after ours */
#define ISCST_LOGOUT_WAIT	(10 * HZ)	/* for the commands of one that logs out; open-iscsi gives up after 15 s */

/* Sense codes of the transport (RFC 7143 11.4.7.2). */
#define ISCST_SENSE_UNEXPECTED_DATA	SCSI_SENSE(0xb, 0x0c, 0x0c)
#define ISCST_SENSE_TOO_MUCH_DATA	SCSI_SENSE(0xb, 0x0c, 0x0d)
#define ISCST_SENSE_CRC_ERROR		SCSI_SENSE(0xb, 0x47, 0x05)
#define ISCST_SENSE_BIDI		SCSI_SENSE(0x5, 0x26, 0x02)

enum iscst_kind {
	ISCST_CMD,
	ISCST_TMF,
	ISCST_MISC,
};

/**
 * struct iscst_task - what all slots have in common
 * @conn: owner of the slot
 * @link: the list the slot is on
 * @done: conn->done, appended to by anybody
 * @tx_end: value of conn->tx_sent at which its last byte is with TCP
 * @kind: enum iscst_kind
 */
struct iscst_task {
	struct iscst_conn *conn;
	struct list_head link;
	struct llist_node done;
	u64 tx_end;
	u8 kind;
};

/**
 * struct iscst_cursor - place in a command's pages
 * @bv: index of the entry
 * @base: bytes before it
 */
struct iscst_cursor {
	unsigned int bv;
	u32 base;
};

struct iscst_r2t {
	u32 ttt;
	struct iscsi_burst burst;
};

/**
 * struct iscst_cmd - a SCSI command
 * @cmd: core's part
 * @itt_link: conn->itt_hash while @hashed
 * @r2t_link: conn->r2ts while an R2T is to be sent
 * @itt: Initiator Task Tag
 * @cmdsn: CmdSN
 * @immediate: came with the I bit
 * @hashed: found by its tag: until its response is composed
 * @windowed: counts against the CmdSN window: until its response is composed
 * @stopped: no (more) R2T: refused, failed or aborted; what still comes is swallowed
 * @unsol_open: unsolicited Data-Out PDUs follow
 * @bidi_len: bytes that a bidirectional command, which is refused, wants to read
 * @want: bytes to receive into the pages
 * @got: bytes received into them
 * @r2t_off: where the next R2T begins
 * @r2tsn: R2TSN of the next R2T
 * @nr_r2t: outstanding ones, in @r2t
 * @unsol: immediate and unsolicited data
 * @since: last progress of the data, or when it was stopped
 * @in_len: Data-In bytes to send
 * @in_off: Data-In bytes composed
 * @datasn: DataSN of the next Data-In
 * @cur: place in the pages, of receiving or of sending
 */
struct iscst_cmd {
	struct iscst_task t;
	struct hlist_node itt_link;
	struct list_head r2t_link;
	u32 itt;
	u32 cmdsn;
	bool immediate;
	bool hashed;
	bool windowed;
	bool stopped;
	bool unsol_open;
	u8 nr_r2t;
	u32 bidi_len;
	u32 want;
	u32 got;
	u32 r2t_off;
	u32 r2tsn;
	struct iscsi_burst unsol;
	struct iscst_r2t r2t[ISCST_R2T_MAX];
	unsigned long since;
	u32 in_len;
	u32 in_off;
	u32 datasn;
	struct iscst_cursor cur;
	struct scst_cmd cmd;
	u8 cdb[SCSI_CDB_MAX];
};

/**
 * struct iscst_tmf - a task management function
 * @tmf: core's part
 * @itt: Initiator Task Tag
 * @response: enum iscsi_tmf_response, or -1 until the core has answered
 * @cold_reset: close all sessions of the target when the response is sent
 */
struct iscst_tmf {
	struct iscst_task t;
	struct scst_tmf tmf;
	u32 itt;
	int response;
	bool cold_reset;
};

enum iscst_after {
	ISCST_AFTER_NOTHING,
	ISCST_AFTER_PING,	/* our ping is out: its timeout runs */
	ISCST_AFTER_CLOSE,	/* half close, then wait for the initiator's */
};

/**
 * struct iscst_misc - a small PDU: NOP-In, Text, Logout Response, Reject, Asynchronous Message
 * @bhs: header without sequence numbers
 * @data: small data segment, copied when the PDU is composed; in memory of the slot or the connection
 * @data_len: its bytes, or those of @buf
 * @buf: pages with the data of a ping to echo
 * @statsn: enum iscst_statsn
 * @after: enum iscst_after, when the last byte is with TCP
 * @copy: Reject: header of the rejected PDU; Asynchronous Message: length and sense data
 */
struct iscst_misc {
	struct iscst_task t;
	u8 bhs[ISCSI_BHS_LEN];
	const void *data;
	u32 data_len;
	struct scst_buf buf;
	u8 statsn;
	u8 after;
	u8 copy[ISCSI_BHS_LEN];
};

enum iscst_rx_state {
	ISCST_RX_BHS,
	ISCST_RX_AHS,
	ISCST_RX_HDIGEST,
	ISCST_RX_DATA,
	ISCST_RX_PAD,
	ISCST_RX_DDIGEST,
};

/**
 * struct iscst_rx - the PDU being received; touched under the socket lock
 * @state: enum iscst_rx_state
 * @left: bytes that the state still wants
 * @pos: bytes of the state that have come
 * @budget: PDUs left in this turn
 * @len: DataSegmentLength
 * @crc: running CRC32C of the data segment
 * @digest: a digest as received
 * @task: slot the PDU belongs to, NULL: its data are swallowed
 * @sink: bytes of the data segment that go into @task's pages or @mem; the rest is swallowed
 * @mem: the data segment goes here instead of pages
 * @buf: pages the data segment goes into
 * @buf_off: place in them
 * @cur: the same, as cursor
 * @burst_end: a Data-Out with F: this burst of the command is over when the PDU is
 * @ttt: its Target Transfer Tag
 * @defer: a command whose pages are to be allocated outside of the socket lock
 * @why: close the connection, and why
 * @bhs: header
 * @ahs: what follows it
 */
struct iscst_rx {
	u8 state;
	u32 left;
	u32 pos;
	int budget;
	u32 len;
	u32 crc;
	u8 digest[ISCSI_DIGEST_LEN];
	struct iscst_task *task;
	u32 sink;
	u8 *mem;
	struct scst_buf *buf;
	u32 buf_off;
	struct iscst_cursor *cur;
	struct iscst_cursor own_cur;
	bool burst_end;
	u32 ttt;
	struct iscst_cmd *defer;
	const char *why;
	u8 bhs[ISCSI_BHS_LEN];
	u8 ahs[ISCSI_MAX_AHS_LEN];
};

/* A page of the transmit ring; used again when nobody but the ring holds it. */
struct iscst_ring_page {
	struct page *page;
	u32 size;
	u64 last;	/* value of tx_queued after its last byte */
};

/**
 * struct iscst_tx - output
 * @prio: answers that may overtake bulk data between two PDUs
 * @r2ts: iscst_cmd by r2t_link
 * @queue: responses in order
 * @sent: composed slots, waiting for tx_sent to reach tx_end
 * @bv: the batch: @nr entries, those before @pos are with TCP
 * @queued: bytes ever composed
 * @done: bytes ever taken by TCP
 * @blocked: the socket was full; write_space() queues the work
 * @failed: the socket takes nothing any more
 * @ended: the last PDU of all is composed
 * @since: last progress, while something is queued
 * @crc: CRC32C of the data segment being composed
 * @ring: pages; @cur is written at @off, the @ready ones after it are free to use
 */
struct iscst_tx {
	struct list_head prio;
	struct list_head r2ts;
	struct list_head queue;
	struct list_head sent;
	struct bio_vec *bv;
	unsigned int nr;
	unsigned int pos;
	u64 queued;
	u64 done;
	bool blocked;
	bool failed;
	bool ended;
	unsigned long since;
	u32 crc;
	struct iscst_ring_page ring[ISCST_RING_PAGES];
	unsigned int cur;
	unsigned int ready;
	u32 off;
};

#define ISCST_LOSSES	4	/* that may be under way at a time; of more, the oldest counts as never heard */

/* A response that tells of lost data, and its StatSN; it must reach the initiator, not only TCP. */
struct iscst_loss {
	struct scst_loss loss;
	u32 statsn;
};

enum iscst_conn_state {
	ISCST_NEW,
	ISCST_LIVE,
	ISCST_CLOSING,
	ISCST_GONE,
};

/* conn->events: set by anybody, cleared by io_work */
enum iscst_event {
	ISCST_EV_RX,		/* the socket has data, a FIN or an error */
	ISCST_EV_KICK,		/* commands that wait for data were aborted */
	ISCST_EV_TIMER,
	ISCST_EV_LUNS,		/* the initiator's LUNs have changed */
	ISCST_EV_DROP,		/* never cleared: the initiator is told that it will be closed */
	ISCST_EV_CLOSE,		/* never cleared: somebody wants it closed */
	ISCST_EV_UNHEARD,	/* something that is told once is not acknowledged; also cleared by who takes over: sess.c */
};

struct iscst_text;

/**
 * struct iscst_conn - an iSCSI connection
 * @sess: its session, which owns a reference
 * @sock: the session's socket; its file reference is ours once started
 * @ref: memory
 * @state: enum iscst_conn_state; cmpxchg
 * @io_task: who runs io_work; completions from inside it need not queue it
 * @cpu: where io_work runs: where the socket's packets arrive, unless @cpu_fixed by the target's cpu_mask
 * @events: enum iscst_event
 * @done: slots that the core has finished with; any context
 * @restored: the socket callbacks are the original ones again; release_work
 * @shut: io_work has dropped what it had and shut the socket down
 * @drained: no slot is in use any more, the last thing io_work says
 */
struct iscst_conn {
	struct iscst_sess *sess;
	struct iscst_tgt *tgt;
	struct socket *sock;
	struct kref ref;
	atomic_t state;
	struct task_struct *io_task;
	int cpu;
	bool cpu_fixed;
	unsigned long events;
	struct llist_head done;
	struct work_struct io_work;
	struct work_struct release_work;
	struct timer_list timer;
	bool restored;
	bool drained;
	bool shut;
	u16 cid;
	struct sockaddr_storage peer;
	struct sockaddr_storage local;

	void (*old_data_ready)(struct sock *sk);
	void (*old_write_space)(struct sock *sk);
	void (*old_state_change)(struct sock *sk);

	/* negotiated */
	bool header_digest;
	bool data_digest;
	u32 max_recv;
	u32 max_xmit;
	u32 max_burst;

	/* numbers */
	struct iscsi_window window;
	u32 statsn;
	struct iscst_loss losses[ISCST_LOSSES];
	unsigned int nr_losses;		/* not yet acknowledged by ExpStatSN */
	u32 told_statsn;		/* of the last response while ISCST_EV_UNHEARD */
	u32 next_ttt;
	unsigned int queue_limit;	/* commands the slots suffice for */
	unsigned int nr_windowed;
	unsigned int nr_immediate;
	unsigned int nr_miscs;
	u32 echo_bytes;			/* data of pings that are not answered yet */
	bool rx_paused;			/* no slots for answers: peer does not read */
	unsigned int nr_used;		/* slots of all kinds not on a free list */

	/* slots */
	struct iscst_cmd *cmds;
	struct iscst_tmf *tmfs;
	struct iscst_misc *miscs;
	unsigned int nr_cmds;
	struct list_head free_cmds;
	struct list_head free_tmfs;
	struct list_head free_miscs;
	struct list_head waiting;	/* commands whose data are still to come */
	struct list_head ready;		/* commands and functions to hand to the core, outside of the socket lock */
	DECLARE_HASHTABLE(itt_hash, ISCST_ITT_HASH_BITS);

	struct iscst_rx rx;
	struct iscst_tx tx;
	struct iscst_text *text;	/* made at the first Text Request */

	/* life signs, jiffies */
	unsigned long last_rx;
	unsigned long ping_sent;	/* valid while ping_out */
	bool ping_queued;
	bool ping_out;
	u32 ping_ttt;
	u32 user_timeout;		/* TCP's, in seconds */
	bool discard;			/* logged out or failed: what still comes is thrown away */
	bool logging_out;		/* the session's commands are aborted */
	struct iscst_misc *logout;	/* its response waits for their end */
	unsigned long logout_at;
	bool half_closed;
	unsigned long half_closed_at;
};

static inline struct iscst_cmd *to_iscst_cmd(struct iscst_task *t)
{
	return container_of(t, struct iscst_cmd, t);
}

static inline struct iscst_tmf *to_iscst_tmf(struct iscst_task *t)
{
	return container_of(t, struct iscst_tmf, t);
}

static inline struct iscst_misc *to_iscst_misc(struct iscst_task *t)
{
	return container_of(t, struct iscst_misc, t);
}

static inline bool iscst_conn_live(struct iscst_conn *conn)
{
	return atomic_read(&conn->state) == ISCST_LIVE;
}

static inline u32 iscst_attr(const struct iscst_conn *conn, enum iscsi_key key)
{
	return READ_ONCE(conn->tgt->attrs.value[key]);
}

/* ---- conn.c */

void iscst_conn_queue(struct iscst_conn *conn);
/* Appends a slot to conn->done and sees to it that io_work looks; any context. */
void iscst_conn_done(struct iscst_task *t);

/* ---- rx.c: bytes to PDUs */

/* Receives; true when there is more to do without waiting for the socket. */
bool iscst_rx(struct iscst_conn *conn);
void iscst_rx_init(struct iscst_conn *conn);
/* In softirq, socket locked: is the rest of the PDU still missing? Then TCP calls again when it is there. */
bool iscst_rx_incomplete(struct iscst_conn *conn, struct sock *sk);
/* @t takes no more data of the PDU being received, but is told when the PDU ends. */
void iscst_rx_swallow(struct iscst_conn *conn, struct iscst_task *t);
/* The same, and it is not told. */
void iscst_rx_forget(struct iscst_conn *conn, struct iscst_task *t);
/* The data segment of the PDU whose header is being handled goes to these places; what is beyond @len is swallowed. */
void iscst_rx_into_pages(struct iscst_conn *conn, struct iscst_task *t, struct scst_buf *buf, u32 off, u32 len,
			 struct iscst_cursor *cur);
void iscst_rx_into_mem(struct iscst_conn *conn, u8 *mem, u32 len);
/* Moves the cursor to the entry that holds @off; false when it lies beyond the pages. */
bool iscst_cursor_seek(const struct scst_buf *buf, struct iscst_cursor *cur, u32 off);

/* ---- tx.c: slots to bytes */

int iscst_tx_init(struct iscst_conn *conn);
void iscst_tx_free(struct iscst_conn *conn);
/* Sends as much as the socket takes; true when there is more to do without waiting for it. */
bool iscst_tx(struct iscst_conn *conn);
/* The Login Response; first bytes of all. */
int iscst_tx_login(struct iscst_conn *conn, const u8 *response, unsigned int len);
bool iscst_tx_idle(const struct iscst_conn *conn);
static inline void iscst_tx_queue(struct iscst_conn *conn, struct iscst_task *t)
{
	list_add_tail(&t->link, &conn->tx.queue);
}

enum iscst_statsn {
	ISCST_STATSN_NONE,	/* the field is reserved */
	ISCST_STATSN_NEXT,	/* shown, not taken */
	ISCST_STATSN_TAKE,
};

#define ISCST_PDU_OVERHEAD	64	/* header, digests, padding */

/*
 * Composing one PDU: begin, data by copy or by reference, end. iscst_tx_room() before: how many bytes can be copied into the
 * ring, at least @min; 0: not now.
 */
u32 iscst_tx_room(struct iscst_conn *conn, u32 min, u32 want);
void iscst_tx_begin(struct iscst_conn *conn, u8 *bhs, u32 data_len, enum iscst_statsn statsn);
void iscst_tx_copy(struct iscst_conn *conn, const void *data, u32 len);
void iscst_tx_pages(struct iscst_conn *conn, const struct scst_buf *buf, struct iscst_cursor *cur, u32 off, u32 len,
		    bool copy);
void iscst_tx_end(struct iscst_conn *conn, u32 data_len);
/* Room for the pages of one PDU by reference. */
static inline bool iscst_tx_ref_room(const struct iscst_conn *conn)
{
	return conn->tx.nr + ISCST_TX_REF_BVECS + 8 <= ISCST_TX_BVECS;
}

/* How many of @len bytes from @off on may go by reference into one PDU; 0: copy the first ones. */
u32 iscst_tx_ref_len(struct iscst_conn *conn, const struct scst_buf *buf, struct iscst_cursor *cur, u32 off, u32 len);
/* Right after the PDU was begun: it tells what is told once, and may get lost with the connection. */
void iscst_told(struct iscst_conn *conn);
/* Right after the response was begun: should it tell of lost data or a unit attention, its acknowledgement is waited for. */
void iscst_loss_note(struct iscst_conn *conn, const struct scst_cmd *cmd);
/* The initiator has every response before @exp_statsn. */
void iscst_losses_acked(struct iscst_conn *conn, u32 exp_statsn);
void iscst_told_acked(struct iscst_conn *conn, u32 exp_statsn);
/* The connection ends: what was not acknowledged may never have come. */
void iscst_losses_untold(struct iscst_conn *conn);
/* The slot is composed: it ends when its bytes are with TCP. */
void iscst_tx_composed(struct iscst_conn *conn, struct iscst_task *t);

/* ---- scsi_cmd.c */

void iscst_rx_scsi_cmd(struct iscst_conn *conn);
void iscst_rx_scsi_cmd_end(struct iscst_conn *conn, struct iscst_cmd *cmd, bool digest_ok);
void iscst_rx_data_out(struct iscst_conn *conn);
void iscst_rx_data_out_end(struct iscst_conn *conn, struct iscst_cmd *cmd, bool digest_ok);
void iscst_cmd_alloc(struct iscst_cmd *cmd);
void iscst_cmd_execute(struct iscst_cmd *cmd);
struct iscst_cmd *iscst_cmd_find(struct iscst_conn *conn, u32 itt);
/* Aborted commands that wait for data take no more R2Ts; those nothing is asked for end now. */
void iscst_cmds_kick(struct iscst_conn *conn);
/* Time limits of commands that wait for data; returns why the connection must go, or NULL. */
const char *iscst_cmds_timer(struct iscst_conn *conn, unsigned long limit);
/* Both return false when there is no room in the batch. */
bool iscst_compose_r2t(struct iscst_conn *conn, struct iscst_cmd *cmd);
bool iscst_compose_cmd(struct iscst_conn *conn, struct iscst_cmd *cmd);
/* Back from the core, or abandoned: response to send, or slot to free. */
void iscst_cmd_returned(struct iscst_cmd *cmd);
void iscst_cmd_free(struct iscst_cmd *cmd);
/* The same for one whose response will not go out. */
void iscst_cmd_unsent(struct iscst_cmd *cmd);
/* The connection is closing: commands that the core does not have end now. */
void iscst_cmd_drop(struct iscst_cmd *cmd);

/* ---- tmf.c */

void iscst_rx_tmf(struct iscst_conn *conn);
void iscst_tmf_submit(struct iscst_tmf *tmf);
bool iscst_compose_tmf(struct iscst_conn *conn, struct iscst_tmf *tmf);
void iscst_tmf_returned(struct iscst_tmf *tmf);
void iscst_tmf_free(struct iscst_tmf *tmf);
void iscst_tmf_sent(struct iscst_tmf *tmf);

/* ---- misc_pdu.c */

void iscst_rx_nop(struct iscst_conn *conn);
void iscst_rx_nop_end(struct iscst_conn *conn, struct iscst_misc *misc, bool digest_ok);
void iscst_rx_text(struct iscst_conn *conn);
void iscst_rx_text_end(struct iscst_conn *conn, bool digest_ok);
void iscst_rx_logout(struct iscst_conn *conn);
/* The turn of a logout on conn->ready has come; its response waits. */
void iscst_logout_begin(struct iscst_misc *misc);
/* Sends the response when it is time. */
void iscst_logout_check(struct iscst_conn *conn);
/* Rejects the PDU whose header is @bhs. There is always a slot: receiving pauses without one. */
void iscst_reject(struct iscst_conn *conn, const u8 *bhs, u8 reason);
/* As above; then the connection is closed. */
void iscst_reject_close(struct iscst_conn *conn, const u8 *bhs, u8 reason, const char *why);
void iscst_send_ping(struct iscst_conn *conn);
/* Room for the answers that one PDU, a ping and a window update can cause. */
static inline bool iscst_misc_room(const struct iscst_conn *conn)
{
	return conn->nr_miscs + 4 <= ISCST_MISC_SLOTS;
}

/* Asynchronous Messages (RFC 7143 11.9): the LUNs have changed, the session is about to be closed. */
void iscst_send_luns_changed(struct iscst_conn *conn);
void iscst_send_drop(struct iscst_conn *conn);
/* Tells a window that has opened, when no response will. */
void iscst_send_window(struct iscst_conn *conn);
bool iscst_compose_misc(struct iscst_conn *conn, struct iscst_misc *misc);
void iscst_misc_free(struct iscst_misc *misc);
/* The same for one that will not go out. */
void iscst_misc_unsent(struct iscst_misc *misc);
void iscst_misc_sent(struct iscst_misc *misc);
void iscst_text_free(struct iscst_conn *conn);

#endif /* ISCST_CONN_H */
