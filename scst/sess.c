// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions (I_T nexuses) and what they see: a table of I_T_L nexuses, looked up under RCU, kept in line with the LUN set
 * that applies to the initiator.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "event.h"
#include "scst_priv.h"

/* ---- nexuses */

/* A device that an initiator uses keeps its handler's module; the copy manager's session does not. */
static bool pins_handler(const struct scst_sess *sess)
{
	return !sess->tgt->internal;
}

static void nexus_free_work(struct work_struct *work)
{
	struct scst_nexus *nexus = container_of(to_rcu_work(work), struct scst_nexus, free_work);
	struct scst_sess *sess = nexus->sess;
	struct scst_dev *dev = nexus->dev;
	struct module *owner = pins_handler(sess) ? dev->handler->owner : NULL;

	/* What scst_dev_ua() was just about to tell when the nexus went; all else has been passed on by scst_nexus_reap(). */
	mutex_lock(&scst_config_mutex);
	scst_nexus_ua_pass_on(nexus);
	mutex_unlock(&scst_config_mutex);
	scst_copy_forget(nexus);
	kfree(nexus);
	scst_node_put(&dev->node);
	/* The module's exit waits for the device, if this was not its last reference. */
	module_put(owner);
	scst_node_put(&sess->node);
}

void scst_nexus_put(struct scst_nexus *nexus)
{
	/* Readers that found it by dev->nexuses may still look at it and at its session: both go after a grace period. */
	if (refcount_dec_and_test(&nexus->ref))
		queue_rcu_work(scst_wq, &nexus->free_work);
}

static void nexus_node_release(void *obj)
{
	scst_nexus_put(obj);
}

struct scst_nexus *scst_nexus_get(struct scst_sess *sess, unsigned int lun)
{
	struct scst_nexus *nexus;

	rcu_read_lock();
	nexus = xa_load(&sess->nexuses, lun);
	if (nexus && !refcount_inc_not_zero(&nexus->ref))
		nexus = NULL;
	rcu_read_unlock();
	return nexus;
}

unsigned int scst_sess_luns(struct scst_sess *sess, u16 *luns, unsigned int max)
{
	struct scst_nexus *nexus;
	unsigned long lun;
	unsigned int n = 0;

	xa_for_each(&sess->nexuses, lun, nexus) {
		if (n == max)
			break;
		luns[n++] = lun;
	}
	return n;
}

static struct scst_nexus *nexus_new(struct scst_sess *sess, const struct scst_lun *row)
{
	struct scst_nexus *nexus = kzalloc(sizeof(*nexus), GFP_KERNEL);

	if (!nexus)
		return ERR_PTR(-ENOMEM);
	if (pins_handler(sess) && !try_module_get(row->dev->handler->owner)) {
		kfree(nexus);
		return ERR_PTR(-ENODEV);
	}
	/* One for the table, one for the directory. */
	refcount_set(&nexus->ref, 2);
	nexus->sess = sess;
	scst_node_get(&sess->node);
	nexus->dev = row->dev;
	scst_node_get(&row->dev->node);
	nexus->lun = row->lun;
	nexus->read_only = row->read_only;
	scst_nexus_data_init(nexus);
	scst_alua_nexus_init(nexus);
	INIT_LIST_HEAD(&nexus->gone_link);
	INIT_LIST_HEAD(&nexus->copies);
	INIT_RCU_WORK(&nexus->free_work, nexus_free_work);
	scst_node_init(&nexus->node, nexus, nexus_node_release);
	return nexus;
}

/* Already out of the table. It stays with the device until nothing executes on it any more: scst_nexus_reap(). */
static void nexus_unlink(struct scst_nexus *nexus, struct list_head *gone)
{
	WRITE_ONCE(nexus->dead, true);
	scst_copy_stop_background(nexus, NULL);
	scst_copy_lose(nexus);
	scst_pr_leave(nexus);
	scst_aca_clear(nexus);
	list_move_tail(&nexus->gone_link, gone);
}

/* All of it or nothing, so that it can be tried again. No file of it takes a lock. */
static int show_nexus(struct scst_nexus *nexus)
{
	char name[12];
	int ret;

	snprintf(name, sizeof(name), "lun%u", nexus->lun);
	ret = scst_node_add(&nexus->node, &nexus->sess->node, name);
	if (!ret)
		ret = scst_nexus_dir_fill(nexus);
	if (ret)
		scst_node_del(&nexus->node);
	nexus->shown = !ret;
	return ret;
}

/* Whatever needs memory; nexus_publish() does the rest, or scst_sess_cancel() undoes it. */
static int nexus_prepare(struct scst_sess *sess, const struct scst_lun *row)
{
	struct scst_nexus *nexus = nexus_new(sess, row);
	int ret;

	/* The handler's module is being unloaded: its rows go shortly. */
	if (IS_ERR(nexus))
		return PTR_ERR(nexus) == -ENODEV ? 0 : PTR_ERR(nexus);
	list_add_tail(&nexus->gone_link, &sess->ready);
	list_add_tail_rcu(&nexus->dev_link, &row->dev->nexuses);
	scst_pr_join(nexus);
	scst_nexus_ua_inherit(nexus);
	ret = xa_reserve(&sess->nexuses, row->lun, GFP_KERNEL);
	/* Of one that is replaced the directory goes first. */
	if (!ret && !xa_load(&sess->nexuses, row->lun))
		ret = show_nexus(nexus);
	return ret;
}

static struct scst_nexus *find_ready(struct scst_sess *sess, const struct scst_lun *row)
{
	struct scst_nexus *nexus;

	list_for_each_entry(nexus, &sess->ready, gone_link)
		if (nexus->lun == row->lun && nexus->dev == row->dev)
			return nexus;
	return NULL;
}

/* Replaces what stands at the row's number, if anything does; false: nothing has been prepared for this row. */
static bool nexus_publish(struct scst_sess *sess, const struct scst_lun *row, scsi_sense_code ua, struct list_head *gone)
{
	struct scst_nexus *nexus = find_ready(sess, row), *old;

	if (!nexus)
		return false;
	list_del_init(&nexus->gone_link);
	if (ua)
		scst_nexus_ua(nexus, ua);
	old = xa_store(&sess->nexuses, row->lun, nexus, GFP_KERNEL);
	if (WARN_ON_ONCE(xa_is_err(old)))	/* its place is reserved */
		nexus_unlink(nexus, gone);
	else if (old)
		nexus_unlink(old, gone);
	return true;
}

void scst_nexus_hide(struct list_head *gone)
{
	struct scst_nexus *nexus;

	lockdep_assert_held(&scst_mgmt_mutex);
	list_for_each_entry(nexus, gone, gone_link) {
		scst_node_del(&nexus->node);
		nexus->shown = false;
		scst_node_put(&nexus->node);
	}
}

void scst_nexus_reap(struct list_head *gone, bool wait)
{
	struct scst_nexus *nexus, *next;

	list_for_each_entry_safe(nexus, next, gone, gone_link) {
		list_del_init(&nexus->gone_link);
		if (wait)
			scst_nexus_drain(nexus);
		mutex_lock(&scst_config_mutex);
		list_del_rcu(&nexus->dev_link);
		/* Now: the initiator's next session may run as soon as this one is unregistered. */
		scst_nexus_ua_pass_on(nexus);
		mutex_unlock(&scst_config_mutex);
		scst_nexus_put(nexus);
	}
}

/* ---- a session follows its LUN set */

/* Not on its way out: then the row goes as well, shortly. */
static bool row_usable(const struct scst_lun *row)
{
	return !row->dev->dying && module_is_live(row->dev->handler->owner);
}

/* The row behind @lun; *cursor moves on, both tables ascend. */
static struct scst_lun *row_at(struct scst_acg *acg, struct scst_lun **cursor, unsigned long lun)
{
	struct scst_lun *row = *cursor;

	list_for_each_entry_from(row, &acg->luns, link)
		if (row->lun >= lun)
			break;
	*cursor = row;
	if (list_entry_is_head(row, &acg->luns, link) || row->lun != lun || !row_usable(row))
		return NULL;
	return row;
}

static void set_read_only(struct scst_nexus *nexus, bool read_only, bool ua)
{
	if (nexus->read_only == read_only)
		return;
	WRITE_ONCE(nexus->read_only, read_only);
	/* Whatever is judged from here on finds it: older ones that do not execute yet will be refused. */
	nexus->closed_at = atomic64_inc_return(&nexus->dev->epoch);
	nexus->closed_by = read_only ? scst_change_nr : 0;
	if (ua)
		scst_nexus_ua(nexus, SCST_UA_MODE_CHANGED);
}

/* One that this change has made read-only, with a reference; NULL: no more. */
static struct scst_nexus *next_closed(struct scst_tgt *tgt, u32 change)
{
	struct scst_nexus *nexus;
	struct scst_sess *sess;
	unsigned long lun;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(sess, &tgt->sess_list, tgt_link) {
		xa_for_each(&sess->nexuses, lun, nexus) {
			if (nexus->closed_by != change)
				continue;
			nexus->closed_by = 0;
			refcount_inc(&nexus->ref);	/* the table holds one */
			return nexus;
		}
	}
	return NULL;
}

/* They stay, and what they admitted when they took WRITEs may be writing still. */
void scst_tgt_wait_closed(struct scst_tgt *tgt, u32 change)
{
	struct scst_nexus *nexus;
	u64 epoch;

	for (;;) {
		mutex_lock(&scst_config_mutex);
		nexus = next_closed(tgt, change);
		epoch = nexus ? nexus->closed_at : 0;
		mutex_unlock(&scst_config_mutex);
		if (!nexus)
			return;
		scst_dev_drain_older(nexus->dev, epoch);
		scst_nexus_put(nexus);
	}
}

/* Takes out what the set does not have, switches what is another device there. */
static void refresh_old(struct scst_sess *sess, struct scst_acg *acg, bool ua, bool *changed, struct list_head *gone)
{
	struct scst_lun *cursor = list_first_entry(&acg->luns, struct scst_lun, link), *row;
	struct scst_nexus *nexus;
	unsigned long lun;

	xa_for_each(&sess->nexuses, lun, nexus) {
		row = row_at(acg, &cursor, lun);
		if (row && row->dev == nexus->dev) {
			set_read_only(nexus, row->read_only, ua);
			continue;
		}
		if (row && nexus_publish(sess, row, ua ? SCST_UA_INQUIRY_CHANGED : 0, gone))
			continue;
		xa_erase(&sess->nexuses, lun);
		nexus_unlink(nexus, gone);
		*changed = true;
	}
}

static void refresh_new(struct scst_sess *sess, struct scst_acg *acg, bool *changed, struct list_head *gone)
{
	struct scst_lun *row;

	list_for_each_entry(row, &acg->luns, link)
		if (!xa_load(&sess->nexuses, row->lun) && nexus_publish(sess, row, SCST_UA_POWER_ON, gone))
			*changed = true;
}

/* The set that applies. A group that is being deleted keeps the sessions it has: they are being closed, or it stays. */
static struct scst_acg *set_of(struct scst_sess *sess)
{
	if (sess->acg && sess->acg->dying)
		return sess->acg;
	return scst_acg_for(sess->tgt, sess->initiator);
}

int scst_sess_prepare(struct scst_sess *sess)
{
	struct scst_acg *acg = set_of(sess);
	struct scst_nexus *nexus;
	struct scst_lun *row;
	int ret;

	lockdep_assert_held(&scst_mgmt_mutex);
	list_for_each_entry(row, &acg->luns, link) {
		nexus = xa_load(&sess->nexuses, row->lun);
		if (!row_usable(row) || (nexus && nexus->dev == row->dev))
			continue;
		ret = nexus_prepare(sess, row);
		if (ret)
			return ret;
	}
	return 0;
}

void scst_sess_cancel(struct scst_sess *sess, struct list_head *gone)
{
	struct scst_nexus *nexus, *next;

	list_for_each_entry_safe(nexus, next, &sess->ready, gone_link) {
		xa_release(&sess->nexuses, nexus->lun);
		nexus_unlink(nexus, gone);
	}
}

void scst_sess_refresh(struct scst_sess *sess, bool ua, struct list_head *gone)
{
	struct scst_acg *acg = set_of(sess);
	bool changed = false;

	lockdep_assert_held(&scst_mgmt_mutex);
	if (sess->acg != acg) {
		if (sess->acg)
			sess->acg->nr_sess--;
		acg->nr_sess++;
		sess->acg = acg;
		WRITE_ONCE(sess->addr_method, acg->addr_method);
		WRITE_ONCE(sess->black_hole, acg->black_hole);
	}
	refresh_old(sess, acg, ua, &changed, gone);
	refresh_new(sess, acg, &changed, gone);
	/* A device that began to go since it was prepared for. */
	scst_sess_cancel(sess, gone);
	if (changed && ua)
		scst_sess_luns_changed(sess);
	/* Commands that wait at a gate of a nexus which is gone get their answer. */
	if (!list_empty(gone))
		scst_sess_rerun(sess);
}

static int show_link(struct scst_sess *sess)
{
	int ret;

	if (sess->shown_acg == sess->acg)
		return 0;
	if (sess->shown_acg)
		sysfs_remove_link(&sess->node.kobj, "luns");
	ret = sysfs_create_link(&sess->node.kobj, &sess->acg->luns_node.kobj, "luns");
	sess->shown_acg = ret ? NULL : sess->acg;
	return ret;
}

int scst_sess_show_luns(struct scst_sess *sess)
{
	struct scst_nexus *nexus;
	unsigned long lun;
	int ret, err;

	lockdep_assert_held(&scst_mgmt_mutex);
	ret = show_link(sess);
	xa_for_each(&sess->nexuses, lun, nexus) {
		err = nexus->shown ? 0 : show_nexus(nexus);
		if (err)
			ret = err;
	}
	return ret;
}

/* ---- sessions */

static void sess_release(void *obj)
{
	struct scst_sess *sess = obj;

	pr_debug("session %s of target %s destroyed\n", kobject_name(&sess->node.kobj), sess->tgt->name);
	xa_destroy(&sess->nexuses);
	kfree(sess->initiator);
	sess->release(sess);
}

/* NAME, or NAME_1, NAME_2 ... when it is taken. */
static int add_dir(struct scst_sess *sess)
{
	struct scst_node *parent = &sess->tgt->sess_node;
	const char *base = sess->initiator ? sess->initiator : "anonymous";
	unsigned int n;
	char *name;
	int ret;

	if (scst_name_check(base, SCST_NAME_MAX))
		return -EINVAL;
	if (!scst_node_has(parent, base))
		return scst_node_add(&sess->node, parent, base);
	for (n = 1; ; n++) {
		name = kasprintf(GFP_KERNEL, "%s_%u", base, n);
		if (!name)
			return -ENOMEM;
		ret = scst_name_check(name, SCST_NAME_MAX);
		if (ret || !scst_node_has(parent, name))
			break;
		kfree(name);
	}
	if (!ret)
		ret = scst_node_add(&sess->node, parent, name);
	kfree(name);
	return ret;
}

/* -ENOENT: no LUN for this initiator; -ESHUTDOWN: no new sessions. */
static int may_register(struct scst_tgt *tgt, const char *initiator)
{
	lockdep_assert_held(&scst_config_mutex);
	if (tgt->dying || !tgt->enabled)
		return -ESHUTDOWN;
	return list_empty(&scst_acg_for(tgt, initiator)->luns) ? -ENOENT : 0;
}

static int sess_init(struct scst_sess *sess, struct scst_tgt *tgt, const char *initiator, void (*release)(void *sess))
{
	sess->tgt = tgt;
	sess->acg = NULL;
	sess->shown_acg = NULL;
	sess->close_pass = 0;
	sess->release = release;
	sess->dead = false;
	INIT_LIST_HEAD(&sess->tgt_link);
	INIT_LIST_HEAD(&sess->ready);
	RCU_INIT_POINTER(sess->latency, NULL);
	xa_init(&sess->nexuses);
	scst_sess_data_init(sess);
	sess->initiator = initiator ? kstrdup(initiator, GFP_KERNEL) : NULL;
	return initiator && !sess->initiator ? -ENOMEM : 0;
}

/* Out of the target's list, all nexuses to @gone; both mutexes held. */
static void sess_unlink(struct scst_sess *sess, struct list_head *gone)
{
	struct scst_nexus *nexus;
	unsigned long lun;

	list_del_init(&sess->tgt_link);
	scst_latency_leave(sess);
	sess->dead = true;
	xa_for_each(&sess->nexuses, lun, nexus) {
		xa_erase(&sess->nexuses, lun);
		nexus_unlink(nexus, gone);
	}
	if (sess->acg)
		sess->acg->nr_sess--;
	sess->acg = NULL;
}

static void sess_hide(struct scst_sess *sess, struct list_head *gone)
{
	scst_nexus_hide(gone);
	if (sess->shown_acg)
		sysfs_remove_link(&sess->node.kobj, "luns");
	sess->shown_acg = NULL;
	scst_node_del(&sess->latency_node);
	scst_node_put(&sess->latency_node);
	scst_node_del(&sess->node);
}

static int sess_publish(struct scst_sess *sess, struct list_head *gone)
{
	int ret;

	ret = add_dir(sess);
	if (!ret)
		ret = scst_sess_dir_fill(sess);
	if (ret)
		return ret;
	mutex_lock(&scst_config_mutex);
	ret = scst_sess_prepare(sess);
	if (ret) {
		scst_sess_cancel(sess, gone);
	} else {
		scst_sess_refresh(sess, false, gone);
		ret = scst_sess_show_luns(sess);
	}
	if (!ret) {
		list_add_tail(&sess->tgt_link, &sess->tgt->sess_list);
		scst_latency_join(sess);
	} else {
		sess_unlink(sess, gone);
	}
	mutex_unlock(&scst_config_mutex);
	return ret;
}

int scst_sess_register_any(struct scst_sess *sess, struct scst_tgt *tgt, const char *initiator,
			   void (*release)(void *sess))
{
	LIST_HEAD(gone);
	int ret;

	ret = sess_init(sess, tgt, initiator, release);
	if (ret)
		goto out_data;
	scst_node_init(&sess->node, sess, sess_release);
	scst_node_init(&sess->latency_node, sess, NULL);
	scst_node_own(&sess->latency_node, &sess->node);
	mutex_lock(&scst_mgmt_mutex);
	mutex_lock(&scst_config_mutex);
	ret = tgt->internal ? 0 : may_register(tgt, initiator);
	mutex_unlock(&scst_config_mutex);
	if (ret == -ENOENT)
		scst_tell_no_luns(tgt, initiator);
	if (!ret)
		ret = sess_publish(sess, &gone);
	if (ret)
		sess_hide(sess, &gone);
	mutex_unlock(&scst_mgmt_mutex);
	scst_nexus_reap(&gone, false);
	if (ret)
		goto out_node;
	pr_debug("session %s of target %s created\n", kobject_name(&sess->node.kobj), tgt->name);
	return 0;

out_node:
	/* Nexuses are part of what keeps the node. */
	scst_node_cancel(&sess->node);
	xa_destroy(&sess->nexuses);
	kfree(sess->initiator);
	sess->initiator = NULL;
out_data:
	scst_sess_data_exit(sess);
	return ret;
}

int scst_sess_register(struct scst_sess *sess, struct scst_tgt *tgt, const char *initiator, void (*release)(void *sess))
{
	return scst_sess_register_any(sess, tgt, initiator, release);
}
EXPORT_SYMBOL_GPL(scst_sess_register);

void scst_sess_logged_out(struct scst_sess *sess)
{
	struct scst_nexus *nexus;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->nexuses, lun, nexus)
		scst_pr_leave(nexus);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_sess_logged_out);

void scst_sess_ua(struct scst_sess *sess, scsi_sense_code code)
{
	struct scst_nexus *nexus;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->nexuses, lun, nexus)
		scst_nexus_ua(nexus, code);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_sess_ua);

/* The heir's nexus where @nexus has its LUN, with the same device; NULL: none. Tables change under the mutex. */
static struct scst_nexus *heir_of(struct scst_sess *heir, const struct scst_nexus *nexus)
{
	struct scst_nexus *to;

	lockdep_assert_held(&scst_config_mutex);
	to = xa_load(&heir->nexuses, nexus->lun);
	return to && to->dev == nexus->dev ? to : NULL;
}

void scst_sess_replace(struct scst_sess *heir, struct scst_sess *sess)
{
	struct scst_nexus *nexus, *to;
	unsigned long lun;

	mutex_lock(&scst_config_mutex);
	xa_for_each(&sess->nexuses, lun, nexus) {
		scst_aca_clear(nexus);
		to = heir_of(heir, nexus);
		if (to)
			scst_pr_move(to, nexus);
	}
	mutex_unlock(&scst_config_mutex);
}
EXPORT_SYMBOL_GPL(scst_sess_replace);

void scst_sess_pass_losses(struct scst_sess *heir, struct scst_sess *sess)
{
	struct scst_nexus *nexus, *to;
	unsigned long lun;

	mutex_lock(&scst_config_mutex);
	xa_for_each(&sess->nexuses, lun, nexus) {
		to = heir_of(heir, nexus);
		if (to)
			scst_nexus_loss_move(to, nexus);
	}
	mutex_unlock(&scst_config_mutex);
}
EXPORT_SYMBOL_GPL(scst_sess_pass_losses);

void scst_sess_inherit(struct scst_sess *heir, struct scst_sess *sess)
{
	struct scst_nexus *nexus, *to;
	unsigned long lun;

	/* A nexus that is in the table has its place among those of its device. */
	mutex_lock(&scst_config_mutex);
	xa_for_each(&sess->nexuses, lun, nexus) {
		to = heir_of(heir, nexus);
		if (!to)
			continue;
		scst_nexus_ua_move(to, nexus);
		scst_pr_move(to, nexus);
		scst_copy_move(to, nexus);
		if (READ_ONCE(nexus->prevent)) {
			WRITE_ONCE(to->prevent, true);
			WRITE_ONCE(nexus->prevent, false);
		}
		WRITE_ONCE(nexus->bequeathed, true);
	}
	if (test_and_clear_bit(0, &sess->luns_changed))
		scst_sess_luns_changed(heir);
	mutex_unlock(&scst_config_mutex);
}
EXPORT_SYMBOL_GPL(scst_sess_inherit);

void scst_sess_unregister(struct scst_sess *sess)
{
	LIST_HEAD(gone);

	/* The mgmt mutex: nobody is just making directories in ours. Session directories have no file that takes it. */
	mutex_lock(&scst_mgmt_mutex);
	mutex_lock(&scst_config_mutex);
	sess_unlink(sess, &gone);
	mutex_unlock(&scst_config_mutex);
	sess_hide(sess, &gone);
	mutex_unlock(&scst_mgmt_mutex);
	/* No command is left to wait for. */
	scst_nexus_reap(&gone, false);
	scst_sess_data_exit(sess);
	scst_node_put(&sess->node);
}
EXPORT_SYMBOL_GPL(scst_sess_unregister);

bool scst_tgt_visible(struct scst_tgt *tgt, const char *initiator)
{
	int ret;

	mutex_lock(&scst_config_mutex);
	ret = may_register(tgt, initiator);
	mutex_unlock(&scst_config_mutex);
	if (ret == -ENOENT)
		scst_tell_no_luns(tgt, initiator);
	return !ret;
}
EXPORT_SYMBOL_GPL(scst_tgt_visible);

bool scst_sess_cpus(struct scst_sess *sess, struct cpumask *cpus)
{
	bool limited;

	mutex_lock(&scst_config_mutex);
	limited = sess->acg && sess->acg->cpu_mask;
	if (limited)
		cpumask_copy(cpus, sess->acg->cpu_mask);
	mutex_unlock(&scst_config_mutex);
	return limited;
}
EXPORT_SYMBOL_GPL(scst_sess_cpus);
