// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink to iscsi-scst.ko.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "handover.h"
#include "iscsi_scst.h"

#define MESSAGE_MAX (ISCST_RESPONSE_MAX + 4096)

struct handover {
	struct nl_sock *sock;
	int family;
	int result;
	bool done;
	char *why;
	size_t why_size;
};

static struct nl_sock *presence;

static struct nl_sock *open_socket(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock)
		return NULL;
	if (genl_connect(sock)) {
		nl_socket_free(sock);
		return NULL;
	}
	fcntl(nl_socket_get_fd(sock), F_SETFD, FD_CLOEXEC);
	return sock;
}

int handover_open(struct handover **handover)
{
	struct handover *h = calloc(1, sizeof(*h));
	int one = 1;
	int fd;

	if (!h)
		return -ENOMEM;
	h->sock = open_socket();
	if (!h->sock) {
		free(h);
		return -EPROTONOSUPPORT;
	}
	h->family = genl_ctrl_resolve(h->sock, ISCST_GENL_NAME);
	if (h->family < 0) {
		nl_socket_free(h->sock);
		free(h);
		return -ENOENT;
	}
	fd = nl_socket_get_fd(h->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	*handover = h;
	return 0;
}

static int put_attrs(struct nl_msg *msg, const struct handover_args *a)
{
	const struct iscsi_login *l = a->login;
	int ret = 0;

	ret = ret ? ret : nla_put_u32(msg, ISCST_A_FD, (u32)a->fd);
	ret = ret ? ret : nla_put_string(msg, ISCST_A_TARGET, a->target);
	ret = ret ? ret : nla_put_string(msg, ISCST_A_INITIATOR, a->name);
	ret = ret ? ret : nla_put(msg, ISCST_A_ISID, ISCSI_ISID_LEN, l->isid);
	ret = ret ? ret : nla_put_u16(msg, ISCST_A_TSIH, l->tsih);
	ret = ret ? ret : nla_put_u16(msg, ISCST_A_CID, l->cid);
	ret = ret ? ret : nla_put(msg, ISCST_A_PARAMS, sizeof(l->params), &l->params);
	ret = ret ? ret : nla_put_u32(msg, ISCST_A_CMDSN, l->cmdsn);
	ret = ret ? ret : nla_put_u32(msg, ISCST_A_STATSN, l->statsn);
	ret = ret ? ret : nla_put(msg, ISCST_A_RESPONSE, (int)l->rsp_len, l->rsp);
	return ret;
}

/* The explanation stands in attributes behind the error header (NETLINK_CAP_ACK left the rest out). */
static void copy_why(struct handover *h, const struct nlmsghdr *hdr, struct nlmsgerr *err)
{
	int len = (int)hdr->nlmsg_len - (int)(NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(*err)));
	struct nlattr *text;

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) || !(hdr->nlmsg_flags & NLM_F_CAPPED) || len <= 0)
		return;
	text = nla_find((struct nlattr *)((char *)err + NLMSG_ALIGN(sizeof(*err))), len, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(h->why, h->why_size, "%.*s", nla_len(text), (const char *)nla_data(text));
}

/* libnl's own error numbers are coarser than errno; this is asked before it translates. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct handover *h = arg;

	(void)from;
	copy_why(h, (const struct nlmsghdr *)((char *)err - NLMSG_HDRLEN), err);
	h->result = err->error ? err->error : -EIO;
	h->done = true;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct handover *h = arg;

	(void)msg;
	h->result = 0;
	h->done = true;
	return NL_STOP;
}

/* The kernel works within nl_send_auto(): when that fails, nothing has happened. */
static int send_and_wait(struct handover *h, struct nl_msg *msg)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);

	if (!cb)
		return -ENOMEM;
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, h);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, h);
	h->result = nl_send_auto(h->sock, msg) < 0 ? -EIO : HANDOVER_UNKNOWN;
	h->done = h->result == -EIO;
	while (!h->done)
		if (nl_recvmsgs(h->sock, cb) < 0)
			break;
	nl_cb_put(cb);
	return h->result;
}

int handover_send(struct handover *h, const struct handover_args *args, char *why, size_t why_size)
{
	struct nl_msg *msg = nlmsg_alloc_size(MESSAGE_MAX);
	int ret = -ENOMEM;

	h->why = why;
	h->why_size = why_size;
	why[0] = '\0';
	if (!msg)
		return ret;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, h->family, 0, 0, ISCST_CMD_HANDOVER,
			ISCST_GENL_VERSION) && !put_attrs(msg, args))
		ret = send_and_wait(h, msg);
	nlmsg_free(msg);
	return ret;
}

void handover_hidden(struct handover *h, const char *target, const char *name)
{
	struct nl_msg *msg = h ? nlmsg_alloc_size(MESSAGE_MAX) : NULL;
	char why[1];

	if (!msg)
		return;
	h->why = why;
	h->why_size = sizeof(why);
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, h->family, 0, 0, ISCST_CMD_HIDDEN, ISCST_GENL_VERSION) &&
	    !nla_put_string(msg, ISCST_A_TARGET, target) && !nla_put_string(msg, ISCST_A_INITIATOR, name))
		send_and_wait(h, msg);
	nlmsg_free(msg);
}

static int join_group(void)
{
	int group = genl_ctrl_resolve_grp(presence, ISCST_GENL_NAME, ISCST_GENL_MCGRP);

	if (group < 0)
		return -ENOENT;
	return nl_socket_add_membership(presence, group) ? -EIO : 0;
}

int presence_join(void)
{
	int notify;
	int ret;

	presence = open_socket();
	if (!presence)
		return -EPROTONOSUPPORT;
	nl_socket_disable_seq_check(presence);
	ret = join_group();
	if (ret)
		return ret;
	/* Families that come and go: the module may be unloaded and loaded under a running daemon. */
	notify = genl_ctrl_resolve_grp(presence, "nlctrl", "notify");
	if (notify >= 0)
		nl_socket_add_membership(presence, notify);
	return nl_socket_get_fd(presence);
}

/*
 * A lookup on the same socket would race with notifications, so it takes one of its own; the
 * group's number is all that is needed. Joining twice is harmless.
 */
void presence_event(void)
{
	char drain[8192];
	struct nl_sock *sock;
	int fd = nl_socket_get_fd(presence);
	int group;

	while (recv(fd, drain, sizeof(drain), MSG_DONTWAIT) > 0)
		;
	sock = open_socket();
	if (!sock)
		return;
	group = genl_ctrl_resolve_grp(sock, ISCST_GENL_NAME, ISCST_GENL_MCGRP);
	if (group >= 0)
		nl_socket_add_membership(presence, group);
	nl_socket_free(sock);
}
