"""Only what may be compared is compared; what may not is there with its reason."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import compare, stats
from analysis.errors import InputError
from analysis.panel import Panel
from analysis.stats import Cases

RECEIVED = "reconsideration.received"


@pytest.fixture(scope="module")
def cases(panel: Panel) -> Cases:
    return compare.fair(panel, RECEIVED, 2020, "湛江", "guangdong")


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"metric_id": "reconsideration.recieved"}, RECEIVED),
        ({"city": "Zhanjang"}, "Zhanjiang"),
        ({"peers": "guangdon"}, "guangdong"),
        ({"peers": ["440800", "Guangzho"]}, "Guangzhou"),
    ],
)
def test_a_typo_is_an_error_that_names_the_closest(panel: Panel, given: dict[str, object], near: str) -> None:
    good: dict[str, object] = {"metric_id": RECEIVED, "year": 2020, "city": "440800", "peers": "all"}
    with pytest.raises(InputError, match=near):
        compare.fair(panel, **{**good, **given})  # type: ignore[arg-type]


def test_a_metric_goes_by_its_label_too(panel: Panel, cases: Cases) -> None:
    found = compare.fair(panel, cases.label_zh, 2020, "440800", "guangdong")
    assert (found.metric_id, found.index.tolist()) == (RECEIVED, cases.index.tolist())


def test_a_refused_row_takes_no_place(panel: Panel) -> None:
    sections = compare.all_fair(panel, "440800", 2020)
    refused = [cases for cases in sections.values() if len(cases.refused)]
    assert refused
    for cases in refused:
        assert (cases.refused["reason"] != "").all()
        assert set(cases.refused.index) & set(cases.comparable.index) == set()


def test_the_portal_s_items_are_not_the_city_s(panel: Panel) -> None:
    posts = compare.fair(panel, "oversight.website_posts", 2020, "440800")
    assert posts.comparable.empty
    assert posts.refused.loc[posts.refused["role"] == "focus", "reason"].tolist() == ["not_comparable"]


def test_every_interval_has_method_and_n(cases: Cases) -> None:
    exact = cases[cases["lower"].notna()]
    assert set(cases.comparable.index) <= set(exact.index)
    assert (exact["method"] == "exact Poisson (Garwood), 95 %").all()
    assert (exact["n"] == exact["count"]).all()


def test_zhanjiang_s_rate_is_the_known_one(cases: Cases) -> None:
    mine = cases[cases["role"] == "focus"].iloc[0]
    assert (round(mine["rate"], 2), round(mine["lower"], 2), round(mine["upper"], 2)) == (5.26, 4.73, 5.82)


def test_leaving_a_city_out_gives_a_new_place_from_the_rows(cases: Cases) -> None:
    before = stats.place(cases)
    lowest = cases.comparable.sort_values("rate").iloc[0]["name"]
    after = stats.place(cases[cases["name"] != lowest])
    assert (before.rank, before.n) == (8, 9)
    assert (after.rank, after.n) == (8, 8)
    assert after.rank_upper == 8


def test_filters_sorts_and_assigns_keep_the_type(cases: Cases) -> None:
    kept = cases.query("rate > 1").sort_values("rate").assign(mine=1)
    assert isinstance(kept, Cases)
    assert kept.metric_id == RECEIVED


def test_a_merge_loses_it_and_is_refused(cases: Cases) -> None:
    merged = cases.merge(pd.DataFrame({"region_code": ["440800"], "x": [1]}), on="region_code")
    with pytest.raises(InputError, match=r"compare\.fair"):
        stats.place(merged)


def test_who_the_others_are_is_said(cases: Cases) -> None:
    text = compare.others(cases, "en")
    assert "7 of the 8 others are in Hubei" in text
    assert "6 figures come from one source" in text
    assert "其余8地中，7地属" in compare.others(cases, "zh")


def test_context_is_the_nation_and_the_provinces_of_those_compared(cases: Cases, panel: Panel) -> None:
    provinces = set(cases.loc[cases["role"] != "context", "province_code"])
    assert set(cases.context["region_code"]) <= provinces | {"000000"}
    assert (cases.context["grade"] != "C").all()


def test_a_share_gets_its_interval_from_its_counts_only(panel: Panel) -> None:
    shares = compare.fair(panel, "mediation.success_rate", 2020, "440800")
    known = shares["denominator" if "denominator" in shares else "exposure"].notna()
    assert (shares["lower"].notna() == known).all()
    assert (shares.loc[known, "lower"] <= shares.loc[known, "rate"] + 0.1).all()
    assert (shares.loc[known, "upper"] >= shares.loc[known, "rate"] - 0.1).all()


def test_other_rates_per_other_numbers(panel: Panel, cases: Cases) -> None:
    million = compare.fair(panel, RECEIVED, 2020, "440800", "guangdong", per=1_000_000)
    assert million["rate"].to_numpy() == pytest.approx(cases["rate"].to_numpy() * 10)


def test_the_nation_has_nobody_beside_it(panel: Panel) -> None:
    nation = compare.fair(panel, RECEIVED, 2020, "000000", ["000000"])
    assert nation.others.empty
    assert not stats.place(nation)


def test_a_city_without_figures_has_empty_cases(panel: Panel) -> None:
    nothing = compare.fair(panel, "legal_aid.cases", 2007, "440800")
    assert nothing.comparable.query("role == 'focus'").empty
    assert not stats.place(nothing)
    assert compare.others(nothing.iloc[:0], "en") == ""


def test_the_overview_leads_to_the_city_s_own_rows(panel: Panel) -> None:
    overview = compare.all_fair(panel, "440800", 2020).overview
    own = panel.observations.loc[overview.index]
    assert (own["region_code"] == "440800").all()
    assert (own["metric_id"].to_numpy() == overview["metric_id"].to_numpy()).all()
    assert overview["metric_id"].iloc[0] == RECEIVED


def test_residents_are_of_the_year_or_of_the_nearest_census(panel: Panel) -> None:
    for year in (2012, 2020):
        known = compare.residents(panel, year)
        own = panel.observations.loc[known["residents_row"]]
        assert (own["metric_id"] == "context.population").all()
        assert (own["value"].to_numpy() == known["residents"].to_numpy()).all()
        assert set(known["residents_year"]) <= {year, 2010, 2020}
