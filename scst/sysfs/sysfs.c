// SPDX-License-Identifier: GPL-2.0
/*
 * The sysfs engine: directories with a lifetime, and one show and one store function for all files of the tree.
 */
#include <linux/kernfs.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/wait.h>

#include "scst_priv.h"

/* Room kept free behind a value for the newline, the mark and one more newline. */
#define SHOW_TAIL	16

static atomic_t live_nodes = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(nodes_gone);
static atomic_t last_result = ATOMIC_INIT(0);

static struct scst_node *node_of(struct kobject *kobj)
{
	return container_of(kobj, struct scst_node, kobj);
}

static const struct scst_attr *attr_of(struct attribute *attr)
{
	return container_of(attr, struct scst_attr, attr);
}

/* ---- reading */

static bool is_marked(void *obj, const struct scst_attr *a, const char *value)
{
	if (a->flags & SCST_ATTR_KEY_ALWAYS)
		return true;
	if (a->marked)
		return a->marked(obj, a);
	return a->dflt && strcmp(value, a->dflt);
}

static ssize_t node_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	const struct scst_attr *a = attr_of(attr);
	void *obj = node_of(kobj)->obj;
	bool marked;
	int len;

	if (!a->show)
		return -EIO;
	len = a->show(obj, a, buf, PAGE_SIZE - SHOW_TAIL);
	if (len < 0 || (a->flags & SCST_ATTR_RAW))
		return len;
	buf[len] = '\0';
	marked = is_marked(obj, a, buf);
	len += scnprintf(buf + len, SHOW_TAIL, "\n%s%s", marked ? "[key]\n" : "",
			 a->flags & SCST_ATTR_EXTRA_NL ? "\n" : "");
	return len;
}

/* ---- writing */

void scst_sysfs_result(int res)
{
	atomic_set(&last_result, res);
}

int scst_sysfs_last_result(void)
{
	return atomic_read(&last_result);
}

static char *trimmed(const struct scst_attr *a, char *text)
{
	size_t len = strlen(text);

	if (!(a->flags & SCST_ATTR_KEEP_SPACE))
		return strim(text);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

static int store_copy(void *obj, const struct scst_attr *a, const char *buf, size_t count)
{
	char *text;
	int ret;

	/* A longer write would arrive in pieces, each looking like a whole one. */
	if (count >= PAGE_SIZE) {
		pr_err("%s: a write of %zu bytes is too long\n", a->attr.name, count);
		return a->flags & SCST_ATTR_PATH ? -ENAMETOOLONG : -EINVAL;
	}
	text = kmemdup_nul(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	ret = a->store(obj, a, trimmed(a, text));
	kfree_sensitive(text);	/* may hold the secret of an account */
	/* Stores are synchronous: EAGAIN would make tools wait for a result that has come already. */
	return ret == -EAGAIN ? -EBUSY : ret;
}

static ssize_t node_store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t count)
{
	const struct scst_attr *a = attr_of(attr);
	int ret;

	if (!a->store)
		return -EIO;
	ret = store_copy(node_of(kobj)->obj, a, buf, count);
	scst_sysfs_result(ret);
	return ret ? ret : count;
}

int scst_bad_value(struct scst_node *n, const struct scst_attr *a, const char *text)
{
	pr_err("%s: bad value \"%.64s\" for %s\n", kobject_name(&n->kobj), text, a->attr.name);
	return -EINVAL;
}

int scst_parse_long(struct scst_node *n, const struct scst_attr *a, const char *text, long min, long max, long *value)
{
	int ret = kstrtol(text, 0, value);

	if (!ret && *value >= min && *value <= max)
		return 0;
	scst_bad_value(n, a, text);
	return ret ? ret : -EINVAL;
}

/* ---- directories */

static const struct sysfs_ops node_sysfs_ops = {
	.show = node_show,
	.store = node_store,
};

/* The count goes down within an RCU section, which the end of the module waits for: this code is still there. */
static void node_gone(void)
{
	rcu_read_lock();
	if (atomic_dec_and_test(&live_nodes))
		wake_up_all(&nodes_gone);
	rcu_read_unlock();
}

static void node_release(struct kobject *kobj)
{
	struct scst_node *n = node_of(kobj);
	struct scst_node *parent = n->parent, *owner = n->owner;

	if (n->release)
		n->release(n->obj);
	/* @n may be gone: what it referenced follows it. */
	if (owner)
		scst_node_put(owner);
	if (parent)
		scst_node_put(parent);
	node_gone();
}

static struct kobj_type node_ktype = {
	.release = node_release,
	.sysfs_ops = &node_sysfs_ops,
};

void scst_node_init(struct scst_node *n, void *obj, void (*release)(void *obj))
{
	memset(n, 0, sizeof(*n));
	n->obj = obj;
	n->release = release;
	atomic_inc(&live_nodes);
	kobject_init(&n->kobj, &node_ktype);
}
EXPORT_SYMBOL_GPL(scst_node_init);

bool scst_node_has(struct scst_node *n, const char *name)
{
	struct kernfs_node *kn = n->kobj.sd ? kernfs_find_and_get(n->kobj.sd, name) : NULL;

	kernfs_put(kn);
	return kn;
}

int scst_node_add(struct scst_node *n, struct scst_node *parent, const char *name)
{
	int ret;

	if (parent) {
		/* sysfs answers a duplicate with a stack trace. */
		if (scst_node_has(parent, name))
			return -EEXIST;
		/* Held until its release; taken once when it is added again after a failure. */
		if (n->parent != parent)
			scst_node_get(parent);
		n->parent = parent;
	}
	ret = kobject_add(&n->kobj, parent ? &parent->kobj : kernel_kobj, "%s", name);
	return ret;
}
EXPORT_SYMBOL_GPL(scst_node_add);

int scst_node_add_attr(struct scst_node *n, const struct scst_attr *attr)
{
	if (scst_node_has(n, attr->attr.name))
		return -EEXIST;
	return sysfs_create_file(&n->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(scst_node_add_attr);

int scst_node_add_attrs(struct scst_node *n, const struct scst_attr *attrs, unsigned int nr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		if (attrs[i].shown && !attrs[i].shown(n->obj, &attrs[i]))
			continue;
		ret = scst_node_add_attr(n, &attrs[i]);
		if (ret)
			return ret;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(scst_node_add_attrs);

void scst_node_del_attr(struct scst_node *n, const struct scst_attr *attr)
{
	sysfs_remove_file(&n->kobj, &attr->attr);
}
EXPORT_SYMBOL_GPL(scst_node_del_attr);

void scst_node_del(struct scst_node *n)
{
	if (n->kobj.state_in_sysfs)
		kobject_del(&n->kobj);
}
EXPORT_SYMBOL_GPL(scst_node_del);

void scst_node_own(struct scst_node *n, struct scst_node *owner)
{
	scst_node_get(owner);
	n->owner = owner;
}
EXPORT_SYMBOL_GPL(scst_node_own);

static void node_cancelled(void *obj)
{
	complete(obj);
}

void scst_node_cancel(struct scst_node *n)
{
	DECLARE_COMPLETION_ONSTACK(gone);

	scst_node_del(n);
	n->obj = &gone;
	n->release = node_cancelled;
	scst_node_put(n);
	wait_for_completion(&gone);
}
EXPORT_SYMBOL_GPL(scst_node_cancel);

void scst_node_get(struct scst_node *n)
{
	kobject_get(&n->kobj);
}
EXPORT_SYMBOL_GPL(scst_node_get);

void scst_node_put(struct scst_node *n)
{
	kobject_put(&n->kobj);
}
EXPORT_SYMBOL_GPL(scst_node_put);

int scst_name_check(const char *name, unsigned int max)
{
	size_t len = strnlen(name, max + 1);
	const char *p;

	if (!len || len > max || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	for (p = name; *p; p++)
		if (*p == '/' || iscntrl(*p))
			return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_GPL(scst_name_check);

/* Waits until the last directory's release function has run. */
void scst_sysfs_wait_gone(void)
{
	wait_event(nodes_gone, !atomic_read(&live_nodes));
	synchronize_rcu();
}
