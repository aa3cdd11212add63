#!/usr/bin/env bash
# Weakens the library in one place at a time (ci/mutants.txt), and looks whether the loom models of that place, or hunting
# on the simulated machine, notice. docs/mutants.md says what came of it.
# The sources are not touched: a copy in target/mutants/ has all mutants at once, and MUTANT picks the one that a process runs.
# So each of the two is built once, whatever the number of mutants.
# The first argument is what runs: `hunt`, `loom`, `both` (which is what runs without one), `table`, which prints what there
# is, or `places`, which runs nothing and checks the list alone (ci/words.sh has it checked). A second one picks mutants by a
# part of their names. Results are kept in target/mutants/results/.
# The simulated machine has total store order, so mutants of the kind `ordering` are run under loom alone.
# It takes an hour or two of processor time, and is no step of a usual check.
# MUTANT_PROGRAMS: random programs for each, 20000 unless set. MUTANT_TIMEOUT: seconds for each run, 100 unless set: for all
# programs, or for one model. MUTANT_JOBS: how many mutants at once, all processors' number unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

kind="${1:-both}" wanted="${2:-}"
root="$PWD" tree=target/mutants/tree
export results="$PWD/target/mutants/results" limit="${MUTANT_TIMEOUT:-100}"
export RUST_BACKTRACE=0 LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-2}"
export HUNT_PROGRAMS="${MUTANT_PROGRAMS:-20000}" HUNT_TRIES=0
jobs="${MUTANT_JOBS:-$(getconf _NPROCESSORS_ONLN)}"

# Checks the list: each place is there once, each name too, and each part of a path fits a model.
# With a folder, writes the copy, in which each place of a mutant asks whether it is the one; and a line for each: number, kind,
# name, models. What is there already is left alone, so that it is built once.
plant() {
    python3 - "$@" <<'PYTHON'
import glob, os, re, sys
mutants = [line.rstrip("\n").split("\t") for line in open("ci/mutants.txt") if line.strip() and line[0] != "#"]
loom_models = ["::".join((*path[len("src/"):-len(".rs")].split("/"), name))
               for path in glob.glob("src/**/*.rs", recursive=True) if re.search(r"/loom(/.*)?\.rs$", path)
               for name in re.findall(r"#\[test\]\n(?:#\[.*\]\n)*fn (\w+)", open(path).read())]
rows, seen, faults = [], {}, []
for number, (kind, path, place, name, models) in enumerate(mutants, 1):
    before, there, mutant, after = re.fullmatch(r"(.*)\{\{(.*) ~> (.*)\}\}(.*)", place.replace("\\n", "\n"), re.S).groups()
    source = open(path).read() if os.path.isfile(path) else ""
    if source.count(before + there + after) != 1:
        faults.append(f"{path} has {source.count(before + there + after)} places for {name!r}")
        continue
    start = source.index(before + there + after) + len(before)
    # Two mutants of one place lie within each other.
    seen.setdefault(path, {}).setdefault((start, start + len(there)), []).append((number, mutant))
    rows.append("\t".join((str(number), kind, name, models)) + "\n")
    faults += [f"{name!r} is to be looked for by models with {part!r} in their paths, of which there are none"
               for part in models.split() if part != "-" and not any(part in model for model in loom_models)]
# The results are in files of these names.
names = [re.sub("[^a-zA-Z_]", "-", name) for _, _, _, name, _ in mutants]
faults += [f"the name {name!r} stands twice" for name in sorted(set(names)) if names.count(name) > 1]
if faults:
    sys.exit("".join(f"mutants.sh: {fault}\n" for fault in faults) + "  ^ ci/mutants.txt does not fit the sources")
if len(sys.argv) == 1:
    print(f"mutants.sh: the places of {len(mutants)} mutants are there, and their models")
    sys.exit()

def planted(path):
    source = open(path, "rb").read()
    if path not in seen:
        return source + b"mod mutant;\n" if path == "src/lib.rs" else source
    source = source.decode()
    for (start, end), mutants in sorted(seen[path].items(), reverse=True):
        text = source[start:end]
        for number, mutant in mutants:
            text = f"(if crate::mutant::is({number}) {{ {mutant} }} else {{ {text} }})"
        source = source[:start] + text + source[end:]
    return source.encode()

def write(path, text):
    path = os.path.join(sys.argv[1], path)
    if not os.path.exists(path) or open(path, "rb").read() != text:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "wb").write(text)

for path in filter(None, open("target/mutants/files").read().split("\0")):
    if os.path.isfile(path):
        write(path, planted(path))
write("src/mutant.rs", b"""//! Which mutant runs.
pub(crate) fn is(number: usize) -> bool {
    static CHOSEN: std::sync::LazyLock<usize> =
        std::sync::LazyLock::new(|| std::env::var("MUTANT").map_or(0, |number| number.parse().unwrap()));
    *CHOSEN == number
}
""")
open("target/mutants/list", "w").writelines(rows)
PYTHON
}

# Builds the tests of the copy, in folders of their own, and prints where they are.
build() {
    local command=(cargo test --release --features stream --manifest-path "$tree/Cargo.toml" --target-dir "$root/target/mutants/$1")
    local flags="--cfg $1"
    if [[ "$1" == sim ]]; then
        command+=(--test sim)
    else
        command+=(--lib --config 'profile.release.package."*".opt-level=0')
        command+=(--config 'profile.release.package.loom.opt-level=3' --config 'profile.release.package.generator.opt-level=3')
    fi
    RUSTFLAGS="$flags" "${command[@]}" --no-run 2>&1 | tee "target/mutants/$1-build.log" | sed -n 's/.*Executable .*(\(.*\))$/\1/p'
}

# Runs a command under the limit, and says whether it failed: a mutant is caught by a failure, a crash or a hang.
verdict() {
    local status=0
    timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1 || status=$?
    case $status in
    0) echo survived ;;
    124 | 137) echo "no end" ;;
    *) echo caught ;;
    esac
}

hunt() {
    local found after
    found="$(verdict "$1" --nocapture hunt::programs_end)"
    after="$(sed -n 's/.*hunt: \([0-9]*\) programs.*/\1/p' "$log" | head -1)"
    echo "$found${after:+ after $after}"
}

run_loom() {
    # One model after the other, each in a process of its own: one that fails may abort.
    local found=survived one model
    [[ "$2" == - ]] && { echo "no model"; return; }
    while read -r model; do
        one="$(verdict "$1" --exact "$model" --test-threads=1)"
        [[ "$one" == caught ]] && { echo "caught by $model"; return; }
        [[ "$one" == "no end" ]] && found="no end of $model"
    # shellcheck disable=SC2086 # Several filters are several words.
    done < <("$1" --list $2 | sed -n 's/: test$//p' | grep loom)
    echo "$found"
}

# One line of the list.
run_mutant() {
    local what="$1" binary="$2" number name models result log
    IFS=$'\t' read -r number _ name models <<<"$3"
    log="$results/$number.$what.log"
    export MUTANT="$number"
    if [[ "$what" == hunt ]]; then result="$(hunt "$binary")"; else result="$(run_loom "$binary" "$models")"; fi
    echo "$result" >"$results/${name//[^a-zA-Z_]/-}.$what"
    echo "$what: $name: $result"
}
export -f verdict hunt run_loom run_mutant

if [[ "$kind" == places ]]; then
    plant
    exit
fi
mkdir -p "$results" "$tree"
git ls-files -z --cached --others --exclude-standard >target/mutants/files
plant "$tree"
if [[ "$kind" != table ]]; then
    if [[ "$kind" != hunt ]]; then
        binary="$(build loom)"
        awk -F'\t' -v wanted="$wanted" 'wanted == "" || index($3, wanted)' target/mutants/list |
            tr '\n' '\0' | xargs -0 -P "$jobs" -I{} bash -c 'run_mutant "$@"' - loom "${binary:?it does not build: target/mutants/loom-build.log}" {}
    fi
    if [[ "$kind" != loom ]]; then
        binary="$(build sim)"
        awk -F'\t' -v wanted="$wanted" '$2 != "ordering" && (wanted == "" || index($3, wanted))' target/mutants/list |
            tr '\n' '\0' | xargs -0 -P "$jobs" -I{} bash -c 'run_mutant "$@"' - hunt "${binary:?it does not build: target/mutants/sim-build.log}" {}
    fi
fi

python3 - "$results" <<'PYTHON'
import os, re, sys
rows = [line.rstrip("\n").split("\t") for line in open("target/mutants/list")]
found = {}

def shown(result):
    """A result as the page has it: the model's name in words, or the number of the program."""
    result = re.sub(r"^caught by (\w+::)*(\w+)", lambda caught: caught[2].replace("_", " "), result)
    result = re.sub(r"^survived.*", "**survived**", result)
    return re.sub(r"^caught$", "a crash", re.sub(r"^caught after", "program", result))

print("\n| mutant | kind | loom | hunting |\n|---|---|---|---|")
for _, kind, name, _ in rows:
    results = []
    for what in ("loom", "hunt"):
        path = f"{sys.argv[1]}/{re.sub('[^a-zA-Z_]', '-', name)}.{what}"
        results.append(open(path).read().strip() if os.path.exists(path) else "-")
    hunting = "not simulated" if kind == "ordering" else shown(results[1])
    print(f"| {name} | {kind} | {shown(results[0])} | {hunting} |")
    found.setdefault(kind, []).append([result.startswith("caught") for result in results])
print("\n| kind | mutants | loom alone | hunting alone | both | neither |\n|---|---:|---:|---:|---:|---:|")
for kind, rows in [*found.items(), ("all", sum(found.values(), []))]:
    count = lambda loom, hunt: sum(row == [loom, hunt] for row in rows)
    print(f"| {kind} | {len(rows)} | {count(True, False)} | {count(False, True)} | {count(True, True)} | {count(False, False)} |")
PYTHON
