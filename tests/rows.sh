#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Counts the tables of documented features (tests/rows) and of old traps
# (tests/traps) and checks that every test they name exists.
#
# A row: ID <TAB> feature <TAB> tests, or "not yet", or "never: reason", or "kept: reason" (a weak spot that others rely on).
# Tests, separated by commas: unit/FOLDER:function, vm/NAME, vm/NAME:part, fuzz/NAME,
# libiscsi:Family.Suite.Test (checked against the list of the suite when installed).
cd "$(dirname "$0")" || exit 2
tables=(rows traps)
for t in "${tables[@]}"; do [ -e "$t" ] || { echo "no table $t"; exit 1; }; done
suite=$(command -v iscsi-test-cu > /dev/null && iscsi-test-cu -l 2>/dev/null)
missing=0

known()
{
	local folder fn

	case $1 in
	unit/*:*)
		folder=${1%%:*} fn=${1#*:}
		grep -qrE --include='*.c' --include='*.py' "\b$fn *\(" "$folder" 2>/dev/null || grep -qE "\b$fn *\(" "$folder.c" 2>/dev/null ;;
	vm/*:*)
		folder=groups/${1#vm/} fn=${1#*:}
		grep -qE "^(def )?$fn *\(" "${folder%:*}.sh" 2>/dev/null ;;
	vm/*) [ -f "groups/${1#vm/}.sh" ] ;;
	fuzz/*) [ -f "$1.c" ] ;;
	libiscsi:*) [ -z "$suite" ] || in_suite "${1#libiscsi:}" ;;
	style/*) true ;;
	*) false ;;
	esac
}

# Families overlap: SCSI.Read10.Simple is ALL.Read10.Simple too.
in_suite()
{
	local suite_and_test=${1#*.}

	printf '%s\n' "$suite" | cut -d. -f 2- | grep -qxF "$suite_and_test"
}

# count TABLE: its sum, and what is wrong with it
count()
{
	local proven=0 notyet=0 never=0 kept=0 id tests t

	while IFS=$'\t' read -r id _ tests; do
		case $id in ''|'#'*) continue ;; esac
		case $tests in
		'not yet'*) notyet=$((notyet + 1)); continue ;;
		never:*) never=$((never + 1)); continue ;;
		kept:*) kept=$((kept + 1)); continue ;;
		'') echo "$id: no third column"; missing=$((missing + 1)); continue ;;
		esac
		proven=$((proven + 1))
		while read -r t; do
			[ -z "$t" ] || known "$t" || { echo "$id: no such test: $t"; missing=$((missing + 1)); }
		done < <(printf '%s\n' "$tests" | tr ',' '\n' | sed 's/^ *//; s/ *$//')
	done < "$1"
	echo "$1: $((proven + notyet + never + kept)): $proven proven, $notyet not yet, $never never, $kept kept"
}

for t in "${tables[@]}"; do count "$t"; done
dup=$(cat "${tables[@]}" | grep -v '^#' | cut -f 1 | grep . | sort | uniq -d)
[ -z "$dup" ] || { echo "rows given twice: $dup" | paste -sd' '; missing=$((missing + 1)); }
[ $missing = 0 ]
