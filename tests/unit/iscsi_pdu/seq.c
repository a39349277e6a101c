// SPDX-License-Identifier: GPL-2.0
/*
 * CmdSN window, Data-Out bursts and residuals, the wrap of 32-bit numbers included.
 *
 * links: iscsi-scst/pure/seq.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "seq.h"

static void test_window_order(void **state)
{
	static const u32 start[] = { 1, 0, 0x7ffffffe, 0xfffffff0 };
	struct iscsi_window w;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(start); i++) {
		u32 sn = start[i];

		iscsi_window_init(&w, sn);
		assert_int_equal(iscsi_window_take(&w, sn), ISCSI_WINDOW_DROP);	/* nothing promised yet */
		for (n = 0; n < 100; n++, sn++) {
			assert_int_equal(iscsi_window_max(&w, 32, 0), sn + 31);
			assert_int_equal(iscsi_window_take(&w, sn - 1), ISCSI_WINDOW_DROP);
			assert_int_equal(iscsi_window_take(&w, sn + 32), ISCSI_WINDOW_DROP);
			assert_int_equal(iscsi_window_take(&w, sn + 0x80000000U), ISCSI_WINDOW_DROP);
			assert_int_equal(iscsi_window_take(&w, sn + 1), ISCSI_WINDOW_GAP);
			assert_int_equal(iscsi_window_take(&w, sn + 31), ISCSI_WINDOW_GAP);
			assert_int_equal(iscsi_window_take(&w, sn), ISCSI_WINDOW_TAKE);
			assert_int_equal(w.exp, sn + 1);
		}
	}
}

static void test_window_promise(void **state)
{
	struct iscsi_window w;
	u32 sn;

	iscsi_window_init(&w, 10);
	assert_int_equal(iscsi_window_max(&w, 4, 0), 13);
	for (sn = 10; sn < 14; sn++)
		assert_int_equal(iscsi_window_take(&w, sn), ISCSI_WINDOW_TAKE);
	/* Closed, and closed tighter than it can be. */
	assert_int_equal(iscsi_window_max(&w, 4, 4), 13);
	assert_int_equal(iscsi_window_max(&w, 2, 4), 13);
	assert_int_equal(iscsi_window_take(&w, 14), ISCSI_WINDOW_DROP);
	assert_int_equal(iscsi_window_max(&w, 4, 1), 16);
	/* A promise is honoured after QueuedCommands was lowered. */
	assert_int_equal(iscsi_window_max(&w, 1, 0), 16);
	for (sn = 14; sn < 17; sn++)
		assert_int_equal(iscsi_window_take(&w, sn), ISCSI_WINDOW_TAKE);
	assert_int_equal(iscsi_window_max(&w, 1, 0), 17);
}

static void test_window_lost(void **state)
{
	struct iscsi_window w;

	iscsi_window_init(&w, 0xfffffffe);
	iscsi_window_max(&w, ISCSI_WINDOW_MAX, 0);
	/* Not before the request itself, not outside of the window. */
	assert_false(iscsi_window_lose(&w, 0xfffffffe, 0xfffffffe));
	assert_false(iscsi_window_lose(&w, 0xfffffffd, 5));
	assert_false(iscsi_window_lose(&w, ISCSI_WINDOW_MAX, ISCSI_WINDOW_MAX + 5));
	/* 0 and 1 are declared lost, then the first one comes. */
	assert_true(iscsi_window_lose(&w, 1, 3));
	assert_true(iscsi_window_lose(&w, 0, 3));
	assert_int_equal(iscsi_window_take(&w, 1), ISCSI_WINDOW_DROP);
	assert_int_equal(iscsi_window_take(&w, 0xfffffffe), ISCSI_WINDOW_TAKE);
	assert_int_equal(w.exp, 0xffffffff);
	assert_true(iscsi_window_lose(&w, 0xffffffff, 3));
	assert_int_equal(w.exp, 2);
	assert_int_equal(iscsi_window_take(&w, 2), ISCSI_WINDOW_TAKE);
	/* The bit of a number is clear again when its place comes round. */
	assert_int_equal(iscsi_window_take(&w, 3), ISCSI_WINDOW_TAKE);
	assert_int_equal(w.exp, 4);
}

static void test_window_lost_everywhere(void **state)
{
	struct iscsi_window w;
	u32 sn;

	iscsi_window_init(&w, 0);
	iscsi_window_max(&w, ISCSI_WINDOW_MAX, 0);
	for (sn = 1; sn < ISCSI_WINDOW_MAX; sn++)
		assert_true(iscsi_window_lose(&w, sn, ISCSI_WINDOW_MAX));
	assert_int_equal(iscsi_window_take(&w, 0), ISCSI_WINDOW_TAKE);
	assert_int_equal(w.exp, ISCSI_WINDOW_MAX);
	for (sn = 0; sn < ARRAY_SIZE(w.lost); sn++)
		assert_true(w.lost[sn] == 0);
}

struct out {
	u32 off, len, sn;
	bool final;
	enum iscsi_dataout_verdict want;
};

static enum iscsi_dataout_verdict feed(struct iscsi_burst *b, const struct out *o, bool solicited)
{
	u8 bhs[ISCSI_BHS_LEN] = { ISCSI_OP_DATA_OUT, o->final ? ISCSI_FLAG_FINAL : 0 };

	put_unaligned_be24(o->len, bhs + ISCSI_OFF_DATA_LEN);
	put_unaligned_be32(o->off, bhs + ISCSI_OFF_DATA_OFFSET);
	put_unaligned_be32(o->sn, bhs + ISCSI_OFF_DATASN);
	return iscsi_dataout_check(b, bhs, solicited);
}

static void test_burst(void **state)
{
	static const struct out t[] = {
		{ 4096, 512, 0, false, ISCSI_DATAOUT_OK },
		{ 4608, 512, 0, false, ISCSI_DATAOUT_BAD_SN },
		{ 4608, 512, 2, false, ISCSI_DATAOUT_BAD_SN },
		{ 4096, 512, 1, false, ISCSI_DATAOUT_BAD_OFFSET },
		{ 5120, 512, 1, false, ISCSI_DATAOUT_BAD_OFFSET },
		{ 4095, 512, 1, false, ISCSI_DATAOUT_BEYOND },
		{ 0, 512, 1, false, ISCSI_DATAOUT_BEYOND },
		{ 4608, 1537, 1, true, ISCSI_DATAOUT_BEYOND },
		{ 6145, 0, 1, true, ISCSI_DATAOUT_BEYOND },
		{ 0xffffffff, 512, 1, false, ISCSI_DATAOUT_BEYOND },
		{ 0xfffffe00, 0x1000, 1, false, ISCSI_DATAOUT_BEYOND },
		{ 4608, 512, 1, true, ISCSI_DATAOUT_SHORT },
		{ 4608, 1536, 1, false, ISCSI_DATAOUT_NO_FINAL },
		{ 4608, 0, 1, false, ISCSI_DATAOUT_OK },
		{ 4608, 1536, 2, true, ISCSI_DATAOUT_OK },
	};
	struct iscsi_burst b = { .off = 4096, .len = 2048 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(feed(&b, &t[i], true), t[i].want);
	assert_int_equal(b.got, 2048);
}

static void test_burst_unsolicited(void **state)
{
	static const struct out t[] = {
		{ 512, 512, 0, false, ISCSI_DATAOUT_OK },
		{ 1024, 3073, 1, true, ISCSI_DATAOUT_BEYOND },
		{ 1024, 3072, 1, false, ISCSI_DATAOUT_OK },	/* full: F may come by itself */
		{ 4096, 1, 2, true, ISCSI_DATAOUT_BEYOND },
		{ 4096, 0, 2, true, ISCSI_DATAOUT_OK },
	};
	struct iscsi_burst b = { .len = 4096, .got = 512 };	/* immediate data came first */
	struct iscsi_burst short_one = { .len = 4096, .got = 512 };
	struct out end = { 512, 512, 0, true, ISCSI_DATAOUT_OK };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(feed(&b, &t[i], false), t[i].want);
	/* The initiator may send less than FirstBurstLength; R2Ts ask for the rest. */
	assert_int_equal(feed(&short_one, &end, false), ISCSI_DATAOUT_OK);
	assert_int_equal(short_one.got, 1024);
}

static void test_burst_whole_range(void **state)
{
	struct iscsi_burst b = { .off = 0xfffff000, .len = 0xfff };
	struct out o = { 0xfffff000, 0xfff, 0, true, ISCSI_DATAOUT_OK };

	assert_int_equal(feed(&b, &o, true), ISCSI_DATAOUT_OK);
}

static void test_residual(void **state)
{
	static const struct {
		u32 edtl, want, moved;
		u8 flags;
		u32 count;
	} t[] = {
		{ 4096, 4096, 4096, 0, 0 },
		{ 0, 0, 0, 0, 0 },
		{ 4096, 8192, 4096, ISCSI_RSP_OVERFLOW, 4096 },
		{ 0, 512, 0, ISCSI_RSP_OVERFLOW, 512 },
		{ 8192, 4096, 4096, ISCSI_RSP_UNDERFLOW, 4096 },
		{ 255, 255, 36, ISCSI_RSP_UNDERFLOW, 219 },
		{ 4096, 0, 0, ISCSI_RSP_UNDERFLOW, 4096 },
		{ 0xffffffff, 0, 0, ISCSI_RSP_UNDERFLOW, 0xffffffff },
		{ 512, 0xffffffff, 512, ISCSI_RSP_OVERFLOW, 0xfffffdff },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct iscsi_residual r = iscsi_residual(t[i].edtl, t[i].want, t[i].moved);

		assert_int_equal(r.flags, t[i].flags);
		assert_int_equal(r.count, t[i].count);
	}
}

struct used {
	u16 from, to;	/* these, and no others */
	unsigned int asked;
};

static bool is_used(const void *arg, u16 tsih)
{
	struct used *u = (struct used *)arg;

	u->asked++;
	assert_int_not_equal(tsih, 0);
	return tsih >= u->from && tsih <= u->to;
}

static void test_tsih(void **state)
{
	static const struct {
		u16 last, from, to, want;
	} t[] = {
		{ 0, 0, 0, 1 },
		{ 1, 0, 0, 2 },
		{ 0xfffe, 0, 0, 0xffff },
		{ 0xffff, 0, 0, 1 },			/* wraps past 0 */
		{ 0xffff, 1, 1, 2 },			/* and past what is in use */
		{ 6, 7, 0xffff, 1 },
		{ 6, 1, 6, 7 },
		{ 0x8000, 0x8001, 0x8001, 0x8002 },
		{ 5, 5, 5, 6 },
		{ 9, 1, 0xfffe, 0xffff },		/* the last one that is free */
		{ 9, 1, 0xffff, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct used u = { .from = t[i].from, .to = t[i].to };

		assert_int_equal(iscsi_tsih_choose(t[i].last, is_used, &u), t[i].want);
		assert_true(u.asked && u.asked <= 0xffff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window_order),
		cmocka_unit_test(test_window_promise),
		cmocka_unit_test(test_window_lost),
		cmocka_unit_test(test_window_lost_everywhere),
		cmocka_unit_test(test_burst),
		cmocka_unit_test(test_burst_unsolicited),
		cmocka_unit_test(test_burst_whole_range),
		cmocka_unit_test(test_residual),
		cmocka_unit_test(test_tsih),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
