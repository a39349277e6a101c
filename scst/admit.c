// SPDX-License-Identifier: GPL-2.0
/*
 * The checks between decoding a command and letting it join its session, in the order of the standards (SAM-5 5.14, SPC-4 5.8).
 */
#include "event.h"
#include "scst_priv.h"

/* RESERVATION CONFLICT comes before all sense, unit attentions included, but that of a command nobody knows (SPC-4 5.13.1). */
static bool check_reservation(struct scst_cmd *cmd)
{
	/* The copy manager has asked for whom it copies. */
	if (likely(!READ_ONCE(cmd->dev->reserved)) || cmd->sess->tgt->internal)
		return true;
	return !cmd->info.op || scst_pr_admit(cmd);
}

/* Anything but an auto contingent allegiance that keeps the gate closed is left to cmd.c. */
static bool check_aca(struct scst_cmd *cmd)
{
	if (likely(atomic_read(&cmd->dev->gate) < SCST_GATE_ACA && cmd->attr != SCSI_ATTR_ACA))
		return true;
	return scst_aca_admit(cmd);
}

/* A pending unit attention is reported instead of executing the command; with UA_INTLCK_CTRL it stays. */
static bool check_ua(struct scst_cmd *cmd)
{
	scsi_sense_code code;
	unsigned int depth;
	bool kept;

	if (cmd->info.op && (cmd->info.op->flags & SCSI_OPF_NO_UA))
		return true;
	if (likely(!scst_ua_pending(cmd->nexus)))
		return true;
	kept = READ_ONCE(cmd->dev->ua_intlck);
	code = kept ? scst_ua_peek(cmd->nexus, &depth) : scst_ua_take(cmd->nexus);
	if (!code)
		return true;
	/* An error of commands of before is no unit attention: it interlocks nothing, and nobody asks for it. */
	if (kept && code == SCSI_SENSE_WRITE_ERROR)
		kept = !scst_nexus_ua_drop(cmd->nexus, code);
	scst_cmd_fail(cmd, code);
	cmd->sense.flags = scst_ua_sense_flags(code);
	cmd->ua_pending = !kept;
	return false;
}

/* What the decoder objected to. */
static bool check_cdb(struct scst_cmd *cmd)
{
	if (likely(!cmd->sense.code))
		return true;
	cmd->status = SCSI_CHECK_CONDITION;
	return false;
}

/* A disk of the host establishes no auto contingent allegiance, which the core would have to know of (NORMACA is 0 in INQUIRY). */
static bool check_naca(struct scst_cmd *cmd)
{
	if (unlikely(cmd->info.naca) && cmd->dev->handler->host_devices) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, scsi_cdb_control_at(cmd->cdb), 2);
		return false;
	}
	return true;
}

/* No transfer is longer than the buffer of a command may be. Answers to longer allocation lengths are short anyway. */
static bool check_length(struct scst_cmd *cmd)
{
	if (likely(cmd->info.xfer_len <= SCST_MAX_XFER))
		return true;
	if (cmd->info.dir == SCSI_DIR_FROM && !cmd->info.blocks)
		return true;
	scst_cmd_fail(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	return false;
}

/* Chooses cmd->exec. */
static bool parse(struct scst_cmd *cmd)
{
	if (scst_local_parse(cmd))
		return cmd->status == SCSI_GOOD;
	if (!cmd->dev->handler->parse(cmd)) {
		if (WARN_ON_ONCE(cmd->status == SCSI_GOOD))
			scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
		return false;
	}
	if (likely(cmd->exec && cmd->status == SCSI_GOOD))
		return true;
	if (cmd->status == SCSI_GOOD)
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
	return false;
}

static bool check_write_protect(struct scst_cmd *cmd)
{
	if (!(cmd->info.op->flags & SCSI_OPF_WRITE_MEDIUM))
		return true;
	if (likely(!READ_ONCE(cmd->nexus->read_only) && !READ_ONCE(cmd->dev->read_only) && !READ_ONCE(cmd->dev->swp)))
		return true;
	scst_cmd_fail(cmd, SCSI_SENSE_WRITE_PROTECTED);
	return false;
}

static bool check_range(struct scst_cmd *cmd)
{
	if (!(cmd->info.op->flags & SCSI_OPF_LBA))
		return true;
	if (likely(!scsi_cdb_check_range(&cmd->info, READ_ONCE(cmd->dev->nblocks), &cmd->sense)))
		return true;
	cmd->status = SCSI_CHECK_CONDITION;
	return false;
}

bool scst_admit(struct scst_cmd *cmd)
{
	if (unlikely(!cmd->nexus)) {
		if (scst_event_wanted() && !cmd->sess->tgt->internal)
			scst_tell_lun_not_found(cmd);
		scst_local_parse(cmd);
		return cmd->status == SCSI_GOOD;
	}
	return check_aca(cmd) && check_reservation(cmd) && check_ua(cmd) && check_cdb(cmd) && check_naca(cmd) && check_length(cmd) &&
	       parse(cmd) && scst_alua_admit(cmd) && check_write_protect(cmd) && check_range(cmd);
}
