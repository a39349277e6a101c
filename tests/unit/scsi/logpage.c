// SPDX-License-Identifier: GPL-2.0
/*
 * Log pages: their bytes, what LOG SENSE and LOG SELECT refuse.
 *
 * links: scst/vdisk/pure/logpage.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/vdisk/pure/logpage.h"

static const struct scsi_log_data data = {
	.read_cmds = 0x11, .write_cmds = 0x22, .read_blocks = 0x3344, .write_blocks = 0x5566,
};

static void pages(void **state)
{
	static const struct {
		const char *cdb;
		const char *want;
	} cases[] = {
		{ "4d 00 40 00 00 00 00 00 ff 00", "00 00 00 03 00 0d 19" },
		{ "4d 00 40 ff 00 00 00 00 ff 00", "40 ff 00 08 00 00 00 ff 0d 00 19 00" },
		{ "4d 00 4d 00 00 00 00 00 ff 00", "0d 00 00 06 00 00 03 02 00 ff" },
		{ "4d 00 59 00 00 00 00 00 ff 00",
		  "19 00 00 44 00 01 03 40 00*7 11 00*7 22 00*6 55 66 00*6 33 44 00*32" },
		{ "4d 00 59 00 00 00 01 00 ff 00",
		  "19 00 00 44 00 01 03 40 00*7 11 00*7 22 00*6 55 66 00*6 33 44 00*32" },
	};
	u8 cdb[10], buf[SCSI_LOG_SENSE_MAX];
	struct scsi_sense sense;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		check_bytes(cases[i].cdb, buf, scsi_log_sense(&data, cdb, buf, sizeof(buf), &sense), cases[i].want);
	}
}

static void refused_pages(void **state)
{
	static const struct {
		const char *cdb;
		u16 field;
		u8 bit;
	} cases[] = {
		{ "4d 01 40 00 00 00 00 00 ff 00", 1, 0 },	/* SP */
		{ "4d 00 41 00 00 00 00 00 ff 00", 2, 5 },
		{ "4d 00 40 01 00 00 00 00 ff 00", 3, 7 },
		{ "4d 00 4d ff 00 00 00 00 ff 00", 3, 7 },
		{ "4d 00 40 00 00 00 01 00 ff 00", 5, 7 },
		{ "4d 00 4d 00 00 00 01 00 ff 00", 5, 7 },
		{ "4d 00 59 00 00 00 02 00 ff 00", 5, 7 },
	};
	u8 cdb[10], buf[SCSI_LOG_SENSE_MAX];
	struct scsi_sense sense;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		assert_int_equal(scsi_log_sense(&data, cdb, buf, sizeof(buf), &sense), -EINVAL);
		if (sense.code != SCSI_SENSE_INVALID_FIELD_IN_CDB || sense.field != cases[i].field || sense.bit != cases[i].bit)
			fail_msg("%s gave byte %u bit %u", cases[i].cdb, sense.field, sense.bit);
	}
}

static void select_resets(void **state)
{
	static const struct {
		const char *cdb;
		int result;
		u16 field;
	} cases[] = {
		{ "4c 00 00 00 00 00 00 00 00 00", 0, 0 },
		{ "4c 02 00 00 00 00 00 00 00 00", 1, 0 },
		{ "4c 02 59 00 00 00 00 00 00 00", 1, 0 },
		{ "4c 02 41 00 00 00 00 00 00 00", -EINVAL, 2 },
		{ "4c 02 59 01 00 00 00 00 00 00", -EINVAL, 3 },
		{ "4c 01 00 00 00 00 00 00 00 00", -EINVAL, 1 },
		{ "4c 00 00 00 00 00 00 00 04 00", -EINVAL, 7 },
	};
	struct scsi_sense sense;
	unsigned int i;
	u8 cdb[10];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&sense, 0, sizeof(sense));
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		if (scsi_log_select(cdb, &sense) != cases[i].result || sense.field != cases[i].field)
			fail_msg("%s", cases[i].cdb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),
		cmocka_unit_test(refused_pages),
		cmocka_unit_test(select_resets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
