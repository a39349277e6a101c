// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities, resource limits and the system call filter.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"

#define CHILD_FILES	64
#define CHILD_MEMORY	(128UL << 20)
#define ISNS_FILE_BYTES	(64UL << 20)

const char *sandbox_daemon(uid_t uid, gid_t gid)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "no_new_privs";
	if (geteuid())
		return NULL;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN))
		return "choosing capabilities";
	/* Accounts are root's to read, and new ones will be, too. */
	if (uid && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_READ_SEARCH))
		return "choosing capabilities";
	if (uid || gid) {
		if (capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
			return "changing user and group";
		return NULL;
	}
	return capng_apply(CAPNG_SELECT_BOTH) ? "dropping capabilities" : NULL;
}

/* A later mapping can neither be writable nor be made so, and the writable one is not inherited. */
static int map_flag(int fd, struct shared_flag *flag)
{
	size_t size = sizeof(*flag->ours);
	void *page;

	if (ftruncate(fd, (off_t)size))
		return -errno;
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	flag->ours = page;
	if (madvise(page, size, MADV_DONTFORK) || fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE))
		return -errno;
	page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	flag->theirs = page;
	return 0;
}

int sandbox_flag(struct shared_flag *flag)
{
	int fd = memfd_create("flag", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int ret;

	if (fd < 0)
		return -errno;
	ret = map_flag(fd, flag);
	close(fd);
	return ret;
}

/* @file_bytes: the longest file it may write. */
static const char *limit_resources(rlim_t file_bytes)
{
	const struct {
		int which;
		rlim_t value;
	} limit[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, file_bytes },
		{ RLIMIT_NPROC, 0 },
		{ RLIMIT_NOFILE, CHILD_FILES },
#ifndef __SANITIZE_ADDRESS__
		{ RLIMIT_AS, CHILD_MEMORY },
#endif
	};
	size_t i;

	for (i = 0; i < sizeof(limit) / sizeof(limit[0]); i++) {
		struct rlimit r = { limit[i].value, limit[i].value };

		if (setrlimit(limit[i].which, &r))
			return "limiting resources";
	}
	return NULL;
}

/* I/O on the sockets there are, reading the tree, memory, leaving. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(shutdown), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(fcntl),
	SCMP_SYS(getdents64), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(alarm), SCMP_SYS(setitimer), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(clock_gettime),
	SCMP_SYS(time), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Memory is never executable. */
static int allow_with_conditions(scmp_filter_ctx ctx)
{
	int ret = 0;

	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0));
	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0));
	return ret;
}

/* The filter, to which @further adds what is peculiar to one process; anything else ends as @otherwise says. */
static const char *filter_calls(uint32_t otherwise, int (*further)(scmp_filter_ctx ctx))
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	size_t i;
	int ret = 0;

	if (!ctx)
		return "making the system call filter";
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	ret |= allow_with_conditions(ctx);
	ret |= further(ctx);
	ret = ret ? ret : seccomp_load(ctx);
	seccomp_release(ctx);
	return ret ? "loading the system call filter" : NULL;
}

#define CHANGES_FILES (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define READS_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* Lets @set have @access to the file or folder @fd and all below it. */
static int grant(int set, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = access, .parent_fd = fd };
	struct stat st;

	if (!fstat(fd, &st) && !S_ISDIR(st.st_mode))
		beneath.allowed_access &= ~(uint64_t)LANDLOCK_ACCESS_FS_READ_DIR;
	return (int)syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

/* A kernel without Landlock does not have this. What is not there, or not to be opened, is not granted. */
static const char *read_only(const char *const *paths)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = READS_FILES | CHANGES_FILES | LANDLOCK_ACCESS_FS_EXECUTE };
	int set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	int ret = 0;

	if (set < 0)
		return NULL;
	for (; *paths && !ret; paths++) {
		int fd = open(*paths, O_PATH | O_CLOEXEC);

		if (fd < 0)
			continue;
		ret = grant(set, fd, READS_FILES);
		close(fd);
	}
	ret = ret ? ret : (int)syscall(SYS_landlock_restrict_self, set, 0);
	close(set);
	return ret ? "restricting itself to its files" : NULL;
}

/*
 * Files only for reading, no new socket: with CAP_NET_ADMIN a netlink socket of another family would rule the network.
 * libc takes that no for an answer. Options of the sockets there are reach as far: packet filters are set by one of IP's, so
 * only the one is left that pdu_close() sets.
 */
static int further_child(scmp_filter_ctx ctx)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 0) |
	       seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
				SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET), SCMP_A2(SCMP_CMP_EQ, SO_RCVTIMEO)) |
	       seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
}

const char *sandbox_child(const char *const *readable)
{
	const char *why = limit_resources(0);

	if (why)
		return why;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "forbidding dumps and new rights";
	why = read_only(readable);
	return why ? why : filter_calls(SCMP_ACT_KILL_PROCESS, further_child);
}

/* --- the iSNS process --- */

/* Connections, names resolved by libc, one file replaced. It has no capabilities that a socket could make use of. */
static int further_isns(scmp_filter_ctx ctx)
{
	static const int call[] = {
		SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept4),
		SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(sendmmsg), SCMP_SYS(ioctl), SCMP_SYS(uname),
		SCMP_SYS(openat), SCMP_SYS(rename), SCMP_SYS(unlink), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	};
	size_t i;
	int ret = 0;

	for (i = 0; i < sizeof(call) / sizeof(call[0]); i++)
		ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call[i], 0);
	return ret;
}

/* Of root's files only those in @dir can be written. A kernel without Landlock does not have this. */
static const char *write_only_in(const char *dir)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = CHANGES_FILES | LANDLOCK_ACCESS_FS_EXECUTE };
	int set = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	int fd, ret;

	if (set < 0)
		return NULL;
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		close(set);
		return "opening its folder";
	}
	ret = grant(set, fd, CHANGES_FILES);
	ret = ret ? ret : (int)syscall(SYS_landlock_restrict_self, set, 0);
	close(fd);
	close(set);
	return ret ? "restricting itself to its folder" : NULL;
}

const char *sandbox_isns(const char *dir)
{
	const char *why = limit_resources(ISNS_FILE_BYTES);

	if (why)
		return why;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "forbidding dumps and new rights";
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return "dropping capabilities";
	why = write_only_in(dir);
	/* What a resolver's plug-in tries beyond this is refused, not deadly. */
	return why ? why : filter_calls(SCMP_ACT_ERRNO(EPERM), further_isns);
}
