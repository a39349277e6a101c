/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/scst_event: what happens in the core, for programs that want to know, and decisions that are left to them.
 */
#ifndef SCST_EVENT_H
#define SCST_EVENT_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define SCST_EVENT_ISSUER	"SCST core"
#define SCST_EVENT_ISSUER_LEN	50
#define SCST_EVENT_ALL_ISSUERS	"*"
#define SCST_EVENT_NAME_LEN	256
#define SCST_EVENT_PAYLOAD_MAX	3072
#define SCST_EVENT_ALLOW_MAX	3072	/* longest payload of SCST_EVENT_ALLOW */

/**
 * struct scst_event - an event; payload_len bytes of payload follow
 * @payload_len: bytes behind this struct; in SCST_EVENT_ALLOW those of the target's name, 0 = any target
 * @event_code: one of the codes below; in SCST_EVENT_ALLOW 0 = all
 * @event_id: for SCST_EVENT_NOTIFY_DONE
 * @issuer_name: who tells it; in SCST_EVENT_ALLOW "*" = all
 */
struct scst_event {
	__s32 payload_len;
	__u32 event_code;
	__u32 event_id;
	char issuer_name[SCST_EVENT_ISSUER_LEN];
} __attribute__((aligned(8)));

/**
 * struct scst_event_user - room for an event
 * @max_event_size: bytes from @out_event on, payload included; ENOSPC: as many as it takes
 * @out_event: the event; its payload follows
 */
struct scst_event_user {
	__s32 max_event_size;
	struct scst_event out_event;
};

/* @status: 0 or a negative errno; how what was asked for ended. */
struct scst_event_notify_done {
	__u32 event_id;
	__s32 status;
};

#define SCST_EVENT_ALLOW	_IOW('u', 1, struct scst_event)
#define SCST_EVENT_DISALLOW	_IOW('u', 2, struct scst_event)
#define SCST_EVENT_GET_NEXT	_IOWR('u', 3, struct scst_event_user)
#define SCST_EVENT_NOTIFY_DONE	_IOW('u', 4, struct scst_event_notify_done)

/* Codes, and what follows the event. */
#define SCST_EVENT_LUN_NOT_FOUND	1
#define SCST_EVENT_NEGATIVE_LUNS	2
#define SCST_EVENT_BLOCKED		3
#define SCST_EVENT_TMF			4
#define SCST_EVENT_STPG			5
#define SCST_EVENT_DEVICE_REGISTERED	6

/* SCST_EVENT_LUN_NOT_FOUND: a command came to a LUN that the session does not have; @lun: ~0 if it is not even well-formed */
struct scst_event_lun_not_found {
	__aligned_u64 lun;
	char initiator_name[SCST_EVENT_NAME_LEN];
	char target_name[SCST_EVENT_NAME_LEN];
};

/* SCST_EVENT_NEGATIVE_LUNS: discovery or login of an initiator to which the target shows no LUN */
struct scst_event_no_luns {
	char initiator_name[SCST_EVENT_NAME_LEN];
	char target_name[SCST_EVENT_NAME_LEN];
};

/* SCST_EVENT_BLOCKED: @len bytes of @data as given with the request */
struct scst_event_blocked {
	char device_name[SCST_EVENT_NAME_LEN];
	__u32 len;
	__u8 data[];
};

/* Functions of SCST_EVENT_TMF. */
#define SCST_EVENT_ABORT_TASK		0
#define SCST_EVENT_ABORT_TASK_SET	1
#define SCST_EVENT_CLEAR_ACA		2
#define SCST_EVENT_CLEAR_TASK_SET	3
#define SCST_EVENT_LUN_RESET		4
#define SCST_EVENT_TARGET_RESET		5
#define SCST_EVENT_NEXUS_RESET		6
#define SCST_EVENT_QUERY_TASK		16
#define SCST_EVENT_QUERY_TASK_SET	17
#define SCST_EVENT_QUERY_ASYNC_EVENT	18

/**
 * struct scst_event_tmf - SCST_EVENT_TMF: a task management function has come
 * @fn: one of the above
 * @lun: its LUN, ~0 if it is not well-formed; 0 with TARGET RESET and NEXUS RESET
 * @device_name: the device there, "" if none is
 * @initiator_name: who asks
 * @target_name: of which target
 * @session_sysfs_name: directory of the session
 * @tag: ABORT TASK and QUERY TASK: the command
 * @cdb: its CDB, zeroes if there is no such command
 */
struct scst_event_tmf {
	__u32 fn;
	__aligned_u64 lun;
	char device_name[SCST_EVENT_NAME_LEN];
	char initiator_name[SCST_EVENT_NAME_LEN];
	char target_name[SCST_EVENT_NAME_LEN];
	char session_sysfs_name[SCST_EVENT_NAME_LEN];
	__aligned_u64 tag;
	__u8 cdb[16];
};

/* SCST_EVENT_STPG: the group @tg_name shall change from one state to another. To be confirmed. */
struct scst_event_stpg_group {
	__u16 group_id;
	char prev_state[32];
	char new_state[32];
	char dg_name[64];
	char tg_name[64];
};

struct scst_event_stpg {
	__u64 tag;
	char device_name[64];
	__u16 count;
	struct scst_event_stpg_group groups[];
};

/* SCST_EVENT_DEVICE_REGISTERED */
struct scst_event_device {
	char device_name[60];
};

#endif /* SCST_EVENT_H */
