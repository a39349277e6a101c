// SPDX-License-Identifier: GPL-2.0
/*
 * Blocking transfer of whole PDUs.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "pduio.h"

#define CLOSE_WAIT_US	500000		/* for the peer's end of the stream */
#define CLOSE_BYTES	65536		/* thrown away meanwhile */

int pdu_read(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = recv(fd, p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -ECONNRESET;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int pdu_write(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int pdu_write_padded(int fd, const u8 *bhs, const void *data, u32 len)
{
	static const char pad[4];
	struct iovec iov[3] = {
		{ (void *)bhs, ISCSI_BHS_LEN },
		{ (void *)data, len },
		{ (void *)pad, iscsi_padded(len) - len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	size_t i;

	for (i = 0; i < 3;) {
		ssize_t n;

		msg.msg_iov = iov + i;
		msg.msg_iovlen = 3 - i;
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (; i < 3 && (size_t)n >= iov[i].iov_len; i++)
			n -= (ssize_t)iov[i].iov_len;
		if (i < 3) {
			iov[i].iov_base = (char *)iov[i].iov_base + n;
			iov[i].iov_len -= (size_t)n;
		}
	}
	return 0;
}

void pdu_close(int fd)
{
	struct timeval wait = { .tv_usec = CLOSE_WAIT_US };
	char waste[4096];
	size_t total = 0;
	ssize_t n;

	shutdown(fd, SHUT_WR);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (total < CLOSE_BYTES && (n = recv(fd, waste, sizeof(waste), 0)) > 0)
		total += (size_t)n;
	close(fd);
}
