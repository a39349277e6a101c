# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One half of a DRBD pair behind vdisk_blockio and vdisk_fileio: a secondary can be configured and refuses to be activated
# until it is primary; an ordinary read-only disk is an error as before.
# check: 6.12
. /job/tests/qemu/lib.sh
SETUP=/lib/drbd/drbdsetup-84
requires module:drbd $SETUP drbdmeta losetup
T=iqn.2026-01.test:drbd
D=$R/devices

at_exit()
{
	[ ! -d $D/disk ] || echo "del_device disk" > $R/handlers/vdisk_blockio/mgmt
	[ ! -d $D/node ] || echo "del_device node" > $R/handlers/vdisk_fileio/mgmt
	$SETUP secondary 0
	$SETUP down r0
	losetup -D
	rmmod drbd
}

# active_fails DEVICE: activation says what it waits for
active_fails() { refuse 'wrong medium type' bash -c "echo 1 > $D/$1/active"; }

cat > /tmp/use.py << 'END'
"""use.py TARGET LUN: nothing while it is secondary, then written and read."""
import sys
import iscsi
from kit import must

s = iscsi.Session('127.0.0.1', target=sys.argv[1]).settle(int(sys.argv[2]))
lun, data = int(sys.argv[2]), bytes(range(256)) * 16
if sys.argv[3] == 'closed':
    must(s.read10(lun, 0, 8).asc == (2, 0x3a, 0), 'READ: MEDIUM NOT PRESENT')
else:
    must(s.write10(lun, 8, data).status == 0, 'WRITE')
    r = s.read10(lun, 8, 8)
    must(r.status == 0 and r.data == data, 'READ returns it: %r' % r)
s.close()
END
export PYTHONPATH=/job/tests/raw

scst_up
run modprobe loop
run modprobe drbd usermode_helper=/bin/true
trap at_exit EXIT
f=$(mkdisk drbd 32)
loop=$(losetup -f --show "$f") || fail "no loop device"
run drbdmeta --force /dev/drbd0 v08 "$loop" internal create-md
run $SETUP new-resource r0
run $SETUP new-minor r0 0 0
run $SETUP attach 0 "$loop" "$loop" internal
udevadm settle

step "A secondary is configured, and is not usable"
expect_dmesg 'device disk: cannot open block device /dev/drbd0: error -(30|EROFS)'
expect_dmesg 'device disk: /dev/drbd0 is not usable now, activate the device later'
open_blockio disk /dev/drbd0
is "$(head -n 1 $D/disk/active)" 0 active
is "$(head -n 1 $D/disk/size)" 0 size
add_target $T
add_lun $T 0 disk
enable_target $T
active_fails disk
refuse 'wrong medium type' bash -c "echo 1 > $D/disk/resync_size"
allow_dmesg 'device disk: resync_size: not active'
run python3 /tmp/use.py $T 0 closed

step "Primary, it is activated with its size"
run $SETUP primary 0 --force
put 1 $D/disk/active
is "$(head -n 1 $D/disk/size)" "$(blockdev --getsize64 /dev/drbd0)" size
run python3 /tmp/use.py $T 0 open
refuse . $SETUP secondary 0

step "Inactive, it can change its role; the file handler takes the same way"
put 0 $D/disk/active
run $SETUP secondary 0
active_fails disk
close_dev vdisk_blockio disk
expect_dmesg 'device node: /dev/drbd0 is not usable now'
allow_dmesg 'device node: cannot open /dev/drbd0: error -(30|EROFS)'
open_fileio node /dev/drbd0
add_lun $T 1 node
run $SETUP primary 0
put 1 $D/node/active
run python3 /tmp/use.py $T 1 open
close_dev vdisk_fileio node

step "A disk that is read only stays an error"
ro=$(losetup -r -f --show "$(mkdisk ro 4)") || fail "no loop device"
allow_dmesg 'device ro: cannot open '
refuse . bash -c "echo 'add_device ro filename=$ro' > $R/handlers/vdisk_blockio/mgmt"
[ ! -e $D/ro ] || fail "the device exists"
exit 0
