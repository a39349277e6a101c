// SPDX-License-Identifier: GPL-2.0
/* The order of groups: of several whose patterns fit an initiator the first one that was made gives it its LUNs. */
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

#include <sys/stat.h>

#define GROUPS T_DIR "/ini_groups"

#define GRP(name, ini) "\t\tGROUP " name " {\n\t\t\tINITIATOR " ini "\n\t\t}\n"

/* A target with these groups, and no more. */
static const char *target(const char *groups)
{
	static char text[4096];

	snprintf(text, sizeof(text), "HANDLER vdisk_nullio {\n}\nTARGET_DRIVER iscsi {\n\tTARGET " TGT " {\n%s\t}\n}\n", groups);
	return text;
}

static unsigned long number_of(const char *group)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/tree/" GROUPS "/%s", f->dir, group);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void give_name(const char *from, const char *to)
{
	char old[512], new[512];

	snprintf(old, sizeof(old), "%s/tree/" GROUPS "/%s", f->dir, from);
	snprintf(new, sizeof(new), "%s/tree/" GROUPS "/%s", f->dir, to);
	assert_int_equal(rename(old, new), 0);
}

/* sysfs numbers its directories as it makes them, the file system of the test as it likes: three directories, named after their numbers. */
static void make_in_order(const char *first, const char *second, const char *third)
{
	const char *const names[3] = { first, second, third };
	static const char *const made[3] = { "made0", "made1", "made2" };
	char word[256];
	int i, j, smaller;

	for (i = 0; i < 3; i++) {
		snprintf(word, sizeof(word), "-add_group %s -driver iscsi -target " TGT, made[i]);
		run(0, word);
	}
	unsigned long number[3] = { number_of(made[0]), number_of(made[1]), number_of(made[2]) };

	for (i = 0; i < 3; i++) {
		for (smaller = j = 0; j < 3; j++)
			smaller += number[j] < number[i];
		give_name(made[i], names[smaller]);
	}
}

static void put(const char *ini, const char *group)
{
	char word[256];

	snprintf(word, sizeof(word), "-add_init %s -driver iscsi -target " TGT " -group %s", ini, group);
	run(0, word);
}

/* Restored by name, "all" would come before the two that are made for somebody. */
static void a_save_keeps_the_order_where_patterns_are(void **state)
{
	const char *text;

	(void)state;
	apply(0, target(""));
	make_in_order("zoe", "mia", "all");
	put("iqn.x:host1", "zoe");
	put("!iqn.x:*", "mia");
	put("iqn.x:any", "all");
	text = save("-write_config");
	assert_true(strstr(text, "GROUP zoe") < strstr(text, "GROUP mia"));
	assert_true(strstr(text, "GROUP mia") < strstr(text, "GROUP all"));
	assert_has(text, "\t\tGROUP zoe {\n\t\t\tINITIATOR iqn.x:host1\n\t\t}\n\n\t\tGROUP mia {\n");
	/* what scripts read stays sorted */
	run(0, "-list_group");
	assert_true(strstr(f->out, "Group: all") < strstr(f->out, "Group: zoe"));
}

static void a_save_sorts_groups_of_names(void **state)
{
	const char *text;

	(void)state;
	apply(0, target(""));
	make_in_order("zoe", "mia", "all");
	put("iqn.x:host1", "zoe");
	put("iqn.x:host2", "all");
	text = save("-write_config");
	assert_true(strstr(text, "GROUP all") < strstr(text, "GROUP mia"));
	assert_true(strstr(text, "GROUP mia") < strstr(text, "GROUP zoe"));
}

static void groups_are_made_as_the_file_has_them(void **state)
{
	(void)state;
	apply(0, target(GRP("z", "*") GRP("a", "iqn.x:host1") GRP("m", "iqn.x:host2")));
	wrote("targets/iscsi/mgmt <- add_target " TGT " |\n"
	      GROUPS "/mgmt <- create z|\n"
	      GROUPS "/z/initiators/mgmt <- add *|\n"
	      GROUPS "/mgmt <- create a|\n"
	      GROUPS "/a/initiators/mgmt <- add iqn.x:host1|\n"
	      GROUPS "/mgmt <- create m|\n"
	      GROUPS "/m/initiators/mgmt <- add iqn.x:host2|\n");
	assert_lacks(f->out, "warning: group");
}

/* Whether a target whose groups are "zoe", "mia" and "all" lets this file warn. */
static void told(const char *groups, const char *before, const char *after)
{
	char want[512];

	with_file(0, "-check_config", target(groups));
	if (!before) {
		assert_lacks(f->out, "warning: group");
		return;
	}
	snprintf(want, sizeof(want), ": warning: group '%s' stands before group '%s', but is behind it in the running driver/target 'iscsi/" TGT "': "
		 "an initiator whom both fit gets the LUNs of '%s' until that target is made anew\n", before, after, after);
	assert_has(f->out, want);
}

static void another_order_is_told(void **state)
{
	(void)state;
	apply(0, target(""));
	make_in_order("zoe", "mia", "all");
	told(GRP("zoe", "iqn.x:host1") GRP("mia", "iqn.x:h?st2") GRP("all", "*"), NULL, NULL);
	told(GRP("zoe", "iqn.x:host1") GRP("mia", "iqn.x:h?st2") GRP("all", "*") GRP("new", "iqn.*"), NULL, NULL);
	/* two blocks swapped */
	told(GRP("mia", "iqn.x:*") GRP("zoe", "IQN.x:host1"), "mia", "zoe");
	told(GRP("mia", "iqn.x:host1") GRP("zoe", "iqn.x:*"), "mia", "zoe");
	/* one that is still to be made comes last, wherever it stands */
	told(GRP("new", "iqn.x:host1") GRP("all", "*"), "new", "all");
	told(GRP("new", "iqn.x:*") GRP("all", "*:host?"), "new", "all");
	told(GRP("new", "!iqn.x:host1") GRP("all", "iqn.*1"), "new", "all");
	/* these cannot both fit */
	told(GRP("new", "iqn.x:host1") GRP("all", "iqn.y:*"), NULL, NULL);
	told(GRP("new", "iqn.x:*") GRP("all", "iqn.y:*"), NULL, NULL);
	told(GRP("new", "*:host1") GRP("all", "*:host2"), NULL, NULL);
	told(GRP("new", "iqn.x:host1") GRP("all", "iqn.x:host2"), NULL, NULL);
	told(GRP("mia", "iqn.x:host1") GRP("zoe", "iqn.y:host1"), NULL, NULL);
}

#define T(t) cmocka_unit_test_setup_teardown(t, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_save_keeps_the_order_where_patterns_are),
		T(a_save_sorts_groups_of_names),
		T(groups_are_made_as_the_file_has_them),
		T(another_order_is_told),
	};

	return cmocka_run_group_tests_name("scstadmin: order of groups", tests, NULL, NULL);
}
