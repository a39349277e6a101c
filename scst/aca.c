// SPDX-License-Identifier: GPL-2.0
/*
 * Auto contingent allegiance (SAM-5 5.9): after CHECK CONDITION for a command with NACA, the task set stands still until the
 * faulted nexus has dealt with it.
 *
 * While there is one, dev->gate holds SCST_GATE_ACA for each faulted nexus: what is in the task set and does not execute yet
 * waits at the gate, what comes is judged by scst_aca_admit(). Without one nobody looks at more than that word, which every
 * command reads anyway. What executes when the condition is established runs to its end.
 */
#include "scst_priv.h"
#include "pure/aca.h"

static bool other_is_faulted(const struct scst_nexus *nexus)
{
	return !READ_ONCE(nexus->aca) && !READ_ONCE(nexus->dev->tst);
}

bool scst_aca_admit(struct scst_cmd *cmd)
{
	struct scst_dev *dev = cmd->dev;
	struct scst_nexus *nexus = cmd->nexus;
	bool active = atomic_read(&dev->gate) >= SCST_GATE_ACA;
	struct scsi_aca a = {
		.faulted = READ_ONCE(nexus->aca),
		.other_faulted = active && other_is_faulted(nexus),
		.busy = READ_ONCE(nexus->aca_busy),
		.tmf_only = READ_ONCE(dev->tmf_only),
		.naca = cmd->info.naca,
		.preempts = cmd->info.op && cmd->info.op->id == SCSI_OP_ID_PR_OUT_PREEMPT_AND_ABORT,
		.attr = cmd->attr,
	};

	if (cmd->sess->tgt->internal)
		return true;
	cmd->status = scsi_aca_judge(&a, &cmd->sense);
	if (cmd->status != SCSI_GOOD)
		return false;
	if (cmd->attr == SCSI_ATTR_ACA || (a.preempts && a.other_faulted))
		cmd->core_flags |= SCST_CF_ACA;
	return true;
}

bool scst_aca_passes(const struct scst_cmd *cmd)
{
	if ((cmd->core_flags & SCST_CF_ACA) || cmd->sess->tgt->internal)
		return true;
	return READ_ONCE(cmd->dev->tst) && !READ_ONCE(cmd->nexus->aca);
}

static void establish(struct scst_nexus *nexus)
{
	struct scst_dev *dev = nexus->dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->aca_lock, flags);
	/* One in a shared task set. A nexus is dead, or its session aborted, before scst_aca_clear() is called for it the last time. */
	if (!READ_ONCE(nexus->dead) && !READ_ONCE(nexus->sess->aborting) && !nexus->aca &&
	    (READ_ONCE(dev->tst) || atomic_read(&dev->gate) < SCST_GATE_ACA)) {
		WRITE_ONCE(nexus->aca, true);
		atomic_add(SCST_GATE_ACA, &dev->gate);
	}
	spin_unlock_irqrestore(&dev->aca_lock, flags);
}

void scst_aca_clear(struct scst_nexus *nexus)
{
	struct scst_dev *dev = nexus->dev;
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&dev->aca_lock, flags);
	was = nexus->aca;
	if (was) {
		WRITE_ONCE(nexus->aca, false);
		atomic_sub(SCST_GATE_ACA, &dev->gate);
	}
	spin_unlock_irqrestore(&dev->aca_lock, flags);
	if (was)
		scst_dev_rerun(dev);
}

void scst_aca_reset(struct scst_dev *dev)
{
	struct scst_nexus *nexus;

	if (likely(atomic_read(&dev->gate) < SCST_GATE_ACA))
		return;
	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		scst_aca_clear(nexus);
	rcu_read_unlock();
}

void scst_aca_failed(const struct scst_cmd *cmd)
{
	if (cmd->info.naca && !cmd->dev->handler->host_devices)
		establish(cmd->nexus);
	else if (cmd->attr == SCSI_ATTR_ACA)
		scst_aca_clear(cmd->nexus);
}
