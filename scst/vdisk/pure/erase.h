/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameter lists of FORMAT UNIT and SANITIZE. Pure.
 */
#ifndef VDISK_PURE_ERASE_H
#define VDISK_PURE_ERASE_H

#include "scsi_defs.h"

/* Longest parameter list header of FORMAT UNIT. */
#define SCSI_FORMAT_LIST_MAX	8
#define SCSI_OVERWRITE_HEADER	4

/**
 * scsi_format_list() - read the parameter list header of FORMAT UNIT (SBC-4 5.4.2)
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @list: the parameter list
 * @len: its length as received, SCSI_FORMAT_LIST_MAX at most
 * @dif_type: type of protection information that the device has, and that the command must describe
 * @immed: set to IMMED; false without a list
 * @sense: filled on failure
 *
 * Neither another type, nor an initialization pattern, nor a list of defects is taken.
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_format_list(const u8 *cdb, const u8 *list, unsigned int len, u8 dif_type, bool *immed,
				 struct scsi_sense *sense);

/**
 * struct scsi_overwrite - what SANITIZE (OVERWRITE) asks for
 * @passes: OVERWRITE COUNT, 1 to 31
 * @invert: each pass but the first writes the complement of the one before, the last one the pattern itself
 * @pattern_len: bytes of the initialization pattern, which stands behind the header; 1 to the block size
 */
struct scsi_overwrite {
	u8 passes;
	bool invert;
	u16 pattern_len;
};

/**
 * scsi_overwrite_list() - read the parameter list of SANITIZE (OVERWRITE) (SBC-4 5.30.2)
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @list: the parameter list
 * @len: its length as received
 * @block_size: bytes per logical block
 * @o: filled on success
 * @sense: filled on failure
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_overwrite_list(const u8 *cdb, const u8 *list, unsigned int len, unsigned int block_size,
				    struct scsi_overwrite *o, struct scsi_sense *sense);

/* Fills each block of @buf with as many copies of the pattern as fit, the last one cut. @size: whole blocks. */
void scsi_overwrite_fill(const u8 *pattern, unsigned int pattern_len, unsigned int block_size, u8 *buf, unsigned int size);

#endif /* VDISK_PURE_ERASE_H */
