// SPDX-License-Identifier: GPL-2.0
/* Steps of a plan, and the attributes of one object compared. */
#include "plan.h"

#include <stdarg.h>
#include <string.h>

void plan_init(struct plan *pl, struct pool *pool)
{
	memset(pl, 0, sizeof(*pl));
	pl->pool = pool;
	pl->tail = &pl->first;
}

static struct step *add_step(struct plan *pl, enum step_kind kind)
{
	struct step *s = pool_alloc(pl->pool, sizeof(*s));

	s->kind = kind;
	*pl->tail = s;
	pl->tail = &s->next;
	return s;
}

struct step *plan_write(struct plan *pl, int code, unsigned int flags, struct obj *owner,
			const char *path, const char *text)
{
	struct step *s = add_step(pl, STEP_WRITE);

	s->code = code;
	s->flags = flags;
	s->owner = owner;
	s->path = pool_str(pl->pool, path);
	s->text = pool_str(pl->pool, text);
	return s;
}

void plan_what(struct plan *pl, struct step *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	s->what = pool_vfmt(pl->pool, fmt, ap);
	va_end(ap);
}

void plan_note(struct plan *pl, const char *fmt, ...)
{
	struct step *s = add_step(pl, STEP_NOTE);
	va_list ap;

	va_start(ap, fmt);
	s->what = pool_vfmt(pl->pool, fmt, ap);
	va_end(ap);
}

void plan_fail(struct plan *pl, int code, unsigned int flags, struct obj *owner,
	       const char *fmt, ...)
{
	struct step *s = add_step(pl, STEP_FAIL);
	va_list ap;

	s->code = code;
	s->flags = flags;
	s->owner = owner;
	va_start(ap, fmt);
	s->what = pool_vfmt(pl->pool, fmt, ap);
	va_end(ap);
}

bool plan_writes(const struct plan *pl)
{
	const struct step *s;

	for (s = pl->first; s; s = s->next)
		if (s->kind == STEP_WRITE)
			return true;
	return false;
}

/* ---- texts ---- */

const char *attr_payload(struct pool *p, enum obj_kind kind, const char *value)
{
	bool bare = kind == OBJ_DEVICE || kind == OBJ_TARGET;

	/* an empty write would not reach the kernel at all */
	return pool_fmt(p, "%s%s", value, bare && *value ? "" : "\n");
}

/*
 * Texts of a device, which initiators see, are kept with their blanks at the end. Elsewhere these are cut when written, and
 * some that nobody wrote are read, as after the server in iSNSServer.
 */
bool attr_reads(enum obj_kind kind, const char *want, const char *now)
{
	return kind == OBJ_DEVICE ? !strcmp(want, now) : same_value(want, now);
}

const char *last_value(const struct attr *a, bool create)
{
	struct val *v = a->vals;

	while (v && v->next)
		v = v->next;
	if (!v)
		return "";
	return v->bare && create ? "1" : v->text;
}

bool is_path(const char *name)
{
	size_t n = strlen(name);

	return n >= 8 && !strcmp(name + n - 8, "filename");
}

/*
 * A line of mgmt cannot carry a value that is empty or has blanks or "=" in it, the attribute's own file can: it is written once
 * the object is there. Without a path there is no object, so that is refused as it is.
 */
bool comes_later(const struct attr *a, const struct val *v)
{
	return !v->bare && !is_path(a->name) && (!*v->text || strpbrk(v->text, " \t="));
}

static void add_params(struct sbuf *b, const struct attr *a)
{
	struct val *v;

	for (v = a->vals; v; v = v->next)
		if (!comes_later(a, v))
			sbuf_fmt(b, "%s=%s;", a->name, v->bare ? "1" : v->text);
}

const char *params_text(struct pool *p, const struct obj *o, const struct strs *create)
{
	struct sbuf b = { .pool = p };
	const struct attr *a, *last = NULL;

	sbuf_str(&b, "");
	for (a = o->attrs; a; a = a->next) {
		if (!strs_has(create, a->name))
			continue;
		if (!strcmp(a->name, "cluster_mode"))
			last = a;
		else
			add_params(&b, a);
	}
	if (last)
		add_params(&b, last);
	return b.s;
}

const char *set_path(struct pool *p, const struct obj *set)
{
	if (set->kind == OBJ_GROUP)
		return pool_fmt(p, "targets/%s/%s/ini_groups/%s", set->parent->parent->name,
				set->parent->name, set->name);
	return pool_fmt(p, "targets/%s/%s", set->parent->name, set->name);
}

/* ---- attributes ---- */

/* A creation parameter that cannot be changed on the living object. */
static bool is_fixed(const struct attr *a)
{
	return !a->writable || !strcmp(a->name, "filename");
}

/*
 * Whether a LUN reads so without having been told: for its device was told, as @excuse wants it, or because the device is like that
 * by nature, as a CD-ROM drive is. Disks that are passed through tell nothing of the kind.
 */
static bool is_of_device(const struct obj *lun, const struct attr *h, const struct obj *excuse)
{
	const struct obj *dev = obj_device(obj_up(lun->parent, OBJ_ROOT), lun->dev);
	const struct attr *other = attr_find(excuse, h->name);

	if (other)
		return same_value(last_value(other, true), last_value(h, false));
	return dev && dev->parent->create.n && !attr_find(dev, h->name);
}

/*
 * A file beside the disk's own that is named after the device, as that of its protection information: nobody has to have chosen it,
 * and made anew the device would choose it again.
 */
static bool is_chosen(const struct obj *have, const struct attr *h)
{
	const char *text = last_value(h, false), *slash = strrchr(text, '/');
	size_t n = strlen(have->name);

	return have->kind == OBJ_DEVICE && is_path(h->name) && strcmp(h->name, "filename") && slash &&
	       !strncmp(slash + 1, have->name, n) && slash[n + 1] == '.';
}

const struct attr *lost_param(const struct obj *want, const struct obj *have, const struct strs *create)
{
	const struct attr *w, *h;
	struct val *v;

	for (w = want->attrs; w; w = w->next) {
		h = attr_find(have, w->name);
		if (!strs_has(create, w->name) || (h && !is_fixed(h)))
			continue;
		for (v = w->vals; v; v = v->next)
			if (comes_later(w, v))
				return w;
	}
	return NULL;
}

static bool param_differs(const struct obj *want, const struct obj *have, const char *name,
			  const struct obj *excuse)
{
	struct attr *w = attr_find(want, name), *h = attr_find(have, name);

	if (h && (!is_fixed(h) || !h->readable))
		return false;
	if (w && h)
		return !same_value(last_value(w, true), last_value(h, false));
	if (w)
		return strcmp(last_value(w, true), "0") != 0;
	if (!h || !h->key || is_chosen(have, h))
		return false;
	return !excuse || !is_of_device(have, h, excuse);
}

/* Whether @have would have to be made anew to become @want. */
bool plan_differs(const struct obj *want, const struct obj *have, const struct strs *create,
		  const struct obj *excuse)
{
	size_t i;

	for (i = 0; i < create->n; i++)
		if (param_differs(want, have, create->v[i], excuse))
			return true;
	return false;
}

static bool is_guarded(enum obj_kind kind)
{
	return kind == OBJ_DRIVER || kind == OBJ_TARGET || kind == OBJ_GROUP || kind == OBJ_LUN;
}

static bool is_special(const struct obj *o, const char *name)
{
	return !strcmp(name, "enabled") && (o->kind == OBJ_TARGET || o->kind == OBJ_DRIVER);
}

/* Who does the work says nothing of who may come in; on a machine with fewer CPUs the mask of before is refused. */
static bool is_of_speed(const struct obj *o, const char *name)
{
	return (o->kind == OBJ_TARGET || o->kind == OBJ_GROUP) && !strcmp(name, "cpu_mask");
}

static void plan_set(struct plan *pl, const struct obj *want, const struct attr *w,
		     const char *dir, bool create, struct obj *owner)
{
	const char *value = last_value(w, create);
	struct step *s;

	s = plan_write(pl, result_attr(want->kind) + 2,
		       STEP_COUNTS | STEP_SOFT | (is_of_speed(want, w->name) ? STEP_WARNS : 0), owner,
		       *dir ? pool_fmt(pl->pool, "%s/%s", dir, w->name) : w->name,
		       attr_payload(pl->pool, want->kind, value));
	plan_what(pl, s, "Setting attribute '%s' to '%s' for %s", w->name, value,
		  obj_label(pl->pool, want));
}

static void plan_one(struct plan *pl, struct obj *want, const struct attr *w,
		     const struct obj *have, const char *dir, bool create, struct obj *owner)
{
	const struct attr *h = attr_find(have, w->name);

	if (!h) {
		plan_fail(pl, result_attr(want->kind),
			  STEP_SOFT | (is_guarded(want->kind) ? 0 : STEP_WARNS), owner,
			  "%s has no attribute '%s'", obj_label(pl->pool, want), w->name);
		return;
	}
	if (h->readable && attr_reads(want->kind, last_value(w, create), last_value(h, false)))
		return;
	if (create && is_fixed(h))
		return;		/* plan_differs() told about it */
	if (!h->writable)
		plan_fail(pl, result_attr(want->kind) + 1, STEP_SOFT | STEP_WARNS, owner,
			  "attribute '%s' of %s is read-only and stays '%s'", w->name,
			  obj_label(pl->pool, want), last_value(h, false));
	else
		plan_set(pl, want, w, dir, create, owner);
}

/* The ids in a target group are 0 until they are given, read so with the mark, and cannot be set to it. */
static bool is_unset_id(const struct obj *want, const struct attr *w)
{
	return (want->kind == OBJ_TGRP || want->kind == OBJ_TGTGT) && same_value(last_value(w, false), "0") &&
	       (!strcmp(w->name, "group_id") || !strcmp(w->name, "rel_tgt_id"));
}

/*
 * Writes for the attributes of @want that differ. @have NULL: just made with the parameters in
 * @create, so all others are written. Repeatable ones are left to the caller.
 */
void plan_attrs(struct plan *pl, struct obj *want, const struct obj *have, const char *dir,
		const struct strs *create, const struct strs *dyn, struct obj *owner)
{
	const struct attr *w;
	bool is_create;

	for (w = want->attrs; w; w = w->next) {
		if (is_special(want, w->name) || (dyn && strs_has(dyn, w->name)))
			continue;
		if (have && pl->preserve_cluster_mode && !strcmp(w->name, "cluster_mode"))
			continue;
		is_create = create && strs_has(create, w->name);
		if (have)
			plan_one(pl, want, w, have, dir, is_create, owner);
		else if (!is_create && !is_unset_id(want, w))
			plan_set(pl, want, w, dir, false, owner);
	}
}
