# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# PDUs cut at every byte of their header and begun data, then at a dozen places of
# the rest, and PDUs no initiator sends: the connection ends or is answered, other
# sessions do not notice, nothing stays behind.
# timeout: 900
# check: 6.1
. /job/tests/qemu/lib.sh
T=iqn.2026-01.test:badpdu

scst_up
open_fileio disk "$(mkdisk badpdu 16)"
add_target $T
add_lun $T 0 disk
enable_target $T

cat > "$TESTDIR/t.py" <<'PY'
import struct
import sys
import iscsi

T = sys.argv[1]
judge = iscsi.Session("127.0.0.1", target=T, initiator="iqn.2026-01.test:judge").settle()
count = 0


def session(n, login=True):
    isid = b"\x80\x12\x34\x56" + struct.pack(">H", n & 0xffff)
    return iscsi.Session("127.0.0.1", target=T, initiator="iqn.2026-01.test:cut", isid=isid, login=login)


def alive():
    assert judge.test_unit_ready().status == 0, "the judge's session suffered"


def first_login(i, keys=None):
    keys = keys or {"InitiatorName": i.initiator, "SessionType": "Normal", "TargetName": T}
    return i.encode(iscsi.login_request(0, 1, i.isid), iscsi.text(keys))


def command(i, cdb, data=b"", cmdsn=None, ahs=b"", **how):
    bhs = iscsi.scsi_command(i.next_itt(), i.cmdsn if cmdsn is None else cmdsn, bytes(cdb), **how)
    return i.encode(bhs, data, ahs)


def cut(make, logged_in, whole=60):
    """make(session) gives the bytes; they are sent only up to each length, up to a dozen beyond the first whole ones."""
    global count
    probe = session(0, logged_in)
    size = len(make(probe))
    probe.close()
    for length in list(range(min(size, whole))) + list(range(whole, size, max(1, size // 12))):
        with session(count, logged_in) as i:
            i.send_raw(make(i)[:length])
        count += 1
    alive()


read10 = [0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0]
write10 = [0x2a, 0, 0, 0, 0, 0, 0, 0, 8, 0]
cut(first_login, False, 1000)
cut(lambda i: command(i, read10, edtl=4096, read=True), True)
cut(lambda i: command(i, write10, b"w" * 4096, edtl=4096, write=True), True)
cut(lambda i: i.encode(iscsi.nop_out(i.next_itt(), i.cmdsn), b"ping" * 100), True)
cut(lambda i: i.encode(iscsi.text_request(i.next_itt(), i.cmdsn), b"SendTargets=All\0"), True, 1000)
print(count, "cuts")

print("strange PDUs in full-feature phase: an answer or a close each")


def strange(what, raw_of):
    with session(1) as i:
        i.send_raw(raw_of(i))
        seen = []
        try:
            i.send(iscsi.nop_out(i.next_itt(), i.cmdsn), b"still there?")
            while True:
                pdu = i.recv()
                seen.append("%#x" % pdu.opcode)
                if pdu.opcode == iscsi.NOP_IN and pdu.data == b"still there?":
                    break
        except (iscsi.Closed, ConnectionError):
            seen.append("closed")
        except TimeoutError:
            raise SystemExit("%s: neither answer nor close" % what)
        print("%-45s %s" % (what, " ".join(seen)))
    alive()


def with_opcode(i, op):
    raw = bytearray(i.encode(iscsi.nop_out(i.next_itt(), i.cmdsn, immediate=False)))
    raw[0] = op
    return bytes(raw)


def huge(raw):
    return raw[:5] + b"\xff\xff\xff" + raw[8:48]


for op in list(range(0x08, 0x10)) + list(range(0x11, 0x20)) + [0x20, 0x21, 0x25, 0x31, 0x3f]:
    strange("operation code %#x" % op, lambda i: with_opcode(i, op))
strange("LOGIN in full-feature phase", first_login)
strange("data segment of 16 MiB", lambda i: huge(with_opcode(i, 0)))
strange("AHS of an unknown type", lambda i: command(i, [0] * 6, ahs=struct.pack(">HBB", 2, 0x3f, 0) + b"\0\0\0\0"))
strange("AHS longer than the header says", lambda i: command(i, [0] * 6, ahs=struct.pack(">HBB", 0xffff, 1, 0) + b"\0\0\0\0"))
strange("Data-Out for no command", lambda i: i.encode(iscsi.data_out(0x7777, iscsi.RESERVED, 0, 0), b"x" * 512))
strange("SNACK", lambda i: with_opcode(i, iscsi.SNACK))
strange("CmdSN far outside of the window", lambda i: command(i, [0] * 6, cmdsn=0x40000000))
strange("immediate data beyond the expected length", lambda i: command(i, write10, b"w" * 4096, edtl=512, write=True))
strange("more immediate data than FirstBurstLength", lambda i: command(i, write10, b"w" * 70000, edtl=4096, write=True))
strange("task management function 15", lambda i: i.encode(iscsi.tmf(i.next_itt(), i.cmdsn, 15)))
strange("logout reason 7", lambda i: i.encode(iscsi.logout_request(i.next_itt(), i.cmdsn, 7)))
strange("text without a value", lambda i: i.encode(iscsi.text_request(i.next_itt(), i.cmdsn), b"nothing"))

print("logins that make no sense are refused with a status or a close")


def bad_login(what, raw_of):
    with session(2, False) as i:
        i.send_raw(raw_of(i))
        try:
            pdu = i.recv()
            status = iscsi.be16(pdu.bhs, 36)
            print("%-45s %#06x" % (what, status))
            assert pdu.opcode == iscsi.LOGIN_RSP and status >= 0x0200, what
        except (iscsi.Closed, ConnectionError):
            print("%-45s closed" % what)
    alive()


def login_bytes(i, data, **how):
    return i.encode(iscsi.login_request(0, 1, i.isid, **how), data)


X = b"InitiatorName=iqn.2026-01.test:x\0"
TN = b"TargetName=" + T.encode() + b"\0"
bad_login("not a login", lambda i: with_opcode(i, 0))
bad_login("no InitiatorName", lambda i: login_bytes(i, TN))
bad_login("no TargetName", lambda i: login_bytes(i, X + b"SessionType=Normal\0"))
bad_login("unknown target", lambda i: login_bytes(i, X + b"TargetName=iqn.2026-01.test:none\0"))
bad_login("version 7", lambda i: login_bytes(i, X + TN, vmin=7, vmax=7))
bad_login("TSIH of no session", lambda i: login_bytes(i, X + TN, tsih=0x7777))
bad_login("stage 2", lambda i: login_bytes(i, X + TN, csg=2))
bad_login("name of 300 characters", lambda i: login_bytes(i, b"InitiatorName=iqn.2026-01.test:" + b"n" * 300 + b"\0" + TN))
bad_login("name with a slash", lambda i: login_bytes(i, b"InitiatorName=iqn.2026-01.test:a/../b\0" + TN))
bad_login("text of zeros", lambda i: login_bytes(i, b"\0" * 512))
bad_login("text without an end", lambda i: login_bytes(i, b"InitiatorName=" + b"x" * 8000))
bad_login("data segment of 16 MiB", lambda i: huge(login_bytes(i, b"")))
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
