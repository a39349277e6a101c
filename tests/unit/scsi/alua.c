// SPDX-License-Identifier: GPL-2.0
/*
 * ALUA: words and codes of the states, what each state admits, REPORT and SET TARGET PORT GROUPS.
 *
 * links: scst/pure/alua.c scst/pure/cdb.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/alua.h"
#include "scst/pure/cdb.h"

static void state_words(void **state)
{
	static const struct {
		const char *word;
		int state;
	} cases[] = {
		{ "active", 0 }, { "nonoptimized", 1 }, { "standby", 2 }, { "unavailable", 3 }, { "offline", 14 },
		{ "transitioning", 15 },
		{ "", -EINVAL }, { "Active", -EINVAL }, { "active ", -EINVAL }, { "lba_dependent", -EINVAL }, { "0", -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(scsi_alua_parse(cases[i].word), cases[i].state);
		if (cases[i].state >= 0)
			assert_string_equal(scsi_alua_name(cases[i].state), cases[i].word);
	}
	for (i = 4; i < 14; i++)
		assert_null(scsi_alua_name(i));
	assert_true(scsi_alua_accessible(0) && scsi_alua_accessible(1));
	for (i = 2; i < 16; i++)
		assert_false(scsi_alua_accessible(i));
}

static scsi_sense_code expected(const char *admitted, char letter, scsi_sense_code refusal)
{
	return strchr(admitted, letter) ? 0 : refusal;
}

/* SPC-4 5.15.2.4 to 5.15.2.7: s standby, u unavailable and offline, t transitioning. */
static void state_admission(void **state)
{
	static const struct {
		const char *cdb;
		const char *states;
	} cases[] = {
		{ "12", "sut" }, { "a0", "sut" }, { "03", "sut" }, { "25", "sut" }, { "9e 10", "sut" }, { "a3 0a", "sut" },
		{ "a4 0a", "su" }, { "3b", "sut" }, { "3c", "sut" },
		{ "1a", "s" }, { "5a", "s" }, { "15", "s" }, { "55", "s" }, { "4d", "s" }, { "4c", "s" }, { "1c", "s" },
		{ "1d", "s" }, { "16", "s" }, { "17", "s" }, { "56", "s" }, { "57", "s" }, { "5e 00", "s" }, { "5e 03", "s" },
		{ "5f 00", "s" }, { "5f 05", "s" },
		{ "00", "" }, { "08", "" }, { "28", "" }, { "88", "" }, { "0a", "" }, { "2a", "" }, { "8a", "" }, { "89", "" },
		{ "42", "" }, { "41", "" }, { "93", "" }, { "2f", "" }, { "35", "" }, { "1b", "" }, { "04", "" }, { "83", "" },
		{ "9e 12", "" },
	};
	static const struct {
		char letter;
		u8 state;
		scsi_sense_code code;
	} what[] = {
		{ 's', SCSI_ALUA_STANDBY, SCSI_SENSE_ALUA_STANDBY },
		{ 'u', SCSI_ALUA_UNAVAILABLE, SCSI_SENSE_ALUA_UNAVAILABLE },
		{ 'u', SCSI_ALUA_OFFLINE, SCSI_SENSE_ALUA_UNAVAILABLE },
		{ 't', SCSI_ALUA_TRANSITIONING, SCSI_SENSE_ALUA_TRANSITION },
	};
	const struct scsi_op *op;
	unsigned int i, k;
	u8 cdb[16];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(cdb, 0, sizeof(cdb));
		hex_bytes(cases[i].cdb, cdb, sizeof(cdb));
		op = scsi_op_find(cdb, sizeof(cdb));
		assert_non_null(op);
		assert_int_equal(scsi_alua_admit(SCSI_ALUA_ACTIVE, op->flags), 0);
		assert_int_equal(scsi_alua_admit(SCSI_ALUA_NONOPTIMIZED, op->flags), 0);
		for (k = 0; k < ARRAY_SIZE(what); k++)
			assert_int_equal(scsi_alua_admit(what[k].state, op->flags),
					 expected(cases[i].states, what[k].letter, what[k].code));
	}
}

static const u16 two_ports[] = { 1, 0 }, one_port[] = { 0x1234 };
static const struct scsi_tpg groups[] = {
	{ .id = 101, .state = SCSI_ALUA_NONOPTIMIZED, .preferred = true, .nr_ports = 2, .ports = two_ports },
	{ .id = 0x0102, .state = SCSI_ALUA_TRANSITIONING, .nr_ports = 1, .ports = one_port },
	{ .id = 7, .state = SCSI_ALUA_OFFLINE },
};

static int rtpg(const struct scsi_tpg *g, unsigned int nr, u8 format, u8 *buf, unsigned int size)
{
	const u8 cdb[12] = { 0xa3, 0x0a | format, [9] = 0xff };
	struct scsi_sense sense = { 0 };
	int len = scsi_rtpg_build(g, nr, cdb, buf, size, &sense);

	if (len < 0) {
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
		assert_int_equal(sense.field, 1);
		assert_int_equal(sense.bit, 7);
	}
	return len;
}

static void report_groups(void **state)
{
	static const struct scsi_tpg seen = { .nr_ports = 2, .ports = two_ports };
	unsigned int format;
	u8 buf[256];
	int len;

	/* as observed on a running target: a group without id, a local port and a remote one without */
	len = rtpg(&seen, 1, 0, buf, sizeof(buf));
	check_bytes("as seen", buf, len, "00 00 00 10 00 cf 00 00  00 02 00 02 00 00 00 01  00 00 00 00");
	len = rtpg(NULL, 0, 0, buf, sizeof(buf));
	check_bytes("no group", buf, len, "00 00 00 00");
	len = rtpg(NULL, 0, 0x20, buf, sizeof(buf));
	check_bytes("no group, extended", buf, len, "00 00 00 04 10 00 00 00");
	len = rtpg(groups, 3, 0x20, buf, sizeof(buf));
	check_bytes("three groups", buf, len,
		    "00 00 00 28 10 00 00 00  81 cf 00 65 00 02 00 02  00 00 00 01 00 00 00 00\n"
		    "0f cf 01 02 00 02 00 01  00 00 12 34 0e cf 00 07  00 02 00 00");
	for (format = 2; format < 8; format++)
		assert_int_equal(rtpg(groups, 3, format << 5, buf, sizeof(buf)), -EINVAL);
}

static void report_groups_cut(void **state)
{
	unsigned int size;
	u8 *buf;

	for (size = 0; size < 48; size++) {
		buf = malloc(size ? size : 1);
		assert_int_equal(rtpg(groups, 3, 0, buf, size), 40);
		if (size >= 4)
			check_bytes("length", buf, 4, "00 00 00 24");
		free(buf);
	}
}

static int stpg(const char *list, struct scsi_stpg *want, struct scsi_sense *sense)
{
	u8 buf[SCSI_STPG_MAX_LEN + 8];
	unsigned int len = hex_bytes(list, buf, sizeof(buf));
	u8 *exact = malloc(len ? len : 1);
	int ret;

	memset(sense, 0, sizeof(*sense));
	memcpy(exact, buf, len);
	ret = scsi_stpg_parse(groups, ARRAY_SIZE(groups), exact, len, want, sense);
	free(exact);
	return ret;
}

static void set_groups(void **state)
{
	struct scsi_stpg want[SCSI_STPG_MAX];
	struct scsi_sense sense;

	assert_int_equal(stpg("", want, &sense), 0);
	assert_int_equal(stpg("00*4", want, &sense), 0);
	assert_int_equal(stpg("00*4 01 00 00 65", want, &sense), 0);	/* has it already */
	assert_int_equal(stpg("00*4 00 00 00 65 02 00 00 07 03 00 01 02", want, &sense), 3);
	assert_int_equal(want[0].group, 0);
	assert_int_equal(want[0].state, 0);
	assert_int_equal(want[1].group, 2);
	assert_int_equal(want[1].state, 2);
	assert_int_equal(want[2].group, 1);
	assert_int_equal(want[2].state, 3);
}

static void set_groups_refused(void **state)
{
	static const struct {
		const char *list;
		scsi_sense_code code;
		u16 field;
	} cases[] = {
		{ "00", SCSI_SENSE_PARAM_LIST_LENGTH, 0 },
		{ "00*3", SCSI_SENSE_PARAM_LIST_LENGTH, 0 },
		{ "00*4 00 00 00", SCSI_SENSE_PARAM_LIST_LENGTH, 0 },
		{ "00*264", SCSI_SENSE_PARAM_LIST_LENGTH, 0 },
		{ "00*4 04 00 00 65", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 4 },
		{ "00*4 0e 00 00 65", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 4 },
		{ "00*4 00 00 00 65 0f 00 01 02", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 8 },
		{ "00*4 00 00 00 66", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 6 },
		{ "00*4 00 00 00 65 02 00 00 65", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 10 },
	};
	struct scsi_stpg want[SCSI_STPG_MAX];
	struct scsi_sense sense;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(stpg(cases[i].list, want, &sense), -EINVAL);
		assert_int_equal(sense.code, cases[i].code);
		if (cases[i].field) {
			assert_int_equal(sense.field, cases[i].field);
			assert_int_equal(sense.flags & SCSI_SENSE_F_CDB, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_words),
		cmocka_unit_test(state_admission),
		cmocka_unit_test(report_groups),
		cmocka_unit_test(report_groups_cut),
		cmocka_unit_test(set_groups),
		cmocka_unit_test(set_groups_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
