// SPDX-License-Identifier: GPL-2.0
/*
 * What the asymmetric access state of its port means to a command (SPC-4 5.15.2), and REPORT TARGET PORT GROUPS.
 */
#include <linux/mm.h>

#include "alua.h"

#define TRANSITION_WAIT	(HZ / 2)

/* A command that waits for the end of a transition; in scst_cmd.scratch, which no handler uses yet. */
struct alua_wait {
	struct delayed_work work;
	void (*exec)(struct scst_cmd *cmd);
};

static struct alua_wait *wait_of(struct scst_cmd *cmd)
{
	BUILD_BUG_ON(sizeof(struct alua_wait) > sizeof(cmd->scratch));
	return (struct alua_wait *)cmd->scratch.bytes;
}

/* A port that forwards leaves the checks to where it forwards to. */
static scsi_sense_code refusal(const struct scst_cmd *cmd)
{
	if (cmd->sess->tgt->forward_dst)
		return 0;
	return scsi_alua_admit(READ_ONCE(cmd->nexus->alua_state), cmd->info.op->flags);
}

static void wait_over(struct work_struct *work)
{
	struct alua_wait *w = container_of(to_delayed_work(work), struct alua_wait, work);
	struct scst_cmd *cmd = container_of((u8 *)w, struct scst_cmd, scratch.bytes[0]);
	void (*exec)(struct scst_cmd *cmd) = w->exec;
	scsi_sense_code code = refusal(cmd);

	if (code)
		scst_cmd_fail(cmd, code);
	if (code || scst_cmd_aborted(cmd) || scst_cmd_refused_late(cmd))
		scst_cmd_done(cmd);
	else
		exec(cmd);
}

static void exec_wait(struct scst_cmd *cmd)
{
	struct alua_wait *w = wait_of(cmd);

	INIT_DELAYED_WORK(&w->work, wait_over);
	queue_delayed_work(scst_wq, &w->work, TRANSITION_WAIT);
}

bool scst_alua_admit_slow(struct scst_cmd *cmd)
{
	scsi_sense_code code = refusal(cmd);

	if (!code)
		return true;
	if (code != SCSI_SENSE_ALUA_TRANSITION) {
		scst_cmd_fail(cmd, code);
		return false;
	}
	if (cmd->exec != exec_wait) {
		wait_of(cmd)->exec = cmd->exec;
		cmd->exec = exec_wait;
	}
	return true;
}

/* With @buf NULL only counts. */
static int build_report(struct scst_cmd *cmd, u8 *buf, unsigned int size)
{
	const struct scst_tpg_map *map = NULL;
	const struct scst_dg *dg;
	int len;

	rcu_read_lock();
	dg = rcu_dereference(cmd->dev->dg);
	if (dg)
		map = rcu_dereference(dg->map);
	len = scsi_rtpg_build(map ? map->groups : NULL, map ? map->nr : 0, cmd->cdb, buf, size, &cmd->sense);
	rcu_read_unlock();
	return len;
}

void scst_alua_report(struct scst_cmd *cmd)
{
	int size = build_report(cmd, NULL, 0), len;
	u8 *buf;

	if (size < 0) {
		cmd->status = SCSI_CHECK_CONDITION;
		goto done;
	}
	buf = scst_alloc_mem(size);
	if (buf) {
		/* Should there be more by now, the length in the header says so. */
		len = build_report(cmd, buf, size);
		scst_cmd_reply(cmd, buf, min(len, size));
	} else {
		cmd->status = SCSI_BUSY;
	}
	kvfree(buf);
done:
	scst_cmd_done(cmd);
}
