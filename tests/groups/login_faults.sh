# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# System calls of the daemon's child fail one after another, the answer to the hand-over among
# them: a login ends with a status, with the end of the connection, or well; never does anybody
# but the kernel write to, or shut down, a connection that the kernel has taken over.
# check: 6.1
. /job/tests/qemu/lib.sh
requires strace
T=iqn.2026-01.test:loginfaults

cat > "$TESTDIR/t.py" <<'PY'
import os
import subprocess
import sys
import time

import iscsi
from kit import *

TARGET, DAEMON = sys.argv[1:3]
SESSIONS = ROOT + 'targets/iscsi/%s/sessions' % TARGET


def login(s):
    try:
        s.login()
    except iscsi.LoginError as e:
        return 'status 0x%04x' % e.status
    except iscsi.Closed:
        return 'closed'
    time.sleep(0.5)                     # whatever else the child may do, it has done now
    must(s.ping(b'alive') == b'alive', 'a login that went well has a connection that works')
    must(s.settle(0).read10(0, 0, 8).status == iscsi.GOOD and s.logout() == 0, 'and so has its session')
    return 'well'


def gone():
    for _ in range(100):
        if not os.listdir(SESSIONS):
            return True
        time.sleep(0.1)
    return False


outcomes = {}
for call, error in ('recvmsg', 'ENOBUFS'), ('sendmsg', 'ENOBUFS'), ('sendto', 'ENOMEM'), ('socket', 'ENOMEM'):
    for n in range(1, 9):
        trace = subprocess.Popen(['strace', '-f', '-qq', '-o', '/dev/null', '-p', DAEMON, '-e', 'trace=' + call,
                                  '-e', 'inject=%s:error=%s:when=%d' % (call, error, n)])
        while not get('/proc/%s/status' % DAEMON).split('TracerPid:')[1].split()[0] != '0':
            time.sleep(0.05)
        with iscsi.Session('127.0.0.1', target=TARGET, login=False) as s:
            end = login(s)
        trace.terminate()
        trace.wait()
        print('%s %d: %s' % (call, n, end), flush=True)
        outcomes[end] = outcomes.get(end, 0) + 1
        must(gone(), 'no session is left')
must(outcomes.get('well', 0) > 4 and len(outcomes) > 1, 'outcomes: %s' % outcomes)
PY

scst_up
open_nullio null size_mb=8
add_target $T
add_lun $T 0 null
enable_target $T
run python3 "$TESTDIR/t.py" $T "$(pgrep -o -x iscsi-scstd)"
scst_down || fail "something stays loaded"
