"""What a printed figure can mean: golden ranges, and rounding that always encloses the truth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounding import round_to

from analysis.quantity import (
    HUNDRED,
    INFINITY,
    Interval,
    Rounding,
    feasible_numerators,
    implied_base,
    last_place,
    point,
    printed_step,
    prior_value,
    reading,
    reproduced_by,
    unround,
    worded_qualifier,
)

HALF_UP, HALF_EVEN, TRUNCATION = Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.TRUNCATION
values = st.decimals(min_value=-(10**7), max_value=10**7, places=6)
steps = st.sampled_from([Decimal(text) for text in ("0.001", "0.01", "0.1", "1", "10", "1000", "10000")])
rules = st.sampled_from(list(Rounding))


def test_an_unknown_qualifier_is_refused() -> None:
    with pytest.raises(ValueError, match="qualifier"):
        reading(Decimal(5), "≈")


def test_a_percentage_no_whole_number_gives_has_no_feasible_numerator() -> None:
    assert list(feasible_numerators(Decimal("36.7"), Decimal("0.1"), 272, HALF_UP)) == []
    assert list(feasible_numerators(Decimal("6.3"), Decimal("0.1"), 272, TRUNCATION)) == []
    assert list(feasible_numerators(Decimal("6.3"), Decimal("0.1"), 272, HALF_EVEN)) == []


def test_a_figure_that_no_rule_reproduces_has_no_rule() -> None:
    assert reproduced_by(point(2784).over(point(2872)).times(HUNDRED), Decimal("96.7"), Decimal("0.1")) == ()


def test_a_change_that_may_be_a_fall_to_nothing_has_no_upper_bound() -> None:
    assert prior_value(point(5), Decimal(-100), Decimal(1), HALF_UP).upper == INFINITY


@pytest.mark.parametrize(
    ("printed", "step", "rule", "expected"),
    [
        ("3.5", "0.1", HALF_UP, Interval(Decimal("3.45"), Decimal("3.55"))),
        ("3.5", "0.1", TRUNCATION, Interval(Decimal("3.5"), Decimal("3.6"))),
        ("3.4", "0.1", HALF_EVEN, Interval(Decimal("3.35"), Decimal("3.45"), True, True)),
        ("3.5", "0.1", HALF_EVEN, Interval(Decimal("3.45"), Decimal("3.55"), False, False)),
        ("-5.2", "0.1", HALF_UP, Interval(Decimal("-5.25"), Decimal("-5.15"), False, True)),
        ("-5.2", "0.1", TRUNCATION, Interval(Decimal("-5.3"), Decimal("-5.2"), False, True)),
        ("0", "1", TRUNCATION, Interval(Decimal(-1), Decimal(1), False, False)),
        ("34000", "1000", HALF_UP, Interval(Decimal(33500), Decimal(34500))),
        ("272", "0", HALF_UP, point(272)),
    ],
)
def test_unrounding(printed: str, step: str, rule: Rounding, expected: Interval) -> None:
    assert unround(Decimal(printed), Decimal(step), rule) == expected


@pytest.mark.parametrize(
    ("printed", "qualifier", "step", "expected"),
    [
        ("34000", "=", "1000", Interval(Decimal(33500), Decimal(35000))),
        ("620000", ">", "10000", Interval(Decimal(620000), Decimal(630000))),
        ("85", ">", "0", Interval(Decimal(85), INFINITY)),
        ("200", "<", "10", Interval(Decimal(190), Decimal(200), False, True)),
        ("25", "<", "0", Interval(-INFINITY, Decimal(25), False, True)),
        ("3.5", "~", "1", Interval(Decimal("2.5"), Decimal("4.5"), True, True)),
        ("156000", "~", "0", Interval(Decimal(155000), Decimal(157000), True, True)),
        ("367", "=", "0", point(367)),
    ],
)
def test_reading(printed: str, qualifier: str, step: str, expected: Interval) -> None:
    assert reading(Decimal(printed), qualifier, Decimal(step)) == expected


@pytest.mark.parametrize(
    ("printed", "evidence", "continuous", "expected"),
    [
        ("272", "审结272宗", False, "0"),
        ("81", "同比增长81%", True, "1"),
        ("36.7", "纠错率达36.7%", True, "0.1"),
        ("99.6", "办结率为99.60%", True, "0.01"),
        ("-20", "玉溪市 -20.00%", True, "0.01"),
        ("3100.22", "", False, "0.01"),
        ("1234.5", "共1,234.50万元", False, "0.01"),
        ("12", "12.5和12", True, "1"),
    ],
)
def test_the_step_is_the_last_printed_digit(
    printed: str, evidence: str, continuous: bool, expected: str
) -> None:
    assert printed_step(printed, evidence, continuous=continuous) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("审结行政复议案件272宗", ""),
        ("规模以上企业12家", ""),
        ("余额12万元", ""),
        ("调解成功率达95%以上", ">="),
        ("受理市民企业诉求超3200万件", ">="),
        ("行政复议案件首次突破一万宗", ">="),
        ("over 81%", ">="),
        ("平均败诉率保持在9%以下", "<="),
        ("办理各类业务62万余件", ">"),
        ("发布信息6千余条", ">"),
        ("260多名第一书记", ">"),
        ("近200人旁听庭审", "<"),
        ("约3.9万宗", "~"),
        ("超过97%", ">="),
    ],
)
def test_words_beside_a_number_carry_its_qualifier(text: str, expected: str) -> None:
    assert worded_qualifier(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("3800", "100"), ("19.2", "0.1"), ("0", "1"), ("272", "1"), ("1580", "10")]
)
def test_last_place(value: str, expected: str) -> None:
    assert last_place(Decimal(value)) == Decimal(expected)


@pytest.mark.parametrize(
    ("part", "whole", "printed", "expected"),
    [
        (100, 272, "36.7", {TRUNCATION}),
        (17, 272, "6.3", {HALF_UP}),
        (15021, 15207, "98.8", {HALF_UP, HALF_EVEN}),
        (140, 151, "92.71", {TRUNCATION}),
        (75, 151, "49.66", {TRUNCATION}),
        (16, 151, "10.59", {TRUNCATION}),
        (4, 151, "2.64", {TRUNCATION}),
        (3, 151, "1.98", {TRUNCATION}),
        (151 - 66, 66, "128.78", {TRUNCATION}),
        (1, 2, "50.0", set(Rounding)),
    ],
)
def test_which_rule_reproduces_a_printed_rate(
    part: int, whole: int, printed: str, expected: set[Rounding]
) -> None:
    step = printed_step(printed, continuous=True)
    assert (
        set(reproduced_by(point(part).over(point(whole)).times(HUNDRED), Decimal(printed), step)) == expected
    )


def test_grim_finds_the_one_numerator_of_the_mediation_rate() -> None:
    assert list(feasible_numerators(Decimal("6.3"), Decimal("0.1"), 272, HALF_UP)) == [17]


@pytest.mark.parametrize(
    ("current", "change", "stated", "possible"),
    [
        (9453, 81, (5208, 5238), (5209, 5237)),
        (8710, 115, (4041, 4061), (4042, 4060)),
        (4052, 85, (2184, 2197), (2185, 2196)),
    ],
)
def test_golden_prior_values_are_the_half_up_interval_moved_outwards(
    current: int, change: int, stated: tuple[int, int], possible: tuple[int, int]
) -> None:
    """The golden ranges are floor and ceiling of the half-up bounds; fewer whole numbers lie inside."""
    implied = prior_value(point(current), Decimal(change), Decimal(1), HALF_UP)
    assert implied.outer_integers() == stated
    assert (implied.integers()[0], implied.integers()[-1]) == possible


def test_golden_base_is_the_union_of_both_roundings() -> None:
    """11346 follows from half-up and 11345 from truncation; neither rule gives both."""
    found = {
        rule: list(implied_base(point(10362), Decimal("91.33"), Decimal("0.01"), rule).integers())
        for rule in Rounding
    }
    assert found == {HALF_UP: [11346], HALF_EVEN: [11346], TRUNCATION: [11345]}


@given(values, steps, rules)
def test_the_true_value_lies_in_its_unrounded_interval(value: Decimal, step: Decimal, rule: Rounding) -> None:
    printed = round_to(value, step, rule)
    assert value in unround(printed, step, rule)
    assert round_to(printed, step, rule) == printed


@given(values, steps, rules, st.integers(0, 1000))
def test_every_inner_value_is_printed_the_same(
    value: Decimal, step: Decimal, rule: Rounding, share: int
) -> None:
    printed = round_to(value, step, rule)
    interval = unround(printed, step, rule)
    inside = interval.lower + (interval.upper - interval.lower) * share / 1000
    if inside in interval:
        assert round_to(inside, step, rule) == printed


@given(values, steps)
def test_what_a_figure_can_mean_covers_half_up_and_truncation(value: Decimal, step: Decimal) -> None:
    for rule in (HALF_UP, TRUNCATION):
        assert value in reading(round_to(value, step, rule), "=", step)


@given(st.integers(1, 400), st.data(), rules)
def test_the_true_numerator_is_always_feasible(base: int, data: st.DataObject, rule: Rounding) -> None:
    part = data.draw(st.integers(0, base))
    true = Decimal(100) * part / base
    printed = round_to(true, Decimal("0.1"), rule)
    assert part in feasible_numerators(printed, Decimal("0.1"), base, rule)
    assert rule in reproduced_by(point(part).over(point(base)).times(HUNDRED), printed, Decimal("0.1"))


@given(st.integers(1, 10**6), st.integers(1, 10**6), rules)
def test_the_true_prior_value_lies_in_the_implied_interval(prior: int, current: int, rule: Rounding) -> None:
    change = round_to(Decimal(100) * (current - prior) / prior, Decimal("0.1"), rule)
    implied = prior_value(point(current), change, Decimal("0.1"), rule)
    assert implied.lower - Decimal("1e-20") <= prior <= implied.upper + Decimal("1e-20")
