// SPDX-License-Identifier: GPL-2.0
/*
 * The older configuration file of the iSCSI daemon, taken apart. All that can be judged without the tree is judged here.
 */
#include "legacy.h"

enum place { GLOBAL = 1, TARGET = 2 };

/**
 * struct directive - one that is no key of iscsi_key_table
 * @name: as sysfs spells it
 * @kind: what it is
 * @place: where it may stand
 * @words: of its value; 0 for any number
 */
struct directive {
	const char *name;
	enum iscsi_legacy_kind kind;
	u8 place;
	u8 words;
};

static const struct directive directives[] = {
	{ "Target", ISCSI_LEGACY_TARGET, GLOBAL | TARGET, 1 },
	{ "IncomingUser", ISCSI_LEGACY_ACCOUNT, GLOBAL | TARGET, 2 },
	{ "OutgoingUser", ISCSI_LEGACY_ACCOUNT, GLOBAL | TARGET, 2 },
	{ "iSNSServer", ISCSI_LEGACY_ISNS_SERVER, GLOBAL, 1 },
	{ "iSNSAccessControl", ISCSI_LEGACY_ISNS_ACCESS, GLOBAL, 1 },
	{ "allowed_portal", ISCSI_LEGACY_PORTAL, TARGET, 1 },
	{ "redirect", ISCSI_LEGACY_ATTR, TARGET, 2 },
	{ "per_portal_acl", ISCSI_LEGACY_ATTR, TARGET, 1 },
	{ "Alias", ISCSI_LEGACY_IGNORED, TARGET, 0 },
};

/**
 * struct word - bytes of the file
 * @at: where they begin
 * @len: how many, 0 at the end of the directive
 */
struct word {
	size_t at;
	size_t len;
};

void iscsi_legacy_init(struct iscsi_legacy *l, const char *data, size_t size)
{
	*l = (struct iscsi_legacy){ .data = data, .size = size, .line = 1 };
}

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '=';
}

static bool is_end(char c)
{
	return c == '\n' || c == ';';
}

/* Over the end of a directive, blank lines and comments. */
static void skip_to_directive(struct iscsi_legacy *l)
{
	bool line_begins = l->pos == l->line_start;

	for (; l->pos < l->size; l->pos++) {
		char c = l->data[l->pos];

		if (c == '\n') {
			l->line++;
			l->line_start = l->pos + 1;
			line_begins = true;
		} else if (c == '#' && line_begins) {
			while (l->pos + 1 < l->size && l->data[l->pos + 1] != '\n')
				l->pos++;
		} else if (c == ';') {
			line_begins = false;
		} else if (!is_separator(c)) {
			return;
		}
	}
}

static struct word next_word(struct iscsi_legacy *l)
{
	struct word w;

	while (l->pos < l->size && is_separator(l->data[l->pos]))
		l->pos++;
	w.at = l->pos;
	while (l->pos < l->size && !is_separator(l->data[l->pos]) && !is_end(l->data[l->pos]))
		l->pos++;
	w.len = l->pos - w.at;
	return w;
}

static void to_end(struct iscsi_legacy *l)
{
	while (l->pos < l->size && !is_end(l->data[l->pos]))
		l->pos++;
}

static int wrong(const struct iscsi_legacy *l, struct iscsi_legacy_item *item, size_t at, const char *error)
{
	item->error = error;
	item->line = l->line;
	item->column = (u32)(at - l->line_start + 1);
	return -EINVAL;
}

static bool word_is(const struct iscsi_legacy *l, const struct word *w, const char *name)
{
	return w->len == strlen(name) && !strncasecmp(l->data + w->at, name, w->len);
}

static bool is_printable(const struct iscsi_legacy *l, const struct word *w)
{
	size_t i;

	for (i = 0; i < w->len; i++)
		if ((u8)l->data[w->at + i] < 0x20 || l->data[w->at + i] == 0x7f)
			return false;
	return true;
}

static const struct iscsi_key_desc *find_key(const struct iscsi_legacy *l, const struct word *w)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(iscsi_key_table); i++)
		if (word_is(l, w, iscsi_key_table[i].name))
			return &iscsi_key_table[i];
	return NULL;
}

/* Its row, or one made for a key; false when there is none. */
static bool find_directive(const struct iscsi_legacy *l, const struct word *w, struct directive *found)
{
	const struct iscsi_key_desc *key;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directives); i++) {
		if (!word_is(l, w, directives[i].name))
			continue;
		*found = directives[i];
		return true;
	}
	key = find_key(l, w);
	if (!key)
		return false;
	*found = (struct directive){ key->name, ISCSI_LEGACY_ATTR, TARGET, 1 };
	return true;
}

/* Appends a word to the value. */
static bool add_word(const struct iscsi_legacy *l, struct iscsi_legacy_item *item, const struct word *w, size_t *len)
{
	if (*len + w->len + 1 > ISCSI_LEGACY_VALUE_MAX)
		return false;
	if (*len)
		item->value[(*len)++] = ' ';
	memcpy(item->value + *len, l->data + w->at, w->len);
	*len += w->len;
	item->value[*len] = '\0';
	return true;
}

/* The words of the value; @last is the last one, where a value of one or two words can be wrong. */
static int take_value(struct iscsi_legacy *l, struct iscsi_legacy_item *item, const struct directive *d, struct word *last)
{
	unsigned int words = 0;
	size_t len = 0;
	struct word w;

	item->value[0] = '\0';
	while ((w = next_word(l)).len) {
		if (!is_printable(l, &w))
			return wrong(l, item, w.at, "a byte that cannot be printed");
		if (d->words && ++words > d->words)
			return wrong(l, item, w.at, "a surplus word");
		if (!add_word(l, item, &w, &len))
			return wrong(l, item, w.at, "the value is too long");
		*last = w;
	}
	return words < d->words ? wrong(l, item, w.at, "a word is missing") : 0;
}

static bool is_yes_or_no(const char *text)
{
	return !strcasecmp(text, "Yes") || !strcasecmp(text, "No");
}

/* What is wrong with the value, or NULL. */
static const char *judge(const struct iscsi_legacy_item *item, const struct word *last)
{
	const struct iscsi_key_desc *key = iscsi_key_find(item->name);
	u32 value;

	if (key && iscsi_key_parse_value(key, item->value, &value))
		return "a bad value";
	if (item->kind == ISCSI_LEGACY_ACCOUNT && last->len < ISCSI_LEGACY_SECRET_MIN)
		return "a secret of less than 12 bytes";
	if (item->kind == ISCSI_LEGACY_ISNS_ACCESS && !is_yes_or_no(item->value))
		return "neither Yes nor No";
	return NULL;
}

/* The directive that begins at l->pos. */
static int take(struct iscsi_legacy *l, struct iscsi_legacy_item *item)
{
	struct word name = next_word(l), last = { name.at, 0 };
	struct directive d;
	const char *error;

	if (!find_directive(l, &name, &d))
		return wrong(l, item, name.at, "an unknown directive");
	if (!(d.place & (l->in_target ? TARGET : GLOBAL)))
		return wrong(l, item, name.at, l->in_target ? "a directive that has to stand before the first Target" :
			     "a directive that has to stand behind a Target");
	if (d.kind == ISCSI_LEGACY_TARGET)
		l->in_target = l->skip = true;	/* what follows a bad name must not become global */
	item->kind = d.kind;
	item->name = d.name;
	item->in_target = l->in_target;
	item->line = l->line;
	item->column = (u32)(name.at - l->line_start + 1);
	if (take_value(l, item, &d, &last))
		return -EINVAL;
	error = judge(item, &last);
	if (error)
		return wrong(l, item, last.at, error);
	if (d.kind == ISCSI_LEGACY_TARGET)
		l->skip = false;
	return 1;
}

int iscsi_legacy_next(struct iscsi_legacy *l, struct iscsi_legacy_item *item)
{
	int ret;

	do {
		item->error = NULL;
		skip_to_directive(l);
		if (l->pos == l->size)
			return 0;
		ret = take(l, item);
		to_end(l);
	} while (ret == 1 && (item->kind == ISCSI_LEGACY_IGNORED || l->skip));
	return ret;
}
