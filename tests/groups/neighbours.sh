# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Beside a session under verified load: one that reads none of its answers, two that flood immediate commands, one of which does
# not read either, and connections that said half a login. The load sees no error, gets at least its share of what the machine
# does, another login works at once, and the memory taken stays within what README allows.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires fio python3
T=iqn.2026-01.test:neighbours
DATA_MIB=16 HALVES=$(soak 10000 1000)

run modprobe scst scst_max_cmd_mem=$DATA_MIB
ulimit -n 20000
sysctl -q -w net.ipv4.ip_local_port_range="1024 65000" net.core.somaxconn=4096
scst_up
open_fileio disk "$(mkdisk neighbours 64)"
dd if=/dev/zero of=/vdisks/neighbours bs=1M count=64 conv=notrunc status=none
open_nullio null size_mb=1024
add_target $T
add_lun $T 0 disk
add_lun $T 1 null
put 0 $ISCSI/$T/NopInInterval	# who does not read answers no ping
enable_target $T
ini_login $INI_DEFAULT 127.0.0.1 $T
d=$(find_disk $INI_DEFAULT $T 0) || exit 1

cat > "$TESTDIR/neighbours.py" <<'PY'
import os, socket, struct, subprocess, sys, threading, time
import iscsi
T, DISK, DATA_MIB, HALVES = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
FOLDER = '/sys/kernel/scst_tgt/targets/iscsi/%s/sessions/' % T
SECONDS = 12

def get(path):
    with open(path) as f:
        return f.read()

def commands(name):
    """Commands of a session that have ended, whatever they were."""
    return sum(int(get(FOLDER + '%s/%s_cmd_count' % (name, what))) for what in ('unknown', 'write', 'read', 'bidi', 'none'))

def available():
    return int(next(l for l in get('/proc/meminfo').splitlines() if l.startswith('MemAvailable')).split()[1])

def login(name):
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + name, timeout=60).settle(0).settle(1)

class Reader(threading.Thread):
    """Asks for as much as it may, reads nothing."""
    name = 'reader'

    def run(self):
        with login(self.name) as s:
            for _ in range(32):
                s.start(struct.pack('>BBIxHx', 0x28, 0, 0, 8192), 0, read=4 << 20)
            ready.release()
            ended.wait()

class Flood(threading.Thread):
    """Immediate TEST UNIT READYs without end."""
    def __init__(self, name, reads):
        super().__init__()
        self.name, self.reads, self.sent, self.answers = name, reads, 0, 0

    def run(self):
        with login(self.name) as s:
            batch = b''.join(s.encode(iscsi.scsi_command(0x1000 + n, s.cmdsn, bytes(6), immediate=True)) for n in range(200))
            s.sock.setblocking(False)
            left, ready_told = batch, False
            while not ended.is_set():
                try:
                    n = s.sock.send(left)
                    self.sent += n
                    left = left[n:] or batch
                except BlockingIOError:
                    time.sleep(.001)
                if self.reads:
                    try:
                        self.answers += len(s.sock.recv(1 << 20))
                    except BlockingIOError:
                        pass
                if not ready_told:
                    ready.release()
                    ready_told = True

def load(seconds):
    """Commands that the legitimate session got done; fio ends with an error if it sees one."""
    fio = subprocess.Popen(['fio', '--name=load', '--filename=' + DISK, '--direct=1', '--ioengine=libaio', '--iodepth=16', '--bs=4k',
                            '--rw=randrw', '--size=16m', '--verify=crc32c', '--verify_fatal=1', '--time_based',
                            '--runtime=%d' % seconds], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(2)
    before = commands(OURS)
    time.sleep(seconds - 4)
    done = commands(OURS) - before
    out = fio.communicate()[0]
    assert fio.returncode == 0, out
    return done

OURS = 'iqn.2026-01.test:initiator'
ready, ended = threading.Semaphore(0), threading.Event()
alone = load(SECONDS)
print('alone: %d commands' % alone, flush=True)
memory = available()
others = [Reader(), Flood('flood', True), Flood('deaf', False)]
for t in others:
    t.start()
for _ in others:
    assert ready.acquire(timeout=60), 'a neighbour does not get in'
idle = subprocess.Popen(['python3', '/job/tests/raw/idle.py', HALVES, '24'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
beside = load(SECONDS)
flood = commands('iqn.2026-01.test:flood'), commands('iqn.2026-01.test:deaf')
taken = (memory - available()) >> 10
print('beside: %d commands; the floods sent %s commands, %s of them were executed; %d MiB are taken' % (
    beside, [t.sent // 48 for t in others[1:]], flood, taken), flush=True)
print(idle.stdout.readline(), flush=True)
with login('late') as s:
    assert s.test_unit_ready().status == iscsi.GOOD
    s.logout()
# Deaf ones are not served any more once the ways to them are full: what they send stays with them.
deaf = others[2].sent
time.sleep(3)
assert others[2].sent == deaf, 'an initiator that does not read is read from without end'
state = get(FOLDER + 'iqn.2026-01.test:reader/127.0.0.1/state')
assert 'space_waiting' in state, state
# Data of commands, README; 4 sessions, README; what sockets hold, 4 + 6 MiB at most in each direction.
limit = DATA_MIB + 4 + 4 * 2 * 10
assert taken <= limit, '%d MiB are taken, more than %d' % (taken, limit)
# Three sessions want something all the time; each of them deserves a third of what the machine does.
assert beside >= alone / 3, '%d commands beside the others, %d alone' % (beside, alone)
ended.set()
for t in others:
    t.join(60)
idle.communicate()
PY
step "who takes what"
run timeout 300 python3 "$TESTDIR/neighbours.py" $T "$d" $DATA_MIB "$HALVES"
ini_logout $INI_DEFAULT 127.0.0.1 $T
wait_for 60 no_sessions || fail "a session stays"
exit 0
