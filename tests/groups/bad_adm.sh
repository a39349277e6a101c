# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# scstadmin refuses what it cannot do: exit code, a message that names the
# trouble, and a running state that has not changed.
# check: 6.1
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
adm_bad '^Unknown option: explode' -explode
adm_bad 'No such attribute: colour' -open_dev d2 -handler vdisk_fileio -attributes filename=$f,colour=blue
adm_bad 'No such handler: vdisk_nothing' -open_dev d2 -handler vdisk_nothing -attributes filename=$f
adm_bad "No such attribute.*'?colour" -set_dev_attr d1 -attributes colour=blue

step "what is missing, what is there already, what is busy"
adm_bad '^Please specify -handler with -open_dev/-close_dev' -open_dev d2
adm_bad "could not be opened: Opening device 'd2'.*No such file" -open_dev d2 -handler vdisk_fileio -attributes filename=/nonexistent/file
adm_bad 'The device exists already: .*d1' -open_dev d1 -handler vdisk_fileio -attributes filename=$f
adm_bad "The target exists already: .*$T" -add_target $T -driver iscsi
adm_bad "The LUN exists already in the target: LUN 0 of .*$T" -add_lun 0 -driver iscsi -target $T -device d1
adm_bad 'No such device: nobody' -add_lun 1 -driver iscsi -target $T -device nobody
adm_bad 'longer than' -open_dev "$LONG" -handler vdisk_fileio -attributes filename=$f
adm_bad 'No such driver: nothing' -add_target x -driver nothing

step "configuration files: the place of the mistake is named, nothing is applied"
# bad_file RE: what is in $TESTDIR/conf is refused, for applying and for checking
bad_file()
{
	adm_bad "$1" -config "$TESTDIR/conf"
	refuse "$1" scstadmin -noprompt -check_config "$TESTDIR/conf"
}
bad_conf()
{
	printf '%s' "$2" > "$TESTDIR/conf"
	cat -A "$TESTDIR/conf"
	bad_file "$1"
}
count() { tr -cd "$1" < "$TESTDIR/conf" | wc -c; }
cuts=0
for size in $(seq 60 29 "$(($(wc -c < "$TESTDIR/good") - 2))"); do
	head -c "$size" "$TESTDIR/good" > "$TESTDIR/conf"
	[ "$(count '{')" != "$(count '}')" ] || continue
	bad_file 'conf:[0-9]+:[0-9]+: error: (the|this) block( opened here)? is not closed'
	cuts=$((cuts + 1))
done
[ $cuts -ge 5 ] || fail "only $cuts cuts of a good file were tried"
bad_conf 'conf: warning: the file is empty' $'# only a comment\n'
bad_conf 'conf:2:2: error: stray' $'HANDLER vdisk_fileio {\n}}\n'
bad_conf 'conf:1:1: error: ' $'NONSENSE here {\n}\n'
bad_conf 'conf:2:11: error: (the|this) block( opened here)? is not closed' $'HANDLER vdisk_fileio {\n\tDEVICE x {\n\t\tfilename /a\n'

step "the good one still applies, with nothing to do"
run scstadmin -noprompt -config "$TESTDIR/good"
run scstadmin -write_config "$TESTDIR/again"
run diff -u "$TESTDIR/good" "$TESTDIR/again"
is "$(stat -c %a "$TESTDIR/again")" 600 "mode of the file written"
