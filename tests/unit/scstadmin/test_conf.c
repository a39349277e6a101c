// SPDX-License-Identifier: GPL-2.0
/* scst.conf: what is read, how each mistake is told, and that printing and reading agree. */
// links: tests/unit/scstadmin/_fake.c scstadmin/adm.c scstadmin/apply.c scstadmin/check.c scstadmin/check_order.c scst/pure/match.c
// links: scstadmin/check_twins.c scstadmin/check_value.c iscsi-scst/pure/keys.c scst/pure/alua.c scst/pure/sense.c
// links: scstadmin/conf.c scstadmin/conf_drop.c scstadmin/conf_print.c scstadmin/list.c scstadmin/list_attr.c
// links: scstadmin/dict.c scstadmin/lock.c scstadmin/model.c scstadmin/opts.c scstadmin/paths.c scstadmin/plan.c
// links: scstadmin/plan_dev.c scstadmin/plan_judge.c scstadmin/plan_tgt.c scstadmin/result.c
// links: scstadmin/savefile.c scstadmin/store.c scstadmin/table.c scstadmin/tree.c
// links: scstadmin/util.c scstadmin/verb_alua.c scstadmin/verb_attr.c scstadmin/verb_conf.c
// links: scstadmin/verb_dev.c scstadmin/verb_grp.c scstadmin/verb_lun.c scstadmin/verb_tgt.c
#include "t.h"

#include <time.h>

#include "../../../scstadmin/check.h"
#include "../../../scstadmin/conf.h"

static struct pool pool;
static struct conf conf;

static int start(void **state)
{
	(void)state;
	memset(&pool, 0, sizeof(pool));
	return 0;
}

static int end(void **state)
{
	(void)state;
	pool_free(&pool);
	return 0;
}

static void parse(const char *text)
{
	/* an exact copy on the heap, so that reading past the end is seen */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	conf_parse(&conf, &pool, copy, len);
	free(copy);
}

/* The n-th finding as "line:col: class: text". */
static const char *msg(unsigned int n)
{
	const struct conf_msg *m = conf.msgs;

	while (m && n--)
		m = m->next;
	if (!m)
		return "";
	return pool_fmt(&pool, "%u:%u: %s: %s", m->pos.line, m->pos.col,
			m->error ? "error" : "warning", m->text);
}

static void one_error(const char *text, const char *want)
{
	parse(text);
	if (conf.errors != 1 || strcmp(msg(0), want)) {
		print_error("in:\n%s\nwanted: %s\ngot %u errors: %s\n", text, want, conf.errors,
			    msg(0));
		fail();
	}
}

static const char full[] =
	"# comment\n"
	"setup_id 0x77\n"
	"HANDLER vdisk_fileio {\n"
	"\tDEVICE disk01 {\n"
	"\t\tfilename \"/srv/my luns/one\" # trailing\n"
	"\t\tread_only\n"
	"\t}\n"
	"\tDEVICE disk02\n"
	"}\n"
	"TARGET_DRIVER iscsi {\n"
	"\tenabled 1\n"
	"\tTARGET iqn.a {\n"
	"\t\tHW_TARGET\n"
	"\t\tallowed_portal 10.0.0.*\n"
	"\t\tallowed_portal 10.0.1.*\n"
	"\t\tLUN 07 disk01 {\n"
	"\t\t\tread_only 1\n"
	"\t\t}\n"
	"\t\tGROUP g {\n"
	"\t\t\tLUN 0 disk02\n"
	"\t\t\tINITIATOR iqn.i\\#1.2.3.4\n"
	"\t\t}\n"
	"\t}\n"
	"}\n"
	"ALUA {\n"
	"\tx 1\n"
	"}\n"
	"DEVICE_GROUP dg {\n"
	"\tDEVICE disk01\n"
	"\tTARGET_GROUP tg {\n"
	"\t\tgroup_id 1\n"
	"\t\tTARGET iqn.a\n"
	"\t\tTARGET peer {\n"
	"\t\t\trel_tgt_id 5\n"
	"\t\t}\n"
	"\t}\n"
	"}\n";

static void conf_reads_every_block(void **state)
{
	struct obj *t, *g, *tg;
	const struct attr *a;

	(void)state;
	parse(full);
	assert_int_equal(conf.errors + conf.warnings, 0);
	assert_string_equal(attr_text(conf.root, "setup_id"), "0x77");
	assert_string_equal(attr_text(obj_device(conf.root, "disk01"), "filename"),
			    "/srv/my luns/one");
	assert_string_equal(attr_text(obj_device(conf.root, "disk01"), "read_only"), "");
	assert_non_null(obj_device(conf.root, "disk02"));
	t = obj_find(obj_find(conf.root, OBJ_DRIVER, "iscsi"), OBJ_TARGET, "iqn.a");
	assert_non_null(t);
	assert_true(t->hw);
	a = attr_find(t, "allowed_portal");
	assert_string_equal(a->vals->text, "10.0.0.*");
	assert_string_equal(a->vals->next->text, "10.0.1.*");
	assert_int_equal(obj_find(t, OBJ_LUN, "7")->lun, 7);
	g = obj_find(t, OBJ_GROUP, "g");
	assert_non_null(obj_find(g, OBJ_INITIATOR, "iqn.i#1.2.3.4"));
	assert_string_equal(obj_find(g, OBJ_LUN, "0")->dev, "disk02");
	assert_non_null(attr_find(obj_first(conf.root, OBJ_ALUA), "x"));
	tg = obj_find(obj_find(conf.root, OBJ_DGRP, "dg"), OBJ_TGRP, "tg");
	assert_string_equal(attr_text(obj_find(tg, OBJ_TGTGT, "peer"), "rel_tgt_id"), "5");
}

static void conf_reads_howto_file(void **state)
{
	(void)state;
	parse("HANDLER vdisk_fileio {\n}\n\nTARGET_DRIVER iscsi {\n      \tenabled 0\n}\n");
	assert_int_equal(conf.errors + conf.warnings, 0);
	assert_string_equal(attr_text(obj_find(conf.root, OBJ_DRIVER, "iscsi"), "enabled"), "0");
}

static void conf_reads_odd_layout(void **state)
{
	struct obj *d;

	(void)state;
	parse("HANDLER h\n\n# why\n{\nDEVICE a { filename /a } \nDEVICE b { x 1 }\n} TARGET_DRIVER i { TARGET t }\r\n"
	      "last#one 1\\\\2");
	assert_int_equal(conf.errors, 0);
	d = obj_device(conf.root, "a");
	assert_string_equal(attr_text(d, "filename"), "/a");
	assert_non_null(obj_device(conf.root, "b"));
	assert_non_null(obj_find(obj_find(conf.root, OBJ_DRIVER, "i"), OBJ_TARGET, "t"));
	assert_string_equal(attr_text(conf.root, "last#one"), "1\\2");
}

static void conf_keeps_hash_and_braces_in_words(void **state)
{
	(void)state;
	parse("a /q#r\nb \"x # y { z\"\nc a{b}c\nd \"\\\"q\\\"\"\n");
	assert_int_equal(conf.errors + conf.warnings, 0);
	assert_string_equal(attr_text(conf.root, "a"), "/q#r");
	assert_string_equal(attr_text(conf.root, "b"), "x # y { z");
	assert_string_equal(attr_text(conf.root, "c"), "a{b}c");
	assert_string_equal(attr_text(conf.root, "d"), "\"q\"");
}

static void conf_names_place_of_surplus_word(void **state)
{
	(void)state;
	one_error("HANDLER h {\n\tDEVICE d {\n\t\tfilename /a b\n\t}\n}\n",
		  "3:15: error: surplus word after attribute 'filename' (a value with blanks needs quotes)");
	one_error("HANDLER h x {\n}\n", "1:11: error: surplus word 'x' after HANDLER");
	one_error("TARGET_DRIVER i {\n TARGET t {\n  LUN 0 d e\n }\n}\n",
		  "3:11: error: surplus word 'e' after LUN");
}

static void conf_names_place_of_braces(void **state)
{
	(void)state;
	one_error("a 1\n}\n", "2:1: error: stray '}' (no block is open)");
	assert_true(conf.broken);
	one_error("{\na 1\n}\n", "1:1: error: stray '{' (no keyword before it)");
	one_error("HANDLER h {\n\tDEVICE d {\n\t\tfilename /a\n\t}\n",
		  "1:11: error: the block opened here is not closed");
	assert_true(conf.broken);
}

/* Cut anywhere inside a block it is never silently taken for a whole file. */
static void conf_half_a_file_is_an_error(void **state)
{
	size_t len = strlen(full), cut;
	int depth = 0;
	char *half;

	(void)state;
	for (cut = 1; cut < len; cut++) {
		depth += full[cut - 1] == '{';
		depth -= full[cut - 1] == '}';
		if (!depth)
			continue;
		half = malloc(cut);
		memcpy(half, full, cut);
		conf_parse(&conf, &pool, half, cut);
		free(half);
		if (!conf.errors || !conf.broken)
			fail_msg("no error when cut at byte %zu", cut);
	}
}

static void conf_names_place_of_quotes(void **state)
{
	(void)state;
	one_error("a \"b\nc 1\n", "1:3: error: this quote is not closed on its line");
	assert_true(conf.broken);
	one_error("a \"b\"c\n", "1:6: error: text directly after a closing quote");
	one_error("a b\\\n", "1:5: error: a backslash at the end of a line");
}

static void conf_names_place_of_duplicates(void **state)
{
	(void)state;
	one_error("HANDLER h {\n}\nHANDLER h {\n}\n",
		  "3:1: error: HANDLER h is already defined at line 1, column 1");
	one_error("HANDLER h {\n DEVICE d\n DEVICE d\n}\n",
		  "3:2: error: DEVICE d is already defined at line 2, column 2");
	one_error("TARGET_DRIVER i {\n TARGET t {\n  LUN 1 a\n  LUN 01 b\n }\n}\n",
		  "4:3: error: LUN 1 is already defined at line 3, column 3");
	parse("a 1\na 1\n");
	assert_int_equal(conf.errors, 0);
	assert_string_equal(msg(0), "2:1: warning: attribute 'a' repeated with the same value");
}

static void conf_names_bad_values(void **state)
{
	char *line = malloc(5100);

	(void)state;
	one_error("TARGET_DRIVER i {\n TARGET t {\n  LUN x d\n }\n}\n",
		  "3:7: error: 'x' is not a LUN (0 to 16383)");
	one_error("TARGET_DRIVER i {\n TARGET t {\n  LUN 16384 d\n }\n}\n",
		  "3:7: error: '16384' is not a LUN (0 to 16383)");
	one_error("HANDLER\n", "1:1: error: HANDLER needs a name");
	one_error("TARGET_DRIVER i {\n TARGET t {\n  LUN 0\n }\n}\n",
		  "3:3: error: LUN needs a number and a device");
	one_error("TARGET_DRIVER i {\n TARGET a/b\n}\n",
		  "2:9: error: the name of a target must not contain '/': a/b");
	memset(line, 'x', 5000);
	memcpy(line, "a ", 2);
	strcpy(line + 5000, "\n");
	one_error(line, "1:3: error: a word longer than 4095 bytes");
	memset(line, 'x', 5000);
	memcpy(line, "HANDLER ", 8);
	strcpy(line + 8 + 300, " {\n}\n");
	one_error(line, "1:9: error: the name of a handler must not be longer than 255 bytes");
	free(line);
}

static void conf_names_unknown_keywords(void **state)
{
	(void)state;
	one_error("HANDLR h {\n DEVICE d {\n }\n}\n",
		  "1:1: error: unknown keyword 'HANDLR' before a block");
	one_error("LUN 0 d\n", "1:1: error: LUN does not belong at the top level");
	one_error("HANDLER h {\n LUN 0 d\n}\n",
		  "2:2: error: LUN does not belong into the block of a handler");
}

static void conf_refuses_old_format(void **state)
{
	(void)state;
	parse("[HANDLER vdisk]\nDEVICE d,/a\n");
	assert_true(conf.errors >= 1);
	assert_true(conf.broken);
	assert_has(msg(0), "1:1: error: this is the old format of SCST 1.x");
}

static void conf_survives_binary(void **state)
{
	char b[256];
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(b); i++)
		b[i] = (char)i;
	conf_parse(&conf, &pool, b, sizeof(b));
	assert_true(conf.errors > 0);
	conf_parse(&conf, &pool, "", 0);
	assert_true(conf_is_empty(&conf));
}

static void conf_prints_layout(void **state)
{
	struct sbuf out = { .pool = &pool };

	(void)state;
	parse("HANDLER vdisk_fileio {\nDEVICE vol7 {\nfilename \"/srv/my luns/vol7\"\nread_only 1\n}\n}\n"
	      "HANDLER empty {\n}\n"
	      "TARGET_DRIVER iscsi {\nenabled 1\nTARGET iqn.2030-01.org.example:a {\n"
	      "allowed_portal 10.1.*\nallowed_portal 10.2.0.5\nenabled 1\nrel_tgt_id 3\nLUN 0 vol7\n"
	      "GROUP hosts {\nLUN 0 vol7\nINITIATOR iqn.2030-01.org.example:h1\n"
	      "INITIATOR iqn.2030-01.org.example:h2\n}\n}\n}\n");
	conf_print(&out, conf.root, "9.9.9", false);
	assert_text(out.s,
		    "# Automatically generated by SCST Configurator v9.9.9.\n"
		    "\n"
		    "\n"
		    "HANDLER vdisk_fileio {\n"
		    "\tDEVICE vol7 {\n"
		    "\t\tfilename \"/srv/my luns/vol7\"\n"
		    "\t\tread_only 1\n"
		    "\t}\n"
		    "}\n"
		    "\n"
		    "TARGET_DRIVER iscsi {\n"
		    "\tenabled 1\n"
		    "\n"
		    "\tTARGET iqn.2030-01.org.example:a {\n"
		    "\t\tallowed_portal 10.1.*\n"
		    "\t\tallowed_portal 10.2.0.5\n"
		    "\t\tenabled 1\n"
		    "\t\trel_tgt_id 3\n"
		    "\n"
		    "\t\tLUN 0 vol7\n"
		    "\n"
		    "\t\tGROUP hosts {\n"
		    "\t\t\tLUN 0 vol7\n"
		    "\n"
		    "\t\t\tINITIATOR iqn.2030-01.org.example:h1\n"
		    "\n"
		    "\t\t\tINITIATOR iqn.2030-01.org.example:h2\n"
		    "\t\t}\n"
		    "\t}\n"
		    "}\n"
		    "\n");
}

static void conf_prints_attribute_only_group(void **state)
{
	struct sbuf out = { .pool = &pool };

	(void)state;
	parse("a 1\nTARGET_DRIVER i {\nTARGET t {\nLUN 0 d {\nread_only 1\n}\nLUN 1 e\nGROUP g {\ncpu_mask 1\n}\n"
	      "GROUP h\n}\nTARGET u\n}\n");
	conf_print(&out, conf.root, "1.0.0", false);
	assert_text(out.s,
		    "# Automatically generated by SCST Configurator v1.0.0.\n"
		    "\n"
		    "a 1\n"
		    "\n"
		    "TARGET_DRIVER i {\n"
		    "\tTARGET t {\n"
		    "\t\tLUN 0 d {\n"
		    "\t\t\tread_only 1\n"
		    "\t\t}\n"
		    "\n"
		    "\t\tLUN 1 e\n"
		    "\n"
		    "\t\tGROUP g {\n"
		    "\t\t\tcpu_mask 1\n"
		    "\t\t}\n"
		    "\n"
		    "\t\tGROUP h\n"
		    "\t}\n"
		    "\n"
		    "\tTARGET u\n"
		    "}\n"
		    "\n");
}

/* Any value comes back as it was. */
static void conf_round_trip_of_values(void **state)
{
	static const char *const values[] = {
		"plain", "with blank", " lead", "trail ", "a#b", "#x", "x\\y", "\\", "\"", "a\"b",
		"\"q\" r", "{", "}", "a}", "{a", "x {", "tab\there", "10.1.*", "!iqn.?", "user secretsecret",
		"a\\#b", "\\\"", "100%", "{}", "é", "a=b", "# not a comment", "end\\ ",
	};
	struct sbuf out = { .pool = &pool };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *line = pool_fmt(&pool, "TARGET_DRIVER i {\n\tname %s\n}\n",
					    conf_quote(&pool, values[i]));

		parse(line);
		if (conf.errors + conf.warnings ||
		    strcmp(attr_text(obj_find(conf.root, OBJ_DRIVER, "i"), "name"), values[i]))
			fail_msg("'%s' does not survive: %s", values[i], line);
	}
	parse(full);
	conf_print(&out, conf.root, "1.0.0", false);
	parse(out.s);
	assert_int_equal(conf.errors + conf.warnings, 0);
	i = out.len;
	conf_print(&out, conf.root, "1.0.0", false);
	assert_int_equal(out.len, 2 * i);
	assert_memory_equal(out.s, out.s + i, i);
}

static void check_finds_references(void **state)
{
	(void)state;
	parse("HANDLER h {\n DEVICE /dev/a\n DEVICE x.y\n}\n"
	      "TARGET_DRIVER i {\n enabled 2\n TARGET t {\n  LUN 1 a\n  LUN 2 none\n"
	      "  GROUP g {\n   INITIATOR q\n  }\n  GROUP h {\n   INITIATOR q\n  }\n }\n}\n");
	check_conf(&conf, NULL);
	assert_int_equal(conf.errors, 3);
	assert_string_equal(msg(0), "2:2: warning: the device name '/dev/a' is taken as 'a'");
	assert_string_equal(msg(1), "3:2: error: the name of a device must not contain '.': x.y");
	assert_string_equal(msg(2), "6:2: error: enabled of driver 'i' must be 0 or 1, not '2'");
	assert_has(msg(3), "9:3: warning: LUN 2 of driver/target 'i/t': device 'none' is not defined");
	assert_has(msg(4), "7:2: warning: driver/target 'i/t' has LUNs but no LUN 0");
	assert_has(msg(5), "14:4: error: initiator 'q' is in group 'h' and in group 'g'");
}

static void conf_cuts_dev_off_names(void **state)
{
	(void)state;
	parse("HANDLER h {\n DEVICE /dev/a\n}\nTARGET_DRIVER i {\n TARGET t {\n  LUN 0 /dev/a\n }\n}\n"
	      "DEVICE_GROUP g {\n DEVICE /dev/a\n}\n");
	check_conf(&conf, NULL);
	assert_int_equal(conf.errors, 0);
	assert_int_equal(conf.warnings, 3);
	assert_string_equal(msg(2), "10:2: warning: the device name '/dev/a' is taken as 'a'");
	one_error("HANDLER h {\n DEVICE a\n DEVICE /dev/a\n}\n",
		  "3:2: warning: the device name '/dev/a' is taken as 'a'");
	assert_string_equal(msg(1), "3:2: error: DEVICE a is already defined at line 2, column 2");
}

static void check_tells_of_two_names_that_differ(void **state)
{
	(void)state;
	parse("HANDLER h {\n}\nTARGET_DRIVER i {\n TARGET t {\n  forward_dst 0\n  forwarding 1\n }\n"
	      " TARGET u {\n  forward_dst 1\n  forwarding 1\n }\n TARGET v {\n  forwarding 1\n }\n}\n");
	check_conf(&conf, NULL);
	assert_int_equal(conf.errors, 0);
	assert_int_equal(conf.warnings, 1);
	assert_string_equal(msg(0), "6:3: warning: 'forwarding' of driver/target 'i/t' is another name of 'forward_dst', which is '0': give but one of them");
}

static void check_wants_handler_and_driver(void **state)
{
	(void)state;
	parse("a 1\n");
	check_conf(&conf, NULL);
	assert_has(msg(0), "error: neither HANDLER nor TARGET_DRIVER is defined");
	parse("HANDLER h {\n}\n");
	check_conf(&conf, NULL);
	assert_int_equal(conf.errors, 0);
	assert_has(msg(0), "warning: no TARGET_DRIVER is defined");
}

/* The size that took minutes; each part has the other things of its kind to be told from. */
#define MANY 80000

static void lines(struct sbuf *b, const char *format)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		sbuf_fmt(b, format, i, i);
}

static void parse_in_time(struct sbuf *b)
{
	struct timespec from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	conf_parse(&conf, &pool, b->s, b->len);
	check_conf(&conf, NULL);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	/* under sanitizers; time that grows with the square would be minutes */
	if (to.tv_sec - from.tv_sec > 10)
		fail_msg("took %ld s for %zu bytes", (long)(to.tv_sec - from.tv_sec), b->len);
}

static void conf_reads_what_is_none_in_time(void **state)
{
	struct sbuf names = { .pool = &pool }, values = { .pool = &pool }, braces = { .pool = &pool };

	(void)state;
	lines(&names, "word%u %u\n");
	parse_in_time(&names);
	assert_non_null(attr_find(conf.root, "word79999"));
	lines(&values, "word %u-%u\n");
	parse_in_time(&values);
	assert_non_null(val_find(attr_find(conf.root, "word"), "79999-79999"));
	lines(&braces, "{{{{");
	sbuf_str(&braces, "x\n");
	parse_in_time(&braces);
}

static void conf_reads_thousands_of_objects_in_time(void **state)
{
	struct sbuf b = { .pool = &pool };
	unsigned int i;

	(void)state;
	sbuf_str(&b, "HANDLER h {\n");
	lines(&b, "DEVICE d%u {\nserial %u\n}\n");
	sbuf_str(&b, "}\nTARGET_DRIVER i {\n");
	lines(&b, "TARGET t%u {\nrel_tgt_id %u\n}\n");
	sbuf_str(&b, "TARGET t {\n");
	for (i = 0; i <= LUN_MAX; i++)
		sbuf_fmt(&b, "LUN %u d%u\n", i, i);
	lines(&b, "GROUP g%u {\nINITIATOR i%u\n}\n");
	sbuf_str(&b, "}\n}\n");
	lines(&b, "DEVICE_GROUP g%u {\nDEVICE d%u\n}\n");
	parse_in_time(&b);
	assert_int_equal(conf.errors + conf.warnings, 0);
}

static void conf_finds_doubles_among_thousands(void **state)
{
	struct sbuf b = { .pool = &pool };

	(void)state;
	sbuf_str(&b, "HANDLER h {\n");
	lines(&b, "DEVICE d%u\n# %u\n");
	sbuf_str(&b, "DEVICE /dev/d70000\n}\nTARGET_DRIVER i {\nTARGET a {\nrel_tgt_id 7\nLUN 0 d79999\nGROUP g {\nINITIATOR q\n}\n"
		 "GROUP h {\nINITIATOR q\n}\n}\nTARGET b {\nrel_tgt_id 7\n}\n}\n"
		 "DEVICE_GROUP a {\nDEVICE /dev/d5\n}\nDEVICE_GROUP b {\nDEVICE d5\n}\n");
	parse_in_time(&b);
	assert_int_equal(conf.errors, 3);
	assert_has(msg(1), "error: DEVICE d70000 is already defined at line 140002, column 1");
	assert_has(msg(3), "error: initiator 'q' is in group 'h' and in group 'g' of driver/target 'i/a'");
	assert_has(msg(4), "warning: driver/target 'i/b' has the same rel_tgt_id 7 as driver/target 'i/a'");
	assert_has(msg(5), "error: device 'd5' is already in device group 'a'");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, end)
	const struct CMUnitTest tests[] = {
		T(conf_reads_every_block),
		T(conf_reads_howto_file),
		T(conf_reads_odd_layout),
		T(conf_keeps_hash_and_braces_in_words),
		T(conf_names_place_of_surplus_word),
		T(conf_names_place_of_braces),
		T(conf_half_a_file_is_an_error),
		T(conf_names_place_of_quotes),
		T(conf_names_place_of_duplicates),
		T(conf_names_bad_values),
		T(conf_names_unknown_keywords),
		T(conf_refuses_old_format),
		T(conf_survives_binary),
		T(conf_prints_layout),
		T(conf_prints_attribute_only_group),
		T(conf_round_trip_of_values),
		T(conf_reads_what_is_none_in_time),
		T(conf_reads_thousands_of_objects_in_time),
		T(conf_finds_doubles_among_thousands),
		T(check_finds_references),
		T(conf_cuts_dev_off_names),
		T(check_tells_of_two_names_that_differ),
		T(check_wants_handler_and_driver),
	};

	return cmocka_run_group_tests_name("scstadmin: scst.conf", tests, NULL, NULL);
}
