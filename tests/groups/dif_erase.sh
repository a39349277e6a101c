# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# FORMAT UNIT and SANITIZE of a disk whose tags are in a file on a slow disk. They were one step of the operation: an abort or a reset
# waited for its end, deletion hung, the progress stood still. What ends in the middle of it leaves data that can be read and written.
# check: 6.1
# timeout: 600
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 dmsetup mkfs.ext4 module:scsi_debug
T=iqn.2026-01.test:erase
mkdir -p /tags

disk() { open_fileio disk /vdisks/disk dif_type=1 dif_mode=scst\|dev_store dif_filename=/tags/disk thin_provisioned=1; add_lun $T 0 disk; }
raw() { run python3 /job/tests/raw/dif_erase.py "$1" $T; }

step "a disk for tags, which takes one command at a time"
b=$(debug_disk delay=0 max_queue=1 dev_size_mb=64) || exit 1
echo 64 > "/sys/block/${b#/dev/}/queue/max_sectors_kb"
run dmsetup create tags --table "0 $(blockdev --getsz "$b") linear $b 0"
run mkfs.ext4 -q -O ^has_journal /dev/mapper/tags
run mount /dev/mapper/tags /tags
scst_up
add_target $T
mkdisk disk 512
disk
enable_target $T

step "FORMAT UNIT: an abort and a reset are answered while the tags go"
raw abort

step "a disk that fails ends it, and the next one succeeds"
expect_dmesg 'device disk: FORMAT UNIT failed: error -(5|EIO)'
raw error

step "SANITIZE: deletion ends it among the tags"
raw begin
cp /tags/disk.intent "$TESTDIR/list"
expect_dmesg 'device disk: SANITIZE failed: error -(4|EINTR)'
close_dev vdisk_fileio disk
raw fast

step "which is no loss of anything, even if that had been one of power"
cp "$TESTDIR/list" /tags/disk.intent
expect_dmesg 'device disk: a SANITIZE has begun and not succeeded'
disk
raw after

scst_down || fail "modules stay"
run umount /tags
run dmsetup remove --retry tags
wait_for 20 modprobe -r scsi_debug || fail "scsi_debug stays"
exit 0
