#!/usr/bin/env bash
# Runs the unit tests, and the tests of whatever has unsafe code, under AddressSanitizer, which sees a job or a latch that is
# touched after the frame that holds it has returned, and a job that is never freed: the two mistakes that a pool of
# pointers to other threads' stacks invites.
# It needs a nightly toolchain and Linux on x86-64. Where they are missing it says so and succeeds, unless
# ASAN_REQUIRED=1. ASAN_TOOLCHAIN: the toolchain, the first nightly that rustup lists unless set.
# TEST_TIMEOUT: the limit in seconds, 480 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: asan.sh: $1"
    exit "${ASAN_REQUIRED:-0}"
}

target=x86_64-unknown-linux-gnu
[[ "$(uname -sm)" == "Linux x86_64" ]] || skip "it runs on Linux on x86-64 only"
toolchain="${ASAN_TOOLCHAIN:-$(rustup toolchain list 2>/dev/null | grep -om1 '^nightly[^ ]*' || true)}"
[[ -n "$toolchain" ]] || skip "no nightly toolchain is installed (rustup toolchain install nightly)"

# The cfg leaves out what runs no unsafe code that the rest does not: tests/api/main.rs.
export RUSTFLAGS="-Zsanitizer=address --cfg asan ${RUSTFLAGS:-}"
export ASAN_OPTIONS="detect_leaks=1:detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
command=(cargo "+$toolchain" test --target "$target" --target-dir target/asan --lib)
command+=(--test api --test tasks --test control --test cancellation --test blocking --test streams --test stress)
command+=(--test lying --test chains --test programs)
"${command[@]}" --no-run
# What a test leaks on purpose, to see what becomes of the rest, is no finding.
leaks=(--skip a_leaked_drain --skip a_leaked_one --skip whose_drop_panics_harms_nobody)
leaks+=(--skip one_payload_is_leaked)
# In this slow build, on a busy machine, a job can take longer than the tenth of a second after which a thread goes on without
# its slot, and works under an index that another has. The simulated machine checks indices in virtual time.
slow=(--skip no_more_are_at_work_than_there_are_slots)
timeout --kill-after=10 "${TEST_TIMEOUT:-480}" "${command[@]}" -- "${leaks[@]}" "${slow[@]}"
