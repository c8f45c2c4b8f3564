"""What the package refuses: rows get a code and no number, broken frames get an error that shows the rows."""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fair_cases import cases_of, frame_of, rates, shares

from analysis import stats
from analysis.errors import DataError, InputError
from analysis.words import label, labels

PROPORTION_FAULTS = [
    (None, 90, "numerator_missing"),
    (12, None, "denominator_missing"),
    (0, 0, "denominator_zero"),
    (91, 90, "numerator_above_denominator"),
    (-1, 90, "count_negative"),
    (12, -90, "count_negative"),
    (36.7, 272, "count_not_whole"),
    (12, 90.5, "count_not_whole"),
]
COUNT_FAULTS = [
    (None, 5.0, "count_missing"),
    (-3, 5.0, "count_negative"),
    (3.5, 5.0, "count_not_whole"),
    (3, None, "exposure_missing"),
    (3, 0.0, "exposure_not_positive"),
    (3, -1.0, "exposure_not_positive"),
]


def pairs(*rows: tuple[object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["numerator", "denominator"])


def assert_refused(row: pd.Series, words: str) -> None:
    assert row["refusal"] == words
    assert row[["lower", "upper", "n"]].isna().all()
    assert row["statistic"]
    assert row["method"]


@pytest.mark.parametrize(("numerator", "denominator", "words"), PROPORTION_FAULTS)
def test_faulty_proportion_is_refused_and_its_neighbour_is_not(numerator, denominator, words):
    result = stats.wilson_interval(pairs((numerator, denominator), (12, 90)))
    assert_refused(result.iloc[0], words)
    assert result.iloc[1]["refusal"] == ""
    assert result.iloc[1]["lower"] == pytest.approx(0.077947, abs=1e-6)


@pytest.mark.parametrize(("count", "exposure", "words"), COUNT_FAULTS)
def test_faulty_rate_is_refused_and_its_neighbour_is_not(count, exposure, words):
    result = stats.poisson_interval(
        pd.DataFrame({"count": [count, 111], "exposure": [exposure, 1.0]}), exposure="exposure", multiplier=1
    )
    assert_refused(result.iloc[0], words)
    assert result.iloc[1]["upper"] == pytest.approx(133.6726, abs=1e-4)


@pytest.mark.parametrize(("numerator", "denominator", "code"), PROPORTION_FAULTS)
def test_faulty_proportion_does_not_enter_the_funnel(numerator, denominator, code):
    result = stats.funnel(shares([numerator, 12, 30, 45], [denominator, 90, 110, 150]))
    assert result["funnel_refusal"].tolist() == [code, "", "", ""]
    assert result[[*stats.LIMITS, "reference", "z", "units"]].isna().all(axis=1).tolist() == [
        True,
        *[False] * 3,
    ]
    alone = stats.funnel(shares([1, 12, 30, 45], [2, 90, 110, 150]).iloc[1:])
    pd.testing.assert_frame_equal(result.iloc[1:][[*stats.LIMITS]], alone[[*stats.LIMITS]])


@pytest.mark.parametrize(("count", "exposure", "code"), COUNT_FAULTS)
def test_faulty_rate_does_not_enter_the_funnel(count, exposure, code):
    result = stats.funnel(rates([count, 120, 90, 45], [exposure, 1.0, 2.0, 1.5]))
    assert result["funnel_refusal"].tolist() == [code, "", "", ""]
    alone = stats.funnel(rates([1, 120, 90, 45], [2, 1.0, 2.0, 1.5]).iloc[1:])
    pd.testing.assert_frame_equal(result.iloc[1:][[*stats.LIMITS]], alone[[*stats.LIMITS]])


@pytest.mark.parametrize("function", [stats.funnel, stats.ranks, stats.place])
def test_grade_c_and_context_never_enter(function):
    frame = frame_of()
    frame.loc[103, ["grade", "reason"]] = ["C", "part_year"]
    frame.loc[104, "role"] = "context"
    whole, fit = function(cases_of(frame)), function(cases_of(frame).drop(index=[103, 104]))
    if function is stats.place:
        assert whole == fit
        return
    refusal = whole["funnel_refusal" if function is stats.funnel else "rank_refusal"]
    assert refusal.loc[[103, 104]].tolist() == ["not_comparable"] * 2
    pd.testing.assert_frame_equal(whole.drop(index=[103, 104]), fit)


@pytest.mark.parametrize("function", [stats.funnel, stats.ranks, stats.place])
def test_plain_frames_are_refused(function):
    with pytest.raises(InputError, match=r"compare\.fair"):
        function(frame_of())


def test_figures_without_a_model_of_chance_have_no_funnel():
    assert set(stats.funnel(cases_of(kind="figure"))["funnel_refusal"]) == {"not_comparable"}


def test_frame_of_percentages_alone_is_an_error_that_asks_for_counts():
    with pytest.raises(InputError, match="a percentage without counts has no interval"):
        stats.wilson_interval(pd.DataFrame({"percent": [36.7]}))


def test_missing_column_names_the_closest():
    with pytest.raises(InputError, match=r"'denominator' is needed(.|\n)*type denominatr"):
        stats.wilson_interval(pd.DataFrame({"numerator": [1], "denominatr": [2]}))


def test_result_never_replaces_its_own_input():
    with pytest.raises(InputError, match="lower"):
        stats.wilson_interval(pd.DataFrame({"lower": [12], "n": [90]}), numerator="lower", denominator="n")


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
        stats.poisson_interval(pd.DataFrame({"count": [3]}), multiplier=multiplier)


def test_one_unit_alone_has_no_funnel():
    result = stats.funnel(rates([5, None], [1.0, 1.0]))
    assert result["funnel_refusal"].tolist() == ["too_few_units", "count_missing"]
    assert result[[*stats.LIMITS]].isna().all(axis=None)


def test_group_without_events_has_no_funnel():
    result = stats.funnel(rates([0, 0], [1.0, 2.0]))
    assert set(result["funnel_refusal"]) == {"no_events"}
    assert result[[*stats.LIMITS]].isna().all(axis=None)


@pytest.mark.parametrize("share", [0, 1])
def test_saturated_proportions_have_no_funnel(share):
    result = stats.funnel(shares([10 * share, 20 * share], [10, 20]))
    assert set(result["funnel_refusal"]) == {"no_variation"}
    assert set(result["signal"]) == {""}


def test_funnel_curve_starts_above_zero():
    with pytest.raises(InputError, match="exposure"):
        stats.funnel_limits([0, 1, 2], 0.5, "proportion")
    with pytest.raises(InputError, match="exposure"):
        stats.funnel_limits([1, np.nan], 0.5, "rate")


def test_spread_needs_two_units_with_cases():
    with pytest.raises(InputError, match="two units"):
        stats.spread(np.array([1.0]), np.array([1.0]))
    with pytest.raises(InputError, match="variance"):
        stats.spread(np.array([1.0, 2.0]), np.array([1.0, 0.0]))


@pytest.mark.parametrize(
    ("before", "after", "words", "p_given"),
    [
        (0, 12, "earlier_count_zero", True),
        (0, 0, "no_events", False),
        (None, 12, "count_missing", False),
        (12, None, "count_missing", False),
        (12, 2.5, "count_not_whole", False),
        (-12, 2, "count_negative", False),
    ],
)
def test_ratio_of_faulty_counts_is_refused(before, after, words, p_given):
    frame = pd.DataFrame({"count_before": [before, 90], "count_after": [after, 111]})
    result = stats.change_in_counts(frame)
    assert_refused(result.iloc[0], words)
    assert result["p_value"].notna().tolist() == [p_given, True]
    assert result["p_value_e_test"].notna().tolist() == [p_given, True]
    assert result["change"].iloc[1] == pytest.approx(111 / 90)


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
    assert result["q_refusal"].tolist() == ["", "p_value_missing", ""]
    assert result["q_value"].tolist()[::2] == pytest.approx([0.04, 0.02])
    assert result["tests"].tolist() == [2, pd.NA, 2]


def test_decimals_and_nullable_whole_numbers_are_numbers():
    decimals = pd.DataFrame({"count": [Decimal("111"), Decimal("3")]})
    nullable = pd.DataFrame({"count": pd.array([111, None], dtype="Int64")})
    assert stats.poisson_interval(decimals)["rate"].tolist() == [111.0, 3.0]
    assert stats.poisson_interval(nullable)["refusal"].tolist() == ["", "count_missing"]


def test_noise_of_binary_fractions_is_not_a_fraction_of_a_case():
    noisy = 0.57 * 10_000
    assert noisy != 5_700
    assert stats.poisson_interval(pd.DataFrame({"count": [noisy]}))["n"].tolist() == [5_700]


def test_each_refusal_in_the_code_has_its_own_words_in_both_languages():
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(stats.__file__).parent.glob("*.py"))
    known = {key: words for (group, key), words in labels().items() if group == "refusal"}
    assert set(known) <= set(re.findall(r'"([a-z_]+)"', code)) | {"percentage_without_counts"}
    for language in ("en", "zh"):
        words = [label("refusal", code, language) for code in known]
        assert all(words)
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(("numerator", "denominator", "code"), PROPORTION_FAULTS)
def test_a_refusal_has_words(numerator, denominator, code):
    row = stats.wilson_interval(pairs((numerator, denominator))).iloc[0]
    assert label("refusal", row["refusal"], "en")
    assert label("refusal", row["refusal"], "zh")
