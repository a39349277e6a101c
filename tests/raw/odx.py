# SPDX-License-Identifier: GPL-2.0
"""POPULATE TOKEN, WRITE USING TOKEN and what belongs to them, for tests/groups/odx.sh, which made the LUNs:

0 a, 1 b (files), 2 blk (block device), 3 ro (file, read-only LUN), 4 slow (half a second for each write), 5 big (4096-byte
blocks), 6 gone (file), 7 late and 8 now (one area of a disk: three seconds for each write, and at once). Another initiator sees
"hidden" alone, as its LUN 0.
"""
import os
import struct
import sys
import time

import iscsi
from kit import BS, ROOT, Waiting, must, pattern, put, read10, suspended
from xcopy import code, read, refused, session, write

TARGET = sys.argv[1]
A, B, BLK, RO, SLOW, BIG, GONE, LATE, NOW = range(9)
OTHER = 'iqn.2024-01.test:other'
DONE, FAILED, FOREGROUND, BACKGROUND, TERMINATED = 1, 2, 0x11, 0x12, 0x60
ABORT_TASK_SET, CLEAR_TASK_SET, LUN_RESET, TARGET_RESET, NEXUS_RESET = 2, 4, 5, 6, 11
IMMED, DEL = 1, 2
ZERO = struct.pack('>IHH', 0xffff0001, 0, 0x1f8) + bytes(504)
CHANGED, EXPIRED, UNKNOWN, REVOKED, DELETED = '5/23/08', '5/23/07', '5/23/04', '5/23/06', '5/23/09'
ids = iter(range(1, 100000))


def good(r, what):
    must(r.status == 0, '%s: %s' % (what, code(r)))


def ranges(pairs):
    return b''.join(struct.pack('>QI4x', lba, n) for lba, n in pairs)


def populate_list(pairs, timeout=0, flags=0, kind=0):
    r = ranges(pairs)
    return struct.pack('>HBxIIxxH', 14 + len(r), flags, timeout, kind, len(r)) + r


def write_list(token, pairs, offset=0, flags=0):
    r = ranges(pairs)
    return struct.pack('>HB5xQ', 534 + len(r), flags, offset) + token + struct.pack('>6xH', len(r)) + r


def cdb(action, list_id, data):
    return struct.pack('>BB4xIIxx', 0x83, action, list_id, len(data))


def populate(s, lun, data, list_id):
    return s.scsi(cdb(0x10, list_id, data), lun, write=data)


def use(s, lun, token, pairs, list_id=None, **how):
    data = write_list(token, pairs, **how)
    return s.scsi(cdb(0x11, next(ids) if list_id is None else list_id, data), lun, write=data)


def info(s, lun, list_id, length=1024):
    return s.scsi(struct.pack('>BBI4xIxx', 0x84, 7, list_id, length), lun, read=length)


def state(s, lun, list_id):
    r = info(s, lun, list_id)
    return r.data[5] if r.status == 0 else code(r)


def abort(s, lun, list_id):
    return s.scsi(struct.pack('>BBI10x', 0x83, 0x1c, list_id), lun)


def token_of(s, lun, pairs, **how):
    n = next(ids)
    good(populate(s, lun, populate_list(pairs, **how), n), 'POPULATE TOKEN of lun %d' % lun)
    d = info(s, lun, n).data
    must(len(d) == 550 and iscsi.be32(d, 0) == 546 and d[4:6] == b'\x10\x01' and d[15] == 0xf1, 'its information')
    must(struct.unpack_from('>Q', d, 16)[0] == sum(n for _, n in pairs), 'so many blocks')
    must(iscsi.be32(d, 32) == 514 and iscsi.be32(d, 38) == 0x800001, 'one token, change vulnerable')
    return d[38:]


def all_tokens(s, lun, length=8192):
    r = s.scsi(struct.pack('>BB8xIxx', 0x84, 8, length), lun, read=length)
    good(r, 'REPORT ALL ROD TOKENS of lun %d' % lun)
    return r.data


def knows(s, lun, tokens, what):
    """Header and body of each token, in the order in which they were made; nothing of the rest."""
    must(all_tokens(s, lun) == struct.pack('>I4x', 4 + 96 * len(tokens)) + b''.join(t[:96] for t in tokens), what)


def wait_for(what, fn, seconds=20):
    end = time.time() + seconds
    while not fn() and time.time() < end:
        time.sleep(0.1)
    must(fn(), what)


def copies(s, other):
    data = pattern(0, 5000)
    write(s, A, 100, data)
    token = token_of(s, A, [(100, 5000)])
    for lun in (B, BLK, A):
        n = next(ids)
        good(use(s, lun, token, [(8000, 4000), (20000, 1000)], n), 'WRITE USING TOKEN to lun %d' % lun)
        must(read(s, lun, 8000, 4000) + read(s, lun, 20000, 1000) == data, 'what it has now')
        d = info(s, lun, n).data
        must(d[4:6] == b'\x11\x01' and struct.unpack_from('>QH', d, 16) == (5000, 2) and d[32:] == bytes(4), 'and says')
    good(use(other, 0, token, [(7, 5000)]), 'another initiator uses it')
    must(read(other, 0, 7, 5000) == data, 'and has the data')
    refused(info(other, 0, 1), '5/24/00', 'but not our list identifiers')

    write(s, BLK, 3000, pattern(3000, 300, 7))
    token = token_of(s, BLK, [(3200, 100), (3000, 100), (0, 0)], flags=2, kind=0x800001)
    want = read(s, BLK, 3200, 100) + read(s, BLK, 3000, 100)
    good(use(s, B, token, [(11, 50), (500, 100)], offset=30), 'two ranges of a block device, from block 30 on')
    must(read(s, B, 11, 50) + read(s, B, 500, 100) == want[30 * BS:180 * BS], 'in the order of the token')
    n = next(ids)
    good(use(s, B, token, [(1000, 100)], n, offset=150), 'more than is left of it')
    must(read(s, B, 1000, 50) == want[150 * BS:], 'writes what is left')
    d = info(s, B, n).data
    must(d[5] == 4 and struct.unpack_from('>Q', d, 16)[0] == 50, 'and says so')
    refused(use(s, B, token, [(0, 1)], offset=200), '5/26/00', 'an offset behind all of it')
    good(use(s, B, token, [(1, 1)], flags=DEL), 'used for the last time')
    refused(use(s, B, token, [(1, 1)]), DELETED, 'it is deleted')


def block_sizes(s):
    data = pattern(64, 800)
    write(s, A, 64, data)
    token = token_of(s, A, [(64, 800)])
    good(use(s, BIG, token, [(5, 99)], offset=1), 'blocks of 512 bytes to blocks of 4096')
    must(read(s, BIG, 5, 99, 4096) == data[4096:], 'block 1 of these is block 8 of those')
    refused(use(s, BIG, token_of(s, A, [(64, 7), (80, 9)]), [(5, 2)]), '5/23/00', 'ranges that do not fit')
    good(use(s, B, token_of(s, BIG, [(5, 10)]), [(70, 80)]), 'and back')
    must(read(s, B, 70, 80) == data[4096:4096 + 80 * BS], 'likewise')
    # What was copied then began before the offset, with GOOD.
    refused(use(s, B, token_of(s, BIG, [(5, 10)]), [(70, 8)], offset=1), '5/23/00', 'an offset within a block of the source')
    must(read(s, B, 70, 80) == data[4096:4096 + 80 * BS], 'writes nothing')
    good(use(s, B, token_of(s, BIG, [(5, 10)]), [(70, 8)], offset=8), 'the next block of the source')
    must(read(s, B, 70, 8) == data[8192:12288], 'is there')


def changes(s):
    """Every command that writes a block of a token ends it; none that does not."""
    same = struct.pack('>BBQIxx', 0x93, 1, 1009, 4)
    caw = struct.pack('>BBQ3xBxx', 0x89, 0, 1000, 1)
    for what, change in (
            ('WRITE of its last block', lambda: s.write10(A, 1009, bytes(BS))),
            ('WRITE SAME', lambda: s.scsi(same, A)),
            ('COMPARE AND WRITE', lambda: s.scsi(caw, A, write=read(s, A, 1000, 1) + bytes(BS))),
            ('WRITE USING TOKEN', lambda: use(s, A, ZERO, [(1005, 1)]))):
        token = token_of(s, A, [(1000, 10), (2000, 10)])
        write(s, A, 999, bytes(BS))
        write(s, A, 1010, bytes(BS))
        good(use(s, B, token, [(0, 20)]), 'writes beside it leave it')
        good(change(), what)
        refused(use(s, B, token, [(0, 20)]), CHANGED, 'and ends it')
    token = token_of(s, A, [(1000, 10)])
    before = read(s, A, 1000, 20)
    refused(use(s, A, token, [(1005, 10)]), '5/23/00', 'onto its own blocks')
    must(read(s, A, 1000, 20) == before, 'nothing is written')


def forgeries(s):
    token = token_of(s, A, [(0, 8)])
    before = read(s, B, 0, 8)
    for bit in (8 * 256, 8 * 511 + 7, 8 * 300 + 3, 8 * 20, 8 * 63, 8 * 15):
        forged = bytearray(token)
        forged[bit // 8] ^= 1 << bit % 8
        refused(use(s, B, bytes(forged), [(0, 8)]), UNKNOWN, 'bit %d is another' % bit)
    refused(use(s, B, token[:256] + bytes(256), [(0, 8)]), UNKNOWN, 'without its secret')
    refused(use(s, B, b'\0\x81' + token[2:], [(0, 8)]), '5/23/01', 'another type')
    refused(use(s, B, token[:4] + b'\1' + token[5:], [(0, 8)]), '5/23/05', 'corrupt')
    refused(use(s, B, token[:6] + b'\1\xf0' + token[8:], [(0, 8)]), '5/23/0a', 'another length')
    must(read(s, B, 0, 8) == before, 'none of them writes')
    good(use(s, B, token, [(0, 8)]), 'the true one does')


def zeroes(s):
    for lun in (B, BLK):
        write(s, lun, 40000, pattern(0, 30, 5))
        good(use(s, lun, ZERO, [(40001, 10), (40020, 9)]), 'zeroes to lun %d' % lun)
        want = bytearray(pattern(0, 30, 5))
        want[BS:11 * BS] = bytes(10 * BS)
        want[20 * BS:29 * BS] = bytes(9 * BS)
        must(read(s, lun, 40000, 30) == bytes(want), 'are there, and nowhere else')
    good(use(s, B, ZERO, [(0, 100000)]), 'in pieces')


def lists(s):
    must(s.scsi(cdb(0x10, 1, b''), A).status == 0 and s.scsi(cdb(0x11, 1, b''), A).status == 0, 'no list at all')
    for what, want, data in (
            ('15 bytes', '5/1a/00', populate_list([(0, 8)])[:15]),
            ('a timeout above the limit', '5/26/00', populate_list([(0, 8)], timeout=3601)),
            ('a type that we do not make', '5/26/00', populate_list([(0, 8)], flags=2, kind=0x800002)),
            ('no range', '5/26/00', populate_list([])),
            ('129 ranges', '5/26/08', populate_list([(i, 1) for i in range(129)])),
            ('a block twice', '5/26/00', populate_list([(0, 8), (7, 1)])),
            ('beyond the end', '5/21/00', populate_list([(131071, 2)])),
            ('far beyond', '5/21/00', populate_list([(2**64 - 1, 2**32 - 1)]))):
        refused(populate(s, A, data, 77), want, 'POPULATE TOKEN, %s' % what)
    for what, want, data in (
            ('535 bytes', '5/1a/00', write_list(ZERO, [(0, 8)])[:535]),
            ('no range', '5/26/00', write_list(ZERO, [])),
            ('129 ranges', '5/26/08', write_list(ZERO, [(i, 1) for i in range(129)])),
            ('a block twice', '5/26/00', write_list(ZERO, [(0, 8), (7, 1)])),
            ('beyond the end', '5/21/00', write_list(ZERO, [(131071, 2)]))):
        refused(s.scsi(cdb(0x11, 78, data), A, write=data), want, 'WRITE USING TOKEN, %s' % what)
    refused(info(s, A, 77), '5/24/00', 'nothing is known of a list that was refused')
    refused(abort(s, A, 77), '5/24/00', 'nor can it be aborted')
    good(populate(s, A, populate_list([(i * 2, 1) for i in range(128)]), 79), '128 ranges')
    page = s.inquiry(A, page=0x8f, length=1024).data
    must(iscsi.be16(page, 2) == len(page) - 4 == 364, 'page 8Fh')
    must(struct.unpack_from('>HH6xHIIQQ', page, 4) == (0, 32, 128, 3600, 60, 2**25, 2**17), 'the limits of tokens')
    must(page[40:60] == bytes.fromhex('00010010' '0d' '83040010111c' '84050003040708' '0000'), 'the commands')
    for action in (0x10, 0x11, 0x1c):
        r = s.scsi(struct.pack('>BBBBHIxx', 0xa3, 0xc, 2, 0x83, action, 64), A, read=64)
        must(r.status == 0 and r.data[1] == 3 and r.data[4:6] == bytes((0x83, action)), 'command 83h/%02xh is reported' % action)


def pr_out(s, lun, action, kind=0, key=0, new=0):
    data = struct.pack('>QQ8x', key, new)
    return s.scsi(struct.pack('>BBB2xIx', 0x5f, action, kind, len(data)), lun, write=data).status


def protection(s):
    token = token_of(s, A, [(0, 8)])
    refused(use(s, RO, token, [(0, 8)]), '7/27/00', 'to a read-only LUN')
    good(use(s, B, token_of(s, RO, [(0, 8)]), [(0, 8)]), 'from it')
    holder = session(iscsi.INITIATOR + '2', bytes([0x80, 0, 0, 0, 0, 2]))
    must(pr_out(holder, B, 0, new=7) == 0 and pr_out(holder, B, 1, 1, key=7) == 0, 'another one reserves lun 1: write exclusive')
    must(use(s, B, token, [(0, 8)]).status == 0x18, 'it is not written')
    token_of(s, B, [(0, 8)])
    good(use(holder, B, token, [(0, 8)]), 'the holder may, by our token')
    must(pr_out(holder, B, 2, 1, key=7) == 0 and pr_out(holder, B, 1, 3, key=7) == 0, 'exclusive access')
    must(populate(s, B, populate_list([(0, 8)]), 99).status == 0x18, 'no token of it')
    all_tokens(s, B)
    must(pr_out(holder, B, 3, key=7) == 0, 'cleared')
    holder.logout()
    s.settle(B)


def background(s):
    token = token_of(s, A, [(0, 32768)], timeout=2)
    n = next(ids)
    t = time.time()
    good(use(s, SLOW, token, [(20000, 32768)], n, flags=IMMED), 'IMMED')
    must(time.time() - t < 2 and state(s, SLOW, n) == BACKGROUND, 'goes on in the background')
    refused(use(s, SLOW, token, [(0, 8)], n), '5/00/16', 'its list identifier is in use')
    time.sleep(4)
    d = info(s, SLOW, n).data
    must(0 < struct.unpack_from('>Q', d, 16)[0] < 32768, 'it advances, and its token is in use as long')
    good(abort(s, SLOW, n), 'COPY OPERATION ABORT')
    wait_for('ends it', lambda: state(s, SLOW, n) == TERMINATED)
    done = struct.unpack_from('>Q', info(s, SLOW, n).data, 16)[0]
    must(0 < done < 32768 and read(s, SLOW, 20000, 2048) == read(s, A, 0, 2048), 'after %d blocks' % done)

    token = token_of(s, A, [(0, 32768)], timeout=600)
    n = next(ids)
    good(use(s, SLOW, token, [(0, 2048)], n, flags=IMMED), 'a shorter one')
    wait_for('comes to its end', lambda: state(s, SLOW, n) == DONE)
    must(read(s, SLOW, 0, 2048) == read(s, A, 0, 2048), 'and is whole')

    n = next(ids)
    data = write_list(token, [(0, 32768)])
    itt = s.start(cdb(0x11, n, data), SLOW, write=data)
    sn = (s.cmdsn - 1) & 0xffffffff
    time.sleep(1)
    must(state(s, SLOW, n) == FOREGROUND, 'in the foreground')
    t = time.time()
    must(s.task_management(1, SLOW, itt, sn) == 0 and time.time() - t < 5, 'ABORT TASK')
    must(state(s, SLOW, n) == TERMINATED, 'ends it')

    n = next(ids)
    good(use(s, SLOW, token, [(0, 32768)], n, flags=IMMED), 'in the background again')
    must(s.task_management(5, SLOW) == 0, 'LOGICAL UNIT RESET')
    wait_for('ends it', lambda: state(s, SLOW, n) == TERMINATED)

    n = next(ids)
    good(use(s, SLOW, token, [(0, 32768)], n, flags=IMMED), 'and again')
    write(s, A, 5000, bytes(BS))
    wait_for('a write of the source ends it', lambda: state(s, SLOW, n) == FAILED)
    d = info(s, SLOW, n).data
    must(d[12] == 2 and d[13] == d[14] == 18 and d[32 + 2] & 15 == 5 and d[32 + 12:32 + 14] == b'\x23\x08', 'for this reason')

    second = session(iscsi.INITIATOR + '3', bytes([0x80, 0, 0, 0, 0, 3]))
    token = token_of(second, A, [(0, 32768)])
    zero = bytes(8 * BS)
    good(use(s, SLOW, ZERO, [(12000, 8)]), 'zeroes')
    good(use(second, SLOW, token, [(0, 32768)], flags=IMMED), 'an initiator starts one')
    second.logout()
    time.sleep(12)      # the whole of it would take 8
    good(use(s, B, token, [(0, 8)]), 'its token outlives its session')
    must(read(s, SLOW, 12000, 8) == zero, 'its copy does not')


def user(n, tsih=0, port=0):
    """Another initiator, or another port of it."""
    s = iscsi.Session('127.0.0.1', target=TARGET, initiator=iscsi.INITIATOR + n, isid=bytes([0x80, 0, 0, 0, 0, 5 + port]), tsih=tsih,
                      timeout=60, keys=None if tsih else {'iSCSIProtocolLevel': '2'})
    for lun in A, B, LATE, NOW:
        s.settle(lun)
    return s


def reinstates(s, _):
    return user('5'), None


def goes_on(s, _):
    return user('5', s.tsih), TERMINATED


def comes_again(s, _):
    s.close()
    return user('5'), None


def logs_out(s, _):
    must(s.logout() == 0, 'logout')
    return user('5', port=1), None


def function(fn, own=True):
    def call(s, other):
        must((s if own else other).task_management(fn, LATE) == 0, 'function %d' % fn)
        for lun in A, B, LATE, NOW:
            s.settle(lun)
        return s, TERMINATED
    call.__name__ = 'function %d%s' % (fn, '' if own else ' of another')
    return call


def preempted(s, other):
    """Without a reservation that would keep it from writing."""
    must(pr_out(s, LATE, 0, new=5) == 0 and pr_out(other, LATE, 0, new=6) == 0, 'both register')
    must(pr_out(other, LATE, 5, key=6, new=5) == 0, 'PREEMPT AND ABORT')
    s.settle(LATE)
    must(pr_out(other, LATE, 3, key=6) == 0, 'CLEAR')
    return s, TERMINATED


def begins(s, token):
    """Its first write is under way when we return; the whole takes 12 seconds."""
    n = next(ids)
    good(use(s, LATE, token, [(0, 8192)], n, flags=IMMED), 'a copy begins')
    time.sleep(0.5)
    must(state(s, LATE, n) == BACKGROUND, 'in the background')
    return n


def lost_nexuses(s):
    """
    A copy in the background went on when its nexus was lost or reset, and its last write in any case: over data that were written
    and acknowledged after that.
    """
    write(s, A, 0, pattern(0, 8192, 3))
    token = token_of(s, A, [(0, 8192)], timeout=600)
    other = user('6')
    for salt, end in enumerate((reinstates, goes_on, comes_again, logs_out, function(NEXUS_RESET), function(LUN_RESET),
                                function(LUN_RESET, False), function(TARGET_RESET, False), preempted)):
        print('--- %s' % end.__name__, flush=True)
        old = user('5')
        n = begins(old, token)
        new, told = end(old, other)
        write(new, NOW, 0, pattern(0, 4096, 100 + salt))
        must(told is None or state(new, LATE, n) == told, 'it is told that it was terminated')
        time.sleep(4)
        must(read(new, NOW, 0, 4096) == pattern(0, 4096, 100 + salt), 'nothing of the copy comes after that')
        for lun in A, B, LATE, NOW:
            other.settle(lun)
        s.ping()
        must(new.logout() == 0, 'logout')
    other.logout()
    for lun in range(NOW + 1):
        s.settle(lun)


def no_tasks(s):
    """The command has ended: what aborts tasks leaves its copy."""
    one = user('5')
    n = begins(one, ZERO)
    for fn in ABORT_TASK_SET, CLEAR_TASK_SET:
        must(one.task_management(fn, LATE) == 0 and state(one, LATE, n) == BACKGROUND, 'function %d leaves it' % fn)
    good(abort(one, LATE, n), 'COPY OPERATION ABORT')
    wait_for('ends it', lambda: state(one, LATE, n) == TERMINATED)
    must(one.logout() == 0, 'logout')


def hanging(s):
    """The store of its last write hangs: its session ends later, those of others do not wait for it."""
    token = token_of(s, A, [(0, 8192)], timeout=600)
    one, new = user('5'), pattern(0, 4096, 200)
    with suspended('late'):
        good(use(one, LATE, token, [(0, 8192)], flags=IMMED), 'a copy begins')
        time.sleep(0.5)
        one.close()
        t = time.time()
        for i in range(10):
            must(user('7').logout() == 0, 'another initiator comes and goes')
            s.ping()
        must(time.time() - t < 5 * iscsi.SLOW, 'and need not wait')
        again = user('5')
        itt = again.start(read10(0, 1), NOW, read=BS)
        time.sleep(1)
        must(again.ping(b'here') == b'here' and not again.queue, 'its own initiator comes again, its commands wait')
    good(again.finish(itt), 'until nothing writes any more')
    write(again, NOW, 0, new)
    time.sleep(4)
    must(read(again, NOW, 0, 4096) == new, 'over what it writes')
    must(again.logout() == 0, 'logout')


def lun_goes(s):
    """The LUN of one in the background: when it has gone, nothing of the copy comes any more."""
    luns = ROOT + 'targets/iscsi/%s/luns/mgmt' % TARGET
    token = token_of(s, A, [(0, 8192)], timeout=600)
    one, new = user('5'), pattern(0, 4096, 201)
    with suspended('late'):
        good(use(one, LATE, token, [(0, 8192)], flags=IMMED), 'a copy begins')
        time.sleep(0.5)
        gone = Waiting('del %d' % LATE, luns)
        must(gone.res is None, 'the end of its LUN waits for its write')
    must(gone.end() == 0, 'and comes when that is done')
    one.settle(NOW)
    write(one, NOW, 0, new)
    time.sleep(4)
    must(read(one, NOW, 0, 4096) == new, 'over which another one is not written')
    must(put('add late %d' % LATE, luns) == 0, 'the LUN comes back')
    must(one.logout() == 0, 'logout')
    for lun in range(NOW + 1):
        s.settle(lun)


def lists_of_all(s):
    """Each I_T_L nexus is told of the tokens it made, of no others."""
    name = iscsi.INITIATOR + '4'
    maker, neighbour = session(name, bytes([0x80, 0, 0, 0, 0, 4])), session(name + 'x', bytes([0x80, 0, 0, 0, 0, 4]))
    knows(maker, A, [], 'none yet, whatever others have made of it')
    first, of_b, second = [token_of(maker, lun, pairs, timeout=600)
                           for lun, pairs in ((A, [(0, 8)]), (B, [(0, 8)]), (A, [(100, 4), (300, 4)]))]
    short = token_of(maker, A, [(200, 4)], timeout=20)
    knows(maker, A, [first, second, short], 'those of lun 0')
    knows(maker, B, [of_b], 'that of lun 1')
    knows(neighbour, A, [], "not another initiator's")
    mine = token_of(neighbour, A, [(0, 8)])
    knows(neighbour, A, [mine], 'one of its own')
    whole = all_tokens(maker, A)
    must(len(whole) == 8 + 3 * 96, 'three of 96 bytes')
    must(maker.scsi(struct.pack('>BB14x', 0x84, 8), A).status == 0, 'ALLOCATION LENGTH 0')
    for n in (1, 4, 8, 103, 104, 200, 8 + 3 * 96):
        must(all_tokens(maker, A, n) == whole[:n], 'ALLOCATION LENGTH %d cuts, AVAILABLE DATA stays' % n)
    refused(use(maker, B, first[:96] + bytes(416), [(40, 8)]), UNKNOWN, 'what is listed is no token to be used')
    wait_for('one expires', lambda: len(all_tokens(maker, A)) == 8 + 2 * 96, 60)
    knows(maker, A, [first, second], 'that one alone')
    good(use(neighbour, B, first, [(40, 8)], flags=DEL), 'another initiator deletes one')
    knows(maker, A, [second], 'one is left')
    write(s, A, 301, bytes(BS))
    knows(maker, A, [], 'which ends with its blocks')
    maker.logout()
    maker = session(name, bytes([0x80, 0, 0, 0, 0, 4]))
    knows(maker, B, [], 'a new session has made none')
    good(use(maker, A, of_b, [(500, 8)]), 'yet the old one is good')
    r = maker.scsi(struct.pack('>BBBBHIxx', 0xa3, 0xc, 2, 0x84, 8, 64), A, read=64)
    must(r.status == 0 and r.data == bytes((0, 3, 0, 16, 0x84, 8)) + bytes(8) + b'\xff' * 4 + bytes(1) + r.data[-1:], 'how it looks')
    for one in maker, neighbour:
        one.logout()


def ends(s):
    """What the token stands for goes, or is another."""
    token = token_of(s, A, [(0, 8)], timeout=1)
    time.sleep(3.5)
    refused(use(s, B, token, [(0, 8)]), EXPIRED, 'after its time')

    def luns(line):
        must(put(line, ROOT + 'targets/iscsi/%s/luns/mgmt' % TARGET) == 0, line)
        s.ping()

    token, kept = token_of(s, GONE, [(0, 8)]), token_of(s, A, [(0, 8)])
    luns('del 6')
    s.settle(B)
    refused(use(s, B, token, [(0, 8)]), REVOKED, 'its LUN is gone')
    luns('add gone 6')
    for lun in (B, GONE):
        s.settle(lun)
    refused(use(s, B, token, [(0, 8)]), REVOKED, 'and stays so')
    token = token_of(s, GONE, [(0, 8)])
    must(put('0', ROOT + 'devices/gone/active') == 0 and put('1', ROOT + 'devices/gone/active') == 0, 'closed and opened')
    refused(use(s, B, token, [(0, 8)]), REVOKED, 'it may be another file')
    s.settle(GONE)
    token = token_of(s, GONE, [(0, 8)])
    os.truncate('/vdisks/gone', 8 << 20)
    must(put('1', ROOT + 'devices/gone/resync_size') == 0, 'its size changes')
    s.settle(GONE)
    refused(use(s, B, token, [(0, 8)]), REVOKED, 'and ends it')
    token = token_of(s, GONE, [(0, 8)])
    must(put('del_device gone', ROOT + 'handlers/vdisk_fileio/mgmt') == 0, 'the device is deleted')
    s.settle(B)
    refused(use(s, B, token, [(0, 8)]), REVOKED, 'so is its token')
    good(use(s, B, kept, [(0, 8)]), 'one of another device is not')


def bound(s):
    good(use(s, A, ZERO, [(0, 131072)]), 'all of the disk is written: no token of earlier parts is left')
    for i in range(100):
        r = populate(s, A, populate_list([(i, 1)]), 5000 + i)
        if r.status:
            break
    refused(r, '5/55/0d', 'there is an end to it, after %d' % i)
    must(i == 64, '64 of one device')
    token_of(s, B, [(0, 1)])
    write(s, A, 3, bytes(BS))
    token_of(s, A, [(0, 1)])


def main():
    s, other = session(), session(OTHER, bytes([0x80, 0, 0, 0, 0, 9]))
    copies(s, other)
    other.logout()
    block_sizes(s)
    changes(s)
    forgeries(s)
    zeroes(s)
    lists(s)
    protection(s)
    background(s)
    lost_nexuses(s)
    no_tasks(s)
    hanging(s)
    lun_goes(s)
    lists_of_all(s)
    ends(s)
    bound(s)
    s.logout()


if __name__ == '__main__':
    main()
