/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening sockets and the pid file: what exists once per daemon.
 */
#ifndef SCSTD_LISTEN_H
#define SCSTD_LISTEN_H

#include "discovery.h"

/**
 * listen_open - listen on all wanted addresses
 * @wanted: addresses; an IPv6 wildcard may fail where there is no IPv6
 * @bound: receives the addresses with the ports in use
 * @fds: receives a descriptor for each of them
 *
 * Return: 0, or -errno after a message.
 */
int listen_open(const struct listeners *wanted, struct listeners *bound, int fds[LISTEN_MAX]);

/**
 * listen_accept - accept one connection and set it up: non-blocking, no delay, keepalive, readable once a header is there
 * @fd: listening socket
 * @peer: receives its address
 *
 * Return: the connection, or -errno.
 */
int listen_accept(int fd, union addr *peer);

/**
 * pid_file_lock - take the lock that keeps a second daemon from starting
 * @path: of the file
 *
 * Return: a descriptor, held as long as the daemon lives, or -errno after a message.
 */
int pid_file_lock(const char *path);

/**
 * pid_file_write - write this process' id into the locked file
 * @fd: from pid_file_lock()
 */
void pid_file_write(int fd);

#endif /* SCSTD_LISTEN_H */
