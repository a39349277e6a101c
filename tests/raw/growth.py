#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Watches what a long run uses, and says whether it grows.

    growth.py sample FILE SECONDS   one line of figures each so many seconds, until killed
    growth.py judge FILE SVG        a table, a plot, and exit 1 when something grows

What counts is the second half of the run: caches fill and pools settle in the first. A straight line is laid through it by
least squares, and its rise from the middle of the run to its end is what has grown (memory that is available: shrunk). It is
a leak when the rise is above the bound of that figure, which is what a busy machine wanders by itself, and above three times
the scatter around the line, so that one late peak is not taken for a slope. A run whose second half is shorter than five
minutes is shown, not judged.
"""
import os
import re
import sys
import time

# name -> (unit, bound of the rise over the second half, sign: -1 when less is worse)
BOUNDS = {
    'MemAvailable': ('KiB', 48 << 10, -1),
    'Slab': ('KiB', 24 << 10, 1),
    'SUnreclaim': ('KiB', 12 << 10, 1),
    'KernelStack': ('KiB', 1 << 10, 1),
    'Percpu': ('KiB', 2 << 10, 1),
    'kmalloc': ('KiB', 8 << 10, 1),             # objects in use of all general caches
    'kernfs_nodes': ('objects', 2000, 1),
    'our_caches': ('objects', 500, 1),          # of slab caches with our names, if there are any
    'our_threads': ('threads', 8, 1),
    'threads': ('threads', 32, 1),
    'sockets': ('sockets', 32, 1),
    'tcp_sockets': ('sockets', 32, 1),
    'tcp_memory': ('KiB', 4 << 10, 1),
    'daemon_processes': ('processes', 8, 1),
    'daemon_fds': ('files', 8, 1),
}
JUDGED_SECONDS = 300
OURS = re.compile(r'(k?worker/.*)?(scst|iscst|iscsi-scst|iscsi_scst|vdisk)')


# --- sampling ---------------------------------------------------------------------

def lines(path):
    try:
        with open(path) as f:
            return f.read().splitlines()
    except OSError:
        return []


def meminfo():
    return {l.split(':')[0]: int(l.split()[1]) for l in lines('/proc/meminfo')}


def slabs():
    """(kmalloc KiB in use, kernfs nodes, objects of our caches)"""
    kmalloc = kernfs = ours = 0
    for l in lines('/proc/slabinfo')[2:]:
        name, active, _, size = l.split()[:4]
        if name.startswith('kmalloc'):
            kmalloc += int(active) * int(size)
        elif name == 'kernfs_node_cache':
            kernfs = int(active)
        elif OURS.match(name):
            ours += int(active)
    return kmalloc >> 10, kernfs, ours


def tasks():
    """(all threads, ours, processes of the daemon, open files of its first)"""
    total = ours = 0
    daemons = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        comm = (lines('/proc/%s/comm' % pid) or [''])[0]
        try:
            n = len(os.listdir('/proc/%s/task' % pid))
        except OSError:
            continue
        total += n
        if comm == 'iscsi-scstd':
            daemons.append(int(pid))
        elif OURS.match(comm):
            ours += n
    try:
        fds = len(os.listdir('/proc/%d/fd' % min(daemons))) if daemons else 0
    except OSError:
        fds = 0
    return total, ours, len(daemons), fds


def sockstat():
    """(sockets, TCP sockets, KiB of TCP buffers)"""
    words = ' '.join(lines('/proc/net/sockstat')).split()
    tcp = words.index('TCP:')
    return int(words[words.index('used') + 1]), int(words[words.index('alloc', tcp) + 1]), \
        int(words[words.index('mem', tcp) + 1]) * (os.sysconf('SC_PAGESIZE') >> 10)


def sample():
    mem = meminfo()
    kmalloc, kernfs, ours = slabs()
    threads, our_threads, daemons, fds = tasks()
    sockets, tcp, tcp_memory = sockstat()
    found = {'kmalloc': kmalloc, 'kernfs_nodes': kernfs, 'our_caches': ours, 'threads': threads, 'our_threads': our_threads,
             'daemon_processes': daemons, 'daemon_fds': fds, 'sockets': sockets, 'tcp_sockets': tcp, 'tcp_memory': tcp_memory}
    return [found[n] if n in found else mem.get(n, 0) for n in BOUNDS]


def let_go():
    """Unused dentries hold the nodes of sysfs files that are gone: each login of open-iscsi has new names."""
    with open('/proc/sys/vm/drop_caches', 'w') as f:
        f.write('2')


def sample_on(path, seconds):
    start = time.monotonic()
    with open(path, 'a', buffering=1) as f:
        f.write('seconds ' + ' '.join(BOUNDS) + '\n')
        while True:
            let_go()
            f.write('%.1f ' % (time.monotonic() - start) + ' '.join(map(str, sample())) + '\n')
            time.sleep(seconds)


# --- judging ----------------------------------------------------------------------

def load(path):
    """(times, {name: values})"""
    rows = [l.split() for l in lines(path)]
    names, rows = rows[0], [list(map(float, r)) for r in rows[1:] if len(r) == len(rows[0])]
    columns = list(zip(*rows))
    return columns[0], dict(zip(names[1:], columns[1:]))


def fit(x, y):
    """Least squares: (slope, value at x[0], scatter around the line)"""
    n, mx, my = len(x), sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mx) ** 2 for a in x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / spread if spread else 0
    scatter = (sum((b - my - slope * (a - mx)) ** 2 for a, b in zip(x, y)) / n) ** .5
    return slope, my + slope * (x[0] - mx), scatter


def second_half(times):
    middle = (times[0] + times[-1]) / 2
    return next(i for i, t in enumerate(times) if t >= middle)


def verdict(times, values, name):
    """(slope per hour, rise, scatter, grows)"""
    i = second_half(times)
    x, y = times[i:], values[i:]
    slope, _, scatter = fit(x, y)
    rise = slope * (x[-1] - x[0])
    _, bound, sign = BOUNDS[name]
    grows = rise * sign > bound and rise * sign > 3 * scatter and x[-1] - x[0] >= JUDGED_SECONDS
    return slope * 3600, rise, scatter, grows


def table(times, columns):
    """Lines of the summary, and names of what grows."""
    out, bad = ['%-17s %10s %10s %10s %12s %10s %8s' % ('', 'first', 'last', 'most', 'per hour', 'rise', 'bound')], []
    for name, values in columns.items():
        slope, rise, _, grows = verdict(times, values, name)
        unit, bound, sign = BOUNDS[name]
        out.append('%-17s %10d %10d %10d %+12.1f %+10.1f %8d %s%s' % (
            name, values[0], values[-1], max(values), slope, rise, bound * sign, unit, '  GROWS' if grows else ''))
        if grows:
            bad.append(name)
    if times[-1] - times[second_half(times)] < JUDGED_SECONDS:
        out.append('not judged: the second half is shorter than %d seconds' % JUDGED_SECONDS)
    return out, bad


# --- plotting ---------------------------------------------------------------------

WIDTH, HEIGHT, GAP = 300, 110, 46


def panel(times, values, name, x0, y0, bad):
    low, high = min(values), max(values)
    span_t, span_v = times[-1] - times[0] or 1, high - low or 1

    def at(t, v):
        return '%.1f,%.1f' % (x0 + (t - times[0]) / span_t * WIDTH, y0 + HEIGHT - (v - low) / span_v * HEIGHT)
    i = second_half(times)
    slope, first, _ = fit(times[i:], values[i:])
    line = at(times[i], first), at(times[-1], first + slope * (times[-1] - times[i]))
    return '\n'.join((
        '<text x="%d" y="%d">%s (%s): %g to %g</text>' % (x0, y0 - 6, name, BOUNDS[name][0], low, high),
        '<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#bbb"/>' % (x0, y0, WIDTH, HEIGHT),
        '<polyline fill="none" stroke="#247" points="%s"/>' % ' '.join(at(t, v) for t, v in zip(times, values)),
        '<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>' % ('#d22' if bad else '#2a2', ' '.join(line))))


def plot(times, columns, bad):
    across = 3
    rows = -(-len(columns) // across)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">' % (
        across * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP), '<rect width="100%" height="100%" fill="#fff"/>']
    for n, (name, values) in enumerate(columns.items()):
        parts.append(panel(times, values, name, GAP + n % across * (WIDTH + GAP), GAP + n // across * (HEIGHT + GAP), name in bad))
    parts.append('<text x="%d" y="%d">%.0f seconds; thick: fit over the second half</text></svg>' % (
        GAP, rows * (HEIGHT + GAP) + GAP - 10, times[-1] - times[0]))
    return '\n'.join(parts) + '\n'


def judge(path, svg):
    times, columns = load(path)
    out, bad = table(times, columns)
    with open(svg, 'w') as f:
        f.write(plot(times, columns, bad))
    print('\n'.join(out))
    return 1 if bad else 0


def main():
    if len(sys.argv) == 4 and sys.argv[1] == 'sample':
        sample_on(sys.argv[2], float(sys.argv[3]))
    elif len(sys.argv) == 4 and sys.argv[1] == 'judge':
        return judge(sys.argv[2], sys.argv[3])
    print(__doc__.split('\n\n')[1], file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main())
