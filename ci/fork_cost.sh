#!/usr/bin/env bash
# Prints how many instructions a fork costs that nobody steals, and shows them: the same recursion by join and by plain
# calls, counted by callgrind, which gives the same numbers on every run. Needs valgrind and objdump.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
n=${1:-25}
cargo build --quiet --release --example fork_cost
program="${CARGO_TARGET_DIR:-target}/release/examples/fork_cost"
count() {
  local out
  out=$(mktemp)
  valgrind --tool=callgrind --callgrind-out-file="$out" "$program" "$1" "$n" >/dev/null 2>&1
  awk '/^totals:/ { print $2 }' "$out"
  rm -f "$out"
}
idle=$(count idle) calls=$(count calls) join=$(count join)
python3 - "$n" "$idle" "$calls" "$join" <<'PY'
import sys
n, idle, calls, join = map(int, sys.argv[1:])
a, b = 0, 1
for _ in range(n + 1):
    a, b = b, a + b
forks = a - 1
print(f"fib({n}): {forks} forks")
print(f"by calls: {(calls - idle) / forks:5.1f} instructions for each")
print(f"by join:  {(join - idle) / forks:5.1f} instructions for each, so a fork that nobody steals costs {(join - calls) / forks:.1f}")
PY
echo
echo "The recursion by join, as compiled:"
objdump -d --no-show-raw-insn "$program" |
  awk '/^[0-9a-f]+ <.*6forked.*>:$/ { on = 1; next } on { sub(/^ *[0-9a-f]+:\t/, "    "); print } on && /ret/ && ++rets == 2 { on = 0 }'
