// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the parameter lists of FORMAT UNIT (SBC-4 5.4) and SANITIZE (SBC-4 5.30).
 */
#include "dif.h"
#include "erase.h"
#include "../../pure/sense.h"

/* FORMAT UNIT: CDB byte 1, then bytes of the list. */
#define FMTPINFO_SHIFT	6
#define FMTDATA		0x10
#define LONGLIST	0x20
#define FORMAT_IP	0x08
#define FORMAT_IMMED	0x02

/* SANITIZE (OVERWRITE), byte 0 of the list. */
#define OVERWRITE_INVERT 0x80
#define OVERWRITE_TEST	0x60
#define OVERWRITE_COUNT	0x1f

/* What the device is to have afterwards is what it has: its type of protection information does not change. */
static scsi_sense_code format_type(const u8 *cdb, u8 usage, u8 dif_type, struct scsi_sense *sense)
{
	switch (scsi_dif_format(cdb[1] >> FMTPINFO_SHIFT, usage, dif_type)) {
	case 0:
		return 0;
	case 1:
		return scsi_sense_cdb_field(sense, 1, 7);
	default:
		return cdb[1] & FMTDATA ? scsi_sense_param_field(sense, 0, 2) : scsi_sense_cdb_field(sense, 1, 4);
	}
}

scsi_sense_code scsi_format_list(const u8 *cdb, const u8 *list, unsigned int len, u8 dif_type, bool *immed,
				 struct scsi_sense *sense)
{
	bool wide = cdb[1] & LONGLIST;

	*immed = false;
	if (!(cdb[1] & FMTDATA))
		return format_type(cdb, 0, dif_type, sense);
	if (len < (wide ? 8 : 4))
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (format_type(cdb, list[0], dif_type, sense))	/* PROTECTION FIELD USAGE */
		return sense->code;
	if (list[1] & FORMAT_IP)
		return scsi_sense_param_field(sense, 1, 3);
	if (wide && list[3])	/* P_I_INFORMATION, PROTECTION INTERVAL EXPONENT */
		return scsi_sense_param_field(sense, 3, 7);
	if (wide ? get_unaligned_be32(list + 4) : get_unaligned_be16(list + 2))
		return scsi_sense_param_field(sense, wide ? 4 : 2, 7);
	*immed = list[1] & FORMAT_IMMED;
	return 0;
}

scsi_sense_code scsi_overwrite_list(const u8 *cdb, const u8 *list, unsigned int len, unsigned int block_size,
				    struct scsi_overwrite *o, struct scsi_sense *sense)
{
	unsigned int wanted = get_unaligned_be16(cdb + 7);

	if (wanted <= SCSI_OVERWRITE_HEADER || wanted > block_size + SCSI_OVERWRITE_HEADER)
		return scsi_sense_cdb_field(sense, 7, 7);
	if (len < SCSI_OVERWRITE_HEADER)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (list[0] & OVERWRITE_TEST)
		return scsi_sense_param_field(sense, 0, 6);
	if (!(list[0] & OVERWRITE_COUNT))
		return scsi_sense_param_field(sense, 0, 4);
	if (list[1])
		return scsi_sense_param_field(sense, 1, 7);
	o->passes = list[0] & OVERWRITE_COUNT;
	o->invert = list[0] & OVERWRITE_INVERT;
	o->pattern_len = get_unaligned_be16(list + 2);
	if (!o->pattern_len || o->pattern_len > block_size)
		return scsi_sense_param_field(sense, 2, 7);
	if (len - SCSI_OVERWRITE_HEADER < o->pattern_len)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	return 0;
}

void scsi_overwrite_fill(const u8 *pattern, unsigned int pattern_len, unsigned int block_size, u8 *buf, unsigned int size)
{
	unsigned int block, at;

	for (block = 0; block < size; block += block_size)
		for (at = 0; at < block_size; at += pattern_len)
			memcpy(buf + block + at, pattern, min(pattern_len, block_size - at));
}
