#!/usr/bin/env bash
# Checks and runs examples/metrics, which serves the numbers of a pool to Prometheus on loopback, reads them back and compares
# them: formatting, clippy with warnings as errors, and the program.
# It is a package of its own, so that its dependencies are not this crate's. Cargo fetches them unless they are there.
# TEST_TIMEOUT: the limit for the program in seconds, 60 unless set; BUILD_TIMEOUT: that for each build, 900 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

manifest=examples/metrics/Cargo.toml
export CARGO_TARGET_DIR="$PWD/target/metrics"
# Nothing here is debugged, and the builds are small without.
export CARGO_PROFILE_DEV_DEBUG=0

cargo fmt --manifest-path "$manifest" -- --check
timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo clippy --quiet --manifest-path "$manifest" --all-targets -- -D warnings
timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo build --quiet --manifest-path "$manifest"
timeout --kill-after=10 "${TEST_TIMEOUT:-60}" "$CARGO_TARGET_DIR/debug/metrics-example"
