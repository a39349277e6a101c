# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# COMPARE AND WRITE that is aborted, at whatever moment, on a slow disk: without a whole comparison nothing is written.
# check: 6.1
# timeout: 300
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:caw
requires module:scsi_debug python3
run modprobe scsi_debug dev_size_mb=32 sector_size=4096 ndelay=200000000
udevadm settle
find_scsi_debug() { local d; for d in /sys/block/sd*; do grep -qs scsi_debug "$d/device/model" && echo "/dev/${d##*/}"; done; }
is_there() { [ -b "$(find_scsi_debug)" ]; }
wait_for 20 is_there || fail "no scsi_debug"
B=$(find_scsi_debug)
[ -b "$B" ] || fail "no scsi_debug"
scst_up
open_blockio caw "$B" blocksize=4096
add_target $T
add_lun $T 0 caw
enable_target $T
cat > "$TESTDIR/caw.py" <<'PY'
import time, struct, iscsi
T='iqn.2026-01.test:caw'
s = iscsi.Session('127.0.0.1', target=T, timeout=120)
s.settle(0)
BS, N = 4096, 64
def rd():
    r = s.scsi(struct.pack('>BBIxHx', 0x28, 0, 0, N), 0, read=N*BS)
    assert r.status == 0, r
    return r.data
def wr(data):
    r = s.scsi(struct.pack('>BBIxHx', 0x2a, 0, 0, N), 0, write=data)
    assert r.status == 0, r
for delay in (0.0, 0.1, 0.3, 0.5):
    wr(b'A' * (N*BS))
    verify = b'A' * (N*BS - BS) + b'X' * BS         # the last block differs
    new = b'B' * (N*BS)
    data = verify + new
    cdb = struct.pack('>BBQ3xBxx', 0x89, 0, 0, N)
    itt = s.start(cdb, 0, write=data)
    # serve R2Ts until all data are out
    sent = min(s._number('FirstBurstLength', 65536), s._number('MaxRecvDataSegmentLength', 8192))
    while sent < len(data):
        p = s.wait_for(iscsi.R2T, itt=itt)
        s._answer_r2t(p, data, 0)
        sent = p.offset + p.residual
    time.sleep(delay)
    t0 = time.time()
    rsp = s.task_management(1, 0, itt, (s.cmdsn - 1) & 0xffffffff)
    got = rd()
    print('aborted after %.1f s: function answered %d, %.1f s later' % (delay, rsp, time.time() - t0), flush=True)
    assert got == b'A' * (N*BS), 'written although the last block differs'
s.logout()
PY
run python3 "$TESTDIR/caw.py"
