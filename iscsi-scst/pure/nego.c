// SPDX-License-Identifier: GPL-2.0
/*
 * The table of RFC 7143 keys and how each is answered.
 */
#include "nego.h"

/* How an offered value becomes a result. */
enum nego_rule {
	NEGO_MIN,		/* the smaller number */
	NEGO_MAX,		/* the larger number */
	NEGO_OR,
	NEGO_AND,
	NEGO_DIGEST,		/* first word of the offer that we allow */
	NEGO_TASK_REPORTING,	/* a list of which we know one word */
	NEGO_DECLARED_DSL,	/* the initiator's MaxRecvDataSegmentLength: no answer */
	NEGO_FIXED,		/* answer @text, whatever is offered */
	NEGO_BY_LOGIN,		/* declared, and read by login.c */
	NEGO_TARGET_ONLY,	/* only a target may say this */
	NEGO_AUTH_METHOD,
	NEGO_AUTH_KEY,		/* CHAP_x, kept for chap.c; index @ours */
};

#define NEGO_SECURITY	0x01	/* legal in the security stage too */
#define NEGO_NORMAL	0x02	/* of a whole normal session: irrelevant in discovery sessions and to its later connections */
#define NEGO_REPEATS	0x04	/* may come again in a later request */

#define NO_ATTR		0xff
#define NO_PARAM	0xff
#define PARAM(m)	((u8)offsetof(struct iscsi_params, m))

struct nego_row {
	const char *name;
	enum nego_rule rule;
	u8 flags;
	u8 attr;		/* enum iscsi_key of our offer, or NO_ATTR: @ours */
	u8 param;		/* offset of the result in struct iscsi_params */
	u32 min;
	u32 max;
	u32 ours;
	const char *text;
};

#define NUMBER(_name, _rule, _attr, _ours, _param, _min, _max) \
	{ .name = _name, .rule = _rule, .flags = NEGO_NORMAL, .attr = _attr, .ours = _ours, .param = _param, \
	  .min = _min, .max = _max }
#define BOOLEAN(_name, _rule, _attr, _ours, _param) \
	NUMBER(_name, _rule, _attr, _ours, _param, 0, 1)
#define DIGEST(_name, _attr, _param) \
	{ .name = _name, .rule = NEGO_DIGEST, .attr = _attr, .param = _param }
#define PLAIN(_name, _rule, _flags) \
	{ .name = _name, .rule = _rule, .flags = _flags, .attr = NO_ATTR, .param = NO_PARAM }
#define FIXED(_name, _text, _flags) \
	{ .name = _name, .rule = NEGO_FIXED, .text = _text, .flags = _flags, .attr = NO_ATTR, .param = NO_PARAM }

#define CHAP(_name, _key) \
	{ .name = _name, .rule = NEGO_AUTH_KEY, .flags = NEGO_SECURITY, .ours = _key, .attr = NO_ATTR, .param = NO_PARAM }

static const struct nego_row table[] = {
	DIGEST("HeaderDigest", ISCSI_KEY_HEADER_DIGEST, PARAM(header_digest)),
	DIGEST("DataDigest", ISCSI_KEY_DATA_DIGEST, PARAM(data_digest)),
	NUMBER("MaxConnections", NEGO_MIN, NO_ATTR, 1, NO_PARAM, 1, 65535),
	BOOLEAN("InitialR2T", NEGO_OR, ISCSI_KEY_INITIAL_R2T, 0, PARAM(initial_r2t)),
	BOOLEAN("ImmediateData", NEGO_AND, ISCSI_KEY_IMMEDIATE_DATA, 0, PARAM(immediate_data)),
	PLAIN("MaxRecvDataSegmentLength", NEGO_DECLARED_DSL, 0),
	NUMBER("MaxBurstLength", NEGO_MIN, ISCSI_KEY_MAX_BURST, 0, PARAM(max_burst), ISCSI_DSL_MIN, ISCSI_DSL_MAX),
	NUMBER("FirstBurstLength", NEGO_MIN, ISCSI_KEY_FIRST_BURST, 0, PARAM(first_burst),
	       ISCSI_DSL_MIN, ISCSI_DSL_MAX),
	NUMBER("DefaultTime2Wait", NEGO_MAX, NO_ATTR, 0, PARAM(time2wait), 0, ISCSI_TIME2_MAX),
	NUMBER("DefaultTime2Retain", NEGO_MIN, NO_ATTR, 0, PARAM(time2retain), 0, ISCSI_TIME2_MAX),
	NUMBER("MaxOutstandingR2T", NEGO_MIN, ISCSI_KEY_MAX_OUTSTANDING_R2T, 0, PARAM(max_outstanding_r2t), 1, 65535),
	BOOLEAN("DataPDUInOrder", NEGO_OR, NO_ATTR, 1, NO_PARAM),
	BOOLEAN("DataSequenceInOrder", NEGO_OR, NO_ATTR, 1, NO_PARAM),
	/* Answered in discovery as well: open-iscsi takes nothing but a number for it. */
	{ .name = "ErrorRecoveryLevel", .rule = NEGO_MIN, .attr = NO_ATTR, .param = NO_PARAM, .max = 2 },
	PLAIN("TaskReporting", NEGO_TASK_REPORTING, NEGO_NORMAL),
	NUMBER("iSCSIProtocolLevel", NEGO_MIN, NO_ATTR, 0, PARAM(protocol_level), 0, ISCSI_PROTOCOL_LEVEL_MAX),

	/* Markers are obsolete since RFC 7143 13.25; without them their intervals mean nothing. */
	FIXED("OFMarker", "No", 0),
	FIXED("IFMarker", "No", 0),
	FIXED("OFMarkInt", "Irrelevant", 0),
	FIXED("IFMarkInt", "Irrelevant", 0),
	FIXED("RDMAExtensions", "No", 0),
	FIXED("InitiatorRecvDataSegmentLength", "Irrelevant", 0),
	FIXED("TargetRecvDataSegmentLength", "Irrelevant", 0),
	FIXED("SendTargets", "Reject", 0),	/* full feature phase only */

	PLAIN("InitiatorName", NEGO_BY_LOGIN, NEGO_SECURITY | NEGO_REPEATS),
	PLAIN("InitiatorAlias", NEGO_BY_LOGIN, NEGO_SECURITY | NEGO_REPEATS),
	PLAIN("TargetName", NEGO_BY_LOGIN, NEGO_SECURITY | NEGO_REPEATS),
	PLAIN("SessionType", NEGO_BY_LOGIN, NEGO_SECURITY | NEGO_REPEATS),
	PLAIN("TargetAlias", NEGO_TARGET_ONLY, NEGO_SECURITY),
	PLAIN("TargetAddress", NEGO_TARGET_ONLY, NEGO_SECURITY),
	PLAIN("TargetPortalGroupTag", NEGO_TARGET_ONLY, NEGO_SECURITY),

	PLAIN("AuthMethod", NEGO_AUTH_METHOD, NEGO_SECURITY),
	CHAP("CHAP_A", ISCSI_CHAP_A),
	CHAP("CHAP_I", ISCSI_CHAP_I),
	CHAP("CHAP_C", ISCSI_CHAP_C),
	CHAP("CHAP_N", ISCSI_CHAP_N),
	CHAP("CHAP_R", ISCSI_CHAP_R),
};

/* A key being negotiated. */
struct nego_step {
	struct iscsi_nego *n;
	const struct nego_row *row;
	const char *value;
	struct iscsi_text_buf *out;
	enum iscsi_login_status *status;
};

void iscsi_nego_init(struct iscsi_nego *n, u32 protocol_level)
{
	memset(n, 0, sizeof(*n));
	iscsi_tgt_attrs_init(&n->attrs);
	n->protocol_level = protocol_level;
	n->params = (struct iscsi_params){
		.max_recv_dsl = ISCSI_RFC_MAX_RECV_DSL,
		.max_xmit_dsl = ISCSI_RFC_MAX_RECV_DSL,
		.max_burst = ISCSI_RFC_MAX_BURST,
		.first_burst = ISCSI_RFC_FIRST_BURST,
		.max_outstanding_r2t = 1,
		.time2wait = ISCSI_RFC_TIME2WAIT,
		.time2retain = ISCSI_RFC_TIME2RETAIN,
		.protocol_level = 1,
		.initial_r2t = 1,
		.immediate_data = 1,
	};
}

static void set_param(struct nego_step *s, u32 value)
{
	if (s->row->param != NO_PARAM)
		*(u32 *)((u8 *)&s->n->params + s->row->param) = value;
}

static u32 our_offer(const struct nego_step *s)
{
	if (s->row->param == PARAM(protocol_level))
		return s->n->protocol_level;
	/* Handled last, so MaxBurstLength is settled: what we answer must not exceed it (RFC 7143 13.14). */
	if (s->row->param == PARAM(first_burst))
		return min(s->n->attrs.value[s->row->attr], s->n->params.max_burst);
	return s->row->attr == NO_ATTR ? s->row->ours : s->n->attrs.value[s->row->attr];
}

static void answer(struct nego_step *s, const char *text)
{
	iscsi_text_add(s->out, s->row->name, text);
}

/* An inadmissible value is answered Reject and leaves the default in force (RFC 7143 6.2.2). */
static void nego_number(struct nego_step *s)
{
	u32 ours = our_offer(s);
	u32 v;

	if (iscsi_number_parse(s->value, false, &v) || v < s->row->min || v > s->row->max) {
		answer(s, "Reject");
		return;
	}
	v = s->row->rule == NEGO_MAX ? max(v, ours) : min(v, ours);
	set_param(s, v);
	iscsi_text_add_number(s->out, s->row->name, v);
}

static void nego_bool(struct nego_step *s)
{
	bool ours = our_offer(s);
	bool yes = !strcmp(s->value, "Yes");

	if (!yes && strcmp(s->value, "No")) {
		answer(s, "Reject");
		return;
	}
	yes = s->row->rule == NEGO_OR ? yes || ours : yes && ours;
	set_param(s, yes);
	answer(s, yes ? "Yes" : "No");
}

/* Next word of a comma separated list, or NULL; words keep their case (RFC 7143 6.1). */
static const char *next_word(const char **list, size_t *len)
{
	const char *word = *list;

	if (!word)
		return NULL;
	*len = strcspn(word, ",");
	*list = word[*len] ? word + *len + 1 : NULL;
	return word;
}

static bool is_word(const char *word, size_t len, const char *wanted)
{
	return len == strlen(wanted) && !strncmp(word, wanted, len);
}

static bool list_has(const char *list, const char *wanted)
{
	const char *word;
	size_t len;

	while ((word = next_word(&list, &len)))
		if (is_word(word, len, wanted))
			return true;
	return false;
}

static const char *nego_digest(struct nego_step *s)
{
	u32 allowed = our_offer(s);
	const char *list = s->value;
	const char *word;
	size_t len;

	while ((word = next_word(&list, &len))) {
		bool crc = is_word(word, len, "CRC32C");

		if (crc ? !(allowed & ISCSI_DIGEST_CRC32C) :
			  !is_word(word, len, "None") || !(allowed & ISCSI_DIGEST_NONE))
			continue;
		set_param(s, crc);
		answer(s, crc ? "CRC32C" : "None");
		return NULL;
	}
	if (!(allowed & ISCSI_DIGEST_NONE))
		return "no digest in common";
	answer(s, "Reject");
	return NULL;
}

/* A refused declaration keeps us from declaring ours: one answer cannot hold a key twice. */
static void nego_dsl(struct nego_step *s)
{
	u32 v;

	if (iscsi_number_parse(s->value, false, &v) || v < ISCSI_DSL_MIN || v > ISCSI_DSL_MAX) {
		answer(s, "Reject");
		s->n->declared = true;
	} else {
		s->n->params.max_xmit_dsl = v;
	}
}

/* The answer to a refused method travels alone with its status. */
static const char *nego_auth_method(struct nego_step *s)
{
	const char *ours = s->n->auth_required ? "CHAP" : "None";

	if (list_has(s->value, ours)) {
		s->n->chap.method = s->n->auth_required;
		answer(s, ours);
		return NULL;
	}
	s->out->len = 0;
	s->out->overflow = false;
	answer(s, "Reject");
	*s->status = ISCSI_LOGIN_AUTH_FAILED;
	return "no authentication method in common";
}

static const char *apply_rule(struct nego_step *s)
{
	switch (s->row->rule) {
	case NEGO_MIN:
	case NEGO_MAX:
		nego_number(s);
		return NULL;
	case NEGO_OR:
	case NEGO_AND:
		nego_bool(s);
		return NULL;
	case NEGO_DIGEST:
		return nego_digest(s);
	case NEGO_TASK_REPORTING:
		answer(s, list_has(s->value, "RFC3720") ? "RFC3720" : "Reject");
		return NULL;
	case NEGO_DECLARED_DSL:
		nego_dsl(s);
		return NULL;
	case NEGO_FIXED:
		answer(s, s->row->text);
		return NULL;
	case NEGO_BY_LOGIN:
		return NULL;
	case NEGO_AUTH_METHOD:
		return nego_auth_method(s);
	case NEGO_AUTH_KEY:
		if (!s->n->auth_required)
			return "authentication key without its method";
		s->n->chap.value[s->row->ours] = s->value;
		return NULL;
	case NEGO_TARGET_ONLY:
		return "key that only a target may send";
	}
	return "unknown rule";
}

/* Words that may only be answers (RFC 7143 6.2). */
static bool is_answer_word(const char *value)
{
	return !strcmp(value, "Reject") || !strcmp(value, "Irrelevant") || !strcmp(value, "NotUnderstood");
}

/* FirstBurstLength bounds unsolicited data: without any it has no meaning. */
static bool irrelevant(const struct nego_step *s)
{
	const struct iscsi_params *p = &s->n->params;

	if ((s->n->discovery || s->n->continues) && (s->row->flags & NEGO_NORMAL))
		return true;
	return s->row->param == PARAM(first_burst) && p->initial_r2t && !p->immediate_data;
}

static const char *nego_known(struct nego_step *s)
{
	u64 bit = 1ULL << (s->row - table);

	if (is_answer_word(s->value))
		return s->row->rule == NEGO_TARGET_ONLY ? NULL : "reserved word as an offer";
	if (strlen(s->value) > ISCSI_TEXT_VALUE_MAX && s->row->rule != NEGO_AUTH_KEY)
		return "value too long";
	if (!s->n->operational && !(s->row->flags & NEGO_SECURITY)) {
		answer(s, "NotUnderstood");
		return NULL;
	}
	if ((s->n->seen & bit) && !(s->row->flags & NEGO_REPEATS))
		return "key negotiated twice";
	s->n->seen |= bit;
	if (irrelevant(s)) {
		answer(s, "Irrelevant");
		return NULL;
	}
	return apply_rule(s);
}

static const struct nego_row *find_row(const char *key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(table[i].name, key))
			return &table[i];
	return NULL;
}

static void declare_ours(struct iscsi_nego *n, struct iscsi_text_buf *out)
{
	if (!n->operational || n->declared)
		return;
	n->declared = true;
	n->params.max_recv_dsl = n->attrs.value[ISCSI_KEY_MAX_RECV_DSL];
	iscsi_text_add_number(out, "MaxRecvDataSegmentLength", n->params.max_recv_dsl);
}

const char *iscsi_nego_text(struct iscsi_nego *n, const char *text, u32 len, struct iscsi_text_buf *out,
			    enum iscsi_login_status *status)
{
	struct nego_step s = { .n = n, .out = out, .status = status };
	struct nego_step first_burst = { .n = NULL };
	char key[ISCSI_TEXT_KEY_MAX + 1];
	const char *why = NULL;
	u32 pos = 0;

	memset(n->chap.value, 0, sizeof(n->chap.value));
	*status = ISCSI_LOGIN_INITIATOR_ERROR;
	while (!why && (s.value = iscsi_text_next(text, len, &pos, key))) {
		s.row = find_row(key);
		if (!s.row)
			iscsi_text_add(out, key, "NotUnderstood");
		else if (s.row->param == PARAM(first_burst))
			first_burst = s;	/* depends on the others, in whatever order they come */
		else
			why = nego_known(&s);
	}
	if (!why && first_burst.n)
		why = nego_known(&first_burst);
	if (!why)
		declare_ours(n, out);
	return why;
}

void iscsi_nego_finish(struct iscsi_nego *n)
{
	struct iscsi_params *p = &n->params;

	p->first_burst = min(p->first_burst, p->max_burst);
	p->max_xmit_dsl = min(p->max_xmit_dsl, n->attrs.value[ISCSI_KEY_MAX_XMIT_DSL]);
}
