# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# measure_latency and the 44 files of sessions/S/latency: which file a command lands in, which states it passes and how long
# it was there, who is counted and who is not, resets, the switch under load, sessions that come and go while it is on.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:latency
expect_dmesg 'scst: scst_tgt: bad value ".*" for measure_latency'
scst_up
add_target $T
open_nullio own size_mb=64
open_fileio file "$(mkdisk latency 16)"
add_lun $T 0 own
add_lun $T 1 file
put 1 $ISCSI/$T/aen_disabled
enable_target $T
cat > "$TESTDIR/latency.py" <<'PY'
import errno, faulthandler, os, re, struct, sys, threading, time
import iscsi
faulthandler.dump_traceback_later(560, exit=True)
T = sys.argv[1]
R = '/sys/kernel/scst_tgt/'
SESSIONS = R + 'targets/iscsi/%s/sessions/' % T
HEAD = 'state count min max avg stddev\n'
SIZES = [512 << i for i in range(11)]
FILES = ['%s%d' % (letter, size) for letter in 'nrwb' for size in SIZES]
STATES = ['NEW', 'WAIT_DATA', 'GATED', 'EXECUTING', 'DONE', 'SENDING']
NUMBER = r'(\d+\.\d)'
LINE = re.compile(r'(\w+) (\d+) %s %s %s %s us' % ((NUMBER,) * 4))
TOTAL = re.compile(r'total (\d+) - - %s %s us' % ((NUMBER,) * 2))
HOLD = 0.5      # at least so long something is held up

def step(text):
    print('==', text, flush=True)

def put(text, path):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)

def get(path):
    with open(path) as f:
        return f.read()

def switch(on):
    put(str(on), R + 'measure_latency')

def name_of(who):
    return 'iqn.2026-01.test:' + who

def login(who, **keys):
    s = iscsi.Session('127.0.0.1', target=T, initiator=name_of(who), keys=dict(InitialR2T='Yes', **keys), timeout=60)
    s.folder = SESSIONS + name_of(who) + '/latency/'
    for lun in 0, 1:
        s.settle(lun)
    return s

def parse(text):
    """{state: (count, min, max, avg, stddev)}, 'total': (count, avg, stddev); every byte is looked at."""
    lines = text.split('\n')
    assert lines[0] + '\n' == HEAD and lines[-1] == '', repr(text)
    rows, order = {}, []
    for line in lines[1:-2]:
        m = LINE.fullmatch(line)
        assert m, repr(line)
        order.append(m[1])
        rows[m[1]] = (int(m[2]),) + tuple(float(n) for n in m.groups()[2:])
        count, low, high, mean, dev = rows[m[1]]
        assert count and low <= mean <= high and dev <= high - low + 0.1, repr(line)
        assert count > 1 or low == mean == high and dev == 0, repr(line)
    if len(lines) > 2:
        m = TOTAL.fullmatch(lines[-2])
        assert m, repr(lines[-2])
        rows['total'] = (int(m[1]), float(m[2]), float(m[3]))
        assert order == [state for state in STATES if state in order], order
        # the states are all there is to a command
        parts = sum(row[0] * row[3] for state, row in rows.items() if state != 'total')
        count, mean, dev = rows['total']
        rounded = 0.06 * sum(row[0] for row in rows.values())
        assert abs(parts - count * mean) <= rounded, (parts, count * mean, text)
    return rows

def count(folder, name):
    return parse(get(folder + name)).get('total', (0,))[0]

def counts(folder):
    return {name: n for name in FILES for n in [count(folder, name)] if n}

def expect(s, **wanted):
    """A command is counted just after its response has left: waits for the counts, which must then stay."""
    end = time.monotonic() + 60
    s.ping()
    while counts(s.folder) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    got = counts(s.folder)
    assert got == wanted, 'counted %s, wanted %s' % (got, wanted)

def passed(s, name, **wanted):
    """How many commands passed each state."""
    rows = parse(get(s.folder + name))
    got = {state: row[0] for state, row in rows.items() if state != 'total'}
    assert got == wanted, 'states %s, wanted %s' % (got, wanted)
    return rows

def good(r):
    assert r.status == iscsi.GOOD, r
    return r

def reads(s, n, blocks=8, lun=0):
    for i in range(n):
        good(s.read10(lun, 8 * i, blocks))

def held_write(s, attr=1):
    itt = s.start(struct.pack('>BBIxHx', 0x2a, 0, 0, 16), 0, write=bytes(8192), immediate_data=False, attr=attr)
    r2t = s.wait_for(iscsi.R2T, itt=itt)
    return itt, r2t

def release(s, itt, r2t):
    s._answer_r2t(r2t, bytes(8192), 0)
    good(s.finish(itt, bytes(8192)))

step('off: the files are there, read their header, take a write')
assert get(R + 'measure_latency') == '0\n'
a = login('a')
assert sorted(os.listdir(a.folder)) == sorted(FILES), os.listdir(a.folder)
reads(a, 3)
for name in FILES:
    assert get(a.folder + name) == HEAD, name
    put('0', a.folder + name)
    assert get(a.folder + name) == HEAD, name
for text in '\n', '.', 'on', '1x', '1 1':
    try:
        put(text, R + 'measure_latency')
        raise AssertionError('%r was taken' % text)
    except OSError as e:
        assert e.errno == errno.EINVAL, e
assert get(R + 'measure_latency') == '0\n'

step('on: what came before does not count; 4096 bytes read are in r4096')
switch(5)
assert get(R + 'measure_latency') == '1\n'
for name in FILES:
    assert get(a.folder + name) == HEAD, name
reads(a, 7)
expect(a, r4096=7)
passed(a, 'r4096', NEW=7, EXECUTING=7, DONE=7, SENDING=7)
switch(1)
assert count(a.folder, 'r4096') == 7, 'writing 1 again threw the samples away'

step('sizes are upper bounds, the last one has no end; no data is n512')
reads(a, 1, blocks=9)
reads(a, 2, blocks=1)
reads(a, 1, blocks=1024)
reads(a, 1, blocks=2048)
for _ in range(4):
    good(a.test_unit_ready(0))
expect(a, r4096=7, r8192=1, r512=2, r524288=2, n512=4)
passed(a, 'n512', NEW=4, EXECUTING=4, DONE=4, SENDING=4)
r = a.read10(0, 0x7fffffff, 8)
assert r.asc == (5, 0x21, 0), r
expect(a, r4096=7, r8192=1, r512=2, r524288=2, n512=5)
passed(a, 'n512', NEW=5, EXECUTING=4, DONE=5, SENDING=5)

step('a write to any file zeroes all of the session, and of no other')
b = login('b')
put('1', b.folder + 'b2048')
reads(b, 2)
expect(b, r4096=2)
put('\n', a.folder + 'w512')
assert all(get(a.folder + name) == HEAD for name in FILES)
assert counts(b.folder) == {'r4096': 2}
b.logout()
b.close()

step('held up while data are awaited: WAIT_DATA; behind an ORDERED command: GATED')
itt, r2t = held_write(a)
time.sleep(HOLD)
release(a, itt, r2t)
expect(a, w8192=1)
rows = passed(a, 'w8192', NEW=1, WAIT_DATA=1, EXECUTING=1, DONE=1, SENDING=1)
assert rows['WAIT_DATA'][1] >= HOLD * 1e6 > rows['EXECUTING'][1], rows
itt, r2t = held_write(a, attr=2)
behind = a.start(struct.pack('>BBIxHx', 0x28, 0, 0, 8), 0, read=4096)
a.ping()
time.sleep(HOLD)
assert counts(a.folder) == {'w8192': 1}, 'the READ did not wait'
release(a, itt, r2t)
good(a.finish(behind))
expect(a, w8192=2, r4096=1)
rows = passed(a, 'r4096', NEW=1, GATED=1, EXECUTING=1, DONE=1, SENDING=1)
assert rows['GATED'][1] >= HOLD * 1e6 <= rows['total'][1], rows
rows = parse(get(a.folder + 'w8192'))
assert rows['WAIT_DATA'][0] == 2 and rows['WAIT_DATA'][1] >= HOLD * 1e6, rows

step('begun before the switch: not counted, whatever state it is in')
itt, r2t = held_write(a)
switch(0)
assert get(R + 'measure_latency') == '0\n'
assert all(get(a.folder + name) == HEAD for name in FILES)
switch(1)
release(a, itt, r2t)
reads(a, 1)
expect(a, r4096=1)
switch(0)
itt, r2t = held_write(a)
switch(1)
release(a, itt, r2t)
reads(a, 1)
expect(a, r4096=1)
itt, r2t = held_write(a)
put('x', a.folder + 'n512')
release(a, itt, r2t)
reads(a, 1)
expect(a, r4096=1)

step('the switch under load: answers and data are right, the files whole')
stop, enough, done, wrong = threading.Event(), threading.Event(), {}, []
PATTERN = bytes(range(256)) * 32

def load(who):
    try:
        n = 0
        with login(who) as s:
            base = {'load0': 0, 'load1': 4096, 'load2': 8192}[who]
            while not stop.is_set():
                good(s.write10(1, base + n % 64 * 16, PATTERN))
                assert good(s.read10(1, base + n % 64 * 16, 16)).data == PATTERN
                good(s.test_unit_ready(0))
                n += 1
                done[who] = n
    except Exception as e:
        wrong.append('%s: %r' % (who, e))

def look():
    try:
        while not enough.is_set():
            for who in 'load0', 'load1', 'a':
                for name in 'r8192', 'w8192', 'n512', 'b512':
                    parse(get(SESSIONS + name_of(who) + '/latency/' + name))
                put('1', SESSIONS + name_of(who) + '/latency/r512')
    except Exception as e:
        wrong.append('reader: %r' % e)

workers = [threading.Thread(target=load, args=('load%d' % i,)) for i in range(3)]
for w in workers:
    w.start()
end = time.monotonic() + 120
while len(done) < 3 and not wrong and time.monotonic() < end:
    time.sleep(0.1)
reader = threading.Thread(target=look)
reader.start()
before = dict(done)
for i in range(40):
    switch(i & 1)
    a.ping()
end = time.monotonic() + 120
while any(done[who] < before[who] + 5 for who in done) and not wrong and time.monotonic() < end:
    switch(0)
    switch(1)
    a.ping()
enough.set()
reader.join()
stop.set()
for w in workers:
    w.join()
assert not wrong, wrong
assert all(done[who] >= before[who] + 5 for who in done), (before, done)
print('pairs of a write and a read:', done)
put('1', a.folder + 'n512')
reads(a, 5)
expect(a, r4096=5)

step('sessions end while they are measured and read: at rest, with commands under way, by force')
seen = [0]

def watch():
    while not stop.is_set():
        try:
            for name in 'r4096', 'w8192', 'n512':
                parse(get(SESSIONS + name_of('brief') + '/latency/' + name))
                seen[0] += 1
        except OSError as e:
            if e.errno not in (errno.ENOENT, errno.ENODEV):
                wrong.append(repr(e))
        except Exception as e:
            wrong.append(repr(e))

stop.clear()
watcher = threading.Thread(target=watch)
watcher.start()
for i in range(12):
    s = login('brief')
    reads(s, 2)
    if i % 3 == 0:
        s.logout()
    elif i % 3 == 1:
        held_write(s)
        for lba in range(8):
            s.start(struct.pack('>BBIxHx', 0x28, 0, lba * 8, 8), 0, read=4096)
    else:
        held_write(s)
        put('1', SESSIONS + name_of('brief') + '/force_close')
        assert s.wait_closed(60)
    s.close()
    a.ping()
    end = time.monotonic() + 60
    while os.path.exists(SESSIONS + name_of('brief')) and time.monotonic() < end:
        time.sleep(0.02)
    assert not os.path.exists(SESSIONS + name_of('brief')), 'the session stays'
stop.set()
watcher.join()
assert not wrong, wrong
assert seen[0], 'no file was read meanwhile'
print('files read meanwhile:', seen[0])
reads(a, 1)
expect(a, r4096=6)

step('it is on when the modules go')
assert get(R + 'measure_latency') == '1\n'
a.close()
PY
run timeout 580 python3 "$TESTDIR/latency.py" $T
scst_down || fail "something stays loaded"
exit 0
