# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Do the instruments work? A mutant is this tree with one defect, built outside of it: the
# tests it names must fail, and say what it says. Sourced by tests/run, which counts.

MUTANT_TREE=$SCST_CACHE/mutants/$(echo "$TOP" | sha256sum | cut -c 1-8)

mutant_field() { python3 "$TOP/tests/mutants/edit.py" "$TOP/tests/mutants/$1.mutant" "$2"; }
mutant_names() { (cd "$TOP/tests/mutants" && printf '%s\n' *.mutant | sed 's/\.mutant$//'); }

# mutate NAME: the tree with its defect, in $MUTANT_TREE; what was built of it stays.
mutate()
{
	mkdir -p "$MUTANT_TREE"
	rsync -a --no-times --checksum --delete --exclude .git --exclude /tests/unit/bin "$TOP/" "$MUTANT_TREE/" &&
		python3 "$TOP/tests/mutants/edit.py" "$TOP/tests/mutants/$1.mutant" -a "$MUTANT_TREE"
}

# mutants_apply: says which mutants fit this tree no longer; their tests exist, too.
mutants_apply()
{
	local name t bad=0

	for name in $(mutant_names); do
		python3 "$TOP/tests/mutants/edit.py" "$TOP/tests/mutants/$name.mutant" -n "$TOP" || { echo "mutant $name"; bad=1; }
		t=$TOP/tests/groups/$(mutant_field "$name" test).sh
		[ "$(mutant_field "$name" on)" != unit ] || t=$TOP/tests/unit/$(mutant_field "$name" test)
		[ -e "$t" ] || { echo "mutant $name: no test $t"; bad=1; }
	done
	return $bad
}

# unit_programs FOLDER: as make knows them
unit_programs() { make -s -C "$MUTANT_TREE/tests/unit" list | grep "^bin/$1/"; }

# try_unit OUT FOLDER: 0 when all programs of the folder pass, 2 when they do not build
try_unit()
{
	local p programs failed=0

	programs=$(unit_programs "$2")
	# shellcheck disable=SC2086
	make -C "$MUTANT_TREE/tests/unit" $programs > "$1/build.log" 2>&1 && [ -n "$programs" ] || return 2
	for p in $programs; do
		(cd "$MUTANT_TREE/tests/unit" && TESTS_TOP=$MUTANT_TREE timeout 120 "./$p") >> "$1/unit.log" 2>&1 < /dev/null || failed=1
	done
	return $failed
}

# stage_mutant NAME KVER FOLDER: the build goes on where the one of this tree is.
stage_mutant() { SCST_BUILD_OF=$TOP "$MUTANT_TREE/tests/qemu/stage" "$2" "$3"; }

# evidence RE FILE...: the first line that matches
evidence() { grep -ahE -m 1 -- "$@" 2>/dev/null | head -n 1 | tr -d '\r' | cut -c 1-200; }

# judge_mutant NAME CODE LINE OTHER: CODE of the tests, the line that was to come, what came instead
judge_mutant()
{
	if [ "$2" = 0 ]; then
		verdict "mutant $1" FAIL "survived: $(mutant_field "$1" test) passed"
	elif [ -n "$3" ]; then
		verdict "mutant $1" ok "caught by $(mutant_field "$1" test): $3"
	else
		verdict "mutant $1" FAIL "not by what must catch it, but: $4"
	fi
}

run_unit_mutant()
{
	local out=$OUT/mutant-$1 code

	rm -rf "$out"
	mkdir -p "$out"
	mutate "$1" > "$out/edit.log" 2>&1 || { verdict "mutant $1" FAIL "$(tail -n 1 "$out/edit.log")"; return; }
	try_unit "$out" "$(mutant_field "$1" test)"
	code=$?
	[ $code != 2 ] || { verdict "mutant $1" FAIL "does not build, see $out/build.log"; return; }
	judge_mutant "$1" $code "$(evidence "$(mutant_field "$1" caught)" "$out/unit.log")" "$(evidence FAILED "$out/unit.log")"
}

# make_machine OUT KVER NAME...: stages of all that apply and build, each with a test that installs it first;
# their names are in OUT/names. This tree comes last, so that its build is as it was.
make_machine()
{
	local out=$1 kver=$2 name t limit

	shift 2
	rm -rf "$out"
	mkdir -p "$out/stage/mutants"
	: > "$out/names"
	for name; do
		mutate "$name" > "$out/$name.edit" 2>&1 || { verdict "mutant $name" FAIL "$(tail -n 1 "$out/$name.edit")"; continue; }
		stage_mutant "$name" "$kver" "$out/stage/mutants/$name" > "$out/$name.build" 2>&1 ||
			{ verdict "mutant $name" FAIL "does not build, see $out/$name.build"; continue; }
		t=$(mutant_field "$name" test)
		limit=$(sed -n 's/^# timeout: //p' "$TOP/tests/groups/$t.sh" | head -n 1)
		printf '# timeout: %s\ntar -C /mutants/%s -c . | tar -C / -x --keep-directory-symlink --no-same-owner && exec bash /job/tests/groups/%s.sh\n' "${limit:-300}" "$name" "$t" > "$out/$name.sh"
		echo "$name" >> "$out/names"
	done
	"$TOP/tests/qemu/stage" "$kver" "$out/stage" > "$out/build.log" 2>&1
}

# judge_machine OUT NAME: how this one fared; 1: it spoilt the machine for those that came after it
judge_machine()
{
	local out=$1 name=$2 files bad

	files="$out/$name.result $out/$name.log"
	# Leaks show at the end of a machine. A kernel that panics repeats on the console what it has said before.
	bad=$(grep -E " vm/($name|kmemleak) .* FAIL" "$out/results")
	case $bad in *kmemleak*) files="$files $out/kmemleak.result" ;; esac
	case $bad in *'the machine died'*) files="$files $out/console" ;; esac
	# shellcheck disable=SC2086
	judge_mutant "$name" "${#bad}" "$(evidence "$(mutant_field "$name" caught)" $files)" "$(echo "$bad" | head -n 1)"
	! grep -qE '^running|the kernel reported|left behind|FAIL timeout' "$out/$name.result"
}

# run_machine SERIES NAME...: sets LEFT to those that need another one
run_machine()
{
	local series=$1 out name fresh=1 tests=()

	shift
	MACHINES=$((MACHINES + 1))
	out=$OUT/mutants-$series-$MACHINES
	make_machine "$out" "$(kernel_version "$series")" "$@" || { verdict "mutants $series" FAIL "see $out/build.log"; return; }
	while read -r name; do tests+=("$out/$name.sh"); done < "$out/names"
	[ ${#tests[@]} != 0 ] || return
	SCST_CMDLINE="panic_print=0x20 ${SCST_CMDLINE:-}" \
		"$TOP/tests/qemu/run-vm" -s "$out/stage" -o "$out" "$series" "${tests[@]}" > "$out/vm.txt" 2>&1
	rm -rf "$out/stage"
	[ -f "$out/results" ] || { verdict "mutants $series" FAIL "no results: $(tail -n 1 "$out/vm.txt")"; return; }
	while read -r name; do
		if [ -z "$fresh" ]; then
			LEFT="$LEFT $name"
		else
			judge_machine "$out" "$name" || fresh=
		fi
	done < "$out/names"
}

# run_vm_mutants SERIES NAME...: on Debian's kernels one machine for all, as long as none harms it
run_vm_mutants()
{
	local series=$1 name

	shift
	LEFT=$*
	while [ -n "$LEFT" ]; do
		# shellcheck disable=SC2086
		set -- $LEFT
		LEFT=
		if is_debug "$series"; then
			name=$1
			shift
			run_machine "$series" "$name"
			LEFT=$*
		else
			run_machine "$series" "$@"
		fi
	done
}

# series_ready SERIES: its kernel is there, or can be
series_ready()
{
	if is_debug "$1" && [ "${SCST_DEBUG_BUILD:-1}" = 0 ] && [ -z "$(cached_debug_kernel "$1")" ]; then
		echo "none is cached, and SCST_DEBUG_BUILD=0" > "$OUT/mutants-$1.log"
		return 1
	fi
	(prepare "$1") 2> "$OUT/mutants-$1.log"
}

# mutants_on SERIES NAME...: which of them
mutants_on()
{
	local series=$1 name

	shift
	for name; do
		[ "$(mutant_field "$name" on)" != "$series" ] || echo "$name"
	done
}

# run_mutants [NAME...]: series after series, each kernel is prepared when its turn comes.
run_mutants()
{
	local series name names=${*:-$(mutant_names)} here

	MACHINES=0
	need_packages python3 rsync libcmocka-dev
	for series in $(for name in $names; do mutant_field "$name" on; done | sort -ru); do
		# shellcheck disable=SC2086
		here=$(mutants_on "$series" $names)
		if [ "$series" = unit ]; then
			for name in $here; do run_unit_mutant "$name"; done
		elif series_ready "$series"; then
			# shellcheck disable=SC2086
			run_vm_mutants "$series" $here
		else
			for name in $here; do
				verdict "mutant $name" skip "no kernel $series: $(tail -n 1 "$OUT/mutants-$series.log")"
			done
		fi
	done
}

# What `make check` has time for: no machine is booted for these.
# shellcheck disable=SC2046
run_quick_mutants() { run_mutants $(mutants_on unit $(mutant_names)); }
