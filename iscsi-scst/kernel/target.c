// SPDX-License-Identifier: GPL-2.0
/*
 * iSCSI targets: creation with parameters, removal, the allowed_portal patterns.
 */
#include <linux/slab.h>

#include "iscst.h"

static u32 last_tid;		/* iscst_mutex */
static LIST_HEAD(all_targets);	/* iscst_mutex */
static bool exiting;		/* iscst_mutex */

/* Serialises adding and removing portal files, so that a name is free again only when its file has gone. Outside iscst_mutex. */
static DEFINE_MUTEX(portal_mutex);

static const char portal_attr[] = "allowed_portal";

#define PORTAL_PATTERN_MAX	128
#define PORTALS_MAX		256	/* per target: a bound, not a recommendation */

/**
 * struct iscst_portal - one allowed_portal pattern and its file
 * @link: tgt->portals; iscst_mutex
 * @attr: the file; allocated, hence ignore_lockdep
 * @name: allowed_portal, allowed_portal1, ...
 * @pattern: iscst_mutex
 */
struct iscst_portal {
	struct list_head link;
	struct scst_attr attr;
	char name[32];
	char pattern[PORTAL_PATTERN_MAX];
};

static struct iscst_portal *to_portal(const struct scst_attr *a)
{
	return container_of((struct scst_attr *)a, struct iscst_portal, attr);
}

static int portal_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	int len;

	mutex_lock(&iscst_mutex);
	len = scnprintf(buf, size, "%s\n[key]\n\n", to_portal(a)->pattern);
	mutex_unlock(&iscst_mutex);
	return len;
}

static int portal_check(const struct iscst_tgt *tgt, const char *pattern)
{
	if (!*pattern || strlen(pattern) >= PORTAL_PATTERN_MAX || strpbrk(pattern, " \t\n")) {
		pr_err("target %s: allowed_portal: bad pattern \"%.*s\"\n", tgt->tgt.name, PORTAL_PATTERN_MAX, pattern);
		return -EINVAL;
	}
	return 0;
}

static struct iscst_portal *portal_find(struct iscst_tgt *tgt, const char *pattern)
{
	struct iscst_portal *p;

	lockdep_assert_held(&iscst_mutex);
	list_for_each_entry(p, &tgt->portals, link)
		if (!strcasecmp(p->pattern, pattern))
			return p;
	return NULL;
}

static int portal_store(void *obj, const struct scst_attr *a, char *text)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);
	struct iscst_portal *p = to_portal(a), *same;
	int ret;

	ret = portal_check(tgt, text);
	if (ret)
		return ret;
	mutex_lock(&iscst_mutex);
	same = portal_find(tgt, text);
	if (same && same != p)
		ret = -EEXIST;
	else
		strscpy(p->pattern, text, sizeof(p->pattern));
	mutex_unlock(&iscst_mutex);
	if (ret)
		pr_err("target %s: allowed_portal %s exists already\n", tgt->tgt.name, text);
	return ret;
}

static bool portal_name_used(struct iscst_tgt *tgt, const char *name)
{
	struct iscst_portal *p;

	list_for_each_entry(p, &tgt->portals, link)
		if (!strcmp(p->name, name))
			return true;
	return false;
}

/* The plain name when it is free, else the one with the lowest free number. */
static void portal_pick_name(struct iscst_tgt *tgt, struct iscst_portal *p)
{
	unsigned int n;

	strscpy(p->name, portal_attr, sizeof(p->name));
	for (n = 1; portal_name_used(tgt, p->name); n++)
		snprintf(p->name, sizeof(p->name), "%s%u", portal_attr, n);
}

static int portal_link(struct iscst_tgt *tgt, struct iscst_portal *p)
{
	int ret = 0;

	mutex_lock(&iscst_mutex);
	if (tgt->dying)		/* drop_portals() has been here, or will not see it */
		ret = -ENOENT;
	else if (portal_find(tgt, p->pattern))
		ret = -EEXIST;
	else if (tgt->nr_portals >= PORTALS_MAX)
		ret = -ENOSPC;
	if (!ret) {
		portal_pick_name(tgt, p);
		list_add_tail(&p->link, &tgt->portals);
		tgt->nr_portals++;
	}
	mutex_unlock(&iscst_mutex);
	return ret;
}

static void portal_unlink(struct iscst_tgt *tgt, struct iscst_portal *p)
{
	mutex_lock(&iscst_mutex);
	list_del(&p->link);
	tgt->nr_portals--;
	mutex_unlock(&iscst_mutex);
}

static struct iscst_portal *portal_alloc(const char *pattern)
{
	struct iscst_portal *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return NULL;
	strscpy(p->pattern, pattern, sizeof(p->pattern));
	p->attr.attr.name = p->name;
	p->attr.attr.mode = 0644;
#ifdef CONFIG_DEBUG_LOCK_ALLOC
	/* All portal files share one lockdep class; mgmt removes them while its own file is busy. */
	p->attr.attr.ignore_lockdep = true;
#endif
	p->attr.show = portal_show;
	p->attr.store = portal_store;
	p->attr.flags = SCST_ATTR_RAW;
	return p;
}

static int portal_add(struct iscst_tgt *tgt, const char *pattern)
{
	struct iscst_portal *p;
	int ret;

	ret = portal_check(tgt, pattern);
	if (ret)
		return ret;
	p = portal_alloc(pattern);
	if (!p)
		return -ENOMEM;
	mutex_lock(&portal_mutex);
	ret = portal_link(tgt, p);
	if (ret)
		goto out_free;
	ret = scst_node_add_attr(&tgt->tgt.node, &p->attr);
	if (ret)
		goto out_unlink;
	mutex_unlock(&portal_mutex);
	return 0;

out_unlink:
	portal_unlink(tgt, p);
out_free:
	mutex_unlock(&portal_mutex);
	kfree(p);
	pr_err("target %s: allowed_portal %s not added: error %d\n", tgt->tgt.name, pattern, ret);
	return ret;
}

static void portal_remove(struct iscst_tgt *tgt, struct iscst_portal *p)
{
	portal_unlink(tgt, p);
	scst_node_del_attr(&tgt->tgt.node, &p->attr);
	kfree(p);
}

static int portal_del(struct iscst_tgt *tgt, const char *pattern)
{
	struct iscst_portal *p;

	mutex_lock(&portal_mutex);
	mutex_lock(&iscst_mutex);
	p = portal_find(tgt, pattern);
	mutex_unlock(&iscst_mutex);
	if (p)
		portal_remove(tgt, p);
	mutex_unlock(&portal_mutex);
	if (!p) {
		pr_err("target %s: no allowed_portal %s\n", tgt->tgt.name, pattern);
		return -ENOENT;
	}
	return 0;
}

static void drop_portals(struct iscst_tgt *tgt)
{
	struct iscst_portal *p, *next;

	mutex_lock(&portal_mutex);
	/* Only this function and portal_del() unlink, both under portal_mutex. */
	list_for_each_entry_safe(p, next, &tgt->portals, link)
		portal_remove(tgt, p);
	mutex_unlock(&portal_mutex);
}

/* "allowed_portal" itself or with digits behind, as saved configurations carry it. */
static bool is_portal_attr(const char *name)
{
	const size_t len = sizeof(portal_attr) - 1;

	return !strncmp(name, portal_attr, len) && strspn(name + len, "0123456789") == strlen(name + len);
}

static int portal_attr_op(struct scst_tgt *tgt, const char *attr, char *rest,
			  int (*op)(struct iscst_tgt *tgt, const char *pattern))
{
	char *pattern;

	if (!strncmp(attr, "IncomingUser", 12) || !strncmp(attr, "OutgoingUser", 12)) {
		pr_err("target %s: %s: CHAP is not supported\n", tgt->name, attr);
		return -EOPNOTSUPP;
	}
	if (!is_portal_attr(attr)) {
		pr_err("target %s: unknown attribute %s\n", tgt->name, attr);
		return -EINVAL;
	}
	pattern = scst_mgmt_next_word(&rest);
	if (!pattern || scst_mgmt_next_word(&rest)) {
		pr_err("target %s: %s takes exactly one pattern\n", tgt->name, attr);
		return -EINVAL;
	}
	return op(to_iscst_tgt(tgt), pattern);
}

int iscst_add_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest)
{
	return portal_attr_op(tgt, attr, rest, portal_add);
}

int iscst_del_tgt_attr(struct scst_tgt *tgt, const char *attr, char *rest)
{
	return portal_attr_op(tgt, attr, rest, portal_del);
}

static void tgt_release(void *obj)
{
	struct iscst_tgt *tgt = to_iscst_tgt(obj);

	kfree(tgt->alias);
	kfree(tgt->redirect);
	kfree(tgt);
}

static struct iscst_tgt *tgt_alloc(void)
{
	struct iscst_tgt *tgt = kzalloc(sizeof(*tgt), GFP_KERNEL);

	if (!tgt)
		return NULL;
	INIT_LIST_HEAD(&tgt->sessions);
	INIT_LIST_HEAD(&tgt->portals);
	INIT_LIST_HEAD(&tgt->link);
	iscsi_tgt_attrs_init(&tgt->attrs);
	mutex_lock(&iscst_mutex);
	if (!++last_tid)
		last_tid = 1;
	tgt->tid = last_tid;
	mutex_unlock(&iscst_mutex);
	return tgt;
}

static int set_params(struct iscst_tgt *tgt, char *params)
{
	char *name, *value;
	int ret;

	while ((ret = scst_mgmt_next_param(&params, &name, &value)) > 0) {
		if (is_portal_attr(name))
			ret = portal_add(tgt, value);
		else
			ret = iscst_tgt_set(tgt, name, value);
		if (ret)
			return ret;
	}
	if (ret)
		pr_err("target %s: malformed parameters\n", tgt->tgt.name);
	return ret;
}

/* Unlink (no new session can come), check that none is left, remove. */
static int tgt_remove(struct iscst_tgt *tgt)
{
	int ret = 0;

	mutex_lock(&iscst_mutex);
	if (tgt->dying)
		ret = -ENOENT;
	else if (tgt->nr_sessions)
		ret = -EBUSY;
	if (!ret) {
		tgt->dying = true;
		list_del_init(&tgt->link);
	}
	mutex_unlock(&iscst_mutex);
	if (ret)
		return ret;
	drop_portals(tgt);
	scst_tgt_unregister(&tgt->tgt);
	return 0;
}

/* Full being: the module's exit finds it. False when that has begun already. */
static bool tgt_link(struct iscst_tgt *tgt)
{
	bool ok;

	mutex_lock(&iscst_mutex);
	ok = !exiting;
	if (ok && !tgt->dying)
		list_add_tail(&tgt->link, &all_targets);
	mutex_unlock(&iscst_mutex);
	return ok;
}

int iscst_add_target(struct scst_driver *drv, const char *name, char *params)
{
	struct iscst_tgt *tgt;
	int ret;

	tgt = tgt_alloc();
	if (!tgt)
		return -ENOMEM;
	ret = scst_tgt_register(&tgt->tgt, drv, name, tgt_release);
	if (ret)
		return ret;
	scst_node_get(&tgt->tgt.node);
	ret = set_params(tgt, params);
	if (!ret && !tgt_link(tgt))
		ret = -ESHUTDOWN;
	if (ret)
		tgt_remove(tgt);	/* disabled until now: no session can exist */
	scst_node_put(&tgt->tgt.node);
	return ret;
}

int iscst_del_target(struct scst_tgt *tgt)
{
	/* The core says what is wrong; it tries again while the last session is on its way out. */
	return tgt_remove(to_iscst_tgt(tgt));
}

/* Sessions stay when a target is switched off (new logins see "enabled"), so there is nothing to do. */
int iscst_enable_target(struct scst_tgt *tgt, bool on)
{
	return 0;
}

void iscst_remove_targets(void)
{
	struct iscst_tgt *tgt;

	mutex_lock(&iscst_mutex);
	exiting = true;
	while ((tgt = list_first_entry_or_null(&all_targets, struct iscst_tgt, link))) {
		scst_node_get(&tgt->tgt.node);
		mutex_unlock(&iscst_mutex);
		/* -ENOENT: somebody else is removing it, and it is off the list. */
		WARN_ON_ONCE(tgt_remove(tgt) == -EBUSY);
		scst_node_put(&tgt->tgt.node);
		mutex_lock(&iscst_mutex);
	}
	mutex_unlock(&iscst_mutex);
}
