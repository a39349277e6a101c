# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debug kernels, as further "series" of the runner: 6.1-kasan, 6.12-kcsan ...
# Sourced by qemu/host.sh. What `uname -r` says in the guest, e.g.
#     6.1.192-2-kasan-1f3ab2c4     version of the source, flavour, hash of the options
# is the key of everything that is cached of it.

DEBUG_DIR=$TOP/tests/debug

# flavour SERIES_OR_KVER: kasan, kcsan, or nothing for Debian's own.
flavour() { case $1 in *-kasan*) echo kasan ;; *-kcsan*) echo kcsan ;; esac; }
is_debug() { [ -n "$(flavour "$1")" ]; }

# debug_options SERIES: the options asked for, one NAME=VALUE a line.
debug_options()
{
	sed -E "s/^${1%%-*}: //; /^([0-9.]+: |#|\$)/d" "$DEBUG_DIR/config" "$DEBUG_DIR/config-$(flavour "$1")"
}

# build_variables SERIES: what make is told, one a line. Only modules built later are watched for races, ours that is: each access
# that is watched costs time, and of the kernel's own nobody here asks. What it does to our data still shows, as a changed value.
build_variables()
{
	case $(flavour "$1") in
	kcsan) echo KCSAN_SANITIZE=n ;;
	esac
}

options_key() { { debug_options "$1"; build_variables "$1"; } | sha256sum | cut -c 1-8; }

# The version of Debian's source package, the newest that apt knows.
source_version()
{
	local pkg=linux-source-${1%%-*} v

	v=$(apt-cache policy "$pkg" 2>/dev/null | sed -n 's/^ *Candidate: //p')
	[ -n "$v" ] && [ "$v" != "(none)" ] || { apt_get update; v=$(apt-cache policy "$pkg" | sed -n 's/^ *Candidate: //p'); }
	echo "$v"
}

# cached_debug_kernel SERIES: the newest complete one with these very options, if any.
cached_debug_kernel()
{
	local k

	for k in "$SCST_CACHE/kernel/${1%%-*}".*"-$(flavour "$1")-$(options_key "$1")/built"; do
		[ -f "$k" ] && basename "${k%/built}"
	done | sort -V | tail -n 1
}

# debug_kernel_version SERIES: a cached one does even when the source moved on:
# what is tested with it is ours, and a build takes half an hour.
debug_kernel_version()
{
	local v

	v=$(cached_debug_kernel "$1")
	[ -z "$v" ] || { echo "$v"; return; }
	v=$(source_version "$1")
	[ -n "$v" ] || die "cannot find Debian's linux-source-${1%%-*}"
	echo "${v//\~/.}-$(flavour "$1")-$(options_key "$1")"
}

DEBUG_PACKAGES="flex bison bc libelf-dev libssl-dev xz-utils build-essential kmod rsync"

# unpack_source SERIES FOLDER
unpack_source()
{
	local pkg=linux-source-${1%%-*} work

	work=$(mktemp -d)
	(cd "$work" && chmod 755 . &&
	 { apt-get -q download "$pkg" >&2 || { apt_get update; apt-get -q download "$pkg" >&2; }; } &&
	 dpkg-deb --fsys-tarfile "$pkg"_*.deb | tar -xO "./usr/src/$pkg.tar.xz" |
		tar -xJ --strip-components=1 -C "$2") || die "cannot unpack $pkg"
	rm -rf "$work"
}

# missing_options SERIES CONFIG: what was asked for and did not come.
missing_options()
{
	local name value

	debug_options "$1" | while IFS='=' read -r name value; do
		if [ "$value" = n ]; then
			! grep -q "^CONFIG_$name=" "$2" || echo "$name is not off"
		else
			grep -qxF "CONFIG_$name=$value" "$2" || echo "$name=$value"
		fi
	done
}

# configure SERIES KVER FOLDER: everything off but what is asked for and needed by it.
configure()
{
	local missing base

	base=$(make -s -C "$3" kernelversion) || die "no kernel source in $3"
	{ debug_options "$1" | sed 's/^/CONFIG_/'
	  echo "CONFIG_LOCALVERSION=\"${2#"$base"}\""; } > "$3/asked"
	make -s -C "$3" KCONFIG_ALLCONFIG=asked allnoconfig >&2 || die "configuring $2 failed"
	missing=$(missing_options "$1" "$3/.config")
	[ -z "$missing" ] || die "$2 lacks options asked for: $(echo "$missing" | paste -sd' ')"
}

# What modules are built against stays: headers, make files, scripts, objtool.
prune_tree()
{
	find "$1" -type f ! -path '*/scripts/*' ! -path '*/include/*' ! -name '*.h' ! -name 'Makefile*' ! -name 'Kbuild*' \
		! -path "$1/.config" ! -path "$1/Module.symvers" ! -path "$1/System.map" ! -path "$1/vmlinux" \
		! -path '*/tools/objtool/objtool' ! -name 'module.lds' -delete
	rm -rf "$1"/{Documentation,drivers/gpu,arch/[a-wyz]*,tools/testing}
	find "$1" -type d -empty -delete
}

# build_debug_kernel SERIES KVER: $SCST_CACHE/kernel/KVER/{vmlinuz,installed/,build/},
# and "built" as the mark that it is whole. A build that was interrupted goes on where it
# was; SCST_BUILD_SECONDS interrupts it.
build_debug_kernel()
{
	local dir=$SCST_CACHE/kernel/$2 tree=$SCST_CACHE/kernel/$2/build log=$SCST_CACHE/kernel/$2/build.log

	[ -f "$dir/built" ] && return
	# shellcheck disable=SC2086
	need_packages $DEBUG_PACKAGES
	mkdir -p "$tree"
	exec 6> "$dir/lock"
	flock 6
	if [ ! -f "$dir/built" ]; then
		say "Building the debug kernel $2: this takes half an hour, once; see $log"
		[ -f "$dir/unpacked" ] || { unpack_source "$1" "$tree"; touch "$dir/unpacked"; }
		[ -f "$tree/asked" ] || configure "$1" "$2" "$tree"
		# shellcheck disable=SC2046
		timeout "${SCST_BUILD_SECONDS:-0}" nice make -C "$tree" -j"$(nproc)" $(build_variables "$1") bzImage modules > "$log" 2>&1 6>&- &&
			make -C "$tree" INSTALL_MOD_PATH="$dir/installed" INSTALL_MOD_STRIP=1 modules_install >> "$log" 2>&1 ||
			{ tail -n 20 "$log" >&2; die "building $2 failed, see $log"; }
		[ "$(make -s -C "$tree" kernelrelease)" = "$2" ] || die "the kernel built calls itself otherwise than $2"
		cp "$tree/arch/x86/boot/bzImage" "$dir/vmlinuz"
		rm -f "$dir/installed/lib/modules/$2"/{build,source}
		prune_tree "$tree"
		touch "$dir/built"
	fi
	exec 6>&-
}
