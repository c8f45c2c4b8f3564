"""What several commands share: options, the panel they open, and how they print what they found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from analysis.panel import Panel

City = Annotated[str, typer.Argument(help="Region code, Chinese name or pinyin.")]
Speech = Annotated[str, typer.Option(help="en or zh.")]
Place = Annotated[str, typer.Argument(help="A file, an http(s) address, or - for standard input.")]
Out = Annotated[
    Path | None, typer.Option(help="Folder to write into; candidates/ in the checkout otherwise.")
]
Private = Annotated[bool, typer.Option("--allow-private", help="Allow addresses of private networks.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors, failed runs and notes only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a schedule.")]


@cache
def panel() -> Panel:
    """The project's panel, loaded once a command."""
    from analysis import panel as panels

    return panels.load()
