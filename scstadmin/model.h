/* SPDX-License-Identifier: GPL-2.0 */
/* The one picture of a configuration that scst.conf, sysfs, planner and printer share. */
#ifndef ADM_MODEL_H
#define ADM_MODEL_H

#include "dict.h"
#include "util.h"

#define LUN_MAX 16383
#define COPY_MANAGER "copy_manager"

enum obj_kind {
	OBJ_ROOT,	/* the whole; its attributes are those of the core */
	OBJ_HANDLER,
	OBJ_DEVICE,	/* child of a handler */
	OBJ_DRIVER,
	OBJ_TARGET,
	OBJ_LUN,	/* child of a target or of a group */
	OBJ_GROUP,
	OBJ_INITIATOR,
	OBJ_ALUA,	/* attributes of device_groups/ itself */
	OBJ_DGRP,
	OBJ_DGDEV,	/* a device named in a device group */
	OBJ_TGRP,
	OBJ_TGTGT,	/* a target named in a target group */
	OBJ_KINDS
};

/** struct pos - where in a file; line 0 = not from a file */
struct pos {
	unsigned int line, col;
};

/**
 * struct val - one value of an attribute
 * @idx: orders the numbered files of sysfs
 * @bare: from a file that gives the name alone, which is not the same as an empty value
 * @link: among the values of its attribute
 */
struct val {
	struct val *next;
	struct dict_link link;
	char *text;
	unsigned long idx;
	struct pos pos;
	bool bare;
};

/**
 * struct attr - an attribute with its values (at least one unless unreadable)
 * @by_text: the values
 * @at: among the attributes of its object
 * @err: errno with which reading failed although the file is there to be read
 */
struct attr {
	struct attr *next;
	struct dict_link at;
	char *name;
	struct val *vals, *last_val;
	struct dict by_text;
	bool key;	/* differs from its default: to be saved */
	bool writable;
	bool readable;
	int err;
	bool link;	/* shown value of a symbolic link, never saved */
	struct strs choices;	/* trace_level: legal tokens */
};

/**
 * struct obj - one object of the configuration
 * @name: never changes; LUN: the number in decimal
 * @dev: LUN: name of its device
 * @create: parameters that make such an object's children (handler: devices, driver: targets,
 *	target and group: LUNs)
 * @create2: group: parameters of initiators
 * @dyn: driver: names of repeatable driver attributes
 * @dyn_tgt: driver: names of repeatable target attributes
 * @can_create: driver or handler has a writable mgmt
 * @hw: target: HW_TARGET stands in the file, or hw_target reads 1
 * @local: member of a target group that is a target of this machine
 * @drop: left out of the run by the check
 * @failed: a setting of this object was refused, so it must not be enabled
 * @dead: could not be created, so nothing below it is tried
 * @opened: device: the first half of the plan opens it
 * @made: group: grows with the order in which the running groups were made, 0 in a file
 * @attrs_by_name: @attrs
 * @kids_by_name: @kids; @link: in that of @parent
 * @below_by_name: devices, initiators and devices of device groups that are children of @kids; @below_link: in that of the
 *	parent's parent
 *
 * Owned by a pool; children are a list in file order or, after obj_sort(), in order of name.
 */
struct obj {
	enum obj_kind kind;
	char *name;
	char *dev;
	unsigned long lun;
	unsigned long long made;
	struct attr *attrs, **attrs_tail;
	struct obj *kids, **kids_tail;
	struct obj *next, *parent;
	struct dict attrs_by_name, kids_by_name, below_by_name;
	struct dict_link link, below_link;
	struct strs create, create2, dyn, dyn_tgt;
	struct pos pos;
	bool can_create, hw, local, drop, failed, dead, opened;
};

struct obj *obj_new(struct pool *p, struct obj *parent, enum obj_kind kind, const char *name);
struct obj *obj_find(const struct obj *parent, enum obj_kind kind, const char *name);
struct obj *obj_first(const struct obj *parent, enum obj_kind kind);
struct obj *obj_next(const struct obj *o, enum obj_kind kind);
struct obj *obj_up(struct obj *o, enum obj_kind kind);
void obj_sort(struct pool *p, struct obj *o);
bool obj_has_content(const struct obj *o);
const char *obj_word(enum obj_kind kind);
const char *obj_label(struct pool *p, const struct obj *o);

/** plain_dev() - the name of a device without the leading /dev/ that was habit once */
char *plain_dev(char *name);

/** obj_below() - the first grandchild of that kind and name; obj_below_next() - the next one, of the same name under another parent */
struct obj *obj_below(const struct obj *top, enum obj_kind kind, const char *name);
struct obj *obj_below_next(const struct obj *o);

struct obj *obj_device(const struct obj *root, const char *name);
struct obj *obj_group_of(const struct obj *tgt, const char *ini, const struct obj *not);
/** obj_has_patterns() - whether an initiator of the group may be several: has wildcards in its name */
bool obj_has_patterns(const struct obj *grp);

const char *obj_twice_init(struct pool *p, const struct obj *root);

struct attr *attr_find(const struct obj *o, const char *name);
struct attr *attr_add(struct pool *p, struct obj *o, const char *name);
struct val *val_add(struct pool *p, struct attr *a, const char *text);

/** val_insert() - val_add() to where @idx orders it */
struct val *val_insert(struct pool *p, struct attr *a, const char *text, unsigned long idx);

/** attr_clear() - forget the values */
void attr_clear(struct attr *a);
struct val *val_find(const struct attr *a, const char *text);
void attr_sort(struct pool *p, struct obj *o);
const char *attr_text(const struct obj *o, const char *name);

#define for_each_obj(pos, parent, k) \
	for (pos = obj_first(parent, k); pos; pos = obj_next(pos, k))

/* Values of repeatable attributes are words in a management command, where "=" parts words as a blank does. */
bool dyn_value_fits(const char *value);

/* Names become parts of paths and of management commands; says what is wrong, or NULL. */
const char *name_problem(struct pool *p, enum obj_kind kind, const char *name);

#endif
