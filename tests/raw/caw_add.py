#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Several sides add ones to a number in block 0 by COMPARE AND WRITE: none may be lost.

    caw_add.py TIMES DISK...        one process for each DISK, each adds TIMES ones

Ends with 0 and prints how often the comparison lost; that others interfere is what the test is about, so
a run in which nobody ever lost has shown nothing and ends with 1.
"""
import multiprocessing
import sys

import sgio

READ_10 = bytes([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0])
COMPARE_AND_WRITE = bytes([0x89] + [0] * 12 + [1, 0, 0])
GOOD, CHECK_CONDITION, MISCOMPARE = 0, 2, 0xe


def sense_key(sense):
    return (sense[1] if sense[0] & 0x7f >= 0x72 else sense[2]) & 0xf


def number_of(block):
    return int(block[:8].rstrip(b'\0') or b'0')


def add_ones(path, times, lost):
    disk = sgio.Disk(path)
    done = 0
    while done < times:
        status, block, sense = disk.command(READ_10, data_in=512)
        assert status == GOOD, (status, sense.hex())
        new = str(number_of(block) + 1).encode().ljust(512, b'\0')
        status, _, sense = disk.command(COMPARE_AND_WRITE, data_out=block + new)
        if status == GOOD:
            done += 1
        else:
            assert status == CHECK_CONDITION and sense_key(sense) == MISCOMPARE, (status, sense.hex())
            with lost.get_lock():
                lost.value += 1


def main():
    lost = multiprocessing.Value('i', 0)
    sides = [multiprocessing.Process(target=add_ones, args=(path, int(sys.argv[1]), lost)) for path in sys.argv[2:]]
    for side in sides:
        side.start()
    for side in sides:
        side.join()
    print(f'comparisons lost: {lost.value}')
    return int(lost.value == 0 or any(side.exitcode for side in sides))


if __name__ == '__main__':
    sys.exit(main())
