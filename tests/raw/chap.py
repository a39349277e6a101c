# SPDX-License-Identifier: GPL-2.0
"""CHAP from the initiator's side, step by step, so that each step can be wrong."""
import base64
import hashlib
import os

import iscsi

DIGESTS = {5: 'md5', 6: 'sha1', 7: 'sha256', 8: 'sha3_256'}


def digest(algorithm, number, secret, challenge):
    return hashlib.new(DIGESTS[algorithm], bytes([number]) + secret.encode() + challenge).digest()


def to_hex(data):
    return '0x' + data.hex()


def to_base64(data):
    return '0b' + base64.b64encode(data).decode()


def from_text(value):
    assert value.startswith('0x'), value
    return bytes.fromhex(value[2:])


class Chap:
    """One authentication on a session that is not logged in yet."""

    def __init__(self, session, user='user', secret='secretsecret', algorithms='5', encode=to_hex):
        self.s, self.user, self.secret, self.algorithms, self.encode = session, user, secret, algorithms, encode

    def step(self, keys, transit=False):
        p = self.s.exchange_login(keys, 0, 1, transit)
        if p.opcode != iscsi.LOGIN_RSP:
            raise iscsi.IscsiError('no login response: %r' % p)
        self.s.negotiated.update(p.keys())
        if self.s.login_status:
            raise iscsi.LoginError(self.s.login_status, dict(p.keys()))
        return p, dict(p.keys())

    def method(self, offer='CHAP,None'):
        first = {'InitiatorName': self.s.initiator, 'AuthMethod': offer,
                 'SessionType': 'Discovery' if self.s.discovery else 'Normal'}
        if self.s.target and not self.s.discovery:
            first['TargetName'] = self.s.target
        return self.step(first, True)

    def challenge(self):
        """Asks for it and keeps it."""
        p, keys = self.step({'CHAP_A': self.algorithms})
        self.algorithm, self.id = int(keys['CHAP_A']), int(keys['CHAP_I'])
        self.theirs = from_text(keys['CHAP_C'])
        return p

    def answer(self):
        return {'CHAP_N': self.user,
                'CHAP_R': self.encode(digest(self.algorithm, self.id, self.secret, self.theirs))}

    def mutual(self, challenge=None, number=7):
        self.ours, self.our_id = challenge or os.urandom(32), number
        return {'CHAP_I': str(number), 'CHAP_C': self.encode(self.ours)}

    def check(self, keys, name, secret):
        """Has the target proved that it knows its secret?"""
        want = digest(self.algorithm, self.our_id, secret, self.ours)
        return keys.get('CHAP_N') == name and from_text(keys['CHAP_R']) == want

    def until_challenge(self):
        self.method()
        self.challenge()
        return self

    def login(self, mutual=None):
        """The whole of it; mutual: name and secret of the target. Then the operational stage."""
        self.until_challenge()
        p, keys = self.step(dict(self.answer(), **(self.mutual() if mutual else {})), True)
        if mutual and not self.check(keys, *mutual):
            raise iscsi.IscsiError('the target does not know its secret')
        if not p.flags & iscsi.TRANSIT:
            raise iscsi.IscsiError('no way out of the security stage')
        return self.s.login_operational()
