"""Tables on a terminal: folded where it is narrow, one line a row where a program reads them.

A row is never cut: cells fold, so that no two rows look alike. What a terminal's letters cannot show is
replaced by a question mark, with one hint.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

_WIDEST = 56
"""Cells a column is padded to where no terminal is: longer text pushes only its own row."""
_LEAST = 12


def print_table(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Prints rows of cells under their names; nothing where there is no row."""
    cells = [[_one_line(cell) for cell in row] for row in rows]
    if not cells:
        return
    if not sys.stdout.isatty():
        _print_lines([list(names), *cells])
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold", min_width=min(_LEAST, cell_len(name)))
    for row in cells:
        table.add_row(*row)
    Console().print(table, markup=False, highlight=False)


def show_what_can_be_shown() -> None:
    """Lets output replace the letters that a terminal has not, and says once how to get them."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if not _knows_chinese(stream)]
    for stream in streams:
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    if streams:
        name = streams[0].encoding
        print(f"fazhi: {name} has no Chinese, so ? stands for it; PYTHONUTF8=1 shows it.", file=sys.stderr)


def _knows_chinese(stream: Any) -> bool:
    if not hasattr(stream, "reconfigure"):
        return True
    try:
        "法治 – …".encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return stream.errors not in ("strict", "surrogateescape")
    return True


def _print_lines(rows: Sequence[Sequence[str]]) -> None:
    """One line a row, columns aligned as far as their cells are short, no blanks at the end."""
    widths = [min(_WIDEST, max(map(cell_len, column))) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        print("  ".join(padded).rstrip())


def _one_line(cell: Any) -> str:
    return " ".join(str(cell).split())
