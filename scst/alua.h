/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Device groups: which target ports see their devices in which asymmetric access state. Shared by alua.c, its files in
 * sysfs/, and what asks for state changes.
 *
 * Locks: dg->change_mutex -> scst_config_mutex. The first one serializes all changes of a group and is held while its devices
 * drain and while handlers open or close; the lists are changed and read under the second. Directories are removed
 * without either: their files take both.
 */
#ifndef SCST_ALUA_H
#define SCST_ALUA_H

#include "scst_priv.h"

/**
 * struct scst_tpg_map - the groups as REPORT TARGET PORT GROUPS tells them; replaced, never changed once it is seen
 * @nr: groups
 * @ports: identifiers of all groups, one after another
 * @groups: @nr of them
 */
struct scst_tpg_map {
	struct rcu_head rcu;
	unsigned int nr;
	u16 *ports;
	struct scsi_tpg groups[];
};

/**
 * struct scst_dg - a device group
 * @link: in the list of all; scst_config_mutex
 * @devs: struct scst_dev, by dg_link; scst_config_mutex
 * @tgs: struct scst_tg; scst_config_mutex
 * @dying: being deleted; scst_config_mutex
 * @change_mutex: see above
 * @map: for commands; written under scst_config_mutex
 * @spare: for a moment, while maps are made anew; scst_config_mutex
 * @stpg: a SET TARGET PORT GROUPS waits for user space: nexus that asked; scst_config_mutex
 */
struct scst_dg {
	struct list_head link;
	struct list_head devs;
	struct list_head tgs;
	bool dying;
	struct mutex change_mutex;
	struct scst_tpg_map __rcu *map;
	struct scst_tpg_map *spare;
	struct scst_nexus *stpg;
	struct scst_node node;
	struct scst_node devs_node;
	struct scst_node tgs_node;
	struct rcu_head rcu;
};

/* A target port group; everything under scst_config_mutex. */
struct scst_tg {
	struct list_head link;		/* dg->tgs */
	struct scst_dg *dg;
	struct list_head members;
	unsigned int nr_members;
	bool dying;
	u16 id;
	u8 state;			/* enum scsi_alua_state */
	u8 in_force;			/* what nexuses have: @state, once the stores are open; scst_config_mutex */
	bool preferred;
	struct scst_node node;
};

/* A target in a group: one of this machine (a link in the group's directory), or another machine's (a directory). */
struct scst_tg_member {
	struct list_head link;		/* tg->members */
	struct scst_tg *tg;
	struct scst_tgt *tgt;		/* node reference; NULL: another machine's */
	u16 rel_tgt_id;			/* of another machine's */
	struct scst_node node;
	char name[];
};

static inline const char *scst_dg_name(const struct scst_dg *dg)
{
	return kobject_name(&dg->node.kobj);
}

static inline const char *scst_tg_name(const struct scst_tg *tg)
{
	return kobject_name(&tg->node.kobj);
}

/* Commands of the management files. -EEXIST, -EINVAL, -ENOENT, -ENOMEM; each has said why. */
int scst_dg_create(const char *name);
int scst_dg_del(const char *name);
int scst_dg_add_dev(struct scst_dg *dg, const char *name);
int scst_dg_del_dev(struct scst_dg *dg, const char *name);
int scst_tg_create(struct scst_dg *dg, const char *name);
int scst_tg_del(struct scst_dg *dg, const char *name);
int scst_tg_add(struct scst_tg *tg, const char *name);
int scst_tg_del_member(struct scst_tg *tg, const char *name);

/*
 * Attributes. A state that executes no commands on data is in force for every new command at once; the call returns when
 * those before it have ended, -EBUSY when they do not.
 */
int scst_tg_set_state(struct scst_tg *tg, u8 state);
int scst_tg_set_preferred(struct scst_tg *tg, bool preferred);
int scst_tg_set_id(struct scst_tg *tg, u16 id);
int scst_tg_member_set_rel_id(struct scst_tg_member *m, u16 id);

/* sysfs/alua.c: each fills a directory whose object is ready */
int scst_dg_devs_dir_fill(struct scst_dg *dg);
int scst_dg_tgs_dir_fill(struct scst_dg *dg);
int scst_tg_dir_fill(struct scst_tg *tg);
int scst_tg_member_dir_fill(struct scst_tg_member *m);

#endif /* SCST_ALUA_H */
