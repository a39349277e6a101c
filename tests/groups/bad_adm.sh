# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# scstadmin refuses what it cannot do: exit code, a message that names the
# trouble, and a running state that has not changed.
. /job/tests/qemu/lib.sh
requires scstadmin
T=iqn.2026-01.test:badadm
LONG=$(printf 'n%.0s' $(seq 300))

tree() { (cd $R && find . | sort); }
# adm_bad RE ARGS...
adm_bad()
{
	local re=$1 before

	shift
	before=$(tree)
	refuse "$re" scstadmin -noprompt "$@"
	[ "$before" = "$(tree)" ] || fail "changed something: scstadmin $*"
}

allow_dmesg .
scst_up
f=$(mkdisk badadm 8)
open_fileio d1 "$f"
add_target $T
add_lun $T 0 d1
enable_target $T
run scstadmin -write_config "$TESTDIR/good"

step "words it does not know"
adm_bad 'unknown|unrecognized|invalid' -explode
adm_bad 'colour' -open_dev d2 -handler vdisk_fileio -attributes filename=$f,colour=blue
adm_bad 'vdisk_nothing' -open_dev d2 -handler vdisk_nothing -attributes filename=$f
adm_bad 'no such|not exist|not found|unknown' -set_dev_attr d1 -attributes colour=blue

step "what is missing, what is there already, what is busy"
adm_bad 'missing|please specify|argument' -open_dev d2
adm_bad 'd2|fail|no such|bad' -open_dev d2 -handler vdisk_fileio -attributes filename=/nonexistent/file
adm_bad 'exist' -open_dev d1 -handler vdisk_fileio -attributes filename=$f
adm_bad 'exist' -add_target $T -driver iscsi
adm_bad 'LUN|in use|exist|assigned' -add_lun 0 -driver iscsi -target $T -device d1
adm_bad 'no such|not exist|not found|nobody' -add_lun 1 -driver iscsi -target $T -device nobody
adm_bad 'fail|invalid|long|create|open' -open_dev "$LONG" -handler vdisk_fileio -attributes filename=$f
adm_bad 'no such|not exist|not found|driver' -add_target x -driver nothing

step "configuration files: the place of the mistake is named, nothing is applied"
bad_conf()
{
	printf '%s' "$2" > "$TESTDIR/conf"
	cat -A "$TESTDIR/conf"
	adm_bad "$1" -config "$TESTDIR/conf"
	refuse "$1" scstadmin -noprompt -check_config "$TESTDIR/conf"
}
for size in 30 90 150 220; do
	[ "$(wc -c < "$TESTDIR/good")" -gt $size ] || break
	head -c $size "$TESTDIR/good" > "$TESTDIR/half"
	cp "$TESTDIR/half" "$TESTDIR/conf"
	before=$(tree)
	scstadmin -noprompt -config "$TESTDIR/conf" && grep -q '{' "$TESTDIR/conf" &&
		[ "$(tr -cd '{' < "$TESTDIR/conf" | wc -c)" != "$(tr -cd '}' < "$TESTDIR/conf" | wc -c)" ] &&
		fail "half a configuration of $size bytes was applied"
	[ "$before" = "$(tree)" ] || fail "half a configuration changed something"
done
bad_conf '[:(]2|line 2' $'HANDLER vdisk_fileio {\n}}\n'
bad_conf '[:(]1|line 1' $'NONSENSE here {\n}\n'
bad_conf 'conf|end|brace|clos' $'HANDLER vdisk_fileio {\n\tDEVICE x {\n\t\tfilename /a\n'

step "the good one still applies, with nothing to do"
run scstadmin -noprompt -config "$TESTDIR/good"
run scstadmin -write_config "$TESTDIR/again"
run diff -u "$TESTDIR/good" "$TESTDIR/again"
is "$(stat -c %a "$TESTDIR/again")" 600 "mode of the file written"
