// SPDX-License-Identifier: GPL-2.0
/*
 * POPULATE TOKEN and WRITE USING TOKEN (SBC-4 5.12, 5.59): jobs of the copy manager about ROD tokens.
 *
 * What a token stands for may be written by whoever presents it: neither LUN map nor reservations of the source are asked again.
 * The destination is the command's own logical unit, and is asked before each piece as by a WRITE.
 */
#include <linux/slab.h>

#include "copy.h"

#define SENSE_KEY_UNIT_ATTENTION	0x6

static void fail(struct copy_job *job, scsi_sense_code code)
{
	scsi_sense_set(&job->sense, code);
	job->status = SCSI_CHECK_CONDITION;
}

/* The command's own logical unit answered so: as if it had answered the command. */
static void fail_as(struct copy_job *job, u8 status, scsi_sense_code code)
{
	bool own = status == SCSI_CHECK_CONDITION && code && SCSI_SENSE_KEY(code) != SENSE_KEY_UNIT_ATTENTION;

	if (own)
		fail(job, code);
	else if (status == SCSI_RESERVATION_CONFLICT || status == SCSI_BUSY || status == SCSI_TASK_SET_FULL)
		job->status = status;
	else
		fail(job, SCSI_SENSE_ABORTED);
}

static void count(struct copy_job *job, u64 blocks, u16 segments)
{
	spin_lock_irq(&copy_lock);
	job->record->report.blocks = blocks;
	job->record->report.segments = segments;
	spin_unlock_irq(&copy_lock);
}

/* The copy manager reaches the command's own logical unit by this. False: failed. */
static bool find_own_end(struct copy_job *job, struct copy_end *end)
{
	end->cm = scst_copy_nexus_of(job->nexus->dev);
	end->ini = job->nexus;
	refcount_inc(&end->ini->ref);
	job->dst = end;
	if (!end->cm)
		fail(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	return end->cm;
}

/* --------------------------------------------------------------- POPULATE TOKEN */

/**
 * struct populate_job - one POPULATE TOKEN
 * @job: first
 * @end: the command's logical unit
 * @rod: what is being made; reference
 * @waits: when the medium was last looked for, somebody wrote who had begun to before the token was made
 * @probed: it was there
 * @p: what for
 */
struct populate_job {
	struct copy_job job;
	struct copy_end end;
	struct scst_rod *rod;
	bool waits;
	bool probed;
	struct scsi_populate p;
};

static struct populate_job *to_populate(struct copy_job *job)
{
	return container_of(job, struct populate_job, job);
}

/* False: failed. */
static bool make_rod(struct populate_job *pj)
{
	scsi_sense_code code;

	pj->rod = scst_rod_new(pj->job.nexus, &pj->p, &code);
	if (!pj->rod && code)
		fail(&pj->job, code);
	else if (!pj->rod)
		pj->job.status = SCSI_BUSY;
	return pj->rod;
}

/*
 * First the token, then the end of those who began to write before it, then a look whether the medium is there: FORMAT UNIT and
 * SANITIZE write on when their commands have ended, and TEST UNIT READY tells. It does so as well while such a command has not
 * ended, which may take hours that nobody waits for: so the medium is looked for each time.
 */
static bool populate_go(struct copy_job *job)
{
	struct populate_job *pj = to_populate(job);

	if (!pj->rod && !make_rod(pj))
		return false;
	if (pj->probed && !pj->waits)
		return false;
	if (pj->probed) {
		pj->probed = false;
		return scst_copy_look_again(job);
	}
	pj->waits = !scst_rod_code(pj->rod) && scst_rod_is_written(job->nexus, pj->rod);
	return scst_copy_probe(job);
}

static void populate_fail_end(struct copy_job *job, bool dst, u8 status, scsi_sense_code code)
{
	fail_as(job, status, code);
}

static void populate_moved(struct copy_job *job)
{
	to_populate(job)->probed = true;
}

static void populate_end(struct copy_job *job)
{
	struct populate_job *pj = to_populate(job);

	scst_copy_put_end(&pj->end);
	if (!pj->rod)
		return;
	/* Dead before: the tokens of its LUN went without this one. Dead from now on: it goes with them. */
	if (job->status == SCSI_GOOD && READ_ONCE(job->nexus->dead))
		fail(job, SCSI_SENSE_LUN_NOT_SUPPORTED);
	if (job->status != SCSI_GOOD) {
		scst_rod_withdraw(pj->rod);
		return;
	}
	scst_rod_hand_out(pj->rod, job->nexus);
	job->record->rod = pj->rod;
	count(job, pj->p.ranges.blocks, pj->p.ranges.nr);
}

static const struct copy_kind populate_kind = {
	.size = sizeof(struct populate_job),
	.go = populate_go,
	.fail = fail,
	.fail_end = populate_fail_end,
	.moved = populate_moved,
	.end = populate_end,
};

static u32 list_id(const struct scst_cmd *cmd)
{
	return get_unaligned_be32(cmd->cdb + 6);
}

/* False: refused. */
static bool read_populate(struct populate_job *pj)
{
	struct copy_job *job = &pj->job;
	struct scst_cmd *cmd = job->cmd;
	u8 *list = scst_alloc_mem(SCSI_POPULATE_LIST_MAX);

	if (!list)
		job->status = SCSI_BUSY;
	else if (!READ_ONCE(cmd->dev->nblocks))
		fail(job, SCSI_SENSE_NO_MEDIUM);
	else if (scsi_populate_parse(list, scst_cmd_fetch(cmd, list, SCSI_POPULATE_LIST_MAX), cmd->dev->block_shift,
				     READ_ONCE(cmd->dev->nblocks), &pj->p, &job->sense))
		job->status = SCSI_CHECK_CONDITION;
	kvfree(list);
	return job->status == SCSI_GOOD && find_own_end(job, &pj->end) &&
	       scst_copy_record_start(job, list_id(cmd), true, false);
}

void scst_populate_exec(struct scst_cmd *cmd)
{
	struct copy_job *job = NULL;

	if (cmd->info.xfer_len)
		job = scst_copy_job_new(cmd, &populate_kind);
	/* With IMMED, too: it takes no longer than the answer. */
	if (job && read_populate(to_populate(job))) {
		scst_copy_job_run(job, false);
		return;
	}
	if (job) {
		scst_copy_put_end(&to_populate(job)->end);
		scst_copy_job_drop(job);
	}
	scst_cmd_done(cmd);
}

/* ------------------------------------------------------------ WRITE USING TOKEN */

/**
 * struct write_job - one WRITE USING TOKEN
 * @job: first
 * @src: where the token's blocks are
 * @dst: the command's logical unit
 * @rod: what the token stands for, in use; NULL: zeroes
 * @offset: byte of it with which the command begins
 * @total: bytes to write
 * @done: bytes written
 * @w: where to
 */
struct write_job {
	struct copy_job job;
	struct copy_end src;
	struct copy_end dst;
	struct scst_rod *rod;
	u64 offset;
	u64 total;
	u64 done;
	struct scsi_write_token w;
};

static struct write_job *to_write(struct copy_job *job)
{
	return container_of(job, struct write_job, job);
}

static u8 dst_shift(const struct write_job *wj)
{
	return wj->job.nexus->dev->block_shift;
}

/* Bytes from @done on that lie in one range on either side, and where these are. */
static u64 run_at(const struct write_job *wj, u64 done, u64 *src, u64 *dst)
{
	const struct scsi_ranges *to = &wj->w.ranges;
	u64 n = scsi_ranges_at(to->r, to->nr, dst_shift(wj), done, dst);

	if (wj->rod)
		n = min(n, scsi_ranges_at(wj->rod->r, wj->rod->nr, wj->rod->block_shift, wj->offset + done, src));
	return min(n, wj->total - done);
}

static bool write_go(struct copy_job *job)
{
	struct write_job *wj = to_write(job);
	scsi_sense_code code = wj->rod ? scst_rod_code(wj->rod) : 0;
	u64 src = 0, dst = 0;

	if (wj->done >= wj->total)	/* what has been counted was as the token says */
		return false;
	if (code) {
		fail(job, code);
		return false;
	}
	job->src = wj->rod ? &wj->src : NULL;
	job->len = min_t(u64, run_at(wj, wj->done, &src, &dst), scst_copy_piece_max(job));
	job->src_lba = wj->rod ? src >> wj->rod->block_shift : 0;
	job->dst_lba = dst >> dst_shift(wj);
	return scst_copy_start(job);
}

static bool write_may_use(struct copy_job *job, bool write)
{
	const struct scst_nexus *ini = job->nexus;
	struct scst_dev *dev = ini->dev;

	if (READ_ONCE(ini->dead))
		fail(job, SCSI_SENSE_LUN_NOT_SUPPORTED);
	else if (!scsi_alua_accessible(READ_ONCE(ini->alua_state)))
		fail(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	else if (!scst_pr_passes(ini, scsi_op_table[SCSI_OP_ID_WRITE_USING_TOKEN].flags))
		job->status = SCSI_RESERVATION_CONFLICT;
	else if (READ_ONCE(ini->read_only) || READ_ONCE(dev->read_only) || READ_ONCE(dev->swp))
		fail(job, SCSI_SENSE_WRITE_PROTECTED);
	else
		return true;
	return false;
}

static void write_fail_end(struct copy_job *job, bool dst, u8 status, scsi_sense_code code)
{
	if (dst)
		fail_as(job, status, code);
	else
		scst_copy_fail_third(job, dst, status, code);
}

/* Range descriptors that are written as a whole. */
static u16 ranges_done(const struct write_job *wj)
{
	u64 bytes = 0;
	u16 i;

	for (i = 0; i < wj->w.ranges.nr; i++) {
		bytes += (u64)wj->w.ranges.r[i].blocks << dst_shift(wj);
		if (bytes > wj->done)
			break;
	}
	return i;
}

/* A token that has ended meanwhile counts nothing: what was read may have been written before it was copied. */
static void write_moved(struct copy_job *job)
{
	struct write_job *wj = to_write(job);

	if (wj->rod && scst_rod_code(wj->rod))
		return;
	wj->done += job->len;
	count(job, wj->done >> dst_shift(wj), ranges_done(wj));
}

static void write_put(struct write_job *wj, bool del)
{
	scst_copy_put_end(&wj->src);
	scst_copy_put_end(&wj->dst);
	if (wj->rod)
		scst_rod_unuse(wj->rod, del);
	wj->rod = NULL;
}

static void write_end(struct copy_job *job)
{
	struct write_job *wj = to_write(job);

	if (job->status == SCSI_GOOD && wj->total < wj->w.ranges.blocks << dst_shift(wj)) {
		spin_lock_irq(&copy_lock);
		job->record->report.state = SCSI_ROD_RESIDUAL;
		spin_unlock_irq(&copy_lock);
	}
	write_put(wj, wj->w.del && job->status == SCSI_GOOD);
}

static const struct copy_kind write_kind = {
	.size = sizeof(struct write_job),
	.go = write_go,
	.may_use = write_may_use,
	.fail = fail,
	.fail_end = write_fail_end,
	.moved = write_moved,
	.end = write_end,
};

/* ---- its parameters against the token and both devices; each false: refused */

static bool find_source(struct write_job *wj, const u8 *token)
{
	struct copy_job *job = &wj->job;
	scsi_sense_code code;

	wj->rod = scst_rod_use(token, &code);
	if (!wj->rod) {
		fail(job, code);
		return false;
	}
	wj->src.cm = scst_copy_nexus_of(wj->rod->dev);
	if (!wj->src.cm)
		fail(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	return wj->src.cm;
}

static bool set_total(struct write_job *wj)
{
	u64 want = wj->w.ranges.blocks << dst_shift(wj);

	wj->total = want;
	if (!wj->rod)
		return true;
	if (wj->w.offset >= DIV_ROUND_UP_ULL(wj->rod->bytes, 1U << dst_shift(wj))) {
		scsi_sense_param_field(&wj->job.sense, 8, 7);
		wj->job.status = SCSI_CHECK_CONDITION;
		return false;
	}
	wj->offset = wj->w.offset << dst_shift(wj);
	wj->total = min(want, wj->rod->bytes - wj->offset);
	return true;
}

/* Whole blocks of both devices go from one to the other; the offset is counted in those of the destination. */
static bool blocks_fit(struct write_job *wj)
{
	u64 mask = (1ULL << max(dst_shift(wj), wj->rod->block_shift)) - 1, done, n, src, dst;

	if (dst_shift(wj) == wj->rod->block_shift)
		return true;
	for (done = 0; done < wj->total; done += n) {
		n = run_at(wj, done, &src, &dst);
		/* A piece begins at a block of each, when the first one does and all before it were whole blocks of each. */
		if ((n | wj->offset) & mask || !n) {
			fail(&wj->job, SCSI_SENSE_TOKEN_CAUSE_UNKNOWN);
			return false;
		}
	}
	return true;
}

/* The first piece written would end the token. */
static bool is_apart(struct write_job *wj)
{
	const struct scsi_ranges *to = &wj->w.ranges;
	unsigned int i;

	if (wj->rod->dev != wj->job.nexus->dev)
		return true;
	for (i = 0; i < to->nr; i++) {
		if (scsi_ranges_meet(wj->rod->r, wj->rod->nr, to->r[i].lba, to->r[i].blocks)) {
			fail(&wj->job, SCSI_SENSE_TOKEN_CAUSE_UNKNOWN);
			return false;
		}
	}
	return true;
}

static bool check_list(struct write_job *wj, const u8 *list)
{
	if (!wj->w.zero && !find_source(wj, list + SCSI_WRITE_TOKEN_TOKEN))
		return false;
	return set_total(wj) && (!wj->rod || (blocks_fit(wj) && is_apart(wj)));
}

static bool read_write_token(struct write_job *wj)
{
	struct copy_job *job = &wj->job;
	struct scst_cmd *cmd = job->cmd;
	u8 *list = scst_alloc_mem(SCSI_WRITE_TOKEN_LIST_MAX);
	bool ok = false;

	if (!list)
		job->status = SCSI_BUSY;
	else if (!READ_ONCE(cmd->dev->nblocks))
		fail(job, SCSI_SENSE_NO_MEDIUM);
	else if (scsi_write_token_parse(list, scst_cmd_fetch(cmd, list, SCSI_WRITE_TOKEN_LIST_MAX), cmd->dev->block_shift,
					READ_ONCE(cmd->dev->nblocks), &wj->w, &job->sense))
		job->status = SCSI_CHECK_CONDITION;
	else
		ok = find_own_end(job, &wj->dst) && check_list(wj, list);
	kvfree(list);
	return ok && scst_copy_record_start(job, list_id(cmd), true, false);
}

void scst_write_token_exec(struct scst_cmd *cmd)
{
	struct copy_job *job = NULL;

	if (cmd->info.xfer_len)
		job = scst_copy_job_new(cmd, &write_kind);
	if (job && read_write_token(to_write(job))) {
		scst_copy_job_run(job, to_write(job)->w.immed);
		return;
	}
	if (job) {
		write_put(to_write(job), false);
		scst_copy_job_drop(job);
	}
	scst_cmd_done(cmd);
}
