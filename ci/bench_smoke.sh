#!/usr/bin/env bash
# Runs every bench once, without measuring: benches are programs too, and one that no longer compiles or gives a
# wrong answer is found here and not when its numbers are wanted. They are built as tests are, which takes less than half
# as long as to optimise them.
# TEST_TIMEOUT: the limit in seconds, 300 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo test --all-features --benches --no-run
timeout --kill-after=10 "${TEST_TIMEOUT:-300}" cargo test --all-features --benches -- --test
