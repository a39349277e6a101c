// SPDX-License-Identifier: GPL-2.0
/*
 * Parameter lists of POPULATE TOKEN and WRITE USING TOKEN, the token, and what RECEIVE ROD TOKEN INFORMATION and
 * REPORT ALL ROD TOKENS tell.
 *
 * links: scst/pure/rod.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/rod.h"
#include "scst/pure/sense.h"

#define CAPACITY	0x10000

/* Lists with one descriptor of 8 blocks, or with what is given. */
#define POPULATE(flags, timeout, type, len)	"00 1e " flags " 00 " timeout " " type " 00 00 " len " "
#define RANGE	"00*7 10 00 00 00 08 00*4 "
#define GENERIC	"00 80 00 01 00 00 01 f8 00*7 07 00*496 "
#define ZERO	"ff ff 00 01 00 00 01 f8 00*504 "
#define WRITE_TOKEN(flags, offset, token, len)	"02 26 " flags " 00*5 " offset " " token " 00*6 " len " "

typedef u32 (*parse_fn)(const u8 *list, unsigned int len, struct scsi_sense *sense);

static struct scsi_populate populate;
static struct scsi_write_token write_token;

static scsi_sense_code parse_populate(const u8 *list, unsigned int len, struct scsi_sense *sense)
{
	return scsi_populate_parse(list, len, 9, CAPACITY, &populate, sense);
}

static scsi_sense_code parse_write(const u8 *list, unsigned int len, struct scsi_sense *sense)
{
	return scsi_write_token_parse(list, len, 9, CAPACITY, &write_token, sense);
}

static scsi_sense_code parse(parse_fn fn, const char *text, struct scsi_sense *sense)
{
	static u8 list[SCSI_WRITE_TOKEN_LIST_MAX];
	unsigned int len = hex_bytes(text, list, sizeof(list));
	u8 *exact = malloc(len ? len : 1);
	scsi_sense_code code;

	assert_non_null(exact);
	memcpy(exact, list, len);
	memset(sense, 0, sizeof(*sense));
	code = fn(exact, len, sense);
	assert_int_equal(code, sense->code);
	free(exact);
	return code;
}

static void lists_are_taken_apart(void **state)
{
	struct scsi_sense sense;

	assert_int_equal(parse(parse_populate, POPULATE("00", "00*4", "ff ff ff ff", "00 30")
			       RANGE "ff*8 00*8 00*7 18 00 00 ff e8 00*4", &sense), 0);
	assert_int_equal(populate.timeout, SCSI_ROD_TIMEOUT);
	assert_int_equal(populate.ranges.nr, 2);
	assert_true(populate.ranges.blocks == 0xfff0);
	assert_true(populate.ranges.r[0].lba == 0x10 && populate.ranges.r[0].blocks == 8);
	assert_true(populate.ranges.r[1].lba == 0x18 && populate.ranges.r[1].blocks == 0xffe8);

	assert_int_equal(parse(parse_populate, POPULATE("03", "00 00 00 05", "00 80 00 01", "00 1f") RANGE "00*15", &sense), 0);
	assert_int_equal(populate.timeout, 5);
	assert_int_equal(populate.ranges.nr, 1);
	assert_int_equal(parse(parse_populate, POPULATE("02", "00*4", "00*4", "00 20") RANGE "00*15", &sense), 0);
	assert_int_equal(populate.ranges.nr, 1);	/* the list ends in the second */

	assert_int_equal(parse(parse_write, WRITE_TOKEN("03", "00*6 01 02", GENERIC, "00 10") RANGE, &sense), 0);
	assert_true(write_token.immed && write_token.del && !write_token.zero);
	assert_true(write_token.offset == 0x102);
	assert_int_equal(write_token.ranges.nr, 1);
	assert_int_equal(parse(parse_write, WRITE_TOKEN("00", "00*8", ZERO, "00 10") RANGE, &sense), 0);
	assert_true(!write_token.immed && !write_token.del && write_token.zero);
}

static void lists_are_refused(void **state)
{
	static const struct {
		parse_fn fn;
		const char *list;
		scsi_sense_code code;
		int field;	/* -1: none */
	} cases[] = {
		{ parse_populate, "", SCSI_SENSE_PARAM_LIST_LENGTH, -1 },
		{ parse_populate, "00 1e 00*13", SCSI_SENSE_PARAM_LIST_LENGTH, -1 },
		{ parse_populate, "00 1d 00*12 00 10 " RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0 },
		{ parse_populate, POPULATE("02", "00*4", "00 80 00 00", "00 10") RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 8 },
		{ parse_populate, POPULATE("02", "00*4", "ff ff 00 01", "00 10") RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 8 },
		{ parse_populate, POPULATE("00", "00 00 0e 11", "00*4", "00 10") RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 4 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 0f") RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 14 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "08 10") RANGE, SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS, 14 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "ff ff") RANGE, SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS, 14 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 20") RANGE "00*7 17 00 00 00 01 00*4",
		  SCSI_SENSE_INVALID_FIELD_IN_PARAM, 32 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 20") RANGE "00*7 0f 00 00 00 02 00*4",
		  SCSI_SENSE_INVALID_FIELD_IN_PARAM, 32 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 10") "00*5 01 00 00 00 00 00 01 00*4",
		  SCSI_SENSE_LBA_OUT_OF_RANGE, -1 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 10") "ff*8 ff*4 00*4", SCSI_SENSE_LBA_OUT_OF_RANGE, -1 },
		{ parse_populate, POPULATE("00", "00*4", "00*4", "00 10") "00*7 01 00 01 00 00 00*4",
		  SCSI_SENSE_LBA_OUT_OF_RANGE, -1 },
		{ parse_write, "02 26 00*532 00", SCSI_SENSE_PARAM_LIST_LENGTH, -1 },
		{ parse_write, "02 25 00*14 " GENERIC "00*6 00 10 " RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0 },
		{ parse_write, WRITE_TOKEN("00", "00*8", "00 80 00 01 00 00 01 f7 00*504 ", "00 10") RANGE,
		  SCSI_SENSE_TOKEN_LENGTH, -1 },
		{ parse_write, WRITE_TOKEN("00", "00*8", "00 80 00 01 00 01 01 f8 00*504 ", "00 10") RANGE,
		  SCSI_SENSE_TOKEN_CORRUPT, -1 },
		{ parse_write, WRITE_TOKEN("00", "00*8", "ff ff 00 01 00 00 01 f8 00*503 01 ", "00 10") RANGE,
		  SCSI_SENSE_TOKEN_CORRUPT, -1 },
		{ parse_write, WRITE_TOKEN("00", "00*8", "00 01 00 00 00 00 01 f8 00*504 ", "00 10") RANGE,
		  SCSI_SENSE_TOKEN_TYPE, -1 },
		{ parse_write, WRITE_TOKEN("00", "00*8", GENERIC, "00 00"), SCSI_SENSE_INVALID_FIELD_IN_PARAM, 534 },
		{ parse_write, WRITE_TOKEN("00", "00*8", ZERO, "00 20") RANGE RANGE, SCSI_SENSE_INVALID_FIELD_IN_PARAM, 552 },
	};
	struct scsi_sense sense;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(cases[i].fn, cases[i].list, &sense);
		if (sense.code != cases[i].code)
			fail_msg("case %u: %06x", i, sense.code);
		if (cases[i].field >= 0 && (!(sense.flags & SCSI_SENSE_F_FIELD) || sense.field != cases[i].field))
			fail_msg("case %u: field %u", i, sense.field);
	}
}

/* So many blocks that their bytes are too many for one token. */
static void sums_are_bounded(void **state)
{
	u64 most = SCSI_ROD_BYTES_MAX >> 12;
	u8 list[48] = { 0, 0x2e, [15] = 32 };
	struct scsi_sense sense;

	put_unaligned_be32(most - 1, list + 24);
	put_unaligned_be64(most, list + 32);
	put_unaligned_be32(1, list + 40);
	assert_int_equal(scsi_populate_parse(list, sizeof(list), 12, ~0ULL, &populate, &sense), 0);
	assert_true(populate.ranges.blocks == most);
	list[43] = 2;
	assert_int_equal(scsi_populate_parse(list, sizeof(list), 12, ~0ULL, &populate, &sense), SCSI_SENSE_INVALID_FIELD_IN_PARAM);
	assert_int_equal(sense.field, 40);
}

static void ranges_meet(void **state)
{
	static const struct scsi_range r[] = { { 10, 5 }, { 100, 1 }, { ~0ULL - 1, 1 } };
	static const struct {
		u64 lba;
		u64 blocks;
		bool meet;
	} cases[] = {
		{ 0, 10, false }, { 0, 11, true }, { 14, 1, true }, { 15, 85, false }, { 15, 86, true }, { 101, 1, false },
		{ 12, 1, true }, { 0, ~0ULL, true }, { ~0ULL, 1, false }, { ~0ULL - 1, 2, true }, { 10, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (scsi_ranges_meet(r, 3, cases[i].lba, cases[i].blocks) != cases[i].meet)
			fail_msg("case %u", i);
	assert_false(scsi_ranges_meet(r, 0, 10, 5));
}

static void offsets_find_their_range(void **state)
{
	static const struct scsi_range r[] = { { 15, 6 }, { 40, 61 } };
	u64 pos = 0;

	assert_true(scsi_ranges_at(r, 2, 9, 0, &pos) == 6 * 512 && pos == 15 * 512);
	assert_true(scsi_ranges_at(r, 2, 9, 6 * 512 - 1, &pos) == 1 && pos == 21 * 512 - 1);
	assert_true(scsi_ranges_at(r, 2, 9, 4096, &pos) == 59 * 512 && pos == 42 * 512);	/* the example of SBC-4 5.59.2 */
	assert_true(scsi_ranges_at(r, 2, 9, 67 * 512, &pos) == 0);
	assert_true(scsi_ranges_at(r, 2, 9, ~0ULL, &pos) == 0);
}

static void token_tells_what_it_may(void **state)
{
	u8 secret[SCSI_ROD_SECRET_LEN], ids[64], token[SCSI_ROD_TOKEN_LEN], other[SCSI_ROD_TOKEN_LEN];
	struct scsi_rod_about a = {
		.id = 0x0102030405060708ULL, .bytes = 0x123456789aULL, .block_size = 4096, .type = 0, .secret = secret,
		.designators = ids, .target = "iqn.x",
	};
	char name[200];
	unsigned int i;

	memset(secret, 0x5a, sizeof(secret));
	a.designators_len = hex_bytes("02 01 00 02 61 62 01 02 00 08 11 12 13 14 15 16 17 18", ids, sizeof(ids));
	scsi_rod_token_build(&a, token);
	check_bytes("token", token, sizeof(token),
		    "00 80 00 01 00 00 01 f8 01 02 03 04 05 06 07 08 "
		    "e4 00 00 00 01 02 00 08 11 12 13 14 15 16 17 18 00*12 00 00 10 00 "
		    "00*8 00 00 00 12 34 56 78 9a 00*32 00 00 10 00 00*28 "
		    "03 28 00 08 69 71 6e 2e 78 00 00 00 00*116 5a*256");
	assert_true(scsi_rod_token_id(token) == a.id);

	memcpy(other, token, sizeof(other));
	assert_true(scsi_rod_token_same(token, other));
	for (i = 0; i < 8 * sizeof(token); i++) {
		other[i / 8] ^= 1 << i % 8;
		if (scsi_rod_token_same(token, other))
			fail_msg("bit %u", i);
		other[i / 8] ^= 1 << i % 8;
	}

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	a.target = name;	/* too long: left out */
	a.designators_len = 17;	/* as is a designator that is cut */
	scsi_rod_token_build(&a, token);
	check_bytes("names", token + 16, 240,
		    "e4 00*27 00 00 10 00 00*8 00 00 00 12 34 56 78 9a 00*32 00 00 10 00 00*28 00*128");
	a.designators_len = hex_bytes("01 12 00 08 01 02 03 04 05 06 07 08 01 03 00 08 21 22 23 24 25 26 27 28", ids, sizeof(ids));
	scsi_rod_token_build(&a, token);
	check_bytes("the port's name is not the unit's", token + 16, 16, "e4 00 00 00 01 03 00 08 21 22 23 24 25 26 27 28");
}

static void reports(void **state)
{
	struct scsi_rod_report r = { .service_action = 0x10, .state = SCSI_ROD_DONE, .segments = 2, .blocks = 0x1000 };
	u8 buf[SCSI_ROD_REPORT_MAX], token[SCSI_ROD_TOKEN_LEN];

	memset(token, 0xab, sizeof(token));
	check_bytes("a token", buf, scsi_rod_report(&r, token, false, buf, sizeof(buf)),
		    "00 00 02 22 10 01 00 00 00*4 00 00 00 f1 00*6 10 00 00 02 00*6 00 00 02 02 00 00 ab*512");
	r.service_action = 0x11;
	r.state = SCSI_ROD_BACKGROUND;
	check_bytes("goes on", buf, scsi_rod_report(&r, token, false, buf, sizeof(buf)),
		    "00 00 00 20 11 12 00 00 00 00 01 f4 00 00 00 f1 00*6 10 00 00 02 00*6 00*4");
	r.state = SCSI_ROD_FAILED;
	r.status = SCSI_CHECK_CONDITION;
	scsi_sense_set(&r.sense, SCSI_SENSE_TOKEN_CANCELLED);
	check_bytes("failed", buf, scsi_rod_report(&r, NULL, false, buf, sizeof(buf)),
		    "00 00 00 32 11 02 00 00 00*4 02 12 12 f1 00*6 10 00 00 02 00*6 "
		    "70 00 05 00*4 0a 00*4 23 08 00*4 00*4");
	check_bytes("failed, by descriptors", buf, scsi_rod_report(&r, NULL, true, buf, sizeof(buf)),
		    "00 00 00 28 11 02 00 00 00*4 02 08 08 f1 00*6 10 00 00 02 00*6 72 05 23 08 00*4 00*4");
	r.state = SCSI_ROD_TERMINATED;
	check_bytes("terminated", buf, scsi_rod_report(&r, NULL, false, buf, sizeof(buf)),
		    "00 00 00 20 11 60 00 00 00*4 02 00 00 f1 00*6 10 00 00 02 00*6 00*4");
	assert_int_equal(scsi_rod_report(&r, token, false, buf, 4), 36);
}

static void lists_of_all_tell_no_secret(void **state)
{
	u8 buf[SCSI_ROD_LIST_MAX], token[SCSI_ROD_TOKEN_LEN];
	struct scsi_outbuf o = { .buf = buf, .size = sizeof(buf) }, cut = { .buf = buf, .size = 8 + 96 };
	unsigned int i;

	scsi_rod_list_start(&o);
	check_bytes("no token", buf, o.len, "00 00 00 04 00*4");
	memset(token, 0x11, SCSI_ROD_MANAGEMENT_LEN);
	memset(token + SCSI_ROD_MANAGEMENT_LEN, 0xee, sizeof(token) - SCSI_ROD_MANAGEMENT_LEN);
	scsi_rod_list_add(&o, token);
	check_bytes("one", buf, o.len, "00 00 00 64 00*4 11*96");
	token[95] = 0x22;
	scsi_rod_list_add(&o, token);
	check_bytes("two", buf, o.len, "00 00 00 c4 00*4 11*191 22");
	for (i = 2; i < SCSI_ROD_PER_DEV; i++)
		scsi_rod_list_add(&o, token);
	assert_int_equal(o.len, sizeof(buf));

	memset(buf, 0x55, sizeof(buf));
	scsi_rod_list_start(&cut);
	scsi_rod_list_add(&cut, token);
	scsi_rod_list_add(&cut, token);
	assert_int_equal(cut.len, 8 + 2 * 96);
	check_bytes("cut", buf, 8 + 96 + 1, "00 00 00 c4 00*4 11*95 22 55");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_taken_apart),
		cmocka_unit_test(lists_are_refused),
		cmocka_unit_test(sums_are_bounded),
		cmocka_unit_test(ranges_meet),
		cmocka_unit_test(offsets_find_their_range),
		cmocka_unit_test(token_tells_what_it_may),
		cmocka_unit_test(reports),
		cmocka_unit_test(lists_of_all_tell_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
