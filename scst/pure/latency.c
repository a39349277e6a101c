// SPDX-License-Identifier: GPL-2.0
/*
 * Mean and standard deviation of command times out of three sums, in whole numbers of 128 bits; the text of a latency file.
 *
 * Only what must be exact is 128 bits wide: the difference of two large sums of squares is what a deviation is made of.
 */
#include "latency.h"

#define SMALLEST	512

struct wide {
	u64 hi;
	u64 lo;
};

static struct wide wide_add(struct wide a, struct wide b)
{
	struct wide r = { .hi = a.hi + b.hi, .lo = a.lo + b.lo };

	if (r.lo < b.lo)
		r.hi++;
	return r;
}

/* Not below zero. */
static struct wide wide_sub(struct wide a, struct wide b)
{
	struct wide r = { .hi = a.hi - b.hi, .lo = a.lo - b.lo };

	if (a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo))
		return (struct wide){ 0 };
	if (a.lo < b.lo)
		r.hi--;
	return r;
}

static bool wide_above(struct wide a, struct wide b)
{
	return a.hi > b.hi || (a.hi == b.hi && a.lo > b.lo);
}

static struct wide wide_mul(u64 a, u64 b)
{
	u64 a_lo = (u32)a, a_hi = a >> 32, b_lo = (u32)b, b_hi = b >> 32;
	u64 low = a_lo * b_lo, mid1 = a_hi * b_lo, mid2 = a_lo * b_hi;
	u64 carry = (low >> 32) + (u32)mid1 + (u32)mid2;

	return (struct wide){ .hi = a_hi * b_hi + (mid1 >> 32) + (mid2 >> 32) + (carry >> 32), .lo = a * b };
}

/* Bit by bit: neither kernel nor 32-bit machines divide such numbers, and it happens only when somebody reads. */
static struct wide wide_div(struct wide a, u64 by)
{
	struct wide q = { 0 };
	u64 rest = 0;
	bool carry;
	int bit;

	for (bit = 127; bit >= 0; bit--) {
		carry = rest >> 63;
		rest = rest << 1 | ((bit >= 64 ? a.hi >> (bit - 64) : a.lo >> bit) & 1);
		if (!carry && rest < by)
			continue;
		rest -= by;
		if (bit >= 64)
			q.hi |= (u64)1 << (bit - 64);
		else
			q.lo |= (u64)1 << bit;
	}
	return q;
}

static u64 wide_sqrt(struct wide a)
{
	u64 root = 0, next;
	int bit;

	for (bit = 63; bit >= 0; bit--) {
		next = root | (u64)1 << bit;
		if (!wide_above(wide_mul(next, next), a))
			root = next;
	}
	return root;
}

unsigned int scsi_latency_size(u64 bytes)
{
	unsigned int i = 0;

	while (i < SCSI_LATENCY_SIZES - 1 && bytes > (u64)SMALLEST << i)
		i++;
	return i;
}

void scsi_latency_add(struct scsi_latency_sum *s, u64 ns)
{
	struct wide square = wide_add((struct wide){ .hi = s->square_hi, .lo = s->square_lo }, wide_mul(ns, ns));

	if (!s->count || ns < s->min)
		s->min = ns;
	if (ns > s->max)
		s->max = ns;
	s->count++;
	s->sum += ns;
	s->square_hi = square.hi;
	s->square_lo = square.lo;
}

u64 scsi_latency_mean(const struct scsi_latency_sum *s)
{
	return s->count ? s->sum / s->count : 0;
}

/*
 * The variance is the mean of the squares less the square of the mean. With sum = mean * count + rest that square is
 * mean^2 + 2 * mean * rest / count + (rest / count)^2, of which the last term is below 1. mean * rest is below sum.
 */
u64 scsi_latency_stddev(const struct scsi_latency_sum *s)
{
	u64 mean = scsi_latency_mean(s);
	struct wide var, middle;

	if (s->count < 2)
		return 0;
	middle = wide_div(wide_mul(2, mean * (s->sum % s->count)), s->count);
	var = wide_div((struct wide){ .hi = s->square_hi, .lo = s->square_lo }, s->count);
	var = wide_sub(var, wide_add(wide_mul(mean, mean), middle));
	return wide_sqrt(var);
}

/* Microseconds with one decimal, rounded; 24 bytes hold the largest. */
static const char *us(u64 ns, char text[24])
{
	u64 tenths = ns / 100 + (ns % 100 >= 50);

	snprintf(text, 24, "%llu.%u", (unsigned long long)(tenths / 10), (unsigned int)(tenths % 10));
	return text;
}

static unsigned int line(const struct scsi_latency_sum *s, const char *name, bool bounds, char *buf, unsigned int size)
{
	char min[24] = "-", max[24] = "-", mean[24], dev[24];
	int len;

	if (bounds) {
		us(s->min, min);
		us(s->max, max);
	}
	len = snprintf(buf, size, "%s %llu %s %s %s %s us\n", name, (unsigned long long)s->count, min, max,
		       us(scsi_latency_mean(s), mean), us(scsi_latency_stddev(s), dev));
	return min_t(unsigned int, len, size - 1);
}

unsigned int scsi_latency_text(const struct scsi_latency_row *row, const char *const names[SCSI_LATENCY_STATES],
			       char *buf, unsigned int size)
{
	unsigned int i, len;

	len = min_t(unsigned int, snprintf(buf, size, "state count min max avg stddev\n"), size - 1);
	for (i = 0; i < SCSI_LATENCY_STATES; i++)
		if (row->state[i].count)
			len += line(&row->state[i], names[i], true, buf + len, size - len);
	if (row->total.count)
		len += line(&row->total, "total", false, buf + len, size - len);
	return len;
}
