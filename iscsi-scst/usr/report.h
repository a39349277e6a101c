/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What children tell the daemon.
 */
#ifndef SCSTD_REPORT_H
#define SCSTD_REPORT_H

#include <stdbool.h>
#include <sys/types.h>

#define REPORT_TEXT_MAX 800

enum report_kind {
	REPORT_LOG,		/* a line for the log */
	REPORT_DISCOVERY,	/* the login is over, a discovery session has begun */
};

/**
 * struct report - one message; who sent it is told by the kernel, not by the message
 * @kind: enum report_kind
 * @priority: of the line
 * @text: line, NUL-terminated
 */
struct report {
	int kind;
	int priority;
	char text[REPORT_TEXT_MAX];
};

/**
 * report_open - a socket for all children
 * @fd: receives the daemon's end and the children's end, both non-blocking
 *
 * Return: 0 or negative errno.
 */
int report_open(int fd[2]);

/**
 * report_send - tell the daemon
 * @fd: the children's end
 * @r: what
 */
void report_send(int fd, const struct report *r);

/**
 * report_receive - the next report, made fit for the log
 * @fd: the daemon's end
 * @r: receives it
 * @from: receives the process that sent it
 *
 * Return: 0, -EAGAIN when there is none, -EBADMSG when it is none of ours.
 */
int report_receive(int fd, struct report *r, pid_t *from);

#endif /* SCSTD_REPORT_H */
