# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# gen_tp_soft_threshold_reached_UA: which virtual disks have it, who is told, how often.
# timeout: 200
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3

cat > "$TESTDIR/t.py" <<'PY'
import sys

import iscsi
from kit import ROOT, must, put

FILE = 'gen_tp_soft_threshold_reached_UA'
REACHED = (6, 0x38, 7)
a, b = (iscsi.Session('127.0.0.1', target=t) for t in sys.argv[1:3])
for s in a, b:
    s.settle(0).settle(1)

must(put('1', ROOT + 'devices/thin/' + FILE) == 0 and put('anything', ROOT + 'devices/thin/' + FILE) == 0, 'written twice')
for s in a, b:
    must(s.test_unit_ready(1).status == 0, 'the other device knows nothing')
    must(s.inquiry(0).status == 0, 'INQUIRY does not tell')
    r = s.read10(0, 0, 1)
    must(r.status == 2 and r.asc == REACHED, 'the next command does: %s' % r)
    must(s.read10(0, 0, 1).status == 0 and s.test_unit_ready().status == 0, 'once')
must(put('', ROOT + 'devices/thin/' + FILE) == 0, 'an empty write does nothing')
must(a.test_unit_ready().status == 0, 'indeed')
must(put('1', ROOT + 'devices/thin/' + FILE) == 0, 'again')
must(a.test_unit_ready().asc == REACHED and b.test_unit_ready().asc == REACHED, 'told again')
for s in a, b:
    s.close()
PY

F=gen_tp_soft_threshold_reached_UA
A=iqn.2026-01.test:a
B=iqn.2026-01.test:b
scst_up
open_fileio thin "$(mkdisk thin 8)" thin_provisioned=1
open_fileio thick "$(mkdisk thick 8)"
open_fileio later "$(mkdisk later 8)" thin_provisioned=1 active=0
open_nullio null size_mb=8

step "thin disks have the file, others don't"
is "$(cd $R/devices && ls -d -- */$F)" "later/$F
thin/$F" "devices with the file"
is "$(stat -c %a $R/devices/thin/$F)" 200 "its mode"

step "told to every session, once"
for t in $A $B; do
	add_target $t
	add_lun $t 0 thin
	add_lun $t 1 thick
	put 1 $ISCSI/$t/aen_disabled
	enable_target $t
done
run python3 "$TESTDIR/t.py" $A $B
