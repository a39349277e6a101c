// SPDX-License-Identifier: GPL-2.0
/* Setting attributes, and adding and removing values of repeatable ones. */
#include <errno.h>
#include <string.h>

#include "adm.h"
#include "plan.h"
#include "result.h"
#include "verbs.h"

/**
 * struct setting - one -set operation in work
 * @kind: of the object; @label: for messages; @dir: its directory
 * @dyn: names of repeatable attributes, written through @mgmt with @add before name and value
 */
struct setting {
	enum obj_kind kind;
	const char *label, *dir;
	struct strs dyn;
	const char *mgmt, *add;
	struct obj *now;
	unsigned int changes;
};

static bool is_target_side(enum obj_kind kind)
{
	return kind == OBJ_DRIVER || kind == OBJ_TARGET;
}

/* @value: to tell, NULL for that of a repeatable attribute, which may be a secret */
static int refuse_value(struct adm *a, const struct setting *s, const struct attr *w, const char *value,
			int code, int err)
{
	const char *what = pool_fmt(&a->pool, "attribute '%s' of %s", w->name, s->label);

	fprintf(a->err, "(%s) ", strerrorname_np(-err));
	return adm_refused(a, code, err, value ? pool_fmt(&a->pool, "%s, value '%s'", what, value) : what);
}

/* Before anything is written. The value may be a secret and is not shown. @dyn NULL: all are repeatable */
static bool dyn_values_fit(struct adm *a, const struct obj *want, const struct strs *dyn, int code)
{
	const struct attr *w;

	for (w = want->attrs; w; w = w->next) {
		if ((dyn && !strs_has(dyn, w->name)) || dyn_value_fits(w->vals->text))
			continue;
		adm_report(a, code, "A value of '%s' must not contain '=', which would end a word of it", w->name);
		return false;
	}
	return true;
}

static int dyn_add_code(enum obj_kind kind)
{
	return kind == OBJ_DRIVER ? RES_DRV_DYN_ADD : RES_TGT_DYN_ADD;
}

/* The running account of the same name, whose secret is another one. */
static const struct val *find_account(const struct obj *now, const struct attr *w)
{
	const struct attr *h = attr_find(now, w->name);
	const struct val *v;

	for (v = h ? h->vals : NULL; v; v = v->next)
		if (same_account(v->text, w->vals->text))
			return v;
	return NULL;
}

/* A second account of a name cannot be: the secret of the first changes, in one write. */
static int set_dynamic(struct adm *a, struct setting *s, const struct attr *w)
{
	const char *value = w->vals->text;
	const struct val *old;
	int err, code;

	if (val_find(attr_find(s->now, w->name), value))
		return 0;
	old = find_account(s->now, w);
	code = old ? result_attr(s->kind) + 2 : dyn_add_code(s->kind);
	if (old)
		err = adm_write(a, value_file(&a->pool, s->dir, w->name, old), attr_payload(&a->pool, s->kind, value));
	else
		err = adm_write(a, s->mgmt, pool_fmt(&a->pool, "%s %s %s", s->add, w->name, value));
	if (err)
		return refuse_value(a, s, w, NULL, code, err);
	s->changes++;
	return 0;
}

static int set_ordinary(struct adm *a, struct setting *s, const struct attr *w,
			const struct attr *now)
{
	const char *value = w->vals->text;
	int err;

	if (now->readable && attr_reads(s->kind, value, last_value(now, false))) {
		if (!is_target_side(s->kind))
			fprintf(a->out, "\t-> Attribute '%s' of %s already is '%s'.\n", w->name,
				s->label, value);
		return 0;
	}
	if (!now->writable) {
		fprintf(a->out, "\t-> WARNING: attribute '%s' of %s is read-only.\n", w->name,
			s->label);
		return 1;
	}
	err = adm_write(a, *s->dir ? pool_fmt(&a->pool, "%s/%s", s->dir, w->name) : w->name,
			attr_payload(&a->pool, s->kind, value));
	if (err)
		return refuse_value(a, s, w, value, result_attr(s->kind) + 2, err);
	s->changes++;
	return 0;
}

static int set_one(struct adm *a, struct setting *s, const struct attr *w)
{
	const struct attr *now;

	if (strs_has(&s->dyn, w->name))
		return set_dynamic(a, s, w);
	now = attr_find(s->now, w->name);
	if (now && !now->link)
		return set_ordinary(a, s, w, now);
	fprintf(a->out, "\t-> WARNING: there is no such attribute '%s' of %s.\n", w->name,
		s->label);
	/* scripts set attributes that only target groups of other hosts have */
	return s->kind != OBJ_TGRP;
}

static int set_all(struct adm *a, struct setting *s)
{
	struct obj *want = adm_attributes(a, s->kind);
	struct attr *w;
	int rc = 0;

	if (!want || !s->dir || !dyn_values_fit(a, want, &s->dyn, dyn_add_code(s->kind)))
		return 1;
	s->now = obj_new(&a->pool, NULL, s->kind, "");
	if (!tree_attrs(&a->tree, *s->dir ? s->dir : ".", s->now))
		return adm_report(a, 1, "%s", a->tree.err);
	adm_begin(a);
	for (w = want->attrs; w && !a->fatal; w = w->next)
		if (set_one(a, s, w))
			rc = 1;
	if (!a->fatal)
		fprintf(a->out, "\t-> Done, %u change(s) made.\n", s->changes);
	return rc;
}

static int set_named(struct adm *a, enum obj_kind kind, const char *name, const char *dir)
{
	struct setting s = { .kind = kind, .dir = dir };

	if (!dir)
		return 1;
	s.label = kind == OBJ_ROOT ? "the core" :
		pool_fmt(&a->pool, "%s '%s'", obj_word(kind), name);
	return set_all(a, &s);
}

int verb_set_scst_attr(struct adm *a)
{
	return set_named(a, OBJ_ROOT, "", "");
}

int verb_set_hnd_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_HND_ATTR);

	return set_named(a, OBJ_HANDLER, name, adm_handler(a, name));
}

int verb_set_dev_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_DEV_ATTR);

	return set_named(a, OBJ_DEVICE, name, adm_device(a, name));
}

int verb_set_dgrp_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_DGRP_ATTR);

	return set_named(a, OBJ_DGRP, name, adm_dgrp(a, name));
}

int verb_set_tgrp_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_TGRP_ATTR);

	return set_named(a, OBJ_TGRP, name, adm_tgrp(a, name));
}

static const char *member_path(struct adm *a, const char *name)
{
	const char *tg = adm_tgrp(a, opt(a, OPT_TGT_GROUP)), *path;

	if (!tg || adm_bad_name(a, OBJ_TGTGT, name, RES_NO_TGTGT))
		return NULL;
	path = pool_fmt(&a->pool, "%s/%s", tg, name);
	if (tree_is_dir(&a->tree, path))
		return path;
	adm_report(a, RES_NO_TGTGT, "%s: %s", result_text(RES_NO_TGTGT), name);
	return NULL;
}

int verb_set_ttgt_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_TTGT_ATTR), *path = member_path(a, name);

	if (path && tree_link(&a->tree, path))
		return adm_report(a, result_attr(OBJ_TGTGT),
				  "Target '%s' is one of this machine and has no attributes here",
				  name);
	return set_named(a, OBJ_TGTGT, name, path);
}

int verb_set_grp_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_GRP_ATTR);

	return set_named(a, OBJ_GROUP, name, adm_group(a, name));
}

int verb_set_lun_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_LUN_ATTR), *set = adm_lun_set(a), *path;
	unsigned long n;

	if (!set)
		return 1;
	path = pool_fmt(&a->pool, "%s/luns/%s", set, name);
	if (!word_is_number(name, LUN_MAX, &n) || !tree_is_dir(&a->tree, path))
		return adm_report(a, RES_TGT_NO_LUN, "No such LUN: %s", name);
	return set_named(a, OBJ_LUN, name, path);
}

int verb_set_init_attr(struct adm *a)
{
	return adm_report(a, result_attr(OBJ_INITIATOR), "Initiators do not have attributes: %s",
			  opt(a, OPT_SET_INIT_ATTR));
}

int verb_set_drv_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_DRV_ATTR);
	struct setting s = { .kind = OBJ_DRIVER, .add = "add_attribute" };
	struct obj *d;

	a->o.val[OPT_DRIVER] = name;
	s.dir = adm_driver(a);
	if (!s.dir)
		return 1;
	d = obj_new(&a->pool, NULL, OBJ_DRIVER, name);
	tree_driver_lists(&a->tree, d);
	s.dyn = d->dyn;
	s.mgmt = pool_fmt(&a->pool, "%s/mgmt", s.dir);
	s.label = pool_fmt(&a->pool, "driver '%s'", name);
	return set_all(a, &s);
}

int verb_set_tgt_attr(struct adm *a)
{
	const char *name = opt(a, OPT_SET_TGT_ATTR);
	struct setting s = { .kind = OBJ_TARGET };
	struct obj *d;

	s.dir = adm_target(a, name);
	if (!s.dir)
		return 1;
	d = obj_new(&a->pool, NULL, OBJ_DRIVER, opt(a, OPT_DRIVER));
	tree_driver_lists(&a->tree, d);
	s.dyn = d->dyn_tgt;
	s.mgmt = pool_fmt(&a->pool, "targets/%s/mgmt", d->name);
	s.add = pool_fmt(&a->pool, "add_target_attribute %s", name);
	s.label = pool_fmt(&a->pool, "target '%s'", name);
	return set_all(a, &s);
}

/* ---- values of repeatable attributes ---- */

struct dynamic {
	const char *dir, *mgmt, *cmd, *label;
	bool add;
	int code;
	struct obj *now;
};

/* Whose value may be a secret, so it is never told. */
static int change_value(struct adm *a, const struct dynamic *d, const struct attr *w)
{
	const char *value = w->vals->text, *what;
	bool is_there = val_find(attr_find(d->now, w->name), value) != NULL;
	int err;

	if (is_there == d->add) {
		fprintf(a->out, "\t-> Attribute '%s' of %s %s the value given.\n", w->name, d->label,
			d->add ? "already has" : "does not have");
		return 0;
	}
	what = pool_fmt(&a->pool, "%s a value of attribute '%s' %s %s", d->add ? "Adding" : "Removing",
			w->name, d->add ? "to" : "from", d->label);
	err = adm_write(a, d->mgmt, pool_fmt(&a->pool, "%s %s %s", d->cmd, w->name, value));
	if (err == -EEXIST && d->add && find_account(d->now, w))
		what = pool_fmt(&a->pool, "%s, which has this account with another secret: -set_drv_attr or -set_tgt_attr changes it", what);
	if (err)
		return adm_refused(a, d->code, err, what);
	adm_done(a, what);
	return 0;
}

static int change_values(struct adm *a, struct dynamic *d, enum obj_kind kind)
{
	struct obj *want = adm_attributes(a, kind);
	struct attr *w;
	int rc = 0;

	if (!want || !d->dir || (d->add && !dyn_values_fit(a, want, NULL, d->code)))
		return 1;
	d->mgmt = pool_fmt(&a->pool, "targets/%s/mgmt", opt(a, OPT_DRIVER));
	if (!tree_is_writable(&a->tree, d->mgmt))
		return adm_report(a, RES_NO_DYNAMIC, "%s: %s", result_text(RES_NO_DYNAMIC),
				  opt(a, OPT_DRIVER));
	d->now = obj_new(&a->pool, NULL, kind, "");
	if (!tree_attrs(&a->tree, d->dir, d->now))
		return adm_report(a, 1, "%s", a->tree.err);
	adm_begin(a);
	for (w = want->attrs; w && !a->fatal; w = w->next)
		if (change_value(a, d, w))
			rc = 1;
	if (!a->fatal)
		adm_end(a);
	return rc;
}

static int change_driver(struct adm *a, const char *name, bool add)
{
	struct dynamic d = {
		.add = add,
		.cmd = add ? "add_attribute" : "del_attribute",
		.code = add ? RES_DRV_DYN_ADD : RES_DRV_DYN_REM,
		.label = pool_fmt(&a->pool, "driver '%s'", name),
	};

	a->o.val[OPT_DRIVER] = name;
	d.dir = adm_driver(a);
	return change_values(a, &d, OBJ_DRIVER);
}

static int change_target(struct adm *a, const char *name, bool add)
{
	struct dynamic d = {
		.add = add,
		.cmd = pool_fmt(&a->pool, "%s_target_attribute %s", add ? "add" : "del", name),
		.code = add ? RES_TGT_DYN_ADD : RES_TGT_DYN_REM,
		.label = pool_fmt(&a->pool, "target '%s'", name),
		.dir = adm_target(a, name),
	};

	return change_values(a, &d, OBJ_TARGET);
}

int verb_add_drv_attr(struct adm *a)
{
	return change_driver(a, opt(a, OPT_ADD_DRV_ATTR), true);
}

int verb_rem_drv_attr(struct adm *a)
{
	return change_driver(a, opt(a, OPT_REM_DRV_ATTR), false);
}

int verb_add_tgt_attr(struct adm *a)
{
	return change_target(a, opt(a, OPT_ADD_TGT_ATTR), true);
}

int verb_rem_tgt_attr(struct adm *a)
{
	return change_target(a, opt(a, OPT_REM_TGT_ATTR), false);
}
