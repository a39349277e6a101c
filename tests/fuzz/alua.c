// SPDX-License-Identifier: GPL-2.0
/*
 * A parameter list of SET TARGET PORT GROUPS, against groups that the first byte makes, and REPORT TARGET PORT GROUPS of them.
 *
 * links: scst/pure/alua.c scst/pure/sense.c
 */
#include <stdlib.h>

#include "scst/pure/alua.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)
#define GROUPS		4

static void report(const struct scsi_tpg *groups, unsigned int nr, u8 flags)
{
	const u8 cdb[12] = { 0xa3, flags, [9] = 0xff };
	struct scsi_sense sense = { 0 };
	u8 buf[64];
	int len = scsi_rtpg_build(groups, nr, cdb, buf, flags % sizeof(buf), &sense);

	MUST(len >= 4 || (len < 0 && sense.code));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u16 ports[] = { 1, 2, 3 };
	struct scsi_stpg want[SCSI_STPG_MAX];
	struct scsi_tpg groups[GROUPS];
	struct scsi_sense sense = { 0 };
	unsigned int i, nr;
	u8 *list;
	int n;

	if (!size)
		return 0;
	nr = data[0] % (GROUPS + 1);
	for (i = 0; i < nr; i++)
		groups[i] = (struct scsi_tpg) { .id = i, .state = (data[0] >> i) & 0x0f, .nr_ports = i, .ports = ports };
	report(groups, nr, data[0]);
	list = malloc(size > 1 ? size - 1 : 1);	/* of its exact size, for the sanitizer */
	MUST(list);
	memcpy(list, data + 1, size - 1);
	n = scsi_stpg_parse(groups, nr, list, size - 1, want, &sense);
	MUST(n >= 0 ? n <= (int)nr : sense.code != 0);
	for (i = 0; (int)i < n; i++)
		MUST(want[i].group < nr && want[i].state <= SCSI_ALUA_UNAVAILABLE);
	free(list);
	return 0;
}
