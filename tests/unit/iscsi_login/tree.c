// SPDX-License-Identifier: GPL-2.0
/*
 * Who sees which target: the daemon's reading of a fake sysfs tree, and SendTargets composed from it.
 *
 * links: iscsi-scst/usr/tree.c iscsi-scst/isns/access.c iscsi-scst/usr/discovery.c iscsi-scst/usr/addr.c iscsi-scst/usr/hosts.c iscsi-scst/pure/login.c
 * links: iscsi-scst/pure/nego.c iscsi-scst/pure/chap.c iscsi-scst/pure/text.c iscsi-scst/pure/keys.c scst/pure/match.c
 * libs: -Wl,--wrap=fopen
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "_tree.h"
#include "access.h"
#include "discovery.h"
#include "tree.h"

#define TGT "targets/iscsi/iqn.2024-01.example:t1/"

static int drv;
static char found[ISCSI_STORED_NAME_MAX + 1];
static char name[ISCSI_STORED_NAME_MAX + 1];
static struct iscsi_login_target t;
static const union addr peer = { .v4 = { .sin_family = AF_INET } };

static int setup(void **state)
{
	fake_driver();
	fake_target("iqn.2024-01.example:t1");
	fake_file(TGT "luns/0/read_only", "0\n");
	drv = tree_open(fake_root);
	assert_true(drv >= 0);
	return 0;
}

static int teardown(void **state)
{
	close(drv);
	fake_free();
	return 0;
}

static u16 login(const char *initiator, const char *target, const char *ip)
{
	struct tree_asker who = { .initiator = initiator, .local_ip = ip, .peer = &peer };

	tree_login(drv, target, &who, found, name, &t);
	return t.status;
}

#define A "iqn.a:host"

static void test_exists(void **state)
{
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0);
	assert_string_equal(found, "iqn.2024-01.example:t1");
	assert_string_equal(name, A);
	assert_int_equal(login(A, "iqn.2024-01.example:t2", "10.0.0.1"), 0x0203);
	assert_int_equal(login(A, "enabled", "10.0.0.1"), 0x0203);	/* an attribute is no target */
	assert_int_equal(login(A, "..", "10.0.0.1"), 0x0203);
	assert_int_equal(login(A, ".", "10.0.0.1"), 0x0203);
}

static void test_stored_name_keeps_its_case(void **state)
{
	fake_target("iqn.2024-01.Example:Upper");
	fake_file("targets/iscsi/iqn.2024-01.Example:Upper/luns/0/read_only", "0\n");
	assert_int_equal(login(A, "iqn.2024-01.example:upper", "10.0.0.1"), 0);
	assert_string_equal(found, "iqn.2024-01.Example:Upper");
}

static void test_enabled(void **state)
{
	fake_file(TGT "enabled", "0\n");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0301);
	fake_file(TGT "enabled", "1\n");
	fake_file("targets/iscsi/enabled", "0\n\n");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0301);
	assert_int_equal(login(A, "iqn.2024-01.example:none", "10.0.0.1"), 0x0203);
	assert_false(tree_driver_enabled(drv));
}

static void test_no_module(void **state)
{
	struct tree_asker who = { .initiator = A, .local_ip = "10.0.0.1", .peer = &peer };

	assert_int_equal(tree_open("/nonexistent"), -ENOENT);
	tree_login(-ENOENT, "iqn.2024-01.example:t1", &who, found, name, &t);
	assert_int_equal(t.status, 0x0301);
}

static void test_no_lun(void **state)
{
	fake_remove(TGT "luns/0/read_only");
	fake_remove(TGT "luns/0");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0203);
}

/* A stranger sees only what the default set holds; a member only what its group holds. */
static void test_groups(void **state)
{
	fake_file(TGT "ini_groups/esx/initiators/mgmt", "");
	fake_file(TGT "ini_groups/esx/initiators/iqn.1998-01.com.vmware:*", "iqn.1998-01.com.vmware:*\n");
	fake_file(TGT "ini_groups/esx/luns/mgmt", "");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0);
	assert_int_equal(login("iqn.1998-01.com.vmware:h1", "iqn.2024-01.example:t1", "10.0.0.1"), 0x0203);
	fake_file(TGT "ini_groups/esx/luns/3/read_only", "1\n");
	assert_int_equal(login("iqn.1998-01.com.vmware:h1", "iqn.2024-01.example:t1", "10.0.0.1"), 0);
	fake_remove(TGT "luns/0/read_only");
	fake_remove(TGT "luns/0");
	assert_int_equal(login("iqn.1998-01.com.vmware:h1", "iqn.2024-01.example:t1", "10.0.0.1"), 0);
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0203);
}

static void test_group_without_initiators_hides_nothing(void **state)
{
	fake_file(TGT "ini_groups/empty/initiators/mgmt", "");
	fake_file(TGT "ini_groups/empty/luns/mgmt", "");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0);
}

static void test_per_portal_acl(void **state)
{
	char long_name[ISCSI_NAME_MAX + 1];

	fake_file(TGT "per_portal_acl", "1\n[key]\n\n");
	fake_file(TGT "ini_groups/g/initiators/iqn.a:host#10.0.0.1", "");
	fake_file(TGT "ini_groups/g/luns/mgmt", "");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.2"), 0);
	assert_string_equal(name, "iqn.a:host#10.0.0.2");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0203);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(login(long_name, "iqn.2024-01.example:t1", "10.0.0.2"), 0);
	assert_int_equal(login(long_name, "iqn.2024-01.example:t1", "2001:db8:1111:2222:3333:4444:5555:6666"), 0x0200);
}

static const struct {
	const char *a, *b, *ip;
	bool allowed;
} portals[] = {
	{ NULL, NULL, "10.0.0.1", true },
	{ "10.0.0.*", NULL, "10.0.0.1", true },
	{ "10.0.0.*", NULL, "10.0.1.1", false },
	{ "10.0.0.?", NULL, "10.0.0.12", false },
	{ "192.168.*", "10.0.0.1", "10.0.0.1", true },		/* several: any of them */
	{ "192.168.*", "10.0.0.1", "10.0.0.2", false },
	{ "!10.0.0.*", NULL, "10.0.0.1", false },
	{ "!10.0.0.*", NULL, "10.0.1.1", true },		/* only negative ones: all others */
	{ "!10.0.0.1", "10.0.0.*", "10.0.0.1", false },
	{ "!10.0.0.1", "10.0.0.*", "10.0.0.2", true },
	{ "!10.0.0.1", "10.0.0.*", "10.1.0.2", false },
	{ "FE80::*", NULL, "fe80::1", true },			/* whatever the case */
	{ "*", NULL, "::1", true },
};

static void test_allowed_portal(void **state)
{
	char text[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(portals); i++) {
		if (portals[i].a) {
			snprintf(text, sizeof(text), "%s\n[key]\n\n", portals[i].a);
			fake_file(TGT "allowed_portal", text);
		}
		if (portals[i].b) {
			snprintf(text, sizeof(text), "%s\n[key]\n\n", portals[i].b);
			fake_file(TGT "allowed_portal17", text);
		}
		if (login(A, "iqn.2024-01.example:t1", portals[i].ip) != (portals[i].allowed ? 0 : 0x0203))
			fail_msg("row %zu", i);
		if (portals[i].a)
			fake_remove(TGT "allowed_portal");
		if (portals[i].b)
			fake_remove(TGT "allowed_portal17");
	}
}

/* A pattern that cannot be read closes the door rather than opening it. */
static void test_unreadable_pattern(void **state)
{
	fake_file(TGT "allowed_portal/", "");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0x0203);
}

static const struct {
	const char *value, *ip;
	u16 status;
	const char *redirect;
} redirects[] = {
	{ "10.0.0.9 temp\n[key]\n\n", "10.0.0.1", 0x0101, "10.0.0.9" },
	{ "10.0.0.9:3261 perm\n[key]\n\n", "10.0.0.1", 0x0102, "10.0.0.9:3261" },
	{ "[2001:db8::9]:3261 temp\n", "10.0.0.1", 0x0101, "[2001:db8::9]:3261" },
	{ "[2001:db8::9] perm\n", "2001:db8::8", 0x0102, "[2001:db8::9]" },
	{ "10.0.0.1:3261 temp\n", "10.0.0.1", 0, "" },		/* no circles */
	{ "[2001:db8:0::9] temp\n", "2001:db8::9", 0, "" },
	{ "\n", "10.0.0.1", 0, "" },
	{ "nonsense\n", "10.0.0.1", 0, "" },
	{ "nonsense temp\n", "10.0.0.1", 0, "" },
};

static void test_redirect(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(redirects); i++) {
		fake_file(TGT "redirect", redirects[i].value);
		if (login(A, "iqn.2024-01.example:t1", redirects[i].ip) != redirects[i].status ||
		    strcmp(t.redirect, redirects[i].redirect))
			fail_msg("row %zu: 0x%04x %s", i, t.status, t.redirect);
	}
}

static void test_attributes(void **state)
{
	fake_file(TGT "InitialR2T", "Yes\n[key]\n\n");
	fake_file(TGT "MaxBurstLength", "4096\n[key]\n\n");
	fake_file(TGT "HeaderDigest", "None,CRC32C\n[key]\n\n");
	fake_file(TGT "FirstBurstLength", "junk\n");
	fake_file(TGT "alias", "a disk\n[key]\n\n");
	assert_int_equal(login(A, "iqn.2024-01.example:t1", "10.0.0.1"), 0);
	assert_int_equal(t.attrs.value[ISCSI_KEY_INITIAL_R2T], 1);
	assert_int_equal(t.attrs.value[ISCSI_KEY_MAX_BURST], 4096);
	assert_int_equal(t.attrs.value[ISCSI_KEY_HEADER_DIGEST], 3);
	assert_int_equal(t.attrs.value[ISCSI_KEY_FIRST_BURST], 65536);
	assert_int_equal(t.attrs.value[ISCSI_KEY_IMMEDIATE_DATA], 1);
	assert_string_equal(t.alias, "a disk");
}

/* --- SendTargets --- */

static struct iscsi_text_buf out;
static u32 max_xmit;

/* What the answer holds, a line per pair. */
static char hidden[1000];

static void note_hidden(const char *target, const char *name)
{
	size_t len = strlen(hidden);

	snprintf(hidden + len, sizeof(hidden) - len, "%s from %s\n", target, name);
}

static const char *send_targets(const char *initiator, const char *request, const struct portals *p)
{
	struct discovery d = { .drv = drv, .initiator = initiator, .peer = &peer, .portals = p, .hidden = note_hidden };
	static char lines[65536];
	u32 i;

	max_xmit = 8192;
	hidden[0] = '\0';
	assert_int_equal(discovery_answer(&d, request, strlen(request) + 1, &max_xmit, &out), 0);
	assert_in_range(out.len, 0, sizeof(lines) - 1);
	for (i = 0; i < out.len; i++)
		lines[i] = out.data[i] ? out.data[i] : '\n';
	lines[out.len] = '\0';
	return lines;
}

static void add_addr(struct portals *p, const char *ip)
{
	assert_int_equal(addr_parse(ip, 3260, &p->addr[p->count++]), 0);
}

static int discovery_teardown(void **state)
{
	free(out.data);
	memset(&out, 0, sizeof(out));
	return teardown(state);
}

static void test_sendtargets(void **state)
{
	struct portals p = { .count = 0 };

	add_addr(&p, "10.0.0.1");
	add_addr(&p, "10.0.0.2");
	fake_target("iqn.2024-01.example:t0");
	fake_file("targets/iscsi/iqn.2024-01.example:t0/luns/0/read_only", "0\n");
	fake_target("iqn.2024-01.example:hidden");
	fake_target("iqn.2024-01.example:off");
	fake_file("targets/iscsi/iqn.2024-01.example:off/luns/0/read_only", "0\n");
	fake_file("targets/iscsi/iqn.2024-01.example:off/enabled", "0\n");
	fake_file(TGT "allowed_portal", "10.0.0.2\n[key]\n\n");

	assert_string_equal(send_targets(A, "SendTargets=All", &p),
			    "TargetName=iqn.2024-01.example:t0\nTargetAddress=10.0.0.1:3260,1\n"
			    "TargetAddress=10.0.0.2:3260,1\n"
			    "TargetName=iqn.2024-01.example:t1\nTargetAddress=10.0.0.2:3260,1\n");
	assert_string_equal(send_targets(A, "SendTargets=IQN.2024-01.example:t1", &p),
			    "TargetName=iqn.2024-01.example:t1\nTargetAddress=10.0.0.2:3260,1\n");
	assert_string_equal(hidden, "");
	assert_string_equal(send_targets(A, "SendTargets=iqn.2024-01.example:off", &p), "");
	assert_string_equal(send_targets(A, "SendTargets=iqn.2024-01.example:hidden", &p), "");
	assert_string_equal(hidden, "iqn.2024-01.example:hidden from " A "\n");
	assert_string_equal(send_targets(A, "SendTargets=iqn.none", &p), "");
	assert_string_equal(send_targets(A, "SendTargets=", &p), "SendTargets=Reject\n");
	assert_string_equal(send_targets(A, "SendTargets=../..", &p), "SendTargets=Reject\n");
	assert_string_equal(send_targets(A, "X-key=1", &p), "X-key=NotUnderstood\n");
	send_targets(A, "MaxRecvDataSegmentLength=512", &p);
	assert_int_equal(max_xmit, 512);

	fake_file("targets/iscsi/enabled", "0\n\n");
	assert_string_equal(send_targets(A, "SendTargets=All", &p), "");
}

static void test_sendtargets_per_portal_acl(void **state)
{
	struct portals p = { .count = 0 };

	add_addr(&p, "10.0.0.1");
	add_addr(&p, "10.0.0.2");
	fake_remove(TGT "luns/0/read_only");
	fake_remove(TGT "luns/0");
	fake_file(TGT "per_portal_acl", "1\n[key]\n\n");
	fake_file(TGT "ini_groups/g/initiators/*#10.0.0.2", "");
	fake_file(TGT "ini_groups/g/luns/0/read_only", "0\n");
	assert_string_equal(send_targets(A, "SendTargets=All", &p),
			    "TargetName=iqn.2024-01.example:t1\nTargetAddress=10.0.0.2:3260,1\n");
}

static char unnamed[1000];

static void note_unnamed(const char *target)
{
	strcat(strcat(unnamed, target), "\n");
}

/* Nobody could log in to these, for want of a name. */
static void test_sendtargets_without_names(void **state)
{
	static const char *const targets[] = { "iqn.2024-01.example:a_b", "iqn.2024-01.example:a b", "iqn.2024-01.Example:ok" };
	struct portals p = { .count = 0 };
	struct discovery d = { .drv = drv, .initiator = A, .peer = &peer, .portals = &p, .unnamed = note_unnamed };
	char path[200];
	size_t i;

	add_addr(&p, "10.0.0.1");
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		fake_target(targets[i]);
		snprintf(path, sizeof(path), "targets/iscsi/%s/luns/0/read_only", targets[i]);
		fake_file(path, "0\n");
	}
	assert_string_equal(send_targets(A, "SendTargets=All", &p),
			    "TargetName=iqn.2024-01.Example:ok\nTargetAddress=10.0.0.1:3260,1\n"
			    "TargetName=iqn.2024-01.example:t1\nTargetAddress=10.0.0.1:3260,1\n");
	assert_string_equal(hidden, "");
	assert_int_equal(discovery_answer(&d, "SendTargets=All", 16, &max_xmit, &out), 0);
	assert_string_equal(unnamed, "iqn.2024-01.example:a b\niqn.2024-01.example:a_b\n");
}

/* More than the first buffer holds. */
static void test_sendtargets_grows(void **state)
{
	struct portals p = { .count = 0 };
	struct discovery d = { .drv = drv, .initiator = A, .peer = &peer, .portals = &p };
	char path[200];
	char ip[32];
	int i;

	for (i = 0; i < 40; i++) {
		snprintf(ip, sizeof(ip), "10.0.0.%d", i + 1);
		add_addr(&p, ip);
	}
	for (i = 0; i < 60; i++) {
		snprintf(path, sizeof(path), "iqn.2024-01.example:many%d", i);
		fake_target(path);
		snprintf(path, sizeof(path), "targets/iscsi/iqn.2024-01.example:many%d/luns/0/read_only", i);
		fake_file(path, "0\n");
	}
	max_xmit = 8192;
	assert_int_equal(discovery_answer(&d, "SendTargets=All", 16, &max_xmit, &out), 0);
	assert_true(out.len > 65536);
	assert_false(out.overflow);
}

/* --- portals --- */

static struct ifaddrs *interface(struct ifaddrs *next, const char *ip, unsigned int flags)
{
	struct ifaddrs *i = calloc(1, sizeof(*i));
	union addr *a = calloc(1, sizeof(*a));

	assert_int_equal(addr_parse(ip, 0, a), 0);
	if (a->sa.sa_family == AF_INET6)
		a->v6.sin6_scope_id = 2;
	i->ifa_addr = &a->sa;
	i->ifa_flags = flags;
	i->ifa_next = next;
	return i;
}

static void free_interfaces(struct ifaddrs *i)
{
	while (i) {
		struct ifaddrs *next = i->ifa_next;

		free(i->ifa_addr);
		free(i);
		i = next;
	}
}

static const char *portal_list(const struct portals *p)
{
	static char all[1024];
	char one[PORTAL_TEXT_MAX];
	int i;

	all[0] = '\0';
	for (i = 0; i < p->count; i++) {
		addr_portal(&p->addr[i], one);
		strcat(strcat(all, i ? " " : ""), one);
	}
	return all;
}

static void test_portals(void **state)
{
	struct ifaddrs *ifa = NULL;
	struct listeners l = { .count = 2 };
	struct portals p;
	union addr here;

	ifa = interface(ifa, "2001:db8::2", IFF_UP);
	ifa = interface(ifa, "fe80::2", IFF_UP);
	ifa = interface(ifa, "::1", IFF_UP);
	ifa = interface(ifa, "10.0.0.3", 0);			/* down */
	ifa = interface(ifa, "10.0.0.2", IFF_UP);
	ifa = interface(ifa, "10.0.0.1", IFF_UP);
	ifa = interface(ifa, "127.0.0.1", IFF_UP);
	addr_parse("0.0.0.0", 3260, &l.addr[0]);
	addr_parse("::", 3260, &l.addr[1]);

	addr_parse("10.0.0.2", 3260, &here);
	portals_collect(&p, &l, &here, ifa, true);
	assert_string_equal(portal_list(&p), "10.0.0.2:3260 10.0.0.1:3260");
	addr_parse("127.0.0.1", 3260, &here);
	portals_collect(&p, &l, &here, ifa, true);
	assert_string_equal(portal_list(&p), "127.0.0.1:3260 10.0.0.1:3260 10.0.0.2:3260");
	addr_parse("2001:db8::2", 3260, &here);
	portals_collect(&p, &l, &here, ifa, true);
	assert_string_equal(portal_list(&p), "[2001:db8::2]:3260 [fe80::2]:3260");
	portals_collect(&p, &l, &here, ifa, false);
	assert_string_equal(portal_list(&p), "[2001:db8::2]:3260");

	/* Listening on chosen addresses only. */
	addr_parse("10.0.0.1", 3260, &l.addr[0]);
	addr_parse("10.0.0.2", 3260, &l.addr[1]);
	addr_parse("10.0.0.2", 3260, &here);
	portals_collect(&p, &l, &here, ifa, true);
	assert_string_equal(portal_list(&p), "10.0.0.2:3260 10.0.0.1:3260");
	free_interfaces(ifa);
}

static void test_addresses(void **state)
{
	union addr a, b;
	char text[ADDR_TEXT_MAX];

	assert_int_equal(addr_parse("[::1]", 1, &a), 0);
	addr_text(&a, text);
	assert_string_equal(text, "::1");
	assert_true(addr_is_loopback(&a));
	assert_int_equal(addr_parse("127.9.9.9", 1, &b), 0);
	assert_true(addr_is_loopback(&b));
	assert_false(addr_same_host(&a, &b));
	assert_int_equal(addr_parse("", 1, &a), -EINVAL);
	assert_int_equal(addr_parse("[]", 1, &a), -EINVAL);
	assert_int_equal(addr_parse("localhost", 1, &a), -EINVAL);
	assert_int_equal(addr_parse("10.0.0.256", 1, &a), -EINVAL);
	assert_int_equal(addr_parse("10.0.0.1:3260", 1, &a), -EINVAL);
}

static struct ifaddrs *network(struct ifaddrs *next, const char *ip, const char *mask)
{
	struct ifaddrs *i = interface(next, ip, IFF_UP);
	union addr *m = calloc(1, sizeof(*m));

	assert_int_equal(addr_parse(mask, 0, m), 0);
	i->ifa_netmask = &m->sa;
	i->ifa_name = (char *)ip;	/* an interface for each, unless the test says otherwise */
	return i;
}

static const struct {
	const char *local, *peer;
	bool neighbour;
} neighbours[] = {
	{ "169.254.10.1", "169.254.10.2", true },
	{ "169.254.10.1", "169.254.10.1", true },
	{ "169.254.10.1", "169.254.11.2", false },
	{ "169.254.10.1", "10.0.0.7", false },		/* through another interface */
	{ "10.0.0.1", "10.0.0.126", true },
	{ "10.0.0.1", "10.0.0.129", false },
	{ "10.0.0.1", "2001:db8::2", false },
	{ "10.9.9.9", "10.9.9.9", false },		/* no address of ours */
	{ "10.9.9.9", "0.0.0.0", false },
	{ "192.168.5.5", "192.168.5.6", false },	/* an address alone */
	{ "10.0.0.50", "10.0.0.77", true },		/* one of an interface that is in the network by another */
	{ "10.0.0.50", "10.0.0.129", false },
	{ "10.0.0.50", "169.254.10.2", false },
	{ "172.16.0.1", "172.16.0.2", true },		/* the other end */
	{ "172.16.0.1", "172.16.0.3", false },
	{ "127.0.0.1", "127.9.9.9", true },
	{ "2001:db8::1", "2001:db8::ffff", true },
	{ "2001:db8::1", "2001:db8:0:1::2", false },
	{ "::1", "::1", true },
	{ "fe80::1", "fe80::2", true },
};

/* Who may do without CHAP at an internal portal. */
static void test_neighbours(void **state)
{
	struct ifaddrs *ifa = interface(NULL, "10.9.9.8", IFF_UP), *i;
	union addr local, peer, other_end;
	size_t n;

	ifa = network(ifa, "127.0.0.1", "255.0.0.0");
	ifa = network(ifa, "10.0.0.1", "255.255.255.128");
	ifa = network(ifa, "169.254.10.1", "255.255.255.0");
	ifa = network(ifa, "192.168.5.5", "255.255.255.255");
	ifa = network(ifa, "10.0.0.50", "255.255.255.255");
	ifa->ifa_name = "10.0.0.1";
	ifa = network(ifa, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	ifa = network(ifa, "2001:db8::1", "ffff:ffff:ffff:ffff::");
	ifa = network(ifa, "fe80::1", "ffff:ffff:ffff:ffff::");
	ifa = network(ifa, "172.16.0.1", "255.255.255.255");
	addr_parse("172.16.0.2", 0, &other_end);
	ifa->ifa_flags |= IFF_POINTOPOINT;
	ifa->ifa_dstaddr = &other_end.sa;
	for (n = 0; n < ARRAY_SIZE(neighbours); n++) {
		assert_int_equal(addr_parse(neighbours[n].local, 3260, &local), 0);
		assert_int_equal(addr_parse(neighbours[n].peer, 40000, &peer), 0);
		if (addr_is_link_local(&local))
			local.v6.sin6_scope_id = 2;
		if (addr_is_neighbour(&peer, &local, ifa) != neighbours[n].neighbour)
			fail_msg("row %zu", n);
		assert_false(addr_is_neighbour(&peer, &local, NULL));
	}
	local.v6.sin6_scope_id = 3;		/* the same address on another interface */
	assert_false(addr_is_neighbour(&peer, &local, ifa));
	for (i = ifa; i; i = i->ifa_next)
		free(i->ifa_netmask);
	free_interfaces(ifa);
}

#define ISNS "targets/iscsi/iSNSServer"
#define LIST "isns"

static void login_is(enum iscsi_login_status status)
{
	assert_int_equal(login("iqn.ini", "iqn.2024-01.example:t1", "10.0.0.1"), status);
}

/* The iSNS server's list counts with AccessControl, and then nothing but it lets anybody in. */
static void test_isns_admits(void **state)
{
	isns_set_dir(fake_root);
	fake_file(ISNS, "\n\n");
	login_is(ISCSI_LOGIN_SUCCESS);
	fake_file(ISNS, "server \n[key]\n\n");
	login_is(ISCSI_LOGIN_SUCCESS);
	fake_file(ISNS, "server AccessControl\n[key]\n\n");
	login_is(ISCSI_LOGIN_NOT_FOUND);	/* no list */
	fake_file(LIST, "server server\ntarget iqn.2024-01.example:t2\ninitiator iqn.ini\n");
	login_is(ISCSI_LOGIN_NOT_FOUND);
	fake_file(LIST, "server other\ntarget iqn.2024-01.example:t1\ninitiator iqn.ini\n");
	login_is(ISCSI_LOGIN_NOT_FOUND);
	fake_file(LIST, "server server\ntarget iqn.2024-01.example:t1\ninitiator iqn.in\ninitiator\n\niqn.ini\n");
	login_is(ISCSI_LOGIN_NOT_FOUND);
	fake_file(LIST, "server server\ntarget iqn.2024-01.example:t2\ntarget iqn.2024-01.example:t1\n"
		  "initiator iqn.x\ninitiator iqn.ini\n");
	login_is(ISCSI_LOGIN_SUCCESS);
	isns_set_dir(ISNS_DEFAULT_DIR);
}

static int lists_opened;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

FILE *__wrap_fopen(const char *path, const char *mode)
{
	lists_opened += !strcmp(mode, "re") && strstr(path, "/" LIST);
	return __real_fopen(path, mode);
}

/* The list is as long as there are targets, so it is read once for all of them, and a stranger is told of none. */
static void test_isns_list_is_read_once(void **state)
{
	struct portals p = { .count = 0 };
	static char list[20000];
	char path[200];
	const char *got;
	int i, n = sprintf(list, "server server\n");

	add_addr(&p, "10.0.0.1");
	for (i = 39; i >= 0; i--) {		/* in no order that could be relied on */
		snprintf(path, sizeof(path), "iqn.2024-01.Example:many%02d", i);
		fake_target(path);
		n += sprintf(list + n, "target %s\ninitiator iqn.other\n%starget %s\n", path,
			     i % 2 ? "initiator IQN.a:host\ninitiator " A "\n" : "", path);
		snprintf(path, sizeof(path), "targets/iscsi/iqn.2024-01.Example:many%02d/luns/0/read_only", i);
		fake_file(path, "0\n");
	}
	isns_set_dir(fake_root);
	fake_file(ISNS, "server AccessControl\n[key]\n\n");
	fake_file(LIST, list);
	lists_opened = 0;
	got = send_targets(A, "SendTargets=All", &p);
	assert_int_equal(lists_opened, 1);
	for (i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), "TargetName=iqn.2024-01.Example:many%02d\n", i);
		assert_int_equal(!!strstr(got, path), i % 2);
	}
	assert_null(strstr(got, ":t1"));
	assert_string_equal(send_targets("iqn.stranger", "SendTargets=All", &p), "");
	assert_string_equal(send_targets(A, "SendTargets=iqn.2024-01.example:many02", &p), "");
	assert_string_equal(send_targets(A, "SendTargets=iqn.2024-01.example:many03", &p),
			    "TargetName=iqn.2024-01.Example:many03\nTargetAddress=10.0.0.1:3260,1\n");
	isns_set_dir(ISNS_DEFAULT_DIR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define DISCOVERY(name) cmocka_unit_test_setup_teardown(name, setup, discovery_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_exists),
		TEST(test_stored_name_keeps_its_case),
		TEST(test_enabled),
		TEST(test_no_module),
		TEST(test_no_lun),
		TEST(test_groups),
		TEST(test_group_without_initiators_hides_nothing),
		TEST(test_per_portal_acl),
		TEST(test_allowed_portal),
		TEST(test_unreadable_pattern),
		TEST(test_redirect),
		TEST(test_attributes),
		TEST(test_isns_admits),
		DISCOVERY(test_sendtargets),
		DISCOVERY(test_sendtargets_per_portal_acl),
		DISCOVERY(test_sendtargets_without_names),
		DISCOVERY(test_sendtargets_grows),
		DISCOVERY(test_isns_list_is_read_once),
		cmocka_unit_test(test_portals),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_neighbours),
	};

	return cmocka_run_group_tests_name("daemon's view of the tree", tests, NULL, NULL);
}
