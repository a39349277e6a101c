# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# 10,000 connections (3,000 in make check) that never say a word, from 200 addresses: the daemon holds no more of them than it has slots, those that run
# notice nothing, and who logs in properly is served at once. So it is while a flood of them is coming in.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires fio python3
T=iqn.2026-01.test:idle
SLOTS=256 SPARE=64 NUMBER=$(soak 10000 3000)

ulimit -n 20000
sysctl -q -w net.ipv4.ip_local_port_range="1024 65000" net.core.somaxconn=4096
scst_up
open_fileio disk "$(mkdisk idle 32)"
add_target $T
add_lun $T 0 disk
enable_target $T
ini_login $INI_DEFAULT 127.0.0.1 $T
d=$(find_disk $INI_DEFAULT $T 0) || exit 1
daemon=$(pidof -s iscsi-scstd)

# A proper login and logout, in seconds.
login_takes()
{
	python3 -c '
import sys, time
sys.path.insert(0, "/job/tests/raw")
import iscsi
begin = time.time()
with iscsi.Session("127.0.0.1", target=sys.argv[1], isid=bytes([0x80, 0, 0, 0, 0, 5])) as s:
    s.settle()
    assert s.logout() == 0
print(int(time.time() - begin))' $T
}

# bounded: what the daemon and its children hold
bounded()
{
	local fds kb

	fds=$(ls /proc/"$daemon"/fd | wc -l)
	kb=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/"$daemon"/status)
	echo "$1: $fds files, $kb KiB, $(pgrep -c -x iscsi-scstd) processes"
	[ "$fds" -le $((SLOTS + SPARE)) ] || fail "the daemon holds $fds files"
	[ "$kb" -le 32768 ] || fail "the daemon holds $kb KiB"
	# Nobody who is silent gets a process.
	[ "$(pgrep -c -x iscsi-scstd)" -le 3 ] || fail "$(pgrep -c -x iscsi-scstd) processes"
}

step "a verified load, and the flood"
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=8 --rw=randrw --bs=4k --size=16m --verify=crc32c \
	--verify_fatal=1 --output="$TESTDIR/fio" &
LOAD=$!
mkfifo "$TESTDIR/hold"
python3 /job/tests/raw/idle.py "$NUMBER" < "$TESTDIR/hold" > "$TESTDIR/idle" &
IDLE=$!
exec 5> "$TESTDIR/hold"
for _ in 1 2 3; do
	s=$(login_takes) || fail "no login while the flood comes in"
	[ "$s" -le 10 ] || fail "a login took $s seconds"
	bounded "flood"
done
wait_for 120 grep -q opened "$TESTDIR/idle" || fail "the flood does not come to its end"

step "all of them stand: $(cat "$TESTDIR/idle")"
read -r opened _ < "$TESTDIR/idle"
[ "$opened" -ge $((NUMBER * 9 / 10)) ] || fail "only $opened could be opened"
s=$(login_takes) || fail "no login beside them"
[ "$s" -le 10 ] || fail "a login took $s seconds"
bounded "standing"

step "they go"
exec 5>&-
wait $IDLE
wait $LOAD || { cat "$TESTDIR/fio"; fail "the load saw an error"; }
s=$(login_takes) || fail "no login afterwards"
few_files() { [ "$(ls /proc/"$daemon"/fd | wc -l)" -le 40 ]; }
wait_for 30 few_files || fail "the daemon keeps $(ls /proc/"$daemon"/fd | wc -l) files"
ini_logout $INI_DEFAULT 127.0.0.1 $T
wait_for 30 no_sessions || fail "a session stays"
