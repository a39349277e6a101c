// SPDX-License-Identifier: GPL-2.0
/*
 * handlers/HANDLER: type and the management of virtual devices.
 */
#include "scst_priv.h"

static int type_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_handler *h = obj;

	return scst_type_show(h->type, buf, size);
}

static int mgmt_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_handler *h = obj;
	int len;

	if (h->host_devices)
		return scnprintf(buf, size, "Usage: echo \"add_device H:C:I:L\" >mgmt\n       echo \"del_device H:C:I:L\" >mgmt\n");
	len = scnprintf(buf, size,
			"Usage: echo \"add_device device_name [parameters]\" >mgmt\n"
			"       echo \"del_device device_name\" >mgmt\n"
			"\nwhere parameters are one or more param_name=value pairs separated by ';'\n\n");
	if (h->add_params)
		len += scnprintf(buf + len, size - len, "The following parameters available: %s\n", h->add_params);
	len += scnprintf(buf + len, size - len, "\n");
	return len;
}

static int run_add(struct scst_handler *h, char *rest)
{
	char *name = scst_mgmt_next_word(&rest);

	if (name)
		return h->add_device(h, name, rest);
	pr_err("%s: add_device: the device's name is missing\n", h->name);
	return -EINVAL;
}

static int run_del(struct scst_handler *h, char *rest)
{
	char *name = scst_mgmt_next_word(&rest);
	struct scst_dev *dev;
	int ret;

	if (!name || scst_mgmt_next_word(&rest)) {
		pr_err("%s: del_device takes exactly one name\n", h->name);
		return -EINVAL;
	}
	dev = scst_dev_find(name);
	/* The virtual devices of one module share one name space. */
	if (dev && (h->host_devices ? dev->handler != h : dev->handler->owner != h->owner)) {
		scst_node_put(&dev->node);
		dev = NULL;
	}
	if (!dev) {
		pr_err("%s: no device %.80s\n", h->name, name);
		return -ENOENT;
	}
	ret = scst_dev_delete(dev);
	scst_node_put(&dev->node);
	return ret;
}

static int mgmt_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_handler *h = obj;
	char *word = scst_mgmt_next_word(&text);

	if (scst_mgmt_word_is(word, "add_device"))
		return run_add(h, text);
	if (scst_mgmt_word_is(word, "del_device"))
		return run_del(h, text);
	pr_err("%s: unknown command \"%.80s\"\n", h->name, word ? word : "");
	return -EINVAL;
}

static const struct scst_attr handler_attrs[] = {
	SCST_ATTR_RO(type, type_show, NULL),
	SCST_ATTR_RW(mgmt, mgmt_show, mgmt_store, NULL, .flags = SCST_ATTR_RAW),
};

int scst_handler_dir_fill(struct scst_handler *h)
{
	return scst_node_add_attrs(&h->node, handler_attrs, ARRAY_SIZE(handler_attrs));
}
