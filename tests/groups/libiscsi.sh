# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# libiscsi's own suite runs to its end; which of its tests fail is a score, kept
# in libiscsi.table and libiscsi.score, a hang or a crash is a failure.
# timeout: 1800
. /job/tests/qemu/lib.sh
requires iscsi-test-cu
T=iqn.2026-01.test:libiscsi
URL=iscsi://127.0.0.1/$T/0

scst_up
open_fileio disk "$(mkdisk libiscsi 128)" thin_provisioned=1
add_target $T
add_lun $T 0 disk
enable_target $T
run iscsi-inq $URL

step "the suite"
timeout $((1500 * ${SCST_TIME_FACTOR:-1})) iscsi-test-cu -d -S -t ALL $URL $URL > /job/out/libiscsi.full 2> /job/out/libiscsi.stderr
code=$?
[ $code != 124 ] || { tail -n 20 /job/out/libiscsi.full; fail "the suite hangs"; }
[ $code -lt 128 ] || fail "the suite was killed ($code)"
grep -q '^Run Summary' /job/out/libiscsi.full || { tail -n 20 /job/out/libiscsi.full; fail "the suite did not come to its end"; }

# One line per test: Suite.Test <TAB> passed, FAILED or skipped. What is skipped
# after the verdict is the suite's own cleaning up.
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
     }' /job/out/libiscsi.full > /job/out/libiscsi.table
score=$(cut -f 2 /job/out/libiscsi.table | sort | uniq -c | awk '{ printf "%s%s %s", s, $1, $2; s = ", " }')
echo "libiscsi: $score" | tee /job/out/libiscsi.score
grep -w FAILED /job/out/libiscsi.table
[ "$(wc -l < /job/out/libiscsi.table)" -gt 100 ] || fail "fewer tests ran than the suite has"

step "the target serves as before"
run iscsi-inq $URL
run iscsi-readcapacity16 $URL
wait_for 30 no_sessions || fail "a session stays"
