# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a live session is told when LUNs and groups change (each unit attention once, or an
# Asynchronous Message, upon which open-iscsi finds a new LUN by itself), and what waits for commands of a disk that does not answer: del, suspend, block, replace.
. /job/tests/qemu/lib.sh
requires python3 dmsetup

cat > "$TESTDIR/t.py" <<'PY'
import os
import subprocess
import sys
import threading
import time

import iscsi
from kit import ROOT, Waiting, get, must, put, suspended, write10

T = ROOT + 'targets/iscsi/' + sys.argv[1] + '/'
LUNS, GROUPS = T + 'luns/mgmt', T + 'ini_groups/mgmt'
GOOD, CHANGED, INQUIRY, POWER_ON, NO_LUN, MODE = (), (6, 0x3f, 0x0e), (6, 0x3f, 3), (6, 0x29, 0), (5, 0x25, 0), (6, 0x2a, 1)
READ = bytes([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0])


def told(s, what, *wanted):
    """TEST UNIT READY to LUN after LUN; pairs (lun, outcome) in that order."""
    for lun, want in wanted:
        got = s.test_unit_ready(lun).asc or GOOD
        must(got == want, '%s: LUN %d: %s, wanted %s' % (what, lun, got, want))


must(put('1', T + 'aen_disabled') == 0, 'unit attentions, no messages')
s = iscsi.Session('127.0.0.1', target=sys.argv[1])
told(s, 'a new session', (0, POWER_ON), (1, POWER_ON), (0, GOOD), (1, GOOD))

must(put('add null 2', LUNS) == 0, 'a LUN is added')
told(s, 'added', (0, CHANGED), (0, GOOD), (1, GOOD), (2, POWER_ON), (2, GOOD))
must(put('add null 3', LUNS) == 0, 'another one')
s.report_luns()
told(s, 'REPORT LUNS has told it', (0, GOOD), (3, POWER_ON), (3, GOOD))
must(put('replace other 2', LUNS) == 0, 'replaced by another device')
told(s, 'replaced', (0, GOOD), (2, INQUIRY), (2, GOOD))
must(put('replace other 2', LUNS) == 0, 'replaced by the same device')
told(s, 'replaced by the same', (0, GOOD), (2, INQUIRY), (2, GOOD))
must(put('replace_no_ua null 2', LUNS) == 0, 'replaced silently')
told(s, 'silent', (0, GOOD), (2, GOOD))
must(put('replace other 9', LUNS) == 0, 'replacing a free number adds')
told(s, 'as add', (9, POWER_ON), (0, CHANGED), (9, GOOD))
must(put('del 9', LUNS) == 0, 'a LUN is taken away')
told(s, 'taken away', (9, NO_LUN), (0, CHANGED), (0, GOOD), (1, GOOD))
must(put('replace_no_ua other 9', LUNS) == 0, 'a free number, silently')
told(s, 'only the new LUN tells that it is new', (0, GOOD), (9, POWER_ON), (0, GOOD), (9, GOOD))
must(put('del 9', LUNS) == 0, 'and is taken away')
told(s, 'taken away', (9, NO_LUN), (0, CHANGED), (0, GOOD), (1, GOOD))

must(put('clear', LUNS) == 0, 'all are taken away')
told(s, 'cleared', (0, NO_LUN), (1, NO_LUN))
for n, dev in enumerate(('disk', 'slow', 'null')):
    must(put('add %s %d' % (dev, n), LUNS) == 0, 'LUN %d comes back' % n)
told(s, 'cleared and added: told once', (0, POWER_ON), (0, CHANGED), (0, GOOD), (1, POWER_ON), (1, GOOD), (2, POWER_ON))

must(put('create g', GROUPS) == 0, 'a group')
for line in 'add disk 0', 'add other 2 read_only=1', 'add slow 4':
    must(put(line, T + 'ini_groups/g/luns/mgmt') == 0, line)
must(put('add ' + s.initiator.upper(), T + 'ini_groups/g/initiators/mgmt') == 0, 'the session moves to the group')
told(s, 'moved', (0, CHANGED), (0, GOOD), (1, NO_LUN), (2, INQUIRY), (2, GOOD), (4, POWER_ON), (4, GOOD))
must(s.write10(2, 0, bytes(512)).asc == (7, 0x27, 0), 'the read-only LUN of the group refuses writes')
must(put('replace_no_ua other 2', T + 'ini_groups/g/luns/mgmt') == 0, 'writable, silently')
must(s.write10(2, 0, bytes(512)).status == 0, 'it takes writes')
itt = s.start(write10(0, 1), 2, write=bytes(512), immediate_data=False)
time.sleep(0.2)
must(put('replace_no_ua other 2 read_only=1', T + 'ini_groups/g/luns/mgmt') == 0, 'read-only while a WRITE waits for its data')
r = s.finish(itt, bytes(512), 2)
must(r.asc == (7, 0x27, 0), 'it is refused: %r' % r)
must(put('replace_no_ua other 2', T + 'ini_groups/g/luns/mgmt') == 0, 'writable again')
must(put('del g', GROUPS) == 16, 'a group in use is busy')
must(put('clear', T + 'ini_groups/g/initiators/mgmt') == 0, 'back to the default set')
told(s, 'moved back', (0, CHANGED), (1, POWER_ON), (2, INQUIRY), (4, NO_LUN), (0, GOOD), (1, GOOD), (2, GOOD))

with iscsi.Session('127.0.0.1', target=sys.argv[1], isid=bytes([0x80, 0, 0, 0, 0, 9])) as second:
    names = sorted(os.listdir(T + 'sessions'))
    must(names == [s.initiator, s.initiator + '_1'], 'two sessions of one name: %s' % names)
    must(get(T + 'sessions/' + names[1] + '/initiator_name') == s.initiator + '\n', 'the name without suffix')

print('== a disk that does not answer')
with suspended('slow'):
    itt = s.start(READ, 1, read=512)
    time.sleep(0.5)
    must(get(T + 'sessions/%s/commands' % s.initiator) == '1\n', 'one command')
    start = time.time()
    must(put('1', ROOT + 'suspend') == 16, 'suspend gives up')
    must(0.9 < time.time() - start < 8, 'after about a second')
    must(get(ROOT + 'suspend') == '0\n', 'nothing is suspended then')
    must(s.read10(0, 0, 1).status == 0, 'other disks work')
    block = Waiting('1', ROOT + 'devices/slow/block')
    must(block.res is None and get(ROOT + 'devices/slow/block') == '1 1\n', 'block waits for the command')
    must(s.read10(2, 0, 1).status == 0, 'other disks work meanwhile')
must(block.end() == 0 and get(ROOT + 'devices/slow/block') == '1 0\n', 'blocked')
must(s.finish(itt).status == 0, 'the command has come to its end')
itt = s.start(READ, 1, read=512)
time.sleep(0.5)
must(get(T + 'sessions/%s/lun1/active_commands' % s.initiator) == '1\n', 'the next one waits at the gate')
must(put('0', ROOT + 'devices/slow/block') == 0, 'block ends')
must(s.finish(itt).status == 0, 'and so does the wait')


def answered(itt, what):
    """The result of a command that may not be forgotten."""
    try:
        return s.finish(itt)
    except OSError:
        must(False, what + ': the READ is answered')


print('== blocked and unblocked by two at once: no command is left at a gate that is open')
BLOCK = ROOT + 'devices/null/block'
for _ in range(30):
    on = threading.Thread(target=put, args=('1', BLOCK, True))
    off = threading.Thread(target=put, args=('0', BLOCK, True))
    on.start(), off.start()
    off.join()
    itt = s.start(READ, 2, read=512)
    on.join()
    put('0', BLOCK, True)
    r = answered(itt, 'blocked and unblocked at once')
    if r.status:
        must(False, 'the READ is served: %r' % r)
must(s.test_unit_ready(0).status == 0, 'others were not concerned')
for _ in range(100):
    if get(BLOCK) == '0 0\n':
        break
    time.sleep(0.05)
must(get(BLOCK) == '0 0\n', 'nothing blocks it')

# Whoever is told that a LUN is read-only may take its disk for quiet: a WRITE that had begun was going on.
with suspended('slow'):
    itt = s.start(write10(0, 1), 1, write=bytes(512))
    time.sleep(0.5)
    must(get(T + 'sessions/%s/lun1/active_commands' % s.initiator) == '1\n', 'a WRITE is under way')
    closed = Waiting('replace_no_ua slow 1 read_only=1', LUNS)
    must(closed.res is None, 'to make the LUN read-only waits for it')
    late = s.start(write10(0, 1), 1, write=bytes(512))
    must(s.finish(late).asc == (7, 0x27, 0), 'another one is refused at once')
must(closed.end() == 0, 'read-only')
must(s.finish(itt).status == 0, 'and the WRITE was done')
must(put('replace_no_ua slow 1', LUNS) == 0, 'writable again')
must(put('create ro', GROUPS) == 0, 'a group')
for line in 'add disk 0', 'add slow 1 read_only=1', 'add null 2':
    must(put(line, T + 'ini_groups/ro/luns/mgmt') == 0, line)
with suspended('slow'):
    itt = s.start(write10(0, 1), 1, write=bytes(512))
    time.sleep(0.5)
    closed = Waiting('add ' + s.initiator, T + 'ini_groups/ro/initiators/mgmt')
    must(closed.res is None, 'so does to move the session to where it is read-only')
    must(put('add null 8', LUNS) == 0 and put('del 8', LUNS) == 0, 'other changes do not wait')
must(closed.end() == 0 and s.finish(itt).status == 0, 'it has been moved')
told(s, 'only one LUN is another', (1, MODE), (0, GOOD), (1, GOOD), (2, GOOD))
must(put('clear', T + 'ini_groups/ro/initiators/mgmt') == 0 and put('del ro', GROUPS) == 0, 'back to the default set')
told(s, 'likewise', (1, MODE), (0, GOOD), (1, GOOD), (2, GOOD))

with suspended('slow'):
    itt = s.start(READ, 1, read=512)
    time.sleep(0.5)
    gone = Waiting('del 1', LUNS)
    must(gone.res is None, 'del waits for the command')
    told(s, 'del under way', (1, NO_LUN), (0, CHANGED), (0, GOOD))
    must(put('add null 1', LUNS) == 0, 'other changes do not wait')
must(gone.end() == 0, 'del has come to its end')
must(s.finish(itt).status in (0, 2), 'the command was answered')

must(put('add slow 5', LUNS) == 0, 'the slow disk again')
told(s, 'again', (0, CHANGED), (1, POWER_ON), (5, POWER_ON))
must(put('1', ROOT + 'async_lun_replace') == 0, 'async_lun_replace')
with suspended('slow'):
    itt = s.start(READ, 5, read=512)
    time.sleep(0.5)
    start = time.time()
    must(put('replace null 5', LUNS) == 0, 'replace')
    must(time.time() - start < 2, 'does not wait')
    told(s, 'the new device is there', (5, INQUIRY), (5, GOOD))
    NULLIO = ROOT + 'handlers/vdisk_nullio/mgmt'
    must(put('add_device third size_mb=1', NULLIO) == 0 and put('add third 7', LUNS) == 0, 'another LUN')
    s.settle(7)
    must(put('replace null 7', LUNS) == 0 and put('del_device third', NULLIO) == 0, 'is replaced, and its old device deleted')
    for _ in range(100):
        if b'device third destroyed' in subprocess.check_output('dmesg'):
            break
        time.sleep(0.1)
    must(b'device third destroyed' in subprocess.check_output('dmesg'), 'which does not wait for the disk that does not answer')
    must(put('del 7', LUNS) == 0, 'the LUN goes')
    s.settle(0)
must(s.finish(itt).status in (0, 2), 'the command of the old one was answered')
must(put('0', ROOT + 'async_lun_replace') == 0, 'async_lun_replace off')

print('== messages of the transport')
must(not [p for p in s.queue if p.opcode == iscsi.ASYNC], 'no message so far')
must(put('0', T + 'aen_disabled') == 0, 'aen_disabled = 0')
must(put('add other 6', LUNS) == 0, 'a LUN is added')
p = s.wait_for(iscsi.ASYNC)
must(p.bhs[:2] == bytes([iscsi.ASYNC, 0x80]) and p.bhs[8:20] == bytes(8) + b'\xff' * 4, 'Asynchronous Message for LUN 0: %s' % p.bhs.hex())
must(p.bhs[36:48] == bytes(12), 'a SCSI event')
must(p.data[:3] == bytes([0, 18, 0x70]) and (p.data[4], p.data[14], p.data[15]) == CHANGED, 'its sense data: %s' % p.data.hex())
told(s, 'and nothing else', (0, GOOD), (6, POWER_ON), (6, GOOD))
must(put('del 6', LUNS) == 0 and s.wait_for(iscsi.ASYNC).data[14:16] == bytes([0x3f, 0x0e]), 'it is taken away: told')
told(s, 'and nothing else', (0, GOOD), (6, NO_LUN))

third = iscsi.Session('127.0.0.1', target=sys.argv[1], isid=bytes([0x80, 0, 0, 0, 0, 10])).settle(0)
must(put('1', T + 'sessions/%s/force_close' % max(os.listdir(T + 'sessions'))) == 0, 'force_close')
p = third.wait_for(iscsi.ASYNC)
must(p.bhs[36:44] == bytes([3] + [0] * 7) and not p.data, 'the session will be dropped: %s' % p.bhs.hex())
must(third.wait_closed(), 'and is')

print('== a group that is to be deleted while a session of it cannot end')
FORCE = '/sys/module/scst/parameters/forcibly_close_sessions'
HELD = T + 'ini_groups/held/'


def luns_of(name):
    """What the session of that initiator sees, and the table that it says it follows."""
    d = T + 'sessions/iqn.2024-01.test:' + name
    return sorted(n for n in os.listdir(d) if n.startswith('lun') and n != 'luns'), os.path.realpath(d + '/luns')


def login(name):
    return iscsi.Session('127.0.0.1', target=sys.argv[1], initiator='iqn.2024-01.test:' + name)


must(put('create held', GROUPS) == 0, 'a group')
for line in 'add slow 0', 'add other 3':
    must(put(line, HELD + 'luns/mgmt') == 0, line)
GROUP = (['lun0', 'lun3'], os.path.realpath(HELD + 'luns'))
for name in 'stuck', 'well':
    must(put('add iqn.2024-01.test:' + name, HELD + 'initiators/mgmt') == 0, 'initiator ' + name)
stuck, well = login('stuck').settle(0), login('well').settle(0)
must(put('1', FORCE) == 0, 'forcibly_close_sessions')
with suspended('slow'):
    stuck.start(READ, 0, read=512)
    time.sleep(0.5)
    gone = Waiting('del held', GROUPS)
    must(well.wait_closed(), 'a session that can end does not wait for one that cannot')
    must(gone.res is None, 'the latter is waited for')
    must(Waiting('del 2', LUNS).end() == 0, 'a default LUN goes meanwhile')
    must(luns_of('stuck') == GROUP, 'the session keeps its LUNs: %s, %s' % luns_of('stuck'))
    well = login('well').settle(0)
    must(luns_of('well') == (['lun0', 'lun1', 'lun5'], os.path.realpath(T + 'luns')), 'who comes now gets the default LUNs')
    gone.join(60 * iscsi.SLOW)
    must(gone.res == 16, 'busy in the end: %s' % gone.res)
    must(luns_of('well') == GROUP and luns_of('stuck') == GROUP, 'the group stays, for both sessions: %s, %s' % luns_of('well'))
must(stuck.wait_closed(), 'the READ has come to its end, and with it the session')
must(well.settle(0).settle(3).read10(3, 0, 1).status == 0, 'the other one works')
must(put('del held', GROUPS) == 0 and well.wait_closed(), 'now it is deleted')
must(put('add null 2', LUNS) == 0 and put('0', FORCE) == 0, 'as before')

must(put('create closed', GROUPS) == 0 and put('add null 0', T + 'ini_groups/closed/luns/mgmt') == 0, 'a group')
must(put('add ' + s.initiator, T + 'ini_groups/closed/initiators/mgmt') == 0, 'the session moves to it')
must(put('del closed', GROUPS) == 16, 'busy')
must(put('1', FORCE) == 0, 'forcibly_close_sessions')
must(put('del closed', GROUPS) == 0, 'deleted')
must(not os.listdir(T + 'sessions'), 'the session was closed')
s.wait_closed()
PY

allow_dmesg 'scst: target .* group .* not deleted: it has sessions'
allow_dmesg 'scst: suspend: not suspended, commands still run after 1 seconds'
allow_dmesg 'iscsi-scst: '
T=iqn.2026-01.test:changes
dmsetup remove slow > /dev/null 2>&1
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
open_fileio disk "$(mkdisk changes 8)"
open_blockio slow /dev/mapper/slow
open_nullio null size_mb=8
open_nullio other size_mb=9
add_target $T
add_lun $T 0 disk
add_lun $T 1 slow
enable_target $T
run python3 "$TESTDIR/t.py" $T
echo 0 > /sys/module/scst/parameters/forcibly_close_sessions

step "open-iscsi finds a LUN that is added"
ini_login $INI_DEFAULT 127.0.0.1 $T
find_disk $INI_DEFAULT $T 0 > /dev/null
find_disk_now $INI_DEFAULT $T 9 && fail "LUN 9 is there already"
add_lun $T 9 other
find_disk $INI_DEFAULT $T 9
ini_logout $INI_DEFAULT 127.0.0.1 $T
scst_down || fail "something stays loaded"
run dmsetup remove slow
