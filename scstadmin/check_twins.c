// SPDX-License-Identifier: GPL-2.0
/* Virtual disks that initiators take for one, those that are one and do not know it, and targets with one name. */
#include "check.h"

#include <ctype.h>
#include <string.h>

#define EUI64_LEN 8

/** struct twin - the first object that has this text, and the first device of them that is written to */
struct twin {
	struct dict_link link;
	const char *text;
	size_t len;
	const struct obj *first, *writer;
};

static struct twin *twin_of(struct conf *c, struct dict *seen, const char *text, size_t len)
{
	unsigned int hash = dict_hash(text, len);
	struct dict_link *l;
	struct twin *t;

	for (l = dict_first(seen, hash); l; l = dict_next(l)) {
		t = dict_of(l, struct twin, link);
		if (t->len == len && !memcmp(t->text, text, len))
			return t;
	}
	t = pool_alloc(c->pool, sizeof(*t));
	t->text = text;
	t->len = len;
	dict_add(c->pool, seen, &t->link, hash);
	return t;
}

static const char *text_of(const struct obj *d, const char *name)
{
	const struct attr *a = attr_find(d, name);

	return a && a->last_val && !a->last_val->bare ? a->last_val->text : "";
}

static bool has_id(const struct obj *d, const char *name)
{
	const char *id = text_of(d, name);

	return *id && strcmp(id, "0x");
}

/* Without an identifier of its own a disk sends the first characters of its t10_dev_id as one. */
static void check_identity(struct conf *c, struct dict *seen, const struct obj *d)
{
	const char *id = text_of(d, "t10_dev_id");
	size_t len = strnlen(id, EUI64_LEN);
	struct twin *t;

	if (!len || has_id(d, "naa_id") || has_id(d, "eui64_id"))
		return;
	t = twin_of(c, seen, id, len);
	if (!t->first)
		t->first = d;
	else
		conf_note(c, false, &d->pos, "device '%s' looks like '%s' to initiators (t10_dev_id %s): give each a naa_id",
			  d->name, t->first->name, len == EUI64_LEN ? "begins with the same 8 characters" : "is the same");
}

/* Neither sees what is written through the other, nor its reservations. One that is not active has nothing open. */
static void check_filename(struct conf *c, struct dict *seen, const struct obj *d)
{
	const char *path = text_of(d, "filename");
	bool writes = !param_is_on(d, "read_only", false);
	const struct obj *other;
	struct twin *t;

	if (!*path || !param_is_on(d, "active", true))
		return;
	t = twin_of(c, seen, path, strlen(path));
	other = writes ? t->first : t->writer;
	if (other)
		conf_note(c, false, &d->pos, "device '%s' has the filename of device '%s': neither knows what is written through the other",
			  d->name, other->name);
	if (!t->first)
		t->first = d;
	if (!t->writer && writes)
		t->writer = d;
}

/* iSCSI compares names without regard to case (RFC 7143, 4.2.7.1), and so does the kernel. */
static void check_names(struct conf *c, const struct obj *driver)
{
	struct dict names = { 0 };
	const struct obj *t;
	struct twin *twin;
	char *name, *p;

	for_each_obj(t, driver, OBJ_TARGET) {
		if (t->drop)
			continue;
		name = pool_fmt(c->pool, "%s", t->name);
		for (p = name; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		twin = twin_of(c, &names, name, strlen(name));
		if (!twin->first)
			twin->first = t;
		else if (strcmp(twin->first->name, t->name))
			conf_note(c, !c->lenient, &t->pos, "target '%s' has for iSCSI the name of target '%s'", t->name, twin->first->name);
	}
}

void check_twins(struct conf *c)
{
	struct dict ids = { 0 }, paths = { 0 };
	struct obj *h, *d;

	for_each_obj(h, c->root, OBJ_HANDLER) {
		if (h->drop || strncmp(h->name, "vdisk_", 6))
			continue;
		for_each_obj(d, h, OBJ_DEVICE) {
			if (d->drop || obj_device(c->root, d->name) != d)
				continue;
			check_identity(c, &ids, d);
			check_filename(c, &paths, d);
		}
	}
	for_each_obj(h, c->root, OBJ_DRIVER)
		if (!h->drop && !strcmp(h->name, "iscsi"))
			check_names(c, h);
}
