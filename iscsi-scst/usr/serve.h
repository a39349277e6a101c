/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One login, in a process of its own: what it is given and how it reports.
 */
#ifndef SCSTD_SERVE_H
#define SCSTD_SERVE_H

#include <signal.h>
#include <sys/types.h>

#include "discovery.h"

/**
 * struct serve - what a child is given
 * @fd: the connection, of which 48 bytes have arrived
 * @report_fd: for report_send()
 * @seconds: left for the login
 * @root: path of the scst_tgt tree
 * @listeners: where the daemon listens
 * @suspended: set by the daemon while logins are suspended
 */
struct serve {
	int fd;
	int report_fd;
	unsigned int seconds;
	const char *root;
	const struct listeners *listeners;
	const volatile sig_atomic_t *suspended;
};

/**
 * serve_login - carry one login through, in a forked child
 * @s: what it needs
 */
void serve_login(const struct serve *s) __attribute__((noreturn));

/**
 * handover_status - login status that tells an initiator of a refused hand-over
 * @err: negative errno
 */
enum iscsi_login_status handover_status(int err);

/**
 * struct discovery_session - the full feature phase of a discovery session
 * @fd: the connection
 * @login: the finished login
 * @where: targets and portals
 */
struct discovery_session {
	int fd;
	const struct iscsi_login *login;
	struct discovery where;
};

#define DISCOVERY_IDLE_SECONDS 180

/**
 * discovery_session_run - serve Text, NOP-Out and Logout until the end or DISCOVERY_IDLE_SECONDS without a request
 * @s: the session
 *
 * Return: NULL, or why this process cannot serve it any longer; a new one can.
 */
const char *discovery_session_run(const struct discovery_session *s);

#endif /* SCSTD_SERVE_H */
