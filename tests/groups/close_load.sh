# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Connections that end at the worst moment: closed by the target under verified
# load, cut by the initiator with everything in flight, or simply not read from.
# timeout: 900
# check: 6.12
. /job/tests/qemu/lib.sh
requires fio
T=iqn.2026-01.test:close
I=$INI_DEFAULT
scst_up
open_fileio disk "$(mkdisk close 64)"
open_nullio null size_mb=64
add_target $T
add_lun $T 0 disk
add_lun $T 1 null
put None,CRC32C $ISCSI/$T/HeaderDigest
put None,CRC32C $ISCSI/$T/DataDigest
enable_target $T
ini_login $I 127.0.0.1 $T node.session.timeo.replacement_timeout=60 node.conn\[0\].iscsi.HeaderDigest=CRC32C node.conn\[0\].iscsi.DataDigest=CRC32C
d=$(find_disk $I $T 0)
is "$(cat $ISCSI/$T/sessions/*/DataDigest)" CRC32C "digest of the session"

step "force_close under load: the initiator comes back, no byte is wrong"
SECS=$(soak 300 40)
fio --name=load --filename="$d" --ioengine=libaio --direct=1 --iodepth=16 --rw=randrw --bsrange=512-512k --size=48M \
	--verify=crc32c --verify_fatal=1 --time_based --runtime="$SECS" > "$TESTDIR/fio.out" 2>&1 &
FIO=$!
n=0
while sleep 4 && kill -0 $FIO 2>/dev/null; do
	for s in "$ISCSI/$T"/sessions/*/force_close; do
		[ -f "$s" ] && echo 1 > "$s" 2>/dev/null && n=$((n + 1))
	done
done
wait $FIO || { tail -n 30 "$TESTDIR/fio.out"; fail "fio saw errors or wrong data"; }
[ $n -ge 3 ] || fail "only $n sessions were closed"
echo "$n closes"
ini_logout $I 127.0.0.1 $T

step "initiators that vanish with everything in flight"
cat > "$TESTDIR/t.py" <<'PY'
import random
import socket
import struct
import sys
import threading
import time
sys.path.insert(0, '/job/tests/raw')
import iscsi

T, ROUNDS = sys.argv[1], int(sys.argv[2])
KEYS = {'MaxOutstandingR2T': '8', 'MaxBurstLength': '65536', 'FirstBurstLength': '8192'}
logins = 0


def throw(s, lun):
    what = random.choice(('read', 'write', 'tmf', 'ping'))
    if what == 'read':
        s.start(struct.pack('>BBIxHx', 0x28, 0, 0, 2048), lun, read=1 << 20)
    elif what == 'write':
        s.start(struct.pack('>BBIxHx', 0x2a, 0, 0, 512), lun, write=bytes(1 << 18))
    elif what == 'tmf':
        s.send(iscsi.tmf(s.next_itt(), s.cmdsn, random.choice((2, 5)), lun))
    else:
        s.send(iscsi.nop_out(s.next_itt(), s.cmdsn), b'x' * 9000)


def one(n):
    global logins
    for k in range(ROUNDS):
        try:
            s = iscsi.Session('127.0.0.1', target=T, timeout=60, isid=bytes([0x80, 0, 0, n, k & 1, 1]), keys=KEYS)
            logins += 1
            s.settle()
            for _ in range(random.randrange(1, 24)):
                throw(s, random.randrange(2))
            time.sleep(random.random() / 2)
            if random.random() < .5:
                s.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            s.close()
        except (iscsi.IscsiError, OSError) as e:
            print(n, k, repr(e)[:100])


threads = [threading.Thread(target=one, args=(i,)) for i in range(6)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(logins, 'logins')
assert logins > ROUNDS
PY
run python3 "$TESTDIR/t.py" $T "$(soak 200 12)"
wait_for 60 no_sessions || fail "a session stays: $(echo $ISCSI/$T/sessions/*/)"

step "a peer that does not read: RspTimeout"
put 5 "$ISCSI/$T/RspTimeout"
cat > "$TESTDIR/u.py" <<'PY'
import os
import struct
import sys
import time
sys.path.insert(0, '/job/tests/raw')
import iscsi

T = sys.argv[1]
s = iscsi.Session('127.0.0.1', target=T, timeout=60)
s.settle()
for i in range(24):
    s.start(struct.pack('>BBIxHx', 0x28, 0, 0, 8192), 1, read=1 << 22)
d = '/sys/kernel/scst_tgt/targets/iscsi/%s/sessions/%s' % (T, s.initiator)
begin = time.time()
state = ''
while os.path.exists(d) and time.time() - begin < 60:
    try:
        state = max(state, open(d + '/127.0.0.1/state').read(), key=lambda x: 'space_waiting' in x)
    except OSError:
        pass
    time.sleep(.1)
print('closed after %.1f s, state was %r' % (time.time() - begin, state))
assert 3 < time.time() - begin < 30 and 'space_waiting' in state
PY
run python3 "$TESTDIR/u.py" $T
dmesg | grep -q 'iscsi-scst: Timeout 5 sec sending data to initiator' || fail "no message about the timeout"
wait_for 30 no_sessions || fail "a session stays"
