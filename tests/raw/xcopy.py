# SPDX-License-Identifier: GPL-2.0
"""EXTENDED COPY and RECEIVE COPY RESULTS, for tests/groups/xcopy.sh, which made the LUNs:

0 a (file), 1 b (file), 2 blk (block device), 3 ro (file, read-only LUN), 4 slow (a second for each write), 5 big (4096-byte blocks).
The device "hidden" exists, but another initiator alone has it.
"""
import struct
import sys
import threading
import time

import iscsi
from kit import BS, ROOT, Waiting, must, pattern, put, suspended

TARGET = sys.argv[1]
A, B, BLK, RO, SLOW, BIG = range(6)
MIB = 1 << 20
XCOPY, RECEIVE = 0x83, 0x84
STATUS, PARAMETERS, FAILED = 0, 3, 4
LUNS = ROOT + 'targets/iscsi/%s/luns/mgmt' % TARGET
OTHER = 'iqn.2024-01.test:other'


def session(name=iscsi.INITIATOR, isid=iscsi.ISID):
    s = iscsi.Session('127.0.0.1', target=TARGET, initiator=name, isid=isid, timeout=60)
    for lun in s.report_luns().data[8:][1::8]:
        s.settle(lun)
    return s


def designators(page):
    at = 4
    while at + 4 <= len(page):
        n = 4 + page[at + 3]
        yield page[at:at + n]
        at += n


def name_of(s, lun):
    """The designator that fits a descriptor: binary, of the logical unit."""
    page = s.inquiry(lun, page=0x83, length=512).data
    return next(d for d in designators(page) if not d[1] & 0x30 and d[0] & 0xf == 1 and len(d) <= 24)


def cscd(name, bs=BS, kind=0xe4, flags=0):
    return struct.pack('>BBH', kind, flags, 0) + name.ljust(24, b'\0') + struct.pack('>I', bs)


def segment(src, dst, src_lba, dst_lba, blocks, dc=0, kind=2):
    return struct.pack('>BBHHHHHQQ', kind, dc << 1, 0x18, src, dst, 0, blocks, src_lba, dst_lba)


def parameters(cscds, segments, list_id=0, usage=0, inline=0):
    c, g = b''.join(cscds), b''.join(segments)
    return struct.pack('>BBH4xII', list_id, usage << 3, len(c), len(g), inline) + c + g


def cdb(length):
    return struct.pack('>B9xIxx', XCOPY, length)


def send(s, data, lun=A):
    return s.scsi(cdb(len(data)), lun, write=data)


def receive(s, what, list_id=0, lun=A, length=512):
    return s.scsi(struct.pack('>BBB7xIxx', RECEIVE, what, list_id, length), lun, read=length)


def code(r):
    """key, asc, ascq of fixed sense, as one text"""
    return '%x/%02x/%02x' % (r.sense[2] & 0xf, r.sense[12], r.sense[13]) if r.status == 2 else 'status %d' % r.status


def refused(r, want, what):
    must(code(r) == want, '%s: %s, wanted %s' % (what, code(r), want))


def read(s, lun, lba, blocks, bs=BS):
    r = s.read10(lun, lba, blocks, bs)
    must(r.status == 0, 'READ of lun %d' % lun)
    return r.data


def write(s, lun, lba, data, bs=BS):
    must(s.write10(lun, lba, data, bs).status == 0, 'WRITE of lun %d' % lun)


def copies(s, names):
    """Every pair of ends, several segments and pieces, the same disk twice."""
    data = pattern(0, 5000)
    write(s, A, 100, data)
    for dst in (B, BLK, A):
        segs = [segment(0, 1, 100, 8000, 4096), segment(0, 1, 4196, 12096, 904), segment(0, 1, 0, 0, 0)]
        r = send(s, parameters([cscd(names[A]), cscd(names[dst])], segs, list_id=dst))
        must(r.status == 0, 'copy from 0 to %d: %s' % (dst, code(r)))
        must(read(s, dst, 8000, 5000) == data, 'what lun %d has now' % dst)
    r = receive(s, STATUS, BLK)
    must(r.data == struct.pack('>IBHBI', 8, 1, 3, 0, 5000 * BS), 'COPY STATUS: done, 3 segments, so many bytes')
    must(receive(s, FAILED, BLK).data == bytes(4), 'no details of a failure')
    write(s, BLK, 500, pattern(500, 300, 7))
    must(send(s, parameters([cscd(names[BLK]), cscd(names[B])], [segment(0, 1, 500, 1, 300)]), B).status == 0, 'from 2 to 1')
    must(read(s, B, 1, 300) == pattern(500, 300, 7), 'from the block device to the file')


def overlaps(s, names):
    one = [cscd(names[A])]
    for src, dst in ((1000, 1001), (1001, 1000), (1000, 1700)):
        data = pattern(src, 1200, dst)
        write(s, A, src, data)
        must(send(s, parameters(one, [segment(0, 0, src, dst, 1200)])).status == 0, 'onto itself, %d to %d' % (src, dst))
        must(read(s, A, dst, 1200) == data, 'ranges that overlap come out as if read first')


def block_sizes(s, names):
    ends = [cscd(names[A]), cscd(names[BIG], 4096)]
    write(s, A, 64, pattern(64, 800))
    must(send(s, parameters(ends, [segment(0, 1, 64, 5, 800)])).status == 0, 'from 512 to 4096 bytes')
    must(send(s, parameters(ends, [segment(0, 1, 64, 500, 3, dc=1)])).status == 0, 'counted in blocks of the destination')
    must(read(s, BIG, 5, 100, 4096) == pattern(64, 800), 'blocks of 4096')
    must(read(s, BIG, 500, 3, 4096) == pattern(64, 24), 'three of them')
    r = send(s, parameters(ends, [segment(0, 1, 64, 5, 8), segment(0, 1, 64, 5, 7)]))
    refused(r, 'a/26/0a', '7 blocks of 512 are no block of 4096')
    must(iscsi.be16(r.sense, 10) == 1, 'the segment is told')
    refused(send(s, parameters([ends[0], cscd(names[BIG])], [segment(0, 1, 0, 0, 8)])), '5/26/00', 'a wrong block length')


def lists(s, names):
    a, good = cscd(names[A]), segment(0, 0, 0, 9000, 8)
    must(s.scsi(cdb(0), A).status == 0, 'no list at all')
    whole = parameters([a], [good])
    for n in (15, 47, 75):
        refused(send(s, whole[:n]), '5/1a/00', 'a list of %d bytes' % n)
    for what, want, data in (
            ('six descriptors', '5/26/06', parameters([a] * 6, [good])),
            ('256 segments', '5/26/08', parameters([a], [good] * 256)),
            ('more than fits', '5/1a/00', parameters([a] * 6, [good] * 256)),
            ('descriptor E0h', '5/26/07', parameters([cscd(names[A], kind=0xe0)], [good])),
            ('segment 03h', '5/26/09', parameters([a], [segment(0, 0, 0, 9000, 8, kind=3)])),
            ('inline data', '5/26/0b', parameters([a], [good], inline=4)),
            ('list id usage 01b', '5/26/00', parameters([a], [good], usage=1)),
            ('an id that is none', '5/26/00', parameters([a], [good], list_id=1, usage=3)),
            ('NUL', 'a/08/04', parameters([cscd(names[A], flags=0x20)], [good])),
            ('no such descriptor', 'a/08/04', parameters([a], [segment(0, 1, 0, 0, 8)])),
            ('a tape', 'a/0d/03', parameters([cscd(names[A], flags=1)], [good])),
            ('beyond the source', 'a/00/00', parameters([a], [segment(0, 0, 131072, 0, 1)])),
            ('beyond the destination', 'a/00/00', parameters([a], [segment(0, 0, 0, 2**64 - 1, 8)]))):
        refused(send(s, data), want, what)
    before = read(s, B, 0, 8)
    r = send(s, parameters([a, cscd(names[B])], [segment(0, 1, 0, 0, 8), segment(0, 9, 0, 0, 8)]))
    must(code(r) == 'a/08/04' and iscsi.be16(r.sense, 10) == 1 and iscsi.be16(r.sense, 16) == 6, 'segment 1, field 6')
    must(read(s, B, 0, 8) == before, 'a bad list copies nothing')
    must(send(s, parameters([a], [good], usage=3)).status == 0, 'without list identifier')


def results(s, names):
    d = receive(s, PARAMETERS).data
    must(struct.unpack_from('>IB3xHHI', d) == (len(d) - 4, 1, 5, 255, 7300) and d[44:] == b'\x02\xe4', 'operating parameters')
    refused(receive(s, STATUS, 99), '5/24/00', 'status of no copy')
    must(code(receive(s, STATUS, 99, B)) == '5/24/00', 'and none through another LUN')
    send(s, parameters([cscd(names[A])], [segment(0, 0, 0, 2**40, 8)], list_id=42))
    must(receive(s, STATUS, 42).data[4] == 2, 'it failed')
    d = receive(s, FAILED, 42).data
    must(d[56] == 2 and iscsi.be16(d, 58) == len(d) - 60 and d[62] & 0xf == 0xa, 'with this sense')
    for i in range(40):
        send(s, parameters([cscd(names[A])], [segment(0, 0, 0, 9000, 1)], list_id=100 + i))
    must(receive(s, STATUS, 139).status == 0 and code(receive(s, STATUS, 100)) == '5/24/00', 'the last ones are remembered')
    page = s.inquiry(A, page=0x8f, length=512).data
    must(iscsi.be16(page, 2) == len(page) - 4 and bytes([XCOPY, 4, 0, 0x10, 0x11, 0x1c, RECEIVE, 5, 0, 3, 4, 7, 8]) in page, 'page 8Fh')
    must(s.inquiry(A).data[5] & 8, '3PC')
    must(0x8f in s.inquiry(A, page=0).data[4:], 'page 8Fh is listed')


def third(r, want_dst, status, sense, what):
    """COPY ABORTED because of what an end answered."""
    refused(r, 'a/0d/01', what)
    at = r.sense[9 if want_dst else 8]
    must(at == 18 and r.sense[at] == status, '%s: status %02x of the %s' % (what, status, 'destination' if want_dst else 'source'))
    if sense:
        f = r.sense[at + 1:]
        must((f[2] & 0xf, f[12], f[13]) == sense, '%s: its sense' % what)


def protection(s, other, names, hidden):
    """What the initiator could not do by itself is not done for it (CVE-2020-28374)."""
    a = cscd(names[A])
    secret = pattern(0, 8, 99)
    write(other, 0, 0, secret)
    for segs in ([segment(0, 1, 0, 9000, 8)], [segment(1, 0, 9000, 0, 8)]):
        refused(send(s, parameters([cscd(hidden), a], segs)), 'a/0d/02', 'a device that is not mapped for us')
    nobody = bytes([1, 2, 0, 8]) + b'nobody!!'
    refused(send(s, parameters([cscd(nobody), a], [segment(0, 1, 0, 9000, 8)])), 'a/0d/02', 'one that is not there says the same')
    must(read(other, 0, 0, 8) == secret and secret not in read(s, A, 9000, 8), 'nothing went in or out')

    third(send(s, parameters([a, cscd(names[RO])], [segment(0, 1, 0, 0, 8)])), True, 2, (7, 0x27, 0), 'a read-only LUN')
    must(send(s, parameters([cscd(names[RO]), a], [segment(0, 1, 0, 9000, 8)])).status == 0, 'it can be read')

    put('1', ROOT + 'targets/copy_manager/allow_not_connected_copy')
    must(send(s, parameters([cscd(hidden), a], [segment(0, 1, 0, 9000, 8)])).status == 0, 'allow_not_connected_copy')
    must(read(s, A, 9000, 8) == secret, 'copies what is not mapped')
    put('0', ROOT + 'targets/copy_manager/allow_not_connected_copy')


def pr_out(s, lun, action, kind=0, key=0, new=0):
    data = struct.pack('>QQ8x', key, new)
    return s.scsi(struct.pack('>BBB2xIx', 0x5f, action, kind, len(data)), lun, write=data).status


def reservations(s, names):
    ends = [cscd(names[A]), cscd(names[B])]
    holder = session(iscsi.INITIATOR + '2', bytes([0x80, 0, 0, 0, 0, 2]))
    must(pr_out(holder, B, 0, new=7) == 0 and pr_out(holder, B, 1, 1, key=7) == 0, 'another one reserves lun 1: write exclusive')
    third(send(s, parameters(ends, [segment(0, 1, 0, 0, 8)])), True, 0x18, None, 'write exclusive, to it')
    must(send(s, parameters(ends, [segment(1, 0, 0, 9000, 8)])).status == 0, 'from it')
    must(send(holder, parameters(ends, [segment(0, 1, 0, 0, 8)])).status == 0, 'the holder may')
    must(pr_out(holder, B, 2, 1, key=7) == 0 and pr_out(holder, B, 1, 3, key=7) == 0, 'exclusive access')
    third(send(s, parameters(ends, [segment(1, 0, 0, 9000, 8)])), False, 0x18, None, 'exclusive access, from it')
    must(send(s, parameters(ends, [segment(0, 1, 0, 0, 8)]), B).status == 0x18, 'sent to it')
    must(pr_out(holder, B, 3, key=7) == 0, 'cleared')
    holder.logout()
    s.settle(B)


def start(s, data):
    itt = s.start(cdb(len(data)), A, write=data)
    return itt, (s.cmdsn - 1) & 0xffffffff


def aborts(s, names):
    """Between pieces, and at a gate that stays closed."""
    before = read(s, SLOW, 30000, 8)
    data = parameters([cscd(names[A]), cscd(names[SLOW])], [segment(0, 1, 0, 0, 32768)], list_id=5)
    itt, sn = start(s, data)
    time.sleep(2)
    r = receive(s, STATUS, 5)
    must(r.status == 0 and r.data[4] == 0, 'in progress, %d bytes so far' % iscsi.be32(r.data, 8))
    refused(send(s, data), '5/00/16', 'its list identifier is in use')
    t = time.time()
    must(s.task_management(1, A, itt, sn) == 0, 'ABORT TASK')
    must(time.time() - t < 8, 'is answered soon (%.1f s)' % (time.time() - t))
    must(receive(s, STATUS, 5).data[4] == 2, 'it did not succeed')
    must(read(s, SLOW, 30000, 8) == before, 'and did not come to its end')

    put('1', ROOT + 'devices/b/block')
    itt, sn = start(s, parameters([cscd(names[A]), cscd(names[B])], [segment(0, 1, 0, 0, 8)]))
    time.sleep(0.5)
    t = time.time()
    must(s.task_management(1, A, itt, sn) == 0 and time.time() - t < 3, 'ABORT TASK while the destination is blocked')
    itt, sn = start(s, parameters([cscd(names[A]), cscd(names[B])], [segment(0, 1, 200, 300, 8)]))
    time.sleep(0.5)
    put('0', ROOT + 'devices/b/block')
    must(s.finish(itt).status == 0, 'one that waited goes on')
    must(read(s, B, 300, 8) == read(s, A, 200, 8), 'and has copied')

    itt, sn = start(s, parameters([cscd(names[A]), cscd(names[SLOW])], [segment(0, 1, 0, 0, 8192)]))
    time.sleep(0.5)
    for dev in ('a', 'slow'):
        must(not put('1', ROOT + 'devices/%s/block' % dev), 'the device is quiesced in the middle of it')
        put('0', ROOT + 'devices/%s/block' % dev)
    must(s.task_management(5, SLOW) == 0, 'LOGICAL UNIT RESET of the destination')
    r = s.finish(itt)
    must(code(r) == 'a/0d/01', 'ends it: %s' % code(r))
    s.settle(SLOW)


def suspends(s, names):
    """A copy that has begun stands aside: whoever waits for executing commands learns of that at once."""
    one = parameters([cscd(names[A]), cscd(names[B])], [segment(0, 1, 0, 0, 1)])
    over, wrong = threading.Event(), []

    def copy():
        while not over.is_set():
            r = send(s, one)
            if r.status:
                wrong.append(code(r))

    t = threading.Thread(target=copy)
    t.start()
    longest = 0
    for _ in range(60):
        begin = time.time()
        error = put('20', ROOT + 'suspend', True)
        if error:
            must(False, 'suspend: error %d' % error)
        longest = max(longest, time.time() - begin)
        put('-1', ROOT + 'suspend', True)
    over.set()
    t.join()
    must(longest < 10, 'suspending takes %.1f seconds at most' % longest)
    must(not wrong, 'no copy failed: %s' % wrong[:3])


def back(s):
    must(put('add slow %d' % SLOW, LUNS) == 0, 'the LUN comes back')
    for lun in range(6):
        s.settle(lun)


def lun_goes(s, names):
    """When a LUN has gone nothing is written through it any more, also not by a copy."""
    copy = parameters([cscd(names[A]), cscd(names[SLOW])], [segment(0, 1, 0, 0, 8192)])
    with suspended('slow'):
        itt, _ = start(s, copy)
        time.sleep(1)
        gone = Waiting('del %d' % SLOW, LUNS)
        must(gone.res is None, 'the end of a LUN waits for what a copy writes there')
    must(gone.end() == 0, 'and comes when that is done')
    refused(s.finish(itt), 'a/0d/02', 'the copy ends')
    back(s)

    put('1', ROOT + 'devices/slow/block')
    itt, _ = start(s, copy)
    time.sleep(1)
    gone = Waiting('del %d' % SLOW, LUNS)
    must(gone.res == 0, 'what waits for the device is not waited for')
    refused(s.finish(itt), 'a/0d/02', 'it ends')
    put('0', ROOT + 'devices/slow/block')
    back(s)


def twins(s, names):
    """Two devices that answer to one name are none."""
    for dev in ('a', 'b'):
        put('0x0102030405060708', ROOT + 'devices/%s/eui64_id' % dev)
    s.settle(A)
    s.settle(B)
    refused(send(s, parameters([cscd(name_of(s, A))], [segment(0, 0, 0, 9000, 8)])), 'a/0d/02', 'an ambiguous name')
    t10 = next(d for d in designators(s.inquiry(A, page=0x83, length=512).data) if d[1] & 0xf == 1)
    print('     the T10 designator has %d bytes' % len(t10))


def main():
    s, other = session(), session(OTHER, bytes([0x80, 0, 0, 0, 0, 9]))
    names = [name_of(s, lun) for lun in range(6)]
    hidden = name_of(other, 0)
    copies(s, names)
    overlaps(s, names)
    block_sizes(s, names)
    lists(s, names)
    results(s, names)
    protection(s, other, names, hidden)
    reservations(s, names)
    aborts(s, names)
    suspends(s, names)
    lun_goes(s, names)
    twins(s, names)
    other.logout()
    s.logout()


if __name__ == '__main__':
    main()
