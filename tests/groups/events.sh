# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What /dev/scst_event tells, byte by byte: commands to LUNs that are not there, targets that show an initiator no LUN, task
# management, blocked devices (block=11), and who hears of what; a queue that nobody empties; an event that nobody confirms.
#   LUN 0: a disk that can be stopped     LUN 1: another one     LUN 2: with explicit ALUA     group empty: no LUNs
# timeout: 900
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3 dmsetup

cat > "$TESTDIR/t.py" <<'PY'
import errno
import os
import signal
import struct
import sys
import threading
import time

import iscsi
from events import Listener
from kit import ROOT, get, must, put, read10, suspended

NAME, OTHER = sys.argv[1:3]
T = ROOT + 'targets/iscsi/' + NAME + '/'
NO_LUN, STPG_FAILED = (5, 0x25, 0), (4, 0x67, 0xa)
NOBODY = 'iqn.2024-01.test:nobody'
QUEUE = 2048


def until(cond, what):
    end = time.time() + 60 * iscsi.SLOW
    while not cond() and time.time() < end:
        time.sleep(0.1)
    must(cond(), what)


def names(*text):
    return b''.join(t.encode().ljust(256, b'\0') for t in text)


def is_event(e, code, payload, what):
    must(e is not None, what + ': told')
    must((e.code, e.issuer) == (code, b'SCST core'), '%s: code %d of %s' % (what, e.code, e.issuer))
    must(e.payload == payload, '%s: %d bytes: %s' % (what, len(e.payload), e.payload.replace(b'\0' * 8, b'.')))


s = iscsi.Session('127.0.0.1', target=NAME)
s.settle(0).settle(1).settle(2)

print('== 1: no such LUN')
l = Listener(1)
must(s.test_unit_ready(1).status == 0 and l.next() is None, 'a LUN that is there is no event')
must(s.test_unit_ready(9).asc == NO_LUN, 'a command to LUN 9')
is_event(l.next(), 1, struct.pack('<Q', 9) + names(s.initiator, NAME), 'LUN 9')
must(s.test_unit_ready(300).asc == NO_LUN, 'a command to LUN 300')
is_event(l.next(), 1, struct.pack('<Q', 300) + names(s.initiator, NAME), 'LUN 300')
itt = s.next_itt()
bhs = bytearray(iscsi.scsi_command(itt, s.cmdsn, bytes(6)))
bhs[8] = 0xc1
s.cmdsn += 1
s.send(bytes(bhs))
must(s.finish(itt).asc == NO_LUN, 'a LUN that is none')
is_event(l.next(), 1, struct.pack('<Q', 2 ** 64 - 1) + names(s.initiator, NAME), 'no LUN')
must(l.next() is None, 'each is told once')

print('== who hears of what')
mine, others, strangers, everything = Listener(1, target=NAME.encode()), Listener(1, target=OTHER.encode()), Listener(0, issuer=b'me'), Listener(0, issuer=b'*')
s.test_unit_ready(9)
first = mine.next()
must(first and first.code == 1 and others.next() is None, 'the target of the subscription')
must(strangers.next() is None and everything.next().id == first.id == l.next().id, 'the issuer; all hear of the same event')
must(mine.disallow(1, target=NAME.encode()) == 0 and mine.disallow(1, target=NAME.encode()) == errno.ENOENT, 'taken back, once')
s.test_unit_ready(9)
must(mine.next() is None and everything.next().id > first.id and l.next(), 'hears no more')
for x in mine, others, strangers, everything:
    x.close()

print('== waiting for an event')
b, got = Listener(1, block=True), []
waiter = threading.Thread(target=lambda: got.append(b.next()), daemon=True)
waiter.start()
time.sleep(0.5)
must(not got, 'nothing yet')
s.test_unit_ready(9)
waiter.join(60 * iscsi.SLOW)
must(got and got[0].code == 1 and l.next(), 'it came while somebody waited')


class Interrupted(Exception):
    pass


def interrupt(*_):
    raise Interrupted


signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 1)
try:
    b.next()
    must(False, 'a signal ends the wait')
except (Interrupted, InterruptedError):
    print('ok    a signal ends the wait')
b.close()

print('== 2: no LUN to see')
n = Listener(2)


def shown(initiator):
    with iscsi.Session('127.0.0.1', initiator=initiator, discovery=True, isid=bytes([0x80, 0, 0, 0, 0, 7])) as d:
        return sorted(d.send_targets())


must(shown(s.initiator) == [NAME, OTHER] and n.next() is None, 'discovery of one who sees LUNs is no event')
must(shown(NOBODY) == [OTHER], 'discovery of one who does not')
is_event(n.next(), 2, names(NOBODY, NAME), 'discovery')
try:
    iscsi.Session('127.0.0.1', target=NAME, initiator=NOBODY)
    must(False, 'the login is refused')
except iscsi.LoginError as e:
    must(e.status == 0x0203, 'the login is refused: 0x%04x' % e.status)
is_event(n.next(), 2, names(NOBODY, NAME), 'login')
try:
    iscsi.Session('127.0.0.1', target='iqn.none', initiator=NOBODY)
except iscsi.LoginError as e:
    must(e.status == 0x0203, 'no such target')
must(put('0', T + 'enabled') == 0, 'the target is disabled')
try:
    iscsi.Session('127.0.0.1', target=NAME, initiator=NOBODY)
except iscsi.LoginError as e:
    must(e.status == 0x0301, 'the login is refused: 0x%04x' % e.status)
must(put('1', T + 'enabled') == 0 and n.next() is None, 'other refusals are no event')
n.close()

print('== 3: a device is blocked')
BLOCK, SLOW_BLOCK = ROOT + 'devices/other/block', ROOT + 'devices/slow/block'
k = Listener(3)


def blocked(name, text):
    return names(name) + struct.pack('<I', len(text)) + text


must(put('11  some words, and more ', BLOCK) == 0, 'block while nothing goes on')
is_event(k.wait(), 3, blocked('other', b'some words, and more'), 'blocked')
until(lambda: get(BLOCK) == '1 0\n', 'one block, drained')
itt = s.start(bytes(6), 1)
s.ping()
must(not [p for p in s.queue if p.itt == itt], 'a command waits')
must(put('11', BLOCK) == 0, 'a second one, without a word')
is_event(k.wait(), 3, blocked('other', b''), 'blocked again')
until(lambda: get(BLOCK) == '2 0\n', 'two')
must(put('0', BLOCK) == 0, 'one is undone')
s.ping()
must(not [p for p in s.queue if p.itt == itt] and get(BLOCK) == '1 0\n', 'the command still waits')
must(put('0', BLOCK) == 0, 'the other one is undone')
must(s.finish(itt).status == 0 and get(BLOCK) == '0 0\n', 'the command goes on')
long = 'x' * (3072 - 260)
must(put('11 ' + long, BLOCK) == 0, 'the longest text')
is_event(k.wait(), 3, blocked('other', long.encode()), 'the longest text')
must(put('0', BLOCK) == 0, 'undone')
for bad in '12', '11x', '111', '-11', '1 text', '0 text', '11 x' + long:
    must(put(bad, BLOCK, quiet=True) == errno.EINVAL and get(BLOCK) == '0 0\n', '%.10s is refused' % bad)
must(k.next() is None, 'and no event')

with suspended('slow'):
    itt = s.start(read10(0, 1), 0, read=512)
    s.ping()
    must(put('11 wait for it', SLOW_BLOCK) == 0, 'block while a READ goes on: does not wait')
    must(get(SLOW_BLOCK) == '1 1\n' and k.next() is None, 'not drained yet')
    later = s.start(read10(1, 1), 0, read=512)
    s.ping()
    must(s.test_unit_ready(1).status == 0, 'other devices work')
must(s.finish(itt).status == 0, 'the READ has come to its end')
is_event(k.wait(), 3, blocked('slow', b'wait for it'), 'blocked')
until(lambda: get(SLOW_BLOCK) == '1 0\n', 'drained')
s.ping()
must(not [p for p in s.queue if p.itt == later], 'the later READ waits')
must(put('0', SLOW_BLOCK) == 0 and s.finish(later).status == 0, 'undone')
with suspended('slow'):
    itt = s.start(read10(0, 1), 0, read=512)
    s.ping()
    must(put('11 undone before', SLOW_BLOCK) == 0 and put('0', SLOW_BLOCK) == 0, 'blocked, and undone before it has drained')
    must(get(SLOW_BLOCK) == '0 1\n' and k.next() is None, 'not drained yet')
    later = s.start(read10(1, 1), 0, read=512)
    s.ping()
must(s.finish(itt).status == 0 and s.finish(later).status == 0, 'both READs have come to their ends')
is_event(k.wait(), 3, blocked('slow', b'undone before'), 'told all the same')
until(lambda: get(SLOW_BLOCK) == '0 0\n', 'drained')
must(put('add_device gone size_mb=1', ROOT + 'handlers/vdisk_nullio/mgmt') == 0, 'a device')
must(put('11 bye', ROOT + 'devices/gone/block') == 0, 'is blocked')
must(put('del_device gone', ROOT + 'handlers/vdisk_nullio/mgmt') == 0, 'and deleted')
is_event(k.wait(), 3, blocked('gone', b'bye'), 'blocked')
k.close()

print('== 4: task management')
m = Listener(4, target=NAME.encode())


def tmf(fn, number, what, lun, device, tag=0, cdb=b'', answer=0, **how):
    must(s.task_management(fn, lun, **how) == answer, what + ' is answered %d' % answer)
    lun = 0 if fn == 6 else lun
    want = struct.pack('<I4xQ', number, lun) + names(device, s.initiator, NAME, s.initiator) + struct.pack('<Q16s', tag, cdb)
    is_event(m.next(), 4, want, what)


must(put('1', T + 'black_hole') == 0, 'commands get stuck')
sn = s.cmdsn
itt = s.start(read10(5, 2), 0, read=1024)
s.ping()
tmf(1, 0, 'ABORT TASK', 0, 'slow', itt, read10(5, 2), rtt=itt, refcmdsn=sn)
must(put('0', T + 'black_hole') == 0, 'no more')
tmf(2, 1, 'ABORT TASK SET', 1, 'other')
tmf(4, 3, 'CLEAR TASK SET', 0, 'slow')
tmf(5, 4, 'LOGICAL UNIT RESET', 1, 'other')
tmf(5, 4, 'LOGICAL UNIT RESET of no LUN', 9, '', answer=2)
tmf(6, 5, 'TARGET WARM RESET', 0, '')
must(m.next() is None, 'each is told once')
m.close()

print('== a queue that nobody empties')
busy, nr = Listener(1), QUEUE + 52
l.all()
seen = []
for first in range(0, nr, 20):
    tags = [s.start(bytes(6), 9) for _ in range(20)]
    must(all(s.finish(i).asc == NO_LUN for i in tags), '%d commands' % (first + 20)) if first % 500 == 0 else [s.finish(i) for i in tags]
    seen += busy.all()
must([e.id for e in seen] == list(range(seen[0].id, seen[0].id + nr)), '%d events for one who fetches them' % len(seen))
kept = l.all()
must([e.id for e in kept] == [e.id for e in seen[:QUEUE]], 'the first %d of them for one who does not' % len(kept))
s.test_unit_ready(9)
must(l.next().id == busy.next().id > seen[-1].id, 'what comes later is told')
busy.close()
l.close()

print('== an event that nobody confirms')
a, c = Listener(5), Listener(5)
s.settle(0).settle(2)
data = struct.pack('>4xBxHBxH', 2, 101, 0, 102)
start = time.time()
itt = s.start(struct.pack('>BB4xIxx', 0xa4, 0x0a, len(data)), 2, write=data)
e, same = a.wait(), c.wait()
must(e and same and e.id == same.id and e.code == 5, 'both are told')
c.close()
for _ in range(5):
    s.ping()
    time.sleep(1)
must(not [p for p in s.queue if p.itt == itt], 'the other one may still confirm')
s.sock.settimeout(200 * iscsi.SLOW)
must(s.finish(itt, data, 2).asc == STPG_FAILED, 'the command fails')
must(55 < time.time() - start < 60 + 60 * iscsi.SLOW, 'after a minute: %d s' % (time.time() - start))
must(a.done(e.id, 0) == errno.ENOENT, 'too late to confirm')
must(s.test_unit_ready(2).status == 0, 'the device works')
a.close()
s.close()
PY

A=iqn.2026-01.test:a
B=iqn.2026-01.test:b
DG=$R/device_groups
allow_dmesg 'bad value ".*" for block'
expect_dmesg 'scst: event [0-9]+ of code 1 is lost: nobody fetches them'
expect_dmesg 'scst: event [0-9]+ was not confirmed in time'
scst_up
run modprobe dm-mod
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
open_blockio slow /dev/mapper/slow
open_nullio other size_mb=8
open_fileio stpg "$(mkdisk events 8)"
put 1 $R/devices/stpg/expl_alua
add_target $A
add_target $B
add_lun $B 0 other
add_lun $A 0 slow
add_lun $A 1 other
add_lun $A 2 stpg
add_group $A empty
add_init $A empty iqn.2024-01.test:nobody
for t in $A $B; do
	put 1 $ISCSI/$t/aen_disabled
	enable_target $t
done
put "create dg" $DG/mgmt
put "add stpg" $DG/dg/devices/mgmt
put "create ga" $DG/dg/target_groups/mgmt
put "create gb" $DG/dg/target_groups/mgmt
put 101 $DG/dg/target_groups/ga/group_id
put 102 $DG/dg/target_groups/gb/group_id
put nonoptimized $DG/dg/target_groups/gb/state
put "add $A" $DG/dg/target_groups/ga/mgmt
put "add $B" $DG/dg/target_groups/gb/mgmt
run python3 "$TESTDIR/t.py" $A $B
close_dev vdisk_blockio slow
run dmsetup remove slow
