/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a service manager passes to the daemon and hears from it: sd_listen_fds(3), sd_notify(3), without its library.
 */
#ifndef SCSTD_SERVICE_H
#define SCSTD_SERVICE_H

#include "discovery.h"

/**
 * service_sockets - take the sockets that were passed (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES)
 * @bound: receives their addresses
 * @fds: receives a descriptor for each of them
 *
 * Before any fork: the variables name this process. Each has to be a listening TCP socket.
 *
 * Return: how many, 0 when none was passed to this process, or -errno after a message.
 */
int service_sockets(struct listeners *bound, int fds[LISTEN_MAX]);

/**
 * service_notify - tell the service manager, where there is one (NOTIFY_SOCKET)
 * @state: such as READY=1
 */
void service_notify(const char *state);

#endif /* SCSTD_SERVICE_H */
