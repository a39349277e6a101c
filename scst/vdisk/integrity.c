// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on devices with T10 protection information (SBC-4 4.22). All of them run in the device's workqueue and go chunk by
 * chunk over a page or a few: data are copied between there and the command's buffer, where with RDPROTECT and its sisters
 * eight bytes follow each block. Simple and right rather than fast.
 *
 * A block's data and tags change together: under vd->pi.lock, or, where the block device keeps them, in one request. Nothing is
 * written before all blocks of a command are checked.
 */
#include <linux/crc-t10dif.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "integrity.h"

/* ------------------------------------------------------------------ the walk */

void vdisk_pi_end(struct pi_walk *w)
{
	if (w->page)
		__free_pages(w->page, w->order);
	if (w->tag_page)
		__free_page(w->tag_page);
	kvfree(w);
}

/* False: a page is missing; those that are there are in @w. */
static bool pi_alloc_pages(struct pi_walk *w, const struct vdisk_dev *vd)
{
	BUILD_BUG_ON(sizeof(w->tags) > PAGE_SIZE);
	if (vd->pi.in_blocks) {
		w->tag_page = scst_alloc_pages(0);
		if (!w->tag_page)
			return false;
	}
	w->order = PI_ORDER;
	w->page = scst_alloc_pages(w->order);
	if (!w->page) {
		w->order = 0;
		w->page = scst_alloc_pages(0);
	}
	return w->page;
}

/* NULL: the command is answered BUSY. */
struct pi_walk *vdisk_pi_begin(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct pi_walk *w = scst_alloc_mem(sizeof(*w));

	if (!w)
		goto busy;
	if (!pi_alloc_pages(w, vd)) {
		vdisk_pi_end(w);
		goto busy;
	}
	w->vd = vd;
	w->cmd = cmd;
	w->data = page_address(w->page);
	w->bs = vdisk_block_size(vd);
	w->room = (PAGE_SIZE << w->order) >> vd->dev.block_shift;
	w->carries = cmd->info.protect;
	w->stored = vdisk_pi_stored(vd);
	w->conf = vd->pi.conf;
	w->conf.static_tag = READ_ONCE(vd->pi.conf.static_tag);
	w->conf.dpicz = READ_ONCE(vd->pi.conf.dpicz);
	scsi_dif_rule_of(&w->conf, cmd->cdb, &cmd->info, cmd->info.protect, &w->rule);
	return w;
busy:
	scst_cmd_fail_errno(cmd, -ENOMEM);
	return NULL;
}

/* Copies and moves on. All pages of buffers are in the kernel's mapping; what is not there is left out. */
void vdisk_pi_copy(struct pi_walk *w, struct pi_place *p, u8 *mem, u32 len, bool to_buf)
{
	struct scst_buf *buf = &w->cmd->buf;

	while (len && p->i < buf->nr) {
		struct bio_vec *bv = &buf->bv[p->i];
		u32 n = min(len, bv->bv_len - p->off);
		u8 *at = page_address(bv->bv_page) + bv->bv_offset + p->off;

		if (to_buf)
			memcpy(at, mem, n);
		else
			memcpy(mem, at, n);
		mem += n;
		len -= n;
		p->off += n;
		if (p->off == bv->bv_len) {
			p->i++;
			p->off = 0;
		}
	}
}

/* The next @n blocks of the command's buffer; their tags, if they have any, go to w->sent. */
void vdisk_pi_fetch(struct pi_walk *w, struct pi_place *p, u32 n)
{
	u32 k;

	for (k = 0; k < n; k++) {
		vdisk_pi_copy(w, p, w->data + k * w->bs, w->bs, false);
		if (w->carries)
			vdisk_pi_copy(w, p, w->sent + k * SCSI_DIF_LEN, SCSI_DIF_LEN, false);
	}
}

/* Up to @left bytes of the chunk go to the command's buffer; returns how many. */
static u32 pi_give(struct pi_walk *w, struct pi_place *p, u32 n, u32 left)
{
	u32 k, all = left;

	for (k = 0; k < n && left; k++) {
		u32 part = min(left, w->bs);

		vdisk_pi_copy(w, p, w->data + k * w->bs, part, true);
		left -= part;
		part = w->carries ? min_t(u32, left, SCSI_DIF_LEN) : 0;
		vdisk_pi_copy(w, p, w->tags + k * SCSI_DIF_LEN, part, true);
		left -= part;
	}
	return all - left;
}

static u16 pi_crc(const struct pi_walk *w, u32 k)
{
	return crc_t10dif(w->data + k * w->bs, w->bs);
}

static void pi_fail(struct pi_walk *w, enum scsi_dif_result res)
{
	struct scst_cmd *cmd = w->cmd;
	unsigned int place = w->conf.mode & SCSI_DIF_SCST ? 1 : 2;

	atomic_inc(&cmd->nexus->dif_failed[place][res - SCSI_DIF_BAD_APP]);
	scst_cmd_fail(cmd, scsi_dif_sense(res));
}

/* Checks @n tuples of the chunk, which begins with block @first of the command. False: one is wrong, the command failed. */
bool vdisk_pi_check(struct pi_walk *w, const struct scsi_dif_rule *rule, const u8 *tags, u32 first, u32 n)
{
	enum scsi_dif_result res;
	u32 k;

	for (k = 0; k < n; k++) {
		res = scsi_dif_check(rule, tags + k * SCSI_DIF_LEN, rule->guard ? pi_crc(w, k) : 0, first + k);
		if (unlikely(res)) {
			pi_fail(w, res);
			w->cmd->sense.info = w->cmd->info.lba + first + k;
			w->cmd->sense.flags |= SCSI_SENSE_F_INFO;
			return false;
		}
	}
	return true;
}

void vdisk_pi_make(struct pi_walk *w, u32 first, u32 n)
{
	u32 k;

	for (k = 0; k < n; k++)
		scsi_dif_make(&w->rule, pi_crc(w, k), first + k, w->tags + k * SCSI_DIF_LEN);
}

void vdisk_pi_renew(struct pi_walk *w, u32 first, u32 n)
{
	u32 k;

	for (k = 0; k < n; k++)
		scsi_dif_renew(&w->rule, pi_crc(w, k), first + k, w->carries ? w->sent + k * SCSI_DIF_LEN : NULL,
			       w->tags + k * SCSI_DIF_LEN);
}

/* --------------------------------------------------------------- the medium */

static int pi_rw(struct pi_walk *w, bool write, u64 lba, u32 n)
{
	struct bio_vec bv;

	bvec_set_page(&bv, w->page, n * w->bs, 0);
	return w->vd->ops->rw(w->vd, write, &bv, 1, lba << w->vd->dev.block_shift, n * w->bs);
}

static int pi_read_with_file(struct pi_walk *w, u64 lba, u32 n)
{
	int err;

	down_read(&w->vd->pi.lock);
	err = pi_rw(w, false, lba, n);
	if (!err && w->stored)
		err = vdisk_tags_load(w->vd, lba, n, w->tags);
	up_read(&w->vd->pi.lock);
	return err;
}

static int pi_write_with_file(struct pi_walk *w, u64 lba, u32 n)
{
	int err = 0;

	down_write(&w->vd->pi.lock);
	if (w->stored)
		err = vdisk_tags_mark(w->vd, lba, n);
	if (!err)
		err = pi_rw(w, true, lba, n);
	if (!err && w->stored)
		err = vdisk_tags_store(w->vd, lba, n, w->tags);
	up_write(&w->vd->pi.lock);
	return err;
}

/* What a command, or a tuple itself, exempts from checks the block device may not check either: it would refuse it. */
static bool pi_block_checks(const struct pi_walk *w, u32 n)
{
	u32 k;

	if (w->carries && !(w->rule.guard && (w->rule.ref || w->conf.type == 3)))
		return false;
	for (k = 0; k < n; k++)
		if (scsi_dif_escapes(w->conf.type, w->tags + k * SCSI_DIF_LEN))
			return false;
	return true;
}

/* What is read is checked here, by the command's rule, and by nobody else: so it is known which check failed, and where. */
static int pi_rw_blocks(struct pi_walk *w, bool write, u64 lba, u32 n)
{
	u8 *tags = page_address(w->tag_page);
	struct bio_vec bv;
	int err;

	bvec_set_page(&bv, w->page, n * w->bs, 0);
	if (write)
		memcpy(tags, w->tags, n * SCSI_DIF_LEN);
	err = w->vd->ops->rw_tagged(w->vd, write, &bv, 1, lba << w->vd->dev.block_shift, n * w->bs, w->tag_page,
				    write && pi_block_checks(w, n));
	if (!err && !write)
		memcpy(w->tags, tags, n * SCSI_DIF_LEN);
	return err;
}

/* The block device says that the chunk does not fit its tags: tells which check it was, a guard on its way if none is seen. */
static void pi_refused(struct pi_walk *w, u64 lba, u32 n)
{
	u64 from = w->cmd->info.lba;
	struct scsi_dif_rule rule = { .type = w->conf.type, .guard = true, .ref = w->conf.type == 1, .ref_tag = (u32)from };

	if (vdisk_pi_check(w, &rule, w->tags, lba - from, n))
		pi_fail(w, SCSI_DIF_BAD_GUARD);
}

/* Reads blocks @first ... of the command; tags that are not stored are made. False: the command failed. */
bool vdisk_pi_read_chunk(struct pi_walk *w, u32 first, u32 n)
{
	u64 lba = w->cmd->info.lba + first;
	int err = w->tag_page ? pi_rw_blocks(w, false, lba, n) : pi_read_with_file(w, lba, n);

	if (err == -ENOMEM)
		scst_cmd_fail_errno(w->cmd, err);
	else if (err == -EILSEQ && w->tag_page)
		pi_fail(w, SCSI_DIF_BAD_GUARD);
	else if (err)
		scst_cmd_fail(w->cmd, SCSI_SENSE_READ_ERROR);
	else if (!w->stored && w->carries)
		vdisk_pi_make(w, first, n);
	return !err;
}

/* Writes the chunk with w->tags. */
bool vdisk_pi_write_chunk(struct pi_walk *w, u64 lba, u32 n)
{
	int err = w->tag_page ? pi_rw_blocks(w, true, lba, n) : pi_write_with_file(w, lba, n);

	if (err == -EILSEQ && w->tag_page)
		pi_refused(w, lba, n);
	else if (err)
		vdisk_fail_write(w->cmd, err);
	return !err;
}

/* ---------------------------------------------------------------------- READ */

static void pi_read(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct pi_place p = { };
	u32 blocks, first, n, given = 0;

	if (!w)
		return;
	blocks = DIV_ROUND_UP(cmd->data_len, pi_step(w));
	if (!blocks || scst_cmd_alloc_data(cmd, cmd->data_len))
		goto end;
	for (first = 0; first < blocks && !scst_cmd_aborted(cmd); first += n) {
		n = min(blocks - first, w->room);
		if (!vdisk_pi_read_chunk(w, first, n) || (w->stored && !vdisk_pi_check(w, &w->rule, w->tags, first, n)))
			goto end;
		given += pi_give(w, &p, n, cmd->data_len - given);
		cond_resched();
	}
	cmd->resp_len = given;
end:
	vdisk_pi_end(w);
}

/* --------------------------------------------------------------------- WRITE */

/* Are the tags that came with @blocks blocks from @p on right? False: the command failed. */
bool vdisk_pi_check_sent(struct pi_walk *w, struct pi_place p, u32 blocks)
{
	u32 first, n;

	for (first = 0; w->carries && first < blocks; first += n) {
		n = min(blocks - first, w->room);
		vdisk_pi_fetch(w, &p, n);
		if (!vdisk_pi_check(w, &w->rule, w->sent, first, n))
			return false;
		cond_resched();
	}
	return true;
}

/* Writes @blocks blocks that are right from @p on. */
bool vdisk_pi_write_sent(struct pi_walk *w, struct pi_place p, u32 blocks)
{
	u32 first, n;

	for (first = 0; first < blocks; first += n) {
		if (scst_cmd_aborted(w->cmd))
			return false;
		n = min(blocks - first, w->room);
		vdisk_pi_fetch(w, &p, n);
		if (w->carries)
			memcpy(w->tags, w->sent, n * SCSI_DIF_LEN);
		else
			vdisk_pi_make(w, first, n);
		if (!vdisk_pi_write_chunk(w, w->cmd->info.lba + first, n))
			return false;
		cond_resched();
	}
	return true;
}

/* A write that has to be stable, or has to since it began. */
void vdisk_pi_settle(struct pi_walk *w)
{
	struct vdisk_dev *vd = w->vd;
	struct vdisk_io *io = vdisk_io(w->cmd);

	if (io->stable || vdisk_write_unstable(vd, io))
		vdisk_flush_cmd(w->cmd);
}

static void pi_write(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct pi_place p = { };
	u32 blocks;

	if (!w)
		return;
	vdisk_io(cmd)->stable = vdisk_cmd_durable(w->vd, cmd);
	blocks = pi_sent_blocks(w);
	if (blocks && vdisk_pi_check_sent(w, p, blocks) && vdisk_pi_write_sent(w, p, blocks))
		vdisk_pi_settle(w);
	vdisk_pi_end(w);
}

/* ------------------------------------------------------------------ dispatch */

static void (*pi_function(const struct scst_cmd *cmd))(struct scst_cmd *cmd)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_READ_6:
	case SCSI_OP_ID_READ_10:
	case SCSI_OP_ID_READ_12:
	case SCSI_OP_ID_READ_16:
	case SCSI_OP_ID_READ_32:
		return pi_read;
	case SCSI_OP_ID_WRITE_6:
	case SCSI_OP_ID_WRITE_10:
	case SCSI_OP_ID_WRITE_12:
	case SCSI_OP_ID_WRITE_16:
	case SCSI_OP_ID_WRITE_32:
		return pi_write;
	case SCSI_OP_ID_VERIFY_10:
	case SCSI_OP_ID_VERIFY_12:
	case SCSI_OP_ID_VERIFY_16:
	case SCSI_OP_ID_VERIFY_32:
		return vdisk_pi_verify;
	case SCSI_OP_ID_WRITE_VERIFY_10:
	case SCSI_OP_ID_WRITE_VERIFY_12:
	case SCSI_OP_ID_WRITE_VERIFY_16:
	case SCSI_OP_ID_WRITE_VERIFY_32:
		return vdisk_pi_write_verify;
	}
	return NULL;
}

bool vdisk_pi_run(struct scst_cmd *cmd)
{
	void (*fn)(struct scst_cmd *cmd) = pi_function(cmd);

	if (!fn)
		return false;
	if (fn == pi_read || fn == pi_write)
		vdisk_count(cmd, fn == pi_write);
	vdisk_defer(cmd, fn);
	return true;
}
