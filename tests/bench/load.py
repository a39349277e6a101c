# SPDX-License-Identifier: GPL-2.0
"""In the guest: one workload on one disk by fio, its figures as a line of JSON.

    load.py DISK BACKEND WORKLOAD

The clock of the machine counts instructions, so microseconds per I/O are thousands of instructions per I/O.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = '/job/out/figures'
RAMP_MS = 150
RUN_MS = {'4k': 700, '256k': 1200}


def workload(name):
    with open(os.path.join(HERE, 'workloads')) as f:
        for line in f:
            row = line.split()
            if row and row[0] == name:
                return row[1:]
    sys.exit('no such workload: ' + name)


def fio_command(disk, name, ramp=RAMP_MS, run=0):
    rw, block, depth, _ = workload(name)
    return ['fio', '--name=' + name, '--filename=' + disk, '--direct=1', '--ioengine=io_uring', '--norandommap',
            '--rw=' + rw, '--bs=' + block, '--iodepth=' + depth, '--time_based', '--ramp_time=%dms' % ramp,
            '--runtime=%dms' % (run or RUN_MS[block]), '--output-format=json']


def run(disk, name):
    """What fio says of the side that it works on."""
    out = subprocess.run(fio_command(disk, name), check=True, stdout=subprocess.PIPE).stdout.decode()
    job = json.loads(out[out.index('{'):])['jobs'][0]
    side = job['write' if 'write' in name else 'read']
    if job['error'] or not side['total_ios']:
        sys.exit('fio failed: ' + out)
    return side


def main():
    disk, backend, name = sys.argv[1:]
    side = run(disk, name)
    row = {'target': os.environ['TARGET'], 'backend': backend, 'workload': name, 'kernel': os.uname().release,
           'ios': side['total_ios'], 'runtime_ms': side['runtime'],
           'us': round(1000 * side['runtime'] / side['total_ios'], 2)}
    with open(OUT, 'a') as f:
        f.write(json.dumps(row) + '\n')
    print(json.dumps(row))


if __name__ == '__main__':
    main()
