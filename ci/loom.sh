#!/usr/bin/env bash
# Runs every loom model: loom tries all interleavings of a small piece of a protocol, and the weak values that each
# ordering allows, which no number of ordinary runs does. A model is a unit test in a file or a module named `loom`.
# One argument picks models by their path: `ci/loom.sh latch::loom`.
# LOOM_MAX_PREEMPTIONS: how often a thread may be interrupted, 3 unless set. LOOM_TIMEOUT: seconds, 480 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

limit="${LOOM_TIMEOUT:-480}"
export LOOM_MAX_PREEMPTIONS="${LOOM_MAX_PREEMPTIONS:-3}"
export RUSTFLAGS="--cfg loom ${RUSTFLAGS:-}"
command=(cargo test --release --features stream --target-dir target/loom --lib)
# Only the crate and the checker have to be fast; the rest, which no model runs, is built faster so.
command+=(--config 'profile.release.package."*".opt-level=0')
command+=(--config 'profile.release.package.loom.opt-level=3' --config 'profile.release.package.generator.opt-level=3')

filter="${1:-loom}"
"${command[@]}" --no-run
binary="$("${command[@]}" --no-run 2>&1 | sed -n 's/.*Executable .*(\(.*\))$/\1/p')"

# A filter that fits nothing would pass, so the models are counted.
models="$("$binary" --list "$filter" | sed -n 's/: test$//p')"
if [[ -z "$models" ]]; then
    echo "loom.sh: no model has \"$filter\" in its path" >&2
    exit 1
fi
at_once="$(getconf _NPROCESSORS_ONLN)"
echo "loom.sh: $(wc -l <<<"$models") models, $at_once at once, at most $LOOM_MAX_PREEMPTIONS preemptions"

# Each model has a process of its own, which takes a third of the time: the checker maps and unmaps a stack for every
# thread of every execution, where the threads of one process wait for each other.
run_model() {
    local output
    if output="$("$1" --exact "$2" --test-threads=1 2>&1)"; then
        echo "test $2 ... ok"
    else
        printf '%s\n' "$output"
        return 1
    fi
}
export -f run_model

status=0
timeout --kill-after=10 "$limit" xargs -P "$at_once" -I{} bash -c 'run_model "$@"' - "$binary" {} <<<"$models" || status=$?
if ((status == 124 || status == 137)); then
    echo "loom.sh: not done after $limit s; a model is too large, or it spins" >&2
fi
exit "$status"
