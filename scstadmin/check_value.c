// SPDX-License-Identifier: GPL-2.0
/*
 * Values that the kernel would refuse, judged without one: by the code that it judges them with, where that is pure. What is
 * not known here stays unjudged, and of several values of one attribute the last one is.
 */
#include "check.h"

#include <string.h>

#include "alua.h"
#include "keys.h"
#include "plan.h"

#define bad(c, v, ...) conf_note(c, !(c)->lenient, &(v)->pos, __VA_ARGS__)
#define doubt(c, v, ...) conf_note(c, false, &(v)->pos, __VA_ARGS__)

static const char *label(struct conf *c, const struct obj *o)
{
	return obj_label(c->pool, o);
}

static const struct val *val_of(const struct obj *o, const char *name)
{
	const struct attr *a = attr_find(o, name);

	return a ? a->last_val : NULL;
}

/* As it arrives in an attribute's store: without blanks around it. */
static const char *stored(struct conf *c, const struct val *v)
{
	static const char blanks[] = " \t\n\v\f\r\240";
	const char *s = v->text + strspn(v->text, blanks);
	size_t n = strlen(s);

	while (n && strchr(blanks, s[n - 1]))
		n--;
	return pool_strn(c->pool, s, n);
}

/* ---- devices ---- */

#define ON_FILE 1u
#define ON_BLOCK 2u
#define ON_NULL 4u
#define ON_ROM 8u
#define ON_ALL (ON_FILE | ON_BLOCK | ON_NULL)

enum param_rule {
	RULE_NUMBER,
	RULE_BIT,		/* a number whose lowest bit counts */
	RULE_01,
	RULE_BLOCKSIZE,
};

/* Parameters of devices, as in scst/vdisk/params.c, and the handlers that name them as theirs. */
static const struct {
	const char *name;
	unsigned int on;
	enum param_rule rule;
} params[] = {
	{ "blocksize", ON_ALL, RULE_BLOCKSIZE },
	{ "read_only", ON_ALL, RULE_BIT },
	{ "write_through", ON_FILE | ON_BLOCK, RULE_BIT },
	{ "nv_cache", ON_FILE | ON_BLOCK, RULE_BIT },
	{ "o_direct", ON_FILE, RULE_BIT },
	{ "removable", ON_ALL, RULE_BIT },
	{ "rotational", ON_ALL, RULE_BIT },
	{ "thin_provisioned", ON_FILE | ON_BLOCK, RULE_BIT },
	{ "bind_alua_state", ON_FILE | ON_BLOCK, RULE_NUMBER },
	{ "async", ON_FILE, RULE_01 },
	{ "active", ON_FILE | ON_BLOCK, RULE_01 },
	{ "tst", ON_ALL | ON_ROM, RULE_01 },
	{ "dummy", ON_NULL, RULE_01 },
};

static unsigned int handler_bit(const char *name)
{
	static const char *const handlers[] = { "vdisk_fileio", "vdisk_blockio", "vdisk_nullio", "vcdrom" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		if (!strcmp(name, handlers[i]))
			return 1u << i;
	return 0;
}

/* What kstrtouint() takes with base 0. */
static bool kernel_number(const char *text, u32 *n)
{
	return !iscsi_number_parse(text + (*text == '+'), true, n);
}

static void judge_param(struct conf *c, const struct obj *d, const struct attr *a, enum param_rule rule)
{
	const struct val *v = a->last_val;
	const char *text = v->bare ? "1" : v->text;
	u32 n = 0;
	bool number = kernel_number(text, &n);

	if (rule == RULE_BLOCKSIZE && (!number || n < 512 || n > 4096 || n & (n - 1)))
		bad(c, v, "%s of %s must be 512, 1024, 2048 or 4096, not '%s'", a->name, label(c, d), text);
	else if (!number || (rule == RULE_01 && n > 1))
		bad(c, v, "%s of %s must be %s, not '%s'", a->name, label(c, d), rule == RULE_NUMBER ? "a number" : "0 or 1", text);
	else if (rule == RULE_BIT && n > 1)
		doubt(c, v, "%s of %s is %s, of which only the lowest bit counts: it means %u", a->name, label(c, d), text, n & 1);
}

bool param_is_on(const struct obj *d, const char *name, bool unset)
{
	const struct val *v = val_of(d, name);
	u32 n;

	if (!v)
		return unset;
	return v->bare || (kernel_number(v->text, &n) && (n & 1));
}

void check_device_values(struct conf *c, const struct obj *d)
{
	unsigned int on = handler_bit(d->parent->name), i;
	const struct attr *a;

	for (i = 0; on && i < ARRAY_SIZE(params); i++) {
		a = params[i].on & on ? attr_find(d, params[i].name) : NULL;
		if (a && a->last_val && !comes_later(a, a->last_val))
			judge_param(c, d, a, params[i].rule);
	}
}

/* ---- the iSCSI driver and its targets ---- */

static const char *key_wish(struct conf *c, const struct iscsi_key_desc *desc)
{
	switch (desc->type) {
	case ISCSI_KEY_BOOL:
		return "Yes or No";
	case ISCSI_KEY_DIGEST:
		return "None, CRC32C or CRC32C,None";
	default:
		return pool_fmt(c->pool, "a number from %u to %u", desc->min, desc->max);
	}
}

static void judge_key(struct conf *c, const struct obj *t, const struct iscsi_key_desc *desc, const struct val *v)
{
	u32 n;

	if (iscsi_key_parse_value(desc, stored(c, v), &n))
		bad(c, v, "%s of %s must be %s, not '%s'", desc->name, label(c, t), key_wish(c, desc), v->text);
}

static void judge_flag(struct conf *c, const struct obj *o, const char *name)
{
	const struct val *v = val_of(o, name);
	const char *text = v ? stored(c, v) : "0";

	if (strcmp(text, "0") && strcmp(text, "1"))
		bad(c, v, "%s of %s must be 0 or 1, not '%s'", name, label(c, o), v->text);
}

/* Empty ones are never written, and those with "=" are told of already. Secrets are in no message. */
static bool account_is_good(const struct val *v, bool incoming)
{
	return !*v->text || !dyn_value_fits(v->text) || iscsi_account_valid(v->text, incoming);
}

/* Of an outgoing one there is one: each further takes its place. */
static void judge_accounts(struct conf *c, const struct obj *o)
{
	const struct attr *in = attr_find(o, "IncomingUser"), *out = attr_find(o, "OutgoingUser");
	const struct val *last = out ? out->last_val : NULL, *v;

	for (v = out ? out->vals : NULL; v; v = v->next)
		if (!account_is_good(v, false))
			bad(c, v, "OutgoingUser of %s must be a name of at most %d and a secret of at least %d printable bytes",
			    label(c, o), ISCSI_USER_MAX, ISCSI_SECRET_MIN);
	for (v = in ? in->vals : NULL; v; v = v->next) {
		if (!account_is_good(v, true))
			bad(c, v, "IncomingUser of %s must be a name of at most %d and a secret of at least %d printable bytes, initiators may follow",
			    label(c, o), ISCSI_USER_MAX, ISCSI_SECRET_MIN);
		else if (last && iscsi_account_same_secret(v->text, last->text))
			bad(c, v, "IncomingUser and OutgoingUser of %s must not have the same secret", label(c, o));
	}
}

void check_driver_values(struct conf *c, const struct obj *d)
{
	if (strcmp(d->name, "iscsi"))
		return;
	judge_accounts(c, d);
	judge_flag(c, d, "link_local");
}

void check_target_values(struct conf *c, const struct obj *t)
{
	const struct iscsi_key_desc *desc;
	const struct attr *a;

	if (strcmp(t->parent->name, "iscsi"))
		return;
	for (a = t->attrs; a; a = a->next) {
		desc = iscsi_key_find(a->name);
		if (desc && a->last_val)
			judge_key(c, t, desc, a->last_val);
	}
	judge_accounts(c, t);
	judge_flag(c, t, "per_portal_acl");
}

/* ---- device groups ---- */

void check_tgrp_values(struct conf *c, const struct obj *tg)
{
	const struct val *v = val_of(tg, "state");

	if (v && scsi_alua_parse(stored(c, v)) < 0)
		bad(c, v, "state of %s must be active, nonoptimized, standby, unavailable, offline or transitioning, not '%s'",
		    label(c, tg), v->text);
}
