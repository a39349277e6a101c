// SPDX-License-Identifier: GPL-2.0
/* What a save takes out of the file it replaces: found, named on standard error, and nothing but that. */
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
#include <unistd.h>

#include "../../../scstadmin/conf.h"

/* ---- two texts ---- */

/* Labels, each on its line. */
static void drops(const char *was, const char *now, const char *want)
{
	struct pool pool = { 0 };
	struct sbuf got = { .pool = &pool };
	struct strs out = { 0 };
	struct conf a, b;
	size_t i;

	conf_parse(&a, &pool, was, strlen(was));
	conf_parse(&b, &pool, now, strlen(now));
	assert_int_equal(a.errors + b.errors, 0);
	conf_drops(&pool, a.root, b.root, &out);
	sbuf_str(&got, "");
	for (i = 0; i < out.n; i++)
		sbuf_fmt(&got, "%s\n", out.v[i]);
	if (strcmp(got.s, want))
		print_error("was:\n%s\nnow:\n%s\n", was, now);
	assert_text(got.s, want);
	pool_free(&pool);
}

#define TARGET(inside) "TARGET_DRIVER iscsi {\n\tTARGET t {\n" inside "\t}\n}\n"

static void each_kind_is_found(void **state)
{
	(void)state;
	drops("HANDLER h {\n\tDEVICE a\n\tDEVICE b\n}\n", "HANDLER h {\n\tDEVICE b\n}\n", "device 'a'\n");
	drops(TARGET("\tLUN 0 a\n\tLUN 1 b\n"), TARGET("\tLUN 0 a\n"),
	      "LUN 1 of driver/target 'iscsi/t' (device 'b')\n");
	drops(TARGET("\tLUN 0 a\n"), TARGET("\tLUN 0 b\n"), "LUN 0 of driver/target 'iscsi/t' (device 'a')\n");
	drops(TARGET("GROUP g {\n\tLUN 0 a\n\tINITIATOR i\n}\n"), TARGET("GROUP g {\n}\n"),
	      "LUN 0 of driver/target/group 'iscsi/t/g' (device 'a')\n"
	      "initiator 'i' of driver/target/group 'iscsi/t/g'\n");
	drops("DEVICE_GROUP dg {\n\tDEVICE a\n\tDEVICE b\n\tTARGET_GROUP x\n\tTARGET_GROUP y {\n\tTARGET t\n\tTARGET u\n}\n}\n",
	      "DEVICE_GROUP dg {\n\tDEVICE b\n\tTARGET_GROUP y {\n\tTARGET u\n}\n}\n",
	      "device 'a' of device group 'dg'\n"
	      "target group 'x' of device group 'dg'\n"
	      "target 't' of target group 'y' of device group 'dg'\n");
}

/* What is in an object that goes is not named as well; a module that is not loaded takes each by its name. */
static void the_outermost_is_named(void **state)
{
	(void)state;
	drops(TARGET("\tLUN 0 a\nGROUP g {\n\tLUN 0 a\n\tINITIATOR i\n}\n"), "TARGET_DRIVER iscsi {\n\tenabled 1\n}\n",
	      "driver/target 'iscsi/t'\n");
	drops(TARGET("\tLUN 0 a\nGROUP g {\n\tLUN 0 a\n\tINITIATOR i\n}\n"), TARGET("\tLUN 0 a\n"),
	      "driver/target/group 'iscsi/t/g'\n");
	drops("DEVICE_GROUP dg {\n\tDEVICE a\n\tTARGET_GROUP x {\n\tTARGET t\n}\n}\n", "", "device group 'dg'\n");
	drops(TARGET("\tLUN 0 a\n") "HANDLER h {\n\tDEVICE a\n}\n", "", "driver/target 'iscsi/t'\ndevice 'a'\n");
	drops("TARGET_DRIVER iscsi {\n\tIncomingUser \"joe secret\"\n}\n", "", "driver 'iscsi'\n");
}

static void what_only_changed_is_not_named(void **state)
{
	(void)state;
	drops("setup_id 1\nHANDLER h {\n\tDEVICE a {\n\tusn 1\n}\n}\n", "HANDLER i {\n\tDEVICE a\n}\n", "");
	drops("HANDLER h {\n\tDEVICE /dev/a\n}\n" TARGET("\tLUN 0 /dev/a\n"),
	      "HANDLER h {\n\tDEVICE a\n}\n" TARGET("\tLUN 0 a\n"), "");
	drops(TARGET("\tLUN 0 a\n"), TARGET("\tLUN 5 a\n"), "");
	drops(TARGET("GROUP g {\n\tINITIATOR i\n}\nGROUP o\n"), TARGET("GROUP g\nGROUP o {\n\tINITIATOR i\n}\n"), "");
	drops("TARGET_DRIVER copy_manager {\n\tTARGET copy_manager_tgt {\n\tLUN 0 a\n}\n}\n", "", "");
	drops("HANDLER vdisk_fileio {\n}\nTARGET_DRIVER x {\n}\nALUA {\n\tid 1\n}\n", "", "");
}

/* ---- the tool ---- */

static char path[128];

/* Saves to the file, which then holds @was no more; what is said on standard error. */
static const char *save_over(const char *was, const char *before)
{
	FILE *file = fopen(path, "w");
	char w[256];

	fputs(was, file);
	fclose(file);
	words(w, sizeof(w), before, path);
	run(0, w);
	return f->err;
}

static int start_path(void **state)
{
	start(state);
	snprintf(path, sizeof(path), "%s/saved.conf", f->dir);
	return 0;
}

/* @labels, each ended by a line end, as warnings of the file */
static const char *told(const char *labels)
{
	static char text[8192];
	size_t n = 0;
	int len;

	text[0] = '\0';
	for (; *labels; labels += len + 1) {
		len = (int)strcspn(labels, "\n");
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s: warning: this save dropped %.*s\n", path, len, labels);
	}
	return text;
}

/*
 * A disk that is missing at boot does not keep the service from starting; the next save, which a front end makes after
 * each action and always with -force, took the disk out of the file without a word.
 */
static void save_names_a_missing_disk(void **state)
{
	char *text, *out, w[256];

	(void)state;
	f->fail = "add_device disk02";
	f->fail_errno = ENOENT;
	with_file(1, "-cont_on_err -config", small);
	f->fail = NULL;
	assert_text(save_over(small, "-force -write_config"),
		    told("device 'disk02'\n"
			 "LUN 0 of driver/target/group 'iscsi/" TGT "/hosts' (device 'disk02')\n"));
	/* neither what a script reads nor the file differs from those of a save that drops nothing */
	text = strdup(fake_slurp(path));
	out = strdup(f->out);
	words(w, sizeof(w), "-force -write_config", path);
	run(0, w);
	assert_text(f->err, "");
	assert_text(f->out, out);
	assert_text(fake_slurp(path), text);
	assert_lacks(out, "warning");
	free(text);
	free(out);
}

static void save_of_nothing_names_all(void **state)
{
	(void)state;
	assert_text(save_over(small, "-write_config"),
		    told("device 'disk01'\ndevice 'disk02'\ndriver/target 'iscsi/" TGT "'\ndevice group 'dg'\n"));
	assert_lacks(fake_slurp(path), "DEVICE");
}

static void many_drops_are_counted(void **state)
{
	char conf[1024], want[1024] = "", more[256];
	int i;

	(void)state;
	strcpy(conf, "HANDLER vdisk_nullio {\n");
	for (i = 10; i < 30; i++) {
		snprintf(conf + strlen(conf), sizeof(conf) - strlen(conf), "\tDEVICE d%d\n", i);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "device 'd%d'\n", i);
	}
	i = (int)strlen(conf);
	strcpy(conf + i, "}\n");
	assert_text(save_over(conf, "-write_config"), told(want));
	strcpy(conf + i, "\tDEVICE e\n\tDEVICE f\n}\n");
	save_over(conf, "-write_config");
	snprintf(more, sizeof(more), "%s: warning: and 2 more\n", path);
	assert_int_equal(strncmp(f->err, told(want), strlen(told(want))), 0);
	assert_text(f->err + strlen(told(want)), more);
}

static void save_has_nothing_to_name(void **state)
{
	static const char *const files[] = {
		"", "nonsense {\n", "HANDLER h {\n\tDEVICE gone\n", "[HANDLER vdisk]\nDEVICE a\n",
		"HANDLER vdisk_fileio {\n}\n\nTARGET_DRIVER iscsi {\n\tenabled 0\n}\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_text(save_over(files[i], "-write_config"), "");
	apply(0, small);
	assert_text(save_over(small, "-write_config"), "");
	assert_text(save_over(fake_slurp(path), "-nonkey -write_config"), "");
	unlink(path);
	save("-write_config");
	assert_text(f->err, "");
	run(0, "-write_config /dev/null");
	assert_text(f->err, "");
}

/* What a shell appends to is not replaced. */
static void save_to_stdout_names_nothing(void **state)
{
	int out = dup(STDOUT_FILENO), fd;

	(void)state;
	save_over("", "-write_config");
	fake_file(f, "../saved.conf", small, 0600);
	fd = open(path, O_WRONLY | O_APPEND);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	fake_run(f, "-write_config /dev/stdout");
	dup2(out, STDOUT_FILENO);
	close(fd);
	close(out);
	assert_text(f->err, "");
	assert_has(fake_slurp(path), "usn serial2");
	assert_has(fake_slurp(path), HEAD);
}

/* Then the file is as it was: its name leaves no room for that of the temporary file beside it. */
static void failed_save_drops_nothing(void **state)
{
	char name[300], w[512];

	(void)state;
	snprintf(name, sizeof(name), "../%0250d", 0);
	fake_file(f, name, small, 0600);
	snprintf(w, sizeof(w), "-write_config %s/%0250d", f->dir, 0);
	run(1, w);
	assert_has(f->out, "File name too long");
	assert_text(f->err, "");
	assert_text(fake_read(f, name), small);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, start_path, end)
	const struct CMUnitTest tests[] = {
		T(each_kind_is_found),
		T(the_outermost_is_named),
		T(what_only_changed_is_not_named),
		T(save_names_a_missing_disk),
		T(save_of_nothing_names_all),
		T(many_drops_are_counted),
		T(save_has_nothing_to_name),
		T(save_to_stdout_names_nothing),
		T(failed_save_drops_nothing),
	};

	return cmocka_run_group_tests_name("scstadmin: what a save drops", tests, NULL, NULL);
}
