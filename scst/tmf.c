// SPDX-License-Identifier: GPL-2.0
/*
 * Task management functions: abort at once what they cover, answer when all of it has gone back to the drivers.
 *
 * Nobody sleeps for them: a function that waits is on dev->drains of one device at a time (drain.c). The last step comes an
 * RCU grace period later, so that no response overtaken by the function's own can follow it (see cmd.c).
 */
#include "event.h"
#include "scst_priv.h"

/* ------------------------------------------------------------------ abort */

/* Aborts the commands of one nexus, or only those with *@tag; returns how many. Under rcu_read_lock(). */
static unsigned int abort_nexus(struct scst_nexus *nexus, u16 how, const u64 *tag, struct list_head *ended)
{
	struct scst_sess *sess = nexus->sess;
	struct scst_cmd *cmd, *next;
	unsigned int nr = 0;
	unsigned long flags;
	bool kick = false;

	spin_lock_irqsave(&sess->lock, flags);
	list_for_each_entry_safe(cmd, next, &sess->active, sess_link) {
		if (cmd->nexus != nexus || (tag && cmd->tag != *tag))
			continue;
		kick |= scst_cmd_abort(cmd, how, ended);
		nr++;
	}
	/* Under the lock: a command that waits for data keeps the driver's session from going away. */
	if (kick)
		sess->tgt->drv->kick(sess);
	spin_unlock_irqrestore(&sess->lock, flags);
	return nr;
}

/* Aborts the commands of all nexuses of the device; those of other sessions than @own are told. */
static void abort_dev(struct scst_dev *dev, const struct scst_sess *own, struct list_head *ended)
{
	u16 others = READ_ONCE(dev->tas) ? SCST_CF_ABORT_TAS : 0;
	struct scst_nexus *nexus;

	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		abort_nexus(nexus, nexus->sess == own ? SCST_CF_ABORT_OWN : others, NULL, ended);
}

static void abort_one(struct scst_nexus *nexus, u16 how)
{
	LIST_HEAD(ended);

	rcu_read_lock();
	abort_nexus(nexus, how, NULL, &ended);
	scst_cmds_respond(&ended);
	rcu_read_unlock();
}

bool scst_nexus_abort_tag(struct scst_nexus *nexus, u64 tag)
{
	LIST_HEAD(ended);
	bool found;

	rcu_read_lock();
	found = abort_nexus(nexus, SCST_CF_ABORT_OWN, &tag, &ended);
	scst_cmds_respond(&ended);
	rcu_read_unlock();
	return found;
}

static void abort_all(struct scst_nexus *nexus)
{
	LIST_HEAD(ended);

	rcu_read_lock();
	abort_dev(nexus->dev, nexus->sess, &ended);
	scst_cmds_respond(&ended);
	rcu_read_unlock();
}

/* The nexus that is told of the error knows by QErr what has gone; the others are told as TAS says. */
void scst_qerr(const struct scst_cmd *cmd)
{
	struct scst_dev *dev = cmd->dev;
	LIST_HEAD(ended);

	if (READ_ONCE(dev->qerr) == 1 && !READ_ONCE(dev->tst))
		abort_dev(dev, cmd->sess, &ended);
	else
		abort_nexus(cmd->nexus, SCST_CF_ABORT_OWN, NULL, &ended);
	scst_cmds_respond(&ended);
}

void scst_nexus_abort(struct scst_nexus *nexus)
{
	abort_one(nexus, READ_ONCE(nexus->dev->tas) ? SCST_CF_ABORT_TAS : 0);
	scst_aca_clear(nexus);
	scst_copy_stop_background(nexus, NULL);
	scst_copy_abort_for(nexus);
}

/*
 * The commands first: one that is just being answered and copies on either finds itself aborted, or its copy is found. The same is
 * done when a nexus is lost; what aborts tasks alone leaves such copies, which are none any more.
 */
static void reset_lun(struct scst_nexus *nexus, scsi_sense_code ua)
{
	abort_all(nexus);
	scst_copy_stop_background(NULL, nexus->dev);
	scst_pr_reset(nexus->dev, NULL);
	scst_aca_reset(nexus->dev);
	scst_dev_ua(nexus->dev, ua, nexus);
}

/* ------------------------------------------------------------ steps of one */

/* The next LUN of the session from tmf->next_lun on, with a reference; NULL: no more. */
static struct scst_nexus *next_nexus(struct scst_tmf *tmf)
{
	struct scst_nexus *nexus;

	while (xa_find(&tmf->sess->nexuses, &tmf->next_lun, SCSI_MAX_LUN, XA_PRESENT)) {
		nexus = scst_nexus_get(tmf->sess, tmf->next_lun++);
		if (nexus)
			return nexus;
	}
	return NULL;
}

/* scst_sess_abort() looks at tmf->nexus. The reference goes to the function. */
static void set_nexus(struct scst_tmf *tmf, struct scst_nexus *nexus)
{
	struct scst_nexus *old;
	unsigned long flags;

	spin_lock_irqsave(&tmf->sess->lock, flags);
	old = tmf->nexus;
	tmf->nexus = nexus;
	spin_unlock_irqrestore(&tmf->sess->lock, flags);
	if (old)
		scst_nexus_put(old);
}

static bool all_luns(const struct scst_tmf *tmf)
{
	return tmf->fn == SCST_TMF_TARGET_RESET || tmf->fn == SCST_TMF_NEXUS_RESET;
}

/* A handler's reset may flush its store; what resets nothing waits for no such thing. */
static void finish(struct scst_tmf *tmf)
{
	bool resets = tmf->fn == SCST_TMF_LUN_RESET || tmf->fn == SCST_TMF_TARGET_RESET;

	queue_rcu_work(resets ? scst_file_wq : scst_wq, &tmf->work);
}

/* Waits for what was aborted on tmf->nexus, or on its whole device. */
static void wait_for(struct scst_tmf *tmf, bool whole_dev)
{
	struct scst_drain *d = &tmf->drain;

	d->dev = tmf->nexus->dev;
	d->nexus = whole_dev ? NULL : tmf->nexus;
	scst_drain_start(d);
}

static void wait_for_next_lun(struct scst_tmf *tmf)
{
	set_nexus(tmf, next_nexus(tmf));
	if (tmf->nexus)
		wait_for(tmf, tmf->fn == SCST_TMF_TARGET_RESET);
	else
		finish(tmf);
}

/*
 * What was aborted is gone. Not so when the session ends, which waited for nobody: what it has reserved ends with its nexuses; what
 * others have stays theirs until somebody resets again, and waits.
 */
static void end_reserve(struct scst_tmf *tmf)
{
	if (READ_ONCE(tmf->sess->aborting))
		return;
	if (tmf->fn == SCST_TMF_LUN_RESET || tmf->fn == SCST_TMF_TARGET_RESET)
		scst_pr_reset_done(tmf->nexus->dev, NULL);
	else if (tmf->fn == SCST_TMF_NEXUS_RESET)
		scst_pr_reset_done(tmf->nexus->dev, tmf->nexus);
}

static void tmf_drained(struct scst_drain *d)
{
	struct scst_tmf *tmf = container_of(d, struct scst_tmf, drain);

	end_reserve(tmf);	/* now: the LUN may be gone before the last one is drained */
	if (all_luns(tmf))
		wait_for_next_lun(tmf);
	else
		finish(tmf);
}

static void reset_handler(struct scst_dev *dev)
{
	/* Not once the device is being removed; scst_dev_unregister() waits for us. */
	if (!dev->handler->reset || !percpu_ref_tryget_live(&dev->users))
		return;
	dev->handler->reset(dev);
	percpu_ref_put(&dev->users);
}

static void reset_handlers(struct scst_tmf *tmf)
{
	struct scst_nexus *nexus;

	if (tmf->fn == SCST_TMF_LUN_RESET && tmf->nexus)
		reset_handler(tmf->nexus->dev);
	if (tmf->fn != SCST_TMF_TARGET_RESET)
		return;
	for (tmf->next_lun = 0; (nexus = next_nexus(tmf)); scst_nexus_put(nexus))
		reset_handler(nexus->dev);
}

static void answer(struct work_struct *work)
{
	struct scst_tmf *tmf = container_of(to_rcu_work(work), struct scst_tmf, work);
	struct scst_sess *sess = tmf->sess;
	unsigned long flags;

	/* A session that ends did not wait: commands of others may still execute. */
	if (!READ_ONCE(sess->aborting))
		reset_handlers(tmf);
	set_nexus(tmf, NULL);
	spin_lock_irqsave(&sess->lock, flags);
	list_del(&tmf->link);
	spin_unlock_irqrestore(&sess->lock, flags);
	/* As queue_response(): the driver's module waits for a grace period before it goes. */
	rcu_read_lock();
	sess->tgt->drv->tmf_done(tmf);
	rcu_read_unlock();
}

/* ------------------------------------------------------------- functions */

static void on_all_luns(struct scst_tmf *tmf)
{
	struct scst_nexus *nexus;

	for (; (nexus = next_nexus(tmf)); scst_nexus_put(nexus)) {
		if (tmf->fn == SCST_TMF_TARGET_RESET) {
			reset_lun(nexus, SCSI_SENSE_UA_TARGET_RESET);
		} else {
			abort_one(nexus, SCST_CF_ABORT_OWN);
			scst_copy_stop_background(nexus, NULL);
			scst_pr_reset(nexus->dev, nexus);
			scst_aca_clear(nexus);
			scst_nexus_ua(nexus, SCSI_SENSE_UA_NEXUS_LOSS);
		}
	}
	tmf->next_lun = 0;
	wait_for_next_lun(tmf);
}

static void abort_task(struct scst_tmf *tmf)
{
	if (!scst_nexus_abort_tag(tmf->nexus, tmf->tag)) {
		tmf->result = SCST_TMF_NO_TASK;
		finish(tmf);
		return;
	}
	tmf->drain.tag = tmf->tag;
	tmf->drain.by_tag = true;
	wait_for(tmf, false);
}

static bool is_aca(const struct scst_cmd *cmd, void *tag)
{
	if (cmd->attr != SCSI_ATTR_ACA || (cmd->core_flags & SCST_CF_REFUSED))
		return false;
	*(u64 *)tag = cmd->tag;
	return true;
}

/* Aborts the command with the ACA attribute, of which there is one at most; the rest goes on. */
static void clear_aca(struct scst_tmf *tmf)
{
	bool wait = scst_nexus_any(tmf->nexus, is_aca, &tmf->drain.tag) && scst_nexus_abort_tag(tmf->nexus, tmf->drain.tag);

	scst_aca_clear(tmf->nexus);
	tmf->drain.by_tag = true;
	if (wait)
		wait_for(tmf, false);
	else
		finish(tmf);
}

static bool has_tag(const struct scst_cmd *cmd, void *tag)
{
	return !tag || cmd->tag == *(u64 *)tag;
}

/* UADE DEPTH is 1 for a single condition, 2 for several. */
#define UADE_DEPTH_SHIFT	20

static void query(struct scst_tmf *tmf)
{
	unsigned int depth = 0;
	scsi_sense_code code;
	bool yes;

	if (tmf->fn == SCST_TMF_QUERY_ASYNC_EVENT) {
		code = scst_ua_peek(tmf->nexus, &depth);
		tmf->info = depth << UADE_DEPTH_SHIFT | code;
		yes = depth;
	} else {
		yes = scst_nexus_any(tmf->nexus, has_tag, tmf->fn == SCST_TMF_QUERY_TASK ? &tmf->tag : NULL);
	}
	tmf->result = yes ? SCST_TMF_SUCCEEDED : SCST_TMF_COMPLETE;
	finish(tmf);
}

static void on_lun(struct scst_tmf *tmf)
{
	struct scst_nexus *nexus = tmf->nexus;

	switch (tmf->fn) {
	case SCST_TMF_ABORT_TASK:
		abort_task(tmf);
		break;
	case SCST_TMF_ABORT_TASK_SET:
		abort_one(nexus, SCST_CF_ABORT_OWN);
		wait_for(tmf, false);
		break;
	case SCST_TMF_CLEAR_TASK_SET:
		if (READ_ONCE(nexus->dev->tst)) {
			abort_one(nexus, SCST_CF_ABORT_OWN);
			wait_for(tmf, false);
		} else {
			abort_all(nexus);
			wait_for(tmf, true);
		}
		break;
	case SCST_TMF_LUN_RESET:
		reset_lun(nexus, SCSI_SENSE_UA_LUN_RESET);
		wait_for(tmf, true);
		break;
	case SCST_TMF_QUERY_TASK:
	case SCST_TMF_QUERY_TASK_SET:
	case SCST_TMF_QUERY_ASYNC_EVENT:
		query(tmf);
		break;
	default:
		clear_aca(tmf);
		break;
	}
}

static void prepare(struct scst_tmf *tmf)
{
	unsigned long flags;

	tmf->result = SCST_TMF_COMPLETE;
	tmf->info = 0;
	tmf->nexus = NULL;
	tmf->next_lun = 0;
	tmf->drain = (struct scst_drain){ .owner = tmf->sess, .done = tmf_drained };
	INIT_RCU_WORK(&tmf->work, answer);
	spin_lock_irqsave(&tmf->sess->lock, flags);
	list_add_tail(&tmf->link, &tmf->sess->tmfs);
	spin_unlock_irqrestore(&tmf->sess->lock, flags);
}

void scst_tmf_submit(struct scst_tmf *tmf)
{
	int lun = scsi_lun_decode(tmf->lun);

	if (unlikely(scst_event_wanted()))
		scst_tell_tmf(tmf);
	prepare(tmf);
	if (tmf->fn > SCST_TMF_QUERY_ASYNC_EVENT) {
		tmf->result = SCST_TMF_UNSUPPORTED;
		finish(tmf);
		return;
	}
	if (all_luns(tmf)) {
		on_all_luns(tmf);
		return;
	}
	if (lun >= 0)
		set_nexus(tmf, scst_nexus_get(tmf->sess, lun));
	if (tmf->nexus) {
		on_lun(tmf);
		return;
	}
	tmf->result = SCST_TMF_NO_LUN;
	finish(tmf);
}
EXPORT_SYMBOL_GPL(scst_tmf_submit);

/* --------------------------------------------------------------- sessions */

void scst_sess_abort(struct scst_sess *sess)
{
	struct scst_cmd *cmd, *next;
	struct scst_tmf *tmf;
	unsigned long flags;
	LIST_HEAD(ended);

	rcu_read_lock();
	spin_lock_irqsave(&sess->lock, flags);
	WRITE_ONCE(sess->aborting, true); /* pairs with drained() and answer() */
	list_for_each_entry_safe(cmd, next, &sess->active, sess_link)
		scst_cmd_abort(cmd, SCST_CF_ABORT_OWN, &ended);
	list_for_each_entry(tmf, &sess->tmfs, link)
		if (tmf->nexus)
			scst_dev_check(tmf->nexus->dev);
	spin_unlock_irqrestore(&sess->lock, flags);
	scst_cmds_respond(&ended);
	rcu_read_unlock();
	scst_copy_stop_sess(sess);
}
EXPORT_SYMBOL_GPL(scst_sess_abort);
