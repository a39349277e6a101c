// SPDX-License-Identifier: GPL-2.0
/*
 * Parses the daemon's command line.
 */
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "keys.h"
#include "options.h"
#include "slots.h"
#include "tree.h"

#define DEFAULT_CONFIG		"/etc/iscsi-scstd.conf"
#define DEFAULT_PID_FILE	"/run/iscsi-scstd.pid"

/* The last three serve the tests: another tree, another lock, another place for a list. */
enum { OPT_TIMEOUT = 256, OPT_LOGINS, OPT_PER_ADDRESS, OPT_ISNS_ESI, OPT_SYSFS, OPT_PID_FILE, OPT_ISNS_DIR };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "debug", required_argument, NULL, 'd' },
	{ "uid", required_argument, NULL, 'u' },
	{ "gid", required_argument, NULL, 'g' },
	{ "address", required_argument, NULL, 'a' },
	{ "port", required_argument, NULL, 'p' },
	{ "login-timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "logins", required_argument, NULL, OPT_LOGINS },
	{ "logins-per-address", required_argument, NULL, OPT_PER_ADDRESS },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "isns-esi", no_argument, NULL, OPT_ISNS_ESI },
	{ "sysfs", required_argument, NULL, OPT_SYSFS },
	{ "pid-file", required_argument, NULL, OPT_PID_FILE },
	{ "isns-dir", required_argument, NULL, OPT_ISNS_DIR },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: iscsi-scstd [OPTION]...\n"
		"Login and discovery daemon of the SCST iSCSI target.\n\n"
		"  -a, --address=LIST     listen on these addresses only, separated by spaces\n"
		"  -p, --port=PORT        listen on this port (%d)\n"
		"  -f, --foreground       stay in the foreground, log to standard error\n"
		"  -d, --debug=LEVEL      1 or more: log debug messages as well\n"
		"  -u, --uid=UID          run as this user (0)\n"
		"  -g, --gid=GID          run as this group (0)\n"
		"  -c, --config=FILE      the older configuration file (%s)\n"
		"      --login-timeout=S  seconds a login may take (%d)\n"
		"      --logins=N         logins in progress at a time (%d)\n"
		"      --logins-per-address=N  the same from one address (%d)\n"
		"      --isns-esi         let the iSNS server inquire whether this target lives\n"
		"  -v, --version          print the version\n"
		"  -h, --help             print this text\n",
		ISCSI_PORT, DEFAULT_CONFIG, LOGIN_SECONDS, SLOTS_DEFAULT, SLOTS_PER_SOURCE);
}

static int bad(const char *what, const char *value)
{
	fprintf(stderr, "iscsi-scstd: bad %s: %s\n", what, value);
	return 1;
}

static int number(const char *what, const char *text, u32 min, u32 max, u32 *value)
{
	u32 v;

	if (iscsi_number_parse(text, false, &v) || v < min || v > max)
		return bad(what, text);
	*value = v;
	return -1;
}

static int add_address(struct options *o, const char *text)
{
	if (o->wanted.count == LISTEN_MAX) {
		fprintf(stderr, "iscsi-scstd: more than %d addresses\n", LISTEN_MAX);
		return 1;
	}
	if (addr_parse(text, 0, &o->wanted.addr[o->wanted.count]))
		return bad("address", text);
	o->wanted.count++;
	return -1;
}

static int add_addresses(struct options *o, const char *list)
{
	char *copy = strdup(list);
	char *save = NULL;
	char *word;
	int ret = -1;

	if (!copy)
		return bad("address list", list);
	for (word = strtok_r(copy, " \t", &save); word && ret < 0; word = strtok_r(NULL, " \t", &save))
		ret = add_address(o, word);
	free(copy);
	return ret;
}

static int take_number(struct options *o, int option, const char *value)
{
	u32 port = o->port;
	int ret;

	switch (option) {
	case 'd':
		return number("debug level", value, 0, ~0U, &o->debug);
	case 'u':
		return number("user id", value, 0, ~0U - 1, &o->uid);
	case 'g':
		return number("group id", value, 0, ~0U - 1, &o->gid);
	case OPT_TIMEOUT:
		return number("login timeout", value, 1, 3600, &o->login_seconds);
	case OPT_LOGINS:
		return number("number of logins", value, 1, LOGINS_MAX, &o->logins);
	case OPT_PER_ADDRESS:
		return number("number of logins", value, 1, LOGINS_MAX, &o->logins_per_source);
	default:
		ret = number("port", value, 0, 65535, &port);
		o->port = (unsigned short)port;
		return ret;
	}
}

static int take(struct options *o, int option, const char *value)
{
	switch (option) {
	case 'a':
		return add_addresses(o, value);
	case 'c':
		o->config = realpath(value, NULL) ?: value;	/* the daemon changes to / */
		return -1;
	case 'd':
	case 'g':
	case 'p':
	case 'u':
	case OPT_TIMEOUT:
	case OPT_LOGINS:
	case OPT_PER_ADDRESS:
		return take_number(o, option, value);
	case 'f':
		o->foreground = true;
		return -1;
	case OPT_ISNS_ESI:
		o->isns_esi = true;
		return -1;
	case OPT_ISNS_DIR:
		o->isns_dir = value;
		return -1;
	case 'v':
		printf("iscsi-scstd version %s\n", SCSTD_VERSION);
		return 0;
	case 'h':
		usage(stdout);
		return 0;
	case OPT_SYSFS:
		o->root = value;
		return -1;
	case OPT_PID_FILE:
		o->pid_file = value;
		return -1;
	default:
		usage(stderr);
		return 1;
	}
}

static void listen_default(struct options *o)
{
	if (o->wanted.count)
		return;
	addr_parse("0.0.0.0", 0, &o->wanted.addr[0]);
	addr_parse("::", 0, &o->wanted.addr[1]);
	o->wanted.count = 2;
}

static void set_ports(struct options *o)
{
	int i;

	for (i = 0; i < o->wanted.count; i++) {
		union addr *a = &o->wanted.addr[i];

		if (a->sa.sa_family == AF_INET6)
			a->v6.sin6_port = htons(o->port);
		else
			a->v4.sin_port = htons(o->port);
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
		.config = DEFAULT_CONFIG,
		.port = ISCSI_PORT,
		.login_seconds = LOGIN_SECONDS,
		.logins = SLOTS_DEFAULT,
		.logins_per_source = SLOTS_PER_SOURCE,
		.pid_file = DEFAULT_PID_FILE,
		.root = TREE_DEFAULT_ROOT,
		.isns_dir = ISNS_DEFAULT_DIR,
	};
	optind = 1;
	while ((c = getopt_long(argc, argv, "a:c:d:fg:hp:u:v", long_options, NULL)) != -1) {
		int ret = take(o, c, optarg);

		if (ret >= 0)
			return ret;
	}
	if (optind < argc)
		return bad("argument", argv[optind]);
	listen_default(o);
	set_ports(o);
	return -1;
}
