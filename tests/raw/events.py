# SPDX-License-Identifier: GPL-2.0
"""A listener at /dev/scst_event (include/scst_event.h).

    l = Listener(1, 4)              # subscribed to events 1 and 4 of the core
    e = l.next()                    # an Event; None: there is none now
    e = l.wait()                    # or within a time that is long enough

Errors of the ioctls come back as errno, 0 when there is none.
"""
import ctypes
import errno
import os
import select
import struct

SLOW = int(os.environ.get('SCST_TIME_FACTOR') or 1)
HEAD = struct.Struct('<iII50s2x')       # payload_len, event_code, event_id, issuer_name
ROOM_AT = 8                             # max_event_size and what aligns the event behind it
CORE = b'SCST core'


def number(direction, n, size):
    return direction << 30 | size << 16 | ord('u') << 8 | n


ALLOW, DISALLOW = number(1, 1, HEAD.size), number(1, 2, HEAD.size)
GET_NEXT, NOTIFY_DONE = number(3, 3, ROOM_AT + HEAD.size), number(1, 4, 8)


# Not fcntl.ioctl(), which stops all threads of Python while it waits.
libc = ctypes.CDLL(None, use_errno=True)
libc.ioctl.argtypes = ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p


class Event:
    def __init__(self, head, payload):
        self.code, self.id, self.issuer = head[1], head[2], head[3].rstrip(b'\0')
        self.payload = payload


class Listener:
    def __init__(self, *codes, target=b'', issuer=CORE, block=False):
        self.fd = os.open('/dev/scst_event', os.O_RDWR | os.O_CLOEXEC | (0 if block else os.O_NONBLOCK))
        for code in codes:
            err = self.allow(code, issuer, target)
            if err:
                raise OSError(err, os.strerror(err))

    def close(self):
        os.close(self.fd)

    def ioctl(self, request, data):
        """errno, the bytes afterwards"""
        buf = ctypes.create_string_buffer(data, len(data))
        err = ctypes.get_errno() if libc.ioctl(self.fd, request, buf) < 0 else 0
        return err, buf.raw

    def allow(self, code, issuer=CORE, target=b''):
        return self.ioctl(ALLOW, HEAD.pack(len(target), code, 0, issuer) + target)[0]

    def disallow(self, code, issuer=CORE, target=b''):
        return self.ioctl(DISALLOW, HEAD.pack(len(target), code, 0, issuer) + target)[0]

    def next(self, room=4096):
        err, buf = self.ioctl(GET_NEXT, struct.pack('<i', room).ljust(ROOM_AT + room, b'\0'))
        if err == errno.EAGAIN:
            return None
        if err:
            raise OSError(err, os.strerror(err))
        head = HEAD.unpack_from(buf, ROOM_AT)
        start = ROOM_AT + HEAD.size
        return Event(head, buf[start:start + head[0]])

    def wait(self, seconds=60):
        select.select([self.fd], [], [], seconds * SLOW)
        return self.next()

    def all(self):
        """What is there now."""
        found = []
        while True:
            e = self.next()
            if not e:
                return found
            found.append(e)

    def done(self, ident, status):
        return self.ioctl(NOTIFY_DONE, struct.pack('<Ii', ident, status))[0]
