// SPDX-License-Identifier: GPL-2.0
/*
 * ROD tokens: parameter lists of POPULATE TOKEN and WRITE USING TOKEN, the token itself, what is told of both (SPC-4, SBC-4).
 */
#include "rod.h"
#include "sense.h"

#define IMMED			0x01
#define RTV			0x02	/* POPULATE TOKEN: ROD TYPE means something */
#define DEL_TKN			0x02	/* WRITE USING TOKEN */

#define POPULATE_MIN		0x001e	/* DATA LENGTH with one descriptor */
#define WRITE_TOKEN_MIN		0x0226
#define POPULATE_TIMEOUT	4
#define POPULATE_TYPE		8
#define POPULATE_RANGES_LEN	14
#define WRITE_TOKEN_OFFSET	8
#define WRITE_TOKEN_RANGES_LEN	534
#define DESC_BLOCKS		8	/* in a range descriptor */

/* The token (SPC-4 table 112, SBC-4 4.28). */
#define TOKEN_LENGTH		6
#define TOKEN_LENGTH_VALUE	0x01f8
#define TOKEN_ID		8
#define TOKEN_CREATOR		16
#define TOKEN_BYTES		56	/* the lower half of 16 bytes */
#define TOKEN_BLOCK_SIZE	96
#define TOKEN_TARGET		128
#define TOKEN_SECRET		256

#define CSCD_IDENTIFICATION	0xe4
#define CSCD_DESIGNATOR		4
#define CSCD_DESIGNATOR_MAX	24
#define CSCD_BLOCK_SIZE		28
#define DESIGNATOR_HEADER	4
#define TYPE_EUI64		2
#define TYPE_NAA		3
#define TARGET_NAME		0x28	/* association target device, SCSI name string */
#define CODE_SET_UTF8		3

#define UNITS_BLOCKS		0xf1	/* TRANSFER COUNT UNITS */
#define UPDATE_DELAY_MS		500

/* ------------------------------------------------------------- parameter lists */

bool scsi_ranges_meet(const struct scsi_range *r, unsigned int nr, u64 lba, u64 blocks)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (lba <= r[i].lba ? blocks > r[i].lba - lba : r[i].blocks > lba - r[i].lba)
			return true;
	return false;
}

/* One descriptor, which begins at byte @at of the list. */
static scsi_sense_code rod_add_range(struct scsi_ranges *rs, const u8 *d, unsigned int at, unsigned int shift, u64 capacity,
				 struct scsi_sense *sense)
{
	u64 lba = get_unaligned_be64(d);
	u32 blocks = get_unaligned_be32(d + DESC_BLOCKS);

	if (!blocks)	/* no operation, wherever */
		return 0;
	if (lba > capacity || blocks > capacity - lba)
		return scsi_sense_set(sense, SCSI_SENSE_LBA_OUT_OF_RANGE);
	if (scsi_ranges_meet(rs->r, rs->nr, lba, blocks))
		return scsi_sense_param_field(sense, at, 7);
	if (rs->blocks + blocks > SCSI_ROD_BYTES_MAX >> shift)
		return scsi_sense_param_field(sense, at + DESC_BLOCKS, 7);
	rs->r[rs->nr].lba = lba;
	rs->r[rs->nr++].blocks = blocks;
	rs->blocks += blocks;
	return 0;
}

/* The descriptors, whose length stands in front of them at the end of a header of @header bytes. */
static scsi_sense_code parse_ranges(const u8 *list, unsigned int len, unsigned int header, unsigned int shift, u64 capacity,
				    struct scsi_ranges *rs, struct scsi_sense *sense)
{
	unsigned int bytes = get_unaligned_be16(list + header - 2), at;

	if (bytes < SCSI_ROD_RANGE_LEN)
		return scsi_sense_param_field(sense, header - 2, 7);
	if (bytes / SCSI_ROD_RANGE_LEN > SCSI_ROD_RANGES_MAX) {
		scsi_sense_set(sense, SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS);
		sense->field = header - 2;
		sense->flags = SCSI_SENSE_F_FIELD;
		return sense->code;
	}
	bytes = min(bytes, len - header);
	for (at = header; at - header + SCSI_ROD_RANGE_LEN <= bytes; at += SCSI_ROD_RANGE_LEN)
		if (rod_add_range(rs, list + at, at, shift, capacity, sense))
			return sense->code;
	return 0;
}

scsi_sense_code scsi_populate_parse(const u8 *list, unsigned int len, unsigned int block_shift, u64 capacity,
				    struct scsi_populate *p, struct scsi_sense *sense)
{
	u32 type;

	memset(p, 0, sizeof(*p));
	if (len < SCSI_POPULATE_HEADER)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (get_unaligned_be16(list) < POPULATE_MIN)
		return scsi_sense_param_field(sense, 0, 7);
	type = get_unaligned_be32(list + POPULATE_TYPE);
	if ((list[2] & RTV) && type != SCSI_ROD_DEFAULT && type != SCSI_ROD_CHANGE_VULNERABLE)
		return scsi_sense_param_field(sense, POPULATE_TYPE, 7);
	p->timeout = get_unaligned_be32(list + POPULATE_TIMEOUT);
	if (p->timeout > SCSI_ROD_TIMEOUT_MAX)
		return scsi_sense_param_field(sense, POPULATE_TIMEOUT, 7);
	if (!p->timeout)
		p->timeout = SCSI_ROD_TIMEOUT;
	return parse_ranges(list, len, SCSI_POPULATE_HEADER, block_shift, capacity, &p->ranges, sense);
}

static bool all_zero(const u8 *data, unsigned int from, unsigned int to)
{
	while (from < to)
		if (data[from++])
			return false;
	return true;
}

/* In the order of SPC-4 5.17.6.5.2.3. */
static scsi_sense_code check_token(const u8 *token, bool *zero, struct scsi_sense *sense)
{
	u32 type = get_unaligned_be32(token);

	if (get_unaligned_be16(token + TOKEN_LENGTH) != TOKEN_LENGTH_VALUE)
		return scsi_sense_set(sense, SCSI_SENSE_TOKEN_LENGTH);
	*zero = type == SCSI_ROD_ZERO;
	if (*zero ? !all_zero(token, TOKEN_ID, SCSI_ROD_TOKEN_LEN) : token[4] || token[5])
		return scsi_sense_set(sense, SCSI_SENSE_TOKEN_CORRUPT);
	if (!*zero && type != SCSI_ROD_CHANGE_VULNERABLE)
		return scsi_sense_set(sense, SCSI_SENSE_TOKEN_TYPE);
	return 0;
}

scsi_sense_code scsi_write_token_parse(const u8 *list, unsigned int len, unsigned int block_shift, u64 capacity,
				       struct scsi_write_token *w, struct scsi_sense *sense)
{
	memset(w, 0, sizeof(*w));
	if (len < SCSI_WRITE_TOKEN_HEADER)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (get_unaligned_be16(list) < WRITE_TOKEN_MIN)
		return scsi_sense_param_field(sense, 0, 7);
	w->immed = list[2] & IMMED;
	w->del = list[2] & DEL_TKN;
	w->offset = get_unaligned_be64(list + WRITE_TOKEN_OFFSET);
	if (check_token(list + SCSI_WRITE_TOKEN_TOKEN, &w->zero, sense))
		return sense->code;
	return parse_ranges(list, len, SCSI_WRITE_TOKEN_HEADER, block_shift, capacity, &w->ranges, sense);
}

u64 scsi_ranges_at(const struct scsi_range *r, unsigned int nr, unsigned int block_shift, u64 offset, u64 *pos)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		u64 bytes = (u64)r[i].blocks << block_shift;

		if (offset < bytes) {
			*pos = (r[i].lba << block_shift) + offset;
			return bytes - offset;
		}
		offset -= bytes;
	}
	return 0;
}

/* ------------------------------------------------------------------ the token */

/* The first designator of a kind that a creator may be named by (SPC-4 5.17.6.4). */
static void put_creator(const struct scsi_rod_about *a, u8 *d)
{
	unsigned int at, n;

	d[0] = CSCD_IDENTIFICATION;
	d[1] = a->type;
	put_unaligned_be32(a->block_size, d + CSCD_BLOCK_SIZE);
	for (at = 0; a->designators_len - at >= DESIGNATOR_HEADER; at += n) {
		const u8 *id = a->designators + at;
		u8 type = id[1] & 0x0f;

		n = DESIGNATOR_HEADER + id[3];
		if (n > a->designators_len - at)
			return;
		if ((type == TYPE_EUI64 || type == TYPE_NAA) && !(id[1] & 0x30) && n <= CSCD_DESIGNATOR_MAX) {
			memcpy(d + CSCD_DESIGNATOR, id, n);
			return;
		}
	}
}

static void put_target(const char *name, u8 *d)
{
	size_t len = strlen(name), padded = ALIGN(len + 1, 4);

	if (DESIGNATOR_HEADER + padded > TOKEN_SECRET - TOKEN_TARGET)
		return;
	d[0] = CODE_SET_UTF8;
	d[1] = TARGET_NAME;
	d[3] = (u8)padded;
	memcpy(d + DESIGNATOR_HEADER, name, len);
}

void scsi_rod_token_build(const struct scsi_rod_about *a, u8 token[SCSI_ROD_TOKEN_LEN])
{
	memset(token, 0, SCSI_ROD_TOKEN_LEN);
	put_unaligned_be32(SCSI_ROD_CHANGE_VULNERABLE, token);
	put_unaligned_be16(TOKEN_LENGTH_VALUE, token + TOKEN_LENGTH);
	put_unaligned_be64(a->id, token + TOKEN_ID);
	put_creator(a, token + TOKEN_CREATOR);
	put_unaligned_be64(a->bytes, token + TOKEN_BYTES);
	put_unaligned_be32(a->block_size, token + TOKEN_BLOCK_SIZE);
	put_target(a->target, token + TOKEN_TARGET);
	memcpy(token + TOKEN_SECRET, a->secret, SCSI_ROD_SECRET_LEN);
}

u64 scsi_rod_token_id(const u8 *token)
{
	return get_unaligned_be64(token + TOKEN_ID);
}

bool scsi_rod_token_same(const u8 *a, const u8 *b)
{
	volatile u8 differs = 0;	/* so that no compiler leaves the loop early */
	unsigned int i;

	for (i = 0; i < SCSI_ROD_TOKEN_LEN; i++)
		differs = differs | (a[i] ^ b[i]);
	return !differs;
}

/* -------------------------------------------------------------------- answers */

/* AVAILABLE DATA, the first four bytes: of the whole answer, however long the ALLOCATION LENGTH is. */
static void set_available(struct scsi_outbuf *o)
{
	scsi_out_patch_be32(o, 0, o->len - 4);
}

static bool has_ended(u8 state)
{
	return state != SCSI_ROD_FOREGROUND && state != SCSI_ROD_BACKGROUND;
}

unsigned int scsi_rod_report(const struct scsi_rod_report *r, const u8 *token, bool sense_desc, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	bool failed = r->state == SCSI_ROD_FAILED && r->status == SCSI_CHECK_CONDITION;
	u8 sense[SCSI_SENSE_MAX];
	unsigned int len = failed ? scsi_sense_encode(&r->sense, sense_desc, sense, sizeof(sense)) : 0;

	if (r->state != SCSI_ROD_DONE && r->state != SCSI_ROD_RESIDUAL)
		token = NULL;
	scsi_out_be32(&o, 0);
	scsi_out_u8(&o, r->service_action);
	scsi_out_u8(&o, r->state);
	scsi_out_be16(&o, 0);			/* OPERATION COUNTER */
	scsi_out_be32(&o, has_ended(r->state) ? 0 : UPDATE_DELAY_MS);
	scsi_out_u8(&o, r->status);
	scsi_out_u8(&o, (u8)len);
	scsi_out_u8(&o, (u8)len);
	scsi_out_u8(&o, UNITS_BLOCKS);
	scsi_out_be64(&o, r->blocks);
	scsi_out_be16(&o, r->segments);
	scsi_out_zero(&o, 6);
	scsi_out_bytes(&o, sense, len);
	scsi_out_be32(&o, token ? 2 + SCSI_ROD_TOKEN_LEN : 0);
	if (token) {
		scsi_out_be16(&o, 0);
		scsi_out_bytes(&o, token, SCSI_ROD_TOKEN_LEN);
	}
	set_available(&o);
	return o.len;
}

void scsi_rod_list_start(struct scsi_outbuf *o)
{
	scsi_out_zero(o, 8);
	set_available(o);
}

/* The token's ROD management token (SPC-4 5.17.6.4). */
void scsi_rod_list_add(struct scsi_outbuf *o, const u8 *token)
{
	scsi_out_bytes(o, token, SCSI_ROD_MANAGEMENT_LEN);
	set_available(o);
}

/* Third-party copy descriptors: SBC-4 6.6.9, SPC-4 7.8.17.8 and 7.8.17.9. */
static void put_desc(struct scsi_outbuf *o, u16 type, u16 len)
{
	scsi_out_be16(o, type);
	scsi_out_be16(o, len);
}

void scsi_rod_vpd_limits(struct scsi_outbuf *o, unsigned int block_shift)
{
	put_desc(o, 0x0000, 32);	/* block device ROD token limits */
	scsi_out_zero(o, 6);
	scsi_out_be16(o, SCSI_ROD_RANGES_MAX);
	scsi_out_be32(o, SCSI_ROD_TIMEOUT_MAX);
	scsi_out_be32(o, SCSI_ROD_TIMEOUT);
	scsi_out_be64(o, SCSI_ROD_BYTES_MAX >> block_shift);
	scsi_out_be64(o, SCSI_ROD_BYTES_BEST >> block_shift);
}

void scsi_rod_vpd_features(struct scsi_outbuf *o)
{
	put_desc(o, 0x0106, 44 + 48);	/* ROD token features */
	scsi_out_u8(o, 0);		/* REMOTE TOKENS: none but our own */
	scsi_out_zero(o, 11);
	scsi_out_be32(o, 1);		/* MINIMUM TOKEN LIFETIME: a write may end it at once */
	scsi_out_be32(o, 0);		/* MAXIMUM TOKEN LIFETIME: as long as it is used */
	scsi_out_be32(o, SCSI_ROD_TIMEOUT_MAX);
	scsi_out_zero(o, 18);
	scsi_out_be16(o, 48);
	scsi_out_be16(o, 0);		/* block ROD device type specific features, direct access block device */
	scsi_out_be16(o, 44);
	scsi_out_be16(o, 0);
	scsi_out_be16(o, 0);		/* OPTIMAL BLOCK ROD LENGTH GRANULARITY: any */
	scsi_out_be64(o, SCSI_ROD_BYTES_MAX);
	scsi_out_be64(o, SCSI_ROD_BYTES_BEST);
	scsi_out_be64(o, SCSI_ROD_BYTES_BEST);
	scsi_out_be64(o, SCSI_ROD_BYTES_BEST);
	scsi_out_zero(o, 8);
}

static void put_type(struct scsi_outbuf *o, u32 type, u8 tokens, u16 preference)
{
	scsi_out_be32(o, type);
	scsi_out_u8(o, tokens);
	scsi_out_u8(o, 0);
	scsi_out_be16(o, preference);
	scsi_out_zero(o, 56);
}

void scsi_rod_vpd_types(struct scsi_outbuf *o)
{
	put_desc(o, 0x0108, 4 + 2 * 64);	/* supported ROD types */
	scsi_out_be16(o, 0);
	scsi_out_be16(o, 2 * 64);
	put_type(o, SCSI_ROD_CHANGE_VULNERABLE, 0x03, 1);	/* TOKEN_IN, TOKEN_OUT */
	put_type(o, SCSI_ROD_ZERO, 0x02, 0);			/* TOKEN_IN */
}
