// SPDX-License-Identifier: GPL-2.0
/*
 * iSCSI targets: creation with parameters, and removal.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "iscst.h"

static u32 last_tid;		/* iscst_mutex */
static LIST_HEAD(all_targets);	/* iscst_mutex */
static bool exiting;		/* iscst_mutex */

/* Held while the core knows a target that we do not have a reference on yet. Outside of everything else. */
static DEFINE_MUTEX(make_mutex);

int iscst_add_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest)
{
	return iscst_dyn_add(&to_iscst_tgt(tgt)->dyn, attr, rest);
}

int iscst_del_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest)
{
	return iscst_dyn_del(&to_iscst_tgt(tgt)->dyn, attr, rest);
}

static void tgt_release(void *obj)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);

	kfree(tgt->alias);
	kfree(tgt->redirect);
	kfree(tgt);
}

static struct iscst_tgt *tgt_alloc(void)
{
	struct iscst_tgt *tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);

	if (!tgt)
		return NULL;
	INIT_LIST_HEAD(&tgt->sessions);
	INIT_LIST_HEAD(&tgt->link);
	iscsi_tgt_attrs_init(&tgt->attrs);
	iscst_dyn_init(&tgt->dyn, &tgt->tgt.node, false);
	mutex_lock(&iscst_mutex);
	if (!++last_tid)
		last_tid = 1;
	tgt->tid = last_tid;
	mutex_unlock(&iscst_mutex);
	return tgt;
}

static int set_param(struct iscst_tgt *tgt, const char *name, char *words)
{
	char *value = scst_mgmt_next_word(&words);

	if (value && !scst_mgmt_next_word(&words))
		return iscst_tgt_set(tgt, name, value);
	pr_err("target %s: parameter %.64s takes one value\n", tgt->tgt.name, name);
	return -EINVAL;
}

static int set_params(struct iscst_tgt *tgt, char *params)
{
	char *name, *words;
	int ret;

	while (scst_mgmt_next_words(&params, &name, &words)) {
		if (iscst_dyn_known(&tgt->dyn, name))
			ret = iscst_dyn_add(&tgt->dyn, name, words);
		else
			ret = set_param(tgt, name, words);
		if (ret)
			return ret;
	}
	return 0;
}

/* Unlink (no new session can come), check that none is left, remove. */
static int tgt_remove(struct iscst_tgt *tgt)
{
	int ret = 0;

	mutex_lock(&iscst_mutex);
	if (tgt->dying)
		ret = -ENOENT;
	else if (tgt->nr_sessions)
		ret = -EBUSY;
	if (!ret) {
		tgt->dying = true;
		list_del_init(&tgt->link);
	}
	mutex_unlock(&iscst_mutex);
	if (ret)
		return ret;
	iscst_dyn_close(&tgt->dyn);
	scst_tgt_unregister(&tgt->tgt);
	return 0;
}

/* iSCSI names are compared without regard to case: an initiator that asked for one of two such targets might get the other. */
static int check_name(const struct iscst_tgt *tgt)
{
	const struct iscst_tgt *other;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(other, &all_targets, link) {
		if (strcasecmp(other->tgt.name, tgt->tgt.name))
			continue;
		pr_err("target %s refused: for iSCSI %s is the same name\n", tgt->tgt.name, other->tgt.name);
		return -EEXIST;
	}
	return 0;
}

/* The module's exit finds it, unless that has begun already. */
static int tgt_link(struct iscst_tgt *tgt)
{
	int ret;

	mutex_lock(&iscst_mutex);
	ret = exiting ? -ESHUTDOWN : check_name(tgt);
	if (!ret)
		list_add_tail(&tgt->link, &all_targets);
	mutex_unlock(&iscst_mutex);
	return ret;
}

/* With a reference for the caller. Whoever reads the tree may have found the target before this returns. */
static int tgt_publish(struct iscst_tgt *tgt, struct scst_driver *drv, const char *name)
{
	int ret;

	mutex_lock(&make_mutex);
	ret = scst_tgt_register(&tgt->tgt, drv, name, tgt_release);
	if (ret)
		goto out;
	scst_node_get(&tgt->tgt.node);
	ret = tgt_link(tgt);
	if (!ret)
		goto out;
	tgt_remove(tgt);
	scst_node_put(&tgt->tgt.node);
out:
	mutex_unlock(&make_mutex);
	return ret;
}

int iscst_add_target(struct scst_driver *drv, const char *name, char *params)
{
	struct iscst_tgt *tgt;
	int ret;

	tgt = tgt_alloc();
	if (!tgt)
		return -ENOMEM;
	ret = tgt_publish(tgt, drv, name);
	if (ret)
		return ret;
	ret = set_params(tgt, params);
	if (ret)
		tgt_remove(tgt);	/* -EBUSY: somebody has enabled it meanwhile and logged in, so it stays */
	scst_node_put(&tgt->tgt.node);
	return ret;
}

int iscst_del_target(struct scst_tgt *tgt)
{
	/* One that is just being made is waited for. */
	mutex_lock(&make_mutex);
	mutex_unlock(&make_mutex);
	/* The core says what is wrong; it tries again while the last session is on its way out. */
	return tgt_remove(to_iscst_tgt(tgt));
}

/* Sessions stay when a target is switched off (new logins see "enabled"), so there is nothing to do. */
int iscst_enable_target(struct scst_tgt *tgt, bool on)
{
	return 0;
}

void iscst_remove_targets(void)
{
	struct iscst_tgt *tgt;

	mutex_lock(&iscst_mutex);
	exiting = true;
	while ((tgt = list_first_entry_or_null(&all_targets, struct iscst_tgt, link))) {
		scst_node_get(&tgt->tgt.node);
		mutex_unlock(&iscst_mutex);
		/* -ENOENT: somebody else is removing it, and it is off the list. */
		WARN_ON_ONCE(tgt_remove(tgt) == -EBUSY);
		scst_node_put(&tgt->tgt.node);
		mutex_lock(&iscst_mutex);
	}
	mutex_unlock(&iscst_mutex);
}
