# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The Nth allocation of our modules fails on the way of every command type, in whatever thread: BUSY or TASK SET FULL, nothing
# else is harmed, and sent again it works.
# timeout: 900
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
fail_data commands,first_commands
