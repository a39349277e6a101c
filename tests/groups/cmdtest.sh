# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The command path under timings no initiator can choose: order, task management,
# gates, then all of it at once while LUNs and sessions come and go.
# timeout: 300
. /job/tests/qemu/lib.sh
requires module:scst_cmdtest
T=$R/targets/cmdtest/cmdtest
P=/sys/module/scst_cmdtest/parameters

# play TEST: the module says in the kernel log what went wrong
play()
{
	step "$1"
	echo "$1" > $P/run || fail "$1: $(dmesg | grep -o 'scst_cmdtest: .*' | tail -n 1)"
}

# One LUN is taken away and given back until the file is there.
shake()
{
	while [ ! -e "$TESTDIR/end" ]; do
		sleep 0.3
		echo "del 1" > $T/luns/mgmt
		sleep 0.1
		echo "add ct_shared 1" > $T/luns/mgmt
	done
}

run modprobe scst
run modprobe scst_cmdtest
echo "add ct_own 0" > $T/luns/mgmt || fail "LUN 0"
echo "add ct_shared 1" > $T/luns/mgmt || fail "LUN 1"
echo 1 > $T/enabled || fail "enabled"
play order
play tmf
play gates
echo "$(soak 200 20)" > $P/stress_seconds
shake &
play stress
touch "$TESTDIR/end"
wait
run rmmod scst_cmdtest
run rmmod scst
