#!/usr/bin/env bash
# Weakens the library in one place at a time (ci/mutants.txt), and looks whether the loom models of that place, or hunting
# on the simulated machine, notice. The sources are put back after each mutant, and when the script ends in any way.
# The argument is what runs: `hunt`, `loom`, or `both`, which is what runs without one; a second one picks mutants by name.
# Results are kept in target/mutants/ and printed as a table with the shares, for mutants with a result of both kinds.
# It takes minutes for each mutant, and is no step of .ci/run.
# MUTANT_PROGRAMS: random programs for each, 20000 unless set. MUTANT_TIMEOUT: seconds for each run, 100 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

kind="${1:-both}" wanted="${2:-}"
limit="${MUTANT_TIMEOUT:-100}"
results=target/mutants
mkdir -p "$results"
export RUST_BACKTRACE=0

mutated=""
restore() {
    [[ -z "$mutated" ]] || cp -- "$results/original" "$mutated"
    mutated=""
}
trap restore EXIT
trap 'exit 130' INT TERM

# Replaces the text, which must be there once.
apply() {
    cp -- "$1" "$results/original"
    mutated="$1"
    python3 - "$@" <<'PYTHON'
import sys
path, text, replacement = sys.argv[1], *(word.replace("\\n", "\n") for word in sys.argv[2:4])
source = open(path).read()
if source.count(text) != 1:
    sys.exit(f"mutants.sh: {path} has {source.count(text)} places for {text!r}")
open(path, "w").write(source.replace(text, replacement))
PYTHON
}

# Runs a command under the limit, and says whether it failed: a mutant is caught by a failure, a crash or a hang.
verdict() {
    local status=0
    timeout --kill-after=5 "$limit" "$@" >"$results/log" 2>&1 || status=$?
    case $status in
    0) echo survived ;;
    124 | 137) echo "no end" ;;
    *) echo caught ;;
    esac
}

# Less optimised: built in less time than it runs.
fast=(--config 'profile.release.opt-level=1' --config 'profile.release.incremental=true')

hunt() {
    export HUNT_PROGRAMS="${MUTANT_PROGRAMS:-20000}" HUNT_TRIES=0
    local command=(cargo test --release "${fast[@]}" --features stream --target-dir target/mutants/sim --test sim)
    RUSTFLAGS="--cfg sim" "${command[@]}" --no-run >"$results/log" 2>&1 || { echo "does not build"; return; }
    local found
    found="$(RUSTFLAGS="--cfg sim" verdict "${command[@]}" -- --nocapture hunt::programs_end)"
    local after
    after="$(sed -n 's/.*hunt: \([0-9]*\) programs.*/\1/p' "$results/log" | head -1)"
    echo "$found${after:+ after $after}"
}

run_loom() {
    export LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-2}"
    # As in ci/loom.sh, whose build it shares.
    local command=(cargo test --release --features stream --target-dir target/loom --lib)
    command+=(--config 'profile.release.package."*".opt-level=0')
    command+=(--config 'profile.release.package.loom.opt-level=3' --config 'profile.release.package.generator.opt-level=3')
    RUSTFLAGS="--cfg loom" "${command[@]}" --no-run >"$results/log" 2>&1 || { echo "does not build"; return; }
    local binary
    binary="$(RUSTFLAGS="--cfg loom" "${command[@]}" --no-run 2>&1 | sed -n 's/.*Executable .*(\(.*\))$/\1/p')"
    # One model after the other, each in a process of its own: one that fails may abort.
    local found=survived one
    while read -r model; do
        one="$(verdict "$binary" --exact "$model" --test-threads=1)"
        [[ "$one" == caught ]] && { echo "caught by $model"; return; }
        [[ "$one" == "no end" ]] && found="no end"
    done < <("$binary" --list "$1" | sed -n 's/: test$//p' | grep loom)
    echo "$found"
}

while IFS=$'\t' read -r file text replacement name models; do
    [[ "$file" == \#* || -z "$file" || "$name" != *"$wanted"* ]] && continue
    key="${name//[^a-z_A-Z]/-}"
    apply "$file" "$text" "$replacement"
    [[ "$kind" == loom ]] || hunt >"$results/$key.hunt"
    [[ "$kind" == hunt ]] || run_loom "$models" >"$results/$key.loom"
    restore
    echo "$name: hunting: $(cat "$results/$key.hunt" 2>/dev/null || echo -); loom: $(cat "$results/$key.loom" 2>/dev/null || echo -)"
done <ci/mutants.txt

python3 - "$results" <<'PYTHON'
import os, re, sys
rows = [line.rstrip("\n").split("\t") for line in open("ci/mutants.txt") if line.strip() and line[0] != "#"]
found = []
print(f"\n{'mutant':34} {'hunting':28} loom")
for row in rows:
    results = []
    for kind in ("hunt", "loom"):
        path = f"{sys.argv[1]}/{re.sub('[^a-z_A-Z]', '-', row[3])}.{kind}"
        results.append(open(path).read().strip() if os.path.exists(path) else "-")
    print(f"{row[3]:34} {results[0]:28} {results[1]}")
    if "-" not in results:
        found.append([result.startswith("caught") for result in results])
for what, is_it in (("hunting", lambda h, l: h), ("loom", lambda h, l: l), ("both", lambda h, l: h and l),
                    ("neither", lambda h, l: not (h or l))):
    print(f"caught by {what}: {sum(is_it(*row) for row in found)} of {len(found)}")
PYTHON
