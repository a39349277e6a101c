# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# MODE SELECT with SP=1: the file, byte for byte, what a new device of that name and a reset make of it, files that are not
# theirs, a file system that is full, and a module that finds no directory.
# timeout: 600
# check: 6.12
. /job/tests/qemu/lib.sh
requires python3
T=iqn.2026-01.test:modes
DIR=/var/lib/scst/vdev_mode_pages
F=$DIR/disk

again()
{
	close_dev vdisk_fileio disk
	open_fileio disk /vdisks/modes ${1:+"$1"}
	add_lun $T 0 disk
}

modes() { echo "-- $*"; python3 /tmp/modes.py $T "$@" || fail "$*"; }

# holds FILE LINE...: exactly these
holds()
{
	local f=$1

	shift
	is "$(cat "$f")" "$(printf '%s\n' "$@")" "$f"
}

mkdir -p $DIR
scst_up
mkdisk modes 16
open_fileio disk /vdisks/modes
add_target $T
add_lun $T 0 disk
enable_target $T

cat > /tmp/modes.py << 'END'
"""modes.py TARGET ACTION [FIELD=VALUE...]: sense and set look at and change the fields by their names in the file."""
import sys
import iscsi
from kit import must

T, ACTION, *FIELDS = sys.argv[1:]
CURRENT, SAVED, CACHING, CONTROL = 0, 3, 0x08, 0x0a
# name: (page, byte, first bit, bits)
WHERE = {'TAS': (CONTROL, 5, 6, 1), 'QERR': (CONTROL, 3, 1, 2), 'TMF_ONLY': (CONTROL, 2, 4, 1), 'SWP': (CONTROL, 4, 3, 1),
         'D_SENSE': (CONTROL, 2, 2, 1), 'DPICZ': (CONTROL, 2, 3, 1), 'QUEUE_ALG': (CONTROL, 3, 4, 4), 'WCE': (CACHING, 2, 2, 1)}
s = iscsi.Session('127.0.0.1', target=T).settle(0)


def sense(page, pc=CURRENT):
    return s.scsi(bytes([0x1a, 0x08, pc << 6 | page, 0, 64, 0]), read=64)


def page_of(code, pc=CURRENT):
    r = sense(code, pc)
    must(r.status == 0, 'MODE SENSE of page %02x, PC=%d: %r' % (code, pc, r))
    return bytearray(r.data[4:])


def select(pages, save):
    data = bytes(4) + b''.join(bytes([p[0] & 0x3f]) + bytes(p[1:]) for p in pages)
    return s.scsi(bytes([0x15, 0x10 | save, 0, 0, len(data), 0]), write=data)


def changed():
    pages = {}
    for field in FIELDS:
        name, value = field.split('=')
        code, byte, bit, bits = WHERE[name]
        page = pages.setdefault(code, page_of(code))
        page[byte] = page[byte] & ~((1 << bits) - 1 << bit) | int(value) << bit
    return list(pages.values())


def check(pc):
    for field in FIELDS:
        name, value = field.split('=')
        code, byte, bit, bits = WHERE[name]
        now = page_of(code, pc)[byte] >> bit & (1 << bits) - 1
        must(now == int(value), '%s, PC=%d: %d' % (field, pc, now))


if ACTION == 'save':
    must(page_of(CONTROL)[0] & 0x80 and page_of(CACHING)[0] & 0x80, 'PS is set')
    r = select(changed(), save=1)
    must(r.status == 0, 'MODE SELECT, SP=1: %r' % r)
    check(CURRENT)
    check(SAVED)
elif ACTION == 'set':
    r = select(changed(), save=0)
    must(r.status == 0, 'MODE SELECT, SP=0: %r' % r)
    check(CURRENT)
elif ACTION == 'current':
    check(CURRENT)
elif ACTION == 'saved':
    check(SAVED)
elif ACTION == 'fail':
    r = select(changed(), save=1)
    must(r.asc == (4, 0x44, 0), 'what cannot be saved ends with INTERNAL TARGET FAILURE: %r' % r)
elif ACTION == 'reset':
    must(s.task_management(5) == 0, 'LOGICAL UNIT RESET')
    s.settle(0)
    check(CURRENT)
elif ACTION == 'cannot':
    must(not page_of(CONTROL)[0] & 0x80, 'PS is not set')
    must(sense(CONTROL, SAVED).asc == (5, 0x39, 0), 'PC=3: SAVING PARAMETERS NOT SUPPORTED')
    must(select(changed(), save=1).asc == (5, 0x24, 0), 'SP=1: INVALID FIELD IN CDB')
s.close()
END
export PYTHONPATH=/job/tests/raw

step "The file holds what differs from the values of creation; it goes when nothing does"
[ ! -e $F ] || fail "$F before anything was saved"
modes set TAS=1
[ ! -e $F ] || fail "SP=0 saves"
modes set TAS=0
modes save D_SENSE=1
holds $F disk D_SENSE=1
modes save TAS=1 QERR=3 TMF_ONLY=1 DPICZ=1 QUEUE_ALG=0 WCE=0
holds $F disk TAS=1 QERR=3 TMF_ONLY=1 D_SENSE=1 DPICZ=1 QUEUE_ALG=0 WRITE_THROUGH=1
is "$(ls $DIR)" disk "files in $DIR"
is "$(stat -c %a $F)" 600 "mode of $F"

step "A new device of that name begins with it, one of another name does not"
again
modes current TAS=1 QERR=3 TMF_ONLY=1 D_SENSE=1 DPICZ=1 QUEUE_ALG=0 WCE=0
is "$(head -n 1 $R/devices/disk/write_through)" 1 "write_through of the new device"
modes saved TAS=1 WCE=0
open_fileio other "$(mkdisk other 1)"
is "$(head -n 1 $R/devices/other/write_through)" 0 "write_through of another device"
close_dev vdisk_fileio other

step "A reset brings back what was saved, the cache stays off"
modes set TAS=0 WCE=1 QERR=0
modes reset TAS=1 QERR=3 WCE=0
modes save TAS=0 QERR=0 TMF_ONLY=0 D_SENSE=0 DPICZ=0 QUEUE_ALG=1 WCE=1
[ -e $F ] && fail "$F stays with nothing in it"
modes reset TAS=0 QERR=0 WCE=1

step "A saved cache is not turned on against write_through=1"
again write_through=1
modes save WCE=1
holds $F disk WRITE_THROUGH=0
again write_through=1
modes current WCE=0
modes save WCE=0 SWP=1

step "SWP that was saved protects the new device"
again
modes current SWP=1
modes save SWP=0
is "$(ls $DIR)" '' "files in $DIR"

step "What is not the file of this device is not believed"
printf 'another\nSWP=1\n' > $F
expect_dmesg 'device disk: .*/disk does not hold its mode pages, ignored'
again
modes current SWP=0
printf 'disk\nSWP=7\n' > $F
again
modes current SWP=0
head -c 100000 /dev/zero > $F
expect_dmesg 'device disk: .*/disk is too long for mode pages, ignored'
again
modes save D_SENSE=1
holds $F disk D_SENSE=1
rm $F
mkdir $F
expect_dmesg 'device disk: cannot read .*: error -(22|EINVAL)'
close_dev vdisk_fileio disk
refuse 'Invalid argument' bash -c "echo 'add_device disk filename=/vdisks/modes' > $R/handlers/vdisk_fileio/mgmt"
rmdir $F
open_fileio disk /vdisks/modes
add_lun $T 0 disk

step "A full file system: nothing is changed, and the old file stays"
modes save D_SENSE=1
mount -t tmpfs -o size=4k,nr_inodes=2 none $DIR
expect_dmesg 'device disk: mode pages not saved: error -(28|ENOSPC)'
echo disk > $F
echo D_SENSE=1 >> $F
modes fail D_SENSE=1 TAS=1
modes current TAS=0
modes saved TAS=0 D_SENSE=1
holds $F disk D_SENSE=1
umount $DIR
modes save D_SENSE=1 TAS=1
holds $F disk TAS=1 D_SENSE=1

step "Without the directory nothing can be saved"
scst_down || fail "modules stay"
mv $DIR $DIR.away
allow_dmesg 'no directory .* mode pages cannot be saved'
scst_up
open_fileio disk /vdisks/modes
add_target $T
add_lun $T 0 disk
enable_target $T
modes cannot TAS=1
modes set TAS=1
scst_down || fail "modules stay"
mv $DIR.away $DIR
rm -f $F
exit 0
