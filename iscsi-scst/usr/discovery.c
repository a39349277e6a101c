// SPDX-License-Identifier: GPL-2.0
/*
 * Composes the answer to SendTargets from the tree and the addresses of this machine.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "discovery.h"
#include "hosts.h"
#include "keys.h"
#include "login.h"
#include "tree.h"

static void add_portal(struct portals *p, const union addr *a, bool link_local)
{
	int i;

	if (p->count == PORTALS_MAX || (!link_local && addr_is_link_local(a)))
		return;
	for (i = 0; i < p->count; i++)
		if (addr_same_host(&p->addr[i], a) && addr_port(&p->addr[i]) == addr_port(a))
			return;
	p->addr[p->count++] = *a;
}

/* The address of one interface, with the port of the listener it stands for. */
static void add_interface(struct portals *p, const struct ifaddrs *i, const union addr *listener,
			  bool link_local)
{
	union addr a = { .sa.sa_family = AF_UNSPEC };

	if (!i->ifa_addr || i->ifa_addr->sa_family != listener->sa.sa_family ||
	    !(i->ifa_flags & IFF_UP))
		return;
	memcpy(&a, i->ifa_addr, addr_len(listener));
	if (addr_is_loopback(&a))
		return;
	if (a.sa.sa_family == AF_INET6)
		a.v6.sin6_port = listener->v6.sin6_port;
	else
		a.v4.sin_port = listener->v4.sin_port;
	add_portal(p, &a, link_local);
}

/* What one listener stands for. */
static void add_listener(struct portals *p, const union addr *listener, const struct ifaddrs *ifa, bool link_local)
{
	const struct ifaddrs *i;

	if (!addr_is_any(listener)) {
		if (!addr_is_loopback(listener))
			add_portal(p, listener, link_local);
		return;
	}
	for (i = ifa; i; i = i->ifa_next)
		add_interface(p, i, listener, link_local);
}

void portals_listened(struct portals *p, const struct listeners *l, const struct ifaddrs *ifa, bool link_local)
{
	int n;

	p->count = 0;
	for (n = 0; n < l->count; n++)
		add_listener(p, &l->addr[n], ifa, link_local);
	for (n = 0; n < l->count && !p->count; n++)
		if (addr_is_loopback(&l->addr[n]))
			add_portal(p, &l->addr[n], link_local);
}

void portals_collect(struct portals *p, const struct listeners *l, const union addr *connected,
		     const struct ifaddrs *ifa, bool link_local)
{
	int n;

	p->count = 0;
	add_portal(p, connected, link_local);
	for (n = 0; n < l->count; n++)
		if (l->addr[n].sa.sa_family == connected->sa.sa_family)
			add_listener(p, &l->addr[n], ifa, link_local);
}

bool target_can_be_named(const char *stored)
{
	char folded[ISCSI_NAME_MAX + 1];

	return !iscsi_name_fold(stored, folded, sizeof(folded));
}

/* Twice the room, until nothing is left out any more. */
static int grow(struct iscsi_text_buf *out, u32 size)
{
	char *data;

	if (size > ANSWER_MAX)
		return -ENOMEM;
	data = realloc(out->data, size);
	if (!data)
		return -ENOMEM;
	out->data = data;
	out->size = size;
	return 0;
}

/* Under per_portal_acl by the name of the last portal. */
static void tell_hidden(const struct discovery *d, const char *stored, int tgt, const struct tree_asker *who)
{
	char name[ISCSI_STORED_NAME_MAX + 1];

	if (d->hidden && !tree_session_name(tgt, who, name))
		d->hidden(stored, name);
}

static void tell_unnamed(const struct discovery *d, const char *stored)
{
	if (d->unnamed)
		d->unnamed(stored);
}

/* The portals through which a target that the initiator is admitted to is shown. */
static void add_target(const struct discovery *d, const char *stored, int tgt, struct iscsi_text_buf *out)
{
	char ip[ADDR_TEXT_MAX], portal[PORTAL_TEXT_MAX], address[PORTAL_TEXT_MAX + 8];
	struct tree_asker who = { .initiator = d->initiator, .local_ip = ip };
	bool named = false;
	int i;

	/* The same through each portal. */
	if (!hosts_admit(HOSTS_DEFAULT_DIR, stored, d->peer))
		return;
	for (i = 0; i < d->portals->count; i++) {
		addr_text(&d->portals->addr[i], ip);
		if (!tree_shown(tgt, &who))
			continue;
		if (!named)
			iscsi_text_add(out, "TargetName", stored);
		named = true;
		addr_portal(&d->portals->addr[i], portal);
		snprintf(address, sizeof(address), "%s,%d", portal, ISCSI_PORTAL_GROUP);
		iscsi_text_add(out, "TargetAddress", address);
	}
	if (!named && i)
		tell_hidden(d, stored, tgt, &who);
}

static void add_named(const struct discovery *d, const char *name, struct iscsi_text_buf *out)
{
	char stored[ISCSI_STORED_NAME_MAX + 1];
	int tgt = tree_find_target(d->drv, name, stored);

	if (tgt < 0)
		return;
	if (isns_admits(d->drv, stored, d->initiator))
		add_target(d, stored, tgt, out);
	close(tgt);
}

static void add_all(const struct discovery *d, struct iscsi_text_buf *out)
{
	struct isns_admitted admitted;
	char **names;
	int count = tree_targets(d->drv, &names);
	int i, tgt;

	isns_admitted_read(d->drv, d->initiator, &admitted);
	for (i = 0; i < count; i++) {
		if (!target_can_be_named(names[i])) {
			tell_unnamed(d, names[i]);
			continue;
		}
		if (!isns_admitted_to(&admitted, names[i]))
			continue;
		tgt = tree_open_target(d->drv, names[i]);
		if (tgt < 0)
			continue;	/* removed meanwhile */
		add_target(d, names[i], tgt, out);
		close(tgt);
	}
	isns_admitted_free(&admitted);
	if (count >= 0)
		tree_free_names(names, count);
}

/* The driver may have been disabled since the login; nothing is shown then. */
static void answer_sendtargets(const struct discovery *d, const char *value, struct iscsi_text_buf *out)
{
	char name[ISCSI_NAME_MAX + 1];

	switch (iscsi_sendtargets_kind(value)) {
	case ISCSI_SENDTARGETS_ALL:
		if (tree_driver_enabled(d->drv))
			add_all(d, out);
		break;
	case ISCSI_SENDTARGETS_NAMED:
		if (iscsi_name_fold(value, name, sizeof(name)))
			iscsi_text_add(out, "SendTargets", "Reject");
		else if (tree_driver_enabled(d->drv))
			add_named(d, name, out);
		break;
	case ISCSI_SENDTARGETS_CONNECTED:	/* there is no target this session belongs to */
		iscsi_text_add(out, "SendTargets", "Reject");
		break;
	case ISCSI_SENDTARGETS_ABSENT:
		break;
	}
}

static void declare_max_xmit(const char *value, u32 *max_xmit, struct iscsi_text_buf *out)
{
	u32 v;

	if (iscsi_number_parse(value, false, &v) || v < ISCSI_DSL_MIN || v > ISCSI_DSL_MAX)
		iscsi_text_add(out, "MaxRecvDataSegmentLength", "Reject");
	else
		*max_xmit = min(v, ISCSI_SEGMENT_MAX);
}

static void answer_pair(const struct discovery *d, const char *key, const char *value, u32 *max_xmit,
			struct iscsi_text_buf *out)
{
	if (!strcmp(key, "SendTargets"))
		answer_sendtargets(d, value, out);
	else if (!strcmp(key, "MaxRecvDataSegmentLength"))
		declare_max_xmit(value, max_xmit, out);
	else if (strcmp(key, "InitiatorName") && strcmp(key, "InitiatorAlias"))
		iscsi_text_add(out, key, "NotUnderstood");
}

int discovery_answer(const struct discovery *d, const char *request, u32 len, u32 *max_xmit,
		     struct iscsi_text_buf *out)
{
	char key[ISCSI_TEXT_KEY_MAX + 1];
	const char *value;
	u32 pos;
	int ret = out->data ? 0 : grow(out, 65536);

	while (!ret) {
		out->len = 0;
		out->overflow = false;
		for (pos = 0; (value = iscsi_text_next(request, len, &pos, key));)
			answer_pair(d, key, value, max_xmit, out);
		if (!out->overflow)
			break;
		ret = grow(out, 2 * out->size);
	}
	return ret;
}
