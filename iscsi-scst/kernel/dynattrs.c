// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that an administrator adds and removes by name: allowed_portal patterns and CHAP accounts, of the driver and
 * of each target. Each is a file of its own: the plain name when it is free, else the one with the lowest free number.
 *
 * Accounts are secrets: files of mode 0600, memory wiped before it is freed, no value in any message.
 */
#include <linux/slab.h>

#include "iscst.h"

#define DYN_VALUE_MAX	ISCSI_ACCOUNT_MAX	/* bytes of one value */
#define DYN_NAME_MAX	32	/* bytes of a file's name with its NUL */
#define DYN_MAX		256	/* files per set: a bound, not a recommendation */
#define PATTERN_MAX	127

/* Serialises adding and removing files, so that a name is free again only when its file has gone. Outside iscst_mutex. */
static DEFINE_MUTEX(dyn_mutex);

/**
 * struct dyn_kind - one kind of attribute
 * @base: name of the attribute, to which numbers are appended
 * @mode: of the file
 * @min_words: words a value has at least
 * @max_words: and at most
 * @account: the first word is a user's name and tells values apart, the second one a secret; else the whole value counts
 * @single: at most one exists; adding another replaces it
 */
struct dyn_kind {
	const char *base;
	umode_t mode;
	unsigned int min_words;
	unsigned int max_words;
	bool account;
	bool single;
};

static const struct dyn_kind kinds[] = {
	{ .base = "allowed_portal", .mode = 0644, .min_words = 1, .max_words = 1 },
	/* What follows the secret are patterns of the initiator names that may use the account; none: all may. */
	{ .base = "IncomingUser", .mode = 0600, .min_words = 2, .max_words = UINT_MAX, .account = true },
	{ .base = "OutgoingUser", .mode = 0600, .min_words = 2, .max_words = 2, .account = true, .single = true },
};

/**
 * struct iscst_dyn - one attribute and its file
 * @link: set->list; iscst_mutex
 * @set: whose it is
 * @kind: constant
 * @attr: the file; allocated, hence ignore_lockdep
 * @name: of the file
 * @value: words with one blank in between; iscst_mutex
 */
struct iscst_dyn {
	struct list_head link;
	struct iscst_dyn_set *set;
	const struct dyn_kind *kind;
	struct scst_attr attr;
	char name[DYN_NAME_MAX];
	char value[DYN_VALUE_MAX + 1];
};

/* For messages. */
static const char *owner(const struct iscst_dyn_set *set)
{
	return kobject_name(&set->node->kobj);
}

static struct iscst_dyn *to_dyn(const struct scst_attr *a)
{
	return container_of((struct scst_attr *)a, struct iscst_dyn, attr);
}

static int dyn_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	int len;

	mutex_lock(&iscst_mutex);
	len = scnprintf(buf, size, "%s\n[key]\n\n", to_dyn(a)->value);
	mutex_unlock(&iscst_mutex);
	return len;
}

static size_t word_len(const char *text)
{
	return strcspn(text, " ");
}

static bool same_word(const char *a, const char *b)
{
	return word_len(a) == word_len(b) && !strncmp(a, b, word_len(a));
}

static int check_value(const struct dyn_kind *kind, const char *value)
{
	const char *p;

	if (kind->account)
		return iscsi_account_valid(value, !kind->single) ? 0 : -EINVAL;
	for (p = value; *p; p++)
		if (iscntrl(*p))
			return -EINVAL;
	return strlen(value) > PATTERN_MAX ? -EINVAL : 0;
}

/* The words of @text into @value, DYN_VALUE_MAX + 1 bytes. */
static int join_words(const struct dyn_kind *kind, char *text, char *value)
{
	unsigned int words = 0;
	size_t len = 0;
	char *word;

	value[0] = '\0';
	while ((word = scst_mgmt_next_word(&text))) {
		if (++words > kind->max_words || len + strlen(word) + 1 > DYN_VALUE_MAX)
			return -EINVAL;
		len += scnprintf(value + len, DYN_VALUE_MAX + 1 - len, "%s%s", len ? " " : "", word);
	}
	return words < kind->min_words ? -EINVAL : 0;
}

static int parse_value(const struct iscst_dyn_set *set, const struct dyn_kind *kind, char *text, char *value)
{
	int ret = join_words(kind, text, value);

	if (!ret)
		ret = check_value(kind, value);
	if (ret && kind->account)
		pr_err("%s: %s takes a name of at most %d and a secret of at least %d printable bytes\n",
		       owner(set), kind->base, ISCSI_USER_MAX, ISCSI_SECRET_MIN);
	else if (ret)
		pr_err("%s: %s takes one pattern of at most %d bytes\n", owner(set), kind->base, PATTERN_MAX);
	return ret;
}

/* @key is a value, or of an account its name alone. */
static struct iscst_dyn *find_value(struct iscst_dyn_set *set, const struct dyn_kind *kind, const char *key)
{
	struct iscst_dyn *d;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(d, &set->list, link) {
		if (d->kind != kind)
			continue;
		if (kind->account ? same_word(d->value, key) : !strcasecmp(d->value, key))
			return d;
	}
	return NULL;
}

/* A secret that both sides used would let an initiator have its own challenge answered (RFC 7143 12.1.3). */
static bool secret_of_other_side(const struct iscst_dyn_set *set, const struct dyn_kind *kind, const char *value)
{
	const struct iscst_dyn *d;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(d, &set->list, link)
		if (d->kind->account && d->kind != kind && iscsi_account_same_secret(d->value, value))
			return true;
	return false;
}

/* May @value stand in @set, apart from @self whose value it replaces? */
static int check_free(struct iscst_dyn_set *set, const struct dyn_kind *kind, const char *value,
		      const struct iscst_dyn *self)
{
	const struct iscst_dyn *same = find_value(set, kind, value);

	if (same && same != self)
		return -EEXIST;
	if (kind->account && secret_of_other_side(set, kind, value))
		return -EINVAL;
	return 0;
}

static void report_refused(const struct iscst_dyn_set *set, const char *name, const char *value,
			   const struct dyn_kind *kind, int err)
{
	int len = kind->account ? (int)word_len(value) : (int)strlen(value);

	if (err == -EINVAL)
		pr_err("%s: %s %.*s: incoming and outgoing secret must differ\n", owner(set), name, len, value);
	else if (err == -EEXIST)
		pr_err("%s: %s %.*s exists already\n", owner(set), name, len, value);
	else
		pr_err("%s: %s %.*s not added: error %pe\n", owner(set), name, len, value, ERR_PTR(err));
}

static int dyn_store(void *obj, const struct scst_attr *a, char *text)
{
	struct iscst_dyn *d = to_dyn(a);
	char *value = kmalloc(DYN_VALUE_MAX + 1, GFP_KERNEL);
	int ret;

	if (!value)
		return -ENOMEM;
	ret = parse_value(d->set, d->kind, text, value);
	if (ret)
		goto out;
	mutex_lock(&iscst_mutex);
	ret = check_free(d->set, d->kind, value, d);
	if (!ret)
		strscpy_pad(d->value, value, sizeof(d->value));
	mutex_unlock(&iscst_mutex);
	if (ret)
		report_refused(d->set, d->name, value, d->kind, ret);
out:
	kfree_sensitive(value);
	return ret;
}

static bool name_used(const struct iscst_dyn_set *set, const char *name)
{
	const struct iscst_dyn *d;

	list_for_each_entry(d, &set->list, link)
		if (!strcmp(d->name, name))
			return true;
	return false;
}

/* @wanted may carry a number already, as saved configurations do. */
static void pick_name(const struct iscst_dyn_set *set, struct iscst_dyn *d, const char *wanted)
{
	unsigned int n;

	strscpy(d->name, wanted, sizeof(d->name));
	for (n = 1; name_used(set, d->name); n++)
		snprintf(d->name, sizeof(d->name), "%s%u", wanted, n);
}

/* The one there is of a kind that exists once. */
static struct iscst_dyn *find_single(const struct iscst_dyn_set *set, const struct dyn_kind *kind)
{
	struct iscst_dyn *d;

	list_for_each_entry(d, &set->list, link)
		if (kind->single && d->kind == kind)
			return d;
	return NULL;
}

static int link_new(struct iscst_dyn_set *set, struct iscst_dyn *d, const char *wanted)
{
	int ret;

	if (set->closed)
		return -ENOENT;
	ret = check_free(set, d->kind, d->value, NULL);
	if (ret)
		return ret;
	if (set->nr >= DYN_MAX)
		return -ENOSPC;
	pick_name(set, d, wanted);
	list_add_tail(&d->link, &set->list);
	set->nr++;
	return 0;
}

/* Return: 0 linked, 1 an older one has taken the value over, negative errno. */
static int dyn_link(struct iscst_dyn_set *set, struct iscst_dyn *d, const char *wanted)
{
	struct iscst_dyn *old;
	int ret;

	mutex_lock(&iscst_mutex);
	old = find_single(set, d->kind);
	if (!old) {
		ret = link_new(set, d, wanted);
	} else {
		ret = check_free(set, d->kind, d->value, old);
		if (!ret) {
			memcpy(old->value, d->value, sizeof(old->value));
			ret = 1;
		}
	}
	mutex_unlock(&iscst_mutex);
	return ret;
}

static void dyn_unlink(struct iscst_dyn *d)
{
	mutex_lock(&iscst_mutex);
	list_del(&d->link);
	d->set->nr--;
	mutex_unlock(&iscst_mutex);
}

static struct iscst_dyn *dyn_alloc(struct iscst_dyn_set *set, const struct dyn_kind *kind)
{
	struct iscst_dyn *d = kzalloc(sizeof(*d), GFP_KERNEL);

	if (!d)
		return NULL;
	d->set = set;
	d->kind = kind;
	d->attr.attr.name = d->name;
	d->attr.attr.mode = kind->mode;
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	/* All such files share one lockdep class; mgmt removes them while its own file is busy. */
	d->attr.attr.ignore_lockdep = true;
#endif
	d->attr.show = dyn_show;
	d->attr.store = dyn_store;
	d->attr.flags = SCST_ATTR_RAW;
	return d;
}

/* Takes @d over when it returns 0. */
static int dyn_publish(struct iscst_dyn *d, const char *wanted)
{
	int ret;

	mutex_lock(&dyn_mutex);
	ret = dyn_link(d->set, d, wanted);
	if (!ret) {
		ret = scst_node_add_attr(d->set->node, &d->attr);
		if (ret)
			dyn_unlink(d);
	}
	mutex_unlock(&dyn_mutex);
	return ret;
}

static int dyn_add(struct iscst_dyn_set *set, const struct dyn_kind *kind, const char *wanted, char *text)
{
	struct iscst_dyn *d = dyn_alloc(set, kind);
	int ret;

	if (!d)
		return -ENOMEM;
	ret = parse_value(set, kind, text, d->value);
	if (ret)
		goto out_free;
	ret = dyn_publish(d, wanted);
	if (!ret)
		return 0;
	if (ret == 1) {
		pr_warn("%s: %s is replaced: there can be only one\n", owner(set), kind->base);
		ret = 0;
	} else {
		report_refused(set, wanted, d->value, kind, ret);
	}

out_free:
	kfree_sensitive(d);
	return ret;
}

static void dyn_remove(struct iscst_dyn *d)
{
	lockdep_assert_held(&dyn_mutex);
	dyn_unlink(d);
	scst_node_del_attr(d->set->node, &d->attr);
	kfree_sensitive(d);
}

static int dyn_del(struct iscst_dyn_set *set, const struct dyn_kind *kind, const char *name, char *text)
{
	char *key = scst_mgmt_next_word(&text);
	struct iscst_dyn *d;

	/* A secret may follow, as in the configuration; it need not be right. */
	if (!key || (!kind->account && scst_mgmt_next_word(&text))) {
		pr_err("%s: %s takes exactly one %s\n", owner(set), name, kind->account ? "user" : "pattern");
		return -EINVAL;
	}
	mutex_lock(&dyn_mutex);
	mutex_lock(&iscst_mutex);
	d = find_value(set, kind, key);
	mutex_unlock(&iscst_mutex);
	if (d)
		dyn_remove(d);
	mutex_unlock(&dyn_mutex);
	if (!d) {
		pr_err("%s: no %s %s\n", owner(set), kind->base, key);
		return -ENOENT;
	}
	return 0;
}

/* The kind whose name @name is, with or without a number; short enough that a number can follow. */
static const struct dyn_kind *find_kind(const struct iscst_dyn_set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct dyn_kind *kind = &kinds[i];
		size_t len = strlen(kind->base);

		if (strncmp(name, kind->base, len) || strspn(name + len, "0123456789") != strlen(name + len))
			continue;
		if (strlen(name) + sizeof("255") > DYN_NAME_MAX)
			return NULL;
		return set->accounts_only && !kind->account ? NULL : kind;
	}
	return NULL;
}

bool iscst_dyn_known(const struct iscst_dyn_set *set, const char *name)
{
	return find_kind(set, name);
}

static const struct dyn_kind *need_kind(const struct iscst_dyn_set *set, const char *name)
{
	const struct dyn_kind *kind = find_kind(set, name);

	if (!kind)
		pr_err("%s: unknown attribute %.64s\n", owner(set), name);
	return kind;
}

int iscst_dyn_add(struct iscst_dyn_set *set, const char *name, char *text)
{
	const struct dyn_kind *kind = need_kind(set, name);

	return kind ? dyn_add(set, kind, name, text) : -EINVAL;
}

int iscst_dyn_del(struct iscst_dyn_set *set, const char *name, char *text)
{
	const struct dyn_kind *kind = need_kind(set, name);

	return kind ? dyn_del(set, kind, name, text) : -EINVAL;
}

void iscst_dyn_init(struct iscst_dyn_set *set, struct scst_node *node, bool accounts_only)
{
	INIT_LIST_HEAD(&set->list);
	set->node = node;
	set->accounts_only = accounts_only;
}

void iscst_dyn_close(struct iscst_dyn_set *set)
{
	struct iscst_dyn *d, *next;

	mutex_lock(&dyn_mutex);
	mutex_lock(&iscst_mutex);
	set->closed = true;
	mutex_unlock(&iscst_mutex);
	/* Only this function and dyn_del() unlink what has a file, both under dyn_mutex. */
	list_for_each_entry_safe(d, next, &set->list, link)
		dyn_remove(d);
	mutex_unlock(&dyn_mutex);
}
