// SPDX-License-Identifier: GPL-2.0
/*
 * Commands on devices with protection information that compare, or write what was not sent as it is: VERIFY, WRITE AND VERIFY,
 * COMPARE AND WRITE, ORWRITE, WRITE SAME.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "integrity.h"

/* -------------------------------------------------------------------- VERIFY */

/* First byte in which @mine and @data differ; @len: none. */
static u32 pi_differs(const u8 *mine, const u8 *data, u32 len)
{
	u32 at = 0;

	if (!memcmp(mine, data, len))
		return len;
	while (mine[at] == data[at])
		at++;
	return at;
}

static void pi_miscompare(struct pi_walk *w, scsi_sense_code code, u64 offset)
{
	scst_cmd_fail(w->cmd, code);
	w->cmd->sense.info = offset;
	w->cmd->sense.flags |= SCSI_SENSE_F_INFO;
}

/* How the tags of block @k of the chunk differ from @want (SBC-4, VERIFY(10)); 0: not where it counts. */
static scsi_sense_code pi_tags_differ(const struct pi_walk *w, u32 k, const u8 *want)
{
	bool caw = w->cmd->info.op->id == SCSI_OP_ID_COMPARE_AND_WRITE;
	bool guard = caw || w->cmd->info.protect != 2;
	enum scsi_dif_result res = scsi_dif_compare(want, w->tags + k * SCSI_DIF_LEN, guard, scsi_dif_ato(&w->conf));

	if (!res)
		return 0;
	return caw ? SCSI_SENSE_MISCOMPARE : scsi_dif_miscompare(res);
}

/* Compares block @k of the chunk, and its tags, with what stands at @p: it was sent for this block, or for the one @n before. */
static bool pi_compare(struct pi_walk *w, struct pi_place *p, u8 *mine, u32 k, u32 n, u64 offset)
{
	u8 sent[SCSI_DIF_LEN], want[SCSI_DIF_LEN];
	scsi_sense_code code;
	u32 at;

	vdisk_pi_copy(w, p, mine, w->bs, false);
	at = pi_differs(mine, w->data + k * w->bs, w->bs);
	if (at < w->bs) {
		pi_miscompare(w, SCSI_SENSE_MISCOMPARE, offset + at);
		return false;
	}
	if (!w->carries)
		return true;
	vdisk_pi_copy(w, p, sent, SCSI_DIF_LEN, false);
	scsi_dif_step(w->conf.type, sent, n, want);
	code = w->stored ? pi_tags_differ(w, k, want) : 0;
	if (code)
		pi_miscompare(w, code, offset + w->bs);
	return !code;
}

/*
 * Reads @blocks blocks from the medium and checks them by @rule; compares with the buffer by @bytchk: 0 not, 1 each block with
 * its own, 3 each with the only one.
 */
static void pi_verify_blocks(struct pi_walk *w, const struct scsi_dif_rule *rule, u32 blocks, u8 bytchk)
{
	u8 *mine = scst_alloc_mem(w->bs);
	struct pi_place p = { };
	u32 first, n, k;

	if (!mine) {
		scst_cmd_fail_errno(w->cmd, -ENOMEM);
		return;
	}
	for (first = 0; first < blocks && !scst_cmd_aborted(w->cmd); first += n) {
		n = min(blocks - first, w->room);
		if (!vdisk_pi_read_chunk(w, first, n) || (w->stored && !vdisk_pi_check(w, rule, w->tags, first, n)))
			break;
		for (k = 0; k < n && bytchk; k++) {
			if (bytchk == 3)
				memset(&p, 0, sizeof(p));
			if (!pi_compare(w, &p, mine, k, bytchk == 3 ? first + k : 0, (u64)(first + k) * pi_step(w)))
				goto free;
		}
		cond_resched();
	}
free:
	kvfree(mine);
}

/* False: the one block to compare with, or what is to be compared, did not come. */
static bool pi_verify_sent(struct pi_walk *w, u32 *blocks)
{
	struct scst_cmd *cmd = w->cmd;
	struct pi_place p = { };

	*blocks = cmd->info.blocks;
	if (!cmd->info.bytchk)
		return true;
	if (cmd->info.bytchk == 1)
		*blocks = pi_sent_blocks(w);
	else if (*blocks && !pi_sent_blocks(w)) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_INFORMATION_UNIT);
		return false;
	}
	return vdisk_pi_check_sent(w, p, cmd->info.bytchk == 3 ? min(*blocks, 1U) : *blocks);
}

/* With BYTCHK and VRPROTECT what came is checked instead of what the medium has, which is compared (SBC-4, VERIFY(10)). */
void vdisk_pi_verify(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct scsi_dif_rule medium;
	u32 blocks;

	if (!w)
		return;
	w->carries = cmd->info.protect && cmd->info.bytchk;
	scsi_dif_rule_of(&w->conf, cmd->cdb, &cmd->info, w->carries ? 3 : cmd->info.protect, &medium);
	if (pi_verify_sent(w, &blocks) && blocks &&
	    vdisk_settle_range(w->vd, cmd, (u64)blocks << w->vd->dev.block_shift))
		pi_verify_blocks(w, &medium, blocks, cmd->info.bytchk);
	vdisk_pi_end(w);
}

void vdisk_pi_write_verify(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct pi_place p = { };
	u32 blocks;

	if (!w)
		return;
	blocks = pi_sent_blocks(w);
	if (blocks && vdisk_pi_check_sent(w, p, blocks) && vdisk_pi_write_sent(w, p, blocks) &&
	    vdisk_settle_range(w->vd, cmd, (u64)blocks << w->vd->dev.block_shift))
		pi_verify_blocks(w, &w->rule, blocks, cmd->info.bytchk);
	vdisk_pi_end(w);
}

/* ---------------------------------------------------- COMPARE AND WRITE, ORWRITE */

/* The place @blocks blocks on. */
static struct pi_place pi_skip(struct pi_walk *w, u32 blocks)
{
	struct pi_place p = { };
	u32 k;

	for (k = 0; k < blocks; k += min(w->room, blocks - k))
		vdisk_pi_fetch(w, &p, min(w->room, blocks - k));
	return p;
}

/* Called by the one worker that keeps other writes of the range out (caw.c). */
void vdisk_pi_caw(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct scsi_dif_rule medium;
	struct pi_place p = { }, second;
	u32 blocks = cmd->info.blocks;

	if (!w)
		return;
	vdisk_io(cmd)->stable = vdisk_cmd_durable(w->vd, cmd);
	second = pi_skip(w, blocks);
	scsi_dif_rule_of(&w->conf, cmd->cdb, &cmd->info, 0, &medium);
	if (!vdisk_pi_check_sent(w, p, blocks) || !vdisk_pi_check_sent(w, second, blocks))
		goto end;
	pi_verify_blocks(w, &medium, blocks, 1);
	if (cmd->status == SCSI_GOOD && !scst_cmd_aborted(cmd) && vdisk_pi_write_sent(w, second, blocks))
		vdisk_pi_settle(w);
end:
	vdisk_pi_end(w);
}

/* What the blocks become has a guard of its own; tags that belong to initiators stay theirs. */
static bool pi_or_blocks(struct pi_walk *w, u32 blocks)
{
	u8 *mine = scst_alloc_mem(w->bs);
	struct pi_place p = { };
	u32 first, n, k, i;
	bool ok = true;

	if (!mine) {
		scst_cmd_fail_errno(w->cmd, -ENOMEM);
		return false;
	}
	for (first = 0; first < blocks && ok; first += n) {
		n = min(blocks - first, w->room);
		ok = !scst_cmd_aborted(w->cmd) && vdisk_pi_read_chunk(w, first, n) &&
		     (!w->stored || vdisk_pi_check(w, &w->rule, w->tags, first, n));
		for (k = 0; k < n && ok; k++) {
			vdisk_pi_copy(w, &p, mine, w->bs, false);
			if (w->carries)
				vdisk_pi_copy(w, &p, w->sent + k * SCSI_DIF_LEN, SCSI_DIF_LEN, false);
			for (i = 0; i < w->bs; i++)
				w->data[k * w->bs + i] |= mine[i];
		}
		if (!ok)
			break;
		if (w->stored)
			vdisk_pi_renew(w, first, n);
		ok = vdisk_pi_write_chunk(w, w->cmd->info.lba + first, n);
		cond_resched();
	}
	kvfree(mine);
	return ok;
}

void vdisk_pi_orwrite(struct scst_cmd *cmd)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct pi_place p = { };
	u32 blocks;

	if (!w)
		return;
	vdisk_io(cmd)->stable = vdisk_cmd_durable(w->vd, cmd);
	blocks = pi_sent_blocks(w);
	if (blocks && vdisk_pi_check_sent(w, p, blocks) && pi_or_blocks(w, blocks))
		vdisk_pi_settle(w);
	vdisk_pi_end(w);
}

/* ---------------------------------------------------------------- WRITE SAME */

/* The one block at w->data, @blocks times; tags are its own, or made, or with @forget such that it is not checked. */
static int pi_same_blocks(struct pi_walk *w, u64 blocks, bool forget)
{
	u8 first_tag[SCSI_DIF_LEN];
	u32 n, k;
	u64 first;

	memcpy(first_tag, w->sent, SCSI_DIF_LEN);
	for (k = 1; k < w->room; k++)
		memcpy(w->data + k * w->bs, w->data, w->bs);
	for (first = 0; first < blocks && !scst_cmd_aborted(w->cmd); first += n) {
		n = min_t(u64, blocks - first, w->room);
		if (forget)
			memset(w->tags, 0xff, n * SCSI_DIF_LEN);
		else if (w->carries)
			for (k = 0; k < n; k++)
				scsi_dif_step(w->conf.type, first_tag, first + k, w->tags + k * SCSI_DIF_LEN);
		else
			vdisk_pi_make(w, first, n);
		if (!vdisk_pi_write_chunk(w, w->cmd->info.lba + first, n))
			return -EIO;
		cond_resched();
	}
	return 0;
}

/* Fetches the block, without one zeroes that are not checked; false: it did not come, or its tags are wrong. */
static bool pi_same_fetch(struct pi_walk *w, bool ndob)
{
	struct scst_cmd *cmd = w->cmd;
	struct pi_place p = { };

	memset(w->data, 0, w->bs);
	memset(w->sent, 0xff, SCSI_DIF_LEN);
	if (ndob)
		return true;
	if (cmd->edtl != pi_step(w) || pi_sent_blocks(w) != 1) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_INFORMATION_UNIT);
		return false;
	}
	vdisk_pi_fetch(w, &p, 1);
	return !w->carries || vdisk_pi_check(w, &w->rule, w->sent, 0, 1);
}

/* Where tags are kept, an unmapped block is zeroes with tags that are not checked: that must be what was sent. */
static bool pi_same_unmaps(const struct pi_walk *w)
{
	if (w->stored && w->carries && memchr_inv(w->sent, 0xff, SCSI_DIF_LEN))
		return false;
	return !memchr_inv(w->data, 0, w->bs);
}

void vdisk_pi_write_same(struct scst_cmd *cmd, u64 blocks, bool unmap, bool ndob)
{
	struct pi_walk *w = vdisk_pi_begin(cmd);
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	int err = -EOPNOTSUPP;

	if (!w)
		return;
	vdisk_io(cmd)->stable = vdisk_cmd_durable(vd, cmd);
	if (!pi_same_fetch(w, ndob) || !blocks)
		goto end;
	if (unmap && pi_same_unmaps(w))
		err = vdisk_pi_unmap(vd, vdisk_cmd_pos(cmd), blocks << vd->dev.block_shift, true);
	if (err == -EOPNOTSUPP)
		err = pi_same_blocks(w, blocks, ndob);
	else if (err)
		vdisk_fail_write(cmd, err);
	if (!err)
		vdisk_pi_settle(w);
end:
	vdisk_pi_end(w);
}
