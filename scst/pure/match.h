/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decides whether an initiator name matches a pattern of an initiator group. Pure.
 */
#ifndef SCST_PURE_MATCH_H
#define SCST_PURE_MATCH_H

#include "scst_pure.h"

/**
 * scst_pattern_match() - match a whole name against a pattern, ignoring case
 * @pattern: '*' any run of characters, '?' exactly one; the first '!' inverts the result of what follows it
 * @name: the name
 *
 * Later '!' are literal. With '*' before the '!' any split of the name will do. No recursion; time is at most the product of the
 * lengths, times the length of the name where a '*' stands before a '!'.
 *
 * Return: true when the name matches.
 */
bool scst_pattern_match(const char *pattern, const char *name);

#endif /* SCST_PURE_MATCH_H */
