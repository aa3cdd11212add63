#!/usr/bin/env bash
# Runs the tests and examples of mpi/ over three hosts with addresses of their own, which talk by TCP: network namespaces of
# this machine, made for it and removed afterwards. Not part of CI, because it needs the root user and changes the machine's
# network. Needs Open MPI and `ip`. The addresses are 10.99.7.1 to 10.99.7.3.
# Arguments are parts of names of tests. TEST_TIMEOUT: the limit for the tests in seconds, 300 unless set.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

export CARGO_TARGET_DIR="$PWD/target/mpi" CARGO_INCREMENTAL=0
hosts=(1 2 3)
scripts="$CARGO_TARGET_DIR/hosts"
mkdir -p "$scripts"

remove_hosts() {
    for host in "${hosts[@]}"; do
        ip netns del "paceline$host" 2>/dev/null || true
    done
    ip link del paceline-net 2>/dev/null || true
}
trap remove_hosts EXIT
remove_hosts
ip link add paceline-net type bridge
ip link set paceline-net up
for host in "${hosts[@]}"; do
    ip netns add "paceline$host"
    ip link add "paceline-$host" type veth peer name eth0 netns "paceline$host"
    ip link set "paceline-$host" master paceline-net up
    ip -n "paceline$host" addr add "10.99.7.$host/24" dev eth0
    ip -n "paceline$host" link set eth0 up
    ip -n "paceline$host" link set lo up
done

# What mpirun calls in place of ssh: a command on the host of an address.
cat >"$scripts/agent" <<'AGENT'
#!/usr/bin/env bash
while [[ "$1" == -* ]]; do shift; done
host="paceline${1##*.}"
shift
exec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"
AGENT
# mpirun on the first host, with a rank on each host in turn, over TCP alone. Open MPI's own choice of a component for one-sided
# calls fails over TCP, so it is named. The ranks are more than the processors, so those that wait yield theirs.
cat >"$scripts/mpirun" <<MPIRUN
#!/usr/bin/env bash
exec ip netns exec paceline1 unshare --uts sh -c 'hostname paceline1; exec mpirun "\$@"' mpirun \\
    --mca plm_rsh_agent "$scripts/agent" --mca plm_rsh_no_tree_spawn 1 --mca routed direct \\
    --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \\
    --mca osc pt2pt --mca mpi_yield_when_idle 1 \\
    --bind-to none --map-by node -H 10.99.7.1:4,10.99.7.2:4,10.99.7.3:4 "\$@"
MPIRUN
chmod +x "$scripts/agent" "$scripts/mpirun"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export MPIRUN="$scripts/mpirun"
"$MPIRUN" -n 3 hostname
cargo build --quiet --manifest-path mpi/Cargo.toml --examples
timeout --kill-after=10 "${TEST_TIMEOUT:-300}" cargo test --quiet --manifest-path mpi/Cargo.toml --test ranks -- "$@"
for example in sums "word_count src docs" "mandelbrot 200"; do
    # The arguments are words, to be split.
    # shellcheck disable=SC2086
    timeout --kill-after=10 60 "$MPIRUN" -n 3 "$CARGO_TARGET_DIR/debug/examples/"$example
done
