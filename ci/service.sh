#!/usr/bin/env bash
# Checks and tests examples/service, an HTTP service by axum over a pool, with clients on loopback that hang up: formatting,
# clippy with warnings as errors, and its tests.
# It is a package of its own, so that its dependencies are not this crate's. Cargo fetches them unless they are there.
# Arguments go to the tests' program: `ci/service.sh the_bound`. TEST_TIMEOUT: the limit for the tests in seconds, 120 unless
# set; BUILD_TIMEOUT: that for each build, 900 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

manifest=examples/service/Cargo.toml
export CARGO_TARGET_DIR="$PWD/target/service"
# Nothing here is debugged, and the builds are small without.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0

cargo fmt --manifest-path "$manifest" -- --check
timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo clippy --quiet --manifest-path "$manifest" --all-targets -- -D warnings
timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo test --quiet --manifest-path "$manifest" --no-run
timeout --kill-after=10 "${TEST_TIMEOUT:-120}" cargo test --quiet --manifest-path "$manifest" --test hanging_up -- "$@"
