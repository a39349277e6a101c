# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A disk of the host that copies and compares by itself, one of another target in this machine: COMPARE AND WRITE goes
# through, EXTENDED COPY and RECEIVE COPY RESULTS do with the target's forward_src, and without it the disk is not asked.
# timeout: 240
# check: 6.12
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 iscsiadm module:target_core_mod module:target_core_file module:iscsi_target_mod
T=iqn.2026-01.test:forward
OTHER=iqn.2026-01.test:copier
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
enable_target $T

cat > "$TESTDIR/forward.py" << 'PY'
import struct
import sys
import iscsi
import xcopy
from kit import BS, must

T, ATTR = sys.argv[1:3]
MISCOMPARE = (14, 0x1d, 0)


def forward(on):
    with open(ATTR, 'w') as f:
        f.write(on + '\n')


def caw(old, new, lba=8):
    return s.scsi(struct.pack('>BBQ3xBxx', 0x89, 0, lba, 1), write=old + new)


s = iscsi.Session('127.0.0.1', target=T, timeout=60).settle(0)
first, second = b'a' * BS, b'b' * BS
must(s.write10(0, 8, first).status == 0, 'written')
r = caw(second, first)
must(r.asc == MISCOMPARE and s.read10(0, 8, 1).data == first, 'COMPARE AND WRITE that differs: %r' % r)
r = caw(first, second)
must(r.status == 0 and s.read10(0, 8, 1).data == second, 'and one that does not: %r' % r)

name = next(n for n in xcopy.designators(s.inquiry(0, page=0x83, length=512).data) if n[1] & 0x3f == 3)
print('the disk is', name.hex())
data = b''.join(bytes([i]) * BS for i in range(64))
must(s.write10(0, 64, data).status == 0, 'written')
copy = xcopy.parameters([xcopy.cscd(name)], [xcopy.segment(0, 0, 64, 1024, 64)])
r = xcopy.send(s, copy, 0)
must(r.status == 2, 'without forward_src: %r' % r)
must(s.read10(0, 1024, 64).data == bytes(64 * BS), 'nothing is copied')
forward('1')
r = xcopy.send(s, copy, 0)
must(r.status == 0, 'with it: %r' % r)
must(s.read10(0, 1024, 64).data == data, 'copied')
r = xcopy.receive(s, xcopy.PARAMETERS, lun=0)
must(r.status == 0 and len(r.data) > 4, 'RECEIVE COPY RESULTS: %r' % r)
forward('0')
must(xcopy.send(s, copy, 0).status == 2, 'without it again')
s.logout()
PY
run timeout 120 python3 "$TESTDIR/forward.py" $T $ISCSI/$T/forward_src
wait_for 30 no_sessions || fail "a session stays"
put "del_device $D" $R/handlers/dev_disk/mgmt
ini_logout "$I" 127.0.0.1:3261 $OTHER
put 0 $p/enable
run rm $p/lun/lun_0/copier
run rmdir $p/np/127.0.0.1:3261 $p/lun/lun_0 $p $C/iscsi/$OTHER $C/core/fileio_0/copier
