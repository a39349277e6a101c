#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Watches open-iscsi's log and frees the sessions that iscsid cannot.

    unstick.py LOG

When a connection breaks between its binding and its login, iscsid binds the next one to a session that it has not stopped,
and the kernel refuses that for ever: "can't bind conn 1:0 to session 1, retcode -107" (open-iscsi, issue 387). What is missing
is one call to the kernel, "stop for recovery", and this makes it. Whatever else keeps a session away is not touched.
"""
import re
import socket
import struct
import sys
import time

NETLINK_ISCSI = 8
# linux/include/scsi/iscsi_if.h
ISCSI_UEVENT_STOP_CONN = 18
STOP_CONN_RECOVER = 3
STUCK = re.compile(r"can't bind conn (\d+):(\d+) to session \d+, retcode -107")
REFUSED_TIMES = 3


def stop_for_recovery(sid, cid):
    with open('/sys/class/iscsi_transport/tcp/handle') as f:
        transport = int(f.read())
    event = struct.pack('=IIQIIQI', ISCSI_UEVENT_STOP_CONN, 0, transport, sid, cid, 0, STOP_CONN_RECOVER).ljust(256, b'\0')
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ISCSI) as s:
        s.bind((0, 0))
        s.settimeout(10)
        s.send(struct.pack('=IHHII', 16 + len(event), ISCSI_UEVENT_STOP_CONN, 1, 0, 0) + event)
        answer = s.recv(4096)
    return struct.unpack_from('=i', answer, 16 + 4)[0]


def main():
    refused = {}
    with open(sys.argv[1]) as log:
        log.seek(0, 2)
        while True:
            line = log.readline()
            if not line.endswith('\n'):
                time.sleep(1)
                continue
            found = STUCK.search(line)
            if not found:
                continue
            conn = tuple(map(int, found.groups()))
            refused[conn] = refused.get(conn, 0) + 1
            if refused[conn] >= REFUSED_TIMES:
                print('connection %d:%d stopped: %d' % (*conn, stop_for_recovery(*conn)), flush=True)
                refused[conn] = 0


if __name__ == '__main__':
    main()
