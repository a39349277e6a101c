// SPDX-License-Identifier: GPL-2.0
/*
 * Parameter lists of FORMAT UNIT and SANITIZE: what is taken, what is refused and where the field pointer shows.
 *
 * links: scst/vdisk/pure/erase.c scst/vdisk/pure/dif.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/vdisk/pure/erase.h"

static void format_lists(void **state)
{
	static const struct {
		const char *cdb;
		const char *list;
		scsi_sense_code code;
		u16 field;
		bool immed;
		u8 type;
	} cases[] = {
		{ "04 00 00 00 00 00", "", 0, 0, false, 0 },
		{ "04 10 00 00 00 00", "00 00 00 00", 0, 0, false, 0 },
		{ "04 10 00 00 00 00", "00 02 00 00", 0, 0, true, 0 },
		{ "04 10 00 00 00 00", "00 82 00 00", 0, 0, true, 0 },
		{ "04 30 00 00 00 00", "00 02 00 00 00 00 00 00", 0, 0, true, 0 },
		{ "04 10 00 00 00 00", "00 02 00", SCSI_SENSE_PARAM_LIST_LENGTH, 0, false, 0 },
		{ "04 30 00 00 00 00", "00 02 00 00 00 00 00", SCSI_SENSE_PARAM_LIST_LENGTH, 0, false, 0 },
		{ "04 10 00 00 00 00", "01 00 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, false, 0 },
		{ "04 80 00 00 00 00", "", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, false, 0 },
		{ "04 00 00 00 00 00", "", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, false, 1 },
		{ "04 80 00 00 00 00", "", 0, 0, false, 1 },
		{ "04 c0 00 00 00 00", "", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, false, 1 },
		{ "04 c0 00 00 00 00", "", 0, 0, false, 2 },
		{ "04 c0 00 00 00 00", "", SCSI_SENSE_INVALID_FIELD_IN_CDB, 1, false, 3 },
		{ "04 d0 00 00 00 00", "01 02 00 00", 0, 0, true, 3 },
		{ "04 d0 00 00 00 00", "00 02 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, false, 3 },
		{ "04 d0 00 00 00 00", "01 02 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, false, 2 },
		{ "04 90 00 00 00 00", "00 02 00 00", 0, 0, true, 1 },
		{ "04 10 00 00 00 00", "00 0a 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 1, false, 0 },
		{ "04 10 00 00 00 00", "00 00 00 08", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 2, false, 0 },
		{ "04 30 00 00 00 00", "00 00 00 01 00 00 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 3, false, 0 },
		{ "04 30 00 00 00 00", "00 00 00 00 00 01 00 00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 4, false, 0 },
	};
	struct scsi_sense sense;
	unsigned int i, len;
	u8 cdb[6], list[8];
	bool immed;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&sense, 0, sizeof(sense));
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		len = hex_bytes(cases[i].list, list, sizeof(list));
		if (scsi_format_list(cdb, list, len, cases[i].type, &immed, &sense) != cases[i].code || sense.code != cases[i].code ||
		    immed != cases[i].immed || sense.field != cases[i].field)
			fail_msg("%s + %s gave %06x at %u", cases[i].cdb, cases[i].list, sense.code, sense.field);
	}
}

static void overwrite_lists(void **state)
{
	static const struct {
		u16 wanted;
		const char *list;
		scsi_sense_code code;
		u16 field;
		u8 passes;
		bool invert;
		u16 pattern_len;
	} cases[] = {
		{ 8, "01 00 00 04 aa bb cc dd", 0, 0, 1, false, 4 },
		{ 8, "9f 00 00 04 aa bb cc dd", 0, 0, 31, true, 4 },
		{ 8, "01 00 00 01 aa bb cc dd", 0, 0, 1, false, 1 },
		{ 516, "01 00 02 00 aa*512", 0, 0, 1, false, 512 },
		{ 0, "", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 0, false, 0 },
		{ 4, "01 00 00 00", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 0, false, 0 },
		{ 517, "01 00 02 01 aa*513", SCSI_SENSE_INVALID_FIELD_IN_CDB, 7, 0, false, 0 },
		{ 8, "00 00 00 04 aa bb cc dd", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, 0, false, 0 },
		{ 8, "21 00 00 04 aa bb cc dd", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, 0, false, 0 },
		{ 8, "01 10 00 04 aa bb cc dd", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 1, 0, false, 0 },
		{ 8, "01 00 00 00 aa bb cc dd", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 2, 0, false, 0 },
		{ 8, "01 00 02 01 aa bb cc dd", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 2, 0, false, 0 },
		{ 8, "01 00 00 05 aa bb cc dd", SCSI_SENSE_PARAM_LIST_LENGTH, 0, 0, false, 0 },
		{ 8, "01 00 00", SCSI_SENSE_PARAM_LIST_LENGTH, 0, 0, false, 0 },
	};
	u8 cdb[10] = { SCSI_OP_SANITIZE, 0x01 }, list[600];
	struct scsi_overwrite o;
	struct scsi_sense sense;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&sense, 0, sizeof(sense));
		put_unaligned_be16(cases[i].wanted, cdb + 7);
		len = hex_bytes(cases[i].list, list, sizeof(list));
		if (scsi_overwrite_list(cdb, list, len, 512, &o, &sense) != cases[i].code || sense.field != cases[i].field)
			fail_msg("%u: %.20s gave %06x at %u", cases[i].wanted, cases[i].list, sense.code, sense.field);
		if (cases[i].code)
			continue;
		assert_int_equal(o.passes, cases[i].passes);
		assert_int_equal(o.invert, cases[i].invert);
		assert_int_equal(o.pattern_len, cases[i].pattern_len);
	}
}

/* Each block begins with the pattern anew. */
static void patterns_fill_blocks(void **state)
{
	u8 buf[1024];
	unsigned int i;

	scsi_overwrite_fill((const u8 *)"abc", 3, 512, buf, sizeof(buf));
	for (i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], "abc"[i % 512 % 3]);
	scsi_overwrite_fill((const u8 *)"x", 1, 512, buf, 512);
	assert_int_equal(buf[511], 'x');
	assert_int_equal(buf[512], 'a');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_lists),
		cmocka_unit_test(overwrite_lists),
		cmocka_unit_test(patterns_fill_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
