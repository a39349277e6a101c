// SPDX-License-Identifier: GPL-2.0
/*
 * Sends requests to the server, and answers what the server asks.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "access.h"
#include "net.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Cuts "HOST", "HOST:PORT", "[HOST]" or "[HOST]:PORT"; more than one colon without brackets is an IPv6 address. */
static const char *split_port(char *host)
{
	char *colon = strrchr(host, ':');
	char *bracket = strchr(host, ']');

	if (host[0] == '[' && bracket) {
		*bracket = '\0';
		memmove(host, host + 1, strlen(host));
		return bracket[1] == ':' ? bracket + 2 : NULL;
	}
	if (!colon || strchr(host, ':') != colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

const char *isns_resolve(const char *host, union addr *a)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char name[ISNS_HOST_BYTES], fallback[8];
	const char *port;
	int ret;

	snprintf(name, sizeof(name), "%s", host);
	snprintf(fallback, sizeof(fallback), "%d", ISNS_PORT);
	port = split_port(name);
	ret = getaddrinfo(name, port ? port : fallback, &hints, &found);
	if (ret)
		return gai_strerror(ret);
	if (found->ai_addrlen > sizeof(*a)) {
		freeaddrinfo(found);
		return "no address of a known family";
	}
	memset(a, 0, sizeof(*a));
	memcpy(a, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return NULL;
}

/* Until @fd is ready or the time is over. */
static int wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline - now_ms();
		int ret = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (ret > 0)
			return 0;
		if (!ret)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int finish_connect(int fd, int64_t deadline)
{
	socklen_t len = sizeof(int);
	int err = 0;
	int ret = wait_for(fd, POLLOUT, deadline);

	if (!ret && getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		ret = -errno;
	return ret ? ret : -err;
}

int isns_connect(const union addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, &a->sa, addr_len(a)))
		ret = errno == EINPROGRESS ? finish_connect(fd, now_ms() + ISNS_SECONDS * 1000) : -errno;
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

static int send_all(int fd, const u8 *bytes, u32 len, int64_t deadline)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		int ret = 0;

		if (n < 0 && errno == EAGAIN)
			ret = wait_for(fd, POLLOUT, deadline);
		else if (n < 0)
			ret = -errno;
		if (ret)
			return ret;
		if (n > 0) {
			bytes += n;
			len -= (u32)n;
		}
	}
	return 0;
}

static int receive_all(int fd, u8 *bytes, u32 len, int64_t deadline)
{
	while (len) {
		int ret = wait_for(fd, POLLIN, deadline);
		ssize_t n;

		if (ret)
			return ret;
		n = recv(fd, bytes, len, 0);
		if (!n)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (u32)n;
		}
	}
	return 0;
}

static int receive_pdu(int fd, struct isns_message *m, int64_t deadline)
{
	static u8 bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];
	struct isns_head head;
	int ret = receive_all(fd, bytes, ISNS_HEAD_LEN, deadline);

	ret = ret ? ret : isns_head_parse(bytes, &head);
	ret = ret ? ret : receive_all(fd, bytes + ISNS_HEAD_LEN, head.length, deadline);
	return ret ? ret : isns_message_add(m, &head, bytes + ISNS_HEAD_LEN);
}

int isns_exchange(int fd, const struct isns_out *out, struct isns_message *m)
{
	int64_t deadline = now_ms() + ISNS_SECONDS * 1000;
	int ret;

	if (out->overflow)
		return -E2BIG;
	isns_message_begin(m);
	ret = send_all(fd, out->data, out->len, deadline);
	while (!ret && !m->complete)
		ret = receive_pdu(fd, m, deadline);
	if (ret)
		return ret;
	if (m->head.xid != get_unaligned_be16(out->data + 8))
		return -EBADMSG;
	return isns_status(m, get_unaligned_be16(out->data + 2));
}

int isns_listen(int family, unsigned short *port)
{
	union addr a = { .sa.sa_family = (sa_family_t)family };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = addr_len(&a);
	int ret;

	if (fd < 0)
		return -errno;
	if (!bind(fd, &a.sa, len) && !listen(fd, 4) && !getsockname(fd, &a.sa, &len)) {
		*port = addr_port(&a);
		return fd;
	}
	ret = -errno;
	close(fd);
	return ret;
}

int isns_accept(int fd, const union addr *server)
{
	union addr from;
	socklen_t len = sizeof(from);
	int peer = accept4(fd, &from.sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (peer >= 0 && !addr_same_host(&from, server)) {
		close(peer);
		return -1;
	}
	return peer;
}

/* Answers one whole PDU; messages of several are not to be expected here. */
static int answer(struct isns_peer *p, const struct isns_head *head, struct isns_message *m)
{
	static u8 bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];
	struct isns_out out = { .data = bytes, .size = sizeof(bytes) };
	int ret;

	isns_message_begin(m);
	ret = isns_message_add(m, head, p->bytes + ISNS_HEAD_LEN);
	ret = ret ? ret : isns_answer(m, &out);
	/* What does not fit into the socket at once is not worth waiting for. */
	if (!ret && send(p->fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)out.len)
		ret = -EIO;
	return ret;
}

/* -EAGAIN: not whole yet. */
static int take_pdu(struct isns_peer *p, struct isns_message *m)
{
	struct isns_head head;
	u32 len;
	int ret;

	if (p->len < ISNS_HEAD_LEN)
		return -EAGAIN;
	ret = isns_head_parse(p->bytes, &head);
	if (ret)
		return ret;
	len = ISNS_HEAD_LEN + head.length;
	if (p->len < len)
		return -EAGAIN;
	ret = answer(p, &head, m);
	p->len -= len;
	memmove(p->bytes, p->bytes + len, p->len);
	return ret ? ret : head.function == ISNS_SCN;
}

void isns_peer_begin(struct isns_peer *p, int fd)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = fd;
	p->len = 0;
	p->heard_ms = now_ms();
}

int isns_peer_serve(struct isns_peer *p, struct isns_message *m)
{
	ssize_t n = recv(p->fd, p->bytes + p->len, sizeof(p->bytes) - p->len, MSG_DONTWAIT);
	int changes = 0;
	int ret;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	p->len += n > 0 ? (u32)n : 0;
	while ((ret = n > 0 ? take_pdu(p, m) : -ECONNRESET) >= 0) {
		changes += ret;
		p->heard_ms = now_ms();
	}
	if (ret != -EAGAIN) {
		close(p->fd);
		p->fd = -1;
	}
	return changes;
}
