// SPDX-License-Identifier: GPL-2.0
/*
 * Mode pages: what MODE SENSE shows against the bytes of a running target, what MODE SELECT takes and refuses.
 *
 * links: scst/vdisk/pure/mode.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/vdisk/pure/mode.h"

static struct scsi_mode_state disk01(void)
{
	struct scsi_mode_state st = {
		.cur = SCSI_MODE_DEFAULTS, .saved = SCSI_MODE_DEFAULTS, .def = SCSI_MODE_DEFAULTS,
		.type = SCSI_TYPE_DISK, .tst = 1, .read_only = true, .saving = true,
		.blocks = 131072, .block_size = 512,
	};

	return st;
}

static int sense_10(const struct scsi_mode_state *st, u8 b1, u8 page, u8 *buf, unsigned int size, struct scsi_sense *s)
{
	const u8 cdb[10] = { SCSI_OP_MODE_SENSE_10, b1, page, 0, 0, 0, 0, 1, 0 };

	return scsi_mode_sense(st, cdb, buf, size, s);
}

static void expect_10(const struct scsi_mode_state *st, u8 b1, u8 page, const char *want)
{
	struct scsi_sense s;
	char what[32];
	u8 buf[SCSI_MODE_SENSE_MAX];
	int len = sense_10(st, b1, page, buf, sizeof(buf), &s);

	snprintf(what, sizeof(what), "page byte %02x", page);
	assert_true(len > 0);
	check_bytes(what, buf, len, want);
}

#define ALL_CURRENT_512								\
	"01 0a c0 01 00 00 00 00  01 00 ff ff 02 0e 80 80"			\
	"00 0a 00 00 00 00 00 00  00 00 00 00 03 16 00 00"			\
	"00 00 00 00 00 00 00 38  02 00 00 00 00 00 00 00"			\
	"40 00 00 00 88 12 04 00  00 00 00 00 00 00 00 00"			\
	"80 14 00 00 00 00 00 00  8a 0a 20 10 00 00 00 00"			\
	"00 00 02 4b 1c 0a 08 00  00 00 00 00 00 00 00 00"			\
	"04 16 00 00 0a ff 00 00  00 00 00 00 00 00 00 00"			\
	"00 00 00 00 3a 98 00 00"

static void all_pages_as_observed(void **state)
{
	struct scsi_mode_state st = disk01();

	expect_10(&st, 0, 0x3f, "00 86 00 90 00 00 00 08  00 02 00 00 00 00 02 00" ALL_CURRENT_512);
	expect_10(&st, 0, 0x7f,
		  "00 86 00 90 00 00 00 08  00 02 00 00 00 00 02 00\n"
		  "01 0a 00 00 00 00 00 00  00 00 00 00 02 0e 00 00\n"
		  "00 00 00 00 00 00 00 00  00 00 00 00 03 16 00 00\n"
		  "00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
		  "00 00 00 00 88 12 04 00  00 00 00 00 00 00 00 00\n"
		  "00 00 00 00 00 00 00 00  8a 0a 1c f6 38 40 00 00\n"
		  "00 00 00 00 1c 0a 00 00  00 00 00 00 00 00 00 00\n"
		  "04 16 00 00 00 00 00 00  00 00 00 00 00 00 00 00\n"
		  "00 00 00 00 00 00 00 00");
	st.read_only = false;
	st.blocks = 16384;
	st.block_size = 4096;
	expect_10(&st, 0, 0x03, "00 26 00 10 00 00 00 08 00 00 40 00 00 00 10 00 03 16 00*8 00 38 10 00 00*6 40 00*3");
	expect_10(&st, 0, 0x04, "00 26 00 10 00 00 00 08 00 00 40 00 00 00 10 00 04 16 00 00 02 ff 00*14 3a 98 00 00");
}

static void six_byte_form(void **state)
{
	struct scsi_mode_state st = disk01();
	u8 cdb[6] = { SCSI_OP_MODE_SENSE_6, 0, 0x3f, 0, 0xff };
	struct scsi_sense s;
	u8 buf[256];

	check_bytes("all", buf, scsi_mode_sense(&st, cdb, buf, sizeof(buf), &s),
		    "83 00 90 08 00 02 00 00 00 00 02 00" ALL_CURRENT_512);
	cdb[1] = 0x08;
	cdb[2] = 0x1c;
	check_bytes("DBD", buf, scsi_mode_sense(&st, cdb, buf, sizeof(buf), &s), "0f 00 90 00 1c 0a 08 00*9");
	cdb[1] = 0x10;	/* LLBAA is the (10)'s */
	assert_int_equal(scsi_mode_sense(&st, cdb, buf, sizeof(buf), &s), 24);
}

static void headers_and_descriptors(void **state)
{
	struct scsi_mode_state st = disk01();

	st.read_only = false;
	expect_10(&st, 0x08, 0x1c, "00 12 00 10 00 00 00 00 1c 0a 08 00*9");
	st.cur.swp = 1;	/* software write protection shows */
	expect_10(&st, 0x08, 0x1c, "00 12 00 90 00 00 00 00 1c 0a 08 00*9");
	st.blocks = 0x123456789aULL;
	expect_10(&st, 0x10, 0x1c,
		  "00 22 00 90 01 00 00 10 00 00 00 12 34 56 78 9a 00 00 00 00 00 00 02 00 1c 0a 08 00*9");
	expect_10(&st, 0x00, 0x1c, "00 1a 00 90 00 00 00 08 ff ff ff ff 00 00 02 00 1c 0a 08 00*9");
	expect_10(&st, 0x18, 0x1c, "00 12 00 90 00 00 00 00 1c 0a 08 00*9");
}

static void rom_has_three_pages(void **state)
{
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	u8 buf[256];

	st.type = SCSI_TYPE_ROM;
	st.saving = false;
	expect_10(&st, 0x08, 0x3f,
		  "00 2a 05 80 00 00 00 00 01 0a c0 01 00 00 00 00 01 00 ff ff\n"
		  "0a 0a 20 10 00 00 00 00 00 00 02 4b 1c 0a 08 00*9");
	assert_int_equal(sense_10(&st, 0, 0x08, buf, sizeof(buf), &s), -EINVAL);
}

static void page_controls(void **state)
{
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	u8 buf[256];

	st.cur.wce = 0;
	st.cur.tas = 1;
	st.saved.d_sense = 1;
	st.saved.qerr = 3;
	st.def.queue_alg = 0;
	expect_10(&st, 0x08, 0x0a, "00 12 00 90 00*4 8a 0a 20 10 00 40 00*4 02 4b");
	expect_10(&st, 0x08, 0x8a, "00 12 00 90 00*4 8a 0a 20 00 00 00 00*4 02 4b");
	expect_10(&st, 0x08, 0xca, "00 12 00 90 00*4 8a 0a 24 16 00 00 00*4 02 4b");
	expect_10(&st, 0x08, 0x08, "00 1a 00 90 00*4 88 12 00 00*9 80 14 00*6");
	expect_10(&st, 0x08, 0x88, "00 1a 00 90 00*4 88 12 04 00*9 80 14 00*6");
	st.ato = true;
	st.cur = (struct scsi_mode_values){ .dpicz = 1, .tmf_only = 1, .swp = 1, .qerr = 1 };
	expect_10(&st, 0x08, 0x0a, "00 12 00 90 00*4 8a 0a 38 02 08 80 00*4 02 4b");

	st.saving = false;
	expect_10(&st, 0x08, 0x08, "00 1a 00 90 00*4 08 12 00 00*9 80 14 00*6");
	assert_int_equal(sense_10(&st, 0, 0xc8, buf, sizeof(buf), &s), -EINVAL);
	assert_int_equal(s.code, SCSI_SENSE_SAVING_NOT_SUPPORTED);
}

static int sense_subpage(const struct scsi_mode_state *st, u8 page, u8 subpage, u8 *buf, struct scsi_sense *s)
{
	const u8 cdb[10] = { SCSI_OP_MODE_SENSE_10, 0x08, page, subpage, 0, 0, 0, 1, 0 };

	return scsi_mode_sense(st, cdb, buf, 256, s);
}

static void subpages(void **state)
{
	static const char ext[] = "00 26 00 90 00*4 4a 01 00 1c 00 00 fc 00*25";
	static const char both[] = "00 32 00 90 00*4 8a 0a 20 10 00*6 02 4b 4a 01 00 1c 00 00 fc 00*25";
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	u8 buf[256];

	check_bytes("0A/01", buf, sense_subpage(&st, 0x0a, 1, buf, &s), ext);
	check_bytes("0A/FF", buf, sense_subpage(&st, 0x0a, 0xff, buf, &s), both);
	check_bytes("changeable", buf, sense_subpage(&st, 0x4a, 1, buf, &s), "00 26 00 90 00*4 4a 01 00 1c 00*28");
	assert_int_equal(sense_subpage(&st, 0x3f, 0xff, buf, &s), 8 + 0x78 + 32);
	assert_int_equal(sense_subpage(&st, 0x0a, 2, buf, &s), -EINVAL);
	assert_int_equal(s.field, 3);
	assert_int_equal(sense_subpage(&st, 0x08, 1, buf, &s), -EINVAL);
	assert_int_equal(s.field, 3);
}

static void nv_cache_hides_the_cache(void **state)
{
	struct scsi_mode_state st = disk01();

	st.nv_cache = true;
	expect_10(&st, 0x08, 0x08, "00 1a 00 90 00*4 08 12 00 00*9 80 14 00*6");
	expect_10(&st, 0x08, 0x48, "00 1a 00 90 00*4 08 12 00*18");
	expect_10(&st, 0x08, 0x4a, "00 12 00 90 00*4 8a 0a 1c f6 38 40 00*6");
	st.frozen = true;
	expect_10(&st, 0x08, 0x4a, "00 12 00 90 00*4 8a 0a 00*10");
}

static void sense_refusals(void **state)
{
	struct scsi_mode_state st = disk01();
	u8 cdb[10] = { SCSI_OP_MODE_SENSE_10, 0, 0x3f, 0x02 };
	struct scsi_sense s;
	unsigned int page;
	u8 buf[256];

	assert_int_equal(scsi_mode_sense(&st, cdb, buf, sizeof(buf), &s), -EINVAL);	/* subpages */
	assert_int_equal(s.code, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	assert_int_equal(s.field, 3);
	for (page = 0; page < 0x3f; page++) {
		bool exists = (page >= 1 && page <= 4) || page == 8 || page == 0x0a || page == 0x1c;

		if ((sense_10(&st, 0, page, buf, sizeof(buf), &s) > 0) != exists)
			fail_msg("page %02x", page);
		if (!exists)
			assert_int_equal(s.field, 2);
	}
}

static void cylinders(void **state)
{
	static const struct {
		u64 blocks;
		u32 cylinders;
	} cases[] = {
		{ 0, 0 }, { 1, 1 }, { 14280, 1 }, { 14281, 2 }, { 1ULL << 32, 300769 }, { 14280ULL * 0xffffff, 0xffffff },
		{ 14280ULL * 0xfffffe, 0xfffffe }, { ~0ULL, 0xffffff },
	};
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	unsigned int i;
	u8 buf[256];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		st.blocks = cases[i].blocks;
		assert_int_equal(sense_10(&st, 0x08, 0x04, buf, sizeof(buf), &s), 32);
		assert_int_equal(get_unaligned_be24(buf + 10), cases[i].cylinders);
	}
}

static void never_beyond_the_buffer(void **state)
{
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	u8 whole[256], *cut;
	int len = sense_10(&st, 0x10, 0x3f, whole, sizeof(whole), &s), size;

	for (size = 0; size <= len; size++) {
		cut = malloc(size ? size : 1);
		assert_int_equal(sense_10(&st, 0x10, 0x3f, cut, size, &s), len);
		assert_memory_equal(cut, whole, size);
		free(cut);
	}
}

static int select_list(struct scsi_mode_state *st, u8 opcode, u8 b1, const char *text, unsigned int *fx,
		       struct scsi_sense *s)
{
	const u8 cdb[10] = { opcode, b1 };
	u8 buf[1024], *exact;
	unsigned int len = hex_bytes(text, buf, sizeof(buf));
	int r;

	exact = malloc(len ? len : 1);	/* the sanitizer watches its end */
	memcpy(exact, buf, len);
	memset(s, 0, sizeof(*s));
	r = scsi_mode_select(st, cdb, exact, len, fx, s);
	free(exact);
	return r;
}

#define HEADER6		"00 00 00 00 "
#define CACHE_ON	"08 12 04 00*9 80 14 00*6 "
#define CACHE_OFF	"08 12 00 00*9 80 14 00*6 "
#define CONTROL(b2, b3, b4, b5)	"0a 0a " b2 " " b3 " " b4 " " b5 " 00*4 02 4b "

static void select_takes(void **state)
{
	static const struct {
		u8 opcode;
		u8 b1;
		const char *list;
		struct scsi_mode_values cur;
		struct scsi_mode_values saved;
		unsigned int fx;
	} cases[] = {
#define SIX	SCSI_OP_MODE_SELECT_6
#define TEN	SCSI_OP_MODE_SELECT_10
#define WCE	SCSI_MODE_FX_WCE
#define CTL	SCSI_MODE_FX_CONTROL
#define SAVE	SCSI_MODE_FX_SAVE
#define UA	SCSI_MODE_FX_UA
#define DEF	SCSI_MODE_DEFAULTS
		{ SIX, 0x10, "", DEF, DEF, 0 },
		{ SIX, 0x10, HEADER6, DEF, DEF, 0 },
		{ SIX, 0x10, HEADER6 CACHE_ON, DEF, DEF, 0 },
		{ SIX, 0x11, HEADER6 CACHE_ON, DEF, DEF, 0 },
		{ SIX, 0x10, HEADER6 CACHE_OFF, { .queue_alg = 1 }, DEF, WCE | UA },
		{ SIX, 0x11, HEADER6 CACHE_OFF, { .queue_alg = 1 }, { .queue_alg = 1 }, WCE | SAVE | UA },
		{ TEN, 0x10, "00*8 " CACHE_OFF, { .queue_alg = 1 }, DEF, WCE | UA },
		/* mode data length, medium type and WP come back as MODE SENSE gave them */
		{ SIX, 0x10, "83 00 90 08 00 02 00 00 00 00 02 00 " CACHE_OFF, { .queue_alg = 1 }, DEF, WCE | UA },
		{ SIX, 0x10, "00 00 00 08 00 00 00 00 00 00 02 00 ", DEF, DEF, 0 },
		{ SIX, 0x10, "00 00 00 08 ff ff ff ff 00 00 02 00 ", DEF, DEF, 0 },
		{ TEN, 0x10, "00*4 01 00 00 10 00*4 00 02 00 00 00*4 00 00 02 00 ", DEF, DEF, 0 },
		{ TEN, 0x10, "00*4 01 00 00 10 ff*8 00*4 00 00 02 00 ", DEF, DEF, 0 },
		{ SIX, 0x10, HEADER6 CONTROL("24", "10", "00", "00"),
		  { .wce = 1, .queue_alg = 1, .d_sense = 1 }, DEF, CTL | UA },
		{ SIX, 0x11, HEADER6 CONTROL("3c", "06", "08", "40"),
		  { .wce = 1, .d_sense = 1, .dpicz = 1, .tmf_only = 1, .qerr = 3, .swp = 1, .tas = 1 },
		  { .wce = 1, .d_sense = 1, .dpicz = 1, .tmf_only = 1, .qerr = 3, .swp = 1, .tas = 1 },
		  CTL | SAVE | UA },
		{ SIX, 0x11, HEADER6 CONTROL("20", "10", "30", "00"), { .wce = 1, .queue_alg = 1, .ua_intlck = 3 },
		  { .wce = 1, .queue_alg = 1, .ua_intlck = 3 }, CTL | SAVE | UA },
		/* several pages in one list, in either order */
		{ SIX, 0x10, HEADER6 CACHE_OFF CONTROL("24", "12", "00", "00"),
		  { .queue_alg = 1, .d_sense = 1, .qerr = 1 }, DEF, WCE | CTL | UA },
		{ TEN, 0x10, "00*8 " CONTROL("24", "12", "00", "00") CACHE_OFF,
		  { .queue_alg = 1, .d_sense = 1, .qerr = 1 }, DEF, WCE | CTL | UA },
	};
	struct scsi_mode_state st;
	struct scsi_sense s;
	unsigned int i, fx;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		st = disk01();
		if (select_list(&st, cases[i].opcode, cases[i].b1, cases[i].list, &fx, &s))
			fail_msg("case %u refused: %06x at %u bit %u", i, s.code, s.field, s.bit);
		if (memcmp(&st.cur, &cases[i].cur, sizeof(st.cur)) || memcmp(&st.saved, &cases[i].saved, sizeof(st.saved)) ||
		    fx != cases[i].fx)
			fail_msg("case %u: effects %x", i, fx);
	}
}

static void select_refuses(void **state)
{
	static const struct {
		u8 opcode;
		u8 b1;
		const char *list;
		scsi_sense_code code;
		int field;	/* -1: no pointer */
	} cases[] = {
#define CDB	SCSI_SENSE_INVALID_FIELD_IN_CDB
#define PARAM	SCSI_SENSE_INVALID_FIELD_IN_PARAM
#define LENGTH	SCSI_SENSE_PARAM_LIST_LENGTH
		{ SIX, 0x00, HEADER6 CACHE_ON, CDB, 1 },			/* PF 0 */
		{ SIX, 0x00, "", CDB, 1 },
		{ SIX, 0x10, "00", LENGTH, -1 },
		{ SIX, 0x10, "00*3", LENGTH, -1 },
		{ TEN, 0x10, "00*7", LENGTH, -1 },
		{ SIX, 0x10, "00 00 00 08 00*7", LENGTH, -1 },
		{ SIX, 0x10, "00 00 00 10 00*16", PARAM, 3 },			/* block descriptor length */
		{ SIX, 0x10, "00 00 00 04 00*4", PARAM, 3 },
		{ TEN, 0x10, "00*6 00 10 00*16", PARAM, 6 },			/* without LONGLBA */
		{ TEN, 0x10, "00*4 01 00 00 08 00*8", PARAM, 6 },
		{ SIX, 0x10, "00 00 00 08 00 02 00 01 00 00 02 00", PARAM, 4 },	/* another capacity */
		{ SIX, 0x10, "00 00 00 08 00 02 00 00 00 00 10 00", PARAM, 9 },	/* another block size */
		{ TEN, 0x10, "00*4 01 00 00 10 00*7 01 00*4 00 00 02 00", PARAM, 8 },
		{ TEN, 0x10, "00*4 01 00 00 10 00*8 00*4 00 00 02 01", PARAM, 20 },
		{ SIX, 0x10, HEADER6 "88 12 04 00*9 80 14 00*6", PARAM, 4 },	/* PS */
		{ SIX, 0x10, HEADER6 "48 01 00 00", PARAM, 4 },			/* subpage format */
		{ SIX, 0x10, HEADER6 "01 0a c0 01 00*4 01 00 ff ff", PARAM, 4 },
		{ SIX, 0x10, HEADER6 "1c 0a 08 00*9", PARAM, 4 },
		{ SIX, 0x10, HEADER6 "3f 00", PARAM, 4 },
		{ SIX, 0x10, HEADER6 "08", LENGTH, -1 },
		{ SIX, 0x10, HEADER6 "08 0a 04 00*9", PARAM, 5 },		/* page length */
		{ SIX, 0x10, HEADER6 "0a 12 00*18", PARAM, 5 },
		{ SIX, 0x10, HEADER6 "08 12 04 00*9 80 14 00*5", LENGTH, -1 },
		{ SIX, 0x10, HEADER6 "08 12 05 00*9 80 14 00*6", PARAM, 6 },	/* RCD is not changeable */
		{ SIX, 0x10, HEADER6 "08 12 04 00*9 80 15 00*6", PARAM, 17 },
		{ SIX, 0x10, HEADER6 CONTROL("00", "10", "00", "00"), PARAM, 6 },	/* TST */
		{ SIX, 0x10, HEADER6 CONTROL("22", "10", "00", "00"), PARAM, 6 },	/* GLTSD */
		{ SIX, 0x10, HEADER6 CONTROL("20", "20", "00", "00"), PARAM, 7 },	/* QAM 2 */
		{ SIX, 0x10, HEADER6 CONTROL("20", "f0", "00", "00"), PARAM, 7 },
		{ SIX, 0x10, HEADER6 CONTROL("20", "14", "00", "00"), PARAM, 7 },	/* QERR 2 */
		{ SIX, 0x10, HEADER6 CONTROL("20", "10", "10", "00"), PARAM, 8 },	/* UA_INTLCK_CTRL 01b */
		{ SIX, 0x10, HEADER6 CONTROL("20", "10", "00", "80"), PARAM, 9 },	/* ATO */
		/* the second page is bad: the first has no effect either */
		{ SIX, 0x11, HEADER6 CACHE_OFF "0a 0a ff*10", PARAM, 26 },
		{ SIX, 0x11, HEADER6 CACHE_OFF "0a", LENGTH, -1 },
		{ SIX, 0x10, "00*257", LENGTH, -1 },
	};
	struct scsi_mode_state st, before;
	struct scsi_sense s;
	unsigned int i, fx;
	int field;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		st = before = disk01();
		fx = 99;
		assert_int_equal(select_list(&st, cases[i].opcode, cases[i].b1, cases[i].list, &fx, &s), -EINVAL);
		field = s.flags & SCSI_SENSE_F_FIELD ? s.field : -1;
		if (s.code != cases[i].code || field != cases[i].field || fx)
			fail_msg("case %u: %06x at %d, effects %x", i, s.code, field, fx);
		assert_memory_equal(&st, &before, sizeof(st));
		assert_int_equal(!!(s.flags & SCSI_SENSE_F_CDB), s.code == CDB);
	}
}

static void select_by_device(void **state)
{
	struct scsi_mode_state st = disk01();
	struct scsi_sense s;
	unsigned int fx;

	st.saving = false;
	assert_int_equal(select_list(&st, SIX, 0x11, HEADER6 CACHE_OFF, &fx, &s), -EINVAL);
	assert_int_equal(s.code, CDB);
	assert_int_equal(s.bit, 0);
	assert_int_equal(select_list(&st, SIX, 0x10, HEADER6 CACHE_OFF, &fx, &s), 0);

	st = disk01();
	st.frozen = true;
	assert_int_equal(select_list(&st, SIX, 0x10, HEADER6 CACHE_OFF, &fx, &s), -EINVAL);
	assert_int_equal(s.code, CDB);

	st = disk01();
	st.nv_cache = true;
	st.cur.wce = 0;
	assert_int_equal(select_list(&st, SIX, 0x10, HEADER6 CACHE_ON, &fx, &s), -EINVAL);
	assert_int_equal(s.field, 6);
	/* saving the control page keeps the saved cache mode, hidden while the cache is not volatile */
	assert_int_equal(select_list(&st, SIX, 0x11, HEADER6 CACHE_OFF CONTROL("24", "10", "00", "00"), &fx, &s), 0);
	assert_int_equal(st.saved.wce, 1);
	assert_int_equal(fx, CTL | SAVE | UA);

	st = disk01();
	st.type = SCSI_TYPE_ROM;
	assert_int_equal(select_list(&st, SIX, 0x10, HEADER6 CACHE_OFF, &fx, &s), -EINVAL);
	assert_int_equal(s.field, 4);
	assert_int_equal(select_list(&st, SIX, 0x10, HEADER6 CONTROL("24", "10", "00", "00"), &fx, &s), 0);
}

/* What MODE SENSE shows, MODE SELECT takes back. */
static void sense_then_select(void **state)
{
	static const u8 pages[] = { 0x08, 0x0a };
	struct scsi_mode_state st = disk01(), before;
	const u8 cdb[10] = { SCSI_OP_MODE_SELECT_10, 0x10 };
	struct scsi_sense s;
	unsigned int i, fx;
	u8 buf[256];
	int len;

	st.cur = (struct scsi_mode_values){ .d_sense = 1, .qerr = 3, .tas = 1, .dpicz = 1 };
	before = st;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		len = sense_10(&st, i ? 0x10 : 0, pages[i], buf, sizeof(buf), &s);
		buf[i ? 24 : 16] &= 0x7f;	/* PS */
		assert_int_equal(scsi_mode_select(&st, cdb, buf, len, &fx, &s), 0);
		assert_int_equal(fx, 0);
		assert_memory_equal(&st, &before, sizeof(st));
	}
}

static void image_round_trip(void **state)
{
	static const struct {
		struct scsi_mode_values v;
		const char *text;
	} cases[] = {
		{ DEF, "" },
		{ { .queue_alg = 1 }, "WRITE_THROUGH=1\n" },
		{ { .wce = 1, .queue_alg = 1, .tas = 1 }, "TAS=1\n" },
		{ { .tas = 1, .qerr = 3, .tmf_only = 1, .swp = 1, .d_sense = 1, .dpicz = 1, .ua_intlck = 2 },
		  "TAS=1\nQERR=3\nTMF_ONLY=1\nSWP=1\nD_SENSE=1\nDPICZ=1\nQUEUE_ALG=0\nWRITE_THROUGH=1\nUA_INTLCK=2\n" },
	};
	const struct scsi_mode_values def = DEF, write_through = { .queue_alg = 1 };
	struct scsi_mode_values v;
	char buf[SCSI_MODE_IMAGE_MAX], file[SCSI_MODE_IMAGE_MAX + 8];
	unsigned int i;
	int len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = scsi_mode_image_print(&cases[i].v, &def, buf, sizeof(buf));
		assert_int_equal(len, strlen(cases[i].text));
		if (len)
			assert_string_equal(buf, cases[i].text);
		len = snprintf(file, sizeof(file), "disk01\n%s", cases[i].text);
		assert_int_equal(scsi_mode_image_parse(file, len, "disk01", &def, &v), 0);
		assert_memory_equal(&v, &cases[i].v, sizeof(v));
	}
	/* the defaults of a device created with write_through=1 */
	len = scsi_mode_image_print(&def, &write_through, buf, sizeof(buf));
	assert_string_equal(buf, "WRITE_THROUGH=0\n");
	assert_int_equal(scsi_mode_image_print(&def, &write_through, buf, len), -ENOSPC);
	assert_int_equal(scsi_mode_image_print(&def, &write_through, buf, len + 1), len);
	assert_int_equal(scsi_mode_image_parse("d\nWRITE_THROUGH=0", 17, "d", &write_through, &v), 0);
	assert_int_equal(v.wce, 1);
}

static void bad_images(void **state)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{ "disk01", 0 }, { "disk01\n", 0 }, { "disk01\n\n\nTAS=1\n\n", 0 }, { "disk01\nTAS=1", 0 },
		{ "", -EINVAL }, { "\n", -EINVAL }, { "disk0", -EINVAL }, { "disk011\n", -EINVAL }, { "disk02\n", -EINVAL },
		{ "DISK01\n", -EINVAL }, { "TAS=1\n", -EINVAL },
		{ "disk01\nTAS\n", -EINVAL }, { "disk01\nTAS=\n", -EINVAL }, { "disk01\nTAS=2\n", -EINVAL },
		{ "disk01\nTAS=-1\n", -EINVAL }, { "disk01\nTAS=11\n", -EINVAL }, { "disk01\nTAS=x\n", -EINVAL },
		{ "disk01\nTAS 1\n", -EINVAL }, { "disk01\n TAS=1\n", -EINVAL }, { "disk01\nFOO=1\n", -EINVAL },
		{ "disk01\nQERR=2\n", -EINVAL }, { "disk01\nQERR=4\n", -EINVAL }, { "disk01\nQUEUE_ALG=2\n", -EINVAL },
		{ "disk01\nUA_INTLCK=1\n", -EINVAL }, { "disk01\nUA_INTLCK=4\n", -EINVAL }, { "disk01\nUA_INTLCK=9\n", -EINVAL },
		{ "disk01\nTAS=1\nBAD", -EINVAL },
	};
	const struct scsi_mode_values def = DEF;
	struct scsi_mode_values v;
	unsigned int i, len;
	char *exact;
	int r;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = strlen(cases[i].text);
		exact = malloc(len ? len : 1);	/* without NUL */
		memcpy(exact, cases[i].text, len);
		memset(&v, 0xee, sizeof(v));
		r = scsi_mode_image_parse(exact, len, "disk01", &def, &v);
		if (r != cases[i].result)
			fail_msg("'%s'", cases[i].text);
		assert_int_equal(v.wce, r ? 0xee : 1);	/* refused: unchanged */
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pages_as_observed),
		cmocka_unit_test(six_byte_form),
		cmocka_unit_test(headers_and_descriptors),
		cmocka_unit_test(rom_has_three_pages),
		cmocka_unit_test(page_controls),
		cmocka_unit_test(subpages),
		cmocka_unit_test(nv_cache_hides_the_cache),
		cmocka_unit_test(sense_refusals),
		cmocka_unit_test(cylinders),
		cmocka_unit_test(never_beyond_the_buffer),
		cmocka_unit_test(select_takes),
		cmocka_unit_test(select_refuses),
		cmocka_unit_test(select_by_device),
		cmocka_unit_test(sense_then_select),
		cmocka_unit_test(image_round_trip),
		cmocka_unit_test(bad_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
