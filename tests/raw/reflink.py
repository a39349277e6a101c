# SPDX-License-Identifier: GPL-2.0
"""Copies between files of one file system that can share blocks, for tests/groups/reflink.sh, which made the LUNs:

0 a, 1 b, 2 c (write_through), all on one XFS; 3 other (elsewhere); 4 b, read-only; 5 thick, with all of its blocks.
"""
import threading

from kit import BS, ROOT, get, must, pattern, put
from odx import good, token_of, use
from xcopy import code, cscd, name_of, parameters, read, segment, send, session, write

A, B, C, ELSEWHERE, RO, THICK = range(6)
MIB = (1 << 20) // BS


def fill(s):
    for at in range(0, 32 * MIB, MIB):
        write(s, A, at, pattern(at, MIB, 3))


def same(s, lun, lba, at, blocks):
    return all(read(s, lun, lba + i, MIB) == read(s, A, at + i, MIB) for i in range(0, blocks, MIB))


def whole(s):
    names = [cscd(name_of(s, lun)) for lun in (A, B, C, ELSEWHERE)]
    segs = [segment(0, 1, 0, 0, 20 * MIB)]
    r = send(s, parameters(names[:2], segs))
    must(r.status == 0 and same(s, B, 0, 0, 20 * MIB), 'EXTENDED COPY of 20 MiB: %s' % code(r))
    token = token_of(s, A, [(0, 32 * MIB)])
    good(use(s, C, token, [(0, 32 * MIB)]), 'WRITE USING TOKEN of 32 MiB')
    must(same(s, C, 0, 0, 32 * MIB), 'is whole')
    good(use(s, ELSEWHERE, token, [(0, 32 * MIB)]), 'to another file system')
    must(same(s, ELSEWHERE, 0, 0, 32 * MIB), 'likewise')
    good(use(s, THICK, token, [(0, 32 * MIB)]), 'to a file that would give its room away')
    must(same(s, THICK, 0, 0, 32 * MIB), 'likewise')
    good(use(s, B, token, [(50 * MIB + 1, 3 * MIB)]), 'off the blocks of the file system')
    must(same(s, B, 50 * MIB + 1, 0, 3 * MIB), 'likewise')
    good(use(s, A, token_of(s, A, [(0, 8 * MIB)]), [(50 * MIB, 8 * MIB)]), 'within one file')
    must(same(s, A, 50 * MIB, 0, 8 * MIB), 'likewise')
    must(code(use(s, RO, token, [(0, 8)])) == '7/27/00', 'not to a read-only LUN')


def apart(s):
    """A write after the copy reaches one of both."""
    token = token_of(s, A, [(40 * MIB, 8 * MIB)])
    good(use(s, B, token, [(40 * MIB, 8 * MIB)]), 'shared')
    old, new = read(s, A, 40 * MIB, 8), pattern(1, 8, 77)
    write(s, A, 40 * MIB, new)
    must(read(s, B, 40 * MIB, 8) == old and read(s, A, 40 * MIB, 8) == new, 'the source is written')
    must(code(use(s, B, token, [(40 * MIB, 8)])) == '5/23/08', 'and its token has ended')
    write(s, B, 40 * MIB + 8, new)
    must(read(s, A, 40 * MIB + 8, 8) != new and read(s, B, 40 * MIB + 8, 8) == new, 'the destination is written')


def closing(s):
    """The source is closed and opened while its blocks are taken."""
    names = [cscd(name_of(s, lun)) for lun in (A, B)]
    stop = threading.Event()

    def toggle():
        while not stop.is_set():
            for v in '01':
                put(v, ROOT + 'devices/a/active', quiet=True)

    t = threading.Thread(target=toggle)
    t.start()
    codes = set()
    for _ in range(40):
        codes.add(code(send(s, parameters(names, [segment(0, 1, 0, 0, 20 * MIB)]), B)))
    stop.set()
    t.join()
    print('     %s' % sorted(codes))
    must(codes <= {'status 0', 'a/0d/01', 'a/00/00'}, 'the copy ends well, or with an error of the source')
    put('1', ROOT + 'devices/a/active')
    must(get(ROOT + 'devices/a/active').startswith('1'), 'it is open again')
    for lun in (A, B):
        s.settle(lun)
    must(send(s, parameters(names, [segment(0, 1, 0, 0, 20 * MIB)])).status == 0, 'and is copied')
    must(same(s, B, 0, 0, 20 * MIB), 'as a whole')


def main():
    s = session()
    fill(s)
    whole(s)
    apart(s)
    closing(s)
    s.logout()


main()
