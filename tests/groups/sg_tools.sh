# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What sg3_utils print of a thin disk, line by line as tests/abi/sg_tools.txt has it: identity, VPD pages, mode pages,
# commands and task management functions; and what sg_sanitize does and is refused.
# timeout: 300
# check: 6.1
. /job/tests/qemu/lib.sh
requires sg_inq sg_vpd sg_modes sg_opcodes sg_sanitize sg_requests sg_luns sg_readcap
T=iqn.2026-01.test:sg
WANT=/job/tests/abi/sg_tools.txt

scst_up
f=$(mkdisk sg 16)
open_fileio disk "$f" thin_provisioned=1 t10_dev_id=0123456789abcdef
put SGTOOLS1 $R/devices/disk/usn
add_target $T
put 7 $ISCSI/$T/rel_tgt_id
add_lun $T 0 disk
enable_target $T
ini_login $INI_DEFAULT 127.0.0.1 $T
d=$(find_disk $INI_DEFAULT $T 0) || exit 1
s=$(sg_of "$d")
sg_turs "$s" > /dev/null 2>&1

step "each line as it stands in ${WANT##*/}"
sed -n 's/^##### //p' $WANT > "$TESTDIR/commands"
[ "$(wc -l < "$TESTDIR/commands")" -ge 19 ] || fail "commands are missing in $WANT"
while read -r cmd; do
	echo "##### $cmd"
	# shellcheck disable=SC2086
	$cmd "$s" 2>&1 < /dev/null | sed "s#$s#DISK#; s/[[:blank:]]*\$//"
	echo "code ${PIPESTATUS[0]}"
done < "$TESTDIR/commands" | tee /job/out/sg_tools.txt > "$TESTDIR/got"
grep -v '^# ' $WANT | diff - "$TESTDIR/got" || fail "other lines"

step "sg_sanitize overwrites all there is"
run dd if=/dev/urandom of="$d" bs=1M count=16 oflag=direct status=none
run sg_sanitize -O -z -Q -w "$s"
run cmp -n $((16 << 20)) "$f" /dev/zero
refuse 'illegal request' sg_sanitize -C -Q "$s"
ini_stop
scst_down || fail "something stays loaded"
