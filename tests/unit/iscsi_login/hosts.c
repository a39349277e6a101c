// SPDX-License-Identifier: GPL-2.0
/*
 * initiators.deny and initiators.allow: who is let in by which lines.
 *
 * links: iscsi-scst/usr/hosts.c iscsi-scst/usr/addr.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../iscsi-scst/usr/hosts.h"

#define T1 "iqn.2024-01.example:t1"

static char dir[32];

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	rmdir(path);
	if (!text)
		return;
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool admits(const char *deny, const char *allow, const char *peer)
{
	union addr a;

	write_file("initiators.deny", deny);
	write_file("initiators.allow", allow);
	assert_int_equal(addr_parse(peer, 3260, &a), 0);
	return hosts_admit(dir, T1, &a);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/scstd-hosts-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	write_file("initiators.deny", NULL);
	write_file("initiators.allow", NULL);
	return rmdir(dir);
}

static void test_no_files(void **state)
{
	assert_true(admits(NULL, NULL, "10.0.0.1"));
	assert_true(admits("", "", "10.0.0.1"));
	assert_true(admits(NULL, T1 " 10.0.0.2\n", "10.0.0.1"));	/* to be allowed is only of use to the denied */
}

static void test_deny_then_allow(void **state)
{
	const char *allow = T1 " 10.0.0.1, 192.168.4.0/22 ,[fd00::]/16\n";

	assert_true(admits(T1 " ALL\n", allow, "10.0.0.1"));
	assert_true(admits("all all\n", allow, "192.168.7.255"));
	assert_true(admits(T1 " ALL\n", allow, "fd00:1::1"));
	assert_false(admits(T1 " ALL\n", allow, "10.0.0.2"));
	assert_false(admits(T1 " ALL\n", allow, "192.168.8.0"));
	assert_false(admits(T1 " ALL\n", allow, "fd01::1"));
	assert_false(admits(T1 " 10.0.0.0/8\n", NULL, "10.9.9.9"));
	assert_true(admits(T1 " 10.0.0.0/8\n", NULL, "11.0.0.0"));
}

static void test_lines(void **state)
{
	/* the first line for the target, or for ALL, is the one that counts */
	assert_true(admits("iqn.other ALL\n" T1 " 10.0.0.2\nALL ALL\n", NULL, "10.0.0.1"));
	assert_false(admits("iqn.other 10.0.0.1\nALL ALL\n" T1 " 10.0.0.2\n", NULL, "10.0.0.1"));
	assert_true(admits("# " T1 " ALL\n\n   \n", NULL, "10.0.0.1"));
	assert_true(admits(T1 " 10.0.0.2 # 10.0.0.1\n", NULL, "10.0.0.1"));
	assert_true(admits(T1 "0 ALL\n", NULL, "10.0.0.1"));
	assert_false(admits("\t IQN.2024-01.EXAMPLE:T1\tALL\r\n", NULL, "10.0.0.1"));
	assert_false(admits(T1 " ALL", NULL, "10.0.0.1"));		/* no newline at the end */
	assert_true(admits(T1 "\n", NULL, "10.0.0.1"));
}

static void test_masks(void **state)
{
	assert_false(admits(T1 " 1.2.3.4/0\n", NULL, "10.0.0.1"));
	assert_false(admits(T1 " 10.0.0.1/32\n", NULL, "10.0.0.1"));
	assert_true(admits(T1 " 10.0.0.1/32\n", NULL, "10.0.0.0"));
	assert_false(admits(T1 " 10.0.0.1/31\n", NULL, "10.0.0.0"));
	assert_false(admits(T1 " fd00::1/128\n", NULL, "fd00::1"));
	assert_true(admits(T1 " fd00::1/128\n", NULL, "fd00::"));
	assert_false(admits(T1 " ::/0\n", NULL, "fd00::"));
	/* families are never mixed, but a mapped address is the IPv4 host that it is */
	assert_true(admits(T1 " ::/0\n", NULL, "10.0.0.1"));
	assert_true(admits(T1 " 0.0.0.0/0\n", NULL, "fd00::"));
	assert_false(admits(T1 " 10.0.0.1\n", NULL, "::ffff:10.0.0.1"));
	assert_false(admits(T1 " ::ffff:10.0.0.1\n", NULL, "10.0.0.1"));
}

static void test_what_is_unclear_opens_no_door(void **state)
{
	static const char *const bad[] = {
		"10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129", "[fd00::", "example.org", "/8",
	};
	char line[100];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), T1 " %s\n", bad[i]);
		assert_false(admits(line, NULL, "10.0.0.1"));
		assert_false(admits("ALL ALL\n", line, "10.0.0.1"));
		snprintf(line, sizeof(line), T1 " %s,10.0.0.1\n", bad[i]);
		assert_true(admits("ALL ALL\n", line, "10.0.0.1"));
	}
}

static void test_a_file_that_cannot_be_read(void **state)
{
	char path[128];
	union addr a;

	assert_true(admits(NULL, T1 " 10.0.0.1\n", "10.0.0.1"));
	snprintf(path, sizeof(path), "%s/initiators.deny", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(addr_parse("10.0.0.2", 0, &a), 0);
	assert_false(hosts_admit(dir, T1, &a));
	assert_int_equal(addr_parse("10.0.0.1", 0, &a), 0);
	assert_true(hosts_admit(dir, T1, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_no_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deny_then_allow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_masks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_unclear_opens_no_door, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_cannot_be_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
