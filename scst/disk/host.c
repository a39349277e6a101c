// SPDX-License-Identifier: GPL-2.0
/*
 * The disks of the host: they come and go when the host says so, and show as devices that nobody has taken yet.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <scsi/scsi_driver.h>

#include "disk.h"
#include "scst_compat.h"

/**
 * struct disk_place - what devices/ shows of a disk that no handler has taken
 * @node: directory; its release frees this
 * @exported: always empty
 */
struct disk_place {
	struct scst_node node;
	struct scst_node exported;
};

#define SHOW_AGAIN	(5 * HZ)	/* when there was no memory for it */

static LIST_HEAD(disk_hosts);
static DEFINE_SPINLOCK(disk_hosts_lock);

/* ------------------------------------------------------------------- places */

static int type_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scst_type_show(SCSI_TYPE_DISK, buf, size);
}

/* What reads as if nothing had been set. */
static int text_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%s", (const char *)a->arg);
}

static const struct scst_attr place_attrs[] = {
	SCST_ATTR_RO(type, type_show, NULL),
	SCST_ATTR_RO(max_tgt_dev_commands, text_show, NULL, .arg = (unsigned long)"0"),
	SCST_ATTR_RO(numa_node_id, text_show, NULL, .arg = (unsigned long)"-1"),
	SCST_ATTR_RO(block, text_show, NULL, .arg = (unsigned long)"0 0"),
};

static void place_release(void *obj)
{
	kfree(obj);
}

static int place_fill(struct disk_place *place, struct scsi_device *sdev)
{
	int err = scst_node_add_to_devices(&place->node, dev_name(&sdev->sdev_gendev));

	if (!err)
		err = scst_node_add_attrs(&place->node, place_attrs, ARRAY_SIZE(place_attrs));
	if (!err)
		err = scst_node_add(&place->exported, &place->node, "exported");
	if (!err)
		err = sysfs_create_link(&place->node.kobj, &sdev->sdev_dev.kobj, "scsi_device");
	return err;
}

static void place_remove(struct disk_place *place)
{
	scst_node_del(&place->exported);
	scst_node_put(&place->exported);
	scst_node_del(&place->node);
	scst_node_put(&place->node);
}

/* It can be taken all the same. */
static void show_later(struct disk_host *host, int err)
{
	pr_err("host disk %s is not shown: error %pe\n", dev_name(&host->sdev->sdev_gendev), ERR_PTR(err));
	if (err == -ENOMEM)
		queue_delayed_work(disk_wq, &host->meet, SHOW_AGAIN);
}

void disk_place_show(struct disk_host *host)
{
	struct disk_place *place;
	int err = -ENOMEM;

	lockdep_assert_held(&host->lock);
	if (READ_ONCE(host->gone) || host->place)
		return;
	place = kzalloc(sizeof(*place), GFP_KERNEL);
	if (place) {
		scst_node_init(&place->node, place, place_release);
		/* Our code is needed until the release. */
		scst_node_own(&place->node, &disk_handler.node);
		scst_node_init(&place->exported, place, NULL);
		scst_node_own(&place->exported, &place->node);
		err = place_fill(place, host->sdev);
		if (err)
			place_remove(place);
	}
	if (!err)
		host->place = place;
	else if (err == -ENOENT)	/* its own directory is not there any more */
		pr_debug("host disk %s goes already\n", dev_name(&host->sdev->sdev_gendev));
	else
		show_later(host, err);
}

void disk_place_hide(struct disk_host *host)
{
	lockdep_assert_held(&host->lock);
	if (host->place)
		place_remove(host->place);
	host->place = NULL;
}

/* -------------------------------------------------------------------- disks */

static void host_free(struct kref *ref)
{
	struct disk_host *host = container_of(ref, struct disk_host, ref);

	put_device(&host->sdev->sdev_gendev);
	kfree(host);
}

void disk_host_put(struct disk_host *host)
{
	kref_put(&host->ref, host_free);
}

struct disk_host *disk_host_find(const char *name)
{
	struct disk_host *host, *found = NULL;

	spin_lock(&disk_hosts_lock);
	list_for_each_entry(host, &disk_hosts, link) {
		if (!READ_ONCE(host->gone) && !strcmp(dev_name(&host->sdev->sdev_gendev), name)) {
			kref_get(&host->ref);
			found = host;
			break;
		}
	}
	spin_unlock(&disk_hosts_lock);
	return found;
}

/* A disk that we serve ourselves, come back over some transport: nobody should be offered that again. */
static bool is_ours(struct scsi_device *sdev)
{
	static const u8 cdb[6] = { SCSI_OP_INQUIRY, 0x01, SCST_OWN_PAGE, 0, SCST_OWN_PAGE_LEN };
	u8 *buf = kmalloc(SCST_OWN_PAGE_LEN, GFP_KERNEL);
	scsi_sense_code ua;
	bool ours = false;
	int len;

	if (!buf)
		return false;
	len = disk_ask_sdev(sdev, cdb, buf, SCST_OWN_PAGE_LEN, &ua);
	if (len > 0)
		ours = scst_own_page_is_ours(buf, len);
	kfree(buf);
	return ours;
}

/* Not shown while somebody has it. */
static void host_meet(struct disk_host *host)
{
	if (READ_ONCE(host->gone))
		return;
	if (!host->offered)
		host->offered = !is_ours(host->sdev);
	if (host->offered && !host->dev)
		disk_place_show(host);
}

/* Either the disk goes, or this module does. */
static void host_leave(struct disk_host *host)
{
	enum scsi_device_state state = READ_ONCE(host->sdev->sdev_state);
	bool lost = state == SDEV_CANCEL || state == SDEV_DEL;

	if (host->dev) {
		if (lost)
			pr_warn("device %s: the host has removed the disk\n", host->dev->dev.name);
		disk_unbind(host, lost);
	}
	disk_place_hide(host);
}

static void meet_work(struct work_struct *work)
{
	struct disk_host *host = container_of(to_delayed_work(work), struct disk_host, meet);

	mutex_lock(&host->lock);
	host_meet(host);
	mutex_unlock(&host->lock);
}

static void leave_work(struct work_struct *work)
{
	struct disk_host *host = container_of(work, struct disk_host, leave);

	mutex_lock(&host->lock);
	host_leave(host);
	mutex_unlock(&host->lock);
	/* It is gone: nobody queues that from now on. */
	cancel_delayed_work_sync(&host->meet);
	spin_lock(&disk_hosts_lock);
	list_del(&host->link);
	spin_unlock(&disk_hosts_lock);
	disk_host_put(host);
}

/* ------------------------------------------------------------ the host's call */

/* The host holds locks of its own: both only tell the workqueue. */
static int disk_comes(SCST_CLASS_INTERFACE_ARGS(cdev))
{
	struct scsi_device *sdev = class_to_sdev(cdev);
	struct disk_host *host;

	if (sdev->type != TYPE_DISK)
		return 0;
	host = kzalloc(sizeof(*host), GFP_KERNEL);
	if (!host)
		return -ENOMEM;
	get_device(&sdev->sdev_gendev);
	host->sdev = sdev;
	kref_init(&host->ref);
	mutex_init(&host->lock);
	INIT_DELAYED_WORK(&host->meet, meet_work);
	INIT_WORK(&host->leave, leave_work);
	spin_lock(&disk_hosts_lock);
	list_add_tail(&host->link, &disk_hosts);
	spin_unlock(&disk_hosts_lock);
	queue_delayed_work(disk_wq, &host->meet, 0);
	return 0;
}

static void disk_goes(SCST_CLASS_INTERFACE_ARGS(cdev))
{
	struct scsi_device *sdev = class_to_sdev(cdev);
	struct disk_host *host;

	spin_lock(&disk_hosts_lock);
	list_for_each_entry(host, &disk_hosts, link) {
		if (host->sdev == sdev && !host->gone) {
			WRITE_ONCE(host->gone, true);
			/* Under the lock: that work takes it off the list and ends with it. */
			queue_work(disk_wq, &host->leave);
			break;
		}
	}
	spin_unlock(&disk_hosts_lock);
}

static struct class_interface disk_interface = {
	.add_dev = disk_comes,
	.remove_dev = disk_goes,
};

int disk_hosts_init(void)
{
	int err = scsi_register_interface(&disk_interface);

	/* Whoever has loaded the module finds the disks there are. */
	if (!err)
		flush_workqueue(disk_wq);
	return err;
}

void disk_hosts_exit(void)
{
	scsi_unregister_interface(&disk_interface);
	flush_workqueue(disk_wq);
}
