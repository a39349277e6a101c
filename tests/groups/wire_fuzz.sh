# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# An initiator that has logged in properly sends spoiled PDUs, session after session (raw/wire_fuzz.py): the target keeps to the
# protocol, a verified load on another target sees no error and no wrong byte, and afterwards nothing is left.
# timeout: 600
#
# SCST_SEED=N begins with other sessions, SCST_FUZZ_SECONDS=N goes on for so long.
# check: 6.12
. /job/tests/qemu/lib.sh
requires fio python3
F=iqn.2026-01.test:fuzz L=iqn.2026-01.test:load
SECS=${SCST_FUZZ_SECONDS:-$(($(soak 1200 40) * ${SCST_TIME_FACTOR:-1}))}	# where all is slow as much is to be tried

scst_up
open_fileio fuzz "$(mkdisk fuzz 8)" thin_provisioned=1
open_fileio load "$(mkdisk load 32)"
for t in $F:fuzz $L:load; do
	add_target "${t%:*}"
	add_lun "${t%:*}" 0 "${t##*:}"
	enable_target "${t%:*}"
done
ini_login $INI_DEFAULT 127.0.0.1 $L
d=$(find_disk $INI_DEFAULT $L 0) || exit 1
run fio --name=all --filename="$d" --ioengine=libaio --direct=1 --iodepth=4 --rw=write --bs=64k --verify=crc32c --do_verify=0 \
	--output=/dev/null

step "$SECS seconds, seed ${SCST_SEED:-1}"
# Each refused PDU is told, rate-limited; nothing else is.
allow_dmesg 'iscsi-scst: .*(fuzz|127\.0\.0\.1)'
(
	while [ ! -e "$TESTDIR/stop" ]; do
		fio --name=all --filename="$d" --ioengine=libaio --direct=1 --iodepth=4 --rw=read --bs=64k --verify=crc32c \
			--verify_fatal=1 --output=/dev/null || exit 1
	done
) &
LOAD=$!
python3 -u /job/tests/raw/wire_fuzz.py $F --seed "${SCST_SEED:-1}" --seconds "$SECS" > "$TESTDIR/fuzz.out" 2>&1
code=$?
cat "$TESTDIR/fuzz.out"
touch "$TESTDIR/stop"
wait $LOAD || fail "the load beside saw an error or wrong data"
[ $code = 0 ] || fail "the target broke a rule: $(tail -n 2 "$TESTDIR/fuzz.out")"
[ "$(sed -n 's/.*spoiled \([0-9]*\).*/\1/p' "$TESTDIR/fuzz.out")" -ge 100 ] || fail "hardly anything was spoiled"

step "still in order"
run iscsi-inq iscsi://127.0.0.1/$F/0
[ "$(iscsiadm -m session | wc -l)" = 1 ] || fail "the session of the load is gone"
ini_logout $INI_DEFAULT 127.0.0.1 $L
wait_for 60 no_sessions || fail "sessions stay: $(echo $ISCSI/*/sessions/*/)"
for t in $F $L; do del_target $t; done
for n in fuzz load; do close_dev vdisk_fileio $n; done
scst_down || fail "something stays loaded"
