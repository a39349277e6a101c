# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What WRITE leaves on the medium in each of its lengths, what a full file system makes of
# it, and what INQUIRY and READ CAPACITY tell of dummy, read_zero and lb_per_pb_exp.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:medium

scst_up
f=$(mkdisk medium 16)
open_fileio disk "$f"
mkdir -p /full && run mount -t tmpfs -o size=2M none /full
truncate -s 16M /full/disk
open_fileio full /full/disk
open_nullio null size_mb=16
open_nullio place size_mb=16 dummy=1
add_target $T
add_lun $T 0 disk
add_lun $T 1 full
add_lun $T 2 null
add_lun $T 3 place
enable_target $T

cat > /tmp/medium.py << 'EOF'
import struct
import sys
import iscsi
import kit
from kit import must

T, FILE = sys.argv[1:3]
BS = 512
s = iscsi.Session('127.0.0.1', target=T)
for lun in range(4):
    s.settle(lun)

print('== WRITE of every length')
for n, cdb in enumerate((lambda lba, n: struct.pack('>BBHBx', 0x0a, lba >> 16, lba & 0xffff, n),
                         kit.write10,
                         lambda lba, n: struct.pack('>BBIIxx', 0xaa, 0, lba, n),
                         lambda lba, n: struct.pack('>BBQIxx', 0x8a, 0, lba, n))):
    for lba, blocks in ((0, 1), (7, 9), (32768 - 200, 200)):
        data = kit.pattern(lba, blocks, n + 1)
        r = s.scsi(cdb(lba, blocks), write=data)
        must(r.status == 0, 'WRITE kind %d of %d blocks at %d: %r' % (n, blocks, lba, r))
        s.scsi(kit.sync10())
        with open(FILE, 'rb') as f:
            f.seek(lba * BS)
            must(f.read(blocks * BS) == data, 'is on the medium')
data = kit.pattern(1000, 256, 9)
must(s.scsi(struct.pack('>BBHBx', 0x0a, 0, 1000, 0), write=data).status == 0, 'WRITE(6) of 0 blocks are 256')
with open(FILE, 'rb') as f:
    f.seek(1000 * BS)
    must(f.read(256 * BS) == data, 'on the medium')
    must(f.read(BS) == bytes(BS), 'and no more')

print('== no space')
r = s.write10(1, 0, bytes([1]) * (1 << 20))
must(r.status == 0, 'the first MiB fits')
r = s.write10(1, 16384, bytes([2]) * (2 << 20))
must(r.status == 2 and r.asc == (7, 0x27, 7), 'no room for two more: %r' % r)
must(s.read10(1, 0, 2048).data == bytes([1]) * (1 << 20), 'the first is still there')

print('== dummy, read_zero, lb_per_pb_exp')
must(s.inquiry(3).data[0] == 0x3f, 'a dummy is qualifier 1, type 1Fh')
must(s.inquiry(2).data[0] == 0, 'another is a disk')
s.write10(2, 5, bytes([7]) * 4096)
must(s.read10(2, 5, 8).data == bytes(4096), 'nullio reads zeroes')


def capacity():
    return s.scsi(struct.pack('>BB8xIxx', 0x9e, 0x10, 32), read=32).data


must(capacity()[13] & 15 == 3, '8 logical blocks per physical one')
must(kit.put('0', kit.ROOT + 'devices/disk/lb_per_pb_exp') == 0, 'hidden')
must(capacity()[13] & 15 == 0, 'one')
EOF
run python3 /tmp/medium.py $T "$f"
wait_for 30 no_sessions || fail "a session stays"
