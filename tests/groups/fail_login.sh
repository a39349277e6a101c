# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Allocation 1, 2, 3 ... of the call that hands a login over, and of the end of a session, fails: no session, no trace of
# one, a connection as it was before, and the next one gets in.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
fail_nth handovers force_close
