#!/usr/bin/env bash
# Prints the floors that this crate must keep (benches/floors.rs), each with what was measured.
#
# A recursion of some forty instructions runs up to a third slower or faster depending on where the linker happens to
# put it (Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!", ASPLOS 2009). So all
# functions, every contender's, are aligned to a cache line here. Not part of CI: it asserts times, and wants a machine
# that does nothing else. Options are passed on, for example --strict.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-align-all-functions=6"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/aligned"
exec cargo bench --quiet --bench floors -- "$@"
