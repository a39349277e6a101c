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

/* Is anybody there at all? Without, an event costs no more than this. */
bool scst_event_wanted(void);

/* ---- tell.c; process context, the first and the last without sleep */

struct scst_cmd;
struct scst_dev;
struct scst_tgt;
struct scst_tmf;

/* A command came to a LUN that is not there. */
void scst_tell_lun_not_found(const struct scst_cmd *cmd);
/* An initiator asked for a target of which it may see no LUN. */
void scst_tell_no_luns(const struct scst_tgt *tgt, const char *initiator);
/* What executed when the device was blocked has ended; @text: @len bytes as they were given. */
void scst_tell_blocked(const struct scst_dev *dev, const char *text, u32 len);
/* A task management function came; before it has done anything. */
void scst_tell_tmf(const struct scst_tmf *tmf);

int scst_event_init(void);
void scst_event_exit(void);

#endif /* SCST_EVENT_PRIV_H */
