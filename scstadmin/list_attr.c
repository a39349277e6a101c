// SPDX-License-Identifier: GPL-2.0
/* Listings of the attributes of one object, with the names that may be used to create others. */
#include <string.h>

#include "adm.h"
#include "result.h"
#include "table.h"
#include "verbs.h"

static int show(struct adm *a, enum obj_kind kind, const char *dir)
{
	struct obj *o = obj_new(&a->pool, NULL, kind, "");

	if (!dir)
		return 1;
	if (!tree_attrs(&a->tree, dir, o))
		return adm_report(a, 1, "%s", a->tree.err);
	table_attrs(a->out, o, given(a, OPT_NONKEY));
	return 0;
}

static void trailer(struct adm *a, const char *mgmt, const char *head, const char *title)
{
	struct strs names;

	tree_params(&a->tree, mgmt, head, &names);
	strs_sort(&names);
	table_trailer(a->out, title, &names);
}

int verb_list_scst_attr(struct adm *a)
{
	return show(a, OBJ_ROOT, ".");
}

int verb_list_hnd_attr(struct adm *a)
{
	const char *dir = adm_handler(a, opt(a, OPT_LIST_HND_ATTR));

	if (show(a, OBJ_HANDLER, dir))
		return 1;
	trailer(a, pool_fmt(&a->pool, "%s/mgmt", dir), PARAM_HEAD,
		"Device CREATE attributes available");
	return 0;
}

int list_device_attrs(struct adm *a, const char *name)
{
	return show(a, OBJ_DEVICE, adm_device(a, name));
}

int verb_list_dev_attr(struct adm *a)
{
	return list_device_attrs(a, opt(a, OPT_LIST_DEV_ATTR));
}

int verb_list_drv_attr(struct adm *a)
{
	const char *dir, *mgmt;

	a->o.val[OPT_DRIVER] = opt(a, OPT_LIST_DRV_ATTR);
	dir = adm_driver(a);
	if (show(a, OBJ_DRIVER, dir))
		return 1;
	mgmt = pool_fmt(&a->pool, "%s/mgmt", dir);
	trailer(a, mgmt, DRV_DYN_HEAD, "Dynamic attributes available");
	trailer(a, mgmt, PARAM_HEAD, "Target CREATE attributes available:");
	return 0;
}

int verb_list_tgt_attr(struct adm *a)
{
	const char *dir = adm_target(a, opt(a, OPT_LIST_TGT_ATTR));

	if (show(a, OBJ_TARGET, dir))
		return 1;
	trailer(a, pool_fmt(&a->pool, "targets/%s/mgmt", opt(a, OPT_DRIVER)), TGT_DYN_HEAD,
		"Dynamic attributes available");
	trailer(a, pool_fmt(&a->pool, "%s/luns/mgmt", dir), PARAM_HEAD,
		"LUN CREATE attributes available");
	return 0;
}

int verb_list_grp_attr(struct adm *a)
{
	const char *dir = adm_group(a, opt(a, OPT_LIST_GRP_ATTR));

	if (show(a, OBJ_GROUP, dir))
		return 1;
	trailer(a, pool_fmt(&a->pool, "%s/luns/mgmt", dir), PARAM_HEAD,
		"LUN CREATE attributes available");
	trailer(a, pool_fmt(&a->pool, "%s/initiators/mgmt", dir), PARAM_HEAD,
		"Initiator CREATE attributes available");
	return 0;
}

int verb_list_lun_attr(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_LUN_ATTR), *set = adm_lun_set(a), *dir;
	int code = given(a, OPT_GROUP) ? RES_GRP_NO_LUN : RES_TGT_NO_LUN;
	unsigned long n;

	if (!set)
		return 1;
	dir = pool_fmt(&a->pool, "%s/luns/%s", set, name);
	if (!word_is_number(name, LUN_MAX, &n) || !tree_is_dir(&a->tree, dir))
		return adm_report(a, code, "%s: %s", result_text(code), name);
	return show(a, OBJ_LUN, dir);
}

int verb_list_init_attr(struct adm *a)
{
	return adm_report(a, result_attr(OBJ_INITIATOR), "Initiators do not have attributes: %s",
			  opt(a, OPT_LIST_INIT_ATTR));
}

int verb_list_dgrp_attr(struct adm *a)
{
	if (!adm_dgrp(a, opt(a, OPT_LIST_DGRP_ATTR)))
		return 1;
	fputs("\tDevice groups do not have attributes.\n", a->out);
	return 0;
}

int verb_list_tgrp_attr(struct adm *a)
{
	return show(a, OBJ_TGRP, adm_tgrp(a, opt(a, OPT_LIST_TGRP_ATTR)));
}

int verb_list_ttgt_attr(struct adm *a)
{
	const char *name = opt(a, OPT_LIST_TTGT_ATTR), *dir = adm_tgrp(a, opt(a, OPT_TGT_GROUP));

	if (!dir || adm_bad_name(a, OBJ_TGTGT, name, RES_NO_TGTGT))
		return 1;
	dir = pool_fmt(&a->pool, "%s/%s", dir, name);
	if (!tree_is_dir(&a->tree, dir))
		return adm_report(a, RES_NO_TGTGT, "%s: %s", result_text(RES_NO_TGTGT), name);
	if (!tree_link(&a->tree, dir))
		return show(a, OBJ_TGTGT, dir);
	fputs("\t(none)\n", a->out);
	return 0;
}

int verb_dump_attrs(struct adm *a)
{
	struct obj *root = adm_running(a), *h, *d;

	if (!root)
		return 1;
	fputs("SCST\n", a->out);
	table_attrs(a->out, root, true);
	for_each_obj(h, root, OBJ_HANDLER) {
		for_each_obj(d, h, OBJ_DEVICE) {
			fprintf(a->out, "\n%s/%s\n", h->name, d->name);
			table_attrs(a->out, d, true);
		}
	}
	return 0;
}
