/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Eight-byte logical unit numbers and the REPORT LUNS list (SAM-5 4.7, SPC-4 6.33). Pure.
 */
#ifndef SCST_PURE_LUN_H
#define SCST_PURE_LUN_H

#include "scsi_defs.h"

/* Address methods; the values are those of the top two bits. */
enum scsi_lun_method {
	SCSI_LUN_PERIPHERAL	= 0,
	SCSI_LUN_FLAT		= 1,
	SCSI_LUN_LOGICAL	= 2,
};

/**
 * scsi_lun_decode() - the number behind an eight-byte LUN
 * @lun: as it came
 *
 * Return: 0..SCSI_MAX_LUN; -EINVAL for extended addressing and second-level LUNs.
 */
int scsi_lun_decode(const u8 lun[8]);

/**
 * scsi_lun_encode() - the eight bytes of a LUN
 * @lun: the number
 * @method: address method; LUN 0 is all zeroes in each, and numbers that peripheral addressing cannot tell (above 255) go flat
 * @out: the bytes
 */
void scsi_lun_encode(u16 lun, enum scsi_lun_method method, u8 out[8]);

/**
 * scsi_report_luns() - data of REPORT LUNS
 * @cdb: its CDB, checked by scsi_cdb_decode()
 * @luns: the numbers, ascending
 * @n: how many
 * @method: address method
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * SELECT REPORT other than 0 and 2, and an ALLOCATION LENGTH below 16, are refused.
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_report_luns(const u8 *cdb, const u16 *luns, unsigned int n, enum scsi_lun_method method,
		     u8 *buf, unsigned int size, struct scsi_sense *sense);

#endif /* SCST_PURE_LUN_H */
