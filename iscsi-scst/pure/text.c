// SPDX-License-Identifier: GPL-2.0
/*
 * key=value text: walking, composing, cutting into PDUs, and the Text Request exchange.
 */
#include "text.h"

/* Whole pairs only: an answer never carries half of one, whatever the peer makes us echo. */
void iscsi_text_add(struct iscsi_text_buf *b, const char *key, const char *value)
{
	size_t klen = strlen(key);
	size_t vlen = strlen(value);

	if (b->overflow || klen + vlen + 2 > b->size - b->len) {
		b->overflow = true;
		return;
	}
	memcpy(b->data + b->len, key, klen);
	b->len += klen;
	b->data[b->len++] = '=';
	memcpy(b->data + b->len, value, vlen + 1);
	b->len += vlen + 1;
}

void iscsi_text_add_number(struct iscsi_text_buf *b, const char *key, u32 value)
{
	char digits[12];

	snprintf(digits, sizeof(digits), "%u", value);
	iscsi_text_add(b, key, digits);
}

/* RFC 7143 6.1 standard-label, and '#' of the registered extension keys. */
static bool key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr(".-+@_#", c));
}

/* Length of the key at @pair, whose NUL is known to lie in the text; 0 when it has no legal one. */
static u32 key_len(const char *pair)
{
	u32 n = 0;

	while (n <= ISCSI_TEXT_KEY_MAX && key_char(pair[n]))
		n++;
	return n <= ISCSI_TEXT_KEY_MAX && pair[n] == '=' ? n : 0;
}

static bool seen_before(const char *text, const char *pair, u32 klen)
{
	const char *p;

	for (p = text; p < pair; p += strlen(p) + 1)
		if (!strncmp(p, pair, klen + 1))
			return true;
	return false;
}

const char *iscsi_text_check(const char *text, u32 len)
{
	u32 pos = 0;
	u32 pairs = 0;
	u32 klen;

	if (len && text[len - 1])
		return "text without final NUL";
	while (pos < len) {
		klen = key_len(text + pos);
		if (!klen)
			return "malformed key=value pair";
		if (++pairs > ISCSI_TEXT_PAIRS_MAX)
			return "too many keys";
		if (seen_before(text, text + pos, klen))
			return "key sent twice";
		pos += strlen(text + pos) + 1;
	}
	return NULL;
}

const char *iscsi_text_next(const char *text, u32 len, u32 *pos, char *key)
{
	const char *pair = text + *pos;
	u32 klen;

	if (*pos >= len)
		return NULL;
	klen = key_len(pair);
	memcpy(key, pair, klen);
	key[klen] = '\0';
	*pos += strlen(pair) + 1;
	return pair + klen + 1;
}

const char *iscsi_text_find(const char *text, u32 len, const char *key)
{
	char k[ISCSI_TEXT_KEY_MAX + 1];
	const char *value;
	u32 pos = 0;

	while ((value = iscsi_text_next(text, len, &pos, k)))
		if (!strcmp(k, key))
			return value;
	return NULL;
}

/* At pair boundaries as long as one pair fits: initiators that know no C bit get along with that. */
u32 iscsi_text_cut(const char *text, u32 len, u32 max, bool *inside)
{
	u32 n;

	*inside = false;
	if (len <= max)
		return len;
	for (n = max; n; n--)
		if (!text[n - 1])
			return n;
	*inside = true;
	return max;
}

void iscsi_text_init(struct iscsi_text_xchg *x)
{
	memset(x, 0, sizeof(*x));
	x->ttt = ISCSI_RESERVED_TAG;
	x->next_ttt = 1;
}

static enum iscsi_text_effect text_reject(struct iscsi_text_xchg *x, u8 reason)
{
	x->open = false;
	x->ttt = ISCSI_RESERVED_TAG;
	x->in_len = 0;
	x->answer_len = 0;
	x->pos = 0;
	x->reason = reason;
	return ISCSI_TEXT_REJECT;
}

static void response_header(struct iscsi_text_xchg *x, u8 flags)
{
	memset(x->bhs, 0, sizeof(x->bhs));
	x->bhs[0] = ISCSI_OP_TEXT_RSP;
	x->bhs[ISCSI_OFF_FLAGS] = flags;
	put_unaligned_be24(x->out_len, x->bhs + ISCSI_OFF_DATA_LEN);
	memcpy(x->bhs + ISCSI_OFF_LUN, x->lun, sizeof(x->lun));
	put_unaligned_be32(x->itt, x->bhs + ISCSI_OFF_ITT);
	put_unaligned_be32(x->ttt, x->bhs + ISCSI_OFF_TTT);
}

/* While more is to come, the initiator needs a tag to ask for it with. */
static void open_ttt(struct iscsi_text_xchg *x)
{
	x->open = true;
	x->ttt = x->next_ttt++;
	if (x->next_ttt == ISCSI_RESERVED_TAG)
		x->next_ttt = 1;
}

static enum iscsi_text_effect send_piece(struct iscsi_text_xchg *x, u32 max)
{
	bool inside;
	u8 flags = 0;

	x->out = x->answer + x->pos;
	x->out_len = iscsi_text_cut(x->out, x->answer_len - x->pos, max, &inside);
	x->pos += x->out_len;
	if (x->pos < x->answer_len || !x->final) {
		open_ttt(x);
		flags = inside ? ISCSI_FLAG_CONTINUE : 0;
	} else {
		x->open = false;
		x->ttt = ISCSI_RESERVED_TAG;
		flags = ISCSI_FLAG_FINAL;
	}
	response_header(x, flags);
	return ISCSI_TEXT_RESPOND;
}

/* A TTT continues what is open; the reserved tag begins anew and forgets what was open (RFC 7143 11.10.4). */
static bool continues(struct iscsi_text_xchg *x, const u8 *bhs, u8 *reason)
{
	u32 ttt = get_unaligned_be32(bhs + ISCSI_OFF_TTT);

	*reason = 0;
	if (ttt == ISCSI_RESERVED_TAG)
		return false;
	if (!x->open || ttt != x->ttt || get_unaligned_be32(bhs + ISCSI_OFF_ITT) != x->itt)
		*reason = ISCSI_REJECT_INVALID_FIELD;
	return true;
}

static enum iscsi_text_effect join_request(struct iscsi_text_xchg *x, const u8 *bhs, const u8 *data, u32 len)
{
	if (len > sizeof(x->in) - x->in_len)
		return text_reject(x, ISCSI_REJECT_NO_RESOURCES);
	memcpy(x->in + x->in_len, data, len);
	x->in_len += len;
	if (!(bhs[ISCSI_OFF_FLAGS] & ISCSI_FLAG_CONTINUE))
		return ISCSI_TEXT_ANSWER;

	x->out_len = 0;
	open_ttt(x);
	response_header(x, 0);
	return ISCSI_TEXT_RESPOND;
}

enum iscsi_text_effect iscsi_text_feed(struct iscsi_text_xchg *x, const u8 *bhs, const u8 *data, u32 len, u32 max)
{
	u8 flags = bhs[ISCSI_OFF_FLAGS];
	enum iscsi_text_effect effect;
	u8 reason;

	if ((flags & ISCSI_FLAG_FINAL) && (flags & ISCSI_FLAG_CONTINUE))
		return text_reject(x, ISCSI_REJECT_PROTOCOL);
	x->final = flags & ISCSI_FLAG_FINAL;
	if (continues(x, bhs, &reason)) {
		if (reason)
			return text_reject(x, reason);
		if (x->pos < x->answer_len)
			return len ? text_reject(x, ISCSI_REJECT_PROTOCOL) : send_piece(x, max);
	} else {
		x->in_len = 0;
		x->answer_len = 0;
		x->pos = 0;
		x->itt = get_unaligned_be32(bhs + ISCSI_OFF_ITT);
		memcpy(x->lun, bhs + ISCSI_OFF_LUN, sizeof(x->lun));
	}
	effect = join_request(x, bhs, data, len);
	if (effect == ISCSI_TEXT_ANSWER && iscsi_text_check(x->in, x->in_len))
		return text_reject(x, ISCSI_REJECT_PROTOCOL);
	return effect;
}

enum iscsi_text_effect iscsi_text_answer(struct iscsi_text_xchg *x, const char *answer, u32 len, u32 max)
{
	x->in_len = 0;
	x->answer = answer;
	x->answer_len = len;
	x->pos = 0;
	return send_piece(x, max);
}

enum iscsi_sendtargets iscsi_sendtargets_kind(const char *value)
{
	if (!value)
		return ISCSI_SENDTARGETS_ABSENT;
	if (!*value)
		return ISCSI_SENDTARGETS_CONNECTED;
	return strcmp(value, "All") ? ISCSI_SENDTARGETS_NAMED : ISCSI_SENDTARGETS_ALL;
}
