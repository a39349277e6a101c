/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CHAP as iSCSI uses it (RFC 7143 12.1.3, RFC 1994): the target's side, one-way and mutual. The digests come in as a
 * function, what is random as bytes. Pure.
 */
#ifndef ISCSI_CHAP_H
#define ISCSI_CHAP_H

#include "scst_pure.h"
#include "iscsi_proto.h"
#include "text.h"

/* CHAP_A values (RFC 1994, RFC 7143 12.1.3 and the IANA registry of PPP authentication algorithms). */
enum iscsi_chap_algorithm {
	ISCSI_CHAP_MD5 = 5,
	ISCSI_CHAP_SHA1 = 6,
	ISCSI_CHAP_SHA256 = 7,
	ISCSI_CHAP_SHA3_256 = 8,
};

#define ISCSI_CHAP_BINARY_MAX	1024	/* bytes of a decoded CHAP_C or CHAP_R */
#define ISCSI_CHAP_DIGEST_MAX	32
#define ISCSI_CHAP_NONCE	32	/* random bytes of a challenge: at least as many as the longest digest has */
#define ISCSI_CHAP_MARK		16	/* bytes by which we know a challenge of our own again */
#define ISCSI_CHAP_CHALLENGE	(ISCSI_CHAP_NONCE + ISCSI_CHAP_MARK)
#define ISCSI_CHAP_KEY		32

/**
 * iscsi_chap_digest_len - length of an algorithm's digest
 * @algorithm: enum iscsi_chap_algorithm
 *
 * Return: bytes, 0 for an unknown algorithm.
 */
u32 iscsi_chap_digest_len(u32 algorithm);

/**
 * struct iscsi_chap_input - what a digest is taken of, in this order
 * @id: identifier byte
 * @secret: bytes of the secret
 * @secret_len: their number
 * @challenge: bytes of the challenge
 * @challenge_len: their number
 */
struct iscsi_chap_input {
	u8 id;
	const char *secret;
	u32 secret_len;
	const u8 *challenge;
	u32 challenge_len;
};

/**
 * struct iscsi_chap_env - what CHAP needs from outside
 * @digest: writes iscsi_chap_digest_len() bytes to @out; false when that fails
 * @algorithms: mask of 1 << enum iscsi_chap_algorithm that @digest can do; ISCSI_CHAP_SHA256 must be among them
 * @key: random, the same for all logins of a daemon: marks our challenges
 * @nonce: random, new for each login
 * @id: identifier for our challenge
 */
struct iscsi_chap_env {
	bool (*digest)(u32 algorithm, const struct iscsi_chap_input *in, u8 *out);
	u32 algorithms;
	char key[ISCSI_CHAP_KEY];
	u8 nonce[ISCSI_CHAP_NONCE];
	u8 id;
};

/**
 * struct iscsi_chap_account - a name and its secret
 * @name: CHAP_N
 * @secret: NUL-terminated
 * @initiators: patterns of initiator names that may use it, a blank in between; "" for all
 */
struct iscsi_chap_account {
	const char *name;
	const char *secret;
	const char *initiators;
};

/**
 * struct iscsi_auth - how an initiator has to authenticate
 * @required: only CHAP is acceptable; else only None
 * @nr_incoming: accounts in @incoming
 * @incoming: any of them may log in
 * @outgoing: answers the initiator's challenge; NULL when there is none
 */
struct iscsi_auth {
	bool required;
	u32 nr_incoming;
	const struct iscsi_chap_account *incoming;
	const struct iscsi_chap_account *outgoing;
};

enum iscsi_chap_step {
	ISCSI_CHAP_METHOD,	/* AuthMethod is not chosen yet */
	ISCSI_CHAP_ALGORITHM,	/* CHAP is chosen, CHAP_A comes next */
	ISCSI_CHAP_RESPONSE,	/* our challenge is out */
	ISCSI_CHAP_DONE,	/* the initiator has proved who it is */
};

/* Index into struct iscsi_chap_keys. */
enum iscsi_chap_key {
	ISCSI_CHAP_A,
	ISCSI_CHAP_I,
	ISCSI_CHAP_C,
	ISCSI_CHAP_N,
	ISCSI_CHAP_R,
	ISCSI_CHAP_KEYS
};

/**
 * struct iscsi_chap_keys - what one request says
 * @method: CHAP is the method now
 * @value: of each key, NULL when it is absent
 */
struct iscsi_chap_keys {
	bool method;
	const char *value[ISCSI_CHAP_KEYS];
};

/**
 * struct iscsi_chap - state of one authentication; zero it to begin
 * @env: set by the caller before the first step
 * @step: what has been reached
 */
struct iscsi_chap {
	const struct iscsi_chap_env *env;
	enum iscsi_chap_step step;

	/* private */
	u32 algorithm;
	u8 challenge[ISCSI_CHAP_CHALLENGE];
};

/**
 * iscsi_chap_feed - take the CHAP keys of one request
 * @c: state
 * @auth: accounts; @auth->required is true
 * @initiator: InitiatorName
 * @keys: what the request says
 * @out: receives our answer; with ISCSI_LOGIN_AUTH_FAILED it holds what may go with that status
 * @why: receives constant text for the log when the login fails; nobody but the log learns whether name or secret was wrong
 *
 * Return: ISCSI_LOGIN_SUCCESS, or the status to fail with.
 */
enum iscsi_login_status iscsi_chap_feed(struct iscsi_chap *c, const struct iscsi_auth *auth, const char *initiator,
					const struct iscsi_chap_keys *keys, struct iscsi_text_buf *out, const char **why);

/**
 * iscsi_binary_decode - large binary value of RFC 7143 6.1: "0x" hexadecimal or "0b" base64
 * @text: NUL-terminated
 * @out: receives the bytes
 * @max: bytes in @out
 *
 * An odd number of hexadecimal digits has an implied leading zero.
 *
 * Return: number of bytes, > 0, or -EINVAL.
 */
int iscsi_binary_decode(const char *text, u8 *out, u32 max);

#endif /* ISCSI_CHAP_H */
