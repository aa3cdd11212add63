#!/usr/bin/env bash
# Runs the tests, and the examples in the documentation, as README.md says, under a limit of time: a parallel crate's
# commonest failure is a hang, which has to end as a failure. The build comes first and does not count.
# TEST_TIMEOUT: the limit in seconds, 600 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

limit="${TEST_TIMEOUT:-600}"
cargo test --all-features --no-run

status=0
timeout --kill-after=10 "$limit" cargo test --all-features || status=$?
if ((status == 124 || status == 137)); then
    echo "test.sh: the tests hung: not done after $limit s" >&2
fi
exit "$status"
