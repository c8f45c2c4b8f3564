"""The second release of the mined facts, as it stands in data/: what moved, and what may not be compared."""

from __future__ import annotations

import frictionless
import pytest
from repository import ROOT

from analysis.panel import Panel

DIRECT = "reconsideration.direct_correction_rate"
NEVER_RANKED = [
    "oversight.information_disclosed",
    "oversight.key_field_items",
    "oversight.new_media_posts",
    "oversight.website_posts",
    "oversight.wechat_posts",
    "pandemic.information_disclosed",
]
MOVED = {
    ("000000", 2007): 11.12,
    ("000000", 2020): 14.6,
    ("110000", 2022): 13.4,
    ("110000", 2024): 8.9,
    ("500000", 2020): 13.38,
    ("500000", 2021): 10.97,
    ("610000", 2016): 20.0,
}


def test_frictionless_finds_the_package_valid() -> None:
    report = frictionless.validate(str(ROOT / "data" / "datapackage.json"))
    assert report.flatten(["title", "type", "note"]) == []
    assert report.valid


def test_the_release_is_there(panel: Panel) -> None:
    known = panel.catalog
    assert len(known.metrics) == 222
    assert len(known.regions) == 507
    census = panel.facts(metrics=["context.population"], year=2020)
    cities = {code for code, item in known.regions.items() if item.level == "prefecture"}
    assert cities <= set(census.loc[census["period"] == "at-2020-11-01", "region_code"])


@pytest.mark.parametrize(("place", "value"), MOVED.items())
def test_rates_printed_as_direct_are_direct_rates(panel: Panel, place: tuple[str, int], value: float) -> None:
    assert panel.facts(*place, metrics=[DIRECT])["value"].tolist() == [value]
    assert panel.facts(*place, metrics=["reconsideration.correction_rate"]).query("period == 'full'").empty


def test_the_correction_met_the_row_that_moved(panel: Panel) -> None:
    assert panel.facts("500000", 2021, [DIRECT])["correction"].tolist() == ["flag"]


def test_a_hundred_of_272_is_a_direct_rate(panel: Panel) -> None:
    metric = panel.catalog.metrics[DIRECT]
    facts = panel.facts("440800", 2020).set_index("metric_id")["value"]
    assert facts[list(metric.numerators)].sum() == 100
    assert facts[list(metric.denominators)].sum() == 272
    rule = next(item for item in panel.identities.rates if item.rate == DIRECT)
    assert metric.numerators in rule.numerators
    assert rule.denominators[0] in metric.denominators


@pytest.mark.parametrize("name", NEVER_RANKED)
def test_items_disclosed_are_shown_with_the_reason_and_never_ranked(panel: Panel, name: str) -> None:
    metric = panel.catalog.metrics[name]
    assert metric.comparable == "no"
    assert metric.polarity == "neutral"
    assert "never ranked" in metric.caveat_en
    assert "不作排名" in metric.caveat_zh


def test_every_metric_is_defined_in_both_languages(panel: Panel) -> None:
    texts = ("definition_en", "definition_zh", "caveat_en", "caveat_zh", "period_rule")
    lacking = [
        (item.metric_id, name)
        for item in panel.catalog.metrics.values()
        for name in texts
        if not getattr(item, name)
    ]
    assert lacking == []
