// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's life: slots, attaching to the socket, the work that does everything, timers, closing.
 *
 * Closing: release_work restores the callbacks and aborts the session's commands; io_work tries a last time to send, drops what
 * the core does not have and waits for the rest; when no slot is in use and no copy goes on it calls release_work again, which lets
 * the socket and then the session go. Nobody sleeps for a backing store: the last response and the last copy queue io_work.
 */
#include <linux/file.h>
#include <linux/inet.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include "iscst_conn.h"

#define TICK_BUSY	HZ		/* while something has a time limit */
#define TICK_IDLE	(5 * HZ)	/* a changed attribute takes effect within */

/* ---- queueing the work */

void iscst_conn_queue(struct iscst_conn *conn)
{
	int cpu = READ_ONCE(conn->cpu);

	if (cpu < 0 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		cpu = WORK_CPU_UNBOUND;
	queue_work_on(cpu, iscst_io_wq, &conn->io_work);
}

void iscst_conn_done(struct iscst_task *t)
{
	struct iscst_conn *conn = t->conn;

	/* With the last slot back, the connection may go at once: conn_free() waits for a grace period. */
	rcu_read_lock();
	llist_add(&t->done, &conn->done);
	/* From inside io_work, not from an interrupt on top of it: it looks again before it ends. */
	if (!in_task() || READ_ONCE(conn->io_task) != current)
		iscst_conn_queue(conn);
	rcu_read_unlock();
}

void iscst_queue_response(struct scst_cmd *cmd)
{
	iscst_conn_done(&container_of(cmd, struct iscst_cmd, cmd)->t);
}

static void conn_event(struct iscst_conn *conn, enum iscst_event ev)
{
	set_bit(ev, &conn->events);
	iscst_conn_queue(conn);
}

void iscst_kick(struct scst_sess *sess)
{
	struct iscst_conn *conn = to_iscst_sess(sess)->conn;

	if (conn)
		conn_event(conn, ISCST_EV_KICK);
}

void iscst_luns_changed(struct scst_sess *sess)
{
	struct iscst_conn *conn = to_iscst_sess(sess)->conn;

	if (conn)
		conn_event(conn, ISCST_EV_LUNS);
}

/* ---- socket callbacks */

static void conn_data_ready(struct sock *sk)
{
	struct iscst_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && !iscst_rx_incomplete(conn, sk)) {
		if (!conn->cpu_fixed)
			WRITE_ONCE(conn->cpu, READ_ONCE(sk->sk_incoming_cpu));
		conn_event(conn, ISCST_EV_RX);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void conn_write_space(struct sock *sk)
{
	struct iscst_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		iscst_conn_queue(conn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void conn_state_change(struct sock *sk)
{
	struct iscst_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn)
		conn_event(conn, ISCST_EV_RX);
	read_unlock_bh(&sk->sk_callback_lock);
}

static int callbacks_install(struct iscst_conn *conn)
{
	struct sock *sk = conn->sock->sk;
	int ret = 0;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_state != TCP_ESTABLISHED) {
		ret = -EPIPE;
	} else if (sk->sk_user_data) {
		ret = -EBUSY;
	} else {
		conn->old_data_ready = sk->sk_data_ready;
		conn->old_write_space = sk->sk_write_space;
		conn->old_state_change = sk->sk_state_change;
		sk->sk_user_data = conn;
		sk->sk_data_ready = conn_data_ready;
		sk->sk_write_space = conn_write_space;
		sk->sk_state_change = conn_state_change;
	}
	write_unlock_bh(&sk->sk_callback_lock);
	return ret;
}

static void callbacks_restore(struct iscst_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data == conn) {
		sk->sk_data_ready = conn->old_data_ready;
		sk->sk_write_space = conn->old_write_space;
		sk->sk_state_change = conn->old_state_change;
		sk->sk_user_data = NULL;
		WRITE_ONCE(sk->sk_rcvlowat, 1);
	}
	write_unlock_bh(&sk->sk_callback_lock);
}

/* ---- the work */

/* Hands what is complete to the core, in order of arrival. */
static void run_ready(struct iscst_conn *conn)
{
	struct iscst_task *t;

	while ((t = list_first_entry_or_null(&conn->ready, struct iscst_task, link))) {
		list_del_init(&t->link);
		if (t->kind == ISCST_CMD)
			iscst_cmd_execute(to_iscst_cmd(t));
		else if (t->kind == ISCST_TMF)
			iscst_tmf_submit(to_iscst_tmf(t));
		else
			iscst_logout_begin(to_iscst_misc(t));
	}
}

/* Takes back what the core has finished, in that order: a function comes after the commands it covered. */
static void take_done(struct iscst_conn *conn)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&conn->done));
	struct iscst_task *t, *next;

	llist_for_each_entry_safe(t, next, list, done) {
		if (t->kind == ISCST_CMD)
			iscst_cmd_returned(to_iscst_cmd(t));
		else
			iscst_tmf_returned(to_iscst_tmf(t));
	}
}

static void log_timeout(struct iscst_conn *conn, u32 secs, const char *what)
{
	pr_info_ratelimited("Timeout %u sec %s initiator %s, closing connection\n", secs, what, conn->sess->name);
}

/* Checks the time limits; returns why the connection must go, or NULL. */
static const char *timer_expired(struct iscst_conn *conn)
{
	u32 rsp = iscst_attr(conn, ISCSI_KEY_RSP_TIMEOUT);
	u32 nop = iscst_attr(conn, ISCSI_KEY_NOP_IN_TIMEOUT);
	unsigned long sign = time_after(conn->last_rx, conn->ping_sent) ? conn->last_rx : conn->ping_sent;

	if (conn->half_closed)
		return time_after_eq(jiffies, conn->half_closed_at + ISCST_CLOSE_WAIT) ? "no answer to FIN" : NULL;
	if (iscst_cmds_timer(conn, rsp * HZ)) {
		log_timeout(conn, rsp, "waiting for data from");
		return "write data do not come";
	}
	/* Composed in an earlier turn and not taken since. */
	if (conn->tx.nr && time_after_eq(jiffies, conn->tx.since + rsp * HZ)) {
		log_timeout(conn, rsp, "sending data to");
		return "RspTimeout";
	}
	if (conn->ping_out && time_after_eq(jiffies, sign + nop * HZ)) {
		log_timeout(conn, nop, "waiting for reply from");
		return "NopInTimeout";
	}
	return NULL;
}

/* TCP gives up in the same time: what it has taken and cannot deliver is out of our sight. */
static void follow_rsp_timeout(struct iscst_conn *conn)
{
	u32 secs = iscst_attr(conn, ISCSI_KEY_RSP_TIMEOUT);

	if (secs == conn->user_timeout)
		return;
	conn->user_timeout = secs;
	tcp_sock_set_user_timeout(conn->sock->sk, secs * MSEC_PER_SEC);
}

static void conn_tick(struct iscst_conn *conn)
{
	u32 interval = iscst_attr(conn, ISCSI_KEY_NOP_IN_INTERVAL);
	unsigned long next = TICK_IDLE;
	unsigned long due = conn->last_rx + interval * HZ;
	const char *why;

	why = timer_expired(conn);
	if (why) {
		iscst_conn_close(conn, why);
		return;
	}
	follow_rsp_timeout(conn);
	if (interval && !conn->ping_out && !conn->ping_queued && !conn->discard) {
		if (time_after_eq(jiffies, due))
			iscst_send_ping(conn);
		else
			next = min(next, due - jiffies);
	}
	if (conn->ping_out || conn->half_closed || conn->logout || !list_empty(&conn->waiting) || !iscst_tx_idle(conn))
		next = min_t(unsigned long, next, TICK_BUSY);
	mod_timer(&conn->timer, jiffies + next);
}

static void conn_timer(struct timer_list *timer)
{
	conn_event(from_timer((struct iscst_conn *)NULL, timer, timer), ISCST_EV_TIMER);
}

/* The window was closed when last told, and no response is left that could tell that it has opened. */
static void tell_window(struct iscst_conn *conn)
{
	if (iscsi_sn_lt(conn->window.max, conn->window.exp) && !conn->nr_windowed && !conn->discard && iscst_tx_idle(conn)) {
		iscst_send_window(conn);
		iscst_tx(conn);
	}
}

/* One turn of a living connection; true: again. */
static bool io_turn(struct iscst_conn *conn)
{
	bool more = false;

	if (test_and_clear_bit(ISCST_EV_RX, &conn->events))
		more = iscst_rx(conn);
	if (more)
		set_bit(ISCST_EV_RX, &conn->events);
	if (test_and_clear_bit(ISCST_EV_KICK, &conn->events))
		iscst_cmds_kick(conn);
	if (test_and_clear_bit(ISCST_EV_TIMER, &conn->events))
		conn_tick(conn);
	if (test_and_clear_bit(ISCST_EV_LUNS, &conn->events))
		iscst_send_luns_changed(conn);
	run_ready(conn);
	take_done(conn);
	more |= iscst_tx(conn);
	iscst_logout_check(conn);
	tell_window(conn);
	return more || !llist_empty(&conn->done) || test_bit(ISCST_EV_RX, &conn->events);
}

static void drop_task(struct iscst_task *t)
{
	switch (t->kind) {
	case ISCST_CMD:
		iscst_cmd_unsent(to_iscst_cmd(t));
		break;
	case ISCST_TMF:
		iscst_tmf_free(to_iscst_tmf(t));
		break;
	default:
		iscst_misc_unsent(to_iscst_misc(t));
		break;
	}
}

static void drop_list(struct list_head *list, bool in_core)
{
	struct iscst_task *t, *next;

	list_for_each_entry_safe(t, next, list, link) {
		if (t->kind == ISCST_CMD && !in_core)
			iscst_cmd_drop(to_iscst_cmd(t));
		else
			drop_task(t);
	}
}

/* The PDU that was just being received may hold a slot of its own, and so does a logout. */
static void drop_rx(struct iscst_conn *conn)
{
	struct iscst_task *t = conn->rx.task;

	if (conn->logout)
		iscst_misc_free(conn->logout);
	conn->logout = NULL;
	conn->rx.task = NULL;
	conn->rx.defer = NULL;
	if (t && t->kind == ISCST_MISC)
		iscst_misc_free(to_iscst_misc(t));
}

/* A closing connection: what the core does not have ends here, what it has is waited for. */
static void io_closing(struct iscst_conn *conn)
{
	if (!conn->shut) {
		conn->shut = true;
		if (test_bit(ISCST_EV_DROP, &conn->events))
			iscst_send_drop(conn);
		conn->discard = true;
		iscst_tx(conn);
		drop_rx(conn);
		drop_list(&conn->waiting, false);
		drop_list(&conn->ready, false);
		drop_list(&conn->tx.prio, true);
		drop_list(&conn->tx.queue, true);
		drop_list(&conn->tx.sent, true);
		iscst_losses_untold(conn);
		kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	}
	take_done(conn);
	if (conn->nr_used || conn->drained || !READ_ONCE(conn->restored))
		return;
	/* Aborted before conn->restored was set: a copy that is seen here kicks us when it writes no more. */
	if (scst_sess_copies(&conn->sess->sess))
		return;
	conn->drained = true;
	queue_work(iscst_release_wq, &conn->release_work);
}

static void conn_io_work(struct work_struct *work)
{
	struct iscst_conn *conn = container_of(work, struct iscst_conn, io_work);
	u64 end = ktime_get_ns() + ISCST_TURN_NS;
	unsigned int noio = memalloc_noio_save();
	bool more = false;

	WRITE_ONCE(conn->io_task, current);
	do {
		switch (atomic_read(&conn->state)) {
		case ISCST_LIVE:
			more = io_turn(conn);
			break;
		case ISCST_CLOSING:
			io_closing(conn);
			more = !llist_empty(&conn->done);
			break;
		default:
			more = false;
			break;
		}
	} while (more && ktime_get_ns() < end);
	WRITE_ONCE(conn->io_task, NULL);
	memalloc_noio_restore(noio);
	if (more)
		iscst_conn_queue(conn);
}

/* ---- closing */

void iscst_conn_close(struct iscst_conn *conn, const char *why)
{
	set_bit(ISCST_EV_CLOSE, &conn->events);
	/* Pairs with the atomic_xchg() in iscst_conn_start(): either sees the other. */
	smp_mb__after_atomic();
	if (atomic_cmpxchg(&conn->state, ISCST_LIVE, ISCST_CLOSING) != ISCST_LIVE)
		return;
	pr_debug_ratelimited("connection of %s to %s closes: %s\n", conn->sess->name, conn->tgt->tgt.name, why);
	iscst_conn_get(conn);	/* put by conn_release_work() */
	queue_work(iscst_release_wq, &conn->release_work);
}

void iscst_conn_drop(struct iscst_conn *conn, const char *why)
{
	set_bit(ISCST_EV_DROP, &conn->events);
	iscst_conn_close(conn, why);
}

static void conn_release_work(struct work_struct *work)
{
	struct iscst_conn *conn = container_of(work, struct iscst_conn, release_work);

	if (!conn->restored) {
		callbacks_restore(conn);
		scst_sess_abort(&conn->sess->sess);
		WRITE_ONCE(conn->restored, true);
		iscst_conn_queue(conn);
		return;
	}
	if (!READ_ONCE(conn->drained))
		return;
	atomic_set(&conn->state, ISCST_GONE);
	timer_shutdown_sync(&conn->timer);
	cancel_work_sync(&conn->io_work);
	sockfd_put(conn->sock);
	iscst_sess_conn_gone(conn->sess);
	iscst_conn_put(conn);
}

/* ---- starting */

/* Only plain TCP sockets of the host: the *_locked() calls pass by every layer above. */
static bool socket_usable(const struct socket *sock)
{
	struct sock *sk = sock->sk;

	return sk && sk_is_tcp(sk) && sock_net(sk) == &init_net && !inet_csk_has_ulp(sk);
}

static void socket_setup(struct iscst_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	lock_sock(sk);
	sk->sk_allocation = GFP_NOIO;
	sk->sk_use_task_frag = false;
	release_sock(sk);
	tcp_sock_set_nodelay(sk);
	follow_rsp_timeout(conn);
}

/* The target's cpu_mask, or the CPU where packets arrive. */
static int choose_cpu(struct iscst_conn *conn)
{
	cpumask_var_t cpus;

	conn->cpu = READ_ONCE(conn->sock->sk->sk_incoming_cpu);
	if (!alloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	if (scst_sess_cpus(&conn->sess->sess, cpus)) {
		if (conn->cpu < 0 || conn->cpu >= nr_cpu_ids || !cpumask_test_cpu(conn->cpu, cpus))
			conn->cpu = cpumask_any_and(cpus, cpu_online_mask);
		conn->cpu_fixed = true;
	}
	free_cpumask_var(cpus);
	return 0;
}

static int queue_login_response(struct iscst_conn *conn, const u8 *response, unsigned int len)
{
	u32 queued = min(iscst_attr(conn, ISCSI_KEY_QUEUED_COMMANDS), conn->queue_limit);
	u8 *copy;
	int ret;

	if (len < ISCSI_BHS_LEN || len > ISCST_RESPONSE_MAX)
		return -EINVAL;
	copy = kmemdup(response, len, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	put_unaligned_be16(conn->sess->tsih, copy + ISCSI_OFF_TSIH);
	put_unaligned_be32(conn->window.exp, copy + ISCSI_OFF_EXPCMDSN);
	put_unaligned_be32(iscsi_window_max(&conn->window, queued, 0), copy + ISCSI_OFF_MAXCMDSN);
	ret = iscst_tx_login(conn, copy, len);
	kfree(copy);
	return ret;
}

int iscst_conn_attach(struct iscst_conn *conn, const u8 *response, unsigned int len)
{
	int ret;

	if (!socket_usable(conn->sock))
		return -EINVAL;
	ret = queue_login_response(conn, response, len);
	if (!ret)
		ret = choose_cpu(conn);
	if (ret)
		return ret;
	socket_setup(conn);
	return callbacks_install(conn);
}

void iscst_conn_start(struct iscst_conn *conn)
{
	conn->last_rx = jiffies;
	/* Data or a FIN may have come before the callbacks. */
	set_bit(ISCST_EV_RX, &conn->events);
	atomic_xchg(&conn->state, ISCST_LIVE);
	mod_timer(&conn->timer, jiffies + TICK_BUSY);
	iscst_conn_queue(conn);
	if (test_bit(ISCST_EV_CLOSE, &conn->events))
		iscst_conn_close(conn, "closed while starting");
}

/* ---- making and freeing */

static void slot_init(struct iscst_conn *conn, struct iscst_task *t, enum iscst_kind kind, struct list_head *free)
{
	t->conn = conn;
	t->kind = kind;
	list_add_tail(&t->link, free);
}

static int slots_create(struct iscst_conn *conn)
{
	unsigned int i;

	conn->queue_limit = clamp_t(u32, iscst_attr(conn, ISCSI_KEY_QUEUED_COMMANDS), 1, ISCSI_WINDOW_MAX);
	conn->nr_cmds = conn->queue_limit + ISCST_IMMEDIATE_MAX + ISCST_SPARE_SLOTS;
	conn->cmds = kvcalloc(conn->nr_cmds, sizeof(*conn->cmds), GFP_KERNEL);
	conn->tmfs = kvcalloc(conn->nr_cmds, sizeof(*conn->tmfs), GFP_KERNEL);
	conn->miscs = kvcalloc(ISCST_MISC_SLOTS, sizeof(*conn->miscs), GFP_KERNEL);
	if (!conn->cmds || !conn->tmfs || !conn->miscs)
		return -ENOMEM;
	for (i = 0; i < conn->nr_cmds; i++) {
		slot_init(conn, &conn->cmds[i].t, ISCST_CMD, &conn->free_cmds);
		INIT_LIST_HEAD(&conn->cmds[i].r2t_link);
		slot_init(conn, &conn->tmfs[i].t, ISCST_TMF, &conn->free_tmfs);
	}
	for (i = 0; i < ISCST_MISC_SLOTS; i++)
		slot_init(conn, &conn->miscs[i].t, ISCST_MISC, &conn->free_miscs);
	return 0;
}

static void conn_free(struct iscst_conn *conn)
{
	unsigned int i;

	/* A completion or a kick that found us may still be queueing the work. */
	synchronize_rcu();
	cancel_work_sync(&conn->io_work);
	for (i = 0; conn->cmds && i < conn->nr_cmds; i++)
		scst_buf_destroy(&conn->cmds[i].cmd.buf);
	for (i = 0; conn->miscs && i < ISCST_MISC_SLOTS; i++)
		scst_buf_destroy(&conn->miscs[i].buf);
	iscst_text_free(conn);
	iscst_tx_free(conn);
	kvfree(conn->cmds);
	kvfree(conn->tmfs);
	kvfree(conn->miscs);
	kfree(conn);
}

static void conn_release(struct kref *ref)
{
	conn_free(container_of(ref, struct iscst_conn, ref));
}

void iscst_conn_get(struct iscst_conn *conn)
{
	kref_get(&conn->ref);
}

void iscst_conn_put(struct iscst_conn *conn)
{
	kref_put(&conn->ref, conn_release);
}

static void conn_init(struct iscst_conn *conn, struct iscst_sess *sess, struct socket *sock)
{
	const struct iscsi_params *p = &sess->params;

	conn->sess = sess;
	conn->tgt = sess->tgt;
	conn->sock = sock;
	conn->cpu = -1;
	kref_init(&conn->ref);
	atomic_set(&conn->state, ISCST_NEW);
	init_llist_head(&conn->done);
	INIT_WORK(&conn->io_work, conn_io_work);
	INIT_WORK(&conn->release_work, conn_release_work);
	timer_setup(&conn->timer, conn_timer, 0);
	INIT_LIST_HEAD(&conn->free_cmds);
	INIT_LIST_HEAD(&conn->free_tmfs);
	INIT_LIST_HEAD(&conn->free_miscs);
	INIT_LIST_HEAD(&conn->waiting);
	INIT_LIST_HEAD(&conn->ready);
	hash_init(conn->itt_hash);
	conn->header_digest = p->header_digest;
	conn->data_digest = p->data_digest;
	conn->max_recv = p->max_recv_dsl;
	conn->max_xmit = p->max_xmit_dsl;
	conn->max_burst = p->max_burst;
	conn->ping_ttt = ISCSI_RESERVED_TAG;
	iscst_rx_init(conn);
}

/* The addresses are shown after the socket has gone. */
static int conn_addresses(struct iscst_conn *conn)
{
	int ret;

	ret = kernel_getpeername(conn->sock, (struct sockaddr *)&conn->peer);
	if (ret >= 0)
		ret = kernel_getsockname(conn->sock, (struct sockaddr *)&conn->local);
	return ret < 0 ? ret : 0;
}

struct iscst_conn *iscst_conn_create(struct iscst_sess *sess, struct socket *sock, u16 cid, u32 cmdsn, u32 statsn)
{
	struct iscst_conn *conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	int ret;

	if (!conn)
		return ERR_PTR(-ENOMEM);
	conn_init(conn, sess, sock);
	conn->cid = cid;
	conn->statsn = statsn + 1;
	iscsi_window_init(&conn->window, cmdsn);
	ret = iscst_tx_init(conn);
	if (!ret)
		ret = slots_create(conn);
	if (!ret)
		ret = conn_addresses(conn);
	if (ret) {
		conn_free(conn);
		return ERR_PTR(ret);
	}
	return conn;
}

/* ---- what sysfs shows */

static int show_address(const struct sockaddr_storage *ss, char *buf, size_t size)
{
	if (ss->ss_family == AF_INET6)
		return scnprintf(buf, size, "[%pI6]", &((const struct sockaddr_in6 *)ss)->sin6_addr);
	return scnprintf(buf, size, "%pI4", &((const struct sockaddr_in *)ss)->sin_addr);
}

int iscst_conn_show_ip(struct iscst_conn *conn, char *buf, size_t size)
{
	return show_address(&conn->peer, buf, size);
}

int iscst_conn_show_target_ip(struct iscst_conn *conn, char *buf, size_t size)
{
	return show_address(&conn->local, buf, size);
}

/* A glimpse without a lock: each word is true of some recent moment. */
int iscst_conn_show_state(struct iscst_conn *conn, char *buf, size_t size)
{
	int n = 0;

	if (atomic_read(&conn->state) > ISCST_LIVE)
		return scnprintf(buf, size, "closing");
	if (READ_ONCE(conn->io_task))
		n += scnprintf(buf + n, size - n, "read_processing ");
	else if (work_pending(&conn->io_work))
		n += scnprintf(buf + n, size - n, "in_read_list ");
	if (READ_ONCE(conn->tx.blocked))
		n += scnprintf(buf + n, size - n, "space_waiting ");
	else if (READ_ONCE(conn->tx.nr))
		n += scnprintf(buf + n, size - n, "write_processing ");
	return n ? n : scnprintf(buf, size, "established idle ");
}

bool iscst_conn_take_unheard(struct iscst_conn *conn)
{
	return test_and_clear_bit(ISCST_EV_UNHEARD, &conn->events);
}

u16 iscst_conn_cid(const struct iscst_conn *conn)
{
	return conn->cid;
}

void iscst_conn_exit(void)
{
	/* A socket callback may be between its entry and the lock that shows it that we are gone. */
	synchronize_rcu();
}
