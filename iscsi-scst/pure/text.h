/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key=value text (RFC 7143 section 6.1): walking a request, composing an answer in bounded memory, cutting a long answer
 * into PDUs, and the Text Request exchange of SendTargets. Pure.
 */
#ifndef ISCSI_TEXT_H
#define ISCSI_TEXT_H

#include "scst_pure.h"
#include "iscsi_proto.h"

#define ISCSI_TEXT_KEY_MAX	63	/* bytes of a key name */
#define ISCSI_TEXT_VALUE_MAX	255	/* bytes of a value, unless the key says otherwise */
#define ISCSI_TEXT_PAIRS_MAX	256	/* pairs in one request; bounds the answer and the search for repetitions */
#define ISCSI_TEXT_REQUEST_MAX	8192	/* joined Text Request */

/**
 * struct iscsi_text_buf - bounded answer under construction
 * @data: caller's memory
 * @size: bytes in it
 * @len: bytes used
 * @overflow: something did not fit and was left out whole
 */
struct iscsi_text_buf {
	char *data;
	u32 size;
	u32 len;
	bool overflow;
};

/**
 * iscsi_text_add - append "key=value" and its NUL, or mark the overflow
 * @b: the answer
 * @key: NUL-terminated
 * @value: NUL-terminated
 */
void iscsi_text_add(struct iscsi_text_buf *b, const char *key, const char *value);

/**
 * iscsi_text_add_number - append "key=<decimal>"
 * @b: the answer
 * @key: NUL-terminated
 * @value: number
 */
void iscsi_text_add_number(struct iscsi_text_buf *b, const char *key, u32 value);

/**
 * iscsi_text_check - is this well-formed text, so that iscsi_text_next() may walk it
 * @text: joined data segments
 * @len: bytes
 *
 * Every pair has a key of 1 to 63 legal characters, a '=' and a final NUL, no key occurs twice, and there are at most
 * ISCSI_TEXT_PAIRS_MAX pairs.
 *
 * Return: NULL when well-formed, else what is wrong, as constant text for the log.
 */
const char *iscsi_text_check(const char *text, u32 len);

/**
 * iscsi_text_next - next pair of checked text
 * @text: start of the text
 * @len: bytes
 * @pos: 0 at first; moved behind the pair
 * @key: receives the key; holds ISCSI_TEXT_KEY_MAX + 1 bytes
 *
 * Return: the NUL-terminated value, or NULL at the end.
 */
const char *iscsi_text_next(const char *text, u32 len, u32 *pos, char *key);

/**
 * iscsi_text_find - value of a key in checked text
 * @text: start of the text
 * @len: bytes
 * @key: wanted
 *
 * Return: the NUL-terminated value, or NULL.
 */
const char *iscsi_text_find(const char *text, u32 len, const char *key);

/**
 * iscsi_text_cut - how much of an answer the next PDU carries
 * @text: rest of the answer, whole pairs
 * @len: bytes
 * @max: largest data segment
 * @inside: set when the cut goes through a pair, which needs the C bit
 *
 * Return: bytes to send, > 0 when @len and @max are.
 */
u32 iscsi_text_cut(const char *text, u32 len, u32 max, bool *inside);

/* What a request leads to. */
enum iscsi_text_effect {
	ISCSI_TEXT_ANSWER,	/* @in holds a whole request: compose the answer, call iscsi_text_answer() */
	ISCSI_TEXT_RESPOND,	/* send @bhs (StatSN fields still empty) with @out_len bytes at @out */
	ISCSI_TEXT_REJECT,	/* send Reject with @reason; the exchange is over */
};

/**
 * struct iscsi_text_xchg - one Text Request exchange; zero it to begin a session
 * @in: joined request
 * @in_len: bytes in it
 * @answer: the whole answer, kept by the caller until it is sent or replaced
 * @answer_len: bytes in it
 * @out: next piece to send, inside @answer
 * @out_len: bytes in it
 * @bhs: Text Response to send, without StatSN, ExpCmdSN, MaxCmdSN
 * @reason: enum iscsi_reject_reason
 * @ttt: what the initiator has to bring back; ISCSI_RESERVED_TAG when none is open
 */
struct iscsi_text_xchg {
	char in[ISCSI_TEXT_REQUEST_MAX];
	u32 in_len;
	const char *answer;
	u32 answer_len;
	const char *out;
	u32 out_len;
	u8 bhs[ISCSI_BHS_LEN];
	u8 reason;

	/* private */
	u32 ttt;
	u32 next_ttt;
	u32 itt;
	u32 pos;
	u8 lun[8];
	bool open;
	bool final;		/* F bit of the request: ours may be set then */
};

/**
 * iscsi_text_init - begin a session
 * @x: the exchange
 */
void iscsi_text_init(struct iscsi_text_xchg *x);

/**
 * iscsi_text_feed - take one Text Request
 * @x: the exchange
 * @bhs: ISCSI_BHS_LEN bytes
 * @data: data segment
 * @len: bytes in it
 * @max: largest data segment the initiator takes
 *
 * Return: what to do.
 */
enum iscsi_text_effect iscsi_text_feed(struct iscsi_text_xchg *x, const u8 *bhs, const u8 *data, u32 len, u32 max);

/**
 * iscsi_text_answer - give the answer to ISCSI_TEXT_ANSWER
 * @x: the exchange
 * @answer: whole pairs, valid until the next ISCSI_TEXT_ANSWER
 * @len: bytes, may be 0
 * @max: largest data segment the initiator takes
 *
 * Return: ISCSI_TEXT_RESPOND.
 */
enum iscsi_text_effect iscsi_text_answer(struct iscsi_text_xchg *x, const char *answer, u32 len, u32 max);

/* What SendTargets asks for (RFC 7143 appendix C). */
enum iscsi_sendtargets {
	ISCSI_SENDTARGETS_ABSENT,	/* no such key */
	ISCSI_SENDTARGETS_ALL,		/* discovery sessions only */
	ISCSI_SENDTARGETS_NAMED,	/* the target named by the value */
	ISCSI_SENDTARGETS_CONNECTED,	/* empty value: the target of this session, normal sessions only */
};

/**
 * iscsi_sendtargets_kind - what a SendTargets value asks for
 * @value: of the key, or NULL
 *
 * Return: enum iscsi_sendtargets.
 */
enum iscsi_sendtargets iscsi_sendtargets_kind(const char *value);

#endif /* ISCSI_TEXT_H */
