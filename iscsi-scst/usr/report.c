// SPDX-License-Identifier: GPL-2.0
/*
 * What children tell the daemon, over a socket on which the kernel names the sender.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "report.h"

int report_open(int fd[2])
{
	int one = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd))
		return -errno;
	if (!setsockopt(fd[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)))
		return 0;
	one = -errno;
	close(fd[0]);
	close(fd[1]);
	return one;
}

void report_send(int fd, const struct report *r)
{
	ssize_t n = send(fd, r, sizeof(*r), MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)n;	/* a full socket costs a line, a gone daemon costs nothing */
}

/* What a child says may come from an initiator: no control characters in the log. */
static void clean_text(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

/* The child may be in the hands of an initiator: nothing in here is taken as it comes. */
static bool make_harmless(struct report *r)
{
	if (r->kind != REPORT_LOG && r->kind != REPORT_DISCOVERY)
		return false;
	if (r->priority < LOG_ERR || r->priority > LOG_DEBUG)
		r->priority = LOG_NOTICE;
	r->text[sizeof(r->text) - 1] = '\0';
	clean_text(r->text);
	return true;
}

static pid_t sender(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct ucred cred;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
		return -1;
	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	return cred.pid;
}

/* There is room for the sender's identity alone, so descriptors that come along are closed. */
int report_receive(int fd, struct report *r, pid_t *from)
{
	union {
		char room[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { r, sizeof(*r) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	*from = sender(&msg);
	return n == sizeof(*r) && *from > 0 && make_harmless(r) ? 0 : -EBADMSG;
}
