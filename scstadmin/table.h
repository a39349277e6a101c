/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of the listings, whose layout scripts compare byte for byte. */
#ifndef ADM_TABLE_H
#define ADM_TABLE_H

#include <stdio.h>

#include "model.h"

void table_dashes(FILE *out, size_t n);

/** table_names() - title, dashes as long as the longest name or @least, one name per line */
void table_names(FILE *out, const char *title, const struct strs *names, size_t least);

/** struct pair - a row of two columns */
struct pair {
	const char *a, *b;
};

/**
 * table_pairs() - two columns, the first printed once for equal neighbours
 * @head: titles
 * @gap_head: blanks between the titles
 * @gap: blanks between the cells
 */
void table_pairs(FILE *out, struct pair head, const struct pair *rows, size_t n,
		 unsigned int gap_head, unsigned int gap);

/** table_attrs() - the table of attributes; @all: also those without the key mark */
void table_attrs(FILE *out, const struct obj *o, bool all);

/** table_trailer() - a list of names that may be used, nothing when empty */
void table_trailer(FILE *out, const char *title, const struct strs *names);

#endif
