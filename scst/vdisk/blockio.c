// SPDX-License-Identifier: GPL-2.0
/*
 * vdisk_blockio: a virtual disk straight on a block device. One bio per command, embedded in it, over the command's own
 * table of pages; the block layer splits it as the device needs.
 */
#include <linux/blk-integrity.h>

#include "vdisk.h"

/* ---------------------------------------------------------------- opening */

static void blockio_set_thin(struct vdisk_dev *vd)
{
	struct block_device *bdev = vd->bdev.bdev;
	unsigned int shift = vd->dev.block_shift;
	u64 max = (u64)bdev_max_discard_sectors(bdev) << SECTOR_SHIFT;
	u32 granularity = bdev_discard_granularity(bdev);

	vd->thin = vd->thin_wish != 0 && max;
	if (vd->thin_wish == 1 && !max)
		pr_warn("device %s: %s cannot discard, not thin provisioned\n", vd->name, vd->filename);
	vd->max_unmap_blocks = min_t(u64, max, VDISK_MAX_UNMAP) >> shift;
	vd->unmap_granularity = max(granularity >> shift, 1U);
	vd->unmap_alignment = bdev_discard_alignment(bdev) >> shift;
	vd->unmap_alignment_valid = vd->unmap_granularity > 1;
}

/*
 * Only what the device itself promises: the block layer then never splits such a write, and a loss of power leaves all of it or
 * nothing. Where boundaries must not be crossed, a write that begins on a multiple of the longest one crosses none.
 */
static void blockio_set_atomic(struct vdisk_dev *vd)
{
	unsigned int shift = vd->dev.block_shift;
	struct scst_atomic_limits l = scst_bdev_atomic_limits(vd->bdev.bdev);
	u32 max = rounddown(min(l.max, SCST_MAX_XFER), max(l.min, 1U << shift));

	vd->max_atomic = 0;
	if (vd->create_read_only || vdisk_has_pi(vd) || !l.min || !max)
		return;
	vd->atomic_granularity = max(l.min >> shift, 1U);
	vd->atomic_alignment = l.boundary ? max >> shift : vd->atomic_granularity;
	vd->max_atomic = max >> shift;
}

static void blockio_set_alignment(struct vdisk_dev *vd)
{
	int offset = bdev_alignment_offset(vd->bdev.bdev);

	vd->phys_block = bdev_physical_block_size(vd->bdev.bdev);
	vd->lowest_aligned = offset > 0 ? offset >> vd->dev.block_shift : 0;
	if (!vd->opt_trans_len_written && bdev_io_opt(vd->bdev.bdev) >= vdisk_block_size(vd))
		vd->opt_trans_len = round_down((u32)bdev_io_opt(vd->bdev.bdev), vdisk_block_size(vd));
}

/*
 * Does the block device keep, for each block of ours, the tags that ours are? Not if it makes application tags itself, or its
 * host adapter the whole of them.
 */
static bool blockio_tags_fit(struct vdisk_dev *vd)
{
	const struct blk_integrity *bi = bdev_get_integrity(vd->bdev.bdev);

	return bi && (bi->flags & BLK_INTEGRITY_DEVICE_CAPABLE) && bi->tag_size && bi->tuple_size == SCSI_DIF_LEN &&
	       bi->interval_exp == vd->dev.block_shift && scst_integrity_type(bi) == vd->pi.conf.type;
}

static void blockio_set_tags(struct vdisk_dev *vd)
{
	if (!vdisk_pi_stored(vd))
		return;
	WRITE_ONCE(vd->pi.in_blocks, !vd->pi.own_file && blockio_tags_fit(vd));
	pr_info("device %s: protection information is kept in %s\n", vd->name,
		vd->pi.in_blocks ? vd->filename : vd->pi.filename);
}

static int blockio_open(struct vdisk_dev *vd)
{
	int err = scst_bdev_open(&vd->bdev, vd->filename, !vd->create_read_only, vd);

	if (err) {
		pr_err("device %s: cannot open block device %s%s: error %pe\n", vd->name, vd->filename,
		       err == -EBUSY ? ", it is in use (mounted, or part of LVM, RAID, multipath)" : "", ERR_PTR(err));
		return err == -ENOTBLK ? -EINVAL : err;
	}
	if (bdev_logical_block_size(vd->bdev.bdev) > vdisk_block_size(vd)) {
		pr_err("device %s: blocksize %u is smaller than the logical block of %s (%u)\n", vd->name,
		       vdisk_block_size(vd), vd->filename, bdev_logical_block_size(vd->bdev.bdev));
		scst_bdev_close(&vd->bdev);
		return -EINVAL;
	}
	vd->no_flush = false;
	if (!vd->create_read_only) {
		err = blkdev_issue_flush(vd->bdev.bdev);
		vd->no_flush = err == -EOPNOTSUPP;
		if (vd->no_flush) {
			pr_warn("device %s: %s cannot flush its cache: data may be lost on power failure\n",
				vd->name, vd->filename);
		} else if (err) {
			pr_err("device %s: %s does not flush: error %pe\n", vd->name, vd->filename, ERR_PTR(err));
			scst_bdev_close(&vd->bdev);
			return err;
		}
	}
	blockio_set_thin(vd);
	blockio_set_atomic(vd);
	blockio_set_alignment(vd);
	blockio_set_tags(vd);
	return 0;
}

static void blockio_close(struct vdisk_dev *vd)
{
	scst_bdev_close(&vd->bdev);
}

static int blockio_get_size(struct vdisk_dev *vd, u64 *bytes)
{
	*bytes = bdev_nr_bytes(vd->bdev.bdev);
	return 0;
}

/* ------------------------------------------------------------ READ and WRITE */

/* The bio walks the command's table as it is: nobody changes the table of a bio, not even when it is split. */
static void blockio_prepare(struct vdisk_dev *vd, struct bio *bio, struct bio_vec *bv, unsigned int nr,
			    blk_opf_t opf, u64 pos, u32 len)
{
	bio_init(bio, vd->bdev.bdev, bv, nr, opf);
	bio->bi_vcnt = nr;
	bio->bi_iter.bi_sector = pos >> SECTOR_SHIFT;
	bio->bi_iter.bi_size = len;
}

/* Gives back what a bio holds and tells the command's fate; any context. */
static int blockio_result(struct bio *bio)
{
	int err = blk_status_to_errno(bio->bi_status);

	bio_uninit(bio);
	return err;
}

static void blockio_read_end(struct bio *bio)
{
	struct scst_cmd *cmd = vdisk_io_cmd(container_of(bio, struct vdisk_io, bio));
	int err = blockio_result(bio);

	if (err)
		scst_cmd_fail_errno(cmd, err);
	else
		cmd->resp_len = cmd->data_len;
	vdisk_done(cmd);
}

static void blockio_read(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct bio *bio = &vdisk_io(cmd)->bio;
	u32 len = round_up(cmd->data_len, vdisk_block_size(vd));

	if (scst_cmd_alloc_data(cmd, len)) {
		vdisk_done(cmd);
		return;
	}
	blockio_prepare(vd, bio, cmd->buf.bv, cmd->buf.nr, REQ_OP_READ, vdisk_cmd_pos(cmd), len);
	bio->bi_end_io = blockio_read_end;
	submit_bio(bio);
}

/* Without FUA of the device the write was one like any other. */
static bool blockio_owes_flush(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	return cmd->info.fua && !vdisk_io(cmd)->stable && !vd->nv_cache && !vd->no_flush;
}

/*
 * A disk that takes requests, not bios, has FUA of its own: its error is of that write. One above others (dm, md) claims FUA
 * whatever those have, and of them the block layer may make a write and a flush, which may have had to report what others wrote
 * before. Nobody says which of the two has failed; only that there is no room is never an answer to a flush there.
 */
static bool blockio_may_have_flushed(const struct vdisk_dev *vd, int err)
{
	struct block_device *bdev = vd->bdev.bdev;

	return err != -ENOSPC && bdev_write_cache(bdev) && !queue_is_mq(bdev_get_queue(bdev));
}

static int blockio_write_failed(struct scst_cmd *cmd, int err)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (!vdisk_io(cmd)->stable || !blockio_may_have_flushed(vd, err))
		return err;
	if (err == -ENOMEM)	/* told once, as in vdisk_flush() */
		err = -EIO;
	vdisk_lost_writes(vd, cmd, err);
	return err;
}

static void blockio_write_end(struct bio *bio)
{
	struct vdisk_io *io = container_of(bio, struct vdisk_io, bio);
	struct scst_cmd *cmd = vdisk_io_cmd(io);
	int err = blockio_result(bio);

	if (err) {
		err = blockio_write_failed(cmd, err);
		vdisk_fail_write(cmd, err);
	} else if (vdisk_write_unstable(cmd_vdisk(cmd), io) || blockio_owes_flush(cmd)) {
		vdisk_defer(cmd, vdisk_flush_cmd);
		return;
	}
	vdisk_done(cmd);
}

/*
 * Where the device has a cache but no FUA, the block layer would make it a write and a flush, and the flush may have to report
 * what others wrote before: the error would look like one of this write alone. So the flush is ours, in vdisk_flush().
 */
static bool blockio_can_fua(const struct vdisk_dev *vd)
{
	return !vd->no_flush && (bdev_fua(vd->bdev.bdev) || !bdev_write_cache(vd->bdev.bdev));
}

static void blockio_write(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_io *io = vdisk_io(cmd);

	io->stable = vdisk_cmd_durable(vd, cmd) && blockio_can_fua(vd);
	blockio_prepare(vd, &io->bio, cmd->buf.bv, cmd->buf.nr,
			REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | (io->stable ? REQ_FUA : 0), vdisk_cmd_pos(cmd), io->len);
	io->bio.bi_end_io = blockio_write_end;
	submit_bio(&io->bio);
}

/* --------------------------------------------------------------- cache */

static void blockio_sync_end(struct bio *bio)
{
	struct scst_cmd *cmd = vdisk_io_cmd(container_of(bio, struct vdisk_io, bio));
	int err = blockio_result(bio);

	if (err == -ENOMEM)	/* told once, as in vdisk_flush() */
		err = -EIO;
	if (err)
		vdisk_lost_writes(cmd_vdisk(cmd), cmd, err);
	else
		err = vdisk_errors_since(cmd_vdisk(cmd), &vdisk_io(cmd)->before);
	if (err)
		vdisk_fail_write(cmd, err);
	scst_cmd_flushed(cmd);
	vdisk_done(cmd);
}

static void blockio_sync(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct bio *bio = &vdisk_io(cmd)->bio;

	if (vd->no_flush || vd->create_read_only) {
		vdisk_done(cmd);
		return;
	}
	blockio_prepare(vd, bio, NULL, 0, REQ_OP_WRITE | REQ_PREFLUSH, 0, 0);
	bio->bi_end_io = blockio_sync_end;
	submit_bio(bio);
}

/* ------------------------------------------------------- from the workqueue */

static int blockio_rw(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len)
{
	struct bio bio;
	int err;

	blockio_prepare(vd, &bio, bv, nr, write ? REQ_OP_WRITE | REQ_SYNC | REQ_IDLE : REQ_OP_READ, pos, len);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

/* One bio for both, so that no loss of power can part them; the block layer divides it between blocks alone. */
static int blockio_rw_tagged(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len,
			     struct page *tags, bool check)
{
	u64 lba = pos >> vd->dev.block_shift;
	struct bio bio;
	int err;

	if (!blockio_tags_fit(vd))	/* it was formatted meanwhile */
		return -EIO;
	blockio_prepare(vd, &bio, bv, nr, write ? REQ_OP_WRITE | REQ_SYNC | REQ_IDLE : REQ_OP_READ, pos, len);
	err = scst_bio_add_integrity(&bio, tags, (len >> vd->dev.block_shift) * SCSI_DIF_LEN, lba, check) ?:
	      submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

static int blockio_write_atomic(struct vdisk_dev *vd, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len, bool *stable)
{
	blk_opf_t opf = REQ_OP_WRITE | REQ_SYNC | REQ_IDLE | SCST_REQ_ATOMIC;
	struct bio bio;
	int err;

	/* Not with FUA of a device above others: see blockio_may_have_flushed(). */
	*stable = *stable && blockio_can_fua(vd) && !blockio_may_have_flushed(vd, 0);
	if (*stable)
		opf |= REQ_FUA;
	blockio_prepare(vd, &bio, bv, nr, opf, pos, len);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

static int blockio_flush(struct vdisk_dev *vd, u64 pos, u64 len)
{
	if (vd->no_flush || vd->create_read_only)
		return 0;
	return blkdev_issue_flush(vd->bdev.bdev);
}

/* Kernels from 6.12 on report no error here, so everything that could fail is checked before. */
static int blockio_unmap(struct vdisk_dev *vd, u64 pos, u64 len)
{
	struct block_device *bdev = vd->bdev.bdev;

	if (bdev_read_only(bdev))
		return -EPERM;
	if (!bdev_max_discard_sectors(bdev))
		return -EOPNOTSUPP;
	return blkdev_issue_discard(bdev, pos >> SECTOR_SHIFT, len >> SECTOR_SHIFT, GFP_NOIO);
}

static int blockio_zero(struct vdisk_dev *vd, u64 pos, u64 len, bool unmap)
{
	return blkdev_issue_zeroout(vd->bdev.bdev, pos >> SECTOR_SHIFT, len >> SECTOR_SHIFT, GFP_NOIO,
				    unmap ? 0 : BLKDEV_ZERO_NOUNMAP);
}

const struct vdisk_ops vdisk_blockio_ops = {
	.t10_vendor = "SCST_BIO",
	.open = blockio_open,
	.close = blockio_close,
	.get_size = blockio_get_size,
	.read = blockio_read,
	.write = blockio_write,
	.sync = blockio_sync,
	.rw = blockio_rw,
	.rw_tagged = blockio_rw_tagged,
	.write_atomic = blockio_write_atomic,
	.flush = blockio_flush,
	.unmap = blockio_unmap,
	.zero = blockio_zero,
};
