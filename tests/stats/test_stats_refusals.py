"""What the package refuses: rows get words and no number, broken frames get an error that shows the rows."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analysis import stats
from analysis.errors import DataError, InputError
from analysis.stats.refusals import LABELS, Refusal

UNITS = list("abcdefghijkl")
PROPORTION_FAULTS = [
    (None, 90, "numerator missing"),
    (12, None, "denominator missing"),
    (0, 0, "denominator is zero"),
    (91, 90, "numerator above denominator"),
    (-1, 90, "negative count"),
    (12, -90, "negative count"),
    (36.7, 272, "count is not a whole number"),
    (12, 90.5, "count is not a whole number"),
]
COUNT_FAULTS = [
    (None, 5.0, "count missing"),
    (-3, 5.0, "negative count"),
    (3.5, 5.0, "count is not a whole number"),
    (3, None, "base of the rate missing"),
    (3, 0.0, "base of the rate is not above zero"),
    (3, -1.0, "base of the rate is not above zero"),
]


def proportions(*rows: tuple[object, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["numerator", "denominator"])
    return frame.assign(region_code=UNITS[: len(frame)])


def rates(*rows: tuple[object, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["count", "exposure"])
    return frame.assign(region_code=UNITS[: len(frame)])


def assert_refused(row: pd.Series, words: str) -> None:
    assert row["refusal"] == words
    assert row[["value", "lower", "upper", "n"]].isna().all()
    assert row["statistic"]
    assert row["method"]


@pytest.mark.parametrize(("numerator", "denominator", "words"), PROPORTION_FAULTS)
def test_faulty_proportion_is_refused_and_its_neighbour_is_not(numerator, denominator, words):
    result = stats.wilson_interval(proportions((numerator, denominator), (12, 90)))
    assert_refused(result.iloc[0], words)
    assert result.iloc[1]["refusal"] == ""
    assert result.iloc[1]["lower"] == pytest.approx(0.077947, abs=1e-6)


@pytest.mark.parametrize(("count", "exposure", "words"), COUNT_FAULTS)
def test_faulty_rate_is_refused_and_its_neighbour_is_not(count, exposure, words):
    result = stats.poisson_interval(rates((count, exposure), (111, 1.0)), exposure="exposure", multiplier=1)
    assert_refused(result.iloc[0], words)
    assert result.iloc[1]["upper"] == pytest.approx(133.6726, abs=1e-4)


@pytest.mark.parametrize(
    "function", [stats.funnel_proportions, stats.rank_proportions], ids=["funnel", "ranks"]
)
@pytest.mark.parametrize(("numerator", "denominator", "words"), PROPORTION_FAULTS)
def test_faulty_proportion_does_not_enter_the_group(function, numerator, denominator, words):
    sound = [(12, 90), (30, 110), (45, 150)]
    result = function(proportions((numerator, denominator), *sound))
    assert_refused(result.iloc[0], words)
    alone = function(proportions((1, 2), *sound).iloc[1:])
    names = ["value", "lower", "upper", "n", "refusal"]
    pd.testing.assert_frame_equal(result.iloc[1:][names], alone[names])


@pytest.mark.parametrize(
    "function",
    [stats.funnel_rates, stats.shrink_rates, lambda frame: stats.rank_rates(frame, exposure="exposure")],
    ids=["funnel", "shrinkage", "ranks"],
)
@pytest.mark.parametrize(("count", "exposure", "words"), COUNT_FAULTS)
def test_faulty_rate_does_not_enter_the_group(function, count, exposure, words):
    sound = [(120, 1.0), (90, 2.0), (45, 1.5)]
    result = function(rates((count, exposure), *sound))
    assert_refused(result.iloc[0], words)
    alone = function(rates((1, 2), *sound).iloc[1:])
    names = ["value", "lower", "upper", "n", "refusal"]
    pd.testing.assert_frame_equal(result.iloc[1:][names], alone[names])


def test_percentage_without_counts_is_refused_in_its_own_words():
    frame = pd.DataFrame(
        {"numerator": [None, 100, None], "denominator": [272, 272, None], "percent": [36.7, 36.7, None]}
    )
    result = stats.wilson_interval(frame, percentage="percent")
    assert result["refusal"].tolist() == ["percentage reported without its counts", "", "numerator missing"]
    assert result["percent"].tolist()[:2] == [36.7, 36.7]


def test_frame_of_percentages_alone_is_an_error_that_asks_for_counts():
    with pytest.raises(InputError, match="a percentage without its counts has no interval"):
        stats.wilson_interval(pd.DataFrame({"percent": [36.7]}))


def test_missing_column_names_the_closest():
    with pytest.raises(InputError, match=r"'denominator' is needed(.|\n)*type denominatr"):
        stats.wilson_interval(pd.DataFrame({"numerator": [1], "denominatr": [2]}))


@pytest.mark.parametrize("taken", ["value", "upper", "refusal"])
def test_result_never_overwrites_a_column(taken):
    frame = proportions((12, 90)).assign(**{taken: 7.0})
    with pytest.raises(InputError, match=f"already in the frame: {taken}"):
        stats.wilson_interval(frame)


def test_column_given_twice_is_an_error():
    frame = pd.DataFrame([[1, 2, 3]], columns=["numerator", "denominator", "numerator"])
    with pytest.raises(InputError, match="numerator"):
        stats.wilson_interval(frame)


def test_something_else_than_a_frame_is_an_error():
    with pytest.raises(InputError, match="dict"):
        stats.poisson_interval({"count": [3]})


@pytest.mark.parametrize("cell", ["12", "3.4万", True, np.inf], ids=["digits", "myriad", "true", "infinite"])
def test_cell_that_is_no_number_is_an_error_that_shows_the_row(cell):
    frame = pd.DataFrame({"city": ["Zhanjiang", "Maoming"], "count": pd.Series([5, cell], dtype=object)})
    with pytest.raises(DataError) as caught:
        stats.poisson_interval(frame)
    assert "Maoming" in str(caught.value)
    assert "Zhanjiang" not in str(caught.value)


def test_long_list_of_bad_rows_is_cut():
    with pytest.raises(DataError, match="… and 4 more"):
        stats.poisson_interval(pd.DataFrame({"count": ["x"] * 9}))


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_level_outside_zero_and_one_is_an_error(level):
    with pytest.raises(InputError, match=r"0\.95 for 95 %"):
        stats.poisson_interval(pd.DataFrame({"count": [3]}), level=level)


@pytest.mark.parametrize("multiplier", [0, -1, np.inf, np.nan])
def test_multiplier_that_is_not_above_zero_is_an_error(multiplier):
    with pytest.raises(InputError, match="multiplier"):
        stats.poisson_interval(rates((3, 1.0)), exposure="exposure", multiplier=multiplier)


GROUPED = [
    stats.funnel_rates,
    stats.shrink_rates,
    stats.rank_rates,
]


@pytest.mark.parametrize("function", GROUPED)
def test_unit_given_twice_is_an_error_that_shows_the_rows(function):
    frame = rates((1, 1.0), (2, 1.0), (3, 1.0)).assign(region_code=["440800", "440100", "440800"])
    with pytest.raises(DataError) as caught:
        function(frame)
    assert "440800" in str(caught.value)
    assert "440100" not in str(caught.value)


@pytest.mark.parametrize("function", GROUPED)
def test_unit_without_a_name_is_an_error(function):
    with pytest.raises(DataError, match="region_code"):
        function(rates((1, 1.0), (2, 1.0)).assign(region_code=["440800", None]))


@pytest.mark.parametrize("function", GROUPED)
def test_one_unit_alone_is_refused(function):
    result = function(rates((5, 1.0), (None, 1.0)))
    assert result["refusal"].tolist() == ["fewer than 2 units: nothing to compare", "count missing"]
    assert result["caution"].tolist() == ["", ""]


@pytest.mark.parametrize("function", [stats.funnel_rates, stats.shrink_rates])
def test_group_without_events_is_refused(function):
    result = function(rates((0, 1.0), (0, 2.0)))
    assert set(result["refusal"]) == {"no events at all: nothing to compare"}
    assert result[["value", "lower", "upper"]].isna().all(axis=None)


@pytest.mark.parametrize("share", [0, 1])
def test_saturated_proportions_have_no_funnel(share):
    result = stats.funnel_proportions(proportions((10 * share, 10), (20 * share, 20)))
    assert set(result["refusal"]) == {"all at 0 % or all at 100 %: nothing to compare"}
    assert set(result["signal"]) == {""}


@pytest.mark.parametrize("reference", [0, -1])
def test_reference_of_a_funnel_is_above_zero(reference):
    with pytest.raises(InputError, match="reference"):
        stats.funnel_rates(rates((1, 1.0), (2, 1.0)), reference=reference)
    with pytest.raises(InputError, match="reference"):
        stats.funnel_proportions(proportions((1, 2), (2, 3)), reference=reference)


def test_reference_of_a_proportion_is_not_a_percentage():
    with pytest.raises(InputError, match="between 0 and 1"):
        stats.funnel_proportions(proportions((1, 2), (2, 3)), reference=33.0)


def test_funnel_curve_starts_above_zero():
    with pytest.raises(InputError, match="denominator"):
        stats.proportion_limits([0, 1, 2], 0.5)
    with pytest.raises(InputError, match="exposure"):
        stats.rate_limits([1, np.nan], 0.5)


def test_spread_needs_two_units_with_cases():
    with pytest.raises(InputError, match="1 units"):
        stats.spread(np.array([1.0]), np.array([1.0]))
    with pytest.raises(InputError, match="variance"):
        stats.spread(np.array([1.0, 2.0]), np.array([1.0, 0.0]))


def test_few_draws_are_an_error():
    with pytest.raises(InputError, match="10_000"):
        stats.rank_rates(rates((1, 1.0), (2, 1.0)), draws=10)


@pytest.mark.parametrize(
    ("before", "after", "words", "p_given"),
    [
        (0, 12, "earlier count is zero: no ratio", True),
        (0, 0, "no events at all: nothing to compare", False),
        (None, 12, "count missing", False),
        (12, None, "count missing", False),
        (12, 2.5, "count is not a whole number", False),
        (-12, 2, "negative count", False),
    ],
)
def test_ratio_of_faulty_counts_is_refused(before, after, words, p_given):
    frame = pd.DataFrame({"count_before": [before, 90], "count_after": [after, 111]})
    result = stats.change_in_counts(frame)
    assert_refused(result.iloc[0], words)
    assert result["p_value"].notna().tolist() == [p_given, True]
    assert result["p_value_e_test"].notna().tolist() == [p_given, True]
    assert result["value"].iloc[1] == pytest.approx(111 / 90)


def test_ratio_of_rates_needs_both_bases():
    frame = pd.DataFrame({"count_before": [90], "count_after": [111], "then": [1.0]})
    with pytest.raises(InputError, match="exposure_after"):
        stats.change_in_counts(frame, exposure_before="then")


@pytest.mark.parametrize(("numerator", "denominator", "words"), PROPORTION_FAULTS)
def test_difference_with_a_faulty_proportion_is_refused(numerator, denominator, words):
    frame = pd.DataFrame(
        {
            "numerator_before": [numerator, 9, 9],
            "denominator_before": [denominator, 90, 90],
            "numerator_after": [9, numerator, 10],
            "denominator_after": [90, denominator, 111],
        }
    )
    result = stats.change_in_proportions(frame)
    for place in (0, 1):
        assert_refused(result.iloc[place], words)
    assert result["p_value"].notna().tolist() == [False, False, True]


@pytest.mark.parametrize("p_value", [-0.01, 1.01])
def test_p_value_outside_zero_and_one_is_an_error(p_value):
    with pytest.raises(DataError, match="between 0 and 1"):
        stats.benjamini_hochberg(pd.DataFrame({"p_value": [0.5, p_value]}))


def test_row_without_a_p_value_is_no_test():
    result = stats.benjamini_hochberg(pd.DataFrame({"p_value": [0.04, None, 0.01]}))
    assert result["q_refusal"].tolist() == ["", "no test result to adjust", ""]
    assert result["q_value"].tolist()[::2] == pytest.approx([0.04, 0.02])
    assert result["tests"].tolist() == [2, 2, 2]


def test_test_without_a_family_is_an_error():
    with pytest.raises(DataError, match="metric"):
        stats.benjamini_hochberg(
            pd.DataFrame({"p_value": [0.1, 0.2], "metric": ["x", None]}), family="metric"
        )


def test_decimals_and_nullable_whole_numbers_are_numbers():
    decimals = pd.DataFrame({"count": [Decimal("111"), Decimal("3")]})
    nullable = pd.DataFrame({"count": pd.array([111, None], dtype="Int64")})
    assert stats.poisson_interval(decimals)["value"].tolist() == [111.0, 3.0]
    assert stats.poisson_interval(nullable)["refusal"].tolist() == ["", "count missing"]


def test_noise_of_binary_fractions_is_not_a_fraction_of_a_case():
    noisy = 0.57 * 10_000
    assert noisy != 5_700
    assert stats.poisson_interval(pd.DataFrame({"count": [noisy]}))["n"].tolist() == [5_700]


def test_each_refusal_has_its_own_words_in_both_languages():
    assert set(LABELS) == set(Refusal)
    for language in ("en", "zh"):
        words = [stats.label(code, language) for code in Refusal]
        assert all(words)
        assert len(set(words)) == len(words)
    assert not any("; " in stats.label(code, "en") for code in Refusal)


def test_labels_are_translated_with_empty_and_joined_ones():
    labels = pd.Series(["", "denominator is zero", "few units: fewer than 10; denominator is zero"])
    assert stats.in_language(labels, "zh").tolist() == ["", "分母为零", "单位较少：不足10个；分母为零"]
    assert stats.in_language(labels, "en").tolist() == labels.tolist()


def test_unknown_labels_codes_and_languages_are_errors():
    with pytest.raises(InputError, match="type denominator is zero"):
        stats.in_language(pd.Series(["denominator was zero"]), "zh")
    with pytest.raises(InputError, match="type denominator_zero"):
        stats.label("denominator_zro")
    with pytest.raises(InputError, match="fr"):
        stats.label("denominator_zero", "fr")
    with pytest.raises(InputError, match="fr"):
        stats.in_language(pd.Series([""]), "fr")
