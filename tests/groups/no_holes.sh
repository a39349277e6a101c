# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Thin provisioning on block devices that can neither discard nor zero: UNMAP leaves data and tags as they are, also such as are but in
# the page cache, and SANITIZE BLOCK ERASE writes its zeroes.
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3 module:brd
T=iqn.2026-01.test:holes

run modprobe brd rd_nr=2 rd_size=16384
is "$(cat /sys/block/ram0/queue/write_zeroes_max_bytes)" 0 "zeroes that /dev/ram0 writes by itself"
scst_up
open_fileio plain /dev/ram0 thin_provisioned=1
open_fileio tagged /dev/ram1 thin_provisioned=1 dif_type=1 dif_mode=scst\|dev_store dif_filename="$TESTDIR/tags"
add_target $T
add_lun $T 0 plain
add_lun $T 1 tagged
enable_target $T
cat > "$TESTDIR/t.py" <<'PY'
import struct
import sys

import iscsi
from kit import *

s = iscsi.Session('127.0.0.1', target=sys.argv[1], timeout=120)
TAGGED = b''.join(pattern(64 + i, 1) + b'\x12\x34' * 4 for i in range(8))    # wrong, so of nobody else


def good(what, lun, cdb, **how):
    r = s.scsi(cdb, lun, **how)
    must(r.status == iscsi.GOOD, '%s of LUN %d: %r' % (what, lun, r))
    return r.data


def cdb16(op, code):
    return struct.pack('>BBQIxx', op, code << 5, 64, 8)


for lun in 0, 1:
    s.settle(lun)
    good('WRITE', lun, write10(0, 64), write=pattern(0, 64))
    good('UNMAP', lun, unmap((0, 64))[0], write=unmap((0, 64))[1])
    must(good('READ', lun, read10(0, 64), read=64 * BS) == pattern(0, 64), 'UNMAP that does nothing')
good('WRITE', 1, cdb16(0x8a, 3), write=TAGGED)
good('UNMAP', 1, unmap((64, 8))[0], write=unmap((64, 8))[1])
must(good('READ', 1, cdb16(0x88, 3), read=len(TAGGED)) == TAGGED, 'the tags are what they were')
for lun in 0, 1:
    good('SANITIZE BLOCK ERASE', lun, bytes([0x48, 2, 0, 0, 0, 0, 0, 0, 0, 0]))
    must(good('READ', lun, read10(0, 128), read=128 * BS) == bytes(128 * BS), 'zeroes')
must(good('READ', 1, cdb16(0x88, 3), read=len(TAGGED)) == (bytes(BS) + b'\xff' * 8) * 8, 'no tags')
must(s.logout() == 0, 'logout')
PY
step "UNMAP, SANITIZE"
run python3 "$TESTDIR/t.py" $T
scst_down || fail "something stays loaded"
run modprobe -r brd
