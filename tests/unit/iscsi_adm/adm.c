// SPDX-License-Identifier: GPL-2.0
/*
 * iscsi-scst-adm on a fake tree: what it prints, and the bytes it writes where.
 *
 * links: iscsi-scst/adm/adm.c iscsi-scst/adm/request.c iscsi-scst/adm/target.c iscsi-scst/adm/session.c
 * links: iscsi-scst/adm/account.c iscsi-scst/usr/tree.c iscsi-scst/isns/access.c iscsi-scst/usr/addr.c iscsi-scst/usr/hosts.c
 * links: iscsi-scst/pure/login.c iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c
 * links: iscsi-scst/pure/keys.c scst/pure/match.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/iscsi_login/_tree.h"
#include "request.h"

#define DRV "targets/iscsi/"
#define A "iqn.2024-01.example:a"
#define B "iqn.2024-01.example:b"
#define SESS DRV B "/sessions/iqn.ini#1/"

static char said[8192], complained[8192];

static void slurp(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	buf[n] = '\0';
	if (f)
		fclose(f);
}

static const char *content(const char *path)
{
	static char buf[4096];
	char full[4096];

	snprintf(full, sizeof(full), "%s/%s", fake_root, path);
	slurp(full, buf, sizeof(buf));
	return buf;
}

/* Runs the tool; words are parted by blanks, "~" stands for a blank in a word. */
static int adm(const char *words)
{
	char line[2048], out[128], err[128], *argv[64] = { "iscsi-scst-adm", "--sysfs", fake_root };
	int argc = 3, saved_out = dup(1), saved_err = dup(2), ret;
	char *rest = line, *word, *p;

	snprintf(line, sizeof(line), "%s", words);
	while ((word = strsep(&rest, " ")) && argc < 60) {
		for (p = word; *p; p++)
			*p = *p == '~' ? ' ' : *p;
		argv[argc++] = word;
	}
	snprintf(out, sizeof(out), "%.64s/out", fake_root);
	snprintf(err, sizeof(err), "%.64s/err", fake_root);
	fflush(NULL);
	dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
	dup2(open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
	ret = adm_main(argc, argv);
	fflush(NULL);
	dup2(saved_out, 1);
	dup2(saved_err, 2);
	close(saved_out);
	close(saved_err);
	slurp(out, said, sizeof(said));
	slurp(err, complained, sizeof(complained));
	return ret;
}

static void mgmt_says(const char *words, const char *text)
{
	fake_file(DRV "mgmt", "");
	assert_int_equal(adm(words), 0);
	assert_string_equal(content(DRV "mgmt"), text);
}

static int setup(void **state)
{
	fake_driver();
	fake_target(A);
	fake_target(B);
	fake_file(DRV A "/tid", "1\n");
	fake_file(DRV B "/tid", "12\n");
	fake_file(DRV B "/MaxSessions", "4\n[key]\n\n");
	fake_file(DRV B "/HeaderDigest", "None,CRC32C\n[key]\n\n");
	fake_file(DRV B "/redirect", "\n");
	fake_file(DRV B "/IncomingUser", "joe secretsecret1 iqn.x iqn.y\n[key]\n\n");
	fake_file(DRV B "/IncomingUser2", "ann secretsecret2\n[key]\n\n");
	fake_file(DRV B "/IncomingUser10", "bob secretsecret3\n[key]\n\n");
	fake_file(DRV B "/OutgoingUser", "joe mysecretmysecret\n[key]\n\n");
	fake_file(SESS "sid", "20100003d0200\n");
	fake_file(SESS "InitialR2T", "No\n");
	fake_file(SESS "MaxBurstLength", "262144\n");
	fake_file(SESS "force_close", "");
	fake_file(SESS "10.0.0.1/cid", "3");
	fake_file(SESS "10.0.0.1/ip", "10.0.0.1");
	fake_file(SESS "10.0.0.1/state", "established idle ");
	return 0;
}

static int teardown(void **state)
{
	fake_free();
	return 0;
}

static void test_adm_targets(void **state)
{
	mgmt_says("--op new --params Name=" A, "add_target " A);
	mgmt_says("--op=new --tid=1 --params=Name=" A, "add_target " A);
	mgmt_says("--op new --params MaxSessions=2,Name=" A ",HeaderDigest=None,CRC32C,alias=a~b",
		  "add_target " A " MaxSessions=2;HeaderDigest=None,CRC32C;alias=a b");
	mgmt_says("--op delete --tid 12", "del_target " B);
	/* the kernel numbers targets: it is taken away again */
	assert_int_equal(adm("--op new --tid 7 --params Name=" A), 1);
	assert_string_equal(content(DRV "mgmt"), "del_target " A);
	assert_non_null(strstr(complained, "cannot have the id 7"));

	assert_int_equal(adm("--op show --tid 12"), 0);
	assert_string_equal(said, "InitialR2T=No\nHeaderDigest=None,CRC32C\nMaxSessions=4\n");
	assert_int_equal(adm("--op show --tid 2"), 1);
	assert_string_equal(complained, "iscsi-scst-adm: no target has the id 2\n");
}

static void test_adm_update(void **state)
{
	assert_int_equal(adm("--op update --tid 12 --params HeaderDigest=CRC32C,None,MaxSessions=:default:,redirect=10.0.0.1~temp"), 0);
	assert_string_equal(content(DRV B "/HeaderDigest"), "CRC32C,None");
	assert_string_equal(content(DRV B "/MaxSessions"), ":default:");
	assert_string_equal(content(DRV B "/redirect"), "10.0.0.1 temp");
	/* up to the first that is refused */
	assert_int_equal(adm("--op update --tid 12 --params InitialR2T=Yes,Nope=1,MaxSessions=9"), 1);
	assert_string_equal(complained, "iscsi-scst-adm: Nope=1: no such parameter\n");
	assert_string_equal(content(DRV B "/InitialR2T"), "Yes");
	assert_string_equal(content(DRV B "/MaxSessions"), ":default:");
}

static void test_adm_sessions(void **state)
{
	assert_int_equal(adm("--op show --tid 12 --sid 0x020100003D0200"), 0);
	assert_string_equal(said, "InitialR2T=No\nMaxBurstLength=262144\n");
	assert_int_equal(adm("--op show --tid 12 --sid 20100003d0200 --cid 3"), 0);
	assert_string_equal(said, "cid=3\nip=10.0.0.1\nstate=established idle \nInitialR2T=No\nMaxBurstLength=262144\n");
	assert_int_equal(adm("--op show --tid 12 --sid 20100003d0201"), 1);
	assert_int_equal(adm("--op show --tid 1 --sid 20100003d0200"), 1);
	assert_int_equal(adm("--op delete --tid 12 --sid 20100003d0200 --cid 4"), 1);
	assert_int_equal(adm("--op delete --tid 12 --sid 20100003d0200"), 2);
	assert_string_equal(content(SESS "force_close"), "");
	assert_int_equal(adm("--op delete --tid 12 --sid 20100003d0200 --cid 3"), 0);
	assert_string_equal(content(SESS "force_close"), "1");
}

static void test_adm_accounts(void **state)
{
	mgmt_says("--op new --tid 12 --user --params IncomingUser=eve,Password=twelvetwelve",
		  "add_target_attribute " B " IncomingUser eve twelvetwelve");
	mgmt_says("--op new --user --params OutgoingUser=eve,Password=a,b", "add_attribute OutgoingUser eve a,b");
	mgmt_says("--op delete --tid 0 --user --params IncomingUser=eve", "del_attribute IncomingUser eve");
	mgmt_says("--op delete --tid 12 --user --params IncomingUser=joe", "del_target_attribute " B " IncomingUser joe");

	assert_int_equal(adm("--op show --tid 12 --user"), 0);
	assert_string_equal(said, "IncomingUser joe\nIncomingUser ann\nIncomingUser bob\nOutgoingUser joe\n");
	assert_int_equal(adm("--op show --tid 12 --user --params OutgoingUser=joe"), 0);
	assert_string_equal(said, "OutgoingUser joe mysecretmysecret\n");
	assert_int_equal(adm("--op show --tid 12 --user --params OutgoingUser=ann"), 1);
	assert_int_equal(adm("--op show --user"), 0);
	assert_string_equal(said, "");

	assert_int_equal(adm("--op update --tid 12 --user --params IncomingUser=joe,Password=othersecret1"), 0);
	assert_string_equal(content(DRV B "/IncomingUser"), "joe othersecret1 iqn.x iqn.y");
	assert_string_equal(content(DRV B "/OutgoingUser"), "joe mysecretmysecret\n[key]\n\n");
	assert_int_equal(adm("--op update --tid 12 --user --params IncomingUser=eve,Password=othersecret1"), 1);
	assert_string_equal(complained, "iscsi-scst-adm: IncomingUser eve: no such account\n");
}

static void test_adm_refused(void **state)
{
	static const char *const usage[] = {
		"--tid 1", "--op", "--op remove --tid 1", "--op show --tid -1", "--op show --tid 1x", "--op show",
		"--op show --tid 4294967296", "--op delete", "--op update --tid 1", "--op new", "--op new --params Name=",
		"--op new --params Name=a~b", "--op new --params Name=a,b;c=d", "--op new --params Name=a;c=d",
		"--op new --params Name=a,../x=1", "--op update --tid 1 --params ../mgmt=x", "--op update --tid 1 --params x",
		"--op update --tid 1 --params =x", "--op show --tid 1 --cid 1", "--op update --tid 12 --sid 20100003d0200",
		"--op new --user --params IncomingUser=a", "--op new --user --params Password=twelvetwelve",
		"--op new --user --params IncomingUser=a~b,Password=twelvetwelve",
		"--op new --user --params IncomingUser=a,Password=twelve~twelve", "--op delete --user",
		"--op show --tid 1 more",
	};
	size_t i;

	for (i = 0; i < sizeof(usage) / sizeof(usage[0]); i++) {
		fake_file(DRV "mgmt", "");
		if (adm(usage[i]) != 2 || !complained[0] || content(DRV "mgmt")[0]) {
			print_error("%s: %s\n", usage[i], complained);
			fail();
		}
	}
	assert_int_equal(adm("--op update --tid 1 --params a\nb=c"), 2);
	assert_int_equal(adm("--help"), 0);
	assert_int_equal(adm("--version"), 0);
	assert_string_equal(said, "iscsi-scst-adm version 4.0.0\n");
	assert_int_equal(adm("--sysfs /nonexistent --op show --tid 1"), 1);
	assert_non_null(strstr(complained, "is iscsi-scst loaded?"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_adm_targets), T(test_adm_update), T(test_adm_sessions), T(test_adm_accounts), T(test_adm_refused),
	};

	return cmocka_run_group_tests_name("iscsi-scst-adm", tests, NULL, NULL);
}
