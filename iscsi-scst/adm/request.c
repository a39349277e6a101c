// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the command line of iscsi-scst-adm.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "iscsi_scst.h"
#include "request.h"
#include "tree.h"

#define ADM_VERSION	"4.0.0"

static const struct option long_options[] = {
	{ "op", required_argument, NULL, 'o' },
	{ "tid", required_argument, NULL, 't' },
	{ "sid", required_argument, NULL, 's' },
	{ "cid", required_argument, NULL, 'c' },
	{ "user", no_argument, NULL, 'u' },
	{ "params", required_argument, NULL, 'p' },
	{ "sysfs", required_argument, NULL, 'S' },	/* for the tests */
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: iscsi-scst-adm --op OPERATION [OPTION]...\n"
		"Administers iSCSI targets; for scripts that know it. scstadmin does all of this and more.\n\n"
		"  --op new --params Name=NAME[,KEY=VALUE...] [--tid TID]\n"
		"                                      make a target\n"
		"  --op update --tid TID --params KEY=VALUE[,...]\n"
		"                                      change it\n"
		"  --op show --tid TID                 print its parameters\n"
		"  --op delete --tid TID               remove it\n"
		"  --op show --tid TID --sid SID [--cid CID]\n"
		"                                      print what a session or connection has negotiated\n"
		"  --op delete --tid TID --sid SID --cid CID\n"
		"                                      close a connection\n"
		"  --op new|update|delete|show [--tid TID] --user\n"
		"        --params IncomingUser|OutgoingUser=NAME[,Password=SECRET]\n"
		"                                      CHAP accounts; without TID those of discovery\n"
		"  --version, --help\n");
}

int adm_error(const char *fmt, ...)
{
	va_list args;

	fputs("iscsi-scst-adm: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return ADM_FAILED;
}

static int bad(const char *what, const char *text)
{
	adm_error("bad %s: %s", what, text);
	return ADM_USAGE;
}

static int take_op(struct adm_request *r, const char *text)
{
	static const char *const name[] = {
		[ADM_NEW] = "new", [ADM_DELETE] = "delete", [ADM_UPDATE] = "update", [ADM_SHOW] = "show",
	};
	unsigned int i;

	for (i = ADM_NEW; i <= ADM_SHOW; i++) {
		if (!strcmp(text, name[i])) {
			r->op = i;
			return -1;
		}
	}
	return bad("operation", text);
}

static int take_tid(struct adm_request *r, const char *text)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || end == text || *end || text[0] == '-' || value > 0xffffffffUL)
		return bad("target id", text);
	r->tid = (unsigned int)value;
	return -1;
}

static bool is_name(const char *text)
{
	return *text && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")];
}

/* Nothing that sysfs could take for a line or a parameter of its own. */
static bool is_value(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == ';')
			return false;
	return true;
}

/* "a=b,c=d": a comma belongs to the value when no pair follows it, as in HeaderDigest=None,CRC32C. */
static int take_params(struct adm_request *r, char *text)
{
	char *word;

	while ((word = strsep(&text, ","))) {
		char *value = strchr(word, '=');

		if (!value && r->nr_params && *word && is_value(word)) {
			word[-1] = ',';
			continue;
		}
		if (!value || r->nr_params == PARAMS_MAX)
			return bad("parameter", word);
		*value++ = '\0';
		if (!is_name(word) || !is_value(value))
			return bad("parameter", word);
		r->param[r->nr_params++] = (struct adm_param){ word, value };
	}
	return -1;
}

static int take(struct adm_request *r, int c)
{
	switch (c) {
	case 'o':
		return take_op(r, optarg);
	case 't':
		return take_tid(r, optarg);
	case 's':
		r->sid = optarg;
		return -1;
	case 'c':
		r->cid = optarg;
		return -1;
	case 'u':
		r->user = true;
		return -1;
	case 'p':
		return take_params(r, optarg);
	case 'S':
		r->root = optarg;
		return -1;
	case 'v':
		printf("iscsi-scst-adm version %s\n", ADM_VERSION);
		return ADM_OK;
	case 'h':
		usage(stdout);
		return ADM_OK;
	default:
		usage(stderr);
		return ADM_USAGE;
	}
}

int request_parse(struct adm_request *r, int argc, char **argv)
{
	int c;

	*r = (struct adm_request){ .root = TREE_DEFAULT_ROOT };
	optind = 1;
	while ((c = getopt_long(argc, argv, "vh", long_options, NULL)) != -1) {
		int ret = take(r, c);

		if (ret >= 0)
			return ret;
	}
	if (optind < argc)
		return bad("argument", argv[optind]);
	if (r->op == ADM_NONE) {
		usage(stderr);
		return ADM_USAGE;
	}
	return -1;
}

const char *request_param(const struct adm_request *r, const char *name)
{
	int i;

	for (i = 0; i < r->nr_params; i++)
		if (!strcasecmp(r->param[i].name, name))
			return r->param[i].value;
	return NULL;
}
