"""Compares what programs cost to build with rayon and with this crate: see build_cost.sh."""

import os
import pathlib
import resource
import shutil
import subprocess
import sys

WORK = pathlib.Path("target/build_cost").resolve()
CRATE = pathlib.Path(".").resolve()

# The bounds, as parts of what rayon's program takes. (`par_bridge` and the lines of a text take more code than rayon's: such
# parts of unknown length are split while they run, and give back what nobody has taken.)
MOST = {
    "lines": 0.85,
    "functions": 0.75,
    "debug seconds": 1.0,
    "release seconds": 1.0,
    "release bytes": 1.0,
    "small program, release seconds": 1.5,
}

# Each works on `words: &[String]`, `numbers: &[u32]` or a `sum: u64`, and is compiled twice, as two loops of a program
# would be. `@` is a number that differs.
CHAINS = {
    "sum": "sum += numbers.par_iter().map(|&n| u64::from(n) + @).sum::<u64>();",
    "count": "sum += words.par_iter().filter(|word| word.len() > @).count() as u64;",
    "collect": "sum += words.par_iter().map(|word| word.len() * @).collect::<Vec<_>>().len() as u64;",
    "collect filtered": "sum += numbers.par_iter().filter(|&n| n % @ == 0).cloned().collect::<Vec<_>>().len() as u64;",
    "collect map": "sum += words.par_iter().map(|word| (word.as_str(), @)).collect::<HashMap<_, i32>>().len() as u64;",
    "collect set": "sum += numbers.par_iter().map(|n| n / @).collect::<BTreeSet<_>>().len() as u64;",
    "collect string": "sum += words.par_iter().flat_map_iter(|word| word.chars().take(@)).collect::<String>().len() as u64;",
    "try": "sum += words.par_iter().map(|word| word.get(@..).ok_or(word.len())).collect::<Result<Vec<_>, _>>().is_ok() as u64;",
    "for each": "let total = AtomicU64::new(0); words.par_iter().for_each(|word| { if word.len() > @ { total.fetch_add(1, Ordering::Relaxed); } }); sum += total.into_inner();",
    "in place": "let mut copy = numbers.to_vec(); copy.par_iter_mut().enumerate().for_each(|(i, n)| *n ^= i as u32 + @); sum += u64::from(copy[0]);",
    "fold": "sum += numbers.par_iter().fold(|| 0, |sum, n| sum ^ (n + @)).reduce(|| 0, |a, b| a ^ b) as u64;",
    "least": "sum += words.par_iter().min_by_key(|word| word.len() ^ @).map_or(0, |word| word.len() as u64);",
    "find": "sum += numbers.par_iter().position_any(|&n| n == @).unwrap_or(0) as u64;",
    "any": "sum += numbers.par_iter().any(|&n| n == @) as u64 + numbers.par_iter().all(|&n| n != @) as u64;",
    "zip": "sum += numbers.par_iter().zip(words).map(|(n, word)| n * word.len() as u32 * @).max().unwrap_or(0) as u64;",
    "chunks": "sum += numbers.par_chunks(64).map(|chunk| chunk.iter().filter(|&n| n % @ == 0).count()).sum::<usize>() as u64;",
    "windows": "sum += numbers.par_windows(2).filter(|pair| pair[0] + @ > pair[1]).count() as u64;",
    "partition": "let (a, b): (Vec<u32>, Vec<u32>) = numbers.par_iter().partition(|&n| n % @ == 0); sum += (a.len() ^ b.len()) as u64;",
    "unzip": "let (a, b): (Vec<usize>, Vec<u8>) = words.par_iter().map(|word| (word.len(), @)).unzip(); sum += (a.len() ^ b.len()) as u64;",
    "sort": "let mut copy = numbers.to_vec(); copy.par_sort_unstable_by_key(|n| n ^ @); sum += u64::from(copy[0]);",
    "stable sort": "let mut copy = words.to_vec(); copy.par_sort_by(|a, b| a[..].cmp(&b[..]).then(a.len().cmp(&@))); sum += copy.len() as u64;",
    "range": "sum += (0..numbers.len()).into_par_iter().map(|i| numbers[i] as u64 + @).sum::<u64>();",
    "nested": "sum += words.par_iter().flat_map(|word| numbers.par_iter().map(move |n| n + @ + word.len() as u32)).count() as u64;",
    "bridge": "sum += numbers.chunks(16).par_bridge().map(|chunk| chunk.len() + @).sum::<usize>() as u64;",
    "lines": "sum += words[0].par_lines().map(|line| line.len() + @).sum::<usize>() as u64;",
    "join": "let (a, b) = rayon::join(|| numbers.len() + @, || words.len()); sum += (a + b) as u64;",
    "scope": "let mut len = 0; rayon::scope(|s| s.spawn(|_| len = words.len() + @)); sum += len as u64;",
}

HEAD = """#![allow(unused)]
use rayon::prelude::*;
use std::collections::*;
use std::sync::atomic::*;
"""

SMALL = """use rayon::prelude::*;
fn main() {
    println!("{}", (0..1000_u64).into_par_iter().sum::<u64>());
}
"""


def program(chains):
    """A program of these chains, each twice, in a function of its own."""
    text, calls = HEAD, ""
    for number, chain in enumerate(chain for chain in chains for _ in range(2)):
        body = chain.replace("@", str(number + 2))
        text += f"fn f{number}(numbers: &[u32], words: &[String]) -> u64 {{ let mut sum = 0_u64; {body} sum }}\n"
        calls += f"    sum ^= f{number}(&numbers, &words);\n"
    return text + f"""fn main() {{
    let numbers: Vec<u32> = (0..10_000).collect();
    let words: Vec<String> = numbers.iter().map(u32::to_string).collect();
    let mut sum = 0_u64;
{calls}    println!("{{sum}}");
}}
"""


def package(name, code, who):
    """Writes a package of that code, which uses one of the two, and returns its folder."""
    folder = WORK / f"{name}_{who}"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src/main.rs").write_text(code)
    dependency = '"1.12"' if who == "rayon" else f'{{ package = "paceline", path = "{CRATE}" }}'
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n'
        f"[dependencies]\nrayon = {dependency}\n\n[profile.release]\nstrip = true\n"
    )
    if (CRATE / "Cargo.lock").exists() and not (folder / "Cargo.lock").exists():
        # The versions that the crate's own build has fetched.
        shutil.copy(CRATE / "Cargo.lock", folder / "Cargo.lock")
    return folder


def cargo(folder, *arguments):
    """Runs cargo in a folder, and returns the processor seconds that it took."""
    environment = dict(os.environ, CARGO_INCREMENTAL="0", CARGO_TARGET_DIR=str(folder / "target"))
    environment.pop("RUSTFLAGS", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["cargo", "--quiet", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"build_cost: {folder.name}: cargo {' '.join(arguments)} failed\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ir(folder):
    """The lines and the functions of a debug build's LLVM IR."""
    cargo(folder, "rustc", "--", "--emit=llvm-ir", "-C", "codegen-units=1")
    files = (folder / "target/debug/deps").glob("*.ll")
    with max(files, key=lambda file: file.stat().st_mtime).open(errors="replace") as text:
        lines = functions = 0
        for line in text:
            lines += 1
            functions += line.startswith("define")
    return {"lines": lines, "functions": functions}


def least(folder, *arguments):
    """The fewer processor seconds of building the program twice, with its dependencies there."""
    cargo(folder, *arguments)
    times = []
    for _ in range(2):
        os.utime(folder / "src/main.rs")
        times.append(cargo(folder, *arguments))
    return min(times)


def measure(who, with_seconds):
    folder = package("chains", program(CHAINS.values()), who)
    row = ir(folder)
    if with_seconds:
        row["debug seconds"] = least(folder, "build")
        row["release seconds"] = least(folder, "build", "--release")
        row["release bytes"] = (folder / "target/release/chains").stat().st_size
        small = package("small", SMALL, who)
        cargo(small, "fetch")
        times = []
        for _ in range(2):
            shutil.rmtree(small / "target", ignore_errors=True)
            times.append(cargo(small, "build", "--release"))
        row["small program, release seconds"] = min(times)
    return row


def each(names):
    """Prints what the chains of these names, or all, add to a program that has them already."""
    print(f"{'chain':20} {'rayon':>16} {'ours':>16} {'ratio':>6}")
    for name, chain in CHAINS.items():
        if names and name not in names:
            continue
        counts = {}
        for who in ("rayon", "ours"):
            one, two = (ir(package("each", program(chains), who)) for chains in ([chain], [chain, chain]))
            counts[who] = [(two[kind] - one[kind]) // 2 for kind in ("lines", "functions")]
        (lines, functions), (our_lines, our_functions) = counts["rayon"], counts["ours"]
        print(f"{name:20} {lines:10,} {functions:5} {our_lines:10,} {our_functions:5} {our_lines / lines:6.2f}", flush=True)


def main():
    if "--each" in sys.argv:
        return each(sys.argv[sys.argv.index("--each") + 1 :])
    with_seconds = "--seconds" in sys.argv
    rayon, ours = (measure(who, with_seconds) for who in ("rayon", "ours"))
    over = False
    for kind, count in ours.items():
        ratio, most = count / rayon[kind], MOST[kind]
        over |= ratio > most
        verdict = "more" if ratio > most else "at most"
        print(f"{kind:32} rayon {rayon[kind]:14,.1f}  ours {count:14,.1f}  ratio {ratio:5.2f}: {verdict} {most}")
    sys.exit(over)


if __name__ == "__main__":
    main()
