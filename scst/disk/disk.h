/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scst_disk.ko: SCSI disks of the host as devices.
 *
 * A struct disk_host stands for each disk of the host for as long as that is there. While no handler has taken it, its name
 * shows in devices/ as an empty place (struct disk_place); add_device makes a struct disk_dev of it. What takes long, and what
 * the host's SCSI code calls us for, happens in a workqueue under disk_host.lock, so that nobody there waits for our commands.
 */
#ifndef SCST_DISK_H
#define SCST_DISK_H

#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>

#include "scst.h"
#include "pure/answer.h"

#define KEY_RECOVERED	0x1	/* sense key: done, with some trouble */

struct disk_place;

/**
 * struct disk_host - a disk of the host
 * @sdev: its SCSI device; holds a reference on its memory
 * @ref: the list, each struct disk_dev and each lookup hold one
 * @lock: its place in the tree: what is shown, who has taken it
 * @place: shown while nobody has taken it; lock
 * @dev: device that a handler has made of it; lock
 * @offered: it may be taken: it is none of our own; lock
 * @gone: the host removes it; set under disk_hosts_lock, once; READ_ONCE
 * @meet: looks at it when it has come; shows it later when there was no memory; queued under lock once it may be shown
 * @leave: lets go of it; the list's reference is this one's
 * @link: list of all; disk_hosts_lock
 */
struct disk_host {
	struct scsi_device *sdev;
	struct kref ref;
	struct mutex lock;
	struct disk_place *place;
	struct disk_dev *dev;
	bool offered;
	bool gone;
	struct delayed_work meet;
	struct work_struct leave;
	struct list_head link;
};

/**
 * struct disk_dev - a disk of the host that initiators may see
 * @dev: device; its release frees all
 * @host: reference until then
 * @sdev: of the host; usable (scsi_device_get()) until no command is left
 * @refresh: reads capacity and Control page again
 * @prevented: PREVENT ALLOW MEDIUM REMOVAL has gone to the disk; READ_ONCE
 * @known: commands it says it supports, by enum scsi_op_id; not changed after creation
 */
struct disk_dev {
	struct scst_dev dev;
	struct disk_host *host;
	struct scsi_device *sdev;
	struct work_struct refresh;
	bool prevented;
	u8 known[SCSI_OP_ID_MAX];
};

static inline struct disk_dev *to_disk(struct scst_dev *dev)
{
	return container_of(dev, struct disk_dev, dev);
}

extern struct scst_handler disk_handler, disk_perf_handler;
extern struct workqueue_struct *disk_wq;

/* disk.c: both with host->lock held. */
int disk_bind(struct disk_host *host, struct scst_handler *h);
/* @lost: the host has no such disk any more. */
void disk_unbind(struct disk_host *host, bool lost);
/* Capacity and Control page; 0 or -errno. May sleep. */
int disk_learn(struct disk_dev *dd);

/* host.c */
int disk_hosts_init(void);
/* All disks are given back when it returns. */
void disk_hosts_exit(void);
/* With a reference, NULL: there is none. */
struct disk_host *disk_host_find(const char *name);
void disk_host_put(struct disk_host *host);
/* With host->lock held: takes the empty place out of the tree, puts it back. */
void disk_place_hide(struct disk_host *host);
void disk_place_show(struct disk_host *host);

/* dump.c: pr_dump_dir; the first one after the handler is registered, the second after that is not any more. */
int disk_dump_init(void);
void disk_dump_exit(void);
/* The device is unregistered, its disk gone: leaves its reservations in a file. May sleep. */
void disk_dump_pr(struct disk_dev *dd);

/* cmds.c */
bool disk_parse(struct scst_cmd *cmd);
bool disk_supports(struct scst_dev *dev, unsigned int op_id);
void disk_reset(struct scst_dev *dev);

/**
 * struct disk_result - how the disk has ended a request
 * @host: enum scsi_host_status
 * @status: enum scsi_status
 * @resid: bytes that did not move
 * @sense_len: bytes of @sense
 */
struct disk_result {
	u8 host;
	u8 status;
	u8 sense_len;
	u32 resid;
	u8 sense[SCSI_SENSE_BUFFERSIZE];
};

/* The last request has ended: answers the command. Any context. */
void disk_finish(struct scst_cmd *cmd, const struct disk_result *r);
/* Other nexuses hear of what the disk has reported to one. Any context. */
void disk_spread_ua(struct disk_dev *dd, scsi_sense_code code, const struct scst_nexus *except);
/* Key, ASC and ASCQ of sense data of either format; 0: they are none. */
scsi_sense_code disk_sense_code(const u8 *sense, unsigned int len);

/**
 * struct disk_io - what a command needs under way, in its scratch
 * @work: sends the next request
 * @cdb: of the request
 * @total: bytes that all requests together shall move
 * @pos: bytes that earlier requests have moved
 * @len: bytes of the request under way
 * @segments: an upper bound of its segments
 * @cdb_len: bytes of @cdb
 * @divisible: READ or WRITE, which several requests may do one after another
 * @mended: what an earlier request has said of an error that the disk has mended, or 0
 * @bio: of the request under way
 */
struct disk_io {
	struct work_struct work;
	u32 total;
	u32 pos;
	u32 len;
	u16 segments;
	u8 cdb_len;
	bool divisible;
	scsi_sense_code mended;
	u8 cdb[32];
	struct bio bio;
};

static inline struct disk_io *disk_io(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct disk_io) > sizeof(cmd->scratch));
	return (struct disk_io *)cmd->scratch.bytes;
}

/* io.c: sends a command whose disk_io has cdb, cdb_len, total and divisible; the data pages are there. Process context. */
void disk_start(struct scst_cmd *cmd);
/* Asks the disk itself and waits. Bytes read, or -errno; -EAGAIN after a unit attention. @buf from kmalloc(). */
int disk_ask(struct disk_dev *dd, const u8 *cdb, void *buf, unsigned int len);
int disk_ask_sdev(struct scsi_device *sdev, const u8 *cdb, void *buf, unsigned int len, scsi_sense_code *ua);

#endif /* SCST_DISK_H */
