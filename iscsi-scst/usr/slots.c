// SPDX-License-Identifier: GPL-2.0
/*
 * The table of logins in progress.
 */
#include <stddef.h>

#include "slots.h"

/* Discovery sessions count as younger than every login. */
static bool goes_before(const struct slot *a, const struct slot *b)
{
	bool a_session = a->state == SLOT_DISCOVERY;
	bool b_session = b->state == SLOT_DISCOVERY;

	if (a_session != b_session)
		return b_session;
	return a->serial < b->serial;
}

struct slot *slots_victim(struct slots *s, const union addr *peer)
{
	struct slot *oldest = NULL;
	struct slot *oldest_here = NULL;
	int used = 0;
	int here = 0;
	int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		struct slot *slot = &s->slot[i];

		if (slot->state == SLOT_FREE)
			continue;
		used++;
		if (!oldest || goes_before(slot, oldest))
			oldest = slot;
		if (!addr_same_host(&slot->peer, peer))
			continue;
		here++;
		if (!oldest_here || goes_before(slot, oldest_here))
			oldest_here = slot;
	}
	if (here >= s->max_per_source)
		return oldest_here;
	return used >= s->max ? oldest : NULL;
}

struct slot *slots_take(struct slots *s, int fd, const union addr *peer, int64_t now_ms)
{
	int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		struct slot *slot = &s->slot[i];

		if (slot->state != SLOT_FREE)
			continue;
		*slot = (struct slot){
			.state = SLOT_WAITING,
			.fd = fd,
			.since_ms = now_ms,
			.serial = s->next_serial++,
			.peer = *peer,
		};
		return slot;
	}
	return NULL;
}

struct slot *slots_by_pid(struct slots *s, pid_t pid)
{
	int i;

	for (i = 0; i < SLOTS_MAX; i++)
		if (s->slot[i].state >= SLOT_LOGIN && s->slot[i].pid == pid)
			return &s->slot[i];
	return NULL;
}

int64_t slot_ms_left(const struct slots *s, const struct slot *slot, int64_t now_ms)
{
	if (slot->state == SLOT_DISCOVERY)
		return INT64_MAX;
	return slot->since_ms + s->login_ms - now_ms;
}
