"""Rounding as a report does it, for tests of what can be told from a printed figure."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

from analysis.quantity import PRECISION, ZERO, Rounding

_MODES = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.TRUNCATION: ROUND_DOWN,
}


def round_to(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """The value shortened to a multiple of a step; unchanged when the step is 0.

    Args:
        value: Any finite value.
        step: The place of the last digit kept, such as 0.1 for one decimal or 1000 for 3.4万.
        rounding: The rule; ties of half-up go away from zero, truncation goes towards it.
    """
    if step == ZERO:
        return value
    with localcontext(prec=PRECISION):
        return (value / step).to_integral_value(_MODES[rounding]) * step
