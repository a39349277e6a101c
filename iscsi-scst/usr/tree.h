/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read-only view of the sysfs tree, as it is at the moment of a login: which targets exist, who may see them, what they offer.
 */
#ifndef SCSTD_TREE_H
#define SCSTD_TREE_H

#include <dirent.h>
#include <stdbool.h>

#include "addr.h"
#include "login.h"

#define TREE_DEFAULT_ROOT	"/sys/kernel/scst_tgt"

/**
 * struct tree_asker - who asks, through which portal
 * @initiator: InitiatorName, folded
 * @local_ip: numeric address the connection arrived at, without scope
 * @peer: where it comes from; for tree_login() alone
 */
struct tree_asker {
	const char *initiator;
	const char *local_ip;
	const union addr *peer;
};

/**
 * tree_open - directory of the iSCSI driver
 * @root: path of scst_tgt
 *
 * Return: a descriptor, or -errno; -ENOENT when the module is not loaded.
 */
int tree_open(const char *root);

/**
 * tree_list - entries of a directory that stays open
 * @dir: the directory
 *
 * Return: a stream for closedir(), or NULL with errno set.
 */
DIR *tree_list(int dir);

/**
 * tree_read_line - first line of an attribute
 * @dir: directory
 * @name: attribute
 * @buf: receives the line, cut at @size - 1 bytes; "" when it cannot be read
 * @size: bytes in @buf
 *
 * Return: 0 or -errno.
 */
int tree_read_line(int dir, const char *name, char *buf, size_t size);

/**
 * tree_numbered - is this a name, or a name with a number behind it
 * @name: of a file
 * @base: the name
 */
bool tree_numbered(const char *name, const char *base);

/**
 * tree_internal_portal - may logins that arrive at this portal do without authentication
 * @drv: from tree_open()
 * @local_ip: the portal
 */
bool tree_internal_portal(int drv, const char *local_ip);

/**
 * tree_driver_enabled - does the driver serve logins
 * @drv: from tree_open()
 */
bool tree_driver_enabled(int drv);

/**
 * tree_driver_there - is the directory still that of a loaded module; that of one loaded again is another
 * @drv: from tree_open()
 */
bool tree_driver_there(int drv);

/**
 * tree_link_local - shall SendTargets report link-local portals
 * @drv: from tree_open()
 */
bool tree_link_local(int drv);

/**
 * tree_find_target - open a target's directory
 * @drv: from tree_open()
 * @name: name to find, whatever its case
 * @found: receives the name as it is stored, ISCSI_STORED_NAME_MAX + 1 bytes; may be NULL
 *
 * Return: a descriptor, or -ENOENT.
 */
int tree_find_target(int drv, const char *name, char *found);

/**
 * tree_open_target - open a target's directory by the very name it is stored under
 * @drv: from tree_open()
 * @stored: that name
 *
 * Return: a descriptor, or negative errno.
 */
int tree_open_target(int drv, const char *stored);

/**
 * tree_targets - names of all targets, sorted
 * @drv: from tree_open()
 * @names: receives an array for tree_free_names()
 *
 * Return: their number, or -errno.
 */
int tree_targets(int drv, char ***names);

/**
 * tree_free_names - free what tree_targets() gave
 * @names: the array
 * @count: names in it
 */
void tree_free_names(char **names, int count);

/**
 * tree_target_enabled - is the target enabled
 * @tgt: directory of the target
 */
bool tree_target_enabled(int tgt);

/**
 * tree_portal_allowed - do the allowed_portal patterns admit this portal
 * @tgt: directory of the target
 * @local_ip: the portal
 */
bool tree_portal_allowed(int tgt, const char *local_ip);

/**
 * tree_session_name - the name the initiator is known under: with the portal under per_portal_acl
 * @tgt: directory of the target
 * @who: who asks
 * @name: receives ISCSI_STORED_NAME_MAX + 1 bytes at most
 *
 * Return: 0, or -ENAMETOOLONG when no room is left for the suffix of a second session.
 */
int tree_session_name(int tgt, const struct tree_asker *who, char *name);

/**
 * tree_visible - does the set of LUNs that applies to this name hold at least one
 * @tgt: directory of the target
 * @name: from tree_session_name()
 */
bool tree_visible(int tgt, const char *name);

/**
 * tree_shown - all of the above, for SendTargets: may this asker, whose host is admitted, know of the target through this portal
 * @tgt: directory of the target
 * @who: who asks
 */
bool tree_shown(int tgt, const struct tree_asker *who);

/**
 * tree_login - everything a login needs to know of a target
 * @drv: from tree_open(), or a negative value when there is none
 * @target: TargetName
 * @who: who asks
 * @found: receives the stored name of the target, ISCSI_STORED_NAME_MAX + 1 bytes
 * @name: receives the name for the session, ISCSI_STORED_NAME_MAX + 1 bytes
 * @t: filled in; t->status tells the result
 */
void tree_login(int drv, const char *target, const struct tree_asker *who, char *found, char *name,
		struct iscsi_login_target *t);

#endif /* SCSTD_TREE_H */
