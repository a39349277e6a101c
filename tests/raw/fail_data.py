#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our Nth allocation fails on the way of commands and requests, whoever makes it: fail_data.py TARGET SLOW PARTS NAME=LUN...

A command that gets no memory ends with BUSY or TASK SET FULL, anything else with a Reject, and works when it is sent again.
SLOW is the device-mapper device below the LUN named "block". PARTS, with commas between: functions at the end of this file.
"""
import os
import random
import struct
import sys
import threading
import time

import faults
import iscsi
import odx
from faults import must_quietly
from kit import *

TARGET, SLOW, PARTS = sys.argv[1:4]
LUNS = {name: int(lun) for name, lun in (a.split('=') for a in sys.argv[4:])}
T = ROOT + 'targets/iscsi/%s/' % TARGET
BURSTS = (1, 2, 16) if os.environ.get('SCST_SOAK') == '1' else (1, 16)       # so many calls in a row
DISKS = 'cached', 'direct', 'memory', 'block', 'null'
FUA = 8
anyone = faults.Anyone()


def session(**how):
    s = iscsi.Session('127.0.0.1', target=TARGET, **how)
    for lun in LUNS.values():
        s.settle(lun)
    return s


def fine(r, data):
    return r.status == iscsi.GOOD and (data is None or r.data == data)


def walk(name, send, right, refused, prepare=lambda: None):
    """send() with failure 1, 2, 3 ...; right(result): it did what it should, refused(result): it honestly did nothing.

    prepare() comes before the first send() of each failure, without failures of its own.
    """
    injected = 0
    prepare()
    first = send()
    must_quietly(right(first), '%s without failures: %r' % (name, first))
    for burst in BURSTS:
        for nth in range(1, faults.LIMIT):
            prepare()
            result, hit = anyone.call(nth, send, burst=burst)
            must_quietly(right(result) or hit and refused(result), '%s: %d failures from %d on: %r' % (name, burst, nth, result))
            if right(result):
                prepare()
            result = send()
            must_quietly(right(result), '%s: after %d failures from %d on: %r' % (name, burst, nth, result))
            if not hit:
                break
            injected += 1
    faults.report(name, injected)


def busy(r):
    return r.status in (iscsi.BUSY, iscsi.SET_FULL) and not r.data


def scsi(s, name, lun, cdb, want=None, optional=False, **how):
    if optional and s.scsi(cdb, lun, **how).asc == (5, 0x20, 0):
        return
    walk(name, lambda: s.scsi(cdb, lun, **how), lambda r: fine(r, want), busy)


def parameters(s, kind, lun):
    """Commands without blocks."""
    mode = s.scsi(bytes([0x1a, 8, 0x0a, 0, 255, 0]), lun, read=255).data
    select = bytes(4) + bytes([mode[4] & 0x3f]) + mode[5:]
    for name, cdb, length in (
            ('INQUIRY', [0x12, 0, 0, 0, 255, 0], 255), ('INQUIRY page 83h', [0x12, 1, 0x83, 0, 255, 0], 255),
            ('INQUIRY page B0h', [0x12, 1, 0xb0, 0, 255, 0], 255), ('MODE SENSE(6)', [0x1a, 0, 0x3f, 0, 255, 0], 255),
            ('MODE SENSE(10)', [0x5a, 0, 0x3f, 0, 0, 0, 0, 2, 0, 0], 512),
            ('READ CAPACITY(10)', [0x25] + [0] * 9, 8), ('READ CAPACITY(16)', [0x9e, 0x10] + [0] * 11 + [32, 0, 0], 32),
            ('REPORT LUNS', [0xa0] + [0] * 7 + [16, 0, 0, 0], 4096), ('REQUEST SENSE', [3, 0, 0, 0, 252, 0], 252),
            ('REPORT SUPPORTED OPERATION CODES', [0xa3, 0x0c, 0x80, 0, 0, 0, 0, 0, 0x20, 0, 0, 0], 8192),
            ('READ BUFFER, data', [0x3c, 2, 0, 0, 0, 0, 0, 16, 0, 0], 4096), ('READ BUFFER, descriptor', [0x3c, 3] + [0] * 6 + [4, 0], 4),
            ('RECEIVE DIAGNOSTIC RESULTS', [0x1c, 1, 0, 0, 252, 0], 252), ('READ DEFECT DATA(12)', [0xb7] + [0] * 8 + [8, 0, 0], 8),
            ('REPORT IDENTIFYING INFORMATION', [0xa3, 5] + [0] * 6 + [0, 8, 0xfe, 0], 2048),
            ('REPORT TARGET PORT GROUPS', [0xa3, 0x0a] + [0] * 6 + [16, 0, 0, 0], 4096),
            ('REPORT SUPPORTED TMFS', [0xa3, 0x0d] + [0] * 7 + [16, 0, 0], 16), ('LOG SENSE', [0x4d] + [0] * 6 + [2, 0, 0], 512)):
        want = s.scsi(bytes(cdb), lun, read=length)
        if want.asc == (5, 0x20, 0) and kind == 'null':
            continue
        must_quietly(want.status == iscsi.GOOD, '%s %s: %r' % (kind, name, want))
        scsi(s, '%s %s' % (kind, name), lun, bytes(cdb), want.data, read=length)
    scsi(s, kind + ' WRITE BUFFER, echo', lun, bytes([0x3b, 0x0a, 0, 0, 0, 0, 0, 0, 252, 0]), write=pattern(0, 1)[:252])
    scsi(s, kind + ' READ BUFFER, echo', lun, bytes([0x3c, 0x0a, 0, 0, 0, 0, 0, 0, 252, 0]), pattern(0, 1)[:252], read=252)
    scsi(s, kind + ' SEND DIAGNOSTIC', lun, bytes([0x1d, 4, 0, 0, 0, 0]))
    if mode[4] & 0x80:
        scsi(s, kind + ' MODE SELECT(6), saved', lun, bytes([0x15, 0x11, 0, 0, len(select), 0]), write=select)
    scsi(s, kind + ' MODE SELECT(6)', lun, bytes([0x15, 0x10, 0, 0, len(select), 0]), write=select)
    for name, cdb in (('TEST UNIT READY', [0] * 6), ('SYNCHRONIZE CACHE', [0x35] + [0] * 9), ('START STOP UNIT', [0x1b, 0, 0, 0, 1, 0])):
        scsi(s, '%s %s' % (kind, name), lun, bytes(cdb))


def blocks(s, kind, lun):
    """Commands that move or name blocks. nullio reads as zeroes, whatever was written."""
    null = kind == 'null'
    text = (lambda lba, n: bytes(n * BS)) if null else pattern
    for what, n in ('4k', 8), ('256k', 512), ('2M', 4096):
        scsi(s, '%s WRITE %s' % (kind, what), lun, write10(0, n), write=text(0, n))
        scsi(s, '%s READ %s' % (kind, what), lun, read10(0, n), text(0, n), read=n * BS)
    scsi(s, kind + ' WRITE 4k, FUA', lun, write10(0, 8, FUA), write=text(0, 8))
    scsi(s, kind + ' WRITE AND VERIFY', lun, write_verify10(0, 512), write=text(0, 512))
    scsi(s, kind + ' VERIFY', lun, verify10(0, 512))
    scsi(s, kind + ' VERIFY, comparing', lun, verify10(0, 512, 1), write=text(0, 512))
    scsi(s, kind + ' COMPARE AND WRITE', lun, compare_and_write(0, 8), write=text(0, 8) * 2)
    scsi(s, kind + ' WRITE SAME', lun, write_same10(4096, 1024), write=text(1, 1))
    scsi(s, kind + ' ORWRITE', lun, struct.pack('>BBQIxx', 0x8b, 0, 0, 64), write=text(0, 64))
    scsi(s, kind + ' WRITE SAME of zeroes', lun, write_same10(4096, 1024), write=bytes(BS))
    scsi(s, kind + ' GET LBA STATUS', lun, lba_status(0), read=1032)
    if not null:
        cdb, data = unmap(*((4096 + 16 * i, 8) for i in range(64)))
        scsi(s, kind + ' UNMAP', lun, cdb, optional=True, write=data)       # or a disk that cannot discard


def fresh(kind, lun):
    """The first command of a session finds a slot that has nothing yet."""
    def first(cdb, **how):
        s = session()
        anyone.arm(*first.nth)
        r = s.scsi(cdb, lun, **how)
        first.left = anyone.disarm()
        must_quietly(s.logout() == 0, 'logout')
        s.close()
        return r

    text = bytes(512 * BS) if kind == 'null' else pattern(0, 512)
    for name, cdb, how, want in (('WRITE 256k', write10(0, 512), {'write': text}, None),
                                 ('READ 256k', read10(0, 512), {'read': 512 * BS}, text)):
        injected = 0
        for burst in BURSTS:
            for nth in range(1, faults.LIMIT):
                first.nth = nth, burst
                r = first(cdb, **how)
                hit = first.left < burst
                must_quietly(fine(r, want) or hit and busy(r), '%s first %s: %d from %d: %r' % (kind, name, burst, nth, r))
                if not hit:
                    break
                injected += 1
        faults.report('%s %s, first of a session' % (kind, name), injected)


def unit_attentions(s):
    """REQUEST SENSE and REPORT LUNS that fail have told nothing: the condition is still there."""
    lun, injected = LUNS['null'], 0
    for nth in range(1, faults.LIMIT):
        must_quietly(put('replace null %d' % lun, T + 'luns/mgmt', True) == 0, 'replace')
        r, hit = anyone.call(nth, s.scsi, bytes([3, 0, 0, 0, 252, 0]), lun, 252, burst=2)
        if busy(r):
            must_quietly(hit, 'BUSY without a failure')
            r = s.scsi(bytes([3, 0, 0, 0, 252, 0]), lun, read=252)
        must_quietly((r.data[2] & 15, r.data[12], r.data[13]) == (6, 0x3f, 3), 'the unit attention after failure %d: %r' % (nth, r.data))
        if not hit:
            break
        injected += 1
    faults.report('REQUEST SENSE with a unit attention', injected)


# --- what is no SCSI command ---

def rejected(result):
    return isinstance(result, iscsi.IscsiError) and 'Reject 0x0a' in str(result)


def attempt(fn, *args):
    try:
        return fn(*args)
    except iscsi.Closed:
        raise
    except iscsi.IscsiError as e:
        return e


def requests():
    s = session()
    data = pattern(0, 100)
    walk('NOP-Out with data', lambda: attempt(s.ping, data), lambda r: r == data, rejected)
    injected = 0
    for burst in BURSTS:                # the exchange's memory stays: a session for each
        for nth in range(1, faults.LIMIT):
            t = session(isid=bytes([0x80, 0, 0, 0, 0, 7]))
            r, hit = anyone.call(nth, attempt, t.text, {'SendTargets': ''}, burst=burst)
            must_quietly(isinstance(r, list) or hit and rejected(r), 'Text: %d from %d: %r' % (burst, nth, r))
            must_quietly(isinstance(t.text({'SendTargets': ''}), list), 'Text after failure %d' % nth)
            must_quietly(t.logout() == 0, 'logout')
            t.close()
            if not hit:
                break
            injected += 1
    faults.report('Text', injected)
    must(s.logout() == 0, 'logout')


def logins():
    """Through the daemon: out of resources is what the initiator is told."""
    injected = refused = 0
    for burst in BURSTS:
        for nth in range(1, faults.LIMIT):
            anyone.arm(nth, burst)
            try:
                s = iscsi.Session('127.0.0.1', target=TARGET, isid=bytes([0x80, 0, 0, 0, 0, 8]))
            except iscsi.LoginError as e:
                must_quietly(e.status == 0x0302, 'login: %s' % e)
                s = None
                refused += 1
            hit = anyone.disarm() < burst
            must_quietly(s or hit, 'a login refused without a failure')
            with s or iscsi.Session('127.0.0.1', target=TARGET, isid=bytes([0x80, 0, 0, 0, 0, 8])) as s:
                s.settle(0)
                r, out = anyone.call(nth, s.logout, burst=burst)
                must_quietly(r == 0, 'logout')
            if not hit and not out:
                break
            injected += hit + out
    must(refused > 0, '%d logins were refused' % refused)
    faults.report('login through the daemon, logout', injected)


def functions():
    """Task management and the end of a session, with commands under way that wait for the disk: they need no memory."""
    lun, injected, burst = LUNS['block'], 0, 1000
    for nth in 1, 3:
        for function in 1, 2, 5, 6, 0:              # 0: the connection is cut
            s = session(isid=bytes([0x80, 0, 0, 0, 0, 9]))
            with suspended(SLOW):
                sn = s.cmdsn
                itt = s.start(read10(0, 512), lun, read=512 * BS)
                s.start(write10(0, 128), lun, write=pattern(0, 128))
                time.sleep(0.05)
                anyone.arm(nth, burst)
                if function:
                    tag = s.next_itt()
                    s.send(iscsi.tmf(tag, s.cmdsn, function, lun, itt if function == 1 else iscsi.RESERVED, sn))
                else:
                    s.close()
                time.sleep(0.05)
            if function:
                must_quietly(s.wait_for(iscsi.TMF_RSP, itt=tag).response == 0, 'function %d is complete' % function)
            injected += burst - anyone.disarm()
            if function:
                s.settle(lun)
                r = s.read10(lun, 0, 8)
                must_quietly(fine(r, pattern(0, 8)), 'after function %d: %r' % (function, r))
                must_quietly(s.logout() == 0, 'logout')
                s.close()
    faults.report('task management, connections cut', injected)


def under_load():
    """A fifth of all allocations fails, of four sessions at once: nothing but BUSY, and every GOOD is true."""
    wrong, outcomes = [], [0, 0]

    def load(n):
        rnd = random.Random(n)
        s = session(isid=bytes([0x80, 0, 0, 0, 1, n]))
        start.wait()
        for _ in range(60):
            name = rnd.choice([k for k in DISKS if k != 'null'])
            lba, blocks_ = 16384 + 1024 * n + rnd.randrange(0, 512, 8), rnd.choice((8, 128, 512))
            if rnd.random() < 0.3:
                results = [(s.scsi(verify10(lba, blocks_), LUNS[name]), None)]
            else:
                w = s.scsi(write10(lba, blocks_), LUNS[name], write=pattern(lba, blocks_))
                r = s.scsi(read10(lba, blocks_), LUNS[name], read=blocks_ * BS)
                results = [(w, None), (r, pattern(lba, blocks_) if w.status == iscsi.GOOD else None)]
            for r, want in results:
                if not (fine(r, want) or busy(r)):
                    wrong.append('%s %d+%d: %r' % (name, lba, blocks_, r))
                outcomes[r.status != iscsi.GOOD] += 1
        done.wait()
        if s.logout():
            wrong.append('logout')

    start, done = threading.Barrier(5), threading.Barrier(5)
    threads = [threading.Thread(target=load, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    start.wait()
    faults.setting('fail_function', times=-1, space=0, interval=1, probability=20)
    done.wait(1200)
    anyone.disarm()
    for t in threads:
        t.join()
    must(not wrong, 'under load: %s' % wrong[:3])
    must(outcomes[0] and outcomes[1], 'under load: %d went well, %d were told BUSY' % tuple(outcomes))


# --- what keeps state ---

def pr_out(s, action, kind=0, key=0, sa_key=0, flags=0):
    return s.scsi(struct.pack('>BBB2xIx', 0x5f, action, kind, 24), PR_LUN, write=struct.pack('>QQ4xB3x', key, sa_key, flags))


def pr_state(s):
    return [s.scsi(struct.pack('>BB5xHx', 0x5e, action, 1024), PR_LUN, read=1024).data for action in (0, 1)]


def reservations():
    """Refused means as before, for the one who asks and for who reads; APTPL goes through the file."""
    a, b = session(), session(isid=bytes([0x80, 0, 0, 0, 0, 2]))
    good = lambda r: r.status == iscsi.GOOD

    def clear():
        for s in a, b:
            s.settle(PR_LUN)
        must_quietly(good(pr_out(a, 6, sa_key=1)) and good(pr_out(a, 3, key=1)), 'clear')
        b.settle(PR_LUN)

    def registered(*keys):
        clear()
        for s, key in zip((a, b), keys):
            must_quietly(good(pr_out(s, 6, sa_key=key, flags=1)), 'register')

    def reserved():
        registered(1, 2)
        must_quietly(good(pr_out(a, 1, 1, 1)), 'reserve')

    def path(name, prepare, s, *args, **how):
        def before():
            prepare()
            before.state = pr_state(a)[0][8:], pr_state(a)[1][8:]

        def refused(r):
            now = pr_state(a)
            return busy(r) and (now[0][8:], now[1][8:]) == before.state
        walk('PERSISTENT RESERVE OUT ' + name, lambda: pr_out(s, *args, **how), good, refused, before)
        b.settle(PR_LUN)
        a.settle(PR_LUN)

    path('REGISTER', clear, a, 0, sa_key=1)
    path('REGISTER, to be kept', clear, a, 0, sa_key=1, flags=1)
    path('RESERVE', lambda: registered(1), a, 1, 1, 1)
    path('RELEASE', reserved, a, 2, 1, 1)
    path('PREEMPT', reserved, b, 4, 1, 2, 1)
    path('PREEMPT AND ABORT', reserved, b, 5, 1, 2, 1)
    path('CLEAR', reserved, a, 3, 0, 1)
    reserved()
    for action, name in enumerate(('READ KEYS', 'READ RESERVATION', 'REPORT CAPABILITIES', 'READ FULL STATUS')):
        cdb = struct.pack('>BB5xHx', 0x5e, action, 4096)
        scsi(a, 'PERSISTENT RESERVE IN ' + name, PR_LUN, cdb, a.scsi(cdb, PR_LUN, read=4096).data, read=4096)
    clear()
    for name, cdb in ('RESERVE(6)', [0x16] + [0] * 5), ('RELEASE(6)', [0x17] + [0] * 5):
        scsi(a, name, PR_LUN, bytes(cdb))
    must(a.logout() == 0 and b.logout() == 0, 'logout')


def copies():
    """EXTENDED COPY from one disk to another: BUSY before it began, or the copy manager's own words."""
    s = session()
    src, dst = LUNS['cached'], LUNS['block']
    data = pattern(0, 1024)
    must_quietly(s.write10(src, 0, data).status == iscsi.GOOD, 'WRITE')

    def name_of(lun):
        page, at = s.inquiry(lun, page=0x83, length=512).data, 4
        while page[at] & 15 != 1 or page[at + 1] & 0x30 or page[at + 3] > 20:       # binary, of the logical unit
            at += 4 + page[at + 3]
        return page[at:at + 4 + page[at + 3]]

    ends = b''.join(struct.pack('>BBH', 0xe4, 0, 0) + name_of(lun).ljust(24, b'\0') + struct.pack('>I', BS) for lun in (src, dst))
    segment = struct.pack('>BBHHHHHQQ', 2, 0, 0x18, 0, 1, 0, 1024, 0, 2048)
    params = struct.pack('>BBH4xII', 0, 0, len(ends), len(segment), 0) + ends + segment
    cdb = struct.pack('>B9xIxx', 0x83, len(params))

    def right(r):
        return r.status == iscsi.GOOD and s.read10(dst, 2048, 1024).data == data

    def refused(r):
        # 3rd party failures carry the status of the one that failed; COPY ABORTED: nothing may be taken for copied
        return busy(r) or r.asc and r.asc[0] == 0xa

    walk('EXTENDED COPY', lambda: s.scsi(cdb, src, write=params), right, refused,
         lambda: s.write10(dst, 2048, bytes(1024 * BS)))
    for what, action in ('COPY STATUS', 0), ('OPERATING PARAMETERS', 3), ('FAILED SEGMENT DETAILS', 4):
        walk('RECEIVE COPY RESULTS ' + what, lambda: s.scsi(struct.pack('>BBB7xIxx', 0x84, action, 0, 512), src, read=512),
             lambda r: r.status == iscsi.GOOD, busy)
    must(s.logout() == 0, 'logout')


def tokens():
    """POPULATE TOKEN and WRITE USING TOKEN: BUSY, a copy that says it failed, or all of it. Whoever asks gets the truth."""
    s = session()
    src, dst = LUNS['cached'], LUNS['block']
    data, zero = pattern(0, 1024), bytes(1024 * BS)
    must_quietly(s.write10(src, 0, data).status == iscsi.GOOD, 'WRITE')
    copied = lambda: s.read10(dst, 2048, 1024).data == data

    def told(lun, list_id):
        """The information, however often there is no memory for it."""
        while True:
            r = odx.info(s, lun, list_id)
            if not busy(r):
                must_quietly(r.status == iscsi.GOOD, 'RECEIVE ROD TOKEN INFORMATION: %r' % r)
                return r.data

    def populate():
        r = odx.populate(s, src, odx.populate_list([(0, 512), (512, 512)], timeout=600), 1)
        return r, told(src, 1) if r.status == iscsi.GOOD else b''

    walk('POPULATE TOKEN', populate, lambda r: r[0].status == iscsi.GOOD and len(r[1]) == 550, lambda r: busy(r[0]))
    token = populate()[1][38:]

    def use(flags):
        r = odx.use(s, dst, token, [(2048, 1024)], list_id=2, flags=flags)
        while flags and r.status == iscsi.GOOD and told(dst, 2)[5] == odx.BACKGROUND:
            time.sleep(0.01)
        return r, told(dst, 2) if r.status == iscsi.GOOD else b''

    def refused(r):
        # in the background its information alone tells: the status of the copy, and sense data
        return busy(r[0]) or r[0].asc and r[0].asc[0] == 0xa or r[1] and r[1][5] == odx.FAILED and r[1][13]

    for name, flags in ('WRITE USING TOKEN', 0), ('WRITE USING TOKEN, IMMED', odx.IMMED):
        walk(name, lambda: use(flags), lambda r: r[0].status == iscsi.GOOD and r[1][5] == odx.DONE and copied(), refused,
             lambda: s.write10(dst, 2048, zero))
    walk('RECEIVE ROD TOKEN INFORMATION', lambda: odx.info(s, dst, 2), lambda r: r.status == iscsi.GOOD and r.data[5] == odx.DONE, busy)
    want = odx.all_tokens(s, src)
    must_quietly(len(want) >= 8 + 96, 'there are tokens')
    scsi(s, 'REPORT ALL ROD TOKENS', src, struct.pack('>BB8xIxx', 0x84, 8, 8192), want, read=8192)
    must(s.logout() == 0, 'logout')


def erasures():
    """FORMAT UNIT and SANITIZE: what is refused has not begun."""
    s = session()
    lun = LUNS['erased']
    text = pattern(0, 64)
    overwrite = struct.pack('>BxH', 1, 4) + b'abcd'

    def path(name, cdb, write, after):
        walk(name, lambda: s.scsi(cdb, lun, write=write), lambda r: fine(r, None) and s.read10(lun, 0, 64).data == after,
             lambda r: busy(r) and s.read10(lun, 0, 64).data == text, lambda: s.write10(lun, 0, text))

    path('SANITIZE, overwrite', struct.pack('>BB5xHx', 0x48, 1, len(overwrite)), overwrite, b'abcd' * (16 * BS))
    path('FORMAT UNIT', bytes([4, 0, 0, 0, 0, 0]), b'', text)       # what the blocks hold then is the disk's affair: as before
    must(s.logout() == 0, 'logout')


def hosts_disk():
    """Passed through: the buffers are ours, the rest is the block layer's."""
    s = session()
    lun, text = LUNS['host'], pattern(0, 512)
    for what, n in ('4k', 8), ('256k', 512):
        scsi(s, 'dev_disk WRITE %s' % what, lun, write10(0, n), write=text[:n * BS])
        scsi(s, 'dev_disk READ %s' % what, lun, read10(0, n), text[:n * BS], read=n * BS)
    for name, cdb, length in (('INQUIRY', [0x12, 0, 0, 0, 96, 0], 96), ('MODE SENSE(6)', [0x1a, 0, 0x3f, 0, 252, 0], 252),
                              ('READ CAPACITY(10)', [0x25] + [0] * 9, 8), ('REPORT LUNS', [0xa0] + [0] * 7 + [16, 0, 0, 0], 4096)):
        want = s.scsi(bytes(cdb), lun, read=length)
        must_quietly(want.status == iscsi.GOOD, '%s: %r' % (name, want))
        scsi(s, 'dev_disk ' + name, lun, bytes(cdb), want.data, read=length)
    must(s.logout() == 0, 'logout')


def cdrom():
    s = session()
    lun = LUNS['cd']
    for name, cdb, length in (('READ', [0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0], 8192), ('READ TOC', [0x43] + [0] * 6 + [1, 0, 0], 256),
                              ('READ CAPACITY(10)', [0x25] + [0] * 9, 8), ('MODE SENSE(6)', [0x1a, 0, 0x3f, 0, 252, 0], 252),
                              ('INQUIRY', [0x12, 0, 0, 0, 96, 0], 96)):
        want = s.scsi(bytes(cdb), lun, read=length)
        must_quietly(want.status == iscsi.GOOD, '%s: %r' % (name, want))
        scsi(s, 'vcdrom ' + name, lun, bytes(cdb), want.data, read=length)
    must(s.logout() == 0, 'logout')


def commands():
    s = session()
    for kind in DISKS:
        begin = time.time()
        parameters(s, kind, LUNS[kind])
        blocks(s, kind, LUNS[kind])
        print('-- %s: %d s' % (kind, time.time() - begin), flush=True)
    unit_attentions(s)
    must(s.logout() == 0, 'logout')


def first_commands():
    for kind in ('cached', 'block'):
        fresh(kind, LUNS[kind])


PR_LUN = LUNS['null']
faults.set_up()
for part in PARTS.split(','):
    begin = time.time()
    globals()[part]()
    print('-- %s: %d s' % (part, time.time() - begin), flush=True)
faults.tear_down()
faults.summary()
