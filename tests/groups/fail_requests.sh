# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The Nth allocation of our modules fails on the way of what keeps state or is no SCSI command: reservations, copies, erasures,
# disks of the host, pings, text, logins through the daemon, task management, ends of sessions: an honest no, no trace. Then a
# fifth of all fails under load.
# timeout: 900
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
fail_data reservations,copies,tokens,erasures,hosts_disk,cdrom,requests,logins,functions,under_load
