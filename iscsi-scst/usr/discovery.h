/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The answer to SendTargets: which targets, through which portals (RFC 7143 appendix C).
 */
#ifndef SCSTD_DISCOVERY_H
#define SCSTD_DISCOVERY_H

#include "addr.h"
#include "text.h"

#define LISTEN_MAX		32
#define PORTALS_MAX		64	/* addresses reported per target */
#define ANSWER_MAX		(16U << 20)

/**
 * struct listeners - where the daemon listens
 * @addr: bound addresses with their ports
 * @count: how many
 */
struct listeners {
	union addr addr[LISTEN_MAX];
	int count;
};

/**
 * struct portals - addresses to report to one initiator, best first
 * @addr: without duplicates
 * @count: how many
 */
struct portals {
	union addr addr[PORTALS_MAX];
	int count;
};

struct ifaddrs;

/**
 * portals_collect - which addresses an initiator may be told
 * @p: receives them: the one it is connected to, then others of the same family
 * @l: where the daemon listens
 * @connected: local address of its connection
 * @ifa: addresses of the machine; a wildcard listener stands for them
 * @link_local: report fe80::/10
 */
void portals_collect(struct portals *p, const struct listeners *l, const union addr *connected,
		     const struct ifaddrs *ifa, bool link_local);

/**
 * portals_listened - all addresses the daemon can be reached at, of both families
 * @p: receives them; loopback only where there is nothing else
 * @l: where the daemon listens
 * @ifa: addresses of the machine
 * @link_local: report fe80::/10
 */
void portals_listened(struct portals *p, const struct listeners *l, const struct ifaddrs *ifa, bool link_local);

/**
 * target_can_be_named - can an initiator say the name of this target
 * @stored: stored name
 *
 * Targets may have names that are none in iSCSI: they have another character, as "_", or too many. Nobody can log in there.
 */
bool target_can_be_named(const char *stored);

/**
 * struct discovery - what a discovery session asks of the tree
 * @drv: directory of the driver
 * @initiator: folded InitiatorName
 * @peer: where it asks from
 * @portals: to report
 * @hidden: told of each target that is not shown, and the name it is hidden from; NULL: nobody wants to know
 * @unnamed: told of each target whose name no initiator can say, likewise
 */
struct discovery {
	int drv;
	const char *initiator;
	const union addr *peer;
	const struct portals *portals;
	void (*hidden)(const char *target, const char *name);
	void (*unnamed)(const char *target);
};

/**
 * discovery_answer - compose the answer to one Text Request of a discovery session
 * @d: who asks where
 * @request: checked text
 * @len: bytes
 * @max_xmit: data segment limit; a MaxRecvDataSegmentLength in the request changes it
 * @out: answer; @out->data is malloc'ed memory or NULL, and grows as needed
 *
 * Return: 0, or -ENOMEM.
 */
int discovery_answer(const struct discovery *d, const char *request, u32 len, u32 *max_xmit,
		     struct iscsi_text_buf *out);

#endif /* SCSTD_DISCOVERY_H */
