"""Prints tables and JSON: folded where a terminal is narrow, one line a row where a program reads them.

A row is never cut: cells fold, so that no two rows look alike. What a terminal's letters cannot show is
replaced by a question mark, with one hint.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

_WIDEST = 56
"""Cells a column is padded to where no terminal is: longer text pushes only its own row."""
_LEAST = 12


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Prints rows of cells under their names; nothing where there is no row."""
    lines = [list(names), *([" ".join(str(cell).split()) for cell in row] for row in rows)]
    if len(lines) == 1:
        return
    if sys.stdout.isatty():
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in names:
            table.add_column(name, overflow="fold", min_width=min(_LEAST, cell_len(name)))
        for line in lines[1:]:
            table.add_row(*line)
        Console().print(table, markup=False, highlight=False)
        return
    widths = [min(_WIDEST, max(map(cell_len, column))) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (
            set_cell_size(cell, max(width, cell_len(cell))) for cell, width in zip(line, widths, strict=True)
        )
        print("  ".join(padded).rstrip())


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
