# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Who gets in, and where, on the running target: MaxSessions, redirect, per_portal_acl, a disabled target, sessions that
# replace one another while the disk hangs. Each refusal has its status, and whoever is in already notices nothing.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires dmsetup python3
T=iqn.2026-01.test:rules

run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
open_blockio slow /dev/mapper/slow tst=0
open_nullio null size_mb=8 removable=1 tst=0
add_target $T
add_lun $T 0 null
add_lun $T 1 slow
enable_target $T

cat > "$TESTDIR/t.py" << 'PY'
import os
import struct
import sys
import time
sys.path.insert(0, '/job/tests/raw')
import iscsi
from kit import ROOT, get, must, put, read10, suspended, write10

T = sys.argv[1]
DIR = ROOT + 'targets/iscsi/%s/' % T
HERE = '127.0.0.1'


def session(n=1, name='a', host=HERE, **how):
    how.setdefault('timeout', 30)
    return iscsi.Session(host, target=T, initiator='iqn.2026-01.test:' + name,
                         isid=bytes([0x80, 0, 0, 0]) + struct.pack('>H', n), **how)


def refused(status, what, **how):
    """Login ends with this status; the keys of the answer."""
    try:
        session(**how).close()
    except iscsi.LoginError as e:
        must(e.status == status, '%s: 0x%04x, wanted 0x%04x' % (what, e.status, status))
        return e.keys
    must(False, what + ': was let in')


def set_attr(name, value):
    must(put(value, DIR + name) == 0, '%s = %s' % (name, value))


def works(s, what):
    must(s.test_unit_ready(0).status == iscsi.GOOD, what)


def silent(s, what):
    """Nothing has come from the target, nor does it within half a second."""
    time.sleep(0.5)
    must(not s.queue, what + ': %r' % s.queue)
    s.sock.setblocking(False)
    try:
        s.sock.recv(1)
        must(False, what)
    except BlockingIOError:
        print('ok    ' + what)
    s.sock.settimeout(60)


def reinstating():
    found = []
    for name in os.listdir(DIR + 'sessions'):
        try:
            found.append(get(DIR + 'sessions/%s/reinstating' % name))
        except OSError:         # one that is just going
            pass
    return found


def max_sessions():
    a = session().settle(0)
    set_attr('MaxSessions', '2')
    with session(2) as b:
        b.settle(0)
        refused(0x0302, 'a third session', n=3)
        refused(0x0302, 'of another initiator', name='b')
        with session(2) as again:
            again.settle(0)
            must(b.wait_closed(), 'reinstatement counts once: the old one is closed')
            works(again, 'and the new one works')
            works(a, 'the first session noticed nothing')
            must(again.logout() == 0, 'logout')
    with session(3) as c:
        must(c.logout() == 0, 'there is room again')
    set_attr('MaxSessions', '0')
    with session(4) as b, session(5) as c:
        works(a, '0 is no limit')
        must(b.logout() == 0 and c.logout() == 0, 'logout')
    must(a.logout() == 0, 'logout')
    a.close()


def redirect():
    with session().settle(0) as a:
        for text, status, address in (('10.1.2.3 temp', 0x0101, '10.1.2.3'), ('10.1.2.3:3261 perm', 0x0102, '10.1.2.3:3261'),
                                      ('[fd00::1]:3300 temp', 0x0101, '[fd00::1]:3300')):
            set_attr('redirect', text)
            keys = refused(status, 'redirect to ' + text, n=2)
            must(keys.get('TargetAddress') == address, 'TargetAddress=%s' % keys.get('TargetAddress'))
        set_attr('redirect', '127.0.0.1:9999 perm')
        with session(2) as b:
            must(b.logout() == 0, 'not to where it comes from')
        works(a, 'who is in stays in')
        with iscsi.Session(HERE, discovery=True) as d:
            must(T in d.send_targets(), 'discovery is not redirected')
        set_attr('redirect', '\n')
        must(a.logout() == 0, 'logout')


def disabled():
    with session().settle(0) as a:
        set_attr('enabled', '0')
        refused(0x0301, 'disabled', n=2)
        refused(0x0301, 'disabled, the same port again')
        works(a, 'who is in stays in')
        set_attr('enabled', '1')
        with session(2) as b:
            must(b.logout() == 0, 'enabled again')
        must(a.logout() == 0, 'logout')


def unknown_sessions():
    with session().settle(0) as a:
        refused(0x020a, 'a TSIH that nobody has', n=1, tsih=a.tsih + 1)
        refused(0x020a, 'the TSIH of another port', n=2, tsih=a.tsih)
        refused(0x0206, 'a second connection', tsih=a.tsih, cid=7)
        works(a, 'none of them harmed the session')
        must(a.logout() == 0, 'logout')


def per_portal():
    """An initiator has LUNs in the group of one portal only."""
    for line, path in (('create portal', 'ini_groups/mgmt'), ('add null 5', 'ini_groups/portal/luns/mgmt'),
                       ('add iqn.2026-01.test:a#127.0.0.2', 'ini_groups/portal/initiators/mgmt')):
        must(put(line, DIR + path) == 0, line)
    set_attr('per_portal_acl', '1')
    for host, lun in (HERE, 0), ('127.0.0.2', 5):
        with session(host=host) as s:
            names = sorted(n for n in os.listdir(DIR + 'sessions'))
            print(names)
            s.settle(lun)
            must(s.test_unit_ready(lun).status == iscsi.GOOD, 'LUN %d at %s' % (lun, host))
            r = s.test_unit_ready(5 - lun)
            must(r.asc == (5, 0x25, 0), 'and not LUN %d: %r' % (5 - lun, r))
            must(s.logout() == 0, 'logout')
    set_attr('per_portal_acl', '0')
    with session(host='127.0.0.2') as s:
        s.settle(0)
        must(s.test_unit_ready(5).asc == (5, 0x25, 0), 'without per_portal_acl the portal does not matter')
        must(s.logout() == 0, 'logout')
    must(put('del portal', DIR + 'ini_groups/mgmt') == 0, 'del portal')


def another_portal():
    """With per_portal_acl the portal is part of the session's name, not of the port that is to be reinstated."""
    for what, host, acl in ('by another portal', '127.0.0.2', '1'), ('under another name', HERE, '0'):
        set_attr('per_portal_acl', '1')
        old = session().settle(1)
        with suspended('slow'):
            old.start(write10(0, 8), 1, write=b'p' * 4096)
            old.start(read10(8, 8), 1, read=4096)
            time.sleep(0.2)
            set_attr('per_portal_acl', acl)
            new = session(host=host)
            must(old.wait_closed(), 'the port comes again ' + what + ': the old session is closed')
            must(reinstating().count('1\n') == 1, 'reinstating: %s' % reinstating())
            must(new.test_unit_ready(1).asc == (6, 0x29, 7), 'I_T NEXUS LOSS OCCURRED')
            waits = new.start(read10(0, 8), 1, read=4096)
            silent(new, 'the new commands wait for the old ones')
        must(new.finish(waits, lun=1).status == iscsi.GOOD and new.logout() == 0, 'and run then')
        new.close()
    set_attr('per_portal_acl', '1')
    old = session().settle(1)
    refused(0x020a, 'by another portal LUNs may be other disks: the session does not go on there', host='127.0.0.2', tsih=old.tsih)
    must(old.test_unit_ready(1).status == iscsi.GOOD and old.logout() == 0, 'it goes on')
    old.close()
    set_attr('per_portal_acl', '0')


def reinstated():
    """A new session of the port takes over at once, though the disk of the old one hangs."""
    old, other = session().settle(1), session(name='b').settle(0).settle(1)
    must(old.scsi(bytes([0x16, 0, 0, 0, 0, 0]), 1).status == iscsi.GOOD, 'RESERVE(6)')
    must(old.write10(1, 0, b'o' * 4096).status == iscsi.GOOD, 'a write')
    with suspended('slow'):
        old.start(write10(0, 8), 1, write=b'x' * 4096)
        hanging = old.start(read10(8, 8), 1, read=4096)
        time.sleep(0.2)
        r = old.scsi(read10(0xfffffff0, 8)[:9] + b'\4', 1, read=4096)
        must(r.asc == (5, 0x21, 0), 'with NACA: an auto contingent allegiance: %r' % r)
        before = time.time()
        new = session()
        must(time.time() - before < 10, 'the login does not wait for the disk')
        must(old.wait_closed(), 'the old session is closed')
        must(new.tsih != old.tsih, 'the new one has a TSIH of its own')
        must(new.ping(b'ping') == b'ping', 'NOPs are answered')
        must('1\n' in reinstating(), 'reinstating: %s' % reinstating())
        r = new.test_unit_ready(1)
        must(r.asc == (6, 0x29, 7), 'I_T NEXUS LOSS OCCURRED: %r' % r)
        must(new.test_unit_ready(1).status == iscsi.GOOD, 'the disk does not look dead')
        waits = new.start(read10(0, 8), 1, read=4096)
        ordered = new.settle(0).start(read10(0, 8), 0, read=4096, attr=2)
        silent(new, 'the new commands wait, reservation or not')
        must(other.read10(1, 0, 1).status == iscsi.CONFLICT, 'the others stay out until the old ones have ended')
        must(other.read10(0, 0, 8).status == iscsi.GOOD, 'and on another device they need not wait for an ORDERED one that waits')
    data = new.finish(waits, lun=1).data
    must(new.finish(ordered).status == iscsi.GOOD, 'the ORDERED command')
    must(other.read10(1, 0, 1).status == iscsi.GOOD, 'then the reservation ends')
    new.settle(0)
    must(data in (b'o' * 4096, b'x' * 4096), 'the old write was done before or not at all: %r' % data[:8])
    must(new.read10(1, 0, 8).data == data, 'and never after')
    must(len(mine()) == 1, 'one session is left')
    must('1\n' not in reinstating(), 'nothing waits')
    must(hanging and new.logout() == 0 and other.logout() == 0, 'logout')
    new.close()
    other.close()


def logged_out():
    """The answer to a logout comes after the session's commands, or says that they go on. What it has reserved stays so until then."""
    reserve, release = bytes([0x16, 0, 0, 0, 0, 0]), bytes([0x17, 0, 0, 0, 0, 0])
    for late in False, True:
        a, b = session().settle(1), session(name='b').settle(1)
        must(a.scsi(reserve, 1).status == iscsi.GOOD, 'RESERVE(6)')
        with suspended('slow'):
            a.start(write10(0, 8), 1, write=b'l' * 4096)
            time.sleep(0.2)
            a.send(iscsi.logout_request(a.next_itt(), a.cmdsn))
            silent(a, 'no answer to the logout while the write runs')
            must(b.scsi(reserve, 1).status == iscsi.CONFLICT, 'nor does the reservation end')
            if late:
                must(a.wait_for(iscsi.LOGOUT_RSP).response == 3, 'after a while: cleanup failed')
                must(b.scsi(reserve, 1).status == iscsi.CONFLICT, 'it is reserved still')
        if not late:
            must(a.wait_for(iscsi.LOGOUT_RSP).response == 0, 'the write has ended: logged out')
            must(b.scsi(reserve, 1).status == iscsi.GOOD, 'and the reservation has ended')
        must(a.wait_closed(), 'the connection is closed')
        a.close()
        for _ in range(100):
            if b.scsi(reserve, 1).status == iscsi.GOOD:
                break
            time.sleep(0.1)
        must(b.scsi(release, 1).status == iscsi.GOOD and b.read10(1, 0, 8).status == iscsi.GOOD, 'nothing of it is left')
        must(b.logout() == 0, 'logout')
        b.close()


def taken_over():
    """What was reserved stays so until the last command of the session that reserved it has ended, whatever comes of its successor."""
    reserve, release = bytes([0x16, 0, 0, 0, 0, 0]), bytes([0x17, 0, 0, 0, 0, 0])
    for end in 'closed', 'logged out':
        a, b = session().settle(1), session(name='b').settle(1)
        must(a.scsi(reserve, 1).status == iscsi.GOOD, 'RESERVE(6)')
        with suspended('slow'):
            a.start(write10(0, 8), 1, write=b't' * 4096)
            time.sleep(0.2)
            successor = session()
            must(b.scsi(reserve, 1).status == iscsi.CONFLICT, 'reserved while the old session ends')
            must(end == 'closed' or successor.logout() == 0, 'logout')
            successor.close()
            for _ in range(100):
                if len(mine()) == 1:
                    break
                time.sleep(0.1)
            must(len(mine()) == 1, 'the successor has gone first, %s: %s' % (end, mine()))
            must(b.scsi(reserve, 1).status == iscsi.CONFLICT, 'reserved still')
        for _ in range(100):
            if b.scsi(reserve, 1).status == iscsi.GOOD:
                break
            time.sleep(0.1)
        must(b.scsi(release, 1).status == iscsi.GOOD and b.read10(1, 0, 8).status == iscsi.GOOD, 'nothing of it is left')
        must(b.logout() == 0, 'logout')
        b.close()


def reset():
    """A reset takes the reservation away when what it aborts is gone, not before; who reserves again meanwhile keeps it."""
    reserve, release = bytes([0x16, 0, 0, 0, 0, 0]), bytes([0x17, 0, 0, 0, 0, 0])
    a, b, c = [session(name=n).settle(0).settle(1) for n in 'abc']
    for function, again in (5, False), (6, False), (5, True):
        must(a.scsi(reserve, 1).status == iscsi.GOOD, 'RESERVE(6)')
        with suspended('slow'):
            a.start(write10(0, 8), 1, write=b'r' * 4096)
            time.sleep(0.2)
            itt = b.next_itt()
            b.send(iscsi.tmf(itt, b.cmdsn, function, 1))
            silent(b, 'the reset waits for the write')
            c.settle(0).settle(1)
            must(c.scsi(reserve, 1).status == iscsi.CONFLICT, 'reserved still')
            if again:
                a.settle(0).settle(1)
                must(a.scsi(reserve, 1).status == iscsi.GOOD, 'but not for who had reserved it')
        must(b.wait_for(iscsi.TMF_RSP, itt=itt).response == 0, 'reset %d has ended' % function)
        if again:
            must(c.scsi(reserve, 1).status == iscsi.CONFLICT, 'reserved again is reserved')
            must(a.scsi(release, 1).status == iscsi.GOOD, 'RELEASE(6)')
        must(c.scsi(reserve, 1).status == iscsi.GOOD and c.scsi(release, 1).status == iscsi.GOOD, 'free')
        for s in a, b, c:
            s.settle(0).settle(1)
    for s in a, b, c:
        must(s.logout() == 0, 'logout')


def tsih_gone():
    """A session that was reinstated is nobody's to go on with, though its commands still run."""
    old = session().settle(1)
    with suspended('slow'):
        old.start(write10(0, 8), 1, write=b'g' * 4096)
        time.sleep(0.2)
        new = session()
        must(new.tsih != old.tsih, 'reinstated')
        refused(0x020a, 'the TSIH of before', tsih=old.tsih)
        must(new.test_unit_ready(1).asc == (6, 0x29, 7), 'the new session is undisturbed')
    must(new.settle(0).settle(1).logout() == 0, 'logout')
    new.close()


def mine():
    return [n for n in os.listdir(DIR + 'sessions') if n.startswith('iqn.2026-01.test:a')]


def continued():
    """The connection is reinstated: the session goes on, and keeps what it had."""
    other = session(name='b').settle(0).settle(1)
    old = session(keys={'MaxBurstLength': '131072'}).settle(0).settle(1)
    must(old.scsi(bytes([0x16, 0, 0, 0, 0, 0]), 1).status == iscsi.GOOD, 'RESERVE(6)')
    prevent, eject = bytes([0x1e, 0, 0, 0, 1, 0]), bytes([0x1b, 0, 0, 0, 2, 0])
    must(old.scsi(prevent, 0).status == iscsi.GOOD, 'PREVENT ALLOW MEDIUM REMOVAL')
    must(put('16', ROOT + 'devices/null/size_mb') == 0, 'another size: a unit attention')
    must(other.test_unit_ready(0).asc == (6, 0x2a, 9), 'for all')
    with suspended('slow'):
        old.start(read10(8, 8), 1, read=4096)
        time.sleep(0.2)
        new = session(tsih=old.tsih)
        must(old.wait_closed(), 'the old connection is closed')
        must(new.tsih == old.tsih, 'the session has its TSIH still')
        must(new.negotiated['MaxBurstLength'] == 'Irrelevant', 'and what it had agreed on')
        must(new.ping(b'ping') == b'ping', 'NOPs are answered')
        must(new.test_unit_ready(1).status == iscsi.GOOD, 'no unit attention for a nexus that was not lost')
        must(other.read10(1, 0, 1).status == 0x18, 'reserved, for others')
        must(new.test_unit_ready(0).asc == (6, 0x2a, 9), 'the unit attention is still due')
        must(put('12', ROOT + 'devices/null/size_mb') == 0, 'another one while the old session ends')
        waits = new.start(read10(0, 8), 1, read=4096)
    must(new.finish(waits, lun=1).status == iscsi.GOOD, 'commands waited for the old ones')
    must(new.test_unit_ready(0).asc == (6, 0x2a, 9), 'the other unit attention')
    must(new.test_unit_ready(0).status == iscsi.GOOD, 'once')
    must(new.scsi(eject, 0).asc == (5, 0x53, 2), 'the medium is not to be removed')
    must(new.scsi(prevent[:4] + bytes(2), 0).status == iscsi.GOOD, 'ALLOW')
    must(len(mine()) == 1, 'one session is left: %s' % mine())
    must(other.read10(1, 0, 1).status == 0x18, 'still reserved')
    for n in range(4):
        old, new = new, session(tsih=new.tsih)
        must(old.wait_closed() and new.test_unit_ready(1).status == iscsi.GOOD, 'and again')
    must(new.scsi(bytes([0x17, 0, 0, 0, 0, 0]), 1).status == iscsi.GOOD, 'RELEASE(6)')
    must(other.read10(1, 0, 1).status == iscsi.GOOD, 'released')
    must(new.read10(1, 0, 8).status == iscsi.GOOD, 'it reads')
    new = unheard(new, other)
    last = session()
    must(last.tsih != new.tsih and last.test_unit_ready(0).asc == (6, 0x29, 7), 'without TSIH the session is reinstated')
    refused(0x020a, 'the TSIH is gone', tsih=new.tsih)
    must(last.settle(0).settle(1).logout() == 0 and other.logout() == 0, 'logout')


def unheard(s, other):
    """What is told once and not acknowledged is told again, or else that everything is to be looked at."""
    must(put('8', ROOT + 'devices/null/size_mb') == 0, 'a unit attention')
    s.settle(1)
    s.start(bytes(6), 0)
    time.sleep(0.5)
    a = session(tsih=s.tsih)
    must(s.wait_closed() and a.test_unit_ready(0).asc in ((6, 0x2a, 9), (6, 0x29, 7)), 'it may not have come: told again')
    other.settle(0)
    a.settle(0).settle(1)
    must(put('add null 9', DIR + 'luns/mgmt') == 0, 'another LUN: a message')
    time.sleep(0.5)
    b = session(tsih=a.tsih)
    must(a.wait_closed() and b.test_unit_ready(0).asc in ((6, 0x3f, 0xe), (6, 0x29, 7)), 'it may not have come: told again')
    b.settle(0).settle(1).settle(9)
    must(put('del 9', DIR + 'luns/mgmt') == 0, 'and without it')
    b.ping(b'one')
    b.ping(b'two')
    c = session(tsih=b.tsih)
    must(b.wait_closed() and c.test_unit_ready(1).status == iscsi.GOOD, 'what was acknowledged is not told again')
    set_attr('aen_disabled', '1')
    must(put('add null 9', DIR + 'luns/mgmt') == 0, 'another LUN: a unit attention')
    c.start(bytes([0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0]), 77, read=4096)
    time.sleep(0.5)
    d = session(tsih=c.tsih)
    must(c.wait_closed() and d.test_unit_ready(0).asc in ((6, 0x3f, 0xe), (6, 0x29, 7)), 'REPORT LUNS may not have told it: told again')
    d.settle(0).settle(1).settle(9)
    must(put('del 9', DIR + 'luns/mgmt') == 0 and d.report_luns().status == iscsi.GOOD, 'and without it')
    must(d.test_unit_ready(0).status == iscsi.GOOD, 'REPORT LUNS has told it')
    set_attr('aen_disabled', '0')
    other.settle(0)
    return d


for part in sys.argv[2:]:
    print('--- ' + part, flush=True)
    globals()[part]()
PY
allow_dmesg 'iscsi-scst: .*(MaxSessions|reinstatement|disabled)'
run python3 -u "$TESTDIR/t.py" $T max_sessions redirect disabled unknown_sessions per_portal another_portal reinstated logged_out taken_over reset tsih_gone continued
step "open-iscsi is led to another portal"
put "127.0.0.2 temp" $ISCSI/$T/redirect
ini_login $INI_DEFAULT 127.0.0.1 $T
iscsiadm -m session -P 1 | grep -q 'Current Portal: 127\.0\.0\.2:3260' || fail "it did not follow: $(iscsiadm -m session)"
d=$(find_disk $INI_DEFAULT $T 0) || exit 1
run dd if="$d" of=/dev/null bs=64k count=16 iflag=direct status=none
ini_logout $INI_DEFAULT 127.0.0.1 $T
step "nothing stays"
wait_for 30 no_sessions || fail "a session stays: $(echo $ISCSI/$T/sessions/*/)"
del_target $T
close_dev vdisk_blockio slow
close_dev vdisk_nullio null
scst_down || fail "something stays loaded"
run dmsetup remove slow
