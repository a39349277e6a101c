// SPDX-License-Identifier: GPL-2.0
/* The course of a run: options, state, operations, and the frame lines that scripts match. */
#include "adm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "result.h"

const char *opt(const struct adm *a, enum opt_id id)
{
	return a->o.val[id];
}

bool given(const struct adm *a, enum opt_id id)
{
	return a->o.given[id] && (optdefs[id].arg != ARG_MUST || *a->o.val[id]);
}

/* ---- state ---- */

struct obj *adm_reread(struct adm *a)
{
	a->run = NULL;
	return adm_running(a);
}

struct obj *adm_running(struct adm *a)
{
	if (a->run)
		return a->run;
	a->tree.err = NULL;
	a->run = tree_read(&a->tree);
	if (!a->run)
		adm_report(a, RES_FAIL, "%s", a->tree.err);
	return a->run;
}

/* ---- reports ---- */

static void block(struct adm *a, const char *head, const char *text)
{
	fprintf(a->out, "\n\n%s: Received the following error:\n\n\t%s\n\n\n", head, text);
}

int adm_report(struct adm *a, int code, const char *fmt, ...)
{
	bool soft = (a->verb && a->verb->soft) || given(a, OPT_CONT_ON_ERR);
	va_list ap;

	va_start(ap, fmt);
	block(a, soft ? "WARNING" : "FATAL", pool_vfmt(&a->pool, fmt, ap));
	va_end(ap);
	a->fatal = !soft;
	return a->verb && a->verb->code_out ? code : 1;
}

int adm_refused(struct adm *a, int code, int err, const char *what)
{
	const char *why;

	if (err == -EACCES || err == -EPERM || err == -EROFS)
		why = "are you root?";
	else
		why = "the reason may stand in the kernel log, see dmesg";
	return adm_report(a, code, "%s: %s (%s; %s)", result_text(code), what, strerror(-err), why);
}

bool adm_confirm(struct adm *a)
{
	char line[256];
	bool yes;

	if (given(a, OPT_NOPROMPT))
		return true;
	fputs("Performing this action may result in lost or corrupt data, are you sure you wish to continue (y/[n]) ? ",
	      a->out);
	fflush(a->out);
	yes = fgets(line, sizeof(line), a->in) != NULL;
	if (yes) {
		line[strcspn(line, "\r\n")] = '\0';
		yes = !strcasecmp(line, "y") || !strcasecmp(line, "yes");
	}
	if (!yes)
		fputs("Aborting action.\n", a->out);
	return yes;
}

void adm_begin(struct adm *a)
{
	fputs("\n-> Making requested changes.\n", a->out);
}

void adm_done(struct adm *a, const char *what)
{
	fprintf(a->out, "\t-> %s: done.\n", what);
}

void adm_end(struct adm *a)
{
	fputs("\t-> Done.\n", a->out);
}

/* ---- the run ---- */

static bool version_is_good(const char *v)
{
	unsigned int major, minor, patch;

	v = v ? strpbrk(v, "0123456789\n") : NULL;
	return v && sscanf(v, "%u.%u.%u", &major, &minor, &patch) == 3 && major >= 2;
}

static bool open_root(struct adm *a)
{
	const char *v;

	a->tree.root = open(a->root_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	v = a->tree.root < 0 ? NULL : tree_file(&a->tree, "version");
	if (version_is_good(v))
		return true;
	if (a->tree.root >= 0 && v)
		fprintf(a->err, "The running SCST is too old (2.0.0 is the oldest that works): %s\n",
			v);
	else
		fprintf(a->err, "SCST is not loaded: '%s/version' cannot be read: %s\n",
			a->root_name, strerror(errno));
	return false;
}

static bool only_offline(const struct adm *a)
{
	int i;

	for (i = 0; i < OPT_VERBS; i++)
		if (a->o.given[i] && !optdefs[i].offline)
			return false;
	return true;
}

/* Whether initiators behind a loop would not notice the change by themselves. */
static bool wants_lip(const struct adm *a, const struct optdef *d)
{
	static const enum opt_id without[] = {
		OPT_CHECK_CONFIG, OPT_WRITE_CONFIG, OPT_OPEN_DEV, OPT_ISSUE_LIP, OPT_DUMP_ATTRS,
	};
	size_t i;

	for (i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (d == &optdefs[without[i]])
			return false;
	return given(a, OPT_LIP) && !given(a, OPT_NO_LIP) && d->class == CLASS_CHANGE;
}

/* A declined prompt is no success. */
static int run_verb(struct adm *a, const struct optdef *d)
{
	int rc;

	a->verb = d;
	if (d->prompt && !adm_confirm(a))
		return 1;
	rc = d->run(a);
	if (!rc && wants_lip(a, d))
		adm_lip(a);
	return rc;
}

static int run_all(struct adm *a)
{
	int i, rc = 0, one;

	for (i = 0; i < OPT_VERBS && !a->fatal; i++) {
		if (!a->o.given[i])
			continue;
		one = run_verb(a, &optdefs[i]);
		if (one)
			rc = one;
	}
	return rc;
}

static int run(struct adm *a, int argc, char **argv)
{
	const char *msg;
	int rc;

	if (!opts_parse(&a->o, argc, argv, a->err)) {
		fputs("Try 'scstadmin -help'.\n", a->err);
		return 1;
	}
	if (a->o.given[OPT_H] || a->o.given[OPT_HELP]) {
		opts_usage(a->out);
		return 0;
	}
	msg = opts_check(&a->pool, &a->o);
	if (msg) {
		fputs(msg, a->out);
		return 1;
	}
	if (a->o.given[OPT_LIST_MODULES])
		return run_all(a);
	if (!only_offline(a) || !access(a->root_name, F_OK)) {
		if (!open_root(a))
			return 2;
		fputs("\nCollecting current configuration: done.\n\n", a->out);
	}
	rc = run_all(a);
	if (!a->fatal)
		fputs("\nAll done.\n", a->out);
	return rc;
}

int adm_main(struct adm *a, int argc, char **argv)
{
	int rc;

	a->tree.pool = &a->pool;
	a->tree.root = a->lock_fd = -1;
	rc = run(a, argc, argv);
	if ((fflush(a->out) || ferror(a->out)) && !rc)
		rc = 1;
	if (a->tree.root >= 0)
		close(a->tree.root);
	adm_unlock(a);
	pool_free(&a->pool);
	return rc;
}
