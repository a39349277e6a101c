# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Asymmetric logical unit access through two targets: what REPORT TARGET PORT GROUPS and
# INQUIRY tell on each port, what each state admits and refuses, who is told of a change,
# what a change waits for, stores that follow their group, deletion under load; then the
# same through scstadmin, sg3_utils and a restart.
# timeout: 400
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3 dmsetup scstadmin sg_rtpg /etc/init.d/scst

cat > "$TESTDIR/t.py" <<'PY'
import errno
import glob
import os
import struct
import sys
import threading
import time

import iscsi
from kit import ROOT, Waiting, get, must, pattern, put, read10, suspended, write10

A, B = sys.argv[1:3]
DG = ROOT + 'device_groups/'
G = DG + 'dg/'
TGS = G + 'target_groups/'
GA, GB = TGS + 'ga/', TGS + 'gb/'
GOOD, CHANGED = (), (6, 0x2a, 6)
STANDBY, UNAVAILABLE, TRANSITION, NO_LUN = (2, 4, 0xb), (2, 4, 0xc), (2, 4, 0xa), (5, 0x25, 0)
a = iscsi.Session('127.0.0.1', target=A)
b = iscsi.Session('127.0.0.1', target=B, initiator='iqn.2024-01.test:other')


def rtpg(s, extended=False, lun=0):
    r = s.scsi(struct.pack('>BB4xIxx', 0xa3, 0x0a | extended << 5, 1024), lun, read=1024)
    must(r.status == 0, 'REPORT TARGET PORT GROUPS: %s' % r)
    return r.data.hex()


def tpgs(s):
    return s.inquiry().data[5] >> 4 & 3


def designators(s):
    """type -> bytes of VPD page 83h"""
    data, at, found = s.inquiry(0, 0x83).data, 4, {}
    while at < len(data):
        found[data[at + 1]] = data[at + 4:at + 4 + data[at + 3]].hex()
        at += 4 + data[at + 3]
    return found


def tur(s, lun=0):
    return s.test_unit_ready(lun).asc or GOOD


def told(s, what, *wanted, lun=0):
    got = tuple(tur(s, lun) for _ in wanted)
    must(got == wanted, '%s: %s, wanted %s' % (what, got, wanted))


def change(text, path):
    must(put(text, path) == 0, '%s > %s' % (text, path[len(DG):]))


for s in a, b:
    for lun in 0, 1, 2:
        s.settle(lun)
print('== a device in no group')
must(rtpg(a) == '00000000' and rtpg(a, True) == '0000000410000000', 'no group is reported')
must(tpgs(a) == 0 and 0x15 not in designators(a), 'nor does INQUIRY know one')
r = a.scsi(struct.pack('>BB4xIxx', 0xa4, 0x0a, 0), 0)
must(r.asc == (5, 0x24, 0), 'SET TARGET PORT GROUPS without expl_alua: %s' % r)

print('== groups come, are reported alike on both ports')
change('create dg', DG + 'mgmt')
change('add disk', G + 'devices/mgmt')
must(rtpg(a) == '00000000' and tpgs(a) == 1, 'a group without target groups')
change('add ga', TGS + 'mgmt')
change('create gb', TGS + 'mgmt')
change('101', GA + 'group_id')
change('add ' + A, GA + 'mgmt')
change('add peer', GA + 'mgmt')
change('77', GA + 'peer/rel_tgt_id')
change('0x102', GB + 'group_id')
change('add ' + B, GB + 'mgmt')
BOTH = '00cf00650002000200000001' + '0000004d' + '00cf010200020001' + '00000002'
must(rtpg(a) == '0000001c' + BOTH, 'the groups: ' + rtpg(a))
must(rtpg(b) == rtpg(a), 'the same through the other port')
must(rtpg(b, True) == '0000002010000000' + BOTH, 'with extended header')
r = a.scsi(struct.pack('>BB4xIxx', 0xa3, 0x4a, 1024), 0, read=1024)
must(r.asc == (5, 0x24, 0), 'another format is refused')
must(designators(a)[0x15] == '00000065' and designators(b)[0x15] == '00000102', 'target port group in VPD 83h')
must(designators(a)[0x14] == '00000001' and designators(b)[0x14] == '00000002', 'relative target port in VPD 83h')
must(rtpg(a, lun=1) == '00000000', 'a device outside is in no group')
told(a, 'what did not change is not told', GOOD)

print('== each state')
COMMANDS = {    # CDB, bytes to read: answered in standby, unavailable and offline, transitioning
    'INQUIRY': ('120000002400', 36, 'sut'), 'REPORT LUNS': ('a00000000000000001000000', 256, 'sut'),
    'REQUEST SENSE': ('030000001200', 18, 'sut'), 'READ CAPACITY(10)': ('25000000000000000000', 8, 'sut'),
    'READ CAPACITY(16)': ('9e100000000000000000000000200000', 32, 'sut'),
    'REPORT TARGET PORT GROUPS': ('a30a00000000000000ff0000', 255, 'sut'),
    'MODE SENSE(6)': ('1a003f00ff00', 255, 's'), 'LOG SENSE': ('4d00000000000000ff00', 255, 's'),
    'TEST UNIT READY': ('000000000000', 0, ''), 'READ(10)': ('28000000000000000100', 512, ''),
    'SYNCHRONIZE CACHE(10)': ('35000000000000000000', 0, ''),
}
for state, letter, sense in (('nonoptimized', None, None), ('standby', 's', STANDBY), ('unavailable', 'u', UNAVAILABLE),
                             ('offline', 'u', UNAVAILABLE), ('transitioning', 't', TRANSITION), ('active', None, None)):
    change(state, GA + 'state')
    if state != 'transitioning':
        told(b, 'the other port is told of %s once' % state, CHANGED, GOOD)
        must(tur(a) == CHANGED, 'so is this one')
    must(get(GA + 'state') == state + '\n[key]\n', 'the file says %s' % state)
    for name, (cdb, size, allowed) in COMMANDS.items():
        r = a.scsi(bytes.fromhex(cdb), 0, read=size)
        want = GOOD if letter is None or letter in allowed else sense
        must((r.asc or GOOD) == want, '%s: %s: %s' % (state, name, r))
    r = a.scsi(write10(0, 8), 0, write=pattern(0, 8, 1))
    must((r.asc or GOOD) == (sense or GOOD), '%s: WRITE(10): %s' % (state, r))
    must(a.inquiry().data[0] == (0x20 if state in ('unavailable', 'offline') else 0), '%s: peripheral qualifier' % state)
    must(b.scsi(write10(0, 8), 0, write=pattern(0, 8, len(state))).status == 0, '%s: WRITE through the other port' % state)
    must(b.read10(0, 0, 8).data == pattern(0, 8, len(state)), 'and READ')
    code = {'nonoptimized': '01', 'standby': '02', 'unavailable': '03', 'offline': '0e', 'transitioning': '0f', 'active': '00'}
    must(rtpg(b) == '0000001c' + code[state] + BOTH[2:], '%s is reported' % state)
must(tur(a) == GOOD, 'no attention is left')
change('active', GA + 'state')
told(a, 'a state that stays is not told', GOOD)

print('== in transition a command waits a moment')
change('transitioning', GA + 'state')
start = time.time()
must(tur(a) == TRANSITION and 0.4 < time.time() - start < 5, 'half a second')
active = glob.glob(ROOT + 'targets/iscsi/%s/sessions/*/active_commands' % A)[0]
for _ in range(20):     # until this machine is quick enough for it
    change('transitioning', GA + 'state')
    start = time.time()
    itt = a.start(read10(0, 8), 0, read=4096)
    while time.time() - start < 0.3 and get(active) == '0\n':
        pass
    waits = get(active) != '0\n'
    change('active', GA + 'state')
    quick = time.time() - start < 0.45
    r = a.finish(itt)
    told(b, 'told once', CHANGED, GOOD)
    if waits and quick:
        break
    a.settle(0)
must(waits and quick and r.status == 0, 'a command that waited is executed when the state allows it: %s' % r)
told(a, 'told once', CHANGED, GOOD)

print('== preferred')
change('1', GB + 'preferred')
told(a, 'the preference', CHANGED, GOOD)
told(b, 'the preference', CHANGED, GOOD)
must(rtpg(a) == '0000001c' + BOTH.replace('00cf0102', '80cf0102'), 'PREF')
change('0', GB + 'preferred')
told(a, 'the preference', CHANGED)
told(b, 'the preference', CHANGED)

print('== identifiers of ports follow their targets')
change('9', ROOT + 'targets/iscsi/%s/rel_tgt_id' % A)
must(rtpg(b) == '0000001c' + BOTH.replace('00000001', '00000009', 1), 'rel_tgt_id: ' + rtpg(b))
change('1', ROOT + 'targets/iscsi/%s/rel_tgt_id' % A)

print('== a port that joins or leaves a group is told when its state is another')
change('standby', GA + 'state')
told(a, 'the state', CHANGED, STANDBY)
told(b, 'the state', CHANGED, GOOD)
change('del ' + A, GA + 'mgmt')
told(a, 'out of the group: active', CHANGED, GOOD)
change('add ' + A, GA + 'mgmt')
told(a, 'in it again', CHANGED, STANDBY)
told(b, 'not concerned', GOOD)
change('active', GA + 'state')
told(a, 'the state', CHANGED, GOOD)
told(b, 'the state', CHANGED, GOOD)

print('== a change waits for what executes')
change('add slow', G + 'devices/mgmt')
with suspended('slow'):
    itt = a.start(bytes.fromhex('28000000000000000100'), 1, read=512)
    time.sleep(0.5)
    w = Waiting('standby', GA + 'state')
    must(w.res is None, 'standby waits')
    must(tur(a, 1) == CHANGED and tur(a, 1) == STANDBY, 'but new commands are refused')
must(w.end() == 0, 'standby is in force')
must(a.finish(itt).status == 0, 'the older command came to its end')
must(get(ROOT + 'devices/slow/active') == '1\n', 'the other group gives access: the store stays open')
told(b, 'told', CHANGED, GOOD, lun=1)
must(put('1', ROOT + 'devices/slow/block') == 0, 'block')
itt = b.start(bytes.fromhex('28000000000000000100'), 1, read=512)
time.sleep(0.5)
w = Waiting('standby', GB + 'state')
must(put('0', ROOT + 'devices/slow/block') == 0, 'unblock')
must(w.end() == 0, 'standby')
r = b.finish(itt)
must(r.asc in (None, STANDBY), 'what waited at the gate: %s' % r)

print('== stores follow their group')
must(get(ROOT + 'devices/slow/active')[0] == '0' and get(ROOT + 'devices/disk/active') == '1\n', 'blockio is closed, fileio not')
for state, active in (('unavailable', 0), ('transitioning', 0), ('nonoptimized', 1), ('offline', 0), ('active', 1)):
    change(state, GA + 'state')
    must(int(get(ROOT + 'devices/slow/active')[0]) == active, '%s: active=%d' % (state, active))
for immed in 0x80, 0:
    a.settle(1)
    with suspended('slow'):
        itt = a.start(bytes([0x48, 0x21 | immed, 0, 0, 0, 0, 0, 0, 8, 0]), 1, write=bytes([0x1f, 0, 0, 4, 0, 0, 0, 0]))
        if immed:
            must(a.finish(itt).status == 0, 'SANITIZE with IMMED')
        time.sleep(0.5)
        must(a.test_unit_ready(1).asc == (2, 4, 0x1b), 'SANITIZE goes on')
        w = Waiting('standby', GA + 'state')
        must(w.res is None, 'standby waits for the write that is under way')
    must(w.end() == 0, 'standby ends it')
    must(get(ROOT + 'devices/slow/active')[0] == '0', 'the store is closed')
    if not immed:
        must(a.finish(itt).asc == (3, 0x31, 3), 'SANITIZE fails')
    change('active', GA + 'state')
    must(get(ROOT + 'devices/slow/active') == '1\n', 'the store is open again')
    while (r := tur(a, 1)) == CHANGED:
        pass
    must(r == (3, 0x31, 3), 'what the next state finds: %s' % (r,))
    must(a.scsi(bytes([0x48, 0x1f] + [0] * 8), 1).status == 0, 'EXIT FAILURE MODE')
print('== a store that does not open, or opens slowly')
change('standby', GA + 'state')
fd = os.open('/dev/mapper/slow', os.O_RDONLY | os.O_EXCL)
must(put('active', GA + 'state') == errno.EBUSY, 'who changes the state learns of it')
os.close(fd)
must(put('1', ROOT + 'devices/slow/active') == 0, 'activated later')
change('standby', GA + 'state')
with suspended('slow'):
    w = Waiting('active', GA + 'state')
    must(w.res is None, 'active waits for the store')
    late = iscsi.Session('127.0.0.1', target=A, initiator='iqn.2024-01.test:late')
    while (r := tur(late, 1))[:1] == (6,):
        pass
    must(r == STANDBY, 'who logs in meanwhile finds what was: %s' % (r,))
must(w.end() == 0, 'active')
told(late, 'told', CHANGED, GOOD, lun=1)
must(late.logout() == 0, 'logout')
must(put('0', ROOT + 'devices/slow/bind_alua_state') == 0, 'unbound')
change('standby', GA + 'state')
must(get(ROOT + 'devices/slow/active') == '1\n', 'stays open')
must(put('1', ROOT + 'devices/slow/bind_alua_state') == 0, 'bound')
change('active', GB + 'state')
for s in a, b:
    for lun in 0, 1:
        tur(s, lun)

print('== refusals')
for text, path, want in (
        ('create dg', DG + 'mgmt', errno.EEXIST), ('create mgmt', DG + 'mgmt', errno.EEXIST), ('create a/b', DG + 'mgmt', errno.EINVAL),
        ('del nobody', DG + 'mgmt', errno.EINVAL), ('create', DG + 'mgmt', errno.EINVAL), ('create x y', DG + 'mgmt', errno.EINVAL),
        ('explode', DG + 'mgmt', errno.EINVAL),
        ('add nobody', G + 'devices/mgmt', errno.ENOENT), ('add disk', G + 'devices/mgmt', errno.EEXIST),
        ('del free', G + 'devices/mgmt', errno.EINVAL), ('create free', G + 'devices/mgmt', errno.EINVAL),
        ('add ga', TGS + 'mgmt', errno.EEXIST), ('del nobody', TGS + 'mgmt', errno.EINVAL),
        ('add ' + A, GA + 'mgmt', errno.EEXIST), ('add ' + A, GB + 'mgmt', errno.EEXIST), ('add peer', GB + 'mgmt', errno.EEXIST),
        ('add state', GB + 'mgmt', errno.EEXIST), ('del nobody', GB + 'mgmt', errno.EINVAL),
        ('0', GA + 'group_id', errno.EINVAL), ('65536', GA + 'group_id', errno.EINVAL), ('x', GA + 'group_id', errno.EINVAL),
        ('2', GA + 'preferred', errno.EINVAL), ('Active', GA + 'state', errno.EINVAL), ('\n', GA + 'state', errno.EINVAL),
        ('0', GA + 'peer/rel_tgt_id', errno.EINVAL)):
    got = put(text, path)
    must(got == want, '"%s" > %s: errno %d, wanted %d' % (text, path[len(DG):], got, want))
change('create dg2', DG + 'mgmt')
must(put('add disk', DG + 'dg2/devices/mgmt') == errno.EEXIST, 'a device is in one group')
change('add g', DG + 'dg2/target_groups/mgmt')
change('add ' + A, DG + 'dg2/target_groups/g/mgmt')
change('del dg2', DG + 'mgmt')

print('== deletion puts the LUNs back')
told(a, 'standby', STANDBY)
change('del dg', DG + 'mgmt')
told(a, 'told that it is active', CHANGED, GOOD)
must(rtpg(a) == '00000000' and tpgs(a) == 0 and 0x15 not in designators(a), 'no group is left')

print('== groups come and go, states change, while data move')
stop = threading.Event()
bad = []


def load(s, lba):
    n = 0
    while not stop.is_set():
        n += 1
        data = pattern(lba, 8, n)
        r = s.scsi(write10(lba, 8), 0, write=data)
        if r.status == 0:
            r = s.read10(0, lba, 8)
            if r.status == 0 and r.data != data:
                bad.append('wrong data')
        if r.status and r.asc not in (CHANGED, STANDBY, UNAVAILABLE, TRANSITION):
            bad.append(repr(r))
        s.scsi(struct.pack('>BB4xIxx', 0xa3, 0x0a, 1024), 0, read=1024)
        s.inquiry(0, 0x83)


threads = [threading.Thread(target=load, args=x) for x in ((a, 100), (b, 200))]
for t in threads:
    t.start()
end = time.time() + float(sys.argv[3])
rounds = 0
while time.time() < end and not bad:
    rounds += 1
    for text, path in (('create dg', DG), ('add disk', G + 'devices/'), ('add ga', TGS), ('add gb', TGS), ('add ' + A, GA),
                       ('add ' + B, GB), ('add peer', GB)):
        must(put(text, path + 'mgmt', quiet=True) == 0, text) if rounds == 1 else put(text, path + 'mgmt', quiet=True)
    for state in 'standby', 'transitioning', 'active', 'offline', 'nonoptimized':
        put(state, GA + 'state', quiet=True)
        put(state, GB + 'state', quiet=True)
    if rounds % 2:
        put('del ga', TGS + 'mgmt', quiet=True)
        put('del disk', G + 'devices/mgmt', quiet=True)
    if put('del dg', DG + 'mgmt', quiet=True):
        bad.append('del dg')
stop.set()
for t in threads:
    t.join()
must(not bad, '%d rounds: %s' % (rounds, bad[:3]))
must(rounds > 3, 'it was done often')
for s in a, b:
    s.settle(0)
    must(s.read10(0, 0, 8).status == 0, 'works after all that')

print('== a device and a target that go leave their groups')
for text, path in (('create dg', DG), ('add free', G + 'devices/'), ('add ga', TGS), ('add ' + B, GA), ('add peer', GA)):
    change(text, path + 'mgmt')
b.close()
PY

allow_dmesg 'scst: (device group|target group|device group, .*|device_groups|ga|gb|peer): '
allow_dmesg 'scst: (device group|target group) [^ ]+: refused'
expect_dmesg 'device slow: SANITIZE failed: error -(4|EINTR)'
expect_dmesg 'device slow: cannot open block device /dev/mapper/slow, it is in use'
expect_dmesg 'device slow: cannot be opened with its target group: error -(16|EBUSY)'
expect_dmesg 'target group ga: is active, but not all of its devices could be opened'
allow_dmesg 'scst: target group: target .* refused'
allow_dmesg 'scst: device group: device .* refused'
A=iqn.2026-01.test:a
B=iqn.2026-01.test:b
DG=$R/device_groups
dmsetup remove slow > /dev/null 2>&1
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
open_fileio disk "$(mkdisk alua 8)"
open_blockio slow /dev/mapper/slow
open_nullio free size_mb=8
for t in $A $B; do
	add_target $t
	add_lun $t 0 disk
	add_lun $t 1 slow
	add_lun $t 2 free
	enable_target $t
done
run python3 "$TESTDIR/t.py" $A $B "$(soak 120 10)"
for f in "$ISCSI/$B"/sessions/*/force_close; do [ ! -f "$f" ] || echo 1 > "$f"; done
wait_for 10 sh -c "! ls -d $ISCSI/$B/sessions/*/" || fail "the sessions of $B stay"
close_dev vdisk_nullio free
del_target $B
is "$(ls $DG/dg/devices $DG/dg/target_groups/ga | grep -v : | tr '\n' ' ')" "mgmt  group_id mgmt peer preferred state " "what is left of the group"
scst_down || fail "something stays loaded, or a group"

step "by scstadmin: saved, restored, listed; seen by sg3_utils"
cat > /etc/scst.conf <<END
HANDLER vdisk_fileio {
	DEVICE disk {
		filename /vdisks/alua
		expl_alua 1
	}
}
TARGET_DRIVER iscsi {
	enabled 1
	TARGET $A {
		enabled 1
		rel_tgt_id 1
		LUN 0 disk
	}
	TARGET $B {
		enabled 1
		rel_tgt_id 2
		LUN 0 disk
	}
}
DEVICE_GROUP dg {
	DEVICE disk
	TARGET_GROUP controller_A {
		group_id 101
		state active
		TARGET $A
	}
	TARGET_GROUP controller_B {
		group_id 102
		state nonoptimized
		preferred 1
		TARGET iqn.2026-01.test:alt:b {
			rel_tgt_id 32002
		}
		TARGET $B
	}
}
END
run /etc/init.d/scst start
pgrep -x scst-stpgd > /dev/null || fail "the service does not start scst-stpgd"
scstadmin -list_dgrp dg > "$TESTDIR/list" || fail "-list_dgrp"
grep -A 9 Devices "$TESTDIR/list" | sed '/^All done/d; /^$/d' | tr '\t\n' '  ' > "$TESTDIR/got"
is "$(cat "$TESTDIR/got")" " Devices  -------  disk  Target Groups  ------------  controller_A  controller_B " "list of the group" ||
	cat "$TESTDIR/list"
ini_login $INI_DEFAULT 127.0.0.1 $A
ini_login $INI_DEFAULT 127.0.0.1 $B
cat > "$TESTDIR/wanted" <<'END'
Report target port groups:
  target port group id : 0x65 , Pref=0, Rtpg_fmt=0
    target port group asymmetric access state : 0x00
    T_SUP : 1, O_SUP : 1, LBD_SUP : 0, U_SUP : 1, S_SUP : 1, AN_SUP : 1, AO_SUP : 1
    status code : 0x02
    vendor unique status : 0x00
    target port count : 01
    Relative target port ids:
      0x01
  target port group id : 0x66 , Pref=1, Rtpg_fmt=0
    target port group asymmetric access state : 0x01
    T_SUP : 1, O_SUP : 1, LBD_SUP : 0, U_SUP : 1, S_SUP : 1, AN_SUP : 1, AO_SUP : 1
    status code : 0x02
    vendor unique status : 0x00
    target port count : 02
    Relative target port ids:
      0x7d02
      0x02
END
# seen TARGET: sg_rtpg through that port
seen()
{
	local d

	d=$(find_disk $INI_DEFAULT "$1" 0) || exit 1
	sg_rtpg "$d" | sed 's/ *$//' > "$TESTDIR/rtpg" || fail "sg_rtpg"
	diff -u "$TESTDIR/wanted" "$TESTDIR/rtpg" || fail "sg_rtpg through $1"
}
seen $A
seen $B
is "$(sg_inq "$(find_disk $INI_DEFAULT $A 0)" | grep -o 'TPGS=.')" "TPGS=3" "implicit and explicit"
is "$(sg_vpd -p di "$(find_disk $INI_DEFAULT $B 0)" | grep -c 'Target port group: 0x66')" 1 "group in VPD 83h"

cp /etc/scst.conf "$TESTDIR/before"
run scstadmin -write_config "$TESTDIR/saved"
sed -n '/^DEVICE_GROUP/,$p' "$TESTDIR/saved" > "$TESTDIR/group"
cat "$TESTDIR/group"
grep -q '^		expl_alua 1$' "$TESTDIR/saved" || fail "expl_alua was not saved"
cp "$TESTDIR/saved" /etc/scst.conf
run scstadmin -noprompt -config /etc/scst.conf > "$TESTDIR/again"
grep -q 'Done, 0 change' "$TESTDIR/again" || { cat "$TESTDIR/again"; fail "the saved file is not what runs"; }
run /etc/init.d/scst restart
wait_for 30 sg_rtpg "$(find_disk $INI_DEFAULT $A 0)" || fail "no disk after the restart"
seen $A
wait_for 30 sg_rtpg "$(find_disk $INI_DEFAULT $B 0)" || fail "no disk after the restart"
seen $B
run scstadmin -write_config "$TESTDIR/saved2"
diff <(grep -v '^#' "$TESTDIR/saved") <(grep -v '^#' "$TESTDIR/saved2") || fail "saved again it differs"
ini_logout $INI_DEFAULT 127.0.0.1 $A
ini_logout $INI_DEFAULT 127.0.0.1 $B

step "a group by hand"
H=$DG/hand
open_nullio spare size_mb=8
run scstadmin -add_dgrp hand
run scstadmin -add_dgrp_dev spare -dev_group hand
run scstadmin -add_tgrp one -dev_group hand
run scstadmin -add_tgrp_tgt $A -dev_group hand -tgt_group one
run scstadmin -add_tgrp_tgt elsewhere -dev_group hand -tgt_group one
run scstadmin -noprompt -set_tgrp_attr one -dev_group hand -attributes group_id=7,state=standby,preferred=1
run scstadmin -noprompt -set_ttgt_attr elsewhere -dev_group hand -tgt_group one -attributes rel_tgt_id=9
for f in group_id:7 state:standby preferred:1 elsewhere/rel_tgt_id:9; do
	is "$(head -n 1 "$H/target_groups/one/${f%:*}")" "${f#*:}" "${f%:*}"
done
is "$(basename "$(readlink $H/devices/spare)") $(basename "$(readlink "$H/target_groups/one/$A")")" "spare $A" "members"
scstadmin -list_tgrp one -dev_group hand | grep -q "$A" || fail "-list_tgrp does not tell $A"
scstadmin -list_tgrp_attr one -dev_group hand | grep -q standby || fail "-list_tgrp_attr does not tell the state"
refuse . scstadmin -noprompt -rem_tgrp one -dev_group hand
refuse . scstadmin -noprompt -add_dgrp_dev disk -dev_group hand
run scstadmin -noprompt -rem_tgrp_tgt $A -dev_group hand -tgt_group one
run scstadmin -noprompt -rem_tgrp_tgt elsewhere -dev_group hand -tgt_group one
run scstadmin -noprompt -rem_tgrp one -dev_group hand
run scstadmin -noprompt -rem_dgrp_dev spare -dev_group hand
run scstadmin -noprompt -rem_dgrp hand
is "$(ls $DG)" "dg
mgmt" "groups that are left"
run /etc/init.d/scst stop
no_process scst-stpgd || fail "scst-stpgd is left"
run dmsetup remove slow
