"""Every figure of Zhanjiang's report on 2020 is in data/, or is listed here with why it is not.

Needs the report's text, which is not ours to copy: the test runs only where it lies beside the checkout.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from data_folder import REPORT

from analysis.ingest.figures import Figure, figures
from analysis.panel import Panel

TEXT = Path(__file__).resolve().parents[3] / "shared" / "seed" / "zhanjiang-2020.txt"
LEFT_OUT = {
    "40周年": 2,  # an anniversary of another place, in the first and the last paragraph
    "4个月": 1,  # how long a campaign lasted, not what was done in it
    "1年": 1,  # the term of a posting
    "2个": 1,  # a staffing rule: for every two townships ...
    "1名": 1,  # ... one mediator
    "第一": 1,  # a rank by who took part in a quiz
}
"""Figures that measure nothing of the city in the year, as they are printed."""
REPEATED = {"4140项": 1}
"""Figures that are stated a second time; the row's note names the other section."""


def unmatched(printed: list[Figure], rows: list[tuple[float, str]]) -> list[Figure]:
    """The printed figures that no row has by value and unit; each row serves once."""
    free = [(Decimal(str(value)), _keys(figures(evidence))) for value, evidence in rows]
    left = []
    for figure in printed:
        fits = [row for row in free if row[0] == figure.value and _keys([figure]) & row[1]]
        if fits:
            free.remove(fits[0])
        else:
            left.append(figure)
    return left


def _keys(found: list[Figure]) -> set[tuple[Decimal, str]]:
    return {(figure.value, figure.unit) for figure in found}


def test_a_figure_without_row_is_seen() -> None:
    printed = figures("8部指引，8宗案件，8宗案件")
    assert [figure.unit for figure in unmatched(printed, [(8.0, "责令履行8宗")])] == ["部", "宗"]
    assert not unmatched(printed, [(9.0, "8宗"), (8.0, "8部"), (8.0, "8宗"), (8.0, "8宗")])


@pytest.mark.skipif(not TEXT.is_file(), reason="the report's text is not beside this checkout")
def test_every_figure_of_the_report_is_in_data(panel: Panel) -> None:
    text = TEXT.read_text(encoding="utf-8")
    found = figures(text)
    rows = panel.observations[panel.observations["source_id"] == REPORT]
    missed = unmatched(found, list(zip(rows["value"], rows["evidence"], strict=True)))
    left = Counter(text[figure.start : figure.end] for figure in missed)
    message = f"{len(found)} figures, {len(rows)} rows; left: {dict(left)}"
    assert left == Counter(LEFT_OUT) + Counter(REPEATED), message
    assert len(found) - len(missed) == len(rows), message
