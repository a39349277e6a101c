/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compares results with bytes written down as hex text, the way dumps of a running target are.
 */
#ifndef TEST_HEX_H
#define TEST_HEX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Blanks and newlines separate; "00*52" repeats a byte. Returns how many bytes. */
static inline unsigned int hex_bytes(const char *text, uint8_t *out, unsigned int max)
{
	unsigned int n = 0, repeat;
	char *end;

	while (*(text += strspn(text, "\n\t "))) {
		char pair[3] = { text[0], text[1], '\0' };
		uint8_t v = (uint8_t)strtoul(pair, &end, 16);

		assert_true(end == pair + 2);
		text += 2;
		repeat = 1;
		if (*text == '*') {
			repeat = strtoul(text + 1, &end, 10);
			text = end;
		}
		while (repeat--) {
			assert_true(n < max);
			out[n++] = v;
		}
	}
	return n;
}

static inline void check_bytes(const char *what, const uint8_t *got, unsigned int len, const char *want_text)
{
	uint8_t want[1024];
	unsigned int n = hex_bytes(want_text, want, sizeof(want)), i;

	for (i = 0; i < len && i < n && got[i] == want[i]; i++)
		;
	if (len == n && i == n)
		return;
	fprintf(stderr, "%s: %u bytes, wanted %u, first difference at %u\n got:", what, len, n, i);
	for (i = 0; i < len; i++)
		fprintf(stderr, "%s%02x", i % 16 ? " " : "\n  ", got[i]);
	fprintf(stderr, "\n");
	fail();
}

#endif /* TEST_HEX_H */
