# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# T10 protection information: types 1 to 3, blocks of 512 and 4096 bytes, tags in a file, by default, and only computed; every
# command that carries, checks or changes it; damage to data and to tags; attributes; a restart from /etc/scst.conf; growth; a
# loss of power between data and tags.
# check: 6.1
# timeout: 600
. /job/tests/qemu/lib.sh
requires python3 scstadmin mkfs.ext4
T=iqn.2026-01.test:dif
DIF=dif_type=1

mkdir -p /tags /var/lib/scst/dif_tags
run mkfs.ext4 -q -F /dev/vdc
run mount /dev/vdc /tags

# value DEVICE FILE TEXT: what the file holds, newlines as \n
value()
{
	local got

	got=$(sed -z 's/\n/\\n/g' "$R/devices/$1/$2") || fail "no $2 of $1"
	is "$got" "$3" "$2 of $1"
}

step "devices"
scst_up
for d in one two three compute plain; do mkdisk $d 16; done
mkdisk big 64
open_fileio one /vdisks/one $DIF dif_mode=scst\|dev_store dif_filename=/tags/one thin_provisioned=1
expect_dmesg 'device two: dif_static_app_tag has no effect with dif_type 2'
open_fileio two /vdisks/two dif_type=2 dif_mode=dev_store\|scst dif_static_app_tag=5
open_fileio three /vdisks/three dif_type=3 dif_mode=scst\|dev_store dif_filename=/tags/three thin_provisioned=1
open_fileio big /vdisks/big blocksize=4096 $DIF dif_mode=scst\|dev_store dif_filename=/tags/big thin_provisioned=1
open_fileio compute /vdisks/compute $DIF dif_mode=scst
open_nullio null size_mb=16 $DIF dif_mode=scst
allow_dmesg 'cannot discard, not thin provisioned'
open_blockio block /dev/vdb $DIF dif_mode=dev_check\|dev_store dif_filename=/tags/block
open_fileio plain /vdisks/plain

step "what sysfs shows"
value one dif_mode 'scst|dev_store\n[key]\n'
value one dif_type '1\n[key]\n'
value one dif_static_app_tag '0x0\n'
value one dif_filename '/tags/one\n[key]\n'
value two dif_static_app_tag '0x5\n[key]\n'
value two dif_filename '/var/lib/scst/dif_tags/two.dif\n[key]\n'
value block dif_mode 'dev_check|dev_store\n[key]\n'
[ -e $R/devices/compute/dif_filename ] && fail "a tag file without tags"
for f in dif_mode dif_type dif_static_app_tag dif_filename; do
	[ -e $R/devices/plain/$f ] && fail "$f on a device without"
done
is "$(stat -c %s /tags/one)" $((16 * 2048 * 8)) "size of a tag file"
is "$(stat -c %s /tags/big)" $((64 * 256 * 8)) "size of a tag file for blocks of 4096 bytes"
expect_dmesg 'dif_filename /tags/one is already that of one'
echo "add_device d filename=/vdisks/plain;$DIF;dif_mode=dev_store;dif_filename=/tags/one" > $R/handlers/vdisk_fileio/mgmt &&
	fail "two devices share a tag file"
expect_dmesg '/vdisks/two does not look like tags'
echo "add_device d filename=/vdisks/plain;$DIF;dif_mode=dev_store;dif_filename=/vdisks/two" > $R/handlers/vdisk_fileio/mgmt &&
	fail "takes any file for tags"
rm -f /vdisks/two.intent

step "commands"
add_target $T
n=0
for d in one two three big compute null block plain; do
	add_lun $T $n $d
	n=$((n + 1))
done
enable_target $T
expect_dmesg 'device one: bad value of dif_static_app_tag: junk'
run python3 /job/tests/raw/dif.py first $T

step "restart out of /etc/scst.conf"
run scstadmin -write_config /etc/scst.conf
cat /etc/scst.conf
scst_down || fail "modules stay"
expect_dmesg 'device two: dif_static_app_tag has no effect with dif_type 2'
scst_up
run scstadmin -config /etc/scst.conf
run scstadmin -write_config "$TESTDIR/again"
run diff <(grep -v '^#' /etc/scst.conf) <(grep -v '^#' "$TESTDIR/again")
run python3 /job/tests/raw/dif.py again $T
put 1 $R/devices/one/sync

step "a device by -open_dev"
mkdisk made 16
run scstadmin -open_dev made -handler vdisk_fileio \
	-attributes "filename=/vdisks/made,dif_type=3,dif_mode=scst|dev_store,dif_static_app_tag=0x123456781a2b"
value made dif_type '3\n[key]\n'
value made dif_static_app_tag '0x123456781a2b\n[key]\n'
value made dif_filename '/var/lib/scst/dif_tags/made.dif\n[key]\n'
run scstadmin -close_dev made -handler vdisk_fileio -noprompt

step "growth"
truncate -s 17M /vdisks/one
put 1 $R/devices/one/resync_size
is "$(stat -c %s /tags/one)" $((17 * 2048 * 8)) "size of the tag file"
run python3 /job/tests/raw/dif.py resized $T

step "a loss of power between data and tags"
put 0 $R/devices/one/active
put 1 $R/devices/one/active
run python3 /job/tests/raw/dif.py busy $T
run cp /tags/one.intent /tags/saved
put 0 $R/devices/one/active
cmp -s /tags/one.intent /tags/saved && fail "a device that is closed still tells what is being written"
run cp /tags/saved /tags/one.intent
spoil() { printf '\377\376' | dd of=/tags/one bs=8 seek="$1" conv=notrunc status=none; }
spoil 20001
spoil 9001
expect_dmesg 'device one: 1 blocks were being written when it was last in use'
put 1 $R/devices/one/active
run python3 /job/tests/raw/dif.py recovered $T

step "a size that cannot be saved: the regions of the old one stay. Those of the new one were used, beyond the end of the list"
truncate -s 100G /vdisks/huge
truncate -s $((100 << 30 - 9 + 3)) /tags/huge
open_fileio huge /vdisks/huge $DIF dif_mode=scst\|dev_store dif_filename=/tags/huge
add_lun $T 8 huge
run python3 /job/tests/raw/dif.py low $T
expect_dmesg 'device huge: cannot make room for protection information in /tags/huge: error -(27|EFBIG)'
truncate -s 1G /vdisks/huge
(trap '' XFSZ; ulimit -f 1; echo 1 > $R/devices/huge/resync_size) && fail "its list is longer than a file may be"
truncate -s 100G /vdisks/huge
run python3 /job/tests/raw/dif.py high $T
truncate -s 1G /vdisks/huge
put 1 $R/devices/huge/resync_size
is "$(stat -c %s /tags/huge)" $((1 << 30 - 9 + 3)) "size of its tag file"
close_dev vdisk_fileio huge

step "a list that is damaged: every block might have been written"
put 0 $R/devices/one/active
printf 'x' | dd of=/tags/one.intent conv=notrunc status=none
spoil 9002
put 1 $R/devices/one/active
is "$(dd if=/tags/one bs=8 skip=9002 count=1 status=none | od -An -tx1 | tr -d ' ')" ffffffffffffffff "its tags"

step "a read-only device keeps its tag file as it is"
put 0 $R/devices/one/active
before=$(sha256sum < /tags/one)
put "del_device one" $R/handlers/vdisk_fileio/mgmt
open_fileio one /vdisks/one $DIF dif_mode=scst\|dev_store dif_filename=/tags/one read_only=1
put "del_device one" $R/handlers/vdisk_fileio/mgmt
is "$(sha256sum < /tags/one)" "$before" "the tag file"

scst_down || fail "modules stay"
run umount /tags
exit 0
