# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a test script in the guest may use. Sourced: `. /job/tests/qemu/lib.sh`.
#
# A script checks one behaviour, ends with exit 0, and says so when it fails:
#   step TEXT             what is done next, for the log
#   run CMD...            must succeed
#   refuse PATTERN CMD... must fail, its output must match the pattern
#   is GOT WANTED WHAT    must be equal
#   fail TEXT             ends the test
#   requires WHAT...      skips when a command, module:NAME or file is missing
#   expect_dmesg RE       a kernel message of ours above info that must come
#   allow_dmesg RE        one that may come
# Python tests import iscsi, a raw initiator (tests/raw/iscsi.py).
# Head comments: "# timeout: SECONDS" (default 300).

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONPATH=/job/tests/raw PYTHONDONTWRITEBYTECODE=1
R=/sys/kernel/scst_tgt
ISCSI=$R/targets/iscsi
TESTDIR=${TESTDIR:-/tmp}
INI_DEFAULT=iqn.2026-01.test:initiator

# --- saying what happens ----------------------------------------------------

step() { printf '\n== %s (after %d s)\n' "$*" $SECONDS; }
fail() { printf 'FAIL: %s\n' "$*"; echo "$*" > "$TESTDIR/why"; exit 1; }
skip() { echo "$*" > "$TESTDIR/skip"; printf 'SKIP: %s\n' "$*"; exit 77; }

run()
{
	printf '$ %s\n' "$*"
	"$@" || fail "exit $?: $*"
}

refuse()
{
	local re=$1 out code

	shift
	printf '$ %s   (must be refused)\n' "$*"
	out=$("$@" 2>&1)
	code=$?
	printf '%s\n' "$out"
	[ $code != 0 ] || fail "was not refused: $*"
	printf '%s' "$out" | grep -qiE -- "$re" || fail "refused without saying \"$re\": $*"
}

is() { [ "$1" = "$2" ] || fail "$3: got \"$1\", wanted \"$2\""; }

requires()
{
	local w

	for w; do
		case $w in
		module:*) modinfo "${w#module:}" > /dev/null 2>&1 || skip "no module ${w#module:}" ;;
		/*) [ -e "$w" ] || skip "no $w" ;;
		*) command -v "$w" > /dev/null || skip "no command $w" ;;
		esac
	done
}

expect_dmesg() { echo "$1" >> "$TESTDIR/expected"; echo "$1" >> "$TESTDIR/allowed"; }
allow_dmesg() { echo "$1" >> "$TESTDIR/allowed"; }

# soak FULL SHORT: how often; the full number only in `make soak`.
soak() { if [ "${SCST_SOAK:-0}" = 1 ]; then echo "$1"; else echo "$2"; fi; }

# wait_for SECONDS CMD...: until it succeeds.
wait_for()
{
	local end=$((SECONDS + $1 * ${SCST_TIME_FACTOR:-1}))

	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# --- the target, by sysfs alone ---------------------------------------------

put() { printf '%s > %s\n' "$1" "$2"; printf '%s\n' "$1" > "$2" || fail "write \"$1\" to $2"; }

# scst_up: modules and the login daemon, driver enabled.
scst_up()
{
	run modprobe scst
	run modprobe scst_vdisk
	run modprobe iscsi-scst
	iscsi-scstd ${1:+"$@"} || fail "iscsi-scstd does not start"
	wait_for 10 daemon_listens || fail "iscsi-scstd does not listen"
	put 1 $ISCSI/enabled
}

daemon_listens() { ss -Hltn 'sport = :3260' | grep -q .; }

# scst_down: everything away, whatever state it is in.
scst_down()
{
	local t s m

	if [ -d $ISCSI ]; then
		echo 0 > $ISCSI/enabled
		for t in $ISCSI/*/enabled; do [ -f "$t" ] && echo 0 > "$t"; done
		for s in $ISCSI/*/sessions/*/force_close; do [ -f "$s" ] && echo 1 > "$s"; done
		wait_for 30 no_sessions || echo "sessions stay: $(echo $ISCSI/*/sessions/*/)"
	fi
	pkill -x scst-stpgd
	pkill -x iscsi-scstd && { wait_for 5 no_process iscsi-scstd || pkill -9 -x iscsi-scstd; }
	for m in iscsi_scst scst_vdisk scst_disk scst; do
		[ ! -d /sys/module/$m ] || wait_for 30 modprobe -r $m || modprobe -r $m
	done
	[ ! -d /sys/module/scst ]
}

no_sessions() { ! ls -d $ISCSI/*/sessions/*/ > /dev/null 2>&1; }
no_process() { ! pgrep -x "$1" > /dev/null; }

# mkdisk NAME MEGABYTES: prints the path of a new sparse file.
mkdisk()
{
	mkdir -p /vdisks
	truncate -s "$2M" "/vdisks/$1" || fail "no room for /vdisks/$1"
	echo "/vdisks/$1"
}

# open_dev HANDLER NAME PARAM=VALUE...
open_dev()
{
	local handler=$1 name=$2 params

	shift 2
	params=$(printf '%s;' "$@")
	put "add_device $name $params" $R/handlers/$handler/mgmt
	[ -d $R/devices/$name ] || fail "device $name did not come"
}
open_fileio() { local n=$1 f=$2; shift 2; open_dev vdisk_fileio "$n" "filename=$f" "$@"; }
open_blockio() { local n=$1 f=$2; shift 2; open_dev vdisk_blockio "$n" "filename=$f" "$@"; }
open_nullio() { local n=$1; shift; open_dev vdisk_nullio "$n" "$@"; }
close_dev() { put "del_device $2" $R/handlers/$1/mgmt; }

add_target() { put "add_target $1" $ISCSI/mgmt; }
del_target() { put "del_target $1" $ISCSI/mgmt; }
enable_target() { put 1 "$ISCSI/$1/enabled"; }
# add_lun TARGET LUN DEVICE [GROUP]
add_lun() { put "add $3 $2" "$ISCSI/$1${4:+/ini_groups/$4}/luns/mgmt"; }
add_group() { put "create $2" "$ISCSI/$1/ini_groups/mgmt"; }
# add_init TARGET GROUP PATTERN
add_init() { put "add $3" "$ISCSI/$1/ini_groups/$2/initiators/mgmt"; }

# --- initiators: open-iscsi, one interface per initiator name -----------------

ini_start()
{
	pgrep -x iscsid > /dev/null && return
	modprobe iscsi_tcp || fail "no iscsi_tcp"
	mkdir -p /run/lock/iscsi /etc/iscsi
	echo "InitiatorName=$INI_DEFAULT" > /etc/iscsi/initiatorname.iscsi
	iscsid || fail "iscsid does not start"
	wait_for 10 pgrep -x iscsid || fail "iscsid is not there"
	sleep 0.5
}

ini_stop()
{
	iscsiadm -m node -u
	pkill -x iscsid
	wait_for 5 no_process iscsid || pkill -9 -x iscsid
	rm -rf /etc/iscsi/nodes /etc/iscsi/send_targets /etc/iscsi/ifaces
	rm -rf /var/lib/iscsi/nodes /var/lib/iscsi/send_targets /var/lib/iscsi/ifaces
	modprobe -r iscsi_tcp
}

# ini_iface NAME: an interface that logs in under that initiator name; prints it.
ini_iface()
{
	local i

	ini_start >&2
	i=if-$(echo "$1" | md5sum | cut -c 1-8)
	iscsiadm -m iface -I "$i" > /dev/null 2>&1 || {
		iscsiadm -m iface -I "$i" -o new > /dev/null
		iscsiadm -m iface -I "$i" -o update -n iface.initiatorname -v "$1" > /dev/null
		iscsiadm -m iface -I "$i" -o update -n iface.transport_name -v tcp > /dev/null
	} || fail "no iface for $1"
	echo "$i"
}

# ini_discover INITIATOR PORTAL: prints the target names it is shown.
ini_discover()
{
	local i

	i=$(ini_iface "$1")
	iscsiadm -m discovery -t sendtargets -I "$i" -p "$2" -o nonpersistent > "$TESTDIR/found" 2>&1
	cat "$TESTDIR/found" >&2
	awk '/^(\[|[0-9])/ { print $2 }' "$TESTDIR/found" | sort -u
}

# ini_node INITIATOR PORTAL TARGET [SETTING=VALUE...]: makes the node record.
ini_node()
{
	local i t=$3 p=$2 s

	i=$(ini_iface "$1")
	shift 3
	iscsiadm -m node -T "$t" -p "$p" -I "$i" -o new > /dev/null || fail "no node record for $t"
	for s; do
		iscsiadm -m node -T "$t" -p "$p" -I "$i" -o update -n "${s%%=*}" -v "${s#*=}" ||
			fail "setting $s"
	done
}

# ini_login INITIATOR PORTAL TARGET [SETTING=VALUE...]
ini_login()
{
	ini_node "$@"
	run iscsiadm -m node -T "$3" -p "$2" -I "$(ini_iface "$1")" -l
}

# ini_try_login: the same, but returns iscsiadm's code; 24 = refused by the target.
ini_try_login()
{
	ini_node "$@"
	iscsiadm -m node -T "$3" -p "$2" -I "$(ini_iface "$1")" -l 2>&1
}

ini_logout() { run iscsiadm -m node -T "$3" -p "$2" -I "$(ini_iface "$1")" -u; }

# session_of INITIATOR TARGET: its folder under /sys/class/iscsi_session.
session_of()
{
	local s

	for s in /sys/class/iscsi_session/*; do
		[ "$(cat "$s/targetname" 2>/dev/null)" = "$2" ] || continue
		[ "$(cat "$s/initiatorname" 2>/dev/null)" = "$1" ] || continue
		echo "$s"
		return
	done
	return 1
}

find_disk_now()
{
	local s d

	s=$(session_of "$1" "$2") || return 1
	for d in "$s"/device/target*/*:"$3"/block/*; do
		[ -b "/dev/$(basename "$d")" ] && { echo "/dev/$(basename "$d")"; return; }
	done
	return 1
}

# find_disk INITIATOR TARGET LUN: prints /dev/sdX; waits for it.
find_disk()
{
	wait_for 20 find_disk_now "$@" || fail "no disk for $2 lun $3 as $1"
	udevadm settle --timeout=20
	find_disk_now "$@"
}

# sg_of /dev/sdX
sg_of() { echo "/dev/$(ls "/sys/block/$(basename "$1")/device/scsi_generic")"; }

# --- faults -----------------------------------------------------------------

# fault FOLDER NAME=VALUE...: settings of a fault injection facility in debugfs
fault()
{
	local dir=$1 s

	shift
	for s; do echo "${s#*=}" > "$dir/${s%%=*}" || fail "$dir: $s"; done
}

# --- resources --------------------------------------------------------------

# threads with our names
our_threads() { ps -eo comm | grep -cE '^(scst|iscst|iscsi-scst|iscsi_scst|vdisk)'; }
