# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A file system on an exported disk: what was written is there after the disk
# was away, on a file and on a block device.
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:fs
I=$INI_DEFAULT

fill()
{
	mkdir -p "$1/d/e"
	head -c 24M /dev/urandom > "$1/big"
	cp -r /usr/share/perl* /usr/lib/udev "$1/d/e/" 2>/dev/null
	for i in $(seq 200); do echo "file $i" > "$1/d/small.$i"; done
	ln -s ../big "$1/d/link"
}

sums() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum; find . -type l -printf '%p -> %l\n' | sort); }

# round LUN: make, fill, leave, come back, compare
round()
{
	local d

	d=$(find_disk $I $T "$1") || exit 1
	run mkfs.ext4 -q -F "$d"
	mkdir -p /mnt/fs
	run mount "$d" /mnt/fs
	fill /mnt/fs
	sums /mnt/fs > "$TESTDIR/before.$1"
	run umount /mnt/fs
	ini_logout $I 127.0.0.1 $T
	echo 3 > /proc/sys/vm/drop_caches
	run iscsiadm -m node -T $T -p 127.0.0.1 -I "$(ini_iface $I)" -l
	d=$(find_disk $I $T "$1") || exit 1
	run fsck.ext4 -f -n "$d"
	run mount -o ro "$d" /mnt/fs
	sums /mnt/fs > "$TESTDIR/after.$1"
	run umount /mnt/fs
	run cmp "$TESTDIR/before.$1" "$TESTDIR/after.$1"
	[ "$(wc -l < "$TESTDIR/after.$1")" -gt 200 ] || fail "files are missing"
}

scst_up
open_fileio fdisk "$(mkdisk fs 128)"
open_blockio bdisk /dev/vdb
add_target $T
add_lun $T 0 fdisk
add_lun $T 1 bdisk
enable_target $T
ini_login $I 127.0.0.1 $T
step "a file"
round 0
step "a block device"
round 1
ini_logout $I 127.0.0.1 $T
step "the backing stores hold the same file systems"
run fsck.ext4 -f -n /vdisks/fs
run fsck.ext4 -f -n /dev/vdb
