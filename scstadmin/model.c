// SPDX-License-Identifier: GPL-2.0
/* Objects of a configuration: making, finding, sorting them, and judging their names. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static const char *const words[OBJ_KINDS] = {
	[OBJ_ROOT] = "core", [OBJ_HANDLER] = "handler", [OBJ_DEVICE] = "device",
	[OBJ_DRIVER] = "driver", [OBJ_TARGET] = "target", [OBJ_LUN] = "LUN",
	[OBJ_GROUP] = "group", [OBJ_INITIATOR] = "initiator", [OBJ_ALUA] = "ALUA root",
	[OBJ_DGRP] = "device group", [OBJ_DGDEV] = "device", [OBJ_TGRP] = "target group",
	[OBJ_TGTGT] = "target",
};

const char *obj_word(enum obj_kind kind)
{
	return words[kind];
}

static unsigned int name_hash(const char *name)
{
	return dict_hash(name, strlen(name));
}

/* What is looked for without knowing in which of the objects between it is. */
static bool found_from_above(enum obj_kind kind)
{
	return kind == OBJ_DEVICE || kind == OBJ_INITIATOR || kind == OBJ_DGDEV;
}

static void add_kid(struct pool *p, struct obj *parent, struct obj *o)
{
	unsigned int hash = name_hash(o->name);

	*parent->kids_tail = o;
	parent->kids_tail = &o->next;
	dict_add(p, &parent->kids_by_name, &o->link, hash);
	if (parent->parent && found_from_above(o->kind))
		dict_add(p, &parent->parent->below_by_name, &o->below_link, hash);
}

struct obj *obj_new(struct pool *p, struct obj *parent, enum obj_kind kind, const char *name)
{
	struct obj *o = pool_alloc(p, sizeof(*o));

	o->kind = kind;
	o->name = pool_str(p, name);
	o->attrs_tail = &o->attrs;
	o->kids_tail = &o->kids;
	o->parent = parent;
	if (parent)
		add_kid(p, parent, o);
	return o;
}

struct obj *obj_first(const struct obj *parent, enum obj_kind kind)
{
	struct obj *o = parent ? parent->kids : NULL;

	while (o && o->kind != kind)
		o = o->next;
	return o;
}

struct obj *obj_next(const struct obj *o, enum obj_kind kind)
{
	struct obj *n = o->next;

	while (n && n->kind != kind)
		n = n->next;
	return n;
}

struct obj *obj_find(const struct obj *parent, enum obj_kind kind, const char *name)
{
	struct dict_link *l = parent ? dict_first(&parent->kids_by_name, name_hash(name)) : NULL;
	struct obj *o;

	for (; l; l = dict_next(l)) {
		o = dict_of(l, struct obj, link);
		if (o->kind == kind && !strcmp(o->name, name))
			return o;
	}
	return NULL;
}

static struct obj *below(struct dict_link *l, enum obj_kind kind, const char *name)
{
	struct obj *o;

	for (; l; l = dict_next(l)) {
		o = dict_of(l, struct obj, below_link);
		if (o->kind == kind && !strcmp(o->name, name))
			return o;
	}
	return NULL;
}

struct obj *obj_below(const struct obj *top, enum obj_kind kind, const char *name)
{
	return below(dict_first(&top->below_by_name, name_hash(name)), kind, name);
}

struct obj *obj_below_next(const struct obj *o)
{
	return below(dict_next(&o->below_link), o->kind, o->name);
}

/* The object itself or its nearest ancestor of that kind. */
struct obj *obj_up(struct obj *o, enum obj_kind kind)
{
	while (o && o->kind != kind)
		o = o->parent;
	return o;
}

static int obj_cmp(const void *a, const void *b)
{
	const struct obj *x = *(struct obj *const *)a, *y = *(struct obj *const *)b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->kind == OBJ_LUN && x->lun != y->lun)
		return x->lun < y->lun ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void sort_kids(struct pool *p, struct obj *o)
{
	struct obj *k, **v;
	size_t n = 0, i = 0;

	for (k = o->kids; k; k = k->next)
		n++;
	if (n < 2)
		return;
	v = pool_alloc(p, n * sizeof(struct obj *));
	for (k = o->kids; k; k = k->next)
		v[i++] = k;
	qsort(v, n, sizeof(struct obj *), obj_cmp);
	o->kids_tail = &o->kids;
	for (i = 0; i < n; i++) {
		*o->kids_tail = v[i];
		o->kids_tail = &v[i]->next;
	}
	*o->kids_tail = NULL;
}

/* Children by kind, then LUNs by number and the rest by name; attributes by name. */
void obj_sort(struct pool *p, struct obj *o)
{
	struct obj *k;

	sort_kids(p, o);
	attr_sort(p, o);
	for (k = o->kids; k; k = k->next)
		obj_sort(p, k);
}

bool obj_has_content(const struct obj *o)
{
	return o->attrs || o->kids;
}

const char *obj_label(struct pool *p, const struct obj *o)
{
	const struct obj *up = o->parent;

	switch (o->kind) {
	case OBJ_ROOT:
	case OBJ_ALUA:
		return words[o->kind];
	case OBJ_TARGET:
		return pool_fmt(p, "driver/target '%s/%s'", up->name, o->name);
	case OBJ_GROUP:
		return pool_fmt(p, "driver/target/group '%s/%s/%s'", up->parent->name, up->name,
				o->name);
	case OBJ_LUN:
		return pool_fmt(p, "LUN %s of %s", o->name, obj_label(p, up));
	case OBJ_INITIATOR:
	case OBJ_DGDEV:
	case OBJ_TGRP:
	case OBJ_TGTGT:
		return pool_fmt(p, "%s '%s' of %s", words[o->kind], o->name, obj_label(p, up));
	default:
		return pool_fmt(p, "%s '%s'", words[o->kind], o->name);
	}
}

char *plain_dev(char *name)
{
	return strncmp(name, "/dev/", 5) ? name : name + 5;
}

struct obj *obj_device(const struct obj *root, const char *name)
{
	struct obj *d;

	for (d = obj_below(root, OBJ_DEVICE, name); d; d = obj_below_next(d))
		if (!d->drop && !d->parent->drop)
			return d;
	return NULL;
}

/* The group of @tgt other than @not that names @ini. */
struct obj *obj_group_of(const struct obj *tgt, const char *ini, const struct obj *not)
{
	struct obj *i;

	for (i = obj_below(tgt, OBJ_INITIATOR, ini); i; i = obj_below_next(i))
		if (i->parent != not)
			return i->parent;
	return NULL;
}

bool obj_has_patterns(const struct obj *grp)
{
	const struct obj *i;

	for_each_obj(i, grp, OBJ_INITIATOR)
		if (strpbrk(i->name, "*?!"))
			return true;
	return false;
}

static const char *twice_in_target(struct pool *p, const struct obj *tgt)
{
	struct obj *g, *i, *other;

	for_each_obj(g, tgt, OBJ_GROUP) {
		for_each_obj(i, g, OBJ_INITIATOR) {
			other = obj_group_of(tgt, i->name, g);
			if (other)
				return pool_fmt(p, "Initiator '%s' is in the groups '%s' and '%s' of %s",
						i->name, g->name, other->name, obj_label(p, tgt));
		}
	}
	return NULL;
}

/* Which set of LUNs such an initiator sees depends on chance: say where, or NULL. */
const char *obj_twice_init(struct pool *p, const struct obj *root)
{
	struct obj *d, *t;
	const char *msg;

	for_each_obj(d, root, OBJ_DRIVER) {
		for_each_obj(t, d, OBJ_TARGET) {
			msg = twice_in_target(p, t);
			if (msg)
				return msg;
		}
	}
	return NULL;
}

struct attr *attr_find(const struct obj *o, const char *name)
{
	struct dict_link *l;
	struct attr *a;

	for (l = dict_first(&o->attrs_by_name, name_hash(name)); l; l = dict_next(l)) {
		a = dict_of(l, struct attr, at);
		if (!strcmp(a->name, name))
			return a;
	}
	return NULL;
}

struct attr *attr_add(struct pool *p, struct obj *o, const char *name)
{
	struct attr *a = attr_find(o, name);

	if (a)
		return a;
	a = pool_alloc(p, sizeof(*a));
	a->name = pool_str(p, name);
	*o->attrs_tail = a;
	o->attrs_tail = &a->next;
	dict_add(p, &o->attrs_by_name, &a->at, name_hash(name));
	return a;
}

/* Of what same_value() compares. */
static unsigned int value_hash(const char *text)
{
	return dict_hash(text, value_len(text));
}

struct val *val_insert(struct pool *p, struct attr *a, const char *text, unsigned long idx)
{
	struct val *v = pool_alloc(p, sizeof(*v)), **at = &a->vals;

	v->text = pool_str(p, text);
	v->idx = idx;
	if (a->last_val && a->last_val->idx <= idx)
		at = &a->last_val->next;
	while (*at && (*at)->idx <= idx)
		at = &(*at)->next;
	v->next = *at;
	*at = v;
	if (!v->next)
		a->last_val = v;
	dict_add(p, &a->by_text, &v->link, value_hash(text));
	return v;
}

struct val *val_add(struct pool *p, struct attr *a, const char *text)
{
	return val_insert(p, a, text, a->last_val ? a->last_val->idx : 0);
}

void attr_clear(struct attr *a)
{
	a->vals = a->last_val = NULL;
	memset(&a->by_text, 0, sizeof(a->by_text));
}

struct val *val_find(const struct attr *a, const char *text)
{
	struct dict_link *l = a ? dict_first(&a->by_text, value_hash(text)) : NULL;
	struct val *v;

	for (; l; l = dict_next(l)) {
		v = dict_of(l, struct val, link);
		if (same_value(v->text, text))
			return v;
	}
	return NULL;
}

static int attr_cmp(const void *a, const void *b)
{
	return strcmp((*(struct attr *const *)a)->name, (*(struct attr *const *)b)->name);
}

void attr_sort(struct pool *p, struct obj *o)
{
	struct attr *a, **v;
	size_t n = 0, i = 0;

	for (a = o->attrs; a; a = a->next)
		n++;
	if (n < 2)
		return;
	v = pool_alloc(p, n * sizeof(struct attr *));
	for (a = o->attrs; a; a = a->next)
		v[i++] = a;
	qsort(v, n, sizeof(struct attr *), attr_cmp);
	o->attrs_tail = &o->attrs;
	for (i = 0; i < n; i++) {
		*o->attrs_tail = v[i];
		o->attrs_tail = &v[i]->next;
	}
	*o->attrs_tail = NULL;
}

/* First value of an attribute, or NULL when the object lacks it or it cannot be read. */
const char *attr_text(const struct obj *o, const char *name)
{
	struct attr *a = attr_find(o, name);

	return a && a->vals ? a->vals->text : NULL;
}

bool dyn_value_fits(const char *value)
{
	return !strchr(value, '=');
}

static bool char_is_bad(enum obj_kind kind, unsigned char c)
{
	if (c <= ' ' || c == 0x7f || c == '/')
		return true;
	if (kind == OBJ_DEVICE)
		return c == '.' || c == ';' || c == '=';
	return c == ';' || c == '=';
}

const char *name_problem(struct pool *p, enum obj_kind kind, const char *name)
{
	const unsigned char *c;

	if (!*name)
		return pool_fmt(p, "the name of a %s must not be empty", words[kind]);
	if (strlen(name) > ADM_NAME_MAX)
		return pool_fmt(p, "the name of a %s must not be longer than %d bytes",
				words[kind], ADM_NAME_MAX);
	if (!strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "mgmt"))
		return pool_fmt(p, "a %s cannot be named '%s'", words[kind], name);
	for (c = (const unsigned char *)name; *c; c++) {
		if (!char_is_bad(kind, *c))
			continue;
		if (*c < ' ' || *c == 0x7f)
			return pool_fmt(p, "the name of a %s must not contain a control character",
					words[kind]);
		return pool_fmt(p, "the name of a %s must not contain '%c': %s", words[kind], *c,
				name);
	}
	return NULL;
}
