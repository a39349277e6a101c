# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Auto contingent allegiance and unit attention interlock: who is answered what while a nexus is faulted, what waits and goes
# on afterwards, what ends the condition; TST 0 and 1, QErr, TMF_ONLY; unit attentions that only REQUEST SENSE ends.
#   LUN 0, 2: one task set per nexus (TST 1)     LUN 1, 3: one for all (TST 0)
# check: 6.12
# timeout: 240
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:aca
scst_up
add_target $T
open_nullio own size_mb=64
open_nullio shared size_mb=64 tst=0
add_lun $T 0 own
add_lun $T 1 shared
open_fileio ownfile "$(mkdisk aca_own 8)"
open_fileio sharedfile "$(mkdisk aca_shared 8)" tst=0
add_lun $T 2 ownfile
add_lun $T 3 sharedfile
put 1 $ISCSI/$T/aen_disabled	# unit attentions are what is looked at
enable_target $T
cat > "$TESTDIR/aca.py" <<'PY'
import struct, sys
import iscsi
from kit import must
T = sys.argv[1]
OWN, SHARED = 0, 1
SIMPLE, ORDERED, HEAD, ACA = 1, 2, 3, 4
ABORT_TASK_SET, CLEAR_ACA, CLEAR_TASK_SET, LUN_RESET = 2, 3, 4, 5
GOOD, CHECK, BUSY, CONFLICT, FULL, ACTIVE = 0, 2, 8, 0x18, 0x28, 0x30
DATA = bytes(1024)
READ = struct.pack('>BBIxHx', 0x28, 0, 0, 1)
WRITE = struct.pack('>BBIxHx', 0x2a, 0, 0, 2)
BAD = struct.pack('>BBIxHx', 0x28, 0, 0x7fffffff, 1)
MODE_CHANGED, MESSAGE, RANGE = (6, 0x2a, 1), (5, 0x49, 0), (5, 0x21, 0)


def naca(cdb):
    return cdb[:-1] + b'\x04'


def login(name):
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + name, keys={'InitialR2T': 'Yes'})


a, b = login('a'), login('b')


def settle():
    for s in a, b:
        s.settle(OWN), s.settle(SHARED)


def read(s, lun, attr=SIMPLE, cdb=READ):
    return s.scsi(cdb, lun, read=512, attr=attr)


def status(s, lun, want, what, attr=SIMPLE, cdb=READ):
    r = read(s, lun, attr, cdb)
    must(r.status == want, '%s: %r' % (what, r))
    return r


def fault(s, lun, attr=SIMPLE):
    r = read(s, lun, attr, naca(BAD))
    must(r.asc == RANGE, 'CHECK CONDITION with NACA: %r' % r)


def clear(s, lun):
    must(s.task_management(CLEAR_ACA, lun) == 0, 'CLEAR ACA')


def control(s, lun, qerr=0, tmf_only=0, interlock=0, settled=True):
    r = s.scsi(bytes([0x1a, 0x08, 0x0a, 0, 64, 0]), lun, read=64)
    page = bytearray(r.data[4:16])
    page[0] &= 0x3f
    page[2] = (page[2] & ~0x10) | tmf_only << 4
    page[3] = (page[3] & ~0x06) | qerr << 1
    page[4] = (page[4] & ~0x30) | interlock << 4
    data = bytes(4) + bytes(page)
    r = s.scsi(bytes([0x15, 0x10, 0, 0, len(data), 0]), lun, write=data)
    must(r.status == GOOD, 'MODE SELECT: %r' % r)
    if settled:
        settle()


class Held:
    """A WRITE in the task set whose data do not come yet."""
    def __init__(self, s, lun):
        self.s, self.lun = s, lun
        self.itt = s.start(WRITE, lun, write=DATA, immediate_data=False)
        self.r2t = s.wait_for(iscsi.R2T, iscsi.SCSI_RSP, itt=self.itt)
        must(self.r2t.opcode == iscsi.R2T, 'a WRITE waits for data')

    def data(self):
        self.s._answer_r2t(self.r2t, DATA, self.lun)
        self.s.ping(b'x')

    def silent(self):
        self.s.ping(b'x')
        must(not [p for p in self.s.queue if p.opcode == iscsi.SCSI_RSP and p.itt == self.itt], 'it waits')

    def end(self, want=GOOD):
        r = self.s.finish(self.itt, DATA, self.lun)
        must(r.status == want, 'it ends: %r' % r)
        return r


print('== without one')
settle()
must(a.inquiry(OWN).data[3] == 0x22, 'NORMACA is told')
status(a, OWN, GOOD, 'NACA alone', cdb=naca(READ))
r = status(a, OWN, CHECK, 'the ACA attribute', attr=ACA)
must(r.asc == MESSAGE, 'is an invalid message: %r' % r)
clear(a, OWN)
r = status(a, OWN, CHECK, 'an error without NACA', cdb=BAD)
status(a, OWN, GOOD, 'establishes none')

print('== commands that are not even understood')
for what, cdb, asc, active in (('a reserved bit', bytes([0, 1, 0, 0, 0, 4]), (5, 0x24, 0), True),
                               ('an unknown code', bytes([0x13, 0, 0, 0, 0, 4]), (5, 0x20, 0), True),
                               ('an unknown service action', bytes([0x9e, 0x1f] + [0] * 13 + [4]), (5, 0x24, 0), True),
                               ('a code of unknown length', bytes([0xc1] + [4] * 15), (5, 0x20, 0), False)):
    for lun in OWN, SHARED:
        r = a.scsi(cdb, lun)
        must(r.asc == asc, '%s with NACA: %r' % (what, r))
        status(a, lun, ACTIVE if active else GOOD, 'establishes one' if active else 'establishes none')
        clear(a, lun)
        status(a, lun, GOOD, 'over')

for lun in OWN, SHARED:
    print('== LUN %d' % lun)
    h, g = Held(a, lun), Held(b, lun)
    fault(a, lun)
    for attr in SIMPLE, ORDERED, HEAD:
        status(a, lun, ACTIVE, 'the faulted nexus, attribute %d' % attr, attr)
    must(a.test_unit_ready(lun).status == ACTIVE, 'TEST UNIT READY too')
    h.data()
    h.silent()
    if lun == OWN:
        status(b, lun, GOOD, 'another task set')
        r = status(b, lun, CHECK, 'where the ACA attribute means nothing', attr=ACA)
        must(r.asc == MESSAGE, '%r' % r)
        g.data()
        g.end()
    else:
        status(b, lun, BUSY, 'the same task set')
        status(b, lun, ACTIVE, 'with NACA', cdb=naca(READ))
        clear(b, lun)
        status(a, lun, ACTIVE, 'only the faulted nexus clears it')
        g.data()
        g.silent()
    status(a, lun, GOOD, 'a command with the ACA attribute', ACA)
    status(a, lun, ACTIVE, 'still there')
    clear(a, lun)
    h.end()
    if lun == SHARED:
        g.end()
    status(a, lun, GOOD, 'over')
    status(b, lun, GOOD, 'for both')

    print('== LUN %d: one command with the attribute at a time; CLEAR ACA aborts it' % lun)
    fault(a, lun)
    itt = a.start(WRITE, lun, write=DATA, immediate_data=False, attr=ACA)
    must(a.wait_for(iscsi.R2T, iscsi.SCSI_RSP, itt=itt).opcode == iscsi.R2T, 'the first')
    status(a, lun, ACTIVE, 'the second', ACA)
    clear(a, lun)
    a.ping(b'x')
    must(not [p for p in a.queue if p.itt == itt and p.opcode == iscsi.SCSI_RSP], 'the first is not answered')
    status(a, lun, GOOD, 'over')

    print('== LUN %d: an error of the command with the attribute' % lun)
    fault(a, lun)
    fault(a, lun, ACA)
    status(a, lun, ACTIVE, 'with NACA: there is one again')
    r = status(a, lun, CHECK, 'without', ACA, BAD)
    status(a, lun, GOOD, 'that ends it')

    print('== LUN %d: what else ends it, what does not' % lun)
    fault(a, lun)
    must(a.task_management(ABORT_TASK_SET, lun) == 0, 'ABORT TASK SET')
    status(a, lun, ACTIVE, 'still there')
    must(a.task_management(CLEAR_TASK_SET, lun) == 0, 'CLEAR TASK SET')
    status(a, lun, ACTIVE, 'still there')
    must(b.task_management(LUN_RESET, lun) == 0, 'LOGICAL UNIT RESET by another')
    settle()
    status(a, lun, GOOD, 'over')
    c = login('c').settle(lun)
    fault(c, lun)
    g = Held(b, lun) if lun == OWN else None
    c.logout()
    c.close()
    if g:
        g.data()
        g.end()
    for _ in range(200):
        if read(b, lun).status == GOOD:
            break
    status(b, lun, GOOD, 'the faulted nexus has gone')

    print('== LUN %d: QErr, TMF_ONLY' % lun)
    control(a, lun, qerr=1)
    h, g = Held(a, lun), Held(b, lun)
    fault(a, lun)
    if lun == OWN:
        g.data()
        g.end()
    status(a, lun, ACTIVE, 'established')
    clear(a, lun)
    a.ping(b'x')
    must(not [p for p in a.queue if p.itt == h.itt and p.opcode == iscsi.SCSI_RSP], 'what it held is gone')
    settle()
    if lun == SHARED:
        b.queue.clear()
    control(a, lun, tmf_only=1)
    fault(a, lun)
    status(a, lun, ACTIVE, 'not even the ACA attribute passes', ACA)
    clear(a, lun)
    status(a, lun, GOOD, 'over')
    control(a, lun)

print('== a unit attention with NACA')
control(b, OWN, settled=False)
control(b, OWN, qerr=3, settled=False)
r = read(a, OWN, cdb=naca(READ))
must(r.asc == MODE_CHANGED, '%r' % r)
status(a, OWN, ACTIVE, 'establishes one too')
clear(a, OWN)
status(a, OWN, GOOD, 'the attention was told')
control(b, OWN)

MISCOMPARE = (0xe, 0x1d, 0)


def fails_before(lun, lba, data):
    """An ORDERED command that fails, with NACA, and an ORDERED WRITE behind it, sent at once; tag and response of the latter."""
    caw, behind = a.next_itt(), a.next_itt()
    cdb = struct.pack('>BBQ3xBBB', 0x89, 0, 0, 1, 0, 4)
    a.send_raw(a.encode(iscsi.scsi_command(caw, a.cmdsn, cdb, lun, edtl=1024, write=True, attr=ORDERED), b'?' * 1024) +
               a.encode(iscsi.scsi_command(behind, a.cmdsn + 1, struct.pack('>BBIxHx', 0x2a, 0, lba, 1), lun, edtl=512,
                                           write=True, attr=ORDERED), data))
    a.cmdsn += 2
    r = a.finish(caw, lun=lun)
    must(r.asc == MISCOMPARE, 'COMPARE AND WRITE fails: %r' % r)
    return behind


def outcome(itt):
    """Its status, None: it waits, or will never be answered."""
    a.ping(b'x')
    got = [p for p in a.queue if p.opcode == iscsi.SCSI_RSP and p.itt == itt]
    a.queue = [p for p in a.queue if p not in got]
    return got[0].status if got else None


def block(lun, lba, attr=SIMPLE):
    r = a.scsi(struct.pack('>BBIxHx', 0x28, 0, lba, 1), lun, read=512, attr=attr)
    must(r.status == GOOD, 'READ: %r' % r)
    return r.data


for lun in 2, 3:
    print('== LUN %d: what waits for its turn behind a command that fails' % lun)
    a.settle(lun), b.settle(lun)
    waited = 0
    for i in range(100):
        old, new = block(lun, i + 1), bytes([i + 1]) * 512
        itt = fails_before(lun, i + 1, new)
        how = outcome(itt)
        must(how in (None, ACTIVE) and block(lun, i + 1, ACA) == old, 'round %d: while there is one, nothing is written' % i)
        clear(a, lun)
        if how is None:
            waited += 1
            r = a.finish(itt, lun=lun)
            must(r.status == GOOD and block(lun, i + 1) == new, 'then it is: %r' % r)
    must(waited, 'it was in the task set in %d rounds' % waited)
    control(a, lun, qerr=1)
    a.settle(lun), b.settle(lun)
    for i in range(100):
        old = block(lun, i + 1)
        itt = fails_before(lun, i + 1, bytes([i + 101]) * 512)
        must(outcome(itt) in (None, ACTIVE), 'round %d, QErr 1: not executed' % i)
        clear(a, lun)
        must(outcome(itt) is None and block(lun, i + 1) == old, 'round %d, QErr 1: nothing is written' % i)
    control(a, lun)
    a.settle(lun), b.settle(lun)

print('== PREEMPT AND ABORT by another nexus of the task set')


def pr_out(s, action, kind=0, key=0, new=0, attr=SIMPLE):
    return s.scsi(struct.pack('>BBBxxIx', 0x5f, action, kind, 24), SHARED, write=struct.pack('>QQ8x', key, new), attr=attr).status


must(pr_out(a, 0, 0, 0, 1) == GOOD and pr_out(b, 0, 0, 0, 2) == GOOD, 'registered')
fault(a, SHARED)
must(pr_out(b, 1, 5, 2) == BUSY, 'RESERVE has to wait')
must(pr_out(b, 5, 5, 2, 1) == GOOD, 'PREEMPT AND ABORT passes')
status(b, SHARED, GOOD, 'and has ended it')
must(pr_out(b, 3, 0, 2) == GOOD, 'CLEAR')
settle()


def sense(s, lun):
    d = s.scsi(bytes([3, 0, 0, 0, 252, 0]), lun, read=252).data
    return d[2] & 15, d[12], d[13]


print('== unit attention interlock')
control(a, SHARED, interlock=2, settled=False)
for i in range(3):
    must(b.test_unit_ready(SHARED).asc == MODE_CHANGED, 'told again and again')
must(sense(b, SHARED) == MODE_CHANGED and sense(b, SHARED) == (0, 0, 0), 'REQUEST SENSE ends it')
status(b, SHARED, GOOD, 'over')
must(a.scsi(bytes([0x16, 0, 0, 0, 0, 0]), SHARED).status == GOOD, 'RESERVE')
must(read(b, SHARED).status == CONFLICT, 'a conflict')
must(sense(b, SHARED) == (0, 0, 0), 'is only told')
control(a, SHARED, interlock=3, settled=False)
sense(b, SHARED)
must(read(b, SHARED).status == CONFLICT, 'a conflict')
must(sense(b, SHARED) == (6, 0x2c, 8), 'establishes an attention with 11b')
must(a.scsi(bytes([0x17, 0, 0, 0, 0, 0]), SHARED).status == GOOD, 'RELEASE')
fault(a, SHARED)
must(read(b, SHARED).status == BUSY, 'busy')
clear(a, SHARED)
must(b.test_unit_ready(SHARED).asc == (6, 0x2c, 7) and sense(b, SHARED) == (6, 0x2c, 7), 'as does BUSY')
status(b, SHARED, GOOD, 'over')
control(a, SHARED, settled=False)
sense(b, SHARED)
settle()
for s in a, b:
    s.logout()
PY
run timeout 200 python3 "$TESTDIR/aca.py" $T
wait_for 30 no_sessions || fail "a session stays"
