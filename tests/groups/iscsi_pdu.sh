# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Full-feature phase, PDU by PDU: framing and lengths, digests, R2T flows, numbers,
# residuals, pings, task management, text, logout. Each rule of RFC 7143 that is
# broken on purpose costs one command or one connection, never the target.
# check: 6.1
# timeout: 900
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:pdu

scst_up
open_fileio disk "$(mkdisk pdu 64)"
open_nullio null size_mb=64
add_target $T
add_lun $T 0 disk
add_lun $T 1 null
enable_target $T

cat > "$TESTDIR/t.py" <<'PY'
import os
import struct
import sys
import time
sys.path.insert(0, '/job/tests/raw')
import iscsi
from iscsi import CHECK_CONDITION, GOOD, RESERVED

T = sys.argv[1]
SOLICITED = {'ImmediateData': 'No', 'InitialR2T': 'Yes'}
ATTRS = '/sys/kernel/scst_tgt/targets/iscsi/%s/' % T


def login(keys=None, n=1, **how):
    isid = bytes([0x80, 0, 0, 0]) + struct.pack('>H', n)
    how.setdefault('timeout', 60)
    s = iscsi.Session('127.0.0.1', target=T, keys=keys, isid=isid, **how)
    return s.settle()


def same(got, wanted, what):
    if got != wanted:
        raise SystemExit('%s: got %r, wanted %r' % (what, got, wanted))
    print('ok  %s' % what)


def refused(r, asc, what):
    same((r.status, r.asc), (CHECK_CONDITION, asc), what)


def alive(s, what):
    same(s.test_unit_ready().status, GOOD, what + ': the session goes on')


def next_pdu(s, opcode, what):
    """The next PDU is of this kind; also past a ping."""
    while True:
        p = s.recv()
        if p.opcode != iscsi.NOP_IN or p.itt != RESERVED:
            break
    same(p.opcode, opcode, what)
    return p


def reject(s, reason, what):
    p = next_pdu(s, iscsi.REJECT, what + ': Reject')
    same((p.response, p.flags & 0x80, p.itt, len(p.data)), (reason, 0x80, RESERVED, 48), what + ': reason, F, tag, header')
    return p


def write10(lba, blocks):
    return struct.pack('>BBIxHx', 0x2a, 0, lba, blocks)


def read10(lba, blocks):
    return struct.pack('>BBIxHx', 0x28, 0, lba, blocks)


def set_attr(name, value=':default:'):
    with open(ATTRS + name, 'w') as f:
        f.write(value)


def start_write(s, cdb, edtl, data=b'', final=True, **how):
    itt = s.next_itt()
    s.send(iscsi.scsi_command(itt, s.cmdsn, cdb, edtl=edtl, write=True, final=final, **how), data)
    s.cmdsn += 1
    return itt


def cut_anywhere():
    whole = 0
    set_attr('NopInInterval', '0')      # the judge answers no pings meanwhile
    with login(n=1) as judge:
        for length in list(range(0, 48 + 512)) + [48 + 512]:
            s = iscsi.Session('127.0.0.1', target=T, isid=bytes([0x80, 0, 0, 0, 1, 0]), timeout=60)
            raw = s.encode(iscsi.scsi_command(s.next_itt(), s.cmdsn, write10(0, 1), edtl=512, write=True), b'w' * 512)
            s.send_raw(raw[:length])
            s.close()
            whole = len(raw)
        alive(judge, 'a WRITE cut at each of its %d bytes' % whole)
        same(judge.read10(0, 0, 1).status, GOOD, 'and reads as before')
    set_attr('NopInInterval')


def framing():
    with login() as s:
        r = s.scsi(bytes(16))
        same(r.status, GOOD, 'a CDB of zeros is TEST UNIT READY')
        for op in (0x07, 0x1f, 0x21, 0x3e):
            s.send(iscsi._bhs(op, itt=77), b'x' * 12)
            p = reject(s, 5, 'operation code 0x%02x' % op)
            same(p.data[0] & 0x3f, op, 'operation code 0x%02x: its header comes back' % op)
        s.send(iscsi._bhs(iscsi.SNACK, itt=77))
        reject(s, 3, 'SNACK')
        s.send(iscsi.login_request(5, s.cmdsn), b'InitiatorName=x\0')
        reject(s, 4, 'Login in full-feature phase')
        s.send(iscsi.scsi_command(RESERVED, s.cmdsn, bytes(6)))
        s.cmdsn += 1
        reject(s, 9, 'a command with the reserved tag')
        alive(s, 'unknown PDUs')
    for what, pdu in (('a data segment above MaxRecvDataSegmentLength', iscsi.nop_out(1, 1)),
                      ('the longest data segment there is', iscsi.scsi_command(1, 1, write10(0, 1), edtl=512, write=True))):
        with login() as s:
            b = bytearray(pdu)
            b[5:8] = b'\x10\x00\x01' if b[0] == 0x40 else b'\xff\xff\xff'
            s.send_raw(bytes(b))
            same(s.wait_closed(), True, what + ' closes')
    with login() as s:
        ahs = struct.pack('>HBB', 0xffff, 1, 0) + bytes(4)
        s.send(iscsi.scsi_command(9, s.cmdsn, bytes(6)), ahs=ahs)
        reject(s, 4, 'an AHS longer than the header says')
        same(s.wait_closed(), True, 'and then it closes')
    with login() as s:
        s.send(iscsi.scsi_command(9, s.cmdsn, bytes(6)), ahs=struct.pack('>HBB', 1, 0x3f, 0))
        s.cmdsn += 1
        same(s.finish(9).status, GOOD, 'an unknown AHS is ignored')
        r = s.scsi(write10(0, 1), read=512)
        same(r.status in (GOOD, CHECK_CONDITION), True, 'a WRITE sent as a read ends')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, bytes([0x53] + [0] * 9), edtl=512, read=True, write=True))
        s.cmdsn += 1
        same(s.finish(itt).status, CHECK_CONDITION, 'R and W together are refused')
        alive(s, 'disagreeing directions')


def immediate_rules():
    with login({'ImmediateData': 'No'}) as s:
        start_write(s, write10(0, 1), 512, b'x' * 512)
        reject(s, 4, 'immediate data under ImmediateData=No')
        same(s.wait_closed(), True, 'and then it closes')
    with login({'FirstBurstLength': '4096'}) as s:
        start_write(s, write10(0, 16), 8192, b'x' * 8192)
        reject(s, 4, 'immediate data above FirstBurstLength')
        same(s.wait_closed(), True, 'and then it closes')
    with login({'InitialR2T': 'Yes'}) as s:
        start_write(s, write10(0, 16), 8192, final=False)
        reject(s, 4, 'F=0 under InitialR2T=Yes')
        same(s.wait_closed(), True, 'and then it closes')
    with login() as s:
        s.write10(0, 0, b'a' * 1024)
        itt = start_write(s, write10(0, 1), 512, b'b' * 1024)
        refused(s.finish(itt), (0xb, 0xc, 0xd), 'immediate data above the expected length')
        same(s.read10(0, 1, 1).data, b'a' * 512, 'and nothing is written behind')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, read10(0, 1), edtl=512, read=True), b'b' * 512)
        s.cmdsn += 1
        refused(s.finish(itt), (0xb, 0xc, 0xc), 'data with a READ')
        first = s.next_itt()
        s.send(iscsi.scsi_command(first, s.cmdsn, bytes(6), immediate=True))
        same(s.finish(first).status, GOOD, 'an immediate SCSI command runs')
        alive(s, 'immediate data')
    with login(SOLICITED) as s:
        first = start_write(s, write10(0, 1), 512)
        p = next_pdu(s, iscsi.R2T, 'an ordinary command')
        tags = [s.next_itt() for _ in range(10)]
        for itt in tags:
            s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 1), edtl=512, write=True, immediate=True))
        asked = [next_pdu(s, iscsi.R2T, 'immediate command %d' % n) for n in range(8)]
        for itt in tags[8:]:
            same(reject(s, 6, 'one immediate command too many').data[16:20], struct.pack('>I', itt), 'its header comes back')
        same(s.ping(b'still'), b'still', 'pings are answered meanwhile')
        alive(s, 'too many immediate commands, and an ordinary one')
        s.send(iscsi.data_out(first, p.ttt, 0, 0, True), b'w' * 512)
        same(s.finish(first).status, GOOD, 'the ordinary one of before ends well')
        for p in asked:
            s.send(iscsi.data_out(p.itt, p.ttt, 0, 0, True), b'i' * 512)
            same(s.finish(p.itt).status, GOOD, 'an immediate one that was taken ends well')
        s.send(iscsi.scsi_command(tags[9], s.cmdsn, bytes(6), immediate=True))
        same(s.finish(tags[9]).status, GOOD, 'there is room for one again')


def unsolicited():
    data = os.urandom(65536)
    with login({'InitialR2T': 'No', 'FirstBurstLength': '20480', 'MaxBurstLength': '20480'}) as s:
        itt = start_write(s, write10(0, 128), 65536, data[:4096], final=False)
        s.send(iscsi.data_out(itt, RESERVED, 0, 4096, False), data[4096:12288])
        s.send(iscsi.data_out(itt, RESERVED, 1, 12288, True), data[12288:20480])
        want = 20480
        for sn in range(3):
            p = next_pdu(s, iscsi.R2T, 'R2T %d' % sn)
            length = min(20480, 65536 - want)
            same((p.datasn, p.offset, p.residual), (sn, want, length), 'R2T %d: R2TSN, offset, length' % sn)
            s.send(iscsi.data_out(itt, p.ttt, 0, want, False), data[want:want + 512])
            s.send(iscsi.data_out(itt, p.ttt, 1, want + 512, True), data[want + 512:want + length])
            want += length
        p = next_pdu(s, iscsi.SCSI_RSP, 'the response of a write in three R2Ts')
        same((p.status, p.datasn, p.flags), (GOOD, 3, 0x80), 'status, ExpDataSN, no residual')
        same(s.read10(0, 0, 128).data == data, True, 'what was written reads back')

        itt = start_write(s, write10(0, 8), 4096, final=False)
        s.send(iscsi.data_out(itt, RESERVED, 0, 0, True), b'')
        p = next_pdu(s, iscsi.R2T, 'an unsolicited sequence may be empty')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, False), b'')
        s.send(iscsi.data_out(itt, p.ttt, 1, 0, True), data[:4096])
        same(s.finish(itt).status, GOOD, 'a Data-Out without data is no end')
        s.send(iscsi.data_out(0x7777, 5, 0, 0, True), b's' * 512)
        alive(s, 'Data-Out of no command')
        itt = start_write(s, bytes([0xff] + [0] * 15), 8192, data[:4096], final=False)
        s.send(iscsi.data_out(itt, RESERVED, 0, 4096, True), data[4096:8192])
        refused(s.finish(itt), (5, 0x20, 0), 'a refused command swallows its data')
        alive(s, 'unsolicited data')


def drain(s, itt):
    """The R2Ts of a command that have come by now."""
    s.ping(b'one')
    s.ping(b'two')      # what was composed with the answer to the first is behind it
    got = [p for p in s.queue if p.opcode == iscsi.R2T and p.itt == itt]
    s.queue = [p for p in s.queue if p not in got]
    return got


def outstanding():
    """MaxOutstandingR2T is kept to, and made use of, whichever side sets it lower."""
    data = os.urandom(16 * 4096)
    for ours, theirs in ((None, 1), (None, 3), ('2', 8), (None, 65535)):
        set_attr('MaxOutstandingR2T', ours or ':default:')
        limit = min(theirs, int(ours or 32))
        with login(dict(SOLICITED, MaxBurstLength='4096', FirstBurstLength='4096', MaxOutstandingR2T=str(theirs))) as s:
            same(s.negotiated['MaxOutstandingR2T'], str(limit), 'MaxOutstandingR2T %s and %d' % (ours, theirs))
            itt = start_write(s, write10(0, 128), len(data))
            open_ones, most, sn = drain(s, itt), 0, 0
            while open_ones:
                most = max(most, len(open_ones))
                p = open_ones.pop(0)
                if (p.datasn, p.offset, p.residual) != (sn, 4096 * sn, 4096):
                    raise SystemExit('R2T %d: %r' % (sn, p))
                sn += 1
                s.send(iscsi.data_out(itt, p.ttt, 0, p.offset, True), data[p.offset:p.offset + p.residual])
                open_ones += drain(s, itt)
            same((sn, 1 <= most <= limit, limit == 1 or most > 1), (16, True, True), '16 R2Ts, at most %d of them at a time' % most)
            same(s.finish(itt).status, GOOD, 'the write')
            same(s.read10(0, 0, 128).data == data, True, 'and what it wrote')
    set_attr('MaxOutstandingR2T')


def bad_data_out():
    for what, cheat, asc, reason in (
            ('DataSN too high', lambda i, t: [(iscsi.data_out(i, t, 1, 0, True), 4096)], (0xb, 0, 0), 0),
            ('DataSN repeated', lambda i, t: [(iscsi.data_out(i, t, 0, 0, False), 512),
                                              (iscsi.data_out(i, t, 0, 512, True), 3584)], (0xb, 0, 0), 0),
            ('an offset that leaves a hole', lambda i, t: [(iscsi.data_out(i, t, 0, 512, True), 512)], (0xb, 0, 0), 0),
            ('F before the end', lambda i, t: [(iscsi.data_out(i, t, 0, 0, True), 512)], (0xb, 0, 0), 0),
            ('more than was asked for', lambda i, t: [(iscsi.data_out(i, t, 0, 0, True), 4608)], (0xb, 0xc, 0xd), 9),
            ('an offset that wraps', lambda i, t: [(iscsi.data_out(i, t, 0, 0xffffff00, True), 512)], (0xb, 0xc, 0xd), 9)):
        with login({'ImmediateData': 'No', 'InitialR2T': 'Yes'}) as s:
            same(s.write10(0, 8, b'a' * 4096).status, GOOD, what + ': what was there')
            itt = start_write(s, write10(8, 8), 4096)
            p = next_pdu(s, iscsi.R2T, what + ': R2T')
            for bhs, n in cheat(itt, p.ttt):
                s.send(bhs, b'E' * n)
            if reason:
                reject(s, reason, what)
            refused(s.finish(itt), asc, what)
            same(s.read10(0, 8, 8).data, b'a' * 4096, what + ': nothing is written')
            alive(s, what)
    with login({'ImmediateData': 'No', 'InitialR2T': 'Yes'}) as s:
        itt = start_write(s, write10(8, 8), 4096)
        p = next_pdu(s, iscsi.R2T, 'wrong tag: R2T')
        s.send(iscsi.data_out(itt, p.ttt ^ 0x5a, 0, 0, True), b'E' * 4096)
        reject(s, 9, 'a Target Transfer Tag that was not given out')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), b'E' * 4096)
        refused(s.finish(itt), (0xb, 0, 0), 'and its command fails')
        alive(s, 'wrong tag')


def numbers():
    with login() as s:
        for what, sn in (('below ExpCmdSN', s.cmdsn - 1), ('above MaxCmdSN', s.maxcmdsn + 1), ('far away', s.cmdsn + 0x40000000)):
            s.send(iscsi.scsi_command(0x99, sn & 0xffffffff, bytes(6)))
            same(s.ping(b'p'), b'p', 'CmdSN %s is ignored' % what)
        alive(s, 'numbers')
        s.send(iscsi.scsi_command(0x99, s.cmdsn + 1, bytes(6)))
        same(s.wait_closed(), True, 'a missing command closes')
    with login() as s:
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 8), edtl=4096, write=True))
        p = next_pdu(s, iscsi.R2T, 'tag reuse: R2T')
        s.cmdsn += 1
        s.send(iscsi.scsi_command(itt, s.cmdsn, bytes(6)))
        s.cmdsn += 1
        reject(s, 7, 'a tag in use')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), b'w' * 4096)
        same(s.finish(itt).status, GOOD, 'the first owner of the tag goes on')
        alive(s, 'tag reuse')
    set_attr('QueuedCommands', '4')
    with login({'ImmediateData': 'No', 'InitialR2T': 'Yes'}) as s:
        same(s.maxcmdsn - s.cmdsn + 1, 4, 'QueuedCommands is the window')
        open_ones = []
        for _ in range(4):
            itt = start_write(s, write10(0, 1), 512)
            open_ones.append(next_pdu(s, iscsi.R2T, 'a write of four'))
        p = open_ones[-1]
        same(p.maxcmdsn, (p.expcmdsn - 1) & 0xffffffff, 'then it is closed')
        for i, p in enumerate(open_ones):
            s.send(iscsi.data_out(p.itt, p.ttt, 0, 0, True), b'w' * 512)
            r = next_pdu(s, iscsi.SCSI_RSP, 'response %d' % i)
            same((r.maxcmdsn - r.expcmdsn + 1) & 0xffffffff, i + 1, 'and opens with each response')
        set_attr('QueuedCommands')
        alive(s, 'window')


def live():
    """What is changed counts for sessions that are there; a window that was told stays open."""
    with login() as s:
        same(s.maxcmdsn - s.cmdsn + 1, 32, 'the window')
        set_attr('QueuedCommands', '4')
        told = s.maxcmdsn
        for n in range(40):
            p = s.wait_for(iscsi.SCSI_RSP, itt=s.start(bytes(6)))
            if (p.maxcmdsn - told) & 0xffffffff > 0x7fffffff:
                raise SystemExit('MaxCmdSN goes back from %d to %d' % (told, p.maxcmdsn))
            told = p.maxcmdsn
        same(told - s.cmdsn + 1, 4, 'QueuedCommands=4: once what was told is used up')
        set_attr('QueuedCommands')
        alive(s, 'the window is opened')
        same(s.maxcmdsn - s.cmdsn + 1, 32, 'and is as before')
        set_attr('NopInInterval', '1')
        p = s.recv(20)
        same((p.opcode, p.itt, p.ttt != RESERVED), (iscsi.NOP_IN, RESERVED, True), 'NopInInterval=1: a ping')
        set_attr('NopInTimeout', '2')
        same(s.wait_closed(30), True, 'NopInTimeout=2: without an answer it closes')
    set_attr('NopInInterval')
    set_attr('NopInTimeout')


def residuals():
    with login() as s:
        for what, cdb, how, flags, count in (
                ('READ of less than expected', read10(0, 8), {'read': 8192}, 2, 4096),
                ('READ of more than expected', read10(0, 8), {'read': 1024}, 4, 3072),
                ('READ of what is expected', read10(0, 8), {'read': 4096}, 0, 0),
                ('INQUIRY with room', struct.pack('>BBBHB', 0x12, 0, 0, 36, 0), {'read': 100}, 2, 64),
                ('a refused command', bytes([0xff] + [0] * 15), {'read': 512}, 2, 512)):
            r = s.scsi(cdb, **how)
            same((r.underflow * 2 + r.overflow * 4, r.residual), (flags, count), 'residual: ' + what)
            same(len(r.data) <= how['read'], True, 'residual: %s: not a byte too many' % what)
        r = s.scsi(write10(0, 1), write=b'w' * 1024)
        same((r.underflow, r.residual), (True, 512), 'residual: WRITE of less than offered')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, read10(0, 8)))
        s.cmdsn += 1
        r = s.finish(itt)
        same((len(r.data), r.overflow, r.residual), (0, True, 4096), 'residual: READ without R')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, bytes([0x53] + [0] * 9), edtl=512, read=True, write=True), b'w' * 512,
               ahs=struct.pack('>HBxI', 5, 2, 4096))
        s.cmdsn += 1
        p = next_pdu(s, iscsi.SCSI_RSP, 'residuals: R and W')
        same((p.status, p.flags & 0x1e, p.offset, p.residual), (CHECK_CONDITION, 0x0a, 4096, 512), 'nothing was read, nothing written')
        r = s.scsi(write10(0, 1), write=b'w' * 512)
        same((r.status, r.underflow, r.residual), (GOOD, False, 0), 'residual: the next one')


def reads():
    with login({'MaxRecvDataSegmentLength': '8192', 'MaxBurstLength': '65536'}) as s:
        data = os.urandom(1 << 18)
        same(s.write10(0, 0, data).status, GOOD, 'a large write')
        itt = s.start(read10(0, 512), read=1 << 18)
        got, sn = b'', 0
        while True:
            p = s.wait_for(iscsi.DATA_IN, itt=itt)
            assert p.datasn == sn and p.offset == len(got) and len(p.data) <= 8192, p
            got += p.data
            assert p.final == (len(got) % 65536 == 0), p
            sn += 1
            if p.flags & 1:
                break
        same(got == data, True, 'a READ in %d Data-In with F at the ends of bursts' % sn)


def digests():
    set_attr('HeaderDigest', 'None,CRC32C')
    set_attr('DataDigest', 'None,CRC32C')
    for hd, dd in (('CRC32C', 'None'), ('None', 'CRC32C'), ('CRC32C', 'CRC32C')):
        what = 'HeaderDigest %s DataDigest %s' % (hd, dd)
        with login({'HeaderDigest': hd, 'DataDigest': dd}) as s:
            same((s.header_digest, s.data_digest), (hd == 'CRC32C', dd == 'CRC32C'), what + ': agreed')
            for blocks in (1, 16, 300):
                data = os.urandom(512 * blocks)
                same(s.write10(0, 0, data).status, GOOD, what + ': write %d' % blocks)
                same(s.read10(0, 0, blocks).data == data, True, what + ': read %d' % blocks)
            for n in (0, 1, 3, 4, 5000, 20001):
                ping = os.urandom(n)
                same(s.ping(ping) == ping, True, what + ': ping of %d bytes' % n)
    with login({'HeaderDigest': 'CRC32C'}) as s:
        s.send(iscsi.nop_out(5, s.cmdsn), bad_header=True)
        same(s.wait_closed(), True, 'a bad header digest closes')
    with login({'DataDigest': 'CRC32C'}) as s:
        s.write10(0, 0, b'a' * 1024)
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 1), edtl=512, write=True), b'b' * 512, bad_data=True)
        s.cmdsn += 1
        reject(s, 2, 'a bad digest of immediate data')
        refused(s.finish(itt), (0xb, 0x47, 5), 'and its command fails')
        itt = start_write(s, write10(0, 2), 1024)
        p = next_pdu(s, iscsi.R2T, 'R2T')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, False), b'b' * 512, bad_data=True)
        s.send(iscsi.data_out(itt, p.ttt, 1, 512, True), b'b' * 512)
        reject(s, 2, 'a bad digest of Data-Out')
        refused(s.finish(itt), (0xb, 0x47, 5), 'and its command fails, after the rest has come')
        same(s.read10(0, 0, 2).data, b'a' * 1024, 'and nothing is written')
        s.send(iscsi.nop_out(s.next_itt(), s.cmdsn), b'lost', bad_data=True)
        same(s.ping(b'found'), b'found', 'a ping with a bad digest is dropped')
        alive(s, 'bad digests')
    set_attr('HeaderDigest')
    set_attr('DataDigest')


def pings():
    with login({'MaxRecvDataSegmentLength': '1024'}) as s:
        same(s.ping(), b'', 'a ping without data')
        same(s.ping(b'x' * 1024), b'x' * 1024, 'a ping with data')
        same(s.ping(b'y' * 3000), b'y' * 1024, 'a ping cut to what the initiator takes')
        s.send(iscsi.nop_out(s.next_itt(), s.cmdsn, immediate=False), b'z')
        s.cmdsn += 1
        same(s.wait_for(iscsi.NOP_IN).data, b'z', 'a ping that is not immediate')
        s.send(iscsi.nop_out(RESERVED, s.cmdsn))
        alive(s, 'a ping that wants no answer')
    with login({'MaxRecvDataSegmentLength': '1048576'}) as s:
        # TCP holds the first answers, a few MiB; what does not fit there is memory of the target.
        sent = {s.next_itt(): bytes([n]) * 1048576 for n in range(20)}
        for itt, data in sent.items():
            s.send(iscsi.nop_out(itt, s.cmdsn), data)
        answered = refusals = 0
        while answered + refusals < len(sent):
            p = s.recv()
            if p.opcode == iscsi.REJECT:
                same(p.response, 0x0a, 'a long ping too many: out of resources')
                refusals += 1
            elif p.itt != RESERVED:
                if p.data != sent[p.itt]:
                    raise SystemExit('ping %d comes back changed' % p.itt)
                answered += 1
        same((answered > 0, refusals > 0), (True, True), '%d of 20 long pings at a time are answered' % answered)
        same(s.ping(b'z' * 1048576) == b'z' * 1048576, True, 'and the next one, when those have been read')
    set_attr('NopInInterval', '1')
    set_attr('NopInTimeout', '2')
    with login() as s:
        p = s.recv(15)
        same((p.opcode, p.itt, p.ttt != RESERVED, p.statsn), (iscsi.NOP_IN, RESERVED, True, s.expstatsn), "the target's ping")
        s.send(iscsi.nop_out(RESERVED, s.cmdsn, p.ttt, p.lun))
        alive(s, 'an answered ping')
        begin = time.time()
        same(s.wait_closed(30), True, 'a ping without answer closes')
        same(1 < time.time() - begin < 12, True, 'and in time')
    set_attr('NopInInterval')
    set_attr('NopInTimeout')


def task_management():
    with login({'ImmediateData': 'No', 'InitialR2T': 'Yes'}) as s:
        for fn, rsp in ((2, 0), (4, 0), (5, 0), (6, 0), (8, 4), (9, 5), (13, 5), (77, 5)):
            same(s.task_management(fn), rsp, 'task management function %d' % fn)
            s.settle()
        same(s.task_management(5, lun=99), 2, 'LUN RESET of a LUN that is not there')
        same(s.task_management(6, lun=99), 0, 'TARGET RESET is of no LUN')
        s.settle()
        same(s.task_management(1, rtt=0x4444, refcmdsn=s.cmdsn - 1), 1, 'ABORT TASK of a task long gone')
        # A number that was used for a command that never came: it counts as received from now on.
        same(s.task_management(1, rtt=0x4444, refcmdsn=s.cmdsn), 1, 'ABORT TASK of a command not sent yet')
        lost = s.cmdsn
        s.cmdsn += 1
        same(s.task_management(1, rtt=0x4444, refcmdsn=lost), 0, 'ABORT TASK of a command lost on the way')
        alive(s, 'the command after the lost one')

        same(s.write10(0, 0, b'a' * 4096).status, GOOD, 'what was there')
        itt = start_write(s, write10(0, 8), 4096)
        p = next_pdu(s, iscsi.R2T, 'a write that waits for data')
        begin = time.time()
        same(s.task_management(1, rtt=itt, refcmdsn=s.cmdsn - 1), 0, 'ABORT TASK of it')
        same(time.time() - begin < 14, True, 'in ten seconds')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), b'E' * 4096)
        alive(s, 'its data come too late')
        itt = start_write(s, write10(0, 8), 4096)
        p = next_pdu(s, iscsi.R2T, 'another one')
        tag = s.next_itt()
        s.send(iscsi.tmf(tag, s.cmdsn, 1, 0, itt, s.cmdsn - 1))
        begin = time.time()
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), b'E' * 4096)
        same(s.wait_for(iscsi.TMF_RSP, itt=tag).response, 0, 'ABORT TASK with the data still coming')
        same(time.time() - begin < 5, True, 'at once')
        same(s.read10(0, 0, 8).data, b'a' * 4096, 'and nothing is written')
        itt = start_write(s, write10(0, 8), 4096)
        next_pdu(s, iscsi.R2T, 'a write to a LUN')
        same(s.task_management(1, lun=1, rtt=itt, refcmdsn=s.cmdsn - 1), 255, 'ABORT TASK with another LUN')
        tags = [s.next_itt() for _ in range(8)]
        for tag in tags:
            s.send(iscsi.tmf(tag, s.cmdsn, 2))
        for tag in tags:
            same(s.wait_for(iscsi.TMF_RSP, itt=tag).response, 0, 'eight functions at once')
        s.settle()
    with login(n=1) as s, login(n=2) as other:
        same(s.task_management(7), 0, 'TARGET COLD RESET')
        same((s.wait_closed(), other.wait_closed()), (True, True), 'closes all sessions of the target')


def queries():
    """RFC 7144: what is there may be asked for, what is asked for stays there."""
    with login({'iSCSIProtocolLevel': '2', 'ImmediateData': 'No', 'InitialR2T': 'Yes'}) as s, \
            login({'iSCSIProtocolLevel': '1'}, n=2) as other:
        same(s.negotiated['iSCSIProtocolLevel'], '2', 'iSCSIProtocolLevel')
        s.settle(1)
        for fn in 9, 10, 11, 12:
            same(other.task_management(fn), 5, 'function %d at level 1' % fn)
        same(s.task_management(10), 0, 'QUERY TASK SET, nothing there')
        same(s.task_management(9, rtt=0x4444), 0, 'QUERY TASK, not there')
        same(s.task_management(10, lun=99), 2, 'QUERY TASK SET of a LUN that is not there')
        itt = start_write(s, write10(0, 8), 4096)
        p = next_pdu(s, iscsi.R2T, 'a write that waits for data')
        same(s.task_management(9, rtt=itt, refcmdsn=s.cmdsn - 1), 7, 'QUERY TASK, there')
        same(s.task_management(9, lun=1, rtt=itt, refcmdsn=s.cmdsn - 1), 0, 'QUERY TASK, of another LUN')
        same(s.task_management(10), 7, 'QUERY TASK SET')
        same(s.task_management(10, lun=1), 0, 'QUERY TASK SET of another LUN')
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), b'q' * 4096)
        same(s.finish(itt).status, GOOD, 'the write was not disturbed')
        same(async_event(s), (0, 0), 'QUERY ASYNCHRONOUS EVENT, none')
        same(other.task_management(5), 0, 'LOGICAL UNIT RESET by another')
        same(async_event(s), (7, 0x162903), 'QUERY ASYNCHRONOUS EVENT, one: BUS DEVICE RESET FUNCTION')
        refused(s.test_unit_ready(), (6, 0x29, 3), 'it was not taken by the query')
        same(async_event(s), (0, 0), 'and is told once')

        itt = start_write(s, write10(0, 8), 4096)
        next_pdu(s, iscsi.R2T, 'another write')
        same(s.scsi(bytes([0x16, 0, 0, 0, 0, 0]), 0).status, GOOD, 'RESERVE')
        same(other.read10(0, 0, 1).status, iscsi.CONFLICT, 'which the other nexus meets')
        same(s.task_management(11), 0, 'I_T NEXUS RESET')
        same(s.task_management(9, rtt=itt, refcmdsn=s.cmdsn - 1), 0, 'the write is gone')
        for lun in 0, 1:
            refused(s.test_unit_ready(lun), (6, 0x29, 7), 'I_T NEXUS LOSS on LUN %d' % lun)
        same(other.settle().read10(0, 0, 1).status, GOOD, 'the other nexus has lost nothing, and meets none any more')
        same(s.read10(0, 0, 8).data, b'q' * 4096, 'nothing of the aborted write is there')


def async_event(s):
    itt = s.next_itt()
    s.send(iscsi.tmf(itt, s.cmdsn, 12))
    p = s.wait_for(iscsi.TMF_RSP, itt=itt)
    return p.response, iscsi.be32(b'\0' + p.bhs[8:11], 0)


def text_and_logout():
    with login() as s:
        for what in ('', T):
            same(list(s.send_targets(what)), [T], 'SendTargets=%s in a session' % what)
        same(s.send_targets(T)[T], ['127.0.0.1:3260,1'], 'with the address of the connection')
        same(s.send_targets('iqn.2026-01.test:other'), {}, 'SendTargets of another target')
        same(s.text({'SendTargets': 'All'}), [('SendTargets', 'Reject')], 'SendTargets=All')
        same(s.text({'X-com.example.key': '1'}), [('X-com.example.key', 'NotUnderstood')], 'an unknown key')
        s.write10(0, 0, b't' * 8192)
        same(s.text({'MaxRecvDataSegmentLength': '512'}), [], 'a new MaxRecvDataSegmentLength')
        itt = s.start(read10(0, 16), read=8192)
        p = s.wait_for(iscsi.DATA_IN, itt=itt)
        same(len(p.data), 512, 'is kept to')
        s.finish(itt)
        s.send(iscsi.text_request(s.next_itt(), s.cmdsn), b'no pair at all\0')
        reject(s, 4, 'text without a value')
        same(s.logout(2), 2, 'logout for recovery')
        same(s.logout(1, cid=7), 1, 'logout of another connection')
        s.send(iscsi.logout_request(s.next_itt(), s.cmdsn, 7))
        reject(s, 9, 'logout for no reason')
        alive(s, 'refused logouts')
        same(s.logout(1, cid=0), 0, 'logout of this connection')
        s.send(iscsi.scsi_command(s.next_itt(), s.cmdsn, bytes(6)))
        same(s.wait_closed(5), True, 'and then it closes')
    with login() as s:
        itt = start_write(s, write10(0, 8), 4096, b'w' * 4096)
        s.send(iscsi.logout_request(s.next_itt(), s.cmdsn))
        same(s.wait_for(iscsi.LOGOUT_RSP).response, 0, 'logout right behind a write')


def logout_order():
    """RFC 7143 11.14: a logout ends the commands before it, then it is answered, and nothing follows the answer."""
    with login() as s:
        s.settle(1)
        raw = s.encode(iscsi.scsi_command(s.next_itt(), s.cmdsn, write10(0, 8), 1, edtl=4096, write=True), b'w' * 4096)
        raw += s.encode(iscsi.logout_request(s.next_itt(), s.cmdsn + 1))
        s.send_raw(raw)
        same(next_pdu(s, iscsi.SCSI_RSP, 'a write and a logout in one piece: the write').status, GOOD, 'which is executed')
        same(next_pdu(s, iscsi.LOGOUT_RSP, 'then the logout').response, 0, 'which succeeds')
        same(ended(s), True, 'and nothing follows')
    with login(SOLICITED) as s:
        start_write(s, write10(0, 8), 4096)
        next_pdu(s, iscsi.R2T, 'a write that waits for data')
        s.send(iscsi.tmf(s.next_itt(), s.cmdsn, 2))
        begin = time.time()
        s.send(iscsi.logout_request(s.next_itt(), s.cmdsn))
        p = s.wait_for(iscsi.LOGOUT_RSP)
        same((p.response, time.time() - begin < 5), (0, True), 'a logout behind it is answered at once')
        same(ended(s), True, 'and nothing follows')
    with login() as s, login(n=2) as other:
        same(s.write10(0, 0, b'a' * 4096).status, GOOD, 'what was there')
        block('1')
        start_write(s, write10(0, 8), 4096, b'E' * 4096)
        same(s.logout(), 0, 'logout with a write at the gate')
        block('0')
        time.sleep(0.5)
        same(other.read10(0, 0, 8).data == b'a' * 4096, True, 'nothing is written when the gate opens')


def ended(s):
    """The next thing is the end of the connection."""
    try:
        print('%r' % s.recv(5))
    except iscsi.Closed:
        return True
    return False


def block(value):
    with open('/sys/kernel/scst_tgt/devices/disk/block', 'w') as f:
        f.write(value)


def long_text():
    """Requests in several PDUs, cut within a key; answers in several, each no longer than the initiator takes."""
    with login({'MaxRecvDataSegmentLength': '512'}) as s:
        keys = [('X-com.example.key-number-%02d' % n, 'x') for n in range(60)]
        whole = iscsi.text(keys)
        itt, ttt, at = s.next_itt(), RESERVED, 0
        while at < len(whole):
            piece = whole[at:at + 601]
            at += len(piece)
            last = at == len(whole)
            s.send(iscsi.text_request(itt, s.cmdsn, ttt, final=last, cont=not last, immediate=False), piece)
            s.cmdsn += 1
            p = next_pdu(s, iscsi.TEXT_RSP, 'text up to byte %d' % at)
            if not last:
                same((p.final, p.data, p.ttt != RESERVED, p.expcmdsn), (False, b'', True, s.cmdsn), 'more is asked for')
            ttt = p.ttt
        answer, pieces = b'', 0
        while True:
            answer += p.data
            pieces += 1
            if p.final:
                break
            same((len(p.data) <= 512, p.ttt != RESERVED), (True, True), 'piece %d of the answer' % pieces)
            s.send(iscsi.text_request(itt, s.cmdsn, p.ttt))
            p = next_pdu(s, iscsi.TEXT_RSP, 'the next one')
        same((pieces > 3, p.ttt), (True, RESERVED), 'the last of %d pieces' % pieces)
        same(iscsi.parse_text(answer), [(k, 'NotUnderstood') for k, _ in keys], 'all of it')
        s.send(iscsi.text_request(itt, s.cmdsn), iscsi.text(keys[:40]))
        p = next_pdu(s, iscsi.TEXT_RSP, 'a long answer')
        s.send(iscsi.text_request(itt, s.cmdsn, p.ttt ^ 0x55))
        reject(s, 9, 'a tag that was not given out')
        s.send(iscsi.text_request(itt, s.cmdsn, p.ttt))
        reject(s, 9, 'the exchange is over')
        s.send(iscsi.text_request(itt, s.cmdsn, final=True, cont=True), b'a=b\0')
        reject(s, 4, 'F and C together')
        same(list(s.send_targets('')), [T], 'SendTargets afterwards')
        alive(s, 'long text')


def forced():
    """Whose session is closed by the administrator is told so."""
    with login() as s, login(n=2) as other:
        statsn = s.expstatsn
        with open(folder_of(s) + 'force_close', 'w') as f:
            f.write('1')
        p = next_pdu(s, iscsi.ASYNC, 'Asynchronous Message')
        same((p.bhs[1], p.itt, p.statsn, p.bhs[36], p.bhs[38:44]), (0x80, RESERVED, statsn, 3, bytes(6)),
             'F, tag, StatSN, event 3, no time to wait')
        same(s.wait_closed(), True, 'and then it closes')
        alive(other, 'another one is closed')


def folder_of(s):
    """By its sid: ISID and TSIH, read as one little-endian number."""
    sid = '%x\n' % int.from_bytes(s.isid + struct.pack('<H', s.tsih), 'little')
    for name in os.listdir(ATTRS + 'sessions'):
        folder = ATTRS + 'sessions/%s/' % name
        try:
            if open(folder + 'sid').read() == sid:
                return folder
        except OSError:         # one that is just going
            pass
    raise SystemExit('no session has the sid ' + sid)


def addresses():
    for host, name in (('127.0.0.1', '127.0.0.1'), ('::1', '[0000:0000:0000:0000:0000:0000:0000:0001]')):
        s = iscsi.Session(host, target=T, initiator='iqn.2026-01.test:shown')
        d = ATTRS + 'sessions/iqn.2026-01.test:shown/' + name
        same(open(d + '/ip').read().strip(), name, 'ip')
        same(open(d + '/target_ip').read().strip(), name, 'target_ip')
        same(open(d + '/cid').read().strip(), '0', 'cid')
        time.sleep(0.2)
        same(open(d + '/state').read().rstrip('\n'), 'established idle ', 'state')
        s.logout()
        s.close()
        for _ in range(100):
            if not os.path.exists(d):
                break
            time.sleep(0.1)
        same(os.path.exists(d), False, 'the session is gone')


for part in sys.argv[2:]:
    print('--- ' + part)
    globals()[part]()
PY
for part in cut_anywhere framing immediate_rules unsolicited outstanding bad_data_out numbers live residuals reads digests \
	pings task_management queries text_and_logout logout_order long_text forced addresses; do
	step $part
	run python3 "$TESTDIR/t.py" $T $part
done
step "nothing stays"
wait_for 30 no_sessions || fail "a session stays: $(echo $ISCSI/$T/sessions/*/)"
run iscsi-inq iscsi://127.0.0.1/$T/0
