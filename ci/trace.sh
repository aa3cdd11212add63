#!/usr/bin/env bash
# Records examples/timeline and opens the report in a browser without a window (ci/trace.mjs): zooms, drags, hovers, and
# reads the tooltip and the tables, at 1200 and 700 pixels.
# It needs node, npm and Chromium (CHROMIUM names another than /usr/bin/chromium). It installs Chromium where it may, and
# a driver for it in a temporary folder; without them it says so and succeeds.
# With an argument it also writes pictures of the page: `ci/trace.sh PREFIX` writes PREFIX_1200.png and PREFIX_700.png.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

skip() {
    echo "skipped: trace.sh: $1"
    exit 0
}

command -v node >/dev/null && command -v npm >/dev/null || skip "node or npm is not installed"
export CHROMIUM="${CHROMIUM:-/usr/bin/chromium}"
if [[ ! -x "$CHROMIUM" && "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; then
    timeout 180 apt-get install -y --no-install-recommends chromium >/dev/null 2>&1 || true
fi
[[ -x "$CHROMIUM" ]] || skip "Chromium is not installed"

work="$(mktemp -d)"
trap 'rm -rf -- "$work"' EXIT
(cd -- "$work" && timeout 120 npm install --silent --no-audit --no-fund playwright-core@1 >/dev/null) ||
    skip "the browser's driver could not be installed"

cargo build --example timeline
PACELINE_NUM_THREADS=4 "${CARGO_TARGET_DIR:-target}/debug/examples/timeline" 24 "$work/timeline.json"
timeout --kill-after=10 "${TEST_TIMEOUT:-120}" node ci/trace.mjs "$work" "$work/timeline.html" ${1:+"$1"}
