// SPDX-License-Identifier: GPL-2.0
/* Whether the groups of a running target come in the order of the file: of those that fit an initiator the first one counts. */
#include "check.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "match.h"

#define WILD "*?!"

/** struct place - a group of the file; @rank: grows with the order in the kernel, what is still to be made comes last */
struct place {
	const struct obj *grp;
	unsigned long long rank;
	bool patterns;
};

static size_t tail_len(const char *pattern)
{
	size_t len = strlen(pattern), n = 0;

	while (n < len && !strchr(WILD, pattern[len - n - 1]))
		n++;
	return n;
}

/* Two patterns are told apart by how they begin and end; what is excluded by "!" may end in any way. */
static bool patterns_meet(const char *a, const char *b)
{
	size_t head_a = strcspn(a, WILD), head_b = strcspn(b, WILD), tail_a = tail_len(a), tail_b = tail_len(b);
	size_t head = head_a < head_b ? head_a : head_b, tail = tail_a < tail_b ? tail_a : tail_b;

	if (strncasecmp(a, b, head))
		return false;
	return strchr(a, '!') || strchr(b, '!') || !strncasecmp(a + strlen(a) - tail, b + strlen(b) - tail, tail);
}

static bool may_meet(const char *a, const char *b)
{
	if (!strpbrk(a, WILD))
		return scst_pattern_match(b, a);
	return strpbrk(b, WILD) ? patterns_meet(a, b) : scst_pattern_match(a, b);
}

static bool groups_may_meet(const struct obj *a, const struct obj *b)
{
	const struct obj *i, *j;

	for_each_obj(i, a, OBJ_INITIATOR)
		for_each_obj(j, b, OBJ_INITIATOR)
			if (may_meet(i->name, j->name))
				return true;
	return false;
}

/* The first group behind @at in the file that is before it in the kernel and may fit the same initiator. */
static const struct obj *overtaker(const struct place *at, const struct place *end)
{
	const struct place *p;

	for (p = at + 1; p < end; p++)
		if (p->rank < at->rank && (p->patterns || at->patterns) && groups_may_meet(at->grp, p->grp))
			return p->grp;
	return NULL;
}

/* Returns whether any order counts and differs. */
static bool fill(struct place *p, const struct obj *t, const struct obj *have)
{
	const struct obj *g, *running;
	unsigned long long top = 0;
	bool any = false, differs = false;

	for_each_obj(g, t, OBJ_GROUP) {
		running = obj_find(have, OBJ_GROUP, g->name);
		p->grp = g;
		p->rank = running ? running->made : ULLONG_MAX;
		p->patterns = obj_has_patterns(g);
		any |= p->patterns;
		differs |= p->rank < top;
		if (p->rank > top)
			top = p->rank;
		p++;
	}
	return any && differs;
}

void check_order(struct conf *c, const struct obj *t, const struct obj *have)
{
	const struct obj *g, *other;
	struct place *places;
	size_t n = 0, i;

	for_each_obj(g, t, OBJ_GROUP)
		n++;
	places = pool_alloc(c->pool, (n + 1) * sizeof(*places));
	if (!fill(places, t, have))
		return;
	for (i = 0; i < n; i++) {
		other = overtaker(places + i, places + n);
		if (other)
			conf_note(c, false, &places[i].grp->pos,
				  "group '%s' stands before group '%s', but is behind it in the running %s: an initiator whom both fit gets the LUNs of '%s' until that target is made anew",
				  places[i].grp->name, other->name, obj_label(c->pool, t), other->name);
	}
}
