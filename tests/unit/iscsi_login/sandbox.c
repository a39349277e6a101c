// SPDX-License-Identifier: GPL-2.0
/*
 * What a login child cannot do once its sandbox is closed, and what it cannot make the daemon believe.
 *
 * links: iscsi-scst/usr/sandbox.c iscsi-scst/usr/report.c iscsi-scst/usr/hosts.c iscsi-scst/usr/addr.c
 * libs: -lseccomp -lcap-ng
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "../../../iscsi-scst/usr/hosts.h"
#include "report.h"
#include "sandbox.h"

#define IPT_SO_SET_REPLACE	64	/* linux/netfilter_ipv4/ip_tables.h */

static const char *const nothing[] = { NULL };
static struct shared_flag flag;
static int ends[2];

/* Exit code, or minus the signal, of @job in a child of its own; @pid receives the child. */
static int child_of(int (*job)(void), pid_t *pid)
{
	int status;

	*pid = fork();
	assert_true(*pid >= 0);
	if (!*pid)
		_exit(job());
	assert_int_equal(waitpid(*pid, &status, 0), *pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int in_child(int (*job)(void))
{
	pid_t pid;

	return child_of(job, &pid);
}

static int new_sockets(void)
{
	static const int family[] = { AF_NETLINK, AF_INET, AF_INET6, AF_UNIX, AF_PACKET };
	size_t i;

	if (sandbox_child(nothing))
		return 100;
	for (i = 0; i < sizeof(family) / sizeof(family[0]); i++)
		if (socket(family[i], SOCK_RAW, NETLINK_ROUTE) != -1 || errno != EAFNOSUPPORT)
			return 1 + (int)i;
	return 0;
}

static void test_no_new_socket(void **state)
{
	assert_int_equal(in_child(new_sockets), 0);
}

static int write_files(void)
{
	return sandbox_child(nothing) ? 100 : open("/tmp/scst-never", O_WRONLY | O_CREAT, 0600);
}

static int run_others(void)
{
	return sandbox_child(nothing) ? 100 : execl("/bin/true", "true", NULL);
}

static void test_killed(void **state)
{
	assert_int_equal(in_child(write_files), -SIGSYS);
	assert_int_equal(in_child(run_others), -SIGSYS);
}

/* With CAP_NET_ADMIN packet filters are set by an option of any IP socket. */
static int filter_packets(void)
{
	char replace[256] = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return sandbox_child(nothing) ? 100 : setsockopt(fd, SOL_IP, IPT_SO_SET_REPLACE, replace, sizeof(replace));
}

static int mark_packets(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), mark = 1;

	return sandbox_child(nothing) ? 100 : setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
}

static int read_filters(void)
{
	char info[84] = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(info);

	return sandbox_child(nothing) ? 100 : getsockopt(fd, SOL_IP, IPT_SO_SET_REPLACE, info, &len);
}

static int limit_wait(void)
{
	struct timeval wait = { .tv_usec = 1 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return sandbox_child(nothing) ? 100 : setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
}

static void test_socket_options(void **state)
{
	assert_int_equal(in_child(filter_packets), -SIGSYS);
	assert_int_equal(in_child(mark_packets), -SIGSYS);
	assert_int_equal(in_child(read_filters), -SIGSYS);
	assert_int_equal(in_child(limit_wait), 0);
}

static char folder[32], folder_too[40];

/* Whether @name in the folder can be read, or why not. */
static int try_read(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void put_file(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* The number of what it could open and should not, or could not and should. */
static int read_files(void)
{
	char tree[64], list[64], none[64];
	char deny[64];
	const char *const readable[] = { tree, none, list, deny, NULL };

	snprintf(tree, sizeof(tree), "%s/tree", folder);
	snprintf(list, sizeof(list), "%s/list", folder);
	snprintf(none, sizeof(none), "%s/none", folder);
	snprintf(deny, sizeof(deny), "%s/%s", folder, HOSTS_DENY);
	if (sandbox_child(readable))
		return 100;
	if (try_read("tree") || try_read("tree/attr"))
		return 1;
	if (try_read("list"))
		return 2;
	if (try_read("none") != ENOENT)
		return 3;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 4;
	if (try_read("secret") != EACCES || try_read("") != EACCES)
		return 5;
	/* A list of hosts that has come since is as far away as this one. */
	return hosts_within_reach(folder) && !hosts_within_reach(folder_too) ? 0 : 6;
}

static void test_files(void **state)
{
	static const char *const made[] = {
		"tree/attr", "tree", "list", "secret", HOSTS_DENY, "too/" HOSTS_ALLOW, "too", ""
	};
	char path[64];
	size_t i;
	int ret;

	strcpy(folder, "/tmp/scst-read-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/tree", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file("tree/attr");
	put_file("list");
	put_file("secret");
	put_file(HOSTS_DENY);
	snprintf(folder_too, sizeof(folder_too), "%s/too", folder);
	assert_int_equal(mkdir(folder_too, 0700), 0);
	put_file("too/" HOSTS_ALLOW);
	ret = in_child(read_files);
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, made[i]);
		remove(path);
	}
	if (ret == 4 && syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 0) {
		print_message("the kernel has no Landlock\n");
		skip();
	}
	assert_int_equal(ret, 0);
}

static bool can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The number of what the iSNS process could do and should not, or could not and should. */
static int isns_process(void)
{
	char path[64];

	if (sandbox_isns(folder))
		return 100;
	snprintf(path, sizeof(path), "%s/list", folder);
	if (!can_write(path))
		return 1;
	if (can_write("/tmp/scst-never"))
		return 2;
	if (socket(AF_INET, SOCK_STREAM, 0) < 0)
		return 3;
	execl("/bin/true", "true", NULL);
	if (!setgid(1) || !setuid(1))
		return 4;
	return 0;
}

static void test_isns_process(void **state)
{
	char path[64];
	int ret;

	strcpy(folder, "/tmp/scst-isns-XXXXXX");
	assert_non_null(mkdtemp(folder));
	ret = in_child(isns_process);
	snprintf(path, sizeof(path), "%s/list", folder);
	unlink(path);
	rmdir(folder);
	if (ret == 2 && !unlink("/tmp/scst-never")) {
		print_message("the kernel has no Landlock\n");
		skip();
	}
	assert_int_equal(ret, 0);
}

static int protect_flag(void)
{
	if (*flag.theirs != 1)
		return 1;
	if (sandbox_child(nothing))
		return 100;
	if (!mprotect((void *)flag.theirs, sizeof(*flag.theirs), PROT_READ | PROT_WRITE))
		return 2;
	return errno == EACCES ? 0 : 3;
}

static int write_flag(void)
{
	signal(SIGSEGV, SIG_DFL);
	*flag.ours = 0;		/* not even mapped here */
	return 0;
}

static void test_flag_is_read_only(void **state)
{
	assert_int_equal(sandbox_flag(&flag), 0);
	*flag.ours = 1;
	assert_int_equal(in_child(protect_flag), 0);
	assert_int_equal(in_child(write_flag), -SIGSEGV);
	assert_int_equal(*flag.ours, 1);
}

static int send_reports(void)
{
	struct report r = { .kind = REPORT_LOG, .priority = LOG_EMERG, .text = "a\nb" };

	report_send(ends[1], &r);
	r.kind = 77;
	report_send(ends[1], &r);
	send(ends[1], &r, 10, 0);
	r.kind = REPORT_DISCOVERY;
	r.priority = LOG_INFO;
	memset(r.text, 'x', sizeof(r.text));
	report_send(ends[1], &r);
	return 0;
}

static void test_reports(void **state)
{
	struct report r;
	pid_t child, from;

	assert_int_equal(report_open(ends), 0);
	assert_int_equal(child_of(send_reports, &child), 0);
	assert_int_equal(report_receive(ends[0], &r, &from), 0);
	assert_int_equal(from, child);		/* the kernel says so, although it is gone */
	assert_int_equal(r.priority, LOG_NOTICE);
	assert_string_equal(r.text, "a?b");
	assert_int_equal(report_receive(ends[0], &r, &from), -EBADMSG);
	assert_int_equal(report_receive(ends[0], &r, &from), -EBADMSG);
	assert_int_equal(report_receive(ends[0], &r, &from), 0);
	assert_int_equal(r.kind, REPORT_DISCOVERY);
	assert_int_equal(r.priority, LOG_INFO);
	assert_int_equal(strlen(r.text), REPORT_TEXT_MAX - 1);
	assert_int_equal(report_receive(ends[0], &r, &from), -EAGAIN);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_new_socket),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_socket_options),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_isns_process),
		cmocka_unit_test(test_flag_is_read_only),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests_name("iscsi-scstd: sandbox", tests, NULL, NULL);
}
