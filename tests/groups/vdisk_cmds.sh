# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What initiators see when a disk is stopped, ejected, closed, resized or changes its
# cache mode; COMPARE AND WRITE from several sides; zeroes, holes and comparisons.
# timeout: 600
. /job/tests/qemu/lib.sh
requires sg_raw sg_start sg_compare_and_write sg_write_same sg_unmap sg_verify sg_get_lba_status sg_wr_mode fio
T=iqn.2026-01.test:cmds
D=$R/devices

# sense PATTERN CMD...: the command fails and says PATTERN
sense() { refuse "$@"; }
tur() { sg_turs "$1"; }
# clear_ua SG: takes what is pending
clear_ua() { local i; udevadm settle; for i in 1 2 3; do sg_turs "$1" > /dev/null 2>&1 && return; done; true; }
# at FILE OFFSET LENGTH: hex of a piece of a file
at() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }

scst_up
f=$(mkdisk cmds 64)
open_fileio disk "$f" thin_provisioned=1
open_fileio rem "$(mkdisk rem 16)" removable=1
open_blockio blk /dev/vdb
add_target $T
add_lun $T 0 disk
add_lun $T 1 rem
add_lun $T 2 blk
enable_target $T
ini_login $INI_DEFAULT 127.0.0.1 $T
other=iqn.2026-01.test:other
ini_login $other 127.0.0.1 $T
d=$(find_disk $INI_DEFAULT $T 0) && r=$(find_disk $INI_DEFAULT $T 1) && b=$(find_disk $INI_DEFAULT $T 2) || exit 1
d2=$(find_disk $other $T 0) || exit 1
r2=$(find_disk $other $T 1) || exit 1
sd=$(sg_of "$d") sr=$(sg_of "$r") sb=$(sg_of "$b") sd2=$(sg_of "$d2") sr2=$(sg_of "$r2")
for s in $sd $sr $sb $sd2 $sr2; do clear_ua "$s"; done

step "stopped until started"
run sg_raw "$sd" 1b 00 00 00 00 00
sense 'initializ|not ready' sg_raw "$sd" 00 00 00 00 00 00
sense 'not ready' sg_raw -r 512 "$sd2" 28 00 00 00 00 00 00 00 01 00
run sg_raw -r 36 "$sd" 12 00 00 00 24 00
run sg_raw "$sd" 1b 00 00 00 01 00
run tur "$sd"
run sg_raw -r 512 "$sd2" 28 00 00 00 00 00 00 00 01 00

step "ejected, prevented by another, loaded"
run sg_raw "$sr2" 1e 00 00 00 01 00
sense 'removal|illegal' sg_raw "$sr" 1b 00 00 00 02 00
run tur "$sr"
run sg_raw "$sr2" 1e 00 00 00 00 00
run sg_raw "$sr" 1b 00 00 00 02 00
sense 'medium not present' sg_raw "$sr" 00 00 00 00 00 00
sense 'medium not present' sg_raw -r 8 "$sr2" 25 00 00 00 00 00 00 00 00 00
run sg_raw "$sr" 1b 00 00 00 03 00
run tur "$sr"
run sg_raw "$sr2" 1e 00 00 00 01 00
sense 'removal|illegal' sg_raw "$sr" 1b 00 00 00 03 00
run sg_raw "$sr2" 1e 00 00 00 00 00
sense 'invalid command operation code' sg_raw "$sd" 1e 00 00 00 01 00

step "an identity that is written as it is, in whatever case, is no news"
put 0x600140512345678901234567890abcde $D/disk/naa_id
sense 'inquiry data has changed' sg_raw "$sd" 00 00 00 00 00 00
clear_ua "$sd"
put 0x600140512345678901234567890ABCDE $D/disk/naa_id
put "$(head -n 1 $D/disk/prod_id)" $D/disk/prod_id
run tur "$sd"
put other $D/disk/prod_id
sense 'inquiry data has changed' sg_raw "$sd" 00 00 00 00 00 00
put "" $D/disk/naa_id
clear_ua "$sd"
clear_ua "$sd2"

step "closed by the administrator: about the disk yes, its blocks no"
for dev in disk:$sd blk:$sb; do
	put 0 $D/${dev%:*}/active
	s=${dev#*:}
	run sg_raw "$s" 00 00 00 00 00 00
	run sg_raw -r 8 "$s" 25 00 00 00 00 00 00 00 00 00
	run sg_raw -r 36 "$s" 12 00 00 00 24 00
	sense 'medium not present' sg_raw -r 512 "$s" 28 00 00 00 00 00 00 00 01 00
	sense 'medium not present' sg_raw "$s" 35 00 00 00 00 00 00 00 00 00
	put 1 $D/${dev%:*}/active
	run sg_raw -r 512 "$s" 28 00 00 00 00 00 00 00 01 00
done

step "a new size is told, the end moves"
truncate -s 32M "$f"
put 1 $D/disk/resync_size
sense 'capacity data has changed' sg_raw "$sd" 00 00 00 00 00 00
clear_ua "$sd2"
is "$(blockdev --rereadpt "$d" 2>/dev/null; sg_readcap "$sd" | sed -n 's/.*Number of logical blocks=\([0-9]*\).*/\1/p')" 65536 "blocks after shrinking"
sense 'block address out of range' sg_raw -r 512 "$sd" 28 00 00 01 00 00 00 00 01 00
truncate -s 64M "$f"
put 1 $D/disk/resync_size
clear_ua "$sd"; clear_ua "$sd2"
sleep 1; udevadm settle	# the machine's own disk drivers look at the new size, too

step "the write cache is turned off and on; others hear of it"
run sg_wr_mode --page=8 --contents=8,12,0,0,0,0,0,0,0,0,0,0,80,14,0,0,0,0,0,0 "$sd"
is "$(head -n 1 $D/disk/write_through)" 1 "write_through after WCE=0"
sense 'mode parameters changed' sg_raw "$sd2" 00 00 00 00 00 00
run dd if=/dev/urandom of="$d" bs=64k count=16 oflag=direct status=none
run sg_wr_mode --page=8 --contents=8,12,4,0,0,0,0,0,0,0,0,0,80,14,0,0,0,0,0,0 "$sd"
is "$(head -n 1 $D/disk/write_through)" 0 "write_through after WCE=1"
clear_ua "$sd2"

step "WRITE SAME: a pattern, zeroes, a hole; UNMAP; GET LBA STATUS"
printf 'P%.0s' $(seq 512) > /tmp/pattern
for x in disk:$sd:$f blk:$sb:/dev/vdb; do
	IFS=: read -r name s file <<< "$x"
	put 0 $D/$name/active; put 1 $D/$name/active	# what the file holds can be compared now
	run sg_write_same --16 --in=/tmp/pattern --lba=8 --num=2000 "$s"
	run sg_raw "$s" 35 00 00 00 00 00 00 00 00 00
	is "$(at "$file" 4096 8)" 5050505050505050 "$name: pattern at its start"
	is "$(at "$file" $((2008 * 512 - 8)) 8)" 5050505050505050 "$name: pattern at its end"
	run sg_write_same --16 --ndob --lba=16 --num=16 "$s"
	run sg_raw "$s" 35 00 00 00 00 00 00 00 00 00
	is "$(at "$file" $((15 * 512 + 504)) 16)" 50505050505050500000000000000000 "$name: zeroes begin"
	is "$(at "$file" $((31 * 512 + 504)) 16)" 00000000000000005050505050505050 "$name: zeroes end"
	sense 'invalid field|illegal' sg_raw -s 512 -i /tmp/pattern "$s" 93 02 00 00 00 00 00 00 00 00 00 00 00 01 00 00
	run sg_verify --ndo=512 --in=/tmp/pattern --lba=8 --count=1 "$s"
	sense 'miscompare' sg_verify --ndo=512 --in=/tmp/pattern --lba=16 --count=1 "$s"
done
step "VERIFY reads no more than MAXIMUM TRANSFER LENGTH says, though it moves nothing"
for s in "$sd" "$sb"; do
	run sg_verify --16 --bpc=16384 --count=16384 "$s"
	sense 'invalid field|illegal' sg_verify --16 --bpc=16385 --count=16385 "$s"
	sense 'invalid field|illegal' sg_verify --bpc=65535 --count=65535 "$s"
done
run sg_unmap --force --lba=64 --num=64 "$sd"
run sg_get_lba_status --lba=64 "$sd"
sg_get_lba_status --brief --lba=64 "$sd" | grep -q '  1  ' || fail "unmapped blocks are not told: $(sg_get_lba_status --brief --lba=64 "$sd")"
is "$(at "$f" $((64 * 512)) 8)" 0000000000000000 "unmapped blocks"
sense 'out of range' sg_unmap --force --lba=131071 --num=2 "$sd"

step "COMPARE AND WRITE counts what 4 sides add, plain writes beside it"
dd if=/dev/zero of="$d" bs=512 count=1 oflag=direct status=none
python3 /job/tests/raw/caw_add.py 100 "$d" "$d" "$d2" "$d2" &
adders=$!
fio --name=beside --filename="$d2" --offset=1M --size=8M --rw=randwrite --bs=4k --iodepth=8 --ioengine=libaio --direct=1 \
	--time_based --runtime=5 --minimal > /dev/null || fail "writes beside COMPARE AND WRITE"
wait $adders || fail "COMPARE AND WRITE stopped, or nobody interfered"
is "$(dd if="$d" bs=512 count=1 iflag=direct status=none | head -c 8 | tr -d '\0')" 400 "sum of COMPARE AND WRITE"
head -c 1024 /dev/urandom > /tmp/caw
sense 'miscompare' sg_compare_and_write --in=/tmp/caw --lba=0 --num=1 --xferlen=1024 "$d"
is "$(dd if="$d" bs=512 count=1 iflag=direct status=none | head -c 8 | tr -d '\0')" 400 "after a miscompare"

ini_logout $other 127.0.0.1 $T
ini_logout $INI_DEFAULT 127.0.0.1 $T

step "zeroes in one part of a page of a block device, a write to its other part at the same time: no block comes back"
open_fileio node /dev/vdc
add_lun $T 3 node
cat > "$TESTDIR/part.py" <<'PY'
import sys
import iscsi
from kit import *
s = iscsi.Session('127.0.0.1', target=sys.argv[1]).settle(3)


def good(cdb, **how):
    r = s.scsi(cdb, 3, **how)
    if r.status:
        must(False, '%s: %r' % (cdb.hex(), r))
    return r.data


for n in range(500):
    good(write10(64, 8, 8), write=pattern(64, 8))
    good(verify10(64, 8))           # and the page leaves the cache
    two = [(write_same10(64, 4), bytes(BS)), (write10(68, 4), pattern(68, 4, n))]
    if n % 2:
        two.reverse()
    itts = [(s.start(cdb, 3, write=data), data) for cdb, data in two]
    for itt, data in itts:
        must(s.finish(itt, data, 3).status == 0, 'GOOD') if n == 0 else s.finish(itt, data, 3)
    good(verify10(64, 8))
    data = good(read10(64, 8), read=8 * BS)
    if data != bytes(4 * BS) + pattern(68, 4, n):
        must(False, 'round %d: zeroes %s, the rest %s' % (n, data[:4 * BS] == bytes(4 * BS), data[4 * BS:] == pattern(68, 4, n)))
must(s.logout() == 0, 'what was zeroed is zero, what was written is there')
PY
run python3 "$TESTDIR/part.py" $T
