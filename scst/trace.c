// SPDX-License-Identifier: GPL-2.0
/*
 * What is under way: the texts of trace_cmds and trace_mcmds, as many whole lines as fit.
 *
 * Sessions stay while scst_config_mutex is held, a command while it is on its session's list and sess->lock is held: that is
 * until it is DONE. One whose response is on its way is the driver's and not shown.
 */
#include "scst_priv.h"

struct text {
	char *buf;
	size_t size;
	size_t len;
	bool full;
};

__printf(2, 3)
static void add_line(struct text *t, const char *fmt, ...)
{
	size_t room = t->size - t->len;
	va_list args;
	int len;

	if (t->full)
		return;
	va_start(args, fmt);
	len = vsnprintf(t->buf + t->len, room, fmt, args);
	va_end(args);
	t->full = len < 0 || len >= room;
	if (!t->full)
		t->len += len;
}

static unsigned int each_session(char *buf, size_t size, void (*fn)(struct scst_sess *sess, void *text))
{
	struct text t = { .buf = buf, .size = size };

	mutex_lock(&scst_config_mutex);
	scst_each_session(fn, &t);
	mutex_unlock(&scst_config_mutex);
	return t.len;
}

/* ---------------------------------------------------------------- commands */

static void add_cmd(struct text *t, const struct scst_cmd *cmd)
{
	const struct scst_sess *sess = cmd->sess;
	const struct scsi_op *op = cmd->info.op;
	unsigned int cdb_len = op && op->cdb_len ? min_t(u16, op->cdb_len, cmd->cdb_len) : cmd->cdb_len;

	add_line(t, "cmd %p: state %s; op %s; proc time %u sec; tgtt %s; tgt %s; session %s; grp %s; LUN %d; ini %s; cdb %*ph\n",
		 cmd, scst_cmd_state_names[cmd->state], op && op->name ? op->name : "unknown",
		 ((u32)jiffies - cmd->arrived) / HZ, sess->tgt->drv->name, sess->tgt->name, kobject_name(&sess->node.kobj),
		 sess->acg->name ? sess->acg->name : "default", scsi_lun_decode(cmd->lun),
		 sess->initiator ? sess->initiator : "", (int)cdb_len, cmd->cdb);
}

static void add_cmds(struct scst_sess *sess, void *text)
{
	struct text *t = text;
	const struct scst_cmd *cmd;
	unsigned long flags;

	lockdep_assert_held(&scst_config_mutex);
	spin_lock_irqsave(&sess->lock, flags);
	list_for_each_entry(cmd, &sess->active, sess_link) {
		add_cmd(t, cmd);
		if (t->full)
			break;
	}
	spin_unlock_irqrestore(&sess->lock, flags);
}

unsigned int scst_trace_cmds(char *buf, size_t size)
{
	return each_session(buf, size, add_cmds);
}

/* ------------------------------------------------------- task management */

/* A copy of one: what it waits for is found without the session's lock. */
struct mcmd {
	const void *id;
	u8 fn;
	int lun;
	u64 tag;
	struct scst_nexus *nexus;	/* a reference, or NULL */
};

/* The function number @n of the session. */
static bool get_mcmd(struct scst_sess *sess, unsigned int n, struct mcmd *m)
{
	struct scst_tmf *tmf;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&sess->lock, flags);
	list_for_each_entry(tmf, &sess->tmfs, link) {
		found = !n--;
		if (!found)
			continue;
		*m = (struct mcmd){
			.id = tmf, .fn = tmf->fn, .tag = tmf->tag, .nexus = tmf->nexus,
			.lun = tmf->nexus ? tmf->nexus->lun : scsi_lun_decode(tmf->lun),
		};
		if (m->nexus)
			refcount_inc(&m->nexus->ref);	/* the function holds one */
		break;
	}
	spin_unlock_irqrestore(&sess->lock, flags);
	return found;
}

/* Aborted commands that have not come back, where the function waits at the moment. */
static unsigned int awaited(const struct mcmd *m)
{
	switch (m->fn) {
	case SCST_TMF_ABORT_TASK:
		return scst_aborted_count(m->nexus, false, &m->tag);
	case SCST_TMF_ABORT_TASK_SET:
	case SCST_TMF_NEXUS_RESET:
		return scst_aborted_count(m->nexus, false, NULL);
	case SCST_TMF_CLEAR_TASK_SET:
		return scst_aborted_count(m->nexus, !READ_ONCE(m->nexus->dev->tst), NULL);
	case SCST_TMF_LUN_RESET:
	case SCST_TMF_TARGET_RESET:
		return scst_aborted_count(m->nexus, true, NULL);
	default:
		return 0;
	}
}

static void add_mcmds(struct scst_sess *sess, void *text)
{
	struct text *t = text;
	unsigned int n, waits;
	struct mcmd m;

	for (n = 0; !t->full && get_mcmd(sess, n, &m); n++) {
		waits = m.nexus ? awaited(&m) : 0;
		add_line(t, "mcmd %p: state %s; tgtt %s; tgt %s; session %s; fn %u; LUN %d; tag %llu; cmd_done_wait_count %u\n",
			 m.id, scst_cmd_state_names[waits ? SCST_CMD_EXECUTING : SCST_CMD_DONE], sess->tgt->drv->name,
			 sess->tgt->name, kobject_name(&sess->node.kobj), m.fn, m.lun, m.tag, waits);
		if (m.nexus)
			scst_nexus_put(m.nexus);
	}
}

unsigned int scst_trace_mcmds(char *buf, size_t size)
{
	return each_session(buf, size, add_mcmds);
}
