"""The scorecard adds nothing up, lists what asks a question and why, and links to pages that exist."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from analysis import report
from analysis.catalog import DOMAINS, LANGUAGES
from analysis.panel import Panel
from analysis.report import PAGES, look_first, measures
from analysis.report.look_first import PAGE_OF, page_of, questions
from analysis.report.measures import Measure
from analysis.report.standing import Standing, standing_words

PAGE = "08_scorecard"
PLACED = Standing(12, 1, 1, 2, 0.97, "outside 99.8 %", above=True, few=False)
CHANGE = {"p_value": 1e-9, "p_adjusted": 1e-8, "tests": 3, "ratio": 2.0, "lower": 1.5, "upper": 2.6}


def opened(panel: Panel, city: str, year: int, language: str = "en") -> report.Page:
    """The scorecard of a city-year."""
    return report.open_page(PAGE, city=city, year=year, language=language, peers="guangdong", panel_=panel)


def measure(name: str, *, p: float = 1.0, signal: str = "", verdict: str = "") -> Measure:
    """A metric with a test, a place and at most one finding."""
    change = pd.Series({**CHANGE, "p_adjusted": p})
    flags = (pd.Series({"verdict": verdict}),) if verdict else ()
    return Measure(name, "mediation", "B", 0, None, replace(PLACED, signal=signal), change, flags)


def test_a_change_or_an_outlier_alone_is_not_listed(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [measure("changed", p=1e-9), measure("outlying", signal="outside 99.8 %"), measure("neither")]
    monkeypatch.setattr(look_first, "measures", lambda _: items)
    assert questions(opened(panel, "440800", 2022).context) == []


def test_the_most_pressing_comes_first(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        measure("noted", verdict="note"),
        measure("open", verdict="undecided"),
        measure("out", p=0.01, signal="outside 95 %"),
        measure("far", p=0.01, signal="outside 99.8 %"),
        measure("fails", verdict="fail"),
    ]
    monkeypatch.setattr(look_first, "measures", lambda _: items)
    found = [item.measure.metric_id for item in questions(opened(panel, "440800", 2022).context)]
    assert found == ["fails", "far", "out", "open", "noted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_city_without_anything_to_follow_gets_a_short_page(render: Any, language: str) -> None:
    made = render(PAGE, "440800", 2022, language)
    assert "<li" not in made.texts["look"]
    assert made.tables["measured"].frame.empty
    facts = made.page.context.facts()
    assert set(made.page.context.cited) == set(facts.index)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_metric_both_changed_and_outlying_is_put_in_words(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    page = opened(panel, "420100", 2020, language)
    real = next(item for item in measures.measures(page.context) if item.section)
    change = pd.Series({**CHANGE, "year_before": 2019})
    items = [replace(real, standing=PLACED, change=change)] * 7
    monkeypatch.setattr(look_first, "measures", lambda _: items)
    text = page.text("look").text
    assert text.count("<li") == look_first.MOST
    for said in ("1.5", "2.6", "99.8%", "12", f'href="{page_of("reconsideration")}"'):
        assert said in text
    assert re.search(r"\b2 further entries|另有2项", text)


def test_zhanjiang_is_asked_about_its_closed_cases_and_its_rounding(render: Any) -> None:
    text = render(PAGE, "440800", 2020, "en").texts["look"]
    assert text.count("<li") == 2
    for said in ("272", "268", "not itemised", "no single rounding rule", "No change could be tested"):
        assert said in text
    table = render(PAGE, "440800", 2020, "en").tables["measured"].frame
    assert "8 of 9; range 6–8 of 9, highest quarter under 1%" in set(table.iloc[:, 3])
    assert "1.81 (1.8–1.82) times 2019; follows from the printed change" in set(table.iloc[:, 2])


def test_a_tested_change_has_its_adjusted_p(render: Any) -> None:
    table = render(PAGE, "440100", 2022, "en").tables["measured"].frame
    assert any(" times 2016; adjusted p under 0.001" in cell for cell in table["Change"])


def test_every_metric_has_one_mark_and_one_grade(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    data = made.figures["domains"].data
    assert sorted(data["metric_id"]) == sorted(made.page.context.facts()["metric_id"].unique())
    for domain, marks in data.groupby("domain"):
        counts = [int(count) for count in re.findall(r"[ABC] (\d+)", marks["grades_of_domain"].iloc[0])]
        assert sum(counts) == len(marks), domain


@pytest.mark.parametrize(("language", "words"), [("en", "There is no overall score"), ("zh", "不计综合得分")])
def test_it_says_that_there_is_no_index(render: Any, language: str, words: str) -> None:
    assert words in render(PAGE, "440800", 2020, language).head.lead


def test_it_links_to_the_page_that_treats_the_domain() -> None:
    assert set(PAGE_OF) < set(DOMAINS)
    assert {*PAGE_OF.values(), look_first.PROFILE} <= set(PAGES)


def test_a_place_among_few_or_of_rounded_figures_has_no_range(panel: Panel) -> None:
    context = opened(panel, "440800", 2022).context
    assert standing_words(context, None) == "no range: not exact counts"
    assert standing_words(context, replace(PLACED, top_quarter=None)) == "too few for a range"
    assert standing_words(context, PLACED) == "range 1–2 of 12, highest quarter 97%"
    assert standing_words(context, replace(PLACED, lower=1, upper=1, top_quarter=0.999)).endswith("over 99%")
