# SPDX-License-Identifier: GPL-2.0
"""In the guest: runs one workload and marks a window in its middle for the instruction counter (counter.c).

    window.py DISK BACKEND WORKLOAD

Leaves window.json with the I/Os of the window, counts of the counter and kallsyms in /job/out/WORKLOAD.
"""
import ctypes
import json
import mmap
import os
import shutil
import subprocess
import sys
import time

import load

WINDOW_S = .2


def mark(which):
    """A function that executes the marking no-op and returns."""
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b'\x0f\x1f\x84\x42SCS' + which + b'\xc3')
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    call = ctypes.CFUNCTYPE(None)(address)
    call.page = page
    return call


def completed(disk):
    with open('/sys/block/%s/stat' % os.path.basename(disk)) as f:
        row = f.read().split()
    return int(row[0]) + int(row[4])


def main():
    disk, backend, name = sys.argv[1:]
    begin, end = mark(b'<'), mark(b'>')
    out = os.path.join('/job/out', name)
    os.makedirs(out)
    shutil.copyfile('/proc/kallsyms', os.path.join(out, 'kallsyms'))
    fio = subprocess.Popen(load.fio_command(disk, name, 0, 800), stdout=subprocess.DEVNULL)
    while completed(disk) < 200:
        time.sleep(.05)
    time.sleep(.3)
    before = completed(disk)
    begin()
    time.sleep(WINDOW_S)
    end()
    ios = completed(disk) - before
    if fio.wait():
        sys.exit('fio failed')
    os.rename('/job/out/counts', os.path.join(out, 'counts'))
    with open(os.path.join(out, 'window.json'), 'w') as f:
        json.dump({'target': os.environ['TARGET'], 'backend': backend, 'workload': name, 'ios': ios,
                   'kernel': os.uname().release}, f)
    print(ios, 'I/Os in the window')


main()
