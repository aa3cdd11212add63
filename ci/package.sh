#!/usr/bin/env bash
# Checks that the crate could be published: the fields that a registry wants are in Cargo.toml, and the package
# holds what a user needs (sources, licences, documents) and nothing that belongs to the repository alone.
# Nothing is uploaded, and no network is needed once the dependencies are there.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

failed=0
complain() {
    echo "package.sh: $1" >&2
    failed=1
}

for field in name version edition rust-version description license documentation readme keywords categories; do
    grep -qE "^$field = ." Cargo.toml || complain "Cargo.toml has no $field"
done

# A tree with changes may be checked too: this is not a release.
packaged="$(cargo package --list --allow-dirty)"
for file in Cargo.toml README.md LICENSE LICENSE-MIT LICENSE-APACHE CHANGELOG.md src/lib.rs; do
    grep -qxF -- "$file" <<<"$packaged" || complain "the package lacks $file"
done
if grep -E '^(\.ci|\.config|\.github|ci|compat|target|docs|mpi|examples/(metrics|service))/|\.profraw$' <<<"$packaged"; then
    complain "the package holds what belongs to the repository alone"
fi
cargo package --no-verify --allow-dirty --offline --target-dir target
exit "$failed"
