/* SPDX-License-Identifier: GPL-2.0 */
/* The table of all options and the parser of the command line. */
#ifndef ADM_OPTS_H
#define ADM_OPTS_H

#include <stdio.h>

#include "util.h"

struct adm;

/* In the order in which several queries of one call are answered. */
enum opt_id {
	OPT_CONFIG, OPT_CHECK_CONFIG, OPT_WRITE_CONFIG, OPT_CLEAR_CONFIG,
	OPT_LIST_HANDLER, OPT_LIST_DEVICE, OPT_LIST_DGRP, OPT_LIST_TGRP, OPT_LIST_DRIVER,
	OPT_LIST_TARGET, OPT_LIST_GROUP, OPT_LIST_SESSIONS,
	OPT_LIST_SCST_ATTR, OPT_LIST_HND_ATTR, OPT_LIST_DEV_ATTR, OPT_LIST_DGRP_ATTR,
	OPT_LIST_TGRP_ATTR, OPT_LIST_TTGT_ATTR, OPT_LIST_DRV_ATTR, OPT_LIST_TGT_ATTR,
	OPT_LIST_GRP_ATTR, OPT_LIST_LUN_ATTR, OPT_LIST_INIT_ATTR,
	OPT_SET_SCST_ATTR, OPT_SET_HND_ATTR, OPT_SET_DEV_ATTR, OPT_SET_DGRP_ATTR,
	OPT_SET_TGRP_ATTR, OPT_SET_TTGT_ATTR, OPT_SET_DRV_ATTR, OPT_SET_TGT_ATTR,
	OPT_SET_GRP_ATTR, OPT_SET_LUN_ATTR, OPT_SET_INIT_ATTR,
	OPT_ADD_DRV_ATTR, OPT_ADD_TGT_ATTR, OPT_REM_DRV_ATTR, OPT_REM_TGT_ATTR,
	OPT_OPEN_DEV, OPT_CLOSE_DEV, OPT_RESYNC_DEV,
	OPT_ADD_DGRP, OPT_REM_DGRP, OPT_ADD_DGRP_DEV, OPT_REM_DGRP_DEV,
	OPT_ADD_TGRP, OPT_REM_TGRP, OPT_ADD_TGRP_TGT, OPT_REM_TGRP_TGT,
	OPT_ADD_TARGET, OPT_REM_TARGET, OPT_ADD_GROUP, OPT_REM_GROUP,
	OPT_ADD_INIT, OPT_REM_INIT, OPT_MOVE_INIT, OPT_CLEAR_INITS,
	OPT_ADD_LUN, OPT_REM_LUN, OPT_REPLACE_LUN, OPT_CLEAR_LUNS,
	OPT_ENABLE_TARGET, OPT_DISABLE_TARGET, OPT_ISSUE_LIP, OPT_DUMP_ATTRS,
	OPT_LIST_MODULES,
	OPT_DRIVER, OPT_TARGET, OPT_GROUP, OPT_TO, OPT_DEVICE, OPT_HANDLER, OPT_DEV_GROUP,
	OPT_TGT_GROUP, OPT_ATTRIBUTES,
	OPT_FORCE, OPT_NOPROMPT, OPT_CONT_ON_ERR, OPT_NONKEY, OPT_LIP, OPT_NO_LIP, OPT_DEBUG,
	OPT_PRESERVE_CLUSTER_MODE, OPT_HELP, OPT_H,
	OPT_COUNT
};

#define OPT_VERBS OPT_DRIVER	/* ids below this are operations */

enum opt_arg { ARG_NONE, ARG_MUST, ARG_MAY };
enum opt_class { CLASS_QUERY, CLASS_CHANGE, CLASS_COMPANION, CLASS_MODIFIER };

/**
 * struct optdef - one option
 * @arg_name: for the usage
 * @need: mask of companions (bit = id - OPT_DRIVER) that must be given
 * @what: @need as the message spells it
 * @with: the options that share the message
 * @prompt: asks before it acts
 * @offline: works without the kernel modules
 * @soft: a failure is reported as a warning
 * @code_out: the result code becomes the exit code
 * @run: does it; returns the exit code
 */
struct optdef {
	const char *name;
	enum opt_arg arg;
	enum opt_class class;
	const char *arg_name;
	unsigned int need;
	const char *what, *with;
	bool prompt, offline, soft, code_out;
	int (*run)(struct adm *a);
	const char *help;
};

/** struct opts - what was given; @val "" for an option without value */
struct opts {
	bool given[OPT_COUNT];
	const char *val[OPT_COUNT];
};

extern const struct optdef optdefs[OPT_COUNT];

/** opts_parse() - false after a line on @err; the last of two equal options wins */
bool opts_parse(struct opts *o, int argc, char **argv, FILE *err);

/** opts_check() - conflicts and missing companions, as a message for stdout, or NULL */
const char *opts_check(struct pool *p, const struct opts *o);

void opts_usage(FILE *out);

#endif
