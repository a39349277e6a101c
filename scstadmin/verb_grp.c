// SPDX-License-Identifier: GPL-2.0
/* Initiator groups and the initiators in them. */
#include <string.h>

#include "adm.h"
#include "result.h"
#include "verbs.h"

static const char *tgt_label(struct adm *a)
{
	return pool_fmt(&a->pool, "driver/target '%s/%s'", opt(a, OPT_DRIVER), opt(a, OPT_TARGET));
}

int verb_add_group(struct adm *a)
{
	const char *name = opt(a, OPT_ADD_GROUP), *t = adm_target(a, opt(a, OPT_TARGET));
	int code = RES_GROUP_EXISTS;

	if (!t || adm_bad_name(a, OBJ_GROUP, name, RES_GROUP_ADD))
		return 1;
	if (tree_is_dir(&a->tree, pool_fmt(&a->pool, "%s/ini_groups/%s", t, name)))
		return adm_report(a, code, "%s: %s", result_text(code), name);
	return adm_change(a, RES_GROUP_ADD, pool_fmt(&a->pool, "%s/ini_groups/mgmt", t),
			  pool_fmt(&a->pool, "create %s", name),
			  pool_fmt(&a->pool, "Adding group '%s' to %s", name, tgt_label(a)));
}

static size_t list_content(struct adm *a, const char *dir, const char *title)
{
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(&a->tree, dir, &names))
		return 0;
	if (names.n)
		fprintf(a->out, "\t%s:\n", title);
	for (i = 0; i < names.n; i++)
		fprintf(a->out, "\t\t%s\n", names.v[i]);
	return names.n;
}

int verb_rem_group(struct adm *a)
{
	const char *name = opt(a, OPT_REM_GROUP), *g = adm_group(a, name);
	size_t n;

	if (!g)
		return 1;
	if (!given(a, OPT_FORCE)) {
		n = list_content(a, pool_fmt(&a->pool, "%s/luns", g), "Assigned LUNs");
		n += list_content(a, pool_fmt(&a->pool, "%s/initiators", g), "Assigned Initiators");
		if (n)
			return adm_report(a, RES_GROUP_REM,
					  "Group '%s' is not empty; -force removes it all the same",
					  name);
	}
	return adm_change(a, RES_GROUP_REM,
			  pool_fmt(&a->pool, "targets/%s/%s/ini_groups/mgmt", opt(a, OPT_DRIVER),
				   opt(a, OPT_TARGET)),
			  pool_fmt(&a->pool, "del %s", name),
			  pool_fmt(&a->pool, "Removing group '%s' from %s", name, tgt_label(a)));
}

/* The group of the target that already has the initiator, or NULL. */
static const char *group_with(struct adm *a, const char *ini)
{
	const char *dir = pool_fmt(&a->pool, "targets/%s/%s/ini_groups", opt(a, OPT_DRIVER),
				   opt(a, OPT_TARGET));
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(&a->tree, dir, &names))
		return NULL;
	for (i = 0; i < names.n; i++)
		if (tree_exists(&a->tree, pool_fmt(&a->pool, "%s/%s/initiators/%s", dir,
						   names.v[i], ini)))
			return names.v[i];
	return NULL;
}

static const char *ini_mgmt(struct adm *a, const char *grp)
{
	return pool_fmt(&a->pool, "%s/initiators/mgmt", grp);
}

int verb_add_init(struct adm *a)
{
	const char *ini = opt(a, OPT_ADD_INIT), *g = adm_group(a, opt(a, OPT_GROUP)), *in;

	if (!g || adm_bad_name(a, OBJ_INITIATOR, ini, RES_INIT_ADD))
		return 1;
	in = group_with(a, ini);
	if (in) {
		adm_begin(a);
		fprintf(a->out, "\t-> Initiator '%s' is already in group '%s' of %s.\n", ini, in,
			tgt_label(a));
		adm_end(a);
		return 0;
	}
	return adm_change(a, RES_INIT_ADD, ini_mgmt(a, g), pool_fmt(&a->pool, "add %s", ini),
			  pool_fmt(&a->pool, "Adding initiator '%s' to group '%s' of %s", ini,
				   opt(a, OPT_GROUP), tgt_label(a)));
}

/* The group named with -group when it has the initiator, NULL after a report. */
static const char *group_having(struct adm *a, const char *ini)
{
	const char *g = adm_group(a, opt(a, OPT_GROUP));

	if (!g || adm_bad_name(a, OBJ_INITIATOR, ini, RES_NO_INIT))
		return NULL;
	if (tree_exists(&a->tree, pool_fmt(&a->pool, "%s/initiators/%s", g, ini)))
		return g;
	adm_report(a, RES_NO_INIT, "%s: %s", result_text(RES_NO_INIT), ini);
	return NULL;
}

int verb_rem_init(struct adm *a)
{
	const char *ini = opt(a, OPT_REM_INIT), *g = group_having(a, ini);

	if (!g)
		return 1;
	return adm_change(a, RES_INIT_REM, ini_mgmt(a, g), pool_fmt(&a->pool, "del %s", ini),
			  pool_fmt(&a->pool, "Removing initiator '%s' from group '%s' of %s", ini,
				   opt(a, OPT_GROUP), tgt_label(a)));
}

int verb_move_init(struct adm *a)
{
	const char *ini = opt(a, OPT_MOVE_INIT), *to = opt(a, OPT_TO), *g = group_having(a, ini);

	if (!g || !adm_group(a, to))
		return 1;
	return adm_change(a, RES_INIT_MOVE, ini_mgmt(a, g),
			  pool_fmt(&a->pool, "move %s %s", ini, to),
			  pool_fmt(&a->pool, "Moving initiator '%s' from group '%s' to group '%s' of %s",
				   ini, opt(a, OPT_GROUP), to, tgt_label(a)));
}

int verb_clear_inits(struct adm *a)
{
	const char *g = adm_group(a, opt(a, OPT_GROUP));

	if (!g)
		return 1;
	return adm_change(a, RES_INIT_CLEAR, ini_mgmt(a, g), "clear",
			  pool_fmt(&a->pool, "Removing all initiators from group '%s' of %s",
				   opt(a, OPT_GROUP), tgt_label(a)));
}
