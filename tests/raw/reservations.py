# SPDX-License-Identifier: GPL-2.0
"""Reservations as three initiators see them: reservations.py TARGET [restored | aborting DEVICE]"""
import socket
import struct
import sys

from iscsi import R2T, Session
from kit import BS, compare_and_write, must, read10, suspended, sync10, write10

GOOD, CHECK, CONFLICT = 0, 2, 0x18
REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_ABORT, IGNORE, MOVE = range(8)
TARGET = sys.argv[1]
NAMES = {c: 'iqn.2026-01.test:pr-' + c for c in 'abc'}
KEYS = {'a': 0xa, 'b': 0xb, 'c': 0xc}
PREEMPTED, RELEASED, REG_PREEMPTED = (6, 0x2a, 3), (6, 0x2a, 4), (6, 0x2a, 5)
ISID = bytes.fromhex('00023d000001')


def session(who):
    return Session('127.0.0.1', target=TARGET, initiator=NAMES[who], isid=ISID).settle()


def start_out(s, action, kind=0, key=0, sa_key=0, flags=0, more=b'', length=None):
    data = struct.pack('>QQ4xB3x', key, sa_key, flags) + more
    cdb = struct.pack('>BBB2xIx', 0x5f, action, kind, len(data) if length is None else length)
    return s.start(cdb, write=data)


def out(s, *args, **how):
    return s.finish(start_out(s, *args, **how))


def pr_in(s, action, length=1024):
    return s.scsi(struct.pack('>BB5xHx', 0x5e, action, length), read=length)


def keys(s):
    d = pr_in(s, 0).data
    n = struct.unpack('>I', d[4:8])[0]
    return list(struct.unpack('>%dQ' % (n // 8), d[8:8 + n]))


def tid(who):
    name = ('%s,i,0x%s' % (NAMES[who], ISID.hex())).encode() + b'\0'
    name = name.ljust((len(name) + 3) // 4 * 4, b'\0')
    return struct.pack('>BxH', 0x45, len(name)) + name


def ua(s):
    """What TEST UNIT READY tells, in turn."""
    told = []
    while True:
        r = s.test_unit_ready()
        if r.status != CHECK:
            return told
        told.append(r.asc)


def status(r, want, what):
    must(r.status == want, '%s: status %02x, wanted %02x' % (what, r.status, want))


def clean(a, *others):
    out(a, IGNORE, sa_key=1)
    status(out(a, CLEAR, key=1), GOOD, 'clear')
    for s in (a,) + others:
        ua(s)


def register_all(*pairs):
    for who, s in pairs:
        status(out(s, REGISTER, sa_key=KEYS[who]), GOOD, 'register ' + who)


def matrix(a, b, c):
    """Command; may a stranger under write exclusive; under exclusive access."""
    block = bytes(BS)
    cases = [('TEST UNIT READY', bytes(6), {}, 1, 1), ('READ', read10(0, 1), {'read': BS}, 1, 0),
             ('WRITE', write10(0, 1), {'write': block}, 0, 0), ('SYNC', sync10(), {}, 0, 0),
             ('CAW', compare_and_write(0, 1), {'write': block * 2}, 0, 0),
             ('INQUIRY', struct.pack('>BBBHB', 0x12, 0, 0, 96, 0), {'read': 96}, 1, 1),
             ('MODE SENSE', bytes([0x1a, 0, 0x3f, 0, 255, 0]), {'read': 255}, 1, 0),
             ('PR IN', struct.pack('>BB5xHx', 0x5e, 0, 64), {'read': 64}, 1, 1)]
    status(a.scsi(write10(0, 1), write=block), GOOD, 'zeroes for CAW')
    for kind in (1, 3, 5, 6, 7, 8):
        register_all(('a', a), ('b', b))
        status(out(a, RESERVE, kind, KEYS['a']), GOOD, 'reserve type %d' % kind)
        for name, cdb, how, we, ea in cases:
            stranger = we if kind in (1, 5, 7) else ea
            for who, s, may in (('holder', a, 1), ('registrant', b, stranger or kind >= 5), ('stranger', c, stranger)):
                status(s.scsi(cdb, **how), GOOD if may else CONFLICT, 'type %d %s %s' % (kind, who, name))
        clean(a, b, c)


def attentions(a, b, c):
    register_all(('a', a), ('b', b), ('c', c))
    status(out(a, RESERVE, 5, KEYS['a']), GOOD, 'reserve')
    must(out(a, RELEASE, 1, KEYS['a']).asc == (5, 0x26, 4), 'release of another type')
    status(out(a, RELEASE, 5, KEYS['a']), GOOD, 'release')
    must((ua(a), ua(b), ua(c)) == ([], [RELEASED], [RELEASED]), 'RESERVATIONS RELEASED')
    status(out(a, RESERVE, 5, KEYS['a']), GOOD, 'reserve')
    status(out(b, PREEMPT_ABORT, 1, KEYS['b'], KEYS['a']), GOOD, 'preempt and abort')
    must((ua(a), ua(b), ua(c)) == ([REG_PREEMPTED], [], [RELEASED]), 'REGISTRATIONS PREEMPTED, RELEASED')
    must(sorted(keys(a)) == [KEYS['b'], KEYS['c']], 'the preempted registration is gone')
    d = pr_in(a, 1).data
    must(d[7] == 16 and d[15] == KEYS['b'] and d[21] == 1, 'b holds type 1')
    status(out(c, CLEAR, 0, KEYS['c']), GOOD, 'clear')
    must((ua(a), ua(b), ua(c)) == ([], [PREEMPTED], []), 'RESERVATIONS PREEMPTED')
    must(keys(a) == [], 'no keys')


def errors(a):
    status(out(a, REGISTER, key=5, sa_key=6), CONFLICT, 'register with a key')
    must(out(a, REGISTER, sa_key=6, length=23).asc == (5, 0x1a, 0), 'short list')
    must(out(a, REGISTER, sa_key=6, more=b'1234').asc == (5, 0x1a, 0), 'long list')
    must(out(a, REGISTER, sa_key=6, flags=8, more=struct.pack('>I', 0xfffffff0)).asc == (5, 0x1a, 0), 'more TransportIDs than list')
    must(out(a, REGISTER, sa_key=6, flags=8, more=struct.pack('>I24s', 24, b'\xff' * 24)).asc == (5, 0x26, 0), 'bad TransportID')
    must(out(a, REGISTER, sa_key=6, length=1 << 20).asc == (5, 0x1a, 0), 'a megabyte')
    must(out(a, 8).asc == (5, 0x24, 0), 'unknown service action')
    must(keys(a) == [], 'nothing was registered')
    d = pr_in(a, 2).data
    must(d[:8] == bytes.fromhex('00081dc0ea010000'), 'capabilities ' + d.hex())


def listed_and_moved(a, b):
    named = tid('b') + tid('a') + tid('b')
    status(out(a, REGISTER, sa_key=9, flags=8, more=struct.pack('>I', len(named)) + named), GOOD, 'SPEC_I_PT')
    must(keys(b) == [9, 9], 'both are registered')
    status(out(b, RESERVE, 1, 9), GOOD, 'b reserves')
    d = pr_in(a, 3).data
    must(tid('b') in d and tid('a') in d, 'full status names both')
    move = struct.pack('>QQxB2sI', 9, 7, 2, d[26:28], len(tid('a'))) + tid('a')
    status(b.scsi(struct.pack('>BBB2xIx', 0x5f, MOVE, 1, len(move)), write=move), GOOD, 'REGISTER AND MOVE')
    must(keys(a) == [7], 'b is not registered any more')
    status(b.scsi(write10(0, 1), write=bytes(BS)), CONFLICT, 'b writes')
    status(a.scsi(write10(0, 1), write=bytes(BS)), GOOD, 'a writes')
    status(out(a, CLEAR, 0, 7), GOOD, 'clear')


def old_ones(a, b):
    reserve, release = bytes([0x16] + [0] * 5), bytes([0x17] + [0] * 5)
    status(a.scsi(reserve), GOOD, 'RESERVE(6)')
    status(a.scsi(bytes([0x56] + [0] * 9)), GOOD, 'RESERVE(10) again')
    status(b.scsi(reserve), CONFLICT, 'RESERVE(6) by another')
    status(b.scsi(read10(0, 1), read=BS), CONFLICT, 'READ by another')
    status(b.scsi(bytes([0xa3, 5] + [0] * 7 + [32, 0, 0]), read=32), GOOD, 'REPORT IDENTIFYING INFORMATION by another')
    status(b.scsi(release), GOOD, 'RELEASE by another')
    status(b.scsi(read10(0, 1), read=BS), CONFLICT, 'still reserved')
    status(pr_in(a, 0), CONFLICT, 'PERSISTENT RESERVE IN of the holder')
    status(out(b, REGISTER, sa_key=1), CONFLICT, 'PERSISTENT RESERVE OUT')
    status(a.scsi(release), GOOD, 'RELEASE')
    status(b.scsi(reserve), GOOD, 'RESERVE(6) by the other')
    a.task_management(5)
    ua(a), ua(b)
    status(a.scsi(reserve), GOOD, 'the reset released it')
    a.logout()
    status(b.scsi(reserve), GOOD, 'the logout released it')
    status(b.scsi(release), GOOD, 'RELEASE')
    a = session('a')
    register_all(('a', a))
    status(a.scsi(reserve), GOOD, 'RESERVE by a registrant')
    status(b.scsi(reserve), CONFLICT, 'RESERVE by a stranger')
    status(b.scsi(read10(0, 1), read=BS), GOOD, 'which reserves nothing')
    clean(a, b)
    return a


def restored():
    a, b = session('a'), session('b')
    must(sorted(keys(b)) == [0xa, 0xb], 'both keys are back')
    status(b.scsi(write10(0, 1), write=bytes(BS)), GOOD, 'b holds')
    status(a.scsi(write10(0, 1), write=bytes(BS)), CONFLICT, 'a does not')
    must(pr_in(a, 2).data[3] == 0xc1, 'PTPL_A')
    status(out(b, CLEAR, 0, KEYS['b']), GOOD, 'clear')


def waits(s, seconds=2):
    """Nothing is answered."""
    try:
        s.queue.append(s.recv(seconds))
    except socket.timeout:
        return True
    finally:
        s.sock.settimeout(60)
    print('      %s' % s.queue)
    return False


def writes(s, lba, block):
    """A WRITE that the target has begun to execute: the answer to a ping comes later."""
    itt = s.start(write10(lba, 1), write=block)
    s.ping()
    return itt


def all_registered(a, b, c):
    """Three sessions anew, a holds."""
    register_all(('a', a), ('b', b), ('c', c))
    status(out(a, RESERVE, 5, KEYS['a']), GOOD, 'reserve')


def aborting(device):
    a, b, c = session('a'), session('b'), session('c')
    block, cleared = bytes(BS), (6, 0x2f, 0)

    print('# a write that waits for its data')
    all_registered(a, b, c)
    mine = a.start(write10(0, 1), write=b'x' * BS, immediate_data=False)
    a.wait_for(R2T, itt=mine)
    other = c.start(write10(1, 1), write=block, immediate_data=False)
    status(out(b, PREEMPT_ABORT, 5, KEYS['b'], KEYS['a']), GOOD, 'preempt and abort')
    must(a.finish(mine).asc == cleared, 'the write of the victim is aborted')
    status(c.finish(other, block), GOOD, 'the write of another registrant')
    must(ua(a) == [REG_PREEMPTED] and ua(c) == [], 'attentions')
    must(b.scsi(read10(0, 1), read=BS).data != b'x' * BS, 'nothing was written')
    clean(b, a, c)

    print('# without abort: a write that has not begun does not begin')
    all_registered(a, b, c)
    mine = a.start(write10(0, 1), write=b'x' * BS, immediate_data=False)
    a.queue.append(a.wait_for(R2T, itt=mine))
    other = c.start(write10(1, 1), write=block, immediate_data=False)
    status(out(b, PREEMPT, 5, KEYS['b'], KEYS['a']), GOOD, 'preempt')
    status(a.finish(mine, b'x' * BS), CONFLICT, 'the write of the victim')
    status(c.finish(other, block), GOOD, 'the write of another registrant')
    must(b.scsi(read10(0, 1), read=BS).data != b'x' * BS, 'nothing was written')
    must(ua(a) == [REG_PREEMPTED], 'attention')
    clean(b, a, c)
    mine = a.start(write10(0, 1), write=b'x' * BS, immediate_data=False)
    a.queue.append(a.wait_for(R2T, itt=mine))
    status(b.scsi(bytes([0x16, 0, 0, 0, 0, 0])), GOOD, 'RESERVE(6)')
    status(a.finish(mine, b'x' * BS), CONFLICT, 'a write that came before it')
    status(b.scsi(bytes([0x17, 0, 0, 0, 0, 0])), GOOD, 'RELEASE(6)')
    must(b.scsi(read10(0, 1), read=BS).data != b'x' * BS, 'nothing was written')

    print('# commands that execute')
    all_registered(a, b, c)
    with suspended(device):
        mine, other = writes(a, 0, block), writes(c, 1, block)
        itt = start_out(b, PREEMPT_ABORT, 5, KEYS['b'], KEYS['a'])
        must(waits(b), 'no answer while a command of the victim executes')
        status(c.test_unit_ready(), GOOD, 'others are served meanwhile')
    status(b.finish(itt), GOOD, 'preempt and abort')
    must(a.finish(mine).asc == cleared, 'the write of the victim')
    status(c.finish(other), GOOD, 'the write of another registrant')
    clean(b, a, c)

    print('# the one that aborts is aborted, by whom it had aborted')
    all_registered(a, b, c)
    with suspended(device):
        mine = writes(a, 0, block)
        first = start_out(b, PREEMPT_ABORT, 5, KEYS['b'], KEYS['a'])
        must(waits(b), 'b waits')
        must(ua(a) == [REG_PREEMPTED], 'a is told')
        status(out(a, REGISTER, sa_key=KEYS['a']), GOOD, 'a registers again')
        second = start_out(a, PREEMPT_ABORT, 5, KEYS['a'], KEYS['b'])
        must(b.finish(first).asc == cleared, 'b waits no longer')
        must(waits(a), 'a waits for its own write')
    results = sorted((a.finish(itt).asc or (), itt) for itt in (second, mine))
    must(results == [((), second), (cleared, mine)], 'a has preempted b: %s' % results)
    clean(a, b, c)

    print('# the session of the one that waits ends')
    all_registered(a, b, c)
    with suspended(device):
        mine = writes(a, 0, block)
        start_out(b, PREEMPT_ABORT, 5, KEYS['b'], KEYS['a'])
        must(waits(b), 'b waits')
        b.close()
        b = session('b')
        must(sorted(keys(b)) == [KEYS['b'], KEYS['c']], 'b has preempted a')
    must(a.finish(mine).asc == cleared, 'the write of the victim')
    clean(b, a, c)


def main():
    a, b, c = session('a'), session('b'), session('c')
    errors(a)
    attentions(a, b, c)
    matrix(a, b, c)
    listed_and_moved(a, b)
    a = old_ones(a, b)
    for who, s in (('a', a), ('b', b)):
        status(out(s, REGISTER, sa_key=KEYS[who], flags=1), GOOD, 'register with APTPL')
    status(out(b, RESERVE, 1, KEYS['b']), GOOD, 'reserve')


if sys.argv[2:] == ['restored']:
    restored()
elif sys.argv[2:3] == ['aborting']:
    aborting(sys.argv[3])
else:
    main()
