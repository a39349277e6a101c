// SPDX-License-Identifier: GPL-2.0
/*
 * Target attributes: what an administrator may write and what is printed back.
 *
 * links: iscsi-scst/pure/keys.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "keys.h"

static const struct {
	const char *name, *text;
	int ret;
	u32 value;
	const char *printed;
} values[] = {
	{ "InitialR2T", "Yes", 0, 1, "Yes" },
	{ "InitialR2T", "No", 0, 0, "No" },
	{ "InitialR2T", "yes", -EINVAL, 0, NULL },
	{ "InitialR2T", "1", -EINVAL, 0, NULL },
	{ "InitialR2T", "", -EINVAL, 0, NULL },
	{ "InitialR2T", ":default:", 0, 0, "No" },
	{ "ImmediateData", ":default:", 0, 1, "Yes" },
	{ "MaxRecvDataSegmentLength", "512", 0, 512, "512" },
	{ "MaxRecvDataSegmentLength", "511", -EINVAL, 0, NULL },
	{ "MaxRecvDataSegmentLength", "1048576", 0, 1048576, "1048576" },
	{ "MaxRecvDataSegmentLength", "1048577", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "0x2000", 0, 8192, "8192" },
	{ "MaxXmitDataSegmentLength", "020000", 0, 8192, "8192" },
	{ "MaxXmitDataSegmentLength", "028000", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "0x", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "8192 ", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "+8192", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "-1", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "8k", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "18446744073709559808", -EINVAL, 0, NULL },
	{ "MaxXmitDataSegmentLength", "4294975488", -EINVAL, 0, NULL },
	{ "FirstBurstLength", ":default:", 0, 65536, "65536" },
	{ "MaxOutstandingR2T", "0", -EINVAL, 0, NULL },
	{ "MaxOutstandingR2T", "65535", 0, 65535, "65535" },
	{ "HeaderDigest", "None", 0, 1, "None" },
	{ "HeaderDigest", "crc32c", 0, 2, "CRC32C" },
	{ "HeaderDigest", "CRC32C,None", 0, 3, "None,CRC32C" },
	{ "DataDigest", "none,CRC32C", 0, 3, "None,CRC32C" },
	{ "DataDigest", "None,None", -EINVAL, 0, NULL },
	{ "DataDigest", "None,", -EINVAL, 0, NULL },
	{ "DataDigest", ",", -EINVAL, 0, NULL },
	{ "DataDigest", "", -EINVAL, 0, NULL },
	{ "DataDigest", "CRC32", -EINVAL, 0, NULL },
	{ "DataDigest", "None CRC32C", -EINVAL, 0, NULL },
	{ "QueuedCommands", "2048", 0, 2048, "2048" },
	{ "QueuedCommands", "2049", -EINVAL, 0, NULL },
	{ "QueuedCommands", "0", -EINVAL, 0, NULL },
	{ "RspTimeout", "1", -EINVAL, 0, NULL },
	{ "RspTimeout", ":default:", 0, 90, "90" },
	{ "NopInInterval", "0", 0, 0, "0" },
	{ "NopInTimeout", "1", -EINVAL, 0, NULL },
	{ "MaxSessions", "65536", -EINVAL, 0, NULL },
	{ "MaxSessions", "0", 0, 0, "0" },
	{ "RDMAExtensions", "No", 0, 0, "No" },
};

static void test_values(void **state)
{
	char buf[ISCSI_KEY_VALUE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		const struct iscsi_key_desc *d = iscsi_key_find(values[i].name);
		u32 v = 4711;

		assert_non_null(d);
		if (iscsi_key_parse_value(d, values[i].text, &v) != values[i].ret)
			fail_msg("%s=%s", values[i].name, values[i].text);
		assert_int_equal(v, values[i].ret ? 4711 : values[i].value);
		if (values[i].ret)
			continue;
		assert_int_equal(iscsi_key_print_value(d, v, buf, sizeof(buf)), strlen(values[i].printed));
		assert_string_equal(buf, values[i].printed);
	}
}

static void test_print_needs_room(void **state)
{
	char buf[4];

	assert_int_equal(iscsi_key_print_value(iscsi_key_find("RspTimeout"), 9999, buf, 4), -EINVAL);
	assert_int_equal(iscsi_key_print_value(iscsi_key_find("RspTimeout"), 999, buf, 4), 3);
}

static void test_find(void **state)
{
	size_t i;

	assert_null(iscsi_key_find("initialr2t"));
	assert_null(iscsi_key_find("TargetName"));
	assert_null(iscsi_key_find(""));
	for (i = 0; i < ISCSI_KEY_ATTR_MAX; i++) {
		assert_int_equal(iscsi_key_table[i].key, i);
		assert_ptr_equal(iscsi_key_find(iscsi_key_table[i].name), &iscsi_key_table[i]);
	}
}

static struct iscsi_params good(void)
{
	return (struct iscsi_params){
		.max_recv_dsl = 8192, .max_xmit_dsl = 8192, .max_burst = 262144, .first_burst = 65536,
		.max_outstanding_r2t = 1, .protocol_level = 1, .initial_r2t = 1, .immediate_data = 1,
	};
}

#define BREAK(member, value) do {			\
		struct iscsi_params p = good();		\
							\
		p.member = (value);			\
		assert_false(iscsi_params_valid(&p));	\
	} while (0)

static void test_params(void **state)
{
	struct iscsi_params p = good();

	assert_true(iscsi_params_valid(&p));
	BREAK(max_recv_dsl, 511);
	BREAK(max_recv_dsl, 1048577);
	BREAK(max_xmit_dsl, 0);
	BREAK(max_xmit_dsl, 0xffffffff);
	BREAK(max_burst, 0x1000000);
	BREAK(first_burst, 262145);
	BREAK(first_burst, 511);
	BREAK(max_outstanding_r2t, 0);
	BREAK(max_outstanding_r2t, 65536);
	BREAK(time2wait, 3601);
	BREAK(time2retain, 3601);
	BREAK(protocol_level, 32);
	BREAK(initial_r2t, 2);
	BREAK(immediate_data, 2);
	BREAK(header_digest, 2);
	BREAK(data_digest, 3);
}

static const struct {
	const char *text;
	bool incoming, outgoing;
} accounts[] = {
	{ "joe secretsecret", true, true },
	{ "  joe\t secretsecret ", true, true },
	{ "joe secretsecre", false, false },
	{ "joe secretsecre ", false, false },
	{ "joe", false, false },
	{ "", false, false },
	{ "joe secretsecret iqn.a iqn.b:*", true, false },
	{ "joe secretse iqn.a:b", false, false },
	{ "joe secret\001secret", false, false },
	{ "jo\177e secretsecret", false, false },
	{ "j\303\266 secretsecret", true, true },
};

static void test_accounts(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(accounts); i++) {
		if (iscsi_account_valid(accounts[i].text, true) != accounts[i].incoming ||
		    iscsi_account_valid(accounts[i].text, false) != accounts[i].outgoing)
			fail_msg("'%s'", accounts[i].text);
	}
}

/* An account with a name, a secret and one more word of these lengths. */
static bool fits(int name, int secret, int more)
{
	char text[1024];

	snprintf(text, sizeof(text), "%0*d %0*d %0*d", name, 0, secret, 0, more, 0);
	if (!more)
		text[name + 1 + secret] = '\0';
	return iscsi_account_valid(text, true);
}

static void test_lengths_of_accounts(void **state)
{
	assert_true(fits(255, 12, 0));
	assert_false(fits(256, 12, 0));
	assert_false(fits(255, 11, 0));
	assert_true(fits(255, 255, 0));		/* 511 bytes */
	assert_false(fits(255, 256, 0));
	assert_true(fits(255, 240, 14));
	assert_false(fits(255, 240, 15));
}

static void test_secrets(void **state)
{
	assert_true(iscsi_account_same_secret("joe secretsecret", "ann  secretsecret iqn.a"));
	assert_false(iscsi_account_same_secret("joe secretsecret", "joe secretsecret1"));
	assert_false(iscsi_account_same_secret("joe secretsecret", "joe Secretsecret"));
	assert_false(iscsi_account_same_secret("joe", "ann"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_print_needs_room),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_lengths_of_accounts),
		cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests_name("iscsi keys", tests, NULL, NULL);
}
