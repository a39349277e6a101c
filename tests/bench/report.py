# SPDX-License-Identifier: GPL-2.0
"""Figures of the benchmark: stores them, prints the table, draws the plot.

    report.py store FOLDER FIGURES   takes the lines of a run over into FOLDER/figures.json
    report.py show FOLDER            prints FOLDER/table.txt after writing it and FOLDER/plot.svg
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TARGETS = ('ours', 'lio', 'nvmet', 'tgt')
BACKENDS = ('fileio', 'blockio', 'nullio')
COLOURS = {'ours': '#1b6ca8', 'lio': '#c8553d', 'nvmet': '#8a9a5b', 'tgt': '#a9a9a9'}


def workloads():
    with open(os.path.join(HERE, 'workloads')) as f:
        return [line.split()[0] for line in f if line.strip() and not line.startswith('#')]


def load(folder):
    try:
        with open(os.path.join(folder, 'figures.json')) as f:
            return json.load(f)
    except FileNotFoundError:
        return []


def key(row):
    return row['target'], row['backend'], row['workload']


def order(row):
    return TARGETS.index(row['target']), BACKENDS.index(row['backend']), workloads().index(row['workload'])


def store(folder, figures):
    rows = {key(r): r for r in load(folder)}
    with open(figures) as f:
        rows.update((key(r), r) for r in map(json.loads, f))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, 'figures.json'), 'w') as f:
        lines = ',\n'.join(json.dumps(r) for r in sorted(rows.values(), key=order))
        f.write('[\n' + lines + '\n]\n')


def ratio(us, backend, name, peer):
    """Ours divided by the peer's, '' when one is missing."""
    ours, theirs = us.get(('ours', backend, name)), us.get((peer, backend, name))
    return '%.2f' % (ours / theirs) if ours and theirs else ''


def table(rows):
    us = {key(r): r['us'] for r in rows}
    kernels = sorted({r['kernel'] for r in rows})
    head = ['', *TARGETS, *('/' + t for t in TARGETS[1:])]
    lines = ['Virtual microseconds (thousands of executed instructions) per I/O, and ours divided by the peer\'s.',
             'Kernel ' + ', '.join(kernels)]
    for backend in BACKENDS:
        if not any(b == backend for _, b, _ in us):
            continue
        lines += ['', backend.ljust(24) + ''.join(h.rjust(9) for h in head[1:])]
        for name in workloads():
            cells = ['%.1f' % us[t, backend, name] if (t, backend, name) in us else '' for t in TARGETS]
            cells += [ratio(us, backend, name, t) for t in TARGETS[1:]]
            lines.append(name.ljust(24) + ''.join(c.rjust(9) for c in cells))
    return '\n'.join(line.rstrip() for line in lines) + '\n'


def bar_group(us, backend, name, y, scale):
    """SVG of one workload: a bar per target."""
    out = ['<text x="8" y="%d" font-weight="bold">%s, %s</text>' % (y, name, backend)]
    for t in TARGETS:
        if (t, backend, name) not in us:
            continue
        y += 15
        width = us[t, backend, name] * scale
        out.append('<text x="60" y="%d" text-anchor="end">%s</text>' % (y, t))
        out.append('<rect x="66" y="%d" width="%.1f" height="11" fill="%s"/>' % (y - 10, width, COLOURS[t]))
        out.append('<text x="%.1f" y="%d">%.1f</text>' % (70 + width, y, us[t, backend, name]))
    return out, y + 24


def plot(rows):
    """Bars of all workloads that a peer was measured with; each group has its own scale, the longest bar fills it."""
    us = {key(r): r['us'] for r in rows}
    body, y = [], 40
    for backend in BACKENDS[:2]:
        for name in workloads():
            have = [v for (_, b, w), v in us.items() if (b, w) == (backend, name)]
            if not have:
                continue
            group, y = bar_group(us, backend, name, y, 500 / max(have))
            body += group
    head = ['<svg xmlns="http://www.w3.org/2000/svg" width="640" height="%d" font-family="sans-serif" font-size="11">' % y,
            '<rect width="100%" height="100%" fill="white"/>',
            '<text x="8" y="18" font-size="13">Virtual microseconds per I/O (thousands of instructions), less is better</text>']
    return '\n'.join(head + body + ['</svg>']) + '\n'


def show(folder):
    rows = load(folder)
    text = table(rows)
    for name, content in (('table.txt', text), ('plot.svg', plot(rows))):
        with open(os.path.join(folder, name), 'w') as f:
            f.write(content)
    print(text, end='')


if sys.argv[1] == 'store':
    store(*sys.argv[2:])
else:
    show(sys.argv[2])
