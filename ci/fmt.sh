#!/usr/bin/env bash
# Checks that every Rust file is formatted as rustfmt's defaults say, so that no review is about layout and no
# change hides among moved lines.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo fmt --all --check
