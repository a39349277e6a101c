// SPDX-License-Identifier: GPL-2.0
/* Whole configurations one after the other: what reads everything must not meet another one that is halfway. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "adm.h"

#define TRIES_PER_SECOND 10

/* 0, or an errno: EWOULDBLOCK when somebody else kept it for too long. */
static int take(struct adm *a, int fd)
{
	unsigned int tries;

	for (tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || tries >= a->lock_patience * TRIES_PER_SECOND)
			return errno;
		if (!tries)
			fputs("scstadmin: waiting for another one that is at work on the whole configuration\n", a->err);
		usleep(1000000 / TRIES_PER_SECOND);
	}
	return 0;
}

static void write_pid(int fd)
{
	if (!ftruncate(fd, 0))
		dprintf(fd, "%d\n", (int)getpid());
}

static long read_pid(int fd)
{
	char buf[24];
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	return strtol(buf, NULL, 10);
}

/* Whoever hangs must not keep a machine from taking over, so -force does without. */
static bool without(struct adm *a, int fd)
{
	long pid = read_pid(fd);

	if (given(a, OPT_FORCE)) {
		fprintf(a->err, "scstadmin: process %ld still is, going on all the same\n", pid);
		return true;
	}
	adm_report(a, 1, "Another scstadmin, process %ld, is at work on the whole configuration since more than %u s (-force goes on all the same)",
		   pid, a->lock_patience);
	return false;
}

bool adm_lock(struct adm *a)
{
	bool go_on = true;
	int fd, err;

	if (!a->lock_name || given(a, OPT_DEBUG))
		return true;
	/* not root, or no such place: there is nothing to wait for, then */
	fd = open(a->lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (fd < 0)
		return true;
	err = take(a, fd);
	if (!err) {
		write_pid(fd);
		a->lock_fd = fd;
		return true;
	}
	if (err == EWOULDBLOCK)
		go_on = without(a, fd);
	close(fd);
	return go_on;
}

void adm_unlock(struct adm *a)
{
	if (a->lock_fd >= 0)
		close(a->lock_fd);
	a->lock_fd = -1;
}
