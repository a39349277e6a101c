// SPDX-License-Identifier: GPL-2.0
/*
 * Decodes and encodes logical unit numbers and builds the REPORT LUNS list.
 */
#include "lun.h"
#include "outbuf.h"
#include "sense.h"

#define SELECT_ALL_BUT_WELL_KNOWN	0
#define SELECT_ALL			2

int scsi_lun_decode(const u8 lun[8])
{
	unsigned int i;

	if (lun[0] >> 6 > SCSI_LUN_LOGICAL)
		return -EINVAL;
	for (i = 2; i < 8; i++)
		if (lun[i])
			return -EINVAL;
	return get_unaligned_be16(lun) & SCSI_MAX_LUN;
}

void scsi_lun_encode(u16 lun, enum scsi_lun_method method, u8 out[8])
{
	memset(out, 0, 8);
	if (!lun)
		return;
	if (method == SCSI_LUN_PERIPHERAL && lun > 0xff)
		method = SCSI_LUN_FLAT;
	put_unaligned_be16((lun & SCSI_MAX_LUN) | method << 14, out);
}

int scsi_report_luns(const u8 *cdb, const u16 *luns, unsigned int n, enum scsi_lun_method method,
		     u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	unsigned int i;
	u8 lun[8];

	if (cdb[2] != SELECT_ALL_BUT_WELL_KNOWN && cdb[2] != SELECT_ALL) {
		scsi_sense_cdb_field(sense, 2, 7);
		return -EINVAL;
	}
	if (get_unaligned_be32(cdb + 6) < 16) {
		scsi_sense_cdb_field(sense, 6, 7);
		return -EINVAL;
	}
	scsi_out_be32(&o, n * 8);
	scsi_out_zero(&o, 4);
	for (i = 0; i < n; i++) {
		scsi_lun_encode(luns[i], method, lun);
		scsi_out_bytes(&o, lun, sizeof(lun));
	}
	return o.len;
}
