#!/usr/bin/env bash
# Prints how the library scales on 1 to 256 simulated cores: see benches/simulated/. With the same arguments it prints the
# same on every machine. Arguments are the bench's: `ci/simulated.sh --only fib --cores 64 --profile`.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

RUSTFLAGS="--cfg sim ${RUSTFLAGS:-}" cargo bench --target-dir target/sim --bench simulated -- "$@"
