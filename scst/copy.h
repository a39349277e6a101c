/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two files of the copy manager share: copy.c (its place in the tree, what it tells) and copy_job.c (its work).
 */
#ifndef SCST_COPY_H
#define SCST_COPY_H

#include "scst_priv.h"
#include "pure/xcopy.h"

/* Guards the records of all nexuses, and what tells a job that its command is back. Irq-safe, innermost. */
extern spinlock_t copy_lock;

/**
 * struct copy_record - what RECEIVE COPY RESULTS tells of a copy; belongs to the nexus it came through
 * @link: nexus->copies; copy_lock
 * @id: LIST IDENTIFIER
 * @forget: is gone as soon as the copy ends
 * @result: copy_lock
 */
struct copy_record {
	struct list_head link;
	u8 id;
	bool forget;
	struct scsi_copy_result result;
};

/* ---- copy.c */

extern struct scst_sess *copy_sess;	/* the one session; from scst_copy_init() on */

/* allow_not_connected_copy */
bool scst_copy_not_connected(void);
/* The copy manager's next nexus, from number *@lun on, which becomes its number; with a reference. NULL: no more. */
struct scst_nexus *scst_copy_next_nexus(unsigned long *lun);
/* *@record stays NULL when nobody may ask for it. The command fails when the identifier is in use, or without memory. */
void scst_copy_record_start(struct scst_cmd *cmd, const struct scsi_xcopy *x, struct copy_record **record);
/* The copy has ended with @cmd's status; the record is no longer the caller's. */
void scst_copy_record_end(struct copy_record *record, const struct scst_cmd *cmd);

/* ---- copy_job.c */

int scst_copy_job_init(void);
void scst_copy_job_exit(void);
/* exec() of EXTENDED COPY. */
void scst_copy_exec(struct scst_cmd *cmd);
/* queue_response() of the copy manager's session. */
void scst_copy_io_done(struct scst_cmd *cmd);

#endif /* SCST_COPY_H */
