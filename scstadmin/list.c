// SPDX-License-Identifier: GPL-2.0
/* Listings of objects: handlers, devices, drivers, targets, groups, sessions. */
#include <string.h>

#include "adm.h"
#include "result.h"
#include "table.h"
#include "verbs.h"

/* ---- handlers and devices ---- */

static void names_of(struct adm *a, const struct obj *up, enum obj_kind kind, struct strs *out)
{
	struct obj *o;

	memset(out, 0, sizeof(*out));
	for_each_obj(o, up, kind)
		strs_add(&a->pool, out, o->name);
}

static size_t count_children(const struct obj *up, enum obj_kind kind, enum obj_kind child)
{
	struct obj *o, *c;
	size_t n = 0;

	for_each_obj(o, up, kind) {
		n++;
		for_each_obj(c, o, child)
			n++;
	}
	return n;
}

static size_t handler_rows(const struct obj *h, struct pair *rows)
{
	struct obj *d;
	size_t n = 0;

	for_each_obj(d, h, OBJ_DEVICE)
		rows[n++] = (struct pair){ h->name, d->name };
	if (!n)
		rows[n++] = (struct pair){ h->name, "-" };
	return n;
}

static int list_handlers(struct adm *a, struct obj *root, const char *only)
{
	size_t max = count_children(root, OBJ_HANDLER, OBJ_DEVICE), n = 0;
	struct pair *rows = pool_alloc(&a->pool, (max + 1) * sizeof(*rows));
	struct obj *h;

	for_each_obj(h, root, OBJ_HANDLER)
		if (!only || !strcmp(only, h->name))
			n += handler_rows(h, rows + n);
	table_pairs(a->out, (struct pair){ "Handler", "Device" }, rows, n, 5, 4);
	return 0;
}

int verb_list_handler(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_HANDLER);
	struct obj *root = adm_running(a);
	struct strs names;

	if (!root)
		return 1;
	if (*name && obj_find(root, OBJ_HANDLER, name))
		return list_handlers(a, root, name);
	if (*name) {
		fprintf(a->out, "\tNo such handler '%s'.\n", name);
		return 0;
	}
	names_of(a, root, OBJ_HANDLER, &names);
	table_names(a->out, "Handler", &names, 0);
	return 0;
}

int verb_list_device(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_DEVICE);
	struct obj *root;

	if (*name)
		return list_device_attrs(a, name);
	root = adm_running(a);
	return root ? list_handlers(a, root, NULL) : 1;
}

/* ---- device groups ---- */

int verb_list_dgrp(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_DGRP);
	struct obj *root = adm_running(a), *g;
	struct strs names;
	size_t i;

	if (!root)
		return 1;
	if (!*name) {
		names_of(a, root, OBJ_DGRP, &names);
		fputs("\tDevice Group\n\t", a->out);
		table_dashes(a->out, strs_width(&names, 12));
		for (i = 0; i < names.n; i++)
			fprintf(a->out, "\t%s\n\n", names.v[i]);
		return 0;
	}
	g = obj_find(root, OBJ_DGRP, name);
	if (!g) {
		fprintf(a->out, "\tNo such device group '%s'.\n", name);
		return 0;
	}
	names_of(a, g, OBJ_DGDEV, &names);
	table_names(a->out, "Devices", &names, 7);
	fputc('\n', a->out);
	names_of(a, g, OBJ_TGRP, &names);
	table_names(a->out, "Target Groups", &names, 12);
	return 0;
}

int verb_list_tgrp(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_TGRP);
	struct obj *root = adm_running(a), *g, *tg;
	struct strs names;

	if (!root)
		return 1;
	g = obj_find(root, OBJ_DGRP, opt(a, OPT_DEV_GROUP));
	tg = g && *name ? obj_find(g, OBJ_TGRP, name) : NULL;
	if (!g || (*name && !tg)) {
		fprintf(a->out, "\tNo such %s group '%s'.\n", g ? "target" : "device",
			g ? name : opt(a, OPT_DEV_GROUP));
		return 0;
	}
	names_of(a, tg ? tg : g, tg ? OBJ_TGTGT : OBJ_TGRP, &names);
	table_names(a->out, tg ? "Targets" : "Target Groups", &names, tg ? 7 : 12);
	return 0;
}

/* ---- LUNs and groups ---- */

/* LUNs in the order of their text: 0, 10, 2. */
static struct obj *next_lun(const struct obj *set, const char *after)
{
	struct obj *l, *best = NULL;

	for_each_obj(l, set, OBJ_LUN) {
		if (after && strcmp(l->name, after) <= 0)
			continue;
		if (!best || strcmp(l->name, best->name) < 0)
			best = l;
	}
	return best;
}

static void print_luns(struct adm *a, const struct obj *set)
{
	size_t w = 6;
	struct obj *l;

	fputs("Assigned LUNs:\n\n", a->out);
	if (!obj_first(set, OBJ_LUN)) {
		fputs("\t(none)\n", a->out);
		return;
	}
	for_each_obj(l, set, OBJ_LUN)
		if (strlen(l->dev) > w)
			w = strlen(l->dev);
	fprintf(a->out, "\t%-4s %-*s\n\t", "LUN", (int)w, "Device");
	table_dashes(a->out, w + 5);
	for (l = next_lun(set, NULL); l; l = next_lun(set, l->name))
		fprintf(a->out, "\t%-4s %-*s\n", l->name, (int)w, l->dev);
}

static void print_inits(struct adm *a, const struct obj *grp)
{
	struct strs names;

	fputs("Assigned Initiators:\n\n", a->out);
	names_of(a, grp, OBJ_INITIATOR, &names);
	if (!names.n)
		fputs("\t(none)\n", a->out);
	else
		table_names(a->out, "Initiator", &names, 0);
}

static void print_group(struct adm *a, const struct obj *g)
{
	fprintf(a->out, "Group: %s\n\n", g->name);
	print_luns(a, g);
	fputc('\n', a->out);
	print_inits(a, g);
	fputs("\n\n", a->out);
}

/* @only: a group to show alone */
static void print_target(struct adm *a, const struct obj *t, const char *only)
{
	struct obj *g;

	fprintf(a->out, "Driver: %s\nTarget: %s\n\n", t->parent->name, t->name);
	if (!only) {
		print_luns(a, t);
		fputc('\n', a->out);
	}
	for_each_obj(g, t, OBJ_GROUP)
		if (!only || !strcmp(only, g->name))
			print_group(a, g);
}

/* ---- drivers and targets ---- */

static int list_targets(struct adm *a, const struct obj *root, const char *only)
{
	size_t max = count_children(root, OBJ_DRIVER, OBJ_TARGET), n = 0;
	struct pair *rows = pool_alloc(&a->pool, (max + 1) * sizeof(*rows));
	struct obj *d, *t;

	for_each_obj(d, root, OBJ_DRIVER) {
		if (only && strcmp(only, d->name))
			continue;
		for_each_obj(t, d, OBJ_TARGET)
			rows[n++] = (struct pair){ d->name, t->name };
	}
	table_pairs(a->out, (struct pair){ "Driver", "Target" }, rows, n, 1, 1);
	return 0;
}

int verb_list_driver(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_DRIVER);
	struct obj *root = adm_running(a);
	struct strs names;

	if (!root)
		return 1;
	if (*name && obj_find(root, OBJ_DRIVER, name))
		return list_targets(a, root, name);
	if (*name) {
		fprintf(a->out, "\tNo such driver '%s'.\n", name);
		return 0;
	}
	names_of(a, root, OBJ_DRIVER, &names);
	table_names(a->out, "Driver", &names, 0);
	return 0;
}

int verb_list_target(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_TARGET), *drv = opt(a, OPT_DRIVER);
	struct obj *root = adm_running(a), *d, *t;
	bool found = false;

	if (!root)
		return 1;
	if (drv && *drv && !obj_find(root, OBJ_DRIVER, drv)) {
		fprintf(a->out, "\tNo such driver '%s'.\n", drv);
		return 0;
	}
	if (!*name)
		return list_targets(a, root, drv && *drv ? drv : NULL);
	for_each_obj(d, root, OBJ_DRIVER) {
		if (drv && *drv && strcmp(drv, d->name))
			continue;
		t = obj_find(d, OBJ_TARGET, name);
		if (t)
			print_target(a, t, NULL);
		found |= t != NULL;
	}
	if (!found)
		fprintf(a->out, "\tNo such target '%s'.\n", name);
	return 0;
}

static bool is_named(const char *wanted, const char *name)
{
	return !wanted || !*wanted || !strcmp(wanted, name);
}

int verb_list_group(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_GROUP), *drv = opt(a, OPT_DRIVER);
	const char *tgt = opt(a, OPT_TARGET);
	struct obj *root = adm_running(a), *d, *t;
	bool any = false, found = !*name;

	if (!root)
		return 1;
	for_each_obj(d, root, OBJ_DRIVER) {
		for_each_obj(t, d, OBJ_TARGET) {
			if (!is_named(drv, d->name) || !is_named(tgt, t->name))
				continue;
			any = true;
			if (*name && !obj_find(t, OBJ_GROUP, name))
				continue;
			found = true;
			print_target(a, t, *name ? name : NULL);
		}
	}
	if (!any)
		fputs("\tNo such driver or target.\n", a->out);
	else if (!found)
		return adm_report(a, RES_NO_GROUP, "%s: %s", result_text(RES_NO_GROUP), name);
	return 0;
}

/* ---- sessions ---- */

static void session_luns(struct adm *a, const char *dir, struct obj *o)
{
	const char *luns = pool_fmt(&a->pool, "%s/luns", dir), *dev;
	struct strs names = { 0 };
	unsigned long n;
	struct attr *at;
	size_t i;

	if (!tree_is_dir(&a->tree, luns) || !tree_names(&a->tree, luns, &names))
		return;
	for (i = 0; i < names.n; i++) {
		if (!word_is_number(names.v[i], LUN_MAX, &n))
			continue;
		dev = tree_link(&a->tree, pool_fmt(&a->pool, "%s/%s/device", luns, names.v[i]));
		at = attr_add(&a->pool, o, pool_fmt(&a->pool, "LUN %s", names.v[i]));
		at->readable = true;
		val_add(&a->pool, at, dev ? dev : "");
	}
}

static void print_session(struct adm *a, const char *dir, const char *name)
{
	struct obj *o = obj_new(&a->pool, NULL, OBJ_INITIATOR, name);
	struct attr *at;

	fprintf(a->out, "\tSession: %s\n\n", name);
	tree_attrs(&a->tree, dir, o);
	session_luns(a, dir, o);
	attr_sort(&a->pool, o);
	for (at = o->attrs; at; at = at->next) {
		at->writable = true;
		at->key = false;
	}
	table_attrs(a->out, o, true);
	fputc('\n', a->out);
}

static void print_sessions(struct adm *a, const struct obj *t)
{
	const char *dir = pool_fmt(&a->pool, "targets/%s/%s/sessions", t->parent->name, t->name);
	struct strs names = { 0 };
	size_t i, n = 0;

	fprintf(a->out, "Driver/Target: %s/%s\n\n", t->parent->name, t->name);
	if (tree_is_dir(&a->tree, dir))
		tree_names(&a->tree, dir, &names);
	for (i = 0; i < names.n; i++) {
		if (!tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/%s", dir, names.v[i])))
			continue;
		print_session(a, pool_fmt(&a->pool, "%s/%s", dir, names.v[i]), names.v[i]);
		n++;
	}
	if (!n)
		fputs("\t(no sessions)\n\n", a->out);
}

int verb_list_sessions(struct adm *a)
{
	struct obj *root = adm_running(a), *d, *t;

	if (!root)
		return 1;
	for_each_obj(d, root, OBJ_DRIVER)
		for_each_obj(t, d, OBJ_TARGET)
			print_sessions(a, t);
	return 0;
}
