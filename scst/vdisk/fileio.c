// SPDX-License-Identifier: GPL-2.0
/*
 * vdisk_fileio: a virtual disk on a regular file or a block device node, through the page cache or around it (o_direct).
 *
 * Inline what cannot block, else the device's workqueue: READ looks the page cache up itself and hands out page references;
 * a miss is read into fresh pages with IOCB_NOWAIT and continued in the workqueue. Files that live in memory alone (tmpfs)
 * are read and written inline without the flag, which they do not know.
 */
#include <linux/backing-dev.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/magic.h>
#include <linux/pagemap.h>
#include <linux/pagevec.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uio.h>

#include "vdisk.h"

/* ---------------------------------------------------------------- opening */

/* File systems whose page cache is the truth and whose pages may be handed out. */
static bool fileio_cache_is_truth(const struct inode *inode)
{
	if (IS_DAX(inode))
		return false;
	switch (inode->i_sb->s_magic) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case BDEVFS_MAGIC:
		return true;
	}
	return false;
}

/* By name: overlayfs has no writeback of its own either, but a disk below. */
static bool fileio_in_memory(const struct inode *inode)
{
	return inode->i_sb->s_magic == TMPFS_MAGIC || inode->i_sb->s_magic == RAMFS_MAGIC;
}

/*
 * Up to which byte ext4 punches holes. Where scst_ext4_punches_all() is false it ends every one where a file without extents must
 * end, behind its three levels of indirect blocks: beyond that nothing is zeroed, or what nobody named, and 0 is returned. 4 TiB
 * with blocks of 4 KiB.
 */
static u64 fileio_punch_end(const struct inode *inode)
{
	u64 bs = i_blocksize(inode), n = bs / sizeof(__le32);

	if (scst_ext4_punches_all() || inode->i_sb->s_magic != EXT4_SUPER_MAGIC)
		return U64_MAX;
	return (12 + n + n * n + n * n * n - 1) * bs;
}

/* Holes are punched by fallocate(); without it nothing can be given back. */
static void fileio_set_thin(struct vdisk_dev *vd)
{
	vd->punch_end = fileio_punch_end(vd->file->f_mapping->host);
	vd->thin = vd->thin_wish == 1;
	if (vd->thin && !vd->file->f_op->fallocate) {
		pr_warn("device %s: %s cannot punch holes, not thin provisioned\n", vd->name, vd->filename);
		vd->thin = 0;
	}
	vd->max_unmap_blocks = VDISK_MAX_UNMAP >> vd->dev.block_shift;
	vd->unmap_granularity = 1;
	vd->unmap_alignment_valid = false;
}

/*
 * Of a block device, else 1. Transfers of less would go through its page cache beside direct ones: what readahead finds there
 * while a direct WRITE is under way stays old, and is written back with the next of them.
 */
static unsigned int fileio_logical_block(const struct file *file)
{
	return S_ISBLK(file_inode(file)->i_mode) ? bdev_logical_block_size(I_BDEV(file->f_mapping->host)) : 1;
}

struct file *vdisk_open_file(struct vdisk_dev *vd, const char *path)
{
	int flags = (vd->create_read_only ? O_RDONLY : O_RDWR) | O_LARGEFILE | (vd->o_direct ? O_DIRECT : 0);
	struct file *file = filp_open(path, flags, 0);
	umode_t mode;

	if (IS_ERR(file)) {
		pr_err("device %s: cannot open %s: error %pe\n", vd->name, path, file);
		return file;
	}
	mode = file_inode(file)->i_mode;
	if ((!S_ISREG(mode) && !S_ISBLK(mode)) || !file->f_op->read_iter ||
	    (!vd->create_read_only && !file->f_op->write_iter)) {
		pr_err("device %s: %s is neither a regular file nor a block device\n", vd->name, path);
		filp_close(file, NULL);
		return ERR_PTR(-EINVAL);
	}
	if (vd->o_direct && fileio_logical_block(file) > vdisk_block_size(vd)) {
		pr_err("device %s: with o_direct, blocksize %u is smaller than the logical block of %s (%u)\n", vd->name,
		       vdisk_block_size(vd), path, fileio_logical_block(file));
		filp_close(file, NULL);
		return ERR_PTR(-EINVAL);
	}
	return file;
}

/* Blocks of the file are all that there is of the device's blocks, and its file system can share or copy them. */
static bool fileio_can_share(const struct vdisk_dev *vd)
{
	const struct file_operations *fop = vd->file->f_op;

	return S_ISREG(file_inode(vd->file)->i_mode) && !vdisk_is_rom(vd) && !vdisk_has_pi(vd) &&
	       (fop->remap_file_range || fop->copy_file_range);
}

/*
 * Not on XFS, whatever it says: a buffered write that finds no room writes back the whole file system and waits for a workqueue
 * of its own, without looking at IOCB_NOWAIT. Direct I/O does not come there.
 */
static bool fileio_nowait_write(const struct vdisk_dev *vd)
{
	if (vd->o_direct)
		return true;
	return scst_file_buf_wasync(vd->file) && file_inode(vd->file)->i_sb->s_magic != XFS_SUPER_MAGIC;
}

void vdisk_use_file(struct vdisk_dev *vd, struct file *file)
{
	struct inode *inode = file->f_mapping->host;

	vd->file = file;
	vd->memory_only = S_ISREG(file_inode(file)->i_mode) && fileio_in_memory(inode);
	vd->cached = !vd->o_direct && fileio_cache_is_truth(inode);
	/* A block device lets a READ that misses its page cache wait behind UNMAP and WRITE SAME, whatever the flag says. */
	vd->nowait_read = (file->f_mode & FMODE_NOWAIT) && (vd->o_direct || !S_ISBLK(file_inode(file)->i_mode));
	vd->nowait_write = vd->nowait_read && fileio_nowait_write(vd);
	vd->phys_block = VDISK_PHYS_BLOCK;
	vd->lowest_aligned = 0;
	WRITE_ONCE(vd->share_sb, fileio_can_share(vd) ? file_inode(file)->i_sb : NULL);
	fileio_set_thin(vd);
}

static int fileio_open(struct vdisk_dev *vd)
{
	struct file *file = vdisk_open_file(vd, vd->filename);

	if (IS_ERR(file))
		return PTR_ERR(file);
	vdisk_use_file(vd, file);
	return 0;
}

static void fileio_close(struct vdisk_dev *vd)
{
	WRITE_ONCE(vd->share_sb, NULL);
	filp_close(vd->file, NULL);
	vd->file = NULL;
}

static int fileio_get_size(struct vdisk_dev *vd, u64 *bytes)
{
	*bytes = i_size_read(vd->file->f_mapping->host);
	return 0;
}

/* ------------------------------------------------- blocking reads and writes */

static void fileio_kiocb(struct kiocb *iocb, struct vdisk_dev *vd, u64 pos, int flags)
{
	memset(iocb, 0, sizeof(*iocb));
	iocb->ki_filp = vd->file;
	iocb->ki_pos = pos;
	iocb->ki_flags = vd->file->f_iocb_flags | flags;
}

static ssize_t fileio_iter_once(struct vdisk_dev *vd, bool write, struct iov_iter *iter, u64 pos, int flags, int mask)
{
	struct file *file = vd->file;
	struct kiocb iocb;
	ssize_t ret;

	fileio_kiocb(&iocb, vd, pos, flags);
	iocb.ki_flags &= ~mask;
	if (!write)
		return file->f_op->read_iter(&iocb, iter);
	file_start_write(file);
	ret = file->f_op->write_iter(&iocb, iter);
	file_end_write(file);
	return ret;
}

/*
 * Moves bytes @done .. @len of the buffer; sleeps. A file opened O_DIRECT whose alignment rules do not fit our blocks goes
 * through the page cache for that one transfer.
 */
static int fileio_move(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos,
		       u32 done, u32 len, int flags)
{
	int mask = 0;

	while (done < len) {
		struct iov_iter iter;
		ssize_t ret;

		iov_iter_bvec(&iter, write ? WRITE : READ, bv, nr, len);
		iov_iter_advance(&iter, done);
		ret = fileio_iter_once(vd, write, &iter, pos + done, flags, mask);
		if (ret == -EINVAL && vd->o_direct && !mask) {
			mask = IOCB_DIRECT;
			continue;
		}
		if (ret < 0)
			return ret;
		if (!ret)
			return -EIO;	/* the file became shorter than the device */
		done += ret;
	}
	return 0;
}

static int fileio_rw(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len)
{
	return fileio_move(vd, write, bv, nr, pos, 0, len, 0);
}

/* Not limited to the range's data: vfs_fsync_range() adds the metadata needed to find them and the disk's own cache. */
static int fileio_flush(struct vdisk_dev *vd, u64 pos, u64 len)
{
	if (vd->memory_only || vd->create_read_only)
		return 0;
	return vfs_fsync_range(vd->file, pos, len ? pos + len - 1 : LLONG_MAX, 1);
}

/*
 * Pages that somebody else holds go too, so that the medium is read: such as those written just now, which their CPU's list of new
 * pages holds. What has become dirty meanwhile stays.
 */
static void fileio_forget(struct vdisk_dev *vd, u64 pos, u64 len)
{
	if (!vd->memory_only)
		invalidate_inode_pages2_range(vd->file->f_mapping, pos >> PAGE_SHIFT, (pos + len - 1) >> PAGE_SHIFT);
}

/* ------------------------------------------------------------------- READ */

/* Contiguous with what is there, up to date, and without a mark that read_iter() has to see. */
static bool fileio_folio_usable(struct folio *folio, pgoff_t index)
{
	return folio->index <= index && folio->index + folio_nr_pages(folio) > index &&
	       folio_test_uptodate(folio) && !folio_test_readahead(folio) &&
	       !PageHWPoison(folio_page(folio, index - folio->index)) &&
	       !(folio_test_large(folio) && folio_test_has_hwpoisoned(folio));
}

/* Adds what @folio has of pos .. end; its reference goes to the buffer. Returns bytes or 0 (reference dropped). */
static u32 fileio_add_folio(struct scst_buf *buf, struct folio *folio, u64 pos, u64 end)
{
	pgoff_t index = pos >> PAGE_SHIFT;
	u64 folio_end;
	u32 n;

	if (!fileio_folio_usable(folio, index)) {
		folio_put(folio);
		return 0;
	}
	folio_end = (u64)(folio->index + folio_nr_pages(folio)) << PAGE_SHIFT;
	n = min(end, folio_end) - pos;
	if (scst_buf_add(buf, folio_page(folio, index - folio->index), n, offset_in_page(pos))) {
		folio_put(folio);
		return 0;
	}
	folio_mark_accessed(folio);
	return n;
}

/* Fills the buffer with pages of the page cache. False: not everything is there, the buffer is empty. Never sleeps. */
static bool fileio_read_cached(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	struct address_space *mapping = vd->file->f_mapping;
	u64 pos = vdisk_cmd_pos(cmd), end = pos + cmd->data_len;
	pgoff_t last = (end - 1) >> PAGE_SHIFT;

	if (scst_buf_reserve(&cmd->buf, last - (pos >> PAGE_SHIFT) + 1))
		return false;
	while (pos < end) {
		struct folio_batch batch;
		pgoff_t index = pos >> PAGE_SHIFT;
		unsigned int i, nr;
		bool ok = true;

		folio_batch_init(&batch);
		nr = filemap_get_folios_contig(mapping, &index, last, &batch);
		for (i = 0; i < nr; i++) {
			u32 n = 0;

			if (ok && pos < end)
				n = fileio_add_folio(&cmd->buf, batch.folios[i], pos, end);
			else
				folio_put(batch.folios[i]);
			ok = ok && n;
			pos += n;
		}
		if (!nr || !ok)
			goto miss;
	}
	/* Uptodate was seen before the size: as filemap_read() orders them, so a page past a truncation is never shown. */
	smp_rmb();
	if (end <= i_size_read(mapping->host))
		return true;
miss:
	scst_buf_release(&cmd->buf);
	return false;
}

static void fileio_read_rest(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_io *io = vdisk_io(cmd);
	int err = fileio_move(vd, false, cmd->buf.bv, cmd->buf.nr, vdisk_cmd_pos(cmd), io->done, io->len, 0);

	if (err)
		scst_cmd_fail_errno(cmd, err);
	else
		cmd->resp_len = io->len;
}

/* Without the worker: completes the command when that is possible, else says what remains. */
static bool fileio_read_inline(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	struct vdisk_io *io = vdisk_io(cmd);
	struct iov_iter iter;
	struct kiocb iocb;
	unsigned int noio;
	ssize_t ret;

	if (!vd->memory_only && !READ_ONCE(vd->nowait_read))
		return false;
	fileio_kiocb(&iocb, vd, vdisk_cmd_pos(cmd), vd->memory_only ? 0 : IOCB_NOWAIT);
	iov_iter_bvec(&iter, READ, cmd->buf.bv, cmd->buf.nr, io->len);
	noio = memalloc_noio_save();
	ret = vd->file->f_op->read_iter(&iocb, &iter);
	memalloc_noio_restore(noio);
	if (ret > 0)
		io->done = ret;
	else if (ret == -EOPNOTSUPP || ret == -EINVAL)
		WRITE_ONCE(vd->nowait_read, false);
	return io->done == io->len;
}

/*
 * Pages that a later WRITE changes before they are sent, or have been written elsewhere: not where WRITEs are to come after older
 * READs, nor for copies, whose destination may be mirrored or have checksums.
 */
static bool fileio_may_refer(const struct vdisk_dev *vd, const struct scst_cmd *cmd)
{
	return vd->cached && READ_ONCE(vd->read_by_reference) && !READ_ONCE(vd->dev.uses_order) && !cmd->sess->tgt->internal;
}

static void fileio_dio(struct scst_cmd *cmd, bool write);

static void fileio_read(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_io *io = vdisk_io(cmd);

	if (fileio_may_refer(vd, cmd) && fileio_read_cached(vd, cmd)) {
		cmd->resp_len = cmd->data_len;
		goto done;
	}
	if (scst_cmd_alloc_data(cmd, cmd->data_len))
		goto done;
	if (vd->o_direct && !vd->memory_only) {
		fileio_dio(cmd, false);
		return;
	}
	if (!fileio_read_inline(vd, cmd)) {
		vdisk_defer(cmd, fileio_read_rest);
		return;
	}
	cmd->resp_len = io->len;
done:
	vdisk_done(cmd);
}

/* ------------------------------------------------------------------ WRITE */

static void fileio_write_rest(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_io *io = vdisk_io(cmd);
	int err = fileio_move(vd, true, cmd->buf.bv, cmd->buf.nr, vdisk_cmd_pos(cmd), io->done, io->len, 0);

	/*
	 * Not with IOCB_DSYNC: one error would stand for this write or for the writeback of somebody's earlier data, and the
	 * kernel reports the latter once.
	 */
	if (err)
		vdisk_fail_write(cmd, err);
	else if (io->stable || vdisk_write_unstable(vd, io))
		vdisk_flush_cmd(cmd);
}

/* Writes what can be written without blocking. */
static bool fileio_write_inline(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	struct file *file = vd->file;
	struct vdisk_io *io = vdisk_io(cmd);
	struct iov_iter iter;
	struct kiocb iocb;
	unsigned int noio;
	ssize_t ret;

	if (!vd->memory_only && (io->stable || !READ_ONCE(vd->nowait_write)))
		return false;
	/* A frozen file system stalls this command, not the connection. */
	if (!file_start_write_trylock(file))
		return false;
	fileio_kiocb(&iocb, vd, vdisk_cmd_pos(cmd), vd->memory_only ? 0 : IOCB_NOWAIT);
	iov_iter_bvec(&iter, WRITE, cmd->buf.bv, cmd->buf.nr, io->len);
	noio = memalloc_noio_save();
	ret = file->f_op->write_iter(&iocb, &iter);
	memalloc_noio_restore(noio);
	file_end_write(file);
	if (ret > 0)
		io->done = ret;
	else if (ret == -EOPNOTSUPP || ret == -EINVAL)
		WRITE_ONCE(vd->nowait_write, false);
	return io->done == io->len;
}

static void fileio_write(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_io *io = vdisk_io(cmd);

	io->stable = vdisk_cmd_durable(vd, cmd) && !vd->memory_only;
	if (vd->o_direct && !vd->memory_only && !io->stable) {
		fileio_dio(cmd, true);
		return;
	}
	if (!fileio_write_inline(vd, cmd)) {
		vdisk_defer(cmd, fileio_write_rest);
		return;
	}
	if (!vd->memory_only && vdisk_write_unstable(vd, io)) {
		vdisk_defer(cmd, vdisk_flush_cmd);
		return;
	}
	vdisk_done(cmd);
}

/* ---------------------------------------------------------------- O_DIRECT */

/* Any context. Whatever did not work without blocking is done again by the worker, which also reports errors. */
static void fileio_dio_done(struct scst_cmd *cmd, bool write, long ret)
{
	struct vdisk_io *io = vdisk_io(cmd);

	if (ret > 0)
		io->done = ret & ~511L;
	if (io->done < io->len) {
		vdisk_defer(cmd, write ? fileio_write_rest : fileio_read_rest);
		return;
	}
	if (write && vdisk_write_unstable(cmd_vdisk(cmd), io)) {
		vdisk_defer(cmd, vdisk_flush_cmd);
		return;
	}
	if (!write)
		cmd->resp_len = io->len;
	vdisk_done(cmd);
}

/*
 * The command ends when both the transfer and its submission have: a file system that has queued it may look at the kiocb, and
 * through it at the file, until it returns.
 */
static void fileio_dio_put(struct vdisk_io *io)
{
	if (atomic_dec_and_test(&io->holds))
		fileio_dio_done(vdisk_io_cmd(io), io->write, io->result);
}

static void fileio_dio_complete(struct kiocb *iocb, long ret)
{
	struct vdisk_io *io = container_of(iocb, struct vdisk_io, iocb);

	if (io->write && S_ISREG(file_inode(iocb->ki_filp)->i_mode))
		kiocb_end_write(iocb);
	io->result = ret;
	fileio_dio_put(io);
}

/* As kiocb_start_write(), but never waits for a thaw. */
static bool fileio_kiocb_start_write(struct kiocb *iocb)
{
	struct super_block *sb = file_inode(iocb->ki_filp)->i_sb;

	if (!file_start_write_trylock(iocb->ki_filp))
		return false;
	if (S_ISREG(file_inode(iocb->ki_filp)->i_mode))
		__sb_writers_release(sb, SB_FREEZE_WRITE);
	return true;
}

static void fileio_dio(struct scst_cmd *cmd, bool write)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	const struct file_operations *fop = vd->file->f_op;
	struct vdisk_io *io = vdisk_io(cmd);
	struct kiocb *iocb = &io->iocb;
	struct iov_iter iter;
	unsigned int noio;
	ssize_t ret;

	fileio_kiocb(iocb, vd, vdisk_cmd_pos(cmd), IOCB_NOWAIT);
	iocb->ki_complete = fileio_dio_complete;
	atomic_set(&io->holds, 2);
	io->write = write;
	if (!READ_ONCE(vd->nowait_read) || (write && !fileio_kiocb_start_write(iocb))) {
		vdisk_defer(cmd, write ? fileio_write_rest : fileio_read_rest);
		return;
	}
	iov_iter_bvec(&iter, write ? WRITE : READ, cmd->buf.bv, cmd->buf.nr, io->len);
	noio = memalloc_noio_save();
	ret = write ? fop->write_iter(iocb, &iter) : fop->read_iter(iocb, &iter);
	memalloc_noio_restore(noio);
	if (ret != -EIOCBQUEUED)
		fileio_dio_complete(iocb, ret);
	fileio_dio_put(io);
}

/* ----------------------------------------------------------- cache and space */

static void fileio_sync(struct scst_cmd *cmd)
{
	if (cmd_vdisk(cmd)->memory_only)
		vdisk_done(cmd);
	else
		vdisk_defer(cmd, vdisk_flush_cmd);
}

static int fileio_read_ahead(struct vdisk_dev *vd, u64 pos, u64 len)
{
	if (vd->o_direct)
		return -EOPNOTSUPP;
	return vfs_fadvise(vd->file, pos, len, POSIX_FADV_WILLNEED);
}

/* A block device refuses what is not aligned to its own, maybe larger, logical blocks: then zeroes are written. */
static int fileio_fallocate(struct vdisk_dev *vd, int mode, u64 pos, u64 len)
{
	int err = vfs_fallocate(vd->file, mode | FALLOC_FL_KEEP_SIZE, pos, len);

	return err == -EINVAL && S_ISBLK(file_inode(vd->file)->i_mode) ? -EOPNOTSUPP : err;
}

/* Of a block device the page cache goes first, with all that is dirty in it, even if the device then turns out not to do it. */
static int fileio_unmap(struct vdisk_dev *vd, u64 pos, u64 len)
{
	struct inode *inode = file_inode(vd->file);

	if (S_ISBLK(inode->i_mode) && !bdev_write_zeroes_sectors(I_BDEV(vd->file->f_mapping->host)))
		return -EOPNOTSUPP;
	if (pos + len > vd->punch_end)
		return -EOPNOTSUPP;
	return fileio_fallocate(vd, FALLOC_FL_PUNCH_HOLE, pos, len);
}

/*
 * A block device zeroes itself behind its page cache. Of a page whose other part is being written the cache may have what the
 * blocks were before, and writes it back later: only pages that are zeroed as a whole are gone from it.
 */
static bool fileio_splits_page(const struct vdisk_dev *vd, u64 pos, u64 len)
{
	u64 end = pos + len;

	if (!S_ISBLK(file_inode(vd->file)->i_mode))
		return false;
	return offset_in_page(pos) || (offset_in_page(end) && end != vd->dev.nblocks << vd->dev.block_shift);
}

static int fileio_zero(struct vdisk_dev *vd, u64 pos, u64 len, bool unmap)
{
	if (!vd->file->f_op->fallocate || fileio_splits_page(vd, pos, len))
		return -EOPNOTSUPP;
	if (unmap && pos + len <= vd->punch_end)
		return fileio_unmap(vd, pos, len);
	return fileio_fallocate(vd, FALLOC_FL_ZERO_RANGE, pos, len);
}

static int fileio_extent(struct vdisk_dev *vd, u64 pos, u64 *end, bool *mapped)
{
	u64 size = vd->dev.nblocks << vd->dev.block_shift;
	loff_t data = vfs_llseek(vd->file, pos, SEEK_DATA);
	loff_t hole;

	if (data == -ENXIO) {			/* a hole up to the end */
		*mapped = false;
		*end = size;
		return 0;
	}
	if (data < 0)
		return data == -EINVAL ? -EOPNOTSUPP : data;
	*mapped = data < pos + vdisk_block_size(vd);
	if (!*mapped) {				/* the block in which data begin is mapped */
		*end = min_t(u64, size, round_down((u64)data, vdisk_block_size(vd)));
		return 0;
	}
	hole = vfs_llseek(vd->file, max_t(u64, data, pos), SEEK_HOLE);
	if (hole < 0)
		return hole;
	/* A hole punched between the two looks must not make an extent of no blocks. */
	*end = max_t(u64, round_up((u64)hole, vdisk_block_size(vd)), pos + vdisk_block_size(vd));
	*end = min(*end, size);
	return 0;
}

const struct vdisk_ops vdisk_fileio_ops = {
	.t10_vendor = "SCST_FIO",
	.open = fileio_open,
	.close = fileio_close,
	.get_size = fileio_get_size,
	.read = fileio_read,
	.write = fileio_write,
	.sync = fileio_sync,
	.rw = fileio_rw,
	.flush = fileio_flush,
	.forget = fileio_forget,
	.read_ahead = fileio_read_ahead,
	.unmap = fileio_unmap,
	.zero = fileio_zero,
	.extent = fileio_extent,
};
