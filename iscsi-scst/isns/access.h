/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which initiators the iSNS server lets at which target: a file that the iSNS process writes and logins read.
 */
#ifndef ISNS_ACCESS_H
#define ISNS_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ISNS_DEFAULT_DIR	"/run/iscsi-scst"
#define ISNS_HOST_BYTES		256

/**
 * isns_configured - what iSNSServer says
 * @drv: directory of the driver
 * @host: receives HOST[:PORT], ISNS_HOST_BYTES
 *
 * Return: 0 no server, 1 a server, 2 one that decides who may log in; also when that cannot be read.
 */
int isns_configured(int drv, char *host);

/**
 * isns_admits - may this initiator know of the target and log in to it
 * @drv: directory of the driver
 * @target: stored name of the target
 * @initiator: folded name
 *
 * Without AccessControl it may. With it the list counts that came last from the very server that is set; where there is none,
 * nobody may.
 */
bool isns_admits(int drv, const char *target, const char *initiator);

/**
 * struct isns_admitted - where one initiator may log in
 * @everywhere: the server has no say
 * @targets: where it has, stored names in the order of strcasecmp()
 * @count: how many
 */
struct isns_admitted {
	bool everywhere;
	char **targets;
	int count;
};

/**
 * isns_admitted_read - isns_admits() for all targets at once: the list may be long, and is read but once
 * @drv: directory of the driver
 * @initiator: folded name
 * @a: receives the answer, to be freed with isns_admitted_free(); nowhere when memory is short
 */
void isns_admitted_read(int drv, const char *initiator, struct isns_admitted *a);

/**
 * isns_admitted_to - may the initiator know of this target and log in to it
 * @a: from isns_admitted_read()
 * @target: stored name
 */
bool isns_admitted_to(const struct isns_admitted *a, const char *target);
void isns_admitted_free(struct isns_admitted *a);

/**
 * isns_set_dir - where the file is; for tests
 * @dir: a directory
 */
void isns_set_dir(const char *dir);
const char *isns_dir(void);

/**
 * struct access_list - a file that is being written
 * @f: the new one, beside the old one until access_list_end()
 * @err: 0, or -errno of the first write that failed: the rest is not worth asking for
 */
struct access_list {
	FILE *f;
	int err;
};

/**
 * access_list_begin - start a new list
 * @l: receives it
 * @host: the server that it comes from, as in iSNSServer
 *
 * Return: 0 or -errno.
 */
int access_list_begin(struct access_list *l, const char *host);

/* What follows is of this target; it lets this initiator in. */
void access_list_target(struct access_list *l, const char *target);
void access_list_initiator(struct access_list *l, const char *initiator);

/**
 * access_list_end - put the list in place of the old one, at once and as a whole
 * @l: the list
 * @keep: false throws it away, the old one stays
 *
 * Return: 0 or -errno.
 */
int access_list_end(struct access_list *l, bool keep);

#endif /* ISNS_ACCESS_H */
