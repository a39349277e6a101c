// SPDX-License-Identifier: GPL-2.0
/*
 * Device groups, their target port groups, and the asymmetric access state that follows for each nexus (SPC-4 5.15).
 *
 * A change has four steps: the lists change and the memory for what follows is there (else all is as before); handlers open
 * what becomes accessible; commands and REPORT TARGET PORT GROUPS see the new state; when it ends access, commands that
 * were admitted before are waited for, then handlers close.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "alua.h"

#define DRAIN_MS	90000
#define RETRY_MS	100

static LIST_HEAD(dgs);			/* scst_config_mutex */
static DEFINE_MUTEX(create_mutex);	/* two groups of one name; no more once the module goes */
static bool exiting;			/* create_mutex */

/* ---- looking things up; scst_config_mutex */

static struct scst_dg *dg_find(const char *name)
{
	struct scst_dg *dg;

	list_for_each_entry(dg, &dgs, link)
		if (!strcmp(scst_dg_name(dg), name))
			return dg;
	return NULL;
}

static struct scst_tg *tg_find(struct scst_dg *dg, const char *name)
{
	struct scst_tg *tg;

	list_for_each_entry(tg, &dg->tgs, link)
		if (!strcmp(scst_tg_name(tg), name))
			return tg;
	return NULL;
}

static struct scst_tg_member *member_find(struct scst_tg *tg, const char *name)
{
	struct scst_tg_member *m;

	list_for_each_entry(m, &tg->members, link)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

/* The group of a target of this machine. */
static struct scst_tg *tg_of(struct scst_dg *dg, const struct scst_tgt *tgt)
{
	struct scst_tg_member *m;
	struct scst_tg *tg;

	list_for_each_entry(tg, &dg->tgs, link)
		list_for_each_entry(m, &tg->members, link)
			if (m->tgt == tgt)
				return tg;
	return NULL;
}

/* Does any port of this machine give access? Without a port in any group nothing keeps anybody from it. */
static bool dg_usable(const struct scst_dg *dg)
{
	const struct scst_tg_member *m;
	const struct scst_tg *tg;
	bool local = false;

	list_for_each_entry(tg, &dg->tgs, link) {
		list_for_each_entry(m, &tg->members, link) {
			if (m->tgt && scsi_alua_accessible(tg->state))
				return true;
			local |= !!m->tgt;
		}
	}
	return !local;
}

/* ---- what commands see */

static struct scst_tpg_map *map_alloc(const struct scst_dg *dg)
{
	unsigned int groups = 0, ports = 0;
	struct scst_tpg_map *map;
	const struct scst_tg *tg;

	list_for_each_entry(tg, &dg->tgs, link) {
		groups++;
		ports += tg->nr_members;
	}
	map = kzalloc(struct_size(map, groups, groups) + ports * sizeof(*map->ports), GFP_KERNEL);
	if (!map)
		return NULL;
	map->ports = (u16 *)&map->groups[groups];
	return map;
}

/* @map was made for lists at least as long as they are now. */
static void map_fill(struct scst_tpg_map *map, const struct scst_dg *dg)
{
	struct scsi_tpg *g = map->groups;
	const struct scst_tg_member *m;
	const struct scst_tg *tg;
	u16 *port = map->ports;

	list_for_each_entry(tg, &dg->tgs, link) {
		*g++ = (struct scsi_tpg) {
			.id = tg->id,
			.state = tg->state,
			.preferred = tg->preferred,
			.nr_ports = tg->nr_members,
			.ports = port,
		};
		list_for_each_entry(m, &tg->members, link)
			*port++ = m->tgt ? m->tgt->rel_tgt_id : m->rel_tgt_id;
	}
	map->nr = g - map->groups;
}

static void map_publish(struct scst_dg *dg, struct scst_tpg_map *map)
{
	struct scst_tpg_map *old = rcu_dereference_protected(dg->map, lockdep_is_held(&scst_config_mutex));

	if (map)
		map_fill(map, dg);
	rcu_assign_pointer(dg->map, map);
	if (old)
		kfree_rcu(old, rcu);
}

static struct scst_dg *dg_of(const struct scst_dev *dev)
{
	return rcu_dereference_protected(dev->dg, lockdep_is_held(&scst_config_mutex));
}

u32 scst_alua_remote_ports(const struct scst_dev *dev, u16 *ports, u32 max)
{
	const struct scst_dg *dg = dg_of(dev);
	const struct scst_tg_member *m;
	const struct scst_tg *tg;
	u32 n = 0;

	if (!dg)
		return 0;
	list_for_each_entry(tg, &dg->tgs, link) {
		list_for_each_entry(m, &tg->members, link) {
			if (m->tgt || !m->rel_tgt_id)
				continue;
			if (n < max)
				ports[n] = m->rel_tgt_id;
			n++;
		}
	}
	return n;
}

void scst_alua_nexus_init(struct scst_nexus *nexus)
{
	struct scst_dg *dg = dg_of(nexus->dev);
	struct scst_tg *tg = dg ? tg_of(dg, nexus->sess->tgt) : NULL;

	WRITE_ONCE(nexus->tpg_id, tg ? tg->id : 0);
	WRITE_ONCE(nexus->alua_state, tg ? tg->in_force : SCSI_ALUA_ACTIVE);
}

/* True when commands that were admitted must be waited for. */
static bool refresh_dev(struct scst_dev *dev, bool tell)
{
	struct scst_nexus *nexus;
	bool lost = false;
	u8 old;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(nexus, &dev->nexuses, dev_link) {
		old = nexus->alua_state;
		scst_alua_nexus_init(nexus);
		if (nexus->alua_state == old)
			continue;
		if (tell && nexus->alua_state != SCSI_ALUA_TRANSITIONING)
			scst_nexus_ua(nexus, SCSI_SENSE_UA_ALUA_CHANGED);
		lost |= !scsi_alua_accessible(nexus->alua_state) && nexus->alua_state != SCSI_ALUA_TRANSITIONING;
	}
	return lost;
}

/* ---- changes */

/* One change of a group from begin to commit or abort. */
struct change {
	struct scst_dg *dg;
	struct scst_dev **devs;		/* node references; NULL-terminated */
	struct scst_tpg_map *map;
	bool was_usable;
	bool only_close;		/* parts are taken away: nothing is opened for that */
};

static void put_devs(struct scst_dev **devs)
{
	size_t i;

	for (i = 0; devs && devs[i]; i++)
		scst_node_put(&devs[i]->node);
	kvfree(devs);
}

static struct scst_dev **get_devs(struct scst_dg *dg)
{
	struct scst_dev **devs, *dev;
	size_t n = 0;

	list_for_each_entry(dev, &dg->devs, dg_link)
		n++;
	devs = kvcalloc(n + 1, sizeof(*devs), GFP_KERNEL);
	if (!devs)
		return NULL;
	n = 0;
	list_for_each_entry(dev, &dg->devs, dg_link) {
		scst_node_get(&dev->node);
		devs[n++] = dev;
	}
	return devs;
}

/* Both mutexes are held until change_commit() or change_abort(), also after a failure. */
static int change_begin(struct change *c, struct scst_dg *dg)
{
	*c = (struct change) { .dg = dg };
	mutex_lock(&dg->change_mutex);
	mutex_lock(&scst_config_mutex);
	if (dg->dying) {
		pr_err("device group %s: is being removed\n", scst_dg_name(dg));
		return -ENOENT;
	}
	c->was_usable = dg_usable(dg);
	c->devs = get_devs(dg);
	return c->devs ? 0 : -ENOMEM;
}

/* The lists have been changed. On failure they must become what they were. */
static int change_prepare(struct change *c)
{
	c->map = map_alloc(c->dg);
	return c->map ? 0 : -ENOMEM;
}

static void change_abort(struct change *c)
{
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&c->dg->change_mutex);
	put_devs(c->devs);
}

static int bind_dev(struct scst_dev *dev, bool usable)
{
	return dev->handler->port_state ? dev->handler->port_state(dev, usable) : 0;
}

/* All that can; the last error. */
static int bind_devs(struct change *c, bool usable)
{
	int ret = 0, err;
	size_t i;

	for (i = 0; c->devs[i]; i++) {
		err = bind_dev(c->devs[i], usable);
		if (err)
			ret = err;
	}
	return ret;
}

/* From now on for nexuses: not before the stores are open. */
static void states_in_force(struct scst_dg *dg)
{
	struct scst_tg *tg;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(tg, &dg->tgs, link)
		tg->in_force = tg->state;
}

/* What executes now was admitted before the state changed. */
static int drain(struct scst_dev *dev)
{
	int ret = scst_dev_quiesce(dev, DRAIN_MS);

	if (ret)
		pr_err("device %s: its commands did not end within %u seconds\n", dev->name, DRAIN_MS / 1000);
	else
		scst_dev_resume(dev);
	return ret;
}

static int drain_devs(struct change *c)
{
	int ret = 0, err;
	size_t i;

	for (i = 0; c->devs[i]; i++) {
		err = drain(c->devs[i]);
		if (err)
			ret = err;
	}
	return ret;
}

/* @ua: all nexuses are told, save the one that asked for the change; else those whose own state is another now. */
static int change_commit(struct change *c, bool ua)
{
	struct scst_dg *dg = c->dg;
	bool lost = false, usable;
	int ret = 0, err;
	size_t i;

	usable = dg_usable(dg);
	if (usable && !c->was_usable && !c->only_close) {
		mutex_unlock(&scst_config_mutex);
		ret = bind_devs(c, true);
		mutex_lock(&scst_config_mutex);
	}
	states_in_force(dg);
	map_publish(dg, c->map);
	for (i = 0; c->devs[i]; i++) {
		lost |= refresh_dev(c->devs[i], !ua);
		if (ua)
			scst_dev_ua(c->devs[i], SCSI_SENSE_UA_ALUA_CHANGED, dg->stpg);
	}
	mutex_unlock(&scst_config_mutex);
	/* First: FORMAT UNIT or SANITIZE, which ends with this, may have a command that the others are waited for with. */
	if (!usable && c->was_usable)
		ret = bind_devs(c, false);
	err = lost ? drain_devs(c) : 0;
	mutex_unlock(&dg->change_mutex);
	put_devs(c->devs);
	return ret ?: err;
}

/* ---- target port groups: their attributes */

static int tg_begin(struct change *c, struct scst_tg *tg)
{
	int ret = change_begin(c, tg->dg);

	if (!ret && tg->dying)
		ret = -ENOENT;
	return ret;
}

int scst_tg_set_state(struct scst_tg *tg, u8 state)
{
	struct change c;
	u8 old;
	int ret;

	ret = tg_begin(&c, tg);
	old = tg->state;
	if (ret || old == state)
		goto abort;
	WRITE_ONCE(tg->state, state);
	ret = change_prepare(&c);
	if (ret) {
		WRITE_ONCE(tg->state, old);
		goto abort;
	}
	ret = change_commit(&c, state != SCSI_ALUA_TRANSITIONING);
	if (ret)
		pr_err("target group %s: is %s, but %s\n", scst_tg_name(tg), scsi_alua_name(state),
		       scsi_alua_accessible(state) ? "not all of its devices could be opened" :
		       "commands that began before may still write, or a device is still open");
	return ret;

abort:
	change_abort(&c);
	return ret;
}

int scst_tg_set_preferred(struct scst_tg *tg, bool preferred)
{
	struct change c;
	int ret;

	ret = tg_begin(&c, tg);
	if (!ret && tg->preferred != preferred)
		ret = change_prepare(&c);
	if (ret || tg->preferred == preferred) {
		change_abort(&c);
		return ret;
	}
	WRITE_ONCE(tg->preferred, preferred);
	return change_commit(&c, true);
}

int scst_tg_set_id(struct scst_tg *tg, u16 id)
{
	struct change c;
	int ret;

	ret = tg_begin(&c, tg);
	if (!ret)
		ret = change_prepare(&c);
	if (ret) {
		change_abort(&c);
		return ret;
	}
	WRITE_ONCE(tg->id, id);
	return change_commit(&c, false);
}

int scst_tg_member_set_rel_id(struct scst_tg_member *m, u16 id)
{
	struct change c;
	int ret;

	ret = tg_begin(&c, m->tg);
	if (!ret)
		ret = change_prepare(&c);
	if (ret) {
		change_abort(&c);
		return ret;
	}
	WRITE_ONCE(m->rel_tgt_id, id);
	return change_commit(&c, false);
}

/* A target of this machine gets another identifier: the maps that name it are made anew, all or none. */
int scst_alua_set_rel_id(struct scst_tgt *tgt, u16 id)
{
	struct scst_dg *dg;
	int ret = 0;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(dg, &dgs, link) {
		dg->spare = tg_of(dg, tgt) ? map_alloc(dg) : NULL;
		if (!dg->spare && tg_of(dg, tgt))
			ret = -ENOMEM;
	}
	if (!ret)
		WRITE_ONCE(tgt->rel_tgt_id, id);
	list_for_each_entry(dg, &dgs, link) {
		if (!ret && dg->spare)
			map_publish(dg, dg->spare);
		else
			kfree(dg->spare);
		dg->spare = NULL;
	}
	return ret;
}

/* ---- members of target port groups */

static void member_release(void *obj)
{
	struct scst_tg_member *m = obj;

	if (m->tgt)
		scst_node_put(&m->tgt->node);
	kfree(m);
}

/* A live target of that name, with a node reference; -ENOENT: one that is being removed. */
static int find_tgt(const char *name, struct scst_tgt **found)
{
	struct scst_driver *drv;
	struct scst_tgt *tgt;

	lockdep_assert_held(&scst_config_mutex);
	list_for_each_entry(drv, &scst_drivers, link) {
		list_for_each_entry(tgt, &drv->tgts, link) {
			if (strcmp(tgt->name, name))
				continue;
			if (tgt->dying)
				return -ENOENT;
			scst_node_get(&tgt->node);
			*found = tgt;
			return 0;
		}
	}
	return 0;
}

static int member_show(struct scst_tg_member *m)
{
	int ret;

	if (m->tgt)
		return sysfs_create_link(&m->tg->node.kobj, &m->tgt->node.kobj, m->name);
	ret = scst_node_add(&m->node, &m->tg->node, m->name);
	return ret ? ret : scst_tg_member_dir_fill(m);
}

/* With its directory or link, not in the list yet. */
static struct scst_tg_member *member_new(struct scst_tg *tg, const char *name)
{
	size_t size = strlen(name) + 1;
	struct scst_tg_member *m = kzalloc(struct_size(m, name, size), GFP_KERNEL);
	int ret;

	if (!m)
		return ERR_PTR(-ENOMEM);
	memcpy(m->name, name, size);
	m->tg = tg;
	scst_node_init(&m->node, m, member_release);
	ret = find_tgt(name, &m->tgt);
	if (!ret)
		ret = member_show(m);
	if (!ret)
		return m;
	/* Nobody else knows the name: no file of the directory is in use. */
	scst_node_del(&m->node);
	scst_node_put(&m->node);
	return ERR_PTR(ret);
}

static int member_check(struct scst_tg *tg, const char *name)
{
	struct scst_tg *other;

	if (tg->dying)
		return -ENOENT;
	if (scst_name_check(name, SCST_NAME_MAX))
		return -EINVAL;
	list_for_each_entry(other, &tg->dg->tgs, link)
		if (member_find(other, name))
			return -EEXIST;
	/* A file of the group's directory, or one that is just going. */
	if (scst_node_has(&tg->node, name))
		return -EEXIST;
	return tg->nr_members < SCSI_TPG_MAX_PORTS ? 0 : -ENOSPC;
}

static int log_refused(const char *what, const char *name, int ret)
{
	if (ret)
		pr_err("%s %.80s: refused: %s (error %pe)\n", what, name,
		       ret == -EEXIST ? "exists already" : ret == -ENOENT ? "is not there" : "not possible", ERR_PTR(ret));
	return ret;
}

int scst_tg_add(struct scst_tg *tg, const char *name)
{
	struct scst_tg_member *m;
	struct change c;
	int ret;

	ret = change_begin(&c, tg->dg);
	if (!ret)
		ret = member_check(tg, name);
	if (ret)
		goto abort;
	m = member_new(tg, name);
	if (IS_ERR(m)) {
		ret = PTR_ERR(m);
		goto abort;
	}
	list_add_tail(&m->link, &tg->members);
	tg->nr_members++;
	ret = change_prepare(&c);
	if (!ret)
		return change_commit(&c, false);
	list_del(&m->link);
	tg->nr_members--;
	if (m->tgt)
		sysfs_remove_link(&tg->node.kobj, m->name);
	change_abort(&c);
	scst_node_del(&m->node);
	scst_node_put(&m->node);
	return log_refused("target group: target", name, ret);

abort:
	change_abort(&c);
	return log_refused("target group: target", name, ret);
}

/* Takes a member out; its directory goes later, without locks. */
static void member_unlink(struct scst_tg_member *m, struct list_head *gone)
{
	if (m->tgt)
		sysfs_remove_link(&m->tg->node.kobj, m->name);
	m->tg->nr_members--;
	list_move_tail(&m->link, gone);
}

static void members_hide(struct list_head *gone)
{
	struct scst_tg_member *m, *next;

	list_for_each_entry_safe(m, next, gone, link) {
		list_del(&m->link);
		scst_node_del(&m->node);
		scst_node_put(&m->node);
	}
}

/* A device that was closed for want of access stays closed: somebody takes the configuration apart, or will go on with it. */
static int member_del(struct scst_tg *tg, const char *name, const struct scst_tgt *tgt)
{
	struct scst_tg_member *m;
	struct change c;
	LIST_HEAD(gone);
	int ret;

	ret = change_begin(&c, tg->dg);
	m = ret ? NULL : member_find(tg, name);
	if (!ret && (!m || (tgt && m->tgt != tgt)))
		ret = -EINVAL;
	if (!ret) {
		/* One member less needs no more memory than there is: made first. */
		ret = change_prepare(&c);
	}
	if (ret) {
		change_abort(&c);
		return ret;
	}
	member_unlink(m, &gone);
	c.only_close = true;
	ret = change_commit(&c, false);
	members_hide(&gone);
	return ret;
}

int scst_tg_del_member(struct scst_tg *tg, const char *name)
{
	return log_refused("target group: target", name, member_del(tg, name, NULL));
}

/* Some group that has the target, with a node reference. */
static struct scst_tg *tg_get(const struct scst_tgt *tgt)
{
	struct scst_tg *tg = NULL;
	struct scst_dg *dg;

	mutex_lock(&scst_config_mutex);
	list_for_each_entry(dg, &dgs, link) {
		tg = tg_of(dg, tgt);
		if (tg) {
			scst_node_get(&tg->node);
			break;
		}
	}
	mutex_unlock(&scst_config_mutex);
	return tg;
}

void scst_alua_forget_tgt(struct scst_tgt *tgt)
{
	struct scst_tg *tg;

	while ((tg = tg_get(tgt))) {
		/* Without memory some will be freed; who deletes the group meanwhile takes the target out as well. */
		if (member_del(tg, tgt->name, tgt))
			msleep(RETRY_MS);
		scst_node_put(&tg->node);
	}
}

/* ---- target port groups */

static void tg_release(void *obj)
{
	kfree(obj);
}

static int tg_show(struct scst_tg *tg, const char *name)
{
	int ret;

	ret = scst_node_add(&tg->node, &tg->dg->tgs_node, name);
	return ret ? ret : scst_tg_dir_fill(tg);
}

static void tg_hide(struct scst_tg *tg)
{
	scst_node_del(&tg->node);
	scst_node_put(&tg->node);
}

static int tg_make(struct scst_dg *dg, const char *name, struct scst_tg **made)
{
	struct scst_tg *tg;

	if (scst_name_check(name, SCST_NAME_MAX))
		return -EINVAL;
	if (scst_node_has(&dg->tgs_node, name))
		return -EEXIST;
	tg = kzalloc(sizeof(*tg), GFP_KERNEL);
	if (!tg)
		return -ENOMEM;
	tg->dg = dg;
	tg->dying = true;	/* until it is in the list */
	INIT_LIST_HEAD(&tg->members);
	scst_node_init(&tg->node, tg, tg_release);
	*made = tg;
	return tg_show(tg, name);
}

int scst_tg_create(struct scst_dg *dg, const char *name)
{
	struct scst_tg *tg = NULL;
	struct change c;
	int ret;

	ret = change_begin(&c, dg);
	if (!ret)
		ret = tg_make(dg, name, &tg);
	if (!ret) {
		list_add_tail(&tg->link, &dg->tgs);
		tg->dying = false;
		ret = change_prepare(&c);
		if (!ret)
			return change_commit(&c, false);
		list_del(&tg->link);
		tg->dying = true;
	}
	change_abort(&c);
	if (tg)
		tg_hide(tg);
	return log_refused("target group", name, ret);
}

int scst_tg_del(struct scst_dg *dg, const char *name)
{
	struct scst_tg_member *m, *next;
	struct scst_tg *tg = NULL;
	struct change c;
	LIST_HEAD(gone);
	int ret;

	ret = change_begin(&c, dg);
	if (!ret) {
		tg = tg_find(dg, name);
		ret = tg ? change_prepare(&c) : -EINVAL;
	}
	if (ret) {
		change_abort(&c);
		return log_refused("target group", name, ret);
	}
	tg->dying = true;
	list_del(&tg->link);
	list_for_each_entry_safe(m, next, &tg->members, link)
		member_unlink(m, &gone);
	c.only_close = true;
	ret = change_commit(&c, false);
	members_hide(&gone);
	tg_hide(tg);
	return ret;
}

/* ---- devices of a group */

static int add_dev(struct scst_dg *dg, struct scst_dev *dev)
{
	int ret;

	if (dg->dying || dev->dying)
		return -ENOENT;
	if (dg_of(dev))
		return -EEXIST;
	if (scst_node_has(&dg->devs_node, dev->name))
		return -EINVAL;
	ret = sysfs_create_link(&dg->devs_node.kobj, &dev->node.kobj, dev->name);
	if (ret)
		return ret;
	list_add_tail(&dev->dg_link, &dg->devs);
	rcu_assign_pointer(dev->dg, dg);
	return 0;
}

int scst_dg_add_dev(struct scst_dg *dg, const char *name)
{
	struct scst_dev *dev = scst_dev_find(name);
	bool lost = false, usable = true;
	int ret;

	if (!dev)
		return log_refused("device group: device", name, -ENOENT);
	mutex_lock(&dg->change_mutex);
	mutex_lock(&scst_config_mutex);
	ret = add_dev(dg, dev);
	if (!ret) {
		lost = refresh_dev(dev, true);
		usable = dg_usable(dg);
	}
	mutex_unlock(&scst_config_mutex);
	if (lost)
		drain(dev);
	if (!usable)
		bind_dev(dev, false);
	mutex_unlock(&dg->change_mutex);
	scst_node_put(&dev->node);
	return log_refused("device group: device", name, ret);
}

static void unlink_dev(struct scst_dg *dg, struct scst_dev *dev)
{
	sysfs_remove_link(&dg->devs_node.kobj, dev->name);
	list_del(&dev->dg_link);
	rcu_assign_pointer(dev->dg, NULL);
	refresh_dev(dev, true);
}

static struct scst_dev *member_dev(struct scst_dg *dg, const char *name)
{
	struct scst_dev *dev;

	list_for_each_entry(dev, &dg->devs, dg_link)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

int scst_dg_del_dev(struct scst_dg *dg, const char *name)
{
	struct scst_dev *dev;

	mutex_lock(&dg->change_mutex);
	mutex_lock(&scst_config_mutex);
	dev = member_dev(dg, name);
	if (dev)
		unlink_dev(dg, dev);
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&dg->change_mutex);
	return log_refused("device group: device", name, dev ? 0 : -EINVAL);
}

/* The change mutex: no handler function is called for the device any more when this returns. */
void scst_alua_forget_dev(struct scst_dev *dev)
{
	struct scst_dg *dg;

	mutex_lock(&scst_config_mutex);
	dg = dg_of(dev);
	if (dg)
		scst_node_get(&dg->node);
	mutex_unlock(&scst_config_mutex);
	if (!dg)
		return;
	mutex_lock(&dg->change_mutex);
	mutex_lock(&scst_config_mutex);
	if (dg_of(dev) == dg)
		unlink_dev(dg, dev);
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&dg->change_mutex);
	scst_node_put(&dg->node);
}

/* ---- device groups */

static void dg_release(void *obj)
{
	struct scst_dg *dg = obj;

	/* Commands look at it under RCU. */
	kfree_rcu(dg, rcu);
}

static int dg_show(struct scst_dg *dg, const char *name)
{
	int ret;

	ret = scst_node_add(&dg->node, &scst_dgs_node, name);
	if (!ret)
		ret = scst_node_add(&dg->devs_node, &dg->node, "devices");
	if (!ret)
		ret = scst_dg_devs_dir_fill(dg);
	if (!ret)
		ret = scst_node_add(&dg->tgs_node, &dg->node, "target_groups");
	return ret ? ret : scst_dg_tgs_dir_fill(dg);
}

static void dg_hide(struct scst_dg *dg)
{
	scst_node_del(&dg->devs_node);
	scst_node_del(&dg->tgs_node);
	scst_node_del(&dg->node);
	scst_node_put(&dg->devs_node);
	scst_node_put(&dg->tgs_node);
	scst_node_put(&dg->node);
}

static struct scst_dg *dg_alloc(void)
{
	struct scst_dg *dg = kzalloc(sizeof(*dg), GFP_KERNEL);

	if (!dg)
		return NULL;
	INIT_LIST_HEAD(&dg->devs);
	INIT_LIST_HEAD(&dg->tgs);
	mutex_init(&dg->change_mutex);
	scst_node_init(&dg->node, dg, dg_release);
	scst_node_init(&dg->devs_node, dg, NULL);
	scst_node_own(&dg->devs_node, &dg->node);
	scst_node_init(&dg->tgs_node, dg, NULL);
	scst_node_own(&dg->tgs_node, &dg->node);
	return dg;
}

/* Not to be used before it is complete: "dying" until then. */
static int dg_make(const char *name)
{
	struct scst_dg *dg = dg_alloc();
	int ret;

	if (!dg)
		return -ENOMEM;
	dg->dying = true;
	ret = dg_show(dg, name);
	if (ret) {
		dg_hide(dg);
		return ret;
	}
	mutex_lock(&scst_config_mutex);
	dg->dying = false;
	list_add_tail(&dg->link, &dgs);
	mutex_unlock(&scst_config_mutex);
	pr_info("device group %s created\n", name);
	return 0;
}

int scst_dg_create(const char *name)
{
	int ret;

	mutex_lock(&create_mutex);
	if (exiting || scst_name_check(name, SCST_NAME_MAX))
		ret = -EINVAL;
	else if (scst_node_has(&scst_dgs_node, name))
		ret = -EEXIST;
	else
		ret = dg_make(name);
	mutex_unlock(&create_mutex);
	return log_refused("device group", name, ret);
}

/* Everything out of a group that nobody finds any more; the members of its target groups go to @gone. */
static void dg_empty(struct scst_dg *dg, struct list_head *gone)
{
	struct scst_tg_member *m, *next;
	struct scst_dev *dev, *next_dev;
	struct scst_tg *tg;

	list_for_each_entry(tg, &dg->tgs, link) {
		tg->dying = true;
		list_for_each_entry_safe(m, next, &tg->members, link)
			member_unlink(m, gone);
	}
	list_for_each_entry_safe(dev, next_dev, &dg->devs, dg_link)
		unlink_dev(dg, dev);
	map_publish(dg, NULL);
}

/* @name NULL: any. */
static struct scst_dg *dg_take(const char *name)
{
	struct scst_dg *dg;

	mutex_lock(&scst_config_mutex);
	dg = name ? dg_find(name) : list_first_entry_or_null(&dgs, struct scst_dg, link);
	if (dg) {
		list_del(&dg->link);
		dg->dying = true;
	}
	mutex_unlock(&scst_config_mutex);
	return dg;
}

static void dg_remove(struct scst_dg *dg)
{
	struct scst_tg *tg, *next;
	LIST_HEAD(gone);

	mutex_lock(&dg->change_mutex);
	mutex_lock(&scst_config_mutex);
	dg_empty(dg, &gone);
	mutex_unlock(&scst_config_mutex);
	mutex_unlock(&dg->change_mutex);
	members_hide(&gone);
	list_for_each_entry_safe(tg, next, &dg->tgs, link)
		tg_hide(tg);
	pr_info("device group %s destroyed\n", scst_dg_name(dg));
	dg_hide(dg);
}

int scst_dg_del(const char *name)
{
	struct scst_dg *dg = dg_take(name);

	if (!dg)
		return log_refused("device group", name, -EINVAL);
	dg_remove(dg);
	return 0;
}

void scst_alua_exit(void)
{
	struct scst_dg *dg;

	mutex_lock(&create_mutex);
	exiting = true;
	mutex_unlock(&create_mutex);
	while ((dg = dg_take(NULL)))
		dg_remove(dg);
}
