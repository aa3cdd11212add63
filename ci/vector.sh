#!/usr/bin/env bash
# Checks that the loops of benches/workload/loops.rs do their work in vector instructions when they are run by this
# crate's iterators, as they do when they are plain: compiles the bench to assembly, follows each loop through all
# that it calls, and counts the packed additions, products, minima, maxima and comparisons on the way. One of the
# loops, a sum of floats, can have none, which shows that nothing else on the way is counted.
# Needs x86-64; elsewhere it says so and succeeds.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

host="$(rustc -vV | sed -n 's/^host: //p')"
if [[ "$host" != x86_64-* ]]; then
    echo "skipped: vector.sh: it reads the assembly of x86-64, not of $host"
    exit 0
fi

assembly="${CARGO_TARGET_DIR:-target}/vector.s"
# Cargo does not know of this file, and would not write it again.
[[ -f "$assembly" ]] || touch benches/vector.rs
mkdir -p -- "$(dirname -- "$assembly")"
assembly="$(cd -- "$(dirname -- "$assembly")" && pwd)/vector.s"
cargo rustc --profile bench --bench vector -- --emit "asm=$assembly" -C codegen-units=1

awk '
    # A function begins: the labels within one have no underscore in front.
    /^"?_[^:]*:/ {
        name = $0
        gsub(/^"|"?:.*/, "", name)
        defined[name] = 1
        next
    }
    /^\t[a-z]/ {
        if ($1 ~ /^v?p(add|sub|mul|madd|sad|max|min|cmp)/ || $1 ~ /^v?(f[a-z0-9]*|add|sub|mul|max|min|cmp[a-z]*)p[sd]$/) {
            packed[name]++
        }
        rest = $0
        while (match(rest, /_[A-Za-z0-9_.$]+/)) {
            called[name] = called[name] " " substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
        }
    }

    # The packed instructions of a function and of all that it refers to.
    function reach(name,    callees, count, each, sum) {
        if (!(name in defined) || name in seen) {
            return 0
        }
        seen[name] = 1
        sum = packed[name]
        count = split(called[name], callees, " ")
        for (each = 1; each <= count; each++) {
            sum += reach(callees[each])
        }
        return sum
    }

    # The symbol of a function of the workload holds the names on its path, each behind its length; in the older
    # mangling a hash follows.
    function find(path,    symbol) {
        for (symbol in defined) {
            if (symbol ~ ("5loops" path "(17h[0-9a-f]+E)?$")) {
                return symbol
            }
        }
        return ""
    }

    function mangled(name) {
        return length(name) name
    }

    END {
        loops = split("sum map_sum zip_map_sum chunk_sums max add_product filter_count in_order", loop, " ")
        modules = split("plain paceline rayon", module, " ")
        printf "%-14s %8s %8s %8s  packed instructions\n", "loop", "plain", "paceline", "rayon"
        for (l = 1; l <= loops; l++) {
            line = sprintf("%-14s", loop[l])
            for (m = 1; m <= modules; m++) {
                split("", seen)
                symbol = find(mangled(module[m]) mangled(loop[l]))
                if (symbol == "") {
                    print "FAILED: the assembly has no function " module[m] "::" loop[l]
                    failed = 1
                }
                count = reach(symbol)
                line = line sprintf(" %8d", count)
                wanted = loop[l] != "in_order"
                if (module[m] != "rayon" && (count > 0) != wanted) {
                    verdict[++verdicts] = module[m] "::" loop[l] " has " (wanted ? "no" : "some") " packed instructions"
                }
            }
            print line
        }
        for (v = 1; v <= verdicts; v++) {
            print "FAILED: " verdict[v]
        }
        exit failed || verdicts > 0
    }
' "$assembly"
