// SPDX-License-Identifier: GPL-2.0
/*
 * Reads targets, access rules and attributes from the sysfs tree below a directory descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "access.h"
#include "addr.h"
#include "hosts.h"
#include "match.h"
#include "tree.h"

#define SUFFIX_ROOM 6	/* "_9999" that tells a second session of the same name apart */

int tree_open(const char *root)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/targets/iscsi", root) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A stream of its own for @dir, which stays open. */
DIR *tree_list(int dir)
{
	int fd = open_dir(dir, ".");
	DIR *d;

	if (fd < 0)
		return NULL;
	d = fdopendir(fd);
	if (!d)
		close(fd);
	return d;
}

/* The lines behind the first ([key], empty ones) are for scstadmin. */
int tree_read_line(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0) {
		n = -errno;
		close(fd);
		return (int)n;
	}
	close(fd);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static bool attr_is(int dir, const char *name, const char *value)
{
	char buf[64];

	return !tree_read_line(dir, name, buf, sizeof(buf)) && !strcmp(buf, value);
}

bool tree_driver_enabled(int drv)
{
	return attr_is(drv, "enabled", "1");
}

bool tree_driver_there(int drv)
{
	return !faccessat(drv, "enabled", F_OK, 0);
}

bool tree_link_local(int drv)
{
	return !attr_is(drv, "link_local", "0");
}

bool tree_target_enabled(int tgt)
{
	return attr_is(tgt, "enabled", "1");
}

int tree_find_target(int drv, const char *name, char *found)
{
	struct dirent *e;
	DIR *d = tree_list(drv);
	int fd = -ENOENT;

	while (d && fd < 0 && (e = readdir(d))) {
		if (strcasecmp(e->d_name, name) || e->d_name[0] == '.')
			continue;
		fd = open_dir(drv, e->d_name);
		if (fd >= 0 && found)
			snprintf(found, ISCSI_STORED_NAME_MAX + 1, "%s", e->d_name);
	}
	if (d)
		closedir(d);
	return fd < 0 ? -ENOENT : fd;
}

int tree_open_target(int drv, const char *stored)
{
	int fd = open_dir(drv, stored);

	return fd < 0 ? -errno : fd;
}

/* Where @name belongs among the sorted @names. */
static int place_of(char *const *names, int count, const char *name)
{
	int low = 0;

	while (low < count) {
		int middle = low + (count - low) / 2;

		if (strcmp(names[middle], name) < 0)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* In order at once: qsort() asks the kernel for the size of memory, which the sandbox forbids. */
static int add_name(char ***names, int count, const char *name)
{
	char **grown = realloc(*names, (count + 1) * sizeof(*grown));
	char *copy = strdup(name);
	int at;

	if (grown)
		*names = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	at = place_of(grown, count, name);
	memmove(grown + at + 1, grown + at, (count - at) * sizeof(*grown));
	grown[at] = copy;
	return 0;
}

/* A target is a directory that can be enabled and has LUNs; sysfs gives no other hint. */
static bool is_target(int drv, const char *name)
{
	char path[ISCSI_STORED_NAME_MAX + 16];

	if (name[0] == '.')
		return false;
	snprintf(path, sizeof(path), "%.*s/luns", ISCSI_STORED_NAME_MAX, name);
	return !faccessat(drv, path, F_OK, 0);
}

int tree_targets(int drv, char ***names)
{
	struct dirent *e;
	DIR *d = tree_list(drv);
	int count = 0;
	int ret = 0;

	*names = NULL;
	if (!d)
		return -ENOENT;
	while (!ret && (e = readdir(d))) {
		if (!is_target(drv, e->d_name))
			continue;
		ret = add_name(names, count, e->d_name);
		if (!ret)
			count++;
	}
	closedir(d);
	if (ret) {
		tree_free_names(*names, count);
		*names = NULL;
		return ret;
	}
	return count;
}

void tree_free_names(char **names, int count)
{
	while (count > 0)
		free(names[--count]);
	free(names);
}

bool tree_numbered(const char *name, const char *base)
{
	size_t len = strlen(base);

	return !strncmp(name, base, len) && strspn(name + len, "0123456789") == strlen(name + len);
}

bool tree_internal_portal(int drv, const char *local_ip)
{
	union addr here, internal;
	char list[4096];
	char *rest = list;
	char *word;

	if (tree_read_line(drv, "internal_portal", list, sizeof(list)) || addr_parse(local_ip, 0, &here))
		return false;
	while ((word = strsep(&rest, " ")))
		if (!addr_parse(word, 0, &internal) && addr_same_host(&here, &internal))
			return true;
	return false;
}

/*
 * No pattern admits all portals. Positive patterns: one has to match. Negative ones, with a
 * leading '!': none may match what follows the mark.
 */
bool tree_portal_allowed(int tgt, const char *local_ip)
{
	char pattern[512];
	struct dirent *e;
	bool positive = false;
	bool admitted = false;
	bool refused = false;
	DIR *d = tree_list(tgt);

	if (!d)
		return false;
	while ((e = readdir(d))) {
		if (!tree_numbered(e->d_name, "allowed_portal"))
			continue;
		/* A pattern that vanished or cannot be read must not open the door. */
		if (tree_read_line(tgt, e->d_name, pattern, sizeof(pattern)) || !pattern[0]) {
			positive = true;
		} else if (pattern[0] == '!') {
			refused |= scst_pattern_match(pattern + 1, local_ip);
		} else {
			positive = true;
			admitted |= scst_pattern_match(pattern, local_ip);
		}
	}
	closedir(d);
	return !refused && (admitted || !positive);
}

int tree_session_name(int tgt, const struct tree_asker *who, char *name)
{
	int len;

	if (attr_is(tgt, "per_portal_acl", "1"))
		len = snprintf(name, ISCSI_STORED_NAME_MAX + 1, "%s#%s", who->initiator, who->local_ip);
	else
		len = snprintf(name, ISCSI_STORED_NAME_MAX + 1, "%s", who->initiator);
	return len + SUFFIX_ROOM > ISCSI_STORED_NAME_MAX ? -ENAMETOOLONG : 0;
}

/* Any entry of luns/ besides mgmt is a LUN. */
static bool has_lun(int set)
{
	struct dirent *e;
	bool found = false;
	int luns = open_dir(set, "luns");
	DIR *d = luns >= 0 ? tree_list(luns) : NULL;

	while (d && !found && (e = readdir(d)))
		found = e->d_name[0] >= '0' && e->d_name[0] <= '9';
	if (d)
		closedir(d);
	if (luns >= 0)
		close(luns);
	return found;
}

static bool group_matches(int group, const char *name)
{
	struct dirent *e;
	bool found = false;
	int initiators = open_dir(group, "initiators");
	DIR *d = initiators >= 0 ? tree_list(initiators) : NULL;

	while (d && !found && (e = readdir(d)))
		found = e->d_name[0] != '.' && strcmp(e->d_name, "mgmt") &&
			scst_pattern_match(e->d_name, name);
	if (d)
		closedir(d);
	if (initiators >= 0)
		close(initiators);
	return found;
}

/*
 * The group that applies: the oldest that matches. sysfs lists groups in no order, but numbers
 * their inodes as it creates them. Returns a descriptor or -1.
 */
static int matching_group(int tgt, const char *name)
{
	int groups = open_dir(tgt, "ini_groups");
	DIR *d = groups >= 0 ? tree_list(groups) : NULL;
	struct dirent *e;
	ino_t oldest = 0;
	int best = -1;

	while (d && (e = readdir(d))) {
		int group = e->d_name[0] == '.' ? -1 : open_dir(groups, e->d_name);

		if (group < 0)
			continue;
		if ((best >= 0 && e->d_ino > oldest) || !group_matches(group, name)) {
			close(group);
			continue;
		}
		if (best >= 0)
			close(best);
		best = group;
		oldest = e->d_ino;
	}
	if (d)
		closedir(d);
	if (groups >= 0)
		close(groups);
	return best;
}

bool tree_visible(int tgt, const char *name)
{
	int group = matching_group(tgt, name);
	bool visible = has_lun(group >= 0 ? group : tgt);

	if (group >= 0)
		close(group);
	return visible;
}

bool tree_shown(int tgt, const struct tree_asker *who)
{
	char name[ISCSI_STORED_NAME_MAX + 1];

	return tree_target_enabled(tgt) && tree_portal_allowed(tgt, who->local_ip) &&
	       !tree_session_name(tgt, who, name) && tree_visible(tgt, name);
}

static void read_attrs(int tgt, struct iscsi_tgt_attrs *attrs)
{
	char text[64];
	size_t i;

	iscsi_tgt_attrs_init(attrs);
	for (i = 0; i < ISCSI_KEY_ATTR_MAX; i++)
		if (!tree_read_line(tgt, iscsi_key_table[i].name, text, sizeof(text)))
			iscsi_key_parse_value(&iscsi_key_table[i], text, &attrs->value[i]);
}

/* Address of "ADDR[:PORT]" without brackets and port. */
static void redirect_host(const char *portal, char *host, size_t size)
{
	const char *start = portal[0] == '[' ? portal + 1 : portal;
	size_t len = strcspn(start, portal[0] == '[' ? "]" : ":");

	snprintf(host, size, "%.*s", (int)len, start);
}

/* "ADDR[:PORT] temp|perm"; a redirect to the portal in use would send the initiator in circles. */
static enum iscsi_login_status read_redirect(int tgt, const char *local_ip, char *redirect)
{
	union addr here, there;
	char text[512];
	char host[ADDR_TEXT_MAX];
	char *how;

	if (tree_read_line(tgt, "redirect", text, sizeof(text)) || !text[0])
		return ISCSI_LOGIN_SUCCESS;
	how = strchr(text, ' ');
	if (!how)
		return ISCSI_LOGIN_SUCCESS;
	*how++ = '\0';
	redirect_host(text, host, sizeof(host));
	if (addr_parse(host, 0, &there) ||
	    (!addr_parse(local_ip, 0, &here) && addr_same_host(&here, &there)))
		return ISCSI_LOGIN_SUCCESS;
	snprintf(redirect, ISCSI_STORED_NAME_MAX + 1, "%.*s", ISCSI_STORED_NAME_MAX, text);
	return strcmp(how, "perm") ? ISCSI_LOGIN_MOVED_TEMP : ISCSI_LOGIN_MOVED_PERM;
}

static enum iscsi_login_status refuse(struct iscsi_login_target *t, enum iscsi_login_status status,
				      const char *reason)
{
	t->reason = reason;
	return status;
}

/* In the order of the status codes; what an initiator may not see looks like what is not there. */
static enum iscsi_login_status check_login(int drv, int tgt, const char *stored, const struct tree_asker *who,
					   char *name, struct iscsi_login_target *t)
{
	if (!tree_driver_enabled(drv))
		return refuse(t, ISCSI_LOGIN_UNAVAILABLE, "driver not enabled");
	if (!tree_target_enabled(tgt))
		return refuse(t, ISCSI_LOGIN_UNAVAILABLE, "target not enabled");
	if (!hosts_within_reach(HOSTS_DEFAULT_DIR))
		return refuse(t, ISCSI_LOGIN_UNAVAILABLE, HOSTS_DENY " or " HOSTS_ALLOW " cannot be read");
	if (!hosts_admit(HOSTS_DEFAULT_DIR, stored, who->peer))
		return refuse(t, ISCSI_LOGIN_NOT_FOUND, "host in initiators.deny");
	if (!tree_portal_allowed(tgt, who->local_ip))
		return refuse(t, ISCSI_LOGIN_NOT_FOUND, "portal not in allowed_portal");
	if (tree_session_name(tgt, who, name))
		return refuse(t, ISCSI_LOGIN_INITIATOR_ERROR, "name and portal too long");
	if (!tree_visible(tgt, name))
		return refuse(t, ISCSI_LOGIN_NOT_FOUND, "no LUN visible to this initiator");
	if (!isns_admits(drv, stored, who->initiator))
		return refuse(t, ISCSI_LOGIN_NOT_FOUND, "not admitted by the iSNS server");
	return read_redirect(tgt, who->local_ip, t->redirect);
}

void tree_login(int drv, const char *target, const struct tree_asker *who, char *found, char *name,
		struct iscsi_login_target *t)
{
	int tgt;

	memset(t, 0, sizeof(*t));
	if (drv < 0) {
		t->status = refuse(t, ISCSI_LOGIN_UNAVAILABLE, "iscsi-scst.ko is not loaded");
		return;
	}
	tgt = tree_find_target(drv, target, found);
	if (tgt < 0) {
		t->status = refuse(t, ISCSI_LOGIN_NOT_FOUND, "no such target");
		return;
	}
	t->status = check_login(drv, tgt, found, who, name, t);
	read_attrs(tgt, &t->attrs);
	tree_read_line(tgt, "alias", t->alias, sizeof(t->alias));
	close(tgt);
}
