#!/usr/bin/env bash
# Runs benches whose functions and loops, every contender's, are aligned to a cache line: `ci/aligned.sh --bench shapes`.
#
# A loop or a recursion of a few instructions runs up to twice as slow or as fast depending on where the linker happens to
# put it (Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!", ASPLOS 2009). Not part of CI:
# benches assert times, and want a machine that does nothing else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-align-all-functions=6 -C llvm-args=-align-loops=64"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/aligned"
exec cargo bench --quiet "$@"
