"""Every chart: what it refuses, what it draws of nothing, one row and many; that its texts can be read."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from chart_frames import EVERY, amounts, cases, draw, is_rising, outside, overlaps, years
from fair_cases import cases_of, frame_of
from hypothesis import given, settings
from hypothesis import strategies as some
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from analysis import charts, stats, style
from analysis.errors import DataError, InputError

pytestmark = pytest.mark.filterwarnings("error")
OF_ONE_PLACE = sorted(set(EVERY) - {"ranked", "funnel"})


@pytest.fixture(autouse=True)
def _look() -> Iterator[None]:
    plt.close("all")
    style.use()
    yield
    plt.close("all")


def _labels(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def _words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


# what is refused


@pytest.mark.parametrize("chart", OF_ONE_PLACE)
def test_a_missing_column_is_an_error_that_names_the_closest(chart: str) -> None:
    column = {"lines": "value", "coverage": "domain", "strips": "position", "parts": "part"}.get(
        chart, "label"
    )
    column = {"bars": "name", "small": "name", "pairs": "name"}.get(chart, column)
    frame = amounts(3).rename(columns={column: f"{column}s"})
    with pytest.raises(InputError, match=f"charts.{chart} needs a column(.|\n)*{column}s"):
        getattr(charts, chart)(frame)


@pytest.mark.parametrize("chart", ["ranked", "funnel"])
def test_a_plain_frame_is_never_ranked_nor_given_limits(chart: str) -> None:
    with pytest.raises(InputError, match="comparable"):
        getattr(charts, chart)(pd.DataFrame(cases(12)))


def test_a_region_twice_is_not_ranked() -> None:
    twice = cases(3)
    twice["region_code"] = "440800"
    with pytest.raises(DataError, match="compared once"):
        charts.ranked(twice)


def test_grade_c_is_not_drawn() -> None:
    frame = frame_of()
    frame.loc[frame["name"] == "孝感市", ["grade", "reason", "reason_text"]] = ["C", "scope", "范围不同"]
    ax = charts.ranked(cases_of(frame))
    assert ax is not None
    assert len(_labels(ax)) == 9
    assert "孝感市" not in _labels(ax)


def test_a_funnel_of_nine_is_refused_with_what_to_draw() -> None:
    with pytest.raises(InputError, match=r"10 comparable units(.|\n)*9(.|\n)*charts.ranked"):
        charts.funnel(stats.funnel(cases(9)))


def test_five_categories_are_refused() -> None:
    frame = pd.DataFrame({"year": 2020, "name": "a", "value": 1.0, "place": list("abcde")})
    with pytest.raises(InputError, match="at most 4 categories"):
        charts.lines(frame, hue="place")


def test_a_bar_with_two_values_is_refused_instead_of_averaged() -> None:
    with pytest.raises(InputError, match="one value"):
        charts.bars(pd.DataFrame({"name": ["a", "a"], "value": [1, 2]}))


def test_a_rest_without_a_name_and_a_part_below_zero_are_refused() -> None:
    frame = pd.DataFrame({"part": ["a", "b"], "value": [1, 2]})
    with pytest.raises(InputError, match="has a name"):
        charts.parts(frame, whole=4)
    with pytest.raises(InputError, match="not below zero"):
        charts.parts(frame.assign(value=[-1, 2]))


def test_a_window_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(InputError, match="lower end"):
        charts.windows(amounts(2).rename(columns={"lower": "upper", "upper": "lower"}))


def test_five_values_are_too_many_for_a_small_picture() -> None:
    with pytest.raises(InputError, match="four values"):
        charts.small(amounts(5))


# nothing, one row, many rows


@pytest.mark.parametrize("chart", OF_ONE_PLACE)
def test_an_empty_frame_gives_nothing_and_leaves_no_figure(chart: str) -> None:
    assert getattr(charts, chart)(amounts(0)) is None
    assert plt.get_fignums() == []


@pytest.mark.parametrize("chart", ["ranked", "funnel"])
def test_no_comparable_cases_give_nothing(chart: str) -> None:
    few = stats.funnel(cases(3))
    assert getattr(charts, chart)(few[few["role"] == "context"]) is None


def test_values_that_are_all_missing_give_nothing() -> None:
    assert charts.bars(amounts(3).assign(value=np.nan)) is None
    assert charts.ranked(cases(3).assign(rate=np.nan)) is None
    assert charts.strips(amounts(3).assign(position=0.0), log=True) is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("rows", [1, 5, 40])
@pytest.mark.parametrize("chart", EVERY)
def test_texts_never_cover_each_other_nor_leave_the_picture(chart: str, rows: int, language: str) -> None:
    rows = {"funnel": max(rows, 12), "lines": min(rows, 10), "small": min(rows, 4)}.get(chart, rows)
    ax = draw(chart, language, rows)
    assert ax is not None
    assert overlaps(ax) == []
    assert outside(ax) == []


@pytest.mark.parametrize("chart", EVERY)
def test_a_picture_is_the_same_each_time_and_small(chart: str) -> None:
    rows = 12 if chart == "funnel" else 5
    pictures = [style.svg(ax, chart) for _ in range(2) if (ax := draw(chart, "zh", rows)) is not None]
    assert pictures[0] == pictures[1]
    assert len(pictures[0]) < 120_000


@pytest.mark.parametrize("chart", EVERY)
def test_a_letter_without_a_glyph_is_an_error(chart: str) -> None:
    ax = draw(chart, "zh", 12 if chart == "funnel" else 4)
    assert ax is not None
    ax.set_xlabel("🐟")
    with pytest.raises(InputError, match="U\\+1F41F"):
        style.svg(ax, chart)


@pytest.mark.parametrize("chart", EVERY)
def test_charts_draw_on_axes_that_are_given(chart: str) -> None:
    assert "ax" in inspect.signature(getattr(charts, chart)).parameters
    mine = plt.subplots()[1]
    calls: dict[str, Any] = {
        "ranked": lambda: charts.ranked(cases(4), ax=mine),
        "funnel": lambda: charts.funnel(stats.funnel(cases(12)), ax=mine),
        "lines": lambda: charts.lines(years(4).drop_duplicates("year"), ax=mine),
    }
    assert calls.get(chart, lambda: getattr(charts, chart)(amounts(4), ax=mine))() is mine
    assert len(plt.get_fignums()) == 1


# what is drawn


def test_ranked_stands_in_order_with_the_focus_in_colour_and_the_context_below() -> None:
    ax = charts.ranked(cases(6))
    assert ax is not None
    found = cases(6)
    order = (
        found.comparable.sort_values("rate", ascending=False)["name"].tolist()
        + found.context["name"].tolist()
    )
    assert [label.replace("\n", "").replace(" ", "") for label in _labels(ax)] == [
        name.replace(" ", "").replace("’", "'") for name in order
    ]
    colours = [to_hex(label.get_color()).upper() for label in ax.get_yticklabels()]
    assert [colour == style.FOCUS for colour in colours].index(True) == order.index(found.iloc[0]["name"])
    assert colours.count(style.FOCUS) == 1


def test_ranked_takes_an_analysts_further_calls() -> None:
    ax = charts.ranked(cases(6))
    assert ax is not None
    ax.axvline(20, linewidth=0.8)
    ax.set_xscale("log")
    assert style.svg(ax, "more").startswith(b"<svg")


def test_of_many_cities_the_ends_and_the_focus_are_named_and_the_rest_counted() -> None:
    ax = charts.ranked(cases(40, context=0))
    assert ax is not None
    labels = _labels(ax)
    gaps = [int(label.strip("… ")) for label in labels if label.startswith("…")]
    assert len(labels) - len(gaps) + sum(gaps) == 40
    assert len(labels) < 28
    assert any("湛江 0" in label.replace("\n", " ") for label in labels)


def test_words_stand_in_place_of_numbers_where_there_are_some() -> None:
    ax = charts.bars(
        pd.DataFrame({"name": ["a", "b"], "value": [620_000, 12], "text": ["more than 620,000", ""]})
    )
    assert ax is not None
    assert _words(ax) == ["more than 620,000", "12"]


def test_numbers_are_as_printed_and_computed_ones_have_three_digits() -> None:
    ax = charts.bars(pd.DataFrame({"name": list("abc"), "value": [99.85, 5.257314, 48_712]}))
    assert ax is not None
    assert _words(ax) == ["99.85", "5.26", "48,712"]


def test_no_line_crosses_a_missing_year_a_break_or_a_backcast() -> None:
    frame = pd.DataFrame({"year": [2012, 2013, 2014, 2016, 2017, 2018], "value": range(6)})
    frame["break"] = ["", "", "", "", "rule changed", ""]
    ax = charts.lines(frame.assign(backcast=[True, *[False] * 5]))
    assert ax is not None
    joined = [sorted(np.asarray(line.get_xdata(), float)) for line in ax.get_lines()]
    spans = {tuple(span) for span in joined if len(span) > 1 and span[0] != span[-1]}
    assert spans == {(2013, 2014), (2017, 2018)}
    assert "rule\nchanged" in _words(ax) or "rule changed" in _words(ax)


def test_years_are_whole_and_values_start_at_zero() -> None:
    ax = charts.lines(pd.DataFrame({"year": [2019, 2020], "value": [90, 100]}))
    assert ax is not None
    assert ax.get_ylim()[0] == 0
    assert all(float(place).is_integer() for place in ax.get_xticks())


@pytest.mark.parametrize("values", [[41, 45], [0, 0], [90, 1000]])
def test_the_highest_value_has_room_for_its_dot_and_number(values: list[int]) -> None:
    ax = charts.lines(pd.DataFrame({"year": [2019, 2020], "value": values}))
    assert ax is not None
    bottom, top = ax.get_ylim()
    assert (top - max(values)) / (top - bottom) > 0.1


def test_values_below_zero_are_on_the_picture() -> None:
    ax = charts.lines(pd.DataFrame({"year": [2019, 2020], "value": [-5, 100]}))
    assert ax is not None
    assert ax.get_ylim()[0] < -5


def test_parts_fill_the_whole_and_shares_are_of_it() -> None:
    frame = pd.DataFrame({"part": ["upheld", "corrected"], "value": [150, 100]})
    ax = charts.parts(frame, whole=272, whole_label="closed", rest_label="not itemised")
    assert ax is not None
    bars = [(patch.get_x(), patch.get_width(), patch.get_hatch()) for patch in ax.patches]
    assert bars == [(0, 272, None), (0, 150, None), (150, 100, None), (250, 22, "////")]
    assert _words(ax)[1::2] == ["100.0%", "55.1%", "36.8%", "8.1%"]


def test_a_point_outside_its_window_has_another_mark() -> None:
    frame = pd.DataFrame(
        {"label": ["in", "out", "none"], "lower": 36.65, "upper": 36.75, "point": [36.7, 36.76, np.nan]}
    )
    ax = charts.windows(frame)
    assert ax is not None
    assert [line.get_marker() for line in ax.get_lines()][:2] == ["D", "X"]
    assert len([line for line in ax.get_lines() if not np.isnan(line.get_xdata()).all()]) == 2  # type: ignore[arg-type]


def test_windows_in_steps_share_an_axis() -> None:
    frame = pd.DataFrame(
        {
            "label": ["a", "b"],
            "lower": [36.65, 90],
            "upper": [36.75, 91],
            "point": [36.7, 90.5],
            "unit": [0.1, 1],
        }
    )
    ax = charts.windows(frame, step="unit")
    assert ax is not None
    assert [round(patch.get_width(), 6) for patch in ax.patches] == [1, 1]


def test_fields_of_a_coverage_without_figures_are_zero_and_text_has_contrast() -> None:
    frame = pd.DataFrame({"year": [2019, 2020, 2020], "domain": ["a", "a", "b"], "facts": [1, 200, 40]})
    ax = charts.coverage(frame)
    assert ax is not None
    assert _words(ax) == ["1", "200", "0", "40"]
    fields = ax.collections[0].get_facecolor()
    for field, text in zip(np.asarray(fields), ax.texts, strict=True):
        assert _contrast(to_hex(field), to_hex(text.get_color())) >= 4.5


@pytest.mark.parametrize("colour", style.TEXT_COLOURS)
def test_colours_of_text_have_contrast_on_white(colour: str) -> None:
    assert _contrast(colour, style.PAPER) >= 4.5


def test_every_text_is_in_a_colour_with_contrast() -> None:
    for chart in set(EVERY) - {"coverage"}:
        ax = draw(chart, "en", 12 if chart == "funnel" else 4)
        assert ax is not None
        assert {to_hex(text.get_color()).upper() for text in ax.texts} <= set(style.TEXT_COLOURS)


def test_categories_differ_by_more_than_colour() -> None:
    frame = pd.DataFrame({"year": [2019, 2020] * 4, "value": range(8), "place": list("wwxxyyzz")})
    ax = charts.lines(frame, hue="place")
    assert ax is not None
    assert len({line.get_marker() for line in ax.get_lines()}) == 4


@settings(max_examples=25, deadline=None)
@given(some.lists(some.floats(0.001, 1e6), min_size=1, max_size=60), some.integers(2, 30))
def test_ranked_places_every_city_once_and_none_above_a_higher(rates: list[float], most: int) -> None:
    frame = frame_of(
        [10] * len(rates), [10**6] * len(rates), [f"city {place}" for place in range(len(rates))]
    )
    ax = charts.ranked(cases_of(frame).assign(rate=rates, lower=np.nan, upper=np.nan), most=most)
    assert ax is not None
    dots = [(float(line.get_ydata()[0]), float(line.get_xdata()[0])) for line in ax.get_lines()]  # type: ignore[index]
    plt.close("all")
    assert sorted(x for _, x in dots) == pytest.approx(sorted(rates))
    assert is_rising([y for y, _ in dots])
    assert is_rising([-x for _, x in dots])


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 defines it."""
    light = sorted((_luminance(colour) for colour in (one, other)), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
