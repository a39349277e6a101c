// SPDX-License-Identifier: GPL-2.0
/*
 * Builds and applies mode pages (SPC-4 7.5, SBC-4 6.5) and reads and prints their saved values.
 */
#include "mode.h"
#include "../../pure/outbuf.h"
#include "../../pure/sense.h"

/* CDB bits. */
#define DBD		0x08
#define LLBAA		0x10
#define PF		0x10
#define SP		0x01

#define PAGE_PS		0x80
#define PAGE_SPF	0x40
#define PAGE_CODE	0x3f
#define PAGE_MAX	32	/* bytes of the longest page */
#define ALL_SUBPAGES	0xff

#define HEADER_WP	0x80
#define HEADER_DPOFUA	0x10
#define HEADER_LONGLBA	0x01
#define DESC_SHORT	8
#define DESC_LONG	16

#define HEADS		255
#define SECTORS		56	/* per track */
#define RPM		15000

/* Control page, bytes 2 to 5. */
#define CTL_TMF_ONLY	0x10
#define CTL_DPICZ	0x08
#define CTL_D_SENSE	0x04
#define CTL_QAM		0xf0
#define CTL_QERR	0x06
#define CTL_UA_INTLCK	0x30
#define CTL_SWP		0x08
#define CTL_ATO		0x80
#define CTL_TAS		0x40
#define CACHE_WCE	0x04

enum page_control {
	PC_CURRENT,
	PC_CHANGEABLE,
	PC_DEFAULT,
	PC_SAVED,
};

static void fill_error_recovery(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[2] = 0xc0;	/* AWRE, ARRE */
	p[3] = 1;	/* READ RETRY COUNT */
	p[8] = 1;	/* WRITE RETRY COUNT */
	put_unaligned_be16(0xffff, p + 10);
}

static void fill_disconnect(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[2] = 128;	/* BUFFER FULL RATIO */
	p[3] = 128;	/* BUFFER EMPTY RATIO */
	put_unaligned_be16(10, p + 4);
}

static void fill_format(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	put_unaligned_be16(SECTORS, p + 10);
	put_unaligned_be16(st->block_size, p + 12);
	p[20] = 0x40;	/* HSEC */
}

/* Rounded up, at most the 24 bits of the field. By shifts, because 32-bit kernels cannot divide 64 bits. */
static u32 cylinders(u64 blocks)
{
	const u64 per_cylinder = HEADS * SECTORS;
	u32 n = 0;
	int bit;

	if (blocks > 0xffffff * per_cylinder)
		return 0xffffff;
	blocks += per_cylinder - 1;
	for (bit = 23; bit >= 0; bit--) {
		if (blocks < per_cylinder << bit)
			continue;
		blocks -= per_cylinder << bit;
		n |= 1U << bit;
	}
	return n;
}

static void fill_geometry(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	put_unaligned_be24(cylinders(st->blocks), p + 2);
	p[5] = HEADS;
	put_unaligned_be16(RPM, p + 20);
}

static void fill_caching(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[2] = v->wce && !st->nv_cache ? CACHE_WCE : 0;
	p[12] = 0x80;	/* FSW */
	p[13] = 20;	/* NUMBER OF CACHE SEGMENTS */
}

static void mask_caching(const struct scsi_mode_state *st, u8 *p)
{
	p[2] = st->nv_cache ? 0 : CACHE_WCE;
}

static void fill_control(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[2] = (st->tst & 0x07) << 5 | (v->tmf_only ? CTL_TMF_ONLY : 0) | (v->dpicz ? CTL_DPICZ : 0) |
	       (v->d_sense ? CTL_D_SENSE : 0);
	p[3] = (v->queue_alg << 4 & CTL_QAM) | (v->qerr << 1 & CTL_QERR);
	p[4] = (v->ua_intlck << 4 & CTL_UA_INTLCK) | (v->swp ? CTL_SWP : 0);
	p[5] = (st->ato ? CTL_ATO : 0) | (v->tas ? CTL_TAS : 0);
	put_unaligned_be16(0x024b, p + 10);	/* EXTENDED SELF-TEST COMPLETION TIME */
}

static void mask_control(const struct scsi_mode_state *st, u8 *p)
{
	p[2] = CTL_TMF_ONLY | CTL_DPICZ | CTL_D_SENSE;
	p[3] = CTL_QAM | CTL_QERR;
	p[4] = CTL_UA_INTLCK | CTL_SWP;
	p[5] = CTL_TAS;
}

/* Control Extension: neither TCMOS, SCSIP nor IALUAE; the longest sense data are those of SPC-4. */
static void fill_control_extension(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[6] = SCSI_SENSE_MAX;
}

static void fill_info_exceptions(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p)
{
	p[2] = 0x08;	/* DEXCPT */
}

/**
 * struct mode_page - one page; the table is in the order in which page 3Fh returns them
 * @code: page code
 * @subpage: subpage code; other than 0: the header has four bytes
 * @len: PAGE LENGTH
 * @rom: exists on a CD-ROM device too
 * @fill: writes the values into a zeroed page
 * @mask: writes the changeable bits into a zeroed page; NULL = none
 */
struct mode_page {
	u8 code;
	u8 subpage;
	u8 len;
	bool rom;
	void (*fill)(const struct scsi_mode_state *st, const struct scsi_mode_values *v, u8 *p);
	void (*mask)(const struct scsi_mode_state *st, u8 *p);
};

static const struct mode_page mode_pages[] = {
	{ SCSI_MODE_ERROR_RECOVERY, 0, 0x0a, true,	fill_error_recovery,	NULL },
	{ SCSI_MODE_DISCONNECT, 0, 0x0e, false,	fill_disconnect,	NULL },
	{ SCSI_MODE_FORMAT, 0, 0x16, false,	fill_format,		NULL },
	{ SCSI_MODE_CACHING, 0, 0x12, false,	fill_caching,		mask_caching },
	{ SCSI_MODE_CONTROL, 0, 0x0a, true,	fill_control,		mask_control },
	{ SCSI_MODE_CONTROL, 1, 0x1c, true,	fill_control_extension,	NULL },
	{ SCSI_MODE_INFO_EXCEPTIONS, 0, 0x0a, true,	fill_info_exceptions,	NULL },
	{ SCSI_MODE_GEOMETRY, 0, 0x16, false,	fill_geometry,		NULL },
};

static bool page_exists(const struct scsi_mode_state *st, const struct mode_page *pg)
{
	return pg->rom || st->type == SCSI_TYPE_DISK;
}

static bool page_saveable(const struct scsi_mode_state *st, const struct mode_page *pg)
{
	if (pg->code == SCSI_MODE_CACHING && st->nv_cache)
		return false;
	return pg->mask && st->saving;
}

/* The page's bytes, without PS. */
static void make_page(const struct scsi_mode_state *st, const struct mode_page *pg, enum page_control pc, u8 *p)
{
	memset(p, 0, PAGE_MAX);
	if (pc == PC_CURRENT)
		pg->fill(st, &st->cur, p);
	else if (pc == PC_DEFAULT)
		pg->fill(st, &st->def, p);
	else if (pc == PC_SAVED)
		pg->fill(st, &st->saved, p);
	else if (pg->mask && !st->frozen)
		pg->mask(st, p);
	p[0] = pg->code | (pg->subpage ? PAGE_SPF : 0);
	p[1] = pg->subpage ? pg->subpage : pg->len;
	if (pg->subpage)
		put_unaligned_be16(pg->len, p + 2);
}

static bool page_wanted(const struct mode_page *pg, u8 code, u8 subpage)
{
	return (code == SCSI_MODE_ALL || code == pg->code) && (subpage == ALL_SUBPAGES || subpage == pg->subpage);
}

static u32 capped_blocks(const struct scsi_mode_state *st)
{
	return min_t(u64, st->blocks, 0xffffffff);
}

static void put_block_descriptor(const struct scsi_mode_state *st, unsigned int len, struct scsi_outbuf *o)
{
	if (len == DESC_LONG) {
		scsi_out_be64(o, st->blocks);
		scsi_out_be32(o, 0);
		scsi_out_be32(o, st->block_size);
	} else if (len == DESC_SHORT) {
		scsi_out_be32(o, capped_blocks(st));
		scsi_out_be32(o, st->block_size & 0xffffff);
	}
}

/* MODE DATA LENGTH is filled in at the end. */
static void put_header(const struct scsi_mode_state *st, bool ten, unsigned int desc_len, struct scsi_outbuf *o)
{
	u8 specific = (st->read_only || st->cur.swp ? HEADER_WP : 0) |
		      (st->type == SCSI_TYPE_DISK ? HEADER_DPOFUA : 0);

	if (ten)
		scsi_out_be16(o, 0);
	else
		scsi_out_u8(o, 0);
	scsi_out_u8(o, st->type);
	scsi_out_u8(o, specific);
	if (ten) {
		scsi_out_u8(o, desc_len == DESC_LONG ? HEADER_LONGLBA : 0);
		scsi_out_u8(o, 0);
		scsi_out_be16(o, desc_len);
	} else {
		scsi_out_u8(o, desc_len);
	}
}

/* Returns how many pages matched. */
static unsigned int put_pages(const struct scsi_mode_state *st, u8 code, u8 subpage, enum page_control pc,
			      struct scsi_outbuf *o)
{
	const struct mode_page *pg;
	unsigned int n = 0;
	u8 p[PAGE_MAX];

	for (pg = mode_pages; pg < mode_pages + ARRAY_SIZE(mode_pages); pg++) {
		if (!page_exists(st, pg) || !page_wanted(pg, code, subpage))
			continue;
		make_page(st, pg, pc, p);
		if (page_saveable(st, pg))
			p[0] |= PAGE_PS;
		scsi_out_bytes(o, p, pg->len + (pg->subpage ? 4 : 2));
		n++;
	}
	return n;
}

int scsi_mode_sense(const struct scsi_mode_state *st, const u8 *cdb,
		    u8 *buf, unsigned int size, struct scsi_sense *sense)
{
	struct scsi_outbuf o = { .buf = buf, .size = size };
	bool ten = cdb[0] == SCSI_OP_MODE_SENSE_10;
	enum page_control pc = cdb[2] >> 6;
	unsigned int desc_len = 0;

	if (cdb[3] && cdb[3] != ALL_SUBPAGES && (cdb[2] & PAGE_CODE) == SCSI_MODE_ALL) {
		scsi_sense_cdb_field(sense, 3, 7);	/* reserved */
		return -EINVAL;
	}
	if (pc == PC_SAVED && !st->saving) {
		scsi_sense_set(sense, SCSI_SENSE_SAVING_NOT_SUPPORTED);
		return -EINVAL;
	}
	if (!(cdb[1] & DBD))
		desc_len = ten && (cdb[1] & LLBAA) ? DESC_LONG : DESC_SHORT;
	put_header(st, ten, desc_len, &o);
	put_block_descriptor(st, desc_len, &o);
	if (!put_pages(st, cdb[2] & PAGE_CODE, cdb[3], pc, &o)) {
		scsi_sense_cdb_field(sense, cdb[3] ? 3 : 2, cdb[3] ? 7 : 5);
		return -EINVAL;
	}
	if (ten)
		scsi_out_patch_be16(&o, 0, o.len - 2);
	else
		scsi_out_patch_u8(&o, 0, o.len - 1);
	return o.len;
}

static u8 top_bit(u8 v)
{
	u8 bit = 0;

	while (v >>= 1)
		bit++;
	return bit;
}

static const struct mode_page *find_changeable(const struct scsi_mode_state *st, u8 code)
{
	const struct mode_page *pg;

	for (pg = mode_pages; pg < mode_pages + ARRAY_SIZE(mode_pages); pg++)
		if (pg->code == code && pg->mask && page_exists(st, pg))
			return pg;
	return NULL;
}

/* Capacity cannot be changed: the descriptor must repeat it, or say "no change" (SBC-4 6.5.2). */
static scsi_sense_code check_descriptor(const struct scsi_mode_state *st, const u8 *list, unsigned int at,
					unsigned int len, struct scsi_sense *sense)
{
	bool wide = len == DESC_LONG;
	u64 blocks = wide ? get_unaligned_be64(list + at) : get_unaligned_be32(list + at);
	u64 now = wide ? st->blocks : capped_blocks(st);
	u64 most = wide ? ~0ULL : 0xffffffff;
	unsigned int size_at = wide ? 12 : 5;
	u32 block_size = wide ? get_unaligned_be32(list + at + 12) : get_unaligned_be24(list + at + 5);

	if (blocks && blocks != most && blocks != now)
		return scsi_sense_param_field(sense, at, 7);
	if (block_size != st->block_size)
		return scsi_sense_param_field(sense, at + size_at, 7);
	return 0;
}

/* Refuses changed bits outside @mask. @at: offset of the page in the list. */
static scsi_sense_code check_unchangeable(const struct scsi_mode_state *st, const struct mode_page *pg, const u8 *page,
					  unsigned int at, struct scsi_sense *sense)
{
	u8 now[PAGE_MAX], mask[PAGE_MAX], bad;
	unsigned int i;

	make_page(st, pg, PC_CURRENT, now);
	make_page(st, pg, PC_CHANGEABLE, mask);
	for (i = 2; i < pg->len + 2u; i++) {
		bad = (page[i] ^ now[i]) & ~mask[i];
		if (bad)
			return scsi_sense_param_field(sense, at + i, top_bit(bad));
	}
	return 0;
}

static scsi_sense_code take_control(const u8 *p, unsigned int at, struct scsi_mode_values *v, struct scsi_sense *sense)
{
	u8 queue_alg = (p[3] & CTL_QAM) >> 4, qerr = (p[3] & CTL_QERR) >> 1, ua_intlck = (p[4] & CTL_UA_INTLCK) >> 4;

	if (queue_alg > 1)
		return scsi_sense_param_field(sense, at + 3, 7);
	if (qerr == 2)
		return scsi_sense_param_field(sense, at + 3, 2);
	if (ua_intlck == 1)
		return scsi_sense_param_field(sense, at + 4, 5);
	v->tmf_only = !!(p[2] & CTL_TMF_ONLY);
	v->dpicz = !!(p[2] & CTL_DPICZ);
	v->d_sense = !!(p[2] & CTL_D_SENSE);
	v->queue_alg = queue_alg;
	v->qerr = qerr;
	v->swp = !!(p[4] & CTL_SWP);
	v->ua_intlck = ua_intlck;
	v->tas = !!(p[5] & CTL_TAS);
	return 0;
}

/* One page at @at; moves @at behind it. */
static scsi_sense_code take_page(const struct scsi_mode_state *st, const u8 *list, unsigned int len, unsigned int *at,
				 struct scsi_mode_values *v, struct scsi_sense *sense)
{
	const u8 *p = list + *at;
	const struct mode_page *pg;

	if (p[0] & (PAGE_PS | PAGE_SPF))
		return scsi_sense_param_field(sense, *at, top_bit(p[0]));
	pg = find_changeable(st, p[0] & PAGE_CODE);
	if (!pg)
		return scsi_sense_param_field(sense, *at, 5);
	if (len - *at < 2)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (p[1] != pg->len)
		return scsi_sense_param_field(sense, *at + 1, 7);
	if (len - *at < pg->len + 2u)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	if (check_unchangeable(st, pg, p, *at, sense))
		return sense->code;
	if (pg->code == SCSI_MODE_CONTROL) {
		if (take_control(p, *at, v, sense))
			return sense->code;
	} else if (!st->nv_cache) {
		v->wce = !!(p[2] & CACHE_WCE);
	}
	*at += pg->len + 2;
	return 0;
}

/* Header and block descriptor; sets @at to the first page. */
static scsi_sense_code take_header(const struct scsi_mode_state *st, bool ten, const u8 *list, unsigned int len,
				   unsigned int *at, struct scsi_sense *sense)
{
	unsigned int header = ten ? 8 : 4, desc_at = ten ? 6 : 3, desc_len;
	bool wide;

	if (len < header)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	desc_len = ten ? get_unaligned_be16(list + 6) : list[3];
	wide = ten && (list[4] & HEADER_LONGLBA);
	if (desc_len && desc_len != (wide ? DESC_LONG : DESC_SHORT))
		return scsi_sense_param_field(sense, desc_at, 7);
	if (len - header < desc_len)
		return scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
	*at = header + desc_len;
	return desc_len ? check_descriptor(st, list, header, desc_len, sense) : 0;
}

static scsi_sense_code check_select_cdb(const struct scsi_mode_state *st, const u8 *cdb, struct scsi_sense *sense)
{
	if (!(cdb[1] & PF))
		return scsi_sense_cdb_field(sense, 1, 4);
	if ((cdb[1] & SP) && !st->saving)
		return scsi_sense_cdb_field(sense, 1, 0);
	if (st->frozen)
		return scsi_sense_set(sense, SCSI_SENSE_INVALID_FIELD_IN_CDB);
	return 0;
}

static bool same_values(const struct scsi_mode_values *a, const struct scsi_mode_values *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Makes @v current, and saved too with @save. Returns the effects. */
static unsigned int commit_values(struct scsi_mode_state *st, const struct scsi_mode_values *v, bool save)
{
	struct scsi_mode_values control = *v, saved = *v;
	unsigned int fx = 0;

	control.wce = st->cur.wce;
	if (v->wce != st->cur.wce)
		fx |= SCSI_MODE_FX_WCE;
	if (!same_values(&control, &st->cur))
		fx |= SCSI_MODE_FX_CONTROL;
	st->cur = *v;
	if (save) {
		if (st->nv_cache)
			saved.wce = st->saved.wce;
		if (!same_values(&saved, &st->saved))
			fx |= SCSI_MODE_FX_SAVE;
		st->saved = saved;
	}
	return fx ? fx | SCSI_MODE_FX_UA : 0;
}

int scsi_mode_select(struct scsi_mode_state *st, const u8 *cdb, const u8 *list, unsigned int len,
		     unsigned int *effects, struct scsi_sense *sense)
{
	bool ten = cdb[0] == SCSI_OP_MODE_SELECT_10;
	struct scsi_mode_values v = st->cur;
	unsigned int at = 0;

	*effects = 0;
	if (check_select_cdb(st, cdb, sense))
		return -EINVAL;
	if (!len)
		return 0;
	if (len > SCSI_MODE_SELECT_MAX) {
		scsi_sense_set(sense, SCSI_SENSE_PARAM_LIST_LENGTH);
		return -EINVAL;
	}
	if (take_header(st, ten, list, len, &at, sense))
		return -EINVAL;
	while (at < len)
		if (take_page(st, list, len, &at, &v, sense))
			return -EINVAL;
	*effects = commit_values(st, &v, cdb[1] & SP);
	return 0;
}

/* The saved fields in the order of the file. Inverted: WRITE_THROUGH is the opposite of WCE. */
static const struct {
	const char *name;
	u8 offset;
	u8 values;	/* a bit for each that exists */
	bool inverted;
} image_fields[] = {
	{ "TAS",		offsetof(struct scsi_mode_values, tas), 0x3, false },
	{ "QERR",		offsetof(struct scsi_mode_values, qerr), 0xb, false },
	{ "TMF_ONLY",		offsetof(struct scsi_mode_values, tmf_only), 0x3, false },
	{ "SWP",		offsetof(struct scsi_mode_values, swp), 0x3, false },
	{ "D_SENSE",		offsetof(struct scsi_mode_values, d_sense), 0x3, false },
	{ "DPICZ",		offsetof(struct scsi_mode_values, dpicz), 0x3, false },
	{ "QUEUE_ALG",		offsetof(struct scsi_mode_values, queue_alg), 0x3, false },
	{ "WRITE_THROUGH",	offsetof(struct scsi_mode_values, wce), 0x3, true },
	{ "UA_INTLCK",		offsetof(struct scsi_mode_values, ua_intlck), 0xd, false },
};

int scsi_mode_image_print(const struct scsi_mode_values *saved, const struct scsi_mode_values *def,
			  char *buf, unsigned int size)
{
	unsigned int i, len = 0;
	int n;

	for (i = 0; i < ARRAY_SIZE(image_fields); i++) {
		u8 value = ((const u8 *)saved)[image_fields[i].offset];

		if (value == ((const u8 *)def)[image_fields[i].offset])
			continue;
		n = snprintf(buf + len, size - len, "%s=%u\n", image_fields[i].name,
			     image_fields[i].inverted ? !value : value);
		if ((unsigned int)n >= size - len)
			return -ENOSPC;
		len += n;
	}
	return len;
}

/* One line NAME=VALUE of @len bytes; values are single digits. */
static int parse_field(const char *line, unsigned int len, struct scsi_mode_values *v)
{
	unsigned int i, name_len;
	u8 value;

	for (i = 0; i < ARRAY_SIZE(image_fields); i++) {
		name_len = strlen(image_fields[i].name);
		if (len != name_len + 2 || memcmp(line, image_fields[i].name, name_len) || line[name_len] != '=')
			continue;
		value = line[len - 1] - '0';
		if (value > 7 || !(image_fields[i].values >> value & 1))
			return -EINVAL;
		((u8 *)v)[image_fields[i].offset] = image_fields[i].inverted ? !value : value;
		return 0;
	}
	return -EINVAL;
}

static unsigned int line_len(const char *text, unsigned int len)
{
	const char *end = memchr(text, '\n', len);

	return end ? end - text : len;
}

int scsi_mode_image_parse(const char *text, unsigned int len, const char *name,
			  const struct scsi_mode_values *def, struct scsi_mode_values *saved)
{
	struct scsi_mode_values v = *def;
	unsigned int n = line_len(text, len);

	if (n != strlen(name) || memcmp(text, name, n))
		return -EINVAL;
	for (text += n, len -= n; len; text += n, len -= n) {
		text++;	/* the newline */
		len--;
		n = line_len(text, len);
		if (n && parse_field(text, n, &v))
			return -EINVAL;
	}
	*saved = v;
	return 0;
}
