// SPDX-License-Identifier: GPL-2.0
/*
 * iSNS PDUs: composed to the byte, and what is wrong with those of others refused.
 *
 * links: iscsi-scst/pure/isns.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "isns.h"

static u8 bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];
static u8 data[ISNS_MESSAGE_MAX];
static struct isns_out out = { .data = bytes, .size = sizeof(bytes) };
static struct isns_message m = { .data = data };

static void test_isns_compose(void **state)
{
	static const u8 want[] = {
		0, 1, 0, 1, 0, 44, 0x9c, 0, 0x12, 0x34, 0, 0,
		0, 0, 0, 32, 0, 0, 0, 8, 'i', 'q', 'n', '.', 'a', 'b', 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 33, 0, 0, 0, 4, 0, 0, 0, 1,
		0, 0, 0, 34, 0, 0, 0, 0,
	};

	isns_begin(&out, ISNS_DEV_ATTR_REG, ISNS_REPLACE, 0x1234);
	isns_put_string(&out, ISNS_ISCSI_NAME, "iqn.ab");
	isns_put(&out, ISNS_DELIMITER, NULL, 0);
	isns_put_u32(&out, ISNS_NODE_TYPE, ISNS_NODE_TARGET);
	isns_put(&out, ISNS_ISCSI_ALIAS, NULL, 0);
	assert_false(out.overflow);
	assert_int_equal(out.len, sizeof(want));
	assert_memory_equal(out.data, want, sizeof(want));
}

static void test_isns_overflow(void **state)
{
	static u8 small[40];
	struct isns_out o = { .data = small, .size = sizeof(small) };
	char text[ISNS_STRING_MAX + 2];
	int i;

	isns_begin(&o, ISNS_SCN_REG, 0, 1);
	isns_put_string(&o, ISNS_EID, "123456789abcdefghi");	/* 8 + 20: the last byte */
	assert_false(o.overflow);
	isns_put(&o, ISNS_DELIMITER, NULL, 0);
	assert_true(o.overflow);
	memset(text, 'a', sizeof(text));
	text[ISNS_STRING_MAX + 1] = '\0';
	isns_begin(&out, ISNS_SCN_REG, 0, 1);
	isns_put_string(&out, ISNS_EID, text);
	assert_true(out.overflow);
	text[ISNS_STRING_MAX] = '\0';
	isns_begin(&out, ISNS_SCN_REG, 0, 1);
	for (i = 0; !out.overflow; i++)
		isns_put_string(&out, ISNS_EID, text);
	assert_int_equal(i - 1, ISNS_PAYLOAD_MAX / 264);
	o.size = 11;
	isns_begin(&o, ISNS_SCN_REG, 0, 1);
	assert_true(o.overflow);
}

static void test_isns_head(void **state)
{
	u8 h[ISNS_HEAD_LEN] = { 0, 1, 0x80, 1, 0xff, 0xfc, 0x4c, 0, 1, 2, 3, 4 };
	struct isns_head head;

	assert_int_equal(isns_head_parse(h, &head), 0);
	assert_int_equal(head.function, ISNS_DEV_ATTR_REG | ISNS_RESPONSE);
	assert_int_equal(head.length, 65532);
	assert_int_equal(head.flags, ISNS_SERVER | ISNS_FIRST | ISNS_LAST);
	assert_int_equal(head.xid, 0x102);
	assert_int_equal(head.seq, 0x304);
	h[5] = 0xfe;
	assert_int_equal(isns_head_parse(h, &head), -EBADMSG);
	h[5] = 0xfc;
	h[6] |= 0x20;
	assert_int_equal(isns_head_parse(h, &head), -EBADMSG);
	h[6] &= ~0x20;
	h[1] = 2;
	assert_int_equal(isns_head_parse(h, &head), -EBADMSG);
}

static int add(u16 function, u16 length, u16 flags, u16 xid, u16 seq)
{
	static u8 payload[ISNS_PAYLOAD_MAX];
	struct isns_head head = { function, length, flags, xid, seq };

	return isns_message_add(&m, &head, payload);
}

static void test_isns_sequence(void **state)
{
	int i, ret = 0;

	isns_message_begin(&m);
	assert_int_equal(add(2, 8, ISNS_LAST, 1, 0), -EBADMSG);		/* not the first */
	assert_int_equal(add(2, 8, ISNS_FIRST, 1, 1), -EBADMSG);
	assert_int_equal(add(2, 8, ISNS_FIRST, 1, 0), 0);
	assert_false(m.complete);
	assert_int_equal(add(2, 8, ISNS_FIRST, 1, 1), -EBADMSG);	/* twice the first */
	assert_int_equal(add(2, 8, 0, 1, 2), -EBADMSG);			/* one is missing */
	assert_int_equal(add(3, 8, 0, 1, 1), -EBADMSG);
	assert_int_equal(add(2, 8, 0, 2, 1), -EBADMSG);
	assert_int_equal(add(2, 4, ISNS_LAST, 1, 1), 0);
	assert_true(m.complete);
	assert_int_equal(m.len, 12);
	assert_int_equal(add(2, 4, ISNS_LAST, 1, 2), -EBADMSG);
	/* without an end */
	isns_message_begin(&m);
	for (i = 0; !ret; i++)
		ret = add(2, ISNS_PAYLOAD_MAX, i ? 0 : ISNS_FIRST, 1, (u16)i);
	assert_int_equal(ret, -EBADMSG);
	assert_int_equal(i - 1, ISNS_MESSAGE_MAX / ISNS_PAYLOAD_MAX);
}

static int count_attrs(const void *tlv, u32 len, int *ret)
{
	/* in a block of its own, so that a byte read beyond it is seen */
	u8 *copy = malloc(len ? len : 1);
	struct isns_attr a;
	u32 pos = 0;
	int n = 0;

	memcpy(copy, tlv, len);
	while ((*ret = isns_attr_next(copy, len, &pos, &a)) > 0) {
		u32 v;

		isns_attr_string(&a);
		isns_attr_u32(&a, &v);
		n++;
	}
	free(copy);
	return n;
}

/* CVE-2010-2221: attributes longer than what holds them. */
static void test_isns_oversize_tlv(void **state)
{
	static const struct {
		u8 tlv[24];
		u32 len;
		int attrs, ret;
	} row[] = {
		{ { 0 }, 0, 0, 0 },
		{ { 0, 0, 0, 1, 0, 0, 0, 4, 'a', 0, 0, 0 }, 12, 1, 0 },
		{ { 0, 0, 0, 1, 0, 0, 0, 4, 'a', 0, 0, 0 }, 11, 0, -EBADMSG },
		{ { 0, 0, 0, 1, 0, 0, 0, 8, 'a', 0, 0, 0 }, 12, 0, -EBADMSG },
		{ { 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfc, 'a', 0, 0, 0 }, 12, 0, -EBADMSG },
		{ { 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 'a', 0, 0, 0 }, 12, 0, -EBADMSG },
		{ { 0, 0, 0, 1, 0x80, 0, 0, 0, 'a', 0, 0, 0 }, 12, 0, -EBADMSG },
		{ { 0, 0, 0, 1, 0, 0, 0, 3, 'a', 0, 0, 0 }, 12, 0, -EBADMSG },
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 }, 15, 1, -EBADMSG },
		{ { 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0, 0, 0 }, 16, 2, 0 },
	};
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		assert_int_equal(count_attrs(row[i].tlv, row[i].len, &ret), row[i].attrs);
		assert_int_equal(ret, row[i].ret);
	}
}

static const char *text_of(const void *value, u32 len)
{
	struct isns_attr a = { ISNS_ISCSI_NAME, len, value };

	return isns_attr_string(&a);
}

/* CVE-2010-0743: what comes as a name goes to logs and files. */
static void test_isns_strings(void **state)
{
	char longest[260] = { 0 };
	struct isns_attr a = { ISNS_NODE_TYPE, 4, (const u8 *)"\0\0\1\2" };
	u32 v;

	assert_string_equal(text_of("iqn\0", 4), "iqn");
	assert_string_equal(text_of("%n%s\0\0\0\0", 8), "%n%s");
	assert_null(text_of("iqnx", 4));
	assert_null(text_of("", 0));
	assert_null(text_of("a\nb\0", 4));
	assert_null(text_of("a\x7f\0\0", 4));
	memset(longest, 'a', ISNS_STRING_MAX);
	assert_non_null(text_of(longest, sizeof(longest)));
	longest[ISNS_STRING_MAX] = 'a';
	assert_null(text_of(longest, sizeof(longest)));
	assert_true(isns_attr_u32(&a, &v));
	assert_int_equal(v, 0x102);
	a.len = 0;
	assert_false(isns_attr_u32(&a, &v));
}

static void test_isns_status(void **state)
{
	isns_message_begin(&m);
	assert_int_equal(isns_status(&m, ISNS_DEV_ATTR_QRY), -EBADMSG);
	assert_int_equal(add(0x8002, 4, ISNS_FIRST | ISNS_LAST, 1, 0), 0);
	m.data[3] = 9;
	assert_int_equal(isns_status(&m, ISNS_DEV_ATTR_QRY), 9);
	assert_int_equal(isns_status(&m, ISNS_DEV_ATTR_REG), -EBADMSG);
	m.data[0] = 0xff;	/* never a negative number */
	assert_int_equal(isns_status(&m, ISNS_DEV_ATTR_QRY), 0xffff);
	isns_message_begin(&m);
	assert_int_equal(add(0x8002, 0, ISNS_FIRST | ISNS_LAST, 1, 0), 0);
	assert_int_equal(isns_status(&m, ISNS_DEV_ATTR_QRY), -EBADMSG);
}

/* A server's message of function with one attribute, and the answer to it. */
static int ask(u16 function, u32 tag, const char *name)
{
	struct isns_head head;

	isns_begin(&out, function, 0, 7);
	isns_put_string(&out, tag, name);
	isns_head_parse(out.data, &head);
	isns_message_begin(&m);
	assert_int_equal(isns_message_add(&m, &head, out.data + ISNS_HEAD_LEN), 0);
	return isns_answer(&m, &out);
}

static void test_isns_answers(void **state)
{
	static const u8 scn[] = {
		0, 1, 0x80, 8, 0, 16, 0x8c, 0, 0, 7, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 32, 0, 0, 0, 4, 'i', 'q', 'n', 0,
	};

	assert_int_equal(ask(ISNS_SCN, ISNS_ISCSI_NAME, "iqn"), 0);
	assert_int_equal(out.len, sizeof(scn));
	assert_memory_equal(out.data, scn, sizeof(scn));
	assert_int_equal(ask(ISNS_SCN, ISNS_EID, "iqn"), -EBADMSG);
	assert_int_equal(ask(ISNS_SCN, ISNS_ISCSI_NAME, "i\nq"), -EBADMSG);
	assert_int_equal(ask(ISNS_ESI, ISNS_EID, "entity"), 0);
	assert_int_equal(out.data[2] << 8 | out.data[3], 0x800d);
	assert_int_equal(out.len, 12 + 4 + 16);
	assert_string_equal((char *)out.data + 24, "entity");
	assert_int_equal(ask(ISNS_DEV_DEREG, ISNS_EID, "entity"), -EBADMSG);
	assert_int_equal(ask(ISNS_SCN | ISNS_RESPONSE, ISNS_ISCSI_NAME, "iqn"), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isns_compose),
		cmocka_unit_test(test_isns_overflow),
		cmocka_unit_test(test_isns_head),
		cmocka_unit_test(test_isns_sequence),
		cmocka_unit_test(test_isns_oversize_tlv),
		cmocka_unit_test(test_isns_strings),
		cmocka_unit_test(test_isns_status),
		cmocka_unit_test(test_isns_answers),
	};

	return cmocka_run_group_tests_name("iSNS PDUs", tests, NULL, NULL);
}
