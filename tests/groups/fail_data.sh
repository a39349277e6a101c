# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The Nth allocation of our modules fails on the way of every command type, of pings, text,
# logins, task management and ends of sessions: BUSY or Reject, nothing else is harmed, and
# sent again it works. Then a fifth of all fails under load.
# timeout: 3000
. /job/tests/qemu/lib.sh
requires /sys/kernel/debug/fail_function dmsetup
T=iqn.2026-01.test:data

run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
mkdir -p /mnt/data
run mount -t tmpfs -o size=64M none /mnt/data
truncate -s 32M /mnt/data/disk
open_fileio cached "$(mkdisk cached 32)" thin_provisioned=1
open_fileio direct "$(mkdisk direct 32)" o_direct=1
open_fileio memory /mnt/data/disk
open_blockio block /dev/mapper/slow
open_nullio null size_mb=32
add_target $T
n=0 args=()
for d in cached direct memory block null; do
	add_lun $T $n $d
	args+=("$d=$n")
	n=$((n + 1))
done
enable_target $T
run python3 -u /job/tests/raw/fail_data.py $T slow "${args[@]}"
scst_down || fail "something stays loaded"
run umount /mnt/data
run dmsetup remove slow
