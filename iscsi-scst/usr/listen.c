// SPDX-License-Identifier: GPL-2.0
/*
 * Opens listening sockets, accepts connections, locks the pid file.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "iscsi_proto.h"
#include "listen.h"
#include "log.h"

#define BACKLOG		1024
#define KEEP_IDLE	50
#define KEEP_INTERVAL	3
#define KEEP_PROBES	2

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int open_one(const union addr *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	int err;

	if (fd < 0)
		return -errno;
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->sa.sa_family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!bind(fd, &a->sa, addr_len(a)) && !listen(fd, BACKLOG))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static bool no_ipv6(const union addr *a, int err)
{
	return a->sa.sa_family == AF_INET6 && addr_is_any(a) &&
	       (err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL);
}

int listen_open(const struct listeners *wanted, struct listeners *bound, int fds[LISTEN_MAX])
{
	char portal[PORTAL_TEXT_MAX];
	int i;

	bound->count = 0;
	for (i = 0; i < wanted->count; i++) {
		const union addr *a = &wanted->addr[i];
		union addr *b = &bound->addr[bound->count];
		socklen_t len = sizeof(*b);
		int fd = open_one(a);

		addr_portal(a, portal);
		if (no_ipv6(a, fd)) {
			log_line(LOG_INFO, "no IPv6 on this machine");
			continue;
		}
		if (fd < 0) {
			log_line(LOG_ERR, "cannot listen on %s: %s", portal, strerror(-fd));
			return fd;
		}
		getsockname(fd, &b->sa, &len);
		addr_portal(b, portal);
		log_line(LOG_INFO, "listening on %s", portal);
		fds[bound->count++] = fd;
	}
	return bound->count ? 0 : -EADDRNOTAVAIL;
}

/*
 * Keepalive and no-delay stay with the connection after the hand-over. The low-water mark wakes
 * the daemon once, with a whole header, however a peer trickles its bytes.
 */
int listen_accept(int listener, union addr *peer)
{
	socklen_t len = sizeof(*peer);
	int fd = accept4(listener, &peer->sa, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -errno;
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES);
	set(fd, SOL_SOCKET, SO_RCVLOWAT, ISCSI_BHS_LEN);
	return fd;
}

int pid_file_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	int err;

	if (fd < 0) {
		err = -errno;
		log_line(LOG_ERR, "cannot open %s: %s", path, strerror(-err));
		return err;
	}
	/* The number of a daemon that was killed goes at once: until ours stands there, nobody shall take that for its end. */
	if (!flock(fd, LOCK_EX | LOCK_NB) && !ftruncate(fd, 0))
		return fd;
	err = -errno;
	if (err == -EWOULDBLOCK)
		log_line(LOG_ERR, "already running: %s is locked", path);
	else
		log_line(LOG_ERR, "cannot lock %s: %s", path, strerror(-err));
	close(fd);
	return err;
}

void pid_file_write(int fd)
{
	if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0)
		log_line(LOG_ERR, "cannot write the pid file: %s", strerror(errno));
}
