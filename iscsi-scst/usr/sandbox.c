// SPDX-License-Identifier: GPL-2.0
/*
 * Capabilities, resource limits and the system call filter.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox.h"

#define CHILD_FILES	64
#define CHILD_MEMORY	(128UL << 20)

const char *sandbox_daemon(uid_t uid, gid_t gid)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "no_new_privs";
	if (geteuid())
		return NULL;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN))
		return "choosing capabilities";
	if (uid || gid) {
		if (capng_change_id((int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING))
			return "changing user and group";
		return NULL;
	}
	return capng_apply(CAPNG_SELECT_BOTH) ? "dropping capabilities" : NULL;
}

static const char *limit_resources(void)
{
	static const struct {
		int which;
		rlim_t value;
	} limit[] = {
		{ RLIMIT_CORE, 0 },
		{ RLIMIT_FSIZE, 0 },
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

/* Socket and file I/O on what exists, reading the tree, netlink, memory, leaving. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(shutdown), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(bind), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(lseek), SCMP_SYS(fcntl),
	SCMP_SYS(getdents64), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(alarm), SCMP_SYS(setitimer), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(clock_gettime),
	SCMP_SYS(time), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Files only for reading, memory never executable, new sockets only netlink. */
static int allow_with_conditions(scmp_filter_ctx ctx)
{
	int ret = 0;

	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0));
	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0));
	ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, AF_NETLINK));
	/* libc probes for other address families and for the name service; it takes no for an answer. */
	ret |= seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_NE, AF_NETLINK));
	return ret;
}

const char *sandbox_child(void)
{
	const char *why = limit_resources();
	scmp_filter_ctx ctx;
	size_t i;
	int ret = 0;

	if (why)
		return why;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return "forbidding dumps";
	ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!ctx)
		return "making the system call filter";
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ret |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	ret |= allow_with_conditions(ctx);
	ret = ret ? ret : seccomp_load(ctx);
	seccomp_release(ctx);
	return ret ? "loading the system call filter" : NULL;
}
