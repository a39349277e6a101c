// SPDX-License-Identifier: GPL-2.0
/* Running the tool on whole configurations, and what is asked of the runs. */
#include "config.h"

struct fake *f;

int start(void **state)
{
	(void)state;
	f = fake_new();
	return 0;
}

int end(void **state)
{
	(void)state;
	fake_free(f);
	return 0;
}

void words(char *out, size_t room, const char *before, const char *path)
{
	snprintf(out, room, "%s %s", before, path);
}

/* Runs the tool with the text as its file. */
void with_file(int rc, const char *before, const char *text)
{
	char w[512];
	int got;

	words(w, sizeof(w), before, fake_conf(f, text));
	got = fake_run(f, w);
	if (got != rc) {
		print_error("%s\nexit %d, wanted %d\n%s%s", w, got, rc, f->out, f->err);
		fail();
	}
}

void apply(int rc, const char *text)
{
	with_file(rc, "-config", text);
}

void force(int rc, const char *text)
{
	with_file(rc, "-noprompt -force -config", text);
}

void run(int rc, const char *w)
{
	int got = fake_run(f, w);

	if (got != rc) {
		print_error("%s\nexit %d, wanted %d\n%s%s", w, got, rc, f->out, f->err);
		fail();
	}
}

const char *save(const char *before)
{
	char w[256], path[128];

	snprintf(path, sizeof(path), "%s/saved.conf", f->dir);
	words(w, sizeof(w), before, path);
	run(0, w);
	return fake_slurp(path);
}

void wrote(const char *want)
{
	assert_text(fake_log(f), want);
}

void changes(unsigned int n)
{
	char want[64];

	snprintf(want, sizeof(want), "\t-> Done, %u change(s) made.\n", n);
	assert_has(f->out, want);
}

const char *with(const char *format, const char *value)
{
	static char text[256];

	snprintf(text, sizeof(text), format, value);
	return text;
}

const char small[] =
	"setup_id 0x11\n"
	"HANDLER vdisk_fileio {\n"
	"\tDEVICE disk01 {\n\t\tfilename /v/1\n\t\tread_only 1\n\t}\n"
	"\tDEVICE disk02 {\n\t\tfilename /v/2\n\t\tusn serial2\n\t}\n"
	"}\n"
	"TARGET_DRIVER iscsi {\n"
	"\tenabled 1\n"
	"\tTARGET " TGT " {\n"
	"\t\tallowed_portal 10.0.0.1\n\t\tallowed_portal 10.0.0.2\n\t\tenabled 1\n\t\trel_tgt_id 3\n"
	"\t\tLUN 0 disk01 {\n\t\t\tread_only 1\n\t\t}\n"
	"\t\tGROUP hosts {\n\t\t\tLUN 0 disk02\n\t\t\tINITIATOR iqn.h1\n\t\t\tcpu_mask 1\n\t\t}\n"
	"\t}\n"
	"}\n"
	"DEVICE_GROUP dg {\n\tDEVICE disk01\n\tTARGET_GROUP tg {\n\t\tgroup_id 1\n\t\tstate standby\n"
	"\t\tTARGET " TGT "\n\t\tTARGET peer {\n\t\t\trel_tgt_id 5\n\t\t}\n\t}\n}\n";
