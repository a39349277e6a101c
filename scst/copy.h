/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the copy manager share: copy.c (its place in the tree, what it tells), copy_job.c (its work), copy_list.c
 * (EXTENDED COPY), odx.c (POPULATE TOKEN, WRITE USING TOKEN) and rod.c (the tokens there are).
 */
#ifndef SCST_COPY_H
#define SCST_COPY_H

#include "scst_priv.h"
#include "pure/rod.h"
#include "pure/xcopy.h"

struct copy_job;
struct scst_rod;

/* Guards the records of all nexuses, and what tells a job that its command is back. Irq-safe, innermost. */
extern spinlock_t copy_lock;

/**
 * struct copy_record - what RECEIVE COPY RESULTS tells of a copy; belongs to the nexus it came through
 * @link: nexus->copies; copy_lock
 * @id: LIST IDENTIFIER
 * @lid4: it is one of four bytes, of another command than EXTENDED COPY(LID1)
 * @forget: is gone as soon as the copy ends
 * @job: while it goes on; copy_lock
 * @rod: the token that was made, reference; NULL: none. Set before the job ends
 * @result: EXTENDED COPY(LID1); copy_lock
 * @report: @lid4; copy_lock
 */
struct copy_record {
	struct list_head link;
	u32 id;
	bool lid4;
	bool forget;
	struct copy_job *job;
	struct scst_rod *rod;
	union {
		struct scsi_copy_result result;
		struct scsi_rod_report report;
	};
};

/* ---- copy_job.c */

#define COPY_PIECE	(1U << 20)	/* bytes in memory at once, for each copy */
#define COPY_LONG_PIECE	(8U << 20)	/* bytes of zeroes one command writes, or that take no memory */

enum { FROM_SRC, TO_DST };	/* the two commands of a piece */

/**
 * struct copy_end - a source or destination, once it has been found
 * @cm: the copy manager's nexus on it; reference
 * @ini: the initiator's; reference. NULL: it has none, or needs none
 */
struct copy_end {
	struct scst_nexus *cm;
	struct scst_nexus *ini;
};

/**
 * struct copy_io - one command of a piece
 * @cmd: through the copy manager's session
 * @job: whose it is
 * @ini: nexus of the initiator it is for, or NULL
 * @cdb: its CDB
 * @used: @cmd has to be finished
 */
struct copy_io {
	struct scst_cmd cmd;
	struct copy_job *job;
	const struct scst_nexus *ini;
	u8 cdb[16];
	bool used;
};

/**
 * struct copy_kind - what one kind of job does between the commands
 * @size: bytes of the struct that begins with struct copy_job
 * @go: starts the next command, scst_copy_start() or scst_copy_look_again(); false: nothing is left to do, or it failed
 * @may_use: asked when a command is on its way, just before it executes; false: failed. NULL: always
 * @fail: the job fails with this code
 * @fail_end: because an end answered with this status and sense code
 * @moved: the piece is done, or the probe
 * @end: the job ends, its status stands: gives back what it has; takes part in what the record tells. Before the command ends
 */
struct copy_kind {
	size_t size;
	bool (*go)(struct copy_job *job);
	bool (*may_use)(struct copy_job *job, bool write);
	void (*fail)(struct copy_job *job, scsi_sense_code code);
	void (*fail_end)(struct copy_job *job, bool dst, u8 status, scsi_sense_code code);
	void (*moved)(struct copy_job *job);
	void (*end)(struct copy_job *job);
};

/**
 * struct copy_job - a command that copies, from exec() to its end; belongs to its work
 * @work: moves it on
 * @kind: what it is
 * @cmd: the command, EXECUTING; NULL: it has been answered, the job goes on in the background
 * @nexus: it came through; reference
 * @record: what is told of it; NULL: nothing
 * @link: among those in the background, until it writes no more; copy_lock
 * @epoch: in the background: in which the command arrived
 * @running: its work may run, which may end it at any moment; copy_lock
 * @stop: it is to end; copy_lock, READ_ONCE
 * @status: enum scsi_status, as it will be told
 * @sense: with CHECK CONDITION
 * @src: where the piece under way is read; NULL: zeroes
 * @dst: where it is written
 * @src_lba: first block of either
 * @dst_lba: likewise
 * @len: bytes of the piece under way
 * @share: of the WRITE under way
 * @no_share: shared blocks did not work out: they are read and written
 * @phase: what is under way
 * @retries: of the command under way
 * @io_back: none is; copy_lock
 * @io: READ and WRITE
 */
struct copy_job {
	struct delayed_work work;
	const struct copy_kind *kind;
	struct scst_cmd *cmd;
	struct scst_nexus *nexus;
	struct copy_record *record;
	struct list_head link;
	u64 epoch;
	bool running;
	bool stop;
	u8 status;
	struct scsi_sense sense;
	struct copy_end *src;
	struct copy_end *dst;
	u64 src_lba;
	u64 dst_lba;
	u32 len;
	struct scst_share share;
	bool no_share;
	u8 phase;
	unsigned int retries;
	bool io_back;
	struct copy_io io[2];
};

int scst_copy_job_init(void);
void scst_copy_job_exit(void);
/* NULL: the command's status tells why. To be run or dropped. */
struct copy_job *scst_copy_job_new(struct scst_cmd *cmd, const struct copy_kind *kind);
void scst_copy_job_drop(struct copy_job *job);
/* The command goes on beside the others, or @background: is answered now. */
void scst_copy_job_run(struct copy_job *job, bool background);
static inline bool scst_copy_job_stopped(const struct copy_job *job)
{
	return READ_ONCE(job->stop) || (job->cmd && scst_cmd_aborted(job->cmd));
}

/* For kind->go(): the piece that the job's fields name; TEST UNIT READY to job->dst; or kind->go() again in a moment. */
bool scst_copy_start(struct copy_job *job);
/* The most bytes a piece may have, once its ends are known. */
u32 scst_copy_piece_max(const struct copy_job *job);
bool scst_copy_probe(struct copy_job *job);
bool scst_copy_look_again(struct copy_job *job);
/* The copy manager's nexus on the device with that address, which need not exist any more; with a reference. NULL: none. */
struct scst_nexus *scst_copy_nexus_of(const struct scst_dev *dev);
void scst_copy_put_end(struct copy_end *end);
/* Ends with COPY ABORTED. */
void scst_copy_fail_third(struct copy_job *job, bool dst, u8 status, scsi_sense_code code);
/* Makes a job that goes on stop; copy_lock is held. */
void scst_copy_stop(struct copy_job *job);
/* queue_response() of the copy manager's session. */
void scst_copy_io_done(struct scst_cmd *cmd);

/* ---- copy.c */

extern struct scst_sess *copy_sess;	/* the one session; from scst_copy_init() on */

/* allow_not_connected_copy */
bool scst_copy_not_connected(void);
/* The copy manager's next nexus, from number *@lun on, which becomes its number; with a reference. NULL: no more. */
struct scst_nexus *scst_copy_next_nexus(unsigned long *lun);
/* The job is told of under that identifier. False: the job's status says why not. */
bool scst_copy_record_start(struct copy_job *job, u32 id, bool lid4, bool forget);
/* The job has ended, @stopped: early; the record is no longer the caller's. */
void scst_copy_record_end(struct copy_job *job, bool stopped);

/* ---- copy_list.c: exec() of EXTENDED COPY */

void scst_copy_exec(struct scst_cmd *cmd);

/* ---- odx.c: exec() of POPULATE TOKEN, WRITE USING TOKEN */

void scst_populate_exec(struct scst_cmd *cmd);
void scst_write_token_exec(struct scst_cmd *cmd);

/* ---- rod.c */

/**
 * struct scst_rod - what a token stands for
 * @ref: memory
 * @link: all tokens, oldest first; rod_lock
 * @dev_link: dev->rod_list while it is good; rod_lock
 * @dev: whose blocks they are; compared only, but while it is good
 * @acg: LUN set through which it was made; compared only
 * @nexus: that has it, once it was told of; NULL when that is gone: compared only; rod_lock
 * @code: 0, or why it is no longer good; written under rod_lock, READ_ONCE
 * @users: commands that use it now; rod_lock
 * @used: jiffies when it was used last; rod_lock
 * @timeout: how long it may be unused, in jiffies
 * @bytes: it stands for
 * @block_shift: of @dev
 * @token: as the initiator gets it
 * @nr: how many of @r
 * @r: the blocks
 */
struct scst_rod {
	refcount_t ref;
	struct list_head link;
	struct list_head dev_link;
	struct scst_dev *dev;
	const struct scst_acg *acg;
	const struct scst_nexus *nexus;
	scsi_sense_code code;
	unsigned int users;
	unsigned long used;
	unsigned long timeout;
	u64 bytes;
	u8 block_shift;
	u8 token[SCSI_ROD_TOKEN_LEN];
	u16 nr;
	struct scsi_range r[];
};

void scst_rod_exit(void);
/* A token for these ranges of the nexus's device, good from now on; with a reference. Or a sense code, 0: no memory. */
struct scst_rod *scst_rod_new(struct scst_nexus *nexus, const struct scsi_populate *p, scsi_sense_code *code);
void scst_rod_put(struct scst_rod *rod);
/* The one that was made is told of to that nexus and has an age, from now on; or not. The first leaves the caller its reference. */
void scst_rod_hand_out(struct scst_rod *rod, const struct scst_nexus *nexus);
void scst_rod_withdraw(struct scst_rod *rod);
/* Does a command still execute that began to write to its blocks before it was made? */
bool scst_rod_is_written(struct scst_nexus *nexus, const struct scst_rod *rod);
/* The good token with these bytes, which is used from now on; with a reference. Or a sense code. */
struct scst_rod *scst_rod_use(const u8 *token, scsi_sense_code *code);
/* @del: and never again. Puts the reference. */
void scst_rod_unuse(struct scst_rod *rod, bool del);
/* What REPORT ALL ROD TOKENS tells the nexus. Returns the length, at most SCSI_ROD_LIST_MAX, which is the room in @buf. */
unsigned int scst_rods_list(const struct scst_nexus *nexus, u8 *buf);
/* 0, or why it is no longer good. What was read before the question was as when the token was made. */
static inline scsi_sense_code scst_rod_code(const struct scst_rod *rod)
{
	smp_rmb(); /* the data first; pairs with cancel() in rod.c */
	return READ_ONCE(rod->code);
}

#endif /* SCST_COPY_H */
