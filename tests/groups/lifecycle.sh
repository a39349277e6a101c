# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Modules load and unload again and again, with a session each time; while in
# use they refuse to go and the session does not notice.
# timeout: 600
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
T=iqn.2026-01.test:life

refuse_unload()
{
	local m

	for m in iscsi_scst scst_vdisk scst; do
		refuse 'in use|busy|temporarily' rmmod $m
	done
}

cycles=$(soak 51 5)	# the first loads what stays
for i in $(seq "$cycles"); do
	step "cycle $i of $cycles"
	scst_up
	open_fileio disk "$(mkdisk life 16)"
	add_target $T
	add_lun $T 0 disk
	enable_target $T
	ini_login $INI_DEFAULT 127.0.0.1 $T
	d=$(find_disk $INI_DEFAULT $T 0) || exit 1
	dd if=/dev/zero of="$d" bs=64k count=64 oflag=direct status=none &
	refuse_unload
	wait $! || fail "the write did not survive the refused unload"
	# Every other time the session is left for the target to end.
	[ $((i % 2)) = 0 ] || ini_logout $INI_DEFAULT 127.0.0.1 $T
	ini_stop > /dev/null 2>&1
	scst_down || fail "something stays loaded"
	is "$(our_threads)" 0 "threads after unloading"
	case $i in 1|$((cycles / 2 + 1))|"$cycles") objects > "$TESTDIR/objects.$i" ;; esac
done
step "Threads of the handlers with files: the module's parameter, 0 means the default"
for n in 3 0; do
	run modprobe scst_vdisk num_threads=$n
	open_fileio disk "$(mkdisk life 16)"
	is "$(head -n 1 $R/devices/disk/threads_num)" $((n ? n : 8)) "threads_num with num_threads=$n"
	close_dev vdisk_fileio disk
	run modprobe -r scst_vdisk
done

no_leak $((cycles / 2)) "$TESTDIR/objects.1" "$TESTDIR/objects.$((cycles / 2 + 1))" "$TESTDIR/objects.$cycles"
