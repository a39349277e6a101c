/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of commands: decodes CDBs and answers REPORT SUPPORTED OPERATION CODES / TASK MANAGEMENT FUNCTIONS. Pure.
 */
#ifndef SCST_PURE_CDB_H
#define SCST_PURE_CDB_H

#include "scsi_defs.h"

/* Indexed by enum scsi_op_id; row SCSI_OP_ID_NONE is empty. */
extern const struct scsi_op scsi_op_table[SCSI_OP_ID_MAX];

/**
 * scsi_op_find() - the row of a CDB's operation code and service action
 * @cdb: the CDB
 * @len: bytes that are there
 *
 * Return: the row, NULL when the command is unknown or @len ends before its service action.
 */
const struct scsi_op *scsi_op_find(const u8 *cdb, unsigned int len);

/**
 * scsi_cdb_decode() - take a CDB apart and check what every device checks
 * @cdb: the CDB; longer than the command needs is fine (iSCSI pads to 16)
 * @cdb_len: bytes that are there
 * @block_shift: log2 of the device's block size
 * @dif_type: its type of protection information, 0 = none
 * @out: filled on success; @out->op may be set on failure, for the direction
 * @sense: filled on failure
 *
 * Refused are unknown operation codes (5/20/00) and, by 5/24/00 with field pointer, unknown service actions, reserved bits,
 * LINK and FLAG, and truncated CDBs. Without protection information a non-zero RDPROTECT, WRPROTECT, VRPROTECT, ORPROTECT or
 * FMTPINFO is a reserved bit; with it the first four stand in @out->protect, whatever their value, and eight bytes more are moved
 * with each block. Ranges and limits are left to the caller; no sum in here can overflow.
 *
 * @out->xfer_len, @out->dir: VERIFY moves data by BYTCHK (0 none, 1 the blocks, 3 one block), WRITE SAME one block (NDOB none),
 * COMPARE AND WRITE twice its blocks, FORMAT UNIT the parameter list header. A length of zero clears the direction.
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_cdb_decode(const u8 *cdb, unsigned int cdb_len, unsigned int block_shift, u8 dif_type,
				struct scsi_cdb *out, struct scsi_sense *sense);

/* Offset of the control byte, by the group that the operation code names (SAM-5 5.2, SPC-4 4.2.5.1). */
unsigned int scsi_cdb_control_at(const u8 *cdb);

/**
 * scsi_cdb_foreign() - take a command that the table does not know as it comes
 * @cdb: the CDB
 * @cdb_len: bytes that are there
 * @dir: enum scsi_dir that the initiator expects
 * @edtl: bytes it expects to move
 * @out: filled on success; @out->op is a row outside of the table, with SCSI_OP_ID_NONE, that may change the medium
 *
 * For devices that judge by themselves. Service actions of operation codes that are the core's own are none of these.
 *
 * Return: whether it is such a command.
 */
bool scsi_cdb_foreign(const u8 *cdb, unsigned int cdb_len, u8 dir, u32 edtl, struct scsi_cdb *out);

/**
 * scsi_cdb_check_range() - is the range of a command with SCSI_OPF_LBA inside the medium
 * @c: the decoded CDB
 * @capacity: number of logical blocks
 * @sense: 5/21/00 on failure
 *
 * The first block must exist even when no block is named (SBC-4 4.2).
 *
 * Return: 0 or the sense code that @sense holds.
 */
scsi_sense_code scsi_cdb_check_range(const struct scsi_cdb *c, u64 capacity, struct scsi_sense *sense);

/**
 * scsi_op_reservation_flags() - which foreign reservations this very CDB passes
 * @op: its row
 * @cdb: the CDB
 *
 * Like @op->flags & SCSI_OPF_PASS_*, but PREVENT ALLOW (allowing) and START STOP UNIT (plain start) pass as well (SPC-4 5.13.1).
 *
 * Return: a set of SCSI_OPF_PASS_*.
 */
u32 scsi_op_reservation_flags(const struct scsi_op *op, const u8 *cdb);

/**
 * scsi_report_opcodes() - data of REPORT SUPPORTED OPERATION CODES (SPC-4 6.35)
 * @cdb: its CDB, checked by scsi_cdb_decode()
 * @supported: says which commands the device has
 * @ctx: for @supported
 * @dif_type: the device's type of protection information, 0 = none
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_report_opcodes(const u8 *cdb, bool (*supported)(void *ctx, enum scsi_op_id id), void *ctx, u8 dif_type,
			u8 *buf, unsigned int size, struct scsi_sense *sense);

/* Byte 0 of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36). */
#define SCSI_TMFS_ABORT_TASK		0x80
#define SCSI_TMFS_ABORT_TASK_SET	0x40
#define SCSI_TMFS_CLEAR_ACA		0x20
#define SCSI_TMFS_CLEAR_TASK_SET	0x10
#define SCSI_TMFS_LUN_RESET		0x08
#define SCSI_TMFS_QUERY_TASK		0x04
#define SCSI_TMFS_TARGET_RESET		0x02
#define SCSI_TMFS_WAKEUP		0x01
/* Byte 1, shifted up. */
#define SCSI_TMFS_QUERY_ASYNC_EVENT	0x0400
#define SCSI_TMFS_QUERY_TASK_SET	0x0200
#define SCSI_TMFS_NEXUS_RESET		0x0100

/**
 * scsi_report_tmfs() - data of REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.36)
 * @cdb: its CDB, checked by scsi_cdb_decode()
 * @tmfs: set of SCSI_TMFS_*
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * Return: as scsi_report_opcodes(). An ALLOCATION LENGTH below 4 is refused.
 */
int scsi_report_tmfs(const u8 *cdb, u16 tmfs, u8 *buf, unsigned int size, struct scsi_sense *sense);

#endif /* SCST_PURE_CDB_H */
