/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The target's side of the login phase (RFC 7143 sections 6 and 11.12-11.13): request PDUs in, response PDUs and an effect
 * out. No I/O, no allocation: the caller owns struct iscsi_login, reads and writes the socket and looks targets up. Pure.
 */
#ifndef ISCSI_LOGIN_H
#define ISCSI_LOGIN_H

#include "scst_pure.h"
#include "iscsi_proto.h"
#include "keys.h"
#include "nego.h"
#include "chap.h"

#define ISCSI_LOGIN_SEGMENT	8192	/* largest data segment of a login PDU, both ways */
#define ISCSI_LOGIN_TEXT_MAX	65536	/* joined text of one request (C bit) */
#define ISCSI_LOGIN_ANSWER_MAX	32768	/* text of one answer, before it is split */
#define ISCSI_LOGIN_ROUNDS	64	/* request PDUs in one login */

/* What the caller has to do after a call. */
enum iscsi_login_effect {
	ISCSI_LOGIN_CONTINUE,		/* send the response, read the next request */
	ISCSI_LOGIN_NEED_TARGET,	/* nothing to send; look @target (or with @discovery the driver) up, call iscsi_login_target() */
	ISCSI_LOGIN_DONE,		/* hand over: @params are final, the response is the last one */
	ISCSI_LOGIN_DISCOVERY,		/* send the response; the full feature phase of a discovery session begins */
	ISCSI_LOGIN_FAILED,		/* send the response (its status is in @status), then close */
	ISCSI_LOGIN_DROP,		/* close without an answer */
};

/**
 * struct iscsi_login_target - the answer to ISCSI_LOGIN_NEED_TARGET
 * @status: ISCSI_LOGIN_SUCCESS, or why this initiator may not log in; with MOVED_TEMP/MOVED_PERM @redirect tells whereto
 * @reason: constant text telling why not, for the log; NULL when it may
 * @redirect: address[:port] for TargetAddress, "" otherwise
 * @alias: TargetAlias, "" for none
 * @attrs: values of the target's attributes; not looked at for a discovery session
 * @auth: how to authenticate; must stay until iscsi_login_authenticated(), or the end of the login
 */
struct iscsi_login_target {
	enum iscsi_login_status status;
	const char *reason;
	char redirect[ISCSI_STORED_NAME_MAX + 1];
	char alias[ISCSI_STORED_NAME_MAX + 1];
	struct iscsi_tgt_attrs attrs;
	const struct iscsi_auth *auth;
};

/**
 * struct iscsi_login - one login; zeroed and filled by iscsi_login_init()
 * @chap: @chap.env is set by the caller after iscsi_login_init()
 * @suspended: set by the caller at any time: new logins get 0x0301
 * @params: negotiated values, final with ISCSI_LOGIN_DONE and ISCSI_LOGIN_DISCOVERY
 * @initiator: InitiatorName, folded to lower case
 * @target: TargetName, folded to lower case; "" in a discovery session without one
 * @isid: of the first request
 * @tsih: of the first request
 * @cid: of the first request
 * @cmdsn: CmdSN of the first request, which is ExpCmdSN of the full feature phase
 * @statsn: StatSN of the response just made
 * @status: status of the response just made
 * @reason: constant text telling why a login failed, for the log
 * @refused: the name that @reason is about, harmless: up to its first character that is no printable ASCII; "" for none
 * @discovery: SessionType=Discovery
 * @rsp: response PDU: BHS, text, padding
 * @rsp_len: bytes in @rsp
 *
 * The rest is private to login.c.
 */
struct iscsi_login {
	struct iscsi_chap chap;
	bool suspended;
	struct iscsi_params params;
	char initiator[ISCSI_NAME_MAX + 1];
	char target[ISCSI_NAME_MAX + 1];
	u8 isid[ISCSI_ISID_LEN];
	u16 tsih;
	u16 cid;
	u32 cmdsn;
	u32 statsn;
	enum iscsi_login_status status;
	const char *reason;
	char refused[ISCSI_STORED_NAME_MAX + 1];
	bool discovery;
	u8 rsp[ISCSI_BHS_LEN + ISCSI_LOGIN_SEGMENT];
	u32 rsp_len;

	/* private */
	struct iscsi_nego nego;
	const struct iscsi_auth *auth;
	bool started;		/* a request has been seen: its identity is fixed */
	bool known;		/* names and session type have been checked */
	bool answered;		/* @statsn belongs to the current request */
	u8 stage;		/* enum iscsi_stage */
	u8 flags;		/* byte 1 of the current request */
	u32 itt;
	u32 next_statsn;
	u32 rounds;
	u32 in_len;
	u32 out_pos;
	struct iscsi_text_buf out;
	char in[ISCSI_LOGIN_TEXT_MAX];
	char answer[ISCSI_LOGIN_ANSWER_MAX];
};

/**
 * iscsi_login_init - begin a login
 * @l: state to fill, about 110 KiB
 * @protocol_level: highest iSCSIProtocolLevel we speak
 * @statsn: StatSN of the first response
 */
void iscsi_login_init(struct iscsi_login *l, u32 protocol_level, u32 statsn);

/**
 * iscsi_login_check_bhs - may the rest of this PDU be read
 * @l: the login
 * @bhs: ISCSI_BHS_LEN bytes
 *
 * Refuses what is no login request as the first PDU, additional header segments and data beyond ISCSI_LOGIN_SEGMENT, so that
 * a caller with a buffer of that size may read iscsi_padded(iscsi_data_len(bhs)) bytes.
 *
 * Return: ISCSI_LOGIN_CONTINUE, or what to do instead (ISCSI_LOGIN_FAILED with a response, ISCSI_LOGIN_DROP).
 */
enum iscsi_login_effect iscsi_login_check_bhs(struct iscsi_login *l, const u8 *bhs);

/**
 * iscsi_login_feed - take one complete request
 * @l: the login
 * @bhs: ISCSI_BHS_LEN bytes
 * @data: data segment
 * @len: bytes in it, without padding
 *
 * Return: what the caller has to do. After ISCSI_LOGIN_DONE, FAILED and DROP nothing may be fed.
 */
enum iscsi_login_effect iscsi_login_feed(struct iscsi_login *l, const u8 *bhs, const u8 *data, u32 len);

/**
 * iscsi_login_target - continue after ISCSI_LOGIN_NEED_TARGET
 * @l: the login
 * @t: what the lookup found
 *
 * Return: as iscsi_login_feed(), never ISCSI_LOGIN_NEED_TARGET.
 */
enum iscsi_login_effect iscsi_login_target(struct iscsi_login *l, const struct iscsi_login_target *t);

/**
 * iscsi_login_authenticated - are the accounts of no use any more
 * @l: the login
 *
 * Return: true when the initiator has proved who it is or need not.
 */
bool iscsi_login_authenticated(const struct iscsi_login *l);

/**
 * iscsi_login_fail - answer the request just fed with a failure status
 * @l: the login, after ISCSI_LOGIN_DONE (the hand-over was refused) or ISCSI_LOGIN_NEED_TARGET
 * @status: what to tell the initiator
 * @reason: constant text for the log
 *
 * The response takes the place of the one made before and has its StatSN.
 *
 * Return: ISCSI_LOGIN_FAILED.
 */
enum iscsi_login_effect iscsi_login_fail(struct iscsi_login *l, enum iscsi_login_status status, const char *reason);

/**
 * iscsi_name_fold - check an iSCSI name (RFC 7143 4.2.7) and fold ASCII upper case
 * @name: bytes of the value
 * @out: receives the folded, NUL-terminated name, "" when it is refused
 * @size: bytes in @out; longer names are refused
 *
 * Letters, digits, '-', '.', ':' and well-formed UTF-8 beyond ASCII; the result is safe as a file name.
 *
 * Return: 0 or -EINVAL.
 */
int iscsi_name_fold(const char *name, char *out, size_t size);

#endif /* ISCSI_LOGIN_H */
