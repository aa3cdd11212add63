#!/usr/bin/env bash
# Runs the benches of users' workloads, called from the main thread with default settings: tables with rayon beside,
# and for each bound what was measured and whether it was kept.
#
# All functions are aligned to a cache line, for the reason that ci/floors.sh gives. Not part of CI: it asserts times,
# and wants a machine that does nothing else for a quarter of an hour; `--small` is shorter. Options are passed on: with
# `--strict` the exit code is 1 where a bound is missed, after all benches have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-align-all-functions=6"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/aligned"
failed=0
for name in small sizes few skew idle nested waste; do
    printf '\n=== %s\n' "$name"
    cargo bench --quiet --bench "$name" -- "$@" || failed=1
done
exit "$failed"
