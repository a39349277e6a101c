# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# ROD tokens (POPULATE TOKEN, WRITE USING TOKEN): between disks, within one and through another initiator, by files and block
# devices; tokens that were changed, expired, forged, deleted, of a device or LUN that is gone; zeroes; what is refused and aborted;
# who is told of which tokens; copies in the background end with their nexus.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires dmsetup
T=iqn.2026-01.test:odx
OTHER=iqn.2024-01.test:other

scst_up
copy_luns $T 500 $OTHER
open_fileio gone "$(mkdisk gone 16)"
add_lun $T 6 gone
run dmsetup create late --table "0 32768 delay /dev/vdc 65536 0 /dev/vdc 65536 3000"
run dmsetup create now --table "0 32768 linear /dev/vdc 65536"
for d in late now; do
	open_blockio $d /dev/mapper/$d
done
add_lun $T 7 late
add_lun $T 8 now
enable_target $T

run python3 /job/tests/raw/odx.py $T
scst_down || fail "modules stay"
run dmsetup remove slow late now
