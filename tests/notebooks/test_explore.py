"""The notebook to explore with: short, saved as run, and no page of a refresh."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from test_notebooks import CELLS, CODE_LINES, code, faults, parameters, statements, tagged, uncompared

from analysis import report

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "explore.ipynb"


@pytest.fixture(scope="module")
def book() -> NotebookNode:
    """The notebook as saved."""
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_begins_with_a_question_and_parameters(book: NotebookNode) -> None:
    assert book.cells[0].source.splitlines()[0].endswith("?")
    (cell,) = tagged(book, "parameters")
    assert list(parameters(cell)) == ["city", "metric", "years", "peers", "language"]


def test_it_is_short_and_leaves_logic_to_the_package(book: NotebookNode) -> None:
    assert len(book.cells) <= CELLS
    assert sum(len(cell.source.splitlines()) for cell in code(book)) <= CODE_LINES
    assert statements(book) == []


def test_it_is_saved_as_run_with_its_controls(book: NotebookNode) -> None:
    assert faults(book) == []
    outputs = [output.get("data", {}) for cell in code(book) for output in cell.outputs]
    assert sum("application/vnd.jupyter.widget-view+json" in data for data in outputs) == 1


def test_it_has_text_for_nbval_to_compare(book: NotebookNode) -> None:
    assert len(tagged(book, "nbval-check-output")) >= 3
    assert uncompared(book) == []


def test_it_makes_no_page(book: NotebookNode) -> None:
    assert "fazhi" not in book.metadata
    assert NOTEBOOK.stem not in report.PAGES
