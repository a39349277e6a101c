// SPDX-License-Identifier: GPL-2.0
/*
 * scst.ko: initialization in order, exit in reverse, module parameters.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "event.h"
#include "scst_priv.h"

DEFINE_MUTEX(scst_config_mutex);
DEFINE_MUTEX(scst_mgmt_mutex);
struct workqueue_struct *scst_wq;
struct workqueue_struct *scst_file_wq;

int scst_threads;
module_param(scst_threads, int, 0444);
MODULE_PARM_DESC(scst_threads, "shown in \"threads\"; there are no command threads (default: number of CPUs)");

static unsigned int scst_max_cmd_mem;
module_param(scst_max_cmd_mem, uint, 0444);
MODULE_PARM_DESC(scst_max_cmd_mem, "MiB that data of commands may take, more is answered BUSY (default: a quarter of the memory)");

static unsigned int scst_max_dev_cmd_mem;
module_param(scst_max_dev_cmd_mem, uint, 0444);
MODULE_PARM_DESC(scst_max_dev_cmd_mem, "the same for one device (default: two fifths of scst_max_cmd_mem)");

bool scst_forcibly_close_sessions;
module_param_named(forcibly_close_sessions, scst_forcibly_close_sessions, bool, 0644);
MODULE_PARM_DESC(forcibly_close_sessions, "deleting an initiator group closes its sessions");

bool scst_auto_cm_assignment = true;
module_param_named(auto_cm_assignment, scst_auto_cm_assignment, bool, 0644);
MODULE_PARM_DESC(auto_cm_assignment, "new devices become LUNs of the copy manager");

bool scst_async_lun_replace;
module_param_named(async_lun_replace, scst_async_lun_replace, bool, 0644);
MODULE_PARM_DESC(async_lun_replace, "replacing a LUN does not wait for commands of the old device");

static bool alua_invariant_check;
module_param(alua_invariant_check, bool, 0644);
MODULE_PARM_DESC(alua_invariant_check, "accepted and kept");

static void __init set_defaults(void)
{
	if (scst_threads <= 0)
		scst_threads = num_online_cpus();
	if (!scst_max_cmd_mem)
		scst_max_cmd_mem = totalram_pages() >> (20 - PAGE_SHIFT) >> 2;
	if (!scst_max_dev_cmd_mem)
		scst_max_dev_cmd_mem = max(1U, (unsigned int)((u64)scst_max_cmd_mem * 2 / 5));
}

static int __init scst_init(void)
{
	int ret = -ENOMEM;

	set_defaults();
	scst_local_init();
	scst_wq = alloc_workqueue("scst", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!scst_wq)
		return -ENOMEM;
	/* Not WQ_MEM_RECLAIM: file systems may flush queues that are not. */
	scst_file_wq = alloc_workqueue("scst_file", WQ_UNBOUND, 0);
	if (!scst_file_wq)
		goto out_wq;
	ret = scst_mem_init(scst_max_cmd_mem, scst_max_dev_cmd_mem);
	if (ret)
		goto out_file_wq;
	ret = scst_sysfs_init();
	if (ret)
		goto out_mem;
	ret = scst_copy_init();
	if (ret)
		goto out_sysfs;
	ret = scst_event_init();
	if (ret)
		goto out_copy;
	pr_info("SCST version %s loaded\n", SCST_VERSION);
	return 0;

out_copy:
	scst_copy_exit();
out_sysfs:
	/* Since the tree is there groups can be made. */
	scst_alua_exit();
	scst_sysfs_exit();
out_mem:
	scst_mem_exit();
out_file_wq:
	destroy_workqueue(scst_file_wq);
out_wq:
	destroy_workqueue(scst_wq);
	return ret;
}

static void __exit scst_exit(void)
{
	scst_event_exit();
	scst_alua_exit();
	scst_copy_exit();
	/* Returns when every release function of the tree has run. */
	scst_sysfs_exit();
	destroy_workqueue(scst_file_wq);
	destroy_workqueue(scst_wq);
	rcu_barrier();
	scst_mem_exit();
}

module_init(scst_init);
module_exit(scst_exit);

/* Pure code knows no exports: the words of a management line, */
EXPORT_SYMBOL_GPL(scst_mgmt_next_word);
/* its parameters, */
EXPORT_SYMBOL_GPL(scst_mgmt_next_words);
EXPORT_SYMBOL_GPL(scst_mgmt_next_param);
/* the comparison of either. */
EXPORT_SYMBOL_GPL(scst_mgmt_word_is);
/* The row of a CDB. */
EXPORT_SYMBOL_GPL(scsi_op_find);

MODULE_DESCRIPTION("SCSI target mid-layer");
MODULE_LICENSE("GPL");
MODULE_VERSION(SCST_VERSION);
