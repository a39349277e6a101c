// SPDX-License-Identifier: GPL-2.0
/*
 * Unit attentions: a set per nexus, one bit for each condition there is, so that none is ever lost or told twice.
 *
 * REPORTED LUNS DATA HAS CHANGED belongs to the session: it is told once, whatever the LUN.
 */
#include "scst_priv.h"

/* In the order in which they are reported (SAM-5 5.14.1); the first ones say that the rest of the state went as well. */
static const scsi_sense_code ua_table[] = {
	SCSI_SENSE_UA_POWER_ON_RESET,
	SCSI_SENSE_UA_TARGET_RESET,
	SCSI_SENSE_UA_LUN_RESET,
	SCSI_SENSE_UA_NEXUS_LOSS,
#define UA_RESETS	4
	SCSI_SENSE_UA_COMMANDS_CLEARED,
	SCSI_SENSE_UA_MEDIUM_CHANGED,
	SCSI_SENSE_UA_RES_PREEMPTED,
	SCSI_SENSE_UA_REG_PREEMPTED,
	SCSI_SENSE_UA_RES_RELEASED,
	SCSI_SENSE_UA_ALUA_CHANGED,
	SCSI_SENSE_UA_CAPACITY_CHANGED,
	SCSI_SENSE_UA_MODE_CHANGED,
	SCSI_SENSE_UA_LOG_CHANGED,
	SCSI_SENSE_UA_INQUIRY_CHANGED,
	SCSI_SENSE_UA_THIN_SOFT_THRESHOLD,
	SCSI_SENSE_WRITE_ERROR,	/* no attention, but each nexus must hear once that data it wrote are lost */
};

static unsigned int ua_index(scsi_sense_code code)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(ua_table) > 32);
	for (i = 0; i < ARRAY_SIZE(ua_table); i++)
		if (ua_table[i] == code)
			return i;
	/* The strongest one makes the initiator look at everything. */
	WARN_ONCE(1, "unit attention %06x is not in the table\n", code);
	return 0;
}

/* A reset swallows what lesser resets, and commands it cleared, would have told. */
static u32 ua_add(u32 uas, unsigned int index)
{
	u32 resets = BIT(UA_RESETS) - 1;

	if (index > UA_RESETS)
		return uas | BIT(index);
	if (uas & (BIT(index) - 1))
		return uas;
	return (uas & ~(resets | BIT(UA_RESETS))) | BIT(index);
}

void scst_nexus_data_init(struct scst_nexus *nexus)
{
	spin_lock_init(&nexus->ua_lock);
	nexus->uas = 0;
}

void scst_nexus_ua(struct scst_nexus *nexus, scsi_sense_code code)
{
	unsigned long flags;
	unsigned int index;

	if (code == SCSI_SENSE_UA_LUNS_CHANGED) {
		scst_sess_luns_changed(nexus->sess);
		return;
	}
	index = ua_index(code);
	spin_lock_irqsave(&nexus->ua_lock, flags);
	WRITE_ONCE(nexus->uas, ua_add(nexus->uas, index));
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
}

void scst_sess_luns_changed(struct scst_sess *sess)
{
	smp_mb__before_atomic(); /* the change first; pairs with REPORT LUNS, which clears the bit before it looks */
	set_bit(0, &sess->luns_changed);
}

void scst_dev_ua(struct scst_dev *dev, scsi_sense_code code, const struct scst_nexus *except)
{
	struct scst_nexus *nexus;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		if (nexus != except)
			scst_nexus_ua(nexus, code);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_dev_ua);

scsi_sense_code scst_ua_take(struct scst_nexus *nexus)
{
	scsi_sense_code code = 0;
	unsigned long flags;
	unsigned int index;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	if (nexus->uas) {
		index = __ffs(nexus->uas);
		code = ua_table[index];
		WRITE_ONCE(nexus->uas, nexus->uas & ~BIT(index));
	}
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
	if (!code && test_and_clear_bit(0, &nexus->sess->luns_changed))
		code = SCSI_SENSE_UA_LUNS_CHANGED;
	return code;
}

/* Without lock: what is queued at this very moment may as well have come after the command. */
bool scst_ua_pending(struct scst_nexus *nexus)
{
	return READ_ONCE(nexus->uas) || test_bit(0, &nexus->sess->luns_changed);
}

static void power_on_to_loss(struct scst_nexus *nexus)
{
	unsigned int power_on = ua_index(SCSI_SENSE_UA_POWER_ON_RESET);
	unsigned long flags;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	if (nexus->uas & BIT(power_on))
		WRITE_ONCE(nexus->uas, (nexus->uas & ~BIT(power_on)) | BIT(ua_index(SCSI_SENSE_UA_NEXUS_LOSS)));
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
}

void scst_sess_nexus_loss(struct scst_sess *sess)
{
	struct scst_nexus *nexus;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->nexuses, lun, nexus)
		power_on_to_loss(nexus);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_sess_nexus_loss);
