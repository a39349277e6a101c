// SPDX-License-Identifier: GPL-2.0
/*
 * Builds the table of contents of a medium with one session and one data track (MMC-6 6.25).
 */
#include "toc.h"
#include "../../pure/outbuf.h"
#include "../../pure/sense.h"

#define MSF		0x02	/* CDB byte 1: addresses in minutes, seconds, frames */
#define FORMAT_TRACKS	0
#define FORMAT_SESSIONS	1

#define TRACK		1
#define LEAD_OUT	0xaa
#define DATA_TRACK	0x14	/* ADR 1: Q sub-channel has the position; CONTROL 4: data, recorded uninterrupted */

#define FRAMES		75	/* per second */
#define PREGAP		150	/* frames before block 0 */
#define MSF_MAX		(255 * 60 * FRAMES + 59 * FRAMES + 74)

static void put_address(struct scsi_outbuf *o, bool msf, u64 lba)
{
	u32 frames;

	if (!msf) {
		scsi_out_be32(o, min_t(u64, lba, 0xffffffff));
		return;
	}
	frames = min_t(u64, lba + PREGAP, MSF_MAX);
	scsi_out_u8(o, 0);
	scsi_out_u8(o, frames / (60 * FRAMES));
	scsi_out_u8(o, frames / FRAMES % 60);
	scsi_out_u8(o, frames % FRAMES);
}

/* Of a track, or of the first one of a session. */
static void put_track(struct scsi_outbuf *o, u8 number, bool msf, u64 lba)
{
	scsi_out_u8(o, 0);
	scsi_out_u8(o, DATA_TRACK);
	scsi_out_u8(o, number);
	scsi_out_u8(o, 0);
	put_address(o, msf, lba);
}

int scsi_read_toc(u64 blocks, const u8 *cdb, u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u8 format = cdb[2] & 0x0f, from = cdb[6];
	bool msf = cdb[1] & MSF;

	if (!format)
		format = cdb[9] >> 6;
	if (format > FORMAT_SESSIONS) {
		scsi_sense_cdb_field(sense, cdb[2] & 0x0f ? 2 : 9, cdb[2] & 0x0f ? 3 : 7);
		return -EINVAL;
	}
	if (format == FORMAT_TRACKS && from > TRACK && from != LEAD_OUT) {
		scsi_sense_cdb_field(sense, 6, 7);
		return -EINVAL;
	}
	scsi_out_be16(&o, 0);	/* TOC DATA LENGTH, below */
	scsi_out_u8(&o, 1);	/* first and last track, or session */
	scsi_out_u8(&o, 1);
	if (format == FORMAT_SESSIONS || from <= TRACK)
		put_track(&o, TRACK, msf, 0);
	if (format == FORMAT_TRACKS)
		put_track(&o, LEAD_OUT, msf, blocks);
	scsi_out_patch_be16(&o, 0, o.len - 2);
	return o.len;
}
