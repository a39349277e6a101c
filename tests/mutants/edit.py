#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reads a mutant: a few "name: value" lines, then edits in the form of a patch without line numbers.

    edit.py MUTANT NAME     prints the value of a line
    edit.py MUTANT          checks that all lines are there
    edit.py MUTANT -a TREE  makes its edits in TREE
    edit.py MUTANT -n TREE  tells whether it could

What an edit takes away must stand in its file exactly once: a mutant that no longer fits is an error.
"""
import os
import sys

NAMES = ('what', 'on', 'test', 'caught')


def die(text):
    sys.exit('does not apply: ' + text)


def read(path):
    """The named lines, and the edits as (file, old, new)."""
    head, edits = {}, []
    for line in open(path).read().split('\n')[:-1]:
        if line.startswith('--- '):
            edits.append((line[4:], [], []))
        elif line == '@@' and edits:
            edits.append((edits[-1][0], [], []))
        elif not edits:
            name, _, value = line.partition(': ')
            head[name] = value
        else:
            for mark, lines in zip('-+', edits[-1][1:]):
                if line[:1] in (mark, ' '):
                    lines.append(line[1:])
    wrong = [n for n in NAMES if not head.get(n)] + [n for n in head if n not in NAMES]
    if wrong or not edits:
        die('%s: %s' % (os.path.basename(path), ', '.join(wrong) or 'no edit'))
    return head, edits


def edit(text, where, old, new):
    old, new = '\n'.join(old) + '\n', '\n'.join(new) + '\n'
    # whole lines only: the text before the first line ends a line as well
    found = ('\n' + text).count('\n' + old)
    if found != 1:
        die('%s: %d times: %s' % (where, found, old.strip()))
    return ('\n' + text).replace('\n' + old, '\n' + new)[1:]


def edited(tree, edits):
    """file -> its text with the defect"""
    texts = {}
    for name, old, new in edits:
        try:
            if name not in texts:
                texts[name] = open(os.path.join(tree, name)).read()
        except FileNotFoundError:
            die('no file ' + name)
        texts[name] = edit(texts[name], name, old, new)
    return texts


def main():
    head, edits = read(sys.argv[1])
    if sys.argv[2:3] in (['-a'], ['-n']):
        for name, text in edited(sys.argv[3], edits).items():
            if sys.argv[2] == '-a':
                with open(os.path.join(sys.argv[3], name), 'w') as f:
                    f.write(text)
    elif sys.argv[2:]:
        print(head[sys.argv[2]])


main()
