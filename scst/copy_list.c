// SPDX-License-Identifier: GPL-2.0
/*
 * EXTENDED COPY(LID1): devices that its list names, segment by segment.
 */
#include <linux/slab.h>

#include "copy.h"

/**
 * struct list_job - one EXTENDED COPY
 * @job: first
 * @ends: of the list's copy target descriptors, found when first used
 * @seg: segment under way
 * @done: bytes of it that are written
 * @list: what to copy
 */
struct list_job {
	struct copy_job job;
	struct copy_end ends[SCSI_XCOPY_CSCDS_MAX];
	u16 seg;
	u64 done;
	struct scsi_xcopy list;
};

static struct list_job *to_list(struct copy_job *job)
{
	return container_of(job, struct list_job, job);
}

/* -------------------------------------------------------------------- results */

static void fail(struct list_job *l, scsi_sense_code code, u16 field)
{
	scsi_sense_segment(&l->job.sense, code, l->seg, field);
	l->job.status = SCSI_CHECK_CONDITION;
}

/* Nothing in the list is wrong: no field to point at. */
static void fail_segment(struct copy_job *job, scsi_sense_code code)
{
	fail(to_list(job), code, 0);
	job->sense.flags &= ~SCSI_SENSE_F_FIELD;
}

static void fail_end(struct copy_job *job, bool dst, u8 status, scsi_sense_code code)
{
	scst_copy_fail_third(job, dst, status, code);
	job->sense.segment = to_list(job)->seg;
	job->sense.flags |= SCSI_SENSE_F_SEGMENT;
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

/* Takes over @cm. False: it is none that the initiator may name. */
static bool try_end(struct list_job *l, struct scst_nexus *cm, const struct scsi_cscd *cscd, struct copy_end *end)
{
	end->cm = cm;
	end->ini = own_nexus(cm->dev, l->job.cmd->sess);
	if ((end->ini || scst_copy_not_connected()) && !READ_ONCE(cm->dead) && is_named(cm->dev, cscd))
		return true;
	scst_copy_put_end(end);
	return false;
}

/*
 * The one device that answers to the designator among those which the initiator sees. What it does not see is not there for
 * it; two that answer to one name are none, rather than the wrong one.
 */
static bool find_end(struct list_job *l, const struct scsi_cscd *cscd, struct copy_end *end)
{
	struct scst_nexus *cm;
	struct copy_end other;
	unsigned long lun = 0;

	for (; (cm = scst_copy_next_nexus(&lun)); lun++) {
		if (end->cm && end->cm->dev == cm->dev) {
			scst_nexus_put(cm);
			continue;
		}
		if (!try_end(l, cm, cscd, end->cm ? &other : end))
			continue;
		if (end->cm != cm) {
			scst_copy_put_end(&other);
			scst_copy_put_end(end);
			return false;
		}
	}
	return end->cm;
}

/* The end with that index; NULL: failed. */
static struct copy_end *get_end(struct list_job *l, u8 index, u16 field)
{
	const struct scsi_cscd *cscd = &l->list.cscds[index];
	struct copy_end *end = &l->ends[index];

	if (end->cm)
		return end;
	if (!find_end(l, cscd, end)) {
		fail(l, SCSI_SENSE_COPY_NOT_REACHABLE, field);
	} else if (cscd->type != end->cm->dev->handler->type) {
		fail(l, SCSI_SENSE_COPY_WRONG_TYPE, field);
	} else if (cscd->block_size != 1U << end->cm->dev->block_shift) {
		scsi_sense_param_field(&l->job.sense,
				       SCSI_XCOPY_HEADER + index * SCSI_XCOPY_CSCD_LEN + SCSI_XCOPY_CSCD_BLOCK, 7);
		l->job.status = SCSI_CHECK_CONDITION;
	} else {
		return end;
	}
	return NULL;
}

/* May the initiator do itself, now, what is about to be done for it? */
static bool may_use(struct copy_job *job, bool write)
{
	const struct scsi_op *op = &scsi_op_table[write ? SCSI_OP_ID_WRITE_16 : SCSI_OP_ID_READ_16];
	const struct copy_end *end = write ? job->dst : job->src;
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
		fail_end(job, write, SCSI_RESERVATION_CONFLICT, 0);
	else if (write && (READ_ONCE(ini->read_only) || READ_ONCE(dev->read_only) || READ_ONCE(dev->swp)))
		fail_end(job, write, SCSI_CHECK_CONDITION, SCSI_SENSE_WRITE_PROTECTED);
	else
		return true;
	return false;
}

/* ------------------------------------------------------------------- segments */

static const struct scsi_xcopy_seg *seg_of(const struct list_job *l)
{
	return &l->list.segs[l->seg];
}

static u64 segment_bytes(struct list_job *l)
{
	const struct scsi_xcopy_seg *seg = seg_of(l);

	return (u64)seg->blocks << l->ends[seg->dc ? seg->dst : seg->src].cm->dev->block_shift;
}

/* False: failed. */
static bool check_range(struct list_job *l, const struct copy_end *end, u64 lba, u64 bytes, u16 field)
{
	const struct scst_dev *dev = end->cm->dev;
	u64 nblocks = READ_ONCE(dev->nblocks), blocks = bytes >> dev->block_shift;

	if (bytes & ((1U << dev->block_shift) - 1)) {
		fail(l, SCSI_SENSE_COPY_INEXACT_SEGMENT, SCSI_XCOPY_SEG_BLOCKS);
		return false;
	}
	if (lba > nblocks || blocks > nblocks - lba) {
		fail(l, SCSI_SENSE_COPY_ABORTED, field);
		return false;
	}
	return true;
}

/* Before the first piece. False: failed. */
static bool open_segment(struct list_job *l)
{
	const struct scsi_xcopy_seg *seg = seg_of(l);
	u64 bytes;

	l->job.src = get_end(l, seg->src, SCSI_XCOPY_SEG_SRC);
	l->job.dst = l->job.src ? get_end(l, seg->dst, SCSI_XCOPY_SEG_DST) : NULL;
	if (!l->job.dst)
		return false;
	bytes = segment_bytes(l);
	return check_range(l, l->job.src, seg->src_lba, bytes, SCSI_XCOPY_SEG_SRC_LBA) &&
	       check_range(l, l->job.dst, seg->dst_lba, bytes, SCSI_XCOPY_SEG_DST_LBA);
}

static bool one_device(const struct copy_job *job)
{
	return job->src->cm->dev == job->dst->cm->dev;
}

/*
 * Where the next piece stands. Ranges of one device that overlap are copied as if all had been read first: from the end
 * when they move up, and in pieces that do not overlap themselves.
 */
static void choose_piece(struct list_job *l, u64 bytes)
{
	const struct scsi_xcopy_seg *seg = seg_of(l);
	struct copy_job *job = &l->job;
	u8 src_shift = job->src->cm->dev->block_shift, dst_shift = job->dst->cm->dev->block_shift;
	u64 left = bytes - l->done, at = l->done, apart;
	bool up = seg->dst_lba > seg->src_lba;

	job->len = min_t(u64, left, scst_copy_piece_max(job));
	apart = up ? seg->dst_lba - seg->src_lba : seg->src_lba - seg->dst_lba;
	if (one_device(job) && apart < bytes >> src_shift) {
		job->len = min_t(u64, job->len, apart << src_shift);
		if (up)
			at = left - job->len;
	}
	job->src_lba = seg->src_lba + (at >> src_shift);
	job->dst_lba = seg->dst_lba + (at >> dst_shift);
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

/* False: nothing is left to copy, or it failed. */
static bool next_piece(struct list_job *l)
{
	struct copy_job *job = &l->job;

	for (; l->seg < l->list.nr_segs; l->seg++, l->done = 0) {
		u64 bytes;

		if (!l->done && !open_segment(l))
			return false;
		if (!may_use(job, true))	/* before it is read for nothing */
			return false;
		bytes = segment_bytes(l);
		if (l->done < bytes && !(one_device(job) && seg_of(l)->src_lba == seg_of(l)->dst_lba)) {
			choose_piece(l, bytes);
			return true;
		}
		if (!may_use(job, false))
			return false;
		count_piece(job, 0, 1);
	}
	return false;
}

static bool go(struct copy_job *job)
{
	return next_piece(to_list(job)) && scst_copy_start(job);
}

static void moved(struct copy_job *job)
{
	to_list(job)->done += job->len;
	count_piece(job, job->len, 0);
}

static void end(struct copy_job *job)
{
	struct list_job *l = to_list(job);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(l->ends); i++)
		scst_copy_put_end(&l->ends[i]);
}

static const struct copy_kind list_kind = {
	.size = sizeof(struct list_job),
	.go = go,
	.may_use = may_use,
	.fail = fail_segment,
	.fail_end = fail_end,
	.moved = moved,
	.end = end,
};

/* False: refused. */
static bool read_list(struct list_job *l)
{
	struct scst_cmd *cmd = l->job.cmd;
	u8 *list = scst_alloc_mem(SCSI_XCOPY_LIST_MAX);
	struct copy_job *job = &l->job;

	if (!list)
		job->status = SCSI_BUSY;
	else if (scsi_xcopy_parse(list, scst_cmd_fetch(cmd, list, SCSI_XCOPY_LIST_MAX), &l->list, &job->sense))
		job->status = SCSI_CHECK_CONDITION;
	kvfree(list);
	if (job->status != SCSI_GOOD)
		return false;
	return l->list.id_usage == SCSI_XCOPY_ID_NONE ||
	       scst_copy_record_start(job, l->list.list_id, false, l->list.id_usage == SCSI_XCOPY_ID_RUNNING);
}

void scst_copy_exec(struct scst_cmd *cmd)
{
	struct copy_job *job = NULL;

	if (cmd->info.xfer_len)
		job = scst_copy_job_new(cmd, &list_kind);
	if (job && read_list(to_list(job))) {
		scst_copy_job_run(job, false);
		return;
	}
	if (job)
		scst_copy_job_drop(job);
	scst_cmd_done(cmd);
}
