# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Disks of the host as devices: they show by themselves, are taken and given back, and an initiator sees the same disk, with
# the same data, as the host does; nothing of it when dev_disk_perf has it.
# timeout: 600
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires fio sg_inq sg_vpd sg_readcap python3 /sys/block/sda
T=iqn.2026-01.test:passthru
I=$INI_DEFAULT
D=$(hctl /dev/sda)
MGMT=$R/handlers/dev_disk/mgmt
DUMP=$R/handlers/dev_disk/pr_dump_dir

refuse_put() { refuse "$1" bash -c 'echo "$0" > "$1"' "$2" "$3"; }

scst_up
[ ! -e "$R/devices/$D" ] || fail "$D is there without scst_disk"
run modprobe scst_disk

step "a disk that nobody has taken"
for h in dev_disk dev_disk_perf; do
	is "$(head -n 1 $R/handlers/$h/type)" "0 - Direct-access device (e.g., magnetic disk)" "type of $h"
done
is "$(cat $MGMT)" 'Usage: echo "add_device H:C:I:L" >mgmt
       echo "del_device H:C:I:L" >mgmt' "mgmt"
is "$(stat -c %a "$DUMP")" 644 "mode of pr_dump_dir"
is "$(od -An -c "$DUMP" | tr -d ' ')" '\n' "pr_dump_dir that is not set"
for d in sda sdb sdc; do [ -d "$R/devices/$(hctl $d)" ] || fail "$d is not shown"; done
is "$(cat "$R/devices/$D/type")" "0 - Direct-access device (e.g., magnetic disk)" "type"
is "$(cat "$R/devices/$D/max_tgt_dev_commands")" 0 "max_tgt_dev_commands"
is "$(readlink -f "$R/devices/$D/scsi_device")" "$(readlink -f /sys/class/scsi_device/"$D")" "scsi_device"
[ ! -e "$R/devices/$D/handler" ] || fail "a handler without add_device"
add_target $T
expect_dmesg '.*'"$D"
refuse_put 'no such|invalid' "add $D 0" $ISCSI/$T/luns/mgmt

step "what add_device and del_device refuse"
allow_dmesg 'scst_disk: '
allow_dmesg 'scst: dev_disk'
refuse_put 'no such' "add_device 77:0:0:0" $MGMT
refuse_put invalid "add_device $D surplus=1" $MGMT
refuse_put invalid "add_device" $MGMT
refuse_put 'no such' "del_device $D" $MGMT
put "add_device $D" $MGMT
is "$(cat $R/last_sysfs_mgmt_res)" 0 "last_sysfs_mgmt_res"
refuse_put exists "add_device $D" $MGMT
refuse_put exists "add_device $D" $R/handlers/dev_disk_perf/mgmt
refuse_put 'no such' "del_device $D" $R/handlers/dev_disk_perf/mgmt

step "pr_dump_dir"
put /var/tmp $DUMP
is "$(cat $DUMP)" /var/tmp "what is set, without a mark"
allow_dmesg 'scst: pr_dump_dir: a write of 4[0-9]* bytes is too long'
long=/$(printf 'x%.0s' $(seq 4095))
# In one write: the shell would go on behind what was refused, and an empty line switches it off.
refuse_line() { refuse "$1" python3 -c 'import os, sys; os.write(os.open(sys.argv[2], os.O_WRONLY), sys.argv[1].encode() + b"\n")' "$2" $DUMP; }
refuse_line 'name too long' "$long"
refuse_line 'name too long' "${long:0:4095}"
refuse_line 'name too long' "${long:0:4000}"
refuse_line invalid var/tmp
refuse_line invalid $'/var\n/tmp'
is "$(cat $DUMP)" /var/tmp "pr_dump_dir afterwards"
put "${long:0:3800}" $DUMP
is "$(cat $DUMP)" "${long:0:3800}" "a long one"
put "" $DUMP
is "$(cat $DUMP)" "" "pr_dump_dir switched off"
[ ! -e $R/handlers/dev_disk_perf/pr_dump_dir ] || fail "dev_disk_perf has one, too"

step "a disk that is taken"
is "$(readlink -f "$R/devices/$D/handler")" $R/handlers/dev_disk "handler"
is "$(readlink -f "$R/handlers/dev_disk/$D")" "$R/devices/$D" "link of the handler"
is "$(readlink -f "$R/devices/$D/scsi_device")" "$(readlink -f /sys/class/scsi_device/"$D")" "scsi_device"
is "$(cat "$R/devices/$D/max_tgt_dev_commands")" 64 "max_tgt_dev_commands"
is "$(cat "$R/devices/$D/threads_num")" 1 "threads_num"
is "$(ls "$R/devices/$D/exported")" "" "nobody exports it, the copy manager neither"

step "the initiator sees the host's disk"
add_lun $T 0 "$D"
enable_target $T
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
for what in sg_inq "sg_vpd -p di_lu" "sg_vpd -p sn" "sg_vpd -p lbpv" "sg_vpd -p bdc" "sg_readcap" "sg_readcap -l"; do
	$what /dev/sda > "$TESTDIR/host" 2>&1
	$what "$d" > "$TESTDIR/seen" 2>&1
	# Ours are several ports.
	sed -i "s|/dev/sd[a-z]*||; s/MultiP=[01]\( (VS=0)\)*/MultiP/" "$TESTDIR/host" "$TESTDIR/seen"
	diff "$TESTDIR/host" "$TESTDIR/seen" || fail "$what: the initiator sees something else"
done
sg_vpd -p di "$d" | grep -q 'Relative target port: 0x'"$(printf %x "$(head -n 1 $ISCSI/$T/rel_tgt_id)")" || { sg_vpd -p di "$d"; fail "not our port"; }
sg_vpd -p bl "$d" | grep -q 'Maximum transfer length: 16384 blocks' || { sg_vpd -p bl "$d"; fail "maximum transfer length"; }
refuse 'llegal|not support|nvalid|out of domain' sg_vpd -p sp "$d"

step "the initiator's own disks are not disks of the host"
[ ! -e "$R/devices/$(hctl "$d")" ] || fail "our own LUN is offered as $(hctl "$d")"

step "the data are those of the host's disk"
run fio --name=v --filename="$d" --ioengine=libaio --direct=1 --iodepth=16 --rw=randrw --bsrange=512-256k --size=64M \
	--verify=crc32c --verify_fatal=1 --do_verify=1 --randrepeat=0 --output-format=terse
run blockdev --flushbufs "$d" /dev/sda
is "$(dd if="$d" bs=1M iflag=direct status=none | sha256sum)" "$(dd if=/dev/sda bs=1M iflag=direct status=none | sha256sum)" "content"

step "commands longer than the adapter takes at once"
cat > "$TESTDIR/long.py" <<'PY'
import os, struct, iscsi
T = 'iqn.2026-01.test:passthru'
N = 8 << 20
s = iscsi.Session('127.0.0.1', target=T, timeout=120, initiator='iqn.2026-01.test:initiator', isid=b'\x80\x12\x34\x00\x00\x07').settle(0)
def host(lba, blocks):
    fd = os.open('/dev/sda', os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    data = os.pread(fd, blocks * 512, lba * 512)
    os.close(fd)
    return data
for lba in (0, 77, 100001):
    data = os.urandom(N)
    r = s.scsi(struct.pack('>BxQIxx', 0x8a, lba, N // 512), write=data)
    assert r.status == 0 and not r.residual, r
    r = s.scsi(struct.pack('>BxQIxx', 0x88, lba, N // 512), read=N)
    assert r.status == 0 and not r.residual and r.data == data, r
    assert host(lba, N // 512) == data, 'the host has other data'
# less is expected than the CDB names: the rest is not touched, and the residual is told
before = host(1000, 8)
r = s.scsi(struct.pack('>BBIxHx', 0x2a, 0, 1000, 8), write=b'x' * 1024)
assert r.status == 0 and r.overflow and r.residual == 8 * 512 - 1024, r
assert host(1000, 8) == b'x' * 1024 + before[1024:], 'wrote more than it got'
r = s.scsi(struct.pack('>BBIxHx', 0x28, 0, 1000, 8), read=1024)
assert r.status == 0 and r.overflow and r.residual == 8 * 512 - 1024 and r.data == b'x' * 1024, r
r = s.scsi(struct.pack('>BBIxHx', 0x28, 0, 1000, 1), read=2048)
assert r.status == 0 and r.underflow and r.residual == 1536 and len(r.data) == 512, r
# an answer that is shorter than what it may be
r = s.scsi(struct.pack('>BBBHB', 0x12, 0, 0, 4096, 0), read=4096)
assert r.status == 0 and r.underflow and len(r.data) == r.data[4] + 5 == 4096 - r.residual, r
whole = r.data
r = s.scsi(struct.pack('>BBBHB', 0x12, 0, 0, 5, 0), read=5)
assert r.status == 0 and not r.residual and r.data == whole[:5], r
# what the disk does not know it says itself; what could harm others never comes to it
r = s.scsi(bytes([0xc1]) + bytes(9))
assert r.status == 2 and r.asc == (5, 0x20, 0), r
r = s.scsi(bytes([0xc1]) + bytes(8) + b'\x04')     # NACA
assert r.status == 2 and r.asc == (5, 0x24, 0), r
r = s.scsi(bytes([0x3b, 5, 0, 0, 0, 0, 0, 2, 0, 0]), write=b'm' * 512)
assert r.status == 2 and r.asc == (5, 0x24, 0), r
# a write that does not fit the disk
r = s.scsi(struct.pack('>BxQIxx', 0x8a, 1 << 40, 1), write=b'z' * 512)
assert r.status == 2 and r.asc == (5, 0x21, 0), r
s.logout()
PY
run python3 "$TESTDIR/long.py"

step "in use: the modules stay"
refuse 'in use|busy|temporarily' rmmod scst_disk
run dd if="$d" of=/dev/null bs=1M count=1 iflag=direct status=none

step "read only for one initiator"
add_group $T ro
add_init $T ro iqn.2026-01.test:reader
put "add $D 0 read_only=1" $ISCSI/$T/ini_groups/ro/luns/mgmt
ini_login iqn.2026-01.test:reader 127.0.0.1 $T
o=$(find_disk iqn.2026-01.test:reader $T 0) || exit 1
is "$(cat "/sys/block/${o#/dev/}/ro")" 1 "write protection the initiator sees"
before=$(sha256sum < /dev/sda)
cat > "$TESTDIR/ro.py" <<'PY'
import sys, struct, sgio
disk = sgio.Disk(sys.argv[1])
# a command that nobody here knows could write as well
for cdb, data in (struct.pack('>BBIxHx', 0x2a, 0, 0, 1), b'w' * 512), (bytes([0xc1]) + bytes(9), None):
    status, _, sense = disk.command(cdb, data)
    assert status == 2 and (sense[2] & 15, sense[12]) == (7, 0x27), sense.hex()
PY
run python3 "$TESTDIR/ro.py" "$(sg_of "$o")"
is "$(sha256sum < /dev/sda)" "$before" "the disk after refused writes"
ini_logout iqn.2026-01.test:reader 127.0.0.1 $T

step "given back while it is exported"
ini_logout $I 127.0.0.1 $T
put "del_device $D" $MGMT
is "$(ls $ISCSI/$T/luns)" mgmt "LUNs of the target"
is "$(cat "$R/devices/$D/max_tgt_dev_commands")" 0 "max_tgt_dev_commands afterwards"
[ ! -e "$R/devices/$D/handler" ] || fail "still has a handler"

step "dev_disk_perf does not touch the disk"
put "add_device $D" $R/handlers/dev_disk_perf/mgmt
add_lun $T 0 "$D"
before=$(sha256sum < /dev/sda)
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
run dd if=/dev/urandom of="$d" bs=1M count=8 oflag=direct status=none
run dd if="$d" bs=1M count=8 iflag=direct status=none of="$TESTDIR/read"
cmp -n $((8 << 20)) "$TESTDIR/read" /dev/zero || fail "READ shows something"
run blockdev --flushbufs /dev/sda
is "$(sha256sum < /dev/sda)" "$before" "the disk"
is "$(sg_inq -u "$d" 2> /dev/null | grep -c .)" "$(sg_inq -u /dev/sda 2> /dev/null | grep -c .)" "identity still comes from the disk"
ini_logout $I 127.0.0.1 $T
