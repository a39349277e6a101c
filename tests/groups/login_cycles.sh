# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Login and logout, over and over: no object of our slab caches, no thread, no
# session and no child of the daemon may be left.
# timeout: 900
. /job/tests/qemu/lib.sh
requires iscsi-inq
T=iqn.2026-01.test:cycles

state() { echo "threads $(our_threads) daemons $(pgrep -xc iscsi-scstd) fds $(ls "/proc/$(pgrep -xo iscsi-scstd)/fd" | wc -l)"; }
# Objects of general caches, by cache: a leak of one object per login shows as growth.
# Slabs of CPUs count as full in /proc/slabinfo: they are given back before.
general()
{
	local f

	for f in /sys/kernel/slab/*/shrink; do echo 1 > "$f"; done
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
general > "$TESTDIR/general"
cycles=$(soak 1000 100)
step "$cycles cycles of libiscsi"
for i in $(seq "$cycles"); do cycle "$i"; done
wait_for 20 no_sessions || fail "a session stays"
sleep 2
after=$(state)
echo "before: $before"
echo "after:  $after"
is "$after" "$before" "what exists after $cycles cycles"
general | join "$TESTDIR/general" - | awk '$3 - $2 > 20' | tee "$TESTDIR/growth"
# Other tasks of the machine come and go by some two hundred objects: one per login shows in the long run only.
awk -v n=$((cycles > 500 ? cycles : 500)) '$3 - $2 >= n { bad = 1; print $1 " grew from " $2 " to " $3 } END { exit bad }' "$TESTDIR/growth" ||
	fail "as many objects more as there were logins"

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
