#!/usr/bin/env bash
# Checks what programs get together with this crate, by cargo-deny: licences, known vulnerabilities, crates in two versions,
# sources other than crates.io. ci/deny.toml says what is accepted.
# It needs cargo-deny (`cargo install cargo-deny --locked`), and is skipped without it: building it takes longer than all else
# here. The list of vulnerabilities comes from the network; where it cannot be had, the other checks are made.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

cargo deny --version 2>/dev/null || {
    echo "skipped: deny.sh: cargo-deny is not installed"
    exit 0
}

cargo deny check --config ci/deny.toml licenses bans sources
if timeout 120 cargo deny fetch --config ci/deny.toml db; then
    cargo deny check --config ci/deny.toml --disable-fetch advisories
else
    echo "deny.sh: the list of vulnerabilities could not be had, and was not checked"
fi
