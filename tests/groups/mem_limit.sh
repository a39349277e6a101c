# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The memory that data of commands may take: beyond a device's limit, or that of all devices together, a command ends with
# BUSY, small ones pass, no connection suffers, and what ended makes room.
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:mem
run modprobe scst scst_max_cmd_mem=4 scst_max_dev_cmd_mem=2
is "$(cat /sys/module/scst/parameters/scst_max_cmd_mem)" 4 "the parameter"
scst_up
add_target $T
open_fileio mem0 "$(mkdisk mem0 64)"
put 0 $R/devices/mem0/read_by_reference	# else READ of cached data takes no memory
open_nullio mem1 size_mb=64
open_nullio mem2 size_mb=64
for n in 0 1 2; do
	add_lun $T $n mem$n
done
enable_target $T
cat > "$TESTDIR/mem.py" <<'PY'
import struct, sys, threading, time
import iscsi
T = sys.argv[1]
MIB = bytes(1 << 20)

def login(name):
    s = iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + name, keys={'InitialR2T': 'Yes'}, timeout=60)
    for lun in range(3):
        s.settle(lun)
    return s

def w10(blocks):
    return struct.pack('>BBIxHx', 0x2a, 0, 0, blocks)

def start(s, lun, data):
    return s.start(w10(len(data) // 512), lun, write=data, immediate_data=False)

def write(s, lun, data):
    return s.finish(start(s, lun, data), data, lun).status

def waits(s, lun):
    """Starts a write of 1 MiB, which gets its R2T and no data yet."""
    itt = start(s, lun, MIB)
    p = s.wait_for(iscsi.R2T, iscsi.SCSI_RSP, itt=itt)
    assert p.opcode == iscsi.R2T, 'refused with status %d although there is room' % p.status
    s.queue.append(p)
    return itt

a, b = login('a'), login('b')
held = [(a, lun, waits(a, lun)) for lun in (0, 0)]
assert write(a, 0, MIB) == iscsi.BUSY, 'beyond the limit of a device'
assert write(b, 0, MIB) == iscsi.BUSY, 'beyond it by another session'
r = a.read10(0, 0, 256)			# 128 KiB
assert r.status == iscsi.BUSY and not r.data, 'a READ beyond it: %r' % r
held += [(b, 1, waits(b, 1)), (b, 1, waits(b, 1))]
assert write(a, 2, MIB) == iscsi.BUSY, 'beyond the limit of all'
for lun in range(3):
    assert write(a, lun, bytes(4096)) == iscsi.GOOD, 'a small one'
    assert a.test_unit_ready(lun).status == iscsi.GOOD
    assert b.inquiry(lun).status == iscsi.GOOD
for s, lun, itt in held:
    assert s.finish(itt, MIB, lun).status == iscsi.GOOD, 'what had its memory'
for lun in range(3):
    assert write(b, lun, MIB) == iscsi.GOOD, 'there is room again'
assert write(a, 0, bytes(8 << 20)) == iscsi.GOOD, 'the longest one, alone'

# Whoever goes with memory held leaves none behind.
waits(a, 0), waits(a, 0)
a.close()
for n in range(100):
    if write(b, 0, MIB) == iscsi.GOOD:
        break
    time.sleep(0.1)
else:
    raise AssertionError('the memory of a closed session is not given back')

# A crowd: each gets all of its writes done in the end.
left = []

def crowd(name):
    s = login(name)
    for n in range(24):
        tries = 0
        while (status := write(s, n % 3, MIB)) != iscsi.GOOD:
            assert status == iscsi.BUSY, status
            tries += 1
            time.sleep(0.01 * min(tries, 20))
    left.append(name)

threads = [threading.Thread(target=crowd, args=('c%d' % n,)) for n in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
assert len(left) == 6, left
PY
run timeout 250 python3 "$TESTDIR/mem.py" $T
