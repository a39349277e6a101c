# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# cpu_mask chooses the CPU that does a connection's work, wherever packets arrive: the kernel's trace of work items tells which
# one it was. A group has its own mask, a change closes nothing and counts from the next login. What a group and a session say
# of threads, of which there are none, is kept, shown and saved.
# check: 6.12
. /job/tests/qemu/lib.sh
TRACE=/sys/kernel/tracing
[ -d $TRACE/events ] || mount -t tracefs tracefs $TRACE 2> /dev/null
requires python3 scstadmin $TRACE/events/workqueue/workqueue_execute_start/enable
[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
T=iqn.2026-01.test:cpus
scst_up
open_nullio null size_mb=64
add_target $T
add_lun $T 0 null
add_group $T own
add_init $T own "iqn.2026-01.test:grouped"
put "add null 0" $ISCSI/$T/ini_groups/own/luns/mgmt
enable_target $T
put 1 $TRACE/events/workqueue/workqueue_execute_start/enable
cat > "$TESTDIR/cpus.py" <<'PY'
import collections, os, re, sys
import iscsi
T, TRACE = sys.argv[1], sys.argv[2] + '/'
FOLDER = '/sys/kernel/scst_tgt/targets/iscsi/%s/' % T
LINE = re.compile(r'\[(\d+)\].* workqueue_execute_start: .*function conn_io_work\b')

def put(text, path):
    with open(path, 'w') as f:
        f.write(text)

def login(who):
    return iscsi.Session('127.0.0.1', target=T, initiator='iqn.2026-01.test:' + who, timeout=60).settle(0)

def worked(s, client):
    """Which CPUs do the work, how often, while the initiator is on the CPU @client."""
    os.sched_setaffinity(0, {client})
    s.ping()
    put('', TRACE + 'trace')
    for i in range(50):
        assert s.read10(0, 8 * i, 8).status == iscsi.GOOD
        assert s.write10(0, 8 * i, bytes(4096)).status == iscsi.GOOD
    s.ping()
    with open(TRACE + 'trace') as f:
        found = collections.Counter(int(m[1]) for m in map(LINE.search, f) if m)
    print('   initiator on CPU %d: %s' % (client, dict(found)), flush=True)
    total = sum(found.values())
    assert total >= 50, 'the work was not seen'
    # a late acknowledgement of the other session gives its connection a bit of work, too
    return {cpu for cpu, n in found.items() if n * 10 > total}

for cpu in 0, 1:
    print('== only CPU %d' % cpu, flush=True)
    put('%x' % (1 << cpu), FOLDER + 'cpu_mask')
    with login('plain') as s:
        for client in 0, 1:
            assert worked(s, client) == {cpu}
        print('== another mask: the session goes on where it was', flush=True)
        put('%x' % (2 >> cpu), FOLDER + 'cpu_mask')
        assert worked(s, 1 - cpu) == {cpu}
        s.logout()

print('== a group has its own', flush=True)
put('1', FOLDER + 'cpu_mask')
put('2', FOLDER + 'ini_groups/own/cpu_mask')
with login('grouped') as g, login('plain') as s:
    for client in 0, 1:
        assert worked(g, client) == {1}
        assert worked(s, client) == {0}
    g.logout(), s.logout()

print('== no mask: where packets arrive', flush=True)
put('3', FOLDER + 'cpu_mask')
with login('plain') as s:
    moved = [worked(s, client) for client in (0, 1)]
    assert set().union(*moved) == {0, 1}, 'the work stays on one CPU whatever the initiator does'
    s.logout()
PY
run timeout 250 python3 "$TESTDIR/cpus.py" $T $TRACE
put 0 $TRACE/events/workqueue/workqueue_execute_start/enable
echo > $TRACE/trace

step "no session has threads of its own: the wish is kept, and saved"
D=$ISCSI/$T/ini_groups/own/per_sess_dedicated_tgt_threads
bytes_are() { is "$(cat "$1"; echo .)" "$(printf -- "$2"; echo .)" "bytes of ${1##*/}"; }
bytes_are $D '0\n'
put 1 $D
bytes_are $D '1\n[key]\n'
ini_login iqn.2026-01.test:grouped 127.0.0.1 $T
S=$ISCSI/$T/sessions/iqn.2026-01.test:grouped
bytes_are $S/thread_pid '\n'
bytes_are $S/lun0/thread_pid '\n'
bytes_are $S/lun0/thread_index '-1\n'
ini_logout iqn.2026-01.test:grouped 127.0.0.1 $T
run scstadmin -write_config "$TESTDIR/saved.conf"
grep -E '^[[:space:]]*per_sess_dedicated_tgt_threads 1$' "$TESTDIR/saved.conf" || fail "it is not saved"
put 0 $D
run scstadmin -force -noprompt -config "$TESTDIR/saved.conf"
bytes_are $D '1\n[key]\n'
put 0 $D
run scstadmin -write_config "$TESTDIR/default.conf"
! grep per_sess "$TESTDIR/default.conf" || fail "a default is saved"
exit 0
