/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections of the iSNS process: to the server, and from it. Nothing here waits longer than its deadline.
 */
#ifndef ISNS_NET_H
#define ISNS_NET_H

#include <stdint.h>

#include "addr.h"
#include "isns.h"

#define ISNS_SECONDS	5	/* to connect, and for each request with its response */

/**
 * isns_resolve - address of the server
 * @host: HOST[:PORT], an IPv6 address with a port in brackets
 * @a: receives the first address
 *
 * Return: NULL, or why there is none.
 */
const char *isns_resolve(const char *host, union addr *a);

/**
 * isns_connect - connect to the server
 * @a: its address
 *
 * Return: a non-blocking socket, or -errno.
 */
int isns_connect(const union addr *a);

/**
 * isns_exchange - send a request and wait for its response
 * @fd: from isns_connect()
 * @out: the request
 * @m: receives the whole response
 *
 * Return: the status, 0 is success, or -errno: the connection is of no use any more.
 */
int isns_exchange(int fd, const struct isns_out *out, struct isns_message *m);

/**
 * struct isns_peer - a connection that came in
 * @fd: -1 for none
 * @heard_ms: when it came, or said something whole last; monotonic clock
 * @len: bytes received so far
 * @bytes: of the PDU that is coming
 */
struct isns_peer {
	int fd;
	int64_t heard_ms;
	u32 len;
	u8 bytes[ISNS_HEAD_LEN + ISNS_PAYLOAD_MAX];
};

/**
 * isns_listen - listen for the server at a port that is free
 * @family: of the server's address
 * @port: receives the port
 *
 * Return: a socket, or -errno.
 */
int isns_listen(int family, unsigned short *port);

/**
 * isns_accept - take one connection, if it is from the server
 * @fd: from isns_listen()
 * @server: whose address it has to come from
 *
 * Return: the connection, or -1.
 */
int isns_accept(int fd, const union addr *server);

/**
 * isns_peer_begin - start with a connection
 * @p: receives it; what is there is closed
 * @fd: from isns_accept()
 */
void isns_peer_begin(struct isns_peer *p, int fd);

/**
 * isns_peer_serve - receive what is there and answer what is whole
 * @p: the connection; @p->fd is closed and -1 when it has ended or said what it must not
 * @m: room to look at a message
 *
 * Return: how many state changes were told.
 */
int isns_peer_serve(struct isns_peer *p, struct isns_message *m);

#endif /* ISNS_NET_H */
