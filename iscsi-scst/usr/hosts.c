// SPDX-License-Identifier: GPL-2.0
/*
 * Lines "TARGET ADDRESS[/BITS], ADDRESS ..." or "TARGET ALL"; TARGET may be ALL; "#" begins a comment.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "hosts.h"

#define BLANKS		" \t\r\n"
#define SEPARATORS	BLANKS ","

enum verdict { NOT_NAMED, NAMED, UNCLEAR };

/* An IPv4 peer of a socket for both families is the IPv4 host that it is. */
static union addr unmapped(const union addr *a)
{
	union addr v4 = { .v4.sin_family = AF_INET };

	if (a->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		return *a;
	memcpy(&v4.v4.sin_addr, a->v6.sin6_addr.s6_addr + 12, 4);
	return v4;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned int bits)
{
	unsigned int rest = bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return !rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest));
}

static const unsigned char *bytes_of(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 ? a->v6.sin6_addr.s6_addr : (const unsigned char *)&a->v4.sin_addr;
}

/* "ADDRESS" or "ADDRESS/BITS", an IPv6 address with or without brackets. */
static enum verdict match_net(char *text, const union addr *peer)
{
	unsigned long max, bits;
	char *slash = strchr(text, '/'), *end;
	union addr net;

	if (slash)
		*slash++ = '\0';
	if (addr_parse(text, 0, &net))
		return UNCLEAR;
	net = unmapped(&net);
	max = net.sa.sa_family == AF_INET6 ? 128 : 32;
	bits = max;
	if (slash) {
		bits = strtoul(slash, &end, 10);
		if (*slash < '0' || *slash > '9' || *end || bits > max)
			return UNCLEAR;
	}
	if (net.sa.sa_family != peer->sa.sa_family)
		return NOT_NAMED;
	return same_bits(bytes_of(&net), bytes_of(peer), bits) ? NAMED : NOT_NAMED;
}

/* The addresses of one line. One that names the host settles it, whatever else is unclear. */
static enum verdict match_line(char *list, const union addr *peer)
{
	enum verdict found = NOT_NAMED, one;
	char *save = NULL, *word;

	for (word = strtok_r(list, SEPARATORS, &save); word; word = strtok_r(NULL, SEPARATORS, &save)) {
		one = strcasecmp(word, "ALL") ? match_net(word, peer) : NAMED;
		if (one == NAMED)
			return NAMED;
		if (one == UNCLEAR)
			found = UNCLEAR;
	}
	return found;
}

/* The part of a line behind the name, if the line is for this target. */
static char *list_for(char *line, const char *target)
{
	size_t len;

	line += strspn(line, BLANKS);
	line[strcspn(line, "#")] = '\0';
	len = strcspn(line, BLANKS);
	if (!len)
		return NULL;
	if ((len == 3 && !strncasecmp(line, "ALL", 3)) || (len == strlen(target) && !strncasecmp(line, target, len)))
		return line + len;
	return NULL;
}

static enum verdict look_up(const char *dir, const char *name, const char *target, const union addr *peer)
{
	enum verdict found = NOT_NAMED;
	char *path, *line = NULL, *list = NULL;
	size_t size = 0;
	FILE *f;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return UNCLEAR;
	f = fopen(path, "re");
	free(path);
	if (!f)
		return errno == ENOENT ? NOT_NAMED : UNCLEAR;
	while (!list && getline(&line, &size, f) >= 0)
		list = list_for(line, target);
	if (list)
		found = match_line(list, peer);
	else if (ferror(f))
		found = UNCLEAR;
	free(line);
	fclose(f);
	return found;
}

bool hosts_admit(const char *dir, const char *target, const union addr *peer)
{
	union addr host = unmapped(peer);

	return look_up(dir, HOSTS_DENY, target, &host) == NOT_NAMED || look_up(dir, HOSTS_ALLOW, target, &host) == NAMED;
}

static bool within_reach(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != EACCES;
	close(fd);
	return true;
}

bool hosts_within_reach(const char *dir)
{
	return within_reach(dir, HOSTS_DENY) && within_reach(dir, HOSTS_ALLOW);
}
