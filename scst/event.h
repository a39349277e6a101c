/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events for programs that listen at /dev/scst_event.
 */
#ifndef SCST_EVENT_PRIV_H
#define SCST_EVENT_PRIV_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "scst_event.h"

struct scst_listener;

/**
 * struct scst_event_wait - somebody waits for what listeners make of an event
 * @done: called once, in process context, without locks; @wait is the owner's again. @status: 0, what the listener said,
 *	-ETIMEDOUT, or -EPIPE when the only listener went
 *
 * The rest belongs to event.c.
 */
struct scst_event_wait {
	void (*done)(struct scst_event_wait *wait, int status);
	struct list_head link;
	u32 id;
	struct scst_listener *only;	/* NULL: it went to several */
	struct delayed_work timeout;
};

/*
 * Tells listeners. @target: name of the target it is about, or NULL. With @wait, @wait->done() is called if the event
 * reached anybody; process context then, and GFP_NOIO or more. Returns how many it reached.
 */
int scst_event_send(u32 code, const char *target, const void *payload, size_t len, gfp_t gfp, struct scst_event_wait *wait);

int scst_event_init(void);
void scst_event_exit(void);

#endif /* SCST_EVENT_PRIV_H */
