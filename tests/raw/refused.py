#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes that must be refused, many of them by one process.

    refused.py TREE

Reads "TEXT NUL FILE NUL" from its input, writes TEXT to FILE in one write, and answers with a line for the
errno (0: taken), one for TREE/last_sysfs_mgmt_res, one that says "same" or "changed" of the tree's names and of
what FILE holds, and the kernel's lines with "scst" in them since the write, each behind a blank; then "end".
"""
import errno
import os
import sys

from kit import put


def names(top):
    return sorted(os.path.join(path, name) for path, folders, files in os.walk(top) for name in folders + files)


def content(path):
    """None for a file that cannot be read."""
    try:
        with open(path, 'rb') as file:
            return file.read()
    except OSError:
        return None


def new_messages(log):
    while True:
        try:
            record = os.read(log, 8192)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EPIPE:    # the reader was overtaken
                raise
            continue
        line = record.split(b';', 1)[-1].split(b'\n', 1)[0].decode(errors='replace')
        if 'scst' in line:
            yield line


def requests(stream):
    """Pairs of words that end with NUL each."""
    words, rest = [], b''
    while True:
        more = os.read(stream, 65536)
        if not more:
            return
        *whole, rest = (rest + more).split(b'\0')
        words += whole
        while len(words) >= 2:
            yield words.pop(0), words.pop(0).decode()


def main():
    top = sys.argv[1]
    log = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    for text, path in requests(0):
        for _ in new_messages(log):
            pass
        before = names(top), content(path)
        print(put(text.decode(), path, quiet=True))
        print((content(f'{top}/last_sysfs_mgmt_res') or b'').decode().strip())
        print('same' if (names(top), content(path)) == before else 'changed')
        for line in new_messages(log):
            print('', line)
        print('end', flush=True)


main()
