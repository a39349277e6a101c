# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The tree byte for byte: names, modes, links and contents against tests/abi/tree.txt;
# the [key] marks; each attribute of the core written and read back; what is refused,
# with its errno, its line in the kernel's log and last_sysfs_mgmt_res.
# timeout: 900
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
A=iqn.2011-08.nl.feka:storage.vdisk1
B=iqn.2011-08.nl.feka:storage.vdisk2
INI=iqn.2020-01.org.example:plain
LONG=$(printf 'n%.0s' $(seq 300))

# refused TEXT FILE ERRNO RE: the errno by number, the log line by pattern; nothing changes
refused()
{
	local got result tree line

	[ -n "${CHECKER_PID:-}" ] || coproc CHECKER { exec python3 /job/tests/raw/refused.py $R; }
	printf 'refused: "%.80s" > %s\n' "$1" "$2"
	printf '%s\0%s\0' "$1" "$2" >&"${CHECKER[1]}"
	for line in got result tree; do
		read -r -t 60 "${line?}" <&"${CHECKER[0]}" || fail "refused.py has died"
	done
	: > "$TESTDIR/lines"
	while read -r -t 60 line <&"${CHECKER[0]}" && [ "$line" != end ]; do
		echo "$line"
		echo "$line" >> "$TESTDIR/lines"
	done
	[ "$line" = end ] || fail "refused.py has died"
	is "$got" "$3" "errno of \"$(printf %.60s "$1")\""
	is "$result" "-$3" "last_sysfs_mgmt_res"
	allow_dmesg "$4"
	grep -qE -- "$4" "$TESTDIR/lines" || fail "the log does not say what was wrong: wanted $4"
	is "$tree" same "the tree after a refused write"
}

EINVAL=22 ENOENT=2 EEXIST=17 EBUSY=16 ERANGE=34 EBADSLT=57

# reads FILE BYTES: exact contents, newlines as they are
reads()
{
	local got

	got=$(tr '\n' '|' < "$1")
	is "$got" "$2" "$1"
}

# sets FILE VALUE BYTES: one write (the shell's own ends at a newline), then exact contents
sets()
{
	printf '%s' "$2" | dd of="$1" bs=4k iflag=fullblock conv=notrunc status=none || fail "write \"$2\" to $1"
	reads "$1" "$3"
	reads $R/last_sysfs_mgmt_res "0|"
}

step "right after loading: every subtree is there"
run modprobe scst
for d in handlers devices targets device_groups sgv targets/copy_manager/copy_manager_tgt/sessions/copy_manager_sess; do
	[ -d $R/$d ] || fail "no $d"
done
is "$(ls $R/devices $R/handlers | grep -v :$ | tr -d '\n')" "" "empty directories"
is "$(ls $R/device_groups)" mgmt "device groups"
scst_up

step "attributes at their defaults carry no mark"
f=$(mkdisk vdisk1 64)
open_fileio plain "$f"
add_target $A
add_group $A g
grep -rl '^\[key\]$' $R 2>/dev/null | sed "s|^$R||" | sort > "$TESTDIR/marked"
cat "$TESTDIR/marked"
is "$(paste -sd' ' "$TESTDIR/marked")" "/devices/plain/filename /devices/plain/size" "marked files"
del_target $A
close_dev vdisk_fileio plain
reads $R/last_sysfs_mgmt_res "0|"
# Numbers that count up start again.
scst_down || fail "something stays loaded"
scst_up

step "the configuration of the stored tree"
open_fileio disk01 "$f" read_only=1
open_fileio disk02 "$(mkdisk vdisk2 64)" blocksize=4096 thin_provisioned=1
open_blockio disk03 /dev/sdc
open_nullio null1 size_mb=10
add_target $A
put "add_target_attribute $A allowed_portal 127.0.0.*" $ISCSI/mgmt
add_lun $A 0 disk01
add_lun $A 1 disk02
enable_target $A
add_target $B
add_group $B ESXi
add_init $B ESXi 'iqn.1998-01.com.vmware:*'
put "add disk03 0 read_only=1" $ISCSI/$B/ini_groups/ESXi/luns/mgmt
enable_target $B
put "create dg1" $R/device_groups/mgmt
put "add disk01" $R/device_groups/dg1/devices/mgmt
put "add tg1" $R/device_groups/dg1/target_groups/mgmt
put "add $A" $R/device_groups/dg1/target_groups/tg1/mgmt
put "add remote:t" $R/device_groups/dg1/target_groups/tg1/mgmt
ini_login $INI 127.0.0.1 $A
find_disk $INI $A 1 > /dev/null
sed "s|KVER|$(uname -r)|" /job/tests/abi/tree.txt > "$TESTDIR/tree.txt"
python3 /job/tests/abi/tree.py $R > /job/out/tree.txt
python3 /job/tests/abi/tree.py $R "$TESTDIR/tree.txt" || fail "the tree differs from tests/abi/tree.txt"

step "counters: a write zeroes its direction, the target sums up"
S=$ISCSI/$A/sessions/$INI
[ "$(cat $S/read_cmd_count)" -gt 0 ] || fail "no READ was counted"
is "$(cat $ISCSI/$A/read_cmd_count)" "$(cat $S/read_cmd_count)" "the target's count"
echo x > $S/read_io_count_kb
reads $S/read_cmd_count "0|"
reads $S/read_io_count_kb "0|"
reads $S/commands "0|"

step "LUNs of a live session: add, replace, group switch, deletion"
put "add null1 7" $ISCSI/$A/luns/mgmt
[ -d $S/lun7 ] || fail "no lun7 in the session"
put "replace disk02 7" $ISCSI/$A/luns/mgmt
is "$(basename "$(readlink $ISCSI/$A/luns/7/device)")" disk02 "device of LUN 7"
put "replace_no_ua null1 7 read_only=1;" $ISCSI/$A/luns/mgmt
reads $ISCSI/$A/luns/7/read_only "1|[key]|"
add_group $A own
put "ADD null1=3 Read_Only=0" $ISCSI/$A/ini_groups/own/luns/mgmt
add_group $A other
add_init $A other "$INI"
is "$(readlink $S/luns)" "../../ini_groups/other/luns" "link of the session"
ls -d $S/lun* > /dev/null 2>&1 && [ -d $S/lun0 ] && fail "an empty group shows LUNs"
put "move $INI own" $ISCSI/$A/ini_groups/other/initiators/mgmt
is "$(readlink $S/luns)" "../../ini_groups/own/luns" "link of the session"
is "$(ls -d $S/lun[0-9]*)" "$S/lun3" "LUNs of the session in its group"
refused "del own" $ISCSI/$A/ini_groups/mgmt $EBUSY "group own .*sessions"
put "clear" $ISCSI/$A/ini_groups/own/initiators/mgmt
is "$(readlink $S/luns)" "../../luns" "link of the session"
is "$(ls -d $S/lun[0-9]* | sed 's/.*lun//' | paste -sd' ')" "0 1 7" "LUNs of the session"
put "del own" $ISCSI/$A/ini_groups/mgmt
put "del 7" $ISCSI/$A/luns/mgmt
[ ! -e $S/lun7 ] || fail "lun7 stays"

step "target attributes"
T=$ISCSI/$B
sets $T/comment "two words
and a second line" "two words|[key]|"
sets $T/comment "
" ""
sets $T/addr_method "flat" "FLAT|[key]|"
sets $T/addr_method "LUN" "LUN|[key]|"
sets $T/addr_method "peripheral_something" "PERIPHERAL|"
refused "round" $T/addr_method $EINVAL 'round.*addr_method'
sets $T/io_grouping_type "this_group_only" "this_group_only|[key]|"
sets $T/io_grouping_type "12" "12|[key]|"
refused "0" $T/io_grouping_type $EINVAL 'io_grouping_type'
sets $T/io_grouping_type "auto" "auto|"
sets $T/black_hole "4" "4|"
reads $T/ini_groups/ESXi/black_hole "0|"
sets $T/ini_groups/ESXi/black_hole "1x" "1|"
reads $T/black_hole "4|"
sets $T/black_hole "0" "0|"
sets $T/ini_groups/ESXi/black_hole "0" "0|"
refused "5" $T/black_hole $EINVAL '5.*black_hole'
refused "1" $R/targets/copy_manager/copy_manager_tgt/black_hole $EINVAL '1.*black_hole'
sets $T/cpu_mask "1" "1|[key]|"
refused "xyz" $T/cpu_mask $EINVAL 'xyz.*cpu_mask'
refused "0" $T/cpu_mask $EINVAL 'cpu_mask'
refused "ff" $T/cpu_mask $EINVAL 'ff.*cpu_mask'
refused "1,00000000" $T/cpu_mask $EINVAL '1,00000000.*cpu_mask'
sets $T/cpu_mask "3" "3|"
sets $T/ini_groups/ESXi/per_sess_dedicated_tgt_threads "1" "1|[key]|"
refused "2" $T/ini_groups/ESXi/per_sess_dedicated_tgt_threads $EINVAL 'must be 0 or 1'
refused "1 1" $T/ini_groups/ESXi/per_sess_dedicated_tgt_threads $EINVAL 'must be 0 or 1'
reads $T/ini_groups/ESXi/per_sess_dedicated_tgt_threads "1|[key]|"
sets $T/ini_groups/ESXi/per_sess_dedicated_tgt_threads "0" "0|"
for a in forward_src forward_dst aen_disabled; do
	sets $T/$a 1 "1|[key]|"
	refused "2" $T/$a $EINVAL "$a"
	[ $a = forward_dst ] && reads $T/forwarding "1|[key]|"
	sets $T/$a 0 "0|"
done
refused "2" $T/enabled $EINVAL 'bad value "2" for enabled'

step "attributes of an iSCSI target: least and greatest value, what is beyond them, :default:"
key()
{
	sets "$T/$1" "$3" "$3|[key]||"
	sets "$T/$1" "$4" "$4|[key]||"
	refused "$(($3 - 1))" "$T/$1" $EINVAL "bad value for $1"
	refused "$(($4 + 1))" "$T/$1" $EINVAL "bad value for $1"
	sets "$T/$1" :default: "$2|"
}
key FirstBurstLength 65536 512 1048576
key MaxOutstandingR2T 32 1 65535
key QueuedCommands 32 1 2048
key RspTimeout 90 2 65535
key NopInInterval 30 0 65535
key NopInTimeout 30 2 65535
for a in MaxRecvDataSegmentLength MaxXmitDataSegmentLength MaxBurstLength; do
	sets $T/$a 512 "512|[key]||"
	refused 511 $T/$a $EINVAL "bad value for $a"
	refused 1048577 $T/$a $EINVAL "bad value for $a"
	sets $T/$a 0x100000 "1048576|"
done
sets $T/MaxSessions 65535 "65535|[key]||"
refused 65536 $T/MaxSessions $EINVAL 'bad value for MaxSessions'
sets $T/MaxSessions 010 "8|[key]||"
sets $T/MaxSessions 0 "0|"
refused "4 5" $T/MaxSessions $EINVAL 'bad value for MaxSessions: 4 5'
refused "4x" $T/MaxSessions $EINVAL 'bad value for MaxSessions: 4x'
refused "-1" $T/MaxSessions $EINVAL 'bad value for MaxSessions: -1'
for a in "InitialR2T No Yes" "ImmediateData Yes No" "RDMAExtensions No Yes"; do
	set -- $a
	sets $T/$1 $3 "$3|[key]||"
	refused yes $T/$1 $EINVAL "bad value for $1: yes"
	sets $T/$1 $2 "$2|"
done
for a in HeaderDigest DataDigest; do
	sets $T/$a crc32c,none "None,CRC32C|[key]||"
	sets $T/$a CRC32C "CRC32C|[key]||"
	refused CRC32C,CRC32C $T/$a $EINVAL "bad value for $a"
	refused None, $T/$a $EINVAL "bad value for $a"
	sets $T/$a :default: "None|"
done
sets $T/alias "a disk of ours" "a disk of ours|[key]||"
refused "$LONG" $T/alias $EINVAL 'alias must be at most 255'
sets $T/alias "
" "|"
sets $T/redirect "10.0.0.1:3260 temp" "10.0.0.1 temp|[key]||"
sets $T/redirect "[fd00::1]:3300 perm" "[fd00::1]:3300 perm|[key]||"
for a in "10.0.0.1" "10.0.0.1 maybe" "fd00::1 temp" "host temp" "10.0.0.1:0 temp" "10.0.0.1:65536 temp"; do
	refused "$a" $T/redirect $EINVAL 'redirect must be'
done
refused "$LONG temp" $T/redirect $ERANGE 'redirect must be'
sets $T/redirect "
" "|"
sets $T/per_portal_acl 1 "1|[key]||"
refused 2 $T/per_portal_acl $EINVAL 'per_portal_acl must be 0 or 1'
sets $T/per_portal_acl 0 "0||"
sets $ISCSI/link_local 0 "0|[key]||"
refused 01 $ISCSI/link_local $EINVAL 'link_local must be 0 or 1'
sets $ISCSI/link_local 1 "1||"
sets $ISCSI/enabled 0 "0||"
sets $ISCSI/enabled 1 "1||"

step "relative target ids: range, uniqueness, automatic"
reads $ISCSI/$A/rel_tgt_id "1|[key]|"
reads $T/rel_tgt_id "2|[key]|"
refused "1" $T/rel_tgt_id $EBADSLT 'id 1: used by another'
refused "0" $T/rel_tgt_id $EINVAL 'id 0: not possible'
refused "65536" $T/rel_tgt_id $EINVAL '65536'
refused "99999999999999999999" $T/rel_tgt_id $ERANGE '9999'
sets $T/rel_tgt_id "0x10" "16|[key]|"
put 0 $T/enabled
sets $T/rel_tgt_id "1" "1|[key]|"
refused "1" $T/enabled $EBADSLT "not enabled"
reads $T/enabled "0|"
sets $T/rel_tgt_id "0" "0|"
put 1 $T/enabled
reads $T/rel_tgt_id "2|[key]|"

step "a target that is being enabled keeps the id it was enabled with"
allow_dmesg 'relative target id (0|1)(:| is)'
python3 - $T $ISCSI/$A <<'PY' || fail "enabled with an identifier that is none of its own"
import os, sys, threading
T, other = sys.argv[1] + '/', int(open(sys.argv[2] + '/rel_tgt_id').readline())
stop = False


def put(text, name):
    fd = os.open(T + name, os.O_WRONLY)
    try:
        os.write(fd, text)
        return True
    except OSError:
        return False
    finally:
        os.close(fd)


def taker():
    while not stop:
        put(b'0', 'rel_tgt_id')
        put(b'%d' % other, 'rel_tgt_id')


def enabler():
    on = 0
    for i in range(150):
        put(b'0', 'enabled')
        if put(b'1', 'enabled'):
            on += 1
            n = int(open(T + 'rel_tgt_id').readline())
            if n in (0, other):
                print('round %d: enabled with identifier %d' % (i, n))
                return 1
    print('enabled %d times of 150' % on)
    return not on


t = threading.Thread(target=taker)
t.start()
wrong = enabler()
stop = True
t.join()
sys.exit(wrong)
PY
put 0 $T/enabled
sets $T/rel_tgt_id "0" "0|"
put 1 $T/enabled
reads $T/rel_tgt_id "2|[key]|"

step "device attributes"
D=$R/devices/null1
sets $D/max_tgt_dev_commands 5 "5|[key]|"
refused "-1" $D/max_tgt_dev_commands $EINVAL max_tgt_dev_commands
sets $D/max_tgt_dev_commands 64 "64|"
sets $D/numa_node_id 0 "0|[key]|"
refused "-2" $D/numa_node_id $EINVAL numa_node_id
sets $D/numa_node_id -1 "-1|"
sets $D/threads_num 4 "4|[key]|"
sets $D/threads_pool_type SHARED "shared|[key]|"
sets $D/threads_num 0 "0|[key]|"
reads $D/threads_pool_type "Async|"
refused "many" $D/threads_pool_type $EINVAL threads_pool_type
sets $D/threads_num 1 "1|"
sets $D/threads_pool_type per_initiator "per_initiator|"
sets $D/block 1 "1 0|"
sets $D/block 1 "2 0|"
sets $D/block 0 "1 0|"
sets $D/block 0 "0 0|"
sets $D/block 0 "0 0|"
refused "2" $D/block $EINVAL block

step "global attributes"
sets $R/setup_id 0x1f "0x1f|[key]|"
sets $R/setup_id 0 "0x0|"
sets $R/max_tasklet_cmd 11 "11|[key]|"
sets $R/max_tasklet_cmd 10 "10|"
sets $R/poll_us 5 "5|[key]|"
sets $R/poll_us 0 "0|"
sets $R/threads 7 "7|[key]|"
refused "0" $R/threads $EINVAL threads
sets $R/threads "$(cat /sys/module/scst/parameters/scst_threads)" "$(cat /sys/module/scst/parameters/scst_threads)|"
sets $R/force_global_sgv_pool 1 "1|[key]|"
sets $R/force_global_sgv_pool 0 "0|"
sets $R/async_lun_replace yes "1|"
sets $R/async_lun_replace 0 "0|"
sets $R/suspend 5 "1|"
sets $R/suspend 5 "2|"
timeout 2 iscsi-inq iscsi://127.0.0.1/$A/0 > /dev/null 2>&1
sets $R/suspend -1 "1|"
sets $R/suspend -1 "0|"
sets $R/suspend -1 "0|"
echo x > $R/sgv/global_stats || fail "sgv/global_stats is not to be reset"

step "module parameters"
for p in scst_threads scst_max_cmd_mem scst_max_dev_cmd_mem forcibly_close_sessions auto_cm_assignment async_lun_replace \
	alua_invariant_check; do
	[ -r /sys/module/scst/parameters/$p ] || fail "no parameter $p"
done
echo 0 > /sys/module/scst/parameters/auto_cm_assignment
open_nullio loner size_mb=1
[ ! -e $R/devices/loner/exported/export0 ] || fail "loner is exported"
CM=$R/targets/copy_manager/copy_manager_tgt
refused "add loner 77 read_only=1" $CM/luns/mgmt $EINVAL 'read_only LUNs are not possible'
put "add loner 77" $CM/luns/mgmt
is "$(readlink $R/devices/loner/exported/export0)" "../../../targets/copy_manager/copy_manager_tgt/luns/77" "export link"
refused "create g" $CM/ini_groups/mgmt $EINVAL 'groups are not possible'
echo 1 > /sys/module/scst/parameters/auto_cm_assignment
close_dev vdisk_nullio loner
[ ! -e $CM/luns/77 ] || fail "the LUN of a deleted device stays"

step "management lines: words, separators, surplus"
N=$R/handlers/vdisk_nullio/mgmt
refused "explode null1" $N $EINVAL 'unknown command "explode"'
refused "add_device" $N $EINVAL 'name is missing'
refused "del_device" $N $EINVAL 'exactly one name'
refused "del_device null1 null2" $N $EINVAL 'exactly one name'
refused "del_device nobody" $N $ENOENT 'no device nobody'
refused "add_device a.b" $N $EINVAL 'a\.b'
refused "add_device mgmt" $N $EINVAL 'mgmt'
refused "add_device $LONG" $N $EINVAL 'nnnn'
refused "add_device disk01" $N $EEXIST 'disk01'
put "Add_Device  odd size_mb = 1 ; " $N
put "del_device odd" $R/handlers/vdisk_fileio/mgmt	# the virtual devices share one name space
M=$ISCSI/mgmt
refused "add_target" $M $EINVAL 'missing'
refused "add_target $LONG" $M $EINVAL 'nnnn'
refused "add_target $A" $M $EEXIST "$A"
refused "add_target mgmt" $M "$EEXIST" 'mgmt'
refused "del_target nobody" $M $ENOENT 'no target nobody'
refused "del_target $A x" $M $EINVAL 'surplus word "x"'
refused "del_target $A" $M $EBUSY "$A.*sessions"
L=$ISCSI/$A/luns/mgmt
refused "add disk02 0" $L $EEXIST 'LUN 0 exists'
refused "add disk02 16384" $L $EINVAL '16384'
refused "add disk02 -1" $L $EINVAL 'bad LUN "-1"'
refused "add disk02 five" $L $EINVAL 'bad LUN "five"'
refused "add nobody 5" $L $ENOENT 'no device nobody'
refused "add disk02" $L $EINVAL 'LUN is missing'
refused "add disk02 5 read_only=2" $L $EINVAL 'bad parameter read_only'
refused "add disk02 5 read_only" $L $EINVAL 'malformed'
refused "add disk02 5 colour=blue" $L $EINVAL 'colour'
refused "del 5" $L $EINVAL 'no LUN 5'
refused "del 0 1" $L $EINVAL 'surplus'
refused "clear 1" $L $EINVAL 'surplus'
refused "replace nobody 0" $L $ENOENT 'no device nobody'
G=$ISCSI/$B/ini_groups/mgmt
refused "create" $G $EINVAL 'a name is missing'
refused "create ESXi" $G $EEXIST 'ESXi exists'
refused "create mgmt" $G $EINVAL 'bad group name'
refused "create a/b" $G $EINVAL 'bad group name'
refused "create .." $G $EINVAL 'bad group name'
refused "create $LONG" $G $EINVAL 'bad group name'
refused "del nobody" $G $EINVAL 'nobody'
I=$ISCSI/$B/ini_groups/ESXi/initiators/mgmt
refused "add IQN.1998-01.com.vmware:*" $I $EEXIST 'exists'
refused "add $LONG" $I $EINVAL 'bad initiator'
refused "add a/b" $I $EINVAL 'bad initiator'
refused "del nobody" $I $EINVAL 'no initiator nobody'
refused "move iqn.1998-01.com.vmware:* nowhere" $I $EINVAL 'no group nowhere'
refused "$(head -c 4096 /dev/zero | tr '\0' x)" $I $EINVAL 'too long'
reads "$ISCSI/$B/ini_groups/ESXi/initiators/iqn.1998-01.com.vmware:*" "iqn.1998-01.com.vmware:*|"
add_init $B ESXi '!iqn.1998-01.com.vmware:*[x]?#10.0.0.1'

step "a missing direction, a file that is not there"
cat $S/force_close > /dev/null 2>&1 && fail "force_close can be read"
sh -c "echo 1 > $R/version" 2>/dev/null && fail "version can be written"

step "deletion: a device takes its LUNs along, force_close ends the session"
close_dev vdisk_fileio disk02
[ ! -e $ISCSI/$A/luns/1 ] && [ ! -e $S/lun1 ] || fail "LUN 1 outlives its device"
put 0 $ISCSI/$A/enabled
[ -d $S ] || fail "disabling ended the session"
echo 1 > $S/force_close
wait_for 10 [ ! -e $S ] || fail "force_close did not end the session"
del_target $A
del_target $B
is "$(ls -d $ISCSI/*/ 2>/dev/null)" "" "targets left"
allow_dmesg 'connection'
