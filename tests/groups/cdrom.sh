# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# vcdrom: its files; what initiators see of an empty drive, a medium that is locked, taken out, put in and changed while it is
# read; Linux' own driver, which mounts it; scstadmin's way to it.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3 sg_prevent scstadmin module:sr_mod module:isofs
T=iqn.2026-01.test:cdrom
D=$R/devices/cd1
MGMT=$R/handlers/vcdrom/mgmt

reads() { is "$(tr '\n' '|' < "$1")" "$2" "$1"; }
find_sr() { local s d; s=$(session_of $INI_DEFAULT $T) && for d in "$s"/device/target*/*:0/block/sr*; do [ -b "/dev/${d##*/}" ] && echo "/dev/${d##*/}" && return; done; false; }

# swap_to IMAGE: udev locks the door of its own accord, and again when it sees something new
swap_to()
{
	local i

	for i in 1 2 3 4 5; do
		sg_prevent --allow "$sr"
		printf '%s > %s\n' "$1" $D/filename
		echo "$1" > $D/filename && return
		sleep 1
	done
	fail "\"$1\" does not go in"
}

mkdir -p /vdisks/media
scst_up

step "the files of an empty drive, byte for byte"
reads $R/handlers/vcdrom/type "5 - CD-ROM device|"
grep -qx 'The following parameters available: tst' $MGMT || fail "$MGMT"
put "add_device cd1" $MGMT
find $D/ -maxdepth 1 -type f -printf '%f %m\n' | sort > "$TESTDIR/files"
cat "$TESTDIR/files"
for x in 'block 644 0 0|' 'eui64_id 644 |' 'filename 644 none||' 'inq_vend_specific 644 |' 'max_tgt_dev_commands 644 64|' 'naa_id 644 |' \
	'numa_node_id 644 -1|' 'pr_file_name 644 /var/lib/scst/pr/cd1|' 'pr_state 644 version 1|generation 0|' 'prod_id 644 cd1|' \
	'prod_rev_lvl 644 400 |' 'scsi_device_name 644 |' 'size 444 0|[key]|' 'size_mb 444 0|' 't10_dev_id 644 f5b29776-cd1|' \
	't10_vend_id 644 SCST_FIO|' 'threads_num 644 8|' 'threads_pool_type 644 per_initiator|' 'tst 444 1|' 'type 444 5 - CD-ROM device|' \
	'usn 644 f5b29776|' 'vend_specific_id 644 f5b29776-cd1|'; do
	read -r name mode text <<< "$x"
	is "$(sed -n "s/^$name //p" "$TESTDIR/files")" "$mode" "mode of $name"
	case $name in prod_rev_lvl) text='400 |' ;; esac
	reads $D/$name "$text"
done
is "$(wc -l < "$TESTDIR/files")" 23 "files, dump_prs included"
is "$(readlink $D/handler)" ../../handlers/vcdrom handler
refuse 'Invalid argument' bash -c "echo add_device cd2 filename=/x > $MGMT"
expect_dmesg 'device cd2: unknown parameter filename'
put "add_device cd2 tst=0" $MGMT
reads $R/devices/cd2/tst '0|[key]|'
put "del_device cd2" $MGMT
add_target $T
add_lun $T 0 cd1
enable_target $T

step "what initiators see"
expect_dmesg 'device cd1: an initiator prevents the removal of the medium'
expect_dmesg 'device cd1: filename relative.iso is not absolute'
expect_dmesg 'device cd1: cannot open /none/such.iso: error -(2|ENOENT)'
expect_dmesg 'device cd1: /etc/hostname is smaller than one block'
expect_dmesg 'device cd1: /etc is neither a regular file nor a block device'
run python3 /job/tests/raw/cdrom.py $T cd1 /vdisks/media "$(soak 400 60)"

step "Linux mounts it, and holds it while it is mounted"
modprobe sr_mod && modprobe isofs || fail "no sr_mod or isofs"
put /vdisks/media/0.iso $D/filename
ini_login $INI_DEFAULT 127.0.0.1 $T
wait_for 20 find_sr || fail "no CD-ROM drive"
sr=$(find_sr)
udevadm settle
run cmp "$sr" /vdisks/media/0.iso
run mount -o ro "$sr" /mnt
tail -c $((128 * 2048)) /vdisks/media/0.iso | cmp - /mnt/n.bin || fail "the file on the medium differs"
refuse 'busy' bash -c "echo /vdisks/media/1.iso > $D/filename"
refuse 'busy' bash -c "echo > $D/filename"
run umount /mnt
swap_to /vdisks/media/1.iso
run mount -o ro "$sr" /mnt
tail -c $((128 * 2048)) /vdisks/media/1.iso | cmp - /mnt/n.bin || fail "the file on the second medium differs"
run umount /mnt
refuse 'read-only|permitted' bash -c "echo x > $sr"
swap_to ""
refuse 'no medium' cmp "$sr" /vdisks/media/1.iso
ini_logout $INI_DEFAULT 127.0.0.1 $T
ini_stop

step "scstadmin: opened, filled, saved, restored, emptied"
scstadmin -list_handler | tee /dev/stderr | grep -qw vcdrom || fail "-list_handler does not know it"
run scstadmin -open_dev cd3 -handler vcdrom -attributes tst=0
run scstadmin -set_dev_attr cd3 -attributes filename=/vdisks/media/2.iso -noprompt
reads $R/devices/cd3/filename '/vdisks/media/2.iso|[key]||'
run scstadmin -write_config /tmp/cd.conf
sed -n '/HANDLER vcdrom/,/^}/p' /tmp/cd.conf
run scstadmin -clear_config -force -noprompt
[ ! -d $R/devices/cd3 ] || fail "it is still there"
run scstadmin -config /tmp/cd.conf -noprompt
reads $R/devices/cd3/filename '/vdisks/media/2.iso|[key]||'
reads $R/devices/cd3/tst '0|[key]|'
reads $D/filename 'none||'
scstadmin -config /tmp/cd.conf -noprompt | tee /dev/stderr | grep -q ' 0 change' || fail "a second -config changes something"
run scstadmin -set_dev_attr cd3 -attributes filename= -noprompt
reads $R/devices/cd3/filename 'none||'

step "a file written by hand: its LUN reads read-only, and is left alone when the file is applied again"
cat > /tmp/hand.conf <<END
HANDLER vcdrom {
	DEVICE cd1
}
TARGET_DRIVER iscsi {
	TARGET $T {
		LUN 2 cd1
	}
}
END
run scstadmin -config /tmp/hand.conf -force -noprompt
reads $R/targets/iscsi/$T/luns/2/read_only '1|[key]|'
scstadmin -config /tmp/hand.conf -force -noprompt | tee /dev/stderr | grep -q ' 0 change' || fail "it is changed again"
scst_down || fail "something stays loaded"
exit 0
