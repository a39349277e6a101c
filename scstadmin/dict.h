/* SPDX-License-Identifier: GPL-2.0 */
/* Finding by name among many: links that stand in what is found, so nothing is allocated for a few. */
#ifndef ADM_DICT_H
#define ADM_DICT_H

#include "util.h"

/** struct dict_link - part of each thing that can be found; @hash: of its name */
struct dict_link {
	struct dict_link *next;
	unsigned int hash;
};

struct dict_slot {
	struct dict_link *first, *last;
};

/**
 * struct dict - all zero: empty
 * @one: the only slot until there are many
 * @slots: NULL until then; @n_slots of them, a power of two
 * @n: links in all
 *
 * What hashes alike stands in the order in which it was added. Names must not change, nothing is taken out.
 */
struct dict {
	struct dict_slot one, *slots;
	size_t n, n_slots;
};

unsigned int dict_hash(const char *name, size_t len);
void dict_add(struct pool *p, struct dict *d, struct dict_link *l, unsigned int hash);

/* The first one that hashes so, the next one after @l; NULL when there is none. Names are left to the caller to compare. */
struct dict_link *dict_first(const struct dict *d, unsigned int hash);
struct dict_link *dict_next(const struct dict_link *l);

/* What @link is part of */
#define dict_of(link, type, member) ((type *)((char *)(link) - offsetof(type, member)))

#endif
