# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The how-to, steps 6 to 9, as written; each command must exit 0 and have its
# effect, checked the way a user would check it.
# timeout: 600
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires scstadmin /etc/init.d/scst

T1=iqn.2011-08.nl.feka:storage.vdisk1
T2=iqn.2011-08.nl.feka:storage.vdisk2
ESX1=iqn.1998-01.com.vmware:esx1-47f53b1d
ESX2=iqn.1998-01.com.vmware:esx2-23e64b45
VC=iqn.2011-08.nl.feka:vcenterserver
STRANGER=iqn.2026-01.test:stranger
P=127.0.0.1:3260

adm() { run scstadmin "$@"; }
# Some commands ask; people answer.
adm_yes() { printf '$ echo y | scstadmin %s\n' "$*"; echo y | scstadmin "$@" || fail "exit $?: scstadmin $*"; }

step "what the how-to takes for granted: two files, a disk with a partition"
mkdir -p /vdisks
head -c 32M /dev/urandom > /vdisks/vdisk1
truncate -s 64M /vdisks/vdisk2
echo 'start=2048, type=83' | run sfdisk -q /dev/sdc
wait_for 10 test -b /dev/sdc1 || fail "no /dev/sdc1"

step "6. a clean config, start"
rm -f /etc/scst.conf
{
echo "HANDLER vdisk_fileio {" >> /etc/scst.conf
echo "}" >> /etc/scst.conf
echo ""  >> /etc/scst.conf
echo "TARGET_DRIVER iscsi {"  >> /etc/scst.conf
echo "      	enabled 0"  >> /etc/scst.conf
echo "}"  >> /etc/scst.conf
}
run /etc/init.d/scst start
for m in scst scst_vdisk iscsi_scst; do [ -d /sys/module/$m ] || fail "module $m is not loaded"; done
run pgrep -x iscsi-scstd
is "$(head -n 1 $ISCSI/enabled)" 0 "the driver before it is enabled"
/etc/init.d/scst status | tee /dev/stderr | grep -q 'SCST status: OK' || fail "status is not OK"
run /etc/init.d/scst start

step "7. configure"
adm -open_dev disk01 -handler vdisk_fileio -attributes filename=/vdisks/vdisk1,read_only
adm -open_dev disk02 -handler vdisk_fileio -attributes filename=/vdisks/vdisk2,blocksize=4096
adm -open_dev disk03 -handler vdisk_blockio -attributes filename=/dev/sdc1
adm -add_target $T1 -driver iscsi
adm -add_target $T2 -driver iscsi
adm -add_lun 0 -driver iscsi -target $T1 -device disk01
adm -add_lun 1 -driver iscsi -target $T1 -device disk02
adm -add_lun 0 -driver iscsi -target $T2 -device disk03
adm -enable_target $T1 -driver iscsi
adm -enable_target $T2 -driver iscsi
adm_yes -set_drv_attr iscsi -attributes enabled=1
is "$(head -n 1 $ISCSI/enabled)" 1 "the driver after it was enabled"
adm -write_config /etc/scst.conf
is "$(stat -c %a /etc/scst.conf)" 600 "mode of /etc/scst.conf"
cat /etc/scst.conf
for w in 'DEVICE disk01' 'DEVICE disk02' 'DEVICE disk03' "TARGET $T1" "TARGET $T2" 'read_only 1' 'blocksize 4096' \
	'LUN 0 disk01' 'LUN 1 disk02' 'LUN 0 disk03' 'filename /dev/sdc1' 'HANDLER vdisk_blockio' 'enabled 1'; do
	grep -qF -- "$w" /etc/scst.conf || fail "not in the saved configuration: $w"
done

step "an initiator sees both targets and their disks"
is "$(ini_discover $STRANGER $P | paste -sd' ')" "$T1 $T2" "targets discovered"
ini_login $STRANGER $P $T1
ini_login $STRANGER $P $T2
d1=$(find_disk $STRANGER $T1 0) d2=$(find_disk $STRANGER $T1 1) d3=$(find_disk $STRANGER $T2 0)
[ -n "$d1" ] && [ -n "$d2" ] && [ -n "$d3" ] || exit 1
sg_inq "$d1" "$d2" "$d3"
lsblk -o NAME,SIZE,RO,LOG-SEC,VENDOR,MODEL "$d1" "$d2" "$d3"

step "disk01 has the file's bytes and refuses writes"
is "$(blockdev --getro "$d1")" 1 "disk01 is read-only"
run cmp "$d1" /vdisks/vdisk1
before=$(sha256sum < /vdisks/vdisk1)
refuse 'data protect|write.protected' sg_raw -s 512 -i /dev/zero "$(sg_of "$d1")" 2a 00 00 00 00 00 00 00 01 00
is "$(sha256sum < /vdisks/vdisk1)" "$before" "/vdisks/vdisk1 after a refused write"

step "disk02 has 4096-byte blocks; what is written there lands in its file"
is "$(blockdev --getss "$d2")" 4096 "block size of disk02"
is "$(blockdev --getsize64 "$d2")" $((64 << 20)) "size of disk02"
head -c 8M /dev/urandom > "$TESTDIR/data"
run dd if="$TESTDIR/data" of="$d2" bs=1M oflag=direct conv=fsync status=none
run cmp -n $((8 << 20)) "$TESTDIR/data" /vdisks/vdisk2

step "disk03 is the partition"
is "$(blockdev --getsize64 "$d3")" "$(blockdev --getsize64 /dev/sdc1)" "size of disk03"
run dd if="$TESTDIR/data" of="$d3" bs=1M oflag=direct conv=fsync status=none
run cmp -n $((8 << 20)) "$TESTDIR/data" /dev/sdc1
ini_logout $STRANGER $P $T1
ini_logout $STRANGER $P $T2

step "8. start at boot (Debian's word for rc-update add scst default)"
run update-rc.d scst defaults
ls /etc/rc2.d/S*scst || fail "no start link"

step "restart brings the same configuration back, byte for byte"
cp /etc/scst.conf "$TESTDIR/conf"
run /etc/init.d/scst restart
adm -write_config "$TESTDIR/again"
run diff -u "$TESTDIR/conf" "$TESTDIR/again"
run cmp "$TESTDIR/conf" /etc/scst.conf
ini_login $STRANGER $P $T1
run cmp "$(find_disk $STRANGER $T1 0)" /vdisks/vdisk1
run cmp -n $((8 << 20)) "$(find_disk $STRANGER $T1 1)" "$TESTDIR/data"
ini_logout $STRANGER $P $T1

step "9. a target on one address only"
run ip addr add 192.168.100.15/24 dev lo
adm_yes -set_tgt_attr $T1 -driver iscsi -attributes allowed_portal=192.168.100.15
ini_discover $STRANGER $P > /dev/null
is "$(awk -v t=$T1 '$2 == t { print $1 }' "$TESTDIR/found")" "192.168.100.15:3260,1" "where the target is to be found"
is "$(ini_discover $STRANGER 192.168.100.15:3260 | paste -sd' ')" "$T1 $T2" "targets seen on the allowed address"
refused_login $STRANGER $P $T1 "0x0203 (portal not in allowed_portal"
adm_yes -set_tgt_attr $T1 -driver iscsi -attributes 'allowed_portal=127.0.0.?'
is "$(ini_discover $STRANGER $P | paste -sd' ')" "$T1 $T2" "targets after a second allowed portal with a wildcard"

step "9. groups: only named initiators"
adm -add_group vCenter -driver iscsi -target $T2
adm -add_group ESXi -driver iscsi -target $T1
adm -add_init $VC  -driver iscsi -target $T2 -group vCenter
adm -add_init $ESX1 -driver iscsi -target $T1 -group ESXi
adm -add_init $ESX2 -driver iscsi -target $T1 -group ESXi
adm_yes -rem_lun 0 -driver iscsi -target $T1 -device disk01
adm_yes -rem_lun 1 -driver iscsi -target $T1 -device disk02
adm_yes -rem_lun 0 -driver iscsi -target $T2 -device disk03
adm -add_lun 0 -driver iscsi -target $T1 -group ESXi -device disk01
adm -add_lun 1 -driver iscsi -target $T1 -group ESXi -device disk02
adm -add_lun 0 -driver iscsi -target $T2 -group vCenter -device disk03
adm -write_config /etc/scst.conf

check_groups()
{
	is "$(ini_discover $STRANGER $P)" "" "targets a stranger sees"
	is "$(ini_discover $ESX1 $P)" "$T1" "targets esx1 sees"
	is "$(ini_discover $VC $P)" "$T2" "targets the vcenter server sees"
	refused_login $STRANGER $P $T1 "0x0203 (no LUN visible"
	refused_login $VC $P $T1 "0x0203 (no LUN visible"
	ini_login $ESX2 $P $T1
	run cmp "$(find_disk $ESX2 $T1 0)" /vdisks/vdisk1
	is "$(blockdev --getss "$(find_disk $ESX2 $T1 1)")" 4096 "block size of LUN 1 for esx2"
	ini_logout $ESX2 $P $T1
	ini_login $VC $P $T2
	find_disk $VC $T2 0 || exit 1
	ini_logout $VC $P $T2
	rm -rf /etc/iscsi/nodes /var/lib/iscsi/nodes
}
check_groups

step "groups and portals come back after a restart, byte for byte"
cp /etc/scst.conf "$TESTDIR/conf"
run /etc/init.d/scst restart
adm -write_config "$TESTDIR/again"
run diff -u "$TESTDIR/conf" "$TESTDIR/again"
check_groups

step "stop leaves nothing"
run /etc/init.d/scst stop
for m in scst scst_vdisk iscsi_scst; do [ ! -d /sys/module/$m ] || fail "module $m stayed"; done
pgrep -x iscsi-scstd && fail "iscsi-scstd stayed"
/etc/init.d/scst status | grep -q 'Not running' || fail "status after stop"
run ip addr del 192.168.100.15/24 dev lo
exit 0
