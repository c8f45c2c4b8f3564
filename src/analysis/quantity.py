"""What a printed figure can mean: the interval of true values behind its digits, its words and its rounding.

Everything is `Decimal` on the digits as printed, for which no kept library has half-open ends. It refuses to
guess a step that was not printed: a figure with 余 or 近 and no known step is bounded on one side only.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from math import ceil, floor

INFINITY, ZERO, HUNDRED = Decimal("Infinity"), Decimal(0), Decimal(100)
PRECISION = 50  # digits kept in a division: far more than any report prints


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between two bounds, each of which may belong to it or not; bounds may be infinite."""

    lower: Decimal
    upper: Decimal
    lower_closed: bool = True
    upper_closed: bool = False

    def __contains__(self, value: Decimal | int) -> bool:
        """Whether a value lies inside."""
        return self._low <= (value, False) and (value, True) <= self._high

    @property
    def _low(self) -> tuple[Decimal, bool]:  # ordered: an open bound begins after a closed one
        return self.lower, not self.lower_closed

    @property
    def _high(self) -> tuple[Decimal, bool]:
        return self.upper, self.upper_closed

    @property
    def is_point(self) -> bool:
        """Whether it holds exactly one value."""
        return self.lower == self.upper

    @property
    def bounded(self) -> bool:
        """Whether both bounds are finite."""
        return self.lower.is_finite() and self.upper.is_finite()

    def meets(self, other: Interval) -> bool:
        """Whether some value lies in both."""
        both = self.shared(other)
        return both.lower < both.upper or both.lower in both

    def within(self, other: Interval) -> bool:
        """Whether every value of this one lies in the other."""
        return self.shared(other) == self

    def shared(self, other: Interval) -> Interval:
        """The values in both; an interval without a value when there are none."""
        low, high = max(self._low, other._low), min(self._high, other._high)
        return Interval(low[0], high[0], not low[1], high[1])

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        low, high = min(self._low, other._low), max(self._high, other._high)
        return Interval(low[0], high[0], not low[1], high[1])

    def __add__(self, other: Interval) -> Interval:
        """All sums of a value of each."""
        closed = self.lower_closed and other.lower_closed, self.upper_closed and other.upper_closed
        return Interval(self.lower + other.lower, self.upper + other.upper, *closed)

    def times(self, factor: Decimal) -> Interval:
        """Every value multiplied by a positive factor."""
        return Interval(self.lower * factor, self.upper * factor, self.lower_closed, self.upper_closed)

    def over(self, other: Interval) -> Interval:
        """All quotients of values that are not below zero; a divisor near zero leaves no upper bound."""
        low, high, smallest = max(self.lower, ZERO), max(self.upper, ZERO), max(other.lower, ZERO)
        return Interval(
            _quotient(low, other.upper),
            _quotient(high, smallest),
            ZERO in self if low == ZERO else self.lower_closed and other.upper_closed,
            smallest > ZERO and self.upper_closed and other.lower_closed,
        )

    def integers(self) -> range:
        """The whole numbers inside; an `OverflowError` where a bound is infinite."""
        first, last = self.outer_integers()
        return range(first + (first not in self), last + (last in self))

    def outer_integers(self) -> tuple[int, int]:
        """The bounds moved outwards to whole numbers; an `OverflowError` where one is infinite."""
        return floor(self.lower), ceil(self.upper)


def _quotient(value: Decimal, divisor: Decimal) -> Decimal:
    if not divisor or divisor.is_infinite():
        return ZERO if divisor else INFINITY
    with localcontext(prec=PRECISION):
        return value / divisor


EVERYTHING = Interval(-INFINITY, INFINITY, False, False)


def point(value: Decimal | int) -> Interval:
    """The interval that holds one value."""
    return between(value, value)


def between(low: Decimal | int, high: Decimal | int) -> Interval:
    """The interval of two numbers, both in it."""
    return Interval(Decimal(low), Decimal(high), True, True)


class Rounding(StrEnum):
    """The rules by which a report may have shortened a figure, mirrored at zero (下降5.2%)."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    TRUNCATION = "truncation"


def unround(printed: Decimal, step: Decimal, rounding: Rounding) -> Interval:
    """All values that a rule shortens to the printed one; the value itself when the step is 0.

    Half-up [x-u/2, x+u/2), truncation [x, x+u), half-even both ends where the last digit is even, else none.
    """
    if step == ZERO:
        return point(printed)
    half = step / 2
    if rounding is Rounding.HALF_EVEN:
        even = (printed / step) % 2 == 0
        return Interval(printed - half, printed + half, even, even)
    inwards, outwards = (half, half) if rounding is Rounding.HALF_UP else (ZERO, step)
    low = printed - (inwards if printed > ZERO else outwards)
    high = printed + (inwards if printed < ZERO else outwards)
    return Interval(low, high, printed > ZERO, printed < ZERO)


def reproduced_by(true: Interval, printed: Decimal, step: Decimal) -> tuple[Rounding, ...]:
    """The rules under which some value of an interval is printed so; empty when no rule does it."""
    return tuple(rule for rule in Rounding if true.meets(unround(printed, step, rule)))


def decimals(text: str) -> int:
    """How many digits stand after the decimal point."""
    return len(text.partition(".")[2])


def printed_step(printed: str, evidence: str = "", *, continuous: bool = False) -> Decimal:
    """The place of the last printed digit: 0 for a plain whole count, which is exact.

    The evidence keeps zeros that numbers lose (92.50). A `continuous` 81 (a rate) is rounded, a count is not.
    """
    told = unicodedata.normalize("NFKC", evidence).replace(",", "") if re.search("[.．]", evidence) else ""
    same = [found for found in re.findall(r"\d+\.\d+", told) if Decimal(found) == abs(Decimal(printed))]
    shown = max(map(decimals, (printed, *same)))
    return Decimal(1).scaleb(-shown) if shown or continuous else ZERO


def reading(printed: Decimal, qualifier: str = "=", step: Decimal = ZERO) -> Interval:
    """All values that a printed figure can stand for, whatever rule rounded it.

    `=` is [x-u/2, x+u), both rules; `>` (余, 多) [x, x+u); `<` (近) (x-u, x]; both unbounded without a step.
    `~` (约) says less: [x-u, x+u], where the last digit that is not zero serves for a missing step.
    """
    if qualifier == "=":
        return unround(printed, step, Rounding.HALF_UP).hull(unround(printed, step, Rounding.TRUNCATION))
    if qualifier not in ("<", ">", "~"):
        raise ValueError(f"a qualifier is one of = > < ~, not {qualifier!r}")
    reach = step or (last_place(printed) if qualifier == "~" else INFINITY)
    low = printed if qualifier == ">" else printed - reach
    high = printed if qualifier == "<" else printed + reach
    return Interval(low, high, qualifier != "<", qualifier != ">")


def last_place(value: Decimal) -> Decimal:
    """The place of the last digit that is not zero: 100 for 3800, 0.1 for 19.2, 1 for 0."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if value and isinstance(exponent, int) else Decimal(1)


_DIGIT, _TO_WORD = "[0-9一二三四五六七八九十]", "[%件宗人个项条万亿千百次]*"
_WORDS = (
    (">=", f"(?:超过?|突破|逾|over|more than|at least) *{_DIGIT}|{_DIGIT}{_TO_WORD}以上"),
    ("<=", f"(?:不足|不到|低于|under|below) *{_DIGIT}|{_DIGIT}{_TO_WORD}以[下内]"),
    (">", f"{_DIGIT}[万亿千百]*[余多]"),
    ("<", f"(?:接?近|nearly|almost) *{_DIGIT}"),
    ("~", f"(?:约|about|around) *{_DIGIT}"),
)


def worded_qualifier(text: str) -> str:
    """The sign of words beside a number: >= 以上 超, <= 以下 不足, > 余 多, < 近, ~ 约; or empty."""
    folded = unicodedata.normalize("NFKC", text)
    return next((sign for sign, words in _WORDS if re.search(words, folded, re.IGNORECASE)), "")


def feasible_numerators(
    printed: Decimal, step: Decimal, base: int, rounding: Rounding, scale: Decimal = HUNDRED
) -> range:
    """The whole numbers k for which k of `base` is printed so (GRIM, Brown & Heathers 2017), or none."""
    with localcontext(prec=PRECISION):
        return unround(printed, step, rounding).times(Decimal(base) / scale).integers()


def implied_base(
    numerator: Interval, printed: Decimal, step: Decimal, rounding: Rounding, scale: Decimal = HUNDRED
) -> Interval:
    """All bases of which the numerator is the printed rate; its whole numbers are the candidates."""
    return numerator.over(unround(printed, step, rounding)).times(scale)


def prior_value(current: Interval, change: Decimal, step: Decimal, rounding: Rounding) -> Interval:
    """All prior values from which the current one follows by a printed change in per cent."""
    grown = unround(change, step, rounding).times(1 / HUNDRED) + point(1)
    return current.over(grown)
