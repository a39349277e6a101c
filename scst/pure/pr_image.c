// SPDX-License-Identifier: GPL-2.0
/*
 * The two forms in which persistent reservations are saved: the file that survives a loss of power, and the text of pr_state.
 */
#include "outbuf.h"
#include "pr.h"

#define SIGNATURE	0xbbeeeeaaeebbdd77ULL
#define VERSION		1ULL
#define HEADER_LEN	20
/* Holder flag, key, port. */
#define REG_FIXED_LEN	(1 + 8 + 2)
#define REG_MIN_LEN	(REG_FIXED_LEN + SCSI_TID_MIN)
#define TEXT_TID_MAX	512

/* A holder where there must be exactly one; nobody twice. */
static int check(const struct scsi_pr_table *t)
{
	u32 i, k, holders = 0;

	for (i = 0; i < t->nr; i++) {
		if (!t->regs[i].key || scsi_tid_is_device(&t->regs[i].id))
			return -EINVAL;
		holders += t->regs[i].holder;
		for (k = 0; k < i; k++)
			if (scsi_pr_id_equal(&t->regs[i].id, &t->regs[k].id))
				return -EINVAL;
	}
	if (!t->type)
		return holders ? -EINVAL : 0;
	if (!scsi_pr_type_valid(t->type) || !t->nr)
		return -EINVAL;
	return scsi_pr_all_registrants(t->type) || holders == 1 ? 0 : -EINVAL;
}

/* In a table the flag stands for the one holder only. */
static void clear_shared_holders(struct scsi_pr_table *t)
{
	u32 i;

	for (i = 0; scsi_pr_all_registrants(t->type) && i < t->nr; i++)
		t->regs[i].holder = false;
}

/* ---------------------------------------------------------------------- file */

unsigned int scsi_pr_image_put(const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	u64 version = VERSION;
	u32 i;

	scsi_out_zero(&o, SCSI_PR_SIGNATURE_LEN);
	scsi_out_bytes(&o, &version, sizeof(version));
	scsi_out_u8(&o, t->aptpl);
	scsi_out_u8(&o, !!t->type);
	scsi_out_u8(&o, t->type);
	scsi_out_u8(&o, 0);
	for (i = 0; i < t->nr; i++) {
		if (t->regs[i].gone)
			continue;
		scsi_out_u8(&o, scsi_pr_holds(t, &t->regs[i]));
		scsi_out_bytes(&o, t->regs[i].id.tid, t->regs[i].id.tid_len);
		scsi_out_be64(&o, t->regs[i].key);
		scsi_out_bytes(&o, &t->regs[i].id.port, sizeof(u16));
	}
	return o.len;
}

void scsi_pr_image_sign(u8 *buf)
{
	u64 signature = SIGNATURE;

	memcpy(buf, &signature, sizeof(signature));
}

u32 scsi_pr_image_room(u32 size)
{
	u32 n = size > HEADER_LEN ? (size - HEADER_LEN) / REG_MIN_LEN : 0;

	return min_t(u32, n, SCSI_PR_REGS_MAX);
}

static bool all_zero(const u8 *p, unsigned int n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

/* Bytes it took, -EINVAL. */
static int get_reg(const u8 *p, unsigned int left, struct scsi_pr_reg *reg)
{
	int n;

	memset(reg, 0, sizeof(*reg));
	if (left < REG_MIN_LEN || p[0] > 1)
		return -EINVAL;
	n = scsi_tid_parse(p + 1, left - REG_FIXED_LEN, &reg->id);
	if (n < 0)
		return n;
	reg->holder = p[0];
	reg->key = get_unaligned_be64(p + 1 + n);
	memcpy(&reg->id.port, p + 1 + n + 8, sizeof(u16));
	return REG_FIXED_LEN + n;
}

static int get_header(struct scsi_pr_table *t, const u8 *buf, unsigned int size)
{
	u64 signature, version;

	if (size < HEADER_LEN)
		return -EINVAL;
	memcpy(&signature, buf, sizeof(signature));
	memcpy(&version, buf + 8, sizeof(version));
	if (signature != SIGNATURE || version != VERSION || buf[16] > 1 || buf[17] > 1 || buf[19])
		return -EINVAL;
	if (buf[17] && !scsi_pr_type_valid(buf[18]))
		return -EINVAL;
	t->aptpl = buf[16];
	t->type = buf[17] ? buf[18] : SCSI_PR_NONE;
	return 0;
}

int scsi_pr_image_get(struct scsi_pr_table *t, const u8 *buf, unsigned int size)
{
	unsigned int at = HEADER_LEN;
	int n;

	t->nr = 0;
	t->generation = 0;
	if (size >= SCSI_PR_SIGNATURE_LEN && all_zero(buf, SCSI_PR_SIGNATURE_LEN))
		return -ENOENT;
	if (get_header(t, buf, size))
		return -EINVAL;
	while (at < size && !all_zero(buf + at, min_t(unsigned int, size - at, REG_MIN_LEN))) {
		if (t->nr >= t->cap)
			return -ENOSPC;
		n = get_reg(buf + at, size - at, &t->regs[t->nr]);
		if (n < 0)
			return n;
		t->nr++;
		at += n;
	}
	clear_shared_holders(t);
	return check(t);
}

/* ---------------------------------------------------------------------- text */

__printf(2, 3)
static void out_text(struct scsi_outbuf *o, const char *fmt, ...)
{
	char line[80];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	scsi_out_bytes(o, line, strlen(line));
}

unsigned int scsi_pr_text_put(const struct scsi_pr_table *t, char *buf, unsigned int size)
{
	struct scsi_outbuf o = { .buf = (u8 *)buf, .size = size };
	const struct scsi_pr_reg *reg;
	u32 i, k;

	out_text(&o, "version 1\ngeneration %u\n", t->generation);
	if (t->type)
		out_text(&o, "reservation %02x %02x\n", t->type, 0);
	for (i = 0; i < t->nr; i++) {
		reg = &t->regs[i];
		out_text(&o, "registrant %u %016llx %d %u ", reg->id.port, (unsigned long long)reg->key,
			 scsi_pr_holds(t, reg), reg->id.tid_len);
		for (k = 0; k < reg->id.tid_len; k++)
			out_text(&o, "%02x", reg->id.tid[k]);
		out_text(&o, "\n");
	}
	return o.len;
}

/* The next word of a line, cut off; NULL: none. */
static char *word(char **line)
{
	char *p = *line, *start;

	while (*p == ' ' || *p == '\t' || *p == '\r')
		p++;
	start = p;
	while (*p && *p != ' ' && *p != '\t' && *p != '\r')
		p++;
	if (*p)
		*p++ = '\0';
	*line = p;
	return *start ? start : NULL;
}

/* The next word as a number up to @max. */
static int number(char **line, unsigned int base, u64 max, u64 *value)
{
	char *p = word(line);
	int digit;

	if (!p)
		return -EINVAL;
	for (*value = 0; *p; p++) {
		digit = scst_hex_digit(*p);
		if (digit < 0 || digit >= (int)base || (u64)digit > max || *value > max / base ||
		    *value * base > max - digit)
			return -EINVAL;
		*value = *value * base + digit;
	}
	return 0;
}

static int hex_bytes(const char *p, u8 *out, unsigned int len)
{
	unsigned int i;
	int hi, lo;

	for (i = 0; i < len; i++) {
		hi = scst_hex_digit(p[2 * i]);
		lo = hi < 0 ? hi : scst_hex_digit(p[2 * i + 1]);
		if (lo < 0)
			return -EINVAL;
		out[i] = hi << 4 | lo;
	}
	return p[2 * len] ? -EINVAL : 0;
}

static int get_registrant(struct scsi_pr_table *t, char *line)
{
	struct scsi_pr_reg *reg = &t->regs[t->nr];
	u64 port, key, holder, len;
	u8 tid[TEXT_TID_MAX];
	char *hex;

	if (t->nr >= t->cap)
		return -ENOSPC;
	memset(reg, 0, sizeof(*reg));
	if (number(&line, 10, 0xffff, &port) || number(&line, 16, ~0ULL, &key) || number(&line, 10, 1, &holder) ||
	    number(&line, 10, TEXT_TID_MAX, &len))
		return -EINVAL;
	hex = word(&line);
	if (!hex || hex_bytes(hex, tid, len) || scsi_tid_parse(tid, len, &reg->id) != (int)len)
		return -EINVAL;
	reg->id.port = port;
	reg->key = key;
	reg->holder = holder;
	t->nr++;
	return 0;
}

static int get_line(struct scsi_pr_table *t, char *line)
{
	u64 value, scope;
	char *what = word(&line);

	if (!what)
		return 0;
	if (!strcmp(what, "generation")) {
		if (number(&line, 10, 0xffffffff, &value))
			return -EINVAL;
		t->generation = value;
	} else if (!strcmp(what, "reservation")) {
		if (number(&line, 16, 0xff, &value) || number(&line, 16, 0xff, &scope) || scope || !value)
			return -EINVAL;
		t->type = value;
	} else if (!strcmp(what, "registrant")) {
		return get_registrant(t, line);
	}
	return 0; /* unknown lines are for later versions */
}

static char *next_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (!*line)
		return NULL;
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line;
}

int scsi_pr_text_get(struct scsi_pr_table *t, char *text)
{
	char *line = next_line(&text), *what;
	u64 version;
	int ret;

	t->nr = 0;
	t->generation = 0;
	t->type = SCSI_PR_NONE;
	what = line ? word(&line) : NULL;
	if (!what || strcmp(what, "version") || number(&line, 10, 1, &version) || version != VERSION)
		return -EINVAL;
	while ((line = next_line(&text))) {
		ret = get_line(t, line);
		if (ret)
			return ret;
	}
	clear_shared_holders(t);
	return check(t);
}

void scsi_pr_reg_text(const struct scsi_pr_table *t, const struct scsi_pr_reg *reg, char *buf, unsigned int size)
{
	bool iscsi = (reg->id.tid[0] & 0x0f) == SCSI_TID_ISCSI;

	snprintf(buf, size, "port %u key %016llx%s %s", reg->id.port, (unsigned long long)reg->key,
		 scsi_pr_holds(t, reg) ? " holder" : "", iscsi ? (const char *)reg->id.tid + 4 : "not iSCSI");
}
