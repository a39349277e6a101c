# SPDX-License-Identifier: GPL-2.0
"""The daemon's iSNS process on the fake tree, against Debian's iSNS server (open-isns-server, open-isns-utils)."""
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

I1 = 'iqn.2024-01.example:i1'
I2 = 'iqn.2024-01.example:i2'
SCN_PORT, NODE_TYPE, ISCSI_NAME = 23, 33, 32
REGISTER, QUERY, SCN = 1, 2, 8
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


def attr(tag, value):
    value += bytes(-len(value) % 4)
    return struct.pack('>II', tag, len(value)) + value


def string(tag, text):
    return attr(tag, text.encode() + b'\0')


def attrs(payload):
    pos, found = 0, []
    while pos < len(payload):
        tag, n = struct.unpack_from('>II', payload, pos)
        found.append((tag, payload[pos + 8:pos + 8 + n]))
        pos += 8 + n
    return found


def pdu(function, xid, payload, seq=0, flags=0x4c00):
    return struct.pack('>HHHHHH', 1, function, len(payload), flags, xid, seq) + payload


def read_pdu(s):
    """Function, transaction and payload, or None at the end."""
    def read(n):
        got = b''
        while len(got) < n:
            more = s.recv(n - len(got))
            if not more:
                raise EOFError
            got += more
        return got
    try:
        _, function, n, _, xid, _ = struct.unpack('>HHHHHH', read(12))
        return function, xid, read(n)
    except (EOFError, OSError):
        return None


class FakeServer:
    """Says yes to everything; initiators(target) tells who is let in there."""

    def __init__(self, initiators=lambda target: []):
        self.initiators, self.requests, self.scn_port = initiators, [], None
        self.listener = socket.socket()
        self.listener.bind(('127.0.0.1', 0))
        self.listener.listen(9)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        try:
            while True:
                s, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(s,), daemon=True).start()
        except OSError:
            pass

    def serve(self, s):
        with s:
            while request := read_pdu(s):
                try:
                    self.answer(s, *request)
                except OSError:
                    return

    def answer(self, s, function, xid, payload):
        asked = attrs(payload)
        self.requests.append((function, asked))
        for tag, value in asked:
            if tag == SCN_PORT:
                self.scn_port = struct.unpack('>I', value)[0]
        out = struct.pack('>I', 0)
        if function == QUERY:
            name = asked[0][1].rstrip(b'\0').decode()
            found = self.initiators(name) if NODE_TYPE in dict(asked) else [name]
            out += string(ISCSI_NAME, name) + attr(0, b'') + b''.join(string(ISCSI_NAME, i) for i in found)
        parts = [out[i:i + 60000] for i in range(0, len(out), 60000)]
        for n, part in enumerate(parts):
            flags = 0x4000 | (0x400 if n == 0 else 0) | (0x800 if n == len(parts) - 1 else 0)
            s.sendall(pdu(function | 0x8000, xid, part, n, flags))

    def registered(self):
        """Names of the targets that were registered last."""
        names = set()
        for function, asked in self.requests:
            if function == REGISTER:
                names = {v.rstrip(b'\0').decode() for t, v in asked[1:] if t == ISCSI_NAME}
        return names


class WithFake:
    """Mixed into Daemon."""

    def command(self):
        return super().command() + ['--isns-dir', self.dir + '/run', '--isns-esi']

    def serve(self, more='', **how):
        server = FakeServer(**how)
        self.addCleanup(server.close)
        self.put('iSNSServer', '127.0.0.1:%d %s\n[key]\n\n' % (server.port, more))
        return server

    def until_logged(self, pattern, seconds=60):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.log()):
            self.assertLess(time.monotonic(), end, 'not logged: ' + pattern + '\n' + self.log())
            time.sleep(0.1)

    def list(self):
        with open(self.dir + '/run/isns', encoding='ascii') as f:
            return f.read()


class Fake(WithFake):
    """Mixed into Daemon: what no real server would do."""

    def test_targets_nobody_can_name_are_not_registered(self):
        under = 'iqn.2024-01.example:vm_disk1'
        self.target(under)
        server = self.serve()
        self.until_logged('registered .* 1 targets')
        self.assertEqual(server.registered(), {'iqn.2024-01.example:t1'})
        self.until_logged('iSNS: target %s is not registered, nobody can log in: its name is no iSCSI name' % under)
        time.sleep(2.5)     # it looks again
        self.assertEqual(self.log().count('is not registered'), 1)

    def tell(self, server):
        """A state change, told over a new connection; whether it is answered."""
        with socket.create_connection(('127.0.0.1', server.scn_port), 20) as s:
            s.sendall(pdu(SCN, 7, string(ISCSI_NAME, 'iqn.2024-01.example:t1') + attr(35, struct.pack('>I', 8))))
            return (read_pdu(s) or [0])[0] == SCN | 0x8000

    def test_more_initiators_than_a_file_may_hold(self):
        for n in range(80):
            self.target('iqn.2024-01.example:many%02d' % n)
        many = ['iqn.2024-01.example:%s%04d' % ('i' * 190, n) for n in range(4400)]
        names = {}
        server = self.serve('AccessControl', initiators=lambda target: names.get('all', [I1]))
        self.until_logged('registered ')
        self.assertIn('initiator ' + I1, self.list())
        names['all'] = many
        self.assertTrue(self.tell(server))
        self.until_logged('cannot write the list of initiators, the old one counts: File too large', 200)
        self.login(initiator=I1)
        self.assertEqual(os.listdir(self.dir + '/run'), ['isns'])
        names.clear()
        os.utime(self.dir + '/run/isns', (1, 1))
        self.assertTrue(self.tell(server))      # by the same process: it is still there
        end = time.monotonic() + 60
        while os.stat(self.dir + '/run/isns').st_mtime == 1:
            self.assertLess(time.monotonic(), end, self.log())
            time.sleep(0.1)
        self.assertNotIn('the iSNS process ended', self.log())

    def test_silent_connections_keep_no_news_out(self):
        server = self.serve()
        self.until_logged('registered ')
        held = [socket.create_connection(('127.0.0.1', server.scn_port)) for _ in range(9)]
        for s in held:
            self.addCleanup(s.close)
        for _ in range(2):
            self.assertTrue(self.tell(server))
        self.until_logged('tells of a change')


class Inherited(WithFake):
    """A daemon that runs as another user than the one before. Mixed into Daemon."""

    def command(self):
        return super().command() + ['-u', '65534', '-g', '65534']

    def start(self):
        os.chmod(self.dir, 0o755)
        os.mkdir(self.dir + '/run')
        with open(self.dir + '/run/isns.new', 'w', encoding='ascii'):
            pass
        super().start()

    def test_the_list_is_written(self):
        """The folder stayed the former user's, and the list of initiators as it was."""
        self.serve('AccessControl', initiators=lambda target: [I1])
        self.until_logged('registered |cannot write')
        self.assertIn('initiator ' + I1, self.list())


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
