# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What iSCSI targets have stumbled over before, as far as no other test shows it: tests/traps has the list, and which part
# here is for which of them.
# timeout: 900
# check: 6.1
. /job/tests/qemu/lib.sh
requires dmsetup python3
T=iqn.2026-01.test:traps

run dmsetup create trap --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
open_fileio disk "$(mkdisk traps 64)"
open_nullio null size_mb=64
open_blockio slow /dev/mapper/trap
open_nullio spare size_mb=64
add_target $T
add_target $T-two
add_lun $T 0 disk
add_lun $T 1 null
add_lun $T 2 slow
add_lun $T 3 spare
add_lun $T-two 0 disk
put 1 $ISCSI/$T/aen_disabled	# unit attentions are what is looked at
allow_dmesg "bad value .* for comment|alias must be at most|allowed_portal"
enable_target $T
enable_target $T-two

cat > "$TESTDIR/t.py" << 'PY'
import errno
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

import iscsi
from iscsi import BUSY, CHECK_CONDITION, CONFLICT, GOOD, RESERVED, SET_FULL
from kit import BS, ROOT, get, must, pattern, put, read10, suspended, write10

T, ROUNDS = sys.argv[1], int(sys.argv[2])
DRIVER = ROOT + 'targets/iscsi/'
DIR = DRIVER + T + '/'
FILE, NULL, SLOW, SPARE = range(4)
ABORT_TASK, LUN_RESET = 1, 5
SOLICITED = {'ImmediateData': 'No', 'InitialR2T': 'Yes'}


def session(n=1, name='a', keys=None, settled=True, **how):
    how.setdefault('isid', bytes([0x80, 0, 0, 0]) + struct.pack('>H', n))
    s = iscsi.Session('127.0.0.1', target=how.pop('target', T), initiator='iqn.2026-01.test:' + name, keys=keys, timeout=60, **how)
    if settled:
        for lun in range(1 if s.target != T else 4):
            s.settle(lun)
    return s


def attr(name, value=':default:'):
    must(put(value, DIR + name) == 0, '%s = %s' % (name, value))


def works(s, what, lun=FILE):
    must(s.test_unit_ready(lun).status == GOOD, what)


def eventually(check, what, seconds=60):
    end = time.time() + seconds * iscsi.SLOW
    while not check():
        must(time.time() < end, what)
        time.sleep(0.1)
    print('ok    ' + what, flush=True)


def pdus(s, until):
    """What comes up to the answer to a ping, but for pings; the first of it with this opcode ends the wait too."""
    got = []
    while True:
        p = s.recv()
        if p.opcode == iscsi.NOP_IN and p.itt == RESERVED:
            if p.ttt != RESERVED:
                s.send(iscsi.nop_out(RESERVED, s.cmdsn, p.ttt, p.lun))
            continue
        got.append(p)
        if p.opcode == until:
            return got


def answers_pings(s, seconds):
    """How many pings came, each of them answered, in that time."""
    n, end = 0, time.time() + seconds
    while time.time() < end:
        try:
            p = s.recv(0.5)
        except socket.timeout:
            continue
        must(p.opcode == iscsi.NOP_IN and p.itt == RESERVED, 'a ping of the target: %r' % p)
        if p.ttt != RESERVED:
            s.send(iscsi.nop_out(RESERVED, s.cmdsn, p.ttt, p.lun))
            n += 1
    s.sock.settimeout(60 * iscsi.SLOW)
    return n


# --- identity of sessions ---

def identities():
    for isid in bytes(6), b'\xff' * 6:
        with session(isid=isid, name='isid') as s:
            must(s.tsih != 0, 'ISID %s: TSIH %d' % (isid.hex(), s.tsih))
            must(s.logout() == 0, 'logout')
    seen = []
    for n in range(8):
        with session(n, settled=False) as s:
            seen.append(s.tsih)
    must(len(set(seen)) == 8 and 0 not in seen, 'each session has a TSIH of its own: %s' % seen)


def cloned():
    """Two machines from one image: each login ends the other's session, and the log tells where both come from."""
    one = session(name='clone', source=('127.0.0.5', 0))
    two = session(name='clone', source=('127.0.0.6', 0))
    must(one.wait_closed(), 'the session of the first machine is closed')
    works(two, 'the second one works')
    for host in '127.0.0.5', '127.0.0.6':
        line = r'login of iqn.2026-01.test:clone from %s:\d+ to %s ' % (host.replace('.', r'\.'), T)
        eventually(lambda: re.search(line, get('/job/out/syslog')), 'the log names ' + host)
    must(two.logout() == 0, 'logout')
    one.close(), two.close()


def first_segment():
    """Commands behind the last login request, in one piece with it or cut within it."""
    for cut in 0, 10, 60, 400:
        s = session(9, login=False, settled=False)
        keys = dict({'InitiatorName': s.initiator, 'TargetName': T}, **iscsi.KEYS)
        login = s.encode(iscsi.login_request(0, 1, isid=s.isid), iscsi.text(keys))
        rest = s.encode(iscsi.scsi_command(1, 1, bytes(6))) + s.encode(iscsi.nop_out(2, 2), b'behind')
        if cut:
            s.send_raw(login[:-cut])
            time.sleep(0.3)
        s.send_raw(login[len(login) - cut:] + rest if cut else login + rest)
        p = s.recv()
        must((p.opcode, iscsi.be16(p.bhs, 36)) == (iscsi.LOGIN_RSP, 0), 'cut %d: the login succeeds' % cut)
        got = {p.itt: p for p in (s.recv(), s.recv())}
        must(got[1].opcode == iscsi.SCSI_RSP, 'the command behind it is answered')
        must(got[2].opcode == iscsi.NOP_IN and got[2].data == b'behind', 'and the ping')
        s.close()


def nexus_loss():
    a, b = session(name='holder'), session(name='other')
    must(a.scsi(bytes([0x16, 0, 0, 0, 0, 0]), FILE).status == GOOD, 'RESERVE(6)')
    must(b.read10(FILE, 0, 1).status == CONFLICT, 'which another initiator meets')
    a.close()
    eventually(lambda: b.read10(FILE, 0, 1).status == GOOD, 'the connection was lost: so is the reservation')
    a = session(name='holder')
    pr_out(a, 0, 0, 0, 0xa)
    pr_out(a, 1, 1, 0xa, 0)
    must(b.write10(FILE, 0, bytes(BS)).status == CONFLICT, 'a persistent one')
    a.close()
    eventually(lambda: not any(n.endswith(':holder') for n in os.listdir(DIR + 'sessions')), 'its session is gone')
    must(b.write10(FILE, 0, bytes(BS)).status == CONFLICT, 'stays without its session')
    a = session(name='holder')
    must(a.write10(FILE, 0, bytes(BS)).status == GOOD, 'and is that of the port that comes back')
    other_port = session(2, name='holder')
    must(other_port.write10(FILE, 0, bytes(BS)).status == CONFLICT, 'not that of another port of the same initiator')
    d = a.scsi(struct.pack('>BB5xHx', 0x5e, 3, 1024), FILE, read=1024).data
    name = b'iqn.2026-01.test:holder,i,0x800000000001\0'
    must(name.ljust((len(name) + 3) // 4 * 4, b'\0') in d, 'READ FULL STATUS has the TransportID as the standard writes it')
    pr_out(a, 3, 0, 0xa, 0)
    for s in a, b, other_port:
        must(s.settle(FILE).logout() == 0, 'logout')


def pr_out(s, action, kind, key, sa_key):
    data = struct.pack('>QQ8x', key, sa_key)
    r = s.scsi(struct.pack('>BBB2xIx', 0x5f, action, kind, len(data)), FILE, write=data)
    must(r.status == GOOD, 'PERSISTENT RESERVE OUT %d: %r' % (action, r))


def same_disk():
    """By whatever path: the names of the disk are the same, those of the path are not."""
    found = {}
    for target in T, T + '-two':
        with session(target=target) as s:
            d = s.inquiry(FILE, 0x83, 1024).data
            names = {0: [], 1: []}
            at = 4
            while at < 4 + struct.unpack('>H', d[2:4])[0]:
                one = d[at:at + 4 + d[at + 3]]
                names.setdefault(one[1] >> 4 & 3, []).append(one)
                at += len(one)
            found[target] = names
    a, b = found.values()
    must(a[0] and a[0] == b[0], 'the designators of the logical unit: %s' % [n.hex() for n in a[0]])
    must(a[1] and a[1] != b[1], 'those of the port differ')


# --- time ---

def ping_interval():
    attr('NopInInterval', '4')
    with session(settled=False) as s:
        times = []
        for _ in range(4):
            must(answers_pings_until_one(s), 'a ping')
            times.append(time.time())
        gaps = sorted(b - a for a, b in zip(times, times[1:]))
        print('gaps: ' + ' '.join('%.1f' % g for g in gaps))
        must(gaps[0] > 3 and gaps[1] < 7 * iscsi.SLOW, 'they come each 4 seconds, neither sooner nor half as often')
    attr('NopInInterval')


def answers_pings_until_one(s):
    p = s.recv(60)
    s.send(iscsi.nop_out(RESERVED, s.cmdsn, p.ttt, p.lun))
    return p.opcode == iscsi.NOP_IN and p.itt == RESERVED and p.ttt != RESERVED


def life_is_life():
    """An initiator that answers no ping but sends commands is alive."""
    attr('NopInInterval', '1')
    attr('NopInTimeout', '5')
    with session() as s:
        pings, end = 0, time.time() + 14
        while time.time() < end:
            itt = s.next_itt()
            s.send(iscsi.scsi_command(itt, s.cmdsn, bytes(6)))
            s.cmdsn += 1
            while True:
                p = s.recv()
                if p.opcode == iscsi.SCSI_RSP and p.itt == itt:
                    break
                pings += p.opcode == iscsi.NOP_IN
            time.sleep(1.2 if not pings else 0.2)
        must(pings, 'a ping was left without an answer')
        works(s, 'and the session goes on')
    attr('NopInInterval')
    attr('NopInTimeout')


def oldest_counts():
    """Data that do not come end the connection in time, whatever else the initiator says meanwhile."""
    attr('RspTimeout', '4')
    with session(keys=SOLICITED) as s:
        s.start(write10(0, 8), FILE, write=bytes(4096))
        begin = time.time()
        try:
            while time.time() - begin < 60 * iscsi.SLOW:
                must(s.ping(b'alive') == b'alive', 'a ping')
                time.sleep(0.3)
        except (iscsi.Closed, OSError):
            pass
        took = time.time() - begin
        must(3 < took < 30 * iscsi.SLOW, 'closed after %.1f s' % took)
    attr('RspTimeout')


def hung_disk():
    """A disk that does not answer, and a full window, are not the initiator's silence."""
    attr('RspTimeout', '3')
    attr('NopInInterval', '1')
    attr('NopInTimeout', '5')
    attr('QueuedCommands', '2')
    with session() as s:
        with suspended('trap'):
            tags = [s.start(write10(8 * n, 8, 8), SLOW, write=pattern(8 * n, 8)) for n in range(2)]
            n = answers_pings(s, 12)
            must(n >= 3, '%d pings while nothing else could be said' % n)
        for itt in tags:
            must(s.finish(itt, lun=SLOW).status == GOOD, 'the command ends well')
        must(s.read10(SLOW, 0, 16).data == pattern(0, 16), 'and what it wrote is there')
    for name in 'RspTimeout', 'NopInInterval', 'NopInTimeout', 'QueuedCommands':
        attr(name)


def not_reading():
    """An initiator that takes no data for a while gets all of them afterwards."""
    data = os.urandom(1 << 22)
    with session(name='reader') as s:
        for n in range(4):
            must(s.write10(FILE, n * 2048, data[n << 20:(n + 1) << 20]).status == GOOD, 'data')
        tags = [s.start(read10(0, 8192), FILE, read=1 << 22) for _ in range(6)]
        where = DIR + 'sessions/%s/127.0.0.1/state' % s.initiator
        eventually(lambda: 'space_waiting' in get(where), 'the socket is full')
        time.sleep(3)
        for itt in tags:
            must(s.finish(itt).data == data, 'all of it, and in order')


def half_open():
    """Who has lost power answers nothing any more. Without pings it shows by what TCP cannot deliver, within the RspTimeout of now."""
    route = ['blackhole', '127.0.0.77/32', 'table', 'local']
    attr('NopInInterval', '0')
    attr('RspTimeout', '65535')
    s = session(name='gone', source=('127.0.0.77', 0))
    attr('RspTimeout', '4')
    with suspended('trap'):
        s.start(read10(0, 8), SLOW, read=4096)
        time.sleep(6)       # it is looked at each 5 seconds
        subprocess.check_call(['ip', 'route', 'add'] + route)
    where = DIR + 'sessions/' + s.initiator
    must(os.path.isdir(where), 'a session whose disk is slow, and whose initiator cannot be reached any more')
    eventually(lambda: not os.path.isdir(where), 'it is closed, before keepalive would notice', 30)
    subprocess.check_call(['ip', 'route', 'del'] + route)
    s.close()
    for name in 'NopInInterval', 'RspTimeout':
        attr(name)


# --- numbers and tags ---

def aborts():
    with session() as s:
        works(s, 'a command')
        for what, ref in (('the last one', 1), ('one long ago', 5000), ('one half of the numbers ago', 0x40000000)):
            rsp = s.task_management(ABORT_TASK, FILE, 0x1234, (s.cmdsn - ref) & 0xffffffff)
            must(rsp == 1, 'ABORT TASK of %s: %d' % (what, rsp))
        for _ in range(100):
            itt = s.start(bytes(6))
            s.finish(itt)
            rsp = s.task_management(ABORT_TASK, FILE, itt, s.cmdsn - 1)
            if rsp not in (0, 1):
                must(False, 'ABORT TASK of what has ended: %d' % rsp)
        works(s, 'a hundred aborts that came too late are answered 0 or 1')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 8), edtl=4096, write=True, immediate=True))
        p = s.wait_for(iscsi.R2T, itt=itt)
        tag = s.next_itt()
        s.send(iscsi.tmf(tag, s.cmdsn, ABORT_TASK, FILE, itt, s.cmdsn))
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, True), bytes(4096))
        rsp = s.wait_for(iscsi.TMF_RSP, itt=tag).response
        must(rsp == 0, 'ABORT TASK of an immediate command: %d' % rsp)
        must(not s.queue, 'which is not answered itself')


def aborted_asks_no_more():
    """More often than there are places for commands."""
    with session(keys=dict(SOLICITED, MaxBurstLength='4096')) as s:
        must(s.write10(FILE, 0, b'o' * 16384).status == GOOD, 'what was there')
        for _ in range(40):
            itt = s.start(write10(0, 32), FILE, write=bytes(16384))
            p = s.wait_for(iscsi.R2T, itt=itt)
            tag = s.next_itt()
            s.send(iscsi.tmf(tag, s.cmdsn, ABORT_TASK, FILE, itt, s.cmdsn - 1))
            s.send(iscsi.data_out(itt, p.ttt, 0, p.offset, True), b'E' * p.residual)
            if s.wait_for(iscsi.TMF_RSP, itt=tag).response:
                must(False, 'ABORT TASK was not answered 0')
            s.ping()
            if s.queue:
                must(False, 'after the abort: %r' % s.queue)
        must(s.write10(FILE, 0, pattern(0, 32)).status == GOOD, 'after 40 of them a write runs')
        must(s.read10(FILE, 0, 32).data == pattern(0, 32), 'and is what can be read')
        must(s.maxcmdsn - s.cmdsn == 31, 'all places are free again')


def tags_come_again():
    with session() as s:
        for n in range(300):
            s.send(iscsi.scsi_command(0x55, s.cmdsn, read10(0, 1), edtl=512, read=True) if n & 1 else
                   iscsi.scsi_command(0x55, s.cmdsn, bytes(6)))
            s.cmdsn += 1
            r = s.finish(0x55)
            if r.status != GOOD:
                must(False, 'command %d: %r' % (n, r))
        works(s, 'a tag is free with its answer')


# --- data ---

def data_out_lun():
    with session(keys=SOLICITED) as s:
        for lun in 7, 0x100:
            itt = s.start(write10(0, 8), NULL, write=bytes(4096))
            must(s.finish(itt, bytes(4096), lun).status == GOOD, 'Data-Out with LUN %d' % lun)


def only_what_was_announced():
    with session(keys={'InitialR2T': 'No', 'FirstBurstLength': '65536'}) as s:
        must(s.write10(FILE, 0, b'o' * 4096).status == GOOD, 'what was there')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 8), edtl=1024, write=True, final=False), b'E' * 512)
        s.cmdsn += 1
        s.send(iscsi.data_out(itt, RESERVED, 0, 512, True), b'E' * 1024)
        got = pdus(s, iscsi.SCSI_RSP)
        must(got[-1].status == CHECK_CONDITION, 'unsolicited data beyond the expected length, but within FirstBurstLength')
        must(all(p.opcode in (iscsi.REJECT, iscsi.SCSI_RSP) for p in got), 'nothing else comes: %r' % got)
        must(s.read10(FILE, 2, 6).data == b'o' * 3072, 'are not written')
        itt = s.next_itt()
        s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 8), edtl=1024, write=True), b'n' * 1024)
        s.cmdsn += 1
        r = s.finish(itt)
        must(r.status == CHECK_CONDITION or (r.status == GOOD and r.overflow and r.residual == 3072), 'WRITE of more than is offered: %r' % r)
        must(s.read10(FILE, 2, 6).data == b'o' * 3072, 'writes no more than that')


def empty_with_digest():
    attr('HeaderDigest', 'None,CRC32C')
    attr('DataDigest', 'None,CRC32C')
    with session(keys=dict(SOLICITED, HeaderDigest='CRC32C', DataDigest='CRC32C')) as s:
        itt = s.start(write10(0, 8), FILE, write=bytes(4096))
        p = s.wait_for(iscsi.R2T, itt=itt)
        s.send(iscsi.data_out(itt, p.ttt, 0, 0, False), b'')
        s.send(iscsi.data_out(itt, p.ttt, 1, 0, True), pattern(0, 8))
        must(s.finish(itt).status == GOOD, 'Data-Out without data has no digest')
        must(s.read10(FILE, 0, 8).data == pattern(0, 8), 'and harms none')
    attr('HeaderDigest')
    attr('DataDigest')


def huge_lengths():
    with session() as s:
        for edtl in 0xffffffff, 0x80000000, 0x7ffffffe:
            itt = s.next_itt()
            s.send(iscsi.scsi_command(itt, s.cmdsn, read10(0, 8), edtl=edtl, read=True))
            s.cmdsn += 1
            r = s.finish(itt)
            must((r.status, len(r.data), r.underflow, r.residual) == (GOOD, 4096, True, edtl - 4096), 'READ with room for %d: %r' % (edtl, r))
            itt = s.next_itt()
            s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 8), edtl=edtl, write=True), pattern(0, 8))
            s.cmdsn += 1
            r = s.finish(itt, bytes(1 << 20))
            must(r.status in (GOOD, CHECK_CONDITION, BUSY), 'WRITE that announces %d bytes: %r' % (edtl, r))
            works(s, 'the session goes on')
        for n in range(12):
            for what, cdb in (('INQUIRY', struct.pack('>BBBHB', 0x12, 0, 0, n, 0)), ('MODE SENSE', bytes([0x1a, 0, 0x3f, 0, n, 0])),
                              ('REQUEST SENSE', bytes([3, 0, 0, 0, n, 0])), ('VPD', struct.pack('>BBBHB', 0x12, 1, 0x83, n, 0)),
                              ('REPORT LUNS', struct.pack('>B5xIxx', 0xa0, n))):
                r = s.scsi(cdb, FILE, read=64)
                if len(r.data) > n:
                    must(False, '%s of %d bytes sends %d' % (what, n, len(r.data)))
        works(s, 'short allocation lengths are kept to')


def no_old_memory():
    """Blocks nobody has written read as zeroes, whatever was in memory before."""
    with session() as s:
        for _ in range(8):
            must(s.write10(FILE, 0, b'\xee' * (1 << 20)).status == GOOD, 'memory is used')
        for lun, lba in (FILE, 65536), (NULL, 0):
            must(s.read10(lun, lba, 2048).data == bytes(1 << 20), 'zeroes from LUN %d' % lun)


def full_with_data():
    """What a full task set refuses has brought its data along."""
    must(put('1', ROOT + 'devices/null/max_tgt_dev_commands') == 0, 'one command at a time')
    with session(keys={'InitialR2T': 'No', 'FirstBurstLength': '65536'}) as s:
        held = s.start(write10(0, 8), NULL, write=bytes(4096), immediate_data=False)
        p = s.wait_for(iscsi.R2T, itt=held)
        for n in range(20):
            itt = s.next_itt()
            s.send(iscsi.scsi_command(itt, s.cmdsn, write10(0, 128), NULL, edtl=65536, write=True, final=False), bytes(32768))
            s.cmdsn += 1
            s.send(iscsi.data_out(itt, RESERVED, 0, 32768, True), bytes(32768))
            r = s.finish(itt)
            if r.status != SET_FULL:
                must(False, 'status %d' % r.status)
        s.send(iscsi.data_out(held, p.ttt, 0, 0, True), bytes(4096))
        must(s.finish(held).status == GOOD, '20 writes were answered TASK SET FULL, the one before them ends well')
    must(put('64', ROOT + 'devices/null/max_tgt_dev_commands') == 0, 'as before')


def all_opcodes():
    with session() as s:
        for op in sorted(range(256), key=lambda op: op == 0x1b):      # START STOP UNIT last: it stops
            tags = []
            for action in range(32):
                cdb = bytes([op, action] + [0] * 14)
                if op == 0x7f:
                    cdb = bytes([op] + [0] * 6 + [24, 0, action] + [0] * 6)
                tags.append(s.start(cdb, SPARE, read=512))
                if len(tags) == 8:
                    for itt in tags:
                        r = s.finish(itt)
                        if r.response or len(r.data) > 512:
                            must(False, 'opcode 0x%02x: %r' % (op, r))
                    tags = []
        must(s.inquiry(SPARE).status == GOOD, 'each operation code with each service action is answered')
        must(s.scsi(bytes([0x1b, 0, 0, 0, 1, 0]), SPARE).status == GOOD, 'the unit is started again')
        s.settle(SPARE)
        works(s, 'and the session goes on')


# --- sysfs, netlink ---

def closes_race():
    """Logout, force_close, a reset and readers of the tree meet at one session."""
    other = session(name='resets')
    stop = threading.Event()

    def read_all():
        while not stop.is_set():
            for at, _, files in os.walk(DIR + 'sessions'):
                for f in files:
                    if f == 'force_close':
                        continue
                    try:
                        get(os.path.join(at, f))
                    except OSError:
                        pass

    def force():
        for n in os.listdir(DIR + 'sessions'):
            if n.endswith(':victim'):
                try:
                    put('1', DIR + 'sessions/%s/force_close' % n, True)
                except OSError:
                    pass

    readers = [threading.Thread(target=read_all) for _ in range(2)]
    for t in readers:
        t.start()
    for n in range(ROUNDS):
        s = session(n & 3, name='victim', settled=False)
        for _ in range(4):
            s.start(read10(0, 256), FILE, read=1 << 17)
        t = threading.Thread(target=force)
        t.start()
        tag = other.next_itt()
        other.send(iscsi.tmf(tag, other.cmdsn, LUN_RESET, FILE))
        try:
            s.send(iscsi.logout_request(s.next_itt(), s.cmdsn))
            s.wait_for(iscsi.LOGOUT_RSP)
        except (iscsi.IscsiError, OSError):
            pass
        t.join()
        s.close()
        if other.wait_for(iscsi.TMF_RSP, itt=tag).response:
            must(False, 'the reset failed')
    stop.set()
    for t in readers:
        t.join()
    eventually(lambda: not any('victim' in n for n in os.listdir(DIR + 'sessions')), '%d sessions went in all these ways' % ROUNDS)
    other.settle(FILE)
    must(other.logout() == 0, 'logout')


def long_values():
    """What is written comes back, or is refused; never more than a page."""
    for name in 'comment', 'alias', 'allowed':
        for n in 200, 255, 256, 4000, 4080, 4090, 4094, 4095:
            path = DIR + name
            if name == 'allowed':
                text, path = 'add_target_attribute %s allowed_portal ' % T, DRIVER + 'mgmt'
                refused = put(text + 'x' * (n - len(text)), path, True)
                continue
            refused = put('x' * n, path, True)
            value = get(path)
            if len(value) > 4096 or not (refused or value.startswith('x' * n + '\n')):
                must(False, '%s of %d: errno %d, %d bytes come back' % (name, n, refused, len(value)))
        if name != 'allowed':
            must(put('\n', path, True) == 0 and not get(path).strip(), 'long values of ' + name)
    for f in os.listdir(DIR):
        if f.startswith('allowed_portal'):
            value = get(DIR + f).split('\n')[0]
            must(len(value) <= 4095 and put('del_target_attribute %s allowed_portal %s' % (T, value), DRIVER + 'mgmt', True) == 0, f)


def enabled_early():
    """Targets are enabled while they are being made, all at once: each has a number of its own, or is told to come later."""
    names = ['%s-%d' % (T, n) for n in range(12)]
    for _ in range(4):
        answers, go = set(), threading.Event()

        def make(name):
            go.wait()
            must(put('add_target ' + name, DRIVER + 'mgmt', True) == 0, 'add_target')

        def enable(name):
            go.wait()
            end = time.time() + 60
            while time.time() < end:
                try:
                    e = put('1', DRIVER + name + '/enabled', True)
                except OSError as x:
                    e = x.errno
                answers.add(e)
                if not e:
                    return
            must(False, '%s cannot be enabled' % name)

        threads = [threading.Thread(target=f, args=(n,)) for n in names for f in (make, enable, enable)]
        for t in threads:
            t.start()
        go.set()
        for t in threads:
            t.join()
        numbers = [int(get(DRIVER + n + '/rel_tgt_id').split()[0]) for n in names]
        must(len(set(numbers)) == len(names) and 0 not in numbers, 'relative target ids: %s' % numbers)
        must(answers <= {0, errno.ENOENT, errno.ENODEV, errno.EBUSY, errno.EACCES}, 'enabling said %s' % answers)
        for n in names:
            must(put('del_target ' + n, DRIVER + 'mgmt', True) == 0, 'del_target')


def netlink():
    """Only an administrator hands connections over."""
    NETLINK_GENERIC, ERROR, CTRL, GETFAMILY, HANDOVER = 16, 2, 16, 3, 1

    def ask(family, command, attrs=b''):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as s:
            s.settimeout(20)
            s.send(struct.pack('=IHHIIBBxx', 20 + len(attrs), family, 5, 1, 0, command, 1) + attrs)
            return s.recv(65536)

    name = b'iscsi-scst\0'
    answer = ask(CTRL, GETFAMILY, struct.pack('=HH', 4 + len(name), 2) + name.ljust(12, b'\0'))
    at, family = 20, None
    while at + 4 <= len(answer):
        length, kind = struct.unpack('=HH', answer[at:at + 4])
        if kind == 1:
            family = struct.unpack('=H', answer[at + 4:at + 6])[0]
        at += (length + 3) // 4 * 4
        if not length:
            break
    must(family, 'the family is %s' % family)

    def error(answer):
        kind = struct.unpack('=H', answer[4:6])[0]
        return -struct.unpack('=i', answer[16:20])[0] if kind == ERROR else None

    e = error(ask(family, HANDOVER))
    must(e and e != errno.EPERM, 'root: a hand-over of nothing is refused for what it lacks: %s' % e)
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(w, struct.pack('=i', error(ask(family, HANDOVER)) or 0))
        os._exit(0)
    os.waitpid(pid, 0)
    e = struct.unpack('=i', os.read(r, 4))[0]
    must(e == errno.EPERM, 'anybody else: %s' % os.strerror(e))


for part in sys.argv[3:]:
    print('--- ' + part, flush=True)
    globals()[part]()
PY
for part in identities cloned first_segment nexus_loss same_disk ping_interval life_is_life oldest_counts hung_disk not_reading half_open \
	aborts aborted_asks_no_more tags_come_again data_out_lun only_what_was_announced empty_with_digest huge_lengths \
	no_old_memory full_with_data all_opcodes closes_race long_values enabled_early netlink; do
	step $part
	run python3 -u "$TESTDIR/t.py" $T "$(soak 500 40)" $part
done
step "nothing stays"
wait_for 60 no_sessions || fail "a session stays: $(echo $ISCSI/$T/sessions/*/)"
step "the modules go and come while the daemon runs"
daemon=$(pidof -s iscsi-scstd)
put 0 $ISCSI/enabled
for t in $T $T-two; do
	put 0 $ISCSI/$t/enabled
	del_target $t
done
for d in null spare; do close_dev vdisk_nullio $d; done
close_dev vdisk_fileio disk
close_dev vdisk_blockio slow
for m in iscsi_scst scst_vdisk scst; do
	wait_for 30 modprobe -r $m || fail "$m stays loaded"
done
for m in scst scst_vdisk iscsi-scst; do run modprobe $m; done
put 1 $ISCSI/enabled
open_nullio null size_mb=8
add_target $T
add_lun $T 0 null
enable_target $T
wait_for 20 grep -qx open $ISCSI/open_state || fail "the driver does not know of the daemon"
run iscsi-inq iscsi://127.0.0.1/$T/0
is "$(pidof -s iscsi-scstd)" "$daemon" "the daemon"
wait_for 30 no_sessions || fail "a session stays"
scst_down || fail "something stays loaded"
run dmsetup remove trap
