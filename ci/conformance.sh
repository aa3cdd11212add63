#!/usr/bin/env bash
# Runs rayon's own tests against this crate: the tests and the doc examples that rayon and rayon-core are published
# with, read from the packages that cargo has fetched, built with this crate under rayon's name. Prints what passed in
# each file; fails if fewer tests pass than do with rayon itself.
# One argument, a regular expression, picks files by their name. TEST_TIMEOUT: the limit for each in seconds, 120
# unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

command -v python3 >/dev/null || {
    echo "skipped: conformance.sh: python3 is not installed"
    exit 0
}

exec python3 ci/conformance.py "$@"
