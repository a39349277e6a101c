// SPDX-License-Identifier: GPL-2.0
/* scst.conf, model to text: order, blank lines and quoting that scripts rely on. */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

struct printer {
	struct sbuf *out;
	const struct obj *root;
	bool nonkey;
};

static const char *const heads[OBJ_KINDS] = {
	[OBJ_HANDLER] = "HANDLER", [OBJ_DEVICE] = "DEVICE", [OBJ_DRIVER] = "TARGET_DRIVER",
	[OBJ_TARGET] = "TARGET", [OBJ_LUN] = "LUN", [OBJ_GROUP] = "GROUP",
	[OBJ_INITIATOR] = "INITIATOR", [OBJ_ALUA] = "ALUA", [OBJ_DGRP] = "DEVICE_GROUP",
	[OBJ_DGDEV] = "DEVICE", [OBJ_TGRP] = "TARGET_GROUP", [OBJ_TGTGT] = "TARGET",
};

static bool needs_quotes(const char *w)
{
	return !*w || *w == '"' || strpbrk(w, " \t\r{}");
}

const char *conf_quote(struct pool *p, const char *word)
{
	struct sbuf b = { .pool = p };
	bool quotes = needs_quotes(word);

	sbuf_str(&b, quotes ? "\"" : "");
	for (; *word; word++) {
		if (*word == '\\' || *word == '#' || (quotes && *word == '"'))
			sbuf_char(&b, '\\', 1);
		sbuf_char(&b, *word, 1);
	}
	sbuf_str(&b, quotes ? "\"" : "");
	return b.s;
}

/* The list of parameters that may be given when such an object is made. */
static const struct strs *create_list(const struct obj *o)
{
	static const struct strs none;

	switch (o->kind) {
	case OBJ_DEVICE:
	case OBJ_TARGET:
	case OBJ_LUN:
		return &o->parent->create;
	case OBJ_INITIATOR:
		return &o->parent->create2;
	default:
		return &none;
	}
}

bool conf_saved(const struct obj *o, const struct attr *a)
{
	if (!a->readable || a->link || !a->vals || !strcmp(a->name, "trace_level"))
		return false;
	if (!strcmp(a->name, "hw_target"))
		return false;
	if (!strcmp(a->name, "enabled") && (o->kind == OBJ_TARGET || o->kind == OBJ_DRIVER))
		return true;
	return a->key && (a->writable || strs_has(create_list(o), a->name));
}

/*
 * What is so at this moment rather than set: restored later it would block what works, take registrations away or cut what has
 * grown. None of these is ever marked, and size_mb is but another view of size.
 */
static bool is_momentary(const struct attr *a)
{
	static const char *const names[] = {
		"black_hole", "block", "dif_checks_failed", "measure_latency", "pr_state", "size_mb", "suspend",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], a->name))
			return true;
	return false;
}

/* What the machine or the store happens to have, not what somebody wanted: that is marked. */
static bool is_of_machine(const struct obj *o, const char *name)
{
	if (o->kind == OBJ_DEVICE)
		return !strcmp(name, "size");
	return (o->kind == OBJ_TARGET || o->kind == OBJ_GROUP) && !strcmp(name, "cpu_mask");
}

static bool saved_nonkey(const struct obj *o, const struct attr *a)
{
	if (!a->readable || a->link || !a->vals || conf_saved(o, a))
		return false;
	if (!strcmp(a->name, "trace_level") || !strcmp(a->name, "hw_target") || is_momentary(a))
		return false;
	if (is_of_machine(o, a->name))
		return false;
	return a->writable || strs_has(create_list(o), a->name);
}

const char *conf_unread(struct pool *p, const struct obj *o)
{
	const char *what = NULL;
	const struct attr *a;
	const struct obj *k;

	for (a = o->attrs; a && !what; a = a->next)
		if (a->err && !is_momentary(a) && (a->writable || strs_has(create_list(o), a->name)))
			what = pool_fmt(p, "attribute '%s' of %s: %s", a->name, obj_label(p, o),
					strerror(a->err));
	for (k = o->kids; k && !what; k = k->next)
		what = conf_unread(p, k);
	return what;
}

/* A name alone would mean 1 where it is a parameter of the object's making. */
static void print_attr(struct printer *pr, const struct obj *o, const struct attr *a,
		       unsigned int depth)
{
	bool param = strs_has(create_list(o), a->name);
	struct val *v;

	for (v = a->vals; v; v = v->next) {
		sbuf_char(pr->out, '\t', depth);
		sbuf_str(pr->out, conf_quote(pr->out->pool, a->name));
		if (*v->text || param) {
			sbuf_char(pr->out, ' ', 1);
			sbuf_str(pr->out, conf_quote(pr->out->pool, v->text));
		}
		sbuf_char(pr->out, '\n', 1);
	}
}

/* Returns whether anything was printed. */
static bool print_attrs(struct printer *pr, const struct obj *o, unsigned int depth)
{
	size_t before = pr->out->len;
	struct attr *a;
	bool head = false;

	for (a = o->attrs; a; a = a->next)
		if (conf_saved(o, a))
			print_attr(pr, o, a, depth);
	for (a = pr->nonkey ? o->attrs : NULL; a; a = a->next) {
		if (!saved_nonkey(o, a))
			continue;
		if (!head) {
			sbuf_char(pr->out, '\t', depth);
			sbuf_str(pr->out, "# Non-key attributes\n");
			head = true;
		}
		print_attr(pr, o, a, depth);
	}
	return pr->out->len > before;
}

static bool any_attr(struct printer *pr, const struct obj *o)
{
	struct attr *a;

	for (a = o->attrs; a; a = a->next)
		if (conf_saved(o, a) || (pr->nonkey && saved_nonkey(o, a)))
			return true;
	return false;
}

/* The copy manager's LUNs of pass-through devices are not part of a configuration. */
static bool lun_is_skipped(const struct printer *pr, const struct obj *lun)
{
	const struct obj *t = lun->parent, *d;

	if (t->kind != OBJ_TARGET || strcmp(t->parent->name, COPY_MANAGER))
		return false;
	d = obj_device(pr->root, lun->dev);
	return d && d->parent->can_create && !d->parent->create.n;
}

static bool is_empty(struct printer *pr, const struct obj *o)
{
	return !o->kids && !o->hw && !any_attr(pr, o);
}

static void open_block(struct printer *pr, const struct obj *o, unsigned int depth)
{
	sbuf_char(pr->out, '\t', depth);
	sbuf_str(pr->out, heads[o->kind]);
	if (o->kind != OBJ_ALUA) {
		sbuf_char(pr->out, ' ', 1);
		sbuf_str(pr->out, conf_quote(pr->out->pool, o->name));
	}
	if (o->kind == OBJ_LUN) {
		sbuf_char(pr->out, ' ', 1);
		sbuf_str(pr->out, conf_quote(pr->out->pool, o->dev));
	}
}

static void print_luns(struct printer *pr, const struct obj *o, unsigned int depth, bool spaced)
{
	bool content = false;
	struct obj *l;

	for_each_obj(l, o, OBJ_LUN) {
		if (lun_is_skipped(pr, l))
			continue;
		if (content && spaced)
			sbuf_char(pr->out, '\n', 1);
		open_block(pr, l, depth);
		content = any_attr(pr, l);
		if (content) {
			sbuf_str(pr->out, " {\n");
			print_attrs(pr, l, depth + 1);
			sbuf_char(pr->out, '\t', depth);
			sbuf_char(pr->out, '}', 1);
		}
		sbuf_char(pr->out, '\n', 1);
	}
}

/* Sections of one block are parted by one blank line. */
static void gap(struct printer *pr, size_t start)
{
	if (pr->out->len > start)
		sbuf_char(pr->out, '\n', 1);
}

static void print_block(struct printer *pr, const struct obj *o, unsigned int depth);

static void print_kids(struct printer *pr, const struct obj *o, enum obj_kind kind,
		       unsigned int depth, size_t start)
{
	struct obj *k;

	for_each_obj(k, o, kind) {
		gap(pr, start);
		print_block(pr, k, depth);
	}
}

static void print_group(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	print_luns(pr, o, depth, false);
	print_kids(pr, o, OBJ_INITIATOR, depth, start);
	if (any_attr(pr, o)) {
		gap(pr, start);
		print_attrs(pr, o, depth);
	}
}

static int made_cmp(const void *a, const void *b)
{
	const struct obj *x = *(const struct obj *const *)a, *y = *(const struct obj *const *)b;

	if (x->made != y->made)
		return x->made < y->made ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* An initiator whom several groups fit gets the first one that was made: restored in another order, they would show it another disk. */
static void print_groups_as_made(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	const struct obj **v;
	struct obj *g;
	size_t n = 0, i;

	for_each_obj(g, o, OBJ_GROUP)
		n++;
	v = pool_alloc(pr->out->pool, n * sizeof(*v));
	n = 0;
	for_each_obj(g, o, OBJ_GROUP)
		v[n++] = g;
	qsort(v, n, sizeof(*v), made_cmp);
	for (i = 0; i < n; i++) {
		gap(pr, start);
		print_block(pr, v[i], depth);
	}
}

static void print_groups(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	struct obj *g;

	for_each_obj(g, o, OBJ_GROUP) {
		if (g->made && obj_has_patterns(g)) {
			print_groups_as_made(pr, o, depth, start);
			return;
		}
	}
	print_kids(pr, o, OBJ_GROUP, depth, start);
}

static void print_target(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	if (o->hw) {
		sbuf_char(pr->out, '\t', depth);
		sbuf_str(pr->out, "HW_TARGET\n");
	}
	if (any_attr(pr, o)) {
		gap(pr, start);
		print_attrs(pr, o, depth);
	}
	if (obj_first(o, OBJ_LUN)) {
		gap(pr, start);
		print_luns(pr, o, depth, true);
	}
	print_groups(pr, o, depth, start);
}

static void print_dgrp(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	struct obj *d;

	print_attrs(pr, o, depth);
	if (obj_first(o, OBJ_DGDEV))
		gap(pr, start);
	for_each_obj(d, o, OBJ_DGDEV) {
		open_block(pr, d, depth);
		sbuf_char(pr->out, '\n', 1);
	}
	print_kids(pr, o, OBJ_TGRP, depth, start);
}

static void print_tgrp(struct printer *pr, const struct obj *o, unsigned int depth, size_t start)
{
	struct obj *t;

	print_attrs(pr, o, depth);
	for_each_obj(t, o, OBJ_TGTGT) {
		gap(pr, start);
		print_block(pr, t, depth);
	}
}

static void print_inside(struct printer *pr, const struct obj *o, unsigned int depth)
{
	size_t start = pr->out->len;

	switch (o->kind) {
	case OBJ_TARGET:
		print_target(pr, o, depth, start);
		break;
	case OBJ_GROUP:
		print_group(pr, o, depth, start);
		break;
	case OBJ_DGRP:
		print_dgrp(pr, o, depth, start);
		break;
	case OBJ_TGRP:
		print_tgrp(pr, o, depth, start);
		break;
	default:
		print_attrs(pr, o, depth);
		print_kids(pr, o, o->kind == OBJ_HANDLER ? OBJ_DEVICE : OBJ_TARGET, depth, start);
	}
}

static void print_block(struct printer *pr, const struct obj *o, unsigned int depth)
{
	open_block(pr, o, depth);
	if (!is_empty(pr, o)) {
		sbuf_str(pr->out, " {\n");
		print_inside(pr, o, depth + 1);
		sbuf_char(pr->out, '\t', depth);
		sbuf_char(pr->out, '}', 1);
	}
	sbuf_char(pr->out, '\n', 1);
}

void conf_print(struct sbuf *out, const struct obj *root, const char *version, bool nonkey)
{
	static const enum obj_kind order[] = { OBJ_HANDLER, OBJ_DRIVER, OBJ_ALUA, OBJ_DGRP };
	struct printer pr = { .out = out, .root = root, .nonkey = nonkey };
	struct obj *o;
	size_t i;

	sbuf_fmt(out, "# Automatically generated by SCST Configurator v%s.\n\n", version);
	print_attrs(&pr, root, 0);
	sbuf_char(out, '\n', 1);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for_each_obj(o, root, order[i]) {
			if (is_empty(&pr, o))
				continue;
			print_block(&pr, o, 0);
			sbuf_char(out, '\n', 1);
		}
	}
}
