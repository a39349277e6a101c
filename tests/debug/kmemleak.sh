# SPDX-License-Identifier: GPL-2.0
# Last of the tests on a KASAN kernel: nothing was lost since the machine came up.
# timeout: 300
. /job/tests/qemu/lib.sh

LEAKS=/sys/kernel/debug/kmemleak
requires $LEAKS python3

step "let go of what is freed late, then scan twice"
sleep $((5 * ${SCST_TIME_FACTOR:-1}))
# a scan reports what is older than 5 seconds and did not change since the scan before
echo scan > $LEAKS || fail "kmemleak is off"
sleep 6
echo scan > $LEAKS
cat $LEAKS > /job/out/kmemleak.found
[ -s /job/out/kmemleak.found ] || exit 0
python3 /job/tests/debug/kmemleak.py /job/out/kmemleak.found /job/out/symbols /job/tests/debug/kmemleak.stock && exit 0
fail "$(grep -c '^unreferenced object' /job/out/kmemleak.found) memory leaks"
