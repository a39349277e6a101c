# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# trace_cmds and trace_mcmds: a line for each command and task management function under way, byte for byte, no line of one
# that has ended, no line cut off.
# timeout: 300
# check: 6.12
. /job/tests/qemu/lib.sh
requires dmsetup python3
T=iqn.2026-01.test:trace
run dmsetup create traced --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
scst_up
open_nullio null size_mb=64
open_blockio bio /dev/mapper/traced
add_target $T
add_lun $T 0 null
add_lun $T 5 bio
add_group $T few
add_init $T few "iqn.2026-01.test:grouped"
put "add null 3" $ISCSI/$T/ini_groups/few/luns/mgmt
put 1 $ISCSI/$T/aen_disabled
enable_target $T
cat > "$TESTDIR/trace.py" <<'PY'
import faulthandler, re, struct, sys, time
import iscsi
from kit import suspended
faulthandler.dump_traceback_later(270, exit=True)
T = sys.argv[1]
ROOT = '/sys/kernel/scst_tgt/'
INI = 'iqn.2026-01.test:'
POINTER = r'(?:0x)?[0-9a-f]{8,16}'
ABORT_TASK, LUN_RESET = 1, 5

def read10(lba, blocks):
    return struct.pack('>BBIxHx', 0x28, 0, lba, blocks)

def write10(lba, blocks):
    return struct.pack('>BBIxHx', 0x2a, 0, lba, blocks)

def lines(name):
    with open(ROOT + name) as f:
        text = f.read()
    assert not text or text.endswith('\n'), 'a line is cut: %r' % text[-80:]
    assert len(text) <= 4096, len(text)
    return text.splitlines()

def cmd_line(state, op, who, lun, cdb, group='default'):
    return re.compile('cmd %s; op %s; proc time (\\d+) sec; tgtt iscsi; tgt %s; session %s; grp %s; LUN %d; ini %s; cdb %s' % (
        POINTER + ': state ' + state, re.escape(op), re.escape(T), re.escape(INI + who), group, lun, re.escape(INI + who),
        cdb.hex(' ')))

def mcmd_line(state, who, fn, lun, tag, count):
    return re.compile('mcmd %s: state %s; tgtt iscsi; tgt %s; session %s; fn %d; LUN %d; tag %s; cmd_done_wait_count %d' % (
        POINTER, state, re.escape(T), re.escape(INI + who), fn, lun, tag, count))

def shows(name, *wanted):
    """Waits until the file has these lines in this order, and no other; the groups of each."""
    end = time.monotonic() + 30 * iscsi.SLOW
    while True:
        got = lines(name)
        found = [w.fullmatch(line) for w, line in zip(wanted, got)]
        if len(got) == len(wanted) and all(found):
            return [m.groups() for m in found]
        assert time.monotonic() < end, '%s shows\n%s\nwanted\n%s' % (name, '\n'.join(got), '\n'.join(w.pattern for w in wanted))
        time.sleep(0.1)

def login(who, *luns):
    s = iscsi.Session('127.0.0.1', target=T, initiator=INI + who, keys={'InitialR2T': 'Yes'}, timeout=60)
    for lun in luns:
        s.settle(lun)
    return s

def held(s, lun, lba=0, attr=1):
    itt = s.start(write10(lba, 2), lun, write=bytes(1024), immediate_data=False, attr=attr)
    return itt, s.wait_for(iscsi.R2T, itt=itt)

def release(s, itt, r2t, lun):
    s._answer_r2t(r2t, bytes(1024), lun)
    r = s.finish(itt, bytes(1024))
    assert r.status == iscsi.GOOD, r

print('== nothing under way', flush=True)
a = login('a', 0, 5)
g = login('grouped', 3)
shows('trace_cmds')
shows('trace_mcmds')

print('== waiting for data, behind an ORDERED one, in a group; seconds go up', flush=True)
first = held(a, 0, lba=0x1234, attr=2)
behind = a.start(read10(7, 1), 0, read=512)
other = held(g, 3)
wanted = (cmd_line('WAIT_DATA', 'WRITE(10)', 'a', 0, write10(0x1234, 2)), cmd_line('GATED', 'READ(10)', 'a', 0, read10(7, 1)),
          cmd_line('WAIT_DATA', 'WRITE(10)', 'grouped', 3, write10(0, 2), 'few'))
before = shows('trace_cmds', *wanted)
time.sleep(2.5)
after = shows('trace_cmds', *wanted)
assert all(int(new[0]) >= int(old[0]) + 2 for old, new in zip(before, after)), (before, after)
release(a, *first, 0)
assert a.finish(behind).status == iscsi.GOOD
shows('trace_cmds', wanted[2])
release(g, *other, 3)
shows('trace_cmds')

print('== executing on a disk that does not answer; functions that wait for it', flush=True)
with suspended('traced'):
    one = a.start(read10(16, 8), 5, read=4096)
    refcmdsn = a.cmdsn - 1
    two = a.start(read10(32, 8), 5, read=4096)
    shows('trace_cmds', cmd_line('EXECUTING', 'READ(10)', 'a', 5, read10(16, 8)),
          cmd_line('EXECUTING', 'READ(10)', 'a', 5, read10(32, 8)))
    abort = a.next_itt()
    a.send(iscsi.tmf(abort, a.cmdsn, ABORT_TASK, 5, one, refcmdsn))
    waits = mcmd_line('EXECUTING', 'a', 0, 5, str(one), 1)
    shows('trace_mcmds', waits)
    reset = a.next_itt()
    a.send(iscsi.tmf(reset, a.cmdsn, LUN_RESET, 5))
    shows('trace_mcmds', waits, mcmd_line('EXECUTING', 'a', 4, 5, r'\d+', 2))
    shows('trace_cmds', cmd_line('EXECUTING', 'READ(10)', 'a', 5, read10(16, 8)),
          cmd_line('EXECUTING', 'READ(10)', 'a', 5, read10(32, 8)))
for itt in abort, reset:
    assert a.wait_for(iscsi.TMF_RSP, itt=itt).response == 0
shows('trace_mcmds')
shows('trace_cmds')

print('== more than a page', flush=True)
many = [held(a, 0, lba=4 * i) for i in range(24)]
got = lines('trace_cmds')
each = [cmd_line('WAIT_DATA', 'WRITE(10)', 'a', 0, write10(4 * i, 2)) for i in range(24)]
assert 10 < len(got) < 24 and all(w.fullmatch(line) for w, line in zip(each, got)), '\n'.join(got)
a.close()
shows('trace_cmds')
g.close()
PY
run timeout 280 python3 "$TESTDIR/trace.py" $T
scst_down || fail "something stays loaded"
run dmsetup remove traced
exit 0
