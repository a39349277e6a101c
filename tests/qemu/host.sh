# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the host needs to run virtual machines: packages, kernels, root image.
# Sourced. Everything is kept outside of the tree, in $SCST_CACHE.

QEMU_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$QEMU_DIR/../.." && pwd)
SCST_CACHE=${SCST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/scst-tests}
SCST_VM_LOCK=${SCST_VM_LOCK:-/tmp/vm.lock}
PATH=$PATH:/usr/sbin:/sbin
if [ "$(id -u)" = 0 ]; then SUDO=; else SUDO=sudo; fi
mkdir -p "$SCST_CACHE"
. "$TOP/tests/debug/build.sh"

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Something else may be installing, unattended-upgrades for example: it is waited for.
apt_get() { $SUDO env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" >&2; }

# Runs apt-get, once more after an update when the lists are missing or stale.
apt_try() { apt_get "$@" || { apt_get update && apt_get "$@"; }; }

# need_packages NAME...: installs those that are missing.
need_packages()
{
	local p missing=()

	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null)" = "ii " ] || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	say "Installing: ${missing[*]}"
	apt_try install -y --no-install-recommends "${missing[@]}" || die "cannot install: ${missing[*]}"
}

# The meta packages that follow Debian's security updates.
meta_package()
{
	case $2 in
	6.1) echo "linux-$1-amd64" ;;
	6.12) echo "linux-$1-6.12-amd64" ;;
	*) die "no Debian kernel known for series $2" ;;
	esac
}

resolve_once()
{
	apt-cache depends "$(meta_package image "$1")" 2>/dev/null |
		sed -n "s/^ *Depends: linux-image-\(${1//./\\.}\..*\)/\1/p" | head -n 1
}

# kernel_version SERIES: what `uname -r` will say in the guest.
kernel_version()
{
	local v

	! is_debug "$1" || { debug_kernel_version "$1"; return; }
	v=$(resolve_once "$1")
	[ -n "$v" ] || { apt_get update; v=$(resolve_once "$1"); }
	[ -n "$v" ] || v=$(cd "$SCST_CACHE/kernel" 2>/dev/null && printf '%s\n' "$1".*-amd64 | sort -V | tail -n 1)
	[ -n "$v" ] && [ "$v" != "$1.*-amd64" ] || die "cannot find a Debian kernel $1"
	echo "$v"
}

# kernel_headers KVER: installs the headers when missing, prints their folder.
kernel_headers()
{
	local dir=/usr/src/linux-headers-$1

	! is_debug "$1" || { echo "$SCST_CACHE/kernel/$1/build"; return; }
	[ -f "$dir/Makefile" ] || need_packages "linux-headers-$1"
	echo "$dir"
}

# Copies the listed modules and what they depend on, uncompressed.
pick_modules()
{
	local from=$1 to=$2 kver=$3 mark name line rel

	depmod -b "$from" "$kver"
	: > "$to/boot-order"
	while read -r mark name; do
		case $mark in ''|'#'*) continue ;; boot) ;; *) name=$mark; mark= ;; esac
		modprobe -d "$from" -S "$kver" --show-depends "$name" 2>/dev/null |
		while read -r line rel _; do
			[ "$line" = insmod ] || continue
			rel=${rel#"$from"/}
			mkdir -p "$to/$(dirname "$rel")"
			case $rel in
			*.xz) xz -dc "$from/$rel" > "$to/${rel%.xz}"; rel=${rel%.xz} ;;
			*) cp "$from/$rel" "$to/$rel" ;;
			esac
			[ -z "$mark" ] || grep -qxF "$rel" "$to/boot-order" || echo "$rel" >> "$to/boot-order"
		done
	done < "$QEMU_DIR/modules"
	cp "$from/lib/modules/$kver"/modules.{order,builtin,builtin.modinfo} "$to/lib/modules/$kver/"
	depmod -b "$to" "$kver"
}

# A RAM disk that loads what the root disk needs and goes there.
make_initrd()
{
	local dir=$1 work rel

	work=$(mktemp -d)
	mkdir -p "$work"/{bin,dev,proc,sys,root,lib}
	cp /bin/busybox "$work/bin/busybox"
	: > "$work/modules"
	while read -r rel; do
		cp "$dir/modules/$rel" "$work/lib/"
		echo "/lib/$(basename "$rel")" >> "$work/modules"
	done < "$dir/modules/boot-order"
	cp "$QEMU_DIR/initrd-init" "$work/init"
	chmod 755 "$work/init"
	(cd "$work" && find . | cpio -o -H newc --quiet | gzip -1) > "$dir/initrd.new"
	mv "$dir/initrd.new" "$dir/initrd"
	rm -rf "$work"
}

# fetch_kernel KVER FOLDER: Debian's own, as FOLDER/{vmlinuz,installed/}.
fetch_kernel()
{
	local kver=$1 dir=$2 work

	work=$(mktemp -d)
	(cd "$work" && chmod 755 . &&
	 { apt-get -q download "linux-image-$kver" >&2 ||
	   { apt_get update; apt-get -q download "linux-image-$kver" >&2; }; } &&
	 dpkg -x linux-image-*.deb x) || die "cannot download the kernel $kver"
	cp "$work/x/boot/vmlinuz-$kver" "$dir/vmlinuz"
	mv "$work/x" "$dir/installed"
	rm -rf "$work"
}

# prepare_kernel KVER: $SCST_CACHE/kernel/KVER/{vmlinuz,modules/,initrd}.
prepare_kernel()
{
	local kver=$1 dir=$SCST_CACHE/kernel/$1 key

	key=$(cat "$QEMU_DIR/modules" "$QEMU_DIR/initrd-init" | sha256sum | cut -c 1-16)
	[ "$(cat "$dir/key" 2>/dev/null)" = "$key" ] && return
	say "Preparing kernel $kver"
	rm -rf "$dir/modules" "$dir/accel"
	mkdir -p "$dir/modules/lib/modules/$kver"
	is_debug "$kver" || fetch_kernel "$kver" "$dir"
	pick_modules "$dir/installed" "$dir/modules" "$kver"
	is_debug "$kver" || rm -rf "$dir/installed"
	make_initrd "$dir"
	echo "$key" > "$dir/key"
}

# prepare_root: $SCST_CACHE/root-KEY.ext4, the same for all kernels.
prepare_root()
{
	local work list key

	list=$(grep -v '^#' "$QEMU_DIR/packages" | paste -sd, -)
	key=$(echo "$list" | sha256sum | cut -c 1-16)
	ROOT_IMAGE=$SCST_CACHE/root-$key.ext4
	[ -f "$ROOT_IMAGE" ] && return
	say "Making the guest's root file system"
	work=$(mktemp -d)
	chmod 755 "$work"
	$SUDO mmdebstrap --quiet --variant=minbase --include="$list" \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		bookworm "$work/root" >&2 || die "mmdebstrap failed"
	$SUDO mkdir -p "$work/root/job" "$work/root/vdisks"
	truncate -s 2G "$work/image"
	$SUDO mkfs.ext4 -q -F -L root -d "$work/root" "$work/image" || die "mkfs.ext4 failed"
	mv "$work/image" "$ROOT_IMAGE"
	$SUDO rm -rf "$work"
}

VM_PACKAGES="qemu-system-x86 mmdebstrap busybox-static cpio xz-utils kmod e2fsprogs rsync
	build-essential bc libelf-dev pkg-config util-linux
	libnl-3-dev libnl-genl-3-dev libssl-dev libjansson-dev libsmartcols-dev libseccomp-dev libcap-ng-dev"

# prepare SERIES...: all that a run of these series needs. One at a time.
prepare()
{
	local series

	# shellcheck disable=SC2086
	need_packages $VM_PACKAGES
	for series; do
		! is_debug "$series" || build_debug_kernel "$series" "$(kernel_version "$series")"
	done
	exec 8> "$SCST_CACHE/lock"
	flock 8 || die "cannot take the lock $SCST_CACHE/lock"
	prepare_root
	for series; do
		prepare_kernel "$(kernel_version "$series")"
	done
	exec 8>&-
}

# vm_accel KVER: kvm when a boot with it has really ended well here, else tcg.
# Under some hypervisors /dev/kvm opens, yet stock kernels hang.
vm_accel()
{
	local dir=$SCST_CACHE/kernel/$1 out

	[ -z "${SCST_ACCEL:-}" ] || { echo "$SCST_ACCEL"; return; }
	[ -w /dev/kvm ] || { echo tcg; return; }
	if [ ! -f "$dir/accel" ]; then
		out=$(timeout 30 qemu-system-x86_64 -accel kvm -cpu host -m 1024 -display none \
			-no-reboot -monitor none -serial stdio -kernel "$dir/vmlinuz" \
			-initrd "$dir/initrd" -append "console=ttyS0 quiet panic=-1 probe" \
			< /dev/null 2>/dev/null)
		case $out in *scst-probe-ok*) echo kvm ;; *) echo tcg ;; esac > "$dir/accel"
	fi
	cat "$dir/accel"
}

# with_vm_lock CMD...: one machine runs at a time.
with_vm_lock()
{
	if [ -e "$SCST_VM_LOCK" ]; then exec 9< "$SCST_VM_LOCK"; else exec 9> "$SCST_VM_LOCK"; fi
	flock 9 || die "cannot take the lock $SCST_VM_LOCK"
	"$@" 9<&-
	local ret=$?
	exec 9<&-
	return $ret
}

# vm_machine KVER: sets MACHINE, accelerator and processors. With VM_COUNTED=1 one processor whose clock advances a
# nanosecond per executed instruction: the same work always takes the same time, on a busy host as well. Without ERMS and
# FSRM, which would let a copied byte count as an instruction. Two sockets, for a kernel without ACPI knows one processor
# of each: that is all the firmware's MP table names.
vm_machine()
{
	if [ -n "${VM_COUNTED:-}" ]; then
		MACHINE=(-accel tcg,thread=single -icount "shift=0,sleep=off" -smp 1 -cpu "max,pku=off,la57=off,erms=off,fsrm=off")
	elif [ "$(vm_accel "$1")" = kvm ]; then
		MACHINE=(-accel kvm -smp "2,sockets=2" -cpu host)
	else
		MACHINE=(-accel "tcg,thread=multi" -smp "2,sockets=2" -cpu "max,pku=off,la57=off")
	fi
}

# What a kernel of this flavour is booted with. KCSAN has a report for every race, not one at most: panic_on_warn would end the run.
flavour_cmdline()
{
	case $(flavour "$1") in
	kcsan) echo "panic_on_warn=0 kcsan.skip_watch=100 kcsan.interrupt_watcher=1" ;;
	*) echo "panic_on_warn=1" ;;
	esac
}

# Shadow memory, quarantine and the records of each allocation.
flavour_mb() { if is_debug "$1"; then echo 4096; else echo 2048; fi; }

# How much longer things may take: everything is instrumented, under TCG as well.
flavour_factor() { case $(flavour "$1") in kasan) echo 6 ;; kcsan) echo 5 ;; *) echo 1 ;; esac; }

# How long a machine may take until its first process runs. QEMU's emulation with several threads now and then stands still
# before the kernel has said a word; such a machine is started again.
boot_seconds() { if is_debug "$1"; then echo 900; else echo 300; fi; }

# watch_boot JOB SECONDS PID: kills a machine that does not come up, and leaves JOB/never_up.
watch_boot()
{
	local end=$((SECONDS + $2))

	while [ ! -e "$1/out/dmesg.all" ]; do
		kill -0 "$3" 2> /dev/null || return
		[ $SECONDS -lt $end ] || { touch "$1/never_up"; kill "$3"; return; }
		sleep 2
	done
}

# run_machine QEMU OPTION...: a part of boot_job, with its variables
run_machine()
{
	local ret

	timeout -k 10 "$limit" qemu-system-x86_64 "${MACHINE[@]}" \
		-m "${SCST_VM_MB:-$(flavour_mb "$kver")}" -nographic -no-reboot -monitor none -serial "${SCST_SERIAL:-file:$job/console}" \
		-kernel "$dir/vmlinuz" -initrd "$dir/initrd" \
		-append "console=ttyS0 quiet panic=-1 oops=panic $(flavour_cmdline "$kver") net.ifnames=0 mitigations=off log_buf_len=16M watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120 slab_nomerge ${SCST_CMDLINE:-}" \
		-drive "file=$ROOT_IMAGE,if=none,id=root,format=raw,snapshot=on,cache=unsafe" \
		-device virtio-blk-pci,drive=root -device virtio-scsi-pci,id=scsi \
		-fsdev "local,id=job,path=$job,security_model=none" -device virtio-9p-pci,fsdev=job,mount_tag=job \
		"$@" < /dev/null &
	VM_PID=$!
	watch_boot "$job" "$(boot_seconds "$kver")" $VM_PID &
	wait $VM_PID
	ret=$?
	wait $!
	return $ret
}

# boot_job JOB KVER SECONDS [QEMU OPTION...]: runs JOB/job in a machine, waits for
# its end. Disks: vda root, vdb and vdc plain, sda to sdc on one SCSI controller.
boot_job()
{
	local job=$1 kver=$2 limit=$3 dir=$SCST_CACHE/kernel/$2 d args=() ret

	shift 3
	vm_machine "$kver"
	for d in vdb vdc; do
		truncate -s 256M "$job/$d"
		args+=(-drive "file=$job/$d,if=none,id=$d,format=raw,cache=unsafe,discard=unmap")
		args+=(-device "virtio-blk-pci,drive=$d")
	done
	for d in sda sdb sdc; do
		truncate -s 256M "$job/$d"
		args+=(-drive "file=$job/$d,if=none,id=$d,format=raw,cache=unsafe,discard=unmap")
		args+=(-device "scsi-hd,drive=$d,bus=scsi.0")
	done
	for _ in 1 2 3; do
		run_machine "${args[@]}" "$@"
		ret=$?
		[ -e "$job/never_up" ] || break
		rm "$job/never_up"
		say "the machine did not come up within $(boot_seconds "$kver") s"
	done
	return $ret
}

# For traps: the machine ends with the script that started it.
kill_vm() { [ -z "${VM_PID:-}" ] || { kill "$VM_PID" 2>/dev/null; wait "$VM_PID"; }; }

# prepare_checkpatch: the kernel's checkpatch.pl and its word lists, cached.
prepare_checkpatch()
{
	local work

	CHECKPATCH=$SCST_CACHE/checkpatch/checkpatch.pl
	[ -f "$CHECKPATCH" ] && return
	need_packages perl xz-utils
	say "Fetching checkpatch.pl out of Debian's kernel source"
	work=$(mktemp -d)
	(cd "$work" && { apt-get -q download linux-source-6.1 >&2 ||
	   { apt_get update; apt-get -q download linux-source-6.1 >&2; }; } &&
	 dpkg-deb --fsys-tarfile linux-source-6.1_*.deb |
		tar -xO ./usr/src/linux-source-6.1.tar.xz |
		tar -xJ --strip-components=2 linux-source-6.1/scripts/checkpatch.pl \
		linux-source-6.1/scripts/spelling.txt linux-source-6.1/scripts/const_structs.checkpatch) ||
		die "cannot get checkpatch.pl"
	mkdir -p "${CHECKPATCH%/*}"
	mv "$work"/spelling.txt "$work"/const_structs.checkpatch "$work"/checkpatch.pl "${CHECKPATCH%/*}/"
	rm -rf "$work"
}
