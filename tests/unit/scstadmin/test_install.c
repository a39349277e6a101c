// SPDX-License-Identifier: GPL-2.0
/* Goals and variables of the top Makefile, with a stand-in for the kernel's build tree: what comes where, and goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static char dir[64], out[16384];

/* A copy of what is built, and a kernel whose "modules" are empty files. */
static const char setup[] =
	"set -e; mkdir -p $M/src $M/kdir/include/config; cd $TOP\n"
	"cp -r Makefile Kbuild* include scst iscsi-scst scstadmin $M/src; rm -f $M/src/scst/build_mode\n"
	"echo 6.1.0-fake > $M/kdir/include/config/kernel.release\n"
	"cat > $M/kdir/Makefile <<'EOF'\n"
	"ko := scst/scst.ko scst/vdisk/scst_vdisk.ko scst/disk/scst_disk.ko iscsi-scst/kernel/iscsi-scst.ko\n"
	"modules:\n"
	"\t@echo \"modules with $(MAKEFLAGS)\"; cd $(M) && touch $(ko)\n"
	"clean:\n"
	"\tcd $(M) && rm -f $(ko)\n"
	"EOF\n"
	"make -s -C $M/src/scstadmin CFLAGS=-O0 -j2; make -s -C $M/src/iscsi-scst/usr CFLAGS=-O0 -j2\n";

/* Runs it with $M and $TOP set; leaves the output in out[]. */
static int sh(const char *script)
{
	char cmd[8192];
	size_t n;
	FILE *p;

	snprintf(cmd, sizeof(cmd), "unset MAKEFLAGS MAKELEVEL DESTDIR PREFIX SBINDIR MANDIR INSTALL KVER; export M=%s TOP=%s; mk() { make -C $M/src KDIR=$M/kdir CFLAGS=-O0 \"$@\"; }\n"
		 "{ %s\n} 2>&1", dir, getenv("TOP"), script);
	p = popen(cmd, "r");
	assert_non_null(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	out[n] = '\0';
	return WEXITSTATUS(pclose(p));
}

static void good(const char *script)
{
	int rc = sh(script);

	if (rc) {
		print_error("exit %d: %s\n%s\n", rc, script, out);
		fail();
	}
}

static void says(const char *script, const char *want)
{
	good(script);
	if (strcmp(out, want)) {
		print_error("%s\nwanted:\n%s\ngot:\n%s\n", script, want, out);
		fail();
	}
}

static int start(void **state)
{
	const char *top = getenv("TESTS_TOP");

	(void)state;
	setenv("TOP", top ? top : "../../..", 1);
	strcpy(dir, "/tmp/scst-install-XXXXXX");
	if (mkdtemp(dir) && !sh(setup))
		return 0;
	print_error("%s\n", out);
	return -1;
}

static int end(void **state)
{
	(void)state;
	return sh("rm -rf $M");
}

static void install_puts_files(void **state)
{
	(void)state;
	good("mk DESTDIR=$M/d PREFIX=/opt/x all install");
	says("cd $M/d && find . -type f | sort",
	     "./etc/default/scst\n./etc/init.d/scst\n"
	     "./lib/modules/6.1.0-fake/extra/dev_handlers/scst_disk.ko\n"
	     "./lib/modules/6.1.0-fake/extra/dev_handlers/scst_vdisk.ko\n"
	     "./lib/modules/6.1.0-fake/extra/iscsi-scst.ko\n./lib/modules/6.1.0-fake/extra/scst.ko\n"
	     "./lib/systemd/system/iscsi-scstd.service\n./lib/systemd/system/iscsi-scstd.socket\n"
	     "./lib/systemd/system/scst.service\n"
	     "./opt/x/lib/scst/openrc\n./opt/x/lib/scst/service\n"
	     "./opt/x/man/man1/scstadmin.1\n./opt/x/man/man5/iscsi-scstd.conf.5\n"
	     "./opt/x/man/man5/scst-attributes.5\n./opt/x/man/man5/scst.5\n./opt/x/man/man5/scst.conf.5\n"
	     "./opt/x/man/man8/iscsi-scst-adm.8\n./opt/x/man/man8/iscsi-scstd.8\n./opt/x/man/man8/scst-stpgd.8\n"
	     "./opt/x/sbin/iscsi-scst-adm\n./opt/x/sbin/iscsi-scstd\n./opt/x/sbin/scst-stpgd\n./opt/x/sbin/scstadmin\n");
	says("cd $M/d/var/lib/scst && stat -c '%n %a' *", "dif_tags 700\npr 700\nvdev_mode_pages 700\n");
	says("cd $M/d && stat -c %a etc/init.d/scst opt/x/lib/scst/service opt/x/sbin/* opt/x/man/man*/* | uniq -c | tr -s ' '",
	     " 6 755\n 8 644\n");
	/* the programs are found where they are */
	says("grep -c ^PATH=/opt/x/sbin: $M/d/etc/init.d/scst $M/d/opt/x/lib/scst/service | grep -c :1", "2\n");
}

static void install_variables(void **state)
{
	(void)state;
	good("mk DESTDIR=$M/v SBINDIR=/s MANDIR=/m INSTALL_MOD_PATH=$M/mod INSTALL_MOD_DIR=misc SYSTEMD_UNITDIR=/u install");
	good("cd $M && test -x v/s/scstadmin -a -x v/s/iscsi-scstd -a -f v/m/man1/scstadmin.1 -a -f v/m/man8/iscsi-scstd.8 && "
	     "test -f mod/lib/modules/6.1.0-fake/misc/dev_handlers/scst_vdisk.ko -a -f v/u/scst.service -a -f v/u/iscsi-scstd.socket -a "
	     "! -e v/lib");
	good("mk DESTDIR=$M/w KVER=9.9 INSTALL_MOD_PATH= DEPMOD='echo depmod' INSTALL='echo install' scst_install");
	assert_non_null(strstr(out, "depmod -a 9.9\n"));
	good("mk DESTDIR=$M/w KVER=9.9 scst_install");
	assert_null(strstr(out, "depmod"));
}

static void install_keeps_settings(void **state)
{
	(void)state;
	says("echo mine > $M/d/etc/default/scst; mk DESTDIR=$M/d PREFIX=/opt/x install >/dev/null; cat $M/d/etc/default/scst", "mine\n");
}

static void uninstall_takes_them_away(void **state)
{
	(void)state;
	good("cd $M/d/etc && mkdir -p systemd/system/multi-user.target.wants systemd/system/scst.service.wants rc2.d rc0.d runlevels/default && "
	     "ln -s /lib/systemd/system/iscsi-scstd.service /lib/systemd/system/iscsi-scstd.socket systemd/system/scst.service.wants/ && "
	     "ln -s /lib/systemd/system/scst.service systemd/system/multi-user.target.wants/ && "
	     "ln -s ../init.d/scst rc2.d/S01scst && ln -s ../init.d/scst rc0.d/K01scst && ln -s /etc/init.d/scst runlevels/default/ && "
	     "ln -s ../init.d/other rc2.d/S01other");
	good("mk DESTDIR=$M/d PREFIX=/opt/x uninstall");
	says("cd $M/d && find . -type f -o -type l | sort", "./etc/default/scst\n./etc/rc2.d/S01other\n");
}

static void openrc_has_its_own_script(void **state)
{
	(void)state;
	good("mkdir -p $M/g/sbin; touch $M/g/sbin/openrc-run; mk DESTDIR=$M/g PREFIX=/opt/x scstadm_install");
	says("head -n 1 $M/g/etc/init.d/scst; ls $M/g/etc/conf.d", "#!/sbin/openrc-run\nscst\n");
	good("test ! -e $M/g/etc/default");
	/* what openrc-run would call */
	good("printf '#!/bin/sh\\necho called $1; [ $1 != reload ]\\n' > $M/service; chmod 755 $M/service; "
	     "sed \"s|^service=.*|service=$M/service|\" $M/g/etc/init.d/scst > $M/rc");
	says("ebegin() { echo \"$1\"; }; eend() { return $1; }; need() { echo need $*; }; use() { :; }; after() { :; }; . $M/rc; "
	     "depend; start && status && stop && ! reload",
	     "need localmount net\nStarting SCST\ncalled start\ncalled status\nStopping SCST\ncalled stop\n"
	     "Applying the SCST configuration\ncalled reload\n");
}

static void systemd_unit_runs_the_service(void **state)
{
	(void)state;
	good("mk DESTDIR=$M/s PREFIX=/opt/x scstadm_install");
	/* each program it names is there */
	says("cd $M/s; sed -n 's/^Exec[A-Z][a-z]*=\\([^ ]*\\) \\(.*\\)/\\1 \\2/p' lib/systemd/system/scst.service | "
	     "while read -r p verb; do [ -x .$p ] && grep -q \"^$verb) \" .$p && echo $verb; done", "start\nstop\nreload\n");
	says("grep -cxE 'Conflicts=shutdown.target|Before=shutdown.target|RemainAfterExit=yes|EnvironmentFile=-/etc/default/scst|"
	     "WantedBy=multi-user.target' $M/s/lib/systemd/system/scst.service", "5\n");
	good("! command -v systemd-analyze >/dev/null || ! systemd-analyze verify --man=no --root=$M/s scst.service 2>&1 | "
	     "grep -E 'scst.service:[0-9]'");
}

/* The daemon's own units: enabled by nobody, and in step with the service that loads the modules. */
static void systemd_runs_the_daemon_where_enabled(void **state)
{
	(void)state;
	good("mk DESTDIR=$M/u PREFIX=/opt/x scstadm_install iscsi_install");
	says("cd $M/u/lib/systemd/system; p=$(sed -n 's/^ExecStart=\\([^ ]*\\) -f \\$ISCSID_OPTIONS$/\\1/p' iscsi-scstd.service); "
	     "[ -x $M/u$p ] && echo $p; stat -c %a iscsi-scstd.*", "/opt/x/sbin/iscsi-scstd\n644\n644\n");
	says("cd $M/u/lib/systemd/system; for u in service socket; do grep -cxE 'After=scst.service|PartOf=scst.service|"
	     "WantedBy=scst.service|Type=notify|EnvironmentFile=-/etc/default/scst|BindIPv6Only=ipv6-only' iscsi-scstd.$u; done", "5\n4\n");
	says("ls -d $M/u/etc/systemd 2>/dev/null || echo none", "none\n");
	good("! command -v systemd-analyze >/dev/null || ! systemd-analyze verify --man=no --root=$M/u iscsi-scstd.socket "
	     "iscsi-scstd.service scst.service 2>&1 | grep -E 'scstd?.(service|socket):|cycle'");
}

/* The page of the tool has every option of its table, and the others are well formed as far as their heads go. */
static void man_pages_are_complete(void **state)
{
	(void)state;
	says("$M/src/scstadmin/scstadmin -help | sed -n 's/^ *-\\([A-Za-z_]*\\).*/\\1/p' | sort -u | while read -r o; do "
	     "grep -qE \"Fl $o( |$)|Fl $o ,|, $o\" $TOP/scstadmin/man/scstadmin.1 || echo missing: $o; done", "");
	good("[ $($M/src/scstadmin/scstadmin -help | grep -c '^ *-[a-z]') -ge 83 ]");
	says("for v in ISCSID_OPTIONS STPGD_OPTIONS SCST_TARGET_MODULES SCST_CFG; do "
	     "grep -q \"^.It Ev $v\" $TOP/scstadmin/man/scst.5 && grep -q \"$v\" $TOP/scstadmin/init.d/default || echo $v; done", "");
	says("for p in usr/iscsi-scstd adm/iscsi-scst-adm; do "
	     "$M/src/iscsi-scst/$p --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r o; do "
	     "sed 's/\\\\//g' $TOP/iscsi-scst/$p.8 | grep -q -- \"$o\" || echo missing: $o; done; done", "");
	/* what can be written, and what modules take */
	says("cd $TOP; sed -nE 's/.*\\b(SCST_ATTR_RW|SCST_ATTR_WO|STRING|KEY_ATTR)\\(([A-Za-z0-9_]+),.*/\\2/p; "
	     "s/^module_param(_named)?\\((\\w+),.*/\\2/p' scst/*.c scst/sysfs/*.c scst/vdisk/*.c scst/disk/*.c iscsi-scst/kernel/*.c | "
	     "sort -u | grep -vxE '_name|mgmt|stats|global_stats|dump_prs' > $M/names; test $(wc -l < $M/names) -ge 80 || echo few; "
	     "while read -r a; do grep -qw -- $a scstadmin/man/*.5 || echo missing: $a; done < $M/names", "");
}

static void default_goal_is_help(void **state)
{
	(void)state;
	good("mk");
	assert_non_null(strstr(out, "2perf, 2release, 2debug"));
	good("for g in $(mk help | sed -n 's/^  \\([a-z][a-z-]*\\) .*/\\1/p'); do mk -n $g > /dev/null || exit 1; done");
	for (const char *const *g = (const char *const[]){ "scst", "iscsi", "scstadm", NULL }; *g; g++) {
		char cmd[256];

		snprintf(cmd, sizeof(cmd), "for k in '' _install _uninstall _clean _extraclean; do "
			 "mk -n DESTDIR=$M/n %s$k > /dev/null || exit 1; done", *g);
		good(cmd);
	}
	assert_int_equal(sh("mk KDIR=/nonexistent KVER=9.9 scst"), 2);
	assert_non_null(strstr(out, "Install linux-headers-9.9, or give KVER= or KDIR=."));
}

static void parts_use_all_processors(void **state)
{
	char want[32];

	(void)state;
	good("nproc");
	snprintf(want, sizeof(want), "-j%d ", atoi(out));
	good("mk -n scst iscsi scstadm");
	if (!strstr(out, want)) {
		print_error("no %s in %s\n", want, out);
		fail();
	}
	good("mk -n -j1 scst > $M/said && grep -q '^make .*M=' $M/said && ! grep '^make .* -j' $M/said");
}

static void build_modes(void **state)
{
	static const char flags[] = "printf 'scst-top := %s\\nsrctree := .\\ninclude %s/Kbuild.probes\\nall:; @echo $(ccflags-y)\\n' "
		"$M/src $M/src > $M/flags; make -s -f $M/flags | grep -c scst_checks.h | grep -x";
	char cmd[512];
	size_t i;
	static const struct {
		const char *goal, *file, *checks;
	} mode[] = {
		{ "2perf", "BUILD_MODE=PERF\n", "0" },
		{ "2debug", "BUILD_MODE=\n", "1" },
		{ "2release", "BUILD_MODE=RELEASE\n", "0" },
	};

	(void)state;
	snprintf(cmd, sizeof(cmd), "%s 1", flags);
	good(cmd);
	for (i = 0; i < sizeof(mode) / sizeof(mode[0]); i++) {
		snprintf(cmd, sizeof(cmd), "mk %s > /dev/null; cat $M/src/scst/build_mode", mode[i].goal);
		says(cmd, mode[i].file);
		snprintf(cmd, sizeof(cmd), "%s %s", flags, mode[i].checks);
		good(cmd);
	}
	/* cleaning keeps the choice, extraclean forgets it */
	good("mk scst_clean && test -f $M/src/scst/build_mode && mk scst_extraclean && test ! -f $M/src/scst/build_mode");
}

int main(void)
{
	/* in this order, on one copy: building it again for each would take too long */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(install_puts_files),
		cmocka_unit_test(install_variables),
		cmocka_unit_test(install_keeps_settings),
		cmocka_unit_test(uninstall_takes_them_away),
		cmocka_unit_test(openrc_has_its_own_script),
		cmocka_unit_test(systemd_unit_runs_the_service),
		cmocka_unit_test(systemd_runs_the_daemon_where_enabled),
		cmocka_unit_test(man_pages_are_complete),
		cmocka_unit_test(default_goal_is_help),
		cmocka_unit_test(parts_use_all_processors),
		cmocka_unit_test(build_modes),
	};

	return cmocka_run_group_tests_name("make goals", tests, start, end);
}
