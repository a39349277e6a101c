// SPDX-License-Identifier: GPL-2.0
/*
 * Target drivers and targets: registration, relative target port identifiers, enabling, removal.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "scst_priv.h"

/* A driver may still be busy with the end of a session whose directory has gone. */
#define DELETE_RETRIES		40
#define DELETE_RETRY_MS		50

LIST_HEAD(scst_drivers);

/* ---- drivers */

static struct scst_driver *find_driver(const char *name)
{
	struct scst_driver *drv;

	list_for_each_entry(drv, &scst_drivers, link)
		if (!strcmp(drv->name, name))
			return drv;
	return NULL;
}

static void driver_release(void *obj)
{
	struct scst_driver *drv = obj;

	complete(&drv->released);
}

static int driver_link(struct scst_driver *drv)
{
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	if (find_driver(drv->name))
		ret = -EEXIST;
	else
		list_add_tail(&drv->link, &scst_drivers);
	mutex_unlock(&scst_config_mutex);
	return ret;
}

int scst_driver_register(struct scst_driver *drv)
{
	int ret;

	INIT_LIST_HEAD(&drv->tgts);
	init_completion(&drv->released);
	ret = scst_name_check(drv->name, SCST_NAME_MAX);
	if (!ret)
		ret = driver_link(drv);
	if (ret) {
		pr_err("target driver %s not registered: error %pe\n", drv->name, ERR_PTR(ret));
		return ret;
	}
	scst_node_init(&drv->node, drv, driver_release);
	ret = scst_node_add(&drv->node, &scst_targets_node, drv->name);
	if (!ret)
		ret = scst_driver_dir_fill(drv);
	if (ret) {
		pr_err("target driver %s: no directory: error %pe\n", drv->name, ERR_PTR(ret));
		scst_driver_unregister(drv);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(scst_driver_register);

void scst_driver_unregister(struct scst_driver *drv)
{
	scst_node_del(&drv->node);
	mutex_lock(&scst_config_mutex);
	WARN_ON_ONCE(!list_empty(&drv->tgts));
	list_del(&drv->link);
	mutex_unlock(&scst_config_mutex);
	scst_node_put(&drv->node);
	wait_for_completion(&drv->released);
}
EXPORT_SYMBOL_GPL(scst_driver_unregister);

/* ---- targets */

static struct scst_tgt *tgt_find(struct scst_driver *drv, const char *name)
{
	struct scst_tgt *tgt;

	list_for_each_entry(tgt, &drv->tgts, link)
		if (!strcmp(tgt->name, name))
			return tgt;
	return NULL;
}

struct scst_tgt *scst_tgt_find(struct scst_driver *drv, const char *name)
{
	struct scst_tgt *tgt;

	mutex_lock(&scst_config_mutex);
	tgt = tgt_find(drv, name);
	if (tgt && tgt->dying)
		tgt = NULL;
	if (tgt)
		scst_node_get(&tgt->node);
	mutex_unlock(&scst_config_mutex);
	return tgt;
}
EXPORT_SYMBOL_GPL(scst_tgt_find);

static void tgt_release(void *obj)
{
	struct scst_tgt *tgt = obj;

	pr_info("target %s destroyed\n", tgt->name);
	scst_acg_free(tgt->default_acg);
	kfree(tgt->comment);
	tgt->release(tgt);
}

/* Before it was ever shown as created. */
static void tgt_release_unborn(void *obj)
{
	struct scst_tgt *tgt = obj;

	scst_acg_free(tgt->default_acg);
	tgt->release(tgt);
}

static void tgt_init(struct scst_tgt *tgt, struct scst_driver *drv, const char *name, void (*release)(void *tgt))
{
	tgt->drv = drv;
	tgt->name = name;
	tgt->release = release;
	tgt->enabled = !drv->enable;
	tgt->dying = true;	/* not to be found before it is complete */
	INIT_LIST_HEAD(&tgt->sess_list);
	INIT_LIST_HEAD(&tgt->acgs);
	INIT_LIST_HEAD(&tgt->link);
	scst_node_init(&tgt->node, tgt, tgt_release_unborn);
	scst_node_init(&tgt->groups_node, tgt, NULL);
	scst_node_own(&tgt->groups_node, &tgt->node);
	scst_node_init(&tgt->sess_node, tgt, NULL);
	scst_node_own(&tgt->sess_node, &tgt->node);
}

/* The name is taken from here until the directory has gone. */
static int tgt_link(struct scst_tgt *tgt)
{
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	if (tgt_find(tgt->drv, tgt->name) || scst_node_has(&tgt->drv->node, tgt->name))
		ret = -EEXIST;
	else
		list_add_tail(&tgt->link, &tgt->drv->tgts);
	mutex_unlock(&scst_config_mutex);
	return ret;
}

static int tgt_show(struct scst_tgt *tgt)
{
	int ret;

	ret = scst_node_add(&tgt->node, &tgt->drv->node, tgt->name);
	if (ret)
		return ret;
	tgt->name = kobject_name(&tgt->node.kobj);
	ret = scst_tgt_dir_fill(tgt);
	if (!ret)
		ret = scst_node_add(&tgt->groups_node, &tgt->node, "ini_groups");
	if (!ret)
		ret = scst_groups_dir_fill(tgt);
	if (!ret)
		ret = scst_node_add(&tgt->sess_node, &tgt->node, "sessions");
	if (ret)
		return ret;
	return scst_acg_new_default(tgt);
}

static void tgt_remove(struct scst_tgt *tgt)
{
	scst_acg_remove_all(tgt);
	scst_node_del(&tgt->groups_node);
	scst_node_del(&tgt->sess_node);
	scst_node_del(&tgt->node);
	mutex_lock(&scst_config_mutex);
	list_del_init(&tgt->link);
	mutex_unlock(&scst_config_mutex);
	scst_node_put(&tgt->groups_node);
	scst_node_put(&tgt->sess_node);
	scst_node_put(&tgt->node);
}

int scst_tgt_register(struct scst_tgt *tgt, struct scst_driver *drv, const char *name, void (*release)(void *tgt))
{
	int ret;

	tgt_init(tgt, drv, name, release);
	ret = scst_name_check(name, SCST_NAME_MAX);
	if (!ret)
		ret = tgt_link(tgt);
	if (!ret)
		ret = tgt_show(tgt);
	if (ret) {
		pr_err("target %.80s refused: %s (error %pe)\n", name,
		       ret == -EEXIST ? "the name is in use" : ret == -EINVAL ? "bad name" : "failed", ERR_PTR(ret));
		tgt_remove(tgt);
		return ret;
	}
	tgt->node.release = tgt_release;
	pr_info("target %s created\n", tgt->name);
	mutex_lock(&scst_config_mutex);
	tgt->dying = false;
	mutex_unlock(&scst_config_mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(scst_tgt_register);

void scst_tgt_unregister(struct scst_tgt *tgt)
{
	/* Unlink: nobody finds it, no session comes, its tables cannot be changed. */
	mutex_lock(&scst_mgmt_mutex);
	mutex_lock(&scst_config_mutex);
	tgt->dying = true;
	WARN_ON_ONCE(!list_empty(&tgt->sess_list));
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&scst_mgmt_mutex);
	scst_alua_forget_tgt(tgt);
	/* Wait for its files, free with the last reference. */
	tgt_remove(tgt);
}
EXPORT_SYMBOL_GPL(scst_tgt_unregister);

/* The mgmt mutex: a session that is just being made is either on the list by now, or finds the target dying. */
static int close_for_sessions(struct scst_tgt *tgt)
{
	int ret = 0;

	mutex_lock(&scst_mgmt_mutex);
	mutex_lock(&scst_config_mutex);
	if (tgt->dying)
		ret = -ENOENT;
	else if (!list_empty(&tgt->sess_list))
		ret = -EBUSY;
	else
		tgt->dying = true;
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&scst_mgmt_mutex);
	return ret;
}

static void reopen(struct scst_tgt *tgt)
{
	mutex_lock(&scst_config_mutex);
	tgt->dying = false;
	mutex_unlock(&scst_config_mutex);
}

int scst_tgt_delete(struct scst_tgt *tgt)
{
	unsigned int i;
	int ret;

	ret = close_for_sessions(tgt);
	if (ret) {
		pr_err("target %s not deleted: %s\n", tgt->name,
		       ret == -EBUSY ? "it has sessions, which scstadmin -rem_target closes" : "it is being removed");
		return ret;
	}
	ret = tgt->drv->del_target(tgt);
	for (i = 0; ret == -EBUSY && i < DELETE_RETRIES; i++) {
		msleep(DELETE_RETRY_MS);
		ret = tgt->drv->del_target(tgt);
	}
	if (ret) {
		pr_err("target %s not deleted: error %pe\n", tgt->name, ERR_PTR(ret));
		reopen(tgt);
	}
	return ret;
}

/* ---- all sessions */

void scst_each_session(void (*fn)(struct scst_sess *sess, void *arg), void *arg)
{
	struct scst_driver *drv;
	struct scst_sess *sess;
	struct scst_tgt *tgt;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(drv, &scst_drivers, link)
		list_for_each_entry(tgt, &drv->tgts, link)
			list_for_each_entry(sess, &tgt->sess_list, tgt_link)
				fn(sess, arg);
}

/* ---- relative target port identifiers */

static bool rel_id_used(const struct scst_tgt *but, unsigned int id)
{
	struct scst_driver *drv;
	struct scst_tgt *tgt;

	list_for_each_entry(drv, &scst_drivers, link)
		list_for_each_entry(tgt, &drv->tgts, link)
			if (tgt != but && tgt->rel_tgt_id == id)
				return true;
	return false;
}

static unsigned int rel_id_free(const struct scst_tgt *tgt)
{
	unsigned int id;

	for (id = 1; id <= U16_MAX; id++)
		if (!rel_id_used(tgt, id))
			return id;
	return 0;
}

/* Sessions that stay are other I_T nexuses now, with other registrations. */
static int set_rel_id(struct scst_tgt *tgt, unsigned int id)
{
	struct scst_nexus *nexus;
	struct scst_sess *sess;
	unsigned long lun;
	int ret;

	ret = scst_alua_set_rel_id(tgt, id);
	if (ret)
		return ret;
	list_for_each_entry(sess, &tgt->sess_list, tgt_link)
		xa_for_each(&sess->nexuses, lun, nexus)
			scst_pr_join(nexus);
	return 0;
}

/*
 * Outside of scst_config_mutex and of the driver's locks. Two writers of "enabled": driver and flag agree in the end; and no
 * identifier changes between the look at it and the flag that makes it count.
 */
static DEFINE_MUTEX(enable_mutex);

int scst_tgt_set_rel_id(struct scst_tgt *tgt, unsigned int id)
{
	int ret = 0;

	mutex_lock(&enable_mutex);
	mutex_lock(&scst_config_mutex);
	if (id > U16_MAX || (!id && tgt->enabled && !tgt->internal))
		ret = -EINVAL;
	else if (tgt->enabled && id && rel_id_used(tgt, id))
		ret = -EBADSLT;
	else
		ret = set_rel_id(tgt, id);
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&enable_mutex);
	if (ret)
		pr_err("target %s: relative target id %u: %s\n", tgt->name, id,
		       ret == -EBADSLT ? "used by another target" : "not possible");
	return ret;
}

static int rel_id_for_enable(struct scst_tgt *tgt)
{
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	if (!tgt->rel_tgt_id)
		ret = set_rel_id(tgt, rel_id_free(tgt));
	if (!ret && (!tgt->rel_tgt_id || rel_id_used(tgt, tgt->rel_tgt_id)))
		ret = -EBADSLT;
	mutex_unlock(&scst_config_mutex);
	if (ret == -EBADSLT)
		pr_err("target %s not enabled: relative target id %u is used by another target\n", tgt->name, tgt->rel_tgt_id);
	return ret;
}

static void set_enabled(struct scst_tgt *tgt, bool on)
{
	mutex_lock(&scst_config_mutex);
	tgt->enabled = on;
	mutex_unlock(&scst_config_mutex);
}

int scst_tgt_enable(struct scst_tgt *tgt, bool on)
{
	int ret = 0;

	mutex_lock(&enable_mutex);
	if (tgt->enabled == on)
		goto out;
	if (on)
		ret = rel_id_for_enable(tgt);
	else
		set_enabled(tgt, false);
	if (!ret)
		ret = tgt->drv->enable(tgt, on);
	if (!ret && on)
		set_enabled(tgt, true);
out:
	mutex_unlock(&enable_mutex);
	return ret;
}
