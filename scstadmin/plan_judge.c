// SPDX-License-Identifier: GPL-2.0
/* What runs but is not wanted: told, or with -force removed. */
#include "plan.h"

#include <string.h>

static const char *luns_mgmt(struct plan *pl, const struct obj *set)
{
	return pool_fmt(pl->pool, "%s/luns/mgmt", set_path(pl->pool, set));
}

static void remove_lun(struct plan *pl, const struct obj *lun)
{
	struct step *s;

	s = plan_write(pl, lun->parent->kind == OBJ_GROUP ? RES_GRP_LUN_REM : RES_TGT_NO_LUN,
		       STEP_COUNTS, NULL, luns_mgmt(pl, lun->parent),
		       pool_fmt(pl->pool, "del %s", lun->name));
	plan_what(pl, s, "Removing LUN %s from %s", lun->name, obj_label(pl->pool, lun->parent));
}

static void judge_lun(struct plan *pl, const struct obj *want_root, const struct obj *want_set,
		      const struct obj *lun)
{
	const struct obj *w = want_set ? obj_find(want_set, OBJ_LUN, lun->name) : NULL;
	const char *label = obj_label(pl->pool, lun->parent);

	if (w && w->drop)
		w = NULL;
	if (w && !strcmp(w->dev, lun->dev) &&
	    !plan_differs(w, lun, &lun->parent->create, obj_device(want_root, lun->dev)))
		return;
	if (pl->force)
		remove_lun(pl, lun);
	else if (!w)
		plan_note(pl, "LUN %s of %s is not in the configuration; -force would remove it",
			  lun->name, label);
	else if (strcmp(w->dev, lun->dev))
		plan_note(pl, "LUN %s of %s shows device '%s', not '%s'; -force would change it",
			  lun->name, label, lun->dev, w->dev);
	else
		plan_note(pl, "LUN %s of %s was added with other attributes; -force would add it anew",
			  lun->name, label);
}

static void judge_luns(struct plan *pl, const struct obj *want_root, const struct obj *want_set,
		       const struct obj *have_set)
{
	struct obj *l;

	for_each_obj(l, have_set, OBJ_LUN)
		judge_lun(pl, want_root, want_set, l);
}

static void remove_init(struct plan *pl, const struct obj *ini)
{
	struct step *s;

	s = plan_write(pl, RES_INIT_REM, STEP_COUNTS, NULL,
		       pool_fmt(pl->pool, "%s/initiators/mgmt", set_path(pl->pool, ini->parent)),
		       pool_fmt(pl->pool, "del %s", ini->name));
	plan_what(pl, s, "Removing initiator '%s' from %s", ini->name,
		  obj_label(pl->pool, ini->parent));
}

void plan_move_init(struct plan *pl, const struct obj *ini, const struct obj *to, struct obj *owner)
{
	struct step *s;

	s = plan_write(pl, RES_INIT_MOVE, STEP_COUNTS | STEP_UNLESS_FAILED, owner,
		       pool_fmt(pl->pool, "%s/initiators/mgmt", set_path(pl->pool, ini->parent)),
		       pool_fmt(pl->pool, "move %s %s", ini->name, to->name));
	plan_what(pl, s, "Moving initiator '%s' from %s to group '%s'", ini->name,
		  obj_label(pl->pool, ini->parent), to->name);
}

static bool in_running_group(const struct obj *tgt, const char *group, const char *ini)
{
	const struct obj *g = obj_find(tgt, OBJ_GROUP, group);

	return g && obj_find(g, OBJ_INITIATOR, ini);
}

static void judge_init(struct plan *pl, const struct obj *want_tgt, const struct obj *ini)
{
	const struct obj *group = ini->parent, *to;
	const struct obj *w = obj_find(want_tgt, OBJ_GROUP, group->name);

	if (w && obj_find(w, OBJ_INITIATOR, ini->name))
		return;
	to = obj_group_of(want_tgt, ini->name, NULL);
	if (!pl->force && to)
		plan_note(pl, "Initiator '%s' is in %s, not in group '%s'; -force would move it",
			  ini->name, obj_label(pl->pool, group), to->name);
	else if (!pl->force)
		plan_note(pl, "Initiator '%s' of %s is not in the configuration; -force would remove it",
			  ini->name, obj_label(pl->pool, group));
	else if (!to || in_running_group(group->parent, to->name, ini->name))
		remove_init(pl, ini);
	/* else the second half moves it, once the other group has its LUNs */
}

/*
 * Live sessions change to the default LUNs with the first of these writes: no session may be left,
 * or it is what the file asks for.
 */
void plan_remove_group(struct plan *pl, const struct obj *grp, unsigned int flags,
		       struct obj *owner)
{
	const char *path = set_path(pl->pool, grp);
	struct step *s;

	if (obj_first(grp, OBJ_INITIATOR)) {
		s = plan_write(pl, RES_INIT_CLEAR, flags, owner,
			       pool_fmt(pl->pool, "%s/initiators/mgmt", path), "clear");
		plan_what(pl, s, "Removing all initiators from %s", obj_label(pl->pool, grp));
	}
	if (obj_first(grp, OBJ_LUN)) {
		s = plan_write(pl, RES_GRP_CLEAR, flags, owner,
			       pool_fmt(pl->pool, "%s/luns/mgmt", path), "clear");
		plan_what(pl, s, "Removing all LUNs from %s", obj_label(pl->pool, grp));
	}
	s = plan_write(pl, RES_GROUP_REM, flags | STEP_COUNTS, owner,
		       pool_fmt(pl->pool, "%s/ini_groups/mgmt", set_path(pl->pool, grp->parent)),
		       pool_fmt(pl->pool, "del %s", grp->name));
	plan_what(pl, s, "Removing %s", obj_label(pl->pool, grp));
}

/* Whether some initiator of @grp is wanted in another group. */
static bool moves_on(const struct obj *want_tgt, const struct obj *grp)
{
	struct obj *i;

	for_each_obj(i, grp, OBJ_INITIATOR)
		if (obj_group_of(want_tgt, i->name, NULL))
			return true;
	return false;
}

static void judge_group(struct plan *pl, const struct obj *want_root, const struct obj *want_tgt,
			const struct obj *grp)
{
	const struct obj *w = obj_find(want_tgt, OBJ_GROUP, grp->name);
	struct obj *i;

	for_each_obj(i, grp, OBJ_INITIATOR)
		if (w || obj_group_of(want_tgt, i->name, NULL))
			judge_init(pl, want_tgt, i);
	if (w)
		judge_luns(pl, want_root, w, grp);
	else if (!pl->force)
		plan_note(pl, "%s is not in the configuration; -force would remove it",
			  obj_label(pl->pool, grp));
	else if (!moves_on(want_tgt, grp))
		plan_remove_group(pl, grp, 0, NULL);
	/* else the second half removes it, when the last one has moved */
}

static void disable(struct plan *pl, struct obj *o, const char *path, unsigned int flags)
{
	struct step *s;

	s = plan_write(pl, result_attr(o->kind) + 2, flags, o,
		       pool_fmt(pl->pool, "%s/enabled", path), attr_payload(pl->pool, o->kind, "0"));
	plan_what(pl, s, "Disabling %s", obj_label(pl->pool, o));
}

/* When sessions stay, nothing is taken from under them. */
static void close_target(struct plan *pl, struct obj *tgt, unsigned int flags)
{
	const char *path = set_path(pl->pool, tgt);
	struct step *s;

	if (attr_find(tgt, "enabled"))
		disable(pl, tgt, path, STEP_QUIET);
	s = plan_write(pl, RES_TGT_BUSY, flags | STEP_MAKES, tgt, path, "");
	s->kind = STEP_CLOSE_SESSIONS;
	plan_what(pl, s, "Closing the sessions of %s", obj_label(pl->pool, tgt));
}

static void del_target(struct plan *pl, struct obj *tgt, unsigned int flags)
{
	struct step *s;

	s = plan_write(pl, RES_TARGET_REM, flags | STEP_COUNTS, tgt,
		       pool_fmt(pl->pool, "targets/%s/mgmt", tgt->parent->name),
		       pool_fmt(pl->pool, "del_target %s", tgt->name));
	plan_what(pl, s, "Removing %s", obj_label(pl->pool, tgt));
}

static bool is_enabled(const struct obj *o)
{
	const char *e = attr_text(o, "enabled");

	return e && strcmp(e, "0") != 0;
}

static bool is_removable(const struct obj *tgt)
{
	return !tgt->hw && tgt->parent->can_create;
}

/* A target that the file does not mention. */
static void judge_unwanted(struct plan *pl, const struct obj *want_root, struct obj *tgt)
{
	const char *label = obj_label(pl->pool, tgt);
	struct obj *g;

	if (!pl->force) {
		plan_note(pl, "%s is not in the configuration%s; -force would %s it", label,
			  is_enabled(tgt) ? " but enabled" : "",
			  is_removable(tgt) ? "remove" : "disable");
		return;
	}
	if (is_removable(tgt)) {
		close_target(pl, tgt, 0);
		del_target(pl, tgt, 0);
		return;
	}
	plan_note(pl, "%s is hardware and stays", label);
	if (is_enabled(tgt))
		disable(pl, tgt, set_path(pl->pool, tgt), STEP_COUNTS);
	for_each_obj(g, tgt, OBJ_GROUP)
		plan_remove_group(pl, g, 0, NULL);
	judge_luns(pl, want_root, NULL, tgt);
}

static void judge_target(struct plan *pl, struct obj *want, const struct obj *want_tgt,
			 const struct obj *tgt)
{
	struct obj *g;

	judge_luns(pl, want, want_tgt, tgt);
	for_each_obj(g, tgt, OBJ_GROUP)
		judge_group(pl, want, want_tgt, g);
}

/* ---- device groups ---- */

static void del_member(struct plan *pl, const char *path, const struct obj *o, int code)
{
	struct step *s;

	s = plan_write(pl, code, STEP_COUNTS, NULL, path, pool_fmt(pl->pool, "del %s", o->name));
	plan_what(pl, s, "Removing %s", obj_label(pl->pool, o));
}

static void remove_tgrp(struct plan *pl, const struct obj *tg)
{
	const char *path = pool_fmt(pl->pool, "device_groups/%s/target_groups", tg->parent->name);
	struct obj *t;

	for_each_obj(t, tg, OBJ_TGTGT)
		del_member(pl, pool_fmt(pl->pool, "%s/%s/mgmt", path, tg->name), t, RES_TGTGT_REM);
	del_member(pl, pool_fmt(pl->pool, "%s/mgmt", path), tg, RES_TGRP_REM);
}

static void remove_dgrp(struct plan *pl, const struct obj *dg)
{
	const char *devs = pool_fmt(pl->pool, "device_groups/%s/devices/mgmt", dg->name);
	struct obj *o;

	for_each_obj(o, dg, OBJ_TGRP)
		remove_tgrp(pl, o);
	for_each_obj(o, dg, OBJ_DGDEV)
		del_member(pl, devs, o, RES_DGDEV_REM);
	del_member(pl, "device_groups/mgmt", dg, RES_DGRP_REM);
}

static void surplus(struct plan *pl, const struct obj *o)
{
	plan_note(pl, "%s is not in the configuration; -force would remove it",
		  obj_label(pl->pool, o));
}

static void judge_tgrp(struct plan *pl, const struct obj *want_dg, const struct obj *tg)
{
	const struct obj *w = obj_find(want_dg, OBJ_TGRP, tg->name);
	const char *path = pool_fmt(pl->pool, "device_groups/%s/target_groups/%s/mgmt",
				    tg->parent->name, tg->name);
	struct obj *t;

	if (!w && pl->force)
		remove_tgrp(pl, tg);
	else if (!w)
		surplus(pl, tg);
	for_each_obj(t, tg, OBJ_TGTGT) {
		if (!w || obj_find(w, OBJ_TGTGT, t->name))
			continue;
		if (pl->force)
			del_member(pl, path, t, RES_TGTGT_REM);
		else
			surplus(pl, t);
	}
}

/* @w: the group as it is wanted, NULL: not at all */
static void judge_dgdev(struct plan *pl, const struct obj *want, const struct obj *w, const struct obj *dev)
{
	const char *devs = pool_fmt(pl->pool, "device_groups/%s/devices/mgmt", dev->parent->name);
	const struct obj *to = obj_below(want, OBJ_DGDEV, dev->name);

	if (w && obj_find(w, OBJ_DGDEV, dev->name))
		return;
	if (pl->force)
		del_member(pl, devs, dev, RES_DGDEV_REM);	/* the second half adds it to the other group */
	else if (to && !to->drop)
		plan_note(pl, "Device '%s' is in device group '%s', not in '%s'; -force would move it",
			  dev->name, dev->parent->name, to->parent->name);
	else if (w)
		surplus(pl, dev);
}

static void judge_dgrp(struct plan *pl, const struct obj *want, const struct obj *dg)
{
	const struct obj *w = obj_find(want, OBJ_DGRP, dg->name);
	struct obj *o;

	if (!w && pl->force) {
		remove_dgrp(pl, dg);
		return;
	}
	if (!w)
		surplus(pl, dg);
	for_each_obj(o, w ? dg : NULL, OBJ_TGRP)
		judge_tgrp(pl, w, o);
	for_each_obj(o, dg, OBJ_DGDEV)
		judge_dgdev(pl, want, w, o);
}

void plan_judge(struct plan *pl, struct obj *want, const struct obj *have)
{
	const struct obj *wd, *wt;
	struct obj *d, *t, *g;

	for_each_obj(d, have, OBJ_DRIVER) {
		if (!strcmp(d->name, COPY_MANAGER))
			continue;	/* its LUNs come and go with the devices */
		wd = obj_find(want, OBJ_DRIVER, d->name);
		for_each_obj(t, d, OBJ_TARGET) {
			wt = obj_find(wd, OBJ_TARGET, t->name);
			if (wt)
				judge_target(pl, want, wt, t);
			else
				judge_unwanted(pl, want, t);
		}
	}
	for_each_obj(g, have, OBJ_DGRP)
		judge_dgrp(pl, want, g);
}

/* ---- -clear_config ---- */

static void clear_dynamic(struct plan *pl, const struct obj *d)
{
	struct attr *a;
	struct val *v;
	struct step *s;

	for (a = d->attrs; a; a = a->next) {
		if (!strs_has(&d->dyn, a->name))
			continue;
		for (v = a->vals; v; v = v->next) {
			if (!*v->text)
				continue;
			s = plan_write(pl, RES_DRV_DYN_REM, STEP_COUNTS, NULL,
				       pool_fmt(pl->pool, "targets/%s/mgmt", d->name),
				       pool_fmt(pl->pool, "del_attribute %s %s", a->name, v->text));
			plan_what(pl, s, "Removing attribute '%s' from %s", a->name,
				  obj_label(pl->pool, d));
		}
	}
}

/* Sessions first: with their groups or LUNs gone they would write to other disks, or fail. */
static void shut_target(struct plan *pl, struct obj *tgt)
{
	if (is_removable(tgt))
		close_target(pl, tgt, STEP_SOFT | STEP_WARNS);
	else if (is_enabled(tgt))
		disable(pl, tgt, set_path(pl->pool, tgt), STEP_COUNTS);
}

static void clear_target(struct plan *pl, struct obj *tgt)
{
	struct obj *g;
	struct step *s;

	for_each_obj(g, tgt, OBJ_GROUP)
		plan_remove_group(pl, g, 0, tgt);
	if (obj_first(tgt, OBJ_LUN)) {
		s = plan_write(pl, RES_TGT_CLEAR, STEP_COUNTS, tgt, luns_mgmt(pl, tgt), "clear");
		plan_what(pl, s, "Removing all LUNs from %s", obj_label(pl->pool, tgt));
	}
	if (is_removable(tgt))
		del_target(pl, tgt, STEP_SOFT | STEP_WARNS);
}

static void each_target(struct plan *pl, const struct obj *have,
			void (*fn)(struct plan *pl, struct obj *tgt))
{
	struct obj *d, *t;

	for_each_obj(d, have, OBJ_DRIVER) {
		if (!strcmp(d->name, COPY_MANAGER))
			continue;
		for_each_obj(t, d, OBJ_TARGET)
			fn(pl, t);
	}
}

void plan_clear(struct plan *pl, const struct obj *have)
{
	struct obj *o, *d;

	each_target(pl, have, shut_target);
	for_each_obj(o, have, OBJ_DGRP)
		remove_dgrp(pl, o);
	each_target(pl, have, clear_target);
	for_each_obj(o, have, OBJ_DRIVER)
		clear_dynamic(pl, o);
	for_each_obj(o, have, OBJ_HANDLER) {
		for_each_obj(d, o, OBJ_DEVICE)
			plan_close_device(pl, d);
	}
	for_each_obj(o, have, OBJ_DRIVER)
		if (is_enabled(o))
			disable(pl, o, pool_fmt(pl->pool, "targets/%s", o->name), STEP_COUNTS);
}
