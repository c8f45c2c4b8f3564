"""What every notebook promises to analysts, to a refresh and to nbval; each check lists what is wrong."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from analysis.page import CITY_PAGES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
DEFAULTS = {"city": "440800", "year": 2020, "language": "en", "peers": "guangdong"}
CODE_LINES = (80, 220)
CELLS = (25, 45)
CELL_LINES = 20
DEFINITIONS = 2
COMPARED = 3
CONTROLS = 40
RECIPE = 8
LANGUAGES = ("en", "zh")
NOTE = "analyst-note"
COMPARE = "nbval-check-output"
_PATHS = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|Users|opt|usr)/[\w.]+")


def names(pattern: str = "*") -> list[str]:
    """The names of the notebooks that fit a pattern."""
    return sorted(path.stem for path in FOLDER.glob(f"{pattern}.ipynb"))


def read(name: str) -> NotebookNode:
    """A notebook as it is saved."""
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def tagged(book: NotebookNode, tag: str) -> list[NotebookNode]:
    """The cells with a tag."""
    return [cell for cell in book.cells if tag in tags(cell)]


def code(book: NotebookNode) -> list[NotebookNode]:
    """The code cells."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def lines(*cells: NotebookNode) -> int:
    """How many lines of code, blank ones left out."""
    return sum(bool(line.strip()) for cell in cells for line in cell.source.splitlines())


def parameters(cell: NotebookNode) -> dict[str, Any]:
    """The names and literals that a parameters cell assigns.

    Raises:
        ValueError: A statement is anything but `name = literal`.
    """
    found = {}
    for statement in ast.parse(cell.source).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            raise ValueError(f"a parameters cell assigns literals to names only: {ast.unparse(statement)}")
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    return found


def asks_nothing(book: NotebookNode) -> list[str]:
    """What is wrong with the first cell, which asks a question in both languages and is for analysts."""
    first = book.cells[0]
    line = first.source.splitlines()[0]
    found = (
        []
        if first.cell_type == "markdown" and tags(first) == [NOTE]
        else ["the first cell is no analyst-note"]
    )
    return found + ([] if "?" in line and line.endswith("？") else [f"no question in both languages: {line}"])


def not_chosen(book: NotebookNode) -> list[str]:
    """What is wrong with the parameters of a page: one cell, of literals, with the first edition."""
    cells = tagged(book, "parameters")
    if len(cells) != 1:
        return [f"{len(cells)} cells of parameters"]
    given = parameters(cells[0])
    return [] if given == DEFAULTS and list(given) == list(DEFAULTS) else [f"the parameters are {given}"]


def too_long(book: NotebookNode, numbered: bool = True) -> list[str]:
    """Where a notebook breaks its budget of cells, lines and definitions."""
    found = [
        f"cell {number} has {lines(cell)} lines"
        for number, cell in enumerate(book.cells, start=1)
        if cell.cell_type == "code" and lines(cell) > CELL_LINES
    ]
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    made = [
        node.name
        for cell in code(book)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, kinds)
    ]
    found += [f"it defines {', '.join(made)}"] if len(made) > DEFINITIONS else []
    least, most = CODE_LINES if numbered else (0, CODE_LINES[1])
    found += [] if least <= lines(*code(book)) <= most else [f"{lines(*code(book))} code lines"]
    least, most = CELLS if numbered else (0, CELLS[1])
    return found + ([] if least <= len(book.cells) <= most else [f"{len(book.cells)} cells"])


def untold(book: NotebookNode) -> list[str]:
    """Markdown that no edition or only one would show: no tag, two tags, more cells in one language."""
    cells = [cell for cell in book.cells if cell.cell_type == "markdown"]
    found = [cell.source for cell in cells if len({*LANGUAGES, NOTE} & set(tags(cell))) != 1]
    counts = {language: len([cell for cell in cells if language in tags(cell)]) for language in LANGUAGES}
    return found + ([f"Markdown cells by language: {counts}"] if len(set(counts.values())) > 1 else [])


def not_run(book: NotebookNode) -> list[str]:
    """What is wrong with the saved run: not run, out of order, failed, printing, or with a machine's path."""
    counts = [cell.execution_count for cell in code(book)]
    found = [] if counts == list(range(1, len(counts) + 1)) else [f"execution counts are {counts}"]
    for cell in code(book):
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{cell.source}: {output.ename}")
            if output.output_type == "stream":
                found.append(f"{cell.source}: prints to {output.name}")
            found += _PATHS.findall(str(output))
    return found


def not_compared(book: NotebookNode) -> list[str]:
    """Why nbval would compare too little: few tagged cells, or one of them without text."""
    cells = tagged(book, COMPARE)
    found = [
        f"no text: {cell.source}"
        for cell in cells
        if not any("text/plain" in output.get("data", {}) for output in cell.outputs)
    ]
    return found + ([f"{len(cells)} cells are compared"] if len(cells) < COMPARED else [])


def not_described(name: str, book: NotebookNode) -> list[str]:
    """What the engine misses in the metadata of a page: titles, what it reads, a kernel that anybody has."""
    about = book.metadata.get("fazhi", {})
    found = [f"no title in {language}" for language in LANGUAGES if not about.get("title", {}).get(language)]
    reads = "city" if name in CITY_PAGES else "panel"
    found += [] if about.get("reads") == reads else [f"it reads {about.get('reads')}, not {reads}"]
    kernel = book.metadata.get("kernelspec", {}).get("name")
    return found + ([] if kernel == "python3" else [f"its kernel is {kernel}"])


def long_recipes(book: NotebookNode) -> list[str]:
    """The recipes, by heading, that have more lines than a recipe may have, or none."""
    counts: dict[str, int] = {}
    heading = ""
    for cell in book.cells:
        if cell.cell_type == "markdown":
            heading = cell.source.splitlines()[0] if cell.source.startswith("## ") else heading
            counts.setdefault(heading, 0)
        elif heading:
            counts[heading] += lines(cell)
    counts.pop("", None)
    return [f"{name}: {count} lines" for name, count in counts.items() if not 0 < count <= RECIPE]
