// SPDX-License-Identifier: GPL-2.0
/* Second half of a plan: targets with LUNs and groups, device groups, and at last enabling. Disabling comes before all else. */
#include "plan.h"

#include <string.h>

/* ---- repeatable attributes ---- */

static bool for_driver(const struct obj *o)
{
	return o->kind == OBJ_DRIVER;
}

/*
 * @owner: of both; what is not wanted any more stays when something wanted was refused, for the last account that goes, or the
 * last portal, lets everybody in.
 */
static void dyn_write(struct plan *pl, const struct obj *o, struct obj *owner, bool add,
		      const char *name, const char *text)
{
	const char *driver = for_driver(o) ? o->name : o->parent->name;
	unsigned int flags = add ? STEP_COUNTS : STEP_COUNTS | STEP_UNLESS_FAILED;
	const char *verb = add ? "add" : "del";
	struct step *s;
	int code;

	if (for_driver(o))
		code = add ? RES_DRV_DYN_ADD : RES_DRV_DYN_REM;
	else
		code = add ? RES_TGT_DYN_ADD : RES_TGT_DYN_REM;
	s = plan_write(pl, code, flags, owner, pool_fmt(pl->pool, "targets/%s/mgmt", driver),
		       for_driver(o) ?
			       pool_fmt(pl->pool, "%s_attribute %s %s", verb, name, text) :
			       pool_fmt(pl->pool, "%s_target_attribute %s %s %s", verb, o->name,
					name, text));
	plan_what(pl, s, "%s value of attribute '%s' %s %s", add ? "Adding a" : "Removing a", name,
		  add ? "to" : "from", obj_label(pl->pool, o));
}

bool same_account(const char *a, const char *b)
{
	size_t n = strcspn(a, " \t");

	return a[n] && n == strcspn(b, " \t") && !strncmp(a, b, n);
}

/*
 * The running value that the wanted one @v takes the place of, NULL: none. An account is known by its name: another secret is
 * another value of it. With -force also the only value there is, since of some attributes there cannot be a second.
 */
static struct val *dyn_replaces(const struct plan *pl, const struct attr *w, const struct val *v,
				const struct attr *h)
{
	struct val *old;

	for (old = h ? h->vals : NULL; old; old = old->next)
		if (*old->text && !val_find(w, old->text) &&
		    (same_account(old->text, v->text) || (pl->force && !h->vals->next && !w->vals->next)))
			return old;
	return NULL;
}

const char *value_file(struct pool *p, const char *dir, const char *name, const struct val *v)
{
	return v->idx ? pool_fmt(p, "%s/%s%lu", dir, name, v->idx) : pool_fmt(p, "%s/%s", dir, name);
}

/* In one write, so that there is no moment without either. */
static void dyn_replace(struct plan *pl, struct obj *want, const char *name, const struct val *old,
			const char *text)
{
	const char *dir = for_driver(want) ? pool_fmt(pl->pool, "targets/%s", want->name) :
					     set_path(pl->pool, want);
	struct step *s;

	s = plan_write(pl, result_attr(want->kind) + 2, STEP_COUNTS, want,
		       value_file(pl->pool, dir, name, old), attr_payload(pl->pool, want->kind, text));
	plan_what(pl, s, "Changing a value of attribute '%s' of %s", name, obj_label(pl->pool, want));
}

static void dyn_add(struct plan *pl, struct obj *want, const struct obj *have,
		    const struct strs *dyn)
{
	const struct val *old;
	const struct attr *w, *h;
	struct val *v;

	for (w = want->attrs; w; w = w->next) {
		if (!strs_has(dyn, w->name))
			continue;
		h = have ? attr_find(have, w->name) : NULL;
		for (v = w->vals; v; v = v->next) {
			if (!*v->text || val_find(h, v->text))
				continue;
			old = dyn_replaces(pl, w, v, h);
			if (old)
				dyn_replace(pl, want, w->name, old, v->text);
			else
				dyn_write(pl, want, want, true, w->name, v->text);
		}
	}
}

static bool dyn_replaced(const struct plan *pl, const struct attr *w, const struct attr *h,
			 const struct val *old)
{
	const struct val *v;

	for (v = w ? w->vals : NULL; v; v = v->next)
		if (*v->text && !val_find(h, v->text) && dyn_replaces(pl, w, v, h) == old)
			return true;
	return false;
}

static void dyn_surplus(struct plan *pl, struct obj *want, const struct obj *have,
			const struct strs *dyn)
{
	const struct attr *h, *w;
	struct val *v;

	for (h = have->attrs; h; h = h->next) {
		if (!strs_has(dyn, h->name))
			continue;
		w = attr_find(want, h->name);
		for (v = h->vals; v; v = v->next) {
			if (!*v->text || val_find(w, v->text) || dyn_replaced(pl, w, h, v))
				continue;
			if (pl->force)
				dyn_write(pl, have, want, false, h->name, v->text);
			else
				plan_note(pl, "A value of attribute '%s' of %s is not in the configuration; -force would remove it",
					  h->name, obj_label(pl->pool, have));
		}
	}
}

static void plan_dyn(struct plan *pl, struct obj *want, const struct obj *have,
		     const struct strs *dyn)
{
	/* wanted values first: while two are swapped the object must not stand unprotected */
	dyn_add(pl, want, have, dyn);
	if (have)
		dyn_surplus(pl, want, have, dyn);
}

/* ---- LUNs ---- */

static const struct strs *set_params(const struct obj *set)
{
	return set && set->create.n ? &set->create : NULL;
}

/* A set that does not exist yet takes the same LUN parameters as any other. */
static const struct strs *lun_params(const struct obj *have_root, const struct obj *have_set)
{
	static const struct strs none;
	struct obj *d, *t, *g;

	if (set_params(have_set))
		return &have_set->create;
	for_each_obj(d, have_root, OBJ_DRIVER) {
		for_each_obj(t, d, OBJ_TARGET) {
			if (set_params(t))
				return &t->create;
			for_each_obj(g, t, OBJ_GROUP)
				if (set_params(g))
					return &g->create;
		}
	}
	return &none;
}

static void add_lun(struct plan *pl, const struct obj *set, struct obj *owner, const char *lun,
		    const char *dev, const char *params)
{
	struct step *s;

	/* a lost disk does not take the others along */
	s = plan_write(pl, set->kind == OBJ_GROUP ? RES_GRP_LUN_ADD : RES_TGT_LUN_ADD,
		       STEP_COUNTS | STEP_ADDS, owner, pool_fmt(pl->pool, "%s/luns/mgmt", set_path(pl->pool, set)),
		       pool_fmt(pl->pool, "add %s %s %s", dev, lun, params));
	plan_what(pl, s, "Adding device '%s' as LUN %s to %s", dev, lun, obj_label(pl->pool, set));
}

static void plan_luns(struct plan *pl, struct obj *want, const struct obj *have,
		      const struct obj *have_root, struct obj *owner)
{
	const struct strs *create = lun_params(have_root, have);
	const char *dir;
	struct obj *l, *h;

	for_each_obj(l, want, OBJ_LUN) {
		if (l->drop)
			continue;
		h = have ? obj_find(have, OBJ_LUN, l->name) : NULL;
		if (h && strcmp(h->dev, l->dev))
			continue;	/* told in the first half */
		if (!h)
			add_lun(pl, want, owner, l->name, l->dev,
				params_text(pl->pool, l, create));
		dir = pool_fmt(pl->pool, "%s/luns/%s", set_path(pl->pool, want), l->name);
		plan_attrs(pl, l, h, dir, create, NULL, owner);
	}
}

/* ---- the copy manager: numbers are restored exactly, and what matches is no change ---- */

static const struct obj *lun_of_device(const struct obj *set, const char *dev)
{
	struct obj *l;

	for_each_obj(l, set, OBJ_LUN)
		if (!l->drop && !strcmp(l->dev, dev))
			return l;
	return NULL;
}

static bool cm_in_place(const struct obj *want, const struct obj *l)
{
	const struct obj *w = obj_find(want, OBJ_LUN, l->name);

	return w && !w->drop && !strcmp(w->dev, l->dev);
}

/* In the way of a wanted LUN, or of a device that is wanted under another number. */
static bool cm_must_go(const struct plan *pl, const struct obj *want, const struct obj *l)
{
	const struct obj *w = obj_find(want, OBJ_LUN, l->name);

	if (cm_in_place(want, l))
		return false;
	return pl->force || (w && !w->drop) || lun_of_device(want, l->dev);
}

static unsigned long cm_free(const struct obj *want, const struct obj *have, unsigned long from)
{
	struct obj *l;
	bool used = true;

	while (used && from < LUN_MAX) {
		used = false;
		for_each_obj(l, want, OBJ_LUN)
			used |= l->lun == from;
		for_each_obj(l, have, OBJ_LUN)
			used |= l->lun == from;
		from += used;
	}
	return from;
}

static void cm_remove(struct plan *pl, const struct obj *l)
{
	struct step *s;

	s = plan_write(pl, RES_TGT_NO_LUN, STEP_COUNTS, NULL,
		       pool_fmt(pl->pool, "%s/luns/mgmt", set_path(pl->pool, l->parent)),
		       pool_fmt(pl->pool, "del %s", l->name));
	plan_what(pl, s, "Removing LUN %s from %s", l->name, obj_label(pl->pool, l->parent));
}

static void plan_copy_manager(struct plan *pl, struct obj *want, const struct obj *have)
{
	unsigned long n = 0;
	struct obj *l, *now;

	for_each_obj(l, have, OBJ_LUN)
		if (cm_must_go(pl, want, l))
			cm_remove(pl, l);
	for_each_obj(l, want, OBJ_LUN) {
		now = obj_find(have, OBJ_LUN, l->name);
		if (!l->drop && (!now || strcmp(now->dev, l->dev)))
			add_lun(pl, want, want, l->name, l->dev, "");
	}
	for_each_obj(l, have, OBJ_LUN) {
		if (pl->force || !cm_must_go(pl, want, l) || lun_of_device(want, l->dev))
			continue;
		n = cm_free(want, have, n);
		add_lun(pl, want, want, pool_fmt(pl->pool, "%lu", n++), l->dev, "");
	}
}

/* ---- groups and targets ---- */

static void plan_inits(struct plan *pl, struct obj *want, const struct obj *have,
		       const struct obj *have_tgt, struct obj *owner)
{
	const struct obj *other;
	struct step *s;
	struct obj *i;

	for_each_obj(i, want, OBJ_INITIATOR) {
		if (have && obj_find(have, OBJ_INITIATOR, i->name))
			continue;
		other = have_tgt ? obj_group_of(have_tgt, i->name, have) : NULL;
		if (other && pl->force)
			plan_move_init(pl, obj_find(other, OBJ_INITIATOR, i->name), want, owner);
		if (other)
			continue;	/* without -force: told in the first half */
		s = plan_write(pl, RES_INIT_ADD, STEP_COUNTS, owner,
			       pool_fmt(pl->pool, "%s/initiators/mgmt", set_path(pl->pool, want)),
			       pool_fmt(pl->pool, "add %s", i->name));
		plan_what(pl, s, "Adding initiator '%s' to %s", i->name,
			  obj_label(pl->pool, want));
	}
}

static void plan_group(struct plan *pl, struct obj *want, const struct obj *have_tgt,
		       const struct obj *have_root, struct obj *owner)
{
	const struct obj *have = have_tgt ? obj_find(have_tgt, OBJ_GROUP, want->name) : NULL;
	struct step *s;

	if (!have) {
		s = plan_write(pl, RES_GROUP_ADD, STEP_COUNTS, owner,
			       pool_fmt(pl->pool, "%s/ini_groups/mgmt",
					set_path(pl->pool, want->parent)),
			       pool_fmt(pl->pool, "create %s", want->name));
		plan_what(pl, s, "Creating %s", obj_label(pl->pool, want));
	}
	plan_attrs(pl, want, have, set_path(pl->pool, want), NULL, NULL, owner);
	plan_luns(pl, want, have, have_root, owner);
	plan_inits(pl, want, have, have_tgt, owner);
}

/* Those that the first half kept because an initiator was still to move out of them. */
static void remove_left_groups(struct plan *pl, struct obj *want, const struct obj *have)
{
	struct obj *g;

	for_each_obj(g, have, OBJ_GROUP)
		if (!obj_find(want, OBJ_GROUP, g->name))
			plan_remove_group(pl, g, STEP_UNLESS_FAILED, want);
}

static void make_target(struct plan *pl, struct obj *want, const struct obj *have_drv)
{
	struct step *s;

	if (want->hw || !have_drv->can_create) {
		plan_fail(pl, RES_NO_TARGET, STEP_MAKES, want,
			  "%s does not exist and %s", obj_label(pl->pool, want),
			  want->hw ? "is hardware" : "its driver cannot create targets");
		return;
	}
	s = plan_write(pl, RES_TARGET_ADD, STEP_COUNTS | STEP_MAKES, want,
		       pool_fmt(pl->pool, "targets/%s/mgmt", have_drv->name),
		       pool_fmt(pl->pool, "add_target %s %s", want->name,
				params_text(pl->pool, want, &have_drv->create)));
	plan_what(pl, s, "Adding %s", obj_label(pl->pool, want));
}

static void plan_target(struct plan *pl, struct obj *want, const struct obj *have_drv,
			const struct obj *have_root)
{
	const struct obj *have = obj_find(have_drv, OBJ_TARGET, want->name);
	struct obj *g;

	if (!have)
		make_target(pl, want, have_drv);
	plan_attrs(pl, want, have, set_path(pl->pool, want), &have_drv->create, &have_drv->dyn_tgt,
		   want);
	plan_dyn(pl, want, have, &have_drv->dyn_tgt);
	if (!strcmp(have_drv->name, COPY_MANAGER)) {
		if (have)
			plan_copy_manager(pl, want, have);
		return;
	}
	plan_luns(pl, want, have, have_root, want);
	for_each_obj(g, want, OBJ_GROUP)
		plan_group(pl, g, have, have_root, want);
	if (have && pl->force)
		remove_left_groups(pl, want, have);
}

static void plan_driver(struct plan *pl, struct obj *want, const struct obj *have_root)
{
	const struct obj *have = obj_find(have_root, OBJ_DRIVER, want->name);
	struct obj *t;

	if (!have) {
		plan_fail(pl, RES_NO_DRIVER, STEP_MAKES, want, "driver '%s' is not loaded",
			  want->name);
		return;
	}
	plan_attrs(pl, want, have, pool_fmt(pl->pool, "targets/%s", want->name), NULL, &have->dyn,
		   want);
	plan_dyn(pl, want, have, &have->dyn);
	for_each_obj(t, want, OBJ_TARGET)
		plan_target(pl, t, have, have_root);
}

/* ---- enabling ---- */

static void plan_enabled(struct plan *pl, struct obj *want, const struct obj *have,
			 const char *path, bool on)
{
	const char *is = have ? attr_text(have, "enabled") : "0", *value;
	struct attr *w = attr_find(want, "enabled");
	struct step *s;

	if (!w) {
		if (on || !is || !strcmp(is, "0"))
			return;
		if (!pl->force) {
			plan_note(pl, "%s is enabled, the configuration does not say so; -force would disable it",
				  obj_label(pl->pool, want));
			return;
		}
	}
	value = w ? last_value(w, true) : "0";
	if ((is && same_value(is, value)) || on != !!strcmp(value, "0"))
		return;
	s = plan_write(pl, result_attr(want->kind) + 2, on ? STEP_COUNTS | STEP_UNLESS_FAILED : STEP_COUNTS, want,
		       pool_fmt(pl->pool, "%s/enabled", path),
		       attr_payload(pl->pool, want->kind, value));
	plan_what(pl, s, "%s %s", on ? "Enabling" : "Disabling", obj_label(pl->pool, want));
}

void plan_switch(struct plan *pl, struct obj *want, const struct obj *have, bool on)
{
	const struct obj *hd;
	struct obj *d, *t;

	for_each_obj(d, want, OBJ_DRIVER) {
		hd = obj_find(have, OBJ_DRIVER, d->name);
		if (!hd)
			continue;
		for_each_obj(t, d, OBJ_TARGET)
			plan_enabled(pl, t, obj_find(hd, OBJ_TARGET, t->name),
				     set_path(pl->pool, t), on);
	}
	for_each_obj(d, want, OBJ_DRIVER) {
		hd = obj_find(have, OBJ_DRIVER, d->name);
		if (hd)
			plan_enabled(pl, d, hd, pool_fmt(pl->pool, "targets/%s", d->name), on);
	}
}

/* ---- device groups ---- */

static void add_member(struct plan *pl, const char *path, const struct obj *o, const char *cmd,
		       int code)
{
	struct step *s;

	s = plan_write(pl, code, STEP_COUNTS, NULL, path,
		       pool_fmt(pl->pool, "%s %s", cmd, o->name));
	plan_what(pl, s, "Adding %s", obj_label(pl->pool, o));
}

static void plan_tgrp(struct plan *pl, struct obj *want, const struct obj *have_dg)
{
	const struct obj *have = have_dg ? obj_find(have_dg, OBJ_TGRP, want->name) : NULL, *h;
	const char *up = pool_fmt(pl->pool, "device_groups/%s/target_groups", want->parent->name);
	const char *dir = pool_fmt(pl->pool, "%s/%s", up, want->name);
	struct obj *t;

	if (!have)
		add_member(pl, pool_fmt(pl->pool, "%s/mgmt", up), want, "add", RES_TGRP_ADD);
	plan_attrs(pl, want, have, dir, NULL, NULL, want);
	for_each_obj(t, want, OBJ_TGTGT) {
		h = have ? obj_find(have, OBJ_TGTGT, t->name) : NULL;
		if (!h)
			add_member(pl, pool_fmt(pl->pool, "%s/mgmt", dir), t, "add",
				   RES_TGTGT_ADD);
		plan_attrs(pl, t, h, pool_fmt(pl->pool, "%s/%s", dir, t->name), NULL, NULL, want);
	}
}

/* A device is in one group at most. Without -force it stays in the one it is in, as the first half has told. */
static bool takes_dgdev(const struct plan *pl, const struct obj *have_root, const struct obj *have, const struct obj *dev)
{
	if (dev->drop || (have && obj_find(have, OBJ_DGDEV, dev->name)))
		return false;
	return pl->force || !obj_below(have_root, OBJ_DGDEV, dev->name);
}

static void plan_dgrp(struct plan *pl, struct obj *want, const struct obj *have_root)
{
	const struct obj *have = obj_find(have_root, OBJ_DGRP, want->name);
	const char *dir = pool_fmt(pl->pool, "device_groups/%s", want->name);
	struct obj *o;

	if (!have)
		add_member(pl, "device_groups/mgmt", want, "create", RES_DGRP_ADD);
	plan_attrs(pl, want, have, dir, NULL, NULL, want);
	for_each_obj(o, want, OBJ_DGDEV)
		if (takes_dgdev(pl, have_root, have, o))
			add_member(pl, pool_fmt(pl->pool, "%s/devices/mgmt", dir), o, "add",
				   RES_DGDEV_ADD);
	for_each_obj(o, want, OBJ_TGRP)
		plan_tgrp(pl, o, have);
}

static void plan_dgrps(struct plan *pl, struct obj *want, const struct obj *have)
{
	struct obj *w = obj_first(want, OBJ_ALUA), *h = obj_first(have, OBJ_ALUA), *g;

	if (w)
		plan_attrs(pl, w, h, "device_groups", NULL, NULL, w);
	for_each_obj(g, want, OBJ_DGRP)
		plan_dgrp(pl, g, have);
}

void plan_targets(struct plan *pl, struct obj *want, const struct obj *have)
{
	struct obj *d;

	plan_device_attrs(pl, want, have);
	for_each_obj(d, want, OBJ_DRIVER)
		plan_driver(pl, d, have);
	plan_dgrps(pl, want, have);
	plan_switch(pl, want, have, true);
}
