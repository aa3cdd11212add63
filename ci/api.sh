#!/usr/bin/env bash
# Compares the public API of rayon and rayon-core, as rustdoc prints it, with this crate's: items, methods,
# implementations and their bounds. Nothing may be missing here, and rayon's traits and prelude may have no name that is
# here alone. Then looks for public items of this crate whose documentation has no example, other than deprecated ones;
# with --examples it does only that. Prints a line for each item that is missing, differs, is added or has no example, and
# then fails; ci/api.py says what counts.
# rayon's sources come by way of cargo; what reads the pages needs Python 3.8 or newer.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

command -v python3 >/dev/null || {
    echo "skipped: api.sh: python3 is not installed"
    exit 0
}

folder=target/api
mkdir -p "$folder"
cat >"$folder/Cargo.toml" <<'END'
[package]
name = "api"
version = "0.0.0"
edition = "2024"
[lib]
path = "lib.rs"
[dependencies]
paceline = { path = "../.." }
rayon = "=1.12.0"
rayon-core = "=1.13.0"
[workspace]
END
: >"$folder/lib.rs"
# Its pages would be mixed with what is no longer there.
rm -rf "$folder/doc"
cargo doc --quiet --no-deps --manifest-path "$folder/Cargo.toml" --target-dir "$folder" \
    -p paceline -p rayon -p rayon-core
status=0
if [[ "${1:-}" != --examples ]]; then
    python3 ci/api.py "$folder/doc" paceline rayon rayon_core || status=1
fi
python3 ci/api.py --examples "$folder/doc" paceline || status=1
exit "$status"
