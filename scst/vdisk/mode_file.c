// SPDX-License-Identifier: GPL-2.0
/*
 * What a device remembers beyond its life, in a directory that has to exist when the module is loaded. Saved mode pages
 * (SPC-4 7.5), one text file for each device; without the directory nothing can be saved, and MODE SENSE says so. And, in a file
 * beside, that a SANITIZE has begun and has not succeeded.
 */
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/slab.h>

#include "vdisk.h"

#define MODE_DIR	"/var/lib/scst/vdev_mode_pages"
/* The line with the name, then the values. */
#define MODE_FILE_MAX	(SCST_DEV_NAME_MAX + 1 + SCSI_MODE_IMAGE_MAX)
#define SANITIZE_FILE_MAX	(SCST_DEV_NAME_MAX + 64)

static bool mode_saving;

void __init vdisk_mode_file_init(void)
{
	struct path dir;

	if (kern_path(MODE_DIR, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir)) {
		pr_info("no directory " MODE_DIR ": mode pages cannot be saved, and a SANITIZE that does not end is forgotten\n");
		return;
	}
	path_put(&dir);
	mode_saving = true;
}

/* The copy that exists while a file is written has ".1" behind its name: no name of a device holds a dot. */
static char *mode_path(const struct vdisk_dev *vd)
{
	return kasprintf(GFP_KERNEL, MODE_DIR "/%s", vd->name);
}

/*
 * What an initiator has saved may turn the cache off, never on: the administrator may have asked for write_through, or trust
 * that writes are stable, and knows nothing of this file.
 */
static void mode_take(struct vdisk_dev *vd, struct scsi_mode_values *v)
{
	v->wce = v->wce && vd->mode.def.wce;
	vd->mode.saved = *v;
	vd->mode.cur = *v;
	if (!v->wce && vd->mode.def.wce)
		vd->write_through = true;
	vdisk_publish_mode(vd);
}

static void mode_read(struct vdisk_dev *vd, const char *path, const char *text, u32 len)
{
	struct scsi_mode_values v;

	if (scsi_mode_image_parse(text, len, vd->name, &vd->mode.def, &v))
		pr_warn("device %s: %s does not hold its mode pages, ignored\n", vd->name, path);
	else
		mode_take(vd, &v);
}

int vdisk_mode_load(struct vdisk_dev *vd)
{
	char *path;
	void *text;
	u32 len;
	int err;

	vd->mode.saving = mode_saving;
	if (!mode_saving)
		return 0;
	path = mode_path(vd);
	if (!path)
		return -ENOMEM;
	err = scst_file_load(path, false, MODE_FILE_MAX, &text, &len);
	if (!err) {
		mode_read(vd, path, text, len);
		kvfree(text);
	} else if (err == -EFBIG) {
		pr_warn("device %s: %s is too long for mode pages, ignored\n", vd->name, path);
		err = 0;
	} else if (err == -ENOENT) {
		err = 0;
	} else {
		pr_err("device %s: cannot read %s: error %d\n", vd->name, path, err);
	}
	kfree(path);
	return err;
}

/* Values that are all as at creation need no file. */
static int mode_write(const char *path, const char *name, const struct scsi_mode_state *st)
{
	char text[MODE_FILE_MAX + 1];
	int head, len;

	head = scnprintf(text, sizeof(text), "%s\n", name);
	len = scsi_mode_image_print(&st->saved, &st->def, text + head, sizeof(text) - head);
	if (len < 0)
		return len;
	return len ? scst_file_save(path, text, head + len, min(head, SCST_FILE_HEAD_MAX)) : scst_file_remove(path);
}

int vdisk_mode_save(struct vdisk_dev *vd, const struct scsi_mode_state *st)
{
	char *path = mode_path(vd);
	int err = -ENOMEM;

	lockdep_assert_held(&vd->mode_lock);
	if (path)
		err = mode_write(path, vd->name, st);
	if (err)
		pr_err_ratelimited("device %s: mode pages not saved: error %d\n", vd->name, err);
	else
		vd->mode.saved = st->saved;
	kfree(path);
	return err;
}

/* --------------------------------------------------------------- SANITIZE */

/* No name of a device holds a dot, so this is nobody's mode pages. */
static char *sanitize_path(const struct vdisk_dev *vd)
{
	return kasprintf(GFP_KERNEL, MODE_DIR "/%s.sanitize", vd->name);
}

int vdisk_sanitize_mark(struct vdisk_dev *vd, const char *operation, bool may_exit)
{
	char text[SANITIZE_FILE_MAX], *path;
	int head, len, err;

	if (!mode_saving)
		return 0;
	path = sanitize_path(vd);
	if (!path)
		return -ENOMEM;
	head = scnprintf(text, sizeof(text), "%s\n", vd->name);
	len = head + scnprintf(text + head, sizeof(text) - head, "OPERATION=%s\nAUSE=%d\n", operation, may_exit);
	err = scst_file_save(path, text, len, min(head, SCST_FILE_HEAD_MAX));
	if (err)
		pr_err("device %s: cannot save that a SANITIZE begins: error %d\n", vd->name, err);
	kfree(path);
	return err;
}

void vdisk_sanitize_unmark(struct vdisk_dev *vd)
{
	char *path = mode_saving ? sanitize_path(vd) : NULL;
	int err = path ? scst_file_remove(path) : 0;

	if (err || (mode_saving && !path))
		pr_err("device %s: cannot remove %s: error %d\n", vd->name, path ?: "what tells of its SANITIZE",
		       err ?: -ENOMEM);
	kfree(path);
}

/* Whatever the file holds, it is there: something had begun. */
static void sanitize_take(struct vdisk_dev *vd, const char *text, u32 len)
{
	vd->erase.may_exit = strnstr(text, "\nAUSE=1\n", len);
	set_bit(VDISK_SANITIZE_FAILED, &vd->state);
	pr_warn("device %s: a SANITIZE has begun and not succeeded (" MODE_DIR "/%s.sanitize): only another one is taken%s\n",
		vd->name, vd->name, vd->erase.may_exit ? ", or EXIT FAILURE MODE" : "");
}

int vdisk_sanitize_load(struct vdisk_dev *vd)
{
	void *text = NULL;
	char *path;
	u32 len = 0;
	int err;

	if (!mode_saving)
		return 0;
	path = sanitize_path(vd);
	if (!path)
		return -ENOMEM;
	err = scst_file_load(path, false, SANITIZE_FILE_MAX, &text, &len);
	if (!err || err == -EFBIG)
		sanitize_take(vd, err ? "" : text, err ? 0 : len);
	else if (err != -ENOENT)
		pr_err("device %s: cannot read %s: error %d\n", vd->name, path, err);
	if (!err)
		kvfree(text);
	kfree(path);
	return err == -EFBIG || err == -ENOENT ? 0 : err;
}
