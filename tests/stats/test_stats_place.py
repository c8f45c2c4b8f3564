"""A place among comparable others: drops change it, chance leaves a range, refusals are words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fair_cases import CITIES, COUNTS, RESIDENTS, cases_of, frame_of

from analysis.stats import place
from analysis.stats.cases import REQUIRED


def test_one_city_left_out_gives_the_new_place():
    cases = cases_of()
    rates = dict(zip(CITIES, np.divide(COUNTS, RESIDENTS), strict=True))
    above = [name for name in CITIES if rates[name] > rates["湛江市"]]
    before = place(cases, "440800")
    assert (before.rank, before.n, before.few) == (len(above) + 1, 10, False)
    after = place(cases[cases["name"] != above[0]], "440800")
    assert (after.rank, after.n, after.few) == (len(above), 9, True)
    fewer = place(cases.query("name != '阳江市'"))
    assert rates["阳江市"] < rates["湛江市"]
    assert (fewer.rank, fewer.n) == (before.rank, before.n - 1)


def test_place_says_what_it_rests_on():
    cases = cases_of()
    here = place(cases, "440800")
    assert (here.region_code, here.name) == ("440800", "湛江市")
    assert here.value == pytest.approx(368 / 6_981_236 * 100_000)
    assert (here.lower, here.upper) == tuple(cases.loc[100, ["lower", "upper"]])
    assert here.rows == tuple(range(100, 110))
    assert "10,000 draws" in here.method
    assert here
    assert here == place(cases, "湛江市") == place(cases)
    shuffled = place(cases.sample(frac=1, random_state=1))
    assert replace(shuffled, rows=here.rows) == here


@pytest.mark.parametrize("kind", ["rate", "proportion"])
def test_range_of_places_is_that_of_another_simulation(kind):
    per = 100_000 if kind == "rate" else 100
    base = np.array(RESIDENTS) / per if kind == "rate" else 2 * np.array(COUNTS) + 40
    exposure = base * per if kind == "rate" else base
    cases = cases_of(frame_of(exposure=exposure, kind=kind, per=per), kind=kind, per=per)
    generator, half, size = np.random.default_rng(1), np.array(COUNTS) + 0.5, (40_000, len(COUNTS))
    if kind == "rate":
        drawn = generator.gamma(half, 1 / base, size)
    else:
        drawn = generator.beta(half, base - half + 1, size)
    expected = pd.DataFrame(drawn, columns=CITIES).rank(axis=1, ascending=False).quantile([0.025, 0.5, 0.975])
    for name in CITIES:
        got = place(cases, name)
        ends = [got.rank_lower, got.rank_median, got.rank_upper]
        assert np.abs(expected[name] - ends).max() <= 1
        assert got.rank_lower <= got.rank <= got.rank_upper


def test_figure_without_exact_counts_keeps_its_place_without_a_range():
    frame = frame_of()
    frame.loc[100, ["count", "lower", "upper"]] = np.nan
    rounded = place(cases_of(frame))
    assert rounded.rank == place(cases_of()).rank
    assert (rounded.rank_lower, rounded.rank_median, rounded.rank_upper, rounded.method) == (
        None,
        None,
        None,
        "",
    )
    assert place(cases_of(frame), "茂名市").rank_lower is not None
    assert place(cases_of(frame_of(), kind="figure")).rank_upper is None


def test_equal_values_share_the_smaller_place():
    cases = cases_of(frame_of([5, 9, 9, 2], [100_000] * 4))
    assert [place(cases, name).rank for name in CITIES[:4]] == [3, 1, 1, 4]


def refused(here):
    assert not here
    assert (here.rank, here.rank_lower) == (0, None)
    assert np.isnan(here.value)
    return here.why, here.why_zh


def test_refusals_are_words_in_both_languages():
    frame = frame_of()
    frame.loc[100, ["grade", "reason", "reason_text"]] = ["C", "part_year", "1–11月"]
    assert refused(place(cases_of(frame))) == (
        "the figure of 湛江市 is not compared: 1–11月",
        "湛江市的数字不作比较：1–11月",
    )
    frame.loc[101, "role"] = "context"
    assert refused(place(cases_of(frame), "茂名市"))[1] == "茂名市的数字不作比较"
    cases = cases_of()
    assert refused(place(cases.iloc[1:])) == ("湛江市 was left out of these cases", "所选范围不含湛江市")
    assert refused(place(cases.head(2))) == (
        "comparable figures: 2, fewer than the 3 that a place needs",
        "可比数字仅2个，不足3个，不排位次",
    )
    others = frame_of().iloc[1:]
    assert refused(place(cases_of(others))) == (
        "the panel holds no figure of 湛江市 for 2020 on applications received",
        "数据集未收录湛江市2020年的新收申请",
    )
    assert "999999" in place(cases, "999999").why
    assert refused(place(cases_of(frame_of().head(0))))[1] == "数据集未收录湛江市2020年的新收申请"


def test_frame_of_nothing_but_names_is_accepted():
    empty = pd.DataFrame(columns=list(REQUIRED), index=pd.Index([], name="row"))
    assert not place(cases_of(empty))
    assert len(cases_of(empty).refused) == len(cases_of(empty).others) == 0
