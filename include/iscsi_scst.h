/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The login hand-over: one generic netlink call moves an authenticated, negotiated connection from iscsi-scstd to the kernel.
 *
 * ISCST_CMD_HANDOVER carries every attribute below (GENL_ADMIN_PERM, initial network namespace only). The kernel takes a
 * reference on the socket behind ISCST_A_FD, validates all it is given, creates the session, writes TSIH, ExpCmdSN and
 * MaxCmdSN into ISCST_A_RESPONSE and queues it as the first transmission. The answer is a netlink ack: 0, or -errno with
 * extack text; nothing has been sent then and the daemon answers with the login status that belongs to the errno:
 *
 *	-ENOENT		0x0203	no such target, or no LUN visible to this initiator
 *	-ESHUTDOWN	0x0301	target or driver not enabled
 *	-EUSERS		0x0302	MaxSessions reached
 *	-ENOMEM		0x0302	out of resources
 *	-ESTALE		0x020a	TSIH given, but there is no such session
 *	-EMLINK		0x0206	TSIH given with another CID: no second connection
 *	anything else	0x0300	target error
 *
 * ISCST_CMD_HIDDEN carries ISCST_A_TARGET and ISCST_A_INITIATOR: a login was refused, or discovery did not show the target, maybe
 * because no LUN is visible. The kernel looks itself and tells that case at /dev/scst_event. The answer is an ack: 0 or -errno.
 */
#ifndef _UAPI_ISCSI_SCST_H
#define _UAPI_ISCSI_SCST_H

#define ISCST_GENL_NAME		"iscsi-scst"
#define ISCST_GENL_VERSION	1
/* The daemon joins this multicast group for as long as it serves: open_state reads "open" while it has a member. */
#define ISCST_GENL_MCGRP	"daemon"

enum iscst_genl_cmd {
	ISCST_CMD_UNSPEC,
	ISCST_CMD_HANDOVER,
	ISCST_CMD_HIDDEN,
	__ISCST_CMD_MAX
};

enum iscst_genl_attr {
	ISCST_A_UNSPEC,
	ISCST_A_FD,		/* u32: connected TCP socket in the caller's file table */
	ISCST_A_TARGET,		/* string: target name, <= 255 bytes */
	ISCST_A_INITIATOR,	/* string: InitiatorName, <= 255 bytes; "NAME#LOCAL_IP" under per_portal_acl */
	ISCST_A_ISID,		/* binary, 6 bytes, wire order */
	ISCST_A_TSIH,		/* u16: TSIH of the login request, 0 = new session or session reinstatement */
	ISCST_A_CID,		/* u16 */
	ISCST_A_PARAMS,		/* binary: struct iscsi_params (iscsi_proto.h), host byte order */
	ISCST_A_CMDSN,		/* u32: ExpCmdSN for the full-feature phase */
	ISCST_A_STATSN,		/* u32: StatSN inside ISCST_A_RESPONSE */
	ISCST_A_RESPONSE,	/* binary: last Login Response, BHS + text + padding, <= 16 KiB, multiple of 4 */
	__ISCST_A_MAX
};
#define ISCST_A_MAX (__ISCST_A_MAX - 1)

#define ISCST_RESPONSE_MAX 16384

#endif /* _UAPI_ISCSI_SCST_H */
