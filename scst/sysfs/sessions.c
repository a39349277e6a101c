// SPDX-License-Identifier: GPL-2.0
/*
 * sessions/SESSION with its latency/ and lunN directories: counters, times, closing. What is in them may take no mutex, see
 * scst_mgmt_mutex.
 */
#include "scst_priv.h"

u64 scst_sess_count(struct scst_sess *sess, unsigned long count)
{
	unsigned int dir = SCST_COUNT_DIR(count);
	unsigned long flags;
	u64 value;

	spin_lock_irqsave(&sess->lock, flags);
	switch (SCST_COUNT_WHAT(count)) {
	case SCST_COUNT_CMDS:
		value = sess->cmd_count[dir];
		break;
	case SCST_COUNT_KB:
		value = sess->io_bytes[dir] >> 10;
		break;
	default:
		value = sess->unaligned[dir];
		break;
	}
	spin_unlock_irqrestore(&sess->lock, flags);
	return value;
}

static int count_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "%llu", scst_sess_count(obj, a->arg));
}

/* Zeroes all counters of that direction together. */
static int count_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_sess *sess = obj;
	unsigned int dir = SCST_COUNT_DIR(a->arg);
	unsigned long flags;

	spin_lock_irqsave(&sess->lock, flags);
	sess->cmd_count[dir] = 0;
	sess->io_bytes[dir] = 0;
	sess->unaligned[dir] = 0;
	spin_unlock_irqrestore(&sess->lock, flags);
	return 0;
}

static int initiator_name_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_sess *sess = obj;

	return scnprintf(buf, size, "%s", sess->initiator ? sess->initiator : "");
}

static int commands_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_sess *sess = obj;

	return scnprintf(buf, size, "%u", READ_ONCE(sess->nr_active));
}

static int active_commands_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_sess *sess = obj;
	struct scst_nexus *nexus;
	unsigned int sum = 0;
	unsigned long lun;

	rcu_read_lock();
	xa_for_each(&sess->nexuses, lun, nexus)
		sum += READ_ONCE(nexus->nr_active);
	rcu_read_unlock();
	return scnprintf(buf, size, "%u", sum);
}

static int force_close_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_sess *sess = obj;

	sess->tgt->drv->close_sess(sess);
	return 0;
}

#define SESS_COUNT(_name, _what, _dir) \
	SCST_ATTR_RW(_name, count_show, count_store, NULL, .arg = SCST_COUNT(_what, _dir))

static const struct scst_attr sess_attrs[] = {
	SCST_ATTR_RO(initiator_name, initiator_name_show, NULL),
	SCST_ATTR_RO(commands, commands_show, NULL),
	SCST_ATTR_RO(active_commands, active_commands_show, NULL),
	SESS_COUNT(unknown_cmd_count, SCST_COUNT_CMDS, SCST_DIR_UNKNOWN),
	SESS_COUNT(write_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_TO),
	SESS_COUNT(write_io_count_kb, SCST_COUNT_KB, SCSI_DIR_TO),
	SESS_COUNT(write_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_TO),
	SESS_COUNT(read_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_FROM),
	SESS_COUNT(read_io_count_kb, SCST_COUNT_KB, SCSI_DIR_FROM),
	SESS_COUNT(read_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_FROM),
	SESS_COUNT(bidi_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_BIDI),
	SESS_COUNT(bidi_io_count_kb, SCST_COUNT_KB, SCSI_DIR_BIDI),
	SESS_COUNT(bidi_unaligned_cmd_count, SCST_COUNT_UNALIGNED, SCSI_DIR_BIDI),
	SESS_COUNT(none_cmd_count, SCST_COUNT_CMDS, SCSI_DIR_NONE),
};

/* ---- latency/ */

/* .arg of its files */
#define LATENCY_ARG(dir, size)	((dir) << 4 | (size))

static int latency_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scsi_latency_row row;

	scst_latency_read(obj, a->arg >> 4, a->arg & 0xf, &row);
	return scsi_latency_text(&row, scst_cmd_state_names, buf, size);
}

/* Zeroes all files of the session together. */
static int latency_store(void *obj, const struct scst_attr *a, char *text)
{
	scst_latency_reset(obj);
	return 0;
}

#define LATENCY_FILE(_name, _dir, _size)						\
	SCST_ATTR_RW(_name, latency_show, latency_store, NULL, .flags = SCST_ATTR_RAW,	\
		     .arg = LATENCY_ARG(_dir, _size))

/* n: no data, r: read, w: written, b: both; each by the size it is bounded by. */
#define N(_size, _index)	LATENCY_FILE(n##_size, SCSI_DIR_NONE, _index)
#define R(_size, _index)	LATENCY_FILE(r##_size, SCSI_DIR_FROM, _index)
#define W(_size, _index)	LATENCY_FILE(w##_size, SCSI_DIR_TO, _index)
#define B(_size, _index)	LATENCY_FILE(b##_size, SCSI_DIR_BIDI, _index)

static const struct scst_attr latency_attrs[] = {
	N(512, 0), R(512, 0), W(512, 0), B(512, 0),
	N(1024, 1), R(1024, 1), W(1024, 1), B(1024, 1),
	N(2048, 2), R(2048, 2), W(2048, 2), B(2048, 2),
	N(4096, 3), R(4096, 3), W(4096, 3), B(4096, 3),
	N(8192, 4), R(8192, 4), W(8192, 4), B(8192, 4),
	N(16384, 5), R(16384, 5), W(16384, 5), B(16384, 5),
	N(32768, 6), R(32768, 6), W(32768, 6), B(32768, 6),
	N(65536, 7), R(65536, 7), W(65536, 7), B(65536, 7),
	N(131072, 8), R(131072, 8), W(131072, 8), B(131072, 8),
	N(262144, 9), R(262144, 9), W(262144, 9), B(262144, 9),
	N(524288, 10), R(524288, 10), W(524288, 10), B(524288, 10),
};

static int latency_dir_fill(struct scst_sess *sess)
{
	int ret;

	ret = scst_node_add(&sess->latency_node, &sess->node, "latency");
	return ret ? ret : scst_node_add_attrs(&sess->latency_node, latency_attrs, ARRAY_SIZE(latency_attrs));
}

static const struct scst_attr force_close_attr = SCST_ATTR_WO(force_close, force_close_store);

int scst_sess_dir_fill(struct scst_sess *sess)
{
	struct scst_driver *drv = sess->tgt->drv;
	int ret;

	ret = scst_node_add_attrs(&sess->node, sess_attrs, ARRAY_SIZE(sess_attrs));
	if (!ret && drv->close_sess)
		ret = scst_node_add_attr(&sess->node, &force_close_attr);
	if (!ret)
		ret = latency_dir_fill(sess);
	return ret ? ret : scst_node_add_attrs(&sess->node, drv->sess_attrs, drv->nr_sess_attrs);
}

/* ---- lunN */

static int nexus_active_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	struct scst_nexus *nexus = obj;

	return scnprintf(buf, size, "%u", READ_ONCE(nexus->nr_active));
}

/* No threads of its own: index -1, no process ids. */
static int thread_index_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return scnprintf(buf, size, "-1");
}

static int thread_pid_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	return 0;
}

static bool dif_shown(void *obj, const struct scst_attr *a)
{
	struct scst_nexus *nexus = obj;

	return nexus->dev->dif_type;
}

static int dif_checks_show(void *obj, const struct scst_attr *a, char *buf, size_t size)
{
	static const char *const places[] = { "tgt", "scst", "dev" };
	struct scst_nexus *nexus = obj;
	int len = scnprintf(buf, size, "\tapp\tref\tguard\n");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		len += scnprintf(buf + len, size - len, "%s\t%u\t%u\t%u\n", places[i],
				 atomic_read(&nexus->dif_failed[i][0]), atomic_read(&nexus->dif_failed[i][1]),
				 atomic_read(&nexus->dif_failed[i][2]));
	return len;
}

static int dif_checks_store(void *obj, const struct scst_attr *a, char *text)
{
	struct scst_nexus *nexus = obj;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(nexus->dif_failed); i++)
		for (k = 0; k < ARRAY_SIZE(nexus->dif_failed[i]); k++)
			atomic_set(&nexus->dif_failed[i][k], 0);
	return 0;
}

static const struct scst_attr nexus_attrs[] = {
	SCST_ATTR_RO(active_commands, nexus_active_show, NULL),
	SCST_ATTR_RO(thread_index, thread_index_show, NULL),
	SCST_ATTR_RO(thread_pid, thread_pid_show, NULL),
	SCST_ATTR_RW(dif_checks_failed, dif_checks_show, dif_checks_store, NULL, .flags = SCST_ATTR_RAW,
		     .shown = dif_shown),
};

int scst_nexus_dir_fill(struct scst_nexus *nexus)
{
	return scst_node_add_attrs(&nexus->node, nexus_attrs, ARRAY_SIZE(nexus_attrs));
}
