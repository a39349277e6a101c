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
 * Later '!' are literal. Time is bounded by the product of the lengths; no recursion.
 *
 * Return: true when the name matches.
 */
bool scst_pattern_match(const char *pattern, const char *name);

#endif /* SCST_PURE_MATCH_H */
