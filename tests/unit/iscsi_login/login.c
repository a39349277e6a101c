// SPDX-License-Identifier: GPL-2.0
/*
 * The login machine: whole transcripts as initiators send them, every status, every rule of the stages and keys.
 *
 * links: iscsi-scst/pure/login.c iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c
 * links: iscsi-scst/pure/keys.c scst/pure/match.c
 */
#include "_initiator.h"

static int setup(void **state)
{
	struct initiator *i = malloc(sizeof(*i));

	initiator_init(i);
	*state = i;
	return 0;
}

static int teardown(void **state)
{
	initiator_free(*state);
	free(*state);
	return 0;
}

#define EXPECT(key, value) assert_string_equal(rsp_value(i, key), value)

/* --- transcripts --- */

#define OPEN_ISCSI_KEYS							\
	"HeaderDigest=None\0DataDigest=None\0DefaultTime2Wait=2\0"	\
	"DefaultTime2Retain=0\0IFMarker=No\0OFMarker=No\0"		\
	"ErrorRecoveryLevel=0\0InitialR2T=No\0ImmediateData=Yes\0"	\
	"MaxBurstLength=16776192\0FirstBurstLength=262144\0"		\
	"MaxOutstandingR2T=1\0MaxConnections=1\0DataPDUInOrder=Yes\0"	\
	"DataSequenceInOrder=Yes\0MaxRecvDataSegmentLength=262144"

/* open-iscsi without authentication: security stage, then operational stage. */
static void test_open_iscsi(void **state)
{
	struct initiator *i = *state;
	const struct iscsi_params *p = &i->l->params;

	strcpy(i->target.alias, "the disk");
	assert_int_equal(say(i, T | CSG(0) | 1, NAMES
			      "InitiatorAlias=host\0SessionType=Normal\0AuthMethod=None"),
			 ISCSI_LOGIN_CONTINUE);
	check_header(i);
	assert_int_equal(rsp_flags(i), T | CSG(0) | 1);
	assert_int_equal(rsp_status(i), 0);
	assert_int_equal(rsp_statsn(i), 100);
	EXPECT("TargetAlias", "the disk");
	EXPECT("TargetPortalGroupTag", "1");
	EXPECT("AuthMethod", "None");
	EXPECT("InitiatorName", "(none)");
	EXPECT("MaxRecvDataSegmentLength", "(none)");

	assert_int_equal(say(i, T | CSG(1) | 3, OPEN_ISCSI_KEYS), ISCSI_LOGIN_DONE);
	check_header(i);
	assert_int_equal(rsp_flags(i), T | CSG(1) | 3);
	assert_int_equal(rsp_statsn(i), 101);
	assert_int_equal(i->l->statsn, 101);
	assert_int_equal(i->l->cmdsn, 7);
	EXPECT("TargetPortalGroupTag", "(none)");
	EXPECT("HeaderDigest", "None");
	EXPECT("DefaultTime2Wait", "2");
	EXPECT("DefaultTime2Retain", "0");
	EXPECT("IFMarker", "No");
	EXPECT("InitialR2T", "No");
	EXPECT("ImmediateData", "Yes");
	EXPECT("MaxBurstLength", "1048576");
	EXPECT("FirstBurstLength", "65536");
	EXPECT("MaxOutstandingR2T", "1");
	EXPECT("DataPDUInOrder", "Yes");
	EXPECT("MaxRecvDataSegmentLength", "1048576");

	assert_true(iscsi_params_valid(p));
	assert_int_equal(p->max_recv_dsl, 1048576);
	assert_int_equal(p->max_xmit_dsl, 262144);
	assert_int_equal(p->max_burst, 1048576);
	assert_int_equal(p->first_burst, 65536);
	assert_int_equal(p->max_outstanding_r2t, 1);
	assert_int_equal(p->initial_r2t, 0);
	assert_int_equal(p->immediate_data, 1);
	assert_int_equal(p->time2wait, 2);
	assert_int_equal(p->time2retain, 0);
	assert_int_equal(p->header_digest, 0);
	assert_int_equal(p->data_digest, 0);
	assert_int_equal(i->lookups, 1);
}

/* libiscsi: security stage with T, operational stage, then an empty request to go on. */
static void test_libiscsi(void **state)
{
	struct initiator *i = *state;

	i->target.attrs.value[ISCSI_KEY_HEADER_DIGEST] = 3;
	assert_int_equal(say(i, T | CSG(0) | 1, NAMES "AuthMethod=CHAP,None\0SessionType=Normal"),
			 ISCSI_LOGIN_CONTINUE);
	EXPECT("AuthMethod", "None");
	assert_int_equal(say(i, CSG(1), "HeaderDigest=CRC32C,None\0DataDigest=CRC32C,None\0"
				 "InitialR2T=No\0ImmediateData=Yes\0MaxBurstLength=262144\0"
				 "FirstBurstLength=262144\0MaxRecvDataSegmentLength=262144\0"
				 "DataPDUInOrder=Yes\0DefaultTime2Wait=2\0DefaultTime2Retain=20\0"
				 "IFMarker=No\0OFMarker=No\0MaxConnections=1\0MaxOutstandingR2T=1\0"
				 "ErrorRecoveryLevel=0\0DataSequenceInOrder=Yes"),
			 ISCSI_LOGIN_CONTINUE);
	assert_int_equal(rsp_flags(i), CSG(1));
	EXPECT("HeaderDigest", "CRC32C");
	EXPECT("DataDigest", "None");
	EXPECT("DefaultTime2Retain", "0");
	assert_int_equal(feed(i, T | CSG(1) | 3, NULL, 0), ISCSI_LOGIN_DONE);
	assert_int_equal(rsp_text_len(i), 0);
	assert_int_equal(i->l->params.header_digest, 1);
	assert_int_equal(i->l->params.data_digest, 0);
	assert_int_equal(i->l->params.first_burst, 65536);
}

/* A boot firmware that says as little as it can: everything else is the RFC's default. */
static void test_bare_initiator(void **state)
{
	struct initiator *i = *state;
	const struct iscsi_params *p = &i->l->params;

	assert_int_equal(feed(i, T | CSG(1) | 3, NAMES, sizeof(NAMES) - 1), ISCSI_LOGIN_DONE);
	assert_int_equal(p->initial_r2t, 1);
	assert_int_equal(p->immediate_data, 1);
	assert_int_equal(p->max_xmit_dsl, 8192);
	assert_int_equal(p->max_recv_dsl, 1048576);
	assert_int_equal(p->max_burst, 262144);
	assert_int_equal(p->first_burst, 65536);
	assert_int_equal(p->max_outstanding_r2t, 1);
	assert_int_equal(p->time2wait, 2);
	assert_int_equal(p->time2retain, 20);
	assert_int_equal(p->protocol_level, 1);
	assert_true(iscsi_params_valid(p));
	EXPECT("TargetPortalGroupTag", "1");
	EXPECT("MaxRecvDataSegmentLength", "1048576");
}

/* From the security stage straight to full feature: nothing was declared, so RFC defaults both ways. */
static void test_security_to_full_feature(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(feed(i, T | CSG(0) | 3, NAMES, sizeof(NAMES) - 1), ISCSI_LOGIN_DONE);
	assert_int_equal(rsp_flags(i), T | CSG(0) | 3);
	assert_int_equal(i->l->params.max_recv_dsl, 8192);
	assert_true(iscsi_params_valid(&i->l->params));
}

static void test_discovery(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, T | CSG(1) | 3, "InitiatorName=iqn.a:b\0SessionType=Discovery\0"
				 "MaxRecvDataSegmentLength=32768\0DefaultTime2Wait=0\0HeaderDigest=CRC32C,None\0"
				 "InitialR2T=Yes\0TaskReporting=RFC3720\0iSCSIProtocolLevel=2\0"
				 "ErrorRecoveryLevel=0"),
			 ISCSI_LOGIN_DISCOVERY);
	assert_int_equal(get_unaligned_be16(i->l->rsp + ISCSI_OFF_TSIH), 1);
	EXPECT("ErrorRecoveryLevel", "0");	/* open-iscsi takes nothing else */
	EXPECT("DefaultTime2Wait", "Irrelevant");
	EXPECT("InitialR2T", "Irrelevant");
	EXPECT("TaskReporting", "Irrelevant");
	EXPECT("iSCSIProtocolLevel", "Irrelevant");
	EXPECT("HeaderDigest", "None");
	EXPECT("MaxRecvDataSegmentLength", "8192");
	EXPECT("TargetPortalGroupTag", "(none)");
	assert_int_equal(i->l->params.max_xmit_dsl, 32768);
	assert_int_equal(i->lookups, 1);	/* of the driver: is it enabled, has it accounts */
	assert_true(i->l->discovery);
}

/* --- keys --- */

static const struct {
	const char *key, *offer, *answer;
} keys[] = {
	{ "MaxConnections", "8", "1" },
	{ "MaxConnections", "0", "Reject" },
	{ "InitialR2T", "Yes", "Yes" },
	{ "InitialR2T", "No", "No" },
	{ "InitialR2T", "yes", "Reject" },
	{ "ImmediateData", "No", "No" },
	{ "ImmediateData", "Maybe", "Reject" },
	{ "MaxBurstLength", "0x1000", "4096" },
	{ "MaxBurstLength", "0X1000", "4096" },
	{ "MaxBurstLength", "16777215", "1048576" },
	{ "MaxBurstLength", "16777216", "Reject" },
	{ "MaxBurstLength", "511", "Reject" },
	{ "MaxBurstLength", "-512", "Reject" },
	{ "MaxBurstLength", "512 ", "Reject" },
	{ "MaxBurstLength", "99999999999999999999", "Reject" },
	{ "MaxBurstLength", "", "Reject" },
	{ "FirstBurstLength", "512", "512" },
	{ "FirstBurstLength", "1000000", "65536" },
	{ "DefaultTime2Wait", "3", "3" },		/* the larger of both, ours is 0 */
	{ "DefaultTime2Wait", "3601", "Reject" },
	{ "DefaultTime2Retain", "20", "0" },
	{ "MaxOutstandingR2T", "64", "32" },
	{ "MaxOutstandingR2T", "65536", "Reject" },
	{ "MaxOutstandingR2T", "010", "10" },		/* decimal on the wire */
	{ "DataPDUInOrder", "No", "Yes" },
	{ "DataSequenceInOrder", "Yes", "Yes" },
	{ "ErrorRecoveryLevel", "2", "0" },
	{ "ErrorRecoveryLevel", "3", "Reject" },
	{ "TaskReporting", "FastAbort,RFC3720", "RFC3720" },
	{ "TaskReporting", "FastAbort", "Reject" },
	{ "iSCSIProtocolLevel", "2", "1" },
	{ "iSCSIProtocolLevel", "0", "0" },
	{ "iSCSIProtocolLevel", "32", "Reject" },
	{ "HeaderDigest", "CRC32C,None", "None" },	/* what the target allows decides */
	{ "HeaderDigest", "CRC32C", "Reject" },
	{ "HeaderDigest", "crc32c,None", "None" },	/* words keep their case */
	{ "DataDigest", "X-other,None", "None" },
	{ "DataDigest", "", "Reject" },
	{ "OFMarker", "Yes", "No" },
	{ "IFMarker", "No", "No" },
	{ "OFMarkInt", "2048", "Irrelevant" },
	{ "IFMarkInt", "1~65535", "Irrelevant" },
	{ "RDMAExtensions", "Yes", "No" },
	{ "InitiatorRecvDataSegmentLength", "8192", "Irrelevant" },
	{ "TargetRecvDataSegmentLength", "8192", "Irrelevant" },
	{ "MaxAHSLength", "256", "NotUnderstood" },
	{ "iSERHelloRequired", "Yes", "NotUnderstood" },
	{ "X#NodeArchitecture", "x86", "NotUnderstood" },
	{ "X-com.example.thing", "1", "NotUnderstood" },
	{ "maxburstlength", "512", "NotUnderstood" },
	{ "SendTargets", "All", "Reject" },
	{ "MaxRecvDataSegmentLength", "511", "Reject" },
	{ "InitiatorAlias", "me", "(none)" },
	{ "TargetAlias", "NotUnderstood", "(none)" },	/* an answer to what we declare */
	{ "AuthMethod", "None", "None" },
};

static void test_keys(void **state)
{
	struct initiator *i = *state;
	char text[400];
	size_t n;

	for (n = 0; n < ARRAY_SIZE(keys); n++) {
		int len = snprintf(text, sizeof(text), "%s%c%s=%s", "InitiatorName=iqn.a:b%TargetName=iqn.a:t", '%',
				   keys[n].key, keys[n].offer) + 1;
		char *c;

		for (c = text; c < text + len; c++)
			if (*c == '%')
				*c = '\0';
		initiator_free(i);
		initiator_init(i);
		if (feed(i, CSG(1), text, len) != ISCSI_LOGIN_CONTINUE ||
		    strcmp(rsp_value(i, keys[n].key), keys[n].answer))
			fail_msg("%s=%s: %s", keys[n].key, keys[n].offer, rsp_value(i, keys[n].key));
		assert_null(iscsi_text_check(rsp_text(i), rsp_text_len(i)));	/* no key twice */
	}
}

static const struct {
	const char *text;
	u32 len;
	u16 status;
} bad_text[] = {
	ROW("InitialR2T=Irrelevant", 0x0200),		/* an answer as an offer */
	ROW("MaxBurstLength=Reject", 0x0200),
	ROW("HeaderDigest=NotUnderstood", 0x0200),
	ROW("TargetPortalGroupTag=1", 0x0200),
	ROW("TargetAddress=1.2.3.4", 0x0200),
	ROW("InitialR2T=No\0InitialR2T=No", 0x0200),
	ROW("X-a=1\0X-a=2", 0x0200),
	ROW("CHAP_A=5", 0x0200),
	ROW("CHAP_R=0x1234", 0x0200),
	ROW("AuthMethod=CHAP", 0x0201),
	ROW("AuthMethod=KRB5,SRP,CHAP", 0x0201),
	ROW("AuthMethod=NoneSuch", 0x0201),
	ROW("InitiatorName=iqn.other:name", 0x0200),	/* changed */
	ROW("TargetName=iqn.a:u", 0x0200),
	ROW("novalue", 0x0200),
	ROW("=x", 0x0200),
	{ "InitialR2T=No", 13, 0x0200 },			/* no NUL */
};

static void test_bad_text(void **state)
{
	struct initiator *i = *state;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(bad_text); n++) {
		initiator_free(i);
		initiator_init(i);
		assert_int_equal(say(i, CSG(1), "InitiatorName=iqn.a:b\0TargetName=iqn.a:t"),
				 ISCSI_LOGIN_CONTINUE);
		if (feed(i, CSG(1), bad_text[n].text, bad_text[n].len) != ISCSI_LOGIN_FAILED ||
		    rsp_status(i) != bad_text[n].status)
			fail_msg("%s: 0x%04x", bad_text[n].text, rsp_status(i));
		assert_int_equal(rsp_flags(i) & (T | C), 0);
		assert_int_equal(get_unaligned_be16(i->l->rsp + ISCSI_OFF_TSIH), 0);
		assert_non_null(i->l->reason);
	}
}

static void test_names_may_come_again(void **state)
{
	struct initiator *i = *state;

	say(i, CSG(1), "InitiatorName=iqn.a:b\0TargetName=iqn.a:t");
	assert_int_equal(say(i, T | CSG(1) | 3, "InitiatorName=IQN.a:B\0TargetName=iqn.A:t"),
			 ISCSI_LOGIN_DONE);
}

static void test_key_in_two_requests(void **state)
{
	struct initiator *i = *state;

	say(i, CSG(1), NAMES "MaxBurstLength=4096");
	assert_int_equal(say(i, CSG(1), "MaxBurstLength=8192"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

static void test_auth_reject_is_told(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, T | CSG(0) | 1, NAMES "AuthMethod=CHAP"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0201);
	EXPECT("AuthMethod", "Reject");
	EXPECT("TargetPortalGroupTag", "(none)");
}

static void test_operational_key_in_security_stage(void **state)
{
	struct initiator *i = *state;

	assert_int_equal(say(i, T | CSG(0) | 1, NAMES "InitialR2T=Yes\0AuthMethod=None"), ISCSI_LOGIN_CONTINUE);
	EXPECT("InitialR2T", "NotUnderstood");
	assert_int_equal(say(i, T | CSG(1) | 3, "InitialR2T=No"), ISCSI_LOGIN_DONE);
	EXPECT("InitialR2T", "No");
}

static void test_first_burst(void **state)
{
	struct initiator *i = *state;

	/* Without unsolicited data it means nothing, in whatever order the keys come. */
	say(i, CSG(1), NAMES "FirstBurstLength=4096\0InitialR2T=Yes\0ImmediateData=No");
	EXPECT("FirstBurstLength", "Irrelevant");

	/* Larger than a burst: lowered without a word. */
	initiator_free(i);
	initiator_init(i);
	say(i, T | CSG(1) | 3, NAMES "FirstBurstLength=4096\0MaxBurstLength=1024");
	EXPECT("FirstBurstLength", "1024");
	assert_int_equal(i->l->params.first_burst, 1024);
	assert_true(iscsi_params_valid(&i->l->params));
}

static void test_target_attributes_rule(void **state)
{
	struct initiator *i = *state;
	u32 *v = i->target.attrs.value;

	v[ISCSI_KEY_INITIAL_R2T] = 1;
	v[ISCSI_KEY_IMMEDIATE_DATA] = 0;
	v[ISCSI_KEY_MAX_RECV_DSL] = 4096;
	v[ISCSI_KEY_MAX_XMIT_DSL] = 2048;
	v[ISCSI_KEY_MAX_BURST] = 16384;
	v[ISCSI_KEY_FIRST_BURST] = 1024;
	v[ISCSI_KEY_MAX_OUTSTANDING_R2T] = 2;
	v[ISCSI_KEY_DATA_DIGEST] = ISCSI_DIGEST_CRC32C;
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "DataDigest=None,CRC32C\0InitialR2T=No\0ImmediateData=Yes\0"
				 "MaxBurstLength=1048576\0FirstBurstLength=65536\0MaxOutstandingR2T=8\0"
				 "MaxRecvDataSegmentLength=65536"), ISCSI_LOGIN_DONE);
	EXPECT("DataDigest", "CRC32C");
	EXPECT("InitialR2T", "Yes");
	EXPECT("ImmediateData", "No");
	EXPECT("MaxRecvDataSegmentLength", "4096");
	EXPECT("FirstBurstLength", "Irrelevant");
	assert_int_equal(i->l->params.max_burst, 16384);
	assert_int_equal(i->l->params.max_xmit_dsl, 2048);
	assert_int_equal(i->l->params.max_outstanding_r2t, 2);
	assert_int_equal(i->l->params.data_digest, 1);

	/* Nothing in common, and the default None is not allowed. */
	initiator_free(i);
	initiator_init(i);
	i->target.attrs.value[ISCSI_KEY_DATA_DIGEST] = ISCSI_DIGEST_CRC32C;
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "DataDigest=None"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

/* --- status codes --- */

static const struct {
	const char *text;
	u32 len;
	u16 status;
} first_requests[] = {
	ROW("TargetName=iqn.a:t", 0x0207),
	{ "", 0, 0x0207 },
	ROW("InitiatorName=", 0x0200),
	ROW("InitiatorName=iqn.a b", 0x0200),
	ROW("InitiatorName=iqn.a_b\0TargetName=iqn.a:t", 0x0200),
	ROW("InitiatorName=../../etc\0TargetName=iqn.a:t", 0x0200),
	ROW("InitiatorName=a/b\0TargetName=iqn.a:t", 0x0200),
	ROW("InitiatorName=%n%n\0TargetName=iqn.a:t", 0x0200),
	ROW("InitiatorName=iqn.\xc0\xaf\0TargetName=iqn.a:t", 0x0200),	/* overlong */
	ROW("InitiatorName=iqn.\xed\xa0\x80\0TargetName=iqn.a:t", 0x0200),	/* surrogate */
	ROW("InitiatorName=iqn.\xc2\x85\0TargetName=iqn.a:t", 0x0200),	/* control */
	ROW("InitiatorName=iqn.\xe4\0TargetName=iqn.a:t", 0x0200),		/* cut */
	ROW("InitiatorName=iqn.a:b", 0x0207),
	ROW("InitiatorName=iqn.a:b\0TargetName=x_y", 0x0200),
	ROW("InitiatorName=iqn.a:b\0TargetName=", 0x0200),
	ROW("InitiatorName=iqn.a:b\0SessionType=discovery", 0x0209),
	ROW("InitiatorName=iqn.a:b\0SessionType=\0TargetName=iqn.a:t", 0x0209),
	ROW("InitiatorName=iqn.a:b\0SessionType=Normal", 0x0207),
};

static const struct {
	const char *text;
	u32 len;
	const char *refused;
} refused_names[] = {
	ROW("InitiatorName=iqn.a_b\0TargetName=iqn.a:t", "iqn.a_b"),
	ROW("InitiatorName=iqn.a:b\0TargetName=x_y", "x_y"),
	ROW("InitiatorName=iqn.a b: accepted\0TargetName=iqn.a:t", "iqn.a?"),
	ROW("InitiatorName=iqn.a\n\0TargetName=iqn.a:t", "iqn.a?"),
	ROW("InitiatorName=iqn.\xc3\xa4_\0TargetName=iqn.a:t", "iqn.?"),
	ROW("InitiatorName=\x7f\0TargetName=iqn.a:t", "?"),
	ROW("InitiatorName=\0TargetName=iqn.a:t", ""),
	ROW("InitiatorName=iqn.a:b", ""),
};

/* The log tells which name it was, and nothing that it would make up. */
static void test_refused_name_is_told(void **state)
{
	char text[600];
	struct initiator *i = *state;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(refused_names); n++) {
		initiator_free(i);
		initiator_init(i);
		feed(i, T | CSG(1) | 3, refused_names[n].text, refused_names[n].len);
		if (strcmp(i->l->refused, refused_names[n].refused))
			fail_msg("row %zu: %s", n, i->l->refused);
	}
	/* Longer than any name there could be, it is cut. */
	initiator_free(i);
	initiator_init(i);
	n = (size_t)sprintf(text, "InitiatorName=%0255d", 0) + 1;
	feed(i, T | CSG(1) | 3, text, (u32)n);
	assert_int_equal(rsp_status(i), 0x0200);
	assert_int_equal(strlen(i->l->refused), ISCSI_STORED_NAME_MAX);
}

static void test_first_request(void **state)
{
	struct initiator *i = *state;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(first_requests); n++) {
		initiator_free(i);
		initiator_init(i);
		if (feed(i, T | CSG(1) | 3, first_requests[n].text, first_requests[n].len) != ISCSI_LOGIN_FAILED ||
		    rsp_status(i) != first_requests[n].status)
			fail_msg("row %zu: 0x%04x", n, rsp_status(i));
		check_header(i);
		assert_int_equal(rsp_text_len(i), 0);
		assert_int_equal(i->lookups, 0);
	}
}

static void test_target_statuses(void **state)
{
	static const u16 status[] = { 0x0200, 0x0202, 0x0203, 0x0301, 0x0302, 0x0300 };
	struct initiator *i = *state;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(status); n++) {
		initiator_free(i);
		initiator_init(i);
		i->target.status = status[n];
		strcpy(i->target.alias, "secret");
		assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_FAILED);
		assert_int_equal(rsp_status(i), status[n]);
		assert_int_equal(rsp_text_len(i), 0);	/* nothing about a target one may not see */
	}
}

static void test_redirect(void **state)
{
	struct initiator *i = *state;

	i->target.status = ISCSI_LOGIN_MOVED_TEMP;
	strcpy(i->target.redirect, "[2001:db8::1]:3261");
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0101);
	EXPECT("TargetAddress", "[2001:db8::1]:3261");
	assert_int_equal(rsp_flags(i) & T, 0);

	initiator_free(i);
	initiator_init(i);
	i->target.status = ISCSI_LOGIN_MOVED_PERM;
	strcpy(i->target.redirect, "10.0.0.1");
	say(i, T | CSG(1) | 3, NAMES "InitialR2T=No");
	assert_int_equal(rsp_status(i), 0x0102);
	EXPECT("TargetAddress", "10.0.0.1");
}

static void test_suspended(void **state)
{
	struct initiator *i = *state;

	/* Bad names are still told apart; everything behind them waits. */
	i->l->suspended = true;
	assert_int_equal(say(i, CSG(1), "InitiatorName=a b"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
	initiator_free(i);
	initiator_init(i);
	i->l->suspended = true;
	assert_int_equal(say(i, CSG(1), "InitiatorName=iqn.a:b\0SessionType=junk"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0301);
}

static void test_version(void **state)
{
	struct initiator *i = *state;

	i->bhs[2] = 1;
	i->bhs[3] = 1;
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0205);
	assert_int_equal(i->l->rsp[2], 0);
	assert_int_equal(i->l->rsp[3], 0);

	initiator_free(i);
	initiator_init(i);
	i->bhs[2] = 9;		/* knows newer ones, but 0 as well */
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_DONE);
}

static void test_discovery_session_does_not_exist(void **state)
{
	struct initiator *i = *state;

	put_unaligned_be16(5, i->bhs + ISCSI_OFF_TSIH);
	assert_int_equal(say(i, CSG(1), "InitiatorName=iqn.a:b\0SessionType=Discovery"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x020a);
}

/* A refused hand-over takes the place of the success that was composed, StatSN included. */
static void test_refused_hand_over(void **state)
{
	struct initiator *i = *state;
	u32 statsn;

	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_DONE);
	statsn = rsp_statsn(i);
	assert_int_equal(iscsi_login_fail(i->l, ISCSI_LOGIN_NO_RESOURCES, "full"), ISCSI_LOGIN_FAILED);
	check_header(i);
	assert_int_equal(rsp_status(i), 0x0302);
	assert_int_equal(rsp_statsn(i), statsn);
	assert_int_equal(rsp_flags(i) & T, 0);
	assert_int_equal(rsp_text_len(i), 0);
}

/* --- stages and headers --- */

static void test_bad_stages(void **state)
{
	static const u8 flags[] = {
		CSG(2), CSG(3), T | CSG(2) | 3, T | CSG(1) | 1, T | CSG(1) | 0, T | CSG(1) | 2, T | CSG(0) | 2,
		T | CSG(0) | 0, T | C | CSG(1) | 3,
	};
	struct initiator *i = *state;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(flags); n++) {
		initiator_free(i);
		initiator_init(i);
		assert_int_equal(say(i, flags[n], NAMES "InitialR2T=No"), ISCSI_LOGIN_FAILED);
		assert_int_equal(rsp_status(i), 0x0200);
	}
}

static void test_stage_goes_one_way(void **state)
{
	struct initiator *i = *state;

	say(i, T | CSG(0) | 1, NAMES "AuthMethod=None");
	assert_int_equal(feed(i, T | CSG(0) | 1, NULL, 0), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

static void test_stage_stays_without_transit(void **state)
{
	struct initiator *i = *state;

	say(i, CSG(0), NAMES "AuthMethod=None");
	assert_int_equal(rsp_flags(i), CSG(0));
	assert_int_equal(feed(i, CSG(1), NULL, 0), ISCSI_LOGIN_FAILED);
}

static void check_change(struct initiator *i, int offset)
{
	initiator_free(i);
	initiator_init(i);
	assert_int_equal(say(i, CSG(1), NAMES "InitialR2T=No"), ISCSI_LOGIN_CONTINUE);
	i->bhs[offset] ^= 1;
	assert_int_equal(feed(i, T | CSG(1) | 3, NULL, 0), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

static void test_identity_is_constant(void **state)
{
	struct initiator *i = *state;

	check_change(i, ISCSI_OFF_ISID);
	check_change(i, ISCSI_OFF_ISID + 5);
	check_change(i, ISCSI_OFF_TSIH);
	check_change(i, ISCSI_OFF_TSIH + 1);
	check_change(i, ISCSI_OFF_CID + 1);
	check_change(i, ISCSI_OFF_ITT + 3);
}

static void test_tsih_and_cid_are_reported(void **state)
{
	struct initiator *i = *state;

	put_unaligned_be16(0x1122, i->bhs + ISCSI_OFF_TSIH);
	put_unaligned_be16(0x3344, i->bhs + ISCSI_OFF_CID);
	memset(i->bhs + ISCSI_OFF_ISID, 0, ISCSI_ISID_LEN);	/* legal */
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No"), ISCSI_LOGIN_DONE);
	assert_int_equal(i->l->tsih, 0x1122);
	assert_int_equal(i->l->cid, 0x3344);
}

/* Connection reinstatement: what the whole session has agreed on stays. */
static void test_reinstated_connection(void **state)
{
	struct initiator *i = *state;

	put_unaligned_be16(0x1122, i->bhs + ISCSI_OFF_TSIH);
	assert_int_equal(say(i, T | CSG(1) | 3, NAMES "InitialR2T=No\0MaxBurstLength=512\0FirstBurstLength=512\0MaxConnections=1\0"
			     "MaxRecvDataSegmentLength=4096"), ISCSI_LOGIN_DONE);
	EXPECT("InitialR2T", "Irrelevant");
	EXPECT("MaxBurstLength", "Irrelevant");
	EXPECT("FirstBurstLength", "Irrelevant");
	EXPECT("MaxConnections", "Irrelevant");
	assert_int_equal(i->l->nego.params.max_xmit_dsl, 4096);
}

static void test_first_pdu_no_login(void **state)
{
	struct initiator *i = *state;
	int op;

	for (op = 0; op < 64; op++) {
		if (op == ISCSI_OP_LOGIN)
			continue;
		i->bhs[0] = op;
		assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_DROP);
		assert_int_equal(i->l->rsp_len, 0);
	}
}

static void test_other_request_during_login(void **state)
{
	struct initiator *i = *state;

	say(i, CSG(1), NAMES "InitialR2T=No");
	i->bhs[0] = ISCSI_OP_SCSI_CMD;
	assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x020b);
	assert_int_equal(rsp_statsn(i), 101);
}

static void test_header_limits(void **state)
{
	struct initiator *i = *state;

	put_unaligned_be24(8192, i->bhs + ISCSI_OFF_DATA_LEN);
	assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_CONTINUE);
	put_unaligned_be24(8193, i->bhs + ISCSI_OFF_DATA_LEN);
	assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_DROP);
	put_unaligned_be24(0xffffff, i->bhs + ISCSI_OFF_DATA_LEN);
	assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_DROP);
	put_unaligned_be24(0, i->bhs + ISCSI_OFF_DATA_LEN);
	i->bhs[ISCSI_OFF_AHS_LEN] = 1;
	assert_int_equal(iscsi_login_check_bhs(i->l, i->bhs), ISCSI_LOGIN_DROP);
}

static void test_endless_login(void **state)
{
	struct initiator *i = *state;
	int n;

	say(i, CSG(1), NAMES "InitialR2T=No");
	for (n = 1; n < ISCSI_LOGIN_ROUNDS; n++)
		assert_int_equal(feed(i, CSG(1), NULL, 0), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(feed(i, CSG(1), NULL, 0), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

/* --- joining and splitting --- */

static void test_joined_text(void **state)
{
	static const char text[] = NAMES "SessionType=Normal\0MaxBurstLength=4096";
	u32 cut;

	/* Cut anywhere, also inside a key or before its NUL. */
	for (cut = 1; cut < sizeof(text); cut++) {
		struct initiator *i = *state;

		initiator_free(i);
		initiator_init(i);
		assert_int_equal(feed(i, C | CSG(1), text, cut), ISCSI_LOGIN_CONTINUE);
		assert_int_equal(rsp_flags(i), CSG(1));
		assert_int_equal(rsp_text_len(i), 0);
		assert_int_equal(feed(i, T | CSG(1) | 3, text + cut, sizeof(text) - cut), ISCSI_LOGIN_DONE);
		EXPECT("MaxBurstLength", "4096");
	}
}

static void test_joined_text_limit(void **state)
{
	struct initiator *i = *state;
	static char piece[8192];
	int n;

	memset(piece, 'x', sizeof(piece));
	for (n = 0; n < 8; n++)
		assert_int_equal(feed(i, C | CSG(1), piece, sizeof(piece)), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(feed(i, C | CSG(1), piece, 1), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

/* 200 unknown keys: the answer is longer than one PDU and comes in pieces. */
static void test_split_answer(void **state)
{
	struct initiator *i = *state;
	char text[16000];
	char answer[32768];
	u32 len = sizeof(NAMES) - 1, have = 0;
	int n;

	memcpy(text, NAMES, len);
	for (n = 0; n < 200; n++)
		len += sprintf(text + len, "X-org.example.a-rather-long-name-of-a-key.%03d=v", n) + 1;
	assert_int_equal(feed(i, C | CSG(1), text, 8000), ISCSI_LOGIN_CONTINUE);
	assert_int_equal(feed(i, T | CSG(1) | 3, text + 8000, len - 8000), ISCSI_LOGIN_CONTINUE);
	for (n = 0; rsp_flags(i) & C; n++) {
		assert_in_range(rsp_text_len(i), 1, 8192);
		assert_int_equal(rsp_flags(i), C | CSG(1));
		memcpy(answer + have, rsp_text(i), rsp_text_len(i));
		have += rsp_text_len(i);
		/* The initiator asks for the rest with an empty request. */
		if (feed(i, T | CSG(1) | 3, NULL, 0) == ISCSI_LOGIN_DONE)
			break;
	}
	assert_in_range(n, 0, 3);
	assert_int_equal(rsp_flags(i), T | CSG(1) | 3);
	memcpy(answer + have, rsp_text(i), rsp_text_len(i));
	have += rsp_text_len(i);
	assert_null(iscsi_text_check(answer, have));
	assert_string_equal(iscsi_text_find(answer, have, "X-org.example.a-rather-long-name-of-a-key.000"), "NotUnderstood");
	assert_string_equal(iscsi_text_find(answer, have, "X-org.example.a-rather-long-name-of-a-key.199"), "NotUnderstood");
}

static void test_text_between_pieces(void **state)
{
	struct initiator *i = *state;
	char text[16000];
	u32 len = sizeof(NAMES) - 1;
	int n;

	memcpy(text, NAMES, len);
	for (n = 0; n < 200; n++)
		len += sprintf(text + len, "X-org.example.a-rather-long-name-of-a-key.%03d=v", n) + 1;
	feed(i, C | CSG(1), text, 8000);
	assert_int_equal(feed(i, CSG(1), text + 8000, len - 8000), ISCSI_LOGIN_CONTINUE);
	assert_true(rsp_flags(i) & C);
	assert_int_equal(say(i, CSG(1), "InitialR2T=No"), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
	assert_int_equal(rsp_text_len(i), 0);
}

static void test_long_value(void **state)
{
	struct initiator *i = *state;
	char text[700];
	u32 len = sizeof(NAMES) - 1;

	memcpy(text, NAMES, len);
	len += sprintf(text + len, "InitiatorAlias=%0256d", 0) + 1;
	assert_int_equal(feed(i, CSG(1), text, len), ISCSI_LOGIN_FAILED);
	assert_int_equal(rsp_status(i), 0x0200);
}

/* --- names --- */

/* What nobody sees, or sees elsewhere, in the log; and neighbours of it that are letters. */
static const struct {
	const char *utf8;
	bool fine;
} characters[] = {
	{ "\u00a0", false }, { "\u00a1", true }, { "\u00ad", false }, { "\u00df", true },
	{ "\u0340", false }, { "\u0342", true }, { "\u034f", false }, { "\u061c", false }, { "\u06dd", false }, { "\u070f", false },
	{ "\u1680", false }, { "\u180b", false }, { "\u180e", false }, { "\u1820", true },
	{ "\u1fff", true }, { "\u2000", false }, { "\u200b", false }, { "\u200d", false }, { "\u200f", false }, { "\u2010", true },
	{ "\u2027", true }, { "\u2028", false }, { "\u202a", false }, { "\u202e", false }, { "\u202f", false }, { "\u2030", true },
	{ "\u205f", false }, { "\u2060", false }, { "\u2066", false }, { "\u206f", false }, { "\u2070", true },
	{ "\u2ff0", false }, { "\u2ffb", false }, { "\u3000", false }, { "\u3001", true }, { "\u3002", false }, { "\u3042", true },
	{ "\ud7a3", true }, { "\ue000", false }, { "\uf8ff", false }, { "\uf900", true },
	{ "\ufdcf", true }, { "\ufdd0", false }, { "\ufdef", false }, { "\ufdf0", true }, { "\ufe00", false }, { "\ufe0f", false },
	{ "\ufeff", false }, { "\uff01", true }, { "\ufff9", false }, { "\ufffd", false }, { "\uffff", false },
	{ "\U00010000", true }, { "\U0001d173", false }, { "\U0001d17a", false }, { "\U0001fffe", false }, { "\U0001ffff", false },
	{ "\U00020000", true }, { "\U0002fffe", false }, { "\U000e0001", false }, { "\U000e007f", false }, { "\U000e0100", false },
	{ "\U000f0000", false }, { "\U0010fffd", false },
};

static void test_names(void **state)
{
	char name[ISCSI_NAME_MAX + 1];
	char out[ISCSI_NAME_MAX + 1];
	char longer[ISCSI_NAME_MAX + 2];
	const char *bad;
	size_t i;

	assert_int_equal(iscsi_name_fold("IQN.1998-01.Com.VMware:Host", out, sizeof(out)), 0);
	assert_string_equal(out, "iqn.1998-01.com.vmware:host");
	assert_int_equal(iscsi_name_fold("iqn.\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", out, sizeof(out)), 0);
	assert_int_equal(iscsi_name_fold("a\nb", out, sizeof(out)), -EINVAL);
	assert_int_equal(iscsi_name_fold("a\x7f", out, sizeof(out)), -EINVAL);
	/* A name becomes a directory and stands in the log. */
	for (bad = " !\"#$%&'()*+,/;<=>?@[\\]^_`{|}~\x01\x1f\x7f\x80\xff"; *bad; bad++) {
		snprintf(name, sizeof(name), "iqn.a%cb", *bad);
		assert_int_equal(iscsi_name_fold(name, out, sizeof(out)), -EINVAL);
		assert_string_equal(out, "");
	}
	for (i = 0; i < ARRAY_SIZE(characters); i++) {
		snprintf(name, sizeof(name), "iqn.a%sb", characters[i].utf8);
		if (iscsi_name_fold(name, out, sizeof(out)) != (characters[i].fine ? 0 : -EINVAL))
			fail_msg("character %zu", i);
	}
	assert_int_equal(iscsi_name_fold("", out, sizeof(out)), -EINVAL);
	assert_int_equal(iscsi_name_fold("..", out, sizeof(out)), -EINVAL);
	assert_int_equal(iscsi_name_fold(".iqn", out, sizeof(out)), -EINVAL);

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(iscsi_name_fold(name, out, sizeof(out)), 0);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(iscsi_name_fold(longer, out, sizeof(out)), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_open_iscsi),
		TEST(test_libiscsi),
		TEST(test_bare_initiator),
		TEST(test_security_to_full_feature),
		TEST(test_discovery),
		TEST(test_keys),
		TEST(test_bad_text),
		TEST(test_names_may_come_again),
		TEST(test_key_in_two_requests),
		TEST(test_auth_reject_is_told),
		TEST(test_operational_key_in_security_stage),
		TEST(test_first_burst),
		TEST(test_target_attributes_rule),
		TEST(test_refused_name_is_told),
		TEST(test_first_request),
		TEST(test_target_statuses),
		TEST(test_redirect),
		TEST(test_suspended),
		TEST(test_version),
		TEST(test_discovery_session_does_not_exist),
		TEST(test_refused_hand_over),
		TEST(test_bad_stages),
		TEST(test_stage_goes_one_way),
		TEST(test_stage_stays_without_transit),
		TEST(test_identity_is_constant),
		TEST(test_tsih_and_cid_are_reported),
		TEST(test_reinstated_connection),
		TEST(test_first_pdu_no_login),
		TEST(test_other_request_during_login),
		TEST(test_header_limits),
		TEST(test_endless_login),
		TEST(test_joined_text),
		TEST(test_joined_text_limit),
		TEST(test_split_answer),
		TEST(test_text_between_pieces),
		TEST(test_long_value),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("iscsi login", tests, NULL, NULL);
}
