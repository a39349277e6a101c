# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# READ of blocks that another initiator writes at the same time: the data may be old or new, the data digest is right.
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:dig
scst_up
open_fileio dig "$(mkdisk dig 16)"
add_target $T
add_lun $T 0 dig
put CRC32C,None $ISCSI/$T/DataDigest
enable_target $T
cat > "$TESTDIR/dig.py" <<'PY'
import multiprocessing
import time

import iscsi
T='iqn.2026-01.test:dig'
def writer(stop):
    s = iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:w', isid=b'\x80\0\0\0\0\2')
    s.settle(0)
    a, b = b'\x55'*65536, b'\xaa'*65536
    n = 0
    while not stop.is_set():
        assert s.write10(0, 0, a if n & 1 else b).status == 0
        n += 1
stop = multiprocessing.Event()
ws = [multiprocessing.Process(target=writer, args=(stop,)) for _ in range(1)]
s = iscsi.Session('127.0.0.1', target=T, keys={'DataDigest': 'CRC32C'})
s.settle(0)
assert s.data_digest
s.write10(0, 0, b'\x55'*65536)
for w in ws: w.start()
bad = good = 0
# count bad digests instead of stopping at the first
def recv(timeout=None):
    global bad, good
    bhs = s._read(48); ahs = s._read(4*bhs[4])
    length = iscsi.be32(bhs, 4) & 0xffffff
    padded = s._read(length + -length % 4)
    if s.data_digest and length:
        if s._read(4) != iscsi.crc32c(padded): bad += 1
        else: good += 1
    p = iscsi.Pdu(bhs, ahs, padded[:length]); s._follow(p); return p
s.recv = recv
end = time.time() + 15
while time.time() < end:
    s.read10(0, 0, 128)
stop.set()
for w in ws: w.join()
print('Data-In PDUs: good digest %d, bad digest %d' % (good, bad))
assert good and not bad
PY
run python3 "$TESTDIR/dig.py"
