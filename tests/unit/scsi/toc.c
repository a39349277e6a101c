// SPDX-License-Identifier: GPL-2.0
/*
 * READ TOC: one data track and its lead-out, in blocks and in minutes, and what is refused.
 *
 * links: scst/vdisk/pure/toc.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/vdisk/pure/toc.h"

static void toc_answers(void **state)
{
	static const struct {
		u64 blocks;
		const char *cdb;
		const char *data;
	} cases[] = {
		/* tracks: from the first, from track 1, the lead-out alone */
		{ 1000, "43 00 00 00 00 00 00 00 ff 00", "00 12 01 01 00 14 01 00 00 00 00 00 00 14 aa 00 00 00 03 e8" },
		{ 1000, "43 00 00 00 00 00 01 00 ff 00", "00 12 01 01 00 14 01 00 00 00 00 00 00 14 aa 00 00 00 03 e8" },
		{ 1000, "43 00 00 00 00 00 aa 00 ff 00", "00 0a 01 01 00 14 aa 00 00 00 03 e8" },
		/* minutes: block 0 is 00:02:00, block 1000 is 00:15:25 */
		{ 1000, "43 02 00 00 00 00 00 00 ff 00", "00 12 01 01 00 14 01 00 00 00 02 00 00 14 aa 00 00 00 0f 19" },
		{ 4349, "43 02 00 00 00 00 aa 00 ff 00", "00 0a 01 01 00 14 aa 00 00 00 3b 4a" },
		{ 4350, "43 02 00 00 00 00 aa 00 ff 00", "00 0a 01 01 00 14 aa 00 00 01 00 00" },
		/* more than can be said */
		{ 0x10000000000, "43 00 00 00 00 00 aa 00 ff 00", "00 0a 01 01 00 14 aa 00 ff ff ff ff" },
		{ 2298975, "43 02 00 00 00 00 aa 00 ff 00", "00 0a 01 01 00 14 aa 00 00 ff 3b 4a" },
		/* sessions, in both places of the format; the number is not looked at */
		{ 1000, "43 00 01 00 00 00 00 00 ff 00", "00 0a 01 01 00 14 01 00 00 00 00 00" },
		{ 1000, "43 02 01 00 00 00 07 00 ff 00", "00 0a 01 01 00 14 01 00 00 00 02 00" },
		{ 1000, "43 00 00 00 00 00 00 00 0c 40", "00 0a 01 01 00 14 01 00 00 00 00 00" },
	};
	struct scsi_sense sense = { 0 };
	u8 cdb[10], want[32], got[32];
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		len = hex_bytes(cases[i].data, want, sizeof(want));
		memset(got, 0x55, sizeof(got));
		assert_int_equal(scsi_read_toc(cases[i].blocks, cdb, got, sizeof(got), &sense), len);
		assert_memory_equal(got, want, len);
		assert_int_equal(got[len], 0x55);
	}
}

/* The length is that of the whole answer, and no byte is written behind the room there is. */
static void toc_short_room(void **state)
{
	struct scsi_sense sense = { 0 };
	u8 cdb[10], got[SCSI_TOC_MAX];
	unsigned int size;

	hex_bytes("43 00 00 00 00 00 00 00 ff 00", cdb, sizeof(cdb));
	for (size = 0; size < sizeof(got); size++) {
		memset(got, 0x55, sizeof(got));
		assert_int_equal(scsi_read_toc(7, cdb, got, size, &sense), SCSI_TOC_MAX);
		assert_int_equal(got[size], 0x55);
		if (size >= 2)
			assert_int_equal(got[1], SCSI_TOC_MAX - 2);
	}
}

static void toc_refusals(void **state)
{
	static const struct {
		const char *cdb;
		u16 field;
		u8 bit;
	} cases[] = {
		{ "43 00 02 00 00 00 00 00 ff 00", 2, 3 },	/* full TOC */
		{ "43 00 05 00 00 00 00 00 ff 00", 2, 3 },	/* CD-TEXT */
		{ "43 00 00 00 00 00 00 00 ff 80", 9, 7 },
		{ "43 00 00 00 00 00 02 00 ff 00", 6, 7 },
		{ "43 00 00 00 00 00 ab 00 ff 00", 6, 7 },
	};
	struct scsi_sense sense;
	u8 cdb[10], got[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&sense, 0, sizeof(sense));
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		assert_int_equal(scsi_read_toc(7, cdb, got, sizeof(got), &sense), -EINVAL);
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		assert_int_equal(sense.field, cases[i].field);
		assert_int_equal(sense.bit, cases[i].bit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(toc_answers),
		cmocka_unit_test(toc_short_room),
		cmocka_unit_test(toc_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
