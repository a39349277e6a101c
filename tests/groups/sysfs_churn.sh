# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Everything in the tree comes and goes, while readers walk all of it and an
# initiator reads its disk; then all is deleted and unloaded.
# check: 6.12
# timeout: 600
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:churn
seconds=$(soak 600 40)

walk() { while [ ! -e "$TESTDIR/stop" ]; do grep -rs . $R > /dev/null; find $R -type l -exec readlink -f {} + > /dev/null 2>&1; done; }

luns()
{
	while [ ! -e "$TESTDIR/stop" ]; do
		for n in $(seq 10 30); do echo "add null $n"; done | while read -r l; do echo "$l" > $ISCSI/$T/luns/mgmt; done
		echo "replace other 12" > $ISCSI/$T/luns/mgmt
		echo "replace_no_ua null 12 read_only=1" > $ISCSI/$T/luns/mgmt
		for n in $(seq 10 30); do echo "del $n" > $ISCSI/$T/luns/mgmt; done
	done 2> /dev/null
}

groups()
{
	while [ ! -e "$TESTDIR/stop" ]; do
		echo "create g" > $ISCSI/$T/ini_groups/mgmt
		echo "create h" > $ISCSI/$T/ini_groups/mgmt
		for n in 0 3 40 41; do echo "add null $n" > $ISCSI/$T/ini_groups/g/luns/mgmt; done
		echo "add disk 0" > $ISCSI/$T/ini_groups/h/luns/mgmt
		echo "add $INI_DEFAULT" > $ISCSI/$T/ini_groups/h/initiators/mgmt
		echo "move $INI_DEFAULT g" > $ISCSI/$T/ini_groups/h/initiators/mgmt
		echo "move $INI_DEFAULT h" > $ISCSI/$T/ini_groups/g/initiators/mgmt
		echo "del g" > $ISCSI/$T/ini_groups/mgmt
		echo "clear" > $ISCSI/$T/ini_groups/h/initiators/mgmt
		echo "del h" > $ISCSI/$T/ini_groups/mgmt
	done 2> /dev/null
}

objects()
{
	while [ ! -e "$TESTDIR/stop" ]; do
		echo "add_device extra size_mb=1" > $R/handlers/vdisk_nullio/mgmt
		echo "add extra 50" > $ISCSI/$T/luns/mgmt
		echo "add_target $T.2" > $ISCSI/mgmt
		echo "add extra 1" > $ISCSI/$T.2/luns/mgmt
		echo "create g" > $ISCSI/$T.2/ini_groups/mgmt
		echo "add extra 1" > $ISCSI/$T.2/ini_groups/g/luns/mgmt
		echo 1 > $ISCSI/$T.2/enabled
		echo 2 > $R/suspend && echo -1 > $R/suspend
		echo 1 > $R/devices/extra/block
		echo "del_device extra" > $R/handlers/vdisk_nullio/mgmt
		echo 0 > $ISCSI/$T.2/enabled
		echo "del_target $T.2" > $ISCSI/mgmt
	done 2> /dev/null
}

# LUN tables change under its feet: only that it ends is asked for.
sessions() { while [ ! -e "$TESTDIR/stop" ]; do timeout 20 iscsi-inq iscsi://127.0.0.1/$T/0; done > /dev/null 2>&1; }

scst_up
open_fileio disk "$(mkdisk churn 16)"
open_nullio null size_mb=16
open_nullio other size_mb=8
add_target $T
add_lun $T 0 disk
enable_target $T
# Two work on the same names at times, and whoever comes late is refused.
allow_dmesg 'scst: target .*(LUN|group|initiator|no device|is being removed)'
allow_dmesg 'scst: (device|target) .*(refused|is being removed)'
allow_dmesg 'scst: (vdisk_nullio|iscsi): no (device|target)'
allow_dmesg 'iscsi-scst: '
allow_dmesg 'scst: suspend: commands still run'

pids=()
for job in walk walk luns groups objects sessions sessions; do $job & pids+=($!); done
sleep "$seconds"
touch "$TESTDIR/stop"
for p in "${pids[@]}"; do
	wait_for 60 [ ! -d "/proc/$p" ] || { cat "/proc/$p/stack"; grep -H . /proc/[0-9]*/stack | grep scst; fail "a job hangs"; }
done
step "still in order"
[ "$(cat $R/suspend)" = 0 ] || fail "still suspended"
echo clear > $ISCSI/$T/luns/mgmt
add_lun $T 0 disk
run iscsi-inq iscsi://127.0.0.1/$T/0
del_target $T
for d in null other; do close_dev vdisk_nullio $d; done
close_dev vdisk_fileio disk
is "$(ls $R/devices)" "" "devices left"
scst_down || fail "something stays loaded"
