#!/usr/bin/env bash
# Checks that no file names what lies above it in the table of layers, that no files use each other in a circle, and the
# rules on names, first lines and lengths that go with it. The table is tests/layers/table.rs.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo test --test layers
