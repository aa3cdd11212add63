#!/usr/bin/env bash
# Builds the documentation with rustdoc's warnings as errors, first as users see it and then with private items,
# so that no link in either is broken. The examples in it are run by ci/test.sh.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

export RUSTDOCFLAGS="-D warnings ${RUSTDOCFLAGS:-}"
cargo doc --lib --no-deps --all-features
cargo doc --lib --no-deps --all-features --document-private-items
