// SPDX-License-Identifier: GPL-2.0
/*
 * The file of admitted initiators. A word and a name per line: "server HOST", "target NAME", "initiator NAME" of the target
 * above it. It is replaced as a whole by rename, so a reader sees one list or the next; it outlives both processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
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

/* Where @target stands among the sorted names, or has to. */
static int place_of(const struct isns_admitted *a, const char *target)
{
	int low = 0, high = a->count;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (strcasecmp(a->targets[middle], target) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool stands_at(const struct isns_admitted *a, int at, const char *target)
{
	return at < a->count && !strcasecmp(a->targets[at], target);
}

/* The list comes in the order of names, so that hardly anything moves. */
static int admit(struct isns_admitted *a, const char *target)
{
	int at = place_of(a, target);
	char **grown, *copy;

	if (stands_at(a, at, target))
		return 0;
	grown = realloc(a->targets, (a->count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	a->targets = grown;
	copy = strdup(target);
	if (!copy)
		return -ENOMEM;
	memmove(grown + at + 1, grown + at, (a->count - at) * sizeof(*grown));
	grown[at] = copy;
	a->count++;
	return 0;
}

/* With @target only that one counts. */
static int read_list(struct isns_admitted *a, FILE *f, const char *host, const char *target, const char *initiator)
{
	char line[LINE_BYTES], of[LINE_BYTES] = "";
	bool right_server = false;
	char *name;
	int ret = 0;

	while (!ret && fgets(line, sizeof(line), f)) {
		name = cut(line);
		if (!name)
			continue;
		if (!strcmp(line, "server"))
			right_server = !strcmp(name, host);
		else if (!strcmp(line, "target"))
			strcpy(of, !target || !strcasecmp(name, target) ? name : "");
		else if (right_server && of[0] && !strcasecmp(name, initiator))
			ret = admit(a, of);
	}
	return ret;
}

static void read_admitted(int drv, const char *target, const char *initiator, struct isns_admitted *a)
{
	char host[ISNS_HOST_BYTES], path[4096];
	FILE *f;

	*a = (struct isns_admitted){ .everywhere = isns_configured(drv, host) != 2 };
	if (a->everywhere)
		return;
	f = fopen(in_dir("isns", path), "re");
	if (!f)
		return;
	if (read_list(a, f, host, target, initiator))
		isns_admitted_free(a);	/* half a list is none */
	fclose(f);
}

void isns_admitted_read(int drv, const char *initiator, struct isns_admitted *a)
{
	read_admitted(drv, NULL, initiator, a);
}

bool isns_admitted_to(const struct isns_admitted *a, const char *target)
{
	return a->everywhere || stands_at(a, place_of(a, target), target);
}

void isns_admitted_free(struct isns_admitted *a)
{
	while (a->count > 0)
		free(a->targets[--a->count]);
	free(a->targets);
	a->targets = NULL;
}

bool isns_admits(int drv, const char *target, const char *initiator)
{
	struct isns_admitted a;
	bool found;

	read_admitted(drv, target, initiator, &a);
	found = isns_admitted_to(&a, target);
	isns_admitted_free(&a);
	return found;
}

static void put(struct access_list *l, const char *word, const char *name)
{
	if (fprintf(l->f, "%s %s\n", word, name) < 0 && !l->err)
		l->err = -errno;
}

int access_list_begin(struct access_list *l, const char *host)
{
	char path[4096];

	l->err = 0;
	unlink(in_dir("isns.new", path));	/* a process that was killed may have left it, as another user */
	l->f = fopen(path, "we");
	if (!l->f)
		return -errno;
	put(l, "server", host);
	return 0;
}

void access_list_target(struct access_list *l, const char *target)
{
	put(l, "target", target);
}

void access_list_initiator(struct access_list *l, const char *initiator)
{
	put(l, "initiator", initiator);
}

int access_list_end(struct access_list *l, bool keep)
{
	char from[4096], to[4096];
	int ret = l->err;

	if (fclose(l->f) && !ret)
		ret = -errno;
	in_dir("isns.new", from);
	if (!ret && keep) {
		if (!rename(from, in_dir("isns", to)))
			return 0;
		ret = -errno;
	}
	unlink(from);
	return ret;
}
