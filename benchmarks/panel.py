"""How the panel does at national size, against plain pandas on the same files; prints Markdown tables.

    python benchmarks/panel.py [--counties 2850] [--years 20] [--metrics 60] [--seed 20201231] [--repeat 3]
        [--plain PYTHON]

A made-up panel (see `synthetic_panel`) is written to a temporary folder at a quarter, half and the whole of
the size. Each measurement is a process of its own, so that its peak memory is its own; plain pandas and ours
take turns, and the median of the repetitions counts. Plain pandas reads every file, joins them and groups the
values by metric and year; `--plain` names its interpreter, such as one without pyarrow, which the lock leaves
out and pandas uses for all text where it is there. Times are processor times, so that other work counts
little; both sides use one thread, and wall times of loading stand beside. Linux and macOS only (peak memory
is the resident set's).
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
from synthetic_panel import GROUP, Size, write

from analysis import compare, panel, project
from analysis.panel import Panel
from analysis.stats import Cases

SHARES = (0.25, 0.5, 1.0)
SECTIONS = 25
"""How many cross-sections and series are timed after the first."""
KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""Bytes of the unit in which the system tells peak memory."""
Result = dict[str, float]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor seconds that a call takes, and what it returns."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def plain(folder: Path) -> Result:
    """Plain pandas: read and join all files, group by metric and year; filter one year and one region."""
    files = sorted((folder / "observations").glob("*.csv"))
    began = time.perf_counter()
    read, frame = timed(
        lambda: pd.concat(
            [pd.read_csv(path, dtype={"region_code": str}, keep_default_na=False) for path in files],
            ignore_index=True,
        )
    )
    group, means = timed(lambda: frame.groupby(["metric_id", "year"])["value"].agg(["count", "mean"]))
    wall = time.perf_counter() - began
    metric, year = means.index[len(means) // 2]
    section, _ = timed(lambda: frame[(frame["metric_id"] == metric) & (frame["year"] == year)])
    region = frame["region_code"].iloc[len(frame) // 2]
    series, _ = timed(lambda: frame[frame["region_code"] == region])
    return {"load": read + group, "wall": wall, "section": section, "series": series, "rows": len(frame)}


def ours(folder: Path) -> Result:
    """The panel: load, the first and the median cross-section and series, and all metrics of one year."""
    began = time.perf_counter()
    load, whole = timed(lambda: panel.load(folder))
    wall = time.perf_counter() - began
    regions = whole.catalog.groups[GROUP]
    metrics = sorted(set(whole.facts(region=regions[0])["metric_id"]))
    years = whole.years(regions[0])

    def section(number: int) -> Cases:
        metric, year = metrics[7 * number % len(metrics)], years[3 * number % len(years)]
        return compare.fair(whole, metric, year, regions[number % len(regions)], regions)

    sections = [timed(partial(section, number))[0] for number in range(SECTIONS)]
    facts = [timed(partial(whole.facts, code))[0] for code in regions[-SECTIONS:]]
    series = [timed(partial(compare.series, whole, code))[0] for code in regions[-3:]]
    full, compared = timed(lambda: all_metrics(whole, metrics, years[-1]))
    return {
        "load": load,
        "wall": wall,
        "first": sections[0],
        "section": median(sections[1:]),
        "slowest": max(sections[1:]),
        "facts": median(facts),
        "series": median(series),
        "full": full,
        "compared": compared,
        "rows": len(whole.observations),
    }


def all_metrics(whole: Panel, metrics: list[str], year: int) -> int:
    """How many figures stand beside others when every metric of a year is compared."""
    regions = whole.catalog.groups[GROUP]
    return sum(len(compare.fair(whole, metric, year, regions[0], regions)) for metric in metrics)


STEPS: dict[str, Callable[[Path], Result]] = {"plain": plain, "ours": ours}


def apart(step: str, folder: Path, python: str = sys.executable) -> Result:
    """What a step measures in a process of its own, and `memory`: the peak of that process in bytes.

    Raises:
        RuntimeError: It failed.
    """
    made = subprocess.run(
        [python, __file__, "--step", step, str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise RuntimeError(f"{step} ended with {made.returncode}: {made.stderr[-2000:]}")
    found: Result = json.loads(made.stdout)
    return found


def measured(folder: Path, repeat: int, python: str) -> dict[str, Result]:
    """The first load, which makes the copy, and the medians of plain pandas and of loads from the copy."""
    first = apart("ours", folder)
    runs: dict[str, list[Result]] = {"plain": [], "ours": []}
    for _ in range(repeat):
        for step, found in runs.items():
            found.append(apart(step, folder, python if step == "plain" else sys.executable))
    medians = {
        step: {key: median(one[key] for one in found) for key in found[0]} for step, found in runs.items()
    }
    return {"first": first, **medians}


def rows_of(size: Size, found: dict[str, Result]) -> list[str]:
    """The Markdown rows of one size, one table each."""
    first, base, own = found["first"], found["plain"], found["ours"]
    rows = f"| {size.rows:,} |"
    return [
        f"{rows} {base['load']:.1f} s | {own['load']:.2f} s | {base['load'] / own['load']:.1f} "
        f"| {base['wall']:.1f} s | {own['wall']:.2f} s | {base['wall'] / own['wall']:.1f} "
        f"| {first['load']:.0f} s | {own['load'] / size.rows * 1e6:.2f} s |",
        f"{rows} {ms(own['first'])} | {ms(own['section'])} | {ms(own['slowest'])} | {ms(base['section'])} "
        f"| {own['full']:.2f} s | {own['compared']:,.0f} |",
        f"{rows} {ms(own['facts'])} | {ms(base['series'])} | {ms(own['series'])} |",
        f"{rows} {mb(base['memory'])} | {mb(own['memory'])} | {mb(first['memory'])} |",
    ]


def ms(seconds: float) -> str:
    """Seconds as milliseconds in words."""
    return f"{seconds * 1000:.{seconds < 0.01:d}f} ms"


def mb(size: float) -> str:
    """Bytes as megabytes in words."""
    return f"{size / 1e6:.0f} MB"


HEADS = (
    "| rows | plain: read, group | ours: load | ratio | plain, wall | ours | ratio | first load | million |",
    "| rows | cross-section: first | median | slowest | plain filter | all metrics of one year | figures |",
    "| rows | a region’s facts | plain filter | a region’s series |",
    "| rows | peak: plain | ours | first load |",
)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, number in (
        ("counties", 2850),
        ("years", 20),
        ("metrics", 60),
        ("seed", 20201231),
        ("repeat", 3),
    ):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--plain", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--step", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        found = STEPS[options.step[0]](Path(options.step[1]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE
        print(json.dumps({**found, "memory": peak}))
        return
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} cores, load {load}")
    tables: list[list[str]] = []
    for share in SHARES:
        size = Size(round(options.counties * share), options.years, options.metrics, options.seed)
        with tempfile.TemporaryDirectory(prefix="fazhi-panel-") as folder:
            write(Path(folder) / "data", size, project.data_folder())
            tables.append(rows_of(size, measured(Path(folder) / "data", options.repeat, options.plain)))
        print(f"{size.rows:,} rows measured", file=sys.stderr)
    for head, lines in zip(HEADS, zip(*tables, strict=True), strict=True):
        print(f"\n{head}\n{'|---' * (head.count('|') - 1)}|", *lines, sep="\n")


if __name__ == "__main__":
    main()
