// SPDX-License-Identifier: GPL-2.0
/*
 * A WRITE whose data are blocks of another file on the same file system: they are shared by reflink, or copied by a file system
 * that can do so by itself. Runs in the workqueue of the device that is written, as any other write of it: parked by COMPARE AND
 * WRITE, waited for by whoever quiesces it, stable before GOOD where writes are. What cannot be shared changes nothing, or
 * nothing but blocks that are then written anyway.
 */
#include "vdisk.h"

bool vdisk_may_share(struct scst_dev *dst, struct scst_dev *src)
{
	const struct super_block *sb = READ_ONCE(to_vdisk(dst)->share_sb);

	return sb && sb == READ_ONCE(to_vdisk(src)->share_sb);
}

/* A share of a range on boundaries of the file system's blocks; anything else it refuses. */
static bool share_clone(struct file *src, u64 from, struct file *dst, u64 to, u32 len)
{
	return dst->f_op->remap_file_range && vfs_clone_file_range(src, from, dst, to, len, 0) == len;
}

/* Where the file system's server copies. Others would only move the same bytes here. */
static bool share_copy(struct file *src, u64 from, struct file *dst, u64 to, u32 len)
{
	ssize_t n;

	if (!dst->f_op->copy_file_range)
		return false;
	for (; len; len -= n, from += n, to += n) {
		n = vfs_copy_file_range(src, from, dst, to, len, 0);
		if (n <= 0 || n > len)
			return false;
	}
	return true;
}

/*
 * A disk that is not thin and whose file has all its blocks can be written without asking anybody for room. Once its blocks are
 * shared, or were given back for shared ones, that is no longer so.
 */
static bool share_costs_room(const struct vdisk_dev *vd)
{
	struct kstat stat;

	if (vd->thin)
		return false;
	return vfs_getattr(&vd->file->f_path, &stat, STATX_BLOCKS | STATX_SIZE, AT_STATX_DONT_SYNC) ||
	       stat.blocks << SECTOR_SHIFT >= stat.size;
}

/* Its store stays open while share_lock is held; nothing else about it is sure. */
static bool share_from(struct vdisk_dev *src, u64 lba, struct scst_cmd *cmd, u32 len)
{
	struct vdisk_dev *dst = cmd_vdisk(cmd);
	u64 from = lba << src->dev.block_shift, size = READ_ONCE(src->dev.nblocks) << src->dev.block_shift;
	u64 to = vdisk_cmd_pos(cmd);

	if (READ_ONCE(src->state) || from > size || len > size - from)
		return false;
	if (!vdisk_may_share(&dst->dev, &src->dev) || share_costs_room(src) || share_costs_room(dst))
		return false;
	return share_clone(src->file, from, dst->file, to, len) || share_copy(src->file, from, dst->file, to, len);
}

static void share_count(struct vdisk_dev *vd, bool write, u32 len)
{
	this_cpu_inc(vd->stats->cmds[write]);
	this_cpu_add(vd->stats->blocks[write], len >> vd->dev.block_shift);
}

void vdisk_share(struct scst_cmd *cmd)
{
	struct vdisk_dev *dst = cmd_vdisk(cmd), *src = to_vdisk(cmd->share->dev);
	struct vdisk_io *io = vdisk_io(cmd);
	bool done;

	/* Whoever closes it is waited for by nobody: the blocks are read then, and that command waits at the gate. */
	if (!io->len || !down_read_trylock(&src->share_lock))
		return;
	done = share_from(src, cmd->share->lba, cmd, io->len);
	up_read(&src->share_lock);
	if (!done)
		return;
	cmd->share->done = true;
	share_count(src, false, io->len);
	share_count(dst, true, io->len);
	if (vdisk_cmd_durable(dst, cmd) || vdisk_write_unstable(dst, io))
		vdisk_flush_cmd(cmd);
}
