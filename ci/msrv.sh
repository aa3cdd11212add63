#!/usr/bin/env bash
# Builds everything (the crate, with and without its features; tests, examples and benches), and runs the unit tests, with
# the oldest Rust that Cargo.toml promises. The dependencies are those of Cargo.lock, which Cargo chooses to suit it.
# It installs that toolchain unless it is there. Where the network does not allow it, it says so and succeeds.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: msrv.sh: $1"
    exit 0
}

oldest="$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)"
command -v rustup >/dev/null || skip "there is no rustup to bring Rust $oldest"
rustup run "$oldest" rustc --version 2>/dev/null ||
    timeout 180 rustup toolchain install "$oldest" --profile minimal --no-self-update ||
    skip "could not install Rust $oldest"

command=(cargo "+$oldest")
"${command[@]}" check --target-dir target/msrv --lib
"${command[@]}" check --target-dir target/msrv --all-features --all-targets
timeout --kill-after=10 "${TEST_TIMEOUT:-300}" "${command[@]}" test --target-dir target/msrv --all-features --lib
