// SPDX-License-Identifier: GPL-2.0
/*
 * The child: reads login requests, asks the tree, writes responses, hands the connection over.
 */
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "access.h"
#include "accounts.h"
#include "digest.h"
#include "handover.h"
#include "hosts.h"
#include "login.h"
#include "pduio.h"
#include "report.h"
#include "sandbox.h"
#include "serve.h"
#include "tree.h"

#define FIRST_STATSN	1
#define PROTOCOL_LEVEL	2	/* RFC 7144: queries and I_T NEXUS RESET */

/* One login; static because it is large and there is one per process. */
struct job {
	const struct serve *s;
	struct iscsi_login login;
	struct iscsi_chap_env env;
	struct handover *handover;
	struct ifaddrs *interfaces;	/* read before the sandbox closes; NULL when that failed */
	int drv;
	int tgt;	/* as it was looked up, also when its name has become another one's */
	bool exempt;	/* from authentication */
	union addr local;
	union addr from;
	char peer[PORTAL_TEXT_MAX];
	char local_ip[ADDR_TEXT_MAX];
	char target[ISCSI_STORED_NAME_MAX + 1];
	char name[ISCSI_STORED_NAME_MAX + 1];
};

static struct job job;

static void report(int kind, int priority, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void report(int kind, int priority, const char *fmt, ...)
{
	struct report r = { .kind = kind, .priority = priority };
	va_list args;

	va_start(args, fmt);
	vsnprintf(r.text, sizeof(r.text), fmt, args);
	va_end(args);
	report_send(job.s->report_fd, &r);
}

static void report_login(int priority, const char *result)
{
	const struct iscsi_login *l = &job.login;
	const char *to = l->discovery ? "discovery" : l->target;

	report(REPORT_LOG, priority, "login of %s from %s to %s at %s: %s",
	       l->initiator[0] ? l->initiator : "(no name)", job.peer,
	       to[0] ? to : "(no target)", job.local_ip, result);
}

static void report_refused(const char *detail)
{
	const struct iscsi_login *l = &job.login;
	char result[400];

	snprintf(result, sizeof(result), "refused, status 0x%04x (%s%s%s)", l->status,
		 l->reason ? l->reason : "", detail[0] ? ": " : "", detail);
	report_login(LOG_NOTICE, result);
}

enum iscsi_login_status handover_status(int err)
{
	switch (-err) {
	case ENOENT:
		return ISCSI_LOGIN_NOT_FOUND;
	case ESHUTDOWN:
		return ISCSI_LOGIN_UNAVAILABLE;
	case EUSERS:
	case ENOMEM:
		return ISCSI_LOGIN_NO_RESOURCES;
	case ESTALE:
		return ISCSI_LOGIN_NO_SESSION;
	case EMLINK:
		return ISCSI_LOGIN_TOO_MANY_CONNS;
	default:
		return ISCSI_LOGIN_TARGET_ERROR;
	}
}

static void refuse_target(struct iscsi_login_target *t, enum iscsi_login_status status, const char *reason)
{
	t->status = status;
	t->reason = reason;
}

/* Only its own network is as internal as an internal portal: others may reach its address too. */
static bool needs_no_chap(void)
{
	if (!tree_internal_portal(job.drv, job.local_ip))
		return false;
	if (addr_is_neighbour(&job.from, &job.local, job.interfaces))
		return true;
	report(REPORT_LOG, LOG_NOTICE, "%s is not in the network of the internal portal %s: CHAP as elsewhere", job.peer, job.local_ip);
	return false;
}

/* Accounts that are there and cannot be read protect as well as any. */
static void look_accounts_up(int dir, struct iscsi_login_target *t)
{
	static const struct iscsi_auth none;

	t->auth = &none;
	job.exempt = needs_no_chap();
	if (job.exempt)
		return;
	t->auth = accounts_read(dir);
	if (!t->auth)
		refuse_target(t, ISCSI_LOGIN_TARGET_ERROR, "accounts cannot be read");
}

static void look_discovery_up(struct iscsi_login_target *t)
{
	memset(t, 0, sizeof(*t));
	if (job.drv < 0 || !tree_driver_enabled(job.drv))
		refuse_target(t, ISCSI_LOGIN_UNAVAILABLE, "driver disabled");
	else
		look_accounts_up(job.drv, t);
}

static void tell_hidden(const char *target, const char *name)
{
	handover_hidden(job.handover, target, name);
}

/* One line a session: each of its requests finds the same. */
static void tell_unnamed(const char *target)
{
	static bool told;

	if (!told)
		report(REPORT_LOG, LOG_WARNING, "target %s is not shown, nobody can log in: its name is no iSCSI name", target);
	told = true;
}

static void look_target_up(struct iscsi_login_target *t)
{
	struct tree_asker who = { .initiator = job.login.initiator, .local_ip = job.local_ip,
				  .peer = &job.from };

	tree_login(job.drv, job.login.target, &who, job.target, job.name, t);
	if (t->status == ISCSI_LOGIN_NOT_FOUND && job.name[0])
		tell_hidden(job.target, job.name);
	if (t->status != ISCSI_LOGIN_SUCCESS)
		return;
	job.tgt = tree_open_target(job.drv, job.target);
	if (job.tgt < 0)
		refuse_target(t, ISCSI_LOGIN_NOT_FOUND, "target just removed");
	else
		look_accounts_up(job.tgt, t);
}

static enum iscsi_login_effect look_up(void)
{
	struct iscsi_login_target t;

	job.drv = tree_open(job.s->root);
	if (job.login.discovery)
		look_discovery_up(&t);
	else
		look_target_up(&t);
	return iscsi_login_target(&job.login, &t);
}

static enum iscsi_login_effect request(const u8 *bhs)
{
	static u8 data[ISCSI_LOGIN_SEGMENT + 4];
	u32 len = iscsi_data_len(bhs);
	enum iscsi_login_effect effect = iscsi_login_check_bhs(&job.login, bhs);

	if (effect != ISCSI_LOGIN_CONTINUE)
		return effect;
	if (pdu_read(job.s->fd, data, iscsi_padded(len))) {
		job.login.reason = "connection lost";
		return ISCSI_LOGIN_DROP;
	}
	job.login.suspended = *job.s->suspended;
	effect = iscsi_login_feed(&job.login, bhs, data, len);
	if (effect == ISCSI_LOGIN_NEED_TARGET)
		effect = look_up();
	if (effect != ISCSI_LOGIN_CONTINUE || iscsi_login_authenticated(&job.login))
		accounts_wipe();
	return effect;
}

static int send_response(void)
{
	return pdu_write(job.s->fd, job.login.rsp, job.login.rsp_len);
}

static void refuse(const char *detail)
{
	report_refused(detail);
	send_response();
	pdu_close(job.s->fd);
}

static bool asks_for_chap(void)
{
	const struct iscsi_auth *auth = accounts_read(job.tgt);
	bool asks = !auth || auth->required;

	accounts_wipe();
	return asks;
}

/*
 * A login may take its time, and the kernel takes a connection for whatever has the target's name by then, without a look at
 * accounts. A target that is being removed loses them first, and the next of its name may have others. NULL: as it was looked up.
 */
static const char *what_has_changed(void)
{
	if (!tree_target_enabled(job.tgt))
		return "target disabled or removed meanwhile";
	if (!job.exempt && job.login.chap.step != ISCSI_CHAP_DONE && asks_for_chap())
		return "account added meanwhile";
	return NULL;
}

/* From here on the kernel owns the connection, or nothing has happened yet and we can still refuse. */
static void hand_over(void)
{
	struct handover_args args = {
		.fd = job.s->fd,
		.target = job.target,
		.name = job.name,
		.login = &job.login,
	};
	const char *changed = what_has_changed();
	char why[256] = "";
	int err = -ENOTCONN;

	/* With a status that has the initiator come again. */
	if (changed) {
		iscsi_login_fail(&job.login, ISCSI_LOGIN_UNAVAILABLE, changed);
		refuse("");
		return;
	}
	if (job.handover)
		err = handover_send(job.handover, &args, why, sizeof(why));
	if (!err) {
		report_login(LOG_INFO, "accepted");
		return;
	}
	if (err == HANDOVER_UNKNOWN) {
		report_login(LOG_ERR, "the kernel's answer is lost, the connection is left to it");
		return;
	}
	iscsi_login_fail(&job.login, handover_status(err),
			 job.handover ? "not taken over" : "iscsi-scst.ko does not answer");
	refuse(why[0] ? why : strerrorname_np(-err));
}

static void begin_discovery(void)
{
	static struct portals portals;
	struct discovery_session session = {
		.fd = job.s->fd,
		.login = &job.login,
		.where = { .initiator = job.login.initiator, .peer = &job.from, .portals = &portals, .hidden = tell_hidden,
			   .unnamed = tell_unnamed },
	};
	const char *why;

	if (job.drv < 0 || !tree_driver_enabled(job.drv)) {	/* since it was looked up */
		iscsi_login_fail(&job.login, ISCSI_LOGIN_UNAVAILABLE, "driver disabled");
		refuse("");
		return;
	}
	portals_collect(&portals, job.s->listeners, &job.local, job.interfaces,
			tree_link_local(job.drv));
	session.where.drv = job.drv;
	if (send_response()) {
		report_login(LOG_NOTICE, "connection lost");
		return;
	}
	report_login(LOG_INFO, "accepted");
	report(REPORT_DISCOVERY, LOG_DEBUG, "-");
	why = discovery_session_run(&session);
	if (why)
		report_login(LOG_NOTICE, why);
}

/* Returns when the login is over, one way or the other. */
static void negotiate(void)
{
	u8 bhs[ISCSI_BHS_LEN];

	for (;;) {
		enum iscsi_login_effect effect = ISCSI_LOGIN_DROP;

		job.login.reason = "connection lost";
		if (!pdu_read(job.s->fd, bhs, sizeof(bhs)))
			effect = request(bhs);
		switch (effect) {
		case ISCSI_LOGIN_CONTINUE:
			if (!send_response())
				continue;
			report_login(LOG_NOTICE, "connection lost");
			return;
		case ISCSI_LOGIN_DONE:
			hand_over();
			return;
		case ISCSI_LOGIN_DISCOVERY:
			begin_discovery();
			return;
		case ISCSI_LOGIN_FAILED:
			refuse(job.login.refused);
			return;
		default:
			report_login(LOG_NOTICE, job.login.reason);
			return;
		}
	}
}

/* Nothing of the daemon but the connection and the way to report stays open. */
static void close_others(const struct serve *s)
{
	unsigned int low = (unsigned int)(s->fd < s->report_fd ? s->fd : s->report_fd);
	unsigned int high = (unsigned int)(s->fd < s->report_fd ? s->report_fd : s->fd);

	if (low > 3)
		close_range(3, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

static void prepare_socket(int fd)
{
	socklen_t len = sizeof(job.local);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	getsockname(fd, &job.local.sa, &len);
	len = sizeof(job.from);
	job.from.sa.sa_family = AF_INET;
	getpeername(fd, &job.from.sa, &len);
	addr_portal(&job.from, job.peer);
	addr_text(&job.local, job.local_ip);
}

void serve_login(const struct serve *s)
{
	const char *const readable[] = { s->root, HOSTS_DEFAULT_DIR "/" HOSTS_DENY, HOSTS_DEFAULT_DIR "/" HOSTS_ALLOW, isns_dir(), NULL };
	const char *why;
	int err;

	job.s = s;
	alarm(s->seconds);
	close_others(s);
	prepare_socket(s->fd);
	err = handover_open(&job.handover);
	if (err)
		job.handover = NULL;
	if (getifaddrs(&job.interfaces))
		job.interfaces = NULL;
	iscsi_login_init(&job.login, PROTOCOL_LEVEL, FIRST_STATSN);
	job.login.chap.env = &job.env;
	why = digest_env(&job.env) ? "reading random bytes" : sandbox_child(readable);
	if (why)
		report(REPORT_LOG, LOG_ERR, "cannot serve %s: %s failed", job.peer, why);
	else
		negotiate();
	_exit(0);
}
