// SPDX-License-Identifier: GPL-2.0
/* Replacing a file so that at any moment either the old or the new text is there. */
#include "savefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int replace(struct pool *p, const char *path, const char *text, size_t len)
{
	const char *slash = strrchr(path, '/'), *dir;
	char *temp;
	int err;

	if (!slash)
		dir = ".";
	else
		dir = slash == path ? "/" : pool_strn(p, path, (size_t)(slash - path));
	temp = pool_fmt(p, "%s/.%s.XXXXXX", dir, slash ? slash + 1 : path);
	err = write_temp(temp, text, len);
	if (err)
		return err;
	if (rename(temp, path)) {
		err = -errno;
		unlink(temp);
		return err;
	}
	return sync_dir(dir);
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
	char *real;
	int err;

	if (stat(path, &st))
		return errno == ENOENT ? replace(p, path, text, len) : -errno;
	if (is_stdout(&st))
		return write_all(STDOUT_FILENO, text, len);
	if (!S_ISREG(st.st_mode))
		return write_special(path, text, len);
	/* a symbolic link stays one: its target is replaced */
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	err = replace(p, real, text, len);
	free(real);
	return err;
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
