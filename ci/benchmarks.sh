#!/usr/bin/env bash
# Runs the benches whose tables a reader is likely to want, and writes docs/benchmarks.md, its two pictures and the table in
# README.md from what they print. Each number is a ratio, or stands beside its rivals', which were measured in turn with it.
# Functions and loops are aligned (ci/aligned.sh). Options are passed on: `--small` is for machines with little memory or
# time. Not part of CI: it wants a machine that does nothing else. ci/benchmarks.py does the writing; it needs Python 3.8.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
benches=(floors small sizes few skew nested idle phases waste sort collect spawn stream task workers)
folder=target/benchmarks
mkdir -p "$folder"
for bench in "${benches[@]}"; do
    echo "$bench" >&2
    ci/aligned.sh --bench "$bench" -- --ratios "$@" >"$folder/$bench.txt"
done
exec python3 ci/benchmarks.py "$folder" "$*" "${benches[@]}"
