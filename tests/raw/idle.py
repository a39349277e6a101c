#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Connections that never say a word, or half a word: idle.py NUMBER [BYTES]

They come from the addresses 127.1.0.1 to 127.1.0.200 in turn; each sends BYTES of the header of a login, none by default. Prints
how many could be opened and how many of them the target has not closed, then holds those until its input ends.
"""
import resource
import select
import socket
import sys

ADDRESSES = 200
HEADER = bytes([0x43, 0x87]) + bytes(46)


def still_open(connections):
    poll = select.poll()
    for fd in connections:
        poll.register(fd, select.POLLIN | select.POLLRDHUP)
    return len(connections) - len(poll.poll(0))


def main():
    number = int(sys.argv[1])
    begun = HEADER[:int(sys.argv[2])] if len(sys.argv) > 2 else b''
    resource.setrlimit(resource.RLIMIT_NOFILE, (number + 100, number + 100))
    connections, refused = {}, 0
    for n in range(number):
        try:
            s = socket.create_connection(('127.0.0.1', 3260), 30, ('127.1.0.%d' % (n % ADDRESSES + 1), 0))
            if begun:
                s.send(begun)
        except OSError:
            refused += 1
            continue
        connections[s.fileno()] = s
    print('%d opened, %d refused, %d open' % (len(connections), refused, still_open(connections)), flush=True)
    sys.stdin.read()


main()
