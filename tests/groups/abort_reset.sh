# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Aborts and resets under load: every write that fio was told is done must read
# back, whatever was aborted in between.
# check: 6.12
# timeout: 1800
. /job/tests/qemu/lib.sh
requires fio sg_reset dmsetup
T=iqn.2026-01.test:abort
I=$INI_DEFAULT
SECS=$(soak 600 60)

# load DISK SECONDS: runs until the end, verifying
load()
{
	fio --name=load --filename="$1" --ioengine=libaio --direct=1 --iodepth=16 --rw=randrw --bsrange=4k-128k --size=64M \
		--verify=crc32c --verify_fatal=1 --time_based --runtime="$2" > "$TESTDIR/fio.out" 2>&1 &
	FIO=$!
}

end_of_load()
{
	wait $FIO || { cat "$TESTDIR/fio.out"; fail "fio saw errors or wrong data"; }
	grep -qiE 'verify.*fail|bad magic' "$TESTDIR/fio.out" && fail "wrong data"
}

scst_up
run modprobe dm-mod
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
open_blockio bdisk /dev/mapper/slow
open_fileio fdisk "$(mkdisk abort 128)"
add_target $T
add_lun $T 0 bdisk
add_lun $T 1 fdisk
enable_target $T
ini_login $I 127.0.0.1 $T
b=$(find_disk $I $T 0) f=$(find_disk $I $T 1)
[ -n "$b" ] && [ -n "$f" ] || exit 1

step "LUN and target resets under load, on a file"
load "$f" "$SECS"
end=$((SECONDS + SECS - 5)) n=0
sleep 3
while [ $SECONDS -lt $end ]; do
	sg_reset -d "$f" && n=$((n + 1))
	sleep 1
	[ $((n % 5)) = 4 ] && sg_reset -t "$f"
done
end_of_load
[ $n -ge 3 ] || fail "only $n resets were done"
echo "$n resets"

step "aborts: the disk below stalls longer than the initiator waits"
echo 2 > "/sys/block/${b#/dev/}/device/timeout"
load "$b" "$SECS"
end=$((SECONDS + SECS - 10)) n=0
sleep 3
while [ $SECONDS -lt $end ]; do
	run dmsetup suspend --noflush --nolockfs slow
	sleep 5
	run dmsetup resume slow
	n=$((n + 1))
	sleep 3
done
end_of_load
echo "$n stalls"
stats=$(iscsiadm -m session -s 2>/dev/null)
echo "$stats" | grep -E 'tmfcmd|tmfrsp'
[ "$(echo "$stats" | awk '/tmfcmd_pdus/ { n += $2 } END { print n + 0 }')" -gt 0 ] || fail "no task management was provoked"

step "after it all: a full write and compare of both"
for d in "$b" "$f"; do
	run fio --name=after --filename="$d" --ioengine=libaio --direct=1 --iodepth=8 --rw=write --bs=64k --size=16M --verify=crc32c --verify_fatal=1 --output=/dev/null
done
is "$(cat $ISCSI/$T/sessions/*/active_commands)" 0 "commands left in the session"
ini_logout $I 127.0.0.1 $T
put 'del_device bdisk' $R/handlers/vdisk_blockio/mgmt
run dmsetup remove slow
