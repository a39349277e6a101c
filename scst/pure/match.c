// SPDX-License-Identifier: GPL-2.0
/*
 * Matches initiator names against the patterns of initiator groups.
 */
#include "match.h"

/* '*' and '?' only, over counted strings. Of all stars only the last one seen can need another try, hence no recursion. */
static bool glob(const char *p, size_t plen, const char *s, size_t slen)
{
	size_t i = 0, j = 0, star = 0, resume = 0;
	bool starred = false;

	while (j < slen) {
		if (i < plen && p[i] == '*') {
			starred = true;
			star = ++i;
			resume = j;
		} else if (i < plen && (p[i] == '?' || tolower((unsigned char)p[i]) == tolower((unsigned char)s[j]))) {
			i++;
			j++;
		} else if (starred) {
			i = star;
			j = ++resume;
		} else {
			return false;
		}
	}
	while (i < plen && p[i] == '*')
		i++;
	return i == plen;
}

bool scst_pattern_match(const char *pattern, const char *name)
{
	size_t len = strlen(name), cut, at;
	const char *bang = strchr(pattern, '!'), *rest;

	if (!bang)
		return glob(pattern, strlen(pattern), name, len);
	cut = bang - pattern;
	rest = bang + 1;
	for (at = 0; at <= len; at++)
		if (glob(pattern, cut, name, at) && !glob(rest, strlen(rest), name + at, len - at))
			return true;
	return false;
}
