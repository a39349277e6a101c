// SPDX-License-Identifier: GPL-2.0
/*
 * The loop of the iSNS process. All it knows is in the tree: a new process registers anew, replacing what the server has.
 * sysfs tells nobody of changes, so it looks every two seconds.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "log.h"
#include "login.h"
#include "net.h"
#include "sandbox.h"
#include "view.h"

#define LOOK_MS		2000
#define REFRESH_MS	30000
#define RETRY_MIN_MS	5000
#define RETRY_MAX_MS	60000
#define PEERS		4

/**
 * struct client - the whole state
 * @args: of the process
 * @known: what the server has been told
 * @registered: it has been told
 * @unnamed: the target that was last logged as left out
 * @server: its address
 * @fd: connection to it while one is needed
 * @listener: for what it has to say; -1 for none
 * @ports: where it reaches us
 * @peer: its connections
 * @refresh_ms: when the registration is refreshed
 * @period_ms: and how often
 * @retry_ms: when a failure is followed by another attempt
 * @backoff_ms: and how long the wait after that is
 * @xid: of the last request
 */
struct client {
	const struct isns_args *args;
	struct isns_view known;
	bool registered;
	char unnamed[ISCSI_STORED_NAME_MAX + 1];
	union addr server;
	int fd;
	int listener;
	struct isns_ports ports;
	struct isns_peer peer[PEERS];
	int64_t refresh_ms;
	int64_t period_ms;
	int64_t retry_ms;
	int64_t backoff_ms;
	u16 xid;
};

static volatile sig_atomic_t stop;
static u8 request_bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];
static u8 message_bytes[ISNS_MESSAGE_MAX];
static struct isns_out request = { .data = request_bytes, .size = sizeof(request_bytes) };
static struct isns_message message = { .data = message_bytes };

static void on_term(int sig)
{
	(void)sig;
	stop = 1;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* --- what the server asks --- */

/* A free place, or that of the connection that has been silent longest: silent ones must not keep the server out. */
static struct isns_peer *place_for_peer(struct client *c)
{
	struct isns_peer *silent = &c->peer[0];
	int i;

	for (i = 0; i < PEERS; i++) {
		if (c->peer[i].fd < 0)
			return &c->peer[i];
		if (c->peer[i].heard_ms < silent->heard_ms)
			silent = &c->peer[i];
	}
	return silent;
}

static void accept_peer(struct client *c)
{
	int fd = isns_accept(c->listener, &c->server);

	if (fd >= 0)
		isns_peer_begin(place_for_peer(c), fd);
}

/* Sleeps for @wait_ms at most, answers what has come. A change that is told brings the refresh forward. */
static void wait_and_answer(struct client *c, int wait_ms)
{
	struct pollfd p[PEERS + 1];
	int i;

	for (i = 0; i < PEERS; i++)
		p[i] = (struct pollfd){ .fd = c->peer[i].fd, .events = POLLIN };
	p[PEERS] = (struct pollfd){ .fd = c->listener, .events = POLLIN };
	if (poll(p, PEERS + 1, wait_ms) <= 0)
		return;
	for (i = 0; i < PEERS; i++) {
		if (p[i].revents && isns_peer_serve(&c->peer[i], &message)) {
			log_line(LOG_DEBUG, "iSNS server %s tells of a change", c->known.host);
			c->refresh_ms = min(c->refresh_ms, now_ms() + 500);
		}
	}
	if (p[PEERS].revents)
		accept_peer(c);
}

/* Many targets take many exchanges, and a server that gets no answer meanwhile forgets us. */
static int exchange(struct client *c)
{
	wait_and_answer(c, 0);
	return isns_exchange(c->fd, &request, &message);
}

/* --- what is asked of the server --- */

/* The server may want to hear from us more often than we would call. */
static void take_period(struct client *c)
{
	struct isns_attr attr;
	u32 pos = 0, seconds;

	c->period_ms = REFRESH_MS;
	while (isns_attr_next(message.data + 4, message.len - 4, &pos, &attr) > 0)
		if (attr.tag == ISNS_REGISTRATION_PERIOD && isns_attr_u32(&attr, &seconds) && seconds &&
		    seconds < 2 * REFRESH_MS / 1000)
			c->period_ms = max(1000, (int)seconds * 1000 / 2);
}

static int register_targets(struct client *c, const struct isns_view *v)
{
	int done = 0, ret = 0;

	while (!ret && done < v->count) {
		done = view_register(v, done, &c->ports, ++c->xid, &request);
		ret = exchange(c);
		if (!ret)
			take_period(c);
	}
	return ret;
}

static int register_scn(struct client *c, const char *name)
{
	isns_begin(&request, ISNS_SCN_REG, 0, ++c->xid);
	isns_put_string(&request, ISNS_ISCSI_NAME, name);
	isns_put_string(&request, ISNS_ISCSI_NAME, name);
	isns_put(&request, ISNS_DELIMITER, NULL, 0);
	isns_put_u32(&request, ISNS_SCN_BITMAP, ISNS_SCN_WANTED);
	return exchange(c);
}

/* A server that cannot notify us is asked at each refresh anyway. */
static int register_scns(struct client *c, const struct isns_view *v)
{
	int i, ret = 0;

	for (i = 0; i < v->count && c->ports.scn && ret >= 0; i++) {
		ret = register_scn(c, v->names[i]);
		if (ret > 0)
			log_line(LOG_NOTICE, "iSNS server %s does not notify %s: status %d", v->host, v->names[i], ret);
	}
	return ret < 0 ? ret : 0;
}

/* The nodes of a type that target @name may know of; with no type itself. */
static int query(struct client *c, const char *name, u32 type)
{
	isns_begin(&request, ISNS_DEV_ATTR_QRY, 0, ++c->xid);
	isns_put_string(&request, ISNS_ISCSI_NAME, name);
	if (type)
		isns_put_u32(&request, ISNS_NODE_TYPE, type);
	else
		isns_put_string(&request, ISNS_ISCSI_NAME, name);
	isns_put(&request, ISNS_DELIMITER, NULL, 0);
	isns_put(&request, ISNS_ISCSI_NAME, NULL, 0);
	return exchange(c);
}

/* The next name behind the delimiter, or NULL. */
static const char *next_name(u32 *pos, bool *behind)
{
	struct isns_attr attr;

	while (isns_attr_next(message.data + 4, message.len - 4, pos, &attr) > 0) {
		*behind |= attr.tag == ISNS_DELIMITER;
		if (*behind && attr.tag == ISNS_ISCSI_NAME && isns_attr_string(&attr))
			return isns_attr_string(&attr);
	}
	return NULL;
}

/* What is no iSCSI name admits nobody. */
static void take_initiators(struct access_list *l)
{
	char name[ISCSI_NAME_MAX + 1];
	bool behind = false;
	const char *text;
	u32 pos = 0;

	while ((text = next_name(&pos, &behind)))
		if (!iscsi_name_fold(text, name, sizeof(name)))
			access_list_initiator(l, name);
}

#define NO_SUCH_ENTRY	9	/* status, clause 5.4: nothing matches, which is an answer */

/* The disk is full, or the server names so many that the file would grow beyond what this process may write. */
static int list_failed(int err)
{
	log_line(LOG_ERR, "cannot write the list of initiators, the old one counts: %s", strerror(-err));
	return err;
}

static int query_initiators(struct client *c, const struct isns_view *v)
{
	struct access_list l;
	int ret = access_list_begin(&l, v->host);
	int i;

	if (ret)
		return list_failed(ret);
	for (i = 0; i < v->count && !ret && !l.err; i++) {
		ret = query(c, v->names[i], ISNS_NODE_INITIATOR);
		if (ret == NO_SUCH_ENTRY) {
			ret = 0;
			continue;
		}
		access_list_target(&l, v->names[i]);
		if (!ret)
			take_initiators(&l);
	}
	i = access_list_end(&l, !ret);
	if (i)
		list_failed(i);
	return ret ? ret : i;
}

/* Any request of ours refreshes. A server that does not find us has forgotten us. */
static int refresh(struct client *c, const struct isns_view *v)
{
	int ret = query(c, v->names[0], 0);
	bool behind = false;
	u32 pos = 0;

	if (!ret && !next_name(&pos, &behind))
		ret = NO_SUCH_ENTRY;
	if (!ret && v->access)
		ret = query_initiators(c, v);
	return ret;
}

static int deregister(struct client *c)
{
	isns_begin(&request, ISNS_DEV_DEREG, 0, ++c->xid);
	isns_put_string(&request, ISNS_ISCSI_NAME, c->known.names[0]);
	isns_put(&request, ISNS_DELIMITER, NULL, 0);
	isns_put_string(&request, ISNS_EID, c->known.entity);
	return exchange(c);
}

/* --- when --- */

static void close_peers(struct client *c)
{
	int i;

	for (i = 0; i < PEERS; i++) {
		if (c->peer[i].fd >= 0)
			close(c->peer[i].fd);
		c->peer[i].fd = -1;
	}
	if (c->listener >= 0)
		close(c->listener);
	c->listener = -1;
	c->ports = (struct isns_ports){ 0 };
}

/* Without a port the server cannot notify us: that is worse, not wrong. */
static void listen_for(struct client *c)
{
	unsigned short port = 0;

	close_peers(c);
	c->listener = isns_listen(c->server.sa.sa_family, &port);
	c->ports.scn = port;
	c->ports.esi = c->args->esi ? port : 0;
}

static void forget(struct client *c)
{
	view_free(&c->known);
	c->registered = false;
}

static void failed(struct client *c, const char *host, const char *what, const char *why)
{
	log_line(LOG_WARNING, "iSNS server %s: %s: %s; next attempt in %d seconds", host, what, why,
		 (int)(c->backoff_ms / 1000));
	c->retry_ms = now_ms() + c->backoff_ms;
	c->backoff_ms = min((int64_t)RETRY_MAX_MS, 2 * c->backoff_ms);
}

static void failed_code(struct client *c, const char *host, const char *what, int ret)
{
	char why[32];

	snprintf(why, sizeof(why), "status %d", ret);
	failed(c, host, what, ret < 0 ? strerror(-ret) : why);
}

static void say_goodbye(struct client *c)
{
	int ret;

	if (!c->registered)
		return;
	c->fd = isns_connect(&c->server);
	ret = c->fd < 0 ? c->fd : deregister(c);
	if (c->fd >= 0)
		close(c->fd);
	if (ret)
		log_line(LOG_NOTICE, "iSNS server %s: deregistration: %s; it will forget %s by itself", c->known.host,
			 ret < 0 ? strerror(-ret) : "refused", c->known.entity);
	else
		log_line(LOG_INFO, "deregistered %s from iSNS server %s", c->known.entity, c->known.host);
	forget(c);
}

static int connect_to(struct client *c, const struct isns_view *v)
{
	const char *why = isns_resolve(v->host, &c->server);

	if (why) {
		failed(c, v->host, "no address", why);
		return -1;
	}
	c->fd = isns_connect(&c->server);
	if (c->fd < 0)
		failed_code(c, v->host, "cannot connect", c->fd);
	return c->fd < 0 ? -1 : 0;
}

static int tell_all(struct client *c, const struct isns_view *v)
{
	int ret;

	if (!c->registered)
		listen_for(c);
	ret = register_targets(c, v);
	ret = ret ? ret : register_scns(c, v);
	return ret ? ret : refresh(c, v);
}

/* Takes @v over when it has been told. */
static void tell(struct client *c, struct isns_view *v)
{
	int ret;

	if (connect_to(c, v))
		return;
	c->refresh_ms = INT64_MAX;	/* a change that is told meanwhile brings it forward */
	ret = tell_all(c, v);
	close(c->fd);
	if (ret) {
		forget(c);
		failed_code(c, v->host, "registration", ret);
		return;
	}
	log_line(LOG_INFO, "registered %s with iSNS server %s: %d targets, %d portals", v->entity, v->host, v->count,
		 v->portals.count);
	view_free(&c->known);
	c->known = *v;
	memset(v, 0, sizeof(*v));
	c->registered = true;
	c->backoff_ms = RETRY_MIN_MS;
	c->refresh_ms = min(c->refresh_ms, now_ms() + c->period_ms);
}

static void keep_alive(struct client *c)
{
	int ret = connect_to(c, &c->known);

	c->refresh_ms = INT64_MAX;
	if (!ret) {
		ret = refresh(c, &c->known);
		close(c->fd);
		if (ret > 0)
			failed_code(c, c->known.host, "refresh", ret);
	}
	if (!ret)
		c->backoff_ms = RETRY_MIN_MS;
	c->refresh_ms = min(c->refresh_ms, now_ms() + c->period_ms);
	/* Forgotten by the server: registered anew, at once. */
	if (ret > 0) {
		c->retry_ms = 0;
		forget(c);
	}
}

/* Once, not at every look. */
static void tell_unnamed(struct client *c, const struct isns_view *v)
{
	if (!strcmp(c->unnamed, v->unnamed))
		return;
	memcpy(c->unnamed, v->unnamed, sizeof(c->unnamed));
	if (v->unnamed[0])
		log_line(LOG_WARNING, "iSNS: target %s is not registered, nobody can log in: its name is no iSCSI name", v->unnamed);
}

/* Compares the tree with what the server knows; false when no server is set any more. */
static bool look(struct client *c)
{
	struct isns_view v;
	bool set;

	if (view_read(&v, c->args->root, c->args->listeners))
		return true;
	set = v.host[0];
	tell_unnamed(c, &v);
	if (c->registered && (strcmp(c->known.host, v.host) || strcmp(c->known.entity, v.entity) || !v.count))
		say_goodbye(c);
	if (v.count && now_ms() >= c->retry_ms) {
		if (!c->registered || !view_same(&c->known, &v))
			tell(c, &v);
		else if (now_ms() >= c->refresh_ms)
			keep_alive(c);
	}
	view_free(&v);
	return set;
}

int isns_run(const struct isns_args *args)
{
	static struct client c = { .fd = -1, .listener = -1, .backoff_ms = RETRY_MIN_MS, .period_ms = REFRESH_MS };
	struct sigaction term = { .sa_handler = on_term };
	const char *why = sandbox_isns(isns_dir());
	int64_t next = 0;

	if (why) {
		log_line(LOG_ERR, "iSNS: cannot drop privileges: %s failed", why);
		return 1;
	}
	c.args = args;
	close_peers(&c);
	sigaction(SIGTERM, &term, NULL);
	signal(SIGINT, SIG_IGN);	/* the daemon says when */
	signal(SIGXFSZ, SIG_IGN);	/* an error like any other of a write */
	while (!stop) {
		if (now_ms() >= next) {
			if (!look(&c))
				break;
			next = now_ms() + LOOK_MS;
		}
		wait_and_answer(&c, LOOK_MS);
		next = min(next, c.registered ? max(c.refresh_ms, now_ms()) : next);
	}
	say_goodbye(&c);
	return 0;
}
