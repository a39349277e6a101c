# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The disk below says once that it could not flush its own cache. It may have dropped what was in there, whoever wrote it and whoever
# flushes then with success: whatever began before is not GOOD. So it is with a file, of which the kernel notes nothing, and with a
# disk of the host, whose one initiator we are.
# check: 6.12
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires dmsetup module:scsi_debug module:dm-delay
T=iqn.2026-01.test:cache
DEBUG=/sys/kernel/debug/scsi_debug

scst_up
run modprobe scst_disk
B=$(debug_disk dev_size_mb=64) || exit 1
D=$(hctl "$B")
ERROR=$DEBUG/$D/error
[ -w "$ERROR" ] || skip "this kernel's scsi_debug fails no single command"
is "$(cat "/sys/block/${B#/dev/}/queue/write_cache")" "write back" "cache of $B"
# Half a second passes before a flush reaches the disk, so another one can begin meanwhile.
run dmsetup create late --table "0 65536 delay $B 0 0 $B 0 0 $B 0 500"
expect_dmesg 'scst_vdisk: device (node|block): cannot make written data stable'
add_target $T
open_fileio node /dev/mapper/late
add_lun $T 0 node
enable_target $T

cat > "$TESTDIR/t.py" <<'PY'
import sys
import time

import iscsi
from kit import *

LOST, FLUSH_FAILED = (3, 3, 0), (4, 3, 0)
part, target, error = sys.argv[1:4]
a, b = [iscsi.Session('127.0.0.1', target=target, initiator='iqn.2026-01.test:' + n).settle() for n in 'ab']


def fail_next(op, key, asc):
    """The disk's next command of this code ends with that sense."""
    must(put('2 -1 0x%x 0 0 2 0x%x 0x%x 0' % (op, key, asc), error) == 0, 'a failure is ready')


def must_be(what, r, want):
    got = r.asc if r.status == iscsi.CHECK_CONDITION else r.status
    must(got == want, '%s: %s, wanted %s' % (what, got, want))


def together(what, cdbs, want):
    """The second one begins before the first one's flush fails, and flushes after it."""
    fail_next(0x35, 4, 0x44)
    itts = []
    for cdb, data in cdbs:
        itts.append((a.start(cdb, 0, write=data) if data else a.start(cdb, 0), data))
        time.sleep(0.2)
    for itt, data in itts:
        must_be(what, a.finish(itt, data, 0) if data else a.finish(itt), want)


if part == 'node':
    must_be('WRITE', a.write10(0, 0, pattern(0, 8)), iscsi.GOOD)
    must_be('SYNCHRONIZE CACHE', a.scsi(sync10()), iscsi.GOOD)
    must_be('WRITE', a.write10(0, 0, pattern(0, 8)), iscsi.GOOD)
    together('SYNCHRONIZE CACHE', [(sync10(), b'')] * 2, FLUSH_FAILED)
    must_be('the other initiator', b.test_unit_ready(0), LOST)
    must_be('SYNCHRONIZE CACHE of it', b.scsi(sync10()), FLUSH_FAILED)
    must_be('WRITE', a.write10(0, 0, pattern(0, 8)), iscsi.GOOD)
    must_be('SYNCHRONIZE CACHE', a.scsi(sync10()), iscsi.GOOD)
    together('WRITE with FUA', [(write10(lba, 8, 8), pattern(lba, 8)) for lba in (0, 64)], LOST)
    must_be('SYNCHRONIZE CACHE', a.scsi(sync10()), FLUSH_FAILED)
    must_be('and only that', a.scsi(sync10()), iscsi.GOOD)
else:
    # An error that initiators repeat: the repeated one finds nothing wrong.
    for key, asc, again in (3, 0x0c, FLUSH_FAILED), (4, 0x44, iscsi.GOOD):
        fail_next(0x35, key, asc)
        must_be('SYNCHRONIZE CACHE', a.scsi(sync10()), (key, asc, 0))
        must_be('SYNCHRONIZE CACHE, repeated', a.scsi(sync10()), again)
        must_be('and once more', a.scsi(sync10()), iscsi.GOOD)
        must_be('the other initiator', b.test_unit_ready(0), LOST)
        must_be('SYNCHRONIZE CACHE of it', b.scsi(sync10()), FLUSH_FAILED)
        must_be('and only that', b.scsi(sync10()), iscsi.GOOD)
    fail_next(0, 3, 0x0c)
    must_be('TEST UNIT READY', a.test_unit_ready(0), (3, 0x0c, 0))
    must_be('SYNCHRONIZE CACHE', a.scsi(sync10()), iscsi.GOOD)
    must_be('the other initiator', b.test_unit_ready(0), iscsi.GOOD)
must(a.logout() == 0 and b.logout() == 0, 'logout')
PY
step "a file, or a block device like one"
run python3 "$TESTDIR/t.py" node $T "$ERROR"
put "del 0" $ISCSI/$T/luns/mgmt
close_dev vdisk_fileio node
run dmsetup remove --retry late

step "a disk of the host"
put "add_device $D" $R/handlers/dev_disk/mgmt
add_lun $T 0 "$D"
run python3 "$TESTDIR/t.py" disk $T "$ERROR"
put "del 0" $ISCSI/$T/luns/mgmt
put "del_device $D" $R/handlers/dev_disk/mgmt
scst_down || fail "something stays loaded"
wait_for 30 modprobe -r scsi_debug || fail "scsi_debug stays in use"
