"""How long a refresh takes, against what one would use instead; prints Markdown tables.

    python benchmarks/refresh.py [--cities 20] [--pages 32] [--against papermill,nbconvert,snakemake,serial]

Everything runs on a copy of the project in a temporary folder, with its byte code compiled, so that edits of
the checkout do not disturb it. All make the same pages, two at a time and in one go, so that ratios hold for
one machine at one time. The load before and after each is printed, and beside the ratios of wall time stand
those of processor time, which depend least on who else is at work.

Without --cities the editions are those of editions.toml; with it, English pages of the cities and years with
most facts. With --pages the contenders make only so many of the pages, spread over editions and notebooks,
and their times are scaled to all pages; that favours nobody, since each of their pages has processes of its
own. Snakemake is looked for on the PATH unless --snakemake says where it is, and is left out where there is
none.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
from measured import Copy, Timing, copy_project, machine

from analysis import editions, panel, project
from analysis.editions import Edition

JOBS = 2
CONTENDERS = ("papermill", "nbconvert", "snakemake", "serial")
MEGABYTE = 1 << 20
BOUND = 1.3
"""A refresh may take so many times (cells + export) / jobs, and the time its libraries take to load."""
IDLE_SECONDS = 0.7
JOB_MEGABYTES = 250
Page = tuple[Edition, Path]
"""An edition and one of its notebooks."""


def largest(count: int) -> list[Edition]:
    """English editions of the cities with most facts in one year, one year a city, the largest first."""
    known = panel.load()
    facts = known.observations[~known.observations["metric_id"].str.startswith("context.")]
    sizes = facts.groupby(["region_code", "year"]).size().sort_values(ascending=False, kind="stable")
    chosen: dict[str, Edition] = {}
    for code, year in sizes.index:
        if known.catalog.regions[code].level == "prefecture":
            chosen.setdefault(code, Edition(code, int(year), "china_cities", "en"))
    return list(chosen.values())[:count]


def write_editions(copy: Copy, chosen: Sequence[Edition]) -> None:
    """Makes these the editions of the copy."""
    entries = [
        f'[[edition]]\ncity = "{one.city}"\nyear = {one.year}\npeers = "{one.peers}"\n'
        f'languages = ["{one.language}"]\n'
        for one in chosen
    ]
    (copy.root / "editions.toml").write_text("\n".join(entries))


def spread(pages: Sequence[Page], count: int) -> list[Page]:
    """So many of the pages, of every notebook equally often and of editions from the first to the last."""
    if not 0 < count < len(pages):
        return list(pages)
    notebooks = list(dict.fromkeys(notebook for _, notebook in pages))
    chosen = list(dict.fromkeys(edition for edition, _ in pages))
    return [
        (chosen[number * len(chosen) // count], notebooks[number % len(notebooks)]) for number in range(count)
    ]


def page_command(page: Page, out: Path) -> str:
    """The papermill and jupyter nbconvert commands of one page, as one shell command."""
    edition, notebook = page
    made = out / f"{edition.key}-{notebook.name}"
    parameters = " ".join(
        f"-r {name} {value}" for name, value in edition.parameters.items() if name != "year"
    )
    execute = f"papermill {notebook} {made} -k python3 {parameters} -p year {edition.year} --no-progress-bar"
    return f"cd {notebook.parent} && {execute} && jupyter nbconvert --to html --no-input {made}"


def by_papermill(copy: Copy, pages: Sequence[Page], out: Path) -> Timing:
    """Times papermill and jupyter nbconvert, a process each a page, two pages at a time by xargs."""
    return _xargs(copy, [page_command(page, out) for page in pages], out)


def by_nbconvert(copy: Copy, pages: Sequence[Page], out: Path) -> Timing:
    """Times jupyter nbconvert --execute, two pages at a time, on copies with the parameters written in."""
    lines = []
    for edition, notebook in pages:
        book = nbformat.read(notebook, 4)
        cell = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
        cell.source = "\n".join(f"{name} = {value!r}" for name, value in edition.parameters.items())
        nbformat.write(book, made := out / f"{edition.key}-{notebook.name}")
        lines.append(f"jupyter nbconvert --to html --no-input --execute {made}")
    return _xargs(copy, lines, out)


def _xargs(copy: Copy, lines: Sequence[str], out: Path) -> Timing:
    """Runs shell commands two at a time."""
    (out / "commands").write_text("\0".join(lines))
    return copy.time("xargs", "-0", "-P", str(JOBS), "-I{}", "-a", str(out / "commands"), "sh", "-c", "{}")


def by_snakemake(copy: Copy, pages: Sequence[Page], out: Path, program: str) -> Timing:
    """The same commands as for papermill, as rules of a Snakefile with two jobs."""
    made, rules = [], []
    for edition, notebook in pages:
        made.append(str(out / f"{edition.key}-{notebook.stem}.html"))
        shell = page_command((edition, notebook), out)
        rules.append(f"rule:\n    input: {str(notebook)!r}\n    output: {made[-1]!r}\n    shell: {shell!r}\n")
    (out / "Snakefile").write_text(f"rule all:\n    input: {made!r}\n" + "\n".join(rules))
    return copy.time(program, "-s", str(out / "Snakefile"), "-j", str(JOBS), "-d", str(out), "--quiet", "all")


SERIAL = """
import json, sys
import nbformat, papermill
from nbconvert import HTMLExporter
out, *_ = sys.argv[1:]
for number, (path, parameters) in enumerate(json.load(open(f"{out}/pages.json"))):
    made = f"{out}/{number}.ipynb"
    folder = path.rpartition("/")[0]
    papermill.execute_notebook(path, made, parameters, kernel_name="python3", progress_bar=False, cwd=folder)
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(nbformat.read(made, 4))
    open(f"{out}/{number}.html", "w").write(html)
"""
"""What calitp-portfolio does: papermill in one process, page after page, a kernel each."""


def by_serial(copy: Copy, pages: Sequence[Page], out: Path) -> Timing:
    """Times papermill and nbconvert in one process, one page after the other."""
    listed = [(str(notebook), edition.parameters) for edition, notebook in pages]
    (out / "pages.json").write_text(json.dumps(listed))
    return copy.time(sys.executable, "-c", SERIAL, str(out))


def measure(copy: Copy, name: str, pages: Sequence[Page], count: int, snakemake: str) -> tuple[str, Timing]:
    """What a contender is called in the table, and its time for all pages, scaled if it made only some.

    Raises:
        RuntimeError: It did not make every page it was asked for.
    """
    makers: dict[str, Callable[[Copy, Sequence[Page], Path], Timing]] = {
        "papermill": by_papermill,
        "nbconvert": by_nbconvert,
        "serial": by_serial,
        "snakemake": lambda copy, some, out: by_snakemake(copy, some, out, snakemake),
    }
    out = copy.root / f"by-{name}"
    out.mkdir()
    some = spread(pages, count)
    timing = makers[name](copy, some, out)
    found = len(list(out.glob("*.html")))
    if found != len(some):
        raise RuntimeError(f"{name} made {found} of {len(some)} pages")
    factor = len(pages) / len(some)
    label = name if factor == 1 else f"{name}, scaled from {len(some)} pages"
    return label, replace(timing, seconds=timing.seconds * factor, processor=timing.processor * factor)


def alter_a_row(copy: Copy, keep: set[str]) -> str:
    """Alters a note of the first city that no edition is on; its region code."""
    path = copy.root / "data/observations/42.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(i for i, line in enumerate(lines) if line[:6].isdigit() and line[:6] not in keep)
    lines[number] = f"{lines[number]}x" if not lines[number].endswith('"') else lines[number][:-1] + 'x"'
    path.write_text("\n".join(lines), encoding="utf-8")
    return lines[number][:6]


def met(is_met: bool, target: str) -> str:
    """A target with whether it is met."""
    return f"{target}: {'met' if is_met else '**not met**'}"


def forced(copy: Copy) -> tuple[Timing, list[str]]:
    """The first refresh, of every page and with the checks of the data, and rows on what it consists of."""
    timing = copy.fazhi("refresh", "--force", "--json", "--jobs", str(JOBS))
    recap = json.loads(timing.output)
    rows, preload = recap["rows"], recap["preload_seconds"]
    cells, runs = sum(row["cell_seconds"] for row in rows), sum(row["seconds"] for row in rows)
    bound = BOUND * runs / JOBS + preload
    other = timing.seconds - runs / JOBS - preload
    return timing, [
        f"| pages | {len(rows)} | |",
        f"| cells, all pages | {cells:.1f} s ({cells / len(rows):.2f} s a page) | |",
        f"| cells and export, all pages | {runs:.1f} s ({runs / len(rows):.2f} s a page) | |",
        f"| share of cells: of runs, of wall time × {JOBS} jobs | {cells / runs:.0%}, "
        f"{cells / (timing.seconds * JOBS):.0%} | |",
        f"| libraries loaded before the first run (preload) | {preload:.1f} s | |",
        f"| wall beyond (cells + export) / {JOBS} and preload: start, publication, the last run alone "
        f"| {other:.1f} s | |",
        f"| wall | {timing.seconds:.1f} s | "
        + met(
            timing.seconds <= bound, f"at most {BOUND} × (cells + export) / {JOBS} + preload = {bound:.1f} s"
        )
        + " |",
    ]


def others(copy: Copy, chosen: Sequence[Edition], change: bool) -> list[str]:
    """Rows on what else fazhi does: nothing, status, one job more, and one changed row."""
    idle, standing = copy.fazhi("refresh", "--json"), copy.fazhi("status", "--json")
    first = chosen[0]
    words = ["--city", first.city, "--year", str(first.year), "--peers", first.peers]
    peaks = [
        copy.fazhi(
            "refresh", "--force", "--quiet", *words, "--language", first.language, "--jobs", jobs
        ).memory
        / MEGABYTE
        for jobs in ("1", str(JOBS))
    ]
    table = [
        f"| nothing to do | {idle.seconds:.2f} s | {met(idle.seconds < IDLE_SECONDS, 'under 0.7 s')} |",
        f"| `fazhi status` | {standing.seconds:.2f} s | |",
        f"| peak memory with one job and with {JOBS}, one edition | {peaks[0]:.0f} and {peaks[1]:.0f} MB | "
        + met(peaks[1] - peaks[0] < JOB_MEGABYTES, f"under {JOB_MEGABYTES} MB a further job")
        + " |",
    ]
    if change:
        altered = alter_a_row(copy, {one.city for one in chosen})
        recap = json.loads((changed := copy.fazhi("refresh", "--json", "--jobs", str(JOBS))).output)
        readers = sum('"reads": "panel"' in path.read_text() for path in copy.notebooks) * len(chosen)
        counts = recap["counts"]
        table.append(
            f"| one changed row of {altered} | {changed.seconds:.1f} s, {counts.get('rendered', 0)} of "
            f"{len(recap['rows'])} pages | "
            + met(counts.get("rendered") == readers, f"only the {readers} that read all cities")
            + " |"
        )
    return table


def line(name: str, timing: Timing, first: Timing) -> str:
    """One contender as a row of the table."""
    cells = (
        name,
        f"{timing.seconds:.1f} s",
        f"{timing.seconds / first.seconds:.1f}",
        f"{timing.processor:.1f} s",
        f"{timing.processor / first.processor:.1f}",
        f"{timing.memory / MEGABYTE:.0f} MB",
        f"{timing.load[0]:.1f}, {timing.load[1]:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cities", type=int, default=0)
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--against", default=",".join(CONTENDERS))
    parser.add_argument("--snakemake", default=shutil.which("snakemake") or "")
    return parser.parse_args()


def main() -> None:
    given = options()
    listed = editions.load(project.editions_file(), panel.load())
    chosen = largest(given.cities) if given.cities else listed
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="fazhi-benchmark-") as folder:
        copy = copy_project(Path(folder))
        write_editions(copy, chosen)
        pages = [(one, notebook) for one in chosen for notebook in copy.notebooks]
        first, table = forced(copy)
        print("\n| contender | wall | ratio | processor | ratio | peak memory | load before, after |")
        print("|---|---|---|---|---|---|---|")
        print(line(f"`fazhi refresh --force --jobs {JOBS}`, {len(pages)} pages", first, first), flush=True)
        for name in given.against.split(",") if given.against else []:
            if name == "snakemake" and not given.snakemake:
                print("| snakemake | not installed, not measured | | | | | |")
            else:
                print(line(*measure(copy, name, pages, given.pages, given.snakemake), first), flush=True)
        table += others(copy, chosen, change=not given.cities)
        print("\n| fazhi | measured | target |\n|---|---|---|\n" + "\n".join(table))
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
