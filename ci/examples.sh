#!/usr/bin/env bash
# Runs every example on a small input. Each compares its answer with the sequential one and exits with an error if
# they differ, so that the first programs a user reads are known to work.
# EXAMPLE_TIMEOUT: the limit for each in seconds, 120 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

declare -A arguments=(
    [async_handlers]="200"
    [beyond_rayon]=" "
    [blocking]="24"
    [cancel]="200 100000"
    [filter]="8"
    [pipeline]="Cargo.toml"
    [fetch_and_transform]="4 20"
    [primes]="100000"
    [fork_cost]="join 15"
    [quicksort]="100000"
    [scoring]="2000"
    [spawns]="1000"
    [squares]="1000"
    [timeline]="6"
    [tour]="--threads 2 src"
    [worker_pool]="5000 3"
)

cargo build --examples --all-features
failed=0
for path in examples/*; do
    # A package of its own has a script of its own.
    [[ ! -e "$path/Cargo.toml" ]] || continue
    example="$(basename -- "$path" .rs)"
    if [[ -z "${arguments[$example]:-}" ]]; then
        echo "examples.sh: $example has no arguments here" >&2
        failed=1
        continue
    fi
    echo "--- $example ${arguments[$example]}"
    # The arguments are words, to be split.
    # shellcheck disable=SC2086
    if ! timeout --kill-after=10 "${EXAMPLE_TIMEOUT:-120}" \
        cargo run --quiet --all-features --example "$example" -- ${arguments[$example]}; then
        echo "examples.sh: $example failed" >&2
        failed=1
    fi
done
exit "$failed"
