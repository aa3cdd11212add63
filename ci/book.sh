#!/usr/bin/env bash
# Compiles and runs every Rust block of the book in docs/book (but examples of mpi/, which ci/mpi.sh runs), builds the book to
# HTML in target/book, and checks the links in it (ci/book.py). The blocks are run by a package of their own, docs/book/check,
# because their dependencies are not to be this crate's; cargo fetches those. mdBook is installed into target/mdbook unless it
# is there, in the version below; where that does not work, the blocks are run and the rest is skipped.
# Arguments go to the tests: `ci/book.sh scans`. TEST_TIMEOUT: the limit for the tests in seconds, their build included, 900
# unless set; INSTALL_TIMEOUT: that for the installation of mdBook, 900 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

mdbook_version=0.5.4

# Nothing here is debugged, and the builds are small without. The folder is not that of the other steps, whose profile differs.
CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0 CARGO_TARGET_DIR="$PWD/target/book-check" \
    timeout --kill-after=10 "${TEST_TIMEOUT:-900}" cargo test --quiet --manifest-path docs/book/check/Cargo.toml --doc -- "$@"
cargo fmt --manifest-path docs/book/check/Cargo.toml -- --check

if ! command -v python3 >/dev/null; then
    echo "skipped: python3 is not there to check the book's pages"
    exit 0
fi
python3 ci/book.py sources

# True if the given program is mdBook in the version above.
is_mdbook() {
    [[ "$("$1" --version 2>/dev/null)" == "mdbook v$mdbook_version" ]]
}
mdbook=mdbook
if ! is_mdbook "$mdbook"; then
    mdbook="$PWD/target/mdbook/bin/mdbook"
fi
if ! is_mdbook "$mdbook"; then
    echo "Installing mdBook $mdbook_version."
    # Built to be built soon: it runs for a second. Without its server, which wants an async runtime.
    if ! CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        timeout --kill-after=10 "${INSTALL_TIMEOUT:-900}" cargo install mdbook --quiet --version "$mdbook_version" --locked \
        --no-default-features --features search --root target/mdbook --target-dir target/mdbook/build; then
        echo "skipped: mdBook could not be installed; the book's programs are right"
        exit 0
    fi
    rm -rf target/mdbook/build
fi

rm -rf target/book
built=0
log="$("$mdbook" build docs/book 2>&1)" || built=$?
echo "$log"
if ((built != 0)) || grep -qE '^ *(WARN|ERROR)|\[(WARN|ERROR)\]' <<<"$log"; then
    echo "book.sh: mdBook fails or warns" >&2
    exit 1
fi
python3 ci/book.py built
