// SPDX-License-Identifier: GPL-2.0
/*
 * Builds sense data in fixed and descriptor format (SPC-4 4.5).
 */
#include "sense.h"
#include "outbuf.h"

#define RESPONSE_FIXED		0x70
#define RESPONSE_DESCRIPTOR	0x72
#define RESPONSE_DEFERRED	1	/* added to either: a deferred error (SPC-4 4.5.5) */
#define DESC_INFORMATION	0x00
#define DESC_COMMAND_SPECIFIC	0x01
#define DESC_SENSE_KEY_SPECIFIC	0x02
#define DESC_FORWARDED		0x0c

#define KEY_NO_SENSE		0x0
#define KEY_NOT_READY		0x2
#define KEY_ILLEGAL_REQUEST	0x5
#define KEY_COPY_ABORTED	0xa

#define FORWARDED_SOURCE	1	/* whose sense data are forwarded */
#define FORWARDED_DESTINATION	2

/* Three bytes of sense key specific data (SPC-4 4.5.2.4); the key decides which kind is legal. Returns whether there are any. */
static bool sense_key_specific(const struct scsi_sense *s, u8 sks[3])
{
	u8 key = SCSI_SENSE_KEY(s->code);

	memset(sks, 0, 3);
	if ((s->flags & SCSI_SENSE_F_FIELD) && key == KEY_ILLEGAL_REQUEST) {
		sks[0] = 0x80;
		if (s->flags & SCSI_SENSE_F_CDB)
			sks[0] |= 0x40;
		if (s->flags & SCSI_SENSE_F_BIT)
			sks[0] |= 0x08 | (s->bit & 0x07);
		put_unaligned_be16(s->field, sks + 1);
		return true;
	}
	if ((s->flags & SCSI_SENSE_F_PROGRESS) && (key == KEY_NOT_READY || key == KEY_NO_SENSE)) {
		sks[0] = 0x80;
		put_unaligned_be16(s->progress, sks + 1);
		return true;
	}
	if ((s->flags & SCSI_SENSE_F_FIELD) && key == KEY_COPY_ABORTED) {
		sks[0] = 0x80 | (s->flags & SCSI_SENSE_F_SEGMENT ? 0x20 : 0);
		put_unaligned_be16(s->field, sks + 1);
		return true;
	}
	return false;
}

static u8 response_code(const struct scsi_sense *s, u8 current_error)
{
	return current_error + (s->flags & SCSI_SENSE_F_DEFERRED ? RESPONSE_DEFERRED : 0);
}

/* Fixed sense of eighteen bytes that says nothing but @code. */
static void put_plain(scsi_sense_code code, struct scsi_outbuf *o)
{
	scsi_out_u8(o, RESPONSE_FIXED);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, SCSI_SENSE_KEY(code));
	scsi_out_zero(o, 4);
	scsi_out_u8(o, SCSI_SENSE_FIXED_LEN - 8);
	scsi_out_zero(o, 4);
	scsi_out_u8(o, SCSI_SENSE_ASC(code));
	scsi_out_u8(o, SCSI_SENSE_ASCQ(code));
	scsi_out_zero(o, 4);
}

/* COMMAND-SPECIFIC INFORMATION of a copy: where status and sense of either end stand, the segment (SPC-4 5.16.7). */
static void put_copy_pointers(const struct scsi_sense *s, struct scsi_outbuf *o)
{
	u8 at = s->flags & SCSI_SENSE_F_THIRD ? SCSI_SENSE_FIXED_LEN : 0;

	scsi_out_u8(o, s->third_dst ? 0 : at);
	scsi_out_u8(o, s->third_dst ? at : 0);
	scsi_out_be16(o, s->flags & SCSI_SENSE_F_SEGMENT ? s->segment : 0);
}

static void encode_fixed(const struct scsi_sense *s, struct scsi_outbuf *o)
{
	bool valid = (s->flags & SCSI_SENSE_F_INFO) && s->info <= 0xffffffffU;
	u8 sks[3];

	sense_key_specific(s, sks);
	scsi_out_u8(o, response_code(s, RESPONSE_FIXED) | (valid ? 0x80 : 0));
	scsi_out_u8(o, 0);
	scsi_out_u8(o, SCSI_SENSE_KEY(s->code));
	scsi_out_be32(o, valid ? (u32)s->info : 0);
	scsi_out_u8(o, SCSI_SENSE_FIXED_LEN - 8);
	put_copy_pointers(s, o);
	scsi_out_u8(o, SCSI_SENSE_ASC(s->code));
	scsi_out_u8(o, SCSI_SENSE_ASCQ(s->code));
	scsi_out_u8(o, 0);
	scsi_out_bytes(o, sks, sizeof(sks));
	if (!(s->flags & SCSI_SENSE_F_THIRD))
		return;
	scsi_out_u8(o, s->third_status);
	if (s->third_code)
		put_plain(s->third_code, o);
	scsi_out_patch_u8(o, 7, o->len - 8);
}

static void put_forwarded(const struct scsi_sense *s, struct scsi_outbuf *o)
{
	scsi_out_u8(o, DESC_FORWARDED);
	scsi_out_u8(o, 2 + (s->third_code ? SCSI_SENSE_FIXED_LEN : 0));
	scsi_out_u8(o, s->third_dst ? FORWARDED_DESTINATION : FORWARDED_SOURCE);
	scsi_out_u8(o, s->third_status);
	if (s->third_code)
		put_plain(s->third_code, o);
}

static void encode_descriptor(const struct scsi_sense *s, struct scsi_outbuf *o)
{
	u8 sks[3];

	scsi_out_u8(o, response_code(s, RESPONSE_DESCRIPTOR));
	scsi_out_u8(o, SCSI_SENSE_KEY(s->code));
	scsi_out_u8(o, SCSI_SENSE_ASC(s->code));
	scsi_out_u8(o, SCSI_SENSE_ASCQ(s->code));
	scsi_out_zero(o, 4);
	if (s->flags & SCSI_SENSE_F_INFO) {
		scsi_out_u8(o, DESC_INFORMATION);
		scsi_out_u8(o, 0x0a);
		scsi_out_be16(o, 0x8000);
		scsi_out_be64(o, s->info);
	}
	if (s->flags & SCSI_SENSE_F_SEGMENT) {
		scsi_out_u8(o, DESC_COMMAND_SPECIFIC);
		scsi_out_u8(o, 0x0a);
		scsi_out_be16(o, 0);
		scsi_out_be64(o, s->segment);
	}
	if (sense_key_specific(s, sks)) {
		scsi_out_u8(o, DESC_SENSE_KEY_SPECIFIC);
		scsi_out_u8(o, 0x06);
		scsi_out_be16(o, 0);
		scsi_out_bytes(o, sks, sizeof(sks));
		scsi_out_u8(o, 0);
	}
	if (s->flags & SCSI_SENSE_F_THIRD)
		put_forwarded(s, o);
	scsi_out_patch_u8(o, 7, o->len - 8);
}

bool scsi_sense_always_fixed(scsi_sense_code code)
{
	return code == SCSI_SENSE_UA_MODE_CHANGED || code >> 8 == SCSI_SENSE_UA_POWER_ON_RESET >> 8;
}

unsigned int scsi_sense_encode(const struct scsi_sense *s, bool descriptor_format, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };

	if (descriptor_format)
		encode_descriptor(s, &o);
	else
		encode_fixed(s, &o);
	return min(o.len, size);
}
