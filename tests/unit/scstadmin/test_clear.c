// SPDX-License-Identifier: GPL-2.0
/* Clearing a configuration, and the numbers of the copy manager, against a stand-in for the kernel. */
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

#include <errno.h>

/* ---- the copy manager ---- */

#define CM "targets/copy_manager/copy_manager_tgt/luns/mgmt <- "
#define TWO_DISKS \
	"HANDLER vdisk_nullio {\n\tDEVICE a\n\tDEVICE b\n}\n"

static void copy_manager_numbers_are_restored(void **state)
{
	(void)state;
	/* opened in the order of the wanted numbers, so that nothing has to be moved */
	apply(0, TWO_DISKS "TARGET_DRIVER copy_manager {\n\tTARGET copy_manager_tgt {\n"
	      "\t\tLUN 0 b\n\t\tLUN 1 a\n\t}\n}\n");
	wrote("handlers/vdisk_nullio/mgmt <- add_device b |\n"
	      "handlers/vdisk_nullio/mgmt <- add_device a |\n");
	changes(2);
	assert_lacks(f->out, "LUN 0");
}

static void copy_manager_numbers_are_moved(void **state)
{
	static const char conf[] = TWO_DISKS "TARGET_DRIVER copy_manager {\n\tTARGET copy_manager_tgt {\n"
		"\t\tLUN 1 a\n\t\tLUN 7 b {\n\t\t\tread_only 1\n\t\t}\n\t}\n}\n";

	(void)state;
	run(0, "-open_dev a -handler vdisk_nullio");
	run(0, "-open_dev b -handler vdisk_nullio");
	fake_log(f);
	apply(0, conf);
	wrote(CM "del 0|\n" CM "del 1|\n" CM "add a 1 |\n" CM "add b 7 |\n");
	assert_has(f->out, "Removing LUN 0 from driver/target 'copy_manager/copy_manager_tgt': done.\n");
	apply(0, conf);
	changes(0);
	force(0, conf);
	changes(0);
	wrote("");
}

static void copy_manager_makes_room(void **state)
{
	(void)state;
	run(0, "-open_dev a -handler vdisk_nullio");
	run(0, "-open_dev b -handler vdisk_nullio");
	fake_log(f);
	/* b is not mentioned: it loses the number but stays reachable */
	apply(0, TWO_DISKS "TARGET_DRIVER copy_manager {\n\tTARGET copy_manager_tgt {\n"
	      "\t\tLUN 1 a\n\t}\n}\n");
	wrote(CM "del 0|\n" CM "del 1|\n" CM "add a 1 |\n" CM "add b 2 |\n");
}

static void copy_manager_unmentioned_is_left_alone(void **state)
{
	(void)state;
	apply(0, TWO_DISKS "TARGET_DRIVER iscsi {\n}\n");
	fake_log(f);
	force(0, TWO_DISKS "TARGET_DRIVER iscsi {\n}\n");
	changes(0);
	wrote("");
}

/* ---- clearing ---- */

static void clear_removes_everything(void **state)
{
	(void)state;
	apply(0, small);
	run(0, "-add_drv_attr iscsi -attributes IncomingUser=u\x1fsecretsecret");
	fake_log(f);
	run(1, "-clear_config -noprompt");
	wrote("");
	run(0, "-clear_config -noprompt -force");
	/* sessions go before what they use: else they would see other LUNs, or none */
	wrote(T_DIR "/enabled <- 0|\n"
	      "device_groups/dg/target_groups/tg/mgmt <- del " TGT "|\n"
	      "device_groups/dg/target_groups/tg/mgmt <- del peer|\n"
	      "device_groups/dg/target_groups/mgmt <- del tg|\n"
	      "device_groups/dg/devices/mgmt <- del disk01|\n"
	      "device_groups/mgmt <- del dg|\n"
	      T_DIR "/ini_groups/hosts/initiators/mgmt <- clear|\n"
	      T_DIR "/ini_groups/hosts/luns/mgmt <- clear|\n"
	      T_DIR "/ini_groups/mgmt <- del hosts|\n"
	      T_DIR "/luns/mgmt <- clear|\n"
	      "targets/iscsi/mgmt <- del_target " TGT "|\n"
	      "targets/iscsi/mgmt <- del_attribute IncomingUser u secretsecret|\n"
	      "handlers/vdisk_fileio/mgmt <- del_device disk01|\n"
	      "handlers/vdisk_fileio/mgmt <- del_device disk02|\n"
	      "targets/iscsi/enabled <- 0\n");
	assert_text(save("-write_config"),
		    HEAD "setup_id 0x11\n\nTARGET_DRIVER copy_manager {\n\tTARGET copy_manager_tgt\n}\n\n"
		    "TARGET_DRIVER iscsi {\n\tenabled 0\n}\n\n");
}

/* A session open on @tgt; without force_close it stays. */
static void make_session(const char *tgt, bool closable)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sessions/iqn.h1", tgt);
	fake_dir(f, path);
	if (!closable)
		return;
	snprintf(path, sizeof(path), "%s/sessions/iqn.h1/force_close", tgt);
	fake_file(f, path, "", 0200);
}

static void clear_closes_sessions_before_anything(void **state)
{
	const char *log;

	(void)state;
	apply(0, small);
	make_session(T_DIR, true);
	fake_log(f);
	run(0, "-clear_config -noprompt -force");
	log = fake_log(f);
	assert_int_equal(strncmp(log, T_DIR "/enabled <- 0|\n" T_DIR "/sessions/iqn.h1/force_close <- 1", 90), 0);
	assert_has(log, "del_target " TGT);
}

static void clear_takes_nothing_from_a_session_that_stays(void **state)
{
	const char *log;

	(void)state;
	apply(0, small);
	run(0, "-open_dev disk03 -handler vdisk_nullio");
	make_session(T_DIR, false);
	fake_log(f);
	run(0, "-clear_config -noprompt -force");
	log = fake_log(f);
	assert_has(f->out, "WARNING: Closing the sessions of driver/target 'iscsi/" TGT "'");
	assert_lacks(log, T_DIR "/luns/mgmt");
	assert_lacks(log, "initiators/mgmt");
	assert_lacks(log, "del_target");
	assert_has(log, "device_groups/mgmt <- del dg");
	/* nor a disk from under its LUN, in whichever group the session is */
	assert_lacks(log, "del_device disk01");
	assert_lacks(log, "del_device disk02");
	assert_has(log, "del_device disk03");
	assert_has(f->out, "WARNING: Device 'disk01' stays as it is, since a session of driver/target 'iscsi/" TGT "' may use it.\n");
	assert_has(f->out, "WARNING: Device 'disk02' stays as it is");
}

static void force_takes_no_disk_from_a_session_that_stays(void **state)
{
	const char *log;

	(void)state;
	apply(0, small);
	make_session(T_DIR, false);
	fake_log(f);
	with_file(1, "-noprompt -force -cont_on_err -config",
		  "HANDLER vdisk_nullio {\n\tDEVICE d\n}\nTARGET_DRIVER iscsi {\n}\n");
	log = fake_log(f);
	assert_lacks(log, "del_target");
	assert_lacks(log, "del_device");
	assert_has(f->out, "WARNING: Device 'disk01' stays as it is");
}

static void clear_of_busy_target_warns(void **state)
{
	(void)state;
	run(0, "-add_target t -driver iscsi");
	run(0, "-open_dev d -handler vdisk_nullio");
	fake_log(f);
	f->fail = "del_target";
	f->fail_errno = EBUSY;
	run(0, "-clear_config -noprompt -force");
	assert_has(f->out, "WARNING: Removing driver/target 'iscsi/t': Device or resource busy.");
	assert_has(fake_log(f), "del_device d");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		T(copy_manager_numbers_are_restored),
		T(copy_manager_numbers_are_moved),
		T(copy_manager_makes_room),
		T(copy_manager_unmentioned_is_left_alone),
		T(clear_removes_everything),
		T(clear_closes_sessions_before_anything),
		T(clear_takes_nothing_from_a_session_that_stays),
		T(force_takes_no_disk_from_a_session_that_stays),
		T(clear_of_busy_target_warns),
	};

	return cmocka_run_group_tests_name("scstadmin: clearing, copy manager", tests, NULL, NULL);
}
