# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# del_target while a login is on its way: either the session is there and the target stays (EBUSY), or the target goes and the
# login is refused. Once a session could appear on a target that was just being taken apart: kernel warnings, a lost session.
# timeout: 280
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
allow_dmesg 'target .* not deleted'
scst_up
open_nullio nul size_mb=64
cat > "$TESTDIR/race.py" <<'PY'
import collections, errno, os, random, sys, threading, time
import iscsi
R = '/sys/kernel/scst_tgt/targets/iscsi/'
T = 'iqn.2026-01.test:race'
SECONDS = int(sys.argv[1])

def put(text, path):
    """0 or errno. One write: a file object that fails to flush tries again when it is closed."""
    fd = os.open(R + path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    except OSError as e:
        return e.errno
    finally:
        os.close(fd)
    return 0

def make():
    assert put('add_target ' + T, 'mgmt') == 0
    assert put('add nul 0', T + '/luns/mgmt') == 0
    assert put('1', T + '/enabled') == 0

def login():
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:i', timeout=20)

def delete():
    for n in range(300):
        e = put('del_target ' + T, 'mgmt')
        if e != errno.EBUSY:
            return e
        time.sleep(0.02)
    return errno.EBUSY

def how_long():
    took = []
    make()
    for n in range(10):
        before = time.time()
        login().close()
        took.append(time.time() - before)
        time.sleep(0.1)
    assert delete() == 0
    return sorted(took)

def race(delay):
    """What became of the login, what of the deletion."""
    got = []
    go = threading.Event()

    def work():
        go.wait()
        try:
            got.append(login())
        except (iscsi.IscsiError, OSError) as e:
            got.append(e)

    make()
    t = threading.Thread(target=work)
    t.start()
    before = time.time()
    go.set()
    while time.time() - before < delay:
        pass
    e = put('del_target ' + T, 'mgmt')
    t.join()
    if not isinstance(got[0], iscsi.Session):
        assert e in (0, errno.EBUSY), e
        return 'refused', e
    if e == errno.EBUSY:
        s = got[0].settle()
        assert len(os.listdir(R + T + '/sessions')) == 1
        s.close()
        return 'session', e
    assert e == 0, e
    assert got[0].wait_closed(), 'a session without a target'
    return 'closed', e

took = how_long()
print('a login takes %.3f .. %.3f s' % (took[0], took[-1]), flush=True)
seen = collections.Counter()
end = time.time() + SECONDS
while time.time() < end:
    seen[race(random.uniform(took[0] * 0.5, took[-1] * 2))] += 1
    if os.path.isdir(R + T):
        assert delete() == 0, 'the target cannot be deleted'
print(dict(seen))
assert ('session', errno.EBUSY) in seen and ('refused', 0) in seen, 'the race was not met: %s' % dict(seen)
PY
run timeout 270 python3 "$TESTDIR/race.py" "$(soak 240 60)"
