/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rooms of scst.ko share among themselves.
 *
 * Locks, outermost first: scst_config_mutex (shape of the tree, never on the data path) -> sess->lock (spin, irqsave) ->
 * nexus->ua_lock (spin, irqsave). kobject_del() and every wait for commands happen without scst_config_mutex.
 *
 * scst_mgmt_mutex lies outside of all of them: it serializes changes of LUN tables and groups, and is held while leaf
 * directories (luns/N, sessions/S/lunN, files of initiators) are removed, whose show functions take no lock; never while
 * a directory is removed that has a mgmt file in or below it.
 *
 * A gate closes like this: the setter makes the gate word (dev->gate, nexus->gate, sess->gate) non-zero FIRST, then walks
 * the sessions taking each sess->lock; a command joins sess->active and reads the words under sess->lock. Either side sees
 * the other. Opening: word to zero, then scst_sess_rerun() for each session concerned.
 */
#ifndef SCST_PRIV_H
#define SCST_PRIV_H

#include <linux/mutex.h>

#include "scst.h"
#include "scst_compat.h"
#include "pure/alua.h"
#include "pure/cdb.h"
#include "pure/latency.h"
#include "pure/lun.h"
#include "pure/match.h"
#include "pure/mgmt_line.h"
#include "pure/pr.h"
#include "pure/sense.h"

extern struct mutex scst_config_mutex;
extern struct mutex scst_mgmt_mutex;
extern struct workqueue_struct *scst_wq;	/* WQ_MEM_RECLAIM: reruns, task management */
extern struct workqueue_struct *scst_file_wq;	/* what may wait for files and disks: reservations, handler resets */

/* ---- main.c: module parameters */

extern int scst_threads;
extern bool scst_auto_cm_assignment;
extern bool scst_async_lun_replace;	/* a changed LUN table is not waited for: the old nexus ends with its last command */
extern bool scst_forcibly_close_sessions;

/* ---- tgt.c, dev.c */

extern struct list_head scst_drivers;	/* scst_config_mutex */

/* Calls @fn for each session of each target, under scst_config_mutex. */
void scst_each_session(void (*fn)(struct scst_sess *sess, void *arg), void *arg);

/* "enabled" was written: gives a relative target port identifier, tells the driver. */
int scst_tgt_enable(struct scst_tgt *tgt, bool on);
int scst_tgt_set_rel_id(struct scst_tgt *tgt, unsigned int id);
/* mgmt del_target: -EBUSY while sessions exist. */
int scst_tgt_delete(struct scst_tgt *tgt);
/* mgmt del_device: the first caller wins, -ENOENT for the others. */
int scst_dev_delete(struct scst_dev *dev);

/* Closes all devices' gates and waits until nothing executes; nests. -EBUSY after @timeout_ms (0 = for ever). */
int scst_suspend_all(unsigned int timeout_ms);
void scst_resume_all(void);
unsigned int scst_suspended(void);
/* Parks new commands without a wait for the others; scst_dev_resume() ends it. */
void scst_dev_close_gate(struct scst_dev *dev);
/* The attribute "block". */
int scst_dev_block(struct scst_dev *dev);
/* Does not wait: SCST_EVENT_BLOCKED tells the end, with @text. */
int scst_dev_block_and_tell(struct scst_dev *dev, const char *text);
void scst_dev_unblock(struct scst_dev *dev);

/* ---- copy.c: the copy manager's target */

int scst_copy_init(void);
void scst_copy_exit(void);
void scst_copy_add_dev(struct scst_dev *dev);
/* Sets cmd->exec for EXTENDED COPY, RECEIVE COPY RESULTS and INQUIRY's page 8Fh, unless the device has nothing to do with them. */
bool scst_copy_parse(struct scst_cmd *cmd);
bool scst_copy_is_local(const struct scst_dev *dev, unsigned int op_id);
/* A command with SCST_CF_COPY is aborted; its sess->lock is held. */
void scst_copy_abort(struct scst_cmd *cmd);
/* Aborts what copies of the nexus do on its device right now, for another one. */
void scst_copy_abort_for(const struct scst_nexus *ini);
/* The nexus has died: what copies do for it comes to its end, unless they may use what is not mapped. */
void scst_copy_lose(const struct scst_nexus *ini);
/* Does a copy still do something for the dead nexus? It has the device looked at when not. */
bool scst_copy_uses(const struct scst_nexus *ini);
/* What @nexus could be told of its copies and tokens @heir can, of the same device. */
void scst_copy_move(struct scst_nexus *heir, struct scst_nexus *nexus);
/* The nexus is freed. */
void scst_copy_forget(struct scst_nexus *nexus);
/* Stops copies that go on unanswered: those that came through the nexus, those that came to the device; NULL: none of either. */
void scst_copy_stop_background(const struct scst_nexus *nexus, const struct scst_dev *dev);
/* Stops all of the session. */
void scst_copy_stop_sess(const struct scst_sess *sess);
/* Does one that was stopped and is of the drain's nexus, or came to its device, write still? It has the device looked at when not. */
bool scst_copy_stops(const struct scst_drain *d);

/* ---- rod.c: ROD tokens */

/* There are tokens, and the command begins to execute: it ends those of the blocks it writes. */
void scst_rods_written(struct scst_cmd *cmd);
/* A LUN of that set goes: so do the tokens made through it. */
void scst_rods_forget_lun(const struct scst_acg *acg, struct scst_dev *dev);
/* Those of @nexus are @heir's, of the same device. */
void scst_rods_move(const struct scst_nexus *heir, const struct scst_nexus *nexus);
/* The nexus is freed: its tokens stay good. */
void scst_rods_forget_nexus(const struct scst_nexus *nexus);

/* ---- pr.c: reservations */

/*
 * What a device needs before its first LUN: an empty state; the one that was saved; the end of it (the file stays). 0, -ENOMEM; the
 * second also fails when the directory for such files cannot be reached, -ENOENT: there is none.
 */
int scst_pr_new(struct scst_dev *dev);
int scst_pr_load(struct scst_dev *dev);
void scst_pr_free(struct scst_dev *dev);
/* A nexus stands on its device's list, or its port has another identifier; it is dead: what it reserved by RESERVE ends. */
void scst_pr_join(struct scst_nexus *nexus);
void scst_pr_leave(struct scst_nexus *nexus);
/* What @nexus has reserved by RESERVE is @heir's, of the same device. */
void scst_pr_move(struct scst_nexus *heir, struct scst_nexus *nexus);
/*
 * A reset: what @nexus, NULL: anybody, reserved by RESERVE will end, and has ended when _done() is called: in between, commands
 * that the reset has aborted may still write. Who reserves again meanwhile keeps it. Any context but hard irq.
 */
void scst_pr_reset(struct scst_dev *dev, const struct scst_nexus *nexus);
void scst_pr_reset_done(struct scst_dev *dev, const struct scst_nexus *nexus);
/* Sets cmd->exec for RESERVE, RELEASE and PERSISTENT RESERVE IN and OUT; false: another command. */
bool scst_pr_parse(struct scst_cmd *cmd);
bool scst_pr_is_local(unsigned int op_id);
/* There is a reservation: may this command pass? If not, its status is RESERVATION CONFLICT. Any context but hard irq. */
bool scst_pr_admit(struct scst_cmd *cmd);
/* Would a command with these SCSI_OPF_PASS_* pass if it came through the nexus? */
bool scst_pr_passes(const struct scst_nexus *nexus, u32 pass);
/* The attributes pr_state, pr_file_name and dump_prs; process context. -EFBIG: more than a file of sysfs can hold. */
int scst_pr_show_state(struct scst_dev *dev, char *buf, size_t size);
int scst_pr_store_state(struct scst_dev *dev, char *text);
int scst_pr_show_file(struct scst_dev *dev, char *buf, size_t size);
int scst_pr_store_file(struct scst_dev *dev, const char *path);
bool scst_pr_file_is_set(struct scst_dev *dev);
void scst_pr_dump(struct scst_dev *dev);

/* ---- pr_file.c: small files that survive a loss of power between any two writes */

/*
 * Load, save and remove are in scst.h. Restore: the copy, which holds @data, becomes the file; to be called before the next save
 * when the file itself was not whole. Process context, may sleep; 0 or -errno.
 */
int scst_file_restore(const char *path, const void *data, u32 len, u32 head);
/*
 * Could @path be saved to? -EINVAL: not absolute, or neither regular file nor block device; -ENOENT: no such directory;
 * -ENAMETOOLONG: too long, at least for the name of the copy; -ENXIO: on devtmpfs, and no block device.
 */
int scst_file_check(const char *path);

/* Unit attentions that the control rooms raise (SPC-4 annex F). */
#define SCST_UA_POWER_ON	SCSI_SENSE(6, 0x29, 0x00)
#define SCST_UA_MODE_CHANGED	SCSI_SENSE(6, 0x2a, 0x01)
#define SCST_UA_INQUIRY_CHANGED	SCSI_SENSE(6, 0x3f, 0x03)

/* ---- acl.c: initiator groups, LUN tables */

/**
 * struct scst_lun - one row of a LUN table
 * @lun: 0 .. SCSI_MAX_LUN
 * @read_only: as given to "add"
 * @dev: device; the row holds a node reference
 * @acg: table it stands in
 * @node: luns/N
 */
struct scst_lun {
	struct list_head link;		/* acg->luns, ascending; scst_config_mutex */
	u16 lun;
	bool read_only;
	struct scst_dev *dev;
	struct scst_acg *acg;
	struct scst_node node;
	char export_name[20];		/* link in devices/D/exported; empty: not there */
};

struct scst_acn {			/* an initiator pattern */
	struct list_head link;		/* acg->acns, in order of creation */
	struct scst_attr attr;		/* file of that name; run-time name: ignore_lockdep */
	char name[];
};

/**
 * struct scst_acg - a LUN set: the target's default one, or an initiator group's
 * @luns, @acns: scst_config_mutex
 * @nr_sess: sessions using it; scst_config_mutex
 */
struct scst_acg {
	struct scst_tgt *tgt;
	const char *name;		/* NULL: default set */
	struct list_head link;		/* tgt->acgs */
	struct list_head luns;
	struct list_head acns;
	unsigned int nr_sess;
	u8 addr_method;
	u8 black_hole;			/* enum scst_black_hole */
	bool dying;
	bool drv_flag;			/* the driver's: scst_acg_flag() */
	int io_grouping;		/* 0 auto, -1 never, -2 this_group_only, or a number; kept and shown */
	struct cpumask *cpu_mask;	/* NULL: all */
	struct scst_node node;		/* ini_groups/G; the default set has none of its own */
	struct scst_node luns_node;
	struct scst_node inis_node;
};

/* The default set of a target that is being made. 0 or -errno. */
int scst_acg_new_default(struct scst_tgt *tgt);
/* The default set, when its target is freed. */
void scst_acg_free(struct scst_acg *acg);
/* All LUNs, names and groups of a target without sessions. */
void scst_acg_remove_all(struct scst_tgt *tgt);
int scst_acg_add_lun(struct scst_acg *acg, const char *dev, unsigned int lun, bool read_only);
/* The first free number from *@hint on goes into *@hint. */
int scst_acg_add_next_lun(struct scst_acg *acg, struct scst_dev *dev, unsigned int *hint);
int scst_acg_replace_lun(struct scst_acg *acg, const char *dev, unsigned int lun, bool read_only, bool ua);
int scst_acg_del_lun(struct scst_acg *acg, unsigned int lun);
int scst_acg_clear_luns(struct scst_acg *acg);
/* Takes every LUN of @dev out of every table (device removal). */
void scst_acg_forget_dev(struct scst_dev *dev);
int scst_acg_create(struct scst_tgt *tgt, const char *name);
int scst_acg_del(struct scst_tgt *tgt, const char *name);
int scst_acg_add_ini(struct scst_acg *acg, const char *pattern);
int scst_acg_del_ini(struct scst_acg *acg, const char *pattern);
int scst_acg_move_ini(struct scst_acg *acg, const char *pattern, const char *to);
int scst_acg_clear_inis(struct scst_acg *acg);
int scst_acg_set_addr_method(struct scst_acg *acg, u8 method);
/* -EINVAL: not for the copy manager. */
int scst_acg_set_black_hole(struct scst_acg *acg, u8 hole);
int scst_acg_set_cpu_mask(struct scst_acg *acg, const char *text);
/* The set that applies to @initiator. Caller holds scst_config_mutex. */
struct scst_acg *scst_acg_for(struct scst_tgt *tgt, const char *initiator);

/* ---- sess.c: sessions and nexuses */

/**
 * struct scst_acl_change - one change of LUN tables under way (scst_mgmt_mutex is held from begin to end)
 * @rows: LUN rows taken out, whose directories have to go
 * @gone: nexuses taken out
 * @nr: its number
 * @wait: wait for the commands of @gone, and the WRITEs of what has become read-only, before scst_change_end() returns
 */
struct scst_acl_change {
	struct list_head rows;
	struct list_head gone;
	u32 nr;
	bool wait;
};

void scst_change_begin(struct scst_acl_change *c);
/* Number of the latest change: the one under way, where scst_mgmt_mutex is held for one. */
extern u32 scst_change_nr;
/*
 * A change that gives something new to sessions asks first for the memory: with the tables changed already, under
 * scst_config_mutex, which stays held until scst_change_apply(). -ENOMEM: sessions are as before, the tables must become so.
 */
int scst_change_prepare(struct scst_acl_change *c, struct scst_tgt *tgt);
/* Brings the sessions of @tgt in line with its tables; scst_config_mutex held. */
void scst_change_apply(struct scst_acl_change *c, struct scst_tgt *tgt, bool ua);
/* Directories follow the new tables; unlocks, then waits for the commands of what is gone. @tgt NULL: nothing is new. */
void scst_change_end(struct scst_acl_change *c, struct scst_tgt *tgt);

/* scst_config_mutex and scst_mgmt_mutex held: makes the nexuses that the set which applies to the session has and it has not. */
int scst_sess_prepare(struct scst_sess *sess);
/* Likewise: takes back what was prepared. */
void scst_sess_cancel(struct scst_sess *sess, struct list_head *gone);
/* Likewise: brings the session's nexuses in line with that set, as far as they are prepared. */
void scst_sess_refresh(struct scst_sess *sess, bool ua, struct list_head *gone);
/* Likewise: directories for what has none; can be tried again. */
int scst_sess_show_luns(struct scst_sess *sess);
/* No lock: waits for WRITEs to LUNs that this change of their sets has made read-only. */
void scst_tgt_wait_closed(struct scst_tgt *tgt, u32 change);
/* scst_mgmt_mutex held: removes the directories. */
void scst_nexus_hide(struct list_head *gone);
/* No lock: waits for the commands, unless there are none; takes the nexuses off their devices, puts. */
void scst_nexus_reap(struct list_head *gone, bool wait);
/* A session of a driver inside scst.ko, whose LUN set may be empty. */
int scst_sess_register_any(struct scst_sess *sess, struct scst_tgt *tgt, const char *initiator,
			   void (*release)(void *sess));

/* RCU lookup with try-get; NULL = no such LUN. Any context. */
struct scst_nexus *scst_nexus_get(struct scst_sess *sess, unsigned int lun);
void scst_nexus_put(struct scst_nexus *nexus);
/* LUNs of the session's set for REPORT LUNS, ascending: fills @luns, returns their number. Any context. */
unsigned int scst_sess_luns(struct scst_sess *sess, u16 *luns, unsigned int max);
/* Lock, lists, gate and run_work of a new session (cmd.c); stops run_work when no command is left (cmd.c). */
void scst_sess_data_init(struct scst_sess *sess);
void scst_sess_data_exit(struct scst_sess *sess);
/* What drain.c and cmd.c keep in a device, before its first LUN; all but users, gate and nexuses. */
void scst_dev_data_init(struct scst_dev *dev);
/* Unit attention fields of a new nexus (ua.c); nothing needs freeing. */
void scst_nexus_data_init(struct scst_nexus *nexus);

/* ---- cmd.c */

/* scst_cmd.core_flags; sess->lock, or its holder while the command is on no list */
#define SCST_CF_REFUSED		0x0001	/* answered at init: passes gates, counts for no order */
#define SCST_CF_COUNTED		0x0002	/* in nexus->nr_active */
#define SCST_CF_HOQ		0x0004	/* HEAD OF QUEUE, explicit or implicit */
#define SCST_CF_ORDERED		0x0008	/* in nexus->gate or, with ORDERED_DEV, in dev->ordered */
#define SCST_CF_ORDERED_DEV	0x0010
#define SCST_CF_USER		0x0020	/* holds dev->users */
#define SCST_CF_ABORT_OWN	0x0040	/* aborted by its own nexus */
#define SCST_CF_ABORT_TAS	0x0080	/* aborted by another one while TAS was set */
#define SCST_CF_HOLD_OK		0x0100	/* passes scst_sess_hold() */
#define SCST_CF_WAITS		0x0200	/* stands in a struct scst_drain as the one that waits */
#define SCST_CF_ASIDE		0x0400	/* executes, but moves no data and waits for user space or other commands: nobody waits for it */
#define SCST_CF_COPY		0x0800	/* a copy that is told when it is aborted; with ASIDE */
#define SCST_CF_DROPPED		0x1000	/* never answered (black_hole); its status is not GOOD, so that nothing is done for it */
#define SCST_CF_TIMED		0x2000	/* cmd->times means something */
#define SCST_CF_ACA		0x4000	/* passes the gate that an auto contingent allegiance has closed */
#define SCST_CF_NO_PLACE	0x8000	/* has no place in the order yet: its session is held */
#define SCST_CF_FAULT		0x10000	/* holds the gate of its device until its failure has had its effects */

/* Changes cmd->state and asserts the old one; caller holds sess->lock, or the command is off sess->active. */
void scst_cmd_set_state(struct scst_cmd *cmd, enum scst_cmd_state from, enum scst_cmd_state to);
/*
 * Aborts one command that is on sess->active; caller holds sess->lock. A parked one goes to @ended (by gate_link), for
 * scst_cmds_respond() without the lock. Returns whether the driver must be kicked.
 */
bool scst_cmd_abort(struct scst_cmd *cmd, u16 how, struct list_head *ended);
void scst_cmds_respond(struct list_head *ended);
/*
 * A command ends with CHECK CONDITION while QErr is not 0: aborts what the task set, or its nexus's part of it, still holds
 * (SPC-4 7.5.8). Under rcu_read_lock(), any context.
 */
void scst_qerr(const struct scst_cmd *cmd);
/* A gate may have opened: parked commands that may run now are run from scst_wq. Any context. */
void scst_sess_rerun(struct scst_sess *sess);
void scst_dev_rerun(struct scst_dev *dev);

/* Words for enum scst_cmd_state, as trace_cmds and the latency files show them. */
extern const char *const scst_cmd_state_names[SCST_CMD_STATES];

/* ---- aca.c: auto contingent allegiance; any context */

#define SCST_GATE_ACA	0x10000	/* in dev->gate, for each faulted nexus; below it: who has closed it for all */

/* There is one on the device, or the command has the ACA attribute: may it enter the task set? If not, its status tells. */
bool scst_aca_admit(struct scst_cmd *cmd);
/* There is one on the device: may the command, which is in the task set, execute all the same? */
bool scst_aca_passes(const struct scst_cmd *cmd);
/* A command ends with CHECK CONDITION: establishes one, or ends it. */
void scst_aca_failed(const struct scst_cmd *cmd);
/* The nexus is no longer faulted. */
void scst_aca_clear(struct scst_nexus *nexus);
/* LOGICAL UNIT RESET: no nexus is. Process context. */
void scst_aca_reset(struct scst_dev *dev);

/* ---- latency.c: times of commands, by session, direction and size */

void scst_latency_set(bool on);
bool scst_latency_is_on(void);
/* A session joins its target, or leaves it; scst_config_mutex held. */
void scst_latency_join(struct scst_sess *sess);
void scst_latency_leave(struct scst_sess *sess);
/* What one file shows, zeroes while nothing is measured; zeroes all files of the session. Process context. */
void scst_latency_read(struct scst_sess *sess, unsigned int dir, unsigned int size, struct scsi_latency_row *row);
void scst_latency_reset(struct scst_sess *sess);
/*
 * A command comes, of a session that has a table; one with SCST_CF_TIMED leaves its state, has gone out. The last in process
 * context.
 */
void scst_latency_begin(struct scst_cmd *cmd);
void scst_latency_step(struct scst_cmd *cmd);
void scst_latency_end(struct scst_cmd *cmd);

/* ---- trace.c: what is under way; process context, takes scst_config_mutex */

/* The texts of trace_cmds and trace_mcmds: whole lines, as many as fit; their length. */
unsigned int scst_trace_cmds(char *buf, size_t size);
unsigned int scst_trace_mcmds(char *buf, size_t size);

/* ---- mem.c: limits of the memory for data, in MiB */

int scst_mem_init(unsigned int all_mib, unsigned int dev_mib);
void scst_mem_exit(void);
/* Before @len bytes are allocated; false: a limit is reached. Process context; the command's holder. */
bool scst_mem_charge(struct scst_cmd *cmd, u32 len);
/* The command's pages are gone. */
void scst_mem_uncharge(struct scst_cmd *cmd);

/* ---- admit.c: checks between decode and execution, in the standards' order */

/* False: refused or answered, status set. Called at init, without locks. */
bool scst_admit(struct scst_cmd *cmd);

/* ---- alua.c: device groups and asymmetric access states */

void scst_alua_exit(void);
/* State and group of a nexus that is being made; scst_config_mutex held. */
void scst_alua_nexus_init(struct scst_nexus *nexus);
/* Sets tgt->rel_tgt_id, and in what commands report; scst_config_mutex held. 0 or -ENOMEM: nothing has changed. */
int scst_alua_set_rel_id(struct scst_tgt *tgt, u16 id);
/* Ports of other machines by which the device's group reaches it: writes up to @max, returns how many there are; scst_config_mutex held. */
u32 scst_alua_remote_ports(const struct scst_dev *dev, u16 *ports, u32 max);
/* Take a device or target that is dying out of its groups; no lock. */
void scst_alua_forget_dev(struct scst_dev *dev);
void scst_alua_forget_tgt(struct scst_tgt *tgt);

/* ---- alua_cmd.c: what its state means to a command, REPORT TARGET PORT GROUPS */

/* False: refused by the state of the port, status set. In transition the command waits a moment before it is looked at again. */
bool scst_alua_admit_slow(struct scst_cmd *cmd);
/* For a command that has waited since judge(): may it no longer do what it is about to begin? It has its status then. */
bool scst_cmd_refused_late(struct scst_cmd *cmd);

static inline bool scst_alua_admit(struct scst_cmd *cmd)
{
	return likely(scsi_alua_accessible(READ_ONCE(cmd->nexus->alua_state))) || scst_alua_admit_slow(cmd);
}

void scst_alua_report(struct scst_cmd *cmd);
/* stpg.c: SET TARGET PORT GROUPS */
void scst_alua_set(struct scst_cmd *cmd);

/* ---- local.c: commands the core answers itself */

void scst_local_init(void);
/* Sets cmd->exec for REPORT LUNS, REQUEST SENSE, REPORT SUPPORTED OPERATION CODES / TMFS and everything addressed to a LUN that is not there. */
bool scst_local_parse(struct scst_cmd *cmd);

/* ---- ua.c */

void scst_nexus_ua(struct scst_nexus *nexus, scsi_sense_code code);
/* All that is due for @nexus is due for @heir instead; or only what tells of lost data. */
void scst_nexus_ua_move(struct scst_nexus *heir, struct scst_nexus *nexus);
void scst_nexus_loss_move(struct scst_nexus *heir, struct scst_nexus *nexus);
/* REPORTED LUNS DATA HAS CHANGED for the session, once until it is told or REPORT LUNS is answered. */
void scst_sess_luns_changed(struct scst_sess *sess);
/* Takes the unit attention that is due for this nexus off the queue; 0 = none. */
scsi_sense_code scst_ua_take(struct scst_nexus *nexus);
/* Flags of the sense that tells it: lost data are an error of commands that were answered GOOD, whatever this one is. */
static inline u8 scst_ua_sense_flags(scsi_sense_code code)
{
	return code == SCSI_SENSE_WRITE_ERROR ? SCSI_SENSE_F_DEFERRED : 0;
}
bool scst_ua_pending(struct scst_nexus *nexus);
scsi_sense_code scst_ua_peek(struct scst_nexus *nexus, unsigned int *depth);
/* With UA_INTLCK_CTRL 11b the nexus was told this status; any context. */
void scst_ua_status(struct scst_nexus *nexus, enum scsi_status status);
/*
 * That data were lost must be told even if the nexus ends first. When nobody can find a nexus any more, another one of its
 * initiator gets it, now or when it comes; scst_config_mutex held.
 */
void scst_nexus_ua_pass_on(struct scst_nexus *nexus);
/* A new nexus on dev->nexuses takes what was kept for its initiator; scst_config_mutex held. */
void scst_nexus_ua_inherit(struct scst_nexus *nexus);
/* The device is freed. */
void scst_dev_ua_free(struct scst_dev *dev);

/* ---- tmf.c */

/* Aborts the commands and copies of a nexus for another one (PREEMPT AND ABORT); any context. */
void scst_nexus_abort(struct scst_nexus *nexus);
/* Aborts the command with that tag for its own nexus; false: there is none. */
bool scst_nexus_abort_tag(struct scst_nexus *nexus, u64 tag);

/* ---- drain.c: "call me when these commands are gone" */

/* @d->dev, nexus, owner, tag, by_tag and done are set; commands that are on their session's list now are covered. */
void scst_drain_start(struct scst_drain *d);
/* A command with waiters has become DONE, or a waiter came: drains, order and sleepers of the device are looked at. Any context. */
void scst_dev_check(struct scst_dev *dev);

/* SCST_CF_ASIDE is set: whoever waits for executing commands looks again. Under the session's lock, which they take to look. */
static inline void scst_cmd_stepped_aside(const struct scst_cmd *cmd)
{
	if (atomic_read(&cmd->dev->waiters))
		scst_dev_check(cmd->dev);
}

/*
 * Waits (sleeps) until nothing executes on the nexus: LUN removal. nexus->dead is set before. The nexus stays on dev->nexuses
 * until this has returned, else scst_dev_drain() would not see what still executes on it. A struct scst_drain with that nexus and
 * without an owner does the same without a sleeper.
 */
void scst_nexus_drain(struct scst_nexus *nexus);
bool scst_nexus_any(struct scst_nexus *nexus, bool (*fn)(const struct scst_cmd *cmd, void *arg), void *arg);
/* Commands of the nexus, or of its whole device, that were aborted and are not DONE; with @tag only those with it. */
unsigned int scst_aborted_count(struct scst_nexus *nexus, bool whole_dev, const u64 *tag);
/* Waits (sleeps) until nothing executes on the device, whose gate is closed; 0 = for ever. 0 or -EBUSY. */
int scst_dev_drain(struct scst_dev *dev, unsigned int timeout_ms);
/* The same for commands that read the medium and do not write it; for ever. */
void scst_dev_drain_reads(struct scst_dev *dev);
/* Likewise, for ever, for what came before that epoch, with the gate open: what comes meanwhile goes on. */
void scst_dev_drain_older(struct scst_dev *dev, u64 epoch);

/* ---- sysfs/ */

extern struct scst_node scst_root_node, scst_targets_node, scst_devices_node, scst_handlers_node, scst_dgs_node;

/* Result of the last finished management write (last_sysfs_mgmt_res). */
void scst_sysfs_result(int res);
int scst_sysfs_last_result(void);

int scst_sysfs_init(void);
void scst_sysfs_exit(void);
void scst_sysfs_wait_gone(void);
int scst_sgv_init(void);
void scst_sgv_exit(void);

/* Does the directory have an entry of that name? */
bool scst_node_has(struct scst_node *n, const char *name);
/* One pr_err line about an attribute of @n; -EINVAL. */
int scst_bad_value(struct scst_node *n, const struct scst_attr *a, const char *text);
int scst_parse_long(struct scst_node *n, const struct scst_attr *a, const char *text, long min, long max, long *value);
extern const char *const scst_type_names[16];

/* Session counters: which one, of which direction; .arg of the attributes that show them. */
enum { SCST_COUNT_CMDS, SCST_COUNT_KB, SCST_COUNT_UNALIGNED };
#define SCST_DIR_UNKNOWN		4
#define SCST_COUNT(what, dir)		((what) << 4 | (dir))
#define SCST_COUNT_WHAT(count)		((count) >> 4)
#define SCST_COUNT_DIR(count)		((count) & 0xf)
u64 scst_sess_count(struct scst_sess *sess, unsigned long count);

/* Each fills a directory whose object is ready; the files go with the directory. */
int scst_dgs_dir_fill(void);
int scst_driver_dir_fill(struct scst_driver *drv);
int scst_tgt_dir_fill(struct scst_tgt *tgt);
int scst_tgt_set_dir_fill(struct scst_tgt *tgt);
int scst_handler_dir_fill(struct scst_handler *h);
int scst_dev_dir_fill(struct scst_dev *dev);
int scst_dev_pr_fill(struct scst_dev *dev);
int scst_luns_dir_fill(struct scst_acg *acg);
int scst_groups_dir_fill(struct scst_tgt *tgt);
int scst_group_dir_fill(struct scst_acg *acg);
int scst_inis_dir_fill(struct scst_acg *acg);
void scst_acn_attr_init(struct scst_acn *acn);
int scst_lun_dir_fill(struct scst_lun *row);
int scst_sess_dir_fill(struct scst_sess *sess);
int scst_nexus_dir_fill(struct scst_nexus *nexus);

#endif /* SCST_PRIV_H */
