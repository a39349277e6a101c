// SPDX-License-Identifier: GPL-2.0
/*
 * Reads what is to be registered and composes the requests (RFC 4171 clause 5.6.5.1).
 */
#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys.h"
#include "login.h"
#include "tree.h"
#include "view.h"

#define REQUEST_FULL	4096	/* bytes; servers take less than the 64 KiB of a PDU, open-isns 8 KiB */

/* Is it to be registered; @alias receives its alias. */
static bool is_registered(struct isns_view *v, int drv, const char *name, char alias[ISNS_STRING_MAX + 1])
{
	int tgt = tree_open_target(drv, name);
	bool enabled = tgt >= 0 && tree_target_enabled(tgt);

	if (enabled)
		tree_read_line(tgt, "alias", alias, ISNS_STRING_MAX + 1);
	if (tgt >= 0)
		close(tgt);
	if (!enabled || target_can_be_named(name))
		return enabled;
	snprintf(v->unnamed, sizeof(v->unnamed), "%.*s", ISCSI_STORED_NAME_MAX, name);
	return false;
}

/* Keeps the target when it is to be registered; false for want of memory. */
static bool keep_registered(struct isns_view *v, int drv, char *name)
{
	char alias[ISNS_STRING_MAX + 1];

	if (!is_registered(v, drv, name, alias)) {
		free(name);
		return true;
	}
	v->aliases[v->count] = strdup(alias);
	v->names[v->count++] = name;
	return v->aliases[v->count - 1];
}

static int read_targets(struct isns_view *v, int drv)
{
	char **all;
	int i, n = tree_targets(drv, &all);
	bool ok;

	if (n <= 0)
		return n == -ENOMEM ? n : 0;
	/* the names move to the front of their own array */
	v->names = all;
	v->aliases = calloc((size_t)n, sizeof(*v->aliases));
	ok = v->aliases;
	for (i = 0; i < n; i++) {
		if (ok)
			ok = keep_registered(v, drv, all[i]);
		else
			free(all[i]);
	}
	return ok ? 0 : -ENOMEM;
}

/* Whatever comes first in either family; loopback only where nothing else is listened at. */
static void read_portals(struct isns_view *v, const struct listeners *l, bool link_local)
{
	struct ifaddrs *ifa = NULL;

	getifaddrs(&ifa);
	portals_listened(&v->portals, l, ifa, link_local);
	freeifaddrs(ifa);
}

int view_read(struct isns_view *v, const char *root, const struct listeners *l)
{
	int drv = tree_open(root);
	int ret = 0;

	memset(v, 0, sizeof(*v));
	if (drv < 0)
		return 0;
	v->access = isns_configured(drv, v->host) == 2;
	tree_read_line(drv, "isns_entity_name", v->entity, sizeof(v->entity));
	if (v->host[0] && tree_driver_enabled(drv)) {
		ret = read_targets(v, drv);
		read_portals(v, l, tree_link_local(drv));
	}
	if (!v->entity[0] && v->count)
		snprintf(v->entity, sizeof(v->entity), "%.*s", ISNS_STRING_MAX, v->names[0]);
	close(drv);
	if (ret)
		view_free(v);
	return ret;
}

void view_free(struct isns_view *v)
{
	if (v->aliases)
		tree_free_names(v->aliases, v->count);
	if (v->names)
		tree_free_names(v->names, v->count);
	memset(v, 0, sizeof(*v));
}

bool view_same(const struct isns_view *a, const struct isns_view *b)
{
	int i;

	if (strcmp(a->host, b->host) || strcmp(a->entity, b->entity) || a->count != b->count ||
	    a->access != b->access || a->portals.count != b->portals.count)
		return false;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->names[i], b->names[i]) || strcmp(a->aliases[i], b->aliases[i]))
			return false;
	for (i = 0; i < a->portals.count; i++)
		if (!addr_same_host(&a->portals.addr[i], &b->portals.addr[i]) ||
		    addr_port(&a->portals.addr[i]) != addr_port(&b->portals.addr[i]))
			return false;
	return true;
}

/* 16 bytes, an IPv4 address mapped (clause 6.3.1). */
static void put_ip(struct isns_out *out, const union addr *a)
{
	u8 ip[16] = { [10] = 0xff, [11] = 0xff };

	if (a->sa.sa_family == AF_INET6)
		memcpy(ip, &a->v6.sin6_addr, sizeof(ip));
	else
		memcpy(ip + 12, &a->v4.sin_addr, 4);
	isns_put(out, ISNS_PORTAL_IP, ip, sizeof(ip));
}

static void put_portal(struct isns_out *out, const union addr *a, const struct isns_ports *ports)
{
	put_ip(out, a);
	isns_put_u32(out, ISNS_PORTAL_PORT, addr_port(a));
	if (ports->esi) {
		isns_put_u32(out, ISNS_ESI_INTERVAL, 60);
		isns_put_u32(out, ISNS_ESI_PORT, ports->esi);
	}
	if (ports->scn)
		isns_put_u32(out, ISNS_SCN_PORT, ports->scn);
}

static void put_target(struct isns_out *out, const char *name, const char *alias)
{
	isns_put_string(out, ISNS_ISCSI_NAME, name);
	isns_put_u32(out, ISNS_NODE_TYPE, ISNS_NODE_TARGET);
	if (*alias)
		isns_put_string(out, ISNS_ISCSI_ALIAS, alias);
}

int view_register(const struct isns_view *v, int from, const struct isns_ports *ports, u16 xid, struct isns_out *out)
{
	int i;

	isns_begin(out, ISNS_DEV_ATTR_REG, from ? 0 : ISNS_REPLACE, xid);
	isns_put_string(out, ISNS_ISCSI_NAME, v->names[0]);
	isns_put_string(out, ISNS_EID, v->entity);
	isns_put(out, ISNS_DELIMITER, NULL, 0);
	isns_put_string(out, ISNS_EID, v->entity);
	if (!from) {
		isns_put_u32(out, ISNS_ENTITY_PROTOCOL, ISNS_PROTOCOL_ISCSI);
		for (i = 0; i < v->portals.count; i++)
			put_portal(out, &v->portals.addr[i], ports);
	}
	for (i = from; i < v->count && (i == from || out->len < REQUEST_FULL); i++)
		put_target(out, v->names[i], v->aliases[i]);
	/* All portals belong to one group, whose number SendTargets gives too. */
	isns_put_u32(out, ISNS_PORTAL_GROUP, ISCSI_PORTAL_GROUP);
	return i;
}
