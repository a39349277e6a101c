# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Beside a session under verified load: one that takes a kilobyte of its answers a second, one that sends a byte a second, two that
# flood immediate commands, one of which reads no answer either. The load sees no error and gets its share of what the machine does,
# another login works at once, who does not read is not read from without end, and the memory taken stays within README's bounds.
# timeout: 900
# check: 6.1
. /job/tests/qemu/lib.sh
requires fio python3
T=iqn.2026-01.test:neighbours
DATA_MIB=16

run modprobe scst scst_max_cmd_mem=$DATA_MIB
scst_up
open_fileio disk "$(mkdisk neighbours 64)"
dd if=/dev/zero of=/vdisks/neighbours bs=1M count=64 conv=notrunc status=none
add_target $T
add_lun $T 0 disk
# Nothing may end for want of time, on a machine however slow; who does not read answers no ping.
put 0 $ISCSI/$T/NopInInterval
put 3600 $ISCSI/$T/RspTimeout
enable_target $T
ini_login $INI_DEFAULT 127.0.0.1 $T node.session.timeo.replacement_timeout=3600 node.conn\[0\].timeo.noop_out_interval=0 \
	node.conn\[0\].timeo.noop_out_timeout=0
d=$(find_disk $INI_DEFAULT $T 0) || exit 1
echo 3600 > "/sys/block/${d#/dev/}/device/timeout"

cat > "$TESTDIR/neighbours.py" <<'PY'
import json
import multiprocessing
import socket
import subprocess
import sys
import time
import iscsi
from kit import ROOT, get, must, read10

T, DISK, DATA_MIB, SECONDS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
SESSIONS = ROOT + 'targets/iscsi/%s/sessions/' % T
OURS = 'iqn.2026-01.test:initiator'
BATCH = 200


def counted(name):
    """Commands of a session that have ended, whatever they were."""
    return sum(int(get(SESSIONS + '%s/%s_cmd_count' % (name, what))) for what in ('unknown', 'write', 'read', 'bidi', 'none'))


def available():
    return int(next(l for l in get('/proc/meminfo').splitlines() if l.startswith('MemAvailable')).split()[1])


def login(name):
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + name, timeout=120).settle(0)


def reader(up, end, sent, rejected):
    """Asks for as much as it may, takes a kilobyte a second."""
    with login('reader') as s:
        s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for _ in range(32):
            s.start(read10(0, 8192), 0, read=4 << 20)
        up.set()
        while not end.wait(1):
            s.sock.recv(1024)


def trickle(up, end, sent, rejected):
    """A byte a second."""
    with login('trickle') as s:
        up.set()
        while not end.is_set():
            for b in s.encode(iscsi.scsi_command(s.next_itt(), s.cmdsn, bytes(6))):
                s.send_raw(bytes([b]))
                sent.value += 1
                if end.wait(1):
                    return
            s.cmdsn += 1
            s.sock.setblocking(False)


def rejects(stream):
    """PDUs that are whole: how many of them are Rejects for too many immediate commands, and what is left."""
    at = n = 0
    while len(stream) - at >= 48:
        length = int.from_bytes(stream[at + 5:at + 8], 'big')
        if len(stream) - at < 48 + length + -length % 4:
            break
        n += stream[at] & 0x3f == iscsi.REJECT and stream[at + 2] == 6
        at += 48 + length + -length % 4
    return n, stream[at:]


def flood(name, reads, up, end, sent, rejected):
    """Immediate TEST UNIT READYs without end."""
    with login(name) as s:
        batch = b''.join(s.encode(iscsi.scsi_command(0x1000 + n, s.cmdsn, bytes(6), immediate=True)) for n in range(BATCH))
        s.sock.setblocking(False)
        left, rest = batch, b''
        up.set()
        while not end.is_set():
            busy = False
            try:
                n = s.sock.send(left)
                sent.value += n
                left, busy = left[n:] or batch, True
            except BlockingIOError:
                pass
            try:
                n, rest = rejects(rest + s.sock.recv(1 << 20)) if reads else (0, b'')
                rejected.value += n
                busy |= reads
            except BlockingIOError:
                pass
            if not busy:
                time.sleep(.001)


class Neighbour:
    def __init__(self, what, *args):
        self.up, self.end = multiprocessing.Event(), multiprocessing.Event()
        self.sent, self.rejected = multiprocessing.Value('Q', 0), multiprocessing.Value('Q', 0)
        self.process = multiprocessing.Process(target=what, args=args + (self.up, self.end, self.sent, self.rejected), daemon=True)
        self.process.start()
        must(self.up.wait(120 * iscsi.SLOW), 'a neighbour is in: ' + (args[0] if args else what.__name__))


def load():
    """What fio did a second over the whole of its run; it ends with an error if it sees one."""
    before, begin = counted(OURS), time.time()
    fio = subprocess.run(['fio', '--name=load', '--filename=' + DISK, '--direct=1', '--ioengine=libaio', '--iodepth=16', '--bs=4k',
                          '--rw=randwrite', '--size=16m', '--verify=crc32c', '--verify_backlog=64', '--verify_fatal=1',
                          '--time_based', '--runtime=%d' % SECONDS, '--output-format=json'], stdout=subprocess.PIPE, text=True)
    took = time.time() - begin
    job = json.loads(fio.stdout[fio.stdout.index('{'):])['jobs'][0]
    done = job['read']['total_ios'] + job['write']['total_ios']
    must(fio.returncode == 0 and job['error'] == 0, 'fio saw no error: exit %d, error %d' % (fio.returncode, job['error']))
    ended, wrote = counted(OURS) - before, job['write']['total_ios']
    must(ended >= wrote, 'the session counted %d commands, fio wrote %d times and did %d in all' % (ended, wrote, done))
    return ended / took


alone = load()
print('alone: %.0f commands a second' % alone, flush=True)
memory = available()
slow, drop = Neighbour(reader), Neighbour(trickle)
loud, deaf = Neighbour(flood, 'flood', True), Neighbour(flood, 'deaf', False)
others = [slow, drop, loud, deaf]
beside = load()
taken = (memory - available()) >> 10
executed = [counted('iqn.2026-01.test:' + name) for name in ('flood', 'deaf')]
print('beside: %.0f commands a second; the floods sent %s commands, %s were executed, the first saw %d refused; %d MiB taken' %
      (beside, [n.sent.value // 48 for n in (loud, deaf)], executed, loud.rejected.value, taken), flush=True)
with login('late') as s:
    must(s.test_unit_ready().status == iscsi.GOOD and s.logout() == 0, 'another one logs in and works')
for n in others:
    must(n.process.is_alive(), 'a neighbour is still there')
must(executed[0] > 0 and loud.rejected.value > 0, 'of the immediate commands some run, those beyond the limit are refused')
must(drop.sent.value >= 2, 'the one that sends a byte a second is not closed')
before = deaf.sent.value
time.sleep(3)
must(deaf.sent.value == before, 'an initiator that does not read is not read from without end')
state = get(SESSIONS + 'iqn.2026-01.test:reader/127.0.0.1/state')
must('space_waiting' in state, 'the slow reader is waited for: ' + state)
# README: data of commands, less than 1 MiB for a session; what sockets hold, of both ends.
sockets = sum(int(get('/proc/sys/net/ipv4/tcp_%s' % d).split()[2]) for d in ('rmem', 'wmem'))
limit = DATA_MIB + len(others) * (1 + 2 * (sockets >> 20))
must(taken <= limit, '%d MiB are taken, at most %d' % (taken, limit))
# Generous: a third of an equal share.
must(beside >= alone / (len(others) + 1) / 3, '%.0f commands a second beside %d others, %.0f alone' % (beside, len(others), alone))
for n in others:
    n.end.set()
for n in others:
    n.process.join(120)
PY
step "who takes what"
run timeout $((700 * ${SCST_TIME_FACTOR:-1})) python3 -u "$TESTDIR/neighbours.py" $T "$d" $DATA_MIB "$(soak 60 30)"
ini_logout $INI_DEFAULT 127.0.0.1 $T
wait_for 60 no_sessions || fail "a session stays"
scst_down || fail "something stays loaded"
