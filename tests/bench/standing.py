# SPDX-License-Identifier: GPL-2.0
"""In the guest: one workload on one disk, alone and with idle connections standing at the portal.

    standing.py DISK BACKEND WORKLOAD

The connections say nothing, then half the header of a login. A line of JSON each, as load.py has it, with what stands as "beside".
"""
import json
import os
import subprocess
import sys
import time

import load

NUMBER = 10000
HALF = 24
IDLE = ('python3', '/job/tests/raw/idle.py', str(NUMBER))
SYSCTL = {'net/ipv4/ip_local_port_range': '1024 65000', 'net/core/somaxconn': '4096'}


def figure(row, disk, beside, opened, still_open):
    side = load.run(disk, row['workload'])
    row.update(beside=beside, opened=opened, open=still_open, ios=side['total_ios'], runtime_ms=side['runtime'],
               us=round(1000 * side['runtime'] / side['total_ios'], 2))
    with open(load.OUT, 'a') as f:
        f.write(json.dumps(row) + '\n')
    print(json.dumps(row), flush=True)


def standing(row, disk, beside, *more):
    idle = subprocess.Popen(IDLE + more, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    words = idle.stdout.readline().split()
    if int(words[0]) < NUMBER * 9 // 10:
        sys.exit('only %s of %d connections could be opened' % (words[0], NUMBER))
    time.sleep(1)                       # what the daemon has yet to accept, and to close
    figure(row, disk, beside, int(words[0]), int(words[4]))
    idle.stdin.close()
    idle.wait()
    time.sleep(2)


def main():
    disk, backend, name = sys.argv[1:]
    for key, value in SYSCTL.items():
        with open('/proc/sys/' + key, 'w') as f:
            f.write(value)
    row = {'target': os.environ['TARGET'], 'backend': backend, 'workload': name, 'kernel': os.uname().release}
    figure(row, disk, 'nothing', 0, 0)
    standing(row, disk, 'silent')
    standing(row, disk, 'half a header', str(HALF))
    figure(row, disk, 'nothing again', 0, 0)


main()
