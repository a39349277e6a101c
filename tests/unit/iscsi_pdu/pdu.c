// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of request headers: what is refused before a byte is allocated.
 *
 * links: iscsi-scst/pure/pdu.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "pdu.h"

static const struct iscsi_params params = {
	.max_recv_dsl = 8192, .max_xmit_dsl = 8192, .max_burst = 65536, .first_burst = 4096,
	.max_outstanding_r2t = 1, .immediate_data = 1,
};

static void make(u8 *bhs, u8 op, u8 flags, u32 data, u8 ahs_words)
{
	memset(bhs, 0, ISCSI_BHS_LEN);
	bhs[0] = op;
	bhs[1] = flags;
	bhs[4] = ahs_words;
	put_unaligned_be24(data, bhs + 5);
}

static void test_lengths(void **state)
{
	static const struct {
		u8 op;
		u32 data;
		u8 ahs;
		bool ok;
	} t[] = {
		{ ISCSI_OP_NOP_OUT, 0, 0, true },
		{ ISCSI_OP_NOP_OUT, 8192, 0, true },
		{ ISCSI_OP_NOP_OUT, 8193, 0, false },
		{ ISCSI_OP_SCSI_CMD, 0xffffff, 0, false },
		{ ISCSI_OP_SCSI_CMD, 0, 255, true },
		{ ISCSI_OP_SCSI_CMD | ISCSI_IMMEDIATE, 0, 1, true },
		{ ISCSI_OP_NOP_OUT, 0, 1, false },
		{ ISCSI_OP_DATA_OUT, 512, 1, false },
		{ 0x3f, 8192, 0, true },
	};
	u8 bhs[ISCSI_BHS_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		make(bhs, t[i].op, ISCSI_FLAG_FINAL, t[i].data, t[i].ahs);
		assert_int_equal(!iscsi_pdu_check(bhs, 8192), t[i].ok);
	}
}

static void test_cmdsn_opcodes(void **state)
{
	u8 bhs[ISCSI_BHS_LEN] = { 0 };
	unsigned int op, n = 0;

	for (op = 0; op < 64; op++) {
		bhs[0] = op;
		n += iscsi_pdu_has_cmdsn(bhs);
	}
	assert_int_equal(n, 6);
	bhs[0] = ISCSI_OP_DATA_OUT;
	assert_false(iscsi_pdu_has_cmdsn(bhs));
	bhs[0] = ISCSI_OP_SNACK;
	assert_false(iscsi_pdu_has_cmdsn(bhs));
}

static void test_command_flags(void **state)
{
	static const struct {
		u8 flags;
		u32 data;
		bool initial_r2t, immediate, ok;
	} t[] = {
		{ ISCSI_FLAG_FINAL, 0, false, true, true },
		{ ISCSI_FLAG_FINAL | ISCSI_CMD_WRITE, 4096, false, true, true },
		{ ISCSI_FLAG_FINAL | ISCSI_CMD_WRITE, 4097, false, true, false },	/* FirstBurstLength */
		{ ISCSI_FLAG_FINAL | ISCSI_CMD_WRITE, 1, false, false, false },		/* ImmediateData=No */
		{ ISCSI_CMD_WRITE, 512, false, true, true },				/* more unsolicited data follow */
		{ ISCSI_CMD_WRITE, 0, false, false, true },
		{ ISCSI_CMD_WRITE, 0, true, true, false },				/* InitialR2T=Yes */
		{ ISCSI_CMD_READ, 0, false, true, false },				/* F=0 without W */
		{ 0, 0, false, true, false },
	};
	u8 bhs[ISCSI_BHS_LEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		struct iscsi_params p = params;

		p.initial_r2t = t[i].initial_r2t;
		p.immediate_data = t[i].immediate;
		make(bhs, ISCSI_OP_SCSI_CMD, t[i].flags, t[i].data, 0);
		assert_int_equal(!iscsi_cmd_check(bhs, &p), t[i].ok);
	}
}

static void test_attr_and_direction(void **state)
{
	static const u8 attr[8] = { 0, 1, 2, 3, 4, SCSI_ATTR_ORDERED, SCSI_ATTR_ORDERED, SCSI_ATTR_ORDERED };
	u8 bhs[ISCSI_BHS_LEN];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		make(bhs, ISCSI_OP_SCSI_CMD, ISCSI_FLAG_FINAL | i, 0, 0);
		assert_int_equal(iscsi_cmd_attr(bhs), attr[i]);
		assert_int_equal(iscsi_cmd_dir(bhs), SCSI_DIR_NONE);
	}
	bhs[1] = ISCSI_CMD_READ;
	assert_int_equal(iscsi_cmd_dir(bhs), SCSI_DIR_FROM);
	bhs[1] = ISCSI_CMD_WRITE;
	assert_int_equal(iscsi_cmd_dir(bhs), SCSI_DIR_TO);
	bhs[1] = ISCSI_CMD_READ | ISCSI_CMD_WRITE;
	assert_int_equal(iscsi_cmd_dir(bhs), SCSI_DIR_BIDI);
}

/* Each case lies in a block of its exact size, so that reading beyond it is seen. */
static int parse(const u8 *bytes, u32 len, struct iscsi_ahs *out)
{
	u8 *copy = malloc(len ? len : 1);
	int ret;

	memcpy(copy, bytes, len);
	ret = iscsi_ahs_parse(copy, len, out);
	if (!ret && out->cdb_more)
		assert_true(out->cdb_more >= copy && out->cdb_more + out->cdb_more_len <= copy + len);
	free(copy);
	return ret;
}

static void test_ahs(void **state)
{
	static const struct {
		u8 bytes[24];
		u32 len;
		int ret;
		u32 cdb_more, bidi;
	} t[] = {
		{ { 0 }, 0, 0, 0, 0 },
		{ { 0, 17, 1, 0, 1, 2, 3 }, 20, 0, 16, 0 },			/* CDB of 32 bytes */
		{ { 0, 5, 2, 0, 0, 0, 2, 0 }, 8, 0, 0, 512 },
		{ { 0, 5, 2, 0, 0, 0, 2, 0, 0, 5, 1, 0, 1, 2, 3, 4 }, 16, 0, 4, 512 },
		{ { 0, 6, 1, 0, 1, 2, 3, 4, 5 }, 12, 0, 5, 0 },			/* padded */
		{ { 0, 1, 0x3f, 0 }, 4, 0, 0, 0 },				/* unknown type */
		{ { 0, 0, 1, 0 }, 4, -EINVAL, 0, 0 },				/* no length */
		{ { 0, 1, 1, 0 }, 4, -EINVAL, 0, 0 },				/* extended CDB without a byte */
		{ { 0, 6, 1, 0, 1, 2, 3, 4 }, 8, -EINVAL, 0, 0 },		/* one byte too long */
		{ { 0xff, 0xff, 1, 0, 1, 2, 3, 4 }, 8, -EINVAL, 0, 0 },
		{ { 0, 4, 2, 0, 0, 0, 2, 0 }, 8, -EINVAL, 0, 0 },		/* short bidi length */
		{ { 0, 5, 1, 0, 1, 2, 3, 4, 0, 5, 1, 0, 1, 2, 3, 4 }, 16, -EINVAL, 0, 0 },
		{ { 0, 5, 2, 0, 0, 0, 2, 0, 0, 5, 2, 0, 0, 0, 2, 0 }, 16, -EINVAL, 0, 0 },
	};
	u8 max[ISCSI_MAX_AHS_LEN] = { 0 };
	struct iscsi_ahs ahs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		assert_int_equal(parse(t[i].bytes, t[i].len, &ahs), t[i].ret);
		if (t[i].ret)
			continue;
		assert_int_equal(ahs.cdb_more_len, t[i].cdb_more);
		assert_int_equal(ahs.bidi_len, t[i].bidi);
		assert_int_equal(ahs.has_bidi, t[i].bidi != 0);
	}
	/* The longest CDB is 260 bytes: 244 here. */
	put_unaligned_be16(245, max);
	max[2] = 1;
	assert_int_equal(parse(max, 248, &ahs), 0);
	assert_int_equal(ahs.cdb_more_len, 244);
	put_unaligned_be16(246, max);
	assert_int_equal(parse(max, 252, &ahs), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_cmdsn_opcodes),
		cmocka_unit_test(test_command_flags),
		cmocka_unit_test(test_attr_and_direction),
		cmocka_unit_test(test_ahs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
