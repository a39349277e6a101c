# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three initiators: one with a group of its own, one matched by a wildcard, one
# stranger. Each sees exactly its targets and LUNs.
# check: 6.12
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
A=iqn.2026-01.test.shared:a
B=iqn.2026-01.test.private:b
ONE=iqn.2026-01.test:one
WILD=iqn.2026-01.test:wild.7
STRANGER=iqn.2026-01.test:stranger
P=127.0.0.1

luns_of()
{
	local s d l=''

	s=$(session_of "$1" "$2") || fail "$1 has no session with $2"
	udevadm settle --timeout=20
	for d in "$s"/device/target*/*:*; do
		[ -d "$d/block" ] && l="$l ${d##*:}"
	done
	echo $l
}

login_sees()
{
	local ini=$1 tgt=$2 wanted=$3 last

	ini_login "$ini" $P "$tgt"
	for last in $wanted; do find_disk "$ini" "$tgt" "$last" > /dev/null; done
	is "$(luns_of "$ini" "$tgt")" "$wanted" "LUNs of $tgt for $ini"
}

scst_up
for n in 1 2 3; do open_fileio "d$n" "$(mkdisk "acl$n" $((8 * n)))"; done
add_target $A
add_lun $A 0 d1
add_group $A special
add_init $A special $ONE
add_lun $A 0 d2 special
add_lun $A 5 d3 special
enable_target $A
add_target $B
add_group $B hosts
add_init $B hosts 'iqn.2026-01.test:wild.?'
add_lun $B 0 d3 hosts
enable_target $B

step "discovery"
is "$(ini_discover $ONE $P | paste -sd' ')" "$A" "targets for $ONE"
is "$(ini_discover $WILD $P | paste -sd' ')" "$B $A" "targets for $WILD"
is "$(ini_discover $STRANGER $P | paste -sd' ')" "$A" "targets for the stranger"

step "login and LUNs"
login_sees $ONE $A "0 5"
login_sees $WILD $B "0"
login_sees $STRANGER $A "0"
is "$(blockdev --getsize64 "$(find_disk $ONE $A 0)")" $((16 << 20)) "LUN 0 for $ONE is d2"
is "$(blockdev --getsize64 "$(find_disk $STRANGER $A 0)")" $((8 << 20)) "LUN 0 for the stranger is d1"

step "refused logins say so (0x0203: not found)"
refused_login $STRANGER $P $B "0x0203 (no LUN visible"
refused_login $ONE $P $B "0x0203 (no LUN visible"
no_session() { ! session_of "$1" "$2" > /dev/null; }
no_session $STRANGER $B || fail "a session with the private target exists"

step "a LUN outside of the table answers as not there"
s=$(sg_of "$(find_disk $STRANGER $A 0)")
sg_luns "$s" | tee "$TESTDIR/luns"
is "$(grep -cE '^ +[0-9a-f]{16}' "$TESTDIR/luns")" 1 "LUNs reported to the stranger"

step "a LUN taken away goes, a LUN added comes"
put 'del 5' $ISCSI/$A/ini_groups/special/luns/mgmt
put 'add d1 9' $ISCSI/$A/ini_groups/special/luns/mgmt
iscsiadm -m session --rescan > /dev/null
find_disk $ONE $A 9 || exit 1
is "$(sg_luns "$(sg_of "$(find_disk $ONE $A 0)")" | grep -cE '^ +[0-9a-f]{16}')" 2 "LUNs reported to $ONE now"

step "read_only per LUN"
ini_logout $ONE $P $A
put 'replace d2 0 read_only=1' $ISCSI/$A/ini_groups/special/luns/mgmt
ini_login $ONE $P $A
is "$(blockdev --getro "$(find_disk $ONE $A 0)")" 1 "LUN 0 of $ONE is read-only"
is "$(blockdev --getro "$(find_disk $STRANGER $A 0)")" 0 "LUN 0 of the stranger stays writable"
