// SPDX-License-Identifier: GPL-2.0
/*
 * VERIFY and WRITE AND VERIFY: the range goes to the medium, is read back from there and, with BYTCHK, compared.
 */
#include <linux/highmem.h>

#include "vdisk.h"

#define VERIFY_PAGES	16

/* Pages the medium is read into. */
struct verify_bounce {
	struct bio_vec bv[VERIFY_PAGES];
	unsigned int nr;
};

static void verify_free(struct verify_bounce *b)
{
	while (b->nr)
		__free_page(b->bv[--b->nr].bv_page);
}

static bool verify_alloc(struct verify_bounce *b)
{
	for (b->nr = 0; b->nr < VERIFY_PAGES; b->nr++) {
		struct page *page = scst_alloc_pages(0);

		if (!page)
			break;
		bvec_set_page(&b->bv[b->nr], page, PAGE_SIZE, 0);
	}
	return b->nr;
}

/* How many of @n bytes are equal from their start on. */
static u32 equal_bytes(u8 *mine, const u8 *medium, u32 n)
{
	u32 k = 0;

	if (!memcmp(medium, mine, n))
		return n;
	while (medium[k] == mine[k])
		k++;
	return k;
}

static u32 or_bytes(u8 *mine, const u8 *medium, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		mine[i] |= medium[i];
	return n;
}

/*
 * Goes along @len bytes of the buffer from byte @off and of the medium from @a. Returns for how many @fn went on: it is given
 * pieces that lie together, and ends the walk when it returns less than it was given.
 */
static u32 verify_walk(const struct scst_buf *buf, u32 off, const u8 *a, u32 len,
		       u32 (*fn)(u8 *mine, const u8 *medium, u32 n))
{
	u32 done = 0;
	unsigned int i;

	for (i = 0; i < buf->nr && done < len; i++) {
		const struct bio_vec *bv = &buf->bv[i];

		if (off >= bv->bv_len) {
			off -= bv->bv_len;
			continue;
		}
		while (off < bv->bv_len && done < len) {
			u32 at = bv->bv_offset + off;
			u32 n = min3(bv->bv_len - off, len - done, (u32)(PAGE_SIZE - offset_in_page(at)));
			u8 *b = kmap_local_page(nth_page(bv->bv_page, at >> PAGE_SHIFT));
			u32 k = fn(b + offset_in_page(at), a + done, n);

			kunmap_local(b);
			done += k;
			if (k < n)
				return done;
			off += n;
		}
		off = 0;
	}
	return done;
}

static void verify_miscompare(struct scst_cmd *cmd, u64 offset)
{
	scst_cmd_fail(cmd, SCSI_SENSE_MISCOMPARE);
	cmd->sense.info = offset;
	cmd->sense.flags |= SCSI_SENSE_F_INFO;
}

/* Compares what was read for @done .. @done + @n; with BYTCHK 11b each block against the one that was sent. False: failed. */
static bool verify_compare(struct scst_cmd *cmd, u8 bytchk, const struct verify_bounce *b, u64 done, u32 n)
{
	u32 bs = vdisk_block_size(cmd_vdisk(cmd)), at, step;
	u32 piece = bytchk == 3 ? bs : PAGE_SIZE;

	for (at = 0; at < n; at += step) {
		u8 *a = kmap_local_page(b->bv[at >> PAGE_SHIFT].bv_page);
		u32 same;

		step = min(n - at, piece);
		same = verify_walk(&cmd->buf, bytchk == 3 ? 0 : done + at, a + offset_in_page(at), step, equal_bytes);
		kunmap_local(a);
		if (same < step) {
			verify_miscompare(cmd, done + at + same);
			return false;
		}
	}
	return true;
}

static void verify_or(struct scst_cmd *cmd, const struct verify_bounce *b, u64 done, u32 n)
{
	u32 at, step;

	for (at = 0; at < n; at += step) {
		u8 *a = kmap_local_page(b->bv[at >> PAGE_SHIFT].bv_page);

		step = min_t(u32, n - at, PAGE_SIZE);
		verify_walk(&cmd->buf, done + at, a, step, or_bytes);
		kunmap_local(a);
	}
}

#define NO_COMPARE	0	/* BYTCHK of this name: read only */
#define OR_INTO		0xff	/* no BYTCHK: or it into the buffer */

/* Reads @len bytes of the command's range from the medium; compares as BYTCHK @what says, or ors. */
static void verify_range(struct vdisk_dev *vd, struct scst_cmd *cmd, u64 len, u8 what)
{
	u64 pos = vdisk_cmd_pos(cmd), done;
	struct verify_bounce b;
	u32 n;
	int err = 0;

	if (!verify_alloc(&b)) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return;
	}
	for (done = 0; done < len && !scst_cmd_aborted(cmd); done += n) {
		n = min_t(u64, len - done, b.nr * PAGE_SIZE);
		err = vd->ops->rw(vd, false, b.bv, DIV_ROUND_UP(n, PAGE_SIZE), pos + done, n);
		if (err)
			break;
		if (what == OR_INTO)
			verify_or(cmd, &b, done, n);
		else if (what != NO_COMPARE && !verify_compare(cmd, what, &b, done, n))
			break;
		cond_resched();
	}
	verify_free(&b);
	if (err == -ENOMEM)
		scst_cmd_fail_errno(cmd, err);
	else if (err)
		scst_cmd_fail(cmd, SCSI_SENSE_READ_ERROR);
}

bool vdisk_compare(struct vdisk_dev *vd, struct scst_cmd *cmd, u32 len)
{
	verify_range(vd, cmd, len, 1);
	/* What ended the comparison early is seen here as well: aborted is for good. */
	return cmd->status == SCSI_GOOD && !scst_cmd_aborted(cmd);
}

bool vdisk_or_medium(struct vdisk_dev *vd, struct scst_cmd *cmd, u32 len)
{
	verify_range(vd, cmd, len, OR_INTO);
	return cmd->status == SCSI_GOOD && !scst_cmd_aborted(cmd);
}

/* Bytes to look at: all blocks named, or as many as were sent for comparison. */
static u64 verify_len(const struct scst_cmd *cmd)
{
	return cmd->info.bytchk == 1 ? vdisk_write_len(cmd) : (u64)cmd->info.blocks << cmd->dev->block_shift;
}

/* False: refused. BYTCHK 10b is reserved; 11b needs the one block it compares with. */
static bool verify_check(struct scst_cmd *cmd)
{
	if (cmd->info.bytchk == 2)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2);
	else if (cmd->info.bytchk == 3 && cmd->info.blocks && !vdisk_write_len(cmd))
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_INFORMATION_UNIT);
	else
		return true;
	return false;
}

bool vdisk_settle_range(struct vdisk_dev *vd, struct scst_cmd *cmd, u64 len)
{
	int err = vdisk_flush(vd, vdisk_cmd_pos(cmd), len, cmd);

	if (err) {
		vdisk_fail_write(cmd, err);
		return false;
	}
	if (vd->ops->forget)
		vd->ops->forget(vd, vdisk_cmd_pos(cmd), len);
	return true;
}

void vdisk_verify(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u64 len;

	if (!verify_check(cmd))
		return;
	len = verify_len(cmd);
	if (len && vdisk_settle_range(vd, cmd, len))
		verify_range(vd, cmd, len, cmd->info.bytchk);
}

void vdisk_write_verify(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u32 len = vdisk_write_len(cmd);
	int err;

	if (cmd->info.bytchk > 1) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 2);
		return;
	}
	if (!len)
		return;
	err = vd->ops->rw(vd, true, cmd->buf.bv, cmd->buf.nr, vdisk_cmd_pos(cmd), len);
	if (err)
		vdisk_fail_write(cmd, err);
	else if (vdisk_settle_range(vd, cmd, len))
		verify_range(vd, cmd, len, cmd->info.bytchk);
}
