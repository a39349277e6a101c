// SPDX-License-Identifier: GPL-2.0
/*
 * T10 protection information: modes, rules of commands, tuples.
 */
#include "dif.h"
#include "../../pure/outbuf.h"
#include "../../pure/sense.h"

/* Places in a tuple. */
#define AT_GUARD	0
#define AT_APP		2
#define AT_REF		4

/* Places in the 32-byte CDBs (SBC-4 5.10 and others). */
#define CDB32_REF	20	/* EXPECTED INITIAL LOGICAL BLOCK REFERENCE TAG */
#define CDB32_APP	24	/* EXPECTED LOGICAL BLOCK APPLICATION TAG */
#define CDB32_MASK	26	/* LOGICAL BLOCK APPLICATION TAG MASK */

#define IS_32(info)	((info)->op->cdb_len == 32)

static const char *const mode_words[] = { "tgt", "scst", "dev_check", "dev_store" };

static int mode_word(const char *text, size_t len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mode_words); i++)
		if (strlen(mode_words[i]) == len && !memcmp(text, mode_words[i], len))
			return 1 << i;
	return -EINVAL;
}

int scsi_dif_mode_parse(const char *text)
{
	int mode = 0, bit;
	size_t len;

	for (;;) {
		len = 0;
		while (text[len] && text[len] != '|')
			len++;
		bit = mode_word(text, len);
		if (bit < 0)
			return bit;
		mode |= bit;
		if (!text[len])
			return mode;
		text += len + 1;
	}
}

int scsi_dif_mode_text(u8 mode, char *buf, size_t size)
{
	struct scsi_outbuf o = { .buf = (u8 *)buf, .size = size };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mode_words); i++) {
		if (!(mode & (1 << i)))
			continue;
		if (o.len)
			scsi_out_u8(&o, '|');
		scsi_out_bytes(&o, mode_words[i], strlen(mode_words[i]));
	}
	return min_t(size_t, o.len, size);
}

const char *scsi_dif_conf_check(const struct scsi_dif_conf *c, bool has_file, enum scsi_dif_store store)
{
	if (!c->type)
		return c->mode || has_file ? "dif_mode and dif_filename need a dif_type" : NULL;
	if (!c->mode)
		return "dif_type needs a dif_mode";
	if (c->mode & SCSI_DIF_TGT)
		return "dif_mode tgt needs hardware that no target here has";
	if ((c->mode & SCSI_DIF_DEV_CHECK) && store != SCSI_DIF_ON_DEVICE)
		return "dif_mode dev_check is for block devices";
	if ((c->mode & SCSI_DIF_DEV_CHECK) && !(c->mode & SCSI_DIF_DEV_STORE))
		return "dif_mode dev_check needs dev_store";
	if ((c->mode & SCSI_DIF_DEV_STORE) && store == SCSI_DIF_NO_STORE)
		return "dif_mode dev_store: nothing is stored here";
	if (has_file && !(c->mode & SCSI_DIF_DEV_STORE))
		return "dif_filename needs dif_mode dev_store";
	return NULL;
}

/* Parts of dif_static_app_tag; type 2 has none. */
static u16 static_app(const struct scsi_dif_conf *c)
{
	return c->type == 2 ? 0 : (u16)c->static_tag;
}

static u32 static_ref(const struct scsi_dif_conf *c)
{
	return c->type == 3 ? (u32)(c->static_tag >> 16) : 0;
}

bool scsi_dif_ato(const struct scsi_dif_conf *c)
{
	return (c->mode & SCSI_DIF_DEV_STORE) && !static_app(c);
}

bool scsi_dif_app_chk(const struct scsi_dif_conf *c)
{
	return static_app(c) || (c->type == 2 && scsi_dif_ato(c));
}

bool scsi_dif_ref_chk(const struct scsi_dif_conf *c)
{
	return c->type != 3 || static_ref(c);
}

scsi_sense_code scsi_dif_admit(const struct scsi_cdb *c, u8 type, struct scsi_sense *sense)
{
	if (IS_32(c) != (type == 2) && (IS_32(c) || c->protect))
		return scsi_sense_set(sense, SCSI_SENSE_INVALID_OPCODE);
	if (c->protect > SCSI_DIF_PROTECT_MAX)
		return scsi_sense_cdb_field(sense, IS_32(c) ? 10 : 1, 7);
	return 0;
}

void scsi_dif_rule_of(const struct scsi_dif_conf *c, const u8 *cdb, const struct scsi_cdb *info, u8 protect,
		      struct scsi_dif_rule *rule)
{
	bool tags = protect != 3 && protect != 4;
	bool known_ref = c->type == 1 || static_ref(c);

	*rule = (struct scsi_dif_rule) {
		.type = c->type,
		.guard = protect != 2 && protect != 3,
		.app_tag = static_app(c),
		.app_mask = static_app(c) ? 0xffff : 0,
		.ref_tag = (u32)info->lba,
	};
	if (c->type == 3)
		rule->ref_tag = static_ref(c) ?: SCSI_DIF_NO_REF;
	if (c->type == 2 && IS_32(info)) {
		rule->ref_tag = get_unaligned_be32(cdb + CDB32_REF);
		known_ref = true;
		if (scsi_dif_ato(c)) {
			rule->app_mask = get_unaligned_be16(cdb + CDB32_MASK);
			rule->app_tag = get_unaligned_be16(cdb + CDB32_APP) & rule->app_mask;
		}
	}
	rule->app = tags && rule->app_mask;
	rule->ref = tags && known_ref;
	if (c->dpicz && !info->protect)
		rule->guard = rule->app = rule->ref = false;
}

static u32 ref_of(const struct scsi_dif_rule *rule, u32 n)
{
	return rule->type == 3 ? rule->ref_tag : rule->ref_tag + n;
}

bool scsi_dif_escapes(u8 type, const u8 *tuple)
{
	return get_unaligned_be16(tuple + AT_APP) == SCSI_DIF_NO_APP &&
	       (type != 3 || get_unaligned_be32(tuple + AT_REF) == SCSI_DIF_NO_REF);
}

enum scsi_dif_result scsi_dif_check(const struct scsi_dif_rule *rule, const u8 *tuple, u16 crc, u32 n)
{
	if (scsi_dif_escapes(rule->type, tuple))
		return SCSI_DIF_OK;
	if (rule->app && ((get_unaligned_be16(tuple + AT_APP) ^ rule->app_tag) & rule->app_mask))
		return SCSI_DIF_BAD_APP;
	if (rule->ref && get_unaligned_be32(tuple + AT_REF) != ref_of(rule, n))
		return SCSI_DIF_BAD_REF;
	if (rule->guard && get_unaligned_be16(tuple + AT_GUARD) != crc)
		return SCSI_DIF_BAD_GUARD;
	return SCSI_DIF_OK;
}

void scsi_dif_make(const struct scsi_dif_rule *rule, u16 crc, u32 n, u8 *tuple)
{
	put_unaligned_be16(crc, tuple + AT_GUARD);
	put_unaligned_be16(rule->app_tag, tuple + AT_APP);
	put_unaligned_be32(ref_of(rule, n), tuple + AT_REF);
}

/* Which tags of a block follow from the device alone; type 2 with a 32-byte CDB: from the command. */
static bool app_is_made(const struct scsi_dif_rule *rule)
{
	return rule->app_mask;
}

static bool ref_is_made(const struct scsi_dif_rule *rule)
{
	return rule->type == 1 || (rule->type == 3 && rule->ref_tag != SCSI_DIF_NO_REF);
}

void scsi_dif_renew(const struct scsi_dif_rule *rule, u16 crc, u32 n, const u8 *sent, u8 *tuple)
{
	u8 old[SCSI_DIF_LEN];
	bool keep;

	memcpy(old, tuple, SCSI_DIF_LEN);
	keep = !scsi_dif_escapes(rule->type, old);
	scsi_dif_make(rule, crc, n, tuple);
	if (sent) {
		memcpy(tuple + AT_APP, sent + AT_APP, SCSI_DIF_LEN - AT_APP);
		return;
	}
	if (keep && !app_is_made(rule))
		memcpy(tuple + AT_APP, old + AT_APP, 2);
	if (keep && !ref_is_made(rule))
		memcpy(tuple + AT_REF, old + AT_REF, 4);
}

void scsi_dif_step(u8 type, const u8 *first, u32 n, u8 *tuple)
{
	memcpy(tuple, first, SCSI_DIF_LEN);
	if (type != 3)
		put_unaligned_be32(get_unaligned_be32(first + AT_REF) + n, tuple + AT_REF);
}

enum scsi_dif_result scsi_dif_compare(const u8 *a, const u8 *b, bool guard, bool app)
{
	if (app && memcmp(a + AT_APP, b + AT_APP, 2))
		return SCSI_DIF_BAD_APP;
	if (memcmp(a + AT_REF, b + AT_REF, 4))
		return SCSI_DIF_BAD_REF;
	if (guard && memcmp(a + AT_GUARD, b + AT_GUARD, 2))
		return SCSI_DIF_BAD_GUARD;
	return SCSI_DIF_OK;
}

scsi_sense_code scsi_dif_sense(enum scsi_dif_result result)
{
	switch (result) {
	case SCSI_DIF_BAD_APP:
		return SCSI_SENSE_APP_TAG_CHECK;
	case SCSI_DIF_BAD_REF:
		return SCSI_SENSE_REF_TAG_CHECK;
	default:
		return SCSI_SENSE_GUARD_CHECK;
	}
}

scsi_sense_code scsi_dif_miscompare(enum scsi_dif_result result)
{
	switch (result) {
	case SCSI_DIF_BAD_APP:
		return SCSI_SENSE_APP_TAG_MISCOMPARE;
	case SCSI_DIF_BAD_REF:
		return SCSI_SENSE_REF_TAG_MISCOMPARE;
	default:
		return SCSI_SENSE_GUARD_MISCOMPARE;
	}
}

unsigned int scsi_dif_format(u8 fmtpinfo, u8 usage, u8 type)
{
	static const u8 want[4] = { 0, 2, 3, 3 };

	if (fmtpinfo != want[type])
		return 1;
	return usage != (type == 3) ? 2 : 0;
}
