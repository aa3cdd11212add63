#!/usr/bin/env bash
# Runs the whole library on the simulated machine (src/sync/sim/): virtual cores, virtual time, each run decided by a seed.
# What fails prints its seed. An argument picks tests by their path: `ci/sim.sh library::streams`.
# `--minutes N` hunts with random programs for so long; `--known` hunts where the library is known to hang, and prints
# what comes of it: tests/sim/hunt/README.md.
# SIM_TIMEOUT: the limit in seconds, 100 unless set. SIM_SEEDS, SIM_FIRST_SEED: for the programs in tests/sim/library.rs.
# HUNT_FIRST_SEED, HUNT_PROGRAMS: for the random programs.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

limit="${SIM_TIMEOUT:-100}"
case "${1:-}" in
--minutes)
    export HUNT_SECONDS=$((${2:?ci/sim.sh --minutes N} * 60))
    limit=$((HUNT_SECONDS + 120))
    set -- hunt::programs_end
    ;;
--known)
    export HUNT_KNOWN="${HUNT_KNOWN:-20000}"
    limit="${SIM_TIMEOUT:-600}"
    set -- hunt::known_hangs
    ;;
esac
export RUSTFLAGS="--cfg sim ${RUSTFLAGS:-}"
command=(cargo test --release --features stream --target-dir target/sim --test sim)
"${command[@]}" --no-run

status=0
timeout --kill-after=10 "$limit" "${command[@]}" -- --nocapture "$@" || status=$?
if ((status == 124 || status == 137)); then
    echo "sim.sh: not done after $limit s" >&2
fi
exit "$status"
