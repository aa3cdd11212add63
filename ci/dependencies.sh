#!/usr/bin/env bash
# Builds four published crates with this crate in rayon's place (compat/, put in by `[patch.crates-io]`), their features that
# use rayon on, and runs their own tests; then runs compat/example, which uses two such crates on one pool.
# Fails if another rayon was built, if a test fails, if fewer pass than with rayon itself, or if none of those ran that
# call rayon. Prints what passed.
# The sources are those that cargo fetches, without their benches and examples and what only those depend on. Left out are
# tests that read files which are not published: those of image that open a picture. ndarray publishes no tests of its loops
# in parallel but examples in their documentation: these are run.
# Arguments are the crates to test, without the example: `ci/dependencies.sh ndarray`. TEST_TIMEOUT: the limit for the tests
# of each in seconds, 120 unless set; BUILD_TIMEOUT: that for each build, 900 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

declare -A versions=([indexmap]=2.14.2 [ndarray]=0.17.2 [image]=0.25.10 [indicatif]=0.18.6)
# exr, of image, depends on rayon-core alone.
declare -A features=([indexmap]=std,rayon [ndarray]=rayon [image]=rayon,png,exr [indicatif]=rayon,in_memory,unicode-width)
# How many tests pass with rayon itself.
declare -A expected=([indexmap]=194 [ndarray]=86 [image]=176 [indicatif]=102)
# Of those, the ones that call rayon.
calling_rayon='^test (rayon::|images::buffer_par::|ndarray/src/parallel/).* ok$'
# The tests of image whose files are not published.
without_files=(codecs::openexr::test::compare_cropped codecs::openexr::test::compare_rgba_rgb
    codecs::png::tests::ensure_no_decoder_off_by_one codecs::png::tests::underlying_error hooks::tests::decoding_hook
    imageops::sample::tests::resize_transparent_image imageops::sample::tests::test_resize_same_size
    imageops::sample::tests::test_sample_bilinear imageops::sample::tests::test_sample_nearest
    images::dynimage::test::color_space_independent_imageops images::dynimage::test::open_16bpc_png)

crates=("$@")
(($# > 0)) || crates=(indexmap ndarray image indicatif)
for crate in "${crates[@]}"; do
    [[ -n "${versions[$crate]:-}" ]] || { echo "dependencies.sh: no such crate: $crate" >&2; exit 2; }
done

compat="$PWD/compat"
folder="$PWD/target/dependencies"
sources="$folder/sources"
export CARGO_TARGET_DIR="$folder/build"
# Nothing here is debugged, and the builds are small without.
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_TEST_DEBUG=0
rm -rf "$sources" "$folder/fetch"
mkdir -p "$sources" "$folder/fetch"

if command -v rustfmt >/dev/null; then
    for package in rayon rayon-core example; do
        cargo fmt --manifest-path "compat/$package/Cargo.toml" -- --check
    done
fi

# Cargo fetches what a package depends on, and says where it keeps it.
{
    printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[lib]\npath = "lib.rs"\n[workspace]\n'
    for crate in "${crates[@]}"; do
        printf '[dependencies.%s]\nversion = "=%s"\ndefault-features = false\n' "$crate" "${versions[$crate]}"
    done
} >"$folder/fetch/Cargo.toml"
: >"$folder/fetch/lib.rs"
metadata="$(cargo metadata --format-version=1 --manifest-path "$folder/fetch/Cargo.toml")"

# The sources become one workspace, so that dependencies of several of them are built once, and the patch stands once.
# Without the oldest Rust that each of them wants, cargo picks dependencies for the Rust at hand.
for crate in "${crates[@]}"; do
    manifest="$(grep -oP "\"manifest_path\":\"\K[^\"]*/$crate-\Q${versions[$crate]}\E/Cargo\.toml(?=\")" <<<"$metadata")"
    cp -R -- "$(dirname -- "$manifest")" "$sources/$crate"
    chmod -R u+w "$sources/$crate"
    rm -rf "$sources/$crate"/{Cargo.lock,.cargo,benches,examples}
    awk '/^\[/ { drop = /^\[\[(bench|example)\]\]|^\[profile|^\[dev-dependencies\.(clap|criterion|futures|rand|tokio)\]/ }
        !drop && !/^(rust-version|resolver) = /' "$manifest" >"$sources/$crate/Cargo.toml"
done
{
    printf '[workspace]\nresolver = "3"\nmembers = ['
    printf '"%s", ' "${crates[@]}"
    printf ']\n[patch.crates-io]\nrayon = { path = "%s/rayon" }\nrayon-core = { path = "%s/rayon-core" }\n' "$compat" "$compat"
} >"$sources/Cargo.toml"

cd -- "$sources"
cargo generate-lockfile
# In the lock file a package that comes from a registry has a source.
if grep -A2 -E '^name = "rayon(-core)?"$' Cargo.lock | grep '^source' || grep -F '[[patch.unused]]' Cargo.lock; then
    echo "dependencies.sh: rayon was not replaced" >&2
    exit 1
fi

failed=0
complain() {
    echo "dependencies.sh: $1" >&2
    failed=1
}
# Builds and runs tests of a crate, and appends what is printed to its log: run_tests CRATE ARGUMENT...
run_tests() {
    local crate="$1"
    shift
    timeout --kill-after=10 "${TEST_TIMEOUT:-120}" cargo test --package "$crate" --no-default-features \
        --features "${features[$crate]}" --no-fail-fast "$@" >>"$folder/$crate.log" 2>&1 ||
        complain "tests of $crate failed, or took too long: see target/dependencies/$crate.log"
}
for crate in "${crates[@]}"; do
    echo "--- $crate ${versions[$crate]}"
    of_crate=(--package "$crate" --no-default-features --features "${features[$crate]}")
    tree="$(cargo tree "${of_crate[@]}" --invert rayon --depth 0)"
    [[ "$tree" == "rayon v1.12.0 ($compat/rayon)" ]] || complain "$crate uses another rayon: $tree"
    if ! timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo test --quiet "${of_crate[@]}" --lib --tests --no-run \
        >"$folder/$crate.log" 2>&1; then
        grep -E -A5 '^error' "$folder/$crate.log" >&2 || true
        complain "$crate was not built: see target/dependencies/$crate.log"
        continue
    fi
    skip=()
    [[ "$crate" != image ]] || skip=(--exact "${without_files[@]/#/--skip=}")
    run_tests "$crate" --lib --tests -- "${skip[@]}"
    [[ "$crate" != ndarray ]] || run_tests "$crate" --doc parallel
    grep -E '^test .* FAILED$' "$folder/$crate.log" >&2 || true
    passed="$(grep -cE '^test .* ok$' "$folder/$crate.log" || true)"
    calling="$(grep -cE "$calling_rayon" "$folder/$crate.log" || true)"
    echo "$crate: $passed tests passed, $calling of them call rayon"
    ((passed >= ${expected[$crate]})) || complain "${expected[$crate]} tests of $crate pass with rayon itself"
    ((calling > 0)) || complain "no test of $crate that calls rayon ran"
done

if (($# == 0)); then
    echo "--- compat/example"
    timeout --kill-after=10 "${BUILD_TIMEOUT:-900}" cargo build --quiet --manifest-path "$compat/example/Cargo.toml"
    timeout --kill-after=10 "${TEST_TIMEOUT:-120}" "$CARGO_TARGET_DIR/debug/one-pool" || complain "the example failed"
fi
exit "$failed"
