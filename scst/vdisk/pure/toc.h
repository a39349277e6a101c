/* SPDX-License-Identifier: GPL-2.0 */
/*
 * READ TOC of a virtual CD-ROM drive, whose medium is one session with one data track. Pure.
 */
#ifndef VDISK_PURE_TOC_H
#define VDISK_PURE_TOC_H

#include "scsi_defs.h"

/* Longest answer of scsi_read_toc(). */
#define SCSI_TOC_MAX	20

/**
 * scsi_read_toc() - data of READ TOC/PMA/ATIP (MMC-6 6.25)
 * @blocks: logical blocks of the medium
 * @cdb: its CDB, checked by scsi_cdb_decode()
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * Formats 0 (tracks) and 1 (sessions), named in byte 2 or, as SFF-8020i had it, in the upper bits of the CONTROL byte.
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_read_toc(u64 blocks, const u8 *cdb, u8 *buf, unsigned int size, struct scsi_sense *sense);

#endif /* VDISK_PURE_TOC_H */
