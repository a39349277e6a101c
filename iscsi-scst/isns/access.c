// SPDX-License-Identifier: GPL-2.0
/*
 * The file of admitted initiators. A word and a name per line: "server HOST", "target NAME", "initiator NAME" of the target
 * above it. It is replaced as a whole by rename, so a reader sees one list or the next; it outlives both processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "access.h"
#include "tree.h"

#define LINE_BYTES	512

static const char *dir = ISNS_DEFAULT_DIR;

void isns_set_dir(const char *path)
{
	dir = path;
}

const char *isns_dir(void)
{
	return dir;
}

static const char *in_dir(const char *name, char path[4096])
{
	snprintf(path, 4096, "%.3900s/%s", dir, name);
	return path;
}

int isns_configured(int drv, char *host)
{
	char line[LINE_BYTES];
	char *blank;
	int ret = tree_read_line(drv, "iSNSServer", line, sizeof(line));

	host[0] = '\0';
	if (ret)
		return ret == -ENOENT || ret == -ENODEV ? 0 : 2;
	blank = strchr(line, ' ');
	if (blank)
		*blank++ = '\0';
	snprintf(host, ISNS_HOST_BYTES, "%.*s", ISNS_HOST_BYTES - 1, line);
	if (!host[0])
		return 0;
	return blank && *blank ? 2 : 1;
}

/* Cuts "WORD NAME\n"; the name, or NULL. */
static char *cut(char *line)
{
	char *name = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (name)
		*name++ = '\0';
	return name;
}

static bool listed(FILE *f, const char *host, const char *target, const char *initiator)
{
	char line[LINE_BYTES];
	bool right_server = false, right_target = false;
	char *name;

	while (fgets(line, sizeof(line), f)) {
		name = cut(line);
		if (!name)
			continue;
		if (!strcmp(line, "server"))
			right_server = !strcmp(name, host);
		else if (!strcmp(line, "target"))
			right_target = !strcasecmp(name, target);
		else if (right_server && right_target && !strcasecmp(name, initiator))
			return true;
	}
	return false;
}

bool isns_admits(int drv, const char *target, const char *initiator)
{
	char host[ISNS_HOST_BYTES], path[4096];
	bool found;
	FILE *f;

	if (isns_configured(drv, host) != 2)
		return true;
	f = fopen(in_dir("isns", path), "re");
	if (!f)
		return false;
	found = listed(f, host, target, initiator);
	fclose(f);
	return found;
}

int access_list_begin(struct access_list *l, const char *host)
{
	char path[4096];

	l->f = fopen(in_dir("isns.new", path), "we");
	if (!l->f)
		return -errno;
	fprintf(l->f, "server %s\n", host);
	return 0;
}

void access_list_target(struct access_list *l, const char *target)
{
	fprintf(l->f, "target %s\n", target);
}

void access_list_initiator(struct access_list *l, const char *initiator)
{
	fprintf(l->f, "initiator %s\n", initiator);
}

int access_list_end(struct access_list *l, bool keep)
{
	char from[4096], to[4096];
	bool bad = ferror(l->f);

	bad |= fclose(l->f) != 0;
	in_dir("isns.new", from);
	if (!bad && keep)
		return rename(from, in_dir("isns", to)) ? -errno : 0;
	unlink(from);
	return bad ? -EIO : 0;
}
