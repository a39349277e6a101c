// SPDX-License-Identifier: GPL-2.0
/*
 * Access control: LUN tables and initiator groups of a target, and their changes while sessions are on.
 *
 * A change has three steps: the tables and what sessions see are switched under scst_config_mutex; directories follow
 * under scst_mgmt_mutex alone; commands of what is gone are waited for without any lock.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/slab.h>

#include "scst_priv.h"

#define FORCE_CLOSE_TIMEOUT_S	30
#define FORCE_CLOSE_POLL_MS	50
#define SHOW_TRIES		3	/* when a change is in force already */

static const char *set_name(const struct scst_acg *acg)
{
	return acg->name ? acg->name : "default LUNs";
}

/* ---- rows of LUN tables */

static void row_release(void *obj)
{
	struct scst_lun *row = obj;

	scst_node_put(&row->dev->node);
	kfree(row);
}

static struct scst_lun *row_new(struct scst_acg *acg, struct scst_dev *dev, unsigned int lun, bool read_only)
{
	struct scst_lun *row = kzalloc(sizeof(*row), GFP_KERNEL);

	if (!row)
		return NULL;
	row->lun = lun;
	row->read_only = read_only;
	row->acg = acg;
	row->dev = dev;
	scst_node_get(&dev->node);
	scst_node_init(&row->node, row, row_release);
	INIT_LIST_HEAD(&row->link);
	return row;
}

static void row_unshow(struct scst_lun *row)
{
	if (row->export_name[0])
		sysfs_remove_link(&row->dev->exported_node.kobj, row->export_name);
	row->export_name[0] = '\0';
	if (row->node.kobj.state_in_sysfs)
		sysfs_remove_link(&row->node.kobj, "device");
	scst_node_del(&row->node);
}

/* All of it or nothing, so that it can be tried again. */
static int row_show(struct scst_lun *row)
{
	char name[8];
	int ret;

	snprintf(name, sizeof(name), "%u", row->lun);
	ret = scst_node_add(&row->node, &row->acg->luns_node, name);
	if (!ret)
		ret = scst_lun_dir_fill(row);
	if (!ret)
		ret = sysfs_create_link(&row->node.kobj, &row->dev->node.kobj, "device");
	if (ret)
		goto unshow;
	/* Numbers are not used again while the device lives, so this one is free. */
	snprintf(row->export_name, sizeof(row->export_name), "export%u", row->dev->export_seq++);
	ret = sysfs_create_link(&row->dev->exported_node.kobj, &row->node.kobj, row->export_name);
	if (!ret)
		return 0;
	row->export_name[0] = '\0';
unshow:
	row_unshow(row);
	return ret;
}

static void row_hide(struct scst_lun *row)
{
	row_unshow(row);
	scst_node_put(&row->node);
}

static struct scst_lun *row_find(struct scst_acg *acg, unsigned int lun)
{
	struct scst_lun *row;

	list_for_each_entry(row, &acg->luns, link) {
		if (row->lun == lun)
			return row;
		if (row->lun > lun)
			break;
	}
	return NULL;
}

static void row_insert(struct scst_lun *row)
{
	struct scst_lun *pos;

	list_for_each_entry(pos, &row->acg->luns, link)
		if (pos->lun > row->lun)
			break;
	list_add_tail(&row->link, &pos->link);
}

/* ---- changes */

u32 scst_change_nr;		/* scst_mgmt_mutex */

void scst_change_begin(struct scst_acl_change *c)
{
	mutex_lock(&scst_mgmt_mutex);
	if (!++scst_change_nr)
		scst_change_nr = 1;
	c->nr = scst_change_nr;
	INIT_LIST_HEAD(&c->rows);
	INIT_LIST_HEAD(&c->gone);
	c->wait = true;
}

int scst_change_prepare(struct scst_acl_change *c, struct scst_tgt *tgt)
{
	struct scst_sess *sess;
	int ret = 0;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(sess, &tgt->sess_list, tgt_link) {
		ret = scst_sess_prepare(sess);
		if (ret)
			break;
	}
	if (!ret)
		return 0;
	list_for_each_entry(sess, &tgt->sess_list, tgt_link)
		scst_sess_cancel(sess, &c->gone);
	pr_err("target %s: not changed, its sessions cannot follow: error %pe\n", tgt->name, ERR_PTR(ret));
	return ret;
}

void scst_change_apply(struct scst_acl_change *c, struct scst_tgt *tgt, bool ua)
{
	struct scst_sess *sess;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(sess, &tgt->sess_list, tgt_link)
		scst_sess_refresh(sess, ua, &c->gone);
}

/* async_lun_replace: nobody sleeps for the commands of these, and none waits for another one's. */
static LIST_HEAD(drained);
static DEFINE_SPINLOCK(drained_lock);

static void reap_drained(struct work_struct *work)
{
	LIST_HEAD(gone);

	spin_lock(&drained_lock);
	list_splice_init(&drained, &gone);
	spin_unlock(&drained_lock);
	scst_nexus_reap(&gone, false);
}

static DECLARE_WORK(drained_work, reap_drained);

/* Others wait for the device's commands as well, so the mutex is for the work to take. */
static void nexus_drained(struct scst_drain *d)
{
	struct scst_nexus *nexus = container_of(d, struct scst_nexus, drain);

	spin_lock(&drained_lock);
	list_add_tail(&nexus->gone_link, &drained);
	spin_unlock(&drained_lock);
	queue_work(scst_wq, &drained_work);
}

static void reap_later(struct list_head *gone)
{
	struct scst_nexus *nexus, *next;

	list_for_each_entry_safe(nexus, next, gone, gone_link) {
		list_del(&nexus->gone_link);
		nexus->drain = (struct scst_drain){ .dev = nexus->dev, .nexus = nexus, .done = nexus_drained };
		scst_drain_start(&nexus->drain);
	}
}

static int show_luns(struct scst_tgt *tgt)
{
	struct scst_sess *sess;
	int ret = 0, err;

	list_for_each_entry(sess, &tgt->sess_list, tgt_link) {
		err = scst_sess_show_luns(sess);
		if (err)
			ret = err;
	}
	return ret;
}

/* What could not be shown before the change. It is in force: a moment's want of memory must not leave it without files. */
static void show_new(struct scst_tgt *tgt)
{
	unsigned int tries = 0;
	int ret;

	mutex_lock(&scst_config_mutex);
	do {
		ret = show_luns(tgt);
	} while (ret && ++tries < SHOW_TRIES);
	mutex_unlock(&scst_config_mutex);
	if (ret)
		pr_err("target %s: sysfs does not show all LUNs of its sessions, which work: error %pe\n", tgt->name, ERR_PTR(ret));
}

void scst_change_end(struct scst_acl_change *c, struct scst_tgt *tgt)
{
	struct scst_lun *row, *next;

	scst_nexus_hide(&c->gone);
	list_for_each_entry_safe(row, next, &c->rows, link) {
		list_del_init(&row->link);
		scst_rods_forget_lun(row->acg, row->dev);
		row_hide(row);
	}
	if (tgt)
		show_new(tgt);
	mutex_unlock(&scst_mgmt_mutex);
	if (!c->wait) {
		reap_later(&c->gone);
		return;
	}
	scst_nexus_reap(&c->gone, true);
	if (tgt)
		scst_tgt_wait_closed(tgt, c->nr);
}

/* Under scst_mgmt_mutex: may this set still be changed? Its directory is there while a file of it is being written. */
static int acg_alive(struct scst_acg *acg)
{
	if (!acg->dying && !acg->tgt->dying)
		return 0;
	pr_err("target %s, %s: is being removed\n", acg->tgt->name, set_name(acg));
	return -ENOENT;
}

/* ---- LUNs */

static void take_row(struct scst_acl_change *c, struct scst_lun *row)
{
	list_move_tail(&row->link, &c->rows);
}

/* Puts @row into its table in place of @old, which may be NULL; on failure all is as before. */
static int publish_row(struct scst_acl_change *c, struct scst_lun *row, struct scst_lun *old, bool ua)
{
	struct scst_tgt *tgt = row->acg->tgt;
	int ret;

	mutex_lock(&scst_config_mutex);
	if (old)
		take_row(c, old);
	row_insert(row);
	ret = scst_change_prepare(c, tgt);
	if (!ret) {
		scst_change_apply(c, tgt, ua);
	} else {
		take_row(c, row);
		if (old) {
			list_del(&old->link);
			row_insert(old);
		}
	}
	mutex_unlock(&scst_config_mutex);
	return ret;
}

static int add_row(struct scst_acl_change *c, struct scst_acg *acg, struct scst_dev *dev, unsigned int lun,
		   bool read_only, bool ua)
{
	struct scst_lun *row = row_new(acg, dev, lun, read_only);
	int ret;

	if (!row)
		return -ENOMEM;
	ret = row_show(row);
	if (ret) {
		row_hide(row);
		return ret;
	}
	return publish_row(c, row, NULL, ua);
}

static int check_lun(struct scst_acg *acg, unsigned int lun, bool read_only)
{
	int ret;

	ret = acg_alive(acg);
	if (ret)
		return ret;
	if (lun > SCSI_MAX_LUN) {
		pr_err("target %s, %s: LUN %u is above %u\n", acg->tgt->name, set_name(acg), lun, SCSI_MAX_LUN);
		return -EINVAL;
	}
	if (read_only && acg->tgt->internal) {
		pr_err("target %s: read_only LUNs are not possible\n", acg->tgt->name);
		return -EINVAL;
	}
	return 0;
}

static struct scst_dev *find_dev(struct scst_acg *acg, const char *name)
{
	struct scst_dev *dev = scst_dev_find(name);

	if (!dev)
		pr_err("target %s, %s: no device %.80s\n", acg->tgt->name, set_name(acg), name);
	return dev;
}

static int log_failed(struct scst_acg *acg, unsigned int lun, int ret)
{
	if (ret)
		pr_err("target %s, %s: LUN %u not changed: error %pe\n", acg->tgt->name, set_name(acg), lun, ERR_PTR(ret));
	return ret;
}

int scst_acg_add_lun(struct scst_acg *acg, const char *name, unsigned int lun, bool read_only)
{
	struct scst_acl_change c;
	struct scst_dev *dev = NULL;
	int ret;

	scst_change_begin(&c);
	ret = check_lun(acg, lun, read_only);
	if (ret)
		goto out;
	dev = find_dev(acg, name);
	if (!dev) {
		ret = -ENOENT;
		goto out;
	}
	if (row_find(acg, lun)) {
		pr_err("target %s, %s: LUN %u exists already\n", acg->tgt->name, set_name(acg), lun);
		ret = -EEXIST;
		goto out;
	}
	ret = log_failed(acg, lun, add_row(&c, acg, dev, lun, read_only, true));
out:
	scst_change_end(&c, acg->tgt);
	if (dev)
		scst_node_put(&dev->node);
	return ret;
}

static unsigned int free_lun(struct scst_acg *acg, unsigned int hint)
{
	struct scst_lun *row;
	unsigned int lun = hint;

	list_for_each_entry(row, &acg->luns, link) {
		if (row->lun > lun)
			break;
		if (row->lun == lun)
			lun++;
	}
	return lun;
}

int scst_acg_add_next_lun(struct scst_acg *acg, struct scst_dev *dev, unsigned int *hint)
{
	struct scst_acl_change c;
	unsigned int lun;
	int ret;

	scst_change_begin(&c);
	lun = free_lun(acg, *hint);
	if (lun > SCSI_MAX_LUN)
		lun = free_lun(acg, 0);
	ret = check_lun(acg, lun, false);
	if (!ret)
		ret = log_failed(acg, lun, add_row(&c, acg, dev, lun, false, true));
	if (!ret)
		*hint = lun < SCSI_MAX_LUN ? lun + 1 : 0;
	scst_change_end(&c, acg->tgt);
	return ret;
}

/* The sessions' nexuses stay when a LUN is replaced by the same device: they are told all the same. */
static void tell_replaced(struct scst_acg *acg, unsigned int lun)
{
	struct scst_nexus *nexus;
	struct scst_sess *sess;

	mutex_lock(&scst_config_mutex);
	list_for_each_entry(sess, &acg->tgt->sess_list, tgt_link) {
		nexus = sess->acg == acg ? xa_load(&sess->nexuses, lun) : NULL;
		if (nexus)
			scst_nexus_ua(nexus, SCST_UA_INQUIRY_CHANGED);
	}
	mutex_unlock(&scst_config_mutex);
}

/* The directory of a LUN tells its device: replacing means a new row. */
static int replace_row(struct scst_acl_change *c, struct scst_lun *old, struct scst_dev *dev, bool read_only, bool ua)
{
	struct scst_lun *row = row_new(old->acg, dev, old->lun, read_only);
	unsigned int tries = 0;
	int ret;

	if (!row)
		return -ENOMEM;
	ret = publish_row(c, row, old, ua);
	if (ret)
		return ret;
	if (ua && old->dev == dev)
		tell_replaced(row->acg, row->lun);
	/* Same number, same name: the old directory goes first. */
	list_del_init(&old->link);
	scst_rods_forget_lun(old->acg, old->dev);
	row_hide(old);
	do {
		ret = row_show(row);
	} while (ret && ++tries < SHOW_TRIES);
	if (ret)
		pr_err("target %s: LUN %u works, but has no directory: error %pe\n", row->acg->tgt->name, row->lun, ERR_PTR(ret));
	return 0;
}

int scst_acg_replace_lun(struct scst_acg *acg, const char *name, unsigned int lun, bool read_only, bool ua)
{
	struct scst_acl_change c;
	struct scst_dev *dev = NULL;
	struct scst_lun *old;
	int ret;

	scst_change_begin(&c);
	ret = check_lun(acg, lun, read_only);
	if (ret)
		goto out;
	dev = find_dev(acg, name);
	if (!dev) {
		ret = -ENOENT;
		goto out;
	}
	c.wait = !READ_ONCE(scst_async_lun_replace);
	old = row_find(acg, lun);
	if (old)
		ret = replace_row(&c, old, dev, read_only, ua);
	else
		ret = add_row(&c, acg, dev, lun, read_only, ua);
	log_failed(acg, lun, ret);
out:
	scst_change_end(&c, acg->tgt);
	if (dev)
		scst_node_put(&dev->node);
	return ret;
}

int scst_acg_del_lun(struct scst_acg *acg, unsigned int lun)
{
	struct scst_acl_change c;
	struct scst_lun *row;
	int ret;

	scst_change_begin(&c);
	ret = acg_alive(acg);
	if (ret)
		goto out;
	row = row_find(acg, lun);
	if (!row) {
		pr_err("target %s, %s: no LUN %u\n", acg->tgt->name, set_name(acg), lun);
		ret = -EINVAL;
		goto out;
	}
	mutex_lock(&scst_config_mutex);
	take_row(&c, row);
	scst_change_apply(&c, acg->tgt, true);
	mutex_unlock(&scst_config_mutex);
out:
	scst_change_end(&c, acg->tgt);
	return ret;
}

int scst_acg_clear_luns(struct scst_acg *acg)
{
	struct scst_acl_change c;
	int ret;

	scst_change_begin(&c);
	ret = acg_alive(acg);
	if (!ret) {
		mutex_lock(&scst_config_mutex);
		list_splice_init(&acg->luns, &c.rows);
		scst_change_apply(&c, acg->tgt, true);
		mutex_unlock(&scst_config_mutex);
	}
	scst_change_end(&c, acg->tgt);
	return ret;
}

static bool take_rows_of(struct scst_acl_change *c, struct scst_acg *acg, struct scst_dev *dev)
{
	struct scst_lun *row, *next;
	bool found = false;

	list_for_each_entry_safe(row, next, &acg->luns, link) {
		if (row->dev == dev) {
			take_row(c, row);
			found = true;
		}
	}
	return found;
}

static void forget_in_tgt(struct scst_acl_change *c, struct scst_tgt *tgt, struct scst_dev *dev)
{
	struct scst_acg *acg;
	bool found;

	/* A target that is just being made or taken apart may have no default set. */
	found = tgt->default_acg && take_rows_of(c, tgt->default_acg, dev);
	list_for_each_entry(acg, &tgt->acgs, link)
		found |= take_rows_of(c, acg, dev);
	if (found)
		scst_change_apply(c, tgt, true);
}

void scst_acg_forget_dev(struct scst_dev *dev)
{
	struct scst_acl_change c;
	struct scst_driver *drv;
	struct scst_tgt *tgt;

	scst_change_begin(&c);
	mutex_lock(&scst_config_mutex);
	list_for_each_entry(drv, &scst_drivers, link)
		list_for_each_entry(tgt, &drv->tgts, link)
			forget_in_tgt(&c, tgt, dev);
	mutex_unlock(&scst_config_mutex);
	scst_change_end(&c, NULL);
}

/* ---- sets and groups */

void scst_acg_free(struct scst_acg *acg)
{
	if (acg)
		kfree(acg->cpu_mask);
	kfree(acg);
}

static void acg_release(void *obj)
{
	scst_acg_free(obj);
}

static struct scst_acg *acg_alloc(struct scst_tgt *tgt)
{
	struct scst_acg *acg = kzalloc(sizeof(*acg), GFP_KERNEL);

	if (!acg)
		return ERR_PTR(-ENOMEM);
	acg->tgt = tgt;
	acg->addr_method = tgt->drv->default_addr_method;
	INIT_LIST_HEAD(&acg->link);
	INIT_LIST_HEAD(&acg->luns);
	INIT_LIST_HEAD(&acg->acns);
	return acg;
}

/* The default set goes with the target, whose attributes use it to the end. */
static int default_show(struct scst_acg *acg)
{
	int ret;

	scst_node_init(&acg->luns_node, acg, NULL);
	scst_node_own(&acg->luns_node, &acg->tgt->node);
	ret = scst_node_add(&acg->luns_node, &acg->tgt->node, "luns");
	return ret ? ret : scst_luns_dir_fill(acg);
}

static int group_show(struct scst_acg *acg, const char *name)
{
	int ret;

	scst_node_init(&acg->node, acg, acg_release);
	scst_node_init(&acg->luns_node, acg, NULL);
	scst_node_own(&acg->luns_node, &acg->node);
	scst_node_init(&acg->inis_node, acg, NULL);
	scst_node_own(&acg->inis_node, &acg->node);
	ret = scst_node_add(&acg->node, &acg->tgt->groups_node, name);
	if (ret)
		return ret;
	acg->name = kobject_name(&acg->node.kobj);
	ret = scst_group_dir_fill(acg);
	if (!ret)
		ret = scst_node_add(&acg->luns_node, &acg->node, "luns");
	if (!ret)
		ret = scst_luns_dir_fill(acg);
	if (!ret)
		ret = scst_node_add(&acg->inis_node, &acg->node, "initiators");
	return ret ? ret : scst_inis_dir_fill(acg);
}

/* Its files are gone, nobody writes any more. Never under a lock that a mgmt file takes. */
static void acg_hide(struct scst_acg *acg)
{
	bool group = acg != acg->tgt->default_acg;

	scst_node_del(&acg->luns_node);
	if (!group) {
		scst_node_put(&acg->luns_node);
		return;
	}
	scst_node_del(&acg->inis_node);
	scst_node_del(&acg->node);
	scst_node_put(&acg->luns_node);
	scst_node_put(&acg->inis_node);
	scst_node_put(&acg->node);
}

int scst_acg_new_default(struct scst_tgt *tgt)
{
	struct scst_acg *acg = acg_alloc(tgt);

	if (IS_ERR(acg))
		return PTR_ERR(acg);
	/* The target removes it with itself. */
	tgt->default_acg = acg;
	return default_show(acg);
}

static struct scst_acg *acg_find(struct scst_tgt *tgt, const char *name)
{
	struct scst_acg *acg;

	list_for_each_entry(acg, &tgt->acgs, link)
		if (!strcmp(acg->name, name))
			return acg;
	return NULL;
}

static int create_check(struct scst_tgt *tgt, const char *name)
{
	if (tgt->dying) {
		pr_err("target %s: is being removed\n", tgt->name);
		return -ENOENT;
	}
	if (tgt->internal) {
		pr_err("target %s: groups are not possible\n", tgt->name);
		return -EINVAL;
	}
	if (scst_name_check(name, SCST_NAME_MAX) || !strcmp(name, "mgmt")) {
		pr_err("target %s: bad group name \"%.80s\"\n", tgt->name, name);
		return -EINVAL;
	}
	/* Also one whose directory is just being removed. */
	if (scst_node_has(&tgt->groups_node, name)) {
		pr_err("target %s: group %s exists already\n", tgt->name, name);
		return -EEXIST;
	}
	return 0;
}

/* Shows it and puts it in the list; it takes no LUN before that. */
static int group_make(struct scst_acg *acg, const char *name)
{
	struct scst_tgt *tgt = acg->tgt;
	int ret;

	acg->dying = true;
	ret = group_show(acg, name);
	if (ret) {
		pr_err("target %s: group %s refused: error %pe\n", tgt->name, name, ERR_PTR(ret));
		return ret;
	}
	mutex_lock(&scst_config_mutex);
	acg->dying = false;
	list_add_tail(&acg->link, &tgt->acgs);
	mutex_unlock(&scst_config_mutex);
	pr_debug("group %s of target %s created\n", acg->name, tgt->name);
	return 0;
}

int scst_acg_create(struct scst_tgt *tgt, const char *name)
{
	struct scst_acg *acg = NULL;
	int ret;

	mutex_lock(&scst_mgmt_mutex);
	ret = create_check(tgt, name);
	if (!ret) {
		acg = acg_alloc(tgt);
		ret = IS_ERR(acg) ? PTR_ERR(acg) : group_make(acg, name);
	}
	mutex_unlock(&scst_mgmt_mutex);
	if (ret && !IS_ERR_OR_NULL(acg))
		acg_hide(acg);
	return ret;
}

/* The next session of the group that this pass has not come to yet, with a reference; NULL: no more. */
static struct scst_sess *next_to_close(struct scst_acg *acg, u32 pass)
{
	struct scst_sess *sess;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(sess, &acg->tgt->sess_list, tgt_link) {
		if (sess->acg == acg && sess->close_pass != pass) {
			sess->close_pass = pass;
			scst_node_get(&sess->node);
			return sess;
		}
	}
	return NULL;
}

/* One that does not end keeps no other from being closed. */
static void close_all(struct scst_acg *acg, u32 pass)
{
	struct scst_sess *sess;

	for (;;) {
		mutex_lock(&scst_config_mutex);
		sess = next_to_close(acg, pass);
		mutex_unlock(&scst_config_mutex);
		if (!sess)
			return;
		acg->tgt->drv->close_sess(sess);
		scst_node_put(&sess->node);
	}
}

static bool has_sessions(struct scst_acg *acg)
{
	bool has;

	mutex_lock(&scst_config_mutex);
	has = acg->nr_sess;
	mutex_unlock(&scst_config_mutex);
	return has;
}

static int wait_empty(struct scst_acg *acg)
{
	unsigned long end = jiffies + FORCE_CLOSE_TIMEOUT_S * HZ;
	u32 pass = 0;

	while (has_sessions(acg)) {
		if (!acg->tgt->drv->close_sess || time_after(jiffies, end))
			return -EBUSY;
		close_all(acg, ++pass);
		msleep(FORCE_CLOSE_POLL_MS);
	}
	return 0;
}

/* Chosen for no new session any more; -EBUSY while one uses it. */
static int acg_retire(struct scst_tgt *tgt, const char *name, struct scst_acg **found)
{
	struct scst_acg *acg;
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	acg = acg_find(tgt, name);
	if (!acg || acg->dying)
		ret = -EINVAL;
	else if (acg->nr_sess && !READ_ONCE(scst_forcibly_close_sessions))
		ret = -EBUSY;
	else
		acg->dying = true;
	mutex_unlock(&scst_config_mutex);
	*found = acg;
	return ret;
}

/*
 * It stays: sessions that came meanwhile, and found another set, change to it. -EBUSY; 0: its last session has just ended, so that
 * it can go, which it must: its target may be on the way out, and leaves it to us.
 */
static int acg_revive(struct scst_acg *acg)
{
	struct scst_acl_change c;
	unsigned int tries = 0;
	bool stays;
	int ret = 0;

	scst_change_begin(&c);
	mutex_lock(&scst_config_mutex);
	stays = acg->nr_sess;
	if (stays) {
		acg->dying = false;
		do {
			ret = scst_change_prepare(&c, acg->tgt);
		} while (ret && ++tries < SHOW_TRIES);
		if (!ret)
			scst_change_apply(&c, acg->tgt, true);
	}
	mutex_unlock(&scst_config_mutex);
	scst_change_end(&c, stays ? acg->tgt : NULL);
	return stays ? -EBUSY : 0;
}

/* Takes LUNs and names out; scst_mgmt_mutex is held by @c. */
static void acg_empty(struct scst_acl_change *c, struct scst_acg *acg)
{
	struct scst_acn *acn, *next;
	LIST_HEAD(acns);

	mutex_lock(&scst_config_mutex);
	acg->dying = true;
	list_splice_init(&acg->luns, &c->rows);
	list_splice_init(&acg->acns, &acns);
	mutex_unlock(&scst_config_mutex);
	list_for_each_entry_safe(acn, next, &acns, link) {
		scst_node_del_attr(&acg->inis_node, &acn->attr);
		kfree(acn);
	}
}

static void acg_gone(struct scst_tgt *tgt, struct scst_acg *acg)
{
	pr_debug("group %s of target %s destroyed\n", acg->name, tgt->name);
	acg_hide(acg);
}

static const char *del_error(int err)
{
	switch (err) {
	case -EBUSY:
		return "it has sessions (with forcibly_close_sessions of scst they are closed)";
	case -EINVAL:
		return "there is none";
	}
	return "memory is short";
}

int scst_acg_del(struct scst_tgt *tgt, const char *name)
{
	struct scst_acl_change c;
	struct scst_acg *acg;
	int ret;

	ret = acg_retire(tgt, name, &acg);
	if (!ret) {
		ret = wait_empty(acg);
		if (ret)
			ret = acg_revive(acg);
	}
	if (ret) {
		pr_err("target %s: group %.80s not deleted: %s\n", tgt->name, name, del_error(ret));
		return ret;
	}
	scst_change_begin(&c);
	acg_empty(&c, acg);
	mutex_lock(&scst_config_mutex);
	list_del(&acg->link);
	mutex_unlock(&scst_config_mutex);
	scst_change_end(&c, NULL);
	acg_gone(tgt, acg);
	return 0;
}

void scst_acg_remove_all(struct scst_tgt *tgt)
{
	struct scst_acl_change c;
	struct scst_acg *acg, *next;
	LIST_HEAD(acgs);

	scst_change_begin(&c);
	mutex_lock(&scst_config_mutex);
	/* One that "del" is removing is its own: the directory above waits for it. */
	list_for_each_entry_safe(acg, next, &tgt->acgs, link)
		if (!acg->dying)
			list_move_tail(&acg->link, &acgs);
	mutex_unlock(&scst_config_mutex);
	list_for_each_entry(acg, &acgs, link)
		acg_empty(&c, acg);
	if (tgt->default_acg)
		acg_empty(&c, tgt->default_acg);
	scst_change_end(&c, NULL);
	list_for_each_entry_safe(acg, next, &acgs, link)
		acg_gone(tgt, acg);
	if (tgt->default_acg)
		acg_hide(tgt->default_acg);
}

int scst_acg_set_addr_method(struct scst_acg *acg, u8 method)
{
	struct scst_sess *sess;

	mutex_lock(&scst_config_mutex);
	acg->addr_method = method;
	list_for_each_entry(sess, &acg->tgt->sess_list, tgt_link)
		if (sess->acg == acg)
			WRITE_ONCE(sess->addr_method, method);
	mutex_unlock(&scst_config_mutex);
	return 0;
}

int scst_acg_set_black_hole(struct scst_acg *acg, u8 hole)
{
	struct scst_sess *sess;

	/* Copies would wait for ever. */
	if (hole && acg->tgt->internal)
		return -EINVAL;
	mutex_lock(&scst_config_mutex);
	acg->black_hole = hole;
	list_for_each_entry(sess, &acg->tgt->sess_list, tgt_link)
		if (sess->acg == acg)
			WRITE_ONCE(sess->black_hole, hole);
	mutex_unlock(&scst_config_mutex);
	return 0;
}

int scst_acg_set_cpu_mask(struct scst_acg *acg, const char *text)
{
	struct cpumask *mask, *old;

	mask = kzalloc(cpumask_size(), GFP_KERNEL);
	if (!mask)
		return -ENOMEM;
	/* Its own errors tell apart what is no mask, and one of more CPUs than there are. */
	if (cpumask_parse(text, mask) || !cpumask_intersects(mask, cpu_possible_mask)) {
		kfree(mask);
		return -EINVAL;
	}
	if (cpumask_subset(cpu_online_mask, mask)) {
		kfree(mask);
		mask = NULL;
	}
	mutex_lock(&scst_config_mutex);
	old = acg->cpu_mask;
	acg->cpu_mask = mask;
	mutex_unlock(&scst_config_mutex);
	kfree(old);
	return 0;
}

/* ---- initiator names */

static bool acg_matches(struct scst_acg *acg, const char *initiator)
{
	struct scst_acn *acn;

	list_for_each_entry(acn, &acg->acns, link)
		if (scst_pattern_match(acn->name, initiator))
			return true;
	return false;
}

struct scst_acg *scst_acg_for(struct scst_tgt *tgt, const char *initiator)
{
	struct scst_acg *acg;

	lockdep_assert_held(&scst_config_mutex);
	if (!initiator)
		return tgt->default_acg;
	list_for_each_entry(acg, &tgt->acgs, link)
		if (!acg->dying && acg_matches(acg, initiator))
			return acg;
	return tgt->default_acg;
}

static struct scst_acn *acn_find(struct scst_acg *acg, const char *pattern)
{
	struct scst_acn *acn;

	list_for_each_entry(acn, &acg->acns, link)
		if (!strcasecmp(acn->name, pattern))
			return acn;
	return NULL;
}

/* With its file; not in the list yet. */
static struct scst_acn *acn_new(struct scst_acg *acg, const char *pattern)
{
	size_t size = strlen(pattern) + 1;
	struct scst_acn *acn;
	int ret;

	acn = kzalloc(struct_size(acn, name, size), GFP_KERNEL);
	if (!acn)
		return ERR_PTR(-ENOMEM);
	memcpy(acn->name, pattern, size);
	scst_acn_attr_init(acn);
	ret = scst_node_add_attr(&acg->inis_node, &acn->attr);
	if (ret) {
		kfree(acn);
		return ERR_PTR(ret);
	}
	return acn;
}

static int add_check(struct scst_acg *acg, const char *pattern)
{
	int ret;

	ret = acg_alive(acg);
	if (ret)
		return ret;
	if (scst_name_check(pattern, SCST_NAME_MAX) || !strcmp(pattern, "mgmt")) {
		pr_err("target %s, %s: bad initiator \"%.80s\"\n", acg->tgt->name, set_name(acg), pattern);
		return -EINVAL;
	}
	if (acn_find(acg, pattern)) {
		pr_err("target %s, %s: initiator %s exists already\n", acg->tgt->name, set_name(acg), pattern);
		return -EEXIST;
	}
	return 0;
}

static int no_initiator(struct scst_acg *acg, const char *pattern)
{
	pr_err("target %s, %s: no initiator %.80s\n", acg->tgt->name, set_name(acg), pattern);
	return -EINVAL;
}

static void acn_free(struct scst_acg *acg, struct scst_acn *acn)
{
	scst_node_del_attr(&acg->inis_node, &acn->attr);
	kfree(acn);
}

/* The names have been changed, the sessions follow; false: they cannot, the names must become what they were. */
static bool names_follow(struct scst_acl_change *c, struct scst_tgt *tgt, int *ret)
{
	*ret = scst_change_prepare(c, tgt);
	if (!*ret)
		scst_change_apply(c, tgt, true);
	return !*ret;
}

int scst_acg_add_ini(struct scst_acg *acg, const char *pattern)
{
	struct scst_acl_change c;
	struct scst_acn *acn;
	int ret;

	scst_change_begin(&c);
	ret = add_check(acg, pattern);
	if (ret)
		goto out;
	acn = acn_new(acg, pattern);
	if (IS_ERR(acn)) {
		ret = PTR_ERR(acn);
		pr_err("target %s, %s: initiator %s not added: error %pe\n", acg->tgt->name, set_name(acg), pattern, ERR_PTR(ret));
		goto out;
	}
	mutex_lock(&scst_config_mutex);
	list_add_tail(&acn->link, &acg->acns);
	if (!names_follow(&c, acg->tgt, &ret))
		list_del(&acn->link);
	mutex_unlock(&scst_config_mutex);
	if (ret)
		acn_free(acg, acn);
out:
	scst_change_end(&c, acg->tgt);
	return ret;
}

int scst_acg_del_ini(struct scst_acg *acg, const char *pattern)
{
	struct scst_acl_change c;
	struct list_head *next;
	struct scst_acn *acn;
	int ret;

	scst_change_begin(&c);
	ret = acg_alive(acg);
	if (ret)
		goto out;
	acn = acn_find(acg, pattern);
	if (!acn) {
		ret = no_initiator(acg, pattern);
		goto out;
	}
	mutex_lock(&scst_config_mutex);
	next = acn->link.next;
	list_del(&acn->link);
	if (!names_follow(&c, acg->tgt, &ret))
		list_add_tail(&acn->link, next);
	mutex_unlock(&scst_config_mutex);
	if (!ret)
		acn_free(acg, acn);
out:
	scst_change_end(&c, acg->tgt);
	return ret;
}

static int move_acn(struct scst_acl_change *c, struct scst_acg *acg, struct scst_acn *acn, struct scst_acg *to)
{
	struct list_head *next = acn->link.next;
	struct scst_acn *copy;
	int ret;

	ret = add_check(to, acn->name);
	if (ret)
		return ret;
	copy = acn_new(to, acn->name);
	if (IS_ERR(copy)) {
		pr_err("target %s: initiator %s not moved: error %pe\n", to->tgt->name, acn->name, copy);
		return PTR_ERR(copy);
	}
	mutex_lock(&scst_config_mutex);
	list_del(&acn->link);
	list_add_tail(&copy->link, &to->acns);
	if (!names_follow(c, to->tgt, &ret)) {
		list_del(&copy->link);
		list_add_tail(&acn->link, next);
	}
	mutex_unlock(&scst_config_mutex);
	acn_free(ret ? to : acg, ret ? copy : acn);
	return ret;
}

int scst_acg_move_ini(struct scst_acg *acg, const char *pattern, const char *to_name)
{
	struct scst_acl_change c;
	struct scst_acn *acn;
	struct scst_acg *to;
	int ret;

	scst_change_begin(&c);
	ret = acg_alive(acg);
	if (ret)
		goto out;
	acn = acn_find(acg, pattern);
	if (!acn) {
		ret = no_initiator(acg, pattern);
		goto out;
	}
	to = acg_find(acg->tgt, to_name);
	if (!to || to->dying) {
		pr_err("target %s: no group %.80s\n", acg->tgt->name, to_name);
		ret = -EINVAL;
		goto out;
	}
	ret = move_acn(&c, acg, acn, to);
out:
	scst_change_end(&c, acg->tgt);
	return ret;
}

int scst_acg_clear_inis(struct scst_acg *acg)
{
	struct scst_acl_change c;
	struct scst_acn *acn, *next;
	LIST_HEAD(acns);
	int ret;

	scst_change_begin(&c);
	ret = acg_alive(acg);
	if (ret)
		goto out;
	mutex_lock(&scst_config_mutex);
	list_splice_init(&acg->acns, &acns);
	if (!names_follow(&c, acg->tgt, &ret))
		list_splice_init(&acns, &acg->acns);
	mutex_unlock(&scst_config_mutex);
	list_for_each_entry_safe(acn, next, &acns, link)
		acn_free(acg, acn);
out:
	scst_change_end(&c, acg->tgt);
	return ret;
}
