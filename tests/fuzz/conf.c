// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a scst.conf: no crash, and what was understood reads the same
 * after it has been printed.
 */
// links: scstadmin/conf.c scstadmin/conf_print.c scstadmin/check.c scstadmin/check_order.c scst/pure/match.c scstadmin/dict.c scstadmin/model.c
// links: scstadmin/check_twins.c scstadmin/check_value.c iscsi-scst/pure/keys.c scst/pure/alua.c scst/pure/sense.c
// links: scstadmin/util.c scstadmin/plan.c scstadmin/plan_dev.c scstadmin/plan_tgt.c
// links: scstadmin/plan_judge.c scstadmin/result.c
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "conf.h"
#include "plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct sbuf *out, const struct obj *root)
{
	conf_print(out, root, "0.0.0", false);
}

static void round_trip(struct pool *pool, const struct conf *c)
{
	struct sbuf one = { .pool = pool }, two = { .pool = pool };
	struct conf again;

	print(&one, c->root);
	conf_parse(&again, pool, one.s, one.len);
	print(&two, again.root);
	if (again.errors || one.len != two.len || memcmp(one.s, two.s, one.len)) {
		fprintf(stderr, "printed:\n%s\nread and printed again:\n%s\n", one.s, two.s);
		abort();
	}
}

/* Planning towards and away from whatever was read. */
static void plan_both_ways(struct pool *pool, struct conf *c)
{
	struct obj *nothing = obj_new(pool, NULL, OBJ_ROOT, "");
	struct plan pl;

	plan_init(&pl, pool);
	pl.force = true;
	plan_devices(&pl, c->root, nothing);
	plan_targets(&pl, c->root, nothing);
	plan_devices(&pl, c->root, c->root);
	plan_targets(&pl, c->root, c->root);
	plan_devices(&pl, nothing, c->root);
	plan_clear(&pl, c->root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool pool = { 0 };
	struct conf c;

	conf_parse(&c, &pool, (const char *)data, size);
	round_trip(&pool, &c);
	check_conf(&c, NULL);
	plan_both_ways(&pool, &c);
	pool_free(&pool);
	return 0;
}
