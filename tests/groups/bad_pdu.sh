# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# PDUs cut at every byte, and PDUs no initiator sends: the connection ends or is
# answered, other sessions do not notice, nothing stays behind.
# timeout: 900
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:badpdu

scst_up
open_fileio disk "$(mkdisk badpdu 16)"
add_target $T
add_lun $T 0 disk
enable_target $T

cat > "$TESTDIR/t.py" <<'PY'
import sys
sys.path.insert(0, "/job/tests/qemu")
from raw_iscsi import *

T = sys.argv[1]
judge = Initiator(T, "iqn.2026-01.test:judge")
assert judge.login() == 0
judge.execute([0])
count = 0


def session(n):
    i = Initiator(T, "iqn.2026-01.test:cut")
    i.isid = b"\x80\x12\x34\x56" + struct.pack(">H", n & 0xffff)
    return i


def alive():
    assert judge.execute([0])[0] == 0, "the judge's session suffered"


def cut(make, logged_in, step):
    """make(initiator) gives the bytes; they are sent only up to each length."""
    global count
    probe = session(0)
    if logged_in:
        assert probe.login() == 0
    size = len(make(probe))
    probe.close()
    for length in list(range(0, min(size, 60), step)) + list(range(60, size, max(1, size // 12))):
        i = session(count)
        if logged_in:
            assert i.login() == 0
        i.send(make(i)[:length])
        i.close()
        count += 1
    alive()


read6 = [0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0]
write = [0x2a, 0, 0, 0, 0, 0, 0, 0, 8, 0]
cut(lambda i: i.login_bhs(i.text(i.login_keys())), False, 4)
cut(lambda i: i.command(read6, edtl=4096, read=True), True, 4)
cut(lambda i: i.command(write, edtl=4096, write=True, data=b"w" * 4096), True, 4)
cut(lambda i: i.bhs(NOP_OUT, data=b"ping" * 100), True, 8)
cut(lambda i: i.bhs(TEXT, data=b"SendTargets=All\0"), True, 8)
print(count, "cuts")

print("strange PDUs in full-feature phase: an answer or a close each")


def strange(what, raw_of):
    i = session(1)
    assert i.login() == 0
    raw = raw_of(i)
    i.send(raw)
    i.send(i.bhs(NOP_OUT, data=b"still there?", immediate=True))
    seen = []
    try:
        while True:
            pdu = i.recv()
            seen.append("%#x" % pdu.op)
            if pdu.op == NOP_IN and pdu.data == b"still there?":
                break
    except EOFError:
        seen.append("closed")
    except ConnectionError:
        seen.append("reset")
    except TimeoutError:
        raise SystemExit("%s: neither answer nor close" % what)
    print("%-45s %s" % (what, " ".join(seen)))
    i.close()
    alive()


for op in list(range(0x08, 0x10)) + list(range(0x11, 0x20)) + [0x20, 0x21, 0x25, 0x31, 0x3f]:
    strange("operation code %#x" % op, lambda i: i.bhs(op))
strange("LOGIN in full-feature phase", lambda i: i.login_bhs(b"InitiatorName=x\0"))
strange("data segment of 16 MiB", lambda i: i.bhs(NOP_OUT)[:5] + b"\xff\xff\xff" + i.bhs(NOP_OUT)[8:])
strange("AHS of an unknown type", lambda i: i.command([0], ahs=struct.pack(">HBB", 2, 0x3f, 0) + b"\0\0\0\0"))
strange("AHS longer than the header says", lambda i: i.command([0], ahs=struct.pack(">HBB", 0xffff, 1, 0) + b"\0\0\0\0"))
strange("Data-Out for no command", lambda i: i.bhs(DATA_OUT, itt=0x7777, data=b"x" * 512))
strange("SNACK", lambda i: i.bhs(SNACK))
strange("CmdSN far outside of the window", lambda i: i.command([0], cmdsn=0x40000000))
strange("immediate data beyond the expected length", lambda i: i.command(write, edtl=512, write=True, data=b"w" * 4096))
strange("more immediate data than FirstBurstLength", lambda i: i.command(write, edtl=4096, write=True, data=b"w" * 70000))
strange("task management function 15", lambda i: i.bhs(TMF_REQ, 0x80 | 15))
strange("logout reason 7", lambda i: i.bhs(LOGOUT, 0x80 | 7))
strange("text without a value", lambda i: i.bhs(TEXT, data=b"nothing"))

print("logins that make no sense are refused with a status or a close")


def bad_login(what, raw):
    i = session(2)
    i.send(raw(i))
    try:
        pdu = i.recv()
        status = pdu.bhs[36] << 8 | pdu.bhs[37]
        print("%-45s %#06x" % (what, status))
        assert pdu.op == LOGIN_RSP and status >= 0x0200, what
    except (EOFError, ConnectionError):
        print("%-45s closed" % what)
    i.close()
    alive()


bad_login("not a login", lambda i: i.bhs(NOP_OUT))
bad_login("no InitiatorName", lambda i: i.login_bhs(b"TargetName=" + T.encode() + b"\0"))
bad_login("no TargetName", lambda i: i.login_bhs(b"InitiatorName=iqn.2026-01.test:x\0SessionType=Normal\0"))
bad_login("unknown target", lambda i: i.login_bhs(b"InitiatorName=iqn.2026-01.test:x\0TargetName=iqn.2026-01.test:none\0"))
bad_login("version 7", lambda i: i.login_bhs(i.text(i.login_keys()), version=7))
bad_login("TSIH of no session", lambda i: i.login_bhs(i.text(i.login_keys()), tsih=0x7777))
bad_login("stage 2", lambda i: i.login_bhs(i.text(i.login_keys()), csg=2))
bad_login("name of 300 characters", lambda i: i.login_bhs(b"InitiatorName=iqn.2026-01.test:" + b"n" * 300 + b"\0TargetName=" + T.encode() + b"\0"))
bad_login("name with a slash", lambda i: i.login_bhs(b"InitiatorName=iqn.2026-01.test:a/../b\0TargetName=" + T.encode() + b"\0"))
bad_login("text of zeros", lambda i: i.login_bhs(b"\0" * 512))
bad_login("text without an end", lambda i: i.login_bhs(b"InitiatorName=" + b"x" * 8000))
bad_login("data segment of 16 MiB", lambda i: i.login_bhs(b"")[:5] + b"\xff\xff\xff" + i.login_bhs(b"")[8:])
bad_login("48 bytes of 0xff", lambda i: b"\xff" * 48)

alive()
assert judge.logout() == 0
PY
run python3 "$TESTDIR/t.py" $T
step "nothing stays"
wait_for 60 no_sessions || fail "a session stays: $(echo $ISCSI/$T/sessions/*/)"
one_daemon() { [ "$(pgrep -xc iscsi-scstd)" = 1 ]; }
wait_for 30 one_daemon || fail "children of the daemon stay"
run iscsi-inq iscsi://127.0.0.1/$T/0
