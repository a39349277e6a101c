/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gives away every right the daemon and its children do not need.
 */
#ifndef SCSTD_SANDBOX_H
#define SCSTD_SANDBOX_H

#include <signal.h>
#include <sys/types.h>

/**
 * sandbox_daemon - keep only CAP_NET_ADMIN, as another user CAP_DAC_READ_SEARCH too, after the sockets are bound
 * @uid: user to become
 * @gid: group to become
 *
 * Without root there is nothing to give away.
 *
 * Return: NULL, or what failed.
 */
const char *sandbox_daemon(uid_t uid, gid_t gid);

/**
 * struct shared_flag - what the daemon tells its children while they run
 * @ours: of the daemon alone
 * @theirs: the same, which nobody can write
 */
struct shared_flag {
	volatile sig_atomic_t *ours;
	const volatile sig_atomic_t *theirs;
};

/**
 * sandbox_flag - make a flag, before children are forked
 * @flag: receives both views
 *
 * Return: 0 or negative errno.
 */
int sandbox_flag(struct shared_flag *flag);

/**
 * sandbox_child - system calls, resources and files of a process that talks to an unknown peer
 * @readable: the files and folders it can still open, as far as they are there; ends with NULL
 *
 * A file of these that is replaced cannot be opened any more, in a folder of these it can.
 *
 * Return: NULL, or what failed.
 */
const char *sandbox_child(const char *const *readable);

/**
 * sandbox_isns - system calls, resources and rights of the process that talks to an iSNS server
 * @dir: the only folder it may write to
 *
 * Return: NULL, or what failed.
 */
const char *sandbox_isns(const char *dir);

#endif /* SCSTD_SANDBOX_H */
