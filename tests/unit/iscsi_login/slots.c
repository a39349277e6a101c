// SPDX-License-Identifier: GPL-2.0
/*
 * Limits on logins in progress and on log lines, and the command line.
 *
 * links: iscsi-scst/usr/slots.c iscsi-scst/usr/addr.c iscsi-scst/usr/log.c iscsi-scst/usr/options.c iscsi-scst/pure/keys.c
 * includes: iscsi-scst/isns
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "slots.h"

static struct slots s;

static int setup(void **state)
{
	memset(&s, 0, sizeof(s));
	s.max = SLOTS_DEFAULT;
	s.max_per_source = SLOTS_PER_SOURCE;
	s.login_ms = LOGIN_SECONDS * 1000;
	return 0;
}

static union addr ip(int n)
{
	union addr a;
	char text[32];

	snprintf(text, sizeof(text), "10.0.%d.%d", n / 256, n % 256);
	assert_int_equal(addr_parse(text, (unsigned short)n, &a), 0);
	return a;
}

static struct slot *enter(int n, int64_t now)
{
	union addr a = ip(n);

	assert_null(slots_victim(&s, &a));
	return slots_take(&s, 5, &a, now);
}

static void test_per_source(void **state)
{
	struct slot *first = enter(1, 1000);
	union addr a = ip(1);
	int i;

	for (i = 1; i < SLOTS_PER_SOURCE; i++)
		enter(1, 1000 + i);
	assert_ptr_equal(slots_victim(&s, &a), first);
	enter(2, 2000);		/* another source is not concerned */
	first->state = SLOT_FREE;
	assert_null(slots_victim(&s, &a));
}

/* All in one millisecond, and the table is not in the order of age. */
static void test_full(void **state)
{
	struct slot *slot[SLOTS_DEFAULT];
	union addr a = ip(9999);
	int i;

	for (i = 0; i < SLOTS_DEFAULT; i++)
		slot[i] = enter(100 + i, 1000);
	assert_ptr_equal(slots_victim(&s, &a), slot[0]);
	slot[0]->state = SLOT_FREE;
	enter(5000, 1000);
	assert_ptr_equal(slots_victim(&s, &a), slot[1]);
	assert_null(slots_session(&s, slot[1]));	/* has done its login: there is room */
	assert_null(slots_victim(&s, &a));
	enter(5001, 1000);
	assert_ptr_equal(slots_victim(&s, &a), slot[2]);
}

static struct slot *session(int n)
{
	struct slot *slot = enter(n, 1000);

	slot->state = SLOT_LOGIN;
	assert_null(slots_session(&s, slot));
	return slot;
}

/* However many discovery sessions a stranger holds, those that log in find all the room there is for logins. */
static void test_sessions_take_no_room(void **state)
{
	struct slot *first = session(100), *login, *more;
	union addr a = ip(9999);
	int i;

	for (i = 1; i < SLOTS_DEFAULT; i++)
		session(100 + i);
	login = enter(5000, 1000);
	login->state = SLOT_LOGIN;
	for (i = 1; i < SLOTS_DEFAULT; i++)
		enter(6000 + i, 1000);
	assert_ptr_equal(slots_victim(&s, &a), login);
	login->state = SLOT_FREE;
	assert_null(slots_victim(&s, &a));

	/* One session more: the oldest of them makes room, no login, and never the one that came last. */
	more = enter(5001, 1000);
	more->state = SLOT_LOGIN;
	assert_ptr_equal(slots_session(&s, more), first);
	assert_null(slots_session(&s, more));		/* said twice, it counts once */
}

static void test_sessions_per_source(void **state)
{
	struct slot *first = session(1), *more;
	int i;

	session(2);
	for (i = 1; i < SLOTS_PER_SOURCE; i++)
		session(1);
	more = enter(1, 1000);
	more->serial = 0;		/* as if it had been the slowest to log in */
	more->state = SLOT_LOGIN;
	assert_ptr_equal(slots_session(&s, more), first);
}

static union addr ip6(unsigned int net, unsigned int host)
{
	union addr a;
	char text[64];

	snprintf(text, sizeof(text), "2001:db8:0:%x::%x", net, host);
	assert_int_equal(addr_parse(text, 1, &a), 0);
	return a;
}

/* All addresses of one /64 may be one host: it gets half, and whoever comes from elsewhere the rest. */
static void test_one_ipv6_net(void **state)
{
	struct slot *first = NULL, *slot;
	union addr a;
	unsigned int i;

	for (i = 0; i < SLOTS_DEFAULT / 2; i++) {
		a = ip6(1, i + 1);
		assert_null(slots_victim(&s, &a));
		slot = slots_take(&s, 5, &a, 1000);
		first = first ? first : slot;
	}
	a = ip6(1, 9999);
	assert_ptr_equal(slots_victim(&s, &a), first);
	for (i = 0; i < SLOTS_DEFAULT / 2; i++) {
		a = ip6(i + 2, 1);
		assert_null(slots_victim(&s, &a));
		slots_take(&s, 5, &a, 1000);
	}
	/* No less than one address has. */
	s.max = 4;
	s.max_per_source = 3;
	for (i = 0; i < SLOTS_DEFAULT; i++)
		s.slot[i].state = i < 2 ? SLOT_WAITING : SLOT_FREE;
	a = ip6(1, 9999);
	assert_null(slots_victim(&s, &a));
}

static void test_timer(void **state)
{
	struct slot *slot = enter(1, 1000);

	assert_int_equal(slot_ms_left(&s, slot, 1000), 15000);
	assert_int_equal(slot_ms_left(&s, slot, 16000), 0);
	assert_true(slot_ms_left(&s, slot, 17000) < 0);
	slot->state = SLOT_LOGIN;
	assert_int_equal(slot_ms_left(&s, slot, 1001), 14999);	/* in all, not per request */
	slot->state = SLOT_DISCOVERY;
	assert_true(slot_ms_left(&s, slot, 1000000) > 0);
}

static void test_by_pid(void **state)
{
	struct slot *slot = enter(1, 1);

	slot->pid = 77;
	assert_null(slots_by_pid(&s, 77));	/* not forked yet */
	slot->state = SLOT_LOGIN;
	assert_ptr_equal(slots_by_pid(&s, 77), slot);
	slot->state = SLOT_FREE;
	assert_null(slots_by_pid(&s, 77));
}

static void test_log_limit(void **state)
{
	struct log_limit l = { 0 };
	unsigned int left_out;
	int written = 0;
	int i;

	for (i = 0; i < 1000; i++)
		written += log_limited(&l, 5000, &left_out);
	assert_int_equal(written, LOG_LIMIT_BURST);
	assert_false(log_limited(&l, 5049, &left_out));
	assert_true(log_limited(&l, 5050, &left_out));		/* 20 a second */
	assert_int_equal(left_out, 901);
	for (written = 0, i = 0; i < 1000; i++)
		written += log_limited(&l, 100000, &left_out);
	assert_int_equal(written, LOG_LIMIT_BURST);
}

/* Many calls in short distance must not lose the fractions they earn. */
static void test_log_limit_fractions(void **state)
{
	struct log_limit l = { 0 };
	unsigned int left_out;
	int written = 0;
	int ms;

	for (ms = 1; ms <= 10000; ms++)
		written += log_limited(&l, 1000 + ms, &left_out);
	assert_in_range(written, LOG_LIMIT_BURST + 195, LOG_LIMIT_BURST + 201);
}

static int parse(struct options *o, ...)
{
	char *argv[16] = { "iscsi-scstd" };
	int argc = 1;
	va_list args;

	va_start(args, o);
	while ((argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	return options_parse(o, argc, argv);
}

static void test_options(void **state)
{
	struct options o;
	char text[PORTAL_TEXT_MAX];

	assert_int_equal(parse(&o, NULL), -1);
	assert_int_equal(o.port, 3260);
	assert_int_equal(o.wanted.count, 2);
	addr_portal(&o.wanted.addr[1], text);
	assert_string_equal(text, "[::]:3260");
	assert_string_equal(o.pid_file, "/run/iscsi-scstd.pid");

	/* As in /etc/default/scst: values glued to their letters. */
	assert_int_equal(parse(&o, "-u0", "-g0", "-p3261", NULL), -1);
	assert_int_equal(o.port, 3261);
	assert_int_equal(parse(&o, "-a", "10.0.0.1 [::1]  fe80::1", "-f", "-d1", NULL), -1);
	assert_int_equal(o.wanted.count, 3);
	addr_portal(&o.wanted.addr[1], text);
	assert_string_equal(text, "[::1]:3260");
	assert_true(o.foreground);
	assert_int_equal(o.debug, 1);
	assert_int_equal(parse(&o, "--address=10.0.0.1", "--port=1", "--debug=2", "--uid=7", "--gid=8", "--config=/nowhere/x", NULL), -1);
	addr_portal(&o.wanted.addr[0], text);
	assert_string_equal(text, "10.0.0.1:1");
	assert_true(!o.foreground && o.debug == 2 && o.uid == 7 && o.gid == 8 && !strcmp(o.config, "/nowhere/x"));
}

static void test_bad_options(void **state)
{
	struct options o;
	char many[400] = "";
	int saved = dup(2), saved_out;
	int null = open("/dev/null", O_WRONLY);
	int i;

	for (i = 0; i < 33; i++)
		strcat(many, "10.0.0.1 ");
	fflush(stdout);
	saved_out = dup(1);
	dup2(null, 2);
	dup2(null, 1);
	assert_int_equal(parse(&o, "-v", NULL), 0);
	assert_int_equal(parse(&o, "--help", NULL), 0);
	fflush(stdout);
	dup2(saved_out, 1);
	close(saved_out);
	assert_int_equal(parse(&o, "-p65536", NULL), 1);
	assert_int_equal(parse(&o, "-p", "-1", NULL), 1);
	assert_int_equal(parse(&o, "-p", "x", NULL), 1);
	assert_int_equal(parse(&o, "-u", "root", NULL), 1);
	assert_int_equal(parse(&o, "-a", "localhost", NULL), 1);
	assert_int_equal(parse(&o, "-a", many, NULL), 1);
	assert_int_equal(parse(&o, "--login-timeout=0", NULL), 1);
	assert_int_equal(parse(&o, "--logins=1025", NULL), 1);
	assert_int_equal(parse(&o, "-x", NULL), 1);
	assert_int_equal(parse(&o, "surplus", NULL), 1);
	dup2(saved, 2);
	close(saved);
	close(null);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_per_source),
		TEST(test_full),
		TEST(test_sessions_take_no_room),
		TEST(test_sessions_per_source),
		TEST(test_one_ipv6_net),
		TEST(test_timer),
		TEST(test_by_pid),
		TEST(test_log_limit),
		TEST(test_log_limit_fractions),
		TEST(test_options),
		TEST(test_bad_options),
	};

	return cmocka_run_group_tests_name("daemon's limits", tests, NULL, NULL);
}
