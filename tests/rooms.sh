#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# House rules that a compiler does not check: who may include and call whom,
# file length, licence lines. Prints each breach; exit 1 when there is one.
cd "$(dirname "$0")/.." || exit 2
breaches=0

breach() { printf '%s: %s\n' "$1" "$2"; breaches=$((breaches + 1)); }

files() { git ls-files -- "$@" 2>/dev/null | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

# Tracked files, or in a bare copy all there are.
if ! git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
	files() { local p; for p; do find . -path "./$p" -type f | sed 's|^\./||'; done; }
fi

includes() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' "$1"; }

# Code without comments and strings, one line for one line.
code() { sed -E 's|"([^"\\]\|\\.)*"|""|g; s|//.*||; s|/\*.*\*/||; /\/\*/,/\*\//s/.*//' "$1"; }

# forbid FILE RULE REGEX
forbid()
{
	local hit

	while IFS= read -r hit; do
		breach "$1:${hit%%:*}" "$2: ${hit#*:}"
	done < <(code "$1" | grep -nE "$3")
}

# pure/*: plain functions over bytes, the same in the kernel and in a unit test
for f in $(files 'scst/pure/*.[ch]' 'scst/vdisk/pure/*.[ch]' 'iscsi-scst/pure/*.[ch]'); do
	for i in $(includes "$f"); do
		case $i in
		scst_pure.h|scsi_defs.h|iscsi_proto.h) continue ;;
		esac
		[ -f "$(dirname "$f")/$(basename "$i")" ] || [ -f "scst/pure/$(basename "$i")" ] ||
			breach "$f" "pure code includes $i"
	done
	forbid "$f" "no lock in pure code" '\b(spin_|mutex_|rcu_|atomic_|READ_ONCE|WRITE_ONCE|pthread_)'
	forbid "$f" "no allocation in pure code" '\b(kmalloc|kzalloc|kcalloc|kfree|kstrdup|malloc|calloc|realloc|strdup|free)\('
	forbid "$f" "no log in pure code" '\b(pr_[a-z]+|printk|printf|fprintf|perror)\('
	forbid "$f" "no clock in pure code" '\b(jiffies|ktime_get|time|clock_gettime|getrandom|get_random_[a-z0-9]+)\b *\('
	forbid "$f" "no kernel test in pure code" '__KERNEL__'
	forbid "$f" "no state in pure code" '^static [^(]*\b(int|u8|u16|u32|u64|bool|char) [a-z_]+( = [^()]*)?;'
done

# the iSCSI driver sees contracts and its own room only
for f in $(files 'iscsi-scst/kernel/*.[ch]'); do
	for i in $(includes "$f"); do
		case $i in
		*scst_priv.h|*../scst/*|*vdisk*) breach "$f" "the driver includes $i of the core" ;;
		esac
	done
done

# handlers see scst.h and their own room
for f in $(files 'scst/vdisk/*.[ch]' 'scst/disk/*.[ch]'); do
	for i in $(includes "$f"); do
		case $i in
		*scst_priv.h|*../cmd*|*../sysfs*|*iscst*) breach "$f" "a handler includes $i" ;;
		esac
	done
done

# the data path never calls sysfs
for f in scst/cmd.c scst/admit.c scst/drain.c scst/tmf.c scst/ua.c scst/buf.c; do
	[ -f "$f" ] && forbid "$f" "the data path calls sysfs" '\b(sysfs_|scst_sysfs_|kobject_)'
done

# sysfs calls control functions, never touches a command
for f in $(files 'scst/sysfs/*.c'); do
	forbid "$f" "sysfs touches a command" '\b(scst_cmd_(init|alloc_data|execute|done|finish)|scst_admit)\('
done

# user space knows the tree and the hand-over family
for f in $(files 'iscsi-scst/usr/*.[ch]' 'iscsi-scst/adm/*.[ch]' 'iscsi-scst/isns/*.[ch]' 'scstadmin/*.[ch]'); do
	for i in $(includes "$f"); do
		case $i in
		scst.h|scst_compat.h|scst_priv.h) breach "$f" "user space includes $i" ;;
		esac
	done
done

# kernels are told apart by probed features, where the code meets the kernel's headers
for f in $(files '*.[ch]'); do
	forbid "$f" "a kernel version instead of a probe" 'LINUX_VERSION_CODE|KERNEL_VERSION *\(|linux/version\.h'
	case $f in
	include/scst_compat.h|include/scst_pure.h) ;;
	*) forbid "$f" "a probe read outside of scst_compat.h and scst_pure.h" '^[[:space:]]*#.*SCST_HAVE_' ;;
	esac
done

# every file: licence line, bounded length, nothing about one machine
for f in $(files '*.[ch]' '*.sh' 'Makefile' '*/Makefile' '*Kbuild*' 'tests/run' 'tests/qemu/*' 'tests/demo/*' 'tests/bench/*' 'scstadmin/init.d/*'); do
	case $f in *README*|*/expected/*|*/results/*|*/packages|*/modules) continue ;; esac
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0' || breach "$f" "no SPDX line in its first three lines"
done
for f in $(files '*.[ch]' '*.sh'); do
	n=$(wc -l < "$f")
	[ "$n" -le 1200 ] || breach "$f" "$n lines: a file over 1200 lines is two files"
done
for f in $(files '*'); do
	[ "$f" = tests/rooms.sh ] && continue
	hit=$(grep -nIE '(^|[^a-zA-Z0-9_.])/(work|farm|home/[a-z]+|root/\.cache|tmp/b-)' "$f" | head -n 1)
	[ -z "$hit" ] || breach "$f:${hit%%:*}" "a path of one machine: ${hit#*:}"
done

# BUG_ON stops machines; a way out is always there
for f in $(files 'scst/*.[ch]' 'iscsi-scst/*.[ch]'); do
	forbid "$f" "BUG() instead of WARN_ON_ONCE and a way out" '\bBUG(_ON)?\('
done

[ $breaches = 0 ] && echo "rooms: no breach" || echo "rooms: $breaches breaches"
[ $breaches = 0 ]
