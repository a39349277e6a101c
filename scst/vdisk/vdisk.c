// SPDX-License-Identifier: GPL-2.0
/*
 * scst_vdisk.ko: the four handlers, the list of virtual disks, their creation and removal.
 */
#include <linux/crc32c.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "vdisk.h"

static unsigned int num_threads = 8;
module_param(num_threads, uint, 0444);
MODULE_PARM_DESC(num_threads, "what threads_num of fileio and vcdrom devices shows; I/O does not use a fixed number of threads");

static DEFINE_MUTEX(vdisk_mutex);
static LIST_HEAD(vdisk_list);			/* all devices, also those being made or deleted; vdisk_mutex */
static bool vdisk_exiting;			/* vdisk_mutex */
static unsigned int vdisk_changes;		/* devices that came alive or left the list; vdisk_mutex */
static DECLARE_WAIT_QUEUE_HEAD(vdisk_change);

static struct scst_handler vdisk_fileio = {
	.name = "vdisk_fileio",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_DISK,
	.add_params = "active, async, bind_alua_state, blocksize, dif_filename, dif_mode, dif_static_app_tag, dif_type, filename, numa_node_id, nv_cache, o_direct, read_only, removable, rotational, thin_provisioned, tst, t10_dev_id, write_through",
	.parse = vdisk_parse,
	.supports = vdisk_supports,
	.designators = vdisk_designators,
	.may_share = vdisk_may_share,
	.reset = vdisk_reset,
	.port_state = vdisk_port_state,
	.add_device = vdisk_add_device,
	.del_device = vdisk_del_device,
};

static struct scst_handler vdisk_blockio = {
	.name = "vdisk_blockio",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_DISK,
	.threads_num = 1,
	.add_params = "active, bind_alua_state, blocksize, dif_filename, dif_mode, dif_static_app_tag, dif_type, filename, numa_node_id, nv_cache, read_only, removable, rotational, thin_provisioned, tst, t10_dev_id, write_through",
	.parse = vdisk_parse,
	.supports = vdisk_supports,
	.designators = vdisk_designators,
	.reset = vdisk_reset,
	.port_state = vdisk_port_state,
	.add_device = vdisk_add_device,
	.del_device = vdisk_del_device,
};

static struct scst_handler vdisk_nullio = {
	.name = "vdisk_nullio",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_DISK,
	.threads_num = 1,
	.add_params = "blocksize, dif_mode, dif_static_app_tag, dif_type, dummy, numa_node_id, read_only, removable, rotational, size, size_mb, tst, t10_dev_id",
	.parse = vdisk_parse,
	.supports = vdisk_supports,
	.designators = vdisk_designators,
	.reset = vdisk_reset,
	.port_state = vdisk_port_state,
	.add_device = vdisk_add_device,
	.del_device = vdisk_del_device,
};

static struct scst_handler vdisk_cdrom = {
	.name = "vcdrom",
	.owner = THIS_MODULE,
	.type = SCSI_TYPE_ROM,
	.add_params = "tst",
	.parse = vdisk_parse,
	.supports = vdisk_supports,
	.reset = vdisk_reset,
	.port_state = vdisk_port_state,
	.add_device = vdisk_add_device,
	.del_device = vdisk_del_device,
};

static const struct vdisk_ops *vdisk_ops_of(const struct scst_handler *h)
{
	if (h == &vdisk_fileio || h == &vdisk_cdrom)
		return &vdisk_fileio_ops;
	return h == &vdisk_blockio ? &vdisk_blockio_ops : &vdisk_nullio_ops;
}

/* ------------------------------------------------------------------ the list */

/* Reserves name and serial number. */
static int vdisk_enlist(struct vdisk_dev *vd)
{
	struct vdisk_dev *other;
	int err = 0;

	mutex_lock(&vdisk_mutex);
	if (vdisk_exiting)
		err = -ESHUTDOWN;
	list_for_each_entry(other, &vdisk_list, link) {
		if (!strcmp(other->name, vd->name)) {
			pr_err("device %s already exists\n", vd->name);
			err = -EEXIST;
			break;
		}
		if (other->pi.filename && vd->pi.filename && !strcmp(other->pi.filename, vd->pi.filename)) {
			pr_err("device %s: dif_filename %s is already that of %s\n", vd->name, vd->pi.filename,
			       other->name);
			err = -EEXIST;
			break;
		}
		if (!strcmp(other->str[VDISK_STR_USN], vd->str[VDISK_STR_USN])) {
			pr_err("device %s: its serial number %s is already that of %s: write another to the usn of that one\n",
			       vd->name, vd->str[VDISK_STR_USN], other->name);
			err = -EEXIST;
			break;
		}
	}
	if (!err)
		list_add_tail(&vd->link, &vdisk_list);
	mutex_unlock(&vdisk_mutex);
	return err;
}

static void vdisk_delist(struct vdisk_dev *vd)
{
	mutex_lock(&vdisk_mutex);
	list_del(&vd->link);
	WRITE_ONCE(vdisk_changes, vdisk_changes + 1);
	mutex_unlock(&vdisk_mutex);
	wake_up_all(&vdisk_change);
}

/* True for the one caller that may delete the device; one that is found while it is being made is waited for. */
static bool vdisk_claim(struct vdisk_dev *vd)
{
	bool mine;

	wait_event(vdisk_change, READ_ONCE(vd->life) != VDISK_NEW);
	mutex_lock(&vdisk_mutex);
	mine = vd->life == VDISK_LIVE;
	vd->life = VDISK_DYING;
	mutex_unlock(&vdisk_mutex);
	return mine;
}

static void vdisk_set_live(struct vdisk_dev *vd)
{
	mutex_lock(&vdisk_mutex);
	WRITE_ONCE(vd->life, VDISK_LIVE);
	WRITE_ONCE(vdisk_changes, vdisk_changes + 1);
	mutex_unlock(&vdisk_mutex);
	wake_up_all(&vdisk_change);
}

/* ------------------------------------------------------------------ creation */

static void vdisk_free(struct vdisk_dev *vd)
{
	free_percpu(vd->stats);
	kvfree(vd->buffer);
	kfree(vd->filename);
	kfree(vd->pi.filename);
	kfree(vd);
}

static void vdisk_release(void *obj)
{
	vdisk_free(to_vdisk(obj));
}

static struct vdisk_dev *vdisk_alloc(struct scst_handler *h, const char *name)
{
	struct vdisk_dev *vd = kzalloc(sizeof(*vd), GFP_KERNEL);

	if (!vd)
		return NULL;
	vd->stats = alloc_percpu(struct vdisk_stats);
	if (!vd->stats) {
		kfree(vd);
		return NULL;
	}
	strscpy(vd->name, name, sizeof(vd->name));
	vd->ops = vdisk_ops_of(h);
	vd->type = h->type;
	mutex_init(&vd->lock);
	mutex_init(&vd->mode_lock);
	mutex_init(&vd->id_lock);
	init_rwsem(&vd->pi.lock);
	INIT_WORK(&vd->flush_work, vdisk_flush_work);
	INIT_WORK(&vd->erase.work, vdisk_erase_work);
	INIT_LIST_HEAD(&vd->link);
	vd->dev.block_shift = 9;
	vd->state = BIT(VDISK_CLOSED);
	vd->rotational = 1;
	vd->tst = 1;
	vd->create_active = 1;
	vd->lb_per_pb_exp = 1;
	vd->thin_wish = -1;
	vd->numa_wish = -1;
	vd->read_by_reference = 1;
	vd->bind_alua_state = vdisk_bind_alua_default(vd);
	vd->opt_trans_len = VDISK_OPT_TRANS_LEN;
	vd->phys_block = VDISK_PHYS_BLOCK;
	if (vdisk_is_rom(vd))
		vdisk_make_rom(vd);
	return vd;
}

/* What a new device tells of itself (core.md 4.2); a t10_dev_id that was given stays. */
static void vdisk_identify(struct vdisk_dev *vd)
{
	char usn[VDISK_USN_LEN + 1], id[VDISK_T10_ID_LEN + 1];

	vdisk_make_ids(scst_setup_id(), crc32c(0, vd->name, strlen(vd->name) + 1), vd->name, usn, id);
	strscpy(vd->str[VDISK_STR_USN], usn, sizeof(vd->str[0]));
	strscpy(vd->str[VDISK_STR_VEND_SPECIFIC_ID], id, sizeof(vd->str[0]));
	if (!(vd->str_written & BIT(VDISK_STR_T10_DEV_ID)))
		strscpy(vd->str[VDISK_STR_T10_DEV_ID], id, sizeof(vd->str[0]));
	strscpy(vd->str[VDISK_STR_T10_VEND_ID], vd->ops->t10_vendor, sizeof(vd->str[0]));
	strscpy(vd->str[VDISK_STR_PROD_ID], vd->name, VDISK_PROD_LEN + 1);
	strscpy(vd->str[VDISK_STR_PROD_REV_LVL], VDISK_REV_DEFAULT, sizeof(vd->str[0]));
}

/* From parameters to what the core and MODE SENSE want to know. */
static void vdisk_settle(struct vdisk_dev *vd)
{
	struct scsi_mode_values v = SCSI_MODE_DEFAULTS;

	vd->admin_write_through = vd->write_through;
	v.wce = !vd->write_through && !vd->nv_cache;
	vd->mode = (struct scsi_mode_state) {
		.cur = v,
		.saved = v,
		.def = v,
		.type = vd->type,
		.tst = vd->tst,
		.nv_cache = vd->nv_cache,
		.ato = vdisk_has_pi(vd) && scsi_dif_ato(&vd->pi.conf),
		.block_size = vdisk_block_size(vd),
	};
	vd->dev.read_only = vd->create_read_only;
	if (vd->pi.conf.type == 2 && vd->pi.conf.static_tag)
		pr_warn("device %s: dif_static_app_tag has no effect with dif_type 2\n", vd->name);
	vd->dev.tst = vd->tst;
	vd->size_forced = vd->size_wish && vd->size_wish != VDISK_NULLIO_SIZE;
	vdisk_publish_mode(vd);
	if (vd->nv_cache)
		pr_info("device %s: nv_cache: nothing is flushed, a loss of power loses what initiators believe written\n",
			vd->name);
}

/* A replication secondary says EMEDIUMTYPE: the device is made and waits to be activated. */
static int vdisk_first_open(struct vdisk_dev *vd)
{
	int err;

	if (!vd->create_active)
		return 0;
	err = vdisk_open(vd);
	if (err == -EMEDIUMTYPE) {
		pr_warn("device %s: %s is not usable now, activate the device later\n", vd->name, vd->filename);
		return 0;
	}
	return err;
}

static int vdisk_start(struct vdisk_dev *vd, struct scst_handler *h)
{
	int err;

	init_rwsem(&vd->share_lock);
	vdisk_caw_init(vd);
	/*
	 * Not WQ_MEM_RECLAIM: its work goes into file systems (for data, tags, mode pages), which may flush queues that are not.
	 * ext4, told to discard, does so for a write that finds no room. Memory that is short delays us then; it does not stop us,
	 * for each pool keeps an idle worker.
	 */
	vd->dev.wq = alloc_workqueue("scst_%.26s", WQ_UNBOUND, 64, vd->name);
	if (!vd->dev.wq)
		return -ENOMEM;
	err = vdisk_first_open(vd);
	if (err)
		goto destroy_wq;
	err = scst_dev_register(&vd->dev, h, vd->name, vdisk_release);
	if (err)
		goto close;
	vd->dev.numa_node_id = vd->numa_wish;
	return 0;

close:
	vdisk_close(vd);
destroy_wq:
	destroy_workqueue(vd->dev.wq);
	return err;
}

int vdisk_add_device(struct scst_handler *h, const char *name, char *params)
{
	struct vdisk_dev *vd;
	int err = scst_dev_name_check(name);

	if (err) {
		pr_err("bad device name %.*s: at most %u characters, no '/' and no '.'\n", SCST_DEV_NAME_MAX, name,
		       SCST_DEV_NAME_MAX);
		return err;
	}
	vd = vdisk_alloc(h, name);
	if (!vd)
		return -ENOMEM;
	err = vdisk_parse_params(vd, params);
	if (err)
		goto free;
	vdisk_identify(vd);
	vdisk_settle(vd);
	err = vdisk_mode_load(vd) ?: vdisk_sanitize_load(vd, vd->filename);
	if (err)
		goto free;
	err = vdisk_enlist(vd);
	if (err)
		goto free;
	err = vdisk_start(vd, h);
	if (err)
		goto delist;
	vdisk_set_live(vd);
	return 0;

delist:
	vdisk_delist(vd);
free:
	vdisk_free(vd);
	return err;
}

/* Unlink, wait for its users, close; its memory goes with the last reference on its directory. */
void vdisk_del_device(struct scst_dev *dev)
{
	struct vdisk_dev *vd = to_vdisk(dev);

	if (!vdisk_claim(vd))
		return;
	scst_node_get(&dev->node);
	vdisk_erase_stop(vd);
	scst_dev_unregister(dev);
	vdisk_close(vd);
	destroy_workqueue(dev->wq);
	vdisk_delist(vd);
	scst_node_put(&dev->node);
}

/* -------------------------------------------------------------------- module */

/* NULL: none is alive; @empty: none is left at all; @seen: changes up to now. */
static struct vdisk_dev *vdisk_first_live(bool *empty, unsigned int *seen)
{
	struct vdisk_dev *vd, *found = NULL;

	mutex_lock(&vdisk_mutex);
	*empty = list_empty(&vdisk_list);
	*seen = vdisk_changes;
	list_for_each_entry(vd, &vdisk_list, link) {
		if (vd->life == VDISK_LIVE) {
			found = vd;
			scst_node_get(&vd->dev.node);
			break;
		}
	}
	mutex_unlock(&vdisk_mutex);
	return found;
}

/* No new ones, and the old ones go; those that are just being made or deleted elsewhere are waited for. */
static void vdisk_del_all(void)
{
	struct vdisk_dev *vd;
	unsigned int seen;
	bool empty;

	mutex_lock(&vdisk_mutex);
	vdisk_exiting = true;
	mutex_unlock(&vdisk_mutex);
	for (;;) {
		vd = vdisk_first_live(&empty, &seen);
		if (empty)
			return;
		if (vd) {
			vdisk_del_device(&vd->dev);
			scst_node_put(&vd->dev.node);
		} else {
			wait_event(vdisk_change, READ_ONCE(vdisk_changes) != seen);
		}
	}
}

static struct scst_handler *const vdisk_handlers[] = { &vdisk_fileio, &vdisk_blockio, &vdisk_nullio, &vdisk_cdrom };

/* Handlers that are registered could be used already. */
static void vdisk_unregister(unsigned int nr)
{
	vdisk_del_all();
	while (nr)
		scst_handler_unregister(vdisk_handlers[--nr]);
}

static int __init vdisk_init(void)
{
	unsigned int i;
	int err;

	vdisk_mode_file_init();
	vdisk_fileio.threads_num = num_threads ? num_threads : 8;
	vdisk_cdrom.threads_num = vdisk_fileio.threads_num;
	vdisk_set_attrs(&vdisk_fileio, &vdisk_fileio_ops);
	vdisk_set_attrs(&vdisk_blockio, &vdisk_blockio_ops);
	vdisk_set_attrs(&vdisk_nullio, &vdisk_nullio_ops);
	vdisk_set_cdrom_attrs(&vdisk_cdrom);
	for (i = 0; i < ARRAY_SIZE(vdisk_handlers); i++) {
		err = scst_handler_register(vdisk_handlers[i]);
		if (err) {
			vdisk_unregister(i);
			return err;
		}
	}
	return 0;
}

static void __exit vdisk_exit(void)
{
	vdisk_unregister(ARRAY_SIZE(vdisk_handlers));
}

module_init(vdisk_init);
module_exit(vdisk_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SCST virtual disks on files, block devices and nothing, and CD-ROM drives");
MODULE_VERSION(SCST_VERSION);
