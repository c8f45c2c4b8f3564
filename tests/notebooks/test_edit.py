"""An analyst edits one line of notebook 04: the sentence, the table and the chart follow."""

from __future__ import annotations

import re

import contract
import pytest
from nbformat import NotebookNode
from running import Ran, run

LEFT_OUT = "Xiaogan"
MARKED = "cases = sections.fullest\n"
LINE = f'cases = cases[cases["name"] != "{LEFT_OUT}"]\n'
PLACE = re.compile(r"(\w+) (lowest|highest) of (\d+)")


def edited(line: str) -> NotebookNode:
    """Notebook 04 with a line put in after the one that chooses the cases."""
    book = contract.read("04_other_cities")
    (cell,) = [cell for cell in book.cells if MARKED in cell.source]
    cell.source = cell.source.replace(MARKED, MARKED + line)
    return book


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """The notebook as it is."""
    return run(edited(""), monkeypatch)


@pytest.fixture
def after(before: Ran, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """The notebook without one city, run after the one with it, so that nothing kept by name would pass."""
    return run(edited(LINE), monkeypatch)


def placed(ran: Ran) -> tuple[str, str, str]:
    """The place that the sentence gives."""
    (found,) = [text for text in ran.texts("text") if PLACE.search(text)]
    return PLACE.search(found).groups()  # type: ignore[union-attr]


def test_the_sentence_gives_the_new_place(before: Ran, after: Ran) -> None:
    assert placed(before) == ("2nd", "lowest", "9")
    assert after.names["place"].rank == after.names["place"].n == 8
    assert not [text for text in after.texts("text") if "of 9" in text]
    assert any("lowest of 8" in text for text in after.texts("text"))


def test_the_table_lists_the_others_only(before: Ran, after: Ran) -> None:
    was, now = (
        [text for text in ran.texts("table") if "other cities on" in text.lower()] for ran in (before, after)
    )
    assert LEFT_OUT in was[0]
    assert LEFT_OUT not in now[0]
    assert len(was[0].splitlines()) == len(now[0].splitlines()) + 1


def test_the_chart_and_its_data_hold_the_others_only(before: Ran, after: Ran) -> None:
    was, now = before.figures()["ranked"], after.figures()["ranked"]
    assert LEFT_OUT in was["csv"]
    assert LEFT_OUT not in now["csv"]
    assert "2nd lowest of 9" in was["title"]
    assert "lowest of 8" in now["title"]
    assert "2nd" not in now["title"]
    assert was["alt"] != now["alt"]
    label = before.names["cases"].label_en
    lines = [line for line in after.figures()["strips"]["csv"].splitlines() if label in line]
    assert lines
    assert not any(LEFT_OUT in line for line in lines)
    assert any(LEFT_OUT in line and label in line for line in before.figures()["strips"]["csv"].splitlines())


def test_a_city_that_is_not_there_changes_nothing(before: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    same = run(edited(LINE.replace(LEFT_OUT, "Atlantis")), monkeypatch)
    assert same.texts("text") == before.texts("text")
