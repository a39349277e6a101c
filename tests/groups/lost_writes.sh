# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Data that were acknowledged into the cache and then could not be written: the
# kernel says so once per open file, and the initiator must hear of it, also when
# the one who asked was the administrator (active=0) and no initiator.
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:lost
I=$INI_DEFAULT
B=/dev/sda
STATE=/sys/block/sda/device/state
DEV=$R/devices/lost

# tur: TEST UNIT READY, quietly
tur() { sg_turs "$1" > /dev/null 2>&1; }
sync_cache() { sg_sync "$1" > "$TESTDIR/sync" 2>&1; }

# dirty LETTER: 4 MiB acknowledged into the target's cache, then the disk goes away
dirty()
{
	run sh -c "head -c 4M /dev/zero | tr '\\0' '$1' | dd of=$d bs=64k oflag=direct status=none"
	udevadm settle		# it reads what was opened for writing, and would be the one to be told
	echo offline > $STATE
}
back() { echo running > $STATE; }

[ -b $B ] && [ -w $STATE ] || skip "no SCSI disk that can be taken offline"
expect_dmesg 'device lost: cannot make written data stable'
scst_up
open_fileio lost $B
add_target $T
add_lun $T 0 lost
enable_target $T
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
sg=$(sg_of "$d")
tur "$sg"; tur "$sg"; run sg_turs "$sg"

step "SYNCHRONIZE CACHE reports it"
dirty a
sync_cache "$sg" && fail "SYNCHRONIZE CACHE is GOOD although the disk was offline"
back
run sg_turs "$sg"

step "closing the store reports it to the initiator"
dirty b
put 0 $DEV/active
back
put 1 $DEV/active
tur "$sg" && fail "the initiator is not told that its data are lost"
run sg_turs "$sg"

step "afterwards all is well again"
run sh -c "head -c 4M /dev/zero | tr '\\0' c | dd of=$d bs=64k oflag=direct status=none"
run sg_sync "$sg"
ini_logout $I 127.0.0.1 $T
put 0 $DEV/active
is "$(head -c 4M $B | tr -d c | wc -c)" 0 "bytes on the disk that were not written last"
