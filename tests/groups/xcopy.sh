# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# EXTENDED COPY between disks and within one, by files and block devices; what is refused, aborted, not the initiator's to
# copy (CVE-2020-28374); RECEIVE COPY RESULTS; sg_xcopy.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires sg_xcopy dmsetup
T=iqn.2026-01.test:xcopy
OTHER=iqn.2024-01.test:other

scst_up
open_fileio a "$(mkdisk a 64)"
open_fileio b "$(mkdisk b 64)"
open_blockio blk /dev/vdb
open_fileio ro "$(mkdisk ro 16)"
run dmsetup create slow --table "0 65536 delay /dev/vdc 0 0 /dev/vdc 0 1000"
open_blockio slow /dev/mapper/slow
open_fileio big "$(mkdisk big 16)" blocksize=4096
open_fileio hidden "$(mkdisk hidden 16)"
add_target $T
n=0
for d in a b blk; do add_lun $T $n $d; n=$((n + 1)); done
put "add ro 3 read_only=1" $ISCSI/$T/luns/mgmt
add_lun $T 4 slow
add_lun $T 5 big
add_group $T other
add_lun $T 0 hidden other
add_init $T other $OTHER
enable_target $T

step "by a raw initiator"
run python3 /job/tests/raw/xcopy.py $T
for d in a b; do put "" $R/devices/$d/eui64_id; done

step "sg_xcopy"
ini_login $INI_DEFAULT 127.0.0.1 $T
a=$(find_disk $INI_DEFAULT $T 0) && b=$(find_disk $INI_DEFAULT $T 1) || exit 1
dd if=/dev/urandom of=/vdisks/a bs=1M count=8 conv=notrunc status=none
run sg_xcopy if="$a" of="$b" bs=512 count=16384
run cmp -n $((8 << 20)) /vdisks/a /vdisks/b
ini_logout $INI_DEFAULT 127.0.0.1 $T
scst_down || fail "modules stay"
run dmsetup remove slow
