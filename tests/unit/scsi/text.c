// SPDX-License-Identifier: GPL-2.0
/*
 * Initiator patterns and the grammar of management files.
 *
 * links: scst/pure/match.c scst/pure/mgmt_line.c
 */
#include "hex.h"
#include "scst/pure/match.h"
#include "scst/pure/mgmt_line.h"

static void patterns(void **state)
{
	static const struct {
		const char *pattern;
		const char *name;
		bool match;
	} cases[] = {
		{ "", "", true },
		{ "", "x", false },
		{ "*", "", true },
		{ "*", "iqn.2026-01.test:x", true },
		{ "iqn.2026-01.test:x", "iqn.2026-01.test:x", true },
		{ "iqn.2026-01.test:x", "iqn.2026-01.test:xy", false },
		{ "iqn.2026-01.test:xy", "iqn.2026-01.test:x", false },
		{ "IQN.2026-01.Test:*", "iqn.2026-01.test:x", true },
		{ "iqn.*:x", "IQN.2026-01.TEST:X", true },
		{ "?", "", false },
		{ "?", "a", true },
		{ "?", "ab", false },
		{ "a?c", "abc", true },
		{ "a*c", "ac", true },
		{ "a*c", "abcbc", true },
		{ "a*c", "abcb", false },
		{ "*ab*", "xxabyy", true },
		{ "*ab*", "xxbayy", false },
		{ "**a**", "a", true },
		{ "*?*?*", "a", false },
		{ "*?*?*", "ab", true },
		{ "a\\*", "a\\b", true },
		/* the first '!' inverts what follows it */
		{ "!abc", "abc", false },
		{ "!abc", "ABC", false },
		{ "!abc", "abd", true },
		{ "!*", "abc", false },
		{ "!", "", false },
		{ "!", "x", true },
		{ "ab!c", "abc", false },
		{ "ab!c", "abd", true },
		{ "ab!c", "ab", true },
		{ "ab!c", "xyz", false },
		{ "a?!c", "abc", false },
		{ "a?!c", "abd", true },
		{ "!a!b", "a!b", false },	/* the second one is a character */
		{ "!a!b", "ab", true },
		{ "*:!x", "q:y", true },
		{ "*:!x", "q:x", false },
		{ "*:!x", "q", false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (scst_pattern_match(cases[i].pattern, cases[i].name) != cases[i].match)
			fail_msg("pattern '%s' and name '%s'", cases[i].pattern, cases[i].name);
}

/* A naive matcher would run for years. */
static void a_nasty_pattern_ends(void **state)
{
	char pattern[256], name[256];
	unsigned int i;

	for (i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[i] = 'b';
	pattern[i + 1] = '\0';
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	assert_false(scst_pattern_match(pattern, name));
	pattern[i] = '!';
	assert_true(scst_pattern_match(pattern, name));
}

static void words(void **state)
{
	char line[] = "  add_device\tdisk01 = /a\n\nlast\t\n";
	char *cursor = line;

	assert_string_equal(scst_mgmt_next_word(&cursor), "add_device");
	assert_string_equal(scst_mgmt_next_word(&cursor), "disk01");
	assert_string_equal(scst_mgmt_next_word(&cursor), "/a");
	assert_string_equal(scst_mgmt_next_word(&cursor), "last");
	assert_null(scst_mgmt_next_word(&cursor));
	assert_null(scst_mgmt_next_word(&cursor));
}

/* "name=value,..." as parsed, "E" for EINVAL. */
static void expect_params(const char *text, const char *want)
{
	char *line = strdup(text), *cursor = line, *name, *value;
	char got[256] = "";
	int r;

	while ((r = scst_mgmt_next_param(&cursor, &name, &value)) == 1)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s=%s,", name, value);
	if (r == -EINVAL)
		strcat(got, "E");
	else
		assert_int_equal(r, 0);
	if (strcmp(got, want))
		fail_msg("'%s' gave '%s', wanted '%s'", text, got, want);
	free(line);
}

static void params(void **state)
{
	expect_params("", "");
	expect_params("\n", "");
	expect_params(" \t\n", "");
	expect_params("a=1", "a=1,");
	expect_params("a 1", "a=1,");
	expect_params("a = 1", "a=1,");
	expect_params("a\t==\t1 ", "a=1,");
	expect_params("a=1;b=2", "a=1,b=2,");
	expect_params("a=1;b=2;", "a=1,b=2,");
	expect_params("a=1; b=2;\n", "a=1,b=2,");
	expect_params("a=1\nb=2\n", "a=1,b=2,");
	expect_params("a=1;;b=2", "a=1,");
	expect_params(";a=1", "");
	expect_params("a=1; ;b=2", "a=1,");
	expect_params("a", "E");
	expect_params("a=", "E");
	expect_params("a=;b=1", "E");
	expect_params("a=1 2", "E");
	expect_params("a=1=2", "E");
	expect_params("a=1;b", "a=1,E");
	expect_params("filename=/dev/disk/by-id/x,y:z;nv_cache=1", "filename=/dev/disk/by-id/x,y:z,nv_cache=1,");
}

/* As the tools write it, with and without a newline. */
static void a_whole_command(void **state)
{
	static const char * const lines[] = {
		"add_device disk01 filename=/disk01; nv_cache=1",
		"add_device disk01 filename=/disk01; nv_cache=1\n",
		"add_device disk01\t\nfilename=/disk01\nnv_cache 1\n",
		"ADD_device  disk01\tfilename /disk01;nv_cache = 1;",
	};
	char *line, *cursor, *name, *value;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		line = strdup(lines[i]);
		cursor = line;
		assert_true(scst_mgmt_word_is(scst_mgmt_next_word(&cursor), "add_device"));
		assert_string_equal(scst_mgmt_next_word(&cursor), "disk01");
		assert_int_equal(scst_mgmt_next_param(&cursor, &name, &value), 1);
		assert_string_equal(name, "filename");
		assert_string_equal(value, "/disk01");
		assert_int_equal(scst_mgmt_next_param(&cursor, &name, &value), 1);
		assert_string_equal(name, "nv_cache");
		assert_string_equal(value, "1");
		assert_int_equal(scst_mgmt_next_param(&cursor, &name, &value), 0);
		assert_int_equal(scst_mgmt_next_param(&cursor, &name, &value), 0);
		free(line);
	}
}

static void compare_words(void **state)
{
	assert_true(scst_mgmt_word_is("Add", "add"));
	assert_false(scst_mgmt_word_is("adds", "add"));
	assert_false(scst_mgmt_word_is("ad", "add"));
	assert_false(scst_mgmt_word_is(NULL, "add"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(a_nasty_pattern_ends),
		cmocka_unit_test(words),
		cmocka_unit_test(params),
		cmocka_unit_test(a_whole_command),
		cmocka_unit_test(compare_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
