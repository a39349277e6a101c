// SPDX-License-Identifier: GPL-2.0
/*
 * Limits of the memory that data of commands may take: one for all devices together, one for each.
 *
 * A command may allocate while less than the limit is in use, so one of any length always gets through in the end, and each
 * limit is exceeded by at most one command per CPU. Those who get nothing answer BUSY. Counting is per CPU; only when a limit
 * is near are the parts added up. Commands of a page or less are not counted: slots bound their number, and an initiator can
 * look at a device whatever the others do to it.
 */
#include <linux/cpumask.h>
#include <linux/percpu_counter.h>

#include "scst_priv.h"

#define BATCH_MIN	(64 << 10)
#define BATCH_MAX	(16 << 20)

struct limit {
	s64 bytes;
	s32 batch;	/* what a CPU may count for itself */
};

static struct limit limit_all, limit_dev;
static struct percpu_counter used_all;

static void set_limit(struct limit *l, unsigned int mib)
{
	l->bytes = (s64)mib << 20;
	l->batch = clamp_t(s64, div_s64(l->bytes, 16 * num_possible_cpus()), BATCH_MIN, BATCH_MAX);
}

int scst_mem_init(unsigned int all_mib, unsigned int dev_mib)
{
	set_limit(&limit_all, all_mib);
	set_limit(&limit_dev, dev_mib);
	return percpu_counter_init(&used_all, 0, GFP_KERNEL);
}

void scst_mem_exit(void)
{
	WARN_ON_ONCE(percpu_counter_sum(&used_all));
	percpu_counter_destroy(&used_all);
}

static bool reached(struct percpu_counter *used, const struct limit *l)
{
	return __percpu_counter_compare(used, l->bytes, l->batch) >= 0;
}

bool scst_mem_charge(struct scst_cmd *cmd, u32 len)
{
	struct scst_dev *dev = cmd->dev;

	if (len <= PAGE_SIZE)
		return true;
	if (reached(&used_all, &limit_all) || (dev && reached(&dev->mem_used, &limit_dev)))
		return false;
	percpu_counter_add_batch(&used_all, len, limit_all.batch);
	if (dev)
		percpu_counter_add_batch(&dev->mem_used, len, limit_dev.batch);
	cmd->mem_charged += len;
	return true;
}

void scst_mem_uncharge(struct scst_cmd *cmd)
{
	s64 len = cmd->mem_charged;

	if (!len)
		return;
	cmd->mem_charged = 0;
	percpu_counter_add_batch(&used_all, -len, limit_all.batch);
	if (cmd->dev)
		percpu_counter_add_batch(&cmd->dev->mem_used, -len, limit_dev.batch);
}
