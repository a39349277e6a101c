/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times of commands: sums that mean and standard deviation follow from, and the text of a latency file. Pure.
 */
#ifndef SCST_PURE_LATENCY_H
#define SCST_PURE_LATENCY_H

#include "scst_pure.h"

#define SCSI_LATENCY_SIZES	11	/* 512, 1024 ... 524288 bytes */
#define SCSI_LATENCY_STATES	6

/**
 * struct scsi_latency_sum - samples of one kind, in nanoseconds; all zero is empty
 * @count: how many
 * @sum: of their values
 * @min: smallest
 * @max: largest
 * @square_hi: sum of their squares, 128 bits wide: the square of ten seconds alone takes 67
 * @square_lo: its lower half
 */
struct scsi_latency_sum {
	u64 count;
	u64 sum;
	u64 min;
	u64 max;
	u64 square_hi;
	u64 square_lo;
};

/**
 * struct scsi_latency_row - what one latency file shows
 * @state: times in each state
 * @total: times from the first state to the end of the last one
 */
struct scsi_latency_row {
	struct scsi_latency_sum state[SCSI_LATENCY_STATES];
	struct scsi_latency_sum total;
};

/* Which size a transfer belongs to: the index of the smallest that holds it; the last one holds all larger ones as well. */
unsigned int scsi_latency_size(u64 bytes);

/* Adds one sample. */
void scsi_latency_add(struct scsi_latency_sum *s, u64 ns);

/* Mean and standard deviation (of the samples themselves, so 0 for a single one) in whole nanoseconds; 0 when empty. */
u64 scsi_latency_mean(const struct scsi_latency_sum *s);
u64 scsi_latency_stddev(const struct scsi_latency_sum *s);

/**
 * scsi_latency_text() - what a latency file reads
 * @row: the samples
 * @names: words of the states
 * @buf: where the text goes
 * @size: room in @buf, at least 1
 *
 * A header, a line for each state that has samples, one for the total; the header alone when there is none. Microseconds with
 * one decimal.
 *
 * Return: length of the text, cut to what fits; a NUL follows it.
 */
unsigned int scsi_latency_text(const struct scsi_latency_row *row, const char *const names[SCSI_LATENCY_STATES],
			       char *buf, unsigned int size);

#endif /* SCST_PURE_LATENCY_H */
