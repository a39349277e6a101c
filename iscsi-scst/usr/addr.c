// SPDX-License-Identifier: GPL-2.0
/*
 * Socket addresses to and from text, and the questions asked about them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"

void addr_text(const union addr *a, char text[ADDR_TEXT_MAX])
{
	const void *bytes = &a->v4.sin_addr;

	if (a->sa.sa_family == AF_INET6)
		bytes = &a->v6.sin6_addr;
	if (!inet_ntop(a->sa.sa_family, bytes, text, ADDR_TEXT_MAX))
		snprintf(text, ADDR_TEXT_MAX, "?");
}

void addr_portal(const union addr *a, char text[PORTAL_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX];

	addr_text(a, host);
	snprintf(text, PORTAL_TEXT_MAX, a->sa.sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 host, addr_port(a));
}

int addr_parse(const char *text, unsigned short port, union addr *a)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	char host[INET6_ADDRSTRLEN + 32];
	size_t len = strlen(text);

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (!len || len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	if (getaddrinfo(host, NULL, &hints, &found))
		return -EINVAL;
	memset(a, 0, sizeof(*a));
	memcpy(a, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (a->sa.sa_family == AF_INET6)
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
	return 0;
}

unsigned short addr_port(const union addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->v6.sin6_port : a->v4.sin_port);
}

socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool addr_same_host(const union addr *a, const union addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET6)
		return IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr);
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

bool addr_same_net64(const union addr *a, const union addr *b)
{
	if (a->sa.sa_family != AF_INET6 || b->sa.sa_family != AF_INET6)
		return addr_same_host(a, b);
	return !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 8);
}

static const unsigned char *bytes_of(const struct sockaddr *a)
{
	return a->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)a)->sin6_addr.s6_addr :
					  (const unsigned char *)&((const struct sockaddr_in *)a)->sin_addr;
}

static bool same_under(const struct sockaddr *mask, const struct sockaddr *a, const struct sockaddr *b)
{
	const unsigned char *m = bytes_of(mask), *x = bytes_of(a), *y = bytes_of(b);
	int i, n = a->sa_family == AF_INET6 ? 16 : 4;

	for (i = 0; i < n; i++)
		if ((x[i] ^ y[i]) & m[i])
			return false;
	return true;
}

/* Does @i own this address. A link-local one may be there on each interface. */
static bool owns(const struct ifaddrs *i, const union addr *local)
{
	union addr a;

	if (!i->ifa_addr || !i->ifa_netmask || i->ifa_addr->sa_family != local->sa.sa_family)
		return false;
	memcpy(&a, i->ifa_addr, addr_len(local));
	if (!addr_same_host(&a, local))
		return false;
	return !addr_is_link_local(&a) || a.v6.sin6_scope_id == local->v6.sin6_scope_id;
}

/* Is @peer in the network of @own, or of another address of its interface? A virtual one often comes with no network of its own. */
static bool is_on_link(const union addr *peer, const struct ifaddrs *own, const struct ifaddrs *ifa)
{
	const struct ifaddrs *i;

	for (i = ifa; i; i = i->ifa_next) {
		if (!i->ifa_addr || !i->ifa_netmask || i->ifa_addr->sa_family != peer->sa.sa_family)
			continue;
		if (!strcmp(i->ifa_name, own->ifa_name) && same_under(i->ifa_netmask, i->ifa_addr, &peer->sa))
			return true;
	}
	return false;
}

bool addr_is_neighbour(const union addr *peer, const union addr *local, const struct ifaddrs *ifa)
{
	const struct ifaddrs *i;

	for (i = ifa; i; i = i->ifa_next) {
		if (peer->sa.sa_family != local->sa.sa_family || !owns(i, local))
			continue;
		if (is_on_link(peer, i, ifa))
			return true;
		/* The other end, where an address is given to each end alone. */
		if ((i->ifa_flags & IFF_POINTOPOINT) && i->ifa_dstaddr && i->ifa_dstaddr->sa_family == peer->sa.sa_family &&
		    same_under(i->ifa_netmask, i->ifa_dstaddr, &peer->sa))
			return true;
	}
	return false;
}

bool addr_is_any(const union addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
	return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

bool addr_is_loopback(const union addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return (ntohl(a->v4.sin_addr.s_addr) >> 24) == 127;
}

bool addr_is_link_local(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a->v6.sin6_addr);
}
