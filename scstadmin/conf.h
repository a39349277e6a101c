/* SPDX-License-Identifier: GPL-2.0 */
/* scst.conf: text to model and model to text, without any access to files or the kernel. */
#ifndef ADM_CONF_H
#define ADM_CONF_H

#include "model.h"

#define CONF_DEFAULT "/etc/scst.conf"
#define CONF_MAX (64UL << 20)

/** struct conf_msg - one finding; @error: the file must not be applied */
struct conf_msg {
	struct conf_msg *next;
	struct pos pos;
	bool error;
	char *text;
};

/**
 * struct conf - result of a parse
 * @root: what was understood, never NULL
 * @msgs: findings in the order of the file; at most CONF_MSGS of each kind are kept, all are counted
 * @lenient: a value that the kernel would refuse is no error: it costs what it belongs to, and no more
 * @broken: structure lost (brace or quote), so what follows may have been misread
 */
struct conf {
	struct pool *pool;
	struct obj *root;
	struct conf_msg *msgs, **msgs_tail;
	unsigned int errors, warnings;
	bool lenient;
	bool broken;
};

#define CONF_MSGS 100

/**
 * conf_parse() - read the text of a scst.conf
 * @c: filled in; everything it points to lives in @pool
 * @pool: owner of the result
 * @text: @len bytes, need not be terminated, may hold anything
 */
void conf_parse(struct conf *c, struct pool *pool, const char *text, size_t len);

/** conf_note() - add a finding; @pos may be NULL */
void conf_note(struct conf *c, bool error, const struct pos *pos, const char *fmt, ...)
	printf_like(4, 5);

bool conf_is_empty(const struct conf *c);

/** conf_print() - the text that -write_config saves for @root */
void conf_print(struct sbuf *out, const struct obj *root, const char *version, bool nonkey);

/**
 * conf_drops() - what @was has and @now lacks
 * @out: labels, in the order of @was; an object that goes stands for what is in it
 *
 * What has only moved to another LUN, group or handler is not lost, nor is what settings differ in.
 */
void conf_drops(struct pool *p, const struct obj *was, const struct obj *now, struct strs *out);

/** conf_unread() - what of @root should be saved but could not be read, or NULL */
const char *conf_unread(struct pool *p, const struct obj *root);

/** conf_quote() - @word as it must stand in a file to be read back unchanged */
const char *conf_quote(struct pool *p, const char *word);

/** conf_saved() - whether @a of @o belongs into a saved configuration */
bool conf_saved(const struct obj *o, const struct attr *a);

#endif
