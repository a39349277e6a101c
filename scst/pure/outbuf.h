/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a response of any length into a buffer of a given size: what does not fit is counted, not stored. Pure.
 */
#ifndef SCST_PURE_OUTBUF_H
#define SCST_PURE_OUTBUF_H

#include "scst_pure.h"

/**
 * struct scsi_outbuf - a response under construction
 * @buf: where it goes
 * @size: bytes that fit
 * @len: bytes the whole response has so far
 */
struct scsi_outbuf {
	u8 *buf;
	unsigned int size;
	unsigned int len;
};

static inline void scsi_out_bytes(struct scsi_outbuf *o, const void *data, unsigned int n)
{
	if (n && o->len < o->size)	/* no bytes may come as NULL */
		memcpy(o->buf + o->len, data, min(n, o->size - o->len));
	o->len += n;
}

static inline void scsi_out_zero(struct scsi_outbuf *o, unsigned int n)
{
	if (o->len < o->size)
		memset(o->buf + o->len, 0, min(n, o->size - o->len));
	o->len += n;
}

static inline void scsi_out_u8(struct scsi_outbuf *o, u8 v)
{
	scsi_out_bytes(o, &v, 1);
}

static inline void scsi_out_be16(struct scsi_outbuf *o, u16 v)
{
	u8 b[2];

	put_unaligned_be16(v, b);
	scsi_out_bytes(o, b, sizeof(b));
}

static inline void scsi_out_be32(struct scsi_outbuf *o, u32 v)
{
	u8 b[4];

	put_unaligned_be32(v, b);
	scsi_out_bytes(o, b, sizeof(b));
}

static inline void scsi_out_be64(struct scsi_outbuf *o, u64 v)
{
	u8 b[8];

	put_unaligned_be64(v, b);
	scsi_out_bytes(o, b, sizeof(b));
}

/* Sets a byte written earlier, e.g. a length known only at the end. */
static inline void scsi_out_patch_u8(struct scsi_outbuf *o, unsigned int at, u8 v)
{
	if (at < o->size)
		o->buf[at] = v;
}

static inline void scsi_out_patch_be16(struct scsi_outbuf *o, unsigned int at, u16 v)
{
	scsi_out_patch_u8(o, at, v >> 8);
	scsi_out_patch_u8(o, at + 1, (u8)v);
}

static inline void scsi_out_patch_be32(struct scsi_outbuf *o, unsigned int at, u32 v)
{
	scsi_out_patch_be16(o, at, v >> 16);
	scsi_out_patch_be16(o, at + 2, (u16)v);
}

#endif /* SCST_PURE_OUTBUF_H */
