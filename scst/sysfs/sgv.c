// SPDX-License-Identifier: GPL-2.0
/*
 * sgv/: the statistics files that tools print. Data pages come from no pool here, so every count is zero.
 */
#include <linux/cpumask.h>
#include <linux/slab.h>

#include "scst_priv.h"

#define NR_SIZES	11	/* 4K .. 4096K */

struct sgv_pool {
	struct list_head link;
	struct scst_node node;
};

static struct scst_node sgv_node;
static LIST_HEAD(pools);

static int stats_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct sgv_pool *pool = obj;
	const char *name = kobject_name(&pool->node.kobj);
	char row[48];
	int i, len;

	len = scnprintf(buf, size, "%-30s %-11s %-11s %-11s %s\n", "Name", "Hit", "Total", "% merged", "Cached (P/I/O)");
	len += scnprintf(buf + len, size - len, "%-30s %-11d %-11d %-11d %s\n", name, 0, 0, 0, "0/0/0");
	for (i = 0; i < NR_SIZES; i++) {
		snprintf(row, sizeof(row), "  %s-%dK", name, 4 << i);
		len += scnprintf(buf + len, size - len, "%-30s %-11d %-11d %d\n", row, 0, 0, 0);
	}
	len += scnprintf(buf + len, size - len, "%-30s %-11s %-11s %s\n", "  big/other", "", "0/0", "0/0");
	return len;
}

static int global_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%-42s %d\n", "Inactive pages", 0);
}

/* There is nothing to reset. */
static int reset_store(void *obj, const struct scst_attr *a, char *text)
{
	return 0;
}

static const struct scst_attr global_attrs[] = {
	SCST_ATTR_RW(global_stats, global_show, reset_store, NULL, .flags = SCST_ATTR_RAW),
};

static const struct scst_attr pool_attrs[] = {
	SCST_ATTR_RW(stats, stats_show, reset_store, NULL, .flags = SCST_ATTR_RAW),
};

static void pool_release(void *obj)
{
	kfree(obj);
}

static int add_pool(const char *name)
{
	struct sgv_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	int ret;

	if (!pool)
		return -ENOMEM;
	scst_node_init(&pool->node, pool, pool_release);
	list_add_tail(&pool->link, &pools);
	ret = scst_node_add(&pool->node, &sgv_node, name);
	return ret ? ret : scst_node_add_attrs(&pool->node, pool_attrs, ARRAY_SIZE(pool_attrs));
}

static int add_pools(const char *base)
{
	char name[24];
	int cpu, ret;

	ret = add_pool(base);
	for_each_online_cpu(cpu) {
		if (ret)
			break;
		snprintf(name, sizeof(name), "%s-%d", base, cpu);
		ret = add_pool(name);
	}
	return ret;
}

void scst_sgv_exit(void)
{
	struct sgv_pool *pool, *next;

	list_for_each_entry_safe(pool, next, &pools, link) {
		list_del(&pool->link);
		scst_node_del(&pool->node);
		scst_node_put(&pool->node);
	}
	scst_node_del(&sgv_node);
	scst_node_put(&sgv_node);
}

int scst_sgv_init(void)
{
	int ret;

	scst_node_init(&sgv_node, NULL, NULL);
	ret = scst_node_add(&sgv_node, &scst_root_node, "sgv");
	if (!ret)
		ret = scst_node_add_attrs(&sgv_node, global_attrs, ARRAY_SIZE(global_attrs));
	if (!ret)
		ret = add_pools("sgv");
	if (!ret)
		ret = add_pools("sgv-clust");
	if (!ret)
		ret = add_pools("sgv-dma");
	if (ret)
		scst_sgv_exit();
	return ret;
}
