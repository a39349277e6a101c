/* SPDX-License-Identifier: GPL-2.0 */
/* A directory that looks like the sysfs tree, and a stand-in for the kernel behind it. */
#ifndef FAKE_H
#define FAKE_H

#include "../../../scstadmin/adm.h"

/**
 * struct fake - one fake machine
 * @dir: its tree, removed by fake_free()
 * @log: every write, "path <- text" per line
 * @fail: a write whose "path <- text" contains this is refused with @fail_errno
 * @unreadable: reading what ends so fails with @unreadable_errno, EIO when that is 0
 * @lock: the file that runs on whole configurations lock, waiting for a second; NULL: none
 * @plain: writes go to plain files as the tool itself does it, nothing is acted on
 * @next_cm: next LUN of the copy manager
 * @make_ids: devices get a t10_dev_id by themselves
 * @out: what the last run printed on stdout, @err: on stderr
 */
struct fake {
	char dir[64];
	char log[16384];
	const char *fail, *unreadable, *lock;
	int fail_errno, unreadable_errno;
	bool plain;
	unsigned int next_cm;
	bool make_ids;
	char *out, *err;
	size_t out_len, err_len;
};

struct fake *fake_new(void);
void fake_free(struct fake *f);

/* Runs the tool; words are parted by blanks, \x1f stands for a blank inside a word. */
int fake_run(struct fake *f, const char *words);
int fake_run_in(struct fake *f, const char *words, const char *input);

/* The writes so far; forgets them. */
const char *fake_log(struct fake *f);

void fake_file(struct fake *f, const char *path, const char *text, int mode);
void fake_dir(struct fake *f, const char *path);
void fake_link(struct fake *f, const char *path, const char *to);
const char *fake_read(struct fake *f, const char *path);
bool fake_has(struct fake *f, const char *path);

/* A file outside the tree, removed with it; returns its path. */
const char *fake_conf(struct fake *f, const char *text);
const char *fake_slurp(const char *path);

#endif
