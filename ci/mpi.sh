#!/usr/bin/env bash
# Checks and tests mpi/, the package for MPI programs: formatting, clippy and rustdoc with warnings as errors, the examples in
# its documentation, every call on 1 to 7 ranks under `mpirun`, panics and mistakes that must end all ranks, and its examples:
# the program of the book, the word count, equal to the tour's, and the Mandelbrot picture, equal to that of one thread.
# It is a package of its own, because it needs an MPI library and libclang. Where they are missing they are installed, if this
# is a Debian and the network allows it; else the step is skipped.
# Arguments are parts of names of tests: `ci/mpi.sh bits`. TEST_TIMEOUT: the limit for the tests in seconds, 150 unless set;
# BUILD_TIMEOUT: that for each build, 600 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

manifest=mpi/Cargo.toml
export CARGO_TARGET_DIR="$PWD/target/mpi"
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=line-tables-only
build() {
    timeout --kill-after=10 "${BUILD_TIMEOUT:-600}" cargo "$1" --quiet --manifest-path "$manifest" "${@:2}"
}

cargo fmt --manifest-path "$manifest" -- --check

# True if libclang is where bindgen looks for it, beside what MPI needs.
has_mpi() {
    command -v mpirun >/dev/null && command -v mpicc >/dev/null || return 1
    [[ -n "${LIBCLANG_PATH:-}" ]] && return
    compgen -G '/usr/lib*/libclang*.so*' >/dev/null || compgen -G '/usr/lib/*/libclang*.so*' >/dev/null
}
# Runs a command as the root user if this is one, or may be one without a password.
as_root() {
    if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}
if ! has_mpi && command -v apt-get >/dev/null; then
    echo "Installing Open MPI and libclang."
    {
        as_root timeout 60 apt-get -qq update &&
            as_root timeout 120 env DEBIAN_FRONTEND=noninteractive \
                apt-get -qq install openmpi-bin libopenmpi-dev libclang-dev
    } >/dev/null || echo "They could not be installed."
fi
if ! has_mpi; then
    echo "skipped: mpirun, mpicc and libclang are not there (Debian: openmpi-bin libopenmpi-dev libclang-dev)"
    exit 0
fi

build clippy --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" build doc --no-deps --document-private-items
build test --doc
build test --lib --test ranks --no-run
timeout --kill-after=10 "${TEST_TIMEOUT:-150}" cargo test --quiet --manifest-path "$manifest" --test ranks -- "$@"
(($# == 0)) || exit 0
timeout --kill-after=10 60 cargo test --quiet --manifest-path "$manifest" --lib

# Open MPI refuses the root user, and more ranks than processors, unless it is told.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
build build --examples
examples="$CARGO_TARGET_DIR/debug/examples"
for ranks in 1 3; do
    timeout --kill-after=10 60 mpirun -n "$ranks" "$examples/sums"
    timeout --kill-after=10 60 mpirun -n "$ranks" "$examples/word_count" src docs
    timeout --kill-after=10 60 mpirun -n "$ranks" "$examples/mandelbrot" 120
done
