"""Page 6 keeps shares of different lists apart, ranks no supply, and derives no more than the digits hold."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from page_facts import put

from analysis import report
from analysis.panel import Panel
from analysis.report import Prose, government_services, highlights, online
from analysis.report.context import Context

PAGE = "06_government_services"


@pytest.fixture
def context(panel: Panel) -> Context:
    """A fresh page of Zhanjiang 2020, whose facts a test may replace."""
    page = report.open_page(PAGE, city="440800", year=2020, language="en", peers="guangdong", panel_=panel)
    return page.context


def keep(context: Context, *metrics: str, without: bool = False) -> None:
    """Leaves the page only, or all but, the facts on these metrics."""
    facts = context.facts()
    put(context, facts[facts["metric_id"].isin(metrics) != without])


def test_a_city_without_figures_gets_no_headings_of_empty_sections(render: Any) -> None:
    made = render(PAGE, "420100", 2020, "en")
    assert [made.texts[name] for name in ("labels", "hall", "promises")] == ["", "", ""]
    assert all(isinstance(figure, Prose) for figure in made.figures.values())
    assert made.tables["halls"].frame.empty
    assert "88.45" in made.texts["index"]


def test_an_index_of_a_later_year_is_not_told(render: Any) -> None:
    assert "no score" in render(PAGE, "310000", 2014, "en").texts["index"]


def test_a_share_of_another_scope_the_year_before_is_no_change(render: Any) -> None:
    text = render(PAGE, "440800", 2021, "en").texts["findings"]
    assert "97.05% ≠ 99.35%" in text
    assert "neither a rise nor a fall" in text


def test_a_ratio_across_a_new_rule_is_no_finding(render: Any) -> None:
    made = render(PAGE, "460100", 2022, "en")
    metrics = {step["label"] for step in highlights.highlights(made.page.context, _theme())["steps"]}
    assert "12345 hotline requests" not in metrics, "other hotlines were merged into it in 2021"


def test_shares_called_online_keep_their_lists(context: Context) -> None:
    frame = online.shares(context).set_index("metric_id")
    assert frame["value"].round(2).tolist() == [99.35, 94.22, 91.33, 68.59]
    assert frame.loc[online.HALL_ONLINE, "role"] == "other"
    window = frame.loc[online.AVAILABLE, ["lower", "upper"]].tolist()
    assert window == pytest.approx([99.345, 99.36]), "half up or truncated"


def test_one_share_is_not_drawn(context: Context) -> None:
    keep(context, online.AVAILABLE)
    assert isinstance(online.online_figure(context), Prose)
    assert online.spread(context) is None
    assert online.remainders(context) is None


def test_remainders_of_two_scopes_are_not_divided(context: Context) -> None:
    facts = context.facts().copy()
    facts.loc[facts["metric_id"] == online.FULL, "scope"] = "whole"
    put(context, facts)
    assert online.remainders(context) is None


def test_the_least_list_gives_all_digits_and_no_shorter_one_does(context: Context) -> None:
    found = online.least_base(context)
    assert found is not None

    def fits(base: int) -> bool:
        near = [(base * share // 100 + step, share) for share in (99.35, 94.22, 89.92) for step in (0, 1)]
        told = {share for count, share in near if share - 0.005 <= 100 * count / base < share + 0.01}
        return len(told) == 3

    assert fits(found["base"])
    assert not any(fits(base) for base in range(1, found["base"]))


def test_a_rate_of_one_digit_less_needs_a_shorter_list(context: Context) -> None:
    exact = online.least_base(context)
    facts = context.facts().copy()
    facts["printed"] = facts["printed"].where(facts["metric_id"] != online.FULL, "94")
    put(context, facts)
    rounded = online.least_base(context)
    assert exact is not None
    assert rounded is not None
    assert rounded["base"] < exact["base"]


def test_labels_of_hall_items_overlap(context: Context) -> None:
    frame = online.hall_labels(context)
    assert dict(zip(frame["metric_id"], frame["count"], strict=True))["services.items_once"] == 898
    assert frame["value"].sum() > 100
    keep(context, online.HALL_ITEMS, without=True)
    assert online.hall_labels(context).empty


def test_part_of_a_year_is_given_per_month_and_not_ranked(render: Any) -> None:
    rows = render(PAGE, "440800", 2020, "en").tables["halls"].frame
    assert rows.iloc[0].tolist()[0] == "Zhanjiang"
    assert rows.iloc[0].tolist()[-1] == "more than 807"
    assert "no population figure to rate it by" in set(rows.iloc[:, -1])


def _theme() -> Any:
    return government_services.THEME


def test_the_implied_catalogue_is_the_audits(context: Context) -> None:
    found = online.catalogue(context)
    assert found is not None
    assert (found["missing_lower"], found["missing_upper"]) == (983, 984)
    keep(context, "services.items_online", without=True)
    assert online.catalogue(context) is None


def test_what_is_drawn_is_what_the_csv_holds(render: Any) -> None:
    data = render(PAGE, "440800", 2020, "zh").figures["services_online"].data
    assert isinstance(data, pd.DataFrame)
    assert data["value"].is_monotonic_decreasing
