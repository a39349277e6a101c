# SPDX-License-Identifier: GPL-2.0
"""FORMAT UNIT and SANITIZE while the tag file is slow; dif_erase.sh says what LUN 0 is.

    dif_erase.py abort TARGET       ABORT TASK, LOGICAL UNIT RESET, a flush, the progress, the end
    dif_erase.py error TARGET       the tag file's disk fails meanwhile, and works again
    dif_erase.py begin TARGET       a SANITIZE that goes on, slowly, when this ends
    dif_erase.py after TARGET       what it leaves when it was cut
    dif_erase.py fast TARGET        nothing but the disk of the tag file, which is fast again
"""
import subprocess
import sys
import time

import iscsi
import kit
from kit import must

DELAY = '/sys/bus/pseudo/drivers/scsi_debug/delay'
BLOCKS = 512 << 11
PLACES = FIRST, MIDDLE, LAST = 0, BLOCKS // 2 + 5, BLOCKS - 1
ABORT_TASK, LUN_RESET = 1, 5
FORMATTING, SANITIZING = (2, 4, 4), (2, 4, 0x1b)
FORMAT_FAILED, SANITIZE_FAILED = (3, 0x31, 1), (3, 0x31, 3)
FORMAT = bytes([4, 2 << 6 | 0x10, 0, 0, 0, 0])
LIST, LIST_IMMED = bytes(4), bytes([0, 2, 0, 0])
HEAD, SHIFT = 16, 11            # of the list of regions: its head, log2 of blocks per region


def delay(jiffies):
    """Each command of the tag file's disk takes so long; it is taken while none is under way."""
    end = time.time() + 60 * iscsi.SLOW
    while kit.put(str(jiffies), DELAY, quiet=True):
        if time.time() > end:
            must(False, 'the disk is idle for a moment')
        time.sleep(0.01)


if sys.argv[1] == 'fast':
    delay(0)
    sys.exit(0)

from dif import GUARD, NONE, Disk, fails, good, s    # logs in  # noqa: E402

other = iscsi.Session('127.0.0.1', target=sys.argv[2], initiator='iqn.2024-01.test:other', timeout=120)


def state():
    """Sense and progress."""
    r = other.test_unit_ready(0)
    while r.asc and r.asc[0] == 6:
        r = other.test_unit_ready(0)
    return r.asc, int.from_bytes(r.sense[16:18], 'big') if r.asc and r.sense[15] & 0x80 else None


if sys.argv[1] == 'after':      # nothing else is taken
    must(state()[0] == SANITIZE_FAILED, 'SANITIZE has failed')
    good(other.scsi(bytes([0x48, 0x1f] + [0] * 8), 0), 'EXIT FAILURE MODE')
d = Disk(0, 1, tags='/tags/disk')


def wait_until(what, cond):
    end = time.time() + 120 * iscsi.SLOW
    while not (res := cond(state())):
        if time.time() > end:
            must(False, what)
        time.sleep(0.05)
    return res


def has_tags(lba, salt):
    return d.stored(lba) == d.tuple(lba, d.pattern(lba, 1, salt))


def listed(lba):
    """Might it be written right now, as far as one knows after a loss of power?"""
    with open('/tags/disk.intent', 'rb') as f:
        bits = f.read()[HEAD:]
    return bits[lba >> SHIFT >> 3] >> (lba >> SHIFT & 7) & 1


def fill(salt):
    for lba in PLACES:
        good(d.write(lba, d.pattern(lba, 1, salt)), 'WRITE at %d' % lba)
    good(s.scsi(kit.sync10()), 'SYNCHRONIZE CACHE')
    must(all(has_tags(lba, salt) for lba in PLACES), 'they have tags')


def moved(asc, least=1):
    """Waits until the operation has got on; the tag file is half of it."""
    seen = [state()[1]]
    must(seen[0] is not None, 'it goes on: %r' % (seen,))
    while len(seen) <= least:
        seen.append(wait_until('the progress moves: %r' % seen, lambda st: (st[1] or st) if st[1] != seen[-1] else None))
        must(isinstance(seen[-1], int) and seen[-2] < seen[-1] < 0x8000 and state()[0] == asc, 'the progress moves: %r' % seen)


def aborted():
    fill(1)
    delay(40)
    start, sn = time.time(), s.cmdsn
    itt = s.start(FORMAT, 0, write=LIST)
    wait_until('FORMAT UNIT has begun', lambda st: st[0] == FORMATTING)
    must(s.task_management(ABORT_TASK, 0, itt, sn) == 0, 'ABORT TASK, after %.1f s' % (time.time() - start))
    must(state()[0] == FORMATTING, 'while it goes on: %r' % (state(),))
    must(has_tags(LAST, 1), 'the last tags are still there')
    must(listed(LAST), 'their region is listed')
    must(other.task_management(LUN_RESET, 0) == 0, 'LOGICAL UNIT RESET, after %.1f s' % (time.time() - start))
    must(state()[0] == FORMATTING, 'does not end it either')
    moved(FORMATTING)
    must(kit.put('1', kit.ROOT + 'devices/disk/sync') == 0, 'a flush, after %.1f s' % (time.time() - start))
    moved(FORMATTING)
    must(has_tags(LAST, 1) and listed(LAST), 'the last tags are still there, and listed (again)')
    delay(0)
    wait_until('it comes to its end', lambda st: st[0] is None)
    must(d.stored(0, BLOCKS) == NONE * BLOCKS, 'no tags are left')
    s.settle(0)
    for lba in PLACES:
        good(d.read(lba, 1), 'READ at %d' % lba)
    fill(2)


def failed():
    table = subprocess.check_output(['dmsetup', 'table', 'tags'], text=True)
    fill(3)
    delay(40)
    itt = s.start(FORMAT, 0, write=LIST)
    wait_until('FORMAT UNIT has begun', lambda st: st[0] == FORMATTING)
    moved(FORMATTING)
    for t in '0 %s error' % table.split()[1], table:
        subprocess.run(['dmsetup', 'reload', 'tags'], input=t, text=True, check=True)
        subprocess.check_call(['dmsetup', 'suspend', '--noflush', '--nolockfs', 'tags'])
        subprocess.check_call(['dmsetup', 'resume', 'tags'])
        if t != table:
            fails(s.finish(itt), FORMAT_FAILED, 'the disk fails')
    must(has_tags(LAST, 3), 'the last tags are still there')
    for lba in PLACES:
        must(good(d.read(lba, 1), 'READ at %d' % lba).data == d.pattern(lba, 1, 3), 'the data')
    delay(0)
    good(s.scsi(FORMAT, 0, write=LIST), 'FORMAT UNIT')
    must(d.stored(0, BLOCKS) == NONE * BLOCKS, 'no tags are left')


def begun():
    fill(4)
    delay(40)
    good(s.scsi(bytes([0x48, 0xa2] + [0] * 8), 0), 'SANITIZE BLOCK ERASE with IMMED and AUSE')
    moved(SANITIZING)
    must(listed(LAST), 'the last region is listed')


def after():
    must(d.stored(FIRST) == NONE, 'the first tags are gone')
    must(has_tags(LAST, 4), 'the last ones are not')
    for lba in PLACES:
        must(good(d.read(lba, 1), 'READ at %d' % lba).data == d.pattern(lba, 1, 4), 'the data')
    right = d.stored(LAST)
    d.spoil(LAST, bytes([right[0] ^ 1]))
    fails(d.read(LAST, 1), GUARD, 'tags that are there are looked at', LAST)
    fill(5)
    for lba in PLACES:
        must(good(d.read(lba, 1, 1), 'READ at %d' % lba).data == d.mix(lba, d.pattern(lba, 1, 5)), 'data and tags')


{'abort': aborted, 'error': failed, 'begin': begun, 'after': after}[sys.argv[1]]()
for one in s, other:
    must(one.logout() == 0, 'logout')
