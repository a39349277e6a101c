// SPDX-License-Identifier: GPL-2.0
/* scst.conf, text to model: words, blocks, and a finding with line and column for each doubt. */
#include "conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum tok { TOK_WORD, TOK_NL, TOK_OPEN, TOK_CLOSE, TOK_END };

struct lex {
	const char *p, *end;
	struct pos pos;		/* of *p */
	struct pos start;	/* of the token */
	char *word;
};

struct parser {
	struct conf *c;
	struct lex lx;
};

#define WORDS_KEPT 4

struct stmt {
	char *w[WORDS_KEPT];
	struct pos pos[WORDS_KEPT];
	unsigned int n;		/* words seen, may exceed WORDS_KEPT */
	bool block;
	struct pos open;
};

enum block_rule { BLOCK_NEVER, BLOCK_MAY, BLOCK_MUST };

struct keyword {
	enum obj_kind in, makes;
	const char *word;
	unsigned int args;
	enum block_rule block;
};

static const struct keyword keywords[] = {
	{ OBJ_ROOT, OBJ_HANDLER, "HANDLER", 1, BLOCK_MUST },
	{ OBJ_ROOT, OBJ_DRIVER, "TARGET_DRIVER", 1, BLOCK_MUST },
	{ OBJ_ROOT, OBJ_ALUA, "ALUA", 0, BLOCK_MUST },
	{ OBJ_ROOT, OBJ_DGRP, "DEVICE_GROUP", 1, BLOCK_MUST },
	{ OBJ_HANDLER, OBJ_DEVICE, "DEVICE", 1, BLOCK_MAY },
	{ OBJ_DRIVER, OBJ_TARGET, "TARGET", 1, BLOCK_MAY },
	{ OBJ_TARGET, OBJ_TARGET, "HW_TARGET", 0, BLOCK_NEVER },
	{ OBJ_TARGET, OBJ_LUN, "LUN", 2, BLOCK_MAY },
	{ OBJ_TARGET, OBJ_GROUP, "GROUP", 1, BLOCK_MAY },
	{ OBJ_GROUP, OBJ_LUN, "LUN", 2, BLOCK_MAY },
	{ OBJ_GROUP, OBJ_INITIATOR, "INITIATOR", 1, BLOCK_MAY },
	{ OBJ_DGRP, OBJ_DGDEV, "DEVICE", 1, BLOCK_NEVER },
	{ OBJ_DGRP, OBJ_TGRP, "TARGET_GROUP", 1, BLOCK_MAY },
	{ OBJ_TGRP, OBJ_TGTGT, "TARGET", 1, BLOCK_MAY },
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

void conf_note(struct conf *c, bool error, const struct pos *pos, const char *fmt, ...)
{
	struct conf_msg *m;
	va_list ap;

	if (error)
		c->errors++;
	else
		c->warnings++;
	/* warnings leave room for the error that counts */
	if ((error ? c->errors : c->warnings) > CONF_MSGS)
		return;
	m = pool_alloc(c->pool, sizeof(*m));
	m->error = error;
	if (pos)
		m->pos = *pos;
	va_start(ap, fmt);
	m->text = pool_vfmt(c->pool, fmt, ap);
	va_end(ap);
	*c->msgs_tail = m;
	c->msgs_tail = &m->next;
}

#define bad(ps, pos, ...) conf_note((ps)->c, true, pos, __VA_ARGS__)
#define doubt(ps, pos, ...) conf_note((ps)->c, false, pos, __VA_ARGS__)

static void broken(struct parser *ps, const struct pos *pos, const char *text)
{
	ps->c->broken = true;
	conf_note(ps->c, true, pos, "%s", text);
}

/* ---- characters to tokens ---- */

static void lex_step(struct lex *lx)
{
	if (*lx->p == '\n') {
		lx->pos.line++;
		lx->pos.col = 1;
	} else {
		lx->pos.col++;
	}
	lx->p++;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool at_blank(const struct lex *lx)
{
	return lx->p == lx->end || *lx->p == '\n' || is_blank(*lx->p);
}

static bool is_brace(const struct lex *lx)
{
	return lx->p < lx->end && (*lx->p == '{' || *lx->p == '}');
}

/* Nothing but closing or opening braces, blanks and a comment up to the end of the line. */
static bool only_braces_follow(const struct lex *lx)
{
	const char *p = lx->p;

	while (p < lx->end && (*p == '{' || *p == '}'))
		p++;
	if (p == lx->end || *p == '\n')
		return true;
	if (!is_blank(*p))
		return false;
	while (p < lx->end && is_blank(*p))
		p++;
	return p == lx->end || *p == '\n' || *p == '#';
}

static void skip_blank(struct lex *lx)
{
	while (lx->p < lx->end && is_blank(*lx->p))
		lex_step(lx);
	if (lx->p == lx->end || *lx->p != '#')
		return;
	while (lx->p < lx->end && *lx->p != '\n')
		lex_step(lx);
}

static void word_char(struct parser *ps, struct sbuf *b, char c)
{
	if (c == '\0') {
		bad(ps, &ps->lx.pos, "a NUL byte inside a word");
		c = '?';
	}
	if (b->len <= ADM_VALUE_MAX)
		sbuf_add(b, &c, 1);
}

static void word_plain(struct parser *ps, struct sbuf *b)
{
	word_char(ps, b, *ps->lx.p);
	lex_step(&ps->lx);
}

/* After a backslash any character stands for itself. */
static void word_escape(struct parser *ps, struct sbuf *b)
{
	struct lex *lx = &ps->lx;

	lex_step(lx);
	if (lx->p == lx->end || *lx->p == '\n') {
		bad(ps, &lx->pos, "a backslash at the end of a line");
		return;
	}
	word_char(ps, b, *lx->p);
	lex_step(lx);
}

static void lex_quoted(struct parser *ps, struct sbuf *b)
{
	struct lex *lx = &ps->lx;

	lex_step(lx);
	while (lx->p < lx->end && *lx->p != '"' && *lx->p != '\n') {
		if (*lx->p == '\\') {
			word_escape(ps, b);
			continue;
		}
		word_char(ps, b, *lx->p);
		lex_step(lx);
	}
	if (lx->p == lx->end || *lx->p == '\n') {
		broken(ps, &lx->start, "this quote is not closed on its line");
		return;
	}
	lex_step(lx);
	if (at_blank(lx) || only_braces_follow(lx))
		return;
	bad(ps, &lx->pos, "text directly after a closing quote");
	while (!at_blank(lx))
		lex_step(lx);
}

static void lex_bare(struct parser *ps, struct sbuf *b)
{
	struct lex *lx = &ps->lx;

	while (!at_blank(lx)) {
		if (is_brace(lx) && only_braces_follow(lx))
			return;
		while (is_brace(lx))	/* all of them belong to the word, then */
			word_plain(ps, b);
		if (at_blank(lx))
			return;
		if (*lx->p == '\\')
			word_escape(ps, b);
		else
			word_plain(ps, b);
	}
}

static enum tok lex_word(struct parser *ps)
{
	struct sbuf b = { .pool = ps->c->pool };

	sbuf_str(&b, "");
	if (*ps->lx.p == '"')
		lex_quoted(ps, &b);
	else
		lex_bare(ps, &b);
	if (b.len > ADM_VALUE_MAX)
		bad(ps, &ps->lx.start, "a word longer than %d bytes", ADM_VALUE_MAX);
	ps->lx.word = b.s;
	return TOK_WORD;
}

static enum tok lex_next(struct parser *ps)
{
	struct lex *lx = &ps->lx;
	char c;

	skip_blank(lx);
	lx->start = lx->pos;
	if (lx->p == lx->end)
		return TOK_END;
	c = *lx->p;
	if (c != '\n' && c != '{' && c != '}')
		return lex_word(ps);
	lex_step(lx);
	if (c == '\n')
		return TOK_NL;
	return c == '{' ? TOK_OPEN : TOK_CLOSE;
}

/* ---- tokens to statements ---- */

static void parse_block(struct parser *ps, struct obj *parent, const struct pos *open);

static void skip_block(struct parser *ps, const struct pos *open)
{
	unsigned int depth = 1;
	enum tok t;

	while (depth) {
		t = lex_next(ps);
		if (t == TOK_OPEN)
			depth++;
		else if (t == TOK_CLOSE)
			depth--;
		else if (t == TOK_END)
			break;
	}
	if (depth)
		broken(ps, open, "this block is not closed");
}

/* An opening brace may stand on a later line; anything else there is put back. */
static bool brace_on_next_line(struct parser *ps)
{
	struct lex saved = ps->lx;

	for (;;) {
		skip_blank(&ps->lx);
		if (ps->lx.p == ps->lx.end || *ps->lx.p != '\n')
			break;
		lex_step(&ps->lx);
	}
	if (ps->lx.p < ps->lx.end && *ps->lx.p == '{') {
		ps->lx.start = ps->lx.pos;
		lex_step(&ps->lx);
		return true;
	}
	ps->lx = saved;
	return false;
}

static const struct keyword *keyword_find(enum obj_kind in, const char *word, bool anywhere)
{
	size_t i;

	for (i = 0; i < N_KEYWORDS; i++)
		if (!strcmp(keywords[i].word, word) && (anywhere || keywords[i].in == in))
			return &keywords[i];
	return NULL;
}

/* Reads one statement, whose first word is in ps->lx; leaves a closing brace unread. */
static void read_stmt(struct parser *ps, struct obj *parent, struct stmt *s)
{
	struct lex before;
	enum tok t = TOK_WORD;

	memset(s, 0, sizeof(*s));
	while (t == TOK_WORD) {
		if (s->n < WORDS_KEPT) {
			s->w[s->n] = ps->lx.word;
			s->pos[s->n] = ps->lx.start;
		}
		s->n++;
		before = ps->lx;
		t = lex_next(ps);
	}
	if (t == TOK_CLOSE)
		ps->lx = before;
	else if (t == TOK_OPEN)
		s->block = true;
	else if (t == TOK_NL && keyword_find(parent->kind, s->w[0], false))
		s->block = brace_on_next_line(ps);
	s->open = ps->lx.start;
}

static void add_attribute(struct parser *ps, struct obj *o, const struct stmt *s)
{
	const char *text = s->n > 1 ? s->w[1] : "";
	struct attr *a = attr_find(o, s->w[0]);
	struct val *v;

	if (s->n > 2) {
		/* the word is not told: it may be the secret of an account */
		bad(ps, &s->pos[2], "surplus word after attribute '%s' (a value with blanks needs quotes)", s->w[0]);
		return;
	}
	if (!*s->w[0] || strchr(s->w[0], '/') || s->w[0][0] == '.') {
		bad(ps, &s->pos[0], "'%s' cannot be the name of an attribute", s->w[0]);
		return;
	}
	if (strchr(text, '\n')) {
		bad(ps, &s->pos[1], "a value must not contain a line end");
		return;
	}
	if (a && val_find(a, text)) {
		doubt(ps, &s->pos[0], "attribute '%s' repeated with the same value", s->w[0]);
		return;
	}
	a = attr_add(ps->c->pool, o, s->w[0]);
	a->key = a->writable = a->readable = true;
	v = val_add(ps->c->pool, a, text);
	v->pos = s->pos[0];
	v->bare = s->n == 1;
}

static void misplaced(struct parser *ps, const struct obj *o, const struct stmt *s)
{
	if (o->kind == OBJ_ROOT)
		bad(ps, &s->pos[0], "%s does not belong at the top level", s->w[0]);
	else
		bad(ps, &s->pos[0], "%s does not belong into the block of a %s", s->w[0],
		    obj_word(o->kind));
}

static void unknown_block(struct parser *ps, struct obj *o, const struct stmt *s)
{
	if (keyword_find(o->kind, s->w[0], true))
		misplaced(ps, o, s);
	else
		bad(ps, &s->pos[0], "unknown keyword '%s' before a block", s->w[0]);
	skip_block(ps, &s->open);
}

static bool old_format(struct parser *ps, const struct stmt *s)
{
	static const char *const heads[] = { "[HANDLER", "[GROUP", "[ASSIGNMENT", "[TARGETS" };
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (strncmp(s->w[0], heads[i], strlen(heads[i])))
			continue;
		broken(ps, &s->pos[0], "this is the old format of SCST 1.x, which is not supported; write the file anew (see scst.conf(5))");
		return true;
	}
	return false;
}

/* A leading /dev/ was habit once: cut it, in the definition and wherever it is used. */
static void cut_dev(struct parser *ps, const struct stmt *s, char **name)
{
	char *plain = plain_dev(*name);

	if (plain == *name)
		return;
	doubt(ps, &s->pos[0], "the device name '%s' is taken as '%s'", *name, plain);
	*name = plain;
}

/* Checks the words of an object's head; false: the object must not be made. */
static bool head_is_good(struct parser *ps, const struct keyword *k, struct stmt *s)
{
	const char *msg;
	unsigned long n;

	if (s->n <= k->args) {
		bad(ps, &s->pos[0], "%s needs %s", k->word,
		    k->args == 2 ? "a number and a device" : "a name");
		return false;
	}
	if (s->n > k->args + 1) {
		bad(ps, &s->pos[k->args + 1], "surplus word '%s' after %s", s->w[k->args + 1],
		    k->word);
		return false;
	}
	if (k->makes == OBJ_LUN) {
		if (!word_is_number(s->w[1], LUN_MAX, &n)) {
			bad(ps, &s->pos[1], "'%s' is not a LUN (0 to %d)", s->w[1], LUN_MAX);
			return false;
		}
		s->w[1] = pool_fmt(ps->c->pool, "%lu", n);
		cut_dev(ps, s, &s->w[2]);
		return true;
	}
	if (k->makes == OBJ_DEVICE || k->makes == OBJ_DGDEV)
		cut_dev(ps, s, &s->w[1]);
	if (k->makes == OBJ_DEVICE)
		return true;	/* judged by the check */
	msg = k->args ? name_problem(ps->c->pool, k->makes, s->w[1]) : NULL;
	if (msg)
		bad(ps, &s->pos[1], "%s", msg);
	return !msg;
}

static struct obj *add_object(struct parser *ps, struct obj *o, const struct keyword *k,
			      struct stmt *s)
{
	const char *name;
	struct obj *n;

	if (!head_is_good(ps, k, s))
		return NULL;
	name = k->args ? s->w[1] : "";
	n = obj_find(o, k->makes, name);
	if (n) {
		bad(ps, &s->pos[0], "%s%s%s is already defined at line %u, column %u", k->word,
		    k->args ? " " : "", name, n->pos.line, n->pos.col);
		return NULL;
	}
	n = obj_new(ps->c->pool, o, k->makes, name);
	n->pos = s->pos[0];
	if (k->makes == OBJ_LUN) {
		word_is_number(name, LUN_MAX, &n->lun);
		n->dev = s->w[2];
	}
	return n;
}

static void add_keyword(struct parser *ps, struct obj *o, const struct keyword *k, struct stmt *s)
{
	struct obj *n;

	if (k->in == OBJ_TARGET && k->makes == OBJ_TARGET) {
		if (s->n > 1)
			bad(ps, &s->pos[1], "surplus word '%s' after %s", s->w[1], k->word);
		o->hw = true;
		n = NULL;
	} else {
		n = add_object(ps, o, k, s);
	}
	if (!s->block) {
		if (k->block == BLOCK_MUST && n)
			doubt(ps, &s->pos[0], "%s without a block", k->word);
	} else if (k->block == BLOCK_NEVER) {
		bad(ps, &s->open, "%s takes no block here", k->word);
		skip_block(ps, &s->open);
	} else if (n) {
		parse_block(ps, n, &s->open);
	} else {
		skip_block(ps, &s->open);
	}
}

static void parse_stmt(struct parser *ps, struct obj *o)
{
	const struct keyword *k;
	struct stmt s;

	read_stmt(ps, o, &s);
	k = keyword_find(o->kind, s.w[0], false);
	if (k)
		add_keyword(ps, o, k, &s);
	else if (s.block)
		unknown_block(ps, o, &s);
	else if (keyword_find(o->kind, s.w[0], true))
		misplaced(ps, o, &s);
	else if (o->kind != OBJ_ROOT || !old_format(ps, &s))
		add_attribute(ps, o, &s);
}

static void parse_block(struct parser *ps, struct obj *o, const struct pos *open)
{
	struct pos start = *open;

	for (;;) {
		switch (lex_next(ps)) {
		case TOK_NL:
			break;
		case TOK_WORD:
			parse_stmt(ps, o);
			break;
		case TOK_OPEN:
			broken(ps, &ps->lx.start, "stray '{' (no keyword before it)");
			start = ps->lx.start;
			skip_block(ps, &start);
			start = *open;
			break;
		case TOK_CLOSE:
			if (o->kind != OBJ_ROOT)
				return;
			broken(ps, &ps->lx.start, "stray '}' (no block is open)");
			break;
		case TOK_END:
			if (o->kind != OBJ_ROOT)
				broken(ps, &start, "the block opened here is not closed");
			return;
		}
	}
}

void conf_parse(struct conf *c, struct pool *pool, const char *text, size_t len)
{
	struct parser ps = { .c = c };
	struct pos none = { 0, 0 };

	memset(c, 0, sizeof(*c));
	c->pool = pool;
	c->msgs_tail = &c->msgs;
	c->root = obj_new(pool, NULL, OBJ_ROOT, "");
	ps.lx.p = text;
	ps.lx.end = text + len;
	ps.lx.pos.line = ps.lx.pos.col = 1;
	if (len > CONF_MAX) {
		bad(&ps, NULL, "the file is larger than %lu MiB", CONF_MAX >> 20);
		return;
	}
	parse_block(&ps, c->root, &none);
}

bool conf_is_empty(const struct conf *c)
{
	return !c->root->attrs && !c->root->kids;
}
