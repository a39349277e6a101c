// SPDX-License-Identifier: GPL-2.0
/*
 * scst_disk.ko: the two handlers; how a disk of the host becomes a device and is given back.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "disk.h"

#define ASK_TRIES	5	/* unit attentions come one at a time */
#define OPCODES_LEN	8192U

struct workqueue_struct *disk_wq;

/* ------------------------------------------------------- what the disk says */

static int ask_again(struct disk_dev *dd, const u8 *cdb, void *buf, unsigned int len)
{
	int tries, ret = -EAGAIN;

	for (tries = 0; ret == -EAGAIN && tries < ASK_TRIES; tries++)
		ret = disk_ask(dd, cdb, buf, len);
	return ret;
}

static int learn_capacity(struct disk_dev *dd, u8 *buf)
{
	static const u8 short_cdb[10] = { SCSI_OP_READ_CAPACITY_10 };
	static const u8 long_cdb[16] = { SCSI_OP_SERVICE_ACTION_IN_16, 0x10, [13] = 32 };
	u64 blocks;
	u32 size;
	int len;

	len = ask_again(dd, short_cdb, buf, 8);
	if (len == 8 && get_unaligned_be32(buf) == U32_MAX)
		len = ask_again(dd, long_cdb, buf, 32);
	if (len < 0)
		return len;
	if (!scsi_host_capacity(buf, len, &blocks, &size))
		return -EIO;
	if (!is_power_of_2(size) || size < 512 || size > 4096 ||
	    (dd->dev.nblocks && size != 1U << dd->dev.block_shift)) {
		pr_err("device %s: blocks of %u bytes%s\n", dev_name(&dd->sdev->sdev_gendev), size,
		       dd->dev.nblocks ? " now: take it out and in again" : " are not served, 512 to 4096 are");
		return -EINVAL;
	}
	dd->dev.block_shift = ilog2(size);
	WRITE_ONCE(dd->dev.nblocks, blocks);
	return 0;
}

/* A disk without the page has its defaults. */
static void learn_control(struct disk_dev *dd, u8 *buf)
{
	static const u8 cdb[10] = { SCSI_OP_MODE_SENSE_10, 0x08, SCSI_MODE_CONTROL, [8] = 64 };
	struct scsi_host_control c = { 0 };
	int len = ask_again(dd, cdb, buf, 64);

	if (len > 0)
		scsi_host_control(buf, len, &c);
	WRITE_ONCE(dd->dev.tst, c.tst);
	WRITE_ONCE(dd->dev.qerr, c.qerr);
	WRITE_ONCE(dd->dev.tas, c.tas);
	WRITE_ONCE(dd->dev.d_sense, c.d_sense);
	WRITE_ONCE(dd->dev.swp, c.swp);
	/* Whatever the disk's queue algorithm is, the disk sees to it: SIMPLE commands are passed on as they come. */
	WRITE_ONCE(dd->dev.queue_alg, 1);
}

int disk_learn(struct disk_dev *dd)
{
	u8 *buf = kmalloc(64, GFP_NOIO);
	int err;

	if (!buf)
		return -ENOMEM;
	err = learn_capacity(dd, buf);
	learn_control(dd, buf);
	kfree(buf);
	return err;
}

static void refresh(struct work_struct *work)
{
	disk_learn(container_of(work, struct disk_dev, refresh));
}

/* What any disk can do, for those that do not answer REPORT SUPPORTED OPERATION CODES. */
static void guess_opcodes(struct disk_dev *dd)
{
	static const u8 usual[] = {
		SCSI_OP_ID_READ_6, SCSI_OP_ID_WRITE_6, SCSI_OP_ID_READ_10, SCSI_OP_ID_WRITE_10, SCSI_OP_ID_SYNC_CACHE_10,
		SCSI_OP_ID_READ_CAPACITY_10, SCSI_OP_ID_MODE_SENSE_6, SCSI_OP_ID_MODE_SENSE_10, SCSI_OP_ID_START_STOP_UNIT,
		SCSI_OP_ID_READ_16, SCSI_OP_ID_WRITE_16, SCSI_OP_ID_READ_CAPACITY_16,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(usual); i++)
		dd->known[usual[i]] = 1;
}

static int learn_opcodes(struct disk_dev *dd)
{
	static const u8 cdb[12] = { SCSI_OP_MAINTENANCE_IN, 0x0c, [8] = OPCODES_LEN >> 8 };
	u8 *buf = kmalloc(OPCODES_LEN, GFP_KERNEL);
	int len;

	if (!buf)
		return -ENOMEM;
	len = ask_again(dd, cdb, buf, OPCODES_LEN);
	if (len > 4)
		scsi_host_opcodes(buf, len, dd->known);
	else
		guess_opcodes(dd);
	kfree(buf);
	dd->known[SCSI_OP_ID_TEST_UNIT_READY] = 1;
	dd->known[SCSI_OP_ID_INQUIRY] = 1;
	dd->known[SCSI_OP_ID_REQUEST_SENSE] = 1;
	return 0;
}

/* ------------------------------------------------------------ taking a disk */

static void disk_free(struct disk_dev *dd)
{
	disk_host_put(dd->host);
	kfree(dd);
}

static void disk_release(void *obj)
{
	disk_free(to_disk(obj));
}

static struct disk_dev *disk_alloc(struct disk_host *host)
{
	struct disk_dev *dd = kzalloc(sizeof(*dd), GFP_KERNEL);

	if (!dd)
		return NULL;
	kref_get(&host->ref);
	dd->host = host;
	dd->sdev = host->sdev;
	/* The list of nexuses is looked at by whoever spreads a unit attention, also before there are any. */
	INIT_LIST_HEAD(&dd->dev.nexuses);
	INIT_WORK(&dd->refresh, refresh);
	return dd;
}

static int publish(struct disk_dev *dd, struct scst_handler *h, const char *name)
{
	int err;

	disk_place_hide(dd->host);
	err = scst_dev_register(&dd->dev, h, name, disk_release);
	if (err)
		disk_place_show(dd->host);
	return err;
}

int disk_bind(struct disk_host *host, struct scst_handler *h)
{
	const char *name = dev_name(&host->sdev->sdev_gendev);
	struct disk_dev *dd;
	int err;

	/* Keeps the driver of the host's adapter. */
	err = scsi_device_get(host->sdev);
	if (err)
		return err;
	err = -ENOMEM;
	dd = disk_alloc(host);
	if (!dd)
		goto put_device;
	dd->dev.wq = alloc_workqueue("scst_%s", WQ_MEM_RECLAIM | WQ_UNBOUND, 1, name);
	if (!dd->dev.wq)
		goto free;
	err = disk_learn(dd);
	if (!err)
		err = learn_opcodes(dd);
	cancel_work_sync(&dd->refresh);
	if (!err)
		err = publish(dd, h, name);
	if (err)
		goto destroy_wq;
	host->dev = dd;
	err = sysfs_create_link(&dd->dev.node.kobj, &dd->sdev->sdev_dev.kobj, "scsi_device");
	if (err) {
		disk_unbind(host, false);
		disk_place_show(host);
	}
	return err;

destroy_wq:
	destroy_workqueue(dd->dev.wq);
free:
	disk_free(dd);
put_device:
	scsi_device_put(host->sdev);
	return err;
}

/* Unlink, wait for its commands, give the disk back; the memory goes with the last reference on the directory. */
void disk_unbind(struct disk_host *host, bool lost)
{
	struct disk_dev *dd = host->dev;

	host->dev = NULL;
	scst_node_get(&dd->dev.node);
	scst_dev_unregister(&dd->dev);
	cancel_work_sync(&dd->refresh);
	destroy_workqueue(dd->dev.wq);
	if (lost)
		disk_dump_pr(dd);
	scsi_device_put(host->sdev);
	scst_node_put(&dd->dev.node);
}

/* ---------------------------------------------------------------- handlers */

static int refused(const char *name, int err)
{
	pr_err("device %.80s refused: %s (error %pe)\n", name,
	       err == -ENOENT ? "the host has no such disk" : err == -EEXIST ? "a handler has it already" : "failed", ERR_PTR(err));
	return err;
}

static int disk_add_device(struct scst_handler *h, const char *name, char *params)
{
	struct disk_host *host;
	int err;

	if (scst_mgmt_next_word(&params)) {
		pr_err("%s: add_device takes nothing but H:C:I:L\n", h->name);
		return -EINVAL;
	}
	host = disk_host_find(name);
	if (!host)
		return refused(name, -ENOENT);
	mutex_lock(&host->lock);
	if (host->dev)
		err = -EEXIST;
	else if (READ_ONCE(host->gone) || !host->offered)
		err = -ENOENT;
	else
		err = disk_bind(host, h);
	mutex_unlock(&host->lock);
	disk_host_put(host);
	return err ? refused(name, err) : 0;
}

static void disk_del_device(struct scst_dev *dev)
{
	struct disk_dev *dd = to_disk(dev);
	struct disk_host *host = dd->host;

	kref_get(&host->ref);
	mutex_lock(&host->lock);
	/* Unless the host has just taken it away. */
	if (host->dev == dd) {
		disk_unbind(host, false);
		disk_place_show(host);
	}
	mutex_unlock(&host->lock);
	disk_host_put(host);
}

struct scst_handler disk_handler = {
	.name = "dev_disk",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_DISK,
	.threads_num = 1,
	.host_devices = true,
	.parse = disk_parse,
	.supports = disk_supports,
	.reset = disk_reset,
	.add_device = disk_add_device,
	.del_device = disk_del_device,
};

struct scst_handler disk_perf_handler = {
	.name = "dev_disk_perf",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_DISK,
	.host_devices = true,
	.parse = disk_parse,
	.supports = disk_supports,
	.reset = disk_reset,
	.add_device = disk_add_device,
	.del_device = disk_del_device,
};

/* ------------------------------------------------------------------ module */

static int __init disk_init(void)
{
	int err;

	disk_wq = alloc_workqueue("scst_disk", WQ_UNBOUND, 0);
	if (!disk_wq)
		return -ENOMEM;
	err = scst_handler_register(&disk_handler);
	if (err)
		goto destroy_wq;
	err = disk_dump_init();
	if (!err)
		err = scst_handler_register(&disk_perf_handler);
	if (err)
		goto unregister_disk;
	err = disk_hosts_init();
	if (err)
		goto unregister_perf;
	return 0;

unregister_perf:
	scst_handler_unregister(&disk_perf_handler);
unregister_disk:
	scst_handler_unregister(&disk_handler);
	disk_dump_exit();
destroy_wq:
	destroy_workqueue(disk_wq);
	return err;
}

static void __exit disk_exit(void)
{
	disk_hosts_exit();
	scst_handler_unregister(&disk_perf_handler);
	scst_handler_unregister(&disk_handler);
	disk_dump_exit();
	destroy_workqueue(disk_wq);
}

module_init(disk_init);
module_exit(disk_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SCST pass-through of the host's SCSI disks");
MODULE_VERSION(SCST_VERSION);
