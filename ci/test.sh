#!/usr/bin/env bash
# Runs the tests as README.md says, under a limit of time: a parallel crate's commonest failure is a hang, which
# has to end as a failure. The build comes first and does not count.
# TEST_TIMEOUT: the limit in seconds, 600 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

limit="${TEST_TIMEOUT:-600}"
cargo test --no-run

status=0
timeout --kill-after=10 "$limit" cargo test || status=$?
# What stands behind the feature, and only that.
((status != 0)) || timeout --kill-after=10 "$limit" cargo test --features stream --test streams || status=$?
if ((status == 124 || status == 137)); then
    echo "test.sh: the tests hung: not done after $limit s" >&2
fi
exit "$status"
