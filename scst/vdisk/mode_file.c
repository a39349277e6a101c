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
#define SANITIZE_FILE_MAX	(SCST_DEV_NAME_MAX + 64 + PATH_MAX)
/* The last entry: a name may hold anything, a line's end, too, so it goes up to the one that ends the file. */
#define SANITIZE_STORE	"\nFILENAME="

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
		pr_warn("device %s: %s does not hold its mode pages, ignored: remove it\n", vd->name, path);
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
		pr_err("device %s: cannot read %s: error %pe\n", vd->name, path, ERR_PTR(err));
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
	if (err) {
		pr_err_ratelimited("device %s: mode pages not saved: error %pe\n", vd->name, ERR_PTR(err));
		/* The new values may stand there all the same. Mostly they do not, and this fails, too: nothing to tell. */
		if (path)
			mode_write(path, vd->name, &vd->mode);
	} else {
		vd->mode.saved = st->saved;
	}
	kfree(path);
	return err;
}

/* --------------------------------------------------------------- SANITIZE */

/* What a SANITIZE of it leaves is worth remembering. */
static bool sanitize_saving(const struct vdisk_dev *vd)
{
	return mode_saving && vd->filename && !vdisk_is_rom(vd);
}

/* No name of a device holds a dot, so this is nobody's mode pages. */
static char *sanitize_path(const struct vdisk_dev *vd)
{
	return kasprintf(GFP_KERNEL, MODE_DIR "/%s.sanitize", vd->name);
}

/*
 * @old: what the file held, NULL: there was none. When the last step alone fails, @text stands there all the same, and nothing has
 * begun of what it tells. Mostly it does not, and putting @old back fails, too.
 */
static int sanitize_save(const char *path, u32 head, const char *text, const void *old, u32 old_len)
{
	int err = scst_file_save(path, text, strlen(text), head);

	if (err && old)
		scst_file_save(path, old, old_len, min(head, old_len));
	else if (err)
		scst_file_remove(path);
	return err;
}

static int sanitize_replace(struct vdisk_dev *vd, const char *path, const char *text)
{
	u32 head = min_t(u32, strlen(vd->name) + 1, SCST_FILE_HEAD_MAX);
	void *old = NULL;
	u32 old_len = 0;
	int err = scst_file_load(path, false, SANITIZE_FILE_MAX, &old, &old_len);

	if (!err || err == -ENOENT)
		err = sanitize_save(path, head, text, old, old_len);
	else if (err == -EFBIG)	/* somebody else's, and it tells the same as long as it is there */
		err = scst_file_save(path, text, strlen(text), head);
	kvfree(old);
	return err;
}

/* The file name cannot change meanwhile: the store is open, and whoever closes it waits for the SANITIZE. */
int vdisk_sanitize_mark(struct vdisk_dev *vd, const char *operation, bool may_exit)
{
	char *path, *text;
	int err = -ENOMEM;

	if (!sanitize_saving(vd))
		return 0;
	path = sanitize_path(vd);
	text = kasprintf(GFP_KERNEL, "%s\nOPERATION=%s\nAUSE=%d" SANITIZE_STORE "%s\n", vd->name, operation, may_exit,
			 vd->filename);
	if (path && text)
		err = sanitize_replace(vd, path, text);
	if (err)
		pr_err("device %s: cannot save that a SANITIZE begins: error %pe\n", vd->name, ERR_PTR(err));
	kfree(text);
	kfree(path);
	return err;
}

int vdisk_sanitize_unmark(struct vdisk_dev *vd)
{
	char *path;
	int err = -ENOMEM;

	if (!sanitize_saving(vd))
		return 0;
	path = sanitize_path(vd);
	if (path)
		err = scst_file_remove(path);
	if (err)
		pr_err("device %s: cannot remove %s: error %pe\n", vd->name, path ?: "what tells of its SANITIZE", ERR_PTR(err));
	kfree(path);
	return err;
}

/* @store: from SANITIZE_STORE on, @len bytes */
static bool sanitize_is_of(const char *store, size_t len, const char *filename)
{
	size_t head = strlen(SANITIZE_STORE);

	store += head;
	len -= head;
	if (len && store[len - 1] == '\n')
		len--;
	return len == strlen(filename) && !memcmp(store, filename, len);
}

/* Whatever else the file holds, it is there: something had begun. */
static void sanitize_take(struct vdisk_dev *vd, const char *filename, const char *text, u32 len)
{
	const char *store = strnstr(text, SANITIZE_STORE, len);

	if (store && !sanitize_is_of(store, text + len - store, filename)) {
		clear_bit(VDISK_SANITIZE_FAILED, &vd->state);
		pr_warn("device %s: " MODE_DIR "/%s.sanitize tells of a SANITIZE of another store than %s, ignored\n", vd->name,
			vd->name, filename);
		return;
	}
	vd->erase.may_exit = strnstr(text, "\nAUSE=1\n", store ? store + 1 - text : len);
	set_bit(VDISK_SANITIZE_FAILED, &vd->state);
	pr_warn("device %s: a SANITIZE has begun and not succeeded (" MODE_DIR "/%s.sanitize): only another one is taken%s\n",
		vd->name, vd->name, vd->erase.may_exit ? ", or EXIT FAILURE MODE" : "");
}

/* Returns 1 when there is a file, with @text NULL when it is too long to be one of ours. */
static int sanitize_read(struct vdisk_dev *vd, void **text, u32 *len)
{
	char *path = sanitize_path(vd);
	int err;

	if (!path)
		return -ENOMEM;
	err = scst_file_load(path, false, SANITIZE_FILE_MAX, text, len);
	if (err && err != -EFBIG && err != -ENOENT)
		pr_err("device %s: cannot read %s: error %pe\n", vd->name, path, ERR_PTR(err));
	kfree(path);
	if (err == -ENOENT)
		return 0;
	return !err || err == -EFBIG ? 1 : err;
}

int vdisk_sanitize_load(struct vdisk_dev *vd, const char *filename)
{
	void *text = NULL;
	u32 len = 0;
	int found = sanitize_saving(vd) ? sanitize_read(vd, &text, &len) : 0;

	if (found < 0)
		return found;
	if (found)
		sanitize_take(vd, filename, text ?: "", len);
	else
		clear_bit(VDISK_SANITIZE_FAILED, &vd->state);
	kvfree(text);
	return 0;
}
