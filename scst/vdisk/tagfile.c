// SPDX-License-Identifier: GPL-2.0
/*
 * Where protection information is kept: the tag file, eight bytes per block, and beside it the list of regions that are being
 * written.
 *
 * Data and tags are two files, so a loss of power can leave the one new and the other old. Before the first write to a region
 * goes anywhere the region is listed, stably, in TAGFILE.intent; it leaves the list some time after a flush of both. When the
 * device is opened after a loss of power, blocks of listed regions whose guard does not fit get FFh tags: they are not checked
 * until they are written again. A guard that does not fit anywhere else is what it looks like: damage.
 */
#include <linux/crc-t10dif.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vdisk.h"

#define INTENT_SIZE	4096
#define INTENT_HEAD	16		/* magic, log2 of blocks per region, zeroes */
#define INTENT_REGIONS	((INTENT_SIZE - INTENT_HEAD) * 8)
#define INTENT_SHIFT	11		/* smallest region: 2048 blocks */
#define INTENT_LAZY	(5 * HZ)	/* regions stay listed at least that long, else each flush would cost the next write one */
#define FILL_SIZE	(16U << 10)

static const u8 intent_magic[8] = "SCSTdif1";

/**
 * struct vdisk_intent - the list of regions; owned by struct vdisk_pi, which guards it by its lock
 * @file: TAGFILE.intent
 * @flush: one flush at a time
 * @cleared: when regions last left the list (jiffies)
 * @stale: what is in the file may lack regions of @image
 * @shift: log2 of the blocks of a region
 * @image: content of the file: head, then a bit for each region
 * @busy: regions written since the latest flush began
 * @none: tags of blocks of which nothing is known; never changes. At hand, since the blocks have often changed by the time it is
 *	needed, and nothing may fail for want of memory then
 */
struct vdisk_intent {
	struct file *file;
	struct mutex flush;
	unsigned long cleared;
	bool stale;
	u8 shift;
	u8 image[INTENT_SIZE];
	u8 busy[INTENT_SIZE - INTENT_HEAD];
	u8 none[FILL_SIZE];
};

/* ------------------------------------------------------------- whole files */

static int file_read(struct file *file, void *data, size_t len, loff_t pos, size_t *got)
{
	ssize_t n;

	for (*got = 0; *got < len; *got += n) {
		n = kernel_read(file, data + *got, len - *got, &pos);
		if (n < 0)
			return n;
		if (!n)
			break;
	}
	return 0;
}

/* Not only workers come here: an administrator who flushes or closes may not wait for commands that wait for him. */
static int file_write(struct file *file, const void *data, size_t len, loff_t pos)
{
	struct vdisk_io_context c = vdisk_io_begin();
	size_t done;
	ssize_t n = 0;

	for (done = 0; done < len; done += n) {
		n = kernel_write(file, data + done, len - done, &pos);
		if (n <= 0)
			break;
	}
	vdisk_io_end(c);
	return done == len ? 0 : n ?: -EIO;
}

/* For what was written since filemap_sample_wb_err() said @before; a flush of somebody else may have been told of it. */
static int file_settle(struct file *file, errseq_t before)
{
	return vfs_fsync(file, 0) ?: filemap_check_wb_err(file->f_mapping, before);
}

/* --------------------------------------------------------------- the list */

static u8 *intent_bits(struct vdisk_intent *in)
{
	return in->image + INTENT_HEAD;
}

static u8 intent_shift(u64 nblocks)
{
	u8 shift = INTENT_SHIFT;

	while ((nblocks - 1) >> shift >= INTENT_REGIONS)
		shift++;
	return shift;
}

/* Without waiting for the disk: a region too many does no harm. */
static int intent_write(struct vdisk_intent *in)
{
	memcpy(in->image, intent_magic, sizeof(intent_magic));
	in->image[sizeof(intent_magic)] = in->shift;
	return file_write(in->file, in->image, sizeof(in->image), 0);
}

static int intent_save(struct vdisk_intent *in)
{
	int err = intent_write(in) ?: vfs_fsync(in->file, 0);

	in->stale = err;
	return err;
}

/* Lists the regions of a range before it is written. */
static int intent_mark(struct vdisk_intent *in, u64 lba, u64 n)
{
	u64 r, last = (lba + n - 1) >> in->shift;

	for (r = lba >> in->shift; r <= last; r++) {
		u8 bit = BIT(r & 7);

		in->busy[r >> 3] |= bit;
		if (intent_bits(in)[r >> 3] & bit)
			continue;
		intent_bits(in)[r >> 3] |= bit;
		in->stale = true;
	}
	return likely(!in->stale) ? 0 : intent_save(in);
}

/* A file that is damaged says nothing, so that everything might have been written. */
static int intent_load(struct vdisk_intent *in, u64 nblocks)
{
	size_t got;
	int err = file_read(in->file, in->image, sizeof(in->image), 0, &got);

	if (err)
		return err;
	in->shift = in->image[sizeof(intent_magic)];
	if (!got)
		memset(in->image, 0, sizeof(in->image));
	else if (got < sizeof(in->image) || memcmp(in->image, intent_magic, sizeof(intent_magic)) ||
		 in->shift < INTENT_SHIFT || in->shift > 63)
		memset(in->image, 0xff, sizeof(in->image));
	else
		return 0;
	in->shift = intent_shift(nblocks);
	return 0;
}

static void intent_free(struct vdisk_intent *in)
{
	if (in->file)
		filp_close(in->file, NULL);
	kvfree(in);
}

/* NULL with *@err; *@had: the list existed, so the tag file is ours. */
static struct vdisk_intent *intent_open(struct vdisk_dev *vd, bool *had, int *err)
{
	struct vdisk_intent *in = kvzalloc(sizeof(*in), GFP_KERNEL);
	char *path = kasprintf(GFP_KERNEL, "%s.intent", vd->pi.filename);

	*err = -ENOMEM;
	if (!in || !path)
		goto free;
	mutex_init(&in->flush);
	in->cleared = jiffies;
	memset(in->none, 0xff, sizeof(in->none));
	in->file = filp_open(path, O_RDWR | O_LARGEFILE | O_CREAT, 0600);
	if (IS_ERR(in->file)) {
		*err = PTR_ERR(in->file);
		in->file = NULL;
		pr_err("device %s: cannot open %s: error %pe\n", vd->name, path, ERR_PTR(*err));
		goto free;
	}
	*had = i_size_read(file_inode(in->file));
	*err = intent_load(in, vd->dev.nblocks);
	if (*err)
		goto free;
	kfree(path);
	return in;
free:
	if (in)
		intent_free(in);
	kfree(path);
	return NULL;
}

/* ---------------------------------------------------------------- the tags */

bool vdisk_pi_stored(const struct vdisk_dev *vd)
{
	return vd->pi.conf.mode & SCSI_DIF_DEV_STORE;
}

/* What the file does not have was never written. */
int vdisk_tags_load(struct vdisk_dev *vd, u64 lba, u32 n, u8 *tags)
{
	size_t got;
	int err = file_read(vd->pi.file, tags, n * SCSI_DIF_LEN, lba * SCSI_DIF_LEN, &got);

	if (!err)
		memset(tags + got, 0xff, n * SCSI_DIF_LEN - got);
	return err;
}

int vdisk_tags_store(struct vdisk_dev *vd, u64 lba, u32 n, const u8 *tags)
{
	return file_write(vd->pi.file, tags, n * SCSI_DIF_LEN, lba * SCSI_DIF_LEN);
}

/* Tags of blocks of which nothing is known. */
static int tags_forget(struct vdisk_dev *vd, u64 lba, u64 nblocks)
{
	u32 step = FILL_SIZE / SCSI_DIF_LEN, n;
	int err = 0;

	for (; nblocks && !err; nblocks -= n) {
		n = min_t(u64, nblocks, step);
		err = vdisk_tags_store(vd, lba, n, vd->pi.intent->none);
		lba += n;
		cond_resched();
	}
	return err;
}

int vdisk_tags_mark(struct vdisk_dev *vd, u64 lba, u64 nblocks)
{
	lockdep_assert_held_write(&vd->pi.lock);
	return intent_mark(vd->pi.intent, lba, nblocks);
}

/* A block that is given back takes its tags along; which tags a block device makes for zeroes is not known. */
int vdisk_pi_unmap(struct vdisk_dev *vd, u64 pos, u64 len, bool zero)
{
	u64 lba = pos >> vd->dev.block_shift, nblocks = len >> vd->dev.block_shift;
	int err = 0;

	if (vd->pi.in_blocks)
		return zero ? -EOPNOTSUPP : vd->ops->unmap(vd, pos, len);
	down_write(&vd->pi.lock);
	if (vdisk_pi_stored(vd))
		err = vdisk_tags_mark(vd, lba, nblocks);
	if (!err) {
		err = zero ? vd->ops->zero(vd, pos, len, true) : vd->ops->unmap(vd, pos, len);
		/* Else the data are what they were; after any other error, nobody knows. */
		if (err != -EOPNOTSUPP && vdisk_pi_stored(vd))
			err = tags_forget(vd, lba, nblocks) ?: err;
	}
	up_write(&vd->pi.lock);
	return err;
}

/*
 * Tags go to their disk at once, or the flush at the end would have to wait for all of them. Not under pi.lock: who reads need
 * not wait as well. An error of writeback is told once for each open file: no flush is under way that it would be taken from.
 */
static int tags_write_out(struct vdisk_dev *vd, u64 lba, u64 nblocks, errseq_t before)
{
	loff_t from = lba * SCSI_DIF_LEN, to = from + nblocks * SCSI_DIF_LEN - 1;
	struct file *file = vd->pi.file;
	int err;

	mutex_lock(&vd->pi.intent->flush);
	err = file_write_and_wait_range(file, from, to) ?: filemap_check_wb_err(file->f_mapping, before);
	mutex_unlock(&vd->pi.intent->flush);
	return err;
}

/*
 * Each call lists all that is still to come: mostly the list is written once for all of them. A flush between two calls may
 * strike everything off: what has gone, for that is stable then, and what has not, which is listed again before it is touched.
 */
int vdisk_pi_forget(struct vdisk_dev *vd, u64 lba, u64 nblocks)
{
	errseq_t before = filemap_sample_wb_err(vd->pi.file->f_mapping);
	int err;

	down_write(&vd->pi.lock);
	err = vdisk_tags_mark(vd, lba, vd->dev.nblocks - lba) ?: tags_forget(vd, lba, nblocks);
	up_write(&vd->pi.lock);
	return err ?: tags_write_out(vd, lba, nblocks, before);
}

int vdisk_pi_forgotten(struct vdisk_dev *vd, const struct vdisk_errors *before)
{
	int err;

	mutex_lock(&vd->pi.intent->flush);
	err = file_settle(vd->pi.file, before->tags);
	mutex_unlock(&vd->pi.intent->flush);
	return err;
}

/* ------------------------------------------------------------------- flush */

/* What was written before the flush began is stable: it need not be listed any longer. */
static void flush_settled(struct vdisk_dev *vd)
{
	struct vdisk_intent *in = vd->pi.intent;
	unsigned int i;

	if (time_before(jiffies, in->cleared + INTENT_LAZY))
		return;
	down_write(&vd->pi.lock);
	for (i = 0; i < sizeof(in->busy); i++)
		intent_bits(in)[i] &= in->busy[i];
	if (!in->stale && intent_write(in))
		in->stale = true;
	in->cleared = jiffies;
	up_write(&vd->pi.lock);
}

/* Data, tags, and the device's own cache below both. */
int vdisk_store_flush(struct vdisk_dev *vd, u64 pos, u64 len)
{
	struct vdisk_intent *in = vd->pi.intent;
	int err, tags_err;

	if (likely(!in))
		return vd->ops->flush(vd, pos, len);
	mutex_lock(&in->flush);
	down_write(&vd->pi.lock);
	memset(in->busy, 0, sizeof(in->busy));
	up_write(&vd->pi.lock);
	err = vd->ops->flush(vd, 0, 0);
	tags_err = vfs_fsync(vd->pi.file, 0);
	if (err || tags_err) {
		down_write(&vd->pi.lock);
		memcpy(in->busy, intent_bits(in), sizeof(in->busy));
		up_write(&vd->pi.lock);
	} else {
		flush_settled(vd);
	}
	mutex_unlock(&in->flush);
	return err ?: tags_err;
}

/* ------------------------------------------------------------- after a crash */

static int read_chunk(struct vdisk_dev *vd, struct page *page, u64 lba, u32 n)
{
	u32 len = n << vd->dev.block_shift;
	struct bio_vec bv;

	bvec_set_page(&bv, page, len, 0);
	return vd->ops->rw(vd, false, &bv, 1, lba << vd->dev.block_shift, len);
}

/* Blocks of one chunk, in @page, whose guard does not fit lose their tags; returns how many, or -errno. */
static int recover_chunk(struct vdisk_dev *vd, struct page *page, u64 lba, u32 n)
{
	u32 bs = vdisk_block_size(vd), k;
	u8 tags[PAGE_SIZE / 512 * SCSI_DIF_LEN], *data = page_address(page);
	int err = vdisk_tags_load(vd, lba, n, tags), bad = 0;

	if (err)
		return err;
	for (k = 0; k < n; k++) {
		u8 *tuple = tags + k * SCSI_DIF_LEN;

		if (scsi_dif_escapes(vd->pi.conf.type, tuple) ||
		    get_unaligned_be16(tuple) == crc_t10dif(data + k * bs, bs))
			continue;
		memset(tuple, 0xff, SCSI_DIF_LEN);
		bad++;
	}
	return bad ? vdisk_tags_store(vd, lba, n, tags) ?: bad : 0;
}

static int recover_region(struct vdisk_dev *vd, struct page *page, u64 lba, u64 end, u64 *bad)
{
	u32 step = PAGE_SIZE >> vd->dev.block_shift, n;
	int ret;

	for (; lba < end; lba += n) {
		n = min_t(u64, end - lba, step);
		ret = read_chunk(vd, page, lba, n);
		if (ret == -ENOMEM)
			return ret;
		if (ret) {	/* a block that cannot be read needs no tags, its neighbours do */
			if (n > 1) {
				step = 1;
				n = 0;
			}
			continue;
		}
		ret = recover_chunk(vd, page, lba, n);
		if (ret < 0)
			return ret;
		*bad += ret;
		cond_resched();
	}
	return 0;
}

static int tags_recover(struct vdisk_dev *vd)
{
	struct vdisk_intent *in = vd->pi.intent;
	u64 nblocks = vd->dev.nblocks, r, bad = 0;
	struct page *page = alloc_page(GFP_KERNEL);
	int err = 0;

	if (!page)
		return -ENOMEM;
	for (r = 0; r < INTENT_REGIONS && r <= (nblocks - 1) >> in->shift && !err; r++)
		if (intent_bits(in)[r >> 3] & BIT(r & 7))
			err = recover_region(vd, page, r << in->shift, min((r + 1) << in->shift, nblocks), &bad);
	__free_page(page);
	if (bad)
		pr_warn("device %s: %llu blocks were being written when it was last in use: their protection information is not checked until they are written again\n",
			vd->name, bad);
	return err ?: vfs_fsync(vd->pi.file, 0);
}

/* ---------------------------------------------------------- open and resize */

static int tags_check_file(struct vdisk_dev *vd, struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode)) {
		pr_err("device %s: dif_filename %s is not a regular file\n", vd->name, vd->pi.filename);
		return -EINVAL;
	}
	if (vd->file && file_inode(vd->file) == file_inode(file)) {
		pr_err("device %s: dif_filename %s holds the data\n", vd->name, vd->pi.filename);
		return -EINVAL;
	}
	return 0;
}

/* Without a list beside it, a file with something in it may be anything. */
static int tags_check_size(struct vdisk_dev *vd, bool had_list)
{
	loff_t size = i_size_read(file_inode(vd->pi.file));

	if (size && !had_list && size != vd->dev.nblocks * SCSI_DIF_LEN) {
		pr_err("device %s: %s does not look like tags of %llu blocks\n", vd->name, vd->pi.filename,
		       vd->dev.nblocks);
		return -EINVAL;
	}
	return 0;
}

/* Nothing is being written: the list begins anew, for so many blocks. One that cannot be saved is none. */
static int intent_renew(struct vdisk_dev *vd, u64 nblocks)
{
	struct vdisk_intent *in = vd->pi.intent;
	int err;

	down_write(&vd->pi.lock);
	memset(intent_bits(in), 0, sizeof(in->busy));
	memset(in->busy, 0, sizeof(in->busy));
	in->shift = intent_shift(nblocks);
	err = intent_save(in);
	up_write(&vd->pi.lock);
	return err;
}

/* The size stays, so the regions have to: with those of a smaller device the last blocks would have none. */
static void intent_back(struct vdisk_dev *vd, u8 shift)
{
	struct vdisk_intent *in = vd->pi.intent;

	down_write(&vd->pi.lock);
	in->shift = shift;
	in->stale = true;
	up_write(&vd->pi.lock);
}

/* No command runs. What fails leaves the tags of the blocks that stay. */
int vdisk_tags_resize(struct vdisk_dev *vd, u64 from, u64 nblocks)
{
	struct vdisk_intent *in = vd->pi.intent;
	errseq_t before;
	u8 shift;
	int err;

	if (!in)
		return 0;
	shift = in->shift;
	before = filemap_sample_wb_err(vd->pi.file->f_mapping);
	err = vdisk_store_flush(vd, 0, 0);
	if (!err && nblocks > from)
		err = tags_forget(vd, from, nblocks - from) ?: file_settle(vd->pi.file, before);
	if (!err)
		err = intent_renew(vd, nblocks);
	if (!err && nblocks < from)	/* who comes back at this place finds no tags of who was there before */
		err = vfs_truncate(&vd->pi.file->f_path, nblocks * SCSI_DIF_LEN);
	if (err) {
		intent_back(vd, shift);
		pr_err("device %s: cannot make room for protection information in %s: error %pe\n", vd->name,
		       vd->pi.filename, ERR_PTR(err));
	}
	return err;
}

static int tags_open_rw(struct vdisk_dev *vd)
{
	bool had_list = false;
	u64 have;
	int err;

	vd->pi.intent = intent_open(vd, &had_list, &err);
	if (!vd->pi.intent)
		return err;
	err = tags_check_size(vd, had_list);
	if (err)
		return err;
	err = tags_recover(vd);
	if (err)
		pr_err("device %s: cannot check the blocks that %s.intent lists: error %pe\n", vd->name, vd->pi.filename, ERR_PTR(err));
	have = i_size_read(file_inode(vd->pi.file)) / SCSI_DIF_LEN;
	return err ?: vdisk_tags_resize(vd, have, vd->dev.nblocks);
}

int vdisk_tags_open(struct vdisk_dev *vd)
{
	int flags = O_LARGEFILE | O_NONBLOCK | (vd->create_read_only ? O_RDONLY : O_RDWR | O_CREAT);
	struct file *file;
	int err;

	if (!vdisk_pi_stored(vd) || vd->pi.in_blocks)
		return 0;
	file = filp_open(vd->pi.filename, flags, 0600);
	if (IS_ERR(file)) {
		pr_err("device %s: cannot open %s: error %pe\n", vd->name, vd->pi.filename, file);
		return PTR_ERR(file);
	}
	vd->pi.file = file;
	err = tags_check_file(vd, file);
	if (!err && !vd->create_read_only)
		err = tags_open_rw(vd);
	if (err)
		vdisk_tags_close(vd, false);
	return err;
}

void vdisk_tags_close(struct vdisk_dev *vd, bool clean)
{
	struct vdisk_intent *in = vd->pi.intent;

	if (in && clean) {
		memset(intent_bits(in), 0, sizeof(in->busy));
		if (intent_save(in))
			pr_warn("device %s: cannot write %s.intent: some blocks stay unchecked until they are written\n", vd->name,
				vd->pi.filename);
	}
	if (in)
		intent_free(in);
	if (vd->pi.file)
		filp_close(vd->pi.file, NULL);
	vd->pi.intent = NULL;
	vd->pi.file = NULL;
}
