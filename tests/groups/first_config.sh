# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# README's first configuration, line by line, on a machine that has none yet.
# unit/scstadmin:service_first_configuration compares the lines.
# check: 6.1
. /job/tests/qemu/lib.sh
requires scstadmin /etc/init.d/scst

# Each line as it stands there; ADDRESS is this machine.
readme()
{
	local line

	while IFS= read -r line; do
		printf '# %s\n' "$line"
		eval "${line//ADDRESS/127.0.0.1}" || fail "exit $?: $line"
	done
}

rm -rf /etc/scst.conf /vdisks/vdisk1
readme <<'END'
mkdir -p /vdisks
truncate -s 1G /vdisks/vdisk1
/etc/init.d/scst start
scstadmin -open_dev disk01 -handler vdisk_fileio -attributes filename=/vdisks/vdisk1
scstadmin -add_target iqn.2026-11.org.example:disk01 -driver iscsi
scstadmin -add_lun 0 -driver iscsi -target iqn.2026-11.org.example:disk01 -device disk01
scstadmin -enable_target iqn.2026-11.org.example:disk01 -driver iscsi
scstadmin -set_drv_attr iscsi -attributes enabled=1 -noprompt
scstadmin -write_config /etc/scst.conf
END
ini_start
readme <<'END'
iscsiadm -m discovery -t sendtargets -p ADDRESS
iscsiadm -m node -T iqn.2026-11.org.example:disk01 -p ADDRESS --login
END
d=$(find_disk $INI_DEFAULT iqn.2026-11.org.example:disk01 0) || exit 1
run dd if=/dev/urandom of="$d" bs=1M count=4 oflag=direct status=none
run cmp -n $((4 << 20)) "$d" /vdisks/vdisk1
run iscsiadm -m node -u

step "a lost disk takes nothing else along"
printf 'HANDLER vdisk_blockio {\n\tDEVICE lost {\n\t\tfilename /dev/lost\n\t}\n}\n' >> /etc/scst.conf
run /etc/init.d/scst stop
allow_dmesg lost
/etc/init.d/scst start > "$TESTDIR/said" 2>&1 || fail "start ends with $?"
cat "$TESTDIR/said"
grep -q "lost.*No such file" "$TESTDIR/said" || fail "start does not name what is missing"
run /etc/init.d/scst status
run iscsiadm -m node -T iqn.2026-11.org.example:disk01 -p 127.0.0.1 --login
run cmp -n $((4 << 20)) "$(find_disk $INI_DEFAULT iqn.2026-11.org.example:disk01 0)" /vdisks/vdisk1
run iscsiadm -m node -u

step "a file with an error starts nothing"
echo '}' >> /etc/scst.conf
run /etc/init.d/scst stop
refuse 'scst.conf:[0-9]+:1: error: stray' /etc/init.d/scst start
[ ! -d /sys/module/scst ] || fail "something stays loaded"
