# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Data that were acknowledged into the cache and then could not be written: the
# kernel says so once per open file, and the initiator must hear of it, also when
# the one who asked was the administrator (active=0) and no initiator.
# check: 6.12
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:lost
I=$INI_DEFAULT
B=/dev/sda
STATE=/sys/block/sda/device/state
DEV=$R/devices/lost
MODES=/var/lib/scst/vdev_mode_pages

# tur: TEST UNIT READY, quietly
tur() { sg_turs "$1" > /dev/null 2>&1; }
sync_cache() { sg_sync "$1" > "$TESTDIR/sync" 2>&1; }

# dirty LETTER: 4 MiB acknowledged into the target's cache, then the disk goes away
dirty()
{
	run sh -c "head -c 4M /dev/zero | tr '\\0' '$1' | dd of=$d bs=64k oflag=direct status=none"
	udevadm settle		# it reads what was opened for writing, and would be the one to be told
	echo offline > $STATE
}
back() { echo running > $STATE; }

[ -b $B ] && [ -w $STATE ] || skip "no SCSI disk that can be taken offline"
expect_dmesg 'device lost: cannot make written data stable'
mkdir -p $MODES
scst_up
open_fileio lost $B
add_target $T
add_lun $T 0 lost
enable_target $T
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
sg=$(sg_of "$d")
tur "$sg"; tur "$sg"; run sg_turs "$sg"

step "SYNCHRONIZE CACHE reports it"
dirty a
sync_cache "$sg" && fail "SYNCHRONIZE CACHE is GOOD although the disk was offline"
back
run sg_turs "$sg"

step "with IMMED it answers before it flushes: the next command tells"
dirty d
run sg_sync --immed "$sg"
told() { sg_turs -v "$sg" 2>&1 | grep -qi 'write fault'; }
wait_for 20 told || fail "the error of a flush with IMMED is told to nobody"
back
run sg_turs "$sg"
sync_cache "$sg" && fail "SYNCHRONIZE CACHE is GOOD, though but a command that initiators repeat has told"
run sg_sync "$sg"

step "closing the store reports it to the initiator"
dirty b
put 0 $DEV/active
back
put 1 $DEV/active
tur "$sg" && fail "the initiator is not told that its data are lost"
run sg_turs "$sg"

step "an initiator that leaves before it was told, hears it when it is back"
cat > "$TESTDIR/lost.py" <<'PY'
import os, select, sys, time, iscsi, kit
target, state, active, per_portal = sys.argv[1:]
LOST, FLUSH_FAILED = (3, 3, 0), (4, 3, 0)

def login(initiator):
    return iscsi.Session('127.0.0.1', target=target, initiator='iqn.2026-01.test:' + initiator)

def put(text, path):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode() + b'\n')
    finally:
        os.close(fd)

# It is no error of the command that brings the news: 71h, a deferred one.
def told(s):
    got = []
    for _ in range(8):
        r = s.test_unit_ready(0)
        if r.status == iscsi.GOOD:
            return got
        assert r.sense[0] & 0x7f == (0x71 if r.asc == LOST else 0x70), r.sense.hex()
        got.append(r.asc)

# What the old nexus had not told comes when it is freed, a moment after the new one works: once, but not at once.
def told_in_time(s):
    got = told(s)
    for _ in range(100):
        if LOST in got:
            break
        time.sleep(0.1)
        got += told(s)
    return got + told(s)

writer, lasting = login('writer'), login('lasting')
writer.settle(), lasting.settle()
for n in range(16):
    assert writer.write10(0, n * 128, b'd' * 65536).status == iscsi.GOOD
put('offline', state)
put('0', active)
put('running', state)
put('1', active)
# A reinstated session finds the old one's nexus gone, or just going; one that logs out leaves nothing but the device behind.
writer = login('writer')
got = told_in_time(writer)
assert got.count(LOST) == 1, 'after reinstatement told %s' % got
got = told(lasting)
assert got.count(LOST) == 1, 'who stayed is told %s' % got

for n in range(16):
    assert writer.write10(0, n * 128, b'e' * 65536).status == iscsi.GOOD
put('offline', state)
put('0', active)
put('running', state)
put('1', active)
writer.logout()
writer.close()
got = told(login('stranger'))
assert LOST not in got, 'an initiator that was not there is told %s' % got
put('1', per_portal)    # its session has another name now
writer = login('writer')
got = told_in_time(writer)
assert got.count(LOST) == 1, 'when it is back it is told %s' % got
put('0', per_portal)
got = told(login('writer'))
assert LOST not in got, 'told again: %s' % got

# The connection breaks with the answer to the flush on its way: as long as nothing says that it has come, it counts as lost.
# Whoever flushes again would hear GOOD.
def lose(writer):
    writer.settle()
    for n in range(16):
        assert writer.write10(0, n * 128, b'f' * 65536).status == iscsi.GOOD
    put('offline', state)

# So it is when REQUEST SENSE has taken it for its data.
writer = login('writer').settle()
assert writer.write10(0, 0, b'r' * 65536).status == iscsi.GOOD
put('offline', state)
put('0', active)
put('running', state)
put('1', active)
writer.start(bytes([3, 0, 0, 0, 252, 0]), read=252)
assert select.select([writer.sock], [], [], 30)[0], 'no answer to REQUEST SENSE'
writer.sock.close()
writer = login('writer')
got = told_in_time(writer)
assert got.count(LOST) == 1, 'after REQUEST SENSE that nobody read told %s' % got
writer.logout()
writer.close()
for _ in range(8):
    data = lasting.scsi(bytes([3, 0, 0, 0, 252, 0]), read=252).data
    if data[2] != 6:
        break
assert data[0] == 0x71 and (data[2], data[12], data[13]) == LOST, 'REQUEST SENSE: %s' % data.hex()

lasting.settle()
for read, acknowledged in (False, False), (True, False), (True, True):
    writer = login('writer')
    lose(writer)
    itt = writer.start(kit.sync10())
    assert select.select([writer.sock], [], [], 30)[0], 'no answer to SYNCHRONIZE CACHE'
    if read:
        r = writer.wait_for(iscsi.SCSI_RSP, itt=itt)
        assert r.status == iscsi.CHECK_CONDITION and writer.maxcmdsn, r
        assert r.data[2] == 0x70 and r.data[4] == 4, 'its own flush failed: %s' % r.data.hex()
    put('running', state)
    if acknowledged:
        assert told(writer) == []
    writer.sock.close()
    writer = login('writer')
    got = told_in_time(writer) if not acknowledged else told(writer)
    assert got.count(LOST) == (not acknowledged), 'read %s, acknowledged %s: told %s' % (read, acknowledged, got)
    r = writer.scsi(kit.sync10())
    assert acknowledged or r.asc == FLUSH_FAILED, 'an attention is no answer to a flush: %s' % r
    assert not acknowledged or r.status == iscsi.GOOD, 'told twice: %s' % r
    assert writer.scsi(kit.sync10()).status == iscsi.GOOD
    got = told(lasting)
    assert got.count(LOST) == 1, 'who stayed is told %s' % got
    writer.logout()
    writer.close()

# The flush that is repeated comes before anything else, as soon as it may run.
def unheard():
    writer = login('writer')
    lose(writer)
    writer.start(kit.sync10())
    assert select.select([writer.sock], [], [], 30)[0], 'no answer to SYNCHRONIZE CACHE'
    put('running', state)
    return writer

def flushes_again(when):
    writer = login('writer')
    for _ in range(8):
        r = writer.scsi(kit.sync10())
        if r.asc != LOST and (r.asc or [0])[0] != 6:
            break
    assert r.asc == FLUSH_FAILED, 'the flush %s: %s' % (when, r)
    writer.settle()
    lasting.settle()
    assert writer.scsi(kit.sync10()).status == iscsi.GOOD
    writer.logout()
    writer.close()

for _ in range(8):
    unheard().sock.close()
    flushes_again('that is repeated')

# Nor is it GOOD when the old session has just gone: its nexus is freed a while later, but what it had not told is the next one's at once.
# A LUN that has been removed meanwhile takes nothing along.
there = os.path.join(os.path.dirname(per_portal), 'sessions', 'iqn.2026-01.test:writer')
luns = os.path.join(os.path.dirname(per_portal), 'luns', 'mgmt')
for removed in [False] * 7 + [True]:
    writer = unheard()
    if removed:
        put('del 0', luns)
    writer.sock.close()
    end = time.monotonic() + 30
    while os.path.exists(there):
        assert time.monotonic() < end, 'the session stays'
    if removed:
        put('add lost 0', luns)
    flushes_again('after the session has gone, LUN removed: %s' % removed)

# Lost data are no unit attention: they interlock nothing.
def interlock(s, ctrl):
    page = bytearray(s.scsi(bytes([0x1a, 8, 0x0a, 0, 64, 0]), read=64).data[4:])
    page[0] &= 0x3f
    page[4] = page[4] & ~0x30 | ctrl << 4
    data = bytes(4) + bytes(page)
    assert s.scsi(bytes([0x15, 0x10, 0, 0, len(data), 0]), write=data).status == iscsi.GOOD, 'UA_INTLCK_CTRL %d' % ctrl

writer = login('writer')
writer.settle()
interlock(writer, 2)
lasting.scsi(bytes([3, 0, 0, 0, 252, 0]), read=252), lasting.settle()
for n in range(16):
    assert writer.write10(0, n * 128, b'i' * 65536).status == iscsi.GOOD
put('offline', state)
put('0', active)
put('running', state)
put('1', active)
got = [writer.test_unit_ready(0).asc for _ in range(3)]
assert got.count(LOST) == 1, 'with interlock told %s' % got
writer.scsi(kit.sync10())
interlock(writer, 0)
writer.logout()
writer.close()
PY
run timeout 240 python3 "$TESTDIR/lost.py" $T $STATE $DEV/active $ISCSI/$T/per_portal_acl
tur "$sg"; tur "$sg"; tur "$sg"; run sg_turs "$sg"

step "a flush is not GOOD for who was told by other commands, which initiators repeat"
sync_cache "$sg" && fail "SYNCHRONIZE CACHE is GOOD after losses"

step "afterwards all is well again"
run sh -c "head -c 4M /dev/zero | tr '\\0' c | dd of=$d bs=64k oflag=direct status=none"
run sg_sync "$sg"
ini_logout $I 127.0.0.1 $T
put 0 $DEV/active
is "$(head -c 4M $B | tr -d c | wc -c)" 0 "bytes on the disk that were not written last"
close_dev vdisk_fileio lost

cat > "$TESTDIR/modes.py" <<'PY'
import os, sys, iscsi
from kit import must, put
target, state, what = sys.argv[1:]
s = iscsi.Session('127.0.0.1', target=target).settle()


def wce(pc=0):
    return s.scsi(bytes([0x1a, 8, pc << 6 | 8, 0, 64, 0]), read=64).data[6] >> 2 & 1


def select(on, save=0):
    data = bytes([0, 0, 0, 0, 8, 0x12, on << 2] + [0] * 9 + [0x80, 0x14] + [0] * 6)
    return s.scsi(bytes([0x15, 0x10 | save, 0, 0, len(data), 0]), write=data)


def dirty():
    for n in range(16):
        must(s.write10(0, n * 128, b'm' * 65536).status == iscsi.GOOD, 'WRITE')
    must(put('offline\n', state) == 0, 'the disk goes away')


if what == 'reset':
    must(select(1).status == iscsi.GOOD and wce() == 1, 'WCE=1')
    dirty()
    must(s.task_management(5) == 0, 'LOGICAL UNIT RESET')
    must(put('running\n', state) == 0, 'the disk is back')
    s.settle()
    must(wce() == 0, 'WCE=0')
else:
    dirty()
    r = select(0, save=1)
    must(r.asc == (3, 3, 0), 'MODE SELECT of WCE=0, SP=1: %r' % r)
    must(put('running\n', state) == 0, 'the disk is back')
    s.settle()
    must(wce() == 1 and wce(3) == 1, 'neither current nor saved values have changed')
PY

step "a reset that cannot flush turns the cache off all the same, when the administrator wants it off"
expect_dmesg 'device through: cannot make written data stable'
open_fileio through $B write_through=1
add_lun $T 0 through
udevadm settle
run python3 "$TESTDIR/modes.py" $T $STATE reset
close_dev vdisk_fileio through

step "MODE SELECT that cannot flush saves nothing"
expect_dmesg 'device saved: cannot make written data stable'
open_fileio saved $B
add_lun $T 0 saved
udevadm settle
run python3 "$TESTDIR/modes.py" $T $STATE saved
[ ! -e $MODES/saved ] || fail "$MODES/saved: $(cat $MODES/saved)"
close_dev vdisk_fileio saved
