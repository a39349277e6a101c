# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two disks that do not answer for a minute: other LUNs, pings, logins and the administrator go
# on; task management is answered when the commands it covers have come back, never before,
# and nothing follows its answer; a new session of the same port waits for the old one's commands.
# timeout: 400
# check: 6.1
. /job/tests/qemu/lib.sh
requires dmsetup
T=iqn.2026-01.test:hang
HANG=60

cat > "$TESTDIR/t.py" <<'PY'
import glob
import select
import sys
import time

import iscsi
from kit import *

TARGET, HANG = sys.argv[1], int(sys.argv[2])
T = ROOT + 'targets/iscsi/%s/' % TARGET
BIO, NODE, FINE = 0, 1, 2
ABORT_TASK, LUN_RESET, TARGET_RESET = 1, 5, 6
COMPLETE = 0


def session(n):
    s = iscsi.Session('127.0.0.1', target=TARGET, initiator='iqn.2026-01.test:hang%d' % n, timeout=30)
    for lun in BIO, NODE, FINE:
        s.settle(lun)
    return s


def silent(s, seconds=0.3):
    """True when nothing comes but pings, which are answered."""
    while select.select([s.sock], [], [], seconds)[0]:
        p = s.recv()
        if p.opcode == iscsi.NOP_IN and p.itt == iscsi.RESERVED:
            s.send(iscsi.nop_out(iscsi.RESERVED, s.cmdsn, p.ttt, p.lun))
        else:
            print('not silent: %r' % p)
            s.queue.append(p)
            return False
    return not s.queue


def send_tmf(s, function, lun, rtt=iscsi.RESERVED, refcmdsn=0):
    itt = s.next_itt()
    s.send(iscsi.tmf(itt, s.cmdsn, function, lun, rtt, refcmdsn))
    return itt


def others_work(what, *sessions):
    start = time.time()
    for s in sessions:
        r = s.read10(FINE, 0, 512)
        must(r.status == iscsi.GOOD and len(r.data) == 512 * BS, '%s: another LUN of %s reads' % (what, s.initiator))
        must(s.write10(FINE, 8, pattern(8, 8)).status == iscsi.GOOD, '%s: and writes' % what)
        must(s.ping(b'ping') == b'ping', '%s: and pings' % what)
    must(time.time() - start < 10, '%s: all that within %.1f s' % (what, time.time() - start))


a, b, c, d = (session(n) for n in range(4))
for lun in BIO, NODE:
    must(a.write10(lun, 0, pattern(0, 512), flags=8).status == iscsi.GOOD, 'data on LUN %d' % lun)
with open('/proc/sys/vm/drop_caches', 'w') as f:
    f.write('3')
start = time.time()
with suspended('hang1', 'hang2'):
    print('== the disks hang')
    plain = {lun: a.start(read10(0, 8), lun, read=4096) for lun in (BIO, NODE)}
    writes = {lun: a.start(write10(1024, 8, 8), lun, write=pattern(1024, 8)) for lun in (BIO, NODE)}
    aborted = {}
    for lun in BIO, NODE:
        sn = b.cmdsn
        aborted[lun] = (b.start(read10(8, 8), lun, read=4096), sn)
    time.sleep(1)
    must(silent(a) and silent(b), 'no command is answered')
    others_work('hanging', a, b)
    tmfs = {lun: send_tmf(b, ABORT_TASK, lun, *aborted[lun]) for lun in (BIO, NODE)}
    others_work('with ABORT TASK waiting', b)
    must(silent(b), 'ABORT TASK is not answered while its command is with the disk')
    c_cmd = c.start(read10(16, 8), BIO, read=4096)
    time.sleep(0.5)
    gone = c.initiator
    c.close()                                   # its commands are still with the disk
    time.sleep(1)
    again = iscsi.Session('127.0.0.1', target=TARGET, initiator=gone, timeout=HANG + 60)
    must(True, 'a login of the port whose old session cannot end')
    must(again.ping(b'x') == b'x', 'which pings')
    must(again.test_unit_ready(FINE).asc == (6, 0x29, 7), 'is told the nexus loss')
    waits = again.start(read10(0, 8), FINE, read=4096)
    must(silent(again), 'and whose commands wait for the old session')
    reset = send_tmf(d, LUN_RESET, NODE)
    must(silent(d, 1), 'LOGICAL UNIT RESET waits')
    others_work('with a reset waiting', d)
    must(put('create hang', T + 'ini_groups/mgmt') == 0 and put('del hang', T + 'ini_groups/mgmt') == 0, 'groups come and go')
    must(put('add fine 9', T + 'luns/mgmt') == 0 and put('del 9', T + 'luns/mgmt') == 0, 'LUNs come and go')
    must(a.read10(FINE, 0, 1).asc == (6, 0x3f, 0x0e), 'and are told')
    for s in b, d:
        s.settle(FINE)
    while time.time() < start + HANG:
        others_work('after %d s' % (time.time() - start), a, b, d)
        must(silent(b) and silent(again), 'and nothing has come out of turn')
        time.sleep(5)
print('== they come back after %d s' % (time.time() - start))

r = a.finish(plain[BIO])
must(r.status == iscsi.GOOD and r.data == pattern(0, 8), 'the read on LUN %d is answered' % BIO)
must(a.finish(writes[BIO]).status == iscsi.GOOD, 'and the write')
for lun in BIO, NODE:
    must(b.wait_for(iscsi.TMF_RSP, itt=tmfs[lun]).response == COMPLETE, 'ABORT TASK on LUN %d: complete' % lun)
must(not [p for p in b.queue if p.itt in [t for t, _ in aborted.values()]] and silent(b, 1), 'no answer of an aborted command')
must(d.wait_for(iscsi.TMF_RSP, itt=reset).response == COMPLETE, 'LOGICAL UNIT RESET: complete')
for itt in plain[NODE], writes[NODE]:
    r = a.finish(itt)
    must(r.asc == (6, 0x2f, 0), 'what the reset took is told: %r' % r)
must(a.test_unit_ready(NODE).asc == (6, 0x29, 3), 'and the reset itself')
must(d.test_unit_ready(NODE).status == iscsi.GOOD, 'but not to who asked for it')
must(again.finish(waits).status == iscsi.GOOD, 'the new session runs')
counts = glob.glob(T + 'sessions/*/active_commands')      # who came while its predecessor was there has a name with a number
must(len(counts) == 4 and all(get(f) == '0\n' for f in counts), 'no command is left in %d sessions' % len(counts))
for s in a, b, d, again:
    for lun in BIO, NODE:
        s.settle(lun)
        r = s.read10(lun, 0, 8)
        must(r.status == iscsi.GOOD and r.data == pattern(0, 8), 'LUN %d reads for %s' % (lun, s.initiator))
    must(s.logout() == 0, 'logout')
PY

run dmsetup create hang1 --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
run dmsetup create hang2 --table "0 $(blockdev --getsz /dev/vdc) linear /dev/vdc 0"
scst_up
open_blockio bio /dev/mapper/hang1
open_fileio node /dev/mapper/hang2
open_fileio fine "$(mkdisk fine 16)"
add_target $T
add_lun $T 0 bio
add_lun $T 1 node
add_lun $T 2 fine
put 1 $ISCSI/$T/aen_disabled	# unit attentions are what is looked at
enable_target $T
run python3 "$TESTDIR/t.py" $T $HANG
scst_down || fail "something stays loaded"
run dmsetup remove hang1
run dmsetup remove hang2
