// SPDX-License-Identifier: GPL-2.0
/*
 * MODE SENSE and MODE SELECT: fetch, ask the pure code, publish.
 */
#include "vdisk.h"

/* A copy of the mode state as this nexus sees it. */
static void vdisk_mode_state(struct vdisk_dev *vd, const struct scst_cmd *cmd, struct scsi_mode_state *st)
{
	lockdep_assert_held(&vd->mode_lock);
	*st = vd->mode;
	st->read_only = vd->dev.read_only || cmd->nexus->read_only;
	st->blocks = READ_ONCE(vd->dev.nblocks);
	st->cur.wce = !vd->nv_cache && !READ_ONCE(vd->write_through);
}

void vdisk_mode_sense(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct scsi_mode_state st;
	u8 buf[SCSI_MODE_SENSE_MAX];
	int len;

	mutex_lock(&vd->mode_lock);
	vdisk_mode_state(vd, cmd, &st);
	mutex_unlock(&vd->mode_lock);
	len = scsi_mode_sense(&st, cmd->cdb, buf, sizeof(buf), &cmd->sense);
	if (len < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		scst_cmd_reply(cmd, buf, min_t(unsigned int, len, sizeof(buf)));
}

/* The cache mode comes first: what cannot be flushed changes nothing. */
static bool vdisk_mode_cache(struct vdisk_dev *vd, struct scst_cmd *cmd, const struct scsi_mode_state *st,
			     unsigned int effects)
{
	int err = effects & SCSI_MODE_FX_WCE ? vdisk_set_write_through(vd, !st->cur.wce) : 0;

	if (err)
		vdisk_fail_write(cmd, err);
	return !err;
}

/* SP=1: what cannot be saved changes nothing. */
static bool vdisk_mode_store(struct vdisk_dev *vd, struct scst_cmd *cmd, const struct scsi_mode_state *st,
			     unsigned int effects)
{
	if (!(effects & SCSI_MODE_FX_SAVE) || !vdisk_mode_save(vd, st))
		return true;
	scst_cmd_fail(cmd, SCSI_SENSE_HARDWARE_INTERNAL);
	return false;
}

/* All of it or nothing. */
static bool vdisk_mode_apply(struct vdisk_dev *vd, struct scst_cmd *cmd, const struct scsi_mode_state *st,
			     unsigned int effects)
{
	bool through = vd->write_through;

	if (!vdisk_mode_cache(vd, cmd, st, effects))
		return false;
	if (!vdisk_mode_store(vd, cmd, st, effects)) {
		vdisk_enforce_write_through(vd, through);
		return false;
	}
	vd->mode.cur = st->cur;
	vdisk_publish_mode(vd);
	return true;
}

void vdisk_mode_select(struct scst_cmd *cmd)
{
	struct vdisk_dev *vd = cmd_vdisk(cmd);
	struct scsi_mode_state st;
	unsigned int effects = 0, len;
	u8 list[SCSI_MODE_SELECT_MAX];
	bool ok;

	if (cmd->info.xfer_len > sizeof(list)) {
		scst_cmd_fail(cmd, SCSI_SENSE_PARAM_LIST_LENGTH);
		return;
	}
	len = scst_cmd_fetch(cmd, list, sizeof(list));
	mutex_lock(&vd->mode_lock);
	vdisk_mode_state(vd, cmd, &st);
	ok = !scsi_mode_select(&st, cmd->cdb, list, len, &effects, &cmd->sense);
	if (!ok)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		ok = vdisk_mode_apply(vd, cmd, &st, effects);
	mutex_unlock(&vd->mode_lock);
	if (ok && (effects & SCSI_MODE_FX_UA))
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_MODE_CHANGED, cmd->nexus);
}
