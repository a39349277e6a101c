# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Commands that make no sense get the sense code the standards name, and the
# device serves on.
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:badscsi

scst_up
open_fileio rw "$(mkdisk badscsi 16)"
open_fileio ro "$(mkdisk badscsi2 16)" read_only=1
add_target $T
add_lun $T 0 rw
add_lun $T 1 ro
enable_target $T

cat > "$TESTDIR/t.py" <<'PY'
import sys
import iscsi

i = iscsi.Session("127.0.0.1", target=sys.argv[1])
wrong = []


def check(what, cdb, wanted, lun=0, read=0, write=b""):
    r = i.scsi(bytes(cdb), lun, read, write)
    got = (r.status,) + (r.asc or (0, 0, 0))
    print("%-50s %s%s" % (what, got, "" if got == wanted else "  WRONG, wanted %s" % (wanted,)))
    if got != wanted:
        wrong.append(what)


for lun in 0, 1:        # the first unit attention of each nexus: power on
    check("first command, LUN %d" % lun, [0] * 6, (2, 6, 0x29, 0), lun)
    i.settle(lun)
check("zeros: TEST UNIT READY", [0] * 16, (0, 0, 0, 0))
check("reserved operation code", [0x7e] + [0] * 15, (2, 5, 0x20, 0))
check("vendor operation code", [0xff] * 16, (2, 5, 0x20, 0))
check("no such LUN", [0] * 6, (2, 5, 0x25, 0), lun=9)
check("READ(10) at the end", [0x28, 0, 0, 0, 0x80, 0, 0, 0, 1, 0], (2, 5, 0x21, 0), read=512)
check("READ(10) across the end", [0x28, 0, 0, 0, 0x7f, 0xff, 0, 0, 2, 0], (2, 5, 0x21, 0), read=1024)
check("READ(16) far beyond, wrapping", [0x88, 0] + [0xff] * 8 + [0, 0, 0, 2, 0, 0], (2, 5, 0x21, 0), read=1024)
check("WRITE(10) across the end", [0x2a, 0, 0, 0, 0x7f, 0xff, 0, 0, 2, 0], (2, 5, 0x21, 0), write=b"x" * 1024)
check("INQUIRY of a page without EVPD", [0x12, 0, 0x80, 0, 96, 0], (2, 5, 0x24, 0), read=96)
check("INQUIRY of an unknown page", [0x12, 1, 0x7f, 0, 96, 0], (2, 5, 0x24, 0), read=96)
check("MODE SENSE of an unknown page", [0x1a, 0, 0x3e, 0, 96, 0], (2, 5, 0x24, 0), read=96)
check("WRITE to a read-only device", [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0], (2, 7, 0x27, 0), lun=1, write=b"x" * 512)
check("SYNCHRONIZE CACHE beyond the end", [0x35, 0, 0, 1, 0, 0, 0, 0, 1, 0], (2, 5, 0x21, 0))
check("READ of nothing", [0x28] + [0] * 9, (0, 0, 0, 0))
check("after all: TEST UNIT READY", [0] * 6, (0, 0, 0, 0))
for op in range(256):   # every operation code with every other byte 0xff: an answer each
    status = i.scsi(bytes([op] + [0xff] * 15), 0, 512).status
    assert status in (0, 2, 0x18), (op, status)
    assert i.task_management(3) == 0, 'CLEAR ACA: 0xff in a control byte has NACA'
check("after every operation code", [0] * 6, (0, 0, 0, 0))
assert i.logout() == 0
sys.exit("wrong: " + ", ".join(wrong) if wrong else 0)
PY
run python3 "$TESTDIR/t.py" $T
