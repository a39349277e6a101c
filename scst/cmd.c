// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a command: into its session, past the gates, to its handler and back to the driver.
 *
 * A command is on sess->active from scst_cmd_init() until it is DONE. It leaves the list and reaches queue_response() inside
 * one RCU read section: whoever finds it gone from the list and then waits for a grace period knows that the driver has it.
 *
 * Order (SAM-5 8.6): a SIMPLE command waits for older ORDERED ones of its task set, an ORDERED one for all older ones, HEAD OF
 * QUEUE for none. With one task set per nexus (TST 1) the order is that of sess->active. With a shared one (TST 0) it is that
 * of the epochs: an ORDERED command starts a new one, drain.c finds out up to which epoch commands may run. Without ORDERED
 * commands all that costs the test of two words.
 */
#include "scst_priv.h"

/* What becomes of a command that wants to execute. */
enum verdict {
	RUN,
	PARK,
	STOP,	/* refused or aborted: its status stands */
};

const char *const scst_cmd_state_names[SCST_CMD_STATES] = {
	[SCST_CMD_NEW] = "NEW",
	[SCST_CMD_WAIT_DATA] = "WAIT_DATA",
	[SCST_CMD_GATED] = "GATED",
	[SCST_CMD_EXECUTING] = "EXECUTING",
	[SCST_CMD_DONE] = "DONE",
	[SCST_CMD_SENDING] = "SENDING",
};

void scst_cmd_set_state(struct scst_cmd *cmd, enum scst_cmd_state from, enum scst_cmd_state to)
{
	WARN_ON_ONCE(cmd->state != from);
	if (unlikely(cmd->core_flags & SCST_CF_TIMED))
		scst_latency_step(cmd);
	cmd->state = to;
}

static bool counts_for_order(const struct scst_cmd *cmd)
{
	return !(cmd->core_flags & (SCST_CF_REFUSED | SCST_CF_NO_PLACE));
}

/* ---------------------------------------------------------------- results */

void scst_cmd_fail(struct scst_cmd *cmd, scsi_sense_code code)
{
	scsi_sense_set(&cmd->sense, code);
	cmd->status = SCSI_CHECK_CONDITION;
	cmd->resp_len = 0;
	cmd->raw_sense = 0;
}
EXPORT_SYMBOL_GPL(scst_cmd_fail);

static void fail_field(struct scst_cmd *cmd, scsi_sense_code code, unsigned int byte, int bit)
{
	scst_cmd_fail(cmd, code);
	cmd->sense.field = byte;
	cmd->sense.flags = SCSI_SENSE_F_FIELD;
	if (bit >= 0) {
		cmd->sense.bit = bit;
		cmd->sense.flags |= SCSI_SENSE_F_BIT;
	}
}

void scst_cmd_fail_cdb(struct scst_cmd *cmd, scsi_sense_code code, unsigned int byte, int bit)
{
	fail_field(cmd, code, byte, bit);
	cmd->sense.flags |= SCSI_SENSE_F_CDB;
}
EXPORT_SYMBOL_GPL(scst_cmd_fail_cdb);

void scst_cmd_fail_param(struct scst_cmd *cmd, scsi_sense_code code, unsigned int byte, int bit)
{
	fail_field(cmd, code, byte, bit);
}
EXPORT_SYMBOL_GPL(scst_cmd_fail_param);

void scst_cmd_fail_errno(struct scst_cmd *cmd, int err)
{
	if (err == -ENOSPC) {
		scst_cmd_fail(cmd, SCSI_SENSE_SPACE_ALLOC_FAILED);
	} else if (err == -ENOMEM) {
		cmd->status = SCSI_BUSY;
		cmd->resp_len = 0;
	} else if (cmd->info.dir == SCSI_DIR_FROM) {
		scst_cmd_fail(cmd, SCSI_SENSE_READ_ERROR);
	} else {
		scst_cmd_fail(cmd, SCSI_SENSE_WRITE_ERROR);
	}
}
EXPORT_SYMBOL_GPL(scst_cmd_fail_errno);

unsigned int scst_cmd_sense(const struct scst_cmd *cmd, u8 *buf, unsigned int size)
{
	unsigned int raw = min3((size_t)cmd->raw_sense, sizeof(cmd->scratch.bytes), (size_t)size);

	if (raw) {
		memcpy(buf, cmd->scratch.bytes, raw);
		return raw;
	}
	return scsi_sense_encode(&cmd->sense, cmd->sense_desc && !scsi_sense_always_fixed(cmd->sense.code), buf, size);
}
EXPORT_SYMBOL_GPL(scst_cmd_sense);

/* For handlers whose REQUEST SENSE has something to tell. */
EXPORT_SYMBOL_GPL(scsi_sense_encode);

/* What the initiator is told of a command that was aborted (SAM-5 5.6). */
static void settle_aborted(struct scst_cmd *cmd)
{
	scst_cmd_untold(cmd);
	cmd->resp_len = 0;
	if (cmd->core_flags & (SCST_CF_ABORT_OWN | SCST_CF_DROPPED))
		cmd->no_response = true;
	else if (cmd->core_flags & SCST_CF_ABORT_TAS)
		cmd->status = SCSI_TASK_ABORTED;
	else
		scst_cmd_fail(cmd, SCSI_SENSE_UA_COMMANDS_CLEARED);
}

/* ------------------------------------------------------------- way home */

/* The device will have said something but GOOD to an initiator that hears it. */
static bool is_told(const struct scst_cmd *cmd)
{
	return cmd->status != SCSI_GOOD && !cmd->aborted && !cmd->no_response && !cmd->sess->tgt->internal;
}

/*
 * It fails, and what waits for its turn behind it may have to wait on (ACA) or never to run at all (QErr): nothing passes the
 * gate until told() has seen to that. What was refused is in nobody's way.
 */
static void hold_younger(struct scst_cmd *cmd)
{
	if (!is_told(cmd) || (cmd->core_flags & SCST_CF_REFUSED) || !(cmd->info.naca || READ_ONCE(cmd->dev->qerr)))
		return;
	cmd->core_flags |= SCST_CF_FAULT;
	scst_dev_close_gate(cmd->dev);
	smp_mb__after_atomic(); /* the gate before the order; pairs with gate_closed() */
}

/* The command is DONE as far as order, limits and drains are concerned; respond() must follow in this RCU section. */
static void leave(struct scst_cmd *cmd, enum scst_cmd_state from)
{
	struct scst_sess *sess = cmd->sess;
	struct scst_nexus *nexus = cmd->nexus;
	struct scst_dev *dev = cmd->dev;

	lockdep_assert_held(&sess->lock);
	scst_cmd_set_state(cmd, from, SCST_CMD_DONE);
	if (nexus && unlikely(cmd->status == SCSI_CHECK_CONDITION))
		hold_younger(cmd);
	list_del(&cmd->sess_link);
	sess->nr_active--;
	if (cmd->aborted)
		settle_aborted(cmd);
	if (!nexus)
		return;

	if (cmd->core_flags & SCST_CF_COUNTED)
		nexus->nr_active--;
	/* Whoever parks in this session after this point sees the command gone; who is parked already is looked at again. */
	if (nexus->gate && !list_empty(&sess->parked))
		queue_work(scst_wq, &sess->run_work);
	if (unlikely(atomic_read(&dev->waiters)))
		scst_dev_check(dev);
	if (likely(!(cmd->core_flags & (SCST_CF_ORDERED | SCST_CF_ACA))))
		return;
	if ((cmd->core_flags & SCST_CF_ACA) && cmd->attr == SCSI_ATTR_ACA)
		WRITE_ONCE(nexus->aca_busy, false);
	if (cmd->core_flags & SCST_CF_ORDERED_DEV) {
		atomic_dec(&dev->ordered);
		atomic_dec(&dev->waiters);
	} else if (cmd->core_flags & SCST_CF_ORDERED) {
		nexus->gate--;
	}
}

/* The device has said something but GOOD. */
static void told(struct scst_cmd *cmd)
{
	if (cmd->status == SCSI_CHECK_CONDITION) {
		scst_aca_failed(cmd);
		if (READ_ONCE(cmd->dev->qerr))
			scst_qerr(cmd);
	} else if (READ_ONCE(cmd->dev->ua_intlck) == SCSI_UA_KEPT_AND_STATUS) {
		scst_ua_status(cmd->nexus, cmd->status);
	}
}

/* Back to the driver. @cmd is off every list, and may be gone when this returns. */
static void respond(struct scst_cmd *cmd)
{
	if (cmd->core_flags & SCST_CF_USER) {
		cmd->core_flags &= ~SCST_CF_USER;
		percpu_ref_put(&cmd->dev->users);
	}
	if (cmd->dev) {
		cmd->sense_desc = READ_ONCE(cmd->dev->d_sense);
		if (unlikely(is_told(cmd)))
			told(cmd);
		if (unlikely(cmd->core_flags & SCST_CF_FAULT))
			scst_dev_resume(cmd->dev);
	}
	scst_cmd_set_state(cmd, SCST_CMD_DONE, SCST_CMD_SENDING);
	cmd->sess->tgt->drv->queue_response(cmd);
}

void scst_cmds_respond(struct list_head *ended)
{
	struct scst_cmd *cmd, *next;

	list_for_each_entry_safe(cmd, next, ended, gate_link)
		respond(cmd);
}

void scst_cmd_done(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	rcu_read_lock();
	spin_lock_irqsave(&sess->lock, flags);
	leave(cmd, SCST_CMD_EXECUTING);
	spin_unlock_irqrestore(&sess->lock, flags);
	respond(cmd);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_cmd_done);

void scst_cmd_abandon(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	WARN_ON_ONCE(cmd->state != SCST_CMD_NEW && cmd->state != SCST_CMD_WAIT_DATA);
	cmd->no_response = true; /* no respond() follows: whatever its status is has no effects */
	leave(cmd, cmd->state);
	spin_unlock_irqrestore(&sess->lock, flags);
}
EXPORT_SYMBOL_GPL(scst_cmd_abandon);

void scst_cmd_finish(struct scst_cmd *cmd)
{
	WARN_ON_ONCE(cmd->state != SCST_CMD_DONE && cmd->state != SCST_CMD_SENDING);
	if (unlikely(cmd->core_flags & SCST_CF_TIMED))
		scst_latency_end(cmd);
	scst_buf_release(&cmd->buf);
	scst_mem_uncharge(cmd);
	if (cmd->nexus)
		scst_nexus_put(cmd->nexus);
	cmd->nexus = NULL;
	cmd->dev = NULL;
	cmd->state = SCST_CMD_NEW;
}
EXPORT_SYMBOL_GPL(scst_cmd_finish);

/* As its status, or of REQUEST SENSE and REPORT LUNS as its data. */
static bool tells_once(const struct scst_cmd *cmd)
{
	return cmd->ua_pending && (cmd->status == SCSI_CHECK_CONDITION || cmd->status == SCSI_GOOD);
}

static bool tells_of_loss(const struct scst_cmd *cmd)
{
	return cmd->sense.code == SCSI_SENSE_WRITE_ERROR || cmd->sense.code == SCSI_SENSE_FLUSH_FAILED;
}

/* REPORT LUNS need not have come to a LUN that is there. */
static void tell_later(struct scst_cmd *cmd)
{
	if (cmd->sense.code == SCSI_SENSE_UA_LUNS_CHANGED)
		scst_sess_luns_changed(cmd->sess);
	else
		scst_nexus_ua(cmd->nexus, tells_of_loss(cmd) ? SCSI_SENSE_WRITE_ERROR : cmd->sense.code);
}

void scst_cmd_untold(struct scst_cmd *cmd)
{
	if (tells_once(cmd))
		tell_later(cmd);
	cmd->ua_pending = false;
}
EXPORT_SYMBOL_GPL(scst_cmd_untold);

bool scst_cmd_tells_loss(const struct scst_cmd *cmd, struct scst_loss *loss)
{
	if (likely(!cmd->ua_pending) || !tells_once(cmd) || !tells_of_loss(cmd))
		return false;
	refcount_inc(&cmd->nexus->ref);	/* the command holds one */
	loss->nexus = cmd->nexus;
	return true;
}
EXPORT_SYMBOL_GPL(scst_cmd_tells_loss);

void scst_loss_told(struct scst_loss *loss)
{
	scst_nexus_put(loss->nexus);
}
EXPORT_SYMBOL_GPL(scst_loss_told);

void scst_loss_untold(struct scst_loss *loss)
{
	scst_nexus_ua(loss->nexus, SCSI_SENSE_WRITE_ERROR);
	scst_nexus_put(loss->nexus);
}
EXPORT_SYMBOL_GPL(scst_loss_untold);

/* Under the session's lock. A parked command is ended here; its response follows without the lock. */
bool scst_cmd_abort(struct scst_cmd *cmd, u16 how, struct list_head *ended)
{
	lockdep_assert_held(&cmd->sess->lock);
	cmd->core_flags |= how;
	WRITE_ONCE(cmd->aborted, true); /* pairs with scst_cmd_aborted() */
	if (cmd->state == SCST_CMD_GATED) {
		list_move_tail(&cmd->gate_link, ended);
		leave(cmd, SCST_CMD_GATED);
	}
	if (unlikely(cmd->core_flags & SCST_CF_WAITS))
		scst_dev_check(cmd->dev);
	if (unlikely(cmd->core_flags & SCST_CF_COPY))
		scst_copy_abort(cmd);
	/* With the driver: it may wait for data, even for some that the initiator announced and does not offer. */
	return cmd->state == SCST_CMD_WAIT_DATA || cmd->state == SCST_CMD_NEW;
}

/* ------------------------------------------------------------------ gates */

/* TST 1: is an older command of the same nexus in the way? */
static bool nexus_order_blocks(const struct scst_cmd *cmd)
{
	const struct scst_cmd *c;

	list_for_each_entry(c, &cmd->sess->active, sess_link) {
		if (c == cmd)
			break;
		if (c->nexus == cmd->nexus && counts_for_order(c) &&
		    ((c->core_flags | cmd->core_flags) & SCST_CF_ORDERED))
			return true;
	}
	return false;
}

/*
 * TST 0: is an older command of any nexus in the way? What drain.c found stays true: commands that came later belong to a
 * later epoch than an ORDERED one it saw, and to none earlier than the one it began with.
 */
static bool dev_order_blocks(const struct scst_cmd *cmd)
{
	struct scst_dev *dev = cmd->dev;

	if (cmd->core_flags & SCST_CF_ORDERED_DEV)
		return (u64)atomic64_read(&dev->all_from) < cmd->epoch;
	return (u64)atomic64_read(&dev->ordered_from) <= cmd->epoch;
}

/* One read of the word: an auto contingent allegiance lets some pass, whatever else keeps the gate closed lets none. */
static bool dev_gate_closed(const struct scst_cmd *cmd)
{
	int gate = atomic_read(&cmd->dev->gate);

	if (likely(!gate))
		return false;
	return (gate & (SCST_GATE_ACA - 1)) || !scst_aca_passes(cmd);
}

static bool gate_closed(const struct scst_cmd *cmd)
{
	const struct scst_nexus *nexus = cmd->nexus;

	if (cmd->sess->gate && !(cmd->core_flags & SCST_CF_HOLD_OK))
		return true;
	if (!(cmd->core_flags & SCST_CF_HOQ)) {
		if (nexus->gate && nexus_order_blocks(cmd))
			return true;
		if (atomic_read(&cmd->dev->ordered) && dev_order_blocks(cmd))
			return true;
	}
	smp_rmb(); /* the order before the gate: whoever was waited for and failed has closed it; pairs with hold_younger() */
	return dev_gate_closed(cmd);
}

/* The device may have shrunk while the command was parked; of one without any block the handler knows why. */
static bool range_gone(struct scst_cmd *cmd)
{
	u64 nblocks = READ_ONCE(cmd->dev->nblocks);

	if (cmd->state != SCST_CMD_GATED || !(cmd->info.op->flags & SCSI_OPF_LBA) || !nblocks)
		return false;
	if (!scsi_cdb_check_range(&cmd->info, nblocks, &cmd->sense))
		return false;
	cmd->status = SCSI_CHECK_CONDITION;
	return true;
}

/*
 * A refused command goes home. A dropped one stays where an abort, the end of its session or that of its LUN finds it, which end
 * it unheard; nothing that waits for executing commands waits for it.
 */
static enum verdict judge_refused(struct scst_cmd *cmd)
{
	if (!(cmd->core_flags & SCST_CF_DROPPED))
		return STOP;
	if (cmd->nexus && !READ_ONCE(cmd->nexus->dead))
		return PARK;
	cmd->no_response = true;
	return STOP;
}

/* The LUN may have become read-only since the command came. */
static bool write_refused(struct scst_cmd *cmd)
{
	if (likely(!READ_ONCE(cmd->nexus->read_only)) || !cmd->info.op || !(cmd->info.op->flags & SCSI_OPF_WRITE_MEDIUM))
		return false;
	scst_cmd_fail(cmd, SCSI_SENSE_WRITE_PROTECTED);
	return true;
}

/* May the command execute? With RUN it holds dev->users. */
static enum verdict judge(struct scst_cmd *cmd)
{
	lockdep_assert_held(&cmd->sess->lock);
	if (cmd->aborted)
		return STOP;
	if (unlikely(cmd->status != SCSI_GOOD))
		return judge_refused(cmd);
	if (!cmd->nexus)
		return RUN;
	if (READ_ONCE(cmd->nexus->dead))
		goto gone;
	if (gate_closed(cmd))
		return PARK;
	/* The state of the port may have changed since the command came. */
	if (range_gone(cmd) || !scst_alua_admit(cmd) || write_refused(cmd))
		return STOP;
	if (!percpu_ref_tryget_live(&cmd->dev->users))
		goto gone;
	cmd->core_flags |= SCST_CF_USER;
	return RUN;

gone:
	scst_cmd_fail(cmd, SCSI_SENSE_LUN_NOT_SUPPORTED);
	return STOP;
}

/* HEAD OF QUEUE commands overtake the others that wait for the same gate. */
static void park(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;

	scst_cmd_set_state(cmd, cmd->state, SCST_CMD_GATED);
	if (cmd->core_flags & SCST_CF_HOQ)
		list_add(&cmd->gate_link, &sess->parked);
	else
		list_add_tail(&cmd->gate_link, &sess->parked);
	/* The epochs that may run were last looked up at some earlier time. */
	if (atomic_read(&cmd->dev->ordered))
		scst_dev_check(cmd->dev);
}

/*
 * Who preempts a reservation, without ABORT, or reserves, takes GOOD to mean that no other one begins to write. Asked here, not by
 * judge(): see ask_again().
 */
static bool conflicts(struct scst_cmd *cmd)
{
	if (likely(!READ_ONCE(cmd->dev->reserved)) || cmd->sess->tgt->internal || !cmd->info.op)
		return false;
	return !scst_pr_admit(cmd);
}

bool scst_cmd_refused_late(struct scst_cmd *cmd)
{
	return write_refused(cmd) || conflicts(cmd);
}

/* It may execute. Tokens that it ends are ended before it changes anything. */
static void run(struct scst_cmd *cmd)
{
	if (cmd->dev && unlikely(conflicts(cmd))) {
		scst_cmd_done(cmd);
		return;
	}
	if (cmd->dev && unlikely(READ_ONCE(cmd->dev->rods)))
		scst_rods_written(cmd);
	cmd->exec(cmd);
}

void scst_cmd_execute(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	enum verdict verdict;
	unsigned long flags;

	rcu_read_lock();
	spin_lock_irqsave(&sess->lock, flags);
	WARN_ON_ONCE(cmd->state != SCST_CMD_NEW && cmd->state != SCST_CMD_WAIT_DATA);
	verdict = judge(cmd);
	if (verdict == RUN)
		scst_cmd_set_state(cmd, cmd->state, SCST_CMD_EXECUTING);
	else if (verdict == PARK)
		park(cmd);
	else
		leave(cmd, cmd->state);
	spin_unlock_irqrestore(&sess->lock, flags);
	if (verdict == STOP)
		respond(cmd);
	rcu_read_unlock();

	if (verdict == RUN)
		run(cmd);
}
EXPORT_SYMBOL_GPL(scst_cmd_execute);

/* Takes the first parked command that need not wait any longer off the list; NULL: none. */
static struct scst_cmd *next_runnable(struct scst_sess *sess, enum verdict *verdict)
{
	struct scst_cmd *cmd;

	list_for_each_entry(cmd, &sess->parked, gate_link) {
		*verdict = judge(cmd);
		if (*verdict == PARK)
			continue;
		list_del(&cmd->gate_link);
		if (*verdict == RUN)
			scst_cmd_set_state(cmd, SCST_CMD_GATED, SCST_CMD_EXECUTING);
		else
			leave(cmd, SCST_CMD_GATED);
		return cmd;
	}
	return NULL;
}

static void run_parked(struct work_struct *work)
{
	struct scst_sess *sess = container_of(work, struct scst_sess, run_work);
	enum verdict verdict = PARK;
	struct scst_cmd *cmd;
	unsigned long flags;

	do {
		rcu_read_lock();
		spin_lock_irqsave(&sess->lock, flags);
		cmd = next_runnable(sess, &verdict);
		spin_unlock_irqrestore(&sess->lock, flags);
		if (cmd && verdict == STOP)
			respond(cmd);
		rcu_read_unlock();

		if (cmd && verdict == RUN)
			run(cmd);
		cond_resched();
	} while (cmd);
}

void scst_sess_rerun(struct scst_sess *sess)
{
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (!list_empty(&sess->parked))
		queue_work(scst_wq, &sess->run_work);
	spin_unlock_irqrestore(&sess->lock, flags);
}

void scst_dev_rerun(struct scst_dev *dev)
{
	struct scst_nexus *nexus;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		scst_sess_rerun(nexus->sess);
	rcu_read_unlock();
}

/* ----------------------------------------------------------------- way in */

static void reset_cmd(struct scst_cmd *cmd)
{
	cmd->status = SCSI_GOOD;
	cmd->state = SCST_CMD_NEW;
	cmd->aborted = false;
	cmd->no_response = false;
	cmd->sense_desc = false;
	cmd->ua_pending = false;
	cmd->raw_sense = 0;
	cmd->writes = false;
	cmd->data_len = 0;
	cmd->want_len = 0;
	cmd->resp_len = 0;
	cmd->nexus = NULL;
	cmd->dev = NULL;
	cmd->exec = NULL;
	cmd->sense.code = 0;
	cmd->epoch = 0;
	cmd->arrived = jiffies;
	cmd->mem_charged = 0;
	cmd->core_flags = 0;
	cmd->share = NULL;
	cmd->handler_priv = NULL;
	if (unlikely(rcu_access_pointer(cmd->sess->latency)))
		scst_latency_begin(cmd);
}

/* Its first byte or its length is on no boundary of 4096 bytes; parameter data, which have no place, begin at 0. */
static bool is_unaligned(const struct scst_cmd *cmd)
{
	u64 start = cmd->dev ? cmd->info.lba << cmd->dev->block_shift : 0;

	return cmd->data_len && ((start | cmd->info.xfer_len) & 4095);
}

static void count(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	unsigned int dir = cmd->info.op ? cmd->info.dir : 4;

	sess->cmd_count[dir]++;
	sess->io_bytes[dir] += cmd->data_len;
	if (is_unaligned(cmd))
		sess->unaligned[dir]++;
}

/* Becomes a member of the task set; false when there is no room (SAM-5 5.3.1). */
static bool enter_task_set(struct scst_cmd *cmd)
{
	struct scst_nexus *nexus = cmd->nexus;
	int limit = READ_ONCE(cmd->dev->max_tgt_dev_commands);

	/* Blocked commands may have filled it up: what deals with the reason gets in. */
	if (nexus->nr_active >= (unsigned int)max(limit, 0) && !(cmd->core_flags & SCST_CF_ACA)) {
		cmd->status = nexus->nr_active ? SCSI_TASK_SET_FULL : SCSI_BUSY;
		return false;
	}
	nexus->nr_active++;
	cmd->core_flags |= SCST_CF_COUNTED;
	return true;
}

static bool is_ordered(const struct scst_cmd *cmd)
{
	if (cmd->core_flags & SCST_CF_HOQ)
		return false;
	return cmd->attr == SCSI_ATTR_ORDERED || !READ_ONCE(cmd->dev->queue_alg);
}

static void set_class(struct scst_cmd *cmd)
{
	if (cmd->attr >= SCSI_ATTR_HEAD_OF_QUEUE || (cmd->info.op->flags & SCSI_OPF_IMPLICIT_HOQ))
		cmd->core_flags |= SCST_CF_HOQ;
	if (cmd->info.op->id == SCSI_OP_ID_TEST_UNIT_READY || (cmd->info.op->flags & SCSI_OPF_NO_UA))
		cmd->core_flags |= SCST_CF_HOLD_OK;
}

/*
 * Takes its place in the order. The counts go up before the epoch: a command of another session that reads the new epoch also
 * finds dev->ordered set, and one that is not yet on its list when drain.c looks will read the new epoch.
 */
static void enter_order(struct scst_cmd *cmd)
{
	struct scst_dev *dev = cmd->dev;

	if (likely(!is_ordered(cmd))) {
		cmd->epoch = atomic64_read(&dev->epoch);
		return;
	}
	cmd->core_flags |= SCST_CF_ORDERED;
	WRITE_ONCE(dev->uses_order, true);
	if (READ_ONCE(dev->tst)) {
		cmd->nexus->gate++;
	} else {
		cmd->core_flags |= SCST_CF_ORDERED_DEV;
		atomic_inc(&dev->waiters);
		atomic_inc(&dev->ordered);
	}
	cmd->epoch = atomic64_inc_return(&dev->epoch);
}

/*
 * A held command (see gate_closed()) waits for what hangs on any device of the old session: until that has ended, it must not be one
 * that commands of others on its own device wait for.
 */
static void enter(struct scst_cmd *cmd)
{
	set_class(cmd);
	if (likely(!cmd->sess->gate || (cmd->core_flags & SCST_CF_HOLD_OK))) {
		enter_order(cmd);
		return;
	}
	cmd->core_flags |= SCST_CF_NO_PLACE;
	cmd->epoch = atomic64_read(&cmd->dev->epoch);
}

/* The hold has ended. Aborted ones keep the epoch by which the drain of their abort knows them, and need no place. */
static void enter_late(struct scst_sess *sess)
{
	struct scst_cmd *cmd;

	lockdep_assert_held(&sess->lock);
	list_for_each_entry(cmd, &sess->active, sess_link) {
		if (!(cmd->core_flags & SCST_CF_NO_PLACE) || cmd->aborted)
			continue;
		cmd->core_flags &= ~SCST_CF_NO_PLACE;
		enter_order(cmd);
		/* As park(): it may be parked already. */
		if (atomic_read(&cmd->dev->ordered))
			scst_dev_check(cmd->dev);
	}
}

static void join(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (cmd->status == SCSI_GOOD && cmd->nexus && enter_task_set(cmd))
		enter(cmd);
	else if (cmd->nexus)
		cmd->epoch = atomic64_read(&cmd->dev->epoch);
	if (cmd->status != SCSI_GOOD)
		cmd->core_flags |= SCST_CF_REFUSED;
	if (unlikely(cmd->core_flags & SCST_CF_ACA) && cmd->attr == SCSI_ATTR_ACA)
		WRITE_ONCE(cmd->nexus->aca_busy, true);
	if (cmd->edtl && cmd->expect_dir == SCSI_DIR_TO)
		scst_cmd_set_state(cmd, SCST_CMD_NEW, SCST_CMD_WAIT_DATA);
	if (unlikely(sess->aborting)) {
		cmd->core_flags |= SCST_CF_ABORT_OWN;
		WRITE_ONCE(cmd->aborted, true);
	}
	list_add_tail(&cmd->sess_link, &sess->active);
	sess->nr_active++;
	count(cmd);
	spin_unlock_irqrestore(&sess->lock, flags);
}

/* Bytes to move: what both sides agree on. */
static void set_lengths(struct scst_cmd *cmd)
{
	cmd->want_len = min_t(u64, cmd->info.xfer_len, U32_MAX);
	if (cmd->info.dir != SCSI_DIR_NONE && cmd->info.dir == cmd->expect_dir)
		cmd->data_len = min3(cmd->want_len, cmd->edtl, SCST_MAX_XFER);
}

/* A command that only a device of the host may know. */
static bool is_foreign(struct scst_cmd *cmd)
{
	if (cmd->info.op || !cmd->dev || !cmd->dev->handler->host_devices ||
	    !scsi_cdb_foreign(cmd->cdb, cmd->cdb_len, cmd->expect_dir, cmd->edtl, &cmd->info))
		return false;
	cmd->sense.code = 0;
	return true;
}

/* Is the command one of those that its LUN set drops? Then nothing of it is looked at, and no data are asked for. */
static bool swallow(struct scst_cmd *cmd, u8 hole)
{
	bool data = cmd->info.op && cmd->info.dir != SCSI_DIR_NONE;

	if (hole >= SCST_HOLE_DATA && !data)
		return false;
	cmd->core_flags |= SCST_CF_DROPPED;
	cmd->status = SCSI_BUSY;	/* as if refused; nobody is told */
	cmd->data_len = 0;
	return true;
}

/*
 * Reservations may have changed since scst_admit() asked. Whoever changes them and then looks for commands to abort (PREEMPT AND
 * ABORT) finds this one in its session, or was done with that before it joined, and the change is seen here. Not under the lock
 * of the session: a reader of the seqlock would wait there for a writer whose processor has that lock taken by an interrupt.
 */
static void ask_again(struct scst_cmd *cmd)
{
	if (cmd->sess->tgt->internal || !cmd->info.op || scst_pr_admit(cmd))
		return;
	cmd->data_len = 0;
}

void scst_cmd_init(struct scst_cmd *cmd)
{
	u8 hole = READ_ONCE(cmd->sess->black_hole);
	int lun = scsi_lun_decode(cmd->lun);

	reset_cmd(cmd);
	if (lun >= 0)
		cmd->nexus = scst_nexus_get(cmd->sess, lun);
	if (cmd->nexus)
		cmd->dev = cmd->nexus->dev;
	/* A failure stands in cmd->sense until scst_admit() has looked at what comes before it. */
	if (!scsi_cdb_decode(cmd->cdb, cmd->cdb_len, cmd->dev ? cmd->dev->block_shift : 0,
			     cmd->dev ? cmd->dev->dif_type : 0, &cmd->info, &cmd->sense) || is_foreign(cmd))
		set_lengths(cmd);
	if (likely(!hole) || !swallow(cmd, hole)) {
		if (!scst_admit(cmd))
			cmd->data_len = 0;
	}
	join(cmd);
	if (cmd->status == SCSI_GOOD && cmd->dev && unlikely(READ_ONCE(cmd->dev->reserved)))
		ask_again(cmd);
}
EXPORT_SYMBOL_GPL(scst_cmd_init);

/* --------------------------------------------------------------- sessions */

void scst_sess_data_init(struct scst_sess *sess)
{
	spin_lock_init(&sess->lock);
	INIT_LIST_HEAD(&sess->active);
	INIT_LIST_HEAD(&sess->parked);
	INIT_LIST_HEAD(&sess->tmfs);
	INIT_WORK(&sess->run_work, run_parked);
}

void scst_sess_data_exit(struct scst_sess *sess)
{
	WARN_ON_ONCE(!list_empty(&sess->active) || !list_empty(&sess->tmfs));
	/* Nobody queues it again: that happens only while a command is parked. */
	cancel_work_sync(&sess->run_work);
}

void scst_sess_hold(struct scst_sess *sess)
{
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	sess->gate++;
	spin_unlock_irqrestore(&sess->lock, flags);
}
EXPORT_SYMBOL_GPL(scst_sess_hold);

void scst_sess_release_hold(struct scst_sess *sess)
{
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	if (!WARN_ON_ONCE(!sess->gate) && !--sess->gate)
		enter_late(sess);
	spin_unlock_irqrestore(&sess->lock, flags);
	scst_sess_rerun(sess);
}
EXPORT_SYMBOL_GPL(scst_sess_release_hold);
