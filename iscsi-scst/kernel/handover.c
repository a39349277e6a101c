// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family through which iscsi-scstd hands finished logins over (include/iscsi_scst.h), and tells of refused ones.
 *
 * doit runs in the daemon's task, so sockfd_lookup() sees its file table. The file reference it takes becomes the
 * connection's; on any error it is put and the daemon goes on with the socket.
 */
#include <linux/net.h>
#include <net/genetlink.h>
#include <net/tcp.h>

#include "iscst.h"

static struct genl_family iscst_family;

static const struct nla_policy handover_policy[ISCST_A_MAX + 1] = {
	[ISCST_A_FD]		= { .type = NLA_U32 },
	[ISCST_A_TARGET]	= { .type = NLA_NUL_STRING, .len = ISCSI_STORED_NAME_MAX },
	[ISCST_A_INITIATOR]	= { .type = NLA_NUL_STRING, .len = ISCSI_STORED_NAME_MAX },
	[ISCST_A_ISID]		= NLA_POLICY_EXACT_LEN(ISCSI_ISID_LEN),
	[ISCST_A_TSIH]		= { .type = NLA_U16 },
	[ISCST_A_CID]		= { .type = NLA_U16 },
	[ISCST_A_PARAMS]	= NLA_POLICY_EXACT_LEN(sizeof(struct iscsi_params)),
	[ISCST_A_CMDSN]		= { .type = NLA_U32 },
	[ISCST_A_STATSN]	= { .type = NLA_U32 },
	[ISCST_A_RESPONSE]	= { .type = NLA_BINARY, .len = ISCST_RESPONSE_MAX },
};

static bool all_attrs_there(struct nlattr **attrs)
{
	int i;

	for (i = ISCST_A_UNSPEC + 1; i <= ISCST_A_MAX; i++)
		if (!attrs[i])
			return false;
	return true;
}

/* A name that becomes a directory, however the daemon has come by it. */
static bool name_ok(const char *name)
{
	return !scst_name_check(name, ISCSI_STORED_NAME_MAX);
}

/* The response must be one whole Login Response that ends the login. */
static bool response_ok(const u8 *response, unsigned int len)
{
	if (len < ISCSI_BHS_LEN || len % 4 || iscsi_opcode(response) != ISCSI_OP_LOGIN_RSP || iscsi_ahs_len(response))
		return false;
	if (ISCSI_BHS_LEN + iscsi_padded(iscsi_data_len(response)) != len)
		return false;
	return get_unaligned_be16(response + ISCSI_OFF_LOGIN_STATUS) == ISCSI_LOGIN_SUCCESS;
}

static int parse(struct genl_info *info, struct iscst_login *login, struct iscsi_params *params)
{
	struct nlattr **a = info->attrs;

	if (!all_attrs_there(a)) {
		NL_SET_ERR_MSG(info->extack, "an attribute is missing");
		return -EINVAL;
	}
	login->target = nla_data(a[ISCST_A_TARGET]);
	login->initiator = nla_data(a[ISCST_A_INITIATOR]);
	if (!name_ok(login->target) || !name_ok(login->initiator)) {
		NL_SET_ERR_MSG(info->extack, "bad target or initiator name");
		return -EINVAL;
	}
	memcpy(params, nla_data(a[ISCST_A_PARAMS]), sizeof(*params));
	if (!iscsi_params_valid(params)) {
		NL_SET_ERR_MSG(info->extack, "negotiated parameters out of range");
		return -EINVAL;
	}
	login->response = nla_data(a[ISCST_A_RESPONSE]);
	login->response_len = nla_len(a[ISCST_A_RESPONSE]);
	if (!response_ok(login->response, login->response_len)) {
		NL_SET_ERR_MSG(info->extack, "malformed login response");
		return -EINVAL;
	}
	login->params = params;
	login->isid = nla_data(a[ISCST_A_ISID]);
	login->tsih = nla_get_u16(a[ISCST_A_TSIH]);
	login->cid = nla_get_u16(a[ISCST_A_CID]);
	login->cmdsn = nla_get_u32(a[ISCST_A_CMDSN]);
	login->statsn = nla_get_u32(a[ISCST_A_STATSN]);
	return 0;
}

static const char *login_error(int err)
{
	switch (err) {
	case -ENOENT:
		return "no such target, or no LUN visible to the initiator";
	case -ESHUTDOWN:
		return "target or driver not enabled";
	case -EUSERS:
		return "MaxSessions reached";
	case -ENOMEM:
		return "out of memory";
	case -ESTALE:
		return "no session with this TSIH";
	case -EMLINK:
		return "no second connection in a session";
	default:
		return "session not started";
	}
}

static int handover_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct iscst_login login = {};
	struct iscsi_params params;
	int ret;

	ret = parse(info, &login, &params);
	if (ret)
		return ret;
	login.sock = sockfd_lookup(nla_get_u32(info->attrs[ISCST_A_FD]), &ret);
	if (!login.sock) {
		NL_SET_ERR_MSG(info->extack, "not a socket");
		return ret;
	}
	ret = iscst_sess_login(&login);
	if (ret) {
		sockfd_put(login.sock);
		if (info->extack)
			info->extack->_msg = login_error(ret);
	}
	return ret;
}

static int hidden_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *target = info->attrs[ISCST_A_TARGET], *initiator = info->attrs[ISCST_A_INITIATOR];
	struct scst_tgt *tgt;

	if (!target || !initiator || !name_ok(nla_data(target)) || !name_ok(nla_data(initiator)))
		return -EINVAL;
	tgt = scst_tgt_find(&iscst_driver, nla_data(target));
	if (!tgt)
		return -ENOENT;
	/* Looking is telling. */
	scst_tgt_visible(tgt, nla_data(initiator));
	scst_node_put(&tgt->node);
	return 0;
}

static const struct genl_small_ops iscst_ops[] = {
	{
		.cmd = ISCST_CMD_HANDOVER,
		.flags = GENL_ADMIN_PERM,
		.doit = handover_doit,
	},
	{
		.cmd = ISCST_CMD_HIDDEN,
		.flags = GENL_ADMIN_PERM,
		.doit = hidden_doit,
	},
};

static const struct genl_multicast_group iscst_mcgrps[] = {
	{ .name = ISCST_GENL_MCGRP },
};

static struct genl_family iscst_family = {
	.name = ISCST_GENL_NAME,
	.version = ISCST_GENL_VERSION,
	.maxattr = ISCST_A_MAX,
	.policy = handover_policy,
	.small_ops = iscst_ops,
	.n_small_ops = ARRAY_SIZE(iscst_ops),
	.mcgrps = iscst_mcgrps,
	.n_mcgrps = ARRAY_SIZE(iscst_mcgrps),
	.netnsok = false,
	.parallel_ops = true,	/* sess.c has its own locks; without it one mutex serves the whole system */
	.module = THIS_MODULE,
};

bool iscst_daemon_present(void)
{
	return genl_has_listeners(&iscst_family, &init_net, 0);
}

int __init iscst_handover_init(void)
{
	return genl_register_family(&iscst_family);
}

/* Waits for a hand-over that is running. */
void iscst_handover_exit(void)
{
	genl_unregister_family(&iscst_family);
}
