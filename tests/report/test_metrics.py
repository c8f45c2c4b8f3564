"""Every metric has one full card in both languages, graded as the comparisons grade it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from analysis import report
from analysis.catalog import LANGUAGES
from analysis.panel import Panel
from analysis.report import metric_cards, metrics
from analysis.report.context import Context
from analysis.report.sections import sections

LINES = [
    *("definition", "unit", "numerator", "denominator", "polarity", "period"),
    *("comparable", "comparator", "interval", "breaks", "caveat", "grade"),
]


def opened(panel: Panel, city: str, year: int, page: str = "metrics") -> Context:
    """The context of a fresh English page."""
    return report.open_page(
        page, city=city, year=year, language="en", peers="guangdong", panel_=panel
    ).context


def line(context: Context, metric_id: str, key: str) -> str:
    """One line of a metric's card."""
    return dict(metric_cards.rows(context, context.metric(metric_id)))[key]


def test_what_may_not_be_compared_names_no_comparator(panel: Panel) -> None:
    context = opened(panel, "440800", 2020)
    assert line(context, "oversight.wechat_posts", "comparator").startswith("no other city")
    assert "Guangdong" in line(context, "reconsideration.received", "comparator")


def test_a_percentage_without_counts_has_no_interval(panel: Panel) -> None:
    context = opened(panel, "440800", 2020)
    assert line(context, "reconsideration.sued_after_rate", "interval").startswith("none")
    assert line(context, "reconsideration.sued_after_rate", "denominator") == "not stated in the reports"
    assert "Wilson" in line(context, "reconsideration.correction_rate", "interval")
    assert line(context, "reconsideration.correction_rate", "denominator") == "Reconsideration cases closed"


@pytest.mark.parametrize(
    ("city", "year", "metric", "words"),
    [
        ("440800", 2020, "reconsideration.received", "grade B"),
        ("440800", 2020, "oversight.wechat_posts", "grade C (not comparable between cities)"),
        ("440800", 2020, "oversight.disclosure_requests_received", "no figure of Zhanjiang for 2020"),
        ("440800", 2022, "oversight.disclosure_requests_received", "single departments only"),
        ("330400", 2024, "oversight.disclosure_requests_accepted", "no population figure"),
    ],
)
def test_a_card_says_the_grade_of_the_editions_own_figure(
    panel: Panel, city: str, year: int, metric: str, words: str
) -> None:
    assert words in line(opened(panel, city, year), metric, "grade")


def test_grades_on_cards_are_those_of_the_comparison(panel: Panel) -> None:
    context = opened(panel, "440800", 2020, "03_other_cities")
    for section in sections(context):
        focus = section.rows[section.rows["role"] == "focus"].iloc[0]
        own = metric_cards.figures(context)
        same = own[(own["metric_id"] == section.metric_id) & (own["scope"] == section.scope)]
        assert (focus["grade"] == same["grade"]).all(), section.metric_id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_metric_has_one_card_with_every_line(panel: Panel, render: Any, language: str) -> None:
    made = render("metrics", "440800", 2020, language)
    cards = BeautifulSoup(made.texts["cards"], "html.parser").find_all("details")
    assert sorted(str(card["id"]) for card in cards) == sorted(panel.catalog.metrics)
    linked = re.findall(r"\]\(#([\w.]+)\)", made.texts["index"])
    assert sorted(linked) == sorted(panel.catalog.metrics)
    context = made.page.context
    heads = [context.label("card", key) for key in LINES]
    for card in cards:
        assert [head for head in heads if head not in [dt.text for dt in card.find_all("dt")]] == []
        assert all(item.text.strip() for item in card.find_all("dd")), card["id"]


def test_use_counts_every_region_once(panel: Panel) -> None:
    context = opened(panel, "440800", 2020)
    used = metrics.usage(context).loc["oversight.disclosure_requests_received"]
    facts = panel.facts(metrics=["oversight.disclosure_requests_received"], whole_area=True)
    levels = facts["region_code"].map(lambda code: panel.catalog.regions[code].level)
    assert used["prefecture"] == facts.loc[levels == "prefecture", "region_code"].nunique() == 8
    assert used["county"] == facts.loc[levels == "county", "region_code"].nunique()
    assert (used["first"], used["last"]) == (facts["year"].min(), facts["year"].max())


def test_a_figure_on_a_card_leads_to_its_evidence(render: Any) -> None:
    made = render("metrics", "440800", 2020, "en")
    assert "367 (whole area, 2020)<sup>" in made.texts["cards"]
    table = made.tables["domains"].frame
    assert table["Metrics"].sum() == len(made.page.context.panel.catalog.metrics)
    assert (table["Reported here"] >= table["Grade A or B here"]).all()


def test_a_folded_card_links_to_the_full_one(panel: Panel, render: Any) -> None:
    cards = render("03_other_cities", "440800", 2020, "en").texts["cards"]
    links = re.findall(r'href="metrics\.html#([\w.]+)"', cards)
    assert links
    assert set(links) <= set(panel.catalog.metrics)
    assert "<details open" not in cards
