/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a target driver or a device handler may see of the SCSI mid-layer (scst.ko).
 *
 * A command has exactly one holder at a time and moves in one direction:
 *
 *	driver	scst_cmd_init()		decode, find LUN, join the session; always leaves a valid command
 *	driver	scst_cmd_alloc_data()	Data-Out only: pages to receive into
 *	driver	scst_cmd_execute()	gives the command away
 *	core	cmd->exec()		the handler's function, process context
 *	handler	scst_cmd_done()		any context, hard irq included; gives the command back
 *	core	driver->queue_response()	any context; the driver now owns the command again
 *	driver	scst_cmd_finish()	response sent or dropped: pages and references go, the slot is the driver's
 *
 * Objects are embedded in their owner's own (struct iscst_cmd holds a struct scst_cmd); the kobject in their node counts
 * their memory and the owner's release function frees it.
 */
#ifndef SCST_H
#define SCST_H

#include <linux/atomic.h>
#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu_counter.h>
#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "scsi_defs.h"

#define SCST_VERSION		"4.0.0"
#define SCST_NAME_MAX		255		/* every name that becomes a sysfs directory */
#define SCST_DEV_NAME_MAX	64
#define SCST_MAX_XFER		(8U << 20)	/* bytes one command may move */
#define SCST_BUF_INLINE		8
#define SCST_DESIGNATORS_MAX	256	/* bytes of all designators of a logical unit */

struct scst_acg;
struct scst_attr;
struct scst_cmd;
struct scst_dev;
struct scst_dg;
struct scst_drain;
struct scst_driver;
struct scst_handler;
struct scst_latency;
struct scst_nexus;
struct scst_node;
struct scst_pr;
struct scst_sess;
struct scst_tgt;
struct scst_tmf;

/* ---------------------------------------------------------------- sysfs */

#define SCST_ATTR_KEY_ALWAYS	0x01	/* "[key]" follows whatever the value is */
#define SCST_ATTR_EXTRA_NL	0x02	/* one more newline after everything (spec of the iSCSI attributes) */
#define SCST_ATTR_RAW		0x04	/* show() composes the complete text itself: nothing is appended */
#define SCST_ATTR_KEEP_SPACE	0x08	/* store() gets the text with only one trailing newline removed, not trimmed */
#define SCST_ATTR_PATH		0x10	/* a write that is too long is -ENAMETOOLONG, not -EINVAL */

/**
 * struct scst_attr - one sysfs file: name, mode, how to read, how to write, default
 * @attr: name and mode; static storage (one lockdep class each)
 * @show: writes the value without newline into @buf of @size bytes, returns its length or -errno; NULL = write only
 * @store: applies the NUL-terminated, trimmed and writable @text, returns 0 or -errno; NULL = read only.
 *	Process context, no lock held. Logs one pr_err line when it refuses
 * @shown: does @obj have this file; NULL: always. Asked once, when its directory is filled
 * @marked: overrides the default comparison: true = the value carries the "[key]" mark
 * @dflt: text of the default value: a differing value is marked. NULL without @marked and flags: never marked
 * @flags: SCST_ATTR_*
 * @arg: for functions that serve several attributes
 */
struct scst_attr {
	struct attribute attr;
	int (*show)(void *obj, const struct scst_attr *a, char *buf, size_t size);
	int (*store)(void *obj, const struct scst_attr *a, char *text);
	bool (*shown)(void *obj, const struct scst_attr *a);
	bool (*marked)(void *obj, const struct scst_attr *a);
	const char *dflt;
	unsigned int flags;
	unsigned long arg;
};

#define SCST_ATTR_RO(_name, _show, _dflt, ...) \
	{ .attr = { .name = #_name, .mode = 0444 }, .show = (_show), .dflt = (_dflt), ##__VA_ARGS__ }
#define SCST_ATTR_RW(_name, _show, _store, _dflt, ...) \
	{ .attr = { .name = #_name, .mode = 0644 }, .show = (_show), .store = (_store), .dflt = (_dflt), ##__VA_ARGS__ }
#define SCST_ATTR_WO(_name, _store, ...) \
	{ .attr = { .name = #_name, .mode = 0200 }, .store = (_store), ##__VA_ARGS__ }

/**
 * struct scst_node - a directory of the tree, embedded in the object it shows
 * @kobj: counts the memory of @obj
 * @obj: handed to show() and store()
 * @release: frees @obj after the last reference; may run in any process context
 * @parent: referenced from scst_node_add() until after @release: an ancestor outlives its descendants
 * @owner: referenced likewise; set by scst_node_own()
 */
struct scst_node {
	struct kobject kobj;
	void *obj;
	void (*release)(void *obj);
	struct scst_node *parent;
	struct scst_node *owner;
};

/* All of these may sleep; scst_node_del() waits for running show/store calls: never under a lock one of them takes. */
void scst_node_init(struct scst_node *n, void *obj, void (*release)(void *obj));
int scst_node_add(struct scst_node *n, struct scst_node *parent, const char *name);
int scst_node_add_attrs(struct scst_node *n, const struct scst_attr *attrs, unsigned int nr);
int scst_node_add_attr(struct scst_node *n, const struct scst_attr *attr);
void scst_node_del_attr(struct scst_node *n, const struct scst_attr *attr);
void scst_node_del(struct scst_node *n);
/* Keeps @owner's memory, and what waits for it, until @n is released. */
void scst_node_own(struct scst_node *n, struct scst_node *owner);
/* After a failure before anything else could find @n: waits until its last reference is gone, without calling release. */
void scst_node_cancel(struct scst_node *n);
void scst_node_get(struct scst_node *n);
void scst_node_put(struct scst_node *n);
/* 0 or -EINVAL: length, '/', control bytes, "." and "..": names that sysfs must not get. */
int scst_name_check(const char *name, unsigned int max);
/* The same for a device, and no '.'; asked before a handler touches what belongs to that name. */
int scst_dev_name_check(const char *name);

/* Grammar of management lines (destructive on the text; see pure/mgmt_line.h). */
char *scst_mgmt_next_word(char **cursor);
bool scst_mgmt_next_words(char **cursor, char **name, char **words);
int scst_mgmt_next_param(char **cursor, char **name, char **value);
bool scst_mgmt_word_is(const char *word, const char *want);

/* ------------------------------------------------------------- commands */

/*
 * NEW -> WAIT_DATA (Data-Out commands, from init until their data are there) -> GATED (only when a gate is closed)
 * -> EXECUTING -> DONE -> SENDING. scst_cmd_set_state() alone changes them and asserts the old one. A command that was refused
 * or aborted goes to DONE from any state before.
 */
enum scst_cmd_state {
	SCST_CMD_NEW,
	SCST_CMD_WAIT_DATA,
	SCST_CMD_GATED,
	SCST_CMD_EXECUTING,
	SCST_CMD_DONE,
	SCST_CMD_SENDING,
	SCST_CMD_STATES,
};

/**
 * struct scst_buf - data pages of a command
 * @bv: @few or an allocated table of @cap entries that stays with the slot
 * @nr: entries in use; each owns one reference on its page (the head page of a compound one)
 * @cap: entries @bv has room for
 * @len: bytes in the entries
 * @few: room for small transfers
 */
struct scst_buf {
	struct bio_vec *bv;
	unsigned int nr;
	unsigned int cap;
	u32 len;
	struct bio_vec few[SCST_BUF_INLINE];
};

/**
 * struct scst_share - a WRITE whose data are blocks of another device, or other blocks of its own (copy manager only)
 * @dev: that device; as long as the command executes
 * @lba: first block of them
 * @done: by the handler: they were shared or copied. Else the command ends GOOD and has changed nothing
 */
struct scst_share {
	struct scst_dev *dev;
	u64 lba;
	bool done;
};

/**
 * struct scst_cmd_times - what "measure_latency" knows of a command (core only; see scst/latency.c)
 * @began: when it came, ns
 * @since: when its state began
 * @spent: time in each state
 * @seen: a bit for each state it has left
 */
struct scst_cmd_times {
	u64 began;
	u64 since;
	u64 spent[SCST_CMD_STATES];
	u8 seen;
};

/**
 * struct scst_cmd - one SCSI command, embedded in the driver's command slot (never freed alone)
 *
 * Set by the driver before scst_cmd_init():
 * @sess: nexus it came through
 * @lun: LUN as on the wire
 * @cdb: CDB, in the driver's memory until scst_cmd_finish()
 * @cdb_len: its length, at most SCSI_CDB_MAX
 * @attr: enum scsi_task_attr
 * @expect_dir: SCSI_DIR_TO if the initiator offers data (W), SCSI_DIR_FROM if it expects some (R)
 * @edtl: Expected Data Transfer Length in bytes
 * @tag: identifies the command for ABORT TASK
 *
 * Valid after scst_cmd_init():
 * @info: the decoded CDB; @info.op may be NULL when the command was refused
 * @data_len: bytes to move: min(what the CDB wants, @edtl), 0 when directions disagree or nothing moves
 * @status: not GOOD: already refused. The driver lets the initiator's unsolicited data pass by (sends no R2T), then calls
 *	scst_cmd_execute() all the same, which completes it
 *
 * Result, valid in queue_response():
 * @status: enum scsi_status
 * @sense: with CHECK CONDITION; encode with scst_cmd_sense()
 * @resp_len: bytes of Data-In in @buf, <= @edtl
 * @want_len: bytes the CDB asked to move, for residuals: @edtl < @want_len is overflow by the difference, else underflow is
 *	@edtl minus the bytes moved
 * @no_response: aborted by its own nexus: free it without sending anything
 */
struct scst_cmd {
	struct scst_sess *sess;
	const u8 *cdb;
	u64 tag;
	u32 edtl;
	u16 cdb_len;
	u8 lun[8];
	u8 attr;
	u8 expect_dir;

	u8 status;
	u8 state;		/* enum scst_cmd_state; sess->lock */
	bool aborted;		/* set under sess->lock, read by anyone with READ_ONCE */
	bool no_response;
	bool sense_desc;	/* D_SENSE of the device at completion */
	u8 raw_sense;		/* so many bytes of sense data, as a disk of the host gave them, stand in @scratch instead of @sense */
	bool ua_pending;	/* its sense is told only once: if it is aborted, the nexus gets it as a unit attention */
	bool writes;		/* handler only: set while it writes the medium, if others have to know that */

	u32 data_len;
	u32 want_len;
	u32 resp_len;
	struct scst_nexus *nexus;	/* reference from init to finish; NULL: no such LUN */
	struct scst_dev *dev;		/* nexus->dev */
	void (*exec)(struct scst_cmd *cmd);
	struct scsi_cdb info;
	struct scsi_sense sense;
	struct scst_buf buf;

	struct list_head sess_link;	/* sess->active, from init to DONE; sess->lock */
	struct list_head gate_link;	/* sess->parked while GATED; sess->lock */
	u64 epoch;			/* dev->epoch on arrival, or when its hold ended: for order and drains; sess->lock */
	u32 arrived;			/* jiffies, their lower half */
	u32 mem_charged;		/* bytes counted against the memory limits (mem.c) */
	u32 core_flags;			/* core only */
	struct scst_share *share;	/* a WRITE without data of its own; set between init and execute, NULL else */
	void *handler_priv;		/* handler only, between parse() and scst_cmd_done() */
	union {				/* who executes it, same span (@raw_sense: longer): room for a kiocb or bio without allocation */
		u64 align;
		u8 bytes[320];
	} scratch;
	struct scst_cmd_times times;	/* its holder, or sess->lock */
};

/**
 * scst_cmd_init() - take a command in: find its LUN, decode, admit, choose cmd->exec
 * @cmd: see struct scst_cmd for what the driver has filled in; the rest may hold anything but @buf, which is zeroed once
 *	when the slot is made
 *
 * Context: process, may not be called under sess->lock; never sleeps, never allocates.
 */
void scst_cmd_init(struct scst_cmd *cmd);

/**
 * scst_cmd_alloc_data() - pages for the command's data
 * @cmd: command; a Data-Out command between init and execute (driver), or a Data-In one in its handler
 * @len: bytes, <= SCST_MAX_XFER
 *
 * Context: process; GFP_NOIO. Pages may hold old data: a handler reports only bytes it has written in resp_len.
 * Return: 0, or -ENOMEM (no memory, or a limit is reached) and the command's status is BUSY (execute or complete it as usual).
 */
int scst_cmd_alloc_data(struct scst_cmd *cmd, u32 len);

/**
 * scst_cmd_execute() - all data are here: pass the gates and run the command
 * @cmd: no longer the caller's
 *
 * Context: process. May run the command to its end and call queue_response() before it returns.
 */
void scst_cmd_execute(struct scst_cmd *cmd);

/**
 * scst_cmd_done() - a handler has finished with a command; status, sense and resp_len are set
 * @cmd: no longer the caller's
 *
 * Context: any, hard irq included.
 */
void scst_cmd_done(struct scst_cmd *cmd);

/**
 * scst_cmd_abandon() - take a command out that will never get its data (its connection is closing)
 * @cmd: in NEW or WAIT_DATA; the driver still owns it and calls scst_cmd_finish()
 */
void scst_cmd_abandon(struct scst_cmd *cmd);

/**
 * scst_cmd_finish() - the response is with the transport or was dropped: release pages and references
 * @cmd: the slot may be used again afterwards
 *
 * Context: process, the one work that owns the connection.
 */
void scst_cmd_finish(struct scst_cmd *cmd);

/**
 * scst_cmd_untold() - the response will not be sent: what it would have told once, the nexus is told later
 * @cmd: DONE; scst_cmd_finish() follows
 *
 * Context: any.
 */
void scst_cmd_untold(struct scst_cmd *cmd);

/**
 * struct scst_loss - what a response has said: data that were acknowledged are lost
 * @nexus: to whom; a reference, which keeps the device even if the LUN goes meanwhile
 */
struct scst_loss {
	struct scst_nexus *nexus;
};

/**
 * scst_cmd_tells_loss() - does the response say that data which were acknowledged are lost?
 * @cmd: DONE
 * @loss: then filled in
 *
 * The kernel says so once. A driver keeps @loss until the initiator has acknowledged the response, which ends it with
 * scst_loss_told(); should that never come, scst_loss_untold() does. Context: any.
 */
bool scst_cmd_tells_loss(const struct scst_cmd *cmd, struct scst_loss *loss);

/**
 * scst_nexus_owe_loss() - a command of the nexus was told of lost data, and may be taken to have failed for its own
 * @nexus: the next command of it that asks for nothing but a flush has to fail. Any context.
 */
void scst_nexus_owe_loss(struct scst_nexus *nexus);

/**
 * scst_cmd_flushed() - a command that asks for nothing but a flush has made it
 * @cmd: in its handler, with status and sense of the flush
 *
 * GOOD would promise that all is stable that was acknowledged before. It becomes HARDWARE ERROR, once, when the initiator may take
 * lost data for written: each nexus that was told of a loss, or is owed one. Any context.
 */
void scst_cmd_flushed(struct scst_cmd *cmd);

/* The initiator has heard of it. Any context. */
void scst_loss_told(struct scst_loss *loss);
/* It may not have: its nexus tells it, or the next one that it has. Any context, before its session is unregistered. */
void scst_loss_untold(struct scst_loss *loss);

/* Sense bytes of a CHECK CONDITION in the format the device is set to; returns their number. */
unsigned int scst_cmd_sense(const struct scst_cmd *cmd, u8 *buf, unsigned int size);

/* How exec() and parse() report: each sets status and sense, none completes the command. */
void scst_cmd_fail(struct scst_cmd *cmd, scsi_sense_code code);
void scst_cmd_fail_cdb(struct scst_cmd *cmd, scsi_sense_code code, unsigned int byte, int bit);
void scst_cmd_fail_param(struct scst_cmd *cmd, scsi_sense_code code, unsigned int byte, int bit);
/* Backing store errors: -ENOSPC 7/27/07, -ENOMEM BUSY, others medium error by direction (read 3/11/00, write 3/03/00). */
void scst_cmd_fail_errno(struct scst_cmd *cmd, int err);
/* Copies parameter data into the command's buffer, cut to what was asked for and expected; sets resp_len. */
void scst_cmd_reply(struct scst_cmd *cmd, const void *data, unsigned int len);
/* Copies up to @size bytes of the received parameter list, from byte @from on, into @buf; returns how many there were. */
unsigned int scst_cmd_fetch_from(const struct scst_cmd *cmd, unsigned int from, void *buf, unsigned int size);
static inline unsigned int scst_cmd_fetch(const struct scst_cmd *cmd, void *buf, unsigned int size)
{
	return scst_cmd_fetch_from(cmd, 0, buf, size);
}

/*
 * Memory on the way of a command: process context, GFP_NOIO, no warning; what is refused costs one command. A (compound) page
 * of old data with one reference; from order 1 on only what lies ready. Zeroed memory, for kvfree().
 */
struct page *scst_alloc_pages(unsigned int order);
void *scst_alloc_mem(size_t size);

/* Pages: the buffer takes over the caller's reference on @page. -ENOMEM when its table cannot grow. */
int scst_buf_add(struct scst_buf *buf, struct page *page, unsigned int len, unsigned int offset);
/* Makes room for @nr entries. */
int scst_buf_reserve(struct scst_buf *buf, unsigned int nr);
/* Puts all pages, keeps the table (a large one is freed). */
void scst_buf_release(struct scst_buf *buf);
/* Frees the table as well: when the slot ends. */
void scst_buf_destroy(struct scst_buf *buf);

static inline bool scst_cmd_aborted(const struct scst_cmd *cmd)
{
	return READ_ONCE(cmd->aborted);
}

/* ------------------------------------------------------ task management */

enum scst_tmf_function {
	SCST_TMF_ABORT_TASK,
	SCST_TMF_ABORT_TASK_SET,
	SCST_TMF_CLEAR_ACA,
	SCST_TMF_CLEAR_TASK_SET,
	SCST_TMF_LUN_RESET,
	SCST_TMF_TARGET_RESET,
	SCST_TMF_NEXUS_RESET,		/* I_T NEXUS RESET: the commands of this nexus on all LUNs */
	SCST_TMF_QUERY_TASK,
	SCST_TMF_QUERY_TASK_SET,
	SCST_TMF_QUERY_ASYNC_EVENT,
};

enum scst_tmf_result {
	SCST_TMF_COMPLETE,
	SCST_TMF_SUCCEEDED,		/* a query: yes; COMPLETE: no */
	SCST_TMF_NO_TASK,
	SCST_TMF_NO_LUN,
	SCST_TMF_UNSUPPORTED,
	SCST_TMF_REJECTED,
};

/**
 * struct scst_drain - waits until the commands it covers are DONE, and stopped copies write no more (core only; see scst/drain.c)
 * @dev: device; whoever starts the drain keeps it alive until @done
 * @nexus: only commands of this nexus, NULL: of all
 * @owner: session that asked: does not wait any more once it ends; NULL: the gate of the device is closed, or @nexus is dead; what
 *	executes is waited for, aborted or not
 * @epoch: only commands that arrived before
 * @by_tag: only the one with @tag
 * @cmd: command that waits, in state EXECUTING: it does so no longer once it is aborted itself; or NULL
 * @done: all gone, or the owner ends; process context, no lock held; called exactly once
 * @link: dev->drains
 */
struct scst_drain {
	struct scst_dev *dev;
	struct scst_nexus *nexus;
	struct scst_sess *owner;
	u64 epoch;
	u64 tag;
	bool by_tag;
	const struct scst_cmd *cmd;
	void (*done)(struct scst_drain *d);
	struct list_head link;
};

/**
 * struct scst_tmf - one task management function, embedded in the driver's slot
 * @sess: nexus that asked
 * @fn: enum scst_tmf_function
 * @lun: for all but TARGET RESET and I_T NEXUS RESET
 * @tag: ABORT TASK, QUERY TASK: the command's tag
 * @result: enum scst_tmf_result, valid in driver->tmf_done()
 * @info: QUERY ASYNCHRONOUS EVENT that SUCCEEDED: its additional response information (SAM-5 7.10), three bytes
 *
 * The rest is the core's.
 */
struct scst_tmf {
	struct scst_sess *sess;
	u64 tag;
	u8 lun[8];
	u8 fn;
	u8 result;
	u32 info;
	struct scst_nexus *nexus;	/* reference; the one being worked on */
	unsigned long next_lun;		/* functions on all LUNs: where to go on */
	struct list_head link;		/* sess->tmfs */
	struct scst_drain drain;
	struct rcu_work work;		/* a grace period after the last drain: queue_response() calls have returned */
};

/**
 * scst_tmf_submit() - start a task management function
 * @tmf: the core's until driver->tmf_done(tmf), which comes when all commands it covers are DONE
 *
 * Context: process; never sleeps. The session may be unregistered only after tmf_done().
 */
void scst_tmf_submit(struct scst_tmf *tmf);

/* --------------------------------------------------------------- targets */

/**
 * struct scst_driver - a target driver: what it can do and how the core calls it
 * @name: directory under targets/
 * @owner: THIS_MODULE
 * @default_addr_method: 0 peripheral, 1 flat, 2 logical unit
 * @phys_version: version descriptor of the physical transport for INQUIRY, 0 = none
 * @transport_version: version descriptor of the SCSI transport, e.g. 0x0960 for iSCSI
 * @sg_tablesize: shown in each target
 * @attrs: driver directory; the obj of show/store is the struct scst_driver
 * @tgt_attrs: target directory; obj is the struct scst_tgt
 * @acg_attrs: ini_groups directories only; obj is the struct scst_acg
 * @sess_attrs: session directory; obj is the struct scst_sess
 * @add_tgt_params: names for "The following parameters available: ", comma separated, or NULL
 * @driver_dyn_attrs: names for "The following target driver attributes available: ", or NULL
 * @tgt_dyn_attrs: names for "The following target attributes available: ", or NULL
 * @queue_response: the command is DONE; any context; the driver owns it again
 * @tmf_done: the function is complete; any context; after the responses of the commands it covered
 * @kick: commands of @sess that wait for data have been aborted: look at them soon. Or, after scst_sess_abort(), a copy has ended:
 *	look at scst_sess_copies() again. Atomic context, only queues work
 * @luns_changed: REPORTED LUNS DATA HAS CHANGED is due for @sess and "aen_disabled" is 0: the driver may take it with
 *	scst_sess_take_luns_changed() and tell it by a message of its transport; what it does not take stays a unit
 *	attention. Atomic context, only queues work; NULL: the transport has no such message
 * @add_target: create and register (scst_tgt_register()) a target; @params for scst_mgmt_next_words()
 * @del_target: undo; -EBUSY while sessions exist
 * @add_attr: mgmt add_attribute; @rest is the text after the attribute's name
 * @del_attr: mgmt del_attribute
 * @add_tgt_attr: mgmt add_target_attribute
 * @del_tgt_attr: mgmt del_target_attribute
 * @enable: a target's "enabled" was written; NULL: targets are always on
 * @close_sess: start closing a session, asynchronously; NULL: no force_close
 *
 * The functions from @add_target on run in process context without any core lock.
 */
struct scst_driver {
	const char *name;
	struct module *owner;
	u8 default_addr_method;
	u16 phys_version;
	u16 transport_version;
	unsigned int sg_tablesize;

	const struct scst_attr *attrs;
	unsigned int nr_attrs;
	const struct scst_attr *tgt_attrs;
	unsigned int nr_tgt_attrs;
	const struct scst_attr *acg_attrs;
	unsigned int nr_acg_attrs;
	const struct scst_attr *sess_attrs;
	unsigned int nr_sess_attrs;
	const char *add_tgt_params;
	const char *driver_dyn_attrs;
	const char *tgt_dyn_attrs;

	void (*queue_response)(struct scst_cmd *cmd);
	void (*tmf_done)(struct scst_tmf *tmf);
	void (*kick)(struct scst_sess *sess);
	void (*luns_changed)(struct scst_sess *sess);

	int (*add_target)(struct scst_driver *drv, const char *name, char *params);
	int (*del_target)(struct scst_tgt *tgt);
	int (*add_attr)(struct scst_driver *drv, const char *attr, char *rest);
	int (*del_attr)(struct scst_driver *drv, const char *attr, char *rest);
	int (*add_tgt_attr)(struct scst_tgt *tgt, const char *attr, char *rest);
	int (*del_tgt_attr)(struct scst_tgt *tgt, const char *attr, char *rest);
	int (*enable)(struct scst_tgt *tgt, bool on);
	void (*close_sess)(struct scst_sess *sess);

	/* core only */
	struct scst_node node;
	struct list_head link;		/* scst_config_mutex */
	struct list_head tgts;		/* scst_config_mutex */
	struct completion released;
};

/**
 * scst_acg_flag() - one flag of a group that is the driver's to use
 * @acg: what show() and store() of @acg_attrs get; the flag lives as long
 *
 * Return: the flag; false in a new group. READ_ONCE/WRITE_ONCE.
 */
bool *scst_acg_flag(struct scst_acg *acg);

int scst_driver_register(struct scst_driver *drv);
/* All targets are gone; waits until no reference into the driver is left. */
void scst_driver_unregister(struct scst_driver *drv);

/**
 * struct scst_tgt - one target of a driver, embedded in the driver's own
 * @drv: driver
 * @name: as given to scst_tgt_register(), copied
 * @rel_tgt_id: relative target port identifier, 0 = not yet given
 * @enabled: what "enabled" shows; written under scst_config_mutex
 * @sess_list: sessions; scst_config_mutex
 * @dying: being removed; its name stays taken until the directory is gone
 * @internal: the copy manager's: its LUNs don't count as exports, its session may have none
 */
struct scst_tgt {
	struct scst_driver *drv;
	const char *name;
	u16 rel_tgt_id;
	bool enabled;
	bool dying;
	bool internal;
	void (*release)(void *tgt);
	bool forward_src;
	bool forward_dst;
	bool aen_disabled;
	char *comment;
	struct scst_node node;
	struct list_head link;		/* drv->tgts; scst_config_mutex */
	struct list_head sess_list;
	struct scst_acg *default_acg;
	struct list_head acgs;		/* in order of creation; scst_config_mutex */
	struct scst_node groups_node;
	struct scst_node sess_node;
};

/*
 * Creates the directory with luns/, ini_groups/, sessions/ and publishes the target, disabled. @release frees the memory
 * around @tgt, also after a failure. -EEXIST, -EINVAL, -ENOMEM.
 */
int scst_tgt_register(struct scst_tgt *tgt, struct scst_driver *drv, const char *name, void (*release)(void *tgt));
/* Unlinks and removes the directory; no session may be left. Drops the caller's reference. */
void scst_tgt_unregister(struct scst_tgt *tgt);
/* Finds a live target by name and takes a node reference (scst_node_put(&tgt->node)); NULL when there is none. */
struct scst_tgt *scst_tgt_find(struct scst_driver *drv, const char *name);

/* -------------------------------------------------------------- sessions */

/* What a LUN set does not answer, as its attribute "black_hole" numbers it: to see what initiators make of it. */
enum scst_black_hole {
	SCST_HOLE_OFF,
	SCST_HOLE_CMDS,			/* commands */
	SCST_HOLE_CMDS_TMFS,		/* and task management functions */
	SCST_HOLE_DATA,			/* commands that move data */
	SCST_HOLE_DATA_TMFS,
};

/**
 * struct scst_sess - an I_T nexus, embedded in the driver's session
 * @tgt: target
 * @acg: LUN set in force; scst_config_mutex
 * @initiator: name as given, NULL = anonymous
 * @transport_id: TransportID of the initiator port (SPC-4 7.6.4), set by the driver before scst_sess_register(), NULL = none;
 *	in the driver's memory; without one there are no persistent reservations
 * @transport_id_len: its bytes
 * @lock: guards @active, @parked, command states, @gate, counters; irq-safe
 * @active: commands from init to DONE, in order of arrival
 * @parked: commands in GATED, in order of arrival, HEAD OF QUEUE first
 * @gate: non-zero: commands park (hold by the driver)
 * @nr_active: length of @active
 * @aborting: scst_sess_abort() was called; lock
 * @nexuses: LUN -> struct scst_nexus; read under RCU
 * @dead: unregistered: scst_config_mutex
 * @addr_method: of the LUN set in force, enum scsi_lun_method; READ_ONCE
 * @black_hole: of the LUN set in force, enum scst_black_hole; READ_ONCE
 */
struct scst_sess {
	struct scst_tgt *tgt;
	struct scst_acg *acg;
	struct scst_acg *shown_acg;	/* where the link "luns" points to; scst_config_mutex */
	void (*release)(void *sess);
	u8 addr_method;
	u8 black_hole;
	const char *initiator;
	const u8 *transport_id;
	u16 transport_id_len;
	struct scst_node node;
	struct scst_node latency_node;	/* latency/ */
	struct list_head tgt_link;	/* tgt->sess_list; scst_config_mutex */
	u32 close_pass;			/* the deletion of its group came to it last in this pass; scst_config_mutex */

	spinlock_t lock;
	struct list_head active;
	struct list_head parked;
	unsigned int gate;
	unsigned int nr_active;
	bool dead;
	bool aborting;
	struct list_head tmfs;		/* task management functions under way; lock */
	struct work_struct run_work;	/* runs commands whose gate has opened */

	struct xarray nexuses;
	struct list_head ready;		/* nexuses made for a change of LUNs that is not in force yet; scst_config_mutex */
	unsigned long luns_changed;	/* bit 0: REPORTED LUNS DATA HAS CHANGED is due */

	struct scst_latency __rcu *latency;	/* times of commands, NULL: not measured; written under scst_config_mutex */

	/* Counters of sysfs; lock. Index: enum scsi_dir, [4] = unknown */
	u64 cmd_count[5];
	u64 io_bytes[5];
	u64 unaligned[5];
};

/**
 * scst_sess_register() - make a session known: LUN set by initiator name, nexuses, directory
 * @sess: zeroed memory
 * @tgt: target; the session takes a reference
 * @initiator: InitiatorName, or NULL
 * @release: frees the memory around @sess
 *
 * Context: process, may sleep, no lock held.
 * Return: 0; -ENOENT when no LUN is in the set that applies (the initiator must not learn that the target exists);
 * -ESHUTDOWN when the target is not enabled or going away; -ENOMEM. After an error only memory that is not @sess's own has
 * been freed: the caller frees @sess itself, @release is not called.
 */
int scst_sess_register(struct scst_sess *sess, struct scst_tgt *tgt, const char *initiator, void (*release)(void *sess));

/*
 * Aborts every command, now and from now on: parked ones complete at once (no_response), executing ones when their handler is
 * done, those that wait for data when the driver calls scst_cmd_execute() or scst_cmd_abandon(). Its task management functions
 * are answered without waiting any longer. Copies that go on though their commands have been answered stop, too.
 */
void scst_sess_abort(struct scst_sess *sess);
/*
 * After scst_sess_abort(), with no command left: may a copy of the session still be writing? Until it is false the session is not
 * to be unregistered, nor may another one take its place; driver->kick() says when to look again. Any context.
 */
bool scst_sess_copies(const struct scst_sess *sess);
/* Task management functions of this session are to vanish: no effect, no answer. A driver looks here before scst_tmf_submit(). */
static inline bool scst_sess_drops_tmf(const struct scst_sess *sess)
{
	u8 hole = READ_ONCE(sess->black_hole);

	return unlikely(hole == SCST_HOLE_CMDS_TMFS || hole == SCST_HOLE_DATA_TMFS);
}

/**
 * scst_sess_take_luns_changed() - tell REPORTED LUNS DATA HAS CHANGED by a message instead of a unit attention
 * @sess: session
 * @sense: sense data, fixed format
 * @size: room in @sense; 18 bytes suffice
 *
 * Any context.
 * Return: bytes of sense data that the driver must deliver now, or 0: nothing is due any more, or "aen_disabled" is 1.
 */
unsigned int scst_sess_take_luns_changed(struct scst_sess *sess, u8 *sense, unsigned int size);
/* A unit attention for each LUN of the session. Any context but hard irq. */
void scst_sess_ua(struct scst_sess *sess, scsi_sense_code code);
/* The session takes the place of one that was lost: I_T NEXUS LOSS OCCURRED instead of POWER ON on each of its LUNs. */
void scst_sess_nexus_loss(struct scst_sess *sess);
/* The session goes on with the nexus of another one, which scst_sess_inherit() will give it: no POWER ON. */
void scst_sess_continue(struct scst_sess *sess);
/*
 * The commands of @sess are aborted, those of @heir wait for them. What RESERVE has reserved is @heir's now: it meets no conflict
 * with itself, others stay out. No auto contingent allegiance of @sess is left. Process context.
 */
void scst_sess_replace(struct scst_sess *heir, struct scst_sess *sess);
/*
 * No command of @sess is left: what it has not told of lost data @heir tells, at the LUNs where both have the same device, and
 * from now on, so before @heir's own commands look. Process context.
 */
void scst_sess_pass_losses(struct scst_sess *heir, struct scst_sess *sess);
/*
 * @heir takes over what @sess has at the LUNs where both have the same device: unit attentions, RESERVE, PREVENT, what is told
 * of copies and tokens. To be called when @heir takes its place, and again when no command of @sess is left. Process context.
 */
void scst_sess_inherit(struct scst_sess *heir, struct scst_sess *sess);
/* Closes and opens the session's gate for all but TEST UNIT READY, INQUIRY, REPORT LUNS and REQUEST SENSE (session reinstatement). */
void scst_sess_hold(struct scst_sess *sess);
void scst_sess_release_hold(struct scst_sess *sess);
/*
 * What RESERVE has reserved for the session ends: the answer to a logout goes out, and the initiator shall learn of it after that;
 * or it was a lost nexus's (scst_sess_replace()), whose commands have ended. Any context but hard irq.
 */
void scst_sess_logged_out(struct scst_sess *sess);
/* No command is left, nor a copy: removes directory and nexuses; drops the reference of scst_sess_register(). Process, may sleep. */
void scst_sess_unregister(struct scst_sess *sess);

/*
 * True while at least one LUN is in the set for @initiator at @tgt, and @tgt is enabled. If no LUN is, that is told at
 * /dev/scst_event. Process context, may sleep.
 */
bool scst_tgt_visible(struct scst_tgt *tgt, const char *initiator);

/* --------------------------------------------------------------- devices */

/**
 * struct scst_handler - a device handler
 * @name: directory under handlers/
 * @type: SCSI peripheral device type
 * @add_params: names for "The following parameters available: ", comma separated, or NULL
 * @attrs: files in each device's directory; obj is the struct scst_dev
 * @parse: chooses cmd->exec by cmd->info.op; false after scst_cmd_fail*(): refused. Never sleeps
 * @supports: is this opcode (enum scsi_op_id) in REPORT SUPPORTED OPERATION CODES of this device
 * @designators: writes the designators that name the logical unit, as VPD page 83h has them, into @buf; returns their bytes.
 *	Process context, may sleep. NULL: EXTENDED COPY neither finds its devices nor is taken by them
 * @may_share: could a WRITE to @dst with cmd->share take blocks of @src; both are this handler's. Never sleeps. NULL: none
 * @reset: LOGICAL UNIT RESET or last nexus lost: restore saved mode values; process context, may sleep
 * @add_device: create and register a device; @params for scst_mgmt_next_param()
 * @del_device: scst_dev_unregister() and free
 * @port_state: the ports of this machine gave or took away access (asymmetric logical unit access); process context, may
 *	sleep, calls for one device one after another; not called for a device that is being unregistered. An error is that of
 *	who changed the state, which is in force all the same. May be NULL
 * @threads_num: what a device's threads_num shows until it is written; negative: no such file
 * @host_devices: its devices are SCSI devices of the host, named H:C:I:L, that add_device only takes over: @parse also gets
 *	commands that the core's table does not know (info.op->id SCSI_OP_ID_NONE), and the copy manager takes none by itself
 */
struct scst_handler {
	const char *name;
	struct module *owner;
	u8 type;
	int threads_num;
	bool host_devices;
	const char *add_params;
	const struct scst_attr *attrs;
	unsigned int nr_attrs;

	bool (*parse)(struct scst_cmd *cmd);
	bool (*supports)(struct scst_dev *dev, unsigned int op_id);
	unsigned int (*designators)(struct scst_dev *dev, u8 *buf, unsigned int size);
	bool (*may_share)(struct scst_dev *dst, struct scst_dev *src);
	void (*reset)(struct scst_dev *dev);
	int (*port_state)(struct scst_dev *dev, bool usable);
	int (*add_device)(struct scst_handler *h, const char *name, char *params);
	void (*del_device)(struct scst_dev *dev);

	/* core only */
	struct scst_node node;
	struct list_head link;		/* scst_config_mutex */
	struct completion released;
};

int scst_handler_register(struct scst_handler *h);
/* The handler has deleted its devices; waits until no reference into it is left. */
void scst_handler_unregister(struct scst_handler *h);

/**
 * struct scst_dev - one exported device (logical unit), embedded in the handler's own
 * @handler: handler
 * @block_shift: log2 of the logical block length
 * @dif_type: type of protection information, 1 to 3; 0: none, and then nothing of it is looked at. Fixed
 * @nblocks: capacity in logical blocks; READ_ONCE/WRITE_ONCE, changed only while quiesced
 * @read_only: writes get 7/27/00
 * @tst: task set type of the Control page: 0 one task set, 1 one per I_T nexus
 * @qerr: QErr of the Control page
 * @queue_alg: QUEUE ALGORITHM MODIFIER
 * @uses_order: an ORDERED command has come, or one with queue_alg 0: stays; READ_ONCE
 * @tas: TAS of the Control page
 * @d_sense: D_SENSE of the Control page
 * @swp: software write protect
 * @tmf_only: TMF_ONLY of the Control page
 * @ua_intlck: enum scsi_ua_intlck, of the Control page
 * @reserved: 0, or the kind of reservation there is (pr.c); READ_ONCE: all a command looks at while there is none
 * @rods: good ROD tokens of its blocks (rod.c); READ_ONCE, likewise
 * @rod_list: these
 * @pr: reservations (pr.c)
 * @users: one per executing command; killed at unregister
 * @gate: non-zero: commands of all nexuses park (quiesce, block); from SCST_GATE_ACA on an auto contingent allegiance (aca.c)
 * @epoch: goes up with each ordered command and each drain; others only read it
 * @ordered: ordered commands of a task set shared by all nexuses (TST 0) that are not DONE
 * @ordered_from: no such ordered command that is not DONE arrived before this epoch; check_work
 * @all_from: no command at all that is not DONE did; check_work
 * @waiters: non-zero: somebody wants to know when a command is DONE
 * @drains: struct scst_drain; drain_lock
 * @expl_alua: SET TARGET PORT GROUPS is taken; READ_ONCE
 * @dg: its device group, NULL: none; RCU, written under scst_config_mutex
 * @nexuses: every I_T_L nexus on it until nothing executes there; RCU list, changed under scst_config_mutex
 *
 * The mode values are single bytes written by the handler (MODE SELECT) and read with READ_ONCE.
 */
struct scst_dev {
	struct scst_handler *handler;
	char name[SCST_DEV_NAME_MAX + 1];
	u8 block_shift;
	u8 dif_type;
	u64 nblocks;
	bool read_only;
	u8 tst;
	u8 qerr;
	u8 queue_alg;
	bool uses_order;
	u8 tas;
	u8 d_sense;
	u8 swp;
	u8 tmf_only;
	u8 ua_intlck;
	u8 reserved;
	u8 rods;

	struct percpu_ref users;
	struct completion users_gone;
	struct percpu_counter mem_used;	/* bytes of data its commands hold (mem.c) */
	atomic_t gate;
	atomic_t waiters;
	atomic_t ordered;
	atomic64_t epoch;
	atomic64_t ordered_from;
	atomic64_t all_from;
	spinlock_t drain_lock;
	spinlock_t aca_lock;		/* who is faulted: nexus->aca and SCST_GATE_ACA in @gate */
	struct list_head drains;
	wait_queue_head_t drain_wait;	/* sleeping waiters */
	struct work_struct check_work;	/* looks after all of them */
	unsigned long check_queued;	/* bit 0: it is queued and holds a node reference */
	struct list_head nexuses;
	struct list_head untold;	/* initiators that still have to hear of lost data (ua.c); scst_config_mutex */
	unsigned int nr_untold;
	struct list_head rod_list;
	struct scst_pr *pr;
	struct scst_dg __rcu *dg;
	struct list_head dg_link;	/* dg->devs; scst_config_mutex */
	u8 expl_alua;
	bool dying;
	bool registered;
	int max_tgt_dev_commands;
	int numa_node_id;
	int threads_num;		/* kept and shown only */
	u8 threads_pool_type;		/* kept and shown only */
	u8 block_count;			/* nesting of the "block" attribute; scst_config_mutex */
	u32 block_seq;			/* number of the latest one; likewise */
	u32 block_done;			/* the same number: it has drained */
	void (*release)(void *dev);
	struct scst_node node;
	struct scst_node exported_node;
	unsigned int export_seq;
	struct list_head link;		/* all devices; scst_config_mutex */
	struct workqueue_struct *wq;	/* the handler's blocking work; may be shared */
};

/**
 * scst_dev_register() - publish a device: name, directory, the copy manager's LUN
 * @dev: zeroed, with @handler's fields block_shift, nblocks, read_only, mode values set
 * @h: handler
 * @name: checked here: length, '/', '.', duplicates over all handlers
 * @release: frees the memory around @dev
 *
 * Sets max_tgt_dev_commands, threads_num and numa_node_id to their defaults: a handler changes them afterwards.
 *
 * Return: 0, -EINVAL, -EEXIST, -ENOMEM, or what the directory for reservations says: -ENOENT when it is missing. After an error
 * the caller frees @dev itself.
 */
int scst_dev_register(struct scst_dev *dev, struct scst_handler *h, const char *name, void (*release)(void *dev));
/*
 * Removes every LUN of it (REPORTED LUNS DATA HAS CHANGED), waits for its executing commands, removes the directory, drops
 * the reference of scst_dev_register(). No exec() of the handler runs for it any more, but @release may come later: stop
 * and close the backing store before or in @release.
 */
void scst_dev_unregister(struct scst_dev *dev);
/* Finds a live device by name and takes a node reference; NULL when there is none. */
struct scst_dev *scst_dev_find(const char *name);

/* A directory under devices/ for what a handler could make a device of; -EEXIST when the name is taken. As scst_node_add(). */
int scst_node_add_to_devices(struct scst_node *n, const char *name);
/* The value of "type" of SCSI peripheral device type @type. */
int scst_type_show(u8 type, char *buf, size_t size);

/*
 * Every device here answers this vital product data page, which 00h does not list, with a header and a number that no other
 * machine has: INQUIRY tells whether a SCSI device of the host is one of our own.
 */
#define SCST_OWN_PAGE		0xdf
#define SCST_OWN_PAGE_LEN	20
bool scst_own_page_is_ours(const u8 *data, unsigned int len);

/*
 * Calls @fn for each command of the device that is not DONE, until it returns true, and tells whether it did. Under sess->lock,
 * with interrupts off: @fn is short and never sleeps. A command that begins meanwhile may be missed. Any context.
 */
bool scst_dev_any(struct scst_dev *dev, bool (*fn)(const struct scst_cmd *cmd, void *arg), void *arg);

/*
 * Parks new commands and waits until none executes; nests. -EBUSY after @timeout_ms (0 = wait for ever), then nothing has
 * changed. Process context, no lock that exec() takes.
 */
int scst_dev_quiesce(struct scst_dev *dev, unsigned int timeout_ms);
void scst_dev_resume(struct scst_dev *dev);
/*
 * Parks new commands and waits until none executes that reads the medium and does not write it; for a command that writes, whose
 * handler keeps it apart from others of its kind. Ends with scst_dev_resume(). Process context, may sleep.
 */
void scst_dev_stop_reads(struct scst_dev *dev);

/* What ROD tokens of the device stand for is no longer what it was: another medium, another size. Process context. */
void scst_dev_revoke_tokens(struct scst_dev *dev);

/* Queues a unit attention for every nexus of the device but @except (NULL: all). Any context. */
void scst_dev_ua(struct scst_dev *dev, scsi_sense_code code, const struct scst_nexus *except);
/* Takes one away because a command tells it; false: none was waiting. Any context. */
bool scst_nexus_ua_drop(struct scst_nexus *nexus, scsi_sense_code code);

/* True while a session other than the copy manager's has a LUN on it. */
bool scst_dev_exported(struct scst_dev *dev);

/**
 * struct scst_nexus - an I_T_L nexus: what one session sees behind one LUN
 * @ref: memory; commands from init to finish and the session's table hold one each
 * @dead: the LUN is gone: commands not yet executing get 5/25/00
 * @read_only: this LUN refuses writes
 * @aca: it is the faulted nexus of an auto contingent allegiance; dev->aca_lock, READ_ONCE
 * @aca_busy: a command with the ACA attribute is in the task set; sess->lock, READ_ONCE
 * @gate: ordered commands of its own task set (TST 1) that are not DONE: others look at the order; sess->lock
 * @alua_state: asymmetric access state of the port for this device, enum scsi_alua_state; written under scst_config_mutex
 * @tpg_id: its target port group, 0: none or without identifier; likewise
 * @uas: pending unit attentions, a bit each (ua.c); ua_lock, READ_ONCE
 * @nr_active: commands that count against max_tgt_dev_commands; sess->lock
 * @pr_role: its part in persistent reservations (pr.c), written and read under the seqlock there
 * @copies: what is known of its copies (copy.c)
 * @prevent: the handler's: PREVENT of PREVENT ALLOW MEDIUM REMOVAL; READ_ONCE
 * @dif_failed: checks of protection information that failed: by place (tgt, scst, dev) and kind (app, ref, guard)
 */
struct scst_nexus {
	refcount_t ref;
	struct scst_sess *sess;
	struct scst_dev *dev;		/* holds a node reference */
	u16 lun;
	bool dead;
	bool bequeathed;		/* the session's heir is told what happens to the device */
	bool read_only;
	bool prevent;
	bool aca;
	bool aca_busy;
	u8 pr_role;
	u8 alua_state;
	u16 tpg_id;
	unsigned int gate;
	unsigned int nr_active;
	struct list_head dev_link;	/* dev->nexuses */
	struct list_head gone_link;	/* list of the function that took it out */
	bool shown;			/* has its directory; scst_config_mutex */
	spinlock_t ua_lock;
	u32 uas;
	struct list_head copies;
	atomic_t dif_failed[3][3];
	struct scst_node node;		/* sessions/S/lunN */
	struct scst_drain drain;	/* async_lun_replace: the wait for the last command */
	u64 closed_at;			/* read-only since that epoch: older WRITEs may still execute; scst_config_mutex */
	u32 closed_by;			/* number of the change that waits for them, 0: none; scst_config_mutex */
	struct rcu_work free_work;	/* after the last reference and a grace period */
};

/* Most bytes of a file that are written last. */
#define SCST_FILE_HEAD_MAX	64

/**
 * scst_file_load() - read a small file as a whole
 * @path: absolute
 * @copy: read the copy of it that scst_file_save() may have left on a loss of power
 * @max: more bytes than that are not read: -EFBIG; of a block device so many at most
 * @data: the content, for kvfree()
 * @len: its length
 *
 * Process context, may sleep. Return: 0 or -errno; -ENXIO: a block device that is not there (on devtmpfs nothing else has a name).
 */
int scst_file_load(const char *path, bool copy, u32 max, void **data, u32 *len);

/**
 * scst_file_save() - replace the content of a small file, so that a loss of power at any moment leaves the old one or the new one
 * @path: absolute. PATH.1 exists only while this goes on. On a block device the copy stands in the second half, and either
 *	is written in place, one after the other: one of both is whole
 * @data: the content
 * @len: its length
 * @head: that many bytes, at most SCST_FILE_HEAD_MAX and @len, are written last and tell that the rest is there
 *
 * Process context, may sleep. Return: 0, the content is stable; or -errno, the file holds what it held before, or @data when the
 * last step failed: a caller that goes on with the old content saves that again. -ENXIO as scst_file_load(): nothing was written.
 */
int scst_file_save(const char *path, const void *data, u32 len, u32 head);

/**
 * scst_file_remove() - remove a file and its copy for good; on a block device clears both
 * @path: absolute; it need not exist
 *
 * Process context, may sleep. Return: 0 or -errno; -ENXIO: a block device that is not there may hold it still.
 */
int scst_file_remove(const char *path);

/**
 * scst_pr_text() - the persistent reservations of a device, as the text of pr_state
 * @dev: device; also one that scst_dev_unregister() has taken out, as long as a node reference keeps it
 * @text: the text, not NUL-terminated, for kvfree()
 * @len: its length, which no file of sysfs limits
 *
 * Process context, may sleep. Return: 0 or -ENOMEM.
 */
int scst_pr_text(struct scst_dev *dev, char **text, u32 *len);

/* setup_id of the root directory: part of the identities of devices created later. */
unsigned int scst_setup_id(void);
/* Copies the "cpu_mask" that applies to a session; false when all CPUs are allowed. Process context, may sleep. */
bool scst_sess_cpus(struct scst_sess *sess, struct cpumask *cpus);

#endif /* SCST_H */
