# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# COMPARE AND WRITE and writes of other blocks: none waits for the other, though one of them takes long; of the same blocks each does.
# Half of the disk answers nothing meanwhile.
# check: 6.12
# timeout: 180
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires module:scsi_debug python3 dmsetup
T=iqn.2026-01.test:apart
B=$(debug_disk dev_size_mb=32 lbpu=1) || exit 1
at_exit()
{
	[ ! -d $R/devices/disk ] || echo "del_device disk" > $R/handlers/vdisk_blockio/mgmt
	dmsetup remove both near far
	rmmod scsi_debug
}
run dmsetup create near --table "0 32768 linear $B 0"
run dmsetup create far --table "0 32768 linear $B 32768"
run dmsetup create both --table "0 32768 linear /dev/mapper/near 0
32768 32768 linear /dev/mapper/far 0"
scst_up
open_blockio disk /dev/mapper/both thin_provisioned=1
add_target $T
add_lun $T 0 disk
enable_target $T
cat > "$TESTDIR/apart.py" << 'PY'
import struct
import sys
import time
import iscsi
from kit import ROOT, get, must, suspended

T = sys.argv[1]
NEAR, FAR = 64, 40000
A, B, C, ZERO = b'a' * 512, b'b' * 512, b'c' * 512, bytes(512)
s = iscsi.Session('127.0.0.1', target=T, timeout=30).settle(0)
ACTIVE = ROOT + 'targets/iscsi/%s/sessions/%s/lun0/active_commands' % (T, s.initiator)


def caw(lba, old, new):
    return s.start(struct.pack('>BBQ3xBxx', 0x89, 0, lba, 1), 0, write=old + new)


def write(lba, data):
    return s.start(struct.pack('>BBIxHx', 0x2a, 0, lba, 1), 0, write=data)


def same(lba, data):
    return s.start(struct.pack('>BBIxHx', 0x41, 0, lba, 4), 0, write=data)


def unmap(*lbas):
    desc = b''.join(struct.pack('>QI4x', lba, 4) for lba in lbas)
    return s.start(struct.pack('>BB5xHx', 0x42, 0, 8 + len(desc)), 0, write=struct.pack('>HH4x', 6 + len(desc), len(desc)) + desc)


def good(itt, what):
    try:
        r = s.finish(itt)
    except OSError:
        must(False, what + ': answered')
    must(r.status == 0, '%s: %r' % (what, r))


def waits(n, what):
    time.sleep(1)
    must(get(ACTIVE) == '%d\n' % n, what)


with suspended('far'):
    slow = [write(FAR, A)]
    waits(1, 'a WRITE of the far half waits for the disk')
    good(caw(NEAR, ZERO, A), 'COMPARE AND WRITE of the near half does not wait for a WRITE elsewhere')
    slow += [unmap(FAR + 100, FAR + 200), same(FAR + 300, B)]
    waits(3, 'UNMAP and WRITE SAME of the far half wait for the disk')
    good(caw(NEAR, A, B), 'COMPARE AND WRITE does not wait for an UNMAP and a WRITE SAME elsewhere')
    slow += [caw(FAR, A, C)]
    waits(4, 'COMPARE AND WRITE of the block that is written waits')
    good(write(NEAR, C), 'a WRITE elsewhere does not wait for it')
    good(unmap(NEAR + 100, NEAR + 200), 'an UNMAP elsewhere does not wait for it')
    good(same(NEAR + 300, B), 'a WRITE SAME elsewhere does not wait for it')
    slow += [unmap(NEAR + 50, FAR - 3), write(FAR, B)]
    waits(6, 'a WRITE of its block waits, and an UNMAP of which one range holds it')
for n, itt in enumerate(slow):
    good(itt, 'number %d, when the disk answers' % n)
must(s.read10(0, NEAR, 1).data == C, 'the near half')
must(s.read10(0, FAR, 1).data in (B, ZERO), 'the far half: compared after the first WRITE, before what came later')
s.logout()
PY
run python3 "$TESTDIR/apart.py" $T
wait_for 30 no_sessions || fail "a session stays"
