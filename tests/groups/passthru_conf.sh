# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Disks of the host in scst.conf: the service loads the handler, takes them, saves them and finds them again; scstadmin opens
# and closes them by hand.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
. /job/tests/groups/common
requires scstadmin /etc/init.d/scst /sys/block/sda
T=iqn.2026-01.test:conf
A=$(hctl /dev/sda)
B=$(hctl /dev/sdb)

step "a configuration with a disk of the host"
cat > /etc/scst.conf <<END
HANDLER dev_disk {
	DEVICE $A {
		max_tgt_dev_commands 16
	}
}
TARGET_DRIVER iscsi {
	enabled 1
	TARGET $T {
		enabled 1
		LUN 3 $A
	}
}
END
run /etc/init.d/scst start
is "$(basename "$(readlink "$R/devices/$A/handler")")" dev_disk "handler"
is "$(head -n 1 "$R/devices/$A/max_tgt_dev_commands")" 16 "max_tgt_dev_commands"
is "$(basename "$(readlink "$ISCSI/$T/luns/3/device")")" "$A" "LUN 3"

step "saved"
run scstadmin -write_config /tmp/saved.conf
cat /tmp/saved.conf
grep -qx "	DEVICE $A {" /tmp/saved.conf || fail "$A is not saved"
grep -q "DEVICE $B" /tmp/saved.conf && fail "a disk that nobody has taken is saved"
grep -q "copy_manager" /tmp/saved.conf && grep -A 6 copy_manager /tmp/saved.conf | grep -q "$A" && fail "the copy manager has it"

step "away and back"
run scstadmin -force -noprompt -clear_config
[ ! -e "$R/devices/$A/handler" ] || fail "-clear_config leaves the disk taken"
[ -d "$R/devices/$A" ] || fail "the disk is not shown any more"
run scstadmin -config /tmp/saved.conf
is "$(basename "$(readlink "$ISCSI/$T/luns/3/device")")" "$A" "LUN 3 after -config"
run scstadmin -write_config /tmp/again.conf
diff -I '^#' /tmp/saved.conf /tmp/again.conf || fail "saved differently the second time"

step "restart"
run /etc/init.d/scst restart
is "$(basename "$(readlink "$ISCSI/$T/luns/3/device")")" "$A" "LUN 3 after the restart"

step "by hand"
run scstadmin -open_dev "$B" -handler dev_disk_perf
is "$(basename "$(readlink "$R/devices/$B/handler")")" dev_disk_perf "handler"
refuse 'exist' scstadmin -open_dev "$B" -handler dev_disk
run scstadmin -list_device
run scstadmin -list_handler dev_disk_perf
scstadmin -list_handler dev_disk_perf | grep -q "$B" || fail "-list_handler does not tell $B"
run scstadmin -noprompt -close_dev "$B" -handler dev_disk_perf
[ ! -e "$R/devices/$B/handler" ] || fail "-close_dev leaves it taken"
allow_dmesg 'scst_disk: device 77:0:0:0 refused'
refuse . scstadmin -open_dev 77:0:0:0 -handler dev_disk
run /etc/init.d/scst stop
