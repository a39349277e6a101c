#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Logs in properly, then sends what an initiator would send, spoiled: bits flipped, fields replaced, PDUs cut, doubled,
exchanged or left out. What comes back must keep to RFC 7143 whatever was sent.

    wire_fuzz.py TARGET --seed N --seconds N [--log FILE]    sessions N:0, N:1, N:2 ... one after the other
    wire_fuzz.py TARGET --session N:K [--log FILE]           that one again, byte for byte

The bytes of a session depend on seed, number and what the target answers (tags of R2Ts are echoed), on nothing else. The last
line tells how many PDUs went out, how many of them spoiled, and how sessions ended. Ends with 1 when the target broke a
rule, and names the session.
"""
import argparse
import collections
import random
import select
import socket
import struct
import sys
import time

import iscsi
from iscsi import RESERVED

BS = 512
BLOCKS = 2048           # what is addressed on the disk, so that most commands do something
MRDSL = 65536           # ours
SMALL, LARGE = (0, 1, 2, 3, 4, 47, 48, 255, 256, 511, 512), (0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0xffffff, 0x1000000)
STATUS_CARRIERS = {iscsi.SCSI_RSP, iscsi.TMF_RSP, iscsi.TEXT_RSP, iscsi.LOGOUT_RSP, iscsi.REJECT, iscsi.ASYNC}
KNOWN = STATUS_CARRIERS | {iscsi.NOP_IN, iscsi.DATA_IN, iscsi.R2T}


class Broken(Exception):
    """The target broke a rule."""


class Peer:
    """The judge of what the target sends."""

    def __init__(self, s):
        self.s = s
        self.statsn, self.expcmdsn, self.maxcmdsn = s.expstatsn, s.cmdsn, s.maxcmdsn
        self.max_burst = int(s.negotiated.get('MaxBurstLength', 262144))
        self.edtl = {}          # tag -> the most that was ever announced for it
        self.anything = False   # bytes of data may have been read as headers: any length may have been announced
        self.r2ts = collections.deque(maxlen=16)
        self.pings = collections.deque(maxlen=4)
        self.texts = collections.deque(maxlen=4)        # tags of text exchanges that go on
        self.counts = collections.Counter()

    def sent(self, bhs):
        """Any PDU whose header may be read as a command announces a length."""
        tag, edtl = iscsi.be32(bhs, 16), iscsi.be32(bhs, 20)
        self.edtl[tag] = max(self.edtl.get(tag, 0), edtl)

    @staticmethod
    def rule(ok, p, what):
        if not ok:
            raise Broken('%s: %r %s' % (what, p, p.bhs.hex()))

    def judge(self, p):
        self.counts[p.opcode] += 1
        self.rule(p.opcode in KNOWN, p, 'an opcode that no target sends now')
        self.rule(len(p.data) <= MRDSL, p, 'longer than MaxRecvDataSegmentLength')
        carries = p.opcode in STATUS_CARRIERS or (p.opcode == iscsi.NOP_IN and p.itt != RESERVED) or \
            (p.opcode == iscsi.DATA_IN and p.flags & 1)
        if p.opcode != iscsi.DATA_IN or carries:
            self.rule(p.statsn == self.statsn, p, 'StatSN, wanted 0x%x' % self.statsn)
        if carries:
            self.statsn = (self.statsn + 1) & 0xffffffff
        self.window(p)
        if p.opcode == iscsi.DATA_IN:
            self.data_in(p)
        elif p.opcode == iscsi.R2T:
            self.r2t(p)
        elif p.opcode == iscsi.NOP_IN and p.ttt != RESERVED:
            self.pings.append(p.ttt)
        elif p.opcode == iscsi.TEXT_RSP and p.ttt != RESERVED:
            self.texts.append((p.itt, p.ttt))

    def window(self, p):
        for name, old, new in ('ExpCmdSN', self.expcmdsn, p.expcmdsn), ('MaxCmdSN', self.maxcmdsn, p.maxcmdsn):
            self.rule((new - old) & 0xffffffff < 0x80000000, p, '%s went back from 0x%x' % (name, old))
        self.rule((p.maxcmdsn - p.expcmdsn + 1) & 0xffffffff < 0x80000000, p, 'MaxCmdSN below ExpCmdSN - 1')
        self.expcmdsn, self.maxcmdsn = p.expcmdsn, p.maxcmdsn

    def data_in(self, p):
        if not self.anything:
            self.rule(p.itt in self.edtl, p, 'data for nothing that was asked')
            self.rule(p.offset + len(p.data) <= self.edtl[p.itt], p, 'data beyond the announced length')

    def r2t(self, p):
        wanted = p.residual             # bytes 44..47: Desired Data Transfer Length
        self.rule(0 < wanted <= self.max_burst, p, 'R2T for %d' % wanted)
        if not self.anything:
            self.rule(p.itt in self.edtl, p, 'R2T for nothing that was announced')
            self.rule(p.offset + wanted <= self.edtl[p.itt], p, 'R2T beyond the announced length')
        self.rule(p.ttt != RESERVED, p, 'R2T without a tag')
        self.r2ts.append((p.itt, p.ttt, p.offset, wanted))


class Fuzz:
    """One session."""

    def __init__(self, target, seed, log):
        self.rng, self.target, self.log = random.Random(seed), target, log
        self.tags, self.sent, self.spoiled = [], 0, 0
        self.held = None                # a PDU that goes out after the next one

    # --- proper PDUs: (header, data) ---

    def lba_blocks(self):
        blocks = self.rng.choice((0, 1, 8, 8, 64, 256))
        return self.rng.randrange(BLOCKS - blocks), blocks

    def cdb(self):
        """A command and the length it moves, positive: out."""
        lba, blocks = self.lba_blocks()
        rw = struct.pack('>IxHx', lba, blocks)
        return self.rng.choice((
            (b'\x28\0' + rw, -blocks * BS), (b'\x2a\0' + rw, blocks * BS), (b'\x2a\x08' + rw, blocks * BS),
            (b'\x88\0' + struct.pack('>QIxx', lba, blocks), -blocks * BS), (b'\x8a\0' + struct.pack('>QIxx', lba, blocks), blocks * BS),
            (b'\x2e\x02' + rw, blocks * BS), (b'\x2f\0' + rw, 0), (b'\x41\0' + rw, BS), (b'\x35\0' + bytes(8), 0),
            (b'\x89\0' + struct.pack('>Q', lba) + b'\0\0\0\x01\0\0', 2 * BS), (b'\x42\0\0\0\0\0\0\0\x18\0', 24),
            (bytes(6), 0), (b'\x12\0\0\0\xff\0', -255), (b'\x1a\0\x3f\0\xff\0', -255), (b'\x5a\0\x3f\0\0\0\0\2\0\0', -512),
            (b'\x9e\x10' + bytes(11) + b'\x20\0\0', -32), (b'\xa0' + bytes(5) + b'\0\0\x02\0\0\0', -512), (b'\3\0\0\0\xfc\0', -252),
            (b'\xa3\x0c' + bytes(4) + b'\0\0\x10\0\0\0', -4096), (b'\x15\x10\0\0\x10\0', 16), (self.rng.randbytes(16), self.rng.choice((0, BS, -BS))),
        ))

    def scsi(self):
        cdb, length = self.cdb()
        edtl, data = abs(length), b''
        if length > 0 and self.immediate and self.rng.random() < .7:
            data = self.rng.randbytes(min(edtl, self.first_burst, self.target_mrdsl))
        final = not (length > len(data) and not self.initial_r2t and self.rng.random() < .3)
        itt = self.new_tag()
        immediate = self.rng.random() < .05
        bhs = iscsi.scsi_command(itt, self.s.cmdsn, cdb, 0, edtl, length < 0, length > 0, self.rng.randrange(5), final, immediate)
        if not immediate:
            self.s.cmdsn = (self.s.cmdsn + 1) & 0xffffffff
        return bhs, data

    def data_out(self):
        """What an R2T asked for, or something nobody asked for."""
        if not self.peer.r2ts or self.rng.random() < .1:
            return iscsi.data_out(self.old_tag(), RESERVED, self.rng.randrange(3), 512 * self.rng.randrange(8)), self.rng.randbytes(512)
        itt, ttt, offset, wanted = self.peer.r2ts.popleft()
        part = min(wanted, self.target_mrdsl)
        if part < wanted:
            self.peer.r2ts.appendleft((itt, ttt, offset + part, wanted - part))
        sn = self.data_sn.get(ttt, 0)
        self.data_sn[ttt] = sn + 1
        return iscsi.data_out(itt, ttt, sn, offset, part == wanted), self.rng.randbytes(part)

    def nop(self):
        if self.peer.pings and self.rng.random() < .7:
            return iscsi.nop_out(RESERVED, self.s.cmdsn, self.peer.pings.popleft()), b''
        return iscsi.nop_out(self.new_tag(), self.s.cmdsn), self.rng.randbytes(self.rng.choice((0, 1, 64, 4096)))

    def function(self):
        fn = self.rng.choice((1, 1, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, self.rng.randrange(128)))
        fn = 6 if fn == 7 else fn       # a cold reset would end the session: too easy
        return iscsi.tmf(self.new_tag(), self.s.cmdsn, fn, 0, self.old_tag(), (self.s.cmdsn - self.rng.randrange(4)) & 0xffffffff), b''

    def text(self):
        """A request, whole or the first part of one; or the next part, or the wish for more, of one that goes on."""
        itt, ttt = self.new_tag(), RESERVED
        if self.peer.texts and self.rng.random() < .8:
            itt, ttt = self.peer.texts.popleft()
        data = self.rng.choice((b'SendTargets=\0', b'SendTargets=All\0', b'X-a=1\0', b'=\0', b'nonsense', b'A' * 4000 + b'\0', b'',
                                b'SendTar', b'gets=All\0'))
        bhs = bytearray(iscsi.text_request(itt, self.s.cmdsn, ttt, True))
        bhs[1] = self.rng.choice((iscsi.FINAL, iscsi.FINAL, iscsi.CONTINUE, iscsi.CONTINUE, 0, iscsi.FINAL | iscsi.CONTINUE))
        return bytes(bhs), data

    def long_cdb(self):
        """A CDB that goes on in an additional header segment, and a bidirectional command, as the standard has them."""
        more = self.rng.choice((1, 4, 16, 17, 100, 244))
        body = struct.pack('>HBx', 1 + more, 1) + self.rng.randbytes(more)
        if self.rng.random() < .5:
            body = iscsi.pad(body) + struct.pack('>HBxI', 5, 2, self.rng.choice((0, 512, 4096)))
        cdb = b'\x7f' + bytes(6) + bytes([8 + more & 0xfc]) + struct.pack('>H', self.rng.choice((9, 11, 0xd, 0x7ff))) + bytes(6)
        itt = self.new_tag()
        self.peer.edtl[itt] = max(self.peer.edtl.get(itt, 0), 4096)
        bhs = iscsi.scsi_command(itt, self.s.cmdsn, cdb, 0, 512, True, self.rng.random() < .5)
        self.s.cmdsn = (self.s.cmdsn + 1) & 0xffffffff
        return bhs, b'', iscsi.pad(body)

    def odd(self):
        opcode = self.rng.choice((iscsi.SNACK, iscsi.LOGIN, iscsi.SCSI_RSP, iscsi.R2T, 0x1c, 0x3f, self.rng.randrange(64)))
        if opcode == iscsi.LOGOUT:
            opcode = iscsi.SNACK
        return bytes([opcode]) + self.rng.randbytes(3) + bytes(4) + self.rng.randbytes(40), self.rng.randbytes(self.rng.choice((0, 4, 48)))

    def new_tag(self):
        self.tags.append(self.s.next_itt() if self.rng.random() < .97 else self.old_tag())
        return self.tags[-1]

    def old_tag(self):
        return self.rng.choice(self.tags[-8:]) if self.tags else 0x4444

    # --- spoiling ---

    def spoil(self, bhs, data):
        """One header with something wrong in it; length fields are set by encode(), and spoiled by spoil_bytes()."""
        b = bytearray(bhs)
        how = self.rng.randrange(5)
        if how == 0:
            b[self.rng.choice((0, 1, 2, 3) + tuple(range(8, 48)))] ^= 1 << self.rng.randrange(8)
        elif how == 1:
            struct.pack_into('>I', b, self.rng.choice((8, 12, 16, 20, 24, 28, 36, 40, 44)), self.rng.choice(SMALL + LARGE))
        elif how == 2:
            at = self.rng.choice((16, 20, 24, 36, 40))
            struct.pack_into('>I', b, at, (iscsi.be32(b, at) + self.rng.choice((-1, 1, 512, -512, 65536))) & 0xffffffff)
        elif how == 3:
            data = data[:self.rng.randrange(len(data) + 1)] if self.rng.random() < .5 else data + self.rng.randbytes(self.rng.choice((1, 4, 512)))
        else:
            b[1] = self.rng.randrange(256)
        return bytes(b), data

    def spoil_bytes(self, raw):
        """The bytes of a whole PDU: the length fields, a byte anywhere, the end."""
        b = bytearray(raw)
        how = self.rng.randrange(4)
        if how == 0:
            b[self.rng.randrange(4, 8)] = self.rng.choice((0, 1, 0x7f, 0x80, 0xff, self.rng.randrange(256)))
        elif how == 1:
            b[self.rng.randrange(len(b))] ^= 1 << self.rng.randrange(8)
        elif how == 2:
            del b[self.rng.randrange(len(b)):]
        else:
            at = self.rng.randrange(len(b))
            b[at:at] = self.rng.randbytes(self.rng.choice((1, 4, 48)))
        return bytes(b)

    def encode(self, bhs, data, ahs=b''):
        how = {'ahs': ahs}
        if self.rng.random() < self.rate / 4:
            how = self.rng.choice(({'ahs': ahs, 'bad_header': True}, {'ahs': ahs, 'bad_data': True}, {'ahs': self.ahs()}))
            self.spoiled += 1
        return self.s.encode(bhs, data, **how)

    def ahs(self):
        body = self.rng.randbytes(self.rng.choice((4, 8, 16, 252)))
        length = self.rng.choice((len(body) - 3, 0, 0xffff, 1, len(body)))
        return struct.pack('>HB', length & 0xffff, self.rng.choice((0, 1, 2, 0x7f)) | self.rng.choice((0, 0x40))) + body[3:]

    # --- one PDU after the other ---

    def out(self, raw):
        self.log.write('> %s\n' % raw[:48].hex())
        while raw:
            part = len(raw) if self.rng.random() < .9 else self.rng.randrange(1, len(raw) + 1)
            self.s.sock.sendall(raw[:part])
            raw = raw[part:]
        self.sent += 1

    def step(self):
        make = self.rng.choices((self.scsi, self.data_out, self.nop, self.function, self.text, self.long_cdb, self.odd),
                                (40, 30, 6, 10, 6, 3, 3))[0]
        bhs, data, *ahs = make()
        if self.rng.random() < self.rate:
            bhs, data = self.spoil(bhs, data)
            self.spoiled += 1
        self.peer.sent(bhs)
        raw = self.encode(bhs, data, *ahs)
        if self.rng.random() < self.rate / 4:
            raw = self.spoil_bytes(raw)
            self.spoiled += 1
            self.peer.anything = True
        self.order(raw)

    def order(self, raw):
        """In order, twice, later, never."""
        what = self.rng.random()
        if what < self.rate / 8:
            self.out(raw)
            self.spoiled += 1
        elif what < self.rate / 4 and not self.held:
            self.held = raw
            self.spoiled += 1
            return
        elif what < self.rate / 3:
            self.spoiled += 1
            return
        self.out(raw)
        if self.held:
            held, self.held = self.held, None
            self.out(held)

    def receive(self, wait):
        """All that is there; within @wait for the first."""
        while select.select([self.s.sock], [], [], wait)[0]:
            p = self.s.recv()
            self.log.write('< %s\n' % p.bhs.hex())
            self.peer.judge(p)
            wait = 0

    def login(self):
        digest = self.rng.choice(('None', 'None', 'CRC32C'))
        keys = {'HeaderDigest': digest, 'DataDigest': self.rng.choice(('None', digest)), 'InitialR2T': self.rng.choice(('Yes', 'No')),
                'ImmediateData': self.rng.choice(('Yes', 'No')), 'FirstBurstLength': self.rng.choice(('512', '4096', '65536')),
                'MaxBurstLength': self.rng.choice(('4096', '65536', '262144')), 'MaxOutstandingR2T': self.rng.choice(('1', '4')),
                'MaxRecvDataSegmentLength': str(MRDSL), 'iSCSIProtocolLevel': self.rng.choice(('1', '2'))}
        keys['FirstBurstLength'] = min(keys['FirstBurstLength'], keys['MaxBurstLength'], key=int)
        self.s = iscsi.Session('127.0.0.1', target=self.target, initiator='iqn.2026-01.test:fuzz', keys=keys, timeout=60,
                               isid=bytes([0x80, 0, 0, 0, 0, self.rng.randrange(3)]))
        got = self.s.negotiated
        self.peer, self.data_sn = Peer(self.s), {}
        self.immediate, self.initial_r2t = got.get('ImmediateData') == 'Yes', got.get('InitialR2T') == 'Yes'
        first_burst = got.get('FirstBurstLength', '')
        self.first_burst = int(first_burst) if first_burst.isdigit() else 0     # Irrelevant: nothing comes unsolicited
        self.target_mrdsl = min(int(got.get('MaxRecvDataSegmentLength', 8192)), 65536)

    def run(self):
        """How the session ended."""
        self.rate = self.rng.choice((0, .02, .1, .3))
        self.login()
        with self.s:
            try:
                for _ in range(self.rng.choice((3, 20, 100))):
                    self.step()
                    self.receive(0 if self.rng.random() < .7 else .02)
                if self.rng.random() < .5:
                    bhs = bytearray(iscsi.logout_request(self.s.next_itt(), self.s.cmdsn))
                    bhs[1] = 0x80 | self.rng.choice((0, 0, 1, 2, 0x7f))
                    self.out(self.s.encode(bytes(bhs)))
                    self.receive(.3)
                    return 'logout'
                return 'cut'
            except (iscsi.Closed, BrokenPipeError, ConnectionResetError):
                return 'closed by the target'
            except socket.timeout:
                return 'the target does not read'


def one(args, seed, counts):
    log = open(args.log, 'w') if args.log else open('/dev/null', 'w')
    fuzz = Fuzz(args.target, seed, log)
    try:
        counts[fuzz.run()] += 1
    except (Broken, iscsi.IscsiError) as e:
        print('session %s: %s' % (seed, e))
        return False
    finally:
        log.close()
    counts['PDUs'] += fuzz.sent
    counts['spoiled'] += fuzz.spoiled
    for opcode, n in fuzz.peer.counts.items():
        counts['answers 0x%02x' % opcode] += n
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('target')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--seconds', type=int, default=30)
    parser.add_argument('--session')
    parser.add_argument('--log')
    args = parser.parse_args()
    counts, end, n, ok = collections.Counter(), time.time() + args.seconds, 0, True
    if args.session:
        ok = one(args, args.session, counts)
    while ok and not args.session and time.time() < end:
        ok = one(args, '%d:%d' % (args.seed, n), counts)
        n += 1
    print('%d sessions: %s' % (n, ', '.join('%s %d' % c for c in sorted(counts.items()))))
    return 0 if ok else 1


if __name__ == '__main__':
    sys.exit(main())
