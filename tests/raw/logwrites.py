# SPDX-License-Identifier: GPL-2.0
"""What dm-log-writes has written to its log: every write in the order in which it became stable, and marks."""
import struct
import subprocess

from kit import must

DISCARD, MARK = 4, 8


def mark(device, text):
    """Notes in the log of this device-mapper device that something has happened by now."""
    subprocess.check_call(['dmsetup', 'message', device, '0', 'mark', text])


def entries(log):
    """(flags, offset, data) of the log; the data of a mark are its text."""
    with open(log, 'rb') as f:
        magic, version, nr, size = struct.unpack('<QQQI', f.read(28))
        must(magic == 0x6a736677736872 and version == 1, 'a log of %d entries' % nr)
        at = size
        for _ in range(nr):
            f.seek(at)
            head = f.read(size)
            sector, sectors, flags, length = struct.unpack('<4Q', head[:32])
            at += size
            if flags & MARK:
                yield flags, 0, head[32:32 + length]
            elif flags & DISCARD:
                yield flags, sector * size, bytes(sectors * size)
            else:
                yield flags, sector * size, f.read(sectors * size)
                at += sectors * size
