# SPDX-License-Identifier: GPL-2.0
"""Allocations that fail on purpose: the Nth of this thread's system call, or the Nth of ours in whatever context.

Needs a kernel with FAULT_INJECTION. Each path is walked again and again, one allocation later each time, until it runs clean.
"""
import errno
import os
import re

from kit import must

DEBUGFS = '/sys/kernel/debug/'
REFUSED = (errno.ENOMEM, errno.EFAULT, errno.ENOBUFS)
OURS = 'scst_alloc_pages', 'scst_alloc_mem'
LIMIT = 5000            # no path is as long
counts = {}             # path -> injected failures


def setting(facility, **values):
    for name, value in values.items():
        with open('%s%s/%s' % (DEBUGFS, facility, name.replace('_', '-')), 'w') as f:
            f.write(str(value))


def set_up():
    """fail-nth counts every allocation, whatever it may wait for and however small it is; nobody prints stacks."""
    for facility in os.listdir(DEBUGFS):
        if facility.startswith('fail') and os.path.exists(DEBUGFS + facility + '/verbose'):
            setting(facility, verbose=0, probability=0)
    setting('failslab', ignore_gfp_wait='N', cache_filter='N')
    setting('fail_page_alloc', ignore_gfp_wait='N', min_order=0)
    for name in ('',) + OURS:
        inject(name)


def inject(name):
    """One more function fails; none when there is no name."""
    with open(DEBUGFS + 'fail_function/inject', 'w') as f:
        f.write(name + '\n')


def tear_down():
    inject('')


class Caller:
    """The Nth allocation of what this thread asks the kernel for."""

    def __init__(self):
        self.fd = os.open('/proc/thread-self/fail-nth', os.O_RDWR)

    def off(self):
        try:
            os.pwrite(self.fd, b'0', 0)
        except OSError:         # the copy of this very byte was the one
            pass

    def call(self, nth, fn, *args):
        """Result of fn(*args), and whether something failed on purpose. A failure outside of fn counts as none."""
        text = b'%d' % nth
        os.pwrite(self.fd, text, 0)
        try:
            result = fn(*args)
        finally:
            try:
                hit = os.pread(self.fd, 16, 0).strip(b'\n\0') == b'0'
            except OSError:     # it would have been the next one: the copy of this answer
                hit = False
            self.off()
        return result, hit


class Anyone:
    """The Nth call of our allocation functions, and as many after it, in any context."""

    @staticmethod
    def arm(nth, burst=1):
        setting('fail_function', times=0)
        setting('fail_function', space=nth, interval=1, probability=100)
        setting('fail_function', times=burst)

    @staticmethod
    def disarm():
        """How many have failed is what is missing from the burst: True when none is left or some are gone."""
        with open(DEBUGFS + 'fail_function/times') as f:
            left = int(f.read())
        setting('fail_function', times=0, probability=0)
        return left

    def call(self, nth, fn, *args, burst=1):
        self.arm(nth, burst)
        try:
            result = fn(*args)
        finally:
            left = self.disarm()
        return result, left < burst


def tree(*roots):
    """What directories hold, links by where they point; numbers that go up for ever, and a session's latency, are left out."""
    found = []
    for root in roots:
        try:
            walk(root, found)
        except OSError:
            found.append('no ' + root)
    return sorted(found)


def walk(folder, found):
    with os.scandir(folder) as entries:
        for e in entries:
            full = e.path
            if e.is_symlink():
                try:
                    full += ' -> ' + os.readlink(full)
                except OSError:     # it is just going
                    pass
            full = re.sub(r'(copy_manager.*/(?:lun|luns/))\d+', r'\1N', full)
            found.append(re.sub(r'export\d+', 'export', full))
            if e.is_dir(follow_symlinks=False) and e.name != 'latency':
                try:
                    walk(e.path, found)
                except OSError:
                    pass


def write(fd, text):
    """0 or errno."""
    try:
        os.write(fd, text)
        return 0
    except OSError as e:
        return e.errno


def difference(a, b):
    return 'missing %s, surplus %s' % ([x for x in a if x not in b][:5], [x for x in b if x not in a][:5])


def nothing(*args):
    return False


def walk_write(name, path, text, state, undo, works=nothing, unharmed=nothing, tolerate=nothing):
    """One write that changes state(), a list; undo() takes it back. A failure leaves all as it was, and it works then.

    works() is called with the change in force, unharmed() after a failure, tolerate(wanted, got) when the write succeeded
    although something failed in it and its result is not the usual one.
    """
    caller, fd, data = Caller(), os.open(path, os.O_WRONLY), text.encode()
    before = state()
    must_quietly(write(fd, data) == 0, '%s: %s' % (name, text))
    works()
    after = state()
    must_quietly(before != after, '%s: it changes nothing' % name)
    undo()
    must_quietly(state() == before, '%s: undone: %s' % (name, difference(before, state())))
    injected = 0
    for nth in range(1, LIMIT):
        error, hit = caller.call(nth, write, fd, data)
        now = state()
        if error:
            must_quietly(hit and error in REFUSED, '%s: failure %d: error %d' % (name, nth, error))
            must_quietly(now == before, '%s: failure %d left traces: %s' % (name, nth, difference(before, now)))
            unharmed()
            error = write(fd, data)
            must_quietly(not error, '%s: after failure %d: error %d' % (name, nth, error))
            now = state()
        if now != after and not (hit and tolerate(after, now)):
            must(False, '%s: after failure %d: %s' % (name, nth, difference(after, now)))
        works()
        undo()
        must_quietly(state() == before, '%s: undone after failure %d: %s' % (name, nth, difference(before, state())))
        if not hit:
            break
        injected += 1
    os.close(fd)
    report(name, injected)


def must_quietly(cond, what):
    if not cond:
        must(cond, what)


def report(name, injected):
    counts[name] = counts.get(name, 0) + injected
    must(True, '%-44s %5d failures' % (name, injected))


def summary():
    print('injected failures per path:')
    for name, n in counts.items():
        print('  %-46s %5d' % (name, n))
    print('  %-46s %5d' % ('all', sum(counts.values())))
