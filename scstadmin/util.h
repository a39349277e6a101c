/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that lives as long as one run, strings, and growing lists of words. */
#ifndef ADM_UTIL_H
#define ADM_UTIL_H

#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>

#define ADM_NAME_MAX 255
#define ADM_VALUE_MAX 4095

#define printf_like(f, a) __attribute__((format(printf, f, a)))

/**
 * struct pool - owner of everything one run or one parse allocates
 * @head: newest block; each block is one allocation, so overruns stay visible to sanitizers
 *
 * Nothing is freed singly; pool_free() ends all of it.
 */
struct pool {
	struct pool_block *head;
};

/** struct strs - list of words, in order */
struct strs {
	char **v;
	size_t n, room;
};

/** struct sbuf - growing text, always terminated */
struct sbuf {
	struct pool *pool;
	char *s;
	size_t len, room;
};

void *pool_alloc(struct pool *p, size_t size);
char *pool_strn(struct pool *p, const char *s, size_t len);
char *pool_str(struct pool *p, const char *s);
char *pool_fmt(struct pool *p, const char *fmt, ...) printf_like(2, 3);
char *pool_vfmt(struct pool *p, const char *fmt, va_list ap);
void pool_free(struct pool *p);

void strs_add(struct pool *p, struct strs *l, char *s);
bool strs_has(const struct strs *l, const char *s);
void strs_sort(struct strs *l);
size_t strs_width(const struct strs *l, size_t least);

void sbuf_add(struct sbuf *b, const char *s, size_t len);
void sbuf_str(struct sbuf *b, const char *s);
void sbuf_char(struct sbuf *b, char c, size_t times);
void sbuf_fmt(struct sbuf *b, const char *fmt, ...) printf_like(2, 3);

bool word_is_number(const char *s, unsigned long max, unsigned long *out);
/** value_len() - length without blanks at the end; same_value() - whether two are alike up to there */
size_t value_len(const char *s);
bool same_value(const char *a, const char *b);

#endif
