# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# T10 protection information that a block device keeps by itself: types 1 and 3, blocks of 512 and 4096 bytes, behind a partition;
# what is kept in a tag file all the same, because it does not fit or because somebody said so.
# check: 6.12
# timeout: 900
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires python3 module:scsi_debug
T=iqn.2026-01.test:block
TAGS=/var/lib/scst/dif_tags
MODE=dif_mode=dev_check\|dev_store
mkdir -p $TAGS

# new_disk PARAM=VALUE...: sets B
new_disk()
{
	[ ! -d /sys/module/scsi_debug ] || wait_for 20 modprobe -r scsi_debug || fail "scsi_debug stays"
	B=$(debug_disk delay=0 "$@") || exit 1
	head -n 20 "/sys/block/${B#/dev/}/integrity/"*
}

# take DISK PARAM=VALUE...: LUN 0, after which WHERE is what the log says of its tags
take()
{
	open_blockio disk "$@"
	add_lun $T 0 disk
	WHERE=$(dmesg | sed -n 's/.*device disk: protection information is kept in //p' | tail -n 1)
}

release()
{
	put "del 0" $ISCSI/$T/luns/mgmt
	close_dev vdisk_blockio disk
}

raw() { run python3 /job/tests/raw/dif_block.py "$1" $T "${@:2}"; }

# in_blocks: nothing of it is in a file
in_blocks()
{
	is "$WHERE" "$1" "where tags are"
	[ ! -e $R/devices/disk/dif_filename ] || fail "a tag file is named"
	is "$(ls -A $TAGS)" "" "tag files"
}

# in_file PATH: all of it is
in_file()
{
	is "$WHERE" "$1" "where tags are"
	is "$(head -n 2 $R/devices/disk/dif_filename | tr '\n' ' ')" "$1 [key] " "dif_filename"
	[ -s "$1" ] && [ -s "$1.intent" ] || fail "no $1"
}

# looks LBA [SIZE]: the kernel reads the block directly and checks what the disk has for it
looks() { dd if="$B" bs="${2:-512}" skip="$1" count=1 iflag=direct of=/dev/null status=none; }

scst_up
add_target $T
enable_target $T

step "type 1"
new_disk dif=1 dix=1 dev_size_mb=16 lbpu=1
take "$B" dif_type=1 $MODE thin_provisioned=1
in_blocks "$B"
raw commands 1 512 "$(sg_of "$B")"
run looks 7000
refuse 'error|illegal|multibyte' looks 7100
refuse 'error|illegal|multibyte' looks 7110
run looks 8049

step "closed and opened"
put 0 $R/devices/disk/active
put 1 $R/devices/disk/active
raw again 1 512
release
take "$B" dif_type=1 $MODE thin_provisioned=1
raw again 1 512
in_blocks "$B"

step "FORMAT UNIT, SANITIZE"
raw format 1 512
run looks 7000
release

step "a file that was asked for"
take "$B" dif_type=1 $MODE dif_filename=/tags.asked
in_file /tags.asked
raw write 1 512 100
release
rm -f /tags.asked*

step "what does not fit goes to a file: another type, another size of blocks"
take "$B" dif_type=3 $MODE
in_file $TAGS/disk.dif
raw write 3 512 100
release
rm -f $TAGS/*
take "$B" dif_type=1 $MODE blocksize=4096
in_file $TAGS/disk.dif
raw write 1 4096 100
release
rm -f $TAGS/*

step "nothing kept: the block layer makes and checks tags of its own"
take "$B" dif_type=1 dif_mode=scst
raw plain 1 512
release
take "$B" dif_type=1 $MODE
raw made 1 512
release

step "a partition"
new_disk dif=1 dix=1 dev_size_mb=16 num_parts=1
P=${B}1
first=$(cat "/sys/class/block/${P#/dev/}/start")
take "$P" dif_type=1 $MODE
in_blocks "$P"
raw write 1 512 100
run looks $((first + 100))
release
take "$B" dif_type=1 $MODE
raw read 1 512 $((first + 100)) 100
raw write 1 512 $((first + 300))
release
take "$P" dif_type=1 $MODE
raw read 1 512 300 $((first + 300))
release

step "blocks of 4096 bytes, behind a partition"
new_disk dif=1 dix=1 dev_size_mb=64 sector_size=4096 num_parts=1
take "${B}1" dif_type=1 $MODE blocksize=4096 dif_static_app_tag=0x1a2b
in_blocks "${B}1"
raw app 1 4096
first=$(cat "/sys/class/block/${B#/dev/}1/start")
run looks $((first / 8 + 100)) 4096
put 0 $R/devices/disk/dif_static_app_tag
raw write 1 4096 1000
release

step "type 3"
new_disk dif=3 dix=1 dev_size_mb=16 lbpu=1
take "$B" dif_type=3 $MODE thin_provisioned=1
in_blocks "$B"
raw commands 3 512 "$(sg_of "$B")"
refuse 'error|illegal|multibyte' looks 7100
raw again 3 512
raw format 3 512
release

step "disks whose tags are none of ours: another checksum, made by the host adapter, application tags of the disk's own"
for how in "dif=1 dix=1 guard=1" "dif=0 dix=1" "dif=1 dix=1 ato=0"; do
	# shellcheck disable=SC2086
	new_disk $how dev_size_mb=16
	take "$B" dif_type=1 $MODE
	in_file $TAGS/disk.dif
	raw write 1 512 100
	release
	rm -f $TAGS/*
done

scst_down || fail "modules stay"
run modprobe -r scsi_debug
exit 0
