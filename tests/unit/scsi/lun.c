// SPDX-License-Identifier: GPL-2.0
/*
 * LUN addressing and the REPORT LUNS list.
 *
 * links: scst/pure/lun.c
 */
#include "hex.h"
#include "scst/pure/lun.h"

static void decode(void **state)
{
	static const struct {
		const char *bytes;
		int lun;
	} cases[] = {
		{ "00*8", 0 },
		{ "00 01 00*6", 1 },
		{ "00 ff 00*6", 255 },
		{ "01 00 00*6", 256 },
		{ "3f ff 00*6", SCSI_MAX_LUN },
		{ "40 00 00*6", 0 },
		{ "41 23 00*6", 0x123 },
		{ "7f ff 00*6", SCSI_MAX_LUN },
		{ "80 05 00*6", 5 },
		{ "c0 05 00*6", -EINVAL },	/* extended: well-known LUNs among them */
		{ "c1 01 00*6", -EINVAL },
		{ "00 01 01 00*5", -EINVAL },	/* a second level */
		{ "00 01 00 01 00*4", -EINVAL },
		{ "00 01 00*5 01", -EINVAL },
		{ "ff*8", -EINVAL },
	};
	unsigned int i;
	u8 lun[8];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(hex_bytes(cases[i].bytes, lun, 8), 8);
		assert_int_equal(scsi_lun_decode(lun), cases[i].lun);
	}
}

static void encode(void **state)
{
	u8 lun[8];

	scsi_lun_encode(0, SCSI_LUN_FLAT, lun);
	check_bytes("flat 0", lun, 8, "00*8");
	scsi_lun_encode(0, SCSI_LUN_LOGICAL, lun);
	check_bytes("logical 0", lun, 8, "00*8");
	scsi_lun_encode(7, SCSI_LUN_PERIPHERAL, lun);
	check_bytes("peripheral 7", lun, 8, "00 07 00*6");
	scsi_lun_encode(256, SCSI_LUN_PERIPHERAL, lun);
	check_bytes("peripheral cannot tell 256", lun, 8, "41 00 00*6");
	scsi_lun_encode(7, SCSI_LUN_FLAT, lun);
	check_bytes("flat 7", lun, 8, "40 07 00*6");
	scsi_lun_encode(SCSI_MAX_LUN, SCSI_LUN_LOGICAL, lun);
	check_bytes("logical max", lun, 8, "bf ff 00*6");
}

/* Whatever REPORT LUNS lists, a command must reach. */
static void what_is_listed_can_be_addressed(void **state)
{
	enum scsi_lun_method method;
	unsigned int n;
	u8 lun[8];

	for (method = SCSI_LUN_PERIPHERAL; method <= SCSI_LUN_LOGICAL; method++)
		for (n = 0; n <= SCSI_MAX_LUN; n++) {
			scsi_lun_encode(n, method, lun);
			assert_int_equal(scsi_lun_decode(lun), n);
		}
}

static void report(void **state)
{
	static const u16 luns[] = { 0, 1, 300 };
	u8 cdb[12] = { SCSI_OP_REPORT_LUNS, [9] = 64 };
	struct scsi_sense sense;
	u8 buf[64];
	int len;

	len = scsi_report_luns(cdb, luns, 2, SCSI_LUN_PERIPHERAL, buf, sizeof(buf), &sense);
	check_bytes("as observed", buf, len, "00 00 00 10 00*12 00 01 00*6");
	cdb[2] = 2;
	len = scsi_report_luns(cdb, luns, 3, SCSI_LUN_FLAT, buf, sizeof(buf), &sense);
	check_bytes("flat", buf, len, "00 00 00 18 00*12 40 01 00*6 41 2c 00*6");
	len = scsi_report_luns(cdb, luns, 0, SCSI_LUN_FLAT, buf, sizeof(buf), &sense);
	check_bytes("none", buf, len, "00*8");

	memset(buf, 0xee, sizeof(buf));
	assert_int_equal(scsi_report_luns(cdb, luns, 3, SCSI_LUN_FLAT, buf, 17, &sense), 32);
	check_bytes("cut, whole length told", buf, 20, "00 00 00 18 00*12 40 ee ee ee");
}

static void report_refused(void **state)
{
	static const u8 selects[] = { 1, 3, 0x10, 0x11, 0x12, 0xff };
	u8 cdb[12] = { SCSI_OP_REPORT_LUNS, [9] = 64 };
	struct scsi_sense sense;
	u8 buf[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(selects); i++) {
		cdb[2] = selects[i];
		assert_int_equal(scsi_report_luns(cdb, NULL, 0, SCSI_LUN_FLAT, buf, 64, &sense), -EINVAL);
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		assert_int_equal(sense.field, 2);
	}
	cdb[2] = 0;
	cdb[9] = 15;
	assert_int_equal(scsi_report_luns(cdb, NULL, 0, SCSI_LUN_FLAT, buf, 64, &sense), -EINVAL);
	assert_int_equal(sense.field, 6);
	cdb[9] = 16;
	assert_int_equal(scsi_report_luns(cdb, NULL, 0, SCSI_LUN_FLAT, buf, 16, &sense), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decode),
		cmocka_unit_test(encode),
		cmocka_unit_test(what_is_listed_can_be_addressed),
		cmocka_unit_test(report),
		cmocka_unit_test(report_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
