// SPDX-License-Identifier: GPL-2.0
/*
 * The ROD tokens there are: made, found, no longer good.
 *
 * A token stands for blocks as they were when it was made ("point in time copy - change vulnerable"): no copy of them is kept, so
 * it ends as soon as a command that writes one of them begins to execute. dev->rods tells commands of a device whether there
 * is any token to end; it is all they look at while there is none. Making one publishes it first and then waits for those
 * that began to write before: a command that does not see it is seen by scst_rod_is_written(), for either takes the lock of
 * the writer's session in between. What somebody has finished to read while the token was good was as it had been.
 *
 * One that is no longer good is remembered for the reason, as long as there is room. Nobody keeps a device or a LUN set for a
 * token: they are compared with, and what ends takes its tokens along. Nor a nexus, which its tokens forget when it ends.
 *
 * Which tokens there are is told to the nexus alone that made them: it has got the whole of each, so nobody learns from the list
 * what others copy, how much of it and when.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "copy.h"

#define EXPIRE_MS	1000	/* so often tokens are looked at for their age */

static DEFINE_SPINLOCK(rod_lock);
static LIST_HEAD(rods);			/* rod_lock */
static unsigned int nr_rods;		/* rod_lock */
static unsigned int nr_good;		/* rod_lock */
static u64 last_id;			/* rod_lock; 0: none yet */

static void expire_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire_work);

void scst_rod_put(struct scst_rod *rod)
{
	if (refcount_dec_and_test(&rod->ref))
		kvfree_sensitive(rod, struct_size(rod, r, rod->nr));
}

/* The device of a good token is there, for it takes its tokens along. */
static void cancel(struct scst_rod *rod, scsi_sense_code code)
{
	lockdep_assert_held(&rod_lock);
	if (rod->code)
		return;
	WRITE_ONCE(rod->code, code);
	smp_wmb(); /* the code first, then what the caller writes; pairs with scst_rod_code() */
	list_del_init(&rod->dev_link);
	WRITE_ONCE(rod->dev->rods, rod->dev->rods - 1);
	nr_good--;
}

/* The reference of the list is the caller's. */
static void unlist(struct scst_rod *rod)
{
	lockdep_assert_held(&rod_lock);
	list_del_init(&rod->link);
	nr_rods--;
}

/* Returns whether any good one is left. */
static bool expire(void)
{
	struct scst_rod *rod;

	lockdep_assert_held(&rod_lock);
	list_for_each_entry(rod, &rods, link)
		if (!rod->users && time_after(jiffies, rod->used + rod->timeout))
			cancel(rod, SCSI_SENSE_TOKEN_EXPIRED);
	return nr_good;
}

static void expire_work(struct work_struct *work)
{
	spin_lock(&rod_lock);
	if (expire())
		queue_delayed_work(scst_wq, &expiry, msecs_to_jiffies(EXPIRE_MS));
	spin_unlock(&rod_lock);
}

/* ------------------------------------------------------------------ a new one */

/* Makes room for one more. False: too many good ones. *@oldest: what the caller puts, or NULL. */
static bool make_room(const struct scst_dev *dev, struct scst_rod **oldest)
{
	struct scst_rod *rod;

	lockdep_assert_held(&rod_lock);
	*oldest = NULL;
	expire();
	if (dev->rods >= SCSI_ROD_PER_DEV)
		return false;
	if (nr_rods < SCSI_ROD_TOTAL)
		return true;
	list_for_each_entry(rod, &rods, link) {
		if (rod->code) {
			unlist(rod);
			*oldest = rod;
			return true;
		}
	}
	return false;
}

static bool publish(struct scst_nexus *nexus, struct scst_rod *rod)
{
	struct scst_dev *dev = nexus->dev;
	struct scst_rod *oldest;
	bool ok;

	spin_lock(&rod_lock);
	ok = make_room(dev, &oldest);
	if (ok) {
		list_add_tail(&rod->link, &rods);
		list_add_tail(&rod->dev_link, &dev->rod_list);
		WRITE_ONCE(dev->rods, dev->rods + 1);
		rod->used = jiffies;
		nr_rods++;
		nr_good++;
		queue_delayed_work(scst_wq, &expiry, msecs_to_jiffies(EXPIRE_MS));
	}
	spin_unlock(&rod_lock);
	if (oldest)
		scst_rod_put(oldest);
	return ok;
}

static u64 new_id(void)
{
	u64 id;

	spin_lock(&rod_lock);
	if (!last_id)
		get_random_bytes(&last_id, sizeof(last_id));
	id = ++last_id;
	spin_unlock(&rod_lock);
	return id;
}

static void build_token(struct scst_nexus *nexus, struct scst_rod *rod)
{
	struct scst_dev *dev = nexus->dev;
	u8 secret[SCSI_ROD_SECRET_LEN], ids[SCST_DESIGNATORS_MAX];
	struct scsi_rod_about about = {
		.id = new_id(),
		.bytes = rod->bytes,
		.block_size = 1U << dev->block_shift,
		.type = dev->handler->type,
		.designators = ids,
		.designators_len = dev->handler->designators(dev, ids, sizeof(ids)),
		.target = nexus->sess->tgt->name,
		.secret = secret,
	};

	get_random_bytes(secret, sizeof(secret));
	scsi_rod_token_build(&about, rod->token);
	memzero_explicit(secret, sizeof(secret));
}

struct scst_rod *scst_rod_new(struct scst_nexus *nexus, const struct scsi_populate *p, scsi_sense_code *code)
{
	const struct scsi_ranges *rs = &p->ranges;
	struct scst_rod *rod = scst_alloc_mem(struct_size(rod, r, rs->nr));

	*code = 0;
	if (!rod)
		return NULL;
	refcount_set(&rod->ref, 2);	/* the list's, the caller's */
	rod->dev = nexus->dev;
	rod->acg = READ_ONCE(nexus->sess->acg);
	rod->timeout = p->timeout * HZ;
	rod->block_shift = nexus->dev->block_shift;
	rod->bytes = rs->blocks << rod->block_shift;
	rod->users = 1;			/* until it is told of */
	rod->nr = rs->nr;
	memcpy(rod->r, rs->r, rs->nr * sizeof(rs->r[0]));
	build_token(nexus, rod);
	if (publish(nexus, rod))
		return rod;
	*code = SCSI_SENSE_NO_ROOM_FOR_TOKEN;
	kvfree_sensitive(rod, struct_size(rod, r, rod->nr));
	return NULL;
}

void scst_rod_withdraw(struct scst_rod *rod)
{
	bool listed;

	spin_lock(&rod_lock);
	cancel(rod, SCSI_SENSE_TOKEN_UNKNOWN);
	listed = !list_empty(&rod->link);
	if (listed)
		unlist(rod);
	spin_unlock(&rod_lock);
	if (listed)
		scst_rod_put(rod);
	scst_rod_put(rod);
}

/* ------------------------------------------------------------------ who writes */

static bool writes(const struct scst_cmd *cmd)
{
	const struct scsi_op *op = cmd->info.op;

	/* A command of the copy manager writes by others, which come here themselves. */
	return op && (op->flags & (SCSI_OPF_WRITE_MEDIUM | SCSI_OPF_CORE)) == SCSI_OPF_WRITE_MEDIUM;
}

/* UNMAP has many ranges, WRITE SAME may mean "to the end": everything. */
static bool writes_to(const struct scst_cmd *cmd, const struct scst_rod *rod)
{
	if (!(cmd->info.op->flags & SCSI_OPF_LBA) || !cmd->info.blocks)
		return true;
	return scsi_ranges_meet(rod->r, rod->nr, cmd->info.lba, cmd->info.blocks);
}

static bool is_writing(const struct scst_cmd *cmd, void *arg)
{
	return cmd->state == SCST_CMD_EXECUTING && writes(cmd) && writes_to(cmd, arg);
}

bool scst_rod_is_written(struct scst_nexus *nexus, const struct scst_rod *rod)
{
	return scst_dev_any(nexus->dev, is_writing, (void *)rod);
}

void scst_rods_written(struct scst_cmd *cmd)
{
	struct scst_rod *rod, *next;

	if (!writes(cmd))
		return;
	spin_lock(&rod_lock);
	list_for_each_entry_safe(rod, next, &cmd->dev->rod_list, dev_link)
		if (writes_to(cmd, rod))
			cancel(rod, SCSI_SENSE_TOKEN_CANCELLED);
	spin_unlock(&rod_lock);
}

/* ------------------------------------------------------------------------- use */

static struct scst_rod *find(const u8 *token)
{
	u64 id = scsi_rod_token_id(token);
	struct scst_rod *rod;

	lockdep_assert_held(&rod_lock);
	list_for_each_entry(rod, &rods, link)
		if (scsi_rod_token_id(rod->token) == id)
			return scsi_rod_token_same(rod->token, token) ? rod : NULL;
	return NULL;
}

struct scst_rod *scst_rod_use(const u8 *token, scsi_sense_code *code)
{
	struct scst_rod *rod;

	spin_lock(&rod_lock);
	expire();
	rod = find(token);
	*code = rod ? rod->code : SCSI_SENSE_TOKEN_UNKNOWN;
	if (*code) {
		rod = NULL;
	} else {
		refcount_inc(&rod->ref);
		rod->users++;
	}
	spin_unlock(&rod_lock);
	return rod;
}

void scst_rod_unuse(struct scst_rod *rod, bool del)
{
	spin_lock(&rod_lock);
	rod->users--;
	rod->used = jiffies;
	if (del)
		cancel(rod, SCSI_SENSE_TOKEN_DELETED);
	spin_unlock(&rod_lock);
	scst_rod_put(rod);
}

void scst_rod_hand_out(struct scst_rod *rod, const struct scst_nexus *nexus)
{
	spin_lock(&rod_lock);
	rod->nexus = nexus;
	spin_unlock(&rod_lock);
	refcount_inc(&rod->ref);
	scst_rod_unuse(rod, false);
}

unsigned int scst_rods_list(const struct scst_nexus *nexus, u8 *buf)
{
	struct scsi_outbuf o = { .buf = buf, .size = SCSI_ROD_LIST_MAX };
	struct scst_rod *rod;

	scsi_rod_list_start(&o);
	spin_lock(&rod_lock);
	expire();
	list_for_each_entry(rod, &nexus->dev->rod_list, dev_link)
		if (rod->nexus == nexus)
			scsi_rod_list_add(&o, rod->token);
	spin_unlock(&rod_lock);
	return o.len;
}

/* ----------------------------------------------------------------- what ends */

void scst_dev_revoke_tokens(struct scst_dev *dev)
{
	struct scst_rod *rod, *next;

	if (!READ_ONCE(dev->rods))	/* nor does one that was never registered have a list */
		return;
	spin_lock(&rod_lock);
	list_for_each_entry_safe(rod, next, &dev->rod_list, dev_link)
		cancel(rod, SCSI_SENSE_TOKEN_REVOKED);
	spin_unlock(&rod_lock);
}
EXPORT_SYMBOL_GPL(scst_dev_revoke_tokens);

void scst_rods_forget_lun(const struct scst_acg *acg, struct scst_dev *dev)
{
	struct scst_rod *rod, *next;

	spin_lock(&rod_lock);
	list_for_each_entry_safe(rod, next, &dev->rod_list, dev_link)
		if (rod->acg == acg)
			cancel(rod, SCSI_SENSE_TOKEN_REVOKED);
	spin_unlock(&rod_lock);
}

void scst_rods_move(const struct scst_nexus *heir, const struct scst_nexus *nexus)
{
	struct scst_rod *rod;

	if (!READ_ONCE(nexus->dev->rods))	/* its commands have ended, or do so before it is called again */
		return;
	spin_lock(&rod_lock);
	list_for_each_entry(rod, &nexus->dev->rod_list, dev_link)
		if (rod->nexus == nexus)
			rod->nexus = heir;
	spin_unlock(&rod_lock);
}

void scst_rods_forget_nexus(const struct scst_nexus *nexus)
{
	struct scst_dev *dev = nexus->dev;
	struct scst_rod *rod;

	if (!READ_ONCE(dev->rods))	/* what the nexus made was counted before its last reference went */
		return;
	spin_lock(&rod_lock);
	list_for_each_entry(rod, &dev->rod_list, dev_link)
		if (rod->nexus == nexus)
			rod->nexus = NULL;
	spin_unlock(&rod_lock);
}

void scst_rod_exit(void)
{
	struct scst_rod *rod, *next;

	cancel_delayed_work_sync(&expiry);
	list_for_each_entry_safe(rod, next, &rods, link) {
		list_del(&rod->link);
		scst_rod_put(rod);
	}
}
