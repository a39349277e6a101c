# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Commands beyond READ and WRITE, each judged by what the file holds afterwards: ORWRITE,
# PRE-FETCH, SANITIZE, FORMAT UNIT; buffers, log pages, self test, defects; the offset of
# a miscompare and the field pointers of refused CDBs. SANITIZE that the end of its device cuts short.
# check: 6.1
# timeout: 600
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:commands
DIR=/var/lib/scst/vdev_mode_pages

mkdir -p $DIR
scst_up
f=$(mkdisk cmds 16)
open_fileio thin "$f" thin_provisioned=1
open_fileio thick "$(mkdisk thick 4)"
open_nullio vast
add_target $T
add_lun $T 0 thin
add_lun $T 1 thick
add_lun $T 2 vast
enable_target $T
allow_dmesg 'is being formatted or sanitized'

cat > /tmp/commands.py << 'EOF'
import ctypes
import mmap
import os
import struct
import sys
import time
import iscsi
import kit
from kit import must

T, FILE, THICK = sys.argv[1:4]
BS = 512
GOOD, CHECK, MET = 0, 2, 4
s = iscsi.Session('127.0.0.1', target=T).settle(0).settle(1).settle(2)
other = iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:second').settle(0).settle(1)


def medium(lba, blocks, path=FILE):
    s.scsi(kit.sync10(), 1 if path == THICK else 0)
    with open(path, 'rb') as f:
        f.seek(lba * BS)
        return f.read(blocks * BS)


def fine(cdb, what, lun=0, status=GOOD, by=s, **how):
    r = by.scsi(bytes(cdb), lun, **how)
    must(r.status == status, '%s: %r' % (what, r))
    return r


def refused(cdb, sense, what, lun=0, field=None, by=s, **how):
    r = by.scsi(bytes(cdb), lun, **how)
    must(r.status == CHECK and r.asc == sense, '%s is refused: %r' % (what, r))
    if field is not None:
        must(r.sense[15] & 0xc0 == 0xc0 and struct.unpack_from('>H', r.sense, 16)[0] == field, '%s: points at byte %d' % (what, field))
    return r


FIELD, PARAM, RANGE = (5, 0x24, 0), (5, 0x26, 0), (5, 0x21, 0)


def orwrite(lba, blocks, flags=0):
    return struct.pack('>BBQIxx', 0x8b, flags, lba, blocks)


print('== ORWRITE')
a, b = kit.pattern(100, 40), kit.pattern(900, 40, 7)
s.write10(0, 100, a)
fine(orwrite(100, 40), 'ORWRITE', write=b)
must(medium(100, 40) == bytes(x | y for x, y in zip(a, b)), 'the medium holds old OR new')
must(medium(140, 1) == bytes(BS), 'not more than that')
refused(orwrite(32767, 2), RANGE, 'ORWRITE beyond the end', write=b[:1024])
refused(orwrite(100, 1, 0x20), FIELD, 'ORWRITE with ORPROTECT', field=1, write=b[:512])

print('== PRE-FETCH')


def cached(lba, blocks):
    """Which pages of the file are in memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    pages = bytearray(blocks // 8)
    with open(FILE, 'r+b') as f, mmap.mmap(f.fileno(), blocks * BS, offset=lba * BS) as m:
        at = ctypes.addressof(ctypes.c_char.from_buffer(m))
        must(libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(blocks * BS),
                          (ctypes.c_char * len(pages)).from_buffer(pages)) == 0, 'mincore')
    return [p & 1 for p in pages]


def cold(lba, blocks):
    fine(kit.write10(lba, blocks), 'WRITE', write=kit.pattern(lba, blocks))
    s.scsi(kit.sync10())
    with open(FILE, 'rb') as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    must(not any(cached(lba, blocks)), 'nothing is cached')


def warm(lba, blocks):
    for _ in range(100):
        if all(cached(lba, blocks)):
            return
        time.sleep(.1)
    must(False, 'all is cached: %r' % cached(lba, blocks))


for lba, cdb in ((8192, struct.pack('>BBIxHx', 0x34, 0, 8192, 4096)), (16384, struct.pack('>BBQIxx', 0x90, 2, 16384, 4096))):
    cold(lba, 4096)
    fine(cdb, 'PRE-FETCH', status=MET)
    warm(lba, 4096)
fine(struct.pack('>BBQIxx', 0x90, 0, 16384, 0), 'PRE-FETCH(16) to the end', status=MET)
fine(struct.pack('>BBQIxx', 0x90, 2, 0, 0), 'PRE-FETCH(16) of more than is taken at once', status=GOOD)
refused(struct.pack('>BBIxHx', 0x34, 0, 32768, 1), RANGE, 'PRE-FETCH beyond the end')

print('== miscompare')
s.write10(0, 200, a)
bad = bytearray(a)
bad[5 * BS + 77] ^= 1
r = refused(kit.compare_and_write(200, 8), (0xe, 0x1d, 0), 'COMPARE AND WRITE', write=bytes(bad[:8 * BS]) + bytes(8 * BS))
must(r.sense[0] == 0xf0 and struct.unpack_from('>I', r.sense, 3)[0] == 5 * BS + 77, 'INFORMATION is the offset')
must(medium(200, 40) == a, 'nothing was written')

print('== VERIFY against the medium, WRITE AND VERIFY')
fine(kit.verify10(200, 8, 1), 'VERIFY BYTCHK 1', write=a[:8 * BS])
r = refused(kit.verify10(200, 8, 1), (0xe, 0x1d, 0), 'VERIFY BYTCHK 1', write=bytes(bad[:8 * BS]))
must(struct.unpack_from('>I', r.sense, 3)[0] == 5 * BS + 77, 'INFORMATION is the offset')
s.write10(0, 300, a[:BS] * 4)
fine(kit.verify10(300, 4, 3), 'VERIFY BYTCHK 3', write=a[:BS])
fine(kit.write_verify10(300, 8), 'WRITE AND VERIFY', write=a[:8 * BS])
must(medium(300, 8) == a[:8 * BS], 'and the medium holds it')

print('== the limits that VPD page B0h tells')


def write_same16(lba, blocks, flags=0):
    return struct.pack('>BBQIxx', 0x93, flags, lba, blocks)


limits = fine([0x12, 1, 0xb0, 0, 64, 0], 'VPD B0', read=64).data
max_xfer, = struct.unpack_from('>I', limits, 8)
must(0 < max_xfer < 32768, 'MAXIMUM TRANSFER LENGTH is %d blocks' % max_xfer)
for name, opcode, flags in (('READ', 0x88, 0), ('WRITE', 0x8a, 0), ('VERIFY', 0x8f, 0), ('VERIFY BYTCHK 3', 0x8f, 6),
                            ('WRITE AND VERIFY', 0x8e, 0), ('ORWRITE', 0x8b, 0)):
    refused(struct.pack('>BBQIxx', opcode, flags, 0, max_xfer + 1), FIELD, name + '(16) of a block more')
fine(struct.pack('>BBQIxx', 0x8f, 0, 0, max_xfer), 'VERIFY(16) of as many')
limits = fine([0x12, 1, 0xb0, 0, 64, 0], 'VPD B0 of a vast disk', lun=2, read=64).data
max_same, = struct.unpack_from('>Q', limits, 36)
must(0 < max_same < 1 << 32, 'MAXIMUM WRITE SAME LENGTH is %d blocks' % max_same)
end = struct.unpack('>Q', s.scsi(struct.pack('>BB8xIxx', 0x9e, 0x10, 32), 2, read=32).data[:8])[0] + 1
fine(write_same16(0, max_same), 'WRITE SAME(16) of as many', lun=2, write=bytes(BS))
fine(write_same16(end - max_same, 0), 'WRITE SAME(16) to the end', lun=2, write=bytes(BS))
refused(write_same16(0, max_same + 1), FIELD, 'a block more', lun=2, field=10, write=bytes(BS))
refused(write_same16(end - max_same - 1, 0), FIELD, 'to the end, a block more', lun=2, field=10, write=bytes(BS))
refused(write_same16(0, 1, 0x10), FIELD, 'WRITE SAME with ANCHOR', lun=2, field=1, write=bytes(BS))

print('== GET LBA STATUS begins at the LBA asked for, physical block or not')
s.write10(0, 4096, kit.pattern(4096, 64))
cdb, data = kit.unmap((4096, 16))
fine(cdb, 'UNMAP', write=data)
for lba, length, state in ((4096, 16, 1), (4105, 7, 1), (4112, 48, 0), (4117, 43, 0)):
    got = fine(kit.lba_status(lba, 24), 'GET LBA STATUS at %d' % lba, read=24).data
    first, blocks, what = struct.unpack_from('>QIB', got, 8)
    must((first, what & 15) == (lba, state) and blocks >= length, 'tells %d, %d blocks, state %d' % (first, blocks, what))
fine(kit.lba_status(0, 1 << 26), 'GET LBA STATUS with room for more than any transfer', read=1 << 16)
cdb, data = kit.unmap((32768, 0))
fine(cdb, 'UNMAP of no blocks behind the last one', write=data)

print('== REQUEST SENSE says it in the format that was asked for')
for desc, want in ((0, bytes([0x70, 0, 6] + [0] * 4 + [10] + [0] * 4 + [0x29, 0])), (1, bytes([0x72, 6, 0x29, 0]))):
    fresh = iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:fresh%d' % desc)
    got = fine([3, desc, 0, 0, 252, 0], 'REQUEST SENSE, DESC=%d, of a power on' % desc, read=252, by=fresh).data
    must(got[:len(want)] == want, got.hex())
    fresh.logout()
    fresh.close()

print('== buffers')
echo = bytes(range(256)) * 4
refused([0x3c, 0x0a, 0, 0, 0, 0, 0, 4, 0, 0], (5, 0x2c, 0), 'READ BUFFER (echo) before WRITE BUFFER', read=1024)
fine([0x3b, 0x0a, 0, 0, 0, 0, 0, 4, 0, 0], 'WRITE BUFFER (echo)', write=echo)
must(fine([0x3c, 0x0a, 0, 0, 0, 0, 0, 4, 0, 0], 'READ BUFFER (echo)', read=1024).data == echo, 'what was sent comes back')
must(fine([0x3c, 0x0b, 0, 0, 0, 0, 0, 0, 4, 0], 'echo descriptor', read=4).data == bytes([0, 0, 0x10, 0]), '4096 bytes')
must(fine([0x3c, 0x03, 0, 0, 0, 0, 0, 0, 4, 0], 'descriptor', read=4).data == bytes([2, 1, 0, 0]), '65536 bytes')
fine([0x3b, 0x02, 0, 0, 0xff, 0xfc, 0, 0, 4, 0], 'WRITE BUFFER (data) at its end', write=b'last')
must(fine([0x3c, 0x02, 0, 0, 0xff, 0xf8, 0, 0, 9, 0], 'READ BUFFER (data)', read=9).data == bytes(4) + b'last', 'and not beyond')
refused([0x3b, 0x02, 0, 0, 0xff, 0xfc, 0, 0, 5, 0], FIELD, 'WRITE BUFFER beyond the buffer', field=6, write=b'12345')
refused([0x3b, 0x02, 1, 0, 0, 0, 0, 0, 4, 0], FIELD, 'WRITE BUFFER to buffer 1', field=2, write=b'1234')
refused([0x3b, 0x05, 0, 0, 0, 0, 0, 0, 4, 0], FIELD, 'WRITE BUFFER (microcode)', field=1, write=b'1234')
refused([0x3b, 0x0a, 0, 0, 0, 0, 0, 0x10, 1, 0], FIELD, 'too long an echo', field=6, write=bytes(4097))

print('== log pages count')
fine([0x4c, 2, 0, 0, 0, 0, 0, 0, 0, 0], 'LOG SELECT, PCR')
refused(bytes(6), (6, 0x2a, 2), 'the other nexus hears of it', by=other)
for i in range(3):
    s.read10(0, 8, 16)
s.write10(0, 8, bytes(5 * BS))
log = fine([0x4d, 0, 0x59, 0, 0, 0, 0, 0, 255, 0], 'LOG SENSE 19h', read=255).data
must(struct.unpack_from('>4Q', log, 8) == (3, 1, 5, 48), 'reads, writes, blocks written and read: %r' % (struct.unpack_from('>4Q', log, 8),))
must(fine([0x4d, 0, 0x40, 0, 0, 0, 0, 0, 255, 0], 'LOG SENSE 00h', read=255).data == bytes([0, 0, 0, 3, 0, 0x0d, 0x19]), 'list of pages')
refused([0x4d, 0, 0x6f, 0, 0, 0, 0, 0, 255, 0], FIELD, 'LOG SENSE 2Fh', field=2, read=255)

print('== diagnostics, defects, identifying information')
for first in (0x04, 0xa0, 0xc0):
    fine([0x1d, first, 0, 0, 0, 0], 'SEND DIAGNOSTIC %02x' % first)
refused([0x1d, 0x20, 0, 0, 0, 0], FIELD, 'a background self test', field=1)
fine([0x1d, 0x10, 0, 0, 4, 0], 'SEND DIAGNOSTIC, page 00h', write=bytes(4))
refused([0x1d, 0x10, 0, 0, 4, 0], PARAM, 'SEND DIAGNOSTIC, page 40h', write=bytes([0x40, 0, 0, 0]))
must(fine([0x1c, 1, 0, 0, 255, 0], 'RECEIVE DIAGNOSTIC RESULTS', read=255).data == bytes([0, 0, 0, 1, 0]), 'page 00h')
must(fine([0x37, 0, 0x1d, 0, 0, 0, 0, 0, 32, 0], 'READ DEFECT DATA(10)', read=32).data == bytes([0, 0x1d, 0, 0]), 'empty lists')
must(fine([0xb7, 0x1d, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], 'READ DEFECT DATA(12)', read=32).data == bytes([0, 0x1d] + 6 * [0]), 'empty lists')
must(fine([0xa3, 5, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], 'REPORT IDENTIFYING INFORMATION', read=32).data == bytes(4), 'there is none')

print('== FORMAT UNIT')
s.write10(0, 0, a)
s.write10(0, 32728, a)
fine([4, 0, 0, 0, 0, 0], 'FORMAT UNIT')
must(medium(0, 40) == medium(32728, 40) == bytes(40 * BS), 'a thin disk is empty')
s.write10(1, 0, a)
fine([4, 0x10, 0, 0, 0, 0], 'FORMAT UNIT, IMMED', lun=1, write=bytes([0, 2, 0, 0]))
for i in range(100):
    r = s.scsi(bytes(6), 1)
    if r.status == GOOD:
        break
    must(r.asc == (2, 4, 4), 'format in progress: %r' % r)
    time.sleep(.1)
must(medium(0, 40, THICK) == a, 'a thick disk stays')
refused([4, 0x10, 0, 0, 0, 0], PARAM, 'FORMAT UNIT with a list of defects', write=bytes([0, 0, 0, 8]))
refused([4, 0x50, 0, 0, 0, 0], FIELD, 'FORMAT UNIT with protection information', field=1, write=bytes(4))

print('== SANITIZE')
s.write10(0, 0, a)
s.write10(0, 32728, a)


def overwrite(first, pattern, **how):
    data = struct.pack('>BBH', first, 0, len(pattern)) + pattern
    return struct.pack('>BB5xHx', 0x48, how.get('flags', 0) | 1, len(data)), data


cdb, data = overwrite(1, b'\xaa\x55\x33')
fine(cdb, 'OVERWRITE', write=data)
block = (b'\xaa\x55\x33' * 171)[:BS]
must(medium(0, 32768) == block * 32768, 'all of the medium holds the pattern, block by block')
cdb, data = overwrite(0x83, b'\x0f')
fine(cdb, 'OVERWRITE three times, inverted', write=data)
must(medium(0, 32768) == b'\x0f' * (32768 * BS), 'the last pass is the pattern')
cdb, data = overwrite(0x82, b'\x0e')
fine(cdb, 'OVERWRITE twice, inverted', write=data)
must(medium(0, 32768) == b'\x0e' * (32768 * BS), 'the first pass was its complement, the last is the pattern')
cdb, data = overwrite(0x9f, b'\x12')
itt = s.start(cdb, 0, write=data)
while other.scsi(bytes(6)).asc != (2, 4, 0x1b):
    time.sleep(.1)
populate = bytes([0, 0x1e]) + bytes(12) + struct.pack('>HQI4x', 16, 0, 8)
start = time.time()
refused(struct.pack('>BB4xIIxx', 0x83, 0x10, 1, len(populate)), (2, 4, 0x1b), 'POPULATE TOKEN while a SANITIZE executes',
        write=populate, by=other)
print('after %.1f s' % (time.time() - start))
r = s.finish(itt)
must(r.status == GOOD, 'the SANITIZE: %r' % r)
cdb, data = overwrite(0x10, b'\x11', flags=0x80)
fine(cdb, 'OVERWRITE 16 times, IMMED', write=data)
r = refused(bytes(6), (2, 4, 0x1b), 'TEST UNIT READY meanwhile')
must(r.sense[15] & 0x80, 'progress is told')
refused(kit.read10(0, 1), (2, 4, 0x1b), 'READ meanwhile', read=BS, by=other)
refused(kit.write10(0, 1), (2, 4, 0x1b), 'WRITE meanwhile', write=bytes(BS), by=other)
refused(cdb, (2, 4, 0x1b), 'another SANITIZE meanwhile', write=data, by=other)
fine([0x12, 0, 0, 0, 36, 0], 'INQUIRY meanwhile', read=36)
r = fine([3, 0, 0, 0, 252, 0], 'REQUEST SENSE meanwhile', read=252)
must(r.data[2] & 0xf == 2 and r.data[12:14] == bytes([4, 0x1b]), 'tells the state')
must(kit.put('0', kit.ROOT + 'devices/thin/active') == 16, 'active=0 meanwhile: EBUSY')
must(s.task_management(5) == 0, 'LOGICAL UNIT RESET')
r = other.scsi(bytes(6))
while r.asc and r.asc[0] == 6:
    r = other.scsi(bytes(6))
must(r.asc == (2, 4, 0x1b), 'which does not end it')
end = time.time() + 300
while s.scsi(bytes(6)).status != GOOD:
    must(time.time() < end, 'it goes on')
    time.sleep(.3)
must(medium(0, 32768) == b'\x11' * (32768 * BS), 'done to the end')
fine([0x48, 2, 0, 0, 0, 0, 0, 0, 0, 0], 'BLOCK ERASE')
must(medium(0, 32768) == bytes(32768 * BS), 'the medium is zeroes')
refused([0x48, 3, 0, 0, 0, 0, 0, 0, 0, 0], FIELD, 'CRYPTOGRAPHIC ERASE', field=1)
fine([0x48, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0], 'EXIT FAILURE MODE')
refused([0x48, 2, 0, 0, 0, 0, 0, 0, 0, 0], (5, 0x20, 0), 'BLOCK ERASE of a thick disk', lun=1)
EOF
run python3 /tmp/commands.py $T "$f" /vdisks/thick
is "$(stat -c %b "$f")" 0 "blocks of the file after BLOCK ERASE"
is "$(ls $DIR)" '' "files in $DIR"

cat > /tmp/cut.py << 'EOF'
"""cut.py TARGET WHAT: an overwrite that the end of its device cuts short, and the device of that name that comes after it.
A third argument: a folder that appears while it goes on, and it comes to its end."""
import os
import sys
import time
import iscsi
from kit import must

T, WHAT = sys.argv[1:3]
FAILED, FIELD = (3, 0x31, 3), (5, 0x24, 0)
s = iscsi.Session('127.0.0.1', target=T, timeout=120)
LIST = bytes([1, 0, 0, 4, 0, 0, 0, 0])


def sanitize(flags):
    return s.scsi(bytes([0x48, flags, 0, 0, 0, 0, 0, 0, len(LIST), 0]), 3, write=LIST)


def left():
    """TEST UNIT READY once no unit attention is left."""
    r = s.test_unit_ready(3)
    while r.asc and r.asc[0] == 6:
        r = s.test_unit_ready(3)
    return r


if WHAT.startswith('begin'):
    must(left().status == 0, 'the disk is ready')
    must(sanitize(0xa1 if WHAT == 'begin-ause' else 0x81).status == 0, 'OVERWRITE with IMMED')
    must(left().asc == (2, 4, 0x1b), 'it goes on')
    if len(sys.argv) > 3:
        os.mkdir(sys.argv[3])
        must(left().asc == (2, 4, 0x1b), 'it goes on still')
        while left().asc == (2, 4, 0x1b):
            time.sleep(0.05)
        must(left().asc == FAILED, 'it has not ended well: %r' % left())
elif WHAT == 'well':
    must(left().status == 0, 'the disk is ready')
elif WHAT == 'refused':
    must(left().status == 0, 'the disk is ready')
    r = sanitize(0x81)
    must(r.asc == (4, 0x44, 0), 'one that cannot be remembered does not begin: %r' % r)
    must(left().status == 0 and s.read10(3, 0, 1).status == 0, 'the disk is as it was')
else:
    must(left().asc == FAILED, 'TEST UNIT READY: SANITIZE has failed')
    must(s.read10(3, 0, 1).asc == FAILED, 'READ: SANITIZE has failed')
    r = s.scsi(bytes([3, 0, 0, 0, 252, 0]), 3, read=252)
    must(r.data[2] & 15 == 3 and r.data[12:14] == bytes([0x31, 3]), 'REQUEST SENSE tells it')
if WHAT == 'locked':
    r = s.scsi(bytes([0x48, 0x1f] + [0] * 8), 3)
    must(r.asc == FIELD, 'EXIT FAILURE MODE is refused: %r' % r)
    must(sanitize(0x21).asc == FIELD, 'so is another one with AUSE')
    must(sanitize(1).status == 0, 'OVERWRITE')
    must(left().status == 0 and s.read10(3, 9, 1).status == 0, 'the disk is ready')
elif WHAT == 'forgetful':
    r = s.scsi(bytes([0x48, 0x1f] + [0] * 8), 3)
    must(r.asc == (4, 0x44, 0), 'EXIT FAILURE MODE that would not last: %r' % r)
    must(left().asc == FAILED, 'the disk is as it was')
elif WHAT == 'exit':
    must(s.scsi(bytes([0x48, 0x1f] + [0] * 8), 3).status == 0, 'EXIT FAILURE MODE')
    must(left().status == 0 and s.read10(3, 9, 1).status == 0, 'the disk is ready')
must(s.logout() == 0, 'logout')
EOF

step "SANITIZE that the end of its device cuts short is not forgotten"
allow_dmesg 'device large: (SANITIZE failed: error -(4|EINTR)|a SANITIZE has begun and not succeeded)'
large() { open_fileio large "$1"; add_lun $T 3 large; }
ended() { [ ! -e $DIR/large.sanitize ] || fail "$(cat $DIR/large.sanitize)"; }
g=$(mkdisk large 256)
large "$g"
run python3 /tmp/cut.py $T begin
close_dev vdisk_fileio large
is "$(cat $DIR/large.sanitize)" "$(printf 'large\nOPERATION=OVERWRITE\nAUSE=0\nFILENAME=%s' "$g")" "$DIR/large.sanitize"
large "$g"
close_dev vdisk_fileio large

step "It is remembered of its store, not of whatever comes under that name"
expect_dmesg 'device large: .*/large.sanitize tells of a SANITIZE of another store than /.*, ignored'
moved() { put 0 $R/devices/large/active; put "$1" $R/devices/large/filename; put 1 $R/devices/large/active; }
h=$(mkdisk another 16)
large "$h"
run python3 /tmp/cut.py $T well
moved "$g"
run python3 /tmp/cut.py $T failed
moved "$h"
run python3 /tmp/cut.py $T well
close_dev vdisk_fileio large
open_nullio large size_mb=16
add_lun $T 3 large
run python3 /tmp/cut.py $T well
close_dev vdisk_nullio large
put "add_device large" $R/handlers/vcdrom/mgmt
put "$g" $R/devices/large/filename
add_lun $T 3 large
run python3 /tmp/cut.py $T well
close_dev vcdrom large

step "A store that has its name again is as it was"
large "$g"
run python3 /tmp/cut.py $T locked
ended
run python3 /tmp/cut.py $T begin-ause
close_dev vdisk_fileio large
large "$g"
run python3 /tmp/cut.py $T exit
ended
close_dev vdisk_fileio large
printf 'anything' > $DIR/large.sanitize
large "$g"
run python3 /tmp/cut.py $T locked
ended
mkdir $DIR/large.sanitize.1 || fail "no folder"
expect_dmesg 'device large: cannot save that a SANITIZE begins: error -'
run python3 /tmp/cut.py $T refused
rmdir $DIR/large.sanitize.1

step "What tells of it cannot be removed: neither it nor EXIT FAILURE MODE has succeeded"
expect_dmesg 'device large: cannot remove .*/large.sanitize: error -(21|EISDIR)'
expect_dmesg 'device large: SANITIZE failed: error -(21|EISDIR)'
run python3 /tmp/cut.py $T begin-ause $DIR/large.sanitize.1
run python3 /tmp/cut.py $T forgetful
[ -e $DIR/large.sanitize ] || fail "$DIR/large.sanitize is gone"
rmdir $DIR/large.sanitize.1
run python3 /tmp/cut.py $T exit
ended
wait_for 30 no_sessions || fail "a session stays"
