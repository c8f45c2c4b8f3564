"""Intervals: ends that touch, ends that are open, and arithmetic that encloses its members."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.quantity import INFINITY, Interval, point

numbers = st.integers(-500, 500).map(lambda k: Decimal(k) / 4)
positive = st.integers(1, 500).map(lambda k: Decimal(k) / 4)


@st.composite
def intervals(draw: st.DrawFn, ends: st.SearchStrategy[Decimal] = numbers) -> Interval:
    low, high = sorted((draw(ends), draw(ends)))
    if low == high:
        return point(low)
    return Interval(low, high, draw(st.booleans()), draw(st.booleans()))


def test_an_unbounded_interval_lists_no_whole_numbers() -> None:
    with pytest.raises(OverflowError, match="Infinity"):
        Interval(Decimal(3), INFINITY).integers()
    with pytest.raises(OverflowError, match="Infinity"):
        Interval(-INFINITY, Decimal(3), False).outer_integers()


def test_touching_half_open_intervals_do_not_meet() -> None:
    assert not Interval(Decimal(1), Decimal(2)).meets(Interval(Decimal(2), Decimal(3)))
    assert Interval(Decimal(1), Decimal(2), True, True).meets(Interval(Decimal(2), Decimal(3)))


def test_open_ends_are_left_out_of_the_whole_numbers() -> None:
    assert list(Interval(Decimal(1), Decimal(3), False, False).integers()) == [2]
    assert list(Interval(Decimal(1), Decimal(3), True, True).integers()) == [1, 2, 3]
    assert list(Interval(Decimal("1.2"), Decimal("1.8")).integers()) == []


def test_outer_whole_numbers_enclose_the_interval() -> None:
    assert Interval(Decimal("5208.26"), Decimal("5237.12")).outer_integers() == (5208, 5238)


def test_a_divisor_that_may_be_zero_leaves_no_upper_bound() -> None:
    assert point(5).over(Interval(Decimal(0), Decimal(2))).upper == INFINITY
    assert point(5).over(Interval(Decimal(-1), Decimal(2))).lower == Decimal("2.5")


@given(intervals(), intervals(), numbers)
def test_shared_and_hull_agree_with_membership(one: Interval, other: Interval, value: Decimal) -> None:
    both = one.shared(other)
    assert (value in both) == (value in one and value in other)
    if value in one or value in other:
        assert value in one.hull(other)
    assert one.meets(other) or value not in both
    if one.meets(other):
        assert _middle(both) in both
    assert one.within(one.hull(other))


@given(intervals(), intervals(), st.data())
def test_sums_of_members_are_members_of_the_sum(one: Interval, other: Interval, data: st.DataObject) -> None:
    first, second = _member(one, data), _member(other, data)
    assert first + second in one + other


@given(intervals(positive), intervals(positive), st.data())
def test_quotients_of_members_are_members_of_the_quotient(
    one: Interval, other: Interval, data: st.DataObject
) -> None:
    exact = Fraction(_member(one, data)) / Fraction(_member(other, data))
    quotient = one.over(other)
    slack = Fraction(1, 10**40)
    assert Fraction(quotient.lower) - slack <= exact <= Fraction(quotient.upper) + slack


@given(intervals())
def test_whole_numbers_are_exactly_those_inside(one: Interval) -> None:
    low, high = one.outer_integers()
    assert list(one.integers()) == [k for k in range(low, high + 1) if Decimal(k) in one]


def _member(interval: Interval, data: st.DataObject) -> Decimal:
    inside = [interval.lower, _middle(interval), interval.upper]
    return data.draw(st.sampled_from([value for value in inside if value in interval]))


def _middle(interval: Interval) -> Decimal:
    return (interval.lower + interval.upper) / 2
