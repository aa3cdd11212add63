"""Checks the book, for ci/book.sh: that each chapter is listed, tested and well-formed (`sources`), and that each link and
picture in the built pages leads somewhere (`built`)."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

SOURCES = Path("docs/book/src")
TESTS = Path("docs/book/check/src/lib.rs")
BUILT = Path("target/book")
# A program is to be read at a glance, and its lines without scrolling beside the table of contents.
LONGEST_PROGRAM = 75
WIDTH = 98
RUSTFMT = ["rustfmt", "--edition", "2024", "--config", f"max_width={WIDTH},use_small_heuristics=Max"]


def of_mpi(code):
    """True if a block is an example of the package for MPI, which ci/mpi.sh runs."""
    included = re.fullmatch(r"{{#include \.\./\.\./\.\./(mpi/examples/\w+\.rs)}}\n", code)
    return included is not None and Path(included[1]).is_file()


def check_sources():
    """Complaints about the chapters as they are written."""
    listed = set(re.findall(r"\]\(([^)]+\.md)\)", (SOURCES / "SUMMARY.md").read_text()))
    tested = set(re.findall(r'"\.\./\.\./src/([^"]+)"', TESTS.read_text()))
    for path in sorted(SOURCES.rglob("*.md")):
        name = path.relative_to(SOURCES).as_posix()
        if name == "SUMMARY.md":
            continue
        if name not in listed:
            yield f"{path}: not in SUMMARY.md"
        text = path.read_text()
        blocks = re.findall(r"^```([^\n]*)\n(.*?)^```", text, re.M | re.S)
        programs = [(kind, code) for kind, code in blocks if kind.split(",")[0] == "rust" and not of_mpi(code)]
        if programs and name not in tested:
            yield f"{path}: {TESTS} does not include it, so its programs are not run"
        for kind, code in programs:
            first = code.splitlines()[0]
            if "fn main()" not in code:
                yield f"{path}: the block that begins `{first}` is no whole program"
            if "assert" not in code and "compile_fail" not in kind:
                yield f"{path}: the block that begins `{first}` asserts nothing"
            if "ignore" in kind or "no_run" in kind:
                yield f"{path}: the block that begins `{first}` is not run"
            if len(code.splitlines()) > LONGEST_PROGRAM:
                yield f"{path}: the block that begins `{first}` has {len(code.splitlines())} lines"
            if any(len(line) > WIDTH for line in code.splitlines()):
                yield f"{path}: the block that begins `{first}` has a line of more than {WIDTH} characters"
            if subprocess.run(RUSTFMT, input=code, capture_output=True, check=True, text=True).stdout != code:
                yield f"{path}: the block that begins `{first}` is not as `{' '.join(RUSTFMT)}` has it"
    for name in sorted(listed):
        if not (SOURCES / name).is_file():
            yield f"{SOURCES / name}: in SUMMARY.md, and not there"


class Page(HTMLParser):
    """The anchors of a page, and what it links to."""

    def __init__(self, text):
        super().__init__()
        self.anchors = set()
        self.links = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("id"):
            self.anchors.add(attrs["id"])
        target = attrs.get("href") if tag in ("a", "link") else attrs.get("src")
        if target:
            self.links.add(target)


def check_built():
    """Complaints about the pages as mdBook has built them."""
    # The page for all that is not found names its files from the root of a server.
    files = sorted(path for path in BUILT.rglob("*.html") if path.name != "404.html")
    pages = {path.resolve(): Page(path.read_text()) for path in files}
    if not pages:
        yield f"{BUILT}: no pages"
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                yield f"{path.name}: the link {link} leads nowhere"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{path.name}: the link {link} leads to no heading"


def main():
    checks = {"sources": check_sources, "built": check_built}
    if len(sys.argv) != 2 or sys.argv[1] not in checks:
        sys.exit(f"usage: book.py {'|'.join(checks)}")
    complaints = list(checks[sys.argv[1]]())
    for complaint in complaints:
        print(f"book.py: {complaint}", file=sys.stderr)
    if complaints:
        sys.exit(1)
    print(f"book.py: {sys.argv[1]}: all is in order")


if __name__ == "__main__":
    main()
