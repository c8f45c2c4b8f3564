"""Trends: the rule that refuses them, and what stands in their place."""

import numpy as np
import pandas as pd
import pytest

from analysis import stats
from analysis.errors import DataError, InputError

LABEL_SHORT = "fewer than 5 independent yearly points: no trend"
LABEL_BREAK = "a break in the series leaves fewer than 5 yearly points: no trend"


def series(counts: list[float | None], breaks: tuple[int, ...] = (), first: int = 2015) -> pd.DataFrame:
    years = list(range(first, first + len(counts)))
    return pd.DataFrame(
        {
            "region_code": "440800",
            "year": years,
            "count": counts,
            "break_before": [y in breaks for y in years],
        }
    )


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def test_four_points_give_the_change_and_no_trend():
    row = only(stats.trend_in_counts(series([90, 70, 80, 111])))
    assert row["refusal"] == LABEL_SHORT
    assert (row["statistic"], row["points"], row["year_from"], row["year_to"]) == ("ratio", 4, 2015, 2018)
    assert row[["value", "lower", "upper"]].tolist() == pytest.approx([1.2333, 0.9256, 1.6472], abs=1e-4)
    assert row["n"] == 201


def test_missing_year_is_not_a_point():
    row = only(stats.trend_in_counts(series([90, 70, None, 80, 111])))
    assert (row["refusal"], row["points"]) == (LABEL_SHORT, 4)


def test_five_points_are_enough():
    row = only(stats.trend_in_counts(series([90, 70, 80, 85, 111])))
    assert (row["refusal"], row["statistic"], row["points"]) == ("", "ratio per year", 5)


def test_break_that_leaves_too_few_points_gives_the_change_since_it():
    row = only(stats.trend_in_counts(series([50, 60, 70, 90, 100, 111], breaks=(2018,))))
    assert row["refusal"] == LABEL_BREAK
    assert (row["points"], row["year_from"], row["year_to"]) == (3, 2018, 2020)
    assert row["value"] == pytest.approx(111 / 90)


def test_break_at_a_missing_figure_is_a_break_all_the_same():
    row = only(stats.trend_in_counts(series([50, 60, 70, 80, None, 90, 111], breaks=(2019,))))
    assert (row["refusal"], row["year_from"]) == (LABEL_BREAK, 2020)


def test_five_points_since_a_break_carry_a_trend_of_their_own():
    broken = only(stats.trend_in_counts(series([9000, 50, 60, 55, 70, 90], breaks=(2016,))))
    alone = only(stats.trend_in_counts(series([50, 60, 55, 70, 90], first=2016)))
    pd.testing.assert_series_equal(broken, alone)


def test_points_that_repeat_others_are_left_out():
    frame = series([90, 70, 80, 85, 111]).assign(own=[True, True, False, True, True])
    row = only(stats.trend_in_counts(frame, independent="own"))
    assert (row["refusal"], row["points"], row["n"]) == (LABEL_SHORT, 4, 201)


def test_single_point_has_neither_trend_nor_change():
    row = only(stats.trend_in_counts(series([90])))
    assert row["refusal"] == LABEL_SHORT
    assert row[["value", "lower", "upper", "n", "p_value"]].isna().all()


def test_change_from_zero_says_both_reasons():
    row = only(stats.trend_in_counts(series([0, 4, 9])))
    assert row["refusal"] == f"{LABEL_SHORT}; earlier count is zero: no ratio"
    assert np.isnan(row["value"])


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([0, 0, 0, 0, 0], "no events at all: nothing to compare"),
        ([0, 0, 0, 0, 7], "the events lie at one end of the series: no slope can be fitted"),
        ([7, 0, 0, 0, 0], "the events lie at one end of the series: no slope can be fitted"),
        ([50, -1, 55, 70, 90], "negative count"),
        ([50, 1.5, 55, 70, 90], "count is not a whole number"),
    ],
)
def test_series_without_a_slope_is_refused(counts, words):
    row = only(stats.trend_in_counts(series(counts)))
    assert row["refusal"] == words
    assert row[["value", "lower", "upper"]].isna().all()


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ([10, 10, 10, 10, 10], "all at 0 % or all at 100 %: nothing to compare"),
        ([0, 0, 0, 0, 0], "all at 0 % or all at 100 %: nothing to compare"),
        ([0, 0, 0, 4, 10], "the events lie at one end of the series: no slope can be fitted"),
        ([10, 10, 10, 10, 4], "the events lie at one end of the series: no slope can be fitted"),
        ([1, 2, 11, 4, 5], "numerator above denominator"),
    ],
)
def test_proportions_without_a_slope_are_refused(cases, words):
    frame = series(cases).assign(denominator=10).rename(columns={"count": "numerator"})
    row = only(stats.trend_in_proportions(frame))
    assert row["refusal"] == words
    assert row[["value", "lower", "upper"]].isna().all()


def test_short_series_of_proportions_gives_the_difference():
    frame = series([9, 5, 10]).assign(denominator=[90, 80, 111]).rename(columns={"count": "numerator"})
    row = only(stats.trend_in_proportions(frame))
    assert (row["refusal"], row["statistic"]) == (LABEL_SHORT, "difference of proportions")
    assert row["value"] == pytest.approx(10 / 111 - 9 / 90)


def test_breaks_are_never_assumed():
    with pytest.raises(InputError, match="break_before"):
        stats.trend_in_counts(series([90, 111]).drop(columns="break_before"))


def test_missing_flag_is_an_error():
    frame = series([90, 111]).astype({"break_before": object})
    frame.loc[1, "break_before"] = None
    with pytest.raises(DataError, match="true or false"):
        stats.trend_in_counts(frame)


def test_year_given_twice_is_an_error():
    with pytest.raises(DataError, match="2015"):
        stats.trend_in_counts(series([90, 111]).assign(year=2015))


def test_half_a_year_is_an_error():
    with pytest.raises(DataError, match="whole number"):
        stats.trend_in_counts(series([90, 111]).assign(year=[2015, 2015.5]))


def test_series_are_judged_apart_and_in_the_order_of_their_first_rows():
    long, short = series([50, 60, 55, 70, 90]), series([90, 111]).assign(region_code="440100")
    mixed = pd.concat([short, long]).sort_values("year", kind="stable", ascending=False)
    result = stats.trend_in_counts(mixed)
    assert result["region_code"].tolist() == ["440800", "440100"]
    assert result["refusal"].tolist() == ["", LABEL_SHORT]
    pd.testing.assert_series_equal(result.iloc[0], stats.trend_in_counts(long).iloc[0])


def test_empty_frame_gives_an_empty_table_with_all_columns():
    result = stats.trend_in_counts(series([]).astype({"count": float, "break_before": bool}))
    assert result.columns.tolist() == ["region_code", *stats.TREND_COLUMNS]
    assert result.empty


def test_rates_take_their_bases_into_account():
    growing = series([100, 110, 121, 133, 146]).assign(residents=[1.0, 1.1, 1.21, 1.33, 1.46])
    row = only(stats.trend_in_counts(growing, exposure="residents"))
    assert row["statistic"] == "rate ratio per year"
    assert row["value"] == pytest.approx(1, abs=1e-9)
    change = only(stats.trend_in_counts(growing.head(3), exposure="residents"))
    assert change["statistic"] == "rate ratio"
    assert change["value"] == pytest.approx(1)
