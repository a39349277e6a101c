# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# iSNSServer and isns_entity_name: their bytes, what is refused, the process that follows them, and that with AccessControl
# nobody gets in whom the server has not named. What the process says to a server is in unit/iscsi_login.
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires iscsi-ls
T=iqn.2026-01.test:isns
S=$ISCSI/iSNSServer N=$ISCSI/isns_entity_name

expect_dmesg 'iscsi-scst: '
file_is() { is "$(cat "$1"; echo .)" "$(printf "$2"; echo .)" "bytes of ${1##*/}"; }
refused_write() { refuse invalid bash -c "printf '%s\n' '$1' > $2"; }

scst_up
open_nullio d1 size_mb=16
add_target $T
add_lun $T 0 d1
enable_target $T

step "bytes"
file_is $S '\n\n'
file_is $N '\n'
put "10.255.255.1 AccessControl No" $S
file_is $S '10.255.255.1 \n[key]\n\n'
put "[fd00::1]:3205 AccessControl" $S
file_is $S '[fd00::1]:3205 AccessControl\n[key]\n\n'
put "a cellar, downstairs" $N
file_is $N 'a cellar, downstairs\n'
refused_write "server Access" $S
refused_write "server AccessControl Yes" $S
refused_write "server AccessControl No more" $S
refused_write 'server/x' $S
refused_write 'a%n' $S
refused_write "$(head -c 256 /dev/zero | tr '\0' a)" $S
refused_write "$(head -c 256 /dev/zero | tr '\0' a)" $N
file_is $S '[fd00::1]:3205 AccessControl\n[key]\n\n'
put '' $S
put '' $N
file_is $S '\n\n'
file_is $N '\n'

step "a server nobody is at"
run iscsi-inq "iscsi://127.0.0.1/$T/0"
put "127.0.0.1:9 AccessControl" $S
refuse 'target not found|failed' iscsi-inq "iscsi://127.0.0.1/$T/0"
wait_for 5 grep -q "login of .* to $T at .*: refused, status 0x0203.*iSNS" /job/out/syslog || fail "no line about the refusal"
wait_for 20 pgrep -x iscsi-scst-isns || fail "no process"
wait_for 10 grep -q 'iSNS server 127.0.0.1:9: cannot connect: Connection refused' /job/out/syslog || fail "no line about the server"
p=$(pgrep -x iscsi-scst-isns)
grep -E '^(Cap(Eff|Prm|Bnd)|NoNewPrivs|Seccomp):' "/proc/$p/status"
grep -q 'CapPrm:.0000000000000000' "/proc/$p/status" || fail "it has capabilities"
is "$(grep -c 'socket:' < <(ls -l "/proc/$p/fd"))" 1 "sockets it has, that of the log"

step "the daemon sleeps until there is something to do"
D=$(pgrep -o -x iscsi-scstd)
woken() { awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$D/status"; }
put '' $S
wait_for 10 no_process iscsi-scst-isns || fail "the process stays"
sleep 6
before=$(woken)
sleep 11
is "$(woken)" "$before" "how often the daemon woke up in 11 seconds"
put "127.0.0.1:9 AccessControl" $S
wait_for 2 pgrep -x iscsi-scst-isns || fail "a setting is not noticed at once"

step "a list, as a server would have it"
printf 'server 127.0.0.1:9\ntarget %s\ninitiator %s\n' $T $INI_DEFAULT > /run/iscsi-scst/isns
run iscsi-inq -i $INI_DEFAULT "iscsi://127.0.0.1/$T/0"
refuse 'target not found|failed' iscsi-inq -i $INI_DEFAULT.other "iscsi://127.0.0.1/$T/0"
put "127.0.0.1:9" $S
run iscsi-inq -i $INI_DEFAULT.other "iscsi://127.0.0.1/$T/0"

step "saved, and gone"
run scstadmin -write_config /tmp/isns.conf
grep -E 'iSNSServer "?127.0.0.1:9' /tmp/isns.conf || fail "it is not saved"
put '' $S
wait_for 10 no_process iscsi-scst-isns || fail "the process stays"
put "127.0.0.1:9" $S
wait_for 20 pgrep -x iscsi-scst-isns || fail "no process"
run pkill -9 -o -x iscsi-scstd
wait_for 5 no_process iscsi-scst-isns || fail "the process outlives the daemon"
exit 0
