// SPDX-License-Identifier: GPL-2.0
/* The command line: options, messages, listings, and each verb's write. */
// links: tests/unit/scstadmin/_fake.c scstadmin/adm.c scstadmin/apply.c scstadmin/check.c scstadmin/check_order.c scst/pure/match.c
// links: scstadmin/check_twins.c scstadmin/check_value.c iscsi-scst/pure/keys.c scst/pure/alua.c scst/pure/sense.c
// links: scstadmin/conf.c scstadmin/conf_drop.c scstadmin/conf_print.c scstadmin/list.c scstadmin/list_attr.c
// links: scstadmin/dict.c scstadmin/lock.c scstadmin/model.c scstadmin/opts.c scstadmin/paths.c scstadmin/plan.c
// links: scstadmin/plan_dev.c scstadmin/plan_judge.c scstadmin/plan_tgt.c scstadmin/result.c
// links: scstadmin/savefile.c scstadmin/store.c scstadmin/table.c scstadmin/tree.c
// links: scstadmin/util.c scstadmin/verb_alua.c scstadmin/verb_attr.c scstadmin/verb_conf.c
// links: scstadmin/verb_dev.c scstadmin/verb_grp.c scstadmin/verb_lun.c scstadmin/verb_tgt.c
#include "t.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fake *f;

#define COLLECT "\nCollecting current configuration: done.\n\n"
#define DONE "\nAll done.\n"

static int start(void **state)
{
	(void)state;
	f = fake_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	fake_free(f);
	return 0;
}

/* Runs it and wants this exit code. */
static void run(int rc, const char *words)
{
	int got = fake_run(f, words);

	if (got != rc) {
		print_error("%s\nexit %d, wanted %d\n%s%s", words, got, rc, f->out, f->err);
		fail();
	}
}

static void yes(int rc, const char *words)
{
	int got = fake_run_in(f, words, "y\n");

	if (got != rc) {
		print_error("%s\nexit %d, wanted %d\n%s%s", words, got, rc, f->out, f->err);
		fail();
	}
}

static void wrote(const char *want)
{
	assert_text(fake_log(f), want);
}

/* Two devices, a target with LUN 0, a group with a LUN and an initiator. */
static void set_up(void)
{
	run(0, "-open_dev disk01 -handler vdisk_fileio -attributes filename=/v/1,read_only");
	run(0, "-open_dev disk02 -handler vdisk_fileio -attributes filename=/v/2,blocksize=4096");
	run(0, "-add_target " TGT " -driver iscsi");
	run(0, "-add_lun 0 -driver iscsi -target " TGT " -device disk01");
	run(0, "-add_group hosts -driver iscsi -target " TGT);
	run(0, "-add_init iqn.h1 -driver iscsi -target " TGT " -group hosts");
	run(0, "-add_lun 0 -driver iscsi -target " TGT " -group hosts -device disk02");
	fake_log(f);
}

/* ---- the how-to ---- */

static void howto_commands(void **state)
{
	(void)state;
	run(0, "-open_dev disk01 -handler vdisk_fileio -attributes filename=/vdisks/vdisk1,read_only");
	wrote("handlers/vdisk_fileio/mgmt <- add_device disk01 filename=/vdisks/vdisk1;read_only=1;|\n");
	run(0, "-open_dev disk03 -handler vdisk_blockio -attributes filename=/dev/sdc1");
	wrote("handlers/vdisk_blockio/mgmt <- add_device disk03 filename=/dev/sdc1;|\n");
	run(0, "-add_target " TGT " -driver iscsi");
	wrote("targets/iscsi/mgmt <- add_target " TGT " |\n");
	run(0, "-add_lun 0 -driver iscsi -target " TGT " -device disk01");
	wrote("targets/iscsi/" TGT "/luns/mgmt <- add disk01 0 |\n");
	run(0, "-enable_target " TGT " -driver iscsi");
	wrote("targets/iscsi/" TGT "/enabled <- 1|\n");
	yes(0, "-set_drv_attr iscsi -attributes enabled=1");
	wrote("targets/iscsi/enabled <- 1\n");
	yes(0, "-set_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=192.168.100.15");
	yes(0, "-set_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=10.0.0.*");
	yes(0, "-set_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=10.0.0.*");
	wrote("targets/iscsi/mgmt <- add_target_attribute " TGT " allowed_portal 192.168.100.15|\n"
	      "targets/iscsi/mgmt <- add_target_attribute " TGT " allowed_portal 10.0.0.*|\n");
	run(0, "-add_group vCenter -driver iscsi -target " TGT);
	wrote("targets/iscsi/" TGT "/ini_groups/mgmt <- create vCenter|\n");
	run(0, "-add_init iqn.h -driver iscsi -target " TGT " -group vCenter");
	wrote("targets/iscsi/" TGT "/ini_groups/vCenter/initiators/mgmt <- add iqn.h|\n");
	yes(0, "-rem_lun 0 -driver iscsi -target " TGT " -device disk01");
	wrote("targets/iscsi/" TGT "/luns/mgmt <- del 0|\n");
	run(0, "-add_lun 0 -driver iscsi -target " TGT " -group vCenter -device disk01");
	wrote("targets/iscsi/" TGT "/ini_groups/vCenter/luns/mgmt <- add disk01 0 |\n");
}

/* ---- options ---- */

static void option_spellings(void **state)
{
	(void)state;
	run(0, "--list_driver");
	run(0, "-LIST_DRIVER");
	run(0, "-list_dri");
	run(0, "-list_driver=iscsi");
	run(0, "-list_driver iscsi");
	run(0, "-list_driver iscsi -list_driver copy_manager");
	assert_has(f->out, "copy_manager_tgt");
	run(0, "-list_target -driver iscsi -driver copy_manager");
	assert_has(f->out, "copy_manager_tgt");
	run(0, "-list_target -driver ''");
	run(0, "-list_driver -nonkey");
	run(1, "-no");
	assert_has(f->err, "Option no is ambiguous (-noprompt, -nonkey, -no_lip");
	run(1, "-list_t");
	run(1, "-list_groups");
	assert_has(f->err, "Unknown option: list_groups (did you mean -list_group?)");
	run(1, "-open_dev");
	assert_has(f->err, "Option open_dev requires a value");
	run(1, "-force=1 -list_driver");
	assert_has(f->err, "Option force does not take a value");
	run(1, "-list_driver iscsi stray");
	assert_has(f->err, "Stray word: stray");
	run(1, "+list_driver");
	run(0, "-list_driver --");
	run(1, "-list_driver -- more");
	wrote("");
}

static void option_value_may_look_like_option(void **state)
{
	(void)state;
	run(1, "-open_dev -handler vdisk_fileio");
	assert_text(f->err, "Stray word: vdisk_fileio\nTry 'scstadmin -help'.\n");
	run(1, "-open_dev -handler");
	assert_text(f->out, "Please specify -handler with -open_dev/-close_dev.\n");
	wrote("");
}

static void help_needs_nothing(void **state)
{
	(void)state;
	run(0, "-h");
	assert_has(f->out, "-open_dev DEVICE");
	assert_has(f->out, "-check_config [FILE]");
	assert_lacks(f->out, "Collecting");
	run(0, "-help");
}

/* As it is asked for, which the message of what is missing is not quite. */
static void help_names_what_is_needed(void **state)
{
	(void)state;
	run(0, "-h");
	assert_has(f->out, "-list_grp_attr GROUP             attributes of a group\n"
		   "                                     (with -driver, -target)\n");
	assert_has(f->out, "-set_lun_attr LUN                of a LUN\n"
		   "                                     (with -driver, -target, -attributes)\n");
	assert_has(f->out, "(with -driver, -target, -group, -to)\n");
	assert_has(f->out, "-rem_dgrp DGROUP                 remove a device group\n");
	assert_lacks(f->out, "  remove it\n");
	run(1, "-list_grp_attr g");
	assert_text(f->out, "Please specify -driver, -target and group with -list_grp_attr.\n");
}

static void companion_messages(void **state)
{
	static const char *const cases[][3] = {
		{ "-clear_config", "-force", "-clear_config" },
		{ "-list_tgrp", "-dev_group", "-list_tgrp" },
		{ "-list_tgrp_attr t", "-dev_group", "-list_tgrp_attr" },
		{ "-add_dgrp_dev d", "-dev_group", "-add_dgrp_dev/-rem_dgrp_dev" },
		{ "-rem_tgrp t", "-dev_group", "-add_tgrp/-rem_tgrp" },
		{ "-list_tgt_attr t", "-driver", "-list_tgt_attr" },
		{ "-add_target t", "-driver", "-add_target" },
		{ "-rem_target t", "-driver", "-rem_target" },
		{ "-list_grp_attr g -driver d", "-driver, -target and group", "-list_grp_attr" },
		{ "-list_lun_attr 0", "-driver and -target", "-list_lun_attr" },
		{ "-add_group g -driver d", "-driver and -target", "-add_group/-rem_group" },
		{ "-rem_lun 0", "-driver and -target", "-rem_lun/-clear_luns" },
		{ "-clear_luns", "-driver and -target", "-rem_lun/-clear_luns" },
		{ "-list_init_attr i", "-driver, -target and -group", "-list_init_attr" },
		{ "-list_ttgt_attr t", "-dev_group and -tgt_group", "-list_ttgt_attr" },
		{ "-add_tgrp_tgt t -dev_group g", "-dev_group and -tgt_group",
		  "-add_tgrp_tgt/-rem_tgrp_tgt" },
		{ "-set_scst_attr", "-attributes", "-set_scst_attr" },
		{ "-set_hnd_attr h", "-attributes", "-set_hnd_attr" },
		{ "-set_dev_attr d", "-attributes", "-set_dev_attr" },
		{ "-set_dgrp_attr d", "-attributes", "-set_dgrp_attr" },
		{ "-set_drv_attr d", "-attributes", "-set_drv_attr" },
		{ "-add_drv_attr d", "-attributes", "-add_drv_attr" },
		{ "-rem_drv_attr d", "-attributes", "-rem_drv_attr" },
		{ "-set_tgrp_attr t", "-dev_group and -attributes", "-set_tgrp_attr" },
		{ "-set_ttgt_attr t", "-dev_group -tgt_group and -attributes", "-set_ttgt_attr" },
		{ "-set_tgt_attr t -driver d", "-driver and -attributes", "-set_tgt_attr" },
		{ "-add_tgt_attr t", "-driver and -attributes", "-add_tgt_attr" },
		{ "-rem_tgt_attr t", "-driver and -attributes", "-rem_tgt_attr" },
		{ "-set_grp_attr g", "-driver -target and -attributes", "-set_grp_attr" },
		{ "-set_lun_attr 0", "-driver -target -group and -attributes", "-set_lun_attr" },
		{ "-set_init_attr i", "-driver -target -group and -attributes", "-set_init_attr" },
		{ "-open_dev d", "-handler", "-open_dev/-close_dev" },
		{ "-close_dev d", "-handler", "-open_dev/-close_dev" },
		{ "-add_init i", "-driver -target and -group", "-add_init/-rem_init/-clear_inits" },
		{ "-clear_inits", "-driver -target and -group", "-add_init/-rem_init/-clear_inits" },
		{ "-move_init i", "-driver -target -group and -to", "-move_init" },
		{ "-add_lun 0", "-driver -target and -device", "-add_lun/-replace_lun" },
		{ "-replace_lun 0 -driver d", "-driver -target and -device",
		  "-add_lun/-replace_lun" },
	};
	char want[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(want, sizeof(want), "Please specify %s with %s.\n", cases[i][1],
			 cases[i][2]);
		run(1, cases[i][0]);
		assert_text(f->out, want);
	}
	run(1, "-add_target t -driver ''");
	assert_text(f->out, "Please specify -driver with -add_target.\n");
}

static void conflict_messages(void **state)
{
	static const char *const text =
		"Please specify only one non-query operation at a time.\n";

	(void)state;
	run(1, "-open_dev d -close_dev d -handler h");
	assert_text(f->out, text);
	run(1, "-list_driver -add_dgrp x");
	assert_text(f->out, text);
	run(1, "-set_dev_attr d -add_target t -attributes a=1 -driver i");
	assert_text(f->out, text);
	run(1, "-force");
	assert_text(f->out, "No valid operations specified.\n");
	run(0, "-list_driver -list_handler");
	assert_has(f->out, "\tHandler\n");
	assert_true(strstr(f->out, "\tHandler\n") < strstr(f->out, "\tDriver\n"));
}

static void not_loaded(void **state)
{
	(void)state;
	unlink(fake_conf(f, ""));
	fake_file(f, "version", "SCST version: 1.9.9\n", 0444);
	run(2, "-list_driver");
	assert_has(f->err, "too old");
	fake_file(f, "version", "", 0444);
	run(2, "-list_driver");
	assert_text(f->out, "");
}

static void prompt_declined(void **state)
{
	static const char *const words = "-set_drv_attr iscsi -attributes enabled=1";

	(void)state;
	assert_int_equal(fake_run_in(f, words, ""), 1);
	assert_text(f->out, COLLECT
		    "Performing this action may result in lost or corrupt data, are you sure you wish to continue (y/[n]) ? "
		    "Aborting action.\n" DONE);
	assert_int_equal(fake_run_in(f, words, "n\n"), 1);
	assert_int_equal(fake_run_in(f, words, "yo\n"), 1);
	wrote("");
	assert_int_equal(fake_run_in(f, words, "YES\n"), 0);
	wrote("targets/iscsi/enabled <- 1\n");
	run(0, "-set_drv_attr iscsi -attributes enabled=0 -noprompt");
	assert_lacks(f->out, "sure");
	wrote("targets/iscsi/enabled <- 0\n");
}

static void prompting_operations(void **state)
{
	static const char *const words[] = {
		"-clear_config -force", "-set_scst_attr -attributes a=1",
		"-set_dev_attr disk01 -attributes a=1", "-set_tgt_attr t -driver iscsi -attributes a=1",
		"-rem_drv_attr iscsi -attributes a=1", "-close_dev disk01 -handler vdisk_fileio",
		"-rem_target t -driver iscsi", "-disable_target t -driver iscsi",
		"-rem_group g -driver iscsi -target t", "-rem_init i -driver iscsi -target t -group g",
		"-move_init i -driver iscsi -target t -group g -to h",
		"-clear_inits -driver iscsi -target t -group g",
		"-rem_lun 0 -driver iscsi -target t", "-clear_luns -driver iscsi -target t",
		"-replace_lun 0 -driver iscsi -target t -device d",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		run(1, words[i]);
		assert_has(f->out, "Aborting action.\n" DONE);
	}
	wrote("");
}

static void debug_writes_nothing(void **state)
{
	(void)state;
	run(0, "-debug -add_target " TGT " -driver iscsi");
	assert_has(f->out, "/targets/iscsi/mgmt -> add_target " TGT " \n");
	assert_has(f->out, "DBG(");
	wrote("");
}

static void real_writes_reach_files(void **state)
{
	(void)state;
	set_up();
	f->plain = true;
	run(0, "-enable_target " TGT " -driver iscsi");
	assert_text(fake_read(f, "targets/iscsi/" TGT "/enabled"), "1");
	run(0, "-open_dev new -handler vdisk_nullio");
	assert_text(fake_read(f, "handlers/vdisk_nullio/mgmt"), "add_device new ");
	run(0, "-noprompt -set_scst_attr -attributes setup_id=0x5");
	assert_text(fake_read(f, "setup_id"), "0x5\n");
}

/* An older core may queue a write and tell its result later. */
static void queued_writes_are_waited_for(void **state)
{
	(void)state;
	f->fail = "add_target";
	f->fail_errno = EAGAIN;
	run(0, "-add_target t -driver iscsi");
	fake_file(f, "last_sysfs_mgmt_res", "-22\n", 0444);
	run(42, "-add_target t -driver iscsi");
	assert_has(f->out, "(Invalid argument;");
	fake_file(f, "last_sysfs_mgmt_res", "5\n", 0444);
	run(42, "-add_target t -driver iscsi");
	assert_has(f->out, "(Input/output error;");
}

static void lip_of_fibre_channel_targets(void **state)
{
	(void)state;
	run(0, "-add_target " TGT " -driver iscsi");
	run(0, "-add_target wwn -driver iscsi");
	fake_dir(f, "host7");
	fake_dir(f, "host7/device");
	fake_dir(f, "host7/device/fc_host:host7");
	fake_file(f, "host7/device/fc_host:host7/issue_lip", "", 0200);
	fake_link(f, "targets/iscsi/wwn/host", "../../../host7");
	fake_log(f);
	run(0, "-issue_lip wwn -driver iscsi");
	run(0, "-issue_lip");
	assert_has(f->out, "Target 'iscsi/" TGT "' is not a Fibre Channel one");
	run(0, "-no_lip -issue_lip");
	run(0, "-lip -enable_target wwn -driver iscsi");
	run(0, "-lip -no_lip -enable_target wwn -driver iscsi");
#define LIP "targets/iscsi/wwn/host/device/fc_host:host7/issue_lip <- 1|\n"
	wrote(LIP LIP "targets/iscsi/wwn/enabled <- 1|\n" LIP "targets/iscsi/wwn/enabled <- 1|\n");
	run(1, "-issue_lip wwn");
}

static void man_page_names_every_option(void **state)
{
	const char *top = getenv("TESTS_TOP");
	char path[512], word[64];
	const char *text;
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/scstadmin/man/scstadmin.1", top ? top : "../../..");
	text = fake_slurp(path);
	assert_non_null(text);
	for (i = 0; i < OPT_COUNT; i++) {
		snprintf(word, sizeof(word), "Fl %s", optdefs[i].name);
		assert_has(text, word);
	}
}

/* ---- refusals ---- */

static void refusals_name_what_is_missing(void **state)
{
	static const char *const cases[][2] = {
		{ "-open_dev d -handler nope", "No such handler: nope" },
		{ "-open_dev d -handler vdisk_fileio -attributes bogus=1", "No such attribute: bogus" },
		{ "-open_dev d.x -handler vdisk_fileio", "must not contain '.': d.x" },
		{ "-open_dev a/b -handler vdisk_fileio", "must not contain '/': a/b" },
		{ "-open_dev disk01 -handler vdisk_fileio", "The device exists already: disk01" },
		{ "-open_dev d -handler vdisk_fileio -attributes filename=/missing",
		  "The device could not be opened: Opening device 'd' using handler 'vdisk_fileio' (No such file or directory;" },
		{ "-open_dev d -handler vdisk_fileio -attributes filename=a;b", "must not contain ';'" },
		{ "-close_dev nope -handler vdisk_fileio -noprompt", "No such device: nope" },
		{ "-add_lun 0 -driver nope -target t -device disk01", "No such driver: nope" },
		{ "-add_lun 0 -driver iscsi -target nope -device disk01", "No such target: nope" },
		{ "-add_lun 0 -driver iscsi -target " TGT " -device nope", "No such device: nope" },
		{ "-add_lun 0 -driver iscsi -target " TGT " -device disk02", "The LUN exists already" },
		{ "-add_lun 16384 -driver iscsi -target " TGT " -device disk02", "'16384' is not a LUN" },
		{ "-add_lun -1 -driver iscsi -target " TGT " -device disk02", "'-1' is not a LUN" },
		{ "-add_lun 0 -driver iscsi -target " TGT " -group nope -device disk01",
		  "No such group: nope" },
		{ "-add_lun 5 -driver iscsi -target " TGT " -device disk01 -attributes x=1",
		  "No such attribute: x" },
		{ "-rem_lun 7 -driver iscsi -target " TGT " -noprompt", "No such LUN in the target" },
		{ "-add_group hosts -driver iscsi -target " TGT, "The group exists already" },
		{ "-rem_group hosts -driver iscsi -target " TGT " -noprompt", "is not empty" },
		{ "-rem_init x -driver iscsi -target " TGT " -group hosts -noprompt",
		  "No such initiator in the group: x" },
		{ "-set_dev_attr nope -attributes usn=1 -noprompt", "No such device: nope" },
		{ "-add_dgrp_dev disk01 -dev_group nope", "No such device group: nope" },
		{ "-add_target ../x -driver iscsi", "must not contain '/'" },
		{ "-replace_lun 0 -driver iscsi -target " TGT " -device disk01 -noprompt",
		  "The LUN already shows this device" },
	};
	size_t i;
	int rc;

	(void)state;
	set_up();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rc = fake_run(f, cases[i][0]);
		if (!rc)
			print_error("%s: exit 0\n", cases[i][0]);
		assert_int_not_equal(rc, 0);
		assert_has(f->out, cases[i][1]);
	}
	assert_has(fake_log(f), "filename=/missing");
}

static void refusals_of_long_names(void **state)
{
	char words[512];

	(void)state;
	memset(words, 'n', sizeof(words));
	memcpy(words, "-open_dev ", 10);
	strcpy(words + 10 + 300, " -handler vdisk_fileio");
	run(1, words);
	assert_has(f->out, "must not be longer than 255 bytes");
	memset(words, 'n', sizeof(words));
	memcpy(words, "-add_target ", 12);
	strcpy(words + 12 + 300, " -driver iscsi");
	run(42, words);
	assert_has(f->out, "must not be longer than 255 bytes");
	wrote("");
}

static void report_blocks(void **state)
{
	(void)state;
	run(1, "-close_dev nope -handler vdisk_fileio -noprompt");
	assert_text(f->out, COLLECT
		    "\n\nFATAL: Received the following error:\n\n\tNo such device: nope\n\n\n");
	run(1, "-list_dev_attr nope");
	assert_text(f->out, COLLECT
		    "\n\nWARNING: Received the following error:\n\n\tNo such device: nope\n\n\n" DONE);
	run(1, "-cont_on_err -close_dev nope -handler vdisk_fileio -noprompt");
	assert_has(f->out, "\n\nWARNING: Received the following error:\n\n\tNo such device: nope\n\n\n");
	assert_has(f->out, DONE);
}

static void target_codes_are_exit_codes(void **state)
{
	(void)state;
	run(30, "-add_target t -driver nope");
	run(31, "-add_target t -driver copy_manager");
	run(0, "-add_target t -driver iscsi");
	run(41, "-add_target t -driver iscsi");
	run(50, "-add_target u -driver iscsi -attributes x=1");
	f->fail = "add_target v";
	f->fail_errno = EINVAL;
	run(42, "-add_target v -driver iscsi");
	assert_has(f->out, "(Invalid argument;");
	run(40, "-rem_target nope -driver iscsi -noprompt");
	run(30, "-rem_target nope -driver nope -noprompt");
	f->fail = "del_target";
	f->fail_errno = EBUSY;
	run(43, "-rem_target t -driver iscsi -noprompt");
}

static void session(const char *name, bool closes)
{
	char path[512];

	snprintf(path, sizeof(path), "targets/iscsi/" TGT "/sessions/%s", name);
	fake_dir(f, path);
	strcat(path, "/initiator_name");
	fake_file(f, path, "iqn.h1\n", 0444);
	if (!closes)
		return;
	snprintf(path, sizeof(path), "targets/iscsi/" TGT "/sessions/%s/force_close", name);
	fake_file(f, path, "", 0200);
}

static void sessions_are_closed_first(void **state)
{
	(void)state;
	run(0, "-add_target " TGT " -driver iscsi");
	session("one", true);
	session("two", true);
	fake_log(f);
	yes(0, "-rem_target " TGT " -driver iscsi");
	wrote("targets/iscsi/" TGT "/enabled <- 0|\n"
	      "targets/iscsi/" TGT "/sessions/one/force_close <- 1|\n"
	      "targets/iscsi/" TGT "/sessions/two/force_close <- 1|\n"
	      "targets/iscsi/mgmt <- del_target " TGT "|\n");
}

static void sessions_that_stay_keep_the_target(void **state)
{
	(void)state;
	run(0, "-add_target " TGT " -driver iscsi");
	session("stubborn", false);
	fake_log(f);
	yes(54, "-rem_target " TGT " -driver iscsi");
	assert_has(f->out, "The target still has sessions: " TGT);
	wrote("targets/iscsi/" TGT "/enabled <- 0|\n");
}

/* ---- attributes ---- */

static void set_attributes(void **state)
{
	(void)state;
	set_up();
	run(0, "-noprompt -set_dev_attr disk01 -attributes usn=abc");
	wrote("devices/disk01/usn <- abc|\n");
	assert_has(f->out, "\t-> Done, 1 change(s) made.\n");
	run(0, "-noprompt -set_dev_attr disk01 -attributes usn=abc");
	assert_has(f->out, "already is 'abc'");
	assert_has(f->out, "\t-> Done, 0 change(s) made.\n");
	wrote("");
	run(0, "-noprompt -set_scst_attr -attributes setup_id=0x7,threads=4");
	wrote("setup_id <- 0x7\nthreads <- 4\n");
	run(0, "-noprompt -set_drv_attr iscsi -attributes iSNSServer=");
	wrote("");
	run(0, "-noprompt -set_drv_attr iscsi -attributes iSNSServer=a");
	run(0, "-noprompt -set_drv_attr iscsi -attributes iSNSServer=");
	wrote("targets/iscsi/iSNSServer <- a\ntargets/iscsi/iSNSServer <- \n");
	run(0, "-noprompt -set_grp_attr hosts -driver iscsi -target " TGT " -attributes cpu_mask=1");
	wrote("targets/iscsi/" TGT "/ini_groups/hosts/cpu_mask <- 1\n");
	run(0, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes rel_tgt_id=5,rel_tgt_id=6");
	wrote("targets/iscsi/" TGT "/rel_tgt_id <- 6|\n");
}

static void set_attributes_refused(void **state)
{
	(void)state;
	set_up();
	run(1, "-noprompt -set_dev_attr disk01 -attributes nope=1");
	assert_has(f->out, "WARNING: there is no such attribute 'nope' of device 'disk01'.");
	run(1, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes nope=1");
	run(1, "-noprompt -set_dev_attr disk01 -attributes blocksize=4096");
	assert_has(f->out, "WARNING: attribute 'blocksize' of device 'disk01' is read-only");
	wrote("");
	f->fail = "usn <-";
	f->fail_errno = EINVAL;
	run(1, "-noprompt -set_dev_attr disk01 -attributes usn=x");
	assert_text(f->err, "(EINVAL) ");
	assert_has(f->out, "FATAL");
	f->fail = "allowed_portal bad";
	run(1, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=bad");
	assert_has(f->out, "The target refused to add the attribute");
}

static void set_target_group_attribute_it_lacks(void **state)
{
	(void)state;
	run(0, "-add_dgrp dg");
	run(0, "-add_tgrp tg -dev_group dg");
	run(0, "-add_tgrp_tgt peer -dev_group dg -tgt_group tg");
	fake_log(f);
	run(0, "-noprompt -set_tgrp_attr tg -dev_group dg -attributes rel_tgt_id=1");
	wrote("");
	run(0, "-noprompt -set_tgrp_attr tg -dev_group dg -attributes group_id=1,state=standby");
	wrote("device_groups/dg/target_groups/tg/group_id <- 1\n"
	      "device_groups/dg/target_groups/tg/state <- standby\n");
	run(0, "-noprompt -set_ttgt_attr peer -dev_group dg -tgt_group tg -attributes rel_tgt_id=9");
	wrote("device_groups/dg/target_groups/tg/peer/rel_tgt_id <- 9\n");
}

static void dynamic_attributes(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_drv_attr iscsi -attributes IncomingUser=u\x1fsecretsecret");
	run(0, "-add_drv_attr iscsi -attributes IncomingUser\x1fv\x1fsecretsecret");
	wrote("targets/iscsi/mgmt <- add_attribute IncomingUser u secretsecret|\n"
	      "targets/iscsi/mgmt <- add_attribute IncomingUser v secretsecret|\n");
	run(0, "-list_drv_attr iscsi");
	assert_has(f->out, "\tIncomingUser     u secretsecret     Yes           Yes\n"
		   "\t                 v secretsecret     Yes           Yes\n");
	run(0, "-add_drv_attr iscsi -attributes IncomingUser=u\x1fsecretsecret");
	assert_has(f->out, "already has the value");
	run(0, "-noprompt -rem_drv_attr iscsi -attributes IncomingUser=none");
	assert_has(f->out, "does not have the value");
	wrote("");
	run(0, "-add_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=1.2.3.4");
	run(0, "-noprompt -rem_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=1.2.3.4");
	wrote("targets/iscsi/mgmt <- add_target_attribute " TGT " allowed_portal 1.2.3.4|\n"
	      "targets/iscsi/mgmt <- del_target_attribute " TGT " allowed_portal 1.2.3.4|\n");
	run(1, "-add_drv_attr copy_manager -attributes a=1");
	f->fail = "add_target_attribute";
	f->fail_errno = EINVAL;
	run(1, "-add_tgt_attr " TGT " -driver iscsi -attributes nope=1");
	assert_has(f->out, "The target refused to add the attribute");
}

/* Setting sees to it that the value is there; there is one account of a name. */
static void setting_an_account_changes_its_secret(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joe\037secretsecret1");
	run(0, "-add_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=ann\037secretsecret1");
	run(0, "-add_drv_attr iscsi -attributes IncomingUser=joe\037secretsecret1");
	fake_log(f);
	run(0, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=ann\037secretsecret2");
	run(0, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joe\037secretsecret2");
	assert_has(f->out, "\t-> Done, 1 change(s) made.\n");
	run(0, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joe\037secretsecret2");
	run(0, "-noprompt -set_drv_attr iscsi -attributes IncomingUser=joe\037secretsecret2");
	run(0, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joel\037secretsecret2");
	wrote("targets/iscsi/" TGT "/IncomingUser1 <- ann secretsecret2|\n"
	      "targets/iscsi/" TGT "/IncomingUser <- joe secretsecret2|\n"
	      "targets/iscsi/IncomingUser <- joe secretsecret2\n"
	      "targets/iscsi/mgmt <- add_target_attribute " TGT " IncomingUser joel secretsecret2|\n");
	run(1, "-add_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joe\037secretsecret3");
	assert_has(f->out, "which has this account with another secret: -set_drv_attr or -set_tgt_attr changes it");
	f->fail = "IncomingUser";
	f->fail_errno = EINVAL;
	run(1, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes IncomingUser=joe\037short");
	assert_has(f->out, "The attribute's new value was refused: attribute 'IncomingUser' of target '" TGT "' (Invalid argument;");
	assert_lacks(f->out, "short");
}

/* Output of the tool is kept in logs, of the service for one. */
static void secrets_are_not_printed(void **state)
{
	static const char *const words[] = {
		"-add_drv_attr iscsi", "-add_drv_attr iscsi", "-noprompt -set_drv_attr iscsi", "-noprompt -rem_drv_attr iscsi",
		"-noprompt -rem_drv_attr iscsi", "-noprompt -set_drv_attr iscsi", "-add_tgt_attr " TGT " -driver iscsi",
		"-noprompt -set_tgt_attr " TGT " -driver iscsi",
	};
	char w[256];
	size_t i;
	int refused;

	(void)state;
	set_up();
	f->fail_errno = EINVAL;
	for (refused = 0; refused < 2; refused++) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			f->fail = refused ? "IncomingUser" : NULL;
			snprintf(w, sizeof(w), "%s -attributes IncomingUser=joe%u\037secretsecret1", words[i], refused);
			fake_run(f, w);
			assert_lacks(f->out, "secretsecret");
			assert_lacks(f->err, "secretsecret");
		}
	}
	assert_has(f->out, "The target refused to add the attribute: attribute 'IncomingUser' of target '" TGT "' (Invalid argument;");
	snprintf(w, sizeof(w), "-check_config %s", fake_conf(f, "TARGET_DRIVER iscsi {\n\tIncomingUser joe secretsecret1\n}\n"));
	run(1, w);
	assert_has(f->out, ":2:19: error: surplus word after attribute 'IncomingUser' (a value with blanks needs quotes)\n");
	assert_lacks(f->out, "secretsecret");
}

/* The kernel would take another secret than the one given, and what follows "=" for initiators that it is bound to. */
static void secrets_without_equals_sign(void **state)
{
	(void)state;
	set_up();
	run(1, "-add_drv_attr iscsi -attributes IncomingUser=joe\037c2VjcmV0c2VjcmV0cw==");
	assert_has(f->out, "A value of 'IncomingUser' must not contain '='");
	assert_lacks(f->out, "c2Vjcm");
	run(1, "-add_tgt_attr " TGT " -driver iscsi -attributes allowed_portal=1.2.3.4,IncomingUser=joe\037abcdefghijkl=mnop");
	run(1, "-noprompt -set_drv_attr iscsi -attributes iSNSServer=a,IncomingUser=joe\037abcdefghijkl=mnop");
	run(1, "-noprompt -set_tgt_attr " TGT " -driver iscsi -attributes rel_tgt_id=7,IncomingUser=joe\037abcdefghijkl=mnop");
	wrote("");
	/* elsewhere it stands for itself */
	run(0, "-noprompt -set_drv_attr iscsi -attributes iSNSServer=a=b");
	wrote("targets/iscsi/iSNSServer <- a=b\n");
}

static void attribute_list_syntax(void **state)
{
	(void)state;
	run(0, "-open_dev a -handler vdisk_fileio -attributes filename=/x\\,y=z,read_only");
	wrote("handlers/vdisk_fileio/mgmt <- add_device a filename=/x,y=z;read_only=1;|\n");
	run(0, "-open_dev b -handler vdisk_fileio -attributes cluster_mode=1,filename=/x,t10_dev_id=q");
	wrote("handlers/vdisk_fileio/mgmt <- add_device b filename=/x;t10_dev_id=q;cluster_mode=1;|\n");
	run(0, "-open_dev c -handler vdisk_fileio -attributes filename=/x,filename=/y");
	wrote("handlers/vdisk_fileio/mgmt <- add_device c filename=/y;|\n");
	run(1, "-open_dev d -handler vdisk_fileio -attributes =1");
	run(1, "-open_dev d -handler vdisk_fileio -attributes ../x=1");
	wrote("");
}

/* Blanks, "=" and nothing at all are values, too, though the line of add_device cannot carry them. */
static void odd_parameters_are_not_lost(void **state)
{
	(void)state;
	f->make_ids = true;
	run(0, "-open_dev d -handler vdisk_fileio -attributes filename=/a,t10_dev_id=My\037Disk\0371");
	wrote("handlers/vdisk_fileio/mgmt <- add_device d filename=/a;|\n"
	      "devices/d/t10_dev_id <- My Disk 1|\n");
	run(0, "-open_dev e -handler vdisk_fileio -attributes t10_dev_id=abc==,filename=/b");
	wrote("handlers/vdisk_fileio/mgmt <- add_device e filename=/b;|\n"
	      "devices/e/t10_dev_id <- abc==|\n");
	run(0, "-open_dev g -handler vdisk_fileio -attributes filename=/b,t10_dev_id=");
	wrote("handlers/vdisk_fileio/mgmt <- add_device g filename=/b;|\n"
	      "devices/g/t10_dev_id <- \n");
	f->fail = "blocksize";
	f->fail_errno = EINVAL;
	run(1, "-open_dev h -handler vdisk_fileio -attributes filename=/b,blocksize=");
	assert_has(f->out, "attribute 'blocksize' of device 'h', value ''");
	assert_false(fake_has(f, "devices/h"));
	f->fail = NULL;
	/* LUNs have no file to write */
	run(0, "-add_target " TGT " -driver iscsi");
	fake_log(f);
	run(1, "-add_lun 0 -driver iscsi -target " TGT " -device d -attributes read_only=");
	assert_has(f->out, "The value of 'read_only' must not be empty");
	wrote("");
}

/* ---- devices, groups, initiators, LUNs ---- */

static void close_of_exported_device(void **state)
{
	(void)state;
	set_up();
	yes(1, "-close_dev disk02 -handler vdisk_fileio");
	assert_has(f->out, "\tDriver Target                    Group Lun\n"
		   "\t------ ------------------------- ----- ---\n"
		   "\tiscsi  " TGT " hosts 0  \n");
	assert_has(f->out, "is in use");
	wrote("");
	run(0, "-close_dev disk02 -handler vdisk_fileio -force -noprompt");
	wrote("handlers/vdisk_fileio/mgmt <- del_device disk02|\n");
	run(0, "-open_dev null1 -handler vdisk_nullio");
	fake_log(f);
	/* being a LUN of the copy manager is no use */
	run(0, "-close_dev null1 -handler vdisk_nullio -noprompt");
	wrote("handlers/vdisk_nullio/mgmt <- del_device null1|\n");
}

static void resync_of_device(void **state)
{
	(void)state;
	set_up();
	run(0, "-resync_dev disk01");
	wrote("devices/disk01/resync_size <- 1|\n");
	assert_has(f->out, "Size before: 1048576, now: 1048576.");
	f->fail = "resync_size";
	f->fail_errno = EMEDIUMTYPE;
	run(1, "-resync_dev disk01");
	run(1, "-resync_dev nope");
}

static void initiators_and_groups(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_group other -driver iscsi -target " TGT);
	fake_log(f);
	run(0, "-add_init iqn.h1 -driver iscsi -target " TGT " -group other");
	assert_has(f->out, "already in group 'hosts'");
	wrote("");
	run(0, "-noprompt -move_init iqn.h1 -driver iscsi -target " TGT " -group hosts -to other");
	wrote("targets/iscsi/" TGT "/ini_groups/hosts/initiators/mgmt <- move iqn.h1 other|\n");
	run(0, "-noprompt -rem_init iqn.h1 -driver iscsi -target " TGT " -group other");
	wrote("targets/iscsi/" TGT "/ini_groups/other/initiators/mgmt <- del iqn.h1|\n");
	run(0, "-add_init *#10.0.0.? -driver iscsi -target " TGT " -group other");
	run(0, "-noprompt -clear_inits -driver iscsi -target " TGT " -group other");
	wrote("targets/iscsi/" TGT "/ini_groups/other/initiators/mgmt <- add *#10.0.0.?|\n"
	      "targets/iscsi/" TGT "/ini_groups/other/initiators/mgmt <- clear|\n");
	run(0, "-noprompt -rem_group other -driver iscsi -target " TGT);
	run(0, "-noprompt -force -rem_group hosts -driver iscsi -target " TGT);
	wrote("targets/iscsi/" TGT "/ini_groups/mgmt <- del other|\n"
	      "targets/iscsi/" TGT "/ini_groups/mgmt <- del hosts|\n");
}

static void luns(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_lun 05 -driver iscsi -target " TGT " -device disk02 -attributes read_only=1");
	wrote("targets/iscsi/" TGT "/luns/mgmt <- add disk02 5 read_only=1;|\n");
	run(0, "-noprompt -replace_lun 5 -driver iscsi -target " TGT " -device disk01");
	wrote("targets/iscsi/" TGT "/luns/mgmt <- replace disk01 5 |\n");
	run(0, "-noprompt -clear_luns -driver iscsi -target " TGT);
	run(0, "-noprompt -clear_luns -driver iscsi -target " TGT " -group hosts");
	wrote("targets/iscsi/" TGT "/luns/mgmt <- clear|\n"
	      "targets/iscsi/" TGT "/ini_groups/hosts/luns/mgmt <- clear|\n");
	run(0, "-add_lun 0 -driver copy_manager -target copy_manager_tgt -device disk01");
	wrote("");
}

static void device_and_target_groups(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_dgrp dg");
	run(0, "-add_dgrp_dev disk01 -dev_group dg");
	run(0, "-add_tgrp tg -dev_group dg");
	run(0, "-add_tgrp_tgt " TGT " -dev_group dg -tgt_group tg");
	run(0, "-add_tgrp_tgt peer -dev_group dg -tgt_group tg");
	wrote("device_groups/mgmt <- create dg|\n"
	      "device_groups/dg/devices/mgmt <- add disk01|\n"
	      "device_groups/dg/target_groups/mgmt <- add tg|\n"
	      "device_groups/dg/target_groups/tg/mgmt <- add " TGT "|\n"
	      "device_groups/dg/target_groups/tg/mgmt <- add peer|\n");
	run(0, "-add_dgrp dg2");
	run(1, "-add_dgrp_dev disk01 -dev_group dg2");
	assert_has(f->out, "The device is in another device group: disk01");
	run(1, "-add_dgrp_dev disk01 -dev_group dg");
	run(1, "-add_tgrp_tgt peer -dev_group dg -tgt_group tg");
	run(1, "-rem_dgrp dg");
	run(1, "-rem_tgrp tg -dev_group dg");
	run(1, "-rem_dgrp_dev disk01 -dev_group dg");
	fake_log(f);
	run(0, "-list_dgrp dg");
	assert_text(f->out, COLLECT "\tDevices\n\t-------\n\tdisk01\n\n"
		    "\tTarget Groups\n\t------------\n\ttg\n" DONE);
	run(0, "-list_dgrp");
	assert_text(f->out, COLLECT "\tDevice Group\n\t------------\n\tdg\n\n\tdg2\n\n" DONE);
	run(0, "-list_ttgt_attr " TGT " -dev_group dg -tgt_group tg");
	assert_has(f->out, "\t(none)\n");
	run(0, "-rem_tgrp_tgt peer -dev_group dg -tgt_group tg");
	run(0, "-rem_dgrp dg -force");
	wrote("device_groups/dg/target_groups/tg/mgmt <- del peer|\n"
	      "device_groups/mgmt <- del dg|\n");
}

/* ---- listings ---- */

static void list_names_and_devices(void **state)
{
	(void)state;
	set_up();
	run(0, "-list_driver");
	assert_text(f->out, COLLECT "\tDriver\n\t------------\n\tcopy_manager\n\tiscsi\n" DONE);
	run(0, "-list_device");
	assert_text(f->out, COLLECT
		    "\tHandler           Device\n"
		    "\t------------------------\n"
		    "\tvdisk_blockio    -     \n"
		    "\tvdisk_fileio     disk01\n"
		    "\t                 disk02\n"
		    "\tvdisk_nullio     -     \n" DONE);
	run(0, "-list_handler vdisk_fileio");
	assert_text(f->out, COLLECT
		    "\tHandler          Device\n"
		    "\t-----------------------\n"
		    "\tvdisk_fileio    disk01\n"
		    "\t                disk02\n" DONE);
	run(0, "-list_handler nope");
	run(0, "-list_target");
	assert_text(f->out, COLLECT
		    "\tDriver       Target                   \n"
		    "\t--------------------------------------\n"
		    "\tcopy_manager copy_manager_tgt         \n"
		    "\tiscsi        " TGT "\n" DONE);
}

static void list_groups_and_luns(void **state)
{
	(void)state;
	set_up();
	run(0, "-add_lun 10 -driver iscsi -target " TGT " -device disk02");
	run(0, "-add_lun 2 -driver iscsi -target " TGT " -device disk02");
	run(0, "-list_target " TGT);
	assert_text(f->out, COLLECT
		    "Driver: iscsi\n"
		    "Target: " TGT "\n"
		    "\n"
		    "Assigned LUNs:\n"
		    "\n"
		    "\tLUN  Device\n"
		    "\t-----------\n"
		    "\t0    disk01\n"
		    "\t10   disk02\n"
		    "\t2    disk02\n"
		    "\n"
		    "Group: hosts\n"
		    "\n"
		    "Assigned LUNs:\n"
		    "\n"
		    "\tLUN  Device\n"
		    "\t-----------\n"
		    "\t0    disk02\n"
		    "\n"
		    "Assigned Initiators:\n"
		    "\n"
		    "\tInitiator\n"
		    "\t------\n"
		    "\tiqn.h1\n"
		    "\n"
		    "\n" DONE);
	run(0, "-list_group hosts -driver iscsi -target " TGT);
	assert_has(f->out, "Group: hosts\n");
	run(1, "-list_group nope");
	assert_has(f->out, "WARNING: Received the following error:\n\n\tNo such group: nope\n");
	run(0, "-list_group hosts -driver nope");
}

static void list_attributes(void **state)
{
	(void)state;
	set_up();
	run(0, "-list_dev_attr disk01");
	assert_text(f->out, COLLECT
		    "\tAttribute     Value       Writable      KEY\n"
		    "\t-------------------------------------------\n"
		    "\tfilename      /v/1        Yes           Yes\n"
		    "\tread_only     1           No            Yes\n"
		    "\tsize          1048576     No            Yes\n" DONE);
	run(0, "-list_device disk01");
	assert_has(f->out, "\tread_only     1           No            Yes\n");
	run(0, "-nonkey -list_dev_attr disk01");
	assert_has(f->out, "\thandler         vdisk_fileio     No            No \n");
	assert_has(f->out, "\tresync_size     <n/a>            Yes           No \n");
	run(0, "-nonkey -list_drv_attr iscsi");
	assert_has(f->out, "\tiSNSServer     <not set>     Yes           No \n");
	assert_has(f->out, "\n\tDynamic attributes available\n\t----------------------------\n\tIncomingUser\n");
	run(0, "-list_drv_attr copy_manager");
	assert_text(f->out, COLLECT "\t(none)\n" DONE);
	run(0, "-nonkey -list_hnd_attr vdisk_nullio");
	assert_has(f->out, "\ttype            0      ");
	assert_has(f->out, "\ttype_string     Direct-access device (e.g., magnetic disk)     No");
	assert_has(f->out, "\n\tDevice CREATE attributes available\n\t----------------------------------\n"
		   "\tblocksize\n\tread_only\n\tsize_mb\n");
	run(0, "-list_tgt_attr " TGT " -driver iscsi");
	assert_has(f->out, "\n\tLUN CREATE attributes available\n\t-------------------------------\n\tread_only\n");
	run(0, "-list_lun_attr 0 -driver iscsi -target " TGT);
	assert_has(f->out, "\tread_only     1         No            Yes\n");
	run(0, "-list_grp_attr hosts -driver iscsi -target " TGT);
	run(1, "-list_init_attr i -driver iscsi -target " TGT " -group hosts");
	run(0, "-nonkey -list_scst_attr");
	assert_has(f->out, "\ttrace_level             mgmt                    Yes           No \n"
		   "\t                        pid                     Yes           No \n"
		   "\t                        [all, none, default, mgmt, pid, \n"
		   "\t                         special, scsi]\n");
	run(0, "-dumpAttrs");
	wrote("");
}

static void list_sessions(void **state)
{
	(void)state;
	set_up();
	run(0, "-list_sessions");
	assert_text(f->out, COLLECT
		    "Driver/Target: copy_manager/copy_manager_tgt\n\n\t(no sessions)\n\n"
		    "Driver/Target: iscsi/" TGT "\n\n\t(no sessions)\n\n" DONE);
	session("iqn.h1", true);
	fake_link(f, "targets/iscsi/" TGT "/sessions/iqn.h1/luns", "../../ini_groups/hosts/luns");
	run(0, "-list_sessions");
	assert_has(f->out, "Driver/Target: iscsi/" TGT "\n\n"
		   "\tSession: iqn.h1\n\n"
		   "\tAttribute          Value      Writable      KEY\n"
		   "\t-----------------------------------------------\n"
		   "\tLUN 0              disk02     Yes           No \n"
		   "\tforce_close        <n/a>      Yes           No \n"
		   "\tinitiator_name     iqn.h1     Yes           No \n\n");
}

/* A target comes and goes as fast as it can, until the test ends, however that is. */
static pid_t flicker(const char *path)
{
	char hidden[256];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(hidden, sizeof(hidden), "%s/hidden", f->dir);
	for (;;) {
		rename(path, hidden);
		rename(hidden, path);
	}
}

static void what_goes_while_read_is_no_error(void **state)
{
	int i, gone = 0, failed = 0;
	char path[256];
	pid_t pid;

	(void)state;
	set_up();
	snprintf(path, sizeof(path), "%s/tree/targets/iscsi/" TGT, f->dir);
	pid = flicker(path);
	for (i = 0; i < 300; i++) {
		failed += !!fake_run(f, i % 2 ? "-list_sessions" : "-list_group");
		gone += !strstr(f->out, TGT);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(failed, 0);
	assert_in_range(gone, 1, 299);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		T(howto_commands),
		T(option_spellings),
		T(option_value_may_look_like_option),
		T(help_needs_nothing),
		T(help_names_what_is_needed),
		T(companion_messages),
		T(conflict_messages),
		T(not_loaded),
		T(prompt_declined),
		T(prompting_operations),
		T(debug_writes_nothing),
		T(real_writes_reach_files),
		T(queued_writes_are_waited_for),
		T(lip_of_fibre_channel_targets),
		T(man_page_names_every_option),
		T(refusals_name_what_is_missing),
		T(refusals_of_long_names),
		T(report_blocks),
		T(target_codes_are_exit_codes),
		T(sessions_are_closed_first),
		T(sessions_that_stay_keep_the_target),
		T(set_attributes),
		T(set_attributes_refused),
		T(set_target_group_attribute_it_lacks),
		T(dynamic_attributes),
		T(setting_an_account_changes_its_secret),
		T(secrets_are_not_printed),
		T(secrets_without_equals_sign),
		T(attribute_list_syntax),
		T(odd_parameters_are_not_lost),
		T(close_of_exported_device),
		T(resync_of_device),
		T(initiators_and_groups),
		T(luns),
		T(device_and_target_groups),
		T(list_names_and_devices),
		T(list_groups_and_luns),
		T(list_attributes),
		T(list_sessions),
		T(what_goes_while_read_is_no_error),
	};

	return cmocka_run_group_tests_name("scstadmin: command line", tests, NULL, NULL);
}
