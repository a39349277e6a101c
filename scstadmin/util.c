// SPDX-License-Identifier: GPL-2.0
/* Memory that lives as long as one run, strings, and growing lists of words. */
#include "util.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool_block {
	struct pool_block *next;
	max_align_t data[];
};

void *pool_alloc(struct pool *p, size_t size)
{
	struct pool_block *b = NULL;

	if (size <= SIZE_MAX - sizeof(*b))
		b = calloc(1, sizeof(*b) + size);
	if (!b) {
		fputs("scstadmin: out of memory\n", stderr);
		exit(1);
	}
	b->next = p->head;
	p->head = b;
	return b->data;
}

char *pool_strn(struct pool *p, const char *s, size_t len)
{
	char *d = pool_alloc(p, len + 1);

	if (len)
		memcpy(d, s, len);
	return d;
}

char *pool_str(struct pool *p, const char *s)
{
	return pool_strn(p, s, strlen(s));
}

char *pool_vfmt(struct pool *p, const char *fmt, va_list ap)
{
	va_list again;
	char *d;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		n = 0;
	d = pool_alloc(p, (size_t)n + 1);
	vsnprintf(d, (size_t)n + 1, fmt, ap);
	return d;
}

char *pool_fmt(struct pool *p, const char *fmt, ...)
{
	va_list ap;
	char *d;

	va_start(ap, fmt);
	d = pool_vfmt(p, fmt, ap);
	va_end(ap);
	return d;
}

void pool_free(struct pool *p)
{
	while (p->head) {
		struct pool_block *b = p->head;

		p->head = b->next;
		free(b);
	}
}

void strs_add(struct pool *p, struct strs *l, char *s)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 16;
		char **v = pool_alloc(p, room * sizeof(*v));

		if (l->n)
			memcpy(v, l->v, l->n * sizeof(*v));
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = s;
}

bool strs_has(const struct strs *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i], s))
			return true;
	return false;
}

static int str_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strs_sort(struct strs *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), str_cmp);
}

size_t strs_width(const struct strs *l, size_t least)
{
	size_t i, n;

	for (i = 0; i < l->n; i++) {
		n = strlen(l->v[i]);
		if (n > least)
			least = n;
	}
	return least;
}

void sbuf_add(struct sbuf *b, const char *s, size_t len)
{
	if (b->len + len + 1 > b->room) {
		size_t room = 2 * (b->len + len + 1) + 256;
		char *d = pool_alloc(b->pool, room);

		if (b->len)
			memcpy(d, b->s, b->len);
		b->s = d;
		b->room = room;
	}
	if (len)
		memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void sbuf_str(struct sbuf *b, const char *s)
{
	sbuf_add(b, s, strlen(s));
}

void sbuf_char(struct sbuf *b, char c, size_t times)
{
	while (times--)
		sbuf_add(b, &c, 1);
}

void sbuf_fmt(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbuf_str(b, pool_vfmt(b->pool, fmt, ap));
	va_end(ap);
}

/* Decimal digits only, no sign, no blank, not above @max. */
bool word_is_number(const char *s, unsigned long max, unsigned long *out)
{
	unsigned long n = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (unsigned long)(*s - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

size_t value_len(const char *s)
{
	size_t n = strlen(s);

	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	return n;
}

/* Values are compared as text; blanks at the end seldom reach an attribute, see attr_reads(). */
bool same_value(const char *a, const char *b)
{
	size_t n = value_len(a);

	return n == value_len(b) && !memcmp(a, b, n);
}
