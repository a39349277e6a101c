// SPDX-License-Identifier: GPL-2.0
/*
 * The table of target attributes, the text forms of their values and of accounts, and the range check of negotiated parameters.
 */
#include "keys.h"

#define ATTR(_key, _name, _type, _dflt, _min, _max, _live) \
	[_key] = { _name, _key, _type, _dflt, _min, _max, _live }
#define DIGESTS (ISCSI_DIGEST_NONE | ISCSI_DIGEST_CRC32C)

const struct iscsi_key_desc iscsi_key_table[ISCSI_KEY_ATTR_MAX] = {
	ATTR(ISCSI_KEY_INITIAL_R2T, "InitialR2T", ISCSI_KEY_BOOL, 0, 0, 1, false),
	ATTR(ISCSI_KEY_IMMEDIATE_DATA, "ImmediateData", ISCSI_KEY_BOOL, 1, 0, 1, false),
	ATTR(ISCSI_KEY_MAX_RECV_DSL, "MaxRecvDataSegmentLength", ISCSI_KEY_NUMBER,
	     ISCSI_SEGMENT_MAX, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX, false),
	ATTR(ISCSI_KEY_MAX_XMIT_DSL, "MaxXmitDataSegmentLength", ISCSI_KEY_NUMBER,
	     ISCSI_SEGMENT_MAX, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX, false),
	ATTR(ISCSI_KEY_MAX_BURST, "MaxBurstLength", ISCSI_KEY_NUMBER,
	     ISCSI_SEGMENT_MAX, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX, false),
	ATTR(ISCSI_KEY_FIRST_BURST, "FirstBurstLength", ISCSI_KEY_NUMBER,
	     ISCSI_RFC_FIRST_BURST, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX, false),
	ATTR(ISCSI_KEY_MAX_OUTSTANDING_R2T, "MaxOutstandingR2T", ISCSI_KEY_NUMBER, 32, 1, 65535, false),
	ATTR(ISCSI_KEY_HEADER_DIGEST, "HeaderDigest", ISCSI_KEY_DIGEST, ISCSI_DIGEST_NONE, 1, DIGESTS, false),
	ATTR(ISCSI_KEY_DATA_DIGEST, "DataDigest", ISCSI_KEY_DIGEST, ISCSI_DIGEST_NONE, 1, DIGESTS, false),
	ATTR(ISCSI_KEY_RDMA_EXTENSIONS, "RDMAExtensions", ISCSI_KEY_BOOL, 0, 0, 1, false),
	ATTR(ISCSI_KEY_QUEUED_COMMANDS, "QueuedCommands", ISCSI_KEY_NUMBER, 32, 1, 2048, true),
	ATTR(ISCSI_KEY_RSP_TIMEOUT, "RspTimeout", ISCSI_KEY_NUMBER, 90, 2, 65535, true),
	ATTR(ISCSI_KEY_NOP_IN_INTERVAL, "NopInInterval", ISCSI_KEY_NUMBER, 30, 0, 65535, true),
	ATTR(ISCSI_KEY_NOP_IN_TIMEOUT, "NopInTimeout", ISCSI_KEY_NUMBER, 30, 2, 65535, true),
	ATTR(ISCSI_KEY_MAX_SESSIONS, "MaxSessions", ISCSI_KEY_NUMBER, 0, 0, 65535, false),
};

const struct iscsi_key_desc *iscsi_key_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(iscsi_key_table); i++)
		if (!strcmp(iscsi_key_table[i].name, name))
			return &iscsi_key_table[i];
	return NULL;
}

int iscsi_number_parse(const char *text, bool octal, u32 *value)
{
	u32 base = 10;
	u64 n = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	} else if (octal && text[0] == '0' && text[1]) {
		base = 8;
		text++;
	}
	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		int d = scst_hex_digit(*text);

		if (d < 0 || (u32)d >= base)
			return -EINVAL;
		n = n * base + (u32)d;
		if (n > 0xffffffffU)
			return -EINVAL;
	}
	*value = (u32)n;
	return 0;
}

static int bool_parse(const char *text, u32 *value)
{
	if (!strcmp(text, "Yes"))
		*value = 1;
	else if (!strcmp(text, "No"))
		*value = 0;
	else
		return -EINVAL;
	return 0;
}

/* "None", "CRC32C" or both in either order, any case; a word said twice is junk. */
static int digest_parse(const char *text, u32 *value)
{
	static const char * const word[] = { "none", "crc32c" };
	u32 mask = 0;

	for (;;) {
		const char *end = strchr(text, ',');
		size_t len = end ? (size_t)(end - text) : strlen(text);
		u32 i;

		for (i = 0; i < ARRAY_SIZE(word); i++)
			if (len == strlen(word[i]) && !strncasecmp(text, word[i], len))
				break;
		if (i == ARRAY_SIZE(word) || (mask & (1U << i)))
			return -EINVAL;
		mask |= 1U << i;
		if (!end)
			break;
		text = end + 1;
	}
	*value = mask;
	return 0;
}

int iscsi_key_parse_value(const struct iscsi_key_desc *desc, const char *text, u32 *value)
{
	u32 v = 0;
	int ret;

	if (!strcmp(text, ISCSI_KEY_DEFAULT)) {
		*value = desc->dflt;
		return 0;
	}
	if (desc->type == ISCSI_KEY_BOOL)
		ret = bool_parse(text, &v);
	else if (desc->type == ISCSI_KEY_DIGEST)
		ret = digest_parse(text, &v);
	else
		ret = iscsi_number_parse(text, true, &v);
	if (ret)
		return ret;
	if (v < desc->min || v > desc->max)
		return -EINVAL;
	*value = v;
	return 0;
}

int iscsi_key_print_value(const struct iscsi_key_desc *desc, u32 value, char *buf, size_t size)
{
	static const char * const digest[] = { "", "None", "CRC32C", "None,CRC32C" };
	int len;

	if (desc->type == ISCSI_KEY_BOOL)
		len = snprintf(buf, size, "%s", value ? "Yes" : "No");
	else if (desc->type == ISCSI_KEY_DIGEST)
		len = snprintf(buf, size, "%s", digest[value & DIGESTS]);
	else
		len = snprintf(buf, size, "%u", value);
	return len >= 0 && (size_t)len < size ? len : -EINVAL;
}

void iscsi_tgt_attrs_init(struct iscsi_tgt_attrs *attrs)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(iscsi_key_table); i++)
		attrs->value[i] = iscsi_key_table[i].dflt;
}

static bool within(u32 v, u32 min, u32 max)
{
	return v >= min && v <= max;
}

bool iscsi_params_valid(const struct iscsi_params *p)
{
	return within(p->max_recv_dsl, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX) &&
	       within(p->max_xmit_dsl, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX) &&
	       within(p->max_burst, ISCSI_DSL_MIN, ISCSI_SEGMENT_MAX) &&
	       within(p->first_burst, ISCSI_DSL_MIN, p->max_burst) &&
	       within(p->max_outstanding_r2t, 1, 65535) &&
	       p->time2wait <= ISCSI_TIME2_MAX && p->time2retain <= ISCSI_TIME2_MAX &&
	       p->protocol_level <= ISCSI_PROTOCOL_LEVEL_MAX &&
	       p->initial_r2t <= 1 && p->immediate_data <= 1 &&
	       p->header_digest <= 1 && p->data_digest <= 1;
}

/* The next word at *@text, which moves behind it; NULL when there is none. */
static const char *next_word(const char **text, size_t *len)
{
	const char *word = *text + strspn(*text, " \t");

	*len = strcspn(word, " \t");
	*text = word + *len;
	return *len ? word : NULL;
}

static bool printable(const char *word, size_t len)
{
	while (len--) {
		unsigned char c = *word++;

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return true;
}

bool iscsi_account_valid(const char *text, bool incoming)
{
	size_t len, total = 0;
	const char *word;
	u32 words = 0;

	while ((word = next_word(&text, &len))) {
		words++;
		total += len + (words > 1);
		if ((words == 1 && len > ISCSI_USER_MAX) || (words == 2 && len < ISCSI_SECRET_MIN) || !printable(word, len))
			return false;
	}
	return total <= ISCSI_ACCOUNT_MAX && (incoming ? words >= 2 : words == 2);
}

static const char *secret_of(const char *text, size_t *len)
{
	next_word(&text, len);
	return next_word(&text, len);
}

bool iscsi_account_same_secret(const char *a, const char *b)
{
	size_t len_a, len_b;

	a = secret_of(a, &len_a);
	b = secret_of(b, &len_b);
	return a && b && len_a == len_b && !memcmp(a, b, len_a);
}
