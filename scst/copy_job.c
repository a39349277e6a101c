// SPDX-License-Identifier: GPL-2.0
/*
 * Copies at work: piece by piece, each by a READ and a WRITE of the copy manager's own session.
 *
 * So a piece passes every gate any other command passes: quiescing, COMPARE AND WRITE, SANITIZE, capacity, the cache mode.
 * Only order is not theirs to wait for (the copy itself has its place in it: they are HEAD OF QUEUE), and reservations, LUN map
 * and access states are looked at by the kinds of jobs, for the initiator, before each piece. The copy itself steps aside: who
 * quiesces the device waits for its pieces, not for it.
 *
 * A copy is one work item that never runs twice at once and never waits: a command that comes back, or an abort of the copy,
 * queues it. Under copy_lock the command is back and the work queued in one, so a job that has seen it is alone.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "copy.h"

#define RETRY_MS	20		/* an end is busy: so long, */
#define RETRIES_MAX	1500		/* so often */
#define LOOK_MS		2		/* until a job looks again at what it waits for */

#define SAME_NDOB	0x01		/* WRITE SAME: zeroes, nothing is sent */

enum copy_phase {
	COPY_NEXT,	/* nothing under way */
	COPY_READING,
	COPY_WRITING,
	COPY_SHARING,	/* writing what another file has */
	COPY_PROBING,
};

DEFINE_SPINLOCK(copy_lock);
static LIST_HEAD(background);	/* copy_lock */
static struct workqueue_struct *copy_wq;
static atomic_t nr_jobs = ATOMIC_INIT(0);
static atomic64_t last_tag = ATOMIC64_INIT(0);

/* -------------------------------------------------------------------- results */

void scst_copy_fail_third(struct copy_job *job, bool dst, u8 status, scsi_sense_code code)
{
	struct scsi_sense *sense = &job->sense;

	scsi_sense_set(sense, SCSI_SENSE_COPY_THIRD_PARTY_FAILED);
	job->status = SCSI_CHECK_CONDITION;
	sense->third_status = status;
	sense->third_code = code;
	sense->third_dst = dst;
	sense->flags |= SCSI_SENSE_F_THIRD;
}

/* ----------------------------------------------------------------------- ends */

struct scst_nexus *scst_copy_nexus_of(const struct scst_dev *dev)
{
	struct scst_nexus *nexus;
	unsigned long lun = 0;

	for (; (nexus = scst_copy_next_nexus(&lun)); lun++) {
		if (nexus->dev == dev && !READ_ONCE(nexus->dead))
			return nexus;
		scst_nexus_put(nexus);
	}
	return NULL;
}

void scst_copy_put_end(struct copy_end *end)
{
	if (end->cm)
		scst_nexus_put(end->cm);
	if (end->ini)
		scst_nexus_put(end->ini);
	*end = (struct copy_end) { };
}

/* ------------------------------------------------------------------- commands */

static void drop_io(struct copy_job *job, int i)
{
	if (job->io[i].used)
		scst_cmd_finish(&job->io[i].cmd);
	job->io[i].used = false;
}

static void put_cdb(const struct copy_job *job, int i, u8 shift, u8 *cdb)
{
	memset(cdb, 0, sizeof(job->io[i].cdb));
	if (job->phase == COPY_PROBING) {
		cdb[0] = SCSI_OP_TEST_UNIT_READY;
		return;
	}
	if (i == FROM_SRC) {
		cdb[0] = SCSI_OP_READ_16;
	} else if (job->src) {
		cdb[0] = SCSI_OP_WRITE_16;
	} else {
		cdb[0] = SCSI_OP_WRITE_SAME_16;
		cdb[1] = SAME_NDOB;
	}
	put_unaligned_be64(i == TO_DST ? job->dst_lba : job->src_lba, cdb + 2);
	put_unaligned_be32(job->len >> shift, cdb + 10);
}

static void make_io(struct copy_job *job, int i, const struct copy_end *end)
{
	struct scst_cmd *io = &job->io[i].cmd;
	bool data = job->src && job->phase != COPY_PROBING;

	job->io[i].ini = end->ini;
	put_cdb(job, i, end->cm->dev->block_shift, job->io[i].cdb);
	io->sess = end->cm->sess;
	io->cdb = job->io[i].cdb;
	io->cdb_len = sizeof(job->io[i].cdb);
	io->tag = atomic64_inc_return(&last_tag);
	io->edtl = data ? job->len : 0;
	io->attr = SCSI_ATTR_HEAD_OF_QUEUE;
	io->expect_dir = !data ? SCSI_DIR_NONE : i == TO_DST ? SCSI_DIR_TO : SCSI_DIR_FROM;
	scsi_lun_encode(end->cm->lun, SCSI_LUN_FLAT, io->lun);
	scst_cmd_init(io);
	job->io[i].used = true;
}

/*
 * The command of the piece that goes to @end. Now that it is on its session's list, PREEMPT AND ABORT either finds it there or
 * has changed before what may_use() looks at. False: failed.
 */
static bool init_io(struct copy_job *job, int i, const struct copy_end *end)
{
	struct scst_cmd *io = &job->io[i].cmd;

	make_io(job, i, end);
	/* Its number may be another device's by now. */
	if (io->dev != end->cm->dev)
		job->kind->fail(job, SCSI_SENSE_COPY_NOT_REACHABLE);
	else if (!job->kind->may_use || job->kind->may_use(job, i == TO_DST))
		return true;
	scst_cmd_abandon(io);
	drop_io(job, i);
	return false;
}

/* The work runs next when it is back. */
static void start_io(struct copy_job *job, int i)
{
	spin_lock_irq(&copy_lock);
	job->io_back = false;
	spin_unlock_irq(&copy_lock);
	scst_cmd_execute(&job->io[i].cmd);
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

	job->phase = COPY_WRITING;
	if (!init_io(job, TO_DST, job->dst))
		return false;
	if (job->src && io->status == SCSI_GOOD && lend_pages(io, &job->io[FROM_SRC].cmd))
		io->status = SCSI_BUSY;
	start_io(job, TO_DST);
	return true;
}

/* The blocks of one file may become those of another, where the handler knows how. */
static bool may_share(const struct copy_job *job)
{
	struct scst_dev *dst = job->dst->cm->dev, *src = job->src ? job->src->cm->dev : NULL;

	return src && !job->no_share && src->handler == dst->handler && dst->handler->may_share &&
	       dst->handler->may_share(dst, src);
}

u32 scst_copy_piece_max(const struct copy_job *job)
{
	return !job->src || may_share(job) ? COPY_LONG_PIECE : COPY_PIECE;
}

/* Without a READ: its place is taken by the handler of the WRITE, which passes the gates. */
static bool start_share(struct copy_job *job)
{
	struct scst_cmd *io = &job->io[TO_DST].cmd;

	if (job->kind->may_use && !job->kind->may_use(job, false))
		return false;
	job->phase = COPY_SHARING;
	if (!init_io(job, TO_DST, job->dst))
		return false;
	job->share = (struct scst_share) { .dev = job->src->cm->dev, .lba = job->src_lba };
	io->share = &job->share;
	start_io(job, TO_DST);
	return true;
}

bool scst_copy_start(struct copy_job *job)
{
	if (!job->src)
		return start_write(job);
	if (may_share(job))
		return start_share(job);
	job->phase = COPY_READING;
	if (!init_io(job, FROM_SRC, job->src))
		return false;
	start_io(job, FROM_SRC);
	return true;
}

bool scst_copy_probe(struct copy_job *job)
{
	job->phase = COPY_PROBING;
	if (!init_io(job, TO_DST, job->dst))
		return false;
	start_io(job, TO_DST);
	return true;
}

bool scst_copy_look_again(struct copy_job *job)
{
	job->phase = COPY_NEXT;
	queue_delayed_work(copy_wq, &job->work, msecs_to_jiffies(LOOK_MS));
	return true;
}

/* The end has no room for the command: it is sent again a moment later. */
static bool try_later(struct copy_job *job, int i)
{
	u8 status = job->io[i].cmd.status;

	if ((status != SCSI_BUSY && status != SCSI_TASK_SET_FULL) || job->retries++ >= RETRIES_MAX)
		return false;
	drop_io(job, i);
	job->phase = i == TO_DST && job->io[FROM_SRC].used ? COPY_READING : COPY_NEXT;
	queue_delayed_work(copy_wq, &job->work, msecs_to_jiffies(RETRY_MS));
	return true;
}

/* The LUN was taken from the initiator, and the command aborted for that: the job fails as before any later piece. */
static bool lost_lun(struct copy_job *job, int i)
{
	const struct scst_nexus *ini = job->io[i].ini;

	return ini && READ_ONCE(ini->dead) && job->kind->may_use && !job->kind->may_use(job, i == TO_DST);
}

/* False: failed. */
static bool check_io(struct copy_job *job, int i)
{
	const struct scst_cmd *io = &job->io[i].cmd;

	if (io->status != SCSI_GOOD && lost_lun(job, i))
		return false;
	if (io->status != SCSI_GOOD)
		job->kind->fail_end(job, i == TO_DST, io->status,
				    io->status == SCSI_CHECK_CONDITION && !io->raw_sense ? io->sense.code : 0);
	else if (i == FROM_SRC && (io->resp_len != job->len || io->buf.len < job->len))
		job->kind->fail_end(job, false, SCSI_CHECK_CONDITION, SCSI_SENSE_READ_ERROR);
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

static void free_job(struct copy_job *job)
{
	scst_buf_destroy(&job->io[FROM_SRC].cmd.buf);
	scst_buf_destroy(&job->io[TO_DST].cmd.buf);
	scst_nexus_put(job->nexus);
	kvfree(job);
	atomic_dec(&nr_jobs);
}

/*
 * It writes no more: whoever waited for it looks again. In one with its leaving the list: a session that ends is not gone before
 * its driver finds nothing of it there, thus after it was told.
 */
static void leave_background(struct copy_job *job)
{
	struct scst_sess *sess = job->nexus->sess;
	struct scst_dev *dev = job->nexus->dev;

	spin_lock_irq(&copy_lock);
	if (!list_empty(&job->link)) {
		list_del_init(&job->link);
		if (atomic_read(&dev->waiters))
			scst_dev_check(dev);
		/* Pairs with scst_sess_abort(), which its driver has called before it looks. */
		if (READ_ONCE(sess->aborting))
			sess->tgt->drv->kick(sess);
	}
	spin_unlock_irq(&copy_lock);
}

/* Nobody queues the work any more, and what has been queued goes. */
static void unhook(struct copy_job *job)
{
	struct scst_cmd *cmd = job->cmd;

	if (cmd) {
		spin_lock_irq(&cmd->sess->lock);
		cmd->core_flags &= ~SCST_CF_COPY;
		spin_unlock_irq(&cmd->sess->lock);
	}
	leave_background(job);
	cancel_delayed_work(&job->work);
}

/* The command ends; the job is gone afterwards. */
static void end_job(struct copy_job *job)
{
	struct scst_cmd *cmd = job->cmd;
	bool stopped = scst_copy_job_stopped(job);

	drop_io(job, TO_DST);
	drop_io(job, FROM_SRC);
	if (stopped) {
		/* What an abort of the command itself says is for scst_cmd_done(). */
		scsi_sense_set(&job->sense, SCSI_SENSE_ABORTED);
		job->status = READ_ONCE(job->stop) ? SCSI_CHECK_CONDITION : SCSI_TASK_ABORTED;
	}
	job->kind->end(job);
	if (job->record)
		scst_copy_record_end(job, stopped);
	unhook(job);
	if (cmd) {
		cmd->status = job->status;
		cmd->sense = job->sense;
	}
	free_job(job);
	if (cmd)
		scst_cmd_done(cmd);
}

static bool go_on(struct copy_job *job)
{
	return !scst_copy_job_stopped(job) && job->kind->go(job);
}

static bool read_ended(struct copy_job *job)
{
	if (scst_copy_job_stopped(job))
		return false;
	return try_later(job, FROM_SRC) || (check_io(job, FROM_SRC) && start_write(job));
}

static bool write_ended(struct copy_job *job)
{
	bool shared = job->phase == COPY_SHARING;

	if (!scst_copy_job_stopped(job) && try_later(job, TO_DST))
		return true;
	if (!check_io(job, TO_DST))
		return false;
	drop_io(job, TO_DST);
	drop_io(job, FROM_SRC);
	job->retries = 0;
	job->phase = COPY_NEXT;
	if (shared && !job->share.done)
		job->no_share = true;
	else
		job->kind->moved(job);
	return go_on(job);
}

static bool step(struct copy_job *job)
{
	switch (job->phase) {
	case COPY_READING:
		return read_ended(job);
	case COPY_WRITING:
	case COPY_SHARING:
	case COPY_PROBING:
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
	} else if (scst_copy_job_stopped(job)) {
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

void scst_copy_lose(const struct scst_nexus *ini)
{
	if (!scst_copy_not_connected())
		scst_copy_abort_for(ini);
}

bool scst_copy_uses(const struct scst_nexus *ini)
{
	const struct scst_cmd *cmd;
	unsigned long flags;
	bool hit = false;

	if (scst_copy_not_connected())
		return false;
	spin_lock_irqsave(&copy_sess->lock, flags);
	list_for_each_entry(cmd, &copy_sess->active, sess_link)
		hit |= container_of(cmd, struct copy_io, cmd)->ini == ini;
	spin_unlock_irqrestore(&copy_sess->lock, flags);
	return hit;
}

/* ------------------------------------------------- what goes on unanswered */

void scst_copy_stop(struct copy_job *job)
{
	lockdep_assert_held(&copy_lock);
	WRITE_ONCE(job->stop, true);
	/* A record tells of a job that exec() has still in its hands: its work looks when it begins. */
	if (job->running)
		mod_delayed_work(copy_wq, &job->work, 0);
}

void scst_copy_stop_background(const struct scst_nexus *nexus, const struct scst_dev *dev)
{
	struct copy_job *job;
	unsigned long flags;

	spin_lock_irqsave(&copy_lock, flags);
	list_for_each_entry(job, &background, link)
		if (job->nexus == nexus || job->nexus->dev == dev)
			scst_copy_stop(job);
	spin_unlock_irqrestore(&copy_lock, flags);
}

/* Also those of LUNs that it has no more. */
void scst_copy_stop_sess(const struct scst_sess *sess)
{
	struct copy_job *job;
	unsigned long flags;

	spin_lock_irqsave(&copy_lock, flags);
	list_for_each_entry(job, &background, link)
		if (job->nexus->sess == sess)
			scst_copy_stop(job);
	spin_unlock_irqrestore(&copy_lock, flags);
}

bool scst_sess_copies(const struct scst_sess *sess)
{
	const struct copy_job *job;
	unsigned long flags;
	bool hit = false;

	spin_lock_irqsave(&copy_lock, flags);
	list_for_each_entry(job, &background, link)
		hit |= job->nexus->sess == sess;
	spin_unlock_irqrestore(&copy_lock, flags);
	return hit;
}
EXPORT_SYMBOL_GPL(scst_sess_copies);

bool scst_copy_stops(const struct scst_drain *d)
{
	const struct copy_job *job;
	unsigned long flags;
	bool hit = false;

	spin_lock_irqsave(&copy_lock, flags);
	list_for_each_entry(job, &background, link)
		hit |= job->stop && job->epoch < d->epoch &&
		       (d->nexus ? job->nexus == d->nexus : job->nexus->dev == d->dev);
	spin_unlock_irqrestore(&copy_lock, flags);
	return hit;
}

/* ---------------------------------------------------------------- begin and end */

struct copy_job *scst_copy_job_new(struct scst_cmd *cmd, const struct copy_kind *kind)
{
	struct copy_job *job = NULL;

	if (atomic_inc_return(&nr_jobs) <= SCSI_XCOPY_COPIES_MAX)
		job = scst_alloc_mem(kind->size);
	if (!job) {
		atomic_dec(&nr_jobs);
		cmd->status = SCSI_BUSY;
		return NULL;
	}
	INIT_DELAYED_WORK(&job->work, copy_work);
	INIT_LIST_HEAD(&job->link);
	job->kind = kind;
	job->cmd = cmd;
	job->nexus = cmd->nexus;
	refcount_inc(&job->nexus->ref);
	job->io_back = true;
	job->io[FROM_SRC].job = job;
	job->io[TO_DST].job = job;
	return job;
}

void scst_copy_job_drop(struct copy_job *job)
{
	job->cmd->status = job->status;
	job->cmd->sense = job->sense;
	free_job(job);
}

static void set_off(struct copy_job *job)
{
	lockdep_assert_held(&copy_lock);
	job->running = true;
	mod_delayed_work(copy_wq, &job->work, 0);
}

/* From here on an abort finds the job, and nobody waits for the command as one that executes. */
static void step_aside(struct copy_job *job)
{
	struct scst_cmd *cmd = job->cmd;
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	cmd->handler_priv = job;
	cmd->core_flags |= SCST_CF_ASIDE | SCST_CF_COPY;
	spin_lock(&copy_lock);
	set_off(job);
	spin_unlock(&copy_lock);
	scst_cmd_stepped_aside(cmd);
	spin_unlock_irqrestore(&sess->lock, flags);
}

void scst_copy_job_run(struct copy_job *job, bool in_background)
{
	struct scst_cmd *cmd = job->cmd;

	if (!in_background) {
		step_aside(job);
		return;
	}
	spin_lock_irq(&copy_lock);
	job->cmd = NULL;
	job->epoch = cmd->epoch;
	list_add_tail(&job->link, &background);
	/* Its nexus may have died, or a reset taken place, before it could be found here. */
	if (READ_ONCE(job->nexus->dead) || scst_cmd_aborted(cmd))
		job->stop = true;
	set_off(job);
	spin_unlock_irq(&copy_lock);
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
