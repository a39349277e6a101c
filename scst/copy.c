// SPDX-License-Identifier: GPL-2.0
/*
 * The copy manager's place in the tree: a driver, a target and a session whose LUNs are the devices that copy commands may
 * name. It executes nothing itself.
 */
#include <linux/slab.h>

#include "scst_priv.h"

static bool allow_not_connected;
static unsigned int next_lun;		/* scst_mgmt_mutex */

static int allow_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(allow_not_connected));
}

static int allow_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_driver *drv = obj;
	long value;
	int ret;

	ret = scst_parse_long(&drv->node, a, text, 0, 1, &value);
	if (!ret)
		WRITE_ONCE(allow_not_connected, value);
	return ret;
}

static const struct scst_attr copy_attrs[] = {
	SCST_ATTR_RW(allow_not_connected_copy, allow_show, allow_store, "0"),
};

/* No commands come from here: nothing to respond to. */
static struct scst_driver copy_driver = {
	.name = "copy_manager",
	.owner = THIS_MODULE,
	.sg_tablesize = 65535,
	.attrs = copy_attrs,
	.nr_attrs = ARRAY_SIZE(copy_attrs),
};

static struct scst_tgt *copy_tgt;
static struct scst_sess *copy_sess;

static void copy_release(void *obj)
{
	kfree(obj);
}

static int add_tgt(void)
{
	struct scst_tgt *tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);
	int ret;

	if (!tgt)
		return -ENOMEM;
	tgt->internal = true;
	ret = scst_tgt_register(tgt, &copy_driver, "copy_manager_tgt", copy_release);
	if (!ret)
		copy_tgt = tgt;
	return ret;
}

static int add_sess(void)
{
	struct scst_sess *sess = kzalloc(sizeof(*sess), GFP_KERNEL);
	int ret;

	if (!sess)
		return -ENOMEM;
	ret = scst_sess_register_any(sess, copy_tgt, "copy_manager_sess", copy_release);
	if (ret)
		kfree(sess);
	else
		copy_sess = sess;
	return ret;
}

int scst_copy_init(void)
{
	int ret;

	ret = scst_driver_register(&copy_driver);
	if (ret)
		return ret;
	ret = add_tgt();
	if (ret)
		goto out_driver;
	ret = add_sess();
	if (ret)
		goto out_tgt;
	return 0;

out_tgt:
	scst_tgt_unregister(copy_tgt);
out_driver:
	scst_driver_unregister(&copy_driver);
	return ret;
}

void scst_copy_exit(void)
{
	scst_sess_unregister(copy_sess);
	scst_tgt_unregister(copy_tgt);
	scst_driver_unregister(&copy_driver);
}

void scst_copy_add_dev(struct scst_dev *dev)
{
	/* A failure has said so; the administrator can add it. */
	if (READ_ONCE(scst_auto_cm_assignment))
		scst_acg_add_next_lun(copy_tgt->default_acg, dev, &next_lun);
}
