# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# black_hole of the default LUNs and of a group, on sessions that are there: which commands and which task management
# functions get no answer by mode; what is dropped has no effect, can be aborted, and is gone with its LUN, its session, a logout;
# nothing waits for it. open-iscsi comes through a hole that closes again.
# check: 6.12
# timeout: 600
. /job/tests/qemu/lib.sh
requires python3 dd

cat > "$TESTDIR/t.py" <<'PY'
import os
import struct
import sys
import time

import iscsi
from kit import ROOT, get, must, pattern, put, read10, sync10, write10

NAME = sys.argv[1]
T = ROOT + 'targets/iscsi/' + NAME + '/'
HOLE, GROUP_HOLE = T + 'black_hole', T + 'ini_groups/g/black_hole'
GROUPED = 'iqn.2024-01.test:grouped'
COMPLETE, NO_TASK, EINVAL = 0, 1, 22
ABORT_TASK, ABORT_TASK_SET, CLEAR_TASK_SET, LUN_RESET = 1, 2, 4, 5
INQUIRY = struct.pack('>BBBHB', 0x12, 0, 0, 255, 0)


def hole(mode, path=HOLE):
    must(put(mode, path) == 0 and get(path) == mode + '\n', 'the hole is ' + mode)


def login(initiator=iscsi.INITIATOR, **how):
    s = iscsi.Session('127.0.0.1', target=NAME, initiator=initiator, **how)
    s.settle(0).settle(1)
    s.lost = set()
    return s


def commands(s):
    return int(get(T + 'sessions/%s/commands' % s.initiator))


def until(cond, what):
    end = time.time() + 60 * iscsi.SLOW
    while not cond() and time.time() < end:
        time.sleep(0.1)
    must(cond(), what)


def silent(s):
    """What was lost has got no answer of any kind. The ping is the barrier."""
    s.ping()
    return not [p for p in s.queue if p.itt in s.lost]


def drop(s, what, cdb, lun=0, **how):
    """Tag and CmdSN of a command that gets no answer."""
    sn, before = s.cmdsn, commands(s)
    itt = s.start(cdb, lun, **how)
    s.lost.add(itt)
    must(silent(s), what + ' gets no answer')
    must(commands(s) == before + 1, 'it is held')
    return itt, sn


def abort(s, cmd, lun=0):
    before = commands(s)
    must(s.task_management(ABORT_TASK, lun, *cmd) == COMPLETE, 'ABORT TASK is answered')
    until(lambda: commands(s) == before - 1, 'the command is gone')
    must(silent(s), 'without an answer')


def drop_tmf(s, what, function, lun=0, **how):
    itt = s.next_itt()
    s.lost.add(itt)
    s.send(iscsi.tmf(itt, s.cmdsn, function, lun, **how))
    must(silent(s), what + ' gets no answer')


print('== the attribute')
must(get(HOLE) == '0\n' and get(GROUP_HOLE) == '0\n', 'no hole at first')
for path in HOLE, GROUP_HOLE:
    for mode in '12340':
        hole(mode, path)
    must(put('3abc', path) == 0 and get(path) == '3\n', 'the first character tells')
    for bad in '5', '-1', 'x', '/', ':':
        must(put(bad, path) == EINVAL and get(path) == '3\n', bad + ' is refused')
    hole('0', path)
must(put('1', ROOT + 'targets/copy_manager/copy_manager_tgt/black_hole') == EINVAL, 'not for the copy manager')

s, g = login(), login(GROUPED)
data, other = pattern(0, 8), pattern(0, 8, salt=7)
must(s.write10(0, 0, data).status == 0, 'data to look at')

print('== 1: commands; on a session that is there')
hole('1')
a = drop(s, 'TEST UNIT READY', bytes(6))
b = drop(s, 'WRITE with immediate data', write10(0, 8), write=other)
c = drop(s, 'READ', read10(0, 8), read=4096)
d = drop(s, 'WRITE that waits for R2T', write10(0, 256), write=bytes(131072), immediate_data=False)
e = drop(s, 'an unknown command', bytes([0xff]) + bytes(15))
f = drop(s, 'INQUIRY to another LUN', INQUIRY, 1, read=255)
itt = s.start(bytes(6), 9)
s.lost.add(itt)
must(silent(s) and commands(s) == 6, 'a command to no LUN gets no answer either, and is not held')
must(g.test_unit_ready().status == 0 and g.read10(0, 0, 8).data == data, 'the group has no hole')
must(get(GROUP_HOLE) == '0\n', "the group's own value")
for cmd in a, c, b, d, e:
    abort(s, cmd)
must(s.task_management(ABORT_TASK, 0, *c) == NO_TASK, 'aborted once')
must(commands(s) == 1, 'the one of the other LUN is left')
must(s.task_management(ABORT_TASK_SET, 1) == COMPLETE, 'ABORT TASK SET is answered')
until(lambda: commands(s) == 0, 'nothing is left')
must(silent(s), 'no answer for any of them')
drop(s, 'READ', read10(0, 1), read=512)
drop(s, 'ORDERED WRITE', write10(0, 8), write=other, attr=2)
must(s.task_management(LUN_RESET) == COMPLETE, 'LOGICAL UNIT RESET is answered')
until(lambda: commands(s) == 0, 'nothing is left')
drop(s, 'READ', read10(0, 1), read=512)
hole('0')
must(s.test_unit_ready().status == 0, 'the hole is closed')
must(commands(s) == 1 and silent(s), 'what was dropped stays so')
must(s.read10(0, 0, 8).data == data, 'no dropped WRITE has written')
must(s.task_management(CLEAR_TASK_SET) == COMPLETE, 'CLEAR TASK SET is answered')
until(lambda: commands(s) == 0, 'nothing is left')
g.settle(0)

print('== 2: and task management functions')
hole('2')
a = drop(s, 'READ', read10(0, 8), read=4096)
drop_tmf(s, 'ABORT TASK', ABORT_TASK, rtt=a[0], refcmdsn=a[1])
drop_tmf(s, 'ABORT TASK of nothing', ABORT_TASK, rtt=0x7777, refcmdsn=s.cmdsn - 1)
drop_tmf(s, 'LOGICAL UNIT RESET', LUN_RESET)
must(commands(s) == 1, 'nothing was aborted')
must(g.test_unit_ready().status == 0, 'nobody was told of a reset')
must(g.task_management(LUN_RESET) == COMPLETE, 'the other session resets the LUN')
until(lambda: commands(s) == 0, 'that releases the command')
must(silent(s), 'without an answer')
hole('0')
must(s.test_unit_ready().asc == (6, 0x29, 3), 'the reset is told when there is no hole')
must(s.test_unit_ready().status == 0 and s.task_management(ABORT_TASK_SET) == COMPLETE, 'all works again')

print('== 3: commands that move data')
hole('3')
must(s.test_unit_ready().status == 0 and s.scsi(sync10()).status == 0, 'commands without data work')
a = drop(s, 'ORDERED READ', read10(0, 8), read=4096, attr=2)
b = drop(s, 'WRITE', write10(0, 8), write=other)
c = drop(s, 'INQUIRY', INQUIRY, read=255)
must(s.test_unit_ready().status == 0, 'a dropped ORDERED command keeps no other one waiting')
for cmd in b, c, a:
    abort(s, cmd)

print('== 4: and task management functions')
hole('4')
must(s.test_unit_ready().status == 0, 'a command without data works')
a = drop(s, 'READ', read10(0, 8), read=4096)
drop_tmf(s, 'ABORT TASK SET', ABORT_TASK_SET)
must(commands(s) == 1, 'nothing was aborted')
hole('0')
abort(s, a)
must(s.read10(0, 0, 8).data == data, 'no dropped WRITE has written')

print('== a group; a session that moves there')
hole('3', GROUP_HOLE)
a = drop(g, 'READ of the group', read10(0, 8), read=4096)
must(s.read10(0, 0, 8).data == data, 'the default LUNs have no hole')
must(put('add ' + s.initiator, T + 'ini_groups/g/initiators/mgmt') == 0, 'the session moves to the group')
s.settle(0)
b = drop(s, 'READ', read10(0, 8), read=4096)
must(put('del ' + s.initiator, T + 'ini_groups/g/initiators/mgmt') == 0, 'and back')
s.settle(0)
must(s.read10(0, 0, 8).data == data, 'there is no hole')
abort(g, a)
abort(s, b)
hole('0', GROUP_HOLE)

print('== the LUN goes, the device goes')
hole('1')
drop(s, 'READ', read10(0, 1), 1, read=512)
drop(s, 'WRITE', write10(0, 8), 0, write=other)
must(put('del 1', T + 'luns/mgmt') == 0, 'the LUN is deleted')
until(lambda: commands(s) == 1, 'its command is gone')
must(put('del_device second', ROOT + 'handlers/vdisk_nullio/mgmt') == 0, 'the device is deleted')
must(not os.path.exists(ROOT + 'devices/second'), 'and gone')
must(put('replace third 0', T + 'luns/mgmt') == 0, 'a LUN is replaced')
until(lambda: commands(s) == 0, 'its command is gone')
must(silent(s), 'no answer for any of them')
a = drop(s, 'READ', read10(0, 1), read=512)
must(put('1', ROOT + 'devices/third/block') == 0 and put('0', ROOT + 'devices/third/block') == 0, 'blocking does not wait for it')
must(commands(s) == 1, 'and does not end it')
abort(s, a)
hole('0')
s.settle(0)

print('== the session goes')
hole('2')
drop(s, 'READ', read10(0, 1), read=512)
drop(s, 'WRITE', write10(0, 8), write=other)
must(put('1', ROOT + 'suspend') == 0 and put('-1', ROOT + 'suspend') == 0, 'suspending does not wait for them')
must(s.logout() == 0, 'the logout is answered')
s.close()
until(lambda: not os.path.exists(T + 'sessions/' + s.initiator), 'the session is gone after the logout')
hole('0')
s = iscsi.Session('127.0.0.1', target=NAME)
s.lost = set()
s.settle(0)
hole('2')
for _ in range(20):
    drop(s, 'READ', read10(0, 1), read=512)
s.close()
until(lambda: not os.path.exists(T + 'sessions/' + s.initiator), 'the session is gone after a broken connection')
hole('1', GROUP_HOLE)
itt = g.start(write10(0, 64), write=bytes(32768), immediate_data=False, final=False)
g.ping()
must(commands(g) == 1, 'a WRITE whose data do not come')
drop(g, 'READ', read10(0, 1), read=512)
must(put('1', T + 'sessions/%s/force_close' % GROUPED) == 0, 'force_close')
g.close()
until(lambda: not os.path.exists(T + 'sessions/' + GROUPED), 'the session is gone')
hole('0')
hole('0', GROUP_HOLE)
PY

T=iqn.2026-01.test:hole
I=$INI_DEFAULT
allow_dmesg 'bad value ".*" for black_hole'
scst_up
open_fileio disk "$(mkdisk hole 16)"
open_nullio second size_mb=8
open_nullio third size_mb=8
add_target $T
add_lun $T 0 disk
add_lun $T 1 second
add_group $T g
add_lun $T 0 disk g
add_lun $T 1 third g
add_init $T g iqn.2024-01.test:grouped
put 1 $ISCSI/$T/aen_disabled
enable_target $T
run python3 "$TESTDIR/t.py" $T

step "open-iscsi aborts, tries again, and comes through when the hole closes"
put "replace disk 0" $ISCSI/$T/luns/mgmt
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
echo 5 > "/sys/block/${d#/dev/}/device/timeout"
put 3 $ISCSI/$T/black_hole
dd if="$d" of="$TESTDIR/read" bs=64k count=16 iflag=direct 2> "$TESTDIR/dd.out" &
DD=$!
aborted() { iscsiadm -m session -s 2>/dev/null | awk '/tmfcmd_pdus/ { n += $2 } END { exit !n }'; }
wait_for 60 aborted || fail "the initiator aborts nothing"
put 0 $ISCSI/$T/black_hole
wait $DD || { cat "$TESTDIR/dd.out"; fail "the READ has failed"; }
cmp "$TESTDIR/read" /vdisks/hole -n 1048576 || fail "wrong data"
wait_for 20 grep -qx 0 $ISCSI/$T/sessions/$I/commands || fail "commands are left"

step "a target is deleted whose last session went with dropped commands"
put 2 $ISCSI/$T/black_hole
dd if="$d" of=/dev/null bs=4k count=1 iflag=direct 2> /dev/null &
DD=$!
wait_for 30 grep -qx 1 $ISCSI/$T/sessions/$I/commands || fail "the command was not dropped"
put 0 $ISCSI/$T/enabled
echo 1 > $ISCSI/$T/sessions/$I/force_close
wait_for 60 [ ! -e $ISCSI/$T/sessions/$I ] || fail "the session stays"
iscsiadm -m node -T $T -p 127.0.0.1 -u
wait $DD && fail "a READ that was dropped has succeeded"
del_target $T
[ ! -e $ISCSI/$T ] || fail "the target stays"
