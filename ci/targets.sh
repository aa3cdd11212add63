#!/usr/bin/env bash
# Type-checks the crate, with all features, for systems that it is not tested on: Windows, macOS, Linux on 64-bit Arm and
# 32-bit processors, and WebAssembly with and without a system. ci/arm.sh and ci/wasm.sh run it on two of them.
# Arguments are targets to check instead. It installs the standard library of a target unless it is there; where the
# network does not allow that, it says so and succeeds.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

targets=(x86_64-pc-windows-gnu x86_64-pc-windows-msvc aarch64-apple-darwin aarch64-unknown-linux-gnu)
targets+=(i686-unknown-linux-gnu armv7-unknown-linux-gnueabihf wasm32-unknown-unknown wasm32-wasip1)
(($# == 0)) || targets=("$@")

for target in "${targets[@]}"; do
    echo "=== $target"
    libraries="$(rustc --print sysroot)/lib/rustlib/$target/lib"
    if [[ ! -d "$libraries" ]] && ! timeout 120 rustup target add "$target"; then
        echo "skipped: targets.sh: the standard library for $target could not be installed"
        continue
    fi
    RUSTFLAGS="-D warnings ${RUSTFLAGS:-}" cargo check --target "$target" --target-dir target/targets --lib --all-features
done
