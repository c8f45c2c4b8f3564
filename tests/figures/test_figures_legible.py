"""Every kind of chart, in both languages, with nasty values: no text overlaps or leaves the figure."""

from __future__ import annotations

import numpy as np
import pytest

NAN = float("nan")
VALUES = {
    "one_row": ([3.0], False),
    "two_rows": ([0.0, 5.0], False),
    "all_missing_but_one": ([NAN, 2.0, NAN], False),
    "zeros_and_missing_on_a_log_axis": ([0.0, NAN, 12.0, 0.0, 3.0, 700.0], True),
    "huge_range": ([1e-3, 1.0, 1e3, 1e6, 1e9, 1e12], True),
    "huge_range_linear": ([1e-3, 1.0, 1e3, 1e6, 1e9, 1e12], False),
    "all_equal": ([7.0] * 8, False),
    "nearly_equal": ([99.1, 99.2, 99.15, 99.3, 99.25, 100.0], False),
    "skewed_parts": ([112.0, 84.0, 37.0, 19.0, 8.0, 7.0, 1.0, 1.0, 1.0], False),
    "forty_rows": (list(np.geomspace(1, 4000, 40)), True),
}
IN_CHINESE = ("one_row", "zeros_and_missing_on_a_log_axis", "skewed_parts")
SCENARIOS = [
    *(pytest.param(name, "en", marks=pytest.mark.slow if name == "forty_rows" else ()) for name in VALUES),
    *((name, "zh") for name in IN_CHINESE),
]


@pytest.mark.parametrize(("scenario", "language"), SCENARIOS)
def test_text_never_collides(drawing, make_case, check_legible, scenario, language):
    values, log = VALUES[scenario]
    check_legible(drawing(make_case(values, language=language, log=log)))


@pytest.mark.slow
def test_sixty_long_labels_have_room(make_case, drawings, check_legible):
    case = make_case(list(np.geomspace(1, 4000, 60)), language="zh")
    check_legible(drawings["ranked_dots"](case))


def test_the_check_finds_text_that_collides(check_legible, sheet_with):
    with pytest.raises(AssertionError, match="overlaps"):
        check_legible(sheet_with([(1.0, 1.0, "湛江市"), (1.1, 1.05, "武汉市")]))


def test_the_check_finds_text_that_leaves_the_figure(check_legible, sheet_with):
    with pytest.raises(AssertionError, match="leaves the figure"):
        check_legible(sheet_with([(3.9, 1.0, "Zhanjiang")]))
