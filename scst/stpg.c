// SPDX-License-Identifier: GPL-2.0
/*
 * SET TARGET PORT GROUPS (SPC-4 6.45): the core checks what is asked and leaves it to user space, which changes the states
 * and confirms; until then the other devices of the group are blocked.
 *
 * The command executes all that time. It moves nothing, so a change of the group's state, which waits for what executes,
 * does not wait for it.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "alua.h"
#include "event.h"

#define PAYLOAD_MAX	offsetof(struct scst_event_stpg, groups[SCSI_STPG_MAX])

/**
 * struct stpg - one SET TARGET PORT GROUPS
 * @wait: for user space
 * @cmd: the command; executing
 * @dg: the group; node reference
 * @blocked: the other devices, whose gates are closed; node references; NULL-terminated
 * @want: what is asked
 * @payload: the same as an event
 */
struct stpg {
	struct scst_event_wait wait;
	struct scst_cmd *cmd;
	struct scst_dg *dg;
	struct scst_dev **blocked;
	struct scsi_stpg want[SCSI_STPG_MAX];
	struct scst_event_stpg *payload;
};

static void finish(struct stpg *st)
{
	struct scst_cmd *cmd = st->cmd;
	size_t i;

	for (i = 0; st->blocked && st->blocked[i]; i++) {
		scst_dev_resume(st->blocked[i]);
		scst_node_put(&st->blocked[i]->node);
	}
	kvfree(st->blocked);
	if (st->dg)
		scst_node_put(&st->dg->node);
	kvfree(st);
	scst_cmd_done(cmd);
}

static void answered(struct scst_event_wait *wait, int status)
{
	struct stpg *st = container_of(wait, struct stpg, wait);

	mutex_lock(&scst_config_mutex);
	st->dg->stpg = NULL;
	mutex_unlock(&scst_config_mutex);
	if (status)
		scst_cmd_fail(st->cmd, SCSI_SENSE_STPG_FAILED);
	finish(st);
}

/* scst_config_mutex is held from here on. */
static void describe(struct stpg *st, unsigned int n)
{
	struct scst_event_stpg *ev = st->payload;
	struct scst_event_stpg_group *g = ev->groups;
	unsigned int i, at = 0;
	struct scst_tg *tg;

	ev->tag = st->cmd->tag;
	strscpy(ev->device_name, st->cmd->dev->name, sizeof(ev->device_name));
	ev->count = n;
	list_for_each_entry(tg, &st->dg->tgs, link) {
		for (i = 0; i < n; i++) {
			if (st->want[i].group != at)
				continue;
			g->group_id = tg->id;
			strscpy(g->prev_state, scsi_alua_name(tg->state), sizeof(g->prev_state));
			strscpy(g->new_state, scsi_alua_name(st->want[i].state), sizeof(g->new_state));
			strscpy(g->dg_name, scst_dg_name(st->dg), sizeof(g->dg_name));
			strscpy(g->tg_name, scst_tg_name(tg), sizeof(g->tg_name));
			g++;
		}
		at++;
	}
}

static bool in_transition(const struct scst_dg *dg)
{
	const struct scst_tg *tg;

	list_for_each_entry(tg, &dg->tgs, link)
		if (tg->state == SCSI_ALUA_TRANSITIONING)
			return true;
	return dg->stpg;
}

static int block_others(struct stpg *st)
{
	struct scst_dev *dev;
	size_t n = 0;

	list_for_each_entry(dev, &st->dg->devs, dg_link)
		n++;
	st->blocked = scst_alloc_mem((n + 1) * sizeof(*st->blocked));
	if (!st->blocked)
		return -ENOMEM;
	n = 0;
	list_for_each_entry(dev, &st->dg->devs, dg_link) {
		if (dev == st->cmd->dev)
			continue;
		scst_node_get(&dev->node);
		scst_dev_close_gate(dev);
		st->blocked[n++] = dev;
	}
	return 0;
}

/* 1: user space has to be asked; 0: done, the status is set. */
static int look(struct stpg *st)
{
	struct scst_cmd *cmd = st->cmd;
	const struct scst_tpg_map *map = NULL;
	u8 list[SCSI_STPG_MAX_LEN];
	unsigned int len;
	int n;

	lockdep_assert_held(&scst_config_mutex);
	if (cmd->data_len > sizeof(list) || cmd->data_len != cmd->info.xfer_len) {
		scst_cmd_fail(cmd, SCSI_SENSE_PARAM_LIST_LENGTH);
		return 0;
	}
	len = scst_cmd_fetch(cmd, list, sizeof(list));
	st->dg = rcu_dereference_protected(cmd->dev->dg, lockdep_is_held(&scst_config_mutex));
	if (st->dg) {
		scst_node_get(&st->dg->node);
		map = rcu_dereference_protected(st->dg->map, lockdep_is_held(&scst_config_mutex));
	}
	if (st->dg && in_transition(st->dg)) {
		scst_cmd_fail(cmd, SCSI_SENSE_ALUA_TRANSITION);
		return 0;
	}
	n = scsi_stpg_parse(map ? map->groups : NULL, map ? map->nr : 0, list, len, st->want, &cmd->sense);
	if (n < 0)
		cmd->status = SCSI_CHECK_CONDITION;
	if (n <= 0)
		return 0;
	if (block_others(st)) {
		cmd->status = SCSI_BUSY;
		return 0;
	}
	describe(st, n);
	st->dg->stpg = cmd->nexus;
	return 1;
}

/* What waits for executing commands leaves this one out from here on. */
static void step_aside(struct scst_cmd *cmd)
{
	struct scst_sess *sess = cmd->sess;
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	cmd->core_flags |= SCST_CF_ASIDE;
	scst_cmd_stepped_aside(cmd);
	spin_unlock_irqrestore(&sess->lock, flags);
}

static void ask(struct stpg *st)
{
	size_t len = offsetof(struct scst_event_stpg, groups[st->payload->count]);

	step_aside(st->cmd);
	st->wait.done = answered;
	if (scst_event_send(SCST_EVENT_STPG, NULL, st->payload, len, GFP_NOIO, &st->wait))
		return;
	pr_warn_ratelimited("device %s: SET TARGET PORT GROUPS refused: nobody listens at /dev/scst_event, as scst-stpgd does\n",
			    st->cmd->dev->name);
	answered(&st->wait, -ESRCH);
}

static void set_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of((u8 *)work, struct scst_cmd, scratch.bytes[0]);
	unsigned int noio = memalloc_noio_save();
	struct stpg *st = scst_alloc_mem(sizeof(*st) + PAYLOAD_MAX);
	int asking;

	if (!st) {
		cmd->status = SCSI_BUSY;
		scst_cmd_done(cmd);
		goto out;
	}
	st->cmd = cmd;
	st->payload = (struct scst_event_stpg *)(st + 1);
	mutex_lock(&scst_config_mutex);
	asking = look(st);
	mutex_unlock(&scst_config_mutex);
	if (asking)
		ask(st);
	else
		finish(st);
out:
	memalloc_noio_restore(noio);
}

/* Takes locks that wait for memory: not where a connection receives. */
void scst_alua_set(struct scst_cmd *cmd)
{
	struct work_struct *work = (struct work_struct *)cmd->scratch.bytes;

	INIT_WORK(work, set_work);
	queue_work(scst_wq, work);
}
