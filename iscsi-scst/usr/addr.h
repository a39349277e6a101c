/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Socket addresses as text: what logs, access patterns and TargetAddress show.
 */
#ifndef SCSTD_ADDR_H
#define SCSTD_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#define ADDR_TEXT_MAX	INET6_ADDRSTRLEN
#define PORTAL_TEXT_MAX	(ADDR_TEXT_MAX + 16)

/* One IPv4 or IPv6 address with its port. */
union addr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage storage;
};

/**
 * addr_text - numeric address without brackets, scope and port
 * @a: the address
 * @text: receives ADDR_TEXT_MAX bytes at most
 */
void addr_text(const union addr *a, char text[ADDR_TEXT_MAX]);

/**
 * addr_portal - ADDRESS:PORT, an IPv6 address in brackets
 * @a: the address
 * @text: receives PORTAL_TEXT_MAX bytes at most
 */
void addr_portal(const union addr *a, char text[PORTAL_TEXT_MAX]);

/**
 * addr_parse - numeric address, brackets around an IPv6 one allowed
 * @text: NUL-terminated
 * @port: to put in
 * @a: receives the address
 *
 * Return: 0, or -EINVAL.
 */
int addr_parse(const char *text, unsigned short port, union addr *a);

unsigned short addr_port(const union addr *a);
socklen_t addr_len(const union addr *a);
bool addr_same_host(const union addr *a, const union addr *b);

/**
 * addr_same_net64 - may both belong to one host
 * @a: one address
 * @b: another
 *
 * Return: whether they are in one /64 of IPv6, or the same IPv4 address.
 */
bool addr_same_net64(const union addr *a, const union addr *b);
struct ifaddrs;

/**
 * addr_is_neighbour - does a connection come from a network of the interface that has its local address
 * @peer: where it comes from
 * @local: where it has arrived
 * @ifa: addresses of the machine; NULL when they are not known
 *
 * Linux takes a connection to any address of its own through any interface, so the local address alone does not tell which
 * network a peer is in. An answer to an address of the network goes out there, so a peer elsewhere cannot make use of one.
 */
bool addr_is_neighbour(const union addr *peer, const union addr *local, const struct ifaddrs *ifa);
bool addr_is_any(const union addr *a);
bool addr_is_loopback(const union addr *a);
bool addr_is_link_local(const union addr *a);

#endif /* SCSTD_ADDR_H */
