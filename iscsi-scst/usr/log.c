// SPDX-License-Identifier: GPL-2.0
/*
 * Log lines to syslog or stderr, and the limit on lines a peer can provoke.
 */
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

static bool to_stderr = true;
static int max_priority = LOG_INFO;

void log_open(bool foreground, unsigned int debug)
{
	to_stderr = foreground;
	max_priority = debug ? LOG_DEBUG : LOG_INFO;
	if (!foreground)
		openlog("iscsi-scstd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

bool log_wants(int priority)
{
	return priority <= max_priority;
}

void log_line(int priority, const char *fmt, ...)
{
	va_list args;

	if (!log_wants(priority))
		return;
	va_start(args, fmt);
	if (to_stderr) {
		char line[1024];

		vsnprintf(line, sizeof(line), fmt, args);
		dprintf(2, "iscsi-scstd: %s\n", line);
	} else {
		vsyslog(priority, fmt, args);
	}
	va_end(args);
}

bool log_limited(struct log_limit *l, int64_t now_ms, unsigned int *suppressed)
{
	int64_t earned = (now_ms - l->last_ms) * LOG_LIMIT_PER_SECOND / 1000;

	if (!l->last_ms || earned >= LOG_LIMIT_BURST) {
		l->tokens = LOG_LIMIT_BURST;
		l->last_ms = now_ms;
	} else if (earned > 0) {
		l->tokens += (unsigned int)earned;
		if (l->tokens > LOG_LIMIT_BURST)
			l->tokens = LOG_LIMIT_BURST;
		l->last_ms = now_ms;
	}
	*suppressed = 0;
	if (!l->tokens) {
		l->suppressed++;
		return false;
	}
	l->tokens--;
	*suppressed = l->suppressed;
	l->suppressed = 0;
	return true;
}
