"""Page 5 adds up what may be added, keeps counting rules apart, takes no certificate for an exam passed."""

from __future__ import annotations

from typing import Any

import pytest
from page_facts import put

from analysis import report
from analysis.figures import Chart
from analysis.panel import Panel
from analysis.report import Prose, acts
from analysis.report.context import Context

PAGE = "05_law_enforcement"


@pytest.fixture
def context(panel: Panel) -> Context:
    """A fresh page of Zhanjiang 2020, whose facts a test may replace."""
    page = report.open_page(PAGE, city="440800", year=2020, language="en", peers="guangdong", panel_=panel)
    return page.context


def alter(context: Context, metric: str, **cells: Any) -> None:
    """Replaces cells of the city's fact on a metric, for this page only."""
    facts = context.facts().copy()
    for column, cell in cells.items():
        facts.loc[facts["metric_id"] == metric, column] = cell
    put(context, facts)


def test_departments_figures_are_no_acts_of_the_city(render: Any) -> None:
    made = render(PAGE, "440800", 2021, "en")
    assert [name for name, figure in made.figures.items() if isinstance(figure, Chart)] == []
    assert made.tables["scale"].frame.empty
    assert "told by single departments" in made.texts["findings"]
    assert "nearest year with figures for the city is 2020" in made.texts["findings"]


def test_a_campaign_of_two_days_is_no_year_of_inspections(render: Any) -> None:
    made = render(PAGE, "440800", 2024, "en")
    assert isinstance(made.figures["enforcement_acts"], Prose)
    assert "acts of" not in made.texts["findings"]


def test_a_planned_batch_is_not_added_to_the_powers_in_force(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    data = made.figures["town_powers"].data.set_index("metric_id")["value"]
    assert "enforcement.town_powers_batch2" not in data.index
    assert data.drop("enforcement.town_powers_batch1").sum() == data["enforcement.town_powers_batch1"] == 4140


@pytest.mark.parametrize(("penalties", "words"), [(3700, "leave 4 of 4,140"), (3710, "exceed the 4,140")])
def test_kinds_that_do_not_add_up_are_said_to(context: Context, penalties: int, words: str) -> None:
    alter(context, "enforcement.town_powers_penalty", value=float(penalties))
    figure = report.Page(context).figure("town_powers")
    assert isinstance(figure, Chart)
    assert words in figure.text.title


def test_burdens_and_rates_of_zhanjiang(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    for number in ("86.1%", "248,208", "20,095", "10.6", "3,704 + 248 + 188 = 4,140", "72.4"):
        assert number in made.texts["findings"]
    penalties = made.figures["enforcement_acts"].data.set_index("metric_id").loc["enforcement.penalties"]
    assert penalties["rate"] == pytest.approx(100_000 * 16_293 / 6_981_236)
    assert penalties["lower"] < penalties["rate"] < penalties["upper"]


def test_a_rounded_count_has_a_rate_and_no_interval(context: Context) -> None:
    alter(context, "enforcement.penalties", resolution=100.0)
    data = acts.figure(context).data.set_index("metric_id")
    assert data.loc["enforcement.penalties", ["lower", "upper"]].isna().all()
    assert data.loc["enforcement.penalties", "rate"] > 0
    assert data.loc["enforcement.permits", "upper"] > 0


def test_another_counting_rule_is_shown_for_scale_and_placed_nowhere(render: Any) -> None:
    made = render(PAGE, "440800", 2020, "en")
    rows = made.tables["scale"].frame
    assert set(rows["What is counted"]) == {
        "case files disclosed on a platform",
        "decisions in a yearly disclosure report",
    }
    assert set(made.tables["reported"].frame.iloc[:, -1]) == {"not compared"}


def test_one_kind_of_act_makes_no_share(context: Context) -> None:
    facts = context.facts()
    others = [key for key in acts.ACTS if key != "enforcement.permits"]
    put(context, facts[~facts["metric_id"].isin(others)])
    assert acts.made_up(context) is None
    assert isinstance(acts.figure(context), Prose)
