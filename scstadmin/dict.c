// SPDX-License-Identifier: GPL-2.0
/* Finding by name among many: a chain while they are few, then a table of chains that grows along. */
#include "dict.h"

#define CHAIN 8		/* links per slot above which the table grows */

unsigned int dict_hash(const char *name, size_t len)
{
	unsigned int h = 2166136261u;

	while (len--)
		h = (h ^ (unsigned char)*name++) * 16777619u;
	return h;
}

static struct dict_slot *slot_of(struct dict *d, unsigned int hash)
{
	/* the upper bits, mixed best, count as well */
	return d->slots ? &d->slots[(hash ^ hash >> 15) & (d->n_slots - 1)] : &d->one;
}

static void append(struct dict_slot *s, struct dict_link *l)
{
	l->next = NULL;
	if (s->last)
		s->last->next = l;
	else
		s->first = l;
	s->last = l;
}

static void append_all(struct dict *d, struct dict_link *l)
{
	struct dict_link *next;

	for (; l; l = next) {
		next = l->next;
		append(slot_of(d, l->hash), l);
	}
}

/* Slot by slot and each from its front, so that what hashes alike keeps its order. */
static void grow(struct pool *p, struct dict *d)
{
	struct dict old = *d;
	size_t i;

	d->n_slots = old.slots ? 4 * old.n_slots : 16;
	d->slots = pool_alloc(p, d->n_slots * sizeof(*d->slots));
	append_all(d, old.one.first);
	for (i = 0; i < old.n_slots; i++)
		append_all(d, old.slots[i].first);
	d->one = (struct dict_slot){ NULL, NULL };
}

void dict_add(struct pool *p, struct dict *d, struct dict_link *l, unsigned int hash)
{
	if (d->n >= CHAIN * (d->slots ? d->n_slots : 4))
		grow(p, d);
	l->hash = hash;
	append(slot_of(d, hash), l);
	d->n++;
}

static struct dict_link *match(struct dict_link *l, unsigned int hash)
{
	while (l && l->hash != hash)
		l = l->next;
	return l;
}

struct dict_link *dict_first(const struct dict *d, unsigned int hash)
{
	return match(slot_of((struct dict *)d, hash)->first, hash);
}

struct dict_link *dict_next(const struct dict_link *l)
{
	return match(l->next, l->hash);
}
