// SPDX-License-Identifier: GPL-2.0
/* LUNs of a target or of an initiator group. */
#include <string.h>

#include "adm.h"
#include "result.h"
#include "verbs.h"

/**
 * struct lunop - a LUN operation in work
 * @n: number in decimal, without leading zeros; @mgmt: where commands go; @dir: of the LUN
 */
struct lunop {
	const char *n, *mgmt, *dir, *label;
	bool group;
};

static bool lun_start(struct adm *a, struct lunop *op, const char *number)
{
	const char *set = adm_lun_set(a);
	unsigned long n = 0;

	if (!set)
		return false;
	if (number && !word_is_number(number, LUN_MAX, &n)) {
		adm_report(a, RES_TGT_NO_LUN, "'%s' is not a LUN (0 to %d)", number, LUN_MAX);
		return false;
	}
	op->group = given(a, OPT_GROUP);
	op->n = pool_fmt(&a->pool, "%lu", n);
	op->mgmt = pool_fmt(&a->pool, "%s/luns/mgmt", set);
	op->dir = pool_fmt(&a->pool, "%s/luns/%s", set, op->n);
	if (op->group)
		op->label = pool_fmt(&a->pool, "driver/target/group '%s/%s/%s'", opt(a, OPT_DRIVER),
				     opt(a, OPT_TARGET), opt(a, OPT_GROUP));
	else
		op->label = pool_fmt(&a->pool, "driver/target '%s/%s'", opt(a, OPT_DRIVER),
				     opt(a, OPT_TARGET));
	return true;
}

static bool lun_exists(struct adm *a, const struct lunop *op)
{
	int code = op->group ? RES_GRP_NO_LUN : RES_TGT_NO_LUN;

	if (tree_is_dir(&a->tree, op->dir))
		return true;
	adm_report(a, code, "%s: LUN %s of %s", result_text(code), op->n, op->label);
	return false;
}

static const char *lun_params(struct adm *a, const struct lunop *op)
{
	struct strs legal;

	tree_params(&a->tree, op->mgmt, PARAM_HEAD, &legal);
	return adm_params(a, OBJ_LUN, &legal, NULL);
}

int verb_add_lun(struct adm *a)
{
	const char *dev = opt(a, OPT_DEVICE), *params;
	struct lunop op;
	int code;

	if (!lun_start(a, &op, opt(a, OPT_ADD_LUN)) || !adm_device(a, dev))
		return 1;
	params = lun_params(a, &op);
	if (!params)
		return 1;
	code = op.group ? RES_GRP_LUN_EXISTS : RES_TGT_LUN_EXISTS;
	if (tree_is_dir(&a->tree, op.dir) && !strcmp(opt(a, OPT_DRIVER), COPY_MANAGER))
		return 0;
	if (tree_is_dir(&a->tree, op.dir))
		return adm_report(a, code, "%s: LUN %s of %s", result_text(code), op.n, op.label);
	code = op.group ? RES_GRP_LUN_ADD : RES_TGT_LUN_ADD;
	return adm_change(a, code, op.mgmt, pool_fmt(&a->pool, "add %s %s %s", dev, op.n, params),
			  pool_fmt(&a->pool, "Adding device '%s' as LUN %s to %s", dev, op.n,
				   op.label));
}

int verb_rem_lun(struct adm *a)
{
	struct lunop op;

	if (!lun_start(a, &op, opt(a, OPT_REM_LUN)) || !lun_exists(a, &op))
		return 1;
	return adm_change(a, op.group ? RES_GRP_LUN_REM : RES_FAIL, op.mgmt,
			  pool_fmt(&a->pool, "del %s", op.n),
			  pool_fmt(&a->pool, "Removing LUN %s from %s", op.n, op.label));
}

int verb_replace_lun(struct adm *a)
{
	const char *dev = opt(a, OPT_DEVICE), *params, *now;
	struct lunop op;
	int code = RES_LUN_SAME;

	if (!lun_start(a, &op, opt(a, OPT_REPLACE_LUN)) || !lun_exists(a, &op) ||
	    !adm_device(a, dev))
		return 1;
	params = lun_params(a, &op);
	if (!params)
		return 1;
	now = tree_link(&a->tree, pool_fmt(&a->pool, "%s/device", op.dir));
	if (now && !strcmp(now, dev))
		return adm_report(a, code, "%s: LUN %s of %s, device '%s'", result_text(code),
				  op.n, op.label, dev);
	return adm_change(a, RES_LUN_REPLACE, op.mgmt,
			  pool_fmt(&a->pool, "replace %s %s %s", dev, op.n, params),
			  pool_fmt(&a->pool, "Replacing device '%s' by '%s' at LUN %s of %s",
				   now ? now : "", dev, op.n, op.label));
}

int verb_clear_luns(struct adm *a)
{
	struct lunop op;

	if (!lun_start(a, &op, NULL))
		return 1;
	return adm_change(a, op.group ? RES_GRP_CLEAR : RES_TGT_CLEAR, op.mgmt, "clear",
			  pool_fmt(&a->pool, "Removing all LUNs from %s", op.label));
}
