"""The commands `fazhi refresh` and `fazhi status`: they read options, call `analysis.refresh` and print.

Where everything is fresh neither pandas nor a notebook library is imported, which makes a refresh with
nothing to do cheap enough to be asked for at any time. Exit codes as in `analysis.cli`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analysis import project
from analysis.cli.options import Json, Quiet, panel
from analysis.errors import FazhiError, InputError
from analysis.refresh import checked, index, orchestration, recap
from analysis.refresh.lock import interruptible
from analysis.refresh.orchestration import Watcher
from analysis.refresh.plan import read_inputs
from analysis.refresh.pool import Kernels, Options, Workers, local_workers
from analysis.refresh.recap import Recap, Row
from analysis.terminal import print_json, print_table

City = Annotated[str | None, typer.Option(help="Region code, Chinese name or pinyin.")]
Year = Annotated[int | None, typer.Option(help="Year of the report.")]
Language = Annotated[str | None, typer.Option(help="en or zh; both when left out.")]
Peers = Annotated[
    str | None, typer.Option(help="all, province, nearest, or a group of data/peer_groups.csv.")
]
Scheduler = Annotated[
    str | None, typer.Option(help="Run on the Dask cluster at this address, as in tcp://host:8786.")
]
Notify = Annotated[
    str | None,
    typer.Option(help="Run this command on failure: the recap on its input, the exit code in FAZHI_EXIT."),
]
STYLES = {"fresh": "dim", "rendered": "green", "failed": "bold red", "removed": "yellow"}


def refresh(
    city: City = None,
    year: Year = None,
    language: Language = None,
    peers: Peers = None,
    force: Annotated[bool, typer.Option("--force", help="Run what is fresh, too.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Runs at the same time; 0: one a core.")] = 0,
    kernels: Annotated[Kernels, typer.Option(help="none, or cold: a Jupyter kernel a run.")] = "none",
    scheduler: Scheduler = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another refresh.")] = 0.0,
    notify: Notify = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Render what is stale: all of editions.toml, or the editions that the options choose."""
    command = recap.notify_words(notify) if notify is not None else []
    options = Options(jobs=jobs, force=force, kernels=kernels, wait=wait)
    choice = {"city": city, "year": year, "language": language, "peers": peers}
    code, told = 0, ""
    try:
        done = _recap(choice, options, scheduler, quiet=quiet or as_json)
        code, told = done.exit_code, done.to_json()
    except FazhiError as error:
        failure = {"exit_code": error.exit_code, "error": error.message, "rows": []}
        code, told = error.exit_code, json.dumps(failure, ensure_ascii=False)
        raise
    finally:
        problem = recap.notify(command, code, told) if command and code else ""
        if problem:
            print(f"fazhi: --notify: {problem}", file=sys.stderr)
    _say(done, as_json, quiet)
    raise typer.Exit(code)


def status(as_json: Json = False) -> None:
    """List every page of editions.toml: fresh, stale (and why), failed, or orphan."""
    inputs = read_inputs(project.data_folder())
    rows = recap.status(checked.editions(inputs, checking=False), _notebooks(), inputs=inputs)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    cells = [(row.edition, row.notebook, row.state, row.reason, row.published) for row in rows]
    print_table(["edition", "notebook", "state", "why", "published"], cells)


def _recap(choice: dict[str, Any], options: Options, scheduler: str | None, quiet: bool) -> Recap:
    """The recap of a refresh of what was chosen.

    Where rows must be checked, or all is forced, runs are likely: their libraries are loaded meanwhile.
    """
    inputs = read_inputs(project.data_folder())
    soon = options.force or checked.remembered(inputs) is None
    with interruptible(), _workers(scheduler, options, soon) as workers:
        chosen = listed = checked.editions(inputs)
        if any(word is not None for word in choice.values()):
            from analysis.editions import select

            found = select(tuple(listed), panel(), **choice)
            chosen = {one: listed.get(one) or index.describe(one, panel()) for one in found}
        with _progress(quiet) as watch:
            return orchestration.refresh(
                chosen,
                _notebooks(),
                known=listed,
                options=replace(options, prune=chosen == listed),
                watch=watch,
                workers=nullcontext(workers) if workers else None,
                inputs=inputs,
            )


def _workers(scheduler: str | None, options: Options, soon: bool) -> AbstractContextManager[Workers | None]:
    """Who does the runs: a cluster, this machine from now on, or (None) this machine once there are runs."""
    if not scheduler:
        return local_workers(options.jobs, options.kernels, soon) if soon else nullcontext()
    try:
        from analysis.refresh.cluster import cluster_workers
    except ImportError:
        fix = "run `pip install -e '.[cluster]'` in the checkout."
        raise InputError("--scheduler needs Dask", scheduler, fix) from None
    return cluster_workers(scheduler, options.kernels)


@contextmanager
def _progress(quiet: bool) -> Iterator[Watcher]:
    """Shows how far a refresh is: a bar on a terminal, else a line a run, when quiet failed runs alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    on_terminal = console.is_terminal and not quiet
    with Progress(*columns, console=console, transient=True, disable=not on_terminal) as progress:
        bar = progress.add_task("refresh", total=None)

        def tell(row: Row, done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)
            if row.state == "failed" or not (quiet or (on_terminal and row.state == "fresh")):
                count = "" if quiet or on_terminal else f"{done}/{total} "
                took = f" in {row.seconds:.1f} s" if row.seconds else ""
                why = f" ({row.reason})" if row.reason else ""
                console.print(
                    f"{count}{row.state:9}{row.edition}/{row.notebook}{took}{why}", style=STYLES[row.state]
                )

        yield tell


def _say(recap: Recap, as_json: bool, quiet: bool) -> None:
    """Prints what a refresh did: the JSON on standard output, all else on standard error."""
    lines = [f"to try again: {command}" for command in recap.retries]
    lines += [f"note: {note}" for note in recap.notes]
    if as_json:
        print(recap.to_json())
    elif not quiet:
        counts = ", ".join(f"{count} {state}" for state, count in recap.counts.items())
        lines.insert(0, f"{counts} in {recap.seconds:.1f} s")
    for line in lines:
        print(line, file=sys.stderr)


def _notebooks() -> list[Path]:
    """The notebooks of an edition in page order, metrics.ipynb last; explore.ipynb and the like have none."""
    folder = project.notebooks_folder()
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb")) + sorted(folder.glob("metrics.ipynb"))
    if not found:
        raise InputError("notebooks/ must hold the pages 01_….ipynb and on", None, "restore them from git.")
    return found
