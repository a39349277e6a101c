/* SPDX-License-Identifier: GPL-2.0 */
/* What every test file here starts with. */
#ifndef T_H
#define T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

/* A readable failure for long texts. */
#define assert_has(text, part) do { \
	if (!strstr(text, part)) { \
		print_error("missing: %s\nin:\n%s\n", part, text); \
		fail(); \
	} \
} while (0)

#define assert_lacks(text, part) do { \
	if (strstr(text, part)) { \
		print_error("unwanted: %s\nin:\n%s\n", part, text); \
		fail(); \
	} \
} while (0)

#define assert_text(text, want) do { \
	const char *text_ = (text), *want_ = (want); \
	if (strcmp(text_, want_)) { \
		print_error("wanted:\n%s\ngot:\n%s\n", want_, text_); \
		fail(); \
	} \
} while (0)

#define TGT "iqn.2030-01.org.example:a"

#endif
