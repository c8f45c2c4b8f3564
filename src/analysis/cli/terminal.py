"""What commands take from a terminal and show on it: options, the panel they open, tables, JSON.

A row is never cut: cells fold where a terminal is narrow, and where none is, a row is one line. What a
terminal's letters cannot show is replaced by a question mark, with one hint.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from analysis.panel import Panel

City = Annotated[str, typer.Argument(help="Region code, Chinese name or pinyin.")]
Speech = Annotated[str, typer.Option(help="en or zh.")]
Place = Annotated[str, typer.Argument(help="A file, an http(s) address, or - for standard input.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write into, by default candidates/.")]
Private = Annotated[bool, typer.Option("--allow-private", help="Allow addresses of private networks.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors, failed runs and notes only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a schedule.")]
_WIDEST, _LEAST = 56, 12
"""Letters a column is padded to where no terminal is, and folded to where one is."""


@cache
def panel() -> Panel:
    """The project's panel, loaded once a command."""
    from analysis.panel import load

    return load()


@contextmanager
def progress(shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, where it is to be shown; it is told how many are done of how many."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[1:2], MofNCompleteColumn(), TimeElapsedColumn())
    hidden = not (shown and console.is_terminal)
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Prints rows of cells under their names; nothing where there is no row."""
    lines = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    if lines and sys.stdout.isatty():
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in names:
            table.add_column(name, overflow="fold", min_width=min(_LEAST, cell_len(name)))
        for line in lines:
            table.add_row(*line)
        Console().print(table, markup=False, highlight=False)
    elif lines:
        lines.insert(0, list(names))
        widths = [min(_WIDEST, max(map(cell_len, column))) for column in zip(*lines, strict=True)]
        for line in lines:
            sizes = zip(line, widths, strict=True)
            print("  ".join(set_cell_size(one, max(width, cell_len(one))) for one, width in sizes).rstrip())


def print_frame(frame: pd.DataFrame) -> None:
    """Prints a frame as a table."""
    print_table(list(frame.columns), frame.itertuples(index=False, name=None))


def print_json(value: Any) -> None:
    """Prints a value as a JSON document."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def show_what_can_be_shown() -> None:
    """Lets output replace the letters that a terminal has not, and says once how to get them."""
    poor = []
    for stream in (sys.stdout, sys.stderr):
        try:
            "法治 – …".encode(stream.encoding or "utf-8", stream.errors or "strict")
        except UnicodeEncodeError:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            poor.append(stream.encoding)
    if poor:
        print(f"fazhi: {poor[0]} has no Chinese, so ? stands for it; PYTHONUTF8=1 shows it.", file=sys.stderr)
