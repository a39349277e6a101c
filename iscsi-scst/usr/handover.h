/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to iscsi-scst.ko: the one call that hands a connection over, and the membership that makes open_state read "open".
 */
#ifndef SCSTD_HANDOVER_H
#define SCSTD_HANDOVER_H

#include "login.h"

struct handover;

/**
 * struct handover_args - one connection to hand over
 * @fd: its socket
 * @target: stored name of the target
 * @name: the initiator's name for the session
 * @login: the finished login: ISID, TSIH, CID, parameters, numbers and last response
 */
struct handover_args {
	int fd;
	const char *target;
	const char *name;
	const struct iscsi_login *login;
};

/**
 * handover_open - connect to the module
 * @h: receives the connection
 *
 * Return: 0 or -errno; -ENOENT when the module is not loaded.
 */
int handover_open(struct handover **h);

/* The message has gone, its answer is lost: the connection may be the kernel's. Nobody else may write to it or shut it down. */
#define HANDOVER_UNKNOWN 1

/**
 * handover_send - hand a connection over; nothing has been sent to the initiator when this fails
 * @h: from handover_open()
 * @args: what to hand over
 * @why: receives the module's explanation, or ""
 * @why_size: bytes in @why
 *
 * Return: 0, the module's -errno, or HANDOVER_UNKNOWN.
 */
int handover_send(struct handover *h, const struct handover_args *args, char *why, size_t why_size);

/**
 * handover_hidden - an initiator was not shown a target: the module tells listeners if that is for want of LUNs
 * @h: from handover_open(), or NULL
 * @target: stored name of the target
 * @name: the initiator's name for a session
 */
void handover_hidden(struct handover *h, const char *target, const char *name);

/**
 * presence_join - become a member of the module's "daemon" group for as long as this process lives
 *
 * Return: a descriptor to poll for presence_event(), or -errno; -ENOENT when the module is not loaded.
 */
int presence_join(void);

/**
 * presence_event - the descriptor of presence_join() is readable: join again in case the module was reloaded
 */
void presence_event(void);

#endif /* SCSTD_HANDOVER_H */
