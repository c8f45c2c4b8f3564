"""The commands `fazhi refresh` and `fazhi status`: they read options, call `analysis.refresh` and print.

Where everything is fresh neither pandas nor a notebook library is imported, so that a refresh with nothing to
do is cheap enough to be asked for at any time.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis import project
from analysis.cli.terminal import Json, Quiet, panel, print_json, print_table, progress
from analysis.errors import FazhiError, InputError
from analysis.refresh import index, orchestration, plan
from analysis.refresh.plan import read_inputs
from analysis.refresh.pool import Kernels, Options, Submit, local_workers
from analysis.refresh.publish import Recap, Row

COLOURS = {"rendered": "green", "failed": "red", "removed": "yellow"}
PATIENCE = 60.0  # seconds for the command of `--notify`
_NOTIFY = "Command to run on failure: the recap on its input, the exit code in FAZHI_EXIT."


def refresh(
    city: Annotated[str | None, typer.Option(help="Region code, Chinese name or pinyin.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of the report.")] = None,
    language: Annotated[str | None, typer.Option(help="en or zh; both when left out.")] = None,
    peers: Annotated[str | None, typer.Option(help="all, province, nearest, or a peer group.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run what is fresh, too.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Runs at the same time; 0: one a core.")] = 0,
    kernels: Annotated[Kernels, typer.Option(help="none, or cold: a Jupyter kernel a run.")] = "none",
    scheduler: Annotated[str | None, typer.Option(help="A Dask cluster, as in tcp://host:8786.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another refresh.")] = 0.0,
    notify: Annotated[str | None, typer.Option(help=_NOTIFY)] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Render what is stale: all of editions.toml, or the editions that the options choose."""
    command = notify_words(notify) if notify is not None else []
    options = Options(force, kernels, wait=wait)
    choice = {"city": city, "year": year, "language": language, "peers": peers}
    try:
        done = _recap(choice, options, (scheduler, jobs), quiet=quiet or as_json)
    except FazhiError as error:
        failure = {"exit_code": error.exit_code, "error": error.message, "rows": []}
        tell_failure(command, error.exit_code, json.dumps(failure, ensure_ascii=False))
        raise
    tell_failure(command, done.exit_code, done.to_json())
    lines = [f"to try again: {retry}" for retry in done.retries] + [f"note: {note}" for note in done.notes]
    if as_json:
        print(done.to_json())
    elif not quiet:
        counts = ", ".join(f"{count} {state}" for state, count in done.counts.items())
        lines.insert(0, f"{counts} in {done.seconds:.1f} s")
    for line in lines:
        print(line, file=sys.stderr)
    raise typer.Exit(done.exit_code)


def status(as_json: Json = False) -> None:
    """List every page of editions.toml: fresh, stale (and why), failed, or orphan."""
    inputs = read_inputs(project.data_folder())
    rows = plan.status(orchestration.listed_editions(inputs, checking=False), _notebooks(), inputs=inputs)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        cells = [(row.edition, row.notebook, row.state, row.reason, row.published) for row in rows]
        print_table(["edition", "notebook", "state", "why", "published"], cells)


def _recap(choice: dict[str, Any], options: Options, where: tuple[str | None, int], quiet: bool) -> Recap:
    inputs = read_inputs(project.data_folder())
    # where rows must be checked, or all is forced, runs are likely: their libraries are loaded meanwhile
    soon = options.force or orchestration.remembered(inputs) is None
    with orchestration.interruptible(), _workers(*where, soon) as submit:
        chosen = listed = orchestration.listed_editions(inputs)
        if any(word is not None for word in choice.values()):
            from analysis.editions import select

            found = select(tuple(listed), panel(), **choice)
            chosen = {one: listed.get(one) or index.describe(one, panel()) for one in found}
        how = replace(options, prune=chosen == listed)
        with progress(shown=not quiet) as advance:
            watch = partial(_tell, quiet, advance)
            return orchestration.refresh(chosen, _notebooks(), submit, known=listed, options=how, watch=watch)


def _workers(scheduler: str | None, jobs: int, soon: bool) -> AbstractContextManager[Submit]:
    """Who does the runs: a cluster, or this machine."""
    if not scheduler:
        return local_workers(jobs, soon)
    try:
        from analysis.refresh.cluster import cluster_workers
    except ImportError:
        fix = "run `pip install -e '.[cluster]'` in the checkout."
        raise InputError("--scheduler needs Dask", scheduler, fix) from None
    return cluster_workers(scheduler)


def _tell(quiet: bool, advance: Callable[[int, int], None], row: Row, done: int, total: int) -> None:
    """Says how far a refresh is: a bar on a terminal, else a line a run; when quiet, failed runs alone."""
    advance(done, total)
    if row.state == "failed" or not (quiet or (sys.stderr.isatty() and row.state == "fresh")):
        count = "" if quiet else f"{done}/{total} "
        took = f" in {row.seconds:.1f} s" if row.seconds else ""
        why = f" ({row.reason})" if row.reason else ""
        typer.secho(f"{count}{row.state:9}{row.name}{took}{why}", fg=COLOURS.get(row.state), err=True)


def _notebooks() -> list[Path]:
    """The notebooks of an edition in page order, metrics.ipynb last; explore.ipynb and the like have none."""
    folder = project.notebooks_folder()
    found = sorted(folder.glob("[0-9][0-9]_*.ipynb")) + sorted(folder.glob("metrics.ipynb"))
    if not found:
        raise InputError("notebooks/ must hold the pages 01_….ipynb and on", None, "restore them from git.")
    return found


def notify_words(command: str) -> list[str]:
    """The words of a command; an `InputError` where it is none, or its program cannot be found."""
    words: list[str] = []
    with suppress(ValueError):
        words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        fix = "write it as in --notify 'mail -s Fazhi me@example.org'."
        raise InputError("--notify must name a program that can be run", command, fix)
    return words


def tell_failure(command: Sequence[str], exit_code: int, recap: str) -> None:
    """Runs a command after a failure: the recap on its input, the code in FAZHI_EXIT; it prints on stderr."""
    if command and exit_code:
        environment = {**os.environ, "FAZHI_EXIT": str(exit_code)}
        how: dict[str, Any] = {"stdout": sys.stderr.fileno(), "env": environment, "timeout": PATIENCE}
        try:
            subprocess.run(command, input=recap.encode(), check=True, **how)
        except (OSError, subprocess.SubprocessError) as error:
            print(f"fazhi: --notify: {error}", file=sys.stderr)
