#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints kmemleak's reports, with the names of functions whose module is gone.

    kmemleak.py REPORTS SYMBOLS STOCK

SYMBOLS holds lines of /proc/kallsyms, gathered each time a module was loaded. Exit code 0: all
reports are known leaks of the stock kernel.
"""
import bisect
import re
import sys

OURS = ('scst', 'scst_vdisk', 'scst_disk', 'iscsi_scst')


def read_symbols(path):
    found = set()
    try:
        for line in open(path):
            words = line.split()
            if len(words) == 4:
                found.add((int(words[0], 16), words[2], words[3].strip('[]')))
    except FileNotFoundError:
        pass
    return sorted(found)


def read_stock(path):
    return [line.split()[0] for line in open(path) if line.strip() and not line.startswith('#')]


def name_of(symbols, address):
    """The nearest symbols below: of several modules when one came where another was."""
    at = bisect.bisect_right(symbols, (address, '\x7f', '')) - 1
    names = {}
    while at >= 0 and address - symbols[at][0] < 0x10000:
        start, name, module = symbols[at]
        names.setdefault(module, '%s+%#x [%s]' % (name, address - start, module))
        at -= 1
    return ' or '.join(names.values())


def resolve(report, symbols):
    """The report with names; whether it is ours: an address that nobody knows may be."""
    lines, ours = [], False
    for line in report.splitlines():
        # 6.1 puts a hashed address in front
        frame = re.match(r'\s+(?:\[<[0-9a-f]+>\] )?(0x[0-9a-f]+)$', line)
        if frame:
            name = name_of(symbols, int(frame[1], 16))
            line = '    ' + (name or frame[1])
            ours = ours or not name
        ours = ours or any('[%s]' % m in line for m in OURS)
        lines.append(line)
    return '\n'.join(lines), ours


def main():
    symbols, stock = read_symbols(sys.argv[2]), read_stock(sys.argv[3])
    bad = 0
    for report in re.split(r'(?m)^(?=unreferenced object)', open(sys.argv[1]).read()):
        if not report.startswith('unreferenced'):
            continue
        text, ours = resolve(report, symbols)
        if not ours and any(re.search(r'\b%s\+' % re.escape(f), text) for f in stock):
            print('stock kernel:', text.splitlines()[0])
            continue
        bad += 1
        print(text)
    return bad > 0


sys.exit(main())
