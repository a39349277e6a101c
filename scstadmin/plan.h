/* SPDX-License-Identifier: GPL-2.0 */
/* From two pictures, wanted and running, to the ordered writes that lead from one to the other. */
#ifndef ADM_PLAN_H
#define ADM_PLAN_H

#include "model.h"
#include "result.h"

enum step_kind {
	STEP_WRITE,		/* @text to @path */
	STEP_CLOSE_SESSIONS,	/* of the target at @path, and wait */
	STEP_NOTE,		/* only tell @what */
	STEP_FAIL,		/* cannot be done: @what says why */
};

#define STEP_COUNTS 1u	/* is a change */
#define STEP_SOFT 2u	/* failing is an error, but not one that stops the run */
#define STEP_QUIET 4u	/* neither a line nor an error */
#define STEP_UNLESS_FAILED 8u	/* not done when something of @owner was refused */
#define STEP_MAKES 16u	/* failing makes all that belongs to @owner pointless */
#define STEP_WARNS 32u	/* with STEP_SOFT: failing is told but is no error */
#define STEP_ADDS 64u	/* without it @owner offers less, not more: failing does not keep it shut */

/** struct step - one thing to do; @owner: the wanted object it is done for, may be NULL */
struct step {
	struct step *next;
	enum step_kind kind;
	unsigned int flags;
	int code;
	char *path, *text, *what;
	struct obj *owner;
};

/** struct plan - steps in order, in @pool */
struct plan {
	struct pool *pool;
	struct step *first, **tail;
	bool force, preserve_cluster_mode;
};

void plan_init(struct plan *pl, struct pool *pool);

/**
 * plan_devices() - first half: disabling, core attributes, what -force removes, opening devices
 * @want: a configuration that passed its check
 * @have: the running one
 *
 * Attributes of new devices and the numbers of the copy manager's LUNs are only known once this half
 * is in force, so plan_targets() wants @have read again if this half had any write.
 */
void plan_devices(struct plan *pl, struct obj *want, const struct obj *have);

/** plan_targets() - second half: attributes of devices, targets, LUNs, groups, at last enabling */
void plan_targets(struct plan *pl, struct obj *want, const struct obj *have);

/** plan_clear() - away with everything; hardware targets and drivers are disabled */
void plan_clear(struct plan *pl, const struct obj *have);

bool plan_writes(const struct plan *pl);

/* Parts of the above, shared by its files. */
struct step *plan_write(struct plan *pl, int code, unsigned int flags, struct obj *owner,
			const char *path, const char *text);
void plan_what(struct plan *pl, struct step *s, const char *fmt, ...) printf_like(3, 4);
void plan_note(struct plan *pl, const char *fmt, ...) printf_like(2, 3);
void plan_fail(struct plan *pl, int code, unsigned int flags, struct obj *owner,
	       const char *fmt, ...) printf_like(5, 6);

void plan_attrs(struct plan *pl, struct obj *want, const struct obj *have, const char *dir,
		const struct strs *create, const struct strs *dyn, struct obj *owner);
bool plan_differs(const struct obj *want, const struct obj *have, const struct strs *create,
		  const struct obj *excuse);
/* Not done when a session that stayed may use it. */
void plan_close_device(struct plan *pl, struct obj *have);
void plan_device_attrs(struct plan *pl, struct obj *want, const struct obj *have);
/* Enables, or disables, the targets and drivers that are to become so. */
void plan_switch(struct plan *pl, struct obj *want, const struct obj *have, bool on);
void plan_judge(struct plan *pl, struct obj *want, const struct obj *have);
void plan_move_init(struct plan *pl, const struct obj *ini, const struct obj *to, struct obj *owner);
void plan_remove_group(struct plan *pl, const struct obj *grp, unsigned int flags,
		       struct obj *owner);

/** params_text() - "n=v;n=v;" of the attributes in @create, cluster_mode last */
const char *params_text(struct pool *p, const struct obj *o, const struct strs *create);

/** is_path() - whether a parameter of this name is the path of a file */
bool is_path(const char *name);

/** comes_later() - whether params_text() leaves this value out, for the attribute's own file takes it */
bool comes_later(const struct attr *a, const struct val *v);

/** lost_param() - a parameter in @create that params_text() left out and that @have, just made, does not take either; or NULL */
const struct attr *lost_param(const struct obj *want, const struct obj *have, const struct strs *create);

/** attr_payload() - @value as a write to an attribute of that kind wants it */
const char *attr_payload(struct pool *p, enum obj_kind kind, const char *value);

/** attr_reads() - whether an attribute that is to be @want and reads @now need not be written */
bool attr_reads(enum obj_kind kind, const char *want, const char *now);

/** same_account() - whether both are accounts, "name secret", of the same name */
bool same_account(const char *a, const char *b);

/** value_file() - where the value @v that the object in @dir has of a repeatable attribute can be changed */
const char *value_file(struct pool *p, const char *dir, const char *name, const struct val *v);

/** set_path() - path of a target or a group */
const char *set_path(struct pool *p, const struct obj *set);

/** last_value() - text of the last value given; a bare creation parameter means 1 */
const char *last_value(const struct attr *a, bool create);

#endif
