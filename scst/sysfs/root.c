// SPDX-License-Identifier: GPL-2.0
/*
 * The root directory of the tree, /sys/kernel/scst_tgt, and its own attributes.
 */
#include <linux/utsname.h>

#include "scst_priv.h"

struct scst_node scst_root_node, scst_targets_node, scst_devices_node, scst_handlers_node, scst_dgs_node;

static unsigned int setup_id;

/* Values about threads and buffer pools that do not exist here: kept and shown. */
enum { KEPT_THREADS, KEPT_TASKLET, KEPT_POLL_US, KEPT_SGV, NR_KEPT };

static long kept[NR_KEPT] = { [KEPT_TASKLET] = 10 };

unsigned int scst_setup_id(void)
{
	return READ_ONCE(setup_id);
}
EXPORT_SYMBOL_GPL(scst_setup_id);

static int version_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	const struct new_utsname *uts = init_utsname();

	return scnprintf(buf, size,
			 "SCST version: %s\nSCST build date: %s\nSCST build number: %s\nSCST git commit sha1: %s\n"
			 "SCST kver: %s\nSCST arch type: %s\n",
			 SCST_VERSION, "", "", "", uts->release, uts->machine);
}

static int kept_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%ld", READ_ONCE(kept[a->arg]));
}

static int kept_store(void *obj, const struct scst_attr *a, char *text)
{
	long value;
	int ret;

	ret = scst_parse_long(&scst_root_node, a, text, a->arg == KEPT_THREADS, INT_MAX, &value);
	if (!ret)
		WRITE_ONCE(kept[a->arg], value);
	return ret;
}

static bool threads_marked(void *obj, const struct scst_attr *a)
{
	return READ_ONCE(kept[KEPT_THREADS]) != scst_threads;
}

static int setup_id_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "0x%x", READ_ONCE(setup_id));
}

static int setup_id_store(void *obj, const struct scst_attr *a, char *text)
{
	unsigned int value;
	int ret;

	ret = kstrtouint(text, 0, &value);
	if (ret) {
		scst_bad_value(&scst_root_node, a, text);
		return ret;
	}
	WRITE_ONCE(setup_id, value);
	return 0;
}

static int suspend_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%u", scst_suspended());
}

static int suspend_store(void *obj, const struct scst_attr *a, char *text)
{
	long seconds;
	int ret;

	ret = scst_parse_long(&scst_root_node, a, text, INT_MIN, INT_MAX / MSEC_PER_SEC, &seconds);
	if (ret)
		return ret;
	if (seconds < 0) {
		scst_resume_all();
		return 0;
	}
	ret = scst_suspend_all(seconds * MSEC_PER_SEC);
	if (ret == -EBUSY)
		pr_err("suspend: not suspended, commands still run after %ld seconds\n", seconds);
	return ret;
}

static int measure_latency_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", scst_latency_is_on());
}

static int measure_latency_store(void *obj, const struct scst_attr *a, char *text)
{
	long value;
	int ret;

	ret = scst_parse_long(&scst_root_node, a, text, LONG_MIN, LONG_MAX, &value);
	if (!ret)
		scst_latency_set(value);
	return ret;
}

static int async_lun_replace_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", READ_ONCE(scst_async_lun_replace));
}

static int async_lun_replace_store(void *obj, const struct scst_attr *a, char *text)
{
	bool value;

	if (kstrtobool(text, &value))
		return scst_bad_value(&scst_root_node, a, text);
	WRITE_ONCE(scst_async_lun_replace, value);
	return 0;
}

static int trace_cmds_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scst_trace_cmds(buf, size);
}

static int trace_mcmds_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scst_trace_mcmds(buf, size);
}

static int last_res_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%d", scst_sysfs_last_result());
}

static const struct scst_attr root_attrs[] = {
	SCST_ATTR_RO(version, version_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RW(threads, kept_show, kept_store, NULL, .marked = threads_marked, .arg = KEPT_THREADS),
	SCST_ATTR_RW(setup_id, setup_id_show, setup_id_store, "0x0"),
	SCST_ATTR_RW(max_tasklet_cmd, kept_show, kept_store, "10", .arg = KEPT_TASKLET),
	SCST_ATTR_RW(poll_us, kept_show, kept_store, "0", .arg = KEPT_POLL_US),
	SCST_ATTR_RW(force_global_sgv_pool, kept_show, kept_store, "0", .arg = KEPT_SGV),
	SCST_ATTR_RW(suspend, suspend_show, suspend_store, NULL),
	SCST_ATTR_RW(measure_latency, measure_latency_show, measure_latency_store, NULL),
	SCST_ATTR_RW(async_lun_replace, async_lun_replace_show, async_lun_replace_store, NULL),
	SCST_ATTR_RO(trace_cmds, trace_cmds_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(trace_mcmds, trace_mcmds_show, NULL, .flags = SCST_ATTR_RAW),
	SCST_ATTR_RO(last_sysfs_mgmt_res, last_res_show, NULL),
};

static const struct {
	struct scst_node *node;
	const char *name;
} subdirs[] = {
	{ &scst_targets_node, "targets" },
	{ &scst_devices_node, "devices" },
	{ &scst_handlers_node, "handlers" },
	{ &scst_dgs_node, "device_groups" },
};

static void remove_dirs(unsigned int nr_subdirs)
{
	while (nr_subdirs--) {
		scst_node_del(subdirs[nr_subdirs].node);
		scst_node_put(subdirs[nr_subdirs].node);
	}
	scst_node_del(&scst_root_node);
	scst_node_put(&scst_root_node);
	scst_sysfs_wait_gone();
}

int scst_sysfs_init(void)
{
	unsigned int i = 0;
	int ret;

	kept[KEPT_THREADS] = scst_threads;
	scst_node_init(&scst_root_node, NULL, NULL);
	ret = scst_node_add(&scst_root_node, NULL, "scst_tgt");
	if (!ret)
		ret = scst_node_add_attrs(&scst_root_node, root_attrs, ARRAY_SIZE(root_attrs));
	while (!ret && i < ARRAY_SIZE(subdirs)) {
		scst_node_init(subdirs[i].node, NULL, NULL);
		ret = scst_node_add(subdirs[i].node, &scst_root_node, subdirs[i].name);
		i++;
	}
	if (!ret)
		ret = scst_dgs_dir_fill();
	if (!ret)
		ret = scst_sgv_init();
	if (ret) {
		scst_alua_exit(); /* groups may have been made */
		remove_dirs(i);
	}
	return ret;
}

void scst_sysfs_exit(void)
{
	scst_sgv_exit();
	remove_dirs(ARRAY_SIZE(subdirs));
}
