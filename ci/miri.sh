#!/usr/bin/env bash
# Runs under Miri, the interpreter that knows the rules for pointers and the weak values that atomics may have: the unit
# tests of the pool and of what is built upon it, and the small programs of tests/miri. One argument is the number of
# seeds with which each program is run, each another interleaving: 2 unless given, which is what CI has time for; 64 by
# hand. `ci/miri.sh 8 --api` runs a part of tests/api too.
# It installs a nightly toolchain, and Miri, unless they are there; where the network does not allow it, it says so and
# succeeds, unless MIRI_REQUIRED=1. MIRI_TIMEOUT: the limit in seconds, 480 unless set, and 3600 for more than 2 seeds.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: miri.sh: $1"
    exit "${MIRI_REQUIRED:-0}"
}

seeds="${1:-2}"
limit="${MIRI_TIMEOUT:-$((seeds > 2 ? 3600 : 480))}"
command -v rustup >/dev/null || skip "there is no rustup to bring Miri"
cargo +nightly miri --version 2>/dev/null ||
    timeout 300 rustup toolchain install nightly --profile minimal -c miri,rust-src --no-self-update ||
    skip "could not install Miri"
cargo +nightly miri setup

# Tree Borrows, because Stacked Borrows refuses crossbeam-epoch's own code. That code keeps tags in the addresses of what
# it points to, which takes permissive provenance, and makes its global list look like a leak: ci/asan.sh finds those.
export MIRIFLAGS="-Zmiri-tree-borrows -Zmiri-permissive-provenance -Zmiri-ignore-leaks ${MIRIFLAGS:-}"
command=(timeout --kill-after=10 "$limit" cargo +nightly miri test --target-dir target/miri --all-features)

# What is left out has no unsafe code of its own, or (iter::schedule) expects a clock that a real machine has; or it forks,
# which Miri cannot.
"${command[@]}" --lib -- fork:: job:: pool:: stream:: sync:: task:: par_bridge::
if [[ "${2:-}" == --api ]]; then
    "${command[@]}" --test api -- drop_counts:: panics_scope:: scope_in_place:: scope_order::
fi
MIRIFLAGS="$MIRIFLAGS -Zmiri-many-seeds=0..$seeds" "${command[@]}" --test miri
