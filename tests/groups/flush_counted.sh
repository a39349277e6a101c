# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What an initiator is told to be stable has really left the disk's write cache: after each
# SYNCHRONIZE CACHE, FUA and write_through the flushes that the kernel counts for the disk have
# gone up before the answer comes, and the data were written before. Nothing else flushes.
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:flush

cat > "$TESTDIR/t.py" <<'PY'
import os
import struct
import sys
import time

import iscsi

DPO, FUA, BLOCKS, LEN = 0x10, 8, 64, 64 * 512
MODE_SELECT = bytes([0x15, 0x10, 0, 0, 24, 0])
s = iscsi.Session('127.0.0.1', target=sys.argv[1], timeout=120)
data = os.urandom(LEN)


def must(cond, what):
    print(('ok    ' if cond else 'WRONG ') + what)
    if not cond:
        sys.exit('wrong: ' + what)


def write(op, flags=0, lba=2000):
    form = {0x2a: '>BBIxHx', 0x2e: '>BBIxHx', 0xaa: '>BBII2x', 0x8a: '>BBQI2x'}[op]
    return struct.pack(form, op, flags, lba, BLOCKS), data


def sync10(lba=0, blocks=0, flags=0):
    return struct.pack('>BBIxHx', 0x35, flags, lba, blocks), b''


def sync16(lba=0, blocks=0, flags=0):
    return struct.pack('>BBQI2x', 0x91, flags, lba, blocks), b''


def compare_and_write(flags=0, lba=2000):
    return struct.pack('>BBQ3xB2x', 0x89, flags, lba, 1), data[:512] * 2


def caching(wce):
    return MODE_SELECT, bytes([0, 0, 0, 0, 8, 0x12, 4 if wce else 0] + [0] * 9 + [0x80, 0x14] + [0] * 6)


class Lun:
    """A LUN and the disk below it."""
    def __init__(self, lun, what, disk):
        self.lun, self.what, self.stat = lun, what, '/sys/block/%s/stat' % disk
        s.settle(lun)

    def counts(self):
        """Flushes and sectors written since the machine came up."""
        with open(self.stat) as f:
            fields = f.read().split()
        return int(fields[15]), int(fields[6])

    def run(self, command):
        cdb, out = command
        r = s.scsi(cdb, self.lun, write=out)
        must(r.status == 0, '%s: GOOD for %s (%r)' % (self.what, cdb.hex(), r))

    def count(self, name, commands, wait=0):
        """Flushes that the last of the commands caused, sectors that all of them wrote."""
        sectors = self.counts()[1]
        for c in commands[:-1]:
            self.run(c)
        flushes = self.counts()[0]
        self.run(commands[-1])
        end = time.time() + wait
        while self.counts()[0] == flushes and time.time() < end:
            time.sleep(0.1)
        now = self.counts()
        return now[0] - flushes, now[1] - sectors

    def stable(self, name, *commands, sectors=BLOCKS, wait=0):
        f, n = self.count(name, commands, wait)
        must(f > 0, '%s: %s flushes the disk (%d)' % (self.what, name, f))
        must(n >= sectors, '%s: %s has written (%d sectors)' % (self.what, name, n))

    def quiet(self, name, *commands):
        f, _ = self.count(name, commands)
        must(f == 0, '%s: %s does not flush (%d)' % (self.what, name, f))


def cached(d):
    w = write(0x2a)
    d.quiet('WRITE(10)', w)
    d.quiet('WRITE(10) with DPO', write(0x2a, DPO))
    d.stable('SYNCHRONIZE CACHE(10)', w, sync10())
    d.stable('SYNCHRONIZE CACHE(10) of what is clean', sync10(), sectors=0)
    d.stable('SYNCHRONIZE CACHE(10) from an LBA to the end', w, sync10(2000))
    d.stable('SYNCHRONIZE CACHE(10) of a range', w, sync10(2000, BLOCKS))
    d.stable('SYNCHRONIZE CACHE(16)', w, sync16())
    d.stable('SYNCHRONIZE CACHE(16) of a range', w, sync16(2000, BLOCKS))
    d.stable('SYNCHRONIZE CACHE(10) with IMMED', w, sync10(flags=2), wait=20)
    d.stable('WRITE(10) with FUA', write(0x2a, FUA))
    d.stable('WRITE(10) with FUA and DPO', write(0x2a, FUA | DPO))
    d.stable('WRITE(12) with FUA', write(0xaa, FUA))
    d.stable('WRITE(16) with FUA', write(0x8a, FUA))
    d.stable('WRITE AND VERIFY(10)', write(0x2e))
    d.quiet('COMPARE AND WRITE', compare_and_write())
    d.stable('COMPARE AND WRITE with FUA', compare_and_write(FUA), sectors=1)
    d.stable('START STOP UNIT, stop', w, (bytes([0x1b, 0, 0, 0, 0, 0]), b''))
    d.run((bytes([0x1b, 0, 0, 0, 1, 0]), b''))
    r = s.read10(d.lun, 2000, BLOCKS, flags=FUA | DPO)
    must(r.status == 0 and r.data == data, d.what + ': READ with FUA and DPO')


def cache_mode(d):
    """WCE by MODE SELECT is write_through."""
    d.stable('MODE SELECT of WCE=0', write(0x2a), caching(False))
    d.stable('WRITE(10) after WCE=0', write(0x2a))
    d.run(caching(True))
    d.quiet('WRITE(10) after WCE=1', write(0x2a))


def write_through(d):
    d.stable('WRITE(10)', write(0x2a))
    d.stable('WRITE(16)', write(0x8a))
    d.stable('COMPARE AND WRITE', compare_and_write(), sectors=1)
    d.stable('WRITE SAME(10)', (struct.pack('>BBIxHx', 0x41, 0, 2000, BLOCKS), data[:512]))
    d.stable('SYNCHRONIZE CACHE(10)', sync10(), sectors=0)


def battery(d):
    """nv_cache: the administrator says that the cache survives."""
    d.quiet('WRITE(10) with FUA', write(0x2a, FUA))
    d.quiet('SYNCHRONIZE CACHE(10)', write(0x2a), sync10())
    d.quiet('SYNCHRONIZE CACHE(16)', write(0x2a), sync16())


def direct(d):
    d.quiet('WRITE(10)', write(0x2a))
    d.stable('SYNCHRONIZE CACHE(10)', write(0x2a), sync10())
    d.stable('WRITE(10) with FUA', write(0x2a, FUA))


for lun, (disk, kind, what) in enumerate(a.split(':') for a in sys.argv[2:]):
    lun = Lun(lun, what, disk)
    for name in kind.split('+'):
        {'cached': cached, 'mode': cache_mode, 'through': write_through, 'battery': battery, 'direct': direct}[name](lun)
PY

for d in vdb vdc sda sdb sdc; do
	is "$(cat /sys/block/$d/queue/write_cache)" "write back" "write cache of $d"
	is "$(cat /sys/block/$d/queue/fua)" 0 "FUA of $d, which would need no flush"
done
# No commit of its own, no other writers: what is counted is ours.
run mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 /dev/vdc
mkdir -p /mnt/flush
run mount -o noatime,commit=600 /dev/vdc /mnt/flush
for n in plain through battery direct dthrough; do
	run dd if=/dev/zero of=/mnt/flush/$n bs=1M count=4 conv=fsync status=none
done
udevadm settle

scst_up
open_fileio plain /mnt/flush/plain
open_fileio through /mnt/flush/through write_through=1
open_fileio battery /mnt/flush/battery nv_cache=1
open_fileio direct /mnt/flush/direct o_direct=1
open_fileio dthrough /mnt/flush/dthrough o_direct=1 write_through=1
open_fileio node /dev/sdc
open_blockio block /dev/vdb
open_blockio bthrough /dev/sda write_through=1
open_blockio bbattery /dev/sdb nv_cache=1
add_target $T
n=0
for d in plain through battery direct dthrough node block bthrough bbattery; do
	add_lun $T $n $d
	n=$((n + 1))
done
enable_target $T
run python3 "$TESTDIR/t.py" $T \
	"vdc:cached+mode:fileio on ext4" "vdc:through:fileio on ext4, write_through" "vdc:battery:fileio on ext4, nv_cache" \
	"vdc:direct:fileio on ext4, o_direct" "vdc:through:fileio on ext4, o_direct and write_through" \
	"sdc:cached+mode:fileio on a block device" "vdb:cached+mode:blockio" "sda:through:blockio, write_through" \
	"sdb:battery:blockio, nv_cache"
scst_down || fail "something stays loaded"
run umount /mnt/flush
