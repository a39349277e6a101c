# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Task sets as SAM-5 has them: who waits for whom, who overtakes whom, what is full, what QErr, TAS and the task management
# functions abort and who is told how; unit attentions in their order. A WRITE whose data are held back is the command that
# does not end, so nothing here depends on time.
#   LUN 0: one task set per nexus (TST 1)     LUN 1: one for all (TST 0)
# check: 6.12
# timeout: 400
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:set
scst_up
add_target $T
open_nullio own size_mb=64
open_nullio shared size_mb=64 tst=0
open_nullio spare size_mb=64
add_lun $T 0 own
add_lun $T 1 shared
put 1 $ISCSI/$T/aen_disabled	# unit attentions are what is looked at
enable_target $T
cat > "$TESTDIR/set.py" <<'PY'
import faulthandler, os, struct, sys, threading, time
import iscsi
faulthandler.dump_traceback_later(330, exit=True)
T = sys.argv[1]
R = '/sys/kernel/scst_tgt/'
OWN, SHARED = 0, 1
SIMPLE, ORDERED, HEAD, ACA = 1, 2, 3, 4
ABORT_TASK, ABORT_TASK_SET, CLEAR_ACA, CLEAR_TASK_SET, LUN_RESET = 1, 2, 3, 4, 5
TASK_ABORTED, CLEARED = 0x40, (6, 0x2f, 0)
DATA = bytes(1024)
WRITE = struct.pack('>BBIxHx', 0x2a, 0, 0, 2)
READ = struct.pack('>BBIxHx', 0x28, 0, 0, 1)

def put(text, path):
    fd = os.open(R + path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)

def login(name, **how):
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + name, keys={'InitialR2T': 'Yes'}, **how)

a, b = login('a'), login('b')

def settle():
    for s in a, b:
        s.settle(OWN), s.settle(SHARED)

class Held:
    """A WRITE in the task set whose data do not come yet."""
    def __init__(self, s, lun, attr=SIMPLE):
        self.s, self.lun = s, lun
        self.itt = s.start(WRITE, lun, write=DATA, immediate_data=False, attr=attr)
        self.refcmdsn = s.cmdsn - 1
        self.r2t = s.wait_for(iscsi.R2T, iscsi.SCSI_RSP, itt=self.itt)
        assert self.r2t.opcode == iscsi.R2T, 'status %d' % self.r2t.status

    def data(self):
        self.s._answer_r2t(self.r2t, DATA, self.lun)

    def end(self):
        self.data()
        return self.s.finish(self.itt, DATA, self.lun)

def start(s, lun, cdb=READ, attr=SIMPLE):
    return s.start(cdb, lun, read=512, attr=attr)

def ends(s, itt):
    r = s.finish(itt)
    assert r.status == iscsi.GOOD, r

def answered(s):
    """Tags of the commands that have ended, in order of their end. The ping comes after all that."""
    s.ping(b'x')
    time.sleep(0.3)
    s.ping(b'x')
    return [p.itt for p in s.queue if p.opcode == iscsi.SCSI_RSP or (p.opcode == iscsi.DATA_IN and p.flags & 1)]

def silent(s, *itts):
    got = answered(s)
    assert not set(got) & set(itts), 'answered: %s of %s' % (got, itts)

def nothing_left():
    settle()
    for s in a, b:
        got = answered(s)
        assert not got, 'answered without being asked: %s' % got

def told(s, lun):
    """Unit attentions, in their order."""
    got = []
    for _ in range(9):
        r = s.test_unit_ready(lun)
        if r.status == iscsi.GOOD:
            return got
        got.append(r.asc)
    raise AssertionError('unit attentions do not end')

def step(text):
    print('==', text, flush=True)

def control(s, lun, qerr, tas):
    """MODE SELECT(6) of the Control page."""
    r = s.scsi(bytes([0x1a, 0x08, 0x0a, 0, 64, 0]), lun, read=64)
    assert r.status == iscsi.GOOD, r
    page = bytearray(r.data[4:16])
    page[0] &= 0x3f
    page[3] = (page[3] & ~0x06) | qerr << 1
    page[5] = (page[5] & ~0x40) | tas << 6
    data = bytes(4) + bytes(page)
    r = s.scsi(bytes([0x15, 0x10, 0, 0, len(data), 0]), lun, write=data)
    assert r.status == iscsi.GOOD, r
    settle()

def fault(s, lun):
    """A command that ends with CHECK CONDITION."""
    r = s.scsi(struct.pack('>BBIxHx', 0x28, 0, 0x7fffffff, 1), lun, read=512)
    assert r.asc == (5, 0x21, 0), r

step('a new nexus has POWER ON, once')
assert told(a, OWN) == [(6, 0x29, 0)]
settle()

step('a full task set')
put('2', 'devices/own/max_tgt_dev_commands')
held = [Held(a, OWN), Held(a, OWN)]
assert a.test_unit_ready(OWN).status == iscsi.SET_FULL
assert b.test_unit_ready(OWN).status == iscsi.GOOD, 'the limit is each nexus\'s own'
for h in held:
    assert h.end().status == iscsi.GOOD
assert a.test_unit_ready(OWN).status == iscsi.GOOD
put('0', 'devices/own/max_tgt_dev_commands')
assert a.test_unit_ready(OWN).status == iscsi.BUSY, 'none in it: not full but busy'
put('64', 'devices/own/max_tgt_dev_commands')

step('SIMPLE commands do not wait for each other')
for lun in OWN, SHARED:
    h = Held(a, lun)
    ends(a, start(a, lun))
    assert h.end().status == iscsi.GOOD

for lun in OWN, SHARED:
    # Which of two has run first is seen by the data the first one lacks: responses may still pass each other on their way.
    step('ORDERED waits for what is older, what is younger waits for it: LUN %d' % lun)
    h, o1 = Held(a, lun), Held(a, lun, ORDERED)
    s1, s2 = start(a, lun), start(a, lun)
    o2 = Held(a, lun, ORDERED)
    s3 = start(a, lun)
    o2.data()
    silent(a, o1.itt, s1, s2, o2.itt, s3)
    assert h.end().status == iscsi.GOOD
    silent(a, o1.itt, s1, s2, o2.itt, s3)
    assert o1.end().status == iscsi.GOOD
    for itt in s1, s2, s3:
        ends(a, itt)
    assert a.finish(o2.itt, DATA, lun).status == iscsi.GOOD
    h, o1 = Held(a, lun), Held(a, lun, ORDERED)
    s1 = start(a, lun)
    o1.data()
    silent(a, o1.itt, s1)
    assert h.end().status == iscsi.GOOD
    assert a.finish(o1.itt, DATA, lun).status == iscsi.GOOD
    ends(a, s1)
    h, o1 = Held(a, lun), start(a, lun, attr=ORDERED)
    o2 = Held(a, lun, ORDERED)
    s1 = start(a, lun)
    silent(a, o1, o2.itt, s1)
    assert h.end().status == iscsi.GOOD
    ends(a, o1)
    silent(a, o2.itt, s1)
    assert o2.end().status == iscsi.GOOD
    ends(a, s1)
    a.queue.clear()

    step('HEAD OF QUEUE, explicit and implicit, waits for nothing')
    h = Held(a, lun)
    o = start(a, lun, attr=ORDERED)
    s = start(a, lun)
    ends(a, start(a, lun, attr=HEAD))
    assert a.test_unit_ready(lun).status == iscsi.GOOD
    assert a.inquiry(lun).status == iscsi.GOOD
    assert a.report_luns().status == iscsi.GOOD
    assert a.scsi(bytes([0x25]) + bytes(9), lun, read=8).status == iscsi.GOOD
    assert a.scsi(bytes([0x9e, 0x10]) + bytes(11) + bytes([32, 0, 0]), lun, read=32).status == iscsi.GOOD
    silent(a, o, s)
    h.data()
    ends(a, s)
    ends(a, o)
    a.queue.clear()

step('the order is that of a task set: TST 1 of the nexus, TST 0 of all')
h = Held(a, OWN)
o = start(b, OWN, attr=ORDERED)
ends(b, o)
assert h.end().status == iscsi.GOOD
h = Held(a, SHARED)
o = start(b, SHARED, attr=ORDERED)
s = start(b, SHARED)
late = start(a, SHARED)
silent(b, o, s), silent(a, late)
ends(b, start(b, OWN))
h.data()
ends(b, s), ends(b, o), ends(a, late)
a.queue.clear(), b.queue.clear()

step('HEAD OF QUEUE overtakes what is parked')
put('1', 'devices/own/block')
s1, s2 = start(a, OWN), start(a, OWN)
head = start(a, OWN, attr=HEAD)
silent(a, s1, s2, head)
put('0', 'devices/own/block')
ends(a, s2)
order = answered(a)
assert order.index(head) < order.index(s1), order
a.queue.clear()

step('no ACA: vm/aca has the rest')
r = a.scsi(READ, OWN, read=512, attr=ACA)
assert r.status == iscsi.CHECK_CONDITION and r.asc[1] == 0x49, r
r = a.scsi(READ[:9] + bytes([4]), OWN, read=512)
assert r.status == iscsi.GOOD, r
assert a.task_management(CLEAR_ACA, OWN) == 0

step('ABORT TASK')
h, other = Held(a, OWN), Held(a, OWN)
h.data()
ends_as = a.finish(h.itt).status
assert ends_as == iscsi.GOOD
assert a.task_management(ABORT_TASK, OWN, h.itt, h.refcmdsn) in (0, 1)
h = Held(a, OWN)
itt = a.next_itt()
a.send(iscsi.tmf(itt, a.cmdsn, ABORT_TASK, OWN, h.itt, h.refcmdsn))
h.data()
assert a.wait_for(iscsi.TMF_RSP, itt=itt).response == 0
silent(a, h.itt)
assert other.end().status == iscsi.GOOD, 'another command was aborted'
parked = Held(a, OWN)
o = start(a, OWN, attr=ORDERED)
assert a.task_management(ABORT_TASK, OWN, o, a.cmdsn - 1) == 0, 'one that waits for its turn'
assert parked.end().status == iscsi.GOOD
nothing_left()

def function(fn, lun, *held):
    """Task management by a while WRITEs are held; their data come after it, as RFC 7143 4.2.3 wants."""
    itt = a.next_itt()
    a.send(iscsi.tmf(itt, a.cmdsn, fn, lun))
    time.sleep(0.5)
    for h in held:
        h.data()
    r = a.wait_for(iscsi.TMF_RSP, itt=itt).response
    assert r == 0, r

step('ABORT TASK SET: one nexus, one LUN')
mine, theirs, elsewhere = Held(a, SHARED), Held(b, SHARED), Held(a, OWN)
function(ABORT_TASK_SET, SHARED, mine)
silent(a, mine.itt)
assert theirs.end().status == iscsi.GOOD
assert elsewhere.end().status == iscsi.GOOD
nothing_left()

for tas in 0, 1:
    step('CLEAR TASK SET: TST decides whose, TAS=%d how the others hear of it' % tas)
    control(a, SHARED, 0, tas)
    control(a, OWN, 0, tas)
    mine, theirs = Held(a, OWN), Held(b, OWN)
    function(CLEAR_TASK_SET, OWN, mine)
    silent(a, mine.itt)
    assert theirs.end().status == iscsi.GOOD, 'TST 1: not theirs'
    mine, theirs = Held(a, SHARED), Held(b, SHARED)
    function(CLEAR_TASK_SET, SHARED, mine, theirs)
    silent(a, mine.itt)
    r = b.finish(theirs.itt)
    assert r.status == TASK_ABORTED if tas else r.asc == CLEARED, r
    nothing_left()

for qerr in 0, 1, 3:
    for tas in 0, 1:
        step('QErr %d, TAS %d' % (qerr, tas))
        control(a, SHARED, qerr, tas)
        mine, theirs, elsewhere = Held(a, SHARED), Held(b, SHARED), Held(a, OWN)
        fault(a, SHARED)
        mine.data(), theirs.data()
        if qerr:
            silent(a, mine.itt)
        else:
            assert a.finish(mine.itt).status == iscsi.GOOD
        r = b.finish(theirs.itt)
        if qerr != 1:
            assert r.status == iscsi.GOOD, r
        else:
            assert r.status == TASK_ABORTED if tas else r.asc == CLEARED, r
        assert elsewhere.end().status == iscsi.GOOD
        nothing_left()
control(a, SHARED, 0, 0)

step('a reset is not kept waiting by data that were announced and never offered')
lazy = login('lazy', isid=bytes([0x80, 0, 0, 0, 0, 9]))
lazy.settle(SHARED)
lazy.sock.settimeout(5)
for edtl in 0, 512:
    itt = lazy.next_itt()
    lazy.send(iscsi.scsi_command(itt, lazy.cmdsn, WRITE, SHARED, edtl=edtl, write=True))
    lazy.cmdsn += 1
    time.sleep(0.3)
    before = time.time()
    assert a.task_management(LUN_RESET, SHARED) == 0
    print('edtl %d: reset after %.1f s' % (edtl, time.time() - before), flush=True)
    assert time.time() - before < 15
lazy.close()
settle()

step('commands that come right behind a function are none of its')
for fn in ABORT_TASK_SET, CLEAR_TASK_SET, LUN_RESET:
    for _ in range(20):
        f, c = a.next_itt(), a.next_itt()
        a.send_raw(a.encode(iscsi.tmf(f, a.cmdsn, fn, OWN)) + a.encode(iscsi.scsi_command(c, a.cmdsn, bytes(6), OWN)))
        a.cmdsn += 1
        assert a.wait_for(iscsi.TMF_RSP, itt=f).response == 0
        r = a.finish(c, lun=OWN)
        assert r.status == iscsi.GOOD or r.asc[0] == 6, r
    settle()
nothing_left()

step('unit attentions: the reset first, then what changed, each once; REQUEST SENSE and REPORT LUNS tell as well')
assert a.task_management(LUN_RESET, OWN) == 0
put('32', 'devices/own/size_mb')
put('serial1', 'devices/own/usn')
put('add spare 2', 'targets/iscsi/%s/luns/mgmt' % T)
assert told(b, OWN) == [(6, 0x29, 3), (6, 0x2a, 9), (6, 0x3f, 3), (6, 0x3f, 0x0e)]
assert told(b, SHARED) == [], 'LUNs changed is told once per session'
assert a.inquiry(OWN).status == iscsi.GOOD, 'INQUIRY passes'
r = a.scsi(bytes([3, 0, 0, 0, 252, 0]), OWN, read=252)
assert r.status == iscsi.GOOD and (r.data[2] & 15, r.data[12], r.data[13]) == (6, 0x2a, 9), r.data
assert a.report_luns().status == iscsi.GOOD
assert told(a, OWN) == [(6, 0x3f, 3)], 'REPORT LUNS has told of the LUNs'
put('del 2', 'targets/iscsi/%s/luns/mgmt' % T)
assert a.report_luns().status == iscsi.GOOD
settle()

step('nexus loss: aborted, told 29/07 and not 29/00; others go on')
Held(a, OWN)
theirs = Held(b, SHARED)
again = login('a')
assert a.wait_closed(), 'the old session stays'
assert told(again, OWN) == [(6, 0x29, 7)]
assert theirs.end().status == iscsi.GOOD
assert told(b, OWN) == [] and told(b, SHARED) == []
again.logout(), b.logout()
PY
run timeout 350 python3 "$TESTDIR/set.py" $T
