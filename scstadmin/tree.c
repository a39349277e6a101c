// SPDX-License-Identifier: GPL-2.0
/* The sysfs tree to model: what counts as an attribute, an object, a value, a key mark. */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES 4096
#define RETRY_SECONDS 300

/* The object may go while it is read. */
static bool is_gone(int err)
{
	return err == ENOENT || err == ENODEV;
}

static void tree_fail(struct tree *t, const char *path)
{
	if (!t->err && !(t->below_top && is_gone(errno)))
		t->err = pool_fmt(t->pool, "Unable to read '%s': %s", path, strerror(errno));
}

/* A queued read may ask for patience; ours never does, an older core may. */
static ssize_t read_page(int fd, char *buf)
{
	unsigned int tries;
	ssize_t n;

	for (tries = 0; tries < RETRY_SECONDS; tries++) {
		n = pread(fd, buf, PAGE_BYTES, 0);
		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n;
		if (errno == EAGAIN)
			sleep(1);
	}
	return -1;
}

char *tree_file(struct tree *t, const char *path)
{
	char buf[PAGE_BYTES];
	ssize_t n;
	int fd, err;

	fd = openat(t->root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	n = read_page(fd, buf);
	err = errno;
	close(fd);
	errno = err;
	return n < 0 ? NULL : pool_strn(t->pool, buf, (size_t)n);
}

char *tree_link(struct tree *t, const char *path)
{
	char buf[PAGE_BYTES], *slash;
	ssize_t n = readlinkat(t->root, path, buf, sizeof(buf) - 1);

	if (n < 0)
		return NULL;
	buf[n] = '\0';
	slash = strrchr(buf, '/');
	return pool_str(t->pool, slash ? slash + 1 : buf);
}

bool tree_exists(struct tree *t, const char *path)
{
	struct stat st;

	return !fstatat(t->root, path, &st, AT_SYMLINK_NOFOLLOW);
}

bool tree_is_dir(struct tree *t, const char *path)
{
	struct stat st;

	return !fstatat(t->root, path, &st, 0) && S_ISDIR(st.st_mode);
}

bool tree_is_writable(struct tree *t, const char *path)
{
	struct stat st;

	return !fstatat(t->root, path, &st, 0) && S_ISREG(st.st_mode) && (st.st_mode & 0200);
}

bool tree_names(struct tree *t, const char *path, struct strs *out)
{
	struct dirent *e;
	DIR *d;
	int fd;

	fd = openat(t->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		if (fd >= 0)
			close(fd);
		tree_fail(t, path);
		return false;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && strcmp(e->d_name, "mgmt"))
			strs_add(t->pool, out, pool_str(t->pool, e->d_name));
	closedir(d);
	strs_sort(out);
	return true;
}

/* ---- lists inside mgmt files ---- */

static void add_param(struct tree *t, struct strs *out, const char *s, size_t len)
{
	while (len && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '.'))
		len--;
	if (len)
		strs_add(t->pool, out, pool_strn(t->pool, s, len));
}

static void split_params(struct tree *t, struct strs *out, const char *s)
{
	size_t n;

	while (*s && *s != '\n') {
		n = strcspn(s, ",\n");
		add_param(t, out, s, n);
		s += n;
		if (*s == ',')
			s++;
	}
}

void tree_params(struct tree *t, const char *mgmt, const char *head, struct strs *out)
{
	const char *line = tree_file(t, mgmt);

	memset(out, 0, sizeof(*out));
	while (line) {
		if (!strncmp(line, head, strlen(head))) {
			split_params(t, out, line + strlen(head));
			return;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

void tree_driver_lists(struct tree *t, struct obj *d)
{
	char *mgmt = pool_fmt(t->pool, "targets/%s/mgmt", d->name);

	d->can_create = tree_is_writable(t, mgmt);
	tree_params(t, mgmt, PARAM_HEAD, &d->create);
	tree_params(t, mgmt, DRV_DYN_HEAD, &d->dyn);
	tree_params(t, mgmt, TGT_DYN_HEAD, &d->dyn_tgt);
}

/* ---- attributes ---- */

static bool name_in(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static bool is_ignored(enum obj_kind k, const char *name)
{
	if (!strcmp(name, "mgmt"))
		return true;
	if (!strcmp(name, "uevent"))
		return k == OBJ_DEVICE || k == OBJ_TARGET || k == OBJ_ALUA;
	return !strcmp(name, "module") && (k == OBJ_HANDLER || k == OBJ_TARGET);
}

/* Settable by way of other means than the file's mode tells. */
static bool counts_as_writable(enum obj_kind k, const char *name)
{
	static const char *const dev[] = {
		"cpu_mask", "filename", "threads_num", "threads_pool_type", NULL };
	static const char *const tgt[] = { "enabled", "cpu_mask", NULL };
	static const char *const grp[] = { "cpu_mask", NULL };

	return (k == OBJ_DEVICE && name_in(name, dev)) || (k == OBJ_TARGET && name_in(name, tgt)) ||
	       (k == OBJ_GROUP && name_in(name, grp));
}

static bool shown_link(enum obj_kind k, const char *name)
{
	static const char *const dev[] = { "handler", "scsi_device", NULL };
	static const char *const tgt[] = { "host", NULL };
	static const char *const lun[] = { "device", NULL };

	return (k == OBJ_DEVICE && name_in(name, dev)) || (k == OBJ_TARGET && name_in(name, tgt)) ||
	       (k == OBJ_LUN && name_in(name, lun));
}

/* "allowed_portal1" is the next value of "allowed_portal"; "t10_dev_id" is itself. */
static size_t base_len(const char *name)
{
	size_t n = strcspn(name, "0123456789");

	return n && name[n] && !name[n + strspn(name + n, "0123456789")] ? n : strlen(name);
}

/* Value " N - words" of type files becomes two attributes. */
static void add_type(struct tree *t, struct obj *o, const char *value)
{
	const char *dash = strstr(value, " - ");
	struct attr *a = attr_add(t->pool, o, "type");

	a->readable = true;
	val_add(t->pool, a, dash ? pool_strn(t->pool, value, (size_t)(dash - value)) : value);
	if (!dash)
		return;
	a = attr_add(t->pool, o, "type_string");
	a->readable = true;
	val_add(t->pool, a, dash + 3);
}

static void add_trace_level(struct tree *t, struct attr *a, const char *value, const char *rest)
{
	const char *open = strrchr(rest, '['), *bar;
	size_t n;

	for (bar = value; *bar; bar += n + (bar[n] == '|')) {
		n = strcspn(bar, "|");
		while (n && *bar == ' ') {
			bar++;
			n--;
		}
		val_add(t->pool, a, pool_strn(t->pool, bar, n && bar[n - 1] == ' ' ? n - 1 : n));
	}
	if (open)
		split_params(t, &a->choices, pool_strn(t->pool, open + 1, strcspn(open + 1, "]")));
	if (!a->vals)
		val_add(t->pool, a, "");
}

static void add_text(struct tree *t, struct obj *o, const char *name, mode_t mode, char *text)
{
	char *rest = text + strcspn(text, "\n");
	struct attr *a;
	bool key;
	size_t n;

	if (*rest)
		*rest++ = '\0';
	key = strstr(rest, "[key]") && strstr(rest, "[key]") < rest + strcspn(rest, "\n");
	if (!strcmp(name, "type")) {
		add_type(t, o, text);
		return;
	}
	n = key ? base_len(name) : strlen(name);
	a = attr_add(t->pool, o, pool_strn(t->pool, name, n));
	a->readable = true;
	a->writable = (mode & 0200) || counts_as_writable(o->kind, name);
	a->key |= key;
	if (!strcmp(name, "trace_level"))
		add_trace_level(t, a, text, rest);
	else
		val_insert(t->pool, a, text, name[n] ? strtoul(name + n, NULL, 10) : 0);
}

static void add_unreadable(struct tree *t, struct obj *o, const char *name, mode_t mode, int err)
{
	struct attr *a = attr_add(t->pool, o, name);

	a->err = err;
	a->writable = (mode & 0200) || counts_as_writable(o->kind, name);
}

static void add_link(struct tree *t, const char *path, struct obj *o, const char *name)
{
	const char *text = tree_link(t, path);
	struct attr *a;

	if (!text) {
		if (errno != ENOENT)
			tree_fail(t, path);
		return;
	}
	a = attr_add(t->pool, o, name);
	a->readable = a->link = true;
	val_add(t->pool, a, text);
}

static void add_entry(struct tree *t, const char *dir, const char *name, struct obj *o)
{
	const char *path = pool_fmt(t->pool, "%s/%s", dir, name);
	struct stat st;
	char *text;

	if (is_ignored(o->kind, name) || fstatat(t->root, path, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (S_ISLNK(st.st_mode) && shown_link(o->kind, name))
		add_link(t, path, o, name);
	if (!S_ISREG(st.st_mode))
		return;
	if (!(st.st_mode & 0400)) {
		add_unreadable(t, o, name, st.st_mode, 0);
		return;
	}
	text = tree_file(t, path);
	if (text)
		add_text(t, o, name, st.st_mode, text);
	else if (!is_gone(errno))
		add_unreadable(t, o, name, st.st_mode, errno);
}

/* Sessions of a local target are given back to add_target as its session_name values. */
static void add_session_names(struct tree *t, const char *dir, struct obj *o)
{
	struct strs names = { 0 };
	struct attr *a;
	size_t i;

	if (!strs_has(&o->parent->create, "session_name") ||
	    !tree_names(t, pool_fmt(t->pool, "%s/sessions", dir), &names) || !names.n)
		return;
	a = attr_add(t->pool, o, "session_name");
	a->key = a->readable = true;
	for (i = 0; i < names.n; i++)
		val_insert(t->pool, a, names.v[i], i);
}

bool tree_attrs(struct tree *t, const char *dir, struct obj *o)
{
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(t, dir, &names))
		return false;
	for (i = 0; i < names.n; i++)
		add_entry(t, dir, names.v[i], o);
	if (o->kind == OBJ_TARGET && o->parent)
		add_session_names(t, dir, o);
	attr_sort(t->pool, o);
	return true;
}

/* ---- objects ---- */

static struct obj *new_child(struct tree *t, struct obj *up, enum obj_kind k, const char *name,
			     const char *dir)
{
	struct obj *o = obj_new(t->pool, up, k, name);

	tree_attrs(t, dir, o);
	return o;
}

static void read_handler(struct tree *t, struct obj *root, const char *name)
{
	const char *dir = pool_fmt(t->pool, "handlers/%s", name), *mgmt, *dev;
	struct strs names = { 0 };
	struct obj *h;
	size_t i;

	if (!tree_is_dir(t, dir))
		return;
	h = new_child(t, root, OBJ_HANDLER, name, dir);
	mgmt = pool_fmt(t->pool, "%s/mgmt", dir);
	h->can_create = tree_is_writable(t, mgmt);
	tree_params(t, mgmt, PARAM_HEAD, &h->create);
	tree_names(t, dir, &names);
	for (i = 0; i < names.n; i++) {
		dev = pool_fmt(t->pool, "devices/%s", names.v[i]);
		if (tree_link(t, pool_fmt(t->pool, "%s/%s", dir, names.v[i])) && tree_is_dir(t, dev))
			new_child(t, h, OBJ_DEVICE, names.v[i], dev);
	}
}

static void read_luns(struct tree *t, struct obj *o, const char *up)
{
	const char *dir = pool_fmt(t->pool, "%s/luns", up), *lun, *dev;
	struct strs names = { 0 };
	unsigned long n;
	struct obj *l;
	size_t i;

	tree_params(t, pool_fmt(t->pool, "%s/mgmt", dir), PARAM_HEAD, &o->create);
	if (!tree_names(t, dir, &names))
		return;
	for (i = 0; i < names.n; i++) {
		lun = pool_fmt(t->pool, "%s/%s", dir, names.v[i]);
		if (!word_is_number(names.v[i], LUN_MAX, &n) || !tree_is_dir(t, lun))
			continue;
		dev = tree_link(t, pool_fmt(t->pool, "%s/device", lun));
		if (!dev && errno == ENOENT)
			continue;	/* taken away meanwhile */
		l = new_child(t, o, OBJ_LUN, names.v[i], lun);
		l->lun = n;
		l->dev = pool_str(t->pool, dev ? dev : "");
	}
}

/* sysfs lists groups in no order, but numbers them as they are made. */
static unsigned long long made(struct tree *t, const char *dir)
{
	struct stat st;

	return fstatat(t->root, dir, &st, 0) ? 0 : st.st_ino;
}

static void read_group(struct tree *t, struct obj *tgt, const char *name, const char *dir)
{
	struct obj *g = new_child(t, tgt, OBJ_GROUP, name, dir);
	const char *ini = pool_fmt(t->pool, "%s/initiators", dir);
	struct strs names = { 0 };
	size_t i;

	g->made = made(t, dir);
	read_luns(t, g, dir);
	tree_params(t, pool_fmt(t->pool, "%s/mgmt", ini), PARAM_HEAD, &g->create2);
	if (!tree_names(t, ini, &names))
		return;
	for (i = 0; i < names.n; i++)
		obj_new(t->pool, g, OBJ_INITIATOR, names.v[i]);
}

static void read_groups(struct tree *t, struct obj *tgt, const char *dir)
{
	const char *up = pool_fmt(t->pool, "%s/ini_groups", dir), *g;
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(t, up, &names))
		return;
	for (i = 0; i < names.n; i++) {
		g = pool_fmt(t->pool, "%s/%s", up, names.v[i]);
		if (tree_is_dir(t, g))
			read_group(t, tgt, names.v[i], g);
	}
}

static void read_target(struct tree *t, struct obj *drv, const char *name)
{
	const char *dir = pool_fmt(t->pool, "targets/%s/%s", drv->name, name), *hw;
	struct obj *o;

	if (!tree_is_dir(t, dir) || !tree_is_dir(t, pool_fmt(t->pool, "%s/luns", dir)))
		return;
	o = new_child(t, drv, OBJ_TARGET, name, dir);
	hw = attr_text(o, "hw_target");
	o->hw = hw && !strcmp(hw, "1");
	read_luns(t, o, dir);
	if (tree_is_dir(t, pool_fmt(t->pool, "%s/ini_groups", dir)))
		read_groups(t, o, dir);
}

static void read_driver(struct tree *t, struct obj *root, const char *name)
{
	const char *dir = pool_fmt(t->pool, "targets/%s", name);
	struct strs names = { 0 };
	struct obj *d;
	size_t i;

	if (!tree_is_dir(t, dir))
		return;
	d = new_child(t, root, OBJ_DRIVER, name, dir);
	tree_driver_lists(t, d);
	tree_names(t, dir, &names);
	for (i = 0; i < names.n; i++)
		read_target(t, d, names.v[i]);
}

static void read_tgrp(struct tree *t, struct obj *dg, const char *name, const char *dir)
{
	struct obj *tg = new_child(t, dg, OBJ_TGRP, name, dir), *m;
	struct strs names = { 0 };
	const char *path;
	size_t i;

	tree_names(t, dir, &names);
	for (i = 0; i < names.n; i++) {
		path = pool_fmt(t->pool, "%s/%s", dir, names.v[i]);
		if (!tree_is_dir(t, path))
			continue;
		m = obj_new(t->pool, tg, OBJ_TGTGT, names.v[i]);
		m->local = tree_link(t, path) != NULL;
		if (!m->local)
			tree_attrs(t, path, m);
	}
}

static void read_dgrp(struct tree *t, struct obj *root, const char *name)
{
	const char *dir = pool_fmt(t->pool, "device_groups/%s", name), *up;
	struct strs devs = { 0 }, tgs = { 0 };
	struct obj *dg;
	size_t i;

	if (!tree_is_dir(t, dir))
		return;
	dg = new_child(t, root, OBJ_DGRP, name, dir);
	tree_names(t, pool_fmt(t->pool, "%s/devices", dir), &devs);
	for (i = 0; i < devs.n; i++)
		obj_new(t->pool, dg, OBJ_DGDEV, devs.v[i]);
	up = pool_fmt(t->pool, "%s/target_groups", dir);
	tree_names(t, up, &tgs);
	for (i = 0; i < tgs.n; i++)
		if (tree_is_dir(t, pool_fmt(t->pool, "%s/%s", up, tgs.v[i])))
			read_tgrp(t, dg, tgs.v[i], pool_fmt(t->pool, "%s/%s", up, tgs.v[i]));
}

static void each_name(struct tree *t, struct obj *root, const char *dir,
			  void (*fn)(struct tree *t, struct obj *root, const char *name))
{
	struct strs names = { 0 };
	size_t i;

	if (!tree_names(t, dir, &names))
		return;
	t->below_top = true;
	for (i = 0; i < names.n && !t->err; i++)
		fn(t, root, names.v[i]);
	t->below_top = false;
}

struct obj *tree_read(struct tree *t)
{
	struct obj *root = obj_new(t->pool, NULL, OBJ_ROOT, "");

	tree_attrs(t, ".", root);
	each_name(t, root, "handlers", read_handler);
	each_name(t, root, "targets", read_driver);
	if (tree_is_dir(t, "device_groups")) {
		new_child(t, root, OBJ_ALUA, "", "device_groups");
		each_name(t, root, "device_groups", read_dgrp);
	}
	if (t->err)
		return NULL;
	obj_sort(t->pool, root);
	return root;
}

/* ---- exports ---- */

/* ../../../targets/D/T[/ini_groups/G]/luns/N */
static bool parse_export(struct tree *t, char *path, struct export *e)
{
	char *part[8], *save = NULL, *w;
	size_t n = 0;

	memset(e, 0, sizeof(*e));
	for (w = strtok_r(path, "/", &save); w && n < 8; w = strtok_r(NULL, "/", &save))
		if (strcmp(w, ".."))
			part[n++] = w;
	if ((n != 5 && n != 7) || strcmp(part[0], "targets") || strcmp(part[n - 2], "luns"))
		return false;
	e->driver = pool_str(t->pool, part[1]);
	e->target = pool_str(t->pool, part[2]);
	e->group = n == 7 ? pool_str(t->pool, part[4]) : NULL;
	e->lun = pool_str(t->pool, part[n - 1]);
	return strcmp(e->driver, COPY_MANAGER) != 0;
}

size_t tree_exports(struct tree *t, const char *dev, struct export **out)
{
	const char *dir = pool_fmt(t->pool, "devices/%s/exported", dev);
	struct strs names = { 0 };
	char buf[PAGE_BYTES];
	size_t i, n = 0;
	ssize_t len;

	*out = NULL;
	if (!tree_is_dir(t, dir) || !tree_names(t, dir, &names))
		return 0;
	*out = pool_alloc(t->pool, (names.n + 1) * sizeof(**out));
	for (i = 0; i < names.n; i++) {
		len = readlinkat(t->root, pool_fmt(t->pool, "%s/%s", dir, names.v[i]), buf,
				 sizeof(buf) - 1);
		if (len < 0)
			continue;
		buf[len] = '\0';
		n += parse_export(t, buf, *out + n);
	}
	return n;
}
