# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The login daemon is killed under load: sessions go on, and a new daemon takes
# new logins. Then daemon, iSNS process and children of logins are killed at random
# moments while others log in, for SCST_KILL_SECONDS (300 in make soak).
# check: 6.1
# timeout: 900
. /job/tests/qemu/lib.sh
requires fio python3
T=iqn.2026-01.test:kill
I=$INI_DEFAULT

scst_up
open_fileio disk "$(mkdisk kill 128)"
add_target $T
add_lun $T 0 disk
enable_target $T
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
session=$(session_of $I $T)

step "load, kill -9 in the middle of it"
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=8 --rw=randrw --bs=16k --size=100M \
	--verify=crc32c --verify_fatal=1 --time_based --runtime=40 > "$TESTDIR/fio.out" 2>&1 &
fio=$!
sleep 6
run pkill -9 -x iscsi-scstd
wait_for 5 no_process iscsi-scstd || fail "a part of the daemon lives on"
is "$(cat $ISCSI/open_state)" closed "open_state without a daemon"
sleep 4
kill -0 $fio || fail "the load ended with the daemon"
ios() { awk '{ print $1 + $5 }' "/sys/block/${d#/dev/}/stat"; }
before=$(ios)
more() { [ "$(ios)" -gt "$before" ]; }
wait_for 20 more || fail "no I/O is done without the daemon"

step "a new daemon: new logins work, the old session is the same"
run iscsi-scstd
wait_for 10 daemon_listens || fail "the new daemon does not listen"
wait_for 5 grep -q open $ISCSI/open_state || fail "open_state with the new daemon"
run iscsi-inq "iscsi://127.0.0.1/$T/0"
ini_login iqn.2026-01.test:second 127.0.0.1 $T
find_disk iqn.2026-01.test:second $T 0 || exit 1
wait $fio || { cat "$TESTDIR/fio.out"; fail "fio saw errors"; }
is "$(session_of $I $T)" "$session" "the session of the load"
is "$(cat "$session/state")" LOGGED_IN "its state"

step "killed at random moments, while others log in"
SECS=${SCST_KILL_SECONDS:-$(soak 300 25)}
put "127.0.0.1:9" $ISCSI/iSNSServer
allow_dmesg 'iscsi-scst: '
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=4 --rw=randrw --bs=16k --size=64M --verify=crc32c \
	--verify_fatal=1 --time_based --runtime=$((SECS + 5)) > "$TESTDIR/fio.out" 2>&1 &
fio=$!
run timeout $((SECS * 2 + 120)) python3 /job/tests/raw/kill_daemon.py $T "$SECS" "${SCST_SEED:-$RANDOM}"
wait $fio || { cat "$TESTDIR/fio.out"; fail "fio saw errors"; }
is "$(session_of $I $T)" "$session" "the session of the load"
is "$(cat "$session/state")" LOGGED_IN "its state"

step "nothing is left but the two sessions, one daemon and its iSNS process"
only_two() { [ "$(ls -d $ISCSI/$T/sessions/*/ | wc -l)" = 2 ] && [ "$(ss -Htn state established state syn-recv state close-wait state last-ack 'sport = :3260' | wc -l)" = 2 ]; }
wait_for 40 only_two || { ls $ISCSI/$T/sessions; ss -tn 'sport = :3260'; fail "sessions or sockets are left"; }
one_each() { [ "$(pgrep -c -x iscsi-scstd)" = 1 ] && [ "$(pgrep -c -x iscsi-scst-isns)" = 1 ]; }
wait_for 30 one_each || { ps -e | grep scst; fail "processes are left"; }
p=$(pgrep -x iscsi-scstd)
is "$(ps -o ppid= -p "$(pgrep -x iscsi-scst-isns)" | tr -d ' ')" "$p" "parent of the iSNS process"
few_files() { [ "$(ls /proc/"$p"/fd | wc -l)" -le 20 ]; }
wait_for 20 few_files || { ls -l "/proc/$p/fd"; fail "the daemon keeps files"; }
exit 0
