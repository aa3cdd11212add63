#!/usr/bin/env bash
# Builds the crate, with and without its features, with the oldest version of each dependency that Cargo.toml allows, so
# that those numbers are true. Only the crate's own dependencies are that old; theirs are what Cargo chooses. The tests'
# and benches' dependencies are left out: no user gets them.
# Choosing old versions needs a nightly toolchain, and is skipped without one; the build is that of the default toolchain.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo +nightly --version 2>/dev/null || {
    echo "skipped: minimal_versions.sh: there is no nightly toolchain"
    exit 0
}

# A package of its own, so that the lock file of this one stays as it is.
folder=target/minimal_versions
mkdir -p "$folder"
awk '/^\[/ { drop = /dev-dependencies|^\[\[|^\[profile/ } !drop' Cargo.toml >"$folder/Cargo.toml"
printf '[workspace]\n' >>"$folder/Cargo.toml"
ln -sfn ../../src "$folder/src"
ln -sfn ../../README.md "$folder/README.md"

cd -- "$folder"
rm -f Cargo.lock
cargo +nightly update -Z direct-minimal-versions
cargo tree --depth 1 --all-features --target all
export RUSTFLAGS="-D warnings ${RUSTFLAGS:-}"
cargo check --lib
cargo check --lib --all-features
# One dependency is for WebAssembly alone. ci/targets.sh brings the standard library for it.
if [[ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]]; then
    cargo check --lib --all-features --target wasm32-unknown-unknown
fi
