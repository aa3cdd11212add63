"""Writes docs/benchmarks.md, its pictures and README.md's table from what the benches printed.

    benchmarks.py FOLDER OPTIONS BENCH...

FOLDER has a file BENCH.txt for each bench. ci/benchmarks.sh makes them, and calls this.
"""

import datetime
import math
import os
import pathlib
import platform
import re
import sys

# What each bench is about.
ABOUT = {
    "floors": "Bounds that this crate keeps on an idle machine, against the plain code, rayon and chili.",
    "small": "Calls that are too small for a second thread, made in a loop from the main thread.",
    "sizes": "Calls from the main thread on so many items, of 1, 20, 400 and 8,000 dependent multiplications.",
    "few": "Few and long items.",
    "skew": "Loops in which a few items weigh a thousand times more than the rest.",
    "nested": "Nests of small loops. The bound of 1.2 times the plain nest is not kept: to find out that a sum of 16 terms is not "
    "worth sharing takes longer than the sum.",
    "idle": "The processor time of a pool that has nothing, or nearly nothing, to do, or bursts of it.",
    "phases": "Regions of a few items one after the other, with serial gaps between them: by themselves, in a phase, and beside "
    "OpenMP and fork_union, whose threads spin.",
    "waste": "Work that was not asked for, counted; and light items that come through `par_bridge`.",
    "sort": "The sorts, in nanoseconds per item.",
    "collect": "Collecting, into vectors, strings and maps.",
    "spawn": "Spawns in numbers, and the time from a spawn to the moment when a sleeping worker begins it.",
    "stream": "Streams in order within a window, against pariter and the plain loop.",
    "task": "Tasks with results, against threads, rayon with a channel, and tokio's `spawn_blocking`.",
    "workers": "Worker pools, against std's channel and threads, and rayon's scope with crossbeam's channel.",
}

# The rows of README.md: what it says, the bench, its table, the row, and the columns of plain, paceline and rayon.
README = [
    ("sum of 10 numbers, called in a loop", "small", "par_iter()", "10", ("plain", "paceline", "rayon")),
    ("sum of 1,000 numbers", "small", "par_iter()", "1000", ("plain", "paceline", "rayon")),
    ("8 items of 400 multiplications", "sizes", "400 dependent", "8", ("plain", "paceline", "rayon")),
    ("64 items of 8,000 multiplications", "sizes", "8000 dependent", "64", ("plain", "paceline", "rayon")),
    ("loop whose first 64 items are heavy", "skew", "", "first 64 heavy", ("plain", "paceline", "rayon")),
    ("nest of 16 x 16 x 16 sums", "nested", "", "16 x 16 x 16 three deep, from the main thread", ("plain", "paceline", "rayon")),
    ("filter into a vector", "collect", "", "filter, a random half of a slice", ("plain", "paceline", "rayon")),
    ("`par_sort` of random numbers, for each", "sort", "par_sort, ", "random", ("std", "paceline", "rayon")),
]

folder, options, benches = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]


class Table:
    """A table with the title above it."""

    def __init__(self, title, lines):
        self.title = title
        cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        self.head, self.rows = cells[0], cells[2:]

    def row(self, label):
        return next((row for row in self.rows if row[0] == label), None)

    def cell(self, label, column):
        row = self.row(label)
        return row[self.head.index(column)] if row and column in self.head else None


def read(bench):
    """The parts of a bench's output: tables, and lines of text."""
    lines = (folder / f"{bench}.txt").read_text(encoding="utf-8").splitlines()
    parts, at = [], 0
    while at < len(lines):
        if lines[at].startswith("|"):
            end = at
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            title = parts.pop() if parts and isinstance(parts[-1], str) else ""
            parts.append((Table(title, lines[at:end]), lines[at:end]))
            at = end
        else:
            if lines[at].strip():
                parts.append(lines[at].rstrip())
            at += 1
    return parts


output = {bench: read(bench) for bench in benches}


def tables(bench, title):
    return [part[0] for part in output[bench] if not isinstance(part, str) and title in part[0].title]


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else model
    return f"{os.cpu_count()} virtual processors ({model}), {platform.system()}"


def page():
    today = datetime.date.today().isoformat()
    text = [
        "# Benchmarks",
        "",
        f"`ci/benchmarks.sh{' ' + options if options else ''}` wrote this page on {today}, on {machine()}.",
        "",
        "All contenders of a row were measured in turn, in one process. *Plain* is the loop or the call without a library. *Efficiency*",
        "is the speed-up divided by the number of workers; *cpu* is processor time. A line says so where other programs took part",
        "of the processors meanwhile. The words are those of the benches, in `benches/`.",
        "",
        "![Time of small calls, as a multiple of the plain loop's](benchmarks_small.svg)",
        "",
        "![Efficiency of loops with a few heavy items](benchmarks_skew.svg)",
    ]
    for bench in benches:
        text += ["", f"## `{bench}`", "", ABOUT[bench], ""]
        bounds = []
        for part in output[bench]:
            if not isinstance(part, str):
                table, lines = part
                text += [f"{table.title}:", "", *lines, ""]
            elif re.match(r"(PASS|miss) |\d+ floors", part):
                bounds.append(part)
            else:
                text += [part, ""]
        if bounds:
            text += ["```text", *bounds, "```"]
    return "\n".join(text).rstrip() + "\n"


def number(text):
    """A time in nanoseconds, a share, or a plain number."""
    found = re.match(r"([\d.]+) ?(ns|us|ms|s|%)?$", text or "")
    if not found:
        return None
    return float(found.group(1)) * {"us": 1e3, "ms": 1e6, "s": 1e9}.get(found.group(2), 1)


def bars(path, title, unit, groups, names, logarithmic):
    """A picture of horizontal bars: for each group its name and a value for each of the names."""
    colours = ["#2c7fb8", "#d95f0e"]
    width, left, bar = 720, 190, 14
    height = 70 + len(groups) * (len(names) * bar + 14)
    most = max(value for _, values in groups for value in values)
    least = 1 if logarithmic else 0

    def length(value):
        share = math.log10(max(value, least)) / math.log10(most) if logarithmic else value / most
        return max(2, share * (width - left - 90))

    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="10" y="20" font-size="14" font-weight="bold">{title}</text>',
    ]
    for at, name in enumerate(names):
        svg.append(f'<rect x="{10 + 110 * at}" y="32" width="12" height="12" fill="{colours[at]}"/>')
        svg.append(f'<text x="{27 + 110 * at}" y="42">{name}</text>')
    top = 58
    for label, values in groups:
        svg.append(f'<text x="{left - 8}" y="{top + len(names) * bar / 2 + 4}" text-anchor="end">{label}</text>')
        for at, value in enumerate(values):
            y = top + at * bar
            svg.append(f'<rect x="{left}" y="{y}" width="{length(value):.1f}" height="{bar - 3}" fill="{colours[at]}"/>')
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if not unit else f"{value:.0f}"
            svg.append(f'<text x="{left + length(value) + 5:.1f}" y="{y + bar - 5}">{shown}{unit}</text>')
        top += len(names) * bar + 14
    path.write_text("\n".join(svg + ["</svg>"]) + "\n", encoding="utf-8")


def columns(table, ours, theirs):
    """The columns of the rival's numbers stand behind ours, under the head `rayon's`."""
    at = table.head.index(ours)
    return [(row[0], [number(row[at]), number(row[at + theirs])]) for row in table.rows]


def pictures():
    small = tables("small", "par_iter()")[0]
    groups = [(f"{label} integers", values) for label, values in columns(small, "time / plain", 1) if all(values)]
    title = "Sums from the main thread: time / plain, logarithmic"
    bars(pathlib.Path("docs/benchmarks_small.svg"), title, "", groups, ["paceline", "rayon"], True)
    skew = tables("skew", "")[0]
    groups = [(label, values) for label, values in columns(skew, "efficiency", 1) if all(values)]
    bars(pathlib.Path("docs/benchmarks_skew.svg"), "Skewed loops: efficiency", " %", groups, ["paceline", "rayon"], False)


def readme():
    rows = ["| what | plain | paceline | rayon |", "|---|--:|--:|--:|"]
    for what, bench, title, label, heads in README:
        table = next((table for table in tables(bench, title) if table.row(label)), None)
        cells = [table.cell(label, head) for head in heads] if table else [None]
        if None in cells:
            sys.exit(f"benchmarks.py: {bench} has no row {label!r}")
        # The sorts' tables are in nanoseconds, and do not say so in each cell.
        cells = [f"{cell} ns" if re.fullmatch(r"[\d.]+", cell) else cell for cell in cells]
        plain = number(cells[0])
        shown = [cells[0], *(f"{cell} ({number(cell) / plain:.2f} x)" for cell in cells[1:])]
        rows.append(f"| {what} | {' | '.join(shown)} |")
    path = pathlib.Path("README.md")
    text = path.read_text(encoding="utf-8")
    begin, end = "<!-- ci/benchmarks.sh writes this table -->\n", "<!-- its end -->\n"
    head, rest = text.split(begin)
    path.write_text(head + begin + "\n".join(rows) + "\n" + end + rest.split(end)[1], encoding="utf-8")


pathlib.Path("docs/benchmarks.md").write_text(page(), encoding="utf-8")
pictures()
readme()
