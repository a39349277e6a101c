# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Bad writes to the tree: each is refused with the right error, says which object
# and why in one line of the kernel log, and changes nothing.
# check: 6.1
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:bad
LONG=$(printf 'n%.0s' $(seq 300))
FILEIO=$R/handlers/vdisk_fileio/mgmt

tree() { (cd $R && find . | sort; grep -r . --include=filename --include=blocksize --include=enabled --include=read_only . 2>/dev/null | sort); }

# bad "WHAT IS WRITTEN" FILE ERROR RE: RE is looked for in the kernel's log
bad()
{
	local out before after line

	line=$(dmesg | wc -l)
	before=$(tree)
	printf 'bad: "%.100s" > %s\n' "$1" "$2"
	out=$(bash -c 'printf "%s\n" "$1" > "$2"' - "$1" "$2" 2>&1) && fail "accepted: $1 > $2"
	printf '%s' "$out" | grep -q "$3" || fail "wrong error for \"$1\": $out"
	allow_dmesg "$4"
	# without the time, whose digits would match many a RE
	dmesg -t | tail -n +$((line + 1)) | grep -E '^(scst|scst_vdisk|iscsi-scst): ' | tee /dev/stderr | grep -qE -- "$4" ||
		fail "the log does not say what was wrong with: $1"
	after=$(tree)
	[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); fail "changed something: $1"; }
}

scst_up
f=$(mkdisk bad 8)
open_fileio d1 "$f"
add_target $T
add_lun $T 0 d1
enable_target $T
add_group $T g
add_init $T g iqn.2026-01.test:one

step "devices"
bad "add_device d1 filename=$f" $FILEIO 'File exists' 'device d1 already exists'
bad "add_device d2 filename=/nonexistent/file" $FILEIO 'No such file' 'device d2.*/nonexistent/file'
bad "add_device d2" $FILEIO 'Invalid argument' 'device d2: no filename given'
bad "add_device d2 filename=$f;colour=blue" $FILEIO 'Invalid argument' 'device d2: unknown parameter colour'
bad "add_device d2 filename=$f;blocksize=513" $FILEIO 'Invalid argument' 'device d2: bad value of blocksize: 513'
bad "add_device d2 filename=$f;blocksize=8192" $FILEIO 'Invalid argument' 'device d2: bad value of blocksize: 8192'
bad "add_device a/b filename=$f" $FILEIO 'Invalid argument' 'bad device name a/b'
# whose file that is: no device may take it for its mode pages
mkdir -p /var/lib/scst/vdev_mode_pages && printf 'd1\n' > /var/lib/scst/vdev_mode_pages/d1.sanitize
bad "add_device d1.sanitize filename=$f" $FILEIO 'Invalid argument' 'bad device name d1.sanitize'
rm /var/lib/scst/vdev_mode_pages/d1.sanitize
bad "add_device $LONG filename=$f" $FILEIO 'Invalid argument' 'bad device name nnnn.*at most'
bad "add_device" $FILEIO 'Invalid argument' "vdisk_fileio: add_device: the device's name is missing"
bad "explode d1" $FILEIO 'Invalid argument' 'vdisk_fileio: unknown command "explode"'
bad "del_device nobody" $FILEIO 'No such' 'vdisk_fileio: no device nobody'
bad "add_device d3 filename=/dev/nothing" $R/handlers/vdisk_blockio/mgmt 'No such' 'device d3.*/dev/nothing'

step "targets"
bad "add_target $T" $ISCSI/mgmt 'File exists' "target $T refused: the name is in use"
# two of a name but for case: a login to either ended at the one that the directory happened to list first
bad "add_target ${T%:bad}:BAD" $ISCSI/mgmt 'File exists' "target ${T%:bad}:BAD refused: for iSCSI $T is the same name"
bad "add_target iqn.2026-01.test:$LONG" $ISCSI/mgmt 'Invalid argument' 'bad target name .*nnnn'
bad "add_target" $ISCSI/mgmt 'Invalid argument' 'iscsi: .* is missing'
bad "del_target iqn.2026-01.test:nobody" $ISCSI/mgmt 'No such' 'iscsi: no target iqn.2026-01.test:nobody'
bad "2" $ISCSI/enabled 'Invalid argument' 'enabled must be 0 or 1'
bad "17" $ISCSI/$T/MaxBurstLength 'Invalid argument' "target $T: bad value for MaxBurstLength: 17"
bad "12abc" $ISCSI/$T/NopInInterval 'Invalid argument' "target $T: bad value for NopInInterval: 12abc"

step "LUNs and groups"
bad "add d1 0" $ISCSI/$T/luns/mgmt 'File exists' "target $T, .*LUN 0 exists already"
bad "add nobody 1" $ISCSI/$T/luns/mgmt 'Invalid argument\|No such' "target $T, .*no device nobody"
bad "add d1 16384" $ISCSI/$T/luns/mgmt 'Invalid argument' 'LUN 16384 is above 16383'
bad "add d1 -1" $ISCSI/$T/luns/mgmt 'Invalid argument' "target $T, luns: bad LUN \"-1\""
bad "add d1 1 read_only=maybe" $ISCSI/$T/luns/mgmt 'Invalid argument' "target $T, luns: bad parameter read_only=maybe"
bad "del 7" $ISCSI/$T/luns/mgmt 'Invalid argument\|No such' "target $T, .*no LUN 7"
bad "create g" $ISCSI/$T/ini_groups/mgmt 'File exists' "target $T: group g exists already"
bad "del nobody" $ISCSI/$T/ini_groups/mgmt 'Invalid argument\|No such' "target $T: group nobody not deleted"
bad "add iqn.2026-01.test:one" $ISCSI/$T/ini_groups/g/initiators/mgmt 'File exists' "target $T, .*initiator iqn.2026-01.test:one exists already"

step "a target with a session is busy"
ini_login $INI_DEFAULT 127.0.0.1 $T
find_disk $INI_DEFAULT $T 0 || exit 1
bad "del_target $T" $ISCSI/mgmt 'busy' "target $T not deleted: it has sessions"
ini_logout $INI_DEFAULT 127.0.0.1 $T

step "binary rubbish and a page of it"
for file in $FILEIO $ISCSI/mgmt $ISCSI/$T/luns/mgmt $ISCSI/$T/ini_groups/mgmt $ISCSI/enabled; do
	for size in 1 100 4095 4096 10000; do
		head -c $size /dev/urandom > "$TESTDIR/rubbish"
		cat "$TESTDIR/rubbish" > "$file" 2>/dev/null
		tr '\0-\377' 'A' < "$TESTDIR/rubbish" > "$file" 2>/dev/null
	done
done
allow_dmesg .
[ -d $R/devices/d1 ] && [ -d $ISCSI/$T/luns/0 ] || fail "rubbish changed something"
run iscsi-inq iscsi://127.0.0.1/$T/0
