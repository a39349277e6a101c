// SPDX-License-Identifier: GPL-2.0
/* The table of all options, the parser of the command line, and what must be given together. */
#include "opts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "verbs.h"

#define NEED(id) (1u << (OPT_##id - OPT_DRIVER))
#define DRV NEED(DRIVER)
#define TGT NEED(TARGET)
#define GRP NEED(GROUP)
#define ATT NEED(ATTRIBUTES)
#define DGR NEED(DEV_GROUP)
#define TGR NEED(TGT_GROUP)

#define QUERY(n, a, an, fn, ...) \
	{ .name = n, .arg = a, .class = CLASS_QUERY, .arg_name = an, .soft = true, .run = fn, \
	  __VA_ARGS__ }
#define CHANGE(n, an, fn, ...) \
	{ .name = n, .arg = ARG_MUST, .class = CLASS_CHANGE, .arg_name = an, .run = fn, \
	  __VA_ARGS__ }
#define ASKS(n, an, fn, ...) CHANGE(n, an, fn, .prompt = true, __VA_ARGS__)
#define COMPANION(n, an, ...) \
	{ .name = n, .arg = ARG_MUST, .class = CLASS_COMPANION, .arg_name = an, __VA_ARGS__ }
#define MODIFIER(n, ...) { .name = n, .arg = ARG_NONE, .class = CLASS_MODIFIER, __VA_ARGS__ }
#define WANTS(mask, w, o) .need = (mask), .what = w, .with = o

const struct optdef optdefs[OPT_COUNT] = {
	[OPT_CONFIG] = { .name = "config", .arg = ARG_MAY, .class = CLASS_CHANGE,
		.arg_name = "FILE", .run = verb_config,
		.help = "check FILE (/etc/scst.conf) and apply it" },
	[OPT_CHECK_CONFIG] = { .name = "check_config", .arg = ARG_MAY, .class = CLASS_CHANGE,
		.arg_name = "FILE", .run = verb_check_config, .offline = true,
		.help = "only check it" },
	[OPT_WRITE_CONFIG] = CHANGE("write_config", "FILE", verb_write_config,
		.help = "save the running configuration"),
	[OPT_CLEAR_CONFIG] = { .name = "clear_config", .arg = ARG_NONE, .class = CLASS_CHANGE,
		.run = verb_clear_config, .prompt = true,
		WANTS(NEED(FORCE), "-force", "-clear_config"),
		.help = "remove the running configuration" },

	[OPT_LIST_HANDLER] = QUERY("list_handler", ARG_MAY, "HANDLER", verb_list_handler,
		.help = "handlers, or the devices of one"),
	[OPT_LIST_DEVICE] = QUERY("list_device", ARG_MAY, "DEVICE", verb_list_device,
		.help = "devices, or the attributes of one"),
	[OPT_LIST_DGRP] = QUERY("list_dgrp", ARG_MAY, "DGROUP", verb_list_dgrp,
		.help = "device groups, or the content of one"),
	[OPT_LIST_TGRP] = QUERY("list_tgrp", ARG_MAY, "TGROUP", verb_list_tgrp,
		WANTS(DGR, "-dev_group", "-list_tgrp"),
		.help = "target groups, or the targets of one"),
	[OPT_LIST_DRIVER] = QUERY("list_driver", ARG_MAY, "DRIVER", verb_list_driver,
		.help = "drivers, or the targets of one"),
	[OPT_LIST_TARGET] = QUERY("list_target", ARG_MAY, "TARGET", verb_list_target,
		.help = "targets, or the groups and LUNs of one"),
	[OPT_LIST_GROUP] = QUERY("list_group", ARG_MAY, "GROUP", verb_list_group,
		.help = "groups with LUNs and initiators"),
	[OPT_LIST_SESSIONS] = QUERY("list_sessions", ARG_NONE, NULL, verb_list_sessions,
		.help = "sessions with their LUNs"),
	[OPT_LIST_SCST_ATTR] = QUERY("list_scst_attr", ARG_NONE, NULL, verb_list_scst_attr,
		.help = "attributes of the core"),
	[OPT_LIST_HND_ATTR] = QUERY("list_hnd_attr", ARG_MUST, "HANDLER", verb_list_hnd_attr,
		.help = "attributes of a handler"),
	[OPT_LIST_DEV_ATTR] = QUERY("list_dev_attr", ARG_MUST, "DEVICE", verb_list_dev_attr,
		.help = "attributes of a device"),
	[OPT_LIST_DGRP_ATTR] = QUERY("list_dgrp_attr", ARG_MUST, "DGROUP", verb_list_dgrp_attr,
		.help = "attributes of a device group"),
	[OPT_LIST_TGRP_ATTR] = QUERY("list_tgrp_attr", ARG_MUST, "TGROUP", verb_list_tgrp_attr,
		WANTS(DGR, "-dev_group", "-list_tgrp_attr"),
		.help = "attributes of a target group"),
	[OPT_LIST_TTGT_ATTR] = QUERY("list_ttgt_attr", ARG_MUST, "TARGET", verb_list_ttgt_attr,
		WANTS(DGR | TGR, "-dev_group and -tgt_group", "-list_ttgt_attr"),
		.help = "attributes of a member of a target group"),
	[OPT_LIST_DRV_ATTR] = QUERY("list_drv_attr", ARG_MUST, "DRIVER", verb_list_drv_attr,
		.help = "attributes of a driver"),
	[OPT_LIST_TGT_ATTR] = QUERY("list_tgt_attr", ARG_MUST, "TARGET", verb_list_tgt_attr,
		WANTS(DRV, "-driver", "-list_tgt_attr"),
		.help = "attributes of a target"),
	[OPT_LIST_GRP_ATTR] = QUERY("list_grp_attr", ARG_MUST, "GROUP", verb_list_grp_attr,
		WANTS(DRV | TGT, "-driver, -target and group", "-list_grp_attr"),
		.help = "attributes of a group"),
	[OPT_LIST_LUN_ATTR] = QUERY("list_lun_attr", ARG_MUST, "LUN", verb_list_lun_attr,
		WANTS(DRV | TGT, "-driver and -target", "-list_lun_attr"),
		.help = "attributes of a LUN"),
	[OPT_LIST_INIT_ATTR] = QUERY("list_init_attr", ARG_MUST, "INITIATOR", verb_list_init_attr,
		WANTS(DRV | TGT | GRP, "-driver, -target and -group", "-list_init_attr"),
		.help = "attributes of an initiator"),

	[OPT_SET_SCST_ATTR] = { .name = "set_scst_attr", .arg = ARG_NONE, .class = CLASS_CHANGE,
		.run = verb_set_scst_attr, .prompt = true,
		WANTS(ATT, "-attributes", "-set_scst_attr"),
		.help = "set attributes of the core" },
	[OPT_SET_HND_ATTR] = ASKS("set_hnd_attr", "HANDLER", verb_set_hnd_attr,
		WANTS(ATT, "-attributes", "-set_hnd_attr"), .help = "of a handler"),
	[OPT_SET_DEV_ATTR] = ASKS("set_dev_attr", "DEVICE", verb_set_dev_attr,
		WANTS(ATT, "-attributes", "-set_dev_attr"), .help = "of a device"),
	[OPT_SET_DGRP_ATTR] = ASKS("set_dgrp_attr", "DGROUP", verb_set_dgrp_attr,
		WANTS(ATT, "-attributes", "-set_dgrp_attr"), .help = "of a device group"),
	[OPT_SET_TGRP_ATTR] = ASKS("set_tgrp_attr", "TGROUP", verb_set_tgrp_attr,
		WANTS(DGR | ATT, "-dev_group and -attributes", "-set_tgrp_attr"),
		.help = "of a target group"),
	[OPT_SET_TTGT_ATTR] = ASKS("set_ttgt_attr", "TARGET", verb_set_ttgt_attr,
		WANTS(DGR | TGR | ATT, "-dev_group -tgt_group and -attributes", "-set_ttgt_attr"),
		.help = "of a member of a target group"),
	[OPT_SET_DRV_ATTR] = ASKS("set_drv_attr", "DRIVER", verb_set_drv_attr,
		WANTS(ATT, "-attributes", "-set_drv_attr"), .help = "of a driver"),
	[OPT_SET_TGT_ATTR] = ASKS("set_tgt_attr", "TARGET", verb_set_tgt_attr,
		WANTS(DRV | ATT, "-driver and -attributes", "-set_tgt_attr"),
		.help = "of a target"),
	[OPT_SET_GRP_ATTR] = ASKS("set_grp_attr", "GROUP", verb_set_grp_attr,
		WANTS(DRV | TGT | ATT, "-driver -target and -attributes", "-set_grp_attr"),
		.help = "of a group"),
	[OPT_SET_LUN_ATTR] = ASKS("set_lun_attr", "LUN", verb_set_lun_attr,
		WANTS(DRV | TGT | ATT, "-driver -target -group and -attributes", "-set_lun_attr"),
		.help = "of a LUN"),
	[OPT_SET_INIT_ATTR] = ASKS("set_init_attr", "INITIATOR", verb_set_init_attr,
		WANTS(DRV | TGT | GRP | ATT, "-driver -target -group and -attributes",
		      "-set_init_attr"),
		.help = "of an initiator"),
	[OPT_ADD_DRV_ATTR] = CHANGE("add_drv_attr", "DRIVER", verb_add_drv_attr,
		WANTS(ATT, "-attributes", "-add_drv_attr"),
		.help = "add values of repeatable driver attributes"),
	[OPT_ADD_TGT_ATTR] = CHANGE("add_tgt_attr", "TARGET", verb_add_tgt_attr,
		WANTS(DRV | ATT, "-driver and -attributes", "-add_tgt_attr"),
		.help = "add values of repeatable target attributes"),
	[OPT_REM_DRV_ATTR] = ASKS("rem_drv_attr", "DRIVER", verb_rem_drv_attr,
		WANTS(ATT, "-attributes", "-rem_drv_attr"), .help = "remove such values"),
	[OPT_REM_TGT_ATTR] = ASKS("rem_tgt_attr", "TARGET", verb_rem_tgt_attr,
		WANTS(DRV | ATT, "-driver and -attributes", "-rem_tgt_attr"),
		.help = "remove such values"),

	[OPT_OPEN_DEV] = CHANGE("open_dev", "DEVICE", verb_open_dev,
		WANTS(NEED(HANDLER), "-handler", "-open_dev/-close_dev"),
		.help = "make a device"),
	[OPT_CLOSE_DEV] = ASKS("close_dev", "DEVICE", verb_close_dev,
		WANTS(NEED(HANDLER), "-handler", "-open_dev/-close_dev"),
		.help = "remove a device"),
	[OPT_RESYNC_DEV] = CHANGE("resync_dev", "DEVICE", verb_resync_dev,
		.help = "take over a new size of its backing store"),
	[OPT_ADD_DGRP] = CHANGE("add_dgrp", "DGROUP", verb_add_dgrp,
		.help = "make a device group"),
	[OPT_REM_DGRP] = CHANGE("rem_dgrp", "DGROUP", verb_rem_dgrp,
		.help = "remove a device group"),
	[OPT_ADD_DGRP_DEV] = CHANGE("add_dgrp_dev", "DEVICE", verb_add_dgrp_dev,
		WANTS(DGR, "-dev_group", "-add_dgrp_dev/-rem_dgrp_dev"),
		.help = "put a device into a device group"),
	[OPT_REM_DGRP_DEV] = CHANGE("rem_dgrp_dev", "DEVICE", verb_rem_dgrp_dev,
		WANTS(DGR, "-dev_group", "-add_dgrp_dev/-rem_dgrp_dev"),
		.help = "take a device out of it"),
	[OPT_ADD_TGRP] = CHANGE("add_tgrp", "TGROUP", verb_add_tgrp,
		WANTS(DGR, "-dev_group", "-add_tgrp/-rem_tgrp"), .help = "make a target group"),
	[OPT_REM_TGRP] = CHANGE("rem_tgrp", "TGROUP", verb_rem_tgrp,
		WANTS(DGR, "-dev_group", "-add_tgrp/-rem_tgrp"), .help = "remove a target group"),
	[OPT_ADD_TGRP_TGT] = CHANGE("add_tgrp_tgt", "TARGET", verb_add_tgrp_tgt,
		WANTS(DGR | TGR, "-dev_group and -tgt_group", "-add_tgrp_tgt/-rem_tgrp_tgt"),
		.help = "put a target into a target group"),
	[OPT_REM_TGRP_TGT] = CHANGE("rem_tgrp_tgt", "TARGET", verb_rem_tgrp_tgt,
		WANTS(DGR | TGR, "-dev_group and -tgt_group", "-add_tgrp_tgt/-rem_tgrp_tgt"),
		.help = "take a target out of it"),
	[OPT_ADD_TARGET] = CHANGE("add_target", "TARGET", verb_add_target,
		WANTS(DRV, "-driver", "-add_target"), .soft = true, .code_out = true,
		.help = "make a target"),
	[OPT_REM_TARGET] = ASKS("rem_target", "TARGET", verb_rem_target,
		WANTS(DRV, "-driver", "-rem_target"), .soft = true, .code_out = true,
		.help = "close its sessions and remove it"),
	[OPT_ADD_GROUP] = CHANGE("add_group", "GROUP", verb_add_group,
		WANTS(DRV | TGT, "-driver and -target", "-add_group/-rem_group"),
		.help = "make an initiator group"),
	[OPT_REM_GROUP] = ASKS("rem_group", "GROUP", verb_rem_group,
		WANTS(DRV | TGT, "-driver and -target", "-add_group/-rem_group"),
		.help = "remove an initiator group"),
	[OPT_ADD_INIT] = CHANGE("add_init", "INITIATOR", verb_add_init,
		WANTS(DRV | TGT | GRP, "-driver -target and -group",
		      "-add_init/-rem_init/-clear_inits"),
		.help = "put an initiator (* ? ! allowed) into a group"),
	[OPT_REM_INIT] = ASKS("rem_init", "INITIATOR", verb_rem_init,
		WANTS(DRV | TGT | GRP, "-driver -target and -group",
		      "-add_init/-rem_init/-clear_inits"),
		.help = "take it out"),
	[OPT_MOVE_INIT] = ASKS("move_init", "INITIATOR", verb_move_init,
		WANTS(DRV | TGT | GRP | NEED(TO), "-driver -target -group and -to", "-move_init"),
		.help = "move it to another group"),
	[OPT_CLEAR_INITS] = { .name = "clear_inits", .arg = ARG_NONE, .class = CLASS_CHANGE,
		.run = verb_clear_inits, .prompt = true,
		WANTS(DRV | TGT | GRP, "-driver -target and -group",
		      "-add_init/-rem_init/-clear_inits"),
		.help = "empty a group" },
	[OPT_ADD_LUN] = CHANGE("add_lun", "LUN", verb_add_lun,
		WANTS(DRV | TGT | NEED(DEVICE), "-driver -target and -device",
		      "-add_lun/-replace_lun"),
		.help = "show a device as a LUN of a target or group"),
	[OPT_REM_LUN] = ASKS("rem_lun", "LUN", verb_rem_lun,
		WANTS(DRV | TGT, "-driver and -target", "-rem_lun/-clear_luns"),
		.help = "remove a LUN"),
	[OPT_REPLACE_LUN] = ASKS("replace_lun", "LUN", verb_replace_lun,
		WANTS(DRV | TGT | NEED(DEVICE), "-driver -target and -device",
		      "-add_lun/-replace_lun"),
		.help = "show another device there"),
	[OPT_CLEAR_LUNS] = { .name = "clear_luns", .arg = ARG_NONE, .class = CLASS_CHANGE,
		.run = verb_clear_luns, .prompt = true,
		WANTS(DRV | TGT, "-driver and -target", "-rem_lun/-clear_luns"),
		.help = "remove all LUNs of a target or group" },
	[OPT_ENABLE_TARGET] = CHANGE("enable_target", "TARGET", verb_enable_target,
		WANTS(DRV, "-driver", "-enable_target/-disable_target"), .soft = true,
		.help = "let initiators log in"),
	[OPT_DISABLE_TARGET] = ASKS("disable_target", "TARGET", verb_disable_target,
		WANTS(DRV, "-driver", "-enable_target/-disable_target"), .soft = true,
		.help = "let nobody in"),
	[OPT_ISSUE_LIP] = { .name = "issue_lip", .arg = ARG_MAY, .class = CLASS_CHANGE,
		.arg_name = "TARGET", .run = verb_issue_lip,
		.help = "pulse the loop of Fibre Channel targets" },
	[OPT_DUMP_ATTRS] = { .name = "dumpAttrs", .arg = ARG_NONE, .class = CLASS_CHANGE,
		.run = verb_dump_attrs, .soft = true,
		.help = "all attributes of core and devices, for debugging" },
	[OPT_LIST_MODULES] = { .name = "list_modules", .arg = ARG_MAY, .class = CLASS_CHANGE,
		.arg_name = "FILE", .run = verb_list_modules, .offline = true,
		.help = "kernel modules that FILE needs, in load order" },

	[OPT_DRIVER] = COMPANION("driver", "DRIVER"),
	[OPT_TARGET] = COMPANION("target", "TARGET"),
	[OPT_GROUP] = COMPANION("group", "GROUP", .help = "with LUNs: those of the group, not the target's"),
	[OPT_TO] = COMPANION("to", "GROUP", .help = "new group for -move_init"),
	[OPT_DEVICE] = COMPANION("device", "DEVICE"),
	[OPT_HANDLER] = COMPANION("handler", "HANDLER"),
	[OPT_DEV_GROUP] = COMPANION("dev_group", "DGROUP"),
	[OPT_TGT_GROUP] = COMPANION("tgt_group", "TGROUP"),
	[OPT_ATTRIBUTES] = COMPANION("attributes", "N=V[,N=V]",
		.help = "a bare name means 1; write \\, for a comma inside a value"),
	[OPT_FORCE] = MODIFIER("force",
		.help = "also remove what is not in the file; skip in-use checks"),
	[OPT_NOPROMPT] = MODIFIER("noprompt", .help = "answer every question with yes"),
	[OPT_CONT_ON_ERR] = MODIFIER("cont_on_err", .help = "go on after a failed step"),
	[OPT_NONKEY] = MODIFIER("nonkey",
		.help = "save and list attributes with default values as well"),
	[OPT_LIP] = MODIFIER("lip", .help = "pulse the loop of Fibre Channel targets after a change"),
	[OPT_NO_LIP] = MODIFIER("no_lip", .help = "never pulse it"),
	[OPT_DEBUG] = MODIFIER("debug", .help = "print each write, write nothing"),
	[OPT_PRESERVE_CLUSTER_MODE] = MODIFIER("preserve_cluster_mode",
		.help = "leave cluster_mode of existing devices alone"),
	[OPT_HELP] = MODIFIER("help", .help = "this text"),
	[OPT_H] = MODIFIER("h", .help = "this text"),
};

enum { FIND_NONE = -1, FIND_SEVERAL = -2 };

static bool has_prefix(int id, const char *s, size_t len)
{
	return len && !strncasecmp(optdefs[id].name, s, len);
}

/* The exact name in any case, else the only name that begins so. */
static int find_option(const char *s, size_t len)
{
	int i, found = FIND_NONE;

	for (i = 0; i < OPT_COUNT; i++) {
		if (!has_prefix(i, s, len))
			continue;
		if (strlen(optdefs[i].name) == len)
			return i;
		found = found == FIND_NONE ? i : FIND_SEVERAL;
	}
	return found;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Number of single-letter edits between two words of option length. */
static unsigned int distance(const char *a, size_t na, const char *b)
{
	unsigned int row[64], up, left;
	size_t nb = strlen(b), i, j;

	if (nb >= 64)
		return 64;
	for (j = 0; j <= nb; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= na; i++) {
		up = row[0];
		row[0] = (unsigned int)i;
		for (j = 1; j <= nb; j++) {
			left = least(row[j - 1], row[j]) + 1;
			left = least(left, up + (a[i - 1] != b[j - 1]));
			up = row[j];
			row[j] = left;
		}
	}
	return row[nb];
}

static void say_unknown(FILE *err, const char *s, size_t len)
{
	unsigned int best = (unsigned int)len / 3 + 1, d;
	int i, found = -1;

	for (i = 0; len < 64 && i < OPT_COUNT; i++) {
		d = distance(s, len, optdefs[i].name);
		if (d < best) {
			best = d;
			found = i;
		}
	}
	fprintf(err, "Unknown option: %.*s", (int)len, s);
	if (found >= 0)
		fprintf(err, " (did you mean -%s?)", optdefs[found].name);
	fputc('\n', err);
}

static void say_several(FILE *err, const char *s, size_t len)
{
	const char *sep = "";
	int i;

	fprintf(err, "Option %.*s is ambiguous (", (int)len, s);
	for (i = 0; i < OPT_COUNT; i++) {
		if (!has_prefix(i, s, len))
			continue;
		fprintf(err, "%s-%s", sep, optdefs[i].name);
		sep = ", ";
	}
	fputs(")\n", err);
}

/* The next word is the value of such an option unless it looks like an option itself. */
static bool is_optional_value(const char *w)
{
	return w && (!strcmp(w, "-") || (*w != '-' && *w != '+'));
}

/* Sets the value; returns how many further words it took, or -1 after a message. */
static int take_value(struct opts *o, int id, char *eq, char **next, FILE *err)
{
	const struct optdef *d = &optdefs[id];

	o->given[id] = true;
	o->val[id] = "";
	if (eq && d->arg == ARG_NONE) {
		fprintf(err, "Option %s does not take a value\n", d->name);
		return -1;
	}
	if (eq) {
		o->val[id] = eq + 1;
		return 0;
	}
	if (d->arg == ARG_NONE || (d->arg == ARG_MAY && !is_optional_value(*next)))
		return 0;
	if (!*next) {
		fprintf(err, "Option %s requires a value\n", d->name);
		return -1;
	}
	o->val[id] = *next;
	return 1;
}

bool opts_parse(struct opts *o, int argc, char **argv, FILE *err)
{
	int i, id, took;
	size_t len;
	char *w;

	memset(o, 0, sizeof(*o));
	for (i = 1; i < argc; i++) {
		w = argv[i];
		if (!strcmp(w, "--") && i + 1 == argc)
			return true;
		if (!strcmp(w, "--") || *w != '-' || !w[1]) {
			fprintf(err, "Stray word: %s\n", *w == '-' && w[1] ? argv[i + 1] : w);
			return false;
		}
		w += w[1] == '-' ? 2 : 1;
		len = strcspn(w, "=");
		id = find_option(w, len);
		if (id == FIND_NONE)
			say_unknown(err, w, len);
		else if (id == FIND_SEVERAL)
			say_several(err, w, len);
		took = id < 0 ? -1 : take_value(o, id, w[len] ? w + len : NULL, argv + i + 1, err);
		if (took < 0)
			return false;
		i += took;
	}
	return true;
}

static const char *missing(struct pool *p, const struct opts *o, int id)
{
	const struct optdef *d = &optdefs[id];
	int c;

	for (c = OPT_DRIVER; c < OPT_COUNT; c++) {
		if (!(d->need & (1u << (c - OPT_DRIVER))))
			continue;
		if (!o->given[c] || (optdefs[c].arg == ARG_MUST && !*o->val[c]))
			return pool_fmt(p, "Please specify %s with %s.\n", d->what, d->with);
	}
	return NULL;
}

const char *opts_check(struct pool *p, const struct opts *o)
{
	unsigned int changes = 0, queries = 0;
	const char *msg;
	int i;

	for (i = 0; i < OPT_VERBS; i++) {
		if (!o->given[i])
			continue;
		if (optdefs[i].class == CLASS_QUERY)
			queries = 1;
		else
			changes++;
	}
	if (changes + queries > 1)
		return "Please specify only one non-query operation at a time.\n";
	if (!changes && !queries)
		return "No valid operations specified.\n";
	for (i = 0; i < OPT_VERBS; i++) {
		msg = o->given[i] ? missing(p, o, i) : NULL;
		if (msg)
			return msg;
	}
	return NULL;
}

/* The options themselves, for the words of optdef.what, which scripts compare, are not all of them options that are needed. */
static void usage_needs(FILE *out, const struct optdef *d)
{
	const char *lead = "(with ";
	int c;

	if (!d->need)
		return;
	fprintf(out, "  %-32s   ", "");
	for (c = OPT_DRIVER; c < OPT_COUNT; c++) {
		if (!(d->need & (1u << (c - OPT_DRIVER))))
			continue;
		fprintf(out, "%s-%s", lead, optdefs[c].name);
		lead = ", ";
	}
	fputs(")\n", out);
}

static void usage_line(FILE *out, const struct optdef *d)
{
	char left[64];

	if (!d->arg_name)
		snprintf(left, sizeof(left), "-%s", d->name);
	else if (d->arg == ARG_MAY)
		snprintf(left, sizeof(left), "-%s [%s]", d->name, d->arg_name);
	else
		snprintf(left, sizeof(left), "-%s %s", d->name, d->arg_name);
	fprintf(out, "  %-32s %s\n", left, d->help ? d->help : "");
	usage_needs(out, d);
}

void opts_usage(FILE *out)
{
	int i;

	fputs("Usage: scstadmin OPTION...\n\nOperations (one of them; several queries may be combined):\n",
	      out);
	for (i = 0; i < OPT_VERBS; i++)
		usage_line(out, &optdefs[i]);
	fputs("\nObjects that operations refer to:\n", out);
	for (i = OPT_DRIVER; i < OPT_FORCE; i++)
		usage_line(out, &optdefs[i]);
	fputs("\nModifiers:\n", out);
	for (i = OPT_FORCE; i < OPT_COUNT; i++)
		usage_line(out, &optdefs[i]);
	fputs("\nsee scstadmin(1) and scst.conf(5)\n", out);
}
