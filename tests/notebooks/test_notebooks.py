"""Every notebook keeps the contract that analysts, refreshes and nbval rely on; the checks see who does not.

nbval itself runs apart (`make test`); it compares the outputs of the cells tagged `nbval-check-output` only.
"""

from __future__ import annotations

import contract
import pytest
from contract import CELL_LINES, COMPARE, CONTROLS, NOTE
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.page import CITY_PAGES

NUMBERED = contract.names("[0-9][0-9]_*")
PAGES = [*NUMBERED, "metrics"]
ALL = contract.names()
QUESTION = "# How many? 有多少？"
EVERY = pytest.mark.parametrize("name", ALL)
EVERY_PAGE = pytest.mark.parametrize("name", PAGES)


def text(source: str, *tags: str) -> NotebookNode:
    """A Markdown cell."""
    return new_markdown_cell(source, metadata={"tags": [*tags]})


def ran(source: str, *tags: str, count: int | None = 1, **output: object) -> NotebookNode:
    """A code cell, run, with one output."""
    outputs = [new_output(**output)] if output else []
    return new_code_cell(source, execution_count=count, outputs=outputs, metadata={"tags": [*tags]})


def book(*cells: NotebookNode) -> NotebookNode:
    """A notebook of these cells."""
    named = [NotebookNode({**cell, "id": f"cell-{number}"}) for number, cell in enumerate(cells)]
    return new_notebook(cells=named)


@pytest.mark.parametrize(
    "cell",
    [text("# Numbers 数字", NOTE), text("# How many?", NOTE), text(QUESTION), text(QUESTION, "en"), ran("x")],
)
def test_a_notebook_without_a_question_is_seen(cell: NotebookNode) -> None:
    assert contract.asks_nothing(book(cell))
    assert contract.asks_nothing(book(text(QUESTION, NOTE))) == []


@pytest.mark.parametrize("source", ["city = f()", "city, year = 1, 2", "import os", "year += 1"])
def test_a_parameter_that_is_no_literal_is_seen(source: str) -> None:
    with pytest.raises(ValueError, match=r"literals|malformed"):
        contract.parameters(new_code_cell(source))


def test_other_parameters_are_seen() -> None:
    right = "city = '440800'\nyear = 2020\nlanguage = 'en'\npeers = 'guangdong'"
    assert contract.not_chosen(book(ran(right, "parameters"))) == []
    for wrong in (right.replace("2020", "'2020'"), right + "\nmore = 1", right.replace("440800", "420100")):
        assert contract.not_chosen(book(ran(wrong, "parameters")))
    assert contract.not_chosen(book(ran(right)))
    assert contract.not_chosen(book(ran(right, "parameters"), ran(right, "parameters")))


@pytest.mark.parametrize(
    ("cells", "seen"),
    [
        ([ran("x = 1\n" * 21)], "cell 1 has 21 lines"),
        ([ran("def f(): pass\n\ndef g(): pass"), ran("class H: pass")], "it defines f, g, H"),
        ([ran("x = 1\n" * 20)] * 12, "240 code lines"),
        ([ran("x = 1")], "1 code lines"),
        ([ran("x = 1")] * 46, "46 cells"),
        ([ran("x = 1")] * 24, "24 cells"),
    ],
)
def test_a_notebook_beyond_its_budget_is_seen(cells: list[NotebookNode], seen: str) -> None:
    assert seen in contract.too_long(book(*cells))


def test_a_notebook_within_its_budget_passes_and_blank_lines_do_not_count() -> None:
    assert contract.too_long(book(*[ran("x = 1\n\n" * CELL_LINES)] * 5, *[ran("x")] * 20)) == []


@pytest.mark.parametrize(
    "cells",
    [
        [text("a")],
        [text("a", "en", "zh")],
        [text("a", "en")],
        [text("a", "en"), text("b", "zh"), text("c", "zh")],
    ],
)
def test_words_that_an_edition_would_not_show_are_seen(cells: list[NotebookNode]) -> None:
    assert contract.untold(book(*cells))
    assert contract.untold(book(text("a", "en"), text("b", "zh"), text("c", NOTE))) == []


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        (ran("x", count=None), "execution counts"),
        (ran("x", count=2), "execution counts"),
        (ran("x", output_type="error", ename="KeyError", evalue="", traceback=[]), "KeyError"),
        (ran("x", output_type="stream", name="stdout", text="367"), "stdout"),
        (ran("x", output_type="display_data", data={"text/plain": "/usr/lib/x.csv"}), "/usr/lib"),
    ],
)
def test_a_faulty_run_is_seen(cell: NotebookNode, seen: str) -> None:
    assert seen in str(contract.not_run(book(cell)))


def test_cells_that_nbval_would_pass_over_are_seen() -> None:
    picture = ran("x", COMPARE, output_type="display_data", data={"image/png": "AA=="})
    number = ran("y", COMPARE, output_type="execute_result", data={"text/plain": "367"})
    assert "no text: x" in contract.not_compared(book(picture, number, number))
    assert contract.not_compared(book(number, number)) == ["2 cells are compared"]
    assert contract.not_compared(book(number, number, number)) == []


def test_metadata_that_the_engine_cannot_use_are_seen() -> None:
    made = book()
    assert len(contract.not_described("04_other_cities", made)) == 4
    made.metadata.update(
        kernelspec={"name": "python3"}, fazhi={"title": {"en": "A", "zh": "甲"}, "reads": "panel"}
    )
    assert contract.not_described("04_other_cities", made) == []
    assert contract.not_described(CITY_PAGES[0], made) == ["it reads panel, not city"]


def test_a_long_recipe_and_one_without_code_are_seen() -> None:
    long, short = ran("x = 1\n" * 5), ran("x = 1\n" * 4)
    cells = [text("## A"), long, text("more"), short, text("## B"), text("## C"), short, short]
    assert contract.long_recipes(book(*cells)) == ["## A: 9 lines", "## B: 0 lines"]


def test_there_are_notebooks() -> None:
    assert {"04_other_cities", "metrics", "explore", "recipes"} <= set(ALL)
    assert set(CITY_PAGES) <= set(NUMBERED) or not set(CITY_PAGES) & set(ALL)


@EVERY
def test_it_begins_with_a_question(name: str) -> None:
    assert contract.asks_nothing(contract.read(name)) == []


@EVERY
def test_it_is_saved_as_run(name: str) -> None:
    assert contract.not_run(contract.read(name)) == []


@EVERY
def test_it_keeps_its_budget(name: str) -> None:
    assert contract.too_long(contract.read(name), numbered=name in NUMBERED) == []


@EVERY
def test_every_cell_of_words_has_its_language(name: str) -> None:
    assert contract.untold(contract.read(name)) == []


@EVERY
def test_its_parameters_are_literals(name: str) -> None:
    (cell,) = contract.tagged(contract.read(name), "parameters")
    assert contract.parameters(cell)


@EVERY_PAGE
def test_it_opens_with_the_first_edition(name: str) -> None:
    assert contract.not_chosen(contract.read(name)) == []


@EVERY_PAGE
def test_it_has_text_for_nbval_to_compare(name: str) -> None:
    assert contract.not_compared(contract.read(name)) == []


@EVERY_PAGE
def test_the_engine_knows_it(name: str) -> None:
    assert contract.not_described(name, contract.read(name)) == []


@pytest.mark.parametrize("name", sorted(set(ALL) - set(PAGES)))
def test_what_is_no_page_is_not_described_as_one(name: str) -> None:
    made = contract.read(name)
    assert "fazhi" not in made.metadata
    assert made.metadata["kernelspec"]["name"] == "python3"


def test_the_controls_of_explore_are_short() -> None:
    cells = contract.code(contract.read("explore"))
    controls = [cell for cell in cells if not {"parameters", NOTE} & set(contract.tags(cell))]
    assert any("widgets." in cell.source for cell in controls)
    assert contract.lines(*controls) <= CONTROLS


def test_every_recipe_is_short() -> None:
    made = contract.read("recipes")
    assert contract.long_recipes(made) == []
    assert len([cell for cell in made.cells if cell.source.startswith("## ")]) >= 6
