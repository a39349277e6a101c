// SPDX-License-Identifier: GPL-2.0
/* First half of a plan: disabling, core attributes, removals that -force asks for, devices. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

void plan_close_device(struct plan *pl, struct obj *have)
{
	struct step *s;

	s = plan_write(pl, RES_DEVICE_CLOSE, STEP_COUNTS, have,
		       pool_fmt(pl->pool, "handlers/%s/mgmt", have->parent->name),
		       pool_fmt(pl->pool, "del_device %s", have->name));
	plan_what(pl, s, "Closing device '%s' of handler '%s'", have->name, have->parent->name);
}

static const struct obj *have_handler(const struct obj *have, const struct obj *want_dev)
{
	return obj_find(have, OBJ_HANDLER, want_dev->parent->name);
}

/* Whether a wanted device can keep its running self. */
static bool device_stays(const struct obj *want, const struct obj *have)
{
	return !strcmp(want->parent->name, have->parent->name) &&
	       !plan_differs(want, have, &have->parent->create, NULL);
}

static void judge_device(struct plan *pl, struct obj *want, struct obj *dev)
{
	struct obj *w = obj_device(want, dev->name);

	if (w && device_stays(w, dev))
		return;
	if (pl->force) {
		plan_close_device(pl, dev);
		return;
	}
	if (!w)
		plan_note(pl, "Device '%s' is not in the configuration; -force would close it",
			  dev->name);
	else if (strcmp(w->parent->name, dev->parent->name))
		plan_note(pl, "Device '%s' belongs to handler '%s', not '%s'; -force would open it anew",
			  dev->name, dev->parent->name, w->parent->name);
	else
		plan_note(pl, "Device '%s' was opened with other attributes; -force would open it anew",
			  dev->name);
}

/* ---- opening, in the order of the copy manager's LUNs so that they get their numbers back ---- */

static unsigned long cm_lun(const struct obj *want, const char *dev)
{
	struct obj *drv = obj_find(want, OBJ_DRIVER, COPY_MANAGER), *t, *l;

	for_each_obj(t, drv, OBJ_TARGET)
		for_each_obj(l, t, OBJ_LUN)
			if (!strcmp(l->dev, dev))
				return l->lun;
	return LUN_MAX + 1;
}

struct opening {
	struct obj *dev;
	unsigned long lun;
	size_t nth;
};

static int opening_cmp(const void *a, const void *b)
{
	const struct opening *x = a, *y = b;

	if (x->lun != y->lun)
		return x->lun < y->lun ? -1 : 1;
	return x->nth < y->nth ? -1 : 1;
}

static void open_device(struct plan *pl, struct obj *want, const struct obj *have)
{
	const struct obj *h = have_handler(have, want);
	struct step *s;

	if (!h) {
		plan_fail(pl, RES_NO_HANDLER, STEP_MAKES, want, "No handler '%s' for device '%s'",
			  want->parent->name, want->name);
		return;
	}
	s = plan_write(pl, RES_DEVICE_OPEN, STEP_COUNTS | STEP_MAKES, want,
		       pool_fmt(pl->pool, "handlers/%s/mgmt", h->name),
		       pool_fmt(pl->pool, "add_device %s %s", want->name,
				params_text(pl->pool, want, &h->create)));
	plan_what(pl, s, "Opening device '%s' using handler '%s'", want->name, h->name);
	want->opened = true;
}

static bool is_opened(const struct plan *pl, const struct obj *want, const struct obj *have_root)
{
	const struct obj *d = obj_device(have_root, want->name);

	return !d || (pl->force && !device_stays(want, d));
}

static size_t collect(const struct plan *pl, struct obj *want, const struct obj *have,
		      struct opening *v)
{
	struct obj *h, *d;
	size_t n = 0;

	for_each_obj(h, want, OBJ_HANDLER) {
		for_each_obj(d, h, OBJ_DEVICE) {
			if (h->drop || d->drop || !is_opened(pl, d, have))
				continue;
			if (v)
				v[n] = (struct opening){ d, cm_lun(want, d->name), n };
			n++;
		}
	}
	return n;
}

static void open_devices(struct plan *pl, struct obj *want, const struct obj *have)
{
	size_t n = collect(pl, want, have, NULL), i;
	struct opening *v;

	if (!n)
		return;
	v = pool_alloc(pl->pool, n * sizeof(*v));
	collect(pl, want, have, v);
	qsort(v, n, sizeof(*v), opening_cmp);
	for (i = 0; i < n; i++)
		open_device(pl, v[i].dev, have);
}

/* Without what could not be given to it the device is not the one asked for: a disk meant to be read-only could be written. */
static void take_back(struct plan *pl, struct obj *d, struct obj *now, const struct attr *lost)
{
	plan_close_device(pl, now);
	plan_fail(pl, RES_DEVICE_OPEN, STEP_MAKES, d, "'%s' is no value for the parameter '%s' of device '%s'",
		  last_value(lost, true), lost->name, d->name);
}

static void device_attrs(struct plan *pl, struct obj *d, const struct obj *have)
{
	const struct obj *h = have_handler(have, d);
	struct obj *now = obj_device(have, d->name);
	const struct attr *lost;

	if (!h || (now && now->parent != h))
		return;		/* lives under another handler and stays there */
	lost = d->opened && now ? lost_param(d, now, &h->create) : NULL;
	if (lost) {
		take_back(pl, d, now, lost);
		return;
	}
	plan_attrs(pl, d, now, pool_fmt(pl->pool, "devices/%s", d->name), &h->create, NULL, d);
}

/* Of handlers and of all devices, now that those just opened can be read as well. */
void plan_device_attrs(struct plan *pl, struct obj *want, const struct obj *have)
{
	const struct obj *now;
	struct obj *h, *d;

	for_each_obj(h, want, OBJ_HANDLER) {
		now = obj_find(have, OBJ_HANDLER, h->name);
		if (h->drop || !now)
			continue;
		plan_attrs(pl, h, now, pool_fmt(pl->pool, "handlers/%s", h->name), NULL, NULL, h);
		for_each_obj(d, h, OBJ_DEVICE)
			if (!d->drop)
				device_attrs(pl, d, have);
	}
}

void plan_devices(struct plan *pl, struct obj *want, const struct obj *have)
{
	struct obj *h, *d;

	/* what is to be shut is so before an account of it goes, and whatever fails later */
	plan_switch(pl, want, have, false);
	/* setup_id shapes the identities of devices made after it */
	plan_attrs(pl, want, have, "", NULL, NULL, NULL);
	plan_judge(pl, want, have);
	for_each_obj(h, have, OBJ_HANDLER)
		for_each_obj(d, h, OBJ_DEVICE)
			judge_device(pl, want, d);
	open_devices(pl, want, have);
}
