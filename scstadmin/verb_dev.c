// SPDX-License-Identifier: GPL-2.0
/* Devices: open, close, take over a new size. */
#include <errno.h>
#include <string.h>

#include "adm.h"
#include "plan.h"
#include "result.h"
#include "verbs.h"

/* What add_device cannot carry. A device without it is not what was asked for, so it goes again. */
static int write_later(struct adm *a, const char *name, const char *mgmt, const struct obj *want)
{
	const struct attr *w;
	int err;

	for (w = want->attrs; w; w = w->next) {
		if (!comes_later(w, w->vals))
			continue;
		err = adm_write(a, pool_fmt(&a->pool, "devices/%s/%s", name, w->name),
				attr_payload(&a->pool, OBJ_DEVICE, w->vals->text));
		if (!err)
			continue;
		adm_write(a, mgmt, pool_fmt(&a->pool, "del_device %s", name));
		return adm_refused(a, result_attr(OBJ_DEVICE) + 2, err,
				   pool_fmt(&a->pool, "attribute '%s' of device '%s', value '%s'", w->name, name,
					    w->vals->text));
	}
	return 0;
}

int verb_open_dev(struct adm *a)
{
	const char *name = opt(a, OPT_OPEN_DEV), *h = opt(a, OPT_HANDLER);
	const char *dir = adm_handler(a, h), *mgmt, *params, *what;
	struct obj *want;
	struct strs legal;
	int err;

	if (!dir || adm_bad_name(a, OBJ_DEVICE, name, RES_DEVICE_OPEN))
		return 1;
	mgmt = pool_fmt(&a->pool, "%s/mgmt", dir);
	tree_params(&a->tree, mgmt, PARAM_HEAD, &legal);
	params = adm_params(a, OBJ_DEVICE, &legal, &want);
	if (!params)
		return 1;
	what = pool_fmt(&a->pool, "Opening device '%s' using handler '%s'", name, h);
	if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "devices/%s", name)) &&
	    tree_link(&a->tree, pool_fmt(&a->pool, "devices/%s/handler", name)))
		return adm_report(a, RES_DEVICE_EXISTS, "%s: %s", result_text(RES_DEVICE_EXISTS),
				  name);
	adm_begin(a);
	err = adm_write(a, mgmt, pool_fmt(&a->pool, "add_device %s %s", name, params));
	if (err)
		return adm_refused(a, err == -EEXIST ? RES_DEVICE_EXISTS : RES_DEVICE_OPEN, err,
				   what);
	err = write_later(a, name, mgmt, want);
	if (err)
		return err;
	adm_done(a, what);
	adm_end(a);
	return 0;
}

static size_t wider(size_t w, const char *s)
{
	return s && strlen(s) > w ? strlen(s) : w;
}

static void dashes(struct adm *a, size_t n, const char *end)
{
	while (n--)
		fputc('-', a->out);
	fputs(end, a->out);
}

static void print_users(struct adm *a, const struct export *e, size_t n)
{
	size_t w[4] = { 6, 6, 5, 3 }, i, k;

	for (i = 0; i < n; i++) {
		w[0] = wider(w[0], e[i].driver);
		w[1] = wider(w[1], e[i].target);
		w[2] = wider(w[2], e[i].group);
		w[3] = wider(w[3], e[i].lun);
	}
	fprintf(a->out, "\t%-*s %-*s %-*s %-*s\n\t", (int)w[0], "Driver", (int)w[1], "Target",
		(int)w[2], "Group", (int)w[3], "Lun");
	for (k = 0; k < 4; k++)
		dashes(a, w[k], k < 3 ? " " : "\n");
	for (i = 0; i < n; i++)
		fprintf(a->out, "\t%-*s %-*s %-*s %-*s\n", (int)w[0], e[i].driver, (int)w[1],
			e[i].target, (int)w[2], e[i].group ? e[i].group : "", (int)w[3], e[i].lun);
}

int verb_close_dev(struct adm *a)
{
	const char *name = opt(a, OPT_CLOSE_DEV), *h = opt(a, OPT_HANDLER);
	struct export *e;
	size_t n;

	if (!adm_handler(a, h) || !adm_device(a, name))
		return 1;
	n = tree_exports(&a->tree, name, &e);
	if (n)
		print_users(a, e, n);
	if (n && !given(a, OPT_FORCE))
		return adm_report(a, RES_DEVICE_CLOSE,
				  "Device '%s' is in use as shown above; -force closes it all the same",
				  name);
	return adm_change(a, RES_DEVICE_CLOSE, pool_fmt(&a->pool, "handlers/%s/mgmt", h),
			  pool_fmt(&a->pool, "del_device %s", name),
			  pool_fmt(&a->pool, "Closing device '%s' using handler '%s'", name, h));
}

static const char *size_of(struct adm *a, const char *dir)
{
	char *s = tree_file(&a->tree, pool_fmt(&a->pool, "%s/size", dir));

	if (!s)
		return "unknown";
	s[strcspn(s, "\n")] = '\0';
	return s;
}

int verb_resync_dev(struct adm *a)
{
	const char *name = opt(a, OPT_RESYNC_DEV), *dir = adm_device(a, name), *what, *before;
	int err;

	if (!dir)
		return 1;
	what = pool_fmt(&a->pool, "Resynchronizing device '%s'", name);
	before = size_of(a, dir);
	adm_begin(a);
	err = adm_write(a, pool_fmt(&a->pool, "%s/resync_size", dir), "1");
	if (err)
		return adm_refused(a, result_attr(OBJ_DEVICE) + 2, err, what);
	adm_done(a, what);
	fprintf(a->out, "\t-> Size before: %s, now: %s.\n", before, size_of(a, dir));
	adm_end(a);
	return 0;
}
