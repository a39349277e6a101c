// SPDX-License-Identifier: GPL-2.0
/*
 * Commands the core answers itself: what concerns the whole LUN set or the core's own abilities, and LUNs that are not there.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "scst_priv.h"

#define LUNS_MAX	(SCSI_MAX_LUN + 1U)
#define OPCODES_MAX	(4 + SCSI_OP_ID_MAX * 20U)	/* header, and a descriptor with timeouts each */

/* REPORT LUNS (SPC-4 6.33) */
static int build_report_luns(struct scst_cmd *cmd, u16 *luns, u8 **data)
{
	unsigned int n = min(scst_sess_luns(cmd->sess, luns, LUNS_MAX), LUNS_MAX);
	unsigned int size = min_t(u64, 8 + n * 8, cmd->info.xfer_len);

	*data = scst_alloc_mem(max(size, 16U));
	if (!*data)
		return -ENOMEM;
	return scsi_report_luns(cmd->cdb, luns, n, READ_ONCE(cmd->sess->addr_method), *data, size, &cmd->sense);
}

static void exec_report_luns(struct scst_cmd *cmd)
{
	u16 *luns = scst_alloc_mem(LUNS_MAX * sizeof(*luns));
	bool changed = false;
	u8 *data = NULL;
	int len = -ENOMEM;

	/* Cleared before the LUNs are looked up: a change while that goes on is told again. */
	if (luns) {
		changed = test_and_clear_bit(0, &cmd->sess->luns_changed);
		smp_mb__after_atomic(); /* pairs with scst_sess_luns_changed() */
		len = build_report_luns(cmd, luns, &data);
	}
	if (len >= 0)
		scst_cmd_reply(cmd, data, len);
	else if (len == -EINVAL)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		cmd->status = SCSI_BUSY;
	if (changed && cmd->status != SCSI_GOOD) { /* nothing was told */
		scst_sess_luns_changed(cmd->sess);
	} else if (changed) {
		cmd->ua_pending = true;
		cmd->sense.code = SCSI_SENSE_UA_LUNS_CHANGED;
	}
	kvfree(data);
	kvfree(luns);
	scst_cmd_done(cmd);
}

/* REQUEST SENSE (SPC-4 6.39): @sense is the answer, not the result */
static void reply_sense(struct scst_cmd *cmd, scsi_sense_code code)
{
	struct scsi_sense sense;
	u8 data[SCSI_SENSE_MAX];
	unsigned int len;

	scsi_sense_set(&sense, code);
	sense.flags = scst_ua_sense_flags(code);
	len = scsi_sense_encode(&sense, cmd->cdb[1] & 0x01, data, sizeof(data));
	scst_cmd_reply(cmd, data, len);
}

static void exec_request_sense(struct scst_cmd *cmd)
{
	scsi_sense_code ua = scst_ua_take(cmd->nexus);

	reply_sense(cmd, ua);
	if (ua && cmd->status != SCSI_GOOD) { /* nothing was told */
		scst_nexus_ua(cmd->nexus, ua);
	} else if (ua) {
		cmd->ua_pending = true;
		cmd->sense.code = ua;
	}
	scst_cmd_done(cmd);
}

/* REPORT SUPPORTED OPERATION CODES (SPC-4 6.35) */
static bool is_local(enum scsi_op_id id)
{
	return id == SCSI_OP_ID_REQUEST_SENSE || id == SCSI_OP_ID_REPORT_LUNS || id == SCSI_OP_ID_REPORT_OPCODES ||
	       id == SCSI_OP_ID_REPORT_TMFS || id == SCSI_OP_ID_REPORT_TPG || scst_pr_is_local(id);
}

static bool supported(void *ctx, enum scsi_op_id id)
{
	struct scst_dev *dev = ctx;

	if (is_local(id) || scst_copy_is_local(dev, id))
		return true;
	if (id == SCSI_OP_ID_SET_TPG)
		return READ_ONCE(dev->expl_alua);
	return !(scsi_op_table[id].flags & SCSI_OPF_CORE) && dev->handler->supports(dev, id);
}

static void reply_built(struct scst_cmd *cmd, const u8 *data, int len, unsigned int size)
{
	if (len < 0)
		cmd->status = SCSI_CHECK_CONDITION; /* the builder has filled in the sense */
	else
		scst_cmd_reply(cmd, data, min_t(unsigned int, len, size));
}

static void exec_report_opcodes(struct scst_cmd *cmd)
{
	u8 *data = scst_alloc_mem(OPCODES_MAX);

	if (data)
		reply_built(cmd, data, scsi_report_opcodes(cmd->cdb, supported, cmd->dev, cmd->dev->dif_type, data,
							   OPCODES_MAX, &cmd->sense), OPCODES_MAX);
	else
		cmd->status = SCSI_BUSY;
	kvfree(data);
	scst_cmd_done(cmd);
}

/* REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36) */
static void exec_report_tmfs(struct scst_cmd *cmd)
{
	const u16 tmfs = SCSI_TMFS_ABORT_TASK | SCSI_TMFS_ABORT_TASK_SET | SCSI_TMFS_CLEAR_ACA |
			 SCSI_TMFS_CLEAR_TASK_SET | SCSI_TMFS_LUN_RESET;
	u8 data[16];

	reply_built(cmd, data, scsi_report_tmfs(cmd->cdb, tmfs, data, sizeof(data), &cmd->sense), sizeof(data));
	scst_cmd_done(cmd);
}

/* ---- the page by which we know our own devices */

static u8 own_page[SCST_OWN_PAGE_LEN] = { SCSI_TYPE_DISK, SCST_OWN_PAGE, 0, SCST_OWN_PAGE_LEN - 4 };

void scst_local_init(void)
{
	get_random_bytes(own_page + 4, sizeof(own_page) - 4);
}

bool scst_own_page_is_ours(const u8 *data, unsigned int len)
{
	return len >= sizeof(own_page) && !memcmp(data + 1, own_page + 1, sizeof(own_page) - 1);
}
EXPORT_SYMBOL_GPL(scst_own_page_is_ours);

static void exec_own_page(struct scst_cmd *cmd)
{
	scst_cmd_reply(cmd, own_page, sizeof(own_page));
	scst_cmd_done(cmd);
}

/* INQUIRY to a LUN that is not there: qualifier 011b, no pages (SPC-4 6.6.1). */
static void exec_inquiry_no_lun(struct scst_cmd *cmd)
{
	u8 data[36] = { 0x7f, 0, 6, 0, sizeof(data) - 5, 0, 0, 0, 'S', 'C', 'S', 'T', ' ', ' ', ' ', ' ' };

	if (cmd->cdb[1] & 0x01)
		scst_cmd_fail(cmd, SCSI_SENSE_LUN_NOT_SUPPORTED);
	else if (cmd->cdb[2])
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	else
		scst_cmd_reply(cmd, data, sizeof(data));
	scst_cmd_done(cmd);
}

static void exec_sense_no_lun(struct scst_cmd *cmd)
{
	reply_sense(cmd, SCSI_SENSE_LUN_NOT_SUPPORTED);
	scst_cmd_done(cmd);
}

/* Without a LUN a few commands are answered all the same; what is wrong in their CDB comes first. */
static void parse_no_lun(struct scst_cmd *cmd)
{
	unsigned int id = cmd->info.op ? cmd->info.op->id : SCSI_OP_ID_NONE;

	if (id == SCSI_OP_ID_REPORT_LUNS)
		cmd->exec = exec_report_luns;
	else if (id == SCSI_OP_ID_INQUIRY)
		cmd->exec = exec_inquiry_no_lun;
	else if (id == SCSI_OP_ID_REQUEST_SENSE)
		cmd->exec = exec_sense_no_lun;
	else
		scst_cmd_fail(cmd, SCSI_SENSE_LUN_NOT_SUPPORTED);
	if (cmd->exec && cmd->sense.code)
		cmd->status = SCSI_CHECK_CONDITION;
}

/* A handler that supports REQUEST SENSE tells what it has to tell, once no unit attention is left. */
static bool handler_has_sense(struct scst_cmd *cmd)
{
	return !scst_ua_pending(cmd->nexus) && cmd->dev->handler->supports(cmd->dev, SCSI_OP_ID_REQUEST_SENSE);
}

/* An administrator lets a device of the host do its own copying (the target's forward_src). */
static bool is_forwarded(const struct scst_cmd *cmd)
{
	u8 opcode = cmd->info.op->opcode;

	return cmd->dev->handler->host_devices && READ_ONCE(cmd->sess->tgt->forward_src) &&
	       (opcode == SCSI_OP_EXTENDED_COPY || opcode == SCSI_OP_RECEIVE_COPY);
}

/* What the disk will copy where is not looked at: it may be onto itself. The copy manager asks this of each end (copy_job.c). */
static bool refuse_forwarded_copy(struct scst_cmd *cmd)
{
	if (cmd->info.op->id != SCSI_OP_ID_EXTENDED_COPY ||
	    !(READ_ONCE(cmd->nexus->read_only) || READ_ONCE(cmd->dev->read_only) || READ_ONCE(cmd->dev->swp)))
		return false;
	scst_cmd_fail(cmd, SCSI_SENSE_WRITE_PROTECTED);
	return true;
}

bool scst_local_parse(struct scst_cmd *cmd)
{
	if (!cmd->nexus) {
		parse_no_lun(cmd);
		return true;
	}
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_REPORT_LUNS:
		cmd->exec = exec_report_luns;
		return true;
	case SCSI_OP_ID_REPORT_OPCODES:
		cmd->exec = exec_report_opcodes;
		return true;
	case SCSI_OP_ID_REPORT_TMFS:
		cmd->exec = exec_report_tmfs;
		return true;
	case SCSI_OP_ID_REPORT_TPG:
		cmd->exec = scst_alua_report;
		return true;
	case SCSI_OP_ID_SET_TPG:
		if (READ_ONCE(cmd->dev->expl_alua))
			cmd->exec = scst_alua_set;
		else
			scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4);
		return true;
	case SCSI_OP_ID_REQUEST_SENSE:
		if (handler_has_sense(cmd))
			return false;
		cmd->exec = exec_request_sense;
		return true;
	case SCSI_OP_ID_INQUIRY:
		if (!(cmd->cdb[1] & 0x01) || cmd->cdb[2] != SCST_OWN_PAGE)
			return scst_copy_parse(cmd);
		cmd->exec = exec_own_page;
		return true;
	}
	if (!(cmd->info.op->flags & SCSI_OPF_CORE))
		return false;
	if (is_forwarded(cmd))
		return refuse_forwarded_copy(cmd);
	if (scst_pr_parse(cmd) || scst_copy_parse(cmd))
		return true;
	scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
	return true;
}
