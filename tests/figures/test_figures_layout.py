"""Labels, lines and ticks: they never overlap, never overflow and lose nothing."""

from __future__ import annotations

import gc
import re
from itertools import pairwise

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import font_manager

from analysis.figures import canvas, labels, plain_number, scales, stairs, theme, tick_number
from analysis.figures.labels import Box

positions = st.lists(st.floats(-50, 50), min_size=1, max_size=30).map(sorted)
prose = st.text(alphabet="湛江市行政复议，。（）“”-, AbcdeWi0123456789%", max_size=60)


def test_measuring_keeps_no_file_open_that_forked_processes_would_share():
    assert canvas.text_width("未曾量过的一行") > 0
    font_manager._get_font.cache_clear()  # as matplotlib does in every forked process
    gc.collect()
    assert str(theme.font_path()) not in {file.path for file in psutil.Process().open_files()}


@given(positions, st.data())
def test_spread_labels_keep_order_and_distance(wished, data):
    sizes = data.draw(st.lists(st.floats(0.1, 5), min_size=len(wished), max_size=len(wished)))
    low = data.draw(st.floats(-60, 0))
    high = low + sum(sizes) + data.draw(st.floats(0, 60))
    centres = labels.spread(wished, sizes, low, high)
    gaps = [b - a for a, b in pairwise(centres)]
    least = [(a + b) / 2 for a, b in pairwise(sizes)]
    assert all(gap >= room - 1e-6 for gap, room in zip(gaps, least, strict=True))
    assert centres[0] - sizes[0] / 2 >= low - 1e-6
    assert centres[-1] + sizes[-1] / 2 <= high + 1e-6


def test_labels_with_room_stay_where_they_are():
    assert labels.spread([1.0, 3.0, 9.0], [1.0, 1.0, 1.0], 0.0, 10.0) == pytest.approx([1.0, 3.0, 9.0])


def test_two_labels_at_one_place_move_apart_evenly():
    assert labels.spread([5.0, 5.0], [1.0, 1.0], 0.0, 10.0) == pytest.approx([4.5, 5.5])


def test_no_labels_are_no_places():
    assert labels.spread([], [], 0.0, 1.0) == []


points = st.tuples(st.floats(0, 10), st.floats(0, 5))
sizes = st.tuples(st.floats(0.05, 3), st.floats(0.05, 1))


@given(st.lists(st.tuples(points, sizes), max_size=20))
def test_placed_labels_overlap_nothing(wanted):
    frame = Box(0, 0, 10, 5)
    marks = [Box(x - 0.05, y - 0.05, x + 0.05, y + 0.05) for (x, y), _ in wanted]
    places = labels.place_labels([p for p, _ in wanted], [s for _, s in wanted], frame=frame, obstacles=marks)
    boxes = [box for box in places if box is not None]
    assert len(places) == len(wanted)
    assert all(box.within(frame) for box in boxes)
    assert not any(box.overlaps(mark) for box in boxes for mark in marks)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_a_label_without_room_is_given_up():
    frame = Box(0, 0, 1, 1)
    assert labels.place_labels([(0.5, 0.5)], [(3.0, 0.1)], frame=frame) == [None]


@settings(max_examples=60)
@given(prose, st.floats(0.6, 3.0))
def test_wrapped_lines_fit_and_lose_no_character(text, width):
    lines = canvas.wrap(text, width).split("\n")
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert all(canvas.text_width(line) <= width + 0.02 for line in lines)


def test_no_line_starts_with_a_closing_mark_or_ends_with_an_opening_one():
    text = "行政机关负责人出庭应诉率（基数未说明），含市本级《年度报告》与“各县”、区。"
    for width in (0.7, 0.9, 1.1, 1.3, 1.7):
        lines = canvas.wrap(text, width).split("\n")
        assert not any(line[0] in "，。、）》”" for line in lines)
        assert not any(line[-1] in "（《“" for line in lines)


def test_a_hyphenated_word_may_break_after_its_hyphen():
    assert canvas.wrap("random-inspection", 0.8) == "random-\ninspection"


def test_a_minus_sign_stays_with_its_number():
    assert "-\n" not in canvas.wrap("from -15 to -12 and -11", 0.4)


ranges = st.tuples(st.floats(1e-6, 1e9), st.floats(1.0001, 1e12)).map(lambda t: (t[0], t[0] * t[1]))


@settings(max_examples=60)
@given(ranges, st.floats(0.8, 6.0), st.booleans())
def test_tick_labels_never_touch(limits, width, log):
    ticks = scales.fitting_ticks(limits, width, log=log)
    ends = scales._places(ticks, limits, width, log)
    halves = [canvas.text_width(tick_number(tick), 9) / 2 for tick in ticks]
    assert all(limits[0] <= tick <= limits[1] for tick in ticks)
    assert all(b - a > h + k for a, b, h, k in zip(ends, ends[1:], halves, halves[1:], strict=False))


@given(st.lists(st.tuples(st.floats(1, 1e6), st.floats(0.1, 2.0)), min_size=1, max_size=20), st.booleans())
def test_every_label_fits_between_its_end_and_the_edge(labelled, log):
    ends, rooms = [end for end, _ in labelled], [room for _, room in labelled]
    limits = scales.with_room(scales.value_range(ends, log=log), ends, rooms, 4.0, log=log)
    places = scales._places(ends, limits, 4.0, log)
    assert all(place + room <= 4.0 + 1e-6 for place, room in zip(places, rooms, strict=True))


@pytest.mark.parametrize("values", [[], [0.0], [float("nan")], [0.0, 0.0]])
def test_a_log_axis_without_positive_values_still_has_a_range(values):
    low, high = scales.value_range(values, log=True)
    assert 0 < low < high


@pytest.mark.parametrize(
    ("value", "expected"),
    [(213614, "213,614"), (39.18, "39.2"), (0.0, "0"), (0.034, "0.034"), (1234.5, "1,234"), (-0.5, "-0.50")],
)
def test_plain_numbers(value, expected):
    assert plain_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1e6, "1,000,000"),
        (0.001, "0.001"),
        (2.5, "2.5"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_tick_numbers(value, expected):
    assert tick_number(value) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 7), prose), max_size=8))
def test_stairs_never_cross(marks):
    marks = sorted(marks)
    built = stairs.build_stairs([x for x, _ in marks], [text for _, text in marks], 7.0)
    assert sorted(stair.mark for stair in built) == list(range(len(marks)))
    if any(stair.listed for stair in built):
        assert all(b.top >= a.bottom for a, b in pairwise(built))
        return
    for position, stair in enumerate(built):
        assert stair.boxes[1].left >= 0
        assert stair.boxes[1].right <= 7.0
        others = [box for other in built[position + 1 :] for box in other.boxes]
        assert not any(box.overlaps(other) for box in stair.boxes for other in others)


def test_marks_that_leave_no_room_are_numbered():
    anchors = [0.5 * place for place in range(1, 14)]
    built = stairs.build_stairs(anchors, ["a label of many words"] * 13, 7.0)
    assert [stair.text[0] for stair in built] == list("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬")


def test_few_marks_stand_beside_their_leaders():
    built = stairs.build_stairs([6.0, 6.5], ["one", "two"], 7.0)
    assert not any(stair.listed for stair in built)
