#!/usr/bin/env bash
# Builds the crate for wasm32-unknown-unknown, where there are no threads and no clock, and calls every public entry point
# under node (tests/wasm): all work is done by the caller, and what cannot be says why.
# It needs node, and installs the standard library of the target unless it is there; without them it says so and succeeds.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: wasm.sh: $1"
    exit 0
}

target=wasm32-unknown-unknown
command -v node >/dev/null || skip "node is not installed"
[[ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]] || timeout 120 rustup target add "$target" ||
    skip "the standard library for $target could not be installed"

manifest=tests/wasm/Cargo.toml
if command -v rustfmt >/dev/null; then
    cargo fmt --manifest-path "$manifest" -- --check
fi
RUSTFLAGS="-D warnings ${RUSTFLAGS:-}" cargo build --manifest-path "$manifest" --target "$target" --target-dir target/wasm
timeout --kill-after=10 "${TEST_TIMEOUT:-120}" node tests/wasm/run.mjs "target/wasm/$target/debug/paceline_on_wasm.wasm"
