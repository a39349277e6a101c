// SPDX-License-Identifier: GPL-2.0
/* Whole configurations: check, apply, save, clear, and the modules one needs. */
#include <errno.h>
#include <string.h>

#include "adm.h"
#include "apply.h"
#include "check.h"
#include "savefile.h"
#include "verbs.h"

static const char *conf_path(struct adm *a)
{
	const char *path = opt(a, a->verb - optdefs);

	return *path ? path : CONF_DEFAULT;
}

static bool is_explicit(struct adm *a)
{
	return *opt(a, a->verb - optdefs) != '\0';
}

static bool load_conf(struct adm *a, struct conf *c)
{
	const char *path = conf_path(a);
	char *text;
	size_t len;
	int err;

	err = load_file(&a->pool, path, CONF_MAX, &text, &len);
	if (err) {
		adm_report(a, 1, "Unable to read the configuration file '%s': %s", path,
			   strerror(-err));
		return false;
	}
	conf_parse(c, &a->pool, text, len);
	return true;
}

static void print_findings(struct adm *a, const struct conf *c)
{
	const char *path = conf_path(a), *kind;
	const struct conf_msg *m;

	for (m = c->msgs; m; m = m->next) {
		kind = m->error ? "error" : "warning";
		if (m->pos.line)
			fprintf(a->out, "%s:%u:%u: %s: %s\n", path, m->pos.line, m->pos.col, kind,
				m->text);
		else
			fprintf(a->out, "%s: %s: %s\n", path, kind, m->text);
	}
	if (c->errors > CONF_MSGS || c->warnings > CONF_MSGS)
		fprintf(a->out, "%s: further findings are not shown\n", path);
	if (c->errors)
		fprintf(a->out, "\t-> Done, %u error(s) found.\n", c->errors);
	else
		fprintf(a->out, "\t-> Done, %u warning(s) found.\n", c->warnings);
}

/* The running configuration, refused when an initiator's LUNs would be a matter of chance. */
static struct obj *running_unique(struct adm *a)
{
	struct obj *have = adm_running(a);
	const char *twice = have ? obj_twice_init(&a->pool, have) : NULL;

	if (!twice || given(a, OPT_FORCE))
		return have;
	adm_report(a, 1, "%s (-force goes on all the same)", twice);
	return NULL;
}

enum verdict { GOOD, EMPTY, BAD };

static enum verdict check_file(struct adm *a, struct conf *c, struct obj *have)
{
	if (!load_conf(a, c))
		return BAD;
	fprintf(a->out, "-> Checking configuration file '%s' for errors.\n", conf_path(a));
	if (conf_is_empty(c) && !c->errors) {
		fprintf(a->out, "%s: warning: the file is empty, there is nothing to do\n",
			conf_path(a));
		return EMPTY;
	}
	c->lenient = given(a, OPT_CONT_ON_ERR);
	check_conf(c, have);
	print_findings(a, c);
	return c->errors ? BAD : GOOD;
}

int verb_check_config(struct adm *a)
{
	struct obj *have = NULL;
	struct conf c;

	if (a->tree.root >= 0) {
		have = running_unique(a);
		if (!have)
			return 1;
	} else {
		fputs("SCST is not loaded: only grammar, references and plain values are checked.\n\n", a->out);
	}
	switch (check_file(a, &c, have)) {
	case GOOD:
		return 0;
	case EMPTY:
		return is_explicit(a);
	default:
		return 1;
	}
}

static void start_plan(struct adm *a, struct plan *pl)
{
	plan_init(pl, &a->pool);
	pl->force = given(a, OPT_FORCE);
	pl->preserve_cluster_mode = given(a, OPT_PRESERVE_CLUSTER_MODE);
}

static int apply_conf(struct adm *a, struct obj *want, struct obj *have)
{
	struct applied done = { 0 };
	struct plan first, second;

	start_plan(a, &first);
	plan_devices(&first, want, have);
	adm_begin(a);
	apply_plan(a, &first, &done);
	if (!done.stopped && plan_writes(&first))
		have = adm_reread(a);
	if (done.stopped || !have)
		return 1;
	start_plan(a, &second);
	plan_targets(&second, want, have);
	apply_plan(a, &second, &done);
	if (done.stopped)
		return 1;
	if (done.errors + done.refused)
		fprintf(a->out, "\t-> %u step(s) failed.\n", done.errors + done.refused);
	fprintf(a->out, "\t-> Done, %u change(s) made.\n", done.changes);
	return done.errors ? 1 : 0;
}

/* Nobody else waits for the answer; what has changed by then is read. NULL: no, or after a report */
static struct obj *confirmed(struct adm *a, struct obj *have)
{
	if (!given(a, OPT_FORCE) || given(a, OPT_NOPROMPT))
		return have;
	adm_unlock(a);
	return adm_confirm(a) && adm_lock(a) ? adm_reread(a) : NULL;
}

int verb_config(struct adm *a)
{
	struct obj *have = adm_lock(a) ? running_unique(a) : NULL;
	enum verdict v;
	struct conf c = { 0 };
	int rc;

	if (!have)
		return 1;
	v = check_file(a, &c, have);
	if (v == EMPTY)
		return is_explicit(a);
	if (a->fatal || !c.root)
		return 1;
	if (v == BAD && (c.broken || !given(a, OPT_CONT_ON_ERR)))
		return adm_report(a, 1, "The configuration file '%s' has errors, nothing was changed",
				  conf_path(a));
	have = confirmed(a, have);
	if (!have)
		return 1;
	rc = apply_conf(a, c.root, have);
	return v == BAD ? 1 : rc;
}

#define DROPS_TOLD 20

/* Nobody sees by the file alone that a disk which did not come up is no longer in it. One with errors tells nothing. */
static void tell_drops(struct adm *a, const char *path, const struct sbuf *was, const struct sbuf *now)
{
	struct strs drops = { 0 };
	struct conf old, new;
	size_t i;

	conf_parse(&old, &a->pool, was->s, was->len);
	conf_parse(&new, &a->pool, now->s, now->len);
	if (old.errors || new.errors)
		return;
	conf_drops(&a->pool, old.root, new.root, &drops);
	for (i = 0; i < drops.n && i < DROPS_TOLD; i++)
		fprintf(a->err, "%s: warning: this save dropped %s\n", path, drops.v[i]);
	if (drops.n > DROPS_TOLD)
		fprintf(a->err, "%s: warning: and %zu more\n", path, drops.n - DROPS_TOLD);
}

int verb_write_config(struct adm *a)
{
	const char *path = opt(a, OPT_WRITE_CONFIG);
	struct obj *have = adm_lock(a) ? running_unique(a) : NULL;
	struct sbuf text = { .pool = &a->pool }, was = { .pool = &a->pool };
	const char *unread;
	bool replaces;
	int err;

	adm_unlock(a);	/* who reads what is written may take his time */
	if (!have)
		return 1;
	unread = conf_unread(&a->pool, have);
	if (unread)
		return adm_report(a, 1, "Nothing was saved, because it would be incomplete: %s", unread);
	conf_print(&text, have, ADM_VERSION, given(a, OPT_NONKEY));
	fprintf(a->out, "-> Writing current configuration to file '%s'.\n", path);
	fflush(a->out);
	replaces = !load_replaced(&a->pool, path, CONF_MAX, &was.s, &was.len);
	err = save_file(&a->pool, path, text.s, text.len);
	if (err)
		return adm_report(a, 1, "Unable to save the configuration to '%s': %s", path,
				  strerror(-err));
	/* only now: whatever stood there, comparing must not keep the save waiting */
	if (replaces)
		tell_drops(a, path, &was, &text);
	adm_end(a);
	return 0;
}

int verb_clear_config(struct adm *a)
{
	struct obj *have = adm_lock(a) ? adm_running(a) : NULL;
	struct applied done = { 0 };
	struct plan pl;

	if (!have)
		return 1;
	start_plan(a, &pl);
	plan_clear(&pl, have);
	adm_begin(a);
	apply_plan(a, &pl, &done);
	if (done.stopped)
		return 1;
	adm_end(a);
	return done.errors ? 1 : 0;
}

/* ---- modules ---- */

static const char *handler_module(const char *h)
{
	static const char *const map[][2] = {
		{ "dev_cdrom", "scst_cdrom" }, { "dev_changer", "scst_changer" },
		{ "dev_disk", "scst_disk" }, { "dev_modisk", "scst_modisk" },
		{ "dev_processor", "scst_processor" }, { "dev_raid", "scst_raid" },
		{ "dev_tape", "scst_tape" }, { "dev_user", "scst_user" },
		{ "vdisk", "scst_vdisk" }, { "vcdrom", "scst_vdisk" },
	};
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (!strncmp(h, map[i][0], strlen(map[i][0])))
			return map[i][1];
	return h;
}

static const char *driver_module(const char *d)
{
	if (!strcmp(d, "iscsi"))
		return "iscsi_scst";
	if (!strcmp(d, "qla2x00t"))
		return "qla2x00tgt";
	return strcmp(d, COPY_MANAGER) ? d : NULL;
}

static void print_modules(struct adm *a, const struct obj *root, enum obj_kind kind,
			  const char *(*module)(const char *name), const char *always)
{
	struct strs names = { 0 };
	const char *m;
	struct obj *o;
	size_t i;

	if (always)
		strs_add(&a->pool, &names, pool_str(&a->pool, always));
	for_each_obj(o, root, kind) {
		m = module(o->name);
		if (m && !strs_has(&names, m))
			strs_add(&a->pool, &names, pool_str(&a->pool, m));
	}
	strs_sort(&names);
	for (i = 0; i < names.n; i++)
		fprintf(a->out, "%s\n", names.v[i]);
}

/* For the service script, so that only one program reads scst.conf. */
int verb_list_modules(struct adm *a)
{
	struct conf c;
	size_t len = 0;
	char *text = "";
	int err;

	err = load_file(&a->pool, conf_path(a), CONF_MAX, &text, &len);
	if (err && err != -ENOENT) {
		fprintf(a->err, "Unable to read '%s': %s\n", conf_path(a), strerror(-err));
		return 1;
	}
	conf_parse(&c, &a->pool, text, len);
	fputs("scst\n", a->out);
	print_modules(a, c.root, OBJ_HANDLER, handler_module, "scst_vdisk");
	print_modules(a, c.root, OBJ_DRIVER, driver_module, NULL);
	return 0;
}
