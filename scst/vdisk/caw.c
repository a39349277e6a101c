// SPDX-License-Identifier: GPL-2.0
/*
 * COMPARE AND WRITE and ORWRITE: atomic against every other command that writes the same blocks (SBC-4 5.3, 5.11). WRITE ATOMIC:
 * against those that read them as well, and against a loss of power (SBC-4 4.29).
 *
 * They run one after another. Each publishes its range, waits until the writes of these blocks that began before have ended, reads,
 * compares, writes, and takes the range away again. Writes that meet a published range are parked until then; all others pay for
 * a mark in the command, and neither wait nor are waited for: a host that tells others by COMPARE AND WRITE that it lives must not
 * be silent because somebody unmaps.
 *
 * WRITE ATOMIC closes the device's gate for the time of its one transfer and waits for those that read, so that nobody else pays.
 */
#include <linux/slab.h>

#include "vdisk.h"

/* --------------------------------------------------------- the other writes */

/* Does what this one writes meet the published range? */
static bool caw_meets(const struct vdisk_caw *caw, const struct scst_cmd *cmd)
{
	const struct scsi_cdb *c = &cmd->info;

	if (c->op->id == SCSI_OP_ID_UNMAP)
		return vdisk_unmap_meets(cmd, caw->lba, caw->blocks);
	if (!(c->op->flags & SCSI_OPF_LBA))
		return true;
	/* WRITE SAME without a number of blocks means "to the end" */
	return c->lba < caw->lba + caw->blocks && (!c->blocks || caw->lba < c->lba + c->blocks);
}

static bool caw_writes(const struct scst_cmd *cmd, void *unused)
{
	/* Pairs with vdisk_write_leave(): whoever finds that a write has left finds its data, too. */
	return smp_load_acquire(&cmd->writes);
}

static bool caw_in_the_way(const struct scst_cmd *cmd, void *caw)
{
	return caw_writes(cmd, NULL) && caw_meets(caw, cmd);
}

void vdisk_write_leave(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	/* What it has written is there before this. */
	smp_store_release(&cmd->writes, false);
	/* A full barrier: either a waiter is seen here, or it sees that this one has left. The command holds the device. */
	if (unlikely(wq_has_sleeper(&vd->caw.left)))
		wake_up(&vd->caw.left);
}

bool vdisk_write_enter(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	struct vdisk_caw *caw = &vd->caw;
	struct vdisk_io *io = vdisk_io(cmd);
	bool park = false;

	WRITE_ONCE(cmd->writes, true);
	/* Pairs with caw_publish(): either the range is seen here, or this write is waited for there. */
	smp_mb();
	if (likely(!READ_ONCE(caw->active)))
		return true;
	spin_lock(&caw->lock);
	if (caw->active && caw_meets(caw, cmd)) {
		park = true;
		vdisk_write_leave(vd, cmd);
		list_add_tail(&io->link, &caw->parked);
	}
	spin_unlock(&caw->lock);
	return !park;
}

void vdisk_writes_drain(struct vdisk_dev *vd)
{
	smp_mb();	/* as in caw_publish(): the caller has said why no other may begin */
	wait_event_idle(vd->caw.left, !scst_dev_any(&vd->dev, caw_writes, NULL));
}

/* ------------------------------------------------------- publish and withdraw */

static void caw_publish(struct vdisk_dev *vd, const struct scst_cmd *cmd)
{
	struct vdisk_caw *caw = &vd->caw;

	spin_lock(&caw->lock);
	caw->lba = cmd->info.lba;
	caw->blocks = cmd->info.blocks;
	WRITE_ONCE(caw->active, true);
	spin_unlock(&caw->lock);
	smp_mb();	/* pairs with vdisk_write_enter() */
	wait_event_idle(caw->left, !scst_dev_any(&vd->dev, caw_in_the_way, caw));
}

static void caw_withdraw(struct vdisk_caw *caw)
{
	struct vdisk_io *io, *next;
	LIST_HEAD(parked);

	spin_lock(&caw->lock);
	WRITE_ONCE(caw->active, false);
	list_splice_init(&caw->parked, &parked);
	spin_unlock(&caw->lock);
	list_for_each_entry_safe(io, next, &parked, link)
		vdisk_run(vdisk_io_cmd(io));
}

/* ------------------------------------------------------------- the command */

/* A table of the buffer's entries from byte @skip on; NULL without memory. Their pages stay the buffer's. */
static struct bio_vec *caw_second_half(const struct scst_buf *buf, u32 skip, unsigned int *nr)
{
	struct bio_vec *bv = scst_alloc_mem(array_size(buf->nr, sizeof(*bv)));
	unsigned int i;

	if (!bv)
		return NULL;
	*nr = 0;
	for (i = 0; i < buf->nr; i++) {
		u32 len = buf->bv[i].bv_len;

		if (skip < len)
			bvec_set_page(&bv[(*nr)++], buf->bv[i].bv_page, len - skip, buf->bv[i].bv_offset + skip);
		skip -= min(skip, len);
	}
	return bv;
}

static void caw_write(struct vdisk_dev *vd, struct scst_cmd *cmd, struct bio_vec *bv, unsigned int nr, u32 len)
{
	int err = vd->ops->rw(vd, true, bv, nr, vdisk_cmd_pos(cmd), len);

	if (err)
		vdisk_fail_write(cmd, err);
	else if (vdisk_cmd_durable(vd, cmd))
		vdisk_flush_cmd(cmd);
}

static void caw_run(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	u32 len = cmd->info.blocks << vd->dev.block_shift;
	struct bio_vec *bv;
	unsigned int nr;

	if (!vdisk_compare(vd, cmd, len))
		return;

	bv = caw_second_half(&cmd->buf, len, &nr);
	if (!bv) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	caw_write(vd, cmd, bv, nr, len);
	kvfree(bv);
}

static void caw_or(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	u32 len = vdisk_write_len(cmd);

	if (vdisk_or_medium(vd, cmd, len))
		caw_write(vd, cmd, cmd->buf.bv, cmd->buf.nr, len);
}

/* Nothing that reads executes meanwhile; those that write are kept out by caw_publish(). */
static void caw_atomic(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	u32 len = cmd->info.blocks << vd->dev.block_shift;
	bool stable = vdisk_cmd_durable(vd, cmd);
	int err = -ECANCELED;

	scst_dev_stop_reads(&vd->dev);
	if (!scst_cmd_aborted(cmd))
		err = vd->ops->write_atomic(vd, cmd->buf.bv, cmd->buf.nr, vdisk_cmd_pos(cmd), len, &stable);
	scst_dev_resume(&vd->dev);
	if (err && err != -ECANCELED)
		vdisk_fail_write(cmd, err);
	else if (!err && !stable && vdisk_cmd_durable(vd, cmd))	/* or the cache was turned off meanwhile */
		vdisk_flush_cmd(cmd);
}

static void caw_execute(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	bool pi = vdisk_has_pi(vd);

	switch (cmd->info.op->id) {
	case SCSI_OP_ID_ORWRITE_16:
		if (unlikely(pi))
			vdisk_pi_orwrite(cmd);
		else
			caw_or(vd, cmd);
		break;
	case SCSI_OP_ID_WRITE_ATOMIC_16:
		caw_atomic(vd, cmd);
		break;
	default:
		if (unlikely(pi))
			vdisk_pi_caw(cmd);
		else
			caw_run(vd, cmd);
		break;
	}
}

static void caw_one(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	caw_publish(vd, cmd);
	/* The medium may be erased from now on; vdisk_erase_work() waits for this work when it was not. */
	if (!scst_cmd_aborted(cmd) &&
	    (likely(!(READ_ONCE(vd->state) & VDISK_ERASE_STATES)) || vdisk_erase_admits(vd, cmd)))
		caw_execute(vd, cmd);
	scst_cmd_done(cmd);
	caw_withdraw(&vd->caw);
}

static struct scst_cmd *caw_next(struct vdisk_caw *caw)
{
	struct vdisk_io *io;

	spin_lock(&caw->lock);
	io = list_first_entry_or_null(&caw->queue, struct vdisk_io, link);
	if (io)
		list_del(&io->link);
	spin_unlock(&caw->lock);
	return io ? vdisk_io_cmd(io) : NULL;
}

/* One work item for all: waiting for writes, it must not take the workers that those need. */
static void caw_work(struct work_struct *work)
{
	struct vdisk_dev *vd = container_of(work, struct vdisk_dev, caw.work);
	struct vdisk_io_context c = vdisk_io_begin();
	struct scst_cmd *cmd;

	while ((cmd = caw_next(&vd->caw)))
		caw_one(vd, cmd);
	vdisk_io_end(c);
}

static void caw_queue(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	spin_lock(&vd->caw.lock);
	list_add_tail(&vdisk_io(cmd)->link, &vd->caw.queue);
	spin_unlock(&vd->caw.lock);
	queue_work(vd->dev.wq, &vd->caw.work);
}

void vdisk_orwrite(struct scst_cmd *cmd)
{
	if (vdisk_write_len(cmd))
		caw_queue(cmd_vdisk(cmd), cmd);
	else
		scst_cmd_done(cmd);
}

/* What VPD page B0h tells (SBC-4 6.6.4), and nothing of it when the initiator brings less than all. */
static void caw_check_atomic(const struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	const struct scsi_cdb *c = &cmd->info;

	if (c->lba & (vd->atomic_alignment - 1))
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	else if (c->blocks > vd->max_atomic || (c->blocks & (vd->atomic_granularity - 1)) || cmd->data_len != c->xfer_len)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 12, 7);
}

void vdisk_write_atomic(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (!vd->max_atomic)	/* another store was opened since the command came */
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
	else
		caw_check_atomic(vd, cmd);
	if (cmd->status == SCSI_GOOD && cmd->info.blocks)
		caw_queue(vd, cmd);
	else
		scst_cmd_done(cmd);
}

void vdisk_caw(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u64 want = cmd->info.xfer_len;

	/* The field has one byte of number, so 256 blocks of data come with a zero. */
	if (cmd->edtl != want || cmd->data_len != want)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 13, 7);
	if (cmd->status != SCSI_GOOD || !want) {
		scst_cmd_done(cmd);
		return;
	}
	caw_queue(vd, cmd);
}

void vdisk_caw_init(struct vdisk_dev *vd)
{
	init_waitqueue_head(&vd->caw.left);
	spin_lock_init(&vd->caw.lock);
	INIT_LIST_HEAD(&vd->caw.queue);
	INIT_LIST_HEAD(&vd->caw.parked);
	INIT_WORK(&vd->caw.work, caw_work);
}
