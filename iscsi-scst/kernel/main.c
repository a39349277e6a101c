// SPDX-License-Identifier: GPL-2.0
/*
 * iscsi-scst.ko: brings the rooms up in order and takes them down in reverse.
 */
#include <linux/module.h>

#include "iscst.h"

DEFINE_MUTEX(iscst_mutex);
struct workqueue_struct *iscst_io_wq;
struct workqueue_struct *iscst_release_wq;

#define ISCST_TRANSPORT_VERSION	0x0960	/* version descriptor "iSCSI (no version claimed)", SPC-4 table 152 */
#define ISCST_SG_TABLESIZE	65535

/* Accounts for discovery sessions. */
static struct iscst_dyn_set discovery_accounts;

static int add_driver_attr(struct scst_driver *drv, const char *attr, char *rest)
{
	return iscst_dyn_add(&discovery_accounts, attr, rest);
}

static int del_driver_attr(struct scst_driver *drv, const char *attr, char *rest)
{
	return iscst_dyn_del(&discovery_accounts, attr, rest);
}

struct scst_driver iscst_driver = {
	.name = "iscsi",
	.owner = THIS_MODULE,
	.transport_version = ISCST_TRANSPORT_VERSION,
	.sg_tablesize = ISCST_SG_TABLESIZE,
	.driver_dyn_attrs = "IncomingUser, OutgoingUser",
	.tgt_dyn_attrs = "IncomingUser, OutgoingUser, allowed_portal",
	.queue_response = iscst_queue_response,
	.tmf_done = iscst_tmf_done,
	.kick = iscst_kick,
	.luns_changed = iscst_luns_changed,
	.add_target = iscst_add_target,
	.del_target = iscst_del_target,
	.add_attr = add_driver_attr,
	.del_attr = del_driver_attr,
	.add_tgt_attr = iscst_add_tgt_attr,
	.del_tgt_attr = iscst_del_tgt_attr,
	.enable = iscst_enable_target,
	.close_sess = iscst_close_sess,
};

static int __init create_workqueues(void)
{
	/*
	 * Not WQ_HIGHPRI: receiving must not preempt the initiators that feed it, or every batch holds one command. Bound:
	 * the work runs where the socket's softirq ran.
	 */
	iscst_io_wq = alloc_workqueue("iscsi_scst_io", WQ_MEM_RECLAIM, 0);
	if (!iscst_io_wq)
		return -ENOMEM;
	iscst_release_wq = alloc_workqueue("iscsi_scst_release", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!iscst_release_wq) {
		destroy_workqueue(iscst_io_wq);
		return -ENOMEM;
	}
	return 0;
}

static void destroy_workqueues(void)
{
	destroy_workqueue(iscst_release_wq);
	destroy_workqueue(iscst_io_wq);
}

static int __init iscst_module_init(void)
{
	int ret;

	iscst_driver.attrs = iscst_driver_attrs;
	iscst_driver.nr_attrs = iscst_nr_driver_attrs;
	iscst_driver.tgt_attrs = iscst_tgt_attrs;
	iscst_driver.nr_tgt_attrs = iscst_nr_tgt_attrs;
	iscst_driver.acg_attrs = iscst_acg_attrs;
	iscst_driver.nr_acg_attrs = iscst_nr_acg_attrs;
	iscst_driver.sess_attrs = iscst_sess_attrs;
	iscst_driver.nr_sess_attrs = iscst_nr_sess_attrs;

	iscst_dyn_init(&discovery_accounts, &iscst_driver.node, true);

	ret = create_workqueues();
	if (ret)
		return ret;
	ret = scst_driver_register(&iscst_driver);
	if (ret)
		goto out_wq;
	ret = iscst_handover_init();
	if (ret)
		goto out_driver;
	return 0;

out_driver:
	iscst_dyn_close(&discovery_accounts);
	scst_driver_unregister(&iscst_driver);
	iscst_driver_values_free();
out_wq:
	destroy_workqueues();
	return ret;
}

/* Sessions hold module references: there is none. Unregistering the family waits for a hand-over that is just being refused. */
static void __exit iscst_module_exit(void)
{
	iscst_handover_exit();
	iscst_remove_targets();
	iscst_dyn_close(&discovery_accounts);
	scst_driver_unregister(&iscst_driver);
	iscst_driver_values_free();
	/* The last step of release_work runs after the session is gone: wait for it before its code goes. */
	destroy_workqueues();
	iscst_conn_exit();
	rcu_barrier();
}

module_init(iscst_module_init);
module_exit(iscst_module_exit);

MODULE_DESCRIPTION("iSCSI target driver");
MODULE_LICENSE("GPL");
MODULE_VERSION(SCST_VERSION);
