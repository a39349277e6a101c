// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP: digests, encodings, the order of keys, who is let in and what a failure tells.
 *
 * links: iscsi-scst/pure/login.c iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c
 * links: iscsi-scst/pure/keys.c iscsi-scst/usr/digest.c scst/pure/match.c
 * libs: -lcrypto
 */
#include "_initiator.h"
#include "digest.h"

#define ACCOUNT(n, s, i) { .name = n, .secret = s, .initiators = i }
#define CHAP_MAX_TEXT 4096

static const struct iscsi_chap_account incoming[] = {
	ACCOUNT("joe", "joes secret 1", ""),
	ACCOUNT("ann", "anns secret 1", "iqn.none iqn.1993-08.*"),
	ACCOUNT("bob", "bobs secret 1", "iqn.2000-01.*"),
};
static const struct iscsi_chap_account outgoing = ACCOUNT("target", "targets secret", "");
static const struct iscsi_auth one_way = { true, ARRAY_SIZE(incoming), incoming, NULL };
static const struct iscsi_auth mutual = { true, ARRAY_SIZE(incoming), incoming, &outgoing };

static struct iscsi_chap_env env;

/* What the initiator has read of the challenge. */
static struct {
	u32 algorithm;
	u32 id;
	u8 bytes[ISCSI_CHAP_BINARY_MAX];
	u32 len;
} seen;

static int setup(void **state)
{
	static struct initiator i;

	initiator_init(&i);
	assert_int_equal(digest_env(&env), 0);
	i.l->chap.env = &env;
	i.target.auth = &one_way;
	*state = &i;
	return 0;
}

static int teardown(void **state)
{
	initiator_free(*state);
	return 0;
}

static void restart(struct initiator *i, const struct iscsi_auth *auth)
{
	initiator_free(i);
	initiator_init(i);
	assert_int_equal(digest_env(&env), 0);
	i->l->chap.env = &env;
	i->target.auth = auth;
}

static void read_challenge(struct initiator *i)
{
	int len = iscsi_binary_decode(rsp_value(i, "CHAP_C"), seen.bytes, sizeof(seen.bytes));

	assert_int_equal(iscsi_number_parse(rsp_value(i, "CHAP_A"), false, &seen.algorithm), 0);
	assert_int_equal(iscsi_number_parse(rsp_value(i, "CHAP_I"), false, &seen.id), 0);
	assert_true(len >= ISCSI_CHAP_DIGEST_MAX && len < 50);
	seen.len = (u32)len;
}

/* From the first request to the challenge. */
static void until_challenge(struct initiator *i, const char *algorithms)
{
	char text[64];
	int len;

	assert_int_equal(say(i, T | CSG(0) | 1, NAMES "AuthMethod=CHAP,None"), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(0));
	assert_string_equal(rsp_value(i, "AuthMethod"), "CHAP");
	len = snprintf(text, sizeof(text), "CHAP_A=%s", algorithms) + 1;
	assert_int_equal(feed(i, T | CSG(0) | 1, text, len), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(0));		/* no way past the challenge */
	read_challenge(i);
}

static void hex(const u8 *bytes, u32 len, char *text)
{
	text += sprintf(text, "0x");
	while (len--)
		text += sprintf(text, "%02x", *bytes++);
}

/* The right response for a secret, in hexadecimal. */
static void response(const char *secret, char *text)
{
	const struct iscsi_chap_input in = {
		.id = (u8)seen.id, .secret = secret, .secret_len = strlen(secret),
		.challenge = seen.bytes, .challenge_len = seen.len,
	};
	u8 digest[ISCSI_CHAP_DIGEST_MAX];

	assert_true(env.digest(seen.algorithm, &in, digest));
	hex(digest, iscsi_chap_digest_len(seen.algorithm), text);
}

/* CHAP_N, CHAP_R and, when it is not NULL, @more behind them: pairs parted by '|'. */
static enum iscsi_login_effect respond(struct initiator *i, const char *name, const char *secret, const char *more)
{
	char text[CHAP_MAX_TEXT], r[2 * ISCSI_CHAP_DIGEST_MAX + 3];
	int len, n;

	response(secret, r);
	len = snprintf(text, sizeof(text), "CHAP_N=%s|CHAP_R=%s%s%s|", name, r, more ? "|" : "", more ? more : "");
	for (n = 0; n < len; n++)
		if (text[n] == '|')
			text[n] = '\0';
	return feed(i, T | CSG(0) | 1, text, len);
}

/* Known answers, computed with Python's hashlib. */
static void test_digests(void **state)
{
	static const struct {
		u32 algorithm;
		const char *hex;
	} known[] = {
		{ ISCSI_CHAP_MD5, "0x54d49338a27b0c1dd5e935c21ab005a3" },
		{ ISCSI_CHAP_SHA1, "0xb060c80c0e004a388193dd4b911b5a400ca2b931" },
		{ ISCSI_CHAP_SHA256, "0x2076dab09b25dfe7f89cdb79aa854cf8af88246b80126a0856a426662b39d903" },
		{ ISCSI_CHAP_SHA3_256, "0x1e1bc4b940a438823a7ab5862e223043f6f65ee8148abe3310f5b7de30b8aa95" },
	};
	char text[2 * ISCSI_CHAP_DIGEST_MAX + 3];

	seen.id = 0x2a;
	seen.len = 16;
	for (int i = 0; i < 16; i++)
		seen.bytes[i] = (u8)i;
	for (size_t n = 0; n < ARRAY_SIZE(known); n++) {
		seen.algorithm = known[n].algorithm;
		response("secretsecret", text);
		assert_string_equal(text, known[n].hex);
	}
}

static const struct {
	const char *text;
	int len;
	const char *bytes;
} encodings[] = {
	{ "0x00", 1, "\x00" },
	{ "0X0aFf", 2, "\x0a\xff" },
	{ "0xabc", 2, "\x0a\xbc" },
	{ "0x", -EINVAL, NULL },
	{ "0xg0", -EINVAL, NULL },
	{ "0x12 ", -EINVAL, NULL },
	{ "0x010203040506", 6, "\1\2\3\4\5\6" },
	{ "0x01020304050607", -EINVAL, NULL },		/* one byte too many */
	{ "0x0102030405060", -EINVAL, NULL },
	{ "0bAQID", 3, "\1\2\3" },
	{ "0BAQIDBAUG", 6, "\1\2\3\4\5\6" },
	{ "0bAQIDBAUGBw==", -EINVAL, NULL },
	{ "0bAQ==", 1, "\1" },
	{ "0bAQI=", 2, "\1\2" },
	{ "0b+/+/", 3, "\xfb\xff\xbf" },
	{ "0bAR==", -EINVAL, NULL },			/* unused bits */
	{ "0bAQI", -EINVAL, NULL },
	{ "0bA===", -EINVAL, NULL },
	{ "0b====", -EINVAL, NULL },
	{ "0bAQ==AQID", -EINVAL, NULL },
	{ "0bAQ-_", -EINVAL, NULL },
	{ "0b", -EINVAL, NULL },
	{ "", -EINVAL, NULL },
	{ "12", -EINVAL, NULL },
	{ "abcd", -EINVAL, NULL },
};

static void test_encodings(void **state)
{
	for (size_t n = 0; n < ARRAY_SIZE(encodings); n++) {
		u8 *out = malloc(6);	/* of its own: a byte too far is seen */
		int len = iscsi_binary_decode(encodings[n].text, out, 6);

		if (len != encodings[n].len || (len > 0 && memcmp(out, encodings[n].bytes, (size_t)len)))
			fail_msg("%s: %d", encodings[n].text, len);
		free(out);
	}
}

static void test_one_way(void **state)
{
	struct initiator *i = *state;

	until_challenge(i, "5");
	assert_false(iscsi_login_authenticated(i->l));
	assert_int_equal(respond(i, "joe", "joes secret 1", NULL), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), T | CSG(0) | 1);
	assert_int_equal(rsp_text_len(i), 0);
	assert_true(iscsi_login_authenticated(i->l));
	assert_int_equal(say(i, T | CSG(1) | 3, "HeaderDigest=None"), ISCSI_LOGIN_DONE);
}

static void test_discovery(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, T | CSG(0) | 1, "InitiatorName=iqn.a:b\0SessionType=Discovery\0AuthMethod=CHAP"),
			 ISCSI_LOGIN_CONTINUE);
	assert_int_equal(say(i, CSG(0), "CHAP_A=5"), ISCSI_LOGIN_CONTINUE);
	read_challenge(i);
	assert_int_equal(respond(i, "joe", "joes secret 1", NULL), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(say(i, T | CSG(1) | 3, "MaxRecvDataSegmentLength=8192"), ISCSI_LOGIN_DISCOVERY);
}

static void test_algorithms(void **state)
{
	static const struct {
		const char *list;
		u32 chosen;
	} rows[] = {
		{ "5", 5 }, { "6", 6 }, { "7", 7 }, { "8", 8 }, { "8,5", 8 }, { "5,8", 5 }, { "0,1,99,7,5", 7 },
		{ "x,,4294967301,6", 6 }, { "0x7", 7 },
	};
	struct initiator *i = *state;

	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		restart(i, &mutual);
		until_challenge(i, rows[n].list);
		assert_int_equal(seen.algorithm, rows[n].chosen);
		assert_int_equal(respond(i, "joe", "joes secret 1", "CHAP_I=1|CHAP_C=0xaabbcc"), ISCSI_LOGIN_CONTINUE);
		assert_int_equal(strlen(rsp_value(i, "CHAP_R")), 2 + 2 * iscsi_chap_digest_len(rows[n].chosen));
	}
}

/* MD5 is missing in a FIPS build of libcrypto. */
static void test_algorithm_not_available(void **state)
{
	struct initiator *i = *state;

	env.algorithms &= ~(1U << ISCSI_CHAP_MD5);
	until_challenge(i, "5,7");
	assert_int_equal(seen.algorithm, 7);
}

static void test_no_algorithm(void **state)
{
	struct initiator *i = *state;

	say(i, T | CSG(0) | 1, NAMES "AuthMethod=CHAP");
	assert_int_equal(say(i, CSG(0), "CHAP_A=4,9,255"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0201);
	assert_string_equal(rsp_value(i, "CHAP_A"), "Reject");
	assert_string_equal(rsp_value(i, "CHAP_C"), "(none)");
}

static void test_mutual(void **state)
{
	struct initiator *i = *state;
	char want[2 * ISCSI_CHAP_DIGEST_MAX + 3];

	i->target.auth = &mutual;
	until_challenge(i, "7");
	assert_int_equal(respond(i, "joe", "joes secret 1", "CHAP_I=0xff|CHAP_C=0b3q2+7w=="), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), T | CSG(0) | 1);
	assert_string_equal(rsp_value(i, "CHAP_N"), "target");
	seen.id = 255;
	seen.len = 4;
	memcpy(seen.bytes, "\xde\xad\xbe\xef", 4);
	response("targets secret", want);
	assert_string_equal(rsp_value(i, "CHAP_R"), want);
}

static void refused(struct initiator *i, enum iscsi_login_effect effect, u16 status, const char *what)
{
	if (effect != ISCSI_LOGIN_FAILED || rsp_status(i) != status)
		fail_msg("%s: effect %d status 0x%04x", what, effect, rsp_status(i));
	assert_int_equal(rsp_text_len(i), 0);
	assert_int_equal(rsp_flags(i) & (T | C), 0);
	assert_non_null(i->l->reason);
}

/* All that is told is 0x0201: neither which of both was wrong, nor anything of the target's. */
static void test_wrong(void **state)
{
	static const struct {
		const char *name, *secret;
	} rows[] = {
		{ "joe", "joes secret 2" }, { "joe", "joes secret" }, { "joe", "anns secret 1" },
		{ "jo", "joes secret 1" }, { "joee", "joes secret 1" }, { "Joe", "joes secret 1" }, { "", "joes secret 1" },
		{ "nobody", "no such account" },	/* what an unknown name is compared with lets nobody in */
		{ "target", "targets secret" },		/* the other direction's */
		{ "bob", "bobs secret 1" },		/* right, but for other initiators */
	};
	struct initiator *i = *state;

	for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
		for (int m = 0; m < 2; m++) {
			restart(i, &mutual);
			until_challenge(i, "6");
			refused(i, respond(i, rows[n].name, rows[n].secret, m ? "CHAP_I=1|CHAP_C=0xaabb" : NULL),
				0x0201, rows[n].name);
		}
}

static void test_bound_account(void **state)
{
	struct initiator *i = *state;

	until_challenge(i, "5");
	assert_int_equal(respond(i, "ann", "anns secret 1", NULL), ISCSI_LOGIN_CONTINUE);
}

static void test_mutual_without_outgoing_user(void **state)
{
	struct initiator *i = *state;

	until_challenge(i, "5");
	refused(i, respond(i, "joe", "joes secret 1", "CHAP_I=1|CHAP_C=0xaabb"), 0x0201, "no OutgoingUser");
}

/* On the same connection, and on another one of the same daemon. */
static void test_reflection(void **state)
{
	struct initiator *i = *state;
	char more[CHAP_MAX_TEXT] = "CHAP_I=1|CHAP_C=";
	char *c = more + strlen(more);

	i->target.auth = &mutual;
	until_challenge(i, "5");
	hex(seen.bytes, seen.len, c);
	refused(i, respond(i, "joe", "joes secret 1", more), 0x0200, "same connection");

	restart(i, &mutual);
	until_challenge(i, "7");
	refused(i, respond(i, "joe", "joes secret 1", more), 0x0200, "other connection");

	restart(i, &mutual);
	until_challenge(i, "7");
	c[2] = c[2] == '0' ? '1' : '0';	/* a little different: it is not ours */
	assert_int_equal(respond(i, "joe", "joes secret 1", more), ISCSI_LOGIN_CONTINUE);
}

static void test_challenges_differ(void **state)
{
	struct initiator *i = *state;
	u8 first[ISCSI_CHAP_CHALLENGE];

	until_challenge(i, "5");
	memcpy(first, seen.bytes, sizeof(first));
	restart(i, &one_way);
	until_challenge(i, "5");
	assert_memory_not_equal(first, seen.bytes, ISCSI_CHAP_NONCE);
}

static void test_mutual_keys(void **state)
{
	static const struct {
		const char *more;
		u16 status;
	} rows[] = {
		{ "CHAP_I=1", 0x0200 }, { "CHAP_C=0xaabb", 0x0200 }, { "CHAP_A=5", 0x0200 },
		{ "CHAP_I=256|CHAP_C=0xaabb", 0x0200 }, { "CHAP_I=-1|CHAP_C=0xaabb", 0x0200 },
		{ "CHAP_I=1|CHAP_C=aabb", 0x0200 }, { "CHAP_I=1|CHAP_C=0x", 0x0200 }, { "CHAP_I=|CHAP_C=0x01", 0x0200 },
	};
	struct initiator *i = *state;

	for (size_t n = 0; n < ARRAY_SIZE(rows); n++) {
		restart(i, &mutual);
		until_challenge(i, "5");
		refused(i, respond(i, "joe", "joes secret 1", rows[n].more), rows[n].status, rows[n].more);
	}
}

/* A whole challenge of 1024 bytes is answered, one byte more is not. */
static void test_long_challenge(void **state)
{
	struct initiator *i = *state;
	char more[CHAP_MAX_TEXT];

	for (int extra = 0; extra < 2; extra++) {
		enum iscsi_login_effect effect;

		sprintf(more, "CHAP_I=1|CHAP_C=0x%0*x", 2 * (ISCSI_CHAP_BINARY_MAX + extra), 7);
		restart(i, &mutual);
		until_challenge(i, "5");
		effect = respond(i, "joe", "joes secret 1", more);
		if (!extra)
			assert_int_equal(effect, ISCSI_LOGIN_CONTINUE);
		else
			refused(i, effect, 0x0200, "1025 bytes");
	}
}

static const struct {
	const char *text;
	u32 len;
	u16 status;
} bad_responses[] = {
	ROW("CHAP_N=joe\0CHAP_R=0x00", 0x0201),
	ROW("CHAP_N=joe\0CHAP_R=0x000000000000000000000000000000000000", 0x0201),	/* longer than MD5's */
	ROW("CHAP_N=joe\0CHAP_R=00", 0x0200),
	ROW("CHAP_N=joe\0CHAP_R=0x", 0x0200),
	ROW("CHAP_N=joe\0CHAP_R=0b!!!!", 0x0200),
	ROW("CHAP_N=joe", 0x0200),
	ROW("CHAP_R=0x00112233445566778899aabbccddeeff", 0x0200),
	ROW("CHAP_A=5", 0x0200),
	ROW("AuthMethod=None", 0x0200),
	ROW("CHAP_N=Reject\0CHAP_R=0x00", 0x0200),
	ROW("X-other=1", 0x0200),
};

static void test_bad_responses(void **state)
{
	struct initiator *i = *state;

	for (size_t n = 0; n < ARRAY_SIZE(bad_responses); n++) {
		restart(i, &one_way);
		until_challenge(i, "5");
		refused(i, feed(i, T | CSG(0) | 1, bad_responses[n].text, bad_responses[n].len),
			bad_responses[n].status, bad_responses[n].text);
	}
	restart(i, &one_way);
	until_challenge(i, "5");
	refused(i, feed(i, T | CSG(0) | 1, NULL, 0), 0x0200, "nothing");
}

static void test_long_name(void **state)
{
	struct initiator *i = *state;
	char name[258];

	memset(name, 'n', sizeof(name));
	name[257] = '\0';
	until_challenge(i, "5");
	refused(i, respond(i, name + 1, "joes secret 1", NULL), 0x0200, "256 bytes");
	restart(i, &one_way);
	until_challenge(i, "5");
	refused(i, respond(i, name + 2, "joes secret 1", NULL), 0x0201, "255 bytes");
}

static void test_ways_round(void **state)
{
	struct initiator *i = *state;

	refused(i, say(i, T | CSG(1) | 3, NAMES "HeaderDigest=None"), 0x0201, "operational stage at once");
	restart(i, &one_way);
	refused(i, say(i, T | CSG(0) | 1, NAMES "InitiatorAlias=x"), 0x0201, "no AuthMethod");
	restart(i, &one_way);
	refused(i, say(i, T | CSG(0) | 3, NAMES "InitiatorAlias=x"), 0x0201, "straight to full feature");
	restart(i, &one_way);
	assert_int_equal(say(i, T | CSG(0) | 3, NAMES "AuthMethod=CHAP"), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(0));
	refused(i, feed(i, T | CSG(0) | 3, NULL, 0), 0x0200, "past CHAP_A");
	restart(i, &one_way);
	refused(i, say(i, CSG(0), NAMES "AuthMethod=CHAP\0CHAP_A=5"), 0x0200, "two steps in one");
	restart(i, &one_way);
	refused(i, say(i, CSG(0), NAMES "CHAP_A=5"), 0x0200, "no method");
	restart(i, &one_way);
	say(i, T | CSG(0) | 1, NAMES "AuthMethod=CHAP");
	refused(i, say(i, T | CSG(1) | 3, "HeaderDigest=None"), 0x0200, "stage changed");
}

static void test_none_offered(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, T | CSG(0) | 1, NAMES "AuthMethod=None"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0201);
	assert_string_equal(rsp_value(i, "AuthMethod"), "Reject");
	assert_string_equal(rsp_value(i, "TargetPortalGroupTag"), "(none)");
}

/* The method may come in a later request of the stage. */
static void test_method_later(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, CSG(0), NAMES "InitiatorAlias=x"), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(0));
	assert_int_equal(say(i, T | CSG(0) | 1, "AuthMethod=CHAP"), ISCSI_LOGIN_CONTINUE);
	assert_string_equal(rsp_value(i, "AuthMethod"), "CHAP");
}

static void test_after_success(void **state)
{
	struct initiator *i = *state;

	until_challenge(i, "5");
	respond(i, "joe", "joes secret 1", NULL);
	refused(i, say(i, CSG(1), "CHAP_N=joe\0CHAP_R=0x00"), 0x0200, "CHAP keys again");
	restart(i, &one_way);
	until_challenge(i, "5");
	respond(i, "joe", "joes secret 1", NULL);
	refused(i, say(i, CSG(1), "AuthMethod=CHAP"), 0x0200, "AuthMethod again");
}

/* CHAP_R cut by the C bit is one value. */
static void test_split(void **state)
{
	struct initiator *i = *state;
	char text[CHAP_MAX_TEXT] = "CHAP_N=joe";
	u32 len = sizeof("CHAP_N=joe");

	until_challenge(i, "7");
	len += (u32)sprintf(text + len, "CHAP_R=");
	response("joes secret 1", text + len);
	len += (u32)strlen(text + len) + 1;
	assert_int_equal(feed(i, C | CSG(0), text, 30), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(0));
	assert_int_equal(feed(i, T | CSG(0) | 1, text + 30, len - 30), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), T | CSG(0) | 1);
}

static bool no_digest(u32 algorithm, const struct iscsi_chap_input *in, u8 *out)
{
	return false;
}

static void test_digest_fails(void **state)
{
	struct initiator *i = *state;

	until_challenge(i, "5");
	env.digest = no_digest;
	refused(i, say(i, T | CSG(0) | 1, "CHAP_N=joe\0CHAP_R=0x00112233445566778899aabbccddeeff"), 0x0300, "no digest");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_digests), TEST(test_encodings), TEST(test_one_way), TEST(test_discovery),
		TEST(test_algorithms), TEST(test_algorithm_not_available), TEST(test_no_algorithm), TEST(test_mutual),
		TEST(test_wrong), TEST(test_bound_account), TEST(test_mutual_without_outgoing_user),
		TEST(test_reflection), TEST(test_challenges_differ), TEST(test_mutual_keys), TEST(test_long_challenge),
		TEST(test_bad_responses), TEST(test_long_name), TEST(test_ways_round), TEST(test_none_offered),
		TEST(test_method_later), TEST(test_after_success), TEST(test_split), TEST(test_digest_fails),
	};

	if (digest_init())
		return 1;
	return cmocka_run_group_tests_name("iscsi_login/chap", tests, NULL, NULL);
}
