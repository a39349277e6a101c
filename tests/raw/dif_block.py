# SPDX-License-Identifier: GPL-2.0
"""Protection information that a block device keeps; LUN 0 is one of blocks of SIZE bytes. Checks of dif.py, and its own.

    dif_block.py commands TARGET TYPE SIZE [SGNODE]   everything; leaves known tags behind
    dif_block.py again TARGET TYPE SIZE               they are there
    dif_block.py format TARGET TYPE SIZE
    dif_block.py write TARGET TYPE SIZE LBA           known data at LBA
    dif_block.py app TARGET TYPE SIZE                 with a dif_static_app_tag
    dif_block.py plain TARGET TYPE SIZE               nothing is kept
    dif_block.py made TARGET TYPE SIZE                what the block layer made for the data of "plain"
    dif_block.py read TARGET TYPE SIZE LBA [FIRST]    and these are there, when LBA was FIRST for whoever wrote them
"""
import struct
import sys

import dif
import kit
import sgio
from dif import APP, GUARD, NONE, REF, Disk, fails, good
from kit import must

KIND, SIZE, *MORE = [int(x) if x.isdigit() else x for x in sys.argv[3:]]
DEBUG = '/sys/bus/pseudo/drivers/scsi_debug/'


class Kept(Disk):
    place = 'dev'
    unmaps_zeroes = False

    def stored(self, lba, n=1):
        return b''.join(b[self.bs:] for b in self.split(good(self.read(lba, n, 3), 'READ, RDPROTECT=3').data))

    def split(self, data):
        step = self.bs + 8
        return [data[i:i + step] for i in range(0, len(data), step)]


d = Kept(0, KIND, SIZE)


def own_tags():
    print('== tags are kept as they were sent')
    data = d.pattern(7000, 80, 1)
    good(d.write(7000, d.mix(7000, data, app=0x77), 1), 'WRITE, an application tag')
    must(good(d.read(7000, 80, 1), 'READ').data == d.mix(7000, data, app=0x77), 'comes back')
    good(d.write(7100, d.mix(7100, data[:3 * SIZE], guard=0x1111), 3), 'WRITE without checks, wrong guards')
    must(d.stored(7100, 3) == b''.join(d.tuple(7100 + i, b, guard=0x1111) for i, b in enumerate(d.blocks(data)[:3])), 'kept')
    fails(d.read(7098, 4, 1), GUARD, 'READ', 7100)
    fails(d.read(7098, 4), GUARD, 'READ without', 7100)
    fails(dif.s.scsi(kit.verify10(7098, 4)), GUARD, 'VERIFY', 7100)
    good(d.read(7100, 3, 2), 'READ, RDPROTECT=2')
    good(d.write(7110, d.mix(7110, data[:2 * SIZE], ref=77), 3), 'WRITE without checks, other reference tags')
    must(d.stored(7110, 2) == b''.join(d.tuple(0, b, ref=77) for b in d.blocks(data)[:2]), 'kept')
    if KIND == 1:
        fails(d.read(7108, 3, 1), REF, 'READ', 7110)
    else:
        good(d.read(7108, 3, 1), 'type 3 has none that anybody expects')


def behind(node):
    print('== a block that is changed behind it')
    data = d.pattern(7200, 70, 2)
    good(d.write(7200, d.mix(7200, data), 1), 'WRITE')
    status, *_ = sgio.Disk(node).command(d.cdb(0x8a, 7265, 1), d.pattern(0, 1, 9))
    must(status == 0, 'the disk takes it')
    for code in (0, 1, 4, 5):
        fails(d.read(7200, 70, code), GUARD, 'READ, RDPROTECT=%d' % code, 7265)
    must(good(d.read(7265, 1, 3), 'READ, RDPROTECT=3').data[:SIZE] == d.pattern(0, 1, 9), 'it is there')
    good(d.write(7265, d.blocks(data)[65]), 'WRITE')
    must(good(d.read(7200, 70, 1), 'READ').data == d.mix(7200, data), 'right again')


def refused():
    print('== what only the disk finds')
    kit.put('0', dif.SYS + 'lun0/dif_checks_failed')
    n = 0
    for opts in ('32', '64'):     # of scsi_debug: sense that the disk, and sense that its host adapter sends
        for run in (lambda: d.read(7300, 2, 1), lambda: d.write(7300, d.mix(7300, d.pattern(7300, 2, 1)), 1)):
            must(kit.put(opts, DEBUG + 'opts') == 0 and kit.put('1', DEBUG + 'every_nth') == 0, 'errors from here on')
            r = run()
            must(kit.put('0', DEBUG + 'every_nth') == 0 and kit.put('0', DEBUG + 'opts') == 0, 'and no more')
            fails(r, GUARD, 'opts %s' % opts)
            n += 1
            must(d.failed()['dev'] == (0, 0, n), 'counted: %r' % d.failed())
    good(d.write(7300, d.mix(7300, d.pattern(7300, 2, 1)), 1), 'WRITE')
    good(d.read(7300, 2, 1), 'READ')


def commands():
    must(d.stored(9000, 3) == NONE * 3, 'what was never written has no tags to check')
    good(d.read(9000, 3, 1), 'READ')
    dif.told(d, 0 if KIND == 1 else 4, 5 if KIND == 1 else 4, 1)
    dif.round_trip(d)
    dif.wrong_tags(d)
    dif.other_commands(d)
    own_tags()
    if MORE:
        behind(MORE[0])
        refused()
    good(d.write(8000, d.mix(8000, d.pattern(8000, 50, 4), app=0x4242), 1), 'for later')
    good(dif.s.scsi(kit.sync10()), 'SYNCHRONIZE CACHE')


def again():
    must(good(d.read(8000, 50, 1), 'READ').data == d.mix(8000, d.pattern(8000, 50, 4), app=0x4242), 'data and tags')


def app_tag():
    print('== dif_static_app_tag')
    d.app = 0x1a2b
    dif.told(d, 0, 7, 0)
    good(d.write(100, d.pattern(100, 9, 1)), 'WRITE without')
    must(good(d.read(100, 9, 1), 'READ').data == d.mix(100, d.pattern(100, 9, 1)), 'has it')
    fails(d.write(100, d.mix(100, d.pattern(100, 9, 1), app=3), 1), APP, 'WRITE of another', 100)
    good(d.write(101, d.mix(101, d.pattern(101, 1, 1), app=3), 3), 'WRITE without checks')
    fails(d.read(100, 9), APP, 'READ', 101)


def made():
    data = d.blocks(d.pattern(1000, 129, 2))
    must(d.stored(1000, 129) == b''.join(d.tuple(1000 + i, b, app=0) for i, b in enumerate(data)), 'guards and reference tags')


def write():
    good(d.write(MORE[0], d.mix(MORE[0], d.pattern(1, 90, 5), app=9), 1), 'WRITE')
    read()


def read():
    lba, first = MORE[0], MORE[-1]
    must(good(d.read(lba, 90, 1), 'READ').data == d.mix(lba, d.pattern(1, 90, 5), app=9), 'data and tags of %d at %d' % (first, lba))


STEPS = {'commands': commands, 'again': again, 'app': app_tag, 'write': write, 'read': read, 'made': made,
         'format': lambda: dif.formatted(d), 'plain': lambda: dif.round_trip(d)}
STEPS[dif.STEP]()
dif.s.ping()
