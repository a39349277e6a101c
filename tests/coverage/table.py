#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Percent of lines that a coverage build has executed.

    table.py TOP BUILD FOLDER...    TOP: the tree, BUILD: where .gcno and .gcda files are

A source that several programs hold counts once: a line is executed when any of them did. One that no program holds is
compiled here, so that its lines count as never executed.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile


def gcov(notes):
    """Parsed reports of note or data files."""
    with tempfile.TemporaryDirectory() as d:
        out = subprocess.run(['gcov', '--json-format', '--stdout'] + notes, cwd=d, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.strip()]


def add(lines, reports, top):
    """lines: {source: {number: executed}}"""
    for report in reports:
        for f in report['files']:
            path = os.path.realpath(os.path.join(report['current_working_directory'], f['file']))
            seen = lines.setdefault(os.path.relpath(path, top), {})
            for line in f['lines']:
                seen[line['line_number']] = seen.get(line['line_number'], False) or line['count'] > 0


def compiled(source, top, folders):
    """Report on a source that no program holds."""
    includes = ['-I' + os.path.join(top, f) for f in ['include', *folders]]
    with tempfile.TemporaryDirectory() as d:
        obj = os.path.join(d, 'x.o')
        subprocess.run(['gcc', '--coverage', '-std=gnu11', '-D_GNU_SOURCE', '-w', *includes, '-I/usr/include/libnl3',
                        '-c', '-o', obj, source], cwd=top, check=True)
        return gcov([os.path.join(d, 'x.gcno')])


def measure(top, build, folders):
    lines = {}
    notes = glob.glob(build + '/**/*.gcno', recursive=True)
    for i in range(0, len(notes), 50):
        add(lines, gcov(notes[i:i + 50]), top)
    for folder in folders:
        for source in glob.glob(os.path.join(top, folder, '*.c')):
            if os.path.relpath(source, top) not in lines:
                add(lines, compiled(source, top, folders), top)
    return lines


def row(name, executed, total):
    return '%-44s %6d %6d %7.1f %%' % (name, executed, total, 100 * executed / total if total else 100)


def main():
    if len(sys.argv) < 4:
        print(__doc__.split('\n\n')[1], file=sys.stderr)
        return 2
    top, build, folders = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2]), sys.argv[3:]
    lines = measure(top, build, folders)
    files = sorted((sum(l.values()) / max(len(l), 1), name, sum(l.values()), len(l))
                   for name, l in lines.items() if os.path.dirname(name) in folders and name.endswith('.c'))
    print('%-44s %6s %6s' % ('least covered first', 'run', 'lines'))
    for _, name, executed, total in files:
        print(row(name, executed, total))
    print()
    for folder in folders:
        of = [f for f in files if os.path.dirname(f[1]) == folder]
        print(row('total of ' + folder, sum(f[2] for f in of), sum(f[3] for f in of)))
    return 0 if files else 1


if __name__ == '__main__':
    sys.exit(main())
