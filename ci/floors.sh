#!/usr/bin/env bash
# Prints the floors that this crate must keep (benches/floors.rs), each with what was measured; functions and loops are
# aligned (ci/aligned.sh). Options are passed on, for example --strict.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/aligned.sh" --bench floors -- "$@"
