"""Frame in, same frame out: columns, index, types and what they say."""

import numpy as np
import pandas as pd
import pytest
from fair_cases import cases_of, frame_of, rates, shares

from analysis import stats
from analysis.stats import Cases

UNITS = pd.DataFrame(
    {
        "cases": [12, 30, 45, 9, 60, 22, 31, 18, 77, 40, 5, 66],
        "closed": [90, 110, 150, 60, 130, 80, 95, 70, 200, 160, 40, 140],
        "population": [7e6, 5e6, 6e6, 3e6, 1e6, 3e6, 4e6, 5e6, 2e6, 1.8e7, 4e6, 1e6],
        "note": "kept",
    },
    index=[7, 3, 3, *range(20, 29)],
)
PAIRS = {"numerator_before": "cases", "denominator_before": "closed"}
CALLS = {
    "wilson_interval": lambda frame: stats.wilson_interval(frame, numerator="cases", denominator="closed"),
    "poisson_interval": lambda frame: stats.poisson_interval(frame, count="cases", exposure="population"),
    "change_in_counts": lambda frame: stats.change_in_counts(
        frame, count_before="cases", count_after="closed"
    ),
    "change_in_proportions": lambda frame: stats.change_in_proportions(
        frame, **PAIRS, numerator_after="cases", denominator_after="population"
    ),
}
OF_CASES = {"funnel": stats.funnel, "ranks": stats.ranks}


@pytest.mark.parametrize("name", CALLS)
def test_same_frame_comes_out_with_the_result_beside_it(name):
    before = UNITS.copy()
    result = CALLS[name](UNITS)
    pd.testing.assert_frame_equal(UNITS, before)
    pd.testing.assert_frame_equal(result[UNITS.columns.tolist()], UNITS)
    assert {"lower", "upper", "statistic", "method", "n", "refusal"} <= set(result.columns)
    assert (result["refusal"] == "").all()
    assert result[["lower", "upper", "n"]].notna().all(axis=None)
    assert result["n"].dtype == "Int64"


@pytest.mark.parametrize("name", CALLS)
def test_empty_frame_comes_out_with_the_same_columns(name):
    full, empty = CALLS[name](UNITS), CALLS[name](UNITS.iloc[:0])
    assert empty.empty
    assert empty.columns.tolist() == full.columns.tolist()
    assert empty.dtypes.astype(str).tolist() == full.dtypes.astype(str).tolist()


@pytest.mark.parametrize("name", OF_CASES)
def test_cases_come_out_as_cases_and_again_the_same(name):
    cases = cases_of()
    result = OF_CASES[name](cases)
    assert isinstance(result, Cases)
    pd.testing.assert_frame_equal(pd.DataFrame(result[cases.columns.tolist()]), pd.DataFrame(cases))
    pd.testing.assert_frame_equal(OF_CASES[name](result), result)
    empty = OF_CASES[name](cases.head(0))
    assert empty.columns.tolist() == result.columns.tolist()
    assert stats.place(result).rank == stats.place(cases).rank


def test_an_interval_computed_anew_replaces_the_old_and_keeps_the_cases():
    cases = cases_of()
    again = stats.poisson_interval(cases, count="value", exposure="residents")
    assert isinstance(again, Cases)
    pd.testing.assert_frame_equal(pd.DataFrame(again[cases.columns.tolist()]), pd.DataFrame(cases))
    wide = stats.poisson_interval(cases, count="value", exposure="residents", level=0.998)
    assert (wide["lower"] < cases["lower"]).all()
    assert set(wide["method"]) == {"exact Poisson (Garwood), 99.8 %"}


def test_n_is_the_denominator_of_a_proportion_and_the_count_of_a_rate():
    assert CALLS["wilson_interval"](UNITS)["n"].tolist() == UNITS["closed"].tolist()
    assert CALLS["poisson_interval"](UNITS)["n"].tolist() == UNITS["cases"].tolist()
    assert CALLS["change_in_counts"](UNITS)["n"].tolist() == (UNITS["cases"] + UNITS["closed"]).tolist()


@pytest.mark.parametrize(
    ("multiplier", "words"), [(100_000, "rate per 100,000"), (1, "rate per 1"), (2.5, "rate per 2.5")]
)
def test_statistic_names_the_multiplier(multiplier, words):
    result = stats.poisson_interval(UNITS, count="cases", exposure="population", multiplier=multiplier)
    assert set(result["statistic"]) == {words}
    assert result["rate"].iloc[0] == pytest.approx(12 / 7e6 * multiplier)


@pytest.mark.parametrize(("level", "words"), [(0.95, "95 %"), (0.998, "99.8 %"), (0.9, "90 %")])
def test_method_names_the_level(level, words):
    result = stats.wilson_interval(UNITS, numerator="cases", denominator="closed", level=level)
    assert set(result["method"]) == {f"Wilson score, {words}"}


def test_per_cent_is_a_scale_of_the_same_interval():
    one = CALLS["wilson_interval"](UNITS)
    hundred = stats.wilson_interval(UNITS, numerator="cases", denominator="closed", multiplier=100)
    np.testing.assert_allclose(hundred[["rate", "lower", "upper"]], 100 * one[["rate", "lower", "upper"]])
    assert hundred["n"].tolist() == one["n"].tolist()


def test_units_without_exact_counts_do_not_count_as_entered():
    frame = frame_of()
    frame.loc[104, "count"] = np.nan
    result = stats.funnel(cases_of(frame))
    assert result["units"].dropna().eq(9).all()
    assert result["funnel_refusal"].tolist() == [""] * 4 + ["count_missing"] + [""] * 5


def test_signals_follow_the_limits_that_are_drawn():
    result = stats.funnel(shares(UNITS["cases"], UNITS["closed"]))
    for signal, prefix in (("signal", ""), ("plain_signal", "plain_")):
        beyond = [
            (result["rate"] < result[f"{prefix}low_{suffix}"])
            | (result["rate"] > result[f"{prefix}high_{suffix}"])
            for suffix in ("95", "998")
        ]
        expected = np.select([beyond[1], beyond[0]], ["outside 99.8 %", "outside 95 %"], default="")
        assert result[signal].tolist() == expected.tolist()
    assert set(result["plain_signal"]) == {"", "outside 95 %", "outside 99.8 %"}


def test_a_funnel_says_something_only_if_it_sets_some_of_ten_apart():
    apart = stats.funnel(rates([100] * 12 + [160], [1000.0] * 13))
    assert apart["signal"].tolist()[-1] == "outside 99.8 %"
    assert stats.separates(apart)
    assert not stats.separates(stats.funnel(rates([100] * 13, [1000.0] * 13)))
    assert not stats.separates(stats.funnel(rates([100] * 8 + [160], [1000.0] * 9)))


def test_limits_of_a_case_lie_on_the_curve():
    for cases in (cases_of(), shares(UNITS["cases"], UNITS["closed"], per=100)):
        result = stats.funnel(cases)
        curve = stats.funnel_curve(result)
        assert (curve["exposure"].iloc[0], curve["exposure"].iloc[-1]) == (
            pytest.approx(cases["exposure"].min() / 1.25),
            pytest.approx(cases["exposure"].max() * 1.25),
        )
        for name in stats.LIMITS:
            drawn = np.interp(np.log(cases["exposure"]), np.log(curve["exposure"]), curve[name])
            assert result[name].tolist() == pytest.approx(drawn.tolist(), rel=0.03, abs=0.03)
    assert stats.funnel_curve(stats.funnel(rates([0], [1.0]))).empty


def test_fewer_than_four_units_have_no_quarter():
    three, four = stats.ranks(cases_of().head(3)), stats.ranks(cases_of().head(4))
    assert three["p_top_quarter"].isna().all()
    assert four["p_top_quarter"].sum() == pytest.approx(1)
    assert three["units"].tolist() == [3, 3, 3]


def test_same_seed_gives_the_same_ranks_and_another_seed_does_not():
    def chances(seed: int) -> list[float]:
        return stats.ranks(cases_of(), seed=seed)["p_top_quarter"].tolist()

    assert chances(1) == chances(1)
    assert chances(1) != chances(2)


def test_adjusting_keeps_what_the_comparison_found():
    found = CALLS["change_in_counts"](UNITS)
    result = stats.benjamini_hochberg(found)
    pd.testing.assert_frame_equal(result[found.columns.tolist()], found)
    assert set(result["tests"]) == {12}


def test_very_large_counts_leave_the_e_test_out_and_keep_the_other():
    frame = pd.DataFrame({"count_before": [500_000], "count_after": [503_000]})
    row = stats.change_in_counts(frame).iloc[0]
    assert np.isnan(row["p_value_e_test"])
    assert row["p_value"] == pytest.approx(0.00275, abs=1e-5)
    assert row["refusal"] == ""
