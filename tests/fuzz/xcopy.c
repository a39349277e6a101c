// SPDX-License-Identifier: GPL-2.0
/*
 * A parameter list of EXTENDED COPY, and designators against the first descriptor of what was taken.
 *
 * links: scst/pure/xcopy.c scst/pure/rod.c scst/pure/sense.c
 */
#include <stdlib.h>

#include "scst/pure/sense.h"
#include "scst/pure/xcopy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)

static void failure(const struct scsi_sense *sense)
{
	struct scsi_copy_result r = { .state = SCSI_COPY_FAILED, .status = SCSI_CHECK_CONDITION, .sense = *sense };
	u8 buf[320];

	MUST(sense->code);
	MUST(scsi_copy_failed(&r, false, buf, sizeof(buf)) <= sizeof(buf));
	MUST(scsi_copy_failed(&r, true, buf, sizeof(buf)) <= sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scsi_sense sense = { 0 };
	struct scsi_xcopy x;
	unsigned int i, len = min_t(size_t, size, SCSI_XCOPY_LIST_MAX);
	u8 *list = malloc(len ? len : 1);	/* of its exact size, for the sanitizer */

	MUST(list);
	if (len)
		memcpy(list, data, len);
	if (scsi_xcopy_parse(list, len, &x, &sense)) {
		failure(&sense);
		free(list);
		return 0;
	}
	MUST(x.nr_cscds <= SCSI_XCOPY_CSCDS_MAX && x.nr_segs <= SCSI_XCOPY_SEGS_MAX);
	for (i = 0; i < x.nr_segs; i++)
		MUST(x.segs[i].src < x.nr_cscds && x.segs[i].dst < x.nr_cscds);
	for (i = 0; i < x.nr_cscds; i++) {
		MUST(x.cscds[i].designator_len <= SCSI_XCOPY_DESIGNATOR_MAX);
		scsi_cscd_matches(&x.cscds[i], list, len);
	}
	free(list);
	return 0;
}
