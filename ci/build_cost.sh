#!/usr/bin/env bash
# Builds a program of parallel chains with rayon and with this crate, and compares how much code the compiler makes of it:
# lines and functions of LLVM IR in a debug build, which are the same in every run. Fails if there are more than 0.85 of rayon's
# lines, or 0.75 of its functions. (ci/build_cost.py has the chains.)
# By hand: `--seconds` adds the processor time of building the program, and of a small one with its dependencies, and the
# size of the stripped program, with their bounds; `--each` counts each chain by itself, as the difference that it makes, or
# only those that are named: `ci/build_cost.sh --each sum "collect map"`.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

command -v python3 >/dev/null || {
    echo "skipped: build_cost.sh: python3 is not installed"
    exit 0
}

exec python3 ci/build_cost.py "$@"
