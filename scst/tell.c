// SPDX-License-Identifier: GPL-2.0
/*
 * What the core has to tell at /dev/scst_event of commands, task management, LUN sets and blocked devices.
 *
 * Initiators cause most of it: nothing here sleeps where commands are taken in, and an event that finds no memory is not told.
 */
#include <linux/slab.h>

#include "event.h"
#include "scst_priv.h"

#define NO_LUN	(~0ULL)		/* the eight bytes are no LUN of a form we know */

static u64 event_lun(const u8 *wire)
{
	int lun = scsi_lun_decode(wire);

	return lun < 0 ? NO_LUN : lun;
}

static void copy_name(char *to, const char *name)
{
	strscpy(to, name ?: "", SCST_EVENT_NAME_LEN);
}

void scst_tell_lun_not_found(const struct scst_cmd *cmd)
{
	const struct scst_sess *sess = cmd->sess;
	struct scst_event_lun_not_found ev = { .lun = event_lun(cmd->lun) };

	copy_name(ev.initiator_name, sess->initiator);
	copy_name(ev.target_name, sess->tgt->name);
	scst_event_send(SCST_EVENT_LUN_NOT_FOUND, sess->tgt->name, &ev, sizeof(ev), GFP_NOWAIT, NULL);
}

void scst_tell_no_luns(const struct scst_tgt *tgt, const char *initiator)
{
	struct scst_event_no_luns ev = { };

	copy_name(ev.initiator_name, initiator);
	copy_name(ev.target_name, tgt->name);
	scst_event_send(SCST_EVENT_NEGATIVE_LUNS, tgt->name, &ev, sizeof(ev), GFP_KERNEL, NULL);
}

void scst_tell_blocked(const struct scst_dev *dev, const char *text, u32 len)
{
	struct scst_event_blocked *ev = kzalloc(struct_size(ev, data, len), GFP_NOIO);

	if (!ev)
		return;
	copy_name(ev->device_name, dev->name);
	ev->len = len;
	memcpy(ev->data, text, len);
	scst_event_send(SCST_EVENT_BLOCKED, NULL, ev, struct_size(ev, data, len), GFP_NOIO, NULL);
	kfree(ev);
}

/* ---- task management */

static const u32 tmf_numbers[] = {
	[SCST_TMF_ABORT_TASK]		= SCST_EVENT_ABORT_TASK,
	[SCST_TMF_ABORT_TASK_SET]	= SCST_EVENT_ABORT_TASK_SET,
	[SCST_TMF_CLEAR_ACA]		= SCST_EVENT_CLEAR_ACA,
	[SCST_TMF_CLEAR_TASK_SET]	= SCST_EVENT_CLEAR_TASK_SET,
	[SCST_TMF_LUN_RESET]		= SCST_EVENT_LUN_RESET,
	[SCST_TMF_TARGET_RESET]		= SCST_EVENT_TARGET_RESET,
	[SCST_TMF_NEXUS_RESET]		= SCST_EVENT_NEXUS_RESET,
	[SCST_TMF_QUERY_TASK]		= SCST_EVENT_QUERY_TASK,
	[SCST_TMF_QUERY_TASK_SET]	= SCST_EVENT_QUERY_TASK_SET,
	[SCST_TMF_QUERY_ASYNC_EVENT]	= SCST_EVENT_QUERY_ASYNC_EVENT,
};

/* Under the session's lock, as long as the command is there its CDB is. */
static bool take_cdb(const struct scst_cmd *cmd, void *arg)
{
	struct scst_event_tmf *ev = arg;

	if (cmd->tag != ev->tag)
		return false;
	memcpy(ev->cdb, cmd->cdb, min_t(u16, cmd->cdb_len, sizeof(ev->cdb)));
	return true;
}

static void describe_lun(struct scst_event_tmf *ev, const struct scst_tmf *tmf)
{
	struct scst_nexus *nexus = ev->lun == NO_LUN ? NULL : scst_nexus_get(tmf->sess, ev->lun);

	if (!nexus)
		return;
	copy_name(ev->device_name, nexus->dev->name);
	if (tmf->fn == SCST_TMF_ABORT_TASK || tmf->fn == SCST_TMF_QUERY_TASK)
		scst_nexus_any(nexus, take_cdb, ev);
	scst_nexus_put(nexus);
}

void scst_tell_tmf(const struct scst_tmf *tmf)
{
	const struct scst_sess *sess = tmf->sess;
	struct scst_event_tmf *ev;

	if (tmf->fn >= ARRAY_SIZE(tmf_numbers))
		return;
	ev = kzalloc(sizeof(*ev), GFP_NOWAIT | __GFP_NOWARN);
	if (!ev)
		return;
	ev->fn = tmf_numbers[tmf->fn];
	copy_name(ev->initiator_name, sess->initiator);
	copy_name(ev->target_name, sess->tgt->name);
	copy_name(ev->session_sysfs_name, kobject_name(&sess->node.kobj));
	if (tmf->fn == SCST_TMF_ABORT_TASK || tmf->fn == SCST_TMF_QUERY_TASK)
		ev->tag = tmf->tag;
	/* The others have no LUN. */
	if (tmf->fn != SCST_TMF_TARGET_RESET && tmf->fn != SCST_TMF_NEXUS_RESET) {
		ev->lun = event_lun(tmf->lun);
		describe_lun(ev, tmf);
	}
	scst_event_send(SCST_EVENT_TMF, sess->tgt->name, ev, sizeof(*ev), GFP_NOWAIT, NULL);
	kfree(ev);
}
