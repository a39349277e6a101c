# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# /etc/initiators.deny and initiators.allow: whom they keep out, by address, of discovery and of a target, read anew at each
# login; sessions that run are left alone. What their lines may look like is in unit/iscsi_login.
# timeout: 300
# check: 6.1
. /job/tests/qemu/lib.sh
requires python3
A=iqn.2026-01.test:hosts-a
B=iqn.2026-01.test:hosts-b
DENY=/etc/initiators.deny ALLOW=/etc/initiators.allow

# of HOST: what discovery shows to that address, and what becomes of a login to each: "a b" are in, "-" means 0x0203
cat > "$TESTDIR/of.py" << 'PY'
import sys
import iscsi
A, B, host = sys.argv[1:]
to = '::1' if ':' in host else '127.0.0.1'


def session(**how):
    return iscsi.Session(to, source=(host, 0), initiator='iqn.2026-01.test:hosts', timeout=60, **how)


with session(discovery=True) as s:
    listed = ' '.join(t[-1] for t in sorted(s.send_targets()))
found = []
for t in A, B:
    try:
        with session(target=t) as s:
            s.settle()
            s.logout()
        found.append(t[-1])
    except iscsi.LoginError as e:
        if e.status != 0x0203:
            raise
if listed != ' '.join(found):
    sys.exit('%s is told of "%s", and may use "%s"' % (host, listed, ' '.join(found)))
print(listed or '-')
PY
of()
{
	local got

	got=$(python3 "$TESTDIR/of.py" $A $B "$1") || fail "as $1"
	is "$got" "$2" "targets for $1, $3"
}

scst_up
open_nullio null size_mb=8
for t in $A $B; do
	add_target $t
	add_lun $t 0 null
	enable_target $t
done
rm -f $DENY $ALLOW
of 127.0.0.2 "a b" "without the files"
of ::1 "a b" "without the files"

step "a session, and then its address is denied"
python3 -c "
import os, time, iscsi
s = iscsi.Session('127.0.0.1', target='$A', source=('127.0.0.2', 0), initiator='iqn.2026-01.test:stays').settle()
print('in', flush=True)
while not os.path.exists('$TESTDIR/end'):
    assert s.test_unit_ready().status == 0	# and the target's pings are answered
    time.sleep(1)
assert s.logout() == 0
" > "$TESTDIR/stays" &
STAYS=$!
wait_for 60 grep -q in "$TESTDIR/stays" || fail "no session"
printf '%s 127.0.0.2, 127.0.1.0/24\n' $A > $DENY
of 127.0.0.2 b "one address denied for one target"
of 127.0.0.3 "a b" "another one is"
of 127.0.1.200 b "a network denied"
of 127.0.2.1 "a b" "beyond the network"
of ::1 "a b" "of the other family"

step "ALL, and who is allowed all the same"
printf '%s 127.0.0.2\nALL ALL\n' $A > $DENY
of 127.0.0.2 - "denied twice"
of 127.0.0.3 a "only the first line for a target counts"
printf 'ALL ALL\n' > $DENY
of 127.0.0.3 - "ALL ALL"
of ::1 - "ALL ALL"
printf '%s 127.0.0.3,[::1]\n%s 127.0.0.0/30\n' $A $B > $ALLOW
of 127.0.0.3 "a b" "allowed"
of ::1 a "allowed for one"
of 127.0.0.2 b "allowed for the other"
of 127.0.0.4 - "not allowed"
iscsi-inq "iscsi://127.0.0.1/$A/0" && fail "127.0.0.1 is not allowed for $A"
run iscsi-inq "iscsi://127.0.0.1/$B/0"
wait_for 20 grep -q "login of iqn.2026-01.test:hosts from 127.0.0.4:.* 0x0203" /job/out/syslog || fail "the log does not tell of 127.0.0.4"

step "a file that makes no sense opens no door"
printf 'ALL 127.0.0.256\n' > $DENY
of 127.0.0.4 - "a bad address in the file"
rm $DENY
mkdir $DENY
of 127.0.0.4 - "no file but a folder"
of 127.0.0.3 "a b" "allowed all the same"
rmdir $DENY
of 127.0.0.4 "a b" "without the file"

step "a discovery session outlives no change of the files: a new one sees them"
python3 - $A $B << 'PY' || fail "a discovery session"
import os
import sys
import iscsi


def session():
    return iscsi.Session('127.0.0.1', discovery=True, source=('127.0.0.4', 0), initiator='iqn.2026-01.test:hosts', timeout=60)


def replaced(text):
    with open('/etc/initiators.new', 'w', encoding='ascii') as f:
        f.write(text)
    os.rename('/etc/initiators.new', '/etc/initiators.deny')


s = session()
for deny, left in ('%s 127.0.0.4\n' % sys.argv[1], sys.argv[2:]), ('# nobody\n', sys.argv[1:]):
    replaced(deny)
    try:
        got = s.send_targets()
    except iscsi.Closed:
        s = session()
        got = s.send_targets()
    if sorted(got) != left:
        sys.exit('with "%s" it is told of %s' % (deny.strip(), sorted(got)))
PY
rm $DENY

step "the session of before has noticed nothing"
touch "$TESTDIR/end"
wait $STAYS || fail "the session that was there was disturbed"
rm -f $ALLOW
scst_down || fail "something stays loaded"
