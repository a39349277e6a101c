// SPDX-License-Identifier: GPL-2.0
/* What a configuration held that another one lacks: objects only, not how they are set. */
#include "conf.h"

#include <string.h>

struct drops {
	struct pool *pool;
	const struct obj *now;
	struct strs *out;
};

static const struct obj *lun_of(const struct obj *set, const char *dev)
{
	const struct obj *l;

	for_each_obj(l, set, OBJ_LUN)
		if (!strcmp(l->dev, dev))
			return l;
	return NULL;
}

/* The same object below @up: a LUN may have another number, an initiator another group, a device another handler. */
static const struct obj *twin_of(const struct drops *d, const struct obj *o, const struct obj *up)
{
	switch (o->kind) {
	case OBJ_DEVICE:
		return obj_device(d->now, o->name);
	case OBJ_LUN:
		return lun_of(up, o->dev);
	case OBJ_INITIATOR:
		return obj_group_of(up->parent, o->name, NULL);
	default:
		return obj_find(up, o->kind, o->name);
	}
}

/* A block that stands for a module, or for settings alone: what is in it goes by its own name. */
static bool is_frame(const struct obj *o)
{
	return o->kind == OBJ_HANDLER || o->kind == OBJ_ALUA ||
	       (o->kind == OBJ_DRIVER && (o->kids || !o->attrs));
}

static void add_label(struct drops *d, const struct obj *o)
{
	const char *label = obj_label(d->pool, o);

	if (o->kind == OBJ_LUN)
		strs_add(d->pool, d->out, pool_fmt(d->pool, "%s (device '%s')", label, o->dev));
	else
		strs_add(d->pool, d->out, pool_str(d->pool, label));
}

/* @now NULL: the frame that @was is has gone with all that was in it. */
static void compare(struct drops *d, const struct obj *was, const struct obj *now)
{
	const struct obj *o, *twin;

	for (o = was->kids; o; o = o->next) {
		if (o->kind == OBJ_DRIVER && !strcmp(o->name, COPY_MANAGER))
			continue;	/* its LUNs come and go with the devices */
		twin = twin_of(d, o, now);
		if (twin || is_frame(o))
			compare(d, o, twin);
		else
			add_label(d, o);
	}
}

void conf_drops(struct pool *p, const struct obj *was, const struct obj *now, struct strs *out)
{
	struct drops d = { .pool = p, .now = now, .out = out };

	compare(&d, was, now);
}
