// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP: choosing an algorithm, challenging, judging the response, answering the initiator's challenge.
 */
#include "chap.h"
#include "keys.h"
#include "match.h"

u32 iscsi_chap_digest_len(u32 algorithm)
{
	switch (algorithm) {
	case ISCSI_CHAP_MD5:
		return 16;
	case ISCSI_CHAP_SHA1:
		return 20;
	case ISCSI_CHAP_SHA256:
	case ISCSI_CHAP_SHA3_256:
		return 32;
	}
	return 0;
}

/* Takes as long for unequal bytes as for equal ones. */
static bool same_bytes(const u8 *a, const u8 *b, u32 len)
{
	u8 diff = 0;

	while (len--)
		diff |= *a++ ^ *b++;
	return !diff;
}

/* Takes a time that depends on @said alone, whatever @known is. */
static bool same_name(const char *known, const char *said)
{
	size_t known_len = strlen(known);
	size_t said_len = strlen(said);
	u8 diff = known_len != said_len;
	size_t i;

	for (i = 0; i < said_len; i++)
		diff |= (u8)known[i < known_len ? i : known_len] ^ (u8)said[i];
	return !diff;
}

static int hex_decode(const char *text, u8 *out, u32 max)
{
	size_t digits = strlen(text);
	size_t bytes = DIV_ROUND_UP(digits, 2);
	size_t i;

	if (!digits || bytes > max)
		return -EINVAL;
	memset(out, 0, bytes);
	for (i = 0; i < digits; i++) {
		int d = scst_hex_digit(text[i]);
		u8 *byte = &out[(i + digits % 2) / 2];

		if (d < 0)
			return -EINVAL;
		*byte = (u8)(*byte << 4 | d);
	}
	return (int)bytes;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Whole groups of four; at the end one or two '=' whose unused bits are zero (RFC 4648 3.5). */
static int base64_decode(const char *text, u8 *out, u32 max)
{
	size_t len = strlen(text);
	size_t pad = len > 2 ? (text[len - 1] == '=') + (text[len - 1] == '=' && text[len - 2] == '=') : 0;
	size_t bytes = len / 4 * 3 - pad;
	u32 bits = 0, nr_bits = 0;
	size_t i, n = 0;

	if (!len || len % 4 || bytes > max)
		return -EINVAL;
	for (i = 0; i < len - pad; i++) {
		int d = base64_digit(text[i]);

		if (d < 0)
			return -EINVAL;
		bits = bits << 6 | (u32)d;
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		out[n++] = (u8)(bits >> nr_bits);
		bits &= (1U << nr_bits) - 1;
	}
	return bits ? -EINVAL : (int)n;
}

int iscsi_binary_decode(const char *text, u8 *out, u32 max)
{
	if (text[0] != '0')
		return -EINVAL;
	if (text[1] == 'x' || text[1] == 'X')
		return hex_decode(text + 2, out, max);
	if (text[1] == 'b' || text[1] == 'B')
		return base64_decode(text + 2, out, max);
	return -EINVAL;
}

static void add_binary(struct iscsi_text_buf *out, const char *key, const u8 *bytes, u32 len)
{
	static const char digits[] = "0123456789abcdef";
	char text[2 + 2 * ISCSI_CHAP_CHALLENGE + 1] = "0x";
	u32 i;

	for (i = 0; i < len; i++) {
		text[2 + 2 * i] = digits[bytes[i] >> 4];
		text[3 + 2 * i] = digits[bytes[i] & 15];
	}
	text[2 + 2 * len] = '\0';
	iscsi_text_add(out, key, text);
}

/*
 * The last bytes of our challenges are a keyed digest of the first ones: so every login knows the challenges of all others,
 * without a list of them, and none can be turned round to have us answer it.
 */
static bool make_mark(const struct iscsi_chap_env *env, const u8 *nonce, u8 *mark)
{
	const struct iscsi_chap_input in = {
		.secret = env->key, .secret_len = ISCSI_CHAP_KEY, .challenge = nonce, .challenge_len = ISCSI_CHAP_NONCE,
	};
	u8 digest[ISCSI_CHAP_DIGEST_MAX];

	if (!env->digest(ISCSI_CHAP_SHA256, &in, digest))
		return false;
	memcpy(mark, digest, ISCSI_CHAP_MARK);
	return true;
}

static bool is_ours(const struct iscsi_chap_env *env, const u8 *challenge, u32 len)
{
	u8 mark[ISCSI_CHAP_MARK];

	/* In doubt it is: what cannot be judged is not answered. */
	return len == ISCSI_CHAP_CHALLENGE &&
	       (!make_mark(env, challenge, mark) || same_bytes(mark, challenge + ISCSI_CHAP_NONCE, ISCSI_CHAP_MARK));
}

/* First algorithm of the initiator's list that we can do, or 0. */
static u32 choose_algorithm(const struct iscsi_chap_env *env, const char *list)
{
	char word[12];
	u32 v;

	for (;;) {
		size_t len = strcspn(list, ",");

		if (len < sizeof(word)) {
			memcpy(word, list, len);
			word[len] = '\0';
			if (!iscsi_number_parse(word, false, &v) && v < 32 && (env->algorithms & (1U << v)) &&
			    iscsi_chap_digest_len(v))
				return v;
		}
		if (!list[len])
			return 0;
		list += len + 1;
	}
}

struct chap_call {
	struct iscsi_chap *c;
	const struct iscsi_auth *auth;
	const char *initiator;
	const struct iscsi_chap_keys *keys;
	struct iscsi_text_buf *out;
	const char **why;
};

static enum iscsi_login_status fail(const struct chap_call *call, enum iscsi_login_status status, const char *why)
{
	*call->why = why;
	call->out->len = 0;
	call->out->overflow = false;
	return status;
}

static enum iscsi_login_status protocol_error(const struct chap_call *call, const char *why)
{
	return fail(call, ISCSI_LOGIN_INITIATOR_ERROR, why);
}

static bool has_key(const struct chap_call *call, enum iscsi_chap_key key)
{
	return call->keys->value[key];
}

static bool has_any_key(const struct chap_call *call)
{
	int i;

	for (i = 0; i < ISCSI_CHAP_KEYS; i++)
		if (call->keys->value[i])
			return true;
	return false;
}

static enum iscsi_login_status method(const struct chap_call *call)
{
	if (has_any_key(call))
		return protocol_error(call, "authentication key without its method");
	if (call->keys->method)
		call->c->step = ISCSI_CHAP_ALGORITHM;
	return ISCSI_LOGIN_SUCCESS;
}

static enum iscsi_login_status challenge(const struct chap_call *call)
{
	struct iscsi_chap *c = call->c;

	if (!has_key(call, ISCSI_CHAP_A) || has_key(call, ISCSI_CHAP_I) || has_key(call, ISCSI_CHAP_C) ||
	    has_key(call, ISCSI_CHAP_N) || has_key(call, ISCSI_CHAP_R))
		return protocol_error(call, "CHAP_A expected");
	c->algorithm = choose_algorithm(c->env, call->keys->value[ISCSI_CHAP_A]);
	if (!c->algorithm) {
		fail(call, ISCSI_LOGIN_AUTH_FAILED, "no CHAP algorithm in common");
		iscsi_text_add(call->out, "CHAP_A", "Reject");
		return ISCSI_LOGIN_AUTH_FAILED;
	}
	memcpy(c->challenge, c->env->nonce, ISCSI_CHAP_NONCE);
	if (!make_mark(c->env, c->challenge, c->challenge + ISCSI_CHAP_NONCE))
		return fail(call, ISCSI_LOGIN_TARGET_ERROR, "no digest for the challenge");
	iscsi_text_add_number(call->out, "CHAP_A", c->algorithm);
	iscsi_text_add_number(call->out, "CHAP_I", c->env->id);
	add_binary(call->out, "CHAP_C", c->challenge, sizeof(c->challenge));
	c->step = ISCSI_CHAP_RESPONSE;
	return ISCSI_LOGIN_SUCCESS;
}

/* May this initiator use an account for the initiators in the list of patterns? */
static bool initiator_allowed(const char *list, const char *initiator)
{
	char pattern[ISCSI_STORED_NAME_MAX + 1];

	if (!*list)
		return true;
	for (;;) {
		size_t len = strcspn(list, " ");

		if (len && len < sizeof(pattern)) {
			memcpy(pattern, list, len);
			pattern[len] = '\0';
			if (scst_pattern_match(pattern, initiator))
				return true;
		}
		if (!list[len])
			return false;
		list += len + 1;
	}
}

/* Looks at all accounts, wherever the right one stands. */
static const struct iscsi_chap_account *find_account(const struct chap_call *call)
{
	const struct iscsi_chap_account *found = NULL;
	u32 i;

	for (i = 0; i < call->auth->nr_incoming; i++)
		if (same_name(call->auth->incoming[i].name, call->keys->value[ISCSI_CHAP_N]))
			found = &call->auth->incoming[i];
	return found;
}

/* An unknown name costs the same digest as a known one. */
static enum iscsi_login_status judge(const struct chap_call *call)
{
	static const char nobody[] = "no such account";
	const struct iscsi_chap_account *account = find_account(call);
	const struct iscsi_chap *c = call->c;
	u32 len = iscsi_chap_digest_len(c->algorithm);
	const char *secret = account ? account->secret : nobody;
	const struct iscsi_chap_input in = {
		.id = c->env->id, .secret = secret, .secret_len = (u32)strlen(secret),
		.challenge = c->challenge, .challenge_len = sizeof(c->challenge),
	};
	u8 wanted[ISCSI_CHAP_DIGEST_MAX], said[ISCSI_CHAP_BINARY_MAX];
	int said_len = iscsi_binary_decode(call->keys->value[ISCSI_CHAP_R], said, sizeof(said));
	bool right;

	if (said_len < 0)
		return protocol_error(call, "malformed CHAP_R");
	if (!c->env->digest(c->algorithm, &in, wanted))
		return fail(call, ISCSI_LOGIN_TARGET_ERROR, "no digest for the response");
	right = (u32)said_len == len && same_bytes(wanted, said, len);
	if (!account)
		return fail(call, ISCSI_LOGIN_AUTH_FAILED, "unknown CHAP name");
	if (!right)
		return fail(call, ISCSI_LOGIN_AUTH_FAILED, "wrong CHAP response");
	if (!initiator_allowed(account->initiators, call->initiator))
		return fail(call, ISCSI_LOGIN_AUTH_FAILED, "account of other initiators");
	return ISCSI_LOGIN_SUCCESS;
}

/* The initiator's challenge of mutual authentication. */
struct peer_challenge {
	u32 id;
	u8 bytes[ISCSI_CHAP_BINARY_MAX];
	int len;
};

static enum iscsi_login_status read_challenge(const struct chap_call *call, struct peer_challenge *p)
{
	if (iscsi_number_parse(call->keys->value[ISCSI_CHAP_I], false, &p->id) || p->id > 255)
		return protocol_error(call, "malformed CHAP_I");
	p->len = iscsi_binary_decode(call->keys->value[ISCSI_CHAP_C], p->bytes, sizeof(p->bytes));
	if (p->len < 0)
		return protocol_error(call, "malformed CHAP_C");
	if (is_ours(call->c->env, p->bytes, (u32)p->len))
		return protocol_error(call, "our own challenge came back");
	return ISCSI_LOGIN_SUCCESS;
}

static enum iscsi_login_status answer_challenge(const struct chap_call *call, const struct peer_challenge *p)
{
	const struct iscsi_chap_account *ours = call->auth->outgoing;
	const struct iscsi_chap *c = call->c;
	struct iscsi_chap_input in = { .id = (u8)p->id, .challenge = p->bytes, .challenge_len = (u32)p->len };
	u8 digest[ISCSI_CHAP_DIGEST_MAX];

	if (!ours)
		return fail(call, ISCSI_LOGIN_AUTH_FAILED, "mutual authentication without an OutgoingUser");
	in.secret = ours->secret;
	in.secret_len = (u32)strlen(ours->secret);
	if (!c->env->digest(c->algorithm, &in, digest))
		return fail(call, ISCSI_LOGIN_TARGET_ERROR, "no digest for our response");
	iscsi_text_add(call->out, "CHAP_N", ours->name);
	add_binary(call->out, "CHAP_R", digest, iscsi_chap_digest_len(c->algorithm));
	return ISCSI_LOGIN_SUCCESS;
}

static enum iscsi_login_status response(const struct chap_call *call)
{
	bool mutual = has_key(call, ISCSI_CHAP_C);
	enum iscsi_login_status status = ISCSI_LOGIN_SUCCESS;
	struct peer_challenge peer;

	if (!has_key(call, ISCSI_CHAP_N) || !has_key(call, ISCSI_CHAP_R) || has_key(call, ISCSI_CHAP_A) ||
	    has_key(call, ISCSI_CHAP_I) != mutual)
		return protocol_error(call, "CHAP_N and CHAP_R expected");
	if (strlen(call->keys->value[ISCSI_CHAP_N]) > ISCSI_TEXT_VALUE_MAX)
		return protocol_error(call, "CHAP_N too long");
	if (mutual)
		status = read_challenge(call, &peer);
	if (status == ISCSI_LOGIN_SUCCESS)
		status = judge(call);
	if (status == ISCSI_LOGIN_SUCCESS && mutual)
		status = answer_challenge(call, &peer);
	if (status == ISCSI_LOGIN_SUCCESS)
		call->c->step = ISCSI_CHAP_DONE;
	return status;
}

enum iscsi_login_status iscsi_chap_feed(struct iscsi_chap *c, const struct iscsi_auth *auth, const char *initiator,
					const struct iscsi_chap_keys *keys, struct iscsi_text_buf *out, const char **why)
{
	const struct chap_call call = {
		.c = c, .auth = auth, .initiator = initiator, .keys = keys, .out = out, .why = why,
	};

	switch (c->step) {
	case ISCSI_CHAP_METHOD:
		return method(&call);
	case ISCSI_CHAP_ALGORITHM:
		return challenge(&call);
	case ISCSI_CHAP_RESPONSE:
		return response(&call);
	case ISCSI_CHAP_DONE:
		break;
	}
	if (has_any_key(&call))
		return protocol_error(&call, "authentication key after authentication");
	return ISCSI_LOGIN_SUCCESS;
}
