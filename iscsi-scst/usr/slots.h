/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Logins in progress and discovery sessions: how many of each there may be, and which one makes room.
 */
#ifndef SCSTD_SLOTS_H
#define SCSTD_SLOTS_H

#include <stdint.h>
#include <sys/types.h>

#include "addr.h"

#define LOGINS_MAX		1024	/* what may be set */
#define SLOTS_MAX		(2 * LOGINS_MAX)	/* the table: as many discovery sessions as logins */
#define SLOTS_DEFAULT		256	/* in all */
#define SLOTS_PER_SOURCE	32	/* from one address */
#define LOGIN_SECONDS		15	/* from accept to the end of a login */

enum slot_state {
	SLOT_FREE,
	SLOT_WAITING,		/* for the first 48 bytes; @fd is ours */
	SLOT_LOGIN,		/* in a child, @pid */
	SLOT_DISCOVERY,		/* a discovery session in a child */
};

/**
 * struct slot - one connection the daemon is responsible for
 * @state: enum slot_state
 * @fd: of a waiting one
 * @pid: of the child
 * @since_ms: when it was accepted
 * @serial: tells the older of two that came in the same millisecond
 * @peer: where it comes from
 */
struct slot {
	enum slot_state state;
	int fd;
	pid_t pid;
	int64_t since_ms;
	uint64_t serial;
	union addr peer;
};

/**
 * struct slots - the table
 * @max: logins in all, and as many discovery sessions
 * @max_per_source: likewise from one address
 * @login_ms: from accept to the end of a login
 * @next_serial: of the next connection
 * @slot: the connections
 */
struct slots {
	int max;
	int max_per_source;
	int64_t login_ms;
	uint64_t next_serial;
	struct slot slot[SLOTS_MAX];
};

/**
 * slots_victim - who has to go before a connection from @peer may come in
 * @s: table
 * @peer: newcomer
 *
 * Beyond a limit the oldest login goes, so that idle connections cannot keep others out. Discovery sessions neither count
 * nor go: where no CHAP is asked for they are as unknown as any login, and would leave the logins no room.
 *
 * Return: the slot to empty, or NULL when there is room.
 */
struct slot *slots_victim(struct slots *s, const union addr *peer);

/**
 * slots_session - a login has become a discovery session
 * @s: table
 * @slot: of the login
 *
 * Return: the oldest other session, when there are too many now; it has to be emptied.
 */
struct slot *slots_session(struct slots *s, struct slot *slot);

/**
 * slots_take - enter a connection
 * @s: table, where slots_victim() found room
 * @fd: its socket
 * @peer: where it comes from
 * @now_ms: monotonic clock
 *
 * Return: its slot, or NULL when the table is full.
 */
struct slot *slots_take(struct slots *s, int fd, const union addr *peer, int64_t now_ms);

/**
 * slots_by_pid - slot of a child
 * @s: table
 * @pid: the child
 *
 * Return: the slot or NULL.
 */
struct slot *slots_by_pid(struct slots *s, pid_t pid);

/**
 * slot_ms_left - how long a login may still take
 * @s: table
 * @slot: a slot in use
 * @now_ms: monotonic clock
 *
 * Return: milliseconds, 0 or less when it is over, INT64_MAX when nothing limits it.
 */
int64_t slot_ms_left(const struct slots *s, const struct slot *slot, int64_t now_ms);

#endif /* SCSTD_SLOTS_H */
