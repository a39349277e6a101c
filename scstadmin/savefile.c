// SPDX-License-Identifier: GPL-2.0
/* Replacing a file so that at any moment either the old or the new text is there. */
#include "savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40	/* as many as the kernel follows */

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, text, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	/* some file systems cannot sync a directory; the rename itself has been done */
	if (fsync(fd) && errno != EINVAL)
		err = -errno;
	close(fd);
	return err;
}

/* mkstemp() makes it 0600, and the name is never visible half written. */
static int write_temp(char *temp, const char *text, size_t len)
{
	int fd = mkostemp(temp, O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

static const char *dir_of(struct pool *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : pool_strn(p, path, (size_t)(slash - path));
}

/* For a file that cannot be replaced, as one that is a mount point: as short a time as possible. */
static int overwrite(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), err;

	if (fd < 0)
		return -errno;
	err = fchmod(fd, 0600) ? -errno : write_all(fd, text, len);
	if (!err && (ftruncate(fd, (off_t)len) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

static int put_in_place(struct pool *p, const char *path, const char *text, size_t len)
{
	const char *dir = dir_of(p, path), *slash = strrchr(path, '/');
	char *temp = pool_fmt(p, "%s/.%s.XXXXXX", dir, slash ? slash + 1 : path);
	int err = write_temp(temp, text, len);

	if (err)
		return err;
	if (!rename(temp, path))
		return sync_dir(dir);
	err = -errno;
	unlink(temp);
	return err == -EBUSY ? overwrite(path, text, len) : err;
}

/* A signal that would end us waits: no half of this, and no temporary file, stays behind. */
static int replace(struct pool *p, const char *path, const char *text, size_t len)
{
	sigset_t ends, before;
	int err;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ends, &before);
	err = put_in_place(p, path, text, len);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* What a symbolic link points to, though it be missing; @path itself when it is no link. */
static const char *follow(struct pool *p, const char *path)
{
	char to[PATH_MAX];
	unsigned int hops;
	ssize_t n;

	for (hops = 0; hops < MAX_LINKS; hops++) {
		n = readlink(path, to, sizeof(to) - 1);
		if (n < 0)
			break;
		to[n] = '\0';
		path = *to == '/' ? pool_str(p, to) : pool_fmt(p, "%s/%s", dir_of(p, path), to);
	}
	return path;
}

/* Pipes, terminals and the like are written in place. */
static int write_special(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* Also when it is a file: what we print later belongs behind it. */
static bool is_stdout(const struct stat *st)
{
	struct stat out;

	return !fstat(STDOUT_FILENO, &out) && out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

int save_file(struct pool *p, const char *path, const char *text, size_t len)
{
	struct stat st;

	if (stat(path, &st)) {
		if (errno != ENOENT)
			return -errno;
	} else if (is_stdout(&st)) {
		return write_all(STDOUT_FILENO, text, len);
	} else if (!S_ISREG(st.st_mode)) {
		return write_special(path, text, len);
	}
	/* a symbolic link stays one: its target is replaced, or made */
	return replace(p, follow(p, path), text, len);
}

static int read_all(struct pool *p, int fd, size_t max, char **text, size_t *len)
{
	struct sbuf b = { .pool = p };
	char chunk[16384];
	ssize_t n;

	sbuf_str(&b, "");
	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (b.len + (size_t)n > max)
			return -EFBIG;
		sbuf_add(&b, chunk, (size_t)n);
	}
	*text = b.s;
	*len = b.len;
	return 0;
}

int load_file(struct pool *p, const char *path, size_t max, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), err;

	if (fd < 0)
		return -errno;
	err = read_all(p, fd, max, text, len);
	close(fd);
	return err;
}

int load_replaced(struct pool *p, const char *path, size_t max, char **text, size_t *len)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || is_stdout(&st))
		return -ENOENT;
	return load_file(p, path, max, text, len);
}
