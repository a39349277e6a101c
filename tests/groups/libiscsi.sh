# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# libiscsi's own suite on an ordinary thin disk, whole, and what it has for a removable and
# a read-only one (whole as well with SCST_SOAK=1). None of its tests may fail, but
# for what "Where we differ from the suite" in tests/README tells; two of those run on disks that are as they assume.
# What ran is in libiscsi.DISK.table, and added up in libiscsi.score.
# timeout: 2400
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires iscsi-test-cu dmsetup
T=iqn.2026-01.test:libiscsi
URL=iscsi://127.0.0.1/$T

rm -f /job/out/libiscsi.*.{full,now,table,stderr}
scst_up
open_fileio disk "$(mkdisk libiscsi 128)" thin_provisioned=1
open_fileio removable "$(mkdisk removable 128)" thin_provisioned=1 lb_per_pb_exp=0 removable=1
open_fileio readonly "$(mkdisk readonly 128)" read_only=1
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) delay /dev/vdb 0 0 /dev/vdb 0 10"
open_blockio slow /dev/mapper/slow
# WRITE ATOMIC wants a disk that promises it: a kernel from 6.11 on asks disks for that promise.
atomic=
if modinfo -p scsi_debug 2> /dev/null | grep -q '^atomic_wr:'; then
	b=$(debug_disk dev_size_mb=128 atomic_wr=1) || fail "no disk with atomic writes"
	[ "$(cat "/sys/block/${b#/dev/}/queue/atomic_write_unit_max_bytes")" -ge $((256 * 512)) ] || fail "scsi_debug promises less than the suite writes"
	open_blockio atomic "$b"
	atomic=atomic
fi
add_target $T
add_lun $T 0 disk
add_lun $T 1 removable
add_lun $T 2 readonly
[ -z "$atomic" ] || add_lun $T 3 atomic
enable_target $T
add_target $T-slow	# a reset of one target does not disturb the other
add_lun $T-slow 0 slow
enable_target $T-slow
run iscsi-inq $URL/0

# suite DISK LUN TESTS [INITIATOR]: runs these tests, appends what the suite says
suite()
{
	local out=/job/out/libiscsi.$1 url=$URL/$2 code

	timeout $((1800 * ${SCST_TIME_FACTOR:-1})) iscsi-test-cu -d -S ${4:+-i "$4" -I "$4-2"} -t "$3" "$url" "$url" > "$out.now" 2>> "$out.stderr"
	code=$?
	[ $code != 124 ] || { tail -n 20 "$out.now"; fail "$1: the suite hangs"; }
	[ $code -lt 128 ] || fail "$1: the suite was killed ($code)"
	grep -q '^Run Summary' "$out.now" || { tail -n 20 "$out.now"; fail "$1: the suite did not come to its end"; }
	cat "$out.now" >> "$out.full"
}

# One line per test: Suite.Test <TAB> passed, FAILED or skipped. What is skipped
# after the verdict is the suite's own cleaning up.
table()
{
	awk '/^Suite: / { flush(); suite = $2 }
	     /^ *Test: / { flush(); test = $2; word = ""; skip = 0; t = 1 }
	     t && word == "" {
		verdict = match($0, /(^|\.\.\.)(passed|FAILED)/) ? RSTART : 0
		said = index($0, "[SKIPPED]")
		if (said && (!verdict || said < verdict)) skip = 1
		if (verdict) word = substr($0, RSTART, RLENGTH) ~ /FAILED/ ? "FAILED" : "passed"
	     }
	     /^Run Summary/ { flush() }
	     function flush() {
		if (t) print suite "." test "\t" (word == "FAILED" ? word : skip ? "skipped" : word == "" ? "FAILED" : word)
		t = 0
	     }' "/job/out/libiscsi.$1.full" > "/job/out/libiscsi.$1.table"
}

# score DISK...: counts each test once; passed on one disk is passed
score()
{
	local d

	for d; do cat "/job/out/libiscsi.$d.table"; done |
		awk -F '\t' '$2 == "FAILED" { r[$1] = 3 }
			$2 == "passed" && r[$1] < 3 { r[$1] = 2 }
			$2 == "skipped" && !r[$1] { r[$1] = 1 }
			END { for (t in r) n[r[t]]++; printf "%d passed, %d skipped, %d failed\n", n[2], n[1], n[3] }'
}

# Sanitize.Reset looks whether the operation goes on 4 s after it began, and then only once in a minute.
(URL=$URL-slow; suite slow 0 ALL.Sanitize.Reset iqn.2026-01.test:slow) &
slow=$!

step "an ordinary thin disk"
suite disk 0 ALL
table disk
[ "$(wc -l < /job/out/libiscsi.disk.table)" -gt 100 ] || fail "fewer tests ran than the suite has"
# MultipathIO.Reset wants what is another's here: see there as well.
sed -i '/^Sanitize.Reset\t/d; /^GetLBAStatus.UnmapSingle\t/d; /^MultipathIO.Reset\t/d' /job/out/libiscsi.disk.table

step "a removable one, a logical block per physical one"
if [ "$SCST_SOAK" = 1 ]; then
	suite removable 1 ALL
else
	for t in PreventAllow StartStopUnit NoMedia GetLBAStatus; do suite removable 1 "ALL.$t"; done
fi
table removable
sed -i '/^Sanitize.Reset\t/d; /^MultipathIO.Reset\t/d; /^StartStopUnit.NoLoej\t/d' /job/out/libiscsi.removable.table

step "a read-only one"
for t in ReadOnly 'Read[1-9]*' 'ReadCap*' 'ReadDef*' Inquiry ModeSense6 Mandatory 'Report*'; do suite readonly 2 "ALL.$t"; done
table readonly

if [ "$atomic" ]; then
	step "one with atomic writes"
	suite atomic 3 ALL.WriteAtomic16
	table atomic
	is "$(grep -c '^WriteAtomic16[.].*	passed$' /job/out/libiscsi.atomic.table)" 6 "WRITE ATOMIC tests that pass"
fi

step "a slow one"
wait $slow || fail "Sanitize.Reset did not end"
table slow

step "the iSCSI families with header digests, which this target insists on; the suite knows no data digests"
put CRC32C $ISCSI/$T/HeaderDigest
suite digest 0 iSCSI
table digest
put :default: $ISCSI/$T/HeaderDigest
[ "$(wc -l < /job/out/libiscsi.digest.table)" -ge 15 ] || fail "fewer tests ran than the families have"
! grep -vP '\tpassed$' /job/out/libiscsi.digest.table || fail "not all of the iSCSI families passed with digests"
! grep '^iSCSI' /job/out/libiscsi.disk.table | grep -vP '\tpassed$' || fail "not all of the iSCSI families passed without digests"

for d in disk removable readonly slow $atomic; do echo "libiscsi, $d: $(score $d)"; done
echo "libiscsi: $(score disk removable readonly slow $atomic)" | tee /job/out/libiscsi.score

step "the target serves as before"
run iscsi-inq $URL/0
run iscsi-readcapacity16 $URL/0
wait_for 30 no_sessions || fail "a session stays"
! grep -w FAILED /job/out/libiscsi.*.table || fail "these tests of the suite failed"
