"""Every notebook that becomes a page keeps the contract that analysts, refreshes and nbval rely on.

nbval itself runs apart (`make test`); it compares the outputs of the cells tagged `nbval-check-output` only.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis import editions

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")), ROOT / "notebooks" / "metrics.ipynb"]
DEFAULTS = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong"}
CELLS = 40
CODE_LINES = 150
COMPARED = 3
PATHS = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|Users|opt|usr)/[\w.]+")


def tagged(book: NotebookNode, tag: str) -> list[NotebookNode]:
    """The cells with a tag."""
    return [cell for cell in book.cells if tag in cell.metadata.get("tags", [])]


def code(book: NotebookNode) -> list[NotebookNode]:
    """The code cells."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def parameters(cell: NotebookNode) -> dict[str, object]:
    """The names and literals a parameters cell assigns.

    Raises:
        ValueError: A statement is anything but `name = literal`.
    """
    found = {}
    for statement in ast.parse(cell.source).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            raise ValueError(f"a parameters cell assigns literals to names only: {ast.unparse(statement)}")
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found


def statements(book: NotebookNode) -> list[str]:
    """The kinds of statement a notebook leaves to the package, where it has them all the same."""
    banned = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.While | ast.If | ast.Try
    trees = [ast.parse(cell.source) for cell in code(book)]
    return [type(node).__name__ for tree in trees for node in ast.walk(tree) if isinstance(node, banned)]


def faults(book: NotebookNode) -> list[str]:
    """What is wrong with a notebook's saved run: not run, out of order, failed, or with a machine's path."""
    counts = [cell.execution_count for cell in code(book)]
    found = [] if counts == list(range(1, len(counts) + 1)) else [f"execution counts are {counts}"]
    for cell in code(book):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{cell.source}: {output.ename}")
            if output.output_type == "stream":
                found.append(f"{cell.source}: prints to {output.name}")
            found += PATHS.findall(str(output))
    return found


def uncompared(book: NotebookNode) -> list[str]:
    """The sources of tagged cells that have no text for nbval to compare."""
    return [
        cell.source
        for cell in tagged(book, "nbval-check-output")
        if not any("text/plain" in output.get("data", {}) for output in cell.outputs)
    ]


@pytest.fixture(params=NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def book(request: pytest.FixtureRequest) -> NotebookNode:
    """Each notebook of a page as saved."""
    return nbformat.read(request.param, as_version=4)


def run_cell(source: str, count: int | None = 1, **output: object) -> NotebookNode:
    """A code cell with one output."""
    return new_code_cell(source, execution_count=count, outputs=[new_output(**output)] if output else [])


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        (run_cell("x", None), "execution counts"),
        (run_cell("x", 2), "execution counts"),
        (run_cell("x", output_type="error", ename="KeyError", evalue="", traceback=[]), "KeyError"),
        (run_cell("x", output_type="stream", name="stderr", text="a warning"), "stderr"),
        (run_cell("x", output_type="display_data", data={"text/plain": "/usr/lib/x.csv"}), "/usr/lib"),
    ],
)
def test_a_faulty_run_is_seen(cell: NotebookNode, seen: str) -> None:
    assert seen in str(faults(new_notebook(cells=[cell])))


@pytest.mark.parametrize("source", ["city = f()", "city, year = 1, 2", "import os", "year += 1"])
def test_a_parameter_that_is_no_literal_is_seen(source: str) -> None:
    with pytest.raises(ValueError, match=r"literals|malformed"):
        parameters(new_code_cell(source))


@pytest.mark.parametrize("source", ["def f():\n    pass", "for x in y:\n    x", "if a:\n    b"])
def test_logic_in_a_notebook_is_seen(source: str) -> None:
    assert statements(new_notebook(cells=[new_code_cell(source)]))


def test_a_compared_cell_without_text_is_seen() -> None:
    cell = run_cell("x", output_type="display_data", data={"image/png": "AA=="})
    cell.metadata["tags"] = ["nbval-check-output"]
    assert uncompared(new_notebook(cells=[new_markdown_cell("?"), cell])) == ["x"]


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS][:3] == ["01_report_profile", "02_over_time", "03_other_cities"]


def test_it_begins_with_a_question(book: NotebookNode) -> None:
    first = book.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.splitlines()[0].endswith("?")


def test_it_has_one_cell_of_parameters_with_the_first_edition(book: NotebookNode) -> None:
    (cell,) = tagged(book, "parameters")
    assert parameters(cell) == DEFAULTS
    assert list(DEFAULTS) == list(editions.PARAMETERS)


def test_it_is_short(book: NotebookNode) -> None:
    assert len(book.cells) <= CELLS
    assert sum(len(cell.source.splitlines()) for cell in code(book)) <= CODE_LINES


def test_it_leaves_logic_to_the_package(book: NotebookNode) -> None:
    assert statements(book) == []


def test_it_is_saved_as_run(book: NotebookNode) -> None:
    assert faults(book) == []


def test_it_has_text_for_nbval_to_compare(book: NotebookNode) -> None:
    assert len(tagged(book, "nbval-check-output")) >= COMPARED
    assert uncompared(book) == []


def test_it_has_a_title_in_each_language(book: NotebookNode) -> None:
    assert all(book.metadata["fazhi"]["title"][language] for language in ("en", "zh"))


def test_its_kernel_is_anybodys(book: NotebookNode) -> None:
    assert book.metadata["kernelspec"]["name"] == "python3"
