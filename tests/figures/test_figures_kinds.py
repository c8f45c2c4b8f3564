"""What each kind of chart refuses, and what it draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from analysis import figures
from analysis.errors import InputError
from analysis.figures.theme import FOCUS, INK

NAN = float("nan")


def places(line):
    """The points of a line or of marks, without the gaps between them."""
    across = np.asarray(line.get_xdata(), dtype=float)
    return across[~np.isnan(across)]


def marks(figure, marker):
    """The marks of a shape, as (face colour, edge colour), one for each."""
    lines = [line for line in figure.findobj(Line2D) if line.get_marker() == marker]
    return [(line.get_markerfacecolor(), line.get_markeredgecolor()) for line in lines for _ in places(line)]


def points(**columns):
    """Rows for small multiples: one panel of plain values unless columns say otherwise."""
    size = len(columns["year"])
    plain = {"panel": "Cases", "lower": NAN, "upper": NAN, "qualifier": "=", "derived": False}
    plain |= {"break_before": "", "scope_style": "whole city"}
    return pd.DataFrame({name: [value] * size for name, value in plain.items()} | columns)


def joined(figure):
    """The number of lines between points, each of two ends."""
    lines = [
        line for line in figure.findobj(Line2D) if line.get_linewidth() == 1.3 and line.get_linestyle() == "-"
    ]
    return sum(len(places(line)) for line in lines) / 2


@pytest.mark.parametrize("name", ["ranked_dots", "bars", "strips"])
def test_an_unknown_role_is_refused_with_the_closest_one(drawings, make_case, name):
    with pytest.raises(InputError, match="type focus"):
        drawings[name](make_case([1.0, 2.0], roles=("focsu",)))


def test_an_empty_frame_is_refused_with_what_to_do_instead(drawing, make_case):
    with pytest.raises(InputError, match="at least one row"):
        drawing(make_case([]))


def test_an_infinite_value_is_refused(drawings, make_case):
    with pytest.raises(InputError, match="finite"):
        drawings["bars"](make_case([math.inf]))


def test_text_where_a_number_belongs_is_refused(words):
    frame = pd.DataFrame({"label": ["a"], "value": ["3万"], "note": "", "role": "focus"})
    with pytest.raises(InputError, match="holds numbers"):
        figures.bars(frame, words=words)


@pytest.mark.parametrize("name", ["ranked_dots", "bars", "changes", "strips"])
def test_a_negative_value_has_no_place_on_a_log_axis(drawings, make_case, name):
    with pytest.raises(InputError, match="log=False"):
        drawings[name](make_case([-1.0, 2.0], log=True))


def test_a_frame_without_a_column_is_refused_by_its_name(words):
    frame = pd.DataFrame({"label": ["a"], "value": [1.0], "lower": [1.0], "role": ["peer"]})
    with pytest.raises(InputError, match="no upper among"):
        figures.ranked_dots(frame, words=words)


@pytest.mark.parametrize(
    "name",
    [
        *("ranked_dots", "bars", "composition", "changes", "small_multiples", "rate_windows", "strips"),
        *("funnel", "waterfall"),
    ],
)
def test_a_missing_value_is_said_in_words(drawings, make_case, written, name):
    case = make_case([4.0, NAN, 9.0], language="zh", roles=("focus", "peer", "peer"))
    assert any(case.words.missing in line for line in written(drawings[name](case)))


@pytest.mark.parametrize("values", [[-1.0, 2.0], [NAN]])
def test_parts_that_are_negative_or_all_missing_are_refused(make_case, words, values):
    frame = make_case(values).frame()
    with pytest.raises(InputError, match="counts from zero up"):
        figures.composition(frame, total=None, gap_label="", words=words)


def test_an_unknown_qualifier_or_a_fifth_scope_is_refused(words):
    with pytest.raises(InputError, match="qualifier is one of"):
        figures.small_multiples(points(year=[2020], value=[1.0], qualifier=["≥"]), words=words)
    scopes = points(year=[1, 2, 3, 4, 5], value=[1.0] * 5, scope_style=list("abcde"))
    with pytest.raises(InputError, match="at most 4 scopes"):
        figures.small_multiples(scopes, words=words)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([("a", "x", "full"), ("b", "y", "none")], "missing"),
        ([("a", "x", "full"), ("a", "x", "none")], "given twice"),
        ([("a", "x", "ful")], "type full"),
    ],
)
def test_a_coverage_matrix_with_a_bad_cell_is_refused(cells, message):
    frame = pd.DataFrame(cells, columns=["row", "column", "state"])
    labels = {"full": "f", "partial": "p", "none": "n"}
    with pytest.raises(InputError, match=message):
        figures.coverage_matrix(frame, state_labels=labels)


def test_a_coverage_matrix_has_at_most_twenty_columns():
    cells = [("a", str(column), "full") for column in range(21)]
    frame = pd.DataFrame(cells, columns=["row", "column", "state"])
    with pytest.raises(InputError, match="20 columns"):
        figures.coverage_matrix(frame, state_labels={"full": "f", "partial": "p", "none": "n"})


def test_a_window_without_width_is_refused(drawings, words):
    frame = pd.DataFrame({"label": ["a"], "printed": "36.7", "exact": [36.76], "verdict": "v"})
    frame = frame.assign(half_up_lower=36.65, half_up_upper=36.75, truncated_lower=36.7, truncated_upper=NAN)
    labels = {"half_up_label": "h", "truncated_label": "t", "exact_label": "e", "axis_label": "x"}
    with pytest.raises(InputError, match="window for each rounding rule"):
        figures.rate_windows(frame, words=words, number=figures.plain_number, **labels)


def test_ranked_dots_rank_values_and_leave_the_missing_and_context_unranked(written, words):
    frame = pd.DataFrame(
        {
            "label": ["low", "absent", "nation", "high", "none"],
            "value": [1.0, NAN, 5.0, 9.0, 0.0],
            "lower": NAN,
            "upper": NAN,
            "role": ["focus", "peer", "context", "peer", "other"],
        }
    )
    lines = written(figures.ranked_dots(frame, words=words, log=True))
    order = [line for line in lines if line in set(frame["label"])]
    assert order == ["high", "low", "none", "absent", "nation"]
    assert words.zero in lines
    assert words.missing in lines


def test_ranked_dots_do_not_need_a_unique_index(written, words):
    frame = pd.DataFrame({"label": ["a"], "value": [1.0], "lower": [0.5], "upper": [2.0], "role": ["other"]})
    both = pd.concat([frame, frame.assign(label="b", value=3.0)])
    lines = written(figures.ranked_dots(both, words=words))
    assert [line for line in lines if line in ("a", "b")] == ["b", "a"]


def test_bars_start_at_zero_and_are_as_long_as_their_values(drawings, make_case):
    figure = drawings["bars"](make_case([3.0, 40.0, 0.0]))
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths == [3.0, 40.0, 0.0]


def test_bars_on_a_log_axis_are_lollipops(drawings, make_case):
    figure = drawings["bars"](make_case([3.0, 40.0], log=True, roles=("focus", "other")))
    assert not [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(marks(figure, "o")) == 2


def hatched(figure):
    return [patch for patch in figure.findobj(Rectangle) if patch.get_hatch()]


def test_the_gap_of_a_composition_is_hatched_and_in_proportion(words, written):
    frame = pd.DataFrame({"label": list("abcdefg"), "value": [112.0, 84, 37, 19, 8, 7, 1]})
    figure = figures.composition(frame, total=272, gap_label="4 of 272 not itemised", words=words)
    whole = sum(patch.get_width() for patch in figure.artists[0].findobj(Rectangle))
    assert [patch.get_width() / whole for patch in hatched(figure)] == pytest.approx([4 / 272])
    assert "4 of 272 not itemised" in written(figure)


def test_parts_beyond_the_printed_total_are_marked_not_hatched(words, written):
    frame = pd.DataFrame({"label": ["a", "b"], "value": [60.0, 50.0]})
    figure = figures.composition(frame, total=100, gap_label="10 more than 100", words=words)
    assert not hatched(figure)
    assert "10 more than 100" in written(figure)


@pytest.mark.parametrize("total", [110.0, None])
def test_parts_that_add_up_leave_no_gap(words, written, total):
    frame = pd.DataFrame({"label": ["a", "b", "c"], "value": [60.0, 50.0, NAN]})
    figure = figures.composition(frame, total=total, gap_label="a gap", words=words)
    lines = written(figure)
    assert "a gap" not in lines
    assert "c: not reported" in lines


def flow(values, kinds, **columns):
    """Rows for a waterfall, labelled a, b, c …; what is left over is called a rest."""
    labels = list("abcdefghij")[: len(values)]
    frame = pd.DataFrame({"label": labels, "value": values, "kind": kinds})
    return frame.assign(**({"rest": ["a rest" if kind == "level" else "" for kind in kinds]} | columns))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (flow([5.0], ["part"]), "starts with a level"),
        (flow([5.0, 1.0], ["level", "prat"]), "type part"),
        (flow([5.0, 1.0], ["level", "part"], role="peer"), "role is one of"),
        (flow([5.0, NAN], ["level", "level"]), "Levels are known"),
        (flow([5.0, -1.0], ["level", "part"]), "nothing in a waterfall is negative"),
        (flow([5.0, 1.0], ["level", "part"], rest=""), "4 without words"),
        (flow([5.0, 5.0, 7.0], ["level", "part", "level"], rest=""), "-7 without words"),
    ],
)
def test_a_waterfall_that_would_not_add_up_in_words_is_refused(words, rows, message):
    with pytest.raises(InputError, match=message):
        figures.waterfall(rows, words=words)


def spans(figure):
    """Left and right end of each bar, from top to bottom."""
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in boxes]


def test_a_waterfall_steps_from_level_to_level_and_hatches_what_is_left(words, written):
    kinds = ["level", "level", "part", "part"]
    rows = flow([367.0, 272, 112, 156], kinds, rest=["not closed", "4 of 272 not itemised", "", ""])
    figure = figures.waterfall(rows, words=words)
    assert spans(figure) == [(0, 367), (272, 367), (0, 272), (160, 272), (4, 160), (0, 4)]
    assert [patch.get_width() for patch in hatched(figure)] == [95, 4]
    lines = written(figure)
    assert [line for line in lines if "4" in line or line == "95"] == ["4 of 272 not itemised", "95", "4"]


def test_parts_beyond_their_level_go_below_zero_and_are_taken_back(words):
    figure = figures.waterfall(flow([100.0, 60, 50], ["level", "part", "part"]), words=words)
    assert spans(figure) == [(0, 100), (40, 100), (-10, 40), (-10, 0)]


def test_a_level_above_what_is_left_rises_and_a_missing_part_takes_nothing(words, written):
    figure = figures.waterfall(flow([90.0, NAN, 120], ["level", "part", "level"]), words=words)
    assert spans(figure) == [(0, 90), (90, 90), (90, 120), (0, 120), (0, 120)]
    assert words.missing in written(figure)


def test_a_waterfall_that_adds_up_has_nothing_hatched(words):
    rows = flow([7.0, 3, 4], ["level", "part", "part"], rest="", role=["", "focus", "other"])
    figure = figures.waterfall(rows, words=words)
    assert not hatched(figure)
    fills = [patch.get_facecolor() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(set(fills)) == 2, "the focus is set off; a level is told by its edge"


def test_a_derived_value_is_hollow_and_named_in_the_key(words, written):
    frame = pd.DataFrame({"label": ["aid", "received"], "before": [5223.0, 297.0], "after": [9453.0, 367.0]})
    frame = frame.assign(before_lower=[5208, NAN], before_upper=[5238, NAN], before_derived=[True, False])
    figure = figures.changes(frame, before_label="2019", after_label="2020", words=words)
    faces = [face for face, edge in marks(figure.axes[0], "o") if edge == INK]
    assert sorted(faces) == ["#BFBFBF", "#FFFFFF"]
    assert {"2019", "2019 · computed", "2020", "5,223", "9,453", "297", "367"} <= set(written(figure))


def test_a_pair_with_a_missing_year_says_so_beside_the_other(words, written):
    frame = pd.DataFrame({"label": ["a", "b"], "before": [NAN, NAN], "after": [5.0, NAN]})
    frame = frame.assign(before_lower=NAN, before_upper=NAN, before_derived=False)
    lines = written(figures.changes(frame, before_label="2019", after_label="2020", words=words))
    assert "5  2019: not reported" in lines
    assert any("2020:" in line for line in lines)


def test_only_comparable_neighbours_are_joined(words):
    years = [2016, 2017, 2018, 2020, 2021, 2022]
    plain = points(year=years, value=[1.0, 2, 3, 4, 5, 6])
    assert joined(figures.small_multiples(plain, words=words)) == 4
    broken = plain.assign(break_before=["", "", "", "", "new law", ""])
    assert joined(figures.small_multiples(broken, words=words)) == 3
    scopes = plain.assign(scope_style=["a", "b", "a", "b", "a", "b"])
    assert joined(figures.small_multiples(scopes, words=words)) == 0
    gap = plain.assign(value=[1.0, NAN, 3, 4, 5, 6])
    assert joined(figures.small_multiples(gap, words=words)) == 2


def test_breaks_are_numbered_and_explained_and_missing_years_are_named(words, written):
    rows = points(year=[2018, 2019, 2020, 2021], value=[NAN, NAN, 3.0, 4.0])
    rows["break_before"] = ["", "", "", "2021: one organ per government"]
    lines = written(figures.small_multiples(rows, words=words))
    assert "①" in lines
    assert "① 2021: one organ per government" in lines
    assert "not reported: 2018–2019" in lines


def test_derived_points_are_hollow_and_qualifiers_have_carets(words, written):
    rows = points(year=[2019, 2020], value=[1.0, 2.0], derived=[True, False], qualifier=["=", ">"])
    figure = figures.small_multiples(rows, words=words)
    assert ("#FFFFFF", FOCUS) in marks(figure, "o")
    assert (FOCUS, FOCUS) in marks(figure, "o")
    assert {words.derived, words.more} <= set(written(figure))
    assert words.less not in written(figure)


MARKS = {
    "row": ["Aid", "Aid", "Aid", "Courts"],
    "state": ["left", "none", "both", "none"],
    "flag": [False, True, False, False],
}
MARK_LABELS = {"both": "two", "left": "one", "none": "neither"}


@pytest.mark.parametrize(
    ("state", "message"), [("", "A state is one of"), ("right", "A state with a label is one of")]
)
def test_a_mark_of_an_unknown_state_or_without_words_is_refused(state, message):
    frame = pd.DataFrame(MARKS).assign(state=["left", "none", "both", state])
    with pytest.raises(InputError, match=message):
        figures.mark_rows(frame, state_labels=MARK_LABELS, flag_label="look")


def test_rows_of_marks_have_a_mark_a_thing_and_count_them(written):
    figure = figures.mark_rows(pd.DataFrame(MARKS), state_labels=MARK_LABELS, flag_label="look")
    texts = written(figure)
    assert {"3", "1", "two", "look"} <= set(texts)
    assert len(marks(figure, "o")) == 4 + len(MARK_LABELS), "one a thing and one an entry of the key"
    assert len(marks(figure, "s")) == 2, "one flag and its entry in the key"


def test_a_coverage_matrix_counts_what_each_row_reports(written):
    cells = [("a", "x", "full"), ("a", "y", "partial"), ("b", "x", "none"), ("b", "y", "none")]
    frame = pd.DataFrame(cells, columns=["row", "column", "state"])
    labels = {"full": "f", "partial": "p", "none": "n"}
    figure = figures.coverage_matrix(frame, state_labels=labels, focus="a")
    lines = written(figure)
    assert {"2/2", "0/2"} <= set(lines)
    discs = [line for line in figure.findobj(Line2D) if line.get_fillstyle() == "left"]
    assert sum(len(line.get_xdata()) for line in discs) == 2


def test_windows_lie_in_steps_of_the_printed_figures_last_digit(words):
    frame = pd.DataFrame(
        {"label": ["a", "b", "c"], "printed": ["36.7", "6.3", "20"], "exact": [36.7647, 6.25, 25]}
    )
    frame = frame.assign(truncated_lower=[36.7, 6.3, 20], truncated_upper=[36.8, 6.4, 21], verdict="v")
    frame = frame.assign(half_up_lower=[36.65, 6.25, 19.5], half_up_upper=[36.75, 6.35, 20.5])
    labels = {"half_up_label": "h", "truncated_label": "t", "exact_label": "e", "axis_label": "x"}
    figure = figures.rate_windows(frame, words=words, number=figures.plain_number, **labels)
    shown = [line for line in figure.axes[0].lines if line.get_marker() in ("D", ">")]
    assert [float(line.get_xdata()[0]) for line in shown] == pytest.approx([0.647, -0.5, 1.9], abs=1e-6)
    assert [line.get_marker() for line in shown] == ["D", "D", ">"]
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert [box.get_width() for box in boxes] == pytest.approx([1.0] * 6)


def test_the_focus_of_a_strip_is_always_labelled_and_its_absence_said(words, written):
    crowd = pd.DataFrame(
        {"panel": "p", "value": np.linspace(99, 100, 50), "role": "peer", "label": "somewhere"}
    )
    focus = pd.DataFrame({"panel": ["p", "q"], "value": [99.5, NAN], "role": "focus"})
    focus["label"] = "Zhanjiang"
    other = pd.DataFrame({"panel": ["q"], "value": [1.0], "role": "other", "label": "Wuhan"})
    lines = written(figures.strips(pd.concat([crowd, focus, other]), words=words))
    assert "Zhanjiang 99.5" in lines
    assert "Zhanjiang: not reported" in lines


def test_a_log_panel_that_does_not_exist_is_refused(drawings, make_case, words):
    frame = make_case([1.0]).frame().assign(panel="Cases")
    with pytest.raises(InputError, match="type Cases"):
        figures.strips(frame, words=words, log_panels=["Casse"])


def test_units_beyond_the_limits_are_filled_or_outlined(drawings, make_case):
    figure = drawings["funnel"](make_case([1.0, 2.0, 3.0], roles=("other",)))
    assert marks(figure, "o") == [("#FFFFFF", INK), ("#FFFFFF", "#801650"), ("#801650", "#801650")]


def test_a_zero_has_no_place_in_a_funnel_of_logarithmic_values_and_is_named(drawings, make_case, written):
    case = make_case([0.0, 4.0, 90.0])
    figure = drawings["funnel"](case, log_value=True)
    zero = f"{case.words.zero}: {case.frame()['label'].iloc[0]}"
    assert figure.axes[0].get_yscale() == "log"
    assert zero in " ".join(written(figure))
    assert zero not in " ".join(written(drawings["funnel"](case)))


def test_a_funnel_without_exposure_or_limits_is_refused(drawings, make_case, words):
    frame = make_case([1.0]).frame().assign(exposure=0.0)
    columns = ("lower", "upper", "lower_998", "upper_998")
    limits = pd.DataFrame({name: [1.0] for name in ("exposure", *columns, *(f"plain_{c}" for c in columns))})
    given = {"target": 1.0, "target_label": "t", "exposure_label": "x", "value_label": "y", "words": words}
    labels = {name: name for name in ("plain_95", "plain_998", "95", "998")}
    with pytest.raises(InputError, match="exposure above zero"):
        figures.funnel(frame, limits, limit_labels=labels, **given)
    with pytest.raises(InputError, match="limit with a label"):
        figures.funnel(frame.assign(exposure=1.0), limits, limit_labels={}, **given)


def test_a_year_with_two_values_of_one_scope_is_not_joined(words):
    rows = points(year=[2019, 2020, 2020, 2021], value=[121.0, 82.0, 121.0, 121.0])
    assert joined(figures.small_multiples(rows, words=words)) == 0
