// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes CDBs by one table of commands, which also answers REPORT SUPPORTED OPERATION CODES (SPC-4, SBC-4).
 */
#include "cdb.h"
#include "outbuf.h"
#include "sense.h"

/* How data and range of a command follow from its CDB; where LBA and length stand follows from the CDB's length. */
enum layout {
	NO_DATA,
	PARAM8,		/* bytes counted by one byte at arg */
	PARAM16,
	PARAM24,
	PARAM32,
	BLOCKS,		/* the blocks of the range */
	RANGE,		/* a range, no data */
	VERIFY,		/* by BYTCHK */
	ONE_BLOCK,	/* WRITE SAME */
	TWO_SETS,	/* COMPARE AND WRITE */
	LBA_PARAM32,	/* an LBA and bytes counted at arg */
	FORMAT,		/* FORMAT UNIT */
};

#define NACA		0x04
#define CTL		NACA
#define CTL_VENDOR	0xc0	/* vendor specific bits of the CONTROL byte */
#define LUN_BITS	0xe0	/* LUN field of SCSI-2 CDBs */
#define GROUP		0x3f	/* GROUP NUMBER, six bits since SBC-4 */
#define SA_BITS		0x1f
#define PROTECT		0xe0	/* RDPROTECT, WRPROTECT, VRPROTECT, ORPROTECT */
#define FMTPINFO	0xc0	/* FORMAT UNIT: kind of protection information */
#define TUPLE		8	/* bytes of protection information that follow a block */
#define ADD_CDB_LEN	0x18	/* ADDITIONAL CDB LENGTH of the 32-byte CDBs */

#define DPO		0x10
#define FUA		0x08
#define BYTCHK		0x06
#define UNMAP_BIT	0x08
#define NDOB		0x01

/* Shorter names for sets of flags. */
#define PASS_ALL	(SCSI_OPF_PASS_RESERVATION | SCSI_OPF_PASS_WRITE_EXCL | SCSI_OPF_PASS_EXCL_ACCESS)
#define PASS_PR		(SCSI_OPF_PASS_WRITE_EXCL | SCSI_OPF_PASS_EXCL_ACCESS)
#define PASS_WE		SCSI_OPF_PASS_WRITE_EXCL
#define STANDBY		(SCSI_OPF_ALUA_STANDBY | SCSI_OPF_WHEN_CLOSED)
#define UNAVAILABLE	(STANDBY | SCSI_OPF_ALUA_UNAVAILABLE)
#define ANYTIME		(UNAVAILABLE | SCSI_OPF_ALUA_TRANSITION)
#define ON_MEDIUM	(SCSI_OPF_MEDIUM_ACCESS | SCSI_OPF_LBA)
#define LOOKS		(ON_MEDIUM | PASS_WE)
#define READS		(LOOKS | SCSI_OPF_MAX_XFER)
#define FILLS		(ON_MEDIUM | SCSI_OPF_WRITE_MEDIUM)
#define WRITES		(FILLS | SCSI_OPF_MAX_XFER)
#define HOQ		SCSI_OPF_IMPLICIT_HOQ
#define ERASES		(SCSI_OPF_MEDIUM_ACCESS | SCSI_OPF_WRITE_MEDIUM | HOQ)
#define CORE		SCSI_OPF_CORE

/* Nominal timeouts in seconds. */
#define T_FAST		10
#define T_MEDIUM	30
#define T_FLUSH		60
#define T_FORMAT	3600

#define FROM		SCSI_DIR_FROM
#define TO		SCSI_DIR_TO
#define NONE		SCSI_DIR_NONE
#define NO_SA		SCSI_NO_SA

#define BYTES(...)	{ __VA_ARGS__ }

/* The variadic part is the usage map from byte 1 on. */
#define ROW(_id, _name, _op, _sa, _len, _dir, _layout, _arg, _timeout, _flags, _ignored, ...)	\
	[SCSI_OP_ID_##_id] = {									\
		.name = _name, .id = SCSI_OP_ID_##_id, .opcode = _op, .service_action = _sa,	\
		.cdb_len = _len, .dir = _dir, .layout = _layout, .arg = _arg,			\
		.flags = _flags, .timeout = _timeout,						\
		.usage = { _op, __VA_ARGS__ }, .ignored = _ignored,				\
	}

/* Rows of which there are many: ranges of blocks in 10, 12, 16 and 32 bytes; _b1 used and _i1 ignored bits of the flag byte. */
#define RW10(_id, _name, _op, _dir, _layout, _timeout, _flags, _b1, _i1)			\
	ROW(_id, _name, _op, NO_SA, 10, _dir, _layout, 0, _timeout, _flags,			\
	    BYTES([1] = _i1, [6] = GROUP), _b1, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, CTL)
#define RW12(_id, _name, _op, _dir, _layout, _timeout, _flags, _b1, _i1)			\
	ROW(_id, _name, _op, NO_SA, 12, _dir, _layout, 0, _timeout, _flags,			\
	    BYTES([1] = _i1, [10] = GROUP), _b1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL)
#define RW16(_id, _name, _op, _dir, _layout, _timeout, _flags, _b1, _i1)			\
	ROW(_id, _name, _op, NO_SA, 16, _dir, _layout, 0, _timeout, _flags,			\
	    BYTES([1] = _i1, [14] = GROUP), _b1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,	\
	    0xff, 0xff, 0xff, 0xff, 0, CTL)
#define RW32(_id, _name, _sa, _dir, _layout, _timeout, _flags, _b10, _i10)			\
	ROW(_id, _name, SCSI_OP_VARIABLE_LENGTH, _sa, 32, _dir, _layout, 0, _timeout, _flags,	\
	    BYTES([6] = GROUP, [10] = _i10), CTL, 0, 0, 0, 0, 0, ADD_CDB_LEN, 0, _sa, _b10, 0,	\
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,		\
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
#define PR_IN(_id, _name, _sa)									\
	ROW(_id, _name, SCSI_OP_PR_IN, _sa, 10, FROM, PARAM16, 7, T_FAST, STANDBY | PASS_PR | CORE,	\
	    BYTES(0), _sa, 0, 0, 0, 0, 0, 0xff, 0xff, CTL)
#define PR_OUT(_id, _name, _sa)									\
	ROW(_id, _name, SCSI_OP_PR_OUT, _sa, 10, TO, PARAM32, 5, T_FAST, STANDBY | PASS_PR | CORE,	\
	    BYTES(0), _sa, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, CTL)
#define RECEIVE_COPY(_id, _name, _sa)								\
	ROW(_id, _name, SCSI_OP_RECEIVE_COPY, _sa, 16, FROM, PARAM32, 10, T_FAST, PASS_PR | CORE,	\
	    BYTES(0), _sa, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL)

/* Obsolete or optional bits of the flag byte: RARC, FUA_NV, RELADR. */
#define READ_IGNORED	0x07
#define WRITE_IGNORED	0x03
#define RELADR		0x01
#define SANITIZE_FLAGS	0xa0	/* IMMED, AUSE */

const struct scsi_op scsi_op_table[SCSI_OP_ID_MAX] = {
	ROW(TEST_UNIT_READY, "TEST UNIT READY", SCSI_OP_TEST_UNIT_READY, NO_SA, 6, NONE, NO_DATA, 0, T_FAST,
	    HOQ | PASS_ALL | SCSI_OPF_WHEN_CLOSED, BYTES([1] = LUN_BITS), 0, 0, 0, 0, CTL),
	ROW(REQUEST_SENSE, "REQUEST SENSE", SCSI_OP_REQUEST_SENSE, NO_SA, 6, FROM, PARAM8, 4, T_FAST,
	    ANYTIME | PASS_ALL | SCSI_OPF_NO_UA, BYTES([1] = LUN_BITS), 0x01, 0, 0, 0xff, CTL),
	ROW(FORMAT_UNIT, "FORMAT UNIT", SCSI_OP_FORMAT_UNIT, NO_SA, 6, TO, FORMAT, 0, T_FORMAT,
	    SCSI_OPF_WRITE_MEDIUM | SCSI_OPF_MEDIUM_ACCESS,
	    BYTES([1] = 0x0f, [2] = 0xff, [3] = 0xff, [4] = 0xff), 0x30, 0, 0, 0, CTL),
	ROW(READ_6, "READ(6)", SCSI_OP_READ_6, NO_SA, 6, FROM, BLOCKS, 0, T_MEDIUM, READS,
	    BYTES([1] = LUN_BITS), 0x1f, 0xff, 0xff, 0xff, CTL),
	ROW(WRITE_6, "WRITE(6)", SCSI_OP_WRITE_6, NO_SA, 6, TO, BLOCKS, 0, T_MEDIUM, WRITES,
	    BYTES([1] = LUN_BITS), 0x1f, 0xff, 0xff, 0xff, CTL),
	ROW(INQUIRY, "INQUIRY", SCSI_OP_INQUIRY, NO_SA, 6, FROM, PARAM16, 3, T_FAST,
	    ANYTIME | HOQ | PASS_ALL | SCSI_OPF_NO_UA | SCSI_OPF_NO_LUN_OK,
	    BYTES([1] = LUN_BITS), 0x01, 0xff, 0xff, 0xff, CTL),
	ROW(MODE_SELECT_6, "MODE SELECT(6)", SCSI_OP_MODE_SELECT_6, NO_SA, 6, TO, PARAM8, 4, T_FLUSH, STANDBY,
	    BYTES([1] = LUN_BITS), 0x11, 0, 0, 0xff, CTL),
	ROW(RESERVE_6, "RESERVE(6)", SCSI_OP_RESERVE_6, NO_SA, 6, NONE, NO_DATA, 0, T_FAST, STANDBY | PASS_PR | CORE,
	    BYTES([1] = LUN_BITS, [2] = 0xff, [3] = 0xff, [4] = 0xff), 0, 0, 0, 0, CTL),
	ROW(RELEASE_6, "RELEASE(6)", SCSI_OP_RELEASE_6, NO_SA, 6, NONE, NO_DATA, 0, T_FAST, STANDBY | PASS_ALL | CORE,
	    BYTES([1] = LUN_BITS, [2] = 0xff, [3] = 0xff, [4] = 0xff), 0, 0, 0, 0, CTL),
	ROW(MODE_SENSE_6, "MODE SENSE(6)", SCSI_OP_MODE_SENSE_6, NO_SA, 6, FROM, PARAM8, 4, T_FAST, STANDBY | PASS_WE,
	    BYTES([1] = LUN_BITS), 0x08, 0xff, 0xff, 0xff, CTL),
	ROW(START_STOP_UNIT, "START STOP UNIT", SCSI_OP_START_STOP_UNIT, NO_SA, 6, NONE, NO_DATA, 0, T_FLUSH, 0,
	    BYTES([1] = LUN_BITS), 0x01, 0, 0x0f, 0xf7, CTL),
	ROW(RECEIVE_DIAGNOSTIC, "RECEIVE DIAGNOSTIC RESULTS", SCSI_OP_RECEIVE_DIAGNOSTIC, NO_SA, 6, FROM, PARAM16, 3,
	    T_FAST, STANDBY | PASS_WE, BYTES([1] = LUN_BITS), 0x01, 0xff, 0xff, 0xff, CTL),
	ROW(SEND_DIAGNOSTIC, "SEND DIAGNOSTIC", SCSI_OP_SEND_DIAGNOSTIC, NO_SA, 6, TO, PARAM16, 3, T_FLUSH, STANDBY,
	    BYTES(0), 0xf7, 0, 0xff, 0xff, CTL),
	ROW(PREVENT_ALLOW, "PREVENT ALLOW MEDIUM REMOVAL", SCSI_OP_PREVENT_ALLOW, NO_SA, 6, NONE, NO_DATA, 0, T_FAST, 0,
	    BYTES([1] = LUN_BITS), 0, 0, 0, 0x03, CTL),
	ROW(READ_CAPACITY_10, "READ CAPACITY(10)", SCSI_OP_READ_CAPACITY_10, NO_SA, 10, FROM, NO_DATA, 8, T_FAST,
	    ANYTIME | HOQ | PASS_ALL,
	    BYTES([1] = RELADR, [2] = 0xff, [3] = 0xff, [4] = 0xff, [5] = 0xff, [8] = 0x01),
	    0, 0, 0, 0, 0, 0, 0, 0, CTL),
	RW10(READ_10, "READ(10)", SCSI_OP_READ_10, FROM, BLOCKS, T_MEDIUM, READS, DPO | FUA, READ_IGNORED),
	RW10(WRITE_10, "WRITE(10)", SCSI_OP_WRITE_10, TO, BLOCKS, T_MEDIUM, WRITES, DPO | FUA, WRITE_IGNORED),
	RW10(WRITE_VERIFY_10, "WRITE AND VERIFY(10)", SCSI_OP_WRITE_VERIFY_10, TO, BLOCKS, T_FLUSH, WRITES,
	     DPO | BYTCHK, RELADR),
	RW10(VERIFY_10, "VERIFY(10)", SCSI_OP_VERIFY_10, TO, VERIFY, T_FLUSH, READS, DPO | BYTCHK, RELADR),
	RW10(PREFETCH_10, "PRE-FETCH(10)", SCSI_OP_PREFETCH_10, NONE, RANGE, T_MEDIUM, LOOKS, 0x02, RELADR),
	RW10(SYNC_CACHE_10, "SYNCHRONIZE CACHE(10)", SCSI_OP_SYNC_CACHE_10, NONE, RANGE, T_FLUSH, ON_MEDIUM, 0x02, 0x05),
	ROW(READ_DEFECT_DATA_10, "READ DEFECT DATA(10)", SCSI_OP_READ_DEFECT_DATA_10, NO_SA, 10, FROM, PARAM16, 7, T_FAST,
	    PASS_WE, BYTES([1] = LUN_BITS), 0, 0x1f, 0, 0, 0, 0, 0xff, 0xff, CTL),
	ROW(WRITE_BUFFER, "WRITE BUFFER", SCSI_OP_WRITE_BUFFER, NO_SA, 10, TO, PARAM24, 6, T_FLUSH, ANYTIME,
	    BYTES([1] = LUN_BITS), 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, CTL),
	ROW(READ_BUFFER, "READ BUFFER", SCSI_OP_READ_BUFFER, NO_SA, 10, FROM, PARAM24, 6, T_FAST, ANYTIME | PASS_WE,
	    BYTES([1] = LUN_BITS), 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, CTL),
	RW10(WRITE_SAME_10, "WRITE SAME(10)", SCSI_OP_WRITE_SAME_10, TO, ONE_BLOCK, T_FLUSH, FILLS, UNMAP_BIT, RELADR),
	ROW(UNMAP, "UNMAP", SCSI_OP_UNMAP, NO_SA, 10, TO, PARAM16, 7, T_FLUSH,
	    SCSI_OPF_WRITE_MEDIUM | SCSI_OPF_MEDIUM_ACCESS, BYTES([6] = GROUP), 0, 0, 0, 0, 0, 0, 0xff, 0xff, CTL),
	ROW(READ_TOC, "READ TOC/PMA/ATIP", SCSI_OP_READ_TOC, NO_SA, 10, FROM, PARAM16, 7, T_FAST, SCSI_OPF_MEDIUM_ACCESS,
	    BYTES([1] = LUN_BITS), 0x02, 0x0f, 0, 0, 0, 0xff, 0xff, 0xff, CTL),
	ROW(SANITIZE_OVERWRITE, "SANITIZE (OVERWRITE)", SCSI_OP_SANITIZE, 0x01, 10, TO, PARAM16, 7, T_FORMAT, ERASES,
	    BYTES(0), SANITIZE_FLAGS | 0x01, 0, 0, 0, 0, 0, 0xff, 0xff, CTL),
	ROW(SANITIZE_BLOCK_ERASE, "SANITIZE (BLOCK ERASE)", SCSI_OP_SANITIZE, 0x02, 10, NONE, NO_DATA, 0, T_FORMAT, ERASES,
	    BYTES(0), SANITIZE_FLAGS | 0x02, 0, 0, 0, 0, 0, 0, 0, CTL),
	ROW(SANITIZE_EXIT_FAILURE, "SANITIZE (EXIT FAILURE MODE)", SCSI_OP_SANITIZE, 0x1f, 10, NONE, NO_DATA, 0, T_FAST,
	    SCSI_OPF_MEDIUM_ACCESS | HOQ, BYTES([1] = SANITIZE_FLAGS), 0x1f, 0, 0, 0, 0, 0, 0, 0, CTL),
	ROW(LOG_SELECT, "LOG SELECT", SCSI_OP_LOG_SELECT, NO_SA, 10, TO, PARAM16, 7, T_FAST, STANDBY,
	    BYTES([1] = LUN_BITS), 0x03, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, CTL),
	ROW(LOG_SENSE, "LOG SENSE", SCSI_OP_LOG_SENSE, NO_SA, 10, FROM, PARAM16, 7, T_FAST, STANDBY | PASS_ALL,
	    BYTES([1] = LUN_BITS | 0x02), 0x01, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff, CTL),
	ROW(MODE_SELECT_10, "MODE SELECT(10)", SCSI_OP_MODE_SELECT_10, NO_SA, 10, TO, PARAM16, 7, T_FLUSH, STANDBY,
	    BYTES([1] = LUN_BITS), 0x11, 0, 0, 0, 0, 0, 0xff, 0xff, CTL),
	ROW(RESERVE_10, "RESERVE(10)", SCSI_OP_RESERVE_10, NO_SA, 10, NONE, NO_DATA, 0, T_FAST, STANDBY | PASS_PR | CORE,
	    BYTES([1] = LUN_BITS | 0x02, [2] = 0xff, [3] = 0xff, [7] = 0xff, [8] = 0xff), 0, 0, 0, 0, 0, 0, 0, 0, CTL),
	ROW(RELEASE_10, "RELEASE(10)", SCSI_OP_RELEASE_10, NO_SA, 10, NONE, NO_DATA, 0, T_FAST, STANDBY | PASS_ALL | CORE,
	    BYTES([1] = LUN_BITS | 0x02, [2] = 0xff, [3] = 0xff, [7] = 0xff, [8] = 0xff), 0, 0, 0, 0, 0, 0, 0, 0, CTL),
	ROW(MODE_SENSE_10, "MODE SENSE(10)", SCSI_OP_MODE_SENSE_10, NO_SA, 10, FROM, PARAM16, 7, T_FAST, STANDBY | PASS_WE,
	    BYTES([1] = LUN_BITS), 0x18, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, CTL),
	PR_IN(PR_IN_READ_KEYS, "PERSISTENT RESERVE IN (READ KEYS)", 0),
	PR_IN(PR_IN_READ_RESERVATION, "PERSISTENT RESERVE IN (READ RESERVATION)", 1),
	PR_IN(PR_IN_REPORT_CAPABILITIES, "PERSISTENT RESERVE IN (REPORT CAPABILITIES)", 2),
	PR_IN(PR_IN_READ_FULL_STATUS, "PERSISTENT RESERVE IN (READ FULL STATUS)", 3),
	PR_OUT(PR_OUT_REGISTER, "PERSISTENT RESERVE OUT (REGISTER)", 0),
	PR_OUT(PR_OUT_RESERVE, "PERSISTENT RESERVE OUT (RESERVE)", 1),
	PR_OUT(PR_OUT_RELEASE, "PERSISTENT RESERVE OUT (RELEASE)", 2),
	PR_OUT(PR_OUT_CLEAR, "PERSISTENT RESERVE OUT (CLEAR)", 3),
	PR_OUT(PR_OUT_PREEMPT, "PERSISTENT RESERVE OUT (PREEMPT)", 4),
	PR_OUT(PR_OUT_PREEMPT_AND_ABORT, "PERSISTENT RESERVE OUT (PREEMPT AND ABORT)", 5),
	PR_OUT(PR_OUT_REGISTER_AND_IGNORE, "PERSISTENT RESERVE OUT (REGISTER AND IGNORE EXISTING KEY)", 6),
	PR_OUT(PR_OUT_REGISTER_AND_MOVE, "PERSISTENT RESERVE OUT (REGISTER AND MOVE)", 7),
	RW32(READ_32, "READ(32)", 0x09, FROM, BLOCKS, T_MEDIUM, READS, DPO | FUA, READ_IGNORED),
	RW32(VERIFY_32, "VERIFY(32)", 0x0a, TO, VERIFY, T_FLUSH, READS, DPO | BYTCHK, RELADR),
	RW32(WRITE_32, "WRITE(32)", 0x0b, TO, BLOCKS, T_MEDIUM, WRITES, DPO | FUA, WRITE_IGNORED),
	RW32(WRITE_VERIFY_32, "WRITE AND VERIFY(32)", 0x0c, TO, BLOCKS, T_FLUSH, WRITES, DPO | BYTCHK, RELADR),
	RW32(WRITE_SAME_32, "WRITE SAME(32)", 0x0d, TO, ONE_BLOCK, T_FLUSH, FILLS, UNMAP_BIT | NDOB, 0),
	ROW(EXTENDED_COPY, "EXTENDED COPY(LID1)", SCSI_OP_EXTENDED_COPY, 0x00, 16, TO, PARAM32, 10, T_FORMAT, CORE,
	    BYTES(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(POPULATE_TOKEN, "POPULATE TOKEN", SCSI_OP_EXTENDED_COPY, 0x10, 16, TO, PARAM32, 10, T_MEDIUM, CORE | PASS_WE,
	    BYTES([14] = GROUP), 0x10, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(WRITE_USING_TOKEN, "WRITE USING TOKEN", SCSI_OP_EXTENDED_COPY, 0x11, 16, TO, PARAM32, 10, T_FORMAT,
	    CORE | SCSI_OPF_WRITE_MEDIUM,
	    BYTES([14] = GROUP), 0x11, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(COPY_OPERATION_ABORT, "COPY OPERATION ABORT", SCSI_OP_EXTENDED_COPY, 0x1c, 16, NONE, NO_DATA, 0, T_FAST,
	    CORE | PASS_PR, BYTES(0), 0x1c, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, CTL),
	RECEIVE_COPY(RECEIVE_COPY_STATUS, "RECEIVE COPY STATUS(LID1)", 0x00),
	RECEIVE_COPY(RECEIVE_COPY_PARAMETERS, "RECEIVE COPY OPERATING PARAMETERS", 0x03),
	RECEIVE_COPY(RECEIVE_COPY_FAILED, "RECEIVE COPY FAILURE DETAILS(LID1)", 0x04),
	ROW(RECEIVE_ROD_TOKEN_INFO, "RECEIVE ROD TOKEN INFORMATION", SCSI_OP_RECEIVE_COPY, 0x07, 16, FROM, PARAM32, 10, T_FAST,
	    PASS_PR | CORE, BYTES(0), 0x07, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(REPORT_ALL_ROD_TOKENS, "REPORT ALL ROD TOKENS", SCSI_OP_RECEIVE_COPY, 0x08, 16, FROM, PARAM32, 10, T_FAST,
	    PASS_PR | CORE, BYTES(0), 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	RW16(READ_16, "READ(16)", SCSI_OP_READ_16, FROM, BLOCKS, T_MEDIUM, READS, DPO | FUA, READ_IGNORED),
	ROW(COMPARE_AND_WRITE, "COMPARE AND WRITE", SCSI_OP_COMPARE_AND_WRITE, NO_SA, 16, TO, TWO_SETS, 0, T_MEDIUM, FILLS,
	    BYTES([1] = WRITE_IGNORED, [14] = GROUP),
	    DPO | FUA, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0xff, 0, CTL),
	RW16(WRITE_16, "WRITE(16)", SCSI_OP_WRITE_16, TO, BLOCKS, T_MEDIUM, WRITES, DPO | FUA, WRITE_IGNORED),
	RW16(ORWRITE_16, "ORWRITE(16)", SCSI_OP_ORWRITE_16, TO, BLOCKS, T_MEDIUM, WRITES, DPO | FUA, WRITE_IGNORED),
	RW16(WRITE_VERIFY_16, "WRITE AND VERIFY(16)", SCSI_OP_WRITE_VERIFY_16, TO, BLOCKS, T_FLUSH, WRITES,
	     DPO | BYTCHK, RELADR),
	RW16(VERIFY_16, "VERIFY(16)", SCSI_OP_VERIFY_16, TO, VERIFY, T_FLUSH, READS, DPO | BYTCHK, RELADR),
	RW16(PREFETCH_16, "PRE-FETCH(16)", SCSI_OP_PREFETCH_16, NONE, RANGE, T_MEDIUM, LOOKS, 0x02, RELADR),
	RW16(SYNC_CACHE_16, "SYNCHRONIZE CACHE(16)", SCSI_OP_SYNC_CACHE_16, NONE, RANGE, T_FLUSH, ON_MEDIUM, 0x02, 0x05),
	RW16(WRITE_SAME_16, "WRITE SAME(16)", SCSI_OP_WRITE_SAME_16, TO, ONE_BLOCK, T_FLUSH, FILLS, UNMAP_BIT | NDOB, 0),
	/* Only one atomic write per command: ATOMIC BOUNDARY, before the two bytes of TRANSFER LENGTH, must be 0. */
	ROW(WRITE_ATOMIC_16, "WRITE ATOMIC(16)", SCSI_OP_WRITE_ATOMIC_16, NO_SA, 16, TO, BLOCKS, 0, T_MEDIUM, WRITES,
	    BYTES([14] = GROUP), DPO | FUA, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, CTL),
	ROW(READ_CAPACITY_16, "READ CAPACITY(16)", SCSI_OP_SERVICE_ACTION_IN_16, 0x10, 16, FROM, PARAM32, 10, T_FAST,
	    ANYTIME | HOQ | PASS_ALL,
	    BYTES([2] = 0xff, [3] = 0xff, [4] = 0xff, [5] = 0xff, [6] = 0xff, [7] = 0xff, [8] = 0xff, [9] = 0xff,
		  [14] = 0x01),
	    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(GET_LBA_STATUS, "GET LBA STATUS", SCSI_OP_SERVICE_ACTION_IN_16, 0x12, 16, FROM, LBA_PARAM32, 10, T_MEDIUM, LOOKS,
	    BYTES(0), 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(REPORT_LUNS, "REPORT LUNS", SCSI_OP_REPORT_LUNS, NO_SA, 12, FROM, PARAM32, 6, T_FAST,
	    ANYTIME | HOQ | PASS_ALL | CORE | SCSI_OPF_NO_UA | SCSI_OPF_NO_LUN_OK,
	    BYTES([1] = LUN_BITS), 0, 0xff, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(REPORT_IDENTIFYING_INFO, "REPORT IDENTIFYING INFORMATION", SCSI_OP_MAINTENANCE_IN, 0x05, 12, FROM, PARAM32, 6,
	    T_FAST, PASS_ALL | SCSI_OPF_WHEN_CLOSED, BYTES(0), 0x05, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, CTL),
	ROW(REPORT_TPG, "REPORT TARGET PORT GROUPS", SCSI_OP_MAINTENANCE_IN, 0x0a, 12, FROM, PARAM32, 6, T_FAST,
	    ANYTIME | PASS_ALL | CORE, BYTES(0), 0xea, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(REPORT_OPCODES, "REPORT SUPPORTED OPERATION CODES", SCSI_OP_MAINTENANCE_IN, 0x0c, 12, FROM, PARAM32, 6, T_FAST,
	    PASS_WE | CORE, BYTES(0), 0x0c, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(REPORT_TMFS, "REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS", SCSI_OP_MAINTENANCE_IN, 0x0d, 12, FROM, PARAM32, 6,
	    T_FAST, PASS_WE | CORE, BYTES(0), 0x0d, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	ROW(SET_TPG, "SET TARGET PORT GROUPS", SCSI_OP_MAINTENANCE_OUT, 0x0a, 12, TO, PARAM32, 6, T_FLUSH,
	    UNAVAILABLE | CORE, BYTES(0), 0x0a, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, CTL),
	RW12(READ_12, "READ(12)", SCSI_OP_READ_12, FROM, BLOCKS, T_MEDIUM, READS, DPO | FUA, READ_IGNORED),
	RW12(WRITE_12, "WRITE(12)", SCSI_OP_WRITE_12, TO, BLOCKS, T_MEDIUM, WRITES, DPO | FUA, WRITE_IGNORED),
	RW12(WRITE_VERIFY_12, "WRITE AND VERIFY(12)", SCSI_OP_WRITE_VERIFY_12, TO, BLOCKS, T_FLUSH, WRITES,
	     DPO | BYTCHK, RELADR),
	RW12(VERIFY_12, "VERIFY(12)", SCSI_OP_VERIFY_12, TO, VERIFY, T_FLUSH, READS, DPO | BYTCHK, RELADR),
	ROW(READ_DEFECT_DATA_12, "READ DEFECT DATA(12)", SCSI_OP_READ_DEFECT_DATA_12, NO_SA, 12, FROM, PARAM32, 6, T_FAST,
	    PASS_WE, BYTES([1] = LUN_BITS), 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, CTL),
};

#define FIRST(_opcode, _id)									\
	[SCSI_OP_##_opcode] = SCSI_OP_ID_##_id
#define ONLY(_id)		FIRST(_id, _id)

/* First row of each operation code; its other service actions follow there. */
static const u8 first_row[256] = {
	ONLY(TEST_UNIT_READY), ONLY(REQUEST_SENSE), ONLY(FORMAT_UNIT), ONLY(READ_6), ONLY(WRITE_6), ONLY(INQUIRY),
	ONLY(MODE_SELECT_6), ONLY(RESERVE_6), ONLY(RELEASE_6), ONLY(MODE_SENSE_6), ONLY(START_STOP_UNIT),
	ONLY(RECEIVE_DIAGNOSTIC), ONLY(SEND_DIAGNOSTIC), ONLY(PREVENT_ALLOW), ONLY(READ_CAPACITY_10), ONLY(READ_10),
	ONLY(WRITE_10), ONLY(WRITE_VERIFY_10), ONLY(VERIFY_10), ONLY(PREFETCH_10), ONLY(SYNC_CACHE_10),
	ONLY(WRITE_BUFFER), ONLY(READ_BUFFER), ONLY(WRITE_SAME_10), ONLY(UNMAP), ONLY(READ_TOC), ONLY(LOG_SELECT),
	ONLY(LOG_SENSE), ONLY(MODE_SELECT_10), ONLY(RESERVE_10), ONLY(RELEASE_10), ONLY(MODE_SENSE_10),
	FIRST(PR_IN, PR_IN_READ_KEYS), FIRST(PR_OUT, PR_OUT_REGISTER), FIRST(VARIABLE_LENGTH, READ_32),
	FIRST(EXTENDED_COPY, EXTENDED_COPY), FIRST(RECEIVE_COPY, RECEIVE_COPY_STATUS), ONLY(READ_16), ONLY(COMPARE_AND_WRITE),
	ONLY(WRITE_16), ONLY(WRITE_VERIFY_16), ONLY(VERIFY_16), ONLY(PREFETCH_16), ONLY(SYNC_CACHE_16),
	ONLY(WRITE_SAME_16), ONLY(WRITE_ATOMIC_16), FIRST(SERVICE_ACTION_IN_16, READ_CAPACITY_16), ONLY(REPORT_LUNS),
	FIRST(MAINTENANCE_IN, REPORT_IDENTIFYING_INFO), FIRST(MAINTENANCE_OUT, SET_TPG), ONLY(READ_12), ONLY(WRITE_12),
	ONLY(WRITE_VERIFY_12), ONLY(VERIFY_12), ONLY(READ_DEFECT_DATA_10), FIRST(SANITIZE, SANITIZE_OVERWRITE),
	ONLY(ORWRITE_16), ONLY(READ_DEFECT_DATA_12),
};

/* The row of an operation code and service action; the latter counts only for operation codes that have any. */
static const struct scsi_op *find_row(u8 opcode, u16 service_action)
{
	unsigned int id = first_row[opcode];

	if (!id)
		return NULL;
	if (scsi_op_table[id].service_action == SCSI_NO_SA)
		return &scsi_op_table[id];
	for (; id < SCSI_OP_ID_MAX && scsi_op_table[id].opcode == opcode; id++)
		if (scsi_op_table[id].service_action == service_action)
			return &scsi_op_table[id];
	return NULL;
}

static bool has_service_actions(u8 opcode)
{
	return first_row[opcode] && scsi_op_table[first_row[opcode]].service_action != SCSI_NO_SA;
}

const struct scsi_op *scsi_op_find(const u8 *cdb, unsigned int len)
{
	if (!len)
		return NULL;
	if (!has_service_actions(cdb[0]))
		return find_row(cdb[0], SCSI_NO_SA);
	if (cdb[0] == SCSI_OP_VARIABLE_LENGTH)
		return len < 10 ? NULL : find_row(cdb[0], get_unaligned_be16(cdb + 8));
	return len < 2 ? NULL : find_row(cdb[0], cdb[1] & SA_BITS);
}

static scsi_sense_code refuse_unknown(const u8 *cdb, unsigned int len, struct scsi_sense *sense)
{
	if (!len || !first_row[cdb[0]])
		return scsi_sense_set(sense, SCSI_SENSE_INVALID_OPCODE);
	if (cdb[0] == SCSI_OP_VARIABLE_LENGTH)
		return scsi_sense_cdb_field(sense, 8, 7);
	return scsi_sense_cdb_field(sense, 1, 4);
}

static u8 top_bit(u8 v)
{
	u8 bit = 0;

	while (v >>= 1)
		bit++;
	return bit;
}

/* Bits of byte @i that may be set. */
static u8 allowed_bits(const struct scsi_op *op, unsigned int i)
{
	u8 allowed = op->usage[i] | op->ignored[i];

	if (op->opcode == SCSI_OP_VARIABLE_LENGTH)
		return i == 1 ? allowed | CTL_VENDOR : allowed;
	if (i == op->cdb_len - 1u)
		return allowed | CTL_VENDOR;
	if (i == 1 && op->service_action != SCSI_NO_SA)
		return allowed | SA_BITS;
	return allowed;
}

/* Where RDPROTECT and its sisters stand; 0: the command has none. */
static unsigned int protect_at(const struct scsi_op *op)
{
	if (op->layout < BLOCKS || op->layout > TWO_SETS || op->layout == RANGE || op->cdb_len == 6)
		return 0;
	return op->cdb_len == 32 ? 10 : 1;
}

/* Bits of byte @i that only devices with protection information take. */
static u8 protect_bits(const struct scsi_op *op, unsigned int i)
{
	if (op->layout == FORMAT)
		return i == 1 ? FMTPINFO : 0;
	return i == protect_at(op) ? PROTECT : 0;
}

static scsi_sense_code check_reserved(const struct scsi_op *op, const u8 *cdb, u8 dif_type, struct scsi_cdb *out,
				      struct scsi_sense *sense)
{
	unsigned int i;
	u8 bad;

	for (i = 1; i < op->cdb_len; i++) {
		bad = cdb[i] & ~allowed_bits(op, i);
		if (!bad)
			continue;
		if (!dif_type || (bad & ~protect_bits(op, i)))
			return scsi_sense_cdb_field(sense, i, top_bit(bad));
		if (op->layout != FORMAT)
			out->protect = bad >> 5;
	}
	if (op->opcode == SCSI_OP_VARIABLE_LENGTH && cdb[7] != ADD_CDB_LEN)
		return scsi_sense_cdb_field(sense, 7, 7);
	return 0;
}

static void decode_range(const struct scsi_op *op, const u8 *cdb, struct scsi_cdb *out)
{
	switch (op->cdb_len) {
	case 6:
		out->lba = get_unaligned_be24(cdb + 1) & 0x1fffff;
		out->blocks = cdb[4] ? cdb[4] : 256;
		break;
	case 10:
		out->lba = get_unaligned_be32(cdb + 2);
		out->blocks = get_unaligned_be16(cdb + 7);
		break;
	case 12:
		out->lba = get_unaligned_be32(cdb + 2);
		out->blocks = get_unaligned_be32(cdb + 6);
		break;
	case 16:
		out->lba = get_unaligned_be64(cdb + 2);
		out->blocks = get_unaligned_be32(cdb + 10);
		break;
	default:
		out->lba = get_unaligned_be64(cdb + 12);
		out->blocks = get_unaligned_be32(cdb + 28);
		break;
	}
}

/* VERIFY and WRITE AND VERIFY: which BYTCHK values exist, and what VERIFY moves (SBC-4 5.36). */
static scsi_sense_code decode_bytchk(const struct scsi_op *op, u8 flags, unsigned int at, struct scsi_cdb *out,
				     struct scsi_sense *sense)
{
	out->bytchk = (flags & BYTCHK) >> 1;
	if (out->bytchk == 2 || (out->bytchk == 3 && op->layout != VERIFY))
		return scsi_sense_cdb_field(sense, at, 2);
	return 0;
}

static u64 blocks_moved(const struct scsi_op *op, u8 flags, const struct scsi_cdb *out)
{
	switch (op->layout) {
	case BLOCKS:
		return out->blocks;
	case TWO_SETS:
		return 2 * (u64)out->blocks;
	case ONE_BLOCK:
		return flags & op->usage[op->cdb_len == 32 ? 10 : 1] & NDOB ? 0 : 1;
	case VERIFY:
		if (out->bytchk == 3)
			return out->blocks ? 1 : 0;
		return out->bytchk ? out->blocks : 0;
	default:
		return 0;
	}
}

static scsi_sense_code decode_blocks(const struct scsi_op *op, const u8 *cdb, unsigned int block_shift,
				     struct scsi_cdb *out, struct scsi_sense *sense)
{
	unsigned int at = op->cdb_len == 32 ? 10 : 1;
	u8 used = op->usage[at], flags = cdb[at];

	decode_range(op, cdb, out);
	if (op->layout == TWO_SETS)
		out->blocks = cdb[13];
	if (op->cdb_len > 6 && op->layout != ONE_BLOCK && op->layout != RANGE) {
		out->dpo = !!(flags & used & DPO);
		out->fua = !!(flags & used & FUA);
		if ((used & BYTCHK) && decode_bytchk(op, flags, at, out, sense))
			return sense->code;
	}
	out->xfer_len = blocks_moved(op, flags, out) << block_shift;
	if (out->protect)
		out->xfer_len += blocks_moved(op, flags, out) * TUPLE;
	return 0;
}

static u64 param_len(const struct scsi_op *op, const u8 *cdb)
{
	switch (op->layout) {
	case PARAM8:
		return cdb[op->arg];
	case PARAM16:
		return get_unaligned_be16(cdb + op->arg);
	case PARAM24:
		return get_unaligned_be24(cdb + op->arg);
	case PARAM32:
	case LBA_PARAM32:
		return get_unaligned_be32(cdb + op->arg);
	case FORMAT: /* FMTDATA brings the short or long parameter list header; the defect list must be empty */
		return !(cdb[1] & 0x10) ? 0 : cdb[1] & 0x20 ? 8 : 4;
	default: /* a fixed answer */
		return op->arg;
	}
}

unsigned int scsi_cdb_control_at(const u8 *cdb)
{
	static const u8 at[8] = { 5, 9, 9, 11, 15, 11, 9, 9 };

	return cdb[0] == SCSI_OP_VARIABLE_LENGTH ? 1 : at[cdb[0] >> 5];
}

/* NACA counts in a CDB that is refused, too (SAM-5 5.9). Where codes that have no length yet would have it, nobody knows. */
static bool decode_naca(const u8 *cdb, unsigned int len)
{
	unsigned int group, at;

	if (!len)
		return false;
	group = cdb[0] >> 5;
	if (!first_row[cdb[0]] && (group == 3 || group > 5))
		return false;
	at = scsi_cdb_control_at(cdb);
	return at < len && (cdb[at] & NACA);
}

scsi_sense_code scsi_cdb_decode(const u8 *cdb, unsigned int cdb_len, unsigned int block_shift, u8 dif_type,
				struct scsi_cdb *out, struct scsi_sense *sense)
{
	const struct scsi_op *op = scsi_op_find(cdb, cdb_len);

	memset(out, 0, sizeof(*out));
	out->naca = decode_naca(cdb, cdb_len);
	if (!op)
		return refuse_unknown(cdb, cdb_len, sense);
	out->op = op;
	out->dir = op->dir;
	if (cdb_len < op->cdb_len)
		return scsi_sense_cdb_field(sense, cdb_len, 7);
	if (check_reserved(op, cdb, dif_type, out, sense))
		return sense->code;

	if (op->service_action != SCSI_NO_SA)
		out->service_action = op->service_action;
	if (op->layout >= BLOCKS && op->layout <= TWO_SETS) {
		if (decode_blocks(op, cdb, block_shift, out, sense))
			return sense->code;
	} else {
		out->xfer_len = param_len(op, cdb);
		if (op->layout == LBA_PARAM32)
			out->lba = get_unaligned_be64(cdb + 2);
	}
	if (!out->xfer_len)
		out->dir = SCSI_DIR_NONE;
	return 0;
}

bool scsi_cdb_foreign(const u8 *cdb, unsigned int cdb_len, u8 dir, u32 edtl, struct scsi_cdb *out)
{
	static const struct scsi_op foreign = {
		.name = "unknown", .service_action = SCSI_NO_SA, .cdb_len = 6,
		.flags = SCSI_OPF_WRITE_MEDIUM | SCSI_OPF_MEDIUM_ACCESS, .timeout = T_FLUSH,
	};

	if (!cdb_len || scsi_op_find(cdb, cdb_len) || (scsi_op_table[first_row[cdb[0]]].flags & CORE))
		return false;
	memset(out, 0, sizeof(*out));
	out->op = &foreign;
	/* The core tells nobody of auto contingent allegiances, so the disk must not establish one either. */
	out->naca = scsi_cdb_control_at(cdb) < cdb_len && (cdb[scsi_cdb_control_at(cdb)] & NACA);
	out->xfer_len = edtl;
	out->dir = edtl ? dir : SCSI_DIR_NONE;
	return true;
}

scsi_sense_code scsi_cdb_check_range(const struct scsi_cdb *c, u64 capacity, struct scsi_sense *sense)
{
	if (c->lba >= capacity || c->blocks > capacity - c->lba)
		return scsi_sense_set(sense, SCSI_SENSE_LBA_OUT_OF_RANGE);
	return 0;
}

u32 scsi_op_reservation_flags(const struct scsi_op *op, const u8 *cdb)
{
	bool harmless = false;

	if (op->id == SCSI_OP_ID_PREVENT_ALLOW)
		harmless = !(cdb[4] & 0x03);
	else if (op->id == SCSI_OP_ID_START_STOP_UNIT)
		harmless = cdb[4] == 0x01; /* START and nothing else */
	return harmless ? PASS_ALL : op->flags & PASS_ALL;
}

static void put_timeouts(struct scsi_outbuf *o, const struct scsi_op *op)
{
	scsi_out_be16(o, 0x0a);
	scsi_out_be16(o, 0);
	scsi_out_be32(o, op->timeout);
	scsi_out_be32(o, 2 * op->timeout);
}

#define RSOC_RCTD	0x80
#define RSOC_CTDP_ALL	0x02
#define RSOC_SERVACTV	0x01
#define RSOC_CTDP_ONE	0x80
#define RSOC_NOT_SUPPORTED 0x01
#define RSOC_AS_STANDARD 0x03

static int report_all(const u8 *cdb, bool (*supported)(void *ctx, enum scsi_op_id id), void *ctx, struct scsi_outbuf *o)
{
	bool timeouts = cdb[2] & RSOC_RCTD;
	const struct scsi_op *op;
	unsigned int id;

	scsi_out_be32(o, 0);
	for (id = 1; id < SCSI_OP_ID_MAX; id++) {
		op = &scsi_op_table[id];
		if (!supported(ctx, id))
			continue;
		scsi_out_u8(o, op->opcode);
		scsi_out_u8(o, 0);
		scsi_out_be16(o, op->service_action == SCSI_NO_SA ? 0 : op->service_action);
		scsi_out_u8(o, 0);
		scsi_out_u8(o, (timeouts ? RSOC_CTDP_ALL : 0) |
				(op->service_action == SCSI_NO_SA ? 0 : RSOC_SERVACTV));
		scsi_out_be16(o, op->cdb_len);
		if (timeouts)
			put_timeouts(o, op);
	}
	scsi_out_patch_be32(o, 0, o->len - 4);
	return o->len;
}

/* The usage map; on devices with protection information its fields belong to it, under type 2 those of the 32-byte CDBs. */
static void put_usage(const struct scsi_op *op, u8 dif_type, struct scsi_outbuf *o)
{
	bool protects = dif_type && (dif_type != 2 || op->cdb_len == 32 || op->layout == FORMAT);
	unsigned int i;

	for (i = 0; i < op->cdb_len; i++)
		scsi_out_u8(o, op->usage[i] | (protects && i ? protect_bits(op, i) : 0));
}

static int report_one(const u8 *cdb, const struct scsi_op *op, u8 dif_type, struct scsi_outbuf *o)
{
	bool timeouts = op && (cdb[2] & RSOC_RCTD);

	scsi_out_u8(o, 0);
	if (!op) {
		scsi_out_u8(o, RSOC_NOT_SUPPORTED);
		scsi_out_be16(o, 0);
		return o->len;
	}
	scsi_out_u8(o, RSOC_AS_STANDARD | (timeouts ? RSOC_CTDP_ONE : 0));
	scsi_out_be16(o, op->cdb_len);
	put_usage(op, dif_type, o);
	if (timeouts)
		put_timeouts(o, op);
	return o->len;
}

int scsi_report_opcodes(const u8 *cdb, bool (*supported)(void *ctx, enum scsi_op_id id), void *ctx, u8 dif_type,
			u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u16 service_action = get_unaligned_be16(cdb + 4);
	u8 option = cdb[2] & 0x07, opcode = cdb[3];
	bool has_sa = has_service_actions(opcode);
	const struct scsi_op *op;

	if (!option)
		return report_all(cdb, supported, ctx, &o);
	/* 1: codes without service actions; 2: with; 3: either (SPC-4 table 290) */
	if (option > 3 || (option == 1 && has_sa) || (option == 2 && first_row[opcode] && !has_sa)) {
		scsi_sense_cdb_field(sense, 2, 2);
		return -EINVAL;
	}
	op = find_row(opcode, service_action);
	if (op && (!supported(ctx, op->id) || (option == 3 && !has_sa && service_action)))
		op = NULL;
	return report_one(cdb, op, dif_type, &o);
}

int scsi_report_tmfs(const u8 *cdb, u16 tmfs, u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	bool extended = cdb[2] & 0x80; /* REPD */

	if (get_unaligned_be32(cdb + 6) < 4) {
		scsi_sense_cdb_field(sense, 6, 7);
		return -EINVAL;
	}
	scsi_out_u8(&o, (u8)tmfs);
	scsi_out_u8(&o, tmfs >> 8);
	scsi_out_u8(&o, 0);
	scsi_out_u8(&o, extended ? 0x0c : 0);
	if (extended)
		scsi_out_zero(&o, 12); /* TMFTMOV 0: no timeouts known */
	return o.len;
}
