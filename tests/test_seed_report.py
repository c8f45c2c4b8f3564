"""Every figure of Zhanjiang's report on 2020 is in data/, or is listed here with why it is not.

Needs the report's text, which is not ours to copy: the test runs only where it lies beside the checkout.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from data_folder import REPORT

from analysis.panel import Panel

TEXT = Path(__file__).resolve().parents[2] / "shared" / "seed" / "zhanjiang-2020.txt"
FACTORS = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "": Decimal(1)}
NUMBER = re.compile(r"(?<![\d.])(?P<digits>\d+(?:\.\d+)?)(?P<factor>[万亿]?)(?:[\u4e00-\u9fff%])?")
DATE = re.compile(
    r"\d{4}-\d{2}-\d{2} ?\d{2}:\d{2}|\d{4}[—–-]\d{4}年|\d{4}年(?:度|底|\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月底"
)
ORDINAL = re.compile(r"第\d+次(?:会议)?|(?<=市委)\d+次(?=常委会)")
RANGE = re.compile(r"(\d+)-(\d+)(?=名)")
LEFT_OUT = {
    "40周": 2,  # an anniversary of another place, in the first and the last paragraph
    "4个": 1,  # how long a campaign lasted, not what was done in it
    "1年": 1,  # the term of a posting
    "2个": 1,  # a staffing rule: for every two townships ...
    "1名": 1,  # ... one mediator
}
"""Figures that measure nothing of the city in the year, by their digits and what follows them."""
REPEATED = {"4140项": 1}
"""Figures that are stated a second time; the row's note names the other section."""


@dataclass(frozen=True)
class Figure:
    """One printed figure: its value, and its digits with the Chinese character or % after them."""

    value: Decimal
    shown: str


def figures(text: str) -> list[Figure]:
    """The figures of a report that are no dates, ordinals or list marks; a range is one.

    In Arabic digits, and 百分之百; ranks and rough numbers in Chinese numerals (第一, 十几) are not read.
    """
    text = unicodedata.normalize("NFKC", text).replace("百分之百", "100%")
    text = ORDINAL.sub("〇", DATE.sub("〇", text))
    text = RANGE.sub(lambda found: f"{(int(found[1]) + int(found[2])) / 2}", text)
    return [
        Figure(Decimal(found["digits"]) * FACTORS[found["factor"]], found[0].rstrip())
        for found in NUMBER.finditer(text)
    ]


def unmatched(printed: list[Figure], rows: list[tuple[float, str]]) -> list[str]:
    """The printed figures that no row has by value and by digits with unit; each row serves once."""
    free = [(Decimal(str(value)), {figure.shown for figure in figures(text)}) for value, text in rows]
    left = []
    for figure in printed:
        fits = [row for row in free if row[0] == figure.value and figure.shown in row[1]]
        if fits:
            free.remove(fits[0])
        else:
            left.append(figure.shown)
    return left


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2021年2月2日，截止2020年底，2019年度，截至11月底", []),
        ("（2015—2020年）2021-02-02 11:35", []),
        ("第154次会议，市委156次常委会", []),
        ("公开3.4万条", ["34000"]),
        ("36+232", ["36", "232"]),
        ("增加3-4名", ["3.5"]),
        ("全省排名第10，居第1名", ["10", "1"]),
        ("６２万余件，９４.２２％", ["620000", "94.22"]),
        ("在2020年提交1件、2件", ["1", "2"]),
    ],
)
def test_figures_are_told_from_dates_and_ordinals(text: str, values: list[str]) -> None:
    assert [figure.value for figure in figures(text)] == [Decimal(value) for value in values]


def test_a_figure_without_row_is_seen() -> None:
    printed = figures("8部指引，8宗案件，8宗案件")
    assert unmatched(printed, [(8.0, "责令履行8宗")]) == ["8部", "8宗"]
    assert unmatched(printed, [(9.0, "8宗"), (8.0, "8部"), (8.0, "8宗"), (8.0, "8宗")]) == []


@pytest.mark.skipif(not TEXT.is_file(), reason="the report's text is not beside this checkout")
def test_every_figure_of_the_report_is_in_data(panel: Panel) -> None:
    found = figures(TEXT.read_text(encoding="utf-8"))
    rows = panel.observations[panel.observations["source_id"] == REPORT]
    left = Counter(unmatched(found, list(zip(rows["value"], rows["evidence"], strict=True))))
    repeated = sum(REPEATED.values())
    held = len(found) - sum(left.values()) + repeated
    message = f"{len(found)} figures, {held} in data/ ({repeated} of them stated twice); left: {dict(left)}"
    assert left == Counter(LEFT_OUT) + Counter(REPEATED), message
    assert held == len(rows) + repeated, f"{message}; {len(rows)} rows"
