// SPDX-License-Identifier: GPL-2.0
/*
 * CHAP accounts: of a target, or without one of discovery sessions.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"
#include "tree.h"

#define VALUE_BYTES	512

/**
 * struct place - whose accounts
 * @drv: directory of the driver
 * @dir: that holds the accounts
 * @target: name of the target, NULL for discovery
 */
struct place {
	int drv;
	int dir;
	const char *target;
};

/* The account that --params names; its kind, or NULL. */
static const char *named(const struct adm_request *r, const char **user)
{
	static const char *const kind[] = { "IncomingUser", "OutgoingUser" };
	size_t i;

	for (i = 0; i < sizeof(kind) / sizeof(kind[0]); i++) {
		*user = request_param(r, kind[i]);
		if (*user && **user && !strchr(*user, ' '))
			return kind[i];
	}
	return NULL;
}

static int command(const struct place *at, const char *verb, const char *kind, const char *user, const char *secret)
{
	return write_mgmt(at->drv, "%s_%sattribute %s%s%s %s%s%s", verb, at->target ? "target_" : "",
			  at->target ? at->target : "", at->target ? " " : "", kind, user, secret ? " " : "",
			  secret ? secret : "");
}

static int is_account(const struct dirent *e)
{
	return tree_numbered(e->d_name, "IncomingUser") || tree_numbered(e->d_name, "OutgoingUser");
}

/* Cuts "NAME SECRET [INITIATORS]" behind the name; what follows it, or "". */
static char *cut_name(char *value)
{
	char *rest = strchr(value, ' ');

	if (!rest)
		return value + strlen(value);
	*rest = '\0';
	return rest + 1;
}

/**
 * visit - what to do with an account
 * @at: whose
 * @file: of the account
 * @user: its name
 * @rest: secret and initiators
 * @r: the request
 *
 * Return: 0 to go on, else the result, 1 for done.
 */
typedef int visit(const struct place *at, const char *file, const char *user, char *rest, const struct adm_request *r);

/* All accounts in order, or those that --params names; 0 when @do_it stopped at none. */
static int each_account(const struct place *at, const struct adm_request *r, visit *do_it)
{
	const char *wanted, *kind = named(r, &wanted);
	char value[VALUE_BYTES];
	struct dirent **file;
	int n = scandirat(at->dir, ".", &file, is_account, versionsort);
	int i, ret = n < 0 ? -errno : 0;

	for (i = 0; i < n; i++) {
		if (!ret && (!kind || tree_numbered(file[i]->d_name, kind))) {
			ret = tree_read_line(at->dir, file[i]->d_name, value, sizeof(value));
			if (!ret) {
				char *rest = cut_name(value);

				if (!kind || !strcmp(value, wanted))
					ret = do_it(at, file[i]->d_name, value, rest, r);
			}
		}
		free(file[i]);
	}
	if (n >= 0)
		free(file);
	explicit_bzero(value, sizeof(value));
	return ret;
}

/* Of all accounts the names; the secret of the one that is asked for. */
static int print(const struct place *at, const char *file, const char *user, char *rest, const struct adm_request *r)
{
	(void)at;
	printf("%.12s %s", file, user);
	if (r->nr_params)
		printf(" %.*s", (int)strcspn(rest, " "), rest);
	putchar('\n');
	return r->nr_params ? 1 : 0;
}

/* The initiators it is bound to stay. */
static int change(const struct place *at, const char *file, const char *user, char *rest, const struct adm_request *r)
{
	const char *secret = request_param(r, "Password");
	const char *bound = strchr(rest, ' ');
	char value[2 * VALUE_BYTES];
	int ret;

	if (snprintf(value, sizeof(value), "%s %s%s", user, secret, bound ? bound : "") >= (int)sizeof(value))
		return -E2BIG;
	ret = write_attr(at->dir, file, value);
	explicit_bzero(value, sizeof(value));
	return ret ? ret : 1;
}

static int report(const struct adm_request *r, int ret)
{
	const char *user, *kind = named(r, &user);

	if (ret > 0 || (!ret && r->op != ADM_UPDATE && !(r->op == ADM_SHOW && kind)))
		return ADM_OK;
	return adm_error("%s %s: %s", kind ? kind : "accounts", kind ? user : "",
			 ret && ret != -ENOENT ? strerror(-ret) : "no such account");
}

static int act(const struct adm_request *r, const struct place *at)
{
	const char *user, *kind = named(r, &user);
	const char *secret = request_param(r, "Password");

	switch (r->op) {
	case ADM_SHOW:
		return report(r, each_account(at, r, print));
	case ADM_UPDATE:
		return report(r, each_account(at, r, change));
	case ADM_DELETE:
		return report(r, command(at, "del", kind, user, NULL));
	default:
		return report(r, command(at, "add", kind, user, secret));
	}
}

static bool complete(const struct adm_request *r)
{
	const char *user, *kind = named(r, &user);
	const char *secret = request_param(r, "Password");

	if (r->op == ADM_SHOW)
		return kind || !r->nr_params;
	if (r->op == ADM_DELETE)
		return kind;
	return kind && secret && *secret && !strpbrk(secret, " =");
}

int account_op(const struct adm_request *r, int drv)
{
	char name[ISCSI_STORED_NAME_MAX + 1];
	struct place at = { .drv = drv, .dir = drv };
	int ret;

	if (!complete(r)) {
		adm_error("accounts need --params IncomingUser=NAME,Password=SECRET, or OutgoingUser");
		return ADM_USAGE;
	}
	if (!r->tid)
		return act(r, &at);
	at.dir = find_tid(drv, r->tid, name);
	if (at.dir < 0)
		return ADM_FAILED;
	at.target = name;
	ret = act(r, &at);
	close(at.dir);
	return ret;
}
