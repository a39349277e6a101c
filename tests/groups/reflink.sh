# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Copies between files of one XFS share their blocks: EXTENDED COPY and WRITE USING TOKEN, also under write_through; what does not
# fit the file system's blocks, a read-only LUN, a file elsewhere and one that has all of its blocks are copied or refused as ever.
# check: 6.12
# timeout: 300
. /job/tests/qemu/lib.sh
requires mkfs.xfs filefrag losetup
T=iqn.2026-01.test:reflink

truncate -s 512M /vdisks/xfs.img
run mkfs.xfs -q -m reflink=1 /vdisks/xfs.img
mkdir -p /mnt/xfs
run modprobe loop
loop=$(losetup -f --show /vdisks/xfs.img) || fail "no loop device"
run mount -t xfs "$loop" /mnt/xfs
for f in a b c; do truncate -s 64M /mnt/xfs/$f; done
run fallocate -l 64M /mnt/xfs/thick

scst_up
open_fileio a /mnt/xfs/a
open_fileio b /mnt/xfs/b
open_fileio c /mnt/xfs/c write_through=1
open_fileio thick /mnt/xfs/thick
open_fileio other "$(mkdisk other 64)"
add_target $T
n=0
for d in a b c other; do add_lun $T $n $d; n=$((n + 1)); done
put "add b 4 read_only=1" $ISCSI/$T/luns/mgmt
add_lun $T 5 thick
enable_target $T

shared() { filefrag -v "/mnt/xfs/$1" | grep -c shared; }

run python3 /job/tests/raw/reflink.py $T
for f in b c; do
	sync "/mnt/xfs/$f"
	filefrag -v /mnt/xfs/$f
	[ "$(shared $f)" -gt 0 ] || fail "$f shares no block"
	run cmp -n $((20 << 20)) /mnt/xfs/a /mnt/xfs/$f
done
sync /mnt/xfs/thick
is "$(shared thick)" 0 "extents that the file with all of its blocks shares"
run cmp -n $((32 << 20)) /mnt/xfs/a /mnt/xfs/thick
scst_down || fail "modules stay"
run umount /mnt/xfs
run losetup -d "$loop"
