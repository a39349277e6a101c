# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# iscsi-scst-adm makes, shows, changes, closes and removes, on the real tree.
# check: 6.1
. /job/tests/qemu/lib.sh
requires iscsi-scst-adm iscsi-ls
T=iqn.2026-01.test:adm
adm() { run iscsi-scst-adm "$@"; }
has_session() { cat $ISCSI/$T/sessions/*/*/cid; }

expect_dmesg 'iscsi-scst: '
expect_dmesg 'scst: target .* refused'
expect_dmesg 'scst: target .* not deleted: it has sessions'
scst_up
open_fileio d1 "$(mkdisk adm 16)"

step "targets"
adm --op new --params "Name=$T,MaxSessions=3,HeaderDigest=None,CRC32C"
tid=$(cat $ISCSI/$T/tid)
adm --op new --tid $((tid + 1)) --params Name=$T.2
is "$(cat $ISCSI/$T.2/tid)" $((tid + 1)) "the second target's id"
refuse 'cannot have the id' iscsi-scst-adm --op new --tid $((tid + 9)) --params Name=$T.3
[ ! -e $ISCSI/$T.3 ] || fail "a target with the wrong id stays"
refuse 'exists' iscsi-scst-adm --op new --params Name=$T
adm --op show --tid "$tid" > "$TESTDIR/shown"
for line in InitialR2T=No MaxBurstLength=1048576 HeaderDigest=None,CRC32C MaxSessions=3; do
	grep -qx "$line" "$TESTDIR/shown" || { cat "$TESTDIR/shown"; fail "no $line"; }
done
adm --op update --tid "$tid" --params MaxBurstLength=65536,FirstBurstLength=8192
is "$(head -n 1 $ISCSI/$T/MaxBurstLength)" 65536 "MaxBurstLength"
refuse 'InitialR2T=maybe: Invalid' iscsi-scst-adm --op update --tid "$tid" --params InitialR2T=maybe

step "accounts"
adm --op new --tid "$tid" --user --params IncomingUser=joe,Password=secretsecret1
adm --op update --tid "$tid" --user --params IncomingUser=joe,Password=secretsecret2
adm --op new --user --params IncomingUser=disc,Password=discsecret12
is "$(iscsi-scst-adm --op show --tid "$tid" --user)" 'IncomingUser joe' "accounts of the target"
is "$(iscsi-scst-adm --op show --user --params IncomingUser=disc)" 'IncomingUser disc discsecret12' "account of discovery"
refuse 'Invalid' iscsi-scst-adm --op new --user --params IncomingUser=x,Password=short
adm --op delete --user --params IncomingUser=disc
[ ! -e $ISCSI/IncomingUser ] || fail "the account of discovery stays"

step "a session"
add_lun $T 0 d1
enable_target $T
cat > "$TESTDIR/stay.py" <<'END'
import sys, time
import chap, iscsi
s = iscsi.Session('127.0.0.1', target=sys.argv[1], login=False)
chap.Chap(s, 'joe', 'secretsecret2').login()
time.sleep(60)
END
python3 "$TESTDIR/stay.py" $T & initiator=$!
wait_for 20 has_session || fail "no session"
sid=$(cat $ISCSI/$T/sessions/*/sid)
cid=$(cat $ISCSI/$T/sessions/*/*/cid)
adm --op show --tid "$tid" --sid "$sid" --cid "$cid" > "$TESTDIR/shown"
for line in "cid=$cid" ip=127.0.0.1 "MaxBurstLength=$(cat $ISCSI/$T/sessions/*/MaxBurstLength)"; do
	grep -qx "$line" "$TESTDIR/shown" || { cat "$TESTDIR/shown"; fail "no $line"; }
done
refuse 'busy' iscsi-scst-adm --op delete --tid "$tid"
adm --op delete --tid "$tid" --sid "$sid" --cid "$cid"
wait_for 10 no_sessions || fail "the session stays"
kill "$initiator"

step "and away"
adm --op delete --tid "$tid"
adm --op delete --tid $((tid + 1))
[ ! -e $ISCSI/$T ] && [ ! -e $ISCSI/$T.2 ] || fail "a target stays"
exit 0
