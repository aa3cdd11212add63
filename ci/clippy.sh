#!/usr/bin/env bash
# Checks every target with clippy, warnings being errors: the lints of Cargo.toml (documented unsafe, one unsafe
# operation per block, documented public items ...) are denied here and nowhere else.
# The library's own tests are checked a second time under `--cfg loom`: the models are compiled only there. So is the
# simulated machine, under `--cfg sim`.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo clippy --all-targets --all-features -- -D warnings
cargo clippy --lib --tests -- -D warnings

# The test profile turns on `cfg(test)`. The folder is that of ci/loom.sh: other flags would rebuild everything.
RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}" cargo clippy --lib --profile test --target-dir target/loom -- -D warnings
RUSTFLAGS="--cfg sim ${RUSTFLAGS:-}" cargo clippy --features stream --lib --test sim --bench simulated --target-dir target/sim -- -D warnings
