"""Runs a notebook's cells in the tests' own process and keeps what they show: quick, and with tracebacks."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import matplotlib.pyplot as plt
import pytest
from contract import parameters, tags
from nbformat import NotebookNode

from analysis.page import outputs
from analysis.page.outputs import FIGURE_MIME


@dataclass
class Ran:
    """A notebook that was run: its variables, what `page` showed, and the value of each cell that has one."""

    names: dict[str, Any] = field(default_factory=dict)
    shown: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    values: dict[int, Any] = field(default_factory=dict)

    def texts(self, kind: str) -> list[str]:
        """The outputs of a kind as text: head, text, finding, table, figure, evidence."""
        return [data["text/plain"] for found, data in self.shown if found == kind]

    def figures(self) -> dict[str, dict[str, Any]]:
        """The figures by name, with title, subtitle, alt, source and csv."""
        bundles = [data[FIGURE_MIME] for kind, data in self.shown if kind == "figure"]
        return {bundle["name"]: bundle for bundle in bundles}


def run(book: NotebookNode, monkeypatch: pytest.MonkeyPatch, given: Mapping[str, Any] | None = None) -> Ran:
    """The notebook run from top to bottom, with other parameters where given; a warning is an error."""
    ran = Ran()

    def display(data: dict[str, Any], *, raw: bool, metadata: dict[str, Any]) -> None:
        assert raw
        ran.shown.append((metadata["fazhi"], data))

    monkeypatch.setattr(outputs, "display", display)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, cell in enumerate(book.cells, start=1):
            if cell.cell_type == "code":
                _run_cell(cell.source, f"<cell {number}>", ran, number)
                if "parameters" in tags(cell):
                    assert set(given or {}) <= set(parameters(cell))
                    ran.names.update(given or {})
    plt.close("all")
    return ran


def _run_cell(source: str, where: str, ran: Ran, number: int) -> None:
    """Runs one cell; the value of a last expression is kept, as a notebook shows it."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), where, "exec"), ran.names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), where, "eval"), ran.names)
        if value is not None:
            ran.values[number] = value
