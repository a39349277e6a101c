/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iSNS process: registers what the tree holds, and learns who may log in.
 */
#ifndef ISNS_CLIENT_H
#define ISNS_CLIENT_H

#include <stdint.h>

#include "discovery.h"

/**
 * struct isns_args - what the process is started with
 * @root: of the tree
 * @listeners: where the daemon listens
 * @esi: let the server inquire whether we live
 * @foreground: log to standard error
 * @debug: log level
 */
struct isns_args {
	const char *root;
	const struct listeners *listeners;
	bool esi;
	bool foreground;
	unsigned int debug;
};

/**
 * isns_run - register until no server is set any more or SIGTERM comes, then deregister
 * @args: see there
 *
 * Return: exit code.
 */
int isns_run(const struct isns_args *args);

/**
 * struct isns_child - the process as the daemon sees it
 * @pid: of the process, 0 for none
 * @watch_fd: iSNSServer, polled for POLLPRI; -1 where there is none, or nothing that tells of changes
 * @look: the attribute may say something new, or the process has ended
 * @not_before_ms: when a process that ended early is followed by another
 * @look_ms: when the attribute is looked at although nothing has told so
 */
struct isns_child {
	pid_t pid;
	int watch_fd;
	bool look;
	int64_t not_before_ms;
	int64_t look_ms;
};

#define ISNS_CHILD_NONE	{ .watch_fd = -1, .look = true }
#define ISNS_LOOK_MS	5000	/* between two looks at an attribute that tells nobody, and two processes */

/**
 * isns_child_prepare - make the folder of the list, or take it over, while there are rights to
 * @dir: the folder
 * @uid: whose it will be
 * @gid: likewise
 */
void isns_child_prepare(const char *dir, uid_t uid, gid_t gid);

/**
 * isns_child_tick - start the process when a server is set and there is none
 * @c: the process
 * @args: for isns_run()
 * @now_ms: monotonic clock
 */
void isns_child_tick(struct isns_child *c, const struct isns_args *args, int64_t now_ms);

/**
 * isns_child_event - the attribute has changed
 * @c: the process
 */
void isns_child_event(struct isns_child *c);

/**
 * isns_child_ms_left - when isns_child_tick() has something to do
 * @c: the process
 * @now_ms: monotonic clock
 *
 * Return: milliseconds from now on, or INT64_MAX when only an event or the end of the process can change anything.
 */
int64_t isns_child_ms_left(const struct isns_child *c, int64_t now_ms);

/**
 * isns_child_gone - was it the process that ended
 * @c: the process
 * @pid: that ended
 */
bool isns_child_gone(struct isns_child *c, pid_t pid);

/**
 * isns_child_stop - let it deregister, for 3 seconds at most
 * @c: the process
 */
void isns_child_stop(struct isns_child *c);

#endif /* ISNS_CLIENT_H */
