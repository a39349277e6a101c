# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Allocation 1, 2, 3 ... of every management write and of the login hand-over fails, until the
# path runs clean: the write fails with the right errno and leaves no trace, nobody else is
# harmed, and the same write works at once afterwards.
# timeout: 3600
. /job/tests/qemu/lib.sh
requires /sys/kernel/debug/failslab /sys/kernel/debug/fail_function /proc/self/fail-nth
T=iqn.2026-01.test:nth

# What failed is said: that is all that may be.
allow_dmesg '(scst|scst_vdisk|iscsi-scst): .*(error -(12|14)|refused|no memory|bad value|cannot make written data stable)'
allow_dmesg '(scst|scst_vdisk|iscsi-scst): .*(incomplete|bad parameter|not added|not changed)'
scst_up
open_nullio a size_mb=8
open_nullio b size_mb=9
add_target $T
add_lun $T 0 a
add_lun $T 1 b
enable_target $T
run python3 -u /job/tests/raw/fail_nth.py $T "$(mkdisk nth 16)" /dev/vdb
scst_down || fail "something stays loaded"
