"""Invented frames for every chart, with long names, in both languages; where the texts of a picture lie."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from fair_cases import cases_of, frame_of
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import charts, stats
from analysis.stats.cases import Cases

NAMES = {
    "en": [
        "Reconsideration applications received",
        "People’s mediation cases, successfully closed, per 100,000 residents",
        "Legal aid",
        "Enshi Tujia and Miao Autonomous Prefecture 恩施土家族苗族自治州",
        "Compulsory administrative measures by the comprehensive law enforcement bureau",
    ],
    "zh": [
        "新收行政复议申请",
        "人民调解成功案件（每10万常住人口）",
        "法律援助",
        "恩施土家族苗族自治州",
        "综合行政执法局作出的行政强制措施决定（含代履行、加处罚款）",
    ],
}
CITIES = {
    "en": [
        "Zhanjiang 湛江",
        "Dehong Dai and Jingpo Autonomous Prefecture 德宏傣族景颇族自治州",
        "Wuhan 武汉",
        NAMES["en"][3],
        "Xi’an",
    ],
    "zh": ["湛江市", "博尔塔拉蒙古自治州", "武汉市", "恩施土家族苗族自治州", "克孜勒苏柯尔克孜自治州"],
}
LONG = {
    "en": "values as the yearly report prints them, whole area, per 100,000 residents",
    "zh": "年度报告公布数，全域（每10万常住人口）",
}
SIDE = {"en": "272 in 2020, 367 in 2019, not compared", "zh": "2020年272件，2019年367件，不作比较"}
KEYS = {
    "en": ["this city", "a city of the peer group", "any other city", "province or nation"],
    "zh": ["本市", "对照组城市", "其他城市", "省级或全国"],
}
ROLES = ("focus", "peer", "other", "context")
EVERY = ("bars", "coverage", "funnel", "lines", "pairs", "parts", "ranked", "small", "strips", "windows")


def cases(rows: int, language: str = "en", context: int = 2) -> Cases:
    """Cases of so many cities, the focus among them, and context rows."""
    total = rows + context
    names = [f"{CITIES[language][place % 5]} {place}" for place in range(total)]
    counts, residents = (
        [30 + 37 * place**2 % 900 for place in range(total)],
        [10**6 + 10**5 * place for place in range(total)],
    )
    frame = frame_of(counts, residents, names)
    frame["role"] = ["focus", *[ROLES[1 + place % 2] for place in range(rows - 1)], *["context"] * context]
    return cases_of(frame)


def amounts(rows: int, language: str = "en") -> pd.DataFrame:
    """A frame with every column that a chart of one place wants."""
    names = [f"{NAMES[language][place % 5]} {place}" for place in range(rows)]
    values = np.array([120 + 311 * place % 700 for place in range(rows)], float)
    columns: dict[str, Any] = {"name": names, "metric": names, "part": names, "label": names, "domain": names}
    columns |= {
        "value": values,
        "left": values,
        "right": values * np.linspace(0.5, 1.6, rows),
        "facts": values,
    }
    columns |= {"lower": values * 0.8, "upper": values * 1.3, "point": values * np.linspace(0.7, 1.2, rows)}
    return pd.DataFrame(columns).assign(
        year=2020, position=values / 400, role="focus", when=["2019", "2020"][0], side=SIDE[language]
    )


def years(rows: int, language: str = "en") -> pd.DataFrame:
    """Two lines over years, with a missing year, a break and a back-cast."""
    found = [
        {"year": 2012 + place, "value": 100.0 + 40 * line + 17 * place % 60, "place": NAMES[language][line]}
        for line in range(2)
        for place in range(rows)
        if place != 2
    ]
    return pd.DataFrame(found).assign(
        backcast=lambda frame: frame["year"] == 2012,
        **{"break": lambda frame: np.where(frame["year"] == 2016, NAMES[language][1], "")},
    )


def draw(chart: str, language: str = "en", rows: int = 5) -> Axes | None:
    """One of the charts over so many rows of its invented frame."""
    key = dict(zip(ROLES, KEYS[language], strict=True)) | {"limits": "95%", "outer": "99.8%"}
    key |= {"left": "2019", "right": "2020", "value": KEYS[language][1], "backcast": KEYS[language][2]}
    key |= {
        "window": KEYS[language][1],
        "inside": KEYS[language][2],
        "outside": KEYS[language][3],
        "reference": "1",
    }
    words: dict[str, Any] = {"xlabel": LONG[language]}
    frame = amounts(rows, language)
    aside = frame.assign(text=frame["side"])
    found: dict[str, Callable[[], Axes | None]] = {
        "bars": lambda: charts.bars(frame, **words),
        "coverage": lambda: charts.coverage(_fields(frame)),
        "funnel": lambda: _funnel(cases(max(rows, 1), language), key, LONG[language]),
        "lines": lambda: charts.lines(years(rows, language), hue="place", key=key, ylabel=LONG[language]),
        "pairs": lambda: charts.pairs(aside, interval=("lower", "upper"), key=key, **words),
        "parts": lambda: charts.parts(frame, whole=frame["value"].sum() * 1.2, whole_label=LONG[language],
                                      rest_label=KEYS[language][2], **words),
        "ranked": lambda: charts.ranked(cases(rows, language), key=key, **words),
        "small": lambda: charts.small(frame.head(4)),
        "strips": lambda: charts.strips(_others(aside), reference=1, log=True, key=key, **words),
        "windows": lambda: charts.windows(aside, key=key, **words),
    }  # fmt: skip
    return found[chart]()


def _funnel(found: Cases, key: dict[str, str], label: str) -> Axes | None:
    limits = stats.funnel(found)
    return charts.funnel(limits, stats.funnel_curve(limits), key=key, xlabel=label)


def _fields(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(
        [frame.assign(year=year, facts=frame["facts"] * share) for year, share in ((2019, 1), (2020, 0.3))]
    )


def _others(frame: pd.DataFrame) -> pd.DataFrame:
    shares = (0.3, 0.8, 1.5, 2.2)
    return pd.concat(
        [frame, *[frame.assign(position=frame["position"] * share, role="other") for share in shares]]
    )


def boxes(ax: Axes) -> dict[str, Bbox]:
    """Where each text of a picture stands, in pixels; texts that are drawn twice get a number."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()
    found = [*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label]
    found += [text for legend in figure.legends for text in legend.get_texts()]
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        found += [label for place, label in ticks if low <= place <= high]
    seen = [text for text in found if text.get_visible() and text.get_text().strip()]
    return {f"{place}: {text.get_text()}": _box(text) for place, text in enumerate(seen)}


def _box(text: Text) -> Bbox:
    # without its paper, and less a hair: letters that touch by a rounding error do not overlap
    box = Text.get_window_extent(text)
    return Bbox.from_extents(box.x0 + 1, box.y0 + 1, box.x1 - 1, box.y1 - 1)


def overlaps(ax: Axes) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    found = sorted(boxes(ax).items(), key=lambda item: item[1].y0)
    return [
        (first, second)
        for place, (first, one) in enumerate(found)
        for second, other in found[place + 1 :]
        if one.overlaps(other)
    ]


def outside(ax: Axes) -> list[str]:
    """Texts that do not lie wholly within the picture."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return [text for text, box in boxes(ax).items() if not _within(box, figure.bbox)]


def _within(box: Bbox, page: Any) -> bool:
    return bool(
        box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1
    )


def is_rising(values: list[float]) -> bool:
    """Whether each value is at least the one before it."""
    return all(one <= other for one, other in pairwise(values))
