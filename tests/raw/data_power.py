# SPDX-License-Identifier: GPL-2.0
"""Data that were acknowledged as stable, and power that goes between any two writes.

    data_power.py TARGET LOGGED LOG BEFORE file|device each|asked|never

TARGET's LUN 0 is kept in the file "disk" of the file system on /dev/mapper/LOGGED, or is that device itself. It is written to,
and a mark goes to the log whenever something has been acknowledged as stable: each write (write_through), or what the
initiator asked for. What dm-log-writes wrote to LOG is applied to BEFORE, a copy from the beginning: whatever is marked must be
there then, and ever after. "never" is a device that says its cache needs no power: there something must be missing, or else this
test sees nothing.
"""
import ctypes
import struct
import subprocess
import sys

import iscsi
from kit import ROOT, must, put
from logwrites import MARK, entries, mark

TARGET, LOGGED, LOG, BEFORE, KIND, WHEN = sys.argv[1:]
RAM, MOUNT = '/dev/ram0', '/mnt/replay'
FUA = 8
libc = ctypes.CDLL(None, use_errno=True)


def text(n, size=4096):
    return bytes([n]) * size


def sync(s, lba=0, blocks=0):
    return s.scsi(struct.pack('>BBIxHx', 0x35, 0, lba, blocks))


def steps(s):
    """(what, LBA, data), each after it has been done."""
    asks = WHEN != 'each'
    fua = FUA if asks else 0

    def done(*results):
        must(all(r.status == iscsi.GOOD for r in results), 'done: %r' % (results,))

    def then_sync(result, *where):
        done(result, *([sync(s, *where)] if asks else []))

    then_sync(s.write10(0, 0, text(1)))
    yield 'WRITE, SYNCHRONIZE CACHE', 0, text(1)
    done(s.write10(0, 64, text(2), flags=fua))
    yield 'WRITE with FUA', 64, text(2)
    then_sync(s.write10(0, 128, text(3)), 128, 8)
    yield 'WRITE, SYNCHRONIZE CACHE of its range', 128, text(3)
    done(s.write10(0, 0, text(4), flags=fua))
    yield 'WRITE with FUA over the first', 0, text(4)
    done(s.write10(0, 256, text(5, 262144), flags=fua))
    yield 'a long WRITE with FUA', 256, text(5, 262144)
    then_sync(s.scsi(struct.pack('>BBIxHx', 0x41, 0, 1024, 64), write=text(6, 512)))
    yield 'WRITE SAME, SYNCHRONIZE CACHE', 1024, text(6, 32768)
    done(s.scsi(struct.pack('>BBQ3xBxx', 0x89, fua, 64, 8), write=text(2) + text(7)))
    yield 'COMPARE AND WRITE with FUA', 64, text(7)
    then_sync(s.scsi(struct.pack('>BBIxHx', 0x2e, 0, 1200, 8), write=text(8)))
    yield 'WRITE AND VERIFY, SYNCHRONIZE CACHE', 1200, text(8)


def write_all():
    """What is stable after each step: LBA -> data."""
    stable, history, names = {}, [{}], ['nothing']
    with iscsi.Session('127.0.0.1', target=TARGET).settle() as s:
        mark(LOGGED, 'step-0')
        for n, (name, lba, data) in enumerate(steps(s), 1):
            mark(LOGGED, 'step-%d' % n)
            stable[lba] = data
            history.append(dict(stable))
            names.append(name)
            # never asked for, and always something that is not stable yet
            must(s.write10(0, 1536 + 8 * n, text(0x80 + n)).status == iscsi.GOOD, name)
        s.logout()
    return history, names


def disk_in(image):
    """Content of the LUN when power returns."""
    if KIND == 'device':
        return image
    with open(RAM, 'r+b', buffering=0) as f:
        f.write(image)
    if libc.mount(RAM.encode(), MOUNT.encode(), b'ext4', 0, None):
        sys.exit('wrong: mount: error %d' % ctypes.get_errno())
    try:
        with open(MOUNT + '/disk', 'rb') as f:
            return f.read()
    finally:
        if libc.umount(MOUNT.encode()):
            sys.exit('wrong: umount: error %d' % ctypes.get_errno())


def missing(disk, now, later):
    """What is stable now is there, or what the next step has written over it."""
    for lba, data in now.items():
        found = bytes(disk[512 * lba:512 * lba + len(data)])
        if found not in (data, later.get(lba)):
            return lba
    return None


def replay(history, names):
    image, done, moments, lost = bytearray(open(BEFORE, 'rb').read()), -1, 0, 0
    for flags, offset, data in entries(LOG):
        if flags & MARK:
            if not data.startswith(b'step-'):
                continue
            done = int(data.rstrip(b'\0').split(b'-')[1])
        else:
            image[offset:offset + len(data)] = data
        moments += 1
        # a file system takes a second to recover: not after each write
        if done < 0 or (KIND == 'file' and not flags & MARK and moments % 8):
            continue
        lba = missing(disk_in(image), history[done], {} if flags & MARK else history[min(done + 1, len(history) - 1)])
        if lba is not None:
            lost += 1
            if WHEN != 'never':
                must(False, 'after "%s", moment %d: LBA %d is lost' % (names[done], moments, lba))
    must(done == len(history) - 1, 'all %d steps are in the log, %d moments' % (done, moments))
    must(bool(lost) == (WHEN == 'never'), 'lost: %d times' % lost)


what = write_all()
put('clear', ROOT + 'targets/iscsi/%s/luns/mgmt' % TARGET)
must(put('del_device disk', ROOT + 'handlers/%s/mgmt' % ('vdisk_fileio' if KIND == 'file' else 'vdisk_blockio')) == 0, 'del_device')
if KIND == 'file':
    subprocess.check_call(['umount', '/mnt/logged'])
subprocess.check_call(['dmsetup', 'remove', '--retry', LOGGED])
replay(*what)
