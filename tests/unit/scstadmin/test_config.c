// SPDX-License-Identifier: GPL-2.0
/* Whole configurations: check, apply, save, against a stand-in for the kernel. */
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
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- applying ---- */

static void howto_file_changes_nothing(void **state)
{
	(void)state;
	apply(0, "HANDLER vdisk_fileio {\n}\n\nTARGET_DRIVER iscsi {\n      \tenabled 0\n}\n");
	changes(0);
	assert_has(f->out, ":4:1: warning: driver 'iscsi' has no targets\n");
	assert_has(f->out, "\t-> Done, 1 warning(s) found.\n");
	wrote("");
}

static void apply_writes_in_order(void **state)
{
	(void)state;
	apply(0, small);
	wrote("setup_id <- 0x11\n"
	      "handlers/vdisk_fileio/mgmt <- add_device disk01 filename=/v/1;read_only=1;|\n"
	      "handlers/vdisk_fileio/mgmt <- add_device disk02 filename=/v/2;|\n"
	      "devices/disk02/usn <- serial2|\n"
	      "targets/iscsi/mgmt <- add_target " TGT " |\n"
	      T_DIR "/rel_tgt_id <- 3|\n"
	      "targets/iscsi/mgmt <- add_target_attribute " TGT " allowed_portal 10.0.0.1|\n"
	      "targets/iscsi/mgmt <- add_target_attribute " TGT " allowed_portal 10.0.0.2|\n"
	      T_DIR "/luns/mgmt <- add disk01 0 read_only=1;|\n"
	      T_DIR "/ini_groups/mgmt <- create hosts|\n"
	      T_DIR "/ini_groups/hosts/cpu_mask <- 1\n"
	      T_DIR "/ini_groups/hosts/luns/mgmt <- add disk02 0 |\n"
	      T_DIR "/ini_groups/hosts/initiators/mgmt <- add iqn.h1|\n"
	      "device_groups/mgmt <- create dg|\n"
	      "device_groups/dg/devices/mgmt <- add disk01|\n"
	      "device_groups/dg/target_groups/mgmt <- add tg|\n"
	      "device_groups/dg/target_groups/tg/group_id <- 1\n"
	      "device_groups/dg/target_groups/tg/state <- standby\n"
	      "device_groups/dg/target_groups/tg/mgmt <- add " TGT "|\n"
	      "device_groups/dg/target_groups/tg/mgmt <- add peer|\n"
	      "device_groups/dg/target_groups/tg/peer/rel_tgt_id <- 5\n"
	      T_DIR "/enabled <- 1|\n"
	      "targets/iscsi/enabled <- 1\n");
	changes(23);
}

static void apply_twice_changes_nothing(void **state)
{
	(void)state;
	apply(0, small);
	fake_log(f);
	apply(0, small);
	changes(0);
	wrote("");
	force(0, small);
	changes(0);
	wrote("");
}

static void save_and_restore_is_exact(void **state)
{
	char *first;

	(void)state;
	apply(0, small);
	run(0, "-add_tgrp unset -dev_group dg");
	run(0, "-add_tgrp_tgt far -dev_group dg -tgt_group unset");
	first = strdup(save("-write_config"));
	assert_has(first, "\t\tgroup_id 0\n");
	assert_has(first, "\t\t\trel_tgt_id 0\n");
	run(0, "-force -noprompt -clear_config");
	f->next_cm = 0;
	fake_file(f, "setup_id", "0x0\n", 0644);
	apply(0, first);
	assert_lacks(f->out, "ERROR");
	assert_text(save("-write_config"), first);
	fake_log(f);
	apply(0, first);
	changes(0);
	wrote("");
	free(first);
}

static void write_config_is_exact(void **state)
{
	(void)state;
	apply(0, small);
	assert_text(save("-write_config"),
		    HEAD
		    "setup_id 0x11\n"
		    "\n"
		    "HANDLER vdisk_fileio {\n"
		    "\tDEVICE disk01 {\n"
		    "\t\tfilename /v/1\n"
		    "\t\tread_only 1\n"
		    "\t}\n"
		    "\n"
		    "\tDEVICE disk02 {\n"
		    "\t\tfilename /v/2\n"
		    "\t\tusn serial2\n"
		    "\t}\n"
		    "}\n"
		    "\n"
		    "TARGET_DRIVER copy_manager {\n"
		    "\tTARGET copy_manager_tgt {\n"
		    "\t\tLUN 0 disk01 {\n"
		    "\t\t\tread_only 1\n"
		    "\t\t}\n"
		    "\n"
		    "\t\tLUN 1 disk02\n"
		    "\t}\n"
		    "}\n"
		    "\n"
		    "TARGET_DRIVER iscsi {\n"
		    "\tenabled 1\n"
		    "\n"
		    "\tTARGET " TGT " {\n"
		    "\t\tallowed_portal 10.0.0.1\n"
		    "\t\tallowed_portal 10.0.0.2\n"
		    "\t\tenabled 1\n"
		    "\t\trel_tgt_id 3\n"
		    "\n"
		    "\t\tLUN 0 disk01 {\n"
		    "\t\t\tread_only 1\n"
		    "\t\t}\n"
		    "\n"
		    "\t\tGROUP hosts {\n"
		    "\t\t\tLUN 0 disk02\n"
		    "\n"
		    "\t\t\tINITIATOR iqn.h1\n"
		    "\n"
		    "\t\t\tcpu_mask 1\n"
		    "\t\t}\n"
		    "\t}\n"
		    "}\n"
		    "\n"
		    "DEVICE_GROUP dg {\n"
		    "\tDEVICE disk01\n"
		    "\n"
		    "\tTARGET_GROUP tg {\n"
		    "\t\tgroup_id 1\n"
		    "\t\tstate standby\n"
		    "\n"
		    "\t\tTARGET " TGT "\n"
		    "\n"
		    "\t\tTARGET peer {\n"
		    "\t\t\trel_tgt_id 5\n"
		    "\t\t}\n"
		    "\t}\n"
		    "}\n"
		    "\n");
}

static void write_config_nonkey(void **state)
{
	const char *text;

	(void)state;
	apply(0, small);
	text = save("-nonkey -write_config");
	assert_has(text, "setup_id 0x11\n# Non-key attributes\ncluster_name\nthreads 2\n\n");
	assert_has(text, "\t\tread_only 1\n\t\t# Non-key attributes\n\t\tblocksize 512\n\t\tusn 1234\n\t}\n");
	assert_lacks(text, "trace_level");
	assert_lacks(text, "resync_size");
	assert_lacks(text, "handler ");
}

/* The state of the moment is no setting: restored, it drops registrations, stops the disks or cuts one that has grown. */
static void write_config_nonkey_saves_no_state(void **state)
{
	static const char *const names[] = { "block", "pr_state", "size", "size_mb", "dif_checks_failed" };
	char *text, path[64];
	size_t i;

	(void)state;
	apply(0, small);
	fake_file(f, "suspend", "0\n", 0644);
	fake_file(f, "measure_latency", "0\n", 0644);
	fake_file(f, T_DIR "/black_hole", "0\n", 0644);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "devices/disk02/%s", names[i]);
		fake_file(f, path, "1048576\n", 0644);
	}
	text = strdup(save("-nonkey -write_config"));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_lacks(text, with("\t%s ", names[i]));
	assert_lacks(text, "suspend");
	assert_lacks(text, "measure_latency");
	assert_lacks(text, "black_hole");
	fake_file(f, "devices/disk02/size", "2097152\n", 0644);
	fake_file(f, "devices/disk02/size_mb", "2\n", 0644);
	fake_log(f);
	force(0, text);
	changes(0);
	wrote("");
	free(text);
	/* a machine that gets more CPUs uses them */
	assert_lacks(save("-nonkey -write_config"), "cpu_mask 3");
	assert_has(save("-nonkey -write_config"), "cpu_mask 1");	/* the group's own, see small */
	/* one that was set by hand is wanted back */
	fake_file(f, "devices/disk02/size", "524288\n[key]\n", 0644);
	assert_has(save("-nonkey -write_config"), "\t\tsize 524288\n");
}

static void write_config_is_private_and_atomic(void **state)
{
	char w[256], link[128], real[128];
	struct stat st;
	ino_t before;

	(void)state;
	snprintf(real, sizeof(real), "%s/real.conf", f->dir);
	snprintf(link, sizeof(link), "%s/link.conf", f->dir);
	fclose(fopen(real, "w"));
	chmod(real, 0644);
	stat(real, &st);
	before = st.st_ino;
	assert_int_equal(symlink("real.conf", link), 0);
	words(w, sizeof(w), "-write_config", link);
	run(0, w);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(real, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_not_equal(st.st_ino, before);
	assert_has(fake_slurp(real), HEAD);
	snprintf(w, sizeof(w), "-write_config %s/no/such/dir.conf", f->dir);
	run(1, w);
	assert_has(f->out, "Unable to save the configuration to");
	assert_has(f->out, "No such file or directory");
	run(1, "-write_config");
}

static void save_to(int rc, const char *path)
{
	char w[256];

	words(w, sizeof(w), "-write_config", path);
	run(rc, w);
}

static void write_config_follows_dangling_link(void **state)
{
	char link[128], real[128];
	struct stat st;

	(void)state;
	snprintf(link, sizeof(link), "%s/link.conf", f->dir);
	snprintf(real, sizeof(real), "%s/tree/new.conf", f->dir);
	assert_int_equal(symlink("tree/new.conf", link), 0);
	save_to(0, link);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_has(fake_slurp(real), HEAD);
	unlink(link);
	assert_int_equal(symlink("link.conf", link), 0);
	save_to(1, link);
	assert_has(f->out, "Too many levels of symbolic links");
}

/* A file that is a mount point of its own can only be written over. */
static void write_config_to_mounted_file(void **state)
{
	char real[128], path[128];

	(void)state;
	snprintf(real, sizeof(real), "%s/real.conf", f->dir);
	snprintf(path, sizeof(path), "%s/mounted.conf", f->dir);
	fclose(fopen(path, "w"));
	memset(f->log, 'x', sizeof(f->log) - 1);
	fake_file(f, "../real.conf", f->log, 0644);
	f->log[0] = '\0';
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(real, path, NULL, MS_BIND, NULL)) {
		print_message("skipped: no right to mount\n");
		skip();
	}
	save_to(0, path);
	umount(path);
	assert_has(fake_slurp(real), HEAD);
	assert_lacks(fake_slurp(real), "xxx");
}

static bool has_temp(void)
{
	char cmd[160];

	snprintf(cmd, sizeof(cmd), "ls -A %s | grep -q '^\\.saved'", f->dir);
	return system(cmd) == 0;
}

/* Whenever SIGINT comes, no temporary file stays and the file is whole. */
static void write_config_interrupted(void **state)
{
	char path[128];
	pid_t pid;
	int i;

	(void)state;
	snprintf(path, sizeof(path), "%s/saved.conf", f->dir);
	save_to(0, path);
	for (i = 0; i < 40; i++) {
		pid = fork();
		if (!pid) {
			signal(SIGINT, SIG_DFL);
			for (;;)
				save_to(0, path);
		}
		usleep(2000 + 777 * (useconds_t)i);
		kill(pid, SIGINT);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_false(has_temp());
	}
	assert_has(fake_slurp(path), HEAD);
}

static void write_config_misses_nothing(void **state)
{
	char path[128];

	(void)state;
	apply(0, small);
	save_to(0, "/dev/null");
	snprintf(path, sizeof(path), "%s/saved.conf", f->dir);
	f->unreadable = "devices/disk02/usn";
	save_to(1, path);
	assert_has(f->out, "Nothing was saved, because it would be incomplete: attribute 'usn' of device 'disk02': Input/output error");
	assert_null(fake_slurp(path));
	run(0, "-list_dev_attr disk02");
	f->unreadable = "devices/disk02/size";	/* would not be saved anyway */
	save_to(0, path);
	/* with many registrants more than a page, which a file of sysfs cannot show; they are not part of a configuration */
	fake_file(f, "devices/disk02/pr_state", "version 1\n", 0644);
	f->unreadable = "devices/disk02/pr_state";
	f->unreadable_errno = EFBIG;
	save_to(0, path);
	assert_lacks(fake_slurp(path), "pr_state");
	f->unreadable_errno = 0;
	f->unreadable = T_DIR "/luns/0/device";
	save_to(1, path);
	assert_has(f->out, "Unable to read '" T_DIR "/luns/0/device'");
}

/* add_device cannot carry what t10_dev_id may be. */
static void odd_parameters_are_written_later(void **state)
{
	static const char *const odd[] = { "", "LIO disk 1", "A=B" };
	char *first, *log;
	size_t i;

	(void)state;
	f->make_ids = true;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		run(0, "-open_dev d -handler vdisk_fileio -attributes filename=/vdisks/d");
		fake_file(f, "devices/d/t10_dev_id", with("%s\n[key]\n", odd[i]), 0644);
		first = strdup(save("-write_config"));
		assert_has(first, "\t\tt10_dev_id ");
		run(0, "-force -noprompt -clear_config");
		fake_log(f);
		apply(0, first);
		log = strdup(fake_log(f));
		assert_has(log, "handlers/vdisk_fileio/mgmt <- add_device d filename=/vdisks/d;|\n");
		assert_has(log, with("devices/d/t10_dev_id <- %s", odd[i]));
		free(log);
		run(0, "-force -noprompt -clear_config");
		free(first);
	}
}

/* Of the texts that initiators see each blank counts; a server reads with a blank that nobody gave. */
static void blanks_at_the_end_count_for_devices(void **state)
{
	static const char conf[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t\tt10_dev_id %s\n\t}\n}\n"
		"TARGET_DRIVER iscsi {\n\tiSNSServer srv\n}\n";
	static const char *const given[] = { "abc", "\"abc \"", "\"abc   \"", "abc" };
	static const char *const kept[] = { "abc", "abc ", "abc   ", "abc" };
	char text[512];
	size_t i;

	(void)state;
	fake_file(f, "targets/iscsi/iSNSServer", "srv \n[key]\n\n", 0644);
	snprintf(text, sizeof(text), conf, "abcd");
	apply(0, text);
	fake_log(f);
	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		snprintf(text, sizeof(text), conf, given[i]);
		apply(0, text);
		wrote(with("devices/d/t10_dev_id <- %s|\n", kept[i]));
		changes(1);
		apply(0, text);
		wrote("");
		assert_has(save("-write_config"), with("\t\tt10_dev_id %s\n", given[i]));
	}
	run(0, "-noprompt -set_dev_attr d -attributes t10_dev_id=abc\x1f");
	wrote("devices/d/t10_dev_id <- abc |\n");
}

/* As an initiator in another group: told, and only moved with -force. */
static void device_of_another_device_group(void **state)
{
#define IN_GROUPS(a, b) "HANDLER vdisk_nullio {\n\tDEVICE d\n\tDEVICE e\n}\nTARGET_DRIVER iscsi {\n}\n" a b
#define DG(name, dev) "DEVICE_GROUP " name " {\n\tDEVICE " dev "\n}\n"
	(void)state;
	apply(0, IN_GROUPS(DG("a", "d"), DG("b", "e")));
	fake_log(f);
	apply(0, IN_GROUPS(DG("a", "e"), DG("b", "d")));
	wrote("");
	changes(0);
	assert_has(f->out, "\t-> Device 'd' is in device group 'a', not in 'b'; -force would move it.\n");
	assert_has(f->out, "\t-> Device 'e' is in device group 'b', not in 'a'; -force would move it.\n");
	/* the group it is in is not in the file at all */
	apply(0, IN_GROUPS(DG("c", "d"), ""));
	wrote("device_groups/mgmt <- create c|\n");
	assert_has(f->out, "\t-> device group 'a' is not in the configuration; -force would remove it.\n"
		   "\t-> Device 'd' is in device group 'a', not in 'c'; -force would move it.\n");
	force(0, IN_GROUPS(DG("a", "e"), DG("b", "d")));
	wrote("device_groups/a/devices/mgmt <- del d|\n"
	      "device_groups/b/devices/mgmt <- del e|\n"
	      "device_groups/mgmt <- del c|\n"
	      "device_groups/a/devices/mgmt <- add e|\n"
	      "device_groups/b/devices/mgmt <- add d|\n");
}

/* What reads everything waits for another one that does, with an end; what changes one object does not. */
static void whole_configurations_one_after_the_other(void **state)
{
	static const char conf[] = "HANDLER vdisk_nullio {\n\tDEVICE d\n}\nTARGET_DRIVER iscsi {\n}\n";
	char lock[128], w[256];
	int fd;

	(void)state;
	snprintf(lock, sizeof(lock), "%s/lock", f->dir);
	f->lock = lock;
	apply(0, conf);
	assert_int_equal(atoi(fake_slurp(lock)), getpid());
	fd = open(lock, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);	/* the run has let it go */
	fake_log(f);
	apply(1, "HANDLER vdisk_nullio {\n\tDEVICE e\n}\nTARGET_DRIVER iscsi {\n}\n");
	snprintf(w, sizeof(w), "FATAL: Received the following error:\n\n\tAnother scstadmin, process %d, is at work", (int)getpid());
	assert_has(f->out, w);
	assert_has(f->err, "scstadmin: waiting for another one");
	snprintf(w, sizeof(w), "-write_config %s/saved", f->dir);
	run(1, w);
	run(0, "-debug -force -noprompt -clear_config");
	assert_lacks(f->err, "waiting");
	wrote("");
	run(0, "-open_dev e -handler vdisk_nullio");
	assert_lacks(f->err, "waiting");
	force(0, conf);
	assert_has(f->err, "going on all the same");
	run(0, "-force -noprompt -clear_config");
	assert_false(fake_has(f, "devices/d"));
	close(fd);
	apply(0, conf);
	assert_lacks(f->err, "waiting");
	/* a place where there can be none */
	f->lock = "/proc/scstadmin.lock";
	apply(0, conf);
}

/* A disk meant to be read-only must not be served for writing because of a blank. */
static void parameters_are_not_lost(void **state)
{
	static const char *const odd[] = { "", "1 ", "yes please", "1=1" };
	char conf[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(conf, sizeof(conf), "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t\tread_only \"%s\"\n\t}\n"
			 "\tDEVICE e {\n\t\tfilename /v/2\n\t}\n}\n"
			 "TARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tLUN 0 d\n\t\tLUN 1 e\n\t\tenabled 1\n\t}\n}\n", odd[i]);
		apply(1, conf);
		assert_has(f->out, with("'%s' is no value for the parameter 'read_only' of device 'd'", odd[i]));
		assert_false(fake_has(f, "devices/d"));
		with_file(1, "-cont_on_err -config", conf);
		assert_false(fake_has(f, "devices/d"));
		assert_false(fake_has(f, "targets/iscsi/t/luns/0"));
		assert_true(fake_has(f, "targets/iscsi/t/luns/1"));
		run(0, "-force -noprompt -clear_config");
		fake_log(f);
		snprintf(conf, sizeof(conf), "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t}\n}\n"
			 "TARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tGROUP g {\n\t\t\tLUN 0 d {\n\t\t\t\tread_only \"%s\"\n"
			 "\t\t\t}\n\t\t}\n\t}\n}\n", odd[i]);
		apply(1, conf);
		assert_has(f->out, with(":10:5: error: the value '%s' of 'read_only' of LUN 0", odd[i]));
		wrote("");
	}
}

static void write_config_to_special_file(void **state)
{
	struct stat st;

	(void)state;
	run(0, "-write_config /dev/null");
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	run(1, "-write_config /dev/full");
	assert_has(f->out, "No space left on device");
}

static void values_survive_save_and_restore(void **state)
{
	char *first;

	(void)state;
	run(0, "-open_dev d -handler vdisk_fileio -attributes filename=/a#b\\c");
	run(0, "-noprompt -set_dev_attr d -attributes usn=two\x1fwords\x1f{");
	first = strdup(save("-write_config"));
	assert_has(first, "\t\tfilename /a\\#b\\\\c\n\t\tusn \"two words {\"\n");
	run(0, "-force -noprompt -clear_config");
	f->next_cm = 0;
	fake_log(f);
	apply(0, first);
	wrote("handlers/vdisk_fileio/mgmt <- add_device d filename=/a#b\\c;|\n"
	      "devices/d/usn <- two words {|\n");
	free(first);
}

/* ---- differences ---- */

static void nothing_is_removed_without_force(void **state)
{
	(void)state;
	apply(0, small);
	run(0, "-add_init iqn.h2 -driver iscsi -target " TGT " -group hosts");
	fake_log(f);
	apply(0, "HANDLER vdisk_fileio {\n\tDEVICE disk02 {\n\t\tfilename /other\n\t}\n}\n"
	      "TARGET_DRIVER iscsi {\n\tTARGET " TGT " {\n\t\tLUN 0 disk02\n\t\tGROUP hosts {\n\t\t}\n"
	      "\t\tGROUP two {\n\t\t\tINITIATOR iqn.h1\n\t\t}\n\t}\n}\n");
	wrote(T_DIR "/ini_groups/mgmt <- create two|\n");
	changes(1);
	assert_has(f->out, "Device 'disk01' is not in the configuration; -force would close it.");
	assert_has(f->out, "Device 'disk02' was opened with other attributes; -force would open it anew.");
	assert_has(f->out, "shows device 'disk01', not 'disk02'; -force would change it.");
	assert_has(f->out, "LUN 0 of driver/target/group 'iscsi/" TGT "/hosts' is not in the configuration");
	assert_has(f->out, "Initiator 'iqn.h1' is in driver/target/group 'iscsi/" TGT "/hosts', not in group 'two'; -force would move it.");
	assert_has(f->out, "Initiator 'iqn.h2' of driver/target/group");
	assert_has(f->out, "A value of attribute 'allowed_portal' of driver/target 'iscsi/" TGT "' is not in");
	assert_has(f->out, "driver/target 'iscsi/" TGT "' is enabled, the configuration does not say so");
	assert_has(f->out, "driver 'iscsi' is enabled, the configuration does not say so");
	assert_has(f->out, "device group 'dg' is not in the configuration");
}

static void unmentioned_target_stays_without_force(void **state)
{
	(void)state;
	apply(0, small);
	fake_log(f);
	apply(0, "HANDLER vdisk_fileio {\n}\nTARGET_DRIVER iscsi {\n\tenabled 1\n}\n");
	wrote("");
	assert_has(f->out, "driver/target 'iscsi/" TGT "' is not in the configuration but enabled; -force would remove it.");
}

static void force_makes_it_so(void **state)
{
	static const char conf[] =
		"HANDLER vdisk_fileio {\n\tDEVICE disk02 {\n\t\tfilename /other\n\t}\n}\n"
		"TARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n\t\tenabled 1\n\t\tLUN 0 disk02\n"
		"\t\tGROUP hosts\n\t\tGROUP two {\n\t\t\tINITIATOR iqn.h1\n\t\t}\n\t}\n}\n";

	(void)state;
	apply(0, small);
	run(0, "-add_init iqn.h2 -driver iscsi -target " TGT " -group hosts");
	run(0, "-add_target old -driver iscsi");
	run(0, "-add_group empty -driver iscsi -target " TGT);
	fake_log(f);
	force(0, conf);
	assert_has(f->out, "Closing device 'disk01' of handler 'vdisk_fileio': done.");
	assert_has(f->out, "Removing driver/target 'iscsi/old': done.");
	assert_has(f->out, "Removing driver/target/group 'iscsi/" TGT "/empty': done.");
	assert_has(f->out, "Removing initiator 'iqn.h2'");
	assert_has(f->out, "Removing a value of attribute 'allowed_portal'");
	assert_has(f->out, "Removing device group 'dg': done.");
	assert_has(save("-write_config"), "\t\tLUN 0 disk02\n\n\t\tGROUP hosts {\n\t\t\tcpu_mask 1\n\t\t}\n\n\t\tGROUP two {\n"
		   "\t\t\tINITIATOR iqn.h1\n\t\t}\n");
	assert_lacks(save("-write_config"), "allowed_portal");
	assert_lacks(save("-write_config"), "disk01");
	fake_log(f);
	force(0, conf);
	changes(0);
	wrote("");
}

static void force_moves_initiators(void **state)
{
	(void)state;
	apply(0, small);
	run(0, "-add_group two -driver iscsi -target " TGT);
	fake_log(f);
	force(0, "HANDLER vdisk_fileio {\n\tDEVICE disk01 {\n\t\tfilename /v/1\n\t\tread_only\n\t}\n"
	      "\tDEVICE disk02 {\n\t\tfilename /v/2\n\t}\n}\n"
	      "TARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n\t\tenabled 1\n"
	      "\t\tallowed_portal 10.0.0.1\n\t\tallowed_portal 10.0.0.2\n\t\tLUN 0 disk01\n"
	      "\t\tGROUP hosts {\n\t\t\tLUN 0 disk02\n\t\t}\n"
	      "\t\tGROUP two {\n\t\t\tINITIATOR iqn.h1\n\t\t}\n\t}\n}\n"
	      "DEVICE_GROUP dg {\n\tDEVICE disk01\n\tTARGET_GROUP tg {\n"
	      "\t\tTARGET " TGT "\n\t\tTARGET peer\n\t}\n}\n");
	wrote(T_DIR "/ini_groups/hosts/initiators/mgmt <- move iqn.h1 two|\n");
	changes(1);
}

static void force_asks(void **state)
{
	char w[256];

	(void)state;
	apply(0, small);
	fake_log(f);
	words(w, sizeof(w), "-force -config",
	      fake_conf(f, "HANDLER vdisk_fileio {\n}\nTARGET_DRIVER iscsi {\n}\n"));
	assert_int_equal(fake_run_in(f, w, "n\n"), 1);
	assert_has(f->out, "Aborting action.\n\nAll done.\n");
	wrote("");
}

static void bare_parameter_means_one(void **state)
{
	(void)state;
	apply(0, "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t\tread_only\n\t}\n}\n");
	wrote("handlers/vdisk_fileio/mgmt <- add_device d filename=/v/1;read_only=1;|\n");
	force(0, "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t\tread_only\n\t}\n}\n");
	changes(0);
	/* on a device that is there already as well */
	fake_file(f, "devices/d/active", "0\n[key]\n", 0644);
	apply(0, "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t\tread_only\n\t\tactive\n\t}\n}\n");
	wrote("devices/d/active <- 1|\n");
}

/* The file of protection information is marked whoever chose it. With each reload the disk would be taken from its initiators. */
static void force_keeps_what_the_handler_chose(void **state)
{
	static const char conf[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n\t}\n}\n";

	(void)state;
	fake_file(f, "handlers/vdisk_fileio/mgmt", "\nThe following parameters available: dif_filename, filename\n", 0644);
	apply(0, conf);
	fake_file(f, "devices/d/dif_filename", "/var/lib/scst/dif_tags/d.dif\n[key]\n", 0444);
	fake_log(f);
	force(0, conf);
	wrote("");
	/* somebody's choice is none of the file's */
	fake_file(f, "devices/d/dif_filename", "/tags/of_d.dif\n[key]\n", 0444);
	apply(0, conf);
	assert_has(f->out, "Device 'd' was opened with other attributes; -force would open it anew.");
	force(0, conf);
	changes(2);
}

/* What reads so by nature was not set; the LUN of a disk that could have been told otherwise was. */
static void lun_of_a_read_only_drive_stays(void **state)
{
	static const char conf[] = "HANDLER vdisk_nullio {\n\tDEVICE cd1\n}\nTARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tLUN 2 cd1\n\t}\n}\n";
	char path[128];

	(void)state;
	apply(0, conf);
	fake_file(f, "targets/iscsi/t/luns/2/read_only", "1\n[key]\n", 0444);
	fake_log(f);
	force(0, conf);
	wrote("targets/iscsi/t/luns/mgmt <- del 2|\n"
	      "targets/iscsi/t/luns/mgmt <- add cd1 2 |\n");
	fake_file(f, "targets/iscsi/t/luns/2/read_only", "1\n[key]\n", 0444);
	snprintf(path, sizeof(path), "%s/tree/devices/cd1/read_only", f->dir);
	assert_int_equal(unlink(path), 0);
	force(0, conf);
	changes(0);
	wrote("");
	/* a disk that is passed through has no parameters at all, so its LUN was told */
	fake_file(f, "handlers/vdisk_nullio/mgmt", "Usage: x\n", 0644);
	force(0, conf);
	assert_has(fake_log(f), "luns/mgmt <- del 2|\n");
}

static void preserve_cluster_mode(void **state)
{
	static const char conf[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n"
		"\t\tcluster_mode 1\n\t}\n}\n";

	(void)state;
	run(0, "-open_dev d -handler vdisk_fileio -attributes filename=/v/1");
	fake_file(f, "devices/d/cluster_mode", "0\n", 0644);
	fake_log(f);
	with_file(0, "-preserve_cluster_mode -config", conf);
	wrote("");
	apply(0, conf);
	wrote("devices/d/cluster_mode <- 1|\n");
}

static void hardware_targets(void **state)
{
	(void)state;
	run(0, "-add_target hw -driver iscsi");
	fake_file(f, "targets/iscsi/hw/hw_target", "1\n", 0444);
	fake_file(f, "targets/iscsi/hw/enabled", "1\n", 0644);
	assert_has(save("-write_config"), "\tTARGET hw {\n\t\tHW_TARGET\n\n\t\tenabled 1\n\t}\n");
	fake_log(f);
	force(0, "HANDLER vdisk_fileio {\n}\nTARGET_DRIVER iscsi {\n}\n");
	wrote("targets/iscsi/hw/enabled <- 0|\n");
	apply(1, "HANDLER vdisk_fileio {\n}\nTARGET_DRIVER iscsi {\n\tTARGET gone {\n\t\tHW_TARGET\n\t}\n}\n");
	assert_has(f->out, ":4:2: error: hardware target 'gone' of driver 'iscsi' does not exist\n");
}

/* ---- failures ---- */

static void bad_file_changes_nothing(void **state)
{
	(void)state;
	apply(1, "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /v/1\n");
	wrote("");
	assert_has(f->out, ":2:11: error: the block opened here is not closed\n");
	assert_has(f->out, "FATAL: Received the following error:\n\n\tThe configuration file ");
	assert_has(f->out, "has errors, nothing was changed");
	with_file(1, "-cont_on_err -config", "HANDLER vdisk_fileio {\n\tDEVICE d\n");
	wrote("");
	with_file(1, "-check_config", "HANDLER h {\n\tDEVICE d x\n}\nTARGET_DRIVER iscsi {\n}\n}\n");
	assert_has(f->out, ":2:11: error: surplus word 'x' after DEVICE\n");
	assert_has(f->out, ":6:1: error: stray '}' (no block is open)\n");
	assert_has(f->out, "\t-> Done, 2 error(s) found.\n");
	run(1, "-config /no/such/file");
	assert_has(f->out, "Unable to read the configuration file '/no/such/file': No such file or directory");
	run(1, "-check_config /no/such/file");
}

static void empty_file(void **state)
{
	(void)state;
	apply(1, "\n# nothing\n");
	assert_has(f->out, "warning: the file is empty");
	with_file(1, "-check_config", "");
	wrote("");
}

static void check_against_running(void **state)
{
	(void)state;
	with_file(1, "-check_config",
		  "nope 1\nHANDLER vdisk_fileio {\n\tDEVICE d\n}\nHANDLER other {\n\tDEVICE e\n}\n"
		  "TARGET_DRIVER iscsi {\n\tnope 1\n\tTARGET t {\n\t\tLUN 0 e\n\t}\n}\n"
		  "TARGET_DRIVER qla {\n\tTARGET t\n}\n"
		  "TARGET_DRIVER copy_manager {\n\tTARGET x\n}\n");
	assert_has(f->out, ":1:1: warning: core has no attribute 'nope'\n");
	assert_has(f->out, ":5:1: warning: handler 'other' is not known to the running system, its devices are left out\n");
	assert_has(f->out, ":9:2: warning: driver 'iscsi' has no attribute 'nope'\n");
	assert_has(f->out, "device 'e' is not defined, the LUN is left out\n");
	assert_has(f->out, ":14:1: warning: driver 'qla' is not loaded\n");
	assert_has(f->out, ":18:2: error: target 'x' does not exist and driver 'copy_manager' cannot create targets\n");
	assert_has(f->out, "\t-> Done, 1 error(s) found.\n");
	wrote("");
}

/* The kernel parts words at blanks, and has no quotes. */
static void check_tells_of_odd_paths(void **state)
{
	static const char *const odd[] = { "/v/my disks", "/v/a=b" };
	char conf[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		snprintf(conf, sizeof(conf), "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename \"%s\"\n\t}\n}\n", odd[i]);
		with_file(0, "-check_config", conf);
		assert_has(f->out, ":3:3: warning: 'filename' of device 'd' has a blank or '=' in it");
	}
}

/* However many warnings there are, it is the error that has to be mended. */
static void error_after_many_warnings_is_told(void **state)
{
	char conf[4096] = "";
	int i;

	(void)state;
	for (i = 0; i < 200; i++)
		strcat(conf, "threads 2\n");
	strcat(conf, "HANDLER vdisk_nullio {\n\tDEVICE d surplus\n}\n");
	with_file(1, "-check_config", conf);
	assert_has(f->out, ":101:1: warning:");
	assert_lacks(f->out, ":102:1: warning:");
	assert_has(f->out, ":202:11: error: surplus word 'surplus' after DEVICE\n");
	assert_has(f->out, "further findings are not shown\n\t-> Done, 1 error(s) found.\n");
}

static void check_without_kernel(void **state)
{
	char moved[128], tree[128];

	(void)state;
	snprintf(tree, sizeof(tree), "%s/tree", f->dir);
	snprintf(moved, sizeof(moved), "%s/moved", f->dir);
	assert_int_equal(rename(tree, moved), 0);
	with_file(0, "-check_config", small);
	assert_has(f->out, "only grammar, references and plain values are checked");
	with_file(2, "-config", small);
	assert_has(f->err, "SCST is not loaded");
	with_file(0, "-list_modules", small);
	assert_text(f->out, "scst\nscst_vdisk\niscsi_scst\n");
	run(0, "-list_modules /no/such/file");
	assert_text(f->out, "scst\nscst_vdisk\n");
	with_file(0, "-list_modules", "HANDLER dev_disk_perf {\n}\nHANDLER vcdrom {\n}\nTARGET_DRIVER copy_manager {\n}\nTARGET_DRIVER qla2x00t {\n}\n");
	assert_text(f->out, "scst\nscst_disk\nscst_vdisk\nqla2x00tgt\n");
}

static void missing_file_stops_or_goes_on(void **state)
{
	static const char conf[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /missing\n\t\tusn x\n\t}\n"
		"\tDEVICE e {\n\t\tfilename /v/e\n\t}\n}\nTARGET_DRIVER iscsi {\n}\n";

	(void)state;
	apply(1, conf);
	wrote("handlers/vdisk_fileio/mgmt <- add_device d filename=/missing;|\n");
	assert_has(f->out, "FATAL: Received the following error:\n\n\tThe device could not be opened: "
		   "Opening device 'd' using handler 'vdisk_fileio' (No such file or directory;");
	assert_lacks(f->out, "All done");
	with_file(1, "-cont_on_err -config", conf);
	wrote("handlers/vdisk_fileio/mgmt <- add_device d filename=/missing;|\n"
	      "handlers/vdisk_fileio/mgmt <- add_device e filename=/v/e;|\n");
	assert_has(f->out, "WARNING: Received the following error:");
	assert_has(f->out, "\t-> 1 step(s) failed.\n");
	changes(1);
	assert_has(f->out, "All done");
}

static void continues_past_missing_target(void **state)
{
	(void)state;
	with_file(1, "-cont_on_err -config",
		  "HANDLER vdisk_nullio {\n\tDEVICE d\n}\nTARGET_DRIVER ib_srpt {\n\tTARGET fe80 {\n\t\tLUN 0 d\n\t}\n}\n"
		  "TARGET_DRIVER copy_manager {\n\tTARGET none {\n\t\tLUN 0 d\n\t}\n}\n"
		  "TARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tLUN 0 d\n\t\tenabled 1\n\t}\n}\n");
	wrote("handlers/vdisk_nullio/mgmt <- add_device d |\n"
	      "targets/iscsi/mgmt <- add_target t |\n"
	      "targets/iscsi/t/luns/mgmt <- add d 0 |\n"
	      "targets/iscsi/t/enabled <- 1|\n");
}

static void refused_setting_keeps_target_shut(void **state)
{
	static const char conf[] = "HANDLER vdisk_nullio {\n\tDEVICE d\n}\nTARGET_DRIVER iscsi {\n"
		"\tTARGET t {\n\t\tper_portal_acl 1\n\t\tLUN 0 d\n\t\tenabled 1\n\t}\n"
		"\tTARGET u {\n\t\tenabled 1\n\t}\n}\n";

	(void)state;
	apply(1, conf);
	wrote("handlers/vdisk_nullio/mgmt <- add_device d |\n"
	      "targets/iscsi/mgmt <- add_target t |\n"
	      "targets/iscsi/t/per_portal_acl <- 1|\n"
	      "targets/iscsi/t/luns/mgmt <- add d 0 |\n"
	      "targets/iscsi/mgmt <- add_target u |\n"
	      "targets/iscsi/u/enabled <- 1|\n");
	assert_has(f->out, "ERROR: Setting attribute 'per_portal_acl' to '1' for driver/target 'iscsi/t': there is no such attribute.");
	assert_has(f->out, "ERROR: Enabling driver/target 'iscsi/t': not done, because something before it was refused.");
	f->fail = "allowed_portal bad";
	f->fail_errno = EINVAL;
	apply(1, "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tTARGET v {\n\t\tallowed_portal bad\n\t\tenabled 1\n\t}\n}\n");
	assert_lacks(fake_log(f), "targets/iscsi/v/enabled");
}

/* The attribute is there, the image that it names is not. */
static void missing_image_is_told(void **state)
{
	(void)state;
	f->fail = "devices/d/usn";
	f->fail_errno = ENOENT;
	apply(0, "HANDLER vdisk_nullio {\n\tDEVICE d {\n\t\tusn /srv/gone.iso\n\t}\n}\n");
	assert_has(f->out, "ERROR: Setting attribute 'usn' to '/srv/gone.iso' for device 'd': No such file or directory.");
	assert_has(f->out, "\t-> 1 step(s) failed.\n");
}

/* A mask of more CPUs than this machine has keeps nobody from a disk. */
static void refused_cpu_mask_shuts_nothing(void **state)
{
	(void)state;
	f->fail = "cpu_mask";
	f->fail_errno = EINVAL;
	apply(0, small);
	assert_has(f->out, "WARNING: Setting attribute 'cpu_mask' to '1' for driver/target/group 'iscsi/" TGT "/hosts': Invalid argument.");
	assert_has(fake_log(f), T_DIR "/enabled <- 1");
}

static void refused_device_attribute_is_told(void **state)
{
	static const char conf[] = "HANDLER vdisk_nullio {\n\tDEVICE d {\n\t\tusn x\n\t}\n\tDEVICE e {\n\t\tnope 1\n\t}\n}\n";

	(void)state;
	f->fail = "usn <-";
	f->fail_errno = EINVAL;
	apply(0, conf);
	assert_has(f->out, "ERROR: Setting attribute 'usn' to 'x' for device 'd': Invalid argument.");
	assert_has(f->out, "\t-> 1 step(s) failed.\n");
	f->fail = NULL;
	apply(0, conf);
	assert_has(f->out, "WARNING: device 'e' has no attribute 'nope'.");
}

/* But an account that was refused keeps the driver shut. */
static void refused_driver_attribute_shuts_nothing(void **state)
{
	(void)state;
	f->fail = "iSNSServer <-";
	f->fail_errno = EINVAL;
	apply(0, "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tiSNSServer x\n\tnope 1\n\tenabled 1\n\tTARGET t\n}\n");
	assert_has(f->out, "ERROR: Setting attribute 'iSNSServer'");
	assert_has(fake_log(f), "targets/iscsi/enabled <- 1\n");
	fake_file(f, "targets/iscsi/enabled", "0\n", 0644);
	f->fail = "IncomingUser";
	with_file(1, "-cont_on_err -config", "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n"
		  "\tIncomingUser \"u secretsecret\"\n\tenabled 1\n\tTARGET t\n}\n");
	assert_lacks(fake_log(f), "targets/iscsi/enabled <- 1");
}

#define ACCOUNT(value) "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n" \
	"\t\tIncomingUser \"" value "\"\n\t\tenabled 1\n\t}\n}\n"
#define PORTAL(value) "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n" \
	"\t\tallowed_portal " value "\n\t\tenabled 1\n\t}\n}\n"

/* What is there is served. */
static void lost_disk_takes_no_target_along(void **state)
{
	(void)state;
	with_file(1, "-cont_on_err -config",
		  "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /missing\n\t}\n\tDEVICE e {\n\t\tfilename /v/e\n\t}\n}\n"
		  "TARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n\t\tLUN 0 e\n\t\tLUN 1 d\n\t\tenabled 1\n\t}\n}\n");
	assert_has(f->out, "step(s) failed.\n");
	assert_true(fake_has(f, T_DIR "/luns/0"));
	assert_false(fake_has(f, T_DIR "/luns/1"));
	assert_has(fake_log(f), T_DIR "/enabled <- 1");
}

/* The kernel knows an account by its name: adding it again is refused, and removing it takes whatever secret it has. */
static void secret_changes_in_place(void **state)
{
	(void)state;
	apply(0, ACCOUNT("joe secretsecret1"));
	fake_log(f);
	apply(0, ACCOUNT("joe secretsecret2"));
	wrote(T_DIR "/IncomingUser <- joe secretsecret2|\n");
	force(0, ACCOUNT("joe secretsecret3"));
	wrote(T_DIR "/IncomingUser <- joe secretsecret3|\n");
	/* another account is another value; without -force the old one stays */
	apply(0, ACCOUNT("ann secretsecret4"));
	wrote("targets/iscsi/mgmt <- add_target_attribute " TGT " IncomingUser ann secretsecret4|\n");
	force(0, ACCOUNT("ann secretsecret4"));
	wrote("targets/iscsi/mgmt <- del_target_attribute " TGT " IncomingUser joe secretsecret3|\n");
	force(0, ACCOUNT("eve secretsecret5"));
	wrote(T_DIR "/IncomingUser1 <- eve secretsecret5|\n");
}

/* The kernel would set what stands before "=". */
static void secret_with_equals_sign_is_an_error(void **state)
{
	(void)state;
	apply(1, ACCOUNT("joe c2VjcmV0c2VjcmV0cw=="));
	wrote("");
	assert_has(f->out, ":6:3: error: a value of 'IncomingUser' of driver/target 'iscsi/" TGT "' must not contain '='");
	assert_lacks(f->out, "c2Vjcm");
	with_file(1, "-check_config", "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tIncomingUser \"joe abcdefghijkl=mnop\"\n}\n");
	assert_has(f->out, ":4:2: error: a value of 'IncomingUser' of driver 'iscsi' must not");
}

/* Whatever is refused, nobody gets in who could not before. */
static void refused_value_keeps_the_old_one(void **state)
{
	(void)state;
	apply(0, ACCOUNT("joe secretsecret1"));
	fake_log(f);
	f->fail = "IncomingUser";
	f->fail_errno = EINVAL;
	with_file(1, "-noprompt -force -cont_on_err -config", ACCOUNT("joe secretsecret2"));
	assert_lacks(fake_log(f), "del_target_attribute");
	with_file(1, "-noprompt -force -cont_on_err -config",
		  "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n"
		  "\t\tIncomingUser \"ann secretsecret2\"\n\t\tIncomingUser \"eve secretsecret2\"\n\t\tenabled 1\n\t}\n}\n");
	assert_lacks(fake_log(f), "del_target_attribute");
}

/* Whatever fails after it: a target that is to be disabled never stands open without its accounts. */
static void disabling_comes_first(void **state)
{
	static const char shut[] = "HANDLER vdisk_fileio {\n\tDEVICE d {\n\t\tfilename /missing\n\t}\n}\n"
		"TARGET_DRIVER iscsi {\n\tenabled 1\n\tTARGET " TGT " {\n\t\tenabled 0\n\t}\n\tTARGET u\n}\n";
	static const char silent[] = "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tTARGET " TGT "\n\tTARGET u\n}\n";

	(void)state;
	apply(0, ACCOUNT("joe secretsecret1"));
	fake_log(f);
	f->fail = "add_target u";
	f->fail_errno = EINVAL;
	force(1, silent);
	wrote(T_DIR "/enabled <- 0|\n"
	      "targets/iscsi/enabled <- 0\n"
	      "targets/iscsi/mgmt <- del_target_attribute " TGT " IncomingUser joe secretsecret1|\n"
	      "targets/iscsi/mgmt <- add_target u |\n");
	f->fail = NULL;
	apply(0, ACCOUNT("joe secretsecret1"));
	fake_log(f);
	/* not even a lost disk keeps it open */
	apply(1, shut);
	wrote(T_DIR "/enabled <- 0|\n"
	      "handlers/vdisk_fileio/mgmt <- add_device d filename=/missing;|\n");
	/* and an account stays where that was refused */
	apply(0, ACCOUNT("joe secretsecret1"));
	f->fail = T_DIR "/enabled <- 0";
	with_file(1, "-noprompt -force -cont_on_err -config", silent);
	assert_lacks(fake_log(f), "del_target_attribute");
}

static void only_portal_changes_in_place(void **state)
{
	(void)state;
	apply(0, PORTAL("10.0.0.1"));
	fake_log(f);
	force(0, PORTAL("10.0.0.2"));
	wrote(T_DIR "/allowed_portal <- 10.0.0.2|\n");
}

static void initiator_twice_is_fatal(void **state)
{
	(void)state;
	apply(0, small);
	run(0, "-add_group two -driver iscsi -target " TGT);
	fake_file(f, T_DIR "/ini_groups/two/initiators/iqn.h1", "iqn.h1\n", 0444);
	fake_log(f);
	apply(1, small);
	assert_has(f->out, "Initiator 'iqn.h1' is in the groups 'hosts' and 'two'");
	wrote("");
	force(0, small);
}

/* The initiator must never see the default LUNs, nor a group without LUNs. */
static void force_renames_group(void **state)
{
	static const char devs[] = "HANDLER vdisk_nullio {\n\tDEVICE d1\n\tDEVICE d2\n}\n";
	char conf[2][1024];
	const char *log;
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		snprintf(conf[i], sizeof(conf[i]), "%sTARGET_DRIVER iscsi {\n\tTARGET t {\n\t\tLUN 0 d1\n"
			 "\t\tGROUP %s {\n\t\t\tLUN 0 d2\n\t\t\tINITIATOR iqn.h1\n\t\t}\n\t}\n}\n",
			 devs, i ? "new" : "old");
	apply(0, conf[0]);
	fake_log(f);
	force(0, conf[1]);
#define G "targets/iscsi/t/ini_groups/"
	wrote(G "mgmt <- create new|\n"
	      G "new/luns/mgmt <- add d2 0 |\n"
	      G "old/initiators/mgmt <- move iqn.h1 new|\n"
	      G "old/initiators/mgmt <- clear|\n"
	      G "old/luns/mgmt <- clear|\n"
	      G "mgmt <- del old|\n");
	f->fail = "create";
	f->fail_errno = ENOMEM;
	with_file(1, "-cont_on_err -noprompt -force -config", conf[0]);
	log = fake_log(f);
	assert_lacks(log, "move");
	assert_lacks(log, "clear");
	assert_lacks(log, "del ");
#undef G
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		T(howto_file_changes_nothing),
		T(apply_writes_in_order),
		T(apply_twice_changes_nothing),
		T(save_and_restore_is_exact),
		T(write_config_is_exact),
		T(write_config_nonkey),
		T(write_config_nonkey_saves_no_state),
		T(write_config_is_private_and_atomic),
		T(write_config_to_special_file),
		T(write_config_follows_dangling_link),
		T(write_config_interrupted),
		T(write_config_misses_nothing),
		T(odd_parameters_are_written_later),
		T(blanks_at_the_end_count_for_devices),
		T(device_of_another_device_group),
		T(whole_configurations_one_after_the_other),
		T(parameters_are_not_lost),
		T(values_survive_save_and_restore),
		T(nothing_is_removed_without_force),
		T(unmentioned_target_stays_without_force),
		T(force_makes_it_so),
		T(force_moves_initiators),
		T(force_asks),
		T(bare_parameter_means_one),
		T(force_keeps_what_the_handler_chose),
		T(lun_of_a_read_only_drive_stays),
		T(preserve_cluster_mode),
		T(hardware_targets),
		T(bad_file_changes_nothing),
		T(empty_file),
		T(check_against_running),
		T(check_tells_of_odd_paths),
		T(error_after_many_warnings_is_told),
		T(check_without_kernel),
		T(missing_file_stops_or_goes_on),
		T(continues_past_missing_target),
		T(refused_setting_keeps_target_shut),
		T(missing_image_is_told),
		T(refused_cpu_mask_shuts_nothing),
		T(refused_device_attribute_is_told),
		T(refused_driver_attribute_shuts_nothing),
		T(lost_disk_takes_no_target_along),
		T(secret_changes_in_place),
		T(secret_with_equals_sign_is_an_error),
		T(refused_value_keeps_the_old_one),
		T(disabling_comes_first),
		T(only_portal_changes_in_place),
		T(initiator_twice_is_fatal),
		T(force_renames_group),
		T(write_config_to_mounted_file),	/* last: in a mount namespace of its own */
	};

	return cmocka_run_group_tests_name("scstadmin: configurations", tests, NULL, NULL);
}
