# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Allocation 1, 2, 3 ... of every write that adds, changes or deletes devices, targets, LUNs and groups fails, until the
# path runs clean: the write fails with the right errno and leaves no trace, nobody else is harmed, and the same write works at
# once afterwards. How many failures each path has met is printed.
# timeout: 1200
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
fail_nth devices other_devices attributes device_groups targets luns groups
