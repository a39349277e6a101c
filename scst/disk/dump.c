// SPDX-License-Identifier: GPL-2.0
/*
 * handlers/dev_disk/pr_dump_dir: a directory where the persistent reservations of a disk are left when the host loses it, as the
 * text of pr_state, in a file that the disk's serial number names: the disk may come back under another address.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "disk.h"

/* With '/', a serial number, the ending of the copy (scst_file_save()) and a NUL it is still a path. */
#define DUMP_DIR_MAX	(PATH_MAX - SCSI_HOST_SERIAL_MAX - 4)

static DEFINE_MUTEX(dump_lock);
static char *dump_dir;	/* dump_lock; NULL: none */
/* Two paths to a disk go at once, and it has one serial number. Not dump_lock: a file system may hang. */
static DEFINE_MUTEX(write_lock);

static int dir_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	int len;

	mutex_lock(&dump_lock);
	len = scnprintf(buf, size, "%s", dump_dir ? dump_dir : "");
	mutex_unlock(&dump_lock);
	return len;
}

static int check_dir(const char *dir)
{
	if (strlen(dir) > DUMP_DIR_MAX)
		return -ENAMETOOLONG;
	if ((*dir && *dir != '/') || strchr(dir, '\n'))
		return -EINVAL;
	return 0;
}

/* It need not be there yet. */
static int dir_store(void *obj, const struct scst_attr *a, char *text)
{
	char *dir = NULL;
	int ret = check_dir(text);

	if (!ret && *text) {
		dir = kstrdup(text, GFP_KERNEL);
		ret = dir ? 0 : -ENOMEM;
	}
	if (ret) {
		pr_err("%s: \"%.64s\" refused: error %pe\n", a->attr.name, text, ERR_PTR(ret));
		return ret;
	}
	mutex_lock(&dump_lock);
	swap(dump_dir, dir);
	mutex_unlock(&dump_lock);
	kfree(dir);
	return 0;
}

static const struct scst_attr dump_attr =
	SCST_ATTR_RW(pr_dump_dir, dir_show, dir_store, NULL, .flags = SCST_ATTR_KEEP_SPACE | SCST_ATTR_PATH);

int disk_dump_init(void)
{
	return scst_node_add_attr(&disk_handler.node, &dump_attr);
}

void disk_dump_exit(void)
{
	kfree(dump_dir);
}

/* What the host has read of the disk stays until the last reference on the SCSI device is put. */
static bool serial_of(struct scsi_device *sdev, char *name, unsigned int size)
{
	const struct scsi_vpd *vpd;
	bool known;

	rcu_read_lock();
	vpd = rcu_dereference(sdev->vpd_pg80);
	known = vpd && scsi_host_serial(vpd->data, vpd->len, name, size);
	rcu_read_unlock();
	return known;
}

/* -ENODATA: the disk has no serial number. *@path NULL: nothing is to be written. */
static int dump_path(struct disk_dev *dd, char **path)
{
	char serial[SCSI_HOST_SERIAL_MAX + 1];
	int ret = 0;

	*path = NULL;
	mutex_lock(&dump_lock);
	if (dump_dir && !serial_of(dd->sdev, serial, sizeof(serial))) {
		ret = -ENODATA;
	} else if (dump_dir) {
		*path = kasprintf(GFP_KERNEL, "%s/%s", dump_dir, serial);
		ret = *path ? 0 : -ENOMEM;
	}
	mutex_unlock(&dump_lock);
	return ret;
}

static int write_state(struct scst_dev *dev, const char *path)
{
	char *text;
	u32 len;
	int ret = scst_pr_text(dev, &text, &len);

	if (ret)
		return ret;
	mutex_lock(&write_lock);
	ret = scst_file_save(path, text, len, min_t(u32, len, SCST_FILE_HEAD_MAX));
	mutex_unlock(&write_lock);
	kvfree(text);
	return ret;
}

void disk_dump_pr(struct disk_dev *dd)
{
	struct scst_dev *dev = &dd->dev;
	char *path;
	int ret;

	if (dev->handler != &disk_handler)
		return;
	ret = dump_path(dd, &path);
	if (!ret && path)
		ret = write_state(dev, path);
	if (ret == -ENODATA)
		pr_err("device %s: reservations not written to pr_dump_dir: the disk has no serial number\n", dev->name);
	else if (ret)
		pr_err("device %s: reservations not written to %s: error %pe\n", dev->name, path ? path : "pr_dump_dir", ERR_PTR(ret));
	else if (path)
		pr_info("device %s: reservations written to %s\n", dev->name, path);
	kfree(path);
}
