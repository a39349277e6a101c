// SPDX-License-Identifier: GPL-2.0
/*
 * Times of commands: which file a transfer belongs to, mean and standard deviation up to what 64 bits hold, the text.
 *
 * links: scst/pure/latency.c
 */
#include "hex.h"
#include "scst/pure/latency.h"

static const char *const names[SCSI_LATENCY_STATES] = { "A", "B", "C", "D", "E", "F" };

#define HEAD "state count min max avg stddev\n"

static void sizes(void **state)
{
	static const struct {
		u64 bytes;
		unsigned int index;
	} cases[] = {
		{ 0, 0 }, { 1, 0 }, { 512, 0 }, { 513, 1 }, { 1024, 1 }, { 1025, 2 }, { 4095, 3 }, { 4096, 3 }, { 4097, 4 },
		{ 262144, 9 }, { 262145, 10 }, { 524288, 10 }, { 524289, 10 }, { 8 << 20, 10 }, { UINT64_MAX, 10 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(scsi_latency_size(cases[i].bytes), cases[i].index);
}

static struct scsi_latency_sum sum_of(const u64 *values, unsigned int n)
{
	struct scsi_latency_sum s = { 0 };

	while (n--)
		scsi_latency_add(&s, *values++);
	return s;
}

#define SUM_OF(...) sum_of((const u64[]){ __VA_ARGS__ }, ARRAY_SIZE(((const u64[]){ __VA_ARGS__ })))

static void means_and_deviations(void **state)
{
	static const u64 hour = 3600000000000, most = UINT64_MAX;
	const struct {
		struct scsi_latency_sum s;
		u64 min, max, mean, dev;
	} cases[] = {
		{ { 0 }, 0, 0, 0, 0 },
		{ SUM_OF(0), 0, 0, 0, 0 },
		{ SUM_OF(7), 7, 7, 7, 0 },
		{ SUM_OF(0, 0), 0, 0, 0, 0 },
		{ SUM_OF(2, 4, 4, 4, 5, 5, 7, 9), 2, 9, 5, 2 },
		{ SUM_OF(9, 2, 5, 4, 7, 4, 5, 4), 2, 9, 5, 2 },
		/* the square of one of them does not fit 64 bits */
		{ SUM_OF(hour, 3 * hour), hour, 3 * hour, 2 * hour, hour },
		/* a remainder of the mean must not become a deviation: these differ by 1 ns, 0.47 is rounded */
		{ SUM_OF(1000000000, 1000000000, 1000000001), 1000000000, 1000000001, 1000000000, 1 },
		{ SUM_OF(most), most, most, most, 0 },
		{ SUM_OF(most / 2, most / 2), most / 2, most / 2, most / 2, 0 },
		{ SUM_OF(0, most - 1), 0, most - 1, most / 2, most / 2 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (cases[i].s.min != cases[i].min || cases[i].s.max != cases[i].max ||
		    scsi_latency_mean(&cases[i].s) != cases[i].mean || scsi_latency_stddev(&cases[i].s) != cases[i].dev)
			fail_msg("case %u: %llu %llu %llu %llu", i, (unsigned long long)cases[i].s.min,
				 (unsigned long long)cases[i].s.max, (unsigned long long)scsi_latency_mean(&cases[i].s),
				 (unsigned long long)scsi_latency_stddev(&cases[i].s));
	}
}

/* Against the definition, computed in another way: deviations from the mean, in floating point. */
static void against_the_definition(void **state)
{
	long double mean, var;
	u64 v[1000], base, spread, got;
	struct scsi_latency_sum s;
	unsigned int round, i;

	srandom(4711);
	for (round = 0; round < 50; round++) {
		base = (u64)random() << (round % 14);
		spread = ((u64)1 << (round % 37)) + 1;
		mean = 0;
		var = 0;
		for (i = 0; i < ARRAY_SIZE(v); i++) {
			v[i] = base + ((u64)random() << 20 ^ (u64)random()) % spread;
			mean += v[i];
		}
		mean /= ARRAY_SIZE(v);
		for (i = 0; i < ARRAY_SIZE(v); i++)
			var += (v[i] - mean) * (v[i] - mean);
		var /= ARRAY_SIZE(v);
		s = sum_of(v, ARRAY_SIZE(v));
		assert_true(scsi_latency_mean(&s) == (u64)mean);
		got = scsi_latency_stddev(&s);
		/* at most two nanoseconds off */
		if ((long double)(got + 2) * (got + 2) < var || (got > 2 && (long double)(got - 2) * (got - 2) > var))
			fail_msg("round %u: %llu squared is not %Lf", round, (unsigned long long)got, var);
	}
}

static void as_text(void **state)
{
	static const u64 most = UINT64_MAX;
	struct scsi_latency_row row = { 0 };
	char buf[4096];
	unsigned int len;

	assert_int_equal(scsi_latency_text(&row, names, buf, sizeof(buf)), strlen(HEAD));
	assert_string_equal(buf, HEAD);
	row.state[0] = SUM_OF(0);
	row.state[2] = SUM_OF(1000, 3000);
	row.state[5] = SUM_OF(49, 50, 149, 150, 1234567);
	row.total = SUM_OF(10000, 30000);
	len = scsi_latency_text(&row, names, buf, sizeof(buf));
	assert_int_equal(len, strlen(buf));
	assert_string_equal(buf, HEAD
			    "A 1 0.0 0.0 0.0 0.0 us\n"
			    "C 2 1.0 3.0 2.0 1.0 us\n"
			    "F 5 0.0 1234.6 247.0 493.8 us\n"
			    "total 2 - - 20.0 10.0 us\n");
	memset(&row, 0, sizeof(row));
	row.state[1] = SUM_OF(most);
	scsi_latency_text(&row, names, buf, sizeof(buf));
	assert_string_equal(buf, HEAD "B 1 18446744073709551.6 18446744073709551.6 18446744073709551.6 0.0 us\n");
}

/* The longest text there can be fits a page; less room cuts it. */
static void cut(void **state)
{
	static const char *const longest[SCSI_LATENCY_STATES] = {
		"WAIT_DATA", "WAIT_DATA", "WAIT_DATA", "WAIT_DATA", "WAIT_DATA", "EXECUTING"
	};
	struct scsi_latency_row row;
	char whole[4096], *part;
	unsigned int len, size;

	memset(&row, 0xff, sizeof(row));
	len = scsi_latency_text(&row, longest, whole, sizeof(whole));
	assert_true(len == strlen(whole) && len < 1024);
	for (size = 1; size <= len + 1; size++) {
		part = malloc(size);
		assert_int_equal(scsi_latency_text(&row, longest, part, size), size - 1);
		assert_memory_equal(part, whole, size - 1);
		assert_int_equal(part[size - 1], 0);
		free(part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(means_and_deviations),
		cmocka_unit_test(against_the_definition),
		cmocka_unit_test(as_text),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
