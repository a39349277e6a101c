# SPDX-License-Identifier: GPL-2.0
"""A small raw iSCSI initiator for protocol tests: every byte of every PDU is the caller's to choose.

    with iscsi.Session('127.0.0.1', target='iqn...') as s:      # connects and logs in
        r = s.read10(0, 0, 8)                                   # .status .data .sense .residual
        s.send(iscsi.nop_out(s.next_itt(), s.cmdsn, ttt=0xffffffff), b'ping')
        print(s.recv())                                         # any PDU, as it came

Session(login=False) only connects; s.login(...), s.exchange_login(...) and s.send_raw() do the rest.
Errors are IscsiError; LoginError carries .status. Only the standard library is needed.
"""
import os
import socket
import struct

NOP_OUT, SCSI_CMD, TMF, LOGIN, TEXT, DATA_OUT, LOGOUT, SNACK = 0, 1, 2, 3, 4, 5, 6, 0x10
NOP_IN, SCSI_RSP, TMF_RSP, LOGIN_RSP, TEXT_RSP, DATA_IN, LOGOUT_RSP = range(0x20, 0x27)
R2T, ASYNC, REJECT = 0x31, 0x32, 0x3f
IMMEDIATE, FINAL, CONTINUE, TRANSIT = 0x40, 0x80, 0x40, 0x80
RESERVED = 0xffffffff
SLOW = int(os.environ.get('SCST_TIME_FACTOR') or 1)      # what is waited for may take longer on a debug kernel
GOOD, CHECK_CONDITION, BUSY, CONFLICT, SET_FULL = 0, 2, 8, 0x18, 0x28

INITIATOR = 'iqn.2024-01.test:raw'
ISID = bytes([0x80, 0, 0, 0, 0, 1])
KEYS = {        # offered by Session.login() unless replaced; None leaves a key out
    'HeaderDigest': 'None', 'DataDigest': 'None', 'InitialR2T': 'No', 'ImmediateData': 'Yes',
    'MaxRecvDataSegmentLength': '262144', 'MaxBurstLength': '1048576', 'FirstBurstLength': '65536',
    'MaxOutstandingR2T': '1', 'MaxConnections': '1', 'ErrorRecoveryLevel': '0',
    'DefaultTime2Wait': '2', 'DefaultTime2Retain': '0', 'DataPDUInOrder': 'Yes',
    'DataSequenceInOrder': 'Yes',
}


class IscsiError(Exception):
    """The target did what it must not, or closed the connection."""


class Closed(IscsiError):
    """End of the stream."""


class LoginError(IscsiError):
    def __init__(self, status, keys):
        super().__init__('login status 0x%04x %s' % (status, keys or ''))
        self.status, self.keys = status, keys


def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82f63b78 if n & 1 else 0)
        table.append(n)
    return table


_CRC = _crc_table()


def crc32c(data):
    """Digest bytes in the order they go over the wire."""
    crc = 0xffffffff
    for b in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ b) & 0xff]
    return struct.pack('<I', crc ^ 0xffffffff)


def pad(data):
    return data + bytes(-len(data) % 4)


def text(keys):
    """dict or list of pairs -> data segment"""
    pairs = keys.items() if isinstance(keys, dict) else keys
    return b''.join(('%s=%s' % p).encode() + b'\0' for p in pairs if p[1] is not None)


def parse_text(data):
    """data segment -> list of pairs"""
    pairs = [p.decode(errors='replace').partition('=') for p in data.split(b'\0') if p]
    return [(k, v) for k, _, v in pairs]


def lun_bytes(lun):
    """peripheral addressing below 256, flat above"""
    return struct.pack('>H6x', lun if lun < 256 else 0x4000 | lun)


def be16(b, o):
    return struct.unpack_from('>H', b, o)[0]


def be32(b, o):
    return struct.unpack_from('>I', b, o)[0]


class Pdu:
    """Header, additional header segments and data of a PDU that came in."""

    def __init__(self, bhs, ahs, data):
        self.bhs, self.ahs, self.data = bhs, ahs, data
        self.opcode, self.flags = bhs[0] & 0x3f, bhs[1]
        self.response, self.status = bhs[2], bhs[3]
        self.lun, self.itt, self.ttt = bhs[8:16], be32(bhs, 16), be32(bhs, 20)
        self.statsn, self.expcmdsn, self.maxcmdsn = be32(bhs, 24), be32(bhs, 28), be32(bhs, 32)
        self.datasn, self.offset, self.residual = be32(bhs, 36), be32(bhs, 40), be32(bhs, 44)
        self.final = bool(self.flags & FINAL)

    def keys(self):
        return dict(parse_text(self.data))

    def __repr__(self):
        return 'Pdu(opcode=0x%02x flags=0x%02x rsp=%d status=%d itt=0x%x ttt=0x%x data=%d)' % (
            self.opcode, self.flags, self.response, self.status, self.itt, self.ttt, len(self.data))


# Builders: 48 bytes each; send() fills AHS and data length and ExpStatSN (where 28..31 are 0).

def _bhs(opcode, flags=FINAL, itt=RESERVED, w20=0, cmdsn=0, lun=bytes(8), tail=bytes(16), immediate=False):
    return (struct.pack('>BB6x', opcode | (IMMEDIATE if immediate else 0), flags) + lun +
            struct.pack('>IIII', itt, w20, cmdsn, 0) + tail)


def login_request(itt, cmdsn, isid=ISID, tsih=0, cid=0, csg=1, nsg=3, transit=True, cont=False, vmin=0, vmax=0):
    flags = (TRANSIT | nsg if transit else 0) | (CONTINUE if cont else 0) | csg << 2
    b = bytearray(_bhs(LOGIN, flags, itt, cid << 16, cmdsn, isid + struct.pack('>H', tsih), immediate=True))
    b[2], b[3] = vmax, vmin
    return bytes(b)


def scsi_command(itt, cmdsn, cdb, lun=0, edtl=0, read=False, write=False, attr=1, final=True, immediate=False):
    flags = (FINAL if final else 0) | (0x40 if read else 0) | (0x20 if write else 0) | attr
    return _bhs(SCSI_CMD, flags, itt, edtl, cmdsn, lun_bytes(lun), bytes(cdb[:16]).ljust(16, b'\0'), immediate)


def extended_cdb(cdb):
    """The additional header segment that holds what of a CDB follows its first 16 bytes (RFC 7143 11.2.2.3)."""
    return pad(struct.pack('>HBx', len(cdb) - 15, 1) + bytes(cdb[16:])) if len(cdb) > 16 else b''


def data_out(itt, ttt, datasn, offset, final=True, lun=0):
    return _bhs(DATA_OUT, FINAL if final else 0, itt, ttt, 0, lun_bytes(lun), struct.pack('>4xIII', datasn, offset, 0))


def tmf(itt, cmdsn, function, lun=0, rtt=RESERVED, refcmdsn=0, immediate=True):
    return _bhs(TMF, FINAL | function, itt, rtt, cmdsn, lun_bytes(lun), struct.pack('>I12x', refcmdsn), immediate)


def nop_out(itt, cmdsn, ttt=RESERVED, lun=bytes(8), immediate=True):
    return _bhs(NOP_OUT, FINAL, itt, ttt, cmdsn, lun, immediate=immediate)


def text_request(itt, cmdsn, ttt=RESERVED, final=True, cont=False, immediate=True):
    return _bhs(TEXT, (FINAL if final else 0) | (CONTINUE if cont else 0), itt, ttt, cmdsn, immediate=immediate)


def logout_request(itt, cmdsn, reason=0, cid=0, immediate=True):
    return _bhs(LOGOUT, FINAL | reason, itt, cid << 16, cmdsn, immediate=immediate)


class Result:
    """Outcome of one SCSI command."""

    def __init__(self, status, data, sense, response, underflow, overflow, residual):
        self.status, self.data, self.sense, self.response = status, data, sense, response
        self.underflow, self.overflow, self.residual = underflow, overflow, residual

    @property
    def asc(self):
        """(key, asc, ascq) of fixed or descriptor sense, or None"""
        s = self.sense
        if len(s) < 4:
            return None
        if s[0] & 0x7f >= 0x72:
            return s[1] & 0xf, s[2], s[3]
        return (s[2] & 0xf, s[12], s[13]) if len(s) > 13 else None

    def __repr__(self):
        return 'Result(status=0x%02x asc=%s data=%d residual=%d)' % (
            self.status, self.asc, len(self.data), self.residual)


class Session:
    def __init__(self, host, port=3260, target=None, initiator=INITIATOR, keys=None, isid=ISID, tsih=0, cid=0,
                 timeout=20, login=True, discovery=False, source=None):
        self.sock = socket.create_connection((host, port), timeout * SLOW, source)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.initiator, self.target, self.discovery = initiator, target, discovery
        self.isid, self.tsih, self.cid = isid, tsih, cid
        self.cmdsn, self.expstatsn, self.maxcmdsn, self._itt = 1, 0, 1, 0
        self.header_digest = self.data_digest = False
        self.negotiated, self.queue = {}, []
        if login:
            try:
                self.login(keys)
            except BaseException:
                self.close()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    # --- PDUs ---

    def next_itt(self):
        self._itt += 1
        return self._itt

    def send_raw(self, data):
        self.sock.sendall(data)

    def encode(self, bhs, data=b'', ahs=b'', bad_header=False, bad_data=False):
        """Bytes of a PDU with lengths, ExpStatSN, padding and digests filled in; bad_* spoil a digest."""
        b = bytearray(bhs)
        b[4] = len(ahs) // 4
        b[5:8] = struct.pack('>I', len(data))[1:]
        if not any(b[28:32]):
            b[28:32] = struct.pack('>I', self.expstatsn)
        out = bytes(b) + ahs
        if self.header_digest:
            digest = crc32c(out)
            out += bytes(x ^ 0xff for x in digest) if bad_header else digest
        out += pad(data)
        if self.data_digest and data:
            digest = crc32c(pad(data))
            out += bytes(x ^ 0xff for x in digest) if bad_data else digest
        return out

    def send(self, bhs, data=b'', **how):
        self.send_raw(self.encode(bhs, data, **how))

    def _read(self, n):
        out = b''
        while len(out) < n:
            try:
                part = self.sock.recv(n - len(out))
            except ConnectionError as e:
                raise Closed(str(e)) from e
            if not part:
                raise Closed('closed by the target')
            out += part
        return out

    def recv(self, timeout=None):
        """Next PDU from the target. Digests are checked, sequence numbers followed."""
        if timeout is not None:
            self.sock.settimeout(timeout * SLOW)
        bhs = self._read(48)
        ahs = self._read(4 * bhs[4])
        if self.header_digest and self._read(4) != crc32c(bhs + ahs):
            raise IscsiError('bad header digest from the target')
        length = be32(bhs, 4) & 0xffffff
        padded = self._read(length + -length % 4)
        if self.data_digest and length and self._read(4) != crc32c(padded):
            raise IscsiError('bad data digest from the target')
        p = Pdu(bhs, ahs, padded[:length])
        self._follow(p)
        return p

    def _follow(self, p):
        if p.opcode not in (R2T,) and not (p.opcode == DATA_IN and not p.flags & 1) and \
                not (p.opcode == NOP_IN and p.itt == RESERVED):
            self.expstatsn = (p.statsn + 1) & 0xffffffff
        if (p.maxcmdsn - self.maxcmdsn) & 0xffffffff < 0x80000000:
            self.maxcmdsn = p.maxcmdsn

    def wait_closed(self, timeout=10):
        """True when the target closes the connection; PDUs before that are skipped."""
        self.sock.settimeout(timeout * SLOW)
        try:
            while True:
                if not self.sock.recv(65536):
                    return True
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    # --- login, discovery, logout ---

    def exchange_login(self, keys, csg=1, nsg=3, transit=True, itt=0, **how):
        """One login request with these keys (dict, pairs or bytes); the response as Pdu."""
        data = keys if isinstance(keys, bytes) else text(keys)
        how.setdefault('isid', self.isid)
        how.setdefault('tsih', self.tsih)
        how.setdefault('cid', self.cid)
        self.send(login_request(itt, self.cmdsn, csg=csg, nsg=nsg, transit=transit, **how), data)
        p = self.recv()
        if p.opcode == LOGIN_RSP:
            self.login_status = be16(p.bhs, 36)
        return p

    def login(self, keys=None, csg=1):
        """Log in with the keys of KEYS changed by keys; LoginError tells a refusal."""
        first = {'InitiatorName': self.initiator, 'SessionType': 'Discovery' if self.discovery else 'Normal'}
        if self.target and not self.discovery:
            first['TargetName'] = self.target
        keys = dict(keys or {})
        if csg == 0:
            first['AuthMethod'] = keys.pop('AuthMethod', 'None')
            self._step(first, 0, 1)
            first = {}
        return self.login_operational(dict(first, **keys))

    def login_operational(self, keys=None):
        """The operational stage alone, to the end of the login."""
        offer = dict({'MaxRecvDataSegmentLength': '262144'} if self.discovery else KEYS)
        p = self._step(dict(offer, **(keys or {})), 1, 3)
        self.tsih = be16(p.bhs, 14)
        self.cmdsn = p.expcmdsn
        self.header_digest = self.negotiated.get('HeaderDigest') == 'CRC32C'
        self.data_digest = self.negotiated.get('DataDigest') == 'CRC32C'
        return self

    def _step(self, keys, csg, nsg):
        p = self.exchange_login(keys, csg, nsg)
        for _ in range(16):
            if p.opcode != LOGIN_RSP:
                raise IscsiError('no login response: %r' % p)
            self.negotiated.update(p.keys())
            if self.login_status:
                raise LoginError(self.login_status, self.negotiated)
            if p.flags & TRANSIT:
                return p
            p = self.exchange_login({}, csg, nsg)
        raise IscsiError('the login does not end')

    def text(self, keys):
        """One whole text exchange; the pairs of the answer."""
        itt, ttt, data = self.next_itt(), RESERVED, text(keys)
        answer = b''
        while True:
            self.send(text_request(itt, self.cmdsn, ttt), data)
            p = self.wait_for(TEXT_RSP)
            answer += p.data
            if p.final:
                return parse_text(answer)
            ttt, data = p.ttt, b''

    def send_targets(self, what='All'):
        """dict of target name -> list of addresses"""
        found, name = {}, None
        for key, value in self.text({'SendTargets': what}):
            if key == 'TargetName':
                name = value
                found[name] = []
            elif key == 'TargetAddress':
                found[name].append(value)
        return found

    def logout(self, reason=0, cid=0):
        self.send(logout_request(self.next_itt(), self.cmdsn, reason, cid))
        return self.wait_for(LOGOUT_RSP).response

    # --- full feature phase ---

    def wait_for(self, *opcodes, itt=None):
        """Next PDU of these kinds; pings are answered, what else comes is kept in .queue."""
        for i, p in enumerate(self.queue):
            if p.opcode in opcodes and (itt is None or p.itt == itt):
                return self.queue.pop(i)
        while True:
            p = self.recv()
            if p.opcode in opcodes and (itt is None or p.itt == itt):
                return p
            if p.opcode == NOP_IN and p.itt == RESERVED and p.ttt != RESERVED:
                self.send(nop_out(RESERVED, self.cmdsn, p.ttt, p.lun))
            elif p.opcode == REJECT:
                raise IscsiError('Reject 0x%02x of opcode 0x%02x' % (p.response, p.data[0] & 0x3f if p.data else 0))
            else:
                self.queue.append(p)

    def ping(self, data=b''):
        itt = self.next_itt()
        self.send(nop_out(itt, self.cmdsn), data)
        return self.wait_for(NOP_IN, itt=itt).data

    def task_management(self, function, lun=0, rtt=RESERVED, refcmdsn=0):
        """Response code of one task management function."""
        itt = self.next_itt()
        self.send(tmf(itt, self.cmdsn, function, lun, rtt, refcmdsn))
        return self.wait_for(TMF_RSP, itt=itt).response

    def start(self, cdb, lun=0, read=0, write=b'', immediate_data=True, **how):
        """Send a SCSI Command with the immediate data that is allowed; its ITT."""
        itt = self.next_itt()
        first = b''
        if write and immediate_data and self.negotiated.get('ImmediateData', 'Yes') == 'Yes':
            first = write[:min(self._number('FirstBurstLength', 65536), self._number('MaxRecvDataSegmentLength', 8192))]
        bhs = scsi_command(itt, self.cmdsn, cdb, lun, edtl=len(write) or read, read=bool(read), write=bool(write), **how)
        if not bhs[0] & IMMEDIATE:
            self.cmdsn = (self.cmdsn + 1) & 0xffffffff
        self.send(bhs, first, ahs=extended_cdb(cdb))
        return itt

    def finish(self, itt, write=b'', lun=0):
        """Serve the R2Ts of a command and wait for its status; a Result."""
        data = bytearray()
        while True:
            p = self.wait_for(R2T, DATA_IN, SCSI_RSP, itt=itt)
            if p.opcode == R2T:
                self._answer_r2t(p, write, lun)
            elif p.opcode == DATA_IN:
                if len(data) < p.offset + len(p.data):
                    data.extend(bytes(p.offset + len(p.data) - len(data)))
                data[p.offset:p.offset + len(p.data)] = p.data
                if p.flags & 1:
                    return self._result(p, bytes(data), b'')
            else:
                n = be16(p.data, 0) if len(p.data) >= 2 else 0
                return self._result(p, bytes(data), p.data[2:2 + n])

    @staticmethod
    def _result(p, data, sense):
        return Result(p.status, data, sense, p.response, bool(p.flags & 2), bool(p.flags & 4), p.residual)

    def _number(self, key, default):
        return int(self.negotiated.get(key, default))

    def _answer_r2t(self, r2t, write, lun):
        offset, left, sn = r2t.offset, r2t.residual, 0
        piece = self._number('MaxRecvDataSegmentLength', 8192)
        while left > 0:
            n = min(left, piece)
            self.send(data_out(r2t.itt, r2t.ttt, sn, offset, n == left, lun), write[offset:offset + n])
            offset, left, sn = offset + n, left - n, sn + 1

    def scsi(self, cdb, lun=0, read=0, write=b'', **how):
        """One SCSI command from start to end; read = bytes expected, write = data sent."""
        return self.finish(self.start(cdb, lun, read, write, **how), write, lun)

    def test_unit_ready(self, lun=0):
        return self.scsi(bytes(6), lun)

    def inquiry(self, lun=0, page=None, length=255):
        evpd = page is not None
        return self.scsi(struct.pack('>BBBHB', 0x12, evpd, page or 0, length, 0), lun, read=length)

    def report_luns(self, length=4096):
        return self.scsi(struct.pack('>B5xIxx', 0xa0, length), 0, read=length)

    def read10(self, lun, lba, blocks, blocksize=512, flags=0):
        return self.scsi(struct.pack('>BBIxHx', 0x28, flags, lba, blocks), lun, read=blocks * blocksize)

    def write10(self, lun, lba, data, blocksize=512, flags=0):
        return self.scsi(struct.pack('>BBIxHx', 0x2a, flags, lba, len(data) // blocksize), lun, write=data)

    def settle(self, lun=0):
        """Take the unit attentions of a new session."""
        for _ in range(8):
            if self.test_unit_ready(lun).status != CHECK_CONDITION:
                return self
        raise IscsiError('the unit attentions do not end')
