#!/usr/bin/env bash
# Runs random chains of adaptors, and random programs of tasks, streams and worker pools, for longer than `cargo test`
# does, from a seed that the clock gives: tests/chains and tests/programs.
# Usage: ci/chains.sh [MINUTES [SEED]]. MINUTES for each of the two: 5 unless given. SEED: of the first case.
# A failure prints the seed of its case, and how to have that case again. One that ends the process does not come to that;
# its seed is the last in target/chains.log.
# CARGO_ARGS: further arguments of cargo test, such as --release, or "--target x86_64-unknown-linux-gnu" with a sanitizer
# in RUSTFLAGS.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

minutes="${1:-5}"
if [[ -n "${2:-}" ]]; then
    export PACELINE_SEED="$2"
fi
read -ra more <<<"${CARGO_ARGS:-}"
log=target/chains.log
export PACELINE_TRACE=1 RUST_BACKTRACE="${RUST_BACKTRACE:-0}"

cargo test --all-features "${more[@]}" --test chains --test programs --no-run
for test in chains programs; do
    # All tests of a program side by side, so that they end together.
    export PACELINE_SECONDS=$((minutes * 60))
    command=(cargo test --all-features "${more[@]}" --test "$test" -- --nocapture --test-threads 8)
    if ! timeout --kill-after=10 $((minutes * 60 + 300)) "${command[@]}" >"$log" 2>&1; then
        grep -v ': PACELINE_SEED=' "$log" | tail -40 >&2
        echo "chains.sh: $test failed; the last seeds were" >&2
        grep ': PACELINE_SEED=' "$log" | tail -8 >&2
        exit 1
    fi
    grep -E 'cases from the seed|^test ' "$log"
done
