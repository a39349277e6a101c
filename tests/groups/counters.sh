# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the counters of a session count: commands by direction, KiB rounded down, and as unaligned what begins or ends off a
# boundary of 4096 bytes. Each case is one command; what it adds to each of the eleven counters is looked at.
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:counters
scst_up
open_nullio small size_mb=64
open_nullio large size_mb=64 blocksize=4096
add_target $T
add_lun $T 0 small
add_lun $T 1 large
put 1 $ISCSI/$T/aen_disabled
enable_target $T
cat > "$TESTDIR/counters.py" <<'PY'
import os, struct, sys
import iscsi
T = sys.argv[1]
FOLDER = '/sys/kernel/scst_tgt/targets/iscsi/%s/' % T
SESSION = FOLDER + 'sessions/%s/' % iscsi.INITIATOR
NAMES = ['unknown_cmd_count', 'none_cmd_count'] + [d + '_' + what for d in ('read', 'write', 'bidi')
                                                  for what in ('cmd_count', 'io_count_kb', 'unaligned_cmd_count')]

def look(folder):
    got = {}
    for name in NAMES:
        with open(folder + name) as f:
            got[name] = int(f.read())
    return got

def zero(name):
    fd = os.open(SESSION + name, os.O_WRONLY)
    os.write(fd, b'0\n')
    os.close(fd)

def adds(what, run, **wanted):
    for name in NAMES:
        zero(name)
    r = run()
    got = {name: n for name, n in look(SESSION).items() if n}
    assert got == wanted, '%s: counted %s, wanted %s (%r)' % (what, got, wanted, r)
    assert look(FOLDER) == look(SESSION), 'the target does not sum up its only session'
    print('ok   %s: %s' % (what, got or 'nothing'), flush=True)

def good(r):
    assert r.status == iscsi.GOOD, r
    return r

def inquiry(length):
    return lambda: good(s.inquiry(0, length=length))

def read(lba, blocks, lun=0, size=512):
    return lambda: good(s.read10(lun, lba, blocks, size))

def write(lba, blocks, lun=0, size=512):
    return lambda: good(s.write10(lun, lba, bytes(blocks * size), size))

s = iscsi.Session('127.0.0.1', target=T, timeout=60)
s.settle(0), s.settle(1)
R, W = 'read_', 'write_'
adds('a command without data', lambda: good(s.test_unit_ready(0)), none_cmd_count=1)
adds('8 blocks at 0', read(0, 8), read_cmd_count=1, read_io_count_kb=4)
adds('8 blocks at 8', read(8, 8), read_cmd_count=1, read_io_count_kb=4)
adds('24 blocks at 4096', read(4096, 24), read_cmd_count=1, read_io_count_kb=12)
for lba in 1, 7, 9, 4097:
    adds('8 blocks at %d' % lba, read(lba, 8), read_cmd_count=1, read_io_count_kb=4, read_unaligned_cmd_count=1)
adds('1 block at 8', read(8, 1), read_cmd_count=1, read_unaligned_cmd_count=1)
adds('7 blocks at 1, up to a boundary', read(1, 7), read_cmd_count=1, read_io_count_kb=3, read_unaligned_cmd_count=1)
adds('9 blocks at 0', read(0, 9), read_cmd_count=1, read_io_count_kb=4, read_unaligned_cmd_count=1)
adds('blocks of 4096 bytes', read(1, 1, 1, 4096), read_cmd_count=1, read_io_count_kb=4)
adds('three of them', read(3, 3, 1, 4096), read_cmd_count=1, read_io_count_kb=12)
adds('writing 8 blocks at 8', write(8, 8), write_cmd_count=1, write_io_count_kb=4)
adds('writing 8 blocks at 4', write(4, 8), write_cmd_count=1, write_io_count_kb=4, write_unaligned_cmd_count=1)
adds('writing 4 blocks at 8', write(8, 4), write_cmd_count=1, write_io_count_kb=2, write_unaligned_cmd_count=1)
adds('writing a block of 4096 bytes', write(5, 1, 1, 4096), write_cmd_count=1, write_io_count_kb=4)
adds('INQUIRY for 36 bytes', inquiry(36), read_cmd_count=1, read_unaligned_cmd_count=1)
adds('INQUIRY for 4096 bytes', inquiry(4096), read_cmd_count=1, read_io_count_kb=4)
adds('refused: beyond the end', lambda: s.read10(0, 0x7fffffff, 1), read_cmd_count=1)
adds('unknown operation code', lambda: s.scsi(b'\xc9' + bytes(15), 0), unknown_cmd_count=1)

def three_halves():
    for _ in range(3):
        read(8, 1)()

adds('KiB are rounded down once, not for each command', three_halves, read_cmd_count=3, read_io_count_kb=1,
     read_unaligned_cmd_count=3)

print('== a write zeroes one direction', flush=True)
for name in NAMES:
    zero(name)
read(1, 9)(), write(1, 9)(), good(s.test_unit_ready(0))
zero('read_unaligned_cmd_count')
got = {name: n for name, n in look(SESSION).items() if n}
assert got == {'write_cmd_count': 1, 'write_io_count_kb': 4, 'write_unaligned_cmd_count': 1, 'none_cmd_count': 1}, got
s.close()
PY
run timeout 250 python3 "$TESTDIR/counters.py" $T
exit 0
