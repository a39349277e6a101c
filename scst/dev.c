// SPDX-License-Identifier: GPL-2.0
/*
 * Device handlers and devices: registration, removal, and the gates that stop a device's commands.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "event.h"
#include "scst_priv.h"

#define DEFAULT_COMMANDS	64	/* max_tgt_dev_commands */

static LIST_HEAD(handlers);		/* scst_config_mutex */
static LIST_HEAD(devices);		/* scst_config_mutex; with those whose directory is just going */
static unsigned int suspended;		/* scst_config_mutex; gates of every device that it has closed */

/* ---- handlers */

static void handler_release(void *obj)
{
	struct scst_handler *h = obj;

	complete(&h->released);
}

static bool handler_known(const char *name)
{
	struct scst_handler *h;

	list_for_each_entry(h, &handlers, link)
		if (!strcmp(h->name, name))
			return true;
	return false;
}

static int handler_link(struct scst_handler *h)
{
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	if (handler_known(h->name))
		ret = -EEXIST;
	else
		list_add_tail(&h->link, &handlers);
	mutex_unlock(&scst_config_mutex);
	return ret;
}

int scst_handler_register(struct scst_handler *h)
{
	int ret;

	init_completion(&h->released);
	ret = scst_name_check(h->name, SCST_NAME_MAX);
	if (!ret)
		ret = handler_link(h);
	if (ret) {
		pr_err("handler %s not registered: error %pe\n", h->name, ERR_PTR(ret));
		return ret;
	}
	scst_node_init(&h->node, h, handler_release);
	ret = scst_node_add(&h->node, &scst_handlers_node, h->name);
	if (!ret)
		ret = scst_handler_dir_fill(h);
	if (ret) {
		pr_err("handler %s: no directory: error %pe\n", h->name, ERR_PTR(ret));
		scst_handler_unregister(h);
	}
	return ret;
}
EXPORT_SYMBOL_GPL(scst_handler_register);

void scst_handler_unregister(struct scst_handler *h)
{
	scst_node_del(&h->node);
	mutex_lock(&scst_config_mutex);
	list_del(&h->link);
	mutex_unlock(&scst_config_mutex);
	scst_node_put(&h->node);
	wait_for_completion(&h->released);
}
EXPORT_SYMBOL_GPL(scst_handler_unregister);

/* ---- devices */

static struct scst_dev *dev_find(const char *name)
{
	struct scst_dev *dev;

	list_for_each_entry(dev, &devices, link)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

struct scst_dev *scst_dev_find(const char *name)
{
	struct scst_dev *dev;

	mutex_lock(&scst_config_mutex);
	dev = dev_find(name);
	if (dev && dev->dying)
		dev = NULL;
	if (dev)
		scst_node_get(&dev->node);
	mutex_unlock(&scst_config_mutex);
	return dev;
}
EXPORT_SYMBOL_GPL(scst_dev_find);

static void users_gone(struct percpu_ref *ref)
{
	complete(&container_of(ref, struct scst_dev, users)->users_gone);
}

/* What dev_init() has made. */
static void dev_exit(struct scst_dev *dev)
{
	scst_pr_free(dev);
	percpu_ref_exit(&dev->users);
	percpu_counter_destroy(&dev->mem_used);
}

static void dev_release(void *obj)
{
	struct scst_dev *dev = obj;

	pr_info("device %s destroyed\n", dev->name);
	dev_exit(dev);
	scst_dev_ua_free(dev);
	dev->release(dev);
}

int scst_dev_name_check(const char *name)
{
	/* A dot begins what handlers append for files of their own. */
	return strchr(name, '.') ? -EINVAL : scst_name_check(name, SCST_DEV_NAME_MAX);
}
EXPORT_SYMBOL_GPL(scst_dev_name_check);

static int dev_init(struct scst_dev *dev, struct scst_handler *h, const char *name, void (*release)(void *dev))
{
	if (scst_dev_name_check(name))
		return -EINVAL;
	strscpy(dev->name, name, sizeof(dev->name));
	dev->handler = h;
	dev->release = release;
	dev->dying = true;	/* not to be found before it is complete */
	dev->max_tgt_dev_commands = DEFAULT_COMMANDS;
	dev->numa_node_id = NUMA_NO_NODE;
	dev->threads_num = h->threads_num;
	INIT_LIST_HEAD(&dev->nexuses);
	INIT_LIST_HEAD(&dev->rod_list);
	INIT_LIST_HEAD(&dev->untold);
	INIT_LIST_HEAD(&dev->link);
	INIT_LIST_HEAD(&dev->dg_link);
	scst_dev_data_init(dev);
	init_completion(&dev->users_gone);
	if (percpu_counter_init(&dev->mem_used, 0, GFP_KERNEL))
		return -ENOMEM;
	if (percpu_ref_init(&dev->users, users_gone, 0, GFP_KERNEL))
		goto out_counter;
	if (!scst_pr_new(dev))
		return 0;
	percpu_ref_exit(&dev->users);
out_counter:
	percpu_counter_destroy(&dev->mem_used);
	return -ENOMEM;
}

/* The name is taken from here until the directory has gone. A device that comes while all are suspended is so, too. */
static int dev_link(struct scst_dev *dev)
{
	int ret = 0;

	mutex_lock(&scst_config_mutex);
	if (dev_find(dev->name)) {
		ret = -EEXIST;
	} else if (scst_node_has(&dev->handler->node, dev->name)) {
		/* A file of the handler's directory, where the device gets a link. */
		ret = -EINVAL;
	} else {
		atomic_set(&dev->gate, suspended);
		list_add_tail(&dev->link, &devices);
	}
	mutex_unlock(&scst_config_mutex);
	return ret;
}

static void dev_unlink(struct scst_dev *dev)
{
	mutex_lock(&scst_config_mutex);
	list_del(&dev->link);
	mutex_unlock(&scst_config_mutex);
}

static int dev_show(struct scst_dev *dev)
{
	struct scst_handler *h = dev->handler;
	int ret;

	scst_node_own(&dev->node, &h->node);
	ret = scst_node_add(&dev->node, &scst_devices_node, dev->name);
	if (!ret)
		ret = scst_dev_dir_fill(dev);
	if (!ret)
		ret = scst_node_add(&dev->exported_node, &dev->node, "exported");
	if (!ret)
		ret = sysfs_create_link(&dev->node.kobj, &h->node.kobj, "handler");
	if (!ret)
		ret = sysfs_create_link(&h->node.kobj, &dev->node.kobj, dev->name);
	dev->registered = !ret;
	return ret;
}

static void dev_hide(struct scst_dev *dev)
{
	if (dev->registered)
		sysfs_remove_link(&dev->handler->node.kobj, dev->name);
	dev->registered = false;
	if (dev->node.kobj.state_in_sysfs)
		sysfs_remove_link(&dev->node.kobj, "handler");
	scst_node_del(&dev->exported_node);
	scst_node_put(&dev->exported_node);
	scst_node_del(&dev->node);
}

static int dev_refused(const char *name, int ret)
{
	pr_err("device %.80s refused: %s (error %pe)\n", name,
	       ret == -EEXIST ? "the name is in use" : ret == -EINVAL ? "bad name" : "failed", ERR_PTR(ret));
	return ret;
}

static void tell_registered(struct scst_dev *dev)
{
	struct scst_event_device ev = { };

	strscpy(ev.device_name, dev->name, sizeof(ev.device_name));
	scst_event_send(SCST_EVENT_DEVICE_REGISTERED, NULL, &ev, sizeof(ev), GFP_KERNEL, NULL);
}

int scst_dev_register(struct scst_dev *dev, struct scst_handler *h, const char *name, void (*release)(void *dev))
{
	int ret;

	ret = dev_init(dev, h, name, release);
	if (ret)
		return dev_refused(name, ret);
	ret = dev_link(dev);
	if (ret)
		goto out_init;
	scst_node_init(&dev->node, dev, dev_release);
	scst_node_init(&dev->exported_node, dev, NULL);
	scst_node_own(&dev->exported_node, &dev->node);
	ret = scst_pr_load(dev);
	if (!ret)
		ret = dev_show(dev);
	if (ret)
		goto out_node;
	pr_info("device %s created\n", dev->name);
	mutex_lock(&scst_config_mutex);
	dev->dying = false;
	mutex_unlock(&scst_config_mutex);
	if (h->host_devices)
		return 0;
	scst_copy_add_dev(dev);
	tell_registered(dev);
	return 0;

out_node:
	dev_hide(dev);
	dev_unlink(dev);
	scst_node_cancel(&dev->node);
out_init:
	dev_exit(dev);
	return dev_refused(name, ret);
}
EXPORT_SYMBOL_GPL(scst_dev_register);

void scst_dev_unregister(struct scst_dev *dev)
{
	/* Unlink: nobody finds it, all its LUNs go. */
	mutex_lock(&scst_config_mutex);
	dev->dying = true;
	mutex_unlock(&scst_config_mutex);
	scst_alua_forget_dev(dev);
	scst_acg_forget_dev(dev);
	/* Wait for commands that execute. */
	percpu_ref_kill(&dev->users);
	wait_for_completion(&dev->users_gone);
	/* No command is left that could make another one. */
	scst_dev_revoke_tokens(dev);
	/* Remove, and free with the last reference. */
	dev_hide(dev);
	dev_unlink(dev);
	scst_node_put(&dev->node);
}
EXPORT_SYMBOL_GPL(scst_dev_unregister);

int scst_dev_delete(struct scst_dev *dev)
{
	bool mine;

	mutex_lock(&scst_config_mutex);
	mine = !dev->dying;
	dev->dying = true;
	mutex_unlock(&scst_config_mutex);
	if (!mine) {
		pr_err("device %s: is being removed\n", dev->name);
		return -ENOENT;
	}
	dev->handler->del_device(dev);
	return 0;
}

bool scst_dev_exported(struct scst_dev *dev)
{
	struct scst_nexus *nexus;
	bool exported = false;

	mutex_lock(&scst_config_mutex);
	list_for_each_entry(nexus, &dev->nexuses, dev_link)
		if (!nexus->sess->tgt->internal && !READ_ONCE(nexus->dead))
			exported = true;
	mutex_unlock(&scst_config_mutex);
	return exported;
}
EXPORT_SYMBOL_GPL(scst_dev_exported);

/* ---- gates */

static void gate_close(struct scst_dev *dev)
{
	/* Before the walk of scst_dev_drain(): whoever it does not see, sees the gate. */
	atomic_inc(&dev->gate);
}

static void gate_open(struct scst_dev *dev)
{
	if (!(atomic_dec_return(&dev->gate) & (SCST_GATE_ACA - 1)))
		scst_dev_rerun(dev);
}

void scst_dev_close_gate(struct scst_dev *dev)
{
	gate_close(dev);
}

int scst_dev_quiesce(struct scst_dev *dev, unsigned int timeout_ms)
{
	int ret;

	gate_close(dev);
	ret = scst_dev_drain(dev, timeout_ms);
	if (ret)
		gate_open(dev);
	return ret;
}
EXPORT_SYMBOL_GPL(scst_dev_quiesce);

void scst_dev_stop_reads(struct scst_dev *dev)
{
	gate_close(dev);
	scst_dev_drain_reads(dev);
}
EXPORT_SYMBOL_GPL(scst_dev_stop_reads);

void scst_dev_resume(struct scst_dev *dev)
{
	gate_open(dev);
}
EXPORT_SYMBOL_GPL(scst_dev_resume);

static int block_begin(struct scst_dev *dev, u32 *seq)
{
	bool ok;

	mutex_lock(&scst_config_mutex);
	ok = dev->block_count < U8_MAX;
	if (ok) {
		dev->block_count++;
		*seq = dev->block_seq + 1;
		WRITE_ONCE(dev->block_seq, *seq);
		/* Whoever counts down what was counted here opens the gate: never before it is closed. */
		gate_close(dev);
	}
	mutex_unlock(&scst_config_mutex);
	return ok ? 0 : -EINVAL;
}

static void block_drained(struct scst_dev *dev, u32 seq)
{
	/* No lock, those who wait for the device's commands are waiting for our caller. */
	if (seq == READ_ONCE(dev->block_seq))
		WRITE_ONCE(dev->block_done, seq);
}

int scst_dev_block(struct scst_dev *dev)
{
	u32 seq;
	int ret;

	ret = block_begin(dev, &seq);
	if (ret)
		return ret;
	scst_dev_drain(dev, 0);
	block_drained(dev, seq);
	return 0;
}

/**
 * struct block_wait - a device that is being blocked while nobody waits for it
 * @drain: ends when nothing executes any more; its device has a node reference
 * @seq: number of the blocking
 * @len: bytes in @text
 * @text: for the event
 */
struct block_wait {
	struct scst_drain drain;
	u32 seq;
	u32 len;
	char text[];
};

static void block_tell(struct scst_drain *d)
{
	struct block_wait *b = container_of(d, struct block_wait, drain);
	struct scst_dev *dev = d->dev;

	block_drained(dev, b->seq);
	scst_tell_blocked(dev, b->text, b->len);
	scst_node_put(&dev->node);
	kfree(b);
}

int scst_dev_block_and_tell(struct scst_dev *dev, const char *text)
{
	size_t len = strlen(text);
	struct block_wait *b;
	int ret;

	if (len > SCST_EVENT_PAYLOAD_MAX - sizeof(struct scst_event_blocked))
		return -EINVAL;
	b = kzalloc(struct_size(b, text, len), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	ret = block_begin(dev, &b->seq);
	if (ret) {
		kfree(b);
		return ret;
	}
	b->drain.dev = dev;
	b->drain.done = block_tell;
	b->len = len;
	memcpy(b->text, text, len);
	scst_node_get(&dev->node);
	scst_drain_start(&b->drain);
	return 0;
}

void scst_dev_unblock(struct scst_dev *dev)
{
	bool blocked;

	mutex_lock(&scst_config_mutex);
	blocked = dev->block_count;
	if (blocked)
		dev->block_count--;
	mutex_unlock(&scst_config_mutex);
	if (blocked)
		gate_open(dev);
}

/* Closes the gates of all devices; references in @devs, which is NULL-terminated. */
static struct scst_dev **suspend_gates(void)
{
	struct scst_dev **devs, *dev;
	size_t n = 0;

	mutex_lock(&scst_config_mutex);
	list_for_each_entry(dev, &devices, link)
		n++;
	devs = kvcalloc(n + 1, sizeof(*devs), GFP_KERNEL);
	if (devs) {
		n = 0;
		suspended++;
		list_for_each_entry(dev, &devices, link) {
			gate_close(dev);
			if (dev->dying)
				continue;
			scst_node_get(&dev->node);
			devs[n++] = dev;
		}
	}
	mutex_unlock(&scst_config_mutex);
	return devs;
}

/* At least one, 0 would mean for ever: jiffies are read once, since they go on. */
static unsigned int ms_until(unsigned long end)
{
	unsigned long now = jiffies;

	return time_before(now, end) ? jiffies_to_msecs(end - now) : 1;
}

int scst_suspend_all(unsigned int timeout_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	struct scst_dev **devs = suspend_gates();
	unsigned int left = 0;
	int ret = 0;
	size_t i;

	if (!devs)
		return -ENOMEM;
	for (i = 0; devs[i]; i++) {
		if (timeout_ms)
			left = ms_until(end);
		if (!ret)
			ret = scst_dev_drain(devs[i], left);
		scst_node_put(&devs[i]->node);
	}
	kvfree(devs);
	if (ret)
		scst_resume_all();
	return ret;
}

void scst_resume_all(void)
{
	struct scst_dev *dev;

	mutex_lock(&scst_config_mutex);
	if (suspended) {
		suspended--;
		list_for_each_entry(dev, &devices, link)
			gate_open(dev);
	}
	mutex_unlock(&scst_config_mutex);
}

unsigned int scst_suspended(void)
{
	return READ_ONCE(suspended);
}
