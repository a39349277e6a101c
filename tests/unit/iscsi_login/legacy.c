// SPDX-License-Identifier: GPL-2.0
/*
 * The older configuration file: what is read out of it, where errors are, and what reaches the tree.
 *
 * links: iscsi-scst/pure/legacy.c iscsi-scst/pure/keys.c iscsi-scst/usr/legacy_apply.c iscsi-scst/usr/tree.c
 * links: iscsi-scst/isns/access.c iscsi-scst/usr/addr.c iscsi-scst/usr/hosts.c iscsi-scst/usr/log.c scst/pure/match.c
 * libs: -Wl,--wrap=tree_find_target
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "_tree.h"
#include "legacy.h"
#include "legacy_apply.h"
#include "log.h"

#define T1 "iqn.2024-01.example:t1"

/* The fake mgmt makes no targets: this one is not there until it was looked for once. */
static const char *to_come;

int __real_tree_find_target(int drv, const char *name, char *found);
int __wrap_tree_find_target(int drv, const char *name, char *found);

int __wrap_tree_find_target(int drv, const char *name, char *found)
{
	if (to_come && !strcmp(to_come, name)) {
		to_come = NULL;
		return -ENOENT;
	}
	return __real_tree_find_target(drv, name, found);
}

/* All of @text as one line per directive or error. */
static const char *read_all(const char *text)
{
	static char out[4096];
	struct iscsi_legacy_item item;
	struct iscsi_legacy l;
	size_t len = 0;
	int ret;

	out[0] = '\0';
	iscsi_legacy_init(&l, text, strlen(text));
	while ((ret = iscsi_legacy_next(&l, &item)) && len < sizeof(out) - 1) {
		if (ret == 1)
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%u:%u %s%s=%s\n", item.line, item.column,
						item.in_target ? "." : "", item.name, item.value);
		else
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%u:%u !%s\n", item.line, item.column, item.error);
	}
	return out;
}

static void reads(const char *text, const char *want)
{
	assert_string_equal(read_all(text), want);
}

static void test_legacy_reads(void **state)
{
	reads("", "");
	reads("# nothing\n\n;;\n  # nor here", "");
	reads("IncomingUser joe verysecretword\nOutgoingUser=moe othersecretword", "1:1 IncomingUser=joe verysecretword\n"
	      "2:1 OutgoingUser=moe othersecretword\n");
	reads("isnsserver 10.0.0.1:3205; ISNSAccessControl No\r\n", "1:1 iSNSServer=10.0.0.1:3205\n1:27 iSNSAccessControl=No\n");
	reads("Target " T1 "\n\tAlias all of it is ignored\n\tmaxsessions\t4\n\tHeaderDigest CRC32C,None; RspTimeout 0x20\n"
	      "\tIncomingUser joe verysecretword\n\tallowed_portal !10.*\n\tredirect 10.0.0.1 temp\n"
	      "target iqn.b\nimmediatedata=No",
	      "1:1 .Target=" T1 "\n3:2 .MaxSessions=4\n4:2 .HeaderDigest=CRC32C,None\n4:28 .RspTimeout=0x20\n"
	      "5:2 .IncomingUser=joe verysecretword\n6:2 .allowed_portal=!10.*\n7:2 .redirect=10.0.0.1 temp\n"
	      "8:1 .Target=iqn.b\n9:1 .ImmediateData=No\n");
	reads("Target a # no comment behind a directive", "1:10 !a surplus word\n");
}

static void test_legacy_errors(void **state)
{
	char text[700];

	reads("Lun 0 Path=/dev/sda", "1:1 !an unknown directive\n");
	reads("\n  MaxSessions 4", "2:3 !a directive that has to stand behind a Target\n");
	reads("Target a\niSNSServer b", "1:1 .Target=a\n2:1 !a directive that has to stand before the first Target\n");
	reads("Target", "1:7 !a word is missing\n");
	reads("Target ;iSNSServer", "1:8 !a word is missing\n1:9 !a directive that has to stand before the first Target\n");
	reads("IncomingUser joe", "1:17 !a word is missing\n");
	reads("IncomingUser joe short", "1:18 !a secret of less than 12 bytes\n");
	reads("IncomingUser joe verysecretword more\nOutgoingUser a verysecretword", "1:33 !a surplus word\n"
	      "2:1 OutgoingUser=a verysecretword\n");
	reads("iSNSAccessControl perhaps", "1:19 !neither Yes nor No\n");
	reads("Target a\nMaxSessions many\nQueuedCommands 0\nInitialR2T yes\nInitialR2T Yes", "1:1 .Target=a\n2:13 !a bad value\n"
	      "3:16 !a bad value\n4:12 !a bad value\n5:1 .InitialR2T=Yes\n");
	reads("Target a\001b", "1:8 !a byte that cannot be printed\n");
	/* what belongs to a target without a proper name must not become global, nor another target's */
	reads("Target a\nTarget b c\nIncomingUser joe verysecretword\nMaxSessions x\nTarget d\nMaxSessions 1",
	      "1:1 .Target=a\n2:10 !a surplus word\n4:13 !a bad value\n5:1 .Target=d\n6:1 .MaxSessions=1\n");
	memset(text, 'x', sizeof(text));
	memcpy(text, "iSNSServer ", 11);
	text[sizeof(text) - 1] = '\0';
	reads(text, "1:12 !the value is too long\n");
	text[11 + 510] = '\0';
	assert_int_equal(strlen(read_all(text)), strlen("1:1 iSNSServer=\n") + 510);
}

/* --- into a tree: mgmt is a pipe that keeps all lines --- */

static int mgmt = -1;
static char config[128];

static int setup(void **state)
{
	char path[128];

	fake_driver();
	snprintf(path, sizeof(path), "%s/targets/iscsi/mgmt", fake_root);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	mgmt = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(mgmt >= 0);
	fake_file("targets/iscsi/iSNSServer", "\n\n");
	fake_target(T1);
	fake_file("targets/iscsi/" T1 "/MaxSessions", "0\n");
	snprintf(config, sizeof(config), "%s/scstd.conf", fake_root);
	return 0;
}

static int teardown(void **state)
{
	close(mgmt);
	fake_free();
	return 0;
}

static void apply(const char *text, const char *want)
{
	char got[4096];
	ssize_t n;

	fake_file("scstd.conf", text);
	chmod(config, 0600);
	legacy_apply(config, fake_root);
	n = read(mgmt, got, sizeof(got) - 1);
	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, want);
}

static const char *content(const char *path)
{
	static char text[512];
	char full[256];
	size_t n;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", fake_root, path);
	f = fopen(full, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void test_legacy_applies(void **state)
{
	legacy_apply("/nonexistent/iscsi-scstd.conf", fake_root);
	apply("", "");
	to_come = T1;
	apply("iSNSAccessControl Yes\nIncomingUser joe verysecretword\niSNSServer 10.0.0.1\n"
	      "Target " T1 "\nMaxSessions 7\nMaxSessions x\nIncomingUser moe verysecretword\nallowed_portal 10.*\n",
	      "add_attribute IncomingUser joe verysecretwordadd_target " T1
	      "add_target_attribute " T1 " IncomingUser moe verysecretwordadd_target_attribute " T1 " allowed_portal 10.*");
	assert_string_equal(content("targets/iscsi/" T1 "/MaxSessions"), "7");
	assert_string_equal(content("targets/iscsi/iSNSServer"), "10.0.0.1 AccessControl");
}

/* What the administrator has set since stays. */
static void test_legacy_keeps(void **state)
{
	fake_file("targets/iscsi/iSNSServer", "10.0.0.2 \n[key]\n\n");
	fake_file("targets/iscsi/OutgoingUser", "moe othersecretword\n[key]\n\n");
	fake_file("targets/iscsi/IncomingUser3", "joe verysecretword iqn.x\n[key]\n\n");
	apply("iSNSServer 10.0.0.1\nOutgoingUser me verysecretword\nIncomingUser joe othersecretword\n"
	      "Target " T1 "\nMaxSessions 7\nIncomingUser moe verysecretword\n", "");
	assert_string_equal(content("targets/iscsi/" T1 "/MaxSessions"), "0\n");
	apply("IncomingUser jo verysecretword\nIncomingUser joey verysecretword\n",
	      "add_attribute IncomingUser jo verysecretwordadd_attribute IncomingUser joey verysecretword");
	assert_string_equal(content("targets/iscsi/iSNSServer"), "10.0.0.2 \n[key]\n\n");
}

static void test_legacy_no_file(void **state)
{
	/* a folder, a tree that is not there: logged, not deadly */
	legacy_apply(fake_root, fake_root);
	apply("Target iqn.new\n", "add_target iqn.new");
	legacy_apply(config, "/nonexistent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_legacy_reads),
		cmocka_unit_test(test_legacy_errors),
		cmocka_unit_test_setup_teardown(test_legacy_applies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_legacy_keeps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_legacy_no_file, setup, teardown),
	};

	log_open(true, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
