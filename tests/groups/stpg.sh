# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# SET TARGET PORT GROUPS: what is refused; the event byte by byte; what is blocked while
# user space thinks; confirmed, refused, abandoned; then scst-stpgd and sg_stpg.
# /dev/scst_event: subscriptions, errors of each ioctl, poll, a device that is registered.
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3 sg_stpg scst-stpgd

cat > "$TESTDIR/t.py" <<'PY'
import errno
import os
import select
import struct
import subprocess
import sys
import time

import events
import iscsi
from kit import ROOT, get, must, put

A, B = sys.argv[1:3]
G = ROOT + 'device_groups/dg/target_groups/'
GOOD, CHANGED = (), (6, 0x2a, 6)
FAILED, BUSY, IN_LIST, LENGTH = (4, 0x67, 0xa), (2, 4, 0xa), (5, 0x26, 0), (5, 0x1a, 0)


def stpg_list(*want):
    return bytes(4) + b''.join(struct.pack('>BxH', state, group) for state, group in want)


def stpg_start(s, data, lun=0, length=None):
    cdb = struct.pack('>BB4xIxx', 0xa4, 0x0a, len(data) if length is None else length)
    return s.start(cdb, lun, write=data)


def stpg(s, *want):
    itt = stpg_start(s, stpg_list(*want))
    return s.finish(itt, stpg_list(*want)).asc or GOOD


def states():
    return [get(G + g + '/state').split()[0] for g in ('ga', 'gb')]


a = iscsi.Session('127.0.0.1', target=A)
b = iscsi.Session('127.0.0.1', target=B, initiator='iqn.2024-01.test:other')
for s in a, b:
    for lun in 0, 1:
        s.settle(lun)

print('== refused without asking anybody')
must(a.inquiry().data[5] >> 4 & 3 == 3, 'implicit and explicit')
must(stpg(a, (2, 101)) == FAILED, 'nobody listens')
must(stpg(a, (14, 101)) == IN_LIST and stpg(a, (15, 101)) == IN_LIST and stpg(a, (4, 101)) == IN_LIST, 'states that cannot be asked for')
must(stpg(a, (2, 7)) == IN_LIST and stpg(a, (2, 101), (0, 101)) == IN_LIST, 'no such group, one named twice')
r = a.finish(stpg_start(a, bytes(7)))
must(r.asc == LENGTH, 'a list that is cut: %s' % r)
big = stpg_list(*[(0, 101)] * 65)
must(a.finish(stpg_start(a, big), big).asc == LENGTH, 'a list that is too long')
must(stpg(a, (0, 101)) == GOOD and a.scsi(struct.pack('>BB4xIxx', 0xa4, 0x0a, 0)).status == 0, 'nothing to change')
must(states() == ['active', 'nonoptimized'], 'nothing has changed')

print('== the event file')
l = events.Listener()
fd = l.fd
p = select.poll()
p.register(fd, select.POLLIN | select.POLLNVAL)
must(p.poll(0) == [(fd, select.POLLNVAL)], 'poll before any subscription')
must(l.next() is None, 'no event')
must(l.allow(6) == 0 and l.allow(6) == errno.EEXIST, 'a subscription, twice')
must(l.allow(5, b'*') == 0, 'another')
must(l.allow(5, b'x' * 50) == errno.EINVAL, 'an issuer without end')
must(l.ioctl(events.ALLOW, struct.pack('<i', -1).ljust(64, b'\0'))[0] == errno.EINVAL, 'a negative length')
must(l.ioctl(events.ALLOW, struct.pack('<i', 3073).ljust(64, b'\0'))[0] == errno.EINVAL, 'a length above the limit')
must(l.disallow(4) == errno.ENOENT, 'no such subscription')
must([l.allow(1000 + i) for i in range(99)] == [0] * 98 + [errno.EMFILE], 'one too many')
must(all(l.disallow(1000 + i) == 0 for i in range(98)), 'taken back')
must(l.ioctl(events.number(1, 9, 4), bytes(4))[0] == errno.ENOTTY, 'an unknown request')
must(l.done(12345, 0) == errno.ENOENT, 'an unknown event')
must(p.poll(0) == [], 'nothing yet')
must(put('add_device new size_mb=1', ROOT + 'handlers/vdisk_nullio/mgmt') == 0, 'a device comes')
must(p.poll(0) == [(fd, select.POLLIN)], 'poll tells')
err, buf = l.ioctl(events.GET_NEXT, struct.pack('<i', 64).ljust(72, b'\0'))
must((err, struct.unpack_from('<i', buf)[0]) == (errno.ENOSPC, 124), 'too little room, as much is needed')
e = l.next()
must((e.code, e.issuer, e.payload) == (6, b'SCST core', b'new'.ljust(60, b'\0')), 'the device was registered: %s' % e.payload)
must(put('del_device new', ROOT + 'handlers/vdisk_nullio/mgmt') == 0, 'it goes')

print('== asked, byte by byte')
want = stpg_list((2, 101), (0, 102))
itt = stpg_start(a, want)
must(p.poll(10000) == [(fd, select.POLLIN)], 'the event is there')
e = l.next()
data = e.payload
must((e.code, e.issuer, len(data)) == (5, b'SCST core', 74 + 2 * 194), 'event 5')
must(struct.unpack_from('<64sH', data, 8) == (b'disk'.ljust(64, b'\0'), 2), 'device and count')
for i, (group, old, new, name) in enumerate(((101, b'active', b'standby', b'ga'), (102, b'nonoptimized', b'active', b'gb'))):
    got = struct.unpack_from('<H32s32s64s64s', data, 74 + i * 194)
    must([got[0]] + [x.rstrip(b'\0') for x in got[1:]] == [group, old, new, b'dg', name], 'group %d: %s' % (i, got))
must(stpg(b, (2, 102)) == BUSY, 'another one meanwhile')
must(a.test_unit_ready(0).status == 0, 'the device itself works')
blocked = b.start(bytes(6), 1)
time.sleep(1)
must(not select.select([b.sock], [], [], 0)[0], 'the other device of the group is blocked')
must(put('standby', G + 'ga/state') == 0 and put('active', G + 'gb/state') == 0, 'the states are written meanwhile')
must(l.done(e.id, 0) == 0 and l.done(e.id, 0) == errno.ENOENT, 'confirmed once')
must(a.finish(itt, want).status == 0, 'SET TARGET PORT GROUPS is good')
must(b.finish(blocked).status == 0, 'the other device goes on')
must(a.test_unit_ready(0).asc == (2, 4, 0xb), 'who asked is not told of the change')
must(b.test_unit_ready(0).asc == CHANGED and b.test_unit_ready(0).status == 0, 'the other one is')

print('== refused, abandoned')
b.settle(1)
itt = stpg_start(b, stpg_list((0, 101)))
p.poll(10000)
must(l.done(l.next().id, -1) == 0, 'refused')
must(b.finish(itt, stpg_list((0, 101))).asc == FAILED, 'the initiator is told')
itt = stpg_start(b, stpg_list((0, 101)))
p.poll(10000)
p.unregister(fd)
l.close()
must(b.finish(itt, stpg_list((0, 101))).asc == FAILED, 'the listener went')
must(states() == ['standby', 'active'], 'nothing has changed')
must(b.test_unit_ready(1).status == 0, 'nothing stays blocked')

print('== scst-stpgd')
hook = os.environ['TESTDIR'] + '/hook'
with open(hook, 'w') as f:
    f.write('#!/bin/sh\necho "$@" >> %s.log\n[ "$5" != unavailable ]\n' % hook)
os.chmod(hook, 0o755)
daemon = subprocess.Popen(['scst-stpgd', '-f', '-e', hook])
time.sleep(2)
must(stpg(b, (0, 101), (1, 102)) == GOOD and states() == ['active', 'nonoptimized'], 'changed by the helper')
must(stpg(b, (3, 101)) == FAILED and states() == ['active', 'nonoptimized'], "the administrator's program refuses")
must(get(hook + '.log') == 'disk dg ga standby active\ndisk dg gb active nonoptimized\ndisk dg ga active unavailable\n',
     'what the program was told: ' + get(hook + '.log'))
must(subprocess.call(['sh', '-c', os.environ['SG_STPG']]) == 0, 'sg_stpg')
must(states() == ['standby', 'active'], 'changed by sg_stpg')
daemon.terminate()
daemon.wait()
b.settle(0)
must(stpg(b, (0, 101)) == FAILED, 'nobody listens any more')
a.close()
b.close()
PY

allow_dmesg 'scst: device disk: SET TARGET PORT GROUPS refused: nobody listens'
A=iqn.2026-01.test:a
B=iqn.2026-01.test:b
DG=$R/device_groups
scst_up
open_fileio disk "$(mkdisk stpg 8)"
open_nullio second size_mb=8
put 1 $R/devices/disk/expl_alua
for t in $A $B; do
	add_target $t
	add_lun $t 0 disk
	add_lun $t 1 second
	enable_target $t
done
put "create dg" $DG/mgmt
put "add disk" $DG/dg/devices/mgmt
put "add second" $DG/dg/devices/mgmt
put "create ga" $DG/dg/target_groups/mgmt
put "create gb" $DG/dg/target_groups/mgmt
put 101 $DG/dg/target_groups/ga/group_id
put 102 $DG/dg/target_groups/gb/group_id
put nonoptimized $DG/dg/target_groups/gb/state
put "add $A" $DG/dg/target_groups/ga/mgmt
put "add $B" $DG/dg/target_groups/gb/mgmt
ini_login $INI_DEFAULT 127.0.0.1 $B
d=$(find_disk $INI_DEFAULT $B 0) || exit 1
# A pending unit attention would be its answer.
export TESTDIR SG_STPG="sg_turs $d; sg_turs $d; sg_stpg --tp=101,102 --state=s,ao $d"
run python3 "$TESTDIR/t.py" $A $B
ini_logout $INI_DEFAULT 127.0.0.1 $B
