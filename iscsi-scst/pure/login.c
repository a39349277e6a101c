// SPDX-License-Identifier: GPL-2.0
/*
 * The login machine: what a request may be, who is asking for what, and the answers of each stage.
 */
#include "login.h"

#define TSIH_DISCOVERY 1	/* any value but 0: discovery sessions are never looked up by it */

void iscsi_login_init(struct iscsi_login *l, u32 protocol_level, u32 statsn)
{
	memset(l, 0, sizeof(*l));
	iscsi_nego_init(&l->nego, protocol_level);
	l->next_statsn = statsn;
	l->out.data = l->answer;
	l->out.size = sizeof(l->answer);
}

/*
 * What RFC 3722 prohibits (tables C.1.2 to C.9 of RFC 3454) or maps to nothing (B.1), and what Unicode has set aside since:
 * blanks, invisible characters, those that change the direction of what follows, private ones. Two names that look alike in
 * the log would be two initiators. In order.
 */
static const struct {
	u32 first, last;
} prohibited[] = {
	{ 0x80, 0xa0 }, { 0xad, 0xad }, { 0x340, 0x341 }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f }, { 0x1680, 0x1680 }, { 0x1806, 0x1806 }, { 0x180b, 0x180e }, { 0x2000, 0x200f },
	{ 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2ff0, 0x2ffb }, { 0x3000, 0x3000 }, { 0x3002, 0x3002 },
	{ 0xd800, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xffff },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
};

static bool is_prohibited(u32 code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prohibited) && code >= prohibited[i].first; i++)
		if (code <= prohibited[i].last)
			return true;
	return (code & 0xfffe) == 0xfffe;	/* no character, in any plane */
}

/* Length of the well-formed UTF-8 sequence at @s that a name may hold, or 0 (RFC 3629 section 4). */
static size_t utf8_len(const u8 *s)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	u32 code;
	size_t i;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	code = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code > 0x10ffff || is_prohibited(code))
		return 0;
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000))
		return 0;
	return n;
}

int iscsi_name_fold(const char *name, char *out, size_t size)
{
	size_t len = strlen(name);
	size_t i = 0;

	/* It becomes a directory, and those that begin with a dot are never looked at. */
	if (!len || len >= size || name[0] == '.')
		goto bad;
	while (i < len) {
		char c = name[i];
		size_t n = 1;

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		else if ((u8)c >= 0x80)
			n = utf8_len((const u8 *)name + i);
		else if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("-.:", c))
			n = 0;
		if (!n)
			goto bad;
		memcpy(out + i, name + i, n);
		out[i] = c;
		i += n;
	}
	out[len] = '\0';
	return 0;

bad:
	out[0] = '\0';
	return -EINVAL;
}

/* The header of a response to the current request; the text stands behind it already. */
static void make_response(struct iscsi_login *l, u8 flags, u16 tsih, u32 len)
{
	u8 *h = l->rsp;

	if (!l->answered)
		l->statsn = l->next_statsn++;
	l->answered = true;

	memset(h, 0, ISCSI_BHS_LEN);
	h[0] = ISCSI_OP_LOGIN_RSP;
	h[ISCSI_OFF_FLAGS] = flags;
	put_unaligned_be24(len, h + ISCSI_OFF_DATA_LEN);
	memcpy(h + ISCSI_OFF_ISID, l->isid, ISCSI_ISID_LEN);
	put_unaligned_be16(tsih, h + ISCSI_OFF_TSIH);
	put_unaligned_be32(l->itt, h + ISCSI_OFF_ITT);
	put_unaligned_be32(l->statsn, h + ISCSI_OFF_STATSN);
	put_unaligned_be32(l->cmdsn, h + ISCSI_OFF_EXPCMDSN);
	put_unaligned_be32(l->cmdsn + 1, h + ISCSI_OFF_MAXCMDSN);
	put_unaligned_be16(l->status, h + ISCSI_OFF_LOGIN_STATUS);
	memset(h + ISCSI_BHS_LEN + len, 0, iscsi_padded(len) - len);
	l->rsp_len = ISCSI_BHS_LEN + iscsi_padded(len);
}

static u32 copy_answer(struct iscsi_login *l, bool *more)
{
	bool inside;
	u32 n = iscsi_text_cut(l->answer + l->out_pos, l->out.len - l->out_pos, ISCSI_LOGIN_SEGMENT, &inside);

	memcpy(l->rsp + ISCSI_BHS_LEN, l->answer + l->out_pos, n);
	l->out_pos += n;
	*more = l->out_pos < l->out.len;
	if (!*more) {
		l->out_pos = 0;
		l->out.len = 0;
	}
	return n;
}

bool iscsi_login_authenticated(const struct iscsi_login *l)
{
	return l->known && (!l->nego.auth_required || l->chap.step == ISCSI_CHAP_DONE);
}

/* A failure carries no text but what belongs to its status: TargetAddress, AuthMethod=Reject. */
static enum iscsi_login_effect fail_with_text(struct iscsi_login *l, enum iscsi_login_status status,
					      const char *reason)
{
	bool more;
	u32 n;

	l->status = status;
	l->reason = reason;
	n = copy_answer(l, &more);
	make_response(l, l->flags & (3 << 2), 0, n);
	return ISCSI_LOGIN_FAILED;
}

enum iscsi_login_effect iscsi_login_fail(struct iscsi_login *l, enum iscsi_login_status status, const char *reason)
{
	l->out.len = 0;
	l->out_pos = 0;
	return fail_with_text(l, status, reason);
}

static enum iscsi_login_effect initiator_error(struct iscsi_login *l, const char *reason)
{
	return iscsi_login_fail(l, ISCSI_LOGIN_INITIATOR_ERROR, reason);
}

static enum iscsi_login_effect drop(struct iscsi_login *l, const char *reason)
{
	l->reason = reason;
	l->rsp_len = 0;
	return ISCSI_LOGIN_DROP;
}

enum iscsi_login_effect iscsi_login_check_bhs(struct iscsi_login *l, const u8 *bhs)
{
	if (iscsi_opcode(bhs) != ISCSI_OP_LOGIN) {
		if (!l->started)
			return drop(l, "first PDU is no login request");
		l->answered = false;
		return iscsi_login_fail(l, ISCSI_LOGIN_INVALID_DURING_LOGIN, "other request during login");
	}
	if (iscsi_ahs_len(bhs))
		return drop(l, "login request with additional header segments");
	if (iscsi_data_len(bhs) > ISCSI_LOGIN_SEGMENT)
		return drop(l, "login request longer than 8192 bytes");
	return ISCSI_LOGIN_CONTINUE;
}

static enum iscsi_login_effect finish(struct iscsi_login *l)
{
	iscsi_nego_finish(&l->nego);
	l->params = l->nego.params;
	return l->discovery ? ISCSI_LOGIN_DISCOVERY : ISCSI_LOGIN_DONE;
}

/* Send the next piece of the answer; the stage moves with the last one, if the initiator wants it to. */
static enum iscsi_login_effect respond(struct iscsi_login *l)
{
	u8 flags = (u8)(l->stage << 2);
	u16 tsih = l->tsih;
	u8 nsg = ISCSI_LOGIN_NSG(l->flags);
	bool more;
	u32 n = copy_answer(l, &more);
	bool transit = !more && (l->flags & ISCSI_LOGIN_TRANSIT) && iscsi_login_authenticated(l);

	if (more)
		flags |= ISCSI_FLAG_CONTINUE;
	if (transit)
		flags |= ISCSI_LOGIN_TRANSIT | nsg;
	if (l->discovery && transit && nsg == ISCSI_STAGE_FULL_FEATURE)
		tsih = TSIH_DISCOVERY;
	make_response(l, flags, tsih, n);
	if (!transit)
		return ISCSI_LOGIN_CONTINUE;
	l->stage = nsg;
	return nsg == ISCSI_STAGE_FULL_FEATURE ? finish(l) : ISCSI_LOGIN_CONTINUE;
}

/* The CHAP keys of the request; who authenticates can neither skip the stage nor leave it before. */
static enum iscsi_login_status authenticate(struct iscsi_login *l, const char **why)
{
	enum iscsi_login_status status;

	if (!l->nego.auth_required)
		return ISCSI_LOGIN_SUCCESS;
	status = iscsi_chap_feed(&l->chap, l->auth, l->initiator, &l->nego.chap, &l->out, why);
	if (status == ISCSI_LOGIN_SUCCESS && l->chap.step == ISCSI_CHAP_METHOD && (l->flags & ISCSI_LOGIN_TRANSIT)) {
		l->out.len = 0;
		*why = "authentication required, none offered";
		status = ISCSI_LOGIN_AUTH_FAILED;
	}
	return status;
}

static enum iscsi_login_effect negotiate(struct iscsi_login *l)
{
	enum iscsi_login_status status;
	const char *why;

	if (l->stage == ISCSI_STAGE_OPERATIONAL && !iscsi_login_authenticated(l))
		return iscsi_login_fail(l, ISCSI_LOGIN_AUTH_FAILED, "operational stage without authentication");
	l->nego.operational = l->stage == ISCSI_STAGE_OPERATIONAL;
	why = iscsi_nego_text(&l->nego, l->in, l->in_len, &l->out, &status);
	l->in_len = 0;
	if (!why)
		status = authenticate(l, &why);
	if (why && status == ISCSI_LOGIN_AUTH_FAILED)
		return fail_with_text(l, status, why);
	if (why)
		return iscsi_login_fail(l, status, why);
	if (l->out.overflow)
		return iscsi_login_fail(l, ISCSI_LOGIN_TARGET_ERROR, "answer too long");
	return respond(l);
}

/* What the log may show of it: no blank that would make more than one word of it. */
static enum iscsi_login_effect bad_name(struct iscsi_login *l, const char *name, const char *reason)
{
	size_t n;

	for (n = 0; n < ISCSI_STORED_NAME_MAX - 1 && name[n] > ' ' && name[n] < 0x7f; n++)
		l->refused[n] = name[n];
	if (name[n])
		l->refused[n++] = '?';
	l->refused[n] = '\0';
	return initiator_error(l, reason);
}

static const char *text_value(struct iscsi_login *l, const char *key)
{
	return iscsi_text_find(l->in, l->in_len, key);
}

static enum iscsi_login_effect begin_discovery(struct iscsi_login *l)
{
	if (l->tsih)
		return iscsi_login_fail(l, ISCSI_LOGIN_NO_SESSION, "no such discovery session");
	l->discovery = true;
	l->nego.discovery = true;
	l->nego.attrs.value[ISCSI_KEY_MAX_RECV_DSL] = ISCSI_TEXT_REQUEST_MAX;
	return ISCSI_LOGIN_NEED_TARGET;
}

/* Who is it and what does it want: the first checks of a login, in the order of the status codes. */
static enum iscsi_login_effect identify(struct iscsi_login *l)
{
	const char *initiator = text_value(l, "InitiatorName");
	const char *type = text_value(l, "SessionType");
	const char *target = text_value(l, "TargetName");
	bool discovery = type && !strcmp(type, "Discovery");

	if (!initiator)
		return iscsi_login_fail(l, ISCSI_LOGIN_MISSING_PARAM, "no InitiatorName");
	if (iscsi_name_fold(initiator, l->initiator, sizeof(l->initiator)))
		return bad_name(l, initiator, "bad InitiatorName");
	if (l->suspended)
		return iscsi_login_fail(l, ISCSI_LOGIN_UNAVAILABLE, "logins are suspended");
	if (type && !discovery && strcmp(type, "Normal"))
		return iscsi_login_fail(l, ISCSI_LOGIN_SESSION_TYPE, "unknown SessionType");
	if (!target && !discovery)
		return iscsi_login_fail(l, ISCSI_LOGIN_MISSING_PARAM, "no TargetName");
	if (target && iscsi_name_fold(target, l->target, sizeof(l->target)))
		return bad_name(l, target, "bad TargetName");
	l->known = true;
	return discovery ? begin_discovery(l) : ISCSI_LOGIN_NEED_TARGET;
}

enum iscsi_login_effect iscsi_login_target(struct iscsi_login *l, const struct iscsi_login_target *t)
{
	if (t->status == ISCSI_LOGIN_MOVED_TEMP || t->status == ISCSI_LOGIN_MOVED_PERM) {
		iscsi_text_add(&l->out, "TargetAddress", t->redirect);
		return fail_with_text(l, t->status, "redirected");
	}
	if (t->status != ISCSI_LOGIN_SUCCESS)
		return iscsi_login_fail(l, t->status, t->reason);

	l->auth = t->auth;
	l->nego.auth_required = t->auth && t->auth->required;
	if (l->discovery)
		return negotiate(l);
	l->nego.attrs = t->attrs;
	if (t->alias[0])
		iscsi_text_add(&l->out, "TargetAlias", t->alias);
	iscsi_text_add_number(&l->out, "TargetPortalGroupTag", ISCSI_PORTAL_GROUP);
	return negotiate(l);
}

/* A name said again must be the same name. */
static bool same_name(struct iscsi_login *l, const char *key, const char *known)
{
	const char *value = text_value(l, key);
	char name[ISCSI_NAME_MAX + 1];

	if (!value)
		return true;
	return !iscsi_name_fold(value, name, sizeof(name)) && !strcmp(name, known);
}

static enum iscsi_login_effect take_text(struct iscsi_login *l)
{
	const char *why = iscsi_text_check(l->in, l->in_len);

	if (why)
		return initiator_error(l, why);
	if (!l->known)
		return identify(l);
	if (!same_name(l, "InitiatorName", l->initiator) || !same_name(l, "TargetName", l->target))
		return initiator_error(l, "name changed during login");
	return negotiate(l);
}

static void remember_identity(struct iscsi_login *l, const u8 *bhs)
{
	l->started = true;
	l->stage = ISCSI_LOGIN_CSG(l->flags);
	memcpy(l->isid, bhs + ISCSI_OFF_ISID, ISCSI_ISID_LEN);
	l->tsih = get_unaligned_be16(bhs + ISCSI_OFF_TSIH);
	l->nego.continues = l->tsih;
	l->cid = get_unaligned_be16(bhs + ISCSI_OFF_CID);
	l->itt = get_unaligned_be32(bhs + ISCSI_OFF_ITT);
	l->cmdsn = get_unaligned_be32(bhs + ISCSI_OFF_CMDSN);
}

static bool same_identity(const struct iscsi_login *l, const u8 *bhs)
{
	return !memcmp(l->isid, bhs + ISCSI_OFF_ISID, ISCSI_ISID_LEN) &&
	       l->tsih == get_unaligned_be16(bhs + ISCSI_OFF_TSIH) &&
	       l->cid == get_unaligned_be16(bhs + ISCSI_OFF_CID) &&
	       l->itt == get_unaligned_be32(bhs + ISCSI_OFF_ITT);
}

static const char *check_stages(const struct iscsi_login *l)
{
	u8 csg = ISCSI_LOGIN_CSG(l->flags);
	u8 nsg = ISCSI_LOGIN_NSG(l->flags);

	if (csg > ISCSI_STAGE_OPERATIONAL)
		return "bad current stage";
	if (csg != l->stage)
		return "current stage changed without transit";
	if (!(l->flags & ISCSI_LOGIN_TRANSIT))
		return NULL;
	if (l->flags & ISCSI_FLAG_CONTINUE)
		return "transit and continue bits together";
	if (nsg <= csg || nsg == 2)
		return "bad next stage";
	return NULL;
}

/* What stands in the header alone; NULL when the text may be looked at. */
static const char *check_request(struct iscsi_login *l, const u8 *bhs, u32 len)
{
	const char *why;

	if (!l->started)
		remember_identity(l, bhs);
	else if (!same_identity(l, bhs))
		return "login identity changed";
	if (++l->rounds > ISCSI_LOGIN_ROUNDS)
		return "too many login requests";
	why = check_stages(l);
	if (why)
		return why;
	if (l->out.len && (len || (l->flags & ISCSI_FLAG_CONTINUE)))
		return "text while our answer is not complete";
	if (len > sizeof(l->in) - l->in_len)
		return "login text too long";
	return NULL;
}

enum iscsi_login_effect iscsi_login_feed(struct iscsi_login *l, const u8 *bhs, const u8 *data, u32 len)
{
	const char *why;

	l->answered = false;
	l->status = ISCSI_LOGIN_SUCCESS;
	l->reason = NULL;
	l->flags = bhs[ISCSI_OFF_FLAGS];
	why = check_request(l, bhs, len);
	if (bhs[3])	/* Version-min: 0 is the only version there is */
		return iscsi_login_fail(l, ISCSI_LOGIN_VERSION, "unsupported iSCSI version");
	if (why)
		return initiator_error(l, why);
	if (l->out.len)
		return respond(l);

	memcpy(l->in + l->in_len, data, len);
	l->in_len += len;
	if (!(l->flags & ISCSI_FLAG_CONTINUE))
		return take_text(l);
	make_response(l, (u8)(l->stage << 2), l->tsih, 0);
	return ISCSI_LOGIN_CONTINUE;
}
