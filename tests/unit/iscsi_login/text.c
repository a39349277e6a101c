// SPDX-License-Identifier: GPL-2.0
/*
 * key=value text and the Text Request exchange, with hostile input.
 *
 * links: iscsi-scst/pure/text.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "text.h"

#define ROW(literal, good) { literal, (u32)sizeof(literal), good }

static const struct {
	const char *text;
	u32 len;
	bool good;
} checks[] = {
	{ "", 0, true },
	ROW("A=b", true),
	ROW("A=", true),
	ROW("A=b=c", true),
	ROW("X-com.example.key_1@a+b#2=v", true),
	ROW("A=1\0B=2", true),
	{ "A=b", 3, false },				/* no final NUL */
	ROW("A", false),				/* no '=' */
	ROW("=b", false),				/* no key */
	ROW("", false),				/* empty pair */
	ROW("A=b\0", false),			/* empty pair behind a good one */
	ROW("A b=c", false),
	ROW("A%n=c", false),
	ROW("A\x01=c", false),
	ROW("A=1\0A=2", false),			/* sent twice */
	ROW("A=1\0B=2\0A=1", false),
	ROW("AB=1\0A=2", true),			/* one is the beginning of the other */
	ROW("k23456789012345678901234567890123456789012345678901234567890123=v", true),
	ROW("k234567890123456789012345678901234567890123456789012345678901234=v", false),
};

static void test_check(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		char *exact = malloc(checks[i].len + 1);

		memcpy(exact, checks[i].text, checks[i].len);
		exact = realloc(exact, checks[i].len ? checks[i].len : 1);
		if (!iscsi_text_check(exact, checks[i].len) != checks[i].good)
			fail_msg("row %zu: %s", i, checks[i].text);
		free(exact);
	}
}

/* CVE-2013-2850: a key of 8 KiB, echoed back, ran over a buffer. */
static void test_long_key(void **state)
{
	char *text = malloc(8192);

	memset(text, 'k', 8192);
	memcpy(text + 8189, "=v", 3);
	assert_non_null(iscsi_text_check(text, 8192));
	free(text);
}

static void test_too_many_pairs(void **state)
{
	char *text = malloc(16 * 300);
	u32 len = 0;
	int i;

	for (i = 0; i < ISCSI_TEXT_PAIRS_MAX; i++)
		len += sprintf(text + len, "k%d=1", i) + 1;
	assert_null(iscsi_text_check(text, len));
	len += sprintf(text + len, "k%d=1", i) + 1;
	assert_string_equal(iscsi_text_check(text, len), "too many keys");
	free(text);
}

static void test_find(void **state)
{
	static const char text[] = "Aa=1\0A=two\0C=";

	assert_string_equal(iscsi_text_find(text, sizeof(text), "A"), "two");
	assert_string_equal(iscsi_text_find(text, sizeof(text), "C"), "");
	assert_null(iscsi_text_find(text, sizeof(text), "a"));
	assert_null(iscsi_text_find(text, 0, "A"));
}

static void test_add_overflow(void **state)
{
	char mem[12];
	struct iscsi_text_buf b = { .data = mem, .size = sizeof(mem) };

	iscsi_text_add(&b, "Key", "1234567");		/* 3 + 1 + 7 + 1: fits exactly */
	assert_false(b.overflow);
	assert_int_equal(b.len, 12);
	iscsi_text_add(&b, "k", "");
	assert_true(b.overflow);
	assert_int_equal(b.len, 12);
}

static void test_cut(void **state)
{
	static const char text[] = "A=1\0BBBB=22222";	/* 4 and 11 bytes */
	bool inside;

	assert_int_equal(iscsi_text_cut(text, 15, 15, &inside), 15);
	assert_false(inside);
	assert_int_equal(iscsi_text_cut(text, 15, 14, &inside), 4);
	assert_false(inside);
	assert_int_equal(iscsi_text_cut(text, 15, 4, &inside), 4);
	assert_false(inside);
	assert_int_equal(iscsi_text_cut(text, 15, 3, &inside), 3);
	assert_true(inside);
}

/* --- Text Request exchange --- */

static u8 *request(u8 flags, u32 itt, u32 ttt)
{
	static u8 bhs[ISCSI_BHS_LEN];

	memset(bhs, 0, sizeof(bhs));
	bhs[0] = ISCSI_OP_TEXT;
	bhs[ISCSI_OFF_FLAGS] = flags;
	put_unaligned_be32(itt, bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(ttt, bhs + ISCSI_OFF_TTT);
	return bhs;
}

#define FEED(x, flags, itt, ttt, text, len, max) \
	iscsi_text_feed(x, request(flags, itt, ttt), (const u8 *)(text), len, max)

static u32 rsp_ttt(const struct iscsi_text_xchg *x)
{
	return get_unaligned_be32(x->bhs + ISCSI_OFF_TTT);
}

static void test_split_answer(void **state)
{
	static struct iscsi_text_xchg x;
	static const char all[] = "SendTargets=All";
	char answer[3000];
	char got[3000];
	u32 len = 0, have = 0, ttt = ISCSI_RESERVED_TAG;
	int i, rounds;

	for (i = 0; i < 40; i++)
		len += sprintf(answer + len, "TargetName=iqn.2024-01.example:%d", i) + 1;
	iscsi_text_init(&x);
	assert_int_equal(FEED(&x, 0x80, 5, ttt, all, sizeof(all), 512), ISCSI_TEXT_ANSWER);
	assert_int_equal(x.in_len, sizeof(all));
	assert_int_equal(iscsi_text_answer(&x, answer, len, 512), ISCSI_TEXT_RESPOND);
	for (rounds = 0; rounds < 10; rounds++) {
		assert_in_range(x.out_len, 1, 512);
		assert_int_equal(x.out[x.out_len - 1], 0);	/* at a pair boundary */
		assert_int_equal(get_unaligned_be32(x.bhs + ISCSI_OFF_ITT), 5);
		memcpy(got + have, x.out, x.out_len);
		have += x.out_len;
		if (x.bhs[1] & ISCSI_FLAG_FINAL)
			break;
		assert_int_not_equal(rsp_ttt(&x), ISCSI_RESERVED_TAG);
		assert_int_not_equal(rsp_ttt(&x), ttt);
		ttt = rsp_ttt(&x);
		assert_int_equal(FEED(&x, 0x80, 5, ttt, "", 0, 512), ISCSI_TEXT_RESPOND);
	}
	assert_in_range(rounds, 2, 9);
	assert_int_equal(rsp_ttt(&x), ISCSI_RESERVED_TAG);
	assert_int_equal(have, len);
	assert_memory_equal(got, answer, len);
}

static void open_exchange(struct iscsi_text_xchg *x, const char *answer, u32 len)
{
	iscsi_text_init(x);
	assert_int_equal(FEED(x, 0x80, 5, ISCSI_RESERVED_TAG, "A=1", 4, 8), ISCSI_TEXT_ANSWER);
	iscsi_text_answer(x, answer, len, 8);
	assert_true(x->open);
}

static void test_wrong_ttt(void **state)
{
	static struct iscsi_text_xchg x;
	static const char answer[] = "A=1\0B=2\0C=3\0D=4";

	open_exchange(&x, answer, sizeof(answer));
	assert_int_equal(FEED(&x, 0x80, 5, x.ttt + 1, "", 0, 8), ISCSI_TEXT_REJECT);
	assert_int_equal(x.reason, ISCSI_REJECT_INVALID_FIELD);
	assert_int_equal(FEED(&x, 0x80, 5, 1, "", 0, 8), ISCSI_TEXT_REJECT);	/* forgotten by now */

	open_exchange(&x, answer, sizeof(answer));
	assert_int_equal(FEED(&x, 0x80, 6, x.ttt, "", 0, 8), ISCSI_TEXT_REJECT);	/* other ITT */

	open_exchange(&x, answer, sizeof(answer));
	assert_int_equal(FEED(&x, 0x80, 5, x.ttt, "Q=1", 4, 8), ISCSI_TEXT_REJECT);	/* text in between */

	open_exchange(&x, answer, sizeof(answer));
	assert_int_equal(FEED(&x, 0x80, 9, ISCSI_RESERVED_TAG, "N=1", 4, 8), ISCSI_TEXT_ANSWER);	/* anew */
	assert_string_equal(x.in, "N=1");
}

static void test_joined_request(void **state)
{
	static struct iscsi_text_xchg x;

	iscsi_text_init(&x);
	assert_int_equal(FEED(&x, ISCSI_FLAG_CONTINUE, 5, ISCSI_RESERVED_TAG, "SendTar", 7, 512), ISCSI_TEXT_RESPOND);
	assert_int_equal(x.out_len, 0);
	assert_int_equal(x.bhs[1], 0);
	assert_int_equal(FEED(&x, 0x80, 5, rsp_ttt(&x), "gets=All", 9, 512), ISCSI_TEXT_ANSWER);
	assert_string_equal(iscsi_text_find(x.in, x.in_len, "SendTargets"), "All");
	iscsi_text_answer(&x, NULL, 0, 512);
	assert_int_equal(x.bhs[1], ISCSI_FLAG_FINAL);
	assert_int_equal(x.out_len, 0);
}

/* F=1 in an answer to F=0 would end what the initiator has not ended. */
static void test_not_final(void **state)
{
	static struct iscsi_text_xchg x;

	iscsi_text_init(&x);
	assert_int_equal(FEED(&x, 0, 5, ISCSI_RESERVED_TAG, "A=1", 4, 512), ISCSI_TEXT_ANSWER);
	iscsi_text_answer(&x, "A=2", 4, 512);
	assert_int_equal(x.bhs[1], 0);
	assert_int_not_equal(rsp_ttt(&x), ISCSI_RESERVED_TAG);
	assert_int_equal(FEED(&x, 0x80, 5, rsp_ttt(&x), "", 0, 512), ISCSI_TEXT_ANSWER);
	assert_int_equal(x.in_len, 0);
	iscsi_text_answer(&x, "", 0, 512);
	assert_int_equal(x.bhs[1], ISCSI_FLAG_FINAL);
}

static void test_hostile_requests(void **state)
{
	static struct iscsi_text_xchg x;
	static char big[5000];
	int i;

	iscsi_text_init(&x);
	assert_int_equal(FEED(&x, 0xc0, 5, ISCSI_RESERVED_TAG, "A=1", 4, 512), ISCSI_TEXT_REJECT);
	assert_int_equal(FEED(&x, 0x80, 5, 0, "A=1", 4, 512), ISCSI_TEXT_REJECT);
	assert_int_equal(FEED(&x, 0x80, 5, ISCSI_RESERVED_TAG, "A=1", 3, 512), ISCSI_TEXT_REJECT);
	assert_int_equal(x.reason, ISCSI_REJECT_PROTOCOL);
	assert_int_equal(FEED(&x, 0x40, 5, ISCSI_RESERVED_TAG, big, 5000, 512), ISCSI_TEXT_RESPOND);
	assert_int_equal(FEED(&x, 0x40, 5, rsp_ttt(&x), big, 5000, 512), ISCSI_TEXT_REJECT);
	assert_int_equal(x.reason, ISCSI_REJECT_NO_RESOURCES);
	for (i = 0; i < 70000; i++) {			/* tags skip the reserved one and 0 */
		x.next_ttt = 0xfffffffe - i % 2;
		FEED(&x, 0x40, 5, ISCSI_RESERVED_TAG, "", 0, 512);
		assert_int_not_equal(rsp_ttt(&x), ISCSI_RESERVED_TAG);
	}
}

static void test_sendtargets_kind(void **state)
{
	assert_int_equal(iscsi_sendtargets_kind(NULL), ISCSI_SENDTARGETS_ABSENT);
	assert_int_equal(iscsi_sendtargets_kind(""), ISCSI_SENDTARGETS_CONNECTED);
	assert_int_equal(iscsi_sendtargets_kind("All"), ISCSI_SENDTARGETS_ALL);
	assert_int_equal(iscsi_sendtargets_kind("all"), ISCSI_SENDTARGETS_NAMED);
	assert_int_equal(iscsi_sendtargets_kind("iqn.2024-01.example:t1"), ISCSI_SENDTARGETS_NAMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_long_key),
		cmocka_unit_test(test_too_many_pairs),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_add_overflow),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_split_answer),
		cmocka_unit_test(test_wrong_ttt),
		cmocka_unit_test(test_joined_request),
		cmocka_unit_test(test_not_final),
		cmocka_unit_test(test_hostile_requests),
		cmocka_unit_test(test_sendtargets_kind),
	};

	return cmocka_run_group_tests_name("iscsi text", tests, NULL, NULL);
}
