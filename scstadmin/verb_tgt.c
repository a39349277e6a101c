// SPDX-License-Identifier: GPL-2.0
/* Targets: make, remove, enable, disable, and the loop pulse of Fibre Channel ones. */
#include <errno.h>
#include <string.h>

#include "adm.h"
#include "result.h"
#include "verbs.h"

/* Hardware targets of a driver are switched on before the first virtual one is made. */
static void enable_hardware(struct adm *a, const char *driver)
{
	struct strs names = { 0 };
	const char *dir, *hw, *on;
	size_t i;

	if (!tree_names(&a->tree, driver, &names))
		return;
	for (i = 0; i < names.n; i++) {
		dir = pool_fmt(&a->pool, "%s/%s", driver, names.v[i]);
		if (!tree_is_dir(&a->tree, dir))
			continue;
		hw = tree_file(&a->tree, pool_fmt(&a->pool, "%s/hw_target", dir));
		on = tree_file(&a->tree, pool_fmt(&a->pool, "%s/enabled", dir));
		if (hw && *hw == '1' && on && *on == '0')
			adm_write(a, pool_fmt(&a->pool, "%s/enabled", dir), "1");
	}
}

int verb_add_target(struct adm *a)
{
	const char *name = opt(a, OPT_ADD_TARGET), *dir = adm_driver(a), *mgmt, *params;
	struct strs legal;
	int code;

	if (!dir)
		return RES_NO_DRIVER;
	if (adm_bad_name(a, OBJ_TARGET, name, RES_TARGET_ADD))
		return RES_TARGET_ADD;
	mgmt = pool_fmt(&a->pool, "%s/mgmt", dir);
	code = RES_NO_DYNAMIC;
	if (!tree_is_writable(&a->tree, mgmt))
		return adm_report(a, code, "%s: %s", result_text(code), opt(a, OPT_DRIVER));
	code = RES_TARGET_EXISTS;
	if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/%s", dir, name)))
		return adm_report(a, code, "%s: %s", result_text(code), name);
	tree_params(&a->tree, mgmt, PARAM_HEAD, &legal);
	params = adm_params(a, OBJ_TARGET, &legal, NULL);
	if (!params)
		return result_attr(OBJ_TARGET);
	enable_hardware(a, dir);
	return adm_change(a, RES_TARGET_ADD, mgmt,
			  pool_fmt(&a->pool, "add_target %s %s", name, params),
			  pool_fmt(&a->pool, "Creating target '%s' in driver '%s'", name,
				   opt(a, OPT_DRIVER)));
}

int verb_rem_target(struct adm *a)
{
	const char *name = opt(a, OPT_REM_TARGET), *dir = adm_target(a, name), *enabled;
	int code = RES_TGT_BUSY;

	if (!dir)
		return tree_is_dir(&a->tree, pool_fmt(&a->pool, "targets/%s", opt(a, OPT_DRIVER))) ?
			RES_NO_TARGET : RES_NO_DRIVER;
	enabled = pool_fmt(&a->pool, "%s/enabled", dir);
	if (tree_exists(&a->tree, enabled))
		adm_write(a, enabled, "0");
	if (adm_close_sessions(a, dir))
		return adm_report(a, code, "%s: %s", result_text(code), name);
	return adm_change(a, RES_TARGET_REM,
			  pool_fmt(&a->pool, "targets/%s/mgmt", opt(a, OPT_DRIVER)),
			  pool_fmt(&a->pool, "del_target %s", name),
			  pool_fmt(&a->pool, "Removing target '%s' from driver '%s'", name,
				   opt(a, OPT_DRIVER)));
}

static int switch_target(struct adm *a, const char *name, const char *value, const char *what)
{
	const char *dir = adm_target(a, name), *path;
	int code = result_attr(OBJ_TARGET);

	if (!dir)
		return 1;
	path = pool_fmt(&a->pool, "%s/enabled", dir);
	if (!tree_exists(&a->tree, path))
		return adm_report(a, code, "Target '%s' cannot be enabled or disabled", name);
	return adm_change(a, code + 2, path, value, what);
}

int verb_enable_target(struct adm *a)
{
	const char *name = opt(a, OPT_ENABLE_TARGET);

	return switch_target(a, name, "1", pool_fmt(&a->pool, "Enabling target '%s' of driver '%s'",
						    name, opt(a, OPT_DRIVER)));
}

int verb_disable_target(struct adm *a)
{
	const char *name = opt(a, OPT_DISABLE_TARGET);

	return switch_target(a, name, "0",
			     pool_fmt(&a->pool, "Disabling target '%s' of driver '%s'", name,
				      opt(a, OPT_DRIVER)));
}

/* ---- LIP ---- */

static const char *lip_file(struct adm *a, const char *tgt_dir)
{
	char *host = tree_link(&a->tree, pool_fmt(&a->pool, "%s/host", tgt_dir));
	const char *p;

	if (!host)
		return NULL;
	p = pool_fmt(&a->pool, "%s/host/device/fc_host:%s/issue_lip", tgt_dir, host);
	if (tree_exists(&a->tree, p))
		return p;
	p = pool_fmt(&a->pool, "%s/host/device/fc_host/%s/issue_lip", tgt_dir, host);
	return tree_exists(&a->tree, p) ? p : NULL;
}

/* @others: say of targets without a loop that they have none */
static int lip_target(struct adm *a, const char *driver, const char *target, bool others)
{
	const char *dir = pool_fmt(&a->pool, "targets/%s/%s", driver, target);
	const char *file = lip_file(a, dir), *what;
	int err;

	if (!file) {
		if (others)
			fprintf(a->out, "\t-> Target '%s/%s' is not a Fibre Channel one: nothing to do.\n",
				driver, target);
		return 0;
	}
	what = pool_fmt(&a->pool, "Issuing LIP on target '%s/%s'", driver, target);
	err = adm_write(a, file, "1");
	if (err)
		return adm_refused(a, RES_FAIL, err, what);
	adm_done(a, what);
	return 0;
}

static int lip_driver(struct adm *a, const char *driver, bool others)
{
	const char *dir = pool_fmt(&a->pool, "targets/%s", driver);
	struct strs names = { 0 };
	int rc = 0;
	size_t i;

	if (!tree_is_dir(&a->tree, dir) || !tree_names(&a->tree, dir, &names))
		return 0;
	for (i = 0; i < names.n; i++)
		if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/%s/luns", dir, names.v[i])))
			rc |= lip_target(a, driver, names.v[i], others);
	return rc;
}

static int lip_all(struct adm *a, bool others)
{
	struct strs names = { 0 };
	int rc = 0;
	size_t i;

	if (!tree_names(&a->tree, "targets", &names))
		return adm_report(a, RES_FAIL, "%s", a->tree.err);
	for (i = 0; i < names.n; i++)
		rc |= lip_driver(a, names.v[i], others);
	return rc;
}

void adm_lip(struct adm *a)
{
	lip_all(a, false);
}

int verb_issue_lip(struct adm *a)
{
	const char *name = opt(a, OPT_ISSUE_LIP);
	int rc;

	if (given(a, OPT_NO_LIP))
		return 0;
	if (*name && !given(a, OPT_DRIVER))
		return adm_report(a, RES_NO_DRIVER, "Please specify -driver with the target '%s'",
				  name);
	if (*name && !adm_target(a, name))
		return 1;
	adm_begin(a);
	rc = *name ? lip_target(a, opt(a, OPT_DRIVER), name, true) :
		     lip_all(a, true);
	if (!a->fatal)
		adm_end(a);
	return rc;
}
