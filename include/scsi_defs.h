/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCSI constants (SAM-5, SPC-4/5, SBC-4) and the two small structs in which decoded commands and sense travel between the
 * rooms. Pure.
 */
#ifndef SCSI_DEFS_H
#define SCSI_DEFS_H

#include "scst_pure.h"

#define SCSI_CDB_MAX	260
#define SCSI_SENSE_MAX	252
#define SCSI_MAX_LUN	16383	/* 14 bits: peripheral, flat and logical unit addressing */

/* Status codes (SAM-5 5.3.1). */
enum scsi_status {
	SCSI_GOOD			= 0x00,
	SCSI_CHECK_CONDITION		= 0x02,
	SCSI_CONDITION_MET		= 0x04,
	SCSI_BUSY			= 0x08,
	SCSI_RESERVATION_CONFLICT	= 0x18,
	SCSI_TASK_SET_FULL		= 0x28,
	SCSI_ACA_ACTIVE			= 0x30,
	SCSI_TASK_ABORTED		= 0x40,
};

/* Task attributes (SAM-5 8.6); the numbers are iSCSI's. */
enum scsi_task_attr {
	SCSI_ATTR_UNTAGGED	= 0,
	SCSI_ATTR_SIMPLE	= 1,
	SCSI_ATTR_ORDERED	= 2,
	SCSI_ATTR_HEAD_OF_QUEUE	= 3,
	SCSI_ATTR_ACA		= 4,
};

/* Direction of data, seen from the device server: TO = Data-Out (write), FROM = Data-In (read). */
enum scsi_dir {
	SCSI_DIR_NONE	= 0,
	SCSI_DIR_TO	= 1,
	SCSI_DIR_FROM	= 2,
	SCSI_DIR_BIDI	= 3,
};

/* A sense code in one number: key << 16 | ASC << 8 | ASCQ. 0 = no sense. */
typedef u32 scsi_sense_code;
#define SCSI_SENSE(key, asc, ascq)	((u32)(key) << 16 | (u32)(asc) << 8 | (u32)(ascq))
#define SCSI_SENSE_KEY(code)		(((code) >> 16) & 0xf)
#define SCSI_SENSE_ASC(code)		(((code) >> 8) & 0xff)
#define SCSI_SENSE_ASCQ(code)		((code) & 0xff)

/**
 * struct scsi_sense - sense on its way up; only sense.c turns it into bytes, when the response is built
 * @code: SCSI_SENSE(), 0 = none
 * @info: INFORMATION field, valid with SCSI_SENSE_F_INFO
 * @field: offset of the offending byte, valid with SCSI_SENSE_F_FIELD
 * @bit: most significant offending bit, valid with SCSI_SENSE_F_BIT
 * @flags: SCSI_SENSE_F_*
 * @progress: progress indication (0..65535), valid with SCSI_SENSE_F_PROGRESS
 */
struct scsi_sense {
	scsi_sense_code code;
	u16 field;
	u8 bit;
	u8 flags;
	u16 progress;
	u64 info;
};

#define SCSI_SENSE_F_INFO	0x01
#define SCSI_SENSE_F_FIELD	0x02
#define SCSI_SENSE_F_BIT	0x04
#define SCSI_SENSE_F_CDB	0x08	/* @field counts in the CDB, not in the parameter list (C/D) */
#define SCSI_SENSE_F_PROGRESS	0x10

struct scsi_op;

/**
 * struct scsi_cdb - one decoded CDB (scsi_cdb_decode())
 * @op: row of the opcode table; never NULL after a successful decode
 * @lba: first logical block, for commands that have one
 * @blocks: number of logical blocks the command names (0 = none; the SBC meaning of 0 is already applied for READ(6)/WRITE(6): 256)
 * @xfer_len: bytes the command itself wants to move: blocks * block size, parameter list length or allocation length (64 bits: unbounded yet)
 * @dir: direction of those bytes
 * @service_action: 0 when the opcode has none
 * @fua: FUA bit set
 * @dpo: DPO bit set
 * @protect: RDPROTECT, WRPROTECT or VRPROTECT field
 * @bytchk: BYTCHK field of VERIFY and WRITE AND VERIFY
 * @naca: NACA bit of the control byte
 */
struct scsi_cdb {
	const struct scsi_op *op;
	u64 lba;
	u32 blocks;
	u64 xfer_len;
	u16 service_action;
	u8 dir;
	u8 fua:1;
	u8 dpo:1;
	u8 naca:1;
	u8 protect;
	u8 bytchk;
};

#endif /* SCSI_DEFS_H */
