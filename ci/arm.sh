#!/usr/bin/env bash
# Runs the unit tests, the small programs of tests/miri, and a part of tests/api on 64-bit Arm, emulated by qemu-user:
# the code that other processors have in place of x86-64's. (qemu's threads on x86-64 are ordered as that is, more strongly
# than Arm orders; for weak memory there are the loom models and Miri.) Arguments replace the part of tests/api.
# Not part of CI: emulation takes minutes. It wants Debian's qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross,
# which it installs where it may; else it says so and succeeds. ARM_TIMEOUT: the limit in seconds for each, 1200 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: arm.sh: $1"
    exit 0
}

target=aarch64-unknown-linux-gnu
has_tools() {
    command -v qemu-aarch64 aarch64-linux-gnu-gcc >/dev/null && [[ -d /usr/aarch64-linux-gnu/lib ]]
}
if ! has_tools && command -v apt-get >/dev/null && ((EUID == 0)); then
    timeout 300 apt-get update || true
    timeout 600 apt-get install -y --no-install-recommends qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross || true
fi
has_tools || skip "qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross are not installed"
[[ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]] || timeout 120 rustup target add "$target" ||
    skip "the standard library for $target could not be installed"

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
command=(cargo test --target "$target" --target-dir target/arm --all-features)
part=("$@")
((${#part[@]})) || part=(join:: scope:: spawn:: broadcast:: panics_)
"${command[@]}" --no-run --lib --test miri --test api
# The emulator itself fails in a child that is forked off while another thread runs.
forks=(--skip a_child_is_told_of_a_lock --skip a_lock_that_was_free_is_the_childs --skip a_child_that_an_item)
timeout --kill-after=10 "${ARM_TIMEOUT:-1200}" "${command[@]}" --lib --test miri -- "${forks[@]}"
timeout --kill-after=10 "${ARM_TIMEOUT:-1200}" "${command[@]}" --test api -- "${part[@]}"
