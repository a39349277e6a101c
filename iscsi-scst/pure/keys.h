/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The iSCSI keys an administrator can set per target (sysfs attributes), their ranges and text forms, those of CHAP accounts, and
 * the range check of negotiated parameters. Shared by iscsi-scst.ko, iscsi-scstd and scstadmin. Pure.
 */
#ifndef ISCSI_KEYS_H
#define ISCSI_KEYS_H

#include "scst_pure.h"
#include "iscsi_proto.h"

/* Target attributes, in the order of the table in keys.c; also the index into struct iscsi_tgt_attrs. */
enum iscsi_key {
	ISCSI_KEY_INITIAL_R2T,
	ISCSI_KEY_IMMEDIATE_DATA,
	ISCSI_KEY_MAX_RECV_DSL,
	ISCSI_KEY_MAX_XMIT_DSL,
	ISCSI_KEY_MAX_BURST,
	ISCSI_KEY_FIRST_BURST,
	ISCSI_KEY_MAX_OUTSTANDING_R2T,
	ISCSI_KEY_HEADER_DIGEST,
	ISCSI_KEY_DATA_DIGEST,
	ISCSI_KEY_RDMA_EXTENSIONS,
	ISCSI_KEY_QUEUED_COMMANDS,
	ISCSI_KEY_RSP_TIMEOUT,
	ISCSI_KEY_NOP_IN_INTERVAL,
	ISCSI_KEY_NOP_IN_TIMEOUT,
	ISCSI_KEY_MAX_SESSIONS,
	ISCSI_KEY_ATTR_MAX
};

enum iscsi_key_type {
	ISCSI_KEY_NUMBER,	/* decimal, 0x hex, 0 octal */
	ISCSI_KEY_BOOL,		/* Yes = 1, No = 0 */
	ISCSI_KEY_DIGEST,	/* mask of ISCSI_DIGEST_* */
};

#define ISCSI_DIGEST_NONE	1U
#define ISCSI_DIGEST_CRC32C	2U

#define ISCSI_KEY_VALUE_MAX	32	/* bytes that always hold a printed value and its NUL */
#define ISCSI_KEY_DEFAULT	":default:"

#define ISCSI_ACCOUNT_MAX	511	/* bytes of an account, with one blank between its words */
#define ISCSI_USER_MAX		255	/* longest CHAP_N, RFC 7143 6.1 */
#define ISCSI_SECRET_MIN	12	/* 96 bits, RFC 7143 12.1.3 */

/* RFC 7143 section 13: defaults in force for keys that were not negotiated. */
#define ISCSI_RFC_MAX_RECV_DSL	8192U
#define ISCSI_RFC_MAX_BURST	262144U
#define ISCSI_RFC_FIRST_BURST	65536U
#define ISCSI_RFC_TIME2WAIT	2U
#define ISCSI_RFC_TIME2RETAIN	20U

#define ISCSI_DSL_MIN		512U
#define ISCSI_DSL_MAX		0xffffffU	/* 2^24 - 1, largest length RFC 7143 knows */
#define ISCSI_SEGMENT_MAX	1048576U	/* largest length we offer */
#define ISCSI_TIME2_MAX		3600U
#define ISCSI_PROTOCOL_LEVEL_MAX 31U

/**
 * struct iscsi_key_desc - one target attribute
 * @name: attribute and key name
 * @key: index into struct iscsi_tgt_attrs
 * @type: how the value is written
 * @dflt: value of a new target (sysfs prints the [key] mark when the value differs)
 * @min: smallest value an administrator may set
 * @max: largest one; for ISCSI_KEY_DIGEST the mask of all words
 * @live: takes effect in running sessions, not only in new ones
 */
struct iscsi_key_desc {
	const char *name;
	enum iscsi_key key;
	enum iscsi_key_type type;
	u32 dflt;
	u32 min;
	u32 max;
	bool live;
};

/**
 * struct iscsi_tgt_attrs - the attribute values of one target
 * @value: indexed by enum iscsi_key
 */
struct iscsi_tgt_attrs {
	u32 value[ISCSI_KEY_ATTR_MAX];
};

/* All attributes, ISCSI_KEY_ATTR_MAX of them, index = enum iscsi_key. */
extern const struct iscsi_key_desc iscsi_key_table[ISCSI_KEY_ATTR_MAX];

/**
 * iscsi_key_find - look an attribute up by its case-sensitive name
 * @name: NUL-terminated name
 *
 * Return: its description, or NULL.
 */
const struct iscsi_key_desc *iscsi_key_find(const char *name);

/**
 * iscsi_key_parse_value - text of an administrator to value
 * @desc: the attribute
 * @text: NUL-terminated, without surrounding white space; ":default:" gives the default
 * @value: written on success only
 *
 * Return: 0, or -EINVAL for junk and for values out of range.
 */
int iscsi_key_parse_value(const struct iscsi_key_desc *desc, const char *text, u32 *value);

/**
 * iscsi_key_print_value - value to text, without newline
 * @desc: the attribute
 * @value: a value that iscsi_key_parse_value() could have given
 * @buf: receives the text and a NUL
 * @size: bytes in @buf; ISCSI_KEY_VALUE_MAX always suffice
 *
 * Return: length of the text, or -EINVAL when it does not fit.
 */
int iscsi_key_print_value(const struct iscsi_key_desc *desc, u32 value, char *buf, size_t size);

/**
 * iscsi_tgt_attrs_init - give every attribute its default
 * @attrs: to fill
 */
void iscsi_tgt_attrs_init(struct iscsi_tgt_attrs *attrs);

/**
 * iscsi_params_valid - can a session run with these negotiated parameters
 * @p: what the daemon handed over
 *
 * Return: true when every member lies in the range that we can have negotiated (lengths up to ISCSI_SEGMENT_MAX) and they
 * fit together.
 */
bool iscsi_params_valid(const struct iscsi_params *p);

/**
 * iscsi_number_parse - unsigned number with nothing around it
 * @text: NUL-terminated
 * @octal: a leading 0 means octal (administrators), else decimal (RFC 7143 6.1 on the wire)
 * @value: written on success only
 *
 * Decimal or 0x hex; no sign, no white space, no overflow of 32 bits.
 *
 * Return: 0 or -EINVAL.
 */
int iscsi_number_parse(const char *text, bool octal, u32 *value);

/**
 * iscsi_account_valid - can this be an account
 * @text: NUL-terminated "NAME SECRET", words parted by blanks and tabs
 * @incoming: patterns of initiator names may follow
 *
 * Return: true when there are as many words, the name is not too long, the secret not too short and all of it printable.
 */
bool iscsi_account_valid(const char *text, bool incoming);

/**
 * iscsi_account_same_secret - have two accounts one secret
 * @a: valid
 * @b: valid
 */
bool iscsi_account_same_secret(const char *a, const char *b);

#endif /* ISCSI_KEYS_H */
