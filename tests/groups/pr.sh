# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reservations: every type and role, unit attentions, hostile parameter lists, RESERVE and RELEASE; PREEMPT AND ABORT
# waits for what it aborts; the file survives a reload of the modules, also when only its copy is whole; pr_state goes
# out and in; what sg_persist shows of all that.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires dmsetup sg_persist
T=iqn.2026-01.test:pr
D=$R/devices/disk
F=/var/lib/scst/pr/disk

up()
{
	scst_up
	open_fileio disk "$(mkdisk pr 16)"
	add_target $T
	add_lun $T 0 disk
	enable_target $T
}

# What sg_persist prints, without the blanks in front.
persist() { sg_persist -n "$@" 2>&1 | sed 's/^ *//'; }

pr() { run python3 /job/tests/raw/reservations.py $T "$@"; wait_for 20 no_sessions || fail "a session stays"; }

step "Without a place for reservations there is no device"
mkdir -p /var/lib/scst/pr
mv /var/lib/scst/pr /var/lib/scst/pr.away
run modprobe scst_vdisk
expect_dmesg 'device disk: no directory /var/lib/scst/pr/, which is to hold its reservations'
allow_dmesg 'device disk refused: failed'
refuse 'No such file' bash -c "echo 'add_device disk' > $R/handlers/vdisk_nullio/mgmt"
[ ! -e $R/devices/disk ] || fail "the device exists"
mv /var/lib/scst/pr.away /var/lib/scst/pr

step "A new device"
rm -f $F $F.1
up
is "$(cat $D/pr_state)" "version 1
generation 0" "the state of a new device"
is "$(cat $D/pr_file_name)" "$F" "the default file"
pr
cat $D/pr_state
[ -s $F ] || fail "no file"
[ ! -e $F.1 ] || fail "the copy stays"
is "$(grep -c ^registrant $D/pr_state)" 2 "registrations"

step "PREEMPT AND ABORT"
run modprobe dm-mod
run dmsetup create slow --table "0 $(blockdev --getsz /dev/vdb) linear /dev/vdb 0"
open_blockio slow /dev/mapper/slow
add_target $T-slow
add_lun $T-slow 0 slow
enable_target $T-slow
run python3 /job/tests/raw/reservations.py $T-slow aborting slow
wait_for 20 no_sessions || fail "a session stays"

step "the modules are loaded anew: both the reservation and the registrations are back"
scst_down || fail "something stays loaded"
cp $F /tmp/pr-image
up
is "$(grep -c ^registrant $D/pr_state)" 2 "registrations"
pr restored
[ ! -e $F ] || fail "the file stays after the last registration"

step "power was lost while the file was written: the copy counts, half a file does not"
scst_down || fail "something stays loaded"
head -c 30 /tmp/pr-image > $F
cp /tmp/pr-image $F.1
up
is "$(grep -c ^registrant $D/pr_state)" 2 "registrations out of the copy"
cmp $F /tmp/pr-image || fail "the copy did not become the file"
[ ! -e $F.1 ] || fail "the copy stays"
cat $D/pr_state > /tmp/pr-text
scst_down || fail "something stays loaded"
head -c 30 /tmp/pr-image > $F
cp /tmp/pr-image $F.1
dd if=/dev/zero of=$F.1 bs=8 count=1 conv=notrunc status=none
expect_dmesg "no reservations restored from $F: error"
up
is "$(grep -c ^registrant $D/pr_state)" 0 "registrations"

step "pr_state and pr_file_name"
cat /tmp/pr-text > $D/pr_state || fail "pr_state is refused"
is "$(cat $D/pr_state)" "$(cat /tmp/pr-text)" "text out and in"
expect_dmesg "device disk: pr_state refused"
# In one write: the shell's own printf makes one of each line.
printf 'version 1\nreservation 09 00\n' > /tmp/pr-bad
refuse "Invalid argument" bash -c "cat /tmp/pr-bad > $D/pr_state"
is "$(cat $D/pr_state)" "$(cat /tmp/pr-text)" "text after a refused write"
expect_dmesg "reservations cannot be kept in"
refuse "Invalid argument" bash -c "echo tmp/x > $D/pr_file_name"
refuse "Invalid argument" bash -c "echo /tmp > $D/pr_file_name"
refuse "nonexistent|No such file" bash -c "echo /nowhere/x > $D/pr_file_name"
put /tmp/pr-image $D/pr_file_name
is "$(cat $D/pr_file_name)" "/tmp/pr-image
[key]" "another file"
is "$(grep -c ^registrant $D/pr_state)" 2 "registrations out of the other file"
put 1 $D/dump_prs
dmesg | grep -q "device disk: port 1 key 000000000000000b holder iqn.2026-01.test:pr-b,i,0x00023d000001" ||
	fail "dump_prs does not name the holder"
put "" $D/pr_file_name
python3 - > /tmp/pr-many <<'PY'
import struct, sys
def reg(n):
    name = b'iqn.2026-01.test:many-%03d,i,0x00023d000001\0' % n
    name += bytes(-len(name) % 4)
    return struct.pack('>BBxH', 0, 0x45, len(name)) + name + struct.pack('>Q', n + 1) + struct.pack('=H', 1)
sys.stdout.buffer.write(struct.pack('=QQ4B', 0xbbeeeeaaeebbdd77, 1, 1, 0, 0, 0) + b''.join(map(reg, range(100))))
PY
put /tmp/pr-many $D/pr_file_name
refuse "too large" cat $D/pr_state
put "" $D/pr_file_name
is "$(cat $D/pr_file_name)" "$F" "the default file again"

step "a name that leaves no room for that of the copy"
mkdir /tmp/pr-names
for n in 254 255; do
	refuse "File name too long" bash -c "echo /tmp/pr-names/$(printf "%0${n}d" 0) > $D/pr_file_name"
done
is "$(cat $D/pr_file_name)" "$F" "the file is as before"
put "/tmp/pr-names/$(printf '%0253d' 0)" $D/pr_file_name

step "a registration that cannot be saved leaves nothing behind"
# register KEY NEW WANTED [0]: a REGISTER with APTPL, without; its sense
cat > "$TESTDIR/register.py" <<'PY'
import struct, sys
import iscsi
from kit import must
with iscsi.Session('127.0.0.1', target=sys.argv[1]) as s:
    s.settle()
    key, new, wanted = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    aptpl = int(sys.argv[5]) if sys.argv[5:] else 1
    r = s.scsi(struct.pack('>BBB2xIx', 0x5f, 0, 0, 24), 0, write=struct.pack('>QQ4xB3x', key, new, aptpl))
    must(str(r.asc) == wanted, 'REGISTER with APTPL=%d: %r' % (aptpl, r))
    s.logout()
PY
register() { run python3 "$TESTDIR/register.py" $T "$@"; wait_for 20 no_sessions || fail "a session stays"; }
saved=/tmp/pr-names/saved
put $saved $D/pr_file_name
mkdir $saved	# in the way of the new file, not of its copy
expect_dmesg "device disk: reservations not saved to $saved"
register 0 1 "(4, 68, 0)"
is "$(ls /tmp/pr-names)" saved "what is left"
rmdir $saved
put "" $D/pr_file_name
put $saved $D/pr_file_name
is "$(grep -c ^registrant $D/pr_state)" 0 "registrations"
register 0 1 None
is "$(grep -c ^registrant $D/pr_state)" 1 "registrations"
[ -s $saved ] || fail "no file"
put "" $D/pr_file_name
put $saved $D/pr_file_name
is "$(grep -c ^registrant $D/pr_state)" 1 "registrations after a reload"
register 1 0 None
[ ! -e $saved ] || fail "the file stays after the last registration"
put "" $D/pr_file_name

step "a block device that is not there is not replaced by a file in memory"
expect_dmesg 'reservations cannot be kept in "/dev/nothere": error -(6|ENXIO)'
refuse "No such device or address" bash -c "echo /dev/nothere > $D/pr_file_name"
refuse "No such device or address" bash -c "echo /dev/mapper/nothere > $D/pr_file_name"
touch /dev/nothere	# what memory holds is gone with the power, whoever has made it
refuse "No such device or address" bash -c "echo /dev/nothere > $D/pr_file_name"
rm /dev/nothere
is "$(cat $D/pr_file_name)" "$F" "the file is as before"
kept=/dev/mapper/kept
come() { run dmsetup create kept --table "0 4096 linear /dev/vdb 0"; }
go() { run dmsetup remove --retry kept; }
come
run dd if=/dev/zero of=$kept bs=1M count=2 conv=fsync status=none
put $kept $D/pr_file_name
register 0 1 None
go
expect_dmesg "device disk: reservations not saved to $kept: error -(6|ENXIO)"
register 1 2 "(4, 68, 0)"	# neither on the disk
register 1 0 "(4, 68, 0)" 0	# nor off it
is "$(ls $kept* /dev/nothere* 2> /dev/null)" "" "what is in /dev"
is "$(grep -c '^registrant .* 0000000000000001 ' $D/pr_state)" 1 "registrations with the old key"
come
register 1 0 None
put "" $D/pr_file_name
put $kept $D/pr_file_name
is "$(grep -c ^registrant $D/pr_state)" 0 "registrations on the device"
go
register 0 1 "(4, 68, 0)"	# nothing of that has come to it
expect_dmesg "reservations that were not restored from $kept may return at the next start: error -(6|ENXIO)"
register 0 1 None 0
register 1 0 None 0
put "" $D/pr_file_name

step "a file system that has become read-only refuses what is to be saved, and nothing else"
mkdir /tmp/pr-ro
run mount -t tmpfs pr-ro /tmp/pr-ro
put /tmp/pr-ro/saved $D/pr_file_name
run mount -o remount,ro /tmp/pr-ro
expect_dmesg 'device disk: reservations not saved to /tmp/pr-ro/saved'
register 0 1 "(4, 68, 0)"
register 0 1 None 0
is "$(grep -c ^registrant $D/pr_state)" 1 "registrations"
register 1 0 None 0
put "" $D/pr_file_name

step "what was not restored does not return, unless it cannot be removed"
run mount -o remount,rw /tmp/pr-ro
put /tmp/pr-ro/saved $D/pr_file_name
cp /tmp/pr-image /tmp/pr-ro/saved	# as a file system that is mounted too late
run mount -o remount,ro /tmp/pr-ro
expect_dmesg 'reservations that were not restored from /tmp/pr-ro/saved may return at the next start: error -(30|EROFS)'
register 0 1 None 0
register 1 2 None 0
is "$(dmesg | grep -c 'not restored from /tmp/pr-ro/saved may return')" 1 "lines that tell of it"
run mount -o remount,rw /tmp/pr-ro
register 2 0 None 0
[ ! -e /tmp/pr-ro/saved ] || fail "the file stays"
echo "somebody else's" > /tmp/pr-ro/other
allow_dmesg "no reservations restored from /tmp/pr-ro/other: error -(22|EINVAL)"
put /tmp/pr-ro/other $D/pr_file_name
register 0 1 None 0
is "$(cat /tmp/pr-ro/other)" "somebody else's" "what is no image"
register 1 0 None 0
put "" $D/pr_file_name
run umount /tmp/pr-ro
scst_down || fail "something stays loaded"
rm -f $F $F.1
ln -s disk $F	# cannot be read
expect_dmesg "no reservations restored from $F: error -(40|ELOOP)"
up
rm $F
cp /tmp/pr-image $F
cp /tmp/pr-image $F.1
register 0 1 None 0
[ ! -e $F ] && [ ! -e $F.1 ] || fail "the file stays: $(ls /var/lib/scst/pr)"
put $saved $D/pr_file_name
put "" $D/pr_file_name
is "$(grep -c ^registrant $D/pr_state)" 0 "registrations after a reload"

step "what sg_persist shows of two ports"
# The initiator numbers its sessions since the machine started: here in the order in which they are named.
number_ports()
{
	awk '{ while (match($0, /0x00023d[0-9a-f]+/)) {
			id = substr($0, RSTART, RLENGTH)
			if (!(id in n)) n[id] = ++last
			sub(id, "ISID-" n[id])
		}
		print }'
}
add_target $T-2
add_lun $T-2 0 disk
enable_target $T-2
ini_login $INI_DEFAULT 127.0.0.1 $T
ini_login $INI_DEFAULT 127.0.0.1 $T-2
one=$(sg_of "$(find_disk $INI_DEFAULT $T 0)") two=$(sg_of "$(find_disk $INI_DEFAULT $T-2 0)")
run sg_persist -n -o -G -S abc "$one"
run sg_persist -n -o -G -S 123 -Y "$two"
run sg_persist -n -o -R -K abc -T 1 "$one"
is "$({ persist -i -k "$one"; persist -i -r "$two"; persist -i -c "$two"; persist -i -s "$one"; } | number_ports)" "PR generation=0x2, 3 registered reservation keys follow:
0xabc
0x123
0x123
PR generation=0x2, Reservation follows:
Key=0xabc
scope: LU_SCOPE,  type: Write Exclusive
Report capabilities response:
Replace Lost Reservation Capable(RLR_C): 0
Compatible Reservation Handling(CRH): 1
Specify Initiator Ports Capable(SIP_C): 1
All Target Ports Capable(ATP_C): 1
Persist Through Power Loss Capable(PTPL_C): 1
Type Mask Valid(TMV): 1
Allow Commands: 4
Persist Through Power Loss Active(PTPL_A): 0
Support indicated in Type mask:
Write Exclusive, all registrants: 1
Exclusive Access, registrants only: 1
Write Exclusive, registrants only: 1
Exclusive Access: 1
Write Exclusive: 1
Exclusive Access, all registrants: 1
PR generation=0x2
Key=0xabc
All target ports bit clear
Relative port address: 0x1
<< Reservation holder >>
scope: LU_SCOPE,  type: Write Exclusive
Transport Id of initiator:
iSCSI world wide unique port id: iqn.2026-01.test:initiator,i,ISID-1
Key=0x123
All target ports bit clear
Relative port address: 0x2
not reservation holder
Transport Id of initiator:
iSCSI world wide unique port id: iqn.2026-01.test:initiator,i,ISID-2
Key=0x123
All target ports bit clear
Relative port address: 0x1
not reservation holder
Transport Id of initiator:
iSCSI world wide unique port id: iqn.2026-01.test:initiator,i,ISID-2" "sg_persist"
expect_dmesg "device disk: reservations cannot be set while a session sees it"
refuse busy bash -c "cat /tmp/pr-text > $D/pr_state"
refuse busy bash -c "echo /tmp/pr-image > $D/pr_file_name"
write() { sg_raw -s 512 -i /dev/zero "$1" 2a 00 00 00 00 00 00 00 01 00; }
refuse 'reservation conflict' write "$two"
put 1 $ISCSI/$T-2/forward_dst
run write "$two"
put 0 $ISCSI/$T-2/forward_dst
refuse 'reservation conflict' write "$two"
put 77 $ISCSI/$T/rel_tgt_id	# another port: its nexus has no registration
refuse 'reservation conflict' write "$one"
put 1 $ISCSI/$T/rel_tgt_id
run write "$one"
put 0 $ISCSI/$T/enabled
put 0 $ISCSI/$T/rel_tgt_id
put 1 $ISCSI/$T/enabled
is "$(cat $ISCSI/$T/rel_tgt_id | head -n 1)" 1 "the identifier that enabling chose"
run write "$one"
run sg_persist -n -o -L -K abc -T 1 "$one"
run sg_persist -n -o -C -K abc "$one"
refuse 'Reservations preempted' sg_persist -n -i -k "$two"
is "$(persist -i -k "$two")" "PR generation=0x3, there are NO registered reservation keys" "sg_persist after CLEAR"

step "ports of other machines in the groups of the device"
G=$R/device_groups/group
put "create group" $R/device_groups/mgmt
put "add disk" $G/devices/mgmt
for g in there nowhere; do
	put "create $g" $G/target_groups/mgmt
	put "add $T-$g" $G/target_groups/$g/mgmt
done
put 500 $G/target_groups/there/$T-there/rel_tgt_id	# the other one has none yet: no port
ports() { sed -n 's/^registrant \([0-9]*\) .*/\1/p' $D/pr_state | sort -n | tr '\n' ' '; }
OTHER=iqn.2026-01.test:standby,i,0x00023d0000aa
run sg_persist -n -o -G -S abc -Y "$one"
is "$(ports)" "1 2 500 " "ports registered with ALL_TG_PT"
is "$(persist -i -s "$two" | grep -c 'Relative port address: 0x1f4')" 1 "the other machine's port in READ FULL STATUS"
run sg_persist -n -o -R -K abc -T 1 "$one"
refuse 'Illegal request' sg_persist -n -o -M -K abc -S def -Q 1f5 -X $OTHER "$one"
run sg_persist -n -o -M -K abc -S def -U -Q 1f4 -X $OTHER "$one"
is "$(ports)" "2 500 500 " "ports after REGISTER AND MOVE"
grep -qE '^registrant 500 0000000000000def 1 ' $D/pr_state || fail "the reservation is not on the other machine's port: $(cat $D/pr_state)"
refuse 'reservation conflict' write "$one"
run sg_persist -n -o -I -S 123 "$two"
run sg_persist -n -o -C -K 123 "$two"
put "del group" $R/device_groups/mgmt
sg_turs "$one"	# whatever there is to tell
run sg_persist -n -o -G -S abc -Y "$one"
is "$(ports)" "1 2 " "ports without the group"
run sg_persist -n -o -C -K abc "$one"
ini_stop
scst_down || fail "something stays loaded"
