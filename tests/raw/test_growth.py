#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What growth.py calls growth: a leak is, noise, one peak, a pool that fills early and a short run are not."""
import os
import random
import tempfile
import unittest

import growth


def series(value, seconds=3600, every=10):
    """(times, values) of a function of time, noise of its own included"""
    times = [float(t) for t in range(0, seconds + 1, every)]
    return times, [float(value(t)) for t in times]


class Growth(unittest.TestCase):
    def setUp(self):
        self.noise = random.Random(1)

    def grows(self, name, value, **how):
        times, values = series(value, **how)
        return growth.verdict(times, values, name)[3]

    def test_leak(self):
        """16 KiB a second: 28 MiB in the second half of an hour"""
        self.assertTrue(self.grows('SUnreclaim', lambda t: 90000 + 16 * t + self.noise.uniform(-2000, 2000)))

    def test_one_thread_a_minute(self):
        self.assertTrue(self.grows('our_threads', lambda t: 12 + t // 60))

    def test_memory_goes(self):
        self.assertTrue(self.grows('MemAvailable', lambda t: 1500000 - 40 * t))

    def test_memory_comes_back(self):
        self.assertFalse(self.grows('MemAvailable', lambda t: 1500000 + 40 * t))

    def test_noise(self):
        self.assertFalse(self.grows('SUnreclaim', lambda t: 90000 + self.noise.uniform(-30000, 30000)))

    def test_peak_at_the_end(self):
        self.assertFalse(self.grows('tcp_sockets', lambda t: 400 if t > 3500 else 20))

    def test_fills_early(self):
        self.assertFalse(self.grows('Slab', lambda t: min(90000 + 100 * t, 200000)))

    def test_below_the_bound(self):
        self.assertFalse(self.grows('SUnreclaim', lambda t: 90000 + 5 * t))

    def test_short_run(self):
        self.assertFalse(self.grows('our_threads', lambda t: 12 + t, seconds=300, every=2))

    def test_files(self):
        """From samples to verdict and plot"""
        with tempfile.TemporaryDirectory() as d:
            for leak, code in ((0, 0), (20, 1)):
                with open(d + '/samples', 'w') as f:
                    f.write('seconds ' + ' '.join(growth.BOUNDS) + '\n')
                    for t in range(0, 3600, 10):
                        f.write('%d ' % t + ' '.join(str(1000 + leak * t) for _ in growth.BOUNDS) + '\n')
                    f.write('3600 1')       # the last line may be cut
                self.assertEqual(growth.judge(d + '/samples', d + '/svg'), code)
                self.assertGreater(os.path.getsize(d + '/svg'), 1000)

    def test_sample(self):
        found = dict(zip(growth.BOUNDS, growth.sample()))
        for name in ('MemAvailable', 'Slab', 'threads', 'sockets'):
            self.assertGreater(found[name], 0, name)


if __name__ == '__main__':
    unittest.main()
