"""Page 3 says who is alike and how sure a place is; ten cities make a funnel, fewer are ranked."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.catalog import LANGUAGES

PAGE = "03_other_cities"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "No distance from Wenzhou to other cities can be given"),
        ("zh", "无法计算温州市与其他城市的距离"),
    ],
)
def test_a_city_without_context_has_no_neighbours_and_says_why(
    render: Any, language: str, words: str
) -> None:
    made = render(PAGE, "330300", 2024, language)
    assert words in made.texts["alike"]
    assert made.tables["alike"].frame.empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_nearest_cities_follow_the_city_by_distance(render: Any, language: str) -> None:
    made = render(PAGE, "440800", 2020, language)
    frame = made.tables["alike"].frame
    assert len(frame) == 6
    distances = frame.iloc[:, 4].astype(float)
    assert distances.iloc[0] == 0
    assert distances.is_monotonic_increasing
    assert "5.26" in frame.iloc[0, 5]
    assert frame.iloc[1, 0] in ("Maoming", "茂名市")
    facts = made.page.context.panel.observations.loc[list(made.page.context.cited)]
    cited = facts[facts["metric_id"].str.startswith("context.")].groupby("region_code")["metric_id"].nunique()
    assert cited["440900"] == 3, "each dimension of the nearest city leads to its source"


def test_few_cities_are_ranked_and_many_make_a_funnel(render: Any) -> None:
    few, many = render(PAGE, "440800", 2020, "en"), render(PAGE, "440000", 2019, "en")
    assert "phi" not in few.figures["ranked"].data
    assert "fewer than 10, this page draws the figures in order and no funnel" in few.texts["ranked"]
    assert many.figures["ranked"].data["phi"].notna().all()
    assert "no funnel" not in many.texts["ranked"]


def test_a_place_has_its_range_where_the_counts_are_exact(render: Any) -> None:
    findings = render(PAGE, "440800", 2020, "en").texts["findings"]
    assert "it is place 8, and chance alone leaves places 6 to 8 open (95% range)" in findings
    assert findings.count("chance alone") == 1, "two cities have no range"
