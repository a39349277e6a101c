/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon's log: syslog facility daemon, or stderr in the foreground.
 */
#ifndef SCSTD_LOG_H
#define SCSTD_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/**
 * log_open - choose where lines go
 * @foreground: stderr instead of syslog
 * @debug: 0 = LOG_INFO and above, more adds LOG_DEBUG
 */
void log_open(bool foreground, unsigned int debug);

/**
 * log_line - write one line
 * @priority: LOG_ERR, LOG_NOTICE, LOG_INFO, LOG_DEBUG
 * @fmt: as printf
 */
void log_line(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Would a line of @priority be written? */
bool log_wants(int priority);

/**
 * struct log_limit - token bucket for lines that a peer can provoke
 * @tokens: lines that may be written now
 * @last_ms: when @tokens was computed
 * @suppressed: lines left out since
 */
struct log_limit {
	unsigned int tokens;
	int64_t last_ms;
	unsigned int suppressed;
};

#define LOG_LIMIT_BURST		100
#define LOG_LIMIT_PER_SECOND	20

/**
 * log_limited - may one more line be written
 * @l: bucket, starts full when zeroed
 * @now_ms: monotonic clock
 * @suppressed: receives the number of lines left out before this one
 *
 * Return: true to write it.
 */
bool log_limited(struct log_limit *l, int64_t now_ms, unsigned int *suppressed);

#endif /* SCSTD_LOG_H */
