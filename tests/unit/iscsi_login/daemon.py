# SPDX-License-Identifier: GPL-2.0
"""iscsi-scstd end to end on a fake sysfs tree: discovery, logins refused and handed over, limits, signals.

Run by the program of daemon.c, whose path is the argument; it holds the daemon with a stand-in for the kernel module.
"""
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '../../raw')]
import chap  # noqa: E402
import iscsi  # noqa: E402
import isns  # noqa: E402

PROGRAM = sys.argv.pop(1)
T1 = 'iqn.2024-01.example:t1'
ERRNO = {2: 0x0203, 108: 0x0301, 87: 0x0302, 12: 0x0302, 116: 0x020a, 31: 0x0206, 22: 0x0300, 5: 0x0300}


def eventually(check, what, seconds=5):
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.02)


class Daemon(unittest.TestCase):
    options = []
    address = '127.0.0.1'

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='scst-daemon-')
        self.addCleanup(shutil.rmtree, self.dir)
        self.put('enabled', '1\n\n')
        self.put('link_local', '1\n\n')
        self.target(T1)
        self.start()

    def put(self, path, content):
        path = os.path.join(self.dir, 'targets/iscsi', path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='ascii') as f:
            f.write(content)

    def target(self, name):
        self.put(name + '/enabled', '1\n')
        self.put(name + '/luns/0/read_only', '0\n')
        os.makedirs(os.path.join(self.dir, 'targets/iscsi', name, 'ini_groups'))

    def command(self):
        return [PROGRAM, '--daemon', '-f', '-d1', '-a', self.address, '-p0', '--sysfs', self.dir,
                '--pid-file', self.dir + '/pid'] + self.options

    def start(self):
        # A pipe, since children may not write to files.
        self.lines = b''
        self.pipe, end = os.pipe()
        os.set_blocking(self.pipe, False)
        self.addCleanup(os.close, self.pipe)
        # A child ends without cleaning up, which a leak check would take for a leak.
        env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')
        self.daemon = subprocess.Popen(self.command(), stderr=end, env=env)
        os.close(end)
        self.addCleanup(self.stop)
        eventually(lambda: 'started' in self.log(), 'the daemon does not start')
        self.port = int(re.search(r'listening on \S+:(\d+)', self.log()).group(1))

    def stop(self):
        if self.daemon.poll() is None:
            self.daemon.terminate()
            self.assertEqual(self.daemon.wait(10), 0)
        self.assertNotIn('Sanitizer', self.log())
        self.assertNotIn('killed by signal', self.log())

    def log(self):
        try:
            self.lines += os.read(self.pipe, 1 << 20)
        except OSError:     # nothing new, or closed at the end of a test
            pass
        return self.lines.decode()

    def logged(self, pattern):
        eventually(lambda: re.search(pattern, self.log()), 'not in the log: %s\n%s' % (pattern, self.log()))

    def session(self, **how):
        s = iscsi.Session(self.address, self.port, **how)
        self.addCleanup(s.close)
        return s

    def login(self, **how):
        return self.session(**dict({'target': T1}, **how))

    def discovery(self, **how):
        return self.session(discovery=True, **how)

    def refused(self, status, **how):
        with self.assertRaises(iscsi.LoginError) as e:
            self.login(**how)
        self.assertEqual('0x%04x' % e.exception.status, '0x%04x' % status)
        return e.exception

    def connect(self):
        s = socket.create_connection((self.address, self.port), 5)
        self.addCleanup(s.close)
        return s

    def children(self):
        pid = self.daemon.pid
        with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as f:
            return [int(p) for p in f.read().split()]


class Logins(Daemon):
    def test_handed_over(self):
        self.put(T1 + '/MaxBurstLength', '131072\n[key]\n\n')
        self.put(T1 + '/HeaderDigest', 'None,CRC32C\n[key]\n\n')
        self.put(T1 + '/alias', 'disk\n[key]\n\n')
        s = self.login(keys={'HeaderDigest': 'CRC32C,None'}, initiator='iqn.a:HOST')
        self.assertEqual(s.tsih, 77)
        self.assertEqual(s.negotiated['TargetAlias'], 'disk')
        self.assertEqual(s.negotiated['TargetPortalGroupTag'], '1')
        self.logged('HANDOVER target=%s name=iqn.a:host isid=800000000001 tsih=0 cid=0 cmdsn=1 statsn=1 '
                    'recv=1048576 xmit=262144 burst=131072 first=65536 r2t=0/1 imm=1 digests=10 pending=-1 valid=1' % T1)
        self.logged(r'login of iqn.a:host from 127.0.0.1:\d+ to %s at 127.0.0.1: accepted' % T1)
        self.assertTrue(s.wait_closed())

    def test_a_peer_that_lost_power_is_noticed(self):
        self.login()
        self.logged('HANDOVER .* keepalive=1 50/3/2 nodelay=1')

    def test_any_isid(self):
        for isid in bytes(6), b'\xff' * 6:
            self.login(isid=isid)
            self.logged('HANDOVER .* isid=%s tsih=0 ' % isid.hex())

    def test_security_stage_first(self):
        s = self.session(login=False, target=T1)
        s.login(csg=0)
        self.assertEqual(s.negotiated['AuthMethod'], 'None')
        self.logged('HANDOVER .* statsn=2 ')

    def test_bytes_behind_the_last_request_stay_in_the_socket(self):
        s = self.session(login=False, target=T1)
        keys = iscsi.text({'InitiatorName': 'iqn.a:b', 'TargetName': T1})
        s.send_raw(s.encode(iscsi.login_request(0, 1), keys) +
                   s.encode(iscsi.nop_out(1, 1)))
        s.recv()
        self.logged('HANDOVER .* pending=48 ')

    def test_request_in_single_bytes(self):
        s = self.session(login=False, target=T1)
        keys = iscsi.text({'InitiatorName': 'iqn.a:b', 'TargetName': T1})
        for b in s.encode(iscsi.login_request(0, 1), keys):
            s.send_raw(bytes([b]))
        self.assertEqual(s.recv().opcode, iscsi.LOGIN_RSP)
        self.logged('HANDOVER ')

    def test_module_refuses(self):
        for number, status in ERRNO.items():
            self.refused(status, initiator='iqn.a:errno-%d' % number)
            self.logged('iqn.a:errno-%d from .* refused, status 0x%04x .*as asked for' % (number, status))

    def test_unknown_target(self):
        s = self.session(login=False, target='iqn.none')
        with self.assertRaises(iscsi.LoginError) as e:
            s.login()
        self.assertEqual(e.exception.status, 0x0203)
        self.assertTrue(s.wait_closed())
        self.logged(r'to iqn.none at 127.0.0.1: refused, status 0x0203 \(no such target\)')
        self.assertNotIn('HANDOVER', self.log())

    def test_stranger(self):
        self.put(T1 + '/ini_groups/g/initiators/iqn.good:*', '')
        self.put(T1 + '/ini_groups/g/luns/0/read_only', '0\n')
        shutil.rmtree(os.path.join(self.dir, 'targets/iscsi', T1, 'luns/0'))
        self.refused(0x0203, initiator='iqn.bad:a')
        self.logged('0x0203 .no LUN visible to this initiator')
        self.logged('HIDDEN target=%s name=iqn.bad:a' % T1)
        self.login(initiator='iqn.good:a')
        self.assertEqual(self.discovery(initiator='iqn.bad:a').send_targets(), {})
        self.assertEqual(list(self.discovery(initiator='iqn.good:a').send_targets()), [T1])

    def test_target_disabled(self):
        self.put(T1 + '/enabled', '0\n')
        self.refused(0x0301)

    def test_driver_disabled(self):
        s = self.session(login=False, target=T1)
        s.exchange_login({'InitiatorName': 'iqn.a:b', 'SessionType': 'Discovery'}, 0, 1)
        self.put('enabled', '0\n\n')
        p = s.exchange_login({}, 1, 3)      # in progress
        self.assertEqual((p.opcode, s.login_status), (iscsi.LOGIN_RSP, 0x0301))
        with self.assertRaises(iscsi.Closed):
            self.login()
        self.logged('closed, the driver is not enabled')
        self.put('enabled', '1\n\n')
        self.login()

    def test_redirect_arrives(self):
        self.put(T1 + '/redirect', '10.0.0.9:3261 temp\n[key]\n\n')
        e = self.refused(0x0101)
        self.assertEqual(e.keys, {'TargetAddress': '10.0.0.9:3261'})

    def test_suspend(self):
        self.daemon.send_signal(signal.SIGUSR1)
        self.logged('logins are suspended')
        self.refused(0x0301)
        self.daemon.send_signal(signal.SIGUSR2)
        self.logged('logins are resumed')
        self.login()

    def test_signals_for_all_of_that_name(self):
        """killall -USR1 iscsi-scstd, which reaches the children too, killed the logins and discovery sessions there were."""
        half = self.session(login=False, target=T1)
        half.exchange_login({'InitiatorName': 'iqn.a:b', 'TargetName': T1}, 0, 1)
        discovery = self.discovery()
        children = self.children()
        self.assertEqual(len(children), 2)
        for what, done in (signal.SIGUSR1, 'suspended'), (signal.SIGUSR2, 'resumed'):
            for pid in [self.daemon.pid] + children:
                os.kill(pid, what)
            self.logged('logins are ' + done)
            self.assertEqual(discovery.ping(b'a'), b'a')
        half.exchange_login({}, 1, 3)
        self.assertEqual(half.login_status, 0)

    def test_chap_only(self):
        e = self.refused(0x0201, keys={'AuthMethod': 'CHAP'})
        self.assertEqual(e.keys['AuthMethod'], 'Reject')

    def account(self, where, content='user secretsecret'):
        self.put(where, content + '\n[key]\n\n')

    def chap(self, discovery=False, **how):
        s = self.session(login=False, discovery=discovery, target=None if discovery else T1)
        return chap.Chap(s, **how)

    def chap_refused(self, status, attempt):
        with self.assertRaises(iscsi.LoginError) as e:
            attempt()
        self.assertEqual('0x%04x' % e.exception.status, '0x%04x' % status)
        return e.exception

    def test_chap(self):
        self.account(T1 + '/IncomingUser', 'first firstsecret1')
        self.account(T1 + '/IncomingUser7', 'user secretsecret')
        self.account(T1 + '/OutgoingUser', 'me my-own-secret')
        for algorithm in chap.DIGESTS:
            for encode in chap.to_hex, chap.to_base64:
                self.chap(algorithms=str(algorithm), encode=encode).login()
                self.chap(algorithms=str(algorithm), encode=encode).login(mutual=('me', 'my-own-secret'))
        self.chap(user='first', secret='firstsecret1').login()
        self.chap_refused(0x0201, self.chap(secret='secretsecre').login)
        self.chap_refused(0x0201, self.chap(user='first').login)
        self.chap_refused(0x0201, self.chap(user='nobody').login)
        self.refused(0x0201)
        self.logged('0x0201 .operational stage without authentication')
        self.logged('0x0201 .wrong CHAP response')
        self.logged('0x0201 .unknown CHAP name')
        self.assertNotIn('secretsecre', self.log())
        self.assertNotIn('my-own', self.log())
        self.assertEqual(self.discovery().send_targets().keys(), {T1})

    def test_chap_bound_to_initiators(self):
        self.account(T1 + '/IncomingUser', 'user secretsecret iqn.x:* ' + iscsi.INITIATOR)
        self.chap().login()
        self.account(T1 + '/IncomingUser', 'user secretsecret iqn.x:*')
        self.chap_refused(0x0201, self.chap().login)

    def test_discovery_chap(self):
        self.account('IncomingUser')
        self.chap(discovery=True).login()
        self.chap_refused(0x0201, self.chap(discovery=True, user='x').login)
        self.chap_refused(0x0201, self.discovery)
        self.login()    # accounts of discovery are no accounts of targets

    def test_reflection_on_another_connection(self):
        self.account(T1 + '/IncomingUser')
        self.account(T1 + '/OutgoingUser', 'me my-own-secret')
        one, two = self.chap().until_challenge(), self.chap().until_challenge()
        self.chap_refused(0x0200, lambda: two.step(dict(two.answer(), **two.mutual(one.theirs)), True))
        self.assertNotEqual(one.theirs[:32], two.theirs[:32])

    def test_challenges_of_another_daemon(self):
        """CVE-2024-45751: numbers from a generator without a seed come again after a restart."""
        self.account(T1 + '/IncomingUser')
        seen = set()
        for _ in range(3):
            seen |= {self.chap().until_challenge().theirs for _ in range(3)}
            self.daemon.terminate()
            self.assertEqual(self.daemon.wait(10), 0)
            self.start()
        self.assertEqual(len(seen), 9)

    def test_internal_portal(self):
        self.account(T1 + '/IncomingUser')
        self.account('IncomingUser')
        self.put('internal_portal', '10.0.0.1 fe80::1\n[key]\n\n')
        self.refused(0x0201)
        self.put('internal_portal', '10.0.0.1 127.0.0.1\n[key]\n\n')
        self.login()
        self.discovery()
        s = self.session(login=False, target=T1)
        s.login(csg=0)
        self.assertEqual(s.negotiated['AuthMethod'], 'None')

    def half_done(self):
        s = self.session(login=False, target=T1)
        s.exchange_login({'InitiatorName': 'iqn.a:b', 'TargetName': T1}, 0, 1)
        return s

    def ends_with(self, half, status, why):
        half.exchange_login({}, 1, 3)
        self.assertEqual('0x%04x' % half.login_status, '0x%04x' % status)
        self.logged(why)
        self.assertEqual('HANDOVER' in self.log(), not status)

    def test_account_added_meanwhile(self):
        """Who was looked up before got in without a word of authentication, up to 15 seconds later."""
        half = self.half_done()
        self.account(T1 + '/IncomingUser')
        self.ends_with(half, 0x0301, 'account added meanwhile')

    def test_target_made_anew_meanwhile(self):
        """The new one may ask for what the old one did not; the kernel knows both by the same name."""
        half = self.half_done()
        shutil.rmtree(os.path.join(self.dir, 'targets/iscsi', T1))
        self.target(T1)
        self.ends_with(half, 0x0301, 'target disabled or removed meanwhile')

    def test_internal_portal_stays_exempt(self):
        self.put('internal_portal', '127.0.0.1\n[key]\n\n')
        self.account(T1 + '/IncomingUser')
        self.ends_with(self.half_done(), 0, 'accepted')

    def test_account_without_secret_lets_nobody_in(self):
        self.put(T1 + '/IncomingUser', 'user\n[key]\n\n')
        self.refused(0x0300)
        self.logged('0x0300 .accounts cannot be read')

    def test_targets_nobody_can_name(self):
        under, long = 'iqn.2024-01.example:vm_disk1', 'iqn.2024-01.example:' + 'x' * 210
        self.target(under)
        self.target(long)
        s = self.discovery()
        for _ in range(2):
            self.assertEqual(list(s.send_targets()), [T1])
        self.logged('target %s is not shown, nobody can log in: its name is no iSCSI name' % under)
        self.assertEqual(self.log().count('is not shown'), 1)
        self.refused(0x0200, target=under)
        self.logged(r'refused, status 0x0200 \(bad TargetName: %s\)' % under)
        self.refused(0x0200, target=long)
        self.logged(r'bad TargetName: %s\)' % long)
        self.refused(0x0200, initiator='iqn.a:my_host')
        self.logged(r'login of \(no name\) from .* \(bad InitiatorName: iqn.a:my_host\)')

    def test_names_in_the_log_are_harmless(self):
        self.refused(0x0200, initiator='iqn.a\nlogin of root from 1.2.3.4')
        self.logged(r'login of \(no name\) from 127')
        self.assertNotIn('root', self.log())


class NoFiles(Daemon):
    def test_it_waits_for_files_at_rest(self):
        """As when the whole system has no more: the connection that could not be accepted kept a processor busy."""
        pid = self.daemon.pid
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir('/proc/%d/fd' % pid))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, before[1]))
        self.connect()
        self.logged('cannot accept a connection')
        time.sleep(1)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        self.login()
        attempts = self.log().count('cannot accept') + sum(map(int, re.findall(r'(\d+) lines about logins left out', self.log())))
        self.assertLess(attempts, 30)


class IgnoredChildren(Daemon):
    options = ['--logins-per-address', '1']

    def command(self):
        return ['env', '--ignore-signal=CHLD', '--ignore-signal=ALRM'] + super().command()

    def test_started_by_who_ignores_children(self):
        """Nobody told the daemon of their end then: each login stood in the way of the next one until its time was over."""
        for _ in range(3):
            self.refused(0x0203, target='iqn.none')
            eventually(lambda: not self.children(), 'children stay')
        self.assertNotIn('gives way', self.log())


class Background(Daemon):
    """Without -f its lines go to syslog from the moment it is no child of ours any more."""

    def command(self):
        return [word for word in super().command() if word != '-f']

    def start(self):
        asan = self.dir + '/asan'
        env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0:log_path=' + asan)
        told = subprocess.run(self.command(), stderr=subprocess.PIPE, env=env, timeout=10, check=True).stderr.decode()
        self.port = int(re.search(r'listening on \S+:(\d+)', told).group(1))
        eventually(lambda: os.path.getsize(self.dir + '/pid'), 'no pid file')
        with open(self.dir + '/pid', encoding='ascii') as f:
            self.pid = int(f.read())
        self.addCleanup(self.stop)
        self.login()

    def stop(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            self.fail('the daemon had ended')
        eventually(lambda: not os.path.exists('/proc/%d' % self.pid), 'the daemon does not end')
        self.assertEqual([name for name in os.listdir(self.dir) if name.startswith('asan')], [])

    def wait_for(self, status):
        def seen():
            try:
                self.login()
            except iscsi.LoginError as e:
                return e.status == status
            return not status
        eventually(seen, 'logins do not end with status 0x%04x' % status)

    def test_suspend(self):
        """The page of the flag was made before the daemon went to the background, and did not go along."""
        for number, status in (signal.SIGUSR1, 0x0301), (signal.SIGUSR2, 0):
            os.kill(self.pid, number)
            self.wait_for(status)


def other_address():
    """An address of this machine that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(('192.0.2.1', 9))     # sends nothing
            return s.getsockname()[0]
        except OSError:
            return None


@unittest.skipUnless(other_address(), 'no address but loopback')
class InternalPortal(Daemon):
    address = '0.0.0.0'

    def test_only_its_own_network(self):
        """Linux takes a connection to any of its addresses through any interface: who names the address needs no cable there."""
        self.address = other_address()
        self.put(T1 + '/IncomingUser', 'user secretsecret\n[key]\n\n')
        self.put('IncomingUser', 'user secretsecret\n[key]\n\n')
        self.put('internal_portal', self.address + '\n[key]\n\n')
        self.login()
        self.discovery()
        self.refused(0x0201, source=('127.0.0.1', 0))
        self.logged(r'127.0.0.1:\d+ is not in the network of the internal portal ' + self.address)
        with self.assertRaises(iscsi.LoginError):
            self.discovery(source=('127.0.0.1', 0))
        chap.Chap(self.session(login=False, target=T1, source=('127.0.0.1', 0))).login()


class Hostile(Daemon):
    def closed_without_answer(self, data, shut=False):
        s = self.connect()
        s.sendall(data)
        if shut:
            s.shutdown(socket.SHUT_WR)
        try:
            self.assertEqual(s.recv(1000), b'')
        except ConnectionResetError:
            pass

    def test_first_pdu(self):
        for opcode in (0x00, 0x01, 0x04, 0x06, 0x3f):
            self.closed_without_answer(bytes([0x40 | opcode]) + bytes(47))
        self.logged('first PDU is no login request')

    def test_lengths(self):
        login = bytearray(iscsi.login_request(0, 1))
        for length in (b'\x00\x20\x01', b'\xff\xff\xff'):
            login[5:8] = length
            self.closed_without_answer(bytes(login))
        login[4:8] = b'\x01\x00\x00\x00'
        self.closed_without_answer(bytes(login) + bytes(4))

    def test_long_key(self):
        """CVE-2013-2850: the name of an unknown key came back in an answer that had no room for it."""
        keys = [('InitiatorName', 'iqn.a:b'), ('TargetName', T1)]
        for n in 63, 64, 1000, 4000, 8000:
            s = self.session(login=False)
            p = s.exchange_login(iscsi.text(keys + [('k' * n, 'v')]), 1, 3)
            self.assertEqual(p.opcode, iscsi.LOGIN_RSP)
            self.assertEqual(s.login_status, 0 if n < 64 else 0x0200)
        self.login()

    def test_cut_anywhere(self):
        s = self.session(login=False)
        whole = s.encode(iscsi.login_request(0, 1), iscsi.text({'InitiatorName': 'iqn.a:b', 'TargetName': T1}))
        for n in list(range(0, 56)) + [len(whole) - 1]:
            self.closed_without_answer(whole[:n], shut=True)
        self.login()

    def test_no_zombies(self):
        for _ in range(20):
            self.refused(0x0203, target='iqn.none')
        eventually(lambda: not self.children(), 'children stay')

    def test_no_child_before_a_whole_header(self):
        s = self.connect()
        s.sendall(iscsi.login_request(0, 1)[:47])
        time.sleep(0.3)
        self.assertEqual(self.children(), [])
        s.sendall(b'\0')
        self.logged('status 0x0207')


class Discovery(Daemon):
    def test_send_targets(self):
        self.target('iqn.2024-01.example:t0')
        s = self.discovery()
        here = '127.0.0.1:%d,1' % self.port
        self.assertEqual(s.send_targets(), {'iqn.2024-01.example:t0': [here], T1: [here]})
        self.assertEqual(s.send_targets(T1), {T1: [here]})
        self.assertEqual(s.send_targets('iqn.none'), {})
        self.assertEqual(s.text({'SendTargets': ''}), [('SendTargets', 'Reject')])
        self.assertEqual(s.logout(), 0)
        self.assertTrue(s.wait_closed())
        self.logged('to discovery at 127.0.0.1: accepted')

    def test_module_that_is_loaded_again(self):
        """The session looked at the folder of the old one for ever, and told of no target."""
        s = self.discovery()
        self.assertEqual(list(s.send_targets()), [T1])
        shutil.rmtree(os.path.join(self.dir, 'targets/iscsi'))
        self.put('enabled', '1\n\n')
        self.target(T1)
        with self.assertRaises((iscsi.Closed, ConnectionError)):
            s.send_targets()
        self.logged('ended, iscsi-scst.ko has been unloaded')
        self.assertEqual(list(self.discovery().send_targets()), [T1])

    def test_split(self):
        for n in range(100):
            self.target('iqn.2024-01.example:split%03d' % n)
        s = self.discovery(keys={'MaxRecvDataSegmentLength': '512'})
        self.assertEqual(len(s.send_targets()), 101)
        s.send(iscsi.text_request(99, 1), iscsi.text({'SendTargets': 'All'}))
        p = s.recv()
        self.assertLessEqual(len(p.data), 512)
        self.assertFalse(p.final)
        s.send(iscsi.text_request(99, 1, p.ttt ^ 0x5555))
        p = s.recv()
        self.assertEqual((p.opcode, p.response), (iscsi.REJECT, 9))
        self.assertEqual(len(p.data), 48)
        self.assertEqual(len(s.send_targets()), 101)

    def test_many_targets(self):
        for n in range(300):
            self.target('iqn.2024-01.example:many%03d' % (299 - n))
        names = list(self.discovery().send_targets())
        self.assertEqual(len(names), 301)
        self.assertEqual(names, sorted(names))

    def test_other_requests(self):
        s = self.discovery()
        self.assertEqual(s.ping(b'hello'), b'hello')
        s.send(iscsi.scsi_command(5, 1, bytes(6)))
        p = s.recv()
        self.assertEqual((p.opcode, p.response), (iscsi.REJECT, 5))
        self.assertEqual(len(s.send_targets()), 1)

    def test_sandbox(self):
        self.discovery()
        with open('/proc/%d/status' % self.children()[0], encoding='ascii') as f:
            status = dict(line.split(':\t', 1) for line in f.read().splitlines() if ':\t' in line)
        self.assertEqual(status['Seccomp'], '2')
        self.assertEqual(status['NoNewPrivs'], '1')
        if os.geteuid() == 0:
            self.assertEqual(int(status['CapEff'], 16), 1 << 12)
            self.assertEqual(int(status['CapBnd'], 16), 0)

    def test_daemon_killed(self):
        s = self.discovery()
        self.daemon.kill()
        self.daemon.wait()
        self.assertEqual(len(s.send_targets()), 1)      # goes on
        self.start()                                    # the lock went with the daemon
        self.login()
        self.assertEqual(s.logout(), 0)


class Limits(Daemon):
    options = ['--login-timeout=1', '--logins=12', '--logins-per-address=8']

    def test_per_address(self):
        idle = [self.connect() for _ in range(12)]
        for s in idle[:4]:
            self.assertEqual(s.recv(1), b'')
        idle[4].settimeout(0.1)
        self.assertRaises(socket.timeout, idle[4].recv, 1)
        self.login()
        self.logged('gives way')

    def test_timeout(self):
        waiting = self.connect()
        started = self.session(login=False)
        started.exchange_login({'InitiatorName': 'iqn.a:b', 'TargetName': T1}, 0, 1)
        begin = time.monotonic()
        self.assertEqual(waiting.recv(1), b'')
        self.assertTrue(started.wait_closed())
        self.assertLess(time.monotonic() - begin, 4)
        self.logged('timed out')
        eventually(lambda: not self.children(), 'a child stays')

    def test_sessions_leave_logins_their_room(self):
        """Idle discovery sessions, for which nobody had to prove anything, left one login at a time."""
        held = [self.discovery(source=('127.0.7.%d' % (1 + n // 7), 0)) for n in range(12)]
        half = self.session(login=False, target=T1)
        half.exchange_login({'InitiatorName': 'iqn.a:b', 'TargetName': T1}, 0, 1)
        for _ in range(3):
            self.connect()
        half.exchange_login({}, 1, 3)
        self.assertEqual(half.login_status, 0)
        # among themselves the oldest one goes
        more = self.discovery(source=('127.0.7.3', 0))
        self.assertTrue(held[0].wait_closed())
        self.logged('gives way, too many discovery sessions')
        for s in held[1:] + [more]:
            self.assertEqual(s.ping(b'a'), b'a')

    def test_discovery_is_not_a_login(self):
        s = self.discovery()
        time.sleep(1.5)
        self.assertEqual(len(s.send_targets()), 1)


class FewFiles(Daemon):
    options = ['--logins=300', '--logins-per-address=300']

    def command(self):
        return ['prlimit', '--nofile=48:'] + super().command()

    def test_many_waiting(self):
        for _ in range(100):
            self.connect()
        self.login()
        self.assertNotIn('closed', self.log())


class Process(Daemon):
    def test_hangup(self):
        self.daemon.send_signal(signal.SIGHUP)
        self.login()
        self.assertTrue(os.path.exists(self.dir + '/pid'))

    def test_second_daemon(self):
        with open(self.dir + '/pid', encoding='ascii') as f:
            self.assertEqual(int(f.read()), self.daemon.pid)
        r = subprocess.run(self.command(), stderr=subprocess.PIPE, text=True, timeout=10, check=False)
        self.assertEqual(r.returncode, 1)
        self.assertIn('already running', r.stderr)
        self.login()

    def test_end(self):
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(5), 0)
        self.assertFalse(os.path.exists(self.dir + '/pid'))

    def test_address_in_use(self):
        r = subprocess.run([PROGRAM, '--daemon', '-f', '-a127.0.0.1', '-p%d' % self.port, '--sysfs', self.dir,
                            '--pid-file', self.dir + '/pid2'], stderr=subprocess.PIPE, text=True, timeout=10, check=False)
        self.assertEqual(r.returncode, 1)
        self.assertIn('cannot listen on 127.0.0.1:%d: Address already in use' % self.port, r.stderr)


def have_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(('::1', 0))
        return True
    except OSError:
        return False


class Service(Daemon):
    """As a service manager starts the daemon: with sockets to serve, and one to tell."""

    def setUp(self):
        self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.told.close)
        self.told.settimeout(10)
        self.passed, self.more = [], {}
        super().setUp()

    def start(self):
        """Each test starts it, with what it is about."""

    def as_service(self, wrapped):
        """Its command, with the passed sockets as descriptors 3 and up and LISTEN_PID its own process."""
        if not self.passed:
            return wrapped
        moves = ' '.join('%d<&%d' % (3 + n, 30 + n) for n in range(len(self.passed)))
        return ['bash', '-c', 'export LISTEN_PID=${LISTEN_PID:-$$} LISTEN_FDS=${LISTEN_FDS:-%d}; exec %s; exec "$0" "$@"'
                % (len(self.passed), moves)] + wrapped

    def run_it(self, **how):
        env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0', **self.more)
        high = []
        for n, s in enumerate(self.passed):
            os.dup2(s.fileno(), 30 + n)
            high.append(30 + n)
        try:
            return subprocess.Popen(self.as_service(self.command()), env=env, pass_fds=high, **how)
        finally:
            for fd in high:
                os.close(fd)

    def begin(self):
        self.lines = b''
        self.pipe, end = os.pipe()
        os.set_blocking(self.pipe, False)
        self.addCleanup(os.close, self.pipe)
        self.daemon = self.run_it(stderr=end)
        os.close(end)
        self.addCleanup(self.stop)

    def begin_and_wait(self):
        self.begin()
        eventually(lambda: 'started' in self.log(), 'the daemon does not start: ' + self.log())

    def listening(self, address='127.0.0.1', family=socket.AF_INET, v6only=1):
        s = socket.socket(family, socket.SOCK_STREAM)
        self.addCleanup(s.close)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        s.bind((address, 0))
        s.listen(20)
        return s

    def tells(self, name):
        self.told.bind(name)
        self.more['NOTIFY_SOCKET'] = name.replace('\0', '@')
        self.begin()
        self.assertEqual(self.told.recv(100), b'READY=1')
        # at that moment, not some time later
        self.port = int(re.search(r'listening on \S+:(\d+)', self.log()).group(1))
        self.assertEqual(self.discovery().send_targets().keys(), {T1})
        self.daemon.terminate()
        self.assertEqual(self.told.recv(100), b'STOPPING=1')
        self.assertEqual(self.daemon.wait(10), 0)

    def test_tells_when_it_is_ready(self):
        self.tells(self.dir + '/notify')

    def test_tells_an_abstract_name(self):
        self.tells('\0scst-test-%d' % os.getpid())

    def test_manager_that_is_gone(self):
        for name, why in ((self.dir + '/none', 'No such file'), ('nonsense', 'Invalid'), ('/' + 'x' * 200, 'Invalid')):
            self.more['NOTIFY_SOCKET'] = name
            self.begin_and_wait()
            self.logged('cannot tell %s that READY=1: %s' % (name, why))
            self.stop()

    def test_not_ready_without_a_port(self):
        self.told.bind(self.dir + '/notify')
        self.more['NOTIFY_SOCKET'] = self.dir + '/notify'
        self.passed = [socket.socket()]
        self.addCleanup(self.passed[0].close)
        self.assertEqual(self.run_it(stderr=subprocess.DEVNULL).wait(10), 1)
        self.told.setblocking(False)
        self.assertRaises(BlockingIOError, self.told.recv, 100)

    def test_serves_passed_sockets(self):
        self.passed = [self.listening(), self.listening('127.0.0.2')]
        self.more['LISTEN_FDNAMES'] = 'one:two'
        self.begin_and_wait()
        ports = [s.getsockname()[1] for s in self.passed]
        self.assertEqual(self.log().count('listening on'), 2)     # and on none of its own
        for self.address, self.port in zip(('127.0.0.1', '127.0.0.2'), ports):
            self.logged('listening on %s:%d, passed by the service manager' % (self.address, self.port))
            self.login()
            self.assertEqual(self.discovery().send_targets(), {T1: ['%s:%d,1' % (self.address, self.port)]})
        # an accept() that waits would keep all others waiting
        self.assertEqual([os.get_blocking(s.fileno()) for s in self.passed], [False, False])

    def test_nobody_is_refused_while_it_starts_again(self):
        self.passed = [self.listening()]
        self.port = self.passed[0].getsockname()[1]
        self.begin_and_wait()
        self.daemon.kill()
        self.daemon.wait()
        waiting = self.session(login=False, target=T1)      # in the queue of the socket
        self.begin()
        waiting.login()
        self.assertEqual(waiting.tsih, 77)

    @unittest.skipUnless(have_ipv6(), 'no IPv6 here')
    def test_passed_ipv6(self):
        self.passed = [self.listening('::1', socket.AF_INET6, 0), self.listening('::', socket.AF_INET6)]
        self.begin_and_wait()
        self.address, self.port = '::1', self.passed[1].getsockname()[1]
        self.login()

    def test_sockets_of_another_process(self):
        self.passed = [self.listening()]
        self.more['LISTEN_PID'] = '1'
        self.begin_and_wait()
        port = int(re.search(r'listening on \S+:(\d+)\n', self.log()).group(1))
        self.assertNotEqual(port, self.passed[0].getsockname()[1])

    def refused_start(self, passed, why, **more):
        self.passed, self.more = passed, more
        p = self.run_it(stderr=subprocess.PIPE, text=True)
        try:
            _, err = p.communicate(timeout=10)
        finally:
            p.kill()
        self.assertEqual(p.returncode, 1)
        self.assertIn('sockets passed by the service manager: ' + why, err)

    def test_what_is_no_port(self):
        good = self.listening()
        udp, bound, unix = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(),
                            socket.socket(socket.AF_UNIX))
        unix.bind(self.dir + '/stream')
        unix.listen(1)
        connected = socket.create_connection(good.getsockname())
        for s in udp, bound, unix, connected:
            self.addCleanup(s.close)
            self.refused_start([good, s], 'descriptor 4 (web) is no listening TCP socket', LISTEN_FDNAMES='iscsi:web')
            self.refused_start([s, good], 'descriptor 3 is no listening TCP socket')
        self.refused_start([good], 'descriptor 4 is no listening TCP socket', LISTEN_FDS='2')
        with open('/dev/null', 'rb') as null:
            self.refused_start([null], 'descriptor 3 is no listening TCP socket')

    def test_bad_numbers(self):
        good = self.listening()
        for n in '-1', 'x', '1 ', '4294967297', '99999999999999999999':
            self.refused_start([good], 'bad LISTEN_FDS: ' + n, LISTEN_FDS=n)
        self.refused_start([good], 'too many, LISTEN_FDS=33', LISTEN_FDS='33')
        self.refused_start([good], 'bad LISTEN_PID: me', LISTEN_PID='me')
        for names in '', 'a', 'a:b:c', ':::':
            self.refused_start([good, good], 'LISTEN_FDNAMES does not fit LISTEN_FDS: ' + names, LISTEN_FDNAMES=names)

    @unittest.skipUnless(have_ipv6(), 'no IPv6 here')
    def test_ipv4_in_disguise(self):
        """An IPv4 initiator must not come as ::ffff:1.2.3.4, past rules made for its address."""
        for address in '::', '::ffff:127.0.0.1':
            self.refused_start([self.listening(address, socket.AF_INET6, 0)], 'descriptor 3 takes IPv4 connections too')


@unittest.skipUnless(have_ipv6(), 'no IPv6 here')
class Ipv6(Daemon):
    address = '::1'

    def test_ipv6(self):
        self.assertEqual(self.discovery().send_targets(), {T1: ['[::1]:%d,1' % self.port]})
        self.put(T1 + '/per_portal_acl', '1\n[key]\n\n')
        self.put(T1 + '/allowed_portal', '::?\n[key]\n\n')
        self.login()
        self.logged('HANDOVER target=%s name=%s#::1 ' % (T1, iscsi.INITIATOR))
        self.put(T1 + '/allowed_portal', '127.*\n[key]\n\n')
        self.refused(0x0203)


class Isns(isns.Isns, Daemon):
    pass


@unittest.skipIf(os.geteuid(), 'needs root')
class InheritedIsns(isns.Inherited, Daemon):
    pass


class FakeIsns(isns.Fake, Daemon):
    pass


if __name__ == '__main__':
    unittest.main()
