# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# CHAP accounts: their files, what is refused, who gets in by them (open-iscsi, libiscsi, a raw
# initiator), and that a restart of the service keeps them.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires scstadmin /etc/init.d/scst iscsi-ls
T=iqn.2026-01.test:chap
I=$INI_DEFAULT
P=127.0.0.1

expect_dmesg 'iscsi-scst: '
file_is() { is "$(cat "$1"; echo .)" "$(printf "$2"; echo .)" "bytes of ${1##*/}"; }
refused_write() { refuse "$1" bash -c "printf '%s\n' '$2' > $3"; }

scst_up
open_fileio d1 "$(mkdisk chap 16)"
add_target $T
add_lun $T 0 d1
enable_target $T

step "accounts are files for root alone"
M=$ISCSI/mgmt
grep -qx 'The following target driver attributes available: IncomingUser, OutgoingUser' $M || fail "mgmt's driver line"
grep -qx 'The following target attributes available: IncomingUser, OutgoingUser, allowed_portal' $M || fail "mgmt's target line"
put "add_target_attribute $T IncomingUser joe secretsecret1" $M
put "add_target_attribute $T IncomingUser ann secretsecret2 iqn.none $I" $M
put "add_target_attribute $T IncomingUser7 bob secretsecret3" $M
put "add_target_attribute $T OutgoingUser me mysecretmysecret" $M
put "add_attribute IncomingUser disc discsecret12" $M
for f in IncomingUser IncomingUser1 IncomingUser7 OutgoingUser; do
	is "$(stat -c %a $ISCSI/$T/$f)" 600 "mode of $f"
done
is "$(stat -c %a $ISCSI/IncomingUser)" 600 "mode of the driver's IncomingUser"
file_is $ISCSI/$T/IncomingUser 'joe secretsecret1\n[key]\n\n'
file_is $ISCSI/$T/IncomingUser1 "ann secretsecret2 iqn.none $I\n[key]\n\n"
file_is $ISCSI/$T/OutgoingUser 'me mysecretmysecret\n[key]\n\n'
file_is $ISCSI/internal_portal '\n\n'

step "what is refused"
refused_write 'invalid' "add_target_attribute $T IncomingUser x shortsecret" $M
refused_write 'invalid' "add_target_attribute $T IncomingUser x" $M
refused_write 'invalid' "add_target_attribute $T OutgoingUser x twelvetwelve more" $M
refused_write 'invalid' "add_target_attribute $T NoSuch x twelvetwelve" $M
refused_write 'invalid' "add_attribute allowed_portal 1.2.3.4" $M
refused_write 'exists' "add_target_attribute $T IncomingUser joe othersecret1" $M
refused_write 'invalid' "add_target_attribute $T IncomingUser x mysecretmysecret" $M
refused_write 'no such' "del_target_attribute $T IncomingUser nobody" $M
refused_write 'invalid' 'joe short' $ISCSI/$T/IncomingUser
refused_write 'exists' 'ann secretsecret1' $ISCSI/$T/IncomingUser
refused_write 'invalid' '10.0.0.1 nonsense' $ISCSI/internal_portal
dmesg | grep -E 'secretsecret|shortsecret|othersecret|discsecret' && fail "a secret is in the kernel's log"

step "holes are filled, a second OutgoingUser replaces the first"
put "del_target_attribute $T IncomingUser ann" $M
[ ! -e $ISCSI/$T/IncomingUser1 ] || fail "IncomingUser1 is still there"
put "add_target_attribute $T IncomingUser ann secretsecret2 iqn.none $I" $M
file_is $ISCSI/$T/IncomingUser1 "ann secretsecret2 iqn.none $I\n[key]\n\n"
put "add_target_attribute $T OutgoingUser you yoursecret12" $M
file_is $ISCSI/$T/OutgoingUser 'you yoursecret12\n[key]\n\n'
[ ! -e $ISCSI/$T/OutgoingUser1 ] || fail "there are two outgoing accounts"

step "accounts as parameters of add_target"
put "add_target $T.p IncomingUser=joe secretsecret1;MaxSessions=3;IncomingUser ann secretsecret2" $M
file_is $ISCSI/$T.p/IncomingUser1 'ann secretsecret2\n[key]\n\n'
refused_write 'invalid' "add_target $T.q IncomingUser=joe short" $M
[ ! -e $ISCSI/$T.q ] || fail "a target with a bad account stays"
put "del_target $T.p" $M

step "raw initiator"
cat > "$TESTDIR/raw.py" <<'END'
import sys
import chap
import iscsi
T = sys.argv[1]


def attempt(user, secret, discovery=False, mutual=None, **how):
    s = iscsi.Session('127.0.0.1', target=None if discovery else T, discovery=discovery, login=False)
    try:
        chap.Chap(s, user, secret, **how).login(mutual)
        return 0
    except iscsi.LoginError as e:
        return e.status
    finally:
        s.close()


def expect(status, *args, **how):
    got = attempt(*args, **how)
    if got != status:
        raise SystemExit('%r %r: 0x%04x, wanted 0x%04x' % (args, how, got, status))


for a in '5', '6', '7', '8', '9,8,5':
    for encode in chap.to_hex, chap.to_base64:
        expect(0, 'joe', 'secretsecret1', algorithms=a, encode=encode)
        expect(0, 'bob', 'secretsecret3', algorithms=a, encode=encode, mutual=('you', 'yoursecret12'))
expect(0x0201, 'joe', 'secretsecret1', algorithms='4')
expect(0x0201, 'joe', 'secretsecret2')
expect(0x0201, 'ann', 'secretsecret2')          # of other initiators
expect(0x0201, 'disc', 'discsecret12')
expect(0, 'disc', 'discsecret12', discovery=True)
expect(0x0201, 'joe', 'secretsecret1', discovery=True)
END
run python3 "$TESTDIR/raw.py" $T

step "a login is on its way while its target is made anew, with an account, or is given its first one"
cat > "$TESTDIR/meanwhile.py" <<'END'
import os
import sys
import time
import iscsi
T = sys.argv[1]
ISCSI = '/sys/kernel/scst_tgt/targets/iscsi/'


def put(text, path):
    with open(ISCSI + path, 'w', encoding='ascii') as f:
        f.write(text)


def make(account=''):
    put('add_target ' + T + account, 'mgmt')
    put('add d1 0', T + '/luns/mgmt')
    put('1', T + '/enabled')


def give_account():
    put('add_target_attribute %s IncomingUser joe secretsecret1' % T, 'mgmt')


def remove():
    while any(os.path.isdir(os.path.join(ISCSI + T, 'sessions', name)) for name in os.listdir(ISCSI + T + '/sessions')):
        time.sleep(0.1)
    put('del_target ' + T, 'mgmt')


for meanwhile, wanted in ((lambda: (remove(), make(' IncomingUser=joe secretsecret1')), 0x0301), (give_account, 0x0301),
                          (lambda: (remove(), make()), 0x0301), (lambda: None, 0)):
    make()
    with iscsi.Session('127.0.0.1', target=T, login=False) as s:
        s.exchange_login({'InitiatorName': s.initiator, 'TargetName': T}, 0, 1)
        if s.login_status:
            raise SystemExit('refused at once: 0x%04x' % s.login_status)
        meanwhile()
        s.exchange_login({}, 1, 3)
        if s.login_status != wanted:
            raise SystemExit('0x%04x, wanted 0x%04x' % (s.login_status, wanted))
        if not wanted:
            s.settle()
            s.logout()
    remove()
END
run python3 "$TESTDIR/meanwhile.py" $T.m

step "libiscsi"
run iscsi-inq "iscsi://joe%secretsecret1@$P/$T/0"
refuse 'auth|fail' iscsi-inq "iscsi://joe%secretsecret2@$P/$T/0"
refuse 'auth|fail' iscsi-inq "iscsi://$P/$T/0"

step "open-iscsi: no CHAP, wrong secret, one-way, mutual; a session stays while others fail"
node() { run iscsiadm -m node -T $T -p $P -o update -n "$1" -v "$2"; }
put 'del_attribute IncomingUser disc' $M
ini_discover $I $P
refused_login $I $P $T 0x0201
node node.session.auth.authmethod CHAP
node node.session.auth.username joe
node node.session.auth.password wrongwrongwrong
refuse 'error \(24 ' iscsiadm -m node -T $T -p $P --login
node node.session.auth.password secretsecret1
run iscsiadm -m node -T $T -p $P --login
find_disk $I $T 0 || exit 1
before=$(ls $ISCSI/$T/sessions)
python3 - $T $I <<'END' || exit 1
import sys
import chap
import iscsi
# The same initiator name and ISID as the session's: it must survive that.
s = iscsi.Session('127.0.0.1', target=sys.argv[1], initiator=sys.argv[2], login=False, isid=bytes.fromhex('00023d000000'))
try:
    chap.Chap(s, 'joe', 'wrongwrongwrong').login()
except iscsi.LoginError:
    sys.exit(0)
sys.exit(1)
END
is "$(ls $ISCSI/$T/sessions)" "$before" "sessions after a refused login"
run iscsiadm -m node -T $T -p $P --logout
node node.session.auth.username_in you
node node.session.auth.password_in yoursecret12
run iscsiadm -m node -T $T -p $P --login
run iscsiadm -m node -T $T -p $P --logout
node node.session.auth.password_in othersecret12
# Here it is the initiator that refuses: the target has not proved that it knows the secret.
refuse 'error \(19 ' iscsiadm -m node -T $T -p $P --login
wait_for 5 grep -q "login of $I .* to $T at .*: connection lost" /job/out/syslog || fail "the initiator went on with the login"

step "internal_portal"
put "10.0.0.1  $P" $ISCSI/internal_portal
file_is $ISCSI/internal_portal "10.0.0.1 $P\n[key]\n\n"
run iscsi-inq "iscsi://$P/$T/0"
put '' $ISCSI/internal_portal
refuse 'auth|fail' iscsi-inq "iscsi://$P/$T/0"

step "saved and restored"
put "add_attribute IncomingUser disc discsecret12" $M
run scstadmin -write_config /etc/scst.conf
is "$(stat -c %a /etc/scst.conf)" 600 "mode of /etc/scst.conf"
grep -E 'User' /etc/scst.conf
sums() { cat $ISCSI/IncomingUser $ISCSI/$T/IncomingUser* $ISCSI/$T/OutgoingUser; }
was=$(sums)
run /etc/init.d/scst stop
run /etc/init.d/scst start
is "$(sums)" "$was" "accounts after a restart of the service"
run python3 "$TESTDIR/raw.py" $T
exit 0
