// SPDX-License-Identifier: GPL-2.0
/* Carrying out a plan step by step, telling each, and deciding what a refusal means. */
#include "apply.h"

#include <errno.h>
#include <string.h>

static bool is_dead(struct obj *o)
{
	for (; o; o = o->parent)
		if (o->dead)
			return true;
	return false;
}

static void keep_luns(struct adm *a, const struct obj *set, const struct obj *tgt)
{
	struct obj *l, *dev;

	for_each_obj(l, set, OBJ_LUN) {
		dev = obj_device(tgt->parent->parent, l->dev);
		if (!dev || dev->dead)
			continue;
		dev->dead = true;
		fprintf(a->out, "\t-> WARNING: Device '%s' stays as it is, since a session of %s may use it.\n", dev->name,
			obj_label(&a->pool, tgt));
	}
}

/* Whichever set of LUNs the sessions see: no device is closed under one that would not go. */
static void keep_devices(struct adm *a, const struct obj *tgt)
{
	struct obj *g;

	keep_luns(a, tgt, tgt);
	for_each_obj(g, tgt, OBJ_GROUP)
		keep_luns(a, g, tgt);
}

/* What may open an object too wide keeps it shut: anything of a target, accounts of a driver. */
static void mark(struct adm *a, struct step *s)
{
	struct obj *o = s->owner;

	if (o && o->kind == OBJ_DRIVER && (s->flags & STEP_SOFT))
		return;
	if (s->flags & STEP_ADDS)
		return;
	if (o)
		o->failed = true;
	if (o && (s->flags & STEP_MAKES))
		o->dead = true;
	if (o && s->kind == STEP_CLOSE_SESSIONS)
		keep_devices(a, o);
}

/* Else it is what the attribute names that is not there, such as the image of a CD-ROM drive. */
static bool is_missing(struct adm *a, const struct step *s, int err)
{
	return err == -ENOENT && !tree_exists(&a->tree, s->path);
}

/* An attribute that the object turns out not to have is only worth a warning on some kinds. */
static bool is_harmless(struct adm *a, const struct step *s, int err)
{
	if (s->flags & STEP_WARNS)
		return true;
	return is_missing(a, s, err) && s->owner && s->owner->kind != OBJ_TARGET &&
	       s->owner->kind != OBJ_DRIVER;
}

static void soft_failure(struct adm *a, struct step *s, int err, struct applied *done)
{
	const char *why = is_missing(a, s, err) ? "there is no such attribute" : strerror(-err);

	if (is_harmless(a, s, err)) {
		fprintf(a->out, "\t-> WARNING: %s%s%s.\n", s->what, err ? ": " : "",
			err ? why : "");
		if (s->flags & STEP_MAKES)
			mark(a, s);
		return;
	}
	fprintf(a->out, "\t-> ERROR: %s%s%s.\n", s->what, err ? ": " : "", err ? why : "");
	if (err)
		fprintf(a->err, "(%s) ", strerrorname_np(-err));
	mark(a, s);
	done->refused++;
}

static void hard_failure(struct adm *a, struct step *s, int err, struct applied *done)
{
	done->errors++;
	if (s->kind == STEP_FAIL)
		adm_report(a, s->code, "%s.", s->what);
	else
		adm_refused(a, s->code, err, s->what);
	mark(a, s);
	done->stopped = a->fatal;
}

static int perform(struct adm *a, const struct step *s)
{
	switch (s->kind) {
	case STEP_WRITE:
		return adm_write(a, s->path, s->text);
	case STEP_CLOSE_SESSIONS:
		return adm_close_sessions(a, s->path);
	default:
		return 0;
	}
}

static void apply_step(struct adm *a, struct step *s, struct applied *done)
{
	int err;

	if (s->kind == STEP_NOTE) {
		fprintf(a->out, "\t-> %s.\n", s->what);
		return;
	}
	if (s->owner && (s->flags & STEP_UNLESS_FAILED) && s->owner->failed) {
		fprintf(a->out, "\t-> ERROR: %s: not done, because something before it was refused.\n",
			s->what);
		done->errors++;
		return;
	}
	err = perform(a, s);
	if (s->flags & STEP_QUIET)
		return;
	if (!err && s->kind != STEP_FAIL) {
		if (s->kind == STEP_WRITE)
			adm_done(a, s->what);
		done->changes += s->flags & STEP_COUNTS;
	} else if (s->flags & STEP_SOFT) {
		soft_failure(a, s, err, done);
	} else {
		hard_failure(a, s, err, done);
	}
}

void apply_plan(struct adm *a, const struct plan *plan, struct applied *done)
{
	struct step *s;

	for (s = plan->first; s && !done->stopped; s = s->next)
		if (!is_dead(s->owner))
			apply_step(a, s, done);
}
