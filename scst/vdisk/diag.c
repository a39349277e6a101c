// SPDX-License-Identifier: GPL-2.0
/*
 * Commands about the device's health and its link: log pages, self test, buffers, defects, identifying information.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "vdisk.h"
#include "pure/logpage.h"

/* ------------------------------------------------------------------- log */

/* Sums what the CPUs counted; nothing stops them, so a command that runs now may be counted in part. */
static void diag_sum(struct vdisk_dev *vd, struct vdisk_stats *sum)
{
	unsigned int cpu, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct vdisk_stats *s = per_cpu_ptr(vd->stats, cpu);

		for (i = 0; i < ARRAY_SIZE(sum->cmds); i++) {
			sum->cmds[i] += READ_ONCE(s->cmds[i]);
			sum->blocks[i] += READ_ONCE(s->blocks[i]);
		}
	}
}

void vdisk_log_sense(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u8 buf[SCSI_LOG_SENSE_MAX];
	struct scsi_log_data d;
	struct vdisk_stats s;
	int len;

	diag_sum(vd, &s);
	mutex_lock(&vd->id_lock);
	d.read_cmds = s.cmds[0] - vd->stats_base.cmds[0];
	d.write_cmds = s.cmds[1] - vd->stats_base.cmds[1];
	d.read_blocks = s.blocks[0] - vd->stats_base.blocks[0];
	d.write_blocks = s.blocks[1] - vd->stats_base.blocks[1];
	mutex_unlock(&vd->id_lock);
	len = scsi_log_sense(&d, cmd->cdb, buf, sizeof(buf), &cmd->sense);
	if (len < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		scst_cmd_reply(cmd, buf, min_t(unsigned int, len, sizeof(buf)));
}

void vdisk_log_select(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct vdisk_stats s;
	int ret = scsi_log_select(cmd->cdb, &cmd->sense);

	if (ret < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	if (ret <= 0)
		return;
	diag_sum(vd, &s);
	mutex_lock(&vd->id_lock);
	vd->stats_base = s;
	mutex_unlock(&vd->id_lock);
	scst_dev_ua(&vd->dev, SCSI_SENSE_UA_LOG_CHANGED, cmd->nexus);
}

/* -------------------------------------------------------------- self test */

#define SELF_TEST_CODE(cdb)	((cdb)[1] >> 5)
#define SELF_TEST		0x04
#define SELF_TEST_SHORT		5	/* foreground */
#define SELF_TEST_EXTENDED	6	/* foreground */

/* First and last block of the medium can be read. */
static int diag_read_ends(struct vdisk_dev *vd)
{
	struct page *page = scst_alloc_pages(0);
	u64 last = (vd->dev.nblocks - 1) << vd->dev.block_shift;
	struct bio_vec bv;
	int err;

	if (!page)
		return -ENOMEM;
	bvec_set_page(&bv, page, vdisk_block_size(vd), 0);
	err = vd->ops->rw(vd, false, &bv, 1, 0, vdisk_block_size(vd)) ?:
	      vd->ops->rw(vd, false, &bv, 1, last, vdisk_block_size(vd));
	__free_page(page);
	return err;
}

static void diag_self_test(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	int err;

	if (READ_ONCE(vd->state)) {	/* closed, stopped, no medium: nothing to test */
		scst_cmd_fail(cmd, SCSI_SENSE_SELF_TEST_FAILED);
		return;
	}
	/* It tells of a test that failed; of lost data its nexus hears like all others. */
	err = vdisk_flush(vd, 0, 0, NULL) ?: diag_read_ends(vd);
	if (err == -ENOMEM)
		scst_cmd_fail_errno(cmd, err);
	else if (err)
		scst_cmd_fail(cmd, SCSI_SENSE_SELF_TEST_FAILED);
}

/* SEND DIAGNOSTIC (SPC-4 6.42). The only page that can be sent is the request for the list of pages. */
void vdisk_send_diagnostic(struct scst_cmd *cmd)
{
	u8 code = SELF_TEST_CODE(cmd->cdb), list[4];
	bool test = cmd->cdb[1] & SELF_TEST;

	if (code && code != SELF_TEST_SHORT && code != SELF_TEST_EXTENDED) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 7);	/* none in the background */
	} else if (code && test) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 7);
	} else if ((code || test) && cmd->info.xfer_len) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 3, 7);
	} else if (code || test) {
		diag_self_test(cmd);
	} else if (cmd->info.xfer_len) {
		memset(list, 0xff, sizeof(list));
		if (cmd->info.xfer_len != 4 || scst_cmd_fetch(cmd, list, sizeof(list)) < 4)
			scst_cmd_fail(cmd, SCSI_SENSE_PARAM_LIST_LENGTH);
		else if (list[0] || list[2] || list[3])
			scst_cmd_fail_param(cmd, SCSI_SENSE_INVALID_FIELD_IN_PARAM, list[0] ? 0 : 2, -1);
	}
}

void vdisk_receive_diagnostic(struct scst_cmd *cmd)
{
	static const u8 supported[] = { 0x00, 0x00, 0x00, 0x01, 0x00 };

	if (cmd->cdb[2] && (cmd->cdb[1] & 0x01))	/* PCV: another page */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	else
		scst_cmd_reply(cmd, supported, sizeof(supported));
}

/* ---------------------------------------------------------------- buffers */

#define BUFFER_MODE(cdb)	((cdb)[1] & 0x1f)
#define BUFFER_DATA		0x02
#define BUFFER_DESCRIPTOR	0x03
#define BUFFER_ECHO		0x0a
#define BUFFER_ECHO_DESCRIPTOR	0x0b

/* The memory both buffers share: data in front, echo behind; made when it is first written. Under id_lock. */
static u8 *diag_memory(struct vdisk_dev *vd)
{
	if (!vd->buffer)
		vd->buffer = scst_alloc_mem(VDISK_DATA_BUFFER + VDISK_ECHO_BUFFER);
	return vd->buffer;
}

/* False: refused: the part that the CDB names is not in a buffer that exists. */
static bool diag_buffer_part(struct scst_cmd *cmd, u32 *offset, u32 *len)
{
	*offset = get_unaligned_be24(cmd->cdb + 3);
	*len = get_unaligned_be24(cmd->cdb + 6);
	if (cmd->cdb[2])	/* BUFFER ID */
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 2, 7);
	else if (*offset > VDISK_DATA_BUFFER || *offset % 4)
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 3, 7);
	else
		return true;
	return false;
}

void vdisk_write_buffer(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u8 mode = BUFFER_MODE(cmd->cdb);
	u32 offset, len;
	u8 *to;

	if (mode != BUFFER_DATA && mode != BUFFER_ECHO) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4);
		return;
	}
	if (mode == BUFFER_DATA && !diag_buffer_part(cmd, &offset, &len))
		return;
	if (mode == BUFFER_ECHO) {
		offset = VDISK_DATA_BUFFER;
		len = get_unaligned_be24(cmd->cdb + 6);
	}
	if (len > (mode == BUFFER_ECHO ? VDISK_ECHO_BUFFER : VDISK_DATA_BUFFER - offset)) {
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 6, 7);
		return;
	}
	mutex_lock(&vd->id_lock);
	to = diag_memory(vd);
	if (!to) {
		scst_cmd_fail_errno(cmd, -ENOMEM);
	} else {
		len = scst_cmd_fetch(cmd, to + offset, len);
		if (mode == BUFFER_ECHO)
			vd->echo_len = len;
	}
	mutex_unlock(&vd->id_lock);
}

/* Under id_lock. */
static void diag_read_memory(struct vdisk_dev *vd, struct scst_cmd *cmd, u8 mode)
{
	u32 offset, len;

	if (mode == BUFFER_ECHO && !vd->echo_len) {	/* nothing was written that could come back */
		scst_cmd_fail(cmd, SCSI_SENSE_COMMAND_SEQUENCE);
	} else if (mode == BUFFER_ECHO) {
		scst_cmd_reply(cmd, vd->buffer + VDISK_DATA_BUFFER,
			       min(vd->echo_len, get_unaligned_be24(cmd->cdb + 6)));
	} else if (diag_buffer_part(cmd, &offset, &len)) {
		if (diag_memory(vd))
			scst_cmd_reply(cmd, vd->buffer + offset, min(len, VDISK_DATA_BUFFER - offset));
		else
			scst_cmd_fail_errno(cmd, -ENOMEM);
	}
}

void vdisk_read_buffer(struct scst_cmd *cmd)
{
	/* Offsets are multiples of 2^2; the echo buffer is one for all nexuses (EBOS 0). */
	static const u8 data[] = { 0x02, VDISK_DATA_BUFFER >> 16, VDISK_DATA_BUFFER >> 8 & 0xff, VDISK_DATA_BUFFER & 0xff };
	static const u8 echo[] = { 0, 0, VDISK_ECHO_BUFFER >> 8, VDISK_ECHO_BUFFER & 0xff };
	static const u8 none[4];
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	u8 mode = BUFFER_MODE(cmd->cdb);

	switch (mode) {
	case BUFFER_DESCRIPTOR:
		scst_cmd_reply(cmd, cmd->cdb[2] ? none : data, 4);
		break;
	case BUFFER_ECHO_DESCRIPTOR:
		scst_cmd_reply(cmd, echo, sizeof(echo));
		break;
	case BUFFER_DATA:
	case BUFFER_ECHO:
		mutex_lock(&vd->id_lock);
		diag_read_memory(vd, cmd, mode);
		mutex_unlock(&vd->id_lock);
		break;
	default:
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, 4);
	}
}

/* ----------------------------------------------------------- what there is not */

/* READ DEFECT DATA(10) and (12) (SBC-4 5.22): both lists exist and are empty, in whatever format. */
void vdisk_read_defect_data(struct scst_cmd *cmd)
{
	u8 data[8] = { 0 };
	bool ten = cmd->info.op->id == SCSI_OP_ID_READ_DEFECT_DATA_10;

	data[1] = ten ? cmd->cdb[2] & 0x1f : cmd->cdb[1] & 0x1f;
	scst_cmd_reply(cmd, data, ten ? 4 : 8);
}

/* REPORT IDENTIFYING INFORMATION (SPC-4 6.31): none can be set, so there is none. */
void vdisk_report_identifying_info(struct scst_cmd *cmd)
{
	static const u8 kinds[] = { 0, 0, 0, 8, 0x00, 0, 0, 0, 0x02, 0, 0, 0 };
	static const u8 nothing[4];

	switch (cmd->cdb[10] >> 1) {
	case 0x00:
	case 0x01:
		scst_cmd_reply(cmd, nothing, sizeof(nothing));
		break;
	case 0x7f:
		scst_cmd_reply(cmd, kinds, sizeof(kinds));
		break;
	default:
		scst_cmd_fail_cdb(cmd, SCSI_SENSE_INVALID_FIELD_IN_CDB, 10, 7);
	}
}
