"""Tables on a terminal: as wide as it is, or unwrapped where a program reads them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table


def print_table(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Prints rows of cells under their names; nothing where there is no row."""
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    table = Table(*names, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    if rows:
        console.print(table, markup=False, highlight=False)
