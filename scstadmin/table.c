// SPDX-License-Identifier: GPL-2.0
/* The tables of the listings, whose layout scripts compare byte for byte. */
#include "table.h"

#include <string.h>

void table_dashes(FILE *out, size_t n)
{
	while (n--)
		fputc('-', out);
	fputc('\n', out);
}

void table_names(FILE *out, const char *title, const struct strs *names, size_t width)
{
	size_t i;

	fprintf(out, "\t%s\n\t", title);
	table_dashes(out, strs_width(names, width));
	for (i = 0; i < names->n; i++)
		fprintf(out, "\t%s\n", names->v[i]);
}

static size_t longer(size_t w, const char *s)
{
	size_t n = strlen(s);

	return n > w ? n : w;
}

void table_pairs(FILE *out, struct pair head, const struct pair *rows, size_t n,
		 unsigned int gap_head, unsigned int gap)
{
	size_t wa = 0, wb = 0, i;
	bool again;

	for (i = 0; i < n; i++) {
		wa = longer(wa, rows[i].a);
		wb = longer(wb, rows[i].b);
	}
	fprintf(out, "\t%-*s%*s%-*s\n\t", (int)wa, head.a, (int)gap_head, "", (int)wb, head.b);
	table_dashes(out, wa + wb + gap_head);
	for (i = 0; i < n; i++) {
		again = i && !strcmp(rows[i].a, rows[i - 1].a);
		fprintf(out, "\t%-*s%*s%-*s\n", (int)wa, again ? "" : rows[i].a, (int)gap, "",
			(int)wb, rows[i].b);
	}
}

/* ---- attributes ---- */

#define GAP "     "

static const char *shown(const struct attr *a, const struct val *v)
{
	if (!a->readable)
		return "<n/a>";
	return v && *v->text ? v->text : "<not set>";
}

static void attr_row(FILE *out, const char *name, size_t wn, const char *value, size_t wv,
		     const struct attr *a)
{
	fprintf(out, "\t%-*s" GAP "%-*s" GAP "%-9s" GAP "%-3s\n", (int)wn, name, (int)wv, value,
		a->writable ? "Yes" : "No", a->key ? "Yes" : "No");
}


/* Legal trace levels, five to a line. */
static void choice_rows(FILE *out, size_t wn, const struct strs *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (i % 5 == 0)
			fprintf(out, "%s\t%-*s" GAP "%s", i ? "\n" : "", (int)wn, "",
				i ? " " : "[");
		fprintf(out, "%s%s", c->v[i], i + 1 < c->n ? ", " : "]\n");
	}
}

static void print_attr(FILE *out, const struct attr *a, size_t wn, size_t wv)
{
	const struct val *v = a->vals;

	attr_row(out, a->name, wn, shown(a, v), wv, a);
	for (v = v ? v->next : NULL; v; v = v->next)
		attr_row(out, "", wn, shown(a, v), wv, a);
	choice_rows(out, wn, &a->choices);
}

void table_attrs(FILE *out, const struct obj *o, bool all)
{
	size_t wn = 9, wv = 5, n = 0;
	const struct attr *a;
	const struct val *v;

	for (a = o->attrs; a; a = a->next) {
		if (!all && !a->key)
			continue;
		n++;
		wn = longer(wn, a->name);
		wv = longer(wv, shown(a, a->vals));
		for (v = a->vals; v; v = v->next)
			wv = longer(wv, shown(a, v));
	}
	if (!n) {
		fputs("\t(none)\n", out);
		return;
	}
	fprintf(out, "\t%-*s" GAP "%-*s" GAP "%-9s" GAP "KEY\n\t", (int)wn, "Attribute", (int)wv,
		"Value", "Writable");
	table_dashes(out, wn + wv + 27);
	for (a = o->attrs; a; a = a->next)
		if (all || a->key)
			print_attr(out, a, wn, wv);
}

void table_trailer(FILE *out, const char *title, const struct strs *names)
{
	if (!names->n)
		return;
	fputc('\n', out);
	fprintf(out, "\t%s\n\t", title);
	table_dashes(out, strlen(title));
	for (size_t i = 0; i < names->n; i++)
		fprintf(out, "\t%s\n", names->v[i]);
}
