// SPDX-License-Identifier: GPL-2.0
/*
 * vcdrom: a CD-ROM drive whose medium is an image file. It reads as vdisk_fileio does; here is what comes and goes.
 *
 * The medium changes only while the device is quiesced. A command that came before the change and executes after it belongs to
 * a medium that is gone: it fails, as it would have failed had it come later, with MEDIUM MAY HAVE CHANGED.
 */
#include <linux/slab.h>

#include "vdisk.h"
#include "pure/toc.h"

#define CDROM_BLOCK_SHIFT	11

void vdisk_make_rom(struct vdisk_dev *vd)
{
	vd->dev.block_shift = CDROM_BLOCK_SHIFT;
	vd->removable = true;
	vd->create_read_only = true;
	vd->write_through = true;	/* nothing is cached that could be lost */
	vd->create_active = false;	/* it comes empty */
	set_bit(VDISK_EJECTED, &vd->state);
}

/* ------------------------------------------------------------- the medium */

/* Nothing or a whole block at least. */
static struct file *cdrom_open(struct vdisk_dev *vd, const char *path)
{
	struct file *file = vdisk_open_file(vd, path);

	if (IS_ERR(file) || i_size_read(file->f_mapping->host) >> CDROM_BLOCK_SHIFT)
		return file;
	pr_err("device %s: %s is smaller than one block\n", vd->name, path);
	filp_close(file, NULL);
	return ERR_PTR(-EINVAL);
}

/* No command runs. @file: NULL leaves the drive empty. */
static void cdrom_swap(struct vdisk_dev *vd, struct file *file)
{
	u64 nblocks = 0;

	lockdep_assert_held(&vd->lock);
	vdisk_close(vd);
	set_bit(VDISK_EJECTED, &vd->state);
	if (file) {
		nblocks = i_size_read(file->f_mapping->host) >> CDROM_BLOCK_SHIFT;
		vdisk_use_file(vd, file);
		vd->medium++;
		clear_bit(VDISK_CLOSED, &vd->state);
		clear_bit(VDISK_EJECTED, &vd->state);
		clear_bit(VDISK_STOPPED, &vd->state);
		scst_dev_ua(&vd->dev, SCSI_SENSE_UA_MEDIUM_CHANGED, NULL);
	}
	WRITE_ONCE(vd->dev.nblocks, nblocks);
}

/* On success what was handed in is the drive's, and *@path is the caller's old one. */
static int cdrom_change(struct vdisk_dev *vd, struct file *file, char **path)
{
	int err;

	mutex_lock(&vd->lock);
	err = vdisk_quiesce_for_change(vd);
	if (err)
		goto unlock;
	if (vdisk_removal_prevented(vd)) {
		pr_err("device %s: an initiator prevents the removal of the medium\n", vd->name);
		err = -EBUSY;
		goto resume;
	}
	cdrom_swap(vd, file);
	mutex_lock(&vd->id_lock);
	swap(vd->filename, *path);
	mutex_unlock(&vd->id_lock);
resume:
	scst_dev_resume(&vd->dev);
unlock:
	mutex_unlock(&vd->lock);
	return err;
}

int vdisk_change_medium(struct vdisk_dev *vd, const char *path)
{
	struct file *file = NULL;
	char *name = NULL;
	int err;

	if (*path && *path != '/') {
		pr_err("device %s: filename %s is not absolute\n", vd->name, path);
		return -EINVAL;
	}
	if (*path) {
		name = kstrdup(path, GFP_KERNEL);
		if (!name)
			return -ENOMEM;
		file = cdrom_open(vd, path);
		if (IS_ERR(file)) {
			kfree(name);
			return PTR_ERR(file);
		}
	}
	err = cdrom_change(vd, file, &name);
	if (err && file)
		filp_close(file, NULL);
	kfree(name);
	return err;
}

/* ---------------------------------------------------------------- commands */

void vdisk_note_medium(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	cmd->handler_priv = (void *)READ_ONCE(vd->medium);
}

/*
 * The attention is looked for as well: the change may have come after the command was checked for attentions and before it took
 * note of the medium. Told here, it need not be told again.
 */
bool vdisk_knows_medium(struct vdisk_dev *vd, struct scst_cmd *cmd)
{
	bool changed = cmd->handler_priv != (void *)vd->medium;

	if (cmd->info.op->flags & SCSI_OPF_NO_UA)
		return true;
	if (scst_nexus_ua_drop(cmd->nexus, SCSI_SENSE_UA_MEDIUM_CHANGED))
		changed = true;
	if (!changed)
		return true;
	scst_cmd_fail(cmd, SCSI_SENSE_UA_MEDIUM_CHANGED);
	cmd->ua_pending = true;
	return false;
}

void vdisk_read_toc(struct scst_cmd *cmd)
{
	u8 buf[SCSI_TOC_MAX];
	int len = scsi_read_toc(READ_ONCE(cmd->dev->nblocks), cmd->cdb, buf, sizeof(buf), &cmd->sense);

	if (len < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	else
		scst_cmd_reply(cmd, buf, len);
}
