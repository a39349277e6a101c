#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A virtual CD-ROM drive as two initiators see it: what it answers empty and full, who may take the medium out, who is told
of a new one, and reads that go on while it is changed.

    cdrom.py TARGET DEVICE FOLDER MEDIA     makes so many images in FOLDER
"""
import struct
import sys
import threading
import time

import iscsi
import iso
from kit import ROOT, get, must, put, read10

BLOCK = iso.BLOCK
EMPTY, CHANGED, LOCKED = (2, 0x3a, 0), (6, 0x28, 0), (5, 0x53, 2)
EBUSY = 16
BLOCKS = 128        # of the one file of a medium
target, device, folder = sys.argv[1:4]
images = ['%s/%d.iso' % (folder, n) for n in range(int(sys.argv[4]))]
FILENAME = '%s/devices/%s/filename' % (ROOT, device)
SIZE = '%s/devices/%s/size' % (ROOT, device)

TOC = bytes.fromhex('43000000000000001400')
CAPACITY = bytes([0x25]).ljust(10, b'\0')
OPCODES = struct.pack('>BB4xIxx', 0xa3, 0x0c, 4096)


def start_stop(flags):
    return bytes([0x1b, 0, 0, 0, flags, 0])


def prevent(on):
    return bytes([0x1e, 0, 0, 0, on, 0])


EJECT, LOAD, START = start_stop(2), start_stop(3), start_stop(1)


def session(n):
    return iscsi.Session('127.0.0.1', target=target, initiator='iqn.2026-01.test:cd%d' % n)


def insert(n, quiet=False):
    return put(images[n], FILENAME, quiet)


def eject():
    return put('\n', FILENAME)


def says(s, asc, what, cdb=bytes(6), read=0, write=b''):
    r = s.scsi(cdb, read=read, write=write)
    must(r.asc == asc and r.status == iscsi.CHECK_CONDITION, '%s: %r' % (what, r))


def good(s, what, cdb=bytes(6), read=0):
    r = s.scsi(cdb, read=read)
    must(r.status == iscsi.GOOD, '%s: %r' % (what, r))
    return r.data


def opcodes(s):
    data = good(s, 'REPORT SUPPORTED OPERATION CODES', OPCODES, 4096)
    size = struct.unpack('>I', data[:4])[0]
    return {data[4 + i] for i in range(0, size, 8)}


def empty(a, b):
    for s in a, b:
        settle_to(s, EMPTY)
    data = good(a, 'INQUIRY of an empty drive', bytes([0x12, 0, 0, 0, 96, 0]), 96)
    must(data[:3] == bytes([5, 0x80, 6]) and data[8:16] == b'SCST_FIO', 'type 5, removable: %s' % data[:36])
    for name, cdb, read in (('TEST UNIT READY', bytes(6), 0), ('READ', read10(0, 1), BLOCK), ('READ CAPACITY', CAPACITY, 8),
                            ('READ TOC', TOC, 20), ('START', START, 0), ('load', LOAD, 0)):
        says(a, EMPTY, name + ' without a medium', cdb, read)
    says(a, EMPTY, 'WRITE without a medium', struct.pack('>BBIxHx', 0x2a, 0, 0, 1), write=bytes(BLOCK))
    data = good(a, 'MODE SENSE', bytes([0x1a, 0, 0x3f, 0, 255, 0]), 255)
    must(data[1:4] == bytes([5, 0x80, 8]) and data[4:12] == struct.pack('>II', 0, BLOCK), 'header and descriptor: %s' % data[:12].hex())
    good(a, 'an empty drive opens', EJECT)
    good(a, 'PREVENT', prevent(1))
    must(insert(0) == EBUSY, 'a locked drive stays empty')
    good(a, 'ALLOW', prevent(0))


def full(a, b):
    must(insert(0) == 0, 'a medium goes in')
    for s in a, b:
        says(s, CHANGED, 'told once')
        good(s, 'and not twice')
    image = open(images[0], 'rb').read()
    blocks = len(image) // BLOCK
    must(get(FILENAME) == images[0] + '\n[key]\n\n' and get(SIZE) == '%d\n[key]\n' % len(image), 'filename and size')
    must(good(a, 'READ CAPACITY(10)', CAPACITY, 8) == struct.pack('>II', blocks - 1, BLOCK), 'capacity')
    must(a.scsi(read10(0, blocks), read=len(image)).data == image, 'the whole image')
    says(a, (5, 0x21, 0), 'behind the end', read10(blocks, 1), BLOCK)
    toc = bytes.fromhex('0012010100140100000000000014aa00') + struct.pack('>I', blocks)
    must(good(a, 'READ TOC', TOC, 20) == toc, 'one data track')
    says(a, (7, 0x27, 0), 'WRITE', struct.pack('>BBIxHx', 0x2a, 0, 0, 1), write=bytes(BLOCK))
    for name, cdb in (('READ CAPACITY(16)', struct.pack('>BB8xIxx', 0x9e, 0x10, 32)), ('UNMAP', bytes([0x42]).ljust(10, b'\0')),
                      ('WRITE SAME', bytes([0x41]).ljust(10, b'\0')), ('FORMAT UNIT', bytes([4]).ljust(6, b'\0'))):
        says(a, (5, 0x20, 0), name + ' is none of its commands', cdb)
    data = good(a, 'MODE SENSE', bytes([0x1a, 8, 0x3f, 0, 255, 0]), 255)
    must([data[4] & 0x3f, data[16] & 0x3f, data[28] & 0x3f, len(data)] == [1, 0x0a, 0x1c, 40], 'pages 01, 0A, 1C: %s' % data.hex())
    data = good(a, 'VPD page 00', bytes([0x12, 1, 0, 0, 255, 0]), 255)
    must(data == bytes.fromhex('0500000400808386'), 'its pages: %s' % data.hex())
    have = opcodes(a)
    must({0x00, 0x08, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0x2a, 0x43, 0xa8} <= have and not have & {0x04, 0x41, 0x42, 0x89, 0x9e},
         'its commands: %s' % ' '.join('%02x' % c for c in sorted(have)))


def removal(a, b):
    good(b, 'PREVENT', prevent(1))
    must(insert(1) == EBUSY and eject() == EBUSY, 'the administrator cannot take it out')
    says(a, LOCKED, 'nor can another initiator', EJECT)
    good(a, 'loading what is in there takes nothing out', LOAD)
    must(a.task_management(5) == 0, 'LOGICAL UNIT RESET unlocks')
    settle_to(a, None)
    says(b, (6, 0x29, 3), 'reset')
    good(a, 'out by an initiator', EJECT)
    for s in a, b:
        says(s, EMPTY, 'nothing is in there')
    must(get(FILENAME) == images[0] + '\n[key]\n\n', 'it lies on the tray')
    good(a, 'in again', LOAD)
    good(a, 'who loads knows')
    says(b, CHANGED, 'who does not is told')
    third = session(3)
    third.settle()
    good(third, 'PREVENT', prevent(1))
    must(eject() == EBUSY, 'locked by a third')
    third.logout()
    third.close()
    time.sleep(1)
    must(put('relative.iso', FILENAME) == 22 and put('/none/such.iso', FILENAME) == 2 and put('/etc/hostname', FILENAME) == 22 and
         put('/etc', FILENAME) == 22, 'bad media are refused')
    good(a, 'and the old one stays')
    must(a.scsi(read10(23, 1), read=BLOCK).data == iso.block(23, 0), 'with its bytes')
    must(eject() == 0, 'out by the administrator, the lock went with its owner')
    must(get(FILENAME) == 'none\n\n' and get(SIZE) == '0\n[key]\n', 'none')
    for s in a, b:
        says(s, EMPTY, 'out', read10(0, 1), BLOCK)
    must(eject() == 0, 'twice is no error')
    must(insert(1) == 0 and insert(2) == 0, 'two swaps before anybody looks')
    for s in a, b:
        says(s, CHANGED, 'told once')
        must(s.scsi(read10(23, 1), read=BLOCK).data == iso.block(23, 2), 'the new bytes')


def in_order(s, tags):
    """Tag and result of each command, as they come."""
    data = {t: b'' for t in tags}
    while data:
        p = s.wait_for(iscsi.DATA_IN, iscsi.SCSI_RSP)
        if p.opcode == iscsi.DATA_IN:
            data[p.itt] += p.data
            if p.flags & 1:
                yield p.itt, iscsi.Result(p.status, data.pop(p.itt), b'', 0, False, False, p.residual)
        else:
            yield p.itt, iscsi.Result(p.status, data.pop(p.itt), p.data[2:], p.response, False, False, p.residual)


class Reader(threading.Thread):
    """
    Sixteen reads at a time. Bytes of a new medium come after the attention; once the new one is in, a read that is sent then
    never brings bytes of the old one. The attention may overtake bytes of the old one that were read before the change: what
    is in the drive is known again with the next sixteen.
    """

    inserted = 2        # the medium that is in there

    def __init__(self, n):
        super().__init__(daemon=True)
        self.n, self.medium, self.known, self.stop, self.wrong = n, -1, False, False, None
        self.reads = self.told = self.empty = 0
        self.doubt = False  # these sixteen brought an attention

    def judge(self, lba, r, oldest):
        if r.asc in (CHANGED, EMPTY):
            self.told += r.asc == CHANGED
            self.empty += r.asc == EMPTY
            self.known, self.doubt = False, True
            return
        lba_read, number = struct.unpack('>II', r.data[:8])
        if r.status or lba_read != lba or r.data != b''.join(iso.block(lba + i, number) for i in range(4)):
            raise iscsi.IscsiError('bytes of nowhere: %r %d %d' % (r, lba_read, number))
        if number < max(oldest, self.medium) or self.known and number != self.medium:
            raise iscsi.IscsiError('bytes of medium %d %s after %d, when %d was in' % (
                number, 'without a word' if self.known else 'and told', self.medium, oldest))
        self.medium, self.known = number, not self.doubt
        self.reads += 1

    def batch(self, s):
        lbas = [iso.FIRST + (self.reads * 7 + 4 * i) % (BLOCKS - 4) for i in range(16)]
        oldest, self.doubt = Reader.inserted, False
        tags = {s.start(read10(lba, 4), read=4 * BLOCK): lba for lba in lbas}
        for tag, r in in_order(s, tags):
            self.judge(tags[tag], r, oldest)

    def run(self):
        try:
            with session(self.n) as s:
                s.settle()
                while not self.stop:
                    self.batch(s)
        except Exception as e:      # told to the main thread
            self.wrong = e


def load():
    readers = [Reader(n) for n in (4, 5)]
    for r in readers:
        r.start()
    while any(r.medium < 0 and not r.wrong for r in readers):
        time.sleep(0.1)
    swaps = 0
    for n in range(3, len(images)):
        time.sleep(0.1)
        if n % 5 == 0 and put('\n', FILENAME, True) or insert(n, True):
            must(False, 'swap to %d' % n)
        Reader.inserted = n
        if any(r.wrong for r in readers):
            break
        swaps += 1
    time.sleep(1)
    for r in readers:
        r.stop = True
        r.join(30)
    for r in readers:
        must(not r.wrong and not r.is_alive(), 'reader %d: %s' % (r.n, r.wrong or 'no wrong byte'))
        must(r.medium == 2 + swaps and r.told >= swaps // 4 and r.reads > swaps,
             '%d swaps: %d reads, told %d times, empty %d times, last medium %d' % (swaps, r.reads, r.told, r.empty, r.medium))


def settle_to(s, asc):
    for _ in range(8):
        if s.test_unit_ready().asc == asc:
            return
    must(False, 'the drive does not say %s' % (asc,))


for number, name in enumerate(images):
    with open(name, 'wb') as f:
        f.write(iso.image(number, BLOCKS * BLOCK))
with session(1) as one, session(2) as two:
    empty(one, two)
    full(one, two)
    removal(one, two)
load()
