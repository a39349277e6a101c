// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the command path of scst.ko: a driver and a handler of its own play all the timings an initiator cannot choose.
 *
 * A script gives the target "cmdtest" LUNs 0 (device ct_own, TST 1) and 1 (device ct_shared, TST 0) by sysfs and then writes the
 * name of a test into /sys/module/scst_cmdtest/parameters/run. The write fails when the test does.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "scst.h"

#define SLOTS	24
#define SESSIONS 4
#define HELD_MAX 64

enum mode { INLINE, HOLD, IRQ, LATER };
enum slot_state { FREE, INITED, GIVEN, RESPONDED };

struct slot {
	struct scst_cmd cmd;
	u8 cdb[16];
	enum mode mode;
	int state;		/* enum slot_state */
	unsigned int gen;
	unsigned long arrival;	/* own order of arrival, atomic counter */
	bool executed;
	bool handler_done;
	bool ordered, hoq;
	unsigned long exec_at;
	struct hrtimer timer;
	struct delayed_work work;
};

struct tsess {
	struct scst_sess sess;
	struct slot slots[SLOTS];
	bool live;
	struct completion released;
	atomic_t kicks;
	struct mutex order;	/* init: our numbers are the core's */
};

struct ttmf {
	struct scst_tmf tmf;
	struct completion done;
	unsigned long done_at;
};

static struct scst_driver drv;
static struct scst_handler handler;
static struct scst_tgt tgt;
static struct completion tgt_released;
static struct scst_dev devs[2];
static struct completion dev_released[2];
static struct tsess *ts[SESSIONS];
static atomic_long_t clock = ATOMIC_LONG_INIT(0);
static int errors;
static DEFINE_MUTEX(shared_order);

#define CHECK(cond, fmt, ...) do { \
	if (!(cond)) { \
		errors++; \
		pr_err_ratelimited("scst_cmdtest: %s:%d: " fmt "\n", __func__, __LINE__, ##__VA_ARGS__); \
	} \
} while (0)

static struct slot *to_slot(struct scst_cmd *cmd)
{
	return container_of(cmd, struct slot, cmd);
}

/* The state goes last and is read first: with it comes all else that stands in the slot. */
static int state(struct slot *s)
{
	return smp_load_acquire(&s->state); /* pairs with set_state() */
}

static void set_state(struct slot *s, enum slot_state to)
{
	smp_store_release(&s->state, to); /* pairs with state() */
}

static struct tsess *to_ts(struct scst_sess *sess)
{
	return container_of(sess, struct tsess, sess);
}

/* ---- driver */

static void queue_response(struct scst_cmd *cmd)
{
	struct slot *s = to_slot(cmd);

	CHECK(state(s) != RESPONDED && s->state != FREE, "second response");
	set_state(s, RESPONDED);
}

static void tmf_done(struct scst_tmf *tmf)
{
	struct ttmf *t = container_of(tmf, struct ttmf, tmf);

	t->done_at = atomic_long_inc_return(&clock);
	complete(&t->done);
}

static void kick(struct scst_sess *sess)
{
	atomic_inc(&to_ts(sess)->kicks);
}

/* ---- handler */

static struct slot *each_slot(int *i, int *j)
{
	for (; *i < SESSIONS; (*i)++, *j = 0)
		if (ts[*i] && READ_ONCE(ts[*i]->live) && *j < SLOTS)
			return &ts[*i]->slots[(*j)++];
	return NULL;
}

/* Its LUN was taken away: it never executes. */
static bool lun_gone(struct slot *s)
{
	struct scst_nexus *nexus;
	bool gone;

	rcu_read_lock();
	nexus = READ_ONCE(s->cmd.nexus);
	gone = !nexus || READ_ONCE(nexus->dead);
	rcu_read_unlock();
	return gone;
}

/* The order must hold: called as the core lets @s execute. */
static void check_order(struct slot *s)
{
	bool shared = !s->cmd.dev->tst;
	int i = 0, j = 0;
	struct slot *o;

	if (s->hoq)
		return;
	while ((o = each_slot(&i, &j))) {
		int st = state(o);

		if (o == s || (st != INITED && st != GIVEN) || READ_ONCE(o->handler_done) || READ_ONCE(o->cmd.aborted))
			continue;
		if (o->cmd.dev != s->cmd.dev || (!shared && o->cmd.sess != s->cmd.sess) || o->cmd.status)
			continue;
		if (READ_ONCE(o->arrival) >= s->arrival || !(s->ordered || o->ordered))
			continue;
		if (!READ_ONCE(o->executed) && lun_gone(o))
			continue;
		smp_rmb(); /* read again: it may just have ended and come anew; pairs with handler_end() */
		if (READ_ONCE(o->handler_done) || READ_ONCE(o->cmd.aborted) || READ_ONCE(o->arrival) >= s->arrival ||
		    state(o) == RESPONDED || READ_ONCE(o->state) == FREE)
			continue;
		CHECK(false, "order: %lu (ordered %d) runs before %lu (ordered %d state %d) %s", s->arrival, s->ordered,
		      o->arrival, o->ordered, o->state, shared ? "shared" : "own");
	}
}

static void handler_end(struct slot *s)
{
	WRITE_ONCE(s->handler_done, true);
	smp_wmb(); /* before the core learns of it; pairs with check_order() */
	scst_cmd_done(&s->cmd);
}

static enum hrtimer_restart timer_end(struct hrtimer *t)
{
	handler_end(container_of(t, struct slot, timer));
	return HRTIMER_NORESTART;
}

static void work_end(struct work_struct *w)
{
	handler_end(container_of(w, struct slot, work.work));
}

static void exec(struct scst_cmd *cmd)
{
	struct slot *s = to_slot(cmd);

	check_order(s);
	s->exec_at = atomic_long_inc_return(&clock);
	WRITE_ONCE(s->executed, true);
	switch (s->mode) {
	case INLINE:
		handler_end(s);
		break;
	case HOLD:
		break;
	case IRQ:
		hrtimer_start(&s->timer, ns_to_ktime(get_random_u32() % 300000), HRTIMER_MODE_REL_HARD);
		break;
	case LATER:
		schedule_delayed_work(&s->work, get_random_u32() % 3);
		break;
	}
}

static bool parse(struct scst_cmd *cmd)
{
	cmd->exec = exec;
	return true;
}

static bool supports(struct scst_dev *dev, unsigned int op)
{
	return op == SCSI_OP_ID_READ_10 || op == SCSI_OP_ID_WRITE_10;
}

static atomic_t resets;

static void reset(struct scst_dev *dev)
{
	atomic_inc(&resets);
}

/* ---- commands */

static void slot_init(struct slot *s)
{
	hrtimer_init(&s->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	s->timer.function = timer_end;
	INIT_DELAYED_WORK(&s->work, work_end);
}

static void take_in(struct tsess *t, struct slot *s, u8 opcode, int lun, u8 attr, enum mode mode)
{
	static u64 tag;

	memset(s->cdb, 0, sizeof(s->cdb));
	s->cdb[0] = opcode;
	if (opcode != SCSI_OP_TEST_UNIT_READY)
		s->cdb[8] = 1;
	s->mode = mode;
	s->gen++;
	s->executed = false;
	WRITE_ONCE(s->handler_done, false);
	s->ordered = attr == SCSI_ATTR_ORDERED && opcode != SCSI_OP_TEST_UNIT_READY;
	s->hoq = attr == SCSI_ATTR_HEAD_OF_QUEUE || opcode == SCSI_OP_TEST_UNIT_READY;
	s->cmd.sess = &t->sess;
	s->cmd.cdb = s->cdb;
	s->cmd.cdb_len = sizeof(s->cdb);
	s->cmd.edtl = opcode == SCSI_OP_TEST_UNIT_READY ? 0 : 512;
	s->cmd.expect_dir = opcode == SCSI_OP_WRITE_10 ? SCSI_DIR_TO : SCSI_DIR_FROM;
	s->cmd.attr = attr;
	s->cmd.tag = ++tag;
	memset(s->cmd.lun, 0, 8);
	s->cmd.lun[1] = lun;
	mutex_lock(&shared_order);
	s->arrival = atomic_long_inc_return(&clock);
	scst_cmd_init(&s->cmd);
	set_state(s, INITED);
	mutex_unlock(&shared_order);
}

static void give(struct slot *s)
{
	CHECK(s->state == INITED, "state %d", s->state);
	set_state(s, GIVEN);
	scst_cmd_execute(&s->cmd);
}

static bool responded(struct slot *s)
{
	return state(s) == RESPONDED;
}

static void end(struct slot *s)
{
	scst_cmd_finish(&s->cmd);
	set_state(s, FREE);
}

static void end_all(struct slot **s, unsigned int n)
{
	while (n--)
		end(s[n]);
}

#define END(...) \
	end_all((struct slot *[]){ __VA_ARGS__ }, sizeof((struct slot *[]){ __VA_ARGS__ }) / sizeof(struct slot *))

static bool wait_true(bool (*fn)(struct slot *), struct slot *s)
{
	int i;

	for (i = 0; i < 2000 && !fn(s); i++)
		usleep_range(500, 1000);
	return fn(s);
}

static bool executed(struct slot *s)
{
	return READ_ONCE(s->executed);
}

/* Unit attentions go first. */
static void tur(struct tsess *t, int lun, u32 want)
{
	struct slot *s = &t->slots[SLOTS - 1];

	take_in(t, s, SCSI_OP_TEST_UNIT_READY, lun, SCSI_ATTR_SIMPLE, INLINE);
	give(s);
	CHECK(wait_true(responded, s), "TUR hangs");
	CHECK((s->cmd.status ? s->cmd.sense.code : 0) == want, "sense %06x, wanted %06x", s->cmd.sense.code, want);
	end(s);
}

/* ---- sessions */

static void sess_released(void *obj)
{
	struct tsess *t = container_of((struct scst_sess *)obj, struct tsess, sess);

	complete(&t->released);
}

static int sess_open(int n)
{
	struct tsess *t = ts[n];
	char name[32];
	int res, i;

	memset(&t->sess, 0, sizeof(t->sess));
	init_completion(&t->released);
	snprintf(name, sizeof(name), "ini%d", n);
	res = scst_sess_register(&t->sess, &tgt, name, sess_released);
	if (res) {
		pr_err("scst_cmdtest: session: %d\n", res);
		return res;
	}
	for (i = 0; i < SLOTS; i++)
		t->slots[i].state = FREE;
	WRITE_ONCE(t->live, true);
	return 0;
}

static void sess_close(int n)
{
	struct tsess *t = ts[n];
	int i;

	if (!t->live)
		return;
	scst_sess_abort(&t->sess);
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &t->slots[i];

		if (s->state == INITED) {
			if (get_random_u32() & 1) {
				give(s);
			} else {
				scst_cmd_abandon(&s->cmd);
				end(s);
				continue;
			}
		}
		if (s->state == FREE)
			continue;
		if (s->mode == HOLD && s->executed && !s->handler_done)
			handler_end(s);
		CHECK(wait_true(responded, s), "close: slot %d state %d", i, s->state);
		end(s);
	}
	WRITE_ONCE(t->live, false);
	scst_sess_unregister(&t->sess);
	wait_for_completion(&t->released);
}

static int open_all(void)
{
	int i, lun, res = 0;

	for (i = 0; i < SESSIONS && !res; i++)
		res = sess_open(i);
	for (i = 0; i < SESSIONS && !res; i++)
		for (lun = 0; lun < 2; lun++)
			tur(ts[i], lun, SCSI_SENSE_UA_POWER_ON_RESET);
	return res;
}

static void close_all(void)
{
	int i;

	for (i = 0; i < SESSIONS; i++)
		sess_close(i);
}

/* ---- task management */

static void tmf_start(struct ttmf *f, struct tsess *t, u8 fn, int lun, u64 tag)
{
	memset(f, 0, sizeof(*f));
	init_completion(&f->done);
	f->tmf.sess = &t->sess;
	f->tmf.fn = fn;
	f->tmf.tag = tag;
	f->tmf.lun[1] = lun;
	scst_tmf_submit(&f->tmf);
}

static bool tmf_ends(struct ttmf *f)
{
	return wait_for_completion_timeout(&f->done, 3 * HZ);
}

static bool tmf_waits(struct ttmf *f)
{
	msleep(60);
	return !try_wait_for_completion(&f->done);
}

/* ---- tests */

static void order_on(int lun)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[lun]->slots[1], *o = &ts[0]->slots[2], *c = &ts[lun]->slots[3];
	struct slot *h = &ts[0]->slots[4], *o2 = &ts[lun]->slots[5], *w = &ts[0]->slots[6];

	take_in(ts[0], a, SCSI_OP_READ_10, lun, SCSI_ATTR_SIMPLE, HOLD);
	take_in(ts[lun], b, SCSI_OP_WRITE_10, lun, SCSI_ATTR_SIMPLE, HOLD);
	give(a);
	take_in(ts[0], o, SCSI_OP_WRITE_10, lun, SCSI_ATTR_ORDERED, HOLD);
	take_in(ts[lun], c, SCSI_OP_READ_10, lun, SCSI_ATTR_SIMPLE, INLINE);
	take_in(ts[lun], o2, SCSI_OP_READ_10, lun, SCSI_ATTR_ORDERED, INLINE);
	take_in(ts[0], w, SCSI_OP_READ_10, lun, SCSI_ATTR_SIMPLE, INLINE);
	give(w);
	give(o2);
	give(c);
	take_in(ts[0], h, SCSI_OP_READ_10, lun, SCSI_ATTR_HEAD_OF_QUEUE, INLINE);
	give(h);
	CHECK(responded(h), "HEAD OF QUEUE waits");
	give(o);
	handler_end(a);
	msleep(30);
	CHECK(!o->executed, "ORDERED overtakes a command that waits for data");
	give(b);
	msleep(30);
	CHECK(b->executed && !o->executed, "ORDERED runs too early");
	handler_end(b);
	CHECK(wait_true(executed, o), "ORDERED does not run");
	msleep(30);
	CHECK(!c->executed && !o2->executed && !w->executed, "younger command overtakes ORDERED");
	handler_end(o);
	CHECK(wait_true(responded, c) && wait_true(responded, o2) && wait_true(responded, w), "younger commands hang");
	CHECK(c->exec_at < o2->exec_at && o2->exec_at < w->exec_at, "younger ones run in the wrong order");
	END(a, b, o, c, h, o2, w);
}

static void test_order(void)
{
	order_on(0);
	order_on(1);
	/* Own task sets: another nexus is not concerned. */
	take_in(ts[0], &ts[0]->slots[0], SCSI_OP_READ_10, 0, SCSI_ATTR_ORDERED, HOLD);
	give(&ts[0]->slots[0]);
	take_in(ts[1], &ts[1]->slots[0], SCSI_OP_READ_10, 0, SCSI_ATTR_ORDERED, INLINE);
	give(&ts[1]->slots[0]);
	CHECK(responded(&ts[1]->slots[0]), "TST 1: waits for another nexus");
	handler_end(&ts[0]->slots[0]);
	end(&ts[0]->slots[0]);
	end(&ts[1]->slots[0]);
	/* Restricted reordering: everything is ordered. */
	devs[0].queue_alg = 0;
	take_in(ts[0], &ts[0]->slots[0], SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, HOLD);
	take_in(ts[0], &ts[0]->slots[1], SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(&ts[0]->slots[0]);
	give(&ts[0]->slots[1]);
	msleep(30);
	CHECK(!ts[0]->slots[1].executed, "QAM 0: overtakes");
	handler_end(&ts[0]->slots[0]);
	CHECK(wait_true(responded, &ts[0]->slots[1]), "QAM 0: hangs");
	end(&ts[0]->slots[0]);
	end(&ts[0]->slots[1]);
	devs[0].queue_alg = 1;
}

/* ABORT TASK of an executing command waits for its end. */
static void tmf_waiting(void)
{
	struct slot *a = &ts[0]->slots[0], *p = &ts[0]->slots[2];
	struct ttmf f, g, h;
	int r;

	take_in(ts[0], a, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, HOLD);
	give(a);
	tmf_start(&f, ts[0], SCST_TMF_ABORT_TASK, 0, a->cmd.tag);
	CHECK(tmf_waits(&f), "ABORT TASK does not wait");
	tmf_start(&g, ts[0], SCST_TMF_ABORT_TASK, 0, 0x123456789);
	CHECK(tmf_ends(&g) && g.tmf.result == SCST_TMF_NO_TASK, "no such task: %d", g.tmf.result);
	tmf_start(&g, ts[0], SCST_TMF_ABORT_TASK_SET, 77, 0);
	CHECK(tmf_ends(&g) && g.tmf.result == SCST_TMF_NO_LUN, "no such LUN: %d", g.tmf.result);
	/* Several at once; commands that come later are not waited for. */
	tmf_start(&g, ts[0], SCST_TMF_ABORT_TASK_SET, 0, 0);
	tmf_start(&h, ts[1], SCST_TMF_LUN_RESET, 0, 0);
	tur(ts[0], 0, SCSI_SENSE_UA_LUN_RESET);
	take_in(ts[0], p, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, HOLD);
	give(p);
	CHECK(p->executed && tmf_waits(&f) && tmf_waits(&g) && tmf_waits(&h), "one does not wait");
	r = atomic_read(&resets);
	handler_end(a);
	CHECK(responded(a) && a->cmd.no_response, "aborted command: no_response %d", a->cmd.no_response);
	CHECK(tmf_ends(&f) && tmf_ends(&g) && tmf_ends(&h), "functions hang");
	CHECK(atomic_read(&resets) == r + 1, "handler was not reset");
	handler_end(p);
	CHECK(responded(p) && !p->cmd.no_response && !p->cmd.status, "a later command was hit");
	END(a, p);
}

/* Waiting for data: kicked; parked: ended at once. */
static void tmf_at_once(void)
{
	struct slot *w = &ts[0]->slots[1], *p = &ts[0]->slots[2];
	struct ttmf f;
	int r;

	take_in(ts[0], w, SCSI_OP_WRITE_10, 0, SCSI_ATTR_ORDERED, INLINE);
	take_in(ts[0], p, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(p);
	CHECK(!p->executed, "not parked");
	r = atomic_read(&ts[0]->kicks);
	tmf_start(&f, ts[0], SCST_TMF_ABORT_TASK, 0, p->cmd.tag);
	CHECK(responded(p) && p->cmd.no_response && !p->executed && tmf_ends(&f), "parked command");
	tmf_start(&f, ts[0], SCST_TMF_ABORT_TASK, 0, w->cmd.tag);
	CHECK(atomic_read(&ts[0]->kicks) == r + 1 && tmf_waits(&f), "not kicked");
	give(w);
	CHECK(responded(w) && w->cmd.no_response && !w->executed && tmf_ends(&f), "command waiting for data");
	END(w, p);
}

/* LUN RESET by another nexus, TAS 0 and 1, on the shared device too. */
static void tmf_lun_reset(void)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[1]->slots[0];
	struct slot *o = &ts[0]->slots[3], *wb = &ts[1]->slots[1];
	struct ttmf f;
	int r;

	for (r = 0; r < 4; r++) {
		int lun = r & 1;

		devs[lun].tas = r >> 1;
		take_in(ts[0], a, SCSI_OP_READ_10, lun, SCSI_ATTR_SIMPLE, HOLD);
		give(a);
		take_in(ts[0], o, SCSI_OP_WRITE_10, lun, SCSI_ATTR_ORDERED, HOLD);
		give(o);
		take_in(ts[1], b, SCSI_OP_READ_10, lun, SCSI_ATTR_SIMPLE, HOLD);
		give(b);
		take_in(ts[1], wb, SCSI_OP_WRITE_10, lun, SCSI_ATTR_SIMPLE, HOLD);
		tmf_start(&f, ts[1], SCST_TMF_LUN_RESET, lun, 0);
		CHECK(responded(o), "parked ORDERED was not ended");
		CHECK(tmf_waits(&f), "LUN RESET does not wait");
		give(wb);
		handler_end(a);
		if (b->executed)
			handler_end(b);
		CHECK(tmf_ends(&f), "LUN RESET hangs");
		CHECK(responded(a) && responded(b) && responded(o) && responded(wb), "response after the function's");
		CHECK(b->cmd.no_response && wb->cmd.no_response && !a->cmd.no_response, "no_response is wrong");
		CHECK(a->cmd.status == (r >> 1 ? SCSI_TASK_ABORTED : SCSI_CHECK_CONDITION), "status %02x", a->cmd.status);
		CHECK(r >> 1 || o->cmd.sense.code == SCSI_SENSE_UA_COMMANDS_CLEARED, "sense %06x", o->cmd.sense.code);
		END(a, b, o, wb);
		tur(ts[0], lun, SCSI_SENSE_UA_LUN_RESET);
		tur(ts[2], lun, SCSI_SENSE_UA_LUN_RESET);
		tur(ts[1], lun, 0);
		devs[lun].tas = 0;
	}
	for (r = 0; r < SESSIONS; r++) {
		tmf_start(&f, ts[r], SCST_TMF_CLEAR_ACA, 0, 0);
		CHECK(tmf_ends(&f) && f.tmf.result == SCST_TMF_COMPLETE, "CLEAR ACA");
	}

}

/* CLEAR TASK SET: own task set, or the shared one. */
static void tmf_clear_task_set(void)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[1]->slots[0];
	struct ttmf f;
	int r;

	for (r = 0; r < 2; r++) {
		take_in(ts[0], a, SCSI_OP_READ_10, r, SCSI_ATTR_SIMPLE, HOLD);
		take_in(ts[1], b, SCSI_OP_READ_10, r, SCSI_ATTR_SIMPLE, HOLD);
		if (!r)
			tur(ts[3], 0, SCSI_SENSE_UA_LUN_RESET);
		give(a);
		give(b);
		CHECK(a->executed && b->executed, "do not run: %02x %02x", a->cmd.status, b->cmd.status);
		tmf_start(&f, ts[0], SCST_TMF_CLEAR_TASK_SET, r, 0);
		CHECK(READ_ONCE(b->cmd.aborted) == r, "CLEAR TASK SET hit %d", b->cmd.aborted);
		handler_end(b);
		handler_end(a);
		CHECK(tmf_ends(&f), "CLEAR TASK SET hangs");
		CHECK(a->cmd.no_response && !b->cmd.no_response, "no_response");
		END(a, b);
	}
}

/* TARGET RESET covers both LUNs; a session that ends does not wait for others' commands. */
static void tmf_target_reset(void)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[1]->slots[0];
	struct ttmf f, g;

	take_in(ts[0], a, SCSI_OP_READ_10, 1, SCSI_ATTR_SIMPLE, HOLD);
	give(a);
	take_in(ts[1], b, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, HOLD);
	give(b);
	tmf_start(&f, ts[2], SCST_TMF_TARGET_RESET, 0, 0);
	tmf_start(&g, ts[3], SCST_TMF_TARGET_RESET, 0, 0);
	CHECK(tmf_waits(&f) && tmf_waits(&g), "TARGET RESET does not wait");
	scst_sess_abort(&ts[3]->sess);
	CHECK(tmf_ends(&g), "TARGET RESET of an ending session hangs");
	handler_end(b);
	CHECK(tmf_waits(&f), "TARGET RESET does not wait for LUN 1");
	handler_end(a);
	CHECK(tmf_ends(&f), "TARGET RESET hangs");
	END(a, b);
	tur(ts[0], 0, SCSI_SENSE_UA_TARGET_RESET);
	tur(ts[0], 1, SCSI_SENSE_UA_TARGET_RESET);
	tmf_start(&f, ts[0], SCST_TMF_NEXUS_LOSS, 0, 0);
	CHECK(tmf_ends(&f), "NEXUS LOSS hangs");
}

static void test_tmf(void)
{
	tmf_waiting();
	tmf_at_once();
	tmf_lun_reset();
	tmf_clear_task_set();
	tmf_target_reset();
}

static void gates_park(void)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[0]->slots[1], *c = &ts[1]->slots[0];

	/* Quiesce parks, gives up after its time, resume runs. */
	take_in(ts[0], a, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, HOLD);
	give(a);
	CHECK(scst_dev_quiesce(&devs[0], 50) == -EBUSY, "quiesce did not wait");
	handler_end(a);
	end(a);
	CHECK(!scst_dev_quiesce(&devs[0], 1000), "quiesce failed");
	take_in(ts[0], b, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(b);
	take_in(ts[1], c, SCSI_OP_WRITE_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(c);
	CHECK(!b->executed && !c->executed, "quiesced device executes");
	WRITE_ONCE(devs[0].nblocks, 0);
	scst_dev_resume(&devs[0]);
	CHECK(wait_true(responded, b) && wait_true(responded, c), "resume");
	CHECK(b->cmd.sense.code == SCSI_SENSE_LBA_OUT_OF_RANGE, "parked across a shrink: %06x", b->cmd.sense.code);
	WRITE_ONCE(devs[0].nblocks, 1024);
	END(b, c);
	/* Session hold. */
	scst_sess_hold(&ts[0]->sess);
	take_in(ts[0], b, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(b);
	tur(ts[0], 0, 0);
	CHECK(!b->executed, "held session executes");
	scst_sess_release_hold(&ts[0]->sess);
	CHECK(wait_true(responded, b) && b->executed, "release");
	end(b);
}

/* Limits, refusals. */
static void gates_refuse(void)
{
	struct slot *a = &ts[0]->slots[0], *b = &ts[0]->slots[1];

	devs[0].max_tgt_dev_commands = 1;
	take_in(ts[0], a, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	take_in(ts[0], b, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	CHECK(b->cmd.status == SCSI_TASK_SET_FULL && !a->cmd.status, "limit: %02x %02x", a->cmd.status, b->cmd.status);
	give(b);
	give(a);
	END(a, b);
	devs[0].max_tgt_dev_commands = 0;
	take_in(ts[0], a, SCSI_OP_READ_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	CHECK(a->cmd.status == SCSI_BUSY, "limit 0: %02x", a->cmd.status);
	give(a);
	end(a);
	devs[0].max_tgt_dev_commands = 64;
	/* Local answers and refusals. */
	take_in(ts[0], a, SCSI_OP_WRITE_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	give(a);
	end(a);
	devs[0].read_only = true;
	take_in(ts[0], a, SCSI_OP_WRITE_10, 0, SCSI_ATTR_SIMPLE, INLINE);
	CHECK(a->cmd.sense.code == SCSI_SENSE_WRITE_PROTECTED, "%06x", a->cmd.sense.code);
	give(a);
	CHECK(responded(a) && !a->executed, "refused command");
	end(a);
	devs[0].read_only = false;
	take_in(ts[0], a, SCSI_OP_READ_10, 9, SCSI_ATTR_SIMPLE, INLINE);
	CHECK(a->cmd.sense.code == SCSI_SENSE_LUN_NOT_SUPPORTED, "%06x", a->cmd.sense.code);
	give(a);
	end(a);
}

static void test_gates(void)
{
	gates_park();
	gates_refuse();
}

/* ---- stress */

static bool stress_stop;

static void stress_one(struct tsess *t, struct slot *s)
{
	static const u8 ops[] = { SCSI_OP_READ_10, SCSI_OP_WRITE_10, SCSI_OP_READ_10, SCSI_OP_TEST_UNIT_READY };
	u32 r = get_random_u32();
	u8 attr = r % 16 == 0 ? SCSI_ATTR_ORDERED : r % 16 == 1 ? SCSI_ATTR_HEAD_OF_QUEUE : SCSI_ATTR_SIMPLE;
	enum mode modes[] = { INLINE, IRQ, INLINE, LATER };

	switch (state(s)) {
	case FREE:
		if (READ_ONCE(stress_stop))
			return;
		take_in(t, s, ops[(r >> 8) & 3], (r >> 16) & 1, attr, modes[(r >> 20) & 3]);
		if (s->cdb[0] == SCSI_OP_WRITE_10 && (r >> 24) % 4 == 0)
			return;
		give(s);
		break;
	case INITED:
		if (r % 3)
			give(s);
		break;
	case RESPONDED:
		end(s);
		break;
	}
}

/* All that was taken in before a reset is back at the driver when it is answered. */
static void stress_reset(struct tsess *t)
{
	static const u8 fns[] = { SCST_TMF_LUN_RESET, SCST_TMF_ABORT_TASK_SET, SCST_TMF_TARGET_RESET, SCST_TMF_CLEAR_TASK_SET };
	u32 rnd = get_random_u32();
	u8 fn = fns[rnd & 3];
	int lun = (rnd >> 8) & 1, i;
	unsigned int gen[SLOTS];
	bool mine[SLOTS];
	struct ttmf f;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &t->slots[i];
		int st = s->state;

		gen[i] = s->gen;
		mine[i] = (st == INITED || st == GIVEN) && (s->cmd.lun[1] == lun || fn == SCST_TMF_TARGET_RESET);
	}
	tmf_start(&f, t, fn, lun, 0);
	for (i = 0; i < SLOTS; i++)
		if (t->slots[i].state == INITED)
			give(&t->slots[i]);
	/* Others may have to give theirs. */
	for (i = 0; i < 6000 && !try_wait_for_completion(&f.done); i++)
		usleep_range(500, 1000);
	if (i == 6000) {
		CHECK(false, "function %d on LUN %d hangs", fn, lun);
		wait_for_completion(&f.done);
	}
	for (i = 0; i < SLOTS; i++)
		CHECK(!mine[i] || t->slots[i].gen != gen[i] || responded(&t->slots[i]), "function %d overtakes slot %d", fn, i);
}

static int stress_thread(void *arg)
{
	long n = (long)arg, i, rounds = 0;
	struct tsess *t = ts[n];

	while (!READ_ONCE(stress_stop)) {
		for (i = 0; i < SLOTS; i++)
			stress_one(t, &t->slots[i]);
		rounds++;
		if (rounds % 4 == 0)
			usleep_range(20, 300);
		if (get_random_u32() % 64 == 0)
			stress_reset(t);
		if (get_random_u32() % 512 == 0) {
			sess_close(n);
			if (sess_open(n)) {
				errors++;
				break;
			}
		}
		cond_resched();
	}
	pr_info("scst_cmdtest: session %ld: %ld rounds\n", n, rounds);
	while (!kthread_should_stop()) {
		for (i = 0; t->live && i < SLOTS; i++)
			stress_one(t, &t->slots[i]);
		usleep_range(1000, 2000);
	}
	return 0;
}

/* The device is quiesced: nothing of it executes, not even on a LUN that was taken away. */
static void check_quiet(struct scst_dev *dev)
{
	int i = 0, j = 0;
	struct slot *s;

	while ((s = each_slot(&i, &j)))
		CHECK(state(s) != GIVEN || !READ_ONCE(s->executed) || READ_ONCE(s->handler_done) ||
		      s->cmd.dev != dev || s->state != GIVEN, "quiesced device executes");
}

static unsigned int stress_seconds = 20;
module_param(stress_seconds, uint, 0644);

static void test_stress(void)
{
	struct task_struct *th[SESSIONS];
	unsigned long stop = jiffies + stress_seconds * HZ;
	long i;

	stress_stop = false;
	for (i = 0; i < SESSIONS; i++)
		th[i] = kthread_run(stress_thread, (void *)i, "cmdtest%ld", i);
	while (time_before(jiffies, stop)) {
		msleep(50 + get_random_u32() % 200);
		i = get_random_u32() & 1;
		if (!scst_dev_quiesce(&devs[i], 5000)) {
			check_quiet(&devs[i]);
			usleep_range(100, 5000);
			scst_dev_resume(&devs[i]);
		} else {
			CHECK(false, "quiesce timed out");
		}
	}
	WRITE_ONCE(stress_stop, true);
	for (i = 0; i < SESSIONS; i++)
		kthread_stop(th[i]);
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	void (*fn)(void) = NULL;
	int res;

	if (sysfs_streq(val, "order"))
		fn = test_order;
	else if (sysfs_streq(val, "tmf"))
		fn = test_tmf;
	else if (sysfs_streq(val, "gates"))
		fn = test_gates;
	else if (sysfs_streq(val, "stress"))
		fn = test_stress;
	else
		return -EINVAL;
	errors = 0;
	res = open_all();
	if (!res)
		fn();
	close_all();
	return res ? res : errors ? -EIO : 0;
}

static const struct kernel_param_ops run_ops = { .set = run_set };
module_param_cb(run, &run_ops, NULL, 0200);

/* ---- module */

static void released(void *obj)
{
	complete(obj == &tgt ? &tgt_released : obj == &devs[0] ? &dev_released[0] : &dev_released[1]);
}

static int enable(struct scst_tgt *t, bool on)
{
	return 0;
}

static struct scst_driver drv = {
	.name = "cmdtest",
	.owner = THIS_MODULE,
	.queue_response = queue_response,
	.tmf_done = tmf_done,
	.kick = kick,
	.enable = enable,
};

static struct scst_handler handler = {
	.name = "cmdtest",
	.owner = THIS_MODULE,
	.threads_num = -1,
	.parse = parse,
	.supports = supports,
	.reset = reset,
};

static int __init cmdtest_init(void)
{
	int i, j, res;

	for (i = 0; i < SESSIONS; i++) {
		ts[i] = kvzalloc(sizeof(*ts[i]), GFP_KERNEL);
		if (!ts[i])
			return -ENOMEM;
		for (j = 0; j < SLOTS; j++)
			slot_init(&ts[i]->slots[j]);
	}
	init_completion(&tgt_released);
	res = scst_handler_register(&handler);
	if (!res)
		res = scst_driver_register(&drv);
	for (i = 0; i < 2 && !res; i++) {
		init_completion(&dev_released[i]);
		devs[i].block_shift = 9;
		devs[i].nblocks = 1024;
		devs[i].queue_alg = 1;
		devs[i].tst = !i;
		res = scst_dev_register(&devs[i], &handler, i ? "ct_shared" : "ct_own", released);
	}
	if (!res)
		res = scst_tgt_register(&tgt, &drv, "cmdtest", released);
	return res;
}

static void __exit cmdtest_exit(void)
{
	int i;

	scst_tgt_unregister(&tgt);
	wait_for_completion(&tgt_released);
	for (i = 0; i < 2; i++) {
		scst_dev_unregister(&devs[i]);
		wait_for_completion(&dev_released[i]);
	}
	scst_driver_unregister(&drv);
	scst_handler_unregister(&handler);
	for (i = 0; i < SESSIONS; i++)
		kvfree(ts[i]);
}

module_init(cmdtest_init);
module_exit(cmdtest_exit);
MODULE_DESCRIPTION("Test of the command path of the SCSI target mid-layer");
MODULE_LICENSE("GPL");
