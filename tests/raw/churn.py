#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Actors that change everything at once: one process each, with its own random stream.

    churn.py --seed N --seconds N --logs FOLDER [--factor N] [ACTOR...]

The stream of an actor depends on the seed and its name alone, never on an answer: the same seed gives the same actions
in the same order (when each of them happens is the machine's affair). Every action goes to FOLDER/ACTOR.log with what
came of it. What nobody else touches is predicted exactly; where actors meet on one object, the contract's answers for
"already there" and "just gone" are allowed and no other. A file of a directory that goes answers ENOENT when opened,
ENODEV when written to. Ends with 1 when an answer was not allowed, or when an actor hangs.

tests/groups/churn.sh makes what they work on: see the names below.
"""
import argparse
import collections
import errno
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

import iscsi
import kit

ROOT = kit.ROOT
DRIVER = ROOT + 'targets/iscsi/'
LOAD = 'iqn.2026-01.test:load'                  # the target of the verified load: LUNs 0 to 2 of all its sets are the load's
SIDES = [LOAD + '.side1', LOAD + '.side2']      # come and go
LOADERS = ['iqn.2026-01.test:load-a', 'iqn.2026-01.test:load-b']    # initiators of the load
RAW = ['iqn.2026-01.test:raw-%d' % n for n in range(3)]
KEEPERS = ['file1', 'block', 'file2']           # LUN 0, 1, 2
STABLE = ['null1', 'null2']
GOERS = {       # devices that come and go: handler, parameters
    'x1': ('vdisk_nullio', 'size_mb=64'),
    'x2': ('vdisk_fileio', 'filename=/vdisks/x2'),
    'x3': ('vdisk_blockio', 'filename=/dev/vdc'),
    'x4': ('vdisk_fileio', 'filename=/vdisks/x4; write_through=1; thin_provisioned=1'),
}
MIB = 1 << 20
GONE = {'ENOENT', 'ENODEV'}
LOG_BYTES = 8 << 20


class Unexpected(Exception):
    """What the contract does not allow."""


def write(path, text):
    """Name of the errno of one write, '0' when it was taken."""
    try:
        code = kit.put(text, path, quiet=True)
    except OSError as e:        # from the open
        code = e.errno
    return errno.errorcode.get(code, str(code))


class Actor:
    pause = 0.3         # seconds between actions, on average
    proven = True       # has what must happen in every run?

    def __init__(self, run):
        self.name = type(self).__name__.lower()
        self.run, self.factor = run, run.factor
        self.rng = random.Random('%s/%s' % (run.seed, self.name))
        self.path = os.path.join(run.logs, self.name + '.log')
        self.log = open(self.path, 'a', buffering=1)
        self.count = self.unexpected = 0
        self.seen = collections.Counter()

    # --- logging and judging

    def note(self, text):
        self.log.write('%9.2f %s\n' % (time.monotonic() - self.run.start, text))
        if self.log.tell() > LOG_BYTES:
            self.log.close()
            os.rename(self.path, self.path + '.old')
            self.log = open(self.path, 'a', buffering=1)

    def result(self, what, got, allowed, took=0):
        self.count += 1
        self.seen[got] += 1
        bad = got not in allowed or took > 60 * self.factor
        self.note('%d %s -> %s%s%s' % (self.count, what, got, ' after %.1f s' % took if took >= 1 else '',
                                       ' UNEXPECTED, allowed: ' + ' '.join(sorted(allowed)) if bad else ''))
        self.unexpected += bad
        return got

    def put(self, path, text, *allowed):
        """One write to a file of the tree, judged."""
        begin = time.monotonic()
        got = write(path, text)
        return self.result('%s > %s' % (text, path[len(ROOT):]), got, set(allowed), time.monotonic() - begin)

    # --- life

    def main(self):
        """Exit code of the process."""
        try:
            self.begin()
            while time.monotonic() < self.run.end:
                self.act()
                time.sleep(self.rng.uniform(0, 2 * self.pause))
            while not self.proven and time.monotonic() < self.run.end + 60 * self.factor:
                self.act()      # a slow machine needs longer until what the run is for has happened once
            self.finish()
        except Unexpected as e:
            self.unexpected += 1
            self.note('UNEXPECTED: %s' % e)
        except Exception:       # a mistake of this program must not look like success
            self.unexpected += 1
            self.note('UNEXPECTED:\n' + traceback.format_exc())
        self.note('%d actions, %d unexpected: %s' % (
            self.count, self.unexpected, ', '.join('%s %d' % s for s in self.seen.most_common())))
        return 1 if self.unexpected else 0

    def begin(self):
        pass

    def act(self):
        raise NotImplementedError

    def finish(self):
        pass


# --- LUNs -------------------------------------------------------------------------

class Luns(Actor):
    """LUNs 10 to 25 of all sets of the loaded target: nobody else touches them, every answer is known."""
    pause = 0.1
    sets = ['luns', 'ini_groups/even/luns', 'ini_groups/odd/luns']

    def begin(self):
        self.model = {s: {} for s in self.sets}

    def act(self):
        r = self.rng
        where, lun, dev = r.choice(self.sets), r.randrange(10, 26), r.choice(STABLE)
        what = r.choice(('add', 'add', 'add', 'del', 'del', 'replace', 'replace_no_ua', 'same', 'wrong'))
        read_only = r.choice(('', ' read_only=1'))
        wrong = r.choice((('add nosuch %d' % lun, 'ENOENT'), ('add %s 16384' % dev, 'EINVAL'), ('del 26', 'EINVAL'),
                          ('add %s' % dev, 'EINVAL'), ('del %d %d' % (lun, lun), 'EINVAL'), ('clear all', 'EINVAL'),
                          ('add %s %d read_only=2' % (dev, lun), 'EINVAL'), (' ', 'EINVAL'), ('Shuffle', 'EINVAL')))
        mgmt, luns = DRIVER + LOAD + '/' + where + '/mgmt', self.model[where]
        if what == 'add':
            self.put(mgmt, 'add %s %d%s' % (dev, lun, read_only), 'EEXIST' if lun in luns else '0')
            luns.setdefault(lun, dev)
        elif what == 'del':
            self.put(mgmt, 'del %d' % lun, '0' if luns.pop(lun, None) else 'EINVAL')
        elif what == 'same':    # the load does not notice
            self.put(mgmt, 'replace %s %d' % (KEEPERS[lun % 3], lun % 3), '0')
        elif what == 'wrong':
            self.put(mgmt, *wrong)
        else:
            self.put(mgmt, '%s %s %d%s' % (what, dev, lun, read_only), '0')
            luns[lun] = dev

    def finish(self):
        for where, luns in self.model.items():
            there = {n: os.path.basename(os.readlink(DRIVER + LOAD + '/%s/%s/device' % (where, n)))
                     for n in os.listdir(DRIVER + LOAD + '/' + where) if n.isdigit() and 10 <= int(n) < 26}
            if there != {str(n): dev for n, dev in luns.items()}:
                raise Unexpected('%s holds %s, should hold %s' % (where, there, luns))


class Xluns(Actor):
    """LUNs of devices and targets that come and go."""
    pause = 0.15

    def act(self):
        r = self.rng
        target, lun, dev = r.choice([LOAD] + SIDES), r.randrange(30, 38), r.choice(sorted(GOERS) + STABLE)
        what = r.choice(('add', 'add', 'add', 'replace', 'replace_no_ua', 'del', 'clear'))
        mgmt = DRIVER + target + '/luns/mgmt'
        gone = GONE if target != LOAD else {'ENOENT'}
        if what == 'add':
            self.put(mgmt, 'add %s %d' % (dev, lun), '0', 'EEXIST', *gone)
        elif what == 'del' or target == LOAD and what == 'clear':
            self.put(mgmt, 'del %d' % lun, '0', 'EINVAL', *(gone if target != LOAD else ()))
        elif what == 'clear':
            self.put(mgmt, 'clear', '0', *gone)
        else:
            self.put(mgmt, '%s %s %d' % (what, dev, lun), '0', *gone)


# --- devices ----------------------------------------------------------------------

class Devices(Actor):
    """Creation and removal; nobody else does that, every answer is known."""
    pause = 0.4

    def begin(self):
        self.there = set()

    def act(self):
        r = self.rng
        name, what = r.choice(sorted(GOERS)), r.choice(('add', 'add', 'del', 'wrong'))
        other = r.choice(('vdisk_nullio', 'vdisk_fileio', 'vdisk_blockio'))
        wrong = r.choice(((other, 'add_device bad/name size_mb=1', 'EINVAL'), (other, 'add_device', 'EINVAL'),
                          (other, 'del_device nosuch', 'ENOENT'), (other, 'add_device y nosuch=1', 'EINVAL'),
                          ('vdisk_fileio', 'add_device y filename=/vdisks/nosuch', 'ENOENT'),
                          ('vdisk_fileio', 'add_device y filename=/vdisks/x2; blocksize=513', 'EINVAL'),
                          ('vdisk_blockio', 'add_device y filename=/vdisks/nosuch', 'ENOENT')))
        handler, params = GOERS[name]
        if what == 'add':
            self.put(ROOT + 'handlers/%s/mgmt' % handler, 'add_device %s %s' % (name, params),
                     'EEXIST' if name in self.there else '0')
            self.there.add(name)
        elif what == 'del':
            self.put(ROOT + 'handlers/%s/mgmt' % other, 'del_device ' + name, '0' if name in self.there else 'ENOENT')
            self.there.discard(name)
        else:
            self.put(ROOT + 'handlers/%s/mgmt' % wrong[0], *wrong[1:])

    def finish(self):
        there = set(os.listdir(ROOT + 'devices')) & set(GOERS)
        if there != self.there:
            raise Unexpected('devices are %s, should be %s' % (there, self.there))


class Attrs(Actor):
    """Size, active, sync, identity of devices that go, and what the load's own disks must take in their stride."""

    def act(self):
        r = self.rng
        if r.random() < 0.3:
            self.keeper(r.choice(('grow', 'grow', 'sync', 'limit')), r.choice(('file1', 'file2')), r.randrange(64, 128))
        else:
            self.goer(r.choice(('resize', 'resize', 'active', 'active', 'sync', 'name', 'size_mb', 'wrong')),
                      r.choice(sorted(GOERS)), r.randrange(1, 64), r.choice('01'))

    def keeper(self, what, name, mib):
        device = ROOT + 'devices/%s/' % name
        if what == 'grow':      # also shrinks, never below what the load uses
            os.truncate('/vdisks/' + name, mib * MIB)
            self.put(device + 'resync_size', '1', '0')
        elif what == 'sync':
            self.put(device + 'sync', '1', '0')
        else:
            self.put(device + 'max_tgt_dev_commands', str(mib), '0')

    def goer(self, what, name, mib, bit):
        device = ROOT + 'devices/%s/' % name
        backed = GOERS[name][0] != 'vdisk_nullio'
        if what == 'resize' and name in ('x2', 'x4'):
            os.truncate('/vdisks/' + name, mib * MIB)
        if what in ('resize', 'sync') and backed:
            self.put(device + ('resync_size' if what == 'resize' else 'sync'), '1', '0', 'EMEDIUMTYPE', *GONE)
        elif what == 'active' and backed:
            self.put(device + 'active', bit, '0', *GONE)
        elif what == 'size_mb' and not backed:
            self.put(device + 'size_mb', str(mib), '0', *GONE)
        elif what == 'wrong':
            self.put(device + 't10_vend_id', 'longer than eight', 'EINVAL', *GONE)
        else:
            self.put(device + 'prod_id', 'disk %d' % mib, '0', *GONE)

    def finish(self):
        for name in GOERS:
            if os.path.isdir(ROOT + 'devices/' + name) and GOERS[name][0] != 'vdisk_nullio':
                self.put(ROOT + 'devices/%s/active' % name, '1', '0', *GONE)


class Gates(Actor):
    """Whatever makes commands wait: block, suspend, replacing without waiting."""
    pause = 0.8

    def act(self):
        r = self.rng
        what, name, wait = r.choice(('block', 'block', 'suspend', 'async')), r.choice(KEEPERS + STABLE), r.uniform(0, 0.5)
        if what == 'block':
            self.put(ROOT + 'devices/%s/block' % name, '1', '0')
            time.sleep(wait)
            self.put(ROOT + 'devices/%s/block' % name, '0', '0')
        elif what == 'async':
            self.put(ROOT + 'async_lun_replace', '1', '0')
            time.sleep(wait)
            self.put(ROOT + 'async_lun_replace', '0', '0')
        elif self.put(ROOT + 'suspend', '5', '0', 'EBUSY') == '0':      # EBUSY: commands run for longer than 5 s
            time.sleep(wait)
            self.put(ROOT + 'suspend', '-1', '0')


# --- targets, groups, portals -----------------------------------------------------

class Targets(Actor):
    """Only this actor adds and removes targets. A target in use is busy."""
    pause = 0.4

    def begin(self):
        self.there = set()

    def act(self):
        r = self.rng
        name, wait = r.choice(SIDES), r.uniform(0, 0.4)
        what = r.choice(('add', 'add', 'add', 'del', 'enable', 'enable', 'enable', 'disable', 'load', 'driver', 'wrong'))
        wrong = r.choice((('add_target', 'EINVAL'), ('add_target bad/name', 'EINVAL'), ('del_target iqn.nosuch', 'ENOENT'),
                          ('add_target %s.y nosuch=1' % LOAD, 'EINVAL'), ('del_target %s x' % LOAD, 'EINVAL')))
        there = name in self.there
        if what == 'add':
            self.put(DRIVER + 'mgmt', 'add_target ' + name, 'EEXIST' if there else '0')
            self.there.add(name)
        elif what == 'del':
            if self.put(DRIVER + 'mgmt', 'del_target ' + name, *(('0', 'EBUSY') if there else ('ENOENT',))) == '0':
                self.there.discard(name)
        elif what in ('enable', 'disable'):
            self.put(DRIVER + name + '/enabled', str(int(what == 'enable')), '0' if there else 'ENOENT')
        elif what == 'wrong':
            self.put(DRIVER + 'mgmt', *wrong)
        else:                   # sessions stay, new logins wait for the end of it
            path = DRIVER + (LOAD + '/' if what == 'load' else '') + 'enabled'
            self.put(path, '0', '0')
            time.sleep(wait)
            self.put(path, '1', '0')


class Groups(Actor):
    """Groups g1 and g2 come and go; initiators, those of the load too, wander between sets that all give them their disks."""
    pause = 0.25

    def begin(self):
        self.names = {'even': set(), 'odd': set()}

    def act(self):
        r = self.rng
        group, to = r.choice((('even', 'odd'), ('odd', 'even'), ('g1', 'g2'), ('g2', 'g1'), ('g1', 'even')))
        loader, other = r.choice(LOADERS), r.choice(RAW + ['iqn.nobody*', 'iqn.2026-01.test:r?w-9'])
        what = r.choice(('create', 'create', 'delete', 'add', 'add', 'add', 'del', 'move', 'move', 'clear'))
        which = r.choice(('g1', 'g2'))
        if what in ('create', 'delete') or group not in self.names:
            self.group(which, what)
        else:
            self.initiator(what, group, to, loader if group in ('even', 'odd') else other)

    def group(self, name, what):
        mgmt, there = DRIVER + LOAD + '/ini_groups/mgmt', name in self.names
        if what == 'delete':    # busy while an initiator of it is logged in
            if self.put(mgmt, 'del ' + name, *(('0', 'EBUSY') if there else ('EINVAL',))) == '0':
                del self.names[name]
        else:
            self.put(mgmt, 'create ' + name, 'EEXIST' if there else '0')
            self.names.setdefault(name, set())
            for lun in () if there else (10, 30):
                self.put(mgmt[:-4] + name + '/luns/mgmt', 'add null1 %d' % lun, '0')

    def initiator(self, what, group, to, ini):
        mgmt, names = DRIVER + LOAD + '/ini_groups/%s/initiators/mgmt' % group, self.names[group]
        if what == 'add':
            self.put(mgmt, 'add ' + ini, 'EEXIST' if ini in names else '0')
            names.add(ini)
        elif what == 'del':
            self.put(mgmt, 'del ' + ini, '0' if ini in names else 'EINVAL')
            names.discard(ini)
        elif what == 'clear':
            self.put(mgmt, 'clear', '0')
            names.clear()
        elif ini not in names or to not in self.names:
            self.put(mgmt, 'move %s %s' % (ini, to), 'EINVAL')
        elif self.put(mgmt, 'move %s %s' % (ini, to), 'EEXIST' if ini in self.names[to] else '0') == '0':
            names.discard(ini)
            self.names[to].add(ini)

    def finish(self):
        for group, names in self.names.items():
            there = set(os.listdir(DRIVER + LOAD + '/ini_groups/%s/initiators' % group)) - {'mgmt'}
            if there != names:
                raise Unexpected('group %s holds %s, should hold %s' % (group, there, names))


class Portals(Actor):
    """allowed_portal: the loaded target keeps one that lets the load in."""
    pause = 0.5

    def begin(self):
        self.there = {'127.0.0.*'}

    def act(self):
        r = self.rng
        target, verb = r.choice([LOAD, LOAD] + SIDES), r.choice(('add', 'add', 'del'))
        pattern = r.choice(('10.1.*', '127.*', '[[]::1]', '192.168.?.1', '*'))
        text = '%s_target_attribute %s allowed_portal %s' % (verb, target, pattern)
        if target != LOAD:
            self.put(DRIVER + 'mgmt', text, '0', 'ENOENT', *(('EEXIST',) if verb == 'add' else ()))
        elif verb == 'add':
            self.put(DRIVER + 'mgmt', text, 'EEXIST' if pattern in self.there else '0')
            self.there.add(pattern)
        else:
            self.put(DRIVER + 'mgmt', text, '0' if pattern in self.there else 'ENOENT')
            self.there.discard(pattern)


class Closer(Actor):
    """force_close of sessions; now and then of the load's, whose initiators come back."""
    pause = 0.6
    proven = False

    def act(self):
        r = self.rng
        whose, k, what = r.choice(('raw', 'raw', 'raw', 'raw', 'load')), r.random(), r.choice(('close', 'close', 'zero'))
        found = []
        for target in [LOAD] + SIDES:
            try:
                found += ['%s/sessions/%s/' % (target, s) for s in sorted(os.listdir(DRIVER + target + '/sessions'))]
            except OSError:
                pass
        found = [s for s in found if ('load-' in s.split('/')[2]) == (whose == 'load')]
        if found and what == 'close':
            closed = self.put(DRIVER + found[int(k * len(found))] + 'force_close', '1', '0', *GONE) == '0'
            self.proven |= closed and whose == 'load'
        elif found:
            self.put(DRIVER + found[int(k * len(found))] + 'read_cmd_count', '0', '0', *GONE)


class Daemon(Actor):
    """kill -9 of the login daemon and all its children, and a new one."""
    pause = 8

    def act(self):
        wait = self.rng.choice((0, 0, 0.5))
        killed = subprocess.call(['pkill', '-9', '-x', 'iscsi-scstd'])
        self.result('kill', str(killed), {'0'})
        end = time.monotonic() + 10 * self.factor
        while subprocess.call(['pgrep', '-x', 'iscsi-scstd'], stdout=subprocess.DEVNULL) == 0:
            if time.monotonic() > end:
                raise Unexpected('a part of the daemon lives on')
            time.sleep(0.05)
        time.sleep(wait)
        self.result('start', str(subprocess.call(['iscsi-scstd'])), {'0'})


# --- readers ----------------------------------------------------------------------

class Reader(Actor):
    """Every file of the tree, in a loop."""
    pause = 0.2

    def act(self):
        files = 0
        for folder, dirs, names in os.walk(ROOT):
            for name in names + dirs:
                self.read(os.path.join(folder, name))
            files += len(names)
        self.result('a walk', '0', {'0'})
        self.note('%d files' % files)

    def read(self, path):
        try:
            mode = os.lstat(path).st_mode
            if mode & 0o170000 == 0o120000:
                os.readlink(path)
            elif mode & 0o170000 == 0o100000 and mode & 0o400:
                with open(path, 'rb') as f:
                    if len(f.read()) > 4096:
                        raise Unexpected('%s: more than a page' % path)
        except OSError as e:
            if errno.errorcode.get(e.errno) not in GONE:
                raise Unexpected('%s: %s' % (path, e)) from e


class Tool(Actor):
    """scstadmin saves and lists what is there at the moment (-force: an initiator may be in two groups)."""
    pause = 3

    def act(self):
        what = self.rng.choice((['-write_config', '/tmp/churn.conf', '-force'], ['-list_target'], ['-list_sessions'], ['-list_device']))
        done = subprocess.run(['scstadmin'] + what, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if self.result('scstadmin ' + what[0], str(done.returncode), {'0'}) != '0':
            self.note(done.stdout.decode(errors='replace')[-2000:])


# --- raw initiators ---------------------------------------------------------------

STATUSES = {iscsi.GOOD, iscsi.CHECK_CONDITION, iscsi.BUSY, iscsi.SET_FULL, 0x40}
SENSES = {(6, 0x29), (6, 0x2a), (6, 0x2f), (6, 0x3f),     # reset, parameters, commands cleared by others, LUNs changed
          (5, 0x25), (5, 0x21),                 # no such LUN, beyond the end of a disk that shrank
          (7, 0x27), (2, 0x04), (2, 0x3a)}      # read only, not active
LOGIN_REFUSALS = {0x0203, 0x0301}               # the target is not there or not for us; is disabled


class Raw(Actor):
    """One session after the other: commands in flight, aborts, resets, and all ways to end."""
    pause = 0.3
    functions = (1, 1, 1, 2, 5, 5)      # ABORT TASK, ABORT TASK SET, LOGICAL UNIT RESET
    luns = list(range(10, 26)) + list(range(30, 38)) * 2

    def act(self):
        plan = self.plan()
        try:
            s = iscsi.Session('127.0.0.1', target=plan['target'], initiator=plan['initiator'], timeout=30 * self.factor,
                              isid=bytes([0x80, 0, 0, 0, 0, plan['isid']]), keys={'MaxOutstandingR2T': plan['r2t']})
        except iscsi.LoginError as e:
            self.result('login', '0x%04x' % e.status, {'0x%04x' % r for r in LOGIN_REFUSALS})
            return
        except (iscsi.Closed, ConnectionError) as e:    # the daemon is dead, or died meanwhile
            self.result('login', type(e).__name__, {'Closed', 'ConnectionRefusedError', 'ConnectionResetError', 'BrokenPipeError'})
            return
        try:
            for step in plan['steps']:
                self.step(s, *step)
            self.end_session(s, plan['end'])
        except (iscsi.Closed, ConnectionError) as e:
            self.result('session', type(e).__name__, {'Closed', 'ConnectionResetError', 'BrokenPipeError'})
        finally:
            s.close()

    def plan(self):
        """All random choices of one session, drawn before its first answer."""
        r = self.rng
        return {'target': r.choice([LOAD, LOAD] + SIDES), 'initiator': r.choice(RAW), 'isid': r.randrange(3),
                'r2t': r.choice(('1', '4')), 'end': r.choice(('logout', 'close', 'reset', 'inflight')),
                'steps': [self.draw() for _ in range(r.randrange(1, 12))]}

    def draw(self):
        r = self.rng
        commands = [(r.choice(self.luns), r.choice(('read', 'read', 'write', 'other')), r.randrange(1 << 17),
                     r.choice((1, 8, 64, 512))) for _ in range(r.randrange(1, 7))]
        return commands, r.choice((0, 0) + self.functions), r.randrange(len(commands)), r.random()

    def step(self, s, commands, function, victim, wait):
        flying = [self.start(s, *c) for c in commands]
        if function:
            time.sleep(wait / 20)
            itt, lun, _ = flying[victim]
            self.manage(s, function, lun, itt if function == 1 else iscsi.RESERVED)
            aborted = [f for f in flying if (f[0] == itt if function == 1 else f[1] == lun)]
            # Answered before, or never.
            s.queue = [p for p in s.queue if p.itt not in [f[0] for f in aborted]]
            flying = [f for f in flying if f not in aborted]
        for f in flying:
            self.answer(s, *f)
        self.result('%d commands, function %d' % (len(commands), function), '0', {'0'})

    @staticmethod
    def start(s, lun, what, lba, blocks):
        if what == 'read':
            return s.start(kit.read10(lba, blocks), lun, read=blocks * 512), lun, b''
        if what == 'write':
            data = bytes(blocks * 512)
            return s.start(kit.write10(lba, blocks), lun, write=data), lun, data
        cdb = (bytes(6), kit.sync10(), struct.pack('>BBBHB', 0x12, 0, 0, 96, 0))[lba % 3]
        return s.start(cdb, lun, read=96 if cdb[0] == 0x12 else 0), lun, b''

    def manage(self, s, function, lun, itt):
        got = s.task_management(function, lun, itt)     # 0 done, 1 no such task, 2 no such LUN
        return self.result('function %d of LUN %d' % (function, lun), str(got), {'0', '1', '2'})

    def answer(self, s, itt, lun, data):
        """Every command is answered, or was aborted by a reset from elsewhere: then an abort is answered in its place."""
        try:
            s.sock.settimeout(15 * self.factor)
            r = s.finish(itt, data, lun)
        except socket.timeout:
            s.sock.settimeout(30 * self.factor)
            self.manage(s, 1, lun, itt)
            return
        key = r.asc[:2] if r.asc else None
        if r.status not in STATUSES or r.status == iscsi.CHECK_CONDITION and key not in SENSES:
            raise Unexpected('LUN %d answers %r' % (lun, r))

    def end_session(self, s, how):
        if how == 'logout':
            self.result('logout', str(s.logout()), {'0'})
        elif how == 'inflight':
            for lun in self.luns[::5]:
                self.start(s, lun, 'read', 0, 512)
        elif how == 'reset':
            s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


class Raw2(Raw):
    """A second one of the same initiators: sessions are reinstated, LUNs reset under the other's commands."""


class Resets(Raw):
    """Resets of the load's disks: its initiators have to try again."""
    pause = 12
    proven = False
    luns = [0, 1, 2]

    def manage(self, s, function, lun, itt):
        self.proven |= super().manage(s, function, lun, itt) == '0'

    def plan(self):
        r = self.rng
        return {'target': LOAD, 'initiator': RAW[0], 'isid': 9, 'r2t': '1', 'end': 'logout',
                'steps': [([(r.randrange(3), 'read', r.randrange(4096), 64)], 5, 0, r.random())]}


class Strangers(Actor):
    """Discovery, and connections that never become a login."""
    pause = 0.7

    def act(self):
        r = self.rng
        what, junk = r.choice(('discover', 'silent', 'junk')), bytes(r.randrange(256) for _ in range(r.randrange(1, 200)))
        try:
            if what == 'discover':
                with iscsi.Session('127.0.0.1', discovery=True, initiator=r.choice(RAW), timeout=30 * self.factor) as s:
                    self.result(what, '0' if LOAD in s.send_targets() else 'not listed', {'0', 'not listed'})
                return
            with socket.create_connection(('127.0.0.1', 3260), 30 * self.factor) as c:
                c.sendall(junk if what == 'junk' else b'')
            self.result(what, '0', {'0'})
        except (iscsi.IscsiError, OSError) as e:
            self.result(what, type(e).__name__, {'Closed', 'LoginError', 'ConnectionRefusedError', 'ConnectionResetError', 'BrokenPipeError'})


# --- all together -----------------------------------------------------------------

ACTORS = {c.__name__.lower(): c for c in (Luns, Xluns, Devices, Attrs, Gates, Targets, Groups, Portals, Closer, Daemon, Reader,
                                          Tool, Raw, Raw2, Resets, Strangers)}


def start(run, name):
    pid = os.fork()
    if pid:
        return pid
    os._exit(ACTORS[name](run).main())


def stack_of(pid):
    try:
        with open('/proc/%d/stack' % pid) as f:
            return f.read()
    except OSError as e:
        return str(e)


def wait_all(pids, run):
    """Exit codes by name; who is missing did not end."""
    codes, deadline = {}, run.end + 150 * run.factor
    while len(codes) < len(pids) and time.monotonic() < deadline:
        for name in set(pids) - set(codes):
            pid, status = os.waitpid(pids[name], os.WNOHANG)
            if pid:
                codes[name] = os.waitstatus_to_exitcode(status)
        time.sleep(0.2)
    return codes


def last_words(run, name):
    with open(os.path.join(run.logs, name + '.log')) as f:
        lines = f.read().splitlines()
    return [l for l in lines if 'UNEXPECTED' in l][:10] + lines[-1:]


def report(pids, run):
    codes, bad = wait_all(pids, run), 0
    for name, pid in pids.items():
        if codes.get(name) != 0:
            bad += 1
        if name not in codes:
            print('%s hangs:\n%s' % (name, stack_of(pid)))
            os.kill(pid, signal.SIGKILL)
        elif codes[name] < 0:
            print('%s died of signal %d' % (name, -codes[name]))
        for line in last_words(run, name):
            print('%-10s %s' % (name, line))
    print('seed %s: %d of %d actors saw what the contract does not allow' % (run.seed, bad, len(pids)))
    return 1 if bad else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--seed', required=True)
    p.add_argument('--seconds', type=int, required=True)
    p.add_argument('--logs', required=True)
    p.add_argument('--factor', type=int, default=1)
    p.add_argument('actors', nargs='*', choices=[[]] + sorted(ACTORS))
    run = p.parse_args()
    run.start = time.monotonic()
    run.end = run.start + run.seconds
    os.makedirs(run.logs, exist_ok=True)
    pids = {name: start(run, name) for name in run.actors or ACTORS}
    return report(pids, run)


if __name__ == '__main__':
    sys.exit(main())
