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

/* UA_INTLCK_CTRL of the Control mode page (SPC-4 7.5.8). */
enum scsi_ua_intlck {
	SCSI_UA_CLEARED		= 0,	/* a unit attention ends with the CHECK CONDITION that tells it */
	SCSI_UA_KEPT		= 2,	/* only REQUEST SENSE ends it */
	SCSI_UA_KEPT_AND_STATUS	= 3,	/* and BUSY, TASK SET FULL and RESERVATION CONFLICT establish one */
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
 * @segment: number of the segment descriptor that was processed, valid with SCSI_SENSE_F_SEGMENT
 * @third_status: enum scsi_status that an end of a copy answered, valid with SCSI_SENSE_F_THIRD
 * @third_code: sense that came with it, 0 = none
 * @third_dst: it was the destination
 */
struct scsi_sense {
	scsi_sense_code code;
	u16 field;
	u8 bit;
	u8 flags;
	u16 progress;
	u16 segment;
	u64 info;
	scsi_sense_code third_code;
	u8 third_status;
	bool third_dst;
};

#define SCSI_SENSE_F_INFO	0x01
#define SCSI_SENSE_F_FIELD	0x02
#define SCSI_SENSE_F_BIT	0x04
#define SCSI_SENSE_F_CDB	0x08	/* @field counts in the CDB, not in the parameter list (C/D) */
#define SCSI_SENSE_F_PROGRESS	0x10
#define SCSI_SENSE_F_SEGMENT	0x20	/* of COPY ABORTED; @field counts in that segment descriptor (SD) */
#define SCSI_SENSE_F_THIRD	0x40	/* the status of an end of the copy is told along */
#define SCSI_SENSE_F_DEFERRED	0x80	/* it belongs to commands that were answered GOOD, not to this one */

/* The sense codes in use, by key (SPC-4 annex D). */
#define SCSI_SENSE_NONE				SCSI_SENSE(0x0, 0x00, 0x00)

#define SCSI_SENSE_NOT_READY_BECOMING		SCSI_SENSE(0x2, 0x04, 0x01)
#define SCSI_SENSE_NOT_READY_STOPPED		SCSI_SENSE(0x2, 0x04, 0x02) /* initializing command required */
#define SCSI_SENSE_FORMAT_IN_PROGRESS		SCSI_SENSE(0x2, 0x04, 0x04)
#define SCSI_SENSE_ALUA_TRANSITION		SCSI_SENSE(0x2, 0x04, 0x0a)
#define SCSI_SENSE_ALUA_STANDBY			SCSI_SENSE(0x2, 0x04, 0x0b)
#define SCSI_SENSE_ALUA_UNAVAILABLE		SCSI_SENSE(0x2, 0x04, 0x0c)
#define SCSI_SENSE_SANITIZE_IN_PROGRESS		SCSI_SENSE(0x2, 0x04, 0x1b)
#define SCSI_SENSE_NO_MEDIUM			SCSI_SENSE(0x2, 0x3a, 0x00)

#define SCSI_SENSE_WRITE_ERROR			SCSI_SENSE(0x3, 0x03, 0x00)
#define SCSI_SENSE_READ_ERROR			SCSI_SENSE(0x3, 0x11, 0x00)
#define SCSI_SENSE_FORMAT_FAILED		SCSI_SENSE(0x3, 0x31, 0x01)
#define SCSI_SENSE_SANITIZE_FAILED		SCSI_SENSE(0x3, 0x31, 0x03)

/* Of a command that only flushes. Not MEDIUM ERROR: what initiators repeat would find nothing left to be written, and be GOOD. */
#define SCSI_SENSE_FLUSH_FAILED			SCSI_SENSE(0x4, 0x03, 0x00)
#define SCSI_SENSE_SELF_TEST_FAILED		SCSI_SENSE(0x4, 0x3e, 0x03)
#define SCSI_SENSE_HARDWARE_INTERNAL		SCSI_SENSE(0x4, 0x44, 0x00)
#define SCSI_SENSE_STPG_FAILED			SCSI_SENSE(0x4, 0x67, 0x0a)

#define SCSI_SENSE_OPERATION_IN_PROGRESS	SCSI_SENSE(0x5, 0x00, 0x16)
#define SCSI_SENSE_INVALID_INFORMATION_UNIT	SCSI_SENSE(0x5, 0x0e, 0x03)
#define SCSI_SENSE_PARAM_LIST_LENGTH		SCSI_SENSE(0x5, 0x1a, 0x00)
#define SCSI_SENSE_INVALID_OPCODE		SCSI_SENSE(0x5, 0x20, 0x00)
#define SCSI_SENSE_LBA_OUT_OF_RANGE		SCSI_SENSE(0x5, 0x21, 0x00)
#define SCSI_SENSE_TOKEN_CAUSE_UNKNOWN		SCSI_SENSE(0x5, 0x23, 0x00) /* INVALID TOKEN OPERATION, cause not reportable */
#define SCSI_SENSE_TOKEN_TYPE			SCSI_SENSE(0x5, 0x23, 0x01)
#define SCSI_SENSE_TOKEN_UNKNOWN		SCSI_SENSE(0x5, 0x23, 0x04)
#define SCSI_SENSE_TOKEN_CORRUPT		SCSI_SENSE(0x5, 0x23, 0x05)
#define SCSI_SENSE_TOKEN_REVOKED		SCSI_SENSE(0x5, 0x23, 0x06)
#define SCSI_SENSE_TOKEN_EXPIRED		SCSI_SENSE(0x5, 0x23, 0x07)
#define SCSI_SENSE_TOKEN_CANCELLED		SCSI_SENSE(0x5, 0x23, 0x08)
#define SCSI_SENSE_TOKEN_DELETED		SCSI_SENSE(0x5, 0x23, 0x09)
#define SCSI_SENSE_TOKEN_LENGTH			SCSI_SENSE(0x5, 0x23, 0x0a)
#define SCSI_SENSE_INVALID_FIELD_IN_CDB		SCSI_SENSE(0x5, 0x24, 0x00)
#define SCSI_SENSE_LUN_NOT_SUPPORTED		SCSI_SENSE(0x5, 0x25, 0x00)
#define SCSI_SENSE_INVALID_FIELD_IN_PARAM	SCSI_SENSE(0x5, 0x26, 0x00)
#define SCSI_SENSE_PARAM_VALUE_INVALID		SCSI_SENSE(0x5, 0x26, 0x02)
#define SCSI_SENSE_INVALID_RELEASE		SCSI_SENSE(0x5, 0x26, 0x04)
#define SCSI_SENSE_TOO_MANY_TARGET_DESCRIPTORS	SCSI_SENSE(0x5, 0x26, 0x06)
#define SCSI_SENSE_UNSUPPORTED_TARGET_DESCRIPTOR SCSI_SENSE(0x5, 0x26, 0x07)
#define SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS	SCSI_SENSE(0x5, 0x26, 0x08)
#define SCSI_SENSE_UNSUPPORTED_SEGMENT_DESCRIPTOR SCSI_SENSE(0x5, 0x26, 0x09)
#define SCSI_SENSE_INLINE_DATA_LENGTH		SCSI_SENSE(0x5, 0x26, 0x0b)
#define SCSI_SENSE_COMMAND_SEQUENCE		SCSI_SENSE(0x5, 0x2c, 0x00)
#define SCSI_SENSE_SAVING_NOT_SUPPORTED		SCSI_SENSE(0x5, 0x39, 0x00)
#define SCSI_SENSE_INVALID_MESSAGE		SCSI_SENSE(0x5, 0x49, 0x00)
#define SCSI_SENSE_REMOVAL_PREVENTED		SCSI_SENSE(0x5, 0x53, 0x02)
#define SCSI_SENSE_INSUFFICIENT_REGISTRATION	SCSI_SENSE(0x5, 0x55, 0x04)
#define SCSI_SENSE_NO_ROOM_FOR_TOKEN		SCSI_SENSE(0x5, 0x55, 0x0d)

#define SCSI_SENSE_UA_MEDIUM_CHANGED		SCSI_SENSE(0x6, 0x28, 0x00)
#define SCSI_SENSE_UA_POWER_ON_RESET		SCSI_SENSE(0x6, 0x29, 0x00)
#define SCSI_SENSE_UA_TARGET_RESET		SCSI_SENSE(0x6, 0x29, 0x02)
#define SCSI_SENSE_UA_LUN_RESET			SCSI_SENSE(0x6, 0x29, 0x03)
#define SCSI_SENSE_UA_NEXUS_LOSS		SCSI_SENSE(0x6, 0x29, 0x07)
#define SCSI_SENSE_UA_MODE_CHANGED		SCSI_SENSE(0x6, 0x2a, 0x01)
#define SCSI_SENSE_UA_LOG_CHANGED		SCSI_SENSE(0x6, 0x2a, 0x02)
#define SCSI_SENSE_UA_RES_PREEMPTED		SCSI_SENSE(0x6, 0x2a, 0x03)
#define SCSI_SENSE_UA_RES_RELEASED		SCSI_SENSE(0x6, 0x2a, 0x04)
#define SCSI_SENSE_UA_REG_PREEMPTED		SCSI_SENSE(0x6, 0x2a, 0x05)
#define SCSI_SENSE_UA_ALUA_CHANGED		SCSI_SENSE(0x6, 0x2a, 0x06)
#define SCSI_SENSE_UA_CAPACITY_CHANGED		SCSI_SENSE(0x6, 0x2a, 0x09)
#define SCSI_SENSE_UA_PREVIOUS_TASK_SET_FULL	SCSI_SENSE(0x6, 0x2c, 0x06)
#define SCSI_SENSE_UA_PREVIOUS_BUSY		SCSI_SENSE(0x6, 0x2c, 0x07)
#define SCSI_SENSE_UA_PREVIOUS_CONFLICT		SCSI_SENSE(0x6, 0x2c, 0x08)
#define SCSI_SENSE_UA_COMMANDS_CLEARED		SCSI_SENSE(0x6, 0x2f, 0x00)
#define SCSI_SENSE_UA_THIN_SOFT_THRESHOLD	SCSI_SENSE(0x6, 0x38, 0x07)
#define SCSI_SENSE_UA_INQUIRY_CHANGED		SCSI_SENSE(0x6, 0x3f, 0x03)
#define SCSI_SENSE_UA_LUNS_CHANGED		SCSI_SENSE(0x6, 0x3f, 0x0e)

#define SCSI_SENSE_WRITE_PROTECTED		SCSI_SENSE(0x7, 0x27, 0x00)
#define SCSI_SENSE_SPACE_ALLOC_FAILED		SCSI_SENSE(0x7, 0x27, 0x07)

#define SCSI_SENSE_COPY_ABORTED			SCSI_SENSE(0xa, 0x00, 0x00)
#define SCSI_SENSE_COPY_UNREACHABLE		SCSI_SENSE(0xa, 0x08, 0x04) /* no such copy target device descriptor */
#define SCSI_SENSE_COPY_THIRD_PARTY_FAILED	SCSI_SENSE(0xa, 0x0d, 0x01)
#define SCSI_SENSE_COPY_NOT_REACHABLE		SCSI_SENSE(0xa, 0x0d, 0x02)
#define SCSI_SENSE_COPY_WRONG_TYPE		SCSI_SENSE(0xa, 0x0d, 0x03)
#define SCSI_SENSE_COPY_INEXACT_SEGMENT		SCSI_SENSE(0xa, 0x26, 0x0a)

#define SCSI_SENSE_ABORTED			SCSI_SENSE(0xb, 0x00, 0x00)
#define SCSI_SENSE_GUARD_CHECK			SCSI_SENSE(0xb, 0x10, 0x01)
#define SCSI_SENSE_APP_TAG_CHECK		SCSI_SENSE(0xb, 0x10, 0x02)
#define SCSI_SENSE_REF_TAG_CHECK		SCSI_SENSE(0xb, 0x10, 0x03)
#define SCSI_SENSE_INTERNAL_RETRIABLE		SCSI_SENSE(0xb, 0x44, 0x00)

#define SCSI_SENSE_GUARD_MISCOMPARE		SCSI_SENSE(0xe, 0x10, 0x01)
#define SCSI_SENSE_APP_TAG_MISCOMPARE		SCSI_SENSE(0xe, 0x10, 0x02)
#define SCSI_SENSE_REF_TAG_MISCOMPARE		SCSI_SENSE(0xe, 0x10, 0x03)
#define SCSI_SENSE_MISCOMPARE			SCSI_SENSE(0xe, 0x1d, 0x00)

/* Peripheral device types (SPC-4 6.6.2). */
#define SCSI_TYPE_DISK		0x00
#define SCSI_TYPE_ROM		0x05
#define SCSI_TYPE_UNKNOWN	0x1f

/* INQUIRY pages (SPC-4 7.8, SBC-4 6.6). */
#define SCSI_VPD_SUPPORTED	0x00
#define SCSI_VPD_SERIAL		0x80
#define SCSI_VPD_DEVICE_ID	0x83
#define SCSI_VPD_EXTENDED	0x86
#define SCSI_VPD_THIRD_PARTY_COPY 0x8f
#define SCSI_VPD_BLOCK_LIMITS	0xb0
#define SCSI_VPD_BLOCK_CHAR	0xb1
#define SCSI_VPD_LBP		0xb2

/* Mode pages (SPC-4 7.5, SBC-4 6.5; 03h and 04h are SBC-1's). */
#define SCSI_MODE_ERROR_RECOVERY	0x01
#define SCSI_MODE_DISCONNECT		0x02
#define SCSI_MODE_FORMAT		0x03
#define SCSI_MODE_GEOMETRY		0x04
#define SCSI_MODE_CACHING		0x08
#define SCSI_MODE_CONTROL		0x0a
#define SCSI_MODE_INFO_EXCEPTIONS	0x1c
#define SCSI_MODE_ALL			0x3f

/* Log pages (SPC-4 7.3). */
#define SCSI_LOG_SUPPORTED		0x00
#define SCSI_LOG_TEMPERATURE		0x0d
#define SCSI_LOG_STATISTICS		0x19

/* Version descriptors (SPC-4 6.6.2 table 152). */
#define SCSI_VERSION_SAM4	0x008b
#define SCSI_VERSION_SPC4	0x0463
#define SCSI_VERSION_SBC3	0x04c0
#define SCSI_VERSION_ISCSI	0x0960

/* Operation codes. */
#define SCSI_OP_TEST_UNIT_READY		0x00
#define SCSI_OP_REQUEST_SENSE		0x03
#define SCSI_OP_FORMAT_UNIT		0x04
#define SCSI_OP_READ_6			0x08
#define SCSI_OP_WRITE_6			0x0a
#define SCSI_OP_INQUIRY			0x12
#define SCSI_OP_MODE_SELECT_6		0x15
#define SCSI_OP_RESERVE_6		0x16
#define SCSI_OP_RELEASE_6		0x17
#define SCSI_OP_MODE_SENSE_6		0x1a
#define SCSI_OP_START_STOP_UNIT		0x1b
#define SCSI_OP_RECEIVE_DIAGNOSTIC	0x1c
#define SCSI_OP_SEND_DIAGNOSTIC		0x1d
#define SCSI_OP_PREVENT_ALLOW		0x1e
#define SCSI_OP_READ_CAPACITY_10	0x25
#define SCSI_OP_READ_10			0x28
#define SCSI_OP_WRITE_10		0x2a
#define SCSI_OP_WRITE_VERIFY_10		0x2e
#define SCSI_OP_VERIFY_10		0x2f
#define SCSI_OP_PREFETCH_10		0x34
#define SCSI_OP_SYNC_CACHE_10		0x35
#define SCSI_OP_READ_DEFECT_DATA_10	0x37
#define SCSI_OP_WRITE_BUFFER		0x3b
#define SCSI_OP_READ_BUFFER		0x3c
#define SCSI_OP_WRITE_SAME_10		0x41
#define SCSI_OP_UNMAP			0x42
#define SCSI_OP_READ_TOC		0x43
#define SCSI_OP_SANITIZE		0x48
#define SCSI_OP_LOG_SELECT		0x4c
#define SCSI_OP_LOG_SENSE		0x4d
#define SCSI_OP_MODE_SELECT_10		0x55
#define SCSI_OP_RESERVE_10		0x56
#define SCSI_OP_RELEASE_10		0x57
#define SCSI_OP_MODE_SENSE_10		0x5a
#define SCSI_OP_PR_IN			0x5e
#define SCSI_OP_PR_OUT			0x5f
#define SCSI_OP_VARIABLE_LENGTH		0x7f
#define SCSI_OP_EXTENDED_COPY		0x83
#define SCSI_OP_RECEIVE_COPY		0x84
#define SCSI_OP_READ_16			0x88
#define SCSI_OP_COMPARE_AND_WRITE	0x89
#define SCSI_OP_WRITE_16		0x8a
#define SCSI_OP_ORWRITE_16		0x8b
#define SCSI_OP_WRITE_VERIFY_16		0x8e
#define SCSI_OP_VERIFY_16		0x8f
#define SCSI_OP_PREFETCH_16		0x90
#define SCSI_OP_SYNC_CACHE_16		0x91
#define SCSI_OP_WRITE_SAME_16		0x93
#define SCSI_OP_WRITE_ATOMIC_16		0x9c
#define SCSI_OP_SERVICE_ACTION_IN_16	0x9e
#define SCSI_OP_REPORT_LUNS		0xa0
#define SCSI_OP_MAINTENANCE_IN		0xa3
#define SCSI_OP_MAINTENANCE_OUT		0xa4
#define SCSI_OP_READ_12			0xa8
#define SCSI_OP_WRITE_12		0xaa
#define SCSI_OP_WRITE_VERIFY_12		0xae
#define SCSI_OP_VERIFY_12		0xaf
#define SCSI_OP_READ_DEFECT_DATA_12	0xb7

/*
 * One number per command, i.e. per operation code and service action, for dense tables of functions. The commands of one
 * operation code stand together. 0 is no command.
 */
enum scsi_op_id {
	SCSI_OP_ID_NONE = 0,
	SCSI_OP_ID_TEST_UNIT_READY,
	SCSI_OP_ID_REQUEST_SENSE,
	SCSI_OP_ID_FORMAT_UNIT,
	SCSI_OP_ID_READ_6,
	SCSI_OP_ID_WRITE_6,
	SCSI_OP_ID_INQUIRY,
	SCSI_OP_ID_MODE_SELECT_6,
	SCSI_OP_ID_RESERVE_6,
	SCSI_OP_ID_RELEASE_6,
	SCSI_OP_ID_MODE_SENSE_6,
	SCSI_OP_ID_START_STOP_UNIT,
	SCSI_OP_ID_RECEIVE_DIAGNOSTIC,
	SCSI_OP_ID_SEND_DIAGNOSTIC,
	SCSI_OP_ID_PREVENT_ALLOW,
	SCSI_OP_ID_READ_CAPACITY_10,
	SCSI_OP_ID_READ_10,
	SCSI_OP_ID_WRITE_10,
	SCSI_OP_ID_WRITE_VERIFY_10,
	SCSI_OP_ID_VERIFY_10,
	SCSI_OP_ID_PREFETCH_10,
	SCSI_OP_ID_SYNC_CACHE_10,
	SCSI_OP_ID_READ_DEFECT_DATA_10,
	SCSI_OP_ID_WRITE_BUFFER,
	SCSI_OP_ID_READ_BUFFER,
	SCSI_OP_ID_WRITE_SAME_10,
	SCSI_OP_ID_UNMAP,
	SCSI_OP_ID_READ_TOC,
	SCSI_OP_ID_SANITIZE_OVERWRITE,
	SCSI_OP_ID_SANITIZE_BLOCK_ERASE,
	SCSI_OP_ID_SANITIZE_EXIT_FAILURE,
	SCSI_OP_ID_LOG_SELECT,
	SCSI_OP_ID_LOG_SENSE,
	SCSI_OP_ID_MODE_SELECT_10,
	SCSI_OP_ID_RESERVE_10,
	SCSI_OP_ID_RELEASE_10,
	SCSI_OP_ID_MODE_SENSE_10,
	SCSI_OP_ID_PR_IN_READ_KEYS,
	SCSI_OP_ID_PR_IN_READ_RESERVATION,
	SCSI_OP_ID_PR_IN_REPORT_CAPABILITIES,
	SCSI_OP_ID_PR_IN_READ_FULL_STATUS,
	SCSI_OP_ID_PR_OUT_REGISTER,
	SCSI_OP_ID_PR_OUT_RESERVE,
	SCSI_OP_ID_PR_OUT_RELEASE,
	SCSI_OP_ID_PR_OUT_CLEAR,
	SCSI_OP_ID_PR_OUT_PREEMPT,
	SCSI_OP_ID_PR_OUT_PREEMPT_AND_ABORT,
	SCSI_OP_ID_PR_OUT_REGISTER_AND_IGNORE,
	SCSI_OP_ID_PR_OUT_REGISTER_AND_MOVE,
	SCSI_OP_ID_READ_32,
	SCSI_OP_ID_VERIFY_32,
	SCSI_OP_ID_WRITE_32,
	SCSI_OP_ID_WRITE_VERIFY_32,
	SCSI_OP_ID_WRITE_SAME_32,
	SCSI_OP_ID_EXTENDED_COPY,
	SCSI_OP_ID_POPULATE_TOKEN,
	SCSI_OP_ID_WRITE_USING_TOKEN,
	SCSI_OP_ID_COPY_OPERATION_ABORT,
	SCSI_OP_ID_RECEIVE_COPY_STATUS,
	SCSI_OP_ID_RECEIVE_COPY_PARAMETERS,
	SCSI_OP_ID_RECEIVE_COPY_FAILED,
	SCSI_OP_ID_RECEIVE_ROD_TOKEN_INFO,
	SCSI_OP_ID_REPORT_ALL_ROD_TOKENS,
	SCSI_OP_ID_READ_16,
	SCSI_OP_ID_COMPARE_AND_WRITE,
	SCSI_OP_ID_WRITE_16,
	SCSI_OP_ID_ORWRITE_16,
	SCSI_OP_ID_WRITE_VERIFY_16,
	SCSI_OP_ID_VERIFY_16,
	SCSI_OP_ID_PREFETCH_16,
	SCSI_OP_ID_SYNC_CACHE_16,
	SCSI_OP_ID_WRITE_SAME_16,
	SCSI_OP_ID_WRITE_ATOMIC_16,
	SCSI_OP_ID_READ_CAPACITY_16,
	SCSI_OP_ID_GET_LBA_STATUS,
	SCSI_OP_ID_REPORT_LUNS,
	SCSI_OP_ID_REPORT_IDENTIFYING_INFO,
	SCSI_OP_ID_REPORT_TPG,
	SCSI_OP_ID_REPORT_OPCODES,
	SCSI_OP_ID_REPORT_TMFS,
	SCSI_OP_ID_SET_TPG,
	SCSI_OP_ID_READ_12,
	SCSI_OP_ID_WRITE_12,
	SCSI_OP_ID_WRITE_VERIFY_12,
	SCSI_OP_ID_VERIFY_12,
	SCSI_OP_ID_READ_DEFECT_DATA_12,
	SCSI_OP_ID_MAX
};

/* What the core must know of a command (scsi_op.flags). */
#define SCSI_OPF_IMPLICIT_HOQ		0x00000001 /* runs as HEAD OF QUEUE whatever its attribute says */
#define SCSI_OPF_WRITE_MEDIUM		0x00000002 /* changes the medium: 7/27/00 on a read-only LUN or device */
#define SCSI_OPF_MEDIUM_ACCESS		0x00000004 /* reads, writes or flushes the medium: needs one that is started */
#define SCSI_OPF_LBA			0x00000008 /* scsi_cdb.lba and .blocks must lie inside the capacity */
#define SCSI_OPF_NO_UA			0x00000010 /* neither reports nor clears a pending unit attention by CHECK CONDITION */
#define SCSI_OPF_NO_LUN_OK		0x00000020 /* answered even where no such LUN exists */
#define SCSI_OPF_CORE			0x00000040 /* answered by the core, never by the handler */
#define SCSI_OPF_WHEN_CLOSED		0x00000080 /* works as usual while the backing store is closed */
#define SCSI_OPF_PASS_RESERVATION	0x00000100 /* passes any foreign reservation, SPC-2 or persistent */
#define SCSI_OPF_PASS_WRITE_EXCL	0x00000200 /* passes a foreign persistent reservation of a write exclusive type */
#define SCSI_OPF_PASS_EXCL_ACCESS	0x00000400 /* passes one of an exclusive access type */
#define SCSI_OPF_ALUA_STANDBY		0x00000800 /* works in state standby */
#define SCSI_OPF_ALUA_UNAVAILABLE	0x00001000 /* works in states unavailable and offline */
#define SCSI_OPF_ALUA_TRANSITION	0x00002000 /* works in state transitioning */
#define SCSI_OPF_MAX_XFER		0x00004000 /* MAXIMUM TRANSFER LENGTH bounds scsi_cdb.blocks, whether they are moved or compared */

#define SCSI_NO_SA	0xffff	/* scsi_op.service_action of a command without */

/**
 * struct scsi_op - what is known of one command; a row of scsi_op_table[]
 * @name: the standard's name
 * @id: enum scsi_op_id
 * @opcode: OPERATION CODE
 * @service_action: SERVICE ACTION, or SCSI_NO_SA
 * @cdb_len: bytes of its CDB
 * @dir: enum scsi_dir; what one CDB really moves is in scsi_cdb.dir
 * @layout: where LBA and length stand; private to cdb.c
 * @arg: place of the length for some layouts; private to cdb.c
 * @flags: SCSI_OPF_*
 * @timeout: nominal command processing timeout in seconds; the recommended one is twice as long
 * @usage: CDB usage data (SPC-4 6.35.3): bits that are evaluated; bytes of operation code and service action hold their values
 * @ignored: bits that are accepted and not evaluated (obsolete ones, GROUP NUMBER); all others must be zero
 */
struct scsi_op {
	const char *name;
	u8 id;
	u8 opcode;
	u16 service_action;
	u8 cdb_len;
	u8 dir;
	u8 layout;
	u8 arg;
	u32 flags;
	u16 timeout;
	u8 usage[32];
	u8 ignored[32];
};


/**
 * struct scsi_cdb - one decoded CDB (scsi_cdb_decode())
 * @op: row of the opcode table; never NULL after a successful decode
 * @lba: first logical block, for commands that have one
 * @blocks: number of logical blocks the command names (0 = none; the SBC meaning of 0 is already applied for READ(6)/WRITE(6): 256)
 * @xfer_len: bytes the command itself wants to move: blocks * block size, parameter list length or allocation length (64 bits, unbounded yet)
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
