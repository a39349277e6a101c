# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Power goes between any two writes while reservations are saved, to a file and to a block device: what is found
# afterwards is the state before the change or the one after it, and after it once the initiator has been told.
# timeout: 300
# check: 6.12
. /job/tests/qemu/lib.sh
requires module:dm-log-writes module:brd dmsetup mkfs.ext4 python3
T=iqn.2026-01.test:power
D=$R/devices/disk
KB=4096

# logged NAME START: a disk of $KB whose writes are logged on /dev/vdc; its content is kept in $TESTDIR/before
logged()
{
	run dmsetup create "$1-base" --table "0 $((KB * 2)) linear /dev/vdb $2"
	dd if=/dev/zero of="/dev/mapper/$1-base" bs=64k count=$((KB / 64)) status=none
	[ "$1" = device ] || run mkfs.ext4 -q -b 1024 -N 64 -J size=1 -E lazy_itable_init=0,lazy_journal_init=0 "/dev/mapper/$1-base"
	dd if="/dev/mapper/$1-base" of="$TESTDIR/before" bs=64k status=none
	run dmsetup create "$1" --table "0 $((KB * 2)) log-writes /dev/mapper/$1-base /dev/vdc"
}

# power PATH KIND: LUN 0 is the disk, with its reservations in PATH
power()
{
	put "$1" $D/pr_file_name
	add_lun $T 0 disk
	run python3 /job/tests/raw/powercut.py $T "$2" /dev/vdc "$TESTDIR/before" "$2"
	run dmsetup remove "$2-base"
}

run modprobe dm-mod
run modprobe dm-log-writes
run modprobe brd rd_nr=1 rd_size=$KB
mkdir -p /mnt/logged /mnt/replay /var/lib/scst/pr
scst_up
open_fileio disk "$(mkdisk power 16)"
open_fileio check "$(mkdisk check 16)"
add_target $T
enable_target $T

step "a file"
logged file 0
run mount /dev/mapper/file /mnt/logged
power /mnt/logged/state file

step "a block device"
logged device $((KB * 2))
power /dev/mapper/device device
scst_down || fail "something stays loaded"
run modprobe -r brd
