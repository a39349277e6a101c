// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of request headers in the full-feature phase.
 */
#include "pdu.h"

#define CDB_IN_BHS	16
#define AHS_HEAD	4	/* length, type, one byte that belongs to the type */

const char *iscsi_pdu_check(const u8 *bhs, u32 max_data)
{
	if (iscsi_data_len(bhs) > max_data)
		return "data segment above MaxRecvDataSegmentLength";
	if (iscsi_ahs_len(bhs) && iscsi_opcode(bhs) != ISCSI_OP_SCSI_CMD)
		return "additional header segment where none is defined";
	return NULL;
}

bool iscsi_pdu_has_cmdsn(const u8 *bhs)
{
	switch (iscsi_opcode(bhs)) {
	case ISCSI_OP_NOP_OUT:
	case ISCSI_OP_SCSI_CMD:
	case ISCSI_OP_TMF:
	case ISCSI_OP_LOGIN:
	case ISCSI_OP_TEXT:
	case ISCSI_OP_LOGOUT:
		return true;
	}
	return false;
}

const char *iscsi_cmd_check(const u8 *bhs, const struct iscsi_params *p)
{
	bool final = bhs[ISCSI_OFF_FLAGS] & ISCSI_FLAG_FINAL;
	bool write = bhs[ISCSI_OFF_FLAGS] & ISCSI_CMD_WRITE;
	u32 len = iscsi_data_len(bhs);

	if (!final && !write)
		return "unsolicited data announced for a command without W";
	if (!final && p->initial_r2t)
		return "unsolicited data announced under InitialR2T=Yes";
	if (len && !p->immediate_data)
		return "immediate data under ImmediateData=No";
	if (len > p->first_burst)
		return "immediate data above FirstBurstLength";
	return NULL;
}

/* One segment of @size bytes in all (length field included, padding not): 0 or -EINVAL. */
static int ahs_take(const u8 *ahs, u32 size, struct iscsi_ahs *out)
{
	switch (ahs[2]) {
	case ISCSI_AHS_EXTENDED_CDB:
		if (out->cdb_more || size <= AHS_HEAD || size - AHS_HEAD > SCSI_CDB_MAX - CDB_IN_BHS)
			return -EINVAL;
		out->cdb_more = ahs + AHS_HEAD;
		out->cdb_more_len = size - AHS_HEAD;
		return 0;
	case ISCSI_AHS_BIDI_LENGTH:
		if (out->has_bidi || size != AHS_HEAD + 4)
			return -EINVAL;
		out->bidi_len = get_unaligned_be32(ahs + AHS_HEAD);
		out->has_bidi = true;
		return 0;
	}
	return 0;
}

int iscsi_ahs_parse(const u8 *ahs, u32 len, struct iscsi_ahs *out)
{
	u32 pos = 0;

	memset(out, 0, sizeof(*out));
	while (pos < len) {
		u32 body;	/* AHSLength: what follows length and type (RFC 7143 11.2.2) */

		if (len - pos < AHS_HEAD)
			return -EINVAL;
		body = get_unaligned_be16(ahs + pos);
		if (!body || body + 3 > len - pos || ahs_take(ahs + pos, body + 3, out))
			return -EINVAL;
		pos += iscsi_padded(body + 3);
	}
	return 0;
}

u8 iscsi_cmd_attr(const u8 *bhs)
{
	u8 attr = bhs[ISCSI_OFF_FLAGS] & ISCSI_CMD_ATTR_MASK;

	return attr <= SCSI_ATTR_ACA ? attr : SCSI_ATTR_ORDERED;
}

u8 iscsi_cmd_dir(const u8 *bhs)
{
	switch (bhs[ISCSI_OFF_FLAGS] & (ISCSI_CMD_READ | ISCSI_CMD_WRITE)) {
	case ISCSI_CMD_READ | ISCSI_CMD_WRITE:
		return SCSI_DIR_BIDI;
	case ISCSI_CMD_READ:
		return SCSI_DIR_FROM;
	case ISCSI_CMD_WRITE:
		return SCSI_DIR_TO;
	}
	return SCSI_DIR_NONE;
}
