// SPDX-License-Identifier: GPL-2.0
/* Device groups and target groups (asymmetric logical unit access). */
#include <string.h>

#include "adm.h"
#include "result.h"
#include "verbs.h"

static size_t list_members(struct adm *a, const char *dir, const char *title)
{
	struct strs names = { 0 };
	size_t i, n = 0;

	if (!tree_names(&a->tree, dir, &names))
		return 0;
	for (i = 0; i < names.n; i++) {
		if (!tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/%s", dir, names.v[i])))
			continue;
		if (!n++)
			fprintf(a->out, "\t%s:\n", title);
		fprintf(a->out, "\t\t%s\n", names.v[i]);
	}
	return n;
}

static int taken(struct adm *a, int code, const char *name)
{
	return adm_report(a, code, "%s: %s", result_text(code), name);
}

int verb_add_dgrp(struct adm *a)
{
	const char *name = opt(a, OPT_ADD_DGRP);

	if (adm_bad_name(a, OBJ_DGRP, name, RES_DGRP_ADD))
		return 1;
	if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "device_groups/%s", name)))
		return taken(a, RES_DGRP_EXISTS, name);
	return adm_change(a, RES_DGRP_ADD, "device_groups/mgmt",
			  pool_fmt(&a->pool, "create %s", name),
			  pool_fmt(&a->pool, "Adding device group '%s'", name));
}

int verb_rem_dgrp(struct adm *a)
{
	const char *name = opt(a, OPT_REM_DGRP), *g = adm_dgrp(a, name);
	size_t n = 0;

	if (!g)
		return 1;
	if (!given(a, OPT_FORCE)) {
		n = list_members(a, pool_fmt(&a->pool, "%s/devices", g), "Devices");
		n += list_members(a, pool_fmt(&a->pool, "%s/target_groups", g), "Target Groups");
	}
	if (n)
		return adm_report(a, RES_DGRP_REM,
				  "Device group '%s' is not empty; -force removes it all the same",
				  name);
	return adm_change(a, RES_DGRP_REM, "device_groups/mgmt",
			  pool_fmt(&a->pool, "del %s", name),
			  pool_fmt(&a->pool, "Removing device group '%s'", name));
}

/* The device group that has the device, or NULL. */
static const char *group_of_device(struct adm *a, const char *dev)
{
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(&a->tree, "device_groups", &names))
		return NULL;
	for (i = 0; i < names.n; i++)
		if (tree_exists(&a->tree, pool_fmt(&a->pool, "device_groups/%s/devices/%s",
						   names.v[i], dev)))
			return names.v[i];
	return NULL;
}

int verb_add_dgrp_dev(struct adm *a)
{
	const char *dev = opt(a, OPT_ADD_DGRP_DEV), *name = opt(a, OPT_DEV_GROUP), *in;
	const char *g = adm_dgrp(a, name);

	if (!g || !adm_device(a, dev))
		return 1;
	in = group_of_device(a, dev);
	if (in)
		return taken(a, strcmp(in, name) ? RES_DGDEV_ELSEWHERE : RES_DGDEV_EXISTS, dev);
	return adm_change(a, RES_DGDEV_ADD, pool_fmt(&a->pool, "%s/devices/mgmt", g),
			  pool_fmt(&a->pool, "add %s", dev),
			  pool_fmt(&a->pool, "Adding device '%s' to device group '%s'", dev, name));
}

/* Whether some target group of the device group has targets; they are listed. */
static bool has_targets(struct adm *a, const char *g)
{
	const char *dir = pool_fmt(&a->pool, "%s/target_groups", g);
	struct strs names = { 0 };
	size_t i, n = 0;

	if (!tree_names(&a->tree, dir, &names))
		return false;
	for (i = 0; i < names.n; i++)
		n += list_members(a, pool_fmt(&a->pool, "%s/%s", dir, names.v[i]), names.v[i]);
	return n;
}

int verb_rem_dgrp_dev(struct adm *a)
{
	const char *dev = opt(a, OPT_REM_DGRP_DEV), *name = opt(a, OPT_DEV_GROUP);
	const char *g = adm_dgrp(a, name);

	if (!g || adm_bad_name(a, OBJ_DGDEV, dev, RES_NO_DGDEV))
		return 1;
	if (!tree_exists(&a->tree, pool_fmt(&a->pool, "%s/devices/%s", g, dev)))
		return taken(a, RES_NO_DGDEV, dev);
	if (!given(a, OPT_FORCE) && has_targets(a, g))
		return adm_report(a, RES_DGDEV_REM,
				  "Device group '%s' has targets; -force removes the device all the same",
				  name);
	return adm_change(a, RES_DGDEV_REM, pool_fmt(&a->pool, "%s/devices/mgmt", g),
			  pool_fmt(&a->pool, "del %s", dev),
			  pool_fmt(&a->pool, "Removing device '%s' from device group '%s'", dev,
				   name));
}

int verb_add_tgrp(struct adm *a)
{
	const char *name = opt(a, OPT_ADD_TGRP), *g = adm_dgrp(a, opt(a, OPT_DEV_GROUP));

	if (!g || adm_bad_name(a, OBJ_TGRP, name, RES_TGRP_ADD))
		return 1;
	if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/target_groups/%s", g, name)))
		return taken(a, RES_TGRP_EXISTS, name);
	return adm_change(a, RES_TGRP_ADD, pool_fmt(&a->pool, "%s/target_groups/mgmt", g),
			  pool_fmt(&a->pool, "add %s", name),
			  pool_fmt(&a->pool, "Adding target group '%s' to device group '%s'", name,
				   opt(a, OPT_DEV_GROUP)));
}

int verb_rem_tgrp(struct adm *a)
{
	const char *name = opt(a, OPT_REM_TGRP), *tg = adm_tgrp(a, name);

	if (!tg)
		return 1;
	if (!given(a, OPT_FORCE) && list_members(a, tg, "Targets"))
		return adm_report(a, RES_TGRP_REM,
				  "Target group '%s' is not empty; -force removes it all the same",
				  name);
	return adm_change(a, RES_TGRP_REM,
			  pool_fmt(&a->pool, "device_groups/%s/target_groups/mgmt",
				   opt(a, OPT_DEV_GROUP)),
			  pool_fmt(&a->pool, "del %s", name),
			  pool_fmt(&a->pool, "Removing target group '%s' from device group '%s'",
				   name, opt(a, OPT_DEV_GROUP)));
}

static int change_member(struct adm *a, const char *tgt, bool add)
{
	const char *tg = adm_tgrp(a, opt(a, OPT_TGT_GROUP));
	bool is_there;

	if (!tg || adm_bad_name(a, OBJ_TGTGT, tgt, RES_NO_TGTGT))
		return 1;
	is_there = tree_exists(&a->tree, pool_fmt(&a->pool, "%s/%s", tg, tgt));
	if (is_there == add)
		return taken(a, add ? RES_TGTGT_EXISTS : RES_NO_TGTGT, tgt);
	return adm_change(a, add ? RES_TGTGT_ADD : RES_TGTGT_REM, pool_fmt(&a->pool, "%s/mgmt", tg),
			  pool_fmt(&a->pool, "%s %s", add ? "add" : "del", tgt),
			  pool_fmt(&a->pool, "%s target '%s' %s target group '%s'",
				   add ? "Adding" : "Removing", tgt, add ? "to" : "from",
				   opt(a, OPT_TGT_GROUP)));
}

int verb_add_tgrp_tgt(struct adm *a)
{
	return change_member(a, opt(a, OPT_ADD_TGRP_TGT), true);
}

int verb_rem_tgrp_tgt(struct adm *a)
{
	return change_member(a, opt(a, OPT_REM_TGRP_TGT), false);
}
