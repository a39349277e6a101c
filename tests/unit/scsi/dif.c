// SPDX-License-Identifier: GPL-2.0
/*
 * Protection information: what goes together at creation, which commands may carry it, what each code of RDPROTECT and its
 * sisters checks under each type, escape values, how reference tags count.
 *
 * links: scst/vdisk/pure/dif.c scst/pure/cdb.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/cdb.h"
#include "scst/vdisk/pure/dif.h"

#define LBA	0x1fffffff0ULL	/* its lower half is about to wrap */
#define CRC	0xbeef

static void modes(void **state)
{
	static const struct {
		const char *text;
		int mode;
		const char *shown;
	} cases[] = {
		{ "scst", SCSI_DIF_SCST, "scst" },
		{ "dev_store|scst", SCSI_DIF_SCST | SCSI_DIF_DEV_STORE, "scst|dev_store" },
		{ "tgt|scst|dev_check|dev_store", 0x0f, "tgt|scst|dev_check|dev_store" },
		{ "scst|scst", SCSI_DIF_SCST, "scst" },
		{ "", -EINVAL, NULL }, { "|", -EINVAL, NULL }, { "scst|", -EINVAL, NULL }, { "SCST", -EINVAL, NULL },
		{ "scs", -EINVAL, NULL }, { "scst2", -EINVAL, NULL }, { "scst,dev_store", -EINVAL, NULL },
	};
	char text[64];
	unsigned int i;
	int len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(scsi_dif_mode_parse(cases[i].text), cases[i].mode);
		if (!cases[i].shown)
			continue;
		len = scsi_dif_mode_text(cases[i].mode, text, sizeof(text));
		assert_int_equal(len, strlen(cases[i].shown));
		assert_memory_equal(text, cases[i].shown, len);
	}
	assert_int_equal(scsi_dif_mode_text(0x0f, text, 5), 5);
	assert_memory_equal(text, "tgt|s", 5);
}

static void what_goes_together(void **state)
{
	static const struct {
		u8 type, mode;
		bool file;
		enum scsi_dif_store store;
		bool ok;
	} cases[] = {
		{ 0, 0, false, SCSI_DIF_ON_FILE, true },
		{ 0, SCSI_DIF_SCST, false, SCSI_DIF_ON_FILE, false },
		{ 0, 0, true, SCSI_DIF_ON_FILE, false },
		{ 1, 0, false, SCSI_DIF_ON_FILE, false },
		{ 1, SCSI_DIF_SCST, false, SCSI_DIF_NO_STORE, true },
		{ 1, SCSI_DIF_TGT, false, SCSI_DIF_ON_FILE, false },
		{ 1, SCSI_DIF_TGT | SCSI_DIF_SCST, false, SCSI_DIF_ON_FILE, false },
		{ 2, SCSI_DIF_DEV_STORE, true, SCSI_DIF_ON_FILE, true },
		{ 3, SCSI_DIF_SCST | SCSI_DIF_DEV_STORE, false, SCSI_DIF_ON_FILE, true },
		{ 1, SCSI_DIF_DEV_CHECK | SCSI_DIF_DEV_STORE, false, SCSI_DIF_ON_FILE, false },
		{ 1, SCSI_DIF_DEV_CHECK | SCSI_DIF_DEV_STORE, false, SCSI_DIF_ON_DEVICE, true },
		{ 1, SCSI_DIF_DEV_CHECK, false, SCSI_DIF_ON_DEVICE, false },
		{ 1, SCSI_DIF_DEV_CHECK | SCSI_DIF_SCST, false, SCSI_DIF_NO_STORE, false },
		{ 1, SCSI_DIF_DEV_STORE, false, SCSI_DIF_NO_STORE, false },
		{ 1, SCSI_DIF_SCST, true, SCSI_DIF_ON_FILE, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_dif_conf c = { .type = cases[i].type, .mode = cases[i].mode };

		if (!scsi_dif_conf_check(&c, cases[i].file, cases[i].store) != cases[i].ok)
			fail_msg("case %u", i);
	}
}

static void what_is_told(void **state)
{
	static const struct {
		u8 type;
		bool store;
		u64 tag;
		bool ato, app, ref;
	} cases[] = {
		{ 1, false, 0, false, false, true }, { 1, true, 0, true, false, true },
		{ 1, true, 0x1234, false, true, true }, { 1, true, 0x10000, true, false, true },
		{ 2, false, 0, false, false, true }, { 2, true, 0x1234, true, true, true },
		{ 3, true, 0, true, false, false }, { 3, true, 0x1234, false, true, false },
		{ 3, true, 0x56780000, true, false, true }, { 3, false, 0x567812340001, false, true, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_dif_conf c = { .type = cases[i].type, .static_tag = cases[i].tag, .mode = SCSI_DIF_SCST };

		if (cases[i].store)
			c.mode |= SCSI_DIF_DEV_STORE;
		if (scsi_dif_ato(&c) != cases[i].ato || scsi_dif_app_chk(&c) != cases[i].app ||
		    scsi_dif_ref_chk(&c) != cases[i].ref)
			fail_msg("case %u", i);
	}
}

static void decode(const char *text, u8 type, u8 *cdb, struct scsi_cdb *info)
{
	struct scsi_sense sense = { 0 };
	unsigned int len = hex_bytes(text, cdb, 32);

	assert_int_equal(scsi_cdb_decode(cdb, len, 9, type, info, &sense), 0);
}

static const char *const carriers[] = {	/* two blocks each; %02x: flags with the protection field */
	"28 %02x 00 00 00 10 00 00 02 00", "2a %02x 00 00 00 10 00 00 02 00", "2e %02x 00 00 00 10 00 00 02 00",
	"a8 %02x 00 00 00 10 00 00 00 02 00 00", "aa %02x 00 00 00 10 00 00 00 02 00 00",
	"88 %02x 00 00 00 00 00 00 00 10 00 00 00 02 00 00", "8a %02x 00 00 00 00 00 00 00 10 00 00 00 02 00 00",
	"8b %02x 00 00 00 00 00 00 00 10 00 00 00 02 00 00", "8e %02x 00 00 00 00 00 00 00 10 00 00 00 02 00 00",
};

static void which_commands(void **state)
{
	struct scsi_sense sense;
	struct scsi_cdb info;
	char text[128];
	unsigned int i, code, type;
	u8 cdb[32];

	for (i = 0; i < ARRAY_SIZE(carriers); i++)
		for (code = 0; code < 8; code++)
			for (type = 0; type < 4; type++) {
				scsi_sense_code want = 0;
				unsigned int len;

				snprintf(text, sizeof(text), carriers[i], code << 5);
				len = hex_bytes(text, cdb, sizeof(cdb));
				memset(&sense, 0, sizeof(sense));
				if (!type && code) {
					assert_int_equal(scsi_cdb_decode(cdb, len, 9, 0, &info, &sense),
							 SCSI_SENSE_INVALID_FIELD_IN_CDB);
					continue;
				}
				assert_int_equal(scsi_cdb_decode(cdb, len, 9, type, &info, &sense), 0);
				assert_int_equal(info.protect, code);
				assert_int_equal(info.xfer_len, 2 * (code ? 520 : 512));
				if (!type)
					continue;
				if (type == 2 && code)
					want = SCSI_SENSE_INVALID_OPCODE;
				else if (code > 5)
					want = SCSI_SENSE_INVALID_FIELD_IN_CDB;
				assert_int_equal(scsi_dif_admit(&info, type, &sense), want);
				if (want == SCSI_SENSE_INVALID_FIELD_IN_CDB)
					assert_true(sense.field == 1 && sense.bit == 7);
			}
}

static void other_commands(void **state)
{
	static const struct {
		const char *cdb;
		u64 len;
	} cases[] = {
		{ "2f 20 00 00 00 10 00 00 02 00", 0 },			/* VERIFY by BYTCHK: none, the blocks, one */
		{ "2f 22 00 00 00 10 00 00 02 00", 1040 },
		{ "2f 26 00 00 00 10 00 00 02 00", 520 },
		{ "41 20 00 00 00 10 00 00 02 00", 520 },		/* WRITE SAME */
		{ "93 21 00*7 10 00 00 00 02 00 00", 0 },		/* NDOB */
		{ "89 20 00*7 10 00 00 00 02 00 00", 2080 },		/* COMPARE AND WRITE */
		{ "08 00 00 10 02 00", 1024 },				/* READ(6) */
		{ "04 80 00 00 00 00", 0 },				/* FORMAT UNIT */
		{ "7f 00*6 18 00 09 20 00*9 10 00*7 00 00 00 02", 1040 },
	};
	static const char *const refused[] = {	/* they have no such field */
		"35 20 00*8", "34 20 00*8", "42 20 00*8", "25 20 00*8", "28 20 00 00 00 00 00 01 00 08",
	};
	struct scsi_sense sense;
	struct scsi_cdb info;
	unsigned int i, len;
	u8 cdb[32];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		decode(cases[i].cdb, 1, cdb, &info);
		if (info.xfer_len != cases[i].len)
			fail_msg("%s: %llu", cases[i].cdb, (unsigned long long)info.xfer_len);
	}
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		len = hex_bytes(refused[i], cdb, sizeof(cdb));
		assert_int_equal(scsi_cdb_decode(cdb, len, 9, 1, &info, &sense), SCSI_SENSE_INVALID_FIELD_IN_CDB);
	}
}

static void long_cdbs(void **state)
{
	/* LBA 10h, expected tags 11223344h and aabbh, mask 0ff0h, 2 blocks */
	const char *read = "7f 00*6 18 00 09 20 00 00*7 10 11 22 33 44 aa bb 0f f0 00 00 00 02";
	struct scsi_dif_conf c = { .type = 2, .mode = SCSI_DIF_DEV_STORE, .static_tag = 0x7777 };
	struct scsi_sense sense;
	struct scsi_dif_rule rule;
	struct scsi_cdb info;
	u8 cdb[32], tuple[8];

	decode(read, 2, cdb, &info);
	assert_true(info.lba == 0x10 && info.blocks == 2 && info.protect == 1 && info.xfer_len == 1040);
	assert_int_equal(scsi_dif_admit(&info, 2, &sense), 0);
	assert_int_equal(scsi_dif_admit(&info, 1, &sense), SCSI_SENSE_INVALID_OPCODE);
	assert_int_equal(scsi_dif_admit(&info, 3, &sense), SCSI_SENSE_INVALID_OPCODE);
	scsi_dif_rule_of(&c, cdb, &info, info.protect, &rule);
	hex_bytes("be ef 5a b5 11 22 33 45", tuple, sizeof(tuple));	/* application tag: only bits of the mask count */
	assert_int_equal(scsi_dif_check(&rule, tuple, CRC, 1), SCSI_DIF_OK);
	assert_int_equal(scsi_dif_check(&rule, tuple, CRC, 0), SCSI_DIF_BAD_REF);
	tuple[3] ^= 0x10;
	assert_int_equal(scsi_dif_check(&rule, tuple, CRC, 1), SCSI_DIF_BAD_APP);
	scsi_dif_make(&rule, CRC, 2, tuple);
	check_bytes("made", tuple, 8, "be ef 0a b0 11 22 33 46");
	/* without stored tags ATO is 0, and expectations for them are ignored */
	c.mode = SCSI_DIF_SCST;
	scsi_dif_rule_of(&c, cdb, &info, info.protect, &rule);
	assert_true(!rule.app && rule.ref);
	info.protect = 7;
	assert_int_equal(scsi_dif_admit(&info, 2, &sense), SCSI_SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(sense.field, 10);
}

/* By code: are guard, application tag, reference tag checked? */
static const char *const checks[] = { "gar", "gar", "-ar", "---", "g--", "gar" };

static void what_codes_check(void **state)
{
	unsigned int type, code;

	for (type = 1; type < 4; type++)
		for (code = 0; code < 6; code++) {
			struct scsi_dif_conf c = { .type = type, .mode = SCSI_DIF_SCST, .static_tag = 0x123456781a2bULL };
			struct scsi_dif_rule rule;
			struct scsi_cdb info;
			u8 cdb[32];

			decode("28 00 00 00 00 10 00 00 02 00", type, cdb, &info);
			scsi_dif_rule_of(&c, cdb, &info, code, &rule);
			assert_int_equal(rule.guard, checks[code][0] == 'g');
			/* type 2 knows neither tag out of a short CDB */
			assert_int_equal(rule.app, type != 2 && checks[code][1] == 'a');
			assert_int_equal(rule.ref, type != 2 && checks[code][2] == 'r');
			c.static_tag = 0;
			scsi_dif_rule_of(&c, cdb, &info, code, &rule);
			assert_false(rule.app);
			assert_int_equal(rule.ref, type == 1 && checks[code][2] == 'r');
		}
}

/* DPICZ: whoever sends or gets no tags is spared the checks of those that are stored. */
static void commands_without_tags(void **state)
{
	struct scsi_dif_conf c = { .type = 1, .mode = SCSI_DIF_SCST, .static_tag = 0x1a2b, .dpicz = true };
	struct scsi_dif_rule rule;
	struct scsi_cdb info;
	u8 cdb[32];

	decode("28 00 00 00 00 10 00 00 02 00", 1, cdb, &info);
	scsi_dif_rule_of(&c, cdb, &info, info.protect, &rule);
	assert_false(rule.guard || rule.app || rule.ref);
	assert_int_equal(rule.app_tag, 0x1a2b);
	decode("28 20 00 00 00 10 00 00 02 00", 1, cdb, &info);
	scsi_dif_rule_of(&c, cdb, &info, info.protect, &rule);
	assert_true(rule.guard && rule.app && rule.ref);
}

static void order_and_escape(void **state)
{
	static const struct {
		u8 type;
		const char *tuple;
		enum scsi_dif_result res;
	} cases[] = {
		{ 1, "be ef 1a 2b ff ff ff f1", SCSI_DIF_OK },
		{ 1, "be ee 1a 2c ff ff ff f0", SCSI_DIF_BAD_APP },
		{ 1, "be ee 1a 2b ff ff ff f0", SCSI_DIF_BAD_REF },
		{ 1, "be ee 1a 2b ff ff ff f1", SCSI_DIF_BAD_GUARD },
		{ 1, "00 00 ff ff 00 00 00 00", SCSI_DIF_OK },
		{ 2, "00 00 ff ff 00 00 00 00", SCSI_DIF_OK },
		{ 2, "be ee 00 00 00 00 00 00", SCSI_DIF_BAD_GUARD },
		{ 3, "00 00 ff ff ff ff ff ff", SCSI_DIF_OK },
		{ 3, "00 00 ff ff ff ff ff fe", SCSI_DIF_BAD_APP },
		{ 3, "be ef 1a 2b 12 34 56 78", SCSI_DIF_OK },
		{ 3, "be ef 1a 2b 12 34 56 79", SCSI_DIF_BAD_REF },
		{ 3, "be e0 1a 2b 12 34 56 78", SCSI_DIF_BAD_GUARD },
	};
	unsigned int i;
	u8 tuple[8];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_dif_conf c = { .type = cases[i].type, .mode = SCSI_DIF_SCST, .static_tag = 0x123456781a2bULL };
		struct scsi_dif_rule rule;
		struct scsi_cdb info;
		u8 cdb[32];

		decode("88 00 00 00 00 01 ff ff ff f0 00 00 00 02 00 00", c.type, cdb, &info);
		assert_true(info.lba == LBA);
		scsi_dif_rule_of(&c, cdb, &info, 1, &rule);
		hex_bytes(cases[i].tuple, tuple, sizeof(tuple));
		if (scsi_dif_check(&rule, tuple, CRC, 1) != cases[i].res)
			fail_msg("case %u", i);
	}
	assert_int_equal(scsi_dif_sense(SCSI_DIF_BAD_APP), SCSI_SENSE_APP_TAG_CHECK);
	assert_int_equal(scsi_dif_sense(SCSI_DIF_BAD_REF), SCSI_SENSE_REF_TAG_CHECK);
	assert_int_equal(scsi_dif_sense(SCSI_DIF_BAD_GUARD), SCSI_SENSE_GUARD_CHECK);
}

static void tags_that_are_made(void **state)
{
	static const struct {
		u8 type;
		u64 tag;
		const char *tuple;
	} cases[] = {
		{ 1, 0, "be ef 00 00 00 00 00 01" },		/* the reference tag has wrapped */
		{ 1, 0x99991a2bULL, "be ef 1a 2b 00 00 00 01" },
		{ 2, 0x1a2b, "be ef 00 00 00 00 00 01" },
		{ 3, 0, "be ef 00 00 ff ff ff ff" },
		{ 3, 0x123456781a2bULL, "be ef 1a 2b 12 34 56 78" },
	};
	unsigned int i;
	u8 tuple[8], next[8];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_dif_conf c = { .type = cases[i].type, .mode = SCSI_DIF_SCST, .static_tag = cases[i].tag };
		struct scsi_dif_rule rule;
		struct scsi_cdb info;
		u8 cdb[32];

		decode("88 00 00 00 00 01 ff ff ff f0 00 00 01 00 00 00", c.type, cdb, &info);
		scsi_dif_rule_of(&c, cdb, &info, 0, &rule);
		scsi_dif_make(&rule, CRC, 0x11, tuple);
		check_bytes("made", tuple, 8, cases[i].tuple);
		assert_int_equal(scsi_dif_check(&rule, tuple, CRC, 0x11), SCSI_DIF_OK);
		scsi_dif_step(c.type, tuple, 2, next);
		assert_int_equal(scsi_dif_check(&rule, next, CRC, 0x13), SCSI_DIF_OK);
	}
}

/* ORWRITE: other data, a new guard; what the device does not determine is the initiator's. */
static void tags_that_stay(void **state)
{
	static const struct {
		u8 type;
		u64 tag;
		const char *sent, *stored, *tuple;
	} cases[] = {
		{ 1, 0, NULL, "11 11 12 34 00 00 00 00", "be ef 12 34 00 00 00 01" },
		{ 1, 0, "22 22 43 21 00 00 00 07", "11 11 12 34 00 00 00 01", "be ef 43 21 00 00 00 07" },
		{ 1, 0x1a2b, NULL, "11 11 12 34 00 00 00 01", "be ef 1a 2b 00 00 00 01" },
		{ 2, 0, NULL, "11 11 12 34 55 66 77 88", "be ef 12 34 55 66 77 88" },
		{ 3, 0, NULL, "11 11 12 34 55 66 77 88", "be ef 12 34 55 66 77 88" },
		{ 3, 0, "22 22 43 21 11 22 33 44", "11 11 12 34 55 66 77 88", "be ef 43 21 11 22 33 44" },
		{ 3, 0x123456780000ULL, NULL, "11 11 12 34 55 66 77 88", "be ef 12 34 12 34 56 78" },
		{ 3, 0x1a2b, NULL, "11 11 12 34 55 66 77 88", "be ef 1a 2b 55 66 77 88" },
		/* it was not checked: neither its tags nor those that the initiator sends so need be any */
		{ 1, 0, NULL, "ff*8", "be ef 00 00 00 00 00 01" },
		{ 3, 0, NULL, "ff*8", "be ef 00 00 ff ff ff ff" },
		{ 3, 0, NULL, "11 11 ff ff 55 66 77 88", "be ef ff ff 55 66 77 88" },
		{ 1, 0, "22 22 ff ff 33 33 33 33", "11 11 12 34 00 00 00 01", "be ef ff ff 33 33 33 33" },
	};
	unsigned int i;
	u8 tuple[8], sent[8];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_dif_conf c = { .type = cases[i].type, .mode = SCSI_DIF_DEV_STORE, .static_tag = cases[i].tag };
		struct scsi_dif_rule rule;
		const u8 *came = NULL;
		struct scsi_cdb info;
		u8 cdb[32];

		decode("8b 00 00 00 00 01 ff ff ff f0 00 00 01 00 00 00", c.type, cdb, &info);
		scsi_dif_rule_of(&c, cdb, &info, 0, &rule);
		hex_bytes(cases[i].stored, tuple, sizeof(tuple));
		if (cases[i].sent) {
			hex_bytes(cases[i].sent, sent, sizeof(sent));
			came = sent;
		}
		scsi_dif_renew(&rule, CRC, 0x11, came, tuple);
		check_bytes(cases[i].stored, tuple, 8, cases[i].tuple);
	}
}

static bool any(void *ctx, enum scsi_op_id id)
{
	return true;
}

/* Byte @at of the usage map of a command. */
static u8 usage(u8 opcode, u16 service_action, u8 type, unsigned int at)
{
	u8 cdb[12] = { 0xa3, 0x0c, 3, opcode, service_action >> 8, service_action, 0, 0, 1, 0 }, buf[256];
	struct scsi_sense sense;

	assert_true(scsi_report_opcodes(cdb, any, NULL, type, buf, sizeof(buf), &sense) > (int)(4 + at));
	return buf[4 + at];
}

static void usage_maps(void **state)
{
	static const struct {
		u8 opcode;
		u16 service_action;
		u8 at, want[4];	/* by type */
	} cases[] = {
		{ 0x28, 0, 1, { 0x18, 0xf8, 0x18, 0xf8 } },
		{ 0x28, 0, 0, { 0x28, 0x28, 0x28, 0x28 } },
		{ 0x89, 0, 1, { 0x18, 0xf8, 0x18, 0xf8 } },
		{ 0x7f, 9, 10, { 0x18, 0xf8, 0xf8, 0xf8 } },
		{ 0x35, 0, 1, { 0x02, 0x02, 0x02, 0x02 } },
		{ 0x04, 0, 1, { 0x30, 0xf0, 0xf0, 0xf0 } },
	};
	unsigned int i, type;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (type = 0; type < 4; type++)
			if (usage(cases[i].opcode, cases[i].service_action, type, cases[i].at) != cases[i].want[type])
				fail_msg("%02x, type %u", cases[i].opcode, type);
}

static void comparison(void **state)
{
	static const enum scsi_dif_result part[8] = {
		SCSI_DIF_BAD_GUARD, SCSI_DIF_BAD_GUARD, SCSI_DIF_BAD_APP, SCSI_DIF_BAD_APP,
		SCSI_DIF_BAD_REF, SCSI_DIF_BAD_REF, SCSI_DIF_BAD_REF, SCSI_DIF_BAD_REF,
	};
	u8 a[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, b[8];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		memcpy(b, a, sizeof(b));
		assert_int_equal(scsi_dif_compare(a, b, true, true), SCSI_DIF_OK);
		b[i]++;
		assert_int_equal(scsi_dif_compare(a, b, true, true), part[i]);
		assert_int_equal(scsi_dif_compare(a, b, true, false), part[i] == SCSI_DIF_BAD_APP ? SCSI_DIF_OK : part[i]);
		assert_int_equal(scsi_dif_compare(a, b, false, true), part[i] == SCSI_DIF_BAD_GUARD ? SCSI_DIF_OK : part[i]);
	}
	assert_int_equal(scsi_dif_miscompare(SCSI_DIF_BAD_GUARD), SCSI_SENSE(0xe, 0x10, 1));
	assert_int_equal(scsi_dif_miscompare(SCSI_DIF_BAD_APP), SCSI_SENSE(0xe, 0x10, 2));
	assert_int_equal(scsi_dif_miscompare(SCSI_DIF_BAD_REF), SCSI_SENSE(0xe, 0x10, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(what_goes_together),
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(which_commands),
		cmocka_unit_test(other_commands),
		cmocka_unit_test(long_cdbs),
		cmocka_unit_test(what_codes_check),
		cmocka_unit_test(commands_without_tags),
		cmocka_unit_test(order_and_escape),
		cmocka_unit_test(tags_that_are_made),
		cmocka_unit_test(tags_that_stay),
		cmocka_unit_test(usage_maps),
		cmocka_unit_test(comparison),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
