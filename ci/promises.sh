#!/usr/bin/env bash
# Runs the benches of users' workloads, called from the main thread with default settings: tables with rayon beside,
# and for each bound what was measured and whether it was kept.
#
# Functions and loops are aligned (ci/aligned.sh). It takes a quarter of an hour; `--small` is shorter. Options are passed
# on: with `--strict` the exit code is 1 where a bound is missed, after all benches have run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
for name in small sizes few skew idle phases nested waste; do
    printf '\n=== %s\n' "$name"
    ci/aligned.sh --bench "$name" -- "$@" || failed=1
done
exit "$failed"
