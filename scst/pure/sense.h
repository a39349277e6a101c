/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns struct scsi_sense into the bytes of SPC-4 4.5; the only place that knows their format. Pure.
 */
#ifndef SCST_PURE_SENSE_H
#define SCST_PURE_SENSE_H

#include "scsi_defs.h"

#define SCSI_SENSE_FIXED_LEN	18

/**
 * scsi_sense_encode() - build sense data
 * @s: what to say; code 0 gives NO SENSE
 * @descriptor_format: DESC of REQUEST SENSE; of autosense the device's D_SENSE, but for scsi_sense_always_fixed()
 * @buf: where it goes
 * @size: room in @buf; what does not fit is cut off. SCSI_SENSE_MAX always suffices
 *
 * An INFORMATION value above 32 bits cannot be told in fixed format: VALID stays 0.
 *
 * Return: bytes written, 18 in fixed format when @size allows.
 */
unsigned int scsi_sense_encode(const struct scsi_sense *s, bool descriptor_format, u8 *buf, unsigned int size);

/* Autosense of reset (29/xx) and MODE PARAMETERS CHANGED unit attentions has fixed format whatever D_SENSE says. */
bool scsi_sense_always_fixed(scsi_sense_code code);

/* Each of these replaces whatever @s said, and returns the code so that a check can end with it. */
static inline scsi_sense_code scsi_sense_set(struct scsi_sense *s, scsi_sense_code code)
{
	memset(s, 0, sizeof(*s));
	s->code = code;
	return code;
}

static inline scsi_sense_code scsi_sense_set_info(struct scsi_sense *s, scsi_sense_code code, u64 info)
{
	scsi_sense_set(s, code);
	s->info = info;
	s->flags = SCSI_SENSE_F_INFO;
	return code;
}

/* INVALID FIELD IN CDB at @byte; @bit is the most significant offending bit. */
static inline scsi_sense_code scsi_sense_cdb_field(struct scsi_sense *s, u16 byte, u8 bit)
{
	scsi_sense_set(s, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	s->field = byte;
	s->bit = bit;
	s->flags = SCSI_SENSE_F_FIELD | SCSI_SENSE_F_BIT | SCSI_SENSE_F_CDB;
	return s->code;
}

/* INVALID FIELD IN PARAMETER LIST at @byte. */
static inline scsi_sense_code scsi_sense_param_field(struct scsi_sense *s, u16 byte, u8 bit)
{
	scsi_sense_set(s, SCSI_SENSE_INVALID_FIELD_IN_PARAM);
	s->field = byte;
	s->bit = bit;
	s->flags = SCSI_SENSE_F_FIELD | SCSI_SENSE_F_BIT;
	return s->code;
}

#endif /* SCST_PURE_SENSE_H */
