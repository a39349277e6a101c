// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the parameter list of EXTENDED COPY(LID1), builds what RECEIVE COPY RESULTS and VPD page 8Fh tell (SPC-4).
 */
#include "xcopy.h"
#include "outbuf.h"
#include "rod.h"
#include "sense.h"

#define CSCD_IDENTIFICATION	0xe4
#define SEG_BLOCK_TO_BLOCK	0x02
#define SEG_CAT			0x01
#define SEG_DC			0x02
#define SEG_REST		(SCSI_XCOPY_SEG_LEN - 4)	/* DESCRIPTOR LENGTH */
#define SEGMENT_BYTES_MAX	(0xffffU * 4096)

static scsi_sense_code refuse(struct scsi_sense *sense, scsi_sense_code code, u16 at)
{
	scsi_sense_set(sense, code);
	sense->field = at;
	sense->flags = SCSI_SENSE_F_FIELD;
	return code;
}

scsi_sense_code scsi_sense_segment(struct scsi_sense *sense, scsi_sense_code code, u16 segment, u16 field)
{
	refuse(sense, code, field);
	sense->segment = segment;
	sense->flags |= SCSI_SENSE_F_SEGMENT;
	return code;
}

/* ------------------------------------------------------------- parameter list */

static scsi_sense_code parse_cscd(const u8 *d, u16 at, struct scsi_cscd *c, struct scsi_sense *sense)
{
	u8 len = d[7];

	if (d[0] != CSCD_IDENTIFICATION)
		return refuse(sense, SCSI_SENSE_UNSUPPORTED_TARGET_DESCRIPTOR, at);
	/* LU ID TYPE means nothing beside a designator (SPC-4). */
	c->nul = d[1] & 0x20;
	c->type = d[1] & 0x1f;
	if (len > SCSI_XCOPY_DESIGNATOR_MAX - SCSI_DESIGNATOR_HEADER)
		return scsi_sense_param_field(sense, at + 7, 7);
	c->designator_len = SCSI_DESIGNATOR_HEADER + len;
	memcpy(c->designator, d + 4, c->designator_len);
	c->block_size = get_unaligned_be24(d + SCSI_XCOPY_CSCD_BLOCK);
	return 0;
}

static scsi_sense_code check_index(const struct scsi_xcopy *x, const u8 *d, u16 field, struct scsi_sense *sense)
{
	u16 index = get_unaligned_be16(d + field);

	if (index >= x->nr_cscds || x->cscds[index].nul)
		return scsi_sense_segment(sense, SCSI_SENSE_COPY_UNREACHABLE, x->nr_segs, field);
	return 0;
}

/* @d: a whole segment descriptor of the one type we know. */
static scsi_sense_code parse_segment(const u8 *d, u16 at, struct scsi_xcopy *x, struct scsi_sense *sense)
{
	struct scsi_xcopy_seg *seg = &x->segs[x->nr_segs];

	if (d[1] & ~(SEG_CAT | SEG_DC))
		return scsi_sense_param_field(sense, at + 1, 7);
	if (check_index(x, d, SCSI_XCOPY_SEG_SRC, sense) || check_index(x, d, SCSI_XCOPY_SEG_DST, sense))
		return sense->code;
	seg->src = d[SCSI_XCOPY_SEG_SRC + 1];
	seg->dst = d[SCSI_XCOPY_SEG_DST + 1];
	seg->dc = d[1] & SEG_DC;
	seg->blocks = get_unaligned_be16(d + SCSI_XCOPY_SEG_BLOCKS);
	seg->src_lba = get_unaligned_be64(d + SCSI_XCOPY_SEG_SRC_LBA);
	seg->dst_lba = get_unaligned_be64(d + SCSI_XCOPY_SEG_DST_LBA);
	x->nr_segs++;
	return 0;
}

/* @list: with the segment descriptors from @at to @end. */
static scsi_sense_code parse_segments(const u8 *list, unsigned int at, unsigned int end, struct scsi_xcopy *x,
				      struct scsi_sense *sense)
{
	for (; at < end; at += SCSI_XCOPY_SEG_LEN) {
		if (list[at] != SEG_BLOCK_TO_BLOCK)
			return refuse(sense, SCSI_SENSE_UNSUPPORTED_SEGMENT_DESCRIPTOR, at);
		if (end - at < SCSI_XCOPY_SEG_LEN)
			return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
		if (get_unaligned_be16(list + at + 2) != SEG_REST)
			return scsi_sense_param_field(sense, at + 2, 7);
		if (x->nr_segs == SCSI_XCOPY_SEGS_MAX)
			return refuse(sense, SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS, 8);
		if (parse_segment(list + at, at, x, sense))
			return sense->code;
	}
	return 0;
}

/* 01b is reserved; without identifier the field has to be zero (SPC-4 table 119). */
static scsi_sense_code parse_header(const u8 *list, struct scsi_xcopy *x, struct scsi_sense *sense)
{
	x->list_id = list[0];
	x->id_usage = (list[1] >> 3) & 0x03;
	if (list[1] & 0xc0)
		return scsi_sense_param_field(sense, 1, 7);
	if (x->id_usage == 1)
		return scsi_sense_param_field(sense, 1, 4);
	if (x->id_usage == SCSI_XCOPY_ID_NONE && x->list_id)
		return scsi_sense_param_field(sense, 0, 7);
	return 0;
}

static scsi_sense_code check_lengths(u32 cscds, u32 segs, u32 inline_len, unsigned int len, struct scsi_sense *sense)
{
	if (cscds > SCSI_XCOPY_DESCS_MAX || segs > SCSI_XCOPY_DESCS_MAX - cscds)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (cscds % SCSI_XCOPY_CSCD_LEN)
		return scsi_sense_param_field(sense, 2, 7);
	if (cscds > SCSI_XCOPY_CSCDS_MAX * SCSI_XCOPY_CSCD_LEN)
		return refuse(sense, SCSI_SENSE_TOO_MANY_TARGET_DESCRIPTORS, 2);
	if (inline_len)
		return refuse(sense, SCSI_SENSE_INLINE_DATA_LENGTH, 12);
	if (SCSI_XCOPY_HEADER + cscds + segs > len)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	return 0;
}

scsi_sense_code scsi_xcopy_parse(const u8 *list, unsigned int len, struct scsi_xcopy *x, struct scsi_sense *sense)
{
	unsigned int at = SCSI_XCOPY_HEADER, segs;
	u16 cscds;

	memset(x, 0, sizeof(*x));
	if (len < SCSI_XCOPY_HEADER)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	cscds = get_unaligned_be16(list + 2);
	segs = get_unaligned_be32(list + 8);
	if (parse_header(list, x, sense) ||
	    check_lengths(cscds, segs, get_unaligned_be32(list + 12), len, sense))
		return sense->code;
	for (; cscds; cscds -= SCSI_XCOPY_CSCD_LEN, at += SCSI_XCOPY_CSCD_LEN)
		if (parse_cscd(list + at, at, &x->cscds[x->nr_cscds++], sense))
			return sense->code;
	return parse_segments(list, at, at + segs, x, sense);
}

bool scsi_cscd_matches(const struct scsi_cscd *c, const u8 *page, unsigned int len)
{
	unsigned int at, n;

	for (at = 0; len - at >= SCSI_DESIGNATOR_HEADER; at += n) {
		n = SCSI_DESIGNATOR_HEADER + page[at + 3];
		if (n > len - at)
			return false;
		/* Code set, association and type, length; the identifier itself. The protocol is said for ports alone. */
		if (n == c->designator_len && n > SCSI_DESIGNATOR_HEADER &&
		    (page[at] & 0x0f) == (c->designator[0] & 0x0f) &&
		    (page[at + 1] & 0x3f) == (c->designator[1] & 0x3f) &&
		    !memcmp(page + at + 4, c->designator + 4, n - 4))
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- answers */

unsigned int scsi_copy_parameters(u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	scsi_out_be32(&o, 0);			/* AVAILABLE DATA, below */
	scsi_out_be32(&o, 0x01000000);		/* SNLID: a copy may go without list identifier */
	scsi_out_be16(&o, SCSI_XCOPY_CSCDS_MAX);
	scsi_out_be16(&o, SCSI_XCOPY_SEGS_MAX);
	scsi_out_be32(&o, SCSI_XCOPY_DESCS_MAX);
	scsi_out_be32(&o, SEGMENT_BYTES_MAX);
	scsi_out_zero(&o, 12);			/* no inline data, no held data, no streams */
	scsi_out_be16(&o, 0);
	scsi_out_be16(&o, SCSI_XCOPY_COPIES_MAX);
	scsi_out_u8(&o, SCSI_XCOPY_COPIES_MAX);
	scsi_out_u8(&o, 9);			/* DATA SEGMENT GRANULARITY: 512 bytes */
	scsi_out_zero(&o, 5);
	scsi_out_u8(&o, 2);
	scsi_out_u8(&o, SEG_BLOCK_TO_BLOCK);
	scsi_out_u8(&o, CSCD_IDENTIFICATION);
	scsi_out_patch_be32(&o, 0, o.len - 4);
	return o.len;
}

/* TRANSFER COUNT and its units: bytes while that fits, then KiB, MiB and so on (SPC-4 table 201). */
static u32 transfer_count(u64 bytes, u8 *units)
{
	for (*units = 0; bytes > 0xffffffff; bytes >>= 10)
		++*units;
	return (u32)bytes;
}

unsigned int scsi_copy_status(const struct scsi_copy_result *r, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 units;
	u32 count = transfer_count(r->bytes, &units);

	scsi_out_be32(&o, 8);
	scsi_out_u8(&o, r->state);
	scsi_out_be16(&o, r->segments);
	scsi_out_u8(&o, units);
	scsi_out_be32(&o, count);
	return o.len;
}

unsigned int scsi_copy_failed(const struct scsi_copy_result *r, bool sense_desc, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 sense[SCSI_SENSE_MAX];
	unsigned int len;

	scsi_out_be32(&o, 0);
	if (r->state != SCSI_COPY_FAILED)	/* no details: AVAILABLE DATA is zero */
		return o.len;
	len = r->status == SCSI_CHECK_CONDITION ? scsi_sense_encode(&r->sense, sense_desc, sense, sizeof(sense)) : 0;
	scsi_out_zero(&o, 52);
	scsi_out_u8(&o, r->status);
	scsi_out_u8(&o, 0);
	scsi_out_be16(&o, len);
	scsi_out_bytes(&o, sense, len);
	scsi_out_patch_be32(&o, 0, o.len - 4);
	return o.len;
}

/* Third-party copy descriptors (SPC-4 7.8.17). */
static void put_desc(struct scsi_outbuf *o, u16 type, u16 len)
{
	scsi_out_be16(o, type);
	scsi_out_be16(o, len);
}

unsigned int scsi_copy_vpd(u8 type, unsigned int block_shift, u8 *buf, unsigned int size)
{
	static const u8 commands[] = {
		SCSI_OP_EXTENDED_COPY, 4, 0x00, 0x10, 0x11, 0x1c, SCSI_OP_RECEIVE_COPY, 5, 0x00, 0x03, 0x04, 0x07, 0x08,
	};
	struct scsi_outbuf o = { .buf = buf, .size = size };

	scsi_out_u8(&o, type);
	scsi_out_u8(&o, SCSI_VPD_THIRD_PARTY_COPY);
	scsi_out_be16(&o, 0);

	scsi_rod_vpd_limits(&o, block_shift);

	put_desc(&o, 0x0001, 16);	/* supported commands */
	scsi_out_u8(&o, sizeof(commands));
	scsi_out_bytes(&o, commands, sizeof(commands));
	scsi_out_zero(&o, 2);

	put_desc(&o, 0x0004, 28);	/* parameter data */
	scsi_out_be32(&o, 0);
	scsi_out_be16(&o, SCSI_XCOPY_CSCDS_MAX);
	scsi_out_be16(&o, SCSI_XCOPY_SEGS_MAX);
	scsi_out_be32(&o, SCSI_XCOPY_DESCS_MAX);
	scsi_out_zero(&o, 16);		/* no inline data */

	put_desc(&o, 0x0008, 4);	/* supported descriptors */
	scsi_out_u8(&o, 2);
	scsi_out_u8(&o, SEG_BLOCK_TO_BLOCK);
	scsi_out_u8(&o, CSCD_IDENTIFICATION);
	scsi_out_u8(&o, 0);

	scsi_rod_vpd_features(&o);
	scsi_rod_vpd_types(&o);

	put_desc(&o, 0x8001, 32);	/* general copy operations */
	scsi_out_be32(&o, SCSI_XCOPY_COPIES_MAX);
	scsi_out_be32(&o, SCSI_XCOPY_COPIES_MAX);
	scsi_out_be32(&o, SEGMENT_BYTES_MAX);
	scsi_out_u8(&o, 9);
	scsi_out_zero(&o, 19);

	scsi_out_patch_be16(&o, 2, o.len - 4);
	return o.len;
}
