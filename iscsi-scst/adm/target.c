// SPDX-License-Identifier: GPL-2.0
/*
 * Targets: found by their number, made, changed, printed, removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "keys.h"
#include "ops.h"
#include "tree.h"

#define LINE_BYTES	4096	/* the kernel takes no longer one */

int write_attr(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n;
	int ret;

	if (fd < 0)
		return -errno;
	if (!*text)
		text = "\n";	/* of nothing the kernel would not hear */
	n = write(fd, text, strlen(text));
	ret = n < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int write_mgmt(int drv, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;
	int len, ret;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	ret = len < (int)sizeof(line) ? write_attr(drv, "mgmt", line) : -E2BIG;
	explicit_bzero(line, sizeof(line));	/* may hold the secret of an account */
	return ret;
}

void print_attrs(int dir)
{
	char value[256];
	size_t i;

	for (i = 0; i < ISCSI_KEY_ATTR_MAX; i++)
		if (!tree_read_line(dir, iscsi_key_table[i].name, value, sizeof(value)))
			printf("%s=%s\n", iscsi_key_table[i].name, value);
}

static bool has_tid(int tgt, unsigned int tid)
{
	char text[32], *end;

	return !tree_read_line(tgt, "tid", text, sizeof(text)) && strtoul(text, &end, 10) == tid &&
	       end != text && !*end;
}

int find_tid(int drv, unsigned int tid, char *name)
{
	char **names;
	int count = tree_targets(drv, &names);
	int found = -1;
	int i;

	for (i = 0; i < count && found < 0; i++) {
		int tgt = tree_open_target(drv, names[i]);

		if (tgt >= 0 && has_tid(tgt, tid)) {
			snprintf(name, ISCSI_STORED_NAME_MAX + 1, "%s", names[i]);
			found = tgt;
		} else if (tgt >= 0) {
			close(tgt);
		}
	}
	if (count >= 0)
		tree_free_names(names, count);
	if (found < 0)
		adm_error("no target has the id %u", tid);
	return found;
}

/* "KEY=VALUE;KEY=VALUE": all parameters but the name; false when they do not fit. */
static bool join_params(const struct adm_request *r, char *text, size_t size)
{
	size_t len = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < r->nr_params; i++) {
		const struct adm_param *p = &r->param[i];

		if (!strcasecmp(p->name, "Name"))
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s=%s", len ? ";" : " ", p->name, p->value);
		if (len >= size)
			return false;
	}
	return true;
}

/* The kernel counts targets by itself: another number than it gives cannot be had. */
static int keep_if_tid(const struct adm_request *r, int drv, const char *name)
{
	int tgt = tree_find_target(drv, name, NULL);
	bool right = tgt >= 0 && has_tid(tgt, r->tid);

	if (tgt >= 0)
		close(tgt);
	if (right)
		return ADM_OK;
	write_mgmt(drv, "del_target %s", name);
	return adm_error("%s cannot have the id %u, which is not the next one; leave --tid out", name, r->tid);
}

static int new_target(const struct adm_request *r, int drv)
{
	const char *name = request_param(r, "Name");
	char params[LINE_BYTES];
	int ret;

	if (!name || !*name || strchr(name, ' ')) {
		adm_error("a new target needs --params Name=NAME");
		return ADM_USAGE;
	}
	ret = join_params(r, params, sizeof(params)) ? write_mgmt(drv, "add_target %s%s", name, params) : -E2BIG;
	if (ret)
		return adm_error("%s not made: %s", name, strerror(-ret));
	return r->tid ? keep_if_tid(r, drv, name) : ADM_OK;
}

static int update_target(const struct adm_request *r, int tgt)
{
	int i, ret;

	if (!r->nr_params) {
		adm_error("nothing to change: --params is missing");
		return ADM_USAGE;
	}
	for (i = 0; i < r->nr_params; i++) {
		ret = write_attr(tgt, r->param[i].name, r->param[i].value);
		if (ret)
			return adm_error("%s=%s: %s", r->param[i].name, r->param[i].value,
					 ret == -ENOENT ? "no such parameter" : strerror(-ret));
	}
	return ADM_OK;
}

static int delete_target(int drv, const char *name)
{
	int ret = write_mgmt(drv, "del_target %s", name);

	return ret ? adm_error("%s not removed: %s", name, strerror(-ret)) : ADM_OK;
}

int target_op(const struct adm_request *r, int drv)
{
	char name[ISCSI_STORED_NAME_MAX + 1];
	int ret = ADM_OK;
	int tgt;

	if (r->op == ADM_NEW)
		return new_target(r, drv);
	tgt = find_tid(drv, r->tid, name);
	if (tgt < 0)
		return ADM_FAILED;
	if (r->op == ADM_UPDATE)
		ret = update_target(r, tgt);
	else if (r->op == ADM_DELETE)
		ret = delete_target(drv, name);
	else
		print_attrs(tgt);
	close(tgt);
	return ret;
}
