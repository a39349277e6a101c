# SPDX-License-Identifier: GPL-2.0
"""A login daemon in one thread, for what the real one cannot be asked to do: the hand-over call itself, made here.

    h = Handover(target)                    # listens on a port of its own
    s, conn, message = h.negotiate()        # an initiator (iscsi.Session) up to its last login request
    error = h.send(message)                 # errno of the kernel's answer, 0, or None: no answer came
"""
import errno
import socket
import struct

import iscsi

NETLINK_GENERIC, GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR = 1, 4, 2
FD, TARGET, INITIATOR, ISID, TSIH, CID, PARAMS, CMDSN, STATSN, RESPONSE = range(1, 11)
KEYS = {
    'TargetPortalGroupTag': '1', 'HeaderDigest': 'None', 'DataDigest': 'None', 'InitialR2T': 'No', 'ImmediateData': 'Yes',
    'MaxRecvDataSegmentLength': '262144', 'MaxBurstLength': '1048576', 'FirstBurstLength': '65536',
    'MaxOutstandingR2T': '1', 'DefaultTime2Wait': '2', 'DefaultTime2Retain': '0', 'ErrorRecoveryLevel': '0',
}
# struct iscsi_params of KEYS
NEGOTIATED = struct.pack('=12I', 262144, 262144, 1048576, 65536, 1, 2, 0, 1, 0, 1, 0, 0)


def attr(kind, data):
    return struct.pack('=HH', len(data) + 4, kind) + data + bytes(-len(data) % 4)


class Handover:
    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.netlink.bind((0, 0))
        self.netlink.settimeout(20)
        self.seq = 0
        self.family = self._family()

    def _message(self, kind, command, version, attrs, flags=NLM_F_REQUEST | NLM_F_ACK):
        self.seq += 1
        body = struct.pack('=BBH', command, version, 0) + attrs
        return struct.pack('=IHHII', 16 + len(body), kind, flags, self.seq, 0) + body

    def _family(self):
        self.netlink.send(self._message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, attr(CTRL_ATTR_FAMILY_NAME, b'iscsi-scst\0'),
                                        NLM_F_REQUEST))
        answer, at = self.netlink.recv(65536), 20
        while at < len(answer):
            size, kind = struct.unpack_from('=HH', answer, at)
            if kind == CTRL_ATTR_FAMILY_ID:
                return struct.unpack_from('=H', answer, at + 4)[0]
            at += (size + 3) & ~3
        raise OSError(errno.ENOENT, 'no netlink family iscsi-scst')

    def negotiate(self, initiator=iscsi.INITIATOR, isid=iscsi.ISID):
        """A connection whose login lacks nothing but its last response."""
        s = iscsi.Session('127.0.0.1', self.listener.getsockname()[1], self.target, initiator, isid=isid, login=False)
        conn = self.listener.accept()[0]
        first = iscsi.text({'InitiatorName': initiator, 'SessionType': 'Normal', 'TargetName': self.target})
        s.send(iscsi.login_request(0, s.cmdsn, isid=isid), first)
        conn.recv(48 + len(iscsi.pad(first)), socket.MSG_WAITALL)
        s.negotiated = dict(KEYS)
        answer = iscsi.text(KEYS)
        response = self.response(s, answer)
        attrs = b''.join((
            attr(FD, struct.pack('=I', conn.fileno())), attr(TARGET, self.target.encode() + b'\0'),
            attr(INITIATOR, initiator.encode() + b'\0'), attr(ISID, isid), attr(TSIH, struct.pack('=H', 0)),
            attr(CID, struct.pack('=H', 0)), attr(PARAMS, NEGOTIATED), attr(CMDSN, struct.pack('=I', s.cmdsn)),
            attr(STATSN, struct.pack('=I', 1)), attr(RESPONSE, response)))
        return s, conn, self._message(self.family, 1, 1, attrs)

    @staticmethod
    def response(s, answer, status=0):
        bhs = bytes([iscsi.LOGIN_RSP, 0x87 if not status else 4, 0, 0]) + struct.pack('>I', len(answer)) + s.isid + bytes(2)
        bhs += struct.pack('>IIIII', 0, 0, 1, s.cmdsn, s.cmdsn + 1) + struct.pack('>H10x', status)
        return bhs + iscsi.pad(answer)

    def send(self, message):
        """The call, and the kernel's answer to it."""
        try:
            self.netlink.send(message)
        except OSError as e:
            return e.errno
        return self.answer()

    def answer(self):
        """Errno, 0, or None: it was lost. Answers to earlier calls that nobody could read are skipped."""
        seq = 0
        while seq != self.seq:
            try:
                data = self.netlink.recv(65536)
            except OSError:
                return None
            kind, seq = struct.unpack_from('=H2xI', data, 4)
        return -struct.unpack_from('=i', data, 16)[0] if kind == NLMSG_ERROR else None

    @staticmethod
    def refused(s, conn):
        """After a failed call: the connection is ours as before, the initiator has heard nothing but our refusal."""
        conn.sendall(Handover.response(s, b'', 0x0302))
        p = s.recv()
        s.close()
        conn.close()
        return p.opcode == iscsi.LOGIN_RSP and iscsi.be16(p.bhs, 36) == 0x0302

    @staticmethod
    def accepted(s, conn):
        """After a successful call: takes the response that the kernel sent."""
        conn.close()
        p = s.recv()
        s.tsih, s.cmdsn = iscsi.be16(p.bhs, 14), p.expcmdsn
        return p.opcode == iscsi.LOGIN_RSP and iscsi.be16(p.bhs, 36) == 0 and s.tsih != 0
