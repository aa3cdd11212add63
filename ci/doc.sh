#!/usr/bin/env bash
# Builds the documentation with rustdoc's warnings as errors, first as users see it and then with private items,
# so that no link in either is broken. The examples in it are run by ci/test.sh.
# With a nightly toolchain it does two more things, which stable cannot: it builds the documentation as docs.rs does, with
# a label on each item that is behind a feature, and checks the error codes of the examples that must not compile.
# ci/mistakes.sh checks the codes of such programs on stable.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

export RUSTDOCFLAGS="-D warnings ${RUSTDOCFLAGS:-}"
cargo doc --lib --no-deps --all-features
cargo doc --lib --no-deps --all-features --document-private-items

if ! cargo +nightly --version 2>/dev/null; then
    echo "doc.sh: there is no nightly toolchain: labels of features and error codes are not checked"
    exit 0
fi
RUSTDOCFLAGS="--cfg docsrs $RUSTDOCFLAGS" cargo +nightly doc --lib --no-deps --all-features --target-dir target/docsrs
pages=target/docsrs/doc/paceline
for item in stream/trait.ParallelMapStream.html:stream struct.PoolMetrics.html:serde trait.Progress.html:indicatif; do
    label="Available on.*feature.*<code>${item#*:}</code>"
    grep -q "$label" "$pages/${item%:*}" || {
        echo "doc.sh: ${item%:*} does not say that it needs the feature ${item#*:}" >&2
        exit 1
    }
done

# Examples are picked by their lines, so a few others run too; unmerged, because else all would be compiled.
mapfile -t examples < <(grep -rnoP '```compile_fail,E\d{4}' src | cut -d: -f1,2)
tested="$(RUSTDOCFLAGS="-Zunstable-options --merge-doctests=no" timeout "${TEST_TIMEOUT:-480}" \
    cargo +nightly test --doc --all-features --target-dir target/docsrs -- "${examples[@]/#*:/}" 2>&1)" || true
failed=0
for example in "${examples[@]}"; do
    grep -q "^test ${example%:*} - .* (line ${example#*:}) - compile fail \.\.\. ok$" <<<"$tested" || {
        echo "doc.sh: the compiler does not give that error code: $example" >&2
        failed=1
    }
done
((failed == 0)) && echo "doc.sh: ${#examples[@]} examples do not compile, with their error codes"
exit "$failed"
