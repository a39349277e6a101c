// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for commands to be DONE: task management, ORDERED commands of a shared task set, removal and quiescing.
 *
 * Nothing is counted per waiter. Whoever waits makes dev->waiters non-zero and then looks through the sessions of the device,
 * taking each sess->lock; a command that becomes DONE with waiters there has the device looked at again by check_work.
 * Either the look finds the command gone, or the command finds the waiter. What a waiter waits for is told by the command
 * itself: its nexus, its tag, that it was aborted, and the epoch in which it arrived; so commands that come later never
 * prolong the wait, and no memory is needed to wait for any number of them. A copy that goes on when its command has been
 * answered is no command; once stopped it is waited for likewise, and has the device looked at when it has come to its end.
 */
#include "scst_priv.h"

/* Calls @fn for each command of the nexus that is not DONE, until it returns true. @fn runs under sess->lock. */
bool scst_nexus_any(struct scst_nexus *nexus, bool (*fn)(const struct scst_cmd *cmd, void *arg), void *arg)
{
	struct scst_sess *sess = nexus->sess;
	const struct scst_cmd *cmd;
	unsigned long flags;
	bool hit = false;

	spin_lock_irqsave(&sess->lock, flags);
	list_for_each_entry(cmd, &sess->active, sess_link) {
		hit = cmd->nexus == nexus && fn(cmd, arg);
		if (hit)
			break;
	}
	spin_unlock_irqrestore(&sess->lock, flags);
	return hit;
}

bool scst_dev_any(struct scst_dev *dev, bool (*fn)(const struct scst_cmd *cmd, void *arg), void *arg)
{
	struct scst_nexus *nexus;
	bool hit = false;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link) {
		hit = scst_nexus_any(nexus, fn, arg);
		if (hit)
			break;
	}
	rcu_read_unlock();
	return hit;
}
EXPORT_SYMBOL_GPL(scst_dev_any);

/* --------------------------------------------------- who executes: sleepers */

static bool executes(const struct scst_cmd *cmd, void *unused)
{
	return cmd->state == SCST_CMD_EXECUTING && !(cmd->core_flags & SCST_CF_ASIDE);
}

/* Also what a copy does for it on the copy manager's nexus of the same device. */
static bool works(struct scst_nexus *nexus)
{
	return scst_nexus_any(nexus, executes, NULL) || scst_copy_uses(nexus);
}

void scst_nexus_drain(struct scst_nexus *nexus)
{
	struct scst_dev *dev = nexus->dev;

	atomic_inc(&dev->waiters);
	scst_sess_rerun(nexus->sess); /* parked commands of a dead nexus fail now */
	wait_event_idle(dev->drain_wait, !works(nexus));
	atomic_dec(&dev->waiters);
}

int scst_dev_drain(struct scst_dev *dev, unsigned int timeout_ms)
{
	int res = 0;

	atomic_inc(&dev->waiters);
	if (!timeout_ms)
		wait_event_idle(dev->drain_wait, !scst_dev_any(dev, executes, NULL));
	else if (!wait_event_idle_timeout(dev->drain_wait, !scst_dev_any(dev, executes, NULL),
					  msecs_to_jiffies(timeout_ms)))
		res = -EBUSY;
	atomic_dec(&dev->waiters);
	return res;
}

static bool reads(const struct scst_cmd *cmd, void *unused)
{
	const u32 flags = SCSI_OPF_MEDIUM_ACCESS | SCSI_OPF_WRITE_MEDIUM;

	return executes(cmd, NULL) && (cmd->info.op->flags & flags) == SCSI_OPF_MEDIUM_ACCESS;
}

void scst_dev_drain_reads(struct scst_dev *dev)
{
	atomic_inc(&dev->waiters);
	wait_event_idle(dev->drain_wait, !scst_dev_any(dev, reads, NULL));
	atomic_dec(&dev->waiters);
}

static bool executes_since(const struct scst_cmd *cmd, void *arg)
{
	const struct scst_drain *d = arg;

	return executes(cmd, NULL) && cmd->epoch < d->epoch;
}

void scst_dev_drain_older(struct scst_dev *dev, u64 epoch)
{
	struct scst_drain d = { .epoch = epoch };

	atomic_inc(&dev->waiters);
	wait_event_idle(dev->drain_wait, !scst_dev_any(dev, executes_since, &d));
	atomic_dec(&dev->waiters);
}

/* ---------------------------------------- aborted commands: task management */

static bool covered(const struct scst_cmd *cmd, void *arg)
{
	const struct scst_drain *d = arg;

	return cmd->aborted && cmd->epoch < d->epoch && (!d->by_tag || cmd->tag == d->tag);
}

struct tally {
	const u64 *tag;
	unsigned int nr;
};

static bool tally_aborted(const struct scst_cmd *cmd, void *arg)
{
	struct tally *t = arg;

	if (cmd->aborted && (!t->tag || cmd->tag == *t->tag))
		t->nr++;
	return false;
}

unsigned int scst_aborted_count(struct scst_nexus *nexus, bool whole_dev, const u64 *tag)
{
	struct tally t = { .tag = tag };

	if (whole_dev)
		scst_dev_any(nexus->dev, tally_aborted, &t);
	else
		scst_nexus_any(nexus, tally_aborted, &t);
	return t.nr;
}

static bool drained(struct scst_drain *d)
{
	/* On a dead nexus nothing begins to execute any more. */
	if (!d->owner && d->nexus)
		return !works(d->nexus);
	/* The gate was closed before the epoch began: whatever executes and is not of an older one came after it was opened. */
	if (!d->owner)
		return !scst_dev_any(d->dev, executes_since, d);
	if (READ_ONCE(d->owner->aborting) || (d->cmd && scst_cmd_aborted(d->cmd)))
		return true;
	/* Whose command has been answered is none that a tag could mean. */
	if (!d->by_tag && scst_copy_stops(d))
		return false;
	return d->nexus ? !scst_nexus_any(d->nexus, covered, d) : !scst_dev_any(d->dev, covered, d);
}

void scst_drain_start(struct scst_drain *d)
{
	struct scst_dev *dev = d->dev;

	atomic_inc(&dev->waiters);
	d->epoch = atomic64_inc_return(&dev->epoch);
	spin_lock(&dev->drain_lock);
	list_add_tail(&d->link, &dev->drains);
	/* Under the lock: a look that completes the drain comes later, and with it what may be the end of the device. */
	scst_dev_check(dev);
	spin_unlock(&dev->drain_lock);
}

static void check_drains(struct scst_dev *dev)
{
	struct scst_drain *d, *next;
	LIST_HEAD(ready);

	spin_lock(&dev->drain_lock);
	list_for_each_entry_safe(d, next, &dev->drains, link)
		if (drained(d))
			list_move_tail(&d->link, &ready);
	spin_unlock(&dev->drain_lock);

	list_for_each_entry_safe(d, next, &ready, link) {
		list_del(&d->link);
		atomic_dec(&dev->waiters);
		d->done(d);
	}
}

/* ------------------------------------------- order of a shared task set */

struct order {
	u64 ordered_from;
	u64 all_from;
};

static bool look_at_order(const struct scst_cmd *cmd, void *arg)
{
	struct order *o = arg;

	if (cmd->core_flags & (SCST_CF_REFUSED | SCST_CF_NO_PLACE))
		return false;
	o->all_from = min(o->all_from, cmd->epoch);
	if (cmd->core_flags & SCST_CF_ORDERED_DEV)
		o->ordered_from = min(o->ordered_from, cmd->epoch);
	return false;
}

/*
 * Finds the oldest commands. What joins a session after we looked there reads an epoch not below @now, so nothing older than
 * @now is missed; an ORDERED one gets an epoch above @now. So both values are true for good, if ever less than they could be.
 */
static void check_order(struct scst_dev *dev)
{
	u64 now = atomic64_read(&dev->epoch);
	struct order o = { .ordered_from = now + 1, .all_from = now };

	smp_rmb(); /* the epoch first; pairs with the sess->lock under which a command takes its epoch and joins */
	scst_dev_any(dev, look_at_order, &o);
	/* What the commands did that are gone is seen by those who run now; pairs with gate_closed(). */
	atomic64_set_release(&dev->ordered_from, o.ordered_from);
	atomic64_set_release(&dev->all_from, o.all_from);
}

/* ------------------------------------------------------------- the look */

static void check_dev(struct work_struct *work)
{
	struct scst_dev *dev = container_of(work, struct scst_dev, check_work);

	clear_bit(0, &dev->check_queued);
	smp_mb__after_atomic(); /* pairs with test_and_set_bit(): what happened before it is seen below */
	if (atomic_read(&dev->ordered))
		check_order(dev);
	scst_dev_rerun(dev);
	check_drains(dev);
	wake_up_all(&dev->drain_wait);
	scst_node_put(&dev->node);
}

void scst_dev_check(struct scst_dev *dev)
{
	if (test_and_set_bit(0, &dev->check_queued))
		return;
	scst_node_get(&dev->node);
	queue_work(scst_wq, &dev->check_work);
}

void scst_dev_data_init(struct scst_dev *dev)
{
	atomic_set(&dev->waiters, 0);
	atomic_set(&dev->ordered, 0);
	atomic64_set(&dev->epoch, 1);
	atomic64_set(&dev->ordered_from, 0);
	atomic64_set(&dev->all_from, 0);
	spin_lock_init(&dev->drain_lock);
	spin_lock_init(&dev->aca_lock);
	INIT_LIST_HEAD(&dev->drains);
	init_waitqueue_head(&dev->drain_wait);
	INIT_WORK(&dev->check_work, check_dev);
	dev->check_queued = 0;
}
