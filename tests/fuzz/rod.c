// SPDX-License-Identifier: GPL-2.0
/*
 * The first byte chooses: a parameter list of POPULATE TOKEN or WRITE USING TOKEN for a device of that block size. What is taken
 * keeps the promises of struct scsi_ranges, and every byte of it has one place.
 *
 * links: scst/pure/rod.c scst/pure/sense.c
 */
#include <stdlib.h>

#include "scst/pure/rod.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)	do { if (!(condition)) abort(); } while (0)
#define CAPACITY	(1ULL << 40)

static void check_ranges(const struct scsi_ranges *rs, unsigned int shift)
{
	u64 blocks = 0, done, n, pos;
	unsigned int i;

	MUST(rs->nr <= SCSI_ROD_RANGES_MAX);
	for (i = 0; i < rs->nr; i++) {
		MUST(rs->r[i].blocks && rs->r[i].lba < CAPACITY && rs->r[i].blocks <= CAPACITY - rs->r[i].lba);
		MUST(!scsi_ranges_meet(rs->r, i, rs->r[i].lba, rs->r[i].blocks));
		blocks += rs->r[i].blocks;
	}
	MUST(blocks == rs->blocks && blocks <= SCSI_ROD_BYTES_MAX >> shift);
	for (done = 0, i = 0; done < blocks << shift; done += n, i++) {
		n = scsi_ranges_at(rs->r, rs->nr, shift, done, &pos);
		MUST(n == (u64)rs->r[i].blocks << shift && pos == rs->r[i].lba << shift);
	}
	MUST(!scsi_ranges_at(rs->r, rs->nr, shift, done, &pos));
}

static void failure(const struct scsi_sense *sense)
{
	struct scsi_rod_report r = { .state = SCSI_ROD_FAILED, .status = SCSI_CHECK_CONDITION, .sense = *sense };
	u8 buf[SCSI_ROD_REPORT_MAX];

	MUST(sense->code);
	MUST(scsi_rod_report(&r, NULL, false, buf, sizeof(buf)) <= sizeof(buf));
	MUST(scsi_rod_report(&r, NULL, true, buf, sizeof(buf)) <= sizeof(buf));
}

static void try_populate(const u8 *list, unsigned int len, unsigned int shift)
{
	struct scsi_sense sense = { 0 };
	struct scsi_populate p;

	if (scsi_populate_parse(list, len, shift, CAPACITY, &p, &sense)) {
		failure(&sense);
		return;
	}
	MUST(p.timeout && p.timeout <= SCSI_ROD_TIMEOUT_MAX);
	check_ranges(&p.ranges, shift);
}

static void try_write(const u8 *list, unsigned int len, unsigned int shift)
{
	struct scsi_sense sense = { 0 };
	struct scsi_write_token w;

	if (scsi_write_token_parse(list, len, shift, CAPACITY, &w, &sense))
		failure(&sense);
	else
		check_ranges(&w.ranges, shift);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int shift, len;
	u8 *list;

	if (!size)
		return 0;
	shift = 9 + (data[0] & 3);
	len = min_t(size_t, size - 1, SCSI_WRITE_TOKEN_LIST_MAX);
	list = malloc(len ? len : 1);	/* of its exact size, for the sanitizer */
	MUST(list);
	if (len)
		memcpy(list, data + 1, len);
	if (data[0] & 0x80)
		try_write(list, len, shift);
	else
		try_populate(list, len, shift);
	free(list);
	return 0;
}
