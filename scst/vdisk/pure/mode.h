/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mode pages of a virtual disk: MODE SENSE, MODE SELECT and the text form of the saved values. Pure.
 */
#ifndef VDISK_PURE_MODE_H
#define VDISK_PURE_MODE_H

#include "scsi_defs.h"

/**
 * struct scsi_mode_values - the fields an initiator may change; 0 or 1 unless said otherwise
 * @wce: WCE (caching page); the administrator's write_through is its opposite
 * @d_sense: D_SENSE (this and the rest: control page)
 * @dpicz: DPICZ
 * @tmf_only: TMF_ONLY
 * @swp: SWP
 * @tas: TAS
 * @qerr: QERR, 0, 1 or 3
 * @queue_alg: QUEUE ALGORITHM MODIFIER, 0 or 1
 * @ua_intlck: UA_INTLCK_CTRL, enum scsi_ua_intlck
 */
struct scsi_mode_values {
	u8 wce;
	u8 d_sense;
	u8 dpicz;
	u8 tmf_only;
	u8 swp;
	u8 tas;
	u8 qerr;
	u8 queue_alg;
	u8 ua_intlck;
};

#define SCSI_MODE_DEFAULTS	{ .wce = true, .queue_alg = 1 }

/**
 * struct scsi_mode_state - all that MODE SENSE and SELECT need to know of a device
 * @cur: current values
 * @saved: saved values
 * @def: default values
 * @type: SCSI_TYPE_DISK or SCSI_TYPE_ROM
 * @tst: TST, fixed at creation
 * @ato: ATO: application tags are the application's
 * @read_only: the LUN or device is read only (SWP counts by itself)
 * @nv_cache: WCE reads 0 and cannot be changed; set @cur.wce to 0 with it
 * @saving: saved pages are enabled
 * @frozen: nothing may be changed (cluster mode)
 * @blocks: number of logical blocks
 * @block_size: bytes per logical block
 */
struct scsi_mode_state {
	struct scsi_mode_values cur;
	struct scsi_mode_values saved;
	struct scsi_mode_values def;
	u8 type;
	u8 tst;
	bool ato;
	bool read_only;
	bool nv_cache;
	bool saving;
	bool frozen;
	u64 blocks;
	u32 block_size;
};

/* Longest answer of MODE SENSE. */
#define SCSI_MODE_SENSE_MAX	256
/* Longest parameter list that can be meant; longer ones are refused. */
#define SCSI_MODE_SELECT_MAX	256

/**
 * scsi_mode_sense() - data of MODE SENSE(6) or (10) (SPC-4 6.11, 6.12)
 * @st: the device
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @buf: where the data go
 * @size: room in @buf; give no more than the ALLOCATION LENGTH
 * @sense: filled on failure
 *
 * Return: length of the whole answer, of which at most @size bytes were written; -EINVAL with @sense filled.
 */
int scsi_mode_sense(const struct scsi_mode_state *st, const u8 *cdb,
		    u8 *buf, unsigned int size, struct scsi_sense *sense);

/* What a MODE SELECT did. */
#define SCSI_MODE_FX_WCE	0x01	/* cur.wce changed: flush, then switch the cache mode */
#define SCSI_MODE_FX_CONTROL	0x02	/* a field of the control page changed in cur */
#define SCSI_MODE_FX_SAVE	0x04	/* saved changed: write the image */
#define SCSI_MODE_FX_UA		0x08	/* raise MODE PARAMETERS CHANGED on all other nexuses */

/**
 * scsi_mode_select() - apply a parameter list of MODE SELECT(6) or (10) (SPC-4 6.9, 6.10)
 * @st: changed as a whole or, on failure, not at all; work on a copy and publish it under the device's lock
 * @cdb: the CDB, checked by scsi_cdb_decode()
 * @list: the parameter list
 * @len: its length as received, at most the CDB's
 * @effects: set of SCSI_MODE_FX_*
 * @sense: filled on failure
 *
 * Return: 0 or -EINVAL with @sense filled.
 */
int scsi_mode_select(struct scsi_mode_state *st, const u8 *cdb, const u8 *list, unsigned int len,
		     unsigned int *effects, struct scsi_sense *sense);

/* Longest image without the name line. */
#define SCSI_MODE_IMAGE_MAX	160

/**
 * scsi_mode_image_print() - text form of saved values
 * @saved: the values
 * @def: the default values: what equals them is left out
 * @buf: receives the lines NAME=VALUE that follow the line with the device name, NUL terminated
 * @size: room in @buf, SCSI_MODE_IMAGE_MAX suffices
 *
 * Return: length without NUL; 0 when nothing differs, i.e. no file is needed; -ENOSPC.
 */
int scsi_mode_image_print(const struct scsi_mode_values *saved, const struct scsi_mode_values *def,
			  char *buf, unsigned int size);

/**
 * scsi_mode_image_parse() - read the text form back
 * @text: the whole file, first line included; need not end with NUL
 * @len: its length
 * @name: the device name that the first line must hold
 * @def: the default values
 * @saved: the values read; unchanged on failure
 *
 * Return: 0, or -EINVAL for a foreign first line, an unknown name or a value out of range.
 */
int scsi_mode_image_parse(const char *text, unsigned int len, const char *name,
			  const struct scsi_mode_values *def, struct scsi_mode_values *saved);

#endif /* VDISK_PURE_MODE_H */
