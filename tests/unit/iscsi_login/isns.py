# SPDX-License-Identifier: GPL-2.0
"""The daemon's iSNS process on the fake tree, against Debian's iSNS server (open-isns-server, open-isns-utils)."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

I1 = 'iqn.2024-01.example:i1'
I2 = 'iqn.2024-01.example:i2'
CONFIG = '''ServerAddress = 127.0.0.1:%(port)d
SourceName = %(source)s
Database = %(dir)s/db
PIDFile = %(dir)s/isnsd.pid
RegistrationPeriod = %(period)ds
DefaultDiscoveryDomain = 1
SLPRegister = 0
Security = 0
SCNTimeout = 5
ESIMinInterval = 1s
ESIMaxInterval = %(esi)ds
'''


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


@unittest.skipUnless(shutil.which('isnsd') and shutil.which('isnsadm'), 'no open-isns-server, open-isns-utils')
class Isns:
    """Mixed into Daemon."""
    period = 600
    esi = 2         # seconds between inquiries

    def command(self):
        return super().command() + ['--isns-dir', self.dir + '/run', '--isns-esi']

    def setUp(self):
        super().setUp()
        self.isns_port = free_port()
        self.put('isns_entity_name', '\n')
        self.isnsd = None

    def config(self, source=I1, more=''):
        path = '%s/isns-%s.conf' % (self.dir, source[-2:])
        with open(path, 'w', encoding='ascii') as f:
            f.write(more + CONFIG % {'port': self.isns_port, 'source': source, 'dir': self.dir, 'period': self.period,
                                         'esi': self.esi})
        return path

    def server(self):
        os.makedirs(self.dir + '/db', exist_ok=True)
        config = self.config('server', 'BindAddress = 127.0.0.1:%d\n' % self.isns_port)
        self.isnsd = subprocess.Popen(['isnsd', '--config', config, '--foreground'],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end_server)

    def end_server(self, forget=False):
        if self.isnsd.poll() is None:
            self.isnsd.kill()
            self.isnsd.wait()
        if forget:
            shutil.rmtree(self.dir + '/db')

    def configure(self, more='', host='127.0.0.1'):
        self.put('iSNSServer', '%s:%d %s\n[key]\n\n' % (host, self.isns_port, more))

    def tool(self, *words):
        done = subprocess.run(words, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def db(self):
        # the database is a folder of files that may come and go while they are read
        for _ in range(9):
            try:
                return self.tool('isnsd', '--config', self.config(), '--dump-db')
            except AssertionError:
                time.sleep(0.2)
        return self.tool('isnsd', '--config', self.config(), '--dump-db')

    def until(self, check, what, seconds=60):
        end = time.monotonic() + seconds
        while not check():
            self.assertLess(time.monotonic(), end, what + '\n' + self.log() + self.db())
            time.sleep(0.1)

    def until_logged(self, pattern, times=1):
        self.until(lambda: len(re.findall(pattern, self.log())) >= times, 'not logged: ' + pattern)

    def names(self):
        return set(re.findall(r'iSCSI name = "(\S+)"', self.db()))

    @staticmethod
    def slurp(path):
        with open(path, encoding='ascii') as f:
            return f.read()

    def process(self):
        pids = [p for p in self.children() if self.slurp('/proc/%d/comm' % p) == 'iscsi-scst-isns\n']
        self.assertEqual(len(pids), 1)
        return pids[0]

    def initiator(self, name):
        self.tool('isnsadm', '--config', self.config(name), '--register', 'initiator')

    def test_registers(self):
        t2 = 'iqn.2024-01.example:t2'
        self.target(t2)
        self.put(t2 + '/enabled', '0\n')
        self.put('iqn.2024-01.example:t1/alias', '%n%s\n[key]\n\n')
        self.server()
        self.configure()
        self.until_logged('registered iqn.2024-01.example:t1 with iSNS server 127.0.0.1:%d: 1 targets, 1 portals' % self.isns_port)
        db = self.db()
        self.assertEqual(self.names(), {'iqn.2024-01.example:t1'})
        for line in ('Entity identifier = "iqn.2024-01.example:t1"', 'Entity protocol = iSCSI (2)', 'iSCSI alias = "%n%s"',
                     'Portal IP address = 127.0.0.1', 'Portal TCP/UDP port = %d/tcp' % self.port, 'iSCSI node type = Target',
                     'Portal group tag = 1', 'Portal group name = "iqn.2024-01.example:t1"'):
            self.assertIn(line, db)
        # the tree changes: so does the server
        self.put(t2 + '/enabled', '1\n')
        self.until(lambda: t2 in self.names(), 't2 is not registered')
        self.put('iqn.2024-01.example:t1/enabled', '0\n')
        self.until(lambda: self.names() == {t2}, 't1 stays registered')
        self.put('isns_entity_name', 'cellar\n')
        self.until(lambda: 'Entity identifier = "cellar"' in self.db() and 'example:t1"' not in self.db(), 'the entity keeps its name')
        # inquired once a second or two, it answers
        time.sleep(6)
        self.assertEqual(self.names(), {t2})
        self.put('iSNSServer', '\n\n')
        self.until(lambda: not self.names(), 'a target stays registered')
        self.until(lambda: not self.children(), 'the process stays')

    def test_more_targets_than_a_message_holds(self):
        names = {'iqn.2024-01.example:t1'} | {'iqn.2024-01.example:m%03d' % i for i in range(149)}
        for name in sorted(names)[:-1]:
            self.target(name)
            self.put(name + '/alias', 'alias of ' + name + ' ' + 'x' * 200 + '\n[key]\n\n')
        self.esi = 600      # on a slow machine it takes longer than a server waits for the answers to three of them
        self.server()
        self.configure()
        self.until_logged('registered %s with iSNS server 127.0.0.1:%d: 150 targets, 1 portals' % (min(names), self.isns_port))
        db = self.db()
        self.assertEqual(set(re.findall(r'iSCSI name = "(\S+)"', db)), names)
        self.assertEqual(db.count('iSCSI alias = "alias of iqn.2024-01.example:m'), 149)
        self.assertEqual(db.count('type=<Network Entity>'), 1)
        self.assertEqual(db.count('type=<Portal>'), 1)
        # of a later message one goes, and one of the first comes back
        self.put('iqn.2024-01.example:m140/enabled', '0\n')
        self.until(lambda: self.names() == names - {'iqn.2024-01.example:m140'}, 'm140 stays registered')
        self.put('iqn.2024-01.example:m003/enabled', '0\n')
        self.put('iqn.2024-01.example:m140/enabled', '1\n')
        self.until(lambda: self.names() == names - {'iqn.2024-01.example:m003'}, 'm003 stays, or m140 does not come back')
        self.put('iSNSServer', '\n\n')
        self.until(lambda: not self.names(), 'a target stays registered')

    def test_killed(self):
        self.server()
        self.configure()
        self.until_logged('registered ')
        os.kill(self.process(), signal.SIGKILL)
        self.until_logged('registered ', 2)
        self.assertEqual(self.names(), {'iqn.2024-01.example:t1'})
        self.assertEqual(self.db().count('type=<Network Entity>'), 1)
        self.login()
        # the daemon's orderly end deregisters
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(10), 0)
        self.assertEqual(self.names(), set())

    def test_server_away(self):
        self.period = 10
        self.configure(host='localhost')
        self.until_logged('cannot connect: Connection refused; next attempt in 5 seconds')
        self.server()
        self.until_logged('registered ')
        # a server that has lost its memory
        self.end_server(forget=True)
        self.server()
        self.until_logged('registered ', 2)
        self.assertEqual(self.names(), {'iqn.2024-01.example:t1'})

    def test_access_control(self):
        self.configure('AccessControl')
        self.refused(0x0203, initiator=I1)
        self.server()
        self.until_logged('registered ')
        self.refused(0x0203, initiator=I1)
        self.logged('not admitted by the iSNS server')
        self.initiator(I1)
        self.until_logged('tells of a change')
        self.until(lambda: I1 in self.slurp(self.dir + '/run/isns'), 'not on the list')
        self.login(initiator=I1)
        self.refused(0x0203, initiator=I2)
        self.assertEqual(self.discovery(initiator=I2).send_targets(), {})
        self.assertIn('iqn.2024-01.example:t1', self.discovery(initiator=I1).send_targets())
        # what the server said last counts while it is away, and as long as it is the one that is set
        self.end_server()
        self.login(initiator=I1)
        self.configure('AccessControl', host='127.0.0.2')
        self.refused(0x0203, initiator=I1)
        self.configure()
        self.login(initiator=I2)
