# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# ROD tokens (POPULATE TOKEN, WRITE USING TOKEN): between disks, within one and through another initiator, by files and block
# devices; tokens that were changed, expired, forged, deleted, of a device or LUN that is gone; zeroes; what is refused and aborted;
# who is told of which tokens.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires dmsetup
T=iqn.2026-01.test:odx
OTHER=iqn.2024-01.test:other

scst_up
open_fileio a "$(mkdisk a 64)"
open_fileio b "$(mkdisk b 64)"
open_blockio blk /dev/vdb
open_fileio ro "$(mkdisk ro 16)"
run dmsetup create slow --table "0 65536 delay /dev/vdc 0 0 /dev/vdc 0 500"
open_blockio slow /dev/mapper/slow
open_fileio big "$(mkdisk big 16)" blocksize=4096
open_fileio gone "$(mkdisk gone 16)"
open_fileio hidden "$(mkdisk hidden 16)"
add_target $T
n=0
for d in a b blk; do add_lun $T $n $d; n=$((n + 1)); done
put "add ro 3 read_only=1" $ISCSI/$T/luns/mgmt
add_lun $T 4 slow
add_lun $T 5 big
add_lun $T 6 gone
add_group $T other
add_lun $T 0 hidden other
add_init $T other $OTHER
enable_target $T

run python3 /job/tests/raw/odx.py $T
scst_down || fail "modules stay"
run dmsetup remove slow
