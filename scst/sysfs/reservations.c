// SPDX-License-Identifier: GPL-2.0
/*
 * devices/DEVICE: the attributes of reservations.
 */
#include "scst_priv.h"

static int state_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scst_pr_show_state(obj, buf, size);
}

static int state_store(void *obj, const struct scst_attr *a, char *text)
{
	return scst_pr_store_state(obj, text);
}

static int file_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scst_pr_show_file(obj, buf, size);
}

static int file_store(void *obj, const struct scst_attr *a, char *text)
{
	return scst_pr_store_file(obj, text);
}

static bool file_marked(void *obj, const struct scst_attr *a)
{
	return scst_pr_file_is_set(obj);
}

#ifdef SCST_DEBUG_BUILD
static int dump_store(void *obj, const struct scst_attr *a, char *text)
{
	scst_pr_dump(obj);
	return 0;
}
#endif

static const struct scst_attr attrs[] = {
	SCST_ATTR_RW(pr_state, state_show, state_store, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(pr_file_name, file_show, file_store, NULL, .marked = file_marked),
#ifdef SCST_DEBUG_BUILD
	SCST_ATTR_WO(dump_prs, dump_store),
#endif
};

int scst_dev_pr_fill(struct scst_dev *dev)
{
	return scst_node_add_attrs(&dev->node, attrs, ARRAY_SIZE(attrs));
}
