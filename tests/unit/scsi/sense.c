// SPDX-License-Identifier: GPL-2.0
/*
 * Sense data byte by byte: what an initiator would misread.
 *
 * links: scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/sense.h"

static void expect(const struct scsi_sense *s, bool descriptor, const char *want)
{
	u8 buf[SCSI_SENSE_MAX];
	unsigned int len = scsi_sense_encode(s, descriptor, buf, sizeof(buf));

	check_bytes(descriptor ? "descriptor" : "fixed", buf, len, want);
}

static void fixed_and_descriptor(void **state)
{
	static const struct {
		struct scsi_sense s;
		const char *fixed;
		const char *descriptor;
	} cases[] = {
		{ { .code = SCSI_SENSE_NONE }, "70 00*6 0a 00*10", "72 00*7" },
		{ { .code = SCSI_SENSE_INVALID_OPCODE }, "70 00 05 00*4 0a 00*4 20 00*5", "72 05 20 00*5" },
		{ { .code = SCSI_SENSE_MISCOMPARE, .info = 0x1ff, .flags = SCSI_SENSE_F_INFO },
		  "f0 00 0e 00 00 01 ff 0a 00*4 1d 00*5", "72 0e 1d 00*4 0c 00 0a 80 00*7 01 ff" },
		{ { .code = SCSI_SENSE_READ_ERROR, .info = 0x123456789abULL, .flags = SCSI_SENSE_F_INFO },
		  "70 00 03 00*4 0a 00*4 11 00*5", "72 03 11 00*4 0c 00 0a 80 00 00 00 01 23 45 67 89 ab" },
		{ { .code = SCSI_SENSE_READ_ERROR, .info = 0xffffffff, .flags = SCSI_SENSE_F_INFO },
		  "f0 00 03 ff*4 0a 00*4 11 00*5", "72 03 11 00*4 0c 00 0a 80 00 00*4 ff*4" },
		{ { .code = SCSI_SENSE_INVALID_FIELD_IN_CDB, .field = 0x102, .bit = 3,
		    .flags = SCSI_SENSE_F_FIELD | SCSI_SENSE_F_BIT | SCSI_SENSE_F_CDB },
		  "70 00 05 00*4 0a 00*4 24 00 00 cb 01 02", "72 05 24 00*4 08 02 06 00 00 cb 01 02 00" },
		{ { .code = SCSI_SENSE_INVALID_FIELD_IN_PARAM, .field = 7, .flags = SCSI_SENSE_F_FIELD },
		  "70 00 05 00*4 0a 00*4 26 00 00 80 00 07", "72 05 26 00*4 08 02 06 00 00 80 00 07 00" },
		{ { .code = SCSI_SENSE_FORMAT_IN_PROGRESS, .progress = 0x8000, .flags = SCSI_SENSE_F_PROGRESS },
		  "70 00 02 00*4 0a 00*4 04 04 00 80 80 00", "72 02 04 04 00*3 08 02 06 00 00 80 80 00 00" },
		/* a field pointer belongs to ILLEGAL REQUEST, a progress to NOT READY and NO SENSE only */
		{ { .code = SCSI_SENSE_WRITE_ERROR, .field = 2, .flags = SCSI_SENSE_F_FIELD | SCSI_SENSE_F_PROGRESS },
		  "70 00 03 00*4 0a 00*4 03 00*5", "72 03 03 00*5" },
		/* of commands that were answered GOOD */
		{ { .code = SCSI_SENSE_WRITE_ERROR, .flags = SCSI_SENSE_F_DEFERRED },
		  "71 00 03 00*4 0a 00*4 03 00*5", "73 03 03 00*5" },
		{ { .code = SCSI_SENSE_WRITE_ERROR, .info = 7, .flags = SCSI_SENSE_F_DEFERRED | SCSI_SENSE_F_INFO },
		  "f1 00 03 00 00 00 07 0a 00*4 03 00*5", "73 03 03 00*4 0c 00 0a 80 00*7 00 07" },
		/* both descriptors at once */
		{ { .code = SCSI_SENSE_INVALID_FIELD_IN_CDB, .info = 5, .field = 1,
		    .flags = SCSI_SENSE_F_INFO | SCSI_SENSE_F_FIELD | SCSI_SENSE_F_CDB },
		  "f0 00 05 00 00 00 05 0a 00*4 24 00 00 c0 00 01",
		  "72 05 24 00*4 14 00 0a 80 00 00*7 05 02 06 00 00 c0 00 01 00" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		expect(&cases[i].s, false, cases[i].fixed);
		expect(&cases[i].s, true, cases[i].descriptor);
	}
}

/* Initiators that have not yet seen D_SENSE must be able to read these as autosense; REQUEST SENSE says what it wants. */
static void some_unit_attentions_are_always_fixed(void **state)
{
	static const scsi_sense_code fixed[] = {
		SCSI_SENSE_UA_POWER_ON_RESET, SCSI_SENSE_UA_TARGET_RESET, SCSI_SENSE_UA_LUN_RESET,
		SCSI_SENSE_UA_NEXUS_LOSS, SCSI_SENSE_UA_MODE_CHANGED,
	};
	struct scsi_sense s;
	u8 buf[SCSI_SENSE_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++) {
		assert_true(scsi_sense_always_fixed(fixed[i]));
		scsi_sense_set(&s, fixed[i]);
		assert_int_equal(scsi_sense_encode(&s, true, buf, sizeof(buf)), 8);
		assert_true(buf[0] == 0x72 && buf[1] == 6);
		assert_int_equal(scsi_sense_encode(&s, false, buf, sizeof(buf)), SCSI_SENSE_FIXED_LEN);
		assert_true(buf[0] == 0x70 && buf[2] == 6);
	}
	assert_false(scsi_sense_always_fixed(SCSI_SENSE_UA_CAPACITY_CHANGED));
	assert_false(scsi_sense_always_fixed(SCSI_SENSE(0x5, 0x29, 0x00)));	/* 29h of another key */
}

static void never_beyond_the_buffer(void **state)
{
	struct scsi_sense s;
	u8 whole[SCSI_SENSE_MAX], *cut;
	unsigned int size, len;
	int descriptor;

	scsi_sense_cdb_field(&s, 1, 2);
	s.flags |= SCSI_SENSE_F_INFO;
	for (descriptor = 0; descriptor < 2; descriptor++) {
		len = scsi_sense_encode(&s, descriptor, whole, sizeof(whole));
		for (size = 0; size <= len + 1; size++) {
			cut = malloc(size ? size : 1);	/* the sanitizer watches its end */
			assert_int_equal(scsi_sense_encode(&s, descriptor, cut, size), min(size, len));
			assert_memory_equal(cut, whole, min(size, len));
			free(cut);
		}
	}
}

static void setters(void **state)
{
	struct scsi_sense s;

	memset(&s, 0xff, sizeof(s));
	assert_int_equal(scsi_sense_set(&s, SCSI_SENSE_LBA_OUT_OF_RANGE), SCSI_SENSE_LBA_OUT_OF_RANGE);
	assert_int_equal(s.flags, 0);
	assert_int_equal(scsi_sense_set_info(&s, SCSI_SENSE_MISCOMPARE, 9), SCSI_SENSE_MISCOMPARE);
	assert_int_equal(s.info, 9);
	assert_int_equal(scsi_sense_param_field(&s, 5, 6), SCSI_SENSE_INVALID_FIELD_IN_PARAM);
	expect(&s, false, "70 00 05 00*4 0a 00*4 26 00 00 8e 00 05");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_and_descriptor),
		cmocka_unit_test(some_unit_attentions_are_always_fixed),
		cmocka_unit_test(never_beyond_the_buffer),
		cmocka_unit_test(setters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
