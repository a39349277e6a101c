# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Discovery with 300 targets: all are listed, and the last can be used.
# check: 6.12
. /job/tests/qemu/lib.sh
N=300

scst_up
open_fileio disk "$(mkdisk many 8)"
for i in $(seq $N); do printf 'iqn.2026-01.test:many%03d\n' "$i"; done > "$TESTDIR/wanted"
while read -r t; do
	echo "add_target $t" > $ISCSI/mgmt && echo 'add disk 0' > "$ISCSI/$t/luns/mgmt" && echo 1 > "$ISCSI/$t/enabled" ||
		fail "cannot make $t"
done < "$TESTDIR/wanted"

step "all $N are listed"
iscsi-ls iscsi://127.0.0.1 | sed -n 's/^Target:\([^ ]*\) .*/\1/p' | sort -u > "$TESTDIR/listed"
run diff -u "$TESTDIR/wanted" "$TESTDIR/listed"
is "$(ini_discover $INI_DEFAULT 127.0.0.1 | wc -l)" $N "targets that open-iscsi is shown"

step "the last one can be used"
ini_login $INI_DEFAULT 127.0.0.1 "$(tail -n 1 "$TESTDIR/wanted")"
run dd if="$(find_disk $INI_DEFAULT "$(tail -n 1 "$TESTDIR/wanted")" 0)" of=/dev/null bs=64k count=8 iflag=direct status=none
ini_logout $INI_DEFAULT 127.0.0.1 "$(tail -n 1 "$TESTDIR/wanted")"
