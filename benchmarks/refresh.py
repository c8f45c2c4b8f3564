"""How long a refresh takes, against what one would use instead; prints Markdown tables.

    python benchmarks/refresh.py [--cities 20] [--against papermill,nbconvert,snakemake] [--snakemake PATH]

Everything runs on a copy of the project in a temporary folder, with its byte code compiled, so that edits
of the checkout do not disturb it. All contenders make the same pages with two at a time and in one go, so
that their ratios hold for one machine at one time. Without --cities the editions are those of editions.toml;
with it, English pages of the cities and years with most facts. Snakemake is looked for on the PATH unless
--snakemake says where it is, and is left out with a line where there is none. Linux only (memory is the
proportional set size of all processes).
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from analysis import editions, panel, project
from analysis.editions import Edition

JOBS = 2
BIN = Path(sys.executable).parent
CONTENDERS = ("papermill", "nbconvert", "snakemake")
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Timing:
    """One command: wall and processor seconds, peak memory of all its processes in bytes, what it printed."""

    seconds: float
    processor: float
    memory: int
    output: str


@dataclass(frozen=True)
class Copy:
    """The copied project and how to run commands in it."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every contender: this copy's package, one thread a process, no leftovers."""
        own = {"PYTHONPATH": str(self.root / "src"), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **own, "PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    @property
    def notebooks(self) -> list[Path]:
        """The notebooks of an edition."""
        return sorted((self.root / "notebooks").glob("[0-9][0-9]_*.ipynb"))

    def time(self, *command: str, accept: Sequence[int] = (0,)) -> Timing:
        """Runs a command and measures it.

        Raises:
            RuntimeError: It ended with another exit code.
        """
        began, used = time.monotonic(), processor_seconds()
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=output, stderr=errors
            )
            with watched(process.pid) as peak:
                code = process.wait()
            seconds = time.monotonic() - began
            output.seek(0)
            errors.seek(0)
            if code not in accept:
                raise RuntimeError(f"{command[0]} ended with {code}: {errors.read()[-2000:]}")
            return Timing(seconds, processor_seconds() - used, peak[0], output.read())

    def fazhi(self, *words: str) -> Timing:
        """Runs the fazhi command."""
        return self.time(str(BIN / "fazhi"), *words)


def processor_seconds() -> float:
    """Processor seconds of all that this process has started and waited for, and what they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def watched(pid: int, every: float = 0.2) -> Iterator[list[int]]:
    """The peak of the proportional memory of a process and all below it, in bytes, as its only item."""
    peak, ended = [0], threading.Event()

    def sample() -> None:
        while not ended.wait(every):
            with contextlib.suppress(psutil.Error):
                tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
                peak[0] = max(peak[0], sum(proportional(one.pid) for one in tree))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield peak
    finally:
        ended.set()
        sampler.join()


def proportional(pid: int) -> int:
    """The proportional set size of a process in bytes; 0 once it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def copy_project(root: Path) -> Copy:
    """The project copied to a folder, with its byte code compiled."""
    for name in ("src", "data", "notebooks"):
        shutil.copytree(
            project.root() / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
        )
    shutil.copy(project.editions_file(), root)
    compileall.compile_dir(root / "src", quiet=1)
    return Copy(root)


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


def page_command(notebook: Path, edition: Edition, out: Path) -> str:
    """The papermill and jupyter nbconvert commands of one page, as one shell command."""
    made = out / f"{edition.key}-{notebook.name}"
    parameters = " ".join(
        f"-r {name} {value}" for name, value in edition.parameters.items() if name != "year"
    )
    execute = f"papermill {notebook} {made} -k python3 {parameters} -p year {edition.year} --no-progress-bar"
    return f"cd {notebook.parent} && {execute} && jupyter nbconvert --to html --no-input {made}"


def by_papermill(copy: Copy, chosen: Sequence[Edition]) -> Timing:
    """Times papermill and jupyter nbconvert, a process each a page, two pages at a time by xargs."""
    out = copy.root / "by-papermill"
    out.mkdir()
    lines = [page_command(notebook, one, out) for one in chosen for notebook in copy.notebooks]
    return _xargs(copy, lines, out, len(lines))


def by_nbconvert(copy: Copy, chosen: Sequence[Edition]) -> Timing:
    """Times jupyter nbconvert --execute, two pages at a time, on copies with the parameters written in."""
    out = copy.root / "by-nbconvert"
    out.mkdir()
    lines = []
    for one in chosen:
        for notebook in copy.notebooks:
            book = nbformat.read(notebook, 4)
            cell = next(cell for cell in book.cells if "parameters" in cell.metadata.get("tags", []))
            cell.source = "\n".join(f"{name} = {value!r}" for name, value in one.parameters.items())
            nbformat.write(book, made := out / f"{one.key}-{notebook.name}")
            lines.append(f"jupyter nbconvert --to html --no-input --execute {made}")
    return _xargs(copy, lines, out, len(lines))


def _xargs(copy: Copy, lines: Sequence[str], out: Path, pages: int) -> Timing:
    """Runs shell commands two at a time and counts their pages."""
    (out / "commands").write_text("\0".join(lines))
    timing = copy.time("xargs", "-0", "-P", str(JOBS), "-I{}", "-a", str(out / "commands"), "sh", "-c", "{}")
    _counted(out, pages)
    return timing


def by_snakemake(copy: Copy, chosen: Sequence[Edition], program: str) -> Timing:
    """The same commands as for papermill, as rules of a Snakefile with two jobs."""
    out = copy.root / "by-snakemake"
    out.mkdir()
    pages, rules = [], []
    for one in chosen:
        for notebook in copy.notebooks:
            page = out / f"{one.key}-{notebook.stem}.html"
            pages.append(str(page))
            shell = page_command(notebook, one, out)
            rules.append(
                f"rule:\n    input: {str(notebook)!r}\n    output: {str(page)!r}\n    shell: {shell!r}\n"
            )
    (out / "Snakefile").write_text(f"rule all:\n    input: {pages!r}\n" + "\n".join(rules))
    timing = copy.time(
        program, "-s", str(out / "Snakefile"), "-j", str(JOBS), "-d", str(out), "--quiet", "all"
    )
    _counted(out, len(pages))
    return timing


def _counted(out: Path, pages: int) -> None:
    found = len(list(out.glob("*.html")))
    if found != pages:
        raise RuntimeError(f"{out.name} made {found} of {pages} pages")


def alter_a_row(copy: Copy, keep: set[str]) -> str:
    """Alters a note of the first city that no edition is on; its region code."""
    path = copy.root / "data/observations/42.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(i for i, line in enumerate(lines) if line[:6].isdigit() and line[:6] not in keep)
    lines[number] = f"{lines[number]}x" if not lines[number].endswith('"') else lines[number][:-1] + 'x"'
    path.write_text("\n".join(lines), encoding="utf-8")
    return lines[number][:6]


def ours(copy: Copy, chosen: Sequence[Edition]) -> tuple[Timing, list[str]]:
    """The forced refresh with two jobs, and rows of the table of what else fazhi does."""
    forced = copy.fazhi("refresh", "--force", "--json", "--jobs", str(JOBS))
    rows = json.loads(forced.output)["rows"]
    cells, runs = sum(row["cell_seconds"] for row in rows), sum(row["seconds"] for row in rows)
    one_job = copy.fazhi("refresh", "--force", "--json", "--jobs", "1")
    idle, standing = copy.fazhi("refresh", "--json"), copy.fazhi("status", "--json")
    altered = alter_a_row(copy, {one.city for one in chosen})
    changed = copy.fazhi("refresh", "--json", "--jobs", str(JOBS))
    counts = json.loads(changed.output)["counts"]
    preload = forced.seconds - runs / JOBS
    extra = (forced.memory - one_job.memory) / MEGABYTE
    table = [
        f"| pages | {len(rows)} |",
        f"| cells, all pages | {cells:.1f} s |",
        f"| cells and export, all pages | {runs:.1f} s ({runs / len(rows):.2f} s a page) |",
        f"| share of cells in the time of runs | {cells / runs:.0%} |",
        f"| wall less (cells + export) / jobs: start, checks, preload, publication | {preload:.1f} s |",
        f"| one job instead of two | {one_job.seconds:.1f} s |",
        f"| nothing to do | {idle.seconds:.2f} s |",
        f"| `fazhi status` | {standing.seconds:.2f} s |",
        f"| one changed row of {altered} | {changed.seconds:.1f} s, {counts} |",
        f"| peak memory, one job and two | {one_job.memory / MEGABYTE:.0f} and "
        f"{forced.memory / MEGABYTE:.0f} MB ({extra:.0f} MB for the second) |",
    ]
    return forced, table


def machine() -> str:
    """The machine in a line."""
    cores, memory = os.cpu_count(), psutil.virtual_memory().total / (1 << 30)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    python = platform.python_version()
    return f"{cores} cores, {memory:.0f} GB, {platform.system()}, Python {python}; load {load}"


def line(name: str, timing: Timing, first: Timing) -> str:
    """One contender as a row of the table."""
    cells = (
        name,
        f"{timing.seconds:.1f} s",
        f"{timing.seconds / first.seconds:.1f}",
        f"{timing.processor:.1f} s",
        f"{timing.processor / first.processor:.1f}",
        f"{timing.memory / MEGABYTE:.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cities", type=int, default=0)
    parser.add_argument("--against", default=",".join(CONTENDERS))
    parser.add_argument("--snakemake", default=shutil.which("snakemake") or "")
    options = parser.parse_args()
    chosen = (
        largest(options.cities) if options.cities else editions.load(project.editions_file(), panel.load())
    )
    others: dict[str, Callable[[Copy], Timing]] = {
        "papermill": lambda copy: by_papermill(copy, chosen),
        "nbconvert": lambda copy: by_nbconvert(copy, chosen),
        "snakemake": lambda copy: by_snakemake(copy, chosen, options.snakemake),
    }
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="fazhi-benchmark-") as folder:
        copy = copy_project(Path(folder))
        write_editions(copy, chosen)
        forced, table = ours(copy, chosen)
        print("\n| contender | wall | ratio | processor | ratio | peak memory |\n|---|---|---|---|---|---|")
        print(line(f"`fazhi refresh --force --jobs {JOBS}`", forced, forced), flush=True)
        for name in options.against.split(",") if options.against else []:
            if name == "snakemake" and not options.snakemake:
                print("| snakemake | not installed, not measured | | | | |")
            else:
                print(line(name, others[name](copy), forced), flush=True)
        print("\n| fazhi | |\n|---|---|\n" + "\n".join(table))
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
