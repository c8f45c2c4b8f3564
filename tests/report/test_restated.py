"""Page 2 adjusts its tests, gives a trend only by the rule, and sets repeated figures side by side."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.catalog import LANGUAGES

PAGE = "02_over_time"


def test_a_city_without_five_years_has_no_trend_and_says_so(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    assert made.tables["trends"].frame.empty
    assert "no trend is given" in repr(made.tables["trends"])
    assert "a year:" not in made.texts["findings"]


def test_changes_without_a_test_have_no_p_value(render: Any) -> None:
    frame = render(PAGE, "440800", 2020, "en").tables["changes"].frame
    assert set(frame["Adjusted p"]) == {"none"}
    assert "× 1.81 (1.8–1.82)" in set(frame["Change"]), "what the printed change leaves open"


def test_sources_that_agree_are_counted_and_those_that_differ_are_listed(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    assert "6 facts stand in several sources: 5 alike, 1 with different figures" in made.texts["restated"]
    stated = made.tables["restated"].frame["What is stated"]
    assert len(stated) == 1
    assert "6,994,832" in stated[0]
    assert "used here: 6,993,304, the latest" in stated[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_printed_change_meets_the_figure_of_the_year_before(render: Any, language: str) -> None:
    made = render(PAGE, "330300", 2024, language)
    stated = made.tables["restated"].frame.iloc[0]
    for number in ("283.6%", "3,326", "866", "868", "867"):
        assert number in stated.iloc[2]
    cited = made.page.context.panel.observations.loc[list(made.page.context.cited), "value"]
    assert {3326, 867} <= set(cited)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "× 1.08 <small>a year"), ("zh", "× 1.08 <small>年均")]
)
def test_five_points_of_one_rule_give_a_trend(render: Any, language: str, words: str) -> None:
    made = render(PAGE, "440000", 2020, language)
    assert words in made.texts["findings"]
    assert "1.08" in made.tables["trends"].frame.iloc[0, 3]
    changes = made.tables["changes"].frame.iloc[:, 4:6].astype(str).agg(" ".join, axis=1)
    assert any("+7.2 (6.66" in cell or "+7.2（6.66" in cell for cell in changes), "percentage points"


@pytest.mark.parametrize(("language", "words"), [("en", "a change of +75.7%"), ("zh", "同比增长75.7%")])
def test_a_change_is_printed_beside_the_figure_of_its_own_scope(
    render: Any, language: str, words: str
) -> None:
    findings = render(PAGE, "330300", 2024, language).texts["findings"]
    assert words in findings
    assert "283.6" not in findings
