// SPDX-License-Identifier: GPL-2.0
/*
 * What a login child cannot do once its sandbox is closed, and what it cannot make the daemon believe.
 *
 * links: iscsi-scst/usr/sandbox.c iscsi-scst/usr/report.c
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
#include <linux/netlink.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "report.h"
#include "sandbox.h"

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

	if (sandbox_child())
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
	return sandbox_child() ? 100 : open("/tmp/scst-never", O_WRONLY | O_CREAT, 0600);
}

static int run_others(void)
{
	return sandbox_child() ? 100 : execl("/bin/true", "true", NULL);
}

static void test_killed(void **state)
{
	assert_int_equal(in_child(write_files), -SIGSYS);
	assert_int_equal(in_child(run_others), -SIGSYS);
}

static char folder[32];

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
	if (sandbox_child())
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
		cmocka_unit_test(test_isns_process),
		cmocka_unit_test(test_flag_is_read_only),
		cmocka_unit_test(test_reports),
	};

	return cmocka_run_group_tests_name("iscsi-scstd: sandbox", tests, NULL, NULL);
}
