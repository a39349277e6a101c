# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a test is worth: how it ended, what the kernel said meanwhile, and what it left behind. For run-tests.
#
# "ok", "skip REASON" or "FAIL REASON"; the last with more lines of detail. A test that gives up is not spared the rest.
# OUT: a folder with NAME.dmesg; TESTDIR: of the test, with what lib.sh keeps there; LEFT: what clean-up had to say.

# without_stock_reports FILE: STOCK for each report that is the kernel's own affair. Lockdep on fail_function itself, which draws its
# random number, and locks for that, where the kprobe's breakpoint was taken for an NMI: lockdep is off afterwards. And DRBD and LIO,
# whose administration walks lists under a mutex as if under RCU: lockdep goes on.
without_stock_reports()
{
	awk 'function flush() { if (!stock) printf "%s", text; else print "STOCK" stock; text = ""; stock = on = 0 }
	     /WARNING: (inconsistent lock state|suspicious RCU usage)/ { flush(); on = 1 }
	     on && /fei_kprobe_handler/ { stock = " off" }
	     on && /drivers\/(block\/drbd|target)\/[a-z_\/]+\.c:[0-9]+ RCU-list traversed in non-reader section/ { stock = " list" }
	     on { text = text $0 "\n"; if (/<\/TASK>/) flush(); next }
	     { print }
	     END { flush() }' "$1"
}

# Reports of the kernel itself, wherever they come from.
kernel_reports()
{
	without_stock_reports "$1" |
	grep -nE 'WARNING:|BUG:|INFO: |Oops|kernel BUG at|general protection|refcount_t:|list_(add|del) corruption|ODEBUG:|UBSAN:|KASAN:|kmemleak:|sysfs: cannot create duplicate|rcu:.*stall|scheduling while atomic|lockdep|possible (circular|recursive) locking|suspicious RCU usage|inconsistent lock state|invalid wait context' |
	grep -vE 'INFO: .*initrd|Kernel panic - not syncing: test|BUG: KCSAN:'
	races_of_ours "$1"
}

# Data races: the kernel has many of its own; a report counts that names a function of ours.
races_of_ours()
{
	awk '/BUG: KCSAN:/ { on = 1; text = ""; ours = 0 }
	     on { text = text NR ":" $0 "\n"; if (/\[(scst|scst_vdisk|scst_disk|iscsi_scst)\]/) ours = 1 }
	     on && /====/ { on = 0; if (ours) printf "%s", text }
	     END { if (on && ours) printf "%s", text }' "$1"
}

# Messages of ours above info that the test declared neither expected nor allowed.
own_messages()
{
	grep -E '^(emerg|alert|crit|err|warn|notice)	(scst|scst_vdisk|scst_disk|iscsi-scst): ' "$1" |
	grep -vE 'loading out-of-tree module taints kernel|module verification failed: signature' |
	if [ -s "$2" ]; then grep -vEf "$2"; else cat; fi
}

# What the test said must be logged, and was not.
unheard_messages()
{
	local p

	[ -f "$2" ] && while read -r p; do
		cut -f 2- "$1" | grep -qE -- "$p" || echo "$p"
	done < "$2"
}

# Each "... created" needs its "... destroyed", by name.
unpaired()
{
	cut -f 2- "$1" | grep -E '^(scst|scst_vdisk|scst_disk|iscsi-scst): ' |
	awk 'sub(/ created$/, "")   { n[$0]++ }
	     sub(/ destroyed$/, "") { n[$0]-- }
	     END { for (k in n) if (n[k]) print k ": created minus destroyed = " n[k] }'
}

# judge NAME EXITCODE: the first line is the verdict.
judge()
{
	local name=$1 code=$2 log=$OUT/$1.dmesg bad taint

	{
	bad=$(kernel_reports "$log"); [ -z "$bad" ] || printf 'the kernel reported:\n%s\n' "$bad"
	bad=$(own_messages "$log" "$TESTDIR/allowed"); [ -z "$bad" ] || printf 'unexpected message:\n%s\n' "$bad"
	# what comes after a test has given up was expected in vain
	bad=; [ "$code" = 77 ] || bad=$(unheard_messages "$log" "$TESTDIR/expected"); [ -z "$bad" ] || printf 'message not seen:\n%s\n' "$bad"
	bad=$(unpaired "$log"); [ -z "$bad" ] || printf 'not destroyed:\n%s\n' "$bad"
	taint=$(cat "${TAINTED:-/proc/sys/kernel/tainted}")
	[ $((taint & 512)) = 0 ] || echo "kernel tainted by a warning"
	grep -qs 'debug_locks: *0' /proc/lockdep_stats && ! without_stock_reports /job/out/dmesg.all | grep -qx 'STOCK off' && echo "debug_locks is off"
	[ "$(nproc)" -gt 1 ] || echo "the machine has come up with one processor"
	[ -z "$LEFT" ] || printf 'left behind:\n%s\n' "$LEFT"
	} > "$TESTDIR/findings"

	if [ "$code" = 124 ] || [ "$code" = 137 ]; then
		echo "FAIL timeout"
	elif [ "$code" = 77 ] && [ ! -s "$TESTDIR/findings" ]; then
		echo "skip $(cat "$TESTDIR/skip" 2>/dev/null)"
	elif [ "$code" != 0 ] && [ "$code" != 77 ]; then
		echo "FAIL $(tail -n 1 "$TESTDIR/why" 2>/dev/null || echo "exit $code")"
	elif [ -s "$TESTDIR/findings" ]; then
		echo "FAIL $(head -n 1 "$TESTDIR/findings")"
	else
		echo ok
	fi
	cat "$TESTDIR/findings"
}
