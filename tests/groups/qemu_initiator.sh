# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# QEMU's own initiator (qemu-img, qemu-io with iscsi:// URLs), as virtual machines use it: patterns written and read back, zeroes,
# discard, a copied image, many LUNs, CHAP, header digests, a target that is elsewhere. The last four with libiscsi's tools, too.
# timeout: 700
# check: 6.12
. /job/tests/qemu/lib.sh
requires qemu-img qemu-io
T=iqn.2026-01.test:qemu
U=iscsi://127.0.0.1/$T

# opts INITIATOR LUN [MORE]: the same as a URL, with what URLs cannot tell
opts() { echo "driver=iscsi,transport=tcp,portal=127.0.0.1:3260,target=$T,initiator-name=iqn.2026-01.test:$1,lun=$2${3:+,$3}"; }

# io ARG...: qemu-io succeeds, by its exit code and by its words
io()
{
	printf '$ qemu-io %s\n' "$*"
	qemu-io "$@" > "$TESTDIR/io" 2>&1 < /dev/null || { cat "$TESTDIR/io"; fail "qemu-io: exit code"; }
	cat "$TESTDIR/io"
	! grep -qiE 'fail|error|denied' "$TESTDIR/io" || fail "qemu-io: $(grep -iE 'fail|error|denied' "$TESTDIR/io" | head -n 1)"
}

size_is() { is "$(qemu-img info --output=json "$1" | sed -n 's/.*"virtual-size": \([0-9]*\).*/\1/p' | head -n 1)" "$2" "size of $1"; }

# filled FILE OFFSET LENGTH BYTE: what the target holds, in octal
filled() { is "$(tail -c "+$(($2 + 1))" "$1" | head -c "$3" | tr -d "\\$4" | wc -c)" 0 "bytes other than \\$4 in $1 from $2"; }

scst_up
a=$(mkdisk qemu-a 64) b=$(mkdisk qemu-b 32)
open_fileio a "$a" thin_provisioned=1
open_fileio b "$b" blocksize=4096
add_target $T
add_lun $T 0 a
add_lun $T 1 b
add_lun $T 300 a
enable_target $T

step "several LUNs"
size_is "$U/0" $((64 << 20))
size_is "$U/1" $((32 << 20))
size_is "$U/300" $((64 << 20))
refuse 'lun|failed|could not' qemu-img info "$U/2"
for n in $(seq 3 18); do
	open_nullio n$n size_mb=$n
	add_lun $T $n n$n
done
for n in $(seq 3 18); do size_is "$U/$n" $((n << 20)); done

step "patterns"
io -f raw -c 'write -P 0xa1 0 1M' -c 'write -P 0xa2 1M 64k' -c 'write -P 0xa3 3000k 4k' -c flush -c 'read -P 0xa1 0 1M' "$U/0"
io -f raw -c 'read -P 0xa2 1M 64k' -c 'read -P 0xa3 3000k 4k' -c 'read -P 0 3004k 4k' "$U/300"
io -f raw -c 'write -P 0xb1 0 8M' -c 'read -P 0xb1 8188k 4k' -c 'read -P 0 8M 64k' "$U/1"
filled "$a" 0 $((1 << 20)) 241
filled "$b" 0 $((8 << 20)) 261
refuse 'pattern verification failed' qemu-io -f raw -c 'read -P 0xa2 0 4k' "$U/0"

step "unaligned pieces, forced unit access, many at once"
io -f raw -c 'write -f -P 0xc1 513 1000' -c 'read -P 0xc1 513 1000' -c 'read -P 0xa1 0 513' -c 'read -P 0xa1 1513 23' "$U/0"
io -f raw -n -c 'aio_write -P 0xd1 16M 1M' -c 'aio_write -P 0xd2 17M 1M' -c 'aio_write -P 0xd3 18M 1M' -c aio_flush -c 'read -P 0xd2 17M 1M' "$U/0"
filled "$a" $((18 << 20)) $((1 << 20)) 323

step "zeroes and discard"
io -f raw -d unmap -c 'write -z 0 64k' -c 'write -z -u 64k 64k' -c 'discard 16M 1M' -c 'read -P 0 0 128k' -c 'read -P 0 16M 1M' \
	-c 'read -P 0xa1 128k 64k' "$U/0"
filled "$a" $((16 << 20)) $((1 << 20)) 0

step "an image is copied onto the disk and compared"
head -c 20M /dev/urandom > "$TESTDIR/image"
truncate -s 32M "$TESTDIR/image"
run qemu-img convert -n -f raw -O raw "$TESTDIR/image" "$U/1"
run qemu-img compare -f raw -F raw "$TESTDIR/image" "$U/1"
cmp "$TESTDIR/image" "$b" || fail "the disk is not the image"

step "header digests"
put None,CRC32C $ISCSI/$T/HeaderDigest
for digest in crc32c none-crc32c; do
	qemu-io --image-opts -c 'write -P 0xe1 32M 1M' -c 'read -P 0xe1 32M 1M' -c 'sleep 5000' "$(opts digest 0 "header-digest=$digest")" \
		> "$TESTDIR/digest" 2>&1 < /dev/null &
	wait_for 60 test -e $ISCSI/$T/sessions/iqn.2026-01.test:digest/HeaderDigest || { cat "$TESTDIR/digest"; fail "no session"; }
	got=$(cat $ISCSI/$T/sessions/iqn.2026-01.test:digest/HeaderDigest)
	wait $! || { cat "$TESTDIR/digest"; fail "qemu-io with header-digest=$digest"; }
	cat "$TESTDIR/digest"
	! grep -qiE 'fail|error' "$TESTDIR/digest" || fail "wrong data with header-digest=$digest"
	wait_for 30 no_sessions || fail "the session stays"
	[ "$digest $got" != "crc32c None" ] || fail "no digest was agreed on"
	echo "header-digest=$digest: $got"
done
put CRC32C $ISCSI/$T/HeaderDigest
refuse 'digest|failed|login' qemu-io --image-opts -c 'read 0 4k' "$(opts none 0 header-digest=none)"
put :default: $ISCSI/$T/HeaderDigest

step "CHAP"
put "add_target_attribute $T IncomingUser joe secretsecret1" $ISCSI/mgmt
refuse 'failed|auth' qemu-img info "$U/0"
refuse 'failed|auth' qemu-img info "iscsi://joe%wrongsecret1@127.0.0.1/$T/0"
io -f raw -c 'write -P 0xf1 40M 64k' -c 'read -P 0xf1 40M 64k' "iscsi://joe%secretsecret1@127.0.0.1/$T/0"
io --object secret,id=s,data=secretsecret1 --image-opts -c 'read -P 0xf1 40M 64k' "$(opts chap 0 user=joe,password-secret=s)"
put "del_target_attribute $T IncomingUser joe" $ISCSI/mgmt

step "libiscsi's tools"
# perf WORDS URL DIGEST: reads for a while; by the session's count, since the tool tells of no error by its exit code
perf()
{
	local d=$ISCSI/$T/sessions/iqn.2026-01.test:perf

	run timeout 60 iscsi-perf -i iqn.2026-01.test:perf -m 8 -b 16 -r -t 5 "$2" > "$TESTDIR/perf" 2>&1 &
	wait_for 30 test -e "$d/HeaderDigest" || { cat "$TESTDIR/perf"; fail "$1: no session"; }
	is "$(cat "$d/HeaderDigest")" "$3" "digest of the session, $1"
	reads() { [ "$(cat "$d/read_cmd_count")" -gt 100 ]; }
	wait_for 30 reads || { cat "$TESTDIR/perf"; fail "$1: $(cat "$d/read_cmd_count") reads"; }
	wait $! || { cat "$TESTDIR/perf"; fail "$1: exit code"; }
	! grep -qiE 'fail|error' "$TESTDIR/perf" || { cat "$TESTDIR/perf"; fail "$1: an error"; }
	wait_for 30 no_sessions || fail "$1: the session stays"
}
iscsi-ls -s "iscsi://127.0.0.1" > "$TESTDIR/ls" 2>&1 || { cat "$TESTDIR/ls"; fail "iscsi-ls"; }
# the target is told of once for each address that this machine has
is "$(awk '/^Target:/ { here = /Portal:127\.0\.0\.1:/ } here && /^Lun:/' "$TESTDIR/ls" | wc -l)" 19 "LUNs iscsi-ls shows"
perf "plain" "$U/0" None
put CRC32C $ISCSI/$T/HeaderDigest	# they prefer none
perf "with header digests" "$U/300" CRC32C
put "add_target_attribute $T IncomingUser joe secretsecret1" $ISCSI/mgmt
perf "with CHAP and header digests" "iscsi://joe%secretsecret1@127.0.0.1/$T/1" CRC32C
put "del_target_attribute $T IncomingUser joe" $ISCSI/mgmt
put :default: $ISCSI/$T/HeaderDigest

step "a target that is elsewhere"
put '127.0.0.2 temp' $ISCSI/$T/redirect
io --image-opts -c 'read -P 0xf1 40M 64k' "$(opts moved 0)"
wait_for 20 grep -q "login of iqn.2026-01.test:moved from .* to $T at 127.0.0.2: accepted" /job/out/syslog || fail "it did not come by the other address"
perf "elsewhere" "$U/0" None
wait_for 20 grep -q "login of iqn.2026-01.test:perf from .* to $T at 127.0.0.2: accepted" /job/out/syslog || fail "libiscsi did not come by the other address"
printf '\n' > $ISCSI/$T/redirect

step "nothing stays"
wait_for 30 no_sessions || fail "a session stays"
scst_down || fail "something stays loaded"
