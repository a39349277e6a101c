/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of request headers in the full-feature phase (RFC 7143 section 11), done before anything is allocated. Pure.
 */
#ifndef ISCSI_PDU_H
#define ISCSI_PDU_H

#include "scst_pure.h"
#include "scsi_defs.h"
#include "iscsi_proto.h"

/**
 * iscsi_pdu_check() - can the bytes behind a header be read at all
 * @bhs: ISCSI_BHS_LEN bytes
 * @max_data: our MaxRecvDataSegmentLength
 *
 * Return: NULL, or why the connection has to be closed, as constant text for the log.
 */
const char *iscsi_pdu_check(const u8 *bhs, u32 max_data);

/* Has a request of this opcode a CmdSN? Data-Out and SNACK have none. */
bool iscsi_pdu_has_cmdsn(const u8 *bhs);

/**
 * iscsi_cmd_check() - flags and lengths of a SCSI Command against what was negotiated
 * @bhs: header
 * @p: negotiated parameters
 *
 * Return: NULL, or why it is a protocol error, as constant text for the log.
 */
const char *iscsi_cmd_check(const u8 *bhs, const struct iscsi_params *p);

/**
 * struct iscsi_ahs - what the additional header segments of a SCSI Command say
 * @cdb_more: bytes of the CDB from 16 on, inside the AHS; NULL when there are none
 * @cdb_more_len: their number, at most SCSI_CDB_MAX - 16
 * @bidi_len: Expected Bidirectional Read Data Length
 * @has_bidi: there is one
 */
struct iscsi_ahs {
	const u8 *cdb_more;
	u32 cdb_more_len;
	u32 bidi_len;
	bool has_bidi;
};

/**
 * iscsi_ahs_parse() - walk the additional header segments
 * @ahs: bytes behind the BHS
 * @len: TotalAHSLength in bytes
 * @out: filled on success
 *
 * Unknown types are ignored.
 *
 * Return: 0, or -EINVAL for lengths that don't fit and for a type that occurs twice.
 */
int iscsi_ahs_parse(const u8 *ahs, u32 len, struct iscsi_ahs *out);

/* Task attribute (enum scsi_task_attr) of a SCSI Command; the reserved values mean ORDERED. */
u8 iscsi_cmd_attr(const u8 *bhs);

/* Direction the initiator asks for by R and W, enum scsi_dir. */
u8 iscsi_cmd_dir(const u8 *bhs);

#endif /* ISCSI_PDU_H */
