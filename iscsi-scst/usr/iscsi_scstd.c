// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon: starts, accepts, forks a child per login, keeps the limits, logs what children report.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "digest.h"
#include "handover.h"
#include "iscsi_proto.h"
#include "legacy_apply.h"
#include "listen.h"
#include "log.h"
#include "options.h"
#include "report.h"
#include "sandbox.h"
#include "scstd.h"
#include "serve.h"
#include "service.h"
#include "slots.h"
#include "tree.h"

#define POLL_MAX (4 + LISTEN_MAX + SLOTS_MAX)
#define REPORTS_AT_ONCE 256
#define ACCEPT_PAUSE_MS 100
#define SPARE_FILES 64	/* listeners, pipes, libraries, one look at the tree */

struct daemon {
	struct options o;
	struct listeners bound;
	int listener[LISTEN_MAX];
	int pid_fd;
	int signal_fd;
	int presence_fd;
	int report_fd[2];
	struct shared_flag suspended;
	struct slots slots;
	struct log_limit limit;
	struct isns_child isns;
	struct isns_args isns_args;
	bool stop;
};

static struct daemon d = { .isns = ISNS_CHILD_NONE };

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000 + 1;
}

/* One line that a peer can provoke. */
static void log_peer(int priority, const char *text)
{
	unsigned int suppressed;

	/* What nobody reads takes no room from what somebody does. */
	if (!log_wants(priority) || !log_limited(&d.limit, now_ms(), &suppressed))
		return;
	if (suppressed)
		log_line(LOG_NOTICE, "%u lines about logins left out", suppressed);
	log_line(priority, "%s", text);
}

static void log_slot(int priority, const struct slot *slot, const char *what)
{
	char portal[PORTAL_TEXT_MAX];
	char line[PORTAL_TEXT_MAX + 128];

	addr_portal(&slot->peer, portal);
	snprintf(line, sizeof(line), "login of (no name) from %s: %s", portal, what);
	log_peer(priority, line);
}

/* A child that still runs is killed; its connection closes with it. */
static void empty_slot(struct slot *slot)
{
	if (slot->state == SLOT_WAITING)
		close(slot->fd);
	else if (slot->state != SLOT_FREE)
		kill(slot->pid, SIGKILL);
	slot->state = SLOT_FREE;
}

/* The end is near for somebody. */
static void give_way(struct slot *victim)
{
	if (!victim)
		return;
	log_slot(LOG_NOTICE, victim, victim->state == SLOT_DISCOVERY ? "gives way, too many discovery sessions" :
								       "gives way, too many logins in progress");
	empty_slot(victim);
}

/* --- children --- */

static void run_child(int fd, int64_t ms_left)
{
	struct serve s = {
		.fd = fd,
		.report_fd = d.report_fd[1],
		.seconds = (unsigned int)((ms_left + 999) / 1000),
		.root = d.o.root,
		.listeners = &d.bound,
		.suspended = d.suspended.theirs,
	};
	sigset_t none;

	signal(SIGPIPE, SIG_IGN);
	/* Meant for the daemon, by whose name a child goes too: killall reaches both. */
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	serve_login(&s);
}

static void fork_child(struct slot *slot)
{
	int64_t left = slot_ms_left(&d.slots, slot, now_ms());
	pid_t pid;

	if (left <= 0)
		return;	/* the timer closes it */
	pid = fork();
	if (!pid)
		run_child(slot->fd, left);
	if (pid < 0) {
		log_slot(LOG_ERR, slot, "cannot fork");
		empty_slot(slot);
		return;
	}
	close(slot->fd);
	slot->fd = -1;
	slot->pid = pid;
	slot->state = SLOT_LOGIN;
}

static void child_gone(pid_t pid, int status)
{
	struct slot *slot = slots_by_pid(&d.slots, pid);
	char what[64];

	if (isns_child_gone(&d.isns, pid)) {
		if (WIFSIGNALED(status) || WEXITSTATUS(status))
			log_line(LOG_ERR, "the iSNS process ended, %s %d", WIFSIGNALED(status) ? "signal" : "code",
				 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		return;
	}
	if (!slot)
		return;	/* killed by us */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		log_slot(slot->state == SLOT_DISCOVERY ? LOG_DEBUG : LOG_NOTICE, slot, "timed out");
	} else if (WIFSIGNALED(status)) {
		snprintf(what, sizeof(what), "child killed by signal %d", WTERMSIG(status));
		log_slot(LOG_ERR, slot, what);
	}
	slot->state = SLOT_FREE;
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		child_gone(pid, status);
}

/* At most so many at once: a child that never stops talking must not keep others waiting. */
static void read_reports(void)
{
	struct slot *slot;
	struct report r;
	pid_t from;
	int i, ret;

	for (i = 0; i < REPORTS_AT_ONCE; i++) {
		ret = report_receive(d.report_fd[0], &r, &from);
		if (ret == -EBADMSG)
			continue;
		if (ret)
			return;
		slot = slots_by_pid(&d.slots, from);
		if (r.kind == REPORT_LOG)
			log_peer(r.priority, r.text);
		else if (slot)
			give_way(slots_session(&d.slots, slot));
	}
}

/* --- connections --- */

/* Why a newcomer is not served, or NULL. */
static const char *not_served(void)
{
	int drv = tree_open(d.o.root);
	bool enabled;

	if (drv == -EMFILE || drv == -ENFILE)
		return "closed, too many open files";
	enabled = drv >= 0 && tree_driver_enabled(drv);
	if (drv >= 0)
		close(drv);
	return enabled ? NULL : "closed, the driver is not enabled";
}

/* Want of memory or files passes, but not at once, and a connection that waits makes poll() return at once. */
static void accept_failed(int err)
{
	if (err == -EAGAIN || err == -ECONNABORTED || err == -EINTR)
		return;
	log_peer(LOG_ERR, "cannot accept a connection");
	poll(NULL, 0, ACCEPT_PAUSE_MS);
}

static void accept_one(int listener)
{
	struct slot newcomer = { .state = SLOT_FREE };
	int fd = listen_accept(listener, &newcomer.peer);
	const char *why;

	if (fd < 0) {
		accept_failed(fd);
		return;
	}
	why = not_served();
	if (why) {
		log_slot(LOG_NOTICE, &newcomer, why);
		close(fd);
		return;
	}
	give_way(slots_victim(&d.slots, &newcomer.peer));
	if (!slots_take(&d.slots, fd, &newcomer.peer, now_ms()))
		close(fd);
}

/* Readable means a whole header, the end of the stream, or an error. */
static void first_bytes(struct slot *slot)
{
	char header[ISCSI_BHS_LEN];

	if (recv(slot->fd, header, sizeof(header), MSG_PEEK | MSG_DONTWAIT) == sizeof(header)) {
		fork_child(slot);
		return;
	}
	log_slot(LOG_DEBUG, slot, "closed before its first request");
	empty_slot(slot);
}

static void expire(void)
{
	int64_t now = now_ms();
	int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		struct slot *slot = &d.slots.slot[i];

		if (slot->state == SLOT_FREE || slot_ms_left(&d.slots, slot, now) > 0)
			continue;
		log_slot(LOG_NOTICE, slot, "timed out");
		empty_slot(slot);
	}
}

/* --- the loop --- */

static void on_signals(void)
{
	struct signalfd_siginfo si;

	while (read(d.signal_fd, &si, sizeof(si)) == sizeof(si)) {
		switch (si.ssi_signo) {
		case SIGCHLD:
			read_reports();	/* what a child said last comes before its end */
			reap();
			break;
		case SIGUSR1:
			*d.suspended.ours = 1;
			log_line(LOG_NOTICE, "logins are suspended");
			break;
		case SIGUSR2:
			*d.suspended.ours = 0;
			log_line(LOG_NOTICE, "logins are resumed");
			break;
		default:
			d.stop = true;
			break;
		}
	}
}

/* -1: nothing but an event can change anything. */
static int poll_timeout(void)
{
	int64_t now = now_ms();
	int64_t least = isns_child_ms_left(&d.isns, now);
	int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		const struct slot *slot = &d.slots.slot[i];
		int64_t left = slot->state == SLOT_FREE ? INT64_MAX : slot_ms_left(&d.slots, slot, now);

		if (left < least)
			least = left;
	}
	if (least == INT64_MAX)
		return -1;
	return least < 0 ? 0 : (int)least;
}

static int add_poll(struct pollfd *p, int n, int fd, short events)
{
	p[n].fd = fd;
	p[n].events = events;
	p[n].revents = 0;
	return n + 1;
}

static void serve_once(void)
{
	static struct pollfd p[POLL_MAX];
	static struct slot *waiting[SLOTS_MAX];
	int first_listener, first_slot, n = 0;
	int i;

	n = add_poll(p, n, d.signal_fd, POLLIN);
	n = add_poll(p, n, d.report_fd[0], POLLIN);
	n = add_poll(p, n, d.presence_fd, POLLIN);
	n = add_poll(p, n, d.isns.watch_fd, POLLPRI);
	first_listener = n;
	for (i = 0; i < d.bound.count; i++)
		n = add_poll(p, n, d.listener[i], POLLIN);
	first_slot = n;
	for (i = 0; i < SLOTS_MAX; i++) {
		if (d.slots.slot[i].state != SLOT_WAITING)
			continue;
		waiting[n - first_slot] = &d.slots.slot[i];
		n = add_poll(p, n, d.slots.slot[i].fd, POLLIN);
	}
	if (poll(p, (nfds_t)n, poll_timeout()) < 0)
		return;

	/* Connections first: a slot that is emptied below must not be mistaken for its successor. */
	for (i = first_slot; i < n; i++)
		if (p[i].revents)
			first_bytes(waiting[i - first_slot]);
	if (p[1].revents)
		read_reports();
	if (p[0].revents)
		on_signals();
	if (p[2].revents)
		presence_event();
	if (p[3].revents)
		isns_child_event(&d.isns);
	expire();
	isns_child_tick(&d.isns, &d.isns_args, now_ms());
	for (i = first_listener; i < first_slot; i++)
		if (p[i].revents)
			accept_one(p[i].fd);
}

/* --- start and end --- */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);	/* there is nothing to read again */
	/* Whoever started us may have ignored them: children would vanish, their numbers become those of others, and none time out. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	d.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return d.signal_fd < 0 ? -errno : 0;
}

/* Each login in progress may wait on a descriptor; with fewer there are fewer logins. */
static void fit_to_file_limit(void)
{
	rlim_t wanted = (rlim_t)d.slots.max + SPARE_FILES;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= wanted)
		return;
	r.rlim_cur = wanted;
	if (r.rlim_max < wanted)
		r.rlim_max = wanted;
	if (!setrlimit(RLIMIT_NOFILE, &r) || getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	d.slots.max = r.rlim_cur > SPARE_FILES ? (int)r.rlim_cur - SPARE_FILES : 1;
	log_line(LOG_NOTICE, "only %d logins at a time, for lack of open files", d.slots.max);
}

static int join(void)
{
	d.presence_fd = presence_join();
	if (d.presence_fd == -ENOENT)
		log_line(LOG_ERR, "the kernel module is not loaded: modprobe iscsi-scst");
	else if (d.presence_fd < 0)
		log_line(LOG_ERR, "cannot reach the kernel module by netlink: %s",
			 strerror(-d.presence_fd));
	return d.presence_fd < 0 ? d.presence_fd : 0;
}

/* On the sockets that were passed, else on sockets of its own. */
static int listen_somewhere(void)
{
	int passed = service_sockets(&d.bound, d.listener);

	if (passed)
		return passed < 0 ? passed : 0;
	return listen_open(&d.o.wanted, &d.bound, d.listener);
}

static int start(void)
{
	int ret = pid_file_lock(d.o.pid_file);

	if (ret < 0)
		return ret;
	d.pid_fd = ret;
	ret = join();
	ret = ret ? ret : listen_somewhere();
	ret = ret ? ret : open_signals();
	ret = ret ? ret : report_open(d.report_fd);
	return ret;
}

/* Errors have gone to the terminal by now; from here on they go to syslog. */
static int go_to_background(void)
{
	if (daemon(0, 0)) {
		log_line(LOG_ERR, "cannot go to the background: %s", strerror(errno));
		return -errno;
	}
	log_open(false, d.o.debug);
	return 0;
}

static void stop_children(void)
{
	int i;

	for (i = 0; i < SLOTS_MAX; i++)
		if (d.slots.slot[i].state >= SLOT_LOGIN)
			kill(d.slots.slot[i].pid, SIGTERM);
}

int scstd_main(int argc, char **argv)
{
	int ret = options_parse(&d.o, argc, argv);
	const char *failed;

	if (ret >= 0)
		return ret;
	d.slots.max = (int)d.o.logins;
	d.slots.max_per_source = (int)d.o.logins_per_source;
	d.slots.login_ms = d.o.login_seconds * 1000LL;
	log_open(true, d.o.debug);
	fit_to_file_limit();
	if (start())
		return 1;
	if (!d.o.foreground && go_to_background())
		return 1;
	pid_file_write(d.pid_fd);
	/* Only now: no child inherits what the daemon writes to, and in the background it is one itself. */
	if (sandbox_flag(&d.suspended)) {
		log_line(LOG_ERR, "cannot make a flag for children");
		return 1;
	}
	failed = digest_init();
	if (failed) {
		log_line(LOG_ERR, "CHAP cannot work: %s failed", failed);
		return 1;
	}
	isns_child_prepare(d.o.isns_dir, d.o.uid, d.o.gid);
	d.isns_args = (struct isns_args){
		.root = d.o.root,
		.listeners = &d.bound,
		.esi = d.o.isns_esi,
		.foreground = d.o.foreground,
		.debug = d.o.debug,
	};
	legacy_apply(d.o.config, d.o.root);
	failed = sandbox_daemon(d.o.uid, d.o.gid);
	if (failed) {
		log_line(LOG_ERR, "cannot drop privileges: %s failed", failed);
		return 1;
	}
	log_line(LOG_INFO, "version %s started", SCSTD_VERSION);
	service_notify("READY=1");
	while (!d.stop)
		serve_once();
	service_notify("STOPPING=1");
	stop_children();
	isns_child_stop(&d.isns);
	unlink(d.o.pid_file);
	log_line(LOG_INFO, "stopped");
	return 0;
}
