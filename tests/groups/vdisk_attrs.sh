# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Files and create rules of virtual disks: defaults, [key] marks, what is refused and
# with which words, size and resync_size, active, duplicate names, missing files.
# timeout: 600
# check: 6.1
. /job/tests/qemu/lib.sh

D=$R/devices
FILEIO=$R/handlers/vdisk_fileio/mgmt
BLOCKIO=$R/handlers/vdisk_blockio/mgmt
NULLIO=$R/handlers/vdisk_nullio/mgmt

# value DEVICE FILE TEXT: the whole file, byte for byte (printf escapes)
value() { is "$(cat "$D/$1/$2" | od -An -c)" "$(printf '%b' "$3" | od -An -c)" "$1/$2"; }
mode() { is "$(stat -c %a "$D/$1/$2")" "$3" "mode of $1/$2"; }

# bad TEXT FILE ERROR MESSAGE: refused with that error, and the log says why
bad()
{
	local out line

	line=$(dmesg | wc -l)
	printf 'bad: "%.100s" > %s\n' "$1" "$2"
	out=$(bash -c 'printf "%s\n" "$1" > "$2"' - "$1" "$2" 2>&1) && fail "accepted: $1 > $2"
	printf '%s' "$out" | grep -q "$3" || fail "wrong error for \"$1\": $out"
	allow_dmesg "$4"
	dmesg | tail -n +$((line + 1)) | grep -E 'scst(_vdisk)?: ' | tee /dev/stderr | grep -qE -- "$4" ||
		fail "the log does not say \"$4\" for: $1"
}

run modprobe scst
run modprobe scst_vdisk
f=$(mkdisk attrs 8)

step "what add_device takes is advertised, byte for byte"
# advertises HANDLER LIST
advertises()
{
	is "$(od -An -c "$R/handlers/$1/mgmt")" "$(od -An -c <<-END
		Usage: echo "add_device device_name [parameters]" >mgmt
		       echo "del_device device_name" >mgmt

		where parameters are one or more param_name=value pairs separated by ';'

		The following parameters available: $2

		END
	)" "help of $1"
}
# Without cluster_mode: there is no distributed lock manager.
advertises vdisk_fileio "active, async, bind_alua_state, blocksize, dif_filename, dif_mode, dif_static_app_tag, dif_type, filename, numa_node_id, nv_cache, o_direct, read_only, removable, rotational, thin_provisioned, tst, t10_dev_id, write_through"
advertises vdisk_blockio "active, bind_alua_state, blocksize, dif_filename, dif_mode, dif_static_app_tag, dif_type, filename, numa_node_id, nv_cache, read_only, removable, rotational, thin_provisioned, tst, t10_dev_id, write_through"
advertises vdisk_nullio "blocksize, dif_mode, dif_static_app_tag, dif_type, dummy, numa_node_id, read_only, removable, rotational, size, size_mb, tst, t10_dev_id"
advertises vcdrom "tst"

step "and each of these does what it says, what is not there is refused"
# A value that is not the default, and what else it needs; o_direct has a step of its own below.
declare -A sample=([active]=0 [async]=1 [bind_alua_state]=1 [blocksize]=4096 [dummy]=1 [numa_node_id]=0 [nv_cache]=1 [read_only]=1
	[removable]=1 [rotational]=0 [size]=16777216 [size_mb]=16 [thin_provisioned]=1 [tst]=0 [t10_dev_id]=own [write_through]=1
	[dif_type]=3 [dif_mode]=scst [dif_static_app_tag]=0x7 [dif_filename]=/vdisks/tags)
declare -A needs=([dif_type]=';dif_mode=scst' [dif_mode]=';dif_type=1' [dif_static_app_tag]=';dif_type=1;dif_mode=scst'
	[dif_filename]=';dif_type=1;dif_mode=dev_store')
allow_dmesg 'device try: (nv_cache|dif_static_app_tag|cannot discard)'
expect_dmesg 'device disk02: removable=3 means 1: only the lowest bit counts'
tried=0
# try HANDLER STORE
try()
{
	local name value

	for name in $(sed -n 's/^The following parameters available: //p' "$R/handlers/$1/mgmt" | tr -d ,); do
		case $name in filename | o_direct) continue ;; esac
		value=${sample[$name]-} && [ -n "$value" ] || fail "what is a value of $name?"
		case "$1 $name" in
		"vdisk_blockio bind_alua_state") value=0 ;;	# which is not its default
		"vdisk_blockio thin_provisioned") [ "$(cat /sys/block/vdb/queue/discard_max_bytes)" != 0 ] || value=0 ;;
		esac
		put "add_device try $2$name=$value${needs[$name]-}" "$R/handlers/$1/mgmt"
		is "$(head -n 1 "$D/try/$name")" "$value" "$name of a device of $1"
		put "del_device try" "$R/handlers/$1/mgmt"
		rm -f /vdisks/tags*
		tried=$((tried + 1))
	done
	bad "add_device try $2cluster_mode=0" "$R/handlers/$1/mgmt" 'Invalid argument' 'unknown parameter cluster_mode'
}
try vdisk_fileio "filename=$f;"
try vdisk_blockio "filename=/dev/vdb;"
try vdisk_nullio ""
try vcdrom ""
is $tried 47 "parameters tried"

step "defaults of a fileio device and their marks"
open_fileio disk01 "$f"
value disk01 filename "$f\n[key]\n\n"
for x in "active 1 644" "async 0 644" "blocksize 512 444" "eui64_id  644" "inq_vend_specific  644" \
	"lb_per_pb_exp 1 644" "naa_id  644" "nv_cache 0 444" "o_direct 0 444" "opt_trans_len 524288 644" \
	"prod_id disk01 644" "read_by_reference 1 644" "read_only 0 444" "removable 0 444" "rotational 1 444" "scsi_device_name  644" \
	"size_mb 8 444" "t10_dev_id 27cddc71-disk01 644" "t10_vend_id SCST_FIO 644" "thin_provisioned 0 444" \
	"tst 1 444" "usn 27cddc71 644" "vend_specific_id 27cddc71-disk01 644" "write_through 0 444"; do
	rest=${x#* }
	value disk01 "${x%% *}" "${rest% *}\n"
	mode disk01 "${x%% *}" "${x##* }"
done
value disk01 prod_rev_lvl "400 \n"
value disk01 size "8388608\n[key]\n"
mode disk01 filename 644
mode disk01 size 444
mode disk01 sync 200
mode disk01 resync_size 200

step "values that differ from the default carry the mark"
open_fileio disk02 "$(mkdisk attrs2 8)" blocksize=4096 read_only=1 removable=3 rotational=0 tst=0 thin_provisioned=0
for x in "blocksize 4096" "read_only 1" "removable 1" "rotational 0" "tst 0" "thin_provisioned 0"; do
	value disk02 "${x% *}" "${x#* }\n[key]\n"
done
open_fileio disk03 "$(mkdisk attrs3 8)" 'WRITE_Through = 1' async=1 t10_dev_id=my-own-id numa_node_id=0
value disk03 write_through '1\n[key]\n'
value disk03 async '1\n[key]\n'
value disk03 t10_dev_id 'my-own-id\n[key]\n'
value disk03 vend_specific_id "$(cat $D/disk03/usn)-disk03\n"
value disk03 numa_node_id '0\n[key]\n'

step "nullio and its sizes"
open_nullio null1
value null1 size '2748779069440\n'
value null1 size_mb '2621440\n'
mode null1 size 644
open_nullio null2 size_mb=16 dummy=1
value null2 size '16777216\n[key]\n'
value null2 dummy '1\n[key]\n'
put 33554432 $D/null2/size
value null2 size_mb '32\n'
[ -e $D/null1/filename ] && fail "nullio has a filename"
[ -e $D/null1/sync ] && fail "nullio has sync"

step "blockio: exclusive, auto thin, size by hand"
open_blockio blk1 /dev/vdb
value blk1 size '268435456\n'
value blk1 t10_vend_id 'SCST_BIO\n'
mode blk1 size 644
bad "add_device blk2 filename=/dev/vdb" $BLOCKIO busy 'blk2.*/dev/vdb, it is in use'
[ -d $D/blk2 ] && fail "blk2 exists"
put 134217728 $D/blk1/size
value blk1 size '134217728\n[key]\n'
bad 1000 $D/blk1/size 'Invalid argument' 'size 1000 is not a multiple'
value blk1 size '134217728\n[key]\n'
put 1 $D/blk1/resync_size
value blk1 size '268435456\n'
bad "add_device blk3 filename=$f" $BLOCKIO . 'cannot open block device'
close_dev vdisk_blockio blk1
open_blockio blk2 /dev/vdb
close_dev vdisk_fileio blk2	# one name space for all of them

step "what add_device refuses"
bad "add_device disk01 filename=$f" $FILEIO 'File exists' 'disk01 already exists'
bad "add_device disk01" $NULLIO 'File exists' 'disk01 already exists'
bad "add_device d filename=/nonexistent/file" $FILEIO 'No such file' 'cannot open /nonexistent/file'
bad "add_device d" $FILEIO 'Invalid argument' 'no filename'
bad "add_device d filename=vdisks/attrs" $FILEIO 'Invalid argument' 'bad value of filename'
bad "add_device d filename=$f;filename=$f" $FILEIO 'Invalid argument' 'bad value of filename'
bad "add_device d filename=/vdisks" $FILEIO 'directory' 'cannot open /vdisks'
bad "add_device d filename=/dev/null" $FILEIO 'Invalid argument' 'neither a regular file nor a block device'
bad "add_device d filename=$f;colour=blue" $FILEIO 'Invalid argument' 'unknown parameter colour'
bad "add_device d filename=$f;dif_type=1" $FILEIO 'Invalid argument' 'dif_type needs a dif_mode'
bad "add_device d filename=$f;dif_type=4;dif_mode=scst" $FILEIO 'Invalid argument' 'bad value of dif_type: 4'
bad "add_device d filename=$f;dif_type=1;dif_mode=scst|dev" $FILEIO 'Invalid argument' 'bad value of dif_mode'
bad "add_device d filename=$f;dif_mode=scst" $FILEIO 'Invalid argument' 'need a dif_type'
bad "add_device d filename=$f;dif_filename=/vdisks/tags" $FILEIO 'Invalid argument' 'need a dif_type'
bad "add_device d filename=$f;dif_type=1;dif_mode=tgt|scst" $FILEIO 'Invalid argument' 'dif_mode tgt needs hardware'
bad "add_device d filename=$f;dif_type=1;dif_mode=dev_check|dev_store" $FILEIO 'Invalid argument' 'dev_check is for block devices'
bad "add_device d filename=$f;dif_type=1;dif_mode=scst;dif_filename=/vdisks/tags" $FILEIO 'Invalid argument' 'needs dif_mode dev_store'
bad "add_device d filename=/dev/vdb;dif_type=1;dif_mode=dev_check" $BLOCKIO 'Invalid argument' 'dev_check needs dev_store'
bad "add_device d dif_type=1;dif_mode=dev_store" $NULLIO 'Invalid argument' 'nothing is stored here'
bad "add_device d dif_type=1;dif_mode=scst;dif_filename=/vdisks/tags" $NULLIO 'Invalid argument' 'unknown parameter dif_filename'
bad "add_device d filename=$f;dif_type=1;dif_mode=dev_store;dif_filename=$f" $FILEIO 'Invalid argument' 'holds the data'
bad "add_device d filename=$f;async=1" $BLOCKIO 'Invalid argument' 'unknown parameter async'
bad "add_device d filename=$f" $NULLIO 'Invalid argument' 'unknown parameter filename'
bad "add_device d filename=$f;tst" $FILEIO 'Invalid argument' 'exactly one value'
bad "add_device d filename=$f;tst=2" $FILEIO 'Invalid argument' 'bad value of tst: 2'
bad "add_device d filename=$f;async=2" $FILEIO 'Invalid argument' 'bad value of async: 2'
bad "add_device d filename=$f;numa_node_id=-2" $FILEIO 'Invalid argument' 'bad value of numa_node_id'
bad "add_device d filename=$f;t10_dev_id=abcdefghijklmnopqrstuvwxyz" $FILEIO 'Invalid argument' 'bad value of t10_dev_id'
bad "add_device d filename=$f;read_only=1;write_through=1" $FILEIO 'Invalid argument' 'read_only goes with neither'
bad "add_device d filename=$f;read_only=1;nv_cache=1" $FILEIO 'Invalid argument' 'read_only goes with neither'
for bs in 0 1 256 513 1000 8192 -512 4k; do
	bad "add_device d filename=$f;blocksize=$bs" $FILEIO 'Invalid argument' "bad value of blocksize: $bs"
done
bad "add_device d blocksize=4096;size=4097" $NULLIO 'Invalid argument' 'size 4097 is not a multiple'
bad "add_device d size=99999999999999999999" $NULLIO 'Numerical result' 'bad value of size'
: > /vdisks/empty
bad "add_device d filename=/vdisks/empty" $FILEIO 'Invalid argument' 'smaller than one block'
bad "add_device a.b" $NULLIO 'Invalid argument' 'a\.b'
bad "add_device a/b" $NULLIO 'Invalid argument' 'a/b'
bad "add_device $(printf 'n%.0s' $(seq 65))" $NULLIO 'Invalid argument' 'bad device name n'
[ -d $D/d ] && fail "device d exists"
for bs in 512 1024 2048 4096; do
	open_nullio d blocksize=$bs
	close_dev vdisk_nullio d
done

step "file size: cut to whole blocks, resync, sync"
truncate -s 10000 /vdisks/odd
open_fileio odd /vdisks/odd
value odd size '9728\n[key]\n'
truncate -s 20480 /vdisks/odd
value odd size '9728\n[key]\n'
put 1 $D/odd/resync_size
value odd size '20480\n[key]\n'
put 1 $D/odd/sync
close_dev vdisk_fileio odd

step "active: closed and opened, filename in between"
bad /vdisks/other $D/disk01/filename 'Invalid argument' 'only be changed while active is 0'
bad 2 $D/disk01/active 'Invalid argument' 'active must be 0 or 1'
put 0 $D/disk01/active
value disk01 active '0\n[key]\n'
[ -z "$(fuser "$f" 2>/dev/null)" ] || fail "$f is still open"
bad 1 $D/disk01/sync . 'not active'
bad 1 $D/disk01/resync_size . 'not active'
bad other $D/disk01/filename 'Invalid argument' 'not absolute'
put /vdisks/nonexistent $D/disk01/filename
bad 1 $D/disk01/active 'No such file' 'cannot open /vdisks/nonexistent'
value disk01 active '0\n[key]\n'
put "$(mkdisk other 16)" $D/disk01/filename
put 1 $D/disk01/active
value disk01 active '1\n'
value disk01 size '16777216\n[key]\n'
open_fileio late /vdisks/later active=0
value late size '0\n[key]\n'
mkdisk later 4 > /dev/null
put 1 $D/late/active
value late size_mb '4\n'

step "identity: length limits, marks, hex ids"
long=$(printf 'x%.0s' $(seq 300))
for x in t10_vend_id:8 vend_specific_id:128 prod_id:16 prod_rev_lvl:4 t10_dev_id:25 usn:20 inq_vend_specific:160 \
	scsi_device_name:256; do
	a=${x%:*} n=${x#*:}
	bad "${long:0:$((n + 1))}" $D/disk01/$a 'Invalid argument' "$a takes at most $n"
	put "${long:0:$n}" $D/disk01/$a
	value disk01 $a "${long:0:$n}\n[key]\n"
done
put " two words " $D/disk01/prod_id
value disk01 prod_id ' two words \n[key]\n'
bad "$(printf 'a\tb')" $D/disk01/usn 'Invalid argument' 'usn takes'
put 0x600140512345678901234567890abcde $D/disk01/naa_id
value disk01 naa_id '0x600140512345678901234567890abcde\n[key]\n'
put 5001405123456789 $D/disk01/naa_id
value disk01 naa_id '0x5001405123456789\n[key]\n'
bad 1001405123456789 $D/disk01/naa_id 'Invalid argument' 'bad value of naa_id'
bad 50014051234567 $D/disk01/naa_id 'Invalid argument' 'bad value of naa_id'
bad xyz $D/disk01/eui64_id 'Invalid argument' 'bad value of eui64_id'
put 0x0123456789abcdef01234567 $D/disk01/eui64_id
value disk01 eui64_id '0x0123456789abcdef01234567\n[key]\n'
put "" $D/disk01/eui64_id
value disk01 eui64_id '\n'
bad 1000 $D/disk01/opt_trans_len 'Invalid argument' 'not a multiple'
put 65536 $D/disk01/opt_trans_len
value disk01 opt_trans_len '65536\n[key]\n'

step "o_direct on a disk file system, nv_cache says so"
truncate -s 4M /root/direct
open_fileio direct /root/direct o_direct=1 nv_cache=1
value direct o_direct '1\n[key]\n'
dmesg | grep -q 'device direct: nv_cache' || fail "nv_cache was not logged"
close_dev vdisk_fileio direct
rm /root/direct

step "a serial number belongs to one device"
open_nullio twin
u=$(cat $D/twin/usn)
close_dev vdisk_nullio twin
put "$u" $D/null1/usn
bad "add_device twin" $NULLIO 'File exists' "twin: its serial number $u is already that of null1"
put anything-else $D/null1/usn
open_nullio twin

step "many at once, then all go with the module"
for i in $(seq 20); do
	(for _ in 1 2 3; do
		echo "add_device p$i size_mb=1" > $NULLIO && echo "del_device p$i" > $NULLIO
	done) || touch /tmp/parallel-failed &
done
wait
[ ! -e /tmp/parallel-failed ] || fail "parallel add and del"
ls $D | grep -q '^p[0-9]' && fail "devices left"
run rmmod scst_vdisk
[ -z "$(ls $D)" ] || fail "devices left after the module: $(ls $D)"
run modprobe scst_vdisk
open_nullio again
run modprobe -r scst_vdisk
run modprobe -r scst
