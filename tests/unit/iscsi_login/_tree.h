/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fake /sys/kernel/scst_tgt in a temporary directory.
 */
#ifndef TEST_TREE_H
#define TEST_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_root[64];

/* Directories on the way are made as needed. */
static inline void fake_file(const char *path, const char *content)
{
	char full[4096];
	char *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", fake_root, path);
	for (slash = full + strlen(fake_root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	if (full[strlen(full) - 1] == '/')
		return;
	f = fopen(full, "w");
	if (!f)
		abort();
	fputs(content, f);
	fclose(f);
}

static inline void fake_remove(const char *path)
{
	char full[4096];

	snprintf(full, sizeof(full), "%s/%s", fake_root, path);
	if (remove(full))
		abort();
}

static inline void fake_target(const char *name)
{
	char path[1024];

#define FAKE(sub, content) do {								\
		snprintf(path, sizeof(path), "targets/iscsi/%s/" sub, name);		\
		fake_file(path, content);						\
	} while (0)
	FAKE("enabled", "1\n");
	FAKE("per_portal_acl", "0\n\n");
	FAKE("alias", "\n");
	FAKE("redirect", "\n");
	FAKE("luns/mgmt", "Usage:\n");
	FAKE("ini_groups/mgmt", "Usage:\n");
	FAKE("InitialR2T", "No\n");
#undef FAKE
}

static inline void fake_driver(void)
{
	snprintf(fake_root, sizeof(fake_root), "/tmp/scst-fake-XXXXXX");
	if (!mkdtemp(fake_root))
		abort();
	fake_file("targets/iscsi/enabled", "1\n\n");
	fake_file("targets/iscsi/link_local", "1\n\n");
	fake_file("targets/iscsi/mgmt", "Usage:\n");
}

static inline int fake_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void fake_free(void)
{
	nftw(fake_root, fake_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif /* TEST_TREE_H */
