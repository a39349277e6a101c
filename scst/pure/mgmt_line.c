// SPDX-License-Identifier: GPL-2.0
/*
 * Cuts lines written to management files into words and parameters.
 */
#include "mgmt_line.h"

#define SEPARATORS	" \t\n="

char *scst_mgmt_next_word(char **cursor)
{
	char *word = *cursor + strspn(*cursor, SEPARATORS);
	char *end = word + strcspn(word, SEPARATORS);

	*cursor = end;
	if (end == word)
		return NULL;
	if (*end) {
		*end = '\0';
		*cursor = end + 1 + strspn(end + 1, SEPARATORS);
	}
	return word;
}

bool scst_mgmt_next_words(char **cursor, char **name, char **words)
{
	char *param = *cursor;
	char *end = param + strcspn(param, ";\n");

	*cursor = end;
	if (*end) {
		*end = '\0';
		*cursor = end + 1;
	}
	*name = scst_mgmt_next_word(&param);
	*words = param;
	if (!*name)
		*cursor += strlen(*cursor);
	return *name;
}

int scst_mgmt_next_param(char **cursor, char **name, char **value)
{
	char *words;

	if (!scst_mgmt_next_words(cursor, name, &words))
		return 0;
	*value = scst_mgmt_next_word(&words);
	if (!*value || scst_mgmt_next_word(&words))
		return -EINVAL;
	return 1;
}

bool scst_mgmt_word_is(const char *word, const char *want)
{
	return word && !strcasecmp(word, want);
}
