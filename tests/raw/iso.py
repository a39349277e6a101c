#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes a small ISO 9660 image (ECMA-119) with one file.

    iso.py IMAGE NUMBER BYTES

The file is called N.BIN. From block 23 on each block begins with its address and NUMBER, so that any block tells of
which image it is.
"""
import struct
import sys

BLOCK = 2048
ROOT, FIRST = 20, 23
DATE = bytes([126, 1, 1, 0, 0, 0, 0])


def both(n, fmt):
    return struct.pack('<' + fmt, n) + struct.pack('>' + fmt, n)


def record(name, block, length, flags):
    body = struct.pack('B', 0) + both(block, 'I') + both(length, 'I') + DATE + \
        struct.pack('BBB', flags, 0, 0) + both(1, 'H') + struct.pack('B', len(name)) + name
    body += b'\0' * ((len(body) + 1) % 2)
    return struct.pack('B', len(body) + 1) + body


def descriptor(blocks, number):
    root = record(b'\0', ROOT, BLOCK, 2)
    d = b'\x01CD001\x01\0' + b'LINUX'.ljust(32) + (b'MEDIUM%d' % number).ljust(32) + bytes(8) + both(blocks, 'I') + bytes(32)
    d += both(1, 'H') * 2 + both(BLOCK, 'H') + both(10, 'I')
    d += struct.pack('<II', 18, 0) + struct.pack('>II', 19, 0) + root
    d += b' ' * (813 - len(d)) + (b'0' * 16 + b'\0') * 4 + b'\x01\0'
    return d.ljust(BLOCK, b'\0')


def path_table(order):
    return (struct.pack('BB', 1, 0) + struct.pack(order + 'IH', ROOT, 1) + b'\0\0').ljust(BLOCK, b'\0')


def block(lba, number):
    return struct.pack('>II', lba, number).ljust(BLOCK, bytes([(lba + number) % 251 + 1]))


def image(number, size):
    blocks = FIRST + size // BLOCK
    folder = record(b'\0', ROOT, BLOCK, 2) + record(b'\1', ROOT, BLOCK, 2) + record(b'N.BIN;1', FIRST, size // BLOCK * BLOCK, 0)
    out = bytes(16 * BLOCK) + descriptor(blocks, number) + b'\xffCD001\x01'.ljust(BLOCK, b'\0')
    out += path_table('<') + path_table('>') + folder.ljust(BLOCK, b'\0')
    out += bytes((FIRST - ROOT - 1) * BLOCK)
    return out + b''.join(block(lba, number) for lba in range(FIRST, blocks))


if __name__ == '__main__':
    with open(sys.argv[1], 'wb') as f:
        f.write(image(int(sys.argv[2]), int(sys.argv[3])))
