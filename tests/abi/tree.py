#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints a sysfs tree, one line per entry, or compares it with a stored one.

    tree.py ROOT            prints
    tree.py ROOT EXPECTED   compares; exit 1 and a line per difference

D PATH, L PATH -> TARGET, or MODE PATH BYTES (escaped). Of management files only
the lines that tools parse are shown, after "~". In EXPECTED the bytes may be
"*": whatever is read there; lines that begin with "#" are comments.
"""
import os
import stat
import sys


def text_of(path):
    if not os.stat(path).st_mode & 0o400:
        return ''
    try:
        with open(path, 'rb') as f:
            text = f.read().decode('latin1')
    except OSError as error:
        return '!' + os.strerror(error.errno)
    if os.path.basename(path) == 'mgmt':
        lines = [l for l in text.split('\n') if l.startswith('The following ')]
        return '~' + '\\n'.join(lines)
    return text.replace('\n', '\\n').replace('\t', '\\t')


def entries(root):
    for folder, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(folder, name)
            shown = path[len(root):]
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                yield shown, 'L', '-> ' + os.readlink(path)
            elif stat.S_ISDIR(mode):
                yield shown, 'D', ''
            else:
                yield shown, '%o' % (mode & 0o777), text_of(path)


def stored(name):
    with open(name) as f:
        for line in f:
            line = line.rstrip('\n')
            if line and not line.startswith('#'):
                kind, path, *text = line.split(None, 1)[:1] + line.split(None, 1)[1].split(' ', 1)
                yield path, kind, text[0] if text else ''


def main():
    root = sys.argv[1].rstrip('/')
    tree = {path: (kind, text) for path, kind, text in entries(root)}
    if len(sys.argv) == 2:
        for path in sorted(tree, key=lambda p: (p.count('/'), p)):
            print('%-4s %s %s' % (tree[path][0], path, tree[path][1]))
        return 0
    wanted = {path: (kind, text) for path, kind, text in stored(sys.argv[2])}
    bad = 0
    for path in sorted(set(tree) | set(wanted)):
        got, want = tree.get(path), wanted.get(path)
        if got and want and got[0] == want[0] and want[1].strip() in ('*', got[1].strip()):
            continue
        bad += 1
        print('%s\n    got    %s\n    wanted %s' % (path, got or 'nothing', want or 'nothing'))
    print('%d entries, %d differences' % (len(tree), bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
