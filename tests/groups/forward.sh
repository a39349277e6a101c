# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A disk of the host that copies and compares by itself, one of another target in this machine: the requests that the host
# sends it are counted. COMPARE AND WRITE always goes through; EXTENDED COPY and RECEIVE COPY RESULTS do with the target's
# forward_src, the first not through a LUN that refuses writes, and without it the target answers and the disk is not asked.
# timeout: 240
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 iscsiadm module:target_core_mod module:target_core_file module:iscsi_target_mod
T=iqn.2026-01.test:forward
OTHER=iqn.2026-01.test:copier
READER=iqn.2026-01.test:reader
I=$INI_DEFAULT
C=/sys/kernel/config/target

step "the other target"
run modprobe -a target_core_mod target_core_file iscsi_target_mod
mountpoint -q /sys/kernel/config || run mount -t configfs none /sys/kernel/config
mkdir -p /var/target/pr /var/target/alua
f=$(mkdisk copier 16)
run mkdir -p $C/core/fileio_0/copier
put "fd_dev_name=$f,fd_dev_size=$((16 << 20)),fd_buffered_io=1" $C/core/fileio_0/copier/control
put 0123456789abcdef0123456789abcdef $C/core/fileio_0/copier/wwn/vpd_unit_serial
put 1 $C/core/fileio_0/copier/enable
p=$C/iscsi/$OTHER/tpgt_1
run mkdir -p $C/iscsi/$OTHER
run mkdir $p
run mkdir $p/lun/lun_0
run ln -s $C/core/fileio_0/copier $p/lun/lun_0/copier
run mkdir $p/np/127.0.0.1:3261
put 0 $p/attrib/authentication
put 1 $p/attrib/generate_node_acls
put 0 $p/attrib/demo_mode_write_protect
put 1 $p/enable
ini_login "$I" 127.0.0.1:3261 $OTHER
d=$(find_disk "$I" $OTHER 0) || exit 1
D=$(hctl "$d")

scst_up
run modprobe scst_disk
put "add_device $D" $R/handlers/dev_disk/mgmt
add_target $T
add_lun $T 0 "$D"
add_group $T ro
add_init $T ro $READER
put "add $D 0 read_only=1" $ISCSI/$T/ini_groups/ro/luns/mgmt
enable_target $T

cat > "$TESTDIR/forward.py" << 'PY'
import struct
import sys
import iscsi
import xcopy
from kit import BS, must

T, ATTR, READER = sys.argv[1:4]
COPIES = sys.argv[5] == 'copies'
COUNT = '/sys/class/scsi_device/%s/device/iorequest_cnt' % sys.argv[4]
MISCOMPARE = (14, 0x1d, 0)
UNKNOWN = (5, 0x20, 0)
COPY_ABORTED = 10
PROTECTED = (7, 0x27, 0)


def forward(on):
    with open(ATTR, 'w') as f:
        f.write(on + '\n')


def count():
    with open(COUNT) as f:
        return int(f.read(), 0)


def asks(times, command, what):
    """The answer to a command of which the disk gets that many."""
    before = count()
    r = command()
    must(count() - before == times, '%s: the disk is asked %d times, got %d' % (what, times, count() - before))
    return r


def caw(old, new, lba=8):
    return s.scsi(struct.pack('>BBQ3xBxx', 0x89, 0, lba, 1), write=old + new)


def receive(what):
    return xcopy.receive(s, what, lun=0)


def copies():
    return bool(s.inquiry(0).data[5] & 8)


s = iscsi.Session('127.0.0.1', target=T, timeout=60).settle(0)
first, second = b'a' * BS, b'b' * BS
for on in '0', '1':
    forward(on)
    must(s.write10(0, 8, first).status == 0, 'written')
    r = asks(1, lambda: caw(second, first), 'COMPARE AND WRITE, forward_src=' + on)
    must(r.asc == MISCOMPARE and s.read10(0, 8, 1).data == first, 'that differs: %r' % r)
    r = asks(1, lambda: caw(first, second), 'COMPARE AND WRITE, forward_src=' + on)
    must(r.status == 0 and s.read10(0, 8, 1).data == second, 'that does not: %r' % r)
forward('0')

name = next(n for n in xcopy.designators(s.inquiry(0, page=0x83, length=512).data) if n[1] & 0x3f == 3)
print('the disk is', name.hex())
data = b''.join(bytes([i + 1]) * BS for i in range(64))
must(s.write10(0, 64, data).status == 0, 'written')
copy = xcopy.parameters([xcopy.cscd(name)], [xcopy.segment(0, 0, 64, 1024, 64)])


def without():
    must(not copies(), 'INQUIRY without 3PC')
    r = asks(0, lambda: xcopy.send(s, copy, 0), 'EXTENDED COPY without forward_src')
    must(r.asc == UNKNOWN, 'it is refused: %r' % r)
    for what in xcopy.PARAMETERS, xcopy.STATUS:
        r = asks(0, lambda: receive(what), 'RECEIVE COPY RESULTS without forward_src')
        must(r.asc == UNKNOWN, 'it is refused: %r' % r)


without()
must(s.read10(0, 1024, 64).data == bytes(64 * BS), 'nothing is copied')
forward('1')
must(copies(), 'INQUIRY with 3PC')
stranger = xcopy.parameters([xcopy.cscd(name[:-1] + bytes([name[-1] ^ 1]))], [xcopy.segment(0, 0, 64, 1024, 64)])
r = asks(1, lambda: xcopy.send(s, stranger, 0), 'EXTENDED COPY of a disk that is not there')
must(r.status == 2 and r.asc[0] == COPY_ABORTED, 'what the disk says to that arrives: %r' % r)
if COPIES:
    r = asks(1, lambda: xcopy.send(s, copy, 0), 'EXTENDED COPY with forward_src')
    must(r.status == 0, 'it succeeds: %r' % r)
    must(s.read10(0, 1024, 64).data == data, 'copied')
r = asks(1, lambda: receive(xcopy.PARAMETERS), 'RECEIVE COPY RESULTS with forward_src')
must(r.status == 0 and (iscsi.be16(r.data, 8), iscsi.be32(r.data, 12)) == (2, 1024), "these are its limits, not our copy manager's")

reader = iscsi.Session('127.0.0.1', target=T, timeout=60, initiator=READER, isid=b'\x80\0\0\0\0\x09').settle(0)
there = s.read10(0, 1024, 64).data
back = xcopy.parameters([xcopy.cscd(name)], [xcopy.segment(0, 0, 0, 1024, 64)])
r = asks(0, lambda: xcopy.send(reader, back, 0), 'EXTENDED COPY through a read-only LUN')
must(r.asc == PROTECTED and s.read10(0, 1024, 64).data == there, 'it is refused: %r' % r)
r = asks(1, lambda: xcopy.receive(reader, xcopy.PARAMETERS, lun=0), 'RECEIVE COPY RESULTS there')
must(r.status == 0, 'it is answered: %r' % r)
reader.logout()

forward('0')
without()
s.logout()
PY
# A copy of the other target works with a work item on its stack, unknown as such to DEBUG_OBJECTS, which warns and stops the machine.
copies=copies
[ "${SCST_FLAVOUR:-}" != kasan ] || copies='refuses only'
run timeout 120 python3 "$TESTDIR/forward.py" $T $ISCSI/$T/forward_src $READER "$D" "$copies"
wait_for 30 no_sessions || fail "a session stays"
put "del_device $D" $R/handlers/dev_disk/mgmt
ini_logout "$I" 127.0.0.1:3261 $OTHER
put 0 $p/enable
run rm $p/lun/lun_0/copier
run rmdir $p/np/127.0.0.1:3261 $p/lun/lun_0 $p $C/iscsi/$OTHER $C/core/fileio_0/copier
