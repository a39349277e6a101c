// SPDX-License-Identifier: GPL-2.0
/*
 * Reads IncomingUser, IncomingUser1, ... and OutgoingUser. The memory is static: it is known where secrets lie and what to wipe.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "accounts.h"
#include "tree.h"

#define ACCOUNTS_MAX	256	/* as many as the kernel keeps in one directory */
#define LINE_MAX_BYTES	512	/* its longest value and a NUL */

static struct {
	struct iscsi_auth auth;
	struct iscsi_chap_account incoming[ACCOUNTS_MAX];
	struct iscsi_chap_account outgoing;
	char line[ACCOUNTS_MAX + 1][LINE_MAX_BYTES];
	size_t lines;
} all;

void accounts_wipe(void)
{
	explicit_bzero(all.line, all.lines * sizeof(all.line[0]));
	memset(&all.auth, 0, sizeof(all.auth));
	all.lines = 0;
}

/* Cuts "NAME SECRET [INITIATORS]" where the blanks are. */
static void split(char *line, struct iscsi_chap_account *a)
{
	char *rest = line;

	a->name = strsep(&rest, " ");
	a->secret = rest ? strsep(&rest, " ") : "";
	a->initiators = rest ? rest : "";
}

/* 1: read; 0: gone meanwhile; negative errno. */
static int read_account(int dir, const char *name, struct iscsi_chap_account *a)
{
	char *line;
	int ret;

	if (all.lines == ARRAY_SIZE(all.line))
		return -E2BIG;
	line = all.line[all.lines++];
	ret = tree_read_line(dir, name, line, LINE_MAX_BYTES);
	if (ret)
		return ret == -ENOENT || ret == -ENODEV ? 0 : ret;
	split(line, a);
	return *a->secret ? 1 : -EINVAL;
}

static int take(int dir, const char *name)
{
	struct iscsi_auth *auth = &all.auth;
	int ret = 0;

	if (tree_numbered(name, "IncomingUser")) {
		/* Also when it is gone the moment it is read: not to be let in is the smaller harm. */
		auth->required = true;
		if (auth->nr_incoming == ACCOUNTS_MAX)
			return -E2BIG;
		ret = read_account(dir, name, &all.incoming[auth->nr_incoming]);
		auth->nr_incoming += ret > 0;
	} else if (tree_numbered(name, "OutgoingUser")) {
		ret = read_account(dir, name, &all.outgoing);
		if (ret > 0)
			auth->outgoing = &all.outgoing;
	}
	return ret < 0 ? ret : 0;
}

const struct iscsi_auth *accounts_read(int dir)
{
	struct dirent *e;
	DIR *d = tree_list(dir);
	int ret = 0;

	accounts_wipe();
	if (!d)
		return NULL;
	all.auth.incoming = all.incoming;
	while (!ret && (e = readdir(d)))
		ret = take(dir, e->d_name);
	closedir(d);
	if (!ret)
		return &all.auth;
	accounts_wipe();
	errno = -ret;
	return NULL;
}
