# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# EXTENDED COPY between disks and within one, by files and block devices; what is refused, aborted, not the initiator's to
# copy (CVE-2020-28374); RECEIVE COPY RESULTS; sg_xcopy.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires sg_xcopy dmsetup
T=iqn.2026-01.test:xcopy
OTHER=iqn.2024-01.test:other

scst_up
copy_luns $T 1000 $OTHER
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
