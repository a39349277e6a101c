// SPDX-License-Identifier: GPL-2.0
/*
 * Commands about ranges of blocks rather than data: UNMAP, WRITE SAME, GET LBA STATUS. All run in the device's workqueue.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vdisk.h"

#define UNMAP_HEADER		8
#define UNMAP_DESCRIPTOR	16
#define UNMAP_LOOKED_AT		256	/* descriptors of a list, for who asks under a lock what it meets */
#define LBA_STATUS_HEADER	8
#define LBA_STATUS_DESCRIPTOR	16
#define LBA_STATUS_MAX		64	/* descriptors of one answer */
#define WRITE_SAME_VECS		64	/* times one page written at once */
#define PREFETCH_STEP		(128U << 10)	/* the kernel reads ahead as much at one request */

/* Under FUA or write_through what was changed without data is stable as well before GOOD. */
static void space_settle(struct vdisk_dev *vd, struct scst_cmd *cmd, u64 pos, u64 len, int err)
{
	if (!err && len && vdisk_durable(vd))
		err = vdisk_flush(vd, pos, len, cmd);
	if (err)
		vdisk_fail_write(cmd, err);
}

/* ------------------------------------------------------------------ UNMAP */

/**
 * struct unmap_list - a parameter list of UNMAP (SBC-4 5.35)
 * @desc: first descriptor
 * @nr: how many are complete
 */
struct unmap_list {
	const u8 *desc;
	unsigned int nr;
};

static u64 unmap_lba(const struct unmap_list *l, unsigned int i)
{
	return get_unaligned_be64(l->desc + i * UNMAP_DESCRIPTOR);
}

static u32 unmap_blocks(const struct unmap_list *l, unsigned int i)
{
	return get_unaligned_be32(l->desc + i * UNMAP_DESCRIPTOR + 8);
}

/* All descriptors are checked before the first one is executed. */
static bool unmap_check(struct vdisk_dev *vd, struct scst_cmd *cmd, const struct unmap_list *l)
{
	u64 nblocks = READ_ONCE(vd->dev.nblocks), total = 0;
	unsigned int i;

	for (i = 0; i < l->nr; i++) {
		u64 lba = unmap_lba(l, i);
		u32 blocks = unmap_blocks(l, i);

		if (!blocks)	/* no operation, whatever the address */
			continue;
		if (lba > nblocks || blocks > nblocks - lba) {
			scst_cmd_fail(cmd, SCSI_SENSE_LBA_OUT_OF_RANGE);
			return false;
		}
		total += blocks;
		if (total > vd->max_unmap_blocks) {
			scst_cmd_fail_param(cmd, SCSI_SENSE_INVALID_FIELD_IN_PARAM,
					    UNMAP_HEADER + i * UNMAP_DESCRIPTOR + 8, -1);
			return false;
		}
	}
	return true;
}

/* @head: the list's header, @len: so many bytes of it all have come */
static unsigned int unmap_count(const u8 *head, u32 len)
{
	return len < UNMAP_HEADER ? 0 : min_t(u32, get_unaligned_be16(head + 2), len - UNMAP_HEADER) / UNMAP_DESCRIPTOR;
}

static int unmap_range(struct vdisk_dev *vd, u64 pos, u64 len)
{
	return vdisk_has_pi(vd) ? vdisk_pi_unmap(vd, pos, len, false) : vd->ops->unmap(vd, pos, len);
}

static void unmap_run(struct vdisk_dev *vd, struct scst_cmd *cmd, const struct unmap_list *l)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < l->nr && !err && !scst_cmd_aborted(cmd); i++) {
		u64 pos = unmap_lba(l, i) << vd->dev.block_shift;
		u64 len = (u64)unmap_blocks(l, i) << vd->dev.block_shift;

		if (len)
			err = unmap_range(vd, pos, len);
		if (err == -EOPNOTSUPP)	/* the blocks stay mapped, which UNMAP allows */
			err = 0;
		cond_resched();
	}
	space_settle(vd, cmd, 0, vd->dev.nblocks << vd->dev.block_shift, err);
}

void vdisk_unmap(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u32 len = cmd->data_len;
	struct unmap_list l;
	u8 *list;

	if (cmd->cdb[1] & 0x01) {	/* ANCHOR */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 0);
		return;
	}
	if (!cmd->info.xfer_len)
		return;
	if (len < UNMAP_HEADER) {
		scst_cmd_fail(cmd, SCSI_SENSE_PARAM_LIST_LENGTH);
		return;
	}
	list = scst_alloc_mem(len);	/* the CDB holds 16 bits of length */
	if (!list) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	len = scst_cmd_fetch(cmd, list, len);
	l.desc = list + UNMAP_HEADER;
	l.nr = unmap_count(list, len);
	if (unmap_check(vd, cmd, &l))
		unmap_run(vd, cmd, &l);
	kvfree(list);
}

bool vdisk_unmap_meets(const struct scst_cmd *cmd, u64 lba, u32 blocks)
{
	u8 head[UNMAP_HEADER], desc[UNMAP_DESCRIPTOR];
	struct unmap_list l = { .desc = desc };
	unsigned int i;

	if (scst_cmd_fetch(cmd, head, sizeof(head)) == sizeof(head))
		l.nr = unmap_count(head, min(cmd->data_len, cmd->buf.len));
	for (i = 0; i < l.nr && i < UNMAP_LOOKED_AT; i++) {
		if (scst_cmd_fetch_from(cmd, UNMAP_HEADER + i * UNMAP_DESCRIPTOR, desc, sizeof(desc)) < sizeof(desc))
			return true;	/* never: it was counted */
		/* An LBA so large that this overflows is refused before anything is unmapped. */
		if (unmap_lba(&l, 0) < lba + blocks && lba < unmap_lba(&l, 0) + unmap_blocks(&l, 0))
			return true;
	}
	return l.nr > UNMAP_LOOKED_AT;
}

/* -------------------------------------------------------------- PRE-FETCH */

/*
 * CONDITION MET when all blocks are on their way into the cache, else GOOD (SBC-4 5.12): the cache takes no more at once than
 * the longest READ. Nobody waits for them: with IMMED or without, the next READ finds what has come by then.
 */
void vdisk_prefetch(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u64 blocks = cmd->info.blocks ?: READ_ONCE(vd->dev.nblocks) - cmd->info.lba;
	u64 len = blocks << vd->dev.block_shift;
	u64 pos = vdisk_cmd_pos(cmd), end = pos + min_t(u64, len, SCST_MAX_XFER);
	int err = vd->ops->read_ahead ? 0 : -EOPNOTSUPP;

	for (; pos < end && !err; pos += PREFETCH_STEP)
		err = vd->ops->read_ahead(vd, pos, min_t(u64, end - pos, PREFETCH_STEP));
	if (!err && len <= SCST_MAX_XFER)
		cmd->status = SCSI_CONDITION_MET;
}

/* ------------------------------------------------------------- WRITE SAME */

/* Fills a page with copies of the one block that was sent. False: it was not sent. */
static bool same_fill(const struct scst_cmd *cmd, u8 *page, u32 bs)
{
	u32 at;

	if (scst_cmd_fetch(cmd, page, bs) < bs)
		return false;
	for (at = bs; at < PAGE_SIZE; at += bs)
		memcpy(page + at, page, bs);
	return true;
}

static int same_write(struct vdisk_dev *vd, struct scst_cmd *cmd, struct page *page, u64 pos, u64 len)
{
	struct bio_vec *bv = scst_alloc_mem(WRITE_SAME_VECS * sizeof(*bv));
	unsigned int i;
	int err = 0;

	if (!bv)
		return -ENOMEM;
	while (len && !err && !scst_cmd_aborted(cmd)) {
		u32 n = min_t(u64, len, WRITE_SAME_VECS * PAGE_SIZE);

		for (i = 0; i < DIV_ROUND_UP(n, PAGE_SIZE); i++)
			bvec_set_page(&bv[i], page, min_t(u32, n - i * PAGE_SIZE, PAGE_SIZE), 0);
		err = vd->ops->rw(vd, true, bv, i, pos, n);
		pos += n;
		len -= n;
		cond_resched();
	}
	kvfree(bv);
	return err;
}

/* Zeroes are left to the store, which may know a shorter way; anything else is written. */
static int same_run(struct vdisk_dev *vd, struct scst_cmd *cmd, struct page *page, u64 pos, u64 len, bool unmap)
{
	int err = -EOPNOTSUPP;

	if (!memchr_inv(page_address(page), 0, PAGE_SIZE))
		err = vd->ops->zero(vd, pos, len, unmap);
	if (err == -EOPNOTSUPP)
		err = same_write(vd, cmd, page, pos, len);
	return err;
}

static unsigned int same_flags_at(const struct scst_cmd *cmd)
{
	return cmd->info.op->cdb_len == 32 ? 10 : 1;
}

/* Where NUMBER OF LOGICAL BLOCKS stands. */
static unsigned int same_blocks_at(const struct scst_cmd *cmd)
{
	switch (cmd->info.op->cdb_len) {
	case 10:
		return 7;
	case 16:
		return 10;
	default:
		return 28;
	}
}

/* False: refused (SBC-4 5.49, 5.50). NUMBER OF LOGICAL BLOCKS 0 means up to the end (WSNZ is 0). */
static bool same_check(struct vdisk_dev *vd, struct scst_cmd *cmd, u64 *blocks)
{
	unsigned int at = same_flags_at(cmd);
	u8 flags = cmd->cdb[at];

	*blocks = cmd->info.blocks;
	if (!*blocks)
		*blocks = READ_ONCE(vd->dev.nblocks) - cmd->info.lba;
	if (flags & 0x10)		/* ANCHOR */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, at, 4);
	else if ((flags & 0x08) && !vd->thin)	/* UNMAP */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, at, 3);
	else if (flags & 0x06)		/* PBDATA, LBDATA */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, at, flags & 0x04 ? 2 : 1);
	else if (*blocks > VDISK_MAX_SAME >> vd->dev.block_shift)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, same_blocks_at(cmd), 7);
	else
		return true;
	return false;
}

void vdisk_write_same(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	bool ndob = cmd->info.op->id != SCSI_OP_ID_WRITE_SAME_10 && (cmd->cdb[same_flags_at(cmd)] & 0x01);
	bool unmap = cmd->cdb[same_flags_at(cmd)] & 0x08;
	u64 pos = vdisk_cmd_pos(cmd), blocks, len;
	struct page *page;
	int err;

	if (!same_check(vd, cmd, &blocks))
		return;
	if (vdisk_has_pi(vd)) {
		vdisk_pi_write_same(cmd, blocks, unmap, ndob);
		return;
	}
	page = scst_alloc_pages(0);
	if (!page) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	clear_page(page_address(page));
	len = blocks << vd->dev.block_shift;
	/* One block, neither more nor less. */
	if (!ndob && (cmd->edtl != vdisk_block_size(vd) ||
		      !same_fill(cmd, page_address(page), vdisk_block_size(vd)))) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_INFORMATION_UNIT);
	} else if (len) {
		err = same_run(vd, cmd, page, pos, len, unmap);
		space_settle(vd, cmd, pos, len, err);
	}
	__free_page(page);
}

/* --------------------------------------------------------- GET LBA STATUS */

/* One descriptor for the run of blocks that starts at @lba; returns the LBA after it, or -errno. */
static s64 lba_status_one(struct vdisk_dev *vd, u64 lba, u8 *desc)
{
	unsigned int shift = vd->dev.block_shift;
	u64 end = vd->dev.nblocks << shift, blocks;
	bool mapped = true;
	int err;

	if (vd->thin && vd->ops->extent) {
		err = vd->ops->extent(vd, lba << shift, &end, &mapped);
		if (err && err != -EOPNOTSUPP)
			return err;
	}
	blocks = min_t(u64, (end >> shift) - lba, U32_MAX);
	memset(desc, 0, LBA_STATUS_DESCRIPTOR);
	put_unaligned_be64(lba, desc);
	put_unaligned_be32(blocks, desc + 8);
	desc[12] = mapped ? 0 : 1;
	return lba + blocks;
}

void vdisk_get_lba_status(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u64 nblocks = READ_ONCE(vd->dev.nblocks);
	u64 lba = get_unaligned_be64(cmd->cdb + 2);
	unsigned int len = LBA_STATUS_HEADER, max;
	s64 next = 0;
	u8 *buf;

	if (lba >= nblocks) {
		scst_cmd_fail(cmd, SCSI_SENSE_LBA_OUT_OF_RANGE);
		return;
	}
	max = clamp_t(u64, cmd->info.xfer_len, LBA_STATUS_HEADER + LBA_STATUS_DESCRIPTOR,
		      LBA_STATUS_HEADER + LBA_STATUS_MAX * LBA_STATUS_DESCRIPTOR);
	buf = scst_alloc_mem(max);
	if (!buf) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	while (lba < nblocks && len + LBA_STATUS_DESCRIPTOR <= max && !scst_cmd_aborted(cmd)) {
		next = lba_status_one(vd, lba, buf + len);
		if (next <= (s64)lba)
			break;
		lba = next;
		len += LBA_STATUS_DESCRIPTOR;
	}
	if (len == LBA_STATUS_HEADER) {
		scst_cmd_fail_errno(cmd, next < 0 ? next : -EIO);
	} else {
		put_unaligned_be32(len - 4, buf);	/* PARAMETER DATA LENGTH */
		scst_cmd_reply(cmd, buf, len);
	}
	kvfree(buf);
}
