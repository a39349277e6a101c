// SPDX-License-Identifier: GPL-2.0
/*
 * What a disk of the host says, and what initiators are told instead.
 *
 * links: scst/disk/pure/answer.c scst/pure/cdb.c scst/pure/sense.c
 */
#include "hex.h"
#include "scst/disk/pure/answer.h"

static const struct scsi_host_port port = { .rel_tgt_id = 7, .max_xfer = 8 << 20, .block_size = 512 };
static const u8 standard[6] = { SCSI_OP_INQUIRY };
static const u8 page[6] = { SCSI_OP_INQUIRY, 1 };

static void standard_inquiry(void **state)
{
	u8 buf[64] = { 0, 0, 6, 0x32, 31, 0x39, 0, 0 };
	struct scsi_host_port copies = port;

	assert_int_equal(scsi_host_inquiry(&port, standard, buf, 36, sizeof(buf)), 36);
	assert_int_equal(buf[3], 0x12);
	assert_int_equal(buf[5], 0);
	assert_int_equal(buf[6], 0x10);
	assert_int_equal(buf[7], 0x02);

	buf[5] = 0x39;
	copies.copies = true;
	scsi_host_inquiry(&copies, standard, buf, 36, sizeof(buf));
	assert_int_equal(buf[5], 0x08);

	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(scsi_host_inquiry(&port, standard, buf, 7, sizeof(buf)), 7);
	assert_int_equal(buf[3], 0xff);
}

static void supported_pages(void **state)
{
	u8 buf[16] = { 0, 0, 0, 6, 0x00, 0x80, 0x83, 0x88, 0x90, 0xb0 };
	static const u8 want[] = { 0, 0, 0, 4, 0x00, 0x80, 0x83, 0xb0 };

	assert_int_equal(scsi_host_inquiry(&port, page, buf, 10, sizeof(buf)), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_true(scsi_host_page_hidden(0x91));
	assert_false(scsi_host_page_hidden(0x83));
}

static void device_id(void **state)
{
	u8 buf[64] = { 0, 0x83, 0, 28,
		0x61, 0x94, 0, 4, 0, 0, 0, 1,		/* relative port of the host's path */
		0x01, 0x03, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7,
		0x53, 0xa8, 0, 4, 'n', 'a', 'a', '.' };	/* the host's target */
	static const u8 want[] = { 0, 0x83, 0, 20, 0x01, 0x03, 0, 8, 0x50, 1, 2, 3, 4, 5, 6, 7,
		0x01, 0x14, 0, 4, 0, 0, 0, 7 };

	assert_int_equal(scsi_host_inquiry(&port, page, buf, 32, sizeof(buf)), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

/* A descriptor that ends beyond the page, a page that ends beyond the data, and no room for ours. */
static void device_id_cut(void **state)
{
	u8 cut[16] = { 0, 0x83, 0x10, 0, 0x01, 0x03, 0, 200, 1, 2, 3, 4 };
	u8 full[12] = { 0, 0x83, 0, 8, 0x01, 0x03, 0, 4, 1, 2, 3, 4 };

	assert_int_equal(scsi_host_inquiry(&port, page, cut, 12, sizeof(cut)), 12);
	assert_int_equal(cut[3], 8);
	assert_int_equal(cut[11], 7);
	assert_int_equal(scsi_host_inquiry(&port, page, full, 12, sizeof(full)), 12);
	assert_int_equal(full[11], 4);
}

/* A device in a group, through a port without access: the target port groups are the core's. */
static void in_a_group(void **state)
{
	struct scsi_host_port grouped = port;
	u8 buf[64] = { 0, 0, 6, 0x32, 31, 0x39, 0, 0 };
	u8 id[64] = { 0, 0x83, 0, 8, 0x61, 0x95, 0, 4, 0, 0, 0, 1 };
	static const u8 want[] = { 0x20, 0x83, 0, 16, 0x01, 0x14, 0, 4, 0, 0, 0, 7, 0x01, 0x15, 0, 4, 0, 0, 1, 2 };

	grouped.grouped = true;
	grouped.unavailable = true;
	grouped.tpg_id = 0x102;
	assert_int_equal(scsi_host_inquiry(&grouped, standard, buf, 36, sizeof(buf)), 36);
	assert_int_equal(buf[0], 0x20);
	assert_int_equal(buf[5], 0x10);
	assert_int_equal(scsi_host_inquiry(&grouped, page, id, 12, sizeof(id)), sizeof(want));
	assert_memory_equal(id, want, sizeof(want));
	assert_int_equal(scsi_host_inquiry(&grouped, page, id, 4, 12), 12);
}

static void limits(void **state)
{
	u8 buf[64] = { 0, 0xb0, 0, 0x3c };

	buf[12] = 0x7f;
	assert_int_equal(scsi_host_inquiry(&port, page, buf, 64, sizeof(buf)), 64);
	assert_int_equal(get_unaligned_be32(buf + 8), 16384);
	assert_int_equal(get_unaligned_be32(buf + 12), 16384);
	put_unaligned_be32(128, buf + 8);
	scsi_host_inquiry(&port, page, buf, 64, sizeof(buf));
	assert_int_equal(get_unaligned_be32(buf + 8), 128);
	assert_int_equal(scsi_host_inquiry(&port, page, buf, 15, sizeof(buf)), 15);
	assert_int_equal(scsi_host_inquiry(&port, page, buf, 3, sizeof(buf)), 3);
}

static void extended(void **state)
{
	u8 buf[64] = { 0, 0x86, 0, 0x3c, 0xff, 0x38 };

	scsi_host_inquiry(&port, page, buf, 64, sizeof(buf));
	assert_int_equal(buf[4], 0xc0);
	assert_int_equal(buf[5], 0x3f);
	assert_int_equal(scsi_host_inquiry(&port, page, buf, 5, sizeof(buf)), 5);
}

static void attentions(void **state)
{
	static const struct { scsi_sense_code disk, others; } cases[] = {
		{ SCSI_SENSE(6, 0x29, 0x01), SCSI_SENSE_UA_POWER_ON_RESET },
		{ SCSI_SENSE(6, 0x28, 0x01), SCSI_SENSE_UA_MEDIUM_CHANGED },
		{ SCSI_SENSE_UA_MODE_CHANGED, SCSI_SENSE_UA_MODE_CHANGED },
		{ SCSI_SENSE_UA_CAPACITY_CHANGED, SCSI_SENSE_UA_CAPACITY_CHANGED },
		{ SCSI_SENSE(6, 0x2a, 0x03), SCSI_SENSE_UA_MODE_CHANGED },
		{ SCSI_SENSE(6, 0x2f, 0x01), SCSI_SENSE_UA_COMMANDS_CLEARED },
		{ SCSI_SENSE(6, 0x3f, 0x01), SCSI_SENSE_UA_INQUIRY_CHANGED },
		{ SCSI_SENSE_UA_LUNS_CHANGED, 0 },
		{ SCSI_SENSE(6, 0x5d, 0x00), SCSI_SENSE_UA_POWER_ON_RESET },
		{ SCSI_SENSE_WRITE_ERROR, SCSI_SENSE_WRITE_ERROR },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(scsi_host_ua(cases[i].disk), cases[i].others);
}

/* Of a deferred error only the nexus whose command brought it would know, and another may have written the data. */
static void news(void **state)
{
	static const struct { u8 response; scsi_sense_code disk, all; bool of_flush; } cases[] = {
		{ 0x70, SCSI_SENSE(6, 0x29, 0x00), SCSI_SENSE(6, 0x29, 0x00), false },
		{ 0x72, SCSI_SENSE(6, 0x2a, 0x01), SCSI_SENSE(6, 0x2a, 0x01), false },
		{ 0xf1, SCSI_SENSE(6, 0x29, 0x00), SCSI_SENSE(6, 0x29, 0x00), false },
		{ 0x70, SCSI_SENSE(3, 0x0c, 0x02), 0, false },
		{ 0xf2, SCSI_SENSE(3, 0x0c, 0x02), 0, false },
		{ 0x71, SCSI_SENSE(3, 0x0c, 0x02), SCSI_SENSE_WRITE_ERROR, false },
		{ 0xf1, SCSI_SENSE(4, 0x44, 0x00), SCSI_SENSE_WRITE_ERROR, false },
		{ 0x73, SCSI_SENSE(3, 0x03, 0x00), SCSI_SENSE_WRITE_ERROR, false },
		{ 0x73, SCSI_SENSE(0xb, 0x08, 0x00), SCSI_SENSE_WRITE_ERROR, false },
		{ 0x71, SCSI_SENSE(1, 0x0c, 0x01), 0, false },
		{ 0x73, SCSI_SENSE(1, 0x0c, 0x01), 0, false },
		{ 0x71, SCSI_SENSE(0, 0x00, 0x00), 0, false },
		{ 0x70, SCSI_SENSE(3, 0x0c, 0x00), SCSI_SENSE_WRITE_ERROR, true },
		{ 0x72, SCSI_SENSE(4, 0x44, 0x00), SCSI_SENSE_WRITE_ERROR, true },
		{ 0x70, SCSI_SENSE(1, 0x0c, 0x00), 0, true },
		{ 0x70, SCSI_SENSE(2, 0x04, 0x01), 0, true },
		{ 0x70, SCSI_SENSE(5, 0x20, 0x00), 0, true },
		{ 0x70, SCSI_SENSE(6, 0x29, 0x00), SCSI_SENSE(6, 0x29, 0x00), true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(scsi_host_news(cases[i].response, cases[i].disk, cases[i].of_flush), cases[i].all);
}

/* Whose command was told in such a way has to be told in another. */
static void repeated(void **state)
{
	assert_true(scsi_host_repeated(0x70, SCSI_SENSE(3, 0x0c, 0x00)));
	assert_true(scsi_host_repeated(0x71, SCSI_SENSE(3, 0x0c, 0x02)));
	assert_true(scsi_host_repeated(0xf3, SCSI_SENSE(4, 0x44, 0x00)));
	assert_false(scsi_host_repeated(0x70, SCSI_SENSE(4, 0x44, 0x00)));
	assert_false(scsi_host_repeated(0xf2, SCSI_SENSE(4, 0x44, 0x00)));
}

static void opcodes(void **state)
{
	u8 set[SCSI_OP_ID_MAX] = { 0 };
	u8 buf[60] = { 0, 0, 0, 48,
		0x28, 0, 0, 0, 0, 0x02, 0, 10, [12] = 0, 0x0a,			/* with timeouts: 20 bytes */
		[24] = 0x9e, 0, 0, 0x10, 0, 0x01, 0, 16,
		[32] = 0x7f, 0, 0, 0x0b, 0, 0x01, 0, 32,
		[40] = 0xc1, 0, 0, 0, 0, 0, 0, 10,
		[48] = 0x2a, 0, 0 };						/* cut */

	scsi_host_opcodes(buf, 50, set);
	assert_true(set[SCSI_OP_ID_READ_10]);
	assert_true(set[SCSI_OP_ID_READ_CAPACITY_16]);
	assert_true(set[SCSI_OP_ID_WRITE_32]);
	assert_false(set[SCSI_OP_ID_WRITE_10]);
	assert_false(set[SCSI_OP_ID_GET_LBA_STATUS]);
	assert_false(set[SCSI_OP_ID_NONE]);
	scsi_host_opcodes(buf, 3, set);
	assert_false(set[SCSI_OP_ID_WRITE_10]);
}

static void capacity(void **state)
{
	static const u8 ten[8] = { 0, 0, 0x0f, 0xff, 0, 0, 2, 0 };
	static const u8 sixteen[32] = { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0 };
	static const u8 endless[12] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 2, 0 };
	static const u8 no_size[8] = { 0, 0, 0, 1 };
	u64 blocks;
	u32 size;

	assert_true(scsi_host_capacity(ten, 8, &blocks, &size));
	assert_int_equal(blocks, 4096);
	assert_int_equal(size, 512);
	assert_true(scsi_host_capacity(sixteen, 32, &blocks, &size));
	assert_int_equal(blocks, 0x100000001);
	assert_int_equal(size, 4096);
	assert_false(scsi_host_capacity(endless, 12, &blocks, &size));
	assert_false(scsi_host_capacity(no_size, 8, &blocks, &size));
	assert_false(scsi_host_capacity(sixteen, 11, &blocks, &size));
}

static void control_page(void **state)
{
	u8 buf[28] = { 0, 26, 0, 0, 0, 0, 0, 8, [16] = 0x8a, 0x0a, 0x24, 0x12, 0x08, 0x40 };
	struct scsi_host_control c;

	assert_true(scsi_host_control(buf, sizeof(buf), &c));
	assert_int_equal(c.tst, 1);
	assert_int_equal(c.d_sense, 1);
	assert_int_equal(c.qerr, 1);
	assert_int_equal(c.swp, 1);
	assert_int_equal(c.tas, 1);
	assert_false(scsi_host_control(buf, 21, &c));
	assert_false(scsi_host_control(buf, 7, &c));
	buf[16] = 0x08;
	assert_false(scsi_host_control(buf, sizeof(buf), &c));
	buf[6] = 0xff;
	assert_false(scsi_host_control(buf, sizeof(buf), &c));
}

static unsigned int serial_of(const char *text, unsigned int len, char *name, unsigned int size)
{
	u8 buf[300] = { 0, 0x80, len >> 8, len };

	memcpy(buf + 4, text, len);
	return scsi_host_serial(buf, 4 + len, name, size);
}

static void serial_number(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "S3Z-0123abc", "S3Z-0123abc" },
		{ "  WD 12  ", "WD_12" },
		{ "../../etc/passwd", "______etc_passwd" },
		{ ".hidden", "_hidden" },
		{ "a.1", "a_1" },
		{ "\xff\n", "__" },
		{ "", "" },
		{ "    ", "" },
	};
	char name[SCSI_HOST_SERIAL_MAX + 1], small[4], text[256];
	u8 other[] = { 0, 0x83, 0, 1, 'x' }, beyond[] = { 0, 0x80, 0xff, 0xff, 'x' };
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(serial_of(cases[i].text, strlen(cases[i].text), name, sizeof(name)), strlen(cases[i].name));
		assert_string_equal(name, cases[i].name);
	}
	assert_int_equal(serial_of("\0\0ab\0", 5, name, sizeof(name)), 2);
	assert_string_equal(name, "ab");
	memset(text, 'x', sizeof(text));
	assert_int_equal(serial_of(text, 255, name, sizeof(name)), SCSI_HOST_SERIAL_MAX);
	assert_int_equal(strlen(name), SCSI_HOST_SERIAL_MAX);
	assert_int_equal(serial_of("serial", 6, small, sizeof(small)), 3);
	assert_string_equal(small, "ser");
	assert_int_equal(scsi_host_serial(other, sizeof(other), name, sizeof(name)), 0);
	assert_string_equal(name, "");
	assert_int_equal(scsi_host_serial(beyond, sizeof(beyond), name, sizeof(name)), 1);
	assert_int_equal(scsi_host_serial(beyond, 3, name, sizeof(name)), 0);
}

static void ranges(void **state)
{
	u8 six[6] = { 0x08, 0xff, 0xff, 0xff, 0xff, 0 }, ten[10] = { 0x28, 0x08 }, twelve[12] = { 0xa8 }, sixteen[16] = { 0x88 };

	scsi_host_set_range(six, 6, 0x12345, 256);
	assert_memory_equal(six, ((u8[]){ 0x08, 0xe1, 0x23, 0x45, 0, 0 }), 6);
	scsi_host_set_range(ten, 10, 0x12345678, 0x100);
	assert_memory_equal(ten, ((u8[]){ 0x28, 0x08, 0x12, 0x34, 0x56, 0x78, 0, 1, 0, 0 }), 10);
	scsi_host_set_range(twelve, 12, 0x12345678, 0x10000);
	assert_memory_equal(twelve, ((u8[]){ 0xa8, 0, 0x12, 0x34, 0x56, 0x78, 0, 1, 0, 0, 0, 0 }), 12);
	scsi_host_set_range(sixteen, 16, 0x123456789a, 2);
	assert_memory_equal(sixteen, ((u8[]){ 0x88, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0, 0, 0, 2, 0, 0 }), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_inquiry),
		cmocka_unit_test(supported_pages),
		cmocka_unit_test(device_id),
		cmocka_unit_test(device_id_cut),
		cmocka_unit_test(in_a_group),
		cmocka_unit_test(limits),
		cmocka_unit_test(extended),
		cmocka_unit_test(attentions),
		cmocka_unit_test(news),
		cmocka_unit_test(repeated),
		cmocka_unit_test(opcodes),
		cmocka_unit_test(capacity),
		cmocka_unit_test(control_page),
		cmocka_unit_test(serial_number),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
