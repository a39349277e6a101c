#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of every management write and of the login hand-over fails once: fail_nth.py TARGET STORE BLOCKDEV HOST PART...

HOST is a disk of the host, H:C:I:L. PARTs are functions at the end of this file.
Before: devices a, b (nullio), target TARGET enabled with a as LUN 0 and b as LUN 1, and a daemon.
"""
import os
import sys
import time

import faults
import iscsi
from faults import REFUSED, must_quietly, tree, walk_write
from handover import Handover
from kit import ROOT, get, must, put

TARGET, STORE, BLOCKDEV, HOST = sys.argv[1:5]
ISCSI = ROOT + 'targets/iscsi/'
T = ISCSI + TARGET + '/'
CM = ROOT + 'targets/copy_manager/copy_manager_tgt/'
GROUP = T + 'ini_groups/g/'


def text_of(path):
    return lambda: [get(path)]


def quiet_put(text, path):
    error = put(text, path, quiet=True)
    must_quietly(not error, '%s > %s: error %d' % (text, path, error))


def undo(text, path):
    return lambda: quiet_put(text, path)


# --- devices ---

def only_copy_manager(wanted, got):
    """Said in the log, and up to the administrator: the device is there, but no LUN of the copy manager."""
    return all(line in wanted for line in got) and all('copy_manager' in line for line in wanted if line not in got)


def shown_later(wanted, got):
    """Said in the log: the disk that was given back is there, and its directory comes when there is memory again."""
    return all(ROOT + 'devices/' + HOST in line for line in set(wanted) ^ set(got))


def devices():
    for handler, params in (('vdisk_fileio', 'filename=%s;thin_provisioned=1' % STORE),
                            ('vdisk_fileio', 'filename=%s;o_direct=1;write_through=1' % STORE),
                            ('vdisk_blockio', 'filename=%s' % BLOCKDEV), ('vdisk_nullio', 'size_mb=16')):
        mgmt = ROOT + 'handlers/%s/mgmt' % handler
        add = 'add_device x ' + params
        state = lambda: tree(ROOT + 'devices/x', ROOT + 'handlers', CM + 'luns', CM + 'sessions')
        walk_write('%s add_device' % handler, mgmt, add, state, undo('del_device x', mgmt), tolerate=only_copy_manager)
        quiet_put(add, mgmt)
        walk_write('%s del_device' % handler, mgmt, 'del_device x', state, undo(add, mgmt))
        if handler != 'vdisk_nullio':
            active = ROOT + 'devices/x/active'
            walk_write('%s active=0' % handler, active, '0', text_of(active), undo('1', active))
            quiet_put('0', active)
            walk_write('%s active=1' % handler, active, '1', text_of(active), undo('0', active))
            name = ROOT + 'devices/x/filename'
            walk_write('%s filename' % handler, name, '/nowhere', text_of(name), undo(get(name).split('\n')[0], name))
        quiet_put('del_device x', mgmt)
    walk_write('suspend', ROOT + 'suspend', '0', text_of(ROOT + 'suspend'), undo('-1', ROOT + 'suspend'))


def other_devices():
    """A drive without a medium, one with, a disk of the host."""
    mgmt = ROOT + 'handlers/vcdrom/mgmt'
    state = lambda: tree(ROOT + 'devices/x', ROOT + 'handlers', CM + 'luns', CM + 'sessions')
    walk_write('vcdrom add_device', mgmt, 'add_device x', state, undo('del_device x', mgmt), tolerate=only_copy_manager)
    quiet_put('add_device x', mgmt)
    name = ROOT + 'devices/x/filename'
    walk_write('vcdrom filename', name, STORE, text_of(name), undo('\n', name))
    quiet_put('del_device x', mgmt)
    mgmt = ROOT + 'handlers/dev_disk/mgmt'
    state = lambda: tree(ROOT + 'devices/' + HOST, ROOT + 'handlers')
    walk_write('dev_disk add_device', mgmt, 'add_device ' + HOST, state, undo('del_device ' + HOST, mgmt))
    quiet_put('add_device ' + HOST, mgmt)
    walk_write('dev_disk del_device', mgmt, 'del_device ' + HOST, state, undo('add_device ' + HOST, mgmt), tolerate=shown_later)
    quiet_put('del_device ' + HOST, mgmt)


def attributes():
    for attr, value in (('t10_dev_id', 'id'), ('usn', 'number'), ('prod_id', 'product'), ('naa_id', '0x5000000000000001'),
                        ('size_mb', '12'), ('pr_file_name', '/vdisks/pr'), ('block', '1')):
        path = ROOT + 'devices/a/' + attr
        old = get(path).split('\n')[0]
        if attr != 'block':
            quiet_put(old + '\n', path)     # from now on it is one that somebody has chosen
        walk_write('device ' + attr, path, value, text_of(path), undo('0' if attr == 'block' else old + '\n', path))
    path = ROOT + 'measure_latency'
    walk_write('measure_latency', path, '1', text_of(path), undo('0', path))


def device_groups():
    mgmt = ROOT + 'device_groups/mgmt'
    state = lambda: tree(ROOT + 'device_groups')
    walk_write('device group create', mgmt, 'create dg', state, undo('del dg', mgmt))
    quiet_put('create dg', mgmt)
    walk_write('device group del', mgmt, 'del dg', state, undo('create dg', mgmt))
    folder = ROOT + 'device_groups/dg/'
    for what, path, name in (('device', 'devices/mgmt', 'a'), ('target group', 'target_groups/mgmt', 'tg'),
                             ('target', 'target_groups/tg/mgmt', TARGET)):
        walk_write('%s add' % what, folder + path, 'add ' + name, state, undo('del ' + name, folder + path))
        quiet_put('add ' + name, folder + path)
    for what, path, name in (('device', 'devices/mgmt', 'a'), ('target', 'target_groups/tg/mgmt', TARGET)):
        walk_write('%s del' % what, folder + path, 'del ' + name, state, undo('add ' + name, folder + path))
    for attr, value, old in ('group_id', '7', '1'), ('state', 'standby', 'active'), ('preferred', '1', '0'):
        path = folder + 'target_groups/tg/' + attr
        quiet_put(old, path)
        walk_write('target group ' + attr, path, value, text_of(path), undo(old, path))
    quiet_put('del tg', folder + 'target_groups/mgmt')
    quiet_put('del dg', mgmt)


# --- targets ---

def targets():
    name, mgmt = 'iqn.2026-01.test:other', ISCSI + 'mgmt'
    add, delete = 'add_target %s allowed_portal=127.0.0.1;QueuedCommands=16' % name, 'del_target ' + name
    state = lambda: tree(ISCSI + name)
    walk_write('add_target', mgmt, add, state, undo(delete, mgmt))
    quiet_put(add, mgmt)
    walk_write('del_target', mgmt, delete, state, undo(add, mgmt))
    portal = 'target_attribute %s allowed_portal 10.0.0.1' % name
    walk_write('add_target_attribute', mgmt, 'add_' + portal, state, undo('del_' + portal, mgmt))
    user = 'target_attribute %s IncomingUser' % name
    walk_write('IncomingUser', mgmt, 'add_%s joe secretsecret1' % user, state, undo('del_%s joe' % user, mgmt))
    quiet_put('add_%s joe secretsecret1' % user, mgmt)
    walk_write('del IncomingUser', mgmt, 'del_%s joe' % user, state, undo('add_%s joe secretsecret1' % user, mgmt))
    quiet_put('del_%s joe' % user, mgmt)
    for attr, value, old in ('enabled', '1', '0'), ('comment', 'words', ''), ('alias', 'words', ''), ('cpu_mask', '1', '3'):
        path = ISCSI + name + '/' + attr
        walk_write('target %s' % attr, path, value, text_of(path), undo(old + '\n', path))
    quiet_put(delete, mgmt)


# --- LUNs and groups, with two sessions that look at them ---

class Watchers:
    def __init__(self):
        self.sessions = [iscsi.Session('127.0.0.1', target=TARGET, initiator='iqn.2026-01.test:w%d' % n) for n in (1, 2)]
        self.settle(0)

    def settle(self, *luns):
        for s in self.sessions:
            for lun in luns:
                s.settle(lun)

    def unharmed(self):
        """Nobody is told of a change that did not happen."""
        for s in self.sessions:
            r = s.test_unit_ready(0)
            must_quietly(r.status == iscsi.GOOD, '%s was told of a change that failed: %r' % (s.initiator, r))

    def walk(self, name, path, text, back, *luns):
        walk_write(name, path, text, lambda: tree(T + 'luns', T + 'ini_groups', T + 'sessions'),
                   lambda: (quiet_put(back, path), self.settle(0)), lambda: self.settle(0, *luns), self.unharmed)

    def end(self):
        for s in self.sessions:
            must(s.logout() == 0, 'logout')


def luns(w):
    mgmt = T + 'luns/mgmt'
    w.walk('LUN add', mgmt, 'add b 7', 'del 7', 7)
    quiet_put('add b 7', mgmt)
    w.settle(0, 7)
    w.walk('LUN replace', mgmt, 'replace a 7', 'replace b 7', 7)
    w.walk('LUN replace, silently', mgmt, 'replace_no_ua a 7', 'replace_no_ua b 7', 7)
    w.walk('LUN del', mgmt, 'del 7', 'add b 7')
    quiet_put('del 7', mgmt)
    w.settle(0)


def groups(w):
    mgmt = T + 'ini_groups/mgmt'
    first, second = (s.initiator for s in w.sessions)
    w.walk('group create', mgmt, 'create g', 'del g')
    quiet_put('create g', mgmt)
    w.walk('group del', mgmt, 'del g', 'create g')
    w.walk('group LUN add', GROUP + 'luns/mgmt', 'add b 0', 'del 0')
    for line in 'add b 0', 'add a 5':
        quiet_put(line, GROUP + 'luns/mgmt')
    inis = GROUP + 'initiators/mgmt'
    w.walk('initiator add', inis, 'add ' + first, 'del ' + first)
    w.walk('initiator add, by a pattern', inis, 'add iqn.2026-01.test:w*', 'del iqn.2026-01.test:w*')
    quiet_put('add ' + first, inis)
    w.settle(0)
    w.walk('initiator del', inis, 'del ' + first, 'add ' + first)
    w.walk('initiator clear', inis, 'clear', 'add ' + first)
    quiet_put('create h', mgmt)
    quiet_put('add b 0', T + 'ini_groups/h/luns/mgmt')
    state = lambda: tree(T + 'ini_groups', T + 'sessions')
    walk_write('initiator move', inis, 'move %s h' % first, state,
               lambda: (quiet_put('move %s g' % first, T + 'ini_groups/h/initiators/mgmt'), w.settle(0)),
               lambda: w.settle(0), w.unharmed)
    quiet_put('clear', inis)
    for g in 'g', 'h':
        quiet_put('del ' + g, mgmt)
    w.settle(0)


# --- the hand-over: connection, session, nexuses ---

def sessions():
    return tree(T + 'sessions')


def wait_gone(before):
    end = time.time() + 30
    while sessions() != before:
        must_quietly(time.time() < end, 'the session does not go: %s' % sessions()[:3])
        time.sleep(0.02)


def use(s):
    for lun in 0, 1:
        s.settle(lun)
    r = s.read10(0, 0, 8)
    must_quietly(r.status == iscsi.GOOD and r.data == bytes(4096), 'READ in a new session: %r' % r)


def hand_over(h, caller, nth, before, full):
    """One login whose nth allocation fails; whether it did."""
    s, conn, message = h.negotiate()
    error, hit = caller.call(nth, h.send, message) if nth else (h.send(message), False)
    if error is None:                   # the answer is lost: only the kernel knows
        must_quietly(hit, 'no answer to a hand-over in which nothing failed')
        error = 0 if sessions() != before else -1
    if error:
        must_quietly(hit and (error in REFUSED or error == -1), 'hand-over: failure %d: error %d' % (nth, error))
        must_quietly(sessions() == before, 'hand-over: failure %d leaves a session: %s' % (nth, sessions()[:3]))
        must_quietly(h.refused(s, conn), 'hand-over: failure %d: the connection is not as it was' % nth)
        return hit
    must_quietly(h.accepted(s, conn), 'hand-over: no good answer from the kernel')
    now = sessions()
    must_quietly(full is None or now == full, 'hand-over: after failure %d: %s' % (nth, faults.difference(full or [], now)))
    use(s)
    must_quietly(s.logout() == 0, 'logout')
    s.close()
    wait_gone(before)
    return hit


def handovers():
    h, caller, before = Handover(TARGET), faults.Caller(), sessions()
    s, conn, message = h.negotiate()
    must(h.send(message) == 0 and h.accepted(s, conn), 'a hand-over without failures')
    full = sessions()
    use(s)
    s.close()
    wait_gone(before)
    injected = 0
    for nth in range(1, faults.LIMIT):
        hit = hand_over(h, caller, nth, before, full)
        if nth < 64 or nth % 8 == 0:    # of some thousand: what comes next does the same again
            hand_over(h, caller, 0, before, full)
        if not hit:
            break
        injected += 1
    faults.report('login hand-over, session creation', injected)


def force_close():
    caller, before, injected = faults.Caller(), sessions(), 0
    for nth in range(1, faults.LIMIT):
        s = iscsi.Session('127.0.0.1', target=TARGET)
        fd = os.open(T + 'sessions/%s/force_close' % s.initiator, os.O_WRONLY)
        error, hit = caller.call(nth, faults.write, fd, b'1')
        must_quietly(not error or hit and error in REFUSED, 'force_close: failure %d: error %d' % (nth, error))
        if error:
            use(s)
            must_quietly(faults.write(fd, b'1') == 0, 'force_close after failure %d' % nth)
        os.close(fd)
        must_quietly(s.wait_closed(), 'the session is closed')
        wait_gone(before)
        if not hit:
            break
        injected += 1
    faults.report('force_close', injected)


faults.set_up()
for part in sys.argv[5:]:
    start = time.time()
    if part in ('luns', 'groups'):
        watchers = Watchers()
        globals()[part](watchers)
        watchers.end()
    else:
        globals()[part]()
    print('-- %s: %d s' % (part, time.time() - start), flush=True)
faults.tear_down()
faults.summary()
