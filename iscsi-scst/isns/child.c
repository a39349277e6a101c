// SPDX-License-Identifier: GPL-2.0
/*
 * Starts and ends the iSNS process, as a child of the daemon: it knows where the daemon listens, and ends with it.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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
	if (!mkdir(dir, 0755) && (uid || gid) && chown(dir, uid, gid))
		log_line(LOG_ERR, "cannot give %s away", dir);
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
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(isns_run(args));
}

void isns_child_tick(struct isns_child *c, const struct isns_args *args, int64_t now_ms)
{
	pid_t self = getpid();
	pid_t pid;

	if (c->pid || now_ms < c->not_before_ms)
		return;
	c->not_before_ms = now_ms + ISNS_LOOK_MS;
	if (!server_set(args->root))
		return;
	pid = fork();
	if (!pid)
		run_child(args, self);
	if (pid < 0)
		log_line(LOG_ERR, "cannot fork the iSNS process");
	else
		c->pid = pid;
}

bool isns_child_gone(struct isns_child *c, pid_t pid)
{
	if (!c->pid || pid != c->pid)
		return false;
	c->pid = 0;
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
