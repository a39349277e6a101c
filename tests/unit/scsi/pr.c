// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent reservations: every service action by every role, the access matrix, parameter lists, answers, saved forms.
 *
 * links: scst/pure/pr_core.c scst/pure/pr_list.c scst/pure/pr_in.c scst/pure/pr_image.c scst/pure/cdb.c
 */
#include "hex.h"
#include "scst/pure/cdb.h"
#include "scst/pure/pr.h"

#define NAME_A	"iqn.2026-01.test:a"
#define KEY(c)	(0x1000ULL + (c))

static struct scsi_pr_table *t;
static struct scsi_sense sense;

static void make_id(struct scsi_pr_id *id, char who, u16 port)
{
	u8 raw[64] = { 0x45, 0, 0, 40 };

	snprintf((char *)raw + 4, 40, "iqn.2026-01.test:%c,i,0x00023d000001", who);
	assert_int_equal(scsi_tid_parse(raw, 44, id), 44);
	id->port = port;
}

static int setup(void **state)
{
	t = calloc(1, sizeof(*t) + 8 * sizeof(t->regs[0]));
	t->cap = 8;
	return 0;
}

static int teardown(void **state)
{
	free(t);
	return 0;
}

static void empty(void)
{
	memset(t, 0, sizeof(*t));
	t->cap = 8;
}

static struct scsi_pr_reg *reg_of(char who)
{
	struct scsi_pr_id id;

	make_id(&id, who, 1);
	return scsi_pr_find(t, &id);
}

/* The effects of the registration of @who, also when it is gone. */
static u8 fx_of(char who)
{
	struct scsi_pr_id id;
	u32 i;

	make_id(&id, who, 1);
	for (i = 0; i < t->nr; i++)
		if (scsi_pr_id_equal(&t->regs[i].id, &id))
			return t->regs[i].fx;
	return 0xff;
}

/* One command of @who; SCSI_PR_SENSE leaves the sense. Effects stay until the next command. */
static enum scsi_pr_verdict out(char who, u8 action, u8 type, u64 key, u64 sa_key)
{
	struct scsi_pr_req rq = { .action = action, .type = type, .key = key, .sa_key = sa_key };
	struct scsi_pr_table *copy = malloc(sizeof(*t) + 8 * sizeof(t->regs[0]));
	enum scsi_pr_verdict v;
	struct scsi_pr_id self;

	scsi_pr_settle(t);
	memcpy(copy, t, sizeof(*t) + 8 * sizeof(t->regs[0]));
	make_id(&self, who, 1);
	rq.self = &self;
	memset(&sense, 0, sizeof(sense));
	v = scsi_pr_apply(t, &rq, &sense);
	if (v != SCSI_PR_GOOD)
		memcpy(t, copy, sizeof(*t) + 8 * sizeof(t->regs[0]));
	assert_int_equal(v == SCSI_PR_SENSE, sense.code != 0);
	free(copy);
	return v;
}

/* a, b and c are registered; a holds a reservation of @type, if any. */
static void three(u8 type)
{
	char who;

	empty();
	for (who = 'a'; who <= 'c'; who++)
		assert_int_equal(out(who, SCSI_PR_REGISTER, 0, 0, KEY(who)), SCSI_PR_GOOD);
	if (type)
		assert_int_equal(out('a', SCSI_PR_RESERVE, type, KEY('a'), 0), SCSI_PR_GOOD);
}

static const u8 types[] = { 1, 3, 5, 6, 7, 8 };

static void registering(void **state)
{
	empty();
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 1, 2), SCSI_PR_CONFLICT);
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 0, 0), SCSI_PR_GOOD);
	assert_int_equal(t->generation, 0);
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 0, 5), SCSI_PR_GOOD);
	assert_int_equal(t->generation, 1);
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 4, 6), SCSI_PR_CONFLICT);
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 0, 6), SCSI_PR_CONFLICT);
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 5, 6), SCSI_PR_GOOD);
	assert_int_equal(reg_of('a')->key, 6);
	assert_int_equal(out('a', SCSI_PR_REGISTER_AND_IGNORE, 0, 99, 7), SCSI_PR_GOOD);
	assert_int_equal(out('b', SCSI_PR_REGISTER_AND_IGNORE, 0, 99, 7), SCSI_PR_GOOD);
	assert_int_equal(t->nr, 2);
	assert_int_equal(out('b', SCSI_PR_REGISTER_AND_IGNORE, 0, 0, 0), SCSI_PR_GOOD);
	assert_null(reg_of('b'));
	assert_int_equal(out('a', SCSI_PR_REGISTER, 0, 7, 0), SCSI_PR_GOOD);
	scsi_pr_settle(t);
	assert_int_equal(t->nr, 0);
	assert_int_equal(t->generation, 6);
}

/* Of all service actions but the registering ones: not registered, or with another key. */
static void strangers_conflict(void **state)
{
	u8 action;

	for (action = SCSI_PR_RESERVE; action <= SCSI_PR_REGISTER_AND_MOVE; action++) {
		if (action == SCSI_PR_REGISTER_AND_IGNORE)
			continue;
		three(1);
		assert_int_equal(out('x', action, 1, 0, KEY('a')), SCSI_PR_CONFLICT);
		assert_int_equal(out('b', action, 1, 1, KEY('a')), SCSI_PR_CONFLICT);
		assert_int_equal(t->nr, 3);
	}
}

static void reserving(void **state)
{
	bool ar;
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		three(types[i]);
		ar = scsi_pr_all_registrants(types[i]);
		assert_int_equal(out('a', SCSI_PR_RESERVE, types[i], KEY('a'), 0), SCSI_PR_GOOD);
		assert_int_equal(out('b', SCSI_PR_RESERVE, types[i], KEY('b'), 0), ar ? SCSI_PR_GOOD : SCSI_PR_CONFLICT);
		assert_int_equal(out('a', SCSI_PR_RESERVE, types[i] == 1 ? 3 : 1, KEY('a'), 0), SCSI_PR_CONFLICT);
		assert_int_equal(t->generation, 3);
		/* release: not by others, not by another type */
		if (!ar) {
			assert_int_equal(out('b', SCSI_PR_RELEASE, types[i], KEY('b'), 0), SCSI_PR_GOOD);
			assert_int_equal(t->type, types[i]);
		}
		assert_int_equal(out('a', SCSI_PR_RELEASE, types[i] == 1 ? 3 : 1, KEY('a'), 0), SCSI_PR_SENSE);
		assert_int_equal(sense.code, SCSI_SENSE_INVALID_RELEASE);
		assert_int_equal(out('a', SCSI_PR_RELEASE, types[i], KEY('a'), 0), SCSI_PR_GOOD);
		assert_int_equal(t->type, 0);
		assert_int_equal(fx_of('a'), 0);
		assert_int_equal(fx_of('b'), types[i] >= 5 ? SCSI_PR_FX_RELEASED : 0);
		assert_int_equal(out('a', SCSI_PR_RELEASE, types[i], KEY('a'), 0), SCSI_PR_GOOD);
	}
	three(0);
	for (i = 0; i < 16; i++) {
		if (scsi_pr_type_valid(i))
			continue;
		assert_int_equal(out('a', SCSI_PR_RESERVE, i, KEY('a'), 0), SCSI_PR_SENSE);
		assert_int_equal(sense.field, 2);
	}
}

static void holder_unregisters(void **state)
{
	bool ar;
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		three(types[i]);
		ar = scsi_pr_all_registrants(types[i]);
		assert_int_equal(out('a', SCSI_PR_REGISTER, 0, KEY('a'), 0), SCSI_PR_GOOD);
		assert_int_equal(t->type, ar ? types[i] : 0);
		assert_int_equal(fx_of('b'), types[i] == 5 || types[i] == 6 ? SCSI_PR_FX_RELEASED : 0);
		assert_int_equal(out('b', SCSI_PR_REGISTER, 0, KEY('b'), 0), SCSI_PR_GOOD);
		assert_int_equal(out('c', SCSI_PR_REGISTER, 0, KEY('c'), 0), SCSI_PR_GOOD);
		assert_int_equal(t->type, 0);
	}
}

static void clearing(void **state)
{
	three(1);
	assert_int_equal(out('b', SCSI_PR_CLEAR, 0, KEY('b'), 0), SCSI_PR_GOOD);
	assert_int_equal(t->type, 0);
	assert_int_equal(fx_of('a'), SCSI_PR_FX_RES_PREEMPTED);
	assert_int_equal(fx_of('b'), 0);
	assert_int_equal(fx_of('c'), SCSI_PR_FX_RES_PREEMPTED);
	scsi_pr_settle(t);
	assert_int_equal(t->nr, 0);
	assert_int_equal(t->generation, 4);
}

static void preempting(void **state)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		/* a registration that holds nothing */
		three(types[i]);
		assert_int_equal(out('b', SCSI_PR_PREEMPT, 0, KEY('b'), KEY('c')), SCSI_PR_GOOD);
		assert_int_equal(fx_of('c'), SCSI_PR_FX_REG_PREEMPTED);
		assert_int_equal(fx_of('a'), 0);
		assert_int_equal(t->type, types[i]);
		/* nobody has that key */
		assert_int_equal(out('b', SCSI_PR_PREEMPT, 1, KEY('b'), 77), SCSI_PR_CONFLICT);
		/* the reservation: the holder's key, or 0 for all registrants */
		three(types[i]);
		assert_int_equal(out('b', SCSI_PR_PREEMPT_AND_ABORT, 3, KEY('b'), types[i] >= 7 ? 0 : KEY('a')), SCSI_PR_GOOD);
		assert_int_equal(fx_of('a'), SCSI_PR_FX_REG_PREEMPTED | SCSI_PR_FX_ABORT);
		assert_null(reg_of('a'));
		assert_int_equal(t->type, 3);
		assert_true(scsi_pr_holds(t, reg_of('b')));
		if (types[i] >= 7)
			assert_null(reg_of('c'));
		else
			assert_int_equal(fx_of('c'), types[i] == 3 ? 0 : SCSI_PR_FX_RELEASED);
		/* key 0 means nothing else */
		if (types[i] < 7) {
			three(types[i]);
			assert_int_equal(out('b', SCSI_PR_PREEMPT, 3, KEY('b'), 0), SCSI_PR_SENSE);
			assert_int_equal(sense.code, SCSI_SENSE_INVALID_FIELD_IN_PARAM);
			assert_int_equal(sense.field, 8);
		}
	}
	/* its own reservation: the type changes */
	three(1);
	assert_int_equal(out('a', SCSI_PR_PREEMPT, 6, KEY('a'), KEY('a')), SCSI_PR_GOOD);
	assert_int_equal(t->type, 6);
	assert_non_null(reg_of('a'));
	assert_int_equal(fx_of('b'), SCSI_PR_FX_RELEASED);
	three(0);
	assert_int_equal(out('a', SCSI_PR_PREEMPT, 1, KEY('a'), 0), SCSI_PR_SENSE);
	assert_int_equal(out('a', SCSI_PR_PREEMPT, 1, KEY('a'), KEY('b')), SCSI_PR_GOOD);
	assert_int_equal(t->type, 0);
}

static void access_matrix(void **state)
{
	static const struct { u8 cdb[16]; bool we, ea; } cases[] = {
		{ { SCSI_OP_TEST_UNIT_READY }, true, true },
		{ { SCSI_OP_INQUIRY }, true, true },
		{ { SCSI_OP_REPORT_LUNS }, true, true },
		{ { SCSI_OP_LOG_SENSE }, true, true },
		{ { SCSI_OP_READ_10 }, true, false },
		{ { SCSI_OP_READ_16 }, true, false },
		{ { SCSI_OP_VERIFY_10 }, true, false },
		{ { SCSI_OP_MODE_SENSE_6 }, true, false },
		{ { SCSI_OP_WRITE_10 }, false, false },
		{ { SCSI_OP_WRITE_SAME_16 }, false, false },
		{ { SCSI_OP_COMPARE_AND_WRITE }, false, false },
		{ { SCSI_OP_UNMAP }, false, false },
		{ { SCSI_OP_SYNC_CACHE_10 }, false, false },
		{ { SCSI_OP_MODE_SELECT_6 }, false, false },
		{ { SCSI_OP_START_STOP_UNIT, [4] = 1 }, true, true },
		{ { SCSI_OP_START_STOP_UNIT }, false, false },
		{ { SCSI_OP_PREVENT_ALLOW, [4] = 1 }, false, false },
		{ { SCSI_OP_PR_IN, 0 }, true, true },
		{ { SCSI_OP_PR_OUT, 4 }, true, true },
		{ { SCSI_OP_RELEASE_6 }, true, true },
	};
	bool want;
	int i, k;
	u32 pass;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		pass = scsi_op_reservation_flags(scsi_op_find(cases[i].cdb, 16), cases[i].cdb);
		for (k = 0; k < ARRAY_SIZE(types); k++) {
			want = cases[i].ea;
			if (types[k] == 1 || types[k] == 5 || types[k] == 7)
				want = cases[i].we;
			assert_int_equal(scsi_pr_admits(types[k], false, false, pass), want);
			assert_int_equal(scsi_pr_admits(types[k], true, false, pass), want || types[k] >= 5);
			assert_true(scsi_pr_admits(types[k], true, true, pass));
		}
	}
}

static void lists(void **state)
{
	u8 list[128] = { 0 }, cdb[10] = { SCSI_OP_PR_OUT };
	struct scsi_pr_req rq;

	put_unaligned_be32(24, cdb + 5);
	list[7] = 1;
	list[15] = 2;
	list[20] = 0x05;
	assert_int_equal(scsi_pr_parse(cdb, list, 24, &rq, &sense), 0);
	assert_true(rq.key == 1 && rq.sa_key == 2 && rq.aptpl && rq.all_tg_pt && !rq.spec_i_pt);
	assert_int_equal(scsi_pr_parse(cdb, list, 23, &rq, &sense), SCSI_SENSE_PARAM_LIST_LENGTH);
	put_unaligned_be32(28, cdb + 5);
	assert_int_equal(scsi_pr_parse(cdb, list, 28, &rq, &sense), SCSI_SENSE_PARAM_LIST_LENGTH);
	list[20] = 0x08;
	assert_int_equal(scsi_pr_parse(cdb, list, 28, &rq, &sense), 0);
	list[27] = 1;
	assert_int_equal(scsi_pr_parse(cdb, list, 28, &rq, &sense), SCSI_SENSE_PARAM_LIST_LENGTH);
	memset(list + 24, 0xff, 4);
	assert_int_equal(scsi_pr_parse(cdb, list, 28, &rq, &sense), SCSI_SENSE_PARAM_LIST_LENGTH);
	cdb[1] = SCSI_PR_REGISTER_AND_IGNORE;
	assert_int_equal(scsi_pr_parse(cdb, list, 28, &rq, &sense), SCSI_SENSE_INVALID_FIELD_IN_PARAM);
	assert_true(sense.field == 20 && sense.bit == 3);
	/* REGISTER AND MOVE */
	cdb[1] = SCSI_PR_REGISTER_AND_MOVE;
	put_unaligned_be32(48, cdb + 5);
	put_unaligned_be32(25, list + 20);
	assert_int_equal(scsi_pr_parse(cdb, list, 48, &rq, &sense), SCSI_SENSE_PARAM_LIST_LENGTH);
	put_unaligned_be32(24, list + 20);
	list[17] = 2;
	assert_int_equal(scsi_pr_parse(cdb, list, 48, &rq, &sense), 0);
	assert_true(rq.unreg && !rq.aptpl && rq.tids == list + 24 && rq.tids_len == 24);
}

static int tid(const char *hex_head, const char *name, unsigned int len)
{
	struct scsi_pr_id id;
	u8 raw[600] = { 0 };

	hex_bytes(hex_head, raw, 4);
	strcpy((char *)raw + 4, name);
	return scsi_tid_parse(raw, len, &id);
}

static void transport_ids(void **state)
{
	struct scsi_pr_id a, b;
	u8 raw[64] = { 0x45, 0, 0, 48 };

	assert_int_equal(tid("45 00 00 28", NAME_A ",i,0x00023d000001", 44), 44);
	assert_int_equal(tid("45 00 00 28", NAME_A ",i,0x00023d000001", 43), -EINVAL);
	assert_int_equal(tid("45 00 00 27", NAME_A ",i,0x00023d000001", 44), -EINVAL);
	assert_int_equal(tid("45 00 00 24", NAME_A ",i,0x00023d000001", 44), 40);
	assert_int_equal(tid("45 00 00 28", NAME_A, 44), -EINVAL);
	assert_int_equal(tid("45 00 00 28", NAME_A ",i,0x", 44), -EINVAL);
	assert_int_equal(tid("45 00 00 28", NAME_A ",i,0xzz", 44), -EINVAL);
	assert_int_equal(tid("05 00 00 14", NAME_A, 24), 24);
	assert_int_equal(tid("05 00 00 28", NAME_A ",i,0x01", 44), -EINVAL);
	assert_int_equal(tid("85 00 00 14", NAME_A, 24), -EINVAL);
	assert_int_equal(tid("00 00 00 00", "", 24), 24);
	assert_int_equal(tid("40 00 00 00", "", 24), -EINVAL);
	assert_int_equal(tid("06 00 00 00", "", 23), -EINVAL);
	assert_int_equal(tid("45 00 ff fc", NAME_A ",i,0x1", 600), -EINVAL);
	/* one form */
	strcpy((char *)raw + 4, "IQN.2026-01.test:A,i,0X23D000001");
	raw[50] = 7; /* behind the NUL */
	assert_int_equal(scsi_tid_parse(raw, sizeof(raw), &a), 52);
	a.port = 1;
	make_id(&b, 'a', 1);
	assert_true(scsi_pr_id_equal(&a, &b));
}

static void ports_elsewhere(void **state)
{
	u16 ports[] = { 1, 2, 500, 2, 1, 500, 3 };
	struct scsi_pr_id self, other;
	struct scsi_pr_req rq = { .sa_key = 9, .self = &self, .all_tg_pt = true, .ports = ports };

	rq.nr_ports = scsi_pr_unique_ports(ports, 7);
	assert_int_equal(rq.nr_ports, 4);
	assert_true(ports[0] == 1 && ports[1] == 2 && ports[2] == 500 && ports[3] == 3);
	assert_int_equal(scsi_pr_unique_ports(ports, 0), 0);

	empty();
	make_id(&self, 'a', 1);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_int_equal(t->nr, 4);
	assert_int_equal(t->regs[2].id.port, 500);
	/* the reservation goes there, and to no port that nobody has */
	rq = (struct scsi_pr_req){ .action = SCSI_PR_RESERVE, .type = SCSI_PR_WRITE_EXCL, .key = 9, .self = &self };
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	make_id(&other, 'b', 1);
	rq = (struct scsi_pr_req){ .action = SCSI_PR_REGISTER_AND_MOVE, .key = 9, .sa_key = 8, .self = &self, .ports = ports,
		.nr_ports = 4, .move_port = 501, .tids = other.tid, .tids_len = other.tid_len };
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.field, 18);
	rq.move_port = 500;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_true(t->regs[4].holder && t->regs[4].id.port == 500 && t->regs[4].key == 8);
}

static void spec_i_pt_and_all_tg_pt(void **state)
{
	static const u16 ports[] = { 1, 2 };
	struct scsi_pr_id self, other, device;
	struct scsi_pr_req rq = { .sa_key = 9, .self = &self, .all_tg_pt = true, .ports = ports, .nr_ports = 2, .aptpl = true };
	u8 raw[24] = { 0x05, 0, 0, 20 };

	empty();
	make_id(&self, 'a', 1);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_int_equal(t->nr, 2);
	assert_true(t->aptpl && t->regs[1].id.port == 2 && t->generation == 1);

	empty();
	make_id(&other, 'b', 3);
	rq.all_tg_pt = false;
	rq.spec_i_pt = true;
	rq.tids = other.tid;
	rq.tids_len = other.tid_len;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_int_equal(t->nr, 2);
	assert_non_null(reg_of('b'));
	/* the nexus itself is registered already; then another one, which names one that is */
	rq.key = 9;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.field, 20);
	rq.key = 0;
	make_id(&self, 'c', 1);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_CONFLICT);
	make_id(&self, 'a', 1);
	/* a device: its known ports, and none */
	strcpy((char *)raw + 4, "iqn.2026-01.test:b");
	assert_int_equal(scsi_tid_parse(raw, 24, &device), 24);
	rq.tids = raw;
	rq.tids_len = 24;
	rq.tids_at = 28;
	empty();
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.field, 28);
	rq.known = &other;
	rq.nr_known = 1;
	empty();
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_non_null(reg_of('b'));
	/* no room */
	empty();
	t->cap = 1;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.code, SCSI_SENSE_INSUFFICIENT_REGISTRATION);
}

/* SPEC_I_PT with what @a and @b name, registering one key; how many registrations that makes, none twice. */
static u32 listed(struct scsi_pr_req rq, const struct scsi_pr_id *a, const struct scsi_pr_id *b)
{
	u8 tids[2 * SCSI_TID_MAX];
	u32 i;

	memcpy(tids, a->tid, a->tid_len);
	memcpy(tids + a->tid_len, b->tid, b->tid_len);
	rq.tids = tids;
	rq.tids_len = a->tid_len + b->tid_len;
	empty();
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	assert_int_equal(t->generation, 1);
	for (i = 0; i < t->nr; i++) {
		assert_int_equal(t->regs[i].key, rq.sa_key);
		assert_ptr_equal(scsi_pr_find(t, &t->regs[i].id), &t->regs[i]);
	}
	return t->nr;
}

/* A list may name what the command has registered already: its own nexus, a port again, a device of several nexuses. */
static void listed_twice(void **state)
{
	static const u16 ports[] = { 1, 2 };
	struct scsi_pr_id self, b, device, known[3];
	struct scsi_pr_req rq = { .sa_key = 9, .self = &self, .spec_i_pt = true, .ports = ports, .nr_ports = 2 };
	u8 raw[24] = { 0x05, 0, 0, 20 };

	make_id(&self, 'a', 1);
	make_id(&b, 'b', 1);
	assert_int_equal(listed(rq, &self, &b), 2);
	assert_int_equal(listed(rq, &b, &b), 2);
	rq.all_tg_pt = true;
	assert_int_equal(listed(rq, &b, &self), 4);
	assert_int_equal(listed(rq, &b, &b), 4);
	rq.all_tg_pt = false;
	/* one ISID for two ports; one disk as two LUNs */
	strcpy((char *)raw + 4, "iqn.2026-01.test:b");
	assert_int_equal(scsi_tid_parse(raw, 24, &device), 24);
	make_id(&known[0], 'b', 1);
	make_id(&known[1], 'b', 2);
	make_id(&known[2], 'b', 1);
	rq.known = known;
	rq.nr_known = 3;
	assert_int_equal(listed(rq, &device, &device), 2);
	assert_int_equal(listed(rq, &device, &b), 2);
	/* one that was registered before is another thing, whatever its key */
	rq.tids = b.tid;
	rq.tids_len = b.tid_len;
	make_id(&self, 'c', 1);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_CONFLICT);
}

static void moving(void **state)
{
	static const u16 ports[] = { 1, 2 };
	struct scsi_pr_id self, to;
	struct scsi_pr_req rq = { .action = SCSI_PR_REGISTER_AND_MOVE, .self = &self, .ports = ports, .nr_ports = 2,
				  .key = KEY('a'), .sa_key = 5, .move_port = 2, .unreg = true };

	make_id(&self, 'a', 1);
	make_id(&to, 'd', 2);
	rq.tids = to.tid;
	rq.tids_len = to.tid_len;
	three(0);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_CONFLICT);
	three(7);
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_CONFLICT);
	three(1);
	rq.move_port = 3;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.field, 18);
	rq.move_port = 2;
	rq.sa_key = 0;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_SENSE);
	assert_int_equal(sense.field, 8);
	rq.sa_key = 5;
	assert_int_equal(scsi_pr_apply(t, &rq, &sense), SCSI_PR_GOOD);
	scsi_pr_settle(t);
	assert_null(reg_of('a'));
	assert_true(scsi_pr_holds(t, scsi_pr_find(t, &to)));
	assert_int_equal(scsi_pr_find(t, &to)->key, 5);
	assert_int_equal(t->type, 1);
}

static void answers(void **state)
{
	u8 buf[512];
	unsigned int len;

	three(6);
	len = scsi_pr_read_keys(t, buf, sizeof(buf));
	check_bytes("keys", buf, len, "00 00 00 03 00 00 00 18 00*6 10 61 00*6 10 62 00*6 10 63");
	len = scsi_pr_read_reservation(t, buf, sizeof(buf));
	check_bytes("reservation", buf, len, "00 00 00 03 00 00 00 10 00*6 10 61 00*5 06 00 00");
	len = scsi_pr_report_capabilities(t, buf, sizeof(buf));
	check_bytes("capabilities", buf, len, "00 08 1d c0 ea 01 00 00");
	len = scsi_pr_read_full_status(t, buf, sizeof(buf));
	assert_int_equal(len, 8 + 3 * (24 + 4 + 36));
	check_bytes("first of full status", buf, 36, "00 00 00 03 00 00 00 c0 00*6 10 61 00*4 01 06 00*4 00 01 00 00 00 28 45 00 00 24");
	check_bytes("second, no holder", buf + 8 + 64, 14, "00*6 10 62 00*4 00 00");
	memset(buf, 0xee, sizeof(buf));
	assert_int_equal(scsi_pr_read_full_status(t, buf, 6), len);
	check_bytes("cut", buf, 8, "00 00 00 03 00 00 ee ee");
	three(8);
	t->aptpl = true;
	len = scsi_pr_read_reservation(t, buf, sizeof(buf));
	check_bytes("all registrants", buf, len, "00 00 00 03 00 00 00 10 00*8 00*5 08 00 00");
	len = scsi_pr_report_capabilities(t, buf, sizeof(buf));
	check_bytes("capabilities", buf, len, "00 08 1d c1 ea 01 00 00");
	empty();
	len = scsi_pr_read_reservation(t, buf, sizeof(buf));
	check_bytes("none", buf, len, "00*8");
}

static void file_image(void **state)
{
	u8 buf[1024] = { 0 }, saved[1024];
	unsigned int len, i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		three(types[i]);
		t->aptpl = true;
		memset(buf, 0, sizeof(buf));
		len = scsi_pr_image_put(t, buf, sizeof(buf));
		assert_int_equal(len, 20 + 3 * (11 + 40));
		empty();
		assert_int_equal(scsi_pr_image_get(t, buf, len), -ENOENT);
		scsi_pr_image_sign(buf);
		memcpy(saved, buf, len);
		assert_int_equal(scsi_pr_image_get(t, buf, len), 0);
		assert_true(t->nr == 3 && t->aptpl && t->type == types[i] && !t->generation);
		assert_true(scsi_pr_holds(t, reg_of('a')));
		assert_int_equal(reg_of('c')->key, KEY('c'));
		memset(buf, 0, len);
		scsi_pr_image_put(t, buf, sizeof(buf));
		scsi_pr_image_sign(buf);
		assert_memory_equal(buf, saved, len);
		/* zeroes behind, as on a block device */
		assert_int_equal(scsi_pr_image_get(t, buf, sizeof(buf)), 0);
		assert_int_equal(t->nr, 3);
	}
	check_bytes("header", saved, 21, "77 dd bb ee aa ee ee bb 01 00*7 01 01 08 00 01");
	assert_int_equal(scsi_pr_image_get(t, saved, len - 1), -EINVAL);
	t->cap = 2;
	assert_int_equal(scsi_pr_image_get(t, saved, len), -ENOSPC);
	t->cap = 8;
	saved[18] = 5; /* three holders of what has one */
	assert_int_equal(scsi_pr_image_get(t, saved, len), -EINVAL);
}

static void state_text(void **state)
{
	char text[2048] = "", again[2048] = "";
	unsigned int len;

	empty();
	scsi_pr_text_put(t, text, sizeof(text) - 1);
	assert_string_equal(text, "version 1\ngeneration 0\n");
	three(6);
	len = scsi_pr_text_put(t, text, sizeof(text) - 1);
	text[len] = '\0';
	assert_int_equal(strncmp(text, "version 1\ngeneration 3\nreservation 06 00\nregistrant 1 0000000000001061 1 40 45000024", 82), 0);
	strcpy(again, text);
	empty();
	assert_int_equal(scsi_pr_text_get(t, again), 0);
	assert_true(t->nr == 3 && t->type == 6 && t->generation == 3 && scsi_pr_holds(t, reg_of('a')));
	memset(again, 0, sizeof(again));
	scsi_pr_text_put(t, again, sizeof(again) - 1);
	assert_string_equal(again, text);
}

static void bad_text(void **state)
{
	static const char *const bad[] = {
		"", "version 2\n", "generation 1\n", "version 1\ngeneration x\n", "version 1\nreservation 01 00\n",
		"version 1\nreservation 01 01\n", "version 1\nregistrant 1 0 0 24 000000000000000000000000000000000000000000000000\n",
		"version 1\nregistrant 1 1 0 24 00000000000000000000000000000000000000000000000\n",
		"version 1\nregistrant 65536 1 0 24 000000000000000000000000000000000000000000000000\n",
		"version 1\nregistrant 1 1 5 24 000000000000000000000000000000000000000000000000\n",
		"version 1\nregistrant 1 1 0 513 00\n", "version 1\nregistrant 1 1 0 0 \n", "version 1\nregistrant 1\n",
		"version 1\nreservation 01 00\nregistrant 1 1 0 24 000000000000000000000000000000000000000000000000\n",
		"version 1\nregistrant 1 1 1 24 000000000000000000000000000000000000000000000000\n",
	};
	char text[256];
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		strcpy(text, bad[i]);
		empty();
		assert_int_equal(scsi_pr_text_get(t, text), -EINVAL);
	}
	strcpy(text, "version 1\nfuture thing\n\ngeneration 7");
	assert_int_equal(scsi_pr_text_get(t, text), 0);
	assert_int_equal(t->generation, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registering),
		cmocka_unit_test(strangers_conflict),
		cmocka_unit_test(reserving),
		cmocka_unit_test(holder_unregisters),
		cmocka_unit_test(clearing),
		cmocka_unit_test(preempting),
		cmocka_unit_test(access_matrix),
		cmocka_unit_test(lists),
		cmocka_unit_test(transport_ids),
		cmocka_unit_test(ports_elsewhere),
		cmocka_unit_test(spec_i_pt_and_all_tg_pt),
		cmocka_unit_test(listed_twice),
		cmocka_unit_test(moving),
		cmocka_unit_test(answers),
		cmocka_unit_test(file_image),
		cmocka_unit_test(state_text),
		cmocka_unit_test(bad_text),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
