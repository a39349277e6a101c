# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Files: UNMAP and WRITE SAME beyond 4 TiB of ext4, where kernels may punch wrongly; a READ and other LUNs beside slow UNMAPs of a
# block device; an ORDERED WRITE that comes with the READ before it; blocks smaller than those of the device with o_direct.
# check: 6.1
# timeout: 300
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 mkfs.ext4 losetup
T=iqn.2026-01.test:thinfiles
FILEIO=$R/handlers/vdisk_fileio/mgmt

truncate -s 64M /vdisks/ext4.img
run mkfs.ext4 -q -b 4096 /vdisks/ext4.img
mkdir -p /mnt/ext4 /mnt/tmpfs
run modprobe loop
loop=$(losetup -f --show /vdisks/ext4.img) || fail "no loop device"
run mount -t ext4 "$loop" /mnt/ext4
run truncate -s 5T /mnt/ext4/huge
run mount -t tmpfs -o size=16m none /mnt/tmpfs
truncate -s 8M /mnt/tmpfs/order
b=$(debug_disk dev_size_mb=64 lbpws=1 sector_size=4096) || fail "no disk"

scst_up
step "blocks that are smaller than the device's"
(echo "add_device small filename=$b;o_direct=1" > $FILEIO) 2> /dev/null && fail "o_direct with blocks of 512 bytes on a disk of 4096"
expect_dmesg "device small: with o_direct, blocksize 512 is smaller than the logical block of $b .4096."
open_fileio small "$b" o_direct=1 blocksize=4096
put "del_device small" $FILEIO
open_fileio slow "$b" thin_provisioned=1
open_fileio huge /mnt/ext4/huge thin_provisioned=1
open_fileio order /mnt/tmpfs/order
add_target $T
add_lun $T 0 huge
add_lun $T 1 slow
add_lun $T 2 order
enable_target $T
cat > "$TESTDIR/t.py" <<'PY'
import socket
import struct
import sys
import time

import iscsi
from kit import *

HUGE, SLOW, ORDER = range(3)
END = 8598331480        # of the holes that ext4 punches in a file without extents
ORDERED = 2
s = iscsi.Session('127.0.0.1', target=sys.argv[1], timeout=120)


def good(what, lun, cdb, **how):
    r = s.scsi(cdb, lun, **how)
    must(r.status == iscsi.GOOD, '%s: %r' % (what, r))
    return r.data


def cdb16(op, flags, lba, blocks):
    return struct.pack('>BBQIxx', op, flags, lba, blocks)


def write(lba, blocks, salt):
    good('WRITE at %d' % lba, HUGE, cdb16(0x8a, 0, lba, blocks), write=pattern(lba, blocks, salt))


def read(lba, blocks):
    return good('READ at %d' % lba, HUGE, cdb16(0x88, 0, lba, blocks), read=blocks * BS)


def delay(jiffies):
    """Of the disk's commands; refused while it has some."""
    while put(str(jiffies), '/sys/bus/pseudo/drivers/scsi_debug/delay', quiet=True):
        time.sleep(0.1)


for lun in range(3):
    s.settle(lun)
print('# beyond 4 TiB')
for salt, (lba, blocks) in enumerate(((9000000000, 16), (END - 8, 16), (4096, 16))):
    write(lba, blocks, salt)
    must(read(lba, blocks) == pattern(lba, blocks, salt), 'is there')
    good('WRITE SAME with UNMAP', HUGE, cdb16(0x93, 8, lba, blocks), write=bytes(BS))
    must(read(lba, blocks) == bytes(blocks * BS), 'zeroes')
    write(lba, blocks, salt)
    cdb, data = unmap((lba + 1, 1))
    good('UNMAP of one block', HUGE, cdb, write=data)
    must(read(lba + 2, blocks - 2) == pattern(lba + 2, blocks - 2, salt) and read(lba, 1) == pattern(lba, 1, salt), 'no other one changes')

print('# beside slow UNMAPs')
delay(500)
cdb, data = unmap((0, 98304))
itts = [s.start(cdb, SLOW, write=data) for _ in range(4)]
time.sleep(0.5)
itts.append(s.start(read10(100000, 8), SLOW, read=8 * BS))
t = time.time()
must(s.test_unit_ready(ORDER).status == iscsi.GOOD, 'another LUN')
t = time.time() - t
must(t < 1 * iscsi.SLOW, 'does not wait for them, %.1f s' % t)
for itt in itts:
    must(s.finish(itt).status == iscsi.GOOD, 'done')
delay(1)

print('# READ, then an ORDERED WRITE, in one segment')
for salt in range(3):
    old, new = pattern(0, 8, salt), pattern(0, 8, salt + 1)
    good('WRITE', ORDER, write10(0, 8), write=old)
    s.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    first = s.start(read10(0, 8), ORDER, read=8 * BS)
    second = s.start(write10(0, 8), ORDER, write=new, attr=ORDERED)
    s.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    r = s.finish(first)
    must(s.finish(second).status == iscsi.GOOD and r.status == iscsi.GOOD, 'both')
    # The target learns of order with the first one.
    must(salt == 0 or r.data == old, 'READ has what was there before')
must(s.logout() == 0, 'logout')
PY
step "by a raw initiator"
run python3 "$TESTDIR/t.py" $T
scst_down || fail "something stays loaded"
run umount /mnt/tmpfs
run umount /mnt/ext4
run losetup -d "$loop"
run modprobe -r scsi_debug
