"""A metric has one figure on a page: of the scope that is wanted first, and of the whole year."""

from __future__ import annotations

import pytest

from analysis import report
from analysis.panel import Panel
from analysis.report.amounts import by_metric
from analysis.report.context import Context

CLAIMED = "services.supervision_items_claimed"


@pytest.fixture(scope="module")
def context(panel: Panel) -> Context:
    """The page on services of Zhanjiang 2020."""
    page = report.open_page(
        "06_government_services", city="440800", year=2020, language="en", peers="guangdong", panel_=panel
    )
    return page.context


def test_a_metric_that_is_not_reported_is_left_out(context: Context) -> None:
    assert by_metric(context, ("services.no_such_metric",), ("whole", "own_level")) == {}


def test_a_part_of_the_year_counts_only_where_it_is_asked_for(context: Context) -> None:
    scopes = ("own_level", "whole", "other", "lower_level")
    facts = context.facts()
    parts = facts[facts["period"].str.startswith("ytd") & (facts["unit_name"] == "")]
    only = sorted(set(parts["metric_id"]) - set(facts.loc[~facts.index.isin(parts.index), "metric_id"]))
    assert only
    assert by_metric(context, only, scopes) == {}
    assert list(by_metric(context, only, scopes, part_year=True)) == only


@pytest.mark.parametrize("scopes", [("own_level", "lower_level"), ("lower_level", "own_level")])
def test_the_scope_named_first_is_taken(context: Context, scopes: tuple[str, str]) -> None:
    assert by_metric(context, (CLAIMED,), scopes)[CLAIMED]["scope"] == scopes[0]
