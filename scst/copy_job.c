// SPDX-License-Identifier: GPL-2.0
/*
 * EXTENDED COPY at work: piece by piece, each by a READ and a WRITE of the copy manager's own session.
 *
 * So a piece passes every gate any other command passes: quiescing, COMPARE AND WRITE, SANITIZE, capacity, the cache mode.
 * Only order is not theirs to wait for (the copy itself has its place in it: they are HEAD OF QUEUE), and reservations, LUN map
 * and access states are looked at here, for the initiator, before each piece. The copy itself steps aside: who quiesces the
 * device waits for its pieces, not for it.
 *
 * A copy is one work item that never runs twice at once and never waits: a command that comes back, or an abort of the copy,
 * queues it. Under copy_lock the command is back and the work queued in one, so a job that has seen it is alone.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "copy.h"

#define PIECE		(1U << 20)	/* bytes in memory at once, for each copy */
#define RETRY_MS	20		/* an end is busy: so long, */
#define RETRIES_MAX	1500		/* so often */

enum { FROM_SRC, TO_DST };	/* the two commands of a piece */

enum copy_phase {
	COPY_NEXT,	/* nothing under way */
	COPY_READING,
	COPY_WRITING,
};

/**
 * struct copy_end - a source or destination, once it has been found
 * @cm: the copy manager's nexus on it; reference
 * @ini: the initiator's; reference. NULL: it has none (allow_not_connected_copy)
 */
struct copy_end {
	struct scst_nexus *cm;
	struct scst_nexus *ini;
};

/**
 * struct copy_io - one command of a piece
 * @cmd: through the copy manager's session
 * @job: whose it is
 * @ini: nexus of the initiator it is for, or NULL
 * @cdb: its CDB
 * @used: @cmd has to be finished
 */
struct copy_io {
	struct scst_cmd cmd;
	struct copy_job *job;
	const struct scst_nexus *ini;
	u8 cdb[16];
	bool used;
};

/**
 * struct copy_job - one EXTENDED COPY from exec() to its end; belongs to its work
 * @work: moves it on
 * @cmd: the command, EXECUTING
 * @record: what RECEIVE COPY RESULTS tells of it; NULL: nothing
 * @ends: of the list's copy target descriptors, found when first used
 * @seg: segment under way
 * @done: bytes of it that are written
 * @len: bytes of the piece under way
 * @at: where the piece stands in the segment
 * @phase: what is under way
 * @retries: of the command under way
 * @io_back: none is; copy_lock
 * @io: READ and WRITE
 * @list: what to copy
 */
struct copy_job {
	struct delayed_work work;
	struct scst_cmd *cmd;
	struct copy_record *record;
	struct copy_end ends[SCSI_XCOPY_CSCDS_MAX];
	u16 seg;
	u64 done;
	u64 at;
	u32 len;
	u8 phase;
	unsigned int retries;
	bool io_back;
	struct copy_io io[2];
	struct scsi_xcopy list;
};

DEFINE_SPINLOCK(copy_lock);
static struct workqueue_struct *copy_wq;
static atomic_t nr_jobs = ATOMIC_INIT(0);
static atomic64_t last_tag = ATOMIC64_INIT(0);

/* -------------------------------------------------------------------- results */

static void fail(struct copy_job *job, scsi_sense_code code, u16 field)
{
	scst_cmd_fail(job->cmd, code);
	scsi_sense_segment(&job->cmd->sense, code, job->seg, field);
}

/* Nothing in the list is wrong: no field to point at. */
static void fail_segment(struct copy_job *job, scsi_sense_code code)
{
	fail(job, code, 0);
	job->cmd->sense.flags &= ~SCSI_SENSE_F_FIELD;
}

/* An end answered with @status and sense @code. */
static void fail_third(struct copy_job *job, bool dst, u8 status, scsi_sense_code code)
{
	struct scsi_sense *sense = &job->cmd->sense;

	fail_segment(job, SCSI_SENSE_COPY_THIRD_PARTY_FAILED);
	sense->third_status = status;
	sense->third_code = code;
	sense->third_dst = dst;
	sense->flags |= SCSI_SENSE_F_THIRD;
}

/* ----------------------------------------------------------------------- ends */

/* The initiator's own nexus on the device, one that may write if there is any; with a reference. */
static struct scst_nexus *own_nexus(struct scst_dev *dev, const struct scst_sess *sess)
{
	struct scst_nexus *nexus, *best = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link) {
		if (nexus->sess != sess || READ_ONCE(nexus->dead) || (best && !best->read_only))
			continue;
		if (!refcount_inc_not_zero(&nexus->ref))
			continue;
		if (best)
			scst_nexus_put(best);
		best = nexus;
	}
	rcu_read_unlock();
	return best;
}

static bool is_named(struct scst_dev *dev, const struct scsi_cscd *cscd)
{
	u8 page[SCST_DESIGNATORS_MAX];

	if (!dev->handler->designators)
		return false;
	return scsi_cscd_matches(cscd, page, dev->handler->designators(dev, page, sizeof(page)));
}

static void put_end(struct copy_end *end)
{
	if (end->cm)
		scst_nexus_put(end->cm);
	if (end->ini)
		scst_nexus_put(end->ini);
	*end = (struct copy_end) { };
}

/* Takes over @cm. False: it is none that the initiator may name. */
static bool try_end(struct copy_job *job, struct scst_nexus *cm, const struct scsi_cscd *cscd, struct copy_end *end)
{
	end->cm = cm;
	end->ini = own_nexus(cm->dev, job->cmd->sess);
	if ((end->ini || scst_copy_not_connected()) && !READ_ONCE(cm->dead) && is_named(cm->dev, cscd))
		return true;
	put_end(end);
	return false;
}

/*
 * The one device that answers to the designator among those which the initiator sees. What it does not see is not there for
 * it; two that answer to one name are none, rather than the wrong one.
 */
static bool find_end(struct copy_job *job, const struct scsi_cscd *cscd, struct copy_end *end)
{
	struct scst_nexus *cm;
	struct copy_end other;
	unsigned long lun = 0;

	for (; (cm = scst_copy_next_nexus(&lun)); lun++) {
		if (end->cm && end->cm->dev == cm->dev) {
			scst_nexus_put(cm);
			continue;
		}
		if (!try_end(job, cm, cscd, end->cm ? &other : end))
			continue;
		if (end->cm != cm) {
			put_end(&other);
			put_end(end);
			return false;
		}
	}
	return end->cm;
}

/* The end with that index; NULL: failed. */
static struct copy_end *get_end(struct copy_job *job, u8 index, u16 field)
{
	const struct scsi_cscd *cscd = &job->list.cscds[index];
	struct copy_end *end = &job->ends[index];

	if (end->cm)
		return end;
	if (!find_end(job, cscd, end)) {
		fail(job, SCSI_SENSE_COPY_NOT_REACHABLE, field);
	} else if (cscd->type != end->cm->dev->handler->type) {
		fail(job, SCSI_SENSE_COPY_WRONG_TYPE, field);
	} else if (cscd->block_size != 1U << end->cm->dev->block_shift) {
		scst_cmd_fail_param(job->cmd, SCSI_SENSE_INVALID_FIELD_IN_PARAM,
				    SCSI_XCOPY_HEADER + index * SCSI_XCOPY_CSCD_LEN + SCSI_XCOPY_CSCD_BLOCK, 7);
	} else {
		return end;
	}
	return NULL;
}

/* May the initiator do itself, now, what is about to be done for it? False: failed. */
static bool may_use(struct copy_job *job, const struct copy_end *end, bool write)
{
	const struct scsi_op *op = &scsi_op_table[write ? SCSI_OP_ID_WRITE_16 : SCSI_OP_ID_READ_16];
	const struct scst_nexus *ini = end->ini;
	struct scst_dev *dev = end->cm->dev;

	if (!ini || READ_ONCE(ini->dead)) {
		if (!scst_copy_not_connected()) {
			fail_segment(job, SCSI_SENSE_COPY_NOT_REACHABLE);
			return false;
		}
		ini = end->cm;
	}
	if (!scsi_alua_accessible(READ_ONCE(ini->alua_state)))
		fail_segment(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	else if (!scst_pr_passes(ini, op->flags))
		fail_third(job, write, SCSI_RESERVATION_CONFLICT, 0);
	else if (write && (READ_ONCE(ini->read_only) || READ_ONCE(dev->read_only) || READ_ONCE(dev->swp)))
		fail_third(job, write, SCSI_CHECK_CONDITION, SCSI_SENSE_WRITE_PROTECTED);
	else
		return true;
	return false;
}

/* ------------------------------------------------------------------- segments */

static struct copy_end *src_of(struct copy_job *job)
{
	return &job->ends[job->list.segs[job->seg].src];
}

static struct copy_end *dst_of(struct copy_job *job)
{
	return &job->ends[job->list.segs[job->seg].dst];
}

static u64 segment_bytes(struct copy_job *job)
{
	const struct scsi_xcopy_seg *seg = &job->list.segs[job->seg];

	return (u64)seg->blocks << (seg->dc ? dst_of(job) : src_of(job))->cm->dev->block_shift;
}

/* False: failed. */
static bool check_range(struct copy_job *job, const struct copy_end *end, u64 lba, u64 bytes, u16 field)
{
	const struct scst_dev *dev = end->cm->dev;
	u64 nblocks = READ_ONCE(dev->nblocks), blocks = bytes >> dev->block_shift;

	if (bytes & ((1U << dev->block_shift) - 1)) {
		fail(job, SCSI_SENSE_COPY_INEXACT_SEGMENT, SCSI_XCOPY_SEG_BLOCKS);
		return false;
	}
	if (lba > nblocks || blocks > nblocks - lba) {
		fail(job, SCSI_SENSE_COPY_ABORTED, field);
		return false;
	}
	return true;
}

/* Before the first piece. False: failed. */
static bool open_segment(struct copy_job *job)
{
	const struct scsi_xcopy_seg *seg = &job->list.segs[job->seg];
	struct copy_end *src, *dst;
	u64 bytes;

	src = get_end(job, seg->src, SCSI_XCOPY_SEG_SRC);
	dst = src ? get_end(job, seg->dst, SCSI_XCOPY_SEG_DST) : NULL;
	if (!dst)
		return false;
	bytes = segment_bytes(job);
	return check_range(job, src, seg->src_lba, bytes, SCSI_XCOPY_SEG_SRC_LBA) &&
	       check_range(job, dst, seg->dst_lba, bytes, SCSI_XCOPY_SEG_DST_LBA);
}

/*
 * Where the next piece stands. Ranges of one device that overlap are copied as if all had been read first: from the end
 * when they move up, and in pieces that do not overlap themselves.
 */
static void choose_piece(struct copy_job *job, u64 bytes)
{
	const struct scsi_xcopy_seg *seg = &job->list.segs[job->seg];
	const struct scst_dev *dev = src_of(job)->cm->dev;
	u64 left = bytes - job->done, apart;
	bool up = seg->dst_lba > seg->src_lba;

	job->len = min_t(u64, left, PIECE);
	job->at = job->done;
	if (dev != dst_of(job)->cm->dev)
		return;
	apart = up ? seg->dst_lba - seg->src_lba : seg->src_lba - seg->dst_lba;
	if (apart >= bytes >> dev->block_shift)
		return;
	job->len = min_t(u64, job->len, apart << dev->block_shift);
	if (up)
		job->at = left - job->len;
}

static void count_piece(struct copy_job *job, u64 bytes, u16 segments)
{
	if (!job->record)
		return;
	spin_lock_irq(&copy_lock);
	job->record->result.bytes += bytes;
	job->record->result.segments += segments;
	spin_unlock_irq(&copy_lock);
}

static bool copies_onto_itself(struct copy_job *job)
{
	const struct scsi_xcopy_seg *seg = &job->list.segs[job->seg];

	return seg->src_lba == seg->dst_lba && src_of(job)->cm->dev == dst_of(job)->cm->dev;
}

/* False: nothing is left to copy, or it failed. */
static bool next_piece(struct copy_job *job)
{
	for (; job->seg < job->list.nr_segs; job->seg++, job->done = 0) {
		u64 bytes;

		if (!job->done && !open_segment(job))
			return false;
		if (!may_use(job, dst_of(job), true))	/* before it is read for nothing */
			return false;
		bytes = segment_bytes(job);
		if (job->done < bytes && !copies_onto_itself(job)) {
			choose_piece(job, bytes);
			return true;
		}
		if (!may_use(job, src_of(job), false))
			return false;
		count_piece(job, 0, 1);
	}
	return false;
}

/* ------------------------------------------------------------------- commands */

static void drop_io(struct copy_job *job, int i)
{
	if (job->io[i].used)
		scst_cmd_finish(&job->io[i].cmd);
	job->io[i].used = false;
}

static void make_io(struct copy_job *job, int i, const struct copy_end *end, u64 lba)
{
	struct scst_cmd *io = &job->io[i].cmd;
	u8 shift = end->cm->dev->block_shift, *cdb = job->io[i].cdb;

	job->io[i].ini = end->ini;
	memset(cdb, 0, sizeof(job->io[i].cdb));
	cdb[0] = i == TO_DST ? SCSI_OP_WRITE_16 : SCSI_OP_READ_16;
	put_unaligned_be64(lba + (job->at >> shift), cdb + 2);
	put_unaligned_be32(job->len >> shift, cdb + 10);
	io->sess = end->cm->sess;
	io->cdb = cdb;
	io->cdb_len = sizeof(job->io[i].cdb);
	io->tag = atomic64_inc_return(&last_tag);
	io->edtl = job->len;
	io->attr = SCSI_ATTR_HEAD_OF_QUEUE;
	io->expect_dir = i == TO_DST ? SCSI_DIR_TO : SCSI_DIR_FROM;
	scsi_lun_encode(end->cm->lun, SCSI_LUN_FLAT, io->lun);
	scst_cmd_init(io);
	job->io[i].used = true;
}

/*
 * The command of the piece that goes to @end. Now that it is on its session's list, PREEMPT AND ABORT either finds it there or
 * has changed before what may_use() looks at. False: failed.
 */
static bool init_io(struct copy_job *job, int i, const struct copy_end *end, u64 lba)
{
	struct scst_cmd *io = &job->io[i].cmd;

	make_io(job, i, end, lba);
	/* Its number may be another device's by now. */
	if (io->dev != end->cm->dev)
		fail_segment(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	else if (may_use(job, end, i == TO_DST))
		return true;
	scst_cmd_abandon(io);
	drop_io(job, i);
	return false;
}

/* The work runs next when it is back. */
static void start_io(struct copy_job *job, int i, enum copy_phase phase)
{
	job->phase = phase;
	spin_lock_irq(&copy_lock);
	job->io_back = false;
	spin_unlock_irq(&copy_lock);
	scst_cmd_execute(&job->io[i].cmd);
}

static bool start_read(struct copy_job *job)
{
	if (!init_io(job, FROM_SRC, src_of(job), job->list.segs[job->seg].src_lba))
		return false;
	start_io(job, FROM_SRC, COPY_READING);
	return true;
}

/* What was read is what is written; the pages have a reference of either. */
static int lend_pages(struct scst_cmd *to, const struct scst_cmd *from)
{
	unsigned int i;

	if (scst_buf_reserve(&to->buf, from->buf.nr))
		return -ENOMEM;
	for (i = 0; i < from->buf.nr; i++) {
		const struct bio_vec *bv = &from->buf.bv[i];

		get_page(bv->bv_page);
		if (scst_buf_add(&to->buf, bv->bv_page, bv->bv_len, bv->bv_offset)) {
			put_page(bv->bv_page);
			return -ENOMEM;
		}
	}
	return 0;
}

static bool start_write(struct copy_job *job)
{
	struct scst_cmd *io = &job->io[TO_DST].cmd;

	if (!init_io(job, TO_DST, dst_of(job), job->list.segs[job->seg].dst_lba))
		return false;
	if (io->status == SCSI_GOOD && lend_pages(io, &job->io[FROM_SRC].cmd))
		io->status = SCSI_BUSY;
	start_io(job, TO_DST, COPY_WRITING);
	return true;
}

/* The end has no room for the command: it is sent again a moment later. */
static bool try_later(struct copy_job *job, int i)
{
	u8 status = job->io[i].cmd.status;

	if ((status != SCSI_BUSY && status != SCSI_TASK_SET_FULL) || job->retries++ >= RETRIES_MAX)
		return false;
	drop_io(job, i);
	job->phase = i == FROM_SRC ? COPY_NEXT : COPY_READING;
	queue_delayed_work(copy_wq, &job->work, msecs_to_jiffies(RETRY_MS));
	return true;
}

/* False: failed. */
static bool check_io(struct copy_job *job, int i)
{
	const struct scst_cmd *io = &job->io[i].cmd;

	if (io->status != SCSI_GOOD)
		fail_third(job, i == TO_DST, io->status,
			   io->status == SCSI_CHECK_CONDITION && !io->raw_sense ? io->sense.code : 0);
	else if (i == FROM_SRC && (io->resp_len != job->len || io->buf.len < job->len))
		fail_third(job, false, SCSI_CHECK_CONDITION, SCSI_SENSE_READ_ERROR);
	else
		return true;
	return false;
}

void scst_copy_io_done(struct scst_cmd *cmd)
{
	struct copy_job *job = container_of(cmd, struct copy_io, cmd)->job;
	unsigned long flags;

	spin_lock_irqsave(&copy_lock, flags);
	job->io_back = true;
	mod_delayed_work(copy_wq, &job->work, 0);
	spin_unlock_irqrestore(&copy_lock, flags);
}

/* ------------------------------------------------------------------- the work */

/* The command ends; the job is gone afterwards. */
static void end_job(struct copy_job *job)
{
	struct scst_cmd *cmd = job->cmd;
	unsigned int i;

	drop_io(job, TO_DST);
	drop_io(job, FROM_SRC);
	for (i = 0; i < ARRAY_SIZE(job->ends); i++)
		put_end(&job->ends[i]);
	if (job->record)
		scst_copy_record_end(job->record, cmd);
	/* An abort queues the work no more, and what it has queued goes. */
	spin_lock_irq(&cmd->sess->lock);
	cmd->core_flags &= ~SCST_CF_COPY;
	spin_unlock_irq(&cmd->sess->lock);
	cancel_delayed_work(&job->work);
	kvfree(job);
	atomic_dec(&nr_jobs);
	scst_cmd_done(cmd);
}

/* Whether a command of the piece has been started. */
static bool go_on(struct copy_job *job)
{
	if (scst_cmd_aborted(job->cmd))
		return false;
	return next_piece(job) && start_read(job);
}

static bool read_ended(struct copy_job *job)
{
	if (scst_cmd_aborted(job->cmd))
		return false;
	return try_later(job, FROM_SRC) || (check_io(job, FROM_SRC) && start_write(job));
}

static bool write_ended(struct copy_job *job)
{
	if (!scst_cmd_aborted(job->cmd) && try_later(job, TO_DST))
		return true;
	if (!check_io(job, TO_DST))
		return false;
	drop_io(job, TO_DST);
	drop_io(job, FROM_SRC);
	job->retries = 0;
	job->done += job->len;
	count_piece(job, job->len, 0);
	return go_on(job);
}

static bool step(struct copy_job *job)
{
	switch (job->phase) {
	case COPY_READING:
		return read_ended(job);
	case COPY_WRITING:
		return write_ended(job);
	}
	return go_on(job);
}

static void copy_work(struct work_struct *work)
{
	struct copy_job *job = container_of(to_delayed_work(work), struct copy_job, work);
	unsigned int noio = memalloc_noio_save();
	struct scst_cmd *io;
	bool back;

	spin_lock_irq(&copy_lock);
	back = job->io_back;
	spin_unlock_irq(&copy_lock);
	if (back) {
		if (!step(job))
			end_job(job);
	} else if (scst_cmd_aborted(job->cmd)) {
		/* What waits at a gate comes back at once, what executes when it is done. */
		io = &job->io[job->phase == COPY_READING ? FROM_SRC : TO_DST].cmd;
		scst_nexus_abort_tag(io->nexus, io->tag);
	}
	memalloc_noio_restore(noio);
}

void scst_copy_abort(struct scst_cmd *cmd)
{
	struct copy_job *job = cmd->handler_priv;

	lockdep_assert_held(&cmd->sess->lock);
	mod_delayed_work(copy_wq, &job->work, 0);
}

void scst_copy_abort_for(const struct scst_nexus *ini)
{
	struct scst_cmd *cmd, *next;
	unsigned long flags;
	LIST_HEAD(ended);

	rcu_read_lock();
	spin_lock_irqsave(&copy_sess->lock, flags);
	list_for_each_entry_safe(cmd, next, &copy_sess->active, sess_link)
		if (container_of(cmd, struct copy_io, cmd)->ini == ini)
			scst_cmd_abort(cmd, 0, &ended);
	spin_unlock_irqrestore(&copy_sess->lock, flags);
	scst_cmds_respond(&ended);
	rcu_read_unlock();
}

/* From here on an abort finds the job, and nobody waits for the command as one that executes. */
static void step_aside(struct scst_cmd *cmd, struct copy_job *job)
{
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	cmd->handler_priv = job;
	cmd->core_flags |= SCST_CF_ASIDE | SCST_CF_COPY;
	mod_delayed_work(copy_wq, &job->work, 0);
	spin_unlock_irqrestore(&sess->lock, flags);
}

static struct copy_job *new_job(struct scst_cmd *cmd)
{
	struct copy_job *job = scst_alloc_mem(sizeof(*job));

	if (!job)
		return NULL;
	INIT_DELAYED_WORK(&job->work, copy_work);
	job->cmd = cmd;
	job->io_back = true;
	job->io[FROM_SRC].job = job;
	job->io[TO_DST].job = job;
	return job;
}

/* False: refused. */
static bool read_list(struct copy_job *job)
{
	struct scst_cmd *cmd = job->cmd;
	u8 *list = scst_alloc_mem(SCSI_XCOPY_LIST_MAX);

	if (!list)
		cmd->status = SCSI_BUSY;
	else if (scsi_xcopy_parse(list, scst_cmd_fetch(cmd, list, SCSI_XCOPY_LIST_MAX), &job->list, &cmd->sense))
		cmd->status = SCSI_CHECK_CONDITION;
	else
		scst_copy_record_start(cmd, &job->list, &job->record);
	kvfree(list);
	return cmd->status == SCSI_GOOD;
}

void scst_copy_exec(struct scst_cmd *cmd)
{
	struct copy_job *job = NULL;

	if (!cmd->info.xfer_len)
		goto done;
	if (atomic_inc_return(&nr_jobs) <= SCSI_XCOPY_COPIES_MAX)
		job = new_job(cmd);
	if (job && read_list(job)) {
		step_aside(cmd, job);
		return;
	}
	if (!job)
		cmd->status = SCSI_BUSY;
	kvfree(job);
	atomic_dec(&nr_jobs);
done:
	scst_cmd_done(cmd);
}

int scst_copy_job_init(void)
{
	copy_wq = alloc_workqueue("scst_copy", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return copy_wq ? 0 : -ENOMEM;
}

void scst_copy_job_exit(void)
{
	destroy_workqueue(copy_wq);
}
