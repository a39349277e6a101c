// SPDX-License-Identifier: GPL-2.0
/*
 * Socket addresses to and from text, and the questions asked about them.
 */
#include <arpa/inet.h>
#include <errno.h>
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
