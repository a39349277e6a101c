# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Every verb of scstadmin once, against the kernel: its exit code, what it prints, what is in sysfs afterwards; and for each
# family of verbs what it says when the kernel or its own checks refuse. At the end `scstadmin -help` is asked for a verb that
# this script does not know.
# timeout: 400
# check: 6.1
. /job/tests/qemu/lib.sh
requires scstadmin
T=iqn.2026-01.test:tool
I=iqn.2026-01.test:ini
D=$R/devices G=$R/device_groups/dg
USED=$TESTDIR/used OUT=$TESTDIR/out
: > "$USED"

# verb NAME [ARG...]: must succeed; what it printed is in $OUT.
verb()
{
	local code

	echo "$1" >> "$USED"
	printf '$ scstadmin -%s\n' "$*"
	scstadmin "-$1" "${@:2}" -noprompt < /dev/null > "$OUT" 2>&1
	code=$?
	cat "$OUT"
	[ $code = 0 ] || fail "scstadmin -$*: exit $code"
}

# says TEXT: the last verb printed that, with any blanks between the words.
says() { tr -s ' \t' ' ' < "$OUT" | grep -qF -- "$1" || fail "\"$1\" is not printed"; }

# wrong TEXT VERB [ARG...]: must be refused, and say so.
wrong()
{
	refuse "$1" scstadmin "-$2" "${@:3}" -noprompt
}

holds() { is "$(head -n 1 "$1")" "$2" "$1"; }
there() { [ -e "$1" ] || fail "$1 is missing"; }
gone() { [ ! -e "$1" ] || fail "$1 is there"; }

t() { "$@" -driver iscsi -target $T; }

scst_up
run modprobe scst_disk
f1=$(mkdisk one 16) f2=$(mkdisk two 16)

step "devices and handlers"
verb open_dev one -handler vdisk_fileio -attributes "filename=$f1,nv_cache=1"
there $D/one/nv_cache
verb open_dev two -handler vdisk_fileio -attributes "filename=$f2"
truncate -s 32M "$f2"
verb resync_dev two
holds $D/two/size $((32 << 20))
verb set_dev_attr one -attributes usn=TOOL0001
holds $D/one/usn TOOL0001
verb list_dev_attr one
says "usn TOOL0001"
verb list_device
says "one"
verb list_device two
says "filename"
verb list_handler
says "vdisk_fileio"
verb list_handler vdisk_fileio
says "two"
verb list_hnd_attr dev_disk -nonkey
says "pr_dump_dir"
verb set_hnd_attr dev_disk -attributes pr_dump_dir=/tmp
holds $R/handlers/dev_disk/pr_dump_dir /tmp
wrong 'No such file' open_dev three -handler vdisk_fileio -attributes filename=/no/such/file
expect_dmesg 'scst_vdisk: device three: cannot open /no/such/file: error -(2|ENOENT)'
wrong 'exist' open_dev one -handler vdisk_fileio -attributes "filename=$f1"
wrong 'handler' open_dev three
gone $D/three

step "the core"
verb set_scst_attr -attributes setup_id=0x7
holds $R/setup_id 0x7
verb list_scst_attr
says "setup_id"
verb set_scst_attr -attributes setup_id=0

step "drivers and targets"
verb list_driver
says "iscsi"
verb add_target $T -driver iscsi
there $ISCSI/$T
verb list_driver iscsi
says $T
verb set_tgt_attr $T -driver iscsi -attributes MaxSessions=3
holds $ISCSI/$T/MaxSessions 3
verb list_tgt_attr $T -driver iscsi
says "MaxSessions 3"
verb add_tgt_attr $T -driver iscsi -attributes "IncomingUser=joe 12charsecret"
holds $ISCSI/$T/IncomingUser "joe 12charsecret"
verb rem_tgt_attr $T -driver iscsi -attributes "IncomingUser=joe 12charsecret"
gone $ISCSI/$T/IncomingUser
verb add_drv_attr iscsi -attributes "IncomingUser=jim 12charsecret"
holds $ISCSI/IncomingUser "jim 12charsecret"
verb rem_drv_attr iscsi -attributes "IncomingUser=jim 12charsecret"
gone $ISCSI/IncomingUser
verb set_drv_attr iscsi -attributes link_local=0
holds $ISCSI/link_local 0
verb list_drv_attr iscsi
says "link_local 0"
verb set_drv_attr iscsi -attributes link_local=1
verb enable_target $T -driver iscsi
holds $ISCSI/$T/enabled 1
verb disable_target $T -driver iscsi
holds $ISCSI/$T/enabled 0
verb issue_lip
wrong 'exist' add_target $T -driver iscsi
wrong 'driver' add_target $T-2
wrong 'MaxSessions' set_tgt_attr $T -driver iscsi -attributes MaxSessions=many
expect_dmesg 'iscsi-scst: target iqn.2026-01.test:tool: bad value for MaxSessions: many'
holds $ISCSI/$T/MaxSessions 3

step "groups and initiators"
for g in g1 g2; do t verb add_group $g; done
there $ISCSI/$T/ini_groups/g2
t verb add_init $I -group g1
t verb add_init '*other*' -group g1
there $ISCSI/$T/ini_groups/g1/initiators/$I
t verb move_init $I -group g1 -to g2
there $ISCSI/$T/ini_groups/g2/initiators/$I
gone $ISCSI/$T/ini_groups/g1/initiators/$I
echo list_init_attr >> "$USED"
t wrong 'Initiators do not have attributes' list_init_attr $I -group g2
t verb rem_init $I -group g2
gone $ISCSI/$T/ini_groups/g2/initiators/$I
t verb clear_inits -group g1
is "$(ls $ISCSI/$T/ini_groups/g1/initiators)" mgmt "initiators of g1"
t verb set_grp_attr g1 -attributes addr_method=FLAT
holds $ISCSI/$T/ini_groups/g1/addr_method FLAT
t verb list_grp_attr g1
says "addr_method FLAT"
t wrong 'no such|does not exist|not found' rem_init nobody -group g1
t wrong 'exist' add_group g1

step "LUNs"
t verb add_lun 0 -device one
there $ISCSI/$T/luns/0/device
t verb add_lun 5 -device two -group g1 -attributes read_only=1
holds $ISCSI/$T/ini_groups/g1/luns/5/read_only 1
t verb replace_lun 0 -device two
is "$(basename "$(readlink $ISCSI/$T/luns/0/device)")" two "the device of LUN 0"
t verb list_lun_attr 5 -group g1
says "read_only 1"
t verb list_group
says "g2"
verb list_target
says $T
verb list_target $T -driver iscsi
says "two"
t verb rem_lun 5 -group g1
gone $ISCSI/$T/ini_groups/g1/luns/5
t verb add_lun 1 -device one
t verb clear_luns
is "$(ls $ISCSI/$T/luns)" mgmt "LUNs of the target"
t wrong 'no such|does not exist|not found' add_lun 0 -device nothing
# A LUN and an initiator have no attribute that changes: both say so.
t verb add_lun 0 -device one
echo set_lun_attr >> "$USED"
t wrong 'read-only' set_lun_attr 0 -attributes read_only=1
t verb add_init $I -group g1
echo set_init_attr >> "$USED"
t wrong 'Initiators do not have attributes' set_init_attr $I -group g1 -attributes read_only=1

step "device groups and target groups"
verb add_dgrp dg
verb add_dgrp_dev one -dev_group dg
there $G/devices/one
verb add_tgrp tg -dev_group dg
verb add_tgrp_tgt $T -dev_group dg -tgt_group tg
verb add_tgrp_tgt elsewhere -dev_group dg -tgt_group tg
verb set_tgrp_attr tg -dev_group dg -attributes group_id=7,state=nonoptimized
holds $G/target_groups/tg/state nonoptimized
verb set_ttgt_attr elsewhere -dev_group dg -tgt_group tg -attributes rel_tgt_id=9
holds $G/target_groups/tg/elsewhere/rel_tgt_id 9
verb list_dgrp
says "dg"
verb list_dgrp dg
says "one"
verb list_tgrp tg -dev_group dg
says "elsewhere"
verb list_tgrp_attr tg -dev_group dg
says "state nonoptimized"
verb list_ttgt_attr elsewhere -dev_group dg -tgt_group tg
says "rel_tgt_id 9"
verb list_dgrp_attr dg
echo set_dgrp_attr >> "$USED"
wrong 'no such attribute' set_dgrp_attr dg -attributes state=active
wrong 'exist' add_dgrp dg
wrong 'state' set_tgrp_attr tg -dev_group dg -attributes state=asleep
expect_dmesg 'scst: tg: bad value "asleep" for state'
holds $G/target_groups/tg/state nonoptimized

step "sessions"
t verb rem_init $I -group g1
verb enable_target $T -driver iscsi
put 1 $ISCSI/enabled
ini_login $I 127.0.0.1 $T
verb list_sessions
says $I
ini_logout $I 127.0.0.1 $T

step "configurations"
C=$TESTDIR/scst.conf
verb write_config "$C"
verb check_config "$C"
verb list_modules "$C"
says "scst_vdisk"
verb dumpAttrs
says "usn"
cp "$C" "$C.bad"
echo 'HANDLER vdisk_fileio {' >> "$C.bad"
wrong "scst.conf.bad:[0-9]+:[0-9]+" check_config "$C.bad"
wrong 'force' clear_config
there $D/one
verb rem_tgrp_tgt elsewhere -dev_group dg -tgt_group tg
verb rem_tgrp_tgt $T -dev_group dg -tgt_group tg
verb rem_tgrp tg -dev_group dg
verb rem_dgrp_dev one -dev_group dg
gone $G/devices/one
verb rem_dgrp dg
gone $G
t verb rem_group g2
gone $ISCSI/$T/ini_groups/g2
verb rem_target $T -driver iscsi
gone $ISCSI/$T
verb close_dev two -handler vdisk_fileio
gone $D/two
verb config "$C"
holds $G/target_groups/tg/elsewhere/rel_tgt_id 9
is "$(basename "$(readlink $ISCSI/$T/luns/0/device)")" one "the device of LUN 0"
there $ISCSI/$T/ini_groups/g2
verb write_config "$C.again"
run diff <(grep -v '^#' "$C") <(grep -v '^#' "$C.again")
verb clear_config -force
is "$(ls $D | grep -v :)$(ls $R/device_groups)$(ls -d $ISCSI/*/ 2> /dev/null)" mgmt "what stays"

step "no verb is left out"
scstadmin -help | grep -oE '^ +-[a-zA-Z_]+' | tr -d ' -' | sort -u > "$TESTDIR/known"
[ "$(wc -l < "$TESTDIR/known")" -gt 60 ] || fail "-help lists few verbs: $(scstadmin -help)"
# what goes with a verb is not one
for w in driver target group to device handler dev_group tgt_group attributes force noprompt cont_on_err nonkey lip no_lip \
	debug preserve_cluster_mode help h; do
	echo $w
done | cat - "$USED" | sort -u > "$TESTDIR/seen"
is "$(comm -23 "$TESTDIR/known" "$TESTDIR/seen")" "" "verbs that this test does not know"
scst_down || fail "something stays loaded"
