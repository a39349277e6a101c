# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The older configuration file: what it says is there when the daemon has started, errors are told by line and column, and a
# daemon that is started again changes nothing.
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires scstadmin
T=iqn.2026-01.test:legacy
U=iqn.2026-01.test:second
C=/etc/iscsi-scstd.conf

allow_dmesg 'iscsi-scst: |scst: '
errors() { dmesg -l emerg,alert,crit,err | grep -E 'scst: '; }
bytes_are() { is "$(cat "$1"; echo .)" "$(printf "$2"; echo .)" "bytes of ${1##*/}"; }
logged() { wait_for 5 grep -qE "$1" /job/out/syslog || fail "not in the log: $1"; }
started() { grep -c 'iscsi-scstd.*: version .* started' /job/out/syslog; }
started_since() { [ "$(started)" -gt "$1" ]; }
# It applies the file when it listens already, before it says that it has started.
restart_daemon()
{
	local before

	before=$(started)
	pkill -x iscsi-scstd
	wait_for 5 no_process iscsi-scstd || fail "the daemon stays"
	run iscsi-scstd "$@"
	wait_for 10 daemon_listens || fail "the daemon does not listen"
	wait_for 20 started_since "$before" || fail "the daemon does not start"
}

cat > $C <<EOF
# the old way
IncomingUser discoverer secretofdiscovery
isnsaccesscontrol No; iSNSServer 127.0.0.1:9
Target $T
	Alias ignored by all
	maxsessions 4; RspTimeout=0x40
	InitialR2T Maybe
	HeaderDigest CRC32C,None
	IncomingUser joe longerthantwelve
	IncomingUser jim short
	allowed_portal 127.*
	Lun 0 Path=/dev/sda,Type=fileio
Target bad name
	IncomingUser nobody mustnotbecomeglobal
Target $U
	QueuedCommands 64
EOF
chmod 600 $C

step "what the file says is there"
scst_up
bytes_are $ISCSI/IncomingUser 'discoverer secretofdiscovery\n[key]\n\n'
[ ! -e $ISCSI/IncomingUser1 ] || fail "an account of a target without a name has become global"
bytes_are $ISCSI/iSNSServer '127.0.0.1:9 \n[key]\n\n'
bytes_are $ISCSI/$T/MaxSessions '4\n[key]\n\n'
bytes_are $ISCSI/$T/RspTimeout '64\n[key]\n\n'
bytes_are $ISCSI/$T/InitialR2T 'No\n'
bytes_are $ISCSI/$T/HeaderDigest 'None,CRC32C\n[key]\n\n'
bytes_are $ISCSI/$T/IncomingUser 'joe longerthantwelve\n[key]\n\n'
bytes_are $ISCSI/$T/allowed_portal '127.*\n[key]\n\n'
bytes_are $ISCSI/$T/enabled '0\n'
bytes_are $ISCSI/$U/QueuedCommands '64\n[key]\n\n'
is "$(ls -d $ISCSI/*/ | wc -l)" 2 "targets"

step "errors are told by line and column"
logged "$C:7:13: a bad value"
logged "$C:10:19: a secret of less than 12 bytes"
logged "$C:12:2: an unknown directive"
logged "$C:13:12: a surplus word"

step "it protects: only the account gets in"
open_nullio disk size_mb=16
add_lun $T 0 disk
enable_target $T
refuse 'failed' iscsi-inq "iscsi://127.0.0.1/$T/0"
run iscsi-inq "iscsi://joe%longerthantwelve@127.0.0.1/$T/0"

step "a daemon that is started again changes nothing"
put 9 $ISCSI/$T/MaxSessions
put '' $ISCSI/iSNSServer
put "127.0.0.1:10" $ISCSI/iSNSServer
put "del_target $U" $ISCSI/mgmt
sed -i "s/joe .*/jane anothersecretword/" $C
before=$(errors)
restart_daemon
logged "$C:4: target $T exists, its section is left out"
is "$(errors)" "$before" "errors of the kernel"
bytes_are $ISCSI/$T/MaxSessions '9\n[key]\n\n'
bytes_are $ISCSI/$T/IncomingUser 'joe longerthantwelve\n[key]\n\n'
bytes_are $ISCSI/iSNSServer '127.0.0.1:10 \n[key]\n\n'
[ ! -e $ISCSI/IncomingUser1 ] && [ ! -e $ISCSI/$T/IncomingUser1 ] || fail "an account came twice"
bytes_are $ISCSI/$U/QueuedCommands '64\n[key]\n\n'
run iscsi-inq "iscsi://joe%longerthantwelve@127.0.0.1/$T/0"

step "another file, a file that others can read, none"
printf 'Target %s3\n' $U > "$TESTDIR/other.conf"
chmod 644 "$TESTDIR/other.conf"
restart_daemon -c "$TESTDIR/other.conf"
[ -d $ISCSI/${U}3 ] || fail "the target of another file is not there"
logged "other.conf can be read by others"
rm -f $C
before=$(grep -c iscsi-scstd.conf /job/out/syslog)
restart_daemon
is "$(grep -c iscsi-scstd.conf /job/out/syslog)" "$before" "lines about a file that is not there"

step "as another user: the file is applied, accounts can be read"
printf 'Target %s4\n\tIncomingUser joe longerthantwelve\n' $U > $C
chmod 600 $C
restart_daemon -u 65534 -g 65534
add_lun ${U}4 0 disk
enable_target ${U}4
refuse 'failed' iscsi-inq "iscsi://127.0.0.1/${U}4/0"
run iscsi-inq "iscsi://joe%longerthantwelve@127.0.0.1/${U}4/0"
p=$(pgrep -o -x iscsi-scstd)
is "$(awk '/^Uid:/ { print $2 $3 $4 }' "/proc/$p/status")" 655346553465534 "user of the daemon"
is "$(awk '/^CapEff:/ { print $2 }' "/proc/$p/status")" 0000000000001004 "capabilities"
rm -f $C
exit 0
