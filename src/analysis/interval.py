"""Intervals of exact numbers, each end of which may belong to them or not: the arithmetic under every check.

No kept library has half-open ends on `Decimal`, and half-open ends are what rounding makes. It knows nothing
of reports; it refuses to list the whole numbers of an interval without bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

INFINITY = Decimal("Infinity")
ZERO = Decimal(0)
PRECISION = 50
"""Digits kept in a division: far more than any report prints."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between two bounds, each of which may belong to it or not; bounds may be infinite."""

    lower: Decimal
    upper: Decimal
    lower_closed: bool = True
    upper_closed: bool = False

    def __contains__(self, value: Decimal) -> bool:
        """Whether a value lies inside."""
        above = value > self.lower or (self.lower_closed and value == self.lower)
        below = value < self.upper or (self.upper_closed and value == self.upper)
        return above and below

    @property
    def is_point(self) -> bool:
        """Whether it holds exactly one value."""
        return self.lower == self.upper

    @property
    def bounded(self) -> bool:
        """Whether both bounds are finite."""
        return self.lower.is_finite() and self.upper.is_finite()

    @property
    def empty(self) -> bool:
        """Whether no value lies inside."""
        if self.lower == self.upper:
            return not (self.lower_closed and self.upper_closed)
        return self.lower > self.upper

    def meets(self, other: Interval) -> bool:
        """Whether some value lies in both."""
        return not self.shared(other).empty

    def within(self, other: Interval) -> bool:
        """Whether every value of this one lies in the other."""
        return self.shared(other) == self

    def shared(self, other: Interval) -> Interval:
        """The values in both; an empty interval when there are none."""
        low = max((self.lower, not self.lower_closed), (other.lower, not other.lower_closed))
        high = min((self.upper, self.upper_closed), (other.upper, other.upper_closed))
        return Interval(low[0], high[0], not low[1], high[1])

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        low = min((self.lower, not self.lower_closed), (other.lower, not other.lower_closed))
        high = max((self.upper, self.upper_closed), (other.upper, other.upper_closed))
        return Interval(low[0], high[0], not low[1], high[1])

    def plus(self, other: Interval) -> Interval:
        """All sums of a value of each."""
        return Interval(
            self.lower + other.lower,
            self.upper + other.upper,
            self.lower_closed and other.lower_closed,
            self.upper_closed and other.upper_closed,
        )

    def times(self, factor: Decimal) -> Interval:
        """Every value multiplied by a positive factor."""
        return Interval(self.lower * factor, self.upper * factor, self.lower_closed, self.upper_closed)

    def mirrored(self) -> Interval:
        """Every value with its sign changed."""
        return Interval(-self.upper, -self.lower, self.upper_closed, self.lower_closed)

    def over(self, other: Interval) -> Interval:
        """All quotients of a non-negative value by a positive one; a divisor near zero leaves no upper bound.

        Values below zero in either interval are left out, as counts have none.
        """
        low, high = max(self.lower, ZERO), max(self.upper, ZERO)
        smallest = max(other.lower, ZERO)
        return Interval(
            _quotient(low, other.upper),
            _quotient(high, smallest),
            ZERO in self if low == ZERO else self.lower_closed and other.upper_closed,
            smallest > ZERO and self.upper_closed and other.lower_closed,
        )

    def integers(self) -> range:
        """The whole numbers inside.

        Raises:
            ValueError: A bound is infinite.
        """
        first = self.lower.to_integral_value(ROUND_CEILING)
        last = self.upper.to_integral_value(ROUND_FLOOR)
        first += 1 if first == self.lower and not self.lower_closed else 0
        last -= 1 if last == self.upper and not self.upper_closed else 0
        return range(_whole(first), _whole(last) + 1)

    def outer_integers(self) -> tuple[int, int]:
        """The bounds moved outwards to whole numbers: the form in which a range is stated in words.

        Raises:
            ValueError: A bound is infinite.
        """
        return (
            _whole(self.lower.to_integral_value(ROUND_FLOOR)),
            _whole(self.upper.to_integral_value(ROUND_CEILING)),
        )


def _whole(value: Decimal) -> int:
    if not value.is_finite():
        raise ValueError("an unbounded interval holds no finite range of whole numbers")
    return int(value)


def _quotient(value: Decimal, divisor: Decimal) -> Decimal:
    if divisor == ZERO:
        return INFINITY
    if not divisor.is_finite():
        return ZERO
    with localcontext(prec=PRECISION):
        return value / divisor


EVERYTHING = Interval(-INFINITY, INFINITY, False, False)


def point(value: Decimal | int) -> Interval:
    """The interval that holds one value."""
    exact = Decimal(value)
    return Interval(exact, exact, True, True)


def total(parts: Iterable[Interval]) -> Interval:
    """All sums of one value from each part; zero when there are none."""
    result = point(0)
    for part in parts:
        result = result.plus(part)
    return result
