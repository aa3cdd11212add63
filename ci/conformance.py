"""Builds the tests of the published rayon and rayon-core against this crate and runs them: see conformance.sh.

Unit tests are built as tests of their own whose crate root holds what they expect to find in rayon's: this crate's
public names, and stand-ins for the two private ones that some of them use. A unit test that looks into rayon's
insides is left out: those in PRIVATE, and all of iter/collect, iter/find_first_last and slice/sort. No text of rayon's
is kept: what is made of it is written to target/.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

CRATE = "paceline"
WORK = pathlib.Path("target/conformance").resolve()
LIMIT = int(os.environ.get("TEST_TIMEOUT", "120"))

# How many tests pass with rayon itself.
EXPECTED = {
    "rayon/tests/chars.rs": 2,
    "rayon/tests/clones.rs": 21,
    "rayon/tests/collect.rs": 2,
    "rayon/tests/cross-pool.rs": 1,
    "rayon/tests/debug.rs": 21,
    "rayon/tests/drain_vec.rs": 4,
    "rayon/tests/intersperse.rs": 5,
    "rayon/tests/issue671-unzip.rs": 1,
    "rayon/tests/issue671.rs": 1,
    "rayon/tests/iter_panic.rs": 2,
    "rayon/tests/named-threads.rs": 1,
    "rayon/tests/octillion.rs": 11,
    "rayon/tests/par_bridge_recursion.rs": 1,
    "rayon/tests/producer_split_at.rs": 39,
    "rayon/tests/sort-panic-safe.rs": 1,
    "rayon/tests/str.rs": 2,
    "rayon/src/delegate.rs": 2,
    "rayon/src/iter/fold_chunks.rs": 6,
    "rayon/src/iter/fold_chunks_with.rs": 6,
    "rayon/src/iter/test.rs": 160,
    "rayon/src/range.rs": 5,
    "rayon/src/range_inclusive.rs": 6,
    "rayon/src/slice/test.rs": 9,
    "rayon-core/tests/double_init_fail.rs": 1,
    "rayon-core/tests/init_zero_threads.rs": 1,
    "rayon-core/tests/scope_join.rs": 1,
    "rayon-core/tests/scoped_threadpool.rs": 3,
    "rayon-core/tests/simple_panic.rs": 1,
    "rayon-core/tests/stack_overflow_crash.rs": 1,
    "rayon-core/tests/use_current_thread.rs": 1,
    "rayon-core/src/broadcast/test.rs": 17,
    "rayon-core/src/join/test.rs": 10,
    "rayon-core/src/scope/test.rs": 34,
    "rayon-core/src/spawn/test.rs": 12,
    "rayon-core/src/test.rs": 9,
    "rayon-core/src/thread_pool/test.rs": 17,
    "doc examples of rayon": 246,
    "doc examples of rayon-core": 27,
}

# Unit tests that use fields or types which are private in rayon too.
PRIVATE = {
    "rayon/src/range.rs": ["check_range_split_at_overflow", "test_i128_len_doesnt_overflow"],
    "rayon-core/src/thread_pool/test.rs": ["workers_stop", "sleeper_stop"],
}

# The root of the crate that a unit test is built as.
ROOT = """#![allow(warnings)]
pub use rayon::*;
mod unwind {{
    pub fn halt_unwinding<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {{
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(f))
    }}
}}
mod registry {{
    pub fn in_worker<R: Send>(f: impl FnOnce((), bool) -> R + Send) -> R {{
        rayon::scope(|_| f((), false))
    }}
}}
mod around {{
    {imports}
    #[path = "{file}"]
    mod test;
}}
"""

# What stands beside the module of unit tests, by the folder it is in.
CORE_IMPORTS = "pub use rayon::*; use crate::unwind;"
ITER_IMPORTS = "pub use rayon::{iter::*, iter::plumbing::*, prelude::*}; use std::collections::LinkedList;"

MANIFEST = """[package]
name = "conformance"
version = "0.0.0"
edition = "2021"
autotests = false
[lib]
path = "lib.rs"
test = false
doctest = false
[dependencies]
rayon = {{ package = "{crate}", path = "{path}" }}
# Their sources, and for the doc examples what they are built with.
original = {{ package = "rayon", version = "=1.12.0" }}
original-core = {{ package = "rayon-core", version = "=1.13.0" }}
crossbeam-utils = "0.8"
either = "1"
libc = "0.2"
rand = "0.9"
rand_xorshift = "0.4"
scoped-tls = "1"
[profile.dev]
debug = 0
[workspace]
"""


def cargo(*arguments):
    """Runs cargo on the generated package and returns the messages it prints as JSON."""
    command = ["cargo", *arguments, "--manifest-path", str(WORK / "Cargo.toml")]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"CARGO_TARGET_DIR": str(WORK)})
    messages = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if not messages:
        sys.exit("conformance.py: cargo failed")
    return messages


def packages():
    """Where cargo keeps the sources of the two packages."""
    found = cargo("metadata", "--format-version=1")[0]["packages"]
    return {one["name"]: pathlib.Path(one["manifest_path"]).parent for one in found}


def without(text, functions):
    """Takes test functions out."""
    for function in functions:
        text, count = re.subn(rf"(?ms)^(?:#\[[^\n]*\n)+fn {function}\(.*?^}}\n", "", text)
        assert count == 1, function
    return text


def write(name, package):
    """Writes the test for one file, and returns the path of its crate root."""
    top, _, inner = name.partition("/")
    source = package / inner
    target = WORK / "tests" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    # rayon's name for its lower half.
    text = source.read_text(encoding="utf-8").replace("rayon_core", "rayon")
    if inner.startswith("tests/"):
        target.write_text(text, encoding="utf-8")
        return target
    if source.name not in ("delegate.rs", "test.rs"):
        # The tests stand below the code that they test, in a module or not.
        text = text[re.search(r"(?m)^#\[(cfg\()?test\)?\]$", text).start():]
        if text.startswith("#[cfg"):
            text = text.replace("use super::*;", "use super::super::*;")
        else:
            text = "use super::*;\n" + text
    target.write_text(without(text, PRIVATE.get(name, [])), encoding="utf-8")
    root = target.with_name(target.stem + "_root.rs")
    imports = CORE_IMPORTS if top == "rayon-core" else ITER_IMPORTS
    root.write_text(ROOT.format(imports=imports, file=target), encoding="utf-8")
    return root


def identifier(name):
    return re.sub(r"\W", "_", name.removesuffix(".rs"))


def generate(names, where):
    manifest = MANIFEST.format(crate=CRATE, path=pathlib.Path.cwd())
    for name in names:
        root = write(name, where[name.partition("/")[0]])
        manifest += f'[[test]]\nname = "{identifier(name)}"\npath = "{root}"\n'
    (WORK / "Cargo.toml").write_text(manifest, encoding="utf-8")


def outcome(command, limit, **options):
    """How many tests passed, which did not, and all that was printed, by a program that prints as Rust's tests do."""
    options |= {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    run = subprocess.Popen(command, start_new_session=True, text=True, errors="replace", **options)
    try:
        printed, _ = run.communicate(timeout=limit)
        failed = []
    except subprocess.TimeoutExpired:
        # With the programs that it has started.
        os.killpg(run.pid, signal.SIGKILL)
        printed, _ = run.communicate()
        failed = [f"not done after {limit} s"]
    lines = re.findall(r"(?m)^test (.*?)(?: - should panic| - compile(?: fail)?)? \.\.\. (\w+)", printed)
    failed += [test for test, result in lines if result == "FAILED"]
    if run.returncode and not failed:
        failed = [f"ended with status {run.returncode}"]
    return sum(result == "ok" for _, result in lines), failed, printed


def main(pattern="", *_):
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "lib.rs").write_text("", encoding="utf-8")
    shutil.rmtree(WORK / "tests", ignore_errors=True)
    (WORK / "Cargo.toml").write_text(MANIFEST.format(crate=CRATE, path=pathlib.Path.cwd()), encoding="utf-8")
    where = packages()
    chosen = [name for name in EXPECTED if re.search(pattern, name)]
    files = [name for name in chosen if name.endswith(".rs")]
    generate(files, where)
    messages = cargo("build", "--all-targets", "--keep-going", "--message-format=json")
    programs, libraries, errors = {}, {}, collections.defaultdict(list)
    for message in messages:
        if message["reason"] == "compiler-artifact":
            if message["executable"]:
                programs[message["target"]["name"]] = message["executable"]
            elif message["target"]["kind"] == ["lib"]:
                rlib = [file for file in message["filenames"] if file.endswith(".rlib")]
                libraries.update({message["target"]["name"]: file for file in rlib})
        elif message["reason"] == "compiler-message" and message["message"]["level"] == "error":
            errors[message["target"]["name"]].append(message["message"]["message"])
    missing = 0
    log = (WORK / "output.log").open("w", encoding="utf-8")
    for name in chosen:
        if name in files and identifier(name) not in programs:
            passed, failed, printed = 0, [f"does not build: {errors[identifier(name)][:1]}"], ""
        elif name in files:
            passed, failed, printed = outcome([programs[identifier(name)]], LIMIT, cwd=WORK)
        else:
            passed, failed, printed = doc_examples(name.split()[-1], where, libraries)
        expected = EXPECTED[name]
        log.write(f"=== {name}\n{printed}\n")
        missing += max(expected - passed, 0)
        print(f"{name}: {passed} of {expected} passed", *failed[:8], sep="\n    ", flush=True)
    print(f"conformance: {missing} tests are missing ({WORK / 'output.log'})")
    return 1 if missing else 0


def doc_examples(package, where, libraries):
    """Lets rustdoc find the examples in the published source, and builds them with this crate instead."""
    ours = libraries[CRATE]
    # rustdoc looks at the error codes that examples promise only where unstable features are allowed.
    settings = os.environ | {"RUSTC_BOOTSTRAP": "1"}
    name = package.replace("-", "_")
    command = ["rustdoc", "--test", "--edition=2021", f"--crate-name={name}", f"-Ldependency={WORK}/debug/deps"]
    others = [one for one in libraries if one not in (CRATE, "rayon", "conformance")]
    command += [f"--extern={one}={libraries[one]}" for one in others if one != name]
    command += [f"--extern={name}={ours}", f"--extern=rayon={ours}", "src/lib.rs"]
    return outcome(command, 5 * LIMIT, cwd=where[package], env=settings)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
