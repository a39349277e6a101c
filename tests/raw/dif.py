# SPDX-License-Identifier: GPL-2.0
"""Protection information over iSCSI: dif.sh says which LUN is what.

    dif.py first TARGET     everything, and leaves known tags behind
    dif.py again TARGET     they are there after a restart
    dif.py resized, busy, recovered TARGET
"""
import os
import struct
import sys
import time

import iscsi
import kit
from kit import must

STEP, T = sys.argv[1:3]
SYS = kit.ROOT + 'targets/iscsi/%s/sessions/%s/' % (T, iscsi.INITIATOR)
GUARD, APP, REF = (0xb, 0x10, 1), (0xb, 0x10, 2), (0xb, 0x10, 3)
FIELD, OPCODE, MISCOMPARE = (5, 0x24, 0), (5, 0x20, 0), (0xe, 0x1d, 0)
NONE = bytes([0xff] * 8)
s = iscsi.Session('127.0.0.1', target=T, timeout=120)


def crc(data):
    """CRC-16 of T10 protection information, polynomial 8BB7h."""
    c = 0
    for b in data:
        c = ((c << 8) ^ CRC[(c >> 8) ^ b]) & 0xffff
    return c


def crc_table():
    table = []
    for n in range(256):
        c = n << 8
        for _ in range(8):
            c = ((c << 1) ^ (0x8bb7 if c & 0x8000 else 0)) & 0xffff
        table.append(c)
    return table


CRC = crc_table()


class Disk:
    place = 'scst'      # whose checks fail
    unmaps_zeroes = True

    def __init__(self, lun, kind, bs=512, app=0, tags=None, data=None):
        self.lun, self.kind, self.bs, self.app, self.tags, self.data = lun, kind, bs, app, tags, data
        s.settle(lun)

    def cdb(self, op, lba, blocks, code=0, flags=0):
        return struct.pack('>BBQIxx', op, code << 5 | flags, lba, blocks)

    def long(self, action, lba, blocks, code=0, flags=0, ref=None, app=0, mask=0):
        return struct.pack('>B6xBHBxQIHHI', 0x7f, 0x18, action, code << 5 | flags, lba,
                           lba & 0xffffffff if ref is None else ref, app, mask, blocks)

    def tuple(self, lba, block, app=None, ref=None, guard=None):
        if ref is None:
            ref = 0xffffffff if self.kind == 3 else lba & 0xffffffff
        return struct.pack('>HHI', crc(block) if guard is None else guard, self.app if app is None else app, ref)

    def blocks(self, data):
        return [data[i:i + self.bs] for i in range(0, len(data), self.bs)]

    def mix(self, lba, data, **how):
        """Each block followed by its tuple."""
        return b''.join(b + self.tuple(lba + i, b, **how) for i, b in enumerate(self.blocks(data)))

    def pattern(self, lba, n, salt):
        return b''.join(struct.pack('>QI', lba + i, salt).ljust(self.bs, bytes([(lba + i + salt) % 251 + 1])) for i in range(n))

    def read(self, lba, n, code=0, long=None):
        cdb = self.cdb(0x88, lba, n, code) if long is None else self.long(9, lba, n, code, **long)
        return s.scsi(cdb, self.lun, read=n * (self.bs + (8 if code else 0)))

    def write(self, lba, data, code=0, flags=0, long=None):
        n = len(data) // (self.bs + (8 if code else 0))
        cdb = self.cdb(0x8a, lba, n, code, flags) if long is None else self.long(0xb, lba, n, code, flags, **long)
        return s.scsi(cdb, self.lun, write=data)

    def stored(self, lba, n=1):
        with open(self.tags, 'rb') as f:
            f.seek(lba * 8)
            return f.read(n * 8)

    def spoil(self, lba, what):
        """Another tuple in the tag file."""
        with open(self.tags, 'r+b') as f:
            f.seek(lba * 8)
            f.write(what)

    def failed(self):
        """Counters of this LUN: lines of tgt, scst, dev."""
        lines = kit.get(SYS + 'lun%d/dif_checks_failed' % self.lun).splitlines()
        must(lines[0] == '\tapp\tref\tguard', 'head of dif_checks_failed: %r' % lines[0])
        return {w[0]: tuple(int(x) for x in w[1:]) for w in (l.split('\t') for l in lines[1:])}


def good(r, what):
    must(r.status == 0, '%s: %r' % (what, r))
    return r


def fails(r, asc, what, info=None):
    must(r.status == 2 and r.asc == asc, '%s: %r' % (what, r))
    if info is not None:
        must(r.sense[0] == 0xf0 and struct.unpack('>I', r.sense[3:7])[0] == info, 'tells block %d' % info)


def told(d, spt, checks, ato):
    must(s.inquiry(d.lun).data[5] & 1 == 1, 'lun %d: PROTECT' % d.lun)
    page = s.inquiry(d.lun, 0x86).data
    must(page[4] & 0x3f == spt << 3 | checks, 'SPT and checks: %02x' % page[4])
    cap = s.scsi(struct.pack('>BB8xI2x', 0x9e, 0x10, 32), d.lun, read=32).data
    must(cap[12] & 0x0f == (d.kind - 1) << 1 | 1 and cap[13] >> 4 == 0, 'P_TYPE, PROT_EN, P_I_EXPONENT: %02x' % cap[12])
    ctl = s.scsi(bytes([0x1a, 8, 0x0a, 0, 64, 0]), d.lun, read=64).data
    must(ctl[4 + 5] >> 7 == ato, 'ATO %d' % ato)


def round_trip(d):
    print('== lun %d, type %d: what is written is read' % (d.lun, d.kind))
    one = d.pattern(100, 9, 1)
    good(d.write(100, one), 'WRITE without')
    must(good(d.read(100, 9), 'READ without').data == one, 'the data')
    if d.kind == 2:
        return
    must(good(d.read(100, 9, 1), 'READ with').data == d.mix(100, one), 'each block has its tags')
    for n, code in ((1, 1), (200, 3), (77, 5), (3, 4), (129, 2)):
        data = d.pattern(1000, n, code)
        good(d.write(1000, d.mix(1000, data), code), 'WRITE of %d blocks, WRPROTECT=%d' % (n, code))
        must(good(d.read(1000, n), 'READ').data == data, 'data')
        for rd in range(1, 6):
            must(good(d.read(1000, n, rd), 'RDPROTECT=%d' % rd).data == d.mix(1000, data), 'data and tags')
    part = s.scsi(d.cdb(0x88, 1000, 3, 1), d.lun, read=d.bs + 8 + 100)
    must(part.data == d.mix(1000, data)[:d.bs + 108] and part.overflow, 'a buffer that is too short gets its part')
    for code in (6, 7):
        fails(d.read(0, 1, code), FIELD, 'RDPROTECT=%d' % code)
        fails(d.write(0, d.mix(0, d.pattern(0, 1, 1)), code), FIELD, 'WRPROTECT=%d' % code)
    fails(s.scsi(d.long(9, 0, 1), d.lun, read=d.bs), OPCODE, 'READ(32)')


def wrong_tags(d):
    print('== lun %d, type %d: wrong tags are refused, and nothing is written' % (d.lun, d.kind))
    old, new = d.pattern(2000, 40, 1), d.pattern(2000, 40, 2)
    good(d.write(2000, old), 'WRITE')
    place, other = d.place, 'dev' if d.place == 'scst' else 'scst'
    kit.put('0', SYS + 'lun%d/dif_checks_failed' % d.lun)
    cases = [(GUARD, dict(guard=0x1111), (1, 4, 5))]
    if d.kind == 1:
        cases.append((REF, dict(ref=77), (1, 2, 5)))
    if d.app:
        cases.append((APP, dict(app=d.app ^ 1), (1, 2, 5)))
    count = {}
    for asc, how, codes in cases:
        for code in range(1, 6):
            if code == 3 or code not in codes:
                continue
            bad = d.mix(2000, new[:33 * d.bs]) + d.mix(2033, new[33 * d.bs:34 * d.bs], **how) + d.mix(2034, new[34 * d.bs:])
            fails(d.write(2000, bad, code), asc, 'WRPROTECT=%d' % code, 2033)
            count[asc] = count.get(asc, 0) + 1
            must(good(d.read(2000, 40), 'READ').data == old, 'nothing is written')
    must(d.failed()[place] == tuple(count.get(x, 0) for x in (APP, REF, GUARD)), 'counted: %r' % d.failed())
    must(d.failed()['tgt'] == (0, 0, 0) and d.failed()[other] == (0, 0, 0), 'there alone')
    kit.put('0', SYS + 'lun%d/dif_checks_failed' % d.lun)
    must(d.failed()[place] == (0, 0, 0), 'zeroed')
    app = b''.join(b + d.tuple(2000 + i, b, app=0xffff, ref=0xffffffff, guard=1) for i, b in enumerate(d.blocks(new)))
    good(d.write(2000, app, 1), 'escape values are not checked')
    must(good(d.read(2000, 40), 'READ').data == new, 'and are written')


def set_dpicz(d, on):
    page = bytearray(s.scsi(bytes([0x1a, 8, 0x0a, 0, 64, 0]), d.lun, read=64).data[4:16])
    page[0] &= 0x3f
    page[2] = page[2] & ~8 | on << 3
    good(s.scsi(bytes([0x15, 0x10, 0, 0, 16, 0]), d.lun, write=bytes(4) + bytes(page)), 'DPICZ %d' % on)


def damaged(d):
    print('== lun %d, type %d: damage is found' % (d.lun, d.kind))
    data = d.pattern(3000, 20, 1)
    good(d.write(3000, data), 'WRITE')
    must(d.stored(3000, 20) == b''.join(d.tuple(3000 + i, b) for i, b in enumerate(d.blocks(data))), 'the tag file has its tags')
    right = d.stored(3007)
    cases = [(GUARD, bytes([right[0] ^ 1]) + right[1:], (0, 1, 4, 5))]
    if d.kind == 1:
        cases.append((REF, right[:7] + bytes([right[7] ^ 1]), (0, 1, 2, 5)))
    if d.app:
        cases.append((APP, right[:2] + bytes([right[2] ^ 1]) + right[3:], (0, 1, 2, 5)))
    for asc, bad, codes in cases:
        d.spoil(3007, bad)
        for code in range(6):
            if d.kind == 2 and code:
                continue
            r = d.read(3000, 20, code)
            if code in codes:
                fails(r, asc, 'RDPROTECT=%d' % code, 3007)
            else:
                must(good(r, 'RDPROTECT=%d' % code).data[7 * (d.bs + 8):][:d.bs] == d.blocks(data)[7], 'does not look')
        good(d.read(3000, 7), 'the blocks before')
        good(d.read(3008, 12), 'and behind')
        fails(s.scsi(kit.verify10(3000, 20), d.lun), asc, 'VERIFY', 3007)
        set_dpicz(d, 1)
        must(good(d.read(3000, 20), 'READ without').data == data, 'no tags, no checks')
        good(s.scsi(kit.verify10(3000, 20), d.lun), 'VERIFY without')
        if d.kind != 2:
            fails(d.read(3000, 20, 1), asc, 'RDPROTECT=1', 3007)
        set_dpicz(d, 0)
    d.spoil(3007, right)
    good(d.read(3000, 20), 'whole again')
    with open(d.data, 'r+b') as f:
        f.seek(3003 * d.bs + 5)
        f.write(b'!')
    fails(d.read(3000, 20), GUARD, 'a byte of the data', 3003)
    good(d.write(3003, d.blocks(data)[3]), 'the block is written again')
    good(d.read(3000, 20), 'and is right')


def other_commands(d):
    print('== lun %d, type %d: other commands keep tags true' % (d.lun, d.kind))
    a, b, zero = d.pattern(4000, 1, 1), d.pattern(4000, 1, 2), bytes(d.bs)
    code = 1
    mixed = d.mix(4000, a) + d.mix(4000, b)
    good(d.write(4000, a), 'WRITE')
    good(s.scsi(kit.compare_and_write(4000, 1), d.lun, write=a + b), 'COMPARE AND WRITE')
    must(d.stored(4000) == d.tuple(4000, b), 'tags of the new block')
    fails(s.scsi(kit.compare_and_write(4000, 1), d.lun, write=a + b), MISCOMPARE, 'COMPARE AND WRITE again')
    good(d.write(4000, a), 'WRITE')
    caw = bytearray(kit.compare_and_write(4000, 1))
    caw[1] = code << 5
    fails(s.scsi(bytes(caw), d.lun, write=d.mix(4000, a) + d.mix(4000, b, guard=3)), GUARD, 'COMPARE AND WRITE, wrong guard', 4000)
    good(s.scsi(bytes(caw), d.lun, write=mixed), 'COMPARE AND WRITE with tags')
    must(good(d.read(4000, 1, code), 'READ').data == d.mix(4000, b), 'data and tags')

    fails(s.scsi(d.cdb(0x8b, 4000, 1, code), d.lun, write=d.mix(4000, a, guard=9)), GUARD, 'ORWRITE, wrong guard', 4000)
    good(s.scsi(d.cdb(0x8b, 4000, 1, code), d.lun, write=d.mix(4000, a)), 'ORWRITE')
    ored = bytes(x | y for x, y in zip(a, b))
    must(good(d.read(4000, 1, code), 'READ').data == d.mix(4000, ored), 'has a new guard')

    n = 300
    good(s.scsi(d.cdb(0x93, 5000, n, code), d.lun, write=d.mix(5000, a)), 'WRITE SAME')
    must(good(d.read(5000, n, code), 'READ').data == d.mix(5000, a * n), 'tags count on')
    fails(s.scsi(d.cdb(0x93, 5000, n, code), d.lun, write=d.mix(5000, b, guard=9)), GUARD, 'WRITE SAME, wrong guard', 5000)
    good(s.scsi(kit.write_same10(5000, 7), d.lun, write=b), 'WRITE SAME(10)')
    must(good(d.read(5000, 9, code), 'READ').data == d.mix(5000, b * 7 + a * 2), 'its tags')
    good(s.scsi(d.cdb(0x93, 5000, 2, 0, 1), d.lun), 'WRITE SAME with NDOB')
    must(good(d.read(5000, 3, code), 'READ').data == (zero + NONE) * 2 + d.mix(5002, b), 'is not checked')
    good(s.scsi(d.cdb(0x93, 5100, 5, 0, 8), d.lun, write=zero), 'WRITE SAME with UNMAP')
    cdb, par = kit.unmap((5200, 3), (5210, 1))
    good(s.scsi(cdb, d.lun, write=par), 'UNMAP')
    for lba, m in ((5200, 3), (5210, 1)):
        must(good(d.read(lba, m, code), 'READ').data == (zero + NONE) * m, 'unmapped')
    must(good(d.read(5100, 5, code), 'READ').data == ((zero + NONE) * 5 if d.unmaps_zeroes else d.mix(5100, zero * 5)), 'zeroes')
    must(good(d.read(5203, 1, code), 'READ').data == d.mix(5203, a), 'its neighbour')

    data = d.pattern(6000, 150, 1)
    good(s.scsi(d.cdb(0x8e, 6000, 150, code, 2), d.lun, write=d.mix(6000, data)), 'WRITE AND VERIFY')
    must(good(d.read(6000, 150, code), 'READ').data == d.mix(6000, data), 'data and tags')
    good(s.scsi(d.cdb(0x8f, 6000, 150, code), d.lun), 'VERIFY')
    good(s.scsi(d.cdb(0x8f, 6000, 150, code, 2), d.lun, write=d.mix(6000, data)), 'VERIFY with BYTCHK')
    other = data[:70 * d.bs + 9] + b'?' + data[70 * d.bs + 10:]
    fails(s.scsi(d.cdb(0x8f, 6000, 150, code, 2), d.lun, write=d.mix(6000, other)), MISCOMPARE, 'VERIFY of other data',
          70 * (d.bs + 8) + 9)
    fails(s.scsi(d.cdb(0x8f, 6000, 150, 0, 2), d.lun, write=other), MISCOMPARE, 'without tags', 70 * d.bs + 9)
    fails(s.scsi(d.cdb(0x8f, 6000, 150, code, 2), d.lun, write=d.mix(6000, data, guard=1)), GUARD, 'VERIFY, wrong guard', 6000)
    good(s.scsi(d.cdb(0x93, 6000, 150), d.lun, write=a), 'WRITE SAME')
    good(s.scsi(d.cdb(0x8f, 6000, 150, 0, 6), d.lun, write=a), 'VERIFY with BYTCHK 3')
    fails(s.scsi(d.cdb(0x8f, 6000, 150, 0, 6), d.lun, write=b), MISCOMPARE, 'VERIFY of another block')


def mapped(d, lba):
    return good(s.scsi(kit.lba_status(lba, 24), d.lun, read=24), 'GET LBA STATUS').data[20] & 0x0f == 0


def tags_of_initiators(d):
    print('== lun %d, type %d: tags that belong to initiators stay theirs' % (d.lun, d.kind))
    how = dict(app=0x1234, ref=0x11223344 if d.kind == 3 else None)
    n = 70
    a, b, c = (d.pattern(4100, n, salt) for salt in (1, 2, 4))
    ored = bytes(x | y for x, y in zip(a, b))
    good(d.write(4100, a), 'WRITE')
    good(s.scsi(d.cdb(0x8b, 4100, n, 1), d.lun, write=d.mix(4100, b, **how)), 'ORWRITE with tags')
    must(good(d.read(4100, n, 1), 'READ').data == d.mix(4100, ored, **how), 'those that came, and new guards')
    good(s.scsi(d.cdb(0x8b, 4100, n), d.lun, write=c), 'ORWRITE without')
    ored = bytes(x | y for x, y in zip(ored, c))
    must(good(d.read(4100, n, 1), 'READ').data == d.mix(4100, ored, **how), 'those of the medium, and new guards')
    cdb, par = kit.unmap((4100, n))
    good(s.scsi(cdb, d.lun, write=par), 'UNMAP')
    good(s.scsi(d.cdb(0x8b, 4100, n), d.lun, write=a), 'ORWRITE where nothing was')
    must(good(d.read(4100, n, 1), 'READ').data == d.mix(4100, a), 'tags of the device')

    zero = bytes(d.bs)
    good(s.scsi(d.cdb(0x93, 5296, 16, 1, 8), d.lun, write=d.mix(5296, zero, **how)), 'WRITE SAME with UNMAP, zeroes and tags')
    must(good(d.read(5296, 16, 1), 'READ').data == d.mix(5296, zero * 16, **how), 'are there')
    must(mapped(d, 5296), 'so is the block')
    good(s.scsi(d.cdb(0x93, 5296, 16, 1, 8), d.lun, write=zero + NONE), 'WRITE SAME with UNMAP, zeroes and no tags')
    must(good(d.read(5296, 16, 1), 'READ').data == (zero + NONE) * 16, 'are there')
    must(not mapped(d, 5296), 'the block is not')
    good(d.write(5296, a[:16 * d.bs]), 'WRITE')
    good(s.scsi(d.cdb(0x93, 5296, 16, 1, 9), d.lun), 'WRITE SAME with UNMAP and NDOB')
    must(not mapped(d, 5296), 'says the same')


def compared(d):
    """VERIFY with tags: what came is checked, then each part of it compared with what is stored."""
    print('== lun %d, type %d: VERIFY compares tags' % (d.lun, d.kind))
    how = dict(app=0x1234, ref=0x11223344 if d.kind == 3 else None)
    n, bad = 70, 66
    a = d.pattern(6200, 1, 1)

    def verify(code, bytchk):
        return s.scsi(d.cdb(0x8f, 6200, n, code, bytchk << 1), d.lun, write=d.mix(6200, a * (n if bytchk == 1 else 1), **how))

    good(d.write(6200, d.mix(6200, a * n, **how), 1), 'WRITE')
    right = d.stored(6200 + bad)
    for at, asc in ((1, 1), (3, 2), (7, 3), (None, None)):
        if at is not None:
            d.spoil(6200 + bad, right[:at] + bytes([right[at] ^ 1]) + right[at + 1:])
        for bytchk in (1, 3):
            for code in range(1, 6):
                r, what = verify(code, bytchk), 'VRPROTECT=%d, BYTCHK=%d, byte %s is wrong' % (code, bytchk, at)
                if at is None or (asc == 1 and code == 2):
                    good(r, what)
                else:
                    fails(r, (0xe, 0x10, asc), what, bad * (d.bs + 8) + d.bs)
        if at == 3:
            caw = bytearray(kit.compare_and_write(6200 + bad, 1))
            caw[1] = 1 << 5
            fails(s.scsi(bytes(caw), d.lun, write=d.mix(6200 + bad, a, **how) * 2), MISCOMPARE, 'COMPARE AND WRITE', d.bs)
        d.spoil(6200 + bad, right)


def formatted(d):
    print('== lun %d, type %d: FORMAT UNIT and SANITIZE' % (d.lun, d.kind))
    info = {1: 2, 2: 3, 3: 3}[d.kind]
    fails(s.scsi(bytes([4, 0, 0, 0, 0, 0]), d.lun), FIELD, 'FORMAT UNIT without protection information')
    fails(s.scsi(bytes([4, (info ^ 1) << 6, 0, 0, 0, 0]), d.lun), FIELD, 'FORMAT UNIT, another type')
    good(d.write(7000, d.pattern(7000, 1, 1)), 'WRITE')
    good(s.scsi(bytes([4, info << 6 | 0x10, 0, 0, 0, 0]), d.lun, write=bytes([d.kind == 3, 0, 0, 0])), 'FORMAT UNIT')
    must(d.stored(7000) == NONE, 'tags are gone')
    good(d.read(7000, 1), 'READ')
    good(d.write(7000, d.pattern(7000, 1, 1)), 'WRITE')
    must(d.stored(7000) == d.tuple(7000, d.pattern(7000, 1, 1)), 'tags are back')
    good(s.scsi(bytes([0x48, 1, 0, 0, 0, 0, 0, 0, 8, 0]), d.lun, write=bytes([1, 0, 0, 4, 1, 2, 3, 4])), 'SANITIZE')
    must(d.stored(7000) == NONE and good(d.read(7000, 1), 'READ').data == bytes([1, 2, 3, 4]) * (d.bs // 4), 'and gone')


def type_2(d):
    print('== lun %d, type 2: 32-byte commands' % d.lun)
    data = d.pattern(100, 30, 5)
    for code in range(1, 6):
        fails(d.read(100, 1, code), OPCODE, 'READ(16), RDPROTECT=%d' % code)
        fails(d.write(100, d.mix(100, data[:d.bs]), code), OPCODE, 'WRITE(16), WRPROTECT=%d' % code)
    ref = 0xfffffff0

    def mix(data, first=ref, app=0x1234):
        return b''.join(b + d.tuple(0, b, ref=(first + i) & 0xffffffff, app=app) for i, b in enumerate(d.blocks(data)))

    good(d.write(100, mix(data), 1, long=dict(ref=ref, app=0x1234, mask=0xffff)), 'WRITE(32)')
    must(good(d.read(100, 30, 1, dict(ref=ref, app=0xf234, mask=0x0fff)), 'READ(32)').data == mix(data), 'data and tags')
    must(good(d.read(100, 30), 'READ(16)').data == data, 'knows no tags, checks the guard alone')
    must(good(d.read(100, 30, 0, dict(ref=ref)), 'READ(32), RDPROTECT=0').data == data, 'data')
    fails(d.read(100, 30, 1, dict(ref=ref + 1)), REF, 'READ(32), another reference tag', 100)
    fails(d.read(100, 30, 1, dict(ref=ref, app=0x1235, mask=1)), APP, 'READ(32), another application tag', 100)
    good(d.read(100, 30, 4, dict(ref=5, app=1, mask=1)), 'READ(32), RDPROTECT=4')
    fails(d.write(100, mix(data, app=0x4321), 1, long=dict(ref=ref, app=0x1234, mask=0xff)), APP, 'WRITE(32)', 100)
    fails(d.write(100, mix(data, 4), 1, long=dict(ref=3)), REF, 'WRITE(32)', 100)
    must(good(d.read(100, 30, 3, {}), 'READ(32)').data == mix(data), 'nothing was written')
    good(d.write(200, data, 0, long=dict(ref=77)), 'WRITE(32), WRPROTECT=0')
    must(d.stored(200)[4:] == struct.pack('>I', 77), 'takes the reference tag of the CDB')
    good(s.scsi(d.long(0xd, 300, 20, 1, ref=9), d.lun, write=mix(data[:d.bs], 9)), 'WRITE SAME(32)')
    must(good(d.read(300, 20, 1, dict(ref=9)), 'READ(32)').data == mix(data[:d.bs] * 20, 9), 'tags count on')
    good(s.scsi(d.long(0xa, 300, 20, 1, ref=9), d.lun), 'VERIFY(32)')
    fails(s.scsi(d.long(0xa, 300, 20, 1, ref=8), d.lun), REF, 'VERIFY(32)', 300)
    good(s.scsi(d.long(0xa, 300, 20, 1, 2, ref=9), d.lun, write=mix(data[:d.bs] * 20, 9)), 'VERIFY(32) with BYTCHK')
    good(s.scsi(d.long(0xc, 300, 30, 1, 2, ref=4), d.lun, write=mix(data, 4)), 'WRITE AND VERIFY(32)')
    must(good(d.read(300, 30, 1, dict(ref=4)), 'READ(32)').data == mix(data, 4), 'data and tags')
    ops = s.scsi(struct.pack('>BBBBHIxx', 0xa3, 0x0c, 0, 0, 0, 8192), d.lun, read=8192).data
    must(bytes([0x7f, 0, 0, 9]) in ops, 'REPORT SUPPORTED OPERATION CODES has READ(32)')


def flushes(d, disk):
    print('== lun %d: the tag file is flushed along' % d.lun)

    def count():
        with open('/sys/block/%s/stat' % disk) as f:
            return int(f.read().split()[15])

    time.sleep(1)
    before = count()
    good(d.write(10, d.pattern(10, 1, 1)), 'WRITE')
    good(d.write(10, d.pattern(10, 1, 3)), 'and the same block again')
    middle = count()
    good(d.write(10, d.pattern(10, 1, 2), flags=8), 'WRITE with FUA')
    must(count() > middle, 'flushes (%d, %d, %d)' % (before, middle, count()))
    middle = count()
    good(d.write(10, d.pattern(10, 1, 2)), 'WRITE')
    good(s.scsi(kit.sync10(), d.lun), 'SYNCHRONIZE CACHE')
    must(count() > middle, 'so does SYNCHRONIZE CACHE')


def copied(a, b):
    print('== EXTENDED COPY')

    def name(d):
        page, at = s.inquiry(d.lun, 0x83, 512).data, 4
        while page[at + 1] & 0x3f != 2:      # EUI-64 of the logical unit
            at += 4 + page[at + 3]
        return struct.pack('>BBH', 0xe4, 0, 0) + page[at:at + 4 + page[at + 3]].ljust(24, b'\0') + struct.pack('>I', d.bs)

    def run(n):
        ends = name(a) + name(b)
        seg = struct.pack('>BBHHHHHQQ', 2, 0, 0x18, 0, 1, 0, n, 100, 300)
        par = struct.pack('>BBH4xII', 0, 0x18, len(ends), len(seg), 0) + ends + seg
        return s.scsi(struct.pack('>B9xIxx', 0x83, len(par)), a.lun, write=par)

    data = a.pattern(100, 64, 3)
    good(a.write(100, a.mix(100, data), 1), 'WRITE')
    good(run(64), 'EXTENDED COPY')
    must(good(b.read(300, 64, 1), 'READ of the copy').data == b.mix(300, data), 'tags fit their place')
    a.spoil(130, bytes([1]))
    r = run(64)
    must(r.status == 2 and r.asc[0] == 0xa, 'a block that is damaged is not copied: %r' % r)
    good(a.write(100, a.mix(100, data), 1), 'WRITE')


def resized():
    """The file of "one" has grown by 2048 blocks."""
    d = Disk(0, 1, tags='/tags/one', data='/vdisks/one')
    last = 32768 + 2047
    must(d.stored(32768, 2048) == NONE * 2048, 'tags of new blocks')
    good(d.read(last, 1, 1), 'READ of the last block')
    good(d.write(last, d.mix(last, d.pattern(last, 1, 1)), 1), 'WRITE there')
    must(d.stored(last) == d.tuple(last, d.pattern(last, 1, 1)), 'its tags')
    must(good(d.read(9000, 50, 1), 'READ').data == d.mix(9000, d.pattern(9000, 50, 9)), 'the old ones are as they were')


def high():
    """A disk of 100 GiB whose list could not be saved for a smaller one."""
    d = Disk(8, 1, tags='/tags/huge', data='/vdisks/huge')
    lba = 25000 << 13
    must(d.stored(lba) == d.tuple(lba, d.pattern(lba, 1, 1)), 'tags of a block that was to go')
    good(d.write(lba, d.mix(lba, d.pattern(lba, 1, 2)), 1), 'WRITE')
    with open('/tags/huge.intent', 'rb') as f:
        got = f.read()
    must(len(got) == 4096 and got[8] == 13 and got[16 + 25000 // 8] & 1, 'its region is listed')
    must(d.stored(lba) == d.tuple(lba, d.pattern(lba, 1, 2)), 'its tags')


def low():
    d = Disk(8, 1, tags='/tags/huge', data='/vdisks/huge')
    lba = 25000 << 13
    good(d.write(lba, d.mix(lba, d.pattern(lba, 1, 1)), 1), 'WRITE')


def recovered():
    """One was closed as by a loss of power: a tag in a region that was being written does not fit, nor one elsewhere."""
    d = Disk(0, 1, tags='/tags/one', data='/vdisks/one')
    must(good(d.read(20001, 1, 1), 'READ').data[512:] == NONE, 'a block that was being written is not checked')
    good(d.read(20000, 1, 1), 'its neighbour')
    must(d.stored(20000) == d.tuple(20000, d.pattern(20000, 1, 4)), 'keeps its tags')
    fails(d.read(9001, 1), GUARD, 'damage elsewhere is damage', 9001)
    good(d.write(9001, d.mix(9001, d.pattern(9001, 1, 9)), 1), 'WRITE')


def busy():
    d = Disk(0, 1, tags='/tags/one', data='/vdisks/one')
    good(d.write(20000, d.mix(20000, d.pattern(20000, 2, 4)), 1), 'WRITE')


def app_tag():
    print('== dif_static_app_tag while it runs')
    d = Disk(0, 1, tags='/tags/one', data='/vdisks/one')
    path = kit.ROOT + 'devices/one/dif_static_app_tag'
    good(d.write(8000, d.pattern(8000, 2, 1)), 'WRITE')
    must(kit.put('0x1a2b', path) == 0, 'taken')
    s.settle(0)
    must(kit.get(path) == '0x1a2b\n[key]\n', 'shown')
    d.app = 0x1a2b
    told(d, 0, 7, 0)
    fails(d.read(8000, 2), APP, 'what was written before', 8000)
    good(d.write(8000, d.pattern(8000, 2, 1)), 'WRITE')
    must(d.stored(8000) == d.tuple(8000, d.pattern(8000, 1, 1)), 'it is what is stored')
    good(d.read(8000, 2, 1), 'READ')
    good(s.scsi(d.cdb(0x8f, 8000, 1, 3, 2), d.lun, write=d.mix(8000, d.pattern(8000, 1, 1), app=0x1a2c)),
         'VERIFY does not compare tags of the device')
    wrong_tags(d)
    damaged(d)
    must(kit.put('junk', path) == 22, 'junk is refused')
    must(kit.put('0', path) == 0, 'off')
    s.settle(0)


def first():
    one = Disk(0, 1, tags='/tags/one', data='/vdisks/one')
    two = Disk(1, 2, tags='/var/lib/scst/dif_tags/two.dif', data='/vdisks/two')
    three = Disk(2, 3, tags='/tags/three', data='/vdisks/three')
    big = Disk(3, 1, 4096, tags='/tags/big', data='/vdisks/big')
    compute = Disk(4, 1)
    null = Disk(5, 1)
    block = Disk(6, 1, tags='/tags/block', data='/dev/vdb')
    block.place = 'dev'
    plain = Disk(7, 0)
    told(one, 0, 5, 1)
    told(two, 2, 7, 1)
    told(three, 4, 4, 1)
    told(big, 0, 5, 1)
    told(compute, 0, 5, 0)
    must(s.inquiry(7).data[5] & 1 == 0 and s.inquiry(7, 0x86).data[4] & 0x3f == 0, 'nothing of it on another disk')
    fails(plain.read(0, 1, 1), FIELD, 'nor is it taken there')
    must(not os.path.exists(SYS + 'lun7/dif_checks_failed'), 'nor are there files')
    good(one.read(5, 3, 1), 'what was never written')
    must(one.read(5, 1, 1).data[512:] == NONE, 'has no tags to check')
    for d in (one, two, three, big, compute, block):
        round_trip(d)
    for d in (one, three, big, compute, block):
        wrong_tags(d)
    for d in (one, two, three, big):
        damaged(d)
    for d in (one, three, big):
        other_commands(d)
        tags_of_initiators(d)
        compared(d)
        formatted(d)
    type_2(two)
    zero = bytes(512)
    for n in 2, 64:
        must(good(null.read(10, n, 1), 'nullio').data == null.mix(10, zero * n), 'tags of zeroes, %d blocks' % n)
    good(null.write(10, null.mix(10, null.pattern(10, 3, 1)), 1), 'nullio, WRITE')
    fails(null.write(10, null.mix(10, null.pattern(10, 3, 1), guard=1), 1), GUARD, 'nullio, WRITE', 10)
    copied(one, three)
    flushes(block, 'vdc')
    app_tag()
    for d in (one, three, big):
        good(d.write(9000, d.mix(9000, d.pattern(9000, 50, 9)), 1), 'for later')
    good(two.write(9000, two.pattern(9000, 50, 9)), 'for later')
    good(s.scsi(kit.sync10()), 'SYNCHRONIZE CACHE')


def again():
    for d in (Disk(0, 1, tags='/tags/one', data='/vdisks/one'), Disk(2, 3, tags='/tags/three', data='/vdisks/three'),
              Disk(3, 1, 4096, tags='/tags/big', data='/vdisks/big')):
        must(good(d.read(9000, 50, 1), 'READ').data == d.mix(9000, d.pattern(9000, 50, 9)), 'lun %d: data and tags' % d.lun)
        right = d.stored(9001)
        d.spoil(9001, bytes([right[0] ^ 1]))
        fails(d.read(9000, 50, 1), GUARD, 'still looks', 9001)
        d.spoil(9001, right)
    two = Disk(1, 2, tags='/var/lib/scst/dif_tags/two.dif', data='/vdisks/two')
    must(good(two.read(9000, 50, 1, {}), 'READ(32)').data == two.mix(9000, two.pattern(9000, 50, 9)), 'type 2')


if __name__ == '__main__':
    {'first': first, 'again': again, 'resized': resized, 'busy': busy, 'recovered': recovered, 'low': low, 'high': high}[STEP]()
    s.ping()
