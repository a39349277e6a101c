/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Negotiation of operational keys (RFC 7143 section 13, RFC 7144 7.1): one offered pair in, our answer and the changed
 * parameters out. Pure.
 */
#ifndef ISCSI_NEGO_H
#define ISCSI_NEGO_H

#include "scst_pure.h"
#include "iscsi_proto.h"
#include "keys.h"
#include "text.h"
#include "chap.h"

/**
 * struct iscsi_nego - state of one negotiation
 * @attrs: what we offer
 * @params: values in force: RFC defaults at first
 * @protocol_level: highest iSCSIProtocolLevel we speak
 * @discovery: keys of normal sessions are irrelevant
 * @continues: connection reinstatement: the session's first login has settled them, too
 * @operational: the operational stage: keys of that stage are answered, otherwise NotUnderstood
 * @declared: our MaxRecvDataSegmentLength has been sent
 * @auth_required: only CHAP is acceptable as AuthMethod, else only None
 * @chap: CHAP keys of the request just negotiated; they point into its text
 * @seen: keys already negotiated, by row of the table
 */
struct iscsi_nego {
	struct iscsi_tgt_attrs attrs;
	struct iscsi_params params;
	u32 protocol_level;
	bool discovery;
	bool continues;
	bool operational;
	bool declared;
	bool auth_required;
	struct iscsi_chap_keys chap;
	u64 seen;
};

/**
 * iscsi_nego_init - RFC defaults in force, our defaults on offer
 * @n: state
 * @protocol_level: highest iSCSIProtocolLevel we speak
 */
void iscsi_nego_init(struct iscsi_nego *n, u32 protocol_level);

/**
 * iscsi_nego_text - negotiate all pairs of one request
 * @n: state
 * @text: text that passed iscsi_text_check()
 * @len: bytes
 * @out: receives our answers and declarations
 * @status: receives the login status when the negotiation fails
 *
 * Return: NULL, or why the negotiation failed, as constant text for the log.
 */
const char *iscsi_nego_text(struct iscsi_nego *n, const char *text, u32 len, struct iscsi_text_buf *out,
			    enum iscsi_login_status *status);

/**
 * iscsi_nego_finish - settle what keys depend on each other for
 * @n: state; n->params is final and valid afterwards
 */
void iscsi_nego_finish(struct iscsi_nego *n);

#endif /* ISCSI_NEGO_H */
