// SPDX-License-Identifier: GPL-2.0
/*
 * devices/DEVICE: the attributes that every device has; its handler adds its own.
 */
#include <linux/ctype.h>
#include <linux/string.h>

#include "scst_priv.h"

#define DEFAULT_COMMANDS_TEXT	"64"

const char *const scst_type_names[16] = {
	"Direct-access device (e.g., magnetic disk)",
	"Sequential-access device (e.g., magnetic tape)",
	"Printer device",
	"Processor device",
	"Write-once device (e.g., some optical disks)",
	"CD-ROM device",
	"Scanner device (obsolete)",
	"Optical memory device (e.g., some optical disks)",
	"Medium changer device (e.g., jukeboxes)",
	"Communications device (obsolete)",
	"Defined by ASC IT8 (Graphic arts pre-press devices)",
	"Defined by ASC IT8 (Graphic arts pre-press devices)",
	"Storage array controller device (e.g., RAID)",
	"Enclosure services device",
	"Simplified direct-access device (e.g., magnetic disk)",
	"Optical card reader/writer device",
};

int scst_type_show(u8 type, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d - %s", type, type < ARRAY_SIZE(scst_type_names) ? scst_type_names[type] : "unknown");
}
EXPORT_SYMBOL_GPL(scst_type_show);

int scst_node_add_to_devices(struct scst_node *n, const char *name)
{
	return scst_node_add(n, &scst_devices_node, name);
}
EXPORT_SYMBOL_GPL(scst_node_add_to_devices);

static int type_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_dev *dev = obj;

	return scst_type_show(dev->handler->type, buf, size);
}

enum { NUM_COMMANDS, NUM_NUMA };

static int *number(struct scst_dev *dev, const struct scst_attr *a)
{
	return a->arg == NUM_COMMANDS ? &dev->max_tgt_dev_commands : &dev->numa_node_id;
}

static int number_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(*number(obj, a)));
}

static int number_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_dev *dev = obj;
	long value;
	int ret;

	ret = scst_parse_long(&dev->node, a, text, a->arg == NUM_NUMA ? NUMA_NO_NODE : 0, INT_MAX, &value);
	if (!ret)
		WRITE_ONCE(*number(dev, a), value);
	return ret;
}

static int block_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_dev *dev = obj;

	return scnprintf(buf, size, "%u %d", READ_ONCE(dev->block_count),
			 READ_ONCE(dev->block_done) != READ_ONCE(dev->block_seq));
}

static int block_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_dev *dev = obj;
	int ret = -EINVAL;

	if (!strcmp(text, "0")) {
		scst_dev_unblock(dev);
		return 0;
	}
	if (!strcmp(text, "1"))
		ret = scst_dev_block(dev);
	else if (!strncmp(text, "11", 2) && (!text[2] || isspace(text[2])))
		ret = scst_dev_block_and_tell(dev, skip_spaces(text + 2));
	return ret == -EINVAL ? scst_bad_value(&dev->node, a, text) : ret;
}

/* ---- about threads, which do not exist here: kept and shown */

static int threads_num_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_dev *dev = obj;

	return scnprintf(buf, size, "%d", READ_ONCE(dev->threads_num));
}

static bool threads_num_marked(void *obj, const struct scst_attr *a)
{
	struct scst_dev *dev = obj;

	return READ_ONCE(dev->threads_num) != dev->handler->threads_num;
}

static int threads_num_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_dev *dev = obj;
	long value;
	int ret;

	ret = scst_parse_long(&dev->node, a, text, 0, INT_MAX, &value);
	if (!ret)
		WRITE_ONCE(dev->threads_num, value);
	return ret;
}

enum { POOL_PER_INITIATOR, POOL_SHARED };

static const char *const pool_names[] = {
	[POOL_PER_INITIATOR] = "per_initiator",
	[POOL_SHARED] = "shared",
};

static int pool_type_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_dev *dev = obj;

	if (!READ_ONCE(dev->threads_num))
		return scnprintf(buf, size, "Async");
	return scnprintf(buf, size, "%s", pool_names[READ_ONCE(dev->threads_pool_type)]);
}

static bool pool_type_marked(void *obj, const struct scst_attr *a)
{
	struct scst_dev *dev = obj;

	return READ_ONCE(dev->threads_num) && READ_ONCE(dev->threads_pool_type) != POOL_PER_INITIATOR;
}

static int pool_type_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_dev *dev = obj;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pool_names); i++) {
		if (!strncasecmp(text, pool_names[i], strlen(pool_names[i]))) {
			WRITE_ONCE(dev->threads_pool_type, i);
			return 0;
		}
	}
	return scst_bad_value(&dev->node, a, text);
}

static const struct scst_attr dev_attrs[] = {
	SCST_ATTR_RO(type, type_show, NULL),
	SCST_ATTR_RW(max_tgt_dev_commands, number_show, number_store, DEFAULT_COMMANDS_TEXT, .arg = NUM_COMMANDS),
	SCST_ATTR_RW(numa_node_id, number_show, number_store, "-1", .arg = NUM_NUMA),
	SCST_ATTR_RW(block, block_show, block_store, NULL),
};

static const struct scst_attr threads_attrs[] = {
	SCST_ATTR_RW(threads_num, threads_num_show, threads_num_store, NULL, .marked = threads_num_marked),
	SCST_ATTR_RW(threads_pool_type, pool_type_show, pool_type_store, NULL, .marked = pool_type_marked),
};

int scst_dev_dir_fill(struct scst_dev *dev)
{
	struct scst_handler *h = dev->handler;
	int ret;

	ret = scst_node_add_attrs(&dev->node, dev_attrs, ARRAY_SIZE(dev_attrs));
	if (!ret)
		ret = scst_dev_pr_fill(dev);
	if (!ret && h->threads_num >= 0)
		ret = scst_node_add_attrs(&dev->node, threads_attrs, ARRAY_SIZE(threads_attrs));
	return ret ? ret : scst_node_add_attrs(&dev->node, h->attrs, h->nr_attrs);
}
