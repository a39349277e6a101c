# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Bad blocks below a disk: the command that meets one fails with MEDIUM ERROR, whichever
# part of it was good, and tells no data; its neighbours, the session and later commands
# go on. Then a store that fails at random, a file that became shorter, one that is gone.
# check: 6.12
# timeout: 600
. /job/tests/qemu/lib.sh
requires dmsetup mkfs.ext4 debugfs module:dm-log-writes
T=iqn.2026-01.test:errors
M=/mnt/errors
BAD=2000	# of every disk here: 8 sectors, one page

# dm_table NAME BELOW [BAD SECTOR]: loads a table that is good, but for one page
dm_table()
{
	local size

	size=$(blockdev --getsz "$2")
	if [ -n "${3:-}" ]; then
		printf '0 %s linear %s 0\n%s 8 error\n%s %s linear %s %s\n' "$3" "$2" "$3" "$(($3 + 8))" \
			"$((size - $3 - 8))" "$2" "$(($3 + 8))"
	else
		echo "0 $size linear $2 0"
	fi > "$TESTDIR/$1.table"
	if dmsetup info "$1" > /dev/null 2>&1; then
		run dmsetup suspend "$1"
		run dmsetup load "$1" "$TESTDIR/$1.table"
		run dmsetup resume "$1"
	else
		run dmsetup create "$1" "$TESTDIR/$1.table"
	fi
}

drop_caches() { sync; echo 3 > /proc/sys/vm/drop_caches; }

cat > "$TESTDIR/t.py" <<'PY'
import mmap
import os
import random
import struct
import sys

import iscsi
from kit import *

TARGET, part, BAD = sys.argv[1], sys.argv[2], int(sys.argv[3])
READ_ERROR, WRITE_ERROR, FLUSH_FAILED = (3, 0x11, 0), (3, 3, 0), (4, 3, 0)
LUNS = {'blockio': 0, 'node': 1, 'file': 2, 'direct': 3}
FUA = 8
s = iscsi.Session('127.0.0.1', target=TARGET)


def expect(name, what, r, want):
    got = r.asc if r.status == iscsi.CHECK_CONDITION else r.status
    must(got == want, '%s: %s: %s, wanted %s' % (name, what, got, want))
    return r


def good(name, lun, what, cdb, **how):
    return expect(name, what, s.scsi(cdb, lun, **how), iscsi.GOOD)


def failed(name, lun, what, cdb, want, **how):
    r = expect(name, what, s.scsi(cdb, lun, **how), want)
    must(not r.data, '%s: %s: %d bytes of data' % (name, what, len(r.data)))
    if 'read' in how:
        must(r.underflow and r.residual == how['read'], '%s: %s: all of it is residual' % (name, what))
    if want[0] == 3 and r.sense[0] == 0xf0:
        must(BAD <= struct.unpack_from('>I', r.sense, 3)[0] < BAD + 8, '%s: %s: INFORMATION names a bad block' % (name, what))
    return r


def fill(name, lun):
    for lba in range(BAD - 512, BAD + 512, 128):
        good(name, lun, 'fill', write10(lba, 128), write=pattern(lba, 128))
    good(name, lun, 'sync', sync10())


def reads(name, lun):
    """Nothing of it may be in a cache."""
    for lba, n in (BAD - 8, 8), (BAD + 8, 8), (BAD - 256, 256), (BAD + 8, 256):
        r = good(name, lun, 'READ %d+%d beside it' % (lba, n), read10(lba, n), read=n * BS)
        must(r.data == pattern(lba, n), '%s: the right data' % name)
    for lba, n in (BAD, 8), (BAD + 7, 1), (BAD - 256, 512), (BAD - 504, 512), (BAD, 512):
        failed(name, lun, 'READ %d+%d' % (lba, n), read10(lba, n), READ_ERROR, read=n * BS)
    failed(name, lun, 'VERIFY', verify10(BAD - 8, 24), READ_ERROR)
    failed(name, lun, 'COMPARE AND WRITE', compare_and_write(BAD, 1), READ_ERROR, write=pattern(BAD, 1) * 2)
    good(name, lun, 'READ after it', read10(BAD - 8, 8), read=4096)


def writes(name, lun):
    data = pattern(BAD - 256, 512, 1)
    if name in ('blockio', 'direct'):
        failed(name, lun, 'WRITE', write10(BAD, 8), WRITE_ERROR, write=pattern(BAD, 8, 1))
        failed(name, lun, 'WRITE across it', write10(BAD - 256, 512), WRITE_ERROR, write=data)
    else:
        good(name, lun, 'WRITE into the cache', write10(BAD - 256, 512), write=data)
        failed(name, lun, 'SYNCHRONIZE CACHE', sync10(), FLUSH_FAILED)
        good(name, lun, 'the error is told once', sync10())
    failed(name, lun, 'WRITE with FUA', write10(BAD - 256, 512, FUA), WRITE_ERROR, write=data)
    failed(name, lun, 'WRITE AND VERIFY', write_verify10(BAD, 8), WRITE_ERROR, write=pattern(BAD, 8))
    if name in ('blockio', 'direct'):
        failed(name, lun, 'WRITE SAME', write_same10(BAD - 8, 24), WRITE_ERROR, write=pattern(1, 1))
    good(name, lun, 'WRITE beside it, FUA', write10(BAD - 256, 256, FUA), write=pattern(BAD - 256, 256))
    good(name, lun, 'WRITE beside it, FUA', write10(BAD + 8, 256, FUA), write=pattern(BAD + 8, 256))
    if name in ('node', 'file'):
        settle_owed(name, lun)
    good(name, lun, 'sync', sync10())


def settle_owed(name, lun):
    """A flush of another command was told of a loss: it may have been of data written before, so one flush is told as well."""
    failed(name, lun, 'the next SYNCHRONIZE CACHE', sync10(), FLUSH_FAILED)
    good(name, lun, 'and only that', sync10())


def owed(name, lun):
    """What was acknowledged is lost, and another command's flush is the first to hear of it."""
    if name not in ('node', 'file'):
        return
    for what, cdb, data in (('WRITE with FUA', write10(BAD + 64, 8, FUA), pattern(BAD + 64, 8)),
                            ('VERIFY', verify10(BAD + 64, 8), b''),
                            ('WRITE AND VERIFY', write_verify10(BAD + 64, 8), pattern(BAD + 64, 8))):
        good(name, lun, 'WRITE into the cache', write10(BAD, 8), write=pattern(BAD, 8, 1))
        os.sync()
        failed(name, lun, what + ' elsewhere', cdb, WRITE_ERROR, write=data)
        good(name, lun, what + ' again', cdb, write=data)
        settle_owed(name, lun)


def pairs(name, lun):
    """Two writes with FUA at the same time: the one whose page is bad never is GOOD, whoever flushes first."""
    if name not in ('node', 'file'):
        return
    for n in range(400):
        two = [(BAD, write10(BAD, 8, FUA)), (BAD + 64, write10(BAD + 64, 8, FUA))]
        if n % 2:
            two.reverse()
        itts = [(lba, s.start(cdb, lun, write=pattern(lba, 8, 1))) for lba, cdb in two]
        for lba, itt in itts:
            r = s.finish(itt, pattern(lba, 8, 1), lun)
            if lba == BAD and r.asc != WRITE_ERROR:
                must(False, '%s: %d: WRITE with FUA of a bad page: %r' % (name, n, r))
    must(True, '%s: of 400 pairs none is GOOD that is not on the medium' % name)
    settle_owed(name, lun)


def healed(name, lun):
    good(name, lun, 'WRITE, FUA', write10(BAD - 256, 512, FUA), write=pattern(BAD - 256, 512, 2))
    r = good(name, lun, 'READ', read10(BAD - 256, 512), read=512 * BS)
    must(r.data == pattern(BAD - 256, 512, 2), '%s: the right data' % name)


def at_random(names, wanted):
    """Each answer is right or an honest error, and every read is told as it is on the medium."""
    rnd = random.Random(1)
    for name in names:
        bad, lun = 0, LUNS[name]
        for n in range(120):
            lba, blocks = rnd.randrange(0, 4096, 8), rnd.choice((8, 64, 512))
            if n % 2:
                r = s.scsi(write10(lba, blocks, FUA), lun, write=pattern(lba, blocks))
            else:
                r = s.scsi(read10(lba, blocks), lun, read=blocks * BS)
            if r.status == iscsi.GOOD and not n % 2:
                must(r.data == pattern(lba, blocks), 'READ %d+%d: the right data' % (lba, blocks))
            elif r.status:
                must(r.asc in wanted and not r.data, '%s: an honest error: %r' % (name, r))
                bad += 1
        must(bad > 0, '%s: %d of 120 failed' % (name, bad))


def prepare_random(names):
    for name in names:
        for lba in range(0, 8192, 128):
            good(name, LUNS[name], 'fill', write10(lba, 128), write=pattern(lba, 128))
        good(name, LUNS[name], 'sync', sync10())


for lun in LUNS.values():
    s.settle(lun)
if part in ('fill', 'reads', 'writes', 'owed', 'pairs', 'healed'):
    for name, lun in LUNS.items():
        globals()[part](name, lun)
elif part == 'prepare':
    prepare_random(sys.argv[4:])
elif part == 'random':
    at_random(sys.argv[4:], (READ_ERROR, WRITE_ERROR))
elif part == 'bad-reads':
    for name in sys.argv[4:]:
        failed(name, LUNS[name], 'READ', read10(0, 8), READ_ERROR, read=4096)
        good(name, LUNS[name], 'WRITE', write10(8, 8, FUA), write=pattern(8, 8))
        failed(name, LUNS[name], 'WRITE AND VERIFY', write_verify10(0, 8), READ_ERROR, write=pattern(0, 8))
    with open('/dev/mapper/bad2', 'rb') as f, mmap.mmap(f.fileno(), 4096, prot=mmap.PROT_READ, offset=4096) as m:
        must(m[:] == pattern(8, 8), 'the page of LBA 8 is in the cache, and somebody has mapped it')
        failed('node', LUNS['node'], 'VERIFY of it', verify10(8, 8), READ_ERROR)
elif part == 'bad-writes':
    for name in sys.argv[4:]:
        failed(name, LUNS[name], 'WRITE', write10(0, 8, FUA), WRITE_ERROR, write=pattern(0, 8, 3))
        if name == 'node':      # on 6.12 flushes themselves fail here, so there is no "and only that"
            failed(name, LUNS[name], 'the next SYNCHRONIZE CACHE', sync10(), FLUSH_FAILED)
        r = good(name, LUNS[name], 'READ', read10(8, 8), read=4096)
        must(r.data == pattern(8, 8), 'the right data')
elif part == 'dropped-writes':      # nobody says so: only reading it back shows it
    for name in sys.argv[4:]:
        failed(name, LUNS[name], 'WRITE AND VERIFY', write_verify10(16, 8), (0xe, 0x1d, 0), write=pattern(16, 8, 4))
elif part == 'short':
    lun = LUNS['file']
    end = 4 << 20 >> 9
    r = good('short', lun, 'READ below the end', read10(end - 8, 8), read=4096)
    for lba, n in (end, 8), (end - 8, 16), (end - 256, 512):
        failed('short', lun, 'READ %d+%d beyond it' % (lba, n), read10(lba, n), READ_ERROR, read=n * BS)
        failed('short', lun, 'VERIFY beyond it', verify10(lba, n), READ_ERROR)
    must(put('1', ROOT + 'devices/file/resync_size') == 0, 'resync_size')
    expect('short', 'told', s.test_unit_ready(lun), (6, 0x2a, 9))
    expect('short', 'READ beyond the new end', s.read10(lun, end, 1), (5, 0x21, 0))
elif part == 'gone':
    lun = LUNS['file']
    good('gone', lun, 'WRITE', write10(64, 8), write=pattern(64, 8, 5))
    good('gone', lun, 'SYNCHRONIZE CACHE', sync10())
    must(good('gone', lun, 'READ', read10(64, 8), read=4096).data == pattern(64, 8, 5), 'the right data')
elif part == 'no-medium':
    lun = LUNS['file']
    expect('gone', 'READ', s.read10(lun, 0, 1), (2, 0x3a, 0))
    expect('gone', 'WRITE', s.write10(lun, 0, bytes(BS)), (2, 0x3a, 0))
    expect('gone', 'INQUIRY', s.inquiry(lun), iscsi.GOOD)
must(s.ping(b'alive') == b'alive', 'the session lives')
must(get(ROOT + 'targets/iscsi/%s/sessions/%s/active_commands' % (TARGET, s.initiator)) == '0\n', 'no command is left')
must(s.logout() == 0, 'logout')
PY

t() { run python3 "$TESTDIR/t.py" $T "$1" $BAD "${@:2}"; }

expect_dmesg 'scst_vdisk: device (node|file): cannot make written data stable'
allow_dmesg 'scst_vdisk: device (blockio|direct): cannot make written data stable'
dm_table bad1 /dev/vdb
dm_table bad2 /dev/vdc
dm_table bad3 /dev/sda
run mkfs.ext4 -q -F -b 4096 /dev/mapper/bad3
mkdir -p $M
run mount /dev/mapper/bad3 $M
run dd if=/dev/zero of=$M/file bs=1M count=16 status=none
run dd if=/dev/zero of=$M/direct bs=1M count=16 status=none
sync
scst_up
open_blockio blockio /dev/mapper/bad1
open_fileio node /dev/mapper/bad2
open_fileio file $M/file
open_fileio direct $M/direct o_direct=1
add_target $T
n=0
for d in blockio node file direct; do add_lun $T $n $d; n=$((n + 1)); done
enable_target $T

step "one page goes bad below each of them"
t fill
# block FILE: where the file's page with sector BAD lies, in sectors of the disk
block() { echo $(($(debugfs -R "bmap /$1 $((BAD / 8))" /dev/mapper/bad3 2>/dev/null) * 8)); }
f=$(block file) g=$(block direct)
[ "$f" -gt 0 ] || fail "cannot find the file's blocks"
dm_table bad1 /dev/vdb $BAD
dm_table bad2 /dev/vdc $BAD
first=$((f < g ? f : g)) second=$((f < g ? g : f)) size=$(blockdev --getsz /dev/sda)
{
	printf '0 %s linear /dev/sda 0\n%s 8 error\n' $first $first
	printf '%s %s linear /dev/sda %s\n%s 8 error\n' $((first + 8)) $((second - first - 8)) $((first + 8)) "$second"
	printf '%s %s linear /dev/sda %s\n' $((second + 8)) $((size - second - 8)) $((second + 8))
} > "$TESTDIR/bad3.table"
run dmsetup suspend bad3
run dmsetup load bad3 "$TESTDIR/bad3.table"
run dmsetup resume bad3
drop_caches
t reads
step "writes"
t writes
step "data that were acknowledged are lost, and another command's flush hears of it"
t owed
step "two commands flush at the same time"
t pairs

step "SANITIZE fails: what its completion mode allows"
expect_dmesg 'scst_vdisk: device blockio: SANITIZE failed: error -(5|EIO)'
cat > "$TESTDIR/sanitize.py" <<'PY'
import sys
import iscsi
from kit import *
FIELD, FAILED = (5, 0x24, 0), (3, 0x31, 3)
s = iscsi.Session('127.0.0.1', target=sys.argv[1], timeout=120)
s.test_unit_ready(0)
LIST = bytes([1, 0, 0, 4, 0, 0, 0, 0])


def sanitize(flags, write=LIST):
    return s.scsi(bytes([0x48, flags, 0, 0, 0, 0, 0, 0, len(write), 0]), 0, write=write)


def refused(what, r, bit):
    must(r.asc == FIELD and r.sense[15] & 0xcf == 0xc8 | bit and r.sense[17] == 1, '%s is refused: %r' % (what, r))


if sys.argv[2] == 'bad':
    s.settle(0)
    must(sanitize(0x21).asc == FAILED, 'AUSE=1 fails')
    must(s.read10(0, 0, 1).asc == FAILED, 'READ')
    must(sanitize(0x1f, b'').status == 0, 'EXIT FAILURE MODE')
    must(s.read10(0, 0, 1).status == 0, 'READ')
    must(sanitize(0x21).asc == FAILED, 'AUSE=1 fails')
    must(sanitize(0x01).asc == FAILED, 'AUSE=0 fails')
    refused('AUSE=1', sanitize(0x21), 5)
    refused('EXIT FAILURE MODE', sanitize(0x1f, b''), 4)
    must(s.read10(0, 0, 1).asc == FAILED, 'READ')
else:
    must(s.read10(0, 0, 1).asc == FAILED, 'READ')
    must(sanitize(0x01).status == 0, 'AUSE=0')
    must(s.read10(0, 0, 1).data == bytes(BS), 'READ')
must(s.logout() == 0, 'logout')
PY
run python3 "$TESTDIR/sanitize.py" $T bad

step "they are well again"
dm_table bad1 /dev/vdb
dm_table bad2 /dev/vdc
dm_table bad3 /dev/sda
run python3 "$TESTDIR/sanitize.py" $T well
t healed

step "dm-flakey: all reads fail, all writes fail, writes are lost silently"
t prepare blockio node
# flaky WHAT: how bad1 and bad2 behave from now on; 1 when this kernel's dm-flakey does not know it
flaky()
{
	local n below

	for n in bad1:/dev/vdb bad2:/dev/vdc; do
		below=${n#*:} n=${n%:*}
		dmsetup load $n --table "0 $(blockdev --getsz "$below") flakey $below 0 0 3600 1 $1" || return
		run dmsetup suspend $n
		run dmsetup resume $n
	done
	drop_caches
}
if modprobe dm-flakey; then
	if flaky error_reads; then t bad-reads blockio node; else echo "no error_reads: left out"; fi
	flaky error_writes || fail "dm-flakey without error_writes"
	t bad-writes blockio node
	flaky drop_writes || fail "dm-flakey without drop_writes"
	t dropped-writes blockio node
	dm_table bad1 /dev/vdb
	dm_table bad2 /dev/vdc
else
	echo "no dm-flakey: left out"
fi

step "requests fail at random"
if [ -d /sys/kernel/debug/fail_make_request ]; then
	t prepare blockio node
	drop_caches
	fault /sys/kernel/debug/fail_make_request verbose=0 times=-1 space=0 interval=1 probability=20
	for d in vdb vdc; do echo 1 > /sys/block/$d/make-it-fail; done
	t random blockio node
	for d in vdb vdc; do echo 0 > /sys/block/$d/make-it-fail; done
	fault /sys/kernel/debug/fail_make_request probability=0
	drop_caches
else
	echo "no fail_make_request: left out"
fi

step "blockio on a disk with a cache and without FUA: what the flush of one initiator's write hears, the other is told"
dm_table bad4 /dev/sdb $BAD
run modprobe loop
loop=$(losetup -f --show /dev/mapper/bad4) || fail "no loop device"
name=${loop#/dev/}
is "$(cat /sys/block/$name/queue/write_cache) $(cat /sys/block/$name/queue/fua)" "write back 0" "cache and FUA of $loop"
expect_dmesg 'scst_vdisk: device loop: cannot make written data stable'
open_blockio loop "$loop"
add_lun $T 4 loop
cat > "$TESTDIR/two.py" <<'PY'
import sys
import iscsi
from kit import *
BAD, LOST, FLUSH_FAILED = int(sys.argv[2]), (3, 3, 0), (4, 3, 0)
a, b = [iscsi.Session('127.0.0.1', target=sys.argv[1], initiator='iqn.2026-01.test:' + n).settle(4) for n in 'ab']


def must_be(what, r, want):
    got = r.asc if r.status == iscsi.CHECK_CONDITION else r.status
    must(got == want, '%s: %s, wanted %s' % (what, got, want))


must_be('WRITE into the cache', a.scsi(write10(BAD, 8), 4, write=pattern(BAD, 8)), iscsi.GOOD)
must_be('WRITE with FUA elsewhere, of another', b.scsi(write10(BAD + 64, 8, 8), 4, write=pattern(BAD + 64, 8)), LOST)
must_be('the next command of the first', a.test_unit_ready(4), LOST)
must_be('and only that', a.test_unit_ready(4), iscsi.GOOD)
for who, s in ('the other', b), ('the first, whose TEST UNIT READY brought the news', a):
    must_be('SYNCHRONIZE CACHE of ' + who, s.scsi(sync10(), 4), FLUSH_FAILED)
    must_be('and only that', s.scsi(sync10(), 4), iscsi.GOOD)
must_be('WRITE with FUA', a.scsi(write10(BAD + 64, 8, 8), 4, write=pattern(BAD + 64, 8)), iscsi.GOOD)
must_be('WRITE with FUA of the bad page', a.scsi(write10(BAD, 8, 8), 4, write=pattern(BAD, 8)), LOST)
must_be('the other is told', b.test_unit_ready(4), LOST)
must(a.logout() == 0 and b.logout() == 0, 'logout')
PY
run python3 "$TESTDIR/two.py" $T $BAD
put "del 4" $ISCSI/$T/luns/mgmt
close_dev vdisk_blockio loop

step "the same below a device that claims FUA whatever is below it"
run dmsetup create claims --table "0 $(blockdev --getsz "$loop") log-writes $loop /dev/sdc"
is "$(cat "/sys/block/$(basename "$(readlink -f /dev/mapper/claims)")/queue/fua")" 1 "FUA of it"
expect_dmesg 'scst_vdisk: device claims: cannot make written data stable'
open_blockio claims /dev/mapper/claims
add_lun $T 4 claims
run python3 "$TESTDIR/two.py" $T $BAD
put "del 4" $ISCSI/$T/luns/mgmt
close_dev vdisk_blockio claims
run dmsetup remove --retry claims
run losetup -d "$loop"
run dmsetup remove --retry bad4

step "the file became shorter"
run truncate -s 4M $M/file
t short

step "the file is removed: the device goes on, but does not come back"
run rm $M/file
t gone
put 0 $R/devices/file/active
expect_dmesg 'scst_vdisk: device file: cannot open /mnt/errors/file: error -(2|ENOENT)'
refuse 'No such file' bash -c "echo 1 > $R/devices/file/active"
t no-medium
run truncate -s 8M $M/file
put 1 $R/devices/file/active
run python3 - $T <<'PY'
import sys
import iscsi
from kit import must
s = iscsi.Session('127.0.0.1', target=sys.argv[1]).settle(2)
must(s.read10(2, 0, 1).data == bytes(512), 'the new file')
must(s.logout() == 0, 'logout')
PY
scst_down || fail "something stays loaded"
run umount $M
for d in bad1 bad2 bad3; do run dmsetup remove $d; done
