// SPDX-License-Identifier: GPL-2.0
/*
 * What a service manager passes to the daemon and hears from it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keys.h"
#include "log.h"
#include "service.h"

#define FIRST_FD	3	/* the first one that is passed, says sd_listen_fds(3) */
#define NAME_MAX_SHOWN	64

static int refuse(const char *what, const char *value)
{
	log_line(LOG_ERR, "sockets passed by the service manager: %s%s", what, value);
	return -EINVAL;
}

/* How many were passed to this process, or -EINVAL. */
static int count_passed(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	u32 n;

	if (!pid || !fds)
		return 0;
	if (iscsi_number_parse(pid, false, &n))
		return refuse("bad LISTEN_PID: ", pid);
	if (n != (u32)getpid())
		return 0;	/* meant for the parent */
	if (iscsi_number_parse(fds, false, &n))
		return refuse("bad LISTEN_FDS: ", fds);
	if (n > LISTEN_MAX)
		return refuse("too many, LISTEN_FDS=", fds);
	return (int)n;
}

/* A list that is there has a name for each. */
static int check_names(const char *names, int count)
{
	int n = 1;
	const char *p;

	if (!names)
		return 0;
	for (p = names; *p; p++)
		n += *p == ':';
	return n == count ? 0 : refuse("LISTEN_FDNAMES does not fit LISTEN_FDS: ", names);
}

/* "descriptor 3 (NAME)" */
static void describe(char *text, size_t size, const char *names, int index)
{
	int i;

	for (i = 0; names && i < index; i++)
		names = strchr(names, ':') + 1;
	if (names)
		snprintf(text, size, "descriptor %d (%.*s)", FIRST_FD + index, (int)strcspn(names, ":"), names);
	else
		snprintf(text, size, "descriptor %d", FIRST_FD + index);
}

static bool has_option(int fd, int level, int option, int wanted)
{
	socklen_t len = sizeof(int);
	int value;

	return !getsockopt(fd, level, option, &value, &len) && value == wanted;
}

/* IPv4 peers would come under IPv6 names, past every rule and pattern made for IPv4 addresses. */
static bool takes_ipv4_too(int fd, const union addr *a)
{
	return a->sa.sa_family == AF_INET6 && !has_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
	       (addr_is_any(a) || IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr));
}

/* NULL, or what is wrong with it. */
static const char *take_one(int fd, union addr *a)
{
	socklen_t len = sizeof(*a);
	int flags;

	if (!has_option(fd, SOL_SOCKET, SO_PROTOCOL, IPPROTO_TCP) || !has_option(fd, SOL_SOCKET, SO_ACCEPTCONN, 1))
		return " is no listening TCP socket";
	if (getsockname(fd, &a->sa, &len) || (a->sa.sa_family != AF_INET && a->sa.sa_family != AF_INET6))
		return " has no address of IPv4 or IPv6";
	if (takes_ipv4_too(fd, a))
		return " takes IPv4 connections too; BindIPv6Only=ipv6-only keeps them apart";
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return " cannot be set up";
	return NULL;
}

int service_sockets(struct listeners *bound, int fds[LISTEN_MAX])
{
	const char *names = getenv("LISTEN_FDNAMES");
	char which[NAME_MAX_SHOWN], portal[PORTAL_TEXT_MAX];
	int count = count_passed();
	const char *wrong;
	int i;

	if (count <= 0)
		return count;
	if (check_names(names, count))
		return -EINVAL;
	for (i = 0; i < count; i++) {
		describe(which, sizeof(which), names, i);
		wrong = take_one(FIRST_FD + i, &bound->addr[i]);
		if (wrong)
			return refuse(which, wrong);
		addr_portal(&bound->addr[i], portal);
		log_line(LOG_INFO, "listening on %s, passed by the service manager", portal);
		fds[i] = FIRST_FD + i;
	}
	bound->count = count;
	return count;
}

static int send_state(const char *path, const char *state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd, err = 0;

	if ((path[0] != '/' && path[0] != '@') || len >= sizeof(a.sun_path))
		return -EINVAL;
	memcpy(a.sun_path, path, len);
	if (path[0] == '@')
		a.sun_path[0] = '\0';	/* an abstract name has no NUL at its end */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&a,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		err = -errno;
	close(fd);
	return err;
}

void service_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int err;

	if (!path || !path[0])
		return;
	err = send_state(path, state);
	if (err)
		log_line(LOG_ERR, "cannot tell %s that %s: %s", path, state, strerror(-err));
}
