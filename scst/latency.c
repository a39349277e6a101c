// SPDX-License-Identifier: GPL-2.0
/*
 * How long commands take: time in each state, summed up per session, by direction and size, while "measure_latency" is on.
 *
 * While it is off the data path looks at a pointer of the session when a command comes, and at a flag of the command, which is at
 * hand anyway, with each of its states. While it is on a command carries its times itself and adds them to its session's table
 * when its response has gone out. Only the work of its connection and readers of the files meet at the lock of a table.
 *
 * A command is measured from its beginning or not at all. One that began before the table in which it ends was made, or emptied,
 * is told from the others by the time it began.
 */
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "scst_priv.h"

#define NR_DIRS	(SCSI_DIR_BIDI + 1)

/**
 * struct scst_latency - table of a session
 * @rcu: it ends with the switch or its session, a grace period later: commands and readers may still look at it
 * @lock: guards the rest; process context
 * @since: commands that began earlier don't count
 * @rows: by enum scsi_dir and size
 */
struct scst_latency {
	struct rcu_head rcu;
	spinlock_t lock;
	u64 since;
	struct scsi_latency_row rows[NR_DIRS][SCSI_LATENCY_SIZES];
};

static bool measuring;			/* sessions have tables; scst_config_mutex */

/* ---------------------------------------------------------------- commands */

void scst_latency_begin(struct scst_cmd *cmd)
{
	struct scst_cmd_times *t = &cmd->times;

	t->began = ktime_get_ns();
	t->since = t->began;
	t->seen = 0;
	memset(t->spent, 0, sizeof(t->spent));
	cmd->core_flags |= SCST_CF_TIMED;
}

void scst_latency_step(struct scst_cmd *cmd)
{
	struct scst_cmd_times *t = &cmd->times;
	u64 now = ktime_get_ns();

	t->spent[cmd->state] += now - t->since;
	t->seen |= BIT(cmd->state);
	t->since = now;
}

static void add(struct scst_latency *table, const struct scst_cmd *cmd)
{
	const struct scst_cmd_times *t = &cmd->times;
	unsigned int dir = cmd->data_len ? cmd->info.dir : SCSI_DIR_NONE, i;
	struct scsi_latency_row *row = &table->rows[dir][scsi_latency_size(cmd->data_len)];

	lockdep_assert_held(&table->lock);
	if (t->began < table->since)
		return;
	for (i = 0; i < SCST_CMD_STATES; i++)
		if (t->seen & BIT(i))
			scsi_latency_add(&row->state[i], t->spent[i]);
	scsi_latency_add(&row->total, t->since - t->began);
}

void scst_latency_end(struct scst_cmd *cmd)
{
	struct scst_latency *table;

	/* One that its driver has given up was never executed. */
	if (cmd->state != SCST_CMD_SENDING)
		return;
	scst_latency_step(cmd);
	rcu_read_lock();
	table = rcu_dereference(cmd->sess->latency);
	if (table) {
		spin_lock(&table->lock);
		add(table, cmd);
		spin_unlock(&table->lock);
	}
	rcu_read_unlock();
}

/* ------------------------------------------------------------------- files */

void scst_latency_read(struct scst_sess *sess, unsigned int dir, unsigned int size, struct scsi_latency_row *row)
{
	struct scst_latency *table;

	memset(row, 0, sizeof(*row));
	rcu_read_lock();
	table = rcu_dereference(sess->latency);
	if (table) {
		spin_lock(&table->lock);
		*row = table->rows[dir][size];
		spin_unlock(&table->lock);
	}
	rcu_read_unlock();
}

void scst_latency_reset(struct scst_sess *sess)
{
	struct scst_latency *table;

	rcu_read_lock();
	table = rcu_dereference(sess->latency);
	if (table) {
		spin_lock(&table->lock);
		table->since = ktime_get_ns();
		memset(table->rows, 0, sizeof(table->rows));
		spin_unlock(&table->lock);
	}
	rcu_read_unlock();
}

/* ------------------------------------------------------- sessions, the switch */

/* Without memory the session goes unmeasured; writing 1 again tries again. */
void scst_latency_join(struct scst_sess *sess)
{
	struct scst_latency *table;

	lockdep_assert_held(&scst_config_mutex);
	if (!measuring || rcu_access_pointer(sess->latency))
		return;
	table = kvzalloc(sizeof(*table), GFP_KERNEL | __GFP_NOWARN);
	if (!table)
		return;
	spin_lock_init(&table->lock);
	table->since = ktime_get_ns();
	rcu_assign_pointer(sess->latency, table);
}

void scst_latency_leave(struct scst_sess *sess)
{
	struct scst_latency *table;

	table = rcu_replace_pointer(sess->latency, NULL, lockdep_is_held(&scst_config_mutex));
	if (table)
		kvfree_rcu(table, rcu);
}

static void join_or_leave(struct scst_sess *sess, void *unused)
{
	if (measuring)
		scst_latency_join(sess);
	else
		scst_latency_leave(sess);
}

void scst_latency_set(bool on)
{
	mutex_lock(&scst_config_mutex);
	WRITE_ONCE(measuring, on); /* pairs with scst_latency_is_on() */
	scst_each_session(join_or_leave, NULL);
	mutex_unlock(&scst_config_mutex);
}

bool scst_latency_is_on(void)
{
	return READ_ONCE(measuring);
}
