/* SPDX-License-Identifier: GPL-2.0 */
/* What all verbs share: the run, its options, writing, reporting and prompting. */
#ifndef ADM_H
#define ADM_H

#include <stdio.h>

#include "opts.h"
#include "tree.h"

#ifndef ADM_VERSION
#define ADM_VERSION "4.0.0"
#endif

#define ADM_ROOT "/sys/kernel/scst_tgt"
/* not in /run/lock, where anybody could make it and hold it */
#define ADM_LOCK "/run/scstadmin.lock"

/**
 * struct adm - one run of the tool
 * @pool: owner of everything allocated
 * @tree: reader of the sysfs tree
 * @root_name: where the tree is, for messages
 * @in: answers to prompts come from here
 * @out: everything a script may read, errors of operations included
 * @err: usage errors, diagnostics
 * @store: replaces the write to a file of the tree, NULL for the real one; 0 or -errno
 * @store_priv: for @store
 * @o: parsed options
 * @run: the whole running configuration, once a verb asked for it
 * @verb: the operation in work
 * @fatal: stop without "All done."
 * @patience: seconds to wait for queued writes and for sessions to end
 * @lock_name: the file that adm_lock() locks, NULL: none
 * @lock_patience: seconds to wait for it
 * @lock_fd: while it is held, else -1
 */
struct adm {
	struct pool pool;
	struct tree tree;
	const char *root_name;
	FILE *in, *out, *err;
	int (*store)(struct adm *a, const char *path, const char *text, size_t len);
	void *store_priv;
	struct opts o;
	struct obj *run;
	const struct optdef *verb;
	bool fatal;
	unsigned int patience;
	const char *lock_name;
	unsigned int lock_patience;
	int lock_fd;
};

/**
 * adm_main() - run the tool
 * @a: streams, @root_name, @store, @patience and the first two of the lock set by the caller, the rest zero
 *
 * Return: the exit code; everything allocated has been freed.
 */
int adm_main(struct adm *a, int argc, char **argv);

const char *opt(const struct adm *a, enum opt_id id);
bool given(const struct adm *a, enum opt_id id);

/** adm_running() - the whole running configuration; NULL after a report */
struct obj *adm_running(struct adm *a);

/**
 * adm_lock() - keep other runs on whole configurations waiting, or wait for one
 *
 * Changes of one object do without: each is one write, and the kernel does one after the other.
 *
 * Return: false after a report, when another one holds it for too long and -force is not given.
 */
bool adm_lock(struct adm *a);

/** adm_unlock() - let the next one go on; the end of the run does so too */
void adm_unlock(struct adm *a);

/** adm_reread() - forget what was read, then adm_running() */
struct obj *adm_reread(struct adm *a);

/**
 * adm_write() - one write to one file of the tree
 *
 * With -debug it only prints what it would write. Waits for a queued write to finish.
 *
 * Return: 0 or -errno.
 */
int adm_write(struct adm *a, const char *path, const char *text);

/**
 * adm_report() - say that the operation failed, in the form scripts know
 *
 * Return: the exit code to hand on.
 */
int adm_report(struct adm *a, int code, const char *fmt, ...) printf_like(3, 4);

/** adm_refused() - adm_report() for a refused write */
int adm_refused(struct adm *a, int code, int err, const char *what);

bool adm_confirm(struct adm *a);
void adm_begin(struct adm *a);
void adm_done(struct adm *a, const char *what);
void adm_end(struct adm *a);

/** adm_change() - the usual verb: one write with its progress lines */
int adm_change(struct adm *a, int code, const char *path, const char *text, const char *what);

/** adm_close_sessions() - end the sessions of a target and wait; 0, or -ETIMEDOUT */
int adm_close_sessions(struct adm *a, const char *tgt_path);

/** adm_lip() - pulse the loop of every Fibre Channel target, as -lip asks for after a change */
void adm_lip(struct adm *a);

/* Paths of the objects the options name; NULL after a report. */
const char *adm_driver(struct adm *a);
const char *adm_target(struct adm *a, const char *name);
const char *adm_group(struct adm *a, const char *name);
const char *adm_lun_set(struct adm *a);
const char *adm_device(struct adm *a, const char *name);
const char *adm_handler(struct adm *a, const char *name);
const char *adm_dgrp(struct adm *a, const char *name);
const char *adm_tgrp(struct adm *a, const char *name);

/* Refuses a name that cannot be one; true after a report. */
bool adm_bad_name(struct adm *a, enum obj_kind kind, const char *name, int code);

/** adm_attributes() - what -attributes says, in order; NULL after a report */
struct obj *adm_attributes(struct adm *a, enum obj_kind kind);

/**
 * adm_params() - "n=v;n=v;" from -attributes for a create command
 * @legal: names the kernel takes there
 * @all: set to all that is given, for the caller has to write what comes_later(); NULL: such values are refused
 *
 * Return: "" without -attributes, NULL after a report.
 */
const char *adm_params(struct adm *a, enum obj_kind kind, const struct strs *legal, struct obj **all);

#endif
