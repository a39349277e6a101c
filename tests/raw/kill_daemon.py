#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Kills parts of the login daemon while initiators log in: kill_daemon.py TARGET SECONDS SEED

Every half second or so the daemon, its iSNS process or the child of a login gets SIGKILL. A killed daemon is followed by another
one, with which a login has to succeed within a second, and what a login takes while nothing is killed.
"""
import os
import random
import signal
import subprocess
import sys
import threading
import time

import iscsi

INITIATORS = 3
DAEMON, ISNS = 'iscsi-scstd', 'iscsi-scst-isns'


def pids(name):
    found = subprocess.run(['pgrep', '-x', name], stdout=subprocess.PIPE, check=False).stdout
    return [int(p) for p in found.split()]


def daemon_itself():
    with open('/run/iscsi-scstd.pid', encoding='ascii') as f:
        return [int(f.read())]


def login(target, n):
    with iscsi.Session('127.0.0.1', target=target, initiator='iqn.2026-01.test:kill%d' % n, timeout=30,
                       isid=bytes([0x80, 0, 0, 0, 1, n])) as s:
        s.settle()
        assert s.test_unit_ready().status == iscsi.GOOD
        assert s.logout() == 0


class Load(threading.Thread):
    """Logs in and out; that a login ends early while the daemon is killed is part of the game, a wrong answer is not."""

    def __init__(self, target, n):
        super().__init__(daemon=True)
        self.target, self.n, self.good, self.cut, self.wrong, self.stop = target, n, 0, 0, None, False

    def run(self):
        while not self.stop:
            try:
                login(self.target, self.n)
                self.good += 1
            except (OSError, iscsi.Closed):
                self.cut += 1
                time.sleep(0.02)
            except Exception as e:      # pylint: disable=broad-except
                self.wrong = repr(e)
                return


def takes(target):
    """Seconds until a login has succeeded, however often it is tried."""
    begin = time.monotonic()
    while True:
        try:
            login(target, 99)
            return time.monotonic() - begin
        except (OSError, iscsi.Closed):
            if time.monotonic() - begin > 60:
                raise
            time.sleep(0.01)


def slowness():
    """Seconds for what the target has no part in."""
    begin = time.monotonic()
    for _ in range(10):
        subprocess.run(['true'], check=True)
    return time.monotonic() - begin


def start():
    """A child that was forked the moment its daemon died has to close what it inherited."""
    end = time.monotonic() + 3 * iscsi.SLOW
    while subprocess.run(['iscsi-scstd'], check=False).returncode:
        assert time.monotonic() < end, 'the daemon does not start again'
        time.sleep(0.02)


def kill_one(rng, counts):
    """The daemon has to be started again when this returns True."""
    daemon = daemon_itself()
    victims = {'daemon': daemon, 'iSNS process': pids(ISNS), 'child': [p for p in pids(DAEMON) if p not in daemon]}
    what = rng.choice([w for w in ('daemon', 'daemon', 'iSNS process', 'child') if victims[w]])
    try:
        os.kill(rng.choice(victims[what]), signal.SIGKILL)
        counts[what] = counts.get(what, 0) + 1
    except ProcessLookupError:
        return False
    return what == 'daemon'


def main():
    target, seconds, rng = sys.argv[1], int(sys.argv[2]), random.Random(sys.argv[3])
    print('seed', sys.argv[3], flush=True)
    load = [Load(target, n) for n in range(INITIATORS)]
    for t in load:
        t.start()
    usual = slowness()
    undisturbed = max(takes(target) for _ in range(5))
    counts, longest, end = {}, 0, time.monotonic() + seconds
    while time.monotonic() < end or counts.get('daemon', 0) < 3:     # a slow machine does little in its time
        time.sleep(rng.uniform(0, 1))
        if not kill_one(rng, counts):
            continue
        start()
        took = takes(target)
        longest = max(longest, took)
        slower = max(1, slowness() / usual)     # the machine, whatever the target does
        assert took <= (iscsi.SLOW + undisturbed) * slower, 'a login took %.2f seconds after the start, %.2f without (machine: %.1f)' % (
            took, undisturbed, slower)
    for t in load:
        t.stop = True
    for t in load:
        t.join(60)
        assert not t.is_alive(), 'a login hangs'
        assert not t.wrong, t.wrong
    print('killed: %s; %d logins, %d cut off; the first one after a start took %.2f seconds at most, %.2f undisturbed' % (
        counts, sum(t.good for t in load), sum(t.cut for t in load), longest, undisturbed))
    assert sum(t.good for t in load) > 10, counts


main()
