#!/usr/bin/env bash
# Builds the documentation with rustdoc's warnings as errors, first as users see it and then with private items,
# so that no link in either is broken; then runs the examples in it.
# TEST_TIMEOUT: the limit of that in seconds, 300 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

export RUSTDOCFLAGS="-D warnings ${RUSTDOCFLAGS:-}"
cargo doc --lib --no-deps --all-features
cargo doc --lib --no-deps --all-features --document-private-items
timeout --kill-after=10 "${TEST_TIMEOUT:-300}" cargo test --doc --all-features
