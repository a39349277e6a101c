// SPDX-License-Identifier: GPL-2.0
/* /etc/init.d/scst with a stand-in for modprobe, the daemon and scstadmin: order, codes, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], out[8192];

static const char setup[] =
	"set -e; mkdir -p $M/bin $M/sys/module $M/etc/default $M/run $M/lib $M/var/lib\n"
	"sed \"s|^PATH=.*|PATH=$M/bin:/usr/bin:/bin|; s|/sys/|$M/sys/|g; s|/etc/|$M/etc/|g; "
	"s|/run/|$M/run/|g; s|/var/lib|$M/var/lib|\" $TOP/scstadmin/init.d/scst > $M/scst\n"
	"printf '#!/bin/sh\\nexit 1\\n' > $M/bin/pgrep\n"
	"cat > $M/bin/modprobe <<'EOF'\n"
	"#!/bin/sh\n"
	"for m; do :; done\n"
	"case \" $* \" in *' -D '*) [ ! -e $M/fail_$m ]; exit ;; esac\n"
	"echo \"modprobe $*\" >> $M/log\n"
	"[ -e $M/fail_$m ] && exit 1\n"
	"case \" $* \" in *' -r '*) [ -e $M/busy_$m ] && exit 1; rm -rf $M/sys/module/$m; exit 0 ;; esac\n"
	"mkdir -p $M/sys/module/$m; touch $M/sys/module/$m/refcnt\n"
	"[ $m = scst ] && mkdir -p $M/sys/kernel/scst_tgt\n"
	"exit 0\n"
	"EOF\n"
	"cp /bin/sleep $M/lib/iscsi-scstd\n"
	"cat > $M/bin/iscsi-scstd <<'EOF'\n"
	"#!/bin/sh\n"
	"echo \"iscsi-scstd $*\" >> $M/log\n"
	"[ -e $M/fail_daemon ] && exit 1\n"
	"$M/lib/iscsi-scstd 60 >/dev/null 2>&1 & echo $! > $M/run/iscsi-scstd.pid\n"
	"EOF\n"
	"cat > $M/bin/scstadmin <<'EOF'\n"
	"#!/bin/sh\n"
	"case \"$*\" in\n"
	"-list_modules*) printf 'scst\\nscst_vdisk\\n'; grep -qs iscsi $2 && echo iscsi_scst; true ;;\n"
	"*-check_config*) echo \"scstadmin $*\" | sed \"s| $M.*||\" >> $M/log; echo 'line 7'; cat $M/warnings 2>/dev/null; [ ! -e $M/fail_check ] ;;\n"
	"*-config*) echo \"scstadmin $*\" | sed \"s| $M.*||\" >> $M/log; echo 'it went wrong'; cat $M/findings 2>/dev/null; [ ! -e $M/fail_config ] ;;\n"
	"*) echo \"scstadmin $*\" >> $M/log ;;\n"
	"esac\n"
	"EOF\n"
	"chmod 755 $M/bin/*; : > $M/log; echo 'TARGET_DRIVER iscsi {' > $M/etc/scst.conf\n"
	"echo 'ISCSID_OPTIONS=\"-p 3261\"' > $M/etc/default/scst\n";

/* Runs it with $M and $TOP set; leaves the output in out[]. */
static int sh(const char *script)
{
	char cmd[8192];
	size_t n;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "export M=%s TOP=%s; { %s\n} 2>&1", dir, getenv("TOP"), script);
	p = popen(cmd, "r");
	assert_non_null(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	out[n] = '\0';
	return WEXITSTATUS(pclose(p));
}

static void service(const char *action, int want)
{
	char cmd[128];
	int got;

	snprintf(cmd, sizeof(cmd), ": > $M/log; sh $M/scst %s", action);
	got = sh(cmd);
	if (got != want) {
		print_error("%s: exit %d, wanted %d\n%s\n", action, got, want, out);
		fail();
	}
}

static void said(const char *part)
{
	if (!strstr(out, part)) {
		print_error("missing: %s\nin: %s\n", part, out);
		fail();
	}
}

static void logged(const char *want)
{
	assert_int_equal(sh("cat $M/log"), 0);
	if (strcmp(out, want)) {
		print_error("wanted:\n%s\ngot:\n%s\n", want, out);
		fail();
	}
}

#define UP "modprobe -q crc32c\nmodprobe -q crc32c-intel\nmodprobe -- scst\nmodprobe -- scst_vdisk\n" \
	"modprobe -- iscsi_scst\n"
#define CHECK "scstadmin -force -check_config\n"
#define APPLY "scstadmin -force -cont_on_err -check_config\nscstadmin -cont_on_err -config\n"
#define CLEAR "scstadmin -force -noprompt -clear_config\n"
#define DOWN "modprobe -q -r -- iscsi_scst\nmodprobe -q -r -- scst_vdisk\nmodprobe -q -r -- scst\n"

static int start(void **state)
{
	const char *top = getenv("TESTS_TOP");

	(void)state;
	setenv("TOP", top ? top : "../../..", 1);
	strcpy(dir, "/tmp/scst-service-XXXXXX");
	if (!mkdtemp(dir) || sh(setup))
		return -1;
	/* the accelerated digest is asked for on x86 only */
	return sh("printf '#!/bin/sh\\necho x86_64\\n' > $M/bin/uname; chmod 755 $M/bin/uname");
}

static int end(void **state)
{
	(void)state;
	return sh("[ ! -r $M/run/iscsi-scstd.pid ] || kill $(cat $M/run/iscsi-scstd.pid) 2>/dev/null; rm -rf $M");
}

static void service_starts_and_stops(void **state)
{
	(void)state;
	service("status", 3);
	said("Not running");
	service("start", 0);
	logged(UP CLEAR APPLY "iscsi-scstd -p 3261\n");	/* last, for those that come back */
	assert_int_equal(sh("cd $M/var/lib/scst && [ \"$(stat -c %a pr vdev_mode_pages dif_tags | uniq)\" = 700 ]"), 0);
	service("start", 0);
	said("already started");
	service("status", 0);
	said("SCST status: OK");
	service("stop", 0);
	logged(CLEAR DOWN);
	service("status", 3);
	service("stop", 0);
}

#define REST "modprobe -q crc32c\nmodprobe -q crc32c-intel\nmodprobe -- scst_vdisk\nmodprobe -- iscsi_scst\n" CLEAR APPLY "iscsi-scstd -p 3261\n"

/* "Already started" is what status calls OK: a module alone, with nothing configured, serves nobody. */
static void service_starts_what_is_loaded_only(void **state)
{
	(void)state;
	sh("modprobe() { sh $M/bin/modprobe $*; }; modprobe -- scst; mkdir -p $M/sys/kernel/scst_tgt/targets/copy_manager/t/luns "
	   "$M/sys/kernel/scst_tgt/targets/fc/port/luns $M/sys/kernel/scst_tgt/devices/1:0:0:0; "
	   "echo 1 > $M/sys/kernel/scst_tgt/targets/fc/port/hw_target");
	service("status", 3);
	service("start", 0);
	logged(REST);
	service("status", 0);
	/* somebody holds the module: configuration and daemon are gone all the same */
	sh("touch $M/busy_scst; printf '#!/bin/sh\n[ $1 = 1 ] || exec /bin/sleep $1\n' > $M/bin/sleep; chmod 755 $M/bin/sleep");
	service("stop", 1);
	said("scst is still in use");
	service("status", 3);
	service("start", 0);
	logged(REST);
	service("status", 0);
}

static void service_gives_the_daemon_back(void **state)
{
	(void)state;
	service("start", 0);
	sh("mkdir -p $M/sys/kernel/scst_tgt/devices/d; ln -s ../../handlers/h $M/sys/kernel/scst_tgt/devices/d/handler; "
	   "mkdir -p $M/sys/kernel/scst_tgt/handlers/h; kill $(cat $M/run/iscsi-scstd.pid); rm $M/run/iscsi-scstd.pid");
	service("status", 3);
	service("start", 0);
	said("but for iscsi-scstd");
	logged("iscsi-scstd -p 3261\n");
	service("status", 0);
	/* half of something is neither started nor taken down */
	sh("rm -r $M/sys/module/iscsi_scst $M/sys/module/scst_vdisk");
	service("start", 1);
	said("not all that");
	said(": scst_vdisk iscsi_scst.");
	logged("");
}

/* The children of a daemon that was killed have its name: with a discovery session among them no new one was ever started. */
static void service_knows_the_daemon_from_its_children(void **state)
{
	(void)state;
	service("start", 0);
	sh("kill -9 $(cat $M/run/iscsi-scstd.pid); echo 99999999 > $M/run/iscsi-scstd.pid; "
	   "$M/lib/iscsi-scstd 60 >/dev/null 2>&1 & echo $! > $M/child; "
	   "printf '#!/bin/sh\ncase $* in *iscsi-scstd) cat $M/child ;; *) exit 1 ;; esac\n' > $M/bin/pgrep");
	service("status", 3);
	service("start", 0);
	service("status", 0);
	service("stop", 0);
	assert_int_equal(sh("kill $(cat $M/child)"), 0);
	/* who has started it otherwise may not have written a number */
	sh("echo > $M/run/iscsi-scstd.pid; $M/lib/iscsi-scstd 60 >/dev/null 2>&1 & echo $! > $M/child");
	service("stop", 0);
	assert_int_not_equal(sh("p=$(cat $M/child); kill -0 $p 2>/dev/null && ! grep -q '^State:.Z' /proc/$p/status"), 0);
}

/* iSCSI is there to be configured; the same with a file of comments. */
static void service_without_configuration(void **state)
{
	(void)state;
	sh("rm $M/etc/scst.conf");
	service("start", 0);
	said("started without configuration");
	logged("modprobe -- scst\nmodprobe -- scst_vdisk\nmodprobe -q -- iscsi_scst\niscsi-scstd -p 3261\n");
	service("stop", 0);
	sh("printf '# nothing\\n\\n \\t# yet\\n' > $M/etc/scst.conf");
	service("start", 0);
	said("started without configuration");
	service("status", 0);
	service("reload", 0);
	logged("");
	service("restart", 0);
	service("stop", 0);
	/* and without iSCSI it goes as well */
	sh("touch $M/fail_iscsi_scst");
	service("start", 0);
	assert_int_equal(sh("grep iscsi-scstd $M/log"), 1);
	service("status", 0);
}

static void service_module_that_fails(void **state)
{
	(void)state;
	sh("touch $M/fail_iscsi_scst");
	service("start", 5);
	said("Loading the kernel module iscsi_scst failed.");
	assert_int_equal(sh("ls -d $M/sys/module/*scst*"), 2);
}

static void service_daemon_that_fails(void **state)
{
	(void)state;
	sh("touch $M/fail_daemon");
	service("start", 1);
	said("Starting iscsi-scstd failed");
	logged(UP CLEAR APPLY "iscsi-scstd -p 3261\n" CLEAR DOWN);
	/* before the first configuration as well: its port may be another's */
	sh("rm $M/etc/scst.conf");
	service("start", 1);
	said("Starting iscsi-scstd failed");
	service("status", 3);
}

static void service_configuration_with_errors(void **state)
{
	(void)state;
	sh("touch $M/fail_check");
	service("start", 1);
	said("line 7");
	said("has errors");
	service("status", 3);
}

/* What came up stays up, and what did not is told. */
static void service_configuration_that_fails(void **state)
{
	(void)state;
	sh("touch $M/fail_config");
	service("start", 0);
	said("it went wrong");
	said("could be applied");
	service("status", 0);
	service("reload", 1);
	said("it went wrong");
}

/* A setting that was refused, a disk that was left out: exit code 0, and told all the same. */
static void service_tells_what_was_refused(void **state)
{
	(void)state;
	service("start", 0);
	assert_null(strstr(out, "it went wrong"));
	sh("printf \"f:1:1: warning: handler 'h' is not known to the running system, its devices are left out\\n"
	   "f:2:1: warning: t has LUNs but no LUN 0\\n\\t-> Opening device 'd': done.\\n\\t-> ERROR: Setting attribute 'usn'.\\n"
	   "\\t-> Device 'e' was opened with other attributes; -force would open it anew\\n\" > $M/findings");
	service("reload", 0);
	assert_string_equal(out, "f:1:1: warning: handler 'h' is not known to the running system, its devices are left out\n"
			    "\t-> ERROR: Setting attribute 'usn'.\n"
			    "\t-> Device 'e' was opened with other attributes; -force would open it anew\n");
}

/* What is no error is for whoever checks, and for a restart before anything is stopped; a start tells it when it applies. */
static void service_check_tells_warnings(void **state)
{
	(void)state;
	sh("printf 'f:2:1: warning: t has LUNs but no LUN 0\\n' > $M/warnings");
	service("check", 0);
	assert_string_equal(out, "f:2:1: warning: t has LUNs but no LUN 0\n");
	service("start", 0);
	assert_null(strstr(out, "warning"));
	service("restart", 0);
	said("f:2:1: warning: t has LUNs but no LUN 0\nStopping SCST");
}

static void service_other_actions(void **state)
{
	(void)state;
	service("", 2);
	said("Usage:");
	service("bogus", 2);
	service("reload", 1);
	service("try-restart", 0);
	logged("");
	service("restart", 0);
	service("reload", 0);
	logged("scstadmin -config\n");
	service("try-restart", 0);
	service("force-reload", 0);
	logged("scstadmin -config\n");
	service("status", 0);
}

static void service_restart_with_errors(void **state)
{
	(void)state;
	service("start", 0);
	sh("touch $M/fail_check $M/fail_config");
	service("restart", 1);
	said("line 7");
	logged(CHECK);
	service("try-restart", 1);
	service("force-reload", 1);
	logged("scstadmin -config\n" CHECK);
	service("status", 0);
}

/* A mistyped handler is a module that nobody has. */
static void service_restart_with_a_module_that_is_not_there(void **state)
{
	(void)state;
	sh("echo 'HANDLER vdisk_fileio {' > $M/etc/scst.conf");
	service("start", 0);
	sh("echo 'TARGET_DRIVER iscsi {' >> $M/etc/scst.conf; touch $M/fail_iscsi_scst");
	service("restart", 1);
	said("The kernel module iscsi_scst, which ");
	logged(CHECK);
	service("check", 1);
	sh("rm $M/fail_iscsi_scst");
	service("check", 0);
	service("restart", 0);
	/* what runs may be all that is left of its kernel; what is built in stays */
	sh("touch $M/fail_scst");
	service("restart", 1);
	logged(CHECK);
	sh("rm $M/sys/module/scst/refcnt");
	service("check", 0);
}

/* OpenRC calls stop and then start, of a restart as well. */
static void service_restart_of_openrc_checks(void **state)
{
	static const char rc[] = "sed \"s|^service=.*|service=$M/service|\" $TOP/scstadmin/openrc/scst > $M/openrc; "
		"printf '#!/bin/sh\\nexec sh $M/scst \"$@\"\\n' > $M/service; chmod 755 $M/service; : > $M/log; ";
	char cmd[512];

	(void)state;
	service("check", 0);
	logged(CHECK);
	service("start", 0);
	snprintf(cmd, sizeof(cmd), "%s . $M/openrc; RC_CMD=restart stop_pre", rc);
	assert_int_equal(sh(cmd), 0);
	logged(CHECK);
	sh("touch $M/fail_check");
	assert_int_equal(sh(cmd), 1);
	said("line 7");
	logged(CHECK);
	snprintf(cmd, sizeof(cmd), "%s . $M/openrc; RC_CMD=stop stop_pre", rc);
	assert_int_equal(sh(cmd), 0);
	logged("");
	service("check", 1);
}

static void service_settings_of_the_environment(void **state)
{
	(void)state;
	sh("cp $TOP/scstadmin/init.d/default $M/etc/default/scst; mv $M/etc/scst.conf $M/etc/other.conf");
	assert_int_equal(sh("ISCSID_OPTIONS='-p 7' SCST_TARGET_MODULES=my_tgt SCST_CFG=$M/etc/other.conf sh $M/scst start"), 0);
	logged("modprobe -q crc32c\nmodprobe -q crc32c-intel\nmodprobe -- scst\nmodprobe -- scst_vdisk\n"
	       "modprobe -- iscsi_scst\nmodprobe -- my_tgt\n" CLEAR APPLY "iscsi-scstd -p 7\n");
}

/* Only where a device of the configuration leaves its states to initiators; it must go before scst can. */
static void service_starts_the_helper(void **state)
{
	(void)state;
	sh("printf '#!/bin/sh\necho \"scst-stpgd $*\" >> $M/log\n' > $M/bin/scst-stpgd; chmod 755 $M/bin/scst-stpgd; "
	   "echo 'STPGD_OPTIONS=\"-e x\"' >> $M/etc/default/scst");
	service("start", 0);
	logged(UP CLEAR APPLY "iscsi-scstd -p 3261\n");
	service("stop", 0);
	sh("printf '# expl_alua 1\nDEVICE d { expl_alua 1 }\nTARGET_DRIVER iscsi {\n' > $M/etc/scst.conf");
	service("start", 0);
	logged(UP CLEAR APPLY "scst-stpgd -e x\niscsi-scstd -p 3261\n");
	sh("cp /bin/sleep $M/lib/scst-stpgd; $M/lib/scst-stpgd 60 >/dev/null 2>&1 & echo $! > $M/helper; "
	   "printf '#!/bin/sh\ncase $* in *stpgd) cat $M/helper ;; *) exit 1 ;; esac\n' > $M/bin/pgrep");
	service("stop", 0);
	/* gone, or nobody there to take its exit code */
	assert_int_equal(sh("p=$(cat $M/helper); ! kill -0 $p 2>/dev/null || grep -q '^State:.Z' /proc/$p/status"), 0);
}

/* What the file names since the start: without its module a handler would be left out, without the helper its states refused. */
static void service_reload_loads_what_is_new(void **state)
{
	(void)state;
	sh("printf '#!/bin/sh\necho \"scst-stpgd $*\" >> $M/log\n' > $M/bin/scst-stpgd; chmod 755 $M/bin/scst-stpgd; "
	   "echo 'HANDLER vdisk_fileio {' > $M/etc/scst.conf");
	service("start", 0);
	sh("printf 'DEVICE d {\n\t\texpl_alua 1\n}\nTARGET_DRIVER iscsi {\n' >> $M/etc/scst.conf");
	service("reload", 0);
	logged("modprobe -q crc32c\nmodprobe -q crc32c-intel\nmodprobe -- iscsi_scst\nscstadmin -config\nscst-stpgd \niscsi-scstd -p 3261\n");
	service("status", 0);
	/* the rest is applied all the same */
	sh("echo SCST_TARGET_MODULES=my_tgt >> $M/etc/default/scst; touch $M/fail_my_tgt");
	service("reload", 1);
	said("Loading the kernel module my_tgt failed.");
	assert_int_equal(sh("grep -qx 'scstadmin -config' $M/log"), 0);
}

/* Where its unit is enabled, systemd runs the daemon: the script starts none, and stops the unit before anything else. */
static void service_leaves_the_daemon_to_its_unit(void **state)
{
	(void)state;
	sh("mkdir -p $M/run/systemd/system; cat > $M/bin/systemctl <<'EOF'\n"
	   "#!/bin/sh\n"
	   "[ \"$2\" = is-enabled ] && exec test -e $M/enabled.$3\n"
	   "echo \"systemctl $*\" >> $M/log\n"
	   "EOF\nchmod 755 $M/bin/systemctl");
	service("start", 0);
	logged(UP CLEAR APPLY "iscsi-scstd -p 3261\n");	/* not enabled, as it is after an installation */
	service("stop", 0);
	logged(CLEAR DOWN);
	sh("touch $M/enabled.iscsi-scstd.service");
	service("start", 0);
	logged(UP CLEAR APPLY "systemctl --no-block start iscsi-scstd.service\n");
	service("stop", 0);
	logged("systemctl stop iscsi-scstd.socket iscsi-scstd.service\n" CLEAR DOWN);
	/* else it would listen where it likes */
	sh("touch $M/enabled.iscsi-scstd.socket");
	service("start", 0);
	logged(UP CLEAR APPLY "systemctl --no-block start iscsi-scstd.socket iscsi-scstd.service\n");
	service("stop", 0);
	logged("systemctl stop iscsi-scstd.socket iscsi-scstd.service\n" CLEAR DOWN);
	/* without systemd a link that it left behind says nothing */
	sh("rm -r $M/run/systemd");
	service("start", 0);
	logged(UP CLEAR APPLY "iscsi-scstd -p 3261\n");
}

/* Those of the settings, of drivers the script does not know, and whatever else holds scst. */
static void service_unloads_further_modules(void **state)
{
	(void)state;
	sh("echo 'SCST_TARGET_MODULES=\"my_tgt my-other\"' >> $M/etc/default/scst");
	service("start", 0);
	sh("mkdir -p $M/sys/module/scst/holders/late_tgt $M/sys/module/scst/holders/scst_vdisk $M/sys/module/late_tgt; "
	   "touch $M/sys/module/late_tgt/refcnt; mv $M/sys/module/my-other $M/sys/module/my_other");
	service("stop", 0);
	logged(CLEAR "modprobe -q -r -- late_tgt\nmodprobe -q -r -- my_other\nmodprobe -q -r -- my_tgt\n" DOWN);
}

/* The lines of README are those that vm/first_config runs. */
static void service_first_configuration(void **state)
{
	(void)state;
	assert_int_equal(sh("sed -n '/^A first configuration/,/^At boot/s/^  //p' $TOP/README > $M/readme; "
			    "[ $(wc -l < $M/readme) -ge 10 ] || exit 3; "
			    "grep -vxFf $TOP/tests/groups/first_config.sh $M/readme"), 1);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		T(service_starts_and_stops),
		T(service_starts_what_is_loaded_only),
		T(service_gives_the_daemon_back),
		T(service_knows_the_daemon_from_its_children),
		T(service_without_configuration),
		T(service_module_that_fails),
		T(service_daemon_that_fails),
		T(service_configuration_with_errors),
		T(service_configuration_that_fails),
		T(service_restart_with_errors),
		T(service_restart_with_a_module_that_is_not_there),
		T(service_restart_of_openrc_checks),
		T(service_first_configuration),
		T(service_settings_of_the_environment),
		T(service_starts_the_helper),
		T(service_reload_loads_what_is_new),
		T(service_leaves_the_daemon_to_its_unit),
		T(service_unloads_further_modules),
		T(service_tells_what_was_refused),
		T(service_check_tells_warnings),
		T(service_other_actions),
	};

	return cmocka_run_group_tests_name("scstadmin: service script", tests, NULL, NULL);
}
