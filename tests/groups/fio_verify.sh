# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# fio writes random blocks and reads them back with checksums: file and block
# device, with and without digests, over IPv4 and IPv6.
# timeout: 900
. /job/tests/qemu/lib.sh
requires fio
T=iqn.2026-01.test:fio
I=$INI_DEFAULT

# verify DISK...: all at once
verify()
{
	local jobs=() d

	for d; do jobs+=(--name="${d#/dev/}" --filename="$d"); done
	run fio --ioengine=libaio --direct=1 --iodepth=16 --rw=randrw --rwmixread=30 --bsrange=4k-256k \
		--size="$(soak 200M 24M)" --loops="$(soak 5 1)" --verify=crc32c --verify_fatal=1 --do_verify=1 --verify_async=0 \
		--randrepeat=0 --group_reporting --output-format=terse --terse-version=3 "${jobs[@]}" > "$TESTDIR/fio.out" ||
		{ cat "$TESTDIR/fio.out"; fail "fio"; }
}

negotiated() { cat $ISCSI/$T/sessions/*/"$1" | head -n 1; }

scst_up
open_fileio fdisk "$(mkdisk fio 256)"
open_blockio bdisk /dev/vdb
add_target $T
add_lun $T 0 fdisk
add_lun $T 1 bdisk
put CRC32C,None $ISCSI/$T/HeaderDigest
put CRC32C,None $ISCSI/$T/DataDigest
enable_target $T
for portal in 127.0.0.1 '[::1]'; do
	for digest in None CRC32C; do
		step "portal $portal, digests $digest"
		ini_login $I "$portal" $T node.conn[0].iscsi.HeaderDigest=$digest node.conn[0].iscsi.DataDigest=$digest
		is "$(negotiated HeaderDigest)" $digest "HeaderDigest"
		is "$(negotiated DataDigest)" $digest "DataDigest"
		f=$(find_disk $I $T 0) b=$(find_disk $I $T 1)
		[ -n "$f" ] && [ -n "$b" ] || exit 1
		verify "$f" "$b"
		ini_logout $I "$portal" $T
		rm -rf /etc/iscsi/nodes /var/lib/iscsi/nodes
	done
done
