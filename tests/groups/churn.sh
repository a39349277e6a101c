# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Everything changes at once, from a seed, under the verified load of two initiators: LUNs, devices, sizes, targets, groups,
# sessions, portals, the daemon; raw initiators abort and reset; readers walk the tree. The load sees no error and no wrong
# byte, every answer is one the contract allows (tests/raw/churn.py), and nothing is left.
# timeout: 600
#
# SCST_SEED=N does the same actions in the same order again, SCST_CHURN_SECONDS=N for so long, SCST_ACTORS="luns groups" only those.
. /job/tests/qemu/lib.sh
requires fio python3
# Nobody knows yet that no seed meets an answer that its rules forget.
[ "$(soak 1 0)" = 1 ] || [ -n "${SCST_SEED:-}${SCST_CHURN_SECONDS:-}" ] || [ "${SCST_FLAVOUR:-}" = kcsan ] ||
	skip "only in make soak, on KCSAN, or with SCST_CHURN_SECONDS=N"
T=iqn.2026-01.test:load
A=$T-a B=$T-b
SEED=${SCST_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
SECS=${SCST_CHURN_SECONDS:-$(soak 1800 180)}
FACTOR=${SCST_TIME_FACTOR:-1}
LOGS=/job/out/churn

# load NAME DISK OFFSET: 16 MiB are written, and read back with checksums, in one pass after the other with a seed of its own.
# A pass is a run of fio: within a run of several (loops, time_based) it takes blocks that a later pass has overwritten for
# wrong ("bad header rand_seed"), on a plain disk as well. In a single one each block has one writer, and old data show.
load()
{
	local n=0 begin longest=0

	while [ $SECONDS -lt $END ]; do
		n=$((n + 1)) begin=$SECONDS
		fio --name="$1" --filename="$2" --offset="$3" --size=16m --ioengine=libaio --direct=1 --iodepth=8 --rw=randrw \
			--bsrange=4k-128k --verify=crc32c --verify_fatal=1 --randseed=$((SEED + n)) > "$TESTDIR/fio.$1" 2>&1 ||
			{ mv "$TESTDIR/fio.$1" "$TESTDIR/wrong.$1"; exit 1; }
		[ $((SECONDS - begin)) -le $longest ] || longest=$((SECONDS - begin))
	done
	echo "$1: $n passes, the longest took $longest s"
}

scst_up
for n in file1 file2; do open_fileio $n "$(mkdisk $n 64)"; done
open_blockio block /dev/vdb
for n in null1 null2; do open_nullio $n size_mb=64; done
for n in x2 x4; do mkdisk $n 16 > /dev/null; done
add_target $T
for g in '' even odd; do
	[ -z "$g" ] || add_group $T $g
	add_lun $T 0 file1 $g
	add_lun $T 1 block $g
	add_lun $T 2 file2 $g
done
put "add_target_attribute $T allowed_portal 127.0.0.*" $ISCSI/mgmt
enable_target $T
# The load waits for its target as long as it takes; a command that a reset took away is tried again soon.
for i in $A $B; do
	ini_login $i 127.0.0.1 $T node.session.timeo.replacement_timeout=3600 node.conn[0].timeo.login_timeout=$((5 * FACTOR))
	for l in 0 1 2; do
		d=$(find_disk $i $T $l) || exit 1
		echo $((6 * FACTOR)) > "/sys/block/${d#/dev/}/device/timeout"
	done
done

allow_dmesg 'scst: target .*(LUN|group|initiator|no device|is being removed|not deleted: it has sessions|surplus word|is missing|bad parameter|unknown command)'
allow_dmesg 'scst: (device|target) .* refused: (the name is in use|bad name)'
allow_dmesg 'scst: (vdisk_.*|iscsi): (no (device|target)|bad target name|surplus word|add_device|add_target)'
allow_dmesg 'scst: suspend: commands still run'
allow_dmesg 'iscsi-scst: .*: (no allowed_portal .*|allowed_portal .* exists already)'
allow_dmesg 'scst_vdisk: device (x[1-4]|y)(:| already exists)|scst_vdisk: bad device name'
allow_dmesg 'iscsi-scst: target .*(allowed_portal|unknown parameter)'
allow_dmesg 'iscsi-scst: iqn.*: allowed_portal .* not added: error -(2|ENOENT)'	# the target goes meanwhile

step "seed $SEED, $SECS seconds"
mkdir -p $LOGS
echo "$SEED" > $LOGS/seed
END=$((SECONDS + SECS)) LOADS=
while read -r name disk offset; do
	load "$name" "$disk" "$offset" &
	LOADS="$LOADS $!"
done << DISKS
a-file $(find_disk $A $T 0) 0
a-block $(find_disk $A $T 1) 0
b-file $(find_disk $B $T 2) 0
b-block $(find_disk $B $T 1) 64m
DISKS
python3 /job/tests/raw/growth.py sample $LOGS/samples "$((SECS < 300 ? 2 : 10))" &
SAMPLER=$!
python3 /job/tests/raw/unstick.py /job/out/syslog > $LOGS/unstuck 2>&1 &
UNSTICK=$!
trap 'kill $SAMPLER $UNSTICK 2>/dev/null' EXIT
# shellcheck disable=SC2086
python3 /job/tests/raw/churn.py --seed "$SEED" --seconds "$SECS" --factor "$FACTOR" --logs $LOGS ${SCST_ACTORS:-}
CHURN=$?

step "the load comes to its end"
for p in $LOADS; do
	wait_for 120 [ ! -d /proc/$p ] || { grep . /proc/[0-9]*/stack | grep scst; fail "the load hangs (seed $SEED)"; }
	wait $p || { tail -n 30 "$TESTDIR"/wrong.*; fail "the load saw errors or wrong data (seed $SEED)"; }
done
[ $CHURN = 0 ] || fail "an answer that the contract does not allow (seed $SEED)"
if [ -z "${SCST_ACTORS:-}" ]; then
	grep -q 'load-[ab]/force_close -> 0' $LOGS/closer.log || fail "no session of the load was closed"
	grep -q ' function 5 of LUN [012] -> 0' $LOGS/resets.log || fail "no disk of the load was reset"
	grep -q ' start -> 0' $LOGS/daemon.log || fail "the daemon was not killed"
fi

step "nothing has grown"
python3 /job/tests/raw/growth.py judge $LOGS/samples $LOGS/growth.svg | tee $LOGS/growth.txt
[ "${PIPESTATUS[0]}" = 0 ] || fail "growth: see growth.txt"

step "still in order"
is "$(cat $R/suspend)" 0 "suspended"
for d in "$R"/devices/*/block; do is "$(cat "$d")" "0 0" "$d"; done
wait_for 30 daemon_listens || fail "the daemon does not listen"
logged_in() { grep -q LOGGED_IN "$(session_of "$1" $T)/state"; }
for i in $A $B; do wait_for 60 logged_in $i || fail "$i does not come back"; done
run fio --name=after --filename="$(find_disk $A $T 0)" --ioengine=libaio --direct=1 --iodepth=8 --rw=write --bs=64k --size=16m \
	--verify=crc32c --verify_fatal=1 --output=/dev/null
for i in $A $B; do ini_logout $i 127.0.0.1 $T; done
wait_for 60 no_sessions || fail "sessions stay: $(echo $ISCSI/*/sessions/*/)"
for t in $T.side1 $T.side2 $T; do [ ! -d $ISCSI/$t ] || del_target $t; done
for d in "$R"/devices/*/; do close_dev vdisk_fileio "$(basename "$d")"; done
is "$(ls $R/devices)" "" "devices left"
scst_down || fail "something stays loaded"
