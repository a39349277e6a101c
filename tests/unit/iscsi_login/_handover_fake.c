// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for iscsi-scst.ko: refuses with the errno an initiator's name asks for (":errno-N"), otherwise sends the
 * response itself, and tells on standard error what it was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handover.h"

struct handover {
	char options[64];	/* of the connection */
};

static int option(int fd, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, level, name, &value, &len);
	return value;
}

static bool is_ip(int fd)
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage room;
	} a;
	socklen_t len = sizeof(a);

	return !getpeername(fd, &a.sa, &len) && (a.sa.sa_family == AF_INET || a.sa.sa_family == AF_INET6);
}

/* The sandbox, which is closed after this, does not let them be read. */
int handover_open(struct handover **h)
{
	static struct handover one;
	int fd;

	for (fd = 3; fd < 1024; fd++)
		if (is_ip(fd))
			snprintf(one.options, sizeof(one.options), "keepalive=%d %d/%d/%d nodelay=%d",
				 option(fd, SOL_SOCKET, SO_KEEPALIVE), option(fd, IPPROTO_TCP, TCP_KEEPIDLE),
				 option(fd, IPPROTO_TCP, TCP_KEEPINTVL), option(fd, IPPROTO_TCP, TCP_KEEPCNT),
				 option(fd, IPPROTO_TCP, TCP_NODELAY));
	*h = &one;
	return 0;
}

static void tell(const struct handover *h, const struct handover_args *a)
{
	const struct iscsi_login *l = a->login;
	const struct iscsi_params *p = &l->params;
	char line[1200], waste[4096];
	int pending = (int)recv(a->fd, waste, sizeof(waste), MSG_PEEK | MSG_DONTWAIT);
	int n;

	n = snprintf(line, sizeof(line), "HANDOVER target=%s name=%s isid=", a->target, a->name);
	for (int i = 0; i < ISCSI_ISID_LEN; i++)
		n += snprintf(line + n, sizeof(line) - n, "%02x", l->isid[i]);
	n += snprintf(line + n, sizeof(line) - n, " tsih=%u cid=%u cmdsn=%u statsn=%u",
		      l->tsih, l->cid, l->cmdsn, l->statsn);
	n += snprintf(line + n, sizeof(line) - n, " recv=%u xmit=%u burst=%u first=%u",
		      p->max_recv_dsl, p->max_xmit_dsl, p->max_burst, p->first_burst);
	n += snprintf(line + n, sizeof(line) - n, " r2t=%u/%u imm=%u digests=%u%u",
		      p->initial_r2t, p->max_outstanding_r2t, p->immediate_data, p->header_digest, p->data_digest);
	n += snprintf(line + n, sizeof(line) - n, " pending=%d valid=%d %s\n", pending, iscsi_params_valid(p), h->options);
	if (write(2, line, n) < 0)
		abort();
}

int handover_send(struct handover *h, const struct handover_args *a, char *why, size_t why_size)
{
	const char *wanted = strstr(a->name, ":errno-");
	u8 rsp[ISCSI_BHS_LEN + ISCSI_LOGIN_SEGMENT];

	tell(h, a);
	if (wanted) {
		snprintf(why, why_size, "as asked for");
		return -atoi(wanted + 7);
	}
	memcpy(rsp, a->login->rsp, a->login->rsp_len);
	put_unaligned_be16(77, rsp + ISCSI_OFF_TSIH);
	return send(a->fd, rsp, a->login->rsp_len, MSG_NOSIGNAL) < 0 ? -EIO : 0;
}

void handover_hidden(struct handover *h, const char *target, const char *name)
{
	char line[600];
	int n = snprintf(line, sizeof(line), "HIDDEN target=%s name=%s\n", target, name);

	(void)h;
	if (write(2, line, n) < 0)
		abort();
}

int presence_join(void)
{
	int never[2];

	return pipe2(never, O_CLOEXEC) ? -errno : never[0];
}

void presence_event(void)
{
}
