# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A disk of the host that fails, tells all initiators what it has told one, is slow, has a short queue, and goes while it is
# in use: its reservations are left in pr_dump_dir and can be given to it when it comes back.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires fio sg_reset sg_persist python3 module:scsi_debug
export T=iqn.2026-01.test:faults
I=$INI_DEFAULT
DEBUG=/sys/bus/pseudo/drivers/scsi_debug
MGMT=$R/handlers/dev_disk/mgmt
DUMP=$R/handlers/dev_disk/pr_dump_dir

scst_up
run modprobe scst_disk
step "a disk that comes while the module is there"
B=$(debug_disk dev_size_mb=64 max_queue=2 removable=1) || exit 1
D=$(hctl "$B")
# Past sd and udev, which would hear of a unit attention before the target does.
echo 0 > "/sys/block/${B#/dev/}/events_poll_msecs"
SG=$(sg_of "$B")
HOST=host${D%%:*}
wait_for 10 test -d "$R/devices/$D" || fail "$D is not shown"
put "add_device $D" $MGMT
add_target $T
add_lun $T 0 "$D"
# debug() below may wait for the disk longer than a session that answers no ping lives
put 0 $ISCSI/$T/NopInInterval
enable_target $T

cat > "$TESTDIR/faults.py" <<'PY'
import errno, os, struct, subprocess, sys, time, iscsi, sgio
SG, DEBUG, T = sys.argv[1], sys.argv[2], os.environ['T']
def debug(name, value):
    for _ in range(900):
        try:
            with open(DEBUG + '/' + name, 'w') as f:
                f.write(str(value))
            return
        except OSError as e:    # not while the disk works, for instance for udev, which may read much of a slow disk
            if e.errno != errno.EBUSY:
                raise
            time.sleep(0.1)
    raise SystemExit('the disk stays busy: %s = %s' % (name, value))
def login(n):
    return iscsi.Session('127.0.0.1', target=T, timeout=60, initiator='iqn.2026-01.test:i%d' % n).settle()
def read10(lba, blocks):
    return struct.pack('>BBIxHx', 0x28, 0, lba, blocks)
a, b = login(1), login(2)
tur = bytes(6)

# sense data byte for byte, and nothing of what the failed READ may have left in memory
debug('opts', 2)
for lba, blocks in ((0x1234, 1), (0x1230, 16)):
    status, _, sense = sgio.Disk(SG).command(read10(lba, blocks), data_in=blocks * 512)
    there = a.scsi(read10(lba, blocks), read=blocks * 512)
    assert status == there.status == 2 and there.asc[0] == 3, there
    assert sense == there.sense, (sense.hex(), there.sense.hex())
    assert not there.data, there
debug('opts', 0)
r = a.scsi(read10(0x1234, 1), read=512)
assert r.status == 0 and len(r.data) == 512, r

# an error that the disk has mended: the data come with it
data = os.urandom(4096)
r = a.write10(0, 100, data)
assert r.status == 0, r
debug('opts', 8)
debug('every_nth', 1)
r = a.scsi(read10(100, 8), read=4096)
debug('every_nth', 0)
debug('opts', 0)
assert r.status == 2 and r.asc[0] == 1 and r.data == data, (r, r.data == data)

# the same in the middle of commands that take several requests: all is done, and then it is told
def pieces(kb):
    with open('/sys/module/scst_disk/parameters/max_request_kb', 'w') as f:
        f.write(str(kb))
pieces(64)
before, after = os.urandom(262144), os.urandom(262144)
r = a.write10(0, 1024, before)
assert r.status == 0, r
debug('opts', 8)
debug('every_nth', 3)
for r, want in ((a.write10(0, 1024, after), b''), (a.scsi(read10(1024, 512), read=262144), after)):
    assert r.status == 2 and r.asc[0] == 1 and r.data == want, (r, r.data == want)
debug('every_nth', 0)
debug('opts', 0)
r = a.scsi(read10(1024, 512), read=262144)
assert r.status == 0 and r.data == after, 'what was not written: %s' % [i for i in range(4) if r.data[i << 16:(i + 1) << 16] != after[i << 16:(i + 1) << 16]]
pieces(0)

# COMPARE AND WRITE is the disk's own
def caw(old, new):
    return a.scsi(struct.pack('>BBQ3xBxx', 0x89, 0, 500, 1), write=old + new)
zero, one = bytes(512), b'1' * 512
assert a.write10(0, 500, zero).status == 0
assert caw(zero, one).status == 0
r = caw(zero, zero)
assert r.status == 2 and r.asc == (0xe, 0x1d, 0), r
assert a.scsi(read10(500, 1), read=512).data == one

# what the disk tells one, all hear, once
subprocess.run(['sg_reset', '-d', SG], check=True)
r = a.scsi(tur)
assert r.status == 2 and r.asc[:2] == (6, 0x29), r
r = b.scsi(tur)
assert r.status == 2 and r.asc[:2] == (6, 0x29), r
a.settle(), b.settle()
assert a.scsi(tur).status == b.scsi(tur).status == 0

# MODE SELECT of one nexus
r = a.scsi(bytes([0x1a, 8, 0x0a, 0, 64, 0]), read=64)
assert r.status == 0 and r.data[4] & 0x3f == 0x0a, r
page = bytearray(r.data)
page[0] = page[1] = page[2] = page[3] = 0
page[4] &= 0x3f
page[4 + 2] ^= 4        # D_SENSE
def select():
    r = a.scsi(bytes([0x15, 0x10, 0, 0, len(page), 0]), write=bytes(page))
    if r.status == 2 and r.asc[0] == 6:
        r = a.scsi(bytes([0x15, 0x10, 0, 0, len(page), 0]), write=bytes(page))
    assert r.status == 0, r
select()
r = b.scsi(tur)
assert r.status == 2 and r.asc == (6, 0x2a, 1), r
a.settle(), b.settle()
# the sense data of the core follow the disk's D_SENSE
for _ in range(50):
    r = a.scsi(bytes([0x5e, 31, 0, 0, 0, 0, 0, 0, 8, 0]), read=8)
    assert r.status == 2, r
    if r.sense[0] & 0x7f == 0x72:
        break
    time.sleep(0.1)
else:
    raise SystemExit('the core does not follow D_SENSE')
page[4 + 2] ^= 4
select()
a.settle(), b.settle()

# PREVENT ALLOW MEDIUM REMOVAL is of a nexus: that of one stays when the other allows
for s, prevent in ((a, 1), (b, 1), (b, 0), (a, 0)):
    r = s.scsi(bytes([0x1e, 0, 0, 0, prevent, 0]))
    assert r.status in (0, 2), r

# an aborted command has ended at the disk when the abort is answered; that it did the work of others is not disturbed
debug('ndelay', 900000000)
start = time.time()
itt = a.start(read10(0, 8), read=4096)
time.sleep(0.2)
other = b.start(read10(100, 8), read=4096)
time.sleep(0.1)
assert a.task_management(1, rtt=itt, refcmdsn=a.cmdsn - 1) == 0
took = time.time() - start
assert took >= 0.85, 'ABORT TASK was answered after %.2f s, while the disk still worked' % took
r = b.finish(other)
assert r.status == 0 and r.data == data, r
# nothing comes for the aborted one
debug('ndelay', 0)
r = a.scsi(tur)
assert r.status == 0, r

debug('ndelay', 900000000)
start = time.time()
other = b.start(read10(0, 8), read=4096)
time.sleep(0.2)
assert a.task_management(5) == 0
took = time.time() - start
assert took >= 0.85, 'LOGICAL UNIT RESET was answered after %.2f s' % took
debug('ndelay', 0)
r = b.finish(other)
assert r.status in (2, 0x40), r
a.settle(), b.settle()
a.logout(), b.logout()
PY
step "sense data, unit attentions, aborts"
run python3 "$TESTDIR/faults.py" "$SG" $DEBUG

step "resets under load, with a queue of two"
ini_login $I 127.0.0.1 $T
d=$(find_disk $I $T 0) || exit 1
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=32 --rw=randrw --bsrange=4k-128k --size=48M \
	--verify=crc32c --verify_fatal=1 --time_based --runtime="$(soak 300 20)" > "$TESTDIR/fio.out" 2>&1 &
sleep 3
for i in 1 2 3 4 5 6; do sg_reset -d "$d"; sleep 2; done
wait $! || { cat "$TESTDIR/fio.out"; fail "fio saw errors or wrong data"; }
grep -qiE 'verify.*fail|bad magic' "$TESTDIR/fio.out" && fail "wrong data"

step "reservations, and a place to leave them"
mkdir -p /var/tmp/left
put /var/tmp/left $DUMP
run sg_persist --no-inquiry --out --register --param-sark=0x1234567890abcdef "$d"
run sg_persist --no-inquiry --out --reserve --param-rk=0x1234567890abcdef --prout-type=1 "$d"
cat "$R/devices/$D/pr_state" > "$TESTDIR/state" || fail "pr_state"
cat "$TESTDIR/state"
grep -q '^reservation 01 00$' "$TESTDIR/state" || fail "no reservation"
grep -q '^registrant .* 1234567890abcdef 1 ' "$TESTDIR/state" || fail "no registration"
SERIAL=$(tail -c +5 "/sys/class/scsi_device/$D/device/vpd_pg80" | tr -d '\0 ')
[ -n "$SERIAL" ] || fail "the disk has no serial number"

step "the disk goes under load"
expect_dmesg "scst_disk: device $D: the host has removed the disk"
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=32 --rw=randrw --bsrange=4k-128k --size=48M \
	--time_based --runtime=20 > "$TESTDIR/fio.out" 2>&1 &
FIO=$!
sleep 4
put 1 "/sys/class/scsi_device/$D/device/delete"
gone() { [ ! -e "$R/devices/$D" ]; }
wait_for 30 gone || fail "$D stays"
wait_for 20 test -e "/var/tmp/left/$SERIAL" || { ls -la /var/tmp/left; fail "no reservations are left"; }
is "$(ls -A /var/tmp/left)" "$SERIAL" "what is left"
is "$(stat -c %a "/var/tmp/left/$SERIAL")" 600 "mode of the file"
cmp "/var/tmp/left/$SERIAL" "$TESTDIR/state" || { cat "/var/tmp/left/$SERIAL"; fail "other reservations are left"; }
wait $FIO && fail "fio did not notice"
is "$(ls $ISCSI/$T/luns)" mgmt "LUNs of the target"
no_lun()
{
	python3 - <<'PY'
import os, iscsi
try:
    s = iscsi.Session('127.0.0.1', target=os.environ['T'])
except iscsi.LoginError:
    raise SystemExit(0)
raise SystemExit('a target without LUN lets somebody in')
PY
}
run no_lun
is "$(cat $ISCSI/$T/sessions/*/initiator_name | sort -u)" "$I" "the session that lost its disk"

step "and comes back"
put "- - -" "/sys/class/scsi_host/$HOST/scan"
wait_for 20 test -d "$R/devices/$D" || fail "$D is not shown again"
put "add_device $D" $MGMT
is "$(cat "$R/devices/$D/pr_state")" "version 1
generation 0" "the state of a disk that has come back"
cat "/var/tmp/left/$SERIAL" > "$R/devices/$D/pr_state" || fail "what was left is refused"
cmp "$R/devices/$D/pr_state" "$TESTDIR/state" || fail "the state is not what was left"
add_lun $T 0 "$D"
put 1 "/sys/block/${d#/dev/}/device/rescan" || true
wait_for 30 dd if="$d" of=/dev/null bs=4k count=1 iflag=direct || echo "the initiator has dropped its disk"
refuse 'in use|busy' rmmod scsi_debug
ini_logout $I 127.0.0.1 $T
rm /var/tmp/left/*
put "del_device $D" $MGMT
is "$(ls -A /var/tmp/left)" "" "what del_device leaves"

step "nobody is registered; the directory is not there; there is none"
NOT_LEFT="scst_disk: device $D: reservations not written to /var/tmp/left/no/$SERIAL: error -(2|ENOENT)"
not_left() { dmesg | grep -qE "$NOT_LEFT"; }
expect_dmesg "$NOT_LEFT"
for dir in /var/tmp/left /var/tmp/left/no ""; do
	put "$dir" $DUMP
	put "add_device $D" $MGMT
	put 1 "/sys/class/scsi_device/$D/device/delete"
	wait_for 30 gone || fail "$D stays"
	case $dir in
	*/no) wait_for 20 not_left || fail "nothing tells that no reservations are left" ;;
	*/left) wait_for 20 test -e "$dir/$SERIAL" || fail "the empty state is not left" ;;
	esac
	put "- - -" "/sys/class/scsi_host/$HOST/scan"
	wait_for 20 test -d "$R/devices/$D" || fail "$D is not shown again"
done
is "$(cat "/var/tmp/left/$SERIAL")" "version 1
generation 0" "what is left of the one without registrations"

step "disks that go as soon as they have come"
for i in 1 2 3 4 5 6 7 8; do echo 1 > $DEBUG/add_host; echo -1 > $DEBUG/add_host; done
none_more() { [ "$(find $R/devices -mindepth 1 -maxdepth 1 | wc -l)" = "$(find /sys/class/scsi_disk -mindepth 1 | wc -l)" ]; }
wait_for 20 none_more || { ls $R/devices /sys/class/scsi_disk; fail "some have stayed"; }

# udev may still look at the disk that has just come back
wait_for 30 modprobe -r scsi_debug || fail "scsi_debug stays in use"
wait_for 10 gone || fail "$D stays without its driver"
