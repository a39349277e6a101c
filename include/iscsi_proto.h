/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iSCSI on the wire (RFC 7143 section 11): opcodes, flags, field offsets, reasons, login status, and the struct of negotiated
 * parameters that daemon and kernel share. Pure: no kernel or libc header but scst_pure.h.
 */
#ifndef ISCSI_PROTO_H
#define ISCSI_PROTO_H

#include "scst_pure.h"

#define ISCSI_PORT		3260
#define ISCSI_BHS_LEN		48
#define ISCSI_DIGEST_LEN	4
#define ISCSI_NAME_MAX		223	/* RFC 7143 4.2.7.1 */
#define ISCSI_STORED_NAME_MAX	255	/* a name as sysfs shows it, with a portal suffix */
#define ISCSI_ISID_LEN		6
#define ISCSI_RESERVED_TAG	0xffffffffU
#define ISCSI_PORTAL_GROUP	1
#define ISCSI_MAX_AHS_LEN	(4 * 255)

/* Byte 0 */
#define ISCSI_OPCODE_MASK	0x3f
#define ISCSI_IMMEDIATE		0x40

enum iscsi_opcode {
	ISCSI_OP_NOP_OUT	= 0x00,
	ISCSI_OP_SCSI_CMD	= 0x01,
	ISCSI_OP_TMF		= 0x02,
	ISCSI_OP_LOGIN		= 0x03,
	ISCSI_OP_TEXT		= 0x04,
	ISCSI_OP_DATA_OUT	= 0x05,
	ISCSI_OP_LOGOUT		= 0x06,
	ISCSI_OP_SNACK		= 0x10,

	ISCSI_OP_NOP_IN		= 0x20,
	ISCSI_OP_SCSI_RSP	= 0x21,
	ISCSI_OP_TMF_RSP	= 0x22,
	ISCSI_OP_LOGIN_RSP	= 0x23,
	ISCSI_OP_TEXT_RSP	= 0x24,
	ISCSI_OP_DATA_IN	= 0x25,
	ISCSI_OP_LOGOUT_RSP	= 0x26,
	ISCSI_OP_R2T		= 0x31,
	ISCSI_OP_ASYNC		= 0x32,
	ISCSI_OP_REJECT		= 0x3f,
};

/* Byte offsets inside the BHS (RFC 7143 11.2 and following); all fields are big endian. */
#define ISCSI_OFF_FLAGS		1
#define ISCSI_OFF_RESPONSE	2	/* SCSI Response, TMF Response, Logout Response, Reject reason */
#define ISCSI_OFF_STATUS	3
#define ISCSI_OFF_AHS_LEN	4	/* in 4-byte words */
#define ISCSI_OFF_DATA_LEN	5	/* 24 bits */
#define ISCSI_OFF_LUN		8
#define ISCSI_OFF_ISID		8	/* login */
#define ISCSI_OFF_TMF_INFO	8	/* TMF Response: 24 bits (RFC 7144 4.2.2) */
#define ISCSI_OFF_TSIH		14	/* login */
#define ISCSI_OFF_ITT		16
#define ISCSI_OFF_TTT		20
#define ISCSI_OFF_EDTL		20	/* SCSI Command */
#define ISCSI_OFF_CID		20	/* login, logout */
#define ISCSI_OFF_RTT		20	/* TMF: Referenced Task Tag */
#define ISCSI_OFF_SNACK_TAG	20	/* SCSI Response */
#define ISCSI_OFF_CMDSN		24	/* requests */
#define ISCSI_OFF_STATSN	24	/* responses */
#define ISCSI_OFF_EXPSTATSN	28	/* requests */
#define ISCSI_OFF_EXPCMDSN	28	/* responses */
#define ISCSI_OFF_MAXCMDSN	32	/* responses */
#define ISCSI_OFF_CDB		32
#define ISCSI_OFF_REFCMDSN	32	/* TMF */
#define ISCSI_OFF_LOGIN_STATUS	36	/* class, detail */
#define ISCSI_OFF_ASYNC_EVENT	36
#define ISCSI_OFF_DATASN	36	/* Data-In, Data-Out; ExpDataSN in SCSI Response; R2TSN in R2T */
#define ISCSI_OFF_DATA_OFFSET	40
#define ISCSI_OFF_BIDI_RESID	40
#define ISCSI_OFF_RESIDUAL	44	/* SCSI Response, Data-In with S */
#define ISCSI_OFF_R2T_LEN	44

/* Byte 1 */
#define ISCSI_FLAG_FINAL	0x80
#define ISCSI_FLAG_CONTINUE	0x40	/* login, text: C */
#define ISCSI_CMD_READ		0x40
#define ISCSI_CMD_WRITE		0x20
#define ISCSI_CMD_ATTR_MASK	0x07
#define ISCSI_DATAIN_ACK	0x40
#define ISCSI_RSP_BIDI_OVERFLOW	0x10
#define ISCSI_RSP_BIDI_UNDERFLOW 0x08
#define ISCSI_RSP_OVERFLOW	0x04
#define ISCSI_RSP_UNDERFLOW	0x02
#define ISCSI_DATAIN_STATUS	0x01
#define ISCSI_LOGIN_TRANSIT	0x80
#define ISCSI_LOGIN_CSG(f)	(((f) >> 2) & 3)
#define ISCSI_LOGIN_NSG(f)	((f) & 3)
#define ISCSI_REASON_MASK	0x7f	/* logout reason, TMF function */

enum iscsi_stage {
	ISCSI_STAGE_SECURITY	= 0,
	ISCSI_STAGE_OPERATIONAL	= 1,
	ISCSI_STAGE_FULL_FEATURE = 3,
};

/* Login status: class << 8 | detail (RFC 7143 11.13.5). */
enum iscsi_login_status {
	ISCSI_LOGIN_SUCCESS		= 0x0000,
	ISCSI_LOGIN_MOVED_TEMP		= 0x0101,
	ISCSI_LOGIN_MOVED_PERM		= 0x0102,
	ISCSI_LOGIN_INITIATOR_ERROR	= 0x0200,
	ISCSI_LOGIN_AUTH_FAILED		= 0x0201,
	ISCSI_LOGIN_FORBIDDEN		= 0x0202,
	ISCSI_LOGIN_NOT_FOUND		= 0x0203,
	ISCSI_LOGIN_REMOVED		= 0x0204,
	ISCSI_LOGIN_VERSION		= 0x0205,
	ISCSI_LOGIN_TOO_MANY_CONNS	= 0x0206,
	ISCSI_LOGIN_MISSING_PARAM	= 0x0207,
	ISCSI_LOGIN_CANT_INCLUDE	= 0x0208,
	ISCSI_LOGIN_SESSION_TYPE	= 0x0209,
	ISCSI_LOGIN_NO_SESSION		= 0x020a,
	ISCSI_LOGIN_INVALID_DURING_LOGIN = 0x020b,
	ISCSI_LOGIN_TARGET_ERROR	= 0x0300,
	ISCSI_LOGIN_UNAVAILABLE		= 0x0301,
	ISCSI_LOGIN_NO_RESOURCES	= 0x0302,
};

enum iscsi_reject_reason {
	ISCSI_REJECT_DATA_DIGEST	= 0x02,
	ISCSI_REJECT_SNACK		= 0x03,
	ISCSI_REJECT_PROTOCOL		= 0x04,
	ISCSI_REJECT_UNSUPPORTED	= 0x05,
	ISCSI_REJECT_TOO_MANY_IMMEDIATE	= 0x06,
	ISCSI_REJECT_TASK_IN_PROGRESS	= 0x07,
	ISCSI_REJECT_INVALID_DATA_ACK	= 0x08,
	ISCSI_REJECT_INVALID_FIELD	= 0x09,
	ISCSI_REJECT_NO_RESOURCES	= 0x0a,
	ISCSI_REJECT_WAITING_LOGOUT	= 0x0c,
};

enum iscsi_tmf_function {
	ISCSI_TMF_ABORT_TASK		= 1,
	ISCSI_TMF_ABORT_TASK_SET	= 2,
	ISCSI_TMF_CLEAR_ACA		= 3,
	ISCSI_TMF_CLEAR_TASK_SET	= 4,
	ISCSI_TMF_LUN_RESET		= 5,
	ISCSI_TMF_TARGET_WARM_RESET	= 6,
	ISCSI_TMF_TARGET_COLD_RESET	= 7,
	ISCSI_TMF_TASK_REASSIGN		= 8,
	ISCSI_TMF_QUERY_TASK		= 9,
	ISCSI_TMF_QUERY_TASK_SET	= 10,
	ISCSI_TMF_NEXUS_RESET		= 11,
	ISCSI_TMF_QUERY_ASYNC_EVENT	= 12,
};

enum iscsi_tmf_response {
	ISCSI_TMF_RSP_COMPLETE		= 0,
	ISCSI_TMF_RSP_NO_TASK		= 1,
	ISCSI_TMF_RSP_NO_LUN		= 2,
	ISCSI_TMF_RSP_ALLEGIANT		= 3,
	ISCSI_TMF_RSP_NO_REASSIGN	= 4,
	ISCSI_TMF_RSP_UNSUPPORTED	= 5,
	ISCSI_TMF_RSP_NOT_AUTHORIZED	= 6,
	ISCSI_TMF_RSP_SUCCEEDED		= 7,
	ISCSI_TMF_RSP_REJECTED		= 255,
};

enum iscsi_logout_reason {
	ISCSI_LOGOUT_SESSION	= 0,
	ISCSI_LOGOUT_CONNECTION	= 1,
	ISCSI_LOGOUT_RECOVERY	= 2,
};

enum iscsi_logout_response {
	ISCSI_LOGOUT_RSP_OK		= 0,
	ISCSI_LOGOUT_RSP_NO_CID		= 1,
	ISCSI_LOGOUT_RSP_NO_RECOVERY	= 2,
	ISCSI_LOGOUT_RSP_FAILED		= 3,
};

enum iscsi_async_event {
	ISCSI_ASYNC_SCSI		= 0,
	ISCSI_ASYNC_REQUEST_LOGOUT	= 1,
	ISCSI_ASYNC_DROP_CONNECTION	= 2,
	ISCSI_ASYNC_DROP_SESSION	= 3,
};

enum iscsi_ahs_type {
	ISCSI_AHS_EXTENDED_CDB	= 1,
	ISCSI_AHS_BIDI_LENGTH	= 2,
};

/**
 * struct iscsi_params - what a login has negotiated; the daemon fills it, the kernel checks it with iscsi_params_valid()
 * @max_recv_dsl: largest DataSegmentLength we accept, 512 to 2^24 - 1 (our MaxRecvDataSegmentLength)
 * @max_xmit_dsl: largest DataSegmentLength we send: the initiator's declaration, capped by MaxXmitDataSegmentLength
 * @max_burst: MaxBurstLength
 * @first_burst: FirstBurstLength, <= @max_burst
 * @max_outstanding_r2t: MaxOutstandingR2T, 1 to 65535
 * @time2wait: DefaultTime2Wait in seconds
 * @time2retain: DefaultTime2Retain in seconds
 * @protocol_level: iSCSIProtocolLevel, 1 (RFC 7143) or 2 (RFC 7144)
 * @initial_r2t: 1 = Yes
 * @immediate_data: 1 = Yes
 * @header_digest: 1 = CRC32C, 0 = None
 * @data_digest: 1 = CRC32C, 0 = None
 *
 * Only 32-bit members: the struct crosses netlink as one binary attribute and must not hold padding.
 */
struct iscsi_params {
	u32 max_recv_dsl;
	u32 max_xmit_dsl;
	u32 max_burst;
	u32 first_burst;
	u32 max_outstanding_r2t;
	u32 time2wait;
	u32 time2retain;
	u32 protocol_level;
	u32 initial_r2t;
	u32 immediate_data;
	u32 header_digest;
	u32 data_digest;
};

static inline u8 iscsi_opcode(const u8 *bhs)
{
	return bhs[0] & ISCSI_OPCODE_MASK;
}

static inline u32 iscsi_data_len(const u8 *bhs)
{
	return get_unaligned_be24(bhs + ISCSI_OFF_DATA_LEN);
}

static inline u32 iscsi_ahs_len(const u8 *bhs)
{
	return 4U * bhs[ISCSI_OFF_AHS_LEN];
}

/* Bytes from the start of the data segment to the end of its padding. */
static inline u32 iscsi_padded(u32 len)
{
	return (len + 3) & ~3U;
}

/* RFC 1982 serial arithmetic as RFC 7143 4.2.2.1 wants it: a < b modulo 2^32. */
static inline bool iscsi_sn_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

#endif /* ISCSI_PROTO_H */
