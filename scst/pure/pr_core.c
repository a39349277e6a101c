// SPDX-License-Identifier: GPL-2.0
/*
 * The persistent reservation table: what each service action of PERSISTENT RESERVE OUT does to it (SPC-4 5.13), and who may
 * do what while a reservation is there.
 */
#include "pr.h"
#include "sense.h"

/* ---------------------------------------------------------------- look-ups */

bool scsi_pr_type_valid(u8 type)
{
	return type == SCSI_PR_WRITE_EXCL || type == SCSI_PR_EXCL_ACCESS ||
	       (type >= SCSI_PR_WRITE_EXCL_RO && type <= SCSI_PR_EXCL_ACCESS_AR);
}

struct scsi_pr_reg *scsi_pr_find(struct scsi_pr_table *t, const struct scsi_pr_id *id)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (!t->regs[i].gone && scsi_pr_id_equal(&t->regs[i].id, id))
			return &t->regs[i];
	return NULL;
}

bool scsi_pr_holds(const struct scsi_pr_table *t, const struct scsi_pr_reg *reg)
{
	if (!t->type || !reg || reg->gone)
		return false;
	return scsi_pr_all_registrants(t->type) || reg->holder;
}

static struct scsi_pr_reg *find_holder(struct scsi_pr_table *t)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (!t->regs[i].gone && t->regs[i].holder)
			return &t->regs[i];
	return NULL;
}

static bool any_left(const struct scsi_pr_table *t)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (!t->regs[i].gone)
			return true;
	return false;
}

bool scsi_pr_admits(u8 type, bool registered, bool holder, u32 pass)
{
	bool write_excl = type == SCSI_PR_WRITE_EXCL || type == SCSI_PR_WRITE_EXCL_RO || type == SCSI_PR_WRITE_EXCL_AR;

	if (holder || (registered && scsi_pr_registrants_only(type)))
		return true;
	if (pass & SCSI_OPF_PASS_RESERVATION)
		return true;
	return pass & (write_excl ? SCSI_OPF_PASS_WRITE_EXCL : SCSI_OPF_PASS_EXCL_ACCESS);
}

/* ------------------------------------------------------------------ changes */

static void tell_others(struct scsi_pr_table *t, const struct scsi_pr_reg *self, u8 fx)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		if (!t->regs[i].gone && &t->regs[i] != self)
			t->regs[i].fx |= fx;
}

static void reserve(struct scsi_pr_table *t, struct scsi_pr_reg *self, u8 type)
{
	u32 i;

	for (i = 0; i < t->nr; i++)
		t->regs[i].holder = false;
	t->type = type;
	self->holder = !scsi_pr_all_registrants(type);
}

/* The reservation ends; those that shared in it are told (SPC-4 5.13.11.2). */
static void release(struct scsi_pr_table *t, const struct scsi_pr_reg *self)
{
	u32 i;

	if (scsi_pr_registrants_only(t->type))
		tell_others(t, self, SCSI_PR_FX_RELEASED);
	for (i = 0; i < t->nr; i++)
		t->regs[i].holder = false;
	t->type = SCSI_PR_NONE;
}

/* With the last registration, or the holder's, goes the reservation. */
static void unregister(struct scsi_pr_table *t, struct scsi_pr_reg *reg)
{
	bool held = reg->holder;

	reg->gone = true;
	reg->holder = false;
	if (t->type && (held || !any_left(t)))
		release(t, reg);
}

static bool add(struct scsi_pr_table *t, const struct scsi_pr_id *id, u64 key)
{
	struct scsi_pr_reg *reg = &t->regs[t->nr];

	if (t->nr >= t->cap || t->nr >= SCSI_PR_REGS_MAX)
		return false;
	memset(reg, 0, sizeof(*reg));
	reg->id = *id;
	reg->key = key;
	t->nr++;
	return true;
}

void scsi_pr_settle(struct scsi_pr_table *t)
{
	u32 i, n = 0;

	for (i = 0; i < t->nr; i++) {
		if (t->regs[i].gone)
			continue;
		if (n != i)
			t->regs[n] = t->regs[i];
		t->regs[n++].fx = 0;
	}
	t->nr = n;
}

/* ----------------------------------------------------------------- REGISTER */

static enum scsi_pr_verdict refuse(scsi_sense_code unused)
{
	return SCSI_PR_SENSE;
}

/*
 * As if the command had come through the nexus @id alone. @old: how many registrations @t held before it; behind them are those
 * that it has made, of nexuses which it names more than once.
 */
static enum scsi_pr_verdict register_one(struct scsi_pr_table *t, const struct scsi_pr_req *rq, const struct scsi_pr_id *id,
					 bool strict, u32 old, struct scsi_sense *sense)
{
	struct scsi_pr_reg *reg = scsi_pr_find(t, id);
	bool ignore = rq->action == SCSI_PR_REGISTER_AND_IGNORE;

	if (reg && reg - t->regs >= old)
		return SCSI_PR_GOOD;
	if (!ignore && reg && reg->key != rq->key)
		return SCSI_PR_CONFLICT;
	if (!ignore && !reg && rq->key && strict)
		return SCSI_PR_CONFLICT;
	if (reg && rq->sa_key)
		reg->key = rq->sa_key;
	else if (reg)
		unregister(t, reg);
	else if (rq->sa_key && !add(t, id, rq->sa_key))
		return refuse(scsi_sense_set(sense, SCSI_SENSE_INSUFFICIENT_REGISTRATION));
	return SCSI_PR_GOOD;
}

static bool has_port(const u16 *ports, u32 nr, u16 port)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (ports[i] == port)
			return true;
	return false;
}

u32 scsi_pr_unique_ports(u16 *ports, u32 nr)
{
	u32 i, n = 0;

	for (i = 0; i < nr; i++)
		if (!has_port(ports, n, ports[i]))
			ports[n++] = ports[i];
	return n;
}

/* On the port the command came through, or, with ALL_TG_PT, on all of them; its own port always is one. */
static enum scsi_pr_verdict register_ports(struct scsi_pr_table *t, const struct scsi_pr_req *rq, const struct scsi_pr_id *id,
					   u32 old, struct scsi_sense *sense)
{
	enum scsi_pr_verdict verdict = register_one(t, rq, id, true, old, sense);
	struct scsi_pr_id other = *id;
	u32 i;

	for (i = 0; rq->all_tg_pt && i < rq->nr_ports && verdict == SCSI_PR_GOOD; i++) {
		other.port = rq->ports[i];
		if (other.port != id->port)
			verdict = register_one(t, rq, &other, false, old, sense);
	}
	return verdict;
}

/* All ports there are of an iSCSI initiator device (SPC-4 7.6.4.6). */
static enum scsi_pr_verdict register_device(struct scsi_pr_table *t, const struct scsi_pr_req *rq,
					    const struct scsi_pr_id *device, u32 at, u32 old, struct scsi_sense *sense)
{
	enum scsi_pr_verdict verdict;
	struct scsi_pr_id id;
	bool found = false;
	u32 i;

	for (i = 0; i < rq->nr_known; i++) {
		if (!scsi_tid_is_of(&rq->known[i], device))
			continue;
		found = true;
		id = rq->known[i];
		id.port = rq->self->port;
		verdict = register_ports(t, rq, &id, old, sense);
		if (verdict != SCSI_PR_GOOD)
			return verdict;
	}
	return found ? SCSI_PR_GOOD : refuse(scsi_sense_param_field(sense, at, 7));
}

static enum scsi_pr_verdict register_listed(struct scsi_pr_table *t, const struct scsi_pr_req *rq, u32 old,
					    struct scsi_sense *sense)
{
	struct scsi_pr_id id = { .port = rq->self->port };
	enum scsi_pr_verdict verdict;
	u32 at = 0;
	int n;

	for (; at < rq->tids_len; at += n) {
		n = scsi_tid_parse(rq->tids + at, rq->tids_len - at, &id);
		if (n < 0 || (id.tid[0] & 0x0f) != (rq->self->tid[0] & 0x0f))
			return refuse(scsi_sense_param_field(sense, rq->tids_at + at, 7));
		if (scsi_tid_is_device(&id))
			verdict = register_device(t, rq, &id, rq->tids_at + at, old, sense);
		else
			verdict = register_ports(t, rq, &id, old, sense);
		if (verdict != SCSI_PR_GOOD)
			return verdict;
	}
	return SCSI_PR_GOOD;
}

static enum scsi_pr_verdict do_register(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	bool registered = scsi_pr_find(t, rq->self);
	enum scsi_pr_verdict verdict;
	u32 old = t->nr;

	/* The other nexuses must be as new as this one. */
	if (rq->spec_i_pt && registered)
		return refuse(scsi_sense_param_field(sense, 20, 3));
	if (!registered && !rq->sa_key && (!rq->key || rq->action == SCSI_PR_REGISTER_AND_IGNORE) && !rq->all_tg_pt)
		return SCSI_PR_GOOD;
	verdict = register_ports(t, rq, rq->self, old, sense);
	if (verdict == SCSI_PR_GOOD && rq->spec_i_pt)
		verdict = register_listed(t, rq, old, sense);
	t->generation++;
	t->aptpl = rq->aptpl;
	return verdict;
}

/* -------------------------------------------------------- REGISTER AND MOVE */

static scsi_sense_code parse_destination(const struct scsi_pr_req *rq, struct scsi_pr_id *id, struct scsi_sense *sense)
{
	int n;

	if (!rq->sa_key)
		return scsi_sense_param_field(sense, 8, 7);
	if (!has_port(rq->ports, rq->nr_ports, rq->move_port))
		return scsi_sense_param_field(sense, 18, 7);
	n = scsi_tid_parse(rq->tids, rq->tids_len, id);
	if (n < 0 || n != rq->tids_len || scsi_tid_is_device(id) || (id->tid[0] & 0x0f) != (rq->self->tid[0] & 0x0f))
		return scsi_sense_param_field(sense, rq->tids_at, 7);
	id->port = rq->move_port;
	return scsi_pr_id_equal(id, rq->self) ? scsi_sense_param_field(sense, rq->tids_at, 7) : 0;
}

static enum scsi_pr_verdict do_move(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_pr_reg *self,
				    struct scsi_sense *sense)
{
	struct scsi_pr_reg *to;
	struct scsi_pr_id id;

	if (!self->holder)
		return SCSI_PR_CONFLICT; /* all registrants types included (SPC-4 5.13.8) */
	if (parse_destination(rq, &id, sense))
		return SCSI_PR_SENSE;
	to = scsi_pr_find(t, &id);
	if (!to && !add(t, &id, rq->sa_key))
		return refuse(scsi_sense_set(sense, SCSI_SENSE_INSUFFICIENT_REGISTRATION));
	to = scsi_pr_find(t, &id);
	to->key = rq->sa_key;
	reserve(t, to, t->type);
	if (rq->unreg)
		self->gone = true;
	t->generation++;
	t->aptpl = rq->aptpl;
	return SCSI_PR_GOOD;
}

/* --------------------------------------------------- RESERVE, RELEASE, CLEAR */

static bool bad_scope_or_type(const struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	if (rq->scope)
		return scsi_sense_cdb_field(sense, 2, 7);
	return scsi_pr_type_valid(rq->type) ? false : scsi_sense_cdb_field(sense, 2, 3);
}

static enum scsi_pr_verdict do_reserve(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_pr_reg *self,
				       struct scsi_sense *sense)
{
	if (bad_scope_or_type(rq, sense))
		return SCSI_PR_SENSE;
	if (!t->type) {
		reserve(t, self, rq->type);
		return SCSI_PR_GOOD;
	}
	return scsi_pr_holds(t, self) && t->type == rq->type ? SCSI_PR_GOOD : SCSI_PR_CONFLICT;
}

static enum scsi_pr_verdict do_release(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_pr_reg *self,
				       struct scsi_sense *sense)
{
	if (bad_scope_or_type(rq, sense))
		return SCSI_PR_SENSE;
	if (!scsi_pr_holds(t, self))
		return SCSI_PR_GOOD;
	if (t->type != rq->type)
		return refuse(scsi_sense_set(sense, SCSI_SENSE_INVALID_RELEASE));
	release(t, self);
	return SCSI_PR_GOOD;
}

static enum scsi_pr_verdict do_clear(struct scsi_pr_table *t, const struct scsi_pr_reg *self)
{
	u32 i;

	tell_others(t, self, SCSI_PR_FX_RES_PREEMPTED);
	for (i = 0; i < t->nr; i++)
		t->regs[i].gone = true;
	t->type = SCSI_PR_NONE;
	t->generation++;
	return SCSI_PR_GOOD;
}

/* ------------------------------------------------------------------- PREEMPT */

/* Removes the others' registrations with @key, 0: all of them. Its own counts as found. */
static bool remove_others(struct scsi_pr_table *t, const struct scsi_pr_req *rq, const struct scsi_pr_reg *self, u64 key)
{
	u8 fx = SCSI_PR_FX_REG_PREEMPTED | (rq->action == SCSI_PR_PREEMPT_AND_ABORT ? SCSI_PR_FX_ABORT : 0);
	bool found = false;
	u32 i;

	for (i = 0; i < t->nr; i++) {
		if (key && t->regs[i].key != key)
			continue;
		found = true;
		if (&t->regs[i] == self)
			continue;
		t->regs[i].gone = true;
		t->regs[i].fx |= fx;
	}
	return found;
}

static bool preempts_reservation(struct scsi_pr_table *t, u64 key)
{
	const struct scsi_pr_reg *holder = find_holder(t);

	if (!t->type)
		return false;
	if (scsi_pr_all_registrants(t->type))
		return !key;
	return holder && holder->key == key;
}

/* Removal of registrations, and of the reservation that these or this one held (SPC-4 5.13.11.2.3 to .6). */
static enum scsi_pr_verdict do_preempt(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_pr_reg *self,
				       struct scsi_sense *sense)
{
	u8 old = t->type;

	if (!preempts_reservation(t, rq->sa_key)) {
		if (!rq->sa_key)
			return refuse(scsi_sense_param_field(sense, 8, 7));
		if (!remove_others(t, rq, self, rq->sa_key))
			return SCSI_PR_CONFLICT;
		t->generation++;
		return SCSI_PR_GOOD;
	}
	if (bad_scope_or_type(rq, sense))
		return SCSI_PR_SENSE;
	remove_others(t, rq, self, rq->sa_key);
	reserve(t, self, rq->type);
	if (old != rq->type)
		tell_others(t, self, SCSI_PR_FX_RELEASED);
	t->generation++;
	return SCSI_PR_GOOD;
}

/* --------------------------------------------------------------------- entry */

/* Registrations one TransportID can make on one port: a device has as many as it has nexuses. */
static u32 room_of_list(const struct scsi_pr_req *rq)
{
	return rq->spec_i_pt ? rq->tids_len / SCSI_TID_MIN + rq->nr_known : 0;
}

u32 scsi_pr_room(const struct scsi_pr_req *rq)
{
	u32 ids = 1 + room_of_list(rq);

	if (ids > SCSI_PR_REGS_MAX || rq->nr_ports > SCSI_PR_REGS_MAX)
		return SCSI_PR_REGS_MAX;
	return rq->all_tg_pt ? ids * (rq->nr_ports + 1) : ids;
}

enum scsi_pr_verdict scsi_pr_apply(struct scsi_pr_table *t, const struct scsi_pr_req *rq, struct scsi_sense *sense)
{
	struct scsi_pr_reg *self = scsi_pr_find(t, rq->self);

	if (rq->action == SCSI_PR_REGISTER || rq->action == SCSI_PR_REGISTER_AND_IGNORE)
		return do_register(t, rq, sense);
	if (!self || self->key != rq->key)
		return SCSI_PR_CONFLICT;
	switch (rq->action) {
	case SCSI_PR_RESERVE:
		return do_reserve(t, rq, self, sense);
	case SCSI_PR_RELEASE:
		return do_release(t, rq, self, sense);
	case SCSI_PR_CLEAR:
		return do_clear(t, self);
	case SCSI_PR_PREEMPT:
	case SCSI_PR_PREEMPT_AND_ABORT:
		return do_preempt(t, rq, self, sense);
	case SCSI_PR_REGISTER_AND_MOVE:
		return do_move(t, rq, self, sense);
	default:
		return refuse(scsi_sense_cdb_field(sense, 1, 4));
	}
}
