"""What the tests of figures share: nasty labels, a way to draw each kind of chart, a legibility check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import figures
from analysis.figures import ChartText, Words, canvas

ENGLISH = Words("not reported", "0, off the logarithmic scale", "computed", "more than", "nearly", "about")
CHINESE = Words("未报告", "0，不在对数刻度上", "推算值", "多于", "近", "约")
LABELS = {
    "en": (
        "Zhanjiang",
        "Administrative reconsideration applications received by city-level organs, carried over included",
        "Enshi Tujia and Miao Autonomous Prefecture (恩施土家族苗族自治州)",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "$5 & 50 % <of> “it”",
        "x",
    ),
    "zh": (
        "湛江市",
        "行政机关负责人出庭应诉率（基数未说明，含市本级与各县（市、区）全部案件，不含撤诉案件）",
        "恩施土家族苗族自治州",
        "黔西南布依族苗族自治州（贵州）",
        "“双随机、一公开”抽查事项",
        "省",
    ),
}
ROLES = ("focus", "peer", "other", "other", "context", "peer")


@dataclass(frozen=True)
class Case:
    """Values for a chart of any kind: as many rows as values, labels and roles taken in turn."""

    values: Sequence[float]
    language: str = "en"
    log: bool = False
    roles: Sequence[str] = ROLES
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        """The words of the case's language."""
        return ENGLISH if self.language == "en" else CHINESE

    def frame(self) -> pd.DataFrame:
        """Columns label, value, lower, upper, role and note."""
        values = np.asarray(self.values, dtype=float)
        rows = range(len(values))
        labels = LABELS[self.language]
        frame = {
            "label": [labels[row % len(labels)] for row in rows],
            "value": values,
            "lower": values * 0.8,
            "upper": values * 1.3,
            "role": [self.roles[row % len(self.roles)] for row in rows],
            "note": [labels[1][:40] if row % 3 == 1 else "" for row in rows],
        }
        return pd.DataFrame(frame | self.extra)


def _ranked_dots(case: Case) -> Figure:
    return figures.ranked_dots(
        case.frame(),
        words=case.words,
        log=case.log,
        axis_label=LABELS[case.language][1],
        role_labels={"focus": "A", "peer": LABELS[case.language][1], "other": "C", "context": "D"},
    )


def _bars(case: Case) -> Figure:
    return figures.bars(case.frame(), words=case.words, log=case.log, axis_label=LABELS[case.language][1])


def _composition(case: Case) -> Figure:
    frame = case.frame()[["label", "value"]].head(20)
    total = float(frame["value"].sum()) * 1.02 + 1
    return figures.composition(frame, total=total, gap_label=LABELS[case.language][1], words=case.words)


def _changes(case: Case) -> Figure:
    frame = case.frame().rename(columns={"value": "after", "lower": "before_lower", "upper": "before_upper"})
    before = frame["after"][::-1].to_numpy()
    frame = frame.assign(before=before, before_lower=before * 0.9, before_upper=before * 1.1)
    frame["before_derived"] = [row % 2 == 0 for row in range(len(frame))]
    return figures.changes(
        frame, before_label="2019", after_label="2020", words=case.words, log=case.log, axis_label="x"
    )


def _small_multiples(case: Case) -> Figure:
    frame = case.frame()
    rows = range(len(frame))
    frame["panel"] = [f"{label} {row // 6}" for row, label in zip(rows, frame["label"], strict=True)]
    frame["panel"] = [frame["panel"].iloc[row - row % 6] for row in rows]
    frame["year"] = [2016 + row % 6 for row in rows]
    frame["qualifier"] = [("=", ">", "<", "~")[row % 4] for row in rows]
    frame["derived"] = [row % 5 == 0 for row in rows]
    frame["break_before"] = [LABELS[case.language][1] if row % 6 == 4 else "" for row in rows]
    frame["scope_style"] = [LABELS[case.language][row // 6 % 2] for row in rows]
    return figures.small_multiples(frame, words=case.words)


def _coverage_matrix(case: Case) -> Figure:
    labels = LABELS[case.language]
    states = ("full", "partial", "none")
    size = len(case.values)
    rows = [f"{row} {labels[row % len(labels)]}" for row in range(size)]
    columns = [f"{labels[-column % len(labels)]} {column}" for column in range(min(size, 12))]
    cells = [
        (row, column, states[(x + y) % 3]) for y, row in enumerate(rows) for x, column in enumerate(columns)
    ]
    frame = pd.DataFrame(cells, columns=["row", "column", "state"])
    focus = rows[0] if rows else ""
    state_labels = dict(zip(states, labels, strict=False))
    return figures.coverage_matrix(frame, state_labels=state_labels, focus=focus, corner=labels[1])


def _mark_rows(case: Case) -> Figure:
    labels = LABELS[case.language]
    states = ("both", "left", "right", "none")
    marks = [
        (
            f"{row} {labels[row % len(labels)]}",
            states[mark % 4],
            mark % 3 == 0,
            labels[row % 2],
        )
        for row in range(len(case.values))
        for mark in range((1, 7, 40)[row % 3])
    ]
    return figures.mark_rows(
        pd.DataFrame(marks, columns=["row", "state", "flag", "note"]),
        state_labels=dict(zip(states, labels, strict=False)),
        flag_label=labels[1],
        note_label=labels[1],
    )


def _rate_windows(case: Case) -> Figure:
    frame = case.frame().rename(columns={"value": "exact"})
    printed = np.nan_to_num(np.round(frame["exact"].to_numpy(dtype=float), 1))
    frame = frame.assign(printed=[f"{value} %" for value in printed], verdict=frame["label"])
    frame = frame.assign(half_up_lower=printed - 0.05, half_up_upper=printed + 0.05)
    frame = frame.assign(truncated_lower=printed, truncated_upper=printed + 0.1)
    labels = LABELS[case.language]
    return figures.rate_windows(
        frame,
        half_up_label=labels[1],
        truncated_label=labels[2],
        exact_label=labels[0],
        words=case.words,
        number=figures.plain_number,
        axis_label=labels[1],
    )


def _strips(case: Case) -> Figure:
    frame = case.frame()
    frame["panel"] = [LABELS[case.language][1 + row // 30] for row in range(len(frame))]
    panels = set(frame["panel"]) if case.log else ()
    return figures.strips(frame, words=case.words, log_panels=panels)


def _funnel(case: Case, log_value: bool = False) -> Figure:
    frame = case.frame().assign(exposure=[1e5 * (row + 1) for row in range(len(case.values))])
    frame["signal"] = [("", "outside 95 %", "outside 99.8 %")[row % 3] for row in range(len(frame))]
    target = float(np.nanmean([1.0, *case.values]))
    grid = np.geomspace(5e4, 1e5 * (len(frame) + 1), 20)
    limits = pd.DataFrame({"exposure": grid})
    for prefix, width in (("", 2.0), ("plain_", 1.0)):
        for suffix, z in (("", 2.0), ("_998", 3.0)):
            half = z * width * target * np.sqrt(1e5 / grid) / 6
            limits[f"{prefix}lower{suffix}"] = np.maximum(target - half, 0)
            limits[f"{prefix}upper{suffix}"] = target + half
    labels = LABELS[case.language]
    limit_labels = dict(zip(("plain_95", "plain_998", "95", "998"), labels, strict=False))
    return figures.funnel(
        frame,
        limits,
        target=target,
        target_label=labels[5],
        limit_labels=limit_labels,
        exposure_label=labels[1],
        value_label=labels[1],
        words=case.words,
        log_value=case.log or log_value,
    )


def _waterfall(case: Case) -> Figure:
    frame = case.frame()[["label", "value", "note"]]
    labels = LABELS[case.language]
    total = float(np.nansum(frame["value"])) * 1.02 + 1
    levels = pd.DataFrame({"label": labels[:2], "value": [1.3 * total, total], "kind": "level"})
    levels["rest"] = [labels[2], labels[4]]
    frame = frame.assign(kind="part", role=[("focus", "other")[row % 2] for row in range(len(frame))])
    rows = pd.concat([levels, frame]) if len(frame) else frame
    return figures.waterfall(rows, words=case.words, axis_label=labels[1])


DRAWINGS: dict[str, Callable[[Case], Figure]] = {
    "ranked_dots": _ranked_dots,
    "bars": _bars,
    "composition": _composition,
    "changes": _changes,
    "small_multiples": _small_multiples,
    "coverage_matrix": _coverage_matrix,
    "mark_rows": _mark_rows,
    "rate_windows": _rate_windows,
    "strips": _strips,
    "funnel": _funnel,
    "waterfall": _waterfall,
}


@pytest.fixture(params=list(DRAWINGS))
def drawing(request: pytest.FixtureRequest) -> Callable[[Case], Figure]:
    """Each drawing function in turn, taking a case."""
    return DRAWINGS[request.param]


@pytest.fixture
def drawings() -> dict[str, Callable[[Case], Figure]]:
    """The drawing functions by name, taking a case."""
    return DRAWINGS


@pytest.fixture
def sheet_with() -> Callable[[Sequence[tuple[float, float, str]]], Figure]:
    """A figure of 4 by 2 inches with texts at places in inches from the top left."""

    def build(texts: Sequence[tuple[float, float, str]]) -> Figure:
        with figures.themed():
            figure, page = canvas.sheet(4.0, 2.0)
            for x, y, words in texts:
                canvas.write(page, x, y, words)
        return figure

    return build


@pytest.fixture
def make_case() -> type[Case]:
    """The class of cases."""
    return Case


@pytest.fixture
def words() -> Words:
    """The English words."""
    return ENGLISH


@pytest.fixture
def text() -> ChartText:
    """The words of a chart."""
    return ChartText("Finding 发现", "What, where, when", "Dots: the finding", "Sources: a report")


def _boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    with figures.themed():
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        texts = [item for item in figure.findobj(Text) if item.get_visible() and item.get_text().strip()]
        return [(item.get_text(), item.get_window_extent(renderer)) for item in texts]


@pytest.fixture
def written() -> Callable[[Figure], list[str]]:
    """The lines written on a figure."""
    return lambda figure: [line for line, _ in _boxes(figure)]


@pytest.fixture
def check_legible() -> Callable[[Figure], None]:
    """Fails when two lines of text overlap or one leaves the figure, by measured boxes less a pixel."""

    def check(figure: Figure) -> None:
        boxes = [(line, box.padded(-1.0)) for line, box in _boxes(figure)]
        sheet = figure.bbox.padded(1.0)
        outside = [line for line, box in boxes if not _inside(box, sheet)]
        assert not outside, f"text leaves the figure: {outside}"
        pairs = [
            (first, second)
            for position, (first, one) in enumerate(boxes)
            for second, other in boxes[position + 1 :]
            if one.overlaps(other)
        ]
        assert not pairs, f"text overlaps: {pairs[:5]}"

    return check


def _inside(box: Bbox, sheet: Bbox) -> bool:
    return bool(box.x0 >= sheet.x0 and box.x1 <= sheet.x1 and box.y0 >= sheet.y0 and box.y1 <= sheet.y1)
