// SPDX-License-Identifier: GPL-2.0
/*
 * Parameter lists of EXTENDED COPY, what RECEIVE COPY RESULTS tells, and the sense data of a copy.
 *
 * links: scst/pure/xcopy.c scst/pure/rod.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/pure/sense.h"
#include "scst/pure/xcopy.h"

/* A descriptor of an EUI-64 and one of blocks of 4096 bytes; segments of 8 blocks from 1 to 2. */
#define HEADER(cscds, segs)	"05 00 00 " cscds " 00*4 00 00 00 " segs " 00*4 "
#define EUI	"e4 00 00 00 01 02 00 08 01 02 03 04 05 06 07 08 00*12 00 00 02 00 "
#define EUI_4K	"e4 00 00 00 01 02 00 08 11 12 13 14 15 16 17 18 00*12 00 00 10 00 "
#define SEG	"02 00 00 18 00 00 00 01 00 00 00 08 00*7 01 00*7 02 "

static scsi_sense_code parse(const char *text, struct scsi_xcopy *x, struct scsi_sense *sense)
{
	static u8 list[SCSI_XCOPY_LIST_MAX];
	unsigned int len = hex_bytes(text, list, sizeof(list));
	u8 *exact = malloc(len ? len : 1);
	scsi_sense_code code;

	assert_non_null(exact);
	memcpy(exact, list, len);
	memset(sense, 0, sizeof(*sense));
	code = scsi_xcopy_parse(exact, len, x, sense);
	assert_int_equal(code, sense->code);
	free(exact);
	return code;
}

static void list_is_taken_apart(void **state)
{
	struct scsi_sense sense;
	struct scsi_xcopy x;

	assert_int_equal(parse(HEADER("40", "38") EUI EUI_4K SEG
			       "02 02 00 18 00 01 00 00 00 00 ff ff 80 00*7 ff*8", &x, &sense), 0);
	assert_int_equal(x.list_id, 5);
	assert_int_equal(x.id_usage, SCSI_XCOPY_ID_HELD);
	assert_int_equal(x.nr_cscds, 2);
	assert_int_equal(x.nr_segs, 2);
	assert_int_equal(x.cscds[0].block_size, 512);
	assert_int_equal(x.cscds[1].block_size, 4096);
	assert_int_equal(x.cscds[1].designator_len, 12);
	assert_memory_equal(x.cscds[1].designator, "\x01\x02\x00\x08\x11\x12\x13\x14\x15\x16\x17\x18", 12);
	assert_int_equal(x.segs[0].blocks, 8);
	assert_int_equal(x.segs[0].src_lba, 1);
	assert_int_equal(x.segs[0].dst_lba, 2);
	assert_false(x.segs[0].dc);
	assert_true(x.segs[1].dc);
	assert_int_equal(x.segs[1].src, 1);
	assert_int_equal(x.segs[1].dst, 0);
	assert_int_equal(x.segs[1].blocks, 0xffff);
	assert_true(x.segs[1].src_lba == 0x8000000000000000ULL && x.segs[1].dst_lba == ~0ULL);
}

static void lists_are_refused(void **state)
{
	static const struct {
		const char *list;
		scsi_sense_code code;
		u16 field;
		int segment;	/* -1: none */
	} cases[] = {
		{ "", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ "00*15", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ HEADER("40", "1c") EUI EUI_4K "02 00 00 18", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ HEADER("40", "1b") EUI EUI_4K SEG, SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ HEADER("40", "01") EUI EUI_4K "02", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ "00 00 ff ff 00*4 ff ff ff ff 00*4", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ "00 00 00 20 00*4 ff ff ff ff 00*4", SCSI_SENSE_PARAM_LIST_LENGTH, 0, -1 },
		{ "00 80 00*14", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 1, -1 },
		{ "00 08 00*14", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 1, -1 },
		{ "01 18 00*14", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 0, -1 },
		{ HEADER("21", "00") EUI "00", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 2, -1 },
		{ HEADER("c0", "00") EUI EUI EUI EUI EUI EUI, SCSI_SENSE_TOO_MANY_TARGET_DESCRIPTORS, 2, -1 },
		{ "00*15 01", SCSI_SENSE_INLINE_DATA_LENGTH, 12, -1 },
		{ HEADER("20", "00") "e0 00*31", SCSI_SENSE_UNSUPPORTED_TARGET_DESCRIPTOR, 16, -1 },
		{ HEADER("20", "00") "e4 00 00 00 01 02 00 15 00*24", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 23, -1 },
		{ HEADER("40", "1c") EUI EUI_4K "03 00*27", SCSI_SENSE_UNSUPPORTED_SEGMENT_DESCRIPTOR, 80, -1 },
		{ HEADER("40", "1c") EUI EUI_4K "02 04 00 18 00*24", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 81, -1 },
		{ HEADER("40", "1c") EUI EUI_4K "02 00 00 17 00*24", SCSI_SENSE_INVALID_FIELD_IN_PARAM, 82, -1 },
		{ HEADER("20", "1c") EUI SEG, SCSI_SENSE_COPY_UNREACHABLE, 6, 0 },
		{ HEADER("40", "38") EUI EUI_4K SEG "02 00 00 18 01 00 00 00 00*20", SCSI_SENSE_COPY_UNREACHABLE, 4, 1 },
		{ HEADER("40", "1c") "e4 20 00*30" EUI_4K SEG, SCSI_SENSE_COPY_UNREACHABLE, 4, 0 },
		{ HEADER("00", "1c") SEG, SCSI_SENSE_COPY_UNREACHABLE, 4, 0 },
	};
	struct scsi_sense sense;
	struct scsi_xcopy x;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool segment;

		parse(cases[i].list, &x, &sense);
		segment = sense.flags & SCSI_SENSE_F_SEGMENT;
		if (sense.code != cases[i].code || sense.field != cases[i].field || segment != (cases[i].segment >= 0) ||
		    (segment && sense.segment != cases[i].segment))
			fail_msg("case %u, %.50s: %06x at %u of %d", i, cases[i].list, sense.code, sense.field, sense.segment);
	}
}

static void lists_without_work_are_taken(void **state)
{
	struct scsi_sense sense;
	struct scsi_xcopy x;

	assert_int_equal(parse("00*16", &x, &sense), 0);
	assert_int_equal(parse(HEADER("20", "00") "e4 c0 00*30", &x, &sense), 0);	/* LU ID TYPE means nothing */
	assert_int_equal(parse("00 18 00*14", &x, &sense), 0);
	assert_int_equal(x.id_usage, SCSI_XCOPY_ID_NONE);
	assert_int_equal(parse("ff 37 00*14", &x, &sense), 0);	/* STR and PRIORITY mean nothing here */
	assert_int_equal(x.id_usage, SCSI_XCOPY_ID_RUNNING);
	assert_int_equal(x.nr_segs, 0);
}

static void segments_are_counted(void **state)
{
	unsigned int nr;

	for (nr = SCSI_XCOPY_SEGS_MAX; nr <= SCSI_XCOPY_SEGS_MAX + 1; nr++) {
		static u8 list[SCSI_XCOPY_LIST_MAX];
		struct scsi_sense sense = { 0 };
		struct scsi_xcopy x;
		unsigned int i;

		memset(list, 0, sizeof(list));
		put_unaligned_be16(32, list + 2);
		put_unaligned_be32(nr * SCSI_XCOPY_SEG_LEN, list + 8);
		list[16] = 0xe4;
		for (i = 0; i < nr; i++) {
			list[48 + i * SCSI_XCOPY_SEG_LEN] = 0x02;
			list[51 + i * SCSI_XCOPY_SEG_LEN] = 0x18;
		}
		assert_int_equal(scsi_xcopy_parse(list, sizeof(list), &x, &sense),
				 nr > SCSI_XCOPY_SEGS_MAX ? SCSI_SENSE_TOO_MANY_SEGMENT_DESCRIPTORS : 0);
		assert_int_equal(x.nr_segs, SCSI_XCOPY_SEGS_MAX);
	}
}

static void designators_match(void **state)
{
	static const struct {
		const char *cscd;
		const char *page;
		bool match;
	} cases[] = {
		{ "01 02 00 04 aa bb cc dd", "01 02 00 04 aa bb cc dd", true },
		{ "01 02 00 04 aa bb cc dd", "02 01 00 01 20 01 02 00 04 aa bb cc dd", true },
		{ "01 02 00 04 aa bb cc dd", "51 82 00 04 aa bb cc dd", true },
		{ "01 02 00 04 aa bb cc dd", "01 02 00 04 aa bb cc de", false },
		{ "01 02 00 04 aa bb cc dd", "02 02 00 04 aa bb cc dd", false },
		{ "01 02 00 04 aa bb cc dd", "01 03 00 04 aa bb cc dd", false },
		{ "01 12 00 04 aa bb cc dd", "01 02 00 04 aa bb cc dd", false },
		{ "01 02 00 04 aa bb cc dd", "01 02 00 05 aa bb cc dd 00", false },
		{ "01 02 00 04 aa bb cc dd", "01 02 00 04 aa bb cc", false },
		{ "01 02 00 04 aa bb cc dd", "01 02 00 05 aa bb cc dd", false },
		{ "01 02 00 04 aa bb cc dd", "", false },
		{ "01 02 00 00", "01 02 00 00", false },
	};
	unsigned int i, len;
	u8 page[64];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct scsi_cscd c = { 0 };

		c.designator_len = hex_bytes(cases[i].cscd, c.designator, sizeof(c.designator));
		len = hex_bytes(cases[i].page, page, sizeof(page));
		if (scsi_cscd_matches(&c, page, len) != cases[i].match)
			fail_msg("%s in %s", cases[i].cscd, cases[i].page);
	}
}

static void copy_answers(void **state)
{
	struct scsi_copy_result r = { .state = SCSI_COPY_GOOD, .segments = 3, .bytes = 0x123456789aULL };
	u8 buf[512];

	check_bytes("operating parameters", buf, scsi_copy_parameters(buf, sizeof(buf)),
		    "00 00 00 2a 01 00 00 00 00 05 00 ff 00 00 1c 84 0f ff f0 00 00*12 00 00 00 40 40 09 00*5 02 02 e4");
	check_bytes("copy status, in KiB", buf, scsi_copy_status(&r, buf, sizeof(buf)), "00 00 00 08 01 00 03 01 04 8d 15 9e");
	r.bytes = 0xffffffff;
	check_bytes("copy status, in bytes", buf, scsi_copy_status(&r, buf, sizeof(buf)), "00 00 00 08 01 00 03 00 ff ff ff ff");
	check_bytes("no failure", buf, scsi_copy_failed(&r, false, buf, sizeof(buf)), "00*4");
	r.state = SCSI_COPY_FAILED;
	r.status = SCSI_RESERVATION_CONFLICT;
	check_bytes("failure without sense", buf, scsi_copy_failed(&r, false, buf, sizeof(buf)), "00 00 00 38 00*52 18 00 00 00");
	r.status = SCSI_CHECK_CONDITION;
	scsi_sense_segment(&r.sense, SCSI_SENSE_COPY_NOT_REACHABLE, 2, 6);
	check_bytes("failure", buf, scsi_copy_failed(&r, false, buf, sizeof(buf)),
		    "00 00 00 4a 00*52 02 00 00 12 70 00 0a 00*4 0a 00 00 00 02 0d 02 00 a0 00 06");
	check_bytes("page 8Fh", buf, scsi_copy_vpd(0, 9, buf, sizeof(buf)),
		    "00 8f 01 6c 00 00 00 20 00*6 00 80 00 00 0e 10 00 00 00 3c 00 00 00 00 02 00 00 00 00 00 00 00 00 02 00 00 "
		    "00 01 00 10 0d 83 04 00 10 11 1c 84 05 00 03 04 07 08 00*2 "
		    "00 04 00 1c 00*4 00 05 00 ff 00 00 1c 84 00*16 00 08 00 04 02 02 e4 00 "
		    "01 06 00 5c 00*12 00 00 00 01 00*4 00 00 0e 10 00*18 00 30 "
		    "00 00 00 2c 00*4 00 00 00 04 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 04 00 00 00 "
		    "00 00 00 00 04 00 00 00 00*8 "
		    "01 08 00 84 00 00 00 80 00 80 00 01 03 00 00 01 00*56 ff ff 00 01 02 00 00 00 00*56 "
		    "80 01 00 20 00 00 00 40 00 00 00 40 0f ff f0 00 09 00*19");
	assert_int_equal(scsi_copy_vpd(0, 9, buf, 4), 368);
}

/* What an end answered stands behind the sense of the copy itself (fixed), or is forwarded (descriptors). */
static void third_party_sense(void **state)
{
	struct scsi_sense s;
	u8 buf[SCSI_SENSE_MAX];

	scsi_sense_segment(&s, SCSI_SENSE_COPY_THIRD_PARTY_FAILED, 0x102, 0);
	s.flags = SCSI_SENSE_F_SEGMENT | SCSI_SENSE_F_THIRD;
	s.third_status = SCSI_CHECK_CONDITION;
	s.third_code = SCSI_SENSE_WRITE_PROTECTED;
	s.third_dst = true;
	check_bytes("fixed", buf, scsi_sense_encode(&s, false, buf, sizeof(buf)),
		    "70 00 0a 00*4 1d 00 12 01 02 0d 01 00 00 00 00 02 70 00 07 00*4 0a 00*4 27 00 00*4");
	check_bytes("descriptors", buf, scsi_sense_encode(&s, true, buf, sizeof(buf)),
		    "72 0a 0d 01 00 00 00 22 01 0a 00 00 00*6 01 02 0c 14 02 02 70 00 07 00*4 0a 00*4 27 00 00*4");
	s.third_status = SCSI_RESERVATION_CONFLICT;
	s.third_code = 0;
	s.third_dst = false;
	check_bytes("fixed, a status alone", buf, scsi_sense_encode(&s, false, buf, sizeof(buf)),
		    "70 00 0a 00*4 0b 12 00 01 02 0d 01 00 00 00 00 18");
	check_bytes("descriptors, a status alone", buf, scsi_sense_encode(&s, true, buf, sizeof(buf)),
		    "72 0a 0d 01 00 00 00 10 01 0a 00 00 00*6 01 02 0c 02 01 18");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_is_taken_apart),
		cmocka_unit_test(lists_are_refused),
		cmocka_unit_test(lists_without_work_are_taken),
		cmocka_unit_test(segments_are_counted),
		cmocka_unit_test(designators_match),
		cmocka_unit_test(copy_answers),
		cmocka_unit_test(third_party_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
