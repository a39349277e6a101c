# SPDX-License-Identifier: GPL-2.0
"""Reservations that are saved, and power that goes between any two writes.

    powercut.py TARGET LOGGED LOG BEFORE file|device

TARGET's LUN 0 is the device "disk", whose reservations are saved in a file on /dev/mapper/LOGGED or on that device itself. What
dm-log-writes wrote to LOG is applied to BEFORE, a copy from the beginning, one write after the other; after each of them the
device "check" loads what is there, as it would when power comes back.
"""
import ctypes
import os
import struct
import subprocess
import sys

import iscsi
from logwrites import MARK, entries, mark
from kit import ROOT, get, must, put

TARGET, LOGGED, LOG, BEFORE, KIND = sys.argv[1:]
REGISTER, RESERVE, CLEAR, PREEMPT, IGNORE = 0, 1, 3, 4, 6
RAM, MOUNT = '/dev/ram0', '/mnt/replay'
FILE = RAM if KIND == 'device' else MOUNT + '/state'
SIGNATURE = struct.pack('=Q', 0xbbeeeeaaeebbdd77)
libc = ctypes.CDLL(None, use_errno=True)


def state_of(device):
    """The state without the generation, which ends with the power."""
    return sorted(line for line in get(ROOT + 'devices/%s/pr_state' % device).splitlines() if 'generation' not in line)


def out(s, action, kind=0, key=0, sa_key=0):
    r = s.scsi(struct.pack('>BBB2xIx', 0x5f, action, kind, 24), write=struct.pack('>QQ4xB3x', key, sa_key, 1))
    must(r.status == iscsi.GOOD, 'PERSISTENT RESERVE OUT %d: %s' % (action, r))


def change_all():
    """The state after each change."""
    a, b = (iscsi.Session('127.0.0.1', target=TARGET, initiator='iqn.2026-01.test:' + c).settle() for c in 'ab')
    changes = [(a, REGISTER, 0, 0, 0xa), (b, REGISTER, 0, 0, 0xb), (b, RESERVE, 5, 0xb), (a, PREEMPT, 1, 0xa, 0xb),
               (a, IGNORE, 0, 0, 0xaa), (a, CLEAR, 0, 0xaa)]
    states = [state_of('disk')]
    mark(LOGGED, 'change-0')
    for n, (s, *what) in enumerate(changes, 1):
        out(s, *what)
        mark(LOGGED, 'change-%d' % n)
        states.append(state_of('disk'))
    a.logout()
    b.logout()
    return states


def set_file(device, path):
    if put(path + '\n', ROOT + 'devices/%s/pr_file_name' % device, quiet=True):
        must(False, '"%s" is refused as pr_file_name of %s' % (path, device))


def load():
    """What a device finds in the file after this loss of power; afterwards the file itself is whole."""
    set_file('check', FILE)
    state = state_of('check')
    set_file('check', '')
    if state != ['version 1']:
        with open(FILE, 'rb') as f:
            if f.read(8) != SIGNATURE:
                must(False, 'the file was made whole')
    return state


def power_returns(image):
    with open(RAM, 'r+b', buffering=0) as f:
        f.write(image)
    if KIND == 'device':
        return load()
    if libc.mount(RAM.encode(), MOUNT.encode(), b'ext4', 0, None):
        sys.exit('wrong: mount: error %d' % ctypes.get_errno())
    try:
        return load()
    finally:
        if libc.umount(MOUNT.encode()):
            sys.exit('wrong: umount: error %d' % ctypes.get_errno())


def replay(states):
    image, done, points = bytearray(open(BEFORE, 'rb').read()), -1, 0
    for flags, offset, data in entries(LOG):
        if not flags & MARK:
            image[offset:offset + len(data)] = data
        elif data.startswith(b'change-'):
            done = int(data.rstrip(b'\0').split(b'-')[1])
        if done < 0:
            continue
        state = power_returns(image)
        allowed = states[done:done + 1] if flags & MARK else states[done:done + 2]
        points += 1
        if state not in allowed:
            must(False, 'entry %d after change %d: %s is none of %s' % (points, done, state, allowed))
    must(done == len(states) - 1 and points > 4 * done, '%d moments, %d changes' % (points, done))


states = change_all()
if KIND == 'file':
    subprocess.check_call(['umount', '/mnt/logged'])
put('del 0', ROOT + 'targets/iscsi/%s/luns/mgmt' % TARGET)
set_file('disk', '')
subprocess.check_call(['dmsetup', 'remove', '--retry', LOGGED])
replay(states)
