"""Page 7 adds no unlike documents up, tests no pair across a rule, takes no missing form for an empty one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from page_facts import put

from analysis import report
from analysis.panel import Panel
from analysis.report import disclosure_form, document_life, two_years
from analysis.report.context import Context
from analysis.report.rules_and_openness import THEME

PAGE = "07_rules_and_openness"


@pytest.fixture
def context(panel: Panel) -> Context:
    """A fresh page of Zhanjiang 2020, whose facts a test may replace."""
    page = report.open_page(PAGE, city="440800", year=2020, language="en", peers="guangdong", panel_=panel)
    return page.context


def change(context: Context, metric: str, column: str, value: object) -> None:
    """Changes a cell of the page's own facts on a metric."""
    facts = context.facts().copy()
    facts.loc[facts["metric_id"] == metric, column] = value
    put(context, facts)


@pytest.mark.parametrize(
    ("column", "value"), [("scope", "whole"), ("qualifier", ">"), ("period", "ytd-11"), ("resolution", 10.0)]
)
def test_reviews_of_another_scope_or_a_rounded_one_are_not_added_up(
    context: Context, column: str, value: object
) -> None:
    change(context, "rulemaking.department_documents_reviewed", column, value)
    assert document_life.told(context)["reviewed"] is None


def test_reviews_of_one_scope_are_added_up_and_cited(context: Context) -> None:
    reviewed = document_life.told(context)["reviewed"]
    assert reviewed["figure"] == "69"
    assert reviewed["parts"] == ["20", "49"]
    assert len(context.cited) == 2


def test_a_department_tells_nothing_of_the_life_of_documents(render: Any) -> None:
    made = render(PAGE, "420100", 2020, "en")
    assert "single departments" in made.figures["rules_life"].text
    assert "single departments" in made.texts["findings"].partition("</li>")[0]


def test_stages_without_a_figure_are_named(render: Any) -> None:
    chart = render(PAGE, "440800", 2020, "en").figures["rules_life"]
    assert "issued, repealed and in force are not reported" in chart.text.title
    assert set(chart.data["stage"]) == {"reviewed", "filed", "questioned"}


def test_no_form_is_not_an_empty_form(render: Any) -> None:
    text = render(PAGE, "440800", 2020, "en").texts["findings"]
    assert "not reported <small>disclosure requests" in text
    assert "4 single departments tell of 0 to 4 requests each (2021, 2022, 2023, 2025)" in text


def test_the_form_is_not_missed_before_it_existed(render: Any) -> None:
    page = render(PAGE, "371100", 2017, "en")
    assert "came in 2019, after the year of this edition" in page.texts["findings"]


def test_departments_and_other_levels_fill_in_no_row_of_the_form(context: Context) -> None:
    found = disclosure_form.facts(context)
    assert (found["unit_name"] == "").all()
    assert "440800" not in set(found["region_code"])
    levels = {context.panel.catalog.regions[code].level for code in found["region_code"]}
    assert levels == {"prefecture"}


def test_requests_are_rated_only_where_residents_are_known(context: Context) -> None:
    told = disclosure_form.rates(context)
    assert [(rate["city"], rate["value"], rate["interval"]) for rate in told["rates"]] == [
        ("Beihai", "17.4", "15.5–19.4")
    ]
    assert told["unrated"] == 5


def test_a_city_with_the_form_tells_its_own_lines(render: Any) -> None:
    text = render(PAGE, "330400", 2024, "en").texts["findings"]
    assert "disclosure requests received 126 (city-level organs)" in text
    assert "disclosure requests accepted 5,147 (whole area)" in text


def test_rounded_figures_and_years_parted_by_a_rule_make_no_pair(context: Context) -> None:
    found = two_years.pairs(context, THEME.domains)
    assert found["p_value"].notna().all()
    key = found[["region_code", "metric_id", "scope"]].apply(tuple, axis=1).to_list()
    assert ("330400", "oversight.disclosure_reconsiderations", "whole") not in key, "new law between"
    assert ("330500", "oversight.information_disclosed", "whole") not in key, "rounded"
    assert ("330400", "oversight.disclosure_requests_received", "own_level") in key


def test_verdicts_are_corrected_for_the_number_of_pairs() -> None:
    frame = pd.DataFrame({"p_value": [0.03, 0.2, 0.6, 0.9], "ratio": [2.0, 0.5, 1.0, 1.1]})
    assert two_years._judged(frame)["course"].to_list() == ["chance"] * 4
    assert two_years._judged(frame.head(1))["course"].to_list() == ["rose"]
    assert two_years._judged(frame.head(1).assign(ratio=0.4))["course"].to_list() == ["fell"]


def test_pairs_of_a_few_cases_stand_in_the_table_only(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    drawn, listed = made.figures["rules_course"].data, made.tables["course"].frame
    assert drawn["n"].min() >= two_years.FEWEST
    assert len(listed) > len(drawn)
    row = listed[(listed["City"] == "Jiaxing") & (listed["Before"] == "58")].iloc[0]
    assert (row["After"], row["Ratio"], row["Interval"]) == ("132", "2.28", "1.66–3.16")


def test_the_own_pairs_come_first(render: Any) -> None:
    cities = render(PAGE, "330400", 2024, "en").tables["course"].frame["City"].to_list()
    assert cities[: cities.count("Jiaxing")] == ["Jiaxing"] * 5


def test_a_county_is_set_beside_counties(render: Any) -> None:
    made = render(PAGE, "330108", 2020, "en")
    assert made.tables["course"].frame.empty
    assert not made.tables["disclosure"].frame["Body"].str.contains("Zhoukou").any()


def test_metrics_shown_of_others_have_their_cards_too(render: Any) -> None:
    cards = render(PAGE, "440100", 2022, "en").texts["cards"]
    assert "metrics.html#oversight.disclosure_requests_received" in cards
    assert "metrics.html#oversight.press_conferences" in cards
