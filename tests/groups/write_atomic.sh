# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# WRITE ATOMIC(16): offered with true limits where the block device promises atomic writes, and nowhere else; no READ sees
# half of one, not even where the block layer divides the READ; what is refused writes nothing.
# check: 6.12
# timeout: 240
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 module:scsi_debug
T=iqn.2026-01.test:atomic

scst_up
open_fileio file "$(mkdisk file 4)"
open_nullio null
add_target $T
add_lun $T 0 file
add_lun $T 1 null
queue=
if modinfo -p scsi_debug | grep -q '^atomic_wr:'; then
	b=$(debug_disk dev_size_mb=32 atomic_wr=1 ndelay=100000) || fail "no disk with atomic writes"
	queue=/sys/block/${b#/dev/}/queue
	# READs are divided, atomic writes are not
	put 4 "$queue/max_sectors_kb"
else
	b=$(debug_disk dev_size_mb=32) || fail "no disk"
fi
open_blockio disk "$b"
add_lun $T 2 disk
enable_target $T

cat > "$TESTDIR/atomic.py" << 'PY'
import struct
import sys
import threading
import time
import iscsi
from kit import must

T, QUEUE = sys.argv[1:3]
BS, DISK = 512, 2
FIELD, OPCODE, RANGE = (5, 0x24, 0), (5, 0x20, 0), (5, 0x21, 0)
s = iscsi.Session('127.0.0.1', target=T)
for lun in (0, 1, DISK):
    s.settle(lun)


def atomic(lba, blocks, flags=0, boundary=0):
    return struct.pack('>BBQHHxx', 0x9c, flags, lba, boundary, blocks)


def limits(lun):
    page = s.inquiry(lun, page=0xb0).data
    return struct.unpack_from('>5I', page, 44)


def usage(lun):
    return s.scsi(struct.pack('>BBBBHIxx', 0xa3, 0x0c, 1, 0x9c, 0, 64), lun, read=64).data


def refused(what, sense, cdb, data=b'', lun=DISK):
    r = s.scsi(cdb, lun, write=data)
    must(r.status == 2 and r.asc == sense, '%s is refused: %r' % (what, r))


def none(lun, what):
    must(limits(lun) == (0, 0, 0, 0, 0), what + ' promises no atomic writes')
    must(usage(lun)[1] & 7 == 1, what + ' does not list the command')
    refused('WRITE ATOMIC on ' + what, OPCODE, atomic(0, 8), bytes(8 * BS), lun)


none(0, 'a file')
none(1, 'a disk without store')
if not QUEUE:
    none(DISK, 'a block device that promises nothing')
    sys.exit()


def unit(which):
    with open('%s/atomic_write_unit_%s_bytes' % (QUEUE, which)) as f:
        return int(f.read()) // BS


most, align, gran = limits(DISK)[:3]
print('at most %d blocks, alignment %d, granularity %d' % (most, align, gran))
must(most == unit('max') and gran == unit('min') and align == gran, 'the limits are those of the block device')
must(limits(DISK)[3:] == (0, 0), 'there are no boundaries')
must(usage(DISK)[1] & 7 == 3, 'the command is listed')


def read(lba, blocks, who=s, **how):
    r = who.scsi(struct.pack('>BBQIxx', 0x88, 0, lba, blocks), DISK, read=blocks * BS, **how)
    must(r.status == 0, 'READ: %r' % r) if r.status else None
    return r.data


for lba, blocks, flags in ((0, gran, 0), (gran, 3 * gran, 0x08), (4 * gran, most, 0x18)):
    data = bytes((lba + i) & 0xff for i in range(blocks)) * BS
    r = s.scsi(atomic(lba, blocks, flags), DISK, write=data)
    must(r.status == 0 and read(lba, blocks) == data, '%d blocks at %d, flags %02x: %r' % (blocks, lba, flags, r))
r = s.scsi(atomic(0, 0), DISK)
must(r.status == 0, 'none at all')
end = 32 * 2048
before = read(0, 4 * gran)
refused('more than the most', FIELD, atomic(0, most + gran), bytes((most + gran) * BS))
refused('an atomic boundary', FIELD, atomic(0, gran, boundary=gran), bytes(gran * BS))
refused('WRPROTECT', FIELD, atomic(0, gran, 0x20), bytes(gran * BS))
refused('beyond the end', RANGE, atomic(end - gran, 2 * gran), bytes(2 * gran * BS))
refused('half of the data', FIELD, atomic(0, 2 * gran), bytes(gran * BS))
if gran > 1:
    refused('a block off', FIELD, atomic(1, gran), bytes(gran * BS))
    refused('a block short', FIELD, atomic(0, gran - 1), bytes((gran - 1) * BS))
must(read(0, 4 * gran) == before, 'what was refused wrote nothing')

# Each READ shows one write as a whole.
N = min(most, 256)
s.scsi(atomic(0, N), DISK, write=b'A' * (N * BS))
stop, seen, torn, reads = time.time() + 100, set(), [], [0]
writes = 0


def look(attr):
    with iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:reader%d' % attr).settle(DISK) as me:
        while time.time() < stop and not torn and (reads[0] < 30 or writes < 15):
            kinds = set(read(0, N, me, attr=attr))
            reads[0] += 1
            seen.update(kinds)
            if len(kinds) != 1:
                torn.append(kinds)


readers = [threading.Thread(target=look, args=(attr,)) for attr in (1, 3)]
for t in readers:
    t.start()
while any(t.is_alive() for t in readers):
    r = s.scsi(atomic(0, N), DISK, write=bytes([65 + writes % 26]) * (N * BS))
    must(r.status == 0, 'WRITE ATOMIC: %r' % r) if r.status else None
    writes += 1
for t in readers:
    t.join()
print('%d READs, %d writes, %d patterns seen' % (reads[0], writes, len(seen)))
must(not torn, 'no READ shows parts of two writes')
must(writes >= 15 and reads[0] >= 30 and len(seen) > 4, 'they met often')
s.logout()
PY
run timeout 200 python3 "$TESTDIR/atomic.py" $T "$queue"
wait_for 30 no_sessions || fail "a session stays"
