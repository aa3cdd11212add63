#!/usr/bin/env bash
# Runs the stress tests, the tests of tasks and streams, and the small programs of tests/miri under ThreadSanitizer, which
# sees two threads touch the same memory with nothing in between that orders them, at nearly full speed.
# It does not understand fences. Here fences only ever stand between a write and a look (who is asleep, who is to be woken);
# what is handed over goes by a release and an acquire on the same atomic. The standard library and crossbeam, which are
# built with it, replace theirs when they see the sanitizer.
# One race is crossbeam-deque's own, and left out: a thief reads a slot that the owner may be writing to, and throws away
# what it has read unless the exchange that follows says that the slot was still its own.
# Not part of CI: it builds the standard library. It needs a nightly toolchain with its source, and Linux on x86-64, and
# installs the former; else it says so and succeeds, unless TSAN_REQUIRED=1. Arguments replace the tests:
# `ci/tsan.sh --test api`. TEST_TIMEOUT: the limit in seconds, 900 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: tsan.sh: $1"
    exit "${TSAN_REQUIRED:-0}"
}

target=x86_64-unknown-linux-gnu
[[ "$(uname -sm)" == "Linux x86_64" ]] || skip "it runs on Linux on x86-64 only"
command -v rustup >/dev/null || skip "there is no rustup to bring a nightly toolchain"
[[ -d "$(rustc +nightly --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]] ||
    timeout 300 rustup toolchain install nightly --profile minimal -c rust-src --no-self-update ||
    skip "could not install a nightly toolchain with its source"

tests=("$@")
((${#tests[@]})) || tests=(--test miri --test stress --test tasks --test streams)
mkdir -p target/tsan
echo "race:crossbeam_deque::deque::Buffer" >target/tsan/suppressions
export TSAN_OPTIONS="suppressions=$PWD/target/tsan/suppressions ${TSAN_OPTIONS:-}"
export RUSTFLAGS="-Zsanitizer=thread ${RUSTFLAGS:-}"
command=(cargo +nightly test -Zbuild-std --target "$target" --target-dir target/tsan --all-features "${tests[@]}")
"${command[@]}" --no-run
timeout --kill-after=10 "${TEST_TIMEOUT:-900}" "${command[@]}"
