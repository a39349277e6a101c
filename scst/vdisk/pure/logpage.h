/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log pages of a virtual disk. Pure.
 */
#ifndef VDISK_PURE_LOGPAGE_H
#define VDISK_PURE_LOGPAGE_H

#include "scsi_defs.h"

/* Longest answer of LOG SENSE. */
#define SCSI_LOG_SENSE_MAX	128

/**
 * struct scsi_log_data - what the pages tell
 * @read_cmds: READ commands since the last reset of the page
 * @write_cmds: WRITE commands
 * @read_blocks: logical blocks that READ commands transmitted
 * @write_blocks: logical blocks that WRITE commands received
 */
struct scsi_log_data {
	u64 read_cmds;
	u64 write_cmds;
	u64 read_blocks;
	u64 write_blocks;
};

/**
 * scsi_log_sense() - data of LOG SENSE (SPC-4 6.8, 7.3)
 * @d: what there is to tell
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @buf: where the data go
 * @size: room in @buf
 * @sense: filled on failure
 *
 * Pages: 00h (subpage 00h and FFh), 0Dh temperature, 19h general statistics and performance.
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_log_sense(const struct scsi_log_data *d, const u8 *cdb, u8 *buf, unsigned int size, struct scsi_sense *sense);

/**
 * scsi_log_select() - is this LOG SELECT one that resets the counters (SPC-4 6.7)
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @sense: filled on failure
 *
 * No parameter can be set: PARAMETER LIST LENGTH must be 0. Without PCR nothing happens.
 *
 * Return: 1: reset, 0: nothing to do, -EINVAL with @sense filled.
 */
int scsi_log_select(const u8 *cdb, struct scsi_sense *sense);

#endif /* VDISK_PURE_LOGPAGE_H */
