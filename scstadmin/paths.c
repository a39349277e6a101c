// SPDX-License-Identifier: GPL-2.0
/* The objects that options name: their paths, whether they exist, and what -attributes says. */
#include <string.h>

#include "adm.h"
#include "plan.h"
#include "result.h"

bool adm_bad_name(struct adm *a, enum obj_kind kind, const char *name, int code)
{
	const char *msg = name_problem(&a->pool, kind, name);

	if (msg)
		adm_report(a, code, "%s: %s", result_text(code), msg);
	return msg != NULL;
}

/* @path when the object is there, NULL after a report when not. */
static const char *there(struct adm *a, int code, enum obj_kind kind, const char *name,
			 const char *path)
{
	enum obj_kind rules = kind == OBJ_DEVICE ? OBJ_DGDEV : kind;

	if (adm_bad_name(a, rules, name, code))
		return NULL;
	if (tree_is_dir(&a->tree, path))
		return path;
	adm_report(a, code, "%s: %s", result_text(code), name);
	return NULL;
}

const char *adm_driver(struct adm *a)
{
	const char *d = opt(a, OPT_DRIVER);

	return there(a, RES_NO_DRIVER, OBJ_DRIVER, d, pool_fmt(&a->pool, "targets/%s", d));
}

const char *adm_target(struct adm *a, const char *name)
{
	const char *d = adm_driver(a);

	if (!d)
		return NULL;
	return there(a, RES_NO_TARGET, OBJ_TARGET, name, pool_fmt(&a->pool, "%s/%s", d, name));
}

const char *adm_group(struct adm *a, const char *name)
{
	const char *t = adm_target(a, opt(a, OPT_TARGET));

	if (!t)
		return NULL;
	return there(a, RES_NO_GROUP, OBJ_GROUP, name,
		     pool_fmt(&a->pool, "%s/ini_groups/%s", t, name));
}

/* What -group names, else the target itself: both have luns/. */
const char *adm_lun_set(struct adm *a)
{
	if (given(a, OPT_GROUP))
		return adm_group(a, opt(a, OPT_GROUP));
	return adm_target(a, opt(a, OPT_TARGET));
}

const char *adm_device(struct adm *a, const char *name)
{
	return there(a, RES_NO_DEVICE, OBJ_DEVICE, name, pool_fmt(&a->pool, "devices/%s", name));
}

const char *adm_handler(struct adm *a, const char *name)
{
	return there(a, RES_NO_HANDLER, OBJ_HANDLER, name,
		     pool_fmt(&a->pool, "handlers/%s", name));
}

const char *adm_dgrp(struct adm *a, const char *name)
{
	return there(a, RES_NO_DGRP, OBJ_DGRP, name, pool_fmt(&a->pool, "device_groups/%s", name));
}

const char *adm_tgrp(struct adm *a, const char *name)
{
	const char *g = adm_dgrp(a, opt(a, OPT_DEV_GROUP));

	if (!g)
		return NULL;
	return there(a, RES_NO_TGRP, OBJ_TGRP, name,
		     pool_fmt(&a->pool, "%s/target_groups/%s", g, name));
}

/* ---- -attributes ---- */

/* Up to the next comma that no backslash protects; the text without those backslashes. */
static char *next_part(struct pool *p, const char **s)
{
	struct sbuf b = { .pool = p };

	sbuf_str(&b, "");
	for (; **s && **s != ','; (*s)++) {
		if (**s == '\\' && (*s)[1] == ',')
			(*s)++;
		sbuf_char(&b, **s, 1);
	}
	if (**s)
		(*s)++;
	return b.s;
}

/* "name=value", "name value" or a bare name, which means 1. */
static void split_part(char *part, const char **value)
{
	char *sep = part + strcspn(part, "= ");

	*value = *sep ? sep + 1 : "1";
	*sep = '\0';
}

static bool add_part(struct adm *a, struct obj *o, char *part)
{
	const char *value;
	struct attr *at;

	split_part(part, &value);
	if (!*part || strchr(part, '/') || *part == '.' || strchr(value, '\n') ||
	    strlen(part) > ADM_NAME_MAX || strlen(value) > ADM_VALUE_MAX) {
		adm_report(a, 1, "-attributes wants name=value[,name=value...], not '%s'", part);
		return false;
	}
	at = attr_add(&a->pool, o, part);
	attr_clear(at);	/* the last of several wins */
	val_add(&a->pool, at, value);
	return true;
}

struct obj *adm_attributes(struct adm *a, enum obj_kind kind)
{
	struct obj *o = obj_new(&a->pool, NULL, kind, "");
	const char *s = opt(a, OPT_ATTRIBUTES);

	while (s && *s)
		if (!add_part(a, o, next_part(&a->pool, &s)))
			return NULL;
	return o;
}

static const char *param_problem(struct adm *a, const struct attr *at, bool later)
{
	if (strchr(at->vals->text, ';'))
		return pool_fmt(&a->pool, "The value of '%s' must not contain ';'", at->name);
	if (!later && comes_later(at, at->vals))
		return pool_fmt(&a->pool, "The value of '%s' must not be empty, nor contain a blank or '='", at->name);
	return NULL;
}

const char *adm_params(struct adm *a, enum obj_kind kind, const struct strs *legal, struct obj **all)
{
	struct obj *o = adm_attributes(a, kind);
	const char *msg;
	struct attr *at;

	for (at = o ? o->attrs : NULL; at; at = at->next) {
		if (!strs_has(legal, at->name)) {
			adm_report(a, result_attr(kind), "%s: %s", result_text(result_attr(kind)),
				   at->name);
			return NULL;
		}
		msg = param_problem(a, at, all);
		if (msg) {
			adm_report(a, result_attr(kind) + 2, "%s", msg);
			return NULL;
		}
	}
	if (all)
		*all = o;
	return o ? params_text(&a->pool, o, legal) : NULL;
}
