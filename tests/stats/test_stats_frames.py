"""Frame in, same frame out: columns, index, labels and what they say."""

import numpy as np
import pandas as pd
import pytest

from analysis import stats

UNITS = pd.DataFrame(
    {
        "city": list("abcdefghijkl"),
        "cases": [12, 30, 45, 9, 60, 22, 31, 18, 77, 40, 5, 66],
        "closed": [90, 110, 150, 60, 130, 80, 95, 70, 200, 160, 40, 140],
        "population": [7e6, 5e6, 6e6, 3e6, 1e6, 3e6, 4e6, 5e6, 2e6, 1.8e7, 4e6, 1e6],
        "note": "kept",
    },
    index=[7, 3, 3, *range(20, 29)],
)
CALLS = {
    "wilson_interval": lambda frame: stats.wilson_interval(frame, numerator="cases", denominator="closed"),
    "poisson_interval": lambda frame: stats.poisson_interval(frame, count="cases", exposure="population"),
    "change_in_counts": lambda frame: stats.change_in_counts(
        frame, count_before="cases", count_after="closed"
    ),
    "change_in_proportions": lambda frame: stats.change_in_proportions(
        frame,
        numerator_before="cases",
        denominator_before="closed",
        numerator_after="cases",
        denominator_after="population",
    ),
    "funnel_proportions": lambda frame: stats.funnel_proportions(
        frame, unit="city", numerator="cases", denominator="closed"
    ),
    "funnel_rates": lambda frame: stats.funnel_rates(
        frame, unit="city", count="cases", exposure="population"
    ),
    "rank_proportions": lambda frame: stats.rank_proportions(
        frame, unit="city", numerator="cases", denominator="closed"
    ),
    "rank_rates": lambda frame: stats.rank_rates(frame, unit="city", count="cases", exposure="population"),
    "shrink_rates": lambda frame: stats.shrink_rates(
        frame, unit="city", count="cases", exposure="population"
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_same_frame_comes_out_with_the_result_beside_it(name):
    before = UNITS.copy()
    result = CALLS[name](UNITS)
    pd.testing.assert_frame_equal(UNITS, before)
    pd.testing.assert_frame_equal(result[UNITS.columns.tolist()], UNITS)
    added = [column for column in result.columns if column not in UNITS.columns]
    assert set(stats.RESULT_COLUMNS) <= set(added)
    assert (result["refusal"] == "").all()
    assert result[["value", "lower", "upper", "n"]].notna().all(axis=None)
    assert result["n"].dtype == "Int64"


@pytest.mark.parametrize("name", CALLS)
def test_empty_frame_comes_out_with_the_same_columns(name):
    full, empty = CALLS[name](UNITS), CALLS[name](UNITS.iloc[:0])
    assert empty.empty
    assert empty.columns.tolist() == full.columns.tolist()
    assert empty.dtypes.astype(str).tolist() == full.dtypes.astype(str).tolist()


def test_n_is_the_denominator_of_a_proportion_and_the_count_of_a_rate():
    assert CALLS["wilson_interval"](UNITS)["n"].tolist() == UNITS["closed"].tolist()
    assert CALLS["funnel_proportions"](UNITS)["n"].tolist() == UNITS["closed"].tolist()
    assert CALLS["rank_proportions"](UNITS)["n"].tolist() == UNITS["closed"].tolist()
    for name in ("poisson_interval", "funnel_rates", "rank_rates", "shrink_rates"):
        assert CALLS[name](UNITS)["n"].tolist() == UNITS["cases"].tolist()
    assert CALLS["change_in_counts"](UNITS)["n"].tolist() == (UNITS["cases"] + UNITS["closed"]).tolist()


@pytest.mark.parametrize(
    ("multiplier", "words"), [(100_000, "rate per 100,000"), (1, "rate per 1"), (2.5, "rate per 2.5")]
)
def test_statistic_names_the_multiplier(multiplier, words):
    result = stats.poisson_interval(UNITS, count="cases", exposure="population", multiplier=multiplier)
    assert set(result["statistic"]) == {words}
    assert result["value"].iloc[0] == pytest.approx(12 / 7e6 * multiplier)


@pytest.mark.parametrize(("level", "words"), [(0.95, "95 %"), (0.998, "99.8 %"), (0.9, "90 %")])
def test_method_names_the_level(level, words):
    result = stats.wilson_interval(UNITS, numerator="cases", denominator="closed", level=level)
    assert set(result["method"]) == {f"Wilson score, {words}"}


def test_few_units_are_called_few_and_ten_are_not():
    for name in ("funnel_rates", "funnel_proportions", "rank_rates", "shrink_rates"):
        nine, ten = CALLS[name](UNITS.head(9)), CALLS[name](UNITS.head(10))
        assert set(nine["caution"]) == {"few units: fewer than 10"}
        assert "few units" not in "".join(ten["caution"])


def test_unit_that_is_refused_does_not_count_towards_ten():
    ten = UNITS.head(10).astype({"cases": float})
    ten.iloc[0, ten.columns.get_loc("cases")] = np.nan
    result = CALLS["funnel_rates"](ten)
    assert result["caution"].tolist() == ["", *["few units: fewer than 10"] * 9]


def test_common_rate_is_given_where_chance_explains_the_spread():
    frame = pd.DataFrame({"region_code": list("abc"), "count": [10, 20, 31], "exposure": [1.0, 2.0, 3.0]})
    result = stats.shrink_rates(frame, multiplier=1)
    assert np.allclose(result["value"], 61 / 6)
    assert result[["lower", "upper"]].isna().all(axis=None)
    assert set(result["caution"]) == {
        "few units: fewer than 10; no spread beyond chance: the common rate is given, without limits"
    }


def test_signals_follow_the_limits_that_are_drawn():
    result = CALLS["funnel_rates"](UNITS)
    for signal, prefix in (("signal", ""), ("plain_signal", "plain_")):
        beyond = [
            (result["value"] < result[f"{prefix}lower{suffix}"])
            | (result["value"] > result[f"{prefix}upper{suffix}"])
            for suffix in ("", "_998")
        ]
        expected = np.select([beyond[1], beyond[0]], ["outside 99.8 %", "outside 95 %"], default="")
        assert result[signal].tolist() == expected.tolist()
    assert set(CALLS["funnel_proportions"](UNITS)["plain_signal"]) == {"", "outside 95 %", "outside 99.8 %"}


def test_given_reference_takes_the_place_of_the_pooled_one():
    result = stats.funnel_rates(UNITS, unit="city", count="cases", exposure="population", reference=1.5)
    assert (result["reference"] == 1.5).all()
    assert result["expected"].iloc[0] == pytest.approx(7e6 * 1.5 / 100_000)
    shares = stats.funnel_proportions(
        UNITS, unit="city", numerator="cases", denominator="closed", reference=0.4
    )
    assert (shares["reference"] == 0.4).all()


def test_limits_of_a_unit_lie_on_the_curve():
    result = CALLS["funnel_rates"](UNITS)
    spread = result["tau_squared"].iloc[0]
    curve = stats.rate_limits(UNITS["population"], result["reference"].iloc[0], spread)
    for name in stats.LIMIT_COLUMNS:
        assert result[name].tolist() == pytest.approx(curve[name].tolist())


def test_fewer_than_four_units_have_no_quarter():
    three, four = CALLS["rank_rates"](UNITS.head(3)), CALLS["rank_rates"](UNITS.head(4))
    assert three["p_top_quarter"].isna().all()
    assert four["p_top_quarter"].sum() == pytest.approx(1)
    assert three["units"].tolist() == [3, 3, 3]


def test_observed_ranks_share_the_smaller_place():
    frame = pd.DataFrame({"region_code": list("abcd"), "count": [5, 9, 9, None]})
    high, low = stats.rank_rates(frame), stats.rank_rates(frame, highest_first=False)
    assert high["observed_rank"].tolist() == [3, 1, 1, pd.NA]
    assert low["observed_rank"].tolist() == [1, 2, 2, pd.NA]
    assert set(low["statistic"]) == {"median rank (1 = lowest)"}


def test_same_seed_gives_the_same_ranks_and_another_seed_does_not():
    def chances(seed: int) -> list[float]:
        return stats.rank_rates(UNITS, unit="city", count="closed", seed=seed)["p_top_quarter"].tolist()

    assert chances(1) == chances(1)
    assert chances(1) != chances(2)


def test_each_family_is_adjusted_on_its_own():
    frame = pd.DataFrame({"p_value": [0.01, 0.02, 0.04], "metric": ["x", "y", "x"]})
    apart = stats.benjamini_hochberg(frame, family="metric")
    assert apart["q_value"].tolist() == pytest.approx([0.02, 0.02, 0.04])
    assert apart["tests"].tolist() == [2, 1, 2]
    assert stats.benjamini_hochberg(frame)["tests"].tolist() == [3, 3, 3]


def test_adjusting_keeps_what_the_comparison_found():
    found = CALLS["change_in_counts"](UNITS)
    result = stats.benjamini_hochberg(found)
    pd.testing.assert_frame_equal(result[found.columns.tolist()], found)


def test_very_large_counts_leave_the_e_test_out_and_keep_the_other():
    frame = pd.DataFrame({"count_before": [500_000], "count_after": [503_000]})
    row = stats.change_in_counts(frame).iloc[0]
    assert np.isnan(row["p_value_e_test"])
    assert row["p_value"] == pytest.approx(0.00275, abs=1e-5)
    assert row["refusal"] == ""
