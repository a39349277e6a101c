#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What bench/guard says of figures: too high, in bounds, of a kernel without any stored, and of those that did not come."""
import os
import shutil
import subprocess
import tempfile
import unittest

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bench')
REF = 'k 4k-randread-qd32 30.0\nk 256k-read-qd8 200.0\n'
ROW = '{"kernel": "%s", "workload": "%s", "us": %s}\n'


class Guard(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)
        shutil.copy(os.path.join(BENCH, 'guard'), self.dir)
        with open(os.path.join(self.dir, 'guard.ref'), 'w') as f:
            f.write(REF)

    def guard(self, *rows, code=0):
        """(exit code, lines) when bench/run prints these rows and ends with @code"""
        run = os.path.join(self.dir, 'run')
        with open(run, 'w') as f:
            f.write('#!/bin/sh\ncat <<EOF\n%sEOF\nexit %d\n' % (''.join(ROW % r for r in rows), code))
        os.chmod(run, 0o755)
        p = subprocess.run([os.path.join(self.dir, 'guard')], stdout=subprocess.PIPE, universal_newlines=True)
        return p.returncode, p.stdout.splitlines()

    def test_in_bounds(self):
        code, lines = self.guard(('k', '4k-randread-qd32', 31.4), ('k', '256k-read-qd8', 150))
        self.assertEqual(code, 0)
        self.assertEqual([line.split()[:2] for line in lines], [['bench/4k-randread-qd32', 'ok'], ['bench/256k-read-qd8', 'ok']])

    def test_dearer(self):
        code, lines = self.guard(('k', '4k-randread-qd32', 31.6), ('k', '256k-read-qd8', 200))
        self.assertEqual(code, 1)
        self.assertEqual(lines[0].split()[:2], ['bench/4k-randread-qd32', 'FAIL'])

    def test_other_kernel(self):
        code, lines = self.guard(('new', '4k-randread-qd32', 99), ('new', '256k-read-qd8', 999))
        self.assertEqual(code, 0)
        self.assertTrue(all(line.split()[1] == 'skip' for line in lines))

    def test_nothing_measured(self):
        """No figure is no good one."""
        code, lines = self.guard()
        self.assertEqual(code, 1)
        self.assertEqual([line.split()[:2] for line in lines], [['bench/4k-randread-qd32', 'FAIL'], ['bench/256k-read-qd8', 'FAIL']])

    def test_one_missing(self):
        code, lines = self.guard(('k', '4k-randread-qd32', 30))
        self.assertEqual(code, 1)
        self.assertEqual(lines[1].split()[:2], ['bench/256k-read-qd8', 'FAIL'])

    def test_run_fails(self):
        self.assertEqual(self.guard(code=1)[0], 1)


if __name__ == '__main__':
    unittest.main()
