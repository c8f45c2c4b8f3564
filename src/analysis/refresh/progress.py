"""How far a refresh has come: a bar on a terminal, a line a run elsewhere, failed runs alone when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from analysis.refresh.recap import Row

STYLES = {"fresh": "dim", "rendered": "green", "failed": "bold red", "removed": "yellow"}


def line(row: Row) -> str:
    """One row as one line of text."""
    took = f" in {row.seconds:.1f} s" if row.seconds else ""
    why = f" ({row.reason})" if row.reason else ""
    return f"{row.state:9}{row.edition}/{row.notebook}{took}{why}"


@contextmanager
def show(console: Console, quiet: bool = False) -> Iterator[Callable[[Row, int, int], None]]:
    """A watcher for `engine.refresh` that shows each row on a console, as the console allows."""
    if quiet:

        def warn(row: Row, done: int, total: int) -> None:
            if row.state == "failed":
                console.print(line(row), markup=False, highlight=False, soft_wrap=True)

        yield warn
    elif console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("refresh", total=None)

            def tell(row: Row, done: int, total: int) -> None:
                progress.update(bar, completed=done, total=total)
                if row.state != "fresh":
                    progress.console.print(line(row), style=STYLES[row.state], markup=False, highlight=False)

            yield tell
    else:
        yield lambda row, done, total: console.print(
            f"{done}/{total} {line(row)}", markup=False, highlight=False, soft_wrap=True
        )
