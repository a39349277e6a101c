# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A thousand devices as LUNs of one target while a session looks on: REPORT LUNS, each LUN, the last one's directory, LUNs that
# come and go in a storm of writes from four sides; then all go and nothing stays.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:luns

cat > "$TESTDIR/t.py" <<'PY'
import os
import struct
import sys
import threading
import time

import iscsi
from kit import ROOT, must, put

T, N = sys.argv[1], 1000
LUNS = ROOT + 'targets/iscsi/%s/luns/mgmt' % T
NULLIO = ROOT + 'handlers/vdisk_nullio/mgmt'


def all_of(text, path, numbers=range(N)):
    """As many writes; errno that are not 0."""
    fd, errors = os.open(path, os.O_WRONLY), []
    for n in numbers:
        try:
            os.write(fd, (text % {'n': n}).encode())
        except OSError as e:
            errors.append((n, e.errno))
    os.close(fd)
    return errors


def reported(s):
    r = s.report_luns(16384)
    must(r.status == iscsi.GOOD, 'REPORT LUNS')
    n = struct.unpack('>I', r.data[:4])[0] // 8
    must(n * 8 + 8 == len(r.data), '%d LUNs in %d bytes' % (n, len(r.data)))
    return [struct.unpack('>H', r.data[8 + 8 * i:10 + 8 * i])[0] & 0x3fff for i in range(n)]


def took(what, since):
    print('-- %s: %.1f s' % (what, time.time() - since), flush=True)


start = time.time()
must(not all_of('add_device many%(n)d size_mb=%(n)d', NULLIO, range(1, N + 1)), '%d devices' % N)
took('devices', start)
must(put('add many%d 0' % N, LUNS) == 0, 'LUN 0')
s = iscsi.Session('127.0.0.1', target=T, timeout=60).settle()
start = time.time()
must(not all_of('add many%(n)d %(n)d', LUNS, range(1, N)), '%d LUNs' % N)
took('LUNs', start)
must(reported(s) == list(range(N)), 'all are reported, in order')
for lun in range(N):
    if lun:
        s.test_unit_ready(lun)
    r = s.scsi(bytes([0x25] + [0] * 9), lun, read=8)
    want = (lun or N) * 2048 - 1
    if r.status != iscsi.GOOD or struct.unpack('>I', r.data[:4])[0] != want:
        must(False, 'LUN %d: %r, wanted %d' % (lun, r, want))
must(True, 'each LUN has the size of its own device')
must(os.path.isdir(ROOT + 'targets/iscsi/%s/sessions/%s/lun%d' % (T, s.initiator, N - 1)), 'the last one has its directory')

start, errors = time.time(), []


def storm(first):
    mine = range(first, N, 4)
    for _ in range(2):
        errors.extend(all_of('del %(n)d', LUNS, mine))
        errors.extend(all_of('add many%(n)d %(n)d', LUNS, mine))


threads = [threading.Thread(target=storm, args=(n,)) for n in (1, 2, 3, 4)]
for t in threads:
    t.start()
looked = 0
while any(t.is_alive() for t in threads):
    luns = s.report_luns(16384)
    must(luns.status == iscsi.GOOD and luns.data[8:10] == b'\0\0', 'REPORT LUNS meanwhile')
    must(s.test_unit_ready().status in (iscsi.GOOD, iscsi.CHECK_CONDITION), 'LUN 0 answers')
    looked += 1
for t in threads:
    t.join()
took('storm, looked at %d times' % looked, start)
must(not errors, 'no write was refused: %s' % errors[:5])
must(reported(s) == list(range(N)), 'all are back')
start = time.time()
must(put('clear', LUNS) == 0, 'clear')
took('clear', start)
must(s.test_unit_ready(1).asc == (5, 0x25, 0), 'no LUN is left')
must(s.logout() == 0, 'logout')
start = time.time()
must(not all_of('del_device many%(n)d', NULLIO, range(1, N + 1)), 'the devices go')
took('devices', start)
PY
scst_up
add_target $T
put 1 $ISCSI/$T/aen_disabled	# thousands of messages would only fill the initiator
enable_target $T
run python3 -u "$TESTDIR/t.py" $T
scst_down || fail "something stays loaded"
