"""Cases as `compare.fair` would hand them over, for tests of what takes cases."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.stats import poisson_interval, wilson_interval
from analysis.stats.cases import Cases

META: dict[str, Any] = {
    **{"metric_id": "reconsideration.received", "label_en": "applications received", "label_zh": "新收申请"},
    **{"unit": "件", "measure": "count", "year": 2020, "focus": "440800", "focus_name": "湛江市"},
    **{"kind": "rate", "per": 100_000},
}
CITIES = ("湛江市", "茂名市", "阳江市", "孝感市", "荆门市", "鄂州市", "黄冈市", "咸宁市", "随州市", "恩施州")
COUNTS = (368, 400, 90, 120, 300, 55, 410, 80, 60, 150)
RESIDENTS = (
    6_981_236,
    6_174_050,
    2_602_959,
    4_270_371,
    2_596_927,
    1_079_353,
    5_882_719,
    2_658_316,
    2_047_923,
    3_456_136,
)


def frame_of(
    count: Any = COUNTS,
    exposure: Any = RESIDENTS,
    names: Any = CITIES,
    kind: str = "rate",
    per: float = 100_000,
) -> pd.DataFrame:
    """A frame for `Cases.from_fair`; the first row is the focus."""
    names = list(names)[: len(list(count))]
    rows = pd.RangeIndex(100, 100 + len(names), name="row")
    frame = pd.DataFrame({"count": list(count), "exposure": list(exposure)[: len(names)]}, index=rows)
    if kind == "proportion":
        found = wilson_interval(frame, numerator="count", denominator="exposure", multiplier=per)
    else:
        found = poisson_interval(frame, exposure="exposure", multiplier=per)
    return frame.assign(
        region_code=[f"{440800 + 100 * place}" for place in range(len(names))],
        name=names,
        role=["focus", *["peer"] * (len(names) - 1)],
        grade="B",
        reason="",
        reason_text="",
        rows=[(int(row), 9_000 + int(row)) for row in rows],
        value=frame["count"].astype("float64"),
        qualifier="=",
        resolution=float("nan"),
        residents=frame["exposure"],
        rate=found["rate"],
        lower=found["lower"],
        upper=found["upper"],
        statistic=found["statistic"],
        method=found["method"],
        n=found["n"],
        province_code="440000",
        province="广东省",
        source_id="somewhere",
        status="A",
        published_early=False,
    )


def cases_of(frame: pd.DataFrame | None = None, **meta: Any) -> Cases:
    """Cases of a frame (default: ten cities), with the metadata above but for what is given."""
    return Cases.from_fair(frame_of() if frame is None else frame, **{**META, **meta})


def rates(count: Any, exposure: Any, per: float = 1) -> Cases:
    """Cases of counts and their bases."""
    return cases_of(frame_of(count, exposure, _names(count), per=per), per=per)


def shares(numerator: Any, denominator: Any, per: float = 1) -> Cases:
    """Cases of proportions."""
    frame = frame_of(numerator, denominator, _names(numerator), kind="proportion", per=per)
    return cases_of(frame, kind="proportion", per=per)


def _names(column: Any) -> list[str]:
    return [f"city {place}" for place in range(len(list(column)))]
