# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Login and logout, over and over: no object of our slab caches, no thread, no
# session and no child of the daemon may be left.
# timeout: 900
# check: 6.12
. /job/tests/qemu/lib.sh
requires iscsi-inq
T=iqn.2026-01.test:cycles

state() { echo "threads $(our_threads) daemons $(pgrep -xc iscsi-scstd) fds $(ls "/proc/$(pgrep -xo iscsi-scstd)/fd" | wc -l)"; }
# Objects of general caches, by cache. Slabs of CPUs count as full in /proc/slabinfo, so they are given back before; each
# file opened for that, or by the cycles, leaves an object that waits up to five seconds for its batch of kfree_rcu().
general()
{
	local f

	for f in /sys/kernel/slab/*/shrink; do echo 1 > "$f"; done
	sleep 7
	awk '/^(kmalloc|TCP|sock_inode|filp|dentry|inode_cache|kernfs|task_struct|nsproxy|skbuff)/ { print $1, $2 }' /proc/slabinfo
}
cycle() { iscsi-inq "iscsi://127.0.0.1/$T/0" > /dev/null || fail "login $1"; }

scst_up
open_nullio disk size_mb=64
add_target $T
add_lun $T 0 disk
enable_target $T
step "warm up"
for i in $(seq 10); do cycle "$i"; done
wait_for 20 no_sessions || fail "a session stays"
sleep 2
before=$(state)
cycles=$(soak 500 100)
general > "$TESTDIR/objects.0"
for round in 1 2; do
	step "round $round: $cycles cycles of libiscsi"
	for i in $(seq "$cycles"); do cycle "$i"; done
	wait_for 20 no_sessions || fail "a session stays"
	sleep 2
	general > "$TESTDIR/objects.$round"
	join "$TESTDIR/objects.$((round - 1))" "$TESTDIR/objects.$round" | awk '{ print $1, $3 - $2 }' > "$TESTDIR/growth.$round"
	awk '$2 > 20 || $2 < -20' "$TESTDIR/growth.$round"
done
after=$(state)
echo "before: $before"
echo "after:  $after"
is "$after" "$before" "what exists after the cycles"
# What other tasks of the machine do grows a cache once; an object lost by each login grows it in every round.
leaks=$(join "$TESTDIR/growth.1" "$TESTDIR/growth.2" | awk -v n=$((cycles * 3 / 4)) '$2 >= n && $3 >= n { print $1 }')
[ -z "$leaks" ] || fail "as many objects more as there were logins, in both rounds: $leaks"

step "cycles of open-iscsi"
ini_node $INI_DEFAULT 127.0.0.1 $T
for i in $(seq "$(soak 100 5)"); do
	iscsiadm -m node -T $T -p 127.0.0.1 -l > /dev/null || fail "login $i"
	iscsiadm -m node -T $T -p 127.0.0.1 -u > /dev/null || fail "logout $i"
done

step "connections that never log in"
for i in $(seq 50); do timeout 1 bash -c 'exec 3<>/dev/tcp/127.0.0.1/3260; head -c 20 /dev/urandom >&3' 2>/dev/null; done
cycle last
wait_for 30 no_sessions || fail "a session stays"
one_daemon() { [ "$(pgrep -xc iscsi-scstd)" = 1 ]; }
wait_for 30 one_daemon || fail "children of the daemon stay"
