#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What qemu/judge.sh makes of a test's end and of the messages of the kernel."""
import os
import shutil
import subprocess
import tempfile
import unittest

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'qemu', 'judge.sh')
CALL = 'nproc() { echo 2; }; . "$0"; judge t "$1"'


class Judge(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.dir)
        self.files(tainted='0')

    def files(self, **text):
        for name, content in text.items():
            with open(os.path.join(self.dir, name.replace('_', '.')), 'w') as f:
                f.write(content + '\n')

    def verdict(self, code, *messages, left=''):
        self.files(t_dmesg='\n'.join(messages))
        env = dict(os.environ, OUT=self.dir, TESTDIR=self.dir, LEFT=left, TAINTED=os.path.join(self.dir, 'tainted'))
        return subprocess.run(['bash', '-c', CALL, JUDGE, str(code)], env=env, stdout=subprocess.PIPE, universal_newlines=True,
                              check=True).stdout.splitlines()[0]

    def test_ends(self):
        self.files(why='exit 3: false', skip='no disk')
        self.assertEqual(self.verdict(0), 'ok')
        self.assertEqual(self.verdict(77), 'skip no disk')
        self.assertEqual(self.verdict(1), 'FAIL exit 3: false')
        self.assertEqual(self.verdict(124), 'FAIL timeout')

    def test_messages(self):
        for code in 0, 77:
            self.assertEqual(self.verdict(code, 'warn\tBUG: KASAN: use-after-free'), 'FAIL the kernel reported:')
            self.assertEqual(self.verdict(code, 'err\tscst: device d: lost'), 'FAIL unexpected message:')
            self.assertEqual(self.verdict(code, 'info\tscst: device d created'), 'FAIL not destroyed:')
            self.assertEqual(self.verdict(code, left='module scst is still loaded'), 'FAIL left behind:')
        self.assertEqual(self.verdict(0, 'info\tscst: device d created', 'info\tscst: device d destroyed'), 'ok')

    def test_expected(self):
        self.files(expected='device d: lost', allowed='device d: lost', skip='no disk')
        self.assertEqual(self.verdict(0, 'err\tscst: device d: lost'), 'ok')
        self.assertEqual(self.verdict(0), 'FAIL message not seen:')
        self.assertEqual(self.verdict(77), 'skip no disk')


if __name__ == '__main__':
    unittest.main()
