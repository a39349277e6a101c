// SPDX-License-Identifier: GPL-2.0
/*
 * Reservations of a device: RESERVE and RELEASE (SPC-2), persistent reservations (SPC-4 5.13), and their file.
 *
 * A change of the persistent ones works on a copy of the table: the pure core changes it, it is saved, and only then it takes
 * the place of the old one; whatever fails before leaves everything as it was. pr->lock serializes changes, with the waits for
 * the disk. What commands look at (dev->reserved, nexus->pr_role, pr->holder) changes together, under pr->seq; a command takes
 * no lock, and while dev->reserved is 0 that byte is all it reads.
 *
 * Locks: scst_config_mutex -> pr->seq; pr->lock -> pr->seq; scst_mgmt_mutex -> pr->lock. Ports and nexuses are collected under
 * scst_config_mutex before pr->lock.
 */
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/sched/mm.h>
#include <linux/seqlock.h>
#include <linux/slab.h>

#include "scst_priv.h"

#define DEFAULT_DIR	"/var/lib/scst/pr/"	/* has to be there before the first device */
#define BY_RESERVE	0x80	/* dev->reserved; else enum scsi_pr_type */

/* nexus->pr_role */
#define REGISTERED	0x01
#define HOLDER		0x02

/**
 * struct scst_pr - reservations of a device
 * @lock: guards changes of @table, and @path
 * @seq: see above
 * @table: never NULL; replaced under both
 * @holder: nexus that holds the reservation of RESERVE; seq
 * @ending: a reset takes it away as soon as the commands that it has aborted are gone; seq
 * @path: file, when set explicitly
 * @file_differs: the file may hold a change that was refused; lock
 * @stale: the file was not read, or not there: it holds nothing that is in force, but may be read at the next start; lock
 * @stale_told: that it could not be removed is in the log; lock
 */
struct scst_pr {
	struct mutex lock;
	seqlock_t seq;
	struct scsi_pr_table *table;
	struct scst_nexus *holder;
	char *path;
	bool file_differs;
	bool stale;
	bool stale_told;
	bool ending;
};

/* Between exec() and scst_cmd_done(), in the command. */
struct pr_job {
	struct work_struct work;
	struct scst_drain drain;
	struct scst_cmd *cmd;
};

/* ------------------------------------------------------------------- tables */

/* A copy with room for @more registrations; NULL: no memory. */
static struct scsi_pr_table *table_copy(const struct scsi_pr_table *old, u32 more)
{
	u32 nr = old ? old->nr : 0, cap = min_t(u32, nr + more, SCSI_PR_REGS_MAX);
	struct scsi_pr_table *t = scst_alloc_mem(struct_size(t, regs, cap));

	if (!t)
		return NULL;
	if (old)
		memcpy(t, old, struct_size(t, regs, nr));
	t->cap = cap;
	return t;
}

static bool is_empty(const struct scsi_pr_table *t)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (!t->regs[i].gone)
			return false;
	return true;
}

/* False: a nexus that nobody can name, which has no part in persistent reservations. */
static bool nexus_id(const struct scst_nexus *nexus, struct scsi_pr_id *id)
{
	const struct scst_sess *sess = nexus->sess;

	id->port = READ_ONCE(sess->tgt->rel_tgt_id);
	return sess->transport_id && scsi_tid_parse(sess->transport_id, sess->transport_id_len, id) > 0;
}

static u8 role_of(struct scsi_pr_table *t, const struct scst_nexus *nexus)
{
	struct scsi_pr_reg *reg;
	struct scsi_pr_id id;

	if (!t->nr || !nexus_id(nexus, &id))
		return 0;
	reg = scsi_pr_find(t, &id);
	return reg ? REGISTERED | (scsi_pr_holds(t, reg) ? HOLDER : 0) : 0;
}

static void set_reserved(struct scst_dev *dev)
{
	struct scst_pr *pr = dev->pr;

	WRITE_ONCE(dev->reserved, pr->holder ? BY_RESERVE : pr->table->type); /* pairs with check_reservation() */
}

/* From here on the new table is in force; the old one is the caller's. */
static struct scsi_pr_table *publish(struct scst_dev *dev, struct scsi_pr_table *t)
{
	struct scst_pr *pr = dev->pr;
	struct scsi_pr_table *old;
	struct scst_nexus *nexus;

	lockdep_assert_held(&pr->lock);
	rcu_read_lock();
	write_seqlock_bh(&pr->seq);
	old = pr->table;
	pr->table = t;
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		nexus->pr_role = role_of(t, nexus);
	set_reserved(dev);
	write_sequnlock_bh(&pr->seq);
	rcu_read_unlock();
	return old;
}

/* ------------------------------------------------------------ the data path */

bool scst_pr_passes(const struct scst_nexus *nexus, u32 pass)
{
	const struct scst_dev *dev = nexus->dev;
	struct scst_pr *pr = dev->pr;
	unsigned int seq;
	u8 kind, role;
	bool own;

	if (READ_ONCE(nexus->sess->tgt->forward_dst))
		return true;
	do {
		seq = read_seqbegin(&pr->seq);
		kind = READ_ONCE(dev->reserved);
		role = READ_ONCE(nexus->pr_role);
		own = READ_ONCE(pr->holder) == nexus;
	} while (read_seqretry(&pr->seq, seq));

	if (kind == BY_RESERVE)
		return own || (pass & SCSI_OPF_PASS_RESERVATION);
	return !kind || scsi_pr_admits(kind, role & REGISTERED, role & HOLDER, pass);
}

bool scst_pr_admit(struct scst_cmd *cmd)
{
	if (scst_pr_passes(cmd->nexus, scsi_op_reservation_flags(cmd->info.op, cmd->cdb)))
		return true;
	cmd->status = SCSI_RESERVATION_CONFLICT;
	return false;
}

/* --------------------------------------------------------- nexuses and resets */

void scst_pr_join(struct scst_nexus *nexus)
{
	struct scst_pr *pr = nexus->dev->pr;

	write_seqlock_bh(&pr->seq);
	nexus->pr_role = role_of(pr->table, nexus);
	write_sequnlock_bh(&pr->seq);
}

/* By this nexus, NULL: by any. */
static bool is_reserved(const struct scst_pr *pr, const struct scst_nexus *nexus)
{
	return pr->holder && (!nexus || pr->holder == nexus);
}

static void set_holder(struct scst_dev *dev, struct scst_nexus *nexus)
{
	WRITE_ONCE(dev->pr->holder, nexus); /* pairs with scst_pr_admit() */
	dev->pr->ending = false;
	set_reserved(dev);
}

void scst_pr_leave(struct scst_nexus *nexus)
{
	struct scst_pr *pr = nexus->dev->pr;

	write_seqlock_bh(&pr->seq);
	if (is_reserved(pr, nexus))
		set_holder(nexus->dev, NULL);
	write_sequnlock_bh(&pr->seq);
}

void scst_pr_move(struct scst_nexus *heir, struct scst_nexus *nexus)
{
	struct scst_pr *pr = nexus->dev->pr;

	write_seqlock_bh(&pr->seq);
	if (pr->holder == nexus)
		WRITE_ONCE(pr->holder, heir); /* pairs with scst_pr_admit() */
	write_sequnlock_bh(&pr->seq);
}

void scst_pr_reset(struct scst_dev *dev, const struct scst_nexus *nexus)
{
	struct scst_pr *pr = dev->pr;

	write_seqlock_bh(&pr->seq);
	if (is_reserved(pr, nexus))
		pr->ending = true;
	write_sequnlock_bh(&pr->seq);
}

void scst_pr_reset_done(struct scst_dev *dev, const struct scst_nexus *nexus)
{
	struct scst_pr *pr = dev->pr;

	write_seqlock_bh(&pr->seq);
	if (is_reserved(pr, nexus) && pr->ending)
		set_holder(dev, NULL);
	write_sequnlock_bh(&pr->seq);
}

/* ------------------------------------------------------ RESERVE and RELEASE */

/* With registrations these commands mean nothing: registrants succeed, others conflict (SPC-4 5.13.3). */
static u8 among_registrants(struct scst_cmd *cmd)
{
	return cmd->nexus->pr_role & REGISTERED ? SCSI_GOOD : SCSI_RESERVATION_CONFLICT;
}

/* Under pr->lock nobody registers meanwhile; pr->seq is for those who end it. */
static u8 reserve(struct scst_cmd *cmd)
{
	struct scst_pr *pr = cmd->dev->pr;
	u8 status = SCSI_GOOD;

	lockdep_assert_held(&pr->lock);
	write_seqlock_bh(&pr->seq);
	if (pr->table->nr)
		status = among_registrants(cmd);
	else if (pr->holder && pr->holder != cmd->nexus)
		status = SCSI_RESERVATION_CONFLICT;
	else if (!READ_ONCE(cmd->nexus->dead) && !scst_cmd_aborted(cmd)) /* scst_pr_leave() and _reset() come after either */
		set_holder(cmd->dev, cmd->nexus);
	write_sequnlock_bh(&pr->seq);
	return status;
}

static void reserve_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct pr_job, work)->cmd;
	struct scst_pr *pr = cmd->dev->pr;

	mutex_lock(&pr->lock);
	cmd->status = reserve(cmd);
	mutex_unlock(&pr->lock);
	scst_cmd_done(cmd);
}

static void release_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct pr_job, work)->cmd;
	struct scst_pr *pr = cmd->dev->pr;

	mutex_lock(&pr->lock);
	if (pr->table->nr)
		cmd->status = among_registrants(cmd);
	else
		scst_pr_leave(cmd->nexus);
	mutex_unlock(&pr->lock);
	scst_cmd_done(cmd);
}

/* --------------------------------------------------------------------- file */

static char *default_path(const struct scst_dev *dev)
{
	return kasprintf(GFP_KERNEL, DEFAULT_DIR "%s", dev->name);
}

/* For kfree(). */
static char *path_of(const struct scst_dev *dev)
{
	lockdep_assert_held(&dev->pr->lock);
	return dev->pr->path ? kstrdup(dev->pr->path, GFP_KERNEL) : default_path(dev);
}

typedef int (*write_fn)(const char *path, const void *data, u32 len, u32 head);

static int write_image(const char *path, const struct scsi_pr_table *t, write_fn write)
{
	unsigned int len = scsi_pr_image_put(t, NULL, 0);
	u8 *image = scst_alloc_mem(len);
	int ret;

	if (!image)
		return -ENOMEM;
	scsi_pr_image_put(t, image, len);
	scsi_pr_image_sign(image);
	ret = write(path, image, len, SCSI_PR_SIGNATURE_LEN);
	kvfree(image);
	return ret;
}

static bool is_kept(const struct scsi_pr_table *t)
{
	return t->aptpl && !is_empty(t);
}

static int write_table(const char *path, const struct scsi_pr_table *t)
{
	return is_kept(t) ? write_image(path, t, scst_file_save) : scst_file_remove(path);
}

/* -ENOENT: there is none; -EINVAL: no image. */
static struct scsi_pr_table *load_image(const char *path, bool copy)
{
	struct scsi_pr_table *t;
	int ret = -ENOMEM;
	void *image;
	u32 len;

	ret = scst_file_load(path, copy, SCSI_PR_IMAGE_MAX, &image, &len);
	if (ret)
		return ERR_PTR(ret);
	t = table_copy(NULL, scsi_pr_image_room(len));
	ret = t ? scsi_pr_image_get(t, image, len) : -ENOMEM;
	kvfree(image);
	if (ret) {
		kvfree(t);
		return ERR_PTR(ret);
	}
	t->aptpl = true; /* it has survived, and the file goes once it is not to any more */
	return t;
}

/* 1; 0: there is none, or something else; or why nobody knows. */
static int has_image(const char *path, bool copy)
{
	struct scsi_pr_table *t = load_image(path, copy);

	if (!IS_ERR(t)) {
		kvfree(t);
		return 1;
	}
	switch (PTR_ERR(t)) {
	case -ENOENT:
	case -EINVAL:
	case -EFBIG:
	case -ENOSPC:
		return 0;
	default:
		return PTR_ERR(t);
	}
}

/* What is no image stays: it may be somebody else's, and the next start takes nothing from it either. */
static int remove_image(const char *path)
{
	int ret = has_image(path, false);

	if (!ret)
		ret = has_image(path, true);
	return ret && ret != -ENOMEM ? scst_file_remove(path) : ret;
}

/* As far as that is possible: a file that nobody can change must not keep those from their disk who want nothing saved. */
static void forget_stale(struct scst_dev *dev, const char *path)
{
	unsigned int noio = memalloc_noio_save();
	int ret = remove_image(path);

	memalloc_noio_restore(noio);
	dev->pr->stale = ret;
	if (ret && !dev->pr->stale_told)
		pr_warn("device %s: reservations that were not restored from %s may return at the next start: error %pe\n",
			dev->name, path, ERR_PTR(ret));
	dev->pr->stale_told = ret;
}

/* The file holds what is in force, or will. */
static bool concerns_file(const struct scst_pr *pr, const struct scsi_pr_table *t)
{
	return is_kept(t) || pr->table->aptpl || pr->file_differs;
}

static int save_to(struct scst_dev *dev, const char *path, const struct scsi_pr_table *t)
{
	struct scst_pr *pr = dev->pr;
	int ret = write_table(path, t);

	if (!ret) {
		pr->file_differs = false;
		pr->stale = false;
		return 0;
	}
	pr_err_ratelimited("device %s: reservations not saved to %s: error %pe\n", dev->name, path, ERR_PTR(ret));
	/* It may have come as far as the file: what stays in force has to stand there. Not so far as to a device that is not there. */
	if (ret != -ENXIO)
		pr->file_differs = write_table(path, pr->table);
	return ret;
}

/* Before @t takes the place of the table: an initiator is never told what is not on the disk. */
static int save(struct scst_dev *dev, const struct scsi_pr_table *t)
{
	struct scst_pr *pr = dev->pr;
	int ret = 0;
	char *path;

	if (!concerns_file(pr, t) && !pr->stale)
		return 0;
	path = path_of(dev);
	if (!path)
		return -ENOMEM;
	if (concerns_file(pr, t))
		ret = save_to(dev, path, t);
	else
		forget_stale(dev, path);
	kfree(path);
	return ret;
}

/* The file, or the copy that a loss of power has left and that the next save would be the end of. */
static struct scsi_pr_table *load(const char *path)
{
	struct scsi_pr_table *t = load_image(path, false), *copy;
	int ret;

	if (!IS_ERR(t) || PTR_ERR(t) == -ENOMEM)
		return t;
	copy = load_image(path, true);
	if (IS_ERR(copy))
		return PTR_ERR(copy) == -ENOMEM ? copy : t;
	ret = write_image(path, copy, scst_file_restore);
	if (ret)
		pr_warn("%s not restored from its copy: error %pe\n", path, ERR_PTR(ret));
	return copy;
}

/* What is saved, or an empty table when there is nothing or nothing that can be read. -ENOMEM is no reason to forget it. */
static struct scsi_pr_table *load_or_empty(struct scst_dev *dev, const char *path)
{
	struct scsi_pr_table *t = load(path);
	struct scst_pr *pr = dev->pr;

	lockdep_assert_held(&pr->lock);
	if (!IS_ERR(t)) {
		pr->stale = false;
		pr_info("device %s: %u registrations restored from %s\n", dev->name, t->nr, path);
		return t;
	}
	if (PTR_ERR(t) == -ENOMEM)
		return NULL;
	if (PTR_ERR(t) != -ENOENT)
		pr_warn("device %s: no reservations restored from %s: error %pe\n", dev->name, path, t);
	t = table_copy(NULL, 0);
	if (t) {
		pr->stale = true;
		pr->stale_told = false;
	}
	return t;
}

static int check_default_dir(const struct scst_dev *dev)
{
	struct path dir;
	int ret = kern_path(DEFAULT_DIR, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir);

	if (ret)
		pr_err("device %s: no directory " DEFAULT_DIR ", which is to hold its reservations (make scst_install makes it)\n", dev->name);
	else
		path_put(&dir);
	return ret;
}

int scst_pr_load(struct scst_dev *dev)
{
	struct scsi_pr_table *t;
	char *path;
	int ret = check_default_dir(dev);

	if (ret)
		return ret;
	mutex_lock(&dev->pr->lock);
	path = path_of(dev);
	t = path ? load_or_empty(dev, path) : NULL;
	if (t)
		kvfree(publish(dev, t));
	mutex_unlock(&dev->pr->lock);
	kfree(path);
	return t ? 0 : -ENOMEM;
}

/* ------------------------------------------------- PERSISTENT RESERVE OUT */

/* Who there is: what a request may refer to beyond its own nexus. */
struct surroundings {
	u16 *ports;
	u32 nr_ports;
	struct scsi_pr_id *known;
	u32 nr_known;
};

static bool acg_has(const struct scst_acg *acg, const struct scst_dev *dev)
{
	const struct scst_lun *row;

	list_for_each_entry(row, &acg->luns, link)
		if (row->dev == dev)
			return true;
	return false;
}

/* Is it a port through which the device can be reached? */
static bool is_port_of(const struct scst_tgt *tgt, const struct scst_dev *dev)
{
	const struct scst_acg *acg;

	if (tgt->internal || READ_ONCE(tgt->forward_dst) || !tgt->rel_tgt_id)
		return false;
	if (tgt->default_acg && acg_has(tgt->default_acg, dev))	/* else the target is only being made */
		return true;
	list_for_each_entry(acg, &tgt->acgs, link)
		if (acg_has(acg, dev))
			return true;
	return false;
}

/*
 * Ports of the driver that the command came through: others speak of initiators in other words. Then those of other machines,
 * which the administrator vouches for.
 */
static u32 collect_ports(const struct scst_cmd *cmd, u16 *ports, u32 max)
{
	struct scst_tgt *tgt;
	u32 n = 0;

	list_for_each_entry(tgt, &cmd->sess->tgt->drv->tgts, link) {
		if (!is_port_of(tgt, cmd->dev))
			continue;
		if (n < max)
			ports[n] = tgt->rel_tgt_id;
		n++;
	}
	return n + scst_alua_remote_ports(cmd->dev, ports + min(n, max), max - min(n, max));
}

static u32 collect_known(const struct scst_cmd *cmd, struct scsi_pr_id *known, u32 max)
{
	struct scst_nexus *nexus;
	u32 n = 0;

	list_for_each_entry(nexus, &cmd->dev->nexuses, dev_link) {
		if (READ_ONCE(nexus->dead) || (n < max && !nexus_id(nexus, &known[n])))
			continue;
		n++;
	}
	return n;
}

static int collect(const struct scst_cmd *cmd, struct surroundings *s)
{
	int ret = -ENOMEM;

	mutex_lock(&scst_config_mutex);
	s->nr_ports = collect_ports(cmd, NULL, 0);
	s->nr_known = collect_known(cmd, NULL, 0);
	s->ports = scst_alloc_mem(max_t(size_t, s->nr_ports * sizeof(*s->ports), 1));
	s->known = scst_alloc_mem(max_t(size_t, s->nr_known * sizeof(*s->known), 1));
	if (s->ports && s->known) {
		s->nr_ports = min(s->nr_ports, collect_ports(cmd, s->ports, s->nr_ports));
		s->nr_ports = scsi_pr_unique_ports(s->ports, s->nr_ports);
		s->nr_known = min(s->nr_known, collect_known(cmd, s->known, s->nr_known));
		ret = 0;
	}
	mutex_unlock(&scst_config_mutex);
	return ret;
}

/* The nexus of a registration is told what became of it. Returns whether commands were aborted. */
static bool tell_nexus(struct scst_nexus *nexus, const struct scsi_pr_table *t)
{
	struct scsi_pr_id id;
	u32 i;

	if (!nexus_id(nexus, &id))
		return false;
	for (i = 0; i < t->nr && !scsi_pr_id_equal(&t->regs[i].id, &id); i++)
		;
	if (i == t->nr)
		return false;
	if (t->regs[i].fx & SCSI_PR_FX_RES_PREEMPTED)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_RES_PREEMPTED);
	if (t->regs[i].fx & SCSI_PR_FX_REG_PREEMPTED)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_REG_PREEMPTED);
	if (t->regs[i].fx & SCSI_PR_FX_RELEASED)
		scst_nexus_ua(nexus, SCSI_SENSE_UA_RES_RELEASED);
	if (!(t->regs[i].fx & SCSI_PR_FX_ABORT))
		return false;
	scst_nexus_abort(nexus);
	return true;
}

/* The rules are in force already: what comes now is judged by them. */
static bool perform_effects(struct scst_dev *dev, struct scsi_pr_table *t)
{
	struct scst_nexus *nexus;
	bool aborted = false;

	rcu_read_lock();
	list_for_each_entry_rcu(nexus, &dev->nexuses, dev_link)
		aborted |= tell_nexus(nexus, t);
	rcu_read_unlock();
	write_seqlock_bh(&dev->pr->seq);
	scsi_pr_settle(t);
	write_sequnlock_bh(&dev->pr->seq);
	return aborted;
}

static void fail_save(struct scst_cmd *cmd, int err)
{
	if (err == -ENOMEM)
		cmd->status = SCSI_BUSY;
	else if (err == -ENOSPC || err == -EDQUOT)
		scst_cmd_fail(cmd, SCSI_SENSE_INSUFFICIENT_REGISTRATION);
	else
		scst_cmd_fail(cmd, SCSI_SENSE_HARDWARE_INTERNAL);
}

static bool apply(struct scst_cmd *cmd, struct scsi_pr_table *t, const struct scsi_pr_req *rq)
{
	enum scsi_pr_verdict verdict = scsi_pr_apply(t, rq, &cmd->sense);
	int ret;

	if (verdict != SCSI_PR_GOOD) {
		cmd->status = verdict == SCSI_PR_CONFLICT ? SCSI_RESERVATION_CONFLICT : SCSI_CHECK_CONDITION;
		return false;
	}
	ret = save(cmd->dev, t);
	if (ret)
		fail_save(cmd, ret);
	return !ret;
}

/* Returns whether commands were aborted, which are to be waited for. */
static bool change(struct scst_cmd *cmd, const struct scsi_pr_req *rq)
{
	struct scst_pr *pr = cmd->dev->pr;
	struct scsi_pr_table *t;

	lockdep_assert_held(&pr->lock);
	/* Its nexus may have been preempted while it waited for the lock: nothing of what was aborted has an effect. */
	if (scst_cmd_aborted(cmd))
		return false;
	if (READ_ONCE(pr->holder)) { /* nobody else sets it under pr->lock */
		cmd->status = SCSI_RESERVATION_CONFLICT;
		return false;
	}
	t = table_copy(pr->table, scsi_pr_room(rq));
	if (!t) {
		cmd->status = SCSI_BUSY;
		return false;
	}
	if (!apply(cmd, t, rq)) {
		kvfree(t);
		return false;
	}
	kvfree(publish(cmd->dev, t));
	return perform_effects(cmd->dev, t);
}

static void abort_drained(struct scst_drain *d)
{
	scst_cmd_done(container_of(d, struct pr_job, drain)->cmd);
}

/* The answer comes when what was aborted has gone; in the job's drain, for @cmd is not ours any more afterwards. */
static void wait_for_aborted(struct pr_job *job)
{
	struct scst_cmd *cmd = job->cmd;
	unsigned long flags;

	job->drain = (struct scst_drain){
		.dev = cmd->dev, .owner = cmd->sess, .cmd = cmd, .done = abort_drained,
	};
	/* Before the drain looks: if it is aborted itself, either the drain sees that or is looked at again. */
	spin_lock_irqsave(&cmd->sess->lock, flags);
	cmd->core_flags |= SCST_CF_WAITS;
	spin_unlock_irqrestore(&cmd->sess->lock, flags);
	scst_drain_start(&job->drain);
}

/* The parameter list, for kvfree(). NULL: refused. */
static u8 *fetch_list(struct scst_cmd *cmd, struct scsi_pr_req *rq)
{
	u32 len = min_t(u64, cmd->info.xfer_len, SCSI_PR_LIST_MAX);
	u8 *list = scst_alloc_mem(max(len, 1U));

	if (!list) {
		cmd->status = SCSI_BUSY;
		return NULL;
	}
	len = min(len, scst_cmd_fetch(cmd, list, len));
	if (!scsi_pr_parse(cmd->cdb, list, len, rq, &cmd->sense))
		return list;
	cmd->status = SCSI_CHECK_CONDITION;
	kvfree(list);
	return NULL;
}

static bool needs_surroundings(const struct scsi_pr_req *rq)
{
	return rq->all_tg_pt || rq->spec_i_pt || rq->action == SCSI_PR_REGISTER_AND_MOVE;
}

static bool out(struct scst_cmd *cmd, struct scsi_pr_req *rq)
{
	struct surroundings s = { 0 };
	struct scsi_pr_id self;
	bool wait = false;

	if (!nexus_id(cmd->nexus, &self)) {
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
		return false;
	}
	if (needs_surroundings(rq) && collect(cmd, &s)) {
		cmd->status = SCSI_BUSY;
		goto out_free;
	}
	rq->self = &self;
	rq->ports = s.ports;
	rq->nr_ports = s.nr_ports;
	rq->known = s.known;
	rq->nr_known = s.nr_known;
	mutex_lock(&cmd->dev->pr->lock);
	wait = change(cmd, rq);
	mutex_unlock(&cmd->dev->pr->lock);
out_free:
	kvfree(s.ports);
	kvfree(s.known);
	return wait;
}

static void out_work(struct work_struct *work)
{
	struct pr_job *job = container_of(work, struct pr_job, work);
	struct scst_cmd *cmd = job->cmd;
	struct scsi_pr_req rq;
	bool wait = false;
	u8 *list;

	list = fetch_list(cmd, &rq);
	if (list)
		wait = out(cmd, &rq);
	kvfree(list);
	if (wait)
		wait_for_aborted(job);
	else
		scst_cmd_done(cmd);
}

/* -------------------------------------------------- PERSISTENT RESERVE IN */

static unsigned int build_in(const struct scst_cmd *cmd, const struct scsi_pr_table *t, u8 *buf, unsigned int size)
{
	switch (cmd->info.op->id) {
	case SCSI_OP_ID_PR_IN_READ_KEYS:
		return scsi_pr_read_keys(t, buf, size);
	case SCSI_OP_ID_PR_IN_READ_RESERVATION:
		return scsi_pr_read_reservation(t, buf, size);
	case SCSI_OP_ID_PR_IN_REPORT_CAPABILITIES:
		return scsi_pr_report_capabilities(t, buf, size);
	default:
		return scsi_pr_read_full_status(t, buf, size);
	}
}

static void in_work(struct work_struct *work)
{
	struct scst_cmd *cmd = container_of(work, struct pr_job, work)->cmd;
	unsigned int size = min_t(u64, cmd->info.xfer_len, U16_MAX), len;
	struct scst_pr *pr = cmd->dev->pr;
	u8 *buf = scst_alloc_mem(max(size, 8U));

	if (!buf) {
		cmd->status = SCSI_BUSY;
	} else if (READ_ONCE(pr->holder)) {
		cmd->status = SCSI_RESERVATION_CONFLICT;
	} else {
		mutex_lock(&pr->lock);
		len = build_in(cmd, pr->table, buf, size);
		mutex_unlock(&pr->lock);
		scst_cmd_reply(cmd, buf, min(len, size));
	}
	kvfree(buf);
	scst_cmd_done(cmd);
}

/* -------------------------------------------------------------- command entry */

static void queue_job(struct scst_cmd *cmd, work_func_t fn)
{
	struct pr_job *job = (struct pr_job *)cmd->scratch.bytes;

	BUILD_BUG_ON(sizeof(*job) > sizeof(cmd->scratch));
	job->cmd = cmd;
	INIT_WORK(&job->work, fn);
	queue_work(scst_file_wq, &job->work);
}

static void exec_reserve(struct scst_cmd *cmd)
{
	queue_job(cmd, reserve_work);
}

static void exec_release(struct scst_cmd *cmd)
{
	queue_job(cmd, release_work);
}

static void exec_in(struct scst_cmd *cmd)
{
	queue_job(cmd, in_work);
}

static void exec_out(struct scst_cmd *cmd)
{
	queue_job(cmd, out_work);
}

static bool is_pr_in(unsigned int id)
{
	return id >= SCSI_OP_ID_PR_IN_READ_KEYS && id <= SCSI_OP_ID_PR_IN_READ_FULL_STATUS;
}

static bool is_pr_out(unsigned int id)
{
	return id >= SCSI_OP_ID_PR_OUT_REGISTER && id <= SCSI_OP_ID_PR_OUT_REGISTER_AND_MOVE;
}

static bool is_reserve(unsigned int id)
{
	return id == SCSI_OP_ID_RESERVE_6 || id == SCSI_OP_ID_RESERVE_10;
}

static bool is_release(unsigned int id)
{
	return id == SCSI_OP_ID_RELEASE_6 || id == SCSI_OP_ID_RELEASE_10;
}

bool scst_pr_is_local(unsigned int op_id)
{
	return is_pr_in(op_id) || is_pr_out(op_id) || is_reserve(op_id) || is_release(op_id);
}

/* The list is allocated by its length before anybody looks into it. */
static void parse_out(struct scst_cmd *cmd)
{
	if (cmd->info.xfer_len < SCSI_PR_LIST_MIN || cmd->info.xfer_len > SCSI_PR_LIST_MAX)
		scst_cmd_fail(cmd, SCSI_SENSE_PARAM_LIST_LENGTH);
	else
		cmd->exec = exec_out;
}

bool scst_pr_parse(struct scst_cmd *cmd)
{
	unsigned int id = cmd->info.op->id;

	if (!scst_pr_is_local(id))
		return false;
	if (is_reserve(id))
		cmd->exec = exec_reserve;
	else if (is_release(id))
		cmd->exec = exec_release;
	else if (!cmd->sess->transport_id)
		scst_cmd_fail(cmd, SCSI_SENSE_INVALID_OPCODE);
	else if (is_pr_in(id))
		cmd->exec = exec_in;
	else
		parse_out(cmd);
	return true;
}

/* --------------------------------------------------------------- life and sysfs */

int scst_pr_new(struct scst_dev *dev)
{
	struct scst_pr *pr = kzalloc(sizeof(*pr), GFP_KERNEL);

	if (!pr)
		return -ENOMEM;
	pr->table = table_copy(NULL, 0);
	if (!pr->table) {
		kfree(pr);
		return -ENOMEM;
	}
	mutex_init(&pr->lock);
	seqlock_init(&pr->seq);
	dev->reserved = 0;
	dev->pr = pr;
	return 0;
}

void scst_pr_free(struct scst_dev *dev)
{
	struct scst_pr *pr = dev->pr;

	dev->pr = NULL;
	if (!pr)
		return;
	kvfree(pr->table);
	kfree(pr->path);
	kfree(pr);
}

int scst_pr_show_state(struct scst_dev *dev, char *buf, size_t size)
{
	unsigned int len;

	mutex_lock(&dev->pr->lock);
	len = scsi_pr_text_put(dev->pr->table, buf, size);
	mutex_unlock(&dev->pr->lock);
	return len > size ? -EFBIG : len;
}

int scst_pr_text(struct scst_dev *dev, char **text, u32 *len)
{
	struct scst_pr *pr = dev->pr;

	mutex_lock(&pr->lock);
	*len = scsi_pr_text_put(pr->table, NULL, 0);
	*text = kvmalloc(*len, GFP_NOIO);
	if (*text)
		scsi_pr_text_put(pr->table, *text, *len);
	mutex_unlock(&pr->lock);
	return *text ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(scst_pr_text);

/* LUNs come and go under the mgmt mutex: while it is held nobody joins the device. */
static int lock_unexported(struct scst_dev *dev)
{
	mutex_lock(&scst_mgmt_mutex);
	if (scst_dev_exported(dev)) {
		mutex_unlock(&scst_mgmt_mutex);
		pr_err("device %s: reservations cannot be set while a session sees it\n", dev->name);
		return -EBUSY;
	}
	mutex_lock(&dev->pr->lock);
	return 0;
}

static void unlock_unexported(struct scst_dev *dev)
{
	mutex_unlock(&dev->pr->lock);
	mutex_unlock(&scst_mgmt_mutex);
}

/* A line holds more than 48 bytes of TransportID in hexadecimal. */
static struct scsi_pr_table *table_for_text(const struct scsi_pr_table *old, const char *text)
{
	struct scsi_pr_table *t = table_copy(NULL, strlen(text) / 48 + 1);

	if (t)
		t->aptpl = old->aptpl;
	return t;
}

int scst_pr_store_state(struct scst_dev *dev, char *text)
{
	struct scsi_pr_table *t;
	int ret;

	ret = lock_unexported(dev);
	if (ret)
		return ret;
	t = table_for_text(dev->pr->table, text);
	ret = t ? scsi_pr_text_get(t, text) : -ENOMEM;
	if (!ret)
		ret = save(dev, t);
	if (!ret)
		t = publish(dev, t);
	else
		pr_err("device %s: pr_state refused: error %pe\n", dev->name, ERR_PTR(ret));
	unlock_unexported(dev);
	kvfree(t);
	return ret;
}

int scst_pr_show_file(struct scst_dev *dev, char *buf, size_t size)
{
	char *path;
	int len;

	mutex_lock(&dev->pr->lock);
	path = path_of(dev);
	mutex_unlock(&dev->pr->lock);
	len = path ? scnprintf(buf, size, "%s", path) : -ENOMEM;
	kfree(path);
	return len;
}

bool scst_pr_file_is_set(struct scst_dev *dev)
{
	bool set;

	mutex_lock(&dev->pr->lock);
	set = dev->pr->path;
	mutex_unlock(&dev->pr->lock);
	return set;
}

/* @path NULL: the default. */
static int switch_file(struct scst_dev *dev, char *path)
{
	struct scsi_pr_table *t;
	char *file;

	file = path ? kstrdup(path, GFP_KERNEL) : default_path(dev);
	t = file ? load_or_empty(dev, file) : NULL;
	kfree(file);
	if (!t)
		return -ENOMEM;
	kfree(dev->pr->path);
	dev->pr->path = path;
	dev->pr->file_differs = false;
	kvfree(publish(dev, t));
	return 0;
}

/* 1: that is it already. */
static int same_file(struct scst_dev *dev, const char *path)
{
	char *old = path_of(dev), *dflt = default_path(dev);
	int ret = -ENOMEM;

	if (old && dflt)
		ret = !strcmp(*path ? path : dflt, old);
	kfree(old);
	kfree(dflt);
	return ret;
}

static int set_file(struct scst_dev *dev, const char *path)
{
	char *copy = NULL, *dflt;
	int ret;

	ret = same_file(dev, path);
	if (ret)
		return ret < 0 ? ret : 0;
	dflt = default_path(dev);
	if (!dflt)
		return -ENOMEM;
	if (*path && strcmp(path, dflt))
		copy = kstrdup(path, GFP_KERNEL);
	else
		path = "";
	kfree(dflt);
	if (*path && !copy)
		return -ENOMEM;
	ret = switch_file(dev, copy);
	if (ret)
		kfree(copy);
	return ret;
}

int scst_pr_store_file(struct scst_dev *dev, const char *path)
{
	int ret;

	ret = *path ? scst_file_check(path) : 0;
	if (ret) {
		pr_err("device %s: reservations cannot be kept in \"%.64s\": error %pe\n", dev->name, path, ERR_PTR(ret));
		return ret;
	}
	ret = lock_unexported(dev);
	if (ret)
		return ret;
	ret = set_file(dev, path);
	unlock_unexported(dev);
	return ret;
}

void scst_pr_dump(struct scst_dev *dev)
{
	struct scst_pr *pr = dev->pr;
	char line[SCSI_TID_MAX + 64];
	u32 i;

	mutex_lock(&pr->lock);
	pr_info("device %s: PR generation %u, APTPL %d, reservation type %u, %u registrations\n", dev->name,
		pr->table->generation, pr->table->aptpl, pr->table->type, pr->table->nr);
	for (i = 0; i < pr->table->nr; i++) {
		scsi_pr_reg_text(pr->table, &pr->table->regs[i], line, sizeof(line));
		pr_info("device %s: %s\n", dev->name, line);
	}
	mutex_unlock(&pr->lock);
}
