# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Restarting the service under a verifying writer. Its initiator is in a group whose
# LUN 0 is not the default LUN 0: the other disk must not get one byte, and the
# writer must see no error. The same with -force when the group is renamed.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh
requires scstadmin /etc/init.d/scst fio
T=iqn.2026-01.test:restart
I=$INI_DEFAULT

step "the default LUN 0 is another disk than the group's"
mkdir -p /vdisks
head -c 64M /dev/urandom > /vdisks/other
truncate -s 64M /vdisks/mine
cat > /etc/scst.conf <<END
HANDLER vdisk_fileio {
	DEVICE other {
		filename /vdisks/other
	}
	DEVICE mine {
		filename /vdisks/mine
	}
}
TARGET_DRIVER iscsi {
	enabled 1
	TARGET $T {
		enabled 1
		LUN 0 other
		GROUP hosts {
			LUN 0 mine
			INITIATOR $I
		}
	}
}
END
run /etc/init.d/scst start
before=$(sha256sum < /vdisks/other)
ini_login $I 127.0.0.1 $T node.session.timeo.replacement_timeout=300
d=$(find_disk $I $T 0) || exit 1

# written_while CMD...: runs it while fio writes and verifies
written_while()
{
	local s

	s=$(basename "$(session_of $I $T)")
	fio --name=w --filename="$d" --ioengine=libaio --direct=1 --iodepth=16 --rw=randwrite --bsrange=4k-64k --size=48M \
		--verify=crc32c --verify_fatal=1 --time_based --runtime="$(soak 120 25)" > "$TESTDIR/fio.out" 2>&1 &
	sleep 4
	"$@"
	wait $! || { cat "$TESTDIR/fio.out"; fail "the writer saw errors or wrong data"; }
	grep -qiE 'verify.*fail|bad magic' "$TESTDIR/fio.out" && fail "wrong data"
	is "$(sha256sum < /vdisks/other)" "$before" "the default LUN 0 while only the group's was written"
	is "$(basename "$(session_of $I $T)")" "$s" "session of the initiator"
	is "$(blockdev --getsize64 "$d")" $((64 << 20)) "size of the disk"
}

step "restart under load"
written_while run /etc/init.d/scst restart

step "the group gets another name, under load"
sed 's/GROUP hosts/GROUP renamed/' /etc/scst.conf > "$TESTDIR/renamed"
mark=$(dmesg | wc -l)
written_while run scstadmin -noprompt -force -config "$TESTDIR/renamed"
[ -d $ISCSI/$T/ini_groups/renamed ] && [ ! -d $ISCSI/$T/ini_groups/hosts ] || fail "the group was not renamed"
dmesg | tail -n +$((mark + 1)) | grep -E 'sd .*(I/O error|Illegal Request)|connection[0-9:]+ detected' && fail "the initiator noticed"

step "a restart with a mistake in the file leaves the service alone"
echo 'HANDLER vdisk_fileio {' >> /etc/scst.conf
refuse 'scst.conf:[0-9]+:' /etc/init.d/scst restart
refuse 'scst.conf:[0-9]+:' /etc/init.d/scst force-reload
run dd if="$d" of=/dev/null bs=64k count=16 iflag=direct status=none
run /etc/init.d/scst status
ini_logout $I 127.0.0.1 $T
run /etc/init.d/scst stop
