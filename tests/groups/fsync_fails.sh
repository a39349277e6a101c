# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Data that were acknowledged into the cache and cannot be written: fsync() on the initiators fails, on each of them. Linux repeats a
# SYNCHRONIZE CACHE that ends with MEDIUM ERROR, as it does one that brings a deferred error, and the second one finds nothing left to
# be written.
# check: 6.12
. /job/tests/qemu/lib.sh
requires dmsetup
T=iqn.2026-01.test:fsync
A=iqn.2026-01.ini:a
B=iqn.2026-01.ini:b
BAD=2000	# a page of the disk that cannot be written

step "a disk with a bad page, and two initiators"
expect_dmesg 'device lost: cannot make written data stable'
size=$(blockdev --getsz /dev/vdb)
printf '0 %s linear /dev/vdb 0\n%s 8 error\n%s %s linear /dev/vdb %s\n' $BAD $BAD $((BAD + 8)) $((size - BAD - 8)) $((BAD + 8)) > "$TESTDIR/table"
run dmsetup create bad "$TESTDIR/table"
scst_up
open_fileio lost /dev/mapper/bad
add_target $T
add_lun $T 0 lost
enable_target $T
ini_login $A 127.0.0.1 $T
ini_login $B 127.0.0.1 $T
a=$(find_disk $A $T 0) b=$(find_disk $B $T 0)
[ -n "$a" ] && [ -n "$b" ] || exit 1
is "$(cat "/sys/block/$(basename "$a")/queue/write_cache")" "write back" "cache of the disk"

cat > "$TESTDIR/fsync.py" <<'PY'
import mmap, os, sys
BAD = int(sys.argv[1])
a, b = (os.open(d, os.O_RDWR | os.O_DIRECT) for d in sys.argv[2:])
data = mmap.mmap(-1, 4096)
data.write(b'x' * 4096)


def write(fd, lba):
    assert os.pwrite(fd, data, lba * 512) == 4096


def fails(fd):
    try:
        os.fsync(fd)
    except OSError as e:
        print('fsync:', e)
        return True
    return False


write(a, BAD)
write(b, BAD + 64)
assert fails(a), 'fsync is told that data are stable which the target could not write'
assert fails(b), 'fsync of another initiator is, whose data may have been lost as well'
for fd in a, b:
    write(fd, BAD + 128)
    assert not fails(fd), 'the loss is told once'
write(b, BAD)
assert fails(b), 'a second loss'
assert fails(a), 'a second loss, told to the other'
PY
step "fsync"
run python3 "$TESTDIR/fsync.py" $BAD "$a" "$b"

step "the file has an error that nobody has asked for: what else was written is flushed when it is closed"
flushes() { awk '{ print $16 }' /sys/block/vdb/stat; }
run dd if=/dev/zero of="$a" bs=4k seek=$((BAD / 8)) count=1 oflag=direct status=none
udevadm settle
sync
before=$(flushes)
put 0 $R/devices/lost/active
[ "$(flushes)" -gt "$before" ] || fail "closed without a flush of the disk"
put 1 $R/devices/lost/active
ini_logout $A 127.0.0.1 $T
ini_logout $B 127.0.0.1 $T
scst_down
run dmsetup remove --retry bad
