# SPDX-License-Identifier: GPL-2.0
"""What the tests in Python share: verdicts, writes to the tree, CDBs, devices that do not answer.

The first WRONG line ends the test.
"""
import contextlib
import os
import struct
import subprocess
import sys
import threading
import time

ROOT = '/sys/kernel/scst_tgt/'
BS = 512


def must(cond, what):
    print(('ok    ' if cond else 'WRONG ') + what, flush=True)
    if not cond:
        sys.exit('wrong: ' + what)


def put(text, path, quiet=False):
    """Errno of one write, 0 when it was taken."""
    if not quiet:
        print('%s > %s' % (text, path))
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
        return 0
    except OSError as e:
        return e.errno
    finally:
        os.close(fd)


def get(path):
    with open(path) as f:
        return f.read()


@contextlib.contextmanager
def suspended(*names):
    """These device-mapper devices answer nothing inside of the block."""
    for name in names:
        subprocess.check_call(['dmsetup', 'suspend', '--noflush', '--nolockfs', name])
    try:
        yield
    finally:
        for name in names:
            subprocess.check_call(['dmsetup', 'resume', name])


class Waiting(threading.Thread):
    """A write that is expected to wait."""

    def __init__(self, text, path):
        super().__init__(daemon=True)
        self.text, self.path, self.res = text, path, None
        self.start()
        time.sleep(1)

    def run(self):
        self.res = put(self.text, self.path)

    def end(self):
        self.join(20)
        return self.res


# --- commands: bytes of a CDB; FUA is flag 8 of READ and WRITE ---

def read10(lba, blocks, flags=0):
    return struct.pack('>BBIxHx', 0x28, flags, lba, blocks)


def write10(lba, blocks, flags=0):
    return struct.pack('>BBIxHx', 0x2a, flags, lba, blocks)


def write_verify10(lba, blocks, bytchk=1):
    return struct.pack('>BBIxHx', 0x2e, bytchk << 1, lba, blocks)


def verify10(lba, blocks, bytchk=0):
    return struct.pack('>BBIxHx', 0x2f, bytchk << 1, lba, blocks)


def sync10(lba=0, blocks=0):
    return struct.pack('>BBIxHx', 0x35, 0, lba, blocks)


def write_same10(lba, blocks, unmap=False):
    return struct.pack('>BBIxHx', 0x41, unmap << 3, lba, blocks)


def compare_and_write(lba, blocks):
    return struct.pack('>BBQ3xBxx', 0x89, 0, lba, blocks)


def unmap(*ranges):
    """CDB and parameter list; ranges are (lba, blocks)."""
    body = b''.join(struct.pack('>QI4x', *r) for r in ranges)
    data = struct.pack('>HH4x', len(body) + 6, len(body)) + body
    return struct.pack('>B6xHx', 0x42, len(data)), data


def lba_status(lba, length=1032):
    return struct.pack('>BBQIxx', 0x9e, 0x12, lba, length)


def pattern(lba, blocks, salt=0):
    """Blocks that tell where they belong."""
    return b''.join(struct.pack('>QI', lba + i, salt).ljust(BS, bytes([(lba + i + salt) % 251 + 1])) for i in range(blocks))
