// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of a living device: open and close, size, cache mode, reset. What commands must not see half done happens while
 * the device is quiesced.
 */
#include <linux/sched/mm.h>

#include "vdisk.h"

/* ------------------------------------------------------------------ cache */

/* The one thing it asks for is that what was written before be stable. */
bool vdisk_only_flushes(const struct scst_cmd *cmd)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_SYNC_CACHE_10:
	case SCSI_OP_ID_SYNC_CACHE_16:
	case SCSI_OP_ID_START_STOP_UNIT:
		return true;
	}
	return false;
}

/*
 * Data a flush should have saved may be lost, and the kernel says so once. Whoever asked gets the error; all others are
 * told with their next command, since they may have been promised the same data, and their next flush fails. The error of a
 * command that asked for more than a flush is taken for one of that command alone, which is repeated and then succeeds, though
 * it may have been of data acknowledged before: so its nexus is owed another one. An asker that has been aborted may never see
 * its status: it is told like the others.
 */
void vdisk_lost_writes(struct vdisk_dev *vd, struct scst_cmd *asker, int err)
{
	const struct scst_nexus *except = asker && !scst_cmd_aborted(asker) ? asker->nexus : NULL;

	atomic_inc(&vd->failed_flushes);
	if (asker && !vdisk_only_flushes(asker))
		scst_nexus_owe_loss(asker->nexus);
	/* Should it be aborted from here on, the core puts the sense of its failure on the nexus. */
	if (err == -ENOSPC || err == -EDQUOT)
		except = NULL;	/* its status speaks of this command alone */
	else if (asker)
		asker->ua_pending = true;
	scst_dev_ua(&vd->dev, SCSI_SENSE_WRITE_ERROR, except);
	/* Last: on a serial console it takes milliseconds, in which another's flush would find nothing wrong. */
	pr_err_ratelimited("device %s: cannot make written data stable: error %pe\n", vd->name, ERR_PTR(err));
}

/* Writeback that got no memory is reported once like any other loss: BUSY would invite a repeat that finds nothing. */
static int no_busy(int err)
{
	return err == -ENOMEM ? -EIO : err;
}

int vdisk_errors_since(const struct vdisk_dev *vd, const struct vdisk_errors *e)
{
	int err = 0;

	if (vd->memory_only || vd->create_read_only)	/* nothing was flushed: an error would be told for ever */
		return 0;
	if (vd->file)
		err = filemap_check_wb_err(vd->file->f_mapping, e->data);
	if (!err && vd->pi.file)
		err = filemap_check_wb_err(vd->pi.file->f_mapping, e->tags);
	if (!err && atomic_read(&vd->failed_flushes) != e->flushes)
		err = -EIO;
	return no_busy(err);
}

/* What it finds itself it tells; who was told of what happened since @before has told the others already. */
static int flush_and_tell(struct vdisk_dev *vd, u64 pos, u64 len, struct scst_cmd *asker, const struct vdisk_errors *before)
{
	int err = no_busy(vdisk_store_flush(vd, pos, len));

	if (err)
		vdisk_lost_writes(vd, asker, err);
	return err ?: vdisk_errors_since(vd, before);
}

/* For what does not begin with a command. */
static int flush_all(struct vdisk_dev *vd)
{
	struct vdisk_errors before = { };

	vdisk_note_errors(vd, &before);
	return flush_and_tell(vd, 0, 0, NULL, &before);
}

int vdisk_flush(struct vdisk_dev *vd, u64 pos, u64 len, struct scst_cmd *asker)
{
	if (vd->nv_cache)
		return 0;
	return asker ? flush_and_tell(vd, pos, len, asker, &vdisk_io(asker)->before) : flush_all(vd);
}

/* The initiator may be this very host: while we write, neither reclaim nor dirty throttling may wait for us. */
struct vdisk_io_context vdisk_io_begin(void)
{
	struct vdisk_io_context c = { .task_flags = current->flags, .noio = memalloc_noio_save() };

	current->flags |= PF_LOCAL_THROTTLE;
	return c;
}

void vdisk_io_end(struct vdisk_io_context c)
{
	current_restore_flags(c.task_flags, PF_LOCAL_THROTTLE);
	memalloc_noio_restore(c.noio);
}

void vdisk_flush_work(struct work_struct *work)
{
	struct vdisk_dev *vd = container_of(work, struct vdisk_dev, flush_work);
	struct vdisk_io_context c = vdisk_io_begin();

	vdisk_flush(vd, 0, 0, NULL);
	vdisk_io_end(c);
}

/* The "sync" file: flushes whatever the cache mode says. */
int vdisk_sync_all(struct vdisk_dev *vd)
{
	int err = -EMEDIUMTYPE;

	mutex_lock(&vd->lock);
	if (!test_bit(VDISK_CLOSED, &vd->state))
		err = flush_all(vd);
	else
		pr_err("device %s: sync: not active\n", vd->name);
	mutex_unlock(&vd->lock);
	return err;
}

/*
 * Caller holds mode_lock and keeps the store open. Turning the cache off publishes first and flushes then: a write is either
 * in the cache before the flush or sees the new mode when it completes (pairs with vdisk_write_unstable()).
 */
int vdisk_set_write_through(struct vdisk_dev *vd, bool on)
{
	u8 old = vd->write_through;
	int err = 0;

	lockdep_assert_held(&vd->mode_lock);
	if (old == on)
		return 0;
	if (on)
		WRITE_ONCE(vd->write_through, true);
	smp_mb(); /* the mode first, then the flush; pairs with vdisk_write_unstable() */
	if (!test_bit(VDISK_CLOSED, &vd->state))
		err = vdisk_flush(vd, 0, 0, NULL);
	WRITE_ONCE(vd->write_through, err ? old : on);
	return err;
}

/*
 * A cache that has to be off is off whatever the flush said, of which everybody is told. One with an error has stopped there, and
 * the error is gone: the next one takes what else is in the cache.
 */
void vdisk_enforce_write_through(struct vdisk_dev *vd, bool on)
{
	if (!vdisk_set_write_through(vd, on) || !on)
		return;
	WRITE_ONCE(vd->write_through, true);
	vdisk_flush(vd, 0, 0, NULL);
}

/* The core reads these bytes with READ_ONCE. */
void vdisk_publish_mode(struct vdisk_dev *vd)
{
	const struct scsi_mode_values *v = &vd->mode.cur;

	WRITE_ONCE(vd->dev.qerr, v->qerr);
	WRITE_ONCE(vd->dev.queue_alg, v->queue_alg);
	WRITE_ONCE(vd->dev.tas, v->tas);
	WRITE_ONCE(vd->dev.d_sense, v->d_sense);
	WRITE_ONCE(vd->dev.swp, v->swp);
	WRITE_ONCE(vd->dev.tmf_only, v->tmf_only);
	WRITE_ONCE(vd->dev.ua_intlck, v->ua_intlck);
	WRITE_ONCE(vd->pi.conf.dpicz, v->dpicz);
}

/*
 * Saved values come back. The cache is on again only when the administrator created the device so and no initiator has saved
 * that it be off.
 */
void vdisk_reset(struct scst_dev *dev)
{
	struct vdisk_dev *vd = to_vdisk(dev);
	struct vdisk_io_context c = vdisk_io_begin();
	struct scst_nexus *nexus;
	bool saved_off;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		WRITE_ONCE(nexus->prevent, false);
	rcu_read_unlock();
	mutex_lock(&vd->lock);
	mutex_lock(&vd->mode_lock);
	vd->mode.cur = vd->mode.saved;
	saved_off = vd->mode.def.wce && !vd->mode.saved.wce;
	vdisk_enforce_write_through(vd, vd->admin_write_through || saved_off);
	vdisk_publish_mode(vd);
	mutex_unlock(&vd->mode_lock);
	mutex_unlock(&vd->lock);
	vdisk_io_end(c);
}

/* --------------------------------------------------------------- capacity */

/* Blocks the device has: of its store, or as many as were asked for. */
static int vdisk_count_blocks(struct vdisk_dev *vd, u64 *nblocks)
{
	u64 bytes;
	int err = vd->ops->get_size(vd, &bytes);

	if (err)
		return err;
	if (vd->size_wish) {
		if (vd->ops == &vdisk_fileio_ops && vd->size_wish > bytes) {
			pr_err("device %s: size %llu is more than the %llu bytes of %s\n", vd->name,
			       vd->size_wish, bytes, vd->filename);
			return -EINVAL;
		}
		bytes = vd->size_wish;
	}
	*nblocks = bytes >> vd->dev.block_shift;
	if (!*nblocks) {
		pr_err("device %s: %s is smaller than one block\n", vd->name, vd->filename ?: "size");
		return -EINVAL;
	}
	return 0;
}

/* Not under a command: waits until none executes. */
static int vdisk_quiesce(struct vdisk_dev *vd)
{
	int err = scst_dev_quiesce(&vd->dev, VDISK_QUIESCE_MS);

	if (err)
		pr_err("device %s: its commands did not end within %u seconds\n", vd->name, VDISK_QUIESCE_MS / 1000);
	return err;
}

/*
 * Stops the commands for a change that neither FORMAT UNIT nor SANITIZE may meet: one that is cut short is waited for. It takes
 * no lock of the device, and without commands no other one begins.
 */
int vdisk_quiesce_for_change(struct vdisk_dev *vd)
{
	bool cut = vd->erase.cut;
	int err;

	lockdep_assert_held(&vd->lock);
	err = vdisk_erasing(vd) && !cut ? -EBUSY : vdisk_quiesce(vd);
	if (!err && cut)
		flush_work(&vd->erase.work);
	if (!err && vdisk_erasing(vd)) {	/* it has just begun, and has no command that was waited for */
		scst_dev_resume(&vd->dev);
		err = -EBUSY;
	}
	if (err && vdisk_erasing(vd))
		pr_err("device %s: it is being formatted or sanitized\n", vd->name);
	return err;
}

/* The list of regions begins anew with the size: nothing may be under way. What is lost here, initiators hear of. */
static int settle_tags(struct vdisk_dev *vd)
{
	return vd->pi.intent ? flush_all(vd) : 0;
}

static int vdisk_change_blocks(struct vdisk_dev *vd, u64 nblocks)
{
	int err;

	lockdep_assert_held(&vd->lock);
	if (nblocks == vd->dev.nblocks)
		return 0;
	err = vdisk_quiesce_for_change(vd);
	if (err)
		return err;
	err = settle_tags(vd) ?: vdisk_tags_resize(vd, vd->dev.nblocks, nblocks);
	if (!err) {
		WRITE_ONCE(vd->dev.nblocks, nblocks);
		scst_dev_revoke_tokens(&vd->dev);
	}
	scst_dev_resume(&vd->dev);
	if (!err)
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_CAPACITY_CHANGED, NULL);
	return err;
}

int vdisk_set_size(struct vdisk_dev *vd, u64 bytes)
{
	int err;

	if (!bytes || bytes & (vdisk_block_size(vd) - 1) || bytes > LLONG_MAX) {
		pr_err("device %s: size %llu is not a multiple of the block size %u\n", vd->name, bytes,
		       vdisk_block_size(vd));
		return -EINVAL;
	}
	mutex_lock(&vd->lock);
	err = vdisk_change_blocks(vd, bytes >> vd->dev.block_shift);
	if (!err) {
		vd->size_wish = bytes;
		vd->size_forced = vd->ops != &vdisk_nullio_ops || bytes != VDISK_NULLIO_SIZE;
	}
	mutex_unlock(&vd->lock);
	return err;
}

int vdisk_resync_size(struct vdisk_dev *vd)
{
	u64 wish, nblocks;
	int err;

	mutex_lock(&vd->lock);
	if (test_bit(VDISK_CLOSED, &vd->state)) {
		pr_err("device %s: resync_size: not active\n", vd->name);
		err = -EMEDIUMTYPE;
		goto unlock;
	}
	wish = vd->size_wish;
	vd->size_wish = 0;
	err = vdisk_count_blocks(vd, &nblocks);
	if (!err)
		err = vdisk_change_blocks(vd, nblocks);
	if (err)
		vd->size_wish = wish;
	else
		vd->size_forced = false;
unlock:
	mutex_unlock(&vd->lock);
	return err;
}

/* ------------------------------------------------------------ open and close */

/* The secondary of a DRBD pair refuses a writer with EROFS, like any read-only disk; what it tells a reader is the difference. */
static int vdisk_open_error(struct vdisk_dev *vd, int err)
{
	struct file *file;

	if (err != -EROFS)
		return err;
	file = filp_open(vd->filename, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
	if (!IS_ERR(file)) {
		filp_close(file, NULL);
		return err;
	}
	return PTR_ERR(file) == -EMEDIUMTYPE ? -EMEDIUMTYPE : err;
}

/* No command runs: the device is new or quiesced. */
int vdisk_open(struct vdisk_dev *vd)
{
	u64 nblocks, before = vd->dev.nblocks;
	int err = vd->ops->open(vd);

	if (err)
		return vdisk_open_error(vd, err);
	err = vdisk_count_blocks(vd, &nblocks);
	if (err)
		goto close;
	WRITE_ONCE(vd->dev.nblocks, nblocks);
	err = vdisk_tags_open(vd);
	if (err) {
		WRITE_ONCE(vd->dev.nblocks, before);
		goto close;
	}
	WRITE_ONCE(vd->erase.cut, false);
	clear_bit(VDISK_CLOSED, &vd->state);
	return 0;

close:
	vd->ops->close(vd);
	return err;
}

/*
 * The last flush of all. An error of an earlier writeback, which is told once, ends one before the journal and the disk's cache
 * had their turn: the data without error are owed another.
 */
static int flush_for_good(struct vdisk_dev *vd)
{
	int err = vdisk_store_flush(vd, 0, 0);

	if (err)
		vdisk_store_flush(vd, 0, 0);
	return err;
}

/* No command runs: the device is quiesced or gone. What was written goes to the store before it is let go. */
int vdisk_close(struct vdisk_dev *vd)
{
	int err;

	if (test_bit(VDISK_CLOSED, &vd->state))
		return 0;
	flush_work(&vd->erase.work);
	flush_work(&vd->flush_work);
	err = flush_for_good(vd);
	if (err)
		pr_err("device %s: cannot make written data stable: error %pe\n", vd->name, ERR_PTR(err));
	set_bit(VDISK_CLOSED, &vd->state);
	scst_dev_revoke_tokens(&vd->dev);
	vdisk_tags_close(vd, !err);
	/* No command of it runs, but another device may be taking blocks of its file. */
	down_write(&vd->share_lock);
	vd->ops->close(vd);
	up_write(&vd->share_lock);
	return err;
}

static int set_active(struct vdisk_dev *vd, bool active)
{
	int err, lost = 0;
	u64 before;

	lockdep_assert_held(&vd->lock);
	if (active == !test_bit(VDISK_CLOSED, &vd->state))
		return 0;
	err = vdisk_quiesce_for_change(vd);
	if (err)
		return err;
	before = vd->dev.nblocks;
	if (active)
		err = vdisk_open(vd);
	else
		lost = vdisk_close(vd);
	/* The next open would not hear of it any more. */
	if (lost)
		vdisk_lost_writes(vd, NULL, lost);
	scst_dev_resume(&vd->dev);
	if (!err && vd->dev.nblocks != before)
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_CAPACITY_CHANGED, NULL);
	return err;
}

int vdisk_set_active(struct vdisk_dev *vd, bool active)
{
	int err;

	mutex_lock(&vd->lock);
	err = set_active(vd, active);
	mutex_unlock(&vd->lock);
	return err;
}

/*
 * A store that another machine has now (replication) is opened when somebody activates the device. One that another machine is
 * about to write to is not erased any further: what goes on ends as failed.
 */
int vdisk_port_state(struct scst_dev *dev, bool usable)
{
	struct vdisk_dev *vd = to_vdisk(dev);
	int err;

	if (!READ_ONCE(vd->bind_alua_state))
		return 0;
	mutex_lock(&vd->lock);
	WRITE_ONCE(vd->erase.cut, !usable);
	err = set_active(vd, usable);
	mutex_unlock(&vd->lock);
	if (err == -EMEDIUMTYPE) {
		pr_warn("device %s: %s is not usable now, activate the device later\n", vd->name, vd->filename);
		err = 0;
	}
	if (err)
		pr_err("device %s: cannot be %s with its target group: error %pe\n", vd->name,
		       usable ? "opened" : "closed", ERR_PTR(err));
	return err;
}

/*
 * Closed; on success the path is the device's, and *@path its old one. A SANITIZE that failed belongs to a store, not to whatever
 * comes after it.
 */
static int vdisk_swap_filename(struct vdisk_dev *vd, char **path)
{
	int err = strcmp(vd->filename, *path) ? vdisk_sanitize_load(vd, *path) : 0;

	if (err)
		return err;
	mutex_lock(&vd->id_lock);
	swap(vd->filename, *path);
	mutex_unlock(&vd->id_lock);
	return 0;
}

int vdisk_set_filename(struct vdisk_dev *vd, const char *path)
{
	char *copy;
	int err;

	if (path[0] != '/') {
		pr_err("device %s: filename %s is not absolute\n", vd->name, path);
		return -EINVAL;
	}
	copy = kstrdup(path, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	mutex_lock(&vd->lock);
	if (!test_bit(VDISK_CLOSED, &vd->state)) {
		pr_err("device %s: filename can only be changed while active is 0\n", vd->name);
		err = -EINVAL;
	} else {
		err = vdisk_swap_filename(vd, &copy);
	}
	mutex_unlock(&vd->lock);
	kfree(copy);
	return err;
}
