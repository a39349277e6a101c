// SPDX-License-Identifier: GPL-2.0
/* Writing to files of the tree: one command per write, queued results, sessions that must end. */
#include "adm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESULT_FILE "last_sysfs_mgmt_res"

/* The kernel took the command in hand and will tell later. */
static int wait_for_result(struct adm *a)
{
	unsigned int tries;
	char buf[9];
	ssize_t n = -1;
	long res;
	int fd;

	fd = openat(a->tree.root, RESULT_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (tries = 0; tries < a->patience; tries++) {
		n = pread(fd, buf, sizeof(buf) - 1, 0);
		if (n >= 0 || errno != EAGAIN)
			break;
		sleep(1);
	}
	res = n < 0 ? -errno : 0;
	close(fd);
	if (n < 0)
		return (int)res;
	buf[n] = '\0';
	res = strtol(buf, NULL, 10);
	return res > 0 || res < -4095 ? -EIO : (int)res;
}

static int store_file(struct adm *a, const char *path, const char *text, size_t len)
{
	int fd, err = 0;
	ssize_t n = -1;

	fd = openat(a->tree.root, path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		err = -errno;
	else if (n == 0)
		err = -EIO;
	close(fd);
	return err;
}

static void print_debug(struct adm *a, const char *path, const char *text, size_t len)
{
	if (len && text[len - 1] == '\n')
		len--;
	fprintf(a->out, "DBG(%d): %s/%s -> %.*s\n", (int)getpid(), a->root_name, path, (int)len,
		text);
}

int adm_write(struct adm *a, const char *path, const char *text)
{
	size_t len = strlen(text);
	int err;

	if (given(a, OPT_DEBUG)) {
		print_debug(a, path, text, len);
		return 0;
	}
	fflush(a->out);
	if (a->store)
		err = a->store(a, path, text, len);
	else
		err = store_file(a, path, text, len);
	return err == -EAGAIN ? wait_for_result(a) : err;
}

int adm_change(struct adm *a, int code, const char *path, const char *text, const char *what)
{
	int err;

	adm_begin(a);
	err = adm_write(a, path, text);
	if (err)
		return adm_refused(a, code, err, what);
	adm_done(a, what);
	adm_end(a);
	return 0;
}

/* Asks each session to go; returns how many there are. */
static size_t kick_sessions(struct adm *a, const char *dir, bool force)
{
	struct strs names = { 0 };
	const char *path;
	size_t i;

	a->tree.err = NULL;
	tree_names(&a->tree, dir, &names);
	for (i = 0; i < names.n && force; i++) {
		path = pool_fmt(&a->pool, "%s/%s/force_close", dir, names.v[i]);
		if (tree_exists(&a->tree, path))
			adm_write(a, path, "1");
	}
	return names.n;
}

int adm_close_sessions(struct adm *a, const char *tgt_path)
{
	const char *dir = pool_fmt(&a->pool, "%s/sessions", tgt_path);
	unsigned int waited;

	if (!tree_is_dir(&a->tree, dir))
		return 0;
	for (waited = 0; kick_sessions(a, dir, waited == 0); waited++) {
		if (given(a, OPT_DEBUG))
			return 0;
		if (waited >= a->patience)
			return -ETIMEDOUT;
		sleep(1);
	}
	return 0;
}
