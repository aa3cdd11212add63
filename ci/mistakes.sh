#!/usr/bin/env bash
# Compiles each program of tests/mistakes, a few lines with one mistake that beginners make, and checks what the compiler
# says. The first error must stand in the line that ends with `//~ E0277`, and have that code. What the comments at the top
# promise ("The compiler says: …") must be a part of the messages; most of it is text of ours, from `on_unimplemented`.
# The rest of the messages is not compared, because it differs from compiler to compiler; so this is not trybuild. Code,
# line and our own text are the same from Rust 1.85 on. No cargo target sees these programs, so no build pays for them.
# Arguments are the programs to compile: `ci/mistakes.sh rc_items`. MISTAKES_SHOW=1 prints all that the compiler says.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

library="$(cargo build --lib --message-format=json | grep -oP '"filenames":\["\K[^"]*/libpaceline\.rlib(?=")')"
output="$(mktemp -d)"
trap 'rm -rf -- "$output"' EXIT

programs=("$@")
(($# > 0)) || mapfile -t programs < <(cd tests/mistakes && ls -- *.rs)
failed=0
complain() {
    echo "$1: mistakes.sh: $2" >&2
    failed=1
}
for program in "${programs[@]}"; do
    file="tests/mistakes/${program%.rs}.rs"
    if rustc --edition 2024 --emit metadata -o "$output/program" --extern "paceline=$library" \
        -L "dependency=$(dirname -- "$library")/deps" "$file" 2>"$output/said"; then
        complain "$file" "it compiles"
        continue
    fi
    [[ -z "${MISTAKES_SHOW:-}" ]] || cat -- "$output/said"
    expected="$(grep -noP '//~ \KE\d{4}$' "$file" | sed 's/\(.*\):\(.*\)/\2 in line \1/' || true)"
    found="$(awk '
        /^error(\[|:)/ { code = substr($1, 7, 5); next }
        code && /^ *--> / { split($2, place, ":"); print code " in line " place[2]; exit }' "$output/said")"
    [[ -n "$expected" && "$found" == "$expected" ]] || complain "$file" "the first error is not $expected, but $found"
    while read -r promise; do
        grep -qF -- "$promise" "$output/said" || complain "$file" "the compiler does not say: $promise"
    done < <(sed -n 's|^// The compiler says: ||p' "$file")
done
((failed == 0)) && echo "mistakes.sh: ${#programs[@]} mistakes are answered as they should be"
exit "$failed"
