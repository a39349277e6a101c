// SPDX-License-Identifier: GPL-2.0
/*
 * FORMAT UNIT and SANITIZE: one work item of the device goes over the whole medium. It is not the command's: an abort or a
 * reset takes the command away and leaves the operation running (SBC-4 4.11.2), and with IMMED there is no command at all.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vdisk.h"
#include "pure/erase.h"
#include "../pure/sense.h"

#define ERASE_VECS	64			/* times one page written at once */
#define ERASE_STEP	(32U << 20)		/* bytes given back or zeroed at once */
#define ERASE_TAGS	(128U << 10)		/* blocks whose tags, in a file, are erased at once: a MiB */
#define SANITIZE_IMMED	0x80
#define SANITIZE_AUSE	0x20

/* ------------------------------------------------------ while it goes on */

bool vdisk_erasing(const struct vdisk_dev *vd)
{
	return test_bit(0, &vd->erase.owned);
}

static scsi_sense_code erase_code(unsigned long state)
{
	if (state & BIT(VDISK_FORMATTING))
		return SCSI_SENSE_FORMAT_IN_PROGRESS;
	return state & BIT(VDISK_SANITIZING) ? SCSI_SENSE_SANITIZE_IN_PROGRESS : SCSI_SENSE_SANITIZE_FAILED;
}

static void erase_fill_sense(struct vdisk_dev *vd, unsigned long state, struct scsi_sense *sense)
{
	memset(sense, 0, sizeof(*sense));
	sense->code = erase_code(state);
	if (sense->code != SCSI_SENSE_SANITIZE_FAILED) {
		sense->progress = READ_ONCE(vd->erase.progress);
		sense->flags = SCSI_SENSE_F_PROGRESS;
	}
}

bool vdisk_erase_admits(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	unsigned long state = READ_ONCE(vd->state) & VDISK_ERASE_STATES;
	bool failed = state == BIT(VDISK_SANITIZE_FAILED);

	if (!state)	/* it has just ended */
		return true;
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_INQUIRY:
	case SCSI_OP_ID_REQUEST_SENSE:
		return true;
	case SCSI_OP_ID_SANITIZE_EXIT_FAILURE:
	case SCSI_OP_ID_SANITIZE_OVERWRITE:
	case SCSI_OP_ID_SANITIZE_BLOCK_ERASE:
		if (failed)
			return true;
	}
	scst_cmd_fail(cmd, erase_code(state));
	erase_fill_sense(vd, state, &cmd->sense);
	return false;
}

/* Pollable state of the operation (SPC-4 6.39); unit attentions are the core's and come first. */
void vdisk_request_sense(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	unsigned long state = READ_ONCE(vd->state) & VDISK_ERASE_STATES;
	struct scsi_sense sense = { .code = SCSI_SENSE_NONE };
	u8 data[SCSI_SENSE_MAX];

	if (state)
		erase_fill_sense(vd, state, &sense);
	scst_cmd_reply(cmd, data, scsi_sense_encode(&sense, cmd->cdb[1] & 0x01, data, sizeof(data)));
}

/* ------------------------------------------------------------ the operation */

/* Between two steps of a round; @pos is below @size. False: the device is being deleted, or loses its store. */
static bool erase_goes_on(struct vdisk_erase *e, u64 pos, u64 size)
{
	u32 part = mul_u64_u64_div_u64(pos, U16_MAX, size);

	WRITE_ONCE(e->progress, (e->round * U16_MAX + part) / e->rounds);
	if (e->cmd && scst_cmd_aborted(e->cmd)) {
		scst_cmd_done(e->cmd);
		e->cmd = NULL;
	}
	cond_resched();
	return !READ_ONCE(e->stop) && !READ_ONCE(e->cut);
}

static void pattern_free(struct vdisk_pattern *p)
{
	if (p->page)
		__free_page(p->page);
	if (p->tags)
		__free_page(p->tags);
	kvfree(p->bv);
	memset(p, 0, sizeof(*p));
}

/* All memory of an overwrite is there before it begins: without, the command is refused and the medium stays as it is. */
static bool pattern_alloc(const struct vdisk_dev *vd, struct vdisk_pattern *p)
{
	bool with_tags = vd->pi.in_blocks;
	unsigned int i;

	p->page = scst_alloc_pages(0);
	p->tags = with_tags ? scst_alloc_pages(0) : NULL;
	p->bv = scst_alloc_mem(ERASE_VECS * sizeof(*p->bv));
	if (!p->page || !p->bv || (with_tags && !p->tags)) {
		pattern_free(p);
		return false;
	}
	for (i = 0; i < ERASE_VECS; i++)
		bvec_set_page(&p->bv[i], p->page, PAGE_SIZE, 0);
	return true;
}

static void pattern_invert(struct vdisk_pattern *p)
{
	unsigned long *words = page_address(p->page);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		words[i] = ~words[i];
}

/* Tags that go along are such that blocks are not checked. */
static int erase_write(struct vdisk_dev *vd, u64 pos, u32 n)
{
	struct vdisk_pattern *p = &vd->erase.pattern;
	unsigned int nr = DIV_ROUND_UP(n, PAGE_SIZE);

	BUILD_BUG_ON(ERASE_VECS * PAGE_SIZE / 512 * SCSI_DIF_LEN > PAGE_SIZE);
	if (!p->tags)
		return vd->ops->rw(vd, true, p->bv, nr, pos, n);
	memset(page_address(p->tags), 0xff, PAGE_SIZE);
	return vd->ops->rw_tagged(vd, true, p->bv, nr, pos, n, p->tags, false);
}

/* Somebody else may have flushed in between, and been told of what is ours. */
static int erase_flush(struct vdisk_dev *vd)
{
	return vdisk_store_flush(vd, 0, 0) ?: vdisk_errors_since(vd, &vd->erase.before);
}

static int erase_pass(struct vdisk_dev *vd, u64 size)
{
	u64 pos;
	u32 n;
	int err;

	for (pos = 0; pos < size; pos += n) {
		n = min_t(u64, size - pos, ERASE_VECS * PAGE_SIZE);
		err = erase_write(vd, pos, n);
		if (err)
			return err;
		if (!erase_goes_on(&vd->erase, pos, size))
			return -EINTR;
	}
	vd->erase.round++;
	/* Each pass reaches the medium, not only the cache in which the next one replaces it. */
	return erase_flush(vd);
}

static int erase_overwrite(struct vdisk_dev *vd, u64 size)
{
	struct vdisk_erase *e = &vd->erase;
	unsigned int pass;
	int err = 0;

	for (pass = 0; pass < e->passes && !err; pass++) {
		/* The last pass writes the pattern as it was given (SBC-4 5.30.2.2). */
		if (e->invert && (pass || e->passes % 2 == 0))
			pattern_invert(&e->pattern);
		err = erase_pass(vd, size);
	}
	return err;
}

/* Gives everything back; @sure: and it reads as zeroes afterwards, which are written where the store does not know how. */
static int erase_unmap(struct vdisk_dev *vd, u64 size, bool sure)
{
	u64 pos, n;
	int err = 0;

	for (pos = 0; pos < size && !err; pos += n) {
		n = min_t(u64, size - pos, ERASE_STEP);
		err = sure ? vd->ops->zero(vd, pos, n, true) : vd->ops->unmap(vd, pos, n);
		if (!err && !erase_goes_on(&vd->erase, pos, size))
			err = -EINTR;
	}
	if (err == -EOPNOTSUPP && sure)
		return erase_overwrite(vd, size);
	if (err == -EOPNOTSUPP)	/* the blocks stay mapped, which a format allows */
		err = 0;
	return err ?: erase_flush(vd);
}

static bool is_format(const struct vdisk_dev *vd)
{
	return vd->erase.how == SCSI_OP_ID_FORMAT_UNIT;
}

/* Only a format may give blocks back that it has been over. */
static bool erase_gives_back(const struct vdisk_dev *vd)
{
	return is_format(vd) && vd->thin && vd->ops->unmap;
}

/* Tags that blocks hold go with a write alone. */
static int erase_tagged(struct vdisk_dev *vd, u64 size)
{
	int err = erase_overwrite(vd, size);

	if (err || !erase_gives_back(vd))
		return err;
	return erase_unmap(vd, size, false);
}

/*
 * Tags in a file go first: whatever becomes of the medium, none speaks of what was there. Wherever this ends, by a loss of power
 * too, a block has what it had, with its tags or without, and a write gives it new ones.
 */
static int erase_tag_file(struct vdisk_dev *vd)
{
	struct vdisk_erase *e = &vd->erase;
	u64 lba, n, nblocks = vd->dev.nblocks;
	int err;

	for (lba = 0; lba < nblocks; lba += n) {
		n = min_t(u64, nblocks - lba, ERASE_TAGS);
		err = vdisk_pi_forget(vd, lba, n);
		if (err)
			return err;
		if (!erase_goes_on(e, lba, nblocks))
			return -EINTR;
	}
	e->round++;
	return vdisk_pi_forgotten(vd, &e->before);
}

/* How often erase_run() goes over the medium; a format that writes nothing need not. */
static u8 erase_rounds(const struct vdisk_dev *vd)
{
	const struct vdisk_erase *e = &vd->erase;
	u8 writes = is_format(vd) && !e->pattern.tags ? 0 : e->passes;

	return (vd->pi.file ? 1 : 0) + writes + (erase_gives_back(vd) ? 1 : 0);
}

static int erase_run(struct vdisk_dev *vd)
{
	u64 size = vd->dev.nblocks << vd->dev.block_shift;
	int err;

	vd->erase.round = 0;
	vd->erase.rounds = erase_rounds(vd);
	if (vd->erase.pattern.tags)
		return erase_tagged(vd, size);
	err = vd->pi.file ? erase_tag_file(vd) : 0;
	if (err)
		return err;
	switch (vd->erase.how) {
	case SCSI_OP_ID_SANITIZE_OVERWRITE:
		return erase_overwrite(vd, size);
	case SCSI_OP_ID_SANITIZE_BLOCK_ERASE:
		return erase_unmap(vd, size, true);
	}
	return erase_gives_back(vd) ? erase_unmap(vd, size, false) : 0;
}

/* The command to be answered now, or NULL. */
static struct scst_cmd *erase_disown(struct vdisk_dev *vd)
{
	struct vdisk_erase *e = &vd->erase;
	struct scst_cmd *cmd = e->cmd;

	pattern_free(&e->pattern);
	e->cmd = NULL;
	clear_bit(VDISK_FORMATTING, &vd->state);
	clear_bit(VDISK_SANITIZING, &vd->state);
	clear_bit_unlock(0, &e->owned);
	return cmd;
}

/*
 * From here on a SANITIZE that does not succeed is known as such, also after a restart; before that nobody is told that it has
 * begun. False: it cannot be remembered, and nothing has changed, not even the failure of an earlier one.
 */
static bool erase_begin(struct vdisk_dev *vd)
{
	struct vdisk_erase *e = &vd->erase;
	bool overwrite = e->how == SCSI_OP_ID_SANITIZE_OVERWRITE;
	struct scst_cmd *cmd;
	int err = is_format(vd) ? 0 : vdisk_sanitize_mark(vd, overwrite ? "OVERWRITE" : "BLOCK_ERASE", e->ause);

	if (err) {
		cmd = erase_disown(vd);
		if (err == -ENOMEM)
			scst_cmd_fail_errno(cmd, err);
		else
			scst_cmd_fail(cmd, SCSI_SENSE_HARDWARE_INTERNAL);
		scst_cmd_done(cmd);
		return false;
	}
	if (!is_format(vd))
		WRITE_ONCE(e->may_exit, e->ause); /* pairs with vdisk_ause_allowed() */
	if (e->immed) {
		scst_cmd_done(e->cmd);
		e->cmd = NULL;
	}
	return true;
}

static void erase_end(struct vdisk_dev *vd, int err)
{
	bool format = is_format(vd);
	struct scst_cmd *cmd;

	if (err)
		pr_err("device %s: %s failed: error %pe\n", vd->name, format ? "FORMAT UNIT" : "SANITIZE", ERR_PTR(err));
	if (err && !format)
		set_bit(VDISK_SANITIZE_FAILED, &vd->state);
	else if (!format)
		clear_bit(VDISK_SANITIZE_FAILED, &vd->state);
	cmd = erase_disown(vd);
	if (!cmd)
		return;
	if (err)
		scst_cmd_fail(cmd, format ? SCSI_SENSE_FORMAT_FAILED : SCSI_SENSE_SANITIZE_FAILED);
	scst_cmd_done(cmd);
}

void vdisk_erase_work(struct work_struct *work)
{
	struct vdisk_dev *vd = container_of(work, struct vdisk_dev, erase.work);
	struct vdisk_io_context c = vdisk_io_begin();
	int err;

	if (!erase_begin(vd))
		goto end;
	/* The state is set: whoever writes from here on sees it (vdisk_run(), caw_one()); wait for those that did not. */
	flush_work(&vd->caw.work);
	vdisk_writes_drain(vd);
	vdisk_note_errors(vd, &vd->erase.before);
	err = erase_run(vd);
	/* Whoever hears of success writes data, which the next start must not lock away. */
	if (!err && !is_format(vd))
		err = vdisk_sanitize_unmark(vd);
	erase_end(vd, err);
end:
	vdisk_io_end(c);
}

/* The device goes: commands that wait for the end are answered. */
void vdisk_erase_stop(struct vdisk_dev *vd)
{
	WRITE_ONCE(vd->erase.stop, true);
}

/* ------------------------------------------------------------- the commands */

/* Makes the command the owner. False: refused, something goes on already. */
static bool erase_own(struct vdisk_dev *vd, struct scst_cmd *cmd, int state_bit)
{
	struct vdisk_erase *e = &vd->erase;

	if (test_and_set_bit_lock(0, &e->owned)) {
		scst_cmd_fail(cmd, SCSI_SENSE_SANITIZE_IN_PROGRESS);
		return false;
	}
	e->how = cmd->info.op->id;
	e->passes = 1;
	e->progress = 0;
	set_bit(state_bit, &vd->state);
	return true;
}

/*
 * The owner's command ends with @immed when the operation begins, else with it. Not in the device's workqueue: the operation
 * waits for works of that one, and when memory is short it may have a single worker.
 */
static void erase_start(struct vdisk_dev *vd, struct scst_cmd *cmd, bool immed)
{
	vd->erase.cmd = cmd;
	vd->erase.immed = immed;
	queue_work(system_unbound_wq, &vd->erase.work);
}

/* What replaces blocks when nothing else was asked for. False: refused. */
static bool zeroes_prepare(struct scst_cmd *cmd, struct vdisk_pattern *p)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (!pattern_alloc(vd, p)) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
		return false;
	}
	clear_page(page_address(p->page));
	return true;
}

void vdisk_format(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_pattern pattern = { };
	u8 list[SCSI_FORMAT_LIST_MAX];
	bool immed;

	if (scsi_format_list(cmd->cdb, list, scst_cmd_fetch(cmd, list, sizeof(list)), vd->dev.dif_type, &immed,
			     &cmd->sense)) {
		cmd->status = SCSI_CHECK_CONDITION;
		goto refused;
	}
	/* Blocks that hold their tags are written; others are given back, or stay. */
	if ((vd->pi.in_blocks && !zeroes_prepare(cmd, &pattern)) || !erase_own(vd, cmd, VDISK_FORMATTING))
		goto refused;
	vd->erase.pattern = pattern;
	erase_start(vd, cmd, immed);
	return;
refused:
	pattern_free(&pattern);
	scst_cmd_done(cmd);
}

/* False: refused; @p is empty then. */
static bool overwrite_prepare(struct vdisk_dev *vd, struct scst_cmd *cmd, struct scsi_overwrite *o, struct vdisk_pattern *p)
{
	unsigned int size = vdisk_block_size(vd) + SCSI_OVERWRITE_HEADER;
	u8 *list = scst_alloc_mem(size);

	if (!list || !pattern_alloc(vd, p)) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
	} else if (scsi_overwrite_list(cmd->cdb, list, scst_cmd_fetch(cmd, list, size), vdisk_block_size(vd), o,
				       &cmd->sense)) {
		cmd->status = SCSI_CHECK_CONDITION;
		pattern_free(p);
	} else {
		scsi_overwrite_fill(list + SCSI_OVERWRITE_HEADER, o->pattern_len, vdisk_block_size(vd),
				    page_address(p->page), PAGE_SIZE);
	}
	kvfree(list);
	return cmd->status == SCSI_GOOD;
}

/* After one in the restricted completion mode has failed, no other mode leads out of that (SBC-4 4.11.3). False: refused. */
static bool vdisk_ause_allowed(const struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	if (!(cmd->cdb[1] & SANITIZE_AUSE) || !test_bit(VDISK_SANITIZE_FAILED, &vd->state) || READ_ONCE(vd->erase.may_exit))
		return true;
	scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 5);
	return false;
}

void vdisk_sanitize(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct scsi_overwrite o = { .passes = 1 };
	struct vdisk_pattern pattern = { };
	bool ready;

	if (!vdisk_ause_allowed(vd, cmd))
		goto refused;
	if (cmd->info.op->id == SCSI_OP_ID_SANITIZE_OVERWRITE)
		ready = overwrite_prepare(vd, cmd, &o, &pattern);
	else
		ready = zeroes_prepare(cmd, &pattern);
	if (!ready)
		goto refused;
	if (!erase_own(vd, cmd, VDISK_SANITIZING))
		goto refused;
	vd->erase.passes = o.passes;
	vd->erase.invert = o.invert;
	vd->erase.pattern = pattern;
	vd->erase.ause = cmd->cdb[1] & SANITIZE_AUSE;
	erase_start(vd, cmd, cmd->cdb[1] & SANITIZE_IMMED);
	return;
refused:
	pattern_free(&pattern);
	scst_cmd_done(cmd);
}

/* Leaves the state in which nothing but SANITIZE is taken, when the one that failed allowed it (SBC-4 5.30.5). */
void vdisk_sanitize_exit(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);

	if (!test_bit(VDISK_SANITIZE_FAILED, &vd->state))
		return;
	/* Another one that begins now would lose what is saved of it. */
	if (test_and_set_bit_lock(0, &vd->erase.owned)) {
		scst_cmd_fail(cmd, SCSI_SENSE_SANITIZE_IN_PROGRESS);
		return;
	}
	if (!vd->erase.may_exit)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4);
	else if (vdisk_sanitize_unmark(vd))
		scst_cmd_fail(cmd, SCSI_SENSE_HARDWARE_INTERNAL);
	else
		clear_bit(VDISK_SANITIZE_FAILED, &vd->state);
	clear_bit_unlock(0, &vd->erase.owned);
}
