// SPDX-License-Identifier: GPL-2.0
/*
 * The copy manager's place in the tree: a driver, a target and a session whose LUNs are the devices that copy commands may
 * name; and what it tells of its copies.
 */
#include <linux/slab.h>

#include "copy.h"

#define RECORDS_MAX	16	/* copies that have ended, remembered for each nexus */

static bool allow_not_connected;
static unsigned int next_lun;		/* scst_mgmt_mutex */

static int allow_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(allow_not_connected));
}

static int allow_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_driver *drv = obj;
	long value;
	int ret;

	ret = scst_parse_long(&drv->node, a, text, 0, 1, &value);
	if (!ret)
		WRITE_ONCE(allow_not_connected, value);
	return ret;
}

static const struct scst_attr copy_attrs[] = {
	SCST_ATTR_RW(allow_not_connected_copy, allow_show, allow_store, "0"),
};

/* Its commands never wait for data. */
static void copy_kick(struct scst_sess *sess)
{
}

static struct scst_driver copy_driver = {
	.name = "copy_manager",
	.owner = THIS_MODULE,
	.sg_tablesize = 65535,
	.attrs = copy_attrs,
	.nr_attrs = ARRAY_SIZE(copy_attrs),
	.queue_response = scst_copy_io_done,
	.kick = copy_kick,
};

static struct scst_tgt *copy_tgt;
struct scst_sess *copy_sess;

static void copy_release(void *obj)
{
	kfree(obj);
}

static int add_tgt(void)
{
	struct scst_tgt *tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);
	int ret;

	if (!tgt)
		return -ENOMEM;
	tgt->internal = true;
	ret = scst_tgt_register(tgt, &copy_driver, "copy_manager_tgt", copy_release);
	if (!ret)
		copy_tgt = tgt;
	return ret;
}

static int add_sess(void)
{
	struct scst_sess *sess = kzalloc(sizeof(*sess), GFP_KERNEL);
	int ret;

	if (!sess)
		return -ENOMEM;
	ret = scst_sess_register_any(sess, copy_tgt, "copy_manager_sess", copy_release);
	if (ret)
		kfree(sess);
	else
		copy_sess = sess;
	return ret;
}

int scst_copy_init(void)
{
	int ret;

	ret = scst_copy_job_init();
	if (ret)
		return ret;
	ret = scst_driver_register(&copy_driver);
	if (ret)
		goto out_job;
	ret = add_tgt();
	if (ret)
		goto out_driver;
	ret = add_sess();
	if (ret)
		goto out_tgt;
	return 0;

out_tgt:
	scst_tgt_unregister(copy_tgt);
out_driver:
	scst_driver_unregister(&copy_driver);
out_job:
	scst_copy_job_exit();
	return ret;
}

void scst_copy_exit(void)
{
	scst_copy_job_exit();
	scst_rod_exit();
	scst_sess_unregister(copy_sess);
	scst_tgt_unregister(copy_tgt);
	scst_driver_unregister(&copy_driver);
}

void scst_copy_add_dev(struct scst_dev *dev)
{
	/* A failure has said so; the administrator can add it. */
	if (READ_ONCE(scst_auto_cm_assignment))
		scst_acg_add_next_lun(copy_tgt->default_acg, dev, &next_lun);
}

bool scst_copy_not_connected(void)
{
	return READ_ONCE(allow_not_connected);
}

struct scst_nexus *scst_copy_next_nexus(unsigned long *lun)
{
	struct scst_nexus *nexus;

	for (; xa_find(&copy_sess->nexuses, lun, SCSI_MAX_LUN, XA_PRESENT); ++*lun) {
		nexus = scst_nexus_get(copy_sess, *lun);
		if (nexus)
			return nexus;
	}
	return NULL;
}

/* -------------------------------------------------------------------- records */

static struct copy_record *find_record(struct scst_nexus *nexus, u32 id, bool lid4)
{
	struct copy_record *r;

	lockdep_assert_held(&copy_lock);
	list_for_each_entry(r, &nexus->copies, link)
		if (r->id == id && r->lid4 == lid4)
			return r;
	return NULL;
}

/* Makes room for one more: the oldest that has ended goes when there are many. Returns what the caller frees. */
static struct copy_record *oldest_to_go(struct scst_nexus *nexus)
{
	struct copy_record *r, *oldest = NULL;
	unsigned int nr = 0;

	lockdep_assert_held(&copy_lock);
	list_for_each_entry(r, &nexus->copies, link) {
		if (r->job)
			continue;
		nr++;
		if (!oldest)
			oldest = r;
	}
	if (nr < RECORDS_MAX)
		return NULL;
	list_del(&oldest->link);
	return oldest;
}

static void free_record(struct copy_record *r)
{
	if (r && r->rod)
		scst_rod_put(r->rod);
	kvfree(r);
}

static void fill_record(struct copy_record *r, const struct copy_job *job)
{
	if (!r->lid4)
		return;
	r->report.service_action = job->cmd->info.service_action;
	r->report.state = SCSI_ROD_FOREGROUND;
}

bool scst_copy_record_start(struct copy_job *job, u32 id, bool lid4, bool forget)
{
	struct scst_nexus *nexus = job->nexus;
	struct copy_record *r, *old;

	r = scst_alloc_mem(sizeof(*r));
	if (!r) {
		job->status = SCSI_BUSY;
		return false;
	}
	r->id = id;
	r->lid4 = lid4;
	r->forget = forget;
	r->job = job;
	fill_record(r, job);
	spin_lock_irq(&copy_lock);
	old = find_record(nexus, id, lid4);
	if (old && old->job) {
		spin_unlock_irq(&copy_lock);
		scsi_sense_set(&job->sense, SCSI_SENSE_OPERATION_IN_PROGRESS);
		job->status = SCSI_CHECK_CONDITION;
		kvfree(r);
		return false;
	}
	if (old)
		list_del(&old->link);
	else
		old = oldest_to_go(nexus);
	list_add_tail(&r->link, &nexus->copies);
	job->record = r;
	spin_unlock_irq(&copy_lock);
	free_record(old);
	return true;
}

static void end_result(struct scsi_copy_result *result, const struct copy_job *job, bool stopped)
{
	result->status = stopped ? SCSI_TASK_ABORTED : job->status;
	result->sense = job->sense;
	result->state = result->status == SCSI_GOOD ? SCSI_COPY_GOOD : SCSI_COPY_FAILED;
}

static void end_report(struct scsi_rod_report *report, const struct copy_job *job, bool stopped)
{
	report->status = job->status;
	report->sense = job->sense;
	if (stopped)
		report->state = SCSI_ROD_TERMINATED;
	else if (job->status != SCSI_GOOD)
		report->state = SCSI_ROD_FAILED;
	else if (report->state != SCSI_ROD_RESIDUAL)
		report->state = SCSI_ROD_DONE;
}

void scst_copy_record_end(struct copy_job *job, bool stopped)
{
	struct copy_record *r = job->record;

	spin_lock_irq(&copy_lock);
	if (r->lid4)
		end_report(&r->report, job, stopped);
	else
		end_result(&r->result, job, stopped);
	r->job = NULL;
	if (r->forget)
		list_del(&r->link);
	else
		r = NULL;
	spin_unlock_irq(&copy_lock);
	free_record(r);
}

static void free_records(struct list_head *list)
{
	struct copy_record *r, *next;

	list_for_each_entry_safe(r, next, list, link)
		free_record(r);
}

/* What came later under the same identifier stands. */
static void move_record(struct scst_nexus *heir, struct copy_record *r, struct list_head *gone)
{
	struct copy_record *old = find_record(heir, r->id, r->lid4);

	if (old && !old->job)
		list_move(&old->link, gone);
	list_move_tail(&r->link, &heir->copies);
}

/* The record of a copy that goes on stays until it has ended: the heir may be gone before. */
void scst_copy_move(struct scst_nexus *heir, struct scst_nexus *nexus)
{
	struct copy_record *r, *next;
	LIST_HEAD(gone);

	spin_lock_irq(&copy_lock);
	list_for_each_entry_safe(r, next, &nexus->copies, link)
		if (!r->job)
			move_record(heir, r, &gone);
	spin_unlock_irq(&copy_lock);
	free_records(&gone);
	scst_rods_move(heir, nexus);
}

void scst_copy_forget(struct scst_nexus *nexus)
{
	/* The last command is finished and the last job has ended: nobody else knows it. */
	free_records(&nexus->copies);
	scst_rods_forget_nexus(nexus);
}

/* False: no such copy. */
static bool get_result(struct scst_cmd *cmd, struct scsi_copy_result *result)
{
	struct copy_record *r;

	spin_lock_irq(&copy_lock);
	r = find_record(cmd->nexus, cmd->cdb[2], false);
	if (r)
		*result = r->result;
	spin_unlock_irq(&copy_lock);
	return r;
}

/* Likewise. *@rod: a reference, or NULL. */
static bool get_report(struct scst_cmd *cmd, struct scsi_rod_report *report, struct scst_rod **rod)
{
	struct copy_record *r;

	*rod = NULL;
	spin_lock_irq(&copy_lock);
	r = find_record(cmd->nexus, get_unaligned_be32(cmd->cdb + 2), true);
	if (r) {
		*report = r->report;
		if (r->job)
			report->state = r->job->cmd ? SCSI_ROD_FOREGROUND : SCSI_ROD_BACKGROUND;
		else if (r->rod)
			*rod = r->rod;
	}
	if (*rod)
		refcount_inc(&(*rod)->ref);
	spin_unlock_irq(&copy_lock);
	return r;
}

/* --------------------------------------------------------- what it tells of them */

static void exec_receive(struct scst_cmd *cmd)
{
	struct scsi_copy_result result;
	u8 data[64 + SCSI_SENSE_MAX];
	unsigned int len;

	if (cmd->info.op->id == SCSI_OP_ID_RECEIVE_COPY_PARAMETERS) {
		scst_cmd_reply(cmd, data, scsi_copy_parameters(data, sizeof(data)));
	} else if (!get_result(cmd, &result)) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	} else {
		len = cmd->info.op->id == SCSI_OP_ID_RECEIVE_COPY_STATUS ?
		      scsi_copy_status(&result, data, sizeof(data)) :
		      scsi_copy_failed(&result, READ_ONCE(cmd->dev->d_sense), data, sizeof(data));
		scst_cmd_reply(cmd, data, len);
	}
	scst_cmd_done(cmd);
}

static void exec_rod_info(struct scst_cmd *cmd)
{
	u8 *data = scst_alloc_mem(SCSI_ROD_REPORT_MAX);
	struct scsi_rod_report report;
	struct scst_rod *rod = NULL;

	if (!data) {
		cmd->status = SCSI_BUSY;
	} else if (!get_report(cmd, &report, &rod)) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	} else {
		scst_cmd_reply(cmd, data, scsi_rod_report(&report, rod ? rod->token : NULL, READ_ONCE(cmd->dev->d_sense),
							  data, SCSI_ROD_REPORT_MAX));
	}
	if (rod)
		scst_rod_put(rod);
	kvfree(data);
	scst_cmd_done(cmd);
}

/* Those of the copy manager of this logical unit, and of these the nexus's own (rod.c). */
static void exec_all_rods(struct scst_cmd *cmd)
{
	u8 *data = scst_alloc_mem(SCSI_ROD_LIST_MAX);

	if (data)
		scst_cmd_reply(cmd, data, scst_rods_list(cmd->nexus, data));
	else
		cmd->status = SCSI_BUSY;
	kvfree(data);
	scst_cmd_done(cmd);
}

/* COPY OPERATION ABORT (SPC-4 6.3): the operation ends a moment later, RECEIVE ROD TOKEN INFORMATION tells when. */
static void exec_abort(struct scst_cmd *cmd)
{
	struct copy_record *r;

	spin_lock_irq(&copy_lock);
	r = find_record(cmd->nexus, get_unaligned_be32(cmd->cdb + 2), true);
	if (r && r->job)
		scst_copy_stop(r->job);
	spin_unlock_irq(&copy_lock);
	if (!r)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	scst_cmd_done(cmd);
}

static void exec_vpd(struct scst_cmd *cmd)
{
	u8 data[512];

	scst_cmd_reply(cmd, data, scsi_copy_vpd(cmd->dev->handler->type, cmd->dev->block_shift, data, sizeof(data)));
	scst_cmd_done(cmd);
}

bool scst_copy_is_local(const struct scst_dev *dev, unsigned int op_id)
{
	u8 opcode = scsi_op_table[op_id].opcode;

	return (opcode == SCSI_OP_EXTENDED_COPY || opcode == SCSI_OP_RECEIVE_COPY) && dev->handler->designators;
}

static bool asks_for_page(const struct scst_cmd *cmd)
{
	return cmd->info.op->id == SCSI_OP_ID_INQUIRY && (cmd->cdb[1] & 0x01) && cmd->cdb[2] == SCSI_VPD_THIRD_PARTY_COPY;
}

static void (*exec_of(const struct scsi_op *op))(struct scst_cmd *cmd)
{
	switch (op->id) {
	case SCSI_OP_ID_EXTENDED_COPY:
		return scst_copy_exec;
	case SCSI_OP_ID_POPULATE_TOKEN:
		return scst_populate_exec;
	case SCSI_OP_ID_WRITE_USING_TOKEN:
		return scst_write_token_exec;
	case SCSI_OP_ID_COPY_OPERATION_ABORT:
		return exec_abort;
	case SCSI_OP_ID_RECEIVE_ROD_TOKEN_INFO:
		return exec_rod_info;
	case SCSI_OP_ID_REPORT_ALL_ROD_TOKENS:
		return exec_all_rods;
	}
	return op->opcode == SCSI_OP_RECEIVE_COPY ? exec_receive : NULL;
}

bool scst_copy_parse(struct scst_cmd *cmd)
{
	if (!cmd->dev->handler->designators)
		return false;
	cmd->exec = asks_for_page(cmd) ? exec_vpd : exec_of(cmd->info.op);
	return cmd->exec;
}
