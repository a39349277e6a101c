/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of scst_vdisk.ko share: the device, its backing store's operations, and the room a command has.
 *
 * Locks, outermost first: vd->lock (open, close, size; held while the device is quiesced, so no command takes it) ->
 * vd->mode_lock (mode values, cache mode) -> vd->id_lock (strings; short). vdisk_mutex guards the list of devices alone.
 */
#ifndef SCST_VDISK_H
#define SCST_VDISK_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>

#include "scst.h"
#include "scst_compat.h"
#include "pure/dif.h"
#include "pure/inquiry.h"
#include "pure/mode.h"

#define VDISK_QUIESCE_MS	90000
#define VDISK_MAX_UNMAP		(256U << 20)	/* bytes one UNMAP may cover */
#define VDISK_MAX_SAME		(16U << 20)	/* and one WRITE SAME, which may have to write all of them */
#define VDISK_TAG_DIR		"/var/lib/scst/dif_tags"
#define VDISK_DATA_BUFFER	65536U		/* bytes WRITE BUFFER keeps for READ BUFFER */
#define VDISK_ECHO_BUFFER	4096U
#define VDISK_NULLIO_SIZE	2748779069440ULL
#define VDISK_OPT_TRANS_LEN	524288
#define VDISK_PHYS_BLOCK	4096		/* what fileio tells as its physical block */

struct vdisk_dev;

/**
 * struct vdisk_ops - what one kind of backing store can do
 * @t10_vendor: default T10 vendor identification
 * @open: opens the store; sets up all that stands under "while open" in struct vdisk_dev
 * @close: undoes @open; no command runs
 * @get_size: bytes of the open store
 * @read: READ, completes the command itself
 * @write: WRITE, completes the command itself
 * @sync: SYNCHRONIZE CACHE without IMMED, completes the command itself
 * @rw: moves @len bytes at byte @pos; sleeps
 * @rw_tagged: the same with eight bytes of protection information for each block in @tags, for a device with pi.in_blocks;
 *	@check: the store may check them as well. @tags may be changed; -EILSEQ: the store found that they do not fit
 * @write_atomic: writes @len bytes at byte @pos, all of them or none, even on a loss of power; *@stable: they are to be stable
 *	before it returns; set to false: a flush has to follow. NULL: cannot be done; sleeps
 * @flush: makes the range and all that is needed to find it stable; @len 0 = to the end; sleeps
 * @forget: drops clean cached copies of the range, so that the medium is read next; may be NULL
 * @read_ahead: begins to read the range ahead; NULL: there is no cache to read into; sleeps
 * @unmap: gives the range back; sleeps
 * @zero: fills the range with zeroes, @unmap: and may give it back; sleeps. -EOPNOTSUPP: zeroes have to be written
 * @extent: is the block at @pos mapped, and up to which byte is that so; NULL: everything is
 */
struct vdisk_ops {
	const char *t10_vendor;

	int (*open)(struct vdisk_dev *vd);
	void (*close)(struct vdisk_dev *vd);
	int (*get_size)(struct vdisk_dev *vd, u64 *bytes);
	void (*read)(struct scst_cmd *cmd);
	void (*write)(struct scst_cmd *cmd);
	void (*sync)(struct scst_cmd *cmd);
	int (*rw)(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len);
	int (*rw_tagged)(struct vdisk_dev *vd, bool write, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len,
			 struct page *tags, bool check);
	int (*write_atomic)(struct vdisk_dev *vd, struct bio_vec *bv, unsigned int nr, u64 pos, u32 len, bool *stable);
	int (*flush)(struct vdisk_dev *vd, u64 pos, u64 len);
	void (*forget)(struct vdisk_dev *vd, u64 pos, u64 len);
	int (*read_ahead)(struct vdisk_dev *vd, u64 pos, u64 len);
	int (*unmap)(struct vdisk_dev *vd, u64 pos, u64 len);
	int (*zero)(struct vdisk_dev *vd, u64 pos, u64 len, bool unmap);
	int (*extent)(struct vdisk_dev *vd, u64 pos, u64 *end, bool *mapped);
};

extern const struct vdisk_ops vdisk_fileio_ops, vdisk_blockio_ops, vdisk_nullio_ops;

/* Why commands cannot reach the medium; bits of vdisk_dev.state. */
enum {
	VDISK_CLOSED,		/* active=0, or no medium in a CD-ROM drive: changes only while quiesced */
	VDISK_EJECTED,		/* START STOP UNIT, LOEJ=1 START=0; set whenever there is no medium in a CD-ROM drive */
	VDISK_STOPPED,		/* START STOP UNIT, START=0 */
	VDISK_FORMATTING,	/* FORMAT UNIT goes on */
	VDISK_SANITIZING,	/* SANITIZE goes on */
	VDISK_SANITIZE_FAILED,	/* the latest one failed */
};

#define VDISK_ERASE_STATES	(BIT(VDISK_FORMATTING) | BIT(VDISK_SANITIZING) | BIT(VDISK_SANITIZE_FAILED))

/* What vdisk_io_end() restores. */
struct vdisk_io_context {
	unsigned long task_flags;
	unsigned int noio;
};

enum vdisk_life {
	VDISK_NEW,
	VDISK_LIVE,
	VDISK_DYING,
};

/* Identification strings an administrator may set; index of vdisk_strings[]. */
enum vdisk_string_id {
	VDISK_STR_T10_VEND_ID,
	VDISK_STR_VEND_SPECIFIC_ID,
	VDISK_STR_PROD_ID,
	VDISK_STR_PROD_REV_LVL,
	VDISK_STR_SCSI_DEVICE_NAME,
	VDISK_STR_T10_DEV_ID,
	VDISK_STR_USN,
	VDISK_STR_INQ_VEND_SPECIFIC,
	VDISK_STR_MAX
};

/**
 * struct vdisk_caw - keeps COMPARE AND WRITE, ORWRITE and WRITE ATOMIC apart from other writes of the same blocks (caw.c)
 * @left: for who waits until writes have ended
 * @active: a range is published: @lba, @blocks; @lock, READ_ONCE
 * @parked: writes that wait for it; @lock
 * @queue: these commands in order of arrival; @lock
 * @work: executes them one by one
 */
struct vdisk_caw {
	wait_queue_head_t left;
	spinlock_t lock;
	bool active;
	u64 lba;
	u32 blocks;
	struct list_head parked;
	struct list_head queue;
	struct work_struct work;
};

/**
 * struct vdisk_errors - which failed writebacks of the store's files were known to the kernel at some moment (errseq_t)
 * @data: of the store's file
 * @tags: of the tag file
 * @flushes: vdisk_dev.failed_flushes; what the disk's own cache loses is in no errseq_t
 *
 * The kernel reports each failure to one flush of an open file, and a device has all its commands on one: so a flush may find
 * nothing because another has just been told. What it asks with this is its own, whoever has been told.
 */
struct vdisk_errors {
	errseq_t data;
	errseq_t tags;
	int flushes;
};

/**
 * struct vdisk_pattern - source of an overwrite; owned with struct vdisk_erase (sanitize.c)
 * @page: full of it
 * @tags: protection information that goes along, where blocks hold it
 * @bv: names @page over and over; NULL: nothing is overwritten
 */
struct vdisk_pattern {
	struct page *page;
	struct page *tags;
	struct bio_vec *bv;
};

/**
 * struct vdisk_erase - FORMAT UNIT or SANITIZE under way (sanitize.c)
 * @owned: bit 0: one goes on; the rest belongs to whoever set it, from the command to the end of @work
 * @work: goes over the medium
 * @cmd: is answered at the end, with @immed when it begins; NULL: it was, or it was aborted
 * @before: writebacks that had failed when it began
 * @pattern: what an overwrite writes
 * @how: enum scsi_op_id
 * @passes: how often it is overwritten
 * @rounds: of how many ways over the medium @progress tells: over a tag file, to overwrite it, to give it back
 * @round: how many of them are done
 * @invert: each time with the complement of the time before
 * @ause: AUSE, of the one that goes on
 * @immed: IMMED
 * @may_exit: AUSE of the latest SANITIZE that began: EXIT FAILURE MODE ends the state of failure
 * @stop: the device is being deleted
 * @progress: of 65536
 */
struct vdisk_erase {
	unsigned long owned;
	struct work_struct work;
	struct scst_cmd *cmd;
	struct vdisk_errors before;
	struct vdisk_pattern pattern;
	u8 how;
	u8 passes;
	u8 rounds;
	u8 round;
	bool invert;
	bool ause;
	bool immed;
	bool may_exit;
	bool stop;	/* for good: the device is being deleted */
	bool cut;	/* until the store is opened: its ports gave it up; written under vdisk_dev.lock */
	u16 progress;
};

struct vdisk_intent;

/**
 * struct vdisk_pi - protection information of a device; while dev.dif_type is 0 nothing of it is used
 * @conf: as chosen at creation; its static_tag and dpicz may be written, READ_ONCE
 * @filename: the tag file, if there is to be one; NULL: tags are not stored
 * @own_file: it was chosen, not made up from the device's name
 * @in_blocks: while open: the block device keeps tags with the data, and there is no tag file
 * @lock: data and tags of a block change together; not needed with @in_blocks
 * @file: the tag file, while open
 * @intent: which parts of it are being written (tagfile.c), while open for writing
 */
struct vdisk_pi {
	struct scsi_dif_conf conf;
	char *filename;
	bool own_file;
	bool in_blocks;
	struct rw_semaphore lock;
	struct file *file;
	struct vdisk_intent *intent;
};

/**
 * struct vdisk_stats - counters of one CPU for log page 19h; index 0 READ, 1 WRITE
 * @cmds: commands
 * @blocks: logical blocks they moved
 */
struct vdisk_stats {
	u64 cmds[2];
	u64 blocks[2];
};

/**
 * struct vdisk_dev - a virtual disk; freed by the release of @dev
 * @name: as given to add_device; @dev's own copy is made at registration
 * @link: in the list of devices; vdisk_mutex
 * @life: being made, registered, being deleted; vdisk_mutex
 * @lock: open, close, size, filename
 * @id_lock: @filename, @str, @eui64, @naa and what was written of them; @stats_base, @buffer, @echo_len
 *
 * Fixed at creation: @ops, @type, @removable, @rotational, @nv_cache, @o_direct, @dummy, @thin_wish (-1: not given).
 *
 * @read_by_reference: READ may hand out pages of the page cache; off: what is sent is a copy that no later write changes
 * @write_through: a write must be stable before GOOD. Set before the flush that turns the cache off, so a write that
 *	completes while the flush runs sees it: see vdisk_write_unstable()
 * @admin_write_through: as created; a reset restores it, unless an initiator has saved that the cache be off
 * @state: set of VDISK_CLOSED ...; 0 = ready
 * @failed_flushes: how many were told of a loss
 * @stats_base: what LOG SELECT set to zero of @stats
 * @buffer: of WRITE BUFFER, NULL until the first; the last @echo_len bytes written to its echo part
 * @medium: changes with each medium put into a CD-ROM drive; only while quiesced
 * @flush_work: SYNCHRONIZE CACHE with IMMED; done before the store is closed
 *
 * @share_lock: read while another device takes blocks of @file, written while that is closed
 * @share_sb: file system on which files may share blocks with @file, NULL: none; compared only, READ_ONCE
 *
 * While open: @file and @bdev, @thin, @memory_only (nothing survives a restart anyway: flushes are void and I/O never waits
 * for a device), @cached (READ looks pages up itself), @nowait_read, @nowait_write, @punch_end (no hole is punched beyond that
 * byte), limits; @max_atomic: 0 without WRITE ATOMIC.
 */
struct vdisk_dev {
	struct scst_dev dev;
	const struct vdisk_ops *ops;
	char name[SCST_DEV_NAME_MAX + 1];
	struct list_head link;
	enum vdisk_life life;

	struct mutex lock;
	struct mutex mode_lock;
	struct mutex id_lock;
	char *filename;
	u64 size_wish;			/* bytes; 0 = the store's */
	bool size_forced;

	u8 type;			/* SCSI_TYPE_DISK or SCSI_TYPE_ROM */
	u8 removable;
	u8 rotational;
	u8 nv_cache;
	u8 o_direct;
	u8 async;
	u8 dummy;
	u8 read_zero;
	u8 read_by_reference;
	u8 lb_per_pb_exp;
	u8 tst;
	u8 create_active;
	u8 create_read_only;
	s8 thin_wish;
	int numa_wish;

	u8 bind_alua_state;		/* the store is open only while the ports of this machine give access */
	u8 write_through;
	u8 admin_write_through;
	unsigned long state;
	atomic_t failed_flushes;
	unsigned long medium;
	struct work_struct flush_work;
	struct vdisk_caw caw;
	struct vdisk_erase erase;
	struct vdisk_pi pi;
	struct vdisk_stats __percpu *stats;
	struct vdisk_stats stats_base;
	u8 *buffer;
	u32 echo_len;
	struct scsi_mode_state mode;

	char str[VDISK_STR_MAX][VDISK_DEVICE_NAME_LEN + 1];
	unsigned int str_written;	/* BIT(enum vdisk_string_id) */
	u8 eui64[VDISK_BINARY_ID_LEN];
	u8 eui64_len;
	u8 naa[VDISK_BINARY_ID_LEN];
	u8 naa_len;
	u32 opt_trans_len;
	bool opt_trans_len_written;

	struct rw_semaphore share_lock;
	const struct super_block *share_sb;
	struct file *file;
	struct scst_bdev bdev;
	bool no_flush;			/* blockio: the device cannot flush */
	u8 thin;
	bool memory_only;
	bool cached;
	bool nowait_read;
	bool nowait_write;
	u64 punch_end;
	u32 phys_block;
	u16 lowest_aligned;
	u32 max_atomic;			/* blocks, as the two below */
	u32 atomic_alignment;
	u32 atomic_granularity;
	u32 max_unmap_blocks;
	u32 unmap_granularity;
	u32 unmap_alignment;
	bool unmap_alignment_valid;
};

static inline struct vdisk_dev *to_vdisk(struct scst_dev *dev)
{
	return container_of(dev, struct vdisk_dev, dev);
}

/* Such a device's blocks may only be changed together with their tags: by integrity.c. Nobody else may touch its store. */
static inline bool vdisk_has_pi(const struct vdisk_dev *vd)
{
	return vd->dev.dif_type;
}

static inline struct vdisk_dev *cmd_vdisk(const struct scst_cmd *cmd)
{
	return to_vdisk(cmd->dev);
}

/**
 * struct vdisk_io - the handler's part of a command; lies in scst_cmd.scratch
 * @work: runs @fn in the device's workqueue
 * @fn: may sleep; the command is completed after it
 * @len: bytes to move
 * @done: bytes already moved
 * @stable: the write itself reaches stable storage
 * @link: in vdisk_caw.parked or .queue
 * @before: writebacks that had failed when it began; not of one that reads
 * @holds: direct I/O: who may still look at @iocb, the file system that submits and the one that completes
 * @write: direct I/O: it is a WRITE
 * @result: direct I/O: bytes moved, or -errno
 */
struct vdisk_io {
	struct work_struct work;
	void (*fn)(struct scst_cmd *cmd);
	u32 len;
	u32 done;
	bool stable;
	struct list_head link;
	struct vdisk_errors before;
	union {
		struct {
			struct kiocb iocb;
			atomic_t holds;
			bool write;
			long result;
		};
		struct bio bio;
	};
};

static inline struct vdisk_io *vdisk_io(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct vdisk_io) > sizeof(cmd->scratch));
	return (struct vdisk_io *)cmd->scratch.bytes;
}

static inline struct scst_cmd *vdisk_io_cmd(struct vdisk_io *io)
{
	return container_of((u8 *)io, struct scst_cmd, scratch.bytes[0]);
}

/* What opens the device for itself alone leaves it to other machines while they have the access. */
static inline u8 vdisk_bind_alua_default(const struct vdisk_dev *vd)
{
	return vd->ops == &vdisk_blockio_ops;
}

static inline bool vdisk_is_rom(const struct vdisk_dev *vd)
{
	return vd->type == SCSI_TYPE_ROM;
}

static inline u32 vdisk_block_size(const struct vdisk_dev *vd)
{
	return 1U << vd->dev.block_shift;
}

static inline u64 vdisk_cmd_pos(const struct scst_cmd *cmd)
{
	return cmd->info.lba << cmd->dev->block_shift;
}

/* Only whole blocks are written when the initiator sends less than the CDB names. */
static inline u32 vdisk_write_len(const struct scst_cmd *cmd)
{
	return cmd->data_len & ~(vdisk_block_size(cmd_vdisk(cmd)) - 1);
}

/* Most bytes of data one command may move; its tags take their part of SCST_MAX_XFER. */
static inline u32 vdisk_max_xfer(const struct vdisk_dev *vd)
{
	u32 bs = vdisk_block_size(vd);

	return vdisk_has_pi(vd) ? SCST_MAX_XFER / (bs + SCSI_DIF_LEN) * bs : SCST_MAX_XFER;
}

/* Before anything is changed that a flush is to make stable. Loads from what a write needs anyway. */
static inline void vdisk_note_errors(const struct vdisk_dev *vd, struct vdisk_errors *e)
{
	e->flushes = atomic_read(&vd->failed_flushes);
	if (vd->file)
		e->data = filemap_sample_wb_err(vd->file->f_mapping);
	if (unlikely(vd->pi.file))
		e->tags = filemap_sample_wb_err(vd->pi.file->f_mapping);
}

/* True while every write has to be stable before it is answered. */
static inline bool vdisk_durable(const struct vdisk_dev *vd)
{
	return READ_ONCE(vd->write_through) && !vd->nv_cache;
}

/* True when this command's writes have to be stable before it is answered. */
static inline bool vdisk_cmd_durable(const struct vdisk_dev *vd, const struct scst_cmd *cmd)
{
	return vdisk_durable(vd) || (cmd->info.fua && !vd->nv_cache);
}

/*
 * Asked after a write is in the store's cache: true when the cache was turned off meanwhile and the flush that went with it
 * may have missed this write.
 */
static inline bool vdisk_write_unstable(const struct vdisk_dev *vd, const struct vdisk_io *io)
{
	smp_mb(); /* the data first, then the mode; pairs with vdisk_set_write_through() */
	return !io->stable && vdisk_durable(vd);
}

/* vdisk.c: the list of devices, creation and removal */
int vdisk_add_device(struct scst_handler *h, const char *name, char *params);
void vdisk_del_device(struct scst_dev *dev);

/* params.c: parameters of add_device */
int vdisk_parse_params(struct vdisk_dev *vd, char *params);

/* state.c: changes of a living device */
int vdisk_open(struct vdisk_dev *vd);
/* Returns what a last flush said. */
int vdisk_close(struct vdisk_dev *vd);
int vdisk_set_active(struct vdisk_dev *vd, bool active);
/* Ends with scst_dev_resume(). */
int vdisk_quiesce_for_change(struct vdisk_dev *vd);
int vdisk_set_filename(struct vdisk_dev *vd, const char *path);
int vdisk_set_size(struct vdisk_dev *vd, u64 bytes);
int vdisk_resync_size(struct vdisk_dev *vd);
int vdisk_set_write_through(struct vdisk_dev *vd, bool on);
void vdisk_enforce_write_through(struct vdisk_dev *vd, bool on);
int vdisk_sync_all(struct vdisk_dev *vd);
/* @asker: the command that needs it; all that it changed, it changed after vdisk_run(). NULL: somebody else. */
int vdisk_flush(struct vdisk_dev *vd, u64 pos, u64 len, struct scst_cmd *asker);
/* After a flush that found nothing: has another one since @e been told of a failure? 0 or -errno. */
int vdisk_errors_since(const struct vdisk_dev *vd, const struct vdisk_errors *e);
bool vdisk_only_flushes(const struct scst_cmd *cmd);
void vdisk_lost_writes(struct vdisk_dev *vd, struct scst_cmd *asker, int err);
struct vdisk_io_context vdisk_io_begin(void);
void vdisk_io_end(struct vdisk_io_context c);
void vdisk_flush_work(struct work_struct *work);
void vdisk_publish_mode(struct vdisk_dev *vd);
void vdisk_reset(struct scst_dev *dev);
int vdisk_port_state(struct scst_dev *dev, bool usable);

/* attrs.c: files of a device */
void vdisk_set_attrs(struct scst_handler *h, const struct vdisk_ops *ops);
void vdisk_set_cdrom_attrs(struct scst_handler *h);
bool vdisk_text_ok(const char *text, unsigned int max);

/* cmds.c: the table of commands */
/* A command that writes the medium, but those that keep themselves apart from all others. */
bool vdisk_is_writer(const struct scst_cmd *cmd);
bool vdisk_parse(struct scst_cmd *cmd);
bool vdisk_supports(struct scst_dev *dev, unsigned int op_id);
unsigned int vdisk_designators(struct scst_dev *dev, u8 *buf, unsigned int size);
/* Executes a command that may run; it may be parked by a COMPARE AND WRITE. Process context. */
void vdisk_run(struct scst_cmd *cmd);
/* Completes a command that vdisk_run() let through. Any context. */
void vdisk_done(struct scst_cmd *cmd);
/* Runs @fn in the device's workqueue, then completes the command. Any context. */
void vdisk_defer(struct scst_cmd *cmd, void (*fn)(struct scst_cmd *cmd));
/* Worker function: makes the command's range stable. */
void vdisk_flush_cmd(struct scst_cmd *cmd);
/* For log page 19h. */
void vdisk_count(struct scst_cmd *cmd, bool write);
/* Does any nexus hold PREVENT? */
bool vdisk_removal_prevented(struct vdisk_dev *vd);
/* Backing store error of a command that changes or flushes the medium. */
void vdisk_fail_write(struct scst_cmd *cmd, int err);

/* fileio.c: the two halves of opening: a file that could be the store, or ERR_PTR(); then it is the store */
struct file *vdisk_open_file(struct vdisk_dev *vd, const char *path);
void vdisk_use_file(struct vdisk_dev *vd, struct file *file);

/* cdrom.c */
/* What a device of this type is before its parameters are read. */
void vdisk_make_rom(struct vdisk_dev *vd);
/* Puts the medium @path in, in place of the one that may be there; "" takes it out. */
int vdisk_change_medium(struct vdisk_dev *vd, const char *path);
/* When a command comes: the medium it speaks of. When it executes: false after scst_cmd_fail(), when that is gone. */
void vdisk_note_medium(struct vdisk_dev *vd, struct scst_cmd *cmd);
bool vdisk_knows_medium(struct vdisk_dev *vd, struct scst_cmd *cmd);
void vdisk_read_toc(struct scst_cmd *cmd);

/* caw.c */
void vdisk_caw_init(struct vdisk_dev *vd);
/* These complete the command themselves. */
void vdisk_caw(struct scst_cmd *cmd);
void vdisk_orwrite(struct scst_cmd *cmd);
void vdisk_write_atomic(struct scst_cmd *cmd);
/* Before and after every other command that writes. False: it was parked, and is run again later. */
bool vdisk_write_enter(struct vdisk_dev *vd, struct scst_cmd *cmd);
void vdisk_write_leave(struct vdisk_dev *vd, struct scst_cmd *cmd);
/* Waits (sleeps) until all that write have ended, but those that keep themselves apart; none may begin any more. */
void vdisk_writes_drain(struct vdisk_dev *vd);

/* share.c: a WRITE with cmd->share; runs in the device's workqueue */
bool vdisk_may_share(struct scst_dev *dst, struct scst_dev *src);
void vdisk_share(struct scst_cmd *cmd);

/* integrity.c, pi_cmds.c: commands on devices with protection information */
/* False: it is one like on any other device. */
bool vdisk_pi_run(struct scst_cmd *cmd);
/* These run in a worker, and do not complete the command. */
void vdisk_pi_caw(struct scst_cmd *cmd);
void vdisk_pi_orwrite(struct scst_cmd *cmd);
void vdisk_pi_write_same(struct scst_cmd *cmd, u64 blocks, bool unmap, bool ndob);

/* tagfile.c: 0 or -errno; all sleep */
bool vdisk_pi_stored(const struct vdisk_dev *vd);
/* No command runs; nblocks is set. */
int vdisk_tags_open(struct vdisk_dev *vd);
/* @clean: everything written is stable. */
void vdisk_tags_close(struct vdisk_dev *vd, bool clean);
int vdisk_tags_resize(struct vdisk_dev *vd, u64 from, u64 nblocks);
/* Under vd->pi.lock. */
int vdisk_tags_load(struct vdisk_dev *vd, u64 lba, u32 n, u8 *tags);
int vdisk_tags_store(struct vdisk_dev *vd, u64 lba, u32 n, const u8 *tags);
/* Comes before any change of data whose tags change along. */
int vdisk_tags_mark(struct vdisk_dev *vd, u64 lba, u64 nblocks);
/* vdisk_ops.unmap, or vdisk_ops.zero with @unmap; tags of the range speak of nothing afterwards. */
int vdisk_pi_unmap(struct vdisk_dev *vd, u64 pos, u64 len, bool zero);
/*
 * Before the medium is erased, with a tag file: tags of a range speak of nothing any more. The data have to stay as they are
 * until that is stable for all tags: so says the other one, of what has happened since @before.
 */
int vdisk_pi_forget(struct vdisk_dev *vd, u64 lba, u64 nblocks);
int vdisk_pi_forgotten(struct vdisk_dev *vd, const struct vdisk_errors *before);
/* vdisk_ops.flush, and the tag file. */
int vdisk_store_flush(struct vdisk_dev *vd, u64 pos, u64 len);

/* verify.c and space.c: run in the device's workqueue */
void vdisk_verify(struct scst_cmd *cmd);
void vdisk_write_verify(struct scst_cmd *cmd);
/* Everything of the command's range goes to the medium, so that the medium is what is read next; false: failed. */
bool vdisk_settle_range(struct vdisk_dev *vd, struct scst_cmd *cmd, u64 len);
/* Compares the command's range with the first @len bytes of its buffer; false: they differ or the command failed. */
bool vdisk_compare(struct vdisk_dev *vd, struct scst_cmd *cmd, u32 len);
/* Ors the medium's bytes into the first @len bytes of the command's buffer; false: failed. */
bool vdisk_or_medium(struct vdisk_dev *vd, struct scst_cmd *cmd, u32 len);
void vdisk_prefetch(struct scst_cmd *cmd);
void vdisk_unmap(struct scst_cmd *cmd);
/* Does a list of UNMAP name one of these blocks, or so many that nobody looks? Any context. */
bool vdisk_unmap_meets(const struct scst_cmd *cmd, u64 lba, u32 blocks);
void vdisk_write_same(struct scst_cmd *cmd);
void vdisk_get_lba_status(struct scst_cmd *cmd);

/* sanitize.c */
bool vdisk_erasing(const struct vdisk_dev *vd);
/* While one of VDISK_ERASE_STATES is set: false after scst_cmd_fail(), when the command may not run. */
bool vdisk_erase_admits(struct vdisk_dev *vd, struct scst_cmd *cmd);
void vdisk_erase_work(struct work_struct *work);
void vdisk_erase_stop(struct vdisk_dev *vd);
void vdisk_request_sense(struct scst_cmd *cmd);
void vdisk_sanitize_exit(struct scst_cmd *cmd);
/* These complete the command themselves. */
void vdisk_format(struct scst_cmd *cmd);
void vdisk_sanitize(struct scst_cmd *cmd);

/* diag.c */
void vdisk_log_sense(struct scst_cmd *cmd);
void vdisk_log_select(struct scst_cmd *cmd);
void vdisk_send_diagnostic(struct scst_cmd *cmd);
void vdisk_receive_diagnostic(struct scst_cmd *cmd);
void vdisk_write_buffer(struct scst_cmd *cmd);
void vdisk_read_buffer(struct scst_cmd *cmd);
void vdisk_read_defect_data(struct scst_cmd *cmd);
void vdisk_report_identifying_info(struct scst_cmd *cmd);

/* modesel.c: MODE SENSE and SELECT */
void vdisk_mode_sense(struct scst_cmd *cmd);
void vdisk_mode_select(struct scst_cmd *cmd);

/*
 * mode_file.c: saved mode pages. Load: saved values become current; no file is no error. Save: the file holds st->saved, or what
 * it held before; mode_lock is held. Both sleep; 0 or -errno.
 */
void vdisk_mode_file_init(void);
int vdisk_mode_load(struct vdisk_dev *vd);
int vdisk_mode_save(struct vdisk_dev *vd, const struct scsi_mode_state *st);
/*
 * The same file of a SANITIZE. Load: when there is one, of the store @filename, the device is as after a SANITIZE that failed, else
 * as after none; for a device that is closed. Mark: it is stable before the medium is changed; on failure the file is as it was.
 * Unmark: on failure it may be found again. All sleep; 0 or -errno.
 */
int vdisk_sanitize_load(struct vdisk_dev *vd, const char *filename);
int vdisk_sanitize_mark(struct vdisk_dev *vd, const char *operation, bool may_exit);
int vdisk_sanitize_unmark(struct vdisk_dev *vd);

#endif /* SCST_VDISK_H */
