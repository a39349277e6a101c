# SPDX-License-Identifier: GPL-2.0
"""Instructions by function, targets side by side.

    profile.py [-n LINES] FOLDER...

Each FOLDER is what one target's machine left: window.json, kallsyms, counts.
"""
import bisect
import collections
import json
import os
import sys


def symbols(path):
    """Sorted addresses and (name, module) of all functions."""
    rows = []
    with open(path) as f:
        for line in f:
            part = line.split()
            if part[1] in 'tTwW':
                rows.append((int(part[0], 16), part[2], part[3].strip('[]') if len(part) > 3 else 'kernel'))
    rows.sort()
    return [r[0] for r in rows], rows


def profile(folder):
    """{(module, function): (instructions, calls) per I/O}, and what window.json says."""
    with open(os.path.join(folder, 'window.json')) as f:
        window = json.load(f)
    addresses, rows = symbols(os.path.join(folder, 'kallsyms'))
    sums = collections.defaultdict(lambda: [0, 0])
    with open(os.path.join(folder, 'counts')) as f:
        for line in f:
            address, insns, entries = line.split()
            address = int(address, 16)
            i = bisect.bisect_right(addresses, address) - 1
            start, name, module = (address, 'user space', '') if not address else rows[i]
            entry = sums[module, name]
            entry[0] += int(insns)
            entry[1] += int(entries) if start == address and address else 0
    return {k: (n / window['ios'], c / window['ios']) for k, (n, c) in sums.items()}, window


def print_rows(title, names, rows, width):
    print('\n%s%s' % (title.ljust(width), ''.join(n.rjust(18) for n in names)))
    for label, cells in rows:
        print((label.ljust(width) + ''.join(cells)).rstrip())


def main():
    args = sys.argv[1:]
    lines = 60
    if args[0] == '-n':
        lines = int(args[1])
        args = args[2:]
    got = [profile(folder) for folder in args]
    names = [w['target'] for _, w in got]
    print('Instructions per I/O (and calls per I/O): %s on %s, kernel %s, %s I/Os'
          % (got[0][1]['workload'], got[0][1]['backend'], got[0][1]['kernel'], ', '.join(str(w['ios']) for _, w in got)))

    modules = collections.defaultdict(lambda: [0] * len(got))
    for i, (p, _) in enumerate(got):
        for (module, _), (n, _) in p.items():
            modules[module or 'user space'][i] += n
            modules['all'][i] += n
    rows = sorted(modules.items(), key=lambda r: -max(r[1]))
    print_rows('module', names, [(m, [('%.0f' % v).rjust(18) for v in vs])
                                 for m, vs in rows if max(vs) >= 1], 44)

    keys = sorted({k for p, _ in got for k in p}, key=lambda k: -max(p.get(k, (0, 0))[0] for p, _ in got))
    rows = []
    for k in keys[:lines]:
        cells = [('%.0f (%.2f)' % p[k]).rjust(18) if k in p else ''.rjust(18) for p, _ in got]
        rows.append(((k[0] + ' ' if k[0] else '') + k[1], cells))
    print_rows('module function', names, rows, 44)


main()
