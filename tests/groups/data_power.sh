# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Power goes between any two writes while an initiator writes: what was acknowledged as stable (FUA, SYNCHRONIZE CACHE,
# write_through) is there when it returns, in a file that is being allocated and on a block device.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires module:dm-log-writes module:brd dmsetup mkfs.ext4 python3
T=iqn.2026-01.test:stable
KB=8192

# logged KIND: a disk of $KB whose writes are logged on /dev/vdc; its content is kept in $TESTDIR/before
logged()
{
	run dmsetup create base --table "0 $((KB * 2)) linear /dev/vdb 0"
	dd if=/dev/zero of=/dev/mapper/base bs=64k count=$((KB / 64)) status=none
	[ "$1" = device ] || run mkfs.ext4 -q -b 1024 -N 64 -J size=1 -E lazy_itable_init=0,lazy_journal_init=0 /dev/mapper/base
	dd if=/dev/mapper/base of="$TESTDIR/before" bs=64k status=none
	run dmsetup create logged --table "0 $((KB * 2)) log-writes /dev/mapper/base /dev/vdc"
	[ "$1" = device ] || { run mount /dev/mapper/logged /mnt/logged; truncate -s 2M /mnt/logged/disk; sync -f /mnt/logged/disk; }
}

# power KIND WHEN PARAMETER...
power()
{
	local kind=$1 when=$2

	shift 2
	step "$kind $*: stable is $when"
	logged "$kind"
	if [ "$kind" = file ]; then open_fileio disk /mnt/logged/disk "$@"; else open_blockio disk /dev/mapper/logged "$@"; fi
	add_lun $T 0 disk
	run python3 /job/tests/raw/data_power.py $T logged /dev/vdc "$TESTDIR/before" "$kind" "$when"
	run dmsetup remove base
}

run modprobe dm-mod
run modprobe dm-log-writes
run modprobe brd rd_nr=1 rd_size=$KB
mkdir -p /mnt/logged /mnt/replay
scst_up
add_target $T
enable_target $T
power device asked
power device each write_through=1
power device never nv_cache=1
power file asked thin_provisioned=1
power file asked o_direct=1
power file each write_through=1
power file never nv_cache=1
scst_down || fail "something stays loaded"
run modprobe -r brd
