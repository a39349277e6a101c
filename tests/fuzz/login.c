// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the login machine and the text exchange with what an initiator may send before it is known: the first byte
 * chooses what the target offers, the rest is the byte stream of a connection.
 *
 * links: iscsi-scst/pure/login.c iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c
 * links: iscsi-scst/pure/keys.c scst/pure/match.c
 */
#include <stdlib.h>

#include "login.h"

static struct iscsi_login login;
static struct iscsi_text_xchg text;

struct stream {
	const uint8_t *data;
	size_t size;
};

static void must(bool condition)
{
	if (!condition)
		abort();
}

static const u8 *take(struct stream *s, size_t n)
{
	const u8 *p = s->data;

	if (n > s->size)
		return NULL;
	s->data += n;
	s->size -= n;
	return p;
}

/* A data segment in a block of its own, so that a byte read beyond it is seen. */
static u8 *take_data(struct stream *s, u32 len)
{
	const u8 *p = take(s, iscsi_padded(len));
	u8 *copy = p ? malloc(len ? len : 1) : NULL;

	if (copy)
		memcpy(copy, p, len);
	return copy;
}

/* No digest, but as long as one, and of the same bytes; as in CHAP it depends on each of them. */
static bool fake_digest(u32 algorithm, const struct iscsi_chap_input *in, u8 *out)
{
	u32 len = iscsi_chap_digest_len(algorithm);
	u8 sum = in->id;
	u32 i;

	must(len && len <= ISCSI_CHAP_DIGEST_MAX && in->challenge_len && in->challenge_len <= ISCSI_CHAP_BINARY_MAX);
	for (i = 0; i < in->secret_len; i++)
		sum += in->secret[i];
	for (i = 0; i < in->challenge_len; i++)
		sum ^= in->challenge[i];
	memset(out, sum & 3, len);	/* few values, so that the fuzzer guesses right ones */
	return true;
}

static const struct iscsi_chap_account incoming[] = {
	{ "joe", "secretsecret", "" }, { "bound", "secretsecret1", "iqn.none iqn.1993*" }, { "other", "secretsecret2", "iqn.none" },
};
static const struct iscsi_chap_account outgoing = { "target", "othersecret1", "" };
static const struct iscsi_auth one_way = { true, ARRAY_SIZE(incoming), incoming, NULL };
static const struct iscsi_auth chap = { true, ARRAY_SIZE(incoming), incoming, &outgoing };
static const struct iscsi_chap_env env = {
	.digest = fake_digest,
	.algorithms = 1 << ISCSI_CHAP_MD5 | 1 << ISCSI_CHAP_SHA1 | 1 << ISCSI_CHAP_SHA256 | 1 << ISCSI_CHAP_SHA3_256,
	.id = 9,
};

static void offer(struct iscsi_login_target *t, u8 choice)
{
	static const enum iscsi_login_status status[] = {
		ISCSI_LOGIN_SUCCESS, ISCSI_LOGIN_SUCCESS, ISCSI_LOGIN_MOVED_TEMP, ISCSI_LOGIN_NOT_FOUND,
	};

	memset(t, 0, sizeof(*t));
	t->status = status[choice & 3];
	iscsi_tgt_attrs_init(&t->attrs);
	if (choice & 4)
		strcpy(t->alias, "alias");
	if (choice & 8)
		t->attrs.value[ISCSI_KEY_HEADER_DIGEST] = ISCSI_DIGEST_CRC32C;
	if (choice & 16)
		t->attrs.value[ISCSI_KEY_MAX_BURST] = ISCSI_DSL_MIN;
	if (choice & 32)
		t->auth = choice & 8 ? &one_way : &chap;
	strcpy(t->redirect, "10.0.0.1:3260");
}

/* A response of this login: whole, zero-padded, its text well-formed unless it is cut. */
static void check_response(void)
{
	const u8 *h = login.rsp;
	u32 len = iscsi_data_len(h);
	u32 i;

	must(h[0] == ISCSI_OP_LOGIN_RSP && len <= ISCSI_LOGIN_SEGMENT);
	must(login.rsp_len == ISCSI_BHS_LEN + iscsi_padded(len));
	for (i = len; i < iscsi_padded(len); i++)
		must(!h[ISCSI_BHS_LEN + i]);
	must(!len || (h[1] & ISCSI_FLAG_CONTINUE) || !h[ISCSI_BHS_LEN + len - 1]);
	must(get_unaligned_be16(h + ISCSI_OFF_LOGIN_STATUS) == login.status);
	must(strlen(login.initiator) <= ISCSI_NAME_MAX && !strchr(login.initiator, '/'));
	must(strlen(login.target) <= ISCSI_NAME_MAX && !strchr(login.target, '/'));
}

static enum iscsi_login_effect one_request(struct stream *s, const struct iscsi_login_target *t)
{
	const u8 *bhs = take(s, ISCSI_BHS_LEN);
	enum iscsi_login_effect effect;
	u8 *data;

	if (!bhs)
		return ISCSI_LOGIN_DROP;
	effect = iscsi_login_check_bhs(&login, bhs);
	if (effect != ISCSI_LOGIN_CONTINUE)
		return effect;
	data = take_data(s, iscsi_data_len(bhs));
	if (!data)
		return ISCSI_LOGIN_DROP;
	effect = iscsi_login_feed(&login, bhs, data, iscsi_data_len(bhs));
	free(data);
	if (effect == ISCSI_LOGIN_NEED_TARGET)
		effect = iscsi_login_target(&login, t);
	must(effect != ISCSI_LOGIN_NEED_TARGET);
	return effect;
}

static void answer_text(u32 max)
{
	static const char answer[] = "TargetName=iqn.2024-01.example:t1\0TargetAddress=10.0.0.1:3260,1\0"
				     "TargetName=iqn.2024-01.example:t2\0TargetAddress=10.0.0.1:3260,1";
	char key[ISCSI_TEXT_KEY_MAX + 1];
	u32 pos = 0;

	while (iscsi_text_next(text.in, text.in_len, &pos, key))
		must(key[0]);
	must(iscsi_text_answer(&text, answer, sizeof(answer), max) == ISCSI_TEXT_RESPOND);
}

static bool one_text_request(struct stream *s)
{
	u32 max = ISCSI_DSL_MIN / 8;
	enum iscsi_text_effect effect;
	const u8 *bhs = take(s, ISCSI_BHS_LEN);
	u8 *data = bhs ? take_data(s, iscsi_data_len(bhs)) : NULL;

	if (!data)
		return false;
	effect = iscsi_text_feed(&text, bhs, data, iscsi_data_len(bhs), max);
	free(data);
	if (effect == ISCSI_TEXT_ANSWER)
		answer_text(max);
	must(effect != ISCSI_TEXT_RESPOND || text.out_len <= max);
	must(effect != ISCSI_TEXT_REJECT || text.reason);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream s = { data, size };
	const u8 *choice = take(&s, 1);
	struct iscsi_login_target target;
	enum iscsi_login_effect effect;

	if (!choice)
		return 0;
	offer(&target, *choice);
	iscsi_login_init(&login, 1 + (*choice >> 7), 1);
	login.chap.env = &env;
	login.suspended = (*choice & 0x60) == 0x60;
	do {
		effect = one_request(&s, &target);
		if (effect != ISCSI_LOGIN_DROP)
			check_response();
	} while (effect == ISCSI_LOGIN_CONTINUE);
	if (effect == ISCSI_LOGIN_DONE || effect == ISCSI_LOGIN_DISCOVERY)
		must(iscsi_params_valid(&login.params) && !login.status && iscsi_login_authenticated(&login));
	if ((effect == ISCSI_LOGIN_DONE || effect == ISCSI_LOGIN_DISCOVERY) && target.auth)
		must(login.chap.step == ISCSI_CHAP_DONE);
	if (effect == ISCSI_LOGIN_DONE)
		must(iscsi_login_fail(&login, ISCSI_LOGIN_NO_RESOURCES, "full") == ISCSI_LOGIN_FAILED);
	if (effect == ISCSI_LOGIN_DISCOVERY) {
		iscsi_text_init(&text);
		while (one_text_request(&s))
			;
	}
	return 0;
}
