// SPDX-License-Identifier: GPL-2.0
/* Values that the kernel would refuse are errors of the file, and what it takes never is. */
// links: tests/unit/scstadmin/_fake.c tests/unit/scstadmin/_config.c
// links: scstadmin/adm.c scstadmin/apply.c scstadmin/check.c scstadmin/check_order.c scst/pure/match.c
// links: scstadmin/check_twins.c scstadmin/check_value.c iscsi-scst/pure/keys.c scst/pure/alua.c scst/pure/sense.c
// links: scstadmin/conf.c scstadmin/conf_drop.c scstadmin/conf_print.c scstadmin/list.c scstadmin/list_attr.c
// links: scstadmin/dict.c scstadmin/lock.c scstadmin/model.c scstadmin/opts.c scstadmin/paths.c scstadmin/plan.c
// links: scstadmin/plan_dev.c scstadmin/plan_judge.c scstadmin/plan_tgt.c scstadmin/result.c
// links: scstadmin/savefile.c scstadmin/store.c scstadmin/table.c scstadmin/tree.c
// links: scstadmin/util.c scstadmin/verb_alua.c scstadmin/verb_attr.c scstadmin/verb_conf.c
// links: scstadmin/verb_dev.c scstadmin/verb_grp.c scstadmin/verb_lun.c scstadmin/verb_tgt.c
#include "config.h"

#include <time.h>

#include "../../../scstadmin/check.h"

static struct pool pool;
static struct conf conf;

static int no_pool(void **state)
{
	(void)state;
	memset(&pool, 0, sizeof(pool));
	return 0;
}

static int free_pool(void **state)
{
	(void)state;
	pool_free(&pool);
	return 0;
}

/* What the check says of the file without a kernel: its only finding with its place and class, or "". */
static const char *finding(const char *text)
{
	const struct conf_msg *m;

	conf_parse(&conf, &pool, text, strlen(text));
	check_conf(&conf, NULL);
	m = conf.msgs;
	if (!m)
		return "";
	if (m->next)
		fail_msg("more than one finding: %s, %s", m->text, m->next->text);
	return pool_fmt(&pool, "%u:%u: %s: %s", m->pos.line, m->pos.col, m->error ? "error" : "warning", m->text);
}

struct row {
	const char *place, *line, *want;
};

/* An object that stands so that the line in it is the fourth of the file. */
static const char *in_file(const struct row *r)
{
	if (!strcmp(r->place, "target"))
		return pool_fmt(&pool, "HANDLER vdisk_nullio { }\nTARGET_DRIVER iscsi {\nTARGET t {\n%s\n}\n}\n", r->line);
	if (!strcmp(r->place, "other target"))
		return pool_fmt(&pool, "HANDLER vdisk_nullio { }\nTARGET_DRIVER scst_local {\nTARGET t {\n%s\n}\n}\n", r->line);
	if (!strcmp(r->place, "driver"))
		return pool_fmt(&pool, "HANDLER vdisk_nullio { }\n\nTARGET_DRIVER iscsi {\n%s\nTARGET t\n}\n", r->line);
	if (!strcmp(r->place, "tgrp"))
		return pool_fmt(&pool, "HANDLER h { }\nTARGET_DRIVER iscsi { TARGET t }\nDEVICE_GROUP g { TARGET_GROUP tg {\n%s\n} }\n", r->line);
	return pool_fmt(&pool, "TARGET_DRIVER iscsi { TARGET t }\nHANDLER %s {\nDEVICE d {\n%s\n}\n}\n", r->place, r->line);
}

static void all(const struct row *rows, size_t n)
{
	const char *got;
	size_t i;

	for (i = 0; i < n; i++) {
		got = finding(in_file(&rows[i]));
		if (strcmp(got, rows[i].want))
			fail_msg("%s: %s: wanted '%s', got '%s'", rows[i].place, rows[i].line, rows[i].want, got);
	}
}

#define ALL(rows) all(rows, sizeof(rows) / sizeof((rows)[0]))
#define F "vdisk_fileio"
#define B "vdisk_blockio"
#define N "vdisk_nullio"
#define OF_D(name, wish) "4:1: error: " name " of device 'd' must be " wish
#define LOW(name, n, means) \
	"4:1: warning: " name " of device 'd' is " n ", of which only the lowest bit counts: it means " means

static void parameters_of_devices(void **state)
{
	static const struct row rows[] = {
		{ F, "blocksize 513", OF_D("blocksize", "512, 1024, 2048 or 4096, not '513'") },
		{ F, "blocksize 8192", OF_D("blocksize", "512, 1024, 2048 or 4096, not '8192'") },
		{ N, "blocksize 256", OF_D("blocksize", "512, 1024, 2048 or 4096, not '256'") },
		{ B, "blocksize 4k", OF_D("blocksize", "512, 1024, 2048 or 4096, not '4k'") },
		{ B, "blocksize", OF_D("blocksize", "512, 1024, 2048 or 4096, not '1'") },
		{ F, "blocksize 512", "" }, { F, "blocksize 4096", "" },
		{ F, "blocksize 0x1000", "" }, { F, "blocksize 01000", "" }, { F, "blocksize +512", "" },
		{ F, "blocksize ++512", OF_D("blocksize", "512, 1024, 2048 or 4096, not '++512'") },
		{ F, "o_direct yes", OF_D("o_direct", "0 or 1, not 'yes'") },
		{ F, "read_only -1", OF_D("read_only", "0 or 1, not '-1'") },
		{ B, "thin_provisioned 4294967296", OF_D("thin_provisioned", "0 or 1, not '4294967296'") },
		{ F, "write_through 2", LOW("write_through", "2", "0") },
		{ F, "nv_cache 3", LOW("nv_cache", "3", "1") },
		{ N, "read_only 0x10", LOW("read_only", "0x10", "0") },
		{ N, "removable 2", LOW("removable", "2", "0") },
		{ B, "rotational 2", LOW("rotational", "2", "0") },
		{ F, "read_only", "" }, { F, "read_only 0x1", "" }, { F, "rotational 00", "" },
		{ F, "thin_provisioned 0", "" }, { B, "write_through 1", "" },
		{ F, "bind_alua_state 2", "" },
		{ F, "bind_alua_state on", OF_D("bind_alua_state", "a number, not 'on'") },
		{ F, "async 2", OF_D("async", "0 or 1, not '2'") },
		{ B, "active 0x2", OF_D("active", "0 or 1, not '0x2'") },
		{ N, "tst 2", OF_D("tst", "0 or 1, not '2'") },
		{ "vcdrom", "tst 2", OF_D("tst", "0 or 1, not '2'") },
		{ N, "dummy 2", OF_D("dummy", "0 or 1, not '2'") },
		{ F, "active 0x1", "" }, { F, "async +1", "" },
		/* what another way than the parameter's takes, or nobody knows of, is nobody's to judge here */
		{ F, "read_only \"\"", "" }, { F, "async \"1 \"", "" }, { N, "o_direct yes", "" }, { F, "dummy yes", "" },
		{ F, "odd 513", "" }, { "my_handler", "blocksize 513", "" }, { "vcdrom", "blocksize 2052", "" },
	};

	(void)state;
	ALL(rows);
}

#define OF_T(name, wish) "4:1: error: " name " of driver/target 'iscsi/t' must be " wish

static void attributes_of_targets(void **state)
{
	static const struct row rows[] = {
		{ "target", "NopInInterval abc", OF_T("NopInInterval", "a number from 0 to 65535, not 'abc'") },
		{ "target", "MaxSessions -1", OF_T("MaxSessions", "a number from 0 to 65535, not '-1'") },
		{ "target", "QueuedCommands 4096", OF_T("QueuedCommands", "a number from 1 to 2048, not '4096'") },
		{ "target", "InitialR2T 1", OF_T("InitialR2T", "Yes or No, not '1'") },
		{ "target", "HeaderDigest CRC", OF_T("HeaderDigest", "None, CRC32C or CRC32C,None, not 'CRC'") },
		{ "target", "MaxSessions", OF_T("MaxSessions", "a number from 0 to 65535, not ''") },
		{ "target", "NopInInterval 0x1e", "" }, { "target", "NopInInterval 036", "" }, { "target", "NopInInterval \" 30 \"", "" },
		{ "target", "QueuedCommands :default:", "" }, { "target", "HeaderDigest none,crc32c", "" },
		{ "target", "ImmediateData No", "" }, { "target", "nopininterval abc", "" },
		{ "target", "per_portal_acl 2", OF_T("per_portal_acl", "0 or 1, not '2'") },
		{ "target", "per_portal_acl 1", "" },
		{ "target", "redirect foo", "" }, { "target", "allowed_portal 10.0.0.1/24", "" },
		{ "other target", "NopInInterval abc", "" }, { "other target", "IncomingUser joe", "" },
		{ "driver", "link_local yes", "4:1: error: link_local of driver 'iscsi' must be 0 or 1, not 'yes'" },
		{ "driver", "link_local 0", "" },
	};

	(void)state;
	ALL(rows);
	/* of several values the last one counts; that others are given is told where the target runs */
	assert_string_equal(finding("HANDLER h { }\nTARGET_DRIVER iscsi {\nTARGET t {\nMaxSessions x\nMaxSessions 1\n}\n}\n"), "");
}

#define IN(of) "4:1: error: IncomingUser of " of \
	" must be a name of at most 255 and a secret of at least 12 printable bytes, initiators may follow"
#define OUT(of) "4:1: error: OutgoingUser of " of \
	" must be a name of at most 255 and a secret of at least 12 printable bytes"
#define T_T "driver/target 'iscsi/t'"
#define D_D "driver 'iscsi'"

static void accounts(void **state)
{
	static const struct row rows[] = {
		{ "target", "IncomingUser \"joe short\"", IN(T_T) },
		{ "target", "IncomingUser joe", IN(T_T) },
		{ "target", "IncomingUser \"joe secretsecret\"", "" },
		{ "target", "IncomingUser \" joe   secretsecret \"", "" },
		{ "target", "IncomingUser \"joe secretsecret iqn.a iqn.b:*\"", "" },
		{ "target", "OutgoingUser \"joe secretsecret iqn.a\"", OUT(T_T) },
		{ "target", "OutgoingUser \"joe secretsecret\"", "" },
		{ "target", "IncomingUser", "" },	/* never written */
		{ "driver", "IncomingUser joe", IN(D_D) },
		{ "driver", "OutgoingUser \"joe short\"", OUT(D_D) },
		{ "driver", "OutgoingUser \"joe secretsecret\"", "" },
		{ "target", "IncomingUser \"joe secret=secret\"",
		  "4:1: error: a value of 'IncomingUser' of " T_T " must not contain '=', which would end a word of it" },
	};

	(void)state;
	ALL(rows);
	assert_string_equal(finding("HANDLER h { }\nTARGET_DRIVER iscsi {\nTARGET t {\nIncomingUser \"joe secretsecret1\"\n"
				    "IncomingUser \"ann secretsecret2\"\nOutgoingUser \"srv secretsecret2\"\n}\n}\n"),
			    "5:1: error: IncomingUser and OutgoingUser of " T_T " must not have the same secret");
	/* another place's, or one that another takes the place of */
	assert_string_equal(finding("HANDLER h { }\nTARGET_DRIVER iscsi {\nIncomingUser \"joe secretsecret1\"\nTARGET t {\n"
				    "OutgoingUser \"srv secretsecret1\"\n}\n}\n"), "");
	assert_string_equal(finding("HANDLER h { }\nTARGET_DRIVER iscsi {\nTARGET t {\nOutgoingUser \"srv secretsecret1\"\n"
				    "OutgoingUser \"srv secretsecret2\"\nIncomingUser \"joe secretsecret1\"\n}\n}\n"), "");
}

static void states_of_target_groups(void **state)
{
	static const struct row rows[] = {
		{ "tgrp", "state activ", "4:1: error: state of target group 'tg' of device group 'g' must be active, nonoptimized, "
		  "standby, unavailable, offline or transitioning, not 'activ'" },
		{ "tgrp", "state active", "" }, { "tgrp", "state nonoptimized", "" }, { "tgrp", "state standby", "" },
		{ "tgrp", "state unavailable", "" }, { "tgrp", "state offline", "" }, { "tgrp", "state transitioning", "" },
		{ "tgrp", "state \"standby \"", "" }, { "tgrp", "group_id x", "" },
	};

	(void)state;
	ALL(rows);
}

#define DEV(name, attrs) "DEVICE " name " { " attrs " }\n"
#define DISKS(devices) "TARGET_DRIVER iscsi { TARGET t }\nHANDLER vdisk_fileio {\n" devices "}\n"
#define ALIKE(place, one, other) place ": warning: device '" one "' looks like '" other "' to initiators (t10_dev_id "
#define BEGINS "begins with the same 8 characters): give each a naa_id"

/* They would be sent with one EUI-64: multipathd makes two paths to one disk of them. */
static void disks_that_look_alike(void **state)
{
	(void)state;
	assert_string_equal(finding(DISKS(DEV("a", "t10_dev_id storage1-disk01") DEV("b", "t10_dev_id storage1-disk02"))),
			    ALIKE("4:1", "b", "a") BEGINS);
	assert_string_equal(finding(DISKS(DEV("a", "t10_dev_id disk") DEV("b", "t10_dev_id disk"))),
			    ALIKE("4:1", "b", "a") "is the same): give each a naa_id");
	/* another handler's, too */
	assert_string_equal(finding("HANDLER vdisk_blockio {\n" DEV("x", "t10_dev_id storage1") "}\n"
				    DISKS(DEV("a", "t10_dev_id storage1-disk02"))), ALIKE("6:1", "a", "x") BEGINS);
	/* one line each, with the first */
	assert_string_equal(finding(DISKS(DEV("a", "t10_dev_id 12345678a") DEV("b", "t10_dev_id 12345678b")
					  DEV("c", "t10_dev_id 1234567") DEV("d", "naa_id 0x60000000000000000000000000000001\nt10_dev_id 12345678b"))),
			    ALIKE("4:1", "b", "a") BEGINS);
	assert_string_equal(finding(DISKS(DEV("a", "t10_dev_id storage1-disk01") DEV("b", "t10_dev_id storage2-disk01"))), "");
	assert_string_equal(finding(DISKS(DEV("a", "t10_dev_id 12345678\neui64_id 0x1234567812345678") DEV("b", "t10_dev_id 12345678"))), "");
	assert_string_equal(finding(DISKS(DEV("a", "") DEV("b", "") DEV("c", "t10_dev_id \"\"") DEV("d", "t10_dev_id \"\""))), "");
	assert_string_equal(finding("TARGET_DRIVER iscsi { TARGET t }\nHANDLER dev_disk {\n" DEV("a", "t10_dev_id 12345678")
				    DEV("b", "t10_dev_id 12345678") "}\n"), "");
}

#define ONE_FILE(place, one, other) place ": warning: device '" one "' has the filename of device '" other \
	"': neither knows what is written through the other"

static void disks_of_one_file(void **state)
{
	(void)state;
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1") DEV("b", "filename /v/1"))), ONE_FILE("4:1", "b", "a"));
	assert_string_equal(finding("HANDLER vdisk_blockio {\n" DEV("x", "filename /dev/sdb") "}\n"
				    DISKS(DEV("a", "filename /dev/sdb"))), ONE_FILE("6:1", "a", "x"));
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1\nread_only") DEV("b", "filename /v/1\nread_only 0"))), ONE_FILE("5:1", "b", "a"));
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1") DEV("b", "filename /v/1\nread_only 1"))), ONE_FILE("4:1", "b", "a"));
	/* the first two may be */
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1\nread_only 1") DEV("b", "filename /v/1\nread_only 1")
					  DEV("c", "filename /v/1"))), ONE_FILE("7:1", "c", "a"));
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1\nread_only 1") DEV("b", "filename /v/1\nread_only 0x1"))), "");
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1") DEV("b", "filename /v/1\nactive 0"))), "");
	assert_string_equal(finding(DISKS(DEV("a", "filename /v/1") DEV("b", "filename /v/2") DEV("c", ""))), "");
}

static void targets_that_differ_in_case(void **state)
{
	(void)state;
	assert_string_equal(finding("HANDLER vdisk_nullio { }\nTARGET_DRIVER iscsi {\nTARGET iqn.x:a\nTARGET iqn.x:b\nTARGET iqn.X:A\n}\n"),
			    "5:1: error: target 'iqn.X:A' has for iSCSI the name of target 'iqn.x:a'");
	assert_string_equal(finding("HANDLER vdisk_nullio { }\nTARGET_DRIVER scst_local {\nTARGET a\nTARGET A\n}\n"), "");
}

/* 20,000 of them: comparing each with each would take a minute. */
static void thousands_of_disks_are_compared_in_time(void **state)
{
	struct sbuf b = { .pool = &pool };
	struct timespec from, to;
	unsigned int i;

	(void)state;
	sbuf_str(&b, "TARGET_DRIVER iscsi { TARGET t }\nHANDLER vdisk_fileio {\n");
	for (i = 0; i < 40000; i++)
		sbuf_fmt(&b, "DEVICE d%u {\nt10_dev_id %08u\nfilename /v/%u\n}\n", i, i, i);
	sbuf_str(&b, "DEVICE last {\nt10_dev_id 00039999\n}\n}\n");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	assert_string_equal(finding(b.s), ALIKE("160003:1", "last", "d39999") BEGINS);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_true(to.tv_sec - from.tv_sec < 10);
}

/* A restart asks first, with all still running. */
static void bad_values_stop_before_anything_changes(void **state)
{
	static const char text[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /a\n\t}\n}\n"
		"TARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tQueuedCommands 0\n\t}\n}\n";

	(void)state;
	with_file(1, "-check_config", text);
	assert_has(f->out, "scst.conf:8:3: error: QueuedCommands of driver/target 'iscsi/t' must be a number from 1 to 2048, not '0'\n");
	with_file(1, "-config", text);
	wrote("");
	/* At boot it costs no other target. */
	with_file(0, "-cont_on_err -check_config", text);
	assert_has(f->out, "scst.conf:8:3: warning: QueuedCommands of driver/target 'iscsi/t' must be a number from 1 to 2048, not '0'\n");
	with_file(0, "-cont_on_err -config", text);
	assert_has(fake_log(f), "targets/iscsi/t/QueuedCommands <- 0");
}

#define P(t) cmocka_unit_test_setup_teardown(t, no_pool, free_pool)
#define T(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(parameters_of_devices),
		P(attributes_of_targets),
		P(accounts),
		P(states_of_target_groups),
		P(disks_that_look_alike),
		P(disks_of_one_file),
		P(targets_that_differ_in_case),
		P(thousands_of_disks_are_compared_in_time),
		T(bad_values_stop_before_anything_changes),
	};

	return cmocka_run_group_tests_name("scstadmin: values in a file", tests, NULL, NULL);
}
