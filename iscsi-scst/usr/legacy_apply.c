// SPDX-License-Identifier: GPL-2.0
/*
 * The older configuration file, applied when the daemon starts. The kernel keeps what was configured while the daemon is
 * away, so a restart must change nothing: only what does not exist is added.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "legacy.h"
#include "legacy_apply.h"
#include "log.h"
#include "tree.h"

#define FILE_MAX	(4 << 20)
#define LINE_BYTES	(ISCSI_LEGACY_VALUE_MAX + ISCSI_STORED_NAME_MAX + 64)

/**
 * struct apply - what is under way
 * @path: the file
 * @drv: directory of the driver
 * @target: the section we are in
 * @server: iSNSServer of the file, "" for none
 * @access: iSNSAccessControl of the file
 */
struct apply {
	const char *path;
	int drv;
	char target[ISCSI_LEGACY_VALUE_MAX + 1];
	char server[ISCSI_LEGACY_VALUE_MAX + 1];
	bool access;
};

static int write_file(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int manage(const struct apply *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int manage(const struct apply *a, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	ret = ret < (int)sizeof(line) ? write_file(a->drv, "mgmt", line) : -E2BIG;
	explicit_bzero(line, sizeof(line));
	return ret;
}

static void log_at(const struct apply *a, const struct iscsi_legacy_item *item, const char *what, const char *why)
{
	log_line(LOG_ERR, "%s:%u:%u: %s%s%s", a->path, item->line, item->column, what, why[0] ? ": " : "", why);
}

/* As add_target would say, but without an error in the kernel's log at each start. */
static int add_target(const struct apply *a, const char *name)
{
	int tgt = tree_find_target(a->drv, name, NULL);

	if (tgt < 0)
		return manage(a, "add_target %s", name);
	close(tgt);
	return -EEXIST;
}

/* A target that is there is as its administrator wants it. */
static int new_target(struct apply *a, struct iscsi_legacy *l, const struct iscsi_legacy_item *item)
{
	int ret = add_target(a, item->value);

	snprintf(a->target, sizeof(a->target), "%s", item->value);
	l->skip = ret;
	if (ret != -EEXIST)
		return ret;
	log_line(LOG_INFO, "%s:%u: target %s exists, its section is left out", a->path, item->line, item->value);
	return 0;
}

static int target_attr(const struct apply *a, const struct iscsi_legacy_item *item)
{
	int tgt = tree_find_target(a->drv, a->target, NULL);
	int ret;

	if (tgt < 0)
		return tgt;
	ret = write_file(tgt, item->name, item->value);
	close(tgt);
	return ret;
}

/* Is this file an account of the user whose name begins @account? */
static bool is_account_of(int dir, const char *file, const char *kind, const char *account)
{
	char line[ISCSI_LEGACY_VALUE_MAX + 1];
	size_t len = strcspn(account, " ");
	bool same;

	if (!tree_numbered(file, kind) || tree_read_line(dir, file, line, sizeof(line)))
		return false;
	same = strcspn(line, " ") == len && !strncmp(line, account, len);
	explicit_bzero(line, sizeof(line));
	return same;
}

static bool account_exists(int dir, const char *kind, const char *account)
{
	DIR *d = tree_list(dir);
	bool found = false;
	struct dirent *e;

	while (d && !found && (e = readdir(d)))
		found = is_account_of(dir, e->d_name, kind, account);
	if (d)
		closedir(d);
	return found;
}

/* There is one OutgoingUser, and another one would replace it. */
static int discovery_account(const struct apply *a, const struct iscsi_legacy_item *item)
{
	int ret;

	if (!strcmp(item->name, "OutgoingUser") && !faccessat(a->drv, item->name, F_OK, 0))
		return 0;
	if (account_exists(a->drv, item->name, item->value))
		return 0;
	ret = manage(a, "add_attribute %s %s", item->name, item->value);
	return ret == -EEXIST ? 0 : ret;
}

static int apply_item(struct apply *a, struct iscsi_legacy *l, const struct iscsi_legacy_item *item)
{
	switch (item->kind) {
	case ISCSI_LEGACY_TARGET:
		return new_target(a, l, item);
	case ISCSI_LEGACY_ATTR:
		return target_attr(a, item);
	case ISCSI_LEGACY_ISNS_SERVER:
		snprintf(a->server, sizeof(a->server), "%s", item->value);
		return 0;
	case ISCSI_LEGACY_ISNS_ACCESS:
		a->access = !strcasecmp(item->value, "Yes");
		return 0;
	default:
		if (!item->in_target)
			return discovery_account(a, item);
		return manage(a, "add_target_attribute %s %s %s", a->target, item->name, item->value);
	}
}

/* Both directives have been seen, in whatever order. */
static void set_isns_server(const struct apply *a)
{
	char line[ISCSI_LEGACY_VALUE_MAX + 32], host[ISNS_HOST_BYTES];
	int ret;

	if (!a->server[0] || isns_configured(a->drv, host))
		return;
	snprintf(line, sizeof(line), "%s%s", a->server, a->access ? " AccessControl" : "");
	ret = write_file(a->drv, "iSNSServer", line);
	if (ret)
		log_line(LOG_ERR, "%s: iSNSServer: %s", a->path, strerror(-ret));
}

static void apply_all(struct apply *a, const char *data, size_t size)
{
	struct iscsi_legacy_item item;
	struct iscsi_legacy l;
	int ret;

	iscsi_legacy_init(&l, data, size);
	while ((ret = iscsi_legacy_next(&l, &item))) {
		if (ret < 0) {
			log_at(a, &item, item.error, "");
			continue;
		}
		ret = apply_item(a, &l, &item);
		if (ret)
			log_at(a, &item, item.name, strerror(-ret));
	}
	set_isns_server(a);
	explicit_bzero(&item, sizeof(item));
}

/* Its size, or -errno. */
static ssize_t check_file(const struct apply *a, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > FILE_MAX)
		return -EFBIG;
	if (st.st_mode & 0044)
		log_line(LOG_WARNING, "%s can be read by others; it may hold secrets", a->path);
	return st.st_size;
}

static int read_and_apply(struct apply *a, int fd)
{
	ssize_t size = check_file(a, fd);
	char *data;
	ssize_t n;

	if (size <= 0)
		return (int)size;
	data = malloc((size_t)size);
	if (!data)
		return -ENOMEM;
	n = pread(fd, data, (size_t)size, 0);
	if (n > 0)
		apply_all(a, data, (size_t)n);
	explicit_bzero(data, (size_t)size);
	free(data);
	return n < 0 ? -errno : 0;
}

void legacy_apply(const char *path, const char *root)
{
	struct apply a = { .path = path };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int ret = fd < 0 ? -errno : 0;

	if (ret == -ENOENT)
		return;
	if (!ret) {
		a.drv = tree_open(root);
		ret = a.drv < 0 ? a.drv : read_and_apply(&a, fd);
		if (a.drv >= 0)
			close(a.drv);
		close(fd);
	}
	if (ret)
		log_line(LOG_ERR, "cannot apply %s: %s", path, strerror(-ret));
}
