// SPDX-License-Identifier: GPL-2.0
/* What is wrong with a configuration beyond its grammar: references, names, what is running. */
#include "check.h"

#include <string.h>

#include "plan.h"

#define bad(c, o, ...) conf_note(c, true, &(o)->pos, __VA_ARGS__)
#define doubt(c, o, ...) conf_note(c, false, &(o)->pos, __VA_ARGS__)

static const char *label(struct conf *c, const struct obj *o)
{
	return obj_label(c->pool, o);
}

/* ---- attributes ---- */

static void check_value(struct conf *c, const struct obj *o, const struct attr *a,
			const struct strs *create, const struct strs *dyn)
{
	struct val *v;

	for (v = a->vals; v; v = v->next) {
		if (!strcmp(a->name, "enabled") && strcmp(v->text, "0") && strcmp(v->text, "1") &&
		    (o->kind == OBJ_TARGET || o->kind == OBJ_DRIVER))
			bad(c, v, "enabled of %s must be 0 or 1, not '%s'", label(c, o), v->text);
		if (create && strs_has(create, a->name) && strchr(v->text, ';'))
			bad(c, v, "the value of '%s' of %s must not contain ';'", a->name,
			    label(c, o));
		if (create && strs_has(create, a->name) && is_path(a->name) && strpbrk(v->text, " \t="))
			doubt(c, v, "'%s' of %s has a blank or '=' in it, which the kernel takes for the end of the path", a->name,
			      label(c, o));
		if (dyn && strs_has(dyn, a->name) && !dyn_value_fits(v->text))
			bad(c, v, "a value of '%s' of %s must not contain '=', which would end a word of it",
			    a->name, label(c, o));
	}
}

/* A LUN has no file of its own to take what a line of mgmt cannot carry. */
static void check_lun_params(struct conf *c, const struct obj *lun)
{
	struct attr *a;
	struct val *v;

	for (a = lun->attrs; a; a = a->next)
		for (v = a->vals; v; v = v->next)
			if (comes_later(a, v) || strchr(v->text, ';'))
				bad(c, v, "the value '%s' of '%s' of %s must not be empty, nor contain a blank, '=' or ';'",
				    v->text, a->name, label(c, lun));
}

static void check_attrs(struct conf *c, const struct obj *o, const struct obj *have,
			const struct strs *create, const struct strs *dyn)
{
	struct attr *a;

	for (a = o->attrs; a; a = a->next) {
		check_value(c, o, a, create, dyn);
		if (!have || (dyn && strs_has(dyn, a->name)))
			continue;
		if (!attr_find(have, a->name) && !(create && strs_has(create, a->name)))
			doubt(c, a->vals, "%s has no attribute '%s'", label(c, o), a->name);
		else if (a->vals->next)
			doubt(c, a->vals->next, "attribute '%s' of %s is given more than once, the last value counts",
			      a->name, label(c, o));
	}
}

/* ---- handlers and devices ---- */

static void check_device(struct conf *c, struct obj *d, const struct obj *have_handler)
{
	const struct obj *have = have_handler ? obj_find(have_handler, OBJ_DEVICE, d->name) : NULL;
	const struct obj *twin;
	const char *msg;

	msg = name_problem(c->pool, OBJ_DEVICE, d->name);
	if (msg) {
		bad(c, d, "%s", msg);
		d->drop = true;
		return;
	}
	twin = obj_device(c->root, d->name);
	if (twin && twin != d)
		bad(c, d, "device '%s' is already defined at line %u, column %u", d->name,
		    twin->pos.line, twin->pos.col);
	check_attrs(c, d, have, have_handler ? &have_handler->create : NULL, NULL);
	check_device_values(c, d);
}

static void check_handler(struct conf *c, struct obj *h, const struct obj *have)
{
	const struct obj *running = have ? obj_find(have, OBJ_HANDLER, h->name) : NULL;
	struct obj *d;

	if (have && !running) {
		doubt(c, h, "handler '%s' is not known to the running system, its devices are left out",
		      h->name);
		h->drop = true;
		return;
	}
	check_attrs(c, h, running, NULL, NULL);
	for_each_obj(d, h, OBJ_DEVICE)
		check_device(c, d, running);
}

/* ---- targets ---- */

static void check_luns(struct conf *c, struct obj *set, bool want_zero)
{
	bool any = false, zero = false;
	struct obj *l;

	for_each_obj(l, set, OBJ_LUN) {
		check_lun_params(c, l);
		if (!obj_device(c->root, l->dev)) {
			doubt(c, l, "%s: device '%s' is not defined, the LUN is left out",
			      label(c, l), l->dev);
			l->drop = true;
			continue;
		}
		any = true;
		zero |= l->lun == 0;
	}
	if (any && !zero && want_zero)
		doubt(c, set, "%s has LUNs but no LUN 0", label(c, set));
}

static bool is_earlier(const struct obj *a, const struct obj *b)
{
	return a->pos.line != b->pos.line ? a->pos.line < b->pos.line : a->pos.col < b->pos.col;
}

static void check_inits(struct conf *c, const struct obj *tgt, const struct obj *grp)
{
	const struct obj *other;
	struct obj *i;

	for_each_obj(i, grp, OBJ_INITIATOR) {
		other = obj_group_of(tgt, i->name, grp);
		if (other && is_earlier(other, grp))
			bad(c, i, "initiator '%s' is in group '%s' and in group '%s' of %s",
			    i->name, grp->name, other->name, label(c, tgt));
		if (i->attrs)
			doubt(c, i, "initiator '%s' has attributes, which initiators do not have",
			      i->name);
	}
}

/** struct rel_id - a relative target id and the first target that wants it */
struct rel_id {
	struct dict_link link;
	const char *text;
	const struct obj *tgt;
};

static const struct obj *rel_id_taken(struct conf *c, struct dict *ids, const char *id, const struct obj *tgt)
{
	unsigned int hash = dict_hash(id, value_len(id));
	struct dict_link *l;
	struct rel_id *r;

	for (l = dict_first(ids, hash); l; l = dict_next(l)) {
		r = dict_of(l, struct rel_id, link);
		if (same_value(r->text, id))
			return r->tgt;
	}
	r = pool_alloc(c->pool, sizeof(*r));
	r->text = id;
	r->tgt = tgt;
	dict_add(c->pool, ids, &r->link, hash);
	return NULL;
}

static void check_rel_ids(struct conf *c)
{
	const struct obj *other;
	struct dict ids = { 0 };
	struct obj *d, *t;
	const char *id;

	for_each_obj(d, c->root, OBJ_DRIVER) {
		for_each_obj(t, d, OBJ_TARGET) {
			id = attr_text(t, "rel_tgt_id");
			if (!id || !strcmp(id, "0"))
				continue;
			other = rel_id_taken(c, &ids, id, t);
			if (other)
				doubt(c, t, "%s has the same rel_tgt_id %s as %s", label(c, t), id,
				      label(c, other));
		}
	}
}

/* Two names of one thing, and both are saved: after a change of one of them each -config would undo what the last one did. */
static void check_alias(struct conf *c, const struct obj *tgt)
{
	const char *now = attr_text(tgt, "forward_dst"), *old = attr_text(tgt, "forwarding");

	if (now && old && !same_value(now, old))
		doubt(c, attr_find(tgt, "forwarding")->vals, "'forwarding' of %s is another name of 'forward_dst', which is '%s': give but one of them",
		      label(c, tgt), now);
}

/* What the driver names as its repeatable attributes, when it is not there to do so. */
static const struct strs *known_dyn(struct conf *c, const struct obj *drv, bool of_target)
{
	struct strs *names;

	if (strcmp(drv->name, "iscsi"))
		return NULL;
	names = pool_alloc(c->pool, sizeof(*names));
	strs_add(c->pool, names, "IncomingUser");
	strs_add(c->pool, names, "OutgoingUser");
	if (of_target)
		strs_add(c->pool, names, "allowed_portal");
	return names;
}

static void check_target(struct conf *c, struct obj *t, const struct obj *have_drv)
{
	const struct obj *have = have_drv ? obj_find(have_drv, OBJ_TARGET, t->name) : NULL;
	struct obj *g;

	if (have_drv && !have && t->hw)
		bad(c, t, "hardware target '%s' of driver '%s' does not exist", t->name,
		    have_drv->name);
	else if (have_drv && !have && !have_drv->can_create)
		bad(c, t, "target '%s' does not exist and driver '%s' cannot create targets",
		    t->name, have_drv->name);
	check_attrs(c, t, have, have_drv ? &have_drv->create : NULL,
		    have_drv ? &have_drv->dyn_tgt : known_dyn(c, t->parent, true));
	check_alias(c, t);
	check_target_values(c, t);
	check_luns(c, t, strcmp(t->parent->name, COPY_MANAGER) != 0);
	for_each_obj(g, t, OBJ_GROUP) {
		check_attrs(c, g, have ? obj_find(have, OBJ_GROUP, g->name) : NULL, NULL, NULL);
		check_luns(c, g, true);
		check_inits(c, t, g);
	}
	if (have)
		check_order(c, t, have);
}

static void check_driver(struct conf *c, struct obj *d, const struct obj *have)
{
	const struct obj *running = have ? obj_find(have, OBJ_DRIVER, d->name) : NULL;
	struct obj *t;

	if (have && !running)
		doubt(c, d, "driver '%s' is not loaded", d->name);
	if (!obj_first(d, OBJ_TARGET))
		doubt(c, d, "driver '%s' has no targets", d->name);
	check_attrs(c, d, running, NULL, running ? &running->dyn : known_dyn(c, d, false));
	check_driver_values(c, d);
	for_each_obj(t, d, OBJ_TARGET)
		check_target(c, t, running);
}

/* ---- device groups ---- */

static const struct obj *in_other_group(const struct obj *root, const struct obj *dg,
					const char *dev)
{
	const struct obj *first = obj_below(root, OBJ_DGDEV, dev);

	return first && first->parent != dg && is_earlier(first->parent, dg) ? first->parent : NULL;
}

static void check_dgrp(struct conf *c, struct obj *dg)
{
	const struct obj *other;
	struct obj *d;

	for_each_obj(d, dg, OBJ_DGDEV) {
		other = in_other_group(c->root, dg, d->name);
		if (other)
			bad(c, d, "device '%s' is already in device group '%s'", d->name,
			    other->name);
		if (obj_device(c->root, d->name))
			continue;
		doubt(c, d, "%s: the device is not defined, the entry is left out", label(c, d));
		d->drop = true;
	}
	for_each_obj(d, dg, OBJ_TGRP)
		check_tgrp_values(c, d);
}

void check_conf(struct conf *c, const struct obj *have)
{
	bool handlers = obj_first(c->root, OBJ_HANDLER), drivers = obj_first(c->root, OBJ_DRIVER);
	struct obj *o;

	if (!handlers && !drivers)
		conf_note(c, true, NULL, "neither HANDLER nor TARGET_DRIVER is defined");
	else if (!handlers)
		conf_note(c, false, NULL, "no HANDLER is defined");
	else if (!drivers)
		conf_note(c, false, NULL, "no TARGET_DRIVER is defined");
	check_attrs(c, c->root, have, NULL, NULL);
	for_each_obj(o, c->root, OBJ_HANDLER)
		check_handler(c, o, have);
	check_twins(c);
	for_each_obj(o, c->root, OBJ_DRIVER)
		check_driver(c, o, have);
	check_rel_ids(c);
	for_each_obj(o, c->root, OBJ_DGRP)
		check_dgrp(c, o);
}
