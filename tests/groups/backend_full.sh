# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A full file system below a thin disk: writes that need room fail with DATA PROTECT, SPACE
# ALLOCATION FAILED WRITE PROTECT (7/27/07), what was acknowledged stays readable, blocks that
# are mapped can be written, and room that is given back is room again. Then beside a file system that discards what others
# delete: a write that finds no room waits for that. And on XFS, whose writes that find no room wait for its own workqueue.
# timeout: 500
# check: 6.12
. /job/tests/qemu/lib.sh
requires mkfs.ext4 mkfs.xfs losetup
T=iqn.2026-01.test:full
M=/mnt/full

cat > "$TESTDIR/t.py" <<'PY'
import sys

import iscsi
from kit import *

FULL, FUA, CHUNK = (7, 0x27, 7), 8, 512
END = 96 << 20 >> 9
s = iscsi.Session('127.0.0.1', target=sys.argv[1])


def outcome(r):
    return r.asc if r.status == iscsi.CHECK_CONDITION else r.status


def expect(what, r, *want):
    must(outcome(r) in want, '%s: %s, wanted %s' % (what, outcome(r), want))
    return r


def fill(lun, flags):
    """Writes until there is no room; returns what was acknowledged."""
    done = []
    for lba in range(0, END - CHUNK, CHUNK):
        r = s.scsi(write10(lba, CHUNK, flags), lun, write=pattern(lba, CHUNK))
        if outcome(r) == FULL:
            break
        must(r.status == iscsi.GOOD, 'WRITE %d: %r' % (lba, r)) if r.status else None
        done.append(lba)
    must(len(done) > 8, '%d chunks were taken' % len(done))
    must(done[-1] + CHUNK < END - CHUNK, 'it became full: %s' % (FULL,))
    return done


def right(lun, done):
    for lba in done:
        r = s.scsi(read10(lba, CHUNK), lun, read=CHUNK * BS)
        if r.status or r.data != pattern(lba, CHUNK):
            must(False, 'chunk %d was acknowledged and is not there: %r' % (lba, r))
    must(True, 'all that was acknowledged is there')


def try_all(name, lun, flags):
    print('== ' + name)
    s.settle(lun)
    done = fill(lun, flags)
    expect('SYNCHRONIZE CACHE', s.scsi(sync10(), lun), iscsi.GOOD)
    right(lun, done)
    hole = END - 1024
    for what, cdb, data in (
            ('WRITE', write10(hole, 512), pattern(hole, 512)),
            ('WRITE, FUA', write10(hole, 512, FUA), pattern(hole, 512)),
            ('WRITE AND VERIFY', write_verify10(hole, 512), pattern(hole, 512)),
            ('WRITE SAME', write_same10(hole, 1024), pattern(1, 1))):
        r = s.scsi(cdb, lun, write=data)
        # A few blocks may have been left: then it takes more than one.
        for _ in range(64):
            if outcome(r) == FULL:
                break
            expect(what, r, iscsi.GOOD)
            hole -= 1024
            r = s.scsi(cdb[:2] + hole.to_bytes(4, 'big') + cdb[6:], lun, write=data)
        expect(what, r, FULL)
    expect('WRITE over mapped blocks', s.scsi(write10(0, CHUNK, FUA), lun, write=pattern(0, CHUNK)), iscsi.GOOD)
    cdb, data = unmap((done[-1] - 31 * CHUNK if len(done) > 32 else 0, min(len(done), 32) * CHUNK))
    expect('UNMAP', s.scsi(cdb, lun, write=data), iscsi.GOOD)
    expect('SYNCHRONIZE CACHE', s.scsi(sync10(), lun), iscsi.GOOD)
    lba = END - 4096
    expect('WRITE once there is room', s.scsi(write10(lba, CHUNK, FUA), lun, write=pattern(lba, CHUNK)), iscsi.GOOD)
    right(lun, [lba])


try_all(sys.argv[2], int(sys.argv[3]), FUA if sys.argv[4] == 'fua' else 0)
must(s.ping(b'alive') == b'alive' and s.logout() == 0, 'the session lives')
PY

scst_up
add_target $T
enable_target $T
run mkfs.ext4 -q -F -m 0 /dev/vdc 64M
mkdir -p $M $M.tmp
run mount -o discard /dev/vdc $M
run mount -t tmpfs -o size=32M none $M.tmp
n=0
# full NAME FILE HOW PARAM...: a thin disk larger than its file system
full()
{
	local name=$1 file=$2 how=$3

	shift 3
	truncate -s 96M "$file" || fail "no $file"
	open_fileio "$name" "$file" thin_provisioned=1 "$@"
	add_lun $T $n "$name"
	run python3 "$TESTDIR/t.py" $T "$name" $n "$how"
	n=$((n + 1))
	close_dev vdisk_fileio "$name"
	rm "$file"
}
allow_dmesg 'scst_vdisk: device .*: cannot make written data stable'
full cached $M/cached plain
full fua $M/fua fua
full direct $M/direct plain o_direct=1
full through $M/through plain write_through=1
full tmpfs $M.tmp/tmpfs plain

step "XFS: it flushes the whole file system for a write that finds no room, whoever writes"
truncate -s 320M /vdisks/xfs.img
run mkfs.xfs -q /vdisks/xfs.img
run modprobe loop
loop=$(losetup -f --show /vdisks/xfs.img) || fail "no loop device"
mkdir -p $M.xfs
run mount -t xfs "$loop" $M.xfs
# All but as much as the others have.
run fallocate -l $(($(df -k --output=avail $M.xfs | tail -n 1) - 65536))K $M.xfs/most
full xfs $M.xfs/cached plain
full xfs $M.xfs/direct plain o_direct=1
run umount $M.xfs
run losetup -d "$loop"

step "others delete files while writes find no room"
cat > "$TESTDIR/busy.py" <<'PY'
import os, subprocess, sys, threading

import iscsi
from kit import *

FULL, CHUNK = (7, 0x27, 7), 64
target, lun, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
victims = sorted(os.listdir(folder))
s = iscsi.Session('127.0.0.1', target=target)
s.settle(lun)
over = threading.Event()


def delete():
    """Each commit of the journal queues a discard."""
    for name in victims:
        os.unlink(folder + '/' + name)
        subprocess.run(['sync', '-f', folder], check=True)
    over.set()


t = threading.Thread(target=delete)
lba = full = 0
while not full or t.is_alive():
    r = s.scsi(write10(lba, CHUNK), lun, write=pattern(lba, CHUNK))
    if r.status == iscsi.GOOD:
        lba += CHUNK
        continue
    must(r.asc == FULL, 'a write without room: %r' % r) if r.asc != FULL else None
    if not full:
        t.start()
    full += 1
t.join()
must(over.is_set() and full > len(victims), '%d writes found no room' % full)
must(s.ping(b'alive') == b'alive' and s.logout() == 0, 'the session lives')
PY
mkdir $M/victims
for i in $(seq 60); do head -c 65536 /dev/zero > $M/victims/$i; done
run sync -f $M
truncate -s 512M $M/busy || fail "no $M/busy"
open_fileio busy $M/busy thin_provisioned=1
add_lun $T $n busy
run timeout 200 python3 "$TESTDIR/busy.py" $T $n $M/victims
close_dev vdisk_fileio busy
scst_down || fail "something stays loaded"
run umount $M $M.tmp
