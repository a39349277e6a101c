# SPDX-License-Identifier: GPL-2.0
# A raw iSCSI initiator for tests: builds PDUs byte by byte (RFC 7143), so that a
# test can send what no well-behaved initiator sends.
import socket
import struct

NOP_OUT, SCSI_CMD, TMF_REQ, LOGIN, TEXT, DATA_OUT, LOGOUT, SNACK = 0, 1, 2, 3, 4, 5, 6, 0x10
NOP_IN, SCSI_RSP, TMF_RSP, LOGIN_RSP, TEXT_RSP, DATA_IN, LOGOUT_RSP, R2T, ASYNC, REJECT = \
    0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3f


def pad4(data):
    return data + b"\0" * (-len(data) % 4)


class Pdu:
    """A received PDU: .op, .flags, .itt, .bhs, .data"""

    def __init__(self, bhs, data):
        self.bhs, self.data = bhs, data
        self.op, self.flags = bhs[0] & 0x3f, bhs[1]
        self.itt = struct.unpack(">I", bhs[16:20])[0]

    def u32(self, at):
        return struct.unpack(">I", self.bhs[at:at + 4])[0]


class Initiator:
    def __init__(self, target, name="iqn.2026-01.test:raw", host="127.0.0.1", port=3260, timeout=10):
        self.target, self.name = target, name
        self.sock = socket.create_connection((host, port), timeout)
        self.itt, self.cmdsn, self.expstatsn = 1, 1, 0
        self.isid = b"\x80\x12\x34\x56\x00\x01"
        self.keys = {}

    # --- bytes ---
    def send(self, raw):
        self.sock.sendall(raw)

    def recv_exact(self, n):
        buf = b""
        while len(buf) < n:
            part = self.sock.recv(n - len(buf))
            if not part:
                raise EOFError("closed by the target")
            buf += part
        return buf

    def recv(self):
        bhs = self.recv_exact(48)
        length = int.from_bytes(bhs[5:8], "big")
        self.recv_exact(bhs[4] * 4)
        data = self.recv_exact(length)
        self.recv_exact(-length % 4)
        pdu = Pdu(bhs, data)
        if pdu.op in (SCSI_RSP, TMF_RSP, LOGIN_RSP, TEXT_RSP, LOGOUT_RSP, REJECT) or \
           (pdu.op == DATA_IN and pdu.flags & 1) or (pdu.op == NOP_IN and pdu.itt != 0xffffffff):
            self.expstatsn = pdu.u32(24) + 1
        return pdu

    # --- PDUs ---
    def bhs(self, op, flags=0x80, lun=0, itt=None, specific=b"", data=b"", immediate=False, cmdsn=None, ahs=b""):
        if itt is None:
            itt, self.itt = self.itt, self.itt + 1
        if cmdsn is None:
            cmdsn = self.cmdsn
            if not immediate and op in (SCSI_CMD, TMF_REQ, TEXT, LOGOUT, NOP_OUT):
                self.cmdsn += 1
        head = struct.pack(">BB2xB", op | (0x40 if immediate else 0), flags, len(ahs) // 4)
        head += len(data).to_bytes(3, "big") + struct.pack(">HHI", lun, 0, 0) + struct.pack(">I", itt)
        head += specific[:4].ljust(4, b"\0") + struct.pack(">II", cmdsn, self.expstatsn) + specific[4:].ljust(16, b"\0")
        return head[:48] + ahs + pad4(data)

    def login_bhs(self, data, csg=1, nsg=3, transit=True, tsih=0, version=0, itt=0):
        flags = (0x80 if transit else 0) | csg << 2 | nsg
        head = struct.pack(">BBBBB", LOGIN | 0x40, flags, version, version, 0) + len(data).to_bytes(3, "big")
        head += self.isid + struct.pack(">HIHHII", tsih, itt, 0, 0, self.cmdsn, self.expstatsn) + b"\0" * 16
        return head + pad4(data)

    @staticmethod
    def text(keys):
        return b"".join(k.encode() + b"=" + v.encode() + b"\0" for k, v in keys)

    def login_keys(self, extra=()):
        keys = [("InitiatorName", self.name), ("SessionType", "Normal"), ("TargetName", self.target)]
        return keys + list(extra)

    def login(self, extra=(), csg=1, nsg=3):
        """Returns the status (class << 8 | detail) of the last response."""
        self.send(self.login_bhs(self.text(self.login_keys(extra)), csg, nsg))
        while True:
            pdu = self.recv()
            if pdu.op != LOGIN_RSP:
                raise ValueError("not a login response: %#x" % pdu.op)
            status = pdu.bhs[36] << 8 | pdu.bhs[37]
            for item in pdu.data.split(b"\0"):
                if b"=" in item:
                    key, value = item.decode().split("=", 1)
                    self.keys[key] = value
            if status or (pdu.flags & 0x80 and pdu.flags & 3 == 3):
                return status
            self.send(self.login_bhs(b"", csg, nsg))

    def command(self, cdb, lun=0, edtl=0, read=False, write=False, data=b"", final=True, attr=0, **kw):
        flags = (0x80 if final else 0) | (0x40 if read else 0) | (0x20 if write else 0) | attr
        cdb = bytes(cdb).ljust(16, b"\0")
        # EDTL stands in front of CmdSN, the CDB after ExpStatSN
        return self.bhs(SCSI_CMD, flags, lun,
                        specific=struct.pack(">I", edtl) + cdb, data=data, **kw)

    def execute(self, cdb, lun=0, read=0, write=b""):
        """One command to its end; returns (status, sense key, asc, ascq, data)."""
        self.send(self.command(cdb, lun, read or len(write), bool(read), bool(write), write))
        got = b""
        while True:
            pdu = self.recv()
            if pdu.op == DATA_IN:
                got += pdu.data
                if pdu.flags & 1:
                    return pdu.bhs[3], 0, 0, 0, got
            elif pdu.op == SCSI_RSP:
                sense = pdu.data[2:]
                if len(sense) >= 14:
                    return pdu.bhs[3], sense[2] & 15, sense[12], sense[13], got
                return pdu.bhs[3], 0, 0, 0, got
            elif pdu.op == NOP_IN and pdu.itt == 0xffffffff:
                self.send(self.bhs(NOP_OUT, itt=0xffffffff, specific=pdu.bhs[20:24], immediate=True))
            elif pdu.op == R2T:
                raise ValueError("unexpected R2T")
            else:
                raise ValueError("unexpected PDU %#x" % pdu.op)

    def logout(self):
        self.send(self.bhs(LOGOUT, 0x80))
        return self.recv().bhs[2]

    def closed(self, seconds=10):
        """True when the target closes within the time; PDUs before that are dropped."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                pass
            return True
        except (ConnectionError, OSError) as e:
            return isinstance(e, ConnectionError)

    def close(self):
        self.sock.close()
