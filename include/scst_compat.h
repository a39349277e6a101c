/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spellings of Linux 6.12 on Linux 6.1; the only file that knows that kernels differ. Differences are found by probing
 * headers in Kbuild.probes (SCST_HAVE_*), never by version numbers. Each entry names the kernel that ends it.
 */
#ifndef SCST_COMPAT_H
#define SCST_COMPAT_H

/* ---- files and block devices: for those who have included linux/blkdev.h before */

#ifdef _LINUX_BLKDEV_H

/* An open block device. Ends with 6.9: bdev_file_open_by_path(). */
struct scst_bdev {
	struct block_device *bdev;
#ifdef SCST_HAVE_BDEV_FILE
	struct file *file;
#else
	fmode_t mode;
#endif
};

#ifdef SCST_HAVE_BDEV_FILE
/* With a @holder the device is claimed exclusively. */
static inline int scst_bdev_open(struct scst_bdev *b, const char *path, bool write, void *holder)
{
	struct file *file;

	file = bdev_file_open_by_path(path, BLK_OPEN_READ | (write ? BLK_OPEN_WRITE : 0), holder, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	b->file = file;
	b->bdev = file_bdev(file);
	return 0;
}

static inline void scst_bdev_close(struct scst_bdev *b)
{
	bdev_fput(b->file);
	b->file = NULL;
	b->bdev = NULL;
}
#else
static inline int scst_bdev_open(struct scst_bdev *b, const char *path, bool write, void *holder)
{
	fmode_t mode = FMODE_READ | (write ? FMODE_WRITE : 0) | (holder ? FMODE_EXCL : 0);
	struct block_device *bdev = blkdev_get_by_path(path, mode, holder);

	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	b->bdev = bdev;
	b->mode = mode;
	return 0;
}

static inline void scst_bdev_close(struct scst_bdev *b)
{
	blkdev_put(b->bdev, b->mode);
	b->bdev = NULL;
}
#endif

/* Can buffered writes be tried with IOCB_NOWAIT? Ends with 6.11: FOP_BUFFER_WASYNC. */
static inline bool scst_file_buf_wasync(const struct file *file)
{
#ifdef SCST_HAVE_FOP_FLAGS
	return file->f_op->fop_flags & FOP_BUFFER_WASYNC;
#else
	return file->f_mode & FMODE_BUF_WASYNC;
#endif
}

/*
 * Does ext4 punch holes wherever it is asked to? In 6.1 only where files without extents can reach ("ext4: fix incorrect punch
 * max_end" is in Debian's 6.12.117). No header tells; told by what else only the later one has.
 */
static inline bool scst_ext4_punches_all(void)
{
#ifdef SCST_HAVE_FOP_FLAGS
	return true;
#else
	return false;
#endif
}

/* Writes that a block device does as a whole or not at all: bytes, powers of two; @boundary 0: none. @min 0: there are no such writes. */
struct scst_atomic_limits {
	u32 min;
	u32 max;
	u32 boundary;
};

/* Ends with 6.11: REQ_ATOMIC. */
#ifdef SCST_HAVE_ATOMIC_WRITES
#define SCST_REQ_ATOMIC	REQ_ATOMIC

static inline struct scst_atomic_limits scst_bdev_atomic_limits(struct block_device *bdev)
{
	const struct request_queue *q = bdev_get_queue(bdev);

	if (!bdev_can_atomic_write(bdev))
		return (struct scst_atomic_limits){ };
	return (struct scst_atomic_limits){
		.min = queue_atomic_write_unit_min_bytes(q),
		.max = queue_atomic_write_unit_max_bytes(q),
		.boundary = queue_atomic_write_boundary_bytes(q),
	};
}
#else
#define SCST_REQ_ATOMIC	0

static inline struct scst_atomic_limits scst_bdev_atomic_limits(struct block_device *bdev)
{
	return (struct scst_atomic_limits){ };
}
#endif
#endif /* _LINUX_BLKDEV_H */

/* ---- integrity of block devices: for those who have included linux/blk-integrity.h before */

#ifdef _LINUX_BLK_INTEGRITY_H

/* Type of protection information, 1 (2 looks the same from here) or 3, with a CRC as guard; 0: another format. Ends with 6.11: csum_type. */
static inline u8 scst_integrity_type(const struct blk_integrity *bi)
{
#ifdef SCST_HAVE_BLK_INTEGRITY_CSUM
	if (bi->csum_type != BLK_INTEGRITY_CSUM_CRC || bi->pi_offset)
		return 0;
	return bi->flags & BLK_INTEGRITY_REF_TAG ? 1 : 3;
#else
	if (!strcmp(bi->profile->name, "T10-DIF-TYPE1-CRC"))
		return 1;
	return !strcmp(bi->profile->name, "T10-DIF-TYPE3-CRC") ? 3 : 0;
#endif
}

/*
 * Lets @len bytes in @page, the integrity of all blocks of a bio, go along with it. @seed: reference tag of the first block as
 * the bio's owner knows it; where it differs below, behind a partition for one, those that fit are changed in @page. Without
 * @check nobody below is to check them. 0 or -errno; bio_uninit() undoes it. Setting bi_size ends with 6.6.
 */
static inline int scst_bio_add_integrity(struct bio *bio, struct page *page, unsigned int len, sector_t seed, bool check)
{
#ifdef CONFIG_BLK_DEV_INTEGRITY
	struct bio_integrity_payload *bip = bio_integrity_alloc(bio, GFP_NOIO, 1);

	if (IS_ERR(bip))
		return PTR_ERR(bip);
	if (bio_integrity_add_page(bio, page, len, 0) != len)
		return -EIO;
	bip->bip_iter.bi_size = len;
	bip_set_seed(bip, seed);
	if (!check)
		bip->bip_flags |= BIP_CTRL_NOCHECK | BIP_DISK_NOCHECK;
	return 0;
#else
	return -EOPNOTSUPP;
#endif
}
#endif /* _LINUX_BLK_INTEGRITY_H */

/* ---- device classes */

/* Parameters of the callbacks of struct class_interface. Ends with 6.4: the second one is gone. */
#ifdef SCST_HAVE_CLASS_INTERFACE_ARG
#define SCST_CLASS_INTERFACE_ARGS(dev) struct device *dev, struct class_interface *unused
#else
#define SCST_CLASS_INTERFACE_ARGS(dev) struct device *dev
#endif

/* ---- directories: for those who have included linux/fs.h and linux/mount.h before */

#ifdef _LINUX_MOUNT_H

/* Renames within one directory, which is locked. Ends with 6.3: mnt_idmap(). */
static inline int scst_rename(const struct path *dir, struct dentry *from, struct dentry *to)
{
	struct renamedata rd = {
		.old_dir = d_inode(dir->dentry), .old_dentry = from, .new_dir = d_inode(dir->dentry), .new_dentry = to,
	};

#ifdef SCST_HAVE_MNT_IDMAP
	rd.old_mnt_idmap = mnt_idmap(dir->mnt);
	rd.new_mnt_idmap = mnt_idmap(dir->mnt);
#else
	rd.old_mnt_userns = mnt_user_ns(dir->mnt);
	rd.new_mnt_userns = mnt_user_ns(dir->mnt);
#endif
	return vfs_rename(&rd);
}

/* Likewise removes a name. */
static inline int scst_unlink(const struct path *dir, struct dentry *dentry)
{
#ifdef SCST_HAVE_MNT_IDMAP
	return vfs_unlink(mnt_idmap(dir->mnt), d_inode(dir->dentry), dentry, NULL);
#else
	return vfs_unlink(mnt_user_ns(dir->mnt), d_inode(dir->dentry), dentry, NULL);
#endif
}
#endif /* _LINUX_MOUNT_H */

/* ---- sockets */

#include <linux/bvec.h>
#include <linux/uio.h>
#include <net/tcp.h>

/*
 * Hands pages to TCP, socket locked; TCP takes its own references. @len bytes in @nr entries; @flags without MSG_MORE push the
 * last of them. Returns bytes taken or -errno. Ends with 6.5: MSG_SPLICE_PAGES.
 */
static inline int scst_tcp_send_pages_locked(struct sock *sk, struct bio_vec *bv, unsigned int nr, size_t len, int flags)
{
#ifdef SCST_HAVE_KERNEL_SENDPAGE
	int sent = 0, ret;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		int more = i + 1 < nr ? MSG_MORE | MSG_SENDPAGE_NOTLAST : 0;

		ret = tcp_sendpage_locked(sk, bv[i].bv_page, bv[i].bv_offset, bv[i].bv_len, flags | more);
		if (ret <= 0)
			return sent ? sent : ret;
		sent += ret;
		if (ret < bv[i].bv_len)
			break;
	}
	return sent;
#else
	struct msghdr msg = { .msg_flags = flags | MSG_SPLICE_PAGES };

	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, bv, nr, len);
	return tcp_sendmsg_locked(sk, &msg, len);
#endif
}

#endif /* SCST_COMPAT_H */
