// SPDX-License-Identifier: GPL-2.0
/*
 * Starts and ends the iSNS process, as a child of the daemon: it knows where the daemon listens, and ends with it.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "access.h"
#include "client.h"
#include "log.h"
#include "tree.h"

#define STOP_STEPS	150
#define STOP_STEP_NS	20000000

void isns_child_prepare(const char *dir, uid_t uid, gid_t gid)
{
	isns_set_dir(dir);
	mkdir(dir, 0755);
	/* It may have been another one's: the process has no right to overlook that, as root neither. */
	if (!geteuid() && lchown(dir, uid, gid))
		log_line(LOG_ERR, "cannot give the directory %s to user %u", dir, (unsigned int)uid);
}

static bool server_set(const char *root)
{
	char host[ISNS_HOST_BYTES];
	int drv = tree_open(root);
	bool set = drv >= 0 && isns_configured(drv, host) && host[0];

	if (drv >= 0)
		close(drv);
	return set;
}

/* sysfs tells of a change once the attribute has been read; -1 when it does not go on. */
static int arm(int fd)
{
	char byte;

	if (pread(fd, &byte, 1, 0) >= 0)
		return fd;
	close(fd);
	return -1;
}

/* Other file systems tell nothing. */
static int watch(const char *root)
{
	struct statfs fs;
	int drv = tree_open(root);
	int fd = drv < 0 ? -1 : openat(drv, "iSNSServer", O_RDONLY | O_CLOEXEC);

	if (drv >= 0)
		close(drv);
	if (fd < 0)
		return -1;
	if (!fstatfs(fd, &fs) && fs.f_type == SYSFS_MAGIC)
		return arm(fd);
	close(fd);
	return -1;
}

/*
 * Nothing of the daemon's stays open: not its sockets, not the lock of its pid file, not its place in the kernel's group.
 * A daemon that is killed takes the process along; the registration stays for the next one to replace.
 */
static void run_child(const struct isns_args *args, pid_t daemon)
{
	sigset_t none;

	prctl(PR_SET_NAME, "iscsi-scst-isns");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != daemon)
		_exit(1);
	closelog();
	close_range(3, ~0U, 0);
	log_open(args->foreground, args->debug);
	signal(SIGUSR1, SIG_IGN);	/* meant for the daemon */
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(isns_run(args));
}

static void start(struct isns_child *c, const struct isns_args *args)
{
	pid_t self = getpid();
	pid_t pid = fork();

	if (!pid)
		run_child(args, self);
	if (pid < 0)
		log_line(LOG_ERR, "cannot fork the iSNS process");
	else
		c->pid = pid;
	c->look = pid < 0;
}

/* A module that is unloaded and loaded again has another attribute. */
static void look_unasked(struct isns_child *c, const struct isns_args *args, int64_t now_ms)
{
	if (c->watch_fd >= 0 || now_ms < c->look_ms)
		return;
	c->look_ms = now_ms + ISNS_LOOK_MS;
	c->watch_fd = watch(args->root);
	c->look = true;
}

void isns_child_tick(struct isns_child *c, const struct isns_args *args, int64_t now_ms)
{
	look_unasked(c, args, now_ms);
	if (c->pid || !c->look || now_ms < c->not_before_ms)
		return;
	c->look = false;
	if (!server_set(args->root))
		return;
	c->not_before_ms = now_ms + ISNS_LOOK_MS;
	start(c, args);
}

void isns_child_event(struct isns_child *c)
{
	c->watch_fd = arm(c->watch_fd);
	c->look = true;
}

int64_t isns_child_ms_left(const struct isns_child *c, int64_t now_ms)
{
	int64_t at = INT64_MAX;

	if (c->watch_fd < 0)
		at = c->look_ms;
	if (!c->pid && c->look && c->not_before_ms < at)
		at = c->not_before_ms;
	return at == INT64_MAX ? at : at - now_ms;
}

bool isns_child_gone(struct isns_child *c, pid_t pid)
{
	if (!c->pid || pid != c->pid)
		return false;
	c->pid = 0;
	c->look = true;
	return true;
}

void isns_child_stop(struct isns_child *c)
{
	struct timespec step = { .tv_nsec = STOP_STEP_NS };
	int i;

	if (!c->pid)
		return;
	kill(c->pid, SIGTERM);
	for (i = 0; i < STOP_STEPS; i++) {
		if (waitpid(c->pid, NULL, WNOHANG) == c->pid)
			return;
		nanosleep(&step, NULL);
	}
	kill(c->pid, SIGKILL);
}
