/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What there is to register: read from the tree, composed into a request.
 */
#ifndef ISNS_VIEW_H
#define ISNS_VIEW_H

#include "access.h"
#include "discovery.h"
#include "isns.h"
#include "iscsi_proto.h"

/**
 * struct isns_view - the tree as the server shall know it
 * @host: the server, as in iSNSServer; "" for none
 * @access: it decides who may log in
 * @entity: name of the entity
 * @names: enabled targets, sorted; for tree_free_names()
 * @aliases: one for each, perhaps ""; likewise
 * @count: how many
 * @unnamed: a target that is not among them, since no initiator could say its name; "" for none
 * @portals: where they are reached
 */
struct isns_view {
	char host[ISNS_HOST_BYTES];
	bool access;
	char entity[ISNS_STRING_MAX + 1];
	char **names;
	char **aliases;
	int count;
	char unnamed[ISCSI_STORED_NAME_MAX + 1];
	struct portals portals;
};

/**
 * view_read - look at the tree and at the addresses of this machine
 * @v: receives the view, to be freed with view_free()
 * @root: of the tree
 * @l: where the daemon listens
 *
 * A driver that is off or not there has no targets.
 *
 * Return: 0 or -ENOMEM.
 */
int view_read(struct isns_view *v, const char *root, const struct listeners *l);
void view_free(struct isns_view *v);

/**
 * view_same - would the server be told the same
 * @a: one view
 * @b: another one
 */
bool view_same(const struct isns_view *a, const struct isns_view *b);

/**
 * struct isns_ports - where the server reaches us
 * @scn: port for state change notifications, 0 for none
 * @esi: the same one, when entity status inquiries are wanted
 */
struct isns_ports {
	unsigned short scn;
	unsigned short esi;
};

/**
 * view_register - compose a DevAttrReg
 * @v: what to register
 * @from: the first target of this request
 * @ports: where the server reaches us
 * @xid: transaction id
 * @out: receives the request
 *
 * The first request replaces all the server knows of the entity and names the portals; the rest brings further targets.
 *
 * Return: the first target of the next request, @v->count after the last one.
 */
int view_register(const struct isns_view *v, int from, const struct isns_ports *ports, u16 xid, struct isns_out *out);

#endif /* ISNS_VIEW_H */
