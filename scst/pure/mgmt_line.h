/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grammar of the management files: words and NAME=VALUE parameters. Pure.
 *
 *	command := WORD { sep ARG }		sep := one or more of blank, tab, newline, '='
 *	params  := param { ';' param } [';']	param := NAME sep VALUE; newline separates like ';'
 *
 * All work destructively on a writable, NUL-terminated line: what they return points into it.
 */
#ifndef SCST_PURE_MGMT_LINE_H
#define SCST_PURE_MGMT_LINE_H

#include "scst_pure.h"

/**
 * scst_mgmt_next_word() - cut off the next word
 * @cursor: where to look; moved behind the word and the separators that follow it
 *
 * Return: the word, NULL when only separators are left.
 */
char *scst_mgmt_next_word(char **cursor);

/**
 * scst_mgmt_next_words() - cut off the next parameter, whose value may have several words
 * @cursor: where to look; moved behind the parameter
 * @name: its name
 * @words: what follows the name, for scst_mgmt_next_word()
 *
 * An empty parameter ends the list: whatever follows it is ignored.
 *
 * Return: true with @name and @words set, false at the end.
 */
bool scst_mgmt_next_words(char **cursor, char **name, char **words);

/**
 * scst_mgmt_next_param() - cut off the next parameter
 * @cursor: where to look; moved behind the parameter
 * @name: its name
 * @value: its value
 *
 * An empty parameter ends the list: whatever follows it is ignored.
 *
 * Return: 1 with @name and @value set, 0 at the end, -EINVAL for a parameter without a value or with two.
 */
int scst_mgmt_next_param(char **cursor, char **name, char **value);

/**
 * scst_mgmt_word_is() - compare a command word or parameter name, ignoring case
 * @word: what was written; NULL matches nothing
 * @want: what it may be
 *
 * Return: true when they are the same.
 */
bool scst_mgmt_word_is(const char *word, const char *want);

#endif /* SCST_PURE_MGMT_LINE_H */
