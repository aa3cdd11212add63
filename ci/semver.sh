#!/usr/bin/env bash
# Checks that the version in Cargo.toml is raised far enough for what has changed in the public API since a release, by
# cargo-semver-checks. The release is the newest tag `v*`, or the revision given: `ci/semver.sh v0.1.0`.
# Not part of CI: before the first release there is nothing to compare with. It needs cargo-semver-checks
# (`cargo install cargo-semver-checks --locked`), and says so without it.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: semver.sh: $1"
    exit 0
}

baseline="${1:-$(git tag --list 'v*' --sort=-v:refname | head -n 1)}"
[[ -n "$baseline" ]] || skip "there is no release to compare with"
cargo semver-checks --version 2>/dev/null || skip "cargo-semver-checks is not installed"
cargo semver-checks --all-features --baseline-rev "$baseline"
