// SPDX-License-Identifier: GPL-2.0
/*
 * vdisk_nullio: throws writes away and reads zeroes. The reference handler: everything a backing store must do, and no more.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>

#include "vdisk.h"

static int nullio_open(struct vdisk_dev *vd)
{
	vd->phys_block = vdisk_block_size(vd);
	vd->memory_only = true;
	return 0;
}

static void nullio_close(struct vdisk_dev *vd)
{
}

static int nullio_get_size(struct vdisk_dev *vd, u64 *bytes)
{
	*bytes = VDISK_NULLIO_SIZE;
	return 0;
}

/* All blocks are references to the one page of zeroes: nothing is allocated, nothing old is ever shown. */
static void nullio_read(struct scst_cmd *cmd)
{
	u32 left = cmd->data_len;

	if (scst_buf_reserve(&cmd->buf, DIV_ROUND_UP(left, PAGE_SIZE)))
		goto busy;
	while (left) {
		u32 n = min_t(u32, left, PAGE_SIZE);
		struct page *zero = ZERO_PAGE(0);

		get_page(zero);
		if (scst_buf_add(&cmd->buf, zero, n, 0)) {
			put_page(zero);
			goto busy;
		}
		left -= n;
	}
	cmd->resp_len = cmd->data_len;
	vdisk_done(cmd);
	return;
busy:
	scst_cmd_fail_errno(cmd, -ENOMEM);
	vdisk_done(cmd);
}

static void nullio_write(struct scst_cmd *cmd)
{
	vdisk_done(cmd);
}

static int nullio_rw(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len)
{
	unsigned int i;

	for (i = 0; !write && i < nr; i++)
		memset(bvec_virt(&bv[i]), 0, bv[i].bv_len);
	return 0;
}

static int nullio_flush(struct vdisk_dev *vd, u64 pos, u64 len)
{
	return 0;
}

static int nullio_zero(struct vdisk_dev *vd, u64 pos, u64 len, bool unmap)
{
	return 0;
}

const struct vdisk_ops vdisk_nullio_ops = {
	.t10_vendor = "SCST_FIO",
	.open = nullio_open,
	.close = nullio_close,
	.get_size = nullio_get_size,
	.read = nullio_read,
	.write = nullio_write,
	.sync = nullio_write,
	.rw = nullio_rw,
	.flush = nullio_flush,
	.zero = nullio_zero,
};
