// SPDX-License-Identifier: GPL-2.0
/*
 * The table of logins in progress.
 */
#include <stddef.h>

#include "slots.h"

/* Those that one limit is about. */
struct count {
	int used;
	struct slot *oldest;
};

static void count(struct count *c, struct slot *slot)
{
	c->used++;
	if (!c->oldest || slot->serial < c->oldest->serial)
		c->oldest = slot;
}

/*
 * The oldest of a kind that has to go for one more from @peer, which is @newcomer if it stands in the table already. A host
 * has as many IPv6 addresses as it likes, but all of one /64: together they get half, and the other half stays for others.
 */
static struct slot *one_too_many(struct slots *s, bool sessions, const union addr *peer, const struct slot *newcomer)
{
	struct count all = { 0 }, net = { 0 }, host = { 0 };
	int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		struct slot *slot = &s->slot[i];

		if (slot->state == SLOT_FREE || (slot->state == SLOT_DISCOVERY) != sessions || slot == newcomer)
			continue;
		count(&all, slot);
		if (addr_same_net64(&slot->peer, peer))
			count(&net, slot);
		if (addr_same_host(&slot->peer, peer))
			count(&host, slot);
	}
	if (host.used >= s->max_per_source)
		return host.oldest;
	if (net.used >= s->max_per_source && net.used >= s->max / 2)
		return net.oldest;
	return all.used >= s->max ? all.oldest : NULL;
}

struct slot *slots_victim(struct slots *s, const union addr *peer)
{
	return one_too_many(s, false, peer, NULL);
}

struct slot *slots_session(struct slots *s, struct slot *slot)
{
	if (slot->state == SLOT_DISCOVERY)
		return NULL;
	slot->state = SLOT_DISCOVERY;
	return one_too_many(s, true, &slot->peer, slot);
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
