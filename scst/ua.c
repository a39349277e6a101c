// SPDX-License-Identifier: GPL-2.0
/*
 * Unit attentions: a set per nexus, one bit for each condition there is, so that none is ever lost or told twice.
 *
 * REPORTED LUNS DATA HAS CHANGED belongs to the session: it is told once, whatever the LUN.
 */
#include <linux/slab.h>

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
	SCSI_SENSE_UA_PREVIOUS_TASK_SET_FULL,
	SCSI_SENSE_UA_PREVIOUS_BUSY,
	SCSI_SENSE_UA_PREVIOUS_CONFLICT,
	SCSI_SENSE_WRITE_ERROR,	/* no attention, but each nexus must hear once that data it wrote are lost */
};

#define UA_LOSS		BIT(ARRAY_SIZE(ua_table) - 1)

/*
 * Never told as an attention. Initiators repeat the command that brings the news of lost data, and go on: so the next one that asks
 * for nothing but a flush fails as well, in a way that nobody repeats.
 */
#define UA_LOSS_OWED	BIT(31)

static unsigned int ua_index(scsi_sense_code code)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(ua_table) > 31);
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

	if (BIT(index) == UA_LOSS)
		return uas | UA_LOSS | UA_LOSS_OWED;
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

	/* Nobody is there to be told. */
	if (nexus->sess->tgt->internal)
		return;
	if (code == SCSI_SENSE_UA_LUNS_CHANGED) {
		scst_sess_luns_changed(nexus->sess);
		return;
	}
	index = ua_index(code);
	spin_lock_irqsave(&nexus->ua_lock, flags);
	WRITE_ONCE(nexus->uas, ua_add(nexus->uas, index));
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
}

static void set_bits(struct scst_nexus *nexus, u32 bits)
{
	unsigned long flags;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	WRITE_ONCE(nexus->uas, nexus->uas | bits);
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
}

static void clear_bits(struct scst_nexus *nexus, u32 bits)
{
	unsigned long flags;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	WRITE_ONCE(nexus->uas, nexus->uas & ~bits);
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
}

void scst_nexus_owe_loss(struct scst_nexus *nexus)
{
	if (!nexus->sess->tgt->internal)
		set_bits(nexus, UA_LOSS_OWED);
}
EXPORT_SYMBOL_GPL(scst_nexus_owe_loss);

void scst_cmd_flushed(struct scst_cmd *cmd)
{
	if (likely(!(READ_ONCE(cmd->nexus->uas) & UA_LOSS_OWED)))
		return;
	if (cmd->status == SCSI_GOOD)
		scst_cmd_fail(cmd, SCSI_SENSE_FLUSH_FAILED);
	else if (cmd->status != SCSI_CHECK_CONDITION || cmd->sense.code != SCSI_SENSE_FLUSH_FAILED)
		return;
	clear_bits(cmd->nexus, UA_LOSS | UA_LOSS_OWED);
	cmd->ua_pending = true; /* should it not be told after all */
}
EXPORT_SYMBOL_GPL(scst_cmd_flushed);

/* UA_INTLCK_CTRL 11b: the status was told, and is to be noticed. */
void scst_ua_status(struct scst_nexus *nexus, enum scsi_status status)
{
	if (status == SCSI_TASK_SET_FULL)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_PREVIOUS_TASK_SET_FULL);
	else if (status == SCSI_BUSY)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_PREVIOUS_BUSY);
	else if (status == SCSI_RESERVATION_CONFLICT)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_PREVIOUS_CONFLICT);
}

bool scst_nexus_ua_drop(struct scst_nexus *nexus, scsi_sense_code code)
{
	u32 bit = BIT(ua_index(code));
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	was = nexus->uas & bit;
	WRITE_ONCE(nexus->uas, nexus->uas & ~bit);
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
	return was;
}
EXPORT_SYMBOL_GPL(scst_nexus_ua_drop);

void scst_sess_luns_changed(struct scst_sess *sess)
{
	if (sess->tgt->internal)
		return;
	smp_mb__before_atomic(); /* the change first; pairs with REPORT LUNS, which clears the bit before it looks */
	set_bit(0, &sess->luns_changed);
	if (sess->tgt->drv->luns_changed && !READ_ONCE(sess->tgt->aen_disabled))
		sess->tgt->drv->luns_changed(sess);
}

unsigned int scst_sess_take_luns_changed(struct scst_sess *sess, u8 *sense, unsigned int size)
{
	struct scsi_sense s;

	if (READ_ONCE(sess->tgt->aen_disabled) || !test_and_clear_bit(0, &sess->luns_changed))
		return 0;
	scsi_sense_set(&s, SCSI_SENSE_UA_LUNS_CHANGED);
	return scsi_sense_encode(&s, false, sense, size);
}
EXPORT_SYMBOL_GPL(scst_sess_take_luns_changed);

void scst_dev_ua(struct scst_dev *dev, scsi_sense_code code, const struct scst_nexus *except)
{
	struct scst_nexus *nexus;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		if (nexus != except && !READ_ONCE(nexus->bequeathed))
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
	if (nexus->uas & ~UA_LOSS_OWED) {
		index = __ffs(nexus->uas);
		code = ua_table[index];
		WRITE_ONCE(nexus->uas, nexus->uas & ~BIT(index));
	}
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
	if (!code && test_and_clear_bit(0, &nexus->sess->luns_changed))
		code = SCSI_SENSE_UA_LUNS_CHANGED;
	return code;
}

/* What would be told next, and in *@depth whether it is the only one (1) or not (2); *@depth is 0 when there is none. */
scsi_sense_code scst_ua_peek(struct scst_nexus *nexus, unsigned int *depth)
{
	unsigned int waiting = test_bit(0, &nexus->sess->luns_changed);
	u32 uas = READ_ONCE(nexus->uas) & ~UA_LOSS_OWED;

	waiting += hweight32(uas);
	*depth = min(waiting, 2U);
	if (uas)
		return ua_table[__ffs(uas)];
	return waiting ? SCSI_SENSE_UA_LUNS_CHANGED : 0;
}

/* Without lock: what is queued at this very moment may as well have come after the command. */
bool scst_ua_pending(struct scst_nexus *nexus)
{
	return (READ_ONCE(nexus->uas) & ~UA_LOSS_OWED) || test_bit(0, &nexus->sess->luns_changed);
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

void scst_sess_continue(struct scst_sess *sess)
{
	u32 power_on = BIT(ua_index(SCSI_SENSE_UA_POWER_ON_RESET));
	struct scst_nexus *nexus;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->nexuses, lun, nexus)
		clear_bits(nexus, power_on);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(scst_sess_continue);

/* Moved, not copied: otherwise scst_nexus_ua_pass_on() would tell of lost data a second time. */
static u32 take_bits(struct scst_nexus *nexus, u32 bits)
{
	unsigned long flags;

	spin_lock_irqsave(&nexus->ua_lock, flags);
	bits &= nexus->uas;
	WRITE_ONCE(nexus->uas, nexus->uas & ~bits);
	spin_unlock_irqrestore(&nexus->ua_lock, flags);
	return bits;
}

void scst_nexus_loss_move(struct scst_nexus *heir, struct scst_nexus *nexus)
{
	set_bits(heir, take_bits(nexus, UA_LOSS | UA_LOSS_OWED));
}

void scst_nexus_ua_move(struct scst_nexus *heir, struct scst_nexus *nexus)
{
	unsigned long uas = take_bits(nexus, ~0U);
	unsigned int i;

	for_each_set_bit(i, &uas, ARRAY_SIZE(ua_table))
		scst_nexus_ua(heir, ua_table[i]);
	set_bits(heir, uas & UA_LOSS_OWED);
}

/* ------------------------------------------- what outlives its nexus */

#define UNTOLD_MAX	256	/* initiators a device remembers */

struct untold {
	struct list_head link;	/* dev->untold */
	u32 bits;		/* UA_LOSS, UA_LOSS_OWED */
	char initiator[];
};

static const char *initiator_of(const struct scst_nexus *nexus)
{
	return nexus->sess->initiator ?: "";
}

/* Behind '#' stands the portal that per_portal_acl of iSCSI adds: the data are the initiator's, wherever it comes in. */
static bool same_initiator(const char *a, const char *b)
{
	size_t len = strcspn(a, "#");

	return len == strcspn(b, "#") && !memcmp(a, b, len);
}

/* Gives it to a nexus the initiator has got meanwhile; false: there is none. */
static bool tell_another(struct scst_nexus *nexus, u32 bits)
{
	struct scst_nexus *heir;

	list_for_each_entry(heir, &nexus->dev->nexuses, dev_link) {
		if (READ_ONCE(heir->dead) || !same_initiator(initiator_of(heir), initiator_of(nexus)))
			continue;
		set_bits(heir, bits);
		return true;
	}
	return false;
}

static struct untold *find_untold(struct scst_dev *dev, const char *initiator)
{
	struct untold *u;

	list_for_each_entry(u, &dev->untold, link)
		if (same_initiator(u->initiator, initiator))
			return u;
	return NULL;
}

/* NULL: no memory, or too many already. */
static struct untold *new_untold(struct scst_dev *dev, const char *initiator)
{
	size_t size = strlen(initiator) + 1;
	struct untold *u;

	if (dev->nr_untold >= UNTOLD_MAX)
		return NULL;
	u = kmalloc(struct_size(u, initiator, size), GFP_NOIO | __GFP_NOWARN);
	if (u) {
		u->bits = 0;
		memcpy(u->initiator, initiator, size);
		list_add_tail(&u->link, &dev->untold);
		dev->nr_untold++;
	}
	return u;
}

static void remember(struct scst_dev *dev, const char *initiator, u32 bits)
{
	struct untold *u = find_untold(dev, initiator) ?: new_untold(dev, initiator);

	if (u)
		u->bits |= bits;
	else
		pr_err_ratelimited("device %s: initiator %s will not be told that its data were lost\n", dev->name, initiator);
}

void scst_nexus_ua_pass_on(struct scst_nexus *nexus)
{
	u32 bits;

	lockdep_assert_held(&scst_config_mutex);
	bits = take_bits(nexus, UA_LOSS | UA_LOSS_OWED);
	if (nexus->sess->tgt->internal || !bits)
		return;
	if (!tell_another(nexus, bits))
		remember(nexus->dev, initiator_of(nexus), bits);
}

static void forget(struct scst_dev *dev, struct untold *u)
{
	list_del(&u->link);
	dev->nr_untold--;
	kfree(u);
}

void scst_nexus_ua_inherit(struct scst_nexus *nexus)
{
	struct untold *u;

	lockdep_assert_held(&scst_config_mutex);
	u = find_untold(nexus->dev, initiator_of(nexus));
	if (!u || nexus->sess->tgt->internal)
		return;
	set_bits(nexus, u->bits);
	forget(nexus->dev, u);
}

void scst_dev_ua_free(struct scst_dev *dev)
{
	struct untold *u, *next;

	list_for_each_entry_safe(u, next, &dev->untold, link)
		forget(dev, u);
}
