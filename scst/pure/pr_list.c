// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what initiators send with PERSISTENT RESERVE OUT: parameter lists (SPC-4 6.16.3, 6.16.4) and TransportIDs (7.6.4).
 */
#include "pr.h"
#include "sense.h"

#define ISCSI_NAME_MAX		223
#define ISID_DIGITS		12
#define ISCSI_MIN_ADDITIONAL	20

/* Byte 20 of the parameter list. */
#define SPEC_I_PT		0x08
#define ALL_TG_PT		0x04
#define APTPL			0x01
/* Byte 17 of the one of REGISTER AND MOVE. */
#define MOVE_UNREG		0x02
#define MOVE_APTPL		0x01

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Bytes of text before the NUL; -EINVAL: there is none, or bytes that no name has. */
static int text_length(const u8 *text, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len && text[i]; i++)
		if (text[i] <= ' ' || text[i] == 0x7f)
			return -EINVAL;
	return i && i < len ? (int)i : -EINVAL;
}

/* Where ",i,0x" begins, @len: nowhere. */
static unsigned int separator(const u8 *text, unsigned int len)
{
	unsigned int i;

	for (i = 0; i + 5 <= len; i++)
		if (text[i] == ',' && lower(text[i + 1]) == 'i' && text[i + 2] == ',' && text[i + 3] == '0' &&
		    lower(text[i + 4]) == 'x')
			return i;
	return len;
}

/* Name, ",i,0x" and twelve digits; RFC 7143 lets leading zeroes of the ISID be left out. */
static int put_port(const u8 *text, unsigned int len, u8 *out)
{
	unsigned int name = separator(text, len), digits, i, n;

	if (!name || name == len || name > ISCSI_NAME_MAX)
		return -EINVAL;
	digits = len - name - 5;
	if (!digits || digits > ISID_DIGITS)
		return -EINVAL;
	for (i = name + 5; i < len; i++)
		if (scst_hex_digit(text[i]) < 0)
			return -EINVAL;
	for (n = 0; n < name + 5; n++)
		out[n] = lower(text[n]);
	for (i = digits; i < ISID_DIGITS; i++)
		out[n++] = '0';
	for (i = name + 5; i < len; i++)
		out[n++] = lower(text[i]);
	return n;
}

static int put_device(const u8 *text, unsigned int len, u8 *out)
{
	unsigned int i;

	if (len > ISCSI_NAME_MAX || separator(text, len) != len)
		return -EINVAL;
	for (i = 0; i < len; i++)
		out[i] = lower(text[i]);
	return len;
}

static int parse_iscsi(const u8 *in, unsigned int len, struct scsi_pr_id *id)
{
	unsigned int additional = get_unaligned_be16(in + 2);
	int n;

	if (additional < ISCSI_MIN_ADDITIONAL || additional % 4 || additional > len - 4)
		return -EINVAL;
	n = text_length(in + 4, additional);
	if (n < 0)
		return n;
	n = in[0] == SCSI_TID_ISCSI ? put_device(in + 4, n, id->tid + 4) : put_port(in + 4, n, id->tid + 4);
	if (n < 0)
		return n;
	id->tid[0] = in[0];
	id->tid_len = 4 + max_t(unsigned int, ALIGN(n + 1, 4), ISCSI_MIN_ADDITIONAL);
	put_unaligned_be16(id->tid_len - 4, id->tid + 2);
	return 4 + additional;
}

/* Fibre Channel, parallel SCSI, SSA, IEEE 1394, SRP, SAS, ADT (obsolete: no initiators), SOP: 24 bytes, TPID FORMAT 00b. */
static int parse_fixed(const u8 *in, struct scsi_pr_id *id)
{
	if (in[0] & 0xf0 || (in[0] & 0x0f) > 0x0a)
		return -EINVAL;
	memcpy(id->tid, in, SCSI_TID_MIN);
	id->tid_len = SCSI_TID_MIN;
	return SCSI_TID_MIN;
}

int scsi_tid_parse(const u8 *in, unsigned int len, struct scsi_pr_id *id)
{
	memset(id->tid, 0, sizeof(id->tid));
	if (len < SCSI_TID_MIN)
		return -EINVAL;
	if (in[0] == SCSI_TID_ISCSI || in[0] == SCSI_TID_ISCSI_PORT)
		return parse_iscsi(in, len, id);
	if ((in[0] & 0x0f) == SCSI_TID_ISCSI)
		return -EINVAL;
	return parse_fixed(in, id);
}

bool scsi_pr_id_equal(const struct scsi_pr_id *a, const struct scsi_pr_id *b)
{
	return a->port == b->port && a->tid_len == b->tid_len && !memcmp(a->tid, b->tid, a->tid_len);
}

bool scsi_tid_is_of(const struct scsi_pr_id *port, const struct scsi_pr_id *device)
{
	unsigned int n = strlen((const char *)device->tid + 4);

	if (!scsi_tid_is_device(device) || port->tid[0] != SCSI_TID_ISCSI_PORT)
		return false;
	return !memcmp(port->tid + 4, device->tid + 4, n) && port->tid[4 + n] == ',';
}

static scsi_sense_code parse_move(const u8 *list, u32 len, struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	u32 tid_len = get_unaligned_be32(list + 20);

	rq->unreg = list[17] & MOVE_UNREG;
	rq->aptpl = list[17] & MOVE_APTPL;
	rq->move_port = get_unaligned_be16(list + 18);
	if (tid_len != len - 24)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (tid_len < SCSI_TID_MIN || tid_len % 4)
		return scsi_sense_param_field(sense, 20, 7);
	rq->tids = list + 24;
	rq->tids_len = tid_len;
	rq->tids_at = 24;
	return 0;
}

static scsi_sense_code parse_basic(const u8 *list, u32 len, struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	rq->spec_i_pt = list[20] & SPEC_I_PT;
	rq->all_tg_pt = list[20] & ALL_TG_PT;
	rq->aptpl = list[20] & APTPL;
	if (!rq->spec_i_pt)
		return len == 24 ? 0 : scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (rq->action != SCSI_PR_REGISTER)
		return scsi_sense_param_field(sense, 20, 3);
	if (len < 28)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	rq->tids_len = get_unaligned_be32(list + 24);
	if (rq->tids_len != len - 28)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	rq->tids = list + 28;
	rq->tids_at = 28;
	return 0;
}

scsi_sense_code scsi_pr_parse(const u8 *cdb, const u8 *list, u32 len, struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	memset(rq, 0, sizeof(*rq));
	if (len < SCSI_PR_LIST_MIN || len > SCSI_PR_LIST_MAX || len != get_unaligned_be32(cdb + 5))
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	rq->action = cdb[1] & 0x1f;
	rq->scope = cdb[2] >> 4;
	rq->type = cdb[2] & 0x0f;
	rq->key = get_unaligned_be64(list);
	rq->sa_key = get_unaligned_be64(list + 8);
	if (rq->action == SCSI_PR_REGISTER_AND_MOVE)
		return parse_move(list, len, rq, sense);
	return parse_basic(list, len, rq, sense);
}
